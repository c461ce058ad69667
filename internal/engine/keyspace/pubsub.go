package keyspace

import (
	"context"
	"errors"
	"slices"
	"sync"

	"github.com/redis-rest/redis-rest-go/internal/protocol/glob"
)

// A Message is one that was published, or says that a subscription has begun.
type Message struct {
	Kind    string // subscribe, psubscribe, message or pmessage
	Pattern string
	Channel string
	Payload string
}

// A Subscription receives the messages of a channel, or of all channels whose names
// match a pattern.
type Subscription struct {
	broker  *broker
	pattern bool
	name    string

	// By the broker's mutex.
	waiting []Message
	ended   bool

	changed chan struct{} // holds one element where the above have changed
}

// maxWaiting is how many messages a subscriber may be behind. Redis, too, parts from
// one that does not read.
const maxWaiting = 10000

var errEnded = errors.New("the subscription has ended")

// broker knows the subscriptions.
type broker struct {
	mu     sync.Mutex
	subs   map[*Subscription]struct{}
	closed bool
}

// Subscribe begins to receive the messages of a channel.
func (db *DB) Subscribe(channel string) *Subscription { return db.channels.subscribe(channel, false) }

// PSubscribe begins to receive the messages of the channels that match a pattern.
func (db *DB) PSubscribe(pattern string) *Subscription { return db.channels.subscribe(pattern, true) }

func (b *broker) subscribe(name string, pattern bool) *Subscription {
	s := &Subscription{broker: b, name: name, pattern: pattern, changed: make(chan struct{}, 1)}
	first := Message{Kind: "subscribe", Channel: name}
	if pattern {
		first.Kind = "psubscribe"
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	s.put(first)
	if b.closed {
		s.end()
		return s
	}
	if b.subs == nil {
		b.subs = map[*Subscription]struct{}{}
	}
	b.subs[s] = struct{}{}
	return s
}

// put hands over a message; the broker is locked.
func (s *Subscription) put(m Message) {
	s.waiting = append(s.waiting, m)
	s.wake()
}

// end ends the subscription, once it has brought what waits; the broker is locked.
func (s *Subscription) end() {
	delete(s.broker.subs, s)
	s.ended = true
	s.wake()
}

func (s *Subscription) wake() {
	select {
	case s.changed <- struct{}{}:
	default:
	}
}

// Receive waits for the next message. Only one goroutine may.
func (s *Subscription) Receive(ctx context.Context) (Message, error) {
	for {
		s.broker.mu.Lock()
		waiting, ended := s.waiting, s.ended
		if len(waiting) > 0 {
			s.waiting = waiting[1:]
		}
		s.broker.mu.Unlock()
		switch {
		case len(waiting) > 0:
			return waiting[0], nil
		case ended:
			return Message{}, errEnded
		}
		select {
		case <-s.changed:
		case <-ctx.Done():
			return Message{}, ctx.Err()
		}
	}
}

// Close ends the subscription.
func (s *Subscription) Close() error {
	s.broker.mu.Lock()
	defer s.broker.mu.Unlock()
	s.waiting = nil
	s.end()
	return nil
}

// publish returns how many received it.
func (b *broker) publish(channel, payload string) (received int) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for s := range b.subs {
		m := Message{Kind: "message", Channel: channel, Payload: payload}
		if s.pattern {
			m.Kind, m.Pattern = "pmessage", s.name
		}
		switch {
		case s.pattern && !glob.Match(s.name, channel), !s.pattern && s.name != channel:
		case len(s.waiting) >= maxWaiting:
			s.end()
		default:
			s.put(m)
			received++
		}
	}
	return received
}

// channels returns the channels that have subscribers and match a pattern.
func (b *broker) channels(pattern string) []string {
	b.mu.Lock()
	defer b.mu.Unlock()
	var names []string
	for s := range b.subs {
		if !s.pattern && glob.Match(pattern, s.name) {
			names = append(names, s.name)
		}
	}
	slices.Sort(names)
	return slices.Compact(names)
}

func (b *broker) subscribers(channel string) (n int) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for s := range b.subs {
		if !s.pattern && s.name == channel {
			n++
		}
	}
	return n
}

// patterns returns how many patterns have subscribers.
func (b *broker) patterns() int {
	b.mu.Lock()
	defer b.mu.Unlock()
	names := map[string]struct{}{}
	for s := range b.subs {
		if s.pattern {
			names[s.name] = struct{}{}
		}
	}
	return len(names)
}

func (b *broker) close() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.closed = true
	for s := range b.subs {
		s.end()
	}
}
