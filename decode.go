package redis

import (
	"bytes"
	"fmt"
	"reflect"
	"strconv"
	"time"

	"github.com/redis-rest/redis-rest-go/internal/protocol/wire"
)

// Decode turns a reply into a T. Every typed call of this package decodes like this.
//
//	T                     takes
//	string                a string; a number, as its text
//	[]byte                the bytes of a string, exactly
//	int…, uint…           a number without fraction; such a number as a string
//	float32, float64      a number; a number as a string, inf and nan too
//	bool                  1 and 0, "1" and "0", true and false, "true" and "false", OK
//	                      as true, null as false
//	*T                    null as nil, else what T takes
//	[]T, [N]T             an array, element by element
//	map[K]V               an array of keys and values in turn, as HGETALL gives it; K is a
//	                      string, an integer or has UnmarshalText
//	struct                the same by names, or an array by positions: see below
//	any                   what comes: nil, int64, string, bool, []any, float64; a
//	                      number that int64 cannot hold as json.Number
//	Reply                 anything, to be decoded later
//	json.RawMessage       anything, as JSON text; a string that is JSON text, as it is
//	UnmarshalReply        what the method takes: UnmarshalReply(Reply) error
//	UnmarshalText         a string or a number (encoding.TextUnmarshaler)
//	UnmarshalJSON         a string that is JSON text (json.Unmarshaler)
//	sql.NullString, …     null, and what their value takes
//
// What can be sent as an argument can be read back as the same value. A type that has
// methods of its own is read by them, whatever its kind: by UnmarshalText, or else by
// UnmarshalJSON. An array becomes a slice, array, map or struct element by element, even
// if that type has such methods.
//
// # JSON text
//
// A slice, map or struct also takes a string that contains its JSON text, as
// cjson.encode makes it. It is read by the rules of encoding/json: bytes are base64, a
// [time.Duration] is integer nanoseconds, a struct has its json tags, and UnmarshalJSON
// comes before UnmarshalText. In a struct, null leaves a field as it is. Numbers are read
// as above, so that no large integer is rounded, in an any neither.
//
// # Structs
//
// The tag `redis:"field"` names a field; without one it has its Go name. Where two fields
// share a name, the rules of encoding/json decide: the shallowest, then the one with a
// tag, and else none. A name in another case fits too, but never replaces the value
// of the exact name.
//
// If all redis tags of a struct are numbers, `redis:"0"` and `redis:"1"`, an array is
// read by positions. Without a tag `redis:"0"` the numbers may also be the names of a
// hash's fields: the array is read by names if it has one of them in a name's place.
//
// In a struct that is decoded by names, a field that the reply does not have is zero. So
// an empty array is a zero struct; but HGETALL of a missing key counts as null. In a struct that is
// decoded by positions, a missing element is null, because Lua ends an array at its
// first nil.
//
// # Null and errors
//
// Null is nil if T can hold nil (pointer, slice, map, any) and false for a bool. For
// every other T it is the error [ErrNil]. Other clients store null as the string null: it
// is null too, except for a T or *T that takes any string.
//
// A reply that does not fit is a [*DecodeError]: an integer out of range (it is never
// rounded), a string that is not a number, an array of odd length for a map. Outside of
// JSON text a [time.Duration] is refused, because a number does not say its unit: the tag
// of a field does, `redis:"ttl,seconds"` or `redis:"ttl,milliseconds"`, and so does [Command.In]. An
// error reply inside an array is returned as that [*Error]; an any holds it as a value.
func Decode[T any](r Reply) (T, error) { return decode[T]("", r) }

// decode is Decode for the reply to the named command.
func decode[T any](command string, r Reply) (T, error) {
	var v T
	d := newDecoder(r)
	known, err := d.commonType(&v)
	if !known {
		p := new(T) // not v: reflection would move v to the heap for the common types too
		err = d.value(reflect.ValueOf(p).Elem())
		v = *p
	}
	if err != nil {
		var zero T
		return zero, withCommand(reflect.TypeFor[T](), command, r, err)
	}
	return v, nil
}

