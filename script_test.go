package redis_test

import (
	"context"
	_ "embed"
	"errors"
	"os"
	"os/exec"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	redis "github.com/redis-rest/redis-rest-go"
	"github.com/redis-rest/redis-rest-go/redistest"
)

//go:embed testdata/count.lua
var countScript string

func TestEvalFamily(t *testing.T) {
	onEachBackend(t, func(t *testing.T, s *redistest.Server) {
		ctx := t.Context()
		rdb, r := recorded(s)
		n, err := redis.Eval[int](ctx, rdb, "return #KEYS * 10 + #ARGV", []string{"a", "b"}, 1, "x", true)
		require.NoError(t, err)
		require.Equal(t, 23, n)
		_, err = redis.EvalSha[int](ctx, rdb, strings.Repeat("0", 40), nil)
		require.ErrorIs(t, err, redis.ErrNoScript)
		require.Equal(t, "NOSCRIPT", redis.Code(err))

		sha, err := rdb.ScriptLoad(ctx, countScript)
		require.NoError(t, err)
		require.Equal(t, redis.NewScript[int](countScript).SHA(), sha)
		n, err = redis.EvalSha[int](ctx, rdb, sha, []string{"n"})
		require.NoError(t, err)
		require.Equal(t, 1, n)
		have, err := rdb.ScriptExists(ctx, sha, strings.Repeat("0", 40))
		require.NoError(t, err)
		require.Equal(t, []bool{true, false}, have)
		require.NoError(t, rdb.ScriptFlush(ctx))
		have, err = rdb.ScriptExists(ctx, sha)
		require.NoError(t, err)
		require.Equal(t, []bool{false}, have)

		const read = "return redis.call('GET', KEYS[1])"
		n, err = redis.EvalRO[int](ctx, rdb, read, []string{"n"})
		require.NoError(t, err)
		require.Equal(t, 1, n)
		sha, err = rdb.ScriptLoad(ctx, read)
		require.NoError(t, err)
		n, err = redis.EvalShaRO[int](ctx, rdb, sha, []string{"n"})
		require.NoError(t, err)
		require.Equal(t, 1, n)
		_, err = redis.EvalRO[int](ctx, rdb, countScript, []string{"n"})
		require.Error(t, err)
		require.Equal(t, []string{"EVAL_RO", countScript, "1", "n"}, r.commands[len(r.commands)-1])
	})
}

func TestScriptRun(t *testing.T) {
	onEachBackend(t, func(t *testing.T, s *redistest.Server) {
		ctx := t.Context()
		rdb, r := recorded(s)
		script := redis.NewScript[int](countScript)
		for i := range 3 {
			n, err := script.Run(ctx, rdb, []string{"n"})
			require.NoError(t, err)
			require.Equal(t, i+1, n)
		}
		require.Equal(t, map[string]int{"EVALSHA": 3, "EVAL": 1}, r.names())
		require.NoError(t, rdb.ScriptFlush(ctx))
		n, err := script.Run(ctx, rdb, []string{"n"})
		require.NoError(t, err)
		require.Equal(t, 4, n)

		loaded, r := recorded(s)
		require.NoError(t, rdb.ScriptFlush(ctx))
		require.NoError(t, script.Load(ctx, loaded))
		_, err = script.Run(ctx, loaded, []string{"n"})
		require.NoError(t, err)
		require.Equal(t, map[string]int{"SCRIPT": 1, "EVALSHA": 1}, r.names())

		reading := redis.NewScript[string]("return redis.call('GET', KEYS[1])", redis.ReadOnly())
		ro, r := recorded(s)
		v, err := reading.Run(ctx, ro, []string{"n"})
		require.NoError(t, err)
		require.Equal(t, "5", v)
		require.Equal(t, map[string]int{"EVALSHA_RO": 1, "EVAL_RO": 1}, r.names())
		_, err = redis.NewScript[int](countScript, redis.ReadOnly()).Run(ctx, ro, []string{"n"})
		require.Error(t, err)
		_, err = reading.Run(ctx, ro, []string{"missing"})
		require.ErrorIs(t, err, redis.ErrNil)
		_, err = redis.NewScript[int]("return 'x'").Run(ctx, ro, nil)
		_, misfit := errors.AsType[*redis.DecodeError](err)
		require.True(t, misfit)
		_, err = redis.NewScript[int]("this does not compile").Run(ctx, ro, nil)
		require.NotEmpty(t, redis.Code(err))
		require.NotErrorIs(t, err, redis.ErrNoScript)
	})
}

// FIPS 140 mode forbids SHA-1. A script has its digest in this mode too.
func TestScriptUnderFIPS(t *testing.T) {
	onEachBackend(t, func(t *testing.T, _ *redistest.Server) {
		cmd := exec.Command(os.Args[0], "-test.run=^(TestScriptRun|ExampleScript_SHA)$", "-test.v")
		cmd.Env = append(os.Environ(), "GODEBUG=fips140=only") // os.Environ has REDISTEST_BACKEND, which onEachBackend sets
		out, err := cmd.CombinedOutput()
		require.NoError(t, err, "%s", out)
		require.Contains(t, string(out), "--- PASS: TestScriptRun/")
	})
}

func TestColdScriptIsSentOnce(t *testing.T) {
	onEachBackend(t, func(t *testing.T, s *redistest.Server) {
		ctx := t.Context()
		rdb, r := recorded(s)
		script := redis.NewScript[int](countScript)
		const goroutines = 64
		seen := make([]bool, goroutines+1)
		var mu sync.Mutex
		var wg sync.WaitGroup
		for range goroutines {
			wg.Go(func() {
				n, err := script.Run(ctx, rdb, []string{"n"})
				assert.NoError(t, err)
				mu.Lock()
				defer mu.Unlock()
				assert.False(t, seen[n], "a run counted twice")
				seen[n] = true
			})
		}
		wg.Wait()
		require.Equal(t, 1, r.names()["EVAL"])
		total, err := redis.Cmd[int]("GET", "n").Do(ctx, rdb)
		require.NoError(t, err)
		require.Equal(t, goroutines, total)
	})
}

