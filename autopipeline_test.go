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

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	redis "github.com/redis-rest/redis-rest-go"
	"github.com/redis-rest/redis-rest-go/redistest"
)

// A gate is a transport that takes the place of a server. It answers a request when the
// test tells it to. The reply to a command is its last argument.
type gate struct {
	mu       sync.Mutex
	requests []gated
	open     bool // it answers every request at once
}

type gated struct {
	path     string
	commands [][]string
	ctx      context.Context
	answer   chan struct{}
}

func (g *gate) RoundTrip(r *http.Request) (*http.Response, error) {
	body, _ := r.GetBody()
	data, _ := io.ReadAll(body)
	req := gated{path: r.URL.Path, ctx: r.Context(), answer: make(chan struct{})}
	var reply strings.Builder
	if r.URL.Path == "/pipeline" {
		json.Unmarshal(data, &req.commands)
		reply.WriteByte('[')
		for i, c := range req.commands {
			if i > 0 {
				reply.WriteByte(',')
			}
			item(&reply, c)
		}
		reply.WriteByte(']')
	} else {
		req.commands = make([][]string, 1)
		json.Unmarshal(data, &req.commands[0])
		item(&reply, req.commands[0])
	}
	g.mu.Lock()
	g.requests = append(g.requests, req)
	open := g.open
	g.mu.Unlock()
	if !open {
		select {
		case <-req.answer:
		case <-r.Context().Done():
			return nil, r.Context().Err()
		}
	}
	return &http.Response{StatusCode: 200, Header: http.Header{}, ContentLength: -1, Body: io.NopCloser(strings.NewReader(reply.String()))}, nil
}

func item(b *strings.Builder, command []string) {
	last := command[len(command)-1]
	if code, ok := strings.CutPrefix(last, "fail:"); ok {
		fmt.Fprintf(b, `{"error":%q}`, code)
		return
	}
	fmt.Fprintf(b, `{"result":%q}`, last+"!") // this is not base64, so the client does not decode it
}

func (g *gate) all() []gated {
	g.mu.Lock()
	defer g.mu.Unlock()
	return append([]gated(nil), g.requests...)
}

func gatedClient(t *testing.T, opts ...redis.Option) (*redis.Redis, *gate) {
	t.Helper()
	g := &gate{}
	rdb, err := redis.New("https://redis.example.com", "t", append(opts, redis.WithAutoPipelining(true), redis.WithTimeout(0), redis.WithHTTPClient(&http.Client{Transport: g}))...)
	require.NoError(t, err)
	return rdb, g
}

// echoAtOnce makes n concurrent calls through an open gate, in a synctest bubble.
func echoAtOnce(t *testing.T, rdb *redis.Redis, n int) {
	t.Helper()
	var wg sync.WaitGroup
	start := make(chan struct{})
	for i := range n {
		wg.Go(func() {
			<-start
			v, err := redis.Cmd[string]("ECHO", i).Do(t.Context(), rdb)
			assert.NoError(t, err)
			assert.Equal(t, fmt.Sprintf("%d!", i), v)
		})
	}
	synctest.Wait()
	close(start)
	wg.Wait()
}

func TestConcurrentCallsShareARequest(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		rdb, g := gatedClient(t)
		g.open = true
		const n = 200
		echoAtOnce(t, rdb, n)
		total := 0
		for _, r := range g.all() {
			total += len(r.commands)
		}
		require.Equal(t, n, total, "each was sent once")
		require.Less(t, len(g.all()), n/4)

		g.requests = nil
		_, err := rdb.Do(t.Context(), "ECHO", "lone")
		require.NoError(t, err)
		require.Equal(t, "", g.all()[0].path, "a lone call goes out as it would anyway")
	})
}

