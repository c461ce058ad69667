package data

import (
	"math"
	"math/bits"
	"strings"
	"unsafe"

	"github.com/redis-rest/redis-rest-go/internal/engine/keyspace/value"
	"github.com/redis-rest/redis-rest-go/internal/protocol/ctext"
)

func init() {
	add(table{
		"SETBIT":      setbit,
		"GETBIT":      getbit,
		"BITCOUNT":    bitcount,
		"BITPOS":      bitpos,
		"BITOP":       bitop,
		"BITFIELD":    bitfield,
		"BITFIELD_RO": bitfield,
	})
}

const errBitOffset = Error("ERR bit offset is not an integer or out of range")

// view returns the text of a string without a copy. It is valid until the string changes.
func view(s value.String) string {
	if b, ok := s.(*value.Bytes); ok {
		return unsafe.String(unsafe.SliceData(b.B), len(b.B))
	}
	return textOf(s)
}

// parseBitOffset reads the offset of a bit. For BITFIELD it may be # and a multiple of the field's width.
func (c *call) parseBitOffset(word string, width int64) (int64, error) {
	text, times := word, int64(1)
	if after, ok := strings.CutPrefix(word, "#"); ok && width > 0 {
		text, times = after, width
	}
	at, err := parseIntOr(text, errBitOffset)
	if err != nil {
		return 0, err
	}
	at *= times // which may overflow, in Redis too
	if at < 0 || at>>3 >= c.MaxBulk {
		return 0, errBitOffset
	}
	return at, nil
}

// editBits is editString, but makes the string long enough for a bit. grown says whether that changed it.
func (c *call) editBits(key string, last int64) (b *value.Bytes, grown bool, err error) {
	missing := !c.exists(key)
	if b, err = c.editString(key); err != nil {
		return nil, false, err
	}
	size := len(b.B)
	b.Grow(int(last/8) + 1)
	return b, missing || len(b.B) > size, nil
}

func setbit(c *call) error {
	key := c.args[1]
	at, err := c.parseBitOffset(c.args[2], 0)
	if err != nil {
		return err
	}
	on, err := parseIntIn(c.args[3], 0, 1, errorf("bit is not an integer or out of range"))
	if err != nil {
		return err
	}
	b, grown, err := c.editBits(key, at)
	if err != nil {
		return err
	}
	p, shift := &b.B[at/8], 7-at%8
	old := int64(*p>>shift) & 1
	if grown || old != on {
		*p = *p&^(1<<shift) | byte(on)<<shift
		c.wrote(key, '$', "setbit")
	}
	c.addInt(old)
	return nil
}

func getbit(c *call) error {
	at, err := c.parseBitOffset(c.args[2], 0)
	if err != nil {
		return err
	}
	s, err := read[value.String](c, c.args[1])
	if err != nil {
		return err
	}
	if s == nil || at/8 >= int64(s.Len()) {
		c.addInt(0)
		return nil
	}
	i := int(at / 8)
	c.addInt(int64(s.Slice(i, i+1)[0]>>(7-at%8)) & 1)
	return nil
}

// A bitRange is a range of bits [from, to).
type bitRange struct{ from, to int64 }

// parseBitRange reads first, last and BYTE or BIT, of which the last two may be missing.
func (c *call) parseBitRange(words []string, size int) (r bitRange, err error) {
	first, err := parseInt(words[0])
	if err != nil {
		return r, err
	}
	last, unit := int64(-1), int64(8)
	if c.command.Name == "BITPOS" { // it looks at the unit before the last
		if unit, err = parseBitUnit(words); err != nil {
			return r, err
		}
	}
	if len(words) > 1 {
		if last, err = parseInt(words[1]); err != nil {
			return r, err
		}
	}
	if c.command.Name == "BITCOUNT" {
		if first < 0 && last < 0 && first > last {
			return r, nil
		}
		if unit, err = parseBitUnit(words); err != nil {
			return r, err
		}
	}
	total := int64(size) * 8 / unit
	if first < 0 {
		first = max(first+total, 0)
	}
	if last < 0 {
		last = max(last+total, 0)
	}
	last = min(last, total-1)
	if first > last {
		return r, nil
	}
	return bitRange{first * unit, (last + 1) * unit}, nil
}

