package restserver_test

import (
	"context"
	"fmt"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/redis-rest/redis-rest-go/restserver"
)

// blocked sends a command that waits, and returns when it waits, with its answer to come.
func blocked(t *testing.T, s *restserver.Server, path, body string, before int) <-chan string {
	t.Helper()
	done := make(chan string, 1)
	go func() {
		status, text := try(s, path, body)
		done <- fmt.Sprint(status, " ", text)
	}()
	waits(t, s, before+1)
	return done
}

// waits waits until n commands wait.
func waits(t *testing.T, s *restserver.Server, n int) {
	t.Helper()
	require.Eventually(t, func() bool { return restserver.Waiting(s) == n }, 5*time.Second, time.Millisecond, "%d wait", restserver.Waiting(s))
}

func TestBlockingCommands(t *testing.T) {
	onEachOf(t, restserver.Config{MaxConcurrent: 4, ReadOnlyToken: "reader"}, func(t *testing.T, s *restserver.Server) {
		for _, c := range []struct{ waits, path, data, want string }{
			{command("BLPOP", "none", "l", "0"), "/", command("RPUSH", "l", "a"), `{"result":["l","a"]}`},
			{command("blpop", "l", "5.5"), "/", command("RPUSH", "l", "b"), `{"result":["l","b"]}`},
			{command("BRPOP", "l", "0"), "/", command("RPUSH", "l", "a", "b"), `{"result":["l","b"]}`},
			{command("BLMOVE", "l2", "moved", "LEFT", "RIGHT", "0"), "/", command("RPUSH", "l2", "x"), `{"result":"x"}`},
			{command("BRPOPLPUSH", "l2", "moved", "0"), "/", command("EVAL", "return redis.call('RPUSH', KEYS[1], 'y')", "1", "l2"), `{"result":"y"}`},
			{command("BLMPOP", "0", "2", "none", "l3", "LEFT", "COUNT", "5"), "/", command("RPUSH", "l3", "1", "2"), `{"result":["l3",["1","2"]]}`},
			{command("BZPOPMIN", "z", "0"), "/", command("ZADD", "z", "2", "b", "1", "a"), `{"result":["z","a","1"]}`},
			{command("BZPOPMAX", "z2", "0"), "/", command("ZADD", "z2", "2", "b", "1", "a"), `{"result":["z2","b","2"]}`},
			{command("BZMPOP", "0", "1", "z3", "MIN"), "/", command("ZADD", "z3", "1", "a"), `{"result":["z3",[["a","1"]]]}`},
			{command("XREAD", "COUNT", "1", "BLOCK", "0", "STREAMS", "s", "$"), "/", command("XADD", "s", "5-1", "f", "v"), `{"result":[["s",[["5-1",["f","v"]]]]]}`},
			{command("XREAD", "BLOCK", "5000", "STREAMS", "s", "$"), "/", command("XADD", "s", "5-2", "f", "w"), `{"result":[["s",[["5-2",["f","w"]]]]]}`},
			{command("XREADGROUP", "GROUP", "g", "me", "block", "0", "STREAMS", "s2", ">"), "/", command("XADD", "s2", "1-1", "f", "v"), `{"result":[["s2",[["1-1",["f","v"]]]]]}`},
			{"[" + command("SET", "before", "1") + "," + command("BLPOP", "l4", "0") + "," + command("INCR", "before") + "]", "/pipeline", command("RPUSH", "l4", "a"), `[{"result":"OK"},{"result":["l4","a"]},{"result":2}]`},
		} {
			require.Equal(t, 200, post(t, s, "/pipeline", "["+command("DEL", "l")+","+command("XGROUP", "CREATE", "s2", "g", "$", "MKSTREAM")+"]").status)
			got := blocked(t, s, c.path, c.waits, 0)
			require.Equal(t, `{"result":"PONG"}`, post(t, s, "/", command("PING")).body, "others are not held")
			require.Equal(t, 200, post(t, s, "/", c.data).status)
			require.Equal(t, "200 "+c.want, <-got, c.waits)
			waits(t, s, 0)
		}
		require.Equal(t, 200, post(t, s, "/", command("RPUSH", "l4", "b")).status)
		require.Equal(t, `{"result":["l4","b"]}`, post(t, s, "/", command("BLPOP", "l4", "0")).body, "there is data already")
		require.Equal(t, `{"result":["y","x"]}`, post(t, s, "/", command("LRANGE", "moved", "0", "-1")).body)

		// Times.
		require.Equal(t, `{"result":null}`, post(t, s, "/", command("BLPOP", "none", "0.01")).body)
		require.Equal(t, `{"result":null}`, post(t, s, "/", command("XREAD", "BLOCK", "10", "STREAMS", "none", "$")).body)
		require.Equal(t, `{"result":null}`, post(t, s, "/", command("BLMOVE", "none", "x", "LEFT", "LEFT", "0.01")).body)
		require.Contains(t, post(t, s, "/", command("BLPOP", "none", "soon")).body, `{"error":"ERR timeout is not a float`)
		require.Contains(t, post(t, s, "/", command("BLPOP", "none", "-1")).body, `{"error":"ERR timeout is negative`)
		require.Contains(t, post(t, s, "/", command("BLPOP", "none")).body, `{"error":"ERR wrong number of arguments`)

		// A transaction does not wait.
		require.Equal(t, `[{"result":null},{"result":1},{"result":["t","x"]}]`, post(t, s, "/multi-exec", "["+command("BLPOP", "t", "0")+","+command("RPUSH", "t", "x")+","+command("BLPOP", "t", "0")+"]").body)

		// Who has waited longest is served first, and one element serves one.
		first := blocked(t, s, "/", command("BLPOP", "q", "0"), 0)
		second := blocked(t, s, "/", command("BLPOP", "q", "0"), 1)
		require.Equal(t, 200, post(t, s, "/", command("SET", "q", "another type")).status)
		require.Equal(t, 200, post(t, s, "/", command("DEL", "q")).status)
		require.Equal(t, 200, post(t, s, "/", command("RPUSH", "q", "1")).status)
		require.Equal(t, `200 {"result":["q","1"]}`, <-first)
		waits(t, s, 1)
		require.Equal(t, 200, post(t, s, "/", command("RPUSH", "q", "2")).status)
		require.Equal(t, `200 {"result":["q","2"]}`, <-second)

		// An element that serves one is moved, and serves another.
		move := blocked(t, s, "/", command("BLMOVE", "from", "to", "LEFT", "LEFT", "0"), 0)
		pop := blocked(t, s, "/", command("BLPOP", "to", "0"), 1)
		require.Equal(t, 200, post(t, s, "/", command("RPUSH", "from", "e")).status)
		require.Equal(t, `200 {"result":"e"}`, <-move)
		require.Equal(t, `200 {"result":["to","e"]}`, <-pop)

		// Nothing is taken for a caller that has gone.
		ctx, cancel := context.WithCancel(t.Context())
		gone := make(chan error, 1)
		go func() { gone <- abandon(ctx, s, "/", command("BLPOP", "kept", "0")) }()
		waits(t, s, 1)
		cancel()
		<-gone
		waits(t, s, 0)
		require.Equal(t, `{"result":1}`, post(t, s, "/", command("RPUSH", "kept", "x")).body)
		require.Equal(t, `{"result":1}`, post(t, s, "/", command("LLEN", "kept")).body)

		// They do not use up the running requests, but the streams.
		var all []<-chan string
		for i := range 4 {
			all = append(all, blocked(t, s, "/", command("BLPOP", "many", "0"), i))
		}
		require.Equal(t, `{"result":"PONG"}`, post(t, s, "/", command("PING")).body)
		a := post(t, s, "/", command("BLPOP", "many", "0"))
		require.Equal(t, 503, a.status)
		require.NotEmpty(t, a.header.Get("Retry-After"))
		require.Equal(t, 200, post(t, s, "/", command("RPUSH", "many", "1", "2", "3", "4")).status)
		for _, got := range all {
			require.Contains(t, <-got, `200 {"result":["many",`)
		}
		require.Equal(t, noPerm("blpop"), send(t, "POST", s.URL+"/", command("BLPOP", "many", "0"), "Authorization", "Bearer reader").body)
	})
}

