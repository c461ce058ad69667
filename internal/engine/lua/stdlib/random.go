package stdlib

import (
	"math"

	"github.com/redis-rest/redis-rest-go/internal/engine/lua"
)

// The generator is lrand48 of POSIX.
const (
	multiplier = 0x5DEECE66D
	increment  = 0xB
	stateBits  = 48
	seedLow    = 0x330E // the low bits of the state after seeding
	startSeed  = 0x1234ABCD
)

// A Random is the sequence of math.random. It is not safe for concurrent use.
type Random struct{ state uint64 }

// NewRandom starts the sequence that a new redis-server has.
func NewRandom() *Random {
	r := new(Random)
	r.seed(startSeed)
	return r
}

func (r *Random) seed(seed int32) { r.state = uint64(uint32(seed))<<16 | seedLow }

// next returns a number that is at least 0 and less than 1.
func (r *Random) next() float64 {
	r.state = (r.state*multiplier + increment) % (1 << stateBits)
	i := int32(r.state >> (stateBits - 31))
	return float64(i%math.MaxInt32) / math.MaxInt32
}

func (r *Random) random(s *lua.State, args []lua.Value) []lua.Value {
	f := r.next()
	switch len(args) {
	case 0:
		return s.Return(lua.Number(f))
	case 1:
		high := checkInt(s, args, 1)
		if high < 1 {
			s.ArgError(1, "interval is empty")
		}
		return s.Return(lua.Number(math.Floor(f*float64(high)) + 1))
	case 2:
		low, high := checkInt(s, args, 1), checkInt(s, args, 2)
		if low > high {
			s.ArgError(2, "interval is empty")
		}
		// The size is a C int, so it is negative for an interval of more than 2^31 - 1 integers.
		size := int32(high - low + 1)
		return s.Return(lua.Number(math.Floor(f*float64(size)) + float64(low)))
	default:
		s.Errorf("wrong number of arguments")
		return nil
	}
}

func (r *Random) randomseed(s *lua.State, args []lua.Value) []lua.Value {
	r.seed(int32(checkInt(s, args, 1)))
	return nil
}
