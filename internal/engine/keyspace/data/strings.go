package data

import (
	"encoding/hex"
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/zeebo/xxh3"

	"github.com/redis-rest/redis-rest-go/internal/engine/keyspace/value"
)

func init() {
	add(table{
		"GET":         get,
		"SET":         set,
		"SETEX":       setex,
		"PSETEX":      setex,
		"SETNX":       setnx,
		"GETSET":      getset,
		"GETEX":       getex,
		"GETDEL":      getdel,
		"MGET":        mget,
		"MSET":        mset,
		"MSETNX":      mset,
		"APPEND":      appendText,
		"STRLEN":      strlen,
		"SETRANGE":    setrange,
		"GETRANGE":    getrange,
		"SUBSTR":      getrange,
		"INCR":        func(c *call) error { return c.increment(1) },
		"DECR":        func(c *call) error { return c.increment(-1) },
		"INCRBY":      incrby,
		"DECRBY":      incrby,
		"INCRBYFLOAT": incrbyfloat,
		"LCS":         lcs,
		"DELEX":       delex,
		"DIGEST":      digestOf,
		"MSETEX":      msetex,
	})
}

// addString adds a string, or null if it is nil.
func (c *call) addString(s value.String) {
	switch s := s.(type) {
	case nil:
		c.addNull()
	case *value.Bytes:
		c.addBulkBytes(s.B)
	default:
		c.addBulk(s.String())
	}
}

// textOf returns the text of a string, or "" if it is nil.
func textOf(s value.String) string {
	if s == nil {
		return ""
	}
	return s.String()
}

func get(c *call) error {
	s, err := read[value.String](c, c.args[1])
	if err == nil {
		c.addString(s)
	}
	return err
}

// setOptions are the options of SET and GETEX.
type setOptions struct {
	nx, xx, get, keep, persist bool
	comparison                 comparison
	expires                    string // EX, PX, EXAT or PXAT
	time                       string
}

// A comparison is a condition of Redis 8.4: how a string compares with a text or a digest.
type comparison struct {
	kind string // IFEQ, IFNE, IFDEQ or IFDNE; "" for none
	with string
}

var comparisons = []string{"IFEQ", "IFNE", "IFDEQ", "IFDNE"}

// parseComparison reads a comparison at the start of the words. ok is false if there is none.
func parseComparison(words []string) (o comparison, ok bool, err error) {
	at := slices.IndexFunc(comparisons, func(option string) bool { return equalFold(words[0], option) })
	if at < 0 || len(words) == 1 {
		return o, false, nil
	}
	o = comparison{comparisons[at], words[1]}
	if strings.HasPrefix(o.kind, "IFD") {
		if _, err := hex.DecodeString(o.with); err != nil || len(o.with) != 16 {
			return o, false, errorf("must be exactly 16 hexadecimal characters")
		}
	}
	return o, true, nil
}

// holds says whether a string, which may be nil, meets the condition.
func (o comparison) holds(s value.String) bool {
	if s == nil {
		return o.kind == "IFNE" || o.kind == "IFDNE"
	}
	text := s.String()
	switch o.kind {
	case "IFEQ":
		return text == o.with
	case "IFNE":
		return text != o.with
	case "IFDEQ":
		return strings.EqualFold(digestText(text), o.with)
	}
	return !strings.EqualFold(digestText(text), o.with)
}

// digestText returns the digest of a string, as DIGEST replies it.
func digestText(text string) string { return fmt.Sprintf("%016x", xxh3.HashString(text)) }

func digestOf(c *call) error {
	s, err := read[value.String](c, c.args[1])
	switch {
	case err != nil:
		return err
	case s == nil:
		c.addNull()
	default:
		c.addBulk(digestText(s.String()))
	}
	return nil
}

// delex runs DELEX: DEL on a condition.
func delex(c *call) error {
	key := c.args[1]
	if len(c.args) > 2 {
		o, ok, err := parseComparison(c.args[2:])
		switch {
		case err != nil:
			return err
		case !ok:
			return errorf("Invalid condition. Use IFEQ, IFNE, IFDEQ, or IFDNE")
		case len(c.args) > 4:
			return c.errArity()
		}
		e := c.find(c.db, key)
		if e == nil {
			c.addInt(0)
			return nil
		}
		s, isString := e.value.(value.String)
		if !isString {
			return errorf("Key should be of string type if conditions are specified")
		}
		if !o.holds(s) {
			c.addInt(0)
			return nil
		}
	}
	c.addBool(c.exists(key) && c.delete(key))
	return nil
}

