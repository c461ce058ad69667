package restserver_test

import (
	"fmt"
	"net"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/redis-rest/redis-rest-go/internal/testkit/realredis"
	"github.com/redis-rest/redis-rest-go/restserver"
)

// The limit counts one command. A body with many may be ten times as large.
func TestCommandSize(t *testing.T) {
	onEach(t, func(t *testing.T, s *restserver.Server) {
		megabyte := strings.Repeat("x", 1<<20)
		for _, path := range []string{"/pipeline", "/multi-exec"} {
			var cmds []string
			for i := range 20 {
				cmds = append(cmds, command("SET", fmt.Sprint("k", i), megabyte))
			}
			require.Equal(t, "["+strings.Repeat(`{"result":"OK"},`, 19)+`{"result":"OK"}]`, post(t, s, path, "["+strings.Join(cmds, ",")+"]").body)
		}
	})
	s := start(t, restserver.Config{MaxBodyBytes: 1000})
	for _, path := range []string{"/pipeline", "/multi-exec"} {
		small, large := command("ECHO", strings.Repeat("x", 900)), command("ECHO", strings.Repeat("x", 1000))
		require.Equal(t, 200, post(t, s, path, "["+small+","+small+","+small+"]").status)
		a := post(t, s, path, "["+command("SET", "k", "v")+","+large+"]")
		require.Equal(t, http.StatusRequestEntityTooLarge, a.status)
		require.Contains(t, a.body, `{"error":"ERR max request size exceeded. Limit: 1000 bytes`)
		require.Equal(t, http.StatusRequestEntityTooLarge, post(t, s, path, "["+strings.Repeat(small+",", 20)+small+"]").status)
	}
	require.Equal(t, `{"result":null}`, post(t, s, "/", command("GET", "k")).body, "nothing ran")
}

func TestMaxMemory(t *testing.T) {
	onEachOf(t, restserver.Config{MaxMemory: 8 << 20}, func(t *testing.T, s *restserver.Server) {
		require.Equal(t, 200, post(t, s, "/", command("SET", "n", "0")).status)
		// Bodies that have been announced have their memory, half of all at most.
		announce := func() net.Conn {
			conn, err := net.Dial("tcp", strings.TrimPrefix(s.URL, "http://"))
			require.NoError(t, err)
			fmt.Fprintf(conn, "POST /pipeline HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer %s\r\nContent-Length: %d\r\n\r\n", token, 3<<20)
			return conn
		}
		held := func(from, to int64) {
			t.Helper()
			require.Eventually(t, func() bool { n := restserver.Buffered(s); return from <= n && n < to }, 5*time.Second, time.Millisecond, "%d", restserver.Buffered(s))
		}
		conn := announce()
		held(3<<20, 4<<20)
		large := "[" + command("ECHO", strings.Repeat("x", 1<<20)) + "]"
		require.Equal(t, 503, post(t, s, "/pipeline", large).status)
		conn.Close()
		held(0, 1)
		require.Equal(t, 200, post(t, s, "/pipeline", large).status)
		var ran, refused atomic.Int64
		var all sync.WaitGroup
		body := "[" + command("INCR", "n") + "," + command("SET", "big", strings.Repeat("x", 1<<20)) + "]"
		for range 16 {
			all.Go(func() {
				for range 4 {
					switch status, text := try(s, "/pipeline", body); status {
					case 200:
						ran.Add(1)
					case 503:
						refused.Add(1)
						assert.Contains(t, text, "did not run")
					default:
						t.Errorf("%d %s", status, text)
					}
				}
			})
		}
		all.Wait()
		require.Positive(t, ran.Load())
		require.Equal(t, fmt.Sprintf(`{"result":"%d"}`, ran.Load()), post(t, s, "/", command("GET", "n")).body)
		// Bodies of tiny commands take much more memory than their text.
		a := post(t, s, "/pipeline", "["+strings.Repeat(`["PING"],`, 100_000)+`["PING"]]`)
		require.Equal(t, 503, a.status)
		require.Equal(t, "1", a.header.Get("Retry-After"))
		// A reply that does not fit: the command ran.
		require.Equal(t, 200, post(t, s, "/", command("SETRANGE", "large", fmt.Sprint(7<<20), "x")).status)
		a = post(t, s, "/", command("GETDEL", "large"))
		require.Equal(t, http.StatusInsufficientStorage, a.status)
		require.Empty(t, a.header.Get("Retry-After"))
		require.Equal(t, `{"result":0}`, post(t, s, "/", command("EXISTS", "large")).body)
		held(0, 1)
	})
}

