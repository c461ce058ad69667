package restserver_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/redis-rest/redis-rest-go/restserver"
)

// A session that was recorded is answered in the same way by an equal server, and what differs is found.
func TestRecordAndReplay(t *testing.T) {
	var session lines
	s := start(t, restserver.Config{Record: &session})
	base64 := []string{"Upstash-Encoding", "base64"}
	post(t, s, "/", command("SET", "k", "v é\n"))
	post(t, s, "/", command("GET", "k"), base64...)
	post(t, s, "/pipeline", "["+command("INCR", "n")+","+command("LPUSH", "n", "x")+"]")
	post(t, s, "/multi-exec", "["+command("INCR", "n")+","+command("GET", "n")+"]")
	post(t, s, "/", command("EVAL", "#!lua flags=allow-key-locking\nreturn redis.call('INCR', KEYS[1])", "1", "n"))
	send(t, "PUT", s.URL+"/set/binary?EX=100&_token="+token, "\xff\x00\xfe")
	send(t, "GET", s.URL+"/get/binary", "", append(bearer, base64...)...)
	post(t, s, "/", "nonsense")
	send(t, "POST", s.URL+"/", `["PING"]`, "Authorization", "Bearer wrong")
	raw(t, s, "/get/binary", "", "Upstash-Response-Format", "resp2")
	send(t, "GET", s.URL+"/strlen/binary?%5Ftoken="+token, "")
	text := session.String()
	require.Equal(t, 10, strings.Count(text, "\n"), "a request without a token is no part of it")
	require.NotContains(t, text, token)

	fresh := start(t, restserver.Config{})
	n, different, err := restserver.Replay(t.Context(), strings.NewReader(text), fresh.URL, token)
	require.NoError(t, err)
	require.Equal(t, 10, n)
	require.Empty(t, different)

	n, different, err = restserver.Replay(t.Context(), strings.NewReader(text), fresh.URL, token)
	require.NoError(t, err)
	require.Equal(t, 10, n)
	require.Equal(t, []restserver.Difference{
		{3, "/pipeline", 200, `[{"result":1},{"error":"WRONGTYPE Operation against a key holding the wrong kind of value"}]`, 200, `[{"result":4},{"error":"WRONGTYPE Operation against a key holding the wrong kind of value"}]`},
		{4, "/multi-exec", 200, `[{"result":2},{"result":"2"}]`, 200, `[{"result":5},{"result":"5"}]`},
		{5, "/", 200, `{"result":3}`, 200, `{"result":6}`},
	}, different)

	_, different, err = restserver.Replay(t.Context(), strings.NewReader(strings.ReplaceAll(text, `"status":400`, `"status":418`)), fresh.URL, token)
	require.NoError(t, err)
	require.Len(t, different, 4, "a status alone is a difference")

	for _, bad := range []string{"{", `{"path": "x"}`, "5\n"} {
		_, _, err := restserver.Replay(t.Context(), strings.NewReader(bad), fresh.URL, token)
		require.ErrorContains(t, err, "line 1", bad)
	}
	_, _, err = restserver.Replay(t.Context(), strings.NewReader(text), "nowhere", token)
	require.Error(t, err)
}
