package extlib

import (
	"math"
	"math/bits"

	"github.com/redis-rest/redis-rest-go/internal/engine/lua"
)

// bitArg returns an argument as 32 bits: the number rounded to the nearest, modulo 2^32.
func bitArg(s *lua.State, args []lua.Value, n int) uint32 {
	f, ok := lua.ToNumber(lua.Arg(args, n))
	if !ok {
		s.TypeError(args, n, "number")
	}
	// The lowest bits of the sum are the integer.
	return uint32(math.Float64bits(f + (1<<52 + 1<<51)))
}

// bitResult returns 32 bits as a signed number.
func bitResult(s *lua.State, b uint32) []lua.Value {
	return s.Return(lua.Number(float64(int32(b))))
}

func bitTobit(s *lua.State, args []lua.Value) []lua.Value {
	return bitResult(s, bitArg(s, args, 1))
}

func bitBnot(s *lua.State, args []lua.Value) []lua.Value {
	return bitResult(s, ^bitArg(s, args, 1))
}

func bitBswap(s *lua.State, args []lua.Value) []lua.Value {
	return bitResult(s, bits.ReverseBytes32(bitArg(s, args, 1)))
}

func bitBand(s *lua.State, args []lua.Value) []lua.Value {
	return bitFold(s, args, func(a, b uint32) uint32 { return a & b })
}

func bitBor(s *lua.State, args []lua.Value) []lua.Value {
	return bitFold(s, args, func(a, b uint32) uint32 { return a | b })
}

func bitBxor(s *lua.State, args []lua.Value) []lua.Value {
	return bitFold(s, args, func(a, b uint32) uint32 { return a ^ b })
}

// bitFold combines all arguments. It reads the first one, and then the others from the
// last one back. This decides which argument an error names.
func bitFold(s *lua.State, args []lua.Value, combine func(a, b uint32) uint32) []lua.Value {
	b := bitArg(s, args, 1)
	for n := len(args); n > 1; n-- {
		b = combine(b, bitArg(s, args, n))
	}
	return bitResult(s, b)
}

func bitLshift(s *lua.State, args []lua.Value) []lua.Value {
	return bitShift(s, args, func(b uint32, n int) uint32 { return b << n })
}

func bitRshift(s *lua.State, args []lua.Value) []lua.Value {
	return bitShift(s, args, func(b uint32, n int) uint32 { return b >> n })
}

func bitArshift(s *lua.State, args []lua.Value) []lua.Value {
	return bitShift(s, args, func(b uint32, n int) uint32 { return uint32(int32(b) >> n) })
}

func bitRol(s *lua.State, args []lua.Value) []lua.Value {
	return bitShift(s, args, bits.RotateLeft32)
}

func bitRor(s *lua.State, args []lua.Value) []lua.Value {
	return bitShift(s, args, func(b uint32, n int) uint32 { return bits.RotateLeft32(b, -n) })
}

func bitShift(s *lua.State, args []lua.Value, shift func(b uint32, n int) uint32) []lua.Value {
	b := bitArg(s, args, 1)
	return bitResult(s, shift(b, int(bitArg(s, args, 2)&31)))
}

// bitTohex writes the requested number of digits, from the lowest on. They are in upper
// case if the number of digits is negative.
func bitTohex(s *lua.State, args []lua.Value) []lua.Value {
	b, n := bitArg(s, args, 1), 8
	if len(args) > 1 {
		n = int(int32(bitArg(s, args, 2)))
	}
	digits := "0123456789abcdef"
	if n < 0 {
		n, digits = -n, "0123456789ABCDEF"
	}
	n = min(n, 8)
	text := make([]byte, n)
	for i := n - 1; i >= 0; i-- {
		text[i] = digits[b&15]
		b >>= 4
	}
	return s.Return(string(text))
}
