package data

import (
	"errors"
	"strings"

	"github.com/redis-rest/redis-rest-go/internal/engine/keyspace/value"
	"github.com/redis-rest/redis-rest-go/internal/protocol/ctext"
)

func init() {
	add(table{
		"DEL":             del,
		"UNLINK":          del,
		"EXISTS":          exists,
		"TOUCH":           touch,
		"TYPE":            typeOf,
		"EXPIRE":          expire,
		"PEXPIRE":         expire,
		"EXPIREAT":        expire,
		"PEXPIREAT":       expire,
		"TTL":             ttl,
		"PTTL":            ttl,
		"EXPIRETIME":      ttl,
		"PEXPIRETIME":     ttl,
		"PERSIST":         persist,
		"RENAME":          rename,
		"RENAMENX":        rename,
		"COPY":            copyKey,
		"MOVE":            move,
		"SELECT":          selectDB,
		"SWAPDB":          swapDB,
		"KEYS":            keys,
		"SCAN":            scan,
		"RANDOMKEY":       randomKey,
		"DBSIZE":          dbsize,
		"FLUSHDB":         flush,
		"FLUSHALL":        flush,
		"DUMP":            dump,
		"RESTORE":         restore,
		"OBJECT|ENCODING": object,
		"OBJECT|REFCOUNT": object,
		"OBJECT|IDLETIME": object,
		"OBJECT|FREQ":     object,
		"OBJECT|HELP":     objectHelp,
	})
}

// del runs DEL and UNLINK.
func del(c *call) error {
	n := 0
	for _, key := range c.args[1:] {
		if c.exists(key) && c.delete(key) {
			n++
		}
	}
	c.addLen(n)
	return nil
}

func exists(c *call) error {
	n := 0
	for _, key := range c.args[1:] {
		if c.peek(key) != nil {
			n++
		}
	}
	c.addLen(n)
	return nil
}

func touch(c *call) error {
	n := 0
	for _, key := range c.args[1:] {
		if c.lookup(key) != nil {
			n++
		}
	}
	c.addLen(n)
	return nil
}

func typeOf(c *call) error {
	if e := c.peek(c.args[1]); e != nil {
		c.addStatus(e.value.Type())
	} else {
		c.addStatus("none")
	}
	return nil
}

// expireAt sets when a key of the selected database expires.
func (c *call) expireAt(key string, at int64) { c.db.expires.Set(key, at) }

// expire runs EXPIRE, PEXPIRE, EXPIREAT and PEXPIREAT.
func expire(c *call) error {
	key, name := c.args[1], c.command.Name
	var nx, xx, gt, lt bool
	for i := 3; i < len(c.args); i++ {
		switch {
		case c.is(i, "NX"):
			nx = true
		case c.is(i, "XX"):
			xx = true
		case c.is(i, "GT"):
			gt = true
		case c.is(i, "LT"):
			lt = true
		default:
			return errorf("Unsupported option %s", ctext.String(c.args[i]))
		}
	}
	switch {
	case nx && (xx || gt || lt):
		return errorf("NX and XX, GT or LT options at the same time are not compatible")
	case gt && lt:
		return errorf("GT and LT options at the same time are not compatible")
	}
	at, err := c.parseExpiry(c.args[2], name[0] != 'P', strings.HasSuffix(name, "AT"), true)
	if err != nil {
		return err
	}
	if !c.exists(key) {
		c.addInt(0)
		return nil
	}
	old, expires := c.db.expires.Get(key)
	switch {
	case nx && expires, xx && !expires, gt && (!expires || at <= old), lt && expires && at >= old:
		c.addInt(0)
		return nil
	case at <= c.now:
		c.delete(key)
	default:
		c.expireAt(key, at)
		c.changed(key, 'g', "expire")
	}
	c.addInt(1)
	return nil
}

// ttl runs TTL, PTTL, EXPIRETIME and PEXPIRETIME.
func ttl(c *call) error {
	key, name := c.args[1], c.command.Name
	if c.peek(key) == nil {
		c.addInt(-2)
		return nil
	}
	at, expires := c.db.expires.Get(key)
	if !expires {
		c.addInt(-1)
		return nil
	}
	if strings.HasSuffix(name, "TTL") {
		at = max(at-c.now, 0)
	}
	if name[0] != 'P' {
		at = int64(uint64(at+500) / 1000) // at is not negative, and the sum may overflow
	}
	c.addInt(at)
	return nil
}

func persist(c *call) error {
	key := c.args[1]
	had := c.exists(key) && c.db.expires.Delete(key)
	if had {
		c.changed(key, 'g', "persist")
	}
	c.addBool(had)
	return nil
}

