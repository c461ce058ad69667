package redis_test

import (
	"context"
	"fmt"
	"net"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	redis "github.com/redis-rest/redis-rest-go"
	"github.com/redis-rest/redis-rest-go/redistest"
	"github.com/redis-rest/redis-rest-go/restserver"
)

// answered is what a caller sees of a reply or of an error.
func answered(reply redis.Reply, err error) string {
	if err != nil {
		return strings.Replace(err.Error(), "EVAL:", "EVALSHA:", 1)
	}
	return reply.String()
}

// The first reply of RunOnce is the script's own, byte for byte, and so is every
// later one, although the script ran once.
func TestRunOnceReplies(t *testing.T) {
	scripts := map[string]string{
		"integer":                "return 42",
		"fraction":               "return 3.99",
		"negative fraction":      "return -3.99",
		"2^53":                   "return 9007199254740992",
		"-2^62":                  "return -4611686018427387904",
		"string":                 "return 'a:b.c'",
		"empty string":           "return ''",
		"bytes":                  "local s = '' for i = 0, 255 do s = s .. string.char(i) end return s",
		"nothing":                "",
		"nil":                    "return nil",
		"false":                  "return false",
		"true":                   "return true",
		"status":                 "return {ok = 'success'}",
		"status with more":       "return {ok = 'success', 1, 2}",
		"error":                  "return {err = 'insufficient_stock'}",
		"error reply":            "return redis.error_reply('insufficient_stock 1:2')",
		"array":                  "return {1, 'two', {3, {4, {}}}, {ok = 'five'}, false, true, 3.5}",
		"hole":                   "return {1, nil, 3}",
		"error in an array":      "return {1, {err = 'x y'}, 'z'}",
		"keys that are not":      "return {a = 1, [1] = 'one', [3] = 'three'}",
		"call":                   "redis.call('SET', KEYS[1], 'x') return redis.call('GET', KEYS[1])",
		"call of null":           "return redis.call('GET', KEYS[1])",
		"arguments":              "return {#KEYS, #ARGV, KEYS[1], KEYS[2], ARGV[1], ARGV[2], ARGV[3]}",
		"last is a comment":      "return 7 -- seven",
		"varargs":                "return {select('#', ...)}",
		"a local function":       "local function f(n) if n == 0 then return 'end' end return f(n - 1) end return f(10)",
		"long":                   "return string.rep('x', 100000)",
		"deep":                   "local t = {} for i = 1, 90 do t = {t} end return t",
		"function":               "return function() end",
		"function inside":        "return {1, tostring, 2}",
		"raised":                 "local x = 1\nerror('boom')",
		"raised without a place": "error('boom', 0)",
		"raised a table":         "\nerror({err = 'My own'})",
		"runtime error":          "local x\n\nreturn x.y",
		"in a call":              "redis.call('SET', KEYS[1], 'x')\nreturn redis.call('INCR', KEYS[1])",
		"in a function":          "local function f()\n  redis.call('NOPE')\nend\nf()",
		"in a library":           "\nreturn string.rep()",
		"read a global":          "return nope",
		"wrote a global":         "\nnope = 1",
		"pcall":                  "return redis.pcall('INCR', KEYS[1], 'x')",
		"shebang":                "#!lua flags=allow-stale\nreturn 5",
		"shebang and an error":   "#!lua\nreturn redis.call('NOPE')",
		"RESP3":                  "redis.setresp(3) return {true, false, {double = 3.25}, {big_number = '123'}, 1}",
		"RESP3 map":              "redis.setresp(3) redis.call('HSET', KEYS[1], 'a', 'b') return redis.call('HGETALL', KEYS[1])",
		"RESP3 set":              "redis.setresp(3) redis.call('SADD', KEYS[1], 'a') return redis.call('SMEMBERS', KEYS[1])",
		"RESP3 verbatim":         "redis.setresp(3) return redis.call('LOLWUT', 'VERSION', 1)",
		"RESP3 null":             "redis.setresp(3) return redis.call('GET', KEYS[1])",
	}
	onEachBackend(t, func(t *testing.T, s *redistest.Server) {
		ctx, rdb := t.Context(), s.Client()
		for name, source := range scripts {
			t.Run(name, func(t *testing.T) {
				keys, args := []string{"k:" + t.Name(), "k2"}, []any{"a", 2}
				plain, plainErr := redis.NewScript[redis.Reply](source, redis.Named("x.lua")).Run(ctx, rdb, keys, args...)
				want := answered(plain, plainErr)
				_, err := rdb.Do(ctx, "DEL", keys[0])
				require.NoError(t, err)
				script := redis.NewScript[redis.Reply](source, redis.Named("x.lua"))
				for range 3 {
					reply, err := script.RunOnce(ctx, rdb, "id", keys, args...)
					require.Equal(t, want, answered(reply, err))
					require.Equal(t, redis.Code(plainErr), redis.Code(err))
				}
			})
		}
	})
}

