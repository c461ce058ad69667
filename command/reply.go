package command

import (
	"fmt"
	"math"
	"reflect"
	"time"

	redis "github.com/redis-rest/redis-rest-go"
)

// partsOf decodes the parts of a W as a P. Where the reply has none, the error names W.
func partsOf[W, P any](r redis.Reply) (P, error) {
	parts, err := redis.Decode[P](r)
	if e, ok := err.(*redis.DecodeError); ok && e.Path == "" {
		e.Want = reflect.TypeFor[W]().String()
	}
	return parts, err
}

// each decodes the elements of a list with decode. Null is a nil list.
func each[E any](r redis.Reply, decode func(redis.Reply) (E, error)) ([]E, error) {
	replies, err := partsOf[[]E, []redis.Reply](r)
	if replies == nil || err != nil {
		return nil, err
	}
	list := make([]E, len(replies))
	for i, element := range replies {
		if list[i], err = decode(element); err != nil {
			return nil, at[E](i, err)
		}
	}
	return list, nil
}

// eachOf is each as a function that reads a whole reply.
func eachOf[E any](decode func(redis.Reply) (E, error)) func(redis.Reply) ([]E, error) {
	return func(r redis.Reply) ([]E, error) { return each(r, decode) }
}

// pairs decodes a list of two halves of pairs in turn. Null is a nil list.
func pairs[A, B, P any](r redis.Reply, pair func(A, B) P) ([]P, error) {
	replies, err := partsOf[[]P, []redis.Reply](r)
	if replies == nil || err != nil {
		return nil, err
	}
	if len(replies)%2 != 0 {
		return nil, &redis.DecodeError{Want: reflect.TypeFor[[]P]().String(), Got: fmt.Sprintf("array of %d, an odd number", len(replies))}
	}
	list := make([]P, 0, len(replies)/2)
	for i := 0; i < len(replies); i += 2 {
		a, err := redis.Decode[A](replies[i])
		if err != nil {
			return nil, at[A](i, err)
		}
		b, err := redis.Decode[B](replies[i+1])
		if err != nil {
			return nil, at[B](i+1, err)
		}
		list = append(list, pair(a, b))
	}
	return list, nil
}

// at puts the place of an element, which was to be an E, in front of the path of its
// error.
func at[E any](i int, err error) error {
	err = inside[E](err)
	e, ok := err.(*redis.DecodeError)
	if !ok {
		return err
	}
	place := fmt.Sprintf("[%d]", i)
	if e.Path != "" && e.Path[0] != '[' {
		place += "."
	}
	e.Path = place + e.Path
	return e
}

// inside is the error of an E that is a part of a reply. ErrNil alone would say that the
// whole of it is null.
func inside[E any](err error) error {
	if err != redis.ErrNil {
		return err
	}
	// Only Decode makes a DecodeError that is ErrNil too.
	list, err := redis.ParseReply("[null]")
	if err == nil {
		_, err = redis.Decode[[]int64](list)
	}
	if e, ok := err.(*redis.DecodeError); ok {
		e.Want, e.Path = reflect.TypeFor[E]().String(), ""
	}
	return err
}

// orZero decodes a T, and null as the zero T, which is nil where T can hold it.
func orZero[T any](r redis.Reply) (T, error) {
	if r.IsNull() {
		var zero T
		return zero, nil
	}
	return redis.Decode[T](r)
}

// A Popped is what [LMPop] and [ZMPop] took away, and from where.
type Popped[E any] struct {
	Key      string `redis:"0"`
	Elements []E    `redis:"1"`
}

// Forever is the time to live of what does not expire. It is longer than any
// other.
const Forever time.Duration = math.MaxInt64

// What Redis says in place of a time to live or an expiry.
const (
	noExpiry = -1
	missing  = -2
)

// ttl reads a time to live in units. What does not exist is ErrNil.
func ttl(unit time.Duration) func(redis.Reply) (time.Duration, error) {
	return func(r redis.Reply) (time.Duration, error) {
		n, err := redis.Decode[int64](r)
		switch {
		case err != nil:
			return 0, err
		case n == noExpiry:
			return Forever, nil
		case n == missing:
			return 0, redis.ErrNil
		case n > int64(Forever/unit):
			return 0, &redis.DecodeError{Want: "time.Duration", Got: "integer out of range"}
		}
		return time.Duration(n) * unit, nil
	}
}

// expiry reads the time at which something expires, in units since 1970. What does
// not expire is the zero time, what does not exist is ErrNil.
func expiry(unit time.Duration) func(redis.Reply) (time.Time, error) {
	return func(r redis.Reply) (time.Time, error) {
		n, err := redis.Decode[int64](r)
		switch {
		case err != nil || n == noExpiry:
			return time.Time{}, err
		case n == missing:
			return time.Time{}, redis.ErrNil
		case unit == time.Second:
			return time.Unix(n, 0), nil
		}
		return time.UnixMilli(n), nil
	}
}

// orNil reads with read, and what does not exist as nil.
func orNil[T any](read func(redis.Reply) (T, error)) func(redis.Reply) (*T, error) {
	return func(r redis.Reply) (*T, error) {
		v, err := read(r)
		switch {
		case err == redis.ErrNil:
			return nil, nil
		case err != nil:
			return nil, err
		}
		return &v, nil
	}
}
