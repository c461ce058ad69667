package keyspace

import (
	"context"
	"sync"
	"time"

	"github.com/redis-rest/redis-rest-go/internal/engine/keyspace/data"
	"github.com/redis-rest/redis-rest-go/internal/protocol/resp"
)

// waiters are the callers that wait for data. A caller may stop waiting during another's turn, but not
// while the callers are served.
type waiters struct {
	mu    sync.Mutex
	count int
	gone  []*data.Waiter // they no longer wait, which the next turn tells package data
}

// Wait runs a command that waits for data, for instance BLPOP, or XREAD with BLOCK. If there is none, it waits
// until another caller writes some, at most for a time instead of the one in the command. Who has
// waited longest is served first. The reply is null after the time, or once stop is closed, and nil if ctx ended before.
func (db *DB) Wait(ctx context.Context, args []string, most time.Duration, stop <-chan struct{}) []byte {
	c, refusal := check(args)
	if refusal != nil {
		return refusal
	}
	if refusal, ok := db.begin(ctx); !ok {
		return refusal
	}
	db.session.NoWait = false
	before := db.progress()
	reply, wait := db.runOrWait(ctx, c, args)
	if wait == nil {
		db.serve()
		wrote := db.progress() > before
		if failure := db.commit(db.end()); failure != nil && wrote {
			return failure
		}
		return reply
	}
	type result struct {
		reply    []byte
		position int64
	}
	session, served := db.session, make(chan result, 1)
	db.waiting.mu.Lock()
	db.waiting.count++
	waiter := db.data.Park(&session, wait, func(reply []byte) {
		db.waiting.count-- // serve has the mutex
		served <- result{reply, db.seal()}
	})
	db.waiting.mu.Unlock()
	db.serve()
	db.end()

	timer := time.NewTimer(most)
	defer timer.Stop()
	late := []byte(nil)
	taken := func(r result) []byte {
		if failure := db.commit(r.position); failure != nil {
			return failure
		}
		return r.reply
	}
	select {
	case r := <-served:
		return taken(r)
	case <-timer.C:
		late = data.TimedOut(&session, nil)
	case <-stop:
		late = data.TimedOut(&session, nil)
	case <-ctx.Done():
	case <-db.closed.Done():
		late = resp.Error(closed)
	}
	db.waiting.mu.Lock()
	defer db.waiting.mu.Unlock()
	select {
	case r := <-served: // just now, and what it took must not be lost
		return taken(r)
	default:
	}
	db.waiting.count--
	db.waiting.gone = append(db.waiting.gone, waiter)
	return late
}

// serve runs the commands of those who wait for a key that was written. The caller has the turn, and no
// transaction or script runs.
func (db *DB) serve() {
	if db.data.Waiting() == 0 {
		return
	}
	db.waiting.mu.Lock()
	defer db.waiting.mu.Unlock()
	db.waiting.leave()
	db.data.Serve()
}

// leave forgets those who have gone. The caller has the turn and the mutex.
func (ws *waiters) leave() {
	for _, waiter := range ws.gone {
		waiter.Leave()
	}
	ws.gone = nil
}

// Waiting returns how many callers of Wait wait for data.
func (db *DB) Waiting() int {
	db.waiting.mu.Lock()
	defer db.waiting.mu.Unlock()
	return db.waiting.count
}
