package keyspace

import (
	"container/heap"
	"math"
	"strings"
	"time"

	"github.com/redis-rest/redis-rest-go/internal/protocol/commandtable"
)

// When keys expire is known here and not by miniredis, which looks at all keys at
// every command where its clock runs. A key that expires has a time to live there
// that never ends: what forgets it tells us to forget ours.
const never = math.MaxInt64 / 2

type expiries struct {
	at    map[place]int64 // in milliseconds
	queue expiryQueue     // what is due first; some are out of date

	fields bool  // fields of hashes may expire, which is miniredis' business
	aged   int64 // up to when those have aged
}

type expiry struct {
	at int64
	place
}

type expiryQueue []expiry

func (q expiryQueue) Len() int           { return len(q) }
func (q expiryQueue) Less(i, j int) bool { return q[i].at < q[j].at }
func (q expiryQueue) Swap(i, j int)      { q[i], q[j] = q[j], q[i] }
func (q *expiryQueue) Push(x any)        { *q = append(*q, x.(expiry)) }
func (q *expiryQueue) Pop() any {
	last := len(*q) - 1
	x := (*q)[last]
	*q = (*q)[:last]
	return x
}

// set notes when a key expires.
func (e *expiries) set(p place, at int64) {
	e.at[p] = at
	if len(e.queue) <= 2*len(e.at)+64 {
		heap.Push(&e.queue, expiry{at, p})
		return
	}
	e.queue = e.queue[:0] // most of it was out of date
	for p, at := range e.at {
		e.queue = append(e.queue, expiry{at, p})
	}
	heap.Init(&e.queue)
}

// expire removes the keys whose time is over.
func (db *DB) expire() {
	e := &db.expiries
	for len(e.queue) > 0 && e.queue[0].at <= db.now {
		due := heap.Pop(&e.queue).(expiry)
		if e.at[due.place] == due.at {
			db.remove(due.place)
		}
	}
	if e.fields && db.now > e.aged {
		db.mini.FastForward(time.Duration(db.now-e.aged) * time.Millisecond)
	}
	e.aged = db.now
}

// remove deletes a key.
func (db *DB) remove(p place) {
	db.mini.DB(p.db).Del(p.key)
	delete(db.expiries.at, p)
	delete(db.orders, p)
}

// expireAt has a key that exists expire, at once where the time has passed.
func (db *DB) expireAt(key string, at int64) {
	p := place{db.selected, key}
	if at <= db.now {
		db.remove(p)
		return
	}
	db.mini.DB(db.selected).SetTTL(key, never)
	db.expiries.set(p, at)
}

// settle takes note of what a command did to the keys that it writes.
func (db *DB) settle(c commandtable.Command, args []string) {
	if !c.Flags.Has(commandtable.Write) || len(db.expiries.at) == 0 && len(db.orders) == 0 {
		return
	}
	keys, _ := c.Keys(args) // where they cannot be told, nothing ran
	for _, i := range keys {
		db.settleKey(place{db.selected, args[i]})
	}
}

func (db *DB) settleKey(p place) {
	mini := db.mini.DB(p.db)
	if _, ok := db.expiries.at[p]; ok && mini.TTL(p.key) == 0 {
		delete(db.expiries.at, p)
	}
	if _, ok := db.orders[p]; ok && mini.Type(p.key) != "hash" {
		delete(db.orders, p)
	}
}

// exists says whether a key of the chosen database exists.
func (db *DB) exists(key string) bool { return db.mini.DB(db.selected).Exists(key) }

// expireCommand is EXPIRE and its like.
func (db *DB) expireCommand(args []string) []byte {
	name := strings.ToUpper(args[0])
	var nx, xx, gt, lt bool
	for _, option := range args[3:] {
		switch strings.ToUpper(option) {
		case "NX":
			nx = true
		case "XX":
			xx = true
		case "GT":
			gt = true
		case "LT":
			lt = true
		default:
			return errorReply("ERR Unsupported option " + option)
		}
	}
	switch {
	case nx && (xx || gt || lt):
		return errorReply("ERR NX and XX, GT or LT options at the same time are not compatible")
	case gt && lt:
		return errorReply("ERR GT and LT options at the same time are not compatible")
	}
	n, ok := parseInt(args[2])
	if !ok {
		return errorReply(notInteger)
	}
	seconds, absolute := name[0] != 'P', strings.HasSuffix(name, "AT")
	at, ok := db.deadline(n, seconds, absolute)
	if !ok {
		return invalidExpire(name)
	}
	key := args[1]
	if !db.exists(key) {
		return integer(0)
	}
	had, expires := db.expiries.at[place{db.selected, key}]
	if nx && expires || xx && !expires || gt && (!expires || at <= had) || lt && expires && at >= had {
		return integer(0)
	}
	db.expireAt(key, at)
	return integer(1)
}

