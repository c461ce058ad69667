package redis_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	redis "github.com/redis-rest/redis-rest-go"
)

// A doorkeeper lets requests with one token in, and refuses others as the hosted service does.
type doorkeeper struct {
	mu       sync.Mutex
	token    string
	requests []string // the tokens they came with
}

func (g *doorkeeper) open(token string) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.token = token
}

func (g *doorkeeper) lets(r *http.Request) bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	token := strings.TrimPrefix(r.Header.Get("Authorization"), "Bearer ")
	g.requests = append(g.requests, token)
	return token == g.token
}

func (g *doorkeeper) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if !g.lets(r) {
		w.WriteHeader(http.StatusUnauthorized)
		io.WriteString(w, `{"error":"WRONGPASS invalid or missing auth token"}`)
		return
	}
	if strings.HasPrefix(r.URL.Path, "/subscribe/") {
		w.Header().Set("Content-Type", "text/event-stream")
		io.WriteString(w, "data: subscribe,c,1\n\n")
		w.(http.Flusher).Flush()
		<-r.Context().Done()
		return
	}
	var body []json.RawMessage
	json.NewDecoder(r.Body).Decode(&body)
	if r.URL.Path == "/" {
		io.WriteString(w, `{"result":1}`)
		return
	}
	io.WriteString(w, "["+strings.TrimSuffix(strings.Repeat(`{"result":1},`, len(body)), ",")+"]")
}

// source is a source that gives these tokens, one for each call, and the last for ever.
func source(calls *atomic.Int64, tokens ...string) redis.Option {
	return redis.WithTokenSource(func(context.Context) (string, error) {
		n := int(calls.Add(1))
		return tokens[min(n, len(tokens))-1], nil
	})
}

func TestTokenSource(t *testing.T) {
	ways := map[string]func(ctx context.Context, rdb *redis.Redis) error{
		"a write": func(ctx context.Context, rdb *redis.Redis) error { _, err := write.Do(ctx, rdb); return err },
		"a transaction": func(ctx context.Context, rdb *redis.Redis) error {
			b := rdb.Multi()
			write.Queue(b)
			write.Queue(b)
			return b.Exec(ctx)
		},
		"a subscription": func(ctx context.Context, rdb *redis.Redis) error {
			sub, err := rdb.Subscribe(ctx, "c")
			if err == nil {
				sub.Close()
			}
			return err
		},
	}
	for name, call := range ways {
		t.Run(name, func(t *testing.T) {
			g := &doorkeeper{token: "first"}
			var asked atomic.Int64
			rdb := fakeOf(t, g, source(&asked, "first", "second", "third"), redis.WithRetryPolicy(redis.RetryPolicy{MaxAttempts: 1}))
			require.Zero(t, asked.Load(), "it is asked with the first request")
			for range 3 {
				require.NoError(t, call(t.Context(), rdb))
			}
			require.EqualValues(t, 1, asked.Load(), "the token is kept")
			g.open("second")
			require.NoError(t, call(t.Context(), rdb))
			require.NoError(t, call(t.Context(), rdb))
			require.Equal(t, []string{"first", "first", "first", "first", "second", "second"}, g.requests)
			g.open("none")
			err := call(t.Context(), rdb)
			require.Equal(t, "WRONGPASS", redis.Code(err))
			require.ErrorIs(t, err, redis.ErrNotExecuted)
			require.Equal(t, []string{"second", "third"}, g.requests[6:], "once more, and no further")
			require.EqualValues(t, 3, asked.Load())
		})
	}
}

// fakeOf is a client of a server with this handler, whose token comes from a source.
func fakeOf(t *testing.T, handler http.Handler, opts ...redis.Option) *redis.Redis {
	t.Helper()
	s, _ := counted(t, handler.ServeHTTP)
	s.Start()
	rdb, err := redis.New(s.URL, "", opts...)
	require.NoError(t, err)
	return rdb
}

