package stdlib

import (
	"math"
	"strconv"
	"strings"

	"github.com/redis-rest/redis-rest-go/internal/engine/lua"
	"github.com/redis-rest/redis-rest-go/internal/protocol/ctext"
)

// longText is the length from which %s writes a text unchanged. A shorter one goes
// through C's printf.
const longText = 100

func format(s *lua.State, args []lua.Value) []lua.Value {
	rest := s.CheckString(args, 1)
	var buffer [128]byte
	out := text{s: s, b: buffer[:0]}
	for n := 1; ; {
		s.Step(1)
		plain, after, more := strings.Cut(rest, "%")
		out.add(plain)
		if !more {
			return s.Return(out.value())
		}
		if strings.HasPrefix(after, "%") {
			out.addByte('%')
			rest = after[1:]
			continue
		}
		if n++; n > len(args) {
			s.ArgError(n, "no value")
		}
		v, conversion := parseVerb(s, after)
		rest = after[min(v.length, len(after)):]
		switch conversion {
		case 'c':
			out.addItem(v, string([]byte{byte(ctext.Int32(s.CheckNumber(args, n)))}))
		case 'd', 'i':
			i := ctext.Int64(s.CheckNumber(args, n))
			out.addSigned(v, i)
		case 'o', 'u', 'x', 'X':
			out.addUnsigned(v, conversion, ctext.Uint64(s.CheckNumber(args, n)))
		case 'e', 'E', 'f', 'g', 'G':
			out.addFloat(v, conversion, s.CheckNumber(args, n))
		case 'q':
			out.addQuoted(s.CheckString(args, n))
		case 's':
			t := s.CheckString(args, n)
			if v.precision < 0 && len(t) >= longText {
				out.add(t)
				break
			}
			t = untilNUL(t)
			if v.precision >= 0 && v.precision < len(t) {
				t = t[:v.precision]
			}
			out.addItem(v, t)
		default:
			s.Errorf("invalid option '%%%s' to 'format'", untilNUL(string([]byte{conversion})))
		}
	}
}

// A verb is a conversion's flags, width and precision. The precision is -1 if it is
// missing.
type verb struct {
	left, plus, space, alternate, zero bool

	width, precision int
	length           int // of the verb's text
}

// parseVerb reads the text after a percent sign. The conversion is NUL at the end of
// the format.
func parseVerb(s *lua.State, format string) (v verb, conversion byte) {
	at := func() byte {
		if v.length < len(format) {
			return format[v.length]
		}
		return 0
	}
	number := func() (n int) {
		for digits := 0; digits < 2 && ctext.IsDigit(at()); digits++ {
			n = 10*n + int(at()-'0')
			v.length++
		}
		return n
	}
	for flag := true; flag; {
		switch at() {
		case '-':
			v.left = true
		case '+':
			v.plus = true
		case ' ':
			v.space = true
		case '#':
			v.alternate = true
		case '0':
			v.zero = true
		default:
			flag = false
		}
		if flag {
			v.length++
		}
	}
	if v.length > len("-+ #0") {
		s.Errorf("invalid format (repeated flags)")
	}
	v.width, v.precision = number(), -1
	if at() == '.' {
		v.length++
		v.precision = number()
	}
	if ctext.IsDigit(at()) {
		s.Errorf("invalid format (width or precision too long)")
	}
	conversion = at()
	v.length++
	return v, conversion
}

// addItem adds a text, padded to the verb's width. It ends at the first NUL, as C's strlen does.
func (t *text) addItem(v verb, item string) {
	t.addPadded(v, "", item, false)
}

// addPadded adds a prefix (a sign, for instance) and a text, padded to the verb's width. zeros
// says whether zeros may be used as padding.
func (t *text) addPadded(v verb, prefix, item string, zeros bool) {
	padding := v.width - len(prefix) - len(item)
	switch {
	case v.left:
		if item == "\x00" {
			return // C sees an empty string
		}
		t.add(prefix)
		t.add(item)
		t.pad(' ', padding)
	case v.zero && zeros:
		t.add(prefix)
		t.pad('0', padding)
		t.add(item)
	default:
		t.pad(' ', padding)
		t.add(prefix)
		t.add(strings.TrimSuffix(item, "\x00"))
	}
}

