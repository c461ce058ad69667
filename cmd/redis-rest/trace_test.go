package main

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"regexp"
	"testing"

	"github.com/stretchr/testify/require"

	redis "github.com/redis-rest/redis-rest-go"
	"github.com/redis-rest/redis-rest-go/redistest"
	"github.com/redis-rest/redis-rest-go/restserver"
)

// times are what differs from run to run, with the width of their column.
var times = regexp.MustCompile(` *\d+(\.\d+)?(ns|µs|ms|s)\b *| at \d{4}-\d\d-\d\dT[\d:.]+Z`)

func TestTrace(t *testing.T) {
	const purchase = "../../examples/quickstart/purchase.lua"
	seed := write(t, "seed.txt", "# what there is\nSET stock 5\nSET balance 100\nSET other \"a b\"\n")
	out, _, err := run(t, "", "trace", "--seed", seed, purchase, "stock", "balance", ",", "2", "30")
	require.NoError(t, err)
	out = times.ReplaceAllString(out, " T ")
	require.Contains(t, out, "purchase.lua: \"success\" in T \n\ncalls\n  11 T GET stock          → \"5\"\n")
	require.Contains(t, out, "\nchanges\n  string balance: \"100\" → \"40\"\n  string stock: \"5\" → \"3\"\n\nkeys\n  balance  written  declared\n  stock    written  declared\n\nlines\n")
	require.Regexp(t, `\n +12 +return \{err = 'insufficient_stock'\}\n`, out)
	require.Regexp(t, `\n +11 +1 T if tonumber`, out)

	library := write(t, "l.lua", "#!lua name=l\nredis.register_function('f', function(keys, args)\n  redis.call('SET', 'other', args[1], 'EX', 100)\n  return redis.call('LPUSH', keys[1], 'x')\nend)")
	out, _, err = run(t, "", "trace", "--function", "f", library, "k", ",", "v")
	require.NoError(t, err)
	out = times.ReplaceAllString(out, " T ")
	require.Contains(t, out, "  list k: (nothing) → [\"x\"]\n  string other: (nothing) → \"v\", expires T \n\nkeys\n  k      written  declared\n  other  written  NOT DECLARED\n")

	out, _, err = run(t, "redis.call('SET', KEYS[1], 'x')\nreturn redis.call('INCR', KEYS[1])", "trace", "--format", "json", "-", "k")
	require.ErrorContains(t, err, "not an integer")
	var report struct {
		Name, Error string
		Keys        []struct {
			Key               string
			Declared, Written bool
		}
		Calls []struct {
			Line  int
			Words []string
			Reply any
			Error string
		}
		Changes []struct{ Key, Type, After string }
		Lines   []struct{ Line, Hits int }
	}
	require.NoError(t, json.Unmarshal([]byte(out), &report), out)
	require.Equal(t, "stdin", report.Name)
	require.Contains(t, report.Error, "on @user_script:2")
	require.Len(t, report.Calls, 2)
	require.Equal(t, []string{"SET", "k", "x"}, report.Calls[0].Words)
	require.Equal(t, "OK", report.Calls[0].Reply)
	require.Contains(t, report.Calls[1].Error, "not an integer")
	require.Equal(t, []struct{ Key, Type, After string }{{"k", "string", `"x"`}}, report.Changes)
	require.Equal(t, []struct{ Line, Hits int }{{1, 1}, {2, 1}}, report.Lines)

	out, _, err = run(t, "local function f(n)\nreturn n < 2 and n or f(n - 1) + f(n - 2)\nend\nredis.call('PING')\nlocal x = f(12)\nreturn x", "trace", "--format", "speedscope", "-")
	require.NoError(t, err)
	var profile struct {
		Shared struct {
			Frames []struct {
				Name string
				Line int
			}
		}
		Profiles []struct {
			Type     string
			Samples  [][]int
			Weights  []int64
			EndValue int64
		}
	}
	require.NoError(t, json.Unmarshal([]byte(out), &profile))
	p := profile.Profiles[0]
	require.Equal(t, "sampled", p.Type)
	require.Len(t, p.Weights, len(p.Samples))
	sum, names := int64(0), map[string]bool{}
	for i, sample := range p.Samples {
		sum += p.Weights[i]
		for _, f := range sample {
			names[profile.Shared.Frames[f].Name] = true
		}
	}
	require.Equal(t, p.EndValue, sum)
	require.Equal(t, map[string]bool{"(script)": true, "f": true, "redis.call PING": true}, names)

	for _, c := range [][]string{
		{"the file of the script is missing"}, {"there is no format", "--format", "x", purchase}, {"none.lua", filepath.Join(t.TempDir(), "none.lua")},
		{"--seed: ", "--seed", write(t, "bad.txt", "SET a\n"), purchase}, {"line 1", "--seed", write(t, "bad.txt", "SET a\n"), purchase},
		{"--data: ", "--data", filepath.Join(t.TempDir(), "none"), purchase}, {"Error compiling script", write(t, "x.lua", "return 1 +")}, {"Function not found", "--function", "g", library},
	} {
		_, _, err := run(t, "", append([]string{"trace"}, c[1:]...)...)
		require.ErrorContains(t, err, c[0])
	}
}

