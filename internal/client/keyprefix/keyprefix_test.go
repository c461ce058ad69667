package keyprefix_test

import (
	"flag"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/redis-rest/redis-rest-go/internal/client/keyprefix"
	"github.com/redis-rest/redis-rest-go/internal/client/runonce"
	"github.com/redis-rest/redis-rest-go/internal/protocol/commandtable"
	"github.com/redis-rest/redis-rest-go/internal/protocol/glob"
	"github.com/redis-rest/redis-rest-go/internal/protocol/hashslot"
	"github.com/redis-rest/redis-rest-go/internal/testkit/mdtable"
	"github.com/redis-rest/redis-rest-go/internal/testkit/realredis"
)

func TestWords(t *testing.T) {
	for line, want := range map[string]string{
		"get k":                          "get app:k",
		"PING":                           "PING",
		"COMMAND":                        "COMMAND",
		"COMMAND GETKEYS GET k":          "COMMAND GETKEYS GET k",
		"SCRIPT LOAD k":                  "SCRIPT LOAD k",
		"KEYS k*":                        "KEYS app:k*",
		"SCAN 0":                         "SCAN 0 MATCH app:*",
		"scan 0 count 10 match a type b": "scan 0 count 10 match app:a type b",
		"SCAN 0 MATCH a MATCH MATCH":     "SCAN 0 MATCH app:a MATCH app:MATCH",
		"HSCAN k 0 MATCH f*":             "HSCAN app:k 0 MATCH f*",
		"SORT k BY w_* GET # GET d_*->f": "SORT app:k BY app:w_* GET # GET app:d_*->f",
		"SORT k BY nosort STORE by":      "SORT app:k BY nosort STORE app:by",
		"SORT k LIMIT 0 1 STORE a":       "SORT app:k LIMIT 0 1 STORE app:a",
		"SORT_RO k by *":                 "SORT_RO app:k by app:*",
		"GEORADIUS k 0 0 1 m":            "GEORADIUS app:k 0 0 1 m",
		"GEORADIUS k 0 0 1 m STORE a COUNT 1 STORE b STOREDIST c":        "GEORADIUS app:k 0 0 1 m STORE app:a COUNT 1 STORE app:b STOREDIST app:c",
		"GEORADIUSBYMEMBER k STORE 1 m STORE STORE STOREDIST b":          "GEORADIUSBYMEMBER app:k STORE 1 m STORE app:STORE STOREDIST app:b",
		"XREADGROUP GROUP g c STREAMS a b > >":                           "XREADGROUP GROUP g c STREAMS app:a app:b > >",
		"XREADGROUP COUNT 1 GROUP STREAMS streams NOACK STREAMS a b 0 0": "XREADGROUP COUNT 1 GROUP STREAMS streams NOACK STREAMS app:a app:b 0 0",
		"XREAD COUNT 1 STREAMS STREAMS 0":                                "XREAD COUNT 1 STREAMS app:STREAMS 0",
		"PFMERGE k":                                                      "PFMERGE app:k",
		"EVAL s 0 a":                                                     "EVAL s 0 a",
		"EVAL s 2 a b c":                                                 "EVAL s 2 app:a app:b c",
		"FCALL f 1 a b":                                                  "FCALL f 1 app:a b",
		"CLUSTER KEYSLOT k":                                              "CLUSTER KEYSLOT app:k",
		"PUBLISH c m":                                                    "PUBLISH app:c m",
		"SUBSCRIBE a b":                                                  "SUBSCRIBE app:a app:b",
		"PSUBSCRIBE a* b":                                                "PSUBSCRIBE app:a* app:b",
		"PUBSUB CHANNELS":                                                "PUBSUB CHANNELS app:*",
		"PUBSUB CHANNELS c*":                                             "PUBSUB CHANNELS app:c*",
		"PUBSUB SHARDNUMSUB a b":                                         "PUBSUB SHARDNUMSUB app:a app:b",
		"PUBSUB SHARDCHANNELS":                                           "PUBSUB SHARDCHANNELS app:*",
		"SPUBLISH c m":                                                   "SPUBLISH app:c m",
		"SSUBSCRIBE a b":                                                 "SSUBSCRIBE app:a app:b",
		"PUBSUB NUMSUB":                                                  "PUBSUB NUMSUB",
		"PUBSUB NUMSUB a b":                                              "PUBSUB NUMSUB app:a app:b",
	} {
		words := strings.Fields(line)
		got, _, err := keyprefix.Prefix("app:").Apply(words)
		if assert.NoError(t, err, line) {
			assert.Equal(t, want, strings.Join(got, " "), line)
		}
		assert.Equal(t, strings.Fields(line), words, "the given words do not change")
	}
}

func TestRefused(t *testing.T) {
	for _, line := range []string{
		"", "NOSUCH k", "ft.search k", "XINFO NOSUCH k", "XINFO|STREAM k", "GET", "GET a b", "PUBSUB NUMPAT",
		"FLUSHDB", "flushall ASYNC", "RANDOMKEY", "DBSIZE", "SWAPDB 0 1", "MONITOR", "DEBUG OBJECT k", "MIGRATE h 1 k 0 1",
		"SCAN 0 NEW MATCH a", "SCAN 0 MATCH", "SORT k NEW 1 BY a*", "ZUNIONSTORE d 9 a", "GEORADIUS k 0 0 1 m NEW STORE a",
		"XREADGROUP GROUP g STREAMS STREAMS", "XREADGROUP GROUP g c COUNT 1 a b",
	} {
		_, _, err := keyprefix.Prefix("app:").Apply(strings.Fields(line))
		assert.Error(t, err, line)
	}
	_, _, err := keyprefix.Prefix("a*").Apply([]string{"SORT", "k", "BY", "w_*"})
	assert.Error(t, err, "Redis replaces the first *")
	words, _, err := keyprefix.Prefix("a*").Apply([]string{"SORT", "k", "BY", "nosort"})
	assert.NoError(t, err)
	assert.Equal(t, []string{"SORT", "a*k", "BY", "nosort"}, words)
}

