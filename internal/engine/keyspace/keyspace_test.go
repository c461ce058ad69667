package keyspace_test

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/redis-rest/redis-rest-go/internal/engine/keyspace"
)

func newDB(t testing.TB) *keyspace.DB {
	t.Helper()
	db := keyspace.New()
	t.Cleanup(func() { db.Close() })
	return db
}

// run runs a command. The words of the line are as in a shell.
func run(t testing.TB, db *keyspace.DB, line string) string {
	t.Helper()
	return string(db.Do(context.Background(), split(t, line)))
}

const forever = `EVAL "while true do end" 0`

// begin starts a command and waits until a script runs.
func begin(t *testing.T, ctx context.Context, db *keyspace.DB, line string) (reply chan string) {
	t.Helper()
	reply = make(chan string, 1)
	go func() { reply <- string(db.Do(ctx, split(t, line))) }()
	waitUntilBusy(t, db)
	return reply
}

// waitUntilBusy waits until other callers get BUSY.
func waitUntilBusy(t *testing.T, db *keyspace.DB) {
	t.Helper()
	require.Eventually(t, func() bool { return strings.HasPrefix(run(t, db, "PING"), "-BUSY") }, 10*time.Second, time.Millisecond)
}

func TestScriptsAreIsolated(t *testing.T) {
	db := newDB(t)
	const steps, writers = 2000, 50
	var wg sync.WaitGroup
	var stop atomic.Bool
	var written atomic.Int64
	for w := range writers {
		wg.Go(func() {
			for i := 0; !stop.Load(); i++ {
				key := []string{"n", "own:" + strconv.Itoa(w)}[i%2]
				reply := string(db.Do(t.Context(), []string{"INCR", key}))
				if !assert.Regexp(t, `^:\d+\r\n$`, reply) {
					return
				}
				written.Add(1)
			}
		})
	}
	require.Eventually(t, func() bool { return written.Load() > writers }, 10*time.Second, time.Millisecond)
	// No step sees any change except those of the previous steps.
	script := "local first = redis.call('INCR', 'n') for i = 1, " + strconv.Itoa(steps) + " do if redis.call('INCR', 'n') ~= first + i then return i end end return 'alone'"
	for range 5 {
		require.Equal(t, "$5\r\nalone\r\n", string(db.Do(t.Context(), []string{"EVAL", script, "0"})))
		replies, refusal, _ := db.Transaction(t.Context(), [][]string{{"GET", "n"}, {"INCR", "n"}, {"INCR", "n"}, {"DECRBY", "n", "2"}, {"GET", "n"}})
		require.Nil(t, refusal)
		require.Equal(t, string(replies[0]), string(replies[4]))
		replies = db.Pipeline(t.Context(), [][]string{{"GET", "n"}, {"INCR", "n"}, {"DECR", "n"}, {"GET", "n"}})
		require.Equal(t, string(replies[0]), string(replies[3]))
	}
	stop.Store(true)
	wg.Wait()
}

func TestBusyDuringALongScript(t *testing.T) {
	db := newDB(t)
	require.Equal(t, "+OK\r\n", run(t, db, "CONFIG SET busy-reply-threshold 20"))
	script := begin(t, t.Context(), db, forever)
	const busy = "-BUSY Redis is busy running a script. You can only call SCRIPT KILL or SHUTDOWN NOSAVE.\r\n"
	require.Equal(t, busy, run(t, db, "GET k"))
	require.Equal(t, busy, run(t, db, `EVAL "return 1" 0`))
	require.Equal(t, "-ERR wrong number of arguments for 'get' command\r\n", run(t, db, "GET"))
	replies, refusal, _ := db.Transaction(t.Context(), [][]string{{"GET", "k"}})
	require.Nil(t, replies)
	require.Equal(t, busy, string(refusal))
	require.Equal(t, busy, string(db.Pipeline(t.Context(), [][]string{{"GET", "k"}})[0]))
	require.Equal(t, "-BUSY Redis is busy running a script. You can only call SCRIPT KILL or SHUTDOWN NOSAVE.\r\n", run(t, db, "FUNCTION KILL"))
	require.Equal(t, "+OK\r\n", run(t, db, "SCRIPT KILL"))
	require.Contains(t, <-script, "Script killed by user with SCRIPT KILL")
	require.Equal(t, "+PONG\r\n", run(t, db, "PING"))
	require.Equal(t, "-NOTBUSY No scripts in execution right now.\r\n", run(t, db, "SCRIPT KILL"))
	require.Equal(t, "-NOTBUSY No scripts in execution right now.\r\n", run(t, db, "FUNCTION KILL"))
}

