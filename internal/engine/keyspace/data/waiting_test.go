package data

import (
	"maps"
	"net"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/redis-rest/redis-rest-go/internal/engine/keyspace/value"
	"github.com/redis-rest/redis-rest-go/internal/protocol/commandtable"
	"github.com/redis-rest/redis-rest-go/internal/protocol/resp"
)

// Clients that wait get the same replies after the same commands as from redis-server. A line of testdata/waiting
// is the name of a client and its command.
func TestClientsWaitAsRedis(t *testing.T) {
	files, err := filepath.Glob("testdata/waiting/*.txt")
	require.NoError(t, err)
	require.NotEmpty(t, files)
	p := newPair(t)
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".txt"), func(t *testing.T) {
			for _, c := range readCases(t, file) {
				for _, line := range c.lines {
					if command, _ := commandtable.Check(line.args[1:]); !Has(command.Name) && !connection[command.Name] {
						t.Logf("%s waits for %s", c.name, command.Name)
						c.lines = nil
						break
					}
				}
				p.t = t
				p.playWaiting(t, c)
			}
		})
	}
}

// connection has the commands that the clients of the test know themselves.
var connection = map[string]bool{"MULTI": true, "EXEC": true, "DISCARD": true, "WATCH": true, "UNWATCH": true, "HELLO": true}

func (p *pair) playWaiting(t *testing.T, c testCase) {
	p.reset(false)
	real := realClients{p: p, conns: map[string]net.Conn{}, replies: make(chan clientReply)}
	defer real.close()
	here := clients{p: p, all: map[string]*client{}}
	waits := map[string]bool{}
	for _, line := range c.lines {
		name, args := line.args[0], line.args[1:]
		require.False(t, waits[name], "%s: %s: the client waits", c.name, line.text)
		waits[name] = true
		want := real.do(name, args, len(waits))
		got := here.do(name, args)
		if args[0] == "HELLO" {
			want[name] = "" // it tells of the connection
		}
		if want[name] != "" && p.same(testLine{args: args}, want[name], got[name]) { // but for times
			got[name] = want[name]
		}
		require.Equal(t, want, got, "%s: %s", c.name, line.text)
		for name := range want {
			delete(waits, name)
		}
		require.Equal(t, len(waits), p.s.Waiting())
	}
	require.Empty(t, p.compareKeys(), c.name)
}

// realClients are clients of redis-server.
type realClients struct {
	p       *pair
	conns   map[string]net.Conn
	replies chan clientReply
}

type clientReply struct{ client, reply string }

// do sends a command, and returns the replies that come of it, by client. waiting is how many clients
// have no reply yet, with this one.
func (r *realClients) do(name string, args []string, waiting int) map[string]string {
	conn := r.conns[name]
	if conn == nil {
		var err error
		conn, err = net.Dial("unix", r.p.real.Socket)
		require.NoError(r.p.t, err)
		r.conns[name] = conn
		go func() {
			var read []byte
			for buffer := make([]byte, 4096); ; {
				n, err := conn.Read(buffer)
				if err != nil {
					r.replies <- clientReply{}
					return
				}
				read = append(read, buffer[:n]...)
				for {
					reply, rest, ok := resp.Cut(read)
					if !ok {
						break
					}
					r.replies <- clientReply{name, string(reply)}
					read = rest
				}
			}
		}()
	}
	_, err := conn.Write(resp.AppendBulks(nil, args))
	require.NoError(r.p.t, err)
	replies := map[string]string{}
	for {
		select {
		case reply := <-r.replies:
			replies[reply.client] += reply.reply
			waiting--
			continue
		default:
		}
		_, after, _ := strings.Cut(string(r.p.real.Do("INFO", "clients")), "blocked_clients:")
		blocked, _, _ := strings.Cut(after, "\r\n")
		if blocked == strconv.Itoa(waiting) {
			return replies
		}
		runtime.Gosched()
	}
}

