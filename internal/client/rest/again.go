package rest

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// A Policy says how often a request is sent, and how long to wait in between.
type Policy struct {
	MaxAttempts int           // 1 for never again
	BaseDelay   time.Duration // the longest wait before the second attempt; it doubles for each further one
	MaxDelay    time.Duration // the longest wait of all, and the most of what Retry-After is heeded
}

// wait is how long to wait after so many attempts: full jitter, so that clients
// that failed together do not come back together, on top of what the server
// asked for.
func (p Policy) wait(attempts int, retryAfter time.Duration) time.Duration {
	most := p.MaxDelay
	if shift := attempts - 1; shift < 32 && p.BaseDelay<<shift>>shift == p.BaseDelay {
		most = min(p.BaseDelay<<shift, p.MaxDelay)
	}
	return min(retryAfter, p.MaxDelay) + rand.N(max(most, 1))
}

// A Request is what Post sends.
type Request struct {
	Path  string          // below the configured URL
	Body  []byte          // JSON
	Names func() []string // of the commands, for the hook
	Safe  bool            // may run twice: it only reads, or the caller said so
	Made  int             // attempts made before, which may have run

	// SafeUntil is when it is no longer safe, where that is not zero.
	SafeUntil time.Time

	Judge Judge
}

// A Judge reads the answers to a request, of which the last one counts.
type Judge interface {
	// Judge says whether an answer is a refusal, which proves that nothing was
	// executed, and is the answer's error if it is one.
	Judge(Response) (refused bool, err error)
}

// Post sends the request, and again as often as the policy allows, where one of
// these holds: no byte of it left; it was refused unexecuted (429, 503 with
// Retry-After, what Judge says); it is safe. A wait that would pass the deadline
// is not begun.
//
// A nil error says that the last attempt brought an answer, which Judge has read.
// Else the error is a *SendError.
func (c *Client) Post(ctx context.Context, r *Request) (Fate, error) {
	fate := Fate{MayHaveRun: r.Made > 0}
	attempts := r.Made
	if attempts > 0 {
		if err := sleep(ctx, c.policy.wait(attempts, 0)); err != nil {
			return fate, &SendError{Err: err, Unsent: true}
		}
	}
	for {
		if err := ctx.Err(); err != nil {
			return fate, &SendError{Err: err, Unsent: true}
		}
		attempts++
		fate.Attempts = attempts
		a := c.attempt(ctx, r, attempts)
		if attempts >= c.policy.MaxAttempts || ctx.Err() != nil || !a.unexecuted && !a.failed {
			return fate, a.err
		}
		wait := c.policy.wait(attempts, a.retryAfter)
		if deadline, ok := ctx.Deadline(); ok && time.Until(deadline) <= wait {
			return fate, a.err
		}
		late := !r.SafeUntil.IsZero() && time.Now().Add(wait+c.timeouts.after).After(r.SafeUntil)
		if late && (fate.MayHaveRun || !a.unexecuted) {
			return fate, a.err
		}
		if !a.unexecuted && !r.Safe {
			fate.Unsafe = true
			return fate, a.err
		}
		fate.MayHaveRun = fate.MayHaveRun || !a.unexecuted
		if ended := sleep(ctx, wait); ended != nil {
			return fate, &SendError{Err: fmt.Errorf("%w, before it was sent again after: %w", ended, a.reason), Unsent: true}
		}
	}
}

// A Fate is what became of the attempts before the last, and why that was the
// last.
type Fate struct {
	MayHaveRun bool // one of the earlier ones may have run
	Unsafe     bool // it would have been sent again, were it safe
	Attempts   int  // all that were made
}

// An attempt is how one ended.
type attempt struct {
	err        error // a *SendError: no answer came
	reason     error // that, or the answer's error
	unexecuted bool  // certainly
	failed     bool  // in a way that may pass
	retryAfter time.Duration
}

// attempt sends the request once, and has the judge and the hook see the answer.
func (c *Client) attempt(ctx context.Context, r *Request, n int) (a attempt) {
	done := c.begin(ctx, r, n)
	resp, err := c.once(ctx, r.Path, r.Body)
	if err != nil {
		send := err.(*SendError)
		a = attempt{err: err, reason: err, unexecuted: send.Unsent, failed: !errors.Is(err, ErrTooLarge)}
		done(Outcome{Err: err})
		return a
	}
	refused, judged := r.Judge.Judge(resp)
	a = attempt{
		reason:     judged,
		unexecuted: refused || resp.refused(),
		failed:     judged != nil && resp.Status >= 500,
		retryAfter: RetryAfter(resp.Header),
	}
	done(Outcome{Status: resp.Status, Bytes: len(resp.Body), Err: judged})
	return a
}

// refused says that the status alone proves that nothing was executed. A bare
// 502, 503 or 504 does not: proxies answer so after the server ran the command.
func (r Response) refused() bool {
	return r.Status == http.StatusTooManyRequests ||
		r.Status == http.StatusServiceUnavailable && RetryAfter(r.Header) > 0
}

func sleep(ctx context.Context, d time.Duration) error {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// RetryAfter reads the header of that name, seconds or a date (RFC 9110, section
// 10.2.3). 0 is none, or none that can be read. What is over already, a date that
// has passed or 0 seconds, is a nanosecond: it was said.
func RetryAfter(h http.Header) time.Duration {
	value := strings.TrimSpace(h.Get("Retry-After"))
	if value == "" {
		return 0
	}
	if strings.Trim(value, "0123456789") == "" {
		const most = 1 << 31 // seconds; who asks for more means never
		seconds, err := strconv.ParseInt(value, 10, 64)
		if err != nil || seconds > most {
			seconds = most
		}
		return max(time.Duration(seconds)*time.Second, 1)
	}
	if date, err := http.ParseTime(value); err == nil {
		return max(time.Until(date), 1)
	}
	return 0
}
