// Package wire reads and writes the JSON of the protocol. AppendCommand makes an
// array of JSON strings of a command. ReadEnvelope checks a reply, and Cursor reads it, in
// one pass over the received bytes.
//
// encoding/json is 5 to 10 times slower on replies, so the package has its own
// scanner. It does not read the JSON documents that users keep in strings.
package wire

import (
	"bytes"
	"encoding/binary"
	"errors"
	"math/bits"
	"unicode/utf8"
)

// MaxDepth is the maximum nesting of arrays and objects in a reply. Redis
// itself does not convert Lua tables nested deeper than its C stack allows. The
// limit stops a hostile reply from using up our stack.
const MaxDepth = 1000

var (
	errSyntax = errors.New("not JSON")
	errDepth  = errors.New("nested too deeply")
)

// Check reads the JSON value that starts in b at or after i and returns the
// index after it. It accepts the same as encoding/json, and in strings
// also unescaped control characters and bytes that are not UTF-8. It keeps them
// unchanged.
func Check(b []byte, i int) (end int, err error) { return check(b, i, MaxDepth) }

func check(b []byte, i, depth int) (int, error) {
	i = Space(b, i)
	if i >= len(b) {
		return i, errSyntax
	}
	switch b[i] {
	case '"':
		return checkString(b, i+1)
	case '[', '{':
		return checkContainer(b, i, depth)
	case 't':
		return checkLiteral(b, i, "true")
	case 'f':
		return checkLiteral(b, i, "false")
	case 'n':
		return checkLiteral(b, i, "null")
	default:
		return checkNumber(b, i)
	}
}

func checkLiteral(b []byte, i int, want string) (int, error) {
	if len(b)-i < len(want) || string(b[i:i+len(want)]) != want {
		return i, errSyntax
	}
	return i + len(want), nil
}

// checkContainer reads an array or an object that starts at b[i].
func checkContainer(b []byte, i, depth int) (int, error) {
	if depth == 0 {
		return i, errDepth
	}
	object := b[i] == '{'
	closing := b[i] + 2 // in ASCII, ']' is '[' + 2 and '}' is '{' + 2
	i = Space(b, i+1)
	if i < len(b) && b[i] == closing {
		return i + 1, nil
	}
	for {
		var err error
		if object {
			if _, i, err = checkKey(b, i); err != nil {
				return i, err
			}
		}
		if i, err = check(b, i, depth-1); err != nil {
			return i, err
		}
		i = Space(b, i)
		switch {
		case i >= len(b):
			return i, errSyntax
		case b[i] == ',':
			i++
		case b[i] == closing:
			return i + 1, nil
		default:
			return i, errSyntax
		}
	}
}

// checkKey reads an object's key and the colon after it.
func checkKey(b []byte, i int) (key []byte, end int, err error) {
	if i = Space(b, i); i >= len(b) || b[i] != '"' {
		return nil, i, errSyntax
	}
	start := i + 1
	if i, err = checkString(b, start); err != nil {
		return nil, i, err
	}
	key = b[start : i-1]
	if i = Space(b, i); i >= len(b) || b[i] != ':' {
		return nil, i, errSyntax
	}
	return Unescape(key), i + 1, nil
}

// checkString reads a string whose first character is b[i] and returns the
// index after its closing quote.
func checkString(b []byte, i int) (int, error) {
	// Most strings are so short that calling a search function would take longer.
	for short := i + 64; i < short && i+8 <= len(b); i += 8 {
		if n := special(binary.LittleEndian.Uint64(b[i:])); n < 8 {
			i += n
			if b[i] == '"' {
				return i + 1, nil
			}
			break
		}
	}
	for {
		n := bytes.IndexByte(b[i:], '"')
		if n < 0 {
			return len(b), errSyntax
		}
		for quote := i + n; i <= quote; { // the quote ends the string unless it is escaped
			esc := bytes.IndexByte(b[i:quote], '\\')
			if esc < 0 {
				return quote + 1, nil
			}
			i += esc + 1 // the character after the backslash; the closing quote is here or later
			switch b[i] {
			case '"', '\\', '/', 'b', 'f', 'n', 'r', 't':
				i++
			case 'u':
				if len(b)-i < 5 || hex4(b[i+1:]) < 0 {
					return i, errSyntax
				}
				i += 5
			default:
				return i, errSyntax
			}
		}
	}
}

// special returns the position of the first quote or backslash in eight bytes. The lowest byte
// is the first. It returns 8 if there is none.
func special(x uint64) int {
	quotes, backslashes := x^'"'*ones, x^'\\'*ones
	// A zero byte sets its high bit here, and may set the high bits of higher bytes.
	return bits.TrailingZeros64(((quotes-ones)&^quotes|(backslashes-ones)&^backslashes)&high) / 8
}

func checkNumber(b []byte, i int) (int, error) {
	if i < len(b) && b[i] == '-' {
		i++
	}
	digits := func() bool {
		start := i
		for i < len(b) && b[i] >= '0' && b[i] <= '9' {
			i++
		}
		return i > start
	}
	if i < len(b) && b[i] == '0' {
		i++
	} else if !digits() {
		return i, errSyntax
	}
	if i < len(b) && b[i] == '.' {
		i++
		if !digits() {
			return i, errSyntax
		}
	}
	if i < len(b) && (b[i] == 'e' || b[i] == 'E') {
		i++
		if i < len(b) && (b[i] == '+' || b[i] == '-') {
			i++
		}
		if !digits() {
			return i, errSyntax
		}
	}
	return i, nil
}

// IsNumber says whether text is a JSON number.
func IsNumber(text []byte) bool {
	end, err := checkNumber(text, 0)
	return err == nil && end == len(text)
}

