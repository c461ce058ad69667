package keyspace_test

import (
	"bufio"
	"context"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/redis-rest/redis-rest-go/internal/engine/keyspace"
	"github.com/redis-rest/redis-rest-go/internal/engine/persistence"
)

func openDB(t testing.TB, c persistence.Config) (*keyspace.DB, persistence.Report) {
	t.Helper()
	db, report, err := keyspace.Open(c)
	require.NoError(t, err)
	t.Cleanup(func() { db.Close() })
	return db, report
}

// reads are lines whose replies tell all of what the test wrote.
func reads(t testing.TB, db *keyspace.DB, lines ...string) (replies []string) {
	t.Helper()
	for _, line := range lines {
		reply := run(t, db, line)
		require.NotEqual(t, byte('-'), reply[0], "%s: %s", line, reply)
		replies = append(replies, line+" "+reply)
	}
	return replies
}

// A database that is opened again has what it had, after a compaction too.
func TestFileKeepsAll(t *testing.T) {
	c := persistence.Config{Path: filepath.Join(t.TempDir(), "data"), Sync: persistence.Always}
	db, _ := openDB(t, c)
	for _, line := range []string{
		"SET a 1", "INCRBYFLOAT a 1.25", "SET gone 1 PX 1", "SET later 1 EX 1000", "EXPIRE a 5000",
		"RPUSH l a b c d", "LPOP l", "SADD s 1 2 3 4 5 6 7 8", "SPOP s 3", "ZADD z 1 a 2 b", "ZINCRBY z 5 a",
		"XADD x * f v", "XADD x * g w", "XGROUP CREATE x g 0", "XREADGROUP GROUP g c COUNT 1 STREAMS x >", "XGROUP CREATECONSUMER x g d",
		"HSET h a 1 b 2", "HEXPIRE h 1000 FIELDS 1 a", "PFADD p a b c", "SETBIT b 100 1", "GEOADD geo 13.4 52.5 Berlin",
		`EVAL "redis.call('SELECT', 3) redis.call('SET', KEYS[1], 'db3') return redis.call('SADD', 's3', redis.call('TIME')[1])" 1 k`,
		"SWAPDB 3 4", "COPY a copied DB 5",
		`FUNCTION LOAD "#!lua name=lib\nredis.register_function('f', function(keys) return redis.call('INCR', keys[1]) end)"`,
		"function load \"#!lua name=lower\\nredis.register_function('low', function(keys) return 1 end)\"",
		"FCALL f 1 counter", `SCRIPT LOAD "return 1"`,
	} {
		require.NotEqual(t, byte('-'), run(t, db, line)[0], line)
	}
	replies, refusal, _ := db.Transaction(t.Context(), [][]string{{"SELECT", "6"}, {"SET", "t", "1"}, {"INCR", "t"}})
	require.Nil(t, refusal)
	require.Len(t, replies, 3)
	require.Eventually(t, func() bool { return run(t, db, "EXISTS gone") == ":0\r\n" }, time.Minute, time.Millisecond)
	questions := []string{
		"GET a", "EXPIRETIME a", "EXPIRETIME later", "EXISTS gone", "LRANGE l 0 -1", "SORT s", "ZRANGE z 0 -1 WITHSCORES", "XRANGE x - +",
		"XINFO GROUPS x", "XPENDING x g", "HGETALL h", "HEXPIRETIME h FIELDS 2 a b", "PFCOUNT p", "GETBIT b 100", "GEOPOS geo Berlin",
		"FUNCTION LIST WITHCODE", "GET counter", "DBSIZE", `EVAL "redis.call('SELECT', 4) return {redis.call('GET', 'k'), redis.call('SMEMBERS', 's3')}" 0`,
		`EVAL "redis.call('SELECT', 5) return redis.call('GET', 'copied')" 0`, `EVAL "redis.call('SELECT', 6) return redis.call('GET', 't')" 0`,
	}
	want := reads(t, db, questions...)
	require.NoError(t, db.Close())
	for round := range 3 {
		var report persistence.Report
		db, report = openDB(t, c)
		require.NotZero(t, report.Records)
		require.Equal(t, want, reads(t, db, questions...))
		require.Contains(t, run(t, db, "EVALSHA e0e1f9fabfc9d4800c877a703b823ac0578ff8db 0"), "NOSCRIPT", "as in Redis 7, scripts are not kept")
		if round == 0 {
			before, err := os.Stat(c.Path)
			require.NoError(t, err)
			require.Equal(t, "+Background append only file rewriting started\r\n", run(t, db, "BGREWRITEAOF"))
			require.Eventually(t, func() bool {
				after, err := os.Stat(c.Path)
				return err == nil && !os.SameFile(before, after)
			}, time.Minute, time.Millisecond)
			require.Equal(t, want, reads(t, db, questions...))
		}
		require.Equal(t, "+OK\r\n", run(t, db, "SAVE"))
		require.NoError(t, db.Close())
	}
}

