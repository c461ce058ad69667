package data

import (
	"bufio"
	"cmp"
	"fmt"
	"maps"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/redis-rest/redis-rest-go/internal/engine/keyspace/value"
	"github.com/redis-rest/redis-rest-go/internal/protocol/commandtable"
	"github.com/redis-rest/redis-rest-go/internal/protocol/resp"
	"github.com/redis-rest/redis-rest-go/internal/testkit/realredis"
)

// Each file of testdata has cases. A case is a name after #, and command lines that run on empty databases, up
// to an empty line. A word in double quotes is a Go string. The line runs once for each of the spellings if
// it has <n> in a word, or for each of the IDs if it has <id>. A word with <1..3> stands for three words, one with each
// number. A mark before the command says what may differ from redis-server:
//
//	~   the order of the elements of the reply, and of the notifications
//	?   all but the kind of the reply
//	!   the command runs in a transaction, where it does not block
//
// After each line the reply and the keyspace notifications must be those of redis-server, and after
// each case the keys: their payloads, times and encodings.
func TestCommandsAsRedis(t *testing.T) {
	files, err := filepath.Glob("testdata/*.txt")
	require.NoError(t, err)
	require.NotEmpty(t, files)
	p := newPair(t)
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".txt"), func(t *testing.T) {
			cases := readCases(t, file)
			for _, c := range cases {
				for _, line := range c.lines {
					command, problem := commandtable.Check(line.args)
					require.True(t, problem != commandtable.Legal || Has(command.Name), "%s: there is no %s", c.name, command.Name)
				}
			}
			p.playAll(t, cases)
		})
	}
}

// The cases of package keyspace. A case is played up to the first command that is not here yet.
func TestCasesOfKeyspace(t *testing.T) {
	p := newPair(t)
	cases := readCases(t, "../testdata/commands.txt")
	total, played, missing := 0, 0, map[string]int{}
	for i, c := range cases {
		total += len(c.lines)
		for j, line := range c.lines {
			if command, problem := commandtable.Check(line.args); problem == commandtable.Legal && !Has(command.Name) {
				missing[command.Name] += len(c.lines) - j
				cases[i].lines = c.lines[:j]
				break
			}
		}
		played += len(cases[i].lines)
	}
	p.playAll(t, cases)
	names := slices.SortedFunc(maps.Keys(missing), func(a, b string) int { return cmp.Compare(missing[b], missing[a]) })
	t.Logf("%d of %d lines are played, in RESP2 and RESP3", played, total)
	for _, name := range names {
		t.Logf("%4d lines wait for %s", missing[name], name)
	}
}

// spellings are words in the place of a number.
var spellings = []string{
	"0", "1", "-1", "2", "10", "-10", "-0", "+1", " 1", "1 ", "01", "1.5", ".5", "1e3", "0x10", "nan", "inf", "-inf", "",
	"abc", "1\x00", "2147483648", "-2147483649", "9223372036854775807", "9223372036854775808", "-9223372036854775808", "18446744073709551616",
}

// ids are words in the place of the ID of a stream's entry.
var ids = []string{
	"0", "0-0", "0-1", "1-1", "2-2", "2-1", "5", "5-5", "6-1", "6-2", "6-3", "9-9", "9", "*", "-", "+", "$", ">", "5-*", "6-*", "0-*", "9-*", "5-", "-5", "-5-5",
	"5--5", "5-5-5", "(5", "(5-5", "((5", "(", "(-", "(+", "(0-0", "(18446744073709551615-18446744073709551615", " 5-5", "5- 5", "+5-5", "5-+5", "05-05", "5 -5", "0x5-5",
	"18446744073709551615", "18446744073709551615-18446744073709551614", "18446744073709551615-18446744073709551615", "18446744073709551615-*",
	"18446744073709551616-1", "1-18446744073709551616", "-18446744073709551615", "9223372036854775808-1", "", "abc", "~", "=", "*\x00", "$\x00", ">\x00", "5-5\x00", "-\x00",
	"COUNT", "MAXLEN", "FORCE", strings.Repeat("0", 126) + "5", strings.Repeat("0", 127) + "5",
}

// A testLine is one command.
type testLine struct {
	text string
	mark byte // or 0
	args []string
}

// A testCase is a list of commands that run in order on empty databases.
type testCase struct {
	name  string
	lines []testLine
}

