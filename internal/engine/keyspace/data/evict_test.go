package data

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/redis-rest/redis-rest-go/internal/protocol/commandtable"
)

// requireAccount checks the memory that is counted against the values.
func requireAccount(t testing.TB, s *Server) {
	t.Helper()
	for _, db := range s.dbs {
		sum := int64(0)
		for key, e := range db.keys.All() {
			require.EqualValues(t, e.value.Memory()/unit, e.size, "%s", key)
			sum += int64(e.size) * unit
		}
		require.Equal(t, sum, db.values)
	}
}

// What is written until memory is full does not take much more than maxmemory, whatever its type.
func TestMemoryIsCounted(t *testing.T) {
	long := strings.Repeat("v", 1000)
	for _, line := range []string{
		"SET k%d " + long, "SET k%d 1", "APPEND k " + long, "RPUSH l " + long, "LPUSH l%d a", "SADD s %d" + long, "SADD s %d", "HSET h %d " + long, "HSET h%d f v",
		"ZADD z %d %d" + long, "XADD x * f " + long, "XADD x * f%d v", "XGROUP CREATE x%d g 0 MKSTREAM", "SETBIT b%d 80000 1", "PFADD p%d a b c", "SET k%d v EX 100",
	} {
		s := newTestServer(t)
		s.MaxMemory = 2 << 20
		n := 0
		for ; s.Evict(); n++ {
			require.Less(t, n, 100_000, line)
			s.do(strings.ReplaceAll(line, "%d", fmt.Sprint(n)))
		}
		require.Greater(t, n, 100, line)
		require.Less(t, s.Memory(), int64(4<<20), line)
		requireAccount(t, s.Server)
		s.do("FLUSHALL")
		require.EqualValues(t, emptyMemory, s.Memory(), line)
	}
}

// Each policy deletes the keys that it should, and only as many as necessary.
func TestPolicies(t *testing.T) {
	for policy, gone := range map[string]string{
		"noeviction": "", "allkeys-lru": "old", "volatile-lru": "old", "volatile-ttl": "soon", "allkeys-lfu": "rare", "volatile-lfu": "rare",
	} {
		s := newTestServer(t)
		s.do("CONFIG SET maxmemory-samples 100 maxmemory-policy " + policy)
		value := strings.Repeat("v", 10_000)
		s.do("SET old " + value + " EX 5000")
		s.time = s.time.Add(10 * time.Second)
		s.do("SET soon " + value + " EX 50")
		s.do("SET rare " + value + " EX 5000")
		s.do("SET forever " + value)
		for range 1000 {
			s.do("GET soon")
			s.do("GET forever")
			if strings.HasSuffix(policy, "lfu") {
				s.do("GET old")
			}
		}
		s.told()
		s.MaxMemory = s.Memory() - 1
		require.Equal(t, gone != "", s.Evict(), policy)
		if gone == "" {
			require.Equal(t, ":4\r\n", s.do("DBSIZE"))
			continue
		}
		require.Equal(t, []string{"evicted " + gone, "written 0 " + gone}, s.told(), policy)
		require.Equal(t, ":3\r\n", s.do("DBSIZE"), policy)
		require.Contains(t, s.do("INFO"), "evicted_keys:1\r\n")
		if strings.HasPrefix(policy, "volatile") {
			s.MaxMemory = 1
			require.False(t, s.Evict(), policy)
			require.Equal(t, ":1\r\n", s.do("DBSIZE"), "%s: only keys with an expiry go", policy)
		}
		requireAccount(t, s.Server)
	}
	for _, policy := range []string{"allkeys-random", "volatile-random"} {
		s := newTestServer(t)
		s.do("CONFIG SET maxmemory-policy " + policy)
		s.do("SET a 1")
		s.do("SET b 1 EX 100")
		s.do("CONFIG SET maxmemory 1")
		require.Equal(t, map[string]string{"allkeys-random": ":0\r\n", "volatile-random": ":1\r\n"}[policy], s.do("DBSIZE"))
	}
}

func TestFrequency(t *testing.T) {
	s := newTestServer(t)
	s.do("SET k v")
	require.Contains(t, s.do("OBJECT FREQ k"), "-ERR An LFU maxmemory policy is not selected")
	s.do("CONFIG SET maxmemory-policy allkeys-lfu lfu-log-factor 0")
	require.Contains(t, s.do("OBJECT IDLETIME k"), "-ERR An LFU maxmemory policy is selected")
	s.do("SET n v")
	require.Equal(t, ":5\r\n", s.do("OBJECT FREQ n"))
	for range 7 {
		s.do("GET n")
	}
	require.Equal(t, ":12\r\n", s.do("OBJECT FREQ n"))
	s.do("SET n w")
	require.NotEqual(t, ":5\r\n", s.do("OBJECT FREQ n"), "it is the same key")
	s.time = s.time.Add(5 * time.Minute)
	require.Equal(t, ":7\r\n", s.do("OBJECT FREQ n"), "it sinks by one each minute")
	s.time = s.time.Add(5000 * time.Minute)
	require.Equal(t, ":0\r\n", s.do("OBJECT FREQ n"))
	for range 300 {
		s.do("GET n")
	}
	require.Equal(t, ":255\r\n", s.do("OBJECT FREQ n"))
}

// BenchmarkWrite shows what a write costs, with the account of its memory, and what reading the account costs.
func BenchmarkWrite(b *testing.B) {
	for _, line := range []string{"SET k v", "HSET h f v", "RPUSH l v", "ZADD z 1 m"} {
		b.Run(strings.Fields(line)[0], func(b *testing.B) {
			s := newTestServer(b)
			s.Hooks = Hooks{}
			args := strings.Fields(line)
			for b.Loop() {
				command, _ := commandtable.Check(args)
				s.Run(&s.session, command, args, nil)
			}
		})
	}
	b.Run("Memory", func(b *testing.B) {
		s := newTestServer(b)
		for b.Loop() {
			s.Memory()
		}
	})
}
