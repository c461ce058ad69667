package redis_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	redis "github.com/redis-rest/redis-rest-go"
	"github.com/redis-rest/redis-rest-go/command"
	"github.com/redis-rest/redis-rest-go/redistest"
)

type (
	idList  []string // a type with a name is one value
	texts   = []string
	rawList []json.RawMessage
)

// A slice stands for one argument. Where the caller may have meant its elements nothing is
// sent, and the error says so without showing what is in it.
func TestSliceWhereArgumentsAreMeant(t *testing.T) {
	rdb := redistest.New(t)
	ctx := t.Context()
	script := redis.NewScript[any]("return ARGV[1]")
	keys := []string{"k"}
	hidden := []any{"hidden"}
	do := func(args ...any) error { _, err := rdb.Do(ctx, args...); return err }
	for what, c := range map[string]struct {
		err   error
		place string
	}{
		"Eval":              {second(redis.Eval[any](ctx, rdb, "return 1", nil, hidden)), "EVAL: ARGV[1] ([]interface {})"},
		"EvalRO":            {second(redis.EvalRO[any](ctx, rdb, "return 1", keys, hidden)), "EVAL_RO: ARGV[1]"},
		"EvalSha":           {second(redis.EvalSha[any](ctx, rdb, "sha", nil, []int{7})), "EVALSHA: ARGV[1] ([]int)"},
		"EvalShaRO":         {second(redis.EvalShaRO[any](ctx, rdb, "sha", nil, hidden)), "EVALSHA_RO: ARGV[1]"},
		"Fcall":             {second(redis.Fcall[any](ctx, rdb, "f", nil, hidden)), "FCALL: ARGV[1]"},
		"FcallRO":           {second(redis.FcallRO[any](ctx, rdb, "f", keys, hidden)), "FCALL_RO: ARGV[1]"},
		"Run":               {second(script.Run(ctx, rdb, keys, hidden)), "EVALSHA: ARGV[1]"},
		"Cmd":               {second(script.Cmd(nil, hidden).Do(ctx, rdb)), "EVALSHA: ARGV[1]"},
		"RunOnce":           {second(script.RunOnce(ctx, rdb, "id", keys, hidden)), "EVALSHA: ARGV[1]"},
		"OnceCmd":           {second(script.OnceCmd("id", keys, hidden).Do(ctx, rdb)), "EVALSHA: ARGV[1]"},
		"command.Eval":      {second(command.Eval[any]("return 1", nil, hidden).Do(ctx, rdb)), "EVAL: ARGV[1]"},
		"command.FcallRO":   {second(command.FcallRO[any]("f", nil, hidden).Do(ctx, rdb)), "FCALL_RO: ARGV[1]"},
		"EVAL as words":     {do("eval", "return 1", "1", "k", hidden), "EVAL: argument 4"},
		"EVAL, unsigned":    {do("EVAL", "return 1", uint8(1), "k", hidden), "EVAL: argument 4"},
		"an array":          {do("DEL", [2]string{"hidden"}), "DEL: argument 1 ([2]string)"},
		"an array of ARGV":  {second(redis.Eval[any](ctx, rdb, "return 1", nil, &[1]any{"hidden"})), "EVAL: ARGV[1] (*[1]interface {})"},
		"KEYS as a slice":   {do("EVAL", "return 1", 1, keys), "EVAL: KEYS[1]"},
		"a pointer":         {second(redis.Eval[any](ctx, rdb, "return 1", nil, &hidden)), "EVAL: ARGV[1] (*[]interface {})"},
		"nil":               {second(redis.Eval[any](ctx, rdb, "return 1", nil, []string(nil))), "EVAL: ARGV[1] ([]string)"},
		"an alias":          {second(redis.Eval[any](ctx, rdb, "return 1", nil, texts{"hidden"})), "EVAL: ARGV[1] ([]string)"},
		"slices of bytes":   {do("SADD", "s", [][]byte{[]byte("hidden")}), "SADD: argument 2"},
		"a key":             {do("GET", []string{"hidden"}), "GET: argument 1 ([]string)"},
		"keys":              {do("DEL", "a", hidden), "DEL: argument 2"},
		"keys of a count":   {do("ZUNION", 2, []string{"hidden"}), "ZUNION: argument 2"},
		"MGET":              {do("MGET", hidden), "MGET: argument 1"},
		"MSET":              {do("MSET", hidden), "MSET: argument 1"},
		"streams":           {do("XREAD", "STREAMS", "a", "b", []string{"0", "0"}), "XREAD: argument 4"},
		"elements":          {do("RPUSH", "l", "one", hidden), "RPUSH: argument 3"},
		"command.RPush":     {second(command.RPush("l", []int{1}).Do(ctx, rdb)), "RPUSH: argument 2 ([]int)"},
		"members":           {do("SADD", "s", hidden), "SADD: argument 2"},
		"fields":            {do("HDEL", "h", hidden), "HDEL: argument 2"},
		"HMGET":             {do("HMGET", "h", hidden), "HMGET: argument 2"},
		"fields and values": {do("HSET", "h", []any{"f", "hidden"}), "HSET: argument 2"},
		"a name of a field": {do("HSET", "h", []string{"hidden"}, "v"), "HSET: argument 2"},
		"entry":             {do("XADD", "s", "MAXLEN", 5, "*", hidden, "v"), "XADD: argument 5"},
		"FIELDS":            {do("HTTL", "h", "FIELDS", 1, hidden), "HTTL: argument 4"},
		"IDS":               {do("XDELEX", "s", "IDS", 1, hidden), "XDELEX: argument 4"},
		"WEIGHTS":           {do("ZUNION", 1, "z", "WEIGHTS", []int{1}), "ZUNION: argument 4"},
		"elements of JSON":  {do("JSON.ARRAPPEND", "k", "$", []int{1}), "JSON.ARRAPPEND: argument 3"},
		"JSONArrAppend":     {second(command.JSONArrAppend("k", "$", []int{1}).Do(ctx, rdb)), "JSON.ARRAPPEND: argument 3 ([]int)"},
		"JSONArrInsert":     {second(command.JSONArrInsert("k", "$", 0, []int{1}).Do(ctx, rdb)), "JSON.ARRINSERT: argument 4 ([]int)"},
		"a subcommand":      {do("SCRIPT", "EXISTS", hidden), "SCRIPT: argument 2"},
		"too few words":     {do("SET", []string{"k", "hidden"}), "SET: argument 1"},
	} {
		if assert.ErrorContains(t, c.err, "redis: "+c.place, what) {
			assert.ErrorContains(t, c.err, "args...", what)
			assert.NotContains(t, c.err.Error(), "hidden", what)
		}
	}
	size, err := command.DBSize().Do(ctx, rdb)
	require.NoError(t, err)
	require.Zero(t, size, "something was sent")

	b := rdb.Pipeline()
	command.RPush("l", hidden).Queue(b)
	require.ErrorContains(t, b.Exec(ctx), "RPUSH: argument 2")
}