// A script and a transaction are one record each, so a crash cannot divide them; what reads has none.
func TestRecordsAreAtomic(t *testing.T) {
	c := persistence.Config{Path: filepath.Join(t.TempDir(), "data")}
	db, _ := openDB(t, c)
	run(t, db, `EVAL "for i = 1, 100 do redis.call('SET', 'k' .. i, i) end" 0`)
	_, refusal, _ := db.Transaction(t.Context(), [][]string{{"SET", "a", "1"}, {"SET", "b", "1"}, {"GET", "a"}})
	require.Nil(t, refusal)
	db.Pipeline(t.Context(), [][]string{{"SET", "c", "1"}, {"SET", "d", "1"}})
	for _, line := range []string{"GET a", "DEL none", "SADD a x", `EVAL "return 1" 0`, "SET a", "PING"} {
		run(t, db, line)
	}
	require.NoError(t, db.Close())
	db, report := openDB(t, c)
	require.Equal(t, 3, report.Records)
	require.Equal(t, ":104\r\n", run(t, db, "DBSIZE"))
}

// What a client took that had waited does not come back.
func TestWaitedPopIsKept(t *testing.T) {
	c := persistence.Config{Path: filepath.Join(t.TempDir(), "data"), Sync: persistence.Always}
	db, _ := openDB(t, c)
	popped := make(chan string, 1)
	go func() {
		popped <- string(db.Wait(t.Context(), []string{"BLPOP", "empty", "l", "0"}, time.Minute, nil))
	}()
	require.Eventually(t, func() bool { return db.Waiting() == 1 }, time.Minute, time.Millisecond)
	_, refusal, _ := db.Transaction(t.Context(), [][]string{{"RPUSH", "l", "a", "b"}, {"RPUSH", "empty", "c"}})
	require.Nil(t, refusal)
	require.Equal(t, "*2\r\n$1\r\nl\r\n$1\r\na\r\n", <-popped)
	require.NoError(t, db.Close())
	db, _ = openDB(t, c)
	require.Equal(t, "*1\r\n$1\r\nb\r\n", run(t, db, "LRANGE l 0 -1"))
	require.Equal(t, "*1\r\n$1\r\nc\r\n", run(t, db, "LRANGE empty 0 -1"))
}

// A change is repeated as it was made, whether or not the database is like the hosted service then.
func TestHostedChangesAreKept(t *testing.T) {
	c := persistence.Config{Path: filepath.Join(t.TempDir(), "data")}
	db, _ := openDB(t, c)
	db.LikeHosted()
	for _, line := range []string{"XADD x 1-1 f v", "XGROUP CREATE x g 0", "XREADGROUP GROUP g c NOACK STREAMS x >"} {
		require.NotEqual(t, byte('-'), run(t, db, line)[0], line)
	}
	require.Equal(t, "*0\r\n", run(t, db, "XINFO CONSUMERS x g"))
	require.NoError(t, db.Close())
	db, _ = openDB(t, c)
	require.Equal(t, "*0\r\n", run(t, db, "XINFO CONSUMERS x g"))
	run(t, db, "XADD x 2-1 f v")
	run(t, db, "XREADGROUP GROUP g c NOACK STREAMS x >")
	require.NotEqual(t, "*0\r\n", run(t, db, "XINFO CONSUMERS x g"))
}

// A fullDisk is a file that cannot be written while it is full.
type fullDisk struct {
	persistence.File
	full *atomic.Bool
}

func (d fullDisk) Write(b []byte) (int, error) {
	if d.full.Load() {
		n, _ := d.File.Write(b[:len(b)/2])
		return n, &fs.PathError{Op: "write", Path: "/secret/data", Err: syscall.ENOSPC}
	}
	return d.File.Write(b)
}

