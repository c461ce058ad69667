package debug

import (
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/redis-rest/redis-rest-go/internal/engine/lua"
	"github.com/redis-rest/redis-rest-go/internal/workbench/trace"
)

// Quote returns a string as Lua reads it. Bytes that are not text are written as \ddd.
func Quote(s string) string {
	var b strings.Builder
	b.WriteByte('"')
	for i := 0; i < len(s); {
		r, size := utf8.DecodeRuneInString(s[i:])
		switch {
		case r == '"' || r == '\\':
			b.WriteByte('\\')
			b.WriteByte(s[i])
		case r == '\n':
			b.WriteString(`\n`)
		case r == utf8.RuneError && size == 1 || r < ' ' || r == 0x7f:
			fmt.Fprintf(&b, `\%03d`, s[i])
		default:
			b.WriteString(s[i : i+size])
		}
		i += size
	}
	b.WriteByte('"')
	return b.String()
}

// Part returns the first bytes of a text that is longer, and says so.
func Part(s string, room int) string {
	if len(s) <= room {
		return s
	}
	return fmt.Sprintf("%s… (%d bytes)", s[:room], len(s))
}

// Words returns the words of a command on one line, and long ones in part.
func Words(words []string) string { return trace.Words(words) }

// Text returns a value as Lua would write it, and a large one in part: about room bytes.
func Text(v lua.Value, room int) string {
	var b strings.Builder
	text(&b, v, room, 0)
	return b.String()
}

// maxDepth is how deep tables in tables are shown.
const maxDepth = 6

func text(b *strings.Builder, v lua.Value, room, depth int) {
	switch v := v.(type) {
	case string:
		left := max(room-b.Len(), 20)
		if len(v) > left {
			fmt.Fprintf(b, "%s… (%d bytes)", Quote(v[:left]), len(v))
			return
		}
		b.WriteString(Quote(v))
	case *lua.Table:
		if depth == maxDepth {
			b.WriteString("{…}")
			return
		}
		b.WriteByte('{')
		n, first := 0, true
		Each(v, func(key, value lua.Value) bool {
			if !first {
				b.WriteString(", ")
			}
			first = false
			if b.Len() > room {
				b.WriteString("…")
				return false
			}
			if f, ok := key.(float64); ok && f == float64(n+1) {
				n++
			} else {
				b.WriteString(KeyText(key) + " = ")
			}
			text(b, value, room, depth+1)
			return true
		})
		b.WriteByte('}')
	case *lua.Function:
		b.WriteString("function")
	case *lua.Coroutine:
		b.WriteString("coroutine (" + v.Status() + ")")
	case *lua.Userdata:
		b.WriteString("cjson.null")
	case nil:
		b.WriteString("nil")
	case bool:
		fmt.Fprint(b, v)
	default:
		number, _ := lua.ToText(v)
		b.WriteString(number)
	}
}

// Each calls f for the fields of a table, those of the list first, until it returns false.
func Each(t *lua.Table, f func(key, value lua.Value) bool) {
	n := 0
	for t.GetInt(n+1) != nil {
		n++
		if !f(float64(n), t.GetInt(n)) {
			return
		}
	}
	for k, v, _ := t.Next(nil); k != nil; k, v, _ = t.Next(k) {
		if i, ok := k.(float64); ok && i >= 1 && i <= float64(n) && i == float64(int(i)) {
			continue
		}
		if !f(k, v) {
			return
		}
	}
}

// KeyText returns the key of a field as a constructor of Lua has it.
func KeyText(key lua.Value) string {
	if s, ok := key.(string); ok && isName(s) {
		return s
	}
	return "[" + Text(key, 100) + "]"
}

func isName(s string) bool {
	for i := range len(s) {
		c := s[i]
		if !(c == '_' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || i > 0 && c >= '0' && c <= '9') {
			return false
		}
	}
	switch s {
	case "and", "break", "do", "else", "elseif", "end", "false", "for", "function", "if", "in", "local", "nil", "not", "or", "repeat", "return", "then", "true", "until", "while":
		return false
	}
	return s != ""
}
