package restserver_test

import (
	"bufio"
	"bytes"
	"encoding/base64"
	"encoding/json"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/redis-rest/redis-rest-go/restserver"
)

const token = "t0ken"

func start(t *testing.T, c restserver.Config) *restserver.Server {
	t.Helper()
	if c.Token == "" {
		c.Token = token
	}
	s, err := restserver.Start(c)
	require.NoError(t, err)
	t.Cleanup(func() { assert.NoError(t, s.Close()) })
	return s
}

// onEach runs a test on the embedded database and on a real one.
func onEach(t *testing.T, test func(t *testing.T, s *restserver.Server)) {
	t.Helper()
	onEachOf(t, restserver.Config{}, test)
}

func onEachOf(t *testing.T, c restserver.Config, test func(t *testing.T, s *restserver.Server)) {
	t.Helper()
	for _, backend := range []string{"memory", "redis-server"} {
		t.Run(backend, func(t *testing.T) {
			if backend == "redis-server" {
				needRedisServer(t)
			}
			c := c
			c.Backend = backend
			test(t, start(t, c))
		})
	}
}

func needRedisServer(t *testing.T) {
	t.Helper()
	if _, err := exec.LookPath("redis-server"); err == nil {
		return
	}
	if os.Getenv("CI") != "" {
		t.Fatal("redis-server is not on PATH, and CI must have it")
	}
	t.Skip("redis-server is not on PATH")
}

type answer struct {
	status int
	body   string
	header http.Header
}

// post sends body unchanged. headers are alternating names and values.
func post(t *testing.T, s *restserver.Server, path, body string, headers ...string) answer {
	t.Helper()
	return send(t, http.MethodPost, s.URL+path, body, append([]string{"Authorization", "Bearer " + token}, headers...)...)
}

// mounted sends a command without a connection, also after Shutdown.
func mounted(s *restserver.Server, token string, args ...string) *httptest.ResponseRecorder {
	r, w := httptest.NewRequest("POST", "/", strings.NewReader(command(args...))), httptest.NewRecorder()
	r.Header.Set("Authorization", "Bearer "+token)
	s.ServeHTTP(w, r)
	return w
}

func send(t *testing.T, method, url, body string, headers ...string) answer {
	t.Helper()
	req, err := http.NewRequest(method, url, strings.NewReader(body))
	require.NoError(t, err)
	for i := 0; i < len(headers); i += 2 {
		req.Header.Set(headers[i], headers[i+1])
	}
	resp, err := http.DefaultClient.Do(req)
	require.NoError(t, err)
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	require.NoError(t, err)
	require.Equal(t, "application/json", resp.Header.Get("Content-Type"))
	require.True(t, json.Valid(text), "%s", text)
	return answer{resp.StatusCode, string(text), resp.Header}
}

func command(args ...string) string {
	text, _ := json.Marshal(args)
	return string(text)
}

const unauthorized = `{"error":"WRONGPASS invalid or missing auth token"}`

