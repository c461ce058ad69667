package keyspace

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"strings"

	"github.com/redis-rest/redis-rest-go/internal/engine/persistence"
	"github.com/redis-rest/redis-rest-go/internal/protocol/resp"
)

// Open makes a database whose data is in a file. If the file is there, it is read first. The path, Sync, Trouble, Compact and
// Wrap of the configuration count.
func Open(c persistence.Config) (*DB, persistence.Report, error) {
	db := New()
	c.Replay, c.Snapshot = db.replay, db.snapshot
	log, report, err := persistence.Open(c)
	if err != nil {
		db.Close()
		return nil, report, err
	}
	db.turn <- struct{}{} // a compaction may want it
	db.log, db.logged = log, log.Position()
	db.data.Hooks.Changed = db.note
	db.alarm.stale = true
	db.end()
	return db, report, nil
}

// replay repeats the changes of a record.
func (db *DB) replay(changes []persistence.Change) error {
	for _, c := range changes {
		if len(c.Words) > 0 && strings.EqualFold(c.Words[0], "FUNCTION") {
			if reply := db.scripts.Do(context.Background(), c.Words); reply[0] == '-' {
				return fmt.Errorf("FUNCTION: %.200s", reply)
			}
			continue
		}
		db.data.Hosted = c.DB >= hosted
		if err := db.data.Replay(c.DB%hosted, c.Time, c.Words); err != nil {
			return err
		}
	}
	db.data.Hosted = false
	return nil
}

// hosted is added to the number of a database in a change if commands did what the hosted service documents (LikeHosted).
const hosted = 1 << 8

// snapshot returns all data as it is after the last record.
func (db *DB) snapshot() (persistence.Snapshot, bool) {
	select {
	case db.turn <- struct{}{}:
	case <-db.closed.Done():
		return persistence.Snapshot{}, false
	}
	db.data.Begin()
	now := db.data.Now()
	position := db.seal()
	copied := db.data.Copy()
	functions := db.scripts.Dump()
	<-db.turn
	return persistence.Snapshot{Position: position, Write: func(add func(...persistence.Change) error) error {
		err := add(persistence.Change{Time: now, Words: []string{"FUNCTION", "RESTORE", functions, "FLUSH"}})
		var changes []persistence.Change
		for key := range copied.All() {
			changes = changes[:0]
			for _, words := range key.Repetition() {
				changes = append(changes, persistence.Change{DB: key.DB, Time: now, Words: words})
			}
			if err = add(changes...); err != nil {
				break
			}
		}
		return err
	}}, true
}

// note notes a change for the record of this turn. The caller has the turn.
func (db *DB) note(number int, words []string) {
	if db.log == nil {
		return
	}
	if db.data.Hosted {
		number += hosted
	}
	db.changes = persistence.AppendChange(db.changes, persistence.Change{DB: number, Time: db.data.Now(), Words: words})
}

// seal makes a record of the changes that were noted, and returns the position for commit. The caller has the turn.
func (db *DB) seal() (position int64) {
	if len(db.changes) > 0 {
		db.logged = db.log.Append(db.changes)
		if db.changes = db.changes[:0]; cap(db.changes) > keptReply {
			db.changes = nil
		}
	}
	return db.logged
}

// progress is larger after a change than before. The caller has the turn.
func (db *DB) progress() int64 { return db.logged + int64(len(db.changes)) }

// commit waits until the changes up to a position are safe. Otherwise it returns the error for who made
// them. The caller does not have the turn.
func (db *DB) commit(position int64) (failure []byte) {
	if db.log == nil {
		return nil
	}
	if err := db.log.Commit(position); err != nil {
		return resp.Error("ERR the command ran, but the data file could not be written: " + reason(err))
	}
	return nil
}

// commitAll ends the turn of several commands, and waits until what they wrote is safe. Otherwise it replaces their replies.
func (db *DB) commitAll(replies [][]byte, wrote []int) {
	if failure := db.commit(db.end()); failure != nil {
		for _, i := range wrote {
			replies[i] = failure
		}
	}
}

// refusal returns the reply to a command that writes while the file cannot be written.
func refusal(err error) []byte {
	if err == nil {
		return nil
	}
	return resp.Error("MISCONF Errors writing to the AOF file: " + reason(err))
}

// reason returns the text of an error without a path, which is of no use to a client.
func reason(err error) string {
	if failed := (*fs.PathError)(nil); errors.As(err, &failed) {
		err = failed.Err
	}
	return err.Error()
}
