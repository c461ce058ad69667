package restserver_test

import (
	"context"
	"crypto/sha1"
	"encoding/hex"
	"encoding/json"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/redis-rest/redis-rest-go/restserver"
)

var bearer = []string{"Authorization", "Bearer " + token}

func TestPathStyle(t *testing.T) {
	onEach(t, func(t *testing.T, s *restserver.Server) {
		for _, c := range []struct{ method, path, body, want string }{
			{"GET", "/set/foo/bar", "", `{"result":"OK"}`},
			{"GET", "/get/foo", "", `{"result":"bar"}`},
			{"POST", "/GET/foo", "", `{"result":"bar"}`},
			{"PUT", "/get/foo", "", `{"result":"bar"}`},
			{"GET", "/set/a%2Fb/c%20d%25", "", `{"result":"OK"}`},
			{"GET", "/get/a%2Fb", "", `{"result":"c d%"}`},
			{"POST", "/set/body", "the body / is & one = argument", `{"result":"OK"}`},
			{"GET", "/get/body", "", `{"result":"the body / is \u0026 one = argument"}`},
			{"POST", "/set/json", `["PING"]`, `{"result":"OK"}`},
			{"GET", "/get/json", "", `{"result":"[\"PING\"]"}`},
			{"POST", "/set/ttl?EX=100", "value", `{"result":"OK"}`},
			{"GET", "/set/ttl/x?NX", "", `{"result":null}`},
			{"GET", "/set/ttl/y?EX=50&XX", "", `{"result":"OK"}`},
			{"GET", "/get/ttl?_token=" + token, "", `{"result":"y"}`},
			{"GET", "/echo?a+b%26=", "", `{"error":"ERR wrong number of arguments for 'echo' command"}`},
			{"GET", "/echo/a+b", "", `{"result":"a+b"}`},
			{"GET", "/echo/", "", `{"result":""}`},
			{"GET", "/echo/é%F0%9F%98%80", "", `{"result":"é😀"}`},
			{"GET", "/publish/c/m", "", `{"result":0}`},
			{"GET", "/incr/n", "", `{"result":1}`},
			{"GET", "/lpush/foo/x", "", `{"error":"WRONGTYPE Operation against a key holding the wrong kind of value"}`},
			{"GET", "/watch/l", "", `{"error":"ERR Command is not available over REST: 'WATCH'"}`},
			{"GET", "/eval/return%20ARGV%5B1%5D/0/hello%0Aworld", "", `{"result":"hello\nworld"}`},
			{"GET", "/get/x?y=%zz", "", `{"error":"ERR the query is not percent-encoded"}`},
		} {
			a := send(t, c.method, s.URL+c.path, c.body, bearer...)
			assert.JSONEq(t, c.want, a.body, "%s %s", c.method, c.path)
			assert.Equal(t, strings.HasPrefix(c.want, `{"error"`), a.status == 400, c.path)
		}
		req, _ := http.NewRequest("HEAD", s.URL+"/incr/n", nil)
		req.Header.Set("Authorization", "Bearer "+token)
		resp, err := http.DefaultClient.Do(req)
		require.NoError(t, err)
		body, _ := io.ReadAll(resp.Body)
		resp.Body.Close()
		require.Equal(t, 200, resp.StatusCode)
		require.Empty(t, body)
		require.Equal(t, `{"result":"2"}`, send(t, "GET", s.URL+"/get/n", "", bearer...).body, "HEAD ran it")
		require.Regexp(t, `^{"result":(49|50)}$`, send(t, "GET", s.URL+"/ttl/ttl", "", bearer...).body)
		a := send(t, "GET", s.URL+"/get/a%2Fb", "", append(bearer, "Upstash-Encoding", "base64")...)
		require.Equal(t, `{"result":"YyBkJQ=="}`, a.body)
	})
}

// raw sends a request whose answer is not JSON.
func raw(t *testing.T, s *restserver.Server, path, body string, headers ...string) (status int, kind, text string) {
	req, err := http.NewRequest("POST", s.URL+path, strings.NewReader(body))
	require.NoError(t, err)
	headers = append(headers, bearer...)
	for i := 0; i < len(headers); i += 2 {
		req.Header.Set(headers[i], headers[i+1])
	}
	resp, err := http.DefaultClient.Do(req)
	require.NoError(t, err)
	defer resp.Body.Close()
	data, err := io.ReadAll(resp.Body)
	require.NoError(t, err)
	return resp.StatusCode, resp.Header.Get("Content-Type"), string(data)
}

