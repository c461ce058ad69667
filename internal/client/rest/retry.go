package rest

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http"
	"time"
)

// A Policy says how often a request is sent, and how long to wait between attempts.
type Policy struct {
	MaxAttempts int           // 1 disables retries
	BaseDelay   time.Duration // the longest wait before the second attempt; it doubles for each further one
	MaxDelay    time.Duration // the longest wait, and the longest Retry-After that is waited for
}

// wait is how long to wait after this number of attempts: the time that the server
// asked for, and a random time (full jitter), so that clients that failed together do
// not come back together. jitter is from 0 to 1.
func (p Policy) wait(attempts int, retryAfter time.Duration, jitter float64) time.Duration {
	most := p.MaxDelay
	if shift := attempts - 1; shift < 32 && p.BaseDelay<<shift>>shift == p.BaseDelay {
		most = min(p.BaseDelay<<shift, p.MaxDelay)
	}
	return min(retryAfter, p.MaxDelay) + time.Duration(jitter*float64(most))
}

// A Request is what Post sends.
type Request struct {
	Path  string          // below the configured URL
	Body  []byte          // JSON
	Names func() []string // of the commands, for the hook
	Safe  bool            // may run twice: it only reads, or the caller said that it may

	// SafeUntil is when the request stops being safe; zero for never.
	SafeUntil time.Time

	Classifier Classifier

	// Wait is how much longer than Config.Timeout an attempt may take, because commands wait
	// for data; commandtable.Forever is without a limit.
	Wait time.Duration

	// Members is how many replies a list has of which each may be as large as
	// Config.MaxReplyBytes. 0 is for a request whose answer has this limit as a whole.
	Members int

	// NotReady is what Ready returned for the request. It fails with it.
	NotReady error

	// Callers are the contexts of the calls that share the request, for the hook.
	Callers []context.Context

	// Sharing sends attempts together with those of other requests. It may be nil.
	Sharing Sharing
}

// Sharing sends an attempt to send a request together with other requests.
type Sharing interface {
	// Send sends attempt n. It returns what came of it as Post would: a Response, for
	// the Classifier of the request, or a *SendError. The Turn is that of all requests
	// that were sent together. It is nil if the attempt was not sent, because there was no
	// other request; then Post sends it.
	Send(ctx context.Context, n int) (Response, *Turn, error)
}

// A Turn is the end of an attempt that requests shared. Those that are sent again wait
// until the same moment, so that they can share the next attempt too.
type Turn struct {
	Ended  time.Time
	Jitter float64 // of the wait, from 0 to 1
}

func newTurn() *Turn { return &Turn{time.Now(), rand.Float64()} }

// A Classifier reads the answers to a request. The last answer counts.
type Classifier interface {
	// Classify returns the error that an answer stands for, if any. refused says that the
	// answer proves that nothing was executed.
	Classify(Response) (refused bool, err error)
}

// Post sends the request. It retries, as often as the policy allows, if one of these is
// true: no byte of the request was written; the server refused it and did not run it
// (429, 503 with Retry-After, or the Classifier says so); the request is safe. If the
// wait before a retry would pass the deadline, Post returns without waiting.
//
// A nil error means that the last attempt got an answer and the Classifier has read it.
// Otherwise the error is a *SendError.
func (c *Client) Post(ctx context.Context, r *Request) (AttemptHistory, error) {
	var history AttemptHistory
	var reason error
	for attempts := 1; ; attempts++ {
		if ctx.Err() != nil {
			return history, &SendError{Err: Ended(ctx), Unsent: true}
		}
		history.Attempts = attempts
		a := c.attempt(ctx, r, attempts, reason)
		reason = a.reason
		if attempts >= c.policy.MaxAttempts || ctx.Err() != nil || !a.unexecuted && !a.mayPass {
			return history, a.err
		}
		turn := cmp.Or(a.turn, newTurn())
		wait := c.policy.wait(attempts, a.retryAfter, turn.Jitter) - time.Since(turn.Ended)
		if deadline, ok := ctx.Deadline(); ok && time.Until(deadline) <= wait {
			return history, a.err
		}
		late := !r.SafeUntil.IsZero() && time.Now().Add(wait+c.timeout).Add(r.Wait).After(r.SafeUntil)
		if late && (history.MayHaveRun || !a.unexecuted) {
			return history, a.err
		}
		if !a.unexecuted && !r.Safe {
			return history, a.err
		}
		history.MayHaveRun = history.MayHaveRun || !a.unexecuted
		slept := time.Now()
		ended := sleep(ctx, wait)
		history.Waited += time.Since(slept)
		if ended != nil {
			return history, &SendError{Err: ended, Reason: a.reason, Unsent: true}
		}
	}
}

