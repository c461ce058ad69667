package redis

import (
	"context"
	"time"

	"github.com/redis-rest/redis-rest-go/internal/client/rest"
)

// A Hook sees each request that is sent, each attempt of it by itself, and what
// it returns sees the outcome; it may return nil. It is for metrics, traces and
// logs, and is called by many goroutines at a time, before and after the request
// and never under a lock. It sees no arguments, no token and no reply. One that
// panics is left out of that request, and the request goes on.
type Hook func(ctx context.Context, r RequestInfo) func(RequestOutcome)

// RequestInfo is a request that is about to be sent.
type RequestInfo struct {
	Kind     string   // command, pipeline, transaction or stream
	Commands []string // the names of its commands, not to be changed
	Attempt  int      // 1, or more where it is sent again
	Bytes    int      // the size of the body
}

// RequestOutcome is what became of a request.
type RequestOutcome struct {
	Duration time.Duration // to the last byte of the answer; of a stream, to its beginning
	Status   int           // the HTTP status; 0 where no answer came
	Bytes    int           // the size of the answer's body, decompressed

	// Err is why the request failed: for want of an answer, or by what the answer
	// says of all its commands. It is nil where single commands of a batch failed.
	Err error
}

// WithHook has h see each request. Of many hooks the first sees the beginning
// first and the outcome last.
func WithHook(h Hook) Option {
	return func(c *config) {
		c.refuse(h == nil, "WithHook", "is nil")
		c.hooks = append(c.hooks, h)
	}
}

// kind is what a path is for.
func kind(path string) string {
	switch path {
	case "":
		return "command"
	case pipeline:
		return "pipeline"
	case transaction:
		return "transaction"
	}
	return "stream"
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
