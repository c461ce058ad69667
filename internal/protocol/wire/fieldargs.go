package wire

import (
	"cmp"
	"errors"
	"fmt"
	"reflect"
	"strconv"
)

var errPositions = errors.New("its tags are positions, and fields have names")

// FieldArguments returns the fields of a struct, by the tags of the key redis, or the
// members of a map, as names and values in turn. A field that is nil, or is left out by
// omitempty or omitzero, is not there.
func FieldArguments(v any) ([]any, error) {
	value, err := target(reflect.ValueOf(v))
	if err != nil {
		return nil, fmt.Errorf("%T: %w", v, err)
	}
	var args []any
	switch value.Kind() {
	case reflect.Invalid:
		return nil, errNil
	case reflect.Map:
		members, err := membersOf(value)
		for _, m := range members {
			args = append(args, m.key, m.value.Interface())
		}
		return args, err
	case reflect.Struct:
	default:
		return nil, fmt.Errorf("%T is neither a struct nor a map", v)
	}
	fields, err := namedFields(value.Type())
	if err != nil {
		return nil, err
	}
	for i := range fields {
		f := &fields[i]
		field, ok := fieldAt(value, f.Index)
		if !ok || isNull(field) || f.Has("omitempty") && isEmpty(field) || f.Has("omitzero") && f.isZero(field) {
			continue
		}
		if f.unsettable {
			return nil, errEmbedded
		}
		args = append(args, f.Name, inUnit(field, f.Unit))
	}
	return args, nil
}

// FieldNames returns the names of the fields that FieldArguments has for the struct type t,
// or for what t points to.
func FieldNames(t reflect.Type) ([]string, error) {
	elem, ok := Elem(t)
	if !ok || elem.Kind() != reflect.Struct {
		return nil, fmt.Errorf("%s is not a struct", cmp.Or(elem, t))
	}
	t = elem
	fields, err := namedFields(t)
	var names []string
	for _, f := range fields {
		if f.Settable() {
			names = append(names, f.Name)
		}
	}
	return names, err
}

// namedFields are the fields of a struct, unless their tags are positions.
func namedFields(t reflect.Type) ([]Field, error) {
	fields := FieldsOf(t, "redis").List
	first, numbers := false, true
	for _, f := range fields {
		if f.Tagged {
			_, err := strconv.ParseUint(f.Name, 10, 16)
			numbers = numbers && err == nil
			first = first || f.Name == "0"
		}
	}
	switch {
	case first && numbers:
		return nil, fmt.Errorf("%s: %w", t, errPositions)
	case len(fields) == 0:
		return nil, fmt.Errorf("%s has no exported fields", t)
	}
	return fields, nil
}

// isNull reports whether a field is nil, or points to what is.
func isNull(v reflect.Value) bool {
	v, err := target(v)
	if err != nil {
		return false // it is refused when it is sent
	}
	switch v.Kind() {
	case reflect.Invalid:
		return true
	case reflect.Map, reflect.Slice:
		return v.IsNil()
	}
	return IsNullable(v.Type()) && !v.Field(1).Bool()
}
