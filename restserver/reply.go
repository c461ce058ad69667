package restserver

import (
	"encoding/base64"
	"slices"

	"github.com/redis-rest/redis-rest-go/internal/protocol/resp"
	"github.com/redis-rest/redis-rest-go/internal/protocol/wire"
)

// A replyWriter writes replies as JSON, or unchanged.
type replyWriter struct {
	base64 bool // strings, except OK
	resp2  bool // unchanged
}

// appendItems writes the replies to many commands.
func (w replyWriter) appendItems(dst []byte, replies [][]byte) []byte {
	if w.resp2 {
		dst = resp.AppendArray(dst, len(replies))
		for _, reply := range replies {
			dst = append(dst, reply...)
		}
		return dst
	}
	size := len("[]")
	for _, reply := range replies {
		size += len(`{"result":""},`) + len(reply)
	}
	dst = append(slices.Grow(dst, size), '[') // base64 may need a third more
	for i, reply := range replies {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = w.appendItem(dst, reply)
	}
	return append(dst, ']')
}

// appendItem writes a reply in RESP2 as {"result": …} or {"error": …}.
func (w replyWriter) appendItem(dst, reply []byte) []byte {
	if w.resp2 {
		return append(dst, reply...)
	}
	dst = slices.Grow(dst, len(`{"result":""}`)+len(reply))
	c := resp.NewCursor(reply)
	if reply[0] == '-' {
		return w.appendValue(dst, &c)
	}
	dst = append(dst, `{"result":`...)
	return append(w.appendValue(dst, &c), '}')
}

// appendValue writes the reply at the cursor without an object around it, except that an
// error is {"error": …}.
func (w replyWriter) appendValue(dst []byte, c *resp.Cursor) []byte {
	p := c.Next()
	switch {
	case p.Null:
		return append(dst, "null"...)
	case p.Kind == ':':
		return append(dst, p.Text...)
	case p.Kind == '-':
		return appendError(dst, string(p.Text))
	case p.Kind == '+' || p.Kind == '$':
		return w.appendString(dst, p.Text)
	}
	dst = append(dst, '[')
	for i := range p.N {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = w.appendValue(dst, c)
	}
	return append(dst, ']')
}

// appendString writes a string as base64, or as text with U+FFFD instead
// of bytes that are not UTF-8.
func (w replyWriter) appendString(dst, s []byte) []byte {
	if w.base64 && string(s) != "OK" {
		dst = append(dst, '"')
		dst = base64.StdEncoding.AppendEncode(dst, s)
		return append(dst, '"')
	}
	return appendJSONString(dst, s)
}

// appendError writes an error, which is never base64.
func appendError(dst []byte, message string) []byte {
	dst = append(dst, `{"error":`...)
	return append(appendJSONString(dst, message), '}')
}

// appendJSONString writes U+FFFD for each byte that is not UTF-8.
func appendJSONString[S string | []byte](dst []byte, s S) []byte {
	written, err := wire.AppendString(dst, s)
	if err != nil {
		written, _ = wire.AppendString(dst, string([]rune(string(s))))
	}
	return written
}
