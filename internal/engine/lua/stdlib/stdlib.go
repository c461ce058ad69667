// Package stdlib has Lua's string, table and math libraries, as Redis gives them to
// scripts. It follows PUC-Rio's 5.1.5 exactly: the texts of errors, the
// order in which table.sort compares, and the sequence of math.random.
//
// Redis 7.0 has no os library, so there is none here.
package stdlib

import (
	"github.com/redis-rest/redis-rest-go/internal/engine/lua"
)

// Open puts the libraries into the globals of s. math.random takes its numbers from random.
// States may share it: Redis has one sequence for all scripts, and starts it only
// once.
func Open(s *lua.State, random *Random) {
	// The libraries and their functions are added in Redis' order, because it decides
	// the order of pairs.
	openTable(s)
	openString(s)
	openMath(s, random)
}

// An entry is a function of a library.
type entry struct {
	name string
	f    lua.GoFunc
}

// register makes a library of functions. Its table has exactly that size.
func register(s *lua.State, name string, entries []entry) *lua.Table {
	library := lua.NewTable(0, len(entries))
	for _, e := range entries {
		library.SetString(e.name, lua.NewFunction(e.name, e.f))
	}
	s.Globals.SetString(name, library)
	return library
}

// checkInt returns an argument as a C int: a number that is too large loses its high bits.
func checkInt(s *lua.State, args []lua.Value, n int) int {
	return int(int32(s.CheckInt(args, n)))
}

// optInt is checkInt for an argument that may be missing.
func optInt(s *lua.State, args []lua.Value, n, def int) int {
	if lua.Arg(args, n) == nil {
		return def
	}
	return checkInt(s, args, n)
}

func checkFunction(s *lua.State, args []lua.Value, n int) *lua.Function {
	f, ok := lua.Arg(args, n).(*lua.Function)
	if !ok {
		s.TypeError(args, n, "function")
	}
	return f
}

// A text is built piece by piece. Its memory is counted for the script.
type text struct {
	s *lua.State
	b []byte
}

// grow makes room for n more bytes.
func (t *text) grow(n int) {
	if cap(t.b)-len(t.b) >= n {
		return
	}
	size := max(len(t.b)+n, 2*cap(t.b))
	t.s.Alloc(size)
	t.b = append(make([]byte, 0, size), t.b...)
}

func (t *text) add(s string) {
	t.grow(len(s))
	t.b = append(t.b, s...)
}

func (t *text) addByte(c byte) {
	t.grow(1)
	t.b = append(t.b, c)
}

func (t *text) pad(c byte, n int) {
	t.grow(max(n, 0))
	for range n {
		t.b = append(t.b, c)
	}
}

// value returns the text as a Lua value. Nothing may be added afterwards.
func (t *text) value() lua.Value {
	t.s.Alloc(len(t.b))
	return string(t.b)
}