func TestLongFunction(t *testing.T) {
	db := newDB(t)
	run(t, db, "CONFIG SET busy-reply-threshold 20")
	require.Contains(t, run(t, db, `FUNCTION LOAD "#!lua name=l\nredis.register_function('f', function(keys) if keys[1] then redis.call('SET', keys[1], 1) end while true do end end)"`), "l")
	function := begin(t, t.Context(), db, "FCALL f 0")
	const busy = "-BUSY Redis is busy running a script. You can only call FUNCTION KILL or SHUTDOWN NOSAVE.\r\n"
	require.Equal(t, busy, run(t, db, "GET k"))
	require.Equal(t, busy, run(t, db, "SCRIPT KILL"))
	require.Contains(t, run(t, db, "FUNCTION STATS"), "FCALL")
	pipeline := db.Pipeline(t.Context(), [][]string{{"GET", "k"}, {"FUNCTION", "KILL"}})
	require.Equal(t, busy, string(pipeline[0]))
	require.Equal(t, "+OK\r\n", string(pipeline[1]))
	require.Contains(t, <-function, "Script killed by user")

	// A function that has written cannot be killed.
	ctx, cancel := context.WithCancel(t.Context())
	db.SetGrace(50 * time.Millisecond)
	function = begin(t, ctx, db, "FCALL f 1 k")
	require.Contains(t, run(t, db, "FUNCTION KILL"), "-UNKILLABLE ")
	require.Equal(t, busy, run(t, db, "GET k"))
	cancel() // its caller has gone, and the grace period is over
	require.Contains(t, <-function, "-ERR")
	require.Equal(t, "$1\r\n1\r\n", run(t, db, "GET k"))
}

func TestContextEndsWaitingAndScripts(t *testing.T) {
	db := newDB(t)
	run(t, db, "CONFIG SET busy-reply-threshold 0") // nobody gets BUSY
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	require.Nil(t, db.Do(ended, []string{"INCR", "n"}))
	require.Nil(t, db.Pipeline(ended, [][]string{{"INCR", "n"}}))
	replies, refusal, _ := db.Transaction(ended, [][]string{{"INCR", "n"}})
	require.Nil(t, replies)
	require.Nil(t, refusal)

	running, end := context.WithCancel(t.Context())
	script := make(chan string, 1)
	go func() { script <- string(db.Do(running, split(t, forever))) }()
	require.Eventually(t, db.Running, 10*time.Second, time.Millisecond)
	waiting, give := context.WithTimeout(t.Context(), 10*time.Millisecond)
	defer give()
	require.Nil(t, db.Do(waiting, []string{"INCR", "n"}))
	end()
	require.Contains(t, <-script, "-ERR")
	require.Equal(t, ":1\r\n", run(t, db, "INCR n"), "the command that only waited has not run")

	// A script that has written finishes, although its caller has gone.
	lines := db.Monitor()
	defer lines.Close()
	running, end = context.WithCancel(t.Context())
	go func() {
		script <- string(db.Do(running, split(t, `EVAL "redis.call('SET', 'half', 1) for i = 1, 1000000 do end redis.call('SET', 'whole', 1) return 'whole'" 0`)))
	}()
	for line := ""; !strings.HasSuffix(line, `lua] "SET" "half" "1"`); {
		var err error
		line, err = lines.Receive(t.Context())
		require.NoError(t, err)
	}
	end()
	require.Equal(t, "$5\r\nwhole\r\n", <-script)
	require.Equal(t, ":2\r\n", run(t, db, "EXISTS whole half"))
}