func (r *realClients) close() {
	for _, conn := range r.conns {
		conn.Close()
		<-r.replies
	}
	for { // a client that waited has gone from redis-server
		if strings.Contains(string(r.p.real.Do("INFO", "clients")), "blocked_clients:0\r\n") {
			return
		}
		runtime.Gosched()
	}
}

// clients are clients of the server here.
type clients struct {
	p       *pair
	all     map[string]*client
	replies map[string]string
}

type client struct {
	session Session
	queue   [][]string // of a transaction
	multi   bool
	watch   *Watch
}

func (cs *clients) do(name string, args []string) map[string]string {
	cs.replies = map[string]string{}
	c := cs.all[name]
	if c == nil {
		c = &client{watch: cs.p.s.Watch()}
		cs.all[name] = c
	}
	reply := func(reply []byte) { cs.replies[name] += string(reply) }
	run := func(args []string) []byte {
		command, problem := commandtable.Check(args)
		require.Equal(cs.p.t, commandtable.Legal, problem, args)
		out, wait := cs.p.s.Run(&c.session, command, args, nil)
		if wait != nil {
			cs.p.s.Park(&c.session, wait, reply)
		}
		return out
	}
	cs.p.s.Begin()
	switch {
	case args[0] == "HELLO":
		c.session.RESP3 = args[1] == "3"
		cs.replies[name] = ""
	case args[0] == "MULTI":
		c.multi = true
		reply(resp.OK)
	case args[0] == "WATCH":
		for _, key := range args[1:] {
			c.watch.Add(c.session.DB, key)
		}
		reply(resp.OK)
	case args[0] == "UNWATCH", args[0] == "DISCARD":
		c.watch.End()
		c.multi, c.queue = false, nil
		reply(resp.OK)
	case args[0] == "EXEC" && c.watch.Failed():
		c.watch.End()
		c.multi, c.queue = false, nil
		reply(TimedOut(&c.session, nil))
	case args[0] == "EXEC":
		c.watch.End()
		all := resp.AppendArray(nil, len(c.queue))
		c.session.NoWait = true
		for _, args := range c.queue {
			all = append(all, run(args)...)
		}
		c.multi, c.session.NoWait, c.queue = false, false, nil
		reply(all)
	case c.multi:
		c.queue = append(c.queue, args)
		reply(resp.AppendStatus(nil, "QUEUED"))
	default:
		if out := run(args); out != nil {
			reply(out)
		}
	}
	cs.p.s.Serve()
	return cs.replies
}

// What a command with a random effect did can be repeated.
func TestEffect(t *testing.T) {
	defer func(mget func(*call) error) { commands["MGET"] = mget }(commands["MGET"])
	commands["MGET"] = func(c *call) error {
		c.repeat("DEL", c.args[1])
		c.delete(c.args[1])
		c.addOK()
		return nil
	}
	s := newTestServer(t)
	s.do("SET k v")
	require.Nil(t, s.Effect())
	s.do("MGET k")
	require.Equal(t, []string{"DEL", "k"}, s.Effect())
	s.do("GET k")
	require.Nil(t, s.Effect())
}

// A watch fails if a key has expired since, and not if it was due before.
func TestWatchedKeysExpire(t *testing.T) {
	for _, keep := range []bool{false, true} {
		s := newTestServer(t)
		s.KeepDue = keep
		s.do("SET a v PX 10")
		s.do("SET b v PX 20")
		a, b := s.Watch(), s.Watch()
		a.Add(0, "a")
		b.Add(0, "b")
		s.time = s.time.Add(11 * time.Millisecond)
		s.Begin()
		require.True(t, a.Failed())
		s.do("SET a v PX 1")
		s.time = s.time.Add(5 * time.Millisecond)
		s.Begin()
		late := s.Watch()
		late.Add(0, "a")
		require.False(t, b.Failed())
		s.do("EXISTS a")
		require.False(t, late.Failed())
		s.time = s.time.Add(5 * time.Millisecond)
		s.do("FLUSHALL") // b is due, so nothing is lost
		require.Equal(t, !keep, b.Failed())
		for _, w := range []*Watch{a, b, late} {
			w.End()
			require.False(t, w.Failed())
		}
		require.Empty(t, s.watched)
	}
}

