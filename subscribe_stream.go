package redis

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/redis-rest/redis-rest-go/internal/client/rest"
	"github.com/redis-rest/redis-rest-go/internal/protocol/sse"
)

// A subscription is one event stream for each topic. A goroutine reads each of them.
type subscription struct {
	client  *client
	command string          // for errors
	caller  context.Context // the context that it was opened with
	ctx     context.Context // ends when the subscription does; its cause says why
	cancel  context.CancelCauseFunc
	events  chan event
}

// errUnsubscribed is the cause of a subscription that its owner has closed.
var errUnsubscribed = errors.New("redis: the subscription is closed")

// An event is what Messages yields.
type event struct {
	message Message
	err     error
}

// A topic is what one event stream is opened for.
type topic struct {
	path         string
	confirmation string  // how the first event starts; "" if it is OK, as for MONITOR
	name         Message // the channel or the pattern
	parse        func(data string) (m Message, ok bool)
}

// openSubscription opens the streams at the same time and waits until all are active.
func (r *Redis) openSubscription(ctx context.Context, command string, topics []topic) (s *subscription, err error) {
	if c := observed(r); c != nil {
		var end func(error)
		ctx, end = c.observe(ctx, "subscription", []CommandInfo{{Name: command}}, func(int) []any {
			words := []any{command}
			for _, t := range topics {
				if name := cmp.Or(t.name.Channel, t.name.Pattern); name != "" { // MONITOR has none
					words = append(words, name)
				}
			}
			return words
		})
		defer func() { end(err) }()
	}
	if r == nil || r.c == nil {
		return nil, notExecuted(command, errNoClient)
	}
	if r.c.lifetime.closed() {
		return nil, notExecuted(command, ErrClosed)
	}
	s = &subscription{client: r.c, command: command, caller: ctx, events: make(chan event)}
	s.ctx, s.cancel = context.WithCancelCause(ctx)
	stop := context.AfterFunc(r.c.lifetime.ctx, func() { s.cancel(ErrClosed) })
	context.AfterFunc(s.ctx, func() { stop() })

	streams := make([]*eventStream, len(topics))
	var first error
	var once sync.Once
	var opening sync.WaitGroup
	for i, t := range topics {
		opening.Go(func() {
			var err error
			if streams[i], err = s.open(t); err != nil {
				once.Do(func() { first = err })
				s.cancel(err)
			}
		})
	}
	opening.Wait()
	if first != nil {
		return nil, first // the streams end with s.ctx
	}
	for i, t := range topics {
		go s.read(streams[i], t)
	}
	return s, nil
}

// messages yields what the streams bring.
func (s *subscription) messages(yield func(Message, error) bool) {
	for s.ctx.Err() == nil {
		select {
		case e := <-s.events:
			if !yield(e.message, e.err) {
				return
			}
		case <-s.ctx.Done():
		}
	}
	switch cause := context.Cause(s.ctx); {
	case s.caller.Err() != nil || cause == errUnsubscribed: // that is what its owner wanted
	case cause == ErrClosed:
		yield(Message{}, &CallError{Command: s.command, Err: ErrClosed})
	default:
		yield(Message{}, cause)
	}
}

func (s *subscription) close() error {
	s.cancel(errUnsubscribed)
	return nil
}

// read passes on what the stream brings. If the stream is lost, the subscription ends, or
// another stream is opened for its topic.
func (s *subscription) read(e *eventStream, t topic) {
	for {
		lost := s.forward(e, t)
		e.close()
		if s.ctx.Err() != nil {
			return
		}
		if !s.client.resubscribe || s.command == monitor {
			s.cancel(lost)
			return
		}
		gap := &GapError{Since: e.active, err: lost}
		var err error
		if e, err = s.reopen(t); err != nil {
			s.cancel(err)
			return
		}
		gap.Until = time.Now()
		if !s.pass(event{t.name, gap}) {
			e.close()
			return
		}
	}
}

// forward passes on the messages of a stream and returns why it ended.
func (s *subscription) forward(e *eventStream, t topic) error {
	for {
		data, err := e.next()
		if err != nil {
			return s.lost(err)
		}
		if m, ok := t.parse(data); ok && !s.pass(event{message: m}) {
			return errUnsubscribed
		}
	}
}

// pass waits until Messages takes the event. It reports false if the subscription ended.
func (s *subscription) pass(e event) bool {
	select {
	case s.events <- e:
		return true
	case <-s.ctx.Done():
		return false
	}
}

// reopen opens a stream for the topic, as often as it takes. It fails if the server
// refuses the subscription, and when the subscription ends.
func (s *subscription) reopen(t topic) (*eventStream, error) {
	for attempt := 1; ; attempt++ {
		if err := s.client.rest.Wait(s.ctx, attempt); err != nil {
			return nil, err
		}
		e, err := s.open(t)
		if err == nil || s.ctx.Err() != nil || s.isRefused(err) {
			return e, err
		}
	}
}

// isRefused reports whether the server will not accept the subscription later either.
func (s *subscription) isRefused(err error) bool {
	status := 0
	if e, ok := errors.AsType[*Error](err); ok && !s.info().refusedBy(e) {
		status = e.Status
	}
	if e, ok := errors.AsType[*HTTPError](err); ok {
		status = e.Status
	}
	return status >= 400 && status < 500 && status != http.StatusTooManyRequests && status != http.StatusRequestTimeout
}

