package redis

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
	"sync"
	"time"
	"unicode/utf8"
	"unsafe"

	"github.com/redis-rest/redis-rest-go/internal/protocol/wire"
)

// Decode turns a reply into a T. Every typed call of this package does the same.
//
//	T                     takes
//	string                a string; a number, as its text
//	[]byte                the bytes of a string, exactly
//	int…, uint…           a number without fraction; a string that is one
//	float32, float64      a number; a string that is one, inf and nan too
//	bool                  1 and 0, "1" and "0", OK as true, null as false
//	*T                    null as nil, else what T takes
//	[]T, [N]T             an array, element by element
//	map[string]V          an array of keys and values in turn, as HGETALL gives it
//	struct                the same by the tag `redis:"field"`, or else the field's
//	                      name in any case; an array by position where the tags are
//	                      `redis:"0"`, `redis:"1"`
//	any                   what comes: nil, int64, string, bool, []any, float64; a
//	                      number that int64 cannot hold as json.Number
//	Reply                 anything, to be decoded later
//	json.RawMessage       anything, as JSON text
//	UnmarshalReply        what the method takes: UnmarshalReply(Reply) error
//	UnmarshalText         a string or a number (encoding.TextUnmarshaler)
//
// A slice, map or struct also takes a string that holds its JSON text, as
// cjson.encode makes it. A struct there goes by encoding/json and its tags; the
// rest by the rules above, so that a null or a large integer is not lost.
//
// Null is nil where T can hold nil (pointer, slice, map, any), false for a bool,
// and for every other T the error [ErrNil].
//
// What does not fit is a [*DecodeError]: an integer out of range, which is never
// rounded, a number in words, an array of odd length for a map. A [time.Duration]
// is refused, since a number does not say its unit. An error reply inside an
// array is that [*Error]; an any holds it in its place.
//
// A struct by field names leaves what the reply does not mention at its zero
// value, so that an empty array, HGETALL of no key, is a zero struct. By position
// what is missing is null, since Lua ends an array at its first nil.
func Decode[T any](r Reply) (T, error) { return decode[T]("", r) }

// decode is Decode of the reply to the named command.
func decode[T any](command string, r Reply) (T, error) {
	var v T
	d := newDecoder(r)
	known, err := d.common(&v)
	if !known {
		p := new(T) // not v: reflection would move that to the heap for the common types too
		err = d.value(reflect.ValueOf(p).Elem())
		v = *p
	}
	if err != nil {
		var zero T
		return zero, withCommand(command, err)
	}
	return v, nil
}

// withCommand writes the command's name into an error of decoding.
func withCommand(command string, err error) error {
	switch e := err.(type) {
	case *DecodeError:
		if !e.null || e.Path != "" {
			e.Command = command
			return e
		}
		err = ErrNil
	case *Error:
		e.Command = command
		return e
	}
	if command == "" {
		return err
	}
	return &callError{command: command, err: err}
}

// A decoder reads one checked reply from front to back.
type decoder struct {
	wire.Cursor
	base64 bool
	json   bool // inside a JSON document that was a string: structs go by encoding/json
}

func newDecoder(r Reply) decoder {
	if len(r.text) == 0 {
		return decoder{Cursor: wire.NewCursor([]byte("null"))}
	}
	return decoder{Cursor: wire.NewCursor(r.text), base64: r.base64}
}