// Space returns the index of the first byte in b, at or after i, that is not white
// space.
func Space(b []byte, i int) int {
	for i < len(b) && (b[i] == ' ' || b[i] == '\n' || b[i] == '\r' || b[i] == '\t') {
		i++
	}
	return i
}

// hex4 returns the value of the four hexadecimal digits at the start of b, or -1.
func hex4(b []byte) rune {
	if len(b) < 4 {
		return -1
	}
	var r rune
	for _, c := range b[:4] {
		switch {
		case c >= '0' && c <= '9':
			c -= '0'
		case c >= 'a' && c <= 'f':
			c -= 'a' - 10
		case c >= 'A' && c <= 'F':
			c -= 'A' - 10
		default:
			return -1
		}
		r = r<<4 | rune(c)
	}
	return r
}

// A Cursor reads JSON text that Check has accepted, value by value. For
// other text its results are undefined.
type Cursor struct {
	b []byte
	i int
}

// NewCursor returns a cursor on the first value of text.
func NewCursor(text []byte) Cursor { return Cursor{b: text} }

// Kind returns the first byte of the next value, which identifies its kind: one of
// n t f " [ { or, for a number, a digit or a minus sign.
func (c *Cursor) Kind() byte {
	c.i = Space(c.b, c.i)
	return c.b[c.i]
}

// Enter moves into the array or object that is next.
func (c *Cursor) Enter() {
	c.i = Space(c.b, c.i) + 1
}

// More moves to the next element or key of the current array or object,
// and says whether there is one. If there is none, the cursor is after
// the closing bracket.
func (c *Cursor) More() bool {
	i := Space(c.b, c.i)
	if c.b[i] == ',' {
		i = Space(c.b, i+1)
	}
	if c.b[i] == ']' || c.b[i] == '}' {
		c.i = i + 1
		return false
	}
	c.i = i
	return true
}

// Key reads an object's key and the colon after it.
func (c *Cursor) Key() []byte {
	key := c.String()
	c.i = Space(c.b, c.i) + 1
	return Unescape(key)
}

// String reads the next string and returns the text between its
// quotes, still escaped (see Unescape).
func (c *Cursor) String() []byte {
	start := Space(c.b, c.i) + 1
	c.i = stringEnd(c.b, start)
	return c.b[start : c.i-1]
}

// stringEnd returns the same as checkString for text that is known to be a string.
func stringEnd(b []byte, i int) int {
	if end := i + bytes.IndexByte(b[i:], '"'); b[end-1] != '\\' {
		return end + 1
	}
	end, _ := checkString(b, i)
	return end
}

// Skip skips the next value and returns its text.
func (c *Cursor) Skip() []byte {
	start := Space(c.b, c.i)
	c.i, _ = check(c.b, start, MaxDepth)
	return c.b[start:c.i]
}

// Left returns the number of bytes after the cursor.
func (c *Cursor) Left() int { return len(c.b) - c.i }

// Len counts the elements of the next array, which takes a pass
// over it. The cursor does not move.
func (c *Cursor) Len() int {
	ahead, n := *c, 0
	for ahead.Enter(); ahead.More(); n++ {
		if ahead.b[ahead.i] == '"' {
			ahead.i = stringEnd(ahead.b, ahead.i+1)
			continue
		}
		ahead.Skip()
	}
	return n
}

// Scalars counts the elements of the next array, or the members of the next object,
// before the first that is an array or an object itself. So the count costs no more than
// the elements, however deeply arrays are nested. It says whether all were counted. The
// cursor stays where it is.
func (c *Cursor) Scalars() (n int, all bool) {
	ahead := *c
	object := ahead.Kind() == '{'
	for ahead.Enter(); ahead.More(); n++ {
		if object {
			ahead.String()
			ahead.i = Space(ahead.b, ahead.i) + 1
		}
		switch ahead.Kind() {
		case '[', '{':
			return n, false
		case '"':
			ahead.i = stringEnd(ahead.b, ahead.i+1)
		default:
			ahead.Skip()
		}
	}
	return n, true
}

// Unescape returns the text of the string s. It is s itself if s contains
// no escape. An escaped half of a surrogate pair becomes U+FFFD.
func Unescape(s []byte) []byte {
	i := bytes.IndexByte(s, '\\')
	if i < 0 {
		return s
	}
	out := make([]byte, 0, len(s))
	for i >= 0 {
		out = append(out, s[:i]...)
		var n int
		out, n = unescapeOne(out, s[i+1:])
		s = s[i+1+n:]
		i = bytes.IndexByte(s, '\\')
	}
	return append(out, s...)
}

// unescapeOne appends the character whose escape, without its backslash, is at
// the start of s, and returns the length of the escape.
func unescapeOne(out, s []byte) ([]byte, int) {
	switch s[0] {
	case 'b':
		return append(out, '\b'), 1
	case 'f':
		return append(out, '\f'), 1
	case 'n':
		return append(out, '\n'), 1
	case 'r':
		return append(out, '\r'), 1
	case 't':
		return append(out, '\t'), 1
	case 'u':
		r := hex4(s[1:])
		if r < 0xD800 || r > 0xDFFF {
			return utf8.AppendRune(out, r), 5
		}
		if r <= 0xDBFF && len(s) >= 11 && s[5] == '\\' && s[6] == 'u' {
			if low := hex4(s[7:]); low >= 0xDC00 && low <= 0xDFFF {
				return utf8.AppendRune(out, 0x10000+(r-0xD800)<<10+(low-0xDC00)), 11
			}
		}
		return utf8.AppendRune(out, utf8.RuneError), 5
	default:
		return append(out, s[0]), 1
	}
}
