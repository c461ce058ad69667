package keyspace

import (
	"math"
	"math/big"
	"strconv"
	"strings"
)

// Redis is strict about the text of numbers.

const (
	notInteger   = "ERR value is not an integer or out of range"
	notFloat     = "ERR value is not a valid float"
	notPositive  = "ERR value is out of range, must be positive"
	syntaxError  = "ERR syntax error"
	wrongType    = "WRONGTYPE Operation against a key holding the wrong kind of value"
	overflow     = "ERR increment or decrement would overflow"
	dbOutOfRange = "ERR DB index is out of range"
)

// parseInt reads an integer that is written in the one way there is.
func parseInt(s string) (n int64, ok bool) {
	n, err := strconv.ParseInt(s, 10, 64)
	return n, err == nil && strconv.FormatInt(n, 10) == s
}

// parseFloat reads a float as strtod does, and not NaN.
func parseFloat(s string) (f float64, ok bool) {
	if strings.ContainsRune(s, '_') {
		return 0, false
	}
	f, err := strconv.ParseFloat(s, 64)
	if err != nil && isHex(s) && !strings.ContainsAny(s, "pP") {
		f, err = strconv.ParseFloat(s+"p0", 64)
	}
	return f, err == nil && !math.IsNaN(f)
}

func isHex(s string) bool {
	s = strings.ToLower(strings.TrimLeft(s, "+-"))
	return strings.HasPrefix(s, "0x")
}

// longDouble is the precision of C's long double on amd64, in which Redis adds.
const longDouble = 64

// parseLongDouble reads a float as strtold does, and not NaN.
func parseLongDouble(s string) (*big.Float, bool) {
	base := 10
	if isHex(s) {
		base = 0
	}
	if strings.ContainsRune(s, '_') {
		return nil, false
	}
	if lower := strings.ToLower(s); lower == "infinity" || lower == "+infinity" || lower == "-infinity" {
		s = s[:len(s)-len("inity")]
	}
	f, _, err := big.ParseFloat(s, base, longDouble, big.ToNearestEven)
	if err != nil || f.MantExp(nil) > 16384 {
		return nil, false
	}
	return f, true
}

// appendLongDouble writes a float with up to 17 digits behind the point.
func formatLongDouble(f *big.Float) string {
	text := f.Text('f', 17)
	text = strings.TrimRight(strings.TrimRight(text, "0"), ".")
	if text == "-0" {
		return "0"
	}
	return text
}

func invalidExpire(name string) []byte {
	return errorReply("ERR invalid expire time in '" + strings.ToLower(name) + "' command")
}

func wrongArguments(name string) []byte {
	return errorReply("ERR wrong number of arguments for '" + strings.ToLower(name) + "' command")
}