// common decodes the value that is next into what p points to, where that is one of
// the types which need no reflection.
func (d *decoder) common(p any) (known bool, err error) {
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

// value decodes the value that is next into v, which can be set.
func (d *decoder) value(v reflect.Value) error {
	t := v.Type()
	s := shapeOf(t)
	if s.how == byReply {
		err := v.Addr().Interface().(ReplyUnmarshaler).UnmarshalReply(Reply{text: d.Skip(), base64: d.base64})
		if err == ErrNil { // which has no place yet
			err = &DecodeError{Want: t.String(), Got: "null", null: true}
		}
		return err
	}
	if s.how == unsupported {
		return &DecodeError{Want: t.String() + ", which " + s.why, Got: d.describe()}
	}
	switch d.Kind() {
	case 'n':
		d.Skip()
		switch {
		case s.nilable, s.how == byBool:
			v.SetZero()
			return nil
		default:
			return &DecodeError{Want: t.String(), Got: "null", null: true}
		}
	case '{':
		if err := d.nestedError(); err != nil && s.how != byAny {
			return err
		}
	}
	switch s.how {
	case byPointer:
		elem := reflect.New(t.Elem())
		err := d.value(elem.Elem())
		if e, ok := err.(*DecodeError); ok && e.null && e.Path == "" {
			return nil // a string that holds the JSON text null
		}
		v.Set(elem)
		return err
	case byText:
		return d.unmarshalText(v)
	case byRaw:
		text, err := d.appendPlain(nil, false)
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
			return &DecodeError{Want: t.String(), Got: "string that is not a number"}
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
		return d.mapping(v)
	default: // byStruct
		return d.structure(v, s)
	}
}

// want is the name of the type that p points to.
func want(p any) string { return reflect.TypeOf(p).Elem().String() }

// misfit passes over the value that is next and is the error of its kind for
// what p points to.
func (d *decoder) misfit(p any) error { return d.misfitType(reflect.TypeOf(p).Elem()) }

func (d *decoder) misfitType(t reflect.Type) error {
	if d.Kind() == 'n' {
		d.Skip()
		return &DecodeError{Want: t.String(), Got: "null", null: true}
	}
	if err := d.nestedError(); err != nil {
		return err
	}
	return &DecodeError{Want: t.String(), Got: d.describe()}
}

// describe passes over the value that is next and says what kind it is.
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

// nestedError returns the error reply that is next, if the value is one: an
// object with the single member "error". RESP2 has no objects, so nothing else
// can look so.
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
	return newError("", message, 0)
}

// at puts the place of an element in front of the path of its error.
func at(place string, err error) error {
	e, ok := err.(*DecodeError)
	if !ok {
		return err
	}
	if e.Path != "" && e.Path[0] != '[' {
		place += "."
	}
	e.Path = place + e.Path
	return e
}

func index(i int) string { return "[" + strconv.Itoa(i) + "]" }

// text reads the string that is next. Where owned, nobody else has the bytes.
func (d *decoder) text() (text []byte, owned bool) { return d.textOf(d.Cursor.String()) }

// textOf is what the string raw, which may hold escapes, stands for.
func (d *decoder) textOf(raw []byte) (text []byte, owned bool) {
	text = wire.Unescape(raw)
	if d.base64 {
		if decoded, ok := wire.Base64(text); ok { // OK is none, whatever the server
			return decoded, true
		}
	}
	return text, len(text) != len(raw)
}

// owned is the string of bytes that were made for it alone and are not written
// again: one allocation less for every string, and half the memory for a large one.
func owned(text []byte) string { return unsafe.String(unsafe.SliceData(text), len(text)) }

func (d *decoder) string(p any) (string, error) {
	switch d.Kind() {
	case '"':
		text, isOwned := d.text()
		if isOwned {
			return owned(text), nil
		}
		return string(text), nil
	case '-', '0', '1', '2', '3', '4', '5', '6', '7', '8', '9':
		return string(d.Skip()), nil
	default:
		return "", d.misfit(p)
	}
}

func (d *decoder) bytes(p any) ([]byte, error) {
	switch d.Kind() {
	case '"':
		text, owned := d.text()
		if !owned {
			text = append([]byte{}, text...)
		}
		return text, nil
	case 'n':
		d.Skip()
		return nil, nil
	default:
		return nil, d.misfit(p)
	}
}

func (d *decoder) bool(p any) (bool, error) {
	switch d.Kind() {
	case '"':
		switch text, _ := d.text(); string(text) {
		case "1", "OK":
			return true, nil
		case "0":
			return false, nil
		}
		return false, &DecodeError{Want: want(p), Got: "string that is none of 1, 0 and OK"}
	case 't', 'f', 'n':
		return d.Skip()[0] == 't', nil
	case '[', '{':
		return false, d.misfit(p)
	default:
		switch string(d.Skip()) {
		case "1":
			return true, nil
		case "0":
			return false, nil
		}
		return false, &DecodeError{Want: want(p), Got: "number that is neither 1 nor 0"}
	}
}