// rename runs RENAME and RENAMENX.
func rename(c *call) error {
	from, to := c.args[1], c.args[2]
	nx := c.command.Name == "RENAMENX"
	e := c.find(c.db, from)
	if e == nil {
		return errNoKey
	}
	done := func(done bool) error {
		if nx {
			c.addBool(done)
		} else {
			c.addOK()
		}
		return nil
	}
	if from == to {
		return done(false)
	}
	v := e.value
	if nx && c.exists(to) {
		return done(false)
	}
	at, expires := c.db.expires.Get(from)
	c.arrive(c.db, to, v, at, expires)
	c.db.remove(from)
	c.wrote(from, 'g', "rename_from")
	c.notify(c.db, 'g', "rename_to", to)
	return done(true)
}

// arrive puts a value that has an expiry, or none, at a key of any database. A notification must follow.
func (c *call) arrive(db *database, key string, v value.Value, at int64, expires bool) {
	db.remove(key)
	c.Server.put(db, key, v)
	if expires {
		db.expires.Set(key, at)
	}
	c.Server.written(db, key)
}

func copyKey(c *call) error {
	from, to := c.args[1], c.args[2]
	db, replace := c.db, false
	for i := 3; i < len(c.args); i++ {
		switch {
		case c.is(i, "REPLACE"):
			replace = true
		case c.is(i, "DB") && i+1 < len(c.args):
			i++
			n, err := parseDB(c.args[i])
			if err != nil {
				return err
			}
			db = c.dbs[n]
		default:
			return errSyntax
		}
	}
	if db == c.db && from == to {
		if c.Hosted {
			c.addInt(0)
			return nil
		}
		return errSameObject
	}
	e := c.lookup(from)
	if e == nil {
		c.addInt(0)
		return nil
	}
	v := e.value
	if c.find(db, to) != nil && !replace {
		c.addInt(0)
		return nil
	}
	at, expires := c.db.expires.Get(from)
	v.Share()
	c.stats.Changes++
	c.arrive(db, to, v, at, expires)
	c.notify(db, 'g', "copy_to", to)
	c.addInt(1)
	return nil
}

func move(c *call) error {
	key := c.args[1]
	n, err := parseDB(c.args[2])
	if err != nil {
		return err
	}
	db := c.dbs[n]
	if db == c.db {
		return errSameObject
	}
	e := c.find(c.db, key)
	if e == nil || c.find(db, key) != nil {
		c.addInt(0)
		return nil
	}
	v := e.value
	at, expires := c.db.expires.Get(key)
	c.arrive(db, key, v, at, expires)
	c.db.remove(key)
	c.wrote(key, 'g', "move_from")
	c.notify(db, 'g', "move_to", key)
	c.addInt(1)
	return nil
}

func selectDB(c *call) error {
	n, err := parseDB(c.args[1])
	if err != nil {
		return err
	}
	c.session.DB = n
	c.addOK()
	return nil
}

func swapDB(c *call) error {
	a, err := parseInt32(c.args[1], Error("ERR invalid first DB index"))
	if err != nil {
		return err
	}
	b, err := parseInt32(c.args[2], Error("ERR invalid second DB index"))
	if err != nil {
		return err
	}
	if min(a, b) < 0 || max(a, b) >= Databases {
		return errDB
	}
	if a != b {
		c.replacing(a, b)
		c.replacing(b, a)
		c.dbs[a].swap(c.dbs[b])
	}
	c.stats.Changes++
	c.addOK()
	return nil
}

func (c *call) replacing(db, with int) {
	if c.Hooks.Replacing != nil {
		c.Hooks.Replacing(db, with)
	}
	c.waiting.wakeAll(db)
	c.failReplaced(db, with)
}

// keys runs KEYS.
func keys(c *call) error {
	c.work += c.db.keys.Len()
	var found []string
	for key := range c.db.keys.All() {
		if !matches(c.args[1], key) {
			continue
		}
		if at, expires := c.db.expires.Get(key); !expires || at >= c.now {
			found = append(found, key)
		}
	}
	c.addBulks(found)
	return nil
}

func scan(c *call) error {
	cursor, err := parseCursor(c.args[1])
	if err != nil {
		return err
	}
	o, err := parseScan(c.args[2:], true)
	if err != nil {
		return err
	}
	var seen, found []string
	next := c.db.keys.Scan(cursor, o.count, func(key string, _ *entry) { seen = append(seen, key) })
	for _, key := range seen {
		if !matches(o.pattern, key) {
			continue
		}
		if e := c.find(c.db, key); e != nil && (o.kind == "" || equalFold(o.kind, strings.ToUpper(e.value.Type()))) {
			if found = append(found, key); o.kinds {
				found = append(found, e.value.Type())
			}
		}
	}
	c.addScan(next, found)
	return nil
}

