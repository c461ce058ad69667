package main

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"runtime"
	"strings"
	"testing"
	"testing/iotest"
	"time"

	"github.com/stretchr/testify/require"

	redis "github.com/redis-rest/redis-rest-go"
	"github.com/redis-rest/redis-rest-go/redistest"
)

func TestDoLines(t *testing.T) {
	redistest.NewServer(t).Setenv()
	out, _, err := run(t, `# a comment
SET name "Ada\x20Lovelace"

  get name
SET 'a key' 'it\'s'`+"\r\n"+`GET "a key"
GET none
RPUSH l 1 2
LRANGE l 0 -1
# FLUSHALL
DBSIZE`, "do")
	require.NoError(t, err)
	require.Equal(t, "\"OK\"\n\"Ada Lovelace\"\n\"OK\"\n\"it's\"\n(nil)\n(integer) 2\n1) \"1\"\n2) \"2\"\n(integer) 3\n", out)

	out, _, err = run(t, "GET none\nLPUSH name x\nGET name\nNOSUCH\nPING", "do", "--json")
	require.EqualError(t, err, "2 of 5 commands failed")
	lines := strings.Split(out, "\n")
	require.Len(t, lines, 6)
	require.Equal(t, "null", lines[0])
	require.Regexp(t, `^\{"error":"WRONGTYPE .*"\}$`, lines[1])
	require.Equal(t, `"Ada Lovelace"`, lines[2])
	require.Equal(t, `"PONG"`, lines[4])
	out, _, err = run(t, "LPUSH name x\nPING", "do")
	require.EqualError(t, err, "1 of 2 commands failed")
	require.Regexp(t, `^\(error\) WRONGTYPE .*\n"PONG"\n$`, out)

	// What stands before a line that is no command has run.
	for line, text := range map[string]string{
		`SET a "b`:      "line 2: a quote is not closed",
		`SET a "b"c`:    "line 2: a quote is not closed, or is followed by",
		`SET a "\xff"`:  "line 2: has a word that is not UTF-8",
		"SET a b\x00 c": "line 2: has a byte 0",
	} {
		out, _, err = run(t, "INCR n\n"+line+"\nINCR n", "do", "--memory")
		require.ErrorContains(t, err, text)
		require.Equal(t, "(integer) 1\n", out)
	}
	out, _, err = run(t, `ECHO "\x00"`, "do", "--memory", "--json")
	require.NoError(t, err)
	require.Equal(t, `"\u0000"`+"\n", out)
	_, _, err = run(t, "\n# nothing\n", "do")
	require.ErrorContains(t, err, "the command is missing")
}

// Lines that have arrived go in one request, and one that has arrived alone does not wait.
func TestDoLinesTogether(t *testing.T) {
	server := redistest.NewServer(t, redistest.Backend("memory"))
	server.Setenv()
	var lines strings.Builder
	for i := range 2500 {
		fmt.Fprintf(&lines, "SET k%d %d\n", i, i)
	}
	fmt.Fprintf(&lines, "SET big %s\nDBSIZE\n", strings.Repeat("x", 3<<20))
	out, _, err := run(t, lines.String(), "do", "--json")
	require.NoError(t, err)
	require.True(t, strings.HasSuffix(out, "\n2501\n"))
	require.Less(t, len(server.Requests()), 100)
	for _, r := range server.Requests() {
		require.LessOrEqual(t, len(r.Commands), 1000)
	}

	in, send := io.Pipe()
	replies := new(output)
	p := program()
	p.Reader, p.Writer = in, replies
	ended := make(chan error, 1)
	go func() { ended <- p.Run(t.Context(), []string{"redis-rest", "do"}) }()
	for i, text := range []string{"INCR hits\n", "INCR hits\n\n# a comment\n", "\n\nINCR hits\n# and\n", "INCR hits\nIN", "CR hits\n"} {
		io.WriteString(send, text)
		require.Eventually(t, func() bool { return strings.HasSuffix(replies.String(), fmt.Sprintf("(integer) %d\n", i+1)) }, 10*time.Second, time.Millisecond)
	}
	send.Close()
	require.NoError(t, <-ended)
}

