package redis_test

import (
	"bytes"
	"compress/gzip"
	"context"
	"crypto/tls"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"reflect"
	"runtime"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	redis "github.com/redis-rest/redis-rest-go"
	"github.com/redis-rest/redis-rest-go/redistest"
)

const (
	secretToken    = "s3cret-token"
	secretArgument = "s3cret-argument"
)

// answer returns a handler that always sends the same answer.
func answer(status int, body string, headers ...string) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		for i := 0; i < len(headers); i += 2 {
			w.Header().Set(headers[i], headers[i+1])
		}
		w.WriteHeader(status)
		w.Write([]byte(body))
	}
}

// once disables retries.
var once = redis.WithRetryPolicy(redis.RetryPolicy{MaxAttempts: 1})

func TestAnswersThatAreNotReplies(t *testing.T) {
	const page = "<html><head><title>502 Bad Gateway</title></head></html>"
	for name, c := range map[string]struct {
		handler http.HandlerFunc
		status  int
		unknown bool
		retry   time.Duration
	}{
		"a proxy's page":             {answer(502, page), 502, true, 0},
		"empty 503":                  {answer(503, ""), 503, true, 0},
		"503 that says when":         {answer(503, "", "Retry-After", "7"), 503, false, 7 * time.Second},
		"503 that says something":    {answer(503, page, "Retry-After", "soon"), 503, true, 0},
		"429":                        {answer(429, "slow down", "Retry-After", "1"), 429, false, time.Second},
		"{}":                         {answer(200, `{}`), 200, true, 0},
		"[]":                         {answer(200, `[]`), 200, true, 0},
		"null":                       {answer(200, `null`), 200, true, 0},
		"nothing":                    {answer(200, ``), 200, true, 0},
		"no content":                 {answer(204, ``), 204, true, 0},
		"cut short":                  {answer(200, `{"result":["a","b`), 200, true, 0},
		"more than one":              {answer(200, `{"result":1}{"result":2}`), 200, true, 0},
		"a captive portal":           {answer(200, page), 200, true, 0},
		"an error that is no string": {answer(200, `{"error":{}}`), 200, true, 0},
		"another API's error":        {answer(404, `{"message":"not found"}`), 404, false, 0},
		"a result with a bad status": {answer(400, `{"result":"OK"}`), 400, false, 0},
		"a redirect":                 {answer(302, "", "Location", "http://127.0.0.1:1/"), 302, false, 0},
		"a result that redirects":    {answer(307, `{"result":"OK"}`, "Location", "http://127.0.0.1:1/"), 307, false, 0},
		"401 of a proxy":             {answer(401, page), 401, false, 0},
		"too deep":                   {answer(200, `{"result":`+strings.Repeat("[", 5000)+strings.Repeat("]", 5000)+"}"), 200, true, 0},
	} {
		t.Run(name, func(t *testing.T) {
			v, err := redis.Cmd[string]("SET", "k", secretArgument).Do(t.Context(), fake(t, c.handler, once))
			require.Zero(t, v)
			e, ok := errors.AsType[*redis.HTTPError](err)
			require.True(t, ok, "%v", err)
			assert.Equal(t, c.status, e.Status)
			assert.Equal(t, c.retry, e.RetryAfter)
			assert.Equal(t, c.unknown, errors.Is(err, redis.ErrOutcomeUnknown), "outcome unknown")
			assert.Contains(t, err.Error(), "SET")
			assert.Contains(t, err.Error(), fmt.Sprint(c.status))
			assert.Empty(t, redis.Code(err))
		})
	}
}