// A reply that does not fit is told to its caller only. Others that use the same connection learn
// what happened to their commands.
func TestReplyMemory(t *testing.T) {
	onEachOf(t, restserver.Config{MaxMemory: 8 << 20}, func(t *testing.T, s *restserver.Server) {
		large := strings.Repeat("x", 3<<20)
		require.Equal(t, 200, post(t, s, "/", command("SET", "large", large)).status)
		var ran atomic.Int64
		var all sync.WaitGroup
		for range 8 {
			all.Go(func() {
				for range 3 {
					switch status, text := try(s, "/", command("GET", "large")); status {
					case 200:
						assert.Equal(t, len(`{"result":""}`)+len(large), len(text))
					case 503:
						assert.Contains(t, text, "did not run")
					default:
						assert.Equal(t, http.StatusInsufficientStorage, status)
					}
				}
			})
			all.Go(func() {
				for range 20 {
					switch status, text := try(s, "/", command("INCR", "n")); status {
					case 200:
						ran.Add(1)
					default:
						assert.Equal(t, 503, status, text)
						assert.Contains(t, text, "did not run")
					}
				}
			})
		}
		all.Wait()
		for _, path := range []string{"/pipeline", "/multi-exec"} {
			a := post(t, s, path, "["+strings.Repeat(command("GET", "large")+",", 4)+command("INCR", "n")+"]")
			require.Equal(t, http.StatusInsufficientStorage, a.status)
		}
		require.Equal(t, fmt.Sprintf(`{"result":"%d"}`, ran.Load()+2), post(t, s, "/", command("GET", "n")).body)
		require.Eventually(t, func() bool { return restserver.Buffered(s) == 0 }, 10*time.Second, time.Millisecond)
	})
}

// Whatever memory is left, an answer says truly whether the commands ran.
func TestLittleMemory(t *testing.T) {
	r := realredis.Start(t)
	script := "#!lua flags=allow-key-locking\nredis.call('INCR', KEYS[1])\nreturn ('x'):rep(800)"
	seen := map[string]map[int]bool{"/": {}, "/multi-exec": {}}
	ran := 0
	for limit := int64(1000); limit < 24_000; limit += 100 {
		s := start(t, restserver.Config{Backend: "unix://" + r.Socket, MaxMemory: limit})
		for path, body := range map[string]string{
			"/":           command("EVAL", script, "1", "n"),
			"/multi-exec": "[" + strings.Repeat(command("PING")+",", 30) + command("INCR", "n") + "," + command("ECHO", strings.Repeat("x", 800)) + "]",
		} {
			status, text := try(s, path, body)
			seen[path][status] = true
			switch status {
			case 200, http.StatusInsufficientStorage:
				ran++
			default:
				require.Equal(t, 503, status, "%s with %d bytes: %s", path, limit, text)
			}
		}
	}
	for path, statuses := range seen {
		require.Len(t, statuses, 3, path)
	}
	s := start(t, restserver.Config{Backend: "unix://" + r.Socket})
	require.Equal(t, fmt.Sprintf(`{"result":"%d"}`, ran), post(t, s, "/", command("GET", "n")).body)
}

// What other clients send, in other spellings.
func TestSpellings(t *testing.T) {
	onEach(t, func(t *testing.T, s *restserver.Server) {
		for _, scheme := range []string{"Bearer", "bearer", "BEARER"} {
			require.Equal(t, `{"result":"PONG"}`, send(t, "POST", s.URL+"/", `["PING"]`, "Authorization", scheme+" "+token).body)
		}
		require.Equal(t, 401, send(t, "POST", s.URL+"/", `["PING"]`, "Authorization", "bear "+token).status)
		require.Equal(t, `{"result":"PONG"}`, send(t, "PUT", s.URL+"/", `["PING"]`, bearer...).body)
		require.Equal(t, `[{"result":"PONG"}]`, send(t, "PUT", s.URL+"/pipeline", `[["PING"]]`, bearer...).body)
		for _, name := range []string{"ſET", "\u212aEYS", "SEſſION"} { // letters that become S and K in upper or lower case
			require.Contains(t, post(t, s, "/", command(name, "k", "v")).body, `{"error":"ERR unknown command`, name)
		}
		require.Contains(t, post(t, s, "/", command("SCRIPT", "EXIſTS", "x")).body, `{"error":"ERR unknown subcommand`)
		require.Equal(t, `{"result":null}`, post(t, s, "/", command("GET", "k")).body)
	})
}
