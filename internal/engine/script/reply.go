package script

import (
	"math"
	"strconv"
	"strings"

	"github.com/redis-rest/redis-rest-go/internal/engine/lua"
	"github.com/redis-rest/redis-rest-go/internal/protocol/ctext"
	"github.com/redis-rest/redis-rest-go/internal/protocol/resp"
)

// maxDepth is how much of Lua's stack the nested tables of a reply may use.
// An element of an array takes one slot, a value of a map three.
const maxDepth = 7994

// reply converts the result of a script to a reply. err is an error raised
// during the conversion, by a memory or time limit.
func (e *Engine) reply(s *lua.State, v lua.Value) (reply []byte, err *lua.Error) {
	_, err = s.PCall(lua.NewFunction("reply", func(s *lua.State, _ []lua.Value) []lua.Value {
		e.written = 0
		reply = e.appendReply(s, nil, v, 0)
		return nil
	}))
	return reply, err
}

func (e *Engine) appendReply(s *lua.State, dst []byte, v lua.Value, depth int) []byte {
	s.Step(1)
	s.Hold(len(dst) - e.written)
	e.written = len(dst)
	if depth > maxDepth {
		return resp.AppendError(dst, "ERR reached lua stack limit")
	}
	switch v := v.(type) {
	case string:
		return resp.AppendBulk(dst, v)
	case bool:
		switch {
		case e.resp3 && e.RESP3 && v:
			return append(dst, "#t\r\n"...)
		case e.resp3 && e.RESP3:
			return append(dst, "#f\r\n"...)
		case v:
			return resp.AppendInt(dst, 1)
		case e.resp3:
			return resp.AppendInt(dst, 0)
		}
		return resp.AppendNull(dst, e.RESP3)
	case float64:
		return resp.AppendInt(dst, ctext.Int64(v))
	case *lua.Table:
		return e.appendTable(s, dst, v, depth)
	}
	return resp.AppendNull(dst, e.RESP3)
}

// appendTable appends a table. Its field says what it is: an error, a status, or
// a type of RESP3, which is converted for a caller with RESP2. Any other table is an array.
func (e *Engine) appendTable(s *lua.State, dst []byte, t *lua.Table, depth int) []byte {
	if text, ok := t.GetString("err").(string); ok {
		e.Counted = isCounted(t)
		return resp.AppendError(dst, ctext.String(text))
	}
	if text, ok := t.GetString("ok").(string); ok {
		return resp.AppendStatus(dst, ctext.String(text))
	}
	if f, ok := t.GetString("double").(float64); ok {
		return e.appendDouble(dst, f)
	}
	if text, ok := t.GetString("big_number").(string); ok {
		if text = resp.OneLine(text); e.RESP3 {
			return resp.AppendLine(dst, '(', text)
		}
		return resp.AppendBulk(dst, text)
	}
	if v, ok := t.GetString("verbatim_string").(*lua.Table); ok {
		text, ok := v.GetString("string").(string)
		if format, named := v.GetString("format").(string); ok && named {
			return e.appendVerbatim(dst, format, text)
		}
	}
	if m, ok := t.GetString("map").(*lua.Table); ok {
		return e.appendPairs(s, dst, m, depth, true)
	}
	if m, ok := t.GetString("set").(*lua.Table); ok {
		return e.appendPairs(s, dst, m, depth, false)
	}
	n := 0
	for t.GetInt(n+1) != nil {
		n++
	}
	dst = resp.AppendArray(dst, n)
	for i := range n {
		dst = e.appendReply(s, dst, t.GetInt(i+1), depth+1)
	}
	return dst
}

func (e *Engine) appendDouble(dst []byte, f float64) []byte {
	text := ctext.FormatFloat(f, 'g', 17)
	if math.IsInf(f, 0) {
		text = strings.TrimPrefix(strings.ToLower(strconv.FormatFloat(f, 'g', -1, 64)), "+")
	}
	if e.RESP3 {
		return resp.AppendLine(dst, ',', text)
	}
	return resp.AppendBulk(dst, text)
}

