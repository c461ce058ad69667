package keyspace_test

import (
	"flag"
	"fmt"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/redis-rest/redis-rest-go/internal/engine/keyspace"
	"github.com/redis-rest/redis-rest-go/internal/testkit/realredis"
)

var update = flag.Bool("update", false, "write testdata/differences.txt anew, with the reasons that it has")

// Each command of testdata/commands.txt has the same reply as on redis-server, in
// RESP2 and in RESP3, or is in testdata/differences.txt.
func TestCommandsReplyAsRedisDoes(t *testing.T) {
	real := realredis.Start(t, "--slowlog-log-slower-than", "-1") // a busy machine makes commands slow
	var differences []difference
	known := map[string]bool{}
	total := 0
	for _, protocol := range []string{"2", "3"} {
		require.NotEqual(t, byte('-'), real.Do("HELLO", protocol)[0])
		for _, c := range readCases(t) {
			wants, gots := playInTime(t, c, protocol, real)
			seen := map[string]int{}
			for i, line := range c.lines {
				want, got := wants[i], gots[i]
				total++
				if seen[line]++; seen[line] > 1 {
					line = fmt.Sprintf("%s (%d)", line, seen[line])
				}
				name := c.name + ": " + line
				if got == want || known[name] { // already in RESP2
					continue
				}
				known[name] = true
				if protocol == "3" {
					name = "RESP3: " + name
				}
				differences = append(differences, difference{name, want, got})
			}
		}
	}
	checkDifferences(t, "testdata/differences.txt", differences)
	t.Logf("%d of %d replies are the same", total-len(differences), total)
}

// playInTime returns the replies of both to a case. TTL is rounded to a second, so
// the replies can differ if half a second passes between two commands. Such a
// run proves nothing, and the case runs again.
func playInTime(t *testing.T, c testCase, protocol string, real *realredis.Server) (wants, gots []string) {
	t.Helper()
	for range 10 {
		begun := time.Now()
		wants, gots = play(t, c, protocol, real)
		if time.Since(begun) < 400*time.Millisecond {
			return wants, gots
		}
	}
	t.Fatalf("%s: took longer than 400 ms, ten times", c.name)
	return nil, nil
}

func play(t *testing.T, c testCase, protocol string, real *realredis.Server) (wants, gots []string) {
	t.Helper()
	db := keyspace.New()
	defer db.Close()
	real.Do("FLUSHALL")
	for _, line := range c.lines {
		args := split(t, line)
		wants = append(wants, normal(args, string(real.Do(args...))))
		gots = append(gots, normal(args, string(db.DoIn(t.Context(), args, protocol))))
	}
	return wants, gots
}

type difference struct{ name, want, got string }

// checkDifferences compares the commands that differ with the list of known differences.
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
			t.Errorf("%s: the list has no reason", d.name)
		}
	}
	if *update {
		require.NoError(t, os.WriteFile(path, []byte(list.String()), 0o644))
		return
	}
	for name := range reasons {
		t.Errorf("%s: no longer differs, but is in the list", name)
	}
}

// A testCase is a list of commands that run in order on an empty database.
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

// split splits a line into words. Words in double quotes are Go strings.
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

// normal removes from a reply what Redis does not guarantee: the order of keys, of commands and of
// members that are not integers, and times since an event.
func normal(args []string, reply string) string {
	switch strings.ToUpper(args[0]) {
	case "KEYS", "SCAN", "SMEMBERS", "SUNION", "SINTER", "SDIFF", "SSCAN", "GEORADIUS", "GEORADIUS_RO", "GEORADIUSBYMEMBER", "GEOSEARCH", "HRANDFIELD", "ZRANDMEMBER":
		if strings.Contains(strings.ToUpper(strings.Join(args, " ")), "ASC") {
			return reply
		}
	case "OBJECT": // a new second may begin between two commands
		if len(args) > 1 && strings.EqualFold(args[1], "IDLETIME") && reply == ":1\r\n" {
			return ":0\r\n"
		}
		return reply
	case "LASTSAVE": // it was the start of the server
		return reply[:1]
	case "CLIENT":
		if strings.EqualFold(args[1], "ID") { // how many clients there were
			return reply[:1]
		}
		return reply
	case "COMMAND":
		if len(args) < 2 || !strings.EqualFold(args[1], "LIST") && !strings.EqualFold(args[1], "INFO") {
			return reply
		}
	default:
		return reply
	}
	parts := strings.Split(reply, "\r\n")
	if args[0] == "SMEMBERS" && !strings.ContainsFunc(reply[1:], func(r rune) bool { return r >= 'a' && r <= 'z' }) {
		return reply // integers have a guaranteed order
	}
	slices.Sort(parts)
	return strings.Join(parts, "\r\n")
}