func TestTokenSourceIsAskedOnceByMany(t *testing.T) {
	for _, auto := range []bool{false, true} {
		g := &doorkeeper{token: "first"}
		var asked atomic.Int64
		begun, give := make(chan struct{}, 100), make(chan struct{})
		rdb := fakeOf(t, g, redis.WithAutoPipelining(auto), redis.WithTokenSource(func(context.Context) (string, error) {
			asked.Add(1)
			begun <- struct{}{}
			<-give
			return "first", nil
		}))
		var wg sync.WaitGroup
		for range 50 {
			wg.Go(func() {
				_, err := write.Do(t.Context(), rdb)
				assert.NoError(t, err)
			})
		}
		<-begun
		close(give)
		wg.Wait()
		require.EqualValues(t, 1, asked.Load())
	}
}

var errVault = errors.New("the vault is sealed")

func TestTokenSourceThatFails(t *testing.T) {
	for name, c := range map[string]struct {
		source func(context.Context) (string, error)
		is     error
		text   string
	}{
		"an error":                  {func(context.Context) (string, error) { return "", errVault }, errVault, "the source of tokens failed: the vault is sealed"},
		"an error with a token":     {func(context.Context) (string, error) { return secretToken, fmt.Errorf("%s: %w", secretToken, errVault) }, errVault, "[redacted]: the vault is sealed"},
		"nothing":                   {func(context.Context) (string, error) { return "", nil }, nil, "the token of the source is not set"},
		"a header":                  {func(context.Context) (string, error) { return "Bearer " + secretToken, nil }, nil, "whole Authorization header"},
		"a token with a line's end": {func(context.Context) (string, error) { return secretToken + "\n", nil }, nil, "white space"},
	} {
		t.Run(name, func(t *testing.T) {
			for _, auto := range []bool{false, true} {
				s := &scripted{turns: []turn{one}}
				asked := 0
				rdb, err := redis.New("https://redis.example.com", "", redis.WithAutoPipelining(auto), redis.WithHTTPClient(&http.Client{Transport: s}),
					redis.WithTokenSource(func(ctx context.Context) (string, error) { asked++; return c.source(ctx) }))
				require.NoError(t, err)
				_, doErr := write.Do(t.Context(), rdb)
				b := rdb.Pipeline()
				write.Queue(b)
				_, subErr := rdb.Subscribe(t.Context(), "c")
				for _, err := range []error{doErr, b.Exec(t.Context()), subErr} {
					require.ErrorIs(t, err, redis.ErrNotExecuted)
					require.NotErrorIs(t, err, redis.ErrOutcomeUnknown)
					require.ErrorContains(t, err, c.text)
					require.NotContains(t, fmt.Sprintf("%v %+v %#v", err, err, err), secretToken)
					if c.is != nil {
						require.ErrorIs(t, err, c.is)
					}
				}
				require.Equal(t, 3, asked, "its failure is not tried again")
				require.Empty(t, s.times, "something was sent")
			}
		})
	}
}

// Whoever waits for the source can give up, and the others do not notice.
func TestTokenSourceThatHangs(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var calls atomic.Int64
		ended := 0
		s := &scripted{turns: []turn{one}}
		rdb, err := redis.New("https://redis.example.com", "", redis.WithTimeout(time.Hour), redis.WithHTTPClient(&http.Client{Transport: s}),
			redis.WithTokenSource(func(ctx context.Context) (string, error) {
				calls.Add(1)
				select {
				case <-ctx.Done():
					ended++
					return "", ctx.Err()
				case <-time.After(time.Minute):
					return "t", nil
				}
			}))
		require.NoError(t, err)
		short, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		var wg sync.WaitGroup
		wg.Go(func() {
			_, err := write.Do(short, rdb)
			require.ErrorIs(t, err, context.DeadlineExceeded)
			require.ErrorIs(t, err, redis.ErrNotExecuted)
		})
		wg.Go(func() {
			_, err := write.Do(t.Context(), rdb)
			require.NoError(t, err)
		})
		wg.Wait()
		require.EqualValues(t, 1, calls.Load())
		require.Zero(t, ended)

		rdb, err = redis.New("https://redis.example.com", "", redis.WithTimeout(time.Second), redis.WithRetryPolicy(redis.RetryPolicy{MaxAttempts: 1}), redis.WithHTTPClient(&http.Client{Transport: s}),
			redis.WithTokenSource(func(ctx context.Context) (string, error) { <-ctx.Done(); ended++; return "", ctx.Err() }))
		require.NoError(t, err)
		_, err = write.Do(t.Context(), rdb)
		require.ErrorIs(t, err, context.DeadlineExceeded)
		require.ErrorIs(t, err, redis.ErrNotExecuted)
		synctest.Wait()
		require.Equal(t, 1, ended, "nobody waits any more")
	})
}

