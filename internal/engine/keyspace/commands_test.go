package keyspace_test

import (
	"flag"
	"fmt"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/redis-rest/redis-rest-go/internal/engine/keyspace"
	"github.com/redis-rest/redis-rest-go/internal/testkit/realredis"
)

var update = flag.Bool("update", false, "write testdata/differences.txt anew, with the reasons that it has")

// Each command of testdata/commands.txt has the reply that redis-server gives, in
// RESP2 and in RESP3, or is in testdata/differences.txt.
func TestCommandsReplyAsRedisDoes(t *testing.T) {
	real := realredis.Start(t)
	var differences []difference
	known := map[string]bool{}
	total := 0
	for _, protocol := range []string{"2", "3"} {
		require.NotEqual(t, byte('-'), real.Do("HELLO", protocol)[0])
		for _, c := range readCases(t) {
			db := keyspace.New()
			real.Do("FLUSHALL")
			seen := map[string]int{}
			for _, line := range c.lines {
				args := split(t, line)
				want := normal(args, string(real.Do(args...)))
				got := normal(args, string(db.DoIn(t.Context(), args, protocol)))
				total++
				if seen[line]++; seen[line] > 1 {
					line = fmt.Sprintf("%s (%d)", line, seen[line])
				}
				name := c.name + ": " + line
				if got == want || known[name] { // in RESP2 already
					continue
				}
				known[name] = true
				if protocol == "3" {
					name = "RESP3: " + name
				}
				differences = append(differences, difference{name, want, got})
			}
			db.Close()
		}
	}
	checkDifferences(t, "testdata/differences.txt", differences)
	t.Logf("%d of %d replies are the same", total-len(differences), total)
}

type difference struct{ name, want, got string }

// checkDifferences compares what differs with the list of what is known to differ.
// A line of the list is a name, a tab and the reason.
func checkDifferences(t *testing.T, path string, differences []difference) {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil && !*update {
		t.Fatal(err)
	}
	reasons := map[string]string{}
	for line := range strings.Lines(string(text)) {
		name, reason, _ := strings.Cut(strings.TrimSuffix(line, "\n"), "\t")
		reasons[name] = reason
	}
	var list strings.Builder
	for _, d := range differences {
		reason, known := reasons[d.name]
		delete(reasons, d.name)
		fmt.Fprintf(&list, "%s\t%s\n", d.name, reason)
		switch {
		case *update:
			t.Logf("%s\n   redis %.300q\n  memory %.300q", d.name, d.want, d.got)
		case !known:
			t.Errorf("%s\n   redis %.300q\n  memory %.300q", d.name, d.want, d.got)
		case reason == "":
			t.Errorf("%s: the list says no reason", d.name)
		}
	}
	if *update {
		require.NoError(t, os.WriteFile(path, []byte(list.String()), 0o644))
		return
	}
	for name := range reasons {
		t.Errorf("%s: no longer differs, and is in the list", name)
	}
}

// A testCase is commands that are run in turn on an empty database.
type testCase struct {
	name  string
	lines []string
}

func readCases(t testing.TB) []testCase {
	t.Helper()
	text, err := os.ReadFile("testdata/commands.txt")
	require.NoError(t, err)
	var cases []testCase
	for _, block := range strings.Split(string(text), "\n\n")[1:] {
		lines := strings.Split(strings.TrimSpace(block), "\n")
		cases = append(cases, testCase{strings.TrimPrefix(lines[0], "# "), lines[1:]})
	}
	return cases
}

// split makes words of a line; those in double quotes are as Go has strings.
func split(t testing.TB, line string) (args []string) {
	t.Helper()
	for line = strings.TrimSpace(line); line != ""; line = strings.TrimSpace(line) {
		word, rest, _ := strings.Cut(line, " ")
		if line[0] == '"' {
			quoted, err := strconv.QuotedPrefix(line)
			require.NoError(t, err, line)
			word, err = strconv.Unquote(quoted)
			require.NoError(t, err, line)
			rest = line[len(quoted):]
		}
		args = append(args, word)
		line = rest
	}
	return args
}

// normal takes from a reply what Redis does not promise: the order of keys and of
// members that are no integers, and how long ago something was.
func normal(args []string, reply string) string {
	switch strings.ToUpper(args[0]) {
	case "KEYS", "SCAN", "SMEMBERS", "SUNION", "SINTER", "SDIFF", "SSCAN", "GEORADIUS", "GEORADIUS_RO", "GEORADIUSBYMEMBER", "GEOSEARCH", "HRANDFIELD", "ZRANDMEMBER":
		if strings.Contains(strings.ToUpper(strings.Join(args, " ")), "ASC") {
			return reply
		}
	case "COMMAND":
		if len(args) < 2 || !strings.EqualFold(args[1], "LIST") {
			return reply
		}
	default:
		return reply
	}
	parts := strings.Split(reply, "\r\n")
	if args[0] == "SMEMBERS" && !strings.ContainsFunc(reply[1:], func(r rune) bool { return r >= 'a' && r <= 'z' }) {
		return reply // integers are in order
	}
	slices.Sort(parts)
	return strings.Join(parts, "\r\n")
}
