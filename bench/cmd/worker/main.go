// Worker is one of the compared clients. For each line of standard input it makes that
// many calls and prints their cost.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"log"
	"sync"

	"github.com/redis-rest/redis-rest-go/bench/internal/slice"
)

var (
	client   = flag.String("client", "", "which `CLIENT`")
	url      = flag.String("url", "", "`URL` of the server, or ADDRESS of a Redis")
	token    = flag.String("token", "token", "`TOKEN` of the server")
	callers  = flag.Int("callers", 1, "`HOW MANY` goroutines call at a time")
	cpuFile  = flag.String("cpuprofile", "", "`FILE` for a profile of the CPU")
	protocol = flag.String("http", "", "`VERSION` of HTTP over TLS, 1 or 2; the client's own choice by default")
)

// A call does one or more operations and returns their number.
type call func(ctx context.Context) (ops int, err error)

// The clients by name.
var clients = map[string]func() (call, error){
	"ours":          ours,
	"ours-auto":     oursAuto,
	"ours-pipeline": oursPipeline,
	"limiter":       limiter,
	"nethttp":       netHTTP,
	"nethttp-limit": netHTTPWithLimit,
	"resty":         restyPlainly,
	"goredis":       goRedis,
	"rueidis":       rueidisClient,
	"raw":           raw,
}

// The script's arguments. Clients that send text use the text of the numbers.
const (
	key    = "ratelimit:user:456"
	limit  = 10
	window = 60
)

func main() {
	flag.Parse()
	start, ok := clients[*client]
	if !ok {
		log.Fatalf("there is no client %q", *client)
	}
	do, err := start()
	if err != nil {
		log.Fatal(err)
	}
	if err := slice.Profiled(*cpuFile, func() error {
		return slice.Serve(func(n int) error { return many(do, n) })
	}); err != nil {
		log.Fatal(err)
	}
}

// many lets the callers do n operations in total.
func many(do call, n int) error {
	ctx := context.Background()
	if *callers == 1 {
		return sequence(ctx, do, n)
	}
	failed := make([]error, *callers)
	var all sync.WaitGroup
	for i := range failed {
		all.Go(func() { failed[i] = sequence(ctx, do, n / *callers) })
	}
	all.Wait()
	return errors.Join(failed...)
}

func sequence(ctx context.Context, do call, n int) error {
	for n > 0 {
		done, err := do(ctx)
		if err != nil {
			return err
		}
		n -= done
	}
	return nil
}

func check(n int64, err error) (int, error) {
	if err == nil && n <= 0 {
		err = fmt.Errorf("got %d", n)
	}
	return 1, err
}
