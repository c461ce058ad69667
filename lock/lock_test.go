package lock_test

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	redis "github.com/redis-rest/redis-rest-go"
	"github.com/redis-rest/redis-rest-go/lock"
	"github.com/redis-rest/redis-rest-go/redistest"
	"github.com/redis-rest/redis-rest-go/restserver"
)

func locker(t *testing.T, d redis.Doer, opts ...lock.Option) *lock.Locker {
	t.Helper()
	l, err := lock.New(d, opts...)
	require.NoError(t, err)
	return l
}

// A local server answers in this process, without a network. So it can be used in a bubble, where time passes at once.
type local struct {
	*restserver.Server
	mu            sync.Mutex
	before, after func(*http.Request) error // what happens to requests, and to their answers; or nil
}

// fail sets what happens to requests and answers.
func (l *local) fail(before, after func(*http.Request) error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.before, l.after = before, after
}

func newLocal(t *testing.T) *local {
	t.Helper()
	s, err := restserver.New(restserver.Config{Backend: "memory", Token: "token"})
	require.NoError(t, err)
	t.Cleanup(func() { s.Close() })
	return &local{Server: s}
}

func (l *local) RoundTrip(r *http.Request) (*http.Response, error) {
	l.mu.Lock()
	before, after := l.before, l.after
	l.mu.Unlock()
	if before != nil {
		if err := before(r); err != nil {
			return nil, err
		}
	}
	w := httptest.NewRecorder()
	l.ServeHTTP(w, r)
	if after != nil {
		if err := after(r); err != nil {
			return nil, err
		}
	}
	return w.Result(), nil
}

func (l *local) client(t *testing.T) *redis.Redis { return clientOf(t, l) }

func clientOf(t *testing.T, transport http.RoundTripper) *redis.Redis {
	t.Helper()
	rdb, err := redis.New("http://127.0.0.1", "token", redis.WithHTTPClient(&http.Client{Transport: transport}), redis.WithRetryPolicy(redis.RetryPolicy{MaxAttempts: 1}))
	require.NoError(t, err)
	return rdb
}

func TestLock(t *testing.T) {
	t.Parallel()
	rdb := redistest.New(t)
	locks := locker(t, rdb)
	first, err := locks.Try(t.Context(), "a")
	require.NoError(t, err)
	_, err = locks.Try(t.Context(), "a")
	require.ErrorIs(t, err, lock.ErrHeld)
	other, err := locks.Try(t.Context(), "b")
	require.NoError(t, err)
	require.NoError(t, other.Release(t.Context()))

	require.NoError(t, first.Extend(t.Context()))
	require.NoError(t, first.Release(t.Context()))
	require.NoError(t, first.Release(t.Context()), "a second time is harmless, because an answer may be lost")
	require.ErrorIs(t, first.Extend(t.Context()), lock.ErrLost)

	second, err := locks.Try(t.Context(), "a")
	require.NoError(t, err)
	require.Greater(t, second.Token, first.Token)
	require.ErrorIs(t, first.Release(t.Context()), lock.ErrLost)
	require.ErrorIs(t, first.Extend(t.Context()), lock.ErrLost)
	_, err = locks.Try(t.Context(), "a")
	require.ErrorIs(t, err, lock.ErrHeld, "only its owner releases it")

	ttl, err := redis.Cmd[int64]("TTL", "lock:a").Do(t.Context(), rdb)
	require.NoError(t, err)
	require.Positive(t, ttl, "no key is for ever")
}

func TestExpiry(t *testing.T) {
	t.Parallel()
	server := redistest.NewServer(t, redistest.Backend("memory"))
	locks := locker(t, server.Client(), lock.WithTTL(time.Minute))
	first, err := locks.Try(t.Context(), "a")
	require.NoError(t, err)
	server.Advance(59 * time.Second)
	_, err = locks.Try(t.Context(), "a")
	require.ErrorIs(t, err, lock.ErrHeld)
	require.NoError(t, first.Extend(t.Context()))
	server.Advance(59 * time.Second)
	_, err = locks.Try(t.Context(), "a")
	require.ErrorIs(t, err, lock.ErrHeld)
	server.Advance(time.Second)
	require.NoError(t, first.Extend(t.Context()), "nobody has taken it")
	server.Advance(time.Minute)
	second, err := locks.Try(t.Context(), "a")
	require.NoError(t, err)
	require.Greater(t, second.Token, first.Token)
	require.ErrorIs(t, first.Extend(t.Context()), lock.ErrLost)

	// Tokens rise when the record has expired, too, and when Redis has lost it.
	require.NoError(t, second.Release(t.Context()))
	server.Advance(31 * 24 * time.Hour)
	n, err := redis.Cmd[int]("DBSIZE").Do(t.Context(), server.Client())
	require.NoError(t, err)
	require.Zero(t, n)
	third, err := locks.Try(t.Context(), "a")
	require.NoError(t, err)
	require.Greater(t, third.Token, second.Token)
	_, err = redis.Cmd[string]("FLUSHALL").Do(t.Context(), server.Client())
	require.NoError(t, err)
	require.ErrorIs(t, third.Extend(t.Context()), lock.ErrLost)
	fourth, err := locks.Try(t.Context(), "a")
	require.NoError(t, err)
	require.Greater(t, fourth.Token, third.Token)
}