// msetex runs MSETEX: MSET with conditions and an expiry for all keys.
func msetex(c *call) error {
	n, err := parseIntIn(c.args[1], 1, math.MaxInt32, errorf("invalid numkeys value"))
	if err != nil {
		return err
	}
	if n > int64(len(c.args)-2)/2 {
		return errorf("wrong number of key-value pairs")
	}
	pairs, words := c.args[2:2+2*n], c.args[2+2*n:]
	o, err := parseSetOptions(words, true)
	if err != nil || o.get || o.comparison.kind != "" {
		return errSyntax
	}
	at, err := c.expiry(o)
	if err != nil {
		return err
	}
	for i := 0; i < len(pairs) && (o.nx || o.xx); i += 2 {
		if o.nx == c.exists(pairs[i]) {
			c.addInt(0)
			return nil
		}
	}
	for i := 0; i < len(pairs); i += 2 {
		c.setTo(pairs[i], value.NewString(pairs[i+1]), o.keep)
		if o.expires != "" {
			c.expireAt(pairs[i], at)
			c.notify(c.db, 'g', "expire", pairs[i])
		}
	}
	c.addInt(1)
	return nil
}

func parseSetOptions(words []string, set bool) (o setOptions, err error) {
	for i := 0; i < len(words); i++ {
		word := words[i]
		if set && !o.nx && !o.xx && o.comparison.kind == "" {
			var ok bool
			if o.comparison, ok, err = parseComparison(words[i:]); err != nil {
				return o, err
			}
			if ok {
				i++
				continue
			}
		}
		switch {
		case set && !o.xx && o.comparison.kind == "" && equalFold(word, "NX"):
			o.nx = true
		case set && !o.nx && o.comparison.kind == "" && equalFold(word, "XX"):
			o.xx = true
		case set && equalFold(word, "GET"):
			o.get = true
		case set && o.expires == "" && equalFold(word, "KEEPTTL"):
			o.keep = true
		case !set && o.expires == "" && equalFold(word, "PERSIST"):
			o.persist = true
		default:
			at := slices.IndexFunc(expiryOptions, func(option string) bool { return equalFold(word, option) })
			if at < 0 || o.keep || o.persist || o.expires != "" && o.expires != expiryOptions[at] || i+1 == len(words) {
				return o, errSyntax
			}
			i++
			o.expires, o.time = expiryOptions[at], words[i]
		}
	}
	return o, nil
}

var expiryOptions = []string{"EX", "PX", "EXAT", "PXAT"}

// expiry reads the time of the options, if there is one.
func (c *call) expiry(o setOptions) (at int64, err error) {
	if o.expires == "" {
		return 0, nil
	}
	return c.parseExpiry(o.time, o.expires[0] == 'E', len(o.expires) > 2, false)
}

func set(c *call) error {
	o, err := parseSetOptions(c.args[3:], true)
	if err != nil {
		return err
	}
	return c.setString(o, c.args[2], c.addOK, c.addNull)
}

// setString sets the key to a text with options. done and not add the reply, unless it is the old value.
func (c *call) setString(o setOptions, text string, done, not func()) error {
	key := c.args[1]
	at, err := c.expiry(o)
	if err != nil {
		return err
	}
	if o.get {
		if err := get(c); err != nil {
			return err
		}
		done, not = func() {}, func() {}
	}
	if (o.nx || o.xx) && o.nx == c.exists(key) {
		not()
		return nil
	}
	if o.comparison.kind != "" {
		s, err := edit[value.String](c, key)
		if err != nil {
			return err
		}
		if !o.comparison.holds(s) {
			not()
			return nil
		}
	}
	c.setTo(key, value.NewString(text), o.keep)
	if o.expires != "" {
		c.expireAt(key, at)
		c.notify(c.db, 'g', "expire", key)
	}
	done()
	return nil
}

// setTo sets a key to a string.
func (c *call) setTo(key string, s value.String, keep bool) {
	c.find(c.db, key) // which deletes it if it is due
	if keep {
		c.put(key, s)
	} else {
		c.set(key, s)
	}
	c.wrote(key, '$', "set")
}

func setex(c *call) error {
	unit := "EX"
	if c.command.Name == "PSETEX" {
		unit = "PX"
	}
	return c.setString(setOptions{expires: unit, time: c.args[2]}, c.args[3], c.addOK, nil)
}

func setnx(c *call) error {
	return c.setString(setOptions{nx: true}, c.args[2], func() { c.addInt(1) }, func() { c.addInt(0) })
}

func getset(c *call) error {
	if err := get(c); err != nil {
		return err
	}
	c.setTo(c.args[1], value.NewString(c.args[2]), false)
	return nil
}

