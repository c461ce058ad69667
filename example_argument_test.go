package redis_test

import (
	"errors"
	"fmt"

	redis "github.com/redis-rest/redis-rest-go"
)

func ExampleJSON() {
	rdb := client()
	ids := []int{1, 2}

	_, err := redis.Eval[string](ctx, rdb, "return ARGV[1]", nil, ids)
	fmt.Println(err)
	text, _ := redis.Eval[string](ctx, rdb, "return ARGV[1]", nil, redis.JSON(ids))
	fmt.Println(text)
	// Output:
	// redis: EVAL: ARGV[1] ([]int): a slice is one argument; send its elements with args..., or its JSON text with redis.JSON
	// [1,2]
}

func ExampleDecodeError_Reply() {
	type Job struct{ ID int }
	rdb := client("jobs")
	rdb.Do(ctx, "RPUSH", "jobs", "not JSON")

	_, err := redis.Cmd[Job]("LPOP", "jobs").Do(ctx, rdb)
	if e, ok := errors.AsType[*redis.DecodeError](err); ok {
		text, _ := redis.Decode[string](e.Reply())
		fmt.Printf("%q is no longer in the list: %v\n", text, err)
	}
	// Output:
	// "not JSON" is no longer in the list: redis: LPOP: want redis_test.Job, got string that is not its JSON text
}
