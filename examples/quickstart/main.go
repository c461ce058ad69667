// Quickstart runs Lua scripts over HTTP and prints their replies with their Go
// types. It uses the database that the environment names. Without one, it starts
// an embedded database, so nothing else must be installed.
//
// The typed functions of the scripts are in scripts_gen.go, which redis-rest gen writes.
package main

import (
	"context"
	"fmt"
	"io"
	"log"
	"os"
	"time"

	redis "github.com/redis-rest/redis-rest-go"
	"github.com/redis-rest/redis-rest-go/restserver"
)

//go:generate go run ../../cmd/redis-rest gen

var limit = redis.NewScript[bool](rateLimitSource)

func main() {
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	if err := run(ctx, os.Stdout); err != nil {
		log.Fatal(err)
	}
}

func run(ctx context.Context, out io.Writer) error {
	if os.Getenv("UPSTASH_REDIS_REST_URL") != "" || os.Getenv("KV_REST_API_URL") != "" {
		rdb, err := redis.FromEnv()
		if err != nil {
			return err
		}
		fmt.Fprintln(out, "Using the database that the environment names:", rdb)
		return scripts(ctx, out, rdb, false)
	}
	server, err := restserver.Start(restserver.Config{Backend: "memory"})
	if err != nil {
		return err
	}
	defer server.Close()
	rdb, err := redis.New(server.URL, server.Token)
	if err != nil {
		return err
	}
	fmt.Fprintln(out, "The environment names no database, so the scripts run on an embedded one, in this process.")
	return scripts(ctx, out, rdb, true)
}

// scripts runs all scripts. ours says that no other client uses the database, so its
// scripts may be flushed.
func scripts(ctx context.Context, out io.Writer, rdb *redis.Redis, ours bool) error {
	const (
		counter = "quickstart:{counter}"
		window  = "quickstart:{window}"
		stock   = "quickstart:{shop}:stock"
		balance = "quickstart:{shop}:balance"
		score   = "quickstart:{score}"
	)
	clear := redis.Cmd[int64]("DEL", counter, window, stock, balance, score)
	if _, err := clear.Do(ctx, rdb); err != nil {
		return err
	}
	show := func(what string, v any) { fmt.Fprintf(out, "  %-38s %-22v %T\n", what, v, v) }

	fmt.Fprintln(out, "\n1. Increment below a limit: null, integer or string, from one call")
	for _, max := range []int64{0, 2, 2, 2} {
		v, err := Increment(counter, max).Do(ctx, rdb)
		if err != nil {
			return err
		}
		show(fmt.Sprintf("limit %d", max), v)
	}
	n, err := redis.Eval[int](ctx, rdb, incrementSource, []string{counter}, 2)
	if err != nil {
		return err
	}
	show("limit 2, as int", n)

	fmt.Fprintln(out, "\n2. Rate limiter: 12 calls, 10 a minute allowed")
	for i := range 12 {
		ok, err := RateLimit(window, 10, time.Minute).Do(ctx, rdb)
		if err != nil {
			return err
		}
		show(fmt.Sprintf("call %d", i+1), ok)
	}

	fmt.Fprintln(out, "\n3. Purchase: the errors that the script returns, told apart by redis.Code")
	if _, err := redis.Cmd[string]("MSET", stock, 5, balance, 100).Do(ctx, rdb); err != nil {
		return err
	}
	for _, buy := range []struct{ quantity, price int64 }{{2, 30}, {9, 1}, {3, 20}} {
		what := fmt.Sprintf("%d at %d", buy.quantity, buy.price)
		v, err := Purchase(stock, balance, buy.quantity, buy.price).Do(ctx, rdb)
		switch redis.Code(err) {
		case "insufficient_stock", "insufficient_balance":
			show(what, redis.Code(err))
		default:
			if err != nil {
				return err
			}
			show(what, v)
		}
	}

	fmt.Fprintln(out, "\n4. The rate limiter by its digest: ScriptLoad and EvalSha, then a Script")
	sha, err := rdb.ScriptLoad(ctx, rateLimitSource)
	if err != nil {
		return err
	}
	show("ScriptLoad", sha)
	ok, err := redis.EvalSha[bool](ctx, rdb, sha, []string{window}, 10, 60)
	if err != nil {
		return err
	}
	show("EvalSha, the 13th call", ok)
	if ours {
		if err := rdb.ScriptFlush(ctx); err != nil {
			return err
		}
		fmt.Fprintln(out, "  ScriptFlush: the server has no script any more")
	} else {
		fmt.Fprintln(out, "  ScriptFlush is left out: others may use this database")
	}
	ok, err = limit.Run(ctx, rdb, []string{window}, 20, 60)
	if err != nil {
		return err
	}
	show("Script.Run, the 14th, 20 allowed", ok)

	fmt.Fprintln(out, "\n5. Set if higher")
	for _, new := range []float64{300, 200, 400} {
		v, err := SetIfHigher(score, new).Do(ctx, rdb)
		if err != nil {
			return err
		}
		show(fmt.Sprint(new), v)
	}
	_, err = clear.Do(ctx, rdb)
	return err
}
