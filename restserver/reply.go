package restserver

import (
	"bytes"
	"encoding/base64"
	"slices"
	"strconv"
	"unicode/utf8"

	"github.com/redis-rest/redis-rest-go/internal/protocol/wire"
)

// A replyWriter writes replies as JSON, or as they are.
type replyWriter struct {
	base64 bool // strings, except OK
	resp2  bool // as they are
}

// appendItems writes the replies of many commands.
func (w replyWriter) appendItems(dst []byte, replies [][]byte) []byte {
	if w.resp2 {
		dst = append(dst, "*"+strconv.Itoa(len(replies))+"\r\n"...)
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

// appendItem writes a RESP2 reply, which is whole, as {"result": …} or
// {"error": …}.
func (w replyWriter) appendItem(dst, resp []byte) []byte {
	if w.resp2 {
		return append(dst, resp...)
	}
	if resp[0] == '-' {
		dst, _ = w.appendValue(dst, resp)
		return dst
	}
	dst = append(dst, `{"result":`...)
	dst, _ = w.appendValue(dst, resp)
	return append(dst, '}')
}

// appendValue writes the reply at the start of resp without what is around it, an
// error as its object, and returns what follows.
func (w replyWriter) appendValue(dst, resp []byte) (out, rest []byte) {
	line, rest := cutLine(resp[1:])
	switch resp[0] {
	case ':':
		return append(dst, line...), rest
	case '-':
		return appendError(dst, string(line)), rest
	case '+':
		return w.appendString(dst, line), rest
	}
	n, _ := strconv.Atoi(string(line))
	if n < 0 {
		return append(dst, "null"...), rest
	}
	if resp[0] == '$' {
		return w.appendString(dst, rest[:n]), rest[n+2:]
	}
	dst = append(dst, '[')
	for i := range n {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst, rest = w.appendValue(dst, rest)
	}
	return append(dst, ']'), rest
}

// appendString writes a string as base64, or else as text with U+FFFD in the place
// of what is not UTF-8.
func (w replyWriter) appendString(dst, s []byte) []byte {
	if w.base64 && string(s) != "OK" {
		dst = append(dst, '"')
		dst = base64.StdEncoding.AppendEncode(dst, s)
		return append(dst, '"')
	}
	return appendJSONString(dst, string(s))
}

// appendError writes an error, which is never base64.
func appendError(dst []byte, message string) []byte {
	dst = append(dst, `{"error":`...)
	return append(appendJSONString(dst, message), '}')
}

func appendJSONString(dst []byte, s string) []byte {
	if !utf8.ValidString(s) {
		s = string([]rune(s)) // U+FFFD for each byte that is none
	}
	dst, _ = wire.AppendString(dst, s)
	return dst
}

// cutReply splits resp behind its first reply, which is whole.
func cutReply(resp []byte) (reply, rest []byte) {
	line, rest := cutLine(resp[1:])
	switch resp[0] {
	case '$', '*':
		n, _ := strconv.Atoi(string(line))
		if resp[0] == '$' && n >= 0 {
			rest = rest[n+2:]
		}
		for i := 0; resp[0] == '*' && i < n; i++ {
			_, rest = cutReply(rest)
		}
	}
	return resp[:len(resp)-len(rest)], rest
}

// cutLine splits resp behind its first line, of which it drops the line break.
func cutLine(resp []byte) (line, rest []byte) {
	line, rest, _ = bytes.Cut(resp, []byte("\r\n"))
	return line, rest
}