// While the disk is full, what writes is refused, what reads is not, and nothing that was acknowledged is lost.
func TestFullDisk(t *testing.T) {
	t.Parallel()
	full := new(atomic.Bool)
	wrap := func(f persistence.File) persistence.File { return fullDisk{f, full} }
	c := persistence.Config{Path: filepath.Join(t.TempDir(), "data"), Wrap: wrap}
	db, _ := openDB(t, c)
	require.Equal(t, "+OK\r\n", run(t, db, "SET a 1"))
	full.Store(true)
	const failed = "-ERR the command ran, but the data file could not be written: no space left on device\r\n"
	require.Equal(t, failed, run(t, db, "SET b 1"))
	const refused = "-MISCONF Errors writing to the AOF file: no space left on device\r\n"
	require.Equal(t, refused, run(t, db, "SET c 1"))
	require.Equal(t, refused, run(t, db, `FUNCTION LOAD "#!lua name=lib"`))
	require.Contains(t, run(t, db, `EVAL "return redis.call('SET', 'c', 1)" 0`), "MISCONF")
	require.Equal(t, "*1\r\n$1\r\n1\r\n", run(t, db, `EVAL "return {redis.call('GET', 'a')}" 0`))
	require.Equal(t, "$1\r\n1\r\n", run(t, db, "GET a"))
	replies := db.Pipeline(t.Context(), [][]string{{"GET", "a"}, {"SET", "c", "1"}, {"GET", "c"}})
	require.Equal(t, []string{"$1\r\n1\r\n", refused, "$-1\r\n"}, []string{string(replies[0]), string(replies[1]), string(replies[2])})
	_, refusal, at := db.Transaction(t.Context(), [][]string{{"GET", "a"}, {"SET", "c", "1"}})
	require.Equal(t, refused, string(refusal))
	require.Equal(t, 1, at)
	require.Equal(t, refused, string(db.Wait(t.Context(), []string{"BLPOP", "l", "0"}, time.Minute, nil)))

	full.Store(false)
	require.Eventually(t, func() bool { return run(t, db, "SET c 1") == "+OK\r\n" }, time.Minute, 10*time.Millisecond)
	require.NoError(t, db.Close())
	db, _ = openDB(t, c)
	require.Equal(t, "*3\r\n$1\r\n1\r\n$1\r\n1\r\n$1\r\n1\r\n", run(t, db, "MGET a b c"))
}

// When the disk becomes full, of a pipeline or a transaction only what wrote fails.
func TestFullDiskInOneTurn(t *testing.T) {
	for _, transaction := range []bool{false, true} {
		full := new(atomic.Bool)
		wrap := func(f persistence.File) persistence.File { return fullDisk{f, full} }
		db, _ := openDB(t, persistence.Config{Path: filepath.Join(t.TempDir(), "data"), Wrap: wrap})
		full.Store(true)
		words := [][]string{{"GET", "a"}, {"SET", "a", "1"}, {"GET", "a"}, {"SADD", "a", "1"}, {"DEL", "a"}}
		replies := db.Pipeline
		if transaction {
			replies = func(ctx context.Context, words [][]string) [][]byte {
				replies, _, _ := db.Transaction(ctx, words)
				return replies
			}
		}
		var kinds string
		for _, reply := range replies(t.Context(), words) {
			kinds += fmt.Sprintf("%.9s|", strings.ReplaceAll(string(reply), "\r\n", " "))
		}
		require.Equal(t, "$-1 |-ERR the |$1 1 |-WRONGTYP|-ERR the |", kinds)
	}
}

