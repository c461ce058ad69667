package redis_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os/exec"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	redis "github.com/redis-rest/redis-rest-go"
	"github.com/redis-rest/redis-rest-go/redistest"
	"github.com/redis-rest/redis-rest-go/restserver"
)

// answered returns what a caller sees: the reply or the error as text.
func answered(reply redis.Reply, err error) string {
	if err != nil {
		return strings.Replace(err.Error(), "EVAL:", "EVALSHA:", 1)
	}
	return reply.String()
}

// Each call of RunOnce returns the reply of the script, byte for byte, although the script
// runs only once.
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

		// An id that another script has used runs nothing.
		_, err = redis.NewScript[int]("return redis.call('INCR', KEYS[1]) + 0").RunOnce(ctx, rdb, "one", []string{"n"})
		require.ErrorIs(t, err, redis.ErrOnceConflict)
		require.ErrorIs(t, err, redis.ErrNotExecuted)
		require.Equal(t, "ONCECONFLICT", redis.Code(err))
		n, err = redis.Cmd[int]("GET", "n").Do(ctx, rdb)
		require.NoError(t, err)
		require.Equal(t, 2, n)

		// Both kinds of batch may have the same id several times.
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

// The caller's slices do not change, not even after their ends.
func TestRunOnceDoesNotChangeSlices(t *testing.T) {
	keys, args := []string{"k", "mine"}, []any{"a", "mine"}
	redis.NewScript[int]("return 1").OnceCmd("id", keys[:1], args[:1]...)
	require.Equal(t, "mine", keys[1])
	require.Equal(t, "mine", args[1])
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

// RunOnce writes its record before the script runs. So a script has no effect if Redis has
// no memory for the record.
func TestRunOnceOutOfMemory(t *testing.T) {
	ctx, rdb := t.Context(), onRedis(t).Client()
	_, err := rdb.Do(ctx, "CONFIG", "SET", "maxmemory", "1")
	require.NoError(t, err)
	// Redis allows DEL without free memory. So this script would have its effect if it ran
	// before the record is written.
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
		"one millisecond": func() (int, error) {
			return redis.NewScript[int]("", redis.OnceWindow(1)).RunOnce(ctx, never, "id", []string{"k"})
		},
	} {
		_, err := call()
		require.ErrorContains(t, err, want)
	}
	// A batch with a refused RunOnce is not sent.
	b := redistest.New(t).Pipeline()
	refused := script.OnceCmd("id", nil).Queue(b)
	other := redis.Cmd[int]("INCR", "n").Queue(b)
	require.ErrorContains(t, b.Exec(ctx), "without keys")
	_, err := refused.Result()
	require.ErrorContains(t, err, "without keys")
	_, err = other.Result()
	require.ErrorIs(t, err, redis.ErrNotExecuted)
}

// The record is in the same slot as the first key. A cluster would refuse any other key.
func TestRunOnceOnACluster(t *testing.T) {
	onRedis(t)
	ctx := t.Context()
	rdb := cluster(t, 1)
	count := redis.NewScript[int]("return redis.call('INCR', KEYS[1])")
	for _, key := range []string{"plain", "{tag}", "{tag}x", "x{tag}", "{}x", "}x", "x}", "{", "}", "{{x}}", "a{b", "a}b{c}", "", "é", "{}{tag}", "{x"} {
		for range 2 {
			n, err := count.RunOnce(ctx, rdb, "id}{"+key, []string{key})
			require.NoError(t, err, "%q", key)
			require.Equal(t, 1, n, "%q", key)
		}
	}
	_, err := count.Cmd([]string{"plain", "other"}).Do(ctx, rdb)
	require.ErrorContains(t, err, "CROSSSLOT", "the cluster checks the slots")
}

