// Package growth checks how the time of a function grows with its input.
package growth

import (
	"testing"
	"time"
)

// AtMost fails the test if large takes more than factor times as long as small. It
// compares the shortest of several runs, which take turns, and measures again until the
// limit holds: what else the machine does makes single runs longer, and none shorter.
// The limit should lie far from both what is right and what is wrong.
func AtMost(t testing.TB, factor int, small, large func(), what string) {
	t.Helper()
	shortest := func(f func(), before time.Duration) time.Duration {
		start := time.Now()
		f()
		return min(before, time.Since(start))
	}
	least, most := time.Duration(1<<62), time.Duration(1<<62)
	for start, run := time.Now(), 0; run < 5 || time.Since(start) < 2*time.Second; run++ {
		least, most = shortest(small, least), shortest(large, most)
		limit := time.Duration(factor) * least
		if most <= limit/4 || run >= 2 && most <= limit { // far below, one run is enough
			return
		}
		if time.Since(start) > time.Minute {
			break
		}
	}
	t.Errorf("%s: %v, and %v for the smaller input: more than %d times as long", what, most, least, factor)
}