func getex(c *call) error {
	key := c.args[1]
	o, err := parseSetOptions(c.args[2:], false)
	if err != nil {
		return err
	}
	s, err := read[value.String](c, key)
	if err != nil {
		return err
	}
	if s == nil {
		c.addNull()
		return nil
	}
	at, err := c.expiry(o)
	if err != nil {
		return err
	}
	c.addString(s)
	switch {
	case len(o.expires) > 2 && at <= c.now:
		c.delete(key)
	case o.expires != "":
		c.expireAt(key, at)
		c.changed(key, 'g', "expire")
	case o.persist && c.db.expires.Delete(key):
		c.changed(key, 'g', "persist")
	}
	return nil
}

func getdel(c *call) error {
	if err := get(c); err != nil {
		return err
	}
	c.delete(c.args[1])
	return nil
}

func mget(c *call) error {
	c.addArray(len(c.args) - 1)
	for _, key := range c.args[1:] {
		s, err := read[value.String](c, key)
		if err != nil {
			s = nil
		}
		c.addString(s)
	}
	return nil
}

// mset runs MSET and MSETNX.
func mset(c *call) error {
	if len(c.args)%2 == 0 {
		return c.errArity()
	}
	nx := c.command.Name == "MSETNX"
	if nx {
		for i := 1; i < len(c.args); i += 2 {
			if c.exists(c.args[i]) {
				c.addInt(0)
				return nil
			}
		}
	}
	for i := 1; i < len(c.args); i += 2 {
		c.setTo(c.args[i], value.NewString(c.args[i+1]), false)
	}
	if nx {
		c.addInt(1)
	} else {
		c.addOK()
	}
	return nil
}

// checkLength refuses to make a string that is too long.
func (c *call) checkLength(size, more int64) error {
	if more > c.MaxBulk-size {
		return errTooLong
	}
	return nil
}

// editString returns the string of a key as bytes that may be changed, and adds the key if it is not there.
func (c *call) editString(key string) (*value.Bytes, error) {
	s, err := edit[value.String](c, key)
	if err != nil {
		return nil, err
	}
	if s == nil {
		b := &value.Bytes{}
		c.put(key, b)
		return b, nil
	}
	b, copied := value.Edit(s)
	if copied {
		c.put(key, b)
	}
	return b, nil
}

func appendText(c *call) error {
	key, text := c.args[1], c.args[2]
	s, err := edit[value.String](c, key)
	if err != nil {
		return err
	}
	size := len(text)
	if s == nil {
		c.put(key, value.NewString(text))
	} else {
		if err := c.checkLength(int64(s.Len()), int64(len(text))); err != nil {
			return err
		}
		b, err := c.editString(key)
		if err != nil {
			return err
		}
		b.B = append(b.B, text...)
		size = len(b.B)
	}
	c.wrote(key, '$', "append")
	c.addLen(size)
	return nil
}

func strlen(c *call) error {
	s, err := read[value.String](c, c.args[1])
	if err != nil {
		return err
	}
	if s == nil {
		c.addInt(0)
	} else {
		c.addLen(s.Len())
	}
	return nil
}

func setrange(c *call) error {
	key, text := c.args[1], c.args[3]
	at, err := parseInt(c.args[2])
	if err != nil {
		return err
	}
	if at < 0 {
		return errorf("offset is out of range")
	}
	s, err := edit[value.String](c, key)
	if err != nil {
		return err
	}
	if text == "" {
		if s == nil {
			c.addInt(0)
		} else {
			c.addLen(s.Len())
		}
		return nil
	}
	if err := c.checkLength(at, int64(len(text))); err != nil {
		return err
	}
	b, err := c.editString(key)
	if err != nil {
		return err
	}
	b.Grow(int(at) + len(text))
	copy(b.B[at:], text)
	c.wrote(key, '$', "setrange")
	c.addLen(len(b.B))
	return nil
}

// getrange runs GETRANGE and SUBSTR.
func getrange(c *call) error {
	first, err := parseInt(c.args[2])
	if err != nil {
		return err
	}
	last, err := parseInt(c.args[3])
	if err != nil {
		return err
	}
	s, err := read[value.String](c, c.args[1])
	if err != nil {
		return err
	}
	if s == nil || first < 0 && last < 0 && first > last {
		c.addBulk("")
		return nil
	}
	if last < 0 { // unlike in other commands, an end before the start is the start
		last = max(last+int64(s.Len()), 0)
	}
	from, to := clampRange(first, last, s.Len())
	c.addBulk(s.Slice(from, to))
	return nil
}

