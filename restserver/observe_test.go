package restserver_test

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/redis-rest/redis-rest-go/restserver"
)

// lines collects the lines of a log.
type lines struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (l *lines) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(p)
}

func (l *lines) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.String()
}

func (l *lines) logger() *slog.Logger { return slog.New(slog.NewJSONHandler(l, nil)) }

// with returns the lines with this message.
func (l *lines) with(t require.TestingT, message string) (found []map[string]any) {
	for line := range strings.Lines(l.String()) {
		var fields map[string]any
		require.NoError(t, json.Unmarshal([]byte(line), &fields))
		if fields["msg"] == message {
			found = append(found, fields)
		}
	}
	return found
}

// last waits for the n-th line about a request and returns it.
func (l *lines) nth(t *testing.T, n int) (fields map[string]any) {
	t.Helper()
	require.Eventually(t, func() bool {
		all := l.with(t, "request")
		if len(all) < n {
			return false
		}
		fields = all[n-1]
		return true
	}, 5*time.Second, time.Millisecond)
	return fields
}

func TestLog(t *testing.T) {
	var log lines
	s := start(t, restserver.Config{Backend: "memory", ReadOnlyToken: "reader", Log: log.logger(), MaxBodyBytes: 1 << 20})
	const secret = "SECRET-VALUE"
	bad := command("LPUSH", "k", secret)
	many := "[" + strings.Repeat(command("SET", "k", secret)+",", 999) + command("SET", "k", secret) + "," + command("GET", "k") + "," + bad + "," + bad + "]"
	for i, c := range []struct {
		method, path, body string
		headers            []string
		want               map[string]any // nil: the field is missing
	}{
		{"POST", "/", command("SET", "k", secret), bearer, map[string]any{"kind": "command", "commands": "SET", "status": 200., "errors": nil, "reason": nil, "method": "POST", "received": 26., "sent": 15.}},
		{"POST", "/pipeline", many, bearer, map[string]any{"kind": "pipeline", "commands": "SET×1000 GET LPUSH×2", "status": 200., "errors": "WRONGTYPE×2"}},
		{"POST", "/multi-exec", "[" + bad + "]", bearer, map[string]any{"kind": "transaction", "commands": "LPUSH", "status": 200., "errors": "WRONGTYPE"}},
		{"POST", "/multi-exec", "[" + command("GET") + "," + command(secret) + "]", bearer, map[string]any{"commands": "GET unknown", "status": 400., "errors": "EXECABORT", "reason": "Transaction discarded because of previous errors"}},
		{"GET", "/get/" + secret, "", bearer, map[string]any{"kind": "command", "commands": "GET", "method": "GET", "errors": nil}},
		{"POST", "/", "nonsense " + secret, bearer, map[string]any{"kind": "command", "commands": "", "status": 400., "errors": "ERR", "reason": "failed to parse command"}},
		{"POST", "/", command("SET", secret, "x"), []string{"Authorization", "Bearer " + secret}, map[string]any{"kind": "command", "commands": "", "status": 401., "errors": "WRONGPASS", "reason": "invalid or missing auth token"}},
		{"POST", "/", command(secret, secret), bearer, map[string]any{"commands": "unknown", "status": 400., "errors": "ERR"}},
		{"POST", "/", command(secret), []string{"Authorization", "Bearer reader"}, map[string]any{"commands": "unknown", "status": 400., "errors": "NOPERM"}},
		{"POST", "/", command("EVAL", "return redis.error_reply(ARGV[1])", "0", secret+" x"), bearer, map[string]any{"commands": "EVAL", "status": 400., "errors": "ERR"}},
		{"POST", "/", command("WATCH"), bearer, map[string]any{"status": 400.}},
		{"DELETE", "/", "", bearer, map[string]any{"status": 405., "reason": "method not allowed"}},
		{"POST", "/", `["` + strings.Repeat("x", 1<<20) + `"]`, bearer, map[string]any{"status": 413., "errors": "ERR"}},
		{"GET", "/subscribe/", "", bearer, map[string]any{"kind": "subscription", "status": 400.}},
		{"GET", "/health", "", nil, map[string]any{"kind": "", "commands": "", "status": 200.}},
		{"GET", "/ready", "", nil, map[string]any{"kind": "", "status": 200.}},
	} {
		a := send(t, c.method, s.URL+c.path, c.body, c.headers...)
		line := log.nth(t, i+1)
		for field, want := range c.want {
			assert.Equal(t, want, line[field], "%s %s: %s", c.path, field, a.body)
		}
		assert.Equal(t, a.header.Get("X-Request-Id"), line["id"])
		assert.Regexp(t, `^127\.0\.0\.1:\d+$`, line["peer"])
		assert.Greater(t, line["ms"], 0.)
		assert.Equal(t, "INFO", line["level"])
		assert.NotContains(t, line, "keys")
	}
	require.NotContains(t, log.String(), secret)
	require.NotContains(t, log.String(), token)
}

