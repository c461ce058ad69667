package ratelimit_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	redis "github.com/redis-rest/redis-rest-go"
	"github.com/redis-rest/redis-rest-go/internal/protocol/hashslot"
	"github.com/redis-rest/redis-rest-go/ratelimit"
	"github.com/redis-rest/redis-rest-go/redistest"
)

// A clock stands still until it is moved.
type clock struct{ ms atomic.Int64 }

// noon begins a window of each length that the tests use.
const noon = 1_796_040_000_000

func newClock() *clock {
	c := new(clock)
	c.ms.Store(noon)
	return c
}

func (c *clock) now() time.Time           { return time.UnixMilli(c.ms.Load()) }
func (c *clock) move(d time.Duration)     { c.ms.Add(d.Milliseconds()) }
func (c *clock) option() ratelimit.Option { return ratelimit.WithClock(c.now) }
func at(d time.Duration) time.Time        { return time.UnixMilli(noon).Add(d) }
func cost(n int64) []ratelimit.CallOption { return []ratelimit.CallOption{ratelimit.WithCost(n)} }

// algorithms allow 10 calls at once.
var algorithms = map[string]ratelimit.Algorithm{
	"fixed window":   ratelimit.FixedWindow(10, time.Minute),
	"sliding window": ratelimit.SlidingWindow(10, time.Minute),
	"token bucket":   ratelimit.TokenBucket(5, 30*time.Second, 10),
	"GCRA":           ratelimit.GCRA(10, time.Minute, 10),
}

func limiter(t *testing.T, d redis.Doer, a ratelimit.Algorithm, opts ...ratelimit.Option) *ratelimit.Limiter {
	t.Helper()
	l, err := ratelimit.New(d, a, opts...)
	require.NoError(t, err)
	return l
}

func TestAlgorithms(t *testing.T) {
	t.Parallel()
	type step struct {
		after time.Duration // since noon
		cost  int64
		want  ratelimit.Decision
	}
	for name, steps := range map[string][]step{
		"fixed window": {
			{0, 1, ratelimit.Decision{Allowed: true, Limit: 10, Remaining: 9, Reset: at(time.Minute)}},
			{0, 8, ratelimit.Decision{Allowed: true, Limit: 10, Remaining: 1, Reset: at(time.Minute)}},
			{10 * time.Second, 2, ratelimit.Decision{Limit: 10, Reset: at(time.Minute), RetryAfter: 50 * time.Second}},
			{10 * time.Second, 11, ratelimit.Decision{Limit: 10, Reset: at(time.Minute), RetryAfter: -1}},
			{60 * time.Second, 1, ratelimit.Decision{Allowed: true, Limit: 10, Remaining: 9, Reset: at(2 * time.Minute)}},
			{60 * time.Second, -5, ratelimit.Decision{Allowed: true, Limit: 10, Remaining: 10, Reset: at(2 * time.Minute)}},
		},
		"sliding window": {
			{0, 10, ratelimit.Decision{Allowed: true, Limit: 10, Remaining: 0, Reset: at(time.Minute)}},
			// In the next window, 6 s must pass until only 9 of 10 count.
			{30 * time.Second, 1, ratelimit.Decision{Limit: 10, Reset: at(time.Minute), RetryAfter: 30*time.Second + time.Millisecond}},
			{60 * time.Second, 1, ratelimit.Decision{Limit: 10, Reset: at(2 * time.Minute), RetryAfter: time.Millisecond}},
			{90 * time.Second, 1, ratelimit.Decision{Allowed: true, Limit: 10, Remaining: 4, Reset: at(2 * time.Minute)}},
			{90 * time.Second, 11, ratelimit.Decision{Limit: 10, Reset: at(2 * time.Minute), RetryAfter: -1}},
		},
		"token bucket": {
			{0, 10, ratelimit.Decision{Allowed: true, Limit: 10, Remaining: 0, Reset: at(30 * time.Second)}},
			{10 * time.Second, 6, ratelimit.Decision{Limit: 10, Reset: at(30 * time.Second), RetryAfter: 50 * time.Second}},
			{30 * time.Second, 6, ratelimit.Decision{Limit: 10, Remaining: 5, Reset: at(60 * time.Second), RetryAfter: 30 * time.Second}},
			{30 * time.Second, 11, ratelimit.Decision{Limit: 10, Remaining: 5, Reset: at(60 * time.Second), RetryAfter: -1}},
			{60 * time.Second, 6, ratelimit.Decision{Allowed: true, Limit: 10, Remaining: 4, Reset: at(90 * time.Second)}},
			{60 * time.Second, -50, ratelimit.Decision{Allowed: true, Limit: 10, Remaining: 10, Reset: at(90 * time.Second)}},
		},
		"GCRA": {
			{0, 9, ratelimit.Decision{Allowed: true, Limit: 10, Remaining: 1, Reset: at(6 * time.Second)}},
			{2 * time.Second, 2, ratelimit.Decision{Limit: 10, Remaining: 1, Reset: at(6 * time.Second), RetryAfter: 4 * time.Second}},
			{2 * time.Second, 11, ratelimit.Decision{Limit: 10, Remaining: 1, Reset: at(6 * time.Second), RetryAfter: -1}},
			{6 * time.Second, 2, ratelimit.Decision{Allowed: true, Limit: 10, Remaining: 0, Reset: at(12 * time.Second)}},
			{12 * time.Second, -50, ratelimit.Decision{Allowed: true, Limit: 10, Remaining: 10, Reset: at(12 * time.Second)}},
		},
	} {
		t.Run(name, func(t *testing.T) {
			c := newClock()
			l := limiter(t, redistest.New(t), algorithms[name], c.option())
			for i, s := range steps {
				c.ms.Store(noon + s.after.Milliseconds())
				got, err := l.Limit(t.Context(), "id", cost(s.cost)...)
				require.NoError(t, err)
				if s.want.RetryAfter < 0 && got.RetryAfter < 0 {
					s.want.RetryAfter = got.RetryAfter
				}
				s.want.Reset = s.want.Reset.Local()
				got.Reset = got.Reset.Local()
				require.Equal(t, s.want, got, "call %d", i)
			}
		})
	}
}