// withCommand puts the command's name and its reply into an error of decoding a want. The
// error may be the caller's own, so it is copied.
func withCommand(want reflect.Type, command string, reply Reply, err error) error {
	switch e := err.(type) {
	case *DecodeError:
		if e == nil { // of the caller's own code
			break
		}
		if e.null && e.Path == "" {
			err = ErrNil
			break
		}
		placed := *e
		placed.Command, placed.reply = command, func() Reply { return reply }
		return &placed
	case *Error:
		if e != nil {
			return e.forCommand(command)
		}
	}
	switch {
	case command == "":
		return err
	case err == ErrNil:
		return &CallError{Command: command, Err: err}
	case nullReply(err):
		return &CallError{Command: command, Err: wire.Unquoted(ErrNil.Error(), err)}
	}
	return withCommand(want, command, reply, refusedBy("decoder", want.String(), err))
}

// A decoder reads one reply, which has been checked, from front to back.
type decoder struct {
	wire.Cursor
	base64 bool
	json   bool          // inside JSON text that was a string
	unit   time.Duration // of durations and times; 0 if there is none
	block  []byte        // the free part of the memory that strings share; a copy of the decoder must not use it
}

func newDecoder(r Reply) decoder {
	if len(r.text) == 0 {
		return decoder{Cursor: wire.NewCursor([]byte("null")), unit: r.unit}
	}
	return decoder{Cursor: wire.NewCursor(r.text), base64: r.base64, json: r.json, unit: r.unit}
}

// commonType decodes the next value into what p points to, if its type is one of those
// that need no reflection.
func (d *decoder) commonType(p any) (known bool, err error) {
	switch p := p.(type) {
	case *string:
		*p, err = d.string(p)
	case *int64:
		*p, err = d.int64()
	case *bool:
		*p, err = d.bool(p)
	case *float64:
		*p, err = d.float(p, 64)
	case *[]byte:
		*p, err = d.bytes(p)
	case *[]string:
		*p, err = d.strings()
	case *any:
		*p = d.any()
		if failed, ok := (*p).(*Error); ok {
			err = failed
		}
	default:
		return false, nil
	}
	return true, err
}

// value decodes the next value into v, which must be settable.
func (d *decoder) value(v reflect.Value) error {
	t := v.Type()
	s := typeInfoOf(t)
	rule, kind := s.ruleFor(d.json), d.Kind()
	switch {
	case d.unit != 0 && !d.json && (t == durationType || t == timeType):
		return d.inUnit(v)
	case rule == byReply:
		reply := Reply{text: d.Skip(), base64: d.base64, json: d.json, unit: d.unit}
		err := byMethod(v, func(m ReplyUnmarshaler) error { return m.UnmarshalReply(reply) })
		switch e := err.(type) {
		case nil:
			return nil
		case *DecodeError:
			if e != nil {
				return e
			}
		case *Error:
			if e != nil {
				return e
			}
		}
		if err == ErrNil { // which has no path
			return &DecodeError{Want: t.String(), Got: "null", null: true}
		}
		return refusedBy("UnmarshalReply", t.String(), err)
	case rule == unsupported && kind == 'n' && d.json && t.Kind() == reflect.Interface:
		d.Skip()
		v.SetZero()
		return nil
	case rule == unsupported:
		return &DecodeError{Want: t.String() + ", which " + s.why, Got: d.describe()}
	case kind == 'n' && rule == byJSON && d.json:
	case kind == 'n':
		d.Skip()
		if s.nilable || rule == byBool || rule == byNullable {
			v.SetZero()
			return nil
		}
		return &DecodeError{Want: t.String(), Got: "null", null: true}
	case kind == '{' && rule != byAny:
		if err := d.nestedError(); err != nil {
			return err
		}
	}
	if (kind == '[' || kind == '{') && !d.json && s.hasElements {
		rule = s.kind
	}
	switch rule {
	case byPointer:
		return d.pointer(v)
	case byNullable:
		return d.nullable(v, s)
	case byText:
		return d.unmarshalText(v)
	case byJSON:
		return d.unmarshalJSON(v)
	case byRaw:
		text, err := d.rawMessage()
		v.SetBytes(text)
		return err
	case byAny:
		v.Set(reflect.ValueOf(d.any()))
		return nil
	case byString:
		x, err := d.string(v.Addr().Interface())
		v.SetString(x)
		return err
	case byNumber:
		x, err := d.string(v.Addr().Interface())
		if err == nil && !wire.IsNumber([]byte(x)) {
			return notNumberError(t, []byte(x))
		}
		v.SetString(x)
		return err
	case byBytes:
		x, err := d.bytes(v.Addr().Interface())
		v.SetBytes(x)
		return err
	case byBool:
		x, err := d.bool(v.Addr().Interface())
		v.SetBool(x)
		return err
	case byInt:
		return d.setInt(v)
	case byUint:
		return d.setUint(v)
	case byFloat:
		x, err := d.float(v.Addr().Interface(), t.Bits())
		v.SetFloat(x)
		return err
	case bySlice:
		return d.slice(v)
	case byArray:
		return d.array(v)
	case byMap:
		return d.mapValue(v)
	default: // byStruct
		return d.structValue(v, s)
	}
}

