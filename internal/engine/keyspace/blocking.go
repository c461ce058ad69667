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

// A parked caller waits for data.
type parked struct {
	waiter *data.Waiter
	served chan result
	over   bool // it waits no longer; the mutex of waiters protects it
}

// A result is the reply to a caller that waited, and the position for commit.
type result struct {
	reply    []byte
	position int64
}

// park lets a caller wait. The caller has the turn.
func (db *DB) park(session *data.Session, wait *data.Wait) *parked {
	ws := &db.waiting
	ws.mu.Lock()
	defer ws.mu.Unlock()
	ws.count++
	p := &parked{served: make(chan result, 1)}
	p.waiter = db.data.Park(session, wait, func(reply []byte) { // serve has the mutex
		ws.count--
		p.over = true
		db.data.CountError(reply)
		p.served <- result{reply, db.seal()}
	})
	return p
}

// stop ends the wait of a caller. ok says that it was served just now, and what it took must not be lost.
func (ws *waiters) stop(p *parked) (r result, ok bool) {
	ws.mu.Lock()
	defer ws.mu.Unlock()
	if p.over {
		return <-p.served, true
	}
	ws.leaves(p)
	return result{}, false
}

// end lets a caller that waits have a reply. It returns false if it does not wait.
func (ws *waiters) end(p *parked, reply []byte) bool {
	ws.mu.Lock()
	defer ws.mu.Unlock()
	if p == nil || p.over {
		return false
	}
	ws.leaves(p)
	p.served <- result{reply: reply}
	return true
}

// leaves notes that a caller waits no longer. The caller has the mutex.
func (ws *waiters) leaves(p *parked) {
	ws.count--
	p.over = true
	ws.gone = append(ws.gone, p.waiter)
}

// waits says whether a caller waits still.
func (ws *waiters) waits(p *parked) bool {
	ws.mu.Lock()
	defer ws.mu.Unlock()
	return p != nil && !p.over
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
	session := *db.session
	p := db.park(&session, wait)
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
	case r := <-p.served:
		return taken(r)
	case <-timer.C:
		late = data.TimedOut(&session, nil)
	case <-stop:
		late = data.TimedOut(&session, nil)
	case <-ctx.Done():
	case <-db.closed.Done():
		late = resp.Error(closed)
	}
	if r, ok := db.waiting.stop(p); ok {
		return taken(r)
	}
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

// Waiting returns how many callers wait for data.
func (db *DB) Waiting() int {
	db.waiting.mu.Lock()
	defer db.waiting.mu.Unlock()
	return db.waiting.count
}