// appendVerbatim appends text whose format has three letters.
func (e *Engine) appendVerbatim(dst []byte, format, text string) []byte {
	if !e.RESP3 {
		return resp.AppendBulk(dst, text)
	}
	format = (ctext.String(format) + "   ")[:3]
	return resp.AppendLine(resp.AppendHead(dst, '=', len(text)+4), format[0], format[1:]+":"+text)
}

// appendPairs appends a table's keys, and optionally its values.
func (e *Engine) appendPairs(s *lua.State, dst []byte, t *lua.Table, depth int, values bool) []byte {
	n := 0
	for k, _, _ := s.Next(t, nil); k != nil; k, _, _ = s.Next(t, k) {
		n++
	}
	if !values {
		dst = resp.AppendSet(dst, e.RESP3, n)
		for k, _, _ := s.Next(t, nil); k != nil; k, _, _ = s.Next(t, k) {
			dst = e.appendReply(s, dst, k, depth+3)
		}
		return dst
	}
	dst = resp.AppendMap(dst, e.RESP3, n)
	for k, v, _ := s.Next(t, nil); k != nil; k, v, _ = s.Next(t, k) {
		dst = e.appendReply(s, dst, k, depth+4)
		dst = e.appendReply(s, dst, v, depth+3)
	}
	return dst
}

// bytesOfTable is the memory of a table with one field.
const bytesOfTable = 192

// value converts the reply at the cursor to a value that scripts see.
func value(s *lua.State, c *resp.Cursor) lua.Value {
	p := c.Next()
	switch p.Kind {
	case ':':
		return lua.Number(float64(p.Int()))
	case '+':
		s.Alloc(len(p.Text) + bytesOfTable)
		return typed("ok", string(p.Text))
	case '-':
		s.Alloc(2*len(p.Text) + bytesOfTable)
		return errorTable("-"+string(p.Text), true)
	case '$', '=':
		if p.Null {
			return false
		}
		text := string(p.Text)
		s.Alloc(len(text))
		if p.Kind == '=' {
			s.Alloc(2 * bytesOfTable)
			inner := lua.NewTable(0, 2)
			inner.SetString("format", text[:3])
			inner.SetString("string", text[4:])
			return typed("verbatim_string", inner)
		}
		return text
	case '*':
		if p.Null {
			return false
		}
		s.Alloc(bytesOfTable)
		t := lua.NewTable(0, 0)
		for i := range p.N {
			s.RawSet(t, lua.Number(float64(i+1)), value(s, c))
		}
		return t
	case '%':
		s.Alloc(2 * bytesOfTable)
		inner := lua.NewTable(0, 0)
		for range p.N / 2 {
			k, v := value(s, c), value(s, c)
			if k != nil {
				s.RawSet(inner, k, v)
			}
		}
		return typed("map", inner)
	case '~':
		s.Alloc(2 * bytesOfTable)
		inner := lua.NewTable(0, 0)
		for range p.N {
			if k := value(s, c); k != nil {
				s.RawSet(inner, k, true)
			}
		}
		return typed("set", inner)
	case ',':
		s.Alloc(bytesOfTable)
		f, _ := lua.ParseNumber(string(p.Text))
		return typed("double", lua.Number(f))
	case '#':
		return string(p.Text) == "t"
	case '|': // Redis leaves attributes out
		for range p.N - 1 {
			c.Skip()
		}
		return value(s, c)
	case '(':
		s.Alloc(len(p.Text) + bytesOfTable)
		return typed("big_number", string(p.Text))
	}
	return nil // _, the null of RESP3
}

func typed(name string, v lua.Value) *lua.Table {
	t := lua.NewTable(0, 1)
	t.SetString(name, v)
	return t
}

// errorTable makes the table that scripts see for an error. A message that begins with - contains its
// code. Other messages get the code ERR. counted says that Redis' statistics already include the error;
// a field of the table then says so.
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