func randomKey(c *call) error {
	for c.db.keys.Len() > 0 {
		key, _ := c.db.keys.At(c.Random.IntN(c.db.keys.Len()))
		if c.exists(key) {
			c.addBulk(key)
			return nil
		}
	}
	c.addNull()
	return nil
}

func dbsize(c *call) error {
	c.addLen(c.db.keys.Len())
	return nil
}

// flush runs FLUSHDB and FLUSHALL.
func flush(c *call) error {
	if len(c.args) > 2 || len(c.args) == 2 && !c.is(1, "ASYNC") && !c.is(1, "SYNC") {
		return errSyntax
	}
	for _, db := range c.dbs {
		if db == c.db || c.command.Name == "FLUSHALL" {
			c.replacing(db.id, -1)
			db.empty()
		}
	}
	c.stats.Changes++
	c.addOK()
	return nil
}

func dump(c *call) error {
	e := c.lookup(c.args[1])
	if e == nil {
		c.addNull()
		return nil
	}
	c.addBulkBytes(value.Dump(e.value))
	return nil
}

func restore(c *call) error {
	key := c.args[1]
	var replace, absolute bool
	idle, freq := int64(-1), int64(-1)
	for i := 4; i < len(c.args); i++ {
		var err error
		switch more := i+1 < len(c.args); {
		case c.is(i, "REPLACE"):
			replace = true
		case c.is(i, "ABSTTL"):
			absolute = true
		case c.is(i, "IDLETIME") && more && freq == -1:
			i++
			if idle, err = parseInt(c.args[i]); err == nil && idle < 0 {
				err = errorf("Invalid IDLETIME value, must be >= 0")
			}
		case c.is(i, "FREQ") && more && idle == -1:
			i++
			if freq, err = parseInt(c.args[i]); err == nil && (freq < 0 || freq > 255) {
				err = errorf("Invalid FREQ value, must be >= 0 and <= 255")
			}
		default:
			err = errSyntax
		}
		if err != nil {
			return err
		}
	}
	if !replace && c.exists(key) {
		return Error("BUSYKEY Target key name already exists.")
	}
	at, err := parseInt(c.args[2])
	if err != nil {
		return err
	}
	if at < 0 {
		return errorf("Invalid TTL value, must be >= 0")
	}
	v, err := value.Restore(c.args[3], c.Limits)
	switch {
	case errors.Is(err, value.ErrFooter):
		return errorf("DUMP payload version or checksum are wrong")
	case err != nil:
		return errorf("Bad data format")
	}
	expires := at > 0
	if expires && !absolute {
		at += c.now
	}
	if expires && at <= c.now {
		c.delete(key)
		c.addOK()
		return nil
	}
	c.stats.Changes++
	c.arrive(c.db, key, v, at, expires)
	c.notify(c.db, 'g', "restore", key)
	switch e := c.find(c.db, key); {
	case idle >= 0 && !c.policy.frequency:
		e.used -= uint32(min(idle, int64(c.seconds())))
	case freq >= 0 && c.policy.frequency:
		e.used = c.minutes()<<8 | uint32(freq)
	}
	c.addOK()
	return nil
}

// object runs the subcommands of OBJECT with a key.
func object(c *call) error {
	e := c.find(c.db, c.args[2])
	if e == nil {
		c.addNull()
		return nil
	}
	switch c.command.Name {
	case "OBJECT|ENCODING":
		c.addBulk(e.value.Encoding())
	case "OBJECT|REFCOUNT":
		if n, ok := e.value.(value.Int); ok && n >= 0 && n < 10000 {
			c.addInt(1<<31 - 1) // Redis shares small integers
		} else {
			c.addInt(1)
		}
	case "OBJECT|IDLETIME":
		if c.policy.frequency {
			return errorf("An LFU maxmemory policy is selected, idle time not tracked. Please note that when switching between policies at runtime LRU and LFU data will take some time to adjust.")
		}
		c.addInt(int64(c.idle(e)))
	default:
		if !c.policy.frequency {
			return errorf("An LFU maxmemory policy is not selected, access frequency not tracked. Please note that when switching between policies at runtime LRU and LFU data will take some time to adjust.")
		}
		c.addInt(int64(c.frequency(e)))
	}
	return nil
}

func objectHelp(c *call) error {
	return c.addHelp(
		"ENCODING <key>",
		"    Return the kind of internal representation used in order to store the value",
		"    associated with a <key>.",
		"FREQ <key>",
		"    Return the access frequency index of the <key>. The returned integer is",
		"    proportional to the logarithm of the recent access frequency of the key.",
		"IDLETIME <key>",
		"    Return the idle time of the <key>, that is the approximated number of",
		"    seconds elapsed since the last access to the key.",
		"REFCOUNT <key>",
		"    Return the number of references of the value associated with the specified",
		"    <key>.",
	)
}