// The server's time limit ends the waiting: the reply is null, since nothing was taken.
func TestBlockingWithinTheTimeout(t *testing.T) {
	onEachOf(t, restserver.Config{Timeout: 100 * time.Millisecond}, func(t *testing.T, s *restserver.Server) {
		for path, c := range map[string]struct{ body, want string }{
			"/":         {command("BLPOP", "none", "0"), `{"result":null}`},
			"/pipeline": {"[" + command("BLPOP", "none", "1000") + "," + command("XREAD", "BLOCK", "0", "STREAMS", "s", "$") + "," + command("INCR", "n") + "]", `[{"result":null},{"result":null},{"result":1}]`},
		} {
			a := post(t, s, path, c.body)
			require.Equal(t, 200, a.status)
			require.Equal(t, c.want, a.body)
		}
	})
}

// The end of the server ends the waiting: the reply is null, and nothing is taken.
func TestBlockingEndsWithTheServer(t *testing.T) {
	onEach(t, func(t *testing.T, s *restserver.Server) {
		one := blocked(t, s, "/", command("BLPOP", "l", "0"), 0)
		many := blocked(t, s, "/pipeline", "["+command("BLMOVE", "l", "m", "LEFT", "LEFT", "0")+","+command("XREAD", "BLOCK", "0", "STREAMS", "s", "$")+","+command("INCR", "n")+"]", 1)
		require.NoError(t, s.Shutdown(t.Context()))
		require.Equal(t, `200 {"result":null}`, <-one)
		require.Equal(t, `200 [{"result":null},{"result":null},{"result":1}]`, <-many)
		waits(t, s, 0)
		after := func(args ...string) string { return mounted(s, token, args...).Body.String() }
		require.Equal(t, `{"result":1}`, after("RPUSH", "l", "x"))
		require.Equal(t, `{"result":["x"]}`, after("LRANGE", "l", "0", "-1"))
		require.Equal(t, `{"result":null}`, after("BLPOP", "none", "0"), "it does not wait")
		require.Contains(t, after("BLPOP", "none", "-1"), "timeout is negative")
	})
}

