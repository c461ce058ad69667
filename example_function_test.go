package redis_test

import (
	"fmt"
	"log"

	redis "github.com/redis-rest/redis-rest-go"
)

// functions is a client with one library loaded.
func functions() *redis.Redis {
	rdb := client("n")
	if err := rdb.FunctionFlush(ctx); err != nil {
		log.Fatal(err)
	}
	_, err := rdb.FunctionLoad(ctx, `#!lua name=examples
redis.register_function('incr', function(keys, args) return redis.call('INCRBY', keys[1], args[1]) end)
redis.register_function{function_name='get', callback=function(keys) return redis.call('GET', keys[1]) end, flags={'no-writes'}}`)
	if err != nil {
		log.Fatal(err)
	}
	return rdb
}

func ExampleFcall() {
	rdb := functions()
	n, err := redis.Fcall[int](ctx, rdb, "incr", []string{"n"}, 5)
	fmt.Println(n, err)
	// Output: 5 <nil>
}

func ExampleFcallRO() {
	rdb := functions()
	n, err := redis.FcallRO[*int](ctx, rdb, "get", []string{"n"})
	fmt.Println(n, err)
	// Output: <nil> <nil>
}

func ExampleRedis_FunctionLoad() {
	library, err := client().FunctionLoad(ctx, "#!lua name=hello\nredis.register_function('hello', function() return 'hello' end)", redis.Replace())
	fmt.Println(library, err)
	// Output: hello <nil>
}

func ExampleFunctionLoadOption() {
	code := "#!lua name=hello\nredis.register_function('hello', function() return 'hello' end)"
	_, err := client().FunctionLoad(ctx, code, redis.Replace())
	fmt.Println(err)
	// Output: <nil>
}

func ExampleReplace() {
	code := "#!lua name=hello\nredis.register_function('hello', function() return 'hello' end)"
	_, err := client().FunctionLoad(ctx, code, redis.Replace()) // although it may be there
	fmt.Println(err)
	// Output: <nil>
}

func ExampleRedis_FunctionList() {
	rdb := functions()
	libraries, err := rdb.FunctionList(ctx, redis.LibraryName("examples"))
	fmt.Println(len(libraries), err)
	// Output: 1 <nil>
}

func ExampleFunctionListOption() {
	rdb := functions()
	libraries, err := rdb.FunctionList(ctx, redis.LibraryName("ex*"), redis.WithCode())
	fmt.Println(len(libraries), err)
	// Output: 1 <nil>
}

func ExampleLibraryName() {
	rdb := functions()
	libraries, err := rdb.FunctionList(ctx, redis.LibraryName("nosuch*"))
	fmt.Println(len(libraries), err)
	// Output: 0 <nil>
}

func ExampleWithCode() {
	rdb := functions()
	libraries, err := rdb.FunctionList(ctx, redis.WithCode())
	for _, l := range libraries {
		fmt.Println(l.Code != "", err)
	}
	// Output: true <nil>
}

func ExampleFunctionLibrary() {
	fmt.Println(redis.FunctionLibrary{Name: "examples", Engine: "LUA"}.Name)
	// Output: examples
}

func ExampleFunction() {
	f := redis.Function{Name: "get", Flags: []string{"no-writes"}}
	fmt.Println(f.Name, f.Flags, f.Description == nil)
	// Output: get [no-writes] true
}

func ExampleRedis_FunctionDelete() {
	rdb := functions()
	fmt.Println(rdb.FunctionDelete(ctx, "examples"))
	// Output: <nil>
}

func ExampleRedis_FunctionFlush() {
	rdb := functions()
	fmt.Println(rdb.FunctionFlush(ctx))
	// Output: <nil>
}

func ExampleRedis_FunctionStats() {
	rdb := functions()
	stats, err := rdb.FunctionStats(ctx)
	fmt.Println(stats.Running == nil, stats.Engines["LUA"].Libraries, err)
	// Output: true 1 <nil>
}

func ExampleFunctionStats() {
	stats := redis.FunctionStats{Engines: map[string]redis.EngineStats{"LUA": {Libraries: 1, Functions: 2}}}
	fmt.Println(stats.Running == nil, stats.Engines["LUA"])
	// Output: true {1 2}
}

func ExampleEngineStats() {
	fmt.Printf("%+v\n", redis.EngineStats{Libraries: 1, Functions: 2})
	// Output: {Libraries:1 Functions:2}
}

func ExampleRunningFunction() {
	f := redis.RunningFunction{Name: "slow", Milliseconds: 1500}
	fmt.Println(f.Name, f.Duration())
	// Output: slow 1.5s
}

func ExampleRunningFunction_Duration() {
	fmt.Println(redis.RunningFunction{Milliseconds: 250}.Duration())
	// Output: 250ms
}