func TestErrorsByStatus(t *testing.T) {
	for _, c := range []struct {
		status  int
		body    string
		headers []string
		code    string
		unknown bool
	}{
		{200, `{"error":"ERR x"}`, nil, "ERR", false},
		{400, `{"error":"ERR x"}`, nil, "ERR", false},
		{400, `{"error":"insufficient_stock"}`, nil, "insufficient_stock", false},
		{400, `{"error":"two\nlines"}`, nil, "two", false},
		{400, `{"error":""}`, nil, "", false},
		{401, `{"error":"WRONGPASS invalid or missing auth token"}`, nil, "WRONGPASS", false},
		{413, `{"error":"ERR max request size exceeded"}`, nil, "ERR", false},
		{429, `{"error":"ERR max daily request limit exceeded"}`, nil, "ERR", false},
		{500, `{"error":"ERR x"}`, nil, "ERR", true},
		{502, `{"error":"Bad Gateway"}`, nil, "Bad", true},
		{503, `{"error":"ERR x"}`, nil, "ERR", true},
		{503, `{"error":"ERR x"}`, []string{"Retry-After", "1"}, "ERR", false},
		{504, `{"error":"ERR x"}`, nil, "ERR", true},
	} {
		_, err := fake(t, answer(c.status, c.body, c.headers...), once).Do(t.Context(), "INCR", "k")
		e, ok := errors.AsType[*redis.Error](err)
		require.True(t, ok, "%d %s: %v", c.status, c.body, err)
		assert.Equal(t, c.code, e.Code, c.body)
		assert.Equal(t, c.status, e.Status)
		assert.Equal(t, c.unknown, errors.Is(err, redis.ErrOutcomeUnknown), "%d %s", c.status, c.body)
	}
}

func TestRetryAfterDate(t *testing.T) {
	for value, check := range map[string]func(time.Duration) bool{
		time.Now().Add(time.Hour).UTC().Format(http.TimeFormat): func(d time.Duration) bool { return d > 59*time.Minute && d <= time.Hour },
		"Fri, 02 Jan 1970 00:00:00 GMT":                         func(d time.Duration) bool { return d == 1 },
		"0":                                                     func(d time.Duration) bool { return d == 1 },
		"-5":                                                    func(d time.Duration) bool { return d == 0 },
		"99999999999999999999":                                  func(d time.Duration) bool { return d > 1000*time.Hour },
	} {
		_, err := fake(t, answer(429, "", "Retry-After", value), once).Do(t.Context(), "PING")
		e, ok := errors.AsType[*redis.HTTPError](err)
		require.True(t, ok)
		assert.True(t, check(e.RetryAfter), "%s: %v", value, e.RetryAfter)
	}
}

// The error asks about the URL if another server may have answered, and not if the right
// one, or what is in front of it, has too much to do.
func TestIsTheURLRight(t *testing.T) {
	for status, asks := range map[int]bool{200: true, 302: true, 400: true, 401: true, 404: true, 407: false, 408: false, 413: false, 429: false, 500: false, 502: false, 503: false, 504: false} {
		_, err := fake(t, answer(status, "<html>"), once).Do(t.Context(), "PING")
		require.ErrorAs(t, err, new(*redis.HTTPError))
		require.Equal(t, asks, strings.Contains(err.Error(), "is the URL right?"), "%v", err)
	}
}

func TestRedirectIsNotFollowed(t *testing.T) {
	thief := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		t.Error("the request went elsewhere")
	}))
	defer thief.Close()
	for _, status := range []int{301, 302, 303, 307, 308} {
		_, err := fake(t, answer(status, "", "Location", thief.URL)).Do(t.Context(), "PING")
		require.Error(t, err)
	}
}

func TestTruncatedReply(t *testing.T) {
	rdb := fake(t, func(w http.ResponseWriter, r *http.Request) {
		conn, _, err := http.NewResponseController(w).Hijack()
		assert.NoError(t, err)
		fmt.Fprintf(conn, "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{\"result\":1")
		conn.Close()
	})
	v, err := redis.Cmd[int]("INCR", "k").Do(t.Context(), rdb)
	require.Zero(t, v)
	require.ErrorIs(t, err, redis.ErrOutcomeUnknown)
	require.ErrorContains(t, err, "INCR")

	dropped := fake(t, func(w http.ResponseWriter, r *http.Request) { panic(http.ErrAbortHandler) })
	_, err = dropped.Do(t.Context(), "INCR", "k")
	require.ErrorIs(t, err, redis.ErrOutcomeUnknown)
}

