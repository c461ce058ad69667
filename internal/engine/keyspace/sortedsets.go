package keyspace

import (
	"cmp"
	"maps"
	"math"
	"slices"
	"strconv"
	"strings"
)

// A scored is a member of a sorted set.
type scored struct {
	member string
	score  float64
}

// members reads a sorted set, or a set, whose members have the score 1.
func (db *DB) members(key string) (members map[string]float64, refusal []byte) {
	mini := db.mini.DB(db.selected)
	switch db.typeOf(key) {
	case "":
		return nil, nil
	case "zset":
		members, _ := mini.SortedSet(key)
		return maps.Clone(members), nil
	case "set":
		members := map[string]float64{}
		names, _ := mini.Members(key)
		for _, m := range names {
			members[m] = 1
		}
		return members, nil
	}
	return nil, errorReply(wrongType)
}

func sortScored(all []scored) {
	slices.SortFunc(all, func(a, b scored) int {
		return cmp.Or(cmp.Compare(a.score, b.score), strings.Compare(a.member, b.member))
	})
}

// add is ZADD.
func (db *DB) add(args []string) []byte {
	var nx, xx, gt, lt, incr bool
	at := 2
options:
	for ; at < len(args); at++ {
		switch strings.ToUpper(args[at]) {
		case "NX":
			nx = true
		case "XX":
			xx = true
		case "GT":
			gt = true
		case "LT":
			lt = true
		case "CH":
		case "INCR":
			incr = true
		default:
			break options
		}
	}
	switch n := len(args) - at; {
	case n == 0 || n%2 != 0:
		return errorReply(syntaxError)
	case nx && xx:
		return errorReply("ERR XX and NX options at the same time are not compatible")
	case gt && nx || lt && nx || gt && lt:
		return errorReply("ERR GT, LT, and/or NX options at the same time are not compatible")
	case incr && n > 2:
		return errorReply("ERR INCR option supports a single increment-element pair")
	}
	call := slices.Clone(args)
	for i := at; i < len(args); i += 2 {
		f, ok := parseFloat(args[i])
		if !ok {
			return errorReply(notFloat)
		}
		call[i] = formatFloat(f)
	}
	if !incr {
		return db.call(call...)
	}
	return db.incrementScore(args[1], call[at], args[at+1], func(had bool, old, score float64) bool {
		return !(nx && had || xx && !had || had && (gt && score <= old || lt && score >= old))
	})
}

// incrementMember is ZINCRBY.
func (db *DB) incrementMember(args []string) []byte {
	f, ok := parseFloat(args[2])
	if !ok {
		return errorReply(notFloat)
	}
	return db.incrementScore(args[1], formatFloat(f), args[3], func(bool, float64, float64) bool { return true })
}

func (db *DB) incrementScore(key, by, member string, may func(had bool, old, score float64) bool) []byte {
	reply := db.call("ZSCORE", key, member)
	if reply[0] == '-' {
		return reply
	}
	v, _ := parse(reply)
	text, had := v.(string)
	old, _ := strconv.ParseFloat(text, 64)
	delta, _ := strconv.ParseFloat(by, 64)
	score := old + delta
	switch {
	case math.IsNaN(score):
		return errorReply("ERR resulting score is not a number (NaN)")
	case !may(had, old, score):
		return nullReply
	}
	if reply := db.call("ZADD", key, formatFloat(score), member); reply[0] == '-' {
		return reply
	}
	return bulk(formatFloat(score))
}

// formatFloat writes a float so that it reads back the same. Redis keeps no sign of
// zero where it keeps a small sorted set.
func formatFloat(f float64) string { return strconv.FormatFloat(f+0, 'g', -1, 64) }

// numberedKeys reads how many keys there are, and them.
func numberedKeys(name string, words []string) (keys, rest []string, refusal []byte) {
	n, ok := parseInt(words[0])
	switch {
	case !ok:
		return nil, nil, errorReply(notInteger)
	case n < 1:
		return nil, nil, errorReply("ERR at least 1 input key is needed for '" + strings.ToLower(name) + "' command")
	case n > int64(len(words)-1):
		return nil, nil, errorReply(syntaxError)
	}
	return words[1 : n+1], words[n+1:], nil
}

// difference returns what the first key has and none of the others.
func (db *DB) difference(keys []string) (left []scored, refusal []byte) {
	first, refusal := db.members(keys[0])
	if refusal != nil {
		return nil, refusal
	}
	for _, key := range keys[1:] {
		others, refusal := db.members(key)
		if refusal != nil {
			return nil, refusal
		}
		for m := range others {
			delete(first, m)
		}
	}
	for m, score := range first {
		left = append(left, scored{m, score})
	}
	sortScored(left)
	return left, nil
}

// diff is ZDIFF.
func (db *DB) diff(args []string) []byte {
	keys, rest, refusal := numberedKeys(args[0], args[1:])
	if refusal != nil {
		return refusal
	}
	if len(rest) > 1 || len(rest) == 1 && !strings.EqualFold(rest[0], "WITHSCORES") {
		return errorReply(syntaxError)
	}
	left, refusal := db.difference(keys)
	if refusal != nil {
		return refusal
	}
	var reply []string
	for _, s := range left {
		reply = append(reply, s.member)
		if len(rest) > 0 {
			reply = append(reply, formatFloat(s.score))
		}
	}
	return stringsReply(reply)
}

// diffStore is ZDIFFSTORE.
func (db *DB) diffStore(args []string) []byte {
	keys, rest, refusal := numberedKeys(args[0], args[2:])
	if refusal != nil {
		return refusal
	}
	if len(rest) > 0 {
		return errorReply(syntaxError)
	}
	left, refusal := db.difference(keys)
	if refusal != nil {
		return refusal
	}
	return db.storeScored(args[1], left)
}

// storeScored makes a sorted set of members, in the place of what a key held.
func (db *DB) storeScored(key string, members []scored) []byte {
	db.call("DEL", key)
	if len(members) == 0 {
		return integer(0)
	}
	call := []string{"ZADD", key}
	for _, s := range members {
		call = append(call, formatFloat(s.score), s.member)
	}
	return db.call(call...)
}

// rangeStore is ZRANGESTORE.
func (db *DB) rangeStore(args []string) []byte {
	for _, option := range args[5:] {
		if strings.EqualFold(option, "WITHSCORES") {
			return errorReply(syntaxError)
		}
	}
	reply := db.execute(find([]string{"ZRANGE"}), append([]string{"ZRANGE"}, args[2:]...))
	names, ok := words(reply)
	if !ok {
		return reply
	}
	members, _ := db.members(args[2])
	found := make([]scored, len(names))
	for i, name := range names {
		found[i] = scored{name, members[name]}
	}
	return db.storeScored(args[1], found)
}

// rangeOf is ZRANGE.
func (db *DB) rangeOf(args []string) []byte {
	if hasWord(args[4:], "BYLEX") && hasWord(args[4:], "WITHSCORES") {
		return errorReply("ERR syntax error, WITHSCORES not supported in combination with BYLEX")
	}
	return db.call(args...)
}

// popScored is ZPOPMIN and ZPOPMAX.
func (db *DB) popScored(args []string) []byte {
	if kind := db.typeOf(args[1]); len(args) == 3 && args[2] == "0" && (kind == "" || kind == "zset") {
		return emptyArray
	}
	return db.call(args...)
}