func TestRequestIDs(t *testing.T) {
	s := start(t, restserver.Config{})
	seen := map[string]bool{}
	for sent, kept := range map[string]bool{"": false, "mine-1.2:3": true, strings.Repeat("x", 101): false, "a b": false, "ä": false, `"`: false} {
		id := post(t, s, "/", `["PING"]`, "X-Request-Id", sent).header.Get("X-Request-Id")
		require.NotEmpty(t, id)
		require.False(t, seen[id])
		seen[id] = true
		require.Equal(t, kept, id == sent, sent)
	}
}

func TestLogKeys(t *testing.T) {
	var log lines
	s := start(t, restserver.Config{Log: log.logger(), LogKeys: true})
	post(t, s, "/", command("MSET", "a", "secret", "b", "secret"))
	require.Equal(t, []any{"a", "b"}, log.nth(t, 1)["keys"])
	post(t, s, "/pipeline", "["+strings.Repeat(command("GET", "x")+",", 29)+command("GET", "x")+"]")
	require.Len(t, log.nth(t, 2)["keys"], 20)
	require.NotContains(t, log.String(), "secret")
}

// A client that does not wait is neither an error of Redis nor of the server.
func TestLogOfAbandonedRequests(t *testing.T) {
	var log lines
	s := start(t, restserver.Config{Log: log.logger()})
	ctx, cancel := context.WithCancel(t.Context())
	gone := make(chan error, 1)
	require.Equal(t, 200, post(t, s, "/", command("CONFIG", "SET", "busy-reply-threshold", "20")).status)
	go func() { gone <- abandon(ctx, s, "/", command("EVAL", "while true do end", "0")) }()
	require.Eventually(t, func() bool { _, text := try(s, "/", `["PING"]`); return strings.Contains(text, "BUSY") }, 10*time.Second, time.Millisecond)
	cancel()
	<-gone
	require.Eventually(t, func() bool {
		for _, line := range log.with(t, "request") {
			if line["status"] == 499. {
				return line["reason"] == "the client went away"
			}
		}
		return false
	}, 10*time.Second, time.Millisecond)
}

// headers says when an answer begins.
type headers struct {
	*httptest.ResponseRecorder
	begun chan<- bool
}

func (h headers) Header() http.Header {
	select {
	case h.begun <- true:
	default:
	}
	return h.ResponseRecorder.Header()
}

// Many who ask at the same time whether Redis is ready cause one look at it.
func TestReadyLooksOnce(t *testing.T) {
	const n = 20
	var looks atomic.Int64
	release := make(chan struct{})
	addr := fakeRedis(t, func(args []string) string {
		if args[0] != "PING" {
			return "-ERR unknown command\r\n"
		}
		looks.Add(1)
		<-release
		return "+PONG\r\n"
	})
	s := start(t, restserver.Config{Backend: "redis://" + addr})
	var all sync.WaitGroup
	for range n {
		begun := make(chan bool, 1)
		all.Go(func() {
			w := headers{httptest.NewRecorder(), begun}
			s.ServeHTTP(w, httptest.NewRequest("GET", "/ready", nil))
			assert.Equal(t, 200, w.Code)
		})
		<-begun
	}
	require.Eventually(t, func() bool { return looks.Load() > 0 }, 5*time.Second, time.Millisecond)
	close(release)
	all.Wait()
	require.Less(t, looks.Load(), int64(n), "nobody shared a look")
}