// With the clock still, exactly the limit passes.
func TestManyAtOnce(t *testing.T) {
	t.Parallel()
	calls, limit := 1000, int64(300)
	if testing.Short() {
		calls, limit = 200, 60
	}
	for name, a := range map[string]ratelimit.Algorithm{
		"fixed window":   ratelimit.FixedWindow(limit, time.Hour),
		"sliding window": ratelimit.SlidingWindow(limit, time.Hour),
		"token bucket":   ratelimit.TokenBucket(7, time.Hour, limit),
		"GCRA":           ratelimit.GCRA(7, time.Hour, limit),
	} {
		t.Run(name, func(t *testing.T) {
			l := limiter(t, redistest.New(t), a, newClock().option(), ratelimit.WithTimeout(0))
			var allowed atomic.Int64
			var all sync.WaitGroup
			for range calls {
				all.Go(func() {
					d, err := l.Limit(t.Context(), "id")
					if assert.NoError(t, err) && d.Allowed {
						allowed.Add(1)
					}
				})
			}
			all.Wait()
			require.Equal(t, limit, allowed.Load())
		})
	}
}

// A refused call is allowed after RetryAfter and not before, and Reset is never passed.
func TestRetryAfter(t *testing.T) {
	t.Parallel()
	calls := 200
	if testing.Short() {
		calls = 100
	}
	for name, a := range algorithms {
		t.Run(name, func(t *testing.T) {
			r := rand.New(rand.NewPCG(1, 2))
			c := newClock()
			rdb := redistest.New(t, redistest.Backend("memory"))
			l := limiter(t, rdb, a, c.option())
			refused := 0
			for range calls {
				c.move(time.Duration(r.IntN(12_000)) * time.Millisecond)
				n := r.Int64N(6) + 1
				d, err := l.Limit(t.Context(), "id", cost(n)...)
				require.NoError(t, err)
				require.Greater(t, d.Reset.UnixMilli(), c.ms.Load()-1)
				if d.Allowed {
					require.Zero(t, d.RetryAfter)
					continue
				}
				refused++
				require.Positive(t, d.RetryAfter)
				early := newClock()
				early.ms.Store(c.ms.Load() + d.RetryAfter.Milliseconds() - 1)
				left, err := limiter(t, rdb, a, early.option()).Remaining(t.Context(), "id")
				require.NoError(t, err)
				require.Less(t, left.Remaining, n, "a millisecond before")
				early.move(time.Millisecond)
				left, err = limiter(t, rdb, a, early.option()).Remaining(t.Context(), "id")
				require.NoError(t, err)
				require.GreaterOrEqual(t, left.Remaining, n, "after RetryAfter of %v", d.RetryAfter)
			}
			require.Greater(t, refused, calls/10)
		})
	}
}

