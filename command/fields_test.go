package command_test

import (
	"database/sql"
	"fmt"
	"math/big"
	"math/rand/v2"
	"net/netip"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	redis "github.com/redis-rest/redis-rest-go"
	"github.com/redis-rest/redis-rest-go/command"
	"github.com/redis-rest/redis-rest-go/redistest"
)

type level int

type base struct {
	Created int64  `redis:"created"`
	Name    string `redis:"name"` // the outer one wins
}

type Meta struct {
	Owner string `redis:"owner"`
}

// A record has fields of many kinds.
type record struct {
	base
	*Meta
	Name   string `redis:"name"`
	Plain  string
	Level  level          `redis:"level,omitempty"`
	Ratio  float64        `redis:"ratio"`
	On     bool           `redis:"on"`
	Raw    []byte         `redis:"raw"`
	Tags   []string       `redis:"tags"`
	Counts map[string]int `redis:"counts"`
	Nick   *string        `redis:"nick"`
	Size   *uint64        `redis:"size,omitempty"`
	At     time.Time      `redis:"at,omitzero"`
	Addr   netip.Addr     `redis:"addr"`
	Big    *big.Int       `redis:"big"`
	Inner  struct{ A, B int }
	Skip   string `redis:"-"`
}

// randomRecord has each field set or not, by chance.
func randomRecord(r *rand.Rand) record {
	text := func() string { return []string{"", "Ada", `"`, "naïve \x00", "null", "1"}[r.IntN(6)] }
	v := record{Name: text(), Plain: text(), Level: level(r.IntN(3)), Ratio: r.NormFloat64(), On: r.IntN(2) == 1}
	v.Created = r.Int64()
	v.Inner.B = r.IntN(9)
	if r.IntN(2) == 1 {
		v.Meta = &Meta{text()}
	}
	if r.IntN(2) == 1 {
		v.Raw, v.Tags, v.Counts = []byte(text()), []string{text()}, map[string]int{text(): r.IntN(5)}
	}
	if r.IntN(2) == 1 {
		nick, size := text(), r.Uint64()
		v.Nick, v.Size, v.Big = &nick, &size, new(big.Int).SetUint64(r.Uint64())
	}
	if r.IntN(2) == 1 {
		v.At, v.Addr = time.Unix(r.Int64N(1<<33), 0).UTC(), netip.AddrFrom4([4]byte{127, 0, 0, byte(r.IntN(255))})
	}
	return v
}

// A struct that Fields wrote is read back as it was, from a hash and from a stream.
func TestFieldsAreReadBack(t *testing.T) {
	client := redistest.New(t)
	ctx := t.Context()
	for seed := range uint64(100) {
		want := randomRecord(rand.New(rand.NewPCG(seed, 1)))
		b := client.Pipeline()
		command.Del("h", "s").Queue(b)
		command.HSet("h", command.Fields(want)).Queue(b)
		command.XAdd("s", "1-0", command.Fields(&want)).Queue(b)
		hash := command.HGetAll[record]("h").Queue(b)
		some := command.HMGetStruct[*record]("h").Queue(b)
		entries := command.XRange[record]("s", "-", "+").Queue(b)
		require.NoError(t, b.Exec(ctx), "seed %d", seed)
		require.Equal(t, want, result(t, hash), "seed %d", seed)
		require.Equal(t, want, *result(t, some), "seed %d", seed)
		require.Equal(t, []command.Entry[record]{{ID: "1-0", Values: want}}, result(t, entries), "seed %d", seed)
	}
}

func TestFieldsOfAStruct(t *testing.T) {
	name := "Ada"
	sends(t, "HSET k created 0 name x Plain  ratio 0 on 1 addr  Inner {\"A\":0,\"B\":0}", command.HSet("k", command.Fields(record{Name: "x", On: true})))
	type session struct {
		User  *string `redis:"user"`
		Level int     `redis:"level,omitempty"`
		Token string  `redis:"-"`
		N     int
	}
	full := &session{User: &name, Level: 3, Token: "hidden"}
	sends(t, "HSET k user Ada level 3 N 0", command.HSet("k", command.Fields(full)))
	sends(t, "HSET k N 1", command.HSet("k", command.Fields(session{N: 1})))
	sends(t, "HSETEX k KEEPTTL FIELDS 2 user Ada N 0", command.HSetEx("k", command.Fields(session{User: &name}), command.KeepTTL()))
	sends(t, "XADD k MAXLEN 5 * user Ada N 0", command.XAdd("k", "*", command.Fields(session{User: &name}), command.MaxLen(5)))
	sends(t, "HSET k 1 a 2 b", command.HSet("k", command.Fields(map[int]string{2: "b", 1: "a"})))
	sends(t, "HSET k a 1 b 2", command.HSet("k", command.Fields(map[level2]int{"b": 2, "a": 1})))
	sends(t, `HSET k tags ["a"]`, command.HSet("k", command.Fields(map[string]any{"tags": []string{"a"}})))
	type nulls struct {
		A sql.NullString `redis:"a"`
		B sql.NullString `redis:"b"`
		C sql.Null[int]  `redis:"c"`
	}
	sends(t, "HSET k b x c 0", command.HSet("k", command.Fields(nulls{B: sql.NullString{String: "x", Valid: true}, C: sql.Null[int]{Valid: true}})))
	sends(t, "HSET k 0 1 name x", command.HSet("k", command.Fields(struct { // not all are positions
		First int    `redis:"0"`
		Name  string `redis:"name"`
	}{1, "x"})))
	for _, verb := range []string{"%v", "%+v", "%#v", "%s"} {
		assert.Equal(t, "3 fields", fmt.Sprintf(verb, command.Fields(full)))
	}
}

type level2 string

