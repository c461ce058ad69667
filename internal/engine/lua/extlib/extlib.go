// Package extlib has the libraries that Redis adds to Lua: cjson, struct, cmsgpack
// and bit. They behave exactly as the C libraries in Redis, including the text
// of messages and the oddities.
package extlib

import (
	"strings"

	"github.com/redis-rest/redis-rest-go/internal/engine/lua"
)

// Open installs the libraries. cjson's options keep their values for the lifetime of s. It is
// the same in Redis, where all scripts share one state.
func Open(s *lua.State) {
	s.Globals.SetString("cjson", newCJSON())
	s.Globals.SetString("struct", library(3, []function{
		{"pack", structPack},
		{"unpack", structUnpack},
		{"size", structSize},
	}))
	s.Globals.SetString("cmsgpack", newCMsgpack())
	s.Globals.SetString("bit", library(12, []function{
		{"tobit", bitTobit},
		{"bnot", bitBnot},
		{"band", bitBand},
		{"bor", bitBor},
		{"bxor", bitBxor},
		{"lshift", bitLshift},
		{"rshift", bitRshift},
		{"arshift", bitArshift},
		{"rol", bitRol},
		{"ror", bitRor},
		{"bswap", bitBswap},
		{"tohex", bitTohex},
	}))
}

type function struct {
	name string
	f    lua.GoFunc
}

// library makes a table of functions. Its size and the order of insertion decide
// the order of pairs.
func library(size int, functions []function) *lua.Table {
	t := lua.NewTable(0, size)
	for _, f := range functions {
		t.SetString(f.name, lua.NewFunction(f.name, f.f))
	}
	return t
}

// maxStack is the maximum number of values on Lua's stack for a C function. The C libraries
// keep unfinished values there, so it limits the depth of nesting.
const maxStack = 8000

// A buffer collects text. Its memory is counted for the script.
type buffer struct {
	s    *lua.State
	text []byte
}

// grow makes room for n more bytes.
func (b *buffer) grow(n int) {
	if need := len(b.text) + n; need > cap(b.text) {
		size := max(need, 2*cap(b.text), 64)
		b.s.Alloc(size)
		b.text = append(make([]byte, 0, size), b.text...)
	}
}

func (b *buffer) write(text []byte) {
	b.grow(len(text))
	b.text = append(b.text, text...)
}

func (b *buffer) writeByte(c byte) {
	b.grow(1)
	b.text = append(b.text, c)
}

func (b *buffer) writeString(s string) {
	b.grow(len(s))
	b.text = append(b.text, s...)
}

// result returns the text as a function's only result.
func (b *buffer) result() []lua.Value {
	b.s.Alloc(len(b.text))
	return b.s.Return(string(b.text))
}

// copyOf copies part of a text, so that the whole text can be freed.
func copyOf(s *lua.State, text string) string {
	s.Alloc(len(text))
	return strings.Clone(text)
}

// Memory of a table, and of each of its elements, in bytes.
const (
	bytesOfTable   = 128
	bytesOfElement = 48
)

func newTable(s *lua.State) *lua.Table {
	s.Alloc(bytesOfTable)
	return lua.NewTable(0, 0)
}