func TestRESP2(t *testing.T) {
	onEach(t, func(t *testing.T, s *restserver.Server) {
		resp2 := []string{"Upstash-Response-Format", "resp2"}
		const octets, text = "application/octet-stream", "application/json"
		for _, c := range []struct {
			path, body string
			headers    []string
			status     int
			kind, want string
		}{
			{"/", `["SET","k","a\r\nb"]`, resp2, 200, octets, "+OK\r\n"},
			{"/", `["GET","k"]`, resp2, 200, octets, "$4\r\na\r\nb\r\n"},
			{"/", `["GET","none"]`, resp2, 200, octets, "$-1\r\n"},
			{"/", `["MGET","k","none"]`, resp2, 200, octets, "*2\r\n$4\r\na\r\nb\r\n$-1\r\n"},
			{"/", `["LPUSH","k","x"]`, resp2, 400, octets, "-WRONGTYPE Operation against a key holding the wrong kind of value\r\n"},
			{"/get/k", ``, resp2, 200, octets, "$4\r\na\r\nb\r\n"},
			{"/pipeline", `[["INCR","n"],["WATCH","l"],["ECHO","x"]]`, resp2, 200, octets, "*3\r\n:1\r\n-ERR Command is not available over REST: 'WATCH'\r\n$1\r\nx\r\n"},
			{"/multi-exec", `[["INCR","n"]]`, resp2, 400, text, `{"error":"ERR the response format resp2 is not available for transactions"}`},
			{"/", `["PING"]`, append([]string{"Upstash-Encoding", "base64"}, resp2...), 400, text, `{"error":"ERR the response format resp2 has no base64"}`},
			{"/", `["PING"]`, []string{"Upstash-Response-Format", "json"}, 200, text, `{"result":"PONG"}`},
			{"/", `["PING"]`, []string{"Upstash-Response-Format", "resp3"}, 400, text, `{"error":"ERR the response format must be json or resp2"}`},
		} {
			status, kind, got := raw(t, s, c.path, c.body, c.headers...)
			assert.Equal(t, c.status, status, c.body)
			assert.Equal(t, c.kind, kind, c.body)
			assert.Equal(t, c.want, got, c.body)
		}
	})
}

func TestReadOnlyToken(t *testing.T) {
	onEachOf(t, restserver.Config{ReadOnlyToken: "reader"}, func(t *testing.T, s *restserver.Server) {
		reader := []string{"Authorization", "Bearer reader"}
		require.Equal(t, 200, post(t, s, "/", command("SET", "k", "v")).status)
		for _, c := range []struct{ command, want string }{
			{`["GET","k"]`, `{"result":"v"}`},
			{`["EVAL_RO","return redis.call('GET', KEYS[1])","1","k"]`, `{"result":"v"}`},
			{`["SCRIPT","EXISTS","x"]`, `{"result":[0]}`},
			{`["PING"]`, `{"result":"PONG"}`},
			{`["SET","k","w"]`, noPerm("set")}, {`["set","k","w"]`, noPerm("set")},
			{`["EVAL","return 1","0"]`, noPerm("eval")}, {`["EVALSHA","x","0"]`, noPerm("evalsha")},
			{`["KEYS","*"]`, noPerm("keys")}, {`["SCAN","0"]`, noPerm("scan")}, {`["SCRIPT","LOAD","return 1"]`, noPerm("script")},
			{`["GETEX","k","PERSIST"]`, noPerm("getex")}, {`["SORT","k","STORE","d"]`, noPerm("sort")}, {`["FLUSHALL"]`, noPerm("flushall")}, {`["NO.SUCH"]`, noPerm("no.such")},
		} {
			require.Equal(t, c.want, send(t, "POST", s.URL+"/", c.command, reader...).body, c.command)
		}
		require.Equal(t, noPerm("monitor"), send(t, "GET", s.URL+"/monitor", "", reader...).body)
		require.Equal(t, noPerm("publish"), send(t, "GET", s.URL+"/publish/c/m", "", reader...).body)
		require.Equal(t, noPerm("incr"), send(t, "GET", s.URL+"/incr/n", "", reader...).body)
		require.Equal(t, `[{"result":"v"},`+noPerm("del")+`]`, send(t, "POST", s.URL+"/pipeline", `[["GET","k"],["DEL","k"]]`, reader...).body)
		a := send(t, "POST", s.URL+"/multi-exec", `[["GET","k"],["DEL","k"]]`, reader...)
		require.Equal(t, 400, a.status)
		require.Contains(t, a.body, "NOPERM")
		require.Equal(t, `{"result":"v"}`, post(t, s, "/", command("GET", "k")).body)
		_, err := restserver.New(restserver.Config{Token: "same", ReadOnlyToken: "same"})
		require.Error(t, err)
	})
}

func noPerm(command string) string {
	return `{"error":"NOPERM this user has no permissions to run the '` + command + `' command or its subcommand"}`
}

func TestConnectionStateStays(t *testing.T) {
	onEach(t, func(t *testing.T, s *restserver.Server) {
		for _, c := range []string{
			`["SELECT","1"]`, `["MULTI"]`, `["SUBSCRIBE","c"]`, `["CLIENT","REPLY","OFF"]`, `["POST"]`, `["host:"]`,
			`["SCRIPT","DEBUG","YES"]`, `["HELLO","3"]`, `["AUTH","x"]`, `["WATCH","k"]`, `["MONITOR"]`, `["QUIT"]`, `["RESET"]`, `["READONLY"]`, `["ASKING"]`, `["WAIT","1","0"]`, `["SHUTDOWN"]`,
		} {
			for path, body := range map[string]string{"/": c, "/pipeline": "[" + c + "]", "/multi-exec": "[" + c + "]"} {
				require.Contains(t, post(t, s, path, body).body, "not available over REST", "%s %s", path, c)
			}
		}
		for range 20 {
			require.Equal(t, `{"result":"PONG"}`, post(t, s, "/", command("PING")).body)
		}
	})
}