// digits reads the number or the string that is next, for a number.
func (d *decoder) digits(t reflect.Type) ([]byte, error) {
	switch d.Kind() {
	case '"':
		text, _ := d.text()
		return text, nil
	case 'n', 't', 'f', '[', '{':
		return nil, d.misfitType(t)
	default:
		return d.Skip(), nil
	}
}

func (d *decoder) int64() (int64, error) {
	t := reflect.TypeFor[int64]()
	text, err := d.digits(t)
	if err != nil {
		return 0, err
	}
	x, problem := signed(text)
	if problem != "" {
		return 0, &DecodeError{Want: t.String(), Got: problem}
	}
	return x, nil
}

func (d *decoder) setInt(v reflect.Value) error {
	text, err := d.digits(v.Type())
	if err != nil {
		return err
	}
	x, problem := signed(text)
	switch {
	case problem != "":
	case v.OverflowInt(x):
		problem = outOfRange
	default:
		v.SetInt(x)
		return nil
	}
	return &DecodeError{Want: v.Type().String(), Got: problem}
}

// signed is integer where 64 bits hold the sign as well.
func signed(text []byte) (x int64, problem string) {
	n, negative, problem := integer(text)
	// The smallest integer has no positive counterpart: -n wraps to it.
	if x = int64(n); negative {
		x = -x
	}
	if problem == "" && (x < 0) != (negative && n != 0) {
		problem = outOfRange
	}
	return x, problem
}

func (d *decoder) setUint(v reflect.Value) error {
	text, err := d.digits(v.Type())
	if err != nil {
		return err
	}
	n, negative, problem := integer(text)
	switch {
	case problem != "":
	case negative && n != 0, v.OverflowUint(n):
		problem = outOfRange
	default:
		v.SetUint(n)
		return nil
	}
	return &DecodeError{Want: v.Type().String(), Got: problem}
}

const (
	outOfRange = "integer out of range"
	notNumber  = "string that is not a number"
	fraction   = "number with a fraction"
)

// integer reads text as a whole number, its sign apart. Where it is none that 64
// bits hold, problem says why. 3.0 and 1e3 are whole numbers too: some servers
// write integers so.
func integer(text []byte) (n uint64, negative bool, problem string) {
	if !wire.IsNumber(text) {
		return 0, false, notNumber
	}
	if negative = text[0] == '-'; negative {
		text = text[1:]
	}
	for i, c := range text {
		if c < '0' || c > '9' {
			n, problem = wholeNumber(string(text))
			return n, negative, problem
		}
		if i >= 19 {
			break // more than fits the loop without overflow: let strconv see
		}
		n = n*10 + uint64(c-'0')
	}
	if len(text) > 19 {
		n, problem = wholeNumber(string(text))
	}
	return n, negative, problem
}

// wholeNumber is integer for unsigned text of any length with a fraction or an
// exponent.
func wholeNumber(text string) (n uint64, problem string) {
	mantissa, exponent, _ := strings.Cut(strings.ToLower(text), "e")
	whole, part, _ := strings.Cut(mantissa, ".")
	all := strings.TrimLeft(whole+part, "0")
	digits := strings.TrimRight(all, "0")
	if digits == "" {
		return 0, ""
	}
	shift, err := strconv.Atoi(exponent)
	if exponent != "" && err != nil { // beyond any int
		shift = math.MaxInt32
		if exponent[0] == '-' {
			shift = math.MinInt32
		}
	}
	zeros := shift - len(part) + len(all) - len(digits)
	switch {
	case zeros < 0:
		return 0, fraction
	case zeros > 20:
		return 0, outOfRange
	}
	n, err = strconv.ParseUint(digits+strings.Repeat("0", zeros), 10, 64)
	if err != nil {
		return 0, outOfRange
	}
	return n, ""
}

