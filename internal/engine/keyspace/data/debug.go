package data

import (
	"crypto/sha1"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"strings"

	"github.com/redis-rest/redis-rest-go/internal/engine/keyspace/value"
	"github.com/redis-rest/redis-rest-go/internal/protocol/ctext"
	"github.com/redis-rest/redis-rest-go/internal/protocol/resp"
)

func init() { add(table{"DEBUG": debug}) }

// debug runs the subcommands of DEBUG with which Redis' own tests look at keys. The pause of SLEEP is the caller's.
func debug(c *call) error {
	n := len(c.args)
	switch {
	case c.is(1, "HELP") && n == 2:
		return help(c)
	case c.is(1, "OBJECT") && n >= 3:
		return debugObject(c)
	case c.is(1, "LISTPACK") && n == 3:
		return c.debugPrint("listpack", "Listpack", "Not a listpack encoded object.")
	case c.is(1, "QUICKLIST") && (n == 3 || n == 4):
		return c.debugPrint("quicklist", "Quicklist", "Not a quicklist encoded object.")
	case c.is(1, "DIGEST") && n == 2:
		c.addStatus(c.digestAll().String())
	case c.is(1, "DIGEST-VALUE"):
		c.addArray(n - 2)
		for _, key := range c.args[2:] {
			var d digest
			if e := c.db.keys.Ref(key); e != nil {
				d.addValue(c.db, key, e.value)
			}
			c.addStatus(d.String())
		}
	case c.is(1, "SET-ACTIVE-EXPIRE") && n == 3:
		digits := strings.TrimLeft(strings.TrimLeft(c.args[2], ctext.Space+"+-"), "0")
		c.KeepDue = digits == "" || !ctext.IsDigit(digits[0]) // as atoi
		c.addOK()
	case c.is(1, "CHANGE-REPL-ID") && n == 2:
		c.replID = randomHex(40)
		c.addOK()
	case c.is(1, "ERROR") && n == 3:
		return Error(c.args[2])
	case c.is(1, "SLEEP") && n == 3:
		c.addOK()
	case c.is(1, "PROTOCOL") && n == 3:
		return debugProtocol(c)
	case c.is(1, "QUICKLIST-PACKED-THRESHOLD") && n == 3:
		if _, ok := parseMemory(ctext.String(c.args[2])); !ok {
			return errorf("argument must be a memory value")
		}
		c.addOK() // nobody sees how a list keeps a long element
	case c.is(1, "LOADAOF") && n == 2:
		return debugReload(c)
	case c.is(1, "RELOAD"):
		return debugReload(c)
	default:
		return c.errSubcommand()
	}
	return nil
}

// debugKey returns the value of the key of a subcommand, even if the key is due, as in Redis.
func (c *call) debugKey() (*entry, error) {
	e := c.db.keys.Ref(c.args[2])
	if e == nil {
		return nil, errNoKey
	}
	return e, nil
}

func debugObject(c *call) error {
	e, err := c.debugKey()
	if err != nil {
		return err
	}
	const frame = 1 + 2 + 8 // the type, the version and the checksum
	c.addStatus(fmt.Sprintf("Value at:%p refcount:1 encoding:%s serializedlength:%d lru:%d lru_seconds_idle:%d",
		e, e.value.Encoding(), len(value.Dump(e.value))-frame, e.used&(1<<24-1), c.idle(e)))
	return nil
}

// debugPrint replies as if the structure of a key were printed, if it has that encoding.
func (c *call) debugPrint(encoding, name, otherwise string) error {
	e, err := c.debugKey()
	if err != nil {
		return err
	}
	if e.value.Encoding() != encoding {
		return errorf("%s", otherwise)
	}
	c.addStatus(name + " structure printed on stdout")
	return nil
}

// debugReload runs DEBUG RELOAD: each value is written as DUMP does, and read again. As in Redis, keys that are
// due do not come back.
func debugReload(c *call) error {
	for i := 2; i < len(c.args); i++ {
		if !c.is(i, "MERGE") && !c.is(i, "NOFLUSH") && !c.is(i, "NOSAVE") {
			return errorf("DEBUG RELOAD only supports the MERGE, NOFLUSH and NOSAVE options.")
		}
	}
	for _, db := range c.dbs {
		var due []string
		for key, e := range db.keys.All() {
			if at, expires := db.expires.Get(key); expires && at < c.now {
				due = append(due, key)
				continue
			}
			if h, ok := e.value.(*value.Hash); ok {
				if _, expires := h.NextExpiry(); expires {
					continue // a payload of Redis 7.0 has no times of fields
				}
			}
			v, err := value.Restore(string(value.Dump(e.value)), c.Limits)
			if err != nil {
				return errorf("Error trying to load the RDB dump, check server logs.")
			}
			e := db.keys.Ref(key)
			e.value = v
			db.weigh(e)
		}
		for _, key := range due {
			db.remove(key)
		}
	}
	c.addOK()
	return nil
}

