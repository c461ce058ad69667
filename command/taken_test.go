package command_test

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	redis "github.com/redis-rest/redis-rest-go"
	"github.com/redis-rest/redis-rest-go/command"
	"github.com/redis-rest/redis-rest-go/redistest"
)

type job struct {
	ID int `json:"id" redis:"id"`
}

// A zero value never stands for what is missing.
func TestMissingElementsAreErrNilOrNil(t *testing.T) {
	client := redistest.New(t)
	ctx := t.Context()
	_, err := command.MSet(map[string]int{"a": 1, "c": 3}).Do(ctx, client)
	require.NoError(t, err)
	_, err = client.Do(ctx, "HSET", "h", "a", 1, "flag", 1)
	require.NoError(t, err)

	for what, err := range map[string]error{
		"MGet":       second(command.MGet[int]("a", "none").Do(ctx, client)),
		"MGet texts": second(command.MGet[string]("a", "none").Do(ctx, client)),
		"Cmd":        second(redis.Cmd[[]int]("MGET", "a", "none").Do(ctx, client)),
		"HMGet":      second(command.HMGet[int]("h", "a", "none").Do(ctx, client)),
		"HGetDel":    second(command.HGetDel[int]("h", "a", "none").Do(ctx, doer(answer(`["1",null]`)))),
		"HGetEx":     second(command.HGetEx[int]("h", []string{"a", "none"}).Do(ctx, doer(answer(`["1",null]`)))),
		"JSONMGet":   second(command.JSONMGet[job]([]string{"a", "none"}, ".").Do(ctx, doer(answer(`["{\"id\":1}",null]`)))),
		"JSONArrPop": second(command.JSONArrPop[int]("k", "$..a", -1).Do(ctx, doer(answer(`["1",null]`)))),
		"JSONResp":   second(command.JSONResp[int]("k", "$..a").Do(ctx, doer(answer(`[1,null]`)))),
	} {
		assert.ErrorIs(t, err, redis.ErrNil, what)
		var e *redis.DecodeError
		if assert.ErrorAs(t, err, &e, what) {
			assert.Equal(t, "[1]", e.Path, what)
		}
	}

	three := 3
	pointers, err := command.MGet[*int]("none", "c").Do(ctx, client)
	require.NoError(t, err)
	assert.Equal(t, []*int{nil, &three}, pointers)
	flags, err := command.HMGet[bool]("h", "flag", "none").Do(ctx, client)
	require.NoError(t, err)
	assert.Equal(t, []bool{true, false}, flags)
	any, err := command.HMGet[any]("h", "none").Do(ctx, client)
	require.NoError(t, err)
	assert.Equal(t, []interface{}{nil}, any)
	jobs, err := command.JSONMGet[*job]([]string{"a", "none"}, ".").Do(ctx, doer(answer(`["{\"id\":1}",null]`)))
	require.NoError(t, err)
	assert.Equal(t, []*job{{1}, nil}, jobs)
}

// A hash that does not exist is null, in a batch too.
func TestHashThatDoesNotExist(t *testing.T) {
	client := redistest.New(t)
	ctx := t.Context()
	b := client.Multi()
	var futures []*redis.Future[job]
	for _, cmd := range []redis.Command[job]{command.HGetAll[job]("none"), redis.Cmd[job]("HGETALL", "none"), redis.Cmd[job]("hgetall", "none")} {
		_, err := cmd.Do(ctx, client)
		assert.ErrorIs(t, err, redis.ErrNil)
		futures = append(futures, cmd.Queue(b))
	}
	pointer := command.HGetAll[*job]("none").Queue(b)
	fields := command.HGetAll[map[string]string]("none").Queue(b)
	list := command.HGetAll[[]string]("none").Queue(b)
	require.NoError(t, b.Exec(ctx))
	for _, f := range futures {
		_, err := f.Result()
		assert.ErrorIs(t, err, redis.ErrNil)
	}
	assert.Nil(t, result(t, pointer))
	assert.Nil(t, result(t, fields))
	assert.Nil(t, result(t, list))

	_, err := client.Do(ctx, "HSET", "h", "id", 7)
	require.NoError(t, err)
	// Nobody knows that other empty arrays are hashes.
	reply, err := client.Do(ctx, "HGETALL", "none")
	require.NoError(t, err)
	untyped, err := redis.Decode[*job](reply)
	require.NoError(t, err)
	assert.Equal(t, &job{}, untyped)
	returned, err := redis.Eval[job](ctx, client, "return redis.call('HGETALL', KEYS[1])", []string{"none"})
	require.NoError(t, err)
	assert.Equal(t, job{}, returned)

	there, err := command.HGetAll[job]("h").Do(ctx, client)
	require.NoError(t, err)
	assert.Equal(t, job{7}, there)
}

