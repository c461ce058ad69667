// Package value has the types of Redis' values: strings, lists, hashes, sets, sorted sets, streams,
// HyperLogLogs and JSON documents, and the dictionary that holds them. Package data uses them.
//
// They are data structures without commands, replies or a clock. Each operation takes the time that
// Redis documents for the commands that need it. Positions count from zero, and ranges are half open,
// [from, to), and in bounds. Times are in milliseconds, since 1970 where they are points in time.
//
// Dump and Restore write and read the payloads of DUMP and RESTORE.
//
// The values keep the strings that they are given. A caller that cuts a string from a large buffer
// clones it first.
//
// A value has no lock: one command runs at a time. Methods that only read do not write, so several
// goroutines may read a shared value at once.
package value

import (
	"math/rand/v2"
)

// A Value is what a key holds.
type Value interface {
	// Type is the reply of TYPE.
	Type() string
	// Encoding is the reply of OBJECT ENCODING. It tells how Redis 7.0 would hold the value.
	Encoding() string
	// Len is the number of elements, or of bytes of a string. Commands delete the key of a list,
	// hash, set or sorted set that has none left.
	Len() int
	// Memory is about how many bytes of memory the value takes.
	Memory() int
	// Clone returns a copy that is not shared. It takes time in proportion to the value.
	Clone() Value
	// Share marks the value as used in two places. Nothing may change it from now on.
	Share()
	// Shared says whether the value is marked.
	Shared() bool
}

// Own returns v if it may be changed, and otherwise a copy of it. If copied is true the caller
// stores the copy in place of v.
//
// So a database is copied by sharing each value, and a value is copied when one of the databases
// first changes it.
func Own[V Value](v V) (own V, copied bool) {
	if v.Shared() {
		return v.Clone().(V), true
	}
	return v, false
}

// mark is the mark of a value that is shared. It is never removed: the other user may be
// another goroutine.
type mark struct{ shared bool }

func (m *mark) Shared() bool { return m.shared }

func (m *mark) Share() {
	if !m.shared { // another goroutine may be reading it
		m.shared = true
	}
}

// Limits say up to which size Redis holds a value in a compact form. The form shows in OBJECT
// ENCODING, in the order of elements, and in what approximate trimming removes. The names are those
// of redis.conf.
type Limits struct {
	HashMaxListpackEntries int
	HashMaxListpackValue   int // bytes
	SetMaxIntsetEntries    int
	ZsetMaxListpackEntries int
	ZsetMaxListpackValue   int // bytes
	StreamNodeMaxEntries   int // 0 is no limit
	StreamNodeMaxBytes     int // 0 is no limit
	HLLSparseMaxBytes      int
}

// DefaultLimits returns the limits of Redis 7.0 without a configuration.
func DefaultLimits() *Limits {
	return &Limits{
		HashMaxListpackEntries: 512,
		HashMaxListpackValue:   64,
		SetMaxIntsetEntries:    512,
		ZsetMaxListpackEntries: 128,
		ZsetMaxListpackValue:   64,
		StreamNodeMaxEntries:   100,
		StreamNodeMaxBytes:     4096,
		HLLSparseMaxBytes:      3000,
	}
}

// Sample returns count different numbers from 0 to n-1, in random order; all of them if there are
// no more. Each subset is equally likely. With the method At of a value it gives the random
// elements of SRANDMEMBER, HRANDFIELD, ZRANDMEMBER and SPOP. The time is in proportion to count.
func Sample(r *rand.Rand, n, count int) []int {
	count = min(n, count)
	if count > n/4 {
		return r.Perm(n)[:count]
	}
	// A shuffle of 0 to n-1 that is cut off. Of the numbers, only the moved are kept.
	moved := make(map[int]int, count)
	at := func(i int) int {
		if v, ok := moved[i]; ok {
			return v
		}
		return i
	}
	drawn := make([]int, count)
	for i := range drawn {
		j := i + r.IntN(n-i)
		drawn[i] = at(j)
		moved[j] = at(i)
	}
	return drawn
}
