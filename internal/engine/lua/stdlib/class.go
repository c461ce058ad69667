package stdlib

import "github.com/redis-rest/redis-rest-go/internal/protocol/ctext"

// Character classes of a byte in the C locale.
const (
	alpha = 1 << iota
	control
	digit
	lowerCase
	punctuation
	space
	upperCase
	hexadecimal
	zero
)

var kinds = func() (kinds [256]uint16) {
	for i := range 128 {
		c, kind := byte(i), uint16(0)
		switch {
		case ctext.IsDigit(c):
			kind = digit
		case 'a' <= c && c <= 'z':
			kind = alpha | lowerCase
		case 'A' <= c && c <= 'Z':
			kind = alpha | upperCase
		case c < ' ' || c == 127:
			kind = control
		case c > ' ':
			kind = punctuation
		}
		if ctext.IsHex(c) {
			kind |= hexadecimal
		}
		if ctext.IsSpace(c) {
			kind |= space
		}
		if c == 0 {
			kind |= zero
		}
		kinds[i] = kind
	}
	return kinds
}()

// classes are the character classes that letters after a percent sign name.
var classes = [256]uint16{
	'a': alpha, 'c': control, 'd': digit, 'l': lowerCase, 'p': punctuation,
	's': space, 'u': upperCase, 'w': alpha | digit, 'x': hexadecimal, 'z': zero,
	'A': alpha, 'C': control, 'D': digit, 'L': lowerCase, 'P': punctuation,
	'S': space, 'U': upperCase, 'W': alpha | digit, 'X': hexadecimal, 'Z': zero,
}

// inClass says whether c is in the class of a letter after a percent sign. A capital letter
// names the complement of the class. Any other character, and a letter without a class, names
// itself.
func inClass(c, class byte) bool {
	kind := classes[class]
	if kind == 0 {
		return c == class
	}
	return (kinds[c]&kind != 0) == (class >= 'a')
}
