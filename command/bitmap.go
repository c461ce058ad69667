package command

import redis "github.com/redis-rest/redis-rest-go"

// A BitCountOption is an option of [BitCount]: [ByteRange] or [BitRange].
type BitCountOption interface {
	option
	needsOneOf_BitRange_ByteRange()
}

// A BitPosOption is an option of [BitPos]: [ByteRange], [BitRange] or [BytesFrom].
type BitPosOption interface {
	option
	needsOneOf_BitRange_ByteRange_BytesFrom()
}

// A span is [ByteRange] or [BitRange].
type span struct{ word }

func (span) needsOneOf_BitRange_ByteRange()           {}
func (span) needsOneOf_BitRange_ByteRange_BytesFrom() {}

// ByteRange limits a count or a search to the bytes from start to end, both included.
// Bytes are counted from 0. A negative number counts from the end: -1 is the last byte.
func ByteRange(start, end int64) span {
	return span{word{name: "a range", args: []any{start, end}}}
}

// BitRange is [ByteRange] counted in bits. Since Redis 7.0.0.
func BitRange(start, end int64) span {
	return span{word{name: "a range", args: []any{start, end, "BIT"}}}
}

type openSpan struct{ word }

func (openSpan) needsOneOf_BitRange_ByteRange_BytesFrom() {}

// BytesFrom limits a search to the bytes from start to the end of the string. Without
// an end, a search for a 0 bit continues after the end of the string, because all bits
// there are 0.
func BytesFrom(start int64) BitPosOption {
	return openSpan{word{name: "a range", args: []any{start}}}
}

// BitCount returns the number of bits that are 1 in the string at key (BITCOUNT), or 0
// if the key does not exist.
//
// O(N), since Redis 2.6.0.
//
// Options: [BitRange], [ByteRange].
func BitCount(key string, opts ...BitCountOption) redis.Command[int64] {
	c := newCall("BITCOUNT", key)
	apply(c, opts)
	return command[int64](c)
}

// A BitFieldOp is one operation of [BitField]: [BitGet], [BitSet], [BitIncrBy], or an
// [Overflow] that applies to the operations after it.
//
// Each operation works on an integer inside the string. The type of the integer is "i1"
// to "i64" (signed) or "u1" to "u63" (unsigned). The integer starts at the given bit,
// counted from 0.
type BitFieldOp interface {
	option
	needsOneOf_BitGet_BitIncrBy_BitSet_Overflow()
}

type bitOp struct{ args []any }

func (o bitOp) writeTo(c *call)                            { c.add(o.args...) }
func (bitOp) needsOneOf_BitGet_BitIncrBy_BitSet_Overflow() {}

// A BitFieldROOp is an operation of [BitFieldRO]: [BitGet].
type BitFieldROOp interface {
	option
	needs_BitGet()
}

type bitGet struct{ bitOp }

func (bitGet) needsOneOf_BitGet_BitIncrBy_BitSet_Overflow() {}
func (bitGet) needs_BitGet()                                {}

// BitGet reads an integer (GET).
func BitGet(integer string, bit int64) bitGet {
	return bitGet{bitOp{[]any{"GET", integer, bit}}}
}

// BitSet sets an integer to n (SET). Its result is the old value.
func BitSet(integer string, bit, n int64) BitFieldOp {
	return bitOp{[]any{"SET", integer, bit, n}}
}

// BitIncrBy adds n to an integer (INCRBY). Its result is the new value.
func BitIncrBy(integer string, bit, n int64) BitFieldOp {
	return bitOp{[]any{"INCRBY", integer, bit, n}}
}

// An Overflow says what the operations after it in a [BitField] do if a value does not
// fit into the integer.
type Overflow string

// What happens on overflow. The default is OverflowWrap.
const (
	OverflowWrap     Overflow = "WRAP" // the value wraps around: the bits that do not fit are dropped
	OverflowSaturate Overflow = "SAT"  // the integer becomes its greatest or least value
	OverflowFail     Overflow = "FAIL" // the integer does not change, and the result is nil
)