// A line that was cut off is not run: it may be the start of another command.
func TestDoLinesCutOff(t *testing.T) {
	lost := errors.New("lost")
	r := newCommandReader(io.MultiReader(strings.NewReader("PING\nDEL user:1"), iotest.ErrReader(lost)))
	cmd, err := r.next()
	require.NoError(t, err)
	require.Equal(t, []string{"PING"}, cmd.words)
	_, err = r.next()
	require.ErrorIs(t, err, lost)
}

// A request without an answer ends everything, and the lines are named.
func TestDoLinesWithoutAnswer(t *testing.T) {
	broken := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { panic(http.ErrAbortHandler) }))
	defer broken.Close()
	t.Setenv("UPSTASH_REDIS_REST_URL", broken.URL)
	t.Setenv("UPSTASH_REDIS_REST_TOKEN", "t")
	out, _, err := run(t, "\nINCR a s3cret\nINCR b\n", "do")
	require.ErrorIs(t, err, redis.ErrOutcomeUnknown)
	require.ErrorContains(t, err, "lines 2 to 3: ")
	require.NotContains(t, err.Error(), "s3cret")
	require.Empty(t, out)

	server := redistest.NewServer(t)
	server.Setenv()
	t.Setenv("UPSTASH_REDIS_REST_TOKEN", "wrong")
	out, _, err = run(t, "INCR a\nINCR b\n", "do")
	require.Equal(t, "WRONGPASS", redis.Code(err))
	require.Empty(t, out)
}

func TestLastArgument(t *testing.T) {
	redistest.NewServer(t).Setenv()
	_, _, err := run(t, "two\nlines\n", "do", "-x", "SET", "k")
	require.NoError(t, err)
	out, _, err := run(t, "", "do", "--json", "GET", "k")
	require.NoError(t, err)
	require.Equal(t, `"two\nlines\n"`+"\n", out)
	out, _, err = run(t, "", "do", "-x", "SET", "k")
	require.NoError(t, err)
	require.Equal(t, "\"OK\"\n", out)
	out, _, err = run(t, "", "do", "GET", "k")
	require.NoError(t, err)
	require.Equal(t, "\"\"\n", out)
	_, _, err = run(t, "x", "do", "-x")
	require.ErrorContains(t, err, "the command is missing")
	_, _, err = run(t, "\xff", "do", "-x", "SET", "k")
	require.ErrorContains(t, err, "UTF-8")
}

// The database in memory needs no server and no environment, and is empty each time.
func TestMemory(t *testing.T) {
	t.Setenv("UPSTASH_REDIS_REST_URL", "")
	t.Setenv("UPSTASH_REDIS_REST_TOKEN", "")
	for range 2 {
		out, _, err := run(t, "return redis.call('INCRBY', KEYS[1], ARGV[1])", "eval", "--memory", "-", "k", ",", "7")
		require.NoError(t, err)
		require.Equal(t, "(integer) 7\n", out)
	}
	_, _, err := run(t, "return {err='x y'}", "eval", "--memory", "-")
	require.Equal(t, "x", redis.Code(err))
	out, _, err := run(t, "INCR a\nINCR a\n", "do", "--memory")
	require.NoError(t, err)
	require.Equal(t, "(integer) 1\n(integer) 2\n", out)
}

func TestImport(t *testing.T) {
	server := redistest.NewServer(t)
	server.Setenv()
	rdb := server.Client()
	out, notes, err := run(t, "", "import", write(t, "seed.txt", "# users\nHSET user:1 name \"Ada Lovelace\" born 1815\n\nSADD users 1\n"))
	require.NoError(t, err)
	require.Equal(t, "2 commands imported\n", out)
	require.Empty(t, notes, "it shows no progress where there is no terminal")
	name, err := redis.Cmd[string]("HGET", "user:1", "name").Do(t.Context(), rdb)
	require.NoError(t, err)
	require.Equal(t, "Ada Lovelace", name)

	out, _, err = run(t, "SET a 1\nSET b 2", "import", "-")
	require.NoError(t, err)
	require.Equal(t, "2 commands imported\n", out)

	// Nothing runs of a file with a line that is no command.
	path := write(t, "bad.txt", "SET c 1\nSET d 'open\n")
	_, _, err = run(t, "", "import", path)
	require.ErrorContains(t, err, path+": line 2: a quote is not closed")
	n, err := redis.Cmd[int]("EXISTS", "c").Do(t.Context(), rdb)
	require.NoError(t, err)
	require.Zero(t, n)

	// Commands that fail are named, and the others run.
	path = write(t, "some.txt", "LPUSH user:1 x\n"+strings.Repeat("NOSUCH\n", 20)+"SET e 1\n")
	out, notes, err = run(t, "", "import", path)
	require.EqualError(t, err, "21 of 22 commands failed")
	require.Empty(t, out)
	require.Contains(t, notes, path+": line 1: redis: LPUSH: WRONGTYPE")
	require.Contains(t, notes, path+": line 10: ")
	require.NotContains(t, notes, "line 11:")
	n, err = redis.Cmd[int]("EXISTS", "e").Do(t.Context(), rdb)
	require.NoError(t, err)
	require.Equal(t, 1, n)

	for _, c := range []struct {
		args []string
		err  string
	}{{nil, "takes one file"}, {[]string{"a", "b"}, "takes one file"}, {[]string{"/none/such"}, "/none/such"}} {
		_, _, err := run(t, "", append([]string{"import"}, c.args...)...)
		require.ErrorContains(t, err, c.err)
	}
}