// A value that was taken away and does not fit is in the error.
func TestWhatWasTakenIsInTheError(t *testing.T) {
	client := redistest.New(t)
	ctx := t.Context()
	fill := func() {
		for _, args := range [][]any{
			{"FLUSHALL"}, {"RPUSH", "list", `{"id":1}`, "\x01bad", `{"id":3}`}, {"SET", "text", "bad"}, {"SADD", "set", "bad"},
			{"ZADD", "sorted", 1, "bad"}, {"HSET", "hash", "f", "bad"},
		} {
			_, err := client.Do(ctx, args...)
			require.NoError(t, err)
		}
	}
	once := redis.NewScript[job]("return redis.call('GETDEL', KEYS[1])")
	for what, c := range map[string]struct {
		run  func() error
		want string
	}{
		"LPopCount": {func() error { return second(command.LPopCount[job]("list", 2).Do(ctx, client)) }, `["{\"id\":1}","\u0001bad"]`},
		"RPopCount": {func() error { return second(command.RPopCount[job]("list", 2).Do(ctx, client)) }, `["{\"id\":3}","\u0001bad"]`},
		"LMPop": {func() error {
			return second(command.LMPop[job]([]string{"list"}, command.Left, command.Count(2)).Do(ctx, client))
		}, `["list",["{\"id\":1}","\u0001bad"]]`},
		"GetDel":  {func() error { return second(command.GetDel[job]("text").Do(ctx, client)) }, `"bad"`},
		"SPop":    {func() error { return second(redis.Cmd[job]("SPOP", "set").Do(ctx, client)) }, `"bad"`},
		"ZPOPMIN": {func() error { return second(redis.Cmd[[]job]("ZPOPMIN", "sorted").Do(ctx, client)) }, `["bad","1"]`},
		"a script": {func() error {
			return second(redis.Eval[job](ctx, client, "return redis.call('GETDEL', KEYS[1])", []string{"text"}))
		}, `"bad"`},
		"RunOnce":    {func() error { return second(once.RunOnce(ctx, client, "id", []string{"text"})) }, `"bad"`},
		"own method": {func() error { return second(redis.Cmd[refuser]("GETDEL", "text").Do(ctx, client)) }, `"bad"`},
		"own decoder": {func() error {
			return second(redis.CmdWithDecoder(func(redis.Reply) (int, error) { return 0, errRefused }, "GETDEL", "text").Do(ctx, client))
		}, `"bad"`},
		"a batch": {func() error {
			b := client.Pipeline()
			f := command.GetDel[job]("text").Queue(b)
			assert.Error(t, b.Exec(ctx))
			return second(f.Result())
		}, `"bad"`},
	} {
		fill()
		err := c.run()
		var e *redis.DecodeError
		if assert.ErrorAs(t, err, &e, what) {
			assert.Equal(t, c.want, e.Reply().String(), what)
			for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q"} {
				assert.NotContains(t, fmt.Sprintf(verb, err), "bad", what)
				assert.NotContains(t, fmt.Sprintf(verb, *e), "98 97 100", what) // the bytes of bad
			}
		}
		if what == "own method" || what == "own decoder" {
			assert.ErrorIs(t, err, errRefused)
		}
	}
	fill()
	list, err := command.LPopCount[[]byte]("list", 2).Do(ctx, client)
	require.NoError(t, err)
	require.Len(t, list, 2)
}

