// Package sse reads and writes server-sent events. This protocol uses only their
// data. See the HTML standard, section 9.2.
package sse

import (
	"bufio"
	"bytes"
	"errors"
	"io"
	"strings"
)

// ErrTooLarge says that an event is larger than the reader's limit.
var ErrTooLarge = errors.New("event too large")

// A Reader reads events.
type Reader struct {
	// Comment is called for each comment, if it is not nil. Servers send comments to show
	// that the connection lives.
	Comment func()

	r   *bufio.Reader
	max int
}

// NewReader reads events of up to max bytes from r.
func NewReader(r io.Reader, max int) *Reader { return &Reader{r: bufio.NewReader(r), max: max} }

// Next returns the data of the next event, its lines joined by line feeds. It skips
// events without data, comments and other fields. At the end of the stream it returns
// io.EOF and drops an incomplete event.
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
		if line[0] == ':' && r.Comment != nil {
			r.Comment()
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

// line reads a line up to the limit and returns it without its end, which is LF, CR LF
// or CR. Whether a CR stands alone shows only with the next byte.
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

// Append appends an event with this data to dst. Line breaks of any kind arrive as line
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
