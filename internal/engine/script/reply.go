package script

import (
	"bytes"
	"math"
	"strconv"
	"strings"

	"github.com/redis-rest/redis-rest-go/internal/engine/lua"
)

var (
	okReply   = []byte("+OK\r\n")
	nullReply = []byte("$-1\r\n")
)

var lineBreaks = strings.NewReplacer("\r", " ", "\n", " ")

// errorReply is an error whose message begins with its code. A reply is one line.
func errorReply(message string) []byte {
	return []byte("-" + lineBreaks.Replace(strings.Trim(message, "\r\n")) + "\r\n")
}

func appendArray(dst []byte, n int) []byte {
	return append(strconv.AppendInt(append(dst, '*'), int64(n), 10), "\r\n"...)
}

func appendInt(dst []byte, n int64) []byte {
	return append(strconv.AppendInt(append(dst, ':'), n, 10), "\r\n"...)
}

func appendBulk(dst []byte, s string) []byte {
	dst = append(strconv.AppendInt(append(dst, '$'), int64(len(s)), 10), "\r\n"...)
	return append(append(dst, s...), "\r\n"...)
}

func appendBulks(dst []byte, list []string) []byte {
	dst = appendArray(dst, len(list))
	for _, s := range list {
		dst = appendBulk(dst, s)
	}
	return dst
}

// maxDepth is how much of Lua's stack may be in use for tables in a reply that are
// inside each other. An element of an array takes one place, a value of a map three.
const maxDepth = 7994

// reply is what a script returned as a reply in RESP2. An error was raised on the
// way: by want of memory or time.
func (e *Engine) reply(s *lua.State, v lua.Value) (reply []byte, err *lua.Error) {
	_, err = s.PCall(lua.NewFunction("reply", func(s *lua.State, _ []lua.Value) []lua.Value {
		reply = e.appendReply(s, nil, v, 0)
		return nil
	}))
	return reply, err
}

func (e *Engine) appendReply(s *lua.State, dst []byte, v lua.Value, depth int) []byte {
	s.Step(1)
	if depth > maxDepth {
		return append(dst, "-ERR reached lua stack limit\r\n"...)
	}
	switch v := v.(type) {
	case string:
		s.Alloc(len(v) + 16)
		return appendBulk(dst, v)
	case bool:
		switch {
		case v:
			return append(dst, ":1\r\n"...)
		case e.resp3:
			return append(dst, ":0\r\n"...)
		}
		return append(dst, nullReply...)
	case float64:
		return appendInt(dst, toInteger(v))
	case *lua.Table:
		s.Alloc(16)
		return e.appendTable(s, dst, v, depth)
	}
	return append(dst, nullReply...)
}

// appendTable appends a table as what its field says it is: an error, a status, a
// type of RESP3 as RESP2 has it, or else an array.
func (e *Engine) appendTable(s *lua.State, dst []byte, t *lua.Table, depth int) []byte {
	if text, ok := t.GetString("err").(string); ok {
		return append(dst, errorReply(cString(text))...)
	}
	if text, ok := t.GetString("ok").(string); ok {
		return append(dst, "+"+lineBreaks.Replace(cString(text))+"\r\n"...)
	}
	if f, ok := t.GetString("double").(float64); ok {
		return appendBulk(dst, lua.FormatFloat(f, 'g', 17))
	}
	if m, ok := t.GetString("map").(*lua.Table); ok {
		return e.appendPairs(s, dst, m, depth, true)
	}
	if m, ok := t.GetString("set").(*lua.Table); ok {
		return e.appendPairs(s, dst, m, depth, false)
	}
	if text, ok := t.GetString("big_number").(string); ok {
		return appendBulk(dst, lineBreaks.Replace(text))
	}
	if v, ok := t.GetString("verbatim_string").(*lua.Table); ok {
		text, ok := v.GetString("string").(string)
		if _, named := v.GetString("format").(string); ok && named {
			return appendBulk(dst, text)
		}
	}
	n := 0
	for t.GetInt(n+1) != nil {
		n++
	}
	dst = appendArray(dst, n)
	for i := range n {
		dst = e.appendReply(s, dst, t.GetInt(i+1), depth+1)
	}
	return dst
}

