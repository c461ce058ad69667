package wire

import (
	"bytes"
	"encoding"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"reflect"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"
)

// AppendCommand appends the command args as a JSON array of strings, numbers
// included: servers disagree about JSON numbers, never about strings. An
// argument that has no text form is an error that names its place and its type,
// not its value.
func AppendCommand(dst []byte, args []any) ([]byte, error) {
	if len(args) == 0 {
		return dst, errors.New("empty command")
	}
	start := len(dst)
	dst = append(dst, '[')
	for i, arg := range args {
		if i > 0 {
			dst = append(dst, ',')
		}
		var err error
		if dst, err = appendArgument(dst, arg); err != nil {
			return dst[:start], fmt.Errorf("%s (%T): %w", place(args, i), arg, err)
		}
	}
	if string(dst[start:start+3]) == `[""` {
		return dst[:start], errors.New("empty command")
	}
	return append(dst, ']'), nil
}

// Size is about how long the JSON of a command is, so that it can be allocated at
// once.
func Size(args []any) int {
	n := len("[]")
	for _, arg := range args {
		switch v := arg.(type) {
		case string:
			n += len(v)
		case []byte:
			n += len(v)
		default:
			n += len("9223372036854775807")
		}
		n += len(`"",`)
	}
	return n
}

// CommandName is the command's name for messages: the first argument in upper
// case, where it looks like a name and not like something to be kept secret.
func CommandName(args []any) string {
	if len(args) > 0 {
		if name, ok := args[0].(string); ok && name != "" && len(name) <= 32 && !strings.ContainsFunc(name, notOfName) {
			return strings.ToUpper(name)
		}
	}
	return UnknownName
}

func notOfName(r rune) bool {
	return !('A' <= r && r <= 'Z' || 'a' <= r && r <= 'z' || '0' <= r && r <= '9' || r == '.' || r == '_' || r == '-')
}

// UnknownName stands for the name of a command that has none that can be shown.
const UnknownName = "command"

// place names the argument args[i] as its caller counts: KEYS[1] and ARGV[1] in
// a script's call, argument 1 for the first behind another command's name.
func place(args []any, i int) string {
	if i == 0 {
		return "command name"
	}
	switch CommandName(args) {
	case "EVAL", "EVAL_RO", "EVALSHA", "EVALSHA_RO", "FCALL", "FCALL_RO":
		if i < 3 {
			break
		}
		numkeys, ok := args[2].(int)
		if !ok {
			break
		}
		if i-3 < numkeys {
			return fmt.Sprintf("KEYS[%d]", i-2)
		}
		return fmt.Sprintf("ARGV[%d]", i-2-numkeys)
	}
	return fmt.Sprintf("argument %d", i)
}

var (
	errNil      = errors.New("nil cannot be sent; leave the argument out or say what it should be")
	errUTF8     = errors.New("not valid UTF-8, which JSON cannot carry; encode binary data, as base64 for example")
	errNaN      = errors.New("not a number cannot be sent")
	errDuration = errors.New("a time.Duration has no unit of its own; send int64(d / time.Second) or d.Milliseconds()")
	errKind     = errors.New("a value of this type cannot be sent")
)

func appendArgument(dst []byte, arg any) ([]byte, error) {
	switch v := arg.(type) {
	case string:
		return AppendString(dst, v)
	case []byte:
		return AppendString(dst, v)
	case int:
		return appendInt(dst, int64(v)), nil
	case int64:
		return appendInt(dst, v), nil
	case bool:
		return appendBool(dst, v), nil
	case float64:
		return appendFloat(dst, v, 64)
	case nil:
		return dst, errNil
	case time.Duration:
		return dst, errDuration
	default:
		return appendReflected(dst, reflect.ValueOf(arg))
	}
}

// appendReflected is for the types that the switch above does not name: named
// types, marshalers, pointers, and what is sent as JSON text.
func appendReflected(dst []byte, v reflect.Value) ([]byte, error) {
	switch v.Kind() {
	case reflect.Pointer, reflect.Map, reflect.Interface:
		if v.IsNil() {
			return dst, errNil
		}
	case reflect.Slice:
		// No bytes are an empty string, but a nil slice of anything else would be
		// the JSON text null.
		if v.IsNil() && v.Type().Elem().Kind() != reflect.Uint8 {
			return dst, errNil
		}
	}
	switch m := marshaler(v).(type) {
	case encoding.TextMarshaler:
		text, err := m.MarshalText()
		if err != nil {
			return dst, unvalued(err)
		}
		return AppendString(dst, text)
	case json.Marshaler:
		return appendJSON(dst, m)
	}
	switch v.Kind() {
	case reflect.String:
		return AppendString(dst, v.String())
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		if v.Type() == reflect.TypeFor[time.Duration]() {
			return dst, errDuration
		}
		return appendInt(dst, v.Int()), nil
	case reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64, reflect.Uintptr:
		dst = strconv.AppendUint(append(dst, '"'), v.Uint(), 10)
		return append(dst, '"'), nil
	case reflect.Float32:
		return appendFloat(dst, v.Float(), 32)
	case reflect.Float64:
		return appendFloat(dst, v.Float(), 64)
	case reflect.Bool:
		return appendBool(dst, v.Bool()), nil
	case reflect.Pointer:
		return appendReflected(dst, v.Elem())
	case reflect.Slice:
		if v.Type().Elem().Kind() == reflect.Uint8 {
			return AppendString(dst, v.Bytes())
		}
		return appendJSON(dst, v.Interface())
	case reflect.Array, reflect.Map, reflect.Struct:
		return appendJSON(dst, v.Interface())
	default:
		return dst, errKind
	}
}