func TestCloseEndsScripts(t *testing.T) {
	db := keyspace.New()
	script := make(chan string, 1)
	go func() {
		script <- string(db.Do(t.Context(), split(t, `EVAL "redis.call('SET', 'k', 1) while true do end" 0`)))
	}()
	require.Eventually(t, db.Running, 10*time.Second, time.Millisecond)
	waiting := make(chan string, 1)
	go func() { waiting <- string(db.Do(t.Context(), []string{"PING"})) }()
	sub := db.Subscribe("c")
	db.Close()
	require.Contains(t, <-script, "-ERR")
	require.Contains(t, <-waiting, "closed")
	require.Contains(t, run(t, db, "PING"), "closed")
	_, err := sub.Receive(t.Context()) // the message that it has begun
	require.NoError(t, err)
	_, err = sub.Receive(t.Context())
	require.Error(t, err)
	_, err = db.Subscribe("d").Receive(t.Context())
	require.NoError(t, err)
	db.Close()
}

func TestTransactionsAreCheckedFirst(t *testing.T) {
	db := newDB(t)
	for line, want := range map[string]string{
		"NO.SUCH x":        "-ERR unknown command 'NO.SUCH', with args beginning with: 'x' \r\n",
		"GET":              "-ERR wrong number of arguments for 'get' command\r\n",
		"XINFO nosuch k":   "-ERR unknown subcommand 'nosuch'. Try XINFO HELP.\r\n",
		"CONFIG|GET x":     "-ERR unknown command 'CONFIG|GET', with args beginning with: 'x' \r\n",
		"HELLO 3 AUTH x y": "",
	} {
		replies, refusal, _ := db.Transaction(t.Context(), [][]string{{"INCR", "n"}, split(t, line)})
		if want == "" {
			require.Nil(t, refusal)
			require.Equal(t, byte('-'), replies[1][0])
			continue
		}
		require.Nil(t, replies)
		require.Equal(t, want, string(refusal), line)
	}
	require.Equal(t, "$1\r\n1\r\n", run(t, db, "GET n"), "only the transaction that was not refused has run")
	_, refusal, _ := db.Transaction(t.Context(), [][]string{{}})
	require.NotNil(t, refusal)

	replies, refusal, _ := db.Transaction(t.Context(), [][]string{
		{"SET", "k", "v"}, {"LPUSH", "k", "x"}, {"EVAL", "redis.call('SELECT', 3) return redis.call('SET', 'there', 1)", "0"}, {"EXISTS", "there"},
		{"BLPOP", "none", "0"}, {"XREAD", "BLOCK", "0", "STREAMS", "none", "$"}, {"INCR", "n"},
	})
	require.Nil(t, refusal)
	require.Equal(t, []string{
		"+OK\r\n", "-WRONGTYPE Operation against a key holding the wrong kind of value\r\n", "+OK\r\n", ":0\r\n", "*-1\r\n", "*-1\r\n", ":2\r\n",
	}, texts(replies))
}

func texts(replies [][]byte) (all []string) {
	for _, r := range replies {
		all = append(all, string(r))
	}
	return all
}

