package command

import (
	"errors"
	"time"
)

// An Expiry says when something ends: [EX] or [EXAT].
type Expiry struct {
	word
	milliseconds int64
	absolute     bool // they are counted from 1970
}

// EX has what is written expire in d: in seconds where these say all (EX), else in
// milliseconds (PX).
func EX(d time.Duration) Expiry {
	p, n, err := units("", d)
	if d <= 0 {
		err = errTooShort
	}
	return Expiry{inUnits("EX", p, n, err), d.Milliseconds(), false}
}

// EXAT has what is written expire at t: in seconds where these say all (EXAT), else in
// milliseconds (PXAT).
func EXAT(t time.Time) Expiry {
	p, n, err := unitsAt("", t)
	if t.UnixMilli() <= 0 {
		err = errors.New("the time is not after 1970")
	}
	return Expiry{inUnits("EXAT", p, n, err), t.UnixMilli(), true}
}

// inUnits is an option of EX's kind for what units returns.
func inUnits(name, p string, n int64, err error) word {
	w := newWord(name, n)
	if p == "P" {
		w.args[0] = "P" + name[1:] // PX for EX
	}
	w.err = err
	return w
}

var errTooShort = errors.New("a duration below a millisecond is none to Redis")

// milliseconds is d as Redis counts. What is positive does not become 0.
func milliseconds(d time.Duration) (int64, error) {
	if d > 0 && d < time.Millisecond {
		return 0, errTooShort
	}
	return d.Milliseconds(), nil
}

// units is d in seconds, or in milliseconds where that is asked for by p, the letter
// before such a command's name, or where seconds do not say all.
func units(p string, d time.Duration) (string, int64, error) {
	n, err := milliseconds(d)
	if p == "" && n%1000 == 0 {
		return "", n / 1000, err
	}
	return "P", n, err
}

// unitsAt is units of the time since 1970.
func unitsAt(p string, t time.Time) (string, int64, error) {
	n := t.UnixMilli()
	switch {
	case t.IsZero():
		return p, 0, errors.New("the time is the zero time")
	case p == "" && n%1000 == 0:
		return "", n / 1000, nil
	}
	return "P", n, nil
}

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

// A Changes is [CH].
type Changes struct{ word }

// CH has the command count members that it changed, and not only those it added.
func CH() Changes { return Changes{newWord("CH")} }

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

// An MPopOption of [LMPop] and [ZMPop] is [Count]: how many to take at most, 1 where
// it is not given.
type MPopOption interface {
	option
	forMPop()
}

func (Quantity) forMPop() {}

// An InterCardOption of [SInterCard] and [ZInterCard] is [StopAt].
type InterCardOption interface {
	option
	forInterCard()
}

type cardLimit struct{ word }

func (cardLimit) forInterCard() {}

// StopAt has a count end at n, which is the result then.
func StopAt(n int64) InterCardOption { return cardLimit{newCount("LIMIT", n, 1)} }

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
