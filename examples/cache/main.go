// Cache keeps what takes long to make. When many processes miss the same value at the same time, one of them makes it and
// the others wait for it.
//
//	go run ./cmd/redis-rest serve    # prints two lines to export in your shell
//	go run ./examples/cache & go run ./examples/cache
package main

import (
	"context"
	"errors"
	"fmt"
	"log"
	"time"

	redis "github.com/redis-rest/redis-rest-go"
	"github.com/redis-rest/redis-rest-go/command"
	"github.com/redis-rest/redis-rest-go/lock"
)

// A Report takes long to make.
type Report struct {
	Text string    `json:"text"`
	Made time.Time `json:"made"`
}

func main() {
	rdb, err := redis.FromEnv()
	if err != nil {
		log.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	cache, err := NewCache[Report](rdb, 10*time.Second)
	if err != nil {
		log.Fatal(err)
	}
	begun := time.Now()
	report, err := cache.Get(ctx, "cache-example:report", func(ctx context.Context) (Report, error) {
		select {
		case <-time.After(2 * time.Second):
			return Report{"sales rose", time.Now()}, nil
		case <-ctx.Done():
			return Report{}, ctx.Err()
		}
	})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Printf("%q, made at %s, after %v\n", report.Text, report.Made.Format(time.TimeOnly), time.Since(begun).Round(time.Millisecond))
}

// A Cache keeps values as JSON text. T is a struct.
type Cache[T any] struct {
	rdb   redis.Doer
	locks *lock.Locker
	ttl   time.Duration
}

// NewCache makes a cache whose values live for ttl.
func NewCache[T any](rdb redis.Doer, ttl time.Duration) (*Cache[T], error) {
	locks, err := lock.New(rdb)
	return &Cache[T]{rdb, locks, ttl}, err
}

// Get returns the value of a key. If there is none, one caller makes it, and all others wait. If that caller crashes,
// another makes it when the lock has expired.
func (c *Cache[T]) Get(ctx context.Context, key string, fill func(context.Context) (T, error)) (v T, err error) {
	get := command.Get[T](key)
	if v, err = get.Do(ctx, c.rdb); !errors.Is(err, redis.ErrNil) {
		return v, err // it is there
	}
	err = c.locks.Do(ctx, key, func(ctx context.Context) error {
		if v, err = get.Do(ctx, c.rdb); !errors.Is(err, redis.ErrNil) {
			return err // another has made it
		}
		if v, err = fill(ctx); err != nil {
			return err
		}
		_, err := command.Set(key, redis.JSON(v), command.EX(c.ttl)).Do(ctx, c.rdb)
		return err
	})
	return v, err
}
