package command

import (
	"errors"
	"time"
)

// An expiryOption says when a key or a field expires: [EX] or [EXAT].
type expiryOption struct {
	word
	milliseconds int64
	absolute     bool // milliseconds since 1970, not from now
}

// EX sets the time to live to d. It is sent in seconds (EX) if d is a whole number of
// seconds, and in milliseconds (PX) otherwise.
func EX(d time.Duration) expiryOption {
	p, n, err := units("", d)
	if d <= 0 {
		err = errTooShort
	}
	return expiryOption{inUnits("EX", p, n, err), d.Milliseconds(), false}
}

// EXAT sets the time of expiry to t. It is sent in seconds (EXAT) if t is a whole
// second, and in milliseconds (PXAT) otherwise.
func EXAT(t time.Time) expiryOption {
	p, n, err := unitsAt("", t)
	if t.UnixMilli() <= 0 {
		err = errors.New("the time must be after 1970")
	}
	return expiryOption{inUnits("EXAT", p, n, err), t.UnixMilli(), true}
}

// inUnits makes the option EX or EXAT, or its form in milliseconds, from what units
// returned.
func inUnits(name, p string, n int64, err error) word {
	w := newWord(name, n)
	if p == "P" {
		w.args[0] = "P" + name[1:] // PX for EX
	}
	w.err = err
	return w
}

var errTooShort = errors.New("the duration must be at least one millisecond")

// milliseconds converts d to milliseconds, the unit of Redis. It refuses a positive
// duration that would become 0.
func milliseconds(d time.Duration) (int64, error) {
	if d > 0 && d < time.Millisecond {
		return 0, errTooShort
	}
	return d.Milliseconds(), nil
}

// units converts d to seconds, or to milliseconds if p is "P" or d is not a whole
// number of seconds. It returns the letter that the command's name starts with: "" for
// seconds, "P" for milliseconds.
func units(p string, d time.Duration) (string, int64, error) {
	n, err := milliseconds(d)
	if p == "" && n%1000 == 0 {
		return "", n / 1000, err
	}
	return "P", n, err
}

// unitsAt is units for the time from 1970 to t.
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

// A keepTTL is [KeepTTL].
type keepTTL struct{ word }

// KeepTTL keeps the time to live of a value that is overwritten. Without it, writing
// the value removes the time to live.
func KeepTTL() keepTTL { return keepTTL{newWord("KEEPTTL")} }

// A persistTTL is [PersistTTL].
type persistTTL struct{ word }

// PersistTTL removes the time to live of what is read, so that it does not expire
// (PERSIST).
func PersistTTL() persistTTL { return persistTTL{newWord("PERSIST")} }

// A condition is [NX] or [XX].
type condition struct{ word }

// NX allows only what adds something: a key or member that does not exist yet, or an
// expiry for a key that has none.
func NX() condition { return condition{newWord("NX")} }

// XX allows only what changes something that exists: a key, a member, or an expiry.
func XX() condition { return condition{newWord("XX")} }

// A comparison is [GT] or [LT].
type comparison struct{ word }

// GT allows only changes that make the score or expiry greater.
func GT() comparison { return comparison{newWord("GT")} }

// LT allows only changes that make the score or expiry less.
func LT() comparison { return comparison{newWord("LT")} }

// A changes is [CH].
type changes struct{ word }

// CH makes the command count the members that it added and the members that it changed.
// Without it only added members are counted.
func CH() changes { return changes{newWord("CH")} }

// A replacement is [Replace].
type replacement struct{ word }

// Replace overwrites an existing key or function library of the same name.
func Replace() replacement { return replacement{newWord("REPLACE")} }

// A quantity is [Count].
type quantity struct{ word }

// Count limits the result to n elements. In a scan it is instead a hint how many
// elements the server looks at in one step; it does not change which elements the scan
// returns.
func Count(n int64) quantity { return quantity{newCount("COUNT", n, 1)} }

// A matchPattern is [Match].
type matchPattern struct{ word }

// Match limits a scan to names that match a pattern (* ? [a-z]).
func Match(pattern string) matchPattern { return matchPattern{newWord("MATCH", pattern)} }

// A CountOption is an option of [LMPop], [ZMPop], [XAutoClaim], [XAutoClaimJustID],
// [XRange], [XRevRange] and [XRead]: [Count]. Without it, [LMPop] and [ZMPop] take 1
// element, [XAutoClaim] and [XAutoClaimJustID] claim up to 100 entries, and the others
// return all.
type CountOption interface {
	option
	needs_Count()
}

func (quantity) needs_Count() {}

// An InterCardOption is an option of [SInterCard] and [ZInterCard]: [StopAt].
type InterCardOption interface {
	option
	needs_StopAt()
}

type cardLimit struct{ word }

func (cardLimit) needs_StopAt() {}

// StopAt stops the count at n. The result is then n.
func StopAt(n int64) InterCardOption { return cardLimit{newCount("LIMIT", n, 1)} }

// A FlushOption is an option of [FlushAll], [FlushDB], [ScriptFlush] and
// [FunctionFlush]: [Async] or [Sync]. Without one, the configuration of the server
// decides.
type FlushOption interface {
	option
	needsOneOf_Async_Sync()
}

// A flushMode is [Async] or [Sync].
type flushMode struct{ word }

func (flushMode) needsOneOf_Async_Sync() {}

// Async makes the server free the memory in the background, after the reply.
func Async() flushMode { return flushMode{newWord("ASYNC")} }

// Sync makes the server free the memory before it replies.
func Sync() flushMode { return flushMode{newWord("SYNC")} }

// flush adds the options of a command that deletes everything.
func flush(c *call, opts []FlushOption) *call {
	apply(c, opts)
	c.exclude("ASYNC", "SYNC")
	return c
}
