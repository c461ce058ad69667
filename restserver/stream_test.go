package restserver_test

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/redis-rest/redis-rest-go/restserver"
)

// open opens an event stream and returns a function that reads its next line.
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
			for strings.Contains(line, `"hello"`) || line == "" { // from a new connection
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

// Comments keep a stream open while nothing happens.
func TestHeartbeat(t *testing.T) {
	require.Equal(t, 15*time.Second, restserver.DefaultHeartbeat)
	onEachOf(t, restserver.Config{Heartbeat: 20 * time.Millisecond}, func(t *testing.T, s *restserver.Server) {
		for _, path := range []string{"/subscribe/c", "/psubscribe/c*", "/monitor"} {
			next, end := open(t, s, "GET", path)
			require.Contains(t, next(), "data: ", "the first event comes first")
			require.Empty(t, next())
			beats := 0
			for range 3 {
				for line := next(); !strings.HasPrefix(line, ":"); line = next() {
				}
				beats++
				require.Empty(t, next())
			}
			require.Equal(t, 200, post(t, s, "/", command("PUBLISH", "c", "x")).status)
			for line := next(); !strings.Contains(line, "x"); line = next() {
			}
			end()
		}
	})
}

func TestSeveralChannels(t *testing.T) {
	onEach(t, func(t *testing.T, s *restserver.Server) {
		next, end := open(t, s, "GET", "/SUBSCRIBE/a/b%2Fc/%25,d/a")
		defer end()
		for _, want := range []string{"subscribe,a,1", "subscribe,b/c,2", "subscribe,%,d,3", "subscribe,a,3"} {
			require.Equal(t, "data: "+want, next())
			require.Empty(t, next())
		}
		for _, channel := range []string{"%,d", "a", "other", "b/c"} {
			want := `{"result":1}`
			if channel == "other" {
				want = `{"result":0}`
			}
			require.Equal(t, want, post(t, s, "/", command("PUBLISH", channel, "x")).body)
			if channel != "other" {
				require.Equal(t, "data: message,"+channel+",x", next())
				require.Empty(t, next())
			}
		}
		next, end = open(t, s, "GET", "/psubscribe/a*/%3F")
		defer end()
		for _, want := range []string{"psubscribe,a*,1", "psubscribe,?,2"} {
			require.Equal(t, "data: "+want, next())
			require.Empty(t, next())
		}
		require.Equal(t, `{"result":3}`, post(t, s, "/", command("PUBLISH", "a", "y")).body)
		got := []string{next() + next(), next() + next()}
		require.ElementsMatch(t, []string{"data: pmessage,a*,a,y", "data: pmessage,?,a,y"}, got)
		require.Equal(t, 400, send(t, "GET", s.URL+"/subscribe/a//b", "", bearer...).status)
	})
}

// A reader that does not read is cut off before much waits for it.
func TestSlowReaders(t *testing.T) {
	onEach(t, func(t *testing.T, s *restserver.Server) {
		conn, err := net.Dial("tcp", strings.TrimPrefix(s.URL, "http://"))
		require.NoError(t, err)
		defer conn.Close()
		conn.(*net.TCPConn).SetReadBuffer(4096)
		fmt.Fprintf(conn, "GET /subscribe/c HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer %s\r\n\r\n", token)
		next, end := open(t, s, "GET", "/subscribe/c") // another reads all
		defer end()
		next()
		next()
		message := command("PUBLISH", "c", strings.Repeat("x", 1<<20))
		most, cut := int64(0), false
		for range 200 {
			a := post(t, s, "/", message)
			require.Equal(t, 200, a.status)
			require.Equal(t, len("data: message,c,")+1<<20, len(next()))
			next()
			most = max(most, restserver.Buffered(s))
			if cut = a.body == `{"result":1}`; cut {
				break
			}
		}
		require.True(t, cut, "it was not cut off")
		require.Less(t, most, int64(16<<20))
		require.Eventually(t, func() bool { return restserver.Buffered(s) == 0 }, 5*time.Second, time.Millisecond)
	})
}

// What Redis sends to a MONITOR does not harm the server, whatever it is.
func TestMonitorOfAnotherProtocol(t *testing.T) {
	for name, c := range map[string]struct {
		lines, events string
		cut           bool
	}{
		"empty line":         {"+OK\r\n\r\n", "data: \"OK\"\n\n", false},
		"nothing but a line": {"+OK\r\n\n", "data: \"OK\"\n\n", false},
		"no status":          {"+OK\r\n$1\r\nx\r\n", "data: \"OK\"\n\n", false},
		"empty status":       {"+OK\r\n+\r\n:\r\n", "data: \"OK\"\n\ndata: \n\n", false},
		"endless line":       {"+OK\r\n+" + strings.Repeat("x", 4<<20), "data: \"OK\"\n\n", true},
	} {
		t.Run(name, func(t *testing.T) {
			addr := fakeRedis(t, func(args []string) string {
				if args[0] == "MONITOR" {
					return c.lines
				}
				return "-ERR unknown command\r\n"
			})
			s := start(t, restserver.Config{Backend: "redis://" + addr, MaxMemory: 1 << 20})
			req, err := http.NewRequestWithContext(t.Context(), "GET", s.URL+"/monitor", nil)
			require.NoError(t, err)
			req.Header.Set("Authorization", "Bearer "+token)
			var text []byte
			resp, err := http.DefaultClient.Do(req)
			if err == nil {
				defer resp.Body.Close()
				text, err = io.ReadAll(resp.Body)
			}
			require.Equal(t, c.cut, err != nil, "%v", err)
			if c.cut { // perhaps before the first event
				require.True(t, strings.HasPrefix(c.events, string(text)), "%s", text)
			} else {
				require.Equal(t, c.events, string(text))
			}
			require.Zero(t, restserver.Buffered(s))
		})
	}
}
