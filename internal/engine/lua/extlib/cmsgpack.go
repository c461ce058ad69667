package extlib

import (
	"encoding/binary"
	"math"

	"github.com/redis-rest/redis-rest-go/internal/engine/lua"
	"github.com/redis-rest/redis-rest-go/internal/protocol/ctext"
)

// maxNesting is the maximum depth of cmsgpack.pack: a deeper table becomes nil.
const maxNesting = 16

func newCMsgpack() *lua.Table {
	t := library(0, []function{
		{"pack", msgpackPack},
		{"unpack", msgpackUnpack},
		{"unpack_one", msgpackUnpackOne},
		{"unpack_limit", msgpackUnpackLimit},
	})
	t.SetString("_NAME", "cmsgpack")
	t.SetString("_VERSION", "lua-cmsgpack 0.4.0")
	t.SetString("_COPYRIGHT", "Copyright (C) 2012, Salvatore Sanfilippo")
	t.SetString("_DESCRIPTION", "MessagePack C implementation for Lua")
	return t
}

func msgpackPack(s *lua.State, args []lua.Value) []lua.Value {
	switch n := len(args); {
	case n == 0:
		s.ArgError(0, "MessagePack pack needs input.")
	case 2*n > maxStack:
		s.ArgError(0, "Too many arguments for MessagePack pack.")
	}
	p := packer{buffer{s: s}}
	for _, arg := range args {
		p.value(arg, 0)
	}
	return p.result()
}

type packer struct{ buffer }

func (p *packer) value(v lua.Value, level int) {
	p.s.Step(1)
	switch v := v.(type) {
	case string:
		p.string(v)
	case bool:
		if v {
			p.writeByte(0xc3)
		} else {
			p.writeByte(0xc2)
		}
	case float64:
		p.number(v)
	case *lua.Table:
		switch {
		case level == maxNesting:
			p.writeByte(0xc0)
		case isList(p.s, v):
			p.list(v, level)
		default:
			p.object(v, level)
		}
	default:
		p.writeByte(0xc0)
	}
}

// head writes a code and an integer of 8, 16, 32 or 64 bits.
func (p *packer) head(code byte, bits int, n uint64) {
	var b [9]byte
	binary.BigEndian.PutUint64(b[1:], n<<(64-bits))
	b[0] = code
	p.write(b[:1+bits/8])
}

func (p *packer) string(text string) {
	switch n := uint64(len(text)); {
	case n < 32:
		p.writeByte(0xa0 | byte(n))
	case n <= math.MaxUint8:
		p.head(0xd9, 8, n)
	case n <= math.MaxUint16:
		p.head(0xda, 16, n)
	default:
		p.head(0xdb, 32, n)
	}
	p.writeString(text)
}

// number writes an integer, in the shortest form, if the number is one. Otherwise it writes a
// float32 if that is exact, else a float64.
func (p *packer) number(f float64) {
	if n := ctext.Int64(f); float64(n) == f {
		p.integer(n)
	} else if single := float32(f); float64(single) == f {
		p.head(0xca, 32, uint64(math.Float32bits(single)))
	} else {
		p.head(0xcb, 64, math.Float64bits(f))
	}
}

func (p *packer) integer(n int64) {
	switch {
	case -32 <= n && n <= math.MaxInt8:
		p.writeByte(byte(n))
	case n > math.MaxUint32:
		p.head(0xcf, 64, uint64(n))
	case n > math.MaxUint16:
		p.head(0xce, 32, uint64(n))
	case n > math.MaxUint8:
		p.head(0xcd, 16, uint64(n))
	case n > 0:
		p.head(0xcc, 8, uint64(n))
	case n >= math.MinInt8:
		p.head(0xd0, 8, uint64(n))
	case n >= math.MinInt16:
		p.head(0xd1, 16, uint64(n))
	case n >= math.MinInt32:
		p.head(0xd2, 32, uint64(n))
	default:
		p.head(0xd3, 64, uint64(n))
	}
}

// count writes the number of elements that follow, in a code's short form or in the forms
// with 16 and 32 bits.
func (p *packer) count(short, code byte, n int) {
	switch {
	case n <= 15:
		p.writeByte(short | byte(n))
	case n <= math.MaxUint16:
		p.head(code, 16, uint64(n))
	default:
		p.head(code+1, 32, uint64(n))
	}
}

// isList says whether the keys of a table are exactly the integers 1 to n. An empty table
// is a list too.
func isList(s *lua.State, t *lua.Table) bool {
	count, highest := 0, 0.0
	for k, _, _ := s.Next(t, nil); k != nil; k, _, _ = s.Next(t, k) {
		s.Step(1)
		n, ok := k.(float64)
		if !ok || n < 1 || n > math.MaxInt32 || n != math.Trunc(n) {
			return false
		}
		count++
		highest = max(highest, n)
	}
	return int(highest) == count
}

func (p *packer) list(t *lua.Table, level int) {
	n := p.s.Len(t)
	p.count(0x90, 0xdc, n)
	for i := range n {
		p.value(t.GetInt(i+1), level+1)
	}
}

func (p *packer) object(t *lua.Table, level int) {
	n := 0
	for k, _, _ := p.s.Next(t, nil); k != nil; k, _, _ = p.s.Next(t, k) {
		p.s.Step(1)
		n++
	}
	p.count(0x80, 0xde, n)
	for k, v, _ := p.s.Next(t, nil); k != nil; k, v, _ = p.s.Next(t, k) {
		p.value(k, level+1)
		p.value(v, level+1)
	}
}

