package redistest_test

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	redis "github.com/redis-rest/redis-rest-go"
	"github.com/redis-rest/redis-rest-go/redistest"
	"github.com/redis-rest/redis-rest-go/restserver"
)

func TestServersShareNothing(t *testing.T) {
	a, b := redistest.New(t), redistest.New(t)
	_, err := redis.Cmd[string]("SET", "k", "v").Do(t.Context(), a)
	require.NoError(t, err)
	n, err := redis.Cmd[int]("DBSIZE").Do(t.Context(), b)
	require.NoError(t, err)
	require.Zero(t, n)
}

func TestSetenv(t *testing.T) {
	s := redistest.NewServer(t)
	t.Run("inside", func(t *testing.T) {
		s.Setenv()
		rdb, err := redis.FromEnv()
		require.NoError(t, err)
		_, err = rdb.Do(t.Context(), "PING")
		require.NoError(t, err)
	})
}

func TestServerEndsWithTheTest(t *testing.T) {
	var rdb *redis.Redis
	t.Run("inside", func(t *testing.T) {
		rdb = redistest.New(t)
		_, err := rdb.Do(t.Context(), "PING")
		require.NoError(t, err)
	})
	_, err := rdb.Do(t.Context(), "PING")
	require.Error(t, err)
}

// fatal is a testing.TB that records its failure.
type fatal struct {
	testing.TB
	log string
}

func (f *fatal) Fatalf(format string, args ...any) { f.log = fmt.Sprintf(format, args...); panic(f) }
func (f *fatal) Helper()                           {}

func TestNilOption(t *testing.T) {
	f := &fatal{TB: t}
	require.PanicsWithValue(t, f, func() { redistest.NewServer(f, nil) })
	require.Equal(t, "redistest: an option is nil", f.log)
}

func TestBackendByEnvironment(t *testing.T) {
	t.Setenv("REDISTEST_BACKEND", "memory")
	_, err := redistest.New(t).Do(t.Context(), "PING")
	require.NoError(t, err)

	t.Setenv("REDISTEST_BACKEND", "nonsense")
	f := &fatal{TB: t}
	require.Panics(t, func() { redistest.New(f) })
	require.Contains(t, f.log, "redistest: REDISTEST_BACKEND: ")

	if _, err := exec.LookPath("redis-server"); err == nil {
		t.Setenv("REDISTEST_BACKEND", "redis-server")
		v, err := redis.Cmd[string]("INFO", "server").Do(t.Context(), redistest.New(t))
		require.NoError(t, err)
		require.Contains(t, v, "redis_version")
	} else if os.Getenv("CI") != "" {
		t.Fatal("redis-server is not on PATH, and CI must have it")
	}
}

// onEach runs a test on the embedded database and on a real one, in parallel.
func onEach(t *testing.T, test func(t *testing.T, s *redistest.Server)) {
	for _, backend := range []string{"memory", "redis-server"} {
		t.Run(backend, func(t *testing.T) {
			t.Parallel()
			if backend == "redis-server" {
				needRedisServer(t)
			}
			test(t, redistest.NewServer(t, redistest.Backend(backend)))
		})
	}
}

func needRedisServer(t testing.TB) {
	if _, err := exec.LookPath("redis-server"); err != nil {
		if os.Getenv("CI") != "" {
			t.Fatal("redis-server is not on PATH, and CI must have it")
		}
		t.Skip("redis-server is not on PATH")
	}
}

func TestParallelTestsAreIsolated(t *testing.T) {
	for range 8 {
		onEach(t, func(t *testing.T, s *redistest.Server) {
			rdb := s.Client()
			for i := range 100 {
				n, err := redis.Cmd[int]("INCR", "n").Do(t.Context(), rdb)
				require.NoError(t, err)
				require.Equal(t, i+1, n)
			}
			require.Len(t, s.Requests(), 100)
		})
	}
}

func TestRequests(t *testing.T) {
	onEach(t, func(t *testing.T, s *redistest.Server) {
		rdb := s.Client()
		require.Empty(t, s.Requests())
		_, err := rdb.Do(t.Context(), "SET", "k", "v")
		require.NoError(t, err)
		b := rdb.Multi()
		redis.Cmd[int]("INCR", "n").Queue(b)
		redis.Cmd[int]("LPUSH", "k", "x").Queue(b)
		require.Error(t, b.Exec(t.Context()))
		_, err = rdb.Do(t.Context(), "NO.SUCH")
		require.Error(t, err)
		requests := s.Requests()
		require.Len(t, requests, 3)
		require.Equal(t, "command", requests[0].Kind)
		require.Equal(t, [][]string{{"SET", "k", "v"}}, requests[0].Commands)
		require.Equal(t, "POST", requests[0].Method)
		require.Equal(t, 200, requests[0].Status)
		require.EqualValues(t, len(`["SET","k","v"]`), requests[0].BytesIn)
		require.EqualValues(t, len(`{"result":"OK"}`), requests[0].BytesOut)
		require.Positive(t, requests[0].Duration)
		require.Equal(t, "transaction", requests[1].Kind)
		require.Equal(t, [][]string{{"INCR", "n"}, {"LPUSH", "k", "x"}}, requests[1].Commands)
		require.Equal(t, 400, requests[2].Status)
	})
}

