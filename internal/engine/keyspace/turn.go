package keyspace

import (
	"context"
	"time"
)

// defaultBusy is Redis' busy-reply-threshold.
const defaultBusy = 5 * time.Second

const closed = "ERR the database in memory is closed"

// begin waits for a turn, which end gives back. Where there will be none, it returns
// what to reply: that a script takes too long, or nothing, because ctx ended.
func (db *DB) begin(ctx context.Context) (refusal []byte, ok bool) {
	switch {
	case ctx.Err() != nil:
		return nil, false
	case db.closed.Err() != nil:
		return errorReply(closed), false
	}
	select {
	case db.turn <- struct{}{}:
		db.start()
		return nil, true
	default:
	}
	patience := time.NewTimer(db.patience())
	defer patience.Stop()
	for {
		select {
		case db.turn <- struct{}{}:
			db.start()
			return nil, true
		case <-ctx.Done():
			return nil, false
		case <-db.closed.Done():
			return errorReply(closed), false
		case <-patience.C:
			if left := db.patience(); left > 0 {
				patience.Reset(left)
			} else if busy := db.scripts.Busy(); busy != "" {
				return errorReply(busy), false
			} else {
				patience.Reset(0) // it has just ended
			}
		}
	}
}

// patience is how long to wait before anyone is told that a script takes too long.
func (db *DB) patience() time.Duration {
	limit := time.Duration(db.busy.Load()) * time.Millisecond
	if limit <= 0 {
		return time.Hour // Redis tells nobody then
	}
	if since, running := db.scripts.Running(); running {
		return limit - time.Since(since)
	}
	return limit
}

// start makes all things ready for the commands of a turn.
func (db *DB) start() {
	now := db.time()
	db.now = now.UnixMilli()
	db.mini.SetTime(time.UnixMilli(db.now).UTC())
	db.choose(0)
	db.expire()
}

func (db *DB) end() { <-db.turn }
