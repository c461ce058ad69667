package restserver_test

import (
	"encoding/json"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/redis-rest/redis-rest-go/restserver"
)

func TestConsole(t *testing.T) {
	const reader = "a-token-that-only-reads"
	with := start(t, restserver.Config{Console: true, ReadOnlyToken: reader})
	without := start(t, restserver.Config{})
	ask := func(s *restserver.Server, method, path, token, body string, header ...string) (status int, kind, answer string) {
		t.Helper()
		r, err := http.NewRequest(method, s.URL+path, strings.NewReader(body))
		require.NoError(t, err)
		if token != "" {
			r.Header.Set("Authorization", "Bearer "+token)
		}
		for i := 0; i < len(header); i += 2 {
			r.Header.Set(header[i], header[i+1])
		}
		resp, err := http.DefaultClient.Do(r)
		require.NoError(t, err)
		defer resp.Body.Close()
		text, err := io.ReadAll(resp.Body)
		require.NoError(t, err)
		return resp.StatusCode, resp.Header.Get("Content-Type"), string(text)
	}
	status, kind, answer := ask(with, "GET", "/", "", "", "Accept", "text/html,*/*;q=0.8")
	require.Equal(t, 200, status)
	require.Equal(t, "text/html; charset=utf-8", kind)
	require.NotContains(t, answer, with.Token)
	status, kind, _ = ask(with, "GET", "/-/main.js", "", "")
	require.Equal(t, 200, status)
	require.Contains(t, kind, "text/javascript")

	// Whoever is no browser, and a server without the console, answer as before.
	for _, s := range []*restserver.Server{with, without} {
		status, kind, answer = ask(s, "GET", "/", "", "", "Accept", "*/*")
		require.Equal(t, 401, status)
		require.Equal(t, "application/json", kind)
		require.Contains(t, answer, "WRONGPASS")
		status, _, _ = ask(s, "GET", "/", s.Token, "")
		require.Equal(t, 405, status)
	}
	status, _, _ = ask(without, "GET", "/", "", "", "Accept", "text/html")
	require.Equal(t, 401, status)
	for _, path := range []string{"/-/main.js", "/-/about", "/-/lint"} {
		status, _, answer = ask(without, "POST", path, without.Token, "return 1")
		require.Equal(t, 400, status)
		require.Contains(t, answer, "unknown command")
	}

	for token, about := range map[string]string{
		with.Token: `{"result":{"backend":"memory","embedded":true,"readOnly":false}}`,
		reader:     `{"result":{"backend":"memory","embedded":true,"readOnly":true}}`,
	} {
		_, _, answer = ask(with, "POST", "/-/about", token, "")
		require.Equal(t, about, answer)
		_, _, answer = ask(with, "POST", "/-/lint", token, "total = 1\nreturn 1")
		require.Contains(t, answer, `"severity":"error"`)
		require.Contains(t, answer, `"line":1,"column":1`)
		_, _, answer = ask(with, "POST", "/-/lint", token, "return 1")
		require.Equal(t, `{"result":[]}`, answer)
		status, _, answer = ask(with, "POST", "/-/lint", token, strings.Repeat(" ", 1<<20+1))
		require.Equal(t, 413, status, answer)
	}
	// A trace shows what a script would do, and changes nothing.
	const source = "local n = redis.call('INCR', KEYS[1])\nredis.call('SET', 'other', n)\nreturn n"
	status, _, answer = ask(with, "POST", "/-/trace", with.Token, command("EVAL", source, "1", "k"))
	require.Equal(t, 200, status, answer)
	var traced struct {
		Result struct {
			Reply any
			Calls []struct {
				Line  int
				Words []string
			}
			Keys []struct {
				Key               string
				Declared, Written bool
			}
			Changes []struct{ Key, Before, After string }
			Lines   []struct{ Line, Hits int }
		}
	}
	require.NoError(t, json.Unmarshal([]byte(answer), &traced))
	require.EqualValues(t, 1, traced.Result.Reply)
	require.Equal(t, []string{"INCR", "k"}, traced.Result.Calls[0].Words)
	require.Equal(t, 2, traced.Result.Calls[1].Line)
	require.Equal(t, "other", traced.Result.Keys[1].Key)
	require.False(t, traced.Result.Keys[1].Declared)
	require.Equal(t, `"1"`, traced.Result.Changes[0].After)
	require.Len(t, traced.Result.Lines, 3)
	_, _, answer = ask(with, "POST", "/", with.Token, command("EXISTS", "k", "other"))
	require.Equal(t, `{"result":0}`, answer)
	_, _, answer = ask(with, "POST", "/-/trace", with.Token, command("EVAL", "redis.call('SET', KEYS[1], 2) error('no')", "1", "k"))
	require.Contains(t, answer, "user_script:1: no")
	require.Contains(t, answer, `"after": "\"2\""`)
	status, _, answer = ask(with, "POST", "/-/debug", with.Token, command("EVAL", source, "1", "k"))
	require.Equal(t, 200, status, answer)
	var recorded struct {
		Result struct {
			Steps []struct {
				Line        int
				Call, Reply string
				Stack       []struct{ Variables [][2]string }
			}
			More  bool
			Reply string
		}
	}
	require.NoError(t, json.Unmarshal([]byte(answer), &recorded))
	steps := recorded.Result.Steps
	require.Len(t, steps, 5)
	require.Equal(t, "INCR k", steps[1].Call)
	require.Equal(t, "1", steps[1].Reply)
	require.Equal(t, 3, steps[4].Line)
	require.Equal(t, [][2]string{{"n", "1"}}, steps[4].Stack[0].Variables)
	require.Equal(t, "1", recorded.Result.Reply)
	require.False(t, recorded.Result.More)
	_, _, answer = ask(with, "POST", "/-/trace", with.Token, command("EVAL", "#!lua flags=allow-key-locking\nreturn redis.call('INCR', 'other')", "0"))
	require.Contains(t, answer, `"reply": 1`)
	require.Contains(t, answer, `"declared": false`)
	require.NotContains(t, answer, "GETKEYS", "it shows the calls of the script only")
	for token, bodies := range map[string]map[string]string{
		with.Token: {command("SET", "k", "1"): "only a script can", command("EVAL", "x = = 1", "0"): "Error compiling script", "{": "failed to parse", "[]": "failed to parse", command("EVALSHA", "none", "0"): "NOSCRIPT"},
		reader:     {command("EVAL", "return 1", "0"): "NOPERM"},
	} {
		for body, want := range bodies {
			for _, path := range []string{"/-/trace", "/-/debug"} {
				status, _, answer = ask(with, "POST", path, token, body)
				require.Equal(t, 400, status, body)
				require.Contains(t, answer, want)
			}
		}
	}
	status, _, _ = ask(with, "POST", "/-/lint", "wrong", "return 1")
	require.Equal(t, 401, status)
	status, _, _ = ask(with, "POST", "/-/none", with.Token, "")
	require.Equal(t, 400, status)
}