func TestReplyOverTheLimit(t *testing.T) {
	const limit = 1000
	reply := func(size int) string { return `{"result":"` + strings.Repeat("a", size-len(`{"result":""}`)) + `"}` }
	for name, send := range map[string]func(w http.ResponseWriter, body string){
		"with its length": func(w http.ResponseWriter, body string) { w.Write([]byte(body)) },
		"in chunks": func(w http.ResponseWriter, body string) {
			for part := range bytes.SplitSeq([]byte(body), []byte("aaaa")) {
				w.Write(append(part, "aaaa"...)[:len(part)])
				w.Write([]byte("aaaa"))
				w.(http.Flusher).Flush()
			}
		},
		"compressed": func(w http.ResponseWriter, body string) {
			w.Header().Set("Content-Encoding", "gzip")
			z := gzip.NewWriter(w)
			z.Write([]byte(body))
			z.Close()
		},
	} {
		t.Run(name, func(t *testing.T) {
			var size int
			rdb := fake(t, func(w http.ResponseWriter, r *http.Request) { send(w, reply(size)) }, redis.WithMaxReplyBytes(limit))
			if name != "in chunks" { // in chunks the body is a little longer
				size = limit
				_, err := rdb.Do(t.Context(), "GETDEL", "k")
				require.NoError(t, err)
			}
			for _, size = range []int{limit + 1, 50 * limit} {
				_, err := rdb.Do(t.Context(), "GETDEL", "k")
				require.ErrorIs(t, err, redis.ErrReplyTooLarge)
				require.NotErrorIs(t, err, redis.ErrOutcomeUnknown, "it ran")
				require.NotErrorIs(t, err, redis.ErrNotExecuted, "it ran")
			}
		})
	}
	// A wrong Content-Length does not make the client allocate that much memory.
	liar := fake(t, func(w http.ResponseWriter, r *http.Request) {
		conn, _, err := http.NewResponseController(w).Hijack()
		assert.NoError(t, err)
		fmt.Fprintf(conn, "HTTP/1.1 200 OK\r\nContent-Length: 50000000000\r\n\r\n{}")
		conn.Close()
	}, redis.WithMaxReplyBytes(1<<60))
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	_, err := liar.Do(t.Context(), "GET", "k")
	runtime.ReadMemStats(&after)
	require.Error(t, err)
	require.Less(t, after.TotalAlloc-before.TotalAlloc, uint64(50<<20))
}

// stuck is a server that takes requests and never answers.
func stuck(t *testing.T, opts ...redis.Option) (rdb *redis.Redis, arrived chan struct{}) {
	arrived = make(chan struct{}, 100)
	release := make(chan struct{})
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		arrived <- struct{}{}
		<-release
	}))
	t.Cleanup(func() { close(release); s.Close() })
	rdb, err := redis.New(s.URL, secretToken, opts...)
	require.NoError(t, err)
	return rdb, arrived
}

func TestContextEndsACall(t *testing.T) {
	rdb, arrived := stuck(t)
	ctx, cancel := context.WithCancel(t.Context())
	go func() { <-arrived; cancel() }()
	_, err := rdb.Do(ctx, "INCR", secretArgument)
	require.ErrorIs(t, err, context.Canceled)
	require.ErrorIs(t, err, redis.ErrOutcomeUnknown)
	require.NotErrorIs(t, err, context.DeadlineExceeded)

	ctx, cancel = context.WithTimeout(t.Context(), 20*time.Millisecond)
	defer cancel()
	_, err = rdb.Do(ctx, "INCR", "k")
	require.ErrorIs(t, err, context.DeadlineExceeded)
	require.ErrorIs(t, err, redis.ErrOutcomeUnknown)

	_, err = rdb.Do(ctx, "INCR", "k") // the context has ended before the call
	require.ErrorIs(t, err, context.DeadlineExceeded)
	require.NotErrorIs(t, err, redis.ErrOutcomeUnknown)

	rdb, _ = stuck(t, redis.WithTimeout(20*time.Millisecond))
	_, err = rdb.Do(t.Context(), "INCR", "k")
	require.ErrorIs(t, err, context.DeadlineExceeded)
	require.ErrorIs(t, err, redis.ErrOutcomeUnknown)

	rdb, _ = stuck(t, redis.WithHTTPClient(&http.Client{Timeout: 20 * time.Millisecond}), redis.WithTimeout(0))
	_, err = rdb.Do(t.Context(), "INCR", "k")
	require.ErrorIs(t, err, context.DeadlineExceeded)
	require.ErrorIs(t, err, redis.ErrOutcomeUnknown)
}

