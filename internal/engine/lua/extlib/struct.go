package extlib

import (
	"encoding/binary"
	"math"
	"slices"
	"strings"

	"github.com/redis-rest/redis-rest-go/internal/engine/lua"
	"github.com/redis-rest/redis-rest-go/internal/protocol/ctext"
)

const (
	maxIntSize   = 32 // bytes of an integer
	defaultAlign = 8  // of "!" without a number
)

// A format is the rest of a format string and the settings of its earlier options. Sizes
// and alignment are those of C on amd64.
type format struct {
	s     *lua.State
	text  string
	big   bool
	align int
}

func newFormat(s *lua.State, args []lua.Value) *format {
	return &format{s: s, text: ctext.String(s.CheckString(args, 1)), align: 1}
}

// next takes the next option and its size, which is 0 if it has none.
// ok is false at the end.
func (f *format) next() (opt byte, size int, ok bool) {
	if f.text == "" {
		return 0, 0, false
	}
	f.s.Step(1)
	opt, f.text = f.text[0], f.text[1:]
	switch opt {
	case 'b', 'B', 'x':
		size = 1
	case 'h', 'H':
		size = 2
	case 'f':
		size = 4
	case 'l', 'L', 'T', 'd':
		size = 8
	case 'c':
		size = f.number(1)
	case 'i', 'I':
		size = f.number(4)
		if size > maxIntSize {
			f.s.Errorf("integral size %d is larger than limit of %d", size, maxIntSize)
		}
	}
	return opt, size, true
}

// number takes the digits after an option.
func (f *format) number(absent int) int {
	if f.text == "" || !ctext.IsDigit(f.text[0]) {
		return absent
	}
	n := 0
	for f.text != "" && ctext.IsDigit(f.text[0]) {
		n = n*10 + int(f.text[0]-'0')
		if n > math.MaxInt32 {
			f.s.Errorf("integral size overflow")
		}
		f.text = f.text[1:]
	}
	return n
}

// padding returns the number of bytes that align a value. For a size that is not
// a power of two, it is the result of the same arithmetic in C.
func (f *format) padding(at uint64, opt byte, size int) uint64 {
	if size == 0 || opt == 'c' {
		return 0
	}
	n := uint64(min(size, f.align))
	return (n - at&(n-1)) & (n - 1)
}

// control applies an option that stands for no value.
func (f *format) control(opt byte) {
	switch opt {
	case ' ':
	case '<':
		f.big = false
	case '>':
		f.big = true
	case '!':
		n := f.number(defaultAlign)
		if n <= 0 || n&(n-1) != 0 {
			f.s.Errorf("alignment %d is not a power of 2", n)
		}
		f.align = n
	default:
		f.s.ArgError(1, "invalid format option '"+string([]byte{opt})+"'")
	}
}

// inOrder converts bytes between little endian and the byte order of the format, in
// either direction.
func (f *format) inOrder(b []byte) []byte {
	if f.big {
		slices.Reverse(b)
	}
	return b
}

func structPack(s *lua.State, args []lua.Value) []lua.Value {
	f := newFormat(s, args)
	// In C a nil follows the arguments, and errors mention that nil.
	args = append(slices.Clone(args), nil)
	b := buffer{s: s}
	arg := 1
	for {
		opt, size, ok := f.next()
		if !ok {
			return b.result()
		}
		for range f.padding(uint64(len(b.text)), opt, size) {
			b.writeByte(0)
		}
		switch opt {
		case 'b', 'B', 'h', 'H', 'l', 'L', 'T', 'i', 'I':
			arg++
			b.write(f.inOrder(integerBytes(s.CheckNumber(args, arg), size)))
		case 'x':
			b.writeByte(0)
		case 'f':
			arg++
			bits := math.Float32bits(float32(s.CheckNumber(args, arg)))
			b.write(f.inOrder(binary.LittleEndian.AppendUint32(nil, bits)))
		case 'd':
			arg++
			bits := math.Float64bits(s.CheckNumber(args, arg))
			b.write(f.inOrder(binary.LittleEndian.AppendUint64(nil, bits)))
		case 'c', 's':
			arg++
			text := s.CheckString(args, arg)
			if size == 0 {
				size = len(text)
			}
			if len(text) < size {
				s.ArgError(arg+1, "string too short") // the wrong argument, as in C
			}
			b.writeString(text[:size])
			if opt == 's' {
				b.writeByte(0)
			}
		default:
			f.control(opt)
		}
	}
}