func TestRunOnceRunsOnce(t *testing.T) {
	onEachBackend(t, func(t *testing.T, s *redistest.Server) {
		ctx, rdb := t.Context(), s.Client()
		count := redis.NewScript[int]("return redis.call('INCR', KEYS[1])")
		halfWay := redis.NewScript[int]("redis.call('INCR', KEYS[1]) return redis.call('INCR', KEYS[2])")
		_, err := rdb.Do(ctx, "SET", "text", "x")
		require.NoError(t, err)
		for range 3 {
			n, err := count.RunOnce(ctx, rdb, "one", []string{"n"})
			require.NoError(t, err)
			require.Equal(t, 1, n)
			_, err = halfWay.RunOnce(ctx, rdb, "two", []string{"half", "text"})
			require.Error(t, err)
			require.NotErrorIs(t, err, redis.ErrOutcomeUnknown)
		}
		n, err := count.RunOnce(ctx, rdb, "another", []string{"n"})
		require.NoError(t, err)
		require.Equal(t, 2, n)
		half, err := redis.Cmd[int]("GET", "half").Do(ctx, rdb)
		require.NoError(t, err)
		require.Equal(t, 1, half)

		// The id of another script runs nothing.
		_, err = redis.NewScript[int]("return redis.call('INCR', KEYS[1]) + 0").RunOnce(ctx, rdb, "one", []string{"n"})
		require.ErrorContains(t, err, "another script")
		n, err = redis.Cmd[int]("GET", "n").Do(ctx, rdb)
		require.NoError(t, err)
		require.Equal(t, 2, n)

		// In a batch, several times, in both kinds.
		for _, b := range []*redis.Batch{rdb.Pipeline(), rdb.Multi()} {
			first := count.OnceCmd("batch", []string{"b"}).Queue(b)
			second := count.OnceCmd("batch", []string{"b"}).Queue(b)
			require.NoError(t, b.Exec(ctx))
			for _, f := range []*redis.Future[int]{first, second} {
				n, err := f.Result()
				require.NoError(t, err)
				require.Equal(t, 1, n)
			}
		}
	})
}

func TestRunOnceWindow(t *testing.T) {
	onEachBackend(t, func(t *testing.T, s *redistest.Server) {
		ctx, rdb := t.Context(), s.Client()
		count := redis.NewScript[int]("return redis.call('INCR', KEYS[1])", redis.OnceWindow(30*time.Millisecond))
		n, err := count.RunOnce(ctx, rdb, "id", []string{"{n}:count"})
		require.NoError(t, err)
		require.Equal(t, 1, n)
		require.Eventually(t, func() bool {
			n, err := redis.Cmd[int]("EXISTS", "{n}:once:id").Do(ctx, rdb)
			return err == nil && n == 0
		}, 5*time.Second, time.Millisecond)
		n, err = count.RunOnce(ctx, rdb, "id", []string{"{n}:count"})
		require.NoError(t, err)
		require.Equal(t, 2, n)

		_, err = redis.NewScript[int]("return 1").RunOnce(ctx, rdb, "id", []string{"default"})
		require.NoError(t, err)
		ttl, err := redis.Cmd[int]("PTTL", "{default}:once:id").Do(ctx, rdb)
		require.NoError(t, err)
		require.Greater(t, ttl, 9*60*1000)
		require.LessOrEqual(t, ttl, 10*60*1000)
	})
}

// The record is written before the effect, so that a script that may not write
// for want of memory has no effect that nobody remembers.
func TestRunOnceWithoutMemory(t *testing.T) {
	ctx, rdb := t.Context(), onRedis(t).Client()
	_, err := rdb.Do(ctx, "CONFIG", "SET", "maxmemory", "1")
	require.NoError(t, err)
	// DEL is allowed for want of memory, and so is an effect that comes first.
	take := redis.NewScript[int]("redis.call('DEL', KEYS[1]) return 1")
	_, err = take.RunOnce(ctx, rdb, "id", []string{"k"})
	require.Equal(t, "OOM", redis.Code(err))
	_, err = rdb.Do(ctx, "CONFIG", "SET", "maxmemory", "0")
	require.NoError(t, err)
	n, err := take.RunOnce(ctx, rdb, "id", []string{"k"})
	require.NoError(t, err)
	require.Equal(t, 1, n)
}

