package command_test

import (
	"errors"
	"fmt"
	"log"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	redis "github.com/redis-rest/redis-rest-go"
	"github.com/redis-rest/redis-rest-go/command"
	"github.com/redis-rest/redis-rest-go/redistest"
)

func ExampleEval() {
	b := rdb.Pipeline()
	sum := command.Eval[int64]("return ARGV[1] + ARGV[2]", nil, 3, 4).Queue(b)
	sha := command.ScriptLoad("return 1").Queue(b)
	if err := b.Exec(ctx); err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(sum.Result())
	fmt.Println(sha.Result())
	// Output:
	// 7 <nil>
	// e0e1f9fabfc9d4800c877a703b823ac0578ff8db <nil>
}

func TestScripting(t *testing.T) {
	s := newServer(t)
	const source = "return {KEYS[1], ARGV[1]}"
	keys := []string{"k"}
	want := []string{"k", "1"}
	returns(s, want, command.Eval[[]string](source, keys, 1))
	returns(s, want, command.EvalRO[[]string](source, keys, 1))
	sha := run(s, command.ScriptLoad(source))
	returns(s, want, command.EvalSha[[]string](sha, keys, 1))
	returns(s, want, command.EvalShaRO[[]string](sha, keys, 1))
	returns(s, []bool{true, false}, command.ScriptExists(sha, "none"))
	returns(s, "OK", command.ScriptFlush(command.Sync()))
	_, err := command.EvalSha[string](sha, nil).Do(t.Context(), s)
	require.ErrorIs(t, err, redis.ErrNoScript)
	fails(s, "ERR", command.EvalRO[string]("return redis.call('SET', KEYS[1], 1)", keys))
	isNil(s, command.Eval[string]("return nil", nil))
	returns(s, false, command.Eval[bool]("return nil", nil))

	_, err = command.Eval[int]("local a = 1\nreturn redis.call('LPUSH', KEYS[1])", keys).Do(t.Context(), s)
	require.ErrorContains(t, err, "script:2: ERR")
	require.ErrorContains(t, err, "| return redis.call('LPUSH', KEYS[1])")
}

// functions loads a library into the database of the examples. It has no other library.
func functions() {
	command.FunctionFlush().Do(ctx, rdb)
	_, err := command.FunctionLoad(`#!lua name=examples
redis.register_function('incr', function(keys, args) return redis.call('INCRBY', keys[1], args[1]) end)
redis.register_function{function_name='get', callback=function(keys) return redis.call('GET', keys[1]) end, flags={'no-writes'}}`).Do(ctx, rdb)
	if err != nil {
		log.Fatal(err)
	}
}

func ExampleFunctionLoad() {
	code := "#!lua name=hello\nredis.register_function('hello', function() return 'hello' end)"
	fmt.Println(command.FunctionLoad(code, command.Replace()).Do(ctx, rdb))
	// Output: hello <nil>
}

func ExampleFunctionLoadOption() {
	code := "#!lua name=hello\nredis.register_function('hello', function() return 'hello' end)"
	opts := []command.FunctionLoadOption{command.Replace()}
	fmt.Println(command.FunctionLoad(code, opts...).Do(ctx, rdb))
	// Output: hello <nil>
}

func ExampleReplace() {
	code := "#!lua name=hello\nredis.register_function('hello', function() return 'hello' end)"
	fmt.Println(command.FunctionLoad(code, command.Replace()).Do(ctx, rdb)) // it may exist already
	// Output: hello <nil>
}

func ExampleFunctionList() {
	functions()
	libraries, err := command.FunctionList(command.LibraryName("examples")).Do(ctx, rdb)
	fmt.Println(len(libraries), err)
	// Output: 1 <nil>
}

func ExampleFunctionListOption() {
	functions()
	opts := []command.FunctionListOption{command.LibraryName("ex*"), command.WithCode()}
	libraries, err := command.FunctionList(opts...).Do(ctx, rdb)
	fmt.Println(len(libraries), err)
	// Output: 1 <nil>
}

func ExampleLibraryName() {
	functions()
	libraries, err := command.FunctionList(command.LibraryName("nosuch*")).Do(ctx, rdb)
	fmt.Println(len(libraries), err)
	// Output: 0 <nil>
}

func ExampleWithCode() {
	functions()
	libraries, err := command.FunctionList(command.WithCode()).Do(ctx, rdb)
	for _, l := range libraries {
		fmt.Println(l.Code != "", err)
	}
	// Output: true <nil>
}

func ExampleFunctionLibrary() {
	fmt.Println(command.FunctionLibrary{Name: "examples", Engine: "LUA"}.Name)
	// Output: examples
}

func ExampleFunction() {
	f := command.Function{Name: "get", Flags: []string{"no-writes"}}
	fmt.Println(f.Name, f.Flags, f.Description == nil)
	// Output: get [no-writes] true
}

func ExampleFunctionDelete() {
	functions()
	fmt.Println(command.FunctionDelete("examples").Do(ctx, rdb))
	// Output: OK <nil>
}

func ExampleFunctionFlush() {
	functions()
	fmt.Println(command.FunctionFlush().Do(ctx, rdb))
	// Output: OK <nil>
}

func ExampleFunctionStats() {
	functions()
	stats, err := command.FunctionStats().Do(ctx, rdb)
	fmt.Println(stats.Running == nil, stats.Engines["LUA"].Libraries, err)
	// Output: true 1 <nil>
}

func ExampleFunctionSummary() {
	stats := command.FunctionSummary{Engines: map[string]command.EngineStats{"LUA": {Libraries: 1, Functions: 2}}}
	fmt.Println(stats.Running == nil, stats.Engines["LUA"])
	// Output: true {1 2}
}

