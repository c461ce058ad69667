package restserver

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"strconv"
)

// A replyWriter writes replies as JSON.
type replyWriter struct {
	base64 bool // strings, except OK
}

// appendItem writes the RESP2 reply at the start of resp, which is whole, as
// {"result": …} or {"error": …} and returns what follows it.
func (w replyWriter) appendItem(dst, resp []byte) (out, rest []byte) {
	if resp[0] == '-' {
		return w.appendValue(dst, resp)
	}
	dst = append(dst, `{"result":`...)
	dst, rest = w.appendValue(dst, resp)
	return append(dst, '}'), rest
}

// appendValue writes the reply without what is around it; an error is its object.
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
	var buf bytes.Buffer
	enc := json.NewEncoder(&buf)
	enc.SetEscapeHTML(false)
	enc.Encode(s)
	return append(dst, bytes.TrimSuffix(buf.Bytes(), []byte{'\n'})...)
}

// cutLine splits resp behind its first line, of which it drops the line break.
func cutLine(resp []byte) (line, rest []byte) {
	line, rest, _ = bytes.Cut(resp, []byte("\r\n"))
	return line, rest
}