func TestFieldsGivenInTurn(t *testing.T) {
	sends(t, "HSET k name Ada", command.HSet("k", "name", "Ada"))
	sends(t, "HSET k name Ada level 3", command.HSet("k", "name", "Ada", "level", 3))
	sends(t, `HSET k tags ["a"]`, command.HSet("k", "tags", []string{"a"}))
	refuses(t, "redis: HSET: needs a value for each field", command.HSet("k", "a", 1, "b"))
	refuses(t, "redis: HSET: argument 4 (int): the name of a field is a string", command.HSet("k", "a", "hidden", 7, "hidden"))
	refuses(t, "redis: HSET: needs at least one field", command.HSet("k"))
	refuses(t, "redis: HSET: needs a map, or command.Fields of a struct, and not a string", command.HSet("k", "hidden"))
	refuses(t, "redis: HSET: needs a map, or command.Fields of a struct, and not a []interface {}", command.HSet("k", []any{"a", 1}))
	refuses(t, "redis: HSET: needs a map, or command.Fields of a struct, and not a command_test.job", command.HSet("k", job{}))
	refuses(t, "redis: XADD: needs a map, or command.Fields of a struct, and not a command_test.job", command.XAdd("k", "*", job{}))
	refuses(t, "redis: HSET: needs at least one field", command.HSet("k", command.FieldValues{}))
	refuses(t, "redis: HSET: needs at least one field", command.HSet("k", command.Fields(struct{ P *int }{})))
	refuses(t, "redis: HSET: fields: string is neither a struct nor a map", command.HSet("k", command.Fields("hidden")))
	refuses(t, "redis: HSETEX: fields: time.Time has no exported fields", command.HSetEx("k", command.Fields(time.Now())))
	refuses(t, "redis: HSET: fields: struct { A int \"redis:\\\"0\\\"\" }: its tags are positions, and fields have names", command.HSet("k", command.Fields(struct {
		A int `redis:"0"`
	}{})))
	refuses(t, "redis: HMGET: fields: string is not a struct", command.HMGetStruct[string]("k"))
	_, err := command.HSet("k", command.Fields((*job)(nil))).Do(t.Context(), &fake{})
	require.ErrorContains(t, err, "redis: HSET: fields: nil cannot be sent")
	_, err = command.HSet("k", command.Fields(map[float64]int{1: 1})).Do(t.Context(), &fake{})
	require.ErrorContains(t, err, "redis: HSET: fields: a map with keys of this type cannot be sent")
}

// HMGET is read by the names of the fields, also those of Cmd, and in a batch.
func TestHMGetIntoAStruct(t *testing.T) {
	client := redistest.New(t)
	ctx := t.Context()
	_, err := client.Do(ctx, "HSET", "h", "name", "Ada", "level", 3, "age", 36, "OK", 1)
	require.NoError(t, err)
	type user struct {
		Name  string  `redis:"name"`
		Level int     `redis:"level"`
		Nick  *string `redis:"nick"`
	}
	sends(t, "HMGET k name level nick", command.HMGetStruct[user]("k"))
	got, err := command.HMGetStruct[user]("h").Do(ctx, client)
	require.NoError(t, err)
	assert.Equal(t, user{"Ada", 3, nil}, got)
	got, err = command.HMGetStruct[user]("h", "level").Do(ctx, client)
	require.NoError(t, err)
	assert.Equal(t, user{Level: 3}, got)
	some, err := redis.Cmd[map[string]int]("HMGET", "h", "age", "none", []byte("OK"), "level").Do(ctx, client)
	require.NoError(t, err)
	assert.Equal(t, map[string]int{"age": 36, "OK": 1, "level": 3}, some)
	list, err := redis.Cmd[[]string]("HMGET", "h", "name", "level").Do(ctx, client)
	require.NoError(t, err)
	assert.Equal(t, []string{"Ada", "3"}, list)
	type pair struct {
		Name  string `redis:"0"`
		Level int    `redis:"1"`
	}
	byPosition, err := redis.Cmd[pair]("HMGET", "h", "name", "level").Do(ctx, client)
	require.NoError(t, err)
	assert.Equal(t, pair{"Ada", 3}, byPosition)

	b := client.Pipeline()
	first, none := command.HMGetStruct[user]("h").Queue(b), command.HMGetStruct[user]("none").Queue(b)
	pointer := command.HMGetStruct[*user]("none").Queue(b)
	require.NoError(t, b.Exec(ctx))
	assert.Equal(t, user{"Ada", 3, nil}, result(t, first))
	_, err = none.Result()
	assert.ErrorIs(t, err, redis.ErrNil)
	assert.Nil(t, result(t, pointer))

	_, err = client.Do(ctx, "HSET", "h", "level", "many")
	require.NoError(t, err)
	_, err = command.HMGetStruct[user]("h").Do(ctx, client)
	require.EqualError(t, err, "redis: HMGET: level: want int, got string that is not a number")
}

// A list that has nothing for a struct is an error, not a struct without content.
func TestListThatNamesNoField(t *testing.T) {
	client := redistest.New(t)
	type user struct {
		Name string
		Age  int
	}
	for _, script := range []string{"return {'Ada', 36}", "return {'a', 1, 'b', 2}"} {
		_, err := redis.Eval[user](t.Context(), client, script, nil)
		if assert.Error(t, err, script) {
			assert.ErrorContains(t, err, "no element names a field", script)
			assert.ErrorContains(t, err, `redis:"0"`, script)
			assert.NotContains(t, err.Error(), "Ada", script)
		}
	}
	for _, script := range []string{"return {}", "return {'name', 'Ada', 'other', 1}", "return {'NAME', 'Ada'}", `return '{"other":1}'`} {
		_, err := redis.Eval[user](t.Context(), client, script, nil)
		assert.NoError(t, err, script)
	}
}
