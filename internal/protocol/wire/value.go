package wire

import (
	"bytes"
	"encoding"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"math"
	"math/big"
	"reflect"
	"slices"
	"strconv"
	"strings"
)

// JSON is v as JSON text by the rules of encoding/json, without its escapes for HTML.
// Methods of a pointer to a value count wherever the value is, in a map too, so that
// what is written can be read. What would lose its content is an error. An error does
// not quote the value.
func JSON(v any) ([]byte, error) {
	dst, err := appendJSON(nil, reflect.ValueOf(v), MaxDepth)
	return dst, err
}

// appendJSON appends v as JSON text, whose arrays and objects are nested no deeper than
// depth.
func appendJSON(dst []byte, v reflect.Value, depth int) ([]byte, error) {
	v, err := target(v)
	switch {
	case err != nil:
		return dst, err
	case !v.IsValid():
		return append(dst, "null"...), nil
	}
	dst, err = appendJSONValue(dst, v, depth)
	if err != nil && depth < MaxDepth {
		if _, placed := err.(*insideError); !placed {
			err = &insideError{v.Type(), err}
		}
	}
	return dst, err
}

// An insideError is the refusal of a value inside of another.
type insideError struct {
	t   reflect.Type
	err error
}

func (e *insideError) Error() string { return "in it a " + e.t.String() + ": " + e.err.Error() }
func (e *insideError) Unwrap() error { return e.err }

func appendJSONValue(dst []byte, v reflect.Value, depth int) ([]byte, error) {
	t := v.Type()
	switch WriteForm(t, true) {
	case ByJSON:
		text, err := marshalJSON(v)
		if err != nil {
			return dst, err
		}
		if _, err := check(text, 0, depth); err != nil {
			return dst, err
		}
		return append(dst, text...), nil
	case ByText:
		text, err := marshalText(v)
		if err != nil {
			return dst, err
		}
		return AppendString(dst, text)
	}
	if err := formInfoOf(t).refusal; err != nil {
		return dst, err
	}
	switch t.Kind() {
	case reflect.Bool:
		return strconv.AppendBool(dst, v.Bool()), nil
	case reflect.String:
		if t != reflect.TypeFor[json.Number]() {
			return AppendString(dst, v.String())
		}
		switch number := v.String(); {
		case number == "":
			return append(dst, '0'), nil
		case IsNumber([]byte(number)):
			return append(dst, number...), nil
		default:
			return dst, errNumber
		}
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		return strconv.AppendInt(dst, v.Int(), 10), nil
	case reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64, reflect.Uintptr:
		return strconv.AppendUint(dst, v.Uint(), 10), nil
	case reflect.Float32, reflect.Float64:
		switch f := v.Float(); {
		case math.IsNaN(f):
			return dst, errNaN
		case math.IsInf(f, 0):
			return dst, errInfinite
		default:
			return appendNumber(dst, f, t.Bits()), nil
		}
	}
	if depth == 0 {
		return dst, errDepth
	}
	switch t.Kind() {
	case reflect.Struct:
		return appendStruct(dst, v, depth)
	case reflect.Map:
		return appendMap(dst, v, depth)
	case reflect.Slice:
		if v.IsNil() {
			return append(dst, "null"...), nil
		}
		if IsBytes(t) {
			dst = base64.StdEncoding.AppendEncode(append(dst, '"'), v.Bytes())
			return append(dst, '"'), nil
		}
	case reflect.Array:
	default:
		return dst, errKind
	}
	dst = append(dst, '[')
	for i := range v.Len() {
		if i > 0 {
			dst = append(dst, ',')
		}
		var err error
		if dst, err = appendJSON(dst, v.Index(i), depth-1); err != nil {
			return dst, err
		}
	}
	return append(dst, ']'), nil
}

