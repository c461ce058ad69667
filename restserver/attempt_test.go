package restserver_test

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	redis "github.com/redis-rest/redis-rest-go"
	"github.com/redis-rest/redis-rest-go/restserver"
)

// A Redis that refuses the connection runs nothing, and the client knows it.
func TestRefusedConnections(t *testing.T) {
	plain := httptest.NewServer(http.NotFoundHandler())
	defer plain.Close()
	secure := httptest.NewUnstartedServer(http.NotFoundHandler())
	secure.Config.ErrorLog = discard
	secure.StartTLS()
	defer secure.Close()
	closed := httptest.NewServer(http.NotFoundHandler())
	closed.Close()
	backends := map[string]string{
		"an HTTP server":            "redis://" + plain.Listener.Addr().String(),
		"a TLS server":              "redis://" + secure.Listener.Addr().String(),
		"an unverified certificate": "rediss://" + secure.Listener.Addr().String(),
		"nobody":                    "redis://" + closed.Listener.Addr().String(),
		"a cluster that is away":    "redis://" + closed.Listener.Addr().String() + "?cluster",
		"sentinels that are away":   "redis://" + closed.Listener.Addr().String() + "?master_name=main",
		"too many clients":          "redis://" + answering(t, "-ERR max number of clients reached\r\n"),
		"protected mode":            "redis://" + answering(t, "-DENIED Redis is running in protected mode because …\r\n"),
		"a server that says EOF":    "redis://" + answering(t, ""),
	}
	if _, err := exec.LookPath("redis-server"); err == nil || os.Getenv("CI") != "" {
		locked := startNode(t, "--requirepass", "right").addr
		backends["a wrong password"] = "redis://:wrong@" + locked
		backends["a wrong user"] = "redis://someone:right@" + locked
		backends["no password"] = "redis://" + locked
		backends["no password for a cluster"] = "redis://" + locked + "?cluster"
	}
	for name, backend := range backends {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := start(t, restserver.Config{Backend: backend})
			for path, body := range map[string]string{
				"/": `["INCR","n"]`, "/pipeline": `[["INCR","n"],["EVAL","return 1",0]]`, "/multi-exec": `[["INCR","n"]]`, "/get/n": ``,
				"/subscribe/c": ``, "/psubscribe/c": ``, "/monitor": ``,
			} {
				if path == "/monitor" && strings.Contains(backend, "cluster") {
					continue // it is not available there
				}
				a := post(t, s, path, body)
				assert.Equal(t, http.StatusServiceUnavailable, a.status, "%s: %s", path, a.body)
				assert.NotEmpty(t, a.header.Get("Retry-After"), path)
				assert.Contains(t, a.body, "did not run", path)
			}
			once, err := redis.New(s.URL, token, redis.WithRetryPolicy(redis.RetryPolicy{MaxAttempts: 1}))
			require.NoError(t, err)
			_, err = redis.Cmd[int]("INCR", "n").Do(t.Context(), once)
			require.ErrorIs(t, err, redis.ErrNotExecuted)
			require.NotErrorIs(t, err, redis.ErrOutcomeUnknown)
		})
	}
}

// answering starts a server that answers each connection with a text, and closes it.
func answering(t *testing.T, text string) (addr string) {
	t.Helper()
	return serve(t, func(conn net.Conn) {
		bufio.NewReader(conn).ReadString('\n')
		fmt.Fprint(conn, text)
	})
}

// fakeRedis starts a server that answers each command with what reply returns.
func fakeRedis(t *testing.T, reply func(args []string) string) (addr string) {
	t.Helper()
	return serve(t, func(conn net.Conn) {
		r := bufio.NewReader(conn)
		for {
			var n int
			if _, err := fmt.Fscanf(r, "*%d\r\n", &n); err != nil {
				return
			}
			args := make([]string, n)
			for i := range args {
				var size int
				if _, err := fmt.Fscanf(r, "$%d\r\n", &size); err != nil {
					return
				}
				text := make([]byte, size+2)
				if _, err := io.ReadFull(r, text); err != nil {
					return
				}
				args[i] = string(text[:size])
			}
			io.WriteString(conn, reply(args))
		}
	})
}

// serve starts a server that calls handle for each connection, and closes it afterwards.
func serve(t *testing.T, handle func(net.Conn)) (addr string) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	t.Cleanup(func() { l.Close() })
	go func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			go func() {
				defer conn.Close()
				handle(conn)
			}()
		}
	}()
	return l.Addr().String()
}