// marshaler returns v as the TextMarshaler or json.Marshaler that it is, text
// first, or nil. A value whose methods are on its pointer (big.Int) counts: as
// an argument it would otherwise lose its contents silently.
func marshaler(v reflect.Value) any {
	t := v.Type()
	text, doc := reflect.TypeFor[encoding.TextMarshaler](), reflect.TypeFor[json.Marshaler]()
	if t.Implements(text) || t.Implements(doc) {
		return v.Interface()
	}
	if p := reflect.PointerTo(t); p.Implements(text) || p.Implements(doc) {
		ptr := reflect.New(t)
		ptr.Elem().Set(v)
		return ptr.Interface()
	}
	return nil
}

// unvalued keeps the kind of a marshaler's error and drops its text, which may
// quote the value.
func unvalued(err error) error { return fmt.Errorf("its marshaler failed with %T", err) }

func appendJSON(dst []byte, v any) ([]byte, error) {
	text, err := JSON(v)
	if err != nil {
		return dst, err
	}
	return AppendString(dst, text)
}

// JSON is v as encoding/json writes it, without its escapes for HTML. An error does
// not quote the value.
func JSON(v any) ([]byte, error) {
	var buf bytes.Buffer
	enc := json.NewEncoder(&buf)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(v); err != nil {
		return nil, unvalued(err)
	}
	text := bytes.TrimSuffix(buf.Bytes(), []byte{'\n'})
	if replaced(text) {
		return nil, errUTF8
	}
	return text, nil
}

// replaced says whether encoding/json put U+FFFD in the place of bytes that are
// not UTF-8: it writes that one as the escape \ufffd and a character that was
// there as itself.
func replaced(text []byte) bool {
	escape := []byte(`\ufffd`)
	for i := bytes.Index(text, escape); i >= 0; {
		backslashes := 0
		for backslashes < i && text[i-1-backslashes] == '\\' {
			backslashes++
		}
		if backslashes%2 == 0 {
			return true
		}
		next := bytes.Index(text[i+1:], escape)
		if next < 0 {
			return false
		}
		i += 1 + next
	}
	return false
}

func appendInt(dst []byte, n int64) []byte {
	return append(strconv.AppendInt(append(dst, '"'), n, 10), '"')
}

func appendBool(dst []byte, b bool) []byte {
	if b {
		return append(dst, `"1"`...)
	}
	return append(dst, `"0"`...)
}

// appendFloat writes the shortest text that reads back as f, with an exponent
// only where JavaScript would write one, so that 1e6 is 1000000.
func appendFloat(dst []byte, f float64, bits int) ([]byte, error) {
	switch {
	case math.IsNaN(f):
		return dst, errNaN
	case math.IsInf(f, 1):
		return append(dst, `"+inf"`...), nil
	case math.IsInf(f, -1):
		return append(dst, `"-inf"`...), nil
	}
	format := byte('f')
	if abs := math.Abs(f); abs != 0 && (abs < 1e-6 || abs >= 1e21) {
		format = 'e'
	}
	return append(strconv.AppendFloat(append(dst, '"'), f, format, -1, bits), '"'), nil
}

// AppendString appends s as a JSON string.
func AppendString[S string | []byte](dst []byte, s S) ([]byte, error) {
	const digits = "0123456789abcdef"
	start := len(dst)
	dst = append(dst, '"')
	ascii := true
	for {
		n, only := plain(s)
		ascii = ascii && only
		dst = append(dst, s[:n]...)
		if n == len(s) {
			break
		}
		switch c := s[n]; c {
		case '"', '\\':
			dst = append(dst, '\\', c)
		case '\n':
			dst = append(dst, '\\', 'n')
		case '\r':
			dst = append(dst, '\\', 'r')
		case '\t':
			dst = append(dst, '\\', 't')
		default:
			dst = append(dst, '\\', 'u', '0', '0', digits[c>>4], digits[c&15])
		}
		s = s[n+1:]
	}
	// Escaping leaves what is UTF-8 so and what is not, not.
	if !ascii && !utf8.Valid(dst[start:]) {
		return dst, errUTF8
	}
	return append(dst, '"'), nil
}
