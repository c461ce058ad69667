package restserver_test

import (
	"bufio"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/redis/go-redis/v9"
	"github.com/stretchr/testify/require"

	"github.com/redis-rest/redis-rest-go/internal/testkit/realredis"
	"github.com/redis-rest/redis-rest-go/restserver"
)

// needRedisCLI skips the test where redis-cli is missing. CI must have it: it comes with redis-server.
func needRedisCLI(t *testing.T) {
	t.Helper()
	if _, err := exec.LookPath("redis-cli"); err != nil && os.Getenv("CI") == "" {
		t.Skip("redis-cli is not on PATH")
	}
}

// respPort starts a server, and returns the address for clients of Redis.
func respPort(t *testing.T) string {
	t.Helper()
	s, err := restserver.Start(restserver.Config{Backend: "memory"})
	require.NoError(t, err)
	t.Cleanup(func() { s.Close() })
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	go s.ServeRESP(l)
	return l.Addr().String()
}

const debugged = `local src = KEYS[1]
redis.call('SET', src, ARGV[1])
redis.call('INCR', src)
if redis.call('GET', src) == '6' then
  redis.debug('six', 6)
  redis.breakpoint()
  redis.call('APPEND', src, 'x')
end
return {redis.call('GET', src), ARGV[1]}
`

// The real redis-cli debugs a script here as it does on redis-server, to the letter.
func TestRedisCLIDebugsAsOnRedis(t *testing.T) {
	needRedisCLI(t)
	realredis.Need(t)
	t.Parallel()
	l, err := net.Listen("tcp", "127.0.0.1:0") // at a unix socket, redis-cli may die when redis-server ends the session
	require.NoError(t, err)
	_, free, _ := net.SplitHostPort(l.Addr().String())
	require.NoError(t, l.Close())
	realredis.Start(t, "--port", free)
	_, port, _ := net.SplitHostPort(respPort(t))
	here, redis := []string{"-p", port}, []string{"-p", free}
	script := filepath.Join(t.TempDir(), "s.lua")
	require.NoError(t, os.WriteFile(script, []byte(debugged), 0o600))
	for _, commands := range []string{
		"s;n;p;print src;p KEYS;p ARGV;list;l 3 1;w;r GET k;redis MGET k none;r LPUSH list x;r EXISTS none;c;s;s", "b;b 0;c;s;abort", "c;c", "s;s;s;s;s;quit", "abort",
	} {
		for _, mode := range []string{"--ldb", "--ldb-sync-mode"} {
			run := func(where []string) string {
				cmd := exec.CommandContext(t.Context(), "redis-cli", append(where, mode, "--eval", script, "k", ",", "5")...)
				cmd.Stdin = strings.NewReader(strings.ReplaceAll(commands, ";", "\n") + "\n")
				out, err := cmd.CombinedOutput()
				require.NoError(t, err, "%s", out)
				return string(out)
			}
			want := run(redis)
			require.Contains(t, want, "Stopped at 1")
			require.Equal(t, want, run(here), "%s %s", mode, commands)
		}
	}
}

// With SCRIPT DEBUG YES others use the database meanwhile, and the changes are rolled back. With SYNC others wait, and the changes stay.
func TestScriptDebug(t *testing.T) {
	t.Parallel()
	addr := respPort(t)
	other := redis.NewClient(&redis.Options{Addr: addr})
	defer other.Close()
	for _, mode := range []string{"YES", "SYNC"} {
		require.NoError(t, other.Del(t.Context(), "k").Err())
		conn, err := net.Dial("tcp", addr)
		require.NoError(t, err)
		defer conn.Close()
		in := bufio.NewReader(conn)
		say := func(words ...string) {
			t.Helper()
			var b strings.Builder
			b.WriteString("*" + strconv.Itoa(len(words)) + "\r\n")
			for _, word := range words {
				b.WriteString("$" + strconv.Itoa(len(word)) + "\r\n" + word + "\r\n")
			}
			_, err := conn.Write([]byte(b.String()))
			require.NoError(t, err)
		}
		hear := func(want string) {
			t.Helper()
			for {
				line, err := in.ReadString('\n')
				require.NoError(t, err, "waiting for %s", want)
				if strings.Contains(line, want) {
					return
				}
			}
		}
		say("SCRIPT", "DEBUG", mode)
		hear("+OK")
		say("EVALSHA", "da39a3ee5e6b4b0d3255bfef95601890afd80709", "0")
		hear("use EVAL instead of EVALSHA")
		say("EVAL", "redis.call('SET', KEYS[1], 5)\nredis.call('INCR', KEYS[1])\nreturn redis.call('GET', KEYS[1])", "1", "k")
		hear("-> 1 ")
		say("step")
		hear("-> 2 ")
		done := make(chan int64, 1)
		go func() { done <- other.Incr(t.Context(), "k").Val() }()
		if mode == "YES" {
			require.Equal(t, int64(1), <-done)
		}
		say("back")
		hear("-> 1 ")
		say("eval", "KEYS[1] = KEYS[1]")
		hear("<retval>")
		say("continue")
		hear("<endsession>")
		hear("$1")
		hear("6")
		_, err = in.ReadByte()
		require.Error(t, err, "the connection ends with the script")
		if mode == "SYNC" {
			require.Equal(t, int64(7), <-done)
		}
	}
	// The script sees the database that the client has selected.
	third := redis.NewClient(&redis.Options{Addr: addr, DB: 3})
	defer third.Close()
	require.NoError(t, third.Set(t.Context(), "k", "three", 0).Err())
	for _, mode := range []string{"YES", "SYNC"} {
		conn, err := net.Dial("tcp", addr)
		require.NoError(t, err)
		defer conn.Close()
		_, err = conn.Write([]byte("SELECT 3\r\nSCRIPT DEBUG " + mode + "\r\nEVAL \"return redis.call('GETSET', 'k', '" + mode + "')\" 0\r\nredis GET k\r\ncontinue\r\n"))
		require.NoError(t, err)
		out, err := io.ReadAll(conn)
		require.NoError(t, err)
		require.Contains(t, string(out), "+<reply> \"three\"\r\n", mode)
		require.Contains(t, string(out), "$5\r\nthree\r\n")
	}
	require.Equal(t, "SYNC", third.Get(t.Context(), "k").Val())
	// A client that leaves ends its session, and others go on.
	conn, err := net.Dial("tcp", addr)
	require.NoError(t, err)
	_, err = conn.Write([]byte("SCRIPT DEBUG SYNC\r\nEVAL \"redis.call('SET', 'k', 'gone')\" 0\r\n"))
	require.NoError(t, err)
	in := bufio.NewReader(conn)
	for line := ""; !strings.Contains(line, "-> 1 "); {
		line, err = in.ReadString('\n')
		require.NoError(t, err)
	}
	conn.Close()
	require.Equal(t, "7", other.Get(t.Context(), "k").Val())
}
