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

// An Outcome is what became of it.
type Outcome struct {
	Duration time.Duration
	Status   int   // 0 where no answer came
	Bytes    int   // of the answer's body
	Err      error // nil for a success
}

// A Hook sees each attempt, and what it returns sees the outcome.
type Hook func(context.Context, Attempt) func(Outcome)

// begin calls the hooks, in order, and returns what calls those that they
// returned, in reverse.
func (c *Client) begin(ctx context.Context, r *Request, n int) func(Outcome) {
	if len(c.hooks) == 0 {
		return func(Outcome) {}
	}
	a := Attempt{Names: r.Names(), Path: r.Path, Number: n, Bytes: len(r.Body)}
	var ends []func(Outcome)
	for _, h := range c.hooks {
		quietly(func() {
			if end := h(ctx, a); end != nil {
				ends = append(ends, end)
			}
		})
	}
	begun := time.Now()
	return func(o Outcome) {
		o.Duration = time.Since(begun)
		for _, end := range slices.Backward(ends) {
			quietly(func() { end(o) })
		}
	}
}

// quietly calls f. That it panics is its own affair.
func quietly(f func()) {
	defer func() { _ = recover() }()
	f()
}