// debugProtocol replies with an example of a type of RESP3.
func debugProtocol(c *call) error {
	resp3 := c.session.RESP3
	numbers := func() {
		for i := range int64(3) {
			c.addInt(i)
		}
	}
	flag := func(yes bool) {
		switch {
		case !resp3:
			c.addBool(yes)
		case yes:
			c.out = append(c.out, "#t\r\n"...)
		default:
			c.out = append(c.out, "#f\r\n"...)
		}
	}
	switch strings.ToLower(c.args[2]) {
	case "string":
		c.addBulk("Hello World")
	case "integer":
		c.addInt(12345)
	case "double":
		c.addDouble(3.141)
	case "bignum":
		if number := "1234567999999999999999999999999999999"; resp3 {
			c.out = resp.AppendLine(c.out, '(', number)
		} else {
			c.addBulk(number)
		}
	case "null":
		c.addNull()
	case "array":
		c.addArray(3)
		numbers()
	case "set":
		c.addSet(3)
		numbers()
	case "map":
		c.addMap(3)
		for i := range int64(3) {
			c.addInt(i)
			flag(i == 1)
		}
	case "attrib":
		if resp3 {
			c.out = resp.AppendHead(c.out, '|', 1)
			c.addBulk("key-popularity")
			c.addArray(2)
			c.addBulk("key:123")
			c.addInt(90)
		}
		c.addBulk("Some real reply following the attribute")
	case "push":
		if !resp3 {
			return errorf("RESP2 is not supported by this command")
		}
		c.out = resp.AppendHead(c.out, '>', 2)
		c.addBulk("server-cpu-usage")
		c.addInt(42)
		c.addBulk("Some real reply following the push reply")
	case "true", "false":
		flag(c.is(2, "TRUE"))
	case "verbatim":
		c.addVerbatim("This is a verbatim\nstring")
	default:
		return errorf("Wrong protocol type name. Please use one of the following: string|integer|double|bignum|null|array|set|map|attrib|push|verbatim|true|false")
	}
	return nil
}

// A digest is that of DEBUG DIGEST. What is added with xor may come in any order.
type digest [sha1.Size]byte

func (d digest) String() string { return hex.EncodeToString(d[:]) }

func (d *digest) xor(text string) {
	for i, b := range sha1.Sum([]byte(text)) {
		d[i] ^= b
	}
}

func (d *digest) mix(text string) {
	d.xor(text)
	*d = sha1.Sum(d[:])
}

func (d *digest) mixInt(n int) { d.mix(string(binary.BigEndian.AppendUint32(nil, uint32(n)))) }

func (c *call) digestAll() (all digest) {
	for _, db := range c.dbs {
		if db.keys.Len() == 0 {
			continue
		}
		all.mixInt(db.id)
		for key, e := range db.keys.All() {
			var d digest
			d.mix(key)
			d.addValue(db, key, e.value)
			all.xor(string(d[:]))
		}
	}
	return all
}

// typeNumbers are those of the types in Redis.
var typeNumbers = map[string]int{"string": 0, "list": 1, "set": 2, "zset": 3, "hash": 4, "ReJSON-RL": 5, "stream": 6}

func (d *digest) addValue(db *database, key string, v value.Value) {
	d.mixInt(typeNumbers[v.Type()])
	pair := func(a, b string) {
		var one digest
		one.mix(a)
		one.mix(b)
		d.xor(string(one[:]))
	}
	switch v := v.(type) {
	case value.String:
		d.mix(v.String())
	case *value.JSON:
		d.mix(string(v.Doc.Root().Append(nil)))
	case *value.List:
		for text := range v.Range(0, v.Len()) {
			d.mix(text)
		}
	case *value.Set:
		for member := range v.All() {
			d.xor(member)
		}
	case *value.SortedSet:
		for member, score := range v.Range(0, v.Len()) {
			pair(member, ctext.FormatFloat(score, 'g', 17))
		}
	case *value.Hash:
		for field, text := range v.All() {
			pair(field, text)
		}
	case *value.Stream:
		for e := range v.Range(value.ID{}, value.MaxID) {
			d.mix(fmt.Sprintf("%d.%d", e.ID.Ms, e.ID.Seq))
			for _, text := range e.Fields {
				d.mix(text)
			}
		}
	}
	if _, expires := db.expires.Get(key); expires {
		d.xor("!!expire!!")
	}
}
