package keyspace

import (
	"context"
	"errors"
	"maps"
	"slices"
	"sync"
	"sync/atomic"

	"github.com/redis-rest/redis-rest-go/internal/protocol/glob"
)

// A Message is a published message, or says that a subscription has begun.
type Message struct {
	Kind    string // subscribe, psubscribe, message, pmessage or smessage
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

// A broker passes messages on to those who subscribe.
type broker struct {
	kind     string // of its messages: message or smessage
	mu       sync.Mutex
	channels map[string][]receiver // in the order in which they subscribed
	patterns map[string][]receiver
	closed   bool
	count    atomic.Int64 // of channels and patterns with receivers
}

// A receiver gets messages while the broker is locked. It returns false if it does not take one.
type receiver interface {
	deliver(m Message) bool
	brokerClosed()
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
	for _, name := range s.names {
		b.addLocked(s, pattern, name)
	}
	return s
}

// add adds a receiver of a channel, or of a pattern.
func (b *broker) add(r receiver, pattern bool, name string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.addLocked(r, pattern, name)
}

func (b *broker) addLocked(r receiver, pattern bool, name string) {
	if b.channels == nil {
		b.channels, b.patterns = map[string][]receiver{}, map[string][]receiver{}
	}
	names := b.channels
	if pattern {
		names = b.patterns
	}
	if names[name] = append(names[name], r); len(names[name]) == 1 {
		b.count.Add(1)
	}
}

// remove removes a receiver of a channel, or of a pattern.
func (b *broker) remove(r receiver, pattern bool, name string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.removeLocked(r, pattern, name)
}

func (b *broker) removeLocked(r receiver, pattern bool, name string) {
	names := b.channels
	if pattern {
		names = b.patterns
	}
	i := slices.Index(names[name], r)
	switch {
	case i < 0:
	case len(names[name]) == 1:
		delete(names, name)
		b.count.Add(-1)
	default: // publish may iterate over the old one
		names[name] = slices.Concat(names[name][:i], names[name][i+1:])
	}
}

// put adds a message; the broker is locked.
func (s *Subscription) put(m Message) {
	s.waiting = append(s.waiting, m)
	s.bytes += m.size()
	s.wake()
}

func (s *Subscription) deliver(m Message) bool {
	switch {
	case s.ended:
		return false
	case len(s.waiting) >= maxWaiting, len(s.waiting) > 0 && s.bytes+m.size() > maxWaitingBytes:
		s.end()
		return false
	}
	s.put(m)
	return true
}

func (s *Subscription) brokerClosed() { s.end() }

// end ends the subscription after its waiting messages; the broker is locked.
func (s *Subscription) end() {
	for _, name := range s.names {
		s.broker.removeLocked(s, s.pattern, name)
	}
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
	for _, r := range b.channels[channel] {
		if r.deliver(Message{Kind: b.kind, Channel: channel, Payload: payload}) {
			received++
		}
	}
	for pattern, receivers := range b.patterns {
		if !glob.Match(pattern, channel) {
			continue
		}
		for _, r := range receivers {
			if r.deliver(Message{Kind: "pmessage", Pattern: pattern, Channel: channel, Payload: payload}) {
				received++
			}
		}
	}
	return received
}

// names returns the channels that have subscribers and for which match returns
// true.
func (b *broker) names(match func(channel string) bool) []string {
	b.mu.Lock()
	defer b.mu.Unlock()
	names := slices.Sorted(maps.Keys(b.channels))
	return slices.DeleteFunc(names, func(name string) bool { return !match(name) })
}

func (b *broker) subscribers(channel string) int {
	b.mu.Lock()
	defer b.mu.Unlock()
	return len(b.channels[channel])
}

// patternCount returns the number of patterns that have subscribers.
func (b *broker) patternCount() int {
	b.mu.Lock()
	defer b.mu.Unlock()
	return len(b.patterns)
}

func (b *broker) close() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.closed = true
	for _, names := range []map[string][]receiver{b.channels, b.patterns} {
		for _, receivers := range maps.Clone(names) {
			for _, r := range receivers {
				r.brokerClosed()
			}
		}
	}
}
