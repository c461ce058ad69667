package keyspace

import (
	"context"
	"time"
)

// DoIn is Do with the reply in the protocol that a script chose by redis.setresp.
func (db *DB) DoIn(ctx context.Context, args []string, protocol string) []byte {
	c, refusal := check(args)
	if refusal != nil || protocol == "2" {
		return db.Do(ctx, args)
	}
	if refusal, ok := db.begin(ctx); !ok {
		return refusal
	}
	defer db.end()
	return convert(c.Name, args, db.execute(c, args), true)
}

// Running says whether a script runs.
func (db *DB) Running() bool {
	_, running := db.scripts.Running()
	return running
}

// SetGrace sets how long a script that has written may go on without a caller.
func (db *DB) SetGrace(d time.Duration) { db.grace = d }