// Compaction while clients write keeps all that was acknowledged.
func TestCompactionUnderLoad(t *testing.T) {
	t.Parallel()
	c := persistence.Config{Path: filepath.Join(t.TempDir(), "data"), Compact: 50_000}
	db, _ := openDB(t, c)
	require.Equal(t, ":2\r\n", run(t, db, "HSET h a 1 b 2"))
	run(t, db, "HEXPIRE h 1000 FIELDS 1 b")
	before, err := os.Stat(c.Path)
	require.NoError(t, err)
	var compacted atomic.Bool
	var writers sync.WaitGroup
	counts := make([]int, 8)
	for w := range counts {
		writers.Go(func() {
			for n := 0; n < 300 || !compacted.Load(); n++ {
				for _, words := range [][]string{{"INCR", fmt.Sprint("n", w)}, {"RPUSH", fmt.Sprint("l", w), fmt.Sprint(n)}, {"RENAME", fmt.Sprint("l", w), fmt.Sprint("l", w)}} {
					db.Do(t.Context(), words)
				}
				counts[w] = n + 1
			}
		})
	}
	require.Eventually(t, func() bool {
		after, err := os.Stat(c.Path)
		return err == nil && !os.SameFile(before, after)
	}, time.Minute, time.Millisecond)
	compacted.Store(true)
	writers.Wait()
	require.NoError(t, db.Close())
	c.Compact = 0
	db, _ = openDB(t, c)
	for w, n := range counts {
		require.Equal(t, fmt.Sprintf("$%d\r\n%d\r\n", len(fmt.Sprint(n)), n), run(t, db, fmt.Sprint("GET n", w)))
		require.Equal(t, fmt.Sprintf(":%d\r\n", n), run(t, db, fmt.Sprint("LLEN l", w)))
		require.Equal(t, fmt.Sprintf("$%d\r\n%d\r\n", len(fmt.Sprint(n-1)), n-1), run(t, db, fmt.Sprint("LINDEX l", w, " -1")))
	}
	require.Regexp(t, `^\*2\r\n:-1\r\n:\d+\r\n$`, run(t, db, "HTTL h FIELDS 2 a b"))
}

// childFile names the file of a process that the test kills.
const childFile = "KEYSPACE_CHILD_FILE"

// killedChild is that process: it writes, and prints what was acknowledged.
func killedChild(t *testing.T, path string) {
	db, _ := openDB(t, persistence.Config{Path: path, Sync: persistence.Always, Compact: 10_000})
	var mu sync.Mutex
	var clients sync.WaitGroup
	for client := range 8 {
		clients.Go(func() {
			for i := 0; ; i++ {
				words := []string{"RPUSH", fmt.Sprint("l", client), fmt.Sprint(i)}
				if i%3 == 0 {
					words = []string{"EVAL", "redis.call('RPUSH', KEYS[1], ARGV[1]) redis.call('INCR', KEYS[2])", "2", words[1], "scripts", words[2]}
				}
				db.Do(context.Background(), words)
				mu.Lock()
				fmt.Printf("ack %d %d\n", client, i)
				mu.Unlock()
			}
		})
	}
	clients.Wait()
}

// After kill -9 all that was acknowledged is there, and nothing is half there. The process is often killed
// while it compacts.
func TestKill(t *testing.T) {
	if path := os.Getenv(childFile); path != "" {
		killedChild(t, path)
	}
	t.Parallel()
	path := filepath.Join(t.TempDir(), "data")
	for round := range 3 {
		os.Remove(path)
		cmd := exec.Command(os.Args[0], "-test.run=^TestKill$", "-test.v")
		cmd.Env = append(os.Environ(), childFile+"="+path)
		out, err := cmd.StdoutPipe()
		require.NoError(t, err)
		require.NoError(t, cmd.Start())
		acknowledged, count := map[int]int{}, 0
		lines := bufio.NewScanner(out)
		for lines.Scan() {
			var client, i int
			if n, _ := fmt.Sscanf(lines.Text(), "ack %d %d", &client, &i); n < 2 {
				continue
			}
			acknowledged[client] = i
			if count++; count == 300+97*round {
				require.NoError(t, cmd.Process.Kill())
			}
		}
		cmd.Wait()
		require.Len(t, acknowledged, 8)
		db, _ := openDB(t, persistence.Config{Path: path})
		scripts := 0
		for client, last := range acknowledged {
			key := fmt.Sprint("l", client)
			var n int
			fmt.Sscanf(run(t, db, "LLEN "+key), ":%d", &n)
			require.Greater(t, n, last, "client %d", client)
			require.Equal(t, fmt.Sprintf("$%d\r\n%d\r\n", len(fmt.Sprint(n-1)), n-1), run(t, db, fmt.Sprint("LINDEX ", key, " -1")))
			scripts += (n + 2) / 3
		}
		require.Equal(t, fmt.Sprintf("$%d\r\n%d\r\n", len(fmt.Sprint(scripts)), scripts), run(t, db, "GET scripts"), "a script is half there")
		require.NoError(t, db.Close())
	}
}
