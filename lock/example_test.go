package lock_test

import (
	"context"
	"errors"
	"fmt"
	"log"
	"time"

	redis "github.com/redis-rest/redis-rest-go"
	"github.com/redis-rest/redis-rest-go/lock"
	"github.com/redis-rest/redis-rest-go/restserver"
)

var (
	ctx = context.Background()
	rdb = client()
)

// client is a client of an empty database in this process. A program has redis.FromEnv.
func client() *redis.Redis {
	server, err := restserver.Start(restserver.Config{Backend: "memory"})
	if err != nil {
		log.Fatal(err)
	}
	rdb, err := redis.New(server.URL, server.Token)
	if err != nil {
		log.Fatal(err)
	}
	return rdb
}

func build(ctx context.Context) error {
	fmt.Println("building")
	return ctx.Err()
}

func Example() {
	locks, err := lock.New(rdb)
	if err != nil {
		log.Fatal(err)
	}
	err = locks.Do(ctx, "report:2026-12", func(ctx context.Context) error {
		return build(ctx)
	})
	fmt.Println(err)
	// Output:
	// building
	// <nil>
}

func ExampleNew() {
	_, err := lock.New(rdb, lock.WithTTL(0))
	fmt.Println(err)
	// Output: lock: WithTTL: the time must be a positive number of whole milliseconds, not 0s
}

func ExampleLocker() {
	locks, _ := lock.New(rdb) // once, for the whole program
	for _, tenant := range []string{"acme", "globex"} {
		err := locks.Do(ctx, "invoices:"+tenant, func(context.Context) error {
			fmt.Println("write invoices of", tenant)
			return nil
		})
		if err != nil {
			log.Fatal(err)
		}
	}
	// Output:
	// write invoices of acme
	// write invoices of globex
}

func ExampleLocker_Do() {
	locks, _ := lock.New(rdb)
	err := locks.Do(ctx, "do", func(ctx context.Context) error {
		fmt.Println(lock.Token(ctx) > 0) // for the database that refuses lower ones
		return errors.New("the disk is full")
	})
	fmt.Println(err, errors.Is(err, lock.ErrLost))
	// Output:
	// true
	// the disk is full false
}

func ExampleLocker_Try() {
	locks, _ := lock.New(rdb)
	held, err := locks.Try(ctx, "cleanup")
	if err != nil {
		log.Fatal(err)
	}
	_, err = locks.Try(ctx, "cleanup")
	fmt.Println(err)
	fmt.Println(held.Release(ctx))
	// Output:
	// lock: another has it
	// <nil>
}

// Several keys are locked together.
func ExampleLocker_Acquire() {
	locks, _ := lock.New(rdb)
	ctx, cancel := context.WithTimeout(ctx, time.Minute)
	defer cancel()
	held, err := locks.Acquire(ctx, "{order:7}:stock", "{order:7}:invoice")
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(held.Release(ctx))
	// Output: <nil>
}

func ExampleLock() {
	locks, _ := lock.New(rdb)
	first, _ := locks.Try(ctx, "lock")
	fmt.Println(first.Release(ctx))
	second, _ := locks.Try(ctx, "lock")
	fmt.Println(second.Token > first.Token, second.Release(ctx))
	// Output:
	// <nil>
	// true <nil>
}

func ExampleLock_Extend() {
	locks, _ := lock.New(rdb, lock.WithTTL(time.Minute))
	held, _ := locks.Try(ctx, "extend")
	for _, part := range []string{"first", "second"} {
		fmt.Println(part, held.Extend(ctx)) // each part takes less than a minute
	}
	fmt.Println(held.Release(ctx))
	// Output:
	// first <nil>
	// second <nil>
	// <nil>
}

func ExampleLock_Release() {
	locks, _ := lock.New(rdb, lock.WithTTL(time.Millisecond))
	slow, _ := locks.Try(ctx, "release")
	fast, err := locks.Acquire(ctx, "release") // when the other has expired
	fmt.Println(err)
	fmt.Println(slow.Release(ctx))
	fmt.Println(fast.Release(ctx))
	// Output:
	// <nil>
	// lock: it is lost
	// <nil>
}

func ExampleLock_KeepAlive() {
	locks, _ := lock.New(rdb)
	held, err := locks.Try(ctx, "{order:8}:stock", "{order:8}:invoice")
	if err != nil {
		log.Fatal(err)
	}
	kept, stop := held.KeepAlive(ctx)
	fmt.Println(build(kept))
	stop()
	fmt.Println(held.Release(ctx))
	// Output:
	// building
	// <nil>
	// <nil>
}

func ExampleToken() {
	locks, _ := lock.New(rdb)
	write := redis.NewScript[bool](`
		if tonumber(redis.call('HGET', KEYS[1], 'token') or 0) > tonumber(ARGV[1]) then return 0 end
		redis.call('HSET', KEYS[1], 'token', ARGV[1], 'value', ARGV[2])
		return 1`)
	err := locks.Do(ctx, "token", func(ctx context.Context) error {
		accepted, err := write.Run(ctx, rdb, []string{"protected"}, lock.Token(ctx), "text")
		if err == nil && !accepted {
			err = errors.New("a later holder has written")
		}
		return err
	})
	fmt.Println(err)
	// Output: <nil>
}

func ExampleErrHeld() {
	locks, _ := lock.New(rdb)
	held, _ := locks.Try(ctx, "daily")
	if _, err := locks.Try(ctx, "daily"); errors.Is(err, lock.ErrHeld) {
		fmt.Println("another process does it today")
	}
	held.Release(ctx)
	// Output: another process does it today
}

func ExampleErrLost() {
	locks, _ := lock.New(rdb, lock.WithTTL(time.Millisecond))
	held, _ := locks.Try(ctx, "lost")
	locks.Acquire(ctx, "lost")
	if err := held.Extend(ctx); errors.Is(err, lock.ErrLost) {
		fmt.Println("stop")
	}
	// Output: stop
}

func ExampleOption() {
	options := []lock.Option{lock.WithTTL(30 * time.Second), lock.WithPrefix("shop")}
	_, err := lock.New(rdb, options...)
	fmt.Println(err)
	// Output: <nil>
}

func ExampleWithTTL() {
	locks, _ := lock.New(rdb, lock.WithTTL(30*time.Second))
	held, err := locks.Try(ctx, "ttl")
	fmt.Println(err)
	held.Release(ctx)
	// Output: <nil>
}

func ExampleWithPrefix() {
	locks, _ := lock.New(rdb, lock.WithPrefix("shop"))
	locks.Try(ctx, "stock")
	fmt.Println(redis.Cmd[bool]("EXISTS", "shop:stock").Do(ctx, rdb))
	// Output: true <nil>
}