// cluster starts a cluster and returns a client of it. The nodes have equal ranges of slots,
// in order.
func cluster(t *testing.T, nodes int) *redis.Redis {
	t.Helper()
	path, err := exec.LookPath("redis-server")
	if err != nil {
		path, err = exec.LookPath("valkey-server")
	}
	require.NoError(t, err)
	ctx := context.Background()
	client := func(backend string) *redis.Redis {
		s, err := restserver.Start(restserver.Config{Backend: backend})
		require.NoError(t, err)
		t.Cleanup(func() { assert.NoError(t, s.Close()) })
		rdb, err := redis.New(s.URL, s.Token)
		require.NoError(t, err)
		return rdb
	}
	var ports, buses []int
	for i := range nodes {
		ports, buses = append(ports, freePort(t)), append(buses, freePort(t))
		cmd := exec.Command(path, "--port", fmt.Sprint(ports[i]), "--bind", "127.0.0.1", "--save", "", "--dir", t.TempDir(),
			"--cluster-enabled", "yes", "--cluster-port", fmt.Sprint(buses[i]))
		require.NoError(t, cmd.Start())
		t.Cleanup(func() { cmd.Process.Kill(); cmd.Wait() })
	}
	const slots = 16384
	for i, port := range ports {
		node := client(fmt.Sprintf("redis://127.0.0.1:%d", port))
		require.Eventually(t, func() bool {
			_, err := node.Do(ctx, "CLUSTER", "ADDSLOTSRANGE", i*slots/nodes, (i+1)*slots/nodes-1)
			return err == nil
		}, 20*time.Second, 20*time.Millisecond)
		for k := range i {
			_, err := node.Do(ctx, "CLUSTER", "MEET", "127.0.0.1", ports[k], buses[k])
			require.NoError(t, err)
		}
	}
	for _, port := range ports {
		node := client(fmt.Sprintf("redis://127.0.0.1:%d", port))
		require.Eventually(t, func() bool {
			info, err := redis.Cmd[string]("CLUSTER", "INFO").Do(ctx, node)
			return err == nil && strings.Contains(info, "cluster_state:ok") && strings.Contains(info, "cluster_slots_assigned:16384")
		}, 20*time.Second, 20*time.Millisecond)
	}
	return client(fmt.Sprintf("redis://127.0.0.1:%d?cluster", ports[0]))
}

func freePort(t *testing.T) int {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	defer l.Close()
	return l.Addr().(*net.TCPAddr).Port
}

// A losesAnswers sends every request, and loses the first answers.
type losesAnswers struct {
	n    int
	sent int
}

func (l *losesAnswers) RoundTrip(r *http.Request) (*http.Response, error) {
	resp, err := http.DefaultTransport.RoundTrip(r)
	if l.sent++; err == nil && l.sent <= l.n {
		resp.Body.Close()
		return nil, errWire
	}
	return resp, err
}

