package keyspace

import (
	"context"
	"time"
)

// DoIn is Do, but the reply is in the protocol that a script chose with redis.setresp. The
// reply to EVAL is always in RESP2.
func (db *DB) DoIn(ctx context.Context, args []string, protocol string) []byte {
	c, refusal := check(args)
	if refusal != nil || protocol == "2" || c.Name == "EVAL" {
		return db.Do(ctx, args)
	}
	if refusal, ok := db.begin(ctx); !ok {
		return refusal
	}
	defer db.end()
	db.session.RESP3 = true
	return db.run(ctx, c, args)
}

// Running says whether a script runs.
func (db *DB) Running() bool {
	_, running := db.scripts.Running()
	return running
}

// SetGrace sets how long a script that has written may continue without a caller.
func (db *DB) SetGrace(d time.Duration) { db.grace = d }
