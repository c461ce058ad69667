// Package delivery sends commands over a network that fails and from a process that was
// frozen, and compares the outcomes that callers get with what the server ran.
package delivery

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	redis "github.com/redis-rest/redis-rest-go"
	"github.com/redis-rest/redis-rest-go/internal/testkit/faultproxy"
	"github.com/redis-rest/redis-rest-go/redistest"
)

// faultRates gives the share of each fault. About a fifth of all requests fail, and about 4 of 10 of
// these after the server ran them.
var faultRates = map[faultproxy.Fault]float64{
	faultproxy.Refuse: 0.05, faultproxy.Delay: 0.05,
	faultproxy.CutBefore: 0.02, faultproxy.CutMiddle: 0.02, faultproxy.CutRun: 0.03, faultproxy.TruncateRun: 0.03,
	faultproxy.Stall: 0.002, faultproxy.StallRun: 0.002,
	faultproxy.TooMany: 0.02, faultproxy.ComeBack: 0.02, faultproxy.BadGateway: 0.02, faultproxy.BadGatewayRun: 0.03,
}

// TestDelivery sends commands over a network that fails. Each command increments a separate
// key. The test compares the outcomes that callers get with the server's
// counts:
//
//	DELIVERY_COMMANDS=200000 go test -run TestDelivery -v ./test/delivery
//
// Then it sends the same commands again, all marked as idempotent and sent up to six times.
// This shows the effect of a client that retries after every failure.
func TestDelivery(t *testing.T) {
	if testing.Short() {
		t.Skip("is a long run")
	}
	size := "4000"
	if os.Getenv("CI") != "" {
		size = "20000"
	}
	commands, err := strconv.Atoi(cmp.Or(os.Getenv("DELIVERY_COMMANDS"), size))
	require.NoError(t, err)
	backend := redistest.NewServer(t)

	careful := overFaults(t, backend, commands, "careful", false)
	t.Logf("this client: %v", careful)
	assert.Zero(t, careful.wrong, "outcomes that differ from what the caller got")
	assert.Zero(t, careful.twice)
	assert.Equal(t, careful.once, careful.onceRanOnce, "RunOnce")
	assert.Greater(t, careful.failed, commands/200, "too few commands failed with a known outcome")
	assert.Greater(t, careful.resent, commands/200, "too few retries for this test to mean anything")

	careless := overFaults(t, backend, commands, "careless", true)
	t.Logf("all sent again up to five times: %v", careless)
	assert.Greater(t, careless.twice, commands/100, "no command ran twice, so there were too few faults")
}

// A tally counts the outcomes of a run's commands.
type tally struct {
	commands, succeeded, unknown, failed int
	wrong, twice                         int // ran, although the outcome says otherwise, or the reverse; ran more than once
	lost                                 int // succeeded, but did not run
	once, onceRanOnce                    int
	resent                               int
	faults                               map[faultproxy.Fault]int
}

func (t tally) String() string {
	return fmt.Sprintf("%d commands: %d succeeded, %d failed, %d unknown; %d ran twice or more, %d succeeded without running, %d with a wrong outcome; RunOnce %d of %d exactly once; %d requests sent again; faults %v",
		t.commands, t.succeeded, t.failed, t.unknown, t.twice, t.lost, t.wrong, t.onceRanOnce, t.once, t.resent, t.faults)
}

// A sentCommand increments a separate key.
type sentCommand struct {
	key  string
	err  error
	once bool
}

// overFaults delivers over a proxy that fails.
func overFaults(t *testing.T, backend *redistest.Server, commands int, prefix string, careless bool) tally {
	proxy, err := faultproxy.Start(backend.URL, 1, faultRates)
	require.NoError(t, err)
	result := deliver(t, backend, route{url: proxy.URL, disturb: func() {}, end: func() { proxy.Close() }}, commands, prefix, careless)
	result.faults = proxy.Counts()
	for f, n := range result.faults {
		if commands < 20000 {
			break // in a short run the rarest fault may not happen
		}
		assert.Positive(t, n, "%v did not happen", f)
	}
	return result
}

// A route is a way to the server.
type route struct {
	url     string
	opts    []redis.Option
	disturb func() // is called now and then while commands are sent
	end     func() // is called when all have been sent; afterwards no request is on its way
}