func (d *decoder) float(p any, bits int) (float64, error) {
	text, err := d.digits(reflect.TypeOf(p).Elem())
	if err != nil {
		return 0, err
	}
	// strconv reads Go's hexadecimal floats too, which Redis does not write.
	x, err := strconv.ParseFloat(string(text), bits)
	switch {
	case err == nil && !bytes.ContainsAny(text, "xX_"):
		return x, nil
	case errors.Is(err, strconv.ErrRange):
		return 0, &DecodeError{Want: want(p), Got: "number out of range"}
	default:
		return 0, &DecodeError{Want: want(p), Got: notNumber}
	}
}

// any decodes the value that is next into what it is by itself. An error reply
// is a value here, an *Error.
func (d *decoder) any() any {
	switch d.Kind() {
	case 'n':
		d.Skip()
		return nil
	case 't', 'f':
		return d.Skip()[0] == 't'
	case '"':
		text, _ := d.text()
		return string(text)
	case '[':
		list := []any{} // not counted ahead, which would be once for each level of nesting
		for d.Enter(); d.More(); {
			list = append(list, d.any())
		}
		return list
	case '{':
		if err := d.nestedError(); err != nil {
			d.Skip()
			return err
		}
		object := map[string]any{}
		for d.Enter(); d.More(); {
			key := string(d.Key())
			object[key] = d.any()
		}
		return object
	default:
		text := d.Skip()
		if bytes.ContainsAny(text, ".eE") {
			if x, err := strconv.ParseFloat(string(text), 64); err == nil {
				return x
			}
		} else if x, err := strconv.ParseInt(string(text), 10, 64); err == nil {
			return x
		}
		return json.Number(text)
	}
}

// document opens the JSON text that the string which is next holds. Nil means
// that it holds none.
func (d *decoder) document() *decoder {
	text, _ := d.text()
	if end, err := wire.Check(text, 0); err != nil || !wire.AtEnd(text, end) {
		return nil
	}
	return &decoder{Cursor: wire.NewCursor(text), json: true}
}

// fromDocument decodes the JSON text that the string which is next holds into v.
func (d *decoder) fromDocument(v reflect.Value) error {
	doc := d.document()
	if doc == nil || doc.Kind() == '"' {
		return &DecodeError{Want: v.Type().String(), Got: "string that is not its JSON text"}
	}
	return doc.value(v)
}

func (d *decoder) strings() ([]string, error) {
	if d.Kind() != '[' {
		var list []string
		err := d.slice(reflect.ValueOf(&list).Elem())
		return list, err
	}
	list := []string{}
	var block []byte // the rest of the memory that strings share
	var s string
	for d.Enter(); d.More(); {
		if d.Kind() != '"' {
			x, err := d.string(&s)
			if err != nil {
				return nil, at(index(len(list)), err)
			}
			list = append(list, x)
			continue
		}
		raw := d.Cursor.String()
		if cap(list) == 0 {
			// As if all were as long as the first, and never more memory than the text has.
			// Counting them takes a sixth of the time of all.
			list = make([]string, 0, 1+d.Left()/max(len(raw)+len(`"",`), 16))
		}
		if cap(block) < len(raw) {
			block = make([]byte, 0, max(len(raw), min(sharedBlock, d.Left())))
		}
		text, ok := block, false
		if d.base64 {
			text, ok = wire.AppendBase64(block, raw)
		}
		if !ok { // it may hold escapes
			text, _ = d.textOf(raw)
			text = append(block, text...)
		}
		list = append(list, owned(text))
		block = text[len(text):]
	}
	return list, nil
}

// sharedBlock is how much memory the strings of a list share, so that not each of
// them needs an allocation: a list takes half the time. Who keeps one string of
// the list keeps no more than that beside it.
const sharedBlock = 4 << 10

func (d *decoder) slice(v reflect.Value) error {
	switch d.Kind() {
	case 'n':
		d.Skip()
		v.SetZero()
		return nil
	case '"':
		return d.fromDocument(v)
	case '[':
	default:
		return d.misfitType(v.Type())
	}
	n := d.Len()
	v.Set(reflect.MakeSlice(v.Type(), n, n))
	d.Enter()
	for i := 0; d.More(); i++ {
		if err := d.value(v.Index(i)); err != nil {
			return at(index(i), err)
		}
	}
	return nil
}