// The state of Redis is told at the start, and at each change, once.
func TestStateOfRedis(t *testing.T) {
	needRedisServer(t)
	t.Run("refused", func(t *testing.T) {
		var log lines
		s := start(t, restserver.Config{Backend: "redis://:wr0ng@" + startNode(t, "--requirepass", "right").addr, Log: log.logger()})
		require.Eventually(t, func() bool { return len(log.with(t, "Redis cannot be used")) == 1 }, 10*time.Second, time.Millisecond)
		for range 20 {
			require.Equal(t, 503, post(t, s, "/", `["PING"]`).status)
		}
		told := log.with(t, "Redis cannot be used")
		require.Len(t, told, 1)
		require.Equal(t, "WARN", told[0]["level"])
		require.Contains(t, told[0]["reason"], "WRONGPASS")
		require.Contains(t, log.nth(t, 1)["reason"], "WRONGPASS", "each line has the reason too")
		require.NotContains(t, log.String(), "wr0ng")
		a := send(t, "GET", s.URL+"/ready", "")
		require.Equal(t, 503, a.status)
		require.NotEmpty(t, a.header.Get("Retry-After"))
		require.Equal(t, 200, send(t, "GET", s.URL+"/health", "").status)
	})
	t.Run("once", func(t *testing.T) {
		var log lines
		var looks atomic.Int64
		addr := serve(t, func(conn net.Conn) {
			looks.Add(1)
			bufio.NewReader(conn).ReadString('\n')
			fmt.Fprint(conn, "-DENIED Redis is running in protected mode\r\n")
		})
		start(t, restserver.Config{Backend: "redis://" + addr, Log: log.logger()})
		require.Eventually(t, func() bool { return looks.Load() >= 3 }, 20*time.Second, time.Millisecond)
		require.Len(t, log.with(t, "Redis cannot be used"), 1)
	})
	t.Run("away and back", func(t *testing.T) {
		var log lines
		port := strconv.Itoa(freePorts(t))
		s := start(t, restserver.Config{Backend: "redis://127.0.0.1:" + port, Log: log.logger()})
		told := func(bad, good int) {
			t.Helper()
			require.EventuallyWithT(t, func(t *assert.CollectT) {
				assert.Len(t, log.with(t, "Redis cannot be used"), bad)
				assert.Len(t, log.with(t, "Redis can be used again"), good)
			}, 20*time.Second, 5*time.Millisecond)
		}
		told(1, 0)
		require.Contains(t, log.with(t, "Redis cannot be used")[0]["reason"], "connection refused")
		run := func() *exec.Cmd {
			cmd := exec.Command("redis-server", "--port", port, "--bind", "127.0.0.1", "--save", "", "--dir", t.TempDir())
			require.NoError(t, cmd.Start())
			t.Cleanup(func() { cmd.Process.Kill(); cmd.Wait() })
			return cmd
		}
		first := run()
		told(1, 1)
		require.Equal(t, 200, send(t, "GET", s.URL+"/ready", "").status)
		first.Process.Kill()
		first.Wait()
		require.Eventually(t, func() bool { return send(t, "GET", s.URL+"/ready", "").status == 503 }, 10*time.Second, time.Millisecond)
		require.NotEqual(t, 200, post(t, s, "/", `["PING"]`).status)
		told(2, 1)
		run()
		told(2, 2)
	})
}

