package redis_test

import (
	"bytes"
	"cmp"
	"context"
	"embed"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/http/httptrace"
	"os"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	redis "github.com/redis-rest/redis-rest-go"
	"github.com/redis-rest/redis-rest-go/internal/testkit/realredis"
	"github.com/redis-rest/redis-rest-go/redistest"
	"github.com/redis-rest/redis-rest-go/restserver"
)

// TestMain starts a server and sets the environment variables to it, for the examples.
func TestMain(m *testing.M) {
	if os.Getenv("ROOTS_URL") != "" {
		rootsChild()
		return
	}
	s, err := newServer()
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	os.Setenv("UPSTASH_REDIS_REST_URL", s.URL)
	os.Setenv("UPSTASH_REDIS_REST_TOKEN", s.Token)
	code := m.Run()
	s.Close()
	os.Exit(code)
}

//go:embed testdata
var testFiles embed.FS

func testdata(t *testing.T, name string) string {
	t.Helper()
	text, err := testFiles.ReadFile("testdata/" + name)
	require.NoError(t, err)
	return string(text)
}

// newServer starts the same server as redistest.NewServer, without a testing.T.
func newServer() (*restserver.Server, error) {
	return restserver.Start(restserver.Config{Backend: cmp.Or(os.Getenv("REDISTEST_BACKEND"), "auto")})
}

// onEachBackend runs a test on an embedded database and on a real Redis, or only on the
// backend that REDISTEST_BACKEND names.
func onEachBackend(t *testing.T, test func(t *testing.T, s *redistest.Server)) {
	backends := []string{"memory", "redis-server"}
	if only := os.Getenv("REDISTEST_BACKEND"); only != "" && only != "auto" {
		backends = []string{only}
	}
	for _, backend := range backends {
		t.Run(backend, func(t *testing.T) {
			if backend == "redis-server" {
				realredis.Need(t)
			}
			t.Setenv("REDISTEST_BACKEND", backend)
			test(t, redistest.NewServer(t))
		})
	}
}

// onRedis starts a server with a real Redis, for a test that the embedded database cannot
// pass.
func onRedis(t *testing.T) *redistest.Server {
	t.Helper()
	if os.Getenv("REDISTEST_BACKEND") == "memory" {
		t.Skip("needs a real Redis")
	}
	if backend := os.Getenv("REDISTEST_BACKEND"); backend == "" || backend == "auto" {
		realredis.Need(t)
		t.Setenv("REDISTEST_BACKEND", "redis-server")
	}
	return redistest.NewServer(t)
}

// A recorder is a round tripper that records what was sent.
type recorder struct {
	mu       sync.Mutex
	commands [][]string
	headers  []http.Header
	urls     []string
	replies  []http.Header
	conns    atomic.Int64
}

func (r *recorder) RoundTrip(req *http.Request) (*http.Response, error) {
	body, _ := req.GetBody()
	data, _ := io.ReadAll(body)
	var command []string
	json.Unmarshal(data, &command)
	r.mu.Lock()
	r.commands = append(r.commands, command)
	r.headers = append(r.headers, req.Header.Clone())
	r.urls = append(r.urls, req.Method+" "+req.URL.String())
	r.mu.Unlock()
	trace := &httptrace.ClientTrace{GotConn: func(c httptrace.GotConnInfo) {
		if !c.Reused {
			r.conns.Add(1)
		}
	}}
	resp, err := http.DefaultTransport.RoundTrip(req.WithContext(httptrace.WithClientTrace(req.Context(), trace)))
	if err == nil {
		r.mu.Lock()
		r.replies = append(r.replies, resp.Header)
		r.mu.Unlock()
	}
	return resp, err
}

// names returns how often each command was sent, by name.
func (r *recorder) names() map[string]int {
	r.mu.Lock()
	defer r.mu.Unlock()
	n := map[string]int{}
	for _, c := range r.commands {
		n[c[0]]++
	}
	return n
}

