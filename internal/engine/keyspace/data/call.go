package data

import (
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/redis-rest/redis-rest-go/internal/engine/keyspace/value"
	"github.com/redis-rest/redis-rest-go/internal/protocol/commandtable"
	"github.com/redis-rest/redis-rest-go/internal/protocol/ctext"
	"github.com/redis-rest/redis-rest-go/internal/protocol/resp"
)

// A call is a command that runs.
type call struct {
	*Server
	session *Session
	db      *database // the selected one
	command commandtable.Command
	args    []string // with the name
	out     []byte   // the reply so far
	wait    *Wait
}

// read returns the value of a key, for a command that only reads. It is the zero T if the key
// is not there. T may be value.Value, for any type.
func read[T value.Value](c *call, key string) (v T, err error) {
	e := c.lookup(key)
	if e == nil {
		return v, nil
	}
	v, ok := e.value.(T)
	if !ok {
		return v, c.wrongType(key)
	}
	return v, nil
}

// edit returns the value of a key, which the command may change. It is the zero T if the key is
// not there.
func edit[T value.Value](c *call, key string) (v T, err error) {
	e := c.find(c.db, key)
	if e == nil || c.hidden(key) {
		return v, nil
	}
	c.touch(e)
	c.charge(e)
	v, ok := e.value.(T)
	if !ok {
		return v, c.wrongType(key)
	}
	c.edits(c.db, key)
	v, copied := value.Own(v)
	if copied {
		e.value = v
	}
	return v, nil
}

// wrongType is the error for a key of another type. For a command that waits for the key, it is no data.
func (c *call) wrongType(key string) error {
	if w := c.waiting.now; w != nil && slices.Contains(w.Keys, key) {
		return nil
	}
	return errWrongType
}

// create is edit, but adds the key with a new value if it is not there.
func create[T value.Value](c *call, key string, empty func() T) (v T, err error) {
	if c.find(c.db, key) != nil {
		return edit[T](c, key)
	}
	v = empty()
	c.put(key, v)
	return v, nil
}

// lookup returns the entry of a key for a command that reads it, or nil. It counts hits and
// misses, and notes the time.
func (c *call) lookup(key string) *entry {
	e := c.peek(key)
	if e != nil {
		c.touch(e)
		c.charge(e)
	}
	return e
}

// charge counts the work on a value by a command that may look at all of it.
func (c *call) charge(e *entry) {
	if c.command.Flags&commandtable.Fast != 0 {
		return
	}
	n := e.value.Len()
	if _, ok := e.value.(value.String); ok {
		n >>= 6
	}
	c.work += n
}

// peek is lookup, but does not note the time: for TTL, OBJECT and the like.
func (c *call) peek(key string) *entry {
	e := c.find(c.db, key)
	switch {
	case c.waiting.now != nil: // Redis looked for the key already, and tells nobody
		if c.hidden(key) {
			return nil
		}
		return e
	case e == nil:
		c.stats.Misses++
		c.notify(c.db, 'm', "keymiss", key)
		return nil
	}
	c.stats.Hits++
	return e
}

// exists says whether a key of the selected database exists, for a command that may write it.
func (c *call) exists(key string) bool { return c.find(c.db, key) != nil }

// set sets the value of a key and removes its expiry.
func (c *call) set(key string, v value.Value) {
	c.put(key, v)
	c.db.expires.Delete(key)
}

// put sets the value of a key and keeps its expiry.
func (c *call) put(key string, v value.Value) { c.Server.put(c.db, key, v) }

// delete deletes a key, and says whether it was there. As in Redis, the event of a key that is due
// and was not found before is del, and not expired.
func (c *call) delete(key string) bool {
	if c.db.keys.Find(key) < 0 {
		return false
	}
	c.db.remove(key)
	c.wrote(key, 'g', "del")
	return true
}

// deleteEmpty deletes a key whose value has no element left, after c.wrote said what removed the
// last one.
func (c *call) deleteEmpty(key string, v value.Value) bool {
	if v.Len() > 0 {
		return false
	}
	c.db.remove(key)
	c.Server.written(c.db, key)
	c.notify(c.db, 'g', "del", key)
	return true
}