// No command blocks in a script, because nobody could end the blocking.
func TestNothingBlocks(t *testing.T) {
	db := newDB(t)
	for _, call := range []string{
		"'BLPOP', 'none', 0", "'BRPOP', 'none', 0", "'BLMOVE', 'none', 'd', 'LEFT', 'LEFT', 0", "'BRPOPLPUSH', 'none', 'd', 0", "'BLMPOP', 0, 1, 'none', 'LEFT'",
		"'BZPOPMIN', 'none', 0", "'BZPOPMAX', 'none', 0", "'BZMPOP', 0, 1, 'none', 'MIN'", "'XREAD', 'BLOCK', 0, 'STREAMS', 'none', '$'", "'WAIT', 1, 0",
	} {
		reply := string(db.Do(t.Context(), []string{"EVAL", "return {redis.pcall(" + call + ")}", "0"}))
		require.True(t, strings.HasPrefix(reply, "*1\r\n"), "%s: %q", call, reply)
		line := strings.NewReplacer("'", "", ",", "").Replace(call)
		require.NotEmpty(t, run(t, db, line))
	}
}

func TestMissingCommands(t *testing.T) {
	db := newDB(t)
	for line, name := range map[string]string{"CLIENT PAUSE 1": "CLIENT PAUSE", "MULTI": "MULTI", "HELLO 3": "HELLO"} {
		require.Equal(t, "-ERR the embedded database does not have the command '"+name+"'\r\n", run(t, db, line))
	}
}

func TestKeysExpireToTheMillisecond(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		db := keyspace.New()
		defer db.Close()
		begun := time.Now()
		run(t, db, "SET k v PX 1500")
		require.Equal(t, ":1500\r\n", run(t, db, "PTTL k"))
		require.Equal(t, ":2\r\n", run(t, db, "TTL k"), "rounded")
		require.Equal(t, fmt.Sprintf(":%d\r\n", begun.UnixMilli()+1500), run(t, db, "PEXPIRETIME k"))
		time.Sleep(1001 * time.Millisecond)
		require.Equal(t, ":499\r\n", run(t, db, "PTTL k"))
		require.Equal(t, ":0\r\n", run(t, db, "TTL k"))
		time.Sleep(498 * time.Millisecond)
		require.Equal(t, "$1\r\nv\r\n", run(t, db, "GET k"))
		time.Sleep(time.Millisecond)
		require.Equal(t, "$1\r\nv\r\n", run(t, db, "GET k"), "it is there in its last millisecond")
		time.Sleep(time.Millisecond)
		require.Equal(t, "$-1\r\n", run(t, db, "GET k"))
		require.Equal(t, ":0\r\n", run(t, db, "DBSIZE"))

		// A time to live moves with the key. A new value removes it.
		run(t, db, "SET a 1 EX 10")
		run(t, db, "RENAME a b")
		run(t, db, "COPY b c")
		run(t, db, "INCR b")
		run(t, db, "SET c other KEEPTTL")
		run(t, db, "SET d 1 EX 10")
		run(t, db, "SET d 1")
		run(t, db, "SET e 1 EX 10")
		run(t, db, "DEL e")
		run(t, db, "RPUSH e x")
		run(t, db, "SET f 1 EX 10")
		run(t, db, "SADD s 1")
		run(t, db, "SUNIONSTORE f s")
		run(t, db, "SET g 1 EX 10")
		run(t, db, "MOVE g 1")
		run(t, db, "SET h 1 EX 10")
		run(t, db, "EXPIRE h 20")
		run(t, db, "SET i 1 EX 20")
		run(t, db, "EXPIRE i 10")
		run(t, db, "SET j 1 EX 10")
		run(t, db, "PERSIST j")
		time.Sleep(10*time.Second + time.Millisecond)
		require.Equal(t, ":6\r\n", run(t, db, "EXISTS d e f s h j"))
		require.Equal(t, ":6\r\n", run(t, db, "DBSIZE"))
		require.Equal(t, "*2\r\n+OK\r\n$-1\r\n", string(db.Do(t.Context(), []string{"EVAL", "return {redis.call('SELECT', 1), redis.call('GET', 'g')}", "0"})))
		run(t, db, "FLUSHALL")
		run(t, db, "SET h 1")
		time.Sleep(time.Minute)
		require.Equal(t, "$1\r\n1\r\n", run(t, db, "GET h"), "it is another key")

		run(t, db, "SET k v EX 3600")
		db.Advance(59 * time.Minute)
		require.Equal(t, ":60\r\n", run(t, db, "TTL k"))
		db.Advance(time.Minute)
		require.Equal(t, ":-2\r\n", run(t, db, "TTL k"))
		require.Contains(t, run(t, db, "TIME"), strconv.FormatInt(time.Now().Add(time.Hour).Unix(), 10))
		require.Contains(t, run(t, db, "XADD x * f v"), strconv.FormatInt(time.Now().Add(time.Hour).UnixMilli(), 10)+"-0")
	})
}

