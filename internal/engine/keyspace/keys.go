package keyspace

import (
	"strconv"
	"strings"

	"github.com/redis-rest/redis-rest-go/internal/protocol/glob"
)

// selectDatabase is SELECT.
func (db *DB) selectDatabase(args []string) []byte {
	n, ok := parseInt(args[1])
	switch {
	case !ok:
		return errorReply(notInteger)
	case n < 0 || n >= databases:
		return errorReply(dbOutOfRange)
	}
	db.choose(int(n))
	return okReply
}

// swap is SWAPDB.
func (db *DB) swap(args []string) []byte {
	a, ok := parseInt(args[1])
	if !ok {
		return errorReply("ERR invalid first DB index")
	}
	b, ok := parseInt(args[2])
	if !ok {
		return errorReply("ERR invalid second DB index")
	}
	if min(a, b) < 0 || max(a, b) >= databases {
		return errorReply(dbOutOfRange)
	}
	db.mini.SwapDB(int(a), int(b))
	other := func(p place) place {
		switch p.db {
		case int(a):
			p.db = int(b)
		case int(b):
			p.db = int(a)
		}
		return p
	}
	at, orders := db.expiries.at, db.orders
	db.expiries.at, db.expiries.queue = map[place]int64{}, nil
	for p, at := range at {
		db.expiries.set(other(p), at)
	}
	db.orders = make(map[place]*fieldOrder, len(orders))
	for p, o := range orders {
		db.orders[other(p)] = o
	}
	return okReply
}

// move is MOVE.
func (db *DB) move(args []string) []byte {
	n, ok := parseInt(args[2])
	switch {
	case !ok:
		return errorReply(notInteger)
	case n < 0 || n >= databases:
		return errorReply(dbOutOfRange)
	}
	return db.carry(args, place{int(n), args[1]})
}

// copy is COPY.
func (db *DB) copy(args []string) []byte {
	to := place{db.selected, args[2]}
	for i := 3; i+1 < len(args); i++ {
		if strings.EqualFold(args[i], "DB") {
			n, ok := parseInt(args[i+1])
			if ok && (n < 0 || n >= databases) {
				return errorReply(dbOutOfRange)
			}
			to.db = int(n)
			i++
		}
	}
	return db.carry(args, to)
}

// rename is RENAME and RENAMENX.
func (db *DB) rename(args []string) []byte {
	return db.carry(args, place{db.selected, args[2]})
}

// carry runs a command that makes one key of another.
func (db *DB) carry(args []string, to place) []byte {
	from := place{db.selected, args[1]}
	at, expires := db.expiries.at[from]
	order := db.orders[from]
	reply := db.call(args...)
	if reply[0] == '-' || string(reply) == ":0\r\n" || from == to {
		return reply
	}
	delete(db.expiries.at, to)
	if expires {
		db.expiries.set(to, at)
	}
	delete(db.orders, to)
	if order != nil {
		db.orders[to] = order.clone()
	}
	return reply
}

// flush is FLUSHALL and FLUSHDB.
func (db *DB) flush(args []string) []byte {
	if len(args) > 2 || len(args) == 2 && !strings.EqualFold(args[1], "ASYNC") && !strings.EqualFold(args[1], "SYNC") {
		return errorReply(syntaxError)
	}
	all := strings.EqualFold(args[0], "FLUSHALL")
	for p := range db.expiries.at {
		if all || p.db == db.selected {
			delete(db.expiries.at, p)
		}
	}
	for p := range db.orders {
		if all || p.db == db.selected {
			delete(db.orders, p)
		}
	}
	return db.dispatch(args[0])
}

// typeOf is the type of a key as Redis has it, "" where there is none.
func (db *DB) typeOf(key string) string {
	if t := db.mini.DB(db.selected).Type(key); t != "hll" {
		return t
	}
	return "string"
}

// tellType is TYPE.
func (db *DB) tellType(args []string) []byte {
	if t := db.typeOf(args[1]); t != "" {
		return appendStatus(nil, t)
	}
	return appendStatus(nil, "none")
}

// keys is KEYS.
func (db *DB) keys(args []string) []byte {
	var found []string
	for _, key := range db.mini.DB(db.selected).Keys() {
		if glob.Match(args[1], key) {
			found = append(found, key)
		}
	}
	return stringsReply(found)
}

