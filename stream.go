package redis

import (
	"context"
	"errors"
	"fmt"
	"io"
	"iter"
	"net/url"
	"strings"
	"time"

	"github.com/redis-rest/redis-rest-go/internal/protocol/sse"
)

// A Message is one that was published, or a line of [Redis.Monitor].
type Message struct {
	Channel string // "" for a line of Monitor
	Pattern string // the pattern of PSubscribe that the channel matches
	Payload string
}

// A Stream is an open subscription. It ends with its context, with Close, or when
// the connection is lost; it does not reconnect by itself, since what was
// published in between would be missing.
type Stream struct {
	ctx    context.Context
	cancel context.CancelCauseFunc
	body   io.Closer
	events *sse.Reader
	name   string
	parse  func(data string) (m Message, ok bool)
}

// Subscribe opens a subscription to a channel, over server-sent events. When it
// returns the subscription is active: what is published from then on arrives. It
// lasts until ctx ends; [WithTimeout] limits only how long it takes to become
// active.
//
// A carriage return in a payload arrives as a line feed, and what is not UTF-8 as
// U+FFFD: the events have no other form.
func (r *Redis) Subscribe(ctx context.Context, channel string) (*Stream, error) {
	message := "message," + channel + ","
	return r.stream(ctx, "SUBSCRIBE", "/subscribe/"+url.PathEscape(channel), "subscribe,"+channel+",", func(data string) (Message, bool) {
		payload, ok := strings.CutPrefix(data, message)
		return Message{Channel: channel, Payload: payload}, ok
	})
}

// PSubscribe is [Redis.Subscribe] to all channels that match a pattern (* ? [a-z]).
// The events do not say where the channel's name ends: it is taken to be the
// shortest text before a comma that matches.
func (r *Redis) PSubscribe(ctx context.Context, pattern string) (*Stream, error) {
	message := "pmessage," + pattern + ","
	return r.stream(ctx, "PSUBSCRIBE", "/psubscribe/"+url.PathEscape(pattern), "psubscribe,"+pattern+",", func(data string) (Message, bool) {
		rest, ok := strings.CutPrefix(data, message)
		if !ok {
			return Message{}, false
		}
		channel, payload := cutChannel(pattern, rest)
		return Message{Channel: channel, Pattern: pattern, Payload: payload}, true
	})
}

// Monitor streams every command that the server runs, a line each, with its time
// and its arguments. Mind what they hold.
func (r *Redis) Monitor(ctx context.Context) (*Stream, error) {
	return r.stream(ctx, "MONITOR", "/monitor", "", func(data string) (Message, bool) {
		return Message{Payload: data}, true
	})
}

// stream opens a stream and waits for its first event, which confirms it.
func (r *Redis) stream(ctx context.Context, name, path, confirmation string, parse func(string) (Message, bool)) (*Stream, error) {
	if r == nil || r.c == nil {
		return nil, fmt.Errorf("redis: %s: the client was not made by New or FromEnv", name)
	}
	ctx, cancel := context.WithCancelCause(ctx)
	if d := r.c.rest.Timeout(); d > 0 {
		late := time.AfterFunc(d, func() { cancel(context.DeadlineExceeded) })
		defer late.Stop()
	}
	out := outgoing{name: name, reads: true}
	s := &Stream{ctx: ctx, cancel: cancel, name: name, parse: parse}
	fail := func(err error) (*Stream, error) {
		if cause := context.Cause(ctx); cause != nil {
			err = &callError{command: name, err: cause}
		}
		s.Close()
		return nil, err
	}
	body, answer, err := r.c.rest.Stream(ctx, path, name)
	if err != nil {
		return fail(out.sendError(err))
	}
	if body == nil {
		if _, _, err = r.c.reply(out, answer); err == nil {
			err = &callError{command: name, err: r.c.httpError(answer)}
		}
		return fail(err)
	}
	s.body = body
	s.events = sse.NewReader(body, int(min(r.c.rest.Max(), 1<<31-1)))
	first, err := s.events.Next()
	switch {
	case err != nil:
		return fail(s.lost(err))
	case confirmation == "" && strings.Trim(first, `"`) != "OK", !strings.HasPrefix(first, confirmation):
		return fail(&callError{command: name, err: errors.New("the stream does not start as it should")})
	}
	return s, nil
}

// lost is the error of a stream that ended by itself.
func (s *Stream) lost(err error) error {
	if errors.Is(err, sse.ErrTooLarge) {
		return &callError{command: s.name, err: ErrReplyTooLarge}
	}
	if errors.Is(err, io.EOF) {
		err = io.ErrUnexpectedEOF
	}
	return &callError{command: s.name, err: fmt.Errorf("the connection was lost: %w", err)}
}

// Messages returns the messages as they arrive. The sequence ends when the
// stream's context does, or with Close; where the connection is lost, the last
// element is an error that says so. Breaking off leaves the stream open, and another
// call goes on from there.
func (s *Stream) Messages() iter.Seq2[Message, error] {
	return func(yield func(Message, error) bool) {
		for {
			data, err := s.events.Next()
			if err != nil {
				if s.ctx.Err() == nil {
					yield(Message{}, s.lost(err))
				}
				s.Close()
				return
			}
			if m, ok := s.parse(data); ok && !yield(m, nil) {
				return
			}
		}
	}
}

// Close ends the stream. It may be called many times, and at any time.
func (s *Stream) Close() error {
	s.cancel(context.Canceled)
	if s.body != nil {
		s.body.Close()
	}
	return nil
}

// cutChannel splits "channel,payload" where either may hold commas.
func cutChannel(pattern, text string) (channel, payload string) {
	for i := 0; i < len(text); i++ {
		if text[i] == ',' && matches(pattern, text[:i]) {
			return text[:i], text[i+1:]
		}
	}
	channel, payload, _ = strings.Cut(text, ",")
	return channel, payload
}

// matches says whether a name matches a pattern by Redis' rules: * and ?, [abc],
// [^a-z], and a backslash before any of them.
func matches(pattern, name string) bool {
	for pattern != "" {
		switch pattern[0] {
		case '*':
			for i := 0; i <= len(name); i++ {
				if matches(pattern[1:], name[i:]) {
					return true
				}
			}
			return false
		case '[':
			if name == "" {
				return false
			}
			ok, rest := matchesClass(pattern[1:], name[0])
			if !ok {
				return false
			}
			pattern, name = rest, name[1:]
			continue
		case '\\':
			if len(pattern) > 1 {
				pattern = pattern[1:]
			}
			fallthrough
		default:
			if name == "" || name[0] != pattern[0] {
				return false
			}
		case '?':
			if name == "" {
				return false
			}
		}
		pattern, name = pattern[1:], name[1:]
	}
	return name == ""
}

// matchesClass matches c against a class, whose text behind the bracket is at the
// start of pattern, and returns what follows it.
func matchesClass(pattern string, c byte) (ok bool, rest string) {
	not := strings.HasPrefix(pattern, "^")
	if not {
		pattern = pattern[1:]
	}
	for pattern != "" && pattern[0] != ']' {
		switch {
		case pattern[0] == '\\' && len(pattern) > 1:
			ok = ok || pattern[1] == c
			pattern = pattern[2:]
		case len(pattern) > 2 && pattern[1] == '-':
			low, high := min(pattern[0], pattern[2]), max(pattern[0], pattern[2])
			ok = ok || low <= c && c <= high
			pattern = pattern[3:]
		default:
			ok = ok || pattern[0] == c
			pattern = pattern[1:]
		}
	}
	return ok != not, strings.TrimPrefix(pattern, "]")
}
