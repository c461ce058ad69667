package command

import (
	"fmt"
	"reflect"

	"github.com/redis-rest/redis-rest-go/internal/protocol/wire"
)

// FieldValues are names of fields and their values, made by [Fields].
type FieldValues struct {
	args *[]any // a pointer, so that printed FieldValues do not show them
	err  error
}

// Fields makes the fields and values of [HSet], [HSetEx] and [XAdd] of a struct, a map or a
// pointer to one. [HGetAll] and [XRange] read them back.
//
// The fields of a struct have the names of their tags `redis:"name"`, or else their Go
// names. Embedded structs are part of it, and a field with the tag "-" is not. A nil
// pointer, interface, map or slice is left out, and so is an empty value whose tag has the
// option omitempty, or a zero value with omitzero, as in encoding/json. What is left out
// keeps its old value in a hash. The fields of a map are its keys: strings, integers, or
// keys that have MarshalText.
//
// Values are those that [redis.Redis.Do] takes, and also a [time.Duration] or a [time.Time]
// whose tag has the option seconds or milliseconds: it is a number of these, and for a time
// since 1970. A struct whose tags are positions is refused.
func Fields(v any) FieldValues {
	args, err := wire.FieldArguments(v)
	return FieldValues{&args, err}
}

// Format writes how many fields there are, with every verb.
func (f FieldValues) Format(s fmt.State, verb rune) {
	n := 0
	if f.args != nil {
		n = len(*f.args) / 2
	}
	fmt.Fprintf(s, "%d fields", n)
}

// fieldsOf returns the fields and values of what a constructor was given: FieldValues or a
// map.
func (c *call) fieldsOf(values any) []any {
	f, made := values.(FieldValues)
	switch kind := reflect.ValueOf(values).Kind(); {
	case made, kind == reflect.Invalid:
	case kind == reflect.Map:
		f = Fields(values)
	default:
		c.refuse("needs a map, or command.Fields of a struct, and not a %T", values)
		return nil
	}
	switch {
	case f.err != nil:
		c.refuse("fields: %w", f.err)
		return nil
	case f.args == nil || len(*f.args) == 0:
		c.refuse("needs at least one field")
		return nil
	}
	return *f.args
}
