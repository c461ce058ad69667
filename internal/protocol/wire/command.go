package wire

import (
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

// AppendCommand appends the command args as a JSON array of strings. Numbers become
// strings too, because servers disagree about JSON numbers. If an
// argument has no text form, or may be meant as several, the error names its position and
// its type, not its value.
func AppendCommand(dst []byte, args []any) ([]byte, error) {
	if len(args) == 0 {
		return dst, errors.New("empty command")
	}
	start := len(dst)
	if err := CheckArguments(args); err != nil {
		return dst, err
	}
	dst = append(dst, '[')
	for i, arg := range args {
		if i > 0 {
			dst = append(dst, ',')
		}
		var err error
		if dst, err = appendArgument(dst, arg); err != nil {
			return dst[:start], refuse(args, i, err)
		}
	}
	if string(dst[start:start+3]) == `[""` {
		return dst[:start], errors.New("empty command")
	}
	return append(dst, ']'), nil
}

// An ArgumentError says that an argument cannot be sent. It does not hold the value.
type ArgumentError struct {
	Position string // "KEYS[1]", "argument 3"
	Type     string // "time.Duration"
	Err      error
}

func refuse(args []any, i int, err error) error {
	what := fmt.Sprintf("%T", args[i])
	if _, ok := args[i].(Duration); ok {
		what = "time.Duration"
	}
	return &ArgumentError{place(args, i), what, err}
}

func (e *ArgumentError) Error() string { return fmt.Sprintf("%s (%s): %s", e.Position, e.Type, e.Err) }

func (e *ArgumentError) Unwrap() error { return e.Err }

// Size estimates the length of a command's JSON, so that it can be allocated at
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

// CommandName returns the command's name for messages: the first argument in upper
// case, if it looks like a name. Anything else may be a secret.
func CommandName(args []any) string {
	if len(args) == 0 {
		return UnknownName
	}
	name, _ := args[0].(string)
	if name == "" || len(name) > 32 {
		return UnknownName
	}
	lower := false
	for i := range len(name) {
		switch b := name[i]; {
		case 'a' <= b && b <= 'z':
			lower = true
		case 'A' <= b && b <= 'Z', '0' <= b && b <= '9', b == '.', b == '_', b == '-':
		default:
			return UnknownName
		}
	}
	if lower {
		return strings.ToUpper(name)
	}
	return name
}

// UnknownName replaces the name of a command whose name cannot be shown.
const UnknownName = "command"

// place names the argument args[i] as its caller counts: KEYS[1] and ARGV[1] in
// a script's call, and argument 1 for the first argument of another command.
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
	case Duration:
		n, err := v.units()
		return appendInt(dst, n), err
	default:
		return appendReflected(dst, reflect.ValueOf(arg))
	}
}

// appendReflected handles the types that the switch above does not name: named
// types, marshalers, pointers, and values that are sent as JSON text.
func appendReflected(dst []byte, v reflect.Value) ([]byte, error) {
	v, err := target(v)
	switch {
	case err != nil:
		return dst, err
	case !v.IsValid():
		return dst, errNil
	}
	t := v.Type()
	switch t.Kind() {
	case reflect.Map:
		if v.IsNil() {
			return dst, errNil
		}
	case reflect.Slice:
		// A nil []byte is an empty string. Another nil slice would be
		// the JSON text null.
		if v.IsNil() && (!IsBytes(t) || t == reflect.TypeFor[json.RawMessage]()) {
			return dst, errNil
		}
	}
	if t == reflect.TypeFor[json.RawMessage]() { // exactly as it is
		if !json.Valid(v.Bytes()) {
			return dst, errNotJSON
		}
		return AppendString(dst, v.Bytes())
	}
	switch WriteForm(t, false) {
	case ByText:
		text, err := marshalText(v)
		if err != nil {
			return dst, err
		}
		return AppendString(dst, text)
	case ByJSON:
		return appendText(dst, v)
	}
	if t == reflect.TypeFor[time.Duration]() {
		return dst, errDuration
	}
	if IsNullable(t) {
		if !v.Field(1).Bool() {
			return dst, errNil
		}
		return appendReflected(dst, v.Field(0))
	}
	if err := formInfoOf(t).refusal; err != nil {
		return dst, err
	}
	switch t.Kind() {
	case reflect.String:
		if t == reflect.TypeFor[json.Number]() && !IsNumber([]byte(v.String())) {
			return dst, errNumber
		}
		return AppendString(dst, v.String())
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		return appendInt(dst, v.Int()), nil
	case reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64, reflect.Uintptr:
		dst = strconv.AppendUint(append(dst, '"'), v.Uint(), 10)
		return append(dst, '"'), nil
	case reflect.Float32, reflect.Float64:
		return appendFloat(dst, v.Float(), t.Bits())
	case reflect.Bool:
		return appendBool(dst, v.Bool()), nil
	case reflect.Slice:
		if IsBytes(t) {
			return AppendString(dst, v.Bytes())
		}
		return appendText(dst, v)
	case reflect.Array, reflect.Map, reflect.Struct:
		return appendText(dst, v)
	default:
		return dst, errKind
	}
}

// appendText appends the JSON text of v as a string.
func appendText(dst []byte, v reflect.Value) ([]byte, error) {
	text, err := appendJSON(nil, v, MaxDepth)
	if err != nil {
		return dst, err
	}
	return AppendString(dst, text)
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

func appendFloat(dst []byte, f float64, bits int) ([]byte, error) {
	switch {
	case math.IsNaN(f):
		return dst, errNaN
	case math.IsInf(f, 1):
		return append(dst, `"+inf"`...), nil
	case math.IsInf(f, -1):
		return append(dst, `"-inf"`...), nil
	}
	return append(appendNumber(append(dst, '"'), f, bits), '"'), nil
}

// AppendString appends s as a JSON string.
func AppendString[S string | []byte](dst []byte, s S) ([]byte, error) {
	const digits = "0123456789abcdef"
	start := len(dst)
	dst = append(dst, '"')
	ascii := true
	for {
		n, only := Plain(s)
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
	// Escaping does not change whether the text is UTF-8.
	if !ascii && !utf8.Valid(dst[start:]) {
		return dst, errUTF8
	}
	return append(dst, '"'), nil
}
