package data

import (
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/redis-rest/redis-rest-go/internal/engine/keyspace/value"
	"github.com/redis-rest/redis-rest-go/internal/protocol/commandtable"
)

// A testServer is a server with a clock that stands still.
type testServer struct {
	*Server
	t       testing.TB
	time    time.Time
	session Session
	log     []string // what the hooks were told
}

func newTestServer(t testing.TB) *testServer {
	s := &testServer{t: t, time: time.UnixMilli(1_000_000_000_000)}
	s.Server = New(func() time.Time { return s.time })
	s.events, _ = parseEvents("AKEnm")
	s.Hooks = Hooks{
		Written:   func(db int, key string) { s.log = append(s.log, fmt.Sprint("written ", db, " ", key)) },
		Replacing: func(db, with int) { s.log = append(s.log, fmt.Sprint("replacing ", db, " ", with)) },
		Publish: func(channel, message string) {
			if strings.HasPrefix(channel, "__keyevent") {
				s.log = append(s.log, channel[len("__keyevent@0__:"):]+" "+message)
			}
		},
	}
	return s
}

// do runs a command line and returns its reply.
func (s *testServer) do(line string) string {
	s.t.Helper()
	args := split(s.t, line)
	command, problem := commandtable.Check(args)
	require.Equal(s.t, commandtable.Legal, problem, line)
	s.Begin()
	reply, wait := s.Run(&s.session, command, args, nil)
	require.Nil(s.t, wait, line)
	return string(reply)
}

// told returns what the hooks were told since the last call.
func (s *testServer) told() []string {
	log := s.log
	s.log = nil
	return log
}

func TestKeysExpire(t *testing.T) {
	s := newTestServer(t)
	s.do("SET a v PX 1000")
	s.do("SET b v PX 2000")
	s.do("SET c v PX 2000")
	s.told()
	next, ok := s.ExpireDue(10)
	require.True(t, ok)
	require.EqualValues(t, s.time.UnixMilli()+1001, next)

	s.time = s.time.Add(1000 * time.Millisecond)
	require.Equal(t, ":0\r\n", s.do("PTTL a"), "it is there in its last millisecond")
	s.time = s.time.Add(time.Millisecond)
	require.Equal(t, "$-1\r\n", s.do("GET a"))
	require.Equal(t, []string{"expired a", "written 0 a", "keymiss a"}, s.told())

	// Without the deletion of keys in between, a command finds that a key is due.
	s.KeepDue = true
	s.do("SET earlier v PX 1")
	s.time = s.time.Add(999 * time.Millisecond)
	require.Equal(t, ":0\r\n", s.do("PTTL b"))
	require.Equal(t, ":0\r\n", s.do("EXISTS earlier"))
	s.time = s.time.Add(time.Millisecond)
	require.Equal(t, ":2\r\n", s.do("DBSIZE"))
	require.Equal(t, "*0\r\n", s.do("KEYS *"))
	require.False(t, s.Exists(0, "b"))
	require.Equal(t, ":0\r\n", s.do("EXISTS b"))
	require.Equal(t, ":1\r\n", s.do("DBSIZE"))
	_, ok = s.ExpireDue(10)
	require.False(t, ok)
	require.Equal(t, "$-1\r\n", s.do("RANDOMKEY"))
	s.do("SET d v PX 1")
	s.time = s.time.Add(time.Second)
	s.KeepDue = false
	_, ok = s.ExpireDue(10)
	require.False(t, ok, "no key is left")
	require.Equal(t, ":0\r\n", s.do("DBSIZE"))
	require.EqualValues(t, 5, s.Stats().Expired)
}

// Many keys that are due at once hold up no command.
func TestManyKeysExpire(t *testing.T) {
	s := newTestServer(t)
	for i := range 5 * duePerCommand {
		s.do(fmt.Sprintf("SET k%d v EX 1", i))
	}
	s.time = s.time.Add(2 * time.Second)
	require.Equal(t, fmt.Sprintf(":%d\r\n", 4*duePerCommand), s.do("DBSIZE"))
	next, ok := s.ExpireDue(duePerCommand)
	require.True(t, ok)
	require.Less(t, next, s.time.UnixMilli(), "it is due")
}

