package redis

import (
	"context"
	"time"

	"github.com/redis-rest/redis-rest-go/internal/client/rest"
)

// A Hook is called before each attempt to send a request. The function that it
// returns, if not nil, is called with the outcome of the attempt. Hooks are for
// metrics, traces and logs. Many goroutines call a hook at the same time, never under a
// lock. It gets no arguments, no token and no reply. If a hook panics, the panic is
// recovered, the hook is left out of that request, and the request continues.
type Hook func(ctx context.Context, r RequestInfo) func(RequestOutcome)

// RequestInfo is a request that is about to be sent.
type RequestInfo struct {
	Kind     string   // command, pipeline, transaction or subscription (MONITOR too)
	Commands []string // the names of its commands, not to be changed
	Attempt  int      // from 1; more than 1 for a retry
	Bytes    int      // the size of the body
}

// RequestOutcome is how an attempt to send a request ended.
type RequestOutcome struct {
	Duration time.Duration // until the last byte of the answer; of a subscription, until it is active
	Status   int           // the HTTP status; 0 if no answer came
	Bytes    int           // the size of the answer's body after decompression

	// Err is why the request failed: no answer came, or the answer is an error for all
	// of its commands. It is nil if only some commands of a batch failed.
	Err error
}

// WithHook calls h for each request. Of several hooks, the first is called first
// before the request and last with the outcome.
func WithHook(h Hook) Option {
	return option(func(c *config) {
		c.refuse(h == nil, "WithHook", "is nil")
		c.hooks = append(c.hooks, h)
	})
}

// kind is the Kind of a request to path.
func kind(path string) string {
	switch path {
	case "":
		return "command"
	case pipeline:
		return "pipeline"
	case transaction:
		return "transaction"
	}
	return "subscription"
}

func (c *config) restHooks() []rest.Hook {
	hooks := make([]rest.Hook, len(c.hooks))
	for i, h := range c.hooks {
		hooks[i] = func(ctx context.Context, a rest.Attempt) func(rest.Outcome) {
			done := h(ctx, RequestInfo{Kind: kind(a.Path), Commands: a.Names, Attempt: a.Number, Bytes: a.Bytes})
			if done == nil {
				return nil
			}
			return func(o rest.Outcome) { done(RequestOutcome(o)) }
		}
	}
	return hooks
}
