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
	"github.com/redis-rest/redis-rest-go/internal/protocol/resp"
	"github.com/redis-rest/redis-rest-go/internal/testkit/realredis"
)

var update = flag.Bool("update", false, "write testdata/differences.txt anew, keeping its words")

// A database answers a command with a raw reply in RESP2.
type database interface {
	Do(ctx context.Context, args []string) []byte
}

// A redisServer is a private redis-server.
type redisServer struct{ *realredis.Server }

func (s redisServer) Do(_ context.Context, args []string) []byte { return s.Server.Do(args...) }

func startRedisServer(t testing.TB) redisServer {
	t.Helper()
	return redisServer{realredis.Start(t)}
}

// flatten returns the strings, numbers and errors in a reply, at any depth of arrays.
// It leaves out nulls.
func flatten(reply []byte) []string {
	var all []string
	for c := resp.NewCursor(reply); len(c.Rest()) > 0; {
		if p := c.Next(); p.Kind != '*' && !p.Null {
			all = append(all, string(p.Text))
		}
	}
	return all
}

// outcome is the effect of a case on a database.
type outcome struct {
	replies [][]byte
	keys    map[string]key
	begun   time.Time
	ended   time.Time
}

type key struct {
	kind  string
	value []string
	ttl   int // in milliseconds; negative if the key does not expire
}

func (c testCase) run(ctx context.Context, db database) outcome {
	ctx, cancel := context.WithTimeout(ctx, 20*time.Second)
	defer cancel()
	db.Do(ctx, []string{"FLUSHALL"})
	db.Do(ctx, []string{"SCRIPT", "FLUSH"}) // starts with a new Lua state, because earlier scripts affect how deep calls can be
	if c.usesFunctions() {
		db.Do(ctx, []string{"FUNCTION", "FLUSH"})
	}
	o := outcome{begun: time.Now()}
	var reply []byte
	for _, s := range c.steps {
		reply = slices.Clone(db.Do(ctx, s.with(reply)))
		o.replies = append(o.replies, reply)
	}
	o.keys = map[string]key{}
	for _, name := range flatten(db.Do(ctx, []string{"KEYS", "*"})) {
		o.keys[name] = readKey(ctx, db, name)
	}
	o.ended = time.Now()
	return o
}

