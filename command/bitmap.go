package command

import redis "github.com/redis-rest/redis-rest-go"

// A BitCountOption of [BitCount] is [ByteRange] or [BitRange].
type BitCountOption interface {
	option
	forBitCount()
}

// A BitPosOption of [BitPos] is [ByteRange], [BitRange] or [BytesFrom].
type BitPosOption interface {
	option
	forBitPos()
}

// A Span is [ByteRange] or [BitRange].
type Span struct{ word }

func (Span) forBitCount() {}
func (Span) forBitPos()   {}

// ByteRange limits a search to the bytes from one place to another, both included and
// counted from 0, or from the end by negative numbers.
func ByteRange(start, end int64) Span {
	return Span{word{name: "a range", args: []any{start, end}}}
}

// BitRange is [ByteRange] in bits, since Redis 7.0.0.
func BitRange(start, end int64) Span {
	return Span{word{name: "a range", args: []any{start, end, "BIT"}}}
}

type openSpan struct{ word }

func (openSpan) forBitPos() {}

// BytesFrom limits a search to what begins with a byte. A search for a clear bit
// then goes on behind the string's end, where all are clear.
func BytesFrom(start int64) BitPosOption {
	return openSpan{word{name: "a range", args: []any{start}}}
}

// BitCount counts the bits that are set in the string at key (BITCOUNT), 0 where
// there is none.
//
// O(N), since Redis 2.6.0.
func BitCount(key string, opts ...BitCountOption) redis.Command[int64] {
	c := newCall("BITCOUNT", key)
	apply(c, opts)
	return command[int64](c)
}

// A BitFieldOp is one operation of [BitField]: [BitGet], [BitSet], [BitIncrBy], or an
// [Overflow] for those behind it.
//
// The types of integers are "i1" to "i64", with a sign, and "u1" to "u63", without.
// They begin at a bit, counted from 0.
type BitFieldOp interface {
	option
	forBitField()
}

type bitOp struct{ args []any }

func (o bitOp) apply(c *call) { c.add(o.args...) }
func (bitOp) forBitField()    {}

// A BitFieldGet is [BitGet].
type BitFieldGet struct{ bitOp }

// BitGet reads an integer (GET).
func BitGet(integer string, bit int64) BitFieldGet {
	return BitFieldGet{bitOp{[]any{"GET", integer, bit}}}
}

// BitSet sets an integer to n, and its result is what it was (SET).
func BitSet(integer string, bit, n int64) BitFieldOp {
	return bitOp{[]any{"SET", integer, bit, n}}
}

// BitIncrBy adds n to an integer, and its result is what this makes (INCRBY).
func BitIncrBy(integer string, bit, n int64) BitFieldOp {
	return bitOp{[]any{"INCRBY", integer, bit, n}}
}

// An Overflow says what [BitField] does, from there on, where an integer cannot hold
// what it should.
type Overflow string

// What happens on overflow. Without an Overflow it is OverflowWrap.
const (
	OverflowWrap     Overflow = "WRAP" // the excess is dropped
	OverflowSaturate Overflow = "SAT"  // the integer becomes the greatest or least that it can be
	OverflowFail     Overflow = "FAIL" // the integer stays, and the result is nil
)

func (o Overflow) apply(c *call) { c.add("OVERFLOW", string(o)) }
func (Overflow) forBitField()    {}

// BitField runs operations on integers inside the string at key, in order and at once
// (BITFIELD), and returns the result of each; nil where [OverflowFail] kept it from
// being.
//
// O(1) for each operation, since Redis 3.2.0.
func BitField(key string, ops ...BitFieldOp) redis.Command[[]*int64] {
	c := newCall("BITFIELD", key)
	apply(c, ops)
	return command[[]*int64](c)
}

// BitFieldRO is [BitField] that only reads (BITFIELD_RO). What is behind the string's
// end is 0.
//
// O(1) for each operation, since Redis 6.0.0.
func BitFieldRO(key string, gets ...BitFieldGet) redis.Command[[]int64] {
	c := newCall("BITFIELD_RO", key)
	apply(c, gets)
	return command[[]int64](c)
}

// A BitOperation is what [BitOp] does.
type BitOperation string

// The operations. The last four are those of the first key, X, and the others,
// since Redis 8.2.0.
const (
	BitAnd   BitOperation = "AND"
	BitOr    BitOperation = "OR"
	BitXor   BitOperation = "XOR"
	BitNot   BitOperation = "NOT"   // of one key
	BitDiff  BitOperation = "DIFF"  // set in X and in none of the others
	BitDiff1 BitOperation = "DIFF1" // set in some of the others and not in X
	BitAndOr BitOperation = "ANDOR" // set in X and in some of the others
	BitOne   BitOperation = "ONE"   // set in exactly one of all
)

// BitOp writes the result of an operation on the strings at keys to destination
// (BITOP) and returns its length in bytes: that of the longest.
//
// O(N), since Redis 2.6.0.
func BitOp(operation BitOperation, destination string, keys ...string) redis.Command[int64] {
	c := newCall("BITOP", string(operation), destination)
	addAll(c, "key", keys)
	switch operation {
	case BitNot:
		if len(keys) > 1 {
			c.refuse("NOT is of one key")
		}
	case BitDiff, BitDiff1, BitAndOr:
		if len(keys) == 1 {
			c.refuse("%s needs a second key", operation)
		}
	case BitAnd, BitOr, BitXor, BitOne:
	default:
		c.refuse("there is no such operation")
	}
	return command[int64](c)
}

// BitPos returns the place of the first bit that is as wanted in the string at key
// (BITPOS); -1 where there is none.
//
// O(N), since Redis 2.8.7.
func BitPos(key string, bit bool, opts ...BitPosOption) redis.Command[int64] {
	c := newCall("BITPOS", key, bit)
	apply(c, opts)
	return command[int64](c)
}

// GetBit returns a bit of the string at key (GETBIT), false where it does not reach.
//
// O(1), since Redis 2.2.0.
func GetBit(key string, offset int64) redis.Command[bool] {
	return redis.Cmd[bool]("GETBIT", key, offset)
}

// SetBit sets or clears a bit of the string at key, which grows as needed (SETBIT),
// and returns what it was.
//
// O(1), since Redis 2.2.0.
func SetBit(key string, offset int64, bit bool) redis.Command[bool] {
	return redis.Cmd[bool]("SETBIT", key, offset, bit)
}
