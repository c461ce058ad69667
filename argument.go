package redis

import (
	"encoding/json"
	"fmt"

	"github.com/redis-rest/redis-rest-go/internal/protocol/wire"
)

// JSON makes an argument that is the JSON text of v, as encoding/json writes it but without
// its escapes for HTML. A string is sent in quotes, and nil as null.
//
// [Redis.Do] sends a map, a struct and most slices as their JSON text anyway. It refuses a
// slice where the caller may have meant its elements, such as the only argument of a
// script. JSON(v) says that the text is meant.
func JSON(v any) json.Marshaler { return jsonText{v} }

// A jsonText is what JSON makes.
type jsonText struct{ v any }

func (t jsonText) MarshalJSON() ([]byte, error) { return wire.JSON(t.v) }

// Format writes what kind of argument it is, with every verb; v may be secret.
func (t jsonText) Format(f fmt.State, verb rune) { fmt.Fprintf(f, "redis.JSON(%T)", t.v) }
