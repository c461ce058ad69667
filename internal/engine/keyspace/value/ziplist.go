package value

import (
	"encoding/binary"
	"math"
	"strconv"

	"github.com/redis-rest/redis-rest-go/internal/protocol/ctext"
)

// This file reads what only versions before Redis 7.0 have written.

// parseZiplist reads a ziplist (ziplist.c). ok is false unless all of it is as Redis writes it.
func parseZiplist(b string) (elements []string, ok bool) {
	const head = 10
	if len(b) < head+1 || uint64(binary.LittleEndian.Uint32([]byte(b[:4]))) != uint64(len(b)) || b[len(b)-1] != 0xff {
		return nil, false
	}
	tail := binary.LittleEndian.Uint32([]byte(b[4:8]))
	count := int(binary.LittleEndian.Uint16([]byte(b[8:10])))
	at, before, last := head, 0, head
	for at < len(b)-1 {
		entry := b[at : len(b)-1]
		size, lengthSize := int(entry[0]), 1
		if size == 0xfe {
			if len(entry) < 5 {
				return nil, false
			}
			size, lengthSize = int(binary.LittleEndian.Uint32([]byte(entry[1:5]))), 5
		}
		if size != before || entry[0] == 0xff {
			return nil, false
		}
		s, n, ok := ziplistElement(entry[lengthSize:])
		if !ok {
			return nil, false
		}
		elements = append(elements, s)
		last, before = at, lengthSize+n
		at += before
	}
	return elements, int(tail) == last && (count == math.MaxUint16 || count == len(elements))
}

// ziplistElement reads an element that begins at b, and returns the size of its encoding.
func ziplistElement(b string) (s string, size int, ok bool) {
	if b == "" {
		return "", 0, false
	}
	first := b[0]
	bytes := 0 // of the integer after the first byte
	switch {
	case first>>6 == 0:
		return cutListpackString(b, 1, int(first&0x3f))
	case first>>6 == 1 && len(b) >= 2:
		return cutListpackString(b, 2, int(first&0x3f)<<8|int(b[1]))
	case first == 0x80 && len(b) >= 5:
		return cutListpackString(b, 5, int(binary.BigEndian.Uint32([]byte(b[1:5]))))
	case first == 0xfe:
		bytes = 1
	case first == 0xc0:
		bytes = 2
	case first == 0xf0:
		bytes = 3
	case first == 0xd0:
		bytes = 4
	case first == 0xe0:
		bytes = 8
	case 0xf1 <= first && first <= 0xfd:
		return strconv.Itoa(int(first&0x0f) - 1), 1, true
	default:
		return "", 0, false
	}
	n, ok := littleEndian(b[1:], bytes)
	return strconv.FormatInt(n, 10), 1 + bytes, ok
}

// littleEndian reads a signed integer of so many bytes.
func littleEndian(b string, bytes int) (n int64, ok bool) {
	if len(b) < bytes {
		return 0, false
	}
	u := uint64(0)
	for i := range bytes {
		u |= uint64(b[i]) << (8 * i)
	}
	unused := 64 - 8*bytes
	return int64(u<<unused) >> unused, true
}

// zipmap reads a zipmap (zipmap.c): fields and values by turns.
func (r *restorer) zipmap() (list []string) {
	b := r.string()
	if b == "" {
		r.fail()
		return nil
	}
	count := int(b[0])
	for b = b[1:]; b != "" && b[0] != 0xff; {
		for _, isValue := range []bool{false, true} {
			if b == "" {
				r.fail()
				return nil
			}
			n, head := int(b[0]), 1
			if n == 0xfe && len(b) >= 5 {
				n, head = int(binary.LittleEndian.Uint32([]byte(b[1:5]))), 5
			} else if n >= 0xfe {
				r.fail()
				return nil
			}
			free := 0
			if isValue { // unused bytes follow
				if head == len(b) {
					r.fail()
					return nil
				}
				free = int(b[head])
				head++
			}
			if n > len(b)-head-free {
				r.fail()
				return nil
			}
			list = append(list, b[head:head+n])
			b = b[head+n+free:]
		}
	}
	if len(b) != 1 || count < 0xfe && count != len(list)/2 {
		r.fail()
	}
	return list
}

// scoreText reads a score as the first versions have written it: as text with its length.
func (r *restorer) scoreText() (score float64, ok bool) {
	if r.rest == "" {
		r.fail()
		return 0, false
	}
	n := int(r.rest[0])
	r.rest = r.rest[1:]
	switch n {
	case 253:
		return 0, false // not a number
	case 254:
		return math.Inf(1), true
	case 255:
		return math.Inf(-1), true
	}
	if n > len(r.rest) {
		r.fail()
		return 0, false
	}
	score, left, _ := ctext.ParseFloat(r.rest[:n])
	ok = left == "" && n > 0
	r.rest = r.rest[n:]
	return score, ok
}
