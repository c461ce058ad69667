// Package lock has locks that are held by one process at a time, of all that use the same Redis.
//
//	locks, err := lock.New(rdb)
//
//	err = locks.Do(ctx, "report:2026-12", func(ctx context.Context) error {
//		return build(ctx)
//	})
//
// A lock expires, so that a process that crashes does not keep it. [Locker.Do] extends it while its function runs, and ends
// the function's context when the lock is lost.
//
// # What one Redis cannot promise
//
// A holder may go on after it has lost the lock: it was frozen for longer than the lock lives, or its clock stopped, or
// Redis failed over to a replica that had not heard of the lock. Then two processes work at the same time. No lock with
// an expiry can prevent that, on one Redis or on many.
//
// If that only costs work twice, nothing else is needed. If it must not happen, what the lock protects must check the
// lock's token: a number that is higher for each later holder. It keeps the highest token that it has seen, and refuses a
// lower one, for reads that a write depends on as well as for writes. In SQL:
//
//	UPDATE report SET body = $1, token = $2 WHERE id = $3 AND token <= $2
//
// Tokens rise even if Redis loses its data, because a lock without a record begins with Redis' clock, in microseconds. The
// record stays for 30 days after the lock was last held. So a token can only be too low if the clock of Redis is set back
// after a loss, or by more than the time for which a lock was not used.
package lock

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	mathrand "math/rand/v2"
	"sync"
	"time"

	redis "github.com/redis-rest/redis-rest-go"
	"github.com/redis-rest/redis-rest-go/internal/protocol/hashslot"
)

//go:generate go run ../cmd/redis-rest gen

// The errors of locks.
var (
	ErrHeld = errors.New("lock: another has it")
	ErrLost = errors.New("lock: it is lost")
)

// A Locker makes locks. It is safe for concurrent use.
type Locker struct {
	config
	doer redis.Doer
}

// New makes a Locker that keeps its locks on d. If an option is wrong, the error says how.
func New(d redis.Doer, opts ...Option) (*Locker, error) {
	l := &Locker{config{"lock", 10 * time.Second}, d}
	var errs []error
	if d == nil {
		errs = append(errs, errors.New("lock: New: the Doer is nil"))
	}
	for _, opt := range opts {
		if opt == nil {
			errs = append(errs, errors.New("lock: New: an option is nil"))
			continue
		}
		errs = append(errs, opt(&l.config))
	}
	if err := errors.Join(errs...); err != nil {
		return nil, err
	}
	return l, nil
}

type config struct {
	prefix string
	ttl    time.Duration
}

// An Option of [New]: [WithTTL] or [WithPrefix].
type Option func(*config) error

// WithTTL sets how long a lock lives, 10 s by default, unless it is extended. It is a whole number of milliseconds. A
// short time frees the lock of a crashed process soon. A long time bears longer pauses of the holder.
func WithTTL(d time.Duration) Option {
	return func(c *config) error {
		c.ttl = d
		if d < time.Millisecond || d%time.Millisecond != 0 {
			return fmt.Errorf("lock: WithTTL: the time must be a positive number of whole milliseconds, not %v", d)
		}
		return nil
	}
}

// WithPrefix sets what the keys of locks begin with, "lock" by default: the lock "a" is the key "lock:a".
func WithPrefix(prefix string) Option {
	return func(c *config) error {
		c.prefix = prefix
		if prefix == "" {
			return errors.New("lock: WithPrefix: the prefix is empty")
		}
		return nil
	}
}

// A Lock is held until it is released or expires. It is safe for concurrent use.
type Lock struct {
	// Token is higher than that of each earlier holder, of any of the keys.
	Token int64

	locker *Locker
	keys   []string
	owner  string

	mu    sync.Mutex
	until time.Time // when it expires at the earliest, if its clock runs as that of Redis does, within a hundredth
}

// Try takes the lock of a key, or all those of several keys or none. If another has one, the error is [ErrHeld]. Several
// keys must have one hash tag, such as {order:7}:stock and {order:7}:invoice.
//
// After [redis.ErrOutcomeUnknown] nobody may have the lock until it expires. If ctx ends while Redis is asked, the lock
// is released in the background.
func (l *Locker) Try(ctx context.Context, key string, more ...string) (*Lock, error) {
	lock, err := l.newLock(key, more)
	if err != nil {
		return nil, err
	}
	if _, err := lock.take(ctx); err != nil {
		return nil, err
	}
	return lock, nil
}

// Acquire is [Locker.Try], but waits until the lock is free or ctx ends. It asks again and again, after times that rise
// to a second and are random in part. Those who wait have no order.
func (l *Locker) Acquire(ctx context.Context, key string, more ...string) (*Lock, error) {
	lock, err := l.newLock(key, more)
	if err != nil {
		return nil, err
	}
	for pause := 20 * time.Millisecond; ; pause = min(2*pause, time.Second) {
		free, err := lock.take(ctx)
		if err == nil {
			return lock, nil
		}
		if !errors.Is(err, ErrHeld) {
			return nil, err
		}
		wait := min(pause, free)
		timer := time.NewTimer(wait/2 + mathrand.N(wait/2+time.Millisecond))
		select {
		case <-timer.C:
		case <-ctx.Done():
			timer.Stop()
			return nil, fmt.Errorf("%w: %w", ErrHeld, context.Cause(ctx))
		}
	}
}