// wrote says that the command wrote or deleted a key of the selected database. The class is a letter of
// notify-keyspace-events, and the event is its name in Redis' documentation of keyspace notifications.
func (c *call) wrote(key string, class byte, event string) {
	c.stats.Changes++
	c.Server.written(c.db, key)
	c.notify(c.db, class, event, key)
}

// changed is wrote for a command after which those who wait for data need not look: Redis does not wake them.
func (c *call) changed(key string, class byte, event string) {
	c.stats.Changes++
	c.Server.changed(c.db, key)
	c.notify(c.db, class, event, key)
}

// repeat gives the words that repeat the effect of this command, which drew at random.
func (c *call) repeat(words ...string) { c.effect = words }

// block says that the command waits for one of these keys until a time in milliseconds, or 0 for
// ever. In a script or a transaction it replies null instead. After block the command ends.
func (c *call) block(keys []string, until int64) error {
	if c.session.NoWait {
		c.addNullArray()
		return nil
	}
	c.wait = &Wait{DB: c.db.id, Keys: keys, Args: c.args, Until: until}
	return nil
}

// is says whether word i is this option, which is in upper case.
func (c *call) is(i int, option string) bool { return equalFold(c.args[i], option) }

// equalFold says whether a word is an option, without regard to the case of letters. As Redis, it looks at the
// word before its first zero byte only.
func equalFold(word, option string) bool {
	if len(word) != len(option) {
		if word = ctext.String(word); len(word) != len(option) {
			return false
		}
	}
	for i := range len(word) {
		if upper(word[i]) != option[i] {
			return false
		}
	}
	return true
}

func upper(c byte) byte {
	if 'a' <= c && c <= 'z' {
		return c - 'a' + 'A'
	}
	return c
}

func (c *call) addOK()                { c.out = append(c.out, resp.OK...) }
func (c *call) addStatus(text string) { c.out = resp.AppendStatus(c.out, text) }
func (c *call) addInt(n int64)        { c.out = resp.AppendInt(c.out, n) }
func (c *call) addLen(n int)          { c.out = resp.AppendInt(c.out, int64(n)) }
func (c *call) addBulk(text string)   { c.out = resp.AppendBulk(c.out, text) }
func (c *call) addBulkBytes(b []byte) { c.out = resp.AppendBulk(c.out, b) }
func (c *call) addBulks(list []string) {
	c.out = resp.AppendBulks(c.out, list)
}

// addBool adds 1 or 0.
func (c *call) addBool(yes bool) {
	if yes {
		c.addInt(1)
	} else {
		c.addInt(0)
	}
}

// full is an error if the reply is larger than a string may be. Commands whose reply has as many elements as a word
// says, and not as a key has, ask for it: Redis takes as much memory as it needs.
func (c *call) full() error {
	if int64(len(c.out)) > c.MaxBulk {
		return errReplyTooLong
	}
	return nil
}

// addNull adds a null instead of a string.
func (c *call) addNull() {
	if c.session.RESP3 {
		c.out = append(c.out, resp.Null3...)
	} else {
		c.out = append(c.out, resp.Null...)
	}
}

// addNullArray adds a null instead of an array.
func (c *call) addNullArray() { c.out = TimedOut(c.session, c.out) }

// addArray adds the head of an array. Its n elements must follow.
func (c *call) addArray(n int) { c.out = resp.AppendArray(c.out, n) }

// addMap adds the head of a map. Its n keys with values must follow.
func (c *call) addMap(n int) {
	if c.session.RESP3 {
		c.out = resp.AppendHead(c.out, '%', n)
	} else {
		c.out = resp.AppendArray(c.out, 2*n)
	}
}

// addSet adds the head of a set. Its n elements must follow.
func (c *call) addSet(n int) {
	if c.session.RESP3 {
		c.out = resp.AppendHead(c.out, '~', n)
	} else {
		c.out = resp.AppendArray(c.out, n)
	}
}

// addPairs adds the head of an array of n pairs, such as members with scores. In RESP3 each
// pair is an array: before each, addPair must follow.
func (c *call) addPairs(n int) {
	if c.session.RESP3 {
		c.addArray(n)
	} else {
		c.addArray(2 * n)
	}
}

// addPair adds what is before the two elements of a pair.
func (c *call) addPair() {
	if c.session.RESP3 {
		c.addArray(2)
	}
}