var errRefused = errors.New("refused")

// A refuser takes no reply.
type refuser struct{}

func (*refuser) UnmarshalReply(redis.Reply) error { return errRefused }

// One entry that does not fit neither hides the others nor keeps them pending.
func TestStreamEntriesAreReadOneByOne(t *testing.T) {
	client := newServer(t) // the embedded database keeps less of a stream
	ctx := t.Context()
	for _, args := range [][]any{
		{"XADD", "s", "1-0", "id", 1}, {"XADD", "s", "2-0", "id", "bad"}, {"XADD", "s", "3-0", "id", 3},
		{"XGROUP", "CREATE", "s", "g", "0"},
	} {
		_, err := client.Do(ctx, args...)
		require.NoError(t, err)
	}
	check := func(what string, list []command.Entry[job], err error) {
		t.Helper()
		require.NoError(t, err, what)
		require.Len(t, list, 3, what)
		assert.Equal(t, command.Entry[job]{ID: "1-0", Values: job{1}}, list[0], what)
		assert.Equal(t, command.Entry[job]{ID: "3-0", Values: job{3}}, list[2], what)
		bad := list[1]
		assert.Equal(t, "2-0", bad.ID, what)
		assert.Zero(t, bad.Values, what)
		var e *redis.DecodeError
		require.ErrorAs(t, bad.Err, &e, what)
		assert.Equal(t, "id", e.Path, what)
		assert.Equal(t, `["id","bad"]`, bad.Raw.String(), what)
		assert.Equal(t, `["id","bad"]`, e.Reply().String(), what)
		fields, err := redis.Decode[map[string]string](bad.Raw)
		require.NoError(t, err, what)
		assert.Equal(t, map[string]string{"id": "bad"}, fields, what)
	}
	read, err := command.XReadGroup[job]("g", "ada", map[string]string{"s": ">"}).Do(ctx, client)
	check("XReadGroup", read["s"], err)
	history, err := command.XReadGroup[job]("g", "ada", map[string]string{"s": "0"}).Do(ctx, client)
	check("history", history["s"], err)
	claimed, err := command.XAutoClaim[job]("s", "g", "bob", 0, "0").Do(ctx, client)
	check("XAutoClaim", claimed.Elements, err)
	list, err := command.XClaim[job]("s", "g", "eve", time.Duration(0), []string{"1-0", "2-0", "3-0"}).Do(ctx, client)
	check("XClaim", list, err)
	list, err = command.XRange[job]("s", "-", "+").Do(ctx, client)
	check("XRange", list, err)
	list, err = redis.Cmd[[]command.Entry[job]]("XRANGE", "s", "-", "+").Do(ctx, client)
	check("Cmd", list, err)
	all, err := command.XRead[job](map[string]string{"s": "0"}).Do(ctx, client)
	check("XRead", all["s"], err)
	full, err := command.XInfoStreamFull[job]("s").Do(ctx, client)
	check("XInfoStreamFull", full.Entries, err)

	// Deleted, and still pending.
	_, err = client.Do(ctx, "XDEL", "s", "3-0")
	require.NoError(t, err)
	history, err = command.XReadGroup[job]("g", "eve", map[string]string{"s": "2"}).Do(ctx, client)
	require.NoError(t, err)
	require.Len(t, history["s"], 1)
	assert.Equal(t, "3-0", history["s"][0].ID)
	assert.ErrorIs(t, history["s"][0].Err, redis.ErrNil)
	maps, err := command.XReadGroup[map[string]string]("g", "eve", map[string]string{"s": "2"}).Do(ctx, client)
	require.NoError(t, err)
	assert.Equal(t, []command.Entry[map[string]string]{{ID: "3-0"}}, maps["s"])
}

func second[T any](_ T, err error) error { return err }

func result[T any](t *testing.T, f *redis.Future[T]) T {
	t.Helper()
	v, err := f.Result()
	require.NoError(t, err)
	return v
}

func answer(reply string) func(...any) (string, error) {
	return func(...any) (string, error) { return reply, nil }
}
