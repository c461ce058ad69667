// Lock lets five workers change a value that only one at a time may change. The value also
// refuses a worker that has lost the lock and does not know it (write.lua).
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
	"github.com/redis-rest/redis-rest-go/lock"
)

//go:generate go run ../../cmd/redis-rest gen

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

const protected = "lock-example:value"

// run lets each worker read the value and write it back plus one.
func run(ctx context.Context, out *log.Logger, rdb redis.Doer, workers int) error {
	if _, err := rdb.Do(ctx, "DEL", protected); err != nil {
		return err
	}
	locks, err := lock.New(rdb)
	if err != nil {
		return err
	}
	var all sync.WaitGroup
	errs := make([]error, workers)
	for i := range workers {
		all.Go(func() {
			errs[i] = locks.Do(ctx, "example", func(ctx context.Context) error {
				n, err := increase(ctx, rdb)
				if err == nil {
					out.Printf("worker %d holds the lock and makes %d", i, n)
				}
				return err
			})
		})
	}
	all.Wait()
	return errors.Join(errs...)
}

var errTooLate = errors.New("a later holder has written")

func increase(ctx context.Context, rdb redis.Doer) (int, error) {
	n, err := redis.Cmd[*int]("HGET", protected, "value").Do(ctx, rdb)
	if err != nil {
		return 0, err
	}
	if n == nil {
		n = new(int)
	}
	*n++
	accepted, err := write(protected, lock.Token(ctx), strconv.Itoa(*n)).Do(ctx, rdb)
	if err == nil && !accepted {
		err = errTooLate
	}
	return *n, err
}