func TestKeyLocking(t *testing.T) {
	onEach(t, func(t *testing.T, s *restserver.Server) {
		const script = "#!lua flags=allow-key-locking\nlocal n = redis.call('INCR', KEYS[1])\nreturn {n, ARGV[1]}"
		sha := sha1Of(script)
		require.Equal(t, `{"result":[0]}`, post(t, s, "/", command("SCRIPT", "EXISTS", sha)).body)
		require.Contains(t, post(t, s, "/", command("EVALSHA", sha, "0")).body, "NOSCRIPT No matching script")
		require.Equal(t, `{"result":[1,"x"]}`, post(t, s, "/", command("EVAL", script, "1", "k", "x")).body)
		require.Equal(t, `{"result":[2,"x"]}`, post(t, s, "/", command("EVALSHA", sha, "1", "k", "x")).body)
		require.Equal(t, `{"result":[3,"x"]}`, post(t, s, "/", command("EVALSHA", strings.ToUpper(sha), "1", "k", "x")).body)
		require.Equal(t, `{"result":[1]}`, post(t, s, "/", command("SCRIPT", "EXISTS", sha)).body)
		require.Equal(t, `{"result":"OK"}`, post(t, s, "/", command("SCRIPT", "FLUSH")).body)
		require.Contains(t, post(t, s, "/", command("EVALSHA", sha, "0")).body, "NOSCRIPT No matching script")
		require.Equal(t, `{"result":"`+sha+`"}`, post(t, s, "/", command("SCRIPT", "LOAD", script)).body)
		require.Equal(t, `[{"result":[4,"x"]},{"result":[5,"y"]}]`, post(t, s, "/multi-exec", `[["EVALSHA","`+sha+`","1","k","x"],["EVALSHA","`+sha+`","1","k","y"]]`).body)
		require.Equal(t, `[{"result":"`+sha+`"},{"result":[1]}]`, post(t, s, "/pipeline", `[["SCRIPT","LOAD",`+quoted(script)+`],["SCRIPT","EXISTS","`+sha+`"]]`).body)

		// An undeclared key: by call, by pcall, and inside pcall.
		const text = "ERR Dynamic keys are not allowed in Lua scripts when 'allow-key-locking' flag is set. Key was: other"
		for _, body := range []string{
			"return redis.call('GET', 'other')", "return server.call('GET', 'other')", "return redis.pcall('GET', 'other')", "return redis.call('MSET', KEYS[1], 1, 'other', 2)",
			"return redis.call('EVAL', 'return 1', 1, 'other')", "local ok, e = pcall(redis.call, 'GET', 'other') return {err = type(e) == 'table' and e.err or e}",
		} {
			got := post(t, s, "/", command("EVAL", "#!lua flags=allow-key-locking\n"+body, "1", "k")).body
			if strings.Contains(body, "EVAL") {
				require.Contains(t, got, "error", body) // Redis allows no EVAL in a script
				continue
			}
			require.Contains(t, got, text, body)
		}
		// Other flags are kept, and scripts without the flag are unchanged.
		for source, want := range map[string]string{
			"#!lua flags=allow-key-locking,no-writes\nreturn redis.call('SET', KEYS[1], 1)":  "Write commands are not allowed from read-only scripts",
			"#!lua flags=no-writes,allow-key-locking\nreturn redis.call('TYPE', KEYS[1]).ok": `{"result":"string"}`,
			"#!lua flags=allow-key-locking,no-such\nreturn 1":                                "Unexpected flag in script shebang: no-such",
			"#!lua flags=no-writes\nreturn redis.call('GET', KEYS[1])":                       `{"result":"5"}`,
			"#!lua\nreturn redis.sha1hex('') .. redis.status_reply('x').ok":                  `{"result":"da39a3ee5e6b4b0d3255bfef95601890afd80709x"}`,
			"#!lua flags=allow-key-locking\nreturn redis.sha1hex('')":                        `{"result":"da39a3ee5e6b4b0d3255bfef95601890afd80709"}`,
			"#!lua flags=allow-key-locking\nreturn redis.call('TIME')[3]":                    `{"result":null}`,
			"#!python\nreturn 1": "Unexpected engine in script shebang",
		} {
			require.Contains(t, post(t, s, "/", command("EVAL", source, "1", "k")).body, want, source)
		}
		// Errors show the line and the digest of the original script.
		broken := "#!lua flags=allow-key-locking\n\nlocal x = nil\nreturn x.y"
		require.Contains(t, post(t, s, "/", command("EVAL", broken, "0")).body, "script: "+sha1Of(broken)+", on @user_script:4.")
		failing := "#!lua flags=allow-key-locking\n\nreturn redis.call('LPUSH', KEYS[1], 1)"
		require.Regexp(t, `WRONGTYPE .* script: `+sha1Of(failing)+`, on @user_script:3\."`, post(t, s, "/", command("EVAL", failing, "1", "k")).body)
	})
}