// A command that waits for data has its own request, so nobody waits with it.
func TestBlockingCommandsAreNotShared(t *testing.T) {
	type name string
	synctest.Test(t, func(t *testing.T) {
		rdb, g := gatedClient(t)
		ctx, cancel := context.WithCancel(t.Context())
		blocking := [][]any{
			{"BLPOP", "a", 0}, {"blpop", "a", "b", 1.5}, {"XREAD", "BLOCK", 0, "STREAMS", "s", "$"}, {[]byte("BRPOP"), "a", 9}, {name("WAIT"), 1, 5},
			{"XREADGROUP", "GROUP", "g", "c", "BLOCK", 10, "STREAMS", "s", ">"},
		}
		var wg sync.WaitGroup
		for _, args := range blocking {
			wg.Go(func() {
				_, err := rdb.Do(ctx, args...)
				assert.ErrorIs(t, err, context.Canceled)
			})
		}
		synctest.Wait()
		for _, r := range g.all() {
			require.Empty(t, r.path)
		}
		require.Len(t, g.all(), len(blocking))

		g.open = true
		for shared := false; !shared; {
			g.requests = nil
			echoAtOnce(t, rdb, 50)
			for _, r := range g.all() {
				shared = shared || r.path == "/pipeline"
			}
		}
		cancel()
		wg.Wait()

		g.requests = nil
		for shared := false; !shared; { // XREAD without BLOCK shares
			start := make(chan struct{})
			for range 50 {
				wg.Go(func() { <-start; rdb.Do(t.Context(), "XREAD", "STREAMS", "BLOCK", 0) })
			}
			synctest.Wait()
			close(start)
			wg.Wait()
			for _, r := range g.all() {
				shared = shared || r.path == "/pipeline"
			}
		}
	})
}

func TestSharedRequestsAreBounded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		rdb, g := gatedClient(t)
		g.open = true
		large := strings.Repeat("x", 1<<20)
		var wg sync.WaitGroup
		for i := range 2500 {
			wg.Go(func() {
				arg := "small"
				if i < 6 {
					arg = large
				}
				v, err := redis.Cmd[string]("ECHO", arg).Do(t.Context(), rdb)
				assert.NoError(t, err)
				assert.Equal(t, arg+"!", v)
			})
		}
		wg.Wait()
		total := 0
		for _, r := range g.all() {
			total += len(r.commands)
			require.LessOrEqual(t, len(r.commands), 1000)
			size := 0
			for _, c := range r.commands {
				size += len(c[1])
			}
			require.LessOrEqual(t, size, 4<<20)
		}
		require.Equal(t, 2500, total)
	})
}

func TestEachCallerGetsItsOwnFailure(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		rdb, g := gatedClient(t)
		g.open = true
		var wg sync.WaitGroup
		for i := range 50 {
			wg.Go(func() {
				arg := "fine"
				if i%2 == 0 {
					arg = fmt.Sprintf("fail:CODE%d x", i)
				}
				v, err := redis.Cmd[string]("ECHO", arg).Do(t.Context(), rdb)
				if i%2 == 0 {
					assert.Equal(t, fmt.Sprintf("CODE%d", i), redis.Code(err))
					return
				}
				assert.NoError(t, err)
				assert.Equal(t, "fine!", v)
				_, err = rdb.Do(t.Context(), "ECHO", make(chan int))
				assert.Error(t, err)
				assert.NotErrorIs(t, err, redis.ErrOutcomeUnknown)
			})
		}
		wg.Wait()
	})
}

func TestCancelledCallers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		rdb, g := gatedClient(t)
		ctx, cancel := context.WithCancel(t.Context())
		type outcome struct {
			v   string
			err error
		}
		results := make([]chan outcome, 6)
		start := make(chan struct{})
		for i := range results {
			results[i] = make(chan outcome, 1)
			go func() {
				<-start
				callCtx := t.Context()
				if i%2 == 0 {
					callCtx = ctx
				}
				v, err := redis.Cmd[string]("RPUSH", i).Do(callCtx, rdb)
				results[i] <- outcome{v, err}
			}()
		}
		synctest.Wait()
		close(start)
		synctest.Wait() // all calls are in flight, in one request or more
		cancel()
		synctest.Wait()
		for i := 0; i < len(results); i += 2 {
			o := <-results[i] // it returns at once, although no request was answered
			require.ErrorIs(t, o.err, context.Canceled)
			require.ErrorIs(t, o.err, redis.ErrOutcomeUnknown)
		}
		for _, r := range g.all() {
			close(r.answer)
		}
		for i := 1; i < len(results); i += 2 {
			o := <-results[i]
			require.NoError(t, o.err)
			require.Equal(t, fmt.Sprintf("%d!", i), o.v)
		}

		_, err := rdb.Do(ctx, "RPUSH", "never")
		require.ErrorIs(t, err, context.Canceled)
		require.NotErrorIs(t, err, redis.ErrOutcomeUnknown)
		for _, r := range g.all() {
			for _, c := range r.commands {
				require.NotEqual(t, "never", c[1])
			}
		}
	})
}

