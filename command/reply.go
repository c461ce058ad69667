package command

import (
	"fmt"
	"math"
	"reflect"
	"time"

	redis "github.com/redis-rest/redis-rest-go"
)

// partsOf decodes a reply as a P, which holds the parts of a W. If the whole reply does
// not fit, the error names W instead of P.
func partsOf[W, P any](r redis.Reply) (P, error) {
	parts, err := redis.Decode[P](r)
	if e, ok := err.(*redis.DecodeError); ok && e.Path == "" {
		e.Want = reflect.TypeFor[W]().String()
	}
	return parts, err
}

// each decodes the elements of a list with decode. Null becomes a nil list.
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

// eachOf returns each as a function that decodes a whole reply.
func eachOf[E any](decode func(redis.Reply) (E, error)) func(redis.Reply) ([]E, error) {
	return func(r redis.Reply) ([]E, error) { return each(r, decode) }
}

// pairs decodes a list that alternates the first and the second halves of pairs. Null
// becomes a nil list.
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

// at prepends the index i to the path of the error of an element. The element has the
// type E.
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
	placed := *e // which may be a type's own
	placed.Path = place + e.Path
	return &placed
}

// inside changes an ErrNil of an E inside a reply to a DecodeError, since ErrNil alone
// would mean that the whole reply is null. It returns other errors unchanged.
func inside[E any](err error) error {
	if err != redis.ErrNil {
		return err
	}
	// Only Decode can make a DecodeError that errors.Is reports as ErrNil.
	list, err := redis.ParseReply("[null]")
	if err == nil {
		_, err = redis.Decode[[]int64](list)
	}
	if e, ok := err.(*redis.DecodeError); ok {
		e.Want, e.Path = reflect.TypeFor[E]().String(), ""
	}
	return err
}

// A Popped is what [LMPop] and [ZMPop] removed: the elements and the key that held
// them.
type Popped[E any] struct {
	Key      string `redis:"0"`
	Elements []E    `redis:"1"`
}

// Forever is the time to live of a key or field that does not expire. No other duration
// is longer.
const Forever time.Duration = math.MaxInt64

// What Redis replies instead of a time to live or an expiry.
const (
	noExpiry = -1 // the key or field has no expiry
	missing  = -2 // the key or field does not exist
)

// ttl decodes a time to live that Redis sends in the given unit. A key or field that
// does not exist becomes ErrNil.
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

// expiry decodes a time of expiry, which Redis sends as a number of units since 1970.
// No expiry becomes the zero time. A key or field that does not exist becomes ErrNil.
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

// orNil decodes with read, and changes ErrNil to nil.
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