func deliver(t *testing.T, backend *redistest.Server, way route, commands int, prefix string, careless bool) tally {
	var once sync.Once
	end := func() { once.Do(way.end) }
	defer end()
	var resent atomic.Int64
	opts := append(way.opts,
		redis.WithTimeout(500*time.Millisecond),
		redis.WithRetryPolicy(redis.RetryPolicy{BaseDelay: 2 * time.Millisecond, MaxDelay: 10 * time.Millisecond}),
		redis.WithHook(redis.Hook{Attempt: func(_ context.Context, a redis.AttemptInfo) (context.Context, func(redis.AttemptOutcome)) {
			if a.Number > 1 {
				resent.Add(1)
			}
			return nil, nil
		}}),
	)
	if careless {
		opts = append(opts, redis.WithRetryPolicy(redis.RetryPolicy{MaxAttempts: 6}))
	}
	client := func(more ...redis.Option) *redis.Redis {
		rdb, err := redis.New(way.url, backend.Token, append(more, opts...)...)
		require.NoError(t, err)
		return rdb
	}
	plain, auto := client(), client(redis.WithAutoPipelining(true))
	lone := client() // without retries
	if !careless {
		opts = append(opts, redis.WithRetryPolicy(redis.RetryPolicy{MaxAttempts: 1}))
		lone = client()
	}
	script := redis.NewScript[int]("return redis.call('INCR', KEYS[1])")
	mark := func(c redis.Command[int]) redis.Command[int] {
		if careless {
			return c.Idempotent()
		}
		return c
	}
	incr := func(key string) redis.Command[int] { return mark(redis.Cmd[int]("INCR", key)) }
	run := func(key string) redis.Command[int] { return mark(script.Cmd([]string{key})) }

	var next atomic.Int64
	key := func() string { return prefix + ":" + strconv.FormatInt(next.Add(1), 10) }
	ctx := t.Context()
	var mu sync.Mutex
	var sent []sentCommand
	note := func(c ...sentCommand) {
		mu.Lock()
		defer mu.Unlock()
		sent = append(sent, c...)
	}
	alone := func(rdb *redis.Redis, make func(string) redis.Command[int]) {
		k := key()
		n, err := make(k).Do(ctx, rdb)
		if err == nil && n < 1 {
			err = errors.New("a wrong reply")
		}
		note(sentCommand{key: k, err: err})
	}
	batch := func(b *redis.Batch) {
		var keys []string
		var futures []*redis.Future[int]
		for i := range 8 {
			k := key()
			keys = append(keys, k)
			futures = append(futures, []func(string) redis.Command[int]{incr, run}[i%2](k).Queue(b))
		}
		b.Exec(ctx)
		for i, f := range futures {
			_, err := f.Result()
			note(sentCommand{key: keys[i], err: err})
		}
	}
	work := []func(){
		func() { alone(plain, incr) }, func() { alone(plain, run) },
		func() { alone(auto, incr) }, func() { alone(auto, run) }, func() { alone(auto, incr) }, func() { alone(auto, run) },
		func() { batch(plain.Pipeline()) }, func() { batch(plain.Multi()) },
		func() { alone(lone, incr) }, func() { alone(lone, run) }, func() { batch(lone.Pipeline()) }, func() { batch(lone.Multi()) },
		func() { // RunOnce, until the outcome is known
			k := key()
			var err error
			for range 100 {
				var n int
				if n, err = script.RunOnce(ctx, plain, "id:"+k, []string{k}); err == nil && n != 1 {
					err = fmt.Errorf("the reply is %d", n)
				}
				if err == nil {
					break
				}
			}
			note(sentCommand{key: k, err: err, once: true})
		},
	}

	stop, flushed := make(chan struct{}), make(chan struct{})
	go func() { // scripts are flushed in addition
		defer close(flushed)
		direct := backend.Client()
		for i := 1; ; i++ {
			select {
			case <-stop:
				return
			case <-time.After(5 * time.Millisecond):
				direct.ScriptFlush(context.Background())
				if i%20 == 1 {
					way.disturb()
				}
			}
		}
	}()
	var wg sync.WaitGroup
	for w := range 64 {
		wg.Go(func() {
			for i := w; int(next.Load()) < commands; i++ {
				work[i%len(work)]()
			}
		})
	}
	wg.Wait()
	close(stop)
	<-flushed

	// A cancelled request may still be on its way to the server.
	end()
	result := tally{commands: len(sent), resent: int(resent.Load())}
	args := []any{"MGET"}
	for _, c := range sent {
		args = append(args, c.key)
	}
	counts, err := redis.Cmd[[]*int](args...).Do(ctx, backend.Client())
	require.NoError(t, err)
	for i, c := range sent {
		n := 0
		if counts[i] != nil {
			n = *counts[i]
		}
		consistent := true
		switch {
		case c.err == nil:
			result.succeeded++
			consistent = n == 1
			if n == 0 {
				result.lost++
			}
		case errors.Is(c.err, redis.ErrOutcomeUnknown):
			result.unknown++
			consistent = n <= 1
		default:
			result.failed++
			consistent = n == 0
		}
		if n > 1 {
			result.twice++
		}
		if c.once {
			result.once++
			if n == 1 && c.err == nil {
				result.onceRanOnce++
			}
		}
		if !consistent {
			result.wrong++
			if !careless {
				t.Errorf("%s ran %d times, but its caller got: %v", c.key, n, c.err)
			}
		}
	}
	return result
}