func readCases(t testing.TB, path string) []testCase {
	t.Helper()
	text, err := os.ReadFile(path)
	require.NoError(t, err)
	var cases []testCase
	for block := range strings.SplitSeq(string(text), "\n\n") {
		lines := strings.Split(strings.TrimSpace(block), "\n")
		require.True(t, strings.HasPrefix(lines[0], "# "), "%s: %q is no name", path, lines[0])
		c := testCase{name: lines[0][2:]}
		for _, line := range lines[1:] {
			if !strings.HasPrefix(line, "# ") {
				c.lines = append(c.lines, parseLine(t, line)...)
			}
		}
		cases = append(cases, c)
	}
	return cases
}

func parseLine(t testing.TB, text string) []testLine {
	t.Helper()
	line := testLine{text: text}
	if strings.HasPrefix(text, "~ ") || strings.HasPrefix(text, "? ") || strings.HasPrefix(text, "! ") {
		line.mark, text = text[0], text[2:]
	}
	line.args = split(t, text)
	place, words := "<n>", spellings
	if strings.Contains(text, "<id>") {
		place, words = "<id>", ids
	}
	if !strings.Contains(text, place) {
		return []testLine{line}
	}
	var lines []testLine
	for _, word := range words {
		one := testLine{mark: line.mark}
		for _, arg := range line.args {
			one.args = append(one.args, strings.ReplaceAll(arg, place, word))
		}
		one.text = fmt.Sprintf("%q", one.args)
		lines = append(lines, one)
	}
	return lines
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
		args = append(args, expand(t, word)...)
		line = rest
	}
	return args
}

// expand returns a word, or the words that a word with <1..3> stands for.
func expand(t testing.TB, word string) (words []string) {
	before, after, more := strings.Cut(word, "<")
	numbers, after, ends := strings.Cut(after, ">")
	low, high, isRange := strings.Cut(numbers, "..")
	if !more || !ends || !isRange {
		return []string{word}
	}
	first, err := strconv.Atoi(low)
	require.NoError(t, err, word)
	last, err := strconv.Atoi(high)
	require.NoError(t, err, word)
	for n := first; n <= last; n++ {
		words = append(words, before+strconv.Itoa(n)+after)
	}
	return words
}

// A pair is a server here and a redis-server, which run the same commands.
type pair struct {
	t    testing.TB
	real *realredis.Server
	from *bufio.Reader // the notifications of redis-server

	s       *Server
	at      time.Time // the clock of s: when redis-server ran the command, whatever pauses the machine makes
	session *Session
	events  []string
}

// maxBulk is the largest string in tests: the smallest that redis-server can be configured for.
const maxBulk = 1 << 20

// events are all notifications. Neither server deletes keys that are due before a command finds them.
const events = "g$lshzxetdmnKE"

func newPair(t testing.TB) *pair {
	p := &pair{t: t, real: realredis.Start(t, "--enable-debug-command", "yes"), session: &Session{}}
	p.real.Do("DEBUG", "SET-ACTIVE-EXPIRE", "0")
	p.real.Do("CONFIG", "SET", "proto-max-bulk-len", strconv.Itoa(maxBulk), "notify-keyspace-events", events)
	conn, err := net.Dial("unix", p.real.Socket)
	require.NoError(t, err)
	t.Cleanup(func() { conn.Close() })
	_, err = conn.Write([]byte("PSUBSCRIBE *\r\n"))
	require.NoError(t, err)
	p.from = bufio.NewReader(conn)
	p.received() // the subscription has begun
	p.reset(false)
	return p
}

// received returns the strings of the next message on the second connection.
func (p *pair) received() (words []string) {
	line := func() string {
		text, err := p.from.ReadString('\n')
		require.NoError(p.t, err)
		return strings.TrimSuffix(text, "\r\n")
	}
	n, err := strconv.Atoi(line()[1:])
	require.NoError(p.t, err)
	for range n {
		head := line()
		if head[0] != '$' {
			words = append(words, head)
			continue
		}
		size, err := strconv.Atoi(head[1:])
		require.NoError(p.t, err)
		text := make([]byte, size+2)
		for i := range text {
			text[i], err = p.from.ReadByte()
			require.NoError(p.t, err)
		}
		words = append(words, string(text[:size]))
	}
	return words
}

