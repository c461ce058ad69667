package redis_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	redis "github.com/redis-rest/redis-rest-go"
	"github.com/redis-rest/redis-rest-go/redistest"
)

// A seenCall is a call as hooks see it.
type seenCall struct {
	info    redis.CallInfo
	outcome redis.CallOutcome
	ended   int
}

// A watcher is a hook that keeps what it sees. Each attempt finds its call in its context.
type watcher struct {
	mu       sync.Mutex
	calls    []*seenCall
	attempts map[*seenCall][]redis.AttemptInfo
	orphans  int
	callers  [][]*seenCall // of shared requests
	outcomes []redis.AttemptOutcome
}

type seenCallKey struct{}

func (w *watcher) hook() redis.Option {
	w.attempts = map[*seenCall][]redis.AttemptInfo{}
	return redis.WithHook(redis.Hook{
		Call: func(ctx context.Context, c redis.CallInfo) (context.Context, func(redis.CallOutcome)) {
			seen := &seenCall{info: c}
			w.mu.Lock()
			defer w.mu.Unlock()
			w.calls = append(w.calls, seen)
			return context.WithValue(ctx, seenCallKey{}, seen), func(o redis.CallOutcome) {
				w.mu.Lock()
				defer w.mu.Unlock()
				seen.outcome = o
				seen.ended++
			}
		},
		Attempt: func(ctx context.Context, a redis.AttemptInfo) (context.Context, func(redis.AttemptOutcome)) {
			w.mu.Lock()
			defer w.mu.Unlock()
			seen, ok := ctx.Value(seenCallKey{}).(*seenCall)
			if !ok {
				w.orphans++
			}
			w.attempts[seen] = append(w.attempts[seen], a)
			var callers []*seenCall
			for _, ctx := range a.Callers {
				callers = append(callers, ctx.Value(seenCallKey{}).(*seenCall))
			}
			if callers != nil {
				w.callers = append(w.callers, callers)
			}
			return nil, func(o redis.AttemptOutcome) {
				w.mu.Lock()
				defer w.mu.Unlock()
				w.outcomes = append(w.outcomes, o)
			}
		},
	})
}