// addDouble adds a number with 17 digits, as scores have.
func (c *call) addDouble(f float64) {
	switch {
	case math.IsInf(f, 1):
		c.addNumber("inf")
	case math.IsInf(f, -1):
		c.addNumber("-inf")
	default:
		c.addNumber(ctext.FormatFloat(f, 'g', 17))
	}
}

// addNumber adds a number whose text is given: a double in RESP3, and a string in RESP2.
func (c *call) addNumber(text string) {
	if c.session.RESP3 {
		c.out = resp.AppendLine(c.out, ',', text)
	} else {
		c.addBulk(text)
	}
}

// addVerbatim adds text for people.
func (c *call) addVerbatim(text string) {
	if c.session.RESP3 {
		c.out = resp.AppendVerbatim(c.out, text)
	} else {
		c.addBulk(text)
	}
}

// maxRandom limits the number of random elements that may repeat, and so the size of a reply to a short command.
const maxRandom = 1 << 20

// addRandom adds random elements of n: count different ones, or -count that may repeat if it is negative.
// head is called with their number, and add with the position of each.
func (c *call) addRandom(n int, count int64, head, add func(int)) error {
	switch {
	case count < -maxRandom:
		return errOutOfRange
	case count < 0:
		head(int(-count))
		for range -count {
			if add(c.Random.IntN(n)); int64(len(c.out)) > c.MaxBulk {
				return errOutOfRange
			}
		}
	case count >= int64(n):
		head(n)
		for i := range n {
			add(i)
		}
	default:
		head(int(count))
		for _, i := range value.Sample(c.Random, n, int(count)) {
			add(i)
		}
	}
	return nil
}

// addScan adds the reply of SCAN and its like.
func (c *call) addScan(next uint64, found []string) {
	c.addArray(2)
	c.addBulk(strconv.FormatUint(next, 10))
	c.addBulks(found)
}

// A collection is a pointer to a value that has elements.
type collection interface {
	comparable
	value.Value
}

// length runs LLEN, HLEN, SCARD, ZCARD and XLEN.
func length[T collection](c *call) error {
	v, err := read[T](c, c.args[1])
	if err != nil {
		return err
	}
	n := 0
	if none := *new(T); v != none {
		n = v.Len()
	}
	c.addLen(n)
	return nil
}

// removing makes HDEL, SREM and ZREM. remove removes an element, and says whether it was there.
func removing[T collection](class byte, event string, remove func(v T, name string) bool) func(*call) error {
	return func(c *call) error {
		key := c.args[1]
		v, err := edit[T](c, key)
		if err != nil {
			return err
		}
		n := 0
		for _, name := range c.args[2:] {
			if none := *new(T); v != none && remove(v, name) {
				n++
			}
		}
		c.removed(key, v, n, class, event)
		return nil
	}
}

// removed ends a command that removed n elements, with their number as its reply.
func (c *call) removed(key string, v value.Value, n int, class byte, event string) {
	if n > 0 {
		c.wrote(key, class, event)
		c.deleteEmpty(key, v)
	}
	c.addLen(n)
}

// scanning makes HSCAN, SSCAN and ZSCAN. scan visits elements by their names, with what the reply has after
// each name.
func scanning[T collection](scan func(v T, cursor uint64, count int, visit func(name string, more ...string)) uint64) func(*call) error {
	return func(c *call) error {
		cursor, err := parseCursor(c.args[2])
		if err != nil {
			return err
		}
		v, err := read[T](c, c.args[1])
		if err != nil {
			return err
		}
		if none := *new(T); v == none {
			c.addScan(0, nil)
			return nil
		}
		o, err := parseScan(c.args[3:], false)
		if err != nil {
			return err
		}
		var found []string
		next := scan(v, cursor, o.count, func(name string, more ...string) {
			if matches(o.pattern, name) {
				found = append(append(found, name), more...)
			}
		})
		c.addScan(next, found)
		return nil
	}
}

// addHelp adds the reply of a subcommand HELP.
func (c *call) addHelp(lines ...string) error {
	name, _, _ := strings.Cut(c.command.Name, "|")
	c.addArray(len(lines) + 3)
	c.addStatus(name + " <subcommand> [<arg> [value] [opt] ...]. Subcommands are:")
	for _, line := range append(lines, "HELP", "    Prints this help.") {
		c.addStatus(line)
	}
	return nil
}