func TestDeadlineWhileReading(t *testing.T) {
	release := make(chan struct{})
	rdb := fake(t, func(w http.ResponseWriter, r *http.Request) {
		w.Write([]byte(`{"result":`))
		w.(http.Flusher).Flush()
		<-release
	}, redis.WithTimeout(20*time.Millisecond))
	defer close(release)
	_, err := rdb.Do(t.Context(), "INCR", "k")
	require.ErrorIs(t, err, context.DeadlineExceeded)
	require.ErrorIs(t, err, redis.ErrOutcomeUnknown)
}

func TestDefaultTimeout(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		release := make(chan struct{})
		defer close(release)
		hang := &http.Transport{DialContext: func(context.Context, string, string) (net.Conn, error) {
			<-release
			return nil, errors.New("released")
		}}
		rdb, err := redis.New("https://redis.example.com", secretToken, redis.WithHTTPClient(&http.Client{Transport: hang}), once)
		require.NoError(t, err)
		start := time.Now()
		_, err = rdb.Do(t.Context(), "INCR", "k")
		require.Equal(t, redis.DefaultTimeout, time.Since(start))
		require.ErrorIs(t, err, context.DeadlineExceeded)
		require.NotErrorIs(t, err, redis.ErrOutcomeUnknown, "there was no connection to send it on")
	})
}

func TestNoConnection(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	address := l.Addr().String()
	require.NoError(t, l.Close())
	rdb, err := redis.New("http://"+address, secretToken)
	require.NoError(t, err)
	_, err = rdb.Do(t.Context(), "INCR", "k")
	require.ErrorContains(t, err, "INCR")
	require.NotErrorIs(t, err, redis.ErrOutcomeUnknown)

	untrusted := httptest.NewTLSServer(answer(200, `{"result":1}`))
	defer untrusted.Close()
	untrusted.Config.ErrorLog = slog.NewLogLogger(slog.DiscardHandler, 0)
	rdb, err = redis.New(untrusted.URL, secretToken)
	require.NoError(t, err)
	_, err = rdb.Do(t.Context(), "INCR", "k")
	require.ErrorContains(t, err, "certificate")
	require.NotErrorIs(t, err, redis.ErrOutcomeUnknown)
	rdb, err = redis.New(untrusted.URL, secretToken, redis.WithHTTPClient(untrusted.Client()))
	require.NoError(t, err)
	_, err = rdb.Do(t.Context(), "INCR", "k")
	require.NoError(t, err)
}

// If a round tripper does not report whether it had a connection, the outcome is unknown.
func TestUnknownTransport(t *testing.T) {
	lost := errors.New("lost")
	rdb, err := redis.New("https://redis.example.com", secretToken, redis.WithHTTPClient(&http.Client{Transport: roundTripper(func(*http.Request) (*http.Response, error) { return nil, lost })}))
	require.NoError(t, err)
	_, err = rdb.Do(t.Context(), "INCR", "k")
	require.ErrorIs(t, err, lost)
	require.ErrorIs(t, err, redis.ErrOutcomeUnknown)
}

type roundTripper func(*http.Request) (*http.Response, error)

func (f roundTripper) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