// reset empties both.
func (p *pair) reset(resp3 bool) {
	protocol := "2"
	if resp3 {
		protocol = "3"
	}
	// SORT takes an old value of errno for a number out of range. Accepting a connection sets it.
	conn, err := net.Dial("unix", p.real.Socket)
	require.NoError(p.t, err)
	_, err = conn.Write([]byte("PING\r\n"))
	require.NoError(p.t, err)
	_, err = conn.Read(make([]byte, 16))
	require.NoError(p.t, err)
	conn.Close()
	p.real.Do("HELLO", protocol)
	p.real.Do("SELECT", "0")
	p.real.Do("FLUSHALL")
	p.at = time.Now()
	p.s = New(func() time.Time { return p.at })
	p.s.MaxBulk = maxBulk
	p.s.KeepDue = true
	p.s.events, _ = parseEvents(events)
	p.s.Hooks.Publish = func(channel, message string) { p.events = append(p.events, channel+" "+message) }
	p.session = &Session{RESP3: resp3}
}

// redis runs a command on redis-server, and returns its reply and notifications.
func (p *pair) redis(mark byte, args []string) (reply string, events []string) {
	if mark == '!' {
		p.real.Do("MULTI")
		reply = string(p.real.Do(args...))
		if reply[0] == '-' {
			p.real.Do("DISCARD")
		} else {
			c := resp.NewCursor(p.real.Do("EXEC"))
			c.Next()
			reply = string(c.Skip())
		}
	} else {
		reply = string(p.real.Do(args...))
	}
	p.at = time.Now()
	if ms, _, isID := strings.Cut(strings.TrimLeft(reply, "$0123456789"), "-"); isID && slices.Contains(args, "*") {
		if n, err := strconv.ParseInt(strings.TrimSpace(ms), 10, 64); err == nil { // the time that it gave to XADD's entry
			p.at = time.UnixMilli(n)
		}
	}
	p.real.Do("PUBLISH", "end", "end")
	for {
		m := p.received()
		if m[2] == "end" {
			return reply, events
		}
		events = append(events, m[2]+" "+m[3])
	}
}

// here runs a command on the server here.
func (p *pair) here(mark byte, args []string) (reply string, events []string) {
	command, problem := commandtable.Check(args)
	if problem != commandtable.Legal {
		return string(resp.Error(problem.Message(args))), nil
	}
	p.events = nil
	p.s.Begin()
	p.session.NoWait = mark == '!'
	out, wait := p.s.Run(p.session, command, args, nil)
	require.Nil(p.t, wait, "%q waits", args)
	return string(out), p.events
}

// playAll plays cases in RESP2 and RESP3.
func (p *pair) playAll(t *testing.T, cases []testCase) {
	p.t = t
	for _, resp3 := range []bool{false, true} {
		for _, c := range cases {
			var differences []string
			for range 3 { // times differ if the machine pauses between two commands
				if differences = p.play(c, resp3); len(differences) == 0 {
					break
				}
			}
			for _, d := range differences {
				t.Errorf("%s, RESP3 %v: %s", c.name, resp3, d)
			}
		}
	}
}

// play plays a case and returns what differs.
func (p *pair) play(c testCase, resp3 bool) (differences []string) {
	p.reset(resp3)
	for _, line := range c.lines {
		want, wantEvents := p.redis(line.mark, line.args)
		got, gotEvents := p.here(line.mark, line.args)
		if !p.same(line, want, got) {
			differences = append(differences, fmt.Sprintf("%s\n  redis %.300q\n   here %.300q", line.text, want, got))
		}
		if line.mark == '~' {
			slices.Sort(wantEvents)
			slices.Sort(gotEvents)
		}
		if !slices.Equal(wantEvents, gotEvents) {
			differences = append(differences, fmt.Sprintf("%s\n  redis notifies %.300q\n   here notifies %.300q", line.text, wantEvents, gotEvents))
		}
	}
	requireAccount(p.t, p.s)
	return append(differences, p.compareKeys()...)
}

// compareKeys compares all keys.
func (p *pair) compareKeys() (differences []string) {
	for db := range Databases {
		p.both("SELECT", strconv.Itoa(db))
		want, got := p.both("KEYS", "*")
		if sorted(want) != sorted(got) {
			differences = append(differences, fmt.Sprintf("database %d has keys\n  redis %.300q\n   here %.300q", db, want, got))
			continue
		}
		c := resp.NewCursor([]byte(got))
		for n := c.Next().N; n > 0; n-- {
			key := string(c.Next().Text)
			for _, call := range [][]string{{"DUMP", key}, {"PEXPIRETIME", key}, {"OBJECT", "ENCODING", key}} {
				want, got := p.both(call...)
				if !p.same(testLine{args: call}, want, got) {
					differences = append(differences, fmt.Sprintf("%q at the end\n  redis %.300q\n   here %.300q", call, want, got))
				}
			}
		}
	}
	return differences
}