// take is a command for a test that needs no family: it takes a string, and waits for it.
func take(c *call) error {
	for _, key := range c.args[1:] {
		s, err := edit[value.String](c, key)
		if err != nil {
			return err
		}
		if s != nil {
			c.addBulk(key + " " + s.String())
			if key != "stays" {
				c.delete(key)
			}
			return nil
		}
	}
	return c.block(c.args[1:], 0)
}

func TestWaiters(t *testing.T) {
	defer func(mget func(*call) error) { commands["MGET"] = mget }(commands["MGET"])
	commands["MGET"] = take
	s := newTestServer(t)
	var log []string
	park := func(name, line string) *Waiter {
		args := strings.Fields(line)
		command, _ := commandtable.Check(args)
		s.Begin()
		reply, wait := s.Run(&Session{}, command, args, nil)
		require.Empty(t, reply)
		return s.Park(&Session{}, wait, func(reply []byte) { log = append(log, name+" "+strings.Fields(string(reply))[1]) })
	}
	told := func() []string {
		all := log
		log = nil
		return all
	}
	first, second, third := park("first", "MGET a b"), park("second", "MGET b"), park("third", "MGET a a")
	require.Equal(t, 3, s.Waiting())
	s.Serve()
	require.Empty(t, told())
	s.do("SET b 1")
	s.do("SET a 2")
	s.Serve()
	require.Equal(t, []string{"first b", "third a"}, told())
	require.Equal(t, 1, s.Waiting())
	require.False(t, first.Leave())
	require.False(t, third.Leave())
	require.True(t, second.Leave())
	require.Zero(t, s.Waiting())
	s.do("SET b 1")
	s.Serve()
	require.Empty(t, told())
	require.Empty(t, slices.Collect(maps.Keys(s.waiting.keys)))

	// Each client has one reply.
	park("one", "MGET stays stays")
	park("two", "MGET stays")
	s.do("SET stays v")
	s.Serve()
	require.Equal(t, []string{"one stays", "two stays"}, told())
	require.Zero(t, s.Waiting())

	require.Equal(t, "x*-1\r\n", string(TimedOut(&Session{}, []byte("x"))))
	require.Equal(t, "x_\r\n", string(TimedOut(&Session{RESP3: true}, []byte("x"))))

	// In a transaction it does not wait.
	require.Equal(t, "*-1\r\n", func() string {
		s.session.NoWait = true
		return s.do("MGET none")
	}())

	// A key that another type or database has is no data.
	s.do("FLUSHALL")
	park("one", "MGET k")
	s.put(s.dbs[0], "k", value.NewSet())
	s.written(s.dbs[0], "k")
	s.Serve()
	s.do("SELECT 1")
	s.do("SET k v")
	s.Serve()
	require.Empty(t, told())
	s.do("SWAPDB 0 1")
	s.Serve()
	require.Equal(t, []string{"one k"}, told())
}

// A command that panics when it runs again fails, and the command that wrote does not.
func TestFailureOfAWaiter(t *testing.T) {
	s := newTestServer(t)
	wait := &Wait{Keys: []string{"l"}, Args: []string{"BLPOP", "l", "0"}}
	var replies []string
	for range 2 {
		s.Park(&Session{}, wait, func(reply []byte) { replies = append(replies, string(reply)) })
	}
	run := commands["BLPOP"]
	defer func() { commands["BLPOP"] = run }()
	commands["BLPOP"] = func(c *call) error {
		commands["BLPOP"] = run
		panic("oops")
	}
	require.Equal(t, ":1\r\n", s.do("RPUSH l a"))
	s.Serve()
	require.Equal(t, []string{"-ERR the embedded database failed at the command 'BLPOP': oops\r\n", "*2\r\n$1\r\nl\r\n$1\r\na\r\n"}, replies)
	require.Zero(t, s.Waiting())
}
