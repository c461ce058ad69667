package command_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/redis-rest/redis-rest-go/command"
)

func ExampleHGetAll() {
	type User struct {
		Name string
		Age  int
	}
	command.HSet("user:1", map[string]any{"name": "Ada", "age": 36}).Do(ctx, rdb)
	fmt.Println(command.HGetAll[User]("user:1").Do(ctx, rdb))
	fmt.Println(command.HGetAll[map[string]string]("user:1").Do(ctx, rdb))
	// Output:
	// {Ada 36} <nil>
	// map[age:36 name:Ada] <nil>
}

// The fields of a struct are written, and some are read, under the same names.
func ExampleFields() {
	type Session struct {
		User    string    `redis:"user"`
		Nick    *string   `redis:"nick"` // not sent if it is nil
		Visits  int       `redis:"visits,omitempty"`
		Expires time.Time `redis:"expires,omitzero"`
	}
	command.Del("session:1").Do(ctx, rdb)
	command.HSet("session:1", command.Fields(Session{User: "Ada", Visits: 3})).Do(ctx, rdb)
	command.HSet("session:1", "theme", "dark").Do(ctx, rdb)
	fmt.Println(command.HGetAll[map[string]string]("session:1").Do(ctx, rdb))
	type Visitor struct {
		User   string `redis:"user"`
		Visits int    `redis:"visits"`
	}
	fmt.Println(command.HMGetStruct[Visitor]("session:1").Do(ctx, rdb))
	// Output:
	// map[theme:dark user:Ada visits:3] <nil>
	// {Ada 3} <nil>
}

func TestHashes(t *testing.T) {
	s := newServer(t)
	returns(s, 2, command.HSet("h", map[string]any{"a": "1", "b": 2}))
	returns(s, 0, command.HSet("h", map[string]int{"a": 1}))
	returns(s, false, command.HSetNX("h", "a", "x"))
	returns(s, true, command.HSetNX("h", "c", "text"))
	returns(s, 1, command.HGet[int]("h", "a"))
	isNil(s, command.HGet[string]("h", "none"))
	returns(s, true, command.HExists("h", "a"))
	returns(s, false, command.HExists("h", "none"))
	returns(s, 3, command.HLen("h"))
	returns(s, 4, command.HStrLen("h", "c"))
	returns(s, 11, command.HIncrBy("h", "a", 10))
	returns(s, 2.5, command.HIncrByFloat("h", "b", 0.5))
	isNil(s, command.HMGet[string]("h", "a", "none", "c"))
	text := "text"
	returns(s, []*string{nil, &text}, command.HMGet[*string]("h", "none", "c"))
	returns(s, map[string]string{"a": "11", "b": "2.5", "c": "text"}, command.HGetAll[map[string]string]("h"))
	assert.ElementsMatch(t, []string{"a", "b", "c"}, run(s, command.HKeys("h")))
	assert.ElementsMatch(t, []string{"11", "2.5", "text"}, run(s, command.HVals[string]("h")))
	assert.Contains(t, []string{"a", "b", "c"}, run(s, command.HRandField("h")))
	assert.ElementsMatch(t, []string{"a", "b", "c"}, run(s, command.HRandFields("h", 10)))
	assert.Len(t, run(s, command.HRandFields("h", -10)), 10)
	assert.ElementsMatch(t, []command.Field[string]{{"a", "11"}, {"b", "2.5"}, {"c", "text"}}, run(s, command.HRandFieldsWithValues[string]("h", 3)))
	returns(s, 1, command.HDel("h", "a", "none"))
}

func TestHashesWithWrongTypeOrMissingKey(t *testing.T) {
	s := newServer(t)
	run(s, command.Set("k", "v"))
	fails(s, "WRONGTYPE", command.HGet[string]("k", "f"))
	fails(s, "WRONGTYPE", command.HGetAll[map[string]string]("k"))
	fails(s, "WRONGTYPE", command.HMGet[string]("k", "f"))
	fails(s, "WRONGTYPE", command.HSet("k", map[string]int{"f": 1}))
	fails(s, "WRONGTYPE", command.HRandFieldsWithValues[string]("k", 1))
	fails(s, "WRONGTYPE", command.HKeys("k"))
	returns(s, nil, command.HGetAll[map[string]string]("none"))
	returns(s, []*string{nil, nil}, command.HMGet[*string]("none", "f", "g"))
	returns(s, []string{}, command.HVals[string]("none"))
	returns(s, []string{}, command.HKeys("none"))
	returns(s, []command.Field[string]{}, command.HRandFieldsWithValues[string]("none", 2))
	isNil(s, command.HRandField("none"))
	isNil(s, command.HGet[int]("none", "f"))
	returns(s, nil, command.HGet[*int]("none", "f"))
	returns(s, 0, command.HLen("none"))
	returns(s, 0, command.HDel("none", "f"))
	run(s, command.HSet("h", map[string]string{"f": "text"}))
	fails(s, "ERR", command.HIncrBy("h", "f", 1))
	_, err := command.HRandFieldsWithValues[int]("h", 1).Do(t.Context(), s)
	require.EqualError(t, err, "redis: HRANDFIELD: [1]: want int, got string that is not a number")
}

