package restserver_test

import (
	"bufio"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-dap"
	"github.com/stretchr/testify/require"

	redis "github.com/redis-rest/redis-rest-go"
	"github.com/redis-rest/redis-rest-go/restserver"
)

// An editor speaks the Debug Adapter Protocol.
type editor struct {
	t    *testing.T
	conn net.Conn
	in   *bufio.Reader
	seq  int
}

func newEditor(t *testing.T, addr string) *editor {
	conn, err := net.Dial("tcp", addr)
	require.NoError(t, err)
	t.Cleanup(func() { conn.Close() })
	return &editor{t: t, conn: conn, in: bufio.NewReader(conn)}
}

// ask sends a request.
func (e *editor) ask(command, arguments string) {
	e.seq++
	content := fmt.Sprintf(`{"seq":%d,"type":"request","command":%q,"arguments":%s}`, e.seq, command, arguments)
	_, err := fmt.Fprintf(e.conn, "Content-Length: %d\r\n\r\n%s", len(content), content)
	require.NoError(e.t, err)
}

// await returns the next message of a type.
func await[M dap.Message](e *editor) M {
	e.t.Helper()
	require.NoError(e.t, e.conn.SetReadDeadline(time.Now().Add(20*time.Second)))
	for {
		m, err := dap.ReadProtocolMessage(e.in)
		require.NoError(e.t, err)
		if found, ok := m.(M); ok {
			return found
		}
		if failed, ok := m.(*dap.ErrorResponse); ok {
			require.Fail(e.t, failed.Message)
		}
	}
}

// debugging starts a server with a port for debuggers.
func debugging(t *testing.T) (rdb *redis.Redis, addr string) {
	s, err := restserver.Start(restserver.Config{Backend: "memory"})
	require.NoError(t, err)
	t.Cleanup(func() { s.Close() })
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	go s.ServeDebug(l)
	rdb, err = redis.New(s.URL, s.Token)
	require.NoError(t, err)
	return rdb, l.Addr().String()
}

// A script that a client sends stops at the breakpoints of its file. Others wait, time stands still, and what was changed by hand
// has its effect.
func TestServeDebug(t *testing.T) {
	t.Parallel()
	rdb, addr := debugging(t)
	script := "local n = tonumber(ARGV[1])\nredis.call('SET', KEYS[1], n)\nreturn n + 1\n"
	file := filepath.Join(t.TempDir(), "s.lua")
	require.NoError(t, os.WriteFile(file, []byte(script), 0o600))
	run := func() (int, error) { return redis.Eval[int](t.Context(), rdb, script, []string{"k"}, 1) }
	n, err := run()
	require.NoError(t, err)
	require.Equal(t, 2, n, "nobody has attached")

	e := newEditor(t, addr)
	e.ask("initialize", `{"adapterID":"x"}`)
	e.ask("attach", `{}`)
	await[*dap.InitializedEvent](e)
	e.ask("setBreakpoints", fmt.Sprintf(`{"source":{"path":%q},"breakpoints":[{"line":2}]}`, file))
	require.False(t, await[*dap.SetBreakpointsResponse](e).Body.Breakpoints[0].Verified)
	e.ask("configurationDone", `{}`)
	await[*dap.ConfigurationDoneResponse](e)
	other := newEditor(t, addr)
	other.ask("attach", `{}`)
	require.Contains(t, await[*dap.ErrorResponse](other).Message, "another debugger is attached")

	_, err = redis.Cmd[string]("SET", "soon", "x", "PX", 1000).Do(t.Context(), rdb)
	require.NoError(t, err)
	type result struct {
		n   int
		err error
	}
	done := make(chan result, 1)
	began := time.Now()
	go func() {
		n, err := run()
		done <- result{n, err}
	}()
	require.True(t, await[*dap.BreakpointEvent](e).Body.Breakpoint.Verified)
	require.Equal(t, "breakpoint", await[*dap.StoppedEvent](e).Body.Reason)
	ttl := make(chan int, 1)
	go func() {
		left, _ := redis.Cmd[int]("PTTL", "soon").Do(t.Context(), rdb)
		ttl <- left
	}()
	e.ask("stackTrace", `{"threadId":1}`)
	frame := await[*dap.StackTraceResponse](e).Body.StackFrames[0]
	require.Equal(t, 2, frame.Line)
	require.Equal(t, file, frame.Source.Path)
	e.ask("evaluate", `{"expression":"n = 41","context":"repl"}`)
	await[*dap.EvaluateResponse](e)
	for time.Since(began) < 1200*time.Millisecond { // the key would have expired
		e.ask("stepBack", `{"threadId":1}`)
		await[*dap.StoppedEvent](e)
		e.ask("next", `{"threadId":1}`)
		await[*dap.StoppedEvent](e)
	}
	select {
	case <-ttl:
		require.Fail(t, "another client did not wait")
	default:
	}
	e.ask("continue", `{"threadId":1}`)
	require.Equal(t, result{42, nil}, <-done)
	require.Greater(t, <-ttl, 0, "time stood still")
	k, err := redis.Cmd[int]("GET", "k").Do(t.Context(), rdb)
	require.NoError(t, err)
	require.Equal(t, 41, k)

	// A script without a file stops at redis.breakpoint, and shows its text. If the editor leaves, the script runs on.
	go func() {
		n, err := redis.Eval[int](t.Context(), rdb, "redis.breakpoint()\nreturn redis.call('INCR', KEYS[1])", []string{"k"})
		done <- result{n, err}
	}()
	require.Equal(t, "breakpoint", await[*dap.StoppedEvent](e).Body.Reason)
	e.ask("source", `{"sourceReference":1}`)
	require.True(t, strings.HasPrefix(await[*dap.SourceResponse](e).Body.Content, "redis.breakpoint()"))
	e.conn.Close()
	require.Equal(t, result{42, nil}, <-done)
	n, err = run()
	require.NoError(t, err)
	require.Equal(t, 2, n)
}

func TestServeDebugRefuses(t *testing.T) {
	t.Parallel()
	s, err := restserver.Start(restserver.Config{Backend: "memory"})
	require.NoError(t, err)
	l, err := net.Listen("tcp", "0.0.0.0:0")
	require.NoError(t, err)
	require.ErrorContains(t, s.ServeDebug(l), "on this machine only")
	l, err = net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	served := make(chan error, 1)
	go func() { served <- s.ServeDebug(l) }()
	e := newEditor(t, l.Addr().String())
	e.ask("launch", `{"program":"x.lua"}`)
	require.Contains(t, await[*dap.ErrorResponse](e).Message, "use attach")
	require.NoError(t, s.Close())
	require.ErrorIs(t, <-served, net.ErrClosed)
}