func incrby(c *call) error {
	n, err := parseInt(c.args[2])
	if err != nil {
		return err
	}
	if c.command.Name == "DECRBY" {
		if n == math.MinInt64 {
			return errorf("decrement would overflow")
		}
		n = -n
	}
	return c.increment(n)
}

func (c *call) increment(by int64) error {
	key := c.args[1]
	s, err := edit[value.String](c, key)
	if err != nil {
		return err
	}
	n := int64(0)
	switch s := s.(type) {
	case nil:
	case value.Int:
		n = int64(s)
	default:
		if n, err = parseInt(s.String()); err != nil {
			return err
		}
	}
	if by > 0 && n > math.MaxInt64-by || by < 0 && n < math.MinInt64-by {
		return errOverflow
	}
	c.put(key, value.Int(n+by))
	c.wrote(key, '$', "incrby")
	c.addInt(n + by)
	return nil
}

func incrbyfloat(c *call) error {
	key := c.args[1]
	s, err := edit[value.String](c, key)
	if err != nil {
		return err
	}
	old := "0"
	if s != nil {
		old = s.String()
	}
	x, err := parseLongDouble(old, errNotFloat)
	if err != nil {
		return err
	}
	y, err := parseLongDouble(c.args[2], errNotFloat)
	if err != nil {
		return err
	}
	sum, err := addLongDoubles(x, y)
	if err != nil {
		return err
	}
	c.put(key, value.Text(sum))
	c.wrote(key, '$', "incrbyfloat")
	c.addBulk(sum)
	return nil
}

// lcs runs LCS, the longest common subsequence of two strings.
func lcs(c *call) error {
	x, err1 := read[value.String](c, c.args[1])
	y, err2 := read[value.String](c, c.args[2])
	if err1 != nil || err2 != nil {
		return errorf("The specified keys must contain string values")
	}
	a, b := textOf(x), textOf(y)
	var index, length, withLength bool
	least := int64(0)
	for i := 3; i < len(c.args); i++ {
		switch {
		case c.is(i, "IDX"):
			index = true
		case c.is(i, "LEN"):
			length = true
		case c.is(i, "WITHMATCHLEN"):
			withLength = true
		case c.is(i, "MINMATCHLEN") && i+1 < len(c.args):
			i++
			var err error
			if least, err = parseInt(c.args[i]); err != nil {
				return err
			}
		default:
			return errSyntax
		}
	}
	switch {
	case index && length:
		return errorf("If you want both the length and indexes, please just use IDX.")
	case int64(len(a)+1)*int64(len(b)+1)*4 > c.MaxBulk:
		return errorf("Insufficient memory, transient memory for LCS exceeds proto-max-bulk-len")
	}
	common, matches := longestCommon(a, b)
	switch {
	case length:
		c.addLen(len(common))
		return nil
	case !index:
		c.addBulk(common)
		return nil
	}
	matches = slices.DeleteFunc(matches, func(m commonRange) bool { return int64(m.length) < least })
	c.addMap(2)
	c.addBulk("matches")
	c.addArray(len(matches))
	for _, m := range matches {
		if withLength {
			c.addArray(3)
		} else {
			c.addArray(2)
		}
		for _, start := range []int{m.a, m.b} {
			c.addArray(2)
			c.addLen(start)
			c.addLen(start + m.length - 1)
		}
		if withLength {
			c.addLen(m.length)
		}
	}
	c.addBulk("len")
	c.addLen(len(common))
	return nil
}

// A commonRange is a common part of two strings, with its positions.
type commonRange struct{ a, b, length int }

// longestCommon returns the longest common subsequence and its parts, the last part first. If
// there are several, it returns the one that Redis finds.
func longestCommon(a, b string) (common string, matches []commonRange) {
	width := len(b) + 1
	lengths := make([]uint32, (len(a)+1)*width)
	for i := range len(a) {
		for j := range len(b) {
			best := max(lengths[i*width+j+1], lengths[(i+1)*width+j])
			if a[i] == b[j] {
				best = lengths[i*width+j] + 1
			}
			lengths[(i+1)*width+j+1] = best
		}
	}
	var found []byte
	for i, j := len(a), len(b); i > 0 && j > 0; {
		switch {
		case a[i-1] == b[j-1]:
			i, j = i-1, j-1
			found = append(found, a[i])
			if n := len(matches); n > 0 && matches[n-1].a == i+1 && matches[n-1].b == j+1 {
				matches[n-1] = commonRange{i, j, matches[n-1].length + 1}
			} else {
				matches = append(matches, commonRange{i, j, 1})
			}
		case lengths[(i-1)*width+j] > lengths[i*width+j-1]:
			i--
		default:
			j--
		}
	}
	slices.Reverse(found)
	return string(found), matches
}