func TestFreeze(t *testing.T) {
	onEach(t, func(t *testing.T, s *redistest.Server) {
		rdb := s.Client(redis.WithTimeout(20 * time.Millisecond))
		thaw := s.Freeze()
		_, err := rdb.Do(t.Context(), "INCR", "n")
		require.ErrorIs(t, err, context.DeadlineExceeded)
		require.ErrorIs(t, err, redis.ErrOutcomeUnknown)
		require.Eventually(t, func() bool { return s.Waiting() == 0 }, 5*time.Second, time.Millisecond)
		done := make(chan int, 1)
		go func() {
			n, _ := redis.Cmd[int]("INCR", "n").Do(context.Background(), s.Client())
			done <- n
		}()
		require.Eventually(t, func() bool { return s.Waiting() == 1 }, 5*time.Second, time.Millisecond)
		thaw()
		thaw()
		require.Equal(t, 1, <-done, "the cancelled request has not run")
	})
}

func TestRestart(t *testing.T) {
	onEach(t, func(t *testing.T, s *redistest.Server) {
		rdb := s.Client()
		script := redis.NewScript[int]("return redis.call('INCR', KEYS[1])")
		for i := range 3 {
			n, err := script.Run(t.Context(), rdb, []string{"n"})
			require.NoError(t, err, "scripts and connections are lost, but the data is kept")
			require.Equal(t, i+1, n)
			held, err := rdb.ScriptExists(t.Context(), script.SHA())
			require.NoError(t, err)
			require.Equal(t, []bool{true}, held)
			s.Restart()
			held, err = rdb.ScriptExists(t.Context(), script.SHA())
			require.NoError(t, err)
			require.Equal(t, []bool{false}, held)
		}
		stream, err := rdb.Subscribe(t.Context(), "c")
		require.NoError(t, err)
		s.Restart()
		for _, err := range stream.Messages() {
			require.Error(t, err)
		}
	})
}

func TestAdvance(t *testing.T) {
	s := redistest.NewServer(t, redistest.Backend("memory"))
	rdb := s.Client()
	_, err := rdb.Do(t.Context(), "SET", "k", "v", "EX", 3600)
	require.NoError(t, err)
	s.Advance(59 * time.Minute)
	v, err := redis.Cmd[*string]("GET", "k").Do(t.Context(), rdb)
	require.NoError(t, err)
	require.NotNil(t, v)
	s.Advance(time.Minute)
	v, err = redis.Cmd[*string]("GET", "k").Do(t.Context(), rdb)
	require.NoError(t, err)
	require.Nil(t, v)

	needRedisServer(t)
	f := &fatal{TB: t}
	real := redistest.NewServer(f, redistest.Backend("redis-server"))
	require.Panics(t, func() { real.Advance(time.Minute) })
	require.NotEmpty(t, f.log)
}

func BenchmarkNewServer(b *testing.B) {
	for _, backend := range []string{"memory", "redis-server"} {
		b.Run(backend, func(b *testing.B) {
			if backend == "redis-server" {
				needRedisServer(b)
			}
			for b.Loop() {
				t := &brief{TB: b}
				if _, err := redistest.New(t, redistest.Backend(backend)).Do(b.Context(), "PING"); err != nil {
					b.Fatal(err)
				}
				b.StopTimer()
				t.end()
				b.StartTimer()
			}
		})
	}
}

// brief is a testing.TB that ends before its test does, and logs nothing.
type brief struct {
	testing.TB
	cleanups []func()
}

func (b *brief) Cleanup(f func())    { b.cleanups = append(b.cleanups, f) }
func (b *brief) Logf(string, ...any) {}
func (b *brief) end() {
	for _, f := range b.cleanups {
		f()
	}
}

// What a script passes to redis.log is in the test's log.
func TestScriptsLog(t *testing.T) {
	for _, backend := range []string{"memory", "redis-server"} {
		t.Run(backend, func(t *testing.T) {
			if backend == "redis-server" {
				if _, err := exec.LookPath(backend); err != nil {
					t.Skip("redis-server is not on PATH")
				}
			}
			log := &recorder{TB: t}
			rdb := redistest.New(log, redistest.Backend(backend))
			const script = "local x = 1\nredis.log(redis.LOG_WARNING, 'stock of ' .. KEYS[1], 5)"
			_, err := redis.Eval[any](t.Context(), rdb, script, []string{"apples"})
			require.NoError(t, err)
			want := "redis.log WARN: stock of apples 5"
			if backend == "memory" {
				want = "redis.log WARN 824b01070a058758ac05132d55cb8ccda2f45123:2: stock of apples 5"
			}
			require.Eventually(t, func() bool { return slices.Contains(log.all(), want) }, 5*time.Second, time.Millisecond, "%q", log.all())
		})
	}
}

// A recorder records the log of a test.
type recorder struct {
	testing.TB
	mu    sync.Mutex
	lines []string
}

func (r *recorder) Logf(format string, args ...any) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.lines = append(r.lines, fmt.Sprintf(format, args...))
}

func (r *recorder) all() []string {
	r.mu.Lock()
	defer r.mu.Unlock()
	return slices.Clone(r.lines)
}

func TestConditions(t *testing.T) {
	rdb := redistest.New(t, redistest.Backend("memory"), redistest.Conditions(restserver.Conditions{Fail: map[restserver.Failure]float64{restserver.FailLost: 1}}))
	_, err := redis.Cmd[int]("INCR", "n").Do(t.Context(), rdb)
	require.ErrorIs(t, err, redis.ErrOutcomeUnknown)
}