func TestAuthorization(t *testing.T) {
	s := start(t, restserver.Config{})
	ping := command("PING")
	for name, c := range map[string]struct {
		method, path string
		headers      []string
		status       int
	}{
		"right":          {"POST", "/", []string{"Authorization", "Bearer " + token}, 200},
		"in the query":   {"POST", "/?_token=" + token, nil, 200},
		"none":           {"POST", "/", nil, 401},
		"wrong":          {"POST", "/", []string{"Authorization", "Bearer wrong"}, 401},
		"empty":          {"POST", "/", []string{"Authorization", "Bearer "}, 401},
		"another scheme": {"POST", "/", []string{"Authorization", "Basic " + token}, 401},
		"wrong query":    {"POST", "/?_token=x", nil, 401},
		"no pipeline":    {"POST", "/pipeline", nil, 401},
		"no stranger":    {"GET", "/elsewhere", nil, 401},
		"GET":            {"GET", "/", []string{"Authorization", "Bearer " + token}, 405},
		"DELETE":         {"DELETE", "/pipeline", []string{"Authorization", "Bearer " + token}, 405},
		"elsewhere":      {"POST", "/elsewhere", []string{"Authorization", "Bearer " + token}, 400},
		"DELETE by path": {"DELETE", "/ping", []string{"Authorization", "Bearer " + token}, 405},
		"health":         {"GET", "/health", nil, 200},
	} {
		t.Run(name, func(t *testing.T) {
			a := send(t, c.method, s.URL+c.path, ping, c.headers...)
			require.Equal(t, c.status, a.status, a.body)
			switch c.status {
			case 401:
				require.Equal(t, unauthorized, a.body)
			case 405:
				require.Contains(t, a.header.Get("Allow"), "POST")
			}
		})
	}
	other := start(t, restserver.Config{Token: "made up"})
	require.NotEqual(t, s.URL, other.URL)
	made, err := restserver.New(restserver.Config{})
	require.NoError(t, err)
	defer made.Close()
	require.GreaterOrEqual(t, len(made.Token), 20)
}

func TestReplies(t *testing.T) {
	onEach(t, func(t *testing.T, s *restserver.Server) {
		for _, c := range []struct{ command, plain, encoded string }{
			{command("SET", "k", "v"), `{"result":"OK"}`, `{"result":"OK"}`},
			{command("GET", "k"), `{"result":"v"}`, `{"result":"dg=="}`},
			{command("GET", "missing"), `{"result":null}`, `{"result":null}`},
			{command("PING"), `{"result":"PONG"}`, `{"result":"UE9ORw=="}`},
			{command("ECHO", ""), `{"result":""}`, `{"result":""}`},
			{command("ECHO", "<a>&\"\\\n"), `{"result":"<a>&\"\\\n"}`, `{"result":"PGE+JiJcCg=="}`},
			{command("EVAL", `return {1, {'a', {}}, false, 'OK'}`, "0"), `{"result":[1,["a",[]],null,"OK"]}`, `{"result":[1,["YQ==",[]],null,"OK"]}`},
			{command("EVAL", `return "\255\254\0x"`, "0"), "{\"result\":\"\uFFFD\uFFFD\\u0000x\"}", `{"result":"` + base64.StdEncoding.EncodeToString([]byte("\xff\xfe\x00x")) + `"}`},
			{command("EVAL", `return redis.error_reply('my_code and words')`, "0"), `{"error":"my_code and words"}`, `{"error":"my_code and words"}`},
			{`["INCRBY","max",9223372036854775807]`, `{"result":9223372036854775807}`, ``},
			{`["INCRBY","min","-9223372036854775808"]`, `{"result":-9223372036854775808}`, ``},
			{`["ECHO",1000000]`, `{"result":"1000000"}`, ``},
			{`["ECHO",9007199254740993]`, `{"result":"9007199254740993"}`, ``},
			{`["ECHO",1.50]`, `{"result":"1.50"}`, ``},
			{`["ECHO",true]`, `{"result":"true"}`, ``},
			{`["ECHO",null]`, `{"result":"null"}`, ``},
			{`["ECHO",{"a": [1, "b"]}]`, `{"result":"{\"a\":[1,\"b\"]}"}`, ``},
		} {
			plain := post(t, s, "/", c.command)
			require.Equal(t, c.plain, plain.body, c.command)
			status := 200
			if strings.HasPrefix(c.plain, `{"error"`) {
				status = 400
			}
			require.Equal(t, status, plain.status)
			if c.encoded != "" {
				require.Equal(t, c.encoded, post(t, s, "/", c.command, "Upstash-Encoding", "base64").body, c.command)
			}
		}
		require.Equal(t, 400, post(t, s, "/", command("LPUSH", "k", "x")).status)
	})
}