func (l *Locker) newLock(key string, more []string) (*Lock, error) {
	lock := &Lock{locker: l, owner: rand.Text()}
	for _, key := range append([]string{key}, more...) {
		if key == "" {
			return nil, errors.New("lock: a key is empty")
		}
		key = l.prefix + ":" + key
		lock.keys = append(lock.keys, key)
		if hashslot.Of(key) != hashslot.Of(lock.keys[0]) {
			return nil, errors.New("lock: the keys are in different hash slots; give them one hash tag, such as {order:7}:stock and {order:7}:invoice")
		}
	}
	return lock, nil
}

// take takes the lock. If another has it, it returns how long that can last.
func (l *Lock) take(ctx context.Context) (free time.Duration, err error) {
	begun := time.Now()
	r, err := acquire(l.owner, l.locker.ttl, l.keys...).Do(ctx, l.locker.doer)
	if err != nil {
		if ctx.Err() != nil && !errors.Is(err, redis.ErrNotExecuted) {
			go l.giveUp(context.WithoutCancel(ctx))
		}
		return 0, err
	}
	if !r.Acquired {
		return r.Wait, ErrHeld
	}
	l.Token = r.Token
	l.lives(begun)
	return 0, nil
}

// giveUp releases a lock that may have been taken for a caller who has gone.
func (l *Lock) giveUp(ctx context.Context) {
	ctx, cancel := context.WithTimeout(ctx, l.locker.ttl)
	defer cancel()
	l.Release(ctx)
}

// lives notes that the lock was extended at begun or later.
func (l *Lock) lives(begun time.Time) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.until = begun.Add(l.locker.ttl - l.locker.ttl/100)
}

// left returns how long the lock lives at least.
func (l *Lock) left() time.Duration {
	l.mu.Lock()
	defer l.mu.Unlock()
	return time.Until(l.until)
}

// Extend makes the lock live for its whole time again. If it was lost, the error is [ErrLost]. A lock that has expired and
// that nobody has taken since is not lost.
func (l *Lock) Extend(ctx context.Context) error {
	begun := time.Now()
	ok, err := extend(l.owner, l.locker.ttl, l.keys...).Do(ctx, l.locker.doer)
	if err == nil && !ok {
		err = ErrLost
	}
	if err == nil {
		l.lives(begun)
	}
	return err
}

// Release gives the lock back. If another has taken it before, the error is [ErrLost]. After other errors the lock may be
// held until it expires.
func (l *Lock) Release(ctx context.Context) error {
	ok, err := release(l.owner, l.keys...).Do(ctx, l.locker.doer)
	if err == nil && !ok {
		err = ErrLost
	}
	return err
}

type tokenKey struct{}

// Token returns the token of the lock that [Locker.Do] or [Lock.KeepAlive] made ctx for; 0 if there is none.
func Token(ctx context.Context) int64 {
	token, _ := ctx.Value(tokenKey{}).(int64)
	return token
}

// KeepAlive extends the lock again and again, until stop is called or ctx ends. The context that it returns ends when the
// lock is lost, or may be lost because Redis could not be asked for as long as it lives. [context.Cause] is then
// [ErrLost]. Call stop before [Lock.Release].
func (l *Lock) KeepAlive(ctx context.Context) (kept context.Context, stop func()) {
	kept, cancel := context.WithCancelCause(context.WithValue(ctx, tokenKey{}, l.Token))
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		cancel(l.keep(kept))
	}()
	return kept, func() {
		cancel(context.Canceled)
		<-ended
	}
}

// keep extends the lock until ctx ends or the lock is lost.
func (l *Lock) keep(ctx context.Context) error {
	ttl := l.locker.ttl
	next := l.left() - ttl*2/3 // leaves time for other attempts
	for {
		timer := time.NewTimer(next)
		select {
		case <-timer.C:
		case <-ctx.Done():
			timer.Stop()
			return ctx.Err()
		}
		limited, cancel := context.WithTimeout(ctx, l.left())
		err := l.Extend(limited)
		cancel()
		switch left := l.left(); {
		case errors.Is(err, ErrLost):
			return err
		case err != nil && left <= 0:
			return fmt.Errorf("%w, or may be: %w", ErrLost, err)
		case err != nil:
			next = min(ttl/10, left)
		default:
			next = left - ttl*2/3
		}
	}
}

// Do waits for the lock of a key as [Locker.Acquire] does, runs f, and releases the lock, also if f panics. While f runs
// the lock is extended. For several keys there are Acquire and [Lock.KeepAlive]. The context of f has the lock's token ([Token]), and ends when the lock is lost.
//
// Do returns the error of f. If the lock was lost before f returned, the error is [ErrLost] too: another may have worked
// at the same time. A lock that cannot be released expires, which is no error.
func (l *Locker) Do(ctx context.Context, key string, f func(context.Context) error) (err error) {
	lock, err := l.Acquire(ctx, key)
	if err != nil {
		return err
	}
	kept, stop := lock.KeepAlive(ctx)
	defer func() {
		stop()
		lost := context.Cause(kept)
		limited, cancel := context.WithTimeout(context.WithoutCancel(ctx), l.ttl)
		defer cancel()
		released := lock.Release(limited)
		if !errors.Is(lost, ErrLost) {
			lost = released
		}
		if errors.Is(lost, ErrLost) {
			err = errors.Join(err, lost)
		}
	}()
	return f(kept)
}