func (d *decoder) array(v reflect.Value) error {
	switch d.Kind() {
	case '"':
		return d.fromDocument(v)
	case '[':
	default:
		return d.misfitType(v.Type())
	}
	if n := d.Len(); n != v.Len() {
		return &DecodeError{Want: v.Type().String(), Got: fmt.Sprintf("array of %d", n)}
	}
	d.Enter()
	for i := 0; d.More(); i++ {
		if err := d.value(v.Index(i)); err != nil {
			return at(index(i), err)
		}
	}
	return nil
}

func (d *decoder) mapping(v reflect.Value) error {
	if d.Kind() == '"' {
		return d.fromDocument(v)
	}
	m := reflect.MakeMap(v.Type())
	err := d.pairs(v.Type(), func(i int, key string) error {
		value := reflect.New(v.Type().Elem()).Elem()
		if err := d.value(value); err != nil {
			return at(index(i), err) // by place: a key is the user's, and not for errors
		}
		m.SetMapIndex(reflect.ValueOf(key).Convert(v.Type().Key()), value)
		return nil
	})
	if err == nil {
		v.Set(m)
	}
	return err
}

// pairs goes through an array of keys and values in turn, or an object, and has
// each called with the cursor on the value and the value's place.
func (d *decoder) pairs(t reflect.Type, each func(i int, key string) error) error {
	switch d.Kind() {
	case '{':
		d.Enter()
		for i := 0; d.More(); i++ {
			if err := each(i, string(d.Key())); err != nil {
				return err
			}
		}
		return nil
	case '[':
	default:
		return d.misfitType(t)
	}
	if n := d.Len(); n%2 != 0 {
		return &DecodeError{Want: t.String(), Got: fmt.Sprintf("array of %d, an odd number", n)}
	}
	d.Enter()
	for i := 0; d.More(); i += 2 {
		var key string
		key, err := d.string(&key)
		if err != nil {
			return at(index(i), err)
		}
		d.More()
		if err := each(i+1, key); err != nil {
			return err
		}
	}
	return nil
}

func (d *decoder) structure(v reflect.Value, s *shape) error {
	switch kind := d.Kind(); {
	case kind == '"' && !d.json:
		doc := d.document()
		if doc == nil || doc.Kind() != '{' && doc.Kind() != 'n' && !s.ownJSON {
			return &DecodeError{Want: v.Type().String(), Got: "string that is not its JSON text"}
		}
		return doc.value(v)
	case d.json && (kind == '{' || s.ownJSON):
		return unmarshal(d.Skip(), v, s)
	case kind == '[' && s.positions != nil:
		return d.positions(v, s)
	case kind == '[' || kind == '{':
		return d.pairs(v.Type(), func(_ int, key string) error {
			field, ok := s.names[key]
			if !ok {
				key = strings.ToLower(key)
				field, ok = s.names[key]
			}
			if !ok {
				d.Skip()
				return nil
			}
			if err := d.value(fieldAt(v, field)); err != nil {
				return at(key, err)
			}
			return nil
		})
	default:
		return d.misfitType(v.Type())
	}
}

// positions decodes an array into the fields that are tagged with their place.
func (d *decoder) positions(v reflect.Value, s *shape) error {
	d.Enter()
	i := 0
	for ; d.More(); i++ {
		if i >= len(s.positions) || s.positions[i] == nil {
			d.Skip()
			continue
		}
		if err := d.value(fieldAt(v, s.positions[i])); err != nil {
			return at(index(i), err)
		}
	}
	for ; i < len(s.positions); i++ {
		if s.positions[i] == nil {
			continue
		}
		missing := newDecoder(Reply{})
		if err := missing.value(fieldAt(v, s.positions[i])); err != nil {
			return at(index(i), err)
		}
	}
	return nil
}