// A trace begins with copies of keys, and changes nothing where they are from.
func TestTraceCopies(t *testing.T) {
	server := redistest.NewServer(t, redistest.Backend("memory"))
	server.Setenv()
	rdb := server.Client()
	for _, words := range [][]any{
		{"SET", "s", "a\x00b", "EX", 1000}, {"RPUSH", "l", "a", "b"}, {"HSET", "h", "f", "v"}, {"SADD", "set", "m"}, {"ZADD", "z", "1.5", "m"}, {"XADD", "x", "1-1", "f", "v"}, {"JSON.SET", "j", "$", `{"a":1}`},
	} {
		_, err := redis.Cmd[redis.Reply](words...).Do(t.Context(), rdb)
		require.NoError(t, err)
	}
	args := []string{"trace", "--format", "json"}
	for _, key := range []string{"s", "l", "h", "set", "z", "x", "j", "none"} {
		args = append(args, "--copy", key)
	}
	const script = `
local all = {redis.call('GET', 's') == 'a\0b', redis.call('TTL', 's') > 900, redis.call('LRANGE', 'l', 0, -1)[2], redis.call('HGET', 'h', 'f'),
  redis.call('SISMEMBER', 'set', 'm'), redis.call('ZSCORE', 'z', 'm'), redis.call('XRANGE', 'x', '-', '+')[1][1], redis.call('JSON.GET', 'j'), redis.call('DBSIZE')}
redis.call('FLUSHALL')
return all`
	before := len(server.Requests())
	out, _, err := run(t, script, append(args, "-")...)
	require.NoError(t, err)
	var report struct{ Reply []any }
	require.NoError(t, json.Unmarshal([]byte(out), &report))
	require.Equal(t, []any{1.0, 1.0, "b", "v", 1.0, "1.5", "1-1", `{"a":1}`, 7.0}, report.Reply)
	for _, r := range server.Requests()[before:] {
		for _, c := range r.Commands {
			require.Contains(t, []string{"TYPE", "GET", "PTTL", "LRANGE", "HGETALL", "SMEMBERS", "ZRANGE", "XRANGE", "JSON.GET"}, c[0])
		}
	}
	n, err := redis.Cmd[int]("DBSIZE").Do(t.Context(), rdb)
	require.NoError(t, err)
	require.Equal(t, 7, n)
}

// A trace begins with the data of a file, which stays as it is.
func TestTraceData(t *testing.T) {
	path := filepath.Join(t.TempDir(), "data")
	server, err := restserver.Start(restserver.Config{DataFile: path})
	require.NoError(t, err)
	rdb, err := redis.New(server.URL, server.Token)
	require.NoError(t, err)
	_, err = redis.Cmd[string]("SET", "k", "v").Do(t.Context(), rdb)
	require.NoError(t, err)
	require.NoError(t, server.Close())
	before, err := os.ReadFile(path)
	require.NoError(t, err)
	out, _, err := run(t, "local v = redis.call('GET', KEYS[1]) redis.call('SET', KEYS[1], 'changed') return v", "trace", "--data", path, "-", "k")
	require.NoError(t, err)
	require.Contains(t, out, `string k: "v" → "changed"`)
	after, err := os.ReadFile(path)
	require.NoError(t, err)
	require.True(t, bytes.Equal(before, after))
}