// TestSecrets prints every value that this package returns in every way.
func TestSecrets(t *testing.T) {
	ctx := t.Context()
	values := map[string]any{}
	keep := func(name string, v any) {
		require.NotNil(t, v, name)
		values[name] = v
	}
	do := func(rdb *redis.Redis) error {
		_, err := redis.Eval[int](ctx, rdb, "return ARGV[1]", []string{secretArgument}, secretArgument)
		return err
	}
	echo := func(w http.ResponseWriter, r *http.Request, status int, format string) {
		var body bytes.Buffer
		body.ReadFrom(r.Body)
		w.WriteHeader(status)
		if status == http.StatusBadGateway { // a gateway's page shows the whole request
			fmt.Fprint(w, body.String())
		}
		fmt.Fprintf(w, format, r.Header.Get("Authorization"))
	}

	rdb, err := redis.New("https://redis.example.com/base", secretToken)
	require.NoError(t, err)
	keep("client", rdb)
	keep("client by value", *rdb)
	keep("client in a struct", struct{ R *redis.Redis }{rdb})
	keep("client in an unexported field", struct{ r redis.Redis }{*rdb})
	keep("clients", []*redis.Redis{rdb})
	keep("command", redis.Cmd[string]("SET", "k", secretArgument))
	keep("command in a struct", struct{ C redis.Command[int] }{redis.Cmd[int](secretArgument + " x")})
	batch := rdb.Pipeline()
	keep("future", redis.Cmd[string]("SET", "k", secretArgument).Queue(batch))
	keep("batch", batch)
	keep("batch in a struct", struct{ B *redis.Batch }{batch})
	keep("script command", redis.NewScript[int]("return 1").Cmd([]string{secretArgument}, secretArgument))
	keep("option", redis.WithUserAgent(secretToken))

	live := redistest.NewServer(t)
	secrets := []string{secretToken, secretArgument, live.Token}
	keep("misfit", do(live.Client()))
	_, err = redis.Cmd[map[string]int]("HSET", "h", secretArgument, secretArgument).Do(ctx, live.Client())
	keep("another misfit", err)
	_, err = redis.Cmd[map[string]int]("HGETALL", "h").Do(ctx, live.Client())
	keep("misfit in a map", err)
	_, err = live.Client().Do(ctx, "NO.SUCH", secretArgument)
	keep("unknown command", err)
	for _, b := range []*redis.Batch{live.Client().Pipeline(), live.Client().Multi()} {
		redis.Cmd[int]("NO.SUCH", secretArgument).Queue(b)
		redis.Cmd[int]("SET", secretArgument, secretArgument).Queue(b)
		keep("failed "+b.String(), b.Exec(ctx))
		b = live.Client().Pipeline()
		keep("binary in a batch", redis.Cmd[int]("SET", secretArgument, "\xff").Queue(b))
		keep("refused "+b.String(), b.Exec(ctx))
	}
	_, err = wrongClient(t, live).Subscribe(ctx, "c")
	keep("refused subscription", err)
	subscription, err := live.Client().Subscribe(ctx, secretArgument)
	require.NoError(t, err)
	defer subscription.Close()
	keep("subscription", subscription)
	keep("subscription in a struct", struct{ s redis.Subscription }{*subscription})
	_, err = live.Client().Do(ctx, "NOSUCH "+secretArgument)
	keep("command in one piece", err)
	_, err = live.Client().Do(ctx, "SET", secretArgument+"\xff", "x")
	keep("binary", err)
	_, err = live.Client().Do(ctx, secretArgument+"\xff")
	keep("binary command", err)
	keep("wrong token", do(wrongClient(t, live)))

	keep("HTML that echoes", do(fake(t, func(w http.ResponseWriter, r *http.Request) { echo(w, r, 502, "<html>%s") })))
	keep("HTML that echoes late", do(fake(t, func(w http.ResponseWriter, r *http.Request) {
		echo(w, r, 502, strings.Repeat("x", 1<<10-10)+"%s")
	})))
	keep("error that echoes", do(fake(t, func(w http.ResponseWriter, r *http.Request) { echo(w, r, 400, `{"error":"ERR bad token %s"}`) })))
	stalled, _ := stuck(t, redis.WithTimeout(time.Millisecond))
	keep("timeout", do(stalled))
	closed, err := redis.New("http://127.0.0.1:1/"+"base", secretToken)
	require.NoError(t, err)
	keep("refused", do(closed))
	keep("command that may run twice", redis.Cmd[string]("SET", "k", secretArgument).Idempotent())
	keep("command of RunOnce", redis.NewScript[int]("return 1").OnceCmd(secretArgument, []string{secretArgument}, secretArgument))
	_, err = redis.NewScript[int]("return 1").RunOnce(ctx, closed, secretArgument, []string{secretArgument}, secretArgument)
	keep("RunOnce", err)
	_, err = redis.NewScript[int]("return 1").RunOnce(ctx, closed, secretArgument+"\xff", []string{secretArgument})
	keep("RunOnce refused", err)
	tight, err := redis.New("http://127.0.0.1:1/", secretToken, redis.WithMaxRequestBytes(10))
	require.NoError(t, err)
	keep("too large", do(tight))
	synctest.Test(t, func(t *testing.T) {
		soon, cancel := context.WithCancel(t.Context())
		time.AfterFunc(time.Millisecond, cancel) // in this bubble only waiting takes time
		busy, err := redis.New("https://redis.example.com", secretToken, redis.WithHTTPClient(&http.Client{Transport: roundTripper(func(r *http.Request) (*http.Response, error) {
			body := io.NopCloser(strings.NewReader("Bearer " + secretToken))
			return &http.Response{StatusCode: 429, Header: http.Header{"Retry-After": {"100"}}, Body: body, Request: r}, nil
		})}))
		require.NoError(t, err)
		_, err = busy.Do(soon, "SET", secretArgument)
		require.ErrorIs(t, err, context.Canceled)
		keep("given up while it waits", err)
	})
	var seen []any
	hooked, err := redis.New("http://127.0.0.1:1/", secretToken, redis.WithHook(redis.Hook{Attempt: func(_ context.Context, a redis.AttemptInfo) (context.Context, func(redis.AttemptOutcome)) {
		seen = append(seen, a)
		return nil, func(o redis.AttemptOutcome) { seen = append(seen, o) }
	}}))
	require.NoError(t, err)
	keep("client with a hook", hooked)
	do(hooked)
	_, err = hooked.Subscribe(ctx, secretArgument)
	keep("subscription that fails", err)
	require.Len(t, seen, 2*3+2)
	keep("what a hook sees", seen)

	for name, url := range map[string]string{
		"user info": "https://me:" + secretToken + "@h", "query": "https://h?_token=" + secretToken, "no URL": "https://" + secretToken + "\x01@%zz",
		"unparsable": "https://me:" + secretToken + "@h:port%", "redis": "rediss://default:" + secretToken + "@h:6379", "control": "https://h/" + secretToken + "\x7f",
	} {
		_, err := redis.New(url, " "+secretToken)
		keep("configuration: "+name, err)
		t.Setenv("SECRETS_UPSTASH_REDIS_REST_URL", url)
		for _, v := range []string{"TOKEN", "TOKEN_FILE", "TIMEOUT", "MAX_ATTEMPTS", "READ_YOUR_WRITES", "AUTO_PIPELINING", "ALLOW_HTTP"} {
			t.Setenv("SECRETS_UPSTASH_REDIS_REST_"+v, secretToken+" ")
		}
		_, err = redis.FromEnv(redis.WithEnvPrefix("SECRETS_"))
		keep("environment: "+name, err)
	}

	for name, v := range values {
		all := []any{v}
		if err, ok := v.(error); ok {
			all = nil
			for _, e := range unwrapAll(err) {
				all = append(all, e)
			}
		}
		for _, v := range all {
			_, isError := v.(error)
			out := printed(v, isError) + printed([]any{v}, isError) + printed(map[string]any{"v": v}, isError) + printed(struct{ V any }{v}, isError)
			if p := reflect.ValueOf(v); isError && p.Kind() == reflect.Pointer {
				out += printed(p.Elem().Interface(), true)
			}
			for _, secret := range secrets {
				assert.NotContains(t, out, secret, "%s: %T", name, v)
			}
		}
	}
	require.Contains(t, fmt.Sprint(rdb), "redis.example.com")
}