// An error of a script with a guard keeps its code, its text, its line and its digest.
func TestLinesOfGuardedScripts(t *testing.T) {
	onEachOf(t, restserver.Config{ReadOnlyToken: "reader"}, func(t *testing.T, s *restserver.Server) {
		require.Equal(t, 200, post(t, s, "/pipeline", "["+command("SET", "k", "v")+","+command("RPUSH", "l", "a")+"]").status)
		const flag = "#!lua flags=allow-key-locking\n"
		plainWas := post(t, s, "/", command("EVAL", "local x = 1\n\nreturn redis.call('INCR', KEYS[1])", "1", "l")).body
		for body, want := range map[string]string{
			"local x = 1\nreturn redis.call('INCR', KEYS[1])":                                           "WRONGTYPE Operation against a key holding the wrong kind of value script: SHA, on @user_script:3.",
			"return redis.call('GET', KEYS[1])":                                                         "WRONGTYPE Operation against a key holding the wrong kind of value script: SHA, on @user_script:2.",
			"\n\nredis.call('SET', KEYS[1] .. 'x', 1)":                                                  "ERR Dynamic keys are not allowed in Lua scripts when 'allow-key-locking' flag is set. Key was: lx script: SHA, on @user_script:4.",
			"local call = redis.call\ncall('TYPE', KEYS[1])\ncall('INCR', KEYS[1])":                     "WRONGTYPE Operation against a key holding the wrong kind of value script: SHA, on @user_script:4.",
			"local r = redis\nr.call('TYPE', KEYS[1])\nreturn r.call('INCR', KEYS[1])":                  "WRONGTYPE Operation against a key holding the wrong kind of value script: SHA, on @user_script:4.",
			"pcall(redis.call, 'INCR', KEYS[1])\nredis.call('TYPE', KEYS[1])\nredis.call('NO.SUCH')":    "ERR Unknown Redis command called from script script: SHA, on @user_script:4.",
			"pcall(function() redis.call('INCR', KEYS[1]) end)\nreturn redis.call('LLEN', KEYS[1]) + 1": "2",
			"local f = redis.call local ok = pcall(f, 'INCR', KEYS[1])\nreturn f('LLEN', KEYS[1])":      "1",
			"local f = server.call local ok = pcall(f, 'INCR', KEYS[1])\nreturn f('LLEN', KEYS[1])":     "1",
			"local x = 1\nreturn server.call('INCR', KEYS[1])":                                          "WRONGTYPE Operation against a key holding the wrong kind of value script: SHA, on @user_script:3.",
			"local f = redis['call'] local ok = pcall(f, 'INCR', KEYS[1])\nreturn f('LLEN', KEYS[1])":   "1",
			"local f = redis.call local ok = pcall(f, 'INCR', KEYS[1])\nf('INCR', KEYS[1])":             "WRONGTYPE Operation against a key holding the wrong kind of value",
			"local function f()\nreturn redis.call('INCR', KEYS[1])\nend\nlocal n = f()\nreturn n":      "WRONGTYPE Operation against a key holding the wrong kind of value script: SHA, on @user_script:3.",
			"local x\nreturn x.y":       "ERR user_script:3: attempt to index local 'x' (a nil value) script: SHA, on @user_script:3.",
			"\nerror({err = 'MY own'})": "MY own script: SHA, on @user_script:3.",
			"local n = 0\nfor i = 1, 300 do n = n + redis.call('LLEN', KEYS[1]) end\nreturn n":                  "300",
			"local t = coroutine.wrap(function() coroutine.yield(redis.call('LLEN', KEYS[1])) end)\nreturn t()": "1",
			"return redis.pcall('INCR', KEYS[1])":                                                               "WRONGTYPE Operation against a key holding the wrong kind of value",
		} {
			source := flag + body
			got := post(t, s, "/", command("EVAL", source, "1", "l")).body
			want = strings.ReplaceAll(want, "SHA", sha1Of(source))
			if len(want) > 3 {
				text, _ := json.Marshal(want)
				want = `{"error":` + string(text) + `}`
			} else {
				want = `{"result":` + want + `}`
			}
			require.JSONEq(t, want, got, body)
		}
		require.Contains(t, plainWas, "on @user_script:3.")
		failing := "local x = 1\nlocal y = 2\nreturn redis.call('GET', KEYS[1])"
		a := send(t, "POST", s.URL+"/", command("EVAL_RO", failing, "1", "l"), "Authorization", "Bearer reader")
		require.Contains(t, a.body, "WRONGTYPE Operation against a key holding the wrong kind of value script: "+sha1Of(failing)+", on @user_script:3.")
	})
}

