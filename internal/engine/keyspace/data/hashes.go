package data

import (
	"math"
	"strconv"

	"github.com/redis-rest/redis-rest-go/internal/engine/keyspace/value"
)

func init() {
	add(table{
		"HSET":         hset,
		"HMSET":        hset,
		"HSETNX":       hsetnx,
		"HGET":         hget,
		"HMGET":        hmget,
		"HGETALL":      hgetall,
		"HKEYS":        hkeys,
		"HVALS":        hkeys,
		"HLEN":         length[*value.Hash],
		"HEXISTS":      hexists,
		"HSTRLEN":      hstrlen,
		"HDEL":         removing('h', "hdel", (*value.Hash).Delete),
		"HINCRBY":      hincrby,
		"HINCRBYFLOAT": hincrbyfloat,
		"HRANDFIELD":   hrandfield,
		"HSCAN": scanning(func(h *value.Hash, cursor uint64, count int, visit func(name string, more ...string)) uint64 {
			return h.Scan(cursor, count, func(field, v string) { visit(field, v) })
		}),
	})
}

// hset runs HSET and HMSET.
func hset(c *call) error {
	if len(c.args)%2 == 1 {
		return c.errArity()
	}
	key := c.args[1]
	h, err := create(c, key, value.NewHash)
	if err != nil {
		return err
	}
	n := 0
	for i := 2; i < len(c.args); i += 2 {
		if h.Set(c.args[i], c.args[i+1], c.Limits) {
			n++
		}
	}
	if c.command.Name == "HSET" {
		c.addLen(n)
	} else {
		c.addOK()
	}
	c.wrote(key, 'h', "hset")
	return nil
}

func hsetnx(c *call) error {
	key, field := c.args[1], c.args[2]
	h, err := create(c, key, value.NewHash)
	if err != nil {
		return err
	}
	_, exists := h.Get(field)
	if !exists {
		h.Set(field, c.args[3], c.Limits)
		c.wrote(key, 'h', "hset")
	}
	c.addBool(!exists)
	return nil
}

// addField adds the value of a field, or null. h may be nil.
func (c *call) addField(h *value.Hash, field string) {
	if h != nil {
		if v, ok := h.Get(field); ok {
			c.addBulk(v)
			return
		}
	}
	c.addNull()
}

func hget(c *call) error {
	h, err := read[*value.Hash](c, c.args[1])
	if err == nil {
		c.addField(h, c.args[2])
	}
	return err
}

func hmget(c *call) error {
	h, err := read[*value.Hash](c, c.args[1])
	if err != nil {
		return err
	}
	c.addArray(len(c.args) - 2)
	for _, field := range c.args[2:] {
		c.addField(h, field)
	}
	return nil
}

func hgetall(c *call) error {
	h, err := read[*value.Hash](c, c.args[1])
	if err != nil {
		return err
	}
	if h == nil {
		c.addMap(0)
		return nil
	}
	c.addMap(h.Len())
	for field, v := range h.All() {
		c.addBulk(field)
		c.addBulk(v)
	}
	return nil
}

// hkeys runs HKEYS and HVALS.
func hkeys(c *call) error {
	h, err := read[*value.Hash](c, c.args[1])
	if err != nil {
		return err
	}
	if h == nil {
		c.addArray(0)
		return nil
	}
	c.addArray(h.Len())
	for field, v := range h.All() {
		if c.command.Name == "HVALS" {
			field = v
		}
		c.addBulk(field)
	}
	return nil
}

// field returns the value of the field in the words of the command, for one that only reads.
func (c *call) field() (v string, ok bool, err error) {
	h, err := read[*value.Hash](c, c.args[1])
	if h != nil {
		v, ok = h.Get(c.args[2])
	}
	return v, ok, err
}

func hexists(c *call) error {
	_, ok, err := c.field()
	if err == nil {
		c.addBool(ok)
	}
	return err
}

func hstrlen(c *call) error {
	v, _, err := c.field()
	if err == nil {
		c.addLen(len(v))
	}
	return err
}

func hincrby(c *call) error {
	key, field := c.args[1], c.args[2]
	by, err := parseInt(c.args[3])
	if err != nil {
		return err
	}
	h, err := create(c, key, value.NewHash)
	if err != nil {
		return err
	}
	n := int64(0)
	if old, ok := h.Get(field); ok {
		if n, err = parseIntOr(old, errorf("hash value is not an integer")); err != nil {
			return err
		}
	}
	if by > 0 && n > math.MaxInt64-by || by < 0 && n < math.MinInt64-by {
		return errOverflow
	}
	n += by
	h.Update(field, strconv.FormatInt(n, 10), c.Limits)
	c.addInt(n)
	c.wrote(key, 'h', "hincrby")
	return nil
}

func hincrbyfloat(c *call) error {
	key, field := c.args[1], c.args[2]
	by, err := parseLongDouble(c.args[3], errNotFloat)
	if err != nil {
		return err
	}
	if by.IsInf() {
		return errorf("value is NaN or Infinity")
	}
	h, err := create(c, key, value.NewHash)
	if err != nil {
		return err
	}
	old, ok := h.Get(field)
	if !ok {
		old = "0"
	}
	n, err := parseLongDouble(old, errorf("hash value is not a float"))
	if err != nil {
		return err
	}
	sum, err := addLongDoubles(n, by)
	if err != nil {
		return err
	}
	h.Update(field, sum, c.Limits)
	c.addBulk(sum)
	c.wrote(key, 'h', "hincrbyfloat")
	return nil
}

func hrandfield(c *call) error {
	if len(c.args) == 2 {
		h, err := read[*value.Hash](c, c.args[1])
		switch {
		case err != nil:
			return err
		case h == nil:
			c.addNull()
		default:
			field, _ := h.Random(c.Random)
			c.addBulk(field)
		}
		return nil
	}
	count, err := parseRandom(c.args[2])
	if err != nil {
		return err
	}
	pairs := len(c.args) == 4
	switch {
	case len(c.args) > 4 || pairs && !c.is(3, "WITHVALUES"):
		return errSyntax
	case pairs && (count < -math.MaxInt64/2 || count > math.MaxInt64/2):
		return errOutOfRange
	}
	h, err := read[*value.Hash](c, c.args[1])
	if err != nil {
		return err
	}
	if h == nil {
		c.addArray(0)
		return nil
	}
	if pairs {
		return c.addRandom(h.Len(), count, c.addPairs, func(i int) {
			field, v := h.At(i)
			c.addPair()
			c.addBulk(field)
			c.addBulk(v)
		})
	}
	return c.addRandom(h.Len(), count, c.addArray, func(i int) {
		field, _ := h.At(i)
		c.addBulk(field)
	})
}
