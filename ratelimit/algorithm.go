package ratelimit

import (
	"errors"
	"fmt"
	"strconv"
	"time"

	redis "github.com/redis-rest/redis-rest-go"
)

//go:generate go run ../cmd/redis-rest gen

// An Algorithm decides which calls are allowed: [FixedWindow], [SlidingWindow], [TokenBucket] or [GCRA].
type Algorithm struct {
	limit   int64         // without SetLimit
	period  int64         // in which the whole limit comes back, in milliseconds
	window  time.Duration // that a key is for; 0 if it is for all times
	windows int           // how many of them a decision reads
	decide  func(k keys, now time.Time, cost int64) redis.Command[reply]
	err     error
}

// FixedWindow allows limit calls in each window of time. Windows begin at multiples of their length since 1970. It is
// the cheapest algorithm. Around the end of a window it allows up to twice the limit.
//
// Refused calls count too.
func FixedWindow(limit int64, window time.Duration) Algorithm {
	return Algorithm{limit: limit, period: window.Milliseconds(), window: window, windows: 1, err: check("FixedWindow", window, limit),
		decide: func(k keys, now time.Time, cost int64) redis.Command[reply] {
			return fixedWindow(k.own[0], limit, window, now, cost, k.changed)
		}}
}

// SlidingWindow allows about limit calls in any window of time. It counts the calls of each fixed window, as
// [FixedWindow] does. Of the window before, the part counts that is not yet older than a window.
//
// A call that costs more than what is left is refused and counts, unless nothing is left.
func SlidingWindow(limit int64, window time.Duration) Algorithm {
	return Algorithm{limit: limit, period: window.Milliseconds(), window: window, windows: 2, err: check("SlidingWindow", window, limit),
		decide: func(k keys, now time.Time, cost int64) redis.Command[reply] {
			return slidingWindow(k.own[0], k.own[1], limit, window, now, cost, k.changed)
		}}
}

// TokenBucket allows a call for each token in a bucket, which holds up to capacity tokens. After each interval rate
// tokens come back. It allows bursts, and refused calls take nothing.
func TokenBucket(rate int64, interval time.Duration, capacity int64) Algorithm {
	a := Algorithm{limit: capacity, err: check("TokenBucket", interval, rate, capacity),
		decide: func(k keys, now time.Time, cost int64) redis.Command[reply] {
			return tokenBucket(k.own[0], capacity, rate, interval, now, cost, k.changed)
		}}
	if a.err == nil {
		a.period = (capacity + rate - 1) / rate * interval.Milliseconds()
	}
	return a
}

// GCRA (the generic cell rate algorithm) allows rate calls in each period, evenly, and up to burst calls at once. It
// is a [TokenBucket] whose tokens come back one at a time: 100 in a minute are one each 600 ms. Refused calls take
// nothing.
func GCRA(rate int64, period time.Duration, burst int64) Algorithm {
	a := Algorithm{limit: burst, err: check("GCRA", period, rate, burst),
		decide: func(k keys, now time.Time, cost int64) redis.Command[reply] {
			return gcra(k.own[0], burst, rate, period, now, cost, k.changed)
		}}
	if a.err == nil {
		a.period = burst * period.Milliseconds() / rate
	}
	return a
}

// most keeps what the scripts compute below 2^53, where Lua's numbers are exact.
const most = 1 << 53

func check(name string, period time.Duration, numbers ...int64) error {
	if period < time.Millisecond || period%time.Millisecond != 0 {
		return fmt.Errorf("ratelimit: %s: the time must be a positive number of whole milliseconds, not %v", name, period)
	}
	for _, n := range numbers {
		if n < 1 {
			return fmt.Errorf("ratelimit: %s: %d is not positive", name, n)
		}
		if n > most/period.Milliseconds() {
			return fmt.Errorf("ratelimit: %s: %d in %v is too much", name, n, period)
		}
	}
	return nil
}

// A keys is what a script is given as KEYS.
type keys struct {
	own     []string
	changed *string // where SetLimit writes; nil if limits do not change
}

// keysOf returns the keys of an id at a time, given their common beginning.
func (a Algorithm) keysOf(base string, now time.Time) []string {
	if a.windows == 0 {
		return []string{base}
	}
	own := make([]string, a.windows)
	current := now.UnixMilli() / a.window.Milliseconds()
	for i := range own {
		own[i] = base + ":" + strconv.FormatInt(current-int64(i), 10)
	}
	return own
}

var errNoAlgorithm = errors.New("ratelimit: New: the algorithm was not made by FixedWindow, SlidingWindow, TokenBucket or GCRA")