func TestProgress(t *testing.T) {
	var b bytes.Buffer
	p := newProgress(&b, "commands imported", 200)
	p.at(10)
	p.clear()
	require.Empty(t, b.String(), "no terminal")

	p = &progress{w: &b, what: "commands imported", total: 200}
	p.at(50)
	p.at(51) // at most ten times a second
	p.clear()
	require.Equal(t, "\r\x1b[K50 of 200 commands imported (25 %)\r\x1b[K", b.String())
	b.Reset()
	(&progress{w: &b, what: "commands imported"}).at(7)
	require.Equal(t, "\r\x1b[K7 commands imported", b.String())

	file, err := os.Open(write(t, "file", ""))
	require.NoError(t, err)
	defer file.Close()
	require.False(t, isTerminal(file))
	if runtime.GOOS != "windows" {
		device, err := os.Open(os.DevNull)
		require.NoError(t, err)
		defer device.Close()
		require.True(t, isTerminal(device))
	}
}

func TestPublishAndSubscribe(t *testing.T) {
	server := redistest.NewServer(t)
	server.Setenv()
	one := startCommand(t, "subscribe", "news", "100%, of it")
	many := startCommand(t, "subscribe", "--pattern", "--json", "n*")
	one.waitFor(t, "subscribed")
	many.waitFor(t, "subscribed")
	out, _, err := run(t, "", "publish", "news", "a \"b\"\n<c>")
	require.NoError(t, err)
	require.Equal(t, "(integer) 2\n", out)
	out, _, err = run(t, "from stdin", "publish", "--json", "-x", "100%, of it")
	require.NoError(t, err)
	require.Equal(t, "1\n", out)
	has := func(s *served, text string) {
		t.Helper()
		require.Eventually(t, func() bool { return strings.Contains(s.out.String(), text) }, 10*time.Second, time.Millisecond, text)
	}
	has(one, `"news" "a \"b\"\n<c>"`+"\n")
	has(one, `"100%, of it" "from stdin"`+"\n")
	has(many, `{"channel":"news","pattern":"n*","payload":"a \"b\"\n<c>"}`+"\n")
	require.NoError(t, one.end())
	server.Restart() // which closes connections
	<-many.ended
	require.Error(t, many.err)

	for _, args := range [][]string{{"publish"}, {"publish", "c"}, {"publish", "c", "m", "more"}} {
		_, _, err := run(t, "", args...)
		require.ErrorContains(t, err, "publish takes a channel and a message")
	}
	_, _, err = run(t, "", "subscribe")
	require.ErrorContains(t, err, "the channel is missing")
}

func TestMonitor(t *testing.T) {
	server := redistest.NewServer(t)
	server.Setenv()
	m := startCommand(t, "monitor")
	m.waitFor(t, "watching")
	_, _, err := run(t, "", "do", "SET", "k", "v w")
	require.NoError(t, err)
	require.Eventually(t, func() bool { return strings.Contains(m.out.String(), `"SET" "k" "v w"`+"\n") }, 10*time.Second, time.Millisecond)
	require.NoError(t, m.end())
	_, _, err = run(t, "", "monitor", "x")
	require.ErrorContains(t, err, "takes no arguments")
	t.Setenv("UPSTASH_REDIS_REST_TOKEN", "wrong")
	_, _, err = run(t, "", "monitor")
	require.Equal(t, "WRONGPASS", redis.Code(err))
}
