package transport

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"sync"
	"time"
)

// An Outcome says how far a request came.
type Outcome int

// The outcomes, in the order in which a request passes them.
const (
	Unknown       Outcome = iota // it never reached the transport, or is under way
	NotBegun                     // nothing of it was written: the server cannot have run it
	WrittenInPart                // some of it was written
	WrittenWhole                 // all of it was written
	AnswerBegun                  // at least one byte of an answer has come
)

// A Call is the context of one request. It learns the outcome from the transport,
// whatever round trippers stand in between.
type Call struct {
	context.Context

	// Limit is a deadline without a timer; zero for none. Deadline reports it, and this
	// transport heeds it. Done and Err do not tell when it has passed.
	Limit time.Time

	mu       sync.Mutex
	running  int // round trips
	furthest Outcome
}

type callKey struct{}

// callOf returns the call in the request's context, or one that nobody asks.
func callOf(req *http.Request) *Call {
	if call, ok := req.Context().Value(callKey{}).(*Call); ok {
		return call
	}
	return new(Call)
}

// Value returns the call itself to the transport.
func (c *Call) Value(key any) any {
	if key == (callKey{}) {
		return c
	}
	return c.Context.Value(key)
}

// Deadline is the earlier one of Limit and the context's.
func (c *Call) Deadline() (time.Time, bool) {
	deadline, ok := c.Context.Deadline()
	if !c.Limit.IsZero() && (!ok || c.Limit.Before(deadline)) {
		return c.Limit, true
	}
	return deadline, ok
}

// Outcome is how far the request came. If a round tripper of the caller's sent it more
// than once, it is the furthest.
func (c *Call) Outcome() Outcome {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.running > 0 {
		return Unknown
	}
	return c.furthest
}

// begin and end stand around a round trip.
func (c *Call) begin() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.running++
}

func (c *Call) end(o Outcome) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.running--
	c.furthest = max(c.furthest, o)
}

// note says that the request came as far as this.
func (c *Call) note(o Outcome) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.furthest = max(c.furthest, o)
}

// ended is the error of a context that has ended, or whose deadline has passed.
func ended(ctx context.Context) error {
	if err := ctx.Err(); err != nil {
		if cause := context.Cause(ctx); !errors.Is(cause, err) {
			return fmt.Errorf("%w: %w", err, cause)
		}
		return err
	}
	if deadline, ok := ctx.Deadline(); ok && !time.Now().Before(deadline) {
		return context.DeadlineExceeded
	}
	return nil
}

// explain returns why err happened: the end of a context breaks off what waits, which
// then fails with an error of its own.
func explain(ctx context.Context, err error) error {
	if end := ended(ctx); err != nil && end != nil {
		return end
	}
	return err
}
