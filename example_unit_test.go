package redis_test

import (
	"fmt"
	"time"

	redis "github.com/redis-rest/redis-rest-go"
)

func ExampleSeconds() {
	rdb := client("session")
	rdb.Do(ctx, "SET", "session", "Ada", "EX", redis.Seconds(time.Hour))
	fmt.Println(rdb.Do(ctx, "TTL", "session"))
	_, err := rdb.Do(ctx, "EXPIRE", "session", redis.Seconds(1500*time.Millisecond))
	fmt.Println(err)
	// Output:
	// 3600 <nil>
	// redis: EXPIRE: argument 2 (time.Duration): it is not a whole number of seconds
}

func ExampleMilliseconds() {
	rdb := client("session")
	rdb.Do(ctx, "SET", "session", "Ada", "PX", redis.Milliseconds(90*time.Second))
	fmt.Println(rdb.Do(ctx, "TTL", "session"))
	// Output: 90 <nil>
}

func ExampleCommand_In() {
	rdb := client()
	fmt.Println(redis.Cmd[time.Duration]("EVAL", "return 1500", 0).In(time.Millisecond).Do(ctx, rdb))
	fmt.Println(redis.Cmd[[]time.Duration]("EVAL", "return {60, 90}", 0).In(time.Second).Do(ctx, rdb))

	type Limit struct {
		Allowed bool          `redis:"0"`
		Reset   time.Duration `redis:"1,milliseconds"`
	}
	fmt.Println(redis.Eval[Limit](ctx, rdb, "return {1, 250}", nil))
	// Output:
	// 1.5s <nil>
	// [1m0s 1m30s] <nil>
	// {true 250ms} <nil>
}