// A script of the read-only token reaches only what its commands may reach.
func TestScriptsOfReaders(t *testing.T) {
	onEachOf(t, restserver.Config{ReadOnlyToken: "reader"}, func(t *testing.T, s *restserver.Server) {
		reader := func(args ...string) string {
			return send(t, "POST", s.URL+"/", command(args...), "Authorization", "Bearer reader").body
		}
		require.Equal(t, 200, post(t, s, "/pipeline", "["+command("SET", "k", "v")+","+command("RPUSH", "l", "a")+"]").status)
		for script, want := range map[string]string{
			"return redis.call('GET', KEYS[1])":                                    `{"result":"v"}`,
			"return redis.call('get', KEYS[1])":                                    `{"result":"v"}`,
			"return server.call('GET', KEYS[1])":                                   `{"result":"v"}`, // Valkey's name
			"return redis.call('OBJECT', 'encoding', KEYS[1])":                     `{"result":"embstr"}`,
			"return cjson.encode(cjson.decode('{\"a\":[1,2]}'))":                   `{"result":"{\"a\":[1,2]}"}`,
			"return redis.sha1hex('') .. #redis.status_reply('OK').ok":             `{"result":"da39a3ee5e6b4b0d3255bfef95601890afd807092"}`,
			"return #KEYS + #ARGV":                                                 `{"result":1}`,
			"return {redis.call('TIME')[3] == nil, redis.call('STRLEN', KEYS[1])}": `{"result":[1,1]}`,
		} {
			require.JSONEq(t, want, reader("EVAL_RO", script, "1", "k"), script)
			require.JSONEq(t, want, reader("EVALSHA_RO", sha1Of(script), "1", "k"), script)
		}
		for _, script := range []string{
			"return redis.call('KEYS', '*')", "return redis.call('keys', '*')", "return redis.pcall('KEYS', '*')", "return redis.call('SCAN', 0)", "return redis.call('SET', 'k', 'x')",
			"return redis.call('PUBLISH', 'c', 'x')", "return redis.call('CONFIG', 'GET', '*')", "return redis.call('FLUSHALL')", "return redis.call('GET KEYS', '*')", "return redis.call('SORT', 'l', 'STORE', 'x')",
			"local call = redis.call return call('KEYS', '*')",
			"return _G.redis.call('KEYS', '*')", "return loadstring(\"return redis.call('KEYS', '*')\")()", "return getfenv(0).redis.call('KEYS', '*')", "return getfenv(print).redis.call('KEYS', '*')",
			"setfenv(1, {}) return redis.call('KEYS', '*')", "return getmetatable(redis).__index.call('KEYS', '*')", "return rawget(redis, 'call')('KEYS', '*')",
			"return string.dump(redis.call)", "return debug.getregistry()", "return require('x')", "return load(function() return \"return redis.call('KEYS', '*')\" end)()",
			"string.find = function() return 1 end return redis.call('KEYS', '*')", "string.upper = function() return 'GET' end return redis.call('KEYS', '*')",
			"getmetatable('').__index = {find = function() return 1 end} return redis.call('KEYS', '*')",
			"return redis.call(setmetatable({}, {__tostring = function() return 'GET' end}), '*')",
			"coroutine.yield = nil return redis.call('KEYS', '*')", "return redis.call('EVAL', 'return 1', 0)",
			"#!lua flags=no-writes\nreturn redis.call('KEYS', '*')", "#!lua flags=allow-key-locking,no-writes\nreturn redis.call('KEYS', '*')", "#!lua\nreturn redis.call('KEYS', '*')",
		} {
			got := reader("EVAL_RO", script, "0")
			require.Contains(t, got, `{"error":`, script)
			require.NotContains(t, got, `"k"`, script)
		}
		for _, script := range []string{"return server.call('KEYS', '*')", "return server.pcall('KEYS', '*')", "local call = server.call return call('KEYS', '*')"} {
			require.Contains(t, reader("EVAL_RO", script, "0"), "NOPERM", script)
		}
		require.Equal(t, `{"result":"v"}`, post(t, s, "/", command("GET", "k")).body)

		// Scripts of the other token are not among its own, because they have no guard.
		const all = "return redis.call('KEYS', '*') -- of the other token"
		require.Equal(t, 200, post(t, s, "/", command("SCRIPT", "LOAD", all)).status)
		require.Contains(t, reader("EVALSHA_RO", sha1Of(all), "0"), "NOSCRIPT")
		require.Equal(t, `{"result":[0]}`, reader("SCRIPT", "EXISTS", sha1Of(all)))
		require.Contains(t, reader("EVAL_RO", all, "0"), "NOPERM")
		require.Contains(t, reader("EVALSHA_RO", sha1Of(all), "0"), "NOPERM")
		require.Equal(t, 200, post(t, s, "/", command("EVALSHA_RO", sha1Of(all), "0")).status)

		// The settings of cjson outlive a script, as in Redis, but not one of the read-only token.
		deep := command("EVAL", "return cjson.encode({{{1}}})", "0")
		for _, change := range []string{"cjson.encode_max_depth(1)", "local c = cjson c.encode_max_depth(1)", "pcall(cjson.encode_max_depth, 1)", "cjson['encode_max_depth'](1)", "cjson.new().encode_max_depth(1)"} {
			reader("EVAL_RO", change, "0")
			require.Equal(t, `{"result":"[[[1]]]"}`, post(t, s, "/", deep).body, change)
		}
		require.Equal(t, 200, post(t, s, "/", command("EVAL", "cjson.encode_max_depth(1)", "0")).status)
		require.Contains(t, post(t, s, "/", deep).body, `"error"`, "as in Redis")
	})
}