// scan is SCAN. It finds all at once.
func (db *DB) scan(args []string) []byte {
	o, refusal := parseScan(args[1], args[2:], true)
	if refusal != nil {
		return refusal
	}
	var found []string
	if o.cursor == 0 {
		for _, key := range db.mini.DB(db.selected).Keys() {
			if glob.Match(o.pattern, key) && (o.kind == "" || strings.EqualFold(o.kind, db.typeOf(key))) {
				found = append(found, key)
			}
		}
	}
	return append(appendBulk(appendArray(nil, 2), "0"), stringsReply(found)...)
}

// scanValue is HSCAN, SSCAN and ZSCAN: what a command finds, of which each entry has
// so many words. It finds all at once.
func (db *DB) scanValue(args []string, size int, read ...string) []byte {
	o, refusal := parseScan(args[2], nil, false)
	if refusal != nil {
		return refusal
	}
	reply := db.execute(find(read), read)
	all, ok := words(reply)
	if !ok {
		return reply
	}
	if len(all) > 0 {
		if o, refusal = parseScan(args[2], args[3:], false); refusal != nil {
			return refusal
		}
	}
	var found []string
	for i := 0; i < len(all) && o.cursor == 0; i += size {
		if glob.Match(o.pattern, all[i]) {
			found = append(found, all[i:i+size]...)
		}
	}
	return append(appendBulk(appendArray(nil, 2), "0"), stringsReply(found)...)
}

type scanOptions struct {
	cursor  uint64
	pattern string
	kind    string
}

func parseScan(cursor string, words []string, kinds bool) (o scanOptions, refusal []byte) {
	o.pattern = "*"
	var err error
	if o.cursor, err = strconv.ParseUint(strings.TrimPrefix(strings.TrimPrefix(cursor, "-"), "+"), 10, 64); err != nil {
		return o, errorReply("ERR invalid cursor")
	}
	for ; len(words) > 0; words = words[2:] {
		option := strings.ToUpper(words[0])
		if len(words) < 2 || option != "MATCH" && option != "COUNT" && (option != "TYPE" || !kinds) {
			return o, errorReply(syntaxError)
		}
		switch option {
		case "MATCH":
			o.pattern = words[1]
		case "TYPE":
			o.kind = words[1]
		case "COUNT":
			if n, ok := parseInt(words[1]); !ok {
				return o, errorReply(notInteger)
			} else if n < 1 {
				return o, errorReply(syntaxError)
			}
		}
	}
	return o, nil
}

// object is OBJECT ENCODING and OBJECT REFCOUNT.
func (db *DB) object(args []string) []byte {
	key := args[2]
	if !db.exists(key) {
		return nullReply
	}
	if strings.EqualFold(args[1], "REFCOUNT") {
		if text, refusal := db.text(key); refusal == nil {
			if n, ok := parseInt(text); ok && n >= 0 && n < 10000 {
				return integer(1<<31 - 1) // one of the small integers that all share
			}
		}
		return integer(1)
	}
	return bulk(db.encoding(key))
}

// encoding is how Redis would keep a value that it has just been given.
func (db *DB) encoding(key string) string {
	longest := func(words []string) (n int) {
		for _, w := range words {
			n = max(n, len(w))
		}
		return n
	}
	switch db.typeOf(key) {
	case "string":
		text, refusal := db.text(key)
		if _, ok := parseInt(text); ok && refusal == nil {
			return "int"
		}
		if refusal != nil || len(text) > 44 {
			return "raw"
		}
		return "embstr"
	case "list":
		return "quicklist"
	case "hash":
		if all, _ := words(db.call("HGETALL", key)); len(all) <= 2*maxListEntries && longest(all) <= maxListValue {
			return "listpack"
		}
	case "set":
		all, _ := words(db.call("SMEMBERS", key))
		if integers(all) {
			return "intset"
		}
	case "zset":
		all, _ := words(db.call("ZRANGE", key, "0", "-1"))
		if len(all) <= maxSortedEntries && longest(all) <= maxListValue {
			return "listpack"
		}
		return "skiplist"
	case "stream":
		return "stream"
	}
	return "hashtable"
}