// A Redis that does not know AUTH repeats the password in its error. No log shows it.
func TestLogWithoutPasswordOfRedis(t *testing.T) {
	addr := fakeRedis(t, func(args []string) string {
		return fmt.Sprintf("-ERR unknown command '%s', with args beginning with: '%s' \r\n", args[0], strings.Join(args[1:], "' '"))
	})
	for _, backend := range []string{"redis://:S3CRET@" + addr, "redis://alice:S3CRET@" + addr + "/1", "redis://alice:S3CRET@" + addr + "?cluster"} {
		var log lines
		s := start(t, restserver.Config{Backend: backend, Log: log.logger()})
		for path, body := range map[string]string{
			"/": command("PING"), "/pipeline": `[["GET","k"],["EVAL","return 1","0"]]`, "/multi-exec": `[["PING"]]`, "/blpop/l/0": "", "/subscribe/c": "", "/monitor": "",
		} {
			a := post(t, s, path, body)
			require.Greater(t, a.status, 200, path)
			require.NotContains(t, a.body, "S3CRET")
		}
		require.Eventually(t, func() bool { return len(log.with(t, "request")) == 6 && len(log.with(t, "Redis cannot be used")) > 0 }, 10*time.Second, time.Millisecond)
		require.NotContains(t, log.String(), "S3CRET")
		require.Contains(t, strings.ToLower(log.String()), "unknown command 'auth'")
	}
}

// When the private redis-server ends, the server ends and says so.
func TestPrivateRedisEnds(t *testing.T) {
	needRedisServer(t)
	var log lines
	s, err := restserver.New(restserver.Config{Backend: "redis-server", Token: token, Log: log.logger()})
	require.NoError(t, err)
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	s.URL = "http://" + l.Addr().String()
	served := make(chan error, 1)
	go func() { served <- s.Serve(l) }()
	require.NoError(t, s.Err())
	var info struct{ Result string }
	require.NoError(t, json.Unmarshal([]byte(post(t, s, "/", command("INFO", "server")).body), &info))
	_, text, _ := strings.Cut(info.Result, "process_id:")
	text, _, _ = strings.Cut(text, "\r\n")
	pid, err := strconv.Atoi(text)
	require.NoError(t, err)
	process, err := os.FindProcess(pid)
	require.NoError(t, err)
	require.NoError(t, process.Kill())
	select {
	case <-s.Done():
	case <-time.After(10 * time.Second):
		t.Fatal("the server goes on")
	}
	require.ErrorContains(t, s.Err(), "redis-server")
	require.ErrorContains(t, s.Err(), "killed")
	require.Equal(t, s.Err(), <-served)
	require.Equal(t, s.Err(), s.Serve(l), "it does not serve again")
	require.ErrorIs(t, process.Signal(syscall.Signal(0)), os.ErrProcessDone, "a zombie is left")
	require.Len(t, log.with(t, "the server ends"), 1)

	// A server that is mounted says that nothing runs.
	w := mounted(s, token, "PING")
	require.Equal(t, 503, w.Code)
	require.NotEmpty(t, w.Header().Get("Retry-After"))
	require.NoError(t, s.Close())
	require.Error(t, s.Err(), "it has still ended by itself")

	closed, err := restserver.Start(restserver.Config{Backend: "redis-server"})
	require.NoError(t, err)
	require.NoError(t, closed.Close())
	require.NoError(t, closed.Err())
}