// integerBytes returns a number in little endian, cut or padded with zeros.
func integerBytes(n float64, size int) []byte {
	b := make([]byte, max(size, 8))
	binary.LittleEndian.PutUint64(b, ctext.Uint64(n))
	return b[:size]
}

func structUnpack(s *lua.State, args []lua.Value) []lua.Value {
	f := newFormat(s, args)
	data := s.CheckString(args, 2)
	start := s.OptInt(args, 3, 1)
	if start == 0 {
		s.ArgError(3, "offset must be 1 or greater")
	}
	at := uint64(start) - 1 // a negative start becomes too large
	need := func(size uint64) {
		if size > uint64(len(data)) || at > uint64(len(data))-size {
			s.ArgError(2, "data string too short")
		}
	}
	var results []lua.Value
	push := func(v lua.Value) { results = append(results, v) }
	for {
		opt, optSize, ok := f.next()
		if !ok {
			return append(results, lua.Number(float64(int64(at+1))))
		}
		size := uint64(optSize)
		at += f.padding(at, opt, optSize)
		need(size)
		if len(args)+len(results)+2 > maxStack {
			s.Errorf("stack overflow (too many results)")
		}
		s.Alloc(16)
		switch opt {
		case 'b', 'h', 'l', 'i':
			push(lua.Number(float64(f.signed(data[at : at+size]))))
		case 'B', 'H', 'L', 'T', 'I':
			push(lua.Number(float64(f.unsigned(data[at : at+size]))))
		case 'x':
		case 'f':
			bits := uint32(f.unsigned(data[at : at+size]))
			push(lua.Number(float64(math.Float32frombits(bits))))
		case 'd':
			push(lua.Number(math.Float64frombits(f.unsigned(data[at : at+size]))))
		case 'c':
			if size == 0 {
				size = lengthBefore(s, results)
				results = results[:len(results)-1]
				need(size)
			}
			push(copyOf(s, data[at:at+size]))
		case 's':
			end := strings.IndexByte(data[at:], 0)
			if end < 0 {
				s.Errorf("unfinished string in data")
			}
			push(copyOf(s, data[at:at+uint64(end)]))
			size = uint64(end) + 1
		default:
			f.control(opt)
		}
		at += size
	}
}

// lengthBefore returns the last result as the length of a string.
func lengthBefore(s *lua.State, results []lua.Value) uint64 {
	if len(results) > 0 {
		if n, ok := lua.ToNumber(results[len(results)-1]); ok {
			return binary.LittleEndian.Uint64(integerBytes(n, 8))
		}
	}
	s.Errorf("format 'c0' needs a previous size")
	return 0
}

// unsigned reads an integer and keeps its lowest 64 bits.
func (f *format) unsigned(data string) uint64 {
	var b [maxIntSize]byte
	f.inOrder(b[:copy(b[:], data)])
	return binary.LittleEndian.Uint64(b[:])
}

// signed is unsigned for signed integers. C looks for the sign at a bit number modulo 64. For
// more than eight bytes the sign is therefore misplaced, except for 16 bytes and other
// multiples of eight.
func (f *format) signed(data string) int64 {
	n := f.unsigned(data)
	mask := ^uint64(0) << (uint(len(data)*8-1) & 63)
	if n&mask != 0 {
		n |= mask
	}
	return int64(n)
}

func structSize(s *lua.State, args []lua.Value) []lua.Value {
	f := newFormat(s, args)
	at := uint64(0)
	for {
		opt, size, ok := f.next()
		if !ok {
			return s.Return(lua.Number(float64(int64(at))))
		}
		at += f.padding(at, opt, size)
		switch {
		case opt == 's':
			s.ArgError(1, "option 's' has no fixed size")
		case opt == 'c' && size == 0:
			s.ArgError(1, "option 'c0' has no fixed size")
		case !ctext.IsDigit(opt) && !ctext.IsLetter(opt):
			f.control(opt)
		}
		at += uint64(size)
	}
}