// Whatever runs, the caller's call is one call, and each attempt belongs to it.
func TestCallHooks(t *testing.T) {
	onEachBackend(t, func(t *testing.T, s *redistest.Server) {
		ctx := t.Context()
		watch := &watcher{}
		rdb := s.Client(watch.hook())
		host := rdb.String()
		last := func() *seenCall {
			t.Helper()
			watch.mu.Lock()
			defer watch.mu.Unlock()
			require.NotEmpty(t, watch.calls)
			seen := watch.calls[len(watch.calls)-1]
			require.Equal(t, 1, seen.ended)
			require.Equal(t, host, "redis.Redis("+seen.info.Host+")")
			require.Positive(t, seen.outcome.Duration)
			require.Len(t, watch.attempts[seen], seen.outcome.Attempts)
			require.Zero(t, watch.orphans)
			return seen
		}
		script := redis.NewScript[int]("return tonumber(ARGV[1]) -- of the test of hooks", redis.Named("number.lua"))

		_, err := rdb.Do(ctx, "SET", "k", "v")
		require.NoError(t, err)
		require.Equal(t, "command", last().info.Kind)
		require.Equal(t, []redis.CommandInfo{{Name: "SET"}}, last().info.Commands)

		// The error is the one that the caller gets: of Redis, a null reply, or a reply that does not fit.
		_, err = redis.Cmd[int]("INCR", "k").Do(ctx, rdb)
		require.Error(t, err)
		require.Equal(t, err, last().outcome.Err)
		_, err = redis.Cmd[string]("GET", "none").Do(ctx, rdb)
		require.ErrorIs(t, last().outcome.Err, redis.ErrNil)
		require.ErrorIs(t, err, redis.ErrNil)
		_, err = redis.Cmd[int]("GET", "k").Do(ctx, rdb)
		require.Equal(t, err, last().outcome.Err)
		_, err = redis.Cmd[int]("SET", "k", time.Second).Do(ctx, rdb)
		require.ErrorIs(t, last().outcome.Err, redis.ErrNotExecuted)
		require.Zero(t, last().outcome.Attempts)
		require.Error(t, err)

		// EVALSHA, NOSCRIPT, EVAL: one call.
		err = rdb.ScriptFlush(ctx)
		require.NoError(t, err)
		before := len(watch.calls)
		for _, missed := range []bool{true, false} {
			n, err := script.Run(ctx, rdb, nil, 7)
			require.NoError(t, err)
			require.Equal(t, 7, n)
			seen := last()
			require.Equal(t, []redis.CommandInfo{{Name: "EVALSHA", Script: "number.lua", Digest: script.SHA()}}, seen.info.Commands)
			require.NoError(t, seen.outcome.Err)
			require.Equal(t, missed, seen.outcome.ScriptMissed)
		}
		require.Len(t, watch.calls, before+2)
		_, err = redis.Eval[int](ctx, rdb, "return 1", nil)
		require.NoError(t, err)
		require.Equal(t, redis.CommandInfo{Name: "EVAL", Digest: "e0e1f9fabfc9d4800c877a703b823ac0578ff8db"}, last().info.Commands[0])
		_, err = redis.EvalSha[int](ctx, rdb, secretArgument, nil)
		require.Error(t, err)
		require.Equal(t, redis.CommandInfo{Name: "EVALSHA"}, last().info.Commands[0])

		// A batch is one call.
		for kind, b := range map[string]*redis.Batch{"pipeline": rdb.Pipeline(), "transaction": rdb.Multi()} {
			redis.Cmd[string]("SET", "a", 1).Queue(b)
			script.Cmd(nil, 1).Queue(b)
			redis.Cmd[string]("LPOP", "a").Queue(b)
			err := b.Exec(ctx)
			require.Error(t, err)
			seen := last()
			require.Equal(t, kind, seen.info.Kind)
			require.Len(t, seen.info.Commands, 3)
			require.Equal(t, "number.lua", seen.info.Commands[1].Script)
			require.Equal(t, err, seen.outcome.Err)
		}

		ended, end := context.WithCancel(ctx)
		subscription, err := rdb.Subscribe(ended, "news", "sport")
		require.NoError(t, err)
		require.Equal(t, "subscription", last().info.Kind)
		require.Equal(t, []redis.CommandInfo{{Name: "SUBSCRIBE"}}, last().info.Commands)
		require.Equal(t, 2, last().outcome.Attempts)
		end()
		require.NoError(t, subscription.Close())

		require.NotContains(t, fmt.Sprintf("%+v", watch.calls), secretArgument)
	})
}

// A call that is sent again knows how often and why, and how long it waited.
func TestCallHooksOfRetries(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		watch := &watcher{}
		s := &scripted{turns: []turn{breaks, says(429, "", "Retry-After", "2"), one}}
		rdb := s.client(t, watch.hook(), redis.WithRetryPolicy(redis.RetryPolicy{MaxDelay: 10 * time.Second}))
		begun := time.Now()
		_, err := read.Do(t.Context(), rdb)
		require.NoError(t, err)
		seen := watch.calls[0]
		require.Equal(t, 3, seen.outcome.Attempts)
		require.Equal(t, time.Since(begun), seen.outcome.Waited)
		require.GreaterOrEqual(t, seen.outcome.Waited, 2*time.Second)
		attempts := watch.attempts[seen]
		require.NoError(t, attempts[0].Reason)
		require.ErrorIs(t, attempts[1].Reason, errWire)
		require.ErrorContains(t, attempts[2].Reason, "429")
	})
}

// Each caller of a shared request has a call of its own, which the attempt names.
func TestCallHooksOfSharedRequests(t *testing.T) {
	s := redistest.NewServer(t)
	watch := &watcher{}
	rdb := s.Client(redis.WithAutoPipelining(true), watch.hook())
	const callers = 50
	for shared := false; !shared; shared = len(watch.callers) > 0 {
		var all sync.WaitGroup
		for range callers {
			all.Go(func() {
				_, err := redis.Cmd[int]("INCR", "n").Do(t.Context(), rdb)
				assert.NoError(t, err)
			})
		}
		all.Wait()
	}
	named := map[*seenCall]int{}
	for _, callers := range watch.callers {
		require.Greater(t, len(callers), 1)
		for _, c := range callers {
			named[c]++
		}
	}
	for _, seen := range watch.calls {
		require.Equal(t, 1, seen.ended)
		require.NoError(t, seen.outcome.Err)
		require.Equal(t, 1, seen.outcome.Attempts)
		require.LessOrEqual(t, named[seen], 1)
		if named[seen] == 0 {
			require.Len(t, watch.attempts[seen], 1, "it was sent alone")
		}
	}
}

