package restserver_test

import (
	"bufio"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/redis-rest/redis-rest-go/restserver"
)

// open opens an event stream and returns the function that reads its next line.
func open(t *testing.T, s *restserver.Server, method, path string) (next func() string, end func()) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), method, s.URL+path, nil)
	require.NoError(t, err)
	req.Header.Set("Authorization", "Bearer "+token)
	resp, err := http.DefaultClient.Do(req)
	require.NoError(t, err)
	require.Equal(t, 200, resp.StatusCode)
	require.Equal(t, "text/event-stream", resp.Header.Get("Content-Type"))
	lines := bufio.NewReader(resp.Body)
	return func() string {
		line, err := lines.ReadString('\n')
		require.NoError(t, err)
		return strings.TrimSuffix(line, "\n")
	}, func() { resp.Body.Close() }
}

func TestEventStreams(t *testing.T) {
	onEach(t, func(t *testing.T, s *restserver.Server) {
		for _, method := range []string{"GET", "POST"} {
			channel := method + "/b,c%2F"
			next, end := open(t, s, method, "/subscribe/"+url.PathEscape(channel))
			require.Equal(t, "data: subscribe,"+channel+",1", next())
			require.Empty(t, next())
			require.Equal(t, `{"result":1}`, post(t, s, "/", command("PUBLISH", channel, "one\ntwo, three")).body)
			require.Equal(t, "data: message,"+channel+",one", next())
			require.Equal(t, "data: two, three", next())
			require.Empty(t, next())
			end()

			next, end = open(t, s, method, "/psubscribe/a*")
			require.Equal(t, "data: psubscribe,a*,1", next())
			require.Empty(t, next())
			require.Equal(t, 200, post(t, s, "/", command("PUBLISH", "ab", "x")).status)
			require.Equal(t, "data: pmessage,a*,ab,x", next())
			end()
		}
		require.Equal(t, unauthorized, send(t, "GET", s.URL+"/subscribe/c", "").body)
		for path, status := range map[string]int{"/subscribe/c": 405, "/subscribe": 400, "/subscribe/": 400, "/monitor/x": 400} {
			require.Equal(t, status, send(t, "PUT", s.URL+path, "", "Authorization", "Bearer "+token).status, path)
		}
	})
}

func TestMonitorStream(t *testing.T) {
	onEach(t, func(t *testing.T, s *restserver.Server) {
		next, end := open(t, s, "POST", "/monitor")
		defer end()
		require.Equal(t, `data: "OK"`, next())
		require.Empty(t, next())
		post(t, s, "/", command("SET", "k", "a \"b\"\n\x01"))
		post(t, s, "/", command("EVAL", "return redis.call('GET', KEYS[1])", "1", "k"))
		for _, want := range []string{
			`^data: \d+\.\d{6} \[0 [^ ]+\] "SET" "k" "a \\"b\\"\\n\\x01"$`,
			`^data: \d+\.\d{6} \[0 [^ ]+\] "EVAL" "return redis\.call\('GET', KEYS\[1\]\)" "1" "k"$`,
			`^data: \d+\.\d{6} \[0 lua\] "GET" "k"$`,
		} {
			line := next()
			for strings.Contains(line, `"hello"`) || line == "" { // of a new connection
				line = next()
			}
			require.Regexp(t, want, line)
		}
	})
}

func TestCloseEndsStreams(t *testing.T) {
	s, err := restserver.Start(restserver.Config{Token: token})
	require.NoError(t, err)
	req, err := http.NewRequest("GET", s.URL+"/subscribe/c", nil)
	require.NoError(t, err)
	req.Header.Set("Authorization", "Bearer "+token)
	resp, err := http.DefaultClient.Do(req)
	require.NoError(t, err)
	defer resp.Body.Close()
	require.NoError(t, s.Close())
	for lines := bufio.NewScanner(resp.Body); lines.Scan(); {
	}
}

func TestStreamsWithoutRedis(t *testing.T) {
	socket, end := ownRedis(t)
	s := start(t, restserver.Config{Backend: "unix://" + socket})
	end()
	for _, path := range []string{"/subscribe/c", "/psubscribe/c", "/monitor"} {
		require.Equal(t, 503, send(t, "POST", s.URL+path, "[]", "Authorization", "Bearer "+token).status, path)
	}
}
