package redis

import (
	"encoding"
	"errors"
	"math"
	"reflect"
	"time"

	"github.com/redis-rest/redis-rest-go/internal/protocol/wire"
)

// Seconds makes an argument that is d as a number of seconds. If d is not a whole number of
// them, the command is an error and nothing is sent.
func Seconds(d time.Duration) encoding.TextMarshaler { return wire.InUnit(d, time.Second) }

// Milliseconds makes an argument that is d as a number of milliseconds. If d is not a whole
// number of them, the command is an error and nothing is sent.
func Milliseconds(d time.Duration) encoding.TextMarshaler { return wire.InUnit(d, time.Millisecond) }

// In returns the command with a unit for its reply, [time.Second] or [time.Millisecond]. A
// [time.Duration] in T is then read as a number of units, and a [time.Time] as the number of
// units since 1970. For one field of a struct, the tag says the unit: `redis:"ttl,seconds"`
// or `redis:"ttl,milliseconds"`.
//
// It changes nothing in a command that has its own decoder.
func (c Command[T]) In(unit time.Duration) Command[T] {
	inUnit := *c.command()
	if inUnit.unit = unit; unit != time.Second && unit != time.Millisecond {
		inUnit.err = errors.New("In: the unit must be time.Second or time.Millisecond")
	}
	return Command[T]{&inUnit, c.read}
}

var (
	durationType = reflect.TypeFor[time.Duration]()
	timeType     = reflect.TypeFor[time.Time]()
)

// inUnit decodes the next value, a number of units, into v, a duration or a time.
func (d *decoder) inUnit(v reflect.Value) error {
	if d.Kind() == 'n' {
		return d.typeMismatchOf(v.Type())
	}
	n, err := d.int64()
	if e, ok := err.(*DecodeError); ok {
		e.Want = v.Type().String()
	}
	switch {
	case err != nil:
		return err
	case v.Type() == timeType && d.unit == time.Second:
		v.Set(reflect.ValueOf(time.Unix(n, 0)))
	case v.Type() == timeType:
		v.Set(reflect.ValueOf(time.UnixMilli(n)))
	case n > math.MaxInt64/int64(d.unit), n < math.MinInt64/int64(d.unit):
		return &DecodeError{Want: v.Type().String(), Got: outOfRange}
	default:
		v.SetInt(n * int64(d.unit))
	}
	return nil
}