func TestSwappedDatabases(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		db := keyspace.New()
		defer db.Close()
		run(t, db, "SET k v EX 10")
		run(t, db, "HSET h b 1 a 2")
		run(t, db, "SWAPDB 0 1")
		require.Equal(t, ":0\r\n", run(t, db, "EXISTS k h"))
		time.Sleep(9 * time.Second)
		run(t, db, "SWAPDB 1 0")
		require.Equal(t, ":1\r\n", run(t, db, "TTL k"))
		require.Equal(t, "*2\r\n$1\r\nb\r\n$1\r\na\r\n", run(t, db, "HKEYS h"))
		run(t, db, "SWAPDB 0 1")
		time.Sleep(time.Second + time.Millisecond)
		run(t, db, "SWAPDB 0 1")
		require.Equal(t, ":1\r\n", run(t, db, "EXISTS k h"))
	})
}

// Time does not change while a script runs, so keys that it has seen stay.
func TestNoKeyExpiresInsideAScript(t *testing.T) {
	db := newDB(t)
	const script = "redis.call('SET', 'k', 'v', 'PX', 1) local t = redis.call('TIME') local n repeat n = redis.call('TIME') until (n[1] - t[1]) * 1000000 + n[2] - t[2] > 5000 return redis.call('GET', 'k')"
	require.Equal(t, "$1\r\nv\r\n", string(db.Do(t.Context(), []string{"EVAL", script, "0"})))
	require.Equal(t, "$-1\r\n", run(t, db, "GET k"))
}

func TestFieldsExpire(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		db := keyspace.New()
		defer db.Close()
		run(t, db, "HSET h a 1 b 2")
		run(t, db, "SET k v EX 30")
		time.Sleep(20 * time.Second)
		require.Equal(t, "*1\r\n:1\r\n", run(t, db, "HEXPIRE h 10 FIELDS 1 a"))
		time.Sleep(9 * time.Second)
		require.Equal(t, "*4\r\n$1\r\na\r\n$1\r\n1\r\n$1\r\nb\r\n$1\r\n2\r\n", run(t, db, "HGETALL h"))
		require.Equal(t, ":1\r\n", run(t, db, "TTL k"))
		time.Sleep(time.Second + time.Millisecond)
		require.Equal(t, "*2\r\n$1\r\nb\r\n$1\r\n2\r\n", run(t, db, "HGETALL h"))
		require.Equal(t, "$-1\r\n", run(t, db, "GET k"))
	})
}

// Keys expire on time although no command runs, and Advance expires them, too.
func TestKeysExpireWithoutCommands(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		db := keyspace.New()
		defer db.Close()
		wait := func() (reply chan string) {
			run(t, db, "XGROUP CREATE x g $ MKSTREAM")
			run(t, db, "EXPIRE x 10")
			reply = make(chan string, 1)
			go func() {
				reply <- string(db.Wait(t.Context(), split(t, "XREADGROUP GROUP g c BLOCK 0 STREAMS x >"), time.Hour, nil))
			}()
			synctest.Wait()
			require.Equal(t, 1, db.Waiting())
			return reply
		}
		for range 2 { // the alarm rings more than once
			reply := wait()
			run(t, db, "SET other v EX 5")
			run(t, db, "SET later v EX 100")
			time.Sleep(10 * time.Second)
			synctest.Wait()
			require.Empty(t, reply)
			time.Sleep(time.Millisecond)
			synctest.Wait()
			require.Contains(t, <-reply, "-UNBLOCKED ")
		}
		reply := wait()
		db.Advance(10 * time.Second)
		synctest.Wait()
		require.Len(t, reply, 1, "at once")
		require.Contains(t, <-reply, "-UNBLOCKED ")
		require.Zero(t, db.Waiting())
	})
}