func appendStruct(dst []byte, v reflect.Value, depth int) ([]byte, error) {
	fields := FieldsOf(v.Type(), "json").List
	dst = append(dst, '{')
	first := true
	for i := range fields {
		f := &fields[i]
		field, ok := fieldAt(v, f.Index)
		if !ok || f.Has("omitempty") && isEmpty(field) || f.Has("omitzero") && f.isZero(field) {
			continue
		}
		if f.unsettable {
			return dst, errEmbedded
		}
		if !first {
			dst = append(dst, ',')
		}
		first = false
		var err error
		if dst, err = AppendString(dst, f.Name); err != nil {
			return dst, err
		}
		dst = append(dst, ':')
		start := len(dst)
		if dst, err = appendJSON(dst, field, depth-1); err != nil {
			return dst, err
		}
		if written := dst[start:]; f.Quoted && string(written) != "null" && plain(field) {
			if dst, err = AppendString(dst[:start], bytes.Clone(written)); err != nil {
				return dst, err
			}
		}
	}
	return append(dst, '}'), nil
}

// plain says whether a value, or what it points to, is written by its kind.
func plain(v reflect.Value) bool {
	t := v.Type()
	if t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	return WriteForm(t, true) == ByKind
}

// fieldAt is reflect.Value.FieldByIndex that says whether the embedded pointers on the
// way there are set.
func fieldAt(v reflect.Value, index []int) (reflect.Value, bool) {
	for _, i := range index {
		if v.Kind() == reflect.Pointer {
			if v.IsNil() {
				return v, false
			}
			v = v.Elem()
		}
		v = v.Field(i)
	}
	return v, true
}

// isEmpty is what the option omitempty leaves out.
func isEmpty(v reflect.Value) bool {
	switch v.Kind() {
	case reflect.Array, reflect.Map, reflect.Slice, reflect.String:
		return v.Len() == 0
	case reflect.Struct:
		return false
	default:
		return v.IsZero()
	}
}

func appendMap(dst []byte, v reflect.Value, depth int) ([]byte, error) {
	if v.IsNil() {
		return append(dst, "null"...), nil
	}
	members, err := membersOf(v)
	if err != nil {
		return dst, err
	}
	dst = append(dst, '{')
	for i, m := range members {
		if i > 0 {
			dst = append(dst, ',')
		}
		if dst, err = AppendString(dst, m.key); err != nil {
			return dst, err
		}
		if dst, err = appendJSON(append(dst, ':'), m.value, depth-1); err != nil {
			return dst, err
		}
	}
	return append(dst, '}'), nil
}

// A member is a key of a map, as text, and its value.
type member struct {
	key   string
	value reflect.Value
}

// membersOf returns the members of a map in the order of their keys.
func membersOf(v reflect.Value) ([]*member, error) {
	if !isKey(v.Type().Key()) {
		return nil, errKey
	}
	members := make([]*member, 0, v.Len()) // a sort of pointers is in every program already
	for each := v.MapRange(); each.Next(); {
		key, err := keyText(each.Key())
		if err != nil {
			return nil, err
		}
		members = append(members, &member{key, each.Value()})
	}
	slices.SortFunc(members, func(a, b *member) int { return strings.Compare(a.key, b.key) })
	for i := 1; i < len(members); i++ {
		if members[i].key == members[i-1].key {
			return nil, errSameKey
		}
	}
	return members, nil
}

// isKey says whether values of type t can be the keys of an object.
func isKey(t reflect.Type) bool {
	return WriteForm(t, false) == ByText || t.Kind() == reflect.String || t.Kind() >= reflect.Int && t.Kind() <= reflect.Uintptr
}

// keyText is a map's key as text.
func keyText(v reflect.Value) (string, error) {
	if WriteForm(v.Type(), false) == ByText {
		text, err := marshalText(v)
		return string(text), err
	}
	switch {
	case v.Kind() == reflect.String:
		return v.String(), nil
	case v.CanInt():
		return strconv.FormatInt(v.Int(), 10), nil
	default:
		return strconv.FormatUint(v.Uint(), 10), nil
	}
}

// addressable is v or a copy of it whose address can be taken.
func addressable(v reflect.Value) reflect.Value {
	if v.CanAddr() {
		return v
	}
	p := reflect.New(v.Type()).Elem()
	p.Set(v)
	return p
}

func marshalText(v reflect.Value) ([]byte, error) {
	if x, ok := addressable(v).Addr().Interface().(*big.Float); ok {
		return floatText(x)
	}
	return marshalBy(v, encoding.TextMarshaler.MarshalText)
}