func (s *subscription) info() callInfo { return callInfo{name: s.command, reads: true} }

// lost is the error for a stream that ended although nobody closed it.
func (s *subscription) lost(err error) error {
	if errors.Is(err, sse.ErrTooLarge) {
		return &CallError{Command: s.command, Err: ErrReplyTooLarge}
	}
	if errors.Is(err, io.EOF) {
		err = io.ErrUnexpectedEOF
	}
	return &CallError{Command: s.command, Err: fmt.Errorf("the connection was lost: %w", err)}
}

// open opens a stream for the topic and waits for its first event, the confirmation.
func (s *subscription) open(t topic) (*eventStream, error) {
	e := &eventStream{limit: s.client.idleLimit, given: s.client.idleLimit > 0}
	var ctx context.Context
	ctx, e.cancel = context.WithCancelCause(s.ctx)
	late := func() bool { return ctx.Err() != nil }
	if d := s.client.rest.Timeout(); d > 0 {
		timer := time.AfterFunc(d, func() { e.cancel(context.DeadlineExceeded) })
		defer timer.Stop()
		late = func() bool { return !timer.Stop() || ctx.Err() != nil }
	}
	fail := func(err error) (*eventStream, error) {
		if late() {
			call := &CallError{Command: s.command, Err: cmp.Or(rest.Ended(s.caller), s.client.lifetime.ended(), context.DeadlineExceeded)}
			if errors.Is(err, ErrNotExecuted) {
				call.outcome = ErrNotExecuted
			}
			err = call
		}
		e.close()
		return nil, err
	}
	s.client.recordOf(ctx).note(rest.AttemptHistory{Attempts: 1})
	body, answer, err := s.client.rest.Stream(ctx, t.path, s.command)
	if err != nil {
		return fail(s.info().sendError(err))
	}
	if body == nil {
		if _, _, err = s.client.readAnswer(answer).forCommand(s.info()); err == nil {
			err = &CallError{Command: s.command, Err: s.client.httpError(answer)}
		}
		return fail(err)
	}
	context.AfterFunc(ctx, func() { body.Close() })
	e.begin(ctx, body, int(min(s.client.rest.Max(), 1<<31-1)))
	first, err := e.reader.Next()
	switch {
	case err != nil:
		return fail(s.lost(err))
	case t.confirmation == "" && strings.Trim(first, `"`) != "OK", !strings.HasPrefix(first, t.confirmation):
		return fail(&CallError{Command: s.command, Err: errors.New("the server's first event is not the confirmation")})
	case late(): // in the same instant
		return fail(context.DeadlineExceeded)
	}
	return e, nil
}

// An eventStream is an open response of server-sent events. One goroutine reads it.
type eventStream struct {
	ctx    context.Context
	cancel context.CancelCauseFunc
	body   io.Reader
	reader *sse.Reader

	limit     time.Duration // how long the connection may be silent; 0 for ever
	given     bool          // the limit is given and not learned
	silent    *time.Timer   // ends the stream
	active    time.Time     // when the last byte came
	heartbeat time.Time     // when the last heartbeat came, or the stream began
}

// How the limit is learned from heartbeats. Comments that follow each other at once are no
// heartbeats.
const (
	leastHeartbeat   = time.Second
	leastIdleLimit   = time.Minute
	heartbeatsToMiss = 4
)

func (e *eventStream) begin(ctx context.Context, body io.Reader, most int) {
	e.ctx, e.body = ctx, body
	e.reader = sse.NewReader(e, most)
	e.reader.Comment = e.noteHeartbeat
	e.active = time.Now()
	e.heartbeat = e.active
}

// Read reads the body and notes that something came.
func (e *eventStream) Read(p []byte) (int, error) {
	n, err := e.body.Read(p)
	if n > 0 {
		e.active = time.Now()
		if e.silent != nil {
			e.silent.Reset(e.limit)
		}
	}
	return n, err
}

// next returns the data of the next event. The limit of silence counts only meanwhile: a
// stream whose messages nobody takes is not silent.
func (e *eventStream) next() (string, error) {
	if e.limit > 0 {
		e.watch()
	}
	data, err := e.reader.Next()
	if e.silent != nil {
		e.silent.Stop()
	}
	if err != nil && context.Cause(e.ctx) == errSilent {
		err = errSilent
	}
	return data, err
}

var errSilent = errors.New("it was silent for too long")

func (e *eventStream) watch() {
	if e.silent == nil {
		e.silent = time.AfterFunc(e.limit, func() { e.cancel(errSilent) })
		return
	}
	e.silent.Reset(e.limit)
}

// noteHeartbeat learns the limit, unless it is given.
func (e *eventStream) noteHeartbeat() {
	distance := e.active.Sub(e.heartbeat)
	e.heartbeat = e.active
	if limit := max(heartbeatsToMiss*distance, leastIdleLimit); !e.given && distance >= leastHeartbeat && limit > e.limit {
		e.limit = limit
		e.watch()
	}
}

func (e *eventStream) close() { e.cancel(errUnsubscribed) }