func TestErrorsInsideReplies(t *testing.T) {
	onEach(t, func(t *testing.T, s *restserver.Server) {
		a := post(t, s, "/", command("EVAL", `return {1, {err='x y'}, {ok='z'}, {{err='w'}}}`, "0"), "Upstash-Encoding", "base64")
		require.Equal(t, `{"result":[1,{"error":"x y"},"eg==",[{"error":"w"}]]}`, a.body)
		require.Equal(t, 200, a.status)
	})
}

func TestBadRequests(t *testing.T) {
	s := start(t, restserver.Config{MaxBodyBytes: 1000})
	for _, path := range []string{"/", "/pipeline", "/multi-exec"} {
		for _, body := range []string{``, ` `, `nope`, `{}`, `"PING"`, `null`, `["PING"`, `["PING"]]`, "[\"ECHO\",\"\xff\"]"} {
			a := post(t, s, path, body)
			require.Equal(t, 400, a.status, "%s %s: %s", path, body, a.body)
			require.Contains(t, a.body, `{"error":"ERR `)
		}
		a := post(t, s, path, `["`+strings.Repeat("x", 1000)+`"]`)
		require.Equal(t, http.StatusRequestEntityTooLarge, a.status)
		require.Contains(t, a.body, `{"error":"ERR max request size exceeded`)
	}
	for _, body := range []string{`[]`, `[""]`, `[[]]`} {
		require.Equal(t, 400, post(t, s, "/", body).status, body)
	}
	require.Equal(t, 400, post(t, s, "/pipeline", `["PING"]`).status)
	require.Equal(t, `[]`, post(t, s, "/pipeline", `[]`).body)
	require.Equal(t, `[]`, post(t, s, "/multi-exec", `[]`).body)
}

func TestPipeline(t *testing.T) {
	onEach(t, func(t *testing.T, s *restserver.Server) {
		a := post(t, s, "/pipeline", `[["SET","k","v"],["LPUSH","k","x"],["GET","k"],["SELECT","1"],[],["INCR","n"],["INCR","n"]]`)
		require.Equal(t, 200, a.status)
		var items []map[string]any
		require.NoError(t, json.Unmarshal([]byte(a.body), &items))
		require.Len(t, items, 7)
		require.Equal(t, "OK", items[0]["result"])
		require.Contains(t, items[1]["error"], "WRONGTYPE")
		require.Equal(t, "v", items[2]["result"])
		require.Contains(t, items[3]["error"], "ERR")
		require.Contains(t, items[4]["error"], "ERR")
		require.EqualValues(t, 1, items[5]["result"])
		require.EqualValues(t, 2, items[6]["result"])
		require.Equal(t, `[{"result":"dg=="},{"error":"x"}]`,
			post(t, s, "/pipeline", `[["GET","k"],["EVAL","return {err='x'}",0]]`, "Upstash-Encoding", "base64").body)
	})
}

func TestTransaction(t *testing.T) {
	onEach(t, func(t *testing.T, s *restserver.Server) {
		a := post(t, s, "/multi-exec", `[["SET","k","v"],["LPUSH","k","x"],["INCR","n"]]`)
		require.Equal(t, 200, a.status)
		require.Regexp(t, `^\[{"result":"OK"},{"error":"WRONGTYPE [^"]*"},{"result":1}\]$`, a.body)

		for _, body := range []string{`[["INCR","n"],["NO.SUCH"]]`, `[["INCR","n"],["GET"]]`, `[["INCR","n"],["SELECT","1"]]`, `[["INCR","n"],["EXEC"]]`} {
			a = post(t, s, "/multi-exec", body)
			require.Equal(t, 400, a.status, body)
			require.Contains(t, a.body, `{"error":"EXECABORT `, body)
		}
		require.Equal(t, `{"result":"1"}`, post(t, s, "/", `["GET","n"]`).body, "no command of a discarded transaction ran")
	})
}

