package command_test

import (
	"fmt"
	"testing"

	"github.com/redis-rest/redis-rest-go/command"
)

func ExampleSetBit() {
	for _, day := range []int64{0, 3, 4} {
		command.SetBit("visits", day, true).Do(ctx, rdb)
	}
	fmt.Println(command.GetBit("visits", 3).Do(ctx, rdb))
	fmt.Println(command.BitCount("visits").Do(ctx, rdb))
	// Output:
	// true <nil>
	// 3 <nil>
}

func TestBitmaps(t *testing.T) {
	s := newServer(t)
	returns(s, false, command.SetBit("k", 7, true))
	returns(s, true, command.SetBit("k", 7, true))
	returns(s, true, command.GetBit("k", 7))
	returns(s, false, command.GetBit("k", 100))
	run(s, command.Set("k", "foobar"))
	returns(s, 26, command.BitCount("k"))
	returns(s, 6, command.BitCount("k", command.ByteRange(1, 1)))
	returns(s, 17, command.BitCount("k", command.BitRange(5, 30)))
	returns(s, 1, command.BitPos("k", true))
	returns(s, 9, command.BitPos("k", true, command.BytesFrom(1)))
	returns(s, 8, command.BitPos("k", false, command.ByteRange(1, -1)))
	returns(s, 9, command.BitPos("k", true, command.BitRange(8, -1)))
	returns(s, -1, command.BitPos("none", true))

	returns(s, 6, command.BitOp(command.BitNot, "not", "k"))
	for _, op := range []command.BitOperation{command.BitAnd, command.BitOr, command.BitXor} {
		returns(s, 6, command.BitOp(op, "dest", "k", "not"))
	}
	n := func(n int64) *int64 { return &n }
	returns(s, []*int64{n(0), n(200), n(44), nil, n(255)}, command.BitField("f",
		command.BitSet("u8", 0, 200), command.BitGet("u8", 0), command.BitIncrBy("u8", 0, 100),
		command.OverflowFail, command.BitIncrBy("u8", 0, 300),
		command.OverflowSaturate, command.BitIncrBy("u8", 0, 300)))
	returns(s, []int64{255, 0}, command.BitFieldRO("f", command.BitGet("u8", 0), command.BitGet("i64", 64)))
	returns(s, []*int64{}, command.BitField("f"))
}

func TestBitmapsWithWrongTypeOrMissingKey(t *testing.T) {
	s := newServer(t)
	run(s, command.HSet("h", map[string]int{"f": 1}))
	fails(s, "WRONGTYPE", command.SetBit("h", 1, true))
	fails(s, "WRONGTYPE", command.GetBit("h", 1))
	fails(s, "WRONGTYPE", command.BitCount("h"))
	fails(s, "WRONGTYPE", command.BitPos("h", true))
	fails(s, "WRONGTYPE", command.BitField("h", command.BitGet("u8", 0)))
	fails(s, "WRONGTYPE", command.BitOp(command.BitAnd, "d", "h"))
	fails(s, "ERR", command.BitField("k", command.BitGet("u64", 0)))
	fails(s, "ERR", command.SetBit("k", -1, true))
	returns(s, 0, command.BitCount("none"))
	returns(s, []int64{0}, command.BitFieldRO("none", command.BitGet("u8", 0)))
	returns(s, 0, command.BitOp(command.BitOr, "d", "none"))
}

func TestBitmapArguments(t *testing.T) {
	sends(t, "SETBIT k 7 0", command.SetBit("k", 7, false))
	sends(t, "BITCOUNT k 0 -1", command.BitCount("k", command.ByteRange(0, -1)))
	sends(t, "BITCOUNT k 0 -1 BIT", command.BitCount("k", command.BitRange(0, -1)))
	sends(t, "BITPOS k 0 2", command.BitPos("k", false, command.BytesFrom(2)))
	sends(t, "BITFIELD k GET u8 0 SET i5 8 1 OVERFLOW WRAP INCRBY u8 0 1", command.BitField("k",
		command.BitGet("u8", 0), command.BitSet("i5", 8, 1), command.OverflowWrap, command.BitIncrBy("u8", 0, 1)))
	sends(t, "BITFIELD_RO k GET u8 0", command.BitFieldRO("k", command.BitGet("u8", 0)))
	for op, words := range map[command.BitOperation]string{
		command.BitAnd: "AND", command.BitOr: "OR", command.BitXor: "XOR", command.BitDiff: "DIFF", command.BitDiff1: "DIFF1",
		command.BitAndOr: "ANDOR", command.BitOne: "ONE",
	} {
		sends(t, "BITOP "+words+" d a b", command.BitOp(op, "d", "a", "b"))
	}
	refuses(t, "redis: BITOP: NOT takes only one key", command.BitOp(command.BitNot, "d", "a", "b"))
	refuses(t, "redis: BITOP: DIFF needs a second key", command.BitOp(command.BitDiff, "d", "a"))
	refuses(t, "redis: BITOP: needs at least one key", command.BitOp(command.BitAnd, "d"))
	refuses(t, "redis: BITOP: unknown operation", command.BitOp("NAND", "d", "a", "b"))
	refuses(t, "redis: BITCOUNT: a range is given twice", command.BitCount("k", command.ByteRange(0, 1), command.BitRange(0, 1)))
	refuses(t, "redis: BITFIELD: an option is nil", command.BitField("k", nil))
}
