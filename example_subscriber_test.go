package redis_test

import (
	"context"
	"fmt"
	"slices"
	"strings"

	redis "github.com/redis-rest/redis-rest-go"
)

// A fake for a test: the messages are in a slice.
func ExampleNewSubscription() {
	published := []redis.Message{{Channel: "news", Payload: "hello"}, {Channel: "news", Payload: "bye"}}
	s := redis.NewSubscription(func(yield func(redis.Message, error) bool) {
		for m := range slices.Values(published) {
			if !yield(m, nil) {
				return
			}
		}
	}, nil)
	defer s.Close()
	for m, err := range s.Messages() {
		fmt.Println(m.Payload, err)
	}
	// Output:
	// hello <nil>
	// bye <nil>
}

// channelPrefix puts a prefix in front of channels, and takes it off those of messages.
type channelPrefix struct {
	redis.Subscriber
	prefix string
}

func (p channelPrefix) Subscribe(ctx context.Context, channels ...string) (*redis.Subscription, error) {
	var prefixed []string
	for _, channel := range channels {
		prefixed = append(prefixed, p.prefix+channel)
	}
	inner, err := p.Subscriber.Subscribe(ctx, prefixed...)
	if err != nil {
		return nil, err
	}
	return redis.NewSubscription(func(yield func(redis.Message, error) bool) {
		for m, err := range inner.Messages() {
			m.Channel = strings.TrimPrefix(m.Channel, p.prefix)
			if !yield(m, err) {
				return
			}
		}
	}, inner.Close), nil
}

// A wrapper that puts a prefix in front of channels.
func ExampleSubscriber() {
	rdb := client()
	var subscriber redis.Subscriber = channelPrefix{rdb, "app:"}
	s, err := subscriber.Subscribe(ctx, "wrapped")
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(redis.Cmd[int]("PUBLISH", "app:wrapped", "hello").Do(ctx, rdb))
	for m, err := range s.Messages() {
		fmt.Println(m.Channel, m.Payload, err)
		s.Close() // ends the loop
	}
	// Output:
	// 1 <nil>
	// wrapped hello <nil>
}