func TestKeyspaceNotifications(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		db := keyspace.New()
		defer db.Close()
		events := db.PSubscribe("__key*")
		receive := func() string {
			m, err := events.Receive(t.Context())
			require.NoError(t, err)
			return m.Channel + " " + m.Payload
		}
		receive()
		run(t, db, "SET unseen v")
		require.Equal(t, "+OK\r\n", run(t, db, "CONFIG SET notify-keyspace-events KEA"))
		run(t, db, `EVAL "redis.call('SELECT', 3) redis.call('SET', 'k', 'v', 'PX', 1000)" 0`)
		require.Equal(t, "__keyspace@3__:k set", receive())
		require.Equal(t, "__keyevent@3__:set k", receive())
		require.Equal(t, "__keyspace@3__:k expire", receive())
		require.Equal(t, "__keyevent@3__:expire k", receive())
		begun := time.Now()
		require.Equal(t, "__keyspace@3__:k expired", receive(), "although no command runs")
		require.Equal(t, "__keyevent@3__:expired k", receive())
		require.Equal(t, 1001*time.Millisecond, time.Since(begun))
	})
}

// Who waits can go while a script runs, and takes nothing after that.
func TestWaitEndsDuringAScript(t *testing.T) {
	db := newDB(t)
	run(t, db, "CONFIG SET busy-reply-threshold 20")
	ctx, cancel := context.WithCancel(t.Context())
	reply := make(chan []byte, 1)
	go func() { reply <- db.Wait(ctx, []string{"BLPOP", "l", "0"}, time.Hour, nil) }()
	require.Eventually(t, func() bool { return db.Waiting() == 1 }, 10*time.Second, time.Millisecond)
	script := begin(t, t.Context(), db, forever)
	cancel()
	require.Nil(t, <-reply)
	require.Zero(t, db.Waiting())
	require.Equal(t, "+OK\r\n", run(t, db, "SCRIPT KILL"))
	<-script
	run(t, db, "RPUSH l a")
	require.Equal(t, ":1\r\n", run(t, db, "LLEN l"))
}

func TestManyKeysExpire(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		db := keyspace.New()
		defer db.Close()
		for i := range 10_000 {
			run(t, db, fmt.Sprintf("SET k%d v PX %d", i%2000, 1+i*7919%10_000))
		}
		left := 2000
		for range 100 {
			time.Sleep(100 * time.Millisecond)
			n, err := strconv.Atoi(strings.Trim(run(t, db, "DBSIZE"), ":\r\n"))
			require.NoError(t, err)
			require.LessOrEqual(t, n, left)
			left = n
		}
		require.Zero(t, left)
	})
}

