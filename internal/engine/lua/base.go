package lua

import (
	"math"
	"strings"

	"github.com/redis-rest/redis-rest-go/internal/protocol/ctext"
)

// openBase sets the functions of the base library that Redis lets scripts have.
func openBase(s *State) {
	g := s.Globals
	g.SetString("_G", g)
	for _, f := range []struct {
		name string
		f    GoFunc
	}{
		{"assert", baseAssert}, {"collectgarbage", baseCollectGarbage}, {"dofile", nil}, {"error", baseError}, {"gcinfo", baseGCInfo}, {"getfenv", nil},
		{"getmetatable", baseGetMetatable}, {"loadfile", nil}, {"load", baseLoad}, {"loadstring", baseLoadString}, {"next", baseNext}, {"pcall", basePCall},
		{"print", nil}, {"rawequal", baseRawEqual}, {"rawget", baseRawGet}, {"rawset", baseRawSet}, {"select", baseSelect}, {"setfenv", nil},
		{"setmetatable", baseSetMetatable}, {"tonumber", baseToNumber}, {"tostring", baseToString}, {"type", baseType}, {"unpack", baseUnpack},
		{"xpcall", baseXPCall},
	} {
		if f.f == nil {
			g.SetString(f.name, nil) // Redis removed it, but its slot affects the order of pairs
			continue
		}
		g.SetString(f.name, NewFunction(f.name, f.f))
	}
	g.SetString("_VERSION", "Lua 5.1")
	step := NewFunction("ipairs", ipairsStep)
	g.SetString("ipairs", NewFunction("ipairs", func(s *State, args []Value) []Value {
		return []Value{step, s.CheckTable(args, 1), Number(0)}
	}))
	next := NewFunction("next", baseNext)
	g.SetString("pairs", NewFunction("pairs", func(s *State, args []Value) []Value {
		return []Value{next, s.CheckTable(args, 1), nil}
	}))
	g.SetString("newproxy", nil)
}

func baseAssert(s *State, args []Value) []Value {
	s.CheckAny(args, 1)
	if !Truth(args[0]) {
		s.Errorf("%s", s.OptString(args, 2, "assertion failed!"))
	}
	return args
}

func baseCollectGarbage(s *State, args []Value) []Value {
	switch option := s.OptString(args, 1, "collect"); option {
	case "collect":
		return s.Return(Number(0))
	case "count":
		return s.Return(Number(s.kilobytes()))
	case "step":
		return s.Return(true)
	case "stop", "restart":
		return s.Return(Number(0))
	case "setpause", "setstepmul":
		return s.Return(Number(200))
	default:
		s.ArgError(1, "invalid option '"+option+"'")
	}
	return nil
}

func baseGCInfo(s *State, args []Value) []Value {
	return s.Return(Number(math.Trunc(s.kilobytes())))
}

// kilobytes returns what the script has taken since it began or was last measured, and the memory of an empty state of Lua.
func (s *State) kilobytes() float64 { return 24 + float64(s.allocated)/1024 }

func baseError(s *State, args []Value) []Value {
	level := s.OptInt(args, 2, 1)
	v := Arg(args, 1)
	if text, ok := ToText(v); ok && level > 0 {
		s.Alloc(len(text))
		v = s.where(int(min(level, 2*maxCalls))) + text
	}
	s.Raise(v)
	return nil
}

func baseGetMetatable(s *State, args []Value) []Value {
	s.CheckAny(args, 1)
	mt := s.metatable(args[0])
	if mt == nil {
		return s.Return(nil)
	}
	if guard := mt.GetString("__metatable"); guard != nil {
		return s.Return(guard)
	}
	return s.Return(mt)
}

func baseSetMetatable(s *State, args []Value) []Value {
	t := s.CheckTable(args, 1)
	mt, ok := Arg(args, 2).(*Table)
	if !ok && (len(args) < 2 || args[1] != nil) {
		s.ArgError(2, "nil or table expected")
	}
	if t.Meta != nil && t.Meta.GetString("__metatable") != nil {
		s.Errorf("cannot change a protected metatable")
	}
	if t.ReadOnly {
		s.runtimeError("Attempt to modify a readonly table")
	}
	t.Meta = mt
	return args[:1]
}

func baseLoadString(s *State, args []Value) []Value {
	source := s.CheckString(args, 1)
	return s.loaded(source, s.OptString(args, 2, source))
}

func baseLoad(s *State, args []Value) []Value {
	reader := s.checkFunction(args, 1)
	name := s.OptString(args, 2, "=(load)")
	var source strings.Builder
	_, err := s.PCall(NewFunction("read", func(s *State, _ []Value) []Value {
		for {
			piece := first(s.Call(reader))
			text, ok := ToText(piece)
			switch {
			case piece == nil || text == "" && ok:
				return nil
			case !ok:
				s.Errorf("reader function must return a string")
			}
			s.Hold(len(text))
			source.WriteString(text)
		}
	}))
	if err != nil {
		return []Value{nil, err.Value}
	}
	defer s.Hold(-source.Len())
	return s.loaded(source.String(), name)
}

func (s *State) loaded(source, name string) []Value {
	s.Step(len(source) / 16)
	s.Alloc(bytesOfSource * len(source))
	f, err := s.load(source, name, s.th.nested)
	if err != nil {
		return []Value{nil, err.Error()}
	}
	return s.Return(f)
}