func TestSeveralKeys(t *testing.T) {
	t.Parallel()
	locks := locker(t, redistest.New(t))
	both, err := locks.Try(t.Context(), "{7}:stock", "{7}:invoice")
	require.NoError(t, err)
	_, err = locks.Try(t.Context(), "{7}:invoice")
	require.ErrorIs(t, err, lock.ErrHeld)
	require.NoError(t, both.Extend(t.Context()))
	require.NoError(t, both.Release(t.Context()))

	one, err := locks.Try(t.Context(), "{7}:invoice")
	require.NoError(t, err)
	require.Greater(t, one.Token, both.Token)
	_, err = locks.Try(t.Context(), "{7}:stock", "{7}:invoice")
	require.ErrorIs(t, err, lock.ErrHeld)
	stock, err := locks.Try(t.Context(), "{7}:stock")
	require.NoError(t, err, "all or none were taken")
	require.NoError(t, stock.Release(t.Context()))
	require.NoError(t, one.Release(t.Context()))
	again, err := locks.Try(t.Context(), "{7}:stock", "{7}:invoice")
	require.NoError(t, err)
	require.Greater(t, again.Token, max(one.Token, stock.Token))

	_, err = locks.Try(t.Context(), "a", "b")
	require.ErrorContains(t, err, "different hash slots")
	_, err = locks.Acquire(t.Context(), "a", "")
	require.ErrorContains(t, err, "empty")
}

func TestWorkersTakeTurns(t *testing.T) {
	t.Parallel()
	locks := locker(t, redistest.New(t))
	var all sync.WaitGroup
	inside, highest := atomic.Int64{}, int64(0)
	for range 20 {
		all.Go(func() {
			err := locks.Do(t.Context(), "a", func(ctx context.Context) error {
				assert.Equal(t, int64(1), inside.Add(1))
				assert.Greater(t, lock.Token(ctx), highest)
				highest = lock.Token(ctx)
				inside.Add(-1)
				return nil
			})
			assert.NoError(t, err)
		})
	}
	all.Wait()
}

// Acquire waits until the lock is free, and asks rarely.
func TestAcquireWaits(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := newLocal(t)
		asked := 0
		s.fail(func(*http.Request) error { asked++; return nil }, nil)
		locks := locker(t, s.client(t), lock.WithTTL(time.Minute))
		held, err := locks.Try(t.Context(), "a")
		require.NoError(t, err)
		time.AfterFunc(30*time.Second, func() { assert.NoError(t, held.Release(t.Context())) })
		begun := time.Now()
		asked = 0
		next, err := locks.Acquire(t.Context(), "a")
		require.NoError(t, err)
		require.WithinRange(t, time.Now(), begun.Add(30*time.Second), begun.Add(31*time.Second))
		require.Less(t, asked, 80)
		require.Greater(t, asked, 30)

		// A holder that has crashed holds it as long as it lives.
		begun = time.Now()
		_, err = locks.Acquire(t.Context(), "a")
		require.NoError(t, err)
		require.WithinRange(t, time.Now(), begun.Add(59*time.Second), begun.Add(61*time.Second))
		require.ErrorIs(t, next.Release(t.Context()), lock.ErrLost)

		ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
		defer cancel()
		begun = time.Now()
		_, err = locks.Acquire(ctx, "a")
		require.ErrorIs(t, err, lock.ErrHeld)
		require.ErrorIs(t, err, context.DeadlineExceeded)
		require.Equal(t, 5*time.Second, time.Since(begun))
	})
}

func TestDoExtends(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := newLocal(t)
		locks := locker(t, s.client(t))
		broken := errors.New("broken")
		err := locks.Do(t.Context(), "a", func(ctx context.Context) error {
			time.Sleep(10 * time.Minute) // of the bubble
			require.NoError(t, ctx.Err())
			_, err := locks.Try(ctx, "a")
			require.ErrorIs(t, err, lock.ErrHeld)
			return broken
		})
		require.Equal(t, broken, err)
		lock, err := locks.Try(t.Context(), "a")
		require.NoError(t, err, "it is released")
		require.NoError(t, lock.Release(t.Context()))

		require.PanicsWithValue(t, "oh", func() {
			locks.Do(t.Context(), "a", func(context.Context) error { panic("oh") })
		})
		_, err = locks.Try(t.Context(), "a")
		require.NoError(t, err, "it is released after a panic")
	})
}

