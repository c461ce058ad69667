package redis

import (
	"bytes"
	"encoding"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"reflect"
	"strconv"
	"unsafe"

	"github.com/redis-rest/redis-rest-go/internal/protocol/wire"
)

// text reads the next string. If owned, the bytes belong to the caller alone.
func (d *decoder) text() (text []byte, owned bool) { return d.textOf(d.Cursor.String()) }

// textOf decodes the string raw, which may contain escapes.
func (d *decoder) textOf(raw []byte) (text []byte, owned bool) {
	text = wire.Unescape(raw)
	if d.base64 {
		if decoded, ok := wire.Base64(text); ok { // OK is not valid base64, so it stays as it is
			return decoded, true
		}
	}
	return text, len(text) != len(raw)
}

// ownedString makes a string of bytes without a copy. Nobody else may have the bytes, and
// they must not be written again. This saves one allocation for each string, and half
// the memory of a large one.
func ownedString(text []byte) string { return unsafe.String(unsafe.SliceData(text), len(text)) }

// ownText reads the next string. Its bytes belong to the caller alone. If more follows,
// they are in a block that strings share. The slice has no room for more: what follows it in the
// block is for others.
func (d *decoder) ownText() []byte {
	raw := d.Cursor.String()
	left := d.Left()
	if left == 0 || len(raw) > sharedBlock/4 {
		text, owned := d.textOf(raw)
		if !owned {
			text = bytes.Clone(text)
		}
		return text
	}
	block := d.blockFor(len(raw))
	text, ok := block, false
	if d.base64 {
		text, ok = wire.AppendBase64(block, raw)
	}
	if !ok { // it may contain escapes
		text, _ = d.textOf(raw)
		text = append(block, text...)
	}
	return d.cut(text)
}

// ownCopy copies a short text into the block that strings share, as ownText does.
func (d *decoder) ownCopy(text []byte) []byte {
	return d.cut(append(d.blockFor(len(text)), text...))
}

// cut returns what text has more than the block, which it began with. There is room for it:
// without its escapes a string is not longer.
func (d *decoder) cut(text []byte) []byte {
	begin := len(d.block)
	d.block = d.block[:len(text)] // no pointer changes, which the garbage collector would be told
	return text[begin:len(text):len(text)]
}

// blockFor returns the block, with so much room behind what is used.
func (d *decoder) blockFor(size int) []byte {
	if cap(d.block)-len(d.block) < size {
		d.block = make([]byte, 0, max(size, min(sharedBlock, d.Left())))
	}
	return d.block
}

// sharedBlock is the size of the memory blocks that the strings of a reply share. So not
// each string needs an allocation, and a list takes half the time. A program that keeps
// one string of a list keeps at most this much other memory alive.
const sharedBlock = 4 << 10

func (d *decoder) string(p any) (string, error) {
	switch d.Kind() {
	case '"':
		return ownedString(d.ownText()), nil
	case '-', '0', '1', '2', '3', '4', '5', '6', '7', '8', '9':
		return string(d.Skip()), nil
	default:
		return "", d.typeMismatch(p)
	}
}

// bytes decodes the next value, for the bytes that p points to. Inside JSON text, bytes
// are base64 or a list of numbers, as encoding/json has them.
func (d *decoder) bytes(p any) ([]byte, error) {
	switch kind := d.Kind(); {
	case kind == '"' && d.json:
		text, _ := d.text()
		decoded, err := base64.StdEncoding.AppendDecode([]byte{}, text)
		if err != nil {
			return nil, &DecodeError{Want: typeName(p), Got: "string that is not base64"}
		}
		return decoded, nil
	case kind == '"':
		text, owned := d.text()
		if !owned {
			text = append([]byte{}, text...)
		}
		return text, nil
	case kind == '[' && d.json:
		var list []byte
		err := d.slice(reflect.ValueOf(&list).Elem())
		return list, err
	case kind == 'n':
		d.Skip()
		return nil, nil
	default:
		return nil, d.typeMismatch(p)
	}
}