func TestRefusedCommands(t *testing.T) {
	onEach(t, func(t *testing.T, s *restserver.Server) {
		for _, c := range [][]string{
			{"SELECT", "1"}, {"select", "1"}, {"MULTI"}, {"EXEC"}, {"WATCH", "k"}, {"AUTH", "x"}, {"CLIENT", "REPLY", "OFF"}, {"HELLO", "3"}, {"QUIT"}, {"RESET"},
			{"SUBSCRIBE", "c"}, {"PSUBSCRIBE", "c"}, {"MONITOR"}, {"SHUTDOWN"}, {"WAIT", "1", "0"},
		} {
			a := post(t, s, "/", command(c...))
			require.Equal(t, 400, a.status, c)
			require.Contains(t, a.body, `{"error":"ERR Command is not available`, c)
		}
		require.Equal(t, `{"result":null}`, post(t, s, "/", command("XREAD", "STREAMS", "block", "0")).body, "a stream may be called block")

		// All connections of the pool are still in database 0 and still answer.
		post(t, s, "/", command("SET", "here", "yes"))
		var wg sync.WaitGroup
		for range 100 {
			wg.Go(func() {
				req, err := http.NewRequest("POST", s.URL, strings.NewReader(command("GET", "here")))
				assert.NoError(t, err)
				req.Header.Set("Authorization", "Bearer "+token)
				resp, err := http.DefaultClient.Do(req)
				if assert.NoError(t, err) {
					defer resp.Body.Close()
					text, _ := io.ReadAll(resp.Body)
					assert.Equal(t, `{"result":"yes"}`, string(text))
				}
			})
		}
		wg.Wait()
		http.DefaultClient.CloseIdleConnections() // otherwise Close waits for connections that were never used
	})
}

func TestSyncTokens(t *testing.T) {
	s := start(t, restserver.Config{})
	seen := map[string]bool{}
	for range 3 {
		for _, path := range []string{"/", "/pipeline", "/elsewhere"} {
			token := post(t, s, path, `["PING"]`).header.Get("Upstash-Sync-Token")
			require.NotEmpty(t, token)
			require.False(t, seen[token])
			seen[token] = true
		}
	}
}

func TestBelowAPath(t *testing.T) {
	s, err := restserver.New(restserver.Config{Token: token})
	require.NoError(t, err)
	defer s.Close()
	require.Empty(t, s.URL)
	below := httptest.NewServer(http.StripPrefix("/base", s))
	defer below.Close()
	for _, path := range []string{"/base", "/base/"} {
		require.Equal(t, `{"result":"PONG"}`, send(t, "POST", below.URL+path, command("PING"), "Authorization", "Bearer "+token).body)
	}
	require.Equal(t, `[]`, send(t, "POST", below.URL+"/base/pipeline", `[]`, "Authorization", "Bearer "+token).body)
}

func TestKeysExpireInMemory(t *testing.T) {
	s := start(t, restserver.Config{Backend: "memory"})
	post(t, s, "/", command("SET", "k", "v", "PX", "30"))
	require.Equal(t, `{"result":"v"}`, post(t, s, "/", command("GET", "k")).body)
	require.Eventually(t, func() bool { return post(t, s, "/", command("GET", "k")).body == `{"result":null}` }, 5*time.Second, 5*time.Millisecond)
}