func msgpackUnpack(s *lua.State, args []lua.Value) []lua.Value {
	return unpackAll(s, args, len(args))
}

func msgpackUnpackOne(s *lua.State, args []lua.Value) []lua.Value {
	return unpackSome(s, args, 1, s.OptInt(args, 2, 0))
}

func msgpackUnpackLimit(s *lua.State, args []lua.Value) []lua.Value {
	limit := s.CheckInt(args, 2)
	return unpackSome(s, args, limit, s.OptInt(args, 3, 0))
}

// unpackSome unpacks up to limit values from an offset on. The first result is the
// offset after them, or -1 at the end.
func unpackSome(s *lua.State, args []lua.Value, limit, offset int64) []lua.Value {
	if limit == 0 && offset == 0 {
		return unpackAll(s, args, min(len(args), 1))
	}
	data := s.CheckString(args, 1)
	if offset < 0 || limit < 0 {
		s.Errorf("Invalid request to unpack with offset of %d and limit of %d.", int32(offset), len(data))
	}
	if offset > int64(len(data)) {
		s.Errorf("Start offset %d greater than input length %d.", int32(offset), len(data))
	}
	u := unpacker{s: s, data: data, at: int(offset)}
	results := u.values([]lua.Value{nil}, limit, 1)
	u.checkStack(len(results), "in function mp_unpack_full")
	rest := u.at
	if rest == len(data) {
		rest = -1
	}
	results[0] = lua.Number(float64(rest))
	return results
}

// unpackAll unpacks all values. stack is the number of values on Lua's stack.
func unpackAll(s *lua.State, args []lua.Value, stack int) []lua.Value {
	u := unpacker{s: s, data: s.CheckString(args, 1)}
	return u.values(nil, math.MaxInt32, stack)
}

type unpacker struct {
	s    *lua.State
	data string
	at   int
}

// values appends up to limit values to results.
func (u *unpacker) values(results []lua.Value, limit int64, stack int) []lua.Value {
	for n := int64(0); n < limit && u.at < len(u.data); n++ {
		u.s.Alloc(16)
		results = append(results, u.value(stack))
		stack++
	}
	return results
}

// take takes the next n bytes.
func (u *unpacker) take(n int) string {
	if len(u.data)-u.at < n {
		u.s.Errorf("Missing bytes in input.")
	}
	u.at += n
	return u.data[u.at-n : u.at]
}

// unsigned takes an integer of 8, 16, 32 or 64 bits.
func (u *unpacker) unsigned(bits int) uint64 {
	n := uint64(0)
	for _, c := range []byte(u.take(bits / 8)) {
		n = n<<8 | uint64(c)
	}
	return n
}

func (u *unpacker) checkStack(stack int, message string) {
	if stack+1 > maxStack {
		u.s.Errorf("stack overflow (%s)", message)
	}
}

// value takes one value. stack is the number of other values on Lua's stack.
func (u *unpacker) value(stack int) lua.Value {
	u.s.Step(1)
	code := u.take(1)[0]
	u.checkStack(stack, "too many return values at once; use unpack_one or unpack_limit instead.")
	switch {
	case code <= 0x7f || code >= 0xe0:
		return lua.Number(float64(int8(code)))
	case code <= 0x8f:
		return u.object(int(code&0x0f), stack)
	case code <= 0x9f:
		return u.list(int(code&0x0f), stack)
	case code <= 0xbf:
		return u.string(int(code & 0x1f))
	}
	switch code {
	case 0xc0:
		return nil
	case 0xc2:
		return false
	case 0xc3:
		return true
	case 0xca:
		return lua.Number(float64(math.Float32frombits(uint32(u.unsigned(32)))))
	case 0xcb:
		return lua.Number(math.Float64frombits(u.unsigned(64)))
	case 0xcc:
		return lua.Number(float64(u.unsigned(8)))
	case 0xcd:
		return lua.Number(float64(u.unsigned(16)))
	case 0xce:
		return lua.Number(float64(u.unsigned(32)))
	case 0xcf, 0xd3: // Lua's integers are signed
		return lua.Number(float64(int64(u.unsigned(64))))
	case 0xd0:
		return lua.Number(float64(int8(u.unsigned(8))))
	case 0xd1:
		return lua.Number(float64(int16(u.unsigned(16))))
	case 0xd2:
		return lua.Number(float64(int32(u.unsigned(32))))
	case 0xd9:
		return u.string(int(u.unsigned(8)))
	case 0xda:
		return u.string(int(u.unsigned(16)))
	case 0xdb:
		return u.string(int(u.unsigned(32)))
	case 0xdc:
		return u.list(int(u.unsigned(16)), stack)
	case 0xdd:
		return u.list(int(u.unsigned(32)), stack)
	case 0xde:
		return u.object(int(u.unsigned(16)), stack)
	case 0xdf:
		return u.object(int(u.unsigned(32)), stack)
	}
	u.s.Errorf("Bad data format in input.")
	return nil
}

func (u *unpacker) string(n int) string { return copyOf(u.s, u.take(n)) }

func (u *unpacker) list(n, stack int) *lua.Table {
	t := newTable(u.s)
	u.checkStack(stack+1, "in function mp_decode_to_lua_array")
	for i := range n {
		u.s.Alloc(bytesOfElement)
		t.SetInt(i+1, u.value(stack+2)) // the table and the index are on the stack
	}
	return t
}

func (u *unpacker) object(n, stack int) *lua.Table {
	t := newTable(u.s)
	for range n {
		k := u.value(stack + 1)
		v := u.value(stack + 2)
		u.s.SetIndex(t, k, v)
	}
	return t
}