// sign returns the sign to write before a number.
func (v verb) sign(negative bool) string {
	switch {
	case negative:
		return "-"
	case v.plus:
		return "+"
	case v.space:
		return " "
	}
	return ""
}

func (t *text) addSigned(v verb, i int64) {
	magnitude := uint64(i)
	if i < 0 {
		magnitude = -magnitude
	}
	t.addPadded(v, v.sign(i < 0), v.digits(magnitude, 10), v.precision < 0)
}

func (t *text) addUnsigned(v verb, conversion byte, u uint64) {
	prefix, base := "", 10
	switch conversion {
	case 'o':
		base = 8
	case 'x', 'X':
		base = 16
		if v.alternate && u != 0 {
			prefix = "0x"
		}
	}
	digits := v.digits(u, base)
	if base == 8 && v.alternate && !strings.HasPrefix(digits, "0") {
		digits = "0" + digits
	}
	if conversion == 'X' {
		prefix, digits = strings.ToUpper(prefix), strings.ToUpper(digits)
	}
	t.addPadded(v, prefix, digits, v.precision < 0)
}

// digits returns the digits of an integer, at least as many as the precision.
func (v verb) digits(u uint64, base int) string {
	digits := strconv.FormatUint(u, base)
	if u == 0 && v.precision == 0 {
		return ""
	}
	if missing := v.precision - len(digits); missing > 0 {
		digits = strings.Repeat("0", missing) + digits
	}
	return digits
}

func (t *text) addFloat(v verb, conversion byte, f float64) {
	sign, lower := v.sign(math.Signbit(f)), conversion|0x20
	f = math.Abs(f)
	var item string
	switch {
	case math.IsNaN(f):
		item = "nan"
	case math.IsInf(f, 0):
		item = "inf"
	case lower == 'g':
		item = v.general(f)
	default:
		precision := v.precision
		if precision < 0 {
			precision = 6
		}
		item = strconv.FormatFloat(f, lower, precision, 64)
		if v.alternate && precision == 0 {
			item = withPoint(item)
		}
	}
	if conversion != lower {
		item = strings.ToUpper(item)
	}
	t.addPadded(v, sign, item, ctext.IsDigit(item[0]))
}

// withPoint adds a decimal point to the digits of a number that has none.
func withPoint(number string) string {
	mantissa, exponent, scientific := strings.Cut(number, "e")
	if scientific {
		exponent = "e" + exponent
	}
	return mantissa + "." + exponent
}

// general formats as %g: the shorter of %e and %f, without trailing zeros.
func (v verb) general(f float64) string {
	precision := v.precision
	switch {
	case precision < 0:
		precision = 6
	case precision == 0:
		precision = 1
	}
	item := strconv.FormatFloat(f, 'e', precision-1, 64)
	mantissa, after, _ := strings.Cut(item, "e")
	exponent, _ := strconv.Atoi(after)
	if exponent >= -4 && exponent < precision {
		mantissa, after = strconv.FormatFloat(f, 'f', precision-1-exponent, 64), ""
	} else {
		after = "e" + after
	}
	pointed := strings.Contains(mantissa, ".")
	switch {
	case v.alternate && !pointed:
		mantissa += "."
	case !v.alternate && pointed:
		mantissa = strings.TrimRight(strings.TrimRight(mantissa, "0"), ".")
	}
	return mantissa + after
}

// addQuoted adds a string as Lua source.
func (t *text) addQuoted(s string) {
	t.addByte('"')
	kept := 0 // the text before it has been added
	for i := range len(s) {
		escape := ""
		switch s[i] {
		case '"':
			escape = `\"`
		case '\\':
			escape = `\\`
		case '\n':
			escape = "\\\n"
		case '\r':
			escape = `\r`
		case 0:
			escape = `\000`
		default:
			continue
		}
		t.s.Step(1)
		t.add(s[kept:i])
		t.add(escape)
		kept = i + 1
	}
	t.add(s[kept:])
	t.addByte('"')
}
