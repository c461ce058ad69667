package keyspace

import (
	"cmp"
	"maps"
	"math"
	"slices"
	"strings"
)

// Redis keeps a small hash as a list, in the order in which its fields came, and a
// small set of integers in order. Scripts see it, in what they make of HGETALL for
// instance. miniredis sorts fields and members as text.

// A fieldOrder is the order in which the fields of a hash came.
type fieldOrder struct {
	came map[string]int
	next int
}

func (o *fieldOrder) clone() *fieldOrder { return &fieldOrder{maps.Clone(o.came), o.next} }

// Up to where Redis does so: hash-max-listpack-entries and -value,
// set-max-intset-entries, zset-max-listpack-entries.
const (
	maxListEntries   = 512
	maxListValue     = 64
	maxIntegers      = 512
	maxSortedEntries = 128
)

// addFields runs a command that sets fields of a hash.
func (db *DB) addFields(args []string, fields ...string) []byte {
	reply := db.call(args...)
	if reply[0] == '-' {
		return reply
	}
	p := place{db.selected, args[1]}
	o := db.orders[p]
	if o == nil {
		o = &fieldOrder{came: map[string]int{}}
		db.orders[p] = o
	}
	for _, f := range fields {
		if _, ok := o.came[f]; !ok {
			o.came[f] = o.next
			o.next++
		}
	}
	return reply
}

// removeFields runs a command that removes fields of a hash.
func (db *DB) removeFields(args []string) []byte {
	reply := db.call(args...)
	if o := db.orders[place{db.selected, args[1]}]; o != nil && reply[0] != '-' {
		for _, f := range args[2:] {
			delete(o.came, f)
		}
	}
	return reply
}

// readHash is HGETALL, HKEYS and HVALS.
func (db *DB) readHash(args []string) []byte {
	reply := db.call("HGETALL", args[1])
	pairs, ok := words(reply)
	if !ok {
		return reply
	}
	pairs = db.inOrder(args[1], pairs)
	switch strings.ToUpper(args[0]) {
	case "HKEYS":
		pairs = everySecond(pairs, 0)
	case "HVALS":
		pairs = everySecond(pairs, 1)
	}
	return stringsReply(pairs)
}

// inOrder puts the fields of a hash and their values in the order of Redis.
func (db *DB) inOrder(key string, pairs []string) []string {
	o := db.orders[place{db.selected, key}]
	if o == nil || len(pairs) > 2*maxListEntries || slices.ContainsFunc(pairs, func(s string) bool { return len(s) > maxListValue }) {
		return pairs
	}
	type entry struct {
		field, value string
		came         int
	}
	entries := make([]entry, 0, len(pairs)/2)
	for i := 0; i+1 < len(pairs); i += 2 {
		came, ok := o.came[pairs[i]]
		if !ok {
			came = math.MaxInt
		}
		entries = append(entries, entry{pairs[i], pairs[i+1], came})
	}
	slices.SortStableFunc(entries, func(a, b entry) int { return cmp.Compare(a.came, b.came) })
	pairs = pairs[:0]
	for _, e := range entries {
		pairs = append(pairs, e.field, e.value)
	}
	return pairs
}

// everySecond is what is at the even places, or at the odd ones.
func everySecond(words []string, odd int) []string {
	var some []string
	for i := odd; i < len(words); i += 2 {
		some = append(some, words[i])
	}
	return some
}