// The installed Redis may be older than these commands. So the test checks what is sent,
// and gives the replies that Redis documents.
func TestFieldsThatExpire(t *testing.T) {
	at := time.UnixMilli(1700000000_000)
	fields := []string{"a", "b"}
	sends(t, "HEXPIRE k 60 FIELDS 2 a b", command.HExpire("k", time.Minute, fields))
	sends(t, "HEXPIRE k 60 NX FIELDS 2 a b", command.HExpire("k", time.Minute, fields, command.NX()))
	sends(t, "HPEXPIRE k 1500 GT FIELDS 1 a", command.HExpire("k", 1500*time.Millisecond, fields[:1], command.GT()))
	sends(t, "HPEXPIRE k 60000 FIELDS 1 a", command.HPExpire("k", time.Minute, fields[:1]))
	sends(t, "HEXPIREAT k 1700000000 XX FIELDS 1 a", command.HExpireAt("k", at, fields[:1], command.XX()))
	sends(t, "HPEXPIREAT k 1700000000001 FIELDS 1 a", command.HExpireAt("k", at.Add(time.Millisecond), fields[:1]))
	sends(t, "HPEXPIREAT k 1700000000000 LT FIELDS 1 a", command.HPExpireAt("k", at, fields[:1], command.LT()))
	sends(t, "HEXPIRETIME k FIELDS 2 a b", command.HExpireTime("k", "a", "b"))
	sends(t, "HPEXPIRETIME k FIELDS 1 a", command.HPExpireTime("k", "a"))
	sends(t, "HPERSIST k FIELDS 1 a", command.HPersist("k", "a"))
	sends(t, "HTTL k FIELDS 1 a", command.HTTL("k", "a"))
	sends(t, "HPTTL k FIELDS 1 a", command.HPTTL("k", "a"))
	sends(t, "HGETDEL k FIELDS 2 a b", command.HGetDel[string]("k", "a", "b"))
	sends(t, "HGETEX k FIELDS 1 a", command.HGetEx[string]("k", fields[:1]))
	sends(t, "HGETEX k EX 60 FIELDS 2 a b", command.HGetEx[string]("k", fields, command.EX(time.Minute)))
	sends(t, "HGETEX k PERSIST FIELDS 1 a", command.HGetEx[string]("k", fields[:1], command.PersistTTL()))
	sends(t, "HSETEX k FIELDS 2 a 1 b 2", command.HSetEx("k", map[string]int{"b": 2, "a": 1}))
	sends(t, "HSETEX k FNX PXAT 1700000000001 FIELDS 1 a 1", command.HSetEx("k", map[string]int{"a": 1}, command.FNX(), command.EXAT(at.Add(time.Millisecond))))
	sends(t, "HSETEX k FXX KEEPTTL FIELDS 1 a 1", command.HSetEx("k", map[string]int{"a": 1}, command.FXX(), command.KeepTTL()))

	statuses, err := replies(t, `[-2,-1,0,1,2]`, command.HExpire("k", time.Minute, fields))
	require.NoError(t, err)
	require.Equal(t, []command.FieldStatus{command.FieldMissing, command.FieldPersisted, command.FieldKept, command.FieldChanged, command.FieldDeleted}, statuses)
	for _, none := range []string{"null", "[-2]"} {
		ttls, err := replies(t, none, command.HTTL("k", "a"))
		require.NoError(t, err)
		require.True(t, ttls == nil || ttls[0] == nil)
	}
	forever, minute := command.Forever, time.Minute
	ttls, err := replies(t, `[-2,-1,60]`, command.HTTL("k", "a", "b", "c"))
	require.NoError(t, err)
	require.Equal(t, []*time.Duration{nil, &forever, &minute}, ttls)
	millis, err := replies(t, `[60000]`, command.HPTTL("k", "a"))
	require.NoError(t, err)
	require.Equal(t, []*time.Duration{&minute}, millis)
	times, err := replies(t, `[-2,-1,1700000000000]`, command.HPExpireTime("k", "a", "b", "c"))
	require.NoError(t, err)
	require.Equal(t, []*time.Time{nil, {}, &at}, times)
	x := "x"
	values, err := replies(t, `["x",null]`, command.HGetDel[*string]("k", "a", "b"))
	require.NoError(t, err)
	require.Equal(t, []*string{&x, nil}, values)
	set, err := replies(t, `0`, command.HSetEx("k", map[string]int{"a": 1}))
	require.NoError(t, err)
	require.False(t, set)
}

func TestHashArguments(t *testing.T) {
	sends(t, "HSET k a 1 b 2", command.HSet("k", map[string]int{"b": 2, "a": 1}))
	sends(t, "HRANDFIELD k", command.HRandField("k"))
	sends(t, "HRANDFIELD k -3 WITHVALUES", command.HRandFieldsWithValues[string]("k", -3))
	refuses(t, "redis: HSET: needs at least one field", command.HSet("k", nil))
	refuses(t, "redis: HDEL: needs at least one field", command.HDel("k"))
	refuses(t, "redis: HMGET: needs at least one field", command.HMGet[string]("k"))
	refuses(t, "redis: HTTL: needs at least one field", command.HTTL("k"))
	refuses(t, "redis: HPERSIST: needs at least one field", command.HPersist("k"))
	refuses(t, "redis: HSETEX: needs at least one field", command.HSetEx("k", nil))
	refuses(t, "redis: HSETEX: FNX and FXX exclude each other", command.HSetEx("k", map[string]int{"a": 1}, command.FNX(), command.FXX()))
	refuses(t, "redis: HEXPIRE: XX and GT exclude each other", command.HExpire("k", time.Second, slices.Repeat([]string{"f"}, 2), command.XX(), command.GT()))
	refuses(t, "redis: HPEXPIRE: the duration must be at least one millisecond", command.HPExpire("k", 1, []string{"f"}))
	refuses(t, "redis: HEXPIREAT: the time is the zero time", command.HExpireAt("k", time.Time{}, []string{"f"}))
	refuses(t, "redis: HGETEX: EXAT and PERSIST exclude each other", command.HGetEx[string]("k", []string{"f"}, command.EXAT(time.Unix(1, 0)), command.PersistTTL()))
}
