package restserver_test

import (
	"bufio"
	"encoding/json"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/redis-rest/redis-rest-go/restserver"
)

// Who watches the traffic gets each request with its commands, in part where they are long.
func TestTraffic(t *testing.T) {
	const reader = "a-token-that-only-reads"
	s := start(t, restserver.Config{Console: true, ReadOnlyToken: reader})
	watch := func(token string) *http.Response {
		t.Helper()
		r, err := http.NewRequestWithContext(t.Context(), "POST", s.URL+"/-/traffic", nil)
		require.NoError(t, err)
		r.Header.Set("Authorization", "Bearer "+token)
		resp, err := http.DefaultClient.Do(r)
		require.NoError(t, err)
		t.Cleanup(func() { resp.Body.Close() })
		return resp
	}
	require.Equal(t, 400, watch(reader).StatusCode)
	require.Equal(t, 401, watch("wrong").StatusCode)
	stream := watch(s.Token)
	require.Equal(t, "text/event-stream", stream.Header.Get("Content-Type"))
	lines := bufio.NewScanner(stream.Body)
	type request struct {
		ID, Kind string
		Commands [][]string
		Total    int
		Status   int
		Errors   []string
		Texts    []string
		MS       float64
	}
	next := func() (r request) {
		t.Helper()
		for lines.Scan() {
			if data, ok := strings.CutPrefix(lines.Text(), "data: "); ok && data != `"OK"` {
				require.NoError(t, json.Unmarshal([]byte(data), &r))
				return r
			}
		}
		require.NoError(t, lines.Err())
		return r
	}
	post := func(path, body string) {
		t.Helper()
		r, err := http.NewRequest("POST", s.URL+path, strings.NewReader(body))
		require.NoError(t, err)
		r.Header.Set("Authorization", "Bearer "+s.Token)
		r.Header.Set("X-Request-Id", "mine-1")
		resp, err := http.DefaultClient.Do(r)
		require.NoError(t, err)
		resp.Body.Close()
	}
	post("/", command("SET", "k", strings.Repeat("é", 100)))
	got := next()
	require.Equal(t, [][]string{{"SET", "k", strings.Repeat("é", 50) + "…"}}, got.Commands)
	require.Equal(t, "mine-1", got.ID)
	require.Equal(t, 200, got.Status)
	require.Positive(t, got.MS)
	post("/", command("INCR", "k"))
	got = next()
	require.Equal(t, 400, got.Status)
	require.Equal(t, []string{"ERR"}, got.Errors)
	require.Equal(t, []string{"ERR value is not an integer or out of range"}, got.Texts)
	post("/pipeline", "["+strings.Repeat(command("INCR", "k")+",", 19)+command("EVAL", "return redis.error_reply('LONG '..string.rep('é', 1000))", "0")+"]")
	got = next()
	require.Len(t, got.Errors, 20)
	require.Equal(t, []string{"ERR value is not an integer or out of range", "LONG " + strings.Repeat("é", 247) + "…"}, got.Texts)
	post("/", "{")
	got = next()
	require.Equal(t, []string{"ERR failed to parse command: the body must be a JSON array"}, got.Texts)
	post("/pipeline", "["+strings.Repeat(command("MGET", "a", "b", "c", "d", "e", "f", "g", "h", "i", "j")+",", 19)+command("GET", "k")+"]")
	got = next()
	require.Equal(t, "pipeline", got.Kind)
	require.Len(t, got.Commands, 10)
	require.Equal(t, 20, got.Total)
	require.Equal(t, []string{"MGET", "a", "b", "c", "d", "e", "f", "g", "h", "i", "…"}, got.Commands[0])
	post("/-/about", "") // is not of a client
	post("/", command("GET", "none"))
	require.Equal(t, [][]string{{"GET", "none"}}, next().Commands)

	// Without the console there is no such stream.
	s = start(t, restserver.Config{})
	require.Equal(t, 400, watch(s.Token).StatusCode)
}