// The record proves what an attempt did whose answer was lost, so an error that it holds
// is certain: alone, in a batch, and if the server did not hold the script.
func TestRunOnceAfterALostAnswer(t *testing.T) {
	onEachBackend(t, func(t *testing.T, s *redistest.Server) {
		ctx := t.Context()
		buy := redis.NewScript[int]("redis.call('INCR', KEYS[1]) return {err = 'insufficient_stock'}")
		again := redis.WithRetryPolicy(redis.RetryPolicy{MaxAttempts: 5, BaseDelay: time.Nanosecond})
		certain := func(t *testing.T, err error) {
			t.Helper()
			require.Equal(t, "insufficient_stock", redis.Code(err))
			require.NotErrorIs(t, err, redis.ErrOutcomeUnknown)
			require.NotErrorIs(t, err, redis.ErrNotExecuted)
		}
		for lost := range 3 { // the first answers are NOSCRIPT, the error, the error
			key := fmt.Sprintf("n%d", lost)
			_, err := s.Client().Do(ctx, "SCRIPT", "FLUSH")
			require.NoError(t, err)
			rdb, err := redis.New(s.URL, s.Token, again, redis.WithHTTPClient(&http.Client{Transport: &losesAnswers{n: lost}}))
			require.NoError(t, err)
			_, err = buy.RunOnce(ctx, rdb, "id", []string{key})
			certain(t, err)
			for _, b := range []*redis.Batch{rdb.Pipeline(), rdb.Multi()} {
				f := buy.OnceCmd("id", []string{key}).Queue(b)
				require.Error(t, b.Exec(ctx))
				_, err = f.Result()
				certain(t, err)
			}
			n, err := redis.Cmd[int]("GET", key).Do(ctx, rdb)
			require.NoError(t, err)
			require.Equal(t, 1, n)
		}
		rdb, err := redis.New(s.URL, s.Token, again, redis.WithHTTPClient(&http.Client{Transport: &losesAnswers{n: 1}}))
		require.NoError(t, err)
		b := rdb.Pipeline()
		f := buy.OnceCmd("id", []string{"batch"}).Queue(b)
		require.Error(t, b.Exec(ctx))
		_, err = f.Result()
		certain(t, err)

		// A record without a reply: the run was broken off.
		require.NoError(t, s.Client().ScriptFlush(ctx))
		_, err = s.Client().Do(ctx, "SET", "{broken}:once:id", buy.SHA())
		require.NoError(t, err)
		_, err = buy.RunOnce(ctx, s.Client(), "id", []string{"broken"})
		require.ErrorIs(t, err, redis.ErrOnceReplyLost)
		require.NotErrorIs(t, err, redis.ErrNotExecuted)
		require.NotErrorIs(t, err, redis.ErrOutcomeUnknown)
	})
}

// What the server refuses after a lost attempt says nothing about that attempt.
func TestRunOnceAfterALostAnswerThatNothingProves(t *testing.T) {
	wrapper := "0123456789012345678901234567890123456789"
	own := "" // the digest of what is sent
	for name, c := range map[string]struct {
		answer  turn
		unknown bool
	}{
		"raised in the wrapper's own line": {func(r *http.Request) (*http.Response, error) {
			return says(400, `{"error":"ERR Wrong type script: `+own+`, on @user_script:1."}`)(r)
		}, true},
		"the script's own error":   {says(400, `{"error":"insufficient_stock"}`), false},
		"raised in the script":     {says(400, `{"error":"ERR boom script: `+wrapper+`, on @user_script:1."}`), false},
		"another script's id":      {says(400, `{"error":"ONCECONFLICT the id was used by another script, or another version of it"}`), false},
		"raised in the wrapper":    {says(400, `{"error":"ERR Error running script: @user_script:1: OOM command not allowed"}`), true},
		"refused for want of room": {says(400, `{"error":"OOM allow-oom flag is not set on the script, can not run it when used memory > 'maxmemory'"}`), true},
		"BUSY":                     {says(400, busy), true},
		"a gateway's error":        {says(502, `{"error":"insufficient_stock"}`), true},
		"a gateway's page":         {says(502, "<html>"), true},
		"no connection":            {unreachable, true},
		"a wrong token":            {says(401, `{"error":"WRONGPASS invalid or missing auth token"}`), true},
	} {
		synctest.Test(t, func(t *testing.T) {
			s := &scripted{}
			s.turns = []turn{breaks, func(r *http.Request) (*http.Response, error) {
				var words []string
				require.NoError(t, json.Unmarshal([]byte(s.sent[0]), &words))
				own = words[1]
				return c.answer(r)
			}}
			_, err := redis.NewScript[int]("return 1").RunOnce(t.Context(), s.client(t), "id", []string{"k"})
			require.Equal(t, c.unknown, errors.Is(err, redis.ErrOutcomeUnknown), "%s: %v", name, err)
			require.Equal(t, name == "another script's id", errors.Is(err, redis.ErrNotExecuted), "%s: %v", name, err)
		})
	}
}
