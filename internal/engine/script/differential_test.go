package script_test

import (
	"bytes"
	"cmp"
	"context"
	"flag"
	"fmt"
	"maps"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/redis-rest/redis-rest-go/internal/engine/keyspace"
	"github.com/redis-rest/redis-rest-go/internal/testkit/realredis"
)

var update = flag.Bool("update", false, "write testdata/differences.txt anew, keeping its words")

// A database answers a command with the raw reply of RESP2.
type database interface {
	Do(ctx context.Context, args []string) []byte
}

// A redisServer is a redis-server of the test's own.
type redisServer struct{ *realredis.Server }

func (s redisServer) Do(_ context.Context, args []string) []byte { return s.Server.Do(args...) }

func startRedisServer(t testing.TB) redisServer {
	t.Helper()
	return redisServer{realredis.Start(t)}
}

// flatten returns the strings, numbers and errors in a reply, whatever arrays they
// are in. A null is no string.
func flatten(reply []byte) []string {
	var all []string
	for len(reply) > 0 {
		line, rest, _ := bytes.Cut(reply, []byte("\r\n"))
		reply = rest
		switch line[0] {
		case '$':
			if n, err := strconv.Atoi(string(line[1:])); err == nil && n >= 0 {
				all = append(all, string(rest[:n]))
				reply = rest[n+2:]
			}
		case '*':
		default:
			all = append(all, string(line[1:]))
		}
	}
	return all
}

// outcome is what a case has done to a database.
type outcome struct {
	replies [][]byte
	keys    map[string]key
	took    time.Duration
}

type key struct {
	kind  string
	value []string
	ttl   int // in milliseconds, negative where the key stays
}

func (c testCase) run(ctx context.Context, db database) outcome {
	ctx, cancel := context.WithTimeout(ctx, 20*time.Second)
	defer cancel()
	for _, flush := range [][]string{{"FLUSHALL"}, {"SCRIPT", "FLUSH"}, {"FUNCTION", "FLUSH"}} {
		db.Do(ctx, flush)
	}
	start := time.Now()
	var o outcome
	var reply []byte
	for _, s := range c.steps {
		reply = slices.Clone(db.Do(ctx, s.with(reply)))
		o.replies = append(o.replies, reply)
	}
	o.keys = map[string]key{}
	for _, name := range flatten(db.Do(ctx, []string{"KEYS", "*"})) {
		o.keys[name] = readKey(ctx, db, name)
	}
	o.took = time.Since(start)
	return o
}

func readKey(ctx context.Context, db database, name string) key {
	do := func(args ...string) []string { return flatten(db.Do(ctx, args)) }
	k := key{kind: strings.Join(do("TYPE", name), "")}
	if ttl, err := strconv.Atoi(strings.Join(do("PTTL", name), "")); err == nil {
		k.ttl = ttl
	}
	switch k.kind {
	case "string":
		k.value = do("GET", name)
	case "list":
		k.value = do("LRANGE", name, "0", "-1")
	case "set":
		k.value = do("SMEMBERS", name)
		slices.Sort(k.value)
	case "hash":
		for pair := range slices.Chunk(do("HGETALL", name), 2) {
			k.value = append(k.value, fmt.Sprintf("%q", pair))
		}
		slices.Sort(k.value)
	case "zset":
		k.value = do("ZRANGE", name, "0", "-1", "WITHSCORES")
	case "stream":
		k.value = do("XRANGE", name, "-", "+")
	}
	return k
}

// A difference is where a case went another way than on redis-server.
type difference struct {
	class string // in a few words
	where string // in all detail, for the log
}

// compare returns how the outcome of a case differs from that on redis-server, and
// nil where it does not.
func (c testCase) compare(redis, ours outcome) *difference {
	for i, s := range c.steps {
		want, got := redis.replies[i], ours.replies[i]
		if s.compared && !bytes.Equal(want, got) {
			from := commonPrefix(want, got)
			return &difference{replyClass(want, got), fmt.Sprintf("%q\n  redis-server %.300q\n  the engine   %.300q", s.args, want[from:], got[from:])}
		}
	}
	// A TTL was read at some time after it was set.
	slack := int((redis.took + ours.took).Milliseconds()) + 1
	for name := range union(redis.keys, ours.keys) {
		want, got := redis.keys[name], ours.keys[name]
		where := fmt.Sprintf("%q\n  key %q\n  redis-server %v\n  the engine   %v", c.steps[len(c.steps)-1].args, name, want, got)
		if want.kind != got.kind || !slices.Equal(want.value, got.value) {
			return &difference{"state", where}
		}
		if min(want.ttl, got.ttl) < 0 && want.ttl != got.ttl || max(want.ttl-got.ttl, got.ttl-want.ttl) > slack {
			return &difference{"TTL", where}
		}
	}
	return nil
}

