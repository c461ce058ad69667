package javascript

import (
	"bufio"
	"context"
	"encoding/json"
	"io"
	"math/rand/v2"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	redis "github.com/redis-rest/redis-rest-go"
	"github.com/redis-rest/redis-rest-go/ratelimit"
	"github.com/redis-rest/redis-rest-go/restserver"
)

// A limitCall is what ratelimit.mjs reads.
type limitCall struct {
	Prefix string `json:"prefix"`
	Method string `json:"method"`
	ID     string `json:"id"`
	Cost   int64  `json:"cost"`
	Now    int64  `json:"now"`
}

// A limitAnswer is what it writes.
type limitAnswer struct {
	Success   bool  `json:"success"`
	Limit     int64 `json:"limit"`
	Remaining int64 `json:"remaining"`
	Reset     int64 `json:"reset"`
}

// Package ratelimit and @upstash/ratelimit get the same random calls at the same times, and decide the same. A third
// set of keys is used by both, for each call by one of them. LIMIT_CALLS says how many calls.
//
// Three differences of the token bucket are wanted:
//   - A refused call says how many tokens are left. In JavaScript that is 0.
//   - Remaining counts the tokens that have come back since the last call. In JavaScript it does not.
//   - What is given back never makes more than the limit, for the other algorithms too. Here a call is given back at once.
func TestRatelimit(t *testing.T) {
	needPublishedClients(t)
	calls := 600
	if testing.Short() {
		calls = 100
	}
	if text := os.Getenv("LIMIT_CALLS"); text != "" {
		var err error
		calls, err = strconv.Atoi(text)
		require.NoError(t, err)
	}
	const window = 10 * time.Minute // so long that nothing expires while the test runs
	for name, a := range map[string]struct {
		algorithm ratelimit.Algorithm
		same      []any // in JavaScript
	}{
		"fixed window":   {ratelimit.FixedWindow(10, window), []any{"fixedWindow", 10, "10 m"}},
		"sliding window": {ratelimit.SlidingWindow(10, window), []any{"slidingWindow", 10, "10 m"}},
		"token bucket":   {ratelimit.TokenBucket(3, window, 10), []any{"tokenBucket", 3, "10 m", 10}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			compareLimits(t, a.algorithm, a.same, window, calls)
		})
	}
}

func compareLimits(t *testing.T, a ratelimit.Algorithm, same []any, window time.Duration, calls int) {
	s, err := restserver.Start(restserver.Config{Backend: "memory"})
	require.NoError(t, err)
	defer s.Close()
	rdb, err := redis.New(s.URL, s.Token)
	require.NoError(t, err)
	now := int64(1_796_040_000_000)
	clock := ratelimit.WithClock(func() time.Time { return time.UnixMilli(now) })
	own, err := ratelimit.New(rdb, a, clock, ratelimit.WithDynamicLimit(true), ratelimit.WithPrefix("own"))
	require.NoError(t, err)
	shared, err := ratelimit.New(rdb, a, clock, ratelimit.WithDynamicLimit(true), ratelimit.WithPrefix("shared"), ratelimit.WithUpstashKeys(true))
	require.NoError(t, err)

	js := startRatelimit(t, s, same)
	bucket := same[0] == "tokenBucket"
	r := rand.New(rand.NewPCG(1, 1))
	taken := map[string]int64{} // what each bucket took at this time
	refused := 0
	var again limitCall // to give back
	for i := range calls {
		if again.Cost == 0 && r.IntN(2) == 0 {
			clear(taken)
			switch n := r.IntN(20); {
			case n < 10:
				now += r.Int64N(window.Milliseconds() / 4)
			case n < 19:
				now += window.Milliseconds()/8 - now%(window.Milliseconds()/8) // to where windows and intervals end
			default:
				now += 3 * window.Milliseconds()
			}
		}
		c := limitCall{Method: "limit", ID: "user" + strconv.Itoa(r.IntN(3)), Now: now, Cost: 1}
		switch n := r.IntN(100); {
		case again.Cost > 0:
			c.ID, c.Cost = again.ID, -again.Cost
		case n < 20:
			c.Cost = r.Int64N(12) + 1
		case n < 30 && !(bucket && taken[c.ID] == 0):
			c.Method = "remaining"
		case n < 31:
			c.Method = "reset"
		case n < 33:
			c.Method, c.Cost = "setLimit", r.Int64N(16) // 0 is none
		}
		again = limitCall{}
		want := js.ask(t, "alone", c)
		for l, fromJS := range map[*ratelimit.Limiter]bool{own: false, shared: r.IntN(2) == 0} {
			var got limitAnswer
			if fromJS {
				got = js.ask(t, "shared", c)
			} else {
				got = ask(t, l, c)
			}
			if bucket && c.Method == "limit" && !want.Success && !fromJS {
				require.Zero(t, want.Remaining)
				require.Less(t, got.Remaining, c.Cost)
				got.Remaining = 0
			}
			require.Equal(t, want, got, "call %d: %+v", i, c)
		}
		if c.Method == "limit" && want.Success && c.Cost > 0 {
			taken[c.ID] += c.Cost
			if r.IntN(10) == 0 && want.Remaining+c.Cost <= want.Limit {
				again = c
			}
		}
		if c.Method == "limit" && !want.Success {
			refused++
		}
	}
	require.Greater(t, refused, calls/20)
	require.Less(t, refused, calls/2)
	compareExpiry(t, rdb)
}

