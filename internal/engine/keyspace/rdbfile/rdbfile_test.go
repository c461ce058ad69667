package rdbfile_test

import (
	"bytes"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/redis-rest/redis-rest-go/internal/engine/keyspace/data"
	"github.com/redis-rest/redis-rest-go/internal/engine/keyspace/rdbfile"
	"github.com/redis-rest/redis-rest-go/internal/engine/keyspace/value"
	"github.com/redis-rest/redis-rest-go/internal/protocol/commandtable"
	"github.com/redis-rest/redis-rest-go/internal/protocol/resp"
	"github.com/redis-rest/redis-rest-go/internal/testkit/realredis"
)

// commands make keys of each type and encoding in three databases.
func commands() (lines [][]string) {
	add := func(line string, more ...string) { lines = append(lines, append(strings.Fields(line), more...)) }
	many := func(n int, word func(i int) []string) (words []string) {
		for i := range n {
			words = append(words, word(i)...)
		}
		return words
	}
	for i, text := range []string{
		"", "0", "-1", "127", "128", "-129", "32768", "-2147483648", "2147483648", "9223372036854775807", "01", "1.5", "text",
		"\x00\xff\r\n", strings.Repeat("compressible ", 1000), strings.Repeat("x", 70_000),
	} {
		add("SET", "string "+strconv.Itoa(i), text)
	}
	add("SET", "", "the empty key")
	add("SET", "binary \x00\xff", "1")
	add("SETBIT bits 100000 1")
	add("PFADD sparse a b c")
	add("PFADD dense", many(5000, func(i int) []string { return []string{fmt.Sprint("e", i)} })...)
	add("RPUSH list a 1 -5 300 70000 5000000000 \x00", strings.Repeat("y", 5000))
	add("RPUSH long", many(5000, func(i int) []string { return []string{fmt.Sprint("element ", i*i)} })...)
	add("RPUSH wide", strings.Repeat("z", 20_000), "small", strings.Repeat("w", 20_000))
	add("SADD ints16 1 -2 300")
	add("SADD ints32 1 -2 70000")
	add("SADD ints64 1 -2 5000000000")
	add("SADD set a b c 1")
	add("SADD large", many(3000, func(i int) []string { return []string{fmt.Sprint("m", i)} })...)
	add("HSET hash f v n 12 n2 -1 f2", strings.Repeat("v", 60))
	add("HSET long-hash f", strings.Repeat("v", 100))
	add("HSET large-hash", many(2000, func(i int) []string { return []string{fmt.Sprint("f", i), fmt.Sprint(i)} })...)
	add("ZADD zset 1 a 1.5 b -3 c inf d -inf e 1e300 f 0.1 g")
	add("ZADD large-zset", many(2000, func(i int) []string {
		return []string{strconv.FormatFloat(math.Sqrt(float64(i)), 'g', -1, 64), fmt.Sprint("m", i)}
	})...)
	for i := range 300 {
		add(fmt.Sprintf("XADD stream %d-%d a %d b x", 1000+i/3, i%3, i))
	}
	add("XADD stream 5000-1 other field more values")
	add("XDEL stream 1000-1 1050-0 1099-2")
	add("XTRIM stream MINID 1010")
	add("XGROUP CREATE stream g 0")
	add("XGROUP CREATE stream h $ ENTRIESREAD 5")
	add("XREADGROUP GROUP g alice COUNT 10 STREAMS stream >")
	add("XREADGROUP GROUP g bob COUNT 5 STREAMS stream >")
	add("XACK stream g 1010-0 1011-1")
	add("XDEL stream 1012-0")
	add("XGROUP CREATECONSUMER stream g idle")
	add("XGROUP CREATE empty-stream g $ MKSTREAM")
	add("SET expires v PX 100000000")
	add("SET expires-late v PXAT 9000000000000")
	add("SET short v PX 1")
	add("SELECT 1")
	add("SET k 1")
	add("HSET hash f v")
	add("PEXPIRE hash 5000000")
	add("SELECT 15")
	add("RPUSH list 1 2 3")
	return lines
}

// A server is data here, with a session.
type server struct {
	*data.Server
	session data.Session
}

func newServer() *server { return &server{Server: data.New(time.Now)} }

func (s *server) Do(args ...string) []byte {
	s.session.RESP3 = true
	command, _ := commandtable.Check(args)
	s.Begin()
	reply, _ := s.Run(&s.session, command, args, nil)
	return reply
}