// The limit of a call includes the source, also where the client's own transport limits the
// rest without a timer.
func TestTimeoutWhileTheSourceIsAsked(t *testing.T) {
	for _, auto := range []bool{false, true} {
		synctest.Test(t, func(t *testing.T) { // on a busy machine, a real limit could end before the source is asked
			var asked atomic.Int64
			rdb, err := redis.New("https://redis.example.com", "", once, redis.WithAutoPipelining(auto), redis.WithTimeout(time.Millisecond),
				redis.WithTokenSource(func(ctx context.Context) (string, error) { asked.Add(1); <-ctx.Done(); return "", ctx.Err() }))
			require.NoError(t, err)
			_, err = write.Do(t.Context(), rdb)
			require.ErrorIs(t, err, context.DeadlineExceeded)
			require.ErrorIs(t, err, redis.ErrNotExecuted)
			require.EqualValues(t, 1, asked.Load())
		})
	}
}

// While the source is asked, nothing was sent. Of a shared request that is also true: the
// command of a caller that gives up is taken out of it.
func TestGivingUpInASharedRequest(t *testing.T) {
	for _, everybody := range []bool{false, true} {
		for shared := false; !shared; {
			synctest.Test(t, func(t *testing.T) {
				s := &scripted{turns: []turn{each(nil)}}
				var mu sync.Mutex
				var requests []int
				ended := false
				rdb, err := redis.New("https://redis.example.com", "", redis.WithAutoPipelining(true), redis.WithHTTPClient(&http.Client{Transport: s}), redis.WithTimeout(time.Hour),
					redis.WithHook(redis.Hook{Attempt: func(_ context.Context, a redis.AttemptInfo) (context.Context, func(redis.AttemptOutcome)) {
						mu.Lock()
						defer mu.Unlock()
						requests = append(requests, len(a.Commands))
						return nil, nil
					}}),
					redis.WithTokenSource(func(ctx context.Context) (string, error) {
						select {
						case <-ctx.Done():
							mu.Lock()
							defer mu.Unlock()
							ended = true
							return "", ctx.Err()
						case <-time.After(time.Minute):
							return "t", nil
						}
					}))
				require.NoError(t, err)
				short, cancel := context.WithTimeout(t.Context(), time.Second)
				defer cancel()
				var wg sync.WaitGroup
				for i := range 3 {
					wg.Go(func() {
						ctx := t.Context()
						if everybody || i == 1 {
							ctx = short
						}
						_, err := redis.Cmd[int]("INCR", fmt.Sprint("key", i)).Do(ctx, rdb)
						if ctx == short {
							assert.ErrorIs(t, err, context.DeadlineExceeded)
							assert.ErrorIs(t, err, redis.ErrNotExecuted)
							assert.NotErrorIs(t, err, redis.ErrOutcomeUnknown)
						} else {
							assert.NoError(t, err)
						}
					})
				}
				wg.Wait()
				synctest.Wait()
				if everybody {
					shared = true
					require.Empty(t, s.sent)
					require.True(t, ended, "nobody waits any more")
					return
				}
				if shared = len(requests) == 1; shared {
					require.Equal(t, []int{2}, requests)
					require.NotContains(t, s.sent[0], "key1")
				}
			})
		}
	}
}