// isNullText reports whether the next value is the string null, as other clients store
// null.
func (d *decoder) isNullText() bool {
	if d.Kind() != '"' {
		return false
	}
	ahead := *d
	raw := ahead.Cursor.String()
	if len(raw) > len("bnVsbA==") {
		return false
	}
	text, _ := ahead.textOf(raw)
	return string(text) == "null"
}

// isNull reports whether err says that the value itself is null.
func isNull(err error) bool {
	e, ok := err.(*DecodeError)
	return ok && e.null && e.Path == ""
}

func (d *decoder) pointer(v reflect.Value) error {
	elem, _ := wire.Elem(v.Type())
	if !typeInfoOf(elem).takesAnyText() && d.isNullText() {
		d.Skip()
		return nil
	}
	p := reflect.New(v.Type().Elem())
	err := d.value(p.Elem())
	if isNull(err) {
		return nil
	}
	v.Set(p)
	return err
}

// nullable decodes into a Null type of database/sql.
func (d *decoder) nullable(v reflect.Value, s *typeInfo) error {
	if d.json && d.Kind() == '{' {
		return d.structValue(v, s)
	}
	if !typeInfoOf(v.Field(0).Type()).takesAnyText() && d.isNullText() {
		d.Skip()
		return nil
	}
	err := d.value(v.Field(0))
	if isNull(err) {
		v.SetZero()
		return nil
	}
	v.Field(1).SetBool(err == nil)
	return err
}

// typeName is the name of the type that p points to.
func typeName(p any) string { return reflect.TypeOf(p).Elem().String() }

// typeMismatch skips the next value and returns the error that it does not fit what p
// points to.
func (d *decoder) typeMismatch(p any) error { return d.typeMismatchOf(reflect.TypeOf(p).Elem()) }

func (d *decoder) typeMismatchOf(t reflect.Type) error {
	if d.Kind() == 'n' {
		d.Skip()
		return &DecodeError{Want: t.String(), Got: "null", null: true}
	}
	if err := d.nestedError(); err != nil {
		return err
	}
	return &DecodeError{Want: t.String(), Got: d.describe()}
}

// describe skips the next value and returns its kind.
func (d *decoder) describe() string {
	switch d.Kind() {
	case 'n':
		d.Skip()
		return "null"
	case 't', 'f':
		d.Skip()
		return "boolean"
	case '"':
		d.Skip()
		return "string"
	case '[':
		n := d.Len()
		d.Skip()
		return fmt.Sprintf("array of %d", n)
	case '{':
		d.Skip()
		return "object"
	default:
		if bytes.ContainsAny(d.Skip(), ".eE") {
			return "number with a fraction"
		}
		return "integer"
	}
}

// nestedError returns the next value as an error if it is an error reply: an object with
// the single member "error". RESP2 has no objects, so no other reply looks like this.
func (d *decoder) nestedError() error {
	if d.json || d.Kind() != '{' {
		return nil
	}
	ahead := *d
	ahead.Enter()
	if !ahead.More() || string(ahead.Key()) != "error" || ahead.Kind() != '"' {
		return nil
	}
	message := string(wire.Unescape(ahead.Cursor.String()))
	if ahead.More() {
		return nil
	}
	return newError(message, 0)
}

// withPath puts an element's place in front of the path in its error.
func withPath(place string, err error) error {
	e, ok := err.(*DecodeError)
	if !ok {
		return err
	}
	if e.Path != "" && e.Path[0] != '[' {
		place += "."
	}
	placed := *e // which may be a type's own
	placed.Path = place + e.Path
	return &placed
}

func elementPath(i int) string { return "[" + strconv.Itoa(i) + "]" }
