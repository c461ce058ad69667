package keyspace

import (
	"context"
	"errors"
	"slices"
	"sync"

	"github.com/redis-rest/redis-rest-go/internal/protocol/glob"
)

// A Message is a published message, or says that a subscription has begun.
type Message struct {
	Kind    string // subscribe, psubscribe, message or pmessage
	Pattern string
	Channel string
	Payload string
	Count   int // of the channels or patterns so far, if a subscription has begun
}

func (m Message) size() int { return len(m.Pattern) + len(m.Channel) + len(m.Payload) }

// A Subscription receives the messages of channels, or of all channels whose names
// match patterns.
type Subscription struct {
	broker  *broker
	pattern bool
	names   []string

	// The broker's mutex protects these.
	waiting []Message
	bytes   int // of waiting
	ended   bool

	changed chan struct{} // holds one element after a change of waiting or ended
}

// maxWaiting is the maximum number of unread messages of a subscriber, and maxWaitingBytes their
// maximum size, which is that of Redis (client-output-buffer-limit). Redis also disconnects
// a subscriber that does not read.
const (
	maxWaiting      = 10000
	maxWaitingBytes = 32 << 20
)

var errEnded = errors.New("the subscription has ended")

// A broker holds the subscriptions.
type broker struct {
	mu     sync.Mutex
	subs   map[*Subscription]struct{}
	closed bool
}

// Subscribe subscribes to channels.
func (db *DB) Subscribe(channels ...string) *Subscription {
	return db.channels.subscribe(false, channels...)
}

// PSubscribe subscribes to the channels that match a pattern.
func (db *DB) PSubscribe(patterns ...string) *Subscription {
	return db.channels.subscribe(true, patterns...)
}

func (b *broker) subscribe(pattern bool, names ...string) *Subscription {
	s := &Subscription{broker: b, pattern: pattern, changed: make(chan struct{}, 1)}
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, name := range names {
		if !slices.Contains(s.names, name) {
			s.names = append(s.names, name)
		}
		first := Message{Kind: "subscribe", Channel: name, Count: len(s.names)}
		if pattern {
			first.Kind = "psubscribe"
		}
		s.put(first)
	}
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

// put delivers a message; the broker is locked.
func (s *Subscription) put(m Message) {
	s.waiting = append(s.waiting, m)
	s.bytes += m.size()
	s.wake()
}

// end ends the subscription after its waiting messages; the broker is locked.
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

// Receive waits for the next message. Only one goroutine may call it.
func (s *Subscription) Receive(ctx context.Context) (Message, error) {
	for {
		s.broker.mu.Lock()
		var m Message
		some, ended := len(s.waiting) > 0, s.ended
		if some {
			m, s.waiting[0] = s.waiting[0], Message{}
			s.waiting = s.waiting[1:]
			s.bytes -= m.size()
		}
		s.broker.mu.Unlock()
		switch {
		case some:
			return m, nil
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
	s.waiting, s.bytes = nil, 0
	s.end()
	return nil
}

// publish returns the number of receivers.
func (b *broker) publish(channel, payload string) (received int) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for s := range b.subs {
		for _, name := range s.names {
			m := Message{Kind: "message", Channel: channel, Payload: payload}
			if s.pattern {
				m.Kind, m.Pattern = "pmessage", name
			}
			switch {
			case s.ended, s.pattern && !glob.Match(name, channel), !s.pattern && name != channel:
			case len(s.waiting) >= maxWaiting, len(s.waiting) > 0 && s.bytes+m.size() > maxWaitingBytes:
				s.end()
			default:
				s.put(m)
				received++
			}
		}
	}
	return received
}

// channels returns the channels that have subscribers and for which match returns
// true.
func (b *broker) channels(match func(channel string) bool) []string {
	b.mu.Lock()
	defer b.mu.Unlock()
	var names []string
	for s := range b.subs {
		for _, name := range s.names {
			if !s.pattern && match(name) {
				names = append(names, name)
			}
		}
	}
	slices.Sort(names)
	return slices.Compact(names)
}

func (b *broker) subscribers(channel string) (n int) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for s := range b.subs {
		if !s.pattern && slices.Contains(s.names, channel) {
			n++
		}
	}
	return n
}

// patterns returns the number of patterns that have subscribers.
func (b *broker) patterns() int {
	b.mu.Lock()
	defer b.mu.Unlock()
	names := map[string]struct{}{}
	for s := range b.subs {
		if s.pattern {
			for _, name := range s.names {
				names[name] = struct{}{}
			}
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