// The context of a hook reaches the transport, and so do the headers that it adds. Those of the
// client stay.
func TestHooksHandOnContextAndHeaders(t *testing.T) {
	for _, shared := range []bool{false, true} {
		var sent http.Header
		var values []any
		s := &scripted{turns: []turn{func(r *http.Request) (*http.Response, error) {
			sent = r.Header
			values = []any{r.Context().Value(contextKey{}), r.Context().Value(seenCallKey{})}
			return one(r)
		}}}
		rdb := s.client(t, redis.WithAutoPipelining(shared), redis.WithHook(redis.Hook{
			Call: func(ctx context.Context, _ redis.CallInfo) (context.Context, func(redis.CallOutcome)) {
				return context.WithValue(ctx, contextKey{}, "call"), nil
			},
			Attempt: func(ctx context.Context, a redis.AttemptInfo) (context.Context, func(redis.AttemptOutcome)) {
				assert.Equal(t, "call", ctx.Value(contextKey{}))
				a.Header.Set("traceparent", "00-1")
				a.Header.Set("Authorization", "mine")
				return context.WithValue(ctx, seenCallKey{}, "attempt"), nil
			},
		}))
		_, err := read.Do(t.Context(), rdb)
		require.NoError(t, err)
		require.Equal(t, []any{"call", "attempt"}, values)
		require.Equal(t, "00-1", sent.Get("Traceparent"))
		require.Equal(t, "Bearer "+secretToken, sent.Get("Authorization"))
		_, err = read.Do(t.Context(), rdb)
		require.NoError(t, err)
		require.Equal(t, []string{"00-1"}, sent.Values("Traceparent"))
	}
}

// The first attempt connects, and the second uses the connection again, over each transport.
func TestTimesOfAttempts(t *testing.T) {
	s := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { io.WriteString(w, `{"result":1}`) }))
	defer s.Close()
	for name, opts := range map[string][]redis.Option{
		"own":      {redis.WithRootCAs(rootsOf(s))},
		"HTTP/2":   {redis.WithRootCAs(rootsOf(s)), redis.WithHTTP2(true)},
		"net/http": {redis.WithHTTPClient(s.Client())},
	} {
		t.Run(name, func(t *testing.T) {
			watch := &watcher{}
			rdb, err := redis.New(s.URL, "token", append(opts, watch.hook())...)
			require.NoError(t, err)
			for range 2 {
				_, err := rdb.Do(t.Context(), "INCR", "n")
				require.NoError(t, err)
			}
			first, second := watch.outcomes[0], watch.outcomes[1]
			require.False(t, first.Reused)
			require.Positive(t, first.Connect)
			require.Positive(t, first.FirstByte)
			require.Positive(t, first.TLS)
			require.LessOrEqual(t, first.Connect, first.FirstByte)
			require.LessOrEqual(t, first.TLS, first.FirstByte)
			require.LessOrEqual(t, first.FirstByte, first.Duration)
			require.True(t, second.Reused)
			require.Zero(t, second.Connect+second.DNS+second.TLS)
		})
	}
}