// GCRA against its definition: the theoretical arrival time of the next call, in exact fractions.
func TestGCRADefinition(t *testing.T) {
	t.Parallel()
	const rate, period, burst = 7, 10_000, 5 // a call each 1428.57… ms
	r := rand.New(rand.NewPCG(3, 4))
	c := newClock()
	l := limiter(t, redistest.New(t), ratelimit.GCRA(rate, period*time.Millisecond, burst), c.option())
	arrival := int64(0) // in sevenths of a millisecond
	allowed := 0
	for i := range 500 {
		c.move(time.Duration(r.IntN(3000)) * time.Millisecond)
		n := r.Int64N(3) + 1
		now := c.ms.Load() * rate
		next := max(arrival, now) + n*period
		want := next-now <= burst*period
		if want {
			arrival = next
			allowed++
		}
		d, err := l.Limit(t.Context(), "id", cost(n)...)
		require.NoError(t, err)
		require.Equal(t, want, d.Allowed, "call %d", i)
		debt := max(arrival-now, 0)
		require.Equal(t, (burst*period-debt)/period, d.Remaining, "call %d", i)
		if !want {
			require.Equal(t, time.Duration((next-now-burst*period+rate-1)/rate)*time.Millisecond, d.RetryAfter, "call %d", i)
		}
	}
	require.Greater(t, allowed, 100)
	require.Less(t, allowed, 400)
}

// Each decision is one command, also after the first, which sends the script.
func TestOneCommand(t *testing.T) {
	t.Parallel()
	for name, a := range algorithms {
		server := redistest.NewServer(t)
		l := limiter(t, server.Client(), a, ratelimit.WithDynamicLimit(true))
		_, err := l.Limit(t.Context(), "id")
		require.NoError(t, err)
		before := len(server.Requests())
		for range 3 {
			_, err := l.Limit(t.Context(), "id")
			require.NoError(t, err)
		}
		require.Len(t, server.Requests(), before+3, name)
	}
}

func TestRemainingAndReset(t *testing.T) {
	t.Parallel()
	for name, a := range algorithms {
		c := newClock()
		rdb := redistest.New(t)
		l := limiter(t, rdb, a, c.option(), ratelimit.WithCache(10))
		left, err := l.Remaining(t.Context(), "id")
		require.NoError(t, err)
		require.Equal(t, int64(10), left.Remaining, name)
		require.True(t, left.Allowed)
		n, err := redis.Cmd[int]("DBSIZE").Do(t.Context(), rdb)
		require.NoError(t, err)
		require.Zero(t, n, "%s: looking writes nothing", name)
		for _, allowed := range []bool{true, true, false, false} {
			d, err := l.Limit(t.Context(), "id", cost(4)...)
			require.NoError(t, err)
			require.Equal(t, allowed, d.Allowed, name)
		}
		require.NoError(t, l.Reset(t.Context(), "id"))
		left, err = l.Remaining(t.Context(), "id")
		require.NoError(t, err)
		require.Equal(t, int64(10), left.Remaining, name)
		d, err := l.Limit(t.Context(), "id", cost(10)...)
		require.NoError(t, err)
		require.True(t, d.Allowed, "%s: the cache forgot it too", name)
		left, err = l.Remaining(t.Context(), "id")
		require.NoError(t, err)
		require.False(t, left.Allowed, name)
	}
}

