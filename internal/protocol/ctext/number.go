package ctext

import (
	"math"
	"strconv"
	"strings"
)

// Int64 converts a double to an integer of 64 bits. NaN and numbers out of range become
// the lowest integer.
func Int64(f float64) int64 {
	if f >= -(1<<63) && f < 1<<63 {
		return int64(f)
	}
	return math.MinInt64
}

// Int32 converts a double to an integer of 32 bits. NaN and numbers out of range become
// the lowest integer.
func Int32(f float64) int32 {
	if f > math.MinInt32-1 && f < math.MaxInt32+1 {
		return int32(f)
	}
	return math.MinInt32
}

// Uint64 converts a double to an unsigned integer of 64 bits. A negative number becomes
// the result of Int64, and 2^64 or more becomes 0.
func Uint64(f float64) uint64 {
	if f < 1<<63 || math.IsNaN(f) {
		return uint64(Int64(f))
	}
	return uint64(Int64(f-1<<63)) ^ 1<<63
}

// ParseInt reads an integer as Redis does (string2ll). It accepts only the form that Redis
// writes: without a plus sign, white space or leading zeros.
func ParseInt(s string) (n int64, ok bool) {
	digits := strings.TrimPrefix(s, "-")
	if digits == "" || !IsDigit(digits[0]) || digits[0] == '0' && s != "0" {
		return 0, false
	}
	n, err := strconv.ParseInt(s, 10, 64)
	return n, err == nil
}

// ParseFloat reads the number at the start of s as strtod does, and returns the rest of s. If
// there is no number, rest is s. Unlike strtod it does not skip
// white space. A number that is too large becomes infinite, and one that is too small becomes zero.
// fits is then false; strtod sets ERANGE.
func ParseFloat(s string) (f float64, rest string, fits bool) {
	at := 0
	if at < len(s) && (s[at] == '+' || s[at] == '-') {
		at++
	}
	if word, f := namedFloat(s[at:]); word > 0 {
		if s[0] == '-' {
			f = math.Copysign(f, -1)
		}
		return f, s[at+word:], true
	}
	text, rest := cutFloat(s, at)
	if text == "" {
		return 0, s, true
	}
	hex := strings.ContainsAny(text, "xX")
	if hex && !strings.ContainsAny(text, "pP") {
		text += "p0"
	}
	f, err := strconv.ParseFloat(text, 64)
	return f, rest, err == nil && (f != 0 || isZero(text, hex))
}

// cutFloat splits s after the number whose digits begin at s[at]. The number is "" if
// there is none.
func cutFloat(s string, at int) (number, rest string) {
	digit, exponent := IsDigit, byte('e')
	if len(s) > at+2 && s[at] == '0' && s[at+1]|0x20 == 'x' && (IsHex(s[at+2]) || s[at+2] == '.' && len(s) > at+3 && IsHex(s[at+3])) {
		digit, exponent = IsHex, 'p'
		at += 2
	}
	skip := func(digit func(byte) bool) (skipped int) {
		for at < len(s) && digit(s[at]) {
			at++
			skipped++
		}
		return skipped
	}
	count := skip(digit)
	if at < len(s) && s[at] == '.' {
		at++
		count += skip(digit)
	}
	if count == 0 {
		return "", s
	}
	end := at
	if at < len(s) && s[at]|0x20 == exponent {
		at++
		if at < len(s) && (s[at] == '+' || s[at] == '-') {
			at++
		}
		if skip(IsDigit) > 0 {
			end = at
		}
	}
	return s[:end], s[end:]
}

// isZero reports whether all digits before the exponent are zeros.
func isZero(number string, hex bool) bool {
	exponent := "eE"
	if hex {
		exponent = "pP"
	}
	if i := strings.IndexAny(number, exponent); i >= 0 {
		number = number[:i]
	}
	return strings.Trim(number, "+-0.xX") == ""
}

// namedFloat reads a name that strtod accepts. It returns the length of the name.
func namedFloat(s string) (length int, f float64) {
	for _, name := range []string{"infinity", "inf", "nan"} {
		if len(s) < len(name) || !strings.EqualFold(s[:len(name)], name) {
			continue
		}
		if name != "nan" {
			return len(name), math.Inf(1)
		}
		length = len(name)
		if strings.HasPrefix(s[length:], "(") {
			for i := length + 1; i < len(s) && (IsName(s[i]) || s[i] == ')'); i++ {
				if s[i] == ')' {
					length = i + 1
					break
				}
			}
		}
		return length, math.Float64frombits(0x7ff8 << 48) // as in C; Go's NaN has another bit set
	}
	return 0, 0
}

// FormatFloat is strconv's, but NaN and infinities have C's names: nan, -nan,
// inf and -inf.
func FormatFloat(f float64, format byte, precision int) string {
	sign := ""
	if math.Signbit(f) {
		sign = "-"
	}
	switch {
	case math.IsNaN(f):
		return sign + "nan"
	case math.IsInf(f, 0):
		return sign + "inf"
	}
	return strconv.FormatFloat(f, format, precision, 64)
}
