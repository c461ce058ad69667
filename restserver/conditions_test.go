package restserver_test

import (
	"bufio"
	"context"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	redis "github.com/redis-rest/redis-rest-go"
	"github.com/redis-rest/redis-rest-go/restserver"
)

// Each failure is what it says, and the client knows what happened.
func TestFailuresOnPurpose(t *testing.T) {
	for failure, c := range map[restserver.Failure]struct {
		status  int // 0: no answer
		ran     bool
		outcome error
	}{
		restserver.FailRefused:    {503, false, redis.ErrNotExecuted},
		restserver.FailTooMany:    {429, false, redis.ErrNotExecuted},
		restserver.FailLost:       {0, true, redis.ErrOutcomeUnknown},
		restserver.FailBadGateway: {502, true, redis.ErrOutcomeUnknown},
		restserver.FailFrozen:     {0, false, redis.ErrOutcomeUnknown},
		restserver.FailCut:        {200, true, nil}, // only for event streams
	} {
		t.Run(string(failure), func(t *testing.T) {
			socket, _ := ownRedis(t)
			direct := start(t, restserver.Config{Backend: "unix://" + socket})
			s := start(t, restserver.Config{Backend: "unix://" + socket, Conditions: restserver.Conditions{Fail: map[restserver.Failure]float64{failure: 1}}})
			ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
			if failure == restserver.FailFrozen {
				ctx, cancel = context.WithTimeout(t.Context(), 50*time.Millisecond)
			}
			defer cancel()
			req, err := http.NewRequestWithContext(ctx, "POST", s.URL+"/", strings.NewReader(`["INCR","n"]`))
			require.NoError(t, err)
			req.Header.Set("Authorization", "Bearer "+token)
			resp, err := http.DefaultClient.Do(req)
			if c.status == 0 {
				require.Error(t, err)
			} else {
				require.NoError(t, err)
				resp.Body.Close()
				require.Equal(t, c.status, resp.StatusCode)
				require.Equal(t, c.outcome == redis.ErrNotExecuted, resp.Header.Get("Retry-After") != "")
			}
			want := `{"result":null}`
			if c.ran {
				want = `{"result":"1"}`
			}
			require.Equal(t, want, post(t, direct, "/", command("GET", "n")).body)
			if failure != restserver.FailFrozen {
				rdb, err := redis.New(s.URL, token, redis.WithRetryPolicy(redis.RetryPolicy{MaxAttempts: 1}))
				require.NoError(t, err)
				_, err = redis.Cmd[int]("INCR", "n").Do(t.Context(), rdb)
				require.ErrorIs(t, err, c.outcome)
			}
		})
	}
}

func TestCutStream(t *testing.T) {
	s := start(t, restserver.Config{Conditions: restserver.Conditions{Fail: map[restserver.Failure]float64{restserver.FailCut: 1}}})
	req, err := http.NewRequestWithContext(t.Context(), "GET", s.URL+"/subscribe/c", nil)
	require.NoError(t, err)
	req.Header.Set("Authorization", "Bearer "+token)
	resp, err := http.DefaultClient.Do(req)
	require.NoError(t, err)
	defer resp.Body.Close()
	lines := bufio.NewReader(resp.Body)
	line, err := lines.ReadString('\n')
	require.NoError(t, err)
	require.Equal(t, "data: subscribe,c,1\n", line)
	require.Equal(t, `{"result":1}`, post(t, s, "/", command("PUBLISH", "c", "x")).body)
	for err == nil {
		_, err = lines.ReadString('\n')
	}
	require.ErrorContains(t, err, "unexpected EOF", "it did not end, it was cut")
}

func TestLimitsOnPurpose(t *testing.T) {
	s := start(t, restserver.Config{Conditions: restserver.Conditions{Quota: 3}})
	for i := range 6 {
		a := post(t, s, "/", command("INCR", "n"))
		if i < 3 {
			require.Equal(t, 200, a.status)
			continue
		}
		require.Equal(t, http.StatusTooManyRequests, a.status)
		require.Contains(t, a.body, "ERR max daily request limit exceeded")
		require.Empty(t, a.header.Get("Retry-After"))
	}
	s = start(t, restserver.Config{Conditions: restserver.Conditions{RequestsPerSecond: 2}})
	refused := false
	for range 20 {
		a := post(t, s, "/", command("PING"))
		refused = refused || a.status == http.StatusTooManyRequests && a.header.Get("Retry-After") != ""
	}
	require.True(t, refused)
	s = start(t, restserver.Config{Conditions: restserver.Conditions{Latency: 30 * time.Millisecond}})
	begun := time.Now()
	require.Equal(t, 200, post(t, s, "/", command("PING")).status)
	require.GreaterOrEqual(t, time.Since(begun), 30*time.Millisecond)
	require.Equal(t, 401, send(t, "POST", s.URL+"/", `["PING"]`).status)
}