func parseBitUnit(words []string) (unit int64, err error) {
	switch {
	case len(words) < 3 || equalFold(words[2], "BYTE"):
		return 8, nil
	case equalFold(words[2], "BIT"):
		return 1, nil
	}
	return 0, errSyntax
}

func bitcount(c *call) error {
	s, err := read[value.String](c, c.args[1])
	if err != nil {
		return err
	}
	if s == nil {
		c.addInt(0)
		return nil
	}
	text := view(s)
	r := bitRange{0, int64(len(text)) * 8}
	switch n := len(c.args); {
	case n == 3 || n > 5:
		return errSyntax
	case n > 3:
		if r, err = c.parseBitRange(c.args[2:], len(text)); err != nil {
			return err
		}
	}
	c.addInt(countBits(text, r))
	return nil
}

// countBits returns how many bits of a range are set.
func countBits(s string, r bitRange) (n int64) {
	at := r.from
	for ; at < r.to && at%8 != 0; at++ {
		n += bitAt(s, at)
	}
	i := int(at / 8)
	for ; int64(i+8)*8 <= r.to; i += 8 {
		n += int64(bits.OnesCount64(word(s, i)))
	}
	for ; int64(i+1)*8 <= r.to; i++ {
		n += int64(bits.OnesCount8(s[i]))
	}
	for at = max(at, int64(i)*8); at < r.to; at++ {
		n += bitAt(s, at)
	}
	return n
}

func bitAt(s string, at int64) int64 { return int64(s[at/8]>>(7-at%8)) & 1 }

// word returns eight bytes of s, the first one highest.
func word(s string, i int) uint64 {
	s = s[i : i+8]
	return uint64(s[7]) | uint64(s[6])<<8 | uint64(s[5])<<16 | uint64(s[4])<<24 |
		uint64(s[3])<<32 | uint64(s[2])<<40 | uint64(s[1])<<48 | uint64(s[0])<<56
}

func bitpos(c *call) error {
	bit, err := parseInt(c.args[2])
	if err != nil {
		return err
	}
	if bit != 0 && bit != 1 {
		return errorf("The bit argument must be 1 or 0.")
	}
	s, err := read[value.String](c, c.args[1])
	if err != nil {
		return err
	}
	if s == nil {
		c.addInt(-bit) // there are only zeros
		return nil
	}
	text := view(s)
	r := bitRange{0, int64(len(text)) * 8}
	switch n := len(c.args); {
	case n > 6:
		return errSyntax
	case n > 3:
		if r, err = c.parseBitRange(c.args[3:], len(text)); err != nil {
			return err
		}
	}
	at := findBit(text, r, bit)
	if at == r.to && (r.from == r.to || bit == 1 || len(c.args) > 4) {
		at = -1 // without an end, zeros follow the string
	}
	c.addInt(at)
	return nil
}

// findBit returns the position of the first bit of a range that is set, or not set. If there is none
// it is the end of the range.
func findBit(s string, r bitRange, bit int64) int64 {
	skip := -uint64(1 - bit) // a word without the bit
	at := r.from
	for at < r.to {
		switch {
		case at%8 == 0 && at+64 <= r.to && word(s, int(at/8)) == skip:
			at += 64
		case at%8 == 0 && at+8 <= r.to && s[at/8] == byte(skip):
			at += 8
		case bitAt(s, at) == bit:
			return at
		default:
			at++
		}
	}
	return at
}