// state has what a server tells of all keys.
func state(do func(args ...string) []byte) map[string]string {
	all := map[string]string{}
	for db := range data.Databases {
		do("SELECT", strconv.Itoa(db))
		keys := resp.NewCursor(do("KEYS", "*"))
		var names []string
		for range keys.Next().N {
			names = append(names, string(keys.Next().Text))
		}
		for _, name := range names {
			kind := string(do("TYPE", name))
			text := kind
			for _, words := range [][]string{{"DEBUG", "DIGEST-VALUE", name}, {"OBJECT", "ENCODING", name}, {"PEXPIRETIME", name}} {
				text += string(do(words...))
			}
			text = strings.Replace(text, "$3\r\nraw", "$6\r\nembstr", 1) // a short string that was changed, until it is read from a file
			if kind == "+stream\r\n" {
				text += noRadixTree(string(do("XINFO", "STREAM", name, "FULL", "COUNT", "0")))
			}
			all[fmt.Sprintf("%d %q", db, name)] = text
		}
	}
	return all
}

// noRadixTree leaves out how Redis holds the nodes in memory.
func noRadixTree(info string) string {
	_, after, _ := strings.Cut(info, "last-generated-id")
	return after
}

// What redis-server saves is read, and what is written is what redis-server reads.
func TestAsRedis(t *testing.T) {
	real := realredis.Start(t, "--enable-debug-command", "yes")
	real.Do("HELLO", "3")
	dir := strings.Split(string(real.Do("CONFIG", "GET", "dir")), "\r\n")[4]
	const library = "#!lua name=lib\nredis.register_function('f', function(keys, args) return args[1] end)"
	require.NotContains(t, string(real.Do("FUNCTION", "LOAD", library)), "-ERR")
	for _, args := range commands() {
		reply := real.Do(args...)
		require.NotEqual(t, byte('-'), reply[0], "%.100q: %s", args, reply)
	}
	time.Sleep(3 * time.Millisecond) // a key expires
	require.Equal(t, "+OK\r\n", string(real.Do("SAVE")))
	file, err := os.ReadFile(filepath.Join(dir, "dump.rdb"))
	require.NoError(t, err)

	content, err := rdbfile.Read(string(file), value.DefaultLimits())
	require.NoError(t, err)
	require.Equal(t, []string{library}, content.Functions)
	s := newServer()
	s.Begin()
	for _, key := range content.Keys {
		s.Load(key)
	}
	want := state(real.Do)
	require.Greater(t, len(want), 40)
	require.Equal(t, want, state(s.Do))

	var out bytes.Buffer
	require.NoError(t, rdbfile.Write(&out, content.Functions, s.All()))
	again := t.TempDir()
	require.NoError(t, os.WriteFile(filepath.Join(again, "dump.rdb"), out.Bytes(), 0o600))
	other := realredis.Start(t, "--enable-debug-command", "yes", "--dir", again)
	other.Do("HELLO", "3")
	require.Equal(t, want, state(other.Do))
	require.Contains(t, string(other.Do("FUNCTION", "LIST", "WITHCODE")), library)
}

// What is made here is what redis-server reads.
func TestWrittenHere(t *testing.T) {
	s := newServer()
	for _, args := range commands() {
		reply := s.Do(args...)
		require.NotEqual(t, byte('-'), reply[0], "%.100q: %s", args, reply)
	}
	dir := t.TempDir()
	file, err := os.Create(filepath.Join(dir, "dump.rdb"))
	require.NoError(t, err)
	require.NoError(t, rdbfile.Write(file, nil, s.All()))
	require.NoError(t, file.Close())
	real := realredis.Start(t, "--enable-debug-command", "yes", "--dir", dir)
	real.Do("HELLO", "3")
	s.Begin()
	require.Equal(t, state(s.Do), state(real.Do))
}

// sample is a file with a key of each kind.
func sample() string {
	s := newServer()
	for _, line := range []string{
		"SET a 1", "SET b " + strings.Repeat("x", 100), "RPUSH l a b", "HSET h f v", "SADD s a", "SADD i 1 2", "ZADD z 1 a", "XADD x 1-1 f v", "SET e 1 PX 100000", "SELECT 3", "SET other 1",
	} {
		s.Do(strings.Fields(line)...)
	}
	var out bytes.Buffer
	if err := rdbfile.Write(&out, []string{"#!lua name=lib"}, s.All()); err != nil {
		panic(err)
	}
	return out.String()
}

