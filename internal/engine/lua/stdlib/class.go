package stdlib

func isDigit(c byte) bool { return '0' <= c && c <= '9' }

// What a byte is in the C locale.
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
		case isDigit(c):
			kind = digit | hexadecimal
		case 'a' <= c && c <= 'z':
			kind = alpha | lowerCase
		case 'A' <= c && c <= 'Z':
			kind = alpha | upperCase
		case c < ' ' || c == 127:
			kind = control
		case c > ' ':
			kind = punctuation
		}
		if low := c | 0x20; 'a' <= low && low <= 'f' {
			kind |= hexadecimal
		}
		if c == ' ' || '\t' <= c && c <= '\r' {
			kind |= space
		}
		if c == 0 {
			kind |= zero
		}
		kinds[i] = kind
	}
	return kinds
}()

// classes are the kinds that letters stand for behind a percent sign.
var classes = [256]uint16{
	'a': alpha, 'c': control, 'd': digit, 'l': lowerCase, 'p': punctuation,
	's': space, 'u': upperCase, 'w': alpha | digit, 'x': hexadecimal, 'z': zero,
	'A': alpha, 'C': control, 'D': digit, 'L': lowerCase, 'P': punctuation,
	'S': space, 'U': upperCase, 'W': alpha | digit, 'X': hexadecimal, 'Z': zero,
}

// inClass says whether c is in the class that a letter stands for behind a percent
// sign. A capital stands for all that is not in it, and what is no letter, or none
// that has a class, for itself.
func inClass(c, class byte) bool {
	kind := classes[class]
	if kind == 0 {
		return c == class
	}
	return (kinds[c]&kind != 0) == (class >= 'a')
}
