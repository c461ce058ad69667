package redis

import (
	"bytes"
	"encoding/json"
	"errors"
	"reflect"
	"strings"
	"unicode/utf8"

	"github.com/redis-rest/redis-rest-go/internal/protocol/wire"
)

// openJSON returns a decoder of JSON text, or nil if text is not JSON.
func openJSON(text []byte) *decoder {
	if end, err := wire.Check(text, 0); err != nil || !wire.AtEnd(text, end) {
		return nil
	}
	return &decoder{Cursor: wire.NewCursor(text), json: true}
}

// fromJSONDocument decodes the JSON text in the next string into v.
func (d *decoder) fromJSONDocument(v reflect.Value) error {
	text, _ := d.text()
	doc := openJSON(text)
	if doc == nil || doc.Kind() == '"' {
		return &DecodeError{Want: v.Type().String(), Got: "string that is not its JSON text"}
	}
	return doc.value(v)
}

// unmarshalJSON has the UnmarshalJSON of v read the next value. A string of Redis holds
// its JSON text. One that holds other text is a string to it.
func (d *decoder) unmarshalJSON(v reflect.Value) error {
	if d.json {
		return unmarshalJSON(v, d.Skip())
	}
	if d.Kind() != '"' {
		text, err := d.appendJSON(nil, false)
		if err != nil {
			return err
		}
		return unmarshalJSON(v, text)
	}
	text, _ := d.text()
	var err error
	if doc := openJSON(text); doc != nil {
		scalar := doc.Kind() != '[' && doc.Kind() != '{' && doc.Kind() != '"'
		if err = unmarshalJSON(v, doc.Skip()); err == nil || !scalar {
			return err
		}
		v.SetZero()
		if string(text) == "null" {
			return &DecodeError{Want: v.Type().String(), Got: "null", null: true}
		}
	}
	quoted, quoteErr := wire.AppendString(nil, text)
	if quoteErr != nil {
		return &DecodeError{Want: v.Type().String(), Got: "string that is not UTF-8"}
	}
	refused := unmarshalJSON(v, quoted)
	switch {
	case refused == nil:
		return nil
	case err != nil:
		return err
	}
	return &DecodeError{Want: v.Type().String(), Got: "string that is not its JSON text", cause: hidden(refused)}
}

func unmarshalJSON(v reflect.Value, text []byte) error {
	err := byMethod(v, func(m json.Unmarshaler) error { return m.UnmarshalJSON(text) })
	var typeMismatch *json.UnmarshalTypeError
	switch {
	case err == nil:
		return nil
	case errors.As(err, &typeMismatch):
		kind, _, _ := strings.Cut(typeMismatch.Value, " ") // "number 1.5" quotes the value
		return &DecodeError{Want: typeMismatch.Type.String(), Got: kind + " in JSON text", Path: typeMismatch.Field, cause: hidden(err)}
	default:
		return &DecodeError{Want: v.Type().String(), Got: "JSON text that it does not take", cause: hidden(err)}
	}
}

// rawMessage is the next value as JSON text. A string of Redis that holds JSON text is
// that text.
func (d *decoder) rawMessage() ([]byte, error) {
	if d.Kind() == '"' && !d.json {
		ahead := *d
		text, owned := ahead.text()
		if openJSON(text) != nil && utf8.Valid(text) {
			*d = ahead
			if !owned {
				text = bytes.Clone(text)
			}
			return text, nil
		}
	}
	return d.appendJSON(nil, false)
}

// appendJSON appends the next value as JSON text with its strings decoded from base64. If
// a string is not UTF-8, the wrong bytes are replaced by U+FFFD, or it is an error.
func (d *decoder) appendJSON(dst []byte, replace bool) ([]byte, error) {
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
			if dst, err = d.appendJSON(dst, replace); err != nil {
				return dst, withPath(elementPath(i), err)
			}
		}
		return append(dst, opening+2), nil // in ASCII ] and } are two behind [ and {
	default:
		return append(dst, d.Skip()...), nil
	}
}
