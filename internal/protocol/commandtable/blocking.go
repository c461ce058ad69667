package commandtable

import (
	"math"
	"strconv"
	"strings"
	"time"
)

// Forever is the wait of a blocking command without a time limit.
const Forever time.Duration = math.MaxInt64

// MayBlock reports whether some calls of a command wait for data. The name is in upper case.
func MayBlock(name string) bool {
	switch name {
	case "BLPOP", "BRPOP", "BRPOPLPUSH", "BLMOVE", "BLMPOP", "BZPOPMIN", "BZPOPMAX", "BZMPOP", "XREAD", "XREADGROUP", "WAIT", "WAITAOF":
		return true
	}
	return false
}

// Blocks reports whether a call waits for data before it answers, and how long it waits at
// most. The wait is 0 if Redis refuses the time that is given.
func Blocks(words []string) (wait time.Duration, blocks bool) {
	at, unit := WaitPlace(words)
	if at == 0 {
		return 0, len(words) > 0 && MayBlock(strings.ToUpper(words[0])) && !hasBlockOption(words[0])
	}
	return waitOf(words[at], unit), true
}

// WaitPlace returns which word of a call says how long it waits for data, and its unit. It is 0
// if there is none.
func WaitPlace(words []string) (at int, unit time.Duration) {
	if len(words) < 2 {
		return 0, 0
	}
	switch name := strings.ToUpper(words[0]); name {
	case "XREAD", "XREADGROUP":
		return blockOption(words), time.Millisecond
	case "WAIT", "WAITAOF":
		return len(words) - 1, time.Millisecond
	case "BLMPOP", "BZMPOP":
		return 1, time.Second
	default:
		if !MayBlock(name) {
			return 0, 0
		}
		return len(words) - 1, time.Second
	}
}

// hasBlockOption says whether a command waits only with the option BLOCK.
func hasBlockOption(name string) bool { return strings.HasPrefix(strings.ToUpper(name), "XREAD") }

// blockOption finds the value of the option BLOCK of XREAD and XREADGROUP. Of two Redis takes the last.
func blockOption(words []string) (at int) {
	for i := 1; i < len(words); i++ {
		switch strings.ToUpper(words[i]) {
		case "STREAMS": // keys follow, which may have any name
			return at
		case "GROUP": // so may the group and the consumer
			i += 2
		case "COUNT":
			i++
		case "BLOCK":
			if i++; i < len(words) {
				at = i
			}
		}
	}
	return at
}

// waitOf reads a time limit; 0 is none.
func waitOf(text string, unit time.Duration) time.Duration {
	n, err := strconv.ParseFloat(text, 64)
	switch {
	case err != nil || n < 0 || n != n:
		return 0
	case n == 0 || n >= float64(Forever/unit):
		return Forever
	}
	return time.Duration(n * float64(unit))
}
