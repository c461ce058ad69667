package keyspace

import (
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/redis-rest/redis-rest-go/internal/engine/keyspace/data"
	"github.com/redis-rest/redis-rest-go/internal/engine/keyspace/rdbfile"
	"github.com/redis-rest/redis-rest-go/internal/engine/keyspace/value"
	"github.com/redis-rest/redis-rest-go/internal/engine/persistence"
)

// Read makes a database in memory of what is in a file. Another process may use the file.
func Read(path string) (*DB, error) {
	db := New()
	if _, err := persistence.Read(path, db.replay); err != nil {
		db.Close()
		return nil, err
	}
	return db, nil
}

// Import fills the database, which must be empty, with what an RDB file of Redis has. It returns how many keys that made. As
// in Redis, keys that have expired are left out.
func (db *DB) Import(content *rdbfile.Content) (keys int, err error) {
	if keys, err = db.load(content); err != nil || db.log == nil {
		return keys, err
	}
	return keys, db.log.CompactNow()
}

func (db *DB) load(content *rdbfile.Content) (keys int, err error) {
	if refusal, ok := db.begin(context.Background()); !ok {
		return 0, errors.New(string(refusal))
	}
	defer db.end()
	for range db.data.All() {
		return 0, errors.New("the database has keys already")
	}
	if len(db.scripts.Libraries()) > 0 {
		return 0, errors.New("the database has functions already")
	}
	for _, code := range content.Functions {
		if reply := db.scripts.Do(context.Background(), []string{"FUNCTION", "LOAD", code}); reply[0] == '-' {
			db.scripts.Do(context.Background(), []string{"FUNCTION", "FLUSH"})
			return 0, fmt.Errorf("FUNCTION LOAD: %.200s", reply[1:])
		}
	}
	for _, key := range content.Keys {
		if db.data.Load(key) {
			keys++
		}
	}
	db.alarm.stale = true
	return keys, nil
}

// Export writes the database as an RDB file of Redis 7.0. It returns the number of keys, and the number of fields that expire
// and for whose time there is no place in the file.
func (db *DB) Export(w io.Writer) (keys, fields int, err error) {
	refusal, ok := db.begin(context.Background())
	if !ok {
		return 0, 0, errors.New(string(refusal))
	}
	copied, functions := db.data.Copy(), db.scripts.Libraries()
	db.end()
	err = rdbfile.Write(w, functions, func(yield func(data.Key) bool) {
		for key := range copied.All() {
			keys++
			if h, ok := key.Value.(*value.Hash); ok {
				fields += h.Expiring()
			}
			if !yield(key) {
				return
			}
		}
	})
	return keys, fields, err
}
