package json

import (
	"bytes"
	"strconv"
)

// A Layout is the white space of a JSON text. The zero Layout has none.
type Layout struct {
	Indent  string // at the start of a line, once for each level
	NewLine string // at the end of a line
	Space   string // after a colon
}

// AppendIn appends the JSON text of the value in a layout. It stops soon after the text is longer than most
// bytes.
func (n *Node) AppendIn(dst []byte, layout Layout, most int64) []byte {
	return n.appendIn(dst, &layout, 0, len(dst)+int(most))
}

// Append appends the JSON text of the value.
func (n *Node) Append(dst []byte) []byte {
	switch n.kind {
	case Array:
		dst = append(dst, '[')
		for i, e := range n.array {
			if i > 0 {
				dst = append(dst, ',')
			}
			dst = e.Append(dst)
		}
		return append(dst, ']')
	case Object:
		dst = append(dst, '{')
		first := true
		for i := range n.object.members {
			m := &n.object.members[i]
			if m.value == nil {
				continue
			}
			if !first {
				dst = append(dst, ',')
			}
			first = false
			dst = append(AppendString(dst, m.name), ':')
			dst = m.value.Append(dst)
		}
		return append(dst, '}')
	}
	return n.appendScalar(dst)
}

func (n *Node) appendIn(dst []byte, l *Layout, level, most int) []byte {
	line := func(level int) {
		dst = append(dst, l.NewLine...)
		for i := 0; i < level && len(dst) <= most; i++ {
			dst = append(dst, l.Indent...)
		}
	}
	switch {
	case len(dst) > most:
		return dst
	case n.kind == Array && len(n.array) > 0:
		dst = append(dst, '[')
		for i, e := range n.array {
			if i > 0 {
				dst = append(dst, ',')
			}
			line(level + 1)
			dst = e.appendIn(dst, l, level+1, most)
		}
		line(level)
		return append(dst, ']')
	case n.kind == Object && n.object.live > 0:
		dst = append(dst, '{')
		first := true
		for name, v := range n.Members {
			if !first {
				dst = append(dst, ',')
			}
			first = false
			line(level + 1)
			dst = append(AppendString(dst, name), ':')
			dst = append(dst, l.Space...)
			dst = v.appendIn(dst, l, level+1, most)
		}
		line(level)
		return append(dst, '}')
	}
	return n.Append(dst)
}

// List returns an array of values, which stay where they are. It is for replies and must not be changed.
func List(values []*Node) *Node { return &Node{kind: Array, array: values} }

// Record returns an object of values, which stay where they are. It is for replies and must not be changed.
func Record(names []string, values []*Node) *Node {
	o := &object{}
	for i, name := range names {
		o.set(name, values[i])
	}
	return &Node{kind: Object, object: o}
}

func (n *Node) appendScalar(dst []byte) []byte {
	switch n.kind {
	case Bool:
		return strconv.AppendBool(dst, n.Bool())
	case Int:
		return strconv.AppendInt(dst, n.Int(), 10)
	case Uint:
		return strconv.AppendUint(dst, n.bits, 10)
	case Float:
		return appendFloat(dst, n.Float())
	case String:
		return AppendString(dst, n.text)
	}
	return append(dst, "null"...)
}

// appendFloat writes a number as RedisJSON does: the shortest text that reads back the same, always with a point
// or an exponent.
func appendFloat(dst []byte, f float64) []byte {
	from := len(dst)
	dst = strconv.AppendFloat(dst, f, 'e', -1, 64)
	e := bytes.IndexByte(dst[from:], 'e') + from
	exponent, _ := strconv.Atoi(string(dst[e+1:]))
	if f == 0 || -5 <= exponent && exponent < 16 {
		dst = strconv.AppendFloat(dst[:from], f, 'f', -1, 64)
		if bytes.IndexByte(dst[from:], '.') < 0 {
			dst = append(dst, ".0"...)
		}
		return dst
	}
	return strconv.AppendInt(dst[:e+1], int64(exponent), 10) // without + and zeros
}

// AppendString appends a string in quotes.
func AppendString(dst []byte, s string) []byte {
	const hex = "0123456789abcdef"
	dst = append(dst, '"')
	from := 0
	for i := range len(s) {
		c := s[i]
		if !special[c] {
			continue
		}
		dst = append(dst, s[from:i]...)
		from = i + 1
		switch c {
		case '"', '\\':
			dst = append(dst, '\\', c)
		case '\b':
			dst = append(dst, `\b`...)
		case '\f':
			dst = append(dst, `\f`...)
		case '\n':
			dst = append(dst, `\n`...)
		case '\r':
			dst = append(dst, `\r`...)
		case '\t':
			dst = append(dst, `\t`...)
		default:
			dst = append(dst, `\u00`...)
			dst = append(dst, hex[c>>4], hex[c&15])
		}
	}
	return append(append(dst, s[from:]...), '"')
}