func ExampleEngineStats() {
	fmt.Printf("%+v\n", command.EngineStats{Libraries: 1, Functions: 2})
	// Output: {Libraries:1 Functions:2}
}

func ExampleRunningFunction() {
	f := command.RunningFunction{Name: "slow", Milliseconds: 1500}
	fmt.Println(f.Name, f.Duration())
	// Output: slow 1.5s
}

func ExampleRunningFunction_Duration() {
	fmt.Println(command.RunningFunction{Milliseconds: 250}.Duration())
	// Output: 250ms
}

func TestFunctions(t *testing.T) {
	t.Run("memory", func(t *testing.T) { testFunctions(t, server{redistest.New(t, redistest.Backend("memory")), t}) })
	t.Run("redis-server", func(t *testing.T) { testFunctions(t, newServer(t)) })
}

func testFunctions(t *testing.T, s server) {
	const code = "#!lua name=lib\nredis.register_function('get', function(keys, args) return redis.call('GET', keys[1]) end)\n" +
		"redis.register_function{function_name='one', callback=function() return 1 end, flags={'no-writes'}, description='a number'}"
	returns(s, "lib", command.FunctionLoad(code))
	fails(s, "ERR", command.FunctionLoad(code))
	returns(s, "lib", command.FunctionLoad(code, command.Replace()))
	returns(s, 1, command.FcallRO[int]("one", nil))
	isNil(s, command.Fcall[string]("get", []string{"none"}))
	returns(s, nil, command.Fcall[*string]("get", []string{"none"}))
	run(s, command.HSet("h", map[string]int{"f": 1}))
	fails(s, "WRONGTYPE", command.Fcall[string]("get", []string{"h"}))

	returns(s, "other", command.FunctionLoad("#!lua name=other\nredis.register_function('f', function() return 1 end)"))
	require.Len(t, run(s, command.FunctionList()), 2)
	libraries := run(s, command.FunctionList(command.LibraryName("l*"), command.WithCode()))
	require.Len(t, libraries, 1)
	require.Equal(t, []any{"lib", "LUA", code}, []any{libraries[0].Name, libraries[0].Engine, libraries[0].Code})
	require.Len(t, libraries[0].Functions, 2)
	for _, f := range libraries[0].Functions {
		switch f.Name {
		case "one":
			require.Equal(t, "a number", *f.Description)
			require.Equal(t, []string{"no-writes"}, f.Flags)
		default:
			require.Nil(t, f.Description)
			require.Empty(t, f.Flags)
		}
	}
	for _, library := range run(s, command.FunctionList()) {
		require.Empty(t, library.Code)
	}
	want := command.FunctionSummary{Engines: map[string]command.EngineStats{"LUA": {Libraries: 2, Functions: 3}}}
	returns(s, want, command.FunctionStats())

	returns(s, "OK", command.FunctionDelete("other"))
	fails(s, "ERR", command.FunctionDelete("other"))
	returns(s, "OK", command.FunctionFlush(command.Async()))
	returns(s, []command.FunctionLibrary{}, command.FunctionList())

	_, err := command.FunctionLoad("#!lua name=broken\n\nthis is no lua").Do(t.Context(), s)
	e, ok := errors.AsType[*redis.Error](err)
	require.True(t, ok)
	require.Equal(t, 3, e.Line)
	require.ErrorContains(t, err, "| this is no lua")
}

func TestRunningFunction(t *testing.T) {
	const reply = `["running_script",["name","slow","command",["FCALL","slow","0"],"duration_ms",1500],"engines",["LUA",["libraries_count",1,"functions_count",2]]]`
	stats, err := replies(t, reply, command.FunctionStats())
	require.NoError(t, err)
	require.Equal(t, &command.RunningFunction{Name: "slow", Command: []string{"FCALL", "slow", "0"}, Milliseconds: 1500}, stats.Running)
	require.Equal(t, 1500*time.Millisecond, stats.Running.Duration())
}

func TestScriptingArguments(t *testing.T) {
	sends(t, "EVAL return 0", command.Eval[*string]("return", nil))
	sends(t, "EVAL_RO return 2 a b x 1", command.EvalRO[*string]("return", []string{"a", "b"}, "x", 1))
	sends(t, "EVALSHA sha 1 a", command.EvalSha[*string]("sha", []string{"a"}))
	sends(t, "EVALSHA_RO sha 0 x", command.EvalShaRO[*string]("sha", nil, "x"))
	sends(t, "FCALL f 1 a x", command.Fcall[*string]("f", []string{"a"}, "x"))
	sends(t, "FCALL_RO f 0", command.FcallRO[*string]("f", nil))
	sends(t, "SCRIPT FLUSH", command.ScriptFlush())
	sends(t, "SCRIPT FLUSH ASYNC", command.ScriptFlush(command.Async()))
	sends(t, "FUNCTION FLUSH SYNC", command.FunctionFlush(command.Sync()))
	sends(t, "FUNCTION LOAD code", command.FunctionLoad("code"))
	sends(t, "FUNCTION LIST LIBRARYNAME l* WITHCODE", command.FunctionList(command.LibraryName("l*"), command.WithCode()))
	refuses(t, "redis: FUNCTION: an option is nil", command.FunctionList(nil))
	sends(t, "FUNCTION LOAD REPLACE code", command.FunctionLoad("code", command.Replace()))
	refuses(t, "redis: SCRIPT: needs at least one digest", command.ScriptExists())
	refuses(t, "redis: SCRIPT: ASYNC and SYNC exclude each other", command.ScriptFlush(command.Async(), command.Sync()))
}