func recorded(s *redistest.Server, opts ...redis.Option) (*redis.Redis, *recorder) {
	r := &recorder{}
	return s.Client(append(opts, redis.WithHTTPClient(&http.Client{Transport: r}))...), r
}

// fake returns a client of a server that answers with the handler.
func fake(t *testing.T, handler http.HandlerFunc, opts ...redis.Option) *redis.Redis {
	t.Helper()
	s := httptest.NewServer(handler)
	t.Cleanup(s.Close)
	rdb, err := redis.New(s.URL, secretToken, opts...)
	require.NoError(t, err)
	return rdb
}

func TestTextIsNotChanged(t *testing.T) {
	onEachBackend(t, func(t *testing.T, s *redistest.Server) {
		ctx, rdb := t.Context(), s.Client()
		for _, text := range []string{
			"", "null", "OK", "0", "\r\n", "\r\n+OK\r\n", `"quoted" and \ and '`, "</script>&<>", "é 😀 \u2028\u2029", "\x00\x01\x7f", "9007199254740993", "{}", "[]", strings.Repeat("x", 1<<20),
		} {
			_, err := redis.Cmd[string]("SET", text, text).Do(ctx, rdb)
			require.NoError(t, err, "%.40q", text)
			got, err := redis.Cmd[string]("GET", text).Do(ctx, rdb)
			require.NoError(t, err)
			require.Equal(t, text, got)
			list, err := redis.Eval[[]string](ctx, rdb, "return {KEYS[1], ARGV[1], 'x'}", []string{text}, text)
			require.NoError(t, err)
			require.Equal(t, []string{text, text, "x"}, list)
		}
	})
}

func TestBinaryRepliesAreNotChanged(t *testing.T) {
	onEachBackend(t, func(t *testing.T, s *redistest.Server) {
		ctx, rdb := t.Context(), s.Client()
		const binary = "\xff\xfe\x00x"
		const script = `return "\255\254\0x"`
		got, err := redis.Eval[[]byte](ctx, rdb, script, nil)
		require.NoError(t, err)
		require.Equal(t, binary, string(got))
		text, err := redis.Eval[string](ctx, rdb, script, nil)
		require.NoError(t, err)
		require.Equal(t, binary, text)
		list, err := redis.Eval[[][][]byte](ctx, rdb, `return {{"\255\254\0x", "a"}}`, nil)
		require.NoError(t, err)
		require.Equal(t, [][][]byte{{[]byte(binary), []byte("a")}}, list)

		// JSON cannot carry binary arguments.
		for _, arg := range []any{binary, []byte(binary)} {
			_, err = redis.Eval[string](ctx, rdb, "return ARGV[2]", []string{"k"}, "a", arg)
			require.ErrorContains(t, err, "ARGV[2]")
			require.NotContains(t, err.Error(), binary)
		}
	})
}

func TestIntegersAreNotChanged(t *testing.T) {
	onEachBackend(t, func(t *testing.T, s *redistest.Server) {
		ctx, rdb := t.Context(), s.Client()
		for _, n := range []int64{0, 1, -1, 1<<53 + 1, -1<<53 - 1, math.MaxInt64, math.MinInt64} {
			_, err := redis.Cmd[string]("SET", "n", n).Do(ctx, rdb)
			require.NoError(t, err)
			asString, err := redis.Cmd[int64]("GET", "n").Do(ctx, rdb)
			require.NoError(t, err)
			asInteger, err := redis.Cmd[int64]("INCRBY", "n", 0).Do(ctx, rdb)
			require.NoError(t, err)
			asAny, err := redis.Cmd[any]("INCRBY", "n", 0).Do(ctx, rdb)
			require.NoError(t, err)
			require.Equal(t, []any{n, n, n}, []any{asString, asInteger, asAny})
		}
	})
}