func TestEndlessScript(t *testing.T) {
	if testing.Short() {
		t.Skip("waits for scripts that take long")
	}
	onEachOf(t, restserver.Config{Timeout: 300 * time.Millisecond}, func(t *testing.T, s *restserver.Server) {
		require.Equal(t, 200, post(t, s, "/", command("CONFIG", "SET", "busy-reply-threshold", "50")).status)
		for path, body := range map[string]string{
			"/":           command("EVAL", "while true do end", "0"),
			"/pipeline":   "[" + command("EVAL", "while true do end", "0") + "," + command("SET", "after", "1") + "]",
			"/multi-exec": "[" + command("EVAL", "while true do end", "0") + "]",
		} {
			var others sync.WaitGroup
			var over atomic.Bool
			told := false
			others.Go(func() { // all other callers get BUSY
				for !told && !over.Load() {
					_, text := try(s, "/", command("PING"))
					told = strings.Contains(text, "BUSY")
				}
			})
			a := post(t, s, path, body)
			over.Store(true)
			others.Wait()
			require.True(t, told)
			require.Contains(t, a.body, "Script killed by user with SCRIPT KILL", path)
			require.Equal(t, `{"result":"PONG"}`, post(t, s, "/", command("PING")).body)
		}
		require.Equal(t, `{"result":"1"}`, post(t, s, "/", command("GET", "after")).body)

		// A script that has written cannot be killed. Its caller and the others get an error.
		rounds := "1e8" // several times the timeout
		if s.Backend() == "memory" {
			rounds = "5e7"
		}
		done := make(chan answer, 2)
		begun := time.Now()
		for range 2 {
			go func() {
				done <- post(t, s, "/", command("EVAL", "redis.call('SET', 'w', 1) local n = 0 for i = 1, "+rounds+" do n = n + i end return 'done'", "0"))
			}()
		}
		var bodies []string
		for range 2 {
			bodies = append(bodies, (<-done).body)
		}
		require.Less(t, time.Since(begun), 9*time.Second)
		require.Contains(t, strings.Join(bodies, " "), "UNKILLABLE")
		require.Regexp(t, "UNKILLABLE|BUSY", bodies[0])
		require.Regexp(t, "UNKILLABLE|BUSY", bodies[1])
		require.Eventually(t, func() bool { return post(t, s, "/", command("PING")).status == 200 }, 30*time.Second, 50*time.Millisecond)
	})
}

// A new connection for SCRIPT KILL sends no SELECT, to which Redis replies BUSY.
func TestEndlessScriptInAnotherDatabase(t *testing.T) {
	needRedisServer(t)
	n := startNode(t)
	admin := start(t, restserver.Config{Backend: "redis://" + n.addr})
	require.Equal(t, 200, post(t, admin, "/", command("CONFIG", "SET", "busy-reply-threshold", "20")).status)
	require.Equal(t, 200, post(t, admin, "/", command("ACL", "SETUSER", "carol", "on", ">pw", "~*", "+@all", "-script|kill", "-function|kill")).status)
	s := start(t, restserver.Config{Backend: "redis://" + n.addr + "/1", Timeout: 100 * time.Millisecond})
	require.Contains(t, post(t, s, "/", command("EVAL", "while true do end", "0")).body, "Script killed by user with SCRIPT KILL")

	var log lines
	s = start(t, restserver.Config{Backend: "redis://carol:pw@" + n.addr + "/1", Timeout: 100 * time.Millisecond, Log: log.logger()})
	got := make(chan string, 1)
	go func() {
		_, text := try(s, "/", command("EVAL", "while true do end", "0"))
		got <- text
	}()
	const told = "a script runs for too long, and the user of Redis may not kill it"
	require.Eventually(t, func() bool { return len(log.with(t, told)) > 0 }, 9*time.Second, time.Millisecond)
	require.Contains(t, log.with(t, told)[0]["reason"], "NOPERM")
	require.Equal(t, `{"result":"OK"}`, post(t, admin, "/", command("SCRIPT", "KILL")).body)
	require.Contains(t, <-got, "Script killed by user with SCRIPT KILL")
	require.Len(t, log.with(t, told), 1)
}