func TestRunOnceRefuses(t *testing.T) {
	ctx := t.Context()
	never := fakeDoer(func(...any) (string, error) { t.Error("it was sent"); return "", nil })
	script := redis.NewScript[int]("return 1")
	for want, call := range map[string]func() (int, error){
		"without keys": func() (int, error) { return script.RunOnce(ctx, never, "id", nil) },
		"id is empty":  func() (int, error) { return script.RunOnce(ctx, never, "", []string{"k"}) },
		"valid UTF-8":  func() (int, error) { return script.RunOnce(ctx, never, "\xff", []string{"k"}) },
		"only reads": func() (int, error) {
			return redis.NewScript[int]("", redis.ReadOnly()).RunOnce(ctx, never, "id", []string{"k"})
		},
		"a millisecond": func() (int, error) {
			return redis.NewScript[int]("", redis.OnceWindow(1)).RunOnce(ctx, never, "id", []string{"k"})
		},
	} {
		_, err := call()
		require.ErrorContains(t, err, want)
	}
	// In a batch it keeps all others from being sent.
	b := redistest.New(t).Pipeline()
	refused := script.OnceCmd("id", nil).Queue(b)
	other := redis.Cmd[int]("INCR", "n").Queue(b)
	require.ErrorContains(t, b.Exec(ctx), "without keys")
	_, err := refused.Result()
	require.ErrorContains(t, err, "without keys")
	_, err = other.Result()
	require.ErrorIs(t, err, redis.ErrNotExecuted)
}

// Records are in the slot of the first key: a cluster refuses all else.
func TestRunOnceOnACluster(t *testing.T) {
	onRedis(t)
	ctx := t.Context()
	address := startCluster(t)
	s, err := restserver.Start(restserver.Config{Backend: "redis://" + address})
	require.NoError(t, err)
	t.Cleanup(func() { assert.NoError(t, s.Close()) })
	rdb, err := redis.New(s.URL, s.Token)
	require.NoError(t, err)
	require.Eventually(t, func() bool {
		_, err := rdb.Do(ctx, "SET", "k", "v")
		return err == nil
	}, 20*time.Second, 20*time.Millisecond)

	count := redis.NewScript[int]("return redis.call('INCR', KEYS[1])")
	for _, key := range []string{"plain", "{tag}", "{tag}x", "x{tag}", "{}x", "}x", "x}", "{", "}", "{{x}}", "a{b", "a}b{c}", "", "é", "{}{tag}", "{x"} {
		for range 2 {
			n, err := count.RunOnce(ctx, rdb, "id}{"+key, []string{key})
			require.NoError(t, err, "%q", key)
			require.Equal(t, 1, n, "%q", key)
		}
	}
	_, err = count.Cmd([]string{"plain", "other"}).Do(ctx, rdb)
	require.ErrorContains(t, err, "CROSSSLOT", "which proves that the cluster looks")
}

// startCluster starts a cluster of one node on a free port.
func startCluster(t *testing.T) string {
	t.Helper()
	path, err := exec.LookPath("redis-server")
	if err != nil {
		path, err = exec.LookPath("valkey-server")
	}
	require.NoError(t, err)
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	address := l.Addr().(*net.TCPAddr)
	require.NoError(t, l.Close())
	cmd := exec.Command(path, "--port", fmt.Sprint(address.Port), "--bind", "127.0.0.1", "--save", "", "--dir", t.TempDir(),
		"--cluster-enabled", "yes", "--cluster-port", fmt.Sprint(freePort(t)))
	require.NoError(t, cmd.Start())
	t.Cleanup(func() { cmd.Process.Kill(); cmd.Wait() })
	s, err := restserver.Start(restserver.Config{Backend: "redis://" + address.String()})
	require.NoError(t, err)
	defer s.Close()
	rdb, err := redis.New(s.URL, s.Token)
	require.NoError(t, err)
	require.Eventually(t, func() bool {
		_, err := rdb.Do(context.Background(), "CLUSTER", "ADDSLOTSRANGE", 0, 16383)
		return err == nil
	}, 20*time.Second, 20*time.Millisecond)
	return address.String()
}

func freePort(t *testing.T) int {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	defer l.Close()
	return l.Addr().(*net.TCPAddr).Port
}