func TestNullReplies(t *testing.T) {
	onEachBackend(t, func(t *testing.T, s *redistest.Server) {
		ctx, rdb := t.Context(), s.Client()
		_, err := redis.Cmd[string]("GET", "missing").Do(ctx, rdb)
		require.ErrorIs(t, err, redis.ErrNil)
		require.ErrorContains(t, err, "GET")
		v, err := redis.Cmd[*string]("GET", "missing").Do(ctx, rdb)
		require.NoError(t, err)
		require.Nil(t, v)
		list, err := redis.Cmd[[]*string]("MGET", "missing", "missing").Do(ctx, rdb)
		require.NoError(t, err)
		require.Equal(t, []*string{nil, nil}, list)
		ok, err := redis.Eval[bool](ctx, rdb, "return false", nil)
		require.NoError(t, err)
		require.False(t, ok)
		m, err := redis.Cmd[map[string]string]("HGETALL", "missing").Do(ctx, rdb)
		require.NoError(t, err)
		require.Empty(t, m)
		reply, err := rdb.Do(ctx, "GET", "missing")
		require.NoError(t, err)
		require.True(t, reply.IsNull())
	})
}

func TestStructReplies(t *testing.T) {
	type user struct {
		Name string `redis:"name" json:"name"`
		Age  int    `redis:"age" json:"age"`
	}
	type pair struct {
		Name string `redis:"0"`
		Age  int    `redis:"1"`
	}
	onEachBackend(t, func(t *testing.T, s *redistest.Server) {
		ctx, rdb := t.Context(), s.Client()
		_, err := redis.Cmd[int]("HSET", "u", "name", "Ada", "age", 36, "more", "x").Do(ctx, rdb)
		require.NoError(t, err)
		u, err := redis.Cmd[user]("HGETALL", "u").Do(ctx, rdb)
		require.NoError(t, err)
		require.Equal(t, user{"Ada", 36}, u)
		u, err = redis.Eval[user](ctx, rdb, "return cjson.encode({name='Ada', age=36})", nil)
		require.NoError(t, err)
		require.Equal(t, user{"Ada", 36}, u)
		p, err := redis.Eval[[]pair](ctx, rdb, "return {{'Ada', 36}, {'Alan', 41}}", nil)
		require.NoError(t, err)
		require.Equal(t, []pair{{"Ada", 36}, {"Alan", 41}}, p)

		_, err = redis.Eval[[]pair](ctx, rdb, "return {{'Ada', 36}, {'Alan', 'old'}}", nil)
		e, ok := errors.AsType[*redis.DecodeError](err)
		require.True(t, ok)
		require.Equal(t, "EVAL: [1][1]", e.Command+": "+e.Path)
	})
}

func TestServerErrors(t *testing.T) {
	onEachBackend(t, func(t *testing.T, s *redistest.Server) {
		ctx, rdb := t.Context(), s.Client()
		_, err := redis.Cmd[string]("SET", "s", "text").Do(ctx, rdb)
		require.NoError(t, err)
		_, err = redis.Cmd[int]("lpush", "s", "x").Do(ctx, rdb)
		e, ok := errors.AsType[*redis.Error](err)
		require.True(t, ok)
		assert.Equal(t, "WRONGTYPE", e.Code)
		assert.Equal(t, "LPUSH", e.Command)
		assert.Equal(t, http.StatusBadRequest, e.Status)
		assert.NotErrorIs(t, err, redis.ErrOutcomeUnknown)

		for _, code := range []string{"insufficient_stock", "ERR", "MY-CODE", "Mixed"} {
			_, err = redis.Eval[string](ctx, rdb, "return redis.error_reply(ARGV[1])", nil, code+" and words")
			assert.Equal(t, code, redis.Code(err))
			assert.Equal(t, code, redis.Code(fmt.Errorf("wrapped: %w", err)))
		}
		_, err = redis.Eval[string](ctx, rdb, "return {err='insufficient_stock'}", nil)
		assert.Equal(t, "insufficient_stock", redis.Code(err))

		_, err = rdb.Do(ctx, "NO.SUCH", "hush-hush")
		assert.Equal(t, "ERR", redis.Code(err))
		assert.NotContains(t, err.Error(), "hush-hush", "Redis repeats the arguments of a command it does not know")
		_, err = rdb.Do(ctx, "NO SUCH hush-hush")
		assert.Equal(t, "ERR", redis.Code(err))
		assert.NotContains(t, err.Error(), "hush-hush")

		bad, err := redis.New(s.URL, "wrong")
		require.NoError(t, err)
		_, err = bad.Do(ctx, "PING")
		assert.Equal(t, "WRONGPASS", redis.Code(err))
		e, _ = errors.AsType[*redis.Error](err)
		assert.Equal(t, http.StatusUnauthorized, e.Status)
	})
	assert.Empty(t, redis.Code(nil))
	assert.Empty(t, redis.Code(io.EOF))
}

