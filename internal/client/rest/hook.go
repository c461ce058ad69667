package rest

import (
	"context"
	"slices"
	"time"
)

// An Attempt is a request that is about to be sent.
type Attempt struct {
	Names  []string // of the commands
	Path   string
	Number int // from 1
	Bytes  int // of the body
}

// An Outcome is how an attempt ended.
type Outcome struct {
	Duration time.Duration
	Status   int   // 0 where no answer came
	Bytes    int   // of the answer's body
	Err      error // nil if it succeeded
}

// A Hook is called before each attempt. The function that it returns is called after it.
type Hook func(context.Context, Attempt) func(Outcome)

// callHooks calls the hooks in order. It returns a function that calls in reverse order
// what they returned.
func (c *Client) callHooks(ctx context.Context, r *Request, n int) func(Outcome) {
	if len(c.hooks) == 0 {
		return func(Outcome) {}
	}
	a := Attempt{Names: r.Names(), Path: r.Path, Number: n, Bytes: len(r.Body)}
	var ends []func(Outcome)
	for _, h := range c.hooks {
		recoverPanic(func() {
			if end := h(ctx, a); end != nil {
				ends = append(ends, end)
			}
		})
	}
	begun := time.Now()
	return func(o Outcome) {
		o.Duration = time.Since(begun)
		for _, end := range slices.Backward(ends) {
			recoverPanic(func() { end(o) })
		}
	}
}

// recoverPanic calls f. A panic in f is recovered, so it cannot fail the request.
func recoverPanic(f func()) {
	defer func() { _ = recover() }()
	f()
}
