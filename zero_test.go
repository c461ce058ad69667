package redis_test

import (
	"context"
	"errors"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"maps"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	redis "github.com/redis-rest/redis-rest-go"
)

// zeros has a pointer to the zero value of every exported type.
var zeros = map[string]any{
	"ArgumentError": new(redis.ArgumentError),
	"Batch":         new(redis.Batch),
	"BatchError":    new(redis.BatchError),
	"CallError":     new(redis.CallError),
	"Command":       new(redis.Command[int]),
	"CommandError":  new(redis.CommandError),
	"ConfigError":   new(redis.ConfigError),
	"ConfigProblem": new(redis.ConfigProblem),
	"DecodeError":   new(redis.DecodeError),
	"Error":         new(redis.Error),
	"ErrorCode":     new(redis.ErrorCode),
	"Future":        new(redis.Future[int]),
	"HTTPError":     new(redis.HTTPError),
	"Redis":         new(redis.Redis),
	"Reply":         new(redis.Reply),
	"Script":        new(redis.Script[int]),
	"Subscription":  new(redis.Subscription),
	"GapError":      new(redis.GapError),
}

// plain are the types that are interfaces, functions, or structs without methods.
var plain = []string{"AttemptInfo", "AttemptOutcome", "BatchDoer", "BatchKind", "BatchResult", "CallInfo", "CallOutcome", "CommandInfo", "Doer", "Hook", "Message", "Option", "ReplyUnmarshaler", "RetryPolicy", "ScriptOption", "Subscriber"}

func TestEveryTypeIsInTheTestOfZeroValues(t *testing.T) {
	paths, err := filepath.Glob("*.go")
	require.NoError(t, err)
	var found []string
	for _, path := range paths {
		f, err := parser.ParseFile(token.NewFileSet(), path, nil, 0)
		require.NoError(t, err)
		for _, decl := range f.Decls {
			types, ok := decl.(*ast.GenDecl)
			if !ok || types.Tok != token.TYPE || strings.HasSuffix(path, "_test.go") {
				continue
			}
			for _, spec := range types.Specs {
				if name := spec.(*ast.TypeSpec).Name.Name; ast.IsExported(name) {
					found = append(found, name)
				}
			}
		}
	}
	require.ElementsMatch(t, slices.Concat(slices.Collect(maps.Keys(zeros)), plain), found)
}

// No method of a zero value panics, nor one of a nil pointer. What cannot work returns an
// error that is ErrNotExecuted.
func TestZeroAndNilValues(t *testing.T) {
	for name, zero := range zeros {
		for _, v := range []reflect.Value{reflect.ValueOf(zero), reflect.Zero(reflect.TypeOf(zero))} {
			for i := range v.NumMethod() {
				method := v.Type().Method(i)
				if v.IsNil() && !hasPointerReceiver(v.Type(), method.Name) {
					continue // Go itself refuses to call it
				}
				t.Run(name+"."+method.Name, func(t *testing.T) {
					require.NotPanics(t, func() { checkResults(t, v.Method(i).Call(zeroArguments(t, v.Method(i).Type()))) })
				})
			}
		}
	}
}

func hasPointerReceiver(t reflect.Type, method string) bool {
	_, byValue := t.Elem().MethodByName(method)
	return !byValue
}

// zeroArguments are the arguments of a method: its context, and zero values for the rest.
func zeroArguments(t *testing.T, method reflect.Type) []reflect.Value {
	var args []reflect.Value
	for i := range method.NumIn() {
		switch in := method.In(i); {
		case method.IsVariadic() && i == method.NumIn()-1:
		case in.String() == "context.Context":
			args = append(args, reflect.ValueOf(t.Context()))
		case in.String() == "fmt.State":
			args = append(args, reflect.ValueOf(discard{}))
		default:
			args = append(args, reflect.Zero(in))
		}
	}
	return args
}

// discard is a fmt.State.
type discard struct{}

func (discard) Write(b []byte) (int, error) { return len(b), nil }
func (discard) Width() (int, bool)          { return 0, false }
func (discard) Precision() (int, bool)      { return 0, false }
func (discard) Flag(int) bool               { return false }

func checkResults(t *testing.T, results []reflect.Value) {
	for _, r := range results {
		if err, ok := r.Interface().(error); ok && r.Type() == reflect.TypeFor[error]() && !strings.Contains(t.Name(), "Reply") {
			assert.ErrorIs(t, err, redis.ErrNotExecuted)
		}
	}
}

