package data

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/redis-rest/redis-rest-go/internal/protocol/commandtable"
)

// XADD chooses IDs of the time, which stay in order when the clock goes back.
func TestStreamIDsOfTheTime(t *testing.T) {
	s := newTestServer(t)
	id := func(id string) string { return "$" + "15\r\n" + id + "\r\n" }
	require.Equal(t, id("1000000000000-0"), s.do("XADD s * f v"))
	require.Equal(t, id("1000000000000-1"), s.do("XADD s * f v"))
	s.time = s.time.Add(time.Millisecond)
	require.Equal(t, id("1000000000001-0"), s.do("XADD s MAXLEN ~ 5 * f v"))
	s.time = s.time.Add(-time.Second)
	require.Equal(t, id("1000000000001-1"), s.do("XADD s NOMKSTREAM * f v"))
}

// Idle times are those of the clock.
func TestStreamIdleTimes(t *testing.T) {
	s := newTestServer(t)
	s.do("XGROUP CREATE s g 0 MKSTREAM")
	s.do("XADD s 1-1 f v")
	s.do("XADD s 1-2 f v")
	s.do("XREADGROUP GROUP g one COUNT 1 STREAMS s >")
	s.time = s.time.Add(500 * time.Millisecond)
	s.do("XREADGROUP GROUP g two STREAMS s >")
	s.time = s.time.Add(500 * time.Millisecond)
	pending := func(id, name, idle string) string {
		return "*4\r\n$3\r\n" + id + "\r\n$3\r\n" + name + "\r\n:" + idle + "\r\n:1\r\n"
	}
	require.Equal(t, "*2\r\n"+pending("1-1", "one", "1000")+pending("1-2", "two", "500"), s.do("XPENDING s g - + 10"))
	require.Equal(t, "*1\r\n"+pending("1-1", "one", "1000"), s.do("XPENDING s g IDLE 1000 - + 10"))
	require.Equal(t, "*0\r\n", s.do("XPENDING s g IDLE 1001 - + 10"))
	require.Equal(t, "*0\r\n", s.do("XCLAIM s g three 1001 1-1 1-2 JUSTID"))
	require.Equal(t, "*3\r\n$3\r\n0-0\r\n*0\r\n*0\r\n", s.do("XAUTOCLAIM s g three 1001 0 JUSTID"))
	require.Contains(t, s.do("XINFO CONSUMERS s g"), "$4\r\nidle\r\n:1000\r\n*6\r\n")
	s.do("XREADGROUP GROUP g one STREAMS s 9")
	require.Contains(t, s.do("XINFO CONSUMERS s g"), "$4\r\nidle\r\n:0\r\n*6\r\n", "it was seen")
	require.Equal(t, "*1\r\n$3\r\n1-1\r\n", s.do("XCLAIM s g three 1000 1-1 1-2 JUSTID IDLE 700"))
	require.Equal(t, "*3\r\n$3\r\n0-0\r\n*1\r\n$3\r\n1-1\r\n*0\r\n", s.do("XAUTOCLAIM s g two 600 0 JUSTID"))
}

// Without LIMIT, trimming ends after a hundred nodes, a million entries, or ten thousand if nodes have no limit.
func TestStreamTrimLimit(t *testing.T) {
	for entries, want := range map[int]int{1: 100, 2: 200, 0: 10_000, 20_000: 1_000_000} {
		s := newTestServer(t)
		s.Limits.StreamNodeMaxEntries = entries
		args := strings.Fields("XTRIM s MAXLEN ~ 0")
		o, _, err := (&call{Server: s.Server, args: args}).parseTrim(false)
		require.NoError(t, err)
		require.EqualValues(t, want, o.limit, entries)
	}
}

// Those who watch a stream are told of its entries, but not of its groups.
func TestStreamHooks(t *testing.T) {
	s := newTestServer(t)
	for _, step := range []struct {
		line string
		told []string
	}{
		{"XGROUP CREATE s g 0 MKSTREAM", []string{"new s", "written 0 s", "xgroup-create s"}},
		{"XGROUP CREATE s h 0", []string{"xgroup-create s"}},
		{"XADD s 1-1 f v", []string{"written 0 s", "xadd s"}},
		{"XADD s MAXLEN 1 1-2 f v", []string{"written 0 s", "xadd s", "xtrim s"}},
		{"XREADGROUP GROUP g one STREAMS s >", []string{"xgroup-createconsumer s"}},
		{"XREADGROUP GROUP g one STREAMS s >", nil},
		{"XCLAIM s g one 0 1-2", []string{}},
		{"XAUTOCLAIM s g one 0 0", []string{}},
		{"XACK s g 1-2", []string{}},
		{"XACK s g 1-2", nil},
		{"XSETID s 5-5", []string{"xsetid s"}},
		{"XDEL s 1-2", []string{"written 0 s", "xdel s"}},
		{"XDEL s 1-2", nil},
		{"XTRIM s MAXLEN 0", nil},
		{"XADD s 6-6 f v", []string{"written 0 s", "xadd s"}},
		{"XTRIM s MAXLEN 0", []string{"written 0 s", "xtrim s"}},
		{"XGROUP SETID s g 0", []string{"xgroup-setid s"}},
		{"XGROUP DELCONSUMER s g one", []string{"xgroup-delconsumer s"}},
		{"XGROUP DESTROY s g", []string{"xgroup-destroy s"}},
	} {
		changes := s.Stats().Changes
		s.do(step.line)
		told := s.told()
		require.ElementsMatch(t, step.told, told, step.line)
		require.Equal(t, step.told != nil, s.Stats().Changes > changes, step.line)
	}
}

// What XREADGROUP gave after it waited can be repeated without waiting, for the stream that was written.
func TestEffectOfWaitingReader(t *testing.T) {
	s := newTestServer(t)
	s.do("XGROUP CREATE s g 0 MKSTREAM")
	s.do("XGROUP CREATE t g 0 MKSTREAM")
	args := strings.Fields("XREADGROUP GROUP g one NOACK BLOCK 0 STREAMS s t > >")
	command, _ := commandtable.Check(args)
	_, wait := s.Run(&s.session, command, args, nil)
	require.Equal(t, strings.Fields("XREADGROUP GROUP g one NOACK COUNT 1000 STREAMS s t > >"), wait.Args)
	require.Equal(t, []string{"s", "t"}, wait.Keys)
	reply := ""
	s.Park(&s.session, wait, func(r []byte) { reply = string(r) })
	s.do("XADD t 1-1 f v")
	s.Serve()
	require.Equal(t, "*1\r\n*2\r\n$1\r\nt\r\n*1\r\n*2\r\n$3\r\n1-1\r\n*2\r\n$1\r\nf\r\n$1\r\nv\r\n", reply)
	require.Equal(t, strings.Fields("XREADGROUP GROUP g one NOACK COUNT 1000 STREAMS t >"), s.Effect())
}

func TestStreamsInScripts(t *testing.T) {
	s := newTestServer(t)
	s.session.Script = true
	require.Equal(t, "-ERR xread command is not allowed with BLOCK option from scripts\r\n", s.do("xread BLOCK x STREAMS s $"))
	require.Equal(t, "*-1\r\n", s.do("XREAD STREAMS s $"))
}
