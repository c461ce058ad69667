// Optimistic changes a document that others change at the same time, without a lock: it reads the document, changes it
// here, and writes it back only if nobody else has written. Over TCP that is done with WATCH. Over HTTP, where a
// connection belongs to nobody, a script compares and sets.
//
//	go run ./cmd/redis-rest serve    # prints two lines to export in your shell
//	go run ./examples/optimistic
package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log"
	"math/rand/v2"
	"sync"
	"time"

	redis "github.com/redis-rest/redis-rest-go"
	"github.com/redis-rest/redis-rest-go/command"
)

//go:generate go run ../../cmd/redis-rest gen

// A Cart is what several browser tabs of a customer change.
type Cart struct {
	Items map[string]int `json:"items"`
}

func main() {
	rdb, err := redis.FromEnv()
	if err != nil {
		log.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	var tabs sync.WaitGroup
	for range 10 {
		tabs.Go(func() {
			cart, err := Update(ctx, rdb, "optimistic-example:cart", func(c *Cart) error { return c.add("book") })
			if err != nil {
				log.Fatal(err)
			}
			fmt.Println(cart.Items["book"], "books")
		})
	}
	tabs.Wait()
}

func (c *Cart) add(item string) error {
	if c.Items == nil {
		c.Items = map[string]int{}
	}
	c.Items[item]++
	return nil
}

// Update changes the document at key, which is JSON text; if there is none, it begins with the zero T. While others
// change it, change is called again, with what they have written. If change returns an error, nothing is written.
//
// After [redis.ErrOutcomeUnknown] the document may have been written. Trying again might change it twice.
func Update[T any](ctx context.Context, rdb redis.Doer, key string, change func(*T) error) (T, error) {
	for pause := time.Millisecond; ; pause = min(2*pause, 100*time.Millisecond) {
		var v T
		old, err := command.Get[*string](key).Do(ctx, rdb)
		if err == nil && old != nil {
			err = json.Unmarshal([]byte(*old), &v)
		}
		if err != nil {
			return v, err
		}
		if err := change(&v); err != nil {
			return v, err
		}
		text, err := json.Marshal(v)
		if err != nil {
			return v, err
		}
		set, err := compareAndSet(key, string(text), old).Do(ctx, rdb)
		if err != nil || set {
			return v, err
		}
		select { // another was faster
		case <-time.After(rand.N(pause)):
		case <-ctx.Done():
			return v, errors.Join(errors.New("others change it all the time"), ctx.Err())
		}
	}
}
