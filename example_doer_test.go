package redis_test

import (
	"context"
	"fmt"

	redis "github.com/redis-rest/redis-rest-go"
)

// metered counts the commands that go through it.
type metered struct {
	redis.BatchDoer
	commands int
}

func (c *metered) Do(ctx context.Context, args ...any) (redis.Reply, error) {
	c.commands++
	return c.BatchDoer.Do(ctx, args...)
}

func (c *metered) DoBatch(ctx context.Context, kind redis.BatchKind, commands [][]any) []redis.BatchResult {
	c.commands += len(commands)
	return c.BatchDoer.DoBatch(ctx, kind, commands)
}

func ExampleNewBatch() {
	d := &metered{BatchDoer: client()}
	b := redis.NewBatch(d, redis.Pipeline)
	visits := redis.Cmd[int]("INCR", "metered:visits").Queue(b)
	redis.Cmd[string]("ECHO", "hello").Queue(b)
	fmt.Println(b.Exec(ctx), d.commands)
	fmt.Println(visits.Result())
	// Output:
	// <nil> 2
	// 1 <nil>
}

// stub answers each command of a batch with the same reply, without a server.
type stub struct {
	redis.Doer
	reply string
}

func (s stub) DoBatch(_ context.Context, _ redis.BatchKind, commands [][]any) []redis.BatchResult {
	results := make([]redis.BatchResult, len(commands))
	for i := range results {
		results[i].Reply, results[i].Err = redis.ParseReply(s.reply)
	}
	return results
}

func ExampleBatchDoer() {
	b := redis.NewBatch(stub{reply: "42"}, redis.Transaction)
	stock := redis.Cmd[int]("DECR", "stock").Queue(b)
	fmt.Println(b.Exec(ctx))
	fmt.Println(stock.Result())
	// Output:
	// <nil>
	// 42 <nil>
}

func ExampleRedis_DoBatch() {
	results := client().DoBatch(ctx, redis.Pipeline, [][]any{{"ECHO", "hello"}, {"LLEN", "queue"}})
	for _, r := range results {
		fmt.Println(r.Reply, r.Err)
	}
	// Output:
	// "hello" <nil>
	// 0 <nil>
}

func ExampleBatchKind() {
	for _, kind := range []redis.BatchKind{redis.Pipeline, redis.Transaction} {
		fmt.Println(redis.NewBatch(client(), kind))
	}
	// Output:
	// pipeline of 0
	// transaction of 0
}

func ExampleBatchResult() {
	reply, err := redis.ParseReply(`"Ada"`)
	fake := fakeBatches{results: []redis.BatchResult{{Reply: reply, Err: err}}}
	b := redis.NewBatch(fake, redis.Pipeline)
	name := redis.Cmd[string]("GET", "name").Queue(b)
	fmt.Println(b.Exec(ctx))
	fmt.Println(name.Result())
	// Output:
	// <nil>
	// Ada <nil>
}