// The clock stands still between two calls of Begin.
func TestTimeStandsStill(t *testing.T) {
	s := newTestServer(t)
	s.do("SET a v PX 1000")
	s.time = s.time.Add(time.Hour)
	args := []string{"GET", "a"}
	command, _ := commandtable.Check(args)
	reply, _ := s.Run(&s.session, command, args, []byte("before"))
	require.Equal(t, "before$1\r\nv\r\n", string(reply))
	increment, _ := commandtable.Lookup("INCR")
	reply, _ = s.Run(&s.session, increment, []string{"INCR", "a"}, []byte("before"))
	require.Equal(t, "before-ERR value is not an integer or out of range\r\n", string(reply))
	s.Begin()
	reply, _ = s.Run(&s.session, command, args, nil)
	require.Equal(t, "$-1\r\n", string(reply))
}

func TestFieldsExpire(t *testing.T) {
	s := newTestServer(t)
	h := value.NewHash()
	for i := range 3 {
		field := fmt.Sprint("f", i)
		h.Set(field, "v", s.Limits)
		h.SetExpiry(field, s.time.UnixMilli()+1000*int64(i+1))
	}
	s.put(s.dbs[0], "h", h)
	s.written(s.dbs[0], "h")
	c := s.Copy()
	length := func(s *Server) int {
		e := s.find(s.dbs[0], "h")
		if e == nil {
			return 0
		}
		return e.value.Len()
	}
	next, ok := s.ExpireDue(10)
	require.True(t, ok)
	require.EqualValues(t, s.time.UnixMilli()+1000, next)
	s.told()

	s.time = s.time.Add(time.Second)
	s.Begin()
	require.Equal(t, []string{"hexpired h", "written 0 h"}, s.told())
	require.Equal(t, 2, length(s.Server))
	require.Equal(t, 3, length(c), "the copy has its own time")

	// A command that finds the hash deletes what is due.
	s.KeepDue = true
	s.time = s.time.Add(time.Second)
	s.Begin()
	require.Equal(t, 1, length(s.Server))
	s.time = s.time.Add(time.Second)
	s.told()
	require.Equal(t, ":0\r\n", s.do("EXISTS h"))
	require.Equal(t, []string{"hexpired h", "del h", "written 0 h", "keymiss h"}, s.told())
	require.EqualValues(t, 3, s.Stats().ExpiredFields)
	c.Begin()
	require.Equal(t, 0, length(c))
}

// A script gets the elements of a set in an order that does not depend on how it holds them.
func TestSortInScript(t *testing.T) {
	s := newTestServer(t)
	set := value.NewSet()
	for _, member := range strings.Fields("c b a d 10 9") {
		set.Add(member, s.Limits)
	}
	s.put(s.dbs[0], "s", set)
	unordered := s.do("SORT s BY nosort")
	s.session.Script = true
	require.Equal(t, "*6\r\n$2\r\n10\r\n$1\r\n9\r\n$1\r\na\r\n$1\r\nb\r\n$1\r\nc\r\n$1\r\nd\r\n", s.do("SORT s BY nosort"))
	require.Equal(t, "*1\r\n$1\r\n9\r\n", s.do("SORT s BY nosort LIMIT 1 1"))
	require.NotEqual(t, unordered, s.do("SORT s BY nosort"))
}

func TestCopy(t *testing.T) {
	s := newTestServer(t)
	s.do("SET k v")
	s.do("APPEND k 0")
	s.do("EXPIRE k 100")
	s.do("SELECT 5")
	s.do("SET five v")
	s.do("SELECT 0")
	s.told()
	var all sync.WaitGroup
	for i := range 3 {
		copied := &testServer{t: t, Server: s.Copy()}
		all.Go(func() {
			require.Equal(t, fmt.Sprintf(":%d\r\n", 3+i), copied.do("APPEND k "+strings.Repeat("x", i+1)))
			require.Equal(t, fmt.Sprintf("$%d\r\nv0%s\r\n", 3+i, strings.Repeat("x", i+1)), copied.do("GET k"))
			require.Equal(t, ":100\r\n", copied.do("TTL k"))
			require.Equal(t, "+OK\r\n", copied.do("FLUSHDB"))
			copied.do("SELECT 5")
			require.Equal(t, ":1\r\n", copied.do("DBSIZE"))
		})
	}
	require.Equal(t, ":3\r\n", s.do("APPEND k y"))
	all.Wait()
	require.Equal(t, "$3\r\nv0y\r\n", s.do("GET k"))
	require.Equal(t, []string{"append k"}, slices.DeleteFunc(s.told(), func(line string) bool { return strings.HasPrefix(line, "written") }))

	// COPY shares too.
	s.do("COPY k l")
	s.do("APPEND l z")
	require.Equal(t, "$3\r\nv0y\r\n", s.do("GET k"))
	s.do("APPEND k a")
	require.Equal(t, "$4\r\nv0yz\r\n", s.do("GET l"))
}