// The log speaks of a missing permission only if it keeps a script from being killed.
func TestPermissionToKill(t *testing.T) {
	t.Parallel() // it waits
	const ok, busy, none, notBusy = "+OK\r\n", "-BUSY Redis is busy\r\n", "-NOPERM no permissions\r\n", "-NOTBUSY No scripts in execution right now.\r\n"
	for _, c := range []struct {
		script, function string
		told             bool
	}{{ok, none, false}, {none, ok, false}, {notBusy, none, false}, {busy, none, true}, {none, busy, true}, {none, none, true}} {
		var log lines
		looks, killed := 0, make(chan struct{})
		addr := fakeRedis(t, func(args []string) string {
			switch strings.Join(args[:min(2, len(args))], " ") {
			case "hello", "hello 2":
				return "-ERR unknown command\r\n"
			case "EVAL return 1":
				<-killed
				return "-ERR killed\r\n"
			case "SCRIPT KILL": // one after the other
				if looks++; looks == 3 {
					close(killed)
				}
				return c.script
			case "FUNCTION KILL":
				return c.function
			}
			return ok
		})
		s := start(t, restserver.Config{Backend: "redis://" + addr, Timeout: 50 * time.Millisecond, Log: log.logger()})
		text := "did not run"
		for strings.Contains(text, "did not run") { // on a busy machine the connection takes longer
			_, text = try(s, "/", command("EVAL", "return 1", "0"))
		}
		require.Equal(t, `{"error":"ERR killed"}`, text)
		require.Equal(t, c.told, len(log.with(t, "a script runs for too long, and the user of Redis may not kill it")) == 1, "%+v", c)
	}
}

// With the embedded database a script ends when its caller goes.
func TestScriptEndsWithItsCaller(t *testing.T) {
	s := start(t, restserver.Config{Backend: "memory"})
	require.Equal(t, 200, post(t, s, "/", command("CONFIG", "SET", "busy-reply-threshold", "20")).status)
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	gone := make(chan error, 1)
	go func() {
		req, err := http.NewRequestWithContext(ctx, "POST", s.URL, strings.NewReader(command("EVAL", "while true do end", "0")))
		if err == nil {
			req.Header.Set("Authorization", "Bearer "+token)
			_, err = http.DefaultClient.Do(req)
		}
		gone <- err
	}()
	require.Eventually(t, func() bool {
		_, text := try(s, "/", command("PING"))
		return strings.Contains(text, "BUSY")
	}, 10*time.Second, time.Millisecond)
	cancel()
	require.ErrorIs(t, <-gone, context.Canceled)
	require.Eventually(t, func() bool { return post(t, s, "/", command("PING")).status == 200 }, 10*time.Second, time.Millisecond)
}

func TestLimits(t *testing.T) {
	needRedisServer(t)
	s := start(t, restserver.Config{Backend: "redis-server", MaxConcurrent: 2, MaxBodyBytes: 1000, Timeout: time.Second})
	// Requests whose bodies never end are cut off.
	var stuck sync.WaitGroup
	for range 2 {
		conn, err := net.Dial("tcp", strings.TrimPrefix(s.URL, "http://"))
		require.NoError(t, err)
		defer conn.Close()
		_, err = io.WriteString(conn, "POST / HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer "+token+"\r\nContent-Length: 100\r\n\r\n[")
		require.NoError(t, err)
		stuck.Go(func() {
			conn.SetReadDeadline(time.Now().Add(20 * time.Second))
			answer, err := io.ReadAll(conn)
			assert.NoError(t, err, "it was not cut off")
			assert.Contains(t, string(answer), "HTTP/1.1 408")
			assert.Contains(t, string(answer), "did not run")
		})
	}
	require.Eventually(t, func() bool { return restserver.Running(s) == 2 }, 5*time.Second, time.Millisecond/10)
	a := post(t, s, "/", command("PING"))
	require.Equal(t, 503, a.status)
	require.Contains(t, a.body, "max concurrent requests")
	require.Equal(t, "1", a.header.Get("Retry-After"))
	require.Equal(t, 200, send(t, "GET", s.URL+"/health", "").status)
	require.Eventually(t, func() bool { return post(t, s, "/", command("PING")).status == 200 }, 10*time.Second, 10*time.Millisecond)
	stuck.Wait()

	a = post(t, s, "/", command("ECHO", strings.Repeat("x", 1000)))
	require.Equal(t, 413, a.status)
	require.Contains(t, a.body, "ERR max request size exceeded")
	require.Equal(t, 413, send(t, "PUT", s.URL+"/set/k", strings.Repeat("x", 1001), bearer...).status)
}

func TestHealthAndMounting(t *testing.T) {
	s, err := restserver.New(restserver.Config{Token: token})
	require.NoError(t, err)
	defer s.Close()
	below := httptest.NewServer(http.StripPrefix("/base", s))
	defer below.Close()
	for path, want := range map[string]string{"/base/get/a%2Fb": `{"result":null}`, "/base/echo/a%2Fb": `{"result":"a/b"}`, "/base/health": `{"result":"OK"}`} {
		require.Equal(t, want, send(t, "GET", below.URL+path, "", bearer...).body)
	}
}