func (p *pair) both(args ...string) (want, got string) {
	want, _ = p.redis(0, args)
	got, _ = p.here(0, args)
	return want, got
}

// same says whether a reply is what redis-server replied, except for what it does not promise.
func (p *pair) same(line testLine, want, got string) bool {
	if want == got {
		return true
	}
	switch line.mark {
	case '~':
		return sorted(want) == sorted(got)
	case '?':
		return want[0] == got[0]
	}
	command, _ := commandtable.Check(line.args)
	switch name := command.Name; name {
	case "PTTL":
		return near(want, got, 900)
	case "TTL", "OBJECT|IDLETIME":
		return near(want, got, 1)
	case "PEXPIRETIME": // of a key that was given a time to live; others are exact
		return near(want, got, 900) && near(want, integer(time.Now().UnixMilli()), 1e13)
	case "EXPIRETIME":
		return near(want, got, 1) && near(want, integer(time.Now().Unix()), 1e10)
	case "KEYS", "SCAN", "SUNION", "SINTER", "SDIFF", "COMMAND|LIST", "CONFIG|GET", "ACL|CAT":
		return sorted(want) == sorted(got)
	case "SMEMBERS", "SSCAN", "HGETALL", "HKEYS", "HVALS", "HSCAN":
		// Only in a hash table the order is open.
		return strings.Contains(string(p.real.Do("OBJECT", "ENCODING", line.args[1])), "hashtable") && sorted(want) == sorted(got)
	case "RANDOMKEY", "SRANDMEMBER", "HRANDFIELD", "ZRANDMEMBER", "SPOP":
		return want[0] == got[0]
	case "XPENDING", "XINFO|CONSUMERS", "XINFO|STREAM":
		return nearTimes(want, got)
	case "MEMORY|DOCTOR", "MEMORY|STATS", "MEMORY|USAGE", "MEMORY|MALLOC-STATS", "CLIENT|ID", "CLIENT|INFO", "CLIENT|LIST", "INFO", "TIME", "LASTSAVE", "ACL|GENPASS", "LATENCY|HISTOGRAM":
		return want[0] == got[0]
	case "DUMP":
		return canonical(want) == canonical(got)
	}
	return false
}

func integer(n int64) string { return string(resp.AppendInt(nil, n)) }

func near(want, got string, most int64) bool {
	w, g := resp.NewCursor([]byte(want)), resp.NewCursor([]byte(got))
	a, b := w.Next().Int(), g.Next().Int()
	return a > 0 && b > 0 && max(a-b, b-a) <= most
}

// nearTimes says whether two replies about streams differ by their times only, and by little.
func nearTimes(want, got string) bool {
	w, g := strings.Split(want, "\r\n"), strings.Split(got, "\r\n")
	if len(w) != len(g) {
		return false
	}
	for i := range w {
		if w[i] == g[i] {
			continue
		}
		const milliseconds = len(":1000000000000")
		idle := i > 0 && w[i-1] == "idle" || strings.HasPrefix(w[i+1], ":") // before a number of deliveries
		if w[i][0] != ':' || g[i][0] != ':' || !idle && len(w[i]) != milliseconds {
			return false
		}
		a, _ := strconv.Atoi(w[i][1:])
		b, _ := strconv.Atoi(g[i][1:])
		if max(a-b, b-a) > 900 {
			return false
		}
	}
	return true
}

// sorted returns the lines of a reply in order.
func sorted(reply string) string {
	lines := strings.Split(reply, "\r\n")
	slices.Sort(lines)
	return strings.Join(lines, "\r\n")
}

// canonical returns what is in a payload of DUMP. A hash table has no order.
func canonical(reply string) string {
	c := resp.NewCursor([]byte(reply))
	payload := string(c.Next().Text)
	v, err := value.Restore(payload, value.DefaultLimits())
	if err != nil {
		return reply
	}
	var words []string
	switch v := v.(type) {
	case *value.Set:
		words = slices.Sorted(v.All())
	case *value.Hash:
		for field, v := range v.All() {
			words = append(words, fmt.Sprintf("%q %q", field, v))
		}
		slices.Sort(words)
	case *value.Stream:
		for _, g := range v.Groups() {
			for _, consumer := range g.Consumers() {
				consumer.Seen, consumer.Active = 0, 0
			}
			for p := range g.Pending.From(value.ID{}) {
				p.Delivered = 0
			}
		}
		words = append(words, string(value.Dump(v)))
	default:
		words = append(words, string(value.Dump(v))) // compressed or not
	}
	return fmt.Sprintf("%s %q", v.Encoding(), words)
}