func bitop(c *call) error {
	var combine func(a, b byte) byte
	not, newer := false, ""
	switch {
	case c.is(1, "AND"):
		combine = func(a, b byte) byte { return a & b }
	case c.is(1, "OR"):
		combine = func(a, b byte) byte { return a | b }
	case c.is(1, "XOR"):
		combine = func(a, b byte) byte { return a ^ b }
	case c.is(1, "NOT"):
		not = true
		if len(c.args) != 4 {
			return errorf("BITOP NOT must be called with a single source key.")
		}
	case c.is(1, "ONE"):
		newer = "ONE"
	case c.is(1, "DIFF"), c.is(1, "DIFF1"), c.is(1, "ANDOR"):
		newer = strings.ToUpper(c.args[1])
		if len(c.args) < 5 {
			return errorf("BITOP %s must be called with at least two source keys.", newer)
		}
	default:
		return errSyntax
	}
	to := c.args[2]
	var result []byte
	sources := make([]string, len(c.args)-3)
	size := 0
	for i := range sources {
		s, err := read[value.String](c, c.args[i+3])
		if err != nil {
			return err
		}
		sources[i] = view(s)
		size = max(size, len(sources[i]))
	}
	result = make([]byte, size)
	copy(result, sources[0])
	if newer != "" {
		combineNewer(newer, result, sources)
		sources = sources[:1]
	}
	for _, source := range sources[1:] {
		for i := range result {
			b := byte(0)
			if i < len(source) {
				b = source[i]
			}
			result[i] = combine(result[i], b)
		}
	}
	if not {
		for i := range result {
			result[i] = ^result[i]
		}
	}
	if size > 0 {
		c.exists(to) // which deletes it if it is due
		c.set(to, &value.Bytes{B: result})
		c.wrote(to, '$', "set")
	} else {
		c.delete(to)
	}
	c.addLen(size)
	return nil
}

// combineNewer combines the sources into the result with an operation of Redis 8.2. The result has the first one.
func combineNewer(operation string, result []byte, sources []string) {
	others, twice := make([]byte, len(result)), make([]byte, len(result)) // set in one source at least, and in two
	for _, source := range sources[1:] {
		for i := range len(source) {
			twice[i] |= others[i] & source[i]
			others[i] |= source[i]
		}
	}
	for i, first := range result {
		switch operation {
		case "DIFF":
			result[i] = first &^ others[i]
		case "DIFF1":
			result[i] = others[i] &^ first
		case "ANDOR":
			result[i] = first & others[i]
		default: // ONE
			result[i] = (first ^ others[i]) &^ twice[i]
		}
	}
}

// A fieldOp is one operation of BITFIELD.
type fieldOp struct {
	name     string // GET, SET or INCRBY
	signed   bool
	width    int64
	at       int64 // in bits
	value    int64
	overflow string // WRAP, SAT or FAIL
}

// bitfield runs BITFIELD and BITFIELD_RO.
func bitfield(c *call) error {
	key := c.args[1]
	ops, err := c.parseFieldOps(c.args[2:])
	if err != nil {
		return err
	}
	last := int64(-1) // the last bit that is written
	for _, op := range ops {
		if op.name != "GET" {
			last = max(last, op.at+op.width-1)
		}
	}
	var b *value.Bytes
	grown := false
	var s value.String
	switch {
	case last < 0:
		if s, err = read[value.String](c, key); err != nil {
			return err
		}
	case c.command.Name == "BITFIELD_RO":
		return errorf("BITFIELD_RO only supports the GET subcommand")
	default:
		if b, grown, err = c.editBits(key, last); err != nil {
			return err
		}
		s = b
	}
	c.addArray(len(ops))
	changed := false
	for _, op := range ops {
		old := op.read(s)
		if op.name == "GET" {
			c.addInt(old)
			continue
		}
		written, reply, ok := op.apply(old)
		if !ok {
			c.addNull()
			continue
		}
		changed = changed || grown || written != old
		op.write(b.B, written)
		c.addInt(reply)
	}
	switch {
	case changed:
		c.wrote(key, '$', "setbit")
	case grown: // Redis tells nobody
		c.repeat(c.args...)
	}
	return nil
}