// So does the removal of the token.
func TestBlockingEndsWithTheToken(t *testing.T) {
	needRedisServer(t)
	n := startNode(t)
	file := filepath.Join(t.TempDir(), "tokens.json")
	removed, stays := `{"token": "token-to-be-removed-", "redis": "redis://`+n.addr+`/1"}`, `{"token": "token-that-stays----", "redis": "redis://`+n.addr+`/1"}`
	writeTokens(t, file, removed, stays)
	s := start(t, restserver.Config{Backend: "redis://" + n.addr, TokensFile: file})
	as := func(token string, args ...string) <-chan string {
		got := make(chan string, 1)
		go func() { got <- mounted(s, token, args...).Body.String() }()
		return got
	}
	one, other := as("token-to-be-removed-", "BLPOP", "l", "0"), as("token-that-stays----", "BLPOP", "l", "0")
	waits(t, s, 2)
	writeTokens(t, file, stays)
	require.Equal(t, `{"result":null}`, <-one)
	waits(t, s, 1)
	require.Equal(t, `{"result":1}`, <-as("token-that-stays----", "RPUSH", "l", "x"))
	require.Equal(t, `{"result":["l","x"]}`, <-other)
}

// If Redis does not end the waiting, the server does, and nobody knows whether data was taken.
func TestBlockingOfAUserWhoMayNotUnblock(t *testing.T) {
	needRedisServer(t)
	n := startNode(t)
	admin := start(t, restserver.Config{Backend: "redis://" + n.addr})
	require.Equal(t, 200, post(t, admin, "/", command("ACL", "SETUSER", "carol", "on", ">pw", "~*", "+@all", "-client|unblock")).status)
	silent := make(chan struct{})
	defer close(silent)
	arrived := make(chan struct{})
	fake := fakeRedis(t, func(args []string) string {
		if args[0] == "BLPOP" {
			close(arrived)
			<-silent
		}
		return "-ERR unknown command\r\n"
	})
	for backend, wait := range map[string]func(){"carol:pw@" + n.addr: func() { waits(t, admin, 1) }, fake: func() { <-arrived }} {
		s := start(t, restserver.Config{Backend: "redis://" + backend})
		got := make(chan string, 1)
		go func() {
			status, text := try(s, "/", command("BLPOP", "l", "0"))
			got <- fmt.Sprint(status, " ", text)
		}()
		wait()
		require.NoError(t, s.Shutdown(t.Context()))
		require.Equal(t, `502 {"error":"ERR the connection to Redis was lost; the command may have run"}`, <-got)
	}
	waits(t, admin, 0)
}

func TestBlockingOnACluster(t *testing.T) {
	if testing.Short() {
		t.Skip("starts a cluster")
	}
	nodes := startCluster(t)
	s := start(t, restserver.Config{Backend: "redis://" + nodes[0].addr + "?cluster"})
	for i := range 3 {
		key := keyOn(i, "list")
		got := make(chan string, 1)
		go func() {
			_, text := try(s, "/pipeline", "["+command("SET", keyOn(2, "x"), "1")+","+command("BLPOP", key, "0")+"]")
			got <- text
		}()
		require.Eventually(t, func() bool { return strings.Contains(nodes[i].cli(t, "INFO", "clients"), "blocked_clients:1") }, 10*time.Second, 5*time.Millisecond)
		require.Equal(t, `{"result":1}`, post(t, s, "/", command("RPUSH", key, "a")).body)
		require.Equal(t, `[{"result":"OK"},{"result":["`+key+`","a"]}]`, <-got)
	}
}
