package value

import (
	"encoding/binary"
	"math"
	"strconv"

	"github.com/redis-rest/redis-rest-go/internal/protocol/ctext"
)

// A listpack is a list of strings and integers in one piece of memory (listpack.c). The sizes of its
// elements decide how many entries of a stream are in one node, and so what approximate trimming
// removes. Whole listpacks are in the payload of DUMP.

const listpackFrame = 7 // header and end

func listpackString(s string) int {
	if len(s) <= 20 {
		if n, ok := ctext.ParseInt(s); ok {
			return listpackInt(n)
		}
	}
	switch n := len(s); {
	case n < 1<<6:
		return withBacklen(1 + n)
	case n < 1<<12:
		return withBacklen(2 + n)
	default:
		return withBacklen(5 + n)
	}
}

func listpackInt(n int64) int {
	switch {
	case 0 <= n && n < 1<<7:
		return withBacklen(1)
	case -1<<12 <= n && n < 1<<12:
		return withBacklen(2)
	case -1<<15 <= n && n < 1<<15:
		return withBacklen(3)
	case -1<<23 <= n && n < 1<<23:
		return withBacklen(4)
	case -1<<31 <= n && n < 1<<31:
		return withBacklen(5)
	default:
		return withBacklen(9)
	}
}

// withBacklen adds the length that follows each element, for the way back.
func withBacklen(size int) int {
	switch {
	case size <= 127:
		return size + 1
	case size < 16383:
		return size + 2
	case size < 2097151:
		return size + 3
	case size < 268435455:
		return size + 4
	default:
		return size + 5
	}
}

// appendListpack appends a listpack with elements, of which each that is an integer is stored as one.
func appendListpack(dst []byte, elements []string) []byte {
	begin := len(dst)
	dst = append(dst, make([]byte, 6)...)
	for _, s := range elements {
		at := len(dst)
		dst = appendListpackElement(dst, s)
		dst = appendBacklen(dst, len(dst)-at)
	}
	dst = append(dst, 0xff)
	binary.LittleEndian.PutUint32(dst[begin:], uint32(len(dst)-begin))
	binary.LittleEndian.PutUint16(dst[begin+4:], uint16(min(len(elements), math.MaxUint16)))
	return dst
}

func appendListpackElement(dst []byte, s string) []byte {
	if n, ok := ctext.ParseInt(s); ok && len(s) <= 20 {
		switch {
		case 0 <= n && n < 1<<7:
			return append(dst, byte(n))
		case -1<<12 <= n && n < 1<<12:
			return append(dst, 0xc0|byte(n>>8)&0x1f, byte(n))
		case -1<<15 <= n && n < 1<<15:
			return binary.LittleEndian.AppendUint16(append(dst, 0xf1), uint16(n))
		case -1<<23 <= n && n < 1<<23:
			return append(dst, 0xf2, byte(n), byte(n>>8), byte(n>>16))
		case -1<<31 <= n && n < 1<<31:
			return binary.LittleEndian.AppendUint32(append(dst, 0xf3), uint32(n))
		default:
			return binary.LittleEndian.AppendUint64(append(dst, 0xf4), uint64(n))
		}
	}
	switch n := len(s); {
	case n < 1<<6:
		dst = append(dst, 0x80|byte(n))
	case n < 1<<12:
		dst = append(dst, 0xe0|byte(n>>8), byte(n))
	default:
		dst = binary.LittleEndian.AppendUint32(append(dst, 0xf0), uint32(n))
	}
	return append(dst, s...)
}

// appendBacklen appends the size of an element, so that the way back can read it from its end.
func appendBacklen(dst []byte, size int) []byte {
	for shift := 7 * (withBacklen(size) - size - 1); shift >= 0; shift -= 7 {
		b := byte(size>>shift) & 127
		if shift != 7*(withBacklen(size)-size-1) {
			b |= 128
		}
		dst = append(dst, b)
	}
	return dst
}

// parseListpack reads a listpack. ok is false unless all of it is as Redis writes it.
func parseListpack(b string) (elements []string, ok bool) {
	if len(b) < listpackFrame || uint64(binary.LittleEndian.Uint32([]byte(b[:4]))) != uint64(len(b)) || b[len(b)-1] != 0xff {
		return nil, false
	}
	count := int(binary.LittleEndian.Uint16([]byte(b[4:6])))
	for rest := b[6 : len(b)-1]; rest != ""; {
		s, size, ok := listpackElement(rest)
		if !ok || len(rest) < withBacklen(size) || rest[size:withBacklen(size)] != string(appendBacklen(nil, size)) {
			return nil, false
		}
		elements = append(elements, s)
		rest = rest[withBacklen(size):]
	}
	return elements, count == math.MaxUint16 || count == len(elements)
}

// listpackElement reads an element that begins at b, and returns the size of its encoding.
func listpackElement(b string) (s string, size int, ok bool) {
	first := b[0]
	bytes := 0 // of the integer after the first byte
	switch {
	case first < 0x80:
		return strconv.Itoa(int(first)), 1, true
	case first>>6 == 2:
		return cutListpackString(b, 1, int(first&0x3f))
	case first>>5 == 6:
		if len(b) < 2 {
			return "", 0, false
		}
		n := int(first&0x1f)<<8 | int(b[1])
		if n >= 1<<12 {
			n -= 1 << 13
		}
		return strconv.Itoa(n), 2, true
	case first>>4 == 14 && len(b) >= 2:
		return cutListpackString(b, 2, int(first&0x0f)<<8|int(b[1]))
	case first == 0xf0 && len(b) >= 5:
		return cutListpackString(b, 5, int(binary.LittleEndian.Uint32([]byte(b[1:5]))))
	case first == 0xf1:
		bytes = 2
	case first == 0xf2:
		bytes = 3
	case first == 0xf3:
		bytes = 4
	case first == 0xf4:
		bytes = 8
	default:
		return "", 0, false
	}
	n, ok := littleEndian(b[1:], bytes)
	return strconv.FormatInt(n, 10), 1 + bytes, ok
}

func cutListpackString(b string, head, n int) (s string, size int, ok bool) {
	if n < 0 || n > len(b)-head {
		return "", 0, false
	}
	return b[head : head+n], head + n, true
}