func (o Overflow) writeTo(c *call)                            { c.add("OVERFLOW", string(o)) }
func (Overflow) needsOneOf_BitGet_BitIncrBy_BitSet_Overflow() {}

// BitField runs operations on integers inside the string at key, in order and
// atomically (BITFIELD). It returns the result of each operation except [Overflow]. A
// result is nil if [OverflowFail] prevented the operation.
//
// O(1) for each operation, since Redis 3.2.0.
//
// Options: [BitGet], [BitIncrBy], [BitSet], [Overflow].
func BitField(key string, ops ...BitFieldOp) redis.Command[[]*int64] {
	c := newCall("BITFIELD", key)
	apply(c, ops)
	return command[[]*int64](c)
}

// BitFieldRO is [BitField] that only reads (BITFIELD_RO). Bits after the end of the
// string are 0.
//
// O(1) for each operation, since Redis 6.0.0.
//
// Options: [BitGet].
func BitFieldRO(key string, gets ...BitFieldROOp) redis.Command[[]int64] {
	c := newCall("BITFIELD_RO", key)
	apply(c, gets)
	return command[[]int64](c)
}

// A BitOperation is an operation of [BitOp].
type BitOperation string

// The operations. The last four exist since Redis 8.2.0. Their comments say which bits
// become 1; X is the first key.
const (
	BitAnd   BitOperation = "AND"
	BitOr    BitOperation = "OR"
	BitXor   BitOperation = "XOR"
	BitNot   BitOperation = "NOT"   // takes one key
	BitDiff  BitOperation = "DIFF"  // 1 in X and in none of the other keys
	BitDiff1 BitOperation = "DIFF1" // 1 in at least one of the other keys, and not in X
	BitAndOr BitOperation = "ANDOR" // 1 in X and in at least one of the other keys
	BitOne   BitOperation = "ONE"   // 1 in exactly one of all keys
)

// BitOp writes the result of an operation on the strings at keys to destination
// (BITOP). It returns the length of the result in bytes, which is the length of the
// longest string.
//
// O(N), since Redis 2.6.0.
func BitOp(operation BitOperation, destination string, keys ...string) redis.Command[int64] {
	c := newCall("BITOP", string(operation), destination)
	addAll(c, "key", keys)
	switch operation {
	case BitNot:
		if len(keys) > 1 {
			c.refuse("NOT takes only one key")
		}
	case BitDiff, BitDiff1, BitAndOr:
		if len(keys) == 1 {
			c.refuse("%s needs a second key", operation)
		}
	case BitAnd, BitOr, BitXor, BitOne:
	default:
		c.refuse("unknown operation")
	}
	return command[int64](c)
}

// BitPos returns the position of the first bit in the string at key that is 1 if bit is
// true, or 0 if bit is false (BITPOS). Positions are counted from 0. It returns -1 if
// there is no such bit.
//
// O(N), since Redis 2.8.7.
//
// Options: [BitRange], [ByteRange], [BytesFrom].
func BitPos(key string, bit bool, opts ...BitPosOption) redis.Command[int64] {
	c := newCall("BITPOS", key, bit)
	apply(c, opts)
	return command[int64](c)
}

// GetBit returns the bit at offset of the string at key (GETBIT). It returns false if
// the offset is after the end of the string.
//
// O(1), since Redis 2.2.0.
func GetBit(key string, offset int64) redis.Command[bool] {
	return redis.Cmd[bool]("GETBIT", key, offset)
}

// SetBit sets the bit at offset of the string at key to 1 or 0 (SETBIT) and returns the
// old bit. The string grows if it is too short.
//
// O(1), since Redis 2.2.0.
func SetBit(key string, offset int64, bit bool) redis.Command[bool] {
	return redis.Cmd[bool]("SETBIT", key, offset, bit)
}