// appendPairs appends a table's keys, and its values where asked, as an array.
func (e *Engine) appendPairs(s *lua.State, dst []byte, t *lua.Table, depth int, values bool) []byte {
	n := 0
	for k, _, _ := t.Next(nil); k != nil; k, _, _ = t.Next(k) {
		n++
	}
	if !values {
		dst = appendArray(dst, n)
		for k, _, _ := t.Next(nil); k != nil; k, _, _ = t.Next(k) {
			dst = e.appendReply(s, dst, k, depth+3)
		}
		return dst
	}
	dst = appendArray(dst, 2*n)
	for k, v, _ := t.Next(nil); k != nil; k, v, _ = t.Next(k) {
		dst = e.appendReply(s, dst, k, depth+4)
		dst = e.appendReply(s, dst, v, depth+3)
	}
	return dst
}

// cString is what C sees of a string.
func cString(s string) string {
	s, _, _ = strings.Cut(s, "\x00")
	return s
}

// toInteger is a number as C makes an integer of it on amd64.
func toInteger(f float64) int64 {
	if f >= -(1<<63) && f < 1<<63 {
		return int64(f)
	}
	return math.MinInt64
}

// value is a reply as scripts see it, and what follows it.
func value(s *lua.State, reply []byte) (v lua.Value, rest []byte) {
	line, rest, _ := bytes.Cut(reply[1:], []byte("\r\n"))
	switch reply[0] {
	case ':':
		n, _ := strconv.ParseInt(string(line), 10, 64)
		return lua.Number(float64(n)), rest
	case '+':
		t := lua.NewTable(0, 1)
		t.SetString("ok", string(line))
		return t, rest
	case '-':
		return errorTable(string(reply[:1])+string(line), true), rest
	case '$', '=':
		n, _ := strconv.Atoi(string(line))
		if n < 0 {
			return false, rest
		}
		text, rest := string(rest[:n]), rest[n+2:]
		s.Alloc(n)
		if reply[0] == '=' {
			inner := lua.NewTable(0, 2)
			inner.SetString("format", text[:3])
			inner.SetString("string", text[4:])
			return typed("verbatim_string", inner), rest
		}
		return text, rest
	case '*':
		n, _ := strconv.Atoi(string(line))
		if n < 0 {
			return false, rest
		}
		t := lua.NewTable(0, 0)
		for i := range n {
			var v lua.Value
			v, rest = value(s, rest)
			s.RawSet(t, lua.Number(float64(i+1)), v)
		}
		return t, rest
	case '%', '~':
		n, _ := strconv.Atoi(string(line))
		inner := lua.NewTable(0, 0)
		for range n {
			var k, v lua.Value = nil, true
			k, rest = value(s, rest)
			if reply[0] == '%' {
				v, rest = value(s, rest)
			}
			if k != nil {
				s.RawSet(inner, k, v)
			}
		}
		if reply[0] == '%' {
			return typed("map", inner), rest
		}
		return typed("set", inner), rest
	case ',':
		f, _ := lua.ParseNumber(string(line))
		return typed("double", lua.Number(f)), rest
	case '#':
		return string(line) == "t", rest
	case '(':
		return typed("big_number", string(line)), rest
	}
	return nil, rest // _, the null of RESP3
}

func typed(name string, v lua.Value) *lua.Table {
	t := lua.NewTable(0, 1)
	t.SetString(name, v)
	return t
}

// errorTable is how scripts see an error. A message that begins with - has its code
// in front; ERR is that of the others. Where counted, Redis' statistics know of it,
// which its table says.
func errorTable(message string, counted bool) *lua.Table {
	code := "ERR"
	if rest, ok := strings.CutPrefix(message, "-"); ok {
		message = rest
		if first, text, ok := strings.Cut(rest, " "); ok {
			code, message = first, text
		}
	}
	t := lua.NewTable(0, 0)
	t.SetString("err", code+" "+strings.Trim(message, "\r\n"))
	if counted {
		t.SetString("ignore_error_stats_update", true)
	}
	return t
}
