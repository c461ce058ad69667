package stdlib

import (
	"math"
	"strings"

	"github.com/redis-rest/redis-rest-go/internal/engine/lua"
)

// maxStack is the maximum number of values on the stack of a C function in Lua.
const maxStack = 8000

func openString(s *lua.State) {
	library := register(s, "string", []entry{
		{"byte", bytesOf},
		{"char", char},
		{"dump", dump},
		{"find", find},
		{"format", format},
		{"gfind", gmatch},
		{"gmatch", gmatch},
		{"gsub", gsub},
		{"len", length},
		{"lower", lower},
		{"match", match},
		{"rep", rep},
		{"reverse", reverse},
		{"sub", sub},
		{"upper", upper},
	})
	library.SetString("gfind", library.GetString("gmatch")) // two names for one function
	s.StringMeta = lua.NewTable(0, 1)
	s.StringMeta.SetString("__index", library)
}

func number(i int) lua.Value { return lua.Number(float64(i)) }

// relative converts a position that starts at 1. Negative ones count from the end.
func relative(i int64, length int) int {
	if i < 0 {
		i += int64(length) + 1
	}
	return int(max(i, 0))
}

// characters holds the strings of one byte, which saves allocations.
var characters = func() (values [256]lua.Value) {
	for i := range values {
		values[i] = string([]byte{byte(i)})
	}
	return values
}()

// substring returns part of a string as a value. It copies, because a small part would
// keep the whole string in memory, and that memory would not be counted.
func substring(s *lua.State, from string, start, end int) lua.Value {
	switch n := end - start; n {
	case 0:
		return ""
	case 1:
		return characters[from[start]]
	case len(from):
		return from
	default:
		s.Alloc(n)
		return strings.Clone(from[start:end])
	}
}

func length(s *lua.State, args []lua.Value) []lua.Value {
	return s.Return(number(len(s.CheckString(args, 1))))
}

func sub(s *lua.State, args []lua.Value) []lua.Value {
	from := s.CheckString(args, 1)
	start := max(relative(s.CheckInt(args, 2), len(from)), 1)
	end := min(relative(s.OptInt(args, 3, -1), len(from)), len(from))
	if start > end {
		return s.Return("")
	}
	return s.Return(substring(s, from, start-1, end))
}

func reverse(s *lua.State, args []lua.Value) []lua.Value {
	from := s.CheckString(args, 1)
	s.Alloc(2 * len(from))
	b := make([]byte, len(from))
	for i := range b {
		b[i] = from[len(from)-1-i]
	}
	return s.Return(string(b))
}

func lower(s *lua.State, args []lua.Value) []lua.Value {
	return s.Return(mapBytes(s, s.CheckString(args, 1), 'A', 'Z'))
}

func upper(s *lua.State, args []lua.Value) []lua.Value {
	return s.Return(mapBytes(s, s.CheckString(args, 1), 'a', 'z'))
}

// mapBytes changes the case of the letters from first to last.
func mapBytes(s *lua.State, from string, first, last byte) string {
	i := 0
	for i < len(from) && (from[i] < first || from[i] > last) {
		i++
	}
	if i == len(from) {
		return from
	}
	s.Alloc(2 * len(from))
	b := []byte(from)
	for ; i < len(b); i++ {
		if b[i] >= first && b[i] <= last {
			b[i] ^= 'a' - 'A'
		}
	}
	return string(b)
}

func rep(s *lua.State, args []lua.Value) []lua.Value {
	from, n := s.CheckString(args, 1), max(checkInt(s, args, 2), 0)
	if from == "" || n == 0 {
		return s.Return("")
	}
	if n > math.MaxInt/len(from) {
		n = math.MaxInt / len(from)
	}
	s.Alloc(n * len(from))
	return s.Return(strings.Repeat(from, n))
}

func bytesOf(s *lua.State, args []lua.Value) []lua.Value {
	from := s.CheckString(args, 1)
	first := relative(s.OptInt(args, 2, 1), len(from))
	last := min(relative(s.OptInt(args, 3, int64(first)), len(from)), len(from))
	first = max(first, 1)
	n := last - first + 1
	if n <= 0 {
		return nil
	}
	if n == 1 {
		return s.Return(number(int(from[first-1])))
	}
	if len(args)+n > maxStack {
		s.Errorf("stack overflow (string slice too long)")
	}
	values := make([]lua.Value, n)
	for i := range values {
		values[i] = number(int(from[first-1+i]))
	}
	return values
}

func char(s *lua.State, args []lua.Value) []lua.Value {
	b := make([]byte, len(args))
	for i := range b {
		c := checkInt(s, args, i+1)
		if c != int(byte(c)) {
			s.ArgError(i+1, "invalid value")
		}
		b[i] = byte(c)
	}
	if len(b) == 1 {
		return s.Return(characters[b[0]])
	}
	return s.Return(string(b))
}

// dump always fails, because functions have no bytecode here. Redis can write bytecode, but
// does not load it.
func dump(s *lua.State, args []lua.Value) []lua.Value {
	checkFunction(s, args, 1)
	s.Errorf("unable to dump given function")
	return nil
}
