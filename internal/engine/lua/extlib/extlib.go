// Package extlib has the libraries that Redis adds to Lua: cjson, struct, cmsgpack
// and bit. They do what the C libraries in Redis do, to the byte and to the letter
// of each message, oddities included.
package extlib

import (
	"strings"

	"github.com/redis-rest/redis-rest-go/internal/engine/lua"
)

// Open installs the libraries. What a script sets with cjson's options stays set
// for as long as s lives, as in Redis, where all scripts share one state.
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

// library makes a table of functions. Its size and the order of what is set decide
// the order in which pairs walks through it.
func library(size int, functions []function) *lua.Table {
	t := lua.NewTable(0, size)
	for _, f := range functions {
		t.SetString(f.name, lua.NewFunction(f.name, f.f))
	}
	return t
}

// maxStack is how many values a C function can have on Lua's stack. The C libraries
// keep there what they are in the middle of, so it bounds how deep they go.
const maxStack = 8000

// A buffer collects text, within the memory that a script may hold.
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

// result is the text as the one result of a function.
func (b *buffer) result() []lua.Value {
	b.s.Alloc(len(b.text))
	return b.s.Return(string(b.text))
}

// copyOf is part of a text, which does not keep the whole in memory.
func copyOf(s *lua.State, text string) string {
	s.Alloc(len(text))
	return strings.Clone(text)
}

// What a table takes in memory, and each of its elements.
const (
	bytesOfTable   = 128
	bytesOfElement = 48
)

func newTable(s *lua.State) *lua.Table {
	s.Alloc(bytesOfTable)
	return lua.NewTable(0, 0)
}
