package redis

import (
	"time"
)

// RetryPolicy says how often a request is sent and how long to wait between attempts. A
// field that is 0 has its default.
//
// A command is retried only if it cannot have run, or if running it twice is harmless.
// A request is sent again only if
//
//   - it was not sent: there was no connection, TLS failed, or nothing was written; or
//   - it was refused and not run: 429, 503 with Retry-After, Redis' own BUSY, LOADING,
//     TRYAGAIN and CLUSTERDOWN, and the rate limits of hosted services; or
//   - it only reads: Redis flags the command as readonly, or it is PING, ECHO, TIME,
//     SCRIPT LOAD or SCRIPT EXISTS; or
//   - the caller said that it may run twice ([Command.Idempotent], [Idempotent]),
//     or [Script.RunOnce] sends it.
//
// A batch is sent again only if that is true for every command in it. After any other
// failure the error is [ErrOutcomeUnknown]. An error that a script raised itself is not
// taken for a refusal: of a script, only the full text of Redis' own errors counts.
//
// If the wait before a retry would pass the context's deadline, there is no retry, and
// the error is that of the last attempt.
type RetryPolicy struct {
	// MaxAttempts is the maximum number of attempts. The default is 3; 1 disables
	// retries.
	MaxAttempts int

	// BaseDelay is the longest wait before the second attempt. The default is 100 ms. It
	// doubles for each further attempt. The wait is a random time from 0 to this (full
	// jitter), in addition to what the server asks for with Retry-After.
	BaseDelay time.Duration

	// MaxDelay is the limit of the doubling, and the longest Retry-After that is waited
	// for. The default is 5 s.
	MaxDelay time.Duration
}

var defaultRetry = RetryPolicy{MaxAttempts: 3, BaseDelay: 100 * time.Millisecond, MaxDelay: 5 * time.Second}

// WithRetryPolicy changes when requests are sent again.
func WithRetryPolicy(p RetryPolicy) Option {
	return option(func(c *config) {
		c.refuse(p.MaxAttempts < 0 || p.BaseDelay < 0 || p.MaxDelay < 0, "WithRetryPolicy", "holds a negative number")
		if p.MaxAttempts != 0 {
			c.retry.MaxAttempts = p.MaxAttempts
		}
		if p.BaseDelay != 0 {
			c.retry.BaseDelay = p.BaseDelay
		}
		if p.MaxDelay != 0 {
			c.retry.MaxDelay = p.MaxDelay
		}
	})
}