// All keys expire, and those of an id are in one slot, whatever the id is.
func TestKeys(t *testing.T) {
	t.Parallel()
	ids := []string{"user", "", "}", "{}", "{a}b", "a}b{c", "a b", "\xff", "é", strings.Repeat("x", 1<<20), strings.Repeat("x", 1<<20) + "y"}
	for _, dynamic := range []bool{false, true} {
		for name, a := range algorithms {
			rdb := redistest.New(t)
			l := limiter(t, rdb, a, ratelimit.WithDynamicLimit(dynamic), ratelimit.WithPrefix("p"))
			slots := map[int]bool{}
			seen := map[string]bool{}
			for _, id := range ids {
				_, err := l.Limit(t.Context(), id)
				require.NoError(t, err)
				keys, err := redis.Cmd[[]string]("KEYS", "*").Do(t.Context(), rdb)
				require.NoError(t, err)
				keys = slices.DeleteFunc(keys, func(key string) bool { return seen[key] })
				require.Len(t, keys, 1, "%s: %.20q has keys of its own", name, id)
				require.Less(t, len(keys[0]), 100)
				seen[keys[0]] = true
				ttl, err := redis.Cmd[int64]("PTTL", keys[0]).Do(t.Context(), rdb)
				require.NoError(t, err)
				require.Positive(t, ttl, "%s %.20q", name, id)
				slot := hashslot.Of(keys[0])
				if strings.Contains(name, "window") {
					before := keys[0][:strings.LastIndex(keys[0], ":")] + ":7"
					require.Equal(t, slot, hashslot.Of(before), "%.20q has its slot in each window", id)
				}
				slots[slot] = true
			}
			if dynamic {
				require.NoError(t, l.SetLimit(t.Context(), 20))
				require.Equal(t, map[int]bool{hashslot.Of("{p}"): true}, slots)
			} else {
				require.Greater(t, len(slots), 3, "they are spread")
			}
		}
	}
}

func TestUpstashKeys(t *testing.T) {
	t.Parallel()
	rdb := redistest.New(t)
	c := newClock()
	for _, a := range algorithms {
		l := limiter(t, rdb, a, c.option(), ratelimit.WithUpstashKeys(true), ratelimit.WithDynamicLimit(true))
		_, err := l.Limit(t.Context(), "id")
		require.NoError(t, err)
		require.NoError(t, l.SetLimit(t.Context(), 1))
		require.NoError(t, l.Reset(t.Context(), "id"))
	}
	l := limiter(t, rdb, algorithms["fixed window"], c.option(), ratelimit.WithUpstashKeys(true), ratelimit.WithDynamicLimit(true))
	_, err := l.Limit(t.Context(), "id")
	require.NoError(t, err)
	keys, err := redis.Cmd[[]string]("KEYS", "*").Do(t.Context(), rdb)
	require.NoError(t, err)
	require.ElementsMatch(t, []string{"@upstash/ratelimit:id:29934000", "@upstash/ratelimit:dynamic:global"}, keys)
}

func TestDynamicLimit(t *testing.T) {
	t.Parallel()
	for name, a := range algorithms {
		rdb, c := redistest.New(t), newClock()
		l := limiter(t, rdb, a, c.option(), ratelimit.WithDynamicLimit(true))
		other := limiter(t, rdb, a, c.option(), ratelimit.WithDynamicLimit(true))
		require.NoError(t, other.SetLimit(t.Context(), 2))
		for i, allowed := range []bool{true, true, false} {
			d, err := l.Limit(t.Context(), "id")
			require.NoError(t, err)
			require.Equal(t, allowed, d.Allowed, "%s %d", name, i)
			require.Equal(t, int64(2), d.Limit)
		}
		require.NoError(t, other.SetLimit(t.Context(), 0))
		d, err := l.Limit(t.Context(), "new")
		require.NoError(t, err)
		require.False(t, d.Allowed, name)
		require.Negative(t, d.RetryAfter)
		require.NoError(t, other.ResetLimit(t.Context()))
		d, err = l.Limit(t.Context(), "third")
		require.NoError(t, err)
		require.Equal(t, int64(9), d.Remaining, name)

		require.Error(t, l.SetLimit(t.Context(), -1))
		fixed := limiter(t, rdb, a)
		require.Error(t, fixed.SetLimit(t.Context(), 5))
		require.Error(t, fixed.ResetLimit(t.Context()))
	}
}

func TestQueue(t *testing.T) {
	t.Parallel()
	server := redistest.NewServer(t)
	rdb := server.Client()
	second := limiter(t, rdb, ratelimit.FixedWindow(1, time.Second), ratelimit.WithPrefix("second"), newClock().option())
	day := limiter(t, rdb, ratelimit.TokenBucket(100, 24*time.Hour, 100), ratelimit.WithPrefix("day"), newClock().option())
	for i, allowed := range []bool{true, false} {
		b := rdb.Pipeline()
		perSecond := second.Queue(b, "id")
		perDay := day.Queue(b, "id", ratelimit.WithCost(10))
		_, err := perDay.Result()
		require.ErrorIs(t, err, redis.ErrNotExecuted)
		require.NoError(t, b.Exec(t.Context()))
		require.Len(t, server.Requests(), i+1)
		d, err := perSecond.Result()
		require.NoError(t, err)
		require.Equal(t, allowed, d.Allowed)
		d, err = perDay.Result()
		require.NoError(t, err)
		require.Equal(t, int64(90-10*i), d.Remaining)
	}
}