// An AttemptHistory is what is known of the attempts to send a request.
type AttemptHistory struct {
	MayHaveRun bool // one of those before the last may have run
	Attempts   int
	Waited     time.Duration // between them
}

// An attempt is how one attempt ended.
type attempt struct {
	err        error // a *SendError if no answer came
	reason     error // err, or the error that the answer stands for
	unexecuted bool  // the request was certainly not executed
	mayPass    bool  // the request failed in a way that may pass
	retryAfter time.Duration
	turn       *Turn // nil if the request did not share the attempt
}

// attempt sends the request once, and gives the answer to the Classifier and the hooks. before is the reason
// of the attempt before.
func (c *Client) attempt(ctx context.Context, r *Request, n int, before error) attempt {
	if r.Sharing != nil {
		if resp, turn, err := r.Sharing.Send(ctx, n); turn != nil {
			a := r.outcome(resp, err)
			a.turn = turn
			return a
		}
	}
	ctx, done := c.callHooks(ctx, r, n, before)
	resp, err := c.sendOnce(ctx, r)
	a := r.outcome(resp, err)
	done(Outcome{Status: resp.Status, Bytes: len(resp.Body), Err: a.reason})
	return a
}

// outcome is how an attempt ended that brought an answer or a *SendError.
func (r *Request) outcome(resp Response, err error) attempt {
	if err != nil {
		send := err.(*SendError)
		return attempt{err: err, reason: err, unexecuted: send.Unsent && !send.Final, mayPass: !send.Final && !errors.Is(err, ErrTooLarge)}
	}
	refused, answerErr := r.Classifier.Classify(resp)
	return attempt{
		reason:     answerErr,
		unexecuted: refused || resp.refused(),
		mayPass:    answerErr != nil && resp.Status >= 500,
		retryAfter: RetryAfter(resp.Header),
	}
}

// Once sends the request once; n is the number of the attempt that hooks see. A nil error
// means that an answer came and the Classifier has read it. Otherwise the error is a
// *SendError.
func (c *Client) Once(ctx context.Context, r *Request, n int) (*Turn, error) {
	a := c.attempt(ctx, r, n, nil)
	return newTurn(), a.err
}

// refused reports whether the status alone proves that nothing was executed. A 502, a
// 504 and a 503 without Retry-After do not prove it: proxies also send them after the
// server ran the command.
func (r Response) refused() bool {
	return r.Status == http.StatusTooManyRequests ||
		r.Status == http.StatusServiceUnavailable && RetryAfter(r.Header) > 0
}

// Wait waits after this number of attempts, as Post does.
func (c *Client) Wait(ctx context.Context, attempts int) error {
	return sleep(ctx, c.policy.wait(attempts, 0, rand.Float64()))
}

func sleep(ctx context.Context, d time.Duration) error {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return nil
	case <-ctx.Done():
		return Ended(ctx)
	}
}

// Ended returns why a context has ended: its error, and the cause that was given for it.
// It is nil if the context has not ended.
func Ended(ctx context.Context) error {
	err, cause := ctx.Err(), context.Cause(ctx)
	switch {
	case err == nil || errors.Is(err, cause):
		return err
	case errors.Is(cause, err):
		return cause
	}
	return fmt.Errorf("%w: %w", err, cause)
}
