package keyspace_test

import (
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/redis-rest/redis-rest-go/internal/engine/keyspace"
)

// A clone has what the database had, and each changes without the other.
func TestClone(t *testing.T) {
	db := newDB(t)
	for _, line := range []string{
		"SET s 1", "RPUSH l a b", "HSET h f v", "HPEXPIRE h 100000 FIELDS 1 f", "SADD set a b", "ZADD z 1 a", "XADD x 1-1 f v", "XGROUP CREATE x g 0", "PFADD p a", "JSON.SET j $ [1]",
		"SET e 1 PX 100000", "SET short 1 PX 100000", "MSET gone 1 gone2 1", `EVAL "redis.call('SELECT', 3) redis.call('SET', 'k', 'three')" 0`, `SCRIPT LOAD "return 1"`,
		`FUNCTION LOAD "#!lua name=lib\nredis.register_function('f', function() return 1 end)"`, "CONFIG SET set-max-intset-entries 3",
	} {
		require.NotEqual(t, byte('-'), run(t, db, line)[0], line)
	}
	questions := []string{
		"GET s", "LRANGE l 0 -1", "HGETALL h", "HPEXPIRETIME h FIELDS 1 f", "SMEMBERS set", "ZRANGE z 0 -1 WITHSCORES", "XRANGE x - +", "XPENDING x g", "PFCOUNT p", "JSON.GET j", "PEXPIRETIME e", "DBSIZE",
		`EVAL "redis.call('SELECT', 3) return redis.call('GET', 'k')" 0`, "EVALSHA e0e1f9fabfc9d4800c877a703b823ac0578ff8db 0", "FCALL f 0", "CONFIG GET set-max-intset-entries",
	}
	changes := []string{
		"APPEND s x", "LPUSH l c", "HSET h f w", "SADD set c", "ZADD z 2 a", "XADD x 2-1 f v", "XREADGROUP GROUP g c STREAMS x >", "PFADD p b c d", "JSON.ARRAPPEND j $ 2", "PERSIST e",
		"DEL gone", "FUNCTION FLUSH", "SCRIPT FLUSH", "CONFIG SET set-max-intset-entries 4",
	}
	want := reads(t, db, questions...)
	for _, cloneChanges := range []bool{true, false} {
		clone, err := db.Clone()
		require.NoError(t, err)
		t.Cleanup(func() { clone.Close() })
		require.Equal(t, want, reads(t, clone, questions...))
		changed, same := clone, db
		if !cloneChanges {
			changed, same = db, clone
		}
		for _, line := range changes {
			require.NotEqual(t, byte('-'), run(t, changed, line)[0], line)
		}
		require.Equal(t, want, reads(t, same, questions...))
		require.Equal(t, "$2\r\n1x\r\n", run(t, changed, "GET s"))

		// The clocks are their own.
		changed.Advance(200 * time.Second)
		require.Equal(t, ":1\r\n", run(t, same, "EXISTS short"))
		require.Equal(t, ":0\r\n", run(t, changed, "EXISTS short"))
	}
	require.NoError(t, db.Close())
	_, err := db.Clone()
	require.ErrorContains(t, err, "closed")
}

// A database and its clones may be used at the same time, and cloned meanwhile.
func TestClonesInParallel(t *testing.T) {
	db := newDB(t)
	for i := range 100 {
		run(t, db, fmt.Sprintf("RPUSH l%d a b c", i))
	}
	var all sync.WaitGroup
	for range 4 {
		clone, err := db.Clone()
		require.NoError(t, err)
		t.Cleanup(func() { clone.Close() })
		for _, one := range []*keyspace.DB{db, clone} {
			all.Go(func() {
				for i := range 100 {
					one.Do(t.Context(), []string{"RPUSH", fmt.Sprint("l", i), "d"})
					one.Do(t.Context(), []string{"LRANGE", fmt.Sprint("l", i), "0", "-1"})
				}
			})
		}
	}
	all.Wait()
}