// A request that ends while the connection to Redis is being made does not begin.
func TestNotBegunIsNotRun(t *testing.T) {
	needRedisServer(t)
	n := startNode(t)
	for name, c := range map[string]struct{ path, body string }{
		"command":     {"/", `["INCR","n"]`},
		"script":      {"/", `["EVAL","return redis.call('INCR','n')",0]`},
		"pipeline":    {"/pipeline", `[["INCR","n"],["INCR","n"]]`},
		"transaction": {"/multi-exec", `[["INCR","n"]]`},
	} {
		t.Run(name, func(t *testing.T) {
			arrived, let := make(chan struct{}, 100), make(chan struct{})
			slow := serve(t, func(client net.Conn) { // the greeting is not answered for a while
				arrived <- struct{}{}
				<-let
				relay(client, n.addr)
			})
			s := start(t, restserver.Config{Backend: "redis://" + slow, Timeout: 200 * time.Millisecond})
			a := post(t, s, c.path, c.body)
			assert.Equal(t, http.StatusServiceUnavailable, a.status, a.body)
			assert.NotEmpty(t, a.header.Get("Retry-After"))
			assert.Contains(t, a.body, "did not run")

			ctx, cancel := context.WithCancel(t.Context())
			gone := make(chan error, 1)
			for len(arrived) > 0 {
				<-arrived
			}
			go func() { gone <- abandon(ctx, s, c.path, c.body) }()
			cancel()
			require.ErrorIs(t, <-gone, context.Canceled)
			close(let)
			require.Eventually(t, func() bool { return post(t, s, "/", `["PING"]`).status == 200 }, 10*time.Second, 10*time.Millisecond)
			require.Equal(t, `{"result":null}`, post(t, s, "/", `["GET","n"]`).body, "it ran")
		})
	}
}

// relay copies between a client and a server until one of them ends.
func relay(client net.Conn, addr string) {
	server, err := net.Dial("tcp", addr)
	if err != nil {
		return
	}
	defer server.Close()
	go func() {
		defer client.Close()
		io.Copy(client, server)
	}()
	io.Copy(server, client)
}

// abandon sends a request that ctx ends.
func abandon(ctx context.Context, s *restserver.Server, path, body string) error {
	req, err := http.NewRequestWithContext(ctx, "POST", s.URL+path, strings.NewReader(body))
	if err != nil {
		return err
	}
	req.Header.Set("Authorization", "Bearer "+token)
	resp, err := http.DefaultClient.Do(req)
	if err == nil {
		resp.Body.Close()
	}
	return err
}

// What has not begun when its caller goes does not begin.
func TestPipelineEndsWithItsCaller(t *testing.T) {
	onEach(t, func(t *testing.T, s *restserver.Server) {
		// Each script writes, so that it cannot be killed, and then runs for a moment.
		rounds := "2e7"
		if s.Backend() == "memory" {
			rounds = "2e6"
		}
		script := command("EVAL", "redis.call('RPUSH', 'begun', ARGV[1]) local n = 0 for i = 1, tonumber(ARGV[2]) do n = n + i end return n", "0", "x", rounds)
		body := "[" + strings.Join([]string{script, script, script, script, script}, ",") + "]"
		require.Equal(t, 200, post(t, s, "/", command("CONFIG", "SET", "busy-reply-threshold", "20")).status)
		ctx, cancel := context.WithCancel(t.Context())
		gone := make(chan error, 1)
		go func() { gone <- abandon(ctx, s, "/pipeline", body) }()
		require.Eventually(t, func() bool { // BUSY: the first runs
			_, text := try(s, "/", command("PING"))
			return strings.Contains(text, "BUSY")
		}, 10*time.Second, time.Millisecond)
		cancel()
		require.ErrorIs(t, <-gone, context.Canceled)
		require.Eventually(t, func() bool { return post(t, s, "/", command("PING")).status == 200 }, 10*time.Second, time.Millisecond)
		begun := post(t, s, "/", command("LLEN", "begun")).body
		require.Regexp(t, `[123]}`, begun) // the second may have begun just before
		for range 20 {                     // others would begin now
			require.Equal(t, begun, post(t, s, "/", command("LLEN", "begun")).body)
		}
	})
}

var discard = log.New(io.Discard, "", 0)