// Neither the token of today nor those before are in any text.
func TestTokensOfASourceAreNotShown(t *testing.T) {
	const old, renewed = "old-hush-hush", "new-hush-hush"
	var asked atomic.Int64
	rdb := fakeOf(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !strings.Contains(r.Header.Get("Authorization"), renewed) {
			w.WriteHeader(http.StatusUnauthorized)
			return
		}
		w.WriteHeader(http.StatusBadRequest)
		io.WriteString(w, `{"error":"ERR `+old+" "+renewed+`"}`)
	}), source(&asked, old, renewed))
	_, err := write.Do(t.Context(), rdb)
	require.ErrorContains(t, err, "ERR [redacted] [redacted]")
	require.NotContains(t, fmt.Sprintf("%v %+v %#v %s", rdb, rdb, rdb, rdb), "hush")
}

func TestTokenSourceInTheConfiguration(t *testing.T) {
	var asked atomic.Int64
	_, err := redis.New("https://redis.example.com", secretToken, source(&asked, "t"))
	require.ErrorContains(t, err, "WithTokenSource")
	require.NotContains(t, err.Error(), secretToken)
	_, err = redis.New("https://redis.example.com", "", redis.WithTokenSource(nil))
	require.ErrorContains(t, err, "WithTokenSource is nil")
	for _, name := range []string{prefix + "URL", "KV_REST_API_URL"} {
		for _, token := range []string{"TOKEN", "TOKEN_FILE"} {
			setenv(t, map[string]string{name: "https://redis.example.com", strings.Replace(name, "URL", token, 1): "of the environment"})
			r := &sent{}
			rdb, err := redis.FromEnv(source(&asked, "of-the-source"), redis.WithHTTPClient(&http.Client{Transport: r}))
			require.NoError(t, err)
			_, err = write.Do(t.Context(), rdb)
			require.ErrorIs(t, err, errSent)
			require.Equal(t, "Bearer of-the-source", r.req.Header.Get("Authorization"))
		}
	}
}

func TestHeaders(t *testing.T) {
	seen := make(chan http.Header, 10)
	rdb := fake(t, func(w http.ResponseWriter, r *http.Request) {
		seen <- r.Header
		w.WriteHeader(http.StatusBadRequest)
		io.WriteString(w, `{"error":"ERR hush-hush-hush, x"}`)
	}, redis.WithHeader("cf-access-client-secret", "hush-hush-hush"), redis.WithHeader("X-Twice", "1"), redis.WithHeader("x-twice", "x"))
	_, err := write.Do(t.Context(), rdb)
	require.ErrorContains(t, err, "ERR [redacted], x")
	_, err = rdb.Subscribe(t.Context(), "c")
	require.Error(t, err)
	for range 2 {
		h := <-seen
		assert.Equal(t, []string{"hush-hush-hush"}, h["Cf-Access-Client-Secret"])
		assert.Equal(t, []string{"x"}, h["X-Twice"])
		assert.Equal(t, []string{"Bearer " + secretToken}, h["Authorization"])
	}
	require.NotContains(t, fmt.Sprintf("%v %+v %#v", rdb, rdb, rdb), "hush")
	for _, h := range [][2]string{
		{"authorization", "hush"}, {"Content-Type", "hush"}, {"upstash-encoding", "hush"}, {"Upstash-Anything", "hush"}, {"Host", "hush"}, {"content-length", "hush"}, {"User-Agent", "hush"},
		{"", "hush"}, {"a b", "hush"}, {"a:", "hush"}, {"é", "hush"}, {"X-A", ""}, {"X-A", " hush"}, {"X-A", "hush\r\nX-B: 1"}, {"X-A", "hush\x00"},
	} {
		_, err := redis.New("https://redis.example.com", secretToken, redis.WithHeader(h[0], h[1]))
		require.ErrorContains(t, err, "WithHeader", h[0])
		require.NotContains(t, err.Error(), "hush")
		require.NotContains(t, err.Error(), "X-B")
	}
}