func TestRequestOfCancelledCallersIsCancelled(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		rdb, g := gatedClient(t)
		ctx, cancel := context.WithCancel(t.Context())
		var wg sync.WaitGroup
		start := make(chan struct{})
		for range 10 {
			wg.Go(func() {
				<-start
				_, err := rdb.Do(ctx, "RPUSH", "x")
				assert.ErrorIs(t, err, context.Canceled)
			})
		}
		synctest.Wait()
		close(start)
		synctest.Wait()
		cancel()
		wg.Wait()
		synctest.Wait()
		for _, r := range g.all() {
			require.Error(t, r.ctx.Err())
		}
	})
}

func TestAutoPipelining(t *testing.T) {
	onEachBackend(t, func(t *testing.T, s *redistest.Server) {
		ctx := t.Context()
		rdb := s.Client(redis.WithAutoPipelining(true))
		script := redis.NewScript[int](countScript)
		const goroutines, times = 64, 20
		var wg sync.WaitGroup
		for g := range goroutines {
			wg.Go(func() {
				key := fmt.Sprintf("k%d", g)
				for i := range times {
					// The calls of one goroutine run in their order.
					_, err := redis.Cmd[string]("SET", key, i).Do(ctx, rdb)
					assert.NoError(t, err)
					v, err := redis.Cmd[int]("GET", key).Do(ctx, rdb)
					assert.NoError(t, err)
					assert.Equal(t, i, v)
					_, err = script.Run(ctx, rdb, []string{"n"})
					assert.NoError(t, err)
					_, err = redis.Cmd[int]("LPUSH", key, "x").Do(ctx, rdb)
					assert.Equal(t, "WRONGTYPE", redis.Code(err))
				}
			})
		}
		for range 5 {
			assert.NoError(t, rdb.ScriptFlush(ctx))
		}
		wg.Wait()
		n, err := redis.Cmd[int]("GET", "n").Do(ctx, rdb)
		require.NoError(t, err)
		require.Equal(t, goroutines*times, n)
	})
}

func TestColdScriptUnderAutoPipelining(t *testing.T) {
	s := redistest.NewServer(t)
	var mu sync.Mutex
	sources := 0
	rdb := s.Client(redis.WithAutoPipelining(true), redis.WithHTTPClient(&http.Client{Transport: roundTripper(func(r *http.Request) (*http.Response, error) {
		body, _ := r.GetBody()
		data, _ := io.ReadAll(body)
		mu.Lock()
		sources += strings.Count(string(data), `"EVAL"`)
		mu.Unlock()
		return http.DefaultTransport.RoundTrip(r)
	})}))
	script := redis.NewScript[int](countScript)
	var wg sync.WaitGroup
	for range 64 {
		wg.Go(func() {
			_, err := script.Run(t.Context(), rdb, []string{"n"})
			assert.NoError(t, err)
		})
	}
	wg.Wait()
	require.Equal(t, 1, sources)
	n, err := redis.Cmd[int]("GET", "n").Do(t.Context(), rdb)
	require.NoError(t, err)
	require.Equal(t, 64, n)
}

func TestBatchesAreNotAutoPipelined(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		rdb, g := gatedClient(t)
		g.open = true
		b := rdb.Multi()
		f := redis.Cmd[string]("RPUSH", "a").Queue(b)
		err := b.Exec(t.Context())
		_, isBatch := errors.AsType[*redis.BatchError](err)
		require.True(t, isBatch, "the gate answers transactions with an object")
		_, err = f.Result()
		require.Error(t, err)
		require.Equal(t, "/multi-exec", g.all()[0].path)
	})
}

// atOnce runs f for 0 to n-1 at the same time, over and over until a request was shared by
// all, as count, which starts at 0 each time, tells.
func atOnce(n int, count *atomic.Int64, f func(i int)) {
	for range 1000 {
		count.Store(0)
		var wg sync.WaitGroup
		start := make(chan struct{})
		for i := range n {
			wg.Go(func() {
				<-start
				f(i)
			})
		}
		close(start)
		wg.Wait()
		if count.Load() == int64(n) {
			return
		}
	}
	panic("the calls never shared a request")
}