func baseNext(s *State, args []Value) []Value {
	k, v, ok := s.Next(s.CheckTable(args, 1), Arg(args, 2))
	if !ok {
		s.runtimeError("invalid key to 'next'")
	}
	if k == nil {
		return s.Return(nil)
	}
	return s.returnTwo(k, v)
}

func ipairsStep(s *State, args []Value) []Value {
	i := s.CheckInt(args, 2) + 1
	v := s.CheckTable(args, 1).GetInt(int(i))
	if v == nil {
		return nil
	}
	return s.returnTwo(Number(float64(i)), v)
}

func (s *State) returnTwo(a, b Value) []Value {
	s.two = [2]Value{a, b}
	return s.two[:]
}

func basePCall(s *State, args []Value) []Value {
	s.CheckAny(args, 1)
	results, err := s.PCall(args[0], args[1:]...)
	return outcome(results, err)
}

func outcome(results []Value, err *Error) []Value {
	if err != nil {
		return []Value{false, err.Value}
	}
	return append([]Value{true}, results...)
}

func baseXPCall(s *State, args []Value) []Value {
	s.CheckAny(args, 2)
	handler := args[1]
	results, err := s.protect(args[0], nil, func(e *Error) *Error {
		results, failed := s.PCall(handler, e.Value)
		if failed != nil {
			return &Error{Value: "error in error handling"}
		}
		return &Error{Value: first(results)}
	})
	return outcome(results, err)
}

func baseRawEqual(s *State, args []Value) []Value {
	s.CheckAny(args, 1)
	s.CheckAny(args, 2)
	return s.Return(args[0] == args[1])
}

func baseRawGet(s *State, args []Value) []Value {
	t := s.CheckTable(args, 1)
	s.CheckAny(args, 2)
	return s.Return(t.Get(args[1]))
}

func baseRawSet(s *State, args []Value) []Value {
	t := s.CheckTable(args, 1)
	s.CheckAny(args, 2)
	s.CheckAny(args, 3)
	s.RawSet(t, args[1], args[2])
	return args[:1]
}

func baseSelect(s *State, args []Value) []Value {
	if Arg(args, 1) == "#" {
		return s.Return(Number(float64(len(args) - 1)))
	}
	n := s.CheckInt(args, 1)
	if n < 0 {
		n += int64(len(args))
	} else {
		n = min(n, int64(len(args)))
	}
	if n < 1 {
		s.ArgError(1, "index out of range")
	}
	return args[n:]
}

func baseToNumber(s *State, args []Value) []Value {
	base := s.OptInt(args, 2, 10)
	if base == 10 {
		s.CheckAny(args, 1)
		if f, ok := ToNumber(args[0]); ok {
			return s.Return(Number(f))
		}
		return s.Return(nil)
	}
	text := s.CheckString(args, 1)
	if base < 2 || base > 36 {
		s.ArgError(2, "base out of range")
	}
	if n, ok := parseUnsigned(text, uint64(base)); ok {
		return s.Return(Number(float64(n)))
	}
	return s.Return(nil)
}

// parseUnsigned reads a whole text as strtoul does: a minus sign wraps around, and
// a number that is too large becomes the largest.
func parseUnsigned(text string, base uint64) (n uint64, ok bool) {
	text = strings.Trim(ctext.String(text), ctext.Space)
	negative := strings.HasPrefix(text, "-")
	if negative || strings.HasPrefix(text, "+") {
		text = text[1:]
	}
	if base == 16 && len(text) > 2 && strings.EqualFold(text[:2], "0x") && ctext.IsHex(text[2]) {
		text = text[2:]
	}
	overflow := false
	for i := range len(text) {
		digit := uint64(99)
		switch c := text[i]; {
		case ctext.IsDigit(c):
			digit = uint64(c - '0')
		case ctext.IsLetter(c):
			digit = uint64(c|0x20-'a') + 10
		}
		if digit >= base {
			return 0, false
		}
		if n > (math.MaxUint64-digit)/base {
			overflow = true
		}
		n = n*base + digit
	}
	switch {
	case overflow:
		n = math.MaxUint64
	case negative:
		n = -n
	}
	return n, text != ""
}

func baseToString(s *State, args []Value) []Value {
	s.CheckAny(args, 1)
	return s.Return(s.ToString(args[0]))
}

func baseType(s *State, args []Value) []Value {
	s.CheckAny(args, 1)
	return s.Return(TypeName(args[0]))
}

// maxUnpacked is the maximum number of values that a C function may push (LUAI_MAXCSTACK).
const maxUnpacked = 8000

func baseUnpack(s *State, args []Value) []Value {
	t := s.CheckTable(args, 1)
	i := int64(int32(s.OptInt(args, 2, 1)))
	var j int64
	if Arg(args, 3) == nil {
		j = int64(s.Len(t))
	} else {
		j = int64(int32(s.CheckInt(args, 3)))
	}
	if i > j {
		return nil
	}
	n := j - i + 1
	if n >= maxUnpacked || n > math.MaxInt32 {
		s.Errorf("too many results to unpack")
	}
	s.Step(int(n) >> 3)
	values := make([]Value, n)
	for k := range values {
		values[k] = t.GetInt(int(i) + k)
	}
	return values
}