func TestSubscriptions(t *testing.T) {
	db := newDB(t)
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	receive := func(s *keyspace.Subscription) keyspace.Message {
		m, err := s.Receive(ctx)
		require.NoError(t, err)
		return m
	}
	a, p := db.Subscribe("a"), db.PSubscribe("[ab]*")
	require.Equal(t, keyspace.Message{Kind: "subscribe", Channel: "a", Count: 1}, receive(a))
	require.Equal(t, keyspace.Message{Kind: "psubscribe", Channel: "[ab]*", Count: 1}, receive(p))
	require.Equal(t, ":2\r\n", run(t, db, "PUBLISH a one"))
	require.Equal(t, ":1\r\n", run(t, db, "PUBLISH b two"))
	require.Equal(t, ":0\r\n", run(t, db, "PUBLISH c three"))
	require.Equal(t, ":2\r\n", run(t, db, `EVAL "return redis.call('PUBLISH', 'a', 'four')" 0`))
	require.Equal(t, "*1\r\n$1\r\na\r\n", run(t, db, "PUBSUB CHANNELS"))
	require.Equal(t, "*0\r\n", run(t, db, "PUBSUB CHANNELS b*"))
	require.Equal(t, "*4\r\n$1\r\na\r\n:1\r\n$1\r\nb\r\n:0\r\n", run(t, db, "PUBSUB NUMSUB a b"))
	require.Equal(t, ":1\r\n", run(t, db, "PUBSUB NUMPAT"))
	require.Equal(t, keyspace.Message{Kind: "message", Channel: "a", Payload: "one"}, receive(a))
	require.Equal(t, keyspace.Message{Kind: "message", Channel: "a", Payload: "four"}, receive(a))
	for _, want := range []string{"a one", "b two", "a four"} {
		m := receive(p)
		require.Equal(t, want, m.Channel+" "+m.Payload)
		require.Equal(t, "[ab]*", m.Pattern)
	}
	require.NoError(t, a.Close())
	_, err := a.Receive(ctx)
	require.Error(t, err)
	require.Equal(t, ":1\r\n", run(t, db, "PUBLISH a five"))

	// A slow subscriber does not delay others. It is disconnected.
	slow := db.Subscribe("slow")
	for i := 0; run(t, db, "PUBLISH slow x") == ":1\r\n"; i++ {
		require.Less(t, i, 1_000_000)
	}
	for err = error(nil); err == nil; {
		_, err = slow.Receive(ctx)
	}
	require.NoError(t, ctx.Err())
	require.NoError(t, slow.Close())

	short, end := context.WithCancel(ctx)
	end()
	receive(p)
	_, err = p.Receive(short)
	require.ErrorIs(t, err, context.Canceled)
}

func TestMonitor(t *testing.T) {
	db := newDB(t)
	lines := db.Monitor()
	defer lines.Close()
	run(t, db, `SET k "\"\\\n\t\x00é"`)
	run(t, db, "CONFIG GET port") // CONFIG is not shown
	run(t, db, `EVAL "return redis.call('SELECT', 2), redis.call('GET', KEYS[1])" 1 k`)
	db.Transaction(t.Context(), [][]string{{"PING"}})
	for _, want := range []string{
		`^\d+\.\d{6} \[0 127\.0\.0\.1:0\] "SET" "k" "\\"\\\\\\n\\t\\x00\\xc3\\xa9"$`,
		`^\d+\.\d{6} \[0 127\.0\.0\.1:0\] "EVAL" ".*" "1" "k"$`,
		`^\d+\.\d{6} \[2 lua\] "SELECT" "2"$`,
		`^\d+\.\d{6} \[2 lua\] "GET" "k"$`,
		`^\d+\.\d{6} \[0 127\.0\.0\.1:0\] "PING"$`,
	} {
		line, err := lines.Receive(t.Context())
		require.NoError(t, err)
		require.Regexp(t, want, line)
	}
}

// The cost of a command does not depend on the number of keys, whether they
// expire or not.
func BenchmarkCommands(b *testing.B) {
	for _, keys := range []int{10, 100_000} {
		b.Run(strconv.Itoa(keys), func(b *testing.B) {
			db := newDB(b)
			for i := range keys {
				db.Do(b.Context(), []string{"SET", "k" + strconv.Itoa(i), "v", "EX", "10000"})
				db.Do(b.Context(), []string{"SET", "n" + strconv.Itoa(i), "0"})
			}
			for name, args := range map[string][]string{
				"GET": {"GET", "k5"}, "INCR": {"INCR", "n5"}, "SET EX": {"SET", "k5", "v", "EX", "10000"}, "EVAL": {"EVAL", "return redis.call('INCR', KEYS[1])", "1", "n5"},
			} {
				b.Run(name, func(b *testing.B) {
					for b.Loop() {
						db.Do(context.Background(), args)
					}
				})
			}
		})
	}
}