func TestScriptsUnderConstantFlush(t *testing.T) {
	onEachBackend(t, func(t *testing.T, s *redistest.Server) {
		ctx, rdb := t.Context(), s.Client()
		script := redis.NewScript[int](countScript)
		stop := make(chan struct{})
		var flusher, runners sync.WaitGroup
		flusher.Go(func() {
			for {
				select {
				case <-stop:
					return
				default:
					assert.NoError(t, rdb.ScriptFlush(ctx))
				}
			}
		})
		const goroutines, times = 16, 50
		for range goroutines {
			runners.Go(func() {
				for range times {
					_, err := script.Run(ctx, rdb, []string{"n"})
					assert.NoError(t, err)
				}
			})
		}
		runners.Wait()
		close(stop)
		flusher.Wait()
		total, err := redis.Cmd[int]("GET", "n").Do(ctx, rdb)
		require.NoError(t, err)
		require.Equal(t, goroutines*times, total)
	})
}

// An error that a script returns may look like an error of the server. The script ran, so
// it must not run again.
func TestNoScriptReturnedByScript(t *testing.T) {
	onEachBackend(t, func(t *testing.T, s *redistest.Server) {
		ctx, rdb := t.Context(), s.Client()
		const returns = "redis.call('INCR', 'my-noscript-key') return redis.error_reply(ARGV[1])"
		for i, text := range []string{"NOSCRIPT mine", "NOSCRIPT", "noscript No matching script", "ERR NOSCRIPT No matching script"} {
			_, err := redis.NewScript[string](returns).Run(ctx, rdb, nil, text)
			require.Error(t, err)
			require.NotErrorIs(t, err, redis.ErrNoScript)
			n, err := redis.Cmd[int]("GET", "my-noscript-key").Do(ctx, rdb)
			require.NoError(t, err)
			require.Equal(t, i+1, n)
		}

		nested := redis.NewScript[[]string]("redis.call('INCR', 'n') return {{err='NOSCRIPT No matching script. Please use EVAL.'}}")
		for i := range 2 {
			_, err := nested.Run(ctx, rdb, nil)
			require.Equal(t, "NOSCRIPT", redis.Code(err))
			n, err := redis.Cmd[int]("GET", "n").Do(ctx, rdb)
			require.NoError(t, err)
			require.Equal(t, i+1, n)
		}
	})
}

// noScript is the error for the server's NOSCRIPT answer.
var noScript = &redis.Error{Code: "NOSCRIPT", Message: "NOSCRIPT No matching script. Please use EVAL."}

func TestScriptWaitEndsWithTheContext(t *testing.T) {
	script := redis.NewScript[int](countScript)
	sending, release := make(chan struct{}), make(chan struct{})
	d := &stalled{sending: sending, release: release}
	leader := make(chan error)
	go func() {
		_, err := script.Run(t.Context(), d, nil)
		leader <- err
	}()
	<-sending
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err := script.Run(ctx, d, nil)
	require.ErrorIs(t, err, context.Canceled)
	require.NotErrorIs(t, err, redis.ErrOutcomeUnknown)
	close(release)
	require.NoError(t, <-leader)
}

// A stalled is a Doer that has no script and answers EVAL only when it is released.
type stalled struct{ sending, release chan struct{} }

func (s *stalled) Do(_ context.Context, args ...any) (redis.Reply, error) {
	if args[0] == "EVALSHA" {
		return redis.Reply{}, noScript
	}
	close(s.sending)
	<-s.release
	return redis.ParseReply("1")
}

// An uncomparable is a Doer that cannot be a map key.
type uncomparable []string

func (uncomparable) Do(_ context.Context, args ...any) (redis.Reply, error) {
	if args[0] == "EVALSHA" {
		return redis.Reply{}, noScript
	}
	return redis.ParseReply("7")
}

func TestScriptOnAnyDoer(t *testing.T) {
	n, err := redis.NewScript[int](countScript).Run(t.Context(), uncomparable(nil), nil)
	require.NoError(t, err)
	require.Equal(t, 7, n)
	wrong := fakeDoer(func(...any) (string, error) { return `"0123"`, nil })
	require.ErrorContains(t, redis.NewScript[int](countScript).Load(t.Context(), wrong), "digest")
}

// A nil option is refused when the script is run, by every method that runs it.
func TestScriptWithANilOption(t *testing.T) {
	const want = "NewScript: an option is nil"
	s := redis.NewScript[int]("return 1", redis.ReadOnly(), nil)
	once := redis.NewScript[int]("return 1", nil)
	silent := sendsNothing(t)
	_, err := s.Run(t.Context(), silent, nil)
	require.ErrorContains(t, err, want)
	require.ErrorIs(t, err, redis.ErrNotExecuted)
	_, err = once.RunOnce(t.Context(), silent, "id", []string{"k"})
	require.ErrorContains(t, err, want)
	require.ErrorIs(t, err, redis.ErrNotExecuted)
	require.ErrorContains(t, s.Load(t.Context(), silent), want)
	b := redistest.New(t).Pipeline()
	member := s.Cmd(nil).Queue(b)
	require.Error(t, b.Exec(t.Context()))
	_, err = member.Result()
	require.ErrorContains(t, err, want)
	require.ErrorIs(t, err, redis.ErrNotExecuted)
}