func (d *decoder) bool(p any) (bool, error) {
	switch d.Kind() {
	case '"':
		switch text, _ := d.text(); string(text) {
		case "1", "OK", "true":
			return true, nil
		case "0", "false", "null": // other clients store true, false and null
			return false, nil
		}
		return false, &DecodeError{Want: typeName(p), Got: "string that is none of 1, 0, true, false and OK"}
	case 't', 'f', 'n':
		return d.Skip()[0] == 't', nil
	case '[', '{':
		return false, d.typeMismatch(p)
	default:
		switch string(d.Skip()) {
		case "1":
			return true, nil
		case "0":
			return false, nil
		}
		return false, &DecodeError{Want: typeName(p), Got: "number that is neither 1 nor 0"}
	}
}

// any decodes the next value into the type that fits it. An error reply becomes a value,
// an *Error.
func (d *decoder) any() any {
	switch d.Kind() {
	case 'n':
		d.Skip()
		return nil
	case 't', 'f':
		return d.Skip()[0] == 't'
	case '"':
		return ownedString(d.ownText())
	case '[':
		list := []any{} // not counted first: nested lists would be read once for each level
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

func (d *decoder) strings() ([]string, error) {
	if d.Kind() != '[' {
		var list []string
		err := d.slice(reflect.ValueOf(&list).Elem())
		return list, err
	}
	list := []string{}
	var s string
	for d.Enter(); d.More(); {
		if d.Kind() != '"' {
			x, err := d.string(&s)
			if err != nil {
				return nil, withPath(elementPath(len(list)), err)
			}
			list = append(list, x)
			continue
		}
		left := d.Left()
		text := ownedString(d.ownText())
		if cap(list) == 0 {
			// An estimate: all strings are as long as the first. It never takes more memory
			// than the text has. Counting would take a sixth of the whole time.
			list = make([]string, 0, 1+d.Left()/max(left-d.Left()+len(`,`), 16))
		}
		list = append(list, text)
	}
	return list, nil
}

func (d *decoder) slice(v reflect.Value) error {
	switch d.Kind() {
	case 'n':
		d.Skip()
		v.SetZero()
		return nil
	case '"':
		return d.fromJSONDocument(v)
	case '[':
	default:
		return d.typeMismatchOf(v.Type())
	}
	n, _ := d.Scalars()
	v.Set(reflect.MakeSlice(v.Type(), 0, n))
	d.Enter()
	for i := 0; d.More(); i++ {
		if i == v.Cap() {
			v.Grow(1)
		}
		v.SetLen(i + 1)
		if err := d.value(v.Index(i)); err != nil {
			return withPath(elementPath(i), err)
		}
	}
	return nil
}

func (d *decoder) array(v reflect.Value) error {
	switch d.Kind() {
	case '"':
		return d.fromJSONDocument(v)
	case '[':
	default:
		return d.typeMismatchOf(v.Type())
	}
	wrong := func(n int) error {
		return &DecodeError{Want: v.Type().String(), Got: fmt.Sprintf("array of %d", n)}
	}
	if n, all := d.Scalars(); all && n != v.Len() {
		return wrong(n)
	}
	n := 0
	for d.Enter(); d.More(); n++ {
		if n >= v.Len() {
			d.Skip()
			continue
		}
		if err := d.value(v.Index(n)); err != nil {
			return withPath(elementPath(n), err)
		}
	}
	if n != v.Len() {
		return wrong(n)
	}
	return nil
}

func (d *decoder) mapValue(v reflect.Value) error {
	switch d.Kind() {
	case '"':
		return d.fromJSONDocument(v)
	case '[', '{':
	default:
		return d.typeMismatchOf(v.Type())
	}
	t := v.Type()
	keyType, valueType := t.Key(), t.Elem()
	var m reflect.Value
	start := func(n int) { m = reflect.MakeMapWithSize(t, n) }
	key, value := reflect.New(keyType).Elem(), reflect.New(valueType).Elem()
	err := d.pairs(t, start, func(keyAt, at int, text []byte) error {
		key.SetZero()
		value.SetZero()
		if err := setKey(key, text); err != nil {
			return withPath(elementPath(keyAt), err) // the index, not the key: keys may be secret
		}
		if err := d.value(value); err != nil {
			return withPath(elementPath(at), err)
		}
		m.SetMapIndex(key, value)
		return nil
	})
	if err == nil {
		v.Set(m)
	}
	return err
}

// setKey decodes a map's key. Nobody else has the text.
func setKey(key reflect.Value, text []byte) error {
	t := key.Type()
	problem := ""
	switch typeInfoOf(t).keyRule {
	case byText:
		return unmarshalText(key, text)
	case byString:
		key.SetString(ownedString(text))
	case byInt:
		var n int64
		if n, problem = signed(text); problem == "" && key.OverflowInt(n) {
			problem = outOfRange
		}
		key.SetInt(n)
	default: // byUint
		n, negative, wrong := integer(text)
		if problem = wrong; problem == "" && (negative && n != 0 || key.OverflowUint(n)) {
			problem = outOfRange
		}
		key.SetUint(n)
	}
	if problem != "" {
		return &DecodeError{Want: t.String(), Got: problem}
	}
	return nil
}

// pairs reads an array of alternating keys and values, or an object. It calls start with
// about how many pairs there are, and each with the cursor on the value and with the
// indexes of the key and the value. Nobody else has the bytes of a key.
func (d *decoder) pairs(t reflect.Type, start func(n int), each func(keyAt, at int, key []byte) error) error {
	opening := d.Kind()
	if opening != '[' && opening != '{' {
		return d.typeMismatchOf(t)
	}
	n, all := d.Scalars()
	if opening == '{' {
		start(n)
		d.Enter()
		for i := 0; d.More(); i++ {
			if err := each(i, i, d.ownCopy(d.Key())); err != nil {
				return err
			}
		}
		return nil
	}
	odd := func(n int) error {
		return &DecodeError{Want: t.String(), Got: fmt.Sprintf("array of %d, an odd number", n)}
	}
	if all && n%2 != 0 {
		return odd(n)
	}
	start(n / 2)
	d.Enter()
	for i := 0; d.More(); i += 2 {
		key, err := d.key()
		if err != nil {
			return withPath(elementPath(i), err)
		}
		if !d.More() {
			return odd(i + 1)
		}
		if err := each(i, i+1, key); err != nil {
			return err
		}
	}
	return nil
}

// key reads the key that is next in an array of keys and values.
func (d *decoder) key() ([]byte, error) {
	switch d.Kind() {
	case '"':
		return d.ownText(), nil
	case 'n', 't', 'f', '[', '{':
		return nil, d.typeMismatchOf(reflect.TypeFor[string]())
	default:
		return d.ownCopy(d.Skip()), nil
	}
}

func (d *decoder) unmarshalText(v reflect.Value) error {
	switch d.Kind() {
	case '"':
		text, _ := d.text()
		return unmarshalText(v, text)
	case 't', 'f', '[', '{':
		return d.typeMismatchOf(v.Type())
	default:
		return unmarshalText(v, d.Skip())
	}
}

// unmarshalText has v read text. If it refuses a text that is a JSON string, as other
// clients store it, it gets the string without its quotes.
func unmarshalText(v reflect.Value, text []byte) error {
	read := func(text []byte) error {
		return byMethod(v, func(m encoding.TextUnmarshaler) error { return m.UnmarshalText(text) })
	}
	err := read(text)
	if err == nil {
		return nil
	}
	v.SetZero()
	if string(text) == "null" {
		return &DecodeError{Want: v.Type().String(), Got: "null", null: true}
	}
	if doc := openJSON(text); doc != nil && doc.Kind() == '"' && read(wire.Unescape(doc.Cursor.String())) == nil {
		return nil
	}
	return &DecodeError{Want: v.Type().String(), Got: "text that its UnmarshalText refuses", cause: hidden(err)}
}