// marshalBy has v marshal itself by its method. It refuses a struct whose method is that of
// an embedded pointer that is nil, or of an embedded type beside other fields.
func marshalBy[M any](v reflect.Value, method func(M) ([]byte, error)) ([]byte, error) {
	marshal := func(v reflect.Value) ([]byte, error) { return method(addressable(v).Addr().Interface().(M)) }
	missing := NilEmbedded[M](v)
	if len(missing) == 0 {
		text, err := marshal(v)
		if err != nil {
			return nil, unvalued(err)
		}
		return text, promoted[M](v, text, marshal)
	}
	text, err, ok := unlessPanic(func() ([]byte, error) { return marshal(v) })
	switch {
	case !ok:
		return nil, errNil
	case err != nil:
		return nil, unvalued(err)
	}
	for _, f := range missing {
		nothing, isM := reflect.Zero(f.Type()).Interface().(M)
		if !isM {
			continue
		}
		if alone, err, ok := unlessPanic(func() ([]byte, error) { return method(nothing) }); ok && err == nil && bytes.Equal(alone, text) {
			return nil, errNil // a nil *big.Int writes <nil>
		}
	}
	return text, promoted[M](v, text, marshal)
}

func unlessPanic(call func() ([]byte, error)) (text []byte, err error, ok bool) {
	defer func() { ok = recover() == nil }()
	text, err = call()
	return text, err, true
}

// floatText is the text from which UnmarshalText of a new big.Float, which has this precision,
// makes the same number.
func floatText(x *big.Float) ([]byte, error) {
	const precision = 64
	if x.MinPrec() > precision {
		return nil, errFloat
	}
	return new(big.Float).SetPrec(precision).Set(x).MarshalText()
}

func marshalJSON(v reflect.Value) ([]byte, error) {
	text, err := marshalBy(v, json.Marshaler.MarshalJSON)
	if err != nil {
		return nil, err
	}
	var compact bytes.Buffer
	if json.Compact(&compact, text) != nil {
		return nil, errNotJSON
	}
	return compact.Bytes(), nil
}

// promoted refuses a struct whose marshaler is that of an embedded type: it writes the
// same text for both, and so leaves out the struct's other fields.
func promoted[M any](v reflect.Value, text []byte, marshal func(reflect.Value) ([]byte, error)) error {
	if v.Kind() != reflect.Struct {
		return nil
	}
	t := v.Type()
	for i := range t.NumField() {
		f := t.Field(i)
		if !f.Anonymous || !f.IsExported() || len(t.Field(i).Index) != 1 {
			continue
		}
		embedded := v.Field(i)
		if embedded.Kind() == reflect.Pointer && !embedded.IsNil() {
			embedded = embedded.Elem()
		}
		if embedded.Kind() == reflect.Pointer || embedded.Kind() == reflect.Interface || !reflect.PointerTo(embedded.Type()).Implements(reflect.TypeFor[M]()) {
			continue
		}
		others := slices.ContainsFunc(FieldsOf(t, "json").List, func(f Field) bool { return f.Index[0] != i })
		if alone, err := marshal(embedded); others && err == nil && bytes.Equal(alone, text) {
			return errPromoted
		}
	}
	return nil
}

// unvalued hides the text of a marshaler's error, which may quote the value.
func unvalued(err error) error {
	return Unquoted(fmt.Sprintf("its marshaler failed with %T", err), err)
}

// Unquoted returns an error with this text that wraps err, which is the error of the
// user's own code. No printer shows err: it is behind a function.
func Unquoted(text string, err error) error {
	return &unquoted{text, func() error { return err }}
}

type unquoted struct {
	text string
	err  func() error
}

func (e *unquoted) Error() string { return e.text }

func (e *unquoted) Unwrap() error { return e.err() }

// appendNumber writes the shortest text that reads back as f, with an exponent only
// where JavaScript would write one, so that 1e6 is 1000000.
func appendNumber(dst []byte, f float64, bits int) []byte {
	format := byte('f')
	if abs := math.Abs(f); abs != 0 && (abs < 1e-6 || abs >= 1e21) {
		format = 'e'
	}
	return strconv.AppendFloat(dst, f, format, -1, bits)
}