// While Redis cannot be asked, the context of the holder ends before another can have the lock.
func TestDoLosesTheLock(t *testing.T) {
	t.Parallel()
	unreachable := func(*http.Request) error { return errors.New("unreachable") }
	silent := func(r *http.Request) error { <-r.Context().Done(); return r.Context().Err() }
	for name, away := range map[string]func(*http.Request) error{"unreachable": unreachable, "silent": silent} {
		synctest.Test(t, func(t *testing.T) {
			s := newLocal(t)
			locks := locker(t, s.client(t))
			begun := time.Now()
			err := locks.Do(t.Context(), "a", func(ctx context.Context) error {
				time.Sleep(20 * time.Second)
				require.NoError(t, ctx.Err())
				s.fail(away, nil)
				<-ctx.Done()
				require.ErrorIs(t, context.Cause(ctx), lock.ErrLost)
				require.WithinRange(t, time.Now(), begun.Add(25*time.Second), begun.Add(30*time.Second), name)
				s.fail(nil, nil)
				_, err := locks.Try(t.Context(), "a")
				require.ErrorIs(t, err, lock.ErrHeld, "no other can have it yet")
				return ctx.Err()
			})
			require.ErrorIs(t, err, lock.ErrLost)
			require.ErrorIs(t, err, context.Canceled)
		})
	}
}

// A short time without Redis loses nothing.
func TestDoBearsFailures(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := newLocal(t)
		locks := locker(t, s.client(t))
		require.NoError(t, locks.Do(t.Context(), "a", func(context.Context) error { return nil })) // Redis has the scripts
		asked := 0
		s.fail(nil, func(*http.Request) error {
			if asked++; asked%3 != 1 {
				return errors.New("the answer is lost")
			}
			return nil
		})
		err := locks.Do(t.Context(), "a", func(ctx context.Context) error {
			time.Sleep(10 * time.Minute)
			return ctx.Err()
		})
		require.NoError(t, err)
		require.Greater(t, asked, 150)
	})
}

// After a thaw another has the lock: the holder's context ends.
func TestDoIsFrozen(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := newLocal(t)
		locks := locker(t, s.client(t))
		err := locks.Do(t.Context(), "a", func(ctx context.Context) error {
			require.NoError(t, s.Advance(time.Minute)) // this process saw nothing of it
			other, err := locks.Try(ctx, "a")
			require.NoError(t, err)
			require.Greater(t, other.Token, lock.Token(ctx))
			<-ctx.Done()
			require.ErrorIs(t, context.Cause(ctx), lock.ErrLost)
			return nil
		})
		require.ErrorIs(t, err, lock.ErrLost, "although f returned nil")
	})
}

// A caller who goes while Redis is asked leaves no lock behind.
func TestCallerGoes(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := newLocal(t)
		locks := locker(t, s.client(t))
		require.NoError(t, locks.Do(t.Context(), "a", func(context.Context) error { return nil })) // Redis has the scripts
		ctx, cancel := context.WithCancel(t.Context())
		s.fail(nil, func(r *http.Request) error {
			s.fail(nil, nil)
			cancel() // the lock is taken, and the answer does not come
			return r.Context().Err()
		})
		_, err := locks.Try(ctx, "a")
		require.ErrorIs(t, err, context.Canceled)
		synctest.Wait()
		_, err = locks.Try(t.Context(), "a")
		require.NoError(t, err)
	})
}

func TestDoEnds(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := newLocal(t)
		locks := locker(t, s.client(t))
		ctx, cancel := context.WithCancel(t.Context())
		err := locks.Do(ctx, "a", func(ctx context.Context) error {
			cancel()
			<-ctx.Done()
			return ctx.Err()
		})
		require.Equal(t, context.Canceled, err)
		_, err = locks.Try(t.Context(), "a")
		require.NoError(t, err, "it is released, although the context has ended")
		require.Zero(t, lock.Token(ctx))
	})
}

func TestMistakes(t *testing.T) {
	t.Parallel()
	_, err := lock.New(nil, nil, lock.WithTTL(0), lock.WithPrefix(""))
	for _, want := range []string{"the Doer is nil", "an option is nil", "WithTTL", "WithPrefix"} {
		require.ErrorContains(t, err, want)
	}
	_, err = lock.New(redistest.New(t), lock.WithTTL(1500*time.Microsecond))
	require.ErrorContains(t, err, "whole milliseconds, not 1.5ms")
}