// usesFunctions says whether the functions of other cases would affect the case.
func (c testCase) usesFunctions() bool {
	return slices.ContainsFunc(c.steps, func(s step) bool {
		name := strings.ToUpper(s.args[0])
		return name == "FUNCTION" || strings.HasPrefix(name, "FCALL")
	})
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

// A difference is where a case differs from redis-server.
type difference struct {
	class string // a short description
	where string // the details, for the log
}

// compare returns how the outcome of a case differs from that on redis-server. It returns
// nil if it does not differ.
func (c testCase) compare(redis, ours outcome) *difference {
	for i, s := range c.steps {
		want, got := redis.replies[i], ours.replies[i]
		if s.compared && !bytes.Equal(want, got) {
			from := commonPrefix(want, got)
			return &difference{replyClass(want, got), fmt.Sprintf("%q\n  redis-server %.300q\n  the engine   %.300q", s.args, want[from:], got[from:])}
		}
	}
	// A TTL decreases between setting and reading it, and between the two runs if it ends at a given time.
	slack := int(max(redis.ended.Sub(ours.begun), ours.ended.Sub(redis.begun)).Milliseconds()) + 1
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

// commonPrefix returns the length of the start of two replies that need not be shown: it is
// equal, up to some words before the first difference.
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
		return "missing"
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

// readDifferences reads the list of known differences: the name
// of the case, the class of the difference, and the reason.
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

// TestLikeRedis runs the corpus on redis-server and on the engine. The replies must
// be equal byte for byte, and so must the keys afterwards. Exceptions are listed with their
// reasons in testdata/differences.txt.
func TestLikeRedis(t *testing.T) {
	redis, ours := startRedisServer(t), keyspace.New()
	t.Cleanup(func() { ours.Close() })
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
	assert.Equal(t, listed, differ, "the cases that differ are not those in %s", differencesFile)
	for name, why := range words {
		assert.NotEmpty(t, why, "%s has no reason for %s", differencesFile, name)
	}
	assert.GreaterOrEqual(t, same, 0.95)
}

func TestCompare(t *testing.T) {
	c := testCase{"c", []step{{[]string{"EVAL"}, true}, {[]string{"GET"}, false}}}
	like := func(change func(*outcome)) outcome {
		o := outcome{
			replies: [][]byte{[]byte("*2\r\n$1\r\na\r\n:1\r\n"), []byte("$1\r\nv\r\n")},
			keys:    map[string]key{"k": {"list", []string{"a", "b"}, 5000}, "s": {"string", []string{"v"}, -1}},
			begun:   time.UnixMilli(0),
			ended:   time.UnixMilli(4),
		}
		change(&o)
		return o
	}
	redis := like(func(*outcome) {})
	for class, change := range map[string]func(*outcome){
		"value":   func(o *outcome) { o.replies[0] = []byte("*2\r\n$1\r\na\r\n:2\r\n") },
		"order":   func(o *outcome) { o.replies[0] = []byte("*2\r\n:1\r\n$1\r\na\r\n") },
		"missing": func(o *outcome) { o.replies[0] = []byte("-ERR unknown command\r\n") },
		"state":   func(o *outcome) { o.keys["k"] = key{"list", []string{"b", "a"}, 5000} },
		"TTL":     func(o *outcome) { o.keys["k"] = key{"list", []string{"a", "b"}, 5006} },
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
	assert.Nil(t, c.compare(redis, like(func(o *outcome) { o.replies[1] = []byte(":5\r\n") })), "a reply that is not compared")
	assert.Nil(t, c.compare(redis, like(func(o *outcome) { o.keys["k"] = key{"list", []string{"a", "b"}, 5005} })), "a TTL that is read later")
	failed := like(func(o *outcome) { o.replies[0] = []byte("-ERR a\r\n") })
	assert.Equal(t, "no error", c.compare(failed, redis).class)
	assert.Equal(t, "error text", c.compare(failed, like(func(o *outcome) { o.replies[0] = []byte("-ERR b\r\n") })).class)
}

// TestCorpusIsDeterministic runs the corpus on two redis-servers. A case with
// two different outcomes there would prove nothing.
func TestCorpusIsDeterministic(t *testing.T) {
	if testing.Short() {
		t.Skip("runs the whole corpus twice")
	}
	one, other := startRedisServer(t), startRedisServer(t)
	for _, c := range allCases(t) {
		if d := c.compare(c.run(t.Context(), one), c.run(t.Context(), other)); d != nil {
			t.Errorf("%s: %s: %s", c.name, d.class, d.where)
		}
	}
}

const (
	pageFile   = "../../../docs/database.md"
	tableBegin = "<!-- made by go test ./internal/engine/script -update -->\n"
	tableEnd   = "<!-- end -->\n"
)

// TestPage checks that docs/database.md lists the differences: a row for each
// reason, with the number of cases in the corpus that differ because of it.
func TestPage(t *testing.T) {
	if testing.Short() {
		t.Skip("generates thousands of scripts to count them")
	}
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
	page, err := os.ReadFile(pageFile)
	require.NoError(t, err)
	before, rest, ok1 := strings.Cut(string(page), tableBegin)
	have, after, ok2 := strings.Cut(rest, tableEnd)
	require.True(t, ok1 && ok2, "%s has no markers for the table", pageFile)
	if *update {
		require.NoError(t, os.WriteFile(pageFile, []byte(before+tableBegin+table.String()+tableEnd+after), 0o644))
		return
	}
	assert.Equal(t, table.String(), have, "the table in %s does not match %s", pageFile, differencesFile)
}