// An error that is a nil pointer, as a function with that result type returns it, can be
// asked and printed like any other.
func TestErrorsThatAreNilPointers(t *testing.T) {
	asked := 0
	for name, zero := range zeros {
		err, ok := reflect.Zero(reflect.TypeOf(zero)).Interface().(error)
		if !ok || !hasPointerReceiver(reflect.TypeOf(zero), "Error") {
			continue
		}
		asked++
		assert.Equal(t, "redis: the error is a nil pointer", err.Error(), name)
		for _, target := range []error{redis.ErrNil, redis.ErrNotExecuted, redis.ErrOutcomeUnknown, redis.ErrNoScript} {
			assert.NotErrorIs(t, err, target, name)
		}
		_, found := errors.AsType[*redis.CallError](err)
		assert.Equal(t, name == "CallError", found, name)
		assert.Empty(t, redis.Code(err), name)
	}
	assert.Equal(t, 8, asked)
	assert.Equal(t, "redis.Redis()", (*redis.Redis)(nil).String())
	assert.Equal(t, "redis.Redis()", fmt.Sprintf("%+v", (*redis.Redis)(nil)))
	assert.Equal(t, "redis.Redis()", (*redis.Redis)(nil).LogValue().String())
}

func TestZeroSubscriptionSaysSo(t *testing.T) {
	for _, s := range []*redis.Subscription{nil, {}} {
		require.NoError(t, s.Close())
		n := 0
		for _, err := range s.Messages() {
			require.ErrorContains(t, err, "Subscribe")
			n++
		}
		require.Equal(t, 1, n)
	}
}

func TestNilDoer(t *testing.T) {
	script := redis.NewScript[int]("return 1")
	for name, call := range map[string]func() (int, error){
		"Command":      func() (int, error) { return redis.Cmd[int]("INCR", "k").Do(t.Context(), nil) },
		"Eval":         func() (int, error) { return redis.Eval[int](t.Context(), nil, "return 1", nil) },
		"Fcall":        func() (int, error) { return redis.Fcall[int](t.Context(), nil, "f", nil) },
		"Script.Run":   func() (int, error) { return script.Run(t.Context(), nil, nil) },
		"Script.Load":  func() (int, error) { return 0, script.Load(t.Context(), nil) },
		"RunOnce":      func() (int, error) { return script.RunOnce(t.Context(), nil, "id", []string{"k"}) },
		"*Redis":       func() (int, error) { return redis.Cmd[int]("INCR", "k").Do(t.Context(), (*redis.Redis)(nil)) },
		"zero Command": func() (int, error) { return redis.Command[int]{}.Do(t.Context(), &redis.Redis{}) },
	} {
		_, err := call()
		require.ErrorIs(t, err, redis.ErrNotExecuted, name)
	}
}

// Such an error of the user's own code, a Doer or a decoder, is returned like another one.
func TestNilPointersOfTheUsersOwnCode(t *testing.T) {
	for name, zero := range zeros {
		err, ok := reflect.Zero(reflect.TypeOf(zero)).Interface().(error)
		if !ok {
			continue
		}
		if !hasPointerReceiver(reflect.TypeOf(zero), "Error") {
			continue
		}
		t.Run(name, func(t *testing.T) {
			d := failing{err}
			_, got := redis.Cmd[int]("GET", "k").Do(t.Context(), d)
			require.Error(t, got)
			_, got = redis.NewScript[int]("return 1").Run(t.Context(), d, nil)
			require.Error(t, got)
			_, got = redis.NewScript[int]("return 1").RunOnce(t.Context(), d, "id", []string{"k"})
			require.Error(t, got)
			b := redis.NewBatch(d, redis.Pipeline)
			one, two := redis.Cmd[int]("GET", "k").Queue(b), redis.NewScript[int]("return 1").Cmd(nil).Queue(b)
			require.NotEmpty(t, b.Exec(t.Context()).Error())
			for _, f := range []*redis.Future[int]{one, two} {
				_, got = f.Result()
				require.Error(t, got)
			}
			reply, parseErr := redis.ParseReply("[1]")
			require.NoError(t, parseErr)
			_, got = redis.CmdWithDecoder(func(redis.Reply) (int, error) { return 0, err }, "GET", "k").Do(t.Context(), answering{reply})
			require.Error(t, got)
			require.NotEmpty(t, got.Error())
			ownErr = err
			_, got = redis.Decode[[]refusing](reply)
			require.Error(t, got)
			require.NotEmpty(t, got.Error())
		})
	}
}

type failing struct{ err error }

func (f failing) Do(context.Context, ...any) (redis.Reply, error) { return redis.Reply{}, f.err }

func (f failing) DoBatch(_ context.Context, _ redis.BatchKind, commands [][]any) []redis.BatchResult {
	results := make([]redis.BatchResult, len(commands))
	for i := range results {
		results[i].Err = f.err
	}
	return results
}

type answering struct{ reply redis.Reply }

func (a answering) Do(context.Context, ...any) (redis.Reply, error) { return a.reply, nil }

type refusing struct{}

var ownErr error

func (*refusing) UnmarshalReply(redis.Reply) error { return ownErr }