func second[T any](_ T, err error) error { return err }

// What is one value is sent as its text.
func TestSliceThatIsOneArgument(t *testing.T) {
	rdb := redistest.New(t)
	ctx := t.Context()
	echo := func(args ...any) []string {
		got, err := redis.Eval[[]string](ctx, rdb, "return ARGV", []string{"k"}, args...)
		require.NoError(t, err)
		return got
	}
	assert.Equal(t, []string{"a", "b"}, echo([]any{"a", "b"}...))
	assert.Equal(t, []string{`["a","b"]`, "1"}, echo([]string{"a", "b"}, 1))
	assert.Equal(t, []string{`["a"]`}, echo(idList{"a"}))
	assert.Equal(t, []string{`[1]`}, echo(rawList{json.RawMessage("1")}))
	assert.Equal(t, []string{"bytes"}, echo([]byte("bytes")))
	assert.Equal(t, []string{`{"a":[1]}`}, echo(map[string][]int{"a": {1}}))
	assert.Equal(t, []string{`["a<b"]`}, echo(redis.JSON([]string{"a<b"})))
	assert.Equal(t, []string{`"a"`}, echo(redis.JSON("a")))
	assert.Equal(t, []string{`null`}, echo(redis.JSON(nil)))

	for _, args := range [][]any{
		{"SET", "k", []int{1, 2}},
		{"HSET", "h", "f", []int{1, 2}},
		{"XADD", "s", "*", "f", []int{1, 2}},
		{"LPUSH", "l", idList{"a"}},
		{"SADD", "set", redis.JSON([]int{1, 2})},
		{"LSET", "l", 0, []string{"b"}},
		{"SET", "k2", [2]int{1, 2}},
		{"SADD", "set", [4]byte{1, 2}},
		{"ZADD", "z", 1, []string{"b"}},
	} {
		_, err := rdb.Do(ctx, args...)
		assert.NoError(t, err, "%v", args)
	}
	text, err := command.Get[[]int]("k").Do(ctx, rdb)
	require.NoError(t, err)
	assert.Equal(t, []int{1, 2}, text)

	once, err := redis.NewScript[string]("return ARGV[1]").RunOnce(ctx, rdb, "id", []string{"k"}, redis.JSON([]int{3}))
	require.NoError(t, err)
	assert.Equal(t, "[3]", once)
}

