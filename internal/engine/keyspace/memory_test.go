package keyspace_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/redis-rest/redis-rest-go/internal/engine/keyspace"
	"github.com/redis-rest/redis-rest-go/internal/testkit/realredis"
)

// When memory is full, commands and scripts are refused as redis-server refuses them.
func TestMaxMemoryAsRedis(t *testing.T) {
	real := realredis.Start(t)
	db := keyspace.New()
	defer db.Close()
	function := "#!lua name=lib\n" +
		"redis.register_function('plain', function() return redis.call('SET', 'k', 'v') end)\n" +
		"redis.register_function{function_name='allowed', callback=function() return redis.call('SET', 'k', 'v') end, flags={'allow-oom'}}\n" +
		"redis.register_function{function_name='reads', callback=function() return redis.call('GET', 'k') end, flags={'no-writes'}}"
	for _, args := range [][]string{
		{"CONFIG", "GET", "maxmemory"}, {"CONFIG", "GET", "maxmemory-policy"}, {"CONFIG", "GET", "maxmemory-samples"},
		{"CONFIG", "SET", "maxmemory-policy", "none"},
		{"CONFIG", "SET", "maxmemory-policy", "ALLKEYS-lru", "maxmemory-samples", "0"},
		{"CONFIG", "SET", "maxmemory-samples", "2147483648"},
		{"CONFIG", "SET", "maxmemory-samples", "10", "lfu-log-factor", "-1"},
		{"CONFIG", "SET", "lfu-decay-time", "x"},
		{"CONFIG", "SET", "maxmemory", "x"},
		{"CONFIG", "SET", "maxmemory", "-1"},
		{"CONFIG", "GET", "maxmemory-policy"}, {"CONFIG", "GET", "maxmemory-samples"}, {"CONFIG", "GET", "lfu-log-factor"}, {"CONFIG", "GET", "lfu-decay-time"},
		{"SET", "k", "v"}, {"RPUSH", "l", "a", "b"}, {"SADD", "s", "a"},
		{"FUNCTION", "LOAD", function},
		{"CONFIG", "SET", "maxmemory", "1"},
		{"SET", "k", "w"}, {"RPUSH", "l", "c"}, {"GET", "k"}, {"LPOP", "l"}, {"EXPIRE", "k", "100"}, {"GETEX", "k", "PERSIST"}, {"SET", "k"},
		{"SMOVE", "s", "s2", "a"}, {"RENAME", "l", "m"}, {"COPY", "m", "n"}, {"SORT", "m"}, {"PUBLISH", "c", "m"}, {"XREADGROUP", "GROUP", "g", "c", "STREAMS", "x", ">"},
		{"EVAL", "return 1", "0"},
		{"EVAL", "return redis.call('SET', 'k', 'v')", "0"},
		{"EVAL", "return redis.pcall('SET', 'k', 'v')", "0"},
		{"EVAL", "return redis.call('GET', 'k')", "0"},
		{"EVAL", "redis.call('DEL', 'none') return redis.call('SET', 'k', 'v')", "0"},
		{"EVAL", "redis.call('PUBLISH', 'none', 'x') return redis.call('SET', 'k', 'v')", "0"},
		{"EVAL", "redis.pcall('SET', 'k', 'v') return redis.call('SET', 'k', 'v')", "0"},
		{"EVAL", "#!lua\nreturn 1", "0"},
		{"EVAL", "#!lua flags=no-writes\nreturn redis.call('GET', 'k')", "0"},
		{"EVAL", "#!lua flags=no-writes\nreturn redis.call('SET', 'k', 'v')", "0"},
		{"EVAL", "#!lua flags=allow-oom\nreturn redis.call('SET', 'k', 'x')", "0"},
		{"EVAL_RO", "return redis.call('GET', 'k')", "0"},
		{"EVAL_RO", "#!lua flags=allow-oom\nreturn redis.call('GET', 'k')", "0"},
		{"EVAL_RO", "#!lua\nreturn redis.call('GET', 'k')", "0"},
		{"FCALL", "plain", "0"}, {"FCALL", "allowed", "0"}, {"FCALL", "reads", "0"}, {"FCALL_RO", "reads", "0"},
		{"FUNCTION", "LOAD", "REPLACE", function}, {"SCRIPT", "LOAD", "return 1"}, {"FUNCTION", "DELETE", "lib"},
		{"DBSIZE"},
		{"CONFIG", "SET", "maxmemory-policy", "volatile-lru"},
		{"SET", "k", "w"},
		{"CONFIG", "SET", "maxmemory-policy", "allkeys-lru"},
		{"SET", "k", "w"},
		{"DBSIZE"},
		{"CONFIG", "SET", "maxmemory", "0", "maxmemory-policy", "noeviction"},
		{"SET", "k", "w"},
		{"CONFIG", "SET", "maxmemory", "1"},
		{"FLUSHALL"},
	} {
		assert.Equal(t, string(real.Do(args...)), string(db.Do(t.Context(), args)), "%q", args)
	}
	_, refusal, at := db.Transaction(t.Context(), [][]string{{"GET", "k"}, {"SET", "k", "v"}})
	require.Equal(t, 0, at)
	real.Do("MULTI")
	require.Equal(t, string(real.Do("GET", "k")), string(refusal))
	require.Contains(t, string(real.Do("EXEC")), "EXECABORT")
}

// A database that is full refuses, and goes on when there is space again. A script fills it at most by one run.
func TestFullDatabase(t *testing.T) {
	db := keyspace.New()
	defer db.Close()
	db.SetMaxMemory(4 << 20)
	require.Equal(t, "*2\r\n$9\r\nmaxmemory\r\n$7\r\n4194304\r\n", run(t, db, "CONFIG GET maxmemory"))
	value := strings.Repeat("v", 1<<16)
	n := 0
	for ; n < 1000; n++ {
		if reply := run(t, db, "SET "+strings.Repeat("k", n+1)+" "+value); reply != "+OK\r\n" {
			require.Equal(t, "-OOM command not allowed when used memory > 'maxmemory'.\r\n", reply)
			break
		}
	}
	require.Less(t, n, 60)
	require.Greater(t, n, 40)
	require.Equal(t, ":1\r\n", run(t, db, "DEL k"))
	require.Equal(t, ":1\r\n", run(t, db, "DEL kk"))
	require.Equal(t, "+OK\r\n", run(t, db, "SET k v"))
	require.Contains(t, string(db.Do(t.Context(), []string{"EVAL", "return #('x'):rep(8e6)", "0"})), "not enough memory")
}
