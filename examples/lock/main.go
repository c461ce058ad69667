// Lock lets five workers change a value that only one at a time may change.
// The lock is in lock.go, its scripts are in the .lua files.
//
//	go run ./cmd/redis-rest serve    # prints two lines to export in your shell
//	go run ./examples/lock
package main

import (
	"context"
	"errors"
	"log"
	"os"
	"strconv"
	"sync"
	"time"

	redis "github.com/redis-rest/redis-rest-go"
)

func main() {
	rdb, err := redis.FromEnv()
	if err != nil {
		log.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	if err := run(ctx, log.New(os.Stdout, "", 0), rdb, 5); err != nil {
		log.Fatal(err)
	}
}

const value = "lock-example:value"

// run lets each worker read the value and write it back plus one.
func run(ctx context.Context, out *log.Logger, rdb redis.Doer, workers int) error {
	if _, err := rdb.Do(ctx, "DEL", value); err != nil {
		return err
	}
	var all sync.WaitGroup
	errs := make([]error, workers)
	for i := range workers {
		all.Go(func() { errs[i] = work(ctx, out, rdb, i) })
	}
	all.Wait()
	return errors.Join(errs...)
}

func work(ctx context.Context, out *log.Logger, rdb redis.Doer, worker int) error {
	lock, err := Acquire(ctx, rdb, "example", 10*time.Second)
	if err != nil {
		return err
	}
	n, err := redis.Cmd[*int]("HGET", value, "value").Do(ctx, rdb)
	if err != nil {
		return err
	}
	if n == nil {
		n = new(int)
	}
	if err := lock.Write(ctx, value, strconv.Itoa(*n+1)); err != nil {
		return err
	}
	out.Printf("worker %d holds the lock as number %d and makes %d of %d", worker, lock.Number, *n+1, *n)
	return lock.Release(ctx)
}
