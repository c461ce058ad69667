package resp

import (
	"math"
	"strconv"
)

// A Part is a reply without its elements.
type Part struct {
	// Kind is the first byte of the reply: one of + - : $ * in RESP2, or one of
	// _ , # ( = % ~ > | in RESP3. It is 0 if there is no complete part.
	Kind byte
	// Text is the content of a string. For other parts it is the rest of the line: the digits
	// of an integer, the message of an error. A part with elements has no text. It
	// shares the memory of the reply.
	Text []byte
	// N is the number of elements that follow. For a map, the keys and the values count
	// as separate elements; they alternate. After those of an attribute (|) comes the reply that it belongs to, which counts too.
	N int
	// Null says that the reply is a null. In RESP2, Kind is then $ or *.
	Null bool
}

// Int returns the value of an integer, or 0 for any other reply.
func (p Part) Int() int64 {
	if p.Kind != ':' {
		return 0
	}
	n, _ := strconv.ParseInt(string(p.Text), 10, 64)
	return n
}

// A Cursor reads replies part by part. The elements of an array are the parts after
// it.
type Cursor struct{ rest []byte }

// NewCursor returns a cursor at the start of b, which contains replies.
func NewCursor(b []byte) Cursor { return Cursor{b} }

// Next returns the next part and moves after it. At the end, and if b does not continue
// with a complete part, Kind is 0 and nothing is left.
func (c *Cursor) Next() (p Part) {
	if !c.read(&p) {
		*c, p = Cursor{}, Part{}
	}
	return p
}

// Skip moves after the next reply, with its elements, and returns the reply.
func (c *Cursor) Skip() []byte {
	reply, rest, ok := Cut(c.rest)
	if c.rest = rest; !ok {
		c.rest = nil
	}
	return reply
}

// Rest returns the bytes after the cursor.
func (c *Cursor) Rest() []byte { return c.rest }

// Cut splits b after its first reply, with all elements. If b does not begin
// with a complete reply, ok is false and rest is b.
func Cut(b []byte) (reply, rest []byte, ok bool) {
	c := Cursor{b}
	for left := 1; left > 0; left-- {
		var p Part
		if !c.read(&p) || p.N > len(c.rest) {
			return nil, b, false
		}
		left += p.N
	}
	return b[:len(b)-len(c.rest)], c.rest, true
}

// read reads the part at the cursor and moves after it. It returns false if there is no
// complete part.
func (c *Cursor) read(p *Part) bool {
	b := c.rest
	if len(b) < len("_\r\n") {
		return false
	}
	p.Kind = b[0]
	switch p.Kind {
	case '$', '=', '*', '~', '>', '%', '|':
		return c.readCounted(p)
	case '+', '-', ':', ',', '#', '(', '_':
	default:
		return false
	}
	end := 1
	for b[end] != '\r' || b[end+1] != '\n' {
		if end++; end+1 >= len(b) {
			return false
		}
	}
	p.Text, c.rest = b[1:end], b[end+2:]
	p.Null = p.Kind == '_'
	return !p.Null || end == 1
}

// readCounted reads a part whose line is a number of bytes or elements. The number is at
// most 2^31, or -1 for the nulls of RESP2.
func (c *Cursor) readCounted(p *Part) bool {
	b := c.rest
	end, n := 1, 0
	for end < len(b) && b[end]-'0' <= 9 && n <= math.MaxInt32/20 {
		n = 10*n + int(b[end]-'0')
		end++
	}
	if end == 1 {
		p.Null = b[1] == '-' && b[2] == '1' && (p.Kind == '$' || p.Kind == '*')
		if end = 3; !p.Null {
			return false
		}
	}
	if !breaks(b, end) {
		return false
	}
	c.rest = b[end+2:]
	switch {
	case p.Null:
		return true
	case p.Kind == '%':
		p.N = 2 * n
		return true
	case p.Kind == '|':
		p.N = 2*n + 1
		return true
	case p.Kind != '$' && p.Kind != '=':
		p.N = n
		return true
	}
	if n > len(c.rest) || !breaks(c.rest, n) || p.Kind == '=' && (n < 4 || c.rest[3] != ':') {
		return false
	}
	p.Text, c.rest = c.rest[:n], c.rest[n+2:]
	return true
}

// breaks reports whether a line break is at b[i].
func breaks(b []byte, i int) bool { return i+1 < len(b) && b[i] == '\r' && b[i+1] == '\n' }