func TestErrorsInsideReplies(t *testing.T) {
	onEachBackend(t, func(t *testing.T, s *redistest.Server) {
		ctx, rdb := t.Context(), s.Client()
		const script = `return {1, {err='x y'}, {ok='z'}, false, true, 's', 9007199254740993}`
		list, err := redis.Eval[[]any](ctx, rdb, script, nil)
		require.NoError(t, err)
		require.Len(t, list, 7)
		require.Equal(t, "x", redis.Code(list[1].(error)))
		require.Equal(t, []any{int64(1), "z", nil, int64(1), "s", int64(9007199254740992)}, append(list[:1], list[2:]...))
		_, err = redis.Eval[[]string](ctx, rdb, script, nil)
		require.Equal(t, "x", redis.Code(err))
	})
}

func TestBadArgumentsSendNothing(t *testing.T) {
	rdb, r := recorded(redistest.NewServer(t))
	for _, args := range [][]any{nil, {}, {""}, {nil}, {"GET", nil}, {"SET", "k", make(chan int)}, {"SET", "k", "\xff"}} {
		_, err := rdb.Do(t.Context(), args...)
		require.Error(t, err)
		require.NotErrorIs(t, err, redis.ErrOutcomeUnknown)
	}
	_, err := redis.Command[string]{}.Do(t.Context(), rdb)
	require.ErrorContains(t, err, "empty command")
	require.Empty(t, r.commands)
}

func TestWhatIsSent(t *testing.T) {
	s := redistest.NewServer(t)
	r := &recorder{}
	mux := http.NewServeMux()
	target, err := restserver.New(restserver.Config{Token: "t0ken"})
	require.NoError(t, err)
	defer target.Close()
	mux.Handle("/base/path/", http.StripPrefix("/base/path", target))
	mux.Handle("/base/path", http.StripPrefix("/base/path", target))
	below := httptest.NewServer(mux)
	defer below.Close()
	jar, err := cookiejar.New(nil)
	require.NoError(t, err)
	hc := &http.Client{Transport: r, Jar: jar}
	rdb, err := redis.New(below.URL+"/base/path//", "t0ken", redis.WithHTTPClient(hc), redis.WithUserAgent("me/1"))
	require.NoError(t, err)
	for range 2 {
		_, err = rdb.Do(t.Context(), "set", "k", 1000000)
		require.NoError(t, err)
	}
	require.Equal(t, []string{"set", "k", "1000000"}, r.commands[1])
	require.Equal(t, "POST "+below.URL+"/base/path", r.urls[1])
	h := r.headers[1]
	for name, want := range map[string]string{
		"Authorization": "Bearer t0ken", "Content-Type": "application/json", "Upstash-Encoding": "base64", "User-Agent": "me/1", "Cookie": "",
	} {
		require.Equal(t, want, h.Get(name), name)
	}
	require.Nil(t, hc.CheckRedirect, "the caller's client is left as it is")
	require.Equal(t, jar, hc.Jar)

	other, r2 := recorded(s)
	_, err = other.Do(t.Context(), "PING")
	require.NoError(t, err)
	require.Equal(t, "redis-rest-go", r2.headers[0].Get("User-Agent"))
}

