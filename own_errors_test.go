package redis_test

import (
	"context"
	"errors"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	redis "github.com/redis-rest/redis-rest-go"
)

// errMine is an error of a user's own code, whose text quotes the value.
var errMine = errors.New("mine: " + secretArgument)

type (
	noText      struct{ X int }
	noJSON      struct{ X int }
	noReplyType struct{ X int }
)

func (noText) MarshalText() ([]byte, error)           { return nil, errMine }
func (*noText) UnmarshalText([]byte) error            { return errMine }
func (noJSON) MarshalJSON() ([]byte, error)           { return nil, errMine }
func (*noJSON) UnmarshalJSON([]byte) error            { return errMine }
func (*noReplyType) UnmarshalReply(redis.Reply) error { return errMine }
func decodesNothing(redis.Reply) (string, error)      { return "", errMine }
func isNotThere(redis.Reply) (string, error)          { return "", errors.Join(errMine, redis.ErrNil) }
func decodeTo[T any](r redis.Reply) error             { _, err := redis.Decode[T](r); return err }
func send(ctx context.Context, arg any) error {
	rdb, err := redis.New("http://127.0.0.1:1", secretToken)
	if err != nil {
		return err
	}
	_, err = rdb.Do(ctx, "SET", "k", arg)
	return err
}

// What a user's own code returns is found with errors.Is, and its text is not shown.
func TestErrorsOfTheUsersOwnCode(t *testing.T) {
	ctx := t.Context()
	text, err := redis.ParseReply(`"x"`)
	require.NoError(t, err)
	list, err := redis.ParseReply(`["1",["x"]]`)
	require.NoError(t, err)
	object, err := redis.ParseReply(`"{\"A\":\"x\"}"`)
	require.NoError(t, err)
	answers := fakeDoer(func(...any) (string, error) { return `"x"`, nil })
	do := func(c redis.Command[string]) error { _, err := c.Do(ctx, answers); return err }
	for name, err := range map[string]error{
		"MarshalText":               send(ctx, noText{}),
		"MarshalText in a map":      send(ctx, map[string]noText{"a": {}}),
		"MarshalJSON":               send(ctx, noJSON{}),
		"MarshalJSON in a slice":    send(ctx, struct{ A []noJSON }{[]noJSON{{}}}),
		"UnmarshalText":             decodeTo[noText](text),
		"UnmarshalText in a list":   decodeTo[[]noText](list),
		"UnmarshalText in JSON":     decodeTo[struct{ A noText }](object),
		"UnmarshalJSON":             decodeTo[noJSON](text),
		"UnmarshalJSON in a struct": decodeTo[struct{ A noJSON }](object),
		"UnmarshalReply":            decodeTo[noReplyType](text),
		"UnmarshalReply in a list":  decodeTo[[]noReplyType](list),
		"CmdWithDecoder":            do(redis.CmdWithDecoder(decodesNothing, "GET", "k")),
		"CmdWithDecoder, null":      do(redis.CmdWithDecoder(isNotThere, "GET", "k")),
	} {
		assert.ErrorIs(t, err, errMine, name)
		assert.NotContains(t, err.Error(), secretArgument, name)
	}
	assert.ErrorIs(t, do(redis.CmdWithDecoder(isNotThere, "GET", "k")), redis.ErrNil)
	assert.ErrorContains(t, do(redis.CmdWithDecoder(decodesNothing, "GET", "k")), "redis: GET: want string, got what its decoder refuses (")
}

// An error that the user keeps and returns again and again stays as it is: no name, path
// or place is written into it. The race detector sees a write.
func TestErrorsOfTheUserAreNotWrittenTo(t *testing.T) {
	refused, misfit, noReply := &redis.Error{Code: "MINE", Message: "MINE x", Line: 1}, &redis.DecodeError{Want: "a", Got: "b"}, &redis.CallError{Command: "X", Err: &redis.Error{Message: "MINE y", Line: 2}}
	for _, mine := range []error{refused, misfit, noReply} {
		answers := fakeDoer(func(...any) (string, error) { return `["x"]`, nil })
		fails := fakeDoer(func(...any) (string, error) { return "", mine })
		decoder := redis.CmdWithDecoder(func(redis.Reply) (string, error) { return "", mine }, "GET", "k")
		script := redis.NewScript[int]("return 1\nreturn 2")
		var wg sync.WaitGroup
		texts := make([]string, 4)
		for i := range texts {
			wg.Go(func() {
				var last error
				for range 3 {
					_, err := decoder.Do(t.Context(), answers)
					_, failed := redis.Cmd[int]("INCR", "k").Do(t.Context(), fails)
					_, raised := script.Run(t.Context(), fails, nil)
					last = errors.Join(err, failed, raised)
				}
				texts[i] = last.Error()
			})
		}
		wg.Wait()
		for _, text := range texts {
			require.Equal(t, texts[0], text)
		}
	}
	require.Equal(t, redis.Error{Code: "MINE", Message: "MINE x", Line: 1}, *refused)
	require.Equal(t, redis.DecodeError{Want: "a", Got: "b"}, *misfit)
	require.Equal(t, "X", noReply.Command)
}

type ownPath struct{}

var errOwnPath = &redis.DecodeError{Want: "a", Got: "b", Path: "x"}

func (*ownPath) UnmarshalReply(redis.Reply) error { return errOwnPath }

func TestDecodeIsNoCommand(t *testing.T) {
	reply, err := redis.ParseReply(`"x"`)
	require.NoError(t, err)
	_, err = redis.Decode[int](reply)
	require.Error(t, err)
	_, ok := errors.AsType[*redis.CallError](err)
	require.False(t, ok, "there is no command to name")
}

func TestPathsDoNotGrow(t *testing.T) {
	list, err := redis.ParseReply(`[1]`)
	require.NoError(t, err)
	for range 3 {
		require.ErrorContains(t, decodeTo[[]ownPath](list), "[0].x: ")
	}
	require.Equal(t, "x", errOwnPath.Path)
}
