package command_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/redis-rest/redis-rest-go/command"
)

func ExampleSet() {
	set := command.Set("user:456:name", "Ada", command.EX(time.Hour), command.NX())
	fmt.Println(set.Do(ctx, rdb))
	fmt.Println(set.Do(ctx, rdb)) // the key exists already
	fmt.Println(command.Get[string]("user:456:name").Do(ctx, rdb))
	// Output:
	// true <nil>
	// false <nil>
	// Ada <nil>
}

// Values have the type that the caller chooses.
func ExampleGet() {
	type User struct {
		Name string `json:"name"`
	}
	command.Set("user:789", User{"Grace"}).Do(ctx, rdb)
	for _, key := range []string{"user:789", "user:nobody"} {
		u, err := command.Get[*User](key).Do(ctx, rdb)
		fmt.Println(u != nil, err)
	}
	// Output:
	// true <nil>
	// false <nil>
}

func TestStrings(t *testing.T) {
	s := newServer(t)
	returns(s, true, command.Set("k", "v"))
	returns(s, "v", command.Get[string]("k"))
	returns(s, 3, command.Append("k", "xy"))
	returns(s, 3, command.StrLen("k"))
	returns(s, "xy", command.GetRange("k", 1, -1))
	returns(s, 5, command.SetRange("k", 3, "zz"))
	returns(s, false, command.Set("k", "w", command.NX()))
	returns(s, true, command.Set("k", "w", command.XX(), command.EX(time.Hour)))
	returns(s, true, command.Set("k", "w", command.KeepTTL()))
	about(s, time.Hour, command.PTTL("k"))
	returns(s, "w", command.SetGet[string]("k", "x", command.EX(time.Minute)))
	returns(s, "x", command.SetGet[string]("k", "y", command.NX()))
	isNil(s, command.SetGet[string]("new", 1))
	returns(s, "x", command.GetEx[string]("k", command.EXAT(time.Now().Add(time.Hour))))
	returns(s, "x", command.GetEx[string]("k", command.PersistTTL()))
	returns(s, command.Forever, command.TTL("k"))
	returns(s, "x", command.GetDel[string]("k"))
	isNil(s, command.Get[string]("k"))
	returns(s, nil, command.Get[*string]("k"))

	returns(s, 2, command.Incr("new"))
	returns(s, 12, command.IncrBy("new", 10))
	returns(s, 11, command.Decr("new"))
	returns(s, 1, command.DecrBy("new", 10))
	returns(s, 1.5, command.IncrByFloat("new", 0.5))

	returns(s, "OK", command.MSet(map[string]any{"a": "1", "b": 2}))
	returns(s, false, command.MSetNX(map[string]string{"b": "x", "c": "x"}))
	returns(s, true, command.MSetNX(map[string]int{"c": 3}))
	isNil(s, command.MGet[int64]("a", "missing", "c"))
	two := "2"
	returns(s, []*string{nil, &two}, command.MGet[*string]("missing", "b"))
}

func TestStringsWithWrongTypeOrMissingKey(t *testing.T) {
	s := newServer(t)
	run(s, command.HSet("h", map[string]int{"f": 1}))
	fails(s, "WRONGTYPE", command.Get[string]("h"))
	fails(s, "WRONGTYPE", command.Append("h", "x"))
	fails(s, "WRONGTYPE", command.Incr("h"))
	fails(s, "WRONGTYPE", command.StrLen("h"))
	fails(s, "WRONGTYPE", command.SetGet[string]("h", "x"))
	isNil(s, command.MGet[string]("h"))
	isNil(s, command.GetDel[string]("none"))
	isNil(s, command.GetEx[string]("none", command.EX(time.Minute)))
	returns(s, "", command.GetRange("none", 0, -1))
	returns(s, 0, command.StrLen("none"))
	run(s, command.Set("k", "text"))
	fails(s, "ERR", command.Incr("k"))
	fails(s, "ERR", command.IncrByFloat("k", 1))
	_, err := command.MGet[int]("k").Do(t.Context(), s)
	require.EqualError(t, err, "redis: MGET: [0]: want int, got string that is not a number")
}

func TestStringArguments(t *testing.T) {
	sends(t, "APPEND k 1", command.Append("k", 1))
	sends(t, "GETEX k", command.GetEx[string]("k"))
	sends(t, "GETEX k EX 1", command.GetEx[string]("k", command.EX(time.Second)))
	sends(t, "GETEX k PERSIST", command.GetEx[string]("k", command.PersistTTL()))
	sends(t, "SET k 1.5 XX KEEPTTL GET", command.SetGet[string]("k", 1.5, command.XX(), command.KeepTTL()))
	sends(t, "MSET a 1 b 2 c 3", command.MSet(map[string]int{"c": 3, "a": 1, "b": 2}))
	sends(t, "INCRBYFLOAT k 0.1", command.IncrByFloat("k", 0.1))
	refuses(t, "redis: GETEX: EX and PERSIST exclude each other", command.GetEx[string]("k", command.EX(time.Second), command.PersistTTL()))
	refuses(t, "redis: MGET: needs at least one key", command.MGet[string]())
	refuses(t, "redis: MSET: needs at least one key", command.MSet[string](nil))
	refuses(t, "redis: MSETNX: needs at least one key", command.MSetNX(map[string]any{}))
}
