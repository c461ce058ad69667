package redis_test

import (
	"fmt"
	"log"

	redis "github.com/redis-rest/redis-rest-go"
)

// functions returns a client of a server that has one library.
func functions() *redis.Redis {
	rdb := client("n")
	_, err := rdb.Do(ctx, "FUNCTION", "LOAD", "REPLACE", `#!lua name=examples
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