func TestCache(t *testing.T) {
	t.Parallel()
	server := redistest.NewServer(t)
	c := newClock()
	l := limiter(t, server.Client(), ratelimit.GCRA(10, time.Minute, 10), c.option(), ratelimit.WithCache(2))
	ask := func(id string, n int64) (ratelimit.Decision, bool) {
		before := len(server.Requests())
		d, err := l.Limit(t.Context(), id, ratelimit.WithCost(n))
		require.NoError(t, err)
		return d, len(server.Requests()) > before
	}
	ask("id", 8)
	d, asked := ask("id", 5)
	require.False(t, d.Allowed)
	require.True(t, asked)
	require.Empty(t, d.Reason)
	c.move(time.Second)
	cached, asked := ask("id", 6)
	require.False(t, asked)
	require.Equal(t, ratelimit.Cached, cached.Reason)
	require.Equal(t, d.RetryAfter-time.Second, cached.RetryAfter)
	require.Equal(t, d.Remaining, cached.Remaining)
	d, asked = ask("id", 2)
	require.True(t, asked, "a cheaper call may be allowed")
	require.True(t, d.Allowed)
	ask("id", -1)
	_, asked = ask("id", 5)
	require.True(t, asked, "something was given back")
	d, _ = ask("id", 5)
	c.move(d.RetryAfter)
	_, asked = ask("id", 5)
	require.True(t, asked, "it is over")
	_, asked = ask("id", 11)
	require.True(t, asked)
	_, asked = ask("id", 11)
	require.True(t, asked, "what is never allowed says nothing about others")

	for i := range 20 {
		ask(fmt.Sprint(i), 10)
		ask(fmt.Sprint(i), 1)
	}
	_, asked = ask("19", 1)
	require.False(t, asked)
	held := 0
	for i := range 20 {
		if _, asked := ask(fmt.Sprint(i), 1); !asked {
			held++
		}
	}
	require.LessOrEqual(t, held, 2, "it holds two ids")
}

// A silent server, whose answers never come.
type silent struct{}

func (silent) Do(ctx context.Context, _ ...any) (redis.Reply, error) {
	<-ctx.Done()
	return redis.Reply{}, ctx.Err()
}

func TestTimeout(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		begun := time.Now()
		d, err := limiter(t, silent{}, algorithms["GCRA"]).Limit(t.Context(), "id")
		require.NoError(t, err)
		require.Equal(t, ratelimit.Decision{Allowed: true, Reason: ratelimit.Timeout}, d)
		require.Equal(t, 5*time.Second, time.Since(begun))

		begun = time.Now()
		closed := limiter(t, silent{}, algorithms["GCRA"], ratelimit.WithTimeout(time.Second), ratelimit.WithFailClosed(true))
		d, err = closed.Limit(t.Context(), "id")
		require.NoError(t, err)
		require.Equal(t, ratelimit.Decision{Reason: ratelimit.Timeout}, d)
		require.Equal(t, time.Second, time.Since(begun))

		ctx, cancel := context.WithTimeout(t.Context(), time.Millisecond)
		defer cancel()
		_, err = closed.Limit(ctx, "id")
		require.ErrorIs(t, err, context.DeadlineExceeded, "the caller's own deadline is an error")

		ctx, cancel = context.WithTimeout(t.Context(), time.Hour)
		defer cancel()
		_, err = limiter(t, silent{}, algorithms["GCRA"], ratelimit.WithTimeout(0)).Limit(ctx, "id")
		require.ErrorIs(t, err, context.DeadlineExceeded)
	})
}

func TestErrors(t *testing.T) {
	t.Parallel()
	broken := errors.New("broken")
	l := limiter(t, failing{broken}, algorithms["fixed window"])
	d, err := l.Limit(t.Context(), "id")
	require.ErrorIs(t, err, broken)
	require.Zero(t, d)
	_, err = l.Remaining(t.Context(), "id")
	require.ErrorIs(t, err, broken)
	require.ErrorIs(t, l.Reset(t.Context(), "id"), broken)
	require.ErrorIs(t, l.Wait(t.Context(), "id"), broken)

	// Another type of value under the key is an error, and nothing is allowed.
	rdb, c := redistest.New(t), newClock()
	_, err = redis.Cmd[int]("RPUSH", "{ratelimit:id}", "x").Do(t.Context(), rdb)
	require.NoError(t, err)
	_, err = limiter(t, rdb, algorithms["token bucket"], c.option()).Limit(t.Context(), "id")
	require.Equal(t, "WRONGTYPE", redis.Code(err))
	require.NotContains(t, err.Error(), "{ratelimit:id}")
}