// A file that is cut off or changed anywhere is refused.
func TestDamage(t *testing.T) {
	file := sample()
	content, err := rdbfile.Read(file, value.DefaultLimits())
	require.NoError(t, err)
	require.Len(t, content.Keys, 10)
	for n := range file {
		_, err := rdbfile.Read(file[:n], value.DefaultLimits())
		require.Error(t, err, "%d bytes", n)
		changed := []byte(file)
		changed[n] ^= 4
		if n >= len(file)-8 {
			changed[n] |= 1 // no checksum is 0
		}
		_, err = rdbfile.Read(string(changed), value.DefaultLimits())
		require.Error(t, err, "byte %d", n)
	}
}

// What is not read is refused in words that say what it is.
func TestRefused(t *testing.T) {
	for file, want := range map[string]string{
		"":                                      "no RDB file",
		"redis-rest data 1\n":                   "no RDB file",
		"REDIS0xyz":                             "no RDB file",
		"REDIS0012":                             "version 12",
		"REDIS0010\xfe\x10":                     "database 16",
		"REDIS0010\x07\x01k":                    `the key "k" is of a module of Redis`,
		"REDIS0010\xf7\x01":                     "data of a module",
		"REDIS0010\xf6":                         "before Redis 7.0 was finished",
		"REDIS0010\x00\x01k\x05v":               `the value of the key "k", of type 0, cannot be read, at byte`,
		"REDIS0010\x63\x01k\x01v":               "of type 99",
		"REDIS0010\x00\x01k\x01v\x00\x01k\x01v": "there twice",
		"REDIS0010\x00\x01k\x01v":               "damaged or has been cut off",
	} {
		_, err := rdbfile.Read(file, value.DefaultLimits())
		require.ErrorContains(t, err, want, "%q", file)
	}
}

// The first versions had no checksum, and seconds instead of milliseconds; a checksum of 0 is none. Idle times and frequencies are skipped.
func TestOldFiles(t *testing.T) {
	const body = "\xfb\x01\x01\xfd\x00\x00\x00\x70\xf8\x05\xf9\x07\x00\x01k\x01v\x02\x01s\x00\xff"
	for _, file := range []string{"REDIS0001" + body, "REDIS0009" + body + strings.Repeat("\x00", 8)} {
		content, err := rdbfile.Read(file, value.DefaultLimits())
		require.NoError(t, err)
		require.Len(t, content.Keys, 1, "the empty set is left out")
		require.Equal(t, data.Key{Name: "k", Value: value.NewString("v"), At: 0x70000000 * 1000}, content.Keys[0])
	}
}

// firstVersion has a database number, a string, a list, a set and a sorted set, and no checksum, as Redis 1.2 wrote them.
const firstVersion = "REDIS0001\xfe\x00\x00\x01s\x05value\x01\x01l\x02\x01a\x01b\x02\x01u\x02\x011\x012\x03\x01z\x02\x01m\x011\x01n\x042.25\xff"

// What is read can be written, and read again as the same keys.
func FuzzRead(f *testing.F) {
	f.Add(sample())
	f.Add(firstVersion)
	f.Fuzz(func(t *testing.T, file string) {
		content, err := rdbfile.Read(file, value.DefaultLimits())
		if err != nil {
			return
		}
		var out bytes.Buffer
		require.NoError(t, rdbfile.Write(&out, content.Functions, slices.Values(content.Keys)))
		again, err := rdbfile.Read(out.String(), value.DefaultLimits())
		require.NoError(t, err)
		require.Len(t, again.Keys, len(content.Keys))
	})
}

// Files of other versions are read as redis-server reads them: one of the first version, and those
// that RDB_FILES names, such as those in tests/assets of Redis.
func TestOtherFiles(t *testing.T) {
	first := filepath.Join(t.TempDir(), "first.rdb")
	require.NoError(t, os.WriteFile(first, []byte(firstVersion), 0o600))
	files, err := filepath.Glob(os.Getenv("RDB_FILES"))
	require.NoError(t, err)
	files = append(files, first)
	for _, path := range files {
		t.Run(filepath.Base(path), func(t *testing.T) {
			file, err := os.ReadFile(path)
			require.NoError(t, err)
			dir := t.TempDir()
			require.NoError(t, os.WriteFile(filepath.Join(dir, "dump.rdb"), file, 0o600))
			real := realredis.Start(t, "--enable-debug-command", "yes", "--dir", dir)
			real.Do("HELLO", "3")
			content, err := rdbfile.Read(string(file), value.DefaultLimits())
			require.NoError(t, err)
			s := newServer()
			for _, key := range content.Keys {
				s.Load(key)
			}
			require.Equal(t, state(real.Do), state(s.Do))
		})
	}
}
