// Package ratelimit limits how often something may happen: calls of a user, logins of an address, mails of a tenant. All
// processes that use the same Redis share the limits. Each decision is one command.
//
//	limiter, err := ratelimit.New(rdb, ratelimit.SlidingWindow(10, time.Minute))
//
//	d, err := limiter.Limit(ctx, "user:42")
//	if err == nil && !d.Allowed {
//		fmt.Println("try again in", d.RetryAfter)
//	}
//
// The algorithms are [FixedWindow], [SlidingWindow], [TokenBucket] and [GCRA]. They decide as those of the JavaScript
// package @upstash/ratelimit 2.2 do; docs/ratelimit.md lists the few differences. With [WithUpstashKeys] programs in both
// languages share limits.
//
// Time is that of the caller's clock, so the clocks of all callers should agree. A clock that is ahead by a part of a
// window begins the next window earlier by that part.
package ratelimit

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"math/rand/v2"
	"strings"
	"time"

	redis "github.com/redis-rest/redis-rest-go"
)

// A Limiter decides which calls are allowed. It is safe for concurrent use.
type Limiter struct {
	config
	doer      redis.Doer
	algorithm Algorithm
	cache     *cache
}

// New makes a limiter that keeps its counts on d. Two limiters with different algorithms or limits need different
// prefixes ([WithPrefix]). If an algorithm or option is wrong, the error says how.
func New(d redis.Doer, a Algorithm, opts ...Option) (*Limiter, error) {
	c := newConfig()
	var errs []error
	if d == nil {
		errs = append(errs, errors.New("ratelimit: New: the Doer is nil"))
	}
	if a.decide == nil {
		errs = append(errs, errNoAlgorithm)
	}
	errs = append(errs, a.err)
	for _, opt := range opts {
		if opt == nil {
			errs = append(errs, errors.New("ratelimit: New: an option is nil"))
			continue
		}
		errs = append(errs, opt(&c))
	}
	if err := errors.Join(errs...); err != nil {
		return nil, err
	}
	if c.prefix == "" {
		c.prefix = "ratelimit"
		if c.upstashKeys {
			c.prefix = "@upstash/ratelimit"
		}
	}
	return &Limiter{config: c, doer: d, algorithm: a, cache: newCache(c.cached)}, nil
}

// A Decision says whether a call is allowed, and what is left.
type Decision struct {
	Allowed    bool
	Limit      int64         // that was applied; of a bucket or burst, its size
	Remaining  int64         // how much is left
	Reset      time.Time     // when the window ends, or the next tokens come back
	RetryAfter time.Duration // how long until a refused call would be allowed, if nobody else calls; negative if never
	Reason     Reason        // why it was not Redis that decided; else ""
}

// A Reason says what decided in place of Redis.
type Reason string

// The reasons. Their texts are those of the JavaScript package.
const (
	Timeout Reason = "timeout"    // Redis did not answer within the timeout ([WithTimeout]); only Allowed is set
	Cached  Reason = "cacheBlock" // the call is refused, as one before it was ([WithCache])
)

// Limit decides about a call of id: a user, an address or whatever the limit is for. The error is one of the command
// that asks Redis; then nothing is allowed, and the caller must choose. After [redis.ErrOutcomeUnknown] the call may
// have counted.
func (l *Limiter) Limit(ctx context.Context, id string, opts ...CallOption) (Decision, error) {
	base, now, cost := l.base(id), l.now(), costOf(opts)
	if d, ok := l.cache.refused(base, cost, now); ok {
		return d, nil
	}
	limited, cancel := ctx, context.CancelFunc(func() {})
	if l.timeout > 0 {
		limited, cancel = context.WithTimeout(ctx, l.timeout)
	}
	defer cancel()
	r, err := l.decision(base, now, cost).Do(limited, l.doer)
	if errors.Is(err, context.DeadlineExceeded) && ctx.Err() == nil {
		return Decision{Allowed: !l.failClosed, Reason: Timeout}, nil
	}
	return l.decided(base, cost, now, r, err)
}

// decision makes the command that decides about a call, given the beginning of its keys.
func (l *Limiter) decision(base string, now time.Time, cost int64) redis.Command[reply] {
	return l.algorithm.decide(keys{l.algorithm.keysOf(base, now), l.changed()}, now, cost)
}

// decided makes a Decision of what Redis returned.
func (l *Limiter) decided(base string, cost int64, now time.Time, r reply, err error) (Decision, error) {
	if err != nil {
		return Decision{}, err
	}
	d := Decision{Allowed: r.Allowed, Limit: r.Limit, Remaining: r.Remaining, Reset: r.Reset, RetryAfter: r.Wait}
	l.cache.note(base, cost, now, d)
	return d, nil
}