// The limit of a reply is for each: what fits alone fits together with others, and a reply
// over the limit fails for its own caller only.
func TestReplyLimitOfSharedRequests(t *testing.T) {
	onEachBackend(t, func(t *testing.T, s *redistest.Server) {
		ctx := t.Context()
		var shared atomic.Int64
		rdb := s.Client(redis.WithAutoPipelining(true), redis.WithMaxReplyBytes(1<<20), redis.WithHook(redis.Hook{Attempt: func(_ context.Context, a redis.AttemptInfo) (context.Context, func(redis.AttemptOutcome)) {
			shared.Store(max(shared.Load(), int64(len(a.Commands))))
			return nil, nil
		}}))
		value := strings.Repeat("v", 100_000)
		for key, v := range map[string]string{"value": value, "huge": strings.Repeat("h", 2<<20)} {
			_, err := rdb.Do(ctx, "SET", key, v)
			require.NoError(t, err)
		}
		atOnce(32, &shared, func(i int) {
			if i >= 28 {
				_, err := redis.Cmd[int]("INCR", "n").Do(ctx, rdb)
				assert.NoError(t, err)
				return
			}
			v, err := redis.Cmd[string]("GET", "value").Do(ctx, rdb)
			assert.NoError(t, err)
			assert.True(t, v == value)
		})
		n, err := redis.Cmd[int]("GET", "n").Do(ctx, rdb)
		require.NoError(t, err)
		require.Zero(t, n%4)
		for range 100 { // small replies, so that a request takes many again
			_, err := rdb.Do(ctx, "PING")
			require.NoError(t, err)
		}
		atOnce(8, &shared, func(i int) {
			switch {
			case i == 3:
				_, err := rdb.Do(ctx, "GET", "huge")
				assert.ErrorIs(t, err, redis.ErrReplyTooLarge)
			case i < 6:
				v, err := redis.Cmd[string]("GET", "value").Do(ctx, rdb)
				assert.NoError(t, err)
				assert.True(t, v == value)
			default:
				_, err := redis.Cmd[int]("INCR", "m").Do(ctx, rdb)
				assert.NoError(t, err)
			}
		})
	})
}

// A shared request asks for no more than 4 MB, as far as the size of earlier replies tells.
func TestSharedRepliesAreBounded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		rdb, g := gatedClient(t)
		g.open = true
		large := strings.Repeat("x", 1<<18) // the gate replies with it
		for range 50 {
			_, err := rdb.Do(t.Context(), "ECHO", large)
			require.NoError(t, err)
		}
		g.requests = nil
		echoAtOnce(t, rdb, 64)
		require.LessOrEqual(t, len(g.all()[0].commands), 20)
		for range 10 { // of small ones; few large ones are soon forgotten
			echoAtOnce(t, rdb, 64)
		}
		g.requests = nil
		echoAtOnce(t, rdb, 64)
		require.Less(t, len(g.all()), 16)
	})
}

type contextKey struct{}

// Hooks and transports see the context of one of the callers, with its values and without
// its end.
func TestContextOfSharedRequests(t *testing.T) {
	for shared := false; !shared; {
		synctest.Test(t, func(t *testing.T) {
			var mu sync.Mutex
			var seen []any
			rdb, g := gatedClient(t, redis.WithHook(redis.Hook{Attempt: func(ctx context.Context, a redis.AttemptInfo) (context.Context, func(redis.AttemptOutcome)) {
				mu.Lock()
				defer mu.Unlock()
				seen = append(seen, ctx.Value(contextKey{}))
				return nil, nil
			}}))
			start := make(chan struct{})
			var wg sync.WaitGroup
			ctx, cancel := context.WithCancel(context.WithValue(t.Context(), contextKey{}, "first"))
			for i := range 8 {
				callCtx := ctx
				if i%2 == 1 {
					callCtx = context.WithValue(t.Context(), contextKey{}, "second")
				}
				wg.Go(func() {
					<-start
					_, err := rdb.Do(callCtx, "RPUSH", "x")
					assert.Equal(t, i%2 == 1, err == nil)
				})
			}
			synctest.Wait()
			close(start)
			synctest.Wait()
			cancel()
			synctest.Wait()
			for _, r := range g.all() {
				shared = shared || len(r.commands) > 1 && r.ctx.Value(contextKey{}) == "first"
				if len(r.commands) > 1 {
					assert.Contains(t, []any{"first", "second"}, r.ctx.Value(contextKey{}))
					assert.Contains(t, seen, r.ctx.Value(contextKey{}))
				}
				close(r.answer)
			}
			wg.Wait()
		})
	}
}

func TestAutoPipeliningByEnvironment(t *testing.T) {
	setenv(t, map[string]string{prefix + "URL": "https://a.example", prefix + "TOKEN": "t", prefix + "AUTO_PIPELINING": "true"})
	synctest.Test(t, func(t *testing.T) {
		g := &gate{open: true}
		rdb, err := redis.FromEnv(redis.WithHTTPClient(&http.Client{Transport: g}))
		require.NoError(t, err)
		var wg sync.WaitGroup
		for range 100 {
			wg.Go(func() { rdb.Do(t.Context(), "RPUSH", "x") })
		}
		wg.Wait()
		require.Less(t, len(g.all()), 100)
	})
}
