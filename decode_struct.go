package redis

import (
	"fmt"
	"reflect"
	"strconv"

	"github.com/redis-rest/redis-rest-go/internal/protocol/wire"
)

func (d *decoder) structValue(v reflect.Value, s *typeInfo) error {
	switch kind := d.Kind(); {
	case kind == '"':
		text, _ := d.text()
		doc := openJSON(text)
		if doc == nil || doc.Kind() != '{' && doc.Kind() != 'n' {
			return &DecodeError{Want: v.Type().String(), Got: "string that is not its JSON text"}
		}
		return doc.value(v)
	case kind == '{' && d.json:
		return d.structByName(v, wire.FieldsOf(v.Type(), "json"))
	case kind == '[' && s.byPosition != nil && (s.byPosition[0] != nil || !d.hasName(s.fields)):
		return d.structByPosition(v, s)
	case kind == '[' || kind == '{':
		return d.structByName(v, s.fields)
	default:
		return d.typeMismatchOf(v.Type())
	}
}

// structByName decodes an array of names and values in turn, or an object. A name in
// another case than the field's does not replace what the exact name has set.
func (d *decoder) structByName(v reflect.Value, fields *wire.Fields) error {
	var few [32]int
	fits := few[:] // how well the name fitted that set the field; 0 if none did
	if len(fields.List) > len(few) {
		fits = make([]int, len(fields.List))
	}
	list, found, n := d.Kind() == '[', false, 0
	err := d.pairs(v.Type(), func(int) {}, func(_, _ int, key []byte) error {
		n++
		i, fit := fields.Find(key)
		found = found || fit > 0
		if fit == 0 || fit < fits[i] || !fields.List[i].Settable() {
			d.Skip()
			return nil
		}
		field := fieldAt(v, fields.List[i].Index)
		if fits[i] != 0 && fit > fits[i] {
			field.SetZero()
		}
		fits[i] = fit
		if err := d.field(field, &fields.List[i]); err != nil {
			return withPath(fields.List[i].Name, err)
		}
		return nil
	})
	if err == nil && list && n > 0 && !found {
		return &DecodeError{Want: v.Type().String(), Got: fmt.Sprintf("array of %d in which no element names a field; for positions, the tags are numbers, `redis:\"0\"`", 2*n)}
	}
	return err
}

// field decodes the next value into a struct's field. In JSON text null leaves the field
// as it is, as in encoding/json.
func (d *decoder) field(v reflect.Value, f *wire.Field) error {
	if !d.json {
		outer := d.unit
		if f.Unit != 0 {
			d.unit = f.Unit
		}
		err := d.value(v)
		d.unit = outer
		return err
	}
	s := typeInfoOf(v.Type())
	switch rule := s.ruleFor(true); {
	case d.Kind() == 'n' && !s.nilable && rule != byJSON && rule != byReply:
		d.Skip()
		return nil
	case d.Kind() == '"' && f.Quoted && (rule == byString || rule == byPointer && typeInfoOf(v.Type().Elem()).jsonRule == byString):
		text, _ := d.text()
		if doc := openJSON(text); doc != nil {
			return doc.value(v)
		}
		return &DecodeError{Want: v.Type().String(), Got: "string that is not its JSON text"}
	}
	return d.value(v)
}

// hasName reports whether the next array has the name of a field where names are, before
// its first element that is an array or an object.
func (d *decoder) hasName(fields *wire.Fields) bool {
	ahead := *d
	n, _ := ahead.Scalars()
	ahead.Enter()
	for i := range n {
		ahead.More()
		if i%2 == 1 || ahead.Kind() != '"' {
			ahead.Skip()
			continue
		}
		text, _ := ahead.text()
		if _, fit := fields.Find(text); fit > 0 {
			return true
		}
	}
	return false
}

// structByPosition decodes an array into the fields that are tagged with their place.
func (d *decoder) structByPosition(v reflect.Value, s *typeInfo) error {
	d.Enter()
	i := 0
	for ; d.More(); i++ {
		if i >= len(s.byPosition) || s.byPosition[i] == nil {
			d.Skip()
			continue
		}
		if err := d.field(fieldAt(v, s.byPosition[i].Index), s.byPosition[i]); err != nil {
			return withPath(elementPath(i), err)
		}
	}
	for ; i < len(s.byPosition); i++ {
		if s.byPosition[i] == nil {
			continue
		}
		missing := newDecoder(Reply{unit: d.unit})
		if err := missing.field(fieldAt(v, s.byPosition[i].Index), s.byPosition[i]); err != nil {
			return withPath(elementPath(i), err)
		}
	}
	return nil
}

// fieldAt is reflect.Value.FieldByIndex, but it allocates embedded structs behind nil
// pointers.
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

// positions returns the fields by position, if all tags are numbers; nil otherwise.
func positions(fields *wire.Fields) []*wire.Field {
	var byPosition []*wire.Field
	for i := range fields.List {
		f := &fields.List[i]
		if !f.Tagged {
			continue
		}
		position, err := strconv.ParseUint(f.Name, 10, 16)
		if err != nil || strconv.FormatUint(position, 10) != f.Name {
			return nil
		}
		if !f.Settable() {
			continue
		}
		if grow := int(position) + 1 - len(byPosition); grow > 0 {
			byPosition = append(byPosition, make([]*wire.Field, grow)...)
		}
		byPosition[position] = f
	}
	return byPosition
}