func TestBackends(t *testing.T) {
	needRedisServer(t)
	auto := start(t, restserver.Config{Backend: "auto"})
	require.Regexp(t, `^(redis|valkey)-server \d+\.`, auto.Backend())
	require.Equal(t, "memory", start(t, restserver.Config{}).Backend())

	for _, address := range []string{"nonsense", "http://127.0.0.1", "redis://user:s3cret@%zz", "redis://user:s3cret@h:port", "rediss://:s3cret@h/notanumber"} {
		_, err := restserver.New(restserver.Config{Backend: address})
		require.Error(t, err, address)
		require.NotContains(t, err.Error(), "s3cret")
	}
	for _, address := range []string{"redis://alice@h", "redis://alice:@h", "rediss://alice@h", "unix://alice@/socket", "redis://alice@h?cluster", "redis://alice@h,redis://i", "redis://h?master_name=m&username=alice"} {
		_, err := restserver.New(restserver.Config{Backend: address})
		require.ErrorContains(t, err, "needs a password", address)
	}
	_, err := restserver.New(restserver.Config{Backend: "redis://h,redis://alice:s3cret@i"})
	require.ErrorContains(t, err, "the same user")
	require.NotContains(t, err.Error(), "s3cret")
	for _, address := range []string{"redis://default@h", "redis://:s3cret@h", "redis://alice:s3cret@h,redis://alice:s3cret@i,redis://j"} {
		start(t, restserver.Config{Backend: address})
	}

	t.Setenv("PATH", t.TempDir())
	_, err = restserver.New(restserver.Config{Backend: "redis-server"})
	require.ErrorIs(t, err, exec.ErrNotFound)
	require.Equal(t, "memory", start(t, restserver.Config{Backend: "auto"}).Backend())

	bin := t.TempDir()
	require.NoError(t, os.WriteFile(filepath.Join(bin, "redis-server"), []byte("#!/bin/sh\necho broken on purpose\nexit 1\n"), 0o755))
	t.Setenv("PATH", bin)
	_, err = restserver.New(restserver.Config{Backend: "redis-server"})
	require.ErrorContains(t, err, "broken on purpose")
}

// ownRedis starts a redis-server that the test can end.
func ownRedis(t *testing.T) (address string, end func()) {
	t.Helper()
	needRedisServer(t)
	dir, err := os.MkdirTemp("", "own-redis-")
	require.NoError(t, err)
	t.Cleanup(func() { os.RemoveAll(dir) })
	socket := filepath.Join(dir, "s")
	cmd := exec.Command("redis-server", "--port", "0", "--unixsocket", socket, "--save", "", "--dir", dir)
	out, err := cmd.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, cmd.Start())
	end = sync.OnceFunc(func() { cmd.Process.Kill(); cmd.Wait() })
	t.Cleanup(end)
	lines := bufio.NewScanner(out)
	for lines.Scan() && !strings.Contains(lines.Text(), "ready to accept") {
	}
	go io.Copy(io.Discard, out)
	return socket, end
}

func TestRedisIsGone(t *testing.T) {
	socket, end := ownRedis(t)
	s := start(t, restserver.Config{Backend: "unix://" + socket})
	require.Equal(t, `{"result":"PONG"}`, post(t, s, "/", command("PING")).body)
	end()
	require.Eventually(t, func() bool {
		a := post(t, s, "/", command("INCR", "n"))
		return a.status == http.StatusServiceUnavailable && a.header.Get("Retry-After") != ""
	}, 5*time.Second, time.Millisecond)
	require.Equal(t, http.StatusServiceUnavailable, post(t, s, "/pipeline", `[["INCR","n"]]`).status)
	require.Equal(t, http.StatusServiceUnavailable, post(t, s, "/multi-exec", `[["INCR","n"]]`).status)
}

// A lost connection after the command was sent proves nothing, and the
// command is not sent again.
func TestLostConnection(t *testing.T) {
	socket, _ := ownRedis(t)
	direct := start(t, restserver.Config{Backend: "unix://" + socket})
	var cut atomic.Value // the command whose reply is dropped, once
	cut.Store("")
	s := start(t, restserver.Config{Backend: "redis://" + swallower(t, socket, &cut)})
	require.Equal(t, `{"result":1}`, post(t, s, "/", command("INCR", "n")).body)
	for _, c := range []struct {
		path, body, cut string
		status, ran     int
	}{
		{"/", `["INCR","n"]`, "INCR", http.StatusBadGateway, 1},
		{"/pipeline", `[["INCR","n"]]`, "INCR", http.StatusBadGateway, 1},
		{"/multi-exec", `[["INCR","n"]]`, "EXEC", http.StatusBadGateway, 1},
		{"/multi-exec", `[["INCR","n"]]`, "INCR", http.StatusServiceUnavailable, 0}, // it was only queued
	} {
		before := count(t, direct)
		cut.Store(c.cut)
		a := post(t, s, c.path, c.body)
		require.Empty(t, cut.Load())
		require.Equal(t, c.status, a.status, a.body)
		require.Equal(t, c.status == http.StatusServiceUnavailable, a.header.Get("Retry-After") != "")
		require.Equal(t, c.ran, count(t, direct)-before, "%s: sent more than once, or not at all", c.path)
	}
}