func TestPattern(t *testing.T) {
	for _, prefix := range []keyprefix.Prefix{"app:", `a*`, `a?[b]-^\`, `\`, `[`, "é"} {
		assert.True(t, glob.Match(prefix.Pattern("k[1-2]"), string(prefix)+"k2"), "%q", prefix)
		assert.True(t, glob.Match(prefix.Pattern("*"), string(prefix)), "%q", prefix)
		assert.False(t, glob.Match(prefix.Pattern("*"), "app"), "%q", prefix)
		assert.False(t, glob.Match(prefix.Pattern("*"), "abc[b]-^"), "%q", prefix)
	}
}

func TestProblem(t *testing.T) {
	for _, wrong := range []keyprefix.Prefix{"", "{app}:", "a{", "}", "\xff"} {
		assert.NotEmpty(t, wrong.Problem(), "%q", wrong)
	}
	for _, right := range []keyprefix.Prefix{"a", "app:", " ", "é*\x00"} {
		assert.Empty(t, right.Problem(), "%q", right)
	}
}

// The record of RunOnce has the prefix and the slot of the first key, and scripts'
// other keys stay what they are.
func TestRecord(t *testing.T) {
	for _, key := range []string{"k", "{user}:1", "user:{1}", "a}b", "{", "{}k", "}", ""} {
		words, _, err := keyprefix.Prefix("app:").Apply([]string{"EVALSHA", "sha", "2", key, runonce.Record(key, "id"), "arg"})
		require.NoError(t, err)
		assert.Equal(t, "app:"+key, words[3])
		assert.Equal(t, hashslot.Of(words[3]), hashslot.Of(words[4]), "%q and %q", words[3], words[4])
		assert.True(t, strings.HasPrefix(words[4], "app:{") && strings.HasSuffix(words[4], "}:once:id"), "%q", words[4])
	}
}

// Of each command in the table, with as few arguments as possible, Redis finds the same keys
// with the prefix as without, and each of them has it.
func TestKeysOfAllCommands(t *testing.T) {
	server := realredis.Start(t)
	checked := 0
	for c := range commandtable.All {
		if keyprefix.RuleOf(c).Refused != "" {
			continue
		}
		words := strings.Split(c.Name, "|")
		for len(words) < max(int(c.Arity), -int(c.Arity)) {
			words = append(words, "1")
		}
		switch c.Name {
		case "XREAD", "XREADGROUP":
			words[len(words)-3] = "STREAMS"
			if c.Name == "XREADGROUP" {
				words[1] = "GROUP"
			}
		}
		prefixed, _, err := keyprefix.Prefix("app:").Apply(words)
		places, failed := c.Keys(words)
		if c.Flags.Has(commandtable.Container) && len(words) > 1 || failed != nil && c.Name != "PFMERGE" {
			assert.Error(t, err, "%q", words)
			continue
		}
		require.NoError(t, err, "%q", words)
		want, _ := server.Keys(words)
		for i := range want {
			want[i] = "app:" + want[i]
		}
		if len(want) > 0 {
			got, _ := server.Keys(prefixed)
			assert.Equal(t, want, got, "%q", words)
			checked++
		}
		for _, at := range places {
			assert.Equal(t, "app:"+words[at], prefixed[at], "%q", words)
		}
	}
	require.Greater(t, checked, 140)
}

var update = flag.Bool("update", false, "write the table of docs/key-prefix.md")

// The page says for each command of the table what the prefix does to it.
func TestPage(t *testing.T) {
	const page, name = "../../../docs/key-prefix.md", "commands"
	rows := [][]string{{"command", "has the prefix", "reply"}}
	for c := range commandtable.All {
		rule := keyprefix.RuleOf(c)
		row := []string{strings.ReplaceAll(c.Name, "|", " "), "nothing", ""}
		parts := []string{}
		if hasKeys(c) {
			parts = append(parts, "keys")
		}
		if rule.Prefixed != "" {
			parts = append(parts, rule.Prefixed)
		}
		if len(parts) > 0 {
			row[1] = strings.Join(parts, ", ")
		}
		if rule.Reply != "" {
			row[2] = rule.Reply + " without it"
		}
		if rule.Refused != "" {
			row[1], row[2] = "refused: "+rule.Refused, ""
		}
		if c.Flags.Has(commandtable.Container) && c.Arity != -1 {
			continue // only its subcommands are called
		}
		rows = append(rows, row)
	}
	slices.SortFunc(rows[1:], func(a, b []string) int { return strings.Compare(a[0], b[0]) })
	for _, row := range rows[1:] {
		row[0] = "`" + row[0] + "`"
	}
	if *update {
		require.NoError(t, mdtable.Write(page, name, rows))
	}
	got, err := mdtable.Read(page, name)
	require.NoError(t, err)
	require.Equal(t, rows, got, "write it with -update")
}

// hasKeys says whether the command has keys according to the command table.
func hasKeys(c commandtable.Command) bool {
	words := strings.Split(c.Name, "|")
	for len(words) < 8 {
		words = append(words, "1")
	}
	if c.Arity > 0 {
		words = words[:c.Arity]
	}
	if strings.HasPrefix(c.Name, "XREAD") {
		words[5] = "STREAMS"
	}
	keys, _ := c.Keys(words)
	return len(keys) > 0
}
