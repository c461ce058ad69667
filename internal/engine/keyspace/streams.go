package keyspace

import (
	"bytes"
	"slices"
	"strings"
)

const badStreamID = "ERR Invalid stream ID specified as stream command argument"

// addToStream is XADD. One that miniredis refuses may leave an empty stream.
func (db *DB) addToStream(args []string) []byte {
	existed := db.exists(args[1])
	reply := db.call(args...)
	if reply[0] == '-' && !existed {
		db.call("DEL", args[1])
	}
	return reply
}

// streamRange is XRANGE and XREVRANGE.
func (db *DB) streamRange(args []string) []byte {
	reply := db.call(args...)
	if reply[0] != '*' || len(args) < 6 {
		return reply
	}
	if n, ok := parseInt(args[len(args)-1]); ok && n < 1 && db.exists(args[1]) {
		return nullArray
	}
	return reply
}

// streamRead is XREAD and XREADGROUP.
func (db *DB) streamRead(args []string) []byte {
	keys, err := find(args).Keys(args)
	if err != nil || len(keys) == 0 {
		return db.call(args...)
	}
	named := map[string]bool{}
	for _, i := range keys {
		if kind := db.typeOf(args[i]); kind != "" && kind != "stream" {
			return errorReply(wrongType)
		}
		named[args[i]] = true
	}
	if first := keys[0]; len(named) < len(keys) {
		return db.readEach(args[:first], args[first:first+len(keys)], args[first+len(keys):])
	}
	reply := db.call(args...)
	if string(reply) == "-"+badStreamID+"\r\n" && strings.EqualFold(args[0], "XREADGROUP") && hasWord(args[keys[len(keys)-1]:], "$") {
		return errorReply("ERR The $ ID is meaningless in the context of XREADGROUP: you want to read the history of this consumer by specifying a proper ID, or use the > ID to get new messages. The $ ID would just return an empty result set.")
	}
	return reply
}

// readEach reads streams one by one: of one that is named twice, miniredis makes no
// whole reply.
func (db *DB) readEach(options, keys, ids []string) []byte {
	if len(ids) != len(keys) {
		return db.call(slices.Concat(options, keys, ids)...)
	}
	var found []byte
	n := 0
	for i, key := range keys {
		reply := db.streamRead(slices.Concat(options, []string{key, ids[i]}))
		if reply[0] == '-' {
			return reply
		}
		if head, one, _ := bytes.Cut(reply, []byte("\r\n")); string(head) == "*1" {
			found = append(found, one...)
			n++
		}
	}
	if n == 0 {
		return nullArray
	}
	return append(appendArray(nil, n), found...)
}

// streamInfo is XINFO STREAM, with what is known here.
func (db *DB) streamInfo(args []string) []byte {
	reply := db.call(args...)
	v, _ := parse(reply)
	facts, ok := v.([]value)
	if !ok || len(args) > 3 {
		return reply
	}
	first := db.call("XRANGE", args[2], "-", "+", "COUNT", "1")
	last := db.call("XREVRANGE", args[2], "+", "-", "COUNT", "1")
	groups, _ := parse(db.call("XINFO", "GROUPS", args[2]))
	info := appendArray(nil, 10)
	info = appendInteger(appendBulk(info, "length"), facts[1].(int64))
	info = appendBulk(appendBulk(info, "last-generated-id"), facts[3].(string))
	info = appendInteger(appendBulk(info, "groups"), int64(len(groups.([]value))))
	for _, entry := range []struct {
		name  string
		reply []byte
	}{{"first-entry", first}, {"last-entry", last}} {
		info = appendBulk(info, entry.name)
		if _, one, _ := bytes.Cut(entry.reply, []byte("\r\n")); len(one) > 0 {
			info = append(info, one...)
		} else {
			info = append(info, nullReply...)
		}
	}
	return info
}

// claim is XCLAIM, of what has been idle for long enough.
func (db *DB) claim(args []string) []byte {
	if _, ok := parseInt(args[4]); !ok {
		return db.call(args...)
	}
	call := slices.Clone(args[:5])
	ids := args[5:]
	for i, word := range ids {
		if !isStreamID(word) {
			ids = ids[:i]
			break
		}
	}
	for _, id := range ids {
		pending, _ := parse(db.call("XPENDING", args[1], args[2], id, id, "1"))
		idle, _ := parse(db.call("XPENDING", args[1], args[2], "IDLE", args[4], id, id, "1"))
		one, ok := pending.([]value)
		long, _ := idle.([]value)
		if !ok || len(one) == len(long) {
			call = append(call, id)
		}
	}
	if len(call) == 5 && len(ids) > 0 {
		return emptyArray
	}
	return db.call(append(call, args[5+len(ids):]...)...)
}

// claimNext is XAUTOCLAIM.
func (db *DB) claimNext(args []string) []byte {
	for i := 6; i+1 < len(args); i++ {
		if n, ok := parseInt(args[i+1]); ok && n < 1 && strings.EqualFold(args[i], "COUNT") {
			return errorReply("ERR COUNT must be > 0")
		}
	}
	return db.call(args...)
}

// createGroup is XGROUP CREATE.
func (db *DB) createGroup(args []string) []byte {
	if db.typeOf(args[2]) == "stream" && args[4] != "$" && !isStreamID(args[4]) {
		return errorReply(badStreamID)
	}
	return db.call(args...)
}

func isStreamID(word string) bool {
	if word == "-" || word == "+" {
		return true
	}
	ms, seq, _ := strings.Cut(word+"-0", "-")
	seq, _, _ = strings.Cut(seq, "-")
	return isUnsigned(ms) && isUnsigned(seq) && strings.Count(word, "-") < 2
}

func isUnsigned(word string) bool {
	return word != "" && len(word) <= 20 && strings.Trim(word, "0123456789") == ""
}
