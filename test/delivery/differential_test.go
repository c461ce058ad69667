package delivery

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"strconv"
	"strings"
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

// unknown is the outcome that a caller cannot know.
const unknown = "unknown"

// TestSharedIsAsAlone runs the same commands twice over a network that fails, once with
// auto-pipelining and once without, and compares what each caller is told:
//
//	DELIVERY_COMMANDS=200000 go test -run TestSharedIsAsAlone -v ./test/delivery
//
// Only the outcome of a plain write may differ, because it depends on which request the
// network lost. What its caller is told must be true, and the network must not
// make more outcomes unknown if requests are shared.
func TestSharedIsAsAlone(t *testing.T) {
	size := "1200"
	switch {
	case testing.Short():
		size = "400"
	case os.Getenv("CI") != "":
		size = "5000"
	}
	commands, err := strconv.Atoi(cmp.Or(os.Getenv("DELIVERY_COMMANDS"), size))
	require.NoError(t, err)
	alone, aloneRequests := runMixed(t, commands, false)
	shared, sharedRequests := runMixed(t, commands, true)
	require.Less(t, sharedRequests, aloneRequests*3/4, "hardly any request was shared")
	unknowns := map[bool]int{}
	for i := range alone {
		a, s := alone[i], shared[i]
		if mixed[i%len(mixed)].write && (a == unknown || s == unknown) {
			unknowns[a == unknown]++
			continue
		}
		assert.Equal(t, a, s, "command %d: %s", i, mixed[i%len(mixed)].name)
	}
	t.Logf("%d commands: %d requests alone and %d shared, %d outcomes unknown alone and %d shared",
		commands, aloneRequests, sharedRequests, unknowns[true], unknowns[false])
	require.Positive(t, unknowns[true])
	// Losses of shared requests come in bulk, so their number varies much.
	require.Less(t, unknowns[false], 3*unknowns[true]+commands/50)
}

// mixed are the commands of a run, in turn. A write that is not marked runs at most
// once.
var mixed = []struct {
	name  string
	write bool
	run   func(d redis.Doer, key string) string
}{
	{"read", false, doing(func(key string) redis.Command[string] { return redis.Cmd[string]("GET", "small") })},
	{"large read", false, doing(func(key string) redis.Command[string] { return redis.Cmd[string]("GET", "large") })},
	{"write", true, doing(func(key string) redis.Command[int] { return redis.Cmd[int]("INCR", key) })},
	{"script", true, doing(func(key string) redis.Command[int] { return incr.Cmd([]string{key}) })},
	{"idempotent write", false, doing(func(key string) redis.Command[string] {
		return redis.Cmd[string]("SET", "set:"+key, key).Idempotent()
	})},
	{"RunOnce", false, doing(func(key string) redis.Command[int] { return incr.OnceCmd("id", []string{key}) })},
	{"read that fails", false, doing(func(key string) redis.Command[int] { return redis.Cmd[int]("LLEN", "small") })},
	{"write that fails", true, doing(func(key string) redis.Command[int] { return redis.Cmd[int]("LPUSH", "small", key) })},
	{"missing key", false, doing(func(key string) redis.Command[string] { return redis.Cmd[string]("GET", "none") })},
	{"write", true, doing(func(key string) redis.Command[int] { return redis.Cmd[int]("INCR", key) })},
	{"reply over the limit", false, doing(func(key string) redis.Command[string] { return redis.Cmd[string]("GET", "huge") })},
}

var incr = redis.NewScript[int]("return redis.call('INCR', KEYS[1])")

// doing makes a function that runs a command and says what its caller is told.
func doing[T any](command func(key string) redis.Command[T]) func(d redis.Doer, key string) string {
	return func(d redis.Doer, key string) string {
		v, err := command(key).Do(context.Background(), d)
		switch {
		case err == nil:
			text := fmt.Sprint(v)
			return text[:min(len(text), 20)]
		case errors.Is(err, redis.ErrOutcomeUnknown):
			return unknown
		}
		for _, known := range []error{redis.ErrNil, redis.ErrReplyTooLarge} {
			if errors.Is(err, known) {
				return known.Error()
			}
		}
		return cmp.Or(redis.Code(err), err.Error())
	}
}

// runMixed runs the commands and checks that what the callers of writes are told is true.
// It returns what each is told, and how many requests the proxy saw.
func runMixed(t *testing.T, commands int, auto bool) (outcomes []string, requests int) {
	backend := redistest.NewServer(t)
	direct := backend.Client()
	for key, size := range map[string]int{"small": 10, "large": 20_000, "huge": 100_000} {
		_, err := direct.Do(context.Background(), "SET", key, strings.Repeat(key[:1], size))
		require.NoError(t, err)
	}
	proxy, err := faultproxy.Start(backend.URL, 2, faultRates)
	require.NoError(t, err)
	defer proxy.Close()
	// The time limit is for what the proxy stalls, and no request takes as long on a busy machine.
	timeout := 2 * time.Second
	if testing.Short() {
		timeout = time.Second
	}
	rdb, err := redis.New(proxy.URL, backend.Token, redis.WithAutoPipelining(auto), redis.WithTimeout(timeout), redis.WithMaxReplyBytes(64<<10),
		redis.WithRetryPolicy(redis.RetryPolicy{MaxAttempts: 50, BaseDelay: 2 * time.Millisecond, MaxDelay: 10 * time.Millisecond}))
	require.NoError(t, err)

	outcomes = make([]string, commands)
	key := func(i int) string { return "k:" + strconv.Itoa(i) }
	var next atomic.Int64
	var wg sync.WaitGroup
	for range 64 {
		wg.Go(func() {
			for i := int(next.Add(1)) - 1; i < commands; i = int(next.Add(1)) - 1 {
				outcomes[i] = mixed[i%len(mixed)].run(rdb, key(i))
			}
		})
	}
	wg.Wait()
	proxy.Close() // a request that was given up may still be on its way to the server

	args := []any{"MGET"}
	for i := range commands {
		args = append(args, key(i))
	}
	counts, err := redis.Cmd[[]*int](args...).Do(context.Background(), direct)
	require.NoError(t, err)
	for i, n := range counts {
		ran := 0
		if n != nil {
			ran = *n
		}
		switch {
		case outcomes[i] == unknown:
			assert.LessOrEqual(t, ran, 1, "command %d: %s", i, mixed[i%len(mixed)].name)
		case outcomes[i] == "1":
			assert.Equal(t, 1, ran, "command %d: %s", i, mixed[i%len(mixed)].name)
		default:
			assert.Zero(t, ran, "command %d: %s", i, mixed[i%len(mixed)].name)
		}
	}
	for _, n := range proxy.Counts() {
		requests += n
	}
	return outcomes, requests
}