// A token that shares a Redis with others learns nothing about them.
func TestConsoleOfOthers(t *testing.T) {
	const of = "a-token-of-somebody-else"
	file := filepath.Join(t.TempDir(), "tokens.json")
	require.NoError(t, os.WriteFile(file, []byte(`{"tokens": [{"token": "`+of+`", "redis": "redis://127.0.0.1:1/3"}]}`), 0o600))
	s := start(t, restserver.Config{Backend: "redis://127.0.0.1:2", TokensFile: file, Console: true})
	for path, want := range map[string]string{
		"/-/about":   `{"result":{"backend":"a shared database","embedded":false,"readOnly":false}}`,
		"/-/traffic": "NOPERM",
		"/-/trace":   "embedded database",
		"/-/debug":   "embedded database",
	} {
		r, err := http.NewRequest("POST", s.URL+path, strings.NewReader(command("EVAL", "return 1", "0")))
		require.NoError(t, err)
		r.Header.Set("Authorization", "Bearer "+of)
		resp, err := http.DefaultClient.Do(r)
		require.NoError(t, err)
		text, err := io.ReadAll(resp.Body)
		resp.Body.Close()
		require.NoError(t, err)
		require.Contains(t, string(text), want)
		require.NotContains(t, string(text), "127.0.0.1")
	}
}
