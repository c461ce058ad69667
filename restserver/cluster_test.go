package restserver_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net"
	"net/http"
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

	"github.com/redis-rest/redis-rest-go/internal/protocol/hashslot"
	"github.com/redis-rest/redis-rest-go/internal/testkit/longtext"
	"github.com/redis-rest/redis-rest-go/restserver"
)

// A node is a redis-server on its own port.
type node struct {
	addr string
	cmd  *exec.Cmd
}

// startNode starts a redis-server. args are added to the common arguments.
func startNode(t *testing.T, args ...string) *node {
	t.Helper()
	needRedisServer(t)
	for range 20 {
		port := freePorts(t)
		n := &node{addr: "127.0.0.1:" + strconv.Itoa(port)}
		n.cmd = exec.Command("redis-server", append([]string{"--port", strconv.Itoa(port), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no", "--dir", t.TempDir()}, args...)...)
		require.NoError(t, n.cmd.Start())
		t.Cleanup(n.kill)
		ended := make(chan struct{})
		go func() { n.cmd.Wait(); close(ended) }()
		for deadline := time.Now().Add(30 * time.Second); time.Now().Before(deadline); {
			conn, err := net.Dial("tcp", n.addr)
			if err == nil {
				conn.Close()
				return n
			}
			select {
			case <-ended: // another process took the port
			case <-time.After(5 * time.Millisecond):
				continue
			}
			break
		}
	}
	t.Fatal("no redis-server could be started")
	return nil
}

// freePorts finds a free port whose port of the cluster bus is free too.
func freePorts(t *testing.T) int {
	t.Helper()
	for range 1000 {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		require.NoError(t, err)
		port := l.Addr().(*net.TCPAddr).Port
		l.Close()
		if port+10000 < 65536 {
			if bus, err := net.Listen("tcp", "127.0.0.1:"+strconv.Itoa(port+10000)); err == nil {
				bus.Close()
				return port
			}
		}
	}
	t.Fatal("no two free ports were found")
	return 0
}

func (n *node) kill() { n.cmd.Process.Kill() }

// cli runs one command on the node, through a server of this package.
func (n *node) cli(t *testing.T, args ...string) string {
	t.Helper()
	s, err := restserver.Start(restserver.Config{Backend: "redis://" + n.addr, Token: token})
	require.NoError(t, err)
	defer s.Close()
	return post(t, s, "/", command(args...)).body
}

// startCluster starts three masters with one replica each.
func startCluster(t *testing.T) (nodes []*node) {
	t.Helper()
	for range 6 {
		nodes = append(nodes, startNode(t, "--cluster-enabled", "yes", "--cluster-node-timeout", "1000", "--cluster-replica-validity-factor", "0", "--repl-diskless-sync-delay", "0"))
	}
	for i, n := range nodes {
		if i > 0 {
			host, port, _ := strings.Cut(n.addr, ":")
			require.Contains(t, nodes[0].cli(t, "CLUSTER", "MEET", host, port), "OK")
		}
		if i < 3 {
			require.Contains(t, n.cli(t, "CLUSTER", "ADDSLOTSRANGE", strconv.Itoa(i*5461), strconv.Itoa(min((i+1)*5461-1+i/2, 16383))), "OK")
		}
	}
	for i := range 3 {
		var id struct{ Result string }
		require.NoError(t, json.Unmarshal([]byte(nodes[i].cli(t, "CLUSTER", "MYID")), &id))
		require.Eventually(t, func() bool { return strings.Contains(nodes[i+3].cli(t, "CLUSTER", "REPLICATE", id.Result), "OK") }, 20*time.Second, 50*time.Millisecond)
	}
	for i, n := range nodes {
		require.Eventually(t, func() bool {
			info := n.cli(t, "CLUSTER", "INFO")
			return strings.Contains(info, "cluster_state:ok") && strings.Contains(info, "cluster_known_nodes:6") &&
				(i < 3 || strings.Contains(n.cli(t, "INFO", "replication"), "master_link_status:up"))
		}, 30*time.Second, 50*time.Millisecond)
	}
	return nodes
}

// keyOn returns a key in the slots of one of the three masters.
func keyOn(master int, name string) string {
	for i := 0; ; i++ {
		key := fmt.Sprintf("%s:%d", name, i)
		if min(hashslot.Of(key)/5461, 2) == master {
			return key
		}
	}
}

func TestCluster(t *testing.T) {
	if testing.Short() {
		t.Skip("waits for a fail-over")
	}
	nodes := startCluster(t)
	for name, backend := range map[string]string{
		"one address":   "redis://" + nodes[1].addr + "?cluster",
		"two addresses": "redis://" + nodes[2].addr + ",redis://" + nodes[0].addr,
		"by the query":  "redis://" + nodes[2].addr + "?addr=" + nodes[0].addr,
	} {
		t.Run(name, func(t *testing.T) {
			s := start(t, restserver.Config{Backend: backend})
			require.Contains(t, s.Backend(), "Redis Cluster")
			require.Equal(t, 200, post(t, s, "/", command("FLUSHALL")).status)
			keys := []string{keyOn(0, "k"), keyOn(1, "k"), keyOn(2, "k")}
			for i, key := range keys {
				require.Equal(t, `{"result":"OK"}`, post(t, s, "/", command("SET", key, strconv.Itoa(i))).body)
				require.Contains(t, nodes[i].cli(t, "GET", key), strconv.Itoa(i), "it is on its node")
			}

			// Scripts: by source, and by digest on any node.
			const source = "return redis.call('INCR', KEYS[1])"
			require.Equal(t, `{"result":1}`, post(t, s, "/", command("EVAL", source, "1", keys[0])).body)
			require.Equal(t, `{"result":"`+sha1Of(source)+`"}`, post(t, s, "/", command("SCRIPT", "LOAD", source)).body)
			for i, key := range keys[1:] {
				require.Equal(t, fmt.Sprintf(`{"result":%d}`, i+2), post(t, s, "/", command("EVALSHA", sha1Of(source), "1", key)).body)
			}
			require.Equal(t, `{"result":[1,0]}`, post(t, s, "/", command("SCRIPT", "EXISTS", sha1Of(source), sha1Of("x"))).body)
			require.Contains(t, nodes[1].cli(t, "SCRIPT", "FLUSH"), "OK")
			require.Equal(t, `{"result":[0]}`, post(t, s, "/", command("SCRIPT", "EXISTS", sha1Of(source))).body, "held by all or not at all")
			require.Contains(t, post(t, s, "/", command("EVAL", "return 1", "2", keys[0], keys[1])).body, "CROSSSLOT")

			// A pipeline with keys on all nodes: the replies are in order.
			var body bytes.Buffer
			want := []string{}
			body.WriteByte('[')
			for i := range 300 {
				if i > 0 {
					body.WriteByte(',')
				}
				key := keyOn(i%3, fmt.Sprintf("p%d", i))
				body.WriteString(command("SET", key, strconv.Itoa(i)) + "," + command("GET", key))
				want = append(want, `{"result":"OK"},{"result":"`+strconv.Itoa(i)+`"}`)
			}
			body.WriteByte(']')
			longtext.Equal(t, "["+strings.Join(want, ",")+"]", post(t, s, "/pipeline", body.String()).body, "a pipeline to all nodes")
			require.Equal(t, `[{"result":"`+sha1Of(source)+`"},{"result":4},{"result":303}]`,
				post(t, s, "/pipeline", "["+command("SCRIPT", "LOAD", source)+","+command("EVALSHA", sha1Of(source), "1", keys[2])+","+command("DBSIZE")+"]").body)

			// Its order holds, whatever it contains.
			require.Equal(t, 200, post(t, s, "/", command("FLUSHALL")).status)
			ordered := func(want string, cmds ...[]string) {
				t.Helper()
				var texts []string
				for _, c := range cmds {
					texts = append(texts, command(c...))
				}
				require.Equal(t, want, post(t, s, "/pipeline", "["+strings.Join(texts, ",")+"]").body)
			}
			ordered(`[{"result":"OK"},{"result":1},{"result":"OK"},{"result":null},{"result":"OK"},{"result":1}]`,
				[]string{"SET", keys[0], "1"}, []string{"DBSIZE"}, []string{"FLUSHALL"}, []string{"GET", keys[0]}, []string{"SET", keys[1], "2"}, []string{"DBSIZE"})
			ordered(`[{"result":"OK"},{"result":["`+keys[1]+`"]},{"result":1},{"result":[]},{"result":"OK"}]`,
				[]string{"SET", keys[1], "2"}, []string{"KEYS", "*"}, []string{"DEL", keys[1]}, []string{"KEYS", "*"}, []string{"SET", keys[2], "2"})
			const show = "return redis.call('GET', KEYS[1])"
			ordered(`[{"error":"NOSCRIPT No matching script. Please use EVAL."},{"result":"`+sha1Of(show)+`"},{"result":"2"},{"result":"OK"},{"error":"NOSCRIPT No matching script. Please use EVAL."}]`,
				[]string{"EVALSHA", sha1Of(show), "1", keys[2]}, []string{"SCRIPT", "LOAD", show}, []string{"EVALSHA", sha1Of(show), "1", keys[2]}, []string{"SCRIPT", "FLUSH"}, []string{"EVALSHA", sha1Of(show), "1", keys[2]})
			// A command without a key runs after those before it, wherever they run.
			const slow = "for i = 1, 2e6 do end local t = redis.call('TIME') return t[1] * 1e6 + t[2]"
			for _, key := range keys {
				var times []struct{ Result any }
				require.NoError(t, json.Unmarshal([]byte(post(t, s, "/pipeline", "["+command("EVAL", slow, "1", key)+","+command("TIME")+"]").body), &times))
				now := times[1].Result.([]any)
				seconds, _ := strconv.ParseFloat(now[0].(string), 64)
				micros, _ := strconv.ParseFloat(now[1].(string), 64)
				require.GreaterOrEqual(t, seconds*1e6+micros, times[0].Result)
			}
			require.Equal(t, 200, post(t, s, "/", command("FLUSHALL")).status)
			body.Reset()
			fmt.Fprintf(&body, "[%s", command("SCRIPT", "LOAD", source))
			for i := range 303 {
				fmt.Fprintf(&body, ",%s", command("SET", keyOn(i%3, fmt.Sprintf("q%d", i)), "1"))
			}
			require.Equal(t, 200, post(t, s, "/pipeline", body.String()+"]").status)

			// Transactions in one slot, and a clear error otherwise.
			tagged := func(k string) string { return "{" + keys[2] + "}" + k }
			require.Equal(t, `[{"result":1},{"result":2},{"result":3}]`, post(t, s, "/multi-exec",
				"["+command("INCR", tagged("a"))+","+command("INCRBY", tagged("a"), "1")+","+command("EVAL", source, "1", tagged("a"))+"]").body)
			a := post(t, s, "/multi-exec", "["+command("INCR", tagged("a"))+","+command("INCR", keys[0])+"]")
			require.Equal(t, 400, a.status)
			require.Contains(t, a.body, "CROSSSLOT")
			require.Equal(t, `{"result":"3"}`, post(t, s, "/", command("GET", tagged("a"))).body)
			require.Contains(t, post(t, s, "/multi-exec", "["+command("INCR", tagged("a"))+","+command("NO.SUCH", tagged("a"))+"]").body, "EXECABORT")
			require.Equal(t, `[{"result":"PONG"}]`, post(t, s, "/multi-exec", "["+command("PING")+"]").body)

			require.Equal(t, `{"result":304}`, post(t, s, "/", command("DBSIZE")).body)
			var all struct{ Result []string }
			require.NoError(t, json.Unmarshal([]byte(post(t, s, "/", command("KEYS", "*")).body), &all))
			require.Len(t, all.Result, 304)
			require.Contains(t, post(t, s, "/", command("SCAN", "0")).body, "not available on a cluster")
			next, end := open(t, s, "GET", "/subscribe/news")
			require.Equal(t, "data: subscribe,news,1", next())
			require.Empty(t, next())
			require.Equal(t, 200, post(t, s, "/", command("PUBLISH", "news", "hello")).status)
			require.Equal(t, "data: message,news,hello", next())
			end()
		})
	}
	t.Run("slots that move", func(t *testing.T) { slotsMove(t, nodes) })
	t.Run("fail-over", func(t *testing.T) { failOver(t, nodes) })
}

// slotsMove moves a slot to another node without the server's knowledge.
func slotsMove(t *testing.T, nodes []*node) {
	s := start(t, restserver.Config{Backend: "redis://" + nodes[0].addr + "?cluster"})
	key := keyOn(0, "moving")
	slot := strconv.Itoa(hashslot.Of(key))
	require.Equal(t, `{"result":1}`, post(t, s, "/", command("INCR", key)).body)
	id := func(n *node) string {
		var id struct{ Result string }
		require.NoError(t, json.Unmarshal([]byte(n.cli(t, "CLUSTER", "MYID")), &id))
		return id.Result
	}
	require.Contains(t, nodes[1].cli(t, "CLUSTER", "SETSLOT", slot, "IMPORTING", id(nodes[0])), "OK")
	require.Contains(t, nodes[0].cli(t, "CLUSTER", "SETSLOT", slot, "MIGRATING", id(nodes[1])), "OK")
	require.Equal(t, `{"result":2}`, post(t, s, "/", command("INCR", key)).body, "the key is still on the old node")
	host, port, _ := strings.Cut(nodes[1].addr, ":")
	require.Contains(t, nodes[0].cli(t, "MIGRATE", host, port, key, "0", "5000"), "OK")
	require.Equal(t, `{"result":3}`, post(t, s, "/", command("INCR", key)).body, "ASK")
	require.Equal(t, `[{"result":4},{"result":"4"}]`, post(t, s, "/pipeline", "["+command("INCR", key)+","+command("GET", key)+"]").body, "ASK in a pipeline")
	require.Contains(t, post(t, s, "/multi-exec", "["+command("INCR", key)+"]").body, "TRYAGAIN")
	for _, n := range []int{1, 0, 2} {
		require.Contains(t, nodes[n].cli(t, "CLUSTER", "SETSLOT", slot, "NODE", id(nodes[1])), "OK")
	}
	fresh := start(t, restserver.Config{Backend: "redis://" + nodes[0].addr + "?cluster"})
	for i, path := range []string{"/multi-exec", "/pipeline"} {
		require.Equal(t, fmt.Sprintf(`[{"result":%d}]`, i+5), post(t, s, path, "["+command("INCR", key)+"]").body, "MOVED")
	}
	require.Equal(t, `{"result":7}`, post(t, s, "/", command("INCR", key)).body)
	require.Equal(t, `{"result":"7"}`, post(t, fresh, "/", command("GET", key)).body)
}

// failOver kills a master while there is traffic. Every answer is a result or a
// clear error, and no command runs twice.
func failOver(t *testing.T, nodes []*node) {
	s := start(t, restserver.Config{Backend: "redis://" + nodes[1].addr + "?cluster", Timeout: 5 * time.Second})
	var stop atomic.Bool
	type sent struct {
		key    string
		status int
		body   string
	}
	var mu sync.Mutex
	var all []sent
	var afterwards atomic.Int64 // successes on slots of the dead master after its death
	var dead atomic.Bool
	var wg sync.WaitGroup
	for w := range 16 {
		wg.Go(func() {
			for i := 0; !stop.Load(); i++ {
				key := keyOn(0, fmt.Sprintf("f%d-%d", w, i))
				var a sent
				switch i % 3 {
				case 0:
					a.status, a.body = try(s, "/", command("INCR", key))
				case 1:
					a.status, a.body = try(s, "/pipeline", "["+command("INCR", key)+"]")
				case 2:
					a.status, a.body = try(s, "/multi-exec", "["+command("INCR", key)+"]")
				}
				if a.key = key; a.status == http.StatusServiceUnavailable {
					time.Sleep(5 * time.Millisecond) // as Retry-After says, but shorter
				}
				mu.Lock()
				all = append(all, a)
				mu.Unlock()
				if dead.Load() && a.status == 200 && !strings.Contains(a.body, "error") {
					afterwards.Add(1)
				}
			}
		})
	}
	require.Eventually(t, func() bool { mu.Lock(); defer mu.Unlock(); return len(all) > 500 }, 20*time.Second, time.Millisecond)
	nodes[0].kill()
	dead.Store(true)
	require.Eventually(t, func() bool { return afterwards.Load() > 200 }, 60*time.Second, 10*time.Millisecond, "no replica took over")
	stop.Store(true)
	wg.Wait()

	kinds := map[string]int{}
	twice := 0
	for _, a := range all {
		var n int
		fmt.Sscanf(strings.TrimPrefix(post(t, s, "/", command("GET", a.key)).body, `{"result":"`), "%d", &n)
		kind := "success"
		switch {
		case a.status == 200 && !strings.Contains(a.body, `"error"`):
			// Writes that the dead master had not sent to its replica are lost.
		case a.status == 503, a.status == 400, a.status == 200:
			kind = fmt.Sprintf("did not run (%d)", a.status)
			assert.Zero(t, n, "%+v", a)
		case a.status == 502, a.status == 504:
			kind = fmt.Sprintf("may have run (%d)", a.status)
		default:
			t.Errorf("no clear answer: %+v", a)
		}
		kinds[kind]++
		if n > 1 {
			twice++
		}
	}
	t.Logf("%d requests around a fail-over: %v; %d ran twice", len(all), kinds, twice)
	require.Zero(t, twice)
}

// try is post without a test, for other goroutines.
func try(s *restserver.Server, path, body string) (status int, text string) {
	req, _ := http.NewRequest("POST", s.URL+path, strings.NewReader(body))
	req.Header.Set("Authorization", "Bearer "+token)
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return 0, err.Error()
	}
	defer resp.Body.Close()
	var buf bytes.Buffer
	buf.ReadFrom(resp.Body)
	return resp.StatusCode, buf.String()
}

func TestSentinel(t *testing.T) {
	if testing.Short() {
		t.Skip("waits for a fail-over")
	}
	master := startNode(t)
	host, port, _ := strings.Cut(master.addr, ":")
	replica := startNode(t, "--replicaof", host, port, "--repl-diskless-sync-delay", "0")
	require.Eventually(t, func() bool { return strings.Contains(replica.cli(t, "INFO", "replication"), "master_link_status:up") }, 20*time.Second, 20*time.Millisecond)
	sentinel := startSentinel(t, host, port)
	s := start(t, restserver.Config{Backend: "redis://" + sentinel.addr + "?master_name=main"})
	require.Equal(t, `{"result":"OK"}`, post(t, s, "/", command("SET", "k", "v")).body)
	require.Equal(t, `[{"result":1},{"result":2}]`, post(t, s, "/multi-exec", "["+command("INCR", "n")+","+command("INCR", "n")+"]").body)
	require.Eventually(t, func() bool { return strings.Contains(replica.cli(t, "GET", "n"), "2") }, 10*time.Second, 10*time.Millisecond)
	require.Eventually(t, func() bool { return strings.Contains(sentinel.cli(t, "SENTINEL", "REPLICAS", "main"), "127.0.0.1") }, 20*time.Second, 50*time.Millisecond)
	master.kill()
	require.Eventually(t, func() bool { return strings.Contains(post(t, s, "/", command("SET", "k", "w")).body, "OK") }, 60*time.Second, 50*time.Millisecond)
	require.Equal(t, `{"result":"2"}`, post(t, s, "/", command("GET", "n")).body)
}

// startSentinel starts a sentinel that monitors one master.
func startSentinel(t *testing.T, host, port string) *node {
	t.Helper()
	own := strconv.Itoa(freePorts(t))
	config := filepath.Join(t.TempDir(), "sentinel.conf")
	text := "port " + own + "\nbind 127.0.0.1\nsentinel monitor main " + host + " " + port + " 1\nsentinel down-after-milliseconds main 500\nsentinel failover-timeout main 3000\n"
	require.NoError(t, os.WriteFile(config, []byte(text), 0o600))
	n := &node{addr: "127.0.0.1:" + own, cmd: exec.Command("redis-server", config, "--sentinel")}
	require.NoError(t, n.cmd.Start())
	t.Cleanup(func() { n.kill(); n.cmd.Wait() })
	require.Eventually(t, func() bool {
		conn, err := net.Dial("tcp", n.addr)
		if err == nil {
			conn.Close()
		}
		return err == nil
	}, 10*time.Second, 5*time.Millisecond)
	return n
}
