package command

import (
	"errors"
	"time"
)

// An Expiry says when something ends: [EX] or [EXAT].
type Expiry struct {
	word
	milliseconds int64
	absolute     bool
}

// EX has what is written expire in d: in seconds where d is whole seconds (EX), else
// in milliseconds (PX).
func EX(d time.Duration) Expiry {
	e := Expiry{word: word{name: "EX"}, milliseconds: d.Milliseconds()}
	switch {
	case d < time.Millisecond:
		e.err = errTooShort
	case d%time.Second == 0:
		e.args = []any{"EX", int64(d / time.Second)}
	default:
		e.args = []any{"PX", e.milliseconds}
	}
	return e
}

// EXAT has what is written expire at t: in seconds where t is a whole second
// (EXAT), else in milliseconds (PXAT).
func EXAT(t time.Time) Expiry {
	e := Expiry{word: word{name: "EXAT"}, milliseconds: t.UnixMilli(), absolute: true}
	switch {
	case e.milliseconds <= 0:
		e.err = errors.New("the time is not after 1970")
	case e.milliseconds%1000 == 0:
		e.args = []any{"EXAT", e.milliseconds / 1000}
	default:
		e.args = []any{"PXAT", e.milliseconds}
	}
	return e
}

var errTooShort = errors.New("a duration below a millisecond is none to Redis")

// A KeptExpiry is [KeepTTL].
type KeptExpiry struct{ word }

// KeepTTL leaves what is overwritten its time to live; a write ends it otherwise.
func KeepTTL() KeptExpiry { return KeptExpiry{newWord("KEEPTTL")} }

// A NoExpiry is [PersistTTL].
type NoExpiry struct{ word }

// PersistTTL ends the time to live of what is read, so that it stays (PERSIST).
func PersistTTL() NoExpiry { return NoExpiry{newWord("PERSIST")} }

// A Condition is [NX] or [XX].
type Condition struct{ word }

// NX does only what adds something: a key or member that is not there yet, an
// expiry where there is none.
func NX() Condition { return Condition{newWord("NX")} }

// XX does only what changes something that is there.
func XX() Condition { return Condition{newWord("XX")} }

// A Comparison is [GT] or [LT].
type Comparison struct{ word }

// GT does only what makes the score or expiry greater.
func GT() Comparison { return Comparison{newWord("GT")} }

// LT does only what makes the score or expiry less.
func LT() Comparison { return Comparison{newWord("LT")} }

// A Replacement is [Replace].
type Replacement struct{ word }

// Replace overwrites the destination where it exists.
func Replace() Replacement { return Replacement{newWord("REPLACE")} }

// A Quantity is [Count].
type Quantity struct{ word }

// Count is how much to return: at most n of what is looked for. For a scan it is how
// much to look at in a step, a hint that the result does not depend on.
func Count(n int64) Quantity { return Quantity{newCount("COUNT", n, 1)} }

// A Pattern is [Match].
type Pattern struct{ word }

// Match limits a scan to names that match a pattern (* ? [a-z]).
func Match(pattern string) Pattern { return Pattern{newWord("MATCH", pattern)} }

// A FlushOption of [FlushAll], [FlushDB], [ScriptFlush] and [FunctionFlush] is
// [Async] or [Sync]. The server's configuration decides where there is none.
type FlushOption interface {
	option
	forFlush()
}

// A FlushMode is [Async] or [Sync].
type FlushMode struct{ word }

func (FlushMode) forFlush() {}

// Async has the server free the memory in the background.
func Async() FlushMode { return FlushMode{newWord("ASYNC")} }

// Sync has the reply wait until the memory is freed.
func Sync() FlushMode { return FlushMode{newWord("SYNC")} }

// flush makes a command that deletes everything.
func flush(c *call, opts []FlushOption) *call {
	apply(c, opts)
	c.exclude("ASYNC", "SYNC")
	return c
}