func sha1Of(script string) string {
	sum := sha1.Sum([]byte(script))
	return hex.EncodeToString(sum[:])
}

func quoted(s string) string {
	text, _ := json.Marshal(s)
	return string(text)
}

func TestContentTypes(t *testing.T) {
	s := start(t, restserver.Config{})
	for _, kind := range []string{"", "application/json", "application/json; charset=utf-8", "APPLICATION/JSON", "text/plain", "application/x-www-form-urlencoded", "nonsense"} {
		a := post(t, s, "/", `["ECHO","x"]`, "Content-Type", kind)
		require.Equal(t, `{"result":"x"}`, a.body, kind)
	}
}

// The requests of a browser, and the headers that it needs in every answer, including
// refusals. Another test runs the client in a real browser.
func TestBrowsers(t *testing.T) {
	s := start(t, restserver.Config{})
	origin := []string{"Origin", "https://app.example.com"}
	for _, path := range []string{"/", "/pipeline", "/multi-exec", "/get/k", "/subscribe/news"} {
		req, err := http.NewRequest(http.MethodOptions, s.URL+path, nil)
		require.NoError(t, err)
		req.Header.Set("Origin", "https://app.example.com")
		req.Header.Set("Access-Control-Request-Method", "POST")
		req.Header.Set("Access-Control-Request-Headers", "authorization,content-type,upstash-encoding,upstash-sync-token")
		resp, err := http.DefaultClient.Do(req)
		require.NoError(t, err)
		resp.Body.Close()
		require.Equal(t, http.StatusNoContent, resp.StatusCode, path)
		require.Equal(t, "*", resp.Header.Get("Access-Control-Allow-Origin"))
		require.Contains(t, resp.Header.Get("Access-Control-Allow-Methods"), "POST")
		require.Equal(t, "Authorization, *", resp.Header.Get("Access-Control-Allow-Headers"))
		require.Empty(t, resp.Header.Get("Access-Control-Allow-Credentials"))
	}
	for name, a := range map[string]answer{
		"reply":    post(t, s, "/", `["PING"]`, origin...),
		"error":    post(t, s, "/", `["GET"]`, origin...),
		"no token": send(t, "POST", s.URL+"/", `["PING"]`, origin...),
	} {
		require.Equal(t, "*", a.header.Get("Access-Control-Allow-Origin"), name)
		require.Contains(t, a.header.Get("Access-Control-Expose-Headers"), "Upstash-Sync-Token", name)
	}
	// An OPTIONS that is not a preflight request is an ordinary request.
	require.Equal(t, 401, send(t, "OPTIONS", s.URL+"/", "", origin...).status)
	require.Equal(t, 405, send(t, "OPTIONS", s.URL+"/", "", bearer...).status)
}

func TestJSONValuesAsArguments(t *testing.T) {
	onEach(t, func(t *testing.T, s *restserver.Server) {
		for value, want := range map[string]string{
			`1000000`: "1000000", `1e3`: "1e3", `9007199254740993`: "9007199254740993", `-0.10`: "-0.10", `123456789012345678901234567890`: "123456789012345678901234567890",
			`true`: "true", `false`: "false", `null`: "null", `[1, "a" , null]`: `[1,"a",null]`, `{"b" : 1, "a": [ ]}`: `{"b":1,"a":[]}`, `"\u00e9\n"`: "é\n",
		} {
			var got struct{ Result string }
			require.NoError(t, json.Unmarshal([]byte(post(t, s, "/", `["ECHO",`+value+`]`).body), &got))
			require.Equal(t, want, got.Result)
		}
	})
}

func TestRepliesThatAreNotText(t *testing.T) {
	onEach(t, func(t *testing.T, s *restserver.Server) {
		const body = `["EVAL","return string.char(255, 97, 0)","0"]`
		require.Equal(t, "{\"result\":\"\uFFFDa\\u0000\"}", post(t, s, "/", body).body)
		require.Equal(t, `{"result":"/2EA"}`, post(t, s, "/", body, "Upstash-Encoding", "base64").body)
		require.Equal(t, `[{"result":"OK"},{"result":"eA=="}]`, post(t, s, "/pipeline", `[["SET","k","x"],["GET","k"]]`, "Upstash-Encoding", "base64").body)
	})
}

// Debian's Python client uses the port for clients of Redis.
func TestPythonClient(t *testing.T) {
	const python = "/usr/bin/python3" // it has Debian's packages
	if err := exec.Command(python, "-c", "import redis").Run(); err != nil && os.Getenv("CI") == "" {
		t.Skip("python3-redis is not there")
	}
	s, err := restserver.Start(restserver.Config{Backend: "memory"})
	require.NoError(t, err)
	t.Cleanup(func() { s.Close() })
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	go s.ServeRESP(l)
	_, port, err := net.SplitHostPort(l.Addr().String())
	require.NoError(t, err)
	out, err := exec.CommandContext(t.Context(), python, "testdata/client.py", port).CombinedOutput()
	require.NoError(t, err, "%s", out)
}