func TestNoCookies(t *testing.T) {
	jar, err := cookiejar.New(nil)
	require.NoError(t, err)
	var cookies []string
	rdb := fake(t, func(w http.ResponseWriter, r *http.Request) {
		cookies = append(cookies, r.Header.Get("Cookie"))
		http.SetCookie(w, &http.Cookie{Name: "a", Value: "b", Path: "/"})
		w.Write([]byte(`{"result":1}`))
	}, redis.WithHTTPClient(&http.Client{Jar: jar}))
	for range 2 {
		_, err := rdb.Do(t.Context(), "PING")
		require.NoError(t, err)
	}
	require.Equal(t, []string{"", ""}, cookies)
}

func TestReadYourWrites(t *testing.T) {
	const header = "Upstash-Sync-Token"
	s := redistest.NewServer(t)
	rdb, r := recorded(s)
	for range 5 {
		_, err := rdb.Do(t.Context(), "PING")
		require.NoError(t, err)
	}
	_, err := rdb.Do(t.Context(), "NO.SUCH") // an error reply has a token too
	require.Error(t, err)
	_, err = rdb.Do(t.Context(), "PING")
	require.NoError(t, err)
	require.Empty(t, r.headers[0].Get(header))
	for i := 1; i < len(r.headers); i++ {
		require.NotEmpty(t, r.headers[i].Get(header))
		require.Equal(t, r.replies[i-1].Get(header), r.headers[i].Get(header))
	}

	off, r := recorded(s, redis.WithReadYourWrites(false))
	for range 2 {
		_, err := off.Do(t.Context(), "PING")
		require.NoError(t, err)
	}
	require.Empty(t, r.headers[1].Get(header))

	// After a reply without a token, or with a token that is much too long, the last token
	// is kept.
	var sent []string
	tokens := []string{"one", "", strings.Repeat("x", 2000), "two", ""}
	odd := fake(t, func(w http.ResponseWriter, r *http.Request) {
		sent = append(sent, r.Header.Get(header))
		if token := tokens[len(sent)-1]; token != "" {
			w.Header().Set(header, token)
		}
		w.Write([]byte(`{"result":1}`))
	})
	for range tokens {
		_, err := odd.Do(t.Context(), "PING")
		require.NoError(t, err)
	}
	require.Equal(t, []string{"", "one", "one", "one", "two"}, sent)
}

// If replies come out of order, the token of the request that began last is kept.
func TestSyncTokenIsNotSetBack(t *testing.T) {
	const header = "Upstash-Sync-Token"
	for name, row := range map[string]struct {
		order []int // the order in which the requests 0, 1, 2 are answered
		after []string
	}{
		"in order":     {[]int{0, 1, 2}, []string{"token0", "token1", "token2"}},
		"reversed":     {[]int{2, 1, 0}, []string{"token2", "token2", "token2"}},
		"middle first": {[]int{1, 0, 2}, []string{"token1", "token1", "token2"}},
		"first last":   {[]int{1, 2, 0}, []string{"token1", "token2", "token2"}},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				var answers []chan string
				s := &scripted{turns: []turn{func(r *http.Request) (*http.Response, error) {
					answer := make(chan string)
					answers = append(answers, answer)
					return says(200, `{"result":1}`, header, <-answer)(r)
				}}}
				rdb := s.client(t)
				for range row.order {
					go rdb.Do(t.Context(), "INCR", "n")
					synctest.Wait()
				}
				for i, n := range row.order {
					answers[n] <- fmt.Sprintf("token%d", n)
					synctest.Wait()
					require.Equal(t, row.after[i], rdb.SyncToken())
				}
			})
		})
	}
}

// If two requests get the same token, it belongs to the later request. A reply to an
// earlier request then does not replace it.
func TestSameSyncTokenTwice(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var answers []chan string
		s := &scripted{turns: []turn{func(r *http.Request) (*http.Response, error) {
			answer := make(chan string)
			answers = append(answers, answer)
			return says(200, `{"result":1}`, "Upstash-Sync-Token", <-answer)(r)
		}}}
		rdb := s.client(t)
		for range 3 {
			go rdb.Do(t.Context(), "GET", "n")
			synctest.Wait()
		}
		for _, answer := range []struct {
			request int
			token   string
		}{{0, "new"}, {2, "new"}, {1, "old"}} {
			answers[answer.request] <- answer.token
			synctest.Wait()
		}
		require.Equal(t, "new", rdb.SyncToken())
	})
}