type failing struct{ err error }

func (f failing) Do(context.Context, ...any) (redis.Reply, error) { return redis.Reply{}, f.err }

func TestWait(t *testing.T) {
	t.Parallel()
	l := limiter(t, redistest.New(t), ratelimit.GCRA(100, time.Second, 2))
	begun := time.Now().Round(0) // without the monotonic clock: the server has only the other one, which may be set meanwhile
	for range 7 {
		require.NoError(t, l.Wait(t.Context(), "id"))
	}
	require.GreaterOrEqual(t, time.Since(begun), 49*time.Millisecond) // five times 10 ms, in whole milliseconds

	require.ErrorIs(t, l.Wait(t.Context(), "id", ratelimit.WithCost(3)), ratelimit.ErrNever)
	slow := limiter(t, redistest.New(t), ratelimit.FixedWindow(1, time.Hour), newClock().option())
	require.NoError(t, slow.Wait(t.Context(), "id"))
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	begun = time.Now()
	require.ErrorIs(t, slow.Wait(ctx, "id"), context.DeadlineExceeded)
	require.Less(t, time.Since(begun), 30*time.Second, "it does not wait for what comes too late")
	ctx, cancel = context.WithCancel(t.Context())
	time.AfterFunc(time.Millisecond, cancel)
	require.ErrorIs(t, slow.Wait(ctx, "id"), context.Canceled)
}

func TestMistakes(t *testing.T) {
	t.Parallel()
	rdb := redistest.New(t)
	good := algorithms["GCRA"]
	for want, make := range map[string]func() (*ratelimit.Limiter, error){
		"the Doer is nil":         func() (*ratelimit.Limiter, error) { return ratelimit.New(nil, good) },
		"not made by":             func() (*ratelimit.Limiter, error) { return ratelimit.New(rdb, ratelimit.Algorithm{}) },
		"an option is nil":        func() (*ratelimit.Limiter, error) { return ratelimit.New(rdb, good, nil) },
		"FixedWindow: 0 is not":   func() (*ratelimit.Limiter, error) { return ratelimit.New(rdb, ratelimit.FixedWindow(0, time.Second)) },
		"milliseconds, not 1.5µs": func() (*ratelimit.Limiter, error) { return ratelimit.New(rdb, ratelimit.SlidingWindow(1, 1500)) },
		"milliseconds, not -1s": func() (*ratelimit.Limiter, error) {
			return ratelimit.New(rdb, ratelimit.TokenBucket(1, -time.Second, 1))
		},
		"TokenBucket: 0 is not": func() (*ratelimit.Limiter, error) {
			return ratelimit.New(rdb, ratelimit.TokenBucket(0, time.Second, 1))
		},
		"GCRA: -1 is not": func() (*ratelimit.Limiter, error) { return ratelimit.New(rdb, ratelimit.GCRA(1, time.Second, -1)) },
		"is too much":     func() (*ratelimit.Limiter, error) { return ratelimit.New(rdb, ratelimit.GCRA(1, time.Hour, 1<<50)) },
		"WithPrefix":      func() (*ratelimit.Limiter, error) { return ratelimit.New(rdb, good, ratelimit.WithPrefix("a{b")) },
		"WithTimeout":     func() (*ratelimit.Limiter, error) { return ratelimit.New(rdb, good, ratelimit.WithTimeout(-1)) },
		"WithCache":       func() (*ratelimit.Limiter, error) { return ratelimit.New(rdb, good, ratelimit.WithCache(-1)) },
		"WithClock":       func() (*ratelimit.Limiter, error) { return ratelimit.New(rdb, good, ratelimit.WithClock(nil)) },
	} {
		_, err := make()
		require.ErrorContains(t, err, want)
	}
	_, err := ratelimit.New(rdb, ratelimit.FixedWindow(0, 0), ratelimit.WithPrefix(""), ratelimit.WithCache(-1))
	for _, want := range []string{"FixedWindow", "WithPrefix", "WithCache"} {
		require.ErrorContains(t, err, want, "all mistakes are told")
	}
}
