package keyspace

import (
	"cmp"
	"slices"
	"strings"
)

// readSet is SMEMBERS and its like.
func (db *DB) readSet(args []string) []byte { return sortedIntegers(db.call(args...)) }

// sortedIntegers is a reply whose members are in order, where all of them are
// integers.
func sortedIntegers(reply []byte) []byte {
	members, ok := words(reply)
	if ok && integers(members) {
		return stringsReply(members)
	}
	return reply
}

// integers puts members in order, where all of them are integers.
func integers(members []string) bool {
	if len(members) > maxIntegers {
		return false
	}
	numbers := make(map[string]int64, len(members))
	for _, m := range members {
		n, ok := parseInt(m)
		if !ok {
			return false
		}
		numbers[m] = n
	}
	slices.SortFunc(members, func(a, b string) int { return cmp.Compare(numbers[a], numbers[b]) })
	return true
}

// interCard is ZINTERCARD and SINTERCARD.
func (db *DB) interCard(args []string) []byte {
	sets := strings.EqualFold(args[0], "SINTERCARD")
	n, ok := parseInt(args[1])
	switch {
	case sets && (!ok || n < 1):
		return errorReply("ERR numkeys should be greater than 0")
	case sets && n > int64(len(args)-2):
		return errorReply("ERR Number of keys can't be greater than number of args")
	}
	keys, rest, refusal := numberedKeys(args[0], args[1:])
	if refusal != nil {
		return refusal
	}
	limit := int64(0)
	for ; len(rest) > 0; rest = rest[2:] {
		if len(rest) < 2 || !strings.EqualFold(rest[0], "LIMIT") {
			return errorReply(syntaxError)
		}
		if limit, ok = parseInt(rest[1]); !ok || limit < 0 {
			return errorReply("ERR LIMIT can't be negative")
		}
	}
	var all []map[string]float64
	for _, key := range keys {
		members, refusal := db.members(key)
		if refusal != nil || sets && db.typeOf(key) == "zset" {
			return errorReply(wrongType)
		}
		all = append(all, members)
	}
	count := int64(0)
	for m := range all[0] {
		everywhere := !slices.ContainsFunc(all[1:], func(members map[string]float64) bool {
			_, ok := members[m]
			return !ok
		})
		if everywhere {
			count++
		}
	}
	if limit > 0 {
		count = min(count, limit)
	}
	return integer(count)
}

// stored runs a command that stores what it finds, and nothing where that is empty.
func (db *DB) stored(args []string) []byte {
	reply := db.call(args...)
	if string(reply) == ":0\r\n" {
		db.call("DEL", args[1])
	}
	return reply
}

// positive runs a command whose third word is how many, if there is one.
func (db *DB) positive(args []string) []byte {
	if len(args) > 2 {
		if n, ok := parseInt(args[2]); !ok || n < 0 {
			return errorReply(notPositive)
		}
	}
	return db.call(args...)
}

// maxRandom is how many random members are given at most. A caller may ask for any
// number of them, since they may be given more than once.
const maxRandom = 1 << 20

// random is HRANDFIELD, SRANDMEMBER and ZRANDMEMBER.
func (db *DB) random(args []string) []byte {
	if len(args) > 2 {
		n, ok := parseInt(args[2])
		switch with := strings.ToUpper(strings.Join(args[3:], " ")); {
		case !ok:
			return errorReply(notInteger)
		case n < -maxRandom:
			return errorReply("ERR value is out of range")
		case with != "" && with != map[string]string{"HRANDFIELD": "WITHVALUES", "ZRANDMEMBER": "WITHSCORES"}[strings.ToUpper(args[0])]:
			return errorReply(syntaxError)
		case n > 0 && strings.EqualFold(args[0], "SRANDMEMBER"):
			return sortedIntegers(db.call(args...))
		}
	}
	return db.call(args...)
}