func TestSyncTokenOfAnotherProcess(t *testing.T) {
	const header = "Upstash-Sync-Token"
	s := redistest.NewServer(t)
	first, r := recorded(s)
	require.Empty(t, first.SyncToken())
	require.Empty(t, (&redis.Redis{}).SyncToken())
	_, err := first.Do(t.Context(), "PING")
	require.NoError(t, err)
	require.Equal(t, r.replies[0].Get(header), first.SyncToken())
	second, r := recorded(s, redis.WithSyncToken(first.SyncToken()))
	b := second.Pipeline()
	redis.Cmd[string]("PING").Queue(b)
	require.NoError(t, b.Exec(t.Context()))
	require.Equal(t, first.SyncToken(), r.headers[0].Get(header))
	b = second.Multi()
	redis.Cmd[string]("PING").Queue(b)
	require.NoError(t, b.Exec(t.Context()))
	require.Equal(t, r.replies[0].Get(header), r.headers[1].Get(header))
	require.NotEqual(t, first.SyncToken(), second.SyncToken())
	_, err = redis.New(s.URL, s.Token, redis.WithSyncToken("a\nb"))
	require.ErrorContains(t, err, "WithSyncToken")
	_, err = redis.New(s.URL, s.Token, redis.WithSyncToken("a"), redis.WithReadYourWrites(false))
	require.ErrorContains(t, err, "WithSyncToken")
}

func TestConnectionsAreReused(t *testing.T) {
	s := redistest.NewServer(t)
	rdb, r := recorded(s)
	ctx := t.Context()
	_, err := redis.Cmd[string]("SET", "large", strings.Repeat("x", 1<<20)).Do(ctx, rdb)
	require.NoError(t, err)
	for range 10 {
		_, err := redis.Cmd[string]("GET", "large").Do(ctx, rdb) // chunked
		require.NoError(t, err)
		_, err = redis.Cmd[int]("LPUSH", "large", "x").Do(ctx, rdb)
		require.Error(t, err)
	}
	require.EqualValues(t, 1, r.conns.Load())
}

func TestConcurrentUse(t *testing.T) {
	onEachBackend(t, func(t *testing.T, s *redistest.Server) {
		ctx, rdb := t.Context(), s.Client()
		script := redis.NewScript[int]("return redis.call('INCR', KEYS[1])")
		const goroutines, times = 64, 10
		var wg sync.WaitGroup
		for range goroutines {
			wg.Go(func() {
				for range times {
					_, err := rdb.Do(ctx, "INCR", "do")
					assert.NoError(t, err)
					_, err = redis.Eval[int](ctx, rdb, "return redis.call('INCR', KEYS[1])", []string{"eval"})
					assert.NoError(t, err)
					_, err = script.Run(ctx, rdb, []string{"script"})
					assert.NoError(t, err)
					another, err := redis.New(s.URL, s.Token)
					assert.NoError(t, err)
					assert.NotEmpty(t, another.String())
				}
			})
		}
		wg.Wait()
		counts, err := redis.Cmd[[]int]("MGET", "do", "eval", "script").Do(ctx, rdb)
		require.NoError(t, err)
		require.Equal(t, []int{goroutines * times, goroutines * times, goroutines * times}, counts)
	})
}

func TestClientNotMadeByNew(t *testing.T) {
	for _, rdb := range []*redis.Redis{nil, {}} {
		_, err := rdb.Do(t.Context(), "PING")
		require.ErrorContains(t, err, "PING")
	}
	require.Equal(t, "redis.Redis()", new(redis.Redis).String())
}

// sendsNothing returns a Doer that fails the test if it is used.
func sendsNothing(t *testing.T) fakeDoer {
	return func(...any) (string, error) {
		t.Error("a command was sent")
		return "", errors.New("sent")
	}
}