// commonPrefix returns how much of two replies need not be shown, because it is the
// same up to some words before they differ.
func commonPrefix(a, b []byte) int {
	n := 0
	for n < min(len(a), len(b)) && a[n] == b[n] {
		n++
	}
	return max(0, n-80)
}

func replyClass(want, got []byte) string {
	wantError, gotError := bytes.HasPrefix(want, []byte("-")), bytes.HasPrefix(got, []byte("-"))
	a, b := flatten(want), flatten(got)
	slices.Sort(a)
	slices.Sort(b)
	switch {
	case wantError && gotError:
		return "error text"
	case wantError:
		return "no error"
	case gotError:
		return "not there"
	case len(want) == len(got) && slices.Equal(a, b):
		return "order"
	}
	return "value"
}

func union[V any](a, b map[string]V) map[string]bool {
	names := map[string]bool{}
	for name := range a {
		names[name] = true
	}
	for name := range b {
		names[name] = true
	}
	return names
}

const differencesFile = "testdata/differences.txt"

// readDifferences reads the list of the cases that are known to differ: the name
// of the case, the class of the difference, and why in words.
func readDifferences(t testing.TB) (classes, words map[string]string) {
	t.Helper()
	text, err := os.ReadFile(differencesFile)
	require.NoError(t, err)
	classes, words = map[string]string{}, map[string]string{}
	for line := range strings.Lines(string(text)) {
		fields := strings.Split(strings.TrimSuffix(line, "\n"), " | ")
		require.Len(t, fields, 3, line)
		classes[fields[0]], words[fields[0]] = fields[1], fields[2]
	}
	return classes, words
}

func writeDifferences(t testing.TB, classes, words map[string]string) {
	t.Helper()
	var lines []string
	for name, class := range classes {
		lines = append(lines, name+" | "+class+" | "+words[name]+"\n")
	}
	slices.Sort(lines)
	require.NoError(t, os.WriteFile(differencesFile, []byte(strings.Join(lines, "")), 0o644))
}

// TestLikeRedis runs the corpus on redis-server and on the engine. Replies have to
// be the same byte for byte, and so has what is in the keys after them, except
// where testdata/differences.txt says so and why.
func TestLikeRedis(t *testing.T) {
	redis, ours := startRedisServer(t), keyspace.New()
	t.Cleanup(ours.Close)
	cases := allCases(t)
	differ := map[string]string{}
	listed, words := readDifferences(t)
	for _, c := range cases {
		d := c.compare(c.run(t.Context(), redis), c.run(t.Context(), ours))
		if d == nil {
			continue
		}
		differ[c.name] = d.class
		if listed[c.name] != d.class {
			t.Logf("%s: %s: %s", c.name, d.class, d.where)
		}
	}
	same := float64(len(cases)-len(differ)) / float64(len(cases))
	t.Logf("%d cases, %d differ, %.2f %% are the same as on redis-server", len(cases), len(differ), 100*same)
	if *update {
		writeDifferences(t, differ, words)
		listed, words = readDifferences(t)
	}
	assert.Equal(t, listed, differ, "what differs is not what %s lists", differencesFile)
	for name, why := range words {
		assert.NotEmpty(t, why, "%s does not say why %s differs", differencesFile, name)
	}
	assert.GreaterOrEqual(t, same, 0.95)
}

