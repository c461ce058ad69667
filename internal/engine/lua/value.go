package lua

import (
	"math"
	"strconv"
	"strings"
	"sync/atomic"
)

// A Value is nil, a bool, a float64, a string of bytes, a *Table, a *Function, a
// *Coroutine or a *Userdata.
type Value = any

// A Userdata is a value that scripts can pass on and compare, and nothing else.
type Userdata struct {
	Meta *Table
	id   uint64
}

// NewUserdata makes one that equals no other.
func NewUserdata() *Userdata { return &Userdata{id: nextID()} }

// A Function is one of Lua or of Go.
type Function struct {
	id    uint64
	goFn  GoFunc
	name  string // of a Go function
	proto *proto
	cells []*cell
	env   *Table
}

// A GoFunc is a function that scripts can call. It must not keep args, which are
// only valid while it runs; its results are read before anything else runs.
type GoFunc func(s *State, args []Value) []Value

// NewFunction makes a function of Go one of Lua. The name is for readers of Go
// only: an error names a function by how it was called.
func NewFunction(name string, f GoFunc) *Function {
	return &Function{id: nextID(), goFn: f, name: name}
}

// Go is the function of Go that it is; nil where it is one of Lua.
func (f *Function) Go() GoFunc { return f.goFn }

// IsGo says whether it is a function of Go, a "C function" to Lua.
func (f *Function) IsGo() bool { return f.goFn != nil }

var ids atomic.Uint64

// nextID numbers what Lua tells apart by its address.
func nextID() uint64 { return ids.Add(1) }

// TypeName is what type returns.
func TypeName(v Value) string {
	switch v.(type) {
	case nil:
		return "nil"
	case bool:
		return "boolean"
	case float64:
		return "number"
	case string:
		return "string"
	case *Table:
		return "table"
	case *Function:
		return "function"
	case *Coroutine:
		return "thread"
	default:
		return "userdata"
	}
}

// Truth is false for nil and false.
func Truth(v Value) bool {
	switch v := v.(type) {
	case nil:
		return false
	case bool:
		return v
	}
	return true
}

// ToNumber is the number that a value is or that its text holds.
func ToNumber(v Value) (float64, bool) {
	switch v := v.(type) {
	case float64:
		return v, true
	case string:
		return ParseNumber(v)
	}
	return 0, false
}

// ToText is the text of a string or a number.
func ToText(v Value) (string, bool) {
	switch v := v.(type) {
	case string:
		return v, true
	case float64:
		return FormatNumber(v), true
	}
	return "", false
}

// small holds the numbers that scripts use most, so that they need no memory.
var small = func() (values [1024]Value) {
	for i := range values {
		values[i] = float64(i)
	}
	return values
}()

// Number is the Value of a number.
func Number(f float64) Value {
	if i := int(f); uint(i) < uint(len(small)) && float64(i) == f && (i != 0 || !math.Signbit(f)) {
		return small[i]
	}
	return f
}

// FormatNumber is the text of a number: C's %.14g.
func FormatNumber(f float64) string {
	if f == math.Trunc(f) && math.Abs(f) < 1e14 && (f != 0 || !math.Signbit(f)) {
		return strconv.FormatInt(int64(f), 10)
	}
	return FormatFloat(f, 'g', 14)
}

// FormatFloat is strconv's, with C's names for what is no finite number.
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

// ParseNumber reads the text of a number: what strtod takes, or an integer in
// hexadecimal, between white space.
func ParseNumber(s string) (float64, bool) {
	s = strings.Trim(cString(s), " \t\n\v\f\r")
	f, rest := parseFloat(s)
	return f, s != "" && rest == ""
}

// parseFloat reads a number as strtod does, as far as it goes, and returns what
// follows: all of s where there is none.
func parseFloat(s string) (f float64, rest string) {
	at := 0
	if at < len(s) && (s[at] == '+' || s[at] == '-') {
		at++
	}
	if word, f := namedFloat(s[at:]); word > 0 {
		if s[0] == '-' {
			f = math.Copysign(f, -1)
		}
		return f, s[at+word:]
	}
	base, digit, exponent := "", isDigit, byte('e')
	if len(s) > at+2 && s[at] == '0' && s[at+1]|0x20 == 'x' && (isHex(s[at+2]) || s[at+2] == '.' && len(s) > at+3 && isHex(s[at+3])) {
		base, digit, exponent = "0x", isHex, 'p'
		at += 2
	}
	digits := at
	for at < len(s) && digit(s[at]) {
		at++
	}
	count := at - digits
	if at < len(s) && s[at] == '.' {
		at++
		fraction := at
		for at < len(s) && digit(s[at]) {
			at++
		}
		count += at - fraction
	}
	if count == 0 {
		return 0, s
	}
	end := at
	if at < len(s) && s[at]|0x20 == exponent {
		at++
		if at < len(s) && (s[at] == '+' || s[at] == '-') {
			at++
		}
		if power := at; power < len(s) && isDigit(s[power]) {
			for at < len(s) && isDigit(s[at]) {
				at++
			}
			end = at
		}
	}
	text := s[:end]
	if base != "" && !strings.ContainsAny(text, "pP") {
		text += "p0"
	}
	f, _ = strconv.ParseFloat(text, 64) // out of range is infinity, as in C
	return f, s[end:]
}

// namedFloat reads the names that strtod knows, and returns how long the name is.
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
			for i := length + 1; i < len(s) && (isAlphanumeric(s[i]) || s[i] == ')'); i++ {
				if s[i] == ')' {
					length = i + 1
					break
				}
			}
		}
		return length, math.Float64frombits(0x7ff8 << 48) // as C's; Go's has another bit set
	}
	return 0, 0
}

func isDigit(c byte) bool { return '0' <= c && c <= '9' }

func isHex(c byte) bool { return isDigit(c) || 'a' <= c|0x20 && c|0x20 <= 'f' }

func isLetter(c byte) bool { return 'a' <= c|0x20 && c|0x20 <= 'z' || c == '_' }

func isAlphanumeric(c byte) bool { return isLetter(c) || isDigit(c) }

// toInteger is what C makes of a double on amd64, where the language leaves it open.
func toInteger(f float64) int64 {
	if f >= -(1<<63) && f < 1<<63 {
		return int64(f)
	}
	return math.MinInt64
}