func (c *call) parseFieldOps(words []string) (ops []fieldOp, err error) {
	overflow := "WRAP"
	for len(words) > 0 {
		op := fieldOp{overflow: overflow}
		n := 0
		for name, takes := range map[string]int{"GET": 2, "SET": 3, "INCRBY": 3, "OVERFLOW": 1} {
			if equalFold(words[0], name) && len(words) > takes {
				op.name, n = name, takes
			}
		}
		if n == 0 {
			return nil, errSyntax
		}
		operands := words[1 : n+1]
		words = words[n+1:]
		if op.name == "OVERFLOW" {
			overflow = ""
			for _, kind := range []string{"WRAP", "SAT", "FAIL"} {
				if equalFold(operands[0], kind) {
					overflow = kind
				}
			}
			if overflow == "" {
				return nil, errorf("Invalid OVERFLOW type specified")
			}
			continue
		}
		if op.signed, op.width, err = parseFieldType(operands[0]); err != nil {
			return nil, err
		}
		if op.at, err = c.parseBitOffset(operands[1], op.width); err != nil {
			return nil, err
		}
		if op.name != "GET" {
			if op.value, err = parseInt(operands[2]); err != nil {
				return nil, err
			}
		}
		ops = append(ops, op)
	}
	return ops, nil
}

// parseFieldType reads the type of a field, such as i16 or u8.
func parseFieldType(word string) (signed bool, width int64, err error) {
	word = ctext.String(word)
	if word != "" && (word[0] == 'i' || word[0] == 'u') {
		signed = word[0] == 'i'
		n, ok := ctext.ParseInt(word[1:])
		if ok && n >= 1 && (n <= 63 || signed && n == 64) {
			return signed, n, nil
		}
	}
	return false, 0, errorf("Invalid bitfield type. Use something like i16 u8. Note that u64 is not supported but i64 is.")
}

// read returns the value of the field. What is after the string is zero.
func (op fieldOp) read(s value.String) int64 {
	var bytes string
	if s != nil {
		size := s.Len()
		bytes = s.Slice(min(int(op.at/8), size), min(int((op.at+op.width+7)/8), size))
	}
	var n uint64
	for at := op.at % 8; at < op.at%8+op.width; at++ {
		n <<= 1
		if at/8 < int64(len(bytes)) {
			n |= uint64(bitAt(bytes, at))
		}
	}
	return op.wrap(n)
}

func (op fieldOp) write(bytes []byte, v int64) {
	for i := range op.width {
		at := op.at + i
		mask := byte(1) << (7 - at%8)
		if v>>(op.width-1-i)&1 == 1 {
			bytes[at/8] |= mask
		} else {
			bytes[at/8] &^= mask
		}
	}
}

// wrap keeps only the bits of the field.
func (op fieldOp) wrap(n uint64) int64 {
	n <<= 64 - op.width
	if op.signed {
		return int64(n) >> (64 - op.width)
	}
	return int64(n >> (64 - op.width))
}

// apply returns what SET or INCRBY writes and replies. ok is false if that would overflow and OVERFLOW is
// FAIL.
func (op fieldOp) apply(old int64) (written, reply int64, ok bool) {
	base, by := op.value, int64(0)
	if op.name == "INCRBY" {
		base, by = old, op.value
	}
	low, high := int64(0), int64(math.MaxInt64)
	if op.signed {
		high >>= 64 - op.width
		low = -high - 1
	} else {
		high >>= 63 - op.width
	}
	written = op.wrap(uint64(base) + uint64(by))
	limit, over := high, true
	narrow := op.signed && op.width < 64 // Redis then subtracts beyond the range of integers, too
	switch {
	case !op.signed && base < 0: // SET to a negative number, which counts as a large one
	case base > high, narrow && by > high-base, by > 0 && base >= 0 && by > high-base:
	case base < low, narrow && by < low-base, by < 0 && (base < 0 || !op.signed) && by < low-base:
		limit = low
	default:
		over = false
	}
	if over && op.overflow == "FAIL" {
		return 0, 0, false
	}
	if over && op.overflow == "SAT" {
		written = limit
	}
	if op.name == "SET" {
		return written, old, true
	}
	return written, written, true
}