func TestHooks(t *testing.T) {
	s := newTestServer(t)
	for _, step := range []struct {
		line string
		told []string
	}{
		{"SET k v", []string{"new k", "written 0 k", "set k"}},
		{"GET none", []string{"keymiss none"}},
		{"SET k v NX", nil},
		{"INCR k", nil},
		{"SWAPDB 0 1", []string{"replacing 0 1", "replacing 1 0"}},
		{"SWAPDB 1 1", nil},
		{"SELECT 1", nil},
		{"RENAME k l", []string{"new l", "written 1 l", "written 1 k", "rename_from k", "rename_to l"}},
		{"MOVE l 0", []string{"new l", "written 0 l", "written 1 l", "move_from l", "move_to l"}},
		{"DEL l", nil},
		{"FLUSHDB", []string{"replacing 1 -1"}},
	} {
		changes := s.Stats().Changes
		s.do(step.line)
		require.Equal(t, step.told, s.told(), step.line)
		changed := step.told != nil && step.line != "GET none" || step.line == "SWAPDB 1 1"
		require.Equal(t, changed, s.Stats().Changes > changes, step.line)
	}
	s.events = 0
	s.do("SET k v")
	require.Equal(t, []string{"written 1 k"}, s.told())
}

// An event is published if its class and a channel are configured.
func TestEvents(t *testing.T) {
	for config, want := range map[string][]string{
		"":    nil,
		"A":   nil,
		"K":   nil,
		"K$":  {"__keyspace@0__:k set"},
		"E$":  {"__keyevent@0__:set k"},
		"KEg": {"__keyspace@0__:k del", "__keyevent@0__:del k"},
		"EA":  {"__keyevent@0__:set k", "__keyevent@0__:del k"},
		"En":  {"__keyevent@0__:new k"},
	} {
		s := newTestServer(t)
		var ok bool
		s.events, ok = parseEvents(config)
		require.True(t, ok)
		var got []string
		s.Hooks.Publish = func(channel, message string) { got = append(got, channel+" "+message) }
		s.do("SET k v")
		s.do("DEL k")
		require.Equal(t, want, got, config)
	}
	_, ok := parseEvents("KEq")
	require.False(t, ok)
}

// A scan goes on from its cursor and visits about COUNT keys.
func TestScanHonoursCount(t *testing.T) {
	s := newTestServer(t)
	for i := range 100 {
		s.do(fmt.Sprint("SET k", i, " v"))
	}
	seen := map[string]bool{}
	cursor, calls := "0", 0
	for {
		reply := strings.Split(s.do("SCAN "+cursor+" COUNT 7"), "\r\n")
		calls++
		cursor = reply[2]
		for i := 5; i < len(reply); i += 2 {
			require.False(t, seen[reply[i]])
			seen[reply[i]] = true
		}
		if cursor == "0" {
			break
		}
	}
	require.Len(t, seen, 100)
	require.Equal(t, 15, calls)
}

func BenchmarkRun(b *testing.B) {
	for _, line := range []string{"SET key value", "GET key", "INCR number"} {
		b.Run(strings.Fields(line)[0], func(b *testing.B) {
			s := New(time.Now)
			args := strings.Fields(line)
			command, _ := commandtable.Check(args)
			var out []byte
			b.ReportAllocs()
			for b.Loop() {
				s.Begin()
				out, _ = s.Run(&Session{}, command, args, out[:0])
			}
		})
	}
}
