package main

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	redis "github.com/redis-rest/redis-rest-go"
	"github.com/redis-rest/redis-rest-go/redistest"
)

const library = "#!lua name=lib\nredis.register_function('f', function() return 1 end)"

// fill writes keys of several types, some with names and values that are not UTF-8.
func fill(t *testing.T, rdb *redis.Redis) {
	t.Helper()
	_, err := redis.Eval[any](t.Context(), rdb, `
		redis.call('SET', '\0\255', 'binary \0\255')
		redis.call('SET', 'expires', 1, 'PXAT', 9000000000000)
		for i = 1, 300 do redis.call('SET', 'key:' .. i, i) end
		redis.call('RPUSH', 'list', 'a', 'b')
		redis.call('HSET', 'hash', 'f', 'v')
		redis.call('XADD', 'stream', '5-1', 'f', 'v')
		redis.call('ZADD', 'zset', 1.5, 'a')`, nil)
	require.NoError(t, err)
	_, err = rdb.Do(t.Context(), "FUNCTION", "LOAD", library)
	require.NoError(t, err)
}

// all returns the payloads and times of all keys.
func all(t *testing.T, rdb *redis.Redis) string {
	t.Helper()
	text, err := redis.Eval[string](t.Context(), rdb, `
		local keys, all = redis.call('KEYS', '*'), {}
		table.sort(keys)
		for _, key in ipairs(keys) do all[#all + 1] = redis.sha1hex(redis.call('DUMP', key)) .. ' ' .. redis.call('PEXPIRETIME', key) end
		return #keys .. table.concat(all, ' ') .. redis.call('GET', 'key:7')`, nil)
	require.NoError(t, err)
	return text
}

// What is exported of a server is imported into another, and into a data file.
func TestRDBOfServers(t *testing.T) {
	from := redistest.NewServer(t)
	fill(t, from.Client())
	path := filepath.Join(t.TempDir(), "dump.rdb")
	from.Setenv()
	out, _, err := run(t, "", "export", "--rdb", path)
	require.NoError(t, err)
	require.Equal(t, "306 keys exported\n", out)
	_, _, err = run(t, "", "export", "--rdb", path)
	require.ErrorContains(t, err, "is there already")

	to := redistest.NewServer(t, redistest.Backend("memory"))
	to.Setenv()
	out, _, err = run(t, "", "import", "--rdb", path)
	require.NoError(t, err)
	require.Equal(t, "306 keys imported\n", out)
	want := all(t, from.Client())
	require.Equal(t, want, all(t, to.Client()))
	_, err = to.Client().Do(t.Context(), "FCALL", "f", "0")
	require.NoError(t, err)
	_, _, err = run(t, "", "import", "--rdb", path)
	require.ErrorContains(t, err, "already exists") // the function

	data := filepath.Join(t.TempDir(), "data")
	out, _, err = run(t, "", "import", "--rdb", path, "--data", data)
	require.NoError(t, err)
	require.Equal(t, "306 keys imported\n", out)
	s := serveWith(t, "--data", data)
	rdb, err := redis.New(s.url, s.token)
	require.NoError(t, err)
	require.Equal(t, want, all(t, rdb))
	_, err = rdb.Do(t.Context(), "FCALL", "f", "0")
	require.NoError(t, err)

	// It can be read while the server uses it, and not be filled twice.
	_, err = rdb.Do(t.Context(), "HPEXPIRE", "hash", "100000", "FIELDS", "1", "f")
	require.NoError(t, err)
	again := filepath.Join(t.TempDir(), "again.rdb")
	out, notes, err := run(t, "", "export", "--rdb", again, "--data", data)
	require.NoError(t, err)
	require.Equal(t, "306 keys exported\n", out)
	require.Contains(t, notes, "expiry of 1 fields")
	_, _, err = run(t, "", "import", "--rdb", path, "--data", data)
	require.ErrorContains(t, err, "another process uses it")
	require.NoError(t, s.end())
	_, _, err = run(t, "", "import", "--rdb", path, "--data", data)
	require.ErrorContains(t, err, "has keys already")
	s = serveWith(t, "--data", data)
	rdb, err = redis.New(s.url, s.token)
	require.NoError(t, err)
	require.Equal(t, want, all(t, rdb), "a refused import changes nothing")
}

func TestRDBMistakes(t *testing.T) {
	dir := t.TempDir()
	bad := write(t, "bad.rdb", "REDIS0010\xfe\x03\x00\x01k\x01v")
	server := redistest.NewServer(t, redistest.Backend("memory"))
	server.Setenv()
	for want, args := range map[string][]string{
		"bad.rdb: it cannot be read: it is damaged": {"import", "--rdb", bad, "--data", filepath.Join(dir, "new")},
		"database 3":                    {"import", "--rdb", write(t, "three.rdb", "REDIS0001\xfe\x03\x00\x01k\x01v\xff")},
		"takes no other file":           {"import", "--rdb", bad, "other"},
		"--data needs --rdb":            {"import", "--data", "x", "commands.txt"},
		"no such file":                  {"import", "--rdb", filepath.Join(dir, "none")},
		"no such file or directory":     {"export", "--rdb", filepath.Join(dir, "x"), "--data", filepath.Join(dir, "none")},
		`"rdb" not set`:                 {"export"},
		"export takes no arguments":     {"export", "--rdb", filepath.Join(dir, "x"), "dump.rdb"},
		"no data file of redis-rest":    {"export", "--rdb", filepath.Join(dir, "x"), "--data", write(t, "text", "text")},
		"redis-rest import --rdb reads": {"serve", "--data", bad},
	} {
		_, _, err := run(t, "", args...)
		require.ErrorContains(t, err, want, "%q", args)
	}
	files, err := os.ReadDir(dir)
	require.NoError(t, err)
	require.Empty(t, files)
}