func TestLogHook(t *testing.T) {
	s := redistest.NewServer(t)
	var lines bytes.Buffer
	logger := slog.New(slog.NewTextHandler(&lines, &slog.HandlerOptions{ReplaceAttr: withoutTime}))
	logged := func() string {
		defer lines.Reset()
		return lines.String()
	}
	rdb := s.Client(redis.WithHook(redis.LogHook(logger, 0)))
	ctx := t.Context()
	_, err := redis.Cmd[string]("GET", "none").Do(ctx, rdb)
	require.ErrorIs(t, err, redis.ErrNil)
	require.Equal(t, "level=INFO msg=redis kind=command commands=GET attempts=1\n", logged())
	b := rdb.Pipeline()
	for range 1000 {
		redis.Cmd[string]("SET", "k", secretArgument).Queue(b)
	}
	redis.Cmd[int]("INCR", "k").Queue(b)
	require.Error(t, b.Exec(ctx))
	require.Equal(t, `level=WARN msg=redis kind=pipeline commands="SET×1000 INCR" attempts=1 outcome=failed error="1 of 1001 commands failed; [1000] INCR: ERR"`+"\n", logged())
	script := redis.NewScript[int]("local x\nreturn redis.error_reply('LIMIT ' .. ARGV[1])", redis.Named("limit.lua"))
	_, err = script.Run(ctx, rdb, nil, secretArgument)
	require.Error(t, err)
	text := logged()
	require.Contains(t, text, "script=limit.lua script_missed=true outcome=failed error=LIMIT")
	require.NotContains(t, text, secretArgument)
	_, err = redis.Cmd[int]("SET", "k", time.Second).Do(ctx, rdb)
	require.Error(t, err)
	require.Contains(t, logged(), `outcome="not executed"`)
	slow := s.Client(redis.WithHook(redis.LogHook(logger, 1)))
	_, err = slow.Do(ctx, "PING")
	require.NoError(t, err)
	require.Equal(t, "level=WARN msg=redis kind=command commands=PING attempts=1 slow=true\n", logged())
}

// A hook gets arguments only if it asks, and nothing that prints what it gets shows them.
func TestWordsOfCalls(t *testing.T) {
	s := redistest.NewServer(t)
	var words [][]string
	var printed bytes.Buffer
	logger := slog.New(slog.NewJSONHandler(&printed, nil))
	rdb := s.Client(redis.WithKeyPrefix("app:"), redis.WithHook(redis.Hook{Call: func(_ context.Context, c redis.CallInfo) (context.Context, func(redis.CallOutcome)) {
		for i := range c.Commands {
			words = append(words, c.Words(i))
		}
		for _, v := range []any{c, &c, []any{c}} {
			fmt.Fprintf(&printed, "%v %+v %#v %s %q %x", v, v, v, v, v, v)
			logger.Info("call", "info", v)
			json.NewEncoder(&printed).Encode(v)
		}
		return nil, nil
	}}))
	ctx := t.Context()
	script := redis.NewScript[int]("return 1")
	_, err := rdb.Do(ctx, "SET", "k", secretArgument)
	require.NoError(t, err)
	_, err = redis.Cmd[any]("SET", []byte("k"), 7, "XX").Do(ctx, rdb)
	require.NoError(t, err)
	_, err = script.Run(ctx, rdb, []string{"k"}, secretArgument, redis.JSON([]int{1}))
	require.NoError(t, err)
	_, err = redis.Cmd[string]("SET", "k", time.Second).Do(ctx, rdb)
	require.Error(t, err)
	b := rdb.Pipeline()
	redis.Cmd[string]("SET", "a", secretArgument).Queue(b)
	script.Cmd(nil, 1).Queue(b)
	require.NoError(t, b.Exec(ctx))
	subscription, err := rdb.Subscribe(ctx, "news", "sport")
	require.NoError(t, err)
	require.NoError(t, subscription.Close())
	lines, err := rdb.PSubscribe(ctx, "n*")
	require.NoError(t, err)
	require.NoError(t, lines.Close())
	require.Equal(t, [][]string{
		{"SET", "k", secretArgument},
		{"SET", "k", "7", "XX"},
		{"EVALSHA", script.SHA(), "1", "k", secretArgument, "[1]"},
		{"SET", "k", ""},
		{"SET", "a", secretArgument},
		{"EVALSHA", script.SHA(), "0", "1"},
		{"SUBSCRIBE", "news", "sport"},
		{"PSUBSCRIBE", "n*"},
	}, words)
	require.NotEmpty(t, printed.String())
	require.NotContains(t, printed.String(), secretArgument)
	require.NotContains(t, printed.String(), fmt.Sprintf("%x", secretArgument))
	require.Nil(t, redis.CallInfo{}.Words(0))
}
