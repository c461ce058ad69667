package command_test

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	redis "github.com/redis-rest/redis-rest-go"
	"github.com/redis-rest/redis-rest-go/command"
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

func TestFunctions(t *testing.T) {
	s := newServer(t)
	const code = "#!lua name=lib\nredis.register_function('get', function(keys, args) return redis.call('GET', keys[1]) end)\n" +
		"redis.register_function{function_name='one', callback=function() return 1 end, flags={'no-writes'}}"
	returns(s, "lib", command.FunctionLoad(code))
	fails(s, "ERR", command.FunctionLoad(code))
	returns(s, "lib", command.FunctionLoad(code, redis.Replace()))
	returns(s, 1, command.FcallRO[int]("one", nil))
	isNil(s, command.Fcall[string]("get", []string{"none"}))
	returns(s, nil, command.Fcall[*string]("get", []string{"none"}))
	run(s, command.HSet("h", map[string]int{"f": 1}))
	fails(s, "WRONGTYPE", command.Fcall[string]("get", []string{"h"}))
	libraries := run(s, command.FunctionList(redis.LibraryName("l*"), redis.WithCode()))
	require.Len(t, libraries, 1)
	assert.Equal(t, code, libraries[0].Code)
	assert.Len(t, libraries[0].Functions, 2)
	assert.Equal(t, 2, run(s, command.FunctionStats()).Engines["LUA"].Functions)
	returns(s, "OK", command.FunctionDelete("lib"))
	fails(s, "ERR", command.FunctionDelete("lib"))
	returns(s, "OK", command.FunctionFlush(command.Async()))
	returns(s, []redis.FunctionLibrary{}, command.FunctionList())
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
	sends(t, "FUNCTION LOAD REPLACE code", command.FunctionLoad("code", redis.Replace()))
	refuses(t, "redis: SCRIPT: needs at least one digest", command.ScriptExists())
	refuses(t, "redis: SCRIPT: ASYNC and SYNC exclude each other", command.ScriptFlush(command.Async(), command.Sync()))
}