// deadline is when something expires, in milliseconds.
func (db *DB) deadline(n int64, seconds, absolute bool) (at int64, ok bool) {
	if seconds {
		if n > math.MaxInt64/1000 || n < math.MinInt64/1000 {
			return 0, false
		}
		n *= 1000
	}
	if absolute {
		return n, true
	}
	if n > math.MaxInt64-db.now {
		return 0, false
	}
	return n + db.now, true
}

// tellExpiry is TTL and its like.
func (db *DB) tellExpiry(args []string) []byte {
	at, ok := db.expiries.at[place{db.selected, args[1]}]
	switch {
	case !db.exists(args[1]):
		return integer(-2)
	case !ok:
		return integer(-1)
	}
	switch strings.ToUpper(args[0]) {
	case "TTL":
		return integer((at - db.now + 500) / 1000)
	case "PTTL":
		return integer(at - db.now)
	case "EXPIRETIME":
		return integer((at + 500) / 1000)
	default:
		return integer(at)
	}
}

// persist is PERSIST.
func (db *DB) persist(args []string) []byte {
	if _, ok := db.expiries.at[place{db.selected, args[1]}]; !ok {
		return integer(0)
	}
	return db.call(args...)
}

// stringOptions are the options of SET and GETEX.
type stringOptions struct {
	nx, xx, get, keep, persist bool
	expires                    string // EX, PX, EXAT or PXAT
	n                          string
}

func parseStringOptions(name string, words []string) (o stringOptions, ok bool) {
	for i := 0; i < len(words); i++ {
		word := strings.ToUpper(words[i])
		set := name == "SET"
		switch {
		case word == "NX" && set && !o.xx:
			o.nx = true
		case word == "XX" && set && !o.nx:
			o.xx = true
		case word == "GET" && set:
			o.get = true
		case word == "KEEPTTL" && set && o.expires == "":
			o.keep = true
		case word == "PERSIST" && !set && o.expires == "":
			o.persist = true
		case (word == "EX" || word == "PX" || word == "EXAT" || word == "PXAT") && (o.expires == "" || o.expires == word) &&
			!o.keep && !o.persist && i+1 < len(words):
			i++
			o.expires, o.n = word, words[i]
		default:
			return o, false
		}
	}
	return o, true
}

// time is when a value expires by these options; the refusal says why it cannot.
func (o stringOptions) time(db *DB, name string) (at int64, refusal []byte) {
	n, ok := parseInt(o.n)
	if !ok {
		return 0, errorReply(notInteger)
	}
	at, ok = db.deadline(n, o.expires[0] == 'E', strings.HasSuffix(o.expires, "AT"))
	if !ok || n <= 0 {
		return 0, invalidExpire(name)
	}
	return at, nil
}

// set is SET.
func (db *DB) set(args []string) []byte {
	o, ok := parseStringOptions("SET", args[3:])
	if !ok {
		return errorReply(syntaxError)
	}
	key, value := args[1], args[2]
	var at int64
	if o.expires != "" {
		var refusal []byte
		if at, refusal = o.time(db, "SET"); refusal != nil {
			return refusal
		}
	}
	reply := okReply
	if o.get {
		if reply = db.call("GET", key); reply[0] == '-' {
			return reply
		}
	}
	if o.nx || o.xx {
		if o.nx == db.exists(key) {
			if o.get {
				return reply
			}
			return nullReply
		}
	}
	if o.keep {
		db.call("SET", key, value, "KEEPTTL")
	} else {
		db.call("SET", key, value)
	}
	if o.expires != "" {
		db.expireAt(key, at)
	}
	return reply
}

// setex is SETEX and PSETEX.
func (db *DB) setex(args []string) []byte {
	o := stringOptions{expires: "EX", n: args[2]}
	if strings.EqualFold(args[0], "PSETEX") {
		o.expires = "PX"
	}
	at, refusal := o.time(db, args[0])
	if refusal != nil {
		return refusal
	}
	db.call("SET", args[1], args[3])
	db.expireAt(args[1], at)
	return okReply
}

// getex is GETEX.
func (db *DB) getex(args []string) []byte {
	o, ok := parseStringOptions("GETEX", args[2:])
	if !ok {
		return errorReply(syntaxError)
	}
	reply := db.call("GET", args[1])
	if reply[0] == '-' || string(reply) == string(nullReply) {
		return reply
	}
	switch {
	case o.persist:
		db.call("PERSIST", args[1])
	case o.expires != "":
		at, refusal := o.time(db, "GETEX")
		if refusal != nil {
			return refusal
		}
		db.expireAt(args[1], at)
	}
	return reply
}