// A fakeDoer is a Doer that answers with the result of a function.
type fakeDoer func(args ...any) (string, error)

func (f fakeDoer) Do(_ context.Context, args ...any) (redis.Reply, error) {
	text, err := f(args...)
	if err != nil {
		return redis.Reply{}, err
	}
	return redis.ParseReply(text)
}

func TestCommandIsAValue(t *testing.T) {
	args := []any{"GET", "k"}
	cmd := redis.Cmd[string](args...)
	args[1] = "changed"
	var got []any
	v, err := cmd.Do(t.Context(), fakeDoer(func(args ...any) (string, error) {
		got = args
		return `"v"`, nil
	}))
	require.NoError(t, err)
	require.Equal(t, "v", v)
	require.Equal(t, []any{"GET", "k"}, got)
	_, err = cmd.Do(t.Context(), fakeDoer(func(...any) (string, error) { return "", io.EOF }))
	require.ErrorIs(t, err, io.EOF)
}

func TestCommandWithDecoder(t *testing.T) {
	seconds := func(r redis.Reply) (time.Duration, error) {
		n, err := redis.Decode[int64](r)
		if n < 0 {
			return 0, redis.ErrNil
		}
		return time.Duration(n) * time.Second, err
	}
	cmd := redis.CmdWithDecoder(seconds, "TTL", "k")
	for _, same := range []redis.Command[time.Duration]{cmd, cmd.Idempotent()} {
		require.Equal(t, "TTL", same.String())
		for text, want := range map[string]time.Duration{"60": time.Minute, `"2"`: 2 * time.Second} {
			got, err := same.Do(t.Context(), fakeDoer(func(...any) (string, error) { return text, nil }))
			require.NoError(t, err)
			require.Equal(t, want, got)
		}
		_, err := same.Do(t.Context(), fakeDoer(func(...any) (string, error) { return "-2", nil }))
		require.ErrorIs(t, err, redis.ErrNil)
		require.EqualError(t, err, "redis: TTL: nil reply")
		_, err = same.Do(t.Context(), fakeDoer(func(...any) (string, error) { return "[]", nil }))
		require.EqualError(t, err, "redis: TTL: want int64, got array of 0")
	}

	rdb := redistest.New(t)
	b := rdb.Pipeline()
	missing, pong := cmd.Queue(b), redis.Cmd[string]("PING").Queue(b)
	require.NoError(t, b.Exec(t.Context()), "a null reply does not fail the batch")
	_, err := missing.Result()
	require.ErrorIs(t, err, redis.ErrNil)
	require.Equal(t, "PONG", result(t, pong))
}

func TestInvalidCommand(t *testing.T) {
	cause := errors.New("NX and XX exclude each other")
	refused := redis.InvalidCmd[bool]("SET", cause)
	require.Equal(t, "SET", refused.String())
	_, err := refused.Do(t.Context(), sendsNothing(t))
	require.ErrorIs(t, err, cause)
	require.EqualError(t, err, "redis: SET: NX and XX exclude each other")

	b := fake(t, func(http.ResponseWriter, *http.Request) { t.Error("sent") }).Multi()
	member, other := refused.Queue(b), redis.Cmd[string]("PING").Queue(b)
	require.ErrorIs(t, b.Exec(t.Context()), cause)
	_, err = member.Result()
	require.ErrorIs(t, err, cause)
	_, err = other.Result()
	require.ErrorIs(t, err, redis.ErrNotExecuted)
}

// The body is sent with a Content-Length, not in chunks.
func TestBodyHasItsLength(t *testing.T) {
	var length int64
	var body []byte
	rdb := fake(t, func(w http.ResponseWriter, r *http.Request) {
		length = r.ContentLength
		body, _ = io.ReadAll(r.Body)
		w.Write([]byte(`{"result":1}`))
	})
	large := strings.Repeat("y", 3<<20)
	_, err := rdb.Do(t.Context(), "SET", "k", large)
	require.NoError(t, err)
	require.EqualValues(t, len(body), length)
	require.True(t, bytes.Contains(body, []byte(large)))
}
