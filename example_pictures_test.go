package redis_test

import (
	_ "embed"
	"fmt"
	"log"

	redis "github.com/redis-rest/redis-rest-go"
)

// The pictures of the README show the code after the empty line, and its output.

//go:embed testdata/limit.lua
var limitWithError string

// The reply of a script is decoded as the type that the caller asks for.
func Example_typedResult() {
	rdb := client("counter")

	n, err := redis.Eval[int](ctx, rdb, increment, []string{"counter"}, 10)
	fmt.Printf("%T %v, error %v\n", n, n, err)
	// Output: int 1, error <nil>
}

// The error of a script shows the line that failed.
func Example_errorLine() {
	limit := redis.NewScript[bool](limitWithError, redis.Named("limit.lua"))
	rdb := client("counter")
	if err := limit.Load(ctx, rdb); err != nil {
		log.Fatal(err)
	}

	_, err := limit.Run(ctx, rdb, []string{"counter"}, `{"maximum": 10}`)
	fmt.Println(err)
	// Output: redis: EVALSHA: limit.lua:3: ERR attempt to compare nil with number | if count > limit.max then
}
