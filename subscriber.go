package redis

import (
	"context"
	"iter"
	"sync"
	"sync/atomic"
)

// A Subscriber subscribes to channels: *[Redis], a wrapper around another Subscriber, or
// a fake in a test. [NewSubscription] makes what the last two return.
type Subscriber interface {
	Subscribe(ctx context.Context, channels ...string) (*Subscription, error)
	PSubscribe(ctx context.Context, patterns ...string) (*Subscription, error)
}

// NewSubscription makes a Subscription of messages that come from somewhere else, for a
// fake or a wrapper. [Subscription.Messages] ranges over messages until
// [Subscription.Close]. The first Close calls stop, if that is not nil; stop should end
// messages, and what it returns is the error of each Close.
func NewSubscription(messages iter.Seq2[Message, error], stop func() error) *Subscription {
	if messages == nil {
		messages = func(func(Message, error) bool) {}
	}
	if stop == nil {
		stop = func() error { return nil }
	}
	var closed atomic.Bool
	stopOnce := sync.OnceValue(stop)
	return &Subscription{
		messages: func(yield func(Message, error) bool) {
			for m, err := range messages {
				if closed.Load() || !yield(m, err) {
					return
				}
			}
		},
		close: func() error {
			closed.Store(true)
			return stopOnce()
		},
	}
}