// wrongClient returns a client with a wrong token.
// printed is v through everything that prints values: fmt, slog, encoding/json, and, if dump
// is set, what testify shows of values that differ.
func printed(v any, dump bool) string {
	var out bytes.Buffer
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%d", "%x", "%X", "%t", "%p", "%10v"} {
		text := fmt.Sprintf(verb, v)
		if verb == "%x" || verb == "%X" {
			text += string(fmt.Appendf(nil, "%s", unhex(text)))
		}
		out.WriteString(text + "\n")
	}
	slog.New(slog.NewTextHandler(&out, nil)).Info("x", "v", v)
	slog.New(slog.NewJSONHandler(&out, nil)).Info("x", "v", v)
	if text, err := json.Marshal(v); err == nil {
		out.Write(text)
	}
	if dump {
		assert.Equal((*differences)(&out), reflect.Zero(reflect.TypeOf(v)).Interface(), v)
	}
	return out.String()
}

// differences keeps what testify says.
type differences bytes.Buffer

func (d *differences) Errorf(format string, args ...any) {
	fmt.Fprintf((*bytes.Buffer)(d), format, args...)
}

func wrongClient(t *testing.T, s *redistest.Server) *redis.Redis {
	t.Helper()
	rdb, err := redis.New(s.URL, secretToken)
	require.NoError(t, err)
	return rdb
}