// fieldAt is reflect.Value.FieldByIndex that makes what embedded pointers point
// to.
func fieldAt(v reflect.Value, path []int) reflect.Value {
	for _, i := range path {
		if v.Kind() == reflect.Pointer {
			if v.IsNil() {
				v.Set(reflect.New(v.Type().Elem()))
			}
			v = v.Elem()
		}
		v = v.Field(i)
	}
	return v
}

// unmarshal has encoding/json decode the object in text.
func unmarshal(text []byte, v reflect.Value, s *shape) error {
	var err error
	if s.holdsAny() {
		// Into an any, json.Unmarshal would round integers over 2^53.
		dec := json.NewDecoder(bytes.NewReader(text))
		dec.UseNumber()
		err = dec.Decode(v.Addr().Interface())
	} else {
		err = json.Unmarshal(text, v.Addr().Interface())
	}
	var misfit *json.UnmarshalTypeError
	switch {
	case err == nil:
		return nil
	case errors.As(err, &misfit):
		kind, _, _ := strings.Cut(misfit.Value, " ") // "number 1.5" quotes the value
		return &DecodeError{Want: misfit.Type.String(), Got: kind + " in JSON text", Path: misfit.Field}
	default:
		return &DecodeError{Want: v.Type().String(), Got: "JSON text that it does not take"}
	}
}

func (d *decoder) unmarshalText(v reflect.Value) error {
	t := v.Type()
	var text []byte
	switch d.Kind() {
	case '"':
		text, _ = d.text()
	case 't', 'f', '[', '{':
		return d.misfitType(t)
	default:
		text = d.Skip()
	}
	if err := v.Addr().Interface().(encoding.TextUnmarshaler).UnmarshalText(text); err != nil {
		return &DecodeError{Want: t.String(), Got: "text that its UnmarshalText refuses"}
	}
	return nil
}

// appendPlain appends the value that is next as JSON text without base64. A
// string that is not UTF-8 is an error, or has what is not replaced.
func (d *decoder) appendPlain(dst []byte, replace bool) ([]byte, error) {
	switch d.Kind() {
	case '"':
		text, _ := d.text()
		if !replace && !utf8.Valid(text) {
			return dst, &DecodeError{Want: "json.RawMessage", Got: "string that is not UTF-8"}
		}
		quoted, err := wire.AppendString(dst, bytes.ToValidUTF8(text, []byte("\uFFFD")))
		return quoted, err
	case '[', '{':
		opening := d.Kind()
		dst = append(dst, opening)
		d.Enter()
		for i := 0; d.More(); i++ {
			if i > 0 {
				dst = append(dst, ',')
			}
			var err error
			if opening == '{' {
				key := bytes.ToValidUTF8(d.Key(), []byte("\uFFFD"))
				if dst, err = wire.AppendString(dst, key); err != nil {
					return dst, err
				}
				dst = append(dst, ':')
			}
			if dst, err = d.appendPlain(dst, replace); err != nil {
				return dst, at(index(i), err)
			}
		}
		return append(dst, opening+2), nil // ']' and '}' follow their brackets by two
	default:
		return append(dst, d.Skip()...), nil
	}
}

// ReplyUnmarshaler is a type that decodes replies itself, null included.
type ReplyUnmarshaler interface {
	UnmarshalReply(Reply) error
}

// how says by which rule a type takes replies.
type how int

const (
	unsupported how = iota
	byReply
	byText
	byRaw
	byAny
	byPointer
	byString
	byNumber
	byBytes
	byBool
	byInt
	byUint
	byFloat
	bySlice
	byArray
	byMap
	byStruct
)

// A shape is what decoding knows of a type.
type shape struct {
	how       how
	nilable   bool
	why       string           // why it is unsupported
	ownJSON   bool             // a struct with an UnmarshalJSON
	names     map[string][]int // a struct's fields by name
	positions [][]int          // a struct's fields by place; nil where it goes by names
	holdsAny  func() bool      // whether encoding/json would meet an interface in the struct
}

var shapes sync.Map // reflect.Type to *shape

func shapeOf(t reflect.Type) *shape {
	if s, ok := shapes.Load(t); ok {
		return s.(*shape)
	}
	s, _ := shapes.LoadOrStore(t, newShape(t))
	return s.(*shape)
}