func TestCompare(t *testing.T) {
	c := testCase{"c", []step{{[]string{"EVAL"}, true}, {[]string{"GET"}, false}}}
	like := func(change func(*outcome)) outcome {
		o := outcome{
			replies: [][]byte{[]byte("*2\r\n$1\r\na\r\n:1\r\n"), []byte("$1\r\nv\r\n")},
			keys:    map[string]key{"k": {"list", []string{"a", "b"}, 5000}, "s": {"string", []string{"v"}, -1}},
			took:    2 * time.Millisecond,
		}
		change(&o)
		return o
	}
	redis := like(func(*outcome) {})
	for class, change := range map[string]func(*outcome){
		"value":     func(o *outcome) { o.replies[0] = []byte("*2\r\n$1\r\na\r\n:2\r\n") },
		"order":     func(o *outcome) { o.replies[0] = []byte("*2\r\n:1\r\n$1\r\na\r\n") },
		"not there": func(o *outcome) { o.replies[0] = []byte("-ERR unknown command\r\n") },
		"state":     func(o *outcome) { o.keys["k"] = key{"list", []string{"b", "a"}, 5000} },
		"TTL":       func(o *outcome) { o.keys["k"] = key{"list", []string{"a", "b"}, 5006} },
	} {
		d := c.compare(redis, like(change))
		require.NotNil(t, d, class)
		assert.Equal(t, class, d.class)
	}
	for name, change := range map[string]func(*outcome){
		"a key is missing": func(o *outcome) { delete(o.keys, "s") },
		"a key too many":   func(o *outcome) { o.keys["x"] = key{"string", []string{"v"}, -1} },
		"no TTL":           func(o *outcome) { o.keys["k"] = key{"list", []string{"a", "b"}, -1} },
		"another type":     func(o *outcome) { o.keys["s"] = key{"hash", []string{"v"}, -1} },
	} {
		assert.NotNil(t, c.compare(redis, like(change)), name)
	}
	assert.Nil(t, c.compare(redis, redis))
	assert.Nil(t, c.compare(redis, like(func(o *outcome) { o.replies[1] = []byte(":5\r\n") })), "what is not compared")
	assert.Nil(t, c.compare(redis, like(func(o *outcome) { o.keys["k"] = key{"list", []string{"a", "b"}, 5005} })), "read later")
	failed := like(func(o *outcome) { o.replies[0] = []byte("-ERR a\r\n") })
	assert.Equal(t, "no error", c.compare(failed, redis).class)
	assert.Equal(t, "error text", c.compare(failed, like(func(o *outcome) { o.replies[0] = []byte("-ERR b\r\n") })).class)
}

// TestCorpusIsDeterministic runs the corpus on two redis-servers: a case that has
// two outcomes there proves nothing elsewhere.
func TestCorpusIsDeterministic(t *testing.T) {
	one, other := startRedisServer(t), startRedisServer(t)
	for _, c := range allCases(t) {
		if d := c.compare(c.run(t.Context(), one), c.run(t.Context(), other)); d != nil {
			t.Errorf("%s: %s: %s", c.name, d.class, d.where)
		}
	}
}

const (
	readmeFile = "../../../README.md"
	tableBegin = "<!-- made by go test ./internal/engine/script -update -->\n"
	tableEnd   = "<!-- end -->\n"
)

// TestREADME holds the README's table to the list: a row for each reason, and how
// many cases of the corpus it makes differ.
func TestREADME(t *testing.T) {
	_, words := readDifferences(t)
	count := map[string]int{}
	for _, why := range words {
		count[why]++
	}
	reasons := slices.Collect(maps.Keys(count))
	slices.SortFunc(reasons, func(a, b string) int { return cmp.Or(count[b]-count[a], strings.Compare(a, b)) })
	var table strings.Builder
	fmt.Fprintf(&table, "Of %d scripts and series of commands, %d differ:\n\n| why | how many |\n|---|---|\n", len(allCases(t)), len(words))
	for _, why := range reasons {
		fmt.Fprintf(&table, "| %s | %d |\n", why, count[why])
	}
	readme, err := os.ReadFile(readmeFile)
	require.NoError(t, err)
	before, rest, ok1 := strings.Cut(string(readme), tableBegin)
	have, after, ok2 := strings.Cut(rest, tableEnd)
	require.True(t, ok1 && ok2, "the README has no place for the table")
	if *update {
		require.NoError(t, os.WriteFile(readmeFile, []byte(before+tableBegin+table.String()+tableEnd+after), 0o644))
		return
	}
	assert.Equal(t, table.String(), have, "the README's table is not that of %s", differencesFile)
}
