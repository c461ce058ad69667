package keyspace

import (
	"context"
	"math"
	"time"

	"github.com/redis-rest/redis-rest-go/internal/engine/keyspace/data"
	"github.com/redis-rest/redis-rest-go/internal/protocol/resp"
)

const closed = "ERR the embedded database is closed"

type beginKey struct{}

// OnBegin returns a context for Do, Pipeline or Transaction, which call begin when their turn
// comes. If begin returns false, nothing runs, as if the context had ended.
func OnBegin(ctx context.Context, begin func() bool) context.Context {
	return context.WithValue(ctx, beginKey{}, begin)
}

// enter begins the turn that the caller has got.
func (db *DB) enter(ctx context.Context) (refusal []byte, ok bool) {
	if begin, ok := ctx.Value(beginKey{}).(func() bool); ok && !begin() {
		db.end()
		return nil, false
	}
	db.start()
	return nil, true
}

// begin waits for a turn, which end gives back. If it gets no turn, the refusal is the reply:
// BUSY, because a script takes too long, or nil, because ctx ended.
func (db *DB) begin(ctx context.Context) (refusal []byte, ok bool) {
	switch {
	case ctx.Err() != nil:
		return nil, false
	case db.closed.Err() != nil:
		return resp.Error(closed), false
	}
	select {
	case db.turn <- struct{}{}:
		return db.enter(ctx)
	default:
	}
	timer := time.NewTimer(db.busyAfter())
	defer timer.Stop()
	for {
		select {
		case db.turn <- struct{}{}:
			return db.enter(ctx)
		case <-ctx.Done():
			return nil, false
		case <-db.closed.Done():
			return resp.Error(closed), false
		case <-timer.C:
			if left := db.busyAfter(); left > 0 {
				timer.Reset(left)
			} else if db.debugging.Load() {
				timer.Reset(time.Second)
			} else if busy := db.scripts.Busy(); busy != "" {
				return resp.Error(busy), false
			} else {
				timer.Reset(0) // the script has just ended
			}
		}
	}
}

// busyAfter returns how long to wait before a caller gets BUSY.
func (db *DB) busyAfter() time.Duration {
	limit := time.Duration(db.busy.Load()) * time.Millisecond
	if limit <= 0 {
		return time.Hour // Redis never replies BUSY then
	}
	if since, running := db.scripts.Running(); running {
		return limit - time.Since(since)
	}
	return limit
}

// start prepares the database for the commands of a turn.
func (db *DB) start() {
	db.own = data.Session{ID: 1, DB: db.number, NoWait: true}
	db.client, db.session = nil, &db.own
	if db.advanced.Load() && db.advanced.Swap(false) {
		db.ahead.Add(int64(time.Millisecond))
		db.data.ExpireDue(math.MaxInt)
		db.ahead.Add(-int64(time.Millisecond))
		db.alarm.at, db.alarm.stale = 0, true
	}
	if db.data.Waiting() > 0 {
		db.waiting.mu.Lock()
		db.waiting.leave()
		db.waiting.mu.Unlock()
	}
	db.data.Begin()
	db.full = !db.data.Evict()
	db.busy.Store(db.data.BusyReply)
	db.refusal = nil
	if db.log != nil {
		db.refusal = refusal(db.log.Failed())
	}
	if db.refusal == nil && db.data.LacksReplicas() {
		db.refusal = noReplicas
	}
	db.maxBulk.Store(db.data.MaxBulk)
}

// end gives the turn back, and returns the position for commit.
func (db *DB) end() (position int64) {
	db.alarm.set(db)
	position = db.seal()
	<-db.turn
	return position
}

// An alarm lets keys expire while no command runs, for those who subscribe to it or wait. The
// holder of the turn uses it.
type alarm struct {
	stale bool // a key was written
	timer *time.Timer
	at    int64 // when it rings, in milliseconds since 1970, or 0
}

// duePerRing is how many keys expire in one turn.
const duePerRing = 1000

// set sets the alarm to the time at which the next key is due.
func (a *alarm) set(db *DB) {
	if !a.stale {
		return
	}
	a.stale = false
	next, ok := db.data.ExpireDue(0)
	if !ok || a.at > 0 && a.at <= next {
		return
	}
	a.at = next
	// A key that is due far in the future is looked at again before.
	left := time.Duration(min(max(next-db.time().UnixMilli(), 1), time.Hour.Milliseconds())) * time.Millisecond
	if a.timer == nil {
		a.timer = time.AfterFunc(left, db.ring)
	} else {
		a.timer.Reset(left)
	}
}

func (a *alarm) stop() {
	if a.timer != nil {
		a.timer.Stop()
	}
}

// ring lets the keys expire that are due.
func (db *DB) ring() {
	select {
	case db.turn <- struct{}{}:
		db.start()
		db.data.ExpireDue(duePerRing)
		db.alarm.at, db.alarm.stale = 0, true
		db.serve()
		db.end()
	case <-db.closed.Done():
	}
}
