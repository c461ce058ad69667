package main

import (
	"context"
	"crypto/rand"
	_ "embed"
	"errors"
	mathrand "math/rand/v2"
	"time"

	redis "github.com/redis-rest/redis-rest-go"
)

var (
	//go:embed acquire.lua
	acquireSource string
	//go:embed extend.lua
	extendSource string
	//go:embed release.lua
	releaseSource string
	//go:embed write.lua
	writeSource string

	// To take or extend a lock twice is to do it once, so these may be sent again.
	acquire = redis.NewScript[*int64](acquireSource, redis.Named("acquire.lua"), redis.Idempotent())
	extend  = redis.NewScript[bool](extendSource, redis.Named("extend.lua"), redis.Idempotent())
	release = redis.NewScript[bool](releaseSource, redis.Named("release.lua"))
	write   = redis.NewScript[bool](writeSource, redis.Named("write.lua"), redis.Idempotent())
)

// ErrLost says that the lock ran out, and that somebody else may have it.
var ErrLost = errors.New("the lock is lost")

// A Lock is held until it is released or runs out.
//
// It may run out while its holder still believes to have it: a process is frozen, a
// network slow. What the lock protects must therefore check the holder's Number, and
// refuse one that is lower than one it has seen, as Write does.
type Lock struct {
	Number int64

	rdb   redis.Doer
	name  string
	owner string
}

// Acquire waits until it has the lock, or ctx ends, and has it for ttl.
func Acquire(ctx context.Context, rdb redis.Doer, name string, ttl time.Duration) (*Lock, error) {
	l := &Lock{rdb: rdb, name: name, owner: rand.Text()}
	for {
		number, err := acquire.Run(ctx, rdb, []string{l.key(), "{lock:" + name + "}:number"}, l.owner, ttl.Milliseconds())
		if err != nil {
			return nil, err
		}
		if number != nil {
			l.Number = *number
			return l, nil
		}
		wait := time.NewTimer(10*time.Millisecond + mathrand.N(10*time.Millisecond)) // not all at a time
		select {
		case <-wait.C:
		case <-ctx.Done():
			wait.Stop()
			return nil, ctx.Err()
		}
	}
}

func (l *Lock) key() string { return "{lock:" + l.name + "}" }

// Extend keeps the lock for ttl from now. Where it is lost the error is ErrLost.
func (l *Lock) Extend(ctx context.Context, ttl time.Duration) error {
	return lost(extend.Run(ctx, l.rdb, []string{l.key()}, l.owner, ttl.Milliseconds()))
}

// Release gives the lock back. Where it was lost before the error is ErrLost; where
// it is ErrOutcomeUnknown the lock runs out by itself, at the latest.
func (l *Lock) Release(ctx context.Context) error {
	return lost(release.Run(ctx, l.rdb, []string{l.key()}, l.owner))
}

// Write sets the value of a key that the lock protects. Where a later holder has
// written it the error is ErrLost.
func (l *Lock) Write(ctx context.Context, key, value string) error {
	return lost(write.Run(ctx, l.rdb, []string{key}, l.Number, value))
}

func lost(ok bool, err error) error {
	if err == nil && !ok {
		return ErrLost
	}
	return err
}