// A request that the end of the server meets before it ran is told so.
func TestShutdownDuringConditions(t *testing.T) {
	for _, c := range []restserver.Conditions{{Latency: time.Hour}, {Fail: map[restserver.Failure]float64{restserver.FailFrozen: 1}}} {
		s := start(t, restserver.Config{Conditions: c})
		got := make(chan *httptest.ResponseRecorder, 1)
		go func() { got <- mounted(s, token, "INCR", "n") }()
		require.NoError(t, s.Shutdown(t.Context()))
		w := <-got
		require.Equal(t, 503, w.Code)
		require.Equal(t, `{"error":"ERR the server ends; the command did not run"}`, w.Body.String())
		require.Equal(t, "1", w.Header().Get("Retry-After"))
	}
}

// The same seed fails the same requests.
func TestSeedOfFailures(t *testing.T) {
	run := func(seed uint64) (pattern string) {
		s := start(t, restserver.Config{Conditions: restserver.Conditions{Fail: map[restserver.Failure]float64{restserver.FailRefused: 0.3, restserver.FailTooMany: 0.3}, Seed: seed}})
		for range 100 {
			pattern += strconv.Itoa(post(t, s, "/", `["PING"]`).status) + " "
		}
		return pattern
	}
	require.Equal(t, run(1), run(1))
	require.NotEqual(t, run(1), run(2))
}

func TestParseFailure(t *testing.T) {
	for text, want := range map[string]float64{"lost=0.1": 0.1, "502=5%": 0.05, "429=1": 1, "cut=0": 0} {
		f, share, err := restserver.ParseFailure(text)
		require.NoError(t, err)
		require.InDelta(t, want, share, 1e-9)
		require.Equal(t, restserver.Failure(strings.Split(text, "=")[0]), f)
	}
	for _, text := range []string{"", "lost", "lost=", "lost=x", "lost=2", "lost=-1", "lost=NaN", "lost=101%", "burns=0.1", "=0.1"} {
		_, _, err := restserver.ParseFailure(text)
		require.Error(t, err, text)
	}
	for _, c := range []restserver.Conditions{
		{Fail: map[restserver.Failure]float64{"lost": 0.6, "502": 0.6}}, {Fail: map[restserver.Failure]float64{"burns": 0.1}}, {Fail: map[restserver.Failure]float64{"lost": -1}},
		{Latency: -1}, {Quota: -1}, {RequestsPerSecond: -1},
	} {
		_, err := restserver.New(restserver.Config{Conditions: c})
		require.Error(t, err, c)
	}
}

func TestLikeHosted(t *testing.T) {
	s := start(t, restserver.Config{LikeHosted: true})
	for _, c := range [][]string{{"SET", "k", "v"}, {"EVAL", "return 1", "0"}, {"SCRIPT", "LOAD", "return 1"}, {"FUNCTION", "LIST"}, {"DBSIZE"}, {"zrangebyscore", "z", "0", "1"}} {
		require.Equal(t, 200, post(t, s, "/", command(c...)).status, c)
	}
	for _, c := range [][]string{{"CONFIG", "GET", "*"}, {"OBJECT", "ENCODING", "k"}, {"SORT", "k"}, {"CLUSTER", "INFO"}, {"SCRIPT", "KILL"}, {"FUNCTION", "DUMP"}, {"MOVE", "k", "1"}, {"NO.SUCH"}, {"config", "get", "*"}} {
		require.Contains(t, post(t, s, "/", command(c...)).body, `{"error":"ERR Command is not available over REST`, c)
	}
	require.Contains(t, post(t, s, "/multi-exec", "["+command("OBJECT", "ENCODING", "k")+"]").body, "EXECABORT")
}

// The embedded database replies as the hosted service documents where that differs from Redis.
func TestRepliesLikeHosted(t *testing.T) {
	s := start(t, restserver.Config{Backend: "memory", LikeHosted: true})
	for _, c := range []struct {
		command []string
		result  string
	}{
		{[]string{"SET", "k", "v"}, `"OK"`},
		{[]string{"COPY", "k", "k"}, `0`},
		{[]string{"JSON.SET", "j", "$", `{"a":1,"b":{"a":2}}`}, `"OK"`},
		{[]string{"JSON.GET", "j", "$..a"}, `"[2,1]"`},
		{[]string{"FUNCTION", "LOAD", "#!lua name=l\nredis.register_function('read', function(k) return redis.call('GET', k[1]) end)\nredis.register_function('write', function(k) return redis.call('SET', k[1], 1) end)"}, `"l"`},
		{[]string{"FCALL_RO", "read", "1", "k"}, `"v"`},
		{[]string{"FCALL", "write", "1", "n"}, `"OK"`},
	} {
		require.Equal(t, `{"result":`+c.result+`}`, post(t, s, "/", command(c.command...)).body, c.command)
	}
	require.Contains(t, post(t, s, "/", command("FCALL_RO", "write", "1", "k")).body, "Write commands are not allowed from read-only scripts")
	require.Equal(t, `{"result":"v"}`, post(t, s, "/", command("GET", "k")).body)
}