func newShape(t reflect.Type) *shape {
	s := &shape{}
	switch t.Kind() {
	case reflect.Pointer, reflect.Slice, reflect.Map, reflect.Interface:
		s.nilable = true
	}
	pointer := reflect.PointerTo(t)
	switch {
	case pointer.Implements(reflect.TypeFor[ReplyUnmarshaler]()) && t.Kind() != reflect.Pointer:
		s.how = byReply
	case t == reflect.TypeFor[json.RawMessage]():
		s.how = byRaw
	case t == reflect.TypeFor[json.Number]():
		s.how = byNumber
	case t == reflect.TypeFor[time.Duration]():
		s.why = "has no unit"
	case pointer.Implements(reflect.TypeFor[encoding.TextUnmarshaler]()) && t.Kind() != reflect.Pointer:
		s.how = byText
	default:
		s.byKind(t)
	}
	return s
}

func (s *shape) byKind(t reflect.Type) {
	s.why = "no reply becomes"
	switch t.Kind() {
	case reflect.Pointer:
		s.how = byPointer
	case reflect.Interface:
		if t.NumMethod() == 0 {
			s.how = byAny
		}
	case reflect.String:
		s.how = byString
	case reflect.Bool:
		s.how = byBool
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		s.how = byInt
	case reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64, reflect.Uintptr:
		s.how = byUint
	case reflect.Float32, reflect.Float64:
		s.how = byFloat
	case reflect.Array:
		s.how = byArray
	case reflect.Slice:
		s.how = bySlice
		if t.Elem().Kind() == reflect.Uint8 {
			s.how = byBytes
		}
	case reflect.Map:
		if t.Key().Kind() == reflect.String {
			s.how = byMap
		}
	case reflect.Struct:
		s.how = byStruct
		s.ownJSON = reflect.PointerTo(t).Implements(reflect.TypeFor[json.Unmarshaler]())
		s.holdsAny = sync.OnceValue(func() bool { return holdsAny(t, map[reflect.Type]bool{}) })
		s.structFields(t)
	}
}

// structFields finds the fields that replies are decoded into, embedded ones
// included.
func (s *shape) structFields(t reflect.Type) {
	s.names = map[string][]int{}
	places := map[int][]int{}
	last := -1
	for _, f := range reflect.VisibleFields(t) {
		tag, tagged := f.Tag.Lookup("redis")
		tag, _, _ = strings.Cut(tag, ",") // what follows is for writing: go-redis' omitempty
		if !f.IsExported() || tag == "-" || f.Anonymous && !tagged || throughUnexportedPointer(t, f.Index) {
			continue
		}
		if place, err := strconv.ParseUint(tag, 10, 16); tagged && err == nil {
			places[int(place)] = f.Index
			last = max(last, int(place))
		}
		if tagged && tag != "" {
			s.names[tag] = f.Index
		} else {
			s.names[strings.ToLower(f.Name)] = f.Index
		}
	}
	if last >= 0 {
		s.positions = make([][]int, last+1)
		for place, path := range places {
			s.positions[place] = path
		}
	}
}

// throughUnexportedPointer says whether the way to a promoted field leads over
// an embedded pointer that reflection may not set.
func throughUnexportedPointer(t reflect.Type, path []int) bool {
	for _, i := range path[:len(path)-1] {
		if t.Kind() == reflect.Pointer {
			t = t.Elem()
		}
		f := t.Field(i)
		if f.Type.Kind() == reflect.Pointer && !f.IsExported() {
			return true
		}
		t = f.Type
	}
	return false
}

// holdsAny says whether a value of type t may hold an interface.
func holdsAny(t reflect.Type, seen map[reflect.Type]bool) bool {
	if seen[t] {
		return false
	}
	seen[t] = true
	switch t.Kind() {
	case reflect.Interface:
		return true
	case reflect.Pointer, reflect.Slice, reflect.Array, reflect.Map:
		return holdsAny(t.Elem(), seen)
	case reflect.Struct:
		for i := range t.NumField() {
			if holdsAny(t.Field(i).Type, seen) {
				return true
			}
		}
	}
	return false
}
