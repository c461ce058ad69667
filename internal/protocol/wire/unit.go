package wire

import (
	"errors"
	"fmt"
	"io"
	"reflect"
	"strconv"
	"time"
)

// A Duration is an argument: a duration as a number of units.
type Duration struct{ d, unit time.Duration }

// InUnit returns d as a number of units, time.Second or time.Millisecond.
func InUnit(d, unit time.Duration) Duration { return Duration{d, unit} }

var (
	errNotSeconds      = errors.New("it is not a whole number of seconds")
	errNotMilliseconds = errors.New("it is not a whole number of milliseconds")
)

func (d Duration) units() (int64, error) {
	switch {
	case d.d%d.unit == 0:
		return int64(d.d / d.unit), nil
	case d.unit == time.Second:
		return 0, errNotSeconds
	}
	return 0, errNotMilliseconds
}

// MarshalText returns the number of units.
func (d Duration) MarshalText() ([]byte, error) {
	n, err := d.units()
	return strconv.AppendInt(nil, n, 10), err
}

// Format writes what kind of argument it is, with every verb; the value may be secret.
func (d Duration) Format(f fmt.State, verb rune) {
	if d.unit == time.Second {
		io.WriteString(f, "redis.Seconds")
		return
	}
	io.WriteString(f, "redis.Milliseconds")
}

// inUnit returns the argument for a field whose tag says a unit, which may be 0. Times are the number of
// units since 1970.
func inUnit(field reflect.Value, unit time.Duration) any {
	v, err := target(field)
	if unit == 0 || err != nil || !v.IsValid() {
		return field.Interface()
	}
	switch x := v.Interface().(type) {
	case time.Duration:
		return Duration{x, unit}
	case time.Time:
		if unit == time.Second {
			return x.Unix()
		}
		return x.UnixMilli()
	}
	return field.Interface()
}
