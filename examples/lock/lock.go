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

	// Acquiring or extending a lock twice has the same effect as once, so a retry is safe.
	acquire = redis.NewScript[*int64](acquireSource, redis.Named("acquire.lua"), redis.Idempotent())
	extend  = redis.NewScript[bool](extendSource, redis.Named("extend.lua"), redis.Idempotent())
	release = redis.NewScript[bool](releaseSource, redis.Named("release.lua"))
	write   = redis.NewScript[bool](writeSource, redis.Named("write.lua"), redis.Idempotent())
)

// ErrLost says that the lock has expired. Another process may have it.
var ErrLost = errors.New("the lock is lost")

// A Lock is held until it is released or expires.
//
// It may expire while its holder still uses it, for instance because the process was frozen or
// the network was slow. Code that writes protected data must therefore check the holder's Number.
// It must refuse a number that is lower than one it has seen, as Write does.
type Lock struct {
	Number int64

	rdb   redis.Doer
	name  string
	owner string
}

// Acquire waits for the lock until ctx ends. The lock expires after ttl.
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
		wait := time.NewTimer(10*time.Millisecond + mathrand.N(10*time.Millisecond)) // not all workers at the same time
		select {
		case <-wait.C:
		case <-ctx.Done():
			wait.Stop()
			return nil, ctx.Err()
		}
	}
}

func (l *Lock) key() string { return "{lock:" + l.name + "}" }

// Extend makes the lock expire ttl from now. It returns ErrLost if the lock was lost.
func (l *Lock) Extend(ctx context.Context, ttl time.Duration) error {
	return lost(extend.Run(ctx, l.rdb, []string{l.key()}, l.owner, ttl.Milliseconds()))
}

// Release gives the lock back. It returns ErrLost if the lock was lost before. After
// ErrOutcomeUnknown the lock may still be held, until it expires.
func (l *Lock) Release(ctx context.Context) error {
	return lost(release.Run(ctx, l.rdb, []string{l.key()}, l.owner))
}

// Write sets the value of a key that the lock protects. It returns ErrLost if a later holder
// has written the key.
func (l *Lock) Write(ctx context.Context, key, value string) error {
	return lost(write.Run(ctx, l.rdb, []string{key}, l.Number, value))
}

func lost(ok bool, err error) error {
	if err == nil && !ok {
		return ErrLost
	}
	return err
}