// compareExpiry finds that the keys of both have about the same time to live.
func compareExpiry(t *testing.T, rdb *redis.Redis) {
	keys, err := redis.Cmd[[]string]("KEYS", "alone:user*").Do(t.Context(), rdb)
	require.NoError(t, err)
	require.NotEmpty(t, keys)
	for _, key := range keys {
		want, err := redis.Cmd[int64]("PTTL", key).Do(t.Context(), rdb)
		require.NoError(t, err)
		got, err := redis.Cmd[int64]("PTTL", "{own}"+strings.TrimPrefix(key, "alone")).Do(t.Context(), rdb)
		require.NoError(t, err)
		require.Positive(t, want)
		require.InDelta(t, want, got, float64(time.Minute.Milliseconds()), key)
	}
}

func ask(t *testing.T, l *ratelimit.Limiter, c limitCall) limitAnswer {
	var d ratelimit.Decision
	var err error
	switch c.Method {
	case "limit":
		d, err = l.Limit(t.Context(), c.ID, ratelimit.WithCost(c.Cost))
	case "remaining":
		d, err = l.Remaining(t.Context(), c.ID)
		d.Allowed = false // JavaScript does not say
	case "reset":
		require.NoError(t, l.Reset(t.Context(), c.ID))
		return limitAnswer{}
	case "setLimit":
		if c.Cost == 0 {
			err = l.ResetLimit(t.Context())
		} else {
			err = l.SetLimit(t.Context(), c.Cost)
		}
		require.NoError(t, err)
		return limitAnswer{}
	}
	require.NoError(t, err)
	return limitAnswer{d.Allowed, d.Limit, d.Remaining, d.Reset.UnixMilli()}
}

// A jsRatelimit is a running ratelimit.mjs.
type jsRatelimit struct {
	in  io.Writer
	out *bufio.Scanner
}

func startRatelimit(t *testing.T, s *restserver.Server, algorithm []any) *jsRatelimit {
	text, err := json.Marshal(algorithm)
	require.NoError(t, err)
	ctx, cancel := context.WithCancel(t.Context())
	node := exec.CommandContext(ctx, "node", "ratelimit.mjs")
	node.Env = append(os.Environ(), "UPSTASH_REDIS_REST_URL="+s.URL, "UPSTASH_REDIS_REST_TOKEN="+s.Token, "ALGORITHM="+string(text))
	node.Stderr = os.Stderr
	in, err := node.StdinPipe()
	require.NoError(t, err)
	out, err := node.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, node.Start())
	t.Cleanup(func() {
		cancel()
		node.Wait()
	})
	return &jsRatelimit{in, bufio.NewScanner(out)}
}

func (js *jsRatelimit) ask(t *testing.T, prefix string, c limitCall) (a limitAnswer) {
	c.Prefix = prefix
	line, err := json.Marshal(c)
	require.NoError(t, err)
	_, err = js.in.Write(append(line, '\n'))
	require.NoError(t, err)
	require.True(t, js.out.Scan(), "the program ended")
	require.NoError(t, json.Unmarshal(js.out.Bytes(), &a))
	return a
}