// unhex decodes the hexadecimal beginning of text.
func unhex(text string) []byte {
	var b []byte
	fmt.Sscanf(text, "%x", &b)
	return b
}

func unwrapAll(err error) []error {
	all := []error{err}
	switch e := err.(type) {
	case interface{ Unwrap() error }:
		if inner := e.Unwrap(); inner != nil {
			all = append(all, unwrapAll(inner)...)
		}
	case interface{ Unwrap() []error }:
		for _, inner := range e.Unwrap() {
			all = append(all, unwrapAll(inner)...)
		}
	}
	return all
}

// A few kilobytes that decompress to a gigabyte use no more memory than the limit allows.
func TestCompressionBomb(t *testing.T) {
	var bomb bytes.Buffer
	z, err := gzip.NewWriterLevel(&bomb, gzip.BestSpeed)
	require.NoError(t, err)
	zeros := make([]byte, 1<<20)
	for range 1 << 7 {
		z.Write(zeros)
	}
	require.NoError(t, z.Close())
	rdb := fake(t, answer(200, bomb.String(), "Content-Encoding", "gzip"), redis.WithMaxReplyBytes(1<<20))
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	_, err = rdb.Do(t.Context(), "GET", "k")
	runtime.ReadMemStats(&after)
	require.ErrorIs(t, err, redis.ErrReplyTooLarge)
	require.Less(t, after.TotalAlloc-before.TotalAlloc, uint64(32<<20))
}

func TestOldTLSIsRefused(t *testing.T) {
	s := httptest.NewUnstartedServer(answer(200, `{"result":1}`))
	s.TLS = &tls.Config{MinVersion: tls.VersionTLS10, MaxVersion: tls.VersionTLS11}
	s.Config.ErrorLog = slog.NewLogLogger(slog.DiscardHandler, 0)
	s.StartTLS()
	defer s.Close()
	old := &tls.Config{MinVersion: tls.VersionTLS10, RootCAs: rootsOf(s)}
	for _, http2 := range []bool{false, true} {
		rdb, err := redis.New(s.URL, secretToken, redis.WithTLSConfig(old), redis.WithHTTP2(http2), once)
		require.NoError(t, err)
		_, err = rdb.Do(t.Context(), "INCR", "k")
		require.ErrorContains(t, err, "protocol version")
		require.NotErrorIs(t, err, redis.ErrOutcomeUnknown)
	}
	rdb, err := redis.New(s.URL, secretToken, redis.WithHTTPClient(&http.Client{Transport: &http.Transport{TLSClientConfig: old}}), once)
	require.NoError(t, err)
	n, err := redis.Cmd[int]("INCR", "k").Do(t.Context(), rdb)
	require.NoError(t, err, "else it was refused for something else")
	require.Equal(t, 1, n)
}
