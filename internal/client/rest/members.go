package rest

import (
	"io"
	"math"
)

// readMembers reads a list of replies, of which begun has been read already. It leaves out
// the replies that are larger than limit, and returns their indexes. If they alone are so
// large that the others cannot be reached, or if this is not a list of so many replies,
// the error is ErrTooLarge, and data is what was begun.
func readMembers(begun []byte, r io.Reader, limit int64, members int) (data []byte, tooLarge []int, err error) {
	m := memberReader{limit: limit, members: members}
	left := 2*min(limit, math.MaxInt64/2/int64(members))*int64(members) - int64(len(begun))
	if !m.read(begun) {
		return begun, nil, ErrTooLarge
	}
	buf := make([]byte, 32<<10)
	for left > 0 {
		n, err := r.Read(buf)
		if !m.read(buf[:n]) {
			return begun, nil, ErrTooLarge
		}
		if err == io.EOF {
			return m.data, m.tooLarge, nil
		}
		if err != nil {
			return nil, nil, err
		}
		left -= int64(n)
	}
	return begun, nil, ErrTooLarge
}

// A memberReader copies a list of replies and leaves out those that are too large.
type memberReader struct {
	limit   int64
	members int

	data     []byte
	start    int // where the current reply starts in data
	index    int // of the current reply
	depth    int // of lists and objects; 1 between replies
	text     bool
	escaped  bool // the next byte of the text is
	skipping bool // the rest of the current reply
	tooLarge []int
}

// read reads more of the list. It reports whether this can be the list.
func (m *memberReader) read(p []byte) (ok bool) {
	for _, b := range p {
		between := false // b is not part of a reply
		switch {
		case m.escaped:
			m.escaped = false
		case m.text:
			m.escaped = b == '\\'
			m.text = b != '"'
		case b == '"':
			m.text = true
		case b == '[' || b == '{':
			if m.depth++; m.depth == 1 {
				if b == '{' || len(m.data) > 0 {
					return false
				}
				between = true
			}
		case b == ']' || b == '}':
			m.depth--
			between = m.depth == 0
		case b == ',' && m.depth == 1:
			between = true
			m.index++
		}
		switch {
		case between:
			m.data = append(m.data, b)
			m.start, m.skipping = len(m.data), false
		case m.depth == 0 || m.index >= m.members:
			if b != ' ' && b != '\n' && b != '\r' && b != '\t' {
				return false
			}
		case m.skipping:
		case int64(len(m.data)-m.start) >= m.limit:
			m.data = append(m.data[:m.start], `{"result":null}`...)
			m.tooLarge = append(m.tooLarge, m.index)
			m.skipping = true
		default:
			m.data = append(m.data, b)
		}
	}
	return true
}