// Queue adds the decision about a call to a batch, so that one request decides about several limits. They decide
// apart from each other: where one refuses, the others have counted the call. The limiter's timeout does not apply here,
// and its cache is not asked.
func (l *Limiter) Queue(b *redis.Batch, id string, opts ...CallOption) *Future {
	base, now, cost := l.base(id), l.now(), costOf(opts)
	f := l.decision(base, now, cost).Queue(b)
	return &Future{func() (Decision, error) {
		r, err := f.Result()
		return l.decided(base, cost, now, r, err)
	}}
}

// A Future is a decision in a batch. It is made when the batch is executed.
type Future struct{ result func() (Decision, error) }

// Result returns the decision. Before [redis.Batch.Exec] the error is [redis.ErrNotExecuted].
func (f *Future) Result() (Decision, error) { return f.result() }

// Remaining returns what is left to id, and takes nothing. Allowed says whether anything is.
func (l *Limiter) Remaining(ctx context.Context, id string) (Decision, error) {
	r, err := l.decision(l.base(id), l.now(), 0).Do(ctx, l.doer)
	if err != nil {
		return Decision{}, err
	}
	return Decision{Allowed: r.Remaining > 0, Limit: r.Limit, Remaining: r.Remaining, Reset: r.Reset}, nil
}

// Reset forgets the calls of id. Other processes may remember that they refused it ([WithCache]).
func (l *Limiter) Reset(ctx context.Context, id string) error {
	args, base := []any{"DEL"}, l.base(id)
	for _, key := range l.algorithm.keysOf(base, l.now()) {
		args = append(args, key)
	}
	_, err := redis.Cmd[int](args...).Idempotent().Do(ctx, l.doer)
	l.cache.forget(base)
	return err
}

// ErrNever says that a call costs more than the limit, so it is never allowed.
var ErrNever = errors.New("ratelimit: the call costs more than the limit")

// Wait waits until a call of id is allowed or ctx ends. If ctx would end before, it returns
// [context.DeadlineExceeded] at once. A call that is never allowed is [ErrNever].
func (l *Limiter) Wait(ctx context.Context, id string, opts ...CallOption) error {
	for {
		d, err := l.Limit(ctx, id, opts...)
		if err != nil || d.Allowed {
			return err
		}
		if d.RetryAfter < 0 {
			return ErrNever
		}
		// Those who wait for the same id do not all come at once.
		wait := max(d.RetryAfter, time.Millisecond)
		wait += rand.N(wait/8 + time.Millisecond)
		if deadline, ok := ctx.Deadline(); ok && time.Until(deadline) < wait {
			return fmt.Errorf("ratelimit: the call is allowed in %v, after the deadline: %w", d.RetryAfter, context.DeadlineExceeded)
		}
		timer := time.NewTimer(wait)
		select {
		case <-timer.C:
		case <-ctx.Done():
			timer.Stop()
			return ctx.Err()
		}
	}
}

var errFixedLimit = errors.New("ratelimit: the limit cannot change without WithDynamicLimit")

// SetLimit changes the limit of all ids, for all processes. For [TokenBucket] and [GCRA] that is the size of the bucket
// or burst; the rate stays. A limit of 0 refuses all calls. It needs [WithDynamicLimit].
func (l *Limiter) SetLimit(ctx context.Context, limit int64) error {
	if !l.dynamic {
		return errFixedLimit
	}
	if limit < 0 {
		return fmt.Errorf("ratelimit: SetLimit: %d is negative", limit)
	}
	_, err := redis.Cmd[string]("SET", *l.changed(), limit).Idempotent().Do(ctx, l.doer)
	return err
}

// ResetLimit undoes [Limiter.SetLimit].
func (l *Limiter) ResetLimit(ctx context.Context) error {
	if !l.dynamic {
		return errFixedLimit
	}
	_, err := redis.Cmd[int]("DEL", *l.changed()).Idempotent().Do(ctx, l.doer)
	return err
}

// maxID is how long an id in a key can be. Longer ones are replaced by their digest.
const maxID = 1 << 10

// base returns the beginning of the keys of an id. The keys of an id have one hash tag, and all keys have the same if
// limits change, because a script must find the limit in its slot. No id ends the tag at its beginning.
//
// Whatever the id is, the command can be sent: nobody gets round the limit with an id that cannot.
func (l *Limiter) base(id string) string {
	if len(id) > maxID {
		id = fmt.Sprintf("%x", sha256.Sum256([]byte(id)))
	}
	id = strings.ToValidUTF8(id, "\uFFFD")
	switch {
	case l.upstashKeys:
		return l.prefix + ":" + id
	case l.dynamic:
		return "{" + l.prefix + "}:" + id
	}
	return "{" + l.prefix + ":" + id + "}"
}

// changed returns the key of the limit that SetLimit sets, or nil if limits do not change.
func (l *Limiter) changed() *string {
	if !l.dynamic {
		return nil
	}
	key := "{" + l.prefix + "}"
	if l.upstashKeys {
		key = l.prefix + ":dynamic:global"
	}
	return &key
}
