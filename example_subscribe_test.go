package redis_test

import (
	"context"
	"errors"
	"fmt"
	"log"
	"strings"
	"time"

	redis "github.com/redis-rest/redis-rest-go"
)

func ExampleRedis_Subscribe() {
	rdb := client()
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	news, err := rdb.Subscribe(ctx, "news")
	if err != nil {
		log.Fatal(err)
	}
	if _, err := rdb.Do(ctx, "PUBLISH", "news", "hello"); err != nil {
		log.Fatal(err)
	}
	for m, err := range news.Messages() {
		fmt.Println(m.Channel, m.Payload, err)
		cancel() // this ends the loop
	}
	// Output: news hello <nil>
}

func ExampleRedis_PSubscribe() {
	rdb := client()
	news, err := rdb.PSubscribe(ctx, "news.*")
	if err != nil {
		log.Fatal(err)
	}
	defer news.Close()
	if _, err := rdb.Do(ctx, "PUBLISH", "news.uk", "hello"); err != nil {
		log.Fatal(err)
	}
	for m, err := range news.Messages() {
		fmt.Println(m.Pattern, m.Channel, m.Payload, err)
		break
	}
	// Output: news.* news.uk hello <nil>
}

func ExampleRedis_Monitor() {
	rdb := client()
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	lines, err := rdb.Monitor(ctx)
	if err != nil {
		log.Fatal(err)
	}
	if _, err := rdb.Do(ctx, "PING"); err != nil {
		log.Fatal(err)
	}
	for line, err := range lines {
		_, command, _ := strings.Cut(line, "] ") // 1690000000.123456 [0 127.0.0.1:50000] "PING"
		fmt.Println(command, err)
		cancel() // this ends the loop
	}
	// Output: "PING" <nil>
}

func ExampleMessage() {
	fmt.Printf("%+v\n", redis.Message{Channel: "news", Payload: "hello"})
	// Output: {Channel:news Pattern: Payload:hello}
}

func ExampleSubscription() {
	events, err := client().Subscribe(ctx, "events")
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(events.Close())
	// Output: <nil>
}

func ExampleSubscription_Messages() {
	rdb := client()
	events, err := rdb.Subscribe(ctx, "events")
	if err != nil {
		log.Fatal(err)
	}
	for i := range 3 {
		if _, err := rdb.Do(ctx, "PUBLISH", "events", i); err != nil {
			log.Fatal(err)
		}
	}
	for m, err := range events.Messages() {
		if err != nil {
			log.Fatal(err) // the connection was lost
		}
		fmt.Println(m.Payload)
		if m.Payload == "2" {
			events.Close()
		}
	}
	// Output:
	// 0
	// 1
	// 2
}

func ExampleSubscription_Close() {
	events, err := client().Subscribe(ctx, "events")
	if err != nil {
		log.Fatal(err)
	}
	events.Close()
	for range events.Messages() {
		fmt.Println("not reached")
	}
	// Output:
}

func ExampleWithResubscribe() {
	rdb, err := redis.FromEnv(redis.WithResubscribe(true))
	if err != nil {
		log.Fatal(err)
	}
	news, err := rdb.Subscribe(ctx, "news", "weather")
	if err != nil {
		log.Fatal(err)
	}
	defer news.Close()
	if _, err := rdb.Do(ctx, "PUBLISH", "weather", "sunny"); err != nil {
		log.Fatal(err)
	}
	for m, err := range news.Messages() {
		if gap, ok := errors.AsType[*redis.GapError](err); ok {
			fmt.Println("read again what changed since", gap.Since)
			continue
		}
		if err != nil {
			log.Fatal(err)
		}
		fmt.Println(m.Channel, m.Payload)
		break
	}
	// Output: weather sunny
}

func ExampleGapError() {
	gap := &redis.GapError{Since: time.Unix(0, 0).UTC(), Until: time.Unix(9, 0).UTC()}
	fmt.Println(gap)
	// Output: redis: messages may be missing from 1970-01-01T00:00:00Z to 1970-01-01T00:00:09Z
}

func ExampleWithSubscriptionIdleLimit() {
	rdb, err := redis.FromEnv(redis.WithSubscriptionIdleLimit(time.Minute))
	if err != nil {
		log.Fatal(err)
	}
	news, err := rdb.Subscribe(ctx, "news")
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(news.Close())
	// Output: <nil>
}
