package redis

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/redis-rest/redis-rest-go/internal/protocol/glob"
)

// A Message is one that was published to a channel.
type Message struct {
	Channel string
	Pattern string // the pattern of PSubscribe that the channel matches; "" with Subscribe
	Payload string
}

// A Subscription receives the messages of channels, or of all channels that match
// patterns. It ends with its context, with Close, with [Redis.Close], or when a connection
// is lost. Without [WithResubscribe] it does not reconnect: the messages published in
// between would be missing.
type Subscription struct {
	messages iter.Seq2[Message, error]
	close    func() error
}

// Subscribe subscribes to channels, over server-sent events, with one connection for
// each channel. When it returns, the subscription is active: what is published from then
// on arrives. It lasts until ctx ends. [WithTimeout] limits only the time until the
// subscription is active. The messages of one channel arrive in their order.
//
// A carriage return in a payload arrives as a line feed, and bytes that are not UTF-8
// arrive as U+FFFD: server-sent events cannot carry them.
func (r *Redis) Subscribe(ctx context.Context, channels ...string) (*Subscription, error) {
	return r.subscribeTo(ctx, "SUBSCRIBE", channels, func(channel, sent string) topic {
		message := "message," + sent + ","
		return topic{
			path:         "/subscribe/" + url.PathEscape(sent),
			confirmation: "subscribe," + sent + ",",
			name:         Message{Channel: channel},
			parse: func(data string) (Message, bool) {
				payload, ok := strings.CutPrefix(data, message)
				return Message{Channel: channel, Payload: payload}, ok
			},
		}
	})
}

// PSubscribe is [Redis.Subscribe] for all channels that match patterns (* ? [a-z]). A
// channel that matches several of them has its messages delivered for each. The events do
// not mark the end of the channel's name. It is taken to be the shortest text before a
// comma that matches the pattern.
func (r *Redis) PSubscribe(ctx context.Context, patterns ...string) (*Subscription, error) {
	prefix := string(r.client().keyPrefix())
	return r.subscribeTo(ctx, "PSUBSCRIBE", patterns, func(pattern, sent string) topic {
		message := "pmessage," + sent + ","
		return topic{
			path:         "/psubscribe/" + url.PathEscape(sent),
			confirmation: "psubscribe," + sent + ",",
			name:         Message{Pattern: pattern},
			parse: func(data string) (Message, bool) {
				rest, ok := strings.CutPrefix(data, message)
				if !ok {
					return Message{}, false
				}
				channel, payload := cutChannel(sent, rest)
				return Message{Channel: strings.TrimPrefix(channel, prefix), Pattern: pattern, Payload: payload}, true
			},
		}
	})
}

var errNoChannels = errors.New("no channel or pattern is given")

func (r *Redis) subscribeTo(ctx context.Context, command string, names []string, topicOf func(name, sent string) topic) (*Subscription, error) {
	var topics []topic
	for i, name := range names {
		if slices.Contains(names[:i], name) {
			continue
		}
		words, _, err := r.client().withPrefix(command, []string{command, name})
		if err != nil {
			return nil, err
		}
		topics = append(topics, topicOf(name, words[1]))
	}
	if len(topics) == 0 {
		return nil, notExecuted(command, errNoChannels)
	}
	s, err := r.openSubscription(ctx, command, topics)
	if err != nil {
		return nil, err
	}
	return &Subscription{s.messages, s.close}, nil
}

// Messages returns the messages as they arrive. The sequence ends when the
// subscription's context ends, or with Close. If it ends for another reason, such as a lost
// connection, the last element is an error that says so. With [WithResubscribe] a
// [*GapError] is not the last element. If the loop breaks early, the subscription stays
// open; call Messages again to continue.
func (s *Subscription) Messages() iter.Seq2[Message, error] {
	if s == nil || s.messages == nil {
		return func(yield func(Message, error) bool) { yield(Message{}, errNoSubscription) }
	}
	return s.messages
}

var errNoSubscription = errors.New("redis: the subscription was not made by Subscribe or PSubscribe")

// Close ends the subscription. It may be called many times, and at any time.
func (s *Subscription) Close() error {
	if s == nil || s.close == nil {
		return nil
	}
	return s.close()
}

// Monitor returns a line for every command that the server runs, with the time and
// the arguments (MONITOR): 1690000000.123456 [0 127.0.0.1:50000] "GET" "k". The
// arguments may hold secrets. When Monitor returns it is active: commands from then
// on arrive. [WithTimeout] limits only the time until it is active.
//
// The lines end when ctx ends, and so does the connection; always end ctx. If the
// connection is lost, the last element is an error that says so: Monitor does not
// subscribe again. If the loop breaks early, range over the same sequence again to continue.
func (r *Redis) Monitor(ctx context.Context) (iter.Seq2[string, error], error) {
	if _, _, err := r.client().withPrefix(monitor, []string{monitor}); err != nil {
		return nil, err
	}
	s, err := r.openSubscription(ctx, monitor, []topic{{
		path:  "/monitor",
		parse: func(line string) (Message, bool) { return Message{Payload: line}, true },
	}})
	if err != nil {
		return nil, err
	}
	return func(yield func(string, error) bool) {
		for m, err := range s.messages {
			if !yield(m.Payload, err) {
				return
			}
		}
	}, nil
}

const monitor = "MONITOR"

// WithSubscriptionIdleLimit ends the connection of a subscription, or of Monitor, when
// nothing came for d, not even a heartbeat (a comment line). The server must send
// heartbeats more often than that. By default the client learns how often they come: a
// connection on which some came ends after four times their longest distance, and after a
// minute at least. One without heartbeats may be silent for ever.
func WithSubscriptionIdleLimit(d time.Duration) Option {
	return option(func(c *config) {
		c.refuse(d <= 0, "WithSubscriptionIdleLimit", "is not positive")
		c.idleLimit = d
	})
}

// WithResubscribe says whether a subscription whose connection is lost subscribes again,
// until its context ends or the server refuses it; the default is false. What was published
// in between is missing: when the subscription is active again, [Subscription.Messages]
// yields a [*GapError], with the channel or the pattern in its Message, and goes on. The
// waits between attempts are those of [RetryPolicy]; their number has no limit.
func WithResubscribe(on bool) Option {
	return option(func(c *config) { c.resubscribe = on })
}

// GapError says that a subscription lost its connection and is active again. Messages that
// were published from Since to Until may be missing.
type GapError struct {
	Since time.Time // when the last byte came over the connection that was lost
	Until time.Time // when the subscription was active again

	err error
}

// Error shows the times and why the connection was lost.
func (e *GapError) Error() string {
	if e == nil {
		return noError
	}
	text := fmt.Sprintf("redis: messages may be missing from %s to %s", e.Since.Format(time.RFC3339Nano), e.Until.Format(time.RFC3339Nano))
	if e.err != nil {
		text += ": " + strings.TrimPrefix(e.err.Error(), "redis: ")
	}
	return text
}

// Unwrap returns why the connection was lost.
func (e *GapError) Unwrap() error {
	if e == nil {
		return nil
	}
	return e.err
}

// cutChannel splits "channel,payload", where either may hold commas.
func cutChannel(pattern, text string) (channel, payload string) {
	if n, ok := glob.MatchBefore(pattern, text, ','); ok {
		return text[:n], text[n+1:]
	}
	channel, payload, _ = strings.Cut(text, ",")
	return channel, payload
}
