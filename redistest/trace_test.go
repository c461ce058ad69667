package redistest_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	redis "github.com/redis-rest/redis-rest-go"
	"github.com/redis-rest/redis-rest-go/redistest"
)

var (
	_ = ExampleServer_Trace
	_ = ExampleDeclaredKeys
	_ = ExampleRun
)

func ExampleServer_Trace() {
	_ = func(t *testing.T) {
		server := redistest.NewServer(t, redistest.Backend("memory"))
		redis.Eval[int](t.Context(), server.Client(), "return redis.call('INCR', KEYS[1])", []string{"hits"})
		for _, call := range server.Trace()[0].Calls {
			t.Log(call) // line 1: INCR hits → 1
		}
	}
}

func ExampleDeclaredKeys() {
	_ = func(t *testing.T) {
		rdb := redistest.New(t, redistest.DeclaredKeys())
		redis.Eval[int](t.Context(), rdb, "return redis.call('INCR', 'hits')", nil) // fails the test
	}
}

func ExampleRun() {
	run := redistest.Run{Script: "buy", Keys: []string{"stock"}, Calls: []redistest.Call{{Line: 3, Words: []string{"GET", "stock"}, Reply: "5"}}}
	fmt.Println(run.Calls[0])
	// Output: line 3: GET stock → "5"
}

func ExampleCall_String() {
	fmt.Println(redistest.Call{Line: 3, Words: []string{"GET", "the stock"}})
	// Output: line 3: GET "the stock" → (nil)
}

func TestTrace(t *testing.T) {
	server := redistest.NewServer(t, redistest.Backend("memory"))
	rdb := server.Client()
	require.Empty(t, server.Trace())
	const source = "local v = redis.call('GET', KEYS[1])\nredis.pcall('LPUSH', KEYS[2], ARGV[1], v)\nreturn redis.error_reply('MINE no')"
	_, err := redis.Eval[string](t.Context(), rdb, source, []string{"a", "b"}, "x")
	require.ErrorContains(t, err, "MINE")
	_, err = redis.Cmd[string]("FUNCTION", "LOAD", "#!lua name=l\nredis.register_function('f', function(keys) return redis.call('TTL', keys[1]) end)").Do(t.Context(), rdb)
	require.NoError(t, err)
	_, err = redis.Fcall[int](t.Context(), rdb, "f", []string{"b"})
	require.NoError(t, err)
	runs := server.Trace()
	require.Len(t, runs, 2)
	require.Equal(t, redistest.Run{
		Script: redis.NewScript[string](source).SHA(), Keys: []string{"a", "b"}, Args: []string{"x"}, Error: "MINE no",
		Calls: []redistest.Call{{Line: 1, Words: []string{"GET", "a"}}, {Line: 2, Words: nil, Reply: runs[0].Calls[1].Reply}},
	}, runs[0])
	require.ErrorContains(t, runs[0].Calls[1].Reply.(error), "arguments must be strings or integers")
	require.Equal(t, "f", runs[1].Script)
	require.Equal(t, "line 2: TTL b → -2", runs[1].Calls[0].String())
	require.Empty(t, runs[1].Error)
}

func (r *report) Logf(format string, a ...any)   { r.Log(fmt.Sprintf(format, a...)) }
func (r *report) Errorf(format string, a ...any) { r.Error(fmt.Sprintf(format, a...)) }
func (r *report) Cleanup(f func())               { r.TB.Cleanup(f) }

func TestDeclaredKeysAndLastCalls(t *testing.T) {
	r := &report{TB: t}
	rdb := redistest.New(r, redistest.DeclaredKeys())
	run := func(script string, keys ...string) string {
		r.lines = nil
		redis.Eval[redis.Reply](t.Context(), rdb, script, keys)
		return strings.Join(r.lines, "\n")
	}
	require.Empty(t, run("return redis.call('MGET', KEYS[1], KEYS[2])", "a", "b"))
	require.Regexp(t, `^error: redistest: the script [0-9a-f]{40} touched keys that are not in KEYS: a "b c"$`, run("return redis.call('MGET', 'a', KEYS[1], 'b c', 'a')", "k"))
	out := run("for i = 1, 12 do redis.call('INCR', KEYS[1]) end\nreturn redis.call('LPUSH', KEYS[1], 1)", "n")
	require.Contains(t, out, "log: redistest: WRONGTYPE ")
	require.Contains(t, out, "\n\t… 3 calls before\n\tline 1: INCR n → 4\n")
	require.Contains(t, out, "\n\tline 2: LPUSH n 1 → (error) WRONGTYPE ")
	require.Empty(t, run("return {err = 'MINE no'}"), "an error that a script returns is no failure of it")
}
