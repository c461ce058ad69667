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

// What redis-server 7.0 does not have is tested by what is sent, and on the embedded database in memory_test.go.
func TestNewerStringArguments(t *testing.T) {
	sends(t, "SET k v IFEQ old EX 60", command.Set("k", "v", command.IfEqual("old"), command.EX(time.Minute)))
	sends(t, "SET k v IFNE 1 GET", command.SetGet[string]("k", "v", command.IfNotEqual(1)))
	sends(t, "SET k v IFDEQ 0123456789abcdef", command.Set("k", "v", command.IfDigest("0123456789abcdef")))
	sends(t, "DELEX k", command.DelEx("k"))
	sends(t, "DELEX k IFDNE 0123456789ABCDEF", command.DelEx("k", command.IfNotDigest("0123456789ABCDEF")))
	sends(t, "DIGEST k", command.Digest("k"))
	sends(t, "MSETEX 2 a 1 b 2 NX PX 1500", command.MSetEx(map[string]int{"b": 2, "a": 1}, command.NX(), command.EX(1500*time.Millisecond)))
	refuses(t, "redis: SET: NX and IFEQ exclude each other", command.Set("k", "v", command.NX(), command.IfEqual("x")))
	refuses(t, "redis: SET: IFDEQ: needs a digest of 16 hexadecimal digits", command.Set("k", "v", command.IfDigest("0123456789abcdeg")))
	refuses(t, "redis: DELEX: IFEQ and IFNE exclude each other", command.DelEx("k", command.IfEqual("x"), command.IfNotEqual("y")))
	refuses(t, "redis: MSETEX: needs at least one key", command.MSetEx(map[string]int{}))
	refuses(t, "redis: MSETEX: EX and KEEPTTL exclude each other", command.MSetEx(map[string]int{"a": 1}, command.EX(time.Second), command.KeepTTL()))
}

// A value is changed only if nobody else has changed it since it was read.
func ExampleIfEqual() {
	command.Set("price", "100").Do(ctx, rdb)
	fmt.Println(command.Set("price", "110", command.IfEqual("100")).Do(ctx, rdb))
	fmt.Println(command.Set("price", "120", command.IfEqual("100")).Do(ctx, rdb))
	fmt.Println(command.Set("price", "120", command.IfNotEqual("120")).Do(ctx, rdb))
	// Output:
	// true <nil>
	// false <nil>
	// true <nil>
}

func ExampleIfNotEqual() {
	fmt.Println(command.Set("status", "up", command.IfNotEqual("up")).Do(ctx, rdb))
	fmt.Println(command.Set("status", "up", command.IfNotEqual("up")).Do(ctx, rdb)) // nothing changes
	// Output:
	// true <nil>
	// false <nil>
}

// The digest of a large value takes the value's place.
func ExampleDigest() {
	command.Set("page", "<html>…</html>").Do(ctx, rdb)
	digest, err := command.Digest("page").Do(ctx, rdb)
	fmt.Println(len(digest), err)
	fmt.Println(command.Set("page", "<html>new</html>", command.IfDigest(digest)).Do(ctx, rdb))
	fmt.Println(command.DelEx("page", command.IfDigest(digest)).Do(ctx, rdb))
	// Output:
	// 16 <nil>
	// true <nil>
	// false <nil>
}

func ExampleIfDigest() {
	command.Set("config", "v1").Do(ctx, rdb)
	digest, _ := command.Digest("config").Do(ctx, rdb)
	fmt.Println(command.Set("config", "v2", command.IfDigest(digest)).Do(ctx, rdb))
	// Output: true <nil>
}

func ExampleIfNotDigest() {
	command.Set("cache", "v1").Do(ctx, rdb)
	digest, _ := command.Digest("cache").Do(ctx, rdb)
	fmt.Println(command.DelEx("cache", command.IfNotDigest(digest)).Do(ctx, rdb)) // it is as it was
	// Output: false <nil>
}

// A lock is released only by who holds it.
func ExampleDelEx() {
	command.Set("lock:report", "me", command.EX(time.Minute)).Do(ctx, rdb)
	fmt.Println(command.DelEx("lock:report", command.IfEqual("somebody else")).Do(ctx, rdb))
	fmt.Println(command.DelEx("lock:report", command.IfEqual("me")).Do(ctx, rdb))
	// Output:
	// false <nil>
	// true <nil>
}

func ExampleMSetEx() {
	codes := map[string]string{"code:1": "493", "code:2": "107"}
	fmt.Println(command.MSetEx(codes, command.EX(time.Minute), command.NX()).Do(ctx, rdb))
	fmt.Println(command.MSetEx(codes, command.EX(time.Minute), command.NX()).Do(ctx, rdb)) // they are there
	// Output:
	// true <nil>
	// false <nil>
}
