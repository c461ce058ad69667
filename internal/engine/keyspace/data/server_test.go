package data

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func TestSettings(t *testing.T) {
	s := newTestServer(t)
	s.do("CONFIG SET maxmemory 1gb busy-reply-threshold 7 proto-max-bulk-len 2mb stream-node-max-entries 3 hll-sparse-max-bytes 9")
	require.EqualValues(t, 1<<30, s.MaxMemory)
	require.EqualValues(t, 7, s.BusyReply)
	require.EqualValues(t, 2<<20, s.MaxBulk)
	require.Equal(t, 3, s.Limits.StreamNodeMaxEntries)
	require.Equal(t, 9, s.Limits.HLLSparseMaxBytes)
	c := &testServer{t: t, Server: s.Copy()}
	all := s.do("CONFIG GET *")
	require.Equal(t, all, c.do("CONFIG GET *"), "a copy has the settings")
	c.do("CONFIG SET maxmemory 0 stream-node-max-entries 4")
	require.Equal(t, all, s.do("CONFIG GET *"))
	require.NotEqual(t, all, c.do("CONFIG GET *"))
}

func TestInfo(t *testing.T) {
	s := newTestServer(t)
	s.Hooks.Clients = func() int { return 5 }
	s.do("SET k v EX 1")
	s.do("GET k")
	s.do("GET none")
	s.do("SET l v")
	s.time = s.time.Add(100_000 * time.Second)
	text := s.do("INFO")
	for _, line := range []string{
		"redis_version:7.0.15", "uptime_in_seconds:100000", "uptime_in_days:1", "connected_clients:5", "blocked_clients:0", "maxmemory:0", "total_commands_processed:5",
		"expired_keys:1", "keyspace_hits:1", "keyspace_misses:1", "rdb_changes_since_last_save:2", "rdb_last_save_time:1000000000", "role:master",
		"cluster_enabled:0", "db0:keys=1,expires=0,avg_ttl=0",
	} {
		require.Contains(t, text, "\r\n"+line+"\r\n")
	}
	for _, pattern := range []string{`used_memory_peak_human:1\.\d\dM`, `used_memory_peak_perc:\d+\.\d\d%`, `used_memory_dataset:\d\d+`} {
		require.Regexp(t, "\r\n"+pattern+"\r\n", text)
	}
	s.do("SET big " + strings.Repeat("x", 4<<20))
	s.do("INFO memory")
	s.do("DEL big")
	require.Contains(t, s.do("INFO memory"), "used_memory_peak_human:5.00M\r\n")
	require.Contains(t, s.do("INFO stats"), "total_error_replies:0\r\n")
	s.CountError([]byte("-WRONGTYPE x\r\n"))
	require.Contains(t, s.do("INFO stats"), "total_error_replies:1\r\n")
	s.do("SAVE")
	require.Equal(t, ":1000100000\r\n", s.do("LASTSAVE"))
	require.Contains(t, s.do("INFO persistence"), "rdb_changes_since_last_save:0\r\n")
	s.do("SET k v")
	s.do("CONFIG RESETSTAT")
	require.Contains(t, s.do("INFO persistence"), "rdb_changes_since_last_save:1\r\n", "that is no count of RESETSTAT")
	require.Contains(t, s.do("INFO stats"), "keyspace_hits:0\r\n")
	require.Equal(t, 2, strings.Count(s.do("INFO server keyspace"), "# "))
	require.Equal(t, "5B 1.00K 1.50M", strings.Join([]string{human(5), human(1024), human(3 << 19)}, " "))

	for word, keeps := range map[string]bool{"0": true, "1": false, "00": true, "x": true, "2x": false, "-1": false} {
		s.do("DEBUG SET-ACTIVE-EXPIRE " + word)
		require.Equal(t, keeps, s.KeepDue, word)
	}

	id := s.do("INFO replication")
	s.do("DEBUG CHANGE-REPL-ID")
	require.NotEqual(t, id, s.do("INFO replication"))
}

func TestTime(t *testing.T) {
	s := newTestServer(t)
	s.time = s.time.Add(123_456_789 * time.Nanosecond)
	require.Equal(t, "*2\r\n$10\r\n1000000000\r\n$6\r\n123456\r\n", s.do("TIME"))
}

func TestClientCommands(t *testing.T) {
	s := newTestServer(t)
	s.session.ID = 7
	s.do("CLIENT SETNAME me")
	require.Equal(t, "me", s.session.Name)
	require.Equal(t, ":7\r\n", s.do("CLIENT ID"))
	require.Contains(t, s.do("CLIENT INFO"), "id=7 name=me db=0 cmd=client|info user=default redir=-1 resp=2\n")
	require.Contains(t, s.do("CLIENT LIST ID 8 7"), "id=7 ")
	require.NotContains(t, s.do("CLIENT LIST ID 8"), "id=")
	require.Contains(t, s.do("CLIENT REPLY OFF"), "-ERR")
}

// A larger value takes more memory.
func TestMemoryUsage(t *testing.T) {
	s := newTestServer(t)
	for i, add := range []string{"SET s ", "RPUSH l ", "SADD set ", "HSET h f ", "ZADD z 1 ", "XADD x * f "} {
		key := strings.Fields(add)[1]
		s.do(add + "v")
		small := s.do("MEMORY USAGE " + key)
		s.do("DEL " + key)
		s.do(add + strings.Repeat("v", 5000))
		large := s.do("MEMORY USAGE " + key)
		require.Greater(t, len(large), len(small), i)
		require.Regexp(t, `^:5\d\d\d\r\n$`, large)
	}
	s.do("SADD many <1..1000>")
	require.Regexp(t, `^:4\d\d\d\d\r\n$`, s.do("MEMORY USAGE many"))
}

// DEBUG RELOAD keeps the keys that are not due, and values that are shared.
func TestReload(t *testing.T) {
	s := newTestServer(t)
	s.KeepDue = true
	s.do("SET due v EX 1")
	s.do("SET k v")
	s.do("RPUSH l a b")
	s.do("HSET h f v")
	s.do("HEXPIRE h 100 FIELDS 1 f")
	c := &testServer{t: t, Server: s.Copy()}
	s.time = s.time.Add(2 * time.Second)
	before := s.do("DEBUG DIGEST-VALUE k l h")
	require.Equal(t, "+OK\r\n", s.do("DEBUG RELOAD"))
	require.Equal(t, before, s.do("DEBUG DIGEST-VALUE k l h"))
	require.Equal(t, ":3\r\n", s.do("DBSIZE"))
	require.Equal(t, "*1\r\n:98\r\n", s.do("HTTL h FIELDS 1 f"))
	s.do("RPUSH l c")
	require.Equal(t, ":2\r\n", c.do("LLEN l"))
}
