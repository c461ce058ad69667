// Package sse reads and writes server-sent events, as far as this protocol uses
// them: events that are nothing but data. See the HTML standard, section 9.2.
package sse

import (
	"bufio"
	"bytes"
	"errors"
	"io"
	"strings"
)

// ErrTooLarge is an event over the reader's limit.
var ErrTooLarge = errors.New("event too large")

// A Reader reads events.
type Reader struct {
	r   *bufio.Reader
	max int
}

// NewReader reads events of up to max bytes from r.
func NewReader(r io.Reader, max int) *Reader { return &Reader{bufio.NewReader(r), max} }

// Next returns the data of the next event, its lines joined by line feeds. Events
// without data, comments and other fields are passed over. At the end of the
// stream it returns io.EOF, and drops an event that is not complete.
func (r *Reader) Next() (string, error) {
	var data []byte
	some := false
	for {
		line, err := r.line()
		if err != nil {
			return "", err
		}
		if len(line) == 0 {
			if some {
				return string(data), nil
			}
			continue
		}
		value, ok := bytes.CutPrefix(line, []byte("data"))
		if !ok || len(value) > 0 && value[0] != ':' {
			continue
		}
		value = bytes.TrimPrefix(bytes.TrimPrefix(value, []byte(":")), []byte(" "))
		if len(data)+len(value) > r.max {
			return "", ErrTooLarge
		}
		if some {
			data = append(data, '\n')
		}
		data = append(data, value...)
		some = true
	}
}

// line reads a line of any length up to the limit, without its end: LF, CR LF or
// CR, which is known to be alone when the next byte is there.
func (r *Reader) line() ([]byte, error) {
	var line []byte
	for {
		b, err := r.r.ReadByte()
		if err != nil {
			return nil, err
		}
		if b == '\n' {
			return bytes.TrimSuffix(line, []byte("\r")), nil
		}
		if len(line) > 0 && line[len(line)-1] == '\r' {
			r.r.UnreadByte()
			return line[:len(line)-1], nil
		}
		if len(line) > r.max+len("data: \r") {
			return nil, ErrTooLarge
		}
		line = append(line, b)
	}
}

// Append appends the event of data to dst. Line breaks of any kind arrive as line
// feeds: the format has no other.
func Append(dst []byte, data string) []byte {
	data = strings.ReplaceAll(data, "\r\n", "\n")
	data = strings.ReplaceAll(data, "\r", "\n")
	for line := range strings.SplitSeq(data, "\n") {
		dst = append(dst, "data: "...)
		dst = append(dst, line...)
		dst = append(dst, '\n')
	}
	return append(dst, '\n')
}
