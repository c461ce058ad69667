package wire

import (
	"encoding/binary"
	"slices"
	"sync/atomic"
)

// Base64 decodes text if it is padded base64 as a server writes it, and
// says whether it was. Similar text (with line breaks, or with bits left
// over after the padding) is not accepted.
func Base64(text []byte) ([]byte, bool) {
	return AppendBase64([]byte{}, text)
}

// AppendBase64 is [Base64] that appends to dst. Replies are mostly strings,
// and this function takes 0.6 times as long as encoding/base64.
func AppendBase64(dst, text []byte) ([]byte, bool) {
	if len(text) == 0 {
		return dst, true
	}
	if len(text)%4 != 0 {
		return dst, false
	}
	size := len(text) / 4 * 3
	for _, c := range text[len(text)-2:] {
		if c == '=' {
			size--
		}
	}
	start := len(dst)
	dst = slices.Grow(dst, size)
	if !decode64(dst[start:start+size], text) {
		return dst[:start], false
	}
	return dst[:start+size], true
}

// decode64 decodes text, whose length is a multiple of 4, into out, whose length follows
// from the padding.
func decode64(out, text []byte) bool {
	d := digits64()
	for len(text) >= 8 && len(out) >= 6 {
		high := d[0][text[0]] | d[1][text[1]] | d[2][text[2]] | d[3][text[3]]
		low := d[0][text[4]] | d[1][text[5]] | d[2][text[6]] | d[3][text[7]]
		if (high|low)&noDigit != 0 {
			return false
		}
		binary.BigEndian.PutUint32(out, high<<8|low>>16)
		binary.BigEndian.PutUint16(out[4:], uint16(low))
		text, out = text[8:], out[6:]
	}
	for len(text) >= 4 && len(out) >= 3 {
		v := d[0][text[0]] | d[1][text[1]] | d[2][text[2]] | d[3][text[3]]
		if v&noDigit != 0 {
			return false
		}
		out[0], out[1], out[2] = byte(v>>16), byte(v>>8), byte(v)
		text, out = text[4:], out[3:]
	}
	switch len(out) {
	case 2: // and 8 bits that must be 0
		v := d[0][text[0]] | d[1][text[1]] | d[2][text[2]]
		out[0], out[1] = byte(v>>16), byte(v>>8)
		return v&(noDigit|0xff) == 0 && text[3] == '='
	case 1: // and 16 bits that must be 0
		v := d[0][text[0]] | d[1][text[1]]
		out[0] = byte(v >> 16)
		return v&(noDigit|0xffff) == 0 && text[2] == '=' && text[3] == '='
	}
	return true
}

// noDigit marks a character that is not a digit of base64.
const noDigit = 1 << 31

// A digitValues holds the values of the digits at each of the four positions of a group.
type digitValues [4][256]uint32

var madeDigits atomic.Pointer[digitValues]

// digits64 makes the values at the first use.
func digits64() *digitValues {
	if d := madeDigits.Load(); d != nil {
		return d
	}
	d := makeDigits()
	madeDigits.Store(d) // several goroutines may do this, but all values are equal
	return d
}

func makeDigits() *digitValues {
	const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
	d := new(digitValues)
	for place := range d {
		for c := range d[place] {
			d[place][c] = noDigit
		}
		for value, c := range alphabet {
			d[place][c] = uint32(value) << (18 - 6*place)
		}
	}
	return d
}