// A command is given word by word.
func TestCommandInOneArgument(t *testing.T) {
	rdb := redistest.New(t)
	ctx := t.Context()
	args := []any{"SET", "k", "hidden"}
	for what, name := range map[string]any{
		"a slice of any":     args,
		"a slice of strings": []string{"SET", "k", "hidden"},
		"a line":             "SET k hidden",
		"lower case":         "set\tk\thidden",
		"a subcommand":       "CONFIG GET",
		"space around":       " GET ",
		"a module's":         "JSON.SET k $ 1",
	} {
		_, err := rdb.Do(ctx, name)
		if assert.Error(t, err, what) {
			assert.ErrorContains(t, err, "redis: command: command name (", what)
			assert.ErrorContains(t, err, "one word an argument", what)
			assert.ErrorContains(t, err, "args...", what)
			assert.NotContains(t, err.Error(), "hidden", what)
		}
	}
	for _, blank := range []string{" ", "\t\n  "} {
		_, err := rdb.Do(ctx, blank)
		require.Error(t, err)
	}
	_, err := rdb.Do(ctx, "NOSUCH of ours")
	var refused *redis.Error
	require.ErrorAs(t, err, &refused, "only the server knows")
	_, err = rdb.Do(ctx, args...)
	require.NoError(t, err)
}

// The text is not shown.
func TestJSONArgumentIsNotPrinted(t *testing.T) {
	arg := redis.JSON([]string{"hidden"})
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%d"} {
		assert.Equal(t, "redis.JSON([]string)", fmt.Sprintf(verb, arg), verb)
	}
	_, err := redis.Eval[any](context.Background(), redistest.New(t), "return 1", nil, redis.JSON(func() {}))
	require.ErrorContains(t, err, "ARGV[1]")
	require.False(t, errors.Is(err, redis.ErrOutcomeUnknown))
}

type loop *loop

type (
	ping *pong
	pong *ping
)

// A pointer to itself has no value that could be sent or read.
func TestPointerToItself(t *testing.T) {
	rdb := redistest.New(t)
	var l loop
	l = &l
	var self any
	self = &self
	for _, arg := range []any{l, self, []any{l}, map[string]any{"a": l}, struct{ P loop }{l}} {
		_, err := rdb.Do(t.Context(), "SET", "k", redis.JSON(arg))
		require.ErrorIs(t, err, redis.ErrNotExecuted)
		_, err = redis.Cmd[string]("SET", "k", arg).Do(t.Context(), rdb)
		e, ok := errors.AsType[*redis.ArgumentError](err)
		require.True(t, ok)
		require.Equal(t, "argument 2", e.Position)
	}
	_, err := command.HSet("k", command.Fields(l)).Do(t.Context(), rdb)
	require.ErrorIs(t, err, redis.ErrNotExecuted)
	_, err = command.HSet("k", command.Fields(struct{ P loop }{l})).Do(t.Context(), rdb)
	require.ErrorIs(t, err, redis.ErrNotExecuted)
	_, err = command.HMGetStruct[loop]("k").Do(t.Context(), rdb)
	require.ErrorIs(t, err, redis.ErrNotExecuted)

	for _, text := range []string{`"a"`, `"null"`, `null`, `[["a","b"]]`} {
		reply, err := redis.ParseReply(text)
		require.NoError(t, err)
		_, err = redis.Decode[loop](reply)
		require.ErrorContains(t, err, "redis_test.loop, which is a pointer to itself")
		_, err = redis.Decode[*ping](reply)
		require.ErrorContains(t, err, "which is a pointer to itself")
		_, err = redis.Decode[struct {
			P loop `redis:"0"`
		}](reply)
		require.Error(t, err)
	}
	_, err = redis.Cmd[loop]("HMGET", "k", "a").Do(t.Context(), rdb)
	require.ErrorContains(t, err, "which is a pointer to itself")
}