// swallower is a proxy for a Redis. It closes the connection instead of passing on the
// reply to a command.
func swallower(t *testing.T, socket string, cut *atomic.Value) (address string) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	t.Cleanup(func() { l.Close() })
	serve := func(client net.Conn) {
		defer client.Close()
		server, err := net.Dial("unix", socket)
		if err != nil {
			return
		}
		defer server.Close()
		var swallow atomic.Bool
		go func() {
			defer server.Close()
			buf := make([]byte, 4096)
			for {
				n, err := client.Read(buf)
				if err != nil {
					return
				}
				if name := cut.Load().(string); name != "" && strings.Contains(string(buf[:n]), name) {
					cut.Store("")
					swallow.Store(true)
				}
				server.Write(buf[:n])
			}
		}()
		buf := make([]byte, 4096)
		for {
			n, err := server.Read(buf)
			if err != nil || swallow.Load() {
				return
			}
			client.Write(buf[:n])
		}
	}
	go func() {
		for {
			client, err := l.Accept()
			if err != nil {
				return
			}
			go serve(client)
		}
	}()
	return l.Addr().String()
}

// count returns the value of the key n.
func count(t *testing.T, s *restserver.Server) int {
	t.Helper()
	var reply struct{ Result string }
	require.NoError(t, json.Unmarshal([]byte(post(t, s, "/", command("GET", "n")).body), &reply))
	n, err := strconv.Atoi(reply.Result)
	require.NoError(t, err)
	return n
}

func TestCloseLeavesNothing(t *testing.T) {
	needRedisServer(t)
	tmp, err := os.MkdirTemp("", "c")
	require.NoError(t, err)
	defer os.RemoveAll(tmp)
	t.Setenv("TMPDIR", tmp)
	s, err := restserver.Start(restserver.Config{Backend: "redis-server", Token: token})
	require.NoError(t, err)
	var info struct{ Result string }
	require.NoError(t, json.Unmarshal([]byte(post(t, s, "/", command("INFO", "server")).body), &info))
	_, pid, ok := strings.Cut(info.Result, "process_id:")
	require.True(t, ok)
	pid, _, _ = strings.Cut(pid, "\r\n")
	left, err := os.ReadDir(tmp)
	require.NoError(t, err)
	require.Len(t, left, 1)
	require.NoError(t, s.Close())
	left, err = os.ReadDir(tmp)
	require.NoError(t, err)
	require.Empty(t, left)
	require.Error(t, exec.Command("kill", "-0", pid).Run(), "its process is gone")
	_, err = http.Get(s.URL)
	require.Error(t, err)
}

func TestManyAtOnce(t *testing.T) {
	rounds := 10
	if testing.Short() {
		rounds = 2
	}
	onEach(t, func(t *testing.T, s *restserver.Server) {
		var wg sync.WaitGroup
		for range 64 {
			wg.Go(func() {
				for range rounds {
					req, _ := http.NewRequest("POST", s.URL+"/pipeline", bytes.NewReader([]byte(`[["INCR","n"],["INCR","n"]]`)))
					req.Header.Set("Authorization", "Bearer "+token)
					resp, err := http.DefaultClient.Do(req)
					if assert.NoError(t, err) {
						io.Copy(io.Discard, resp.Body)
						resp.Body.Close()
						assert.Equal(t, 200, resp.StatusCode)
					}
				}
			})
		}
		wg.Wait()
		require.Equal(t, `{"result":"`+strconv.Itoa(64*rounds*2)+`"}`, post(t, s, "/", command("GET", "n")).body)
	})
}
