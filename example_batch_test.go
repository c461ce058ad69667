package redis_test

import (
	"errors"
	"fmt"
	"log"
	"sync"

	redis "github.com/redis-rest/redis-rest-go"
)

// A pipeline with a script is one request, whether or not the server has the script.
func ExampleBatch() {
	limit := redis.NewScript[bool](rateLimit, redis.Named("ratelimit.lua"))

	rdb := client("ratelimit:user:456", "user:456:name")
	b := rdb.Pipeline()
	redis.Cmd[string]("SET", "user:456:name", "Ada").Queue(b)
	allowed := limit.Cmd([]string{"ratelimit:user:456"}, 10, 60).Queue(b)
	name := redis.Cmd[string]("GET", "user:456:name").Queue(b)
	if err := b.Exec(ctx); err != nil {
		log.Fatal(err)
	}
	fmt.Println(allowed.Result())
	fmt.Println(name.Result())
	// Output:
	// true <nil>
	// Ada <nil>
}

func ExampleRedis_Pipeline() {
	b := client("a", "b").Pipeline()
	a := redis.Cmd[int]("INCR", "a").Queue(b)
	_ = redis.Cmd[int]("INCRBY", "b", 10).Queue(b)
	fmt.Println(b.Exec(ctx))
	fmt.Println(a.Result())
	// Output:
	// <nil>
	// 1 <nil>
}

func ExampleRedis_Multi() {
	b := client("from", "to").Multi()
	from := redis.Cmd[int]("DECRBY", "from", 5).Queue(b)
	to := redis.Cmd[int]("INCRBY", "to", 5).Queue(b)
	fmt.Println(b.Exec(ctx))
	fmt.Println(from.Result())
	fmt.Println(to.Result())
	// Output:
	// <nil>
	// -5 <nil>
	// 5 <nil>
}

func ExampleCommand_Queue() {
	incr := redis.Cmd[int]("INCR", "hits") // a command can be in many batches
	rdb := client("hits")
	for range 2 {
		b := rdb.Pipeline()
		hits := incr.Queue(b)
		if err := b.Exec(ctx); err != nil {
			log.Fatal(err)
		}
		fmt.Println(hits.Result())
	}
	// Output:
	// 1 <nil>
	// 2 <nil>
}

func ExampleBatch_Exec() {
	rdb := client("name")
	b := rdb.Pipeline()
	redis.Cmd[string]("SET", "name", "Ada").Queue(b)
	redis.Cmd[int]("LPUSH", "name", "x").Queue(b)
	redis.Cmd[int]("STRLEN", "name").Queue(b)
	err := b.Exec(ctx)
	if e, ok := errors.AsType[*redis.BatchError](err); ok {
		for _, c := range e.Errors {
			fmt.Println(c.Index, c.Command, redis.Code(c))
		}
	}
	// Output: 1 LPUSH WRONGTYPE
}

func ExampleBatch_String() {
	b := client().Multi()
	redis.Cmd[int]("INCR", "hits").Queue(b)
	fmt.Println(b.String())
	// Output: transaction of 1
}

func ExampleBatch_Format() {
	b := client().Pipeline()
	redis.Cmd[string]("SET", "k", "secret").Queue(b)
	fmt.Printf("%+v\n", b)
	// Output: pipeline of 1
}

func ExampleFuture() {
	b := client("k").Pipeline()
	f := redis.Cmd[*string]("GET", "k").Queue(b)
	if err := b.Exec(ctx); err != nil {
		log.Fatal(err)
	}
	fmt.Println(f.Result())
	// Output: <nil> <nil>
}

func ExampleFuture_Result() {
	b := client().Pipeline()
	f := redis.Cmd[int]("INCR", "hits").Queue(b)
	_, err := f.Result()
	fmt.Println(errors.Is(err, redis.ErrNotExecuted))
	// Output: true
}

func ExampleErrNotExecuted() {
	b := client("hits").Pipeline()
	redis.Cmd[int]("INCR", "hits").Queue(b)
	fmt.Println(b.Exec(ctx))
	fmt.Println(errors.Is(b.Exec(ctx), redis.ErrNotExecuted))
	// Output:
	// <nil>
	// true
}

func ExampleBatchError() {
	b := client().Pipeline()
	redis.Cmd[string]("GET", nil).Queue(b)
	fmt.Println(b.Exec(ctx))
	// Output: redis: batch: 1 of 1 commands failed, first [0] GET: argument 1 (<nil>): nil cannot be sent; leave the argument out or send a value
}

func ExampleCommandError() {
	b := client().Pipeline()
	redis.Cmd[string]("ECHO", "fine").Queue(b)
	redis.Cmd[int]("ECHO", "words").Queue(b)
	if e, ok := errors.AsType[redis.CommandError](b.Exec(ctx)); ok {
		fmt.Println(e)
	}
	// Output: redis: [1] ECHO: want int, got string that is not a number
}

func ExampleScript_Cmd() {
	count := redis.NewScript[int]("return redis.call('INCR', KEYS[1])")
	rdb := client("n")
	b := rdb.Multi()
	first := count.Cmd([]string{"n"}).Queue(b)
	second := count.Cmd([]string{"n"}).Queue(b)
	if err := b.Exec(ctx); err != nil {
		log.Fatal(err)
	}
	fmt.Println(first.Result())
	fmt.Println(second.Result())
	// Output:
	// 1 <nil>
	// 2 <nil>
}

func ExampleWithAutoPipelining() {
	rdb, err := redis.FromEnv(redis.WithAutoPipelining(true))
	if err != nil {
		log.Fatal(err)
	}
	if _, err := rdb.Do(ctx, "DEL", "hits"); err != nil {
		log.Fatal(err)
	}
	var wg sync.WaitGroup
	for range 100 {
		wg.Go(func() { rdb.Do(ctx, "INCR", "hits") }) // sent in a few requests, not in 100
	}
	wg.Wait()
	fmt.Println(redis.Cmd[int]("GET", "hits").Do(ctx, rdb))
	// Output: 100 <nil>
}