func TestMetrics(t *testing.T) {
	s := start(t, restserver.Config{})
	metrics := func() string {
		w := httptest.NewRecorder()
		s.Metrics().ServeHTTP(w, httptest.NewRequest("GET", "/metrics", nil))
		require.Equal(t, 200, w.Code)
		return w.Body.String()
	}
	metrics()
	require.Equal(t, 200, post(t, s, "/", command("SET", "k", "v")).status)
	require.Equal(t, 400, post(t, s, "/", command("LPUSH", "k", "v")).status)
	require.Equal(t, 200, post(t, s, "/pipeline", "["+command("EVAL", "return 1", "0")+","+command("GET", "k")+"]").status)
	require.Equal(t, 401, send(t, "POST", s.URL+"/", `["PING"]`).status)
	next, end := open(t, s, "GET", "/subscribe/c")
	require.Contains(t, next(), "subscribe")
	require.EventuallyWithT(t, func(t *assert.CollectT) {
		text := metrics()
		for _, line := range []string{
			`redis_rest_requests_total{kind="command",outcome="ok"} 1`, `redis_rest_requests_total{kind="command",outcome="error"} 2`,
			`redis_rest_requests_total{kind="pipeline",outcome="ok"} 1`, `redis_rest_request_seconds_count{kind="command"} 3`,
			`redis_rest_commands_total 4`, `redis_rest_scripts_total 1`, `redis_rest_streams 1`, `redis_rest_running_requests 0`,
		} {
			assert.Contains(t, text, line+"\n")
		}
		assert.Regexp(t, `(?m)^redis_rest_received_bytes_total [1-9]\d+$`, text)
		assert.Regexp(t, `(?m)^redis_rest_sent_bytes_total [1-9]\d+$`, text)
		assert.Regexp(t, `(?m)^redis_rest_connections [1-9]\d*$`, text)
		assert.Regexp(t, `(?m)^go_memstats_heap_alloc_bytes `, text)
	}, 5*time.Second, time.Millisecond)
	end()
	require.Eventually(t, func() bool { return strings.Contains(metrics(), "redis_rest_streams 0\n") }, 5*time.Second, time.Millisecond)
}

func TestLogOfScripts(t *testing.T) {
	var log lines
	s := start(t, restserver.Config{Backend: "memory", ReadOnlyToken: "reader", Log: slog.New(slog.NewJSONHandler(&log, &slog.HandlerOptions{Level: slog.LevelDebug}))})
	script := "local x = 1\nredis.log(redis.LOG_NOTICE, 'hello', KEYS[1], 5, {}, nil)\nredis.log(redis.LOG_WARNING, 'bad')\nredis.log(redis.LOG_DEBUG, 'small')"
	for _, source := range []string{script, "#!lua flags=allow-key-locking\n" + script[len("local x = 1\n"):]} {
		require.Equal(t, 200, post(t, s, "/", command("EVAL", source, "1", "k")).status)
		all := log.with(t, "redis.log")
		require.GreaterOrEqual(t, len(all), 3)
		for i, want := range []map[string]any{
			{"level": "INFO", "line": 2., "text": "hello k 5  "}, {"level": "WARN", "line": 3., "text": "bad"}, {"level": "DEBUG", "line": 4., "text": "small"},
		} {
			for field, value := range want {
				require.Equal(t, value, all[len(all)-3+i][field], field)
			}
			require.Equal(t, sha1Of(source), all[len(all)-3+i]["script"])
		}
	}
	require.Equal(t, 200, post(t, s, "/", command("FUNCTION", "LOAD", "#!lua name=lib\nredis.register_function('f', function()\nredis.log(redis.LOG_NOTICE, 'in f')\nend)")).status)
	require.Equal(t, 200, post(t, s, "/", command("FCALL", "f", "0")).status)
	all := log.with(t, "redis.log")
	require.Equal(t, []any{"f", 3., "in f"}, []any{all[len(all)-1]["script"], all[len(all)-1]["line"], all[len(all)-1]["text"]})

	t.Run("redis-server", func(t *testing.T) {
		needRedisServer(t)
		var log lines
		s := start(t, restserver.Config{Backend: "redis-server", Log: log.logger()})
		require.Equal(t, 200, post(t, s, "/", command("EVAL", script, "1", "k")).status)
		require.Eventually(t, func() bool {
			text := log.String()
			return strings.Contains(text, `"text":"hello k 5`) && strings.Contains(text, `"level":"WARN","msg":"redis.log","script":"","line":0,"text":"bad"`)
		}, 5*time.Second, time.Millisecond)
	})
}
