package restserver_test

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"runtime"
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

// sizeOf returns the size of a test: a small one, or that of an environment variable.
func sizeOf(t *testing.T, variable string, small int) int {
	t.Helper()
	text := os.Getenv(variable)
	if text == "" {
		return small
	}
	n, err := strconv.Atoi(text)
	require.NoError(t, err)
	return n
}

// TestRestartsOfRedis kills a Redis during traffic, and starts it again. Every answer is a result, "did not run" or "may have
// run", and the data agrees with all of them.
//
//	RESTARTS=20 go test -run TestRestartsOfRedis -v ./restserver
func TestRestartsOfRedis(t *testing.T) {
	needRedisServer(t)
	restarts := sizeOf(t, "RESTARTS", 1)
	port, dir := strconv.Itoa(freePorts(t)), t.TempDir()
	run := func() (kill func()) {
		// What is acknowledged is on the disk.
		cmd := exec.Command("redis-server", "--port", port, "--bind", "127.0.0.1", "--dir", dir, "--save", "", "--appendonly", "yes", "--appendfsync", "always")
		require.NoError(t, cmd.Start())
		kill = sync.OnceFunc(func() { cmd.Process.Kill(); cmd.Wait() })
		t.Cleanup(kill)
		return kill
	}
	kill := run()
	s := start(t, restserver.Config{Backend: "redis://127.0.0.1:" + port})
	works := func() bool { status, _ := try(s, "/", `["PING"]`); return status == 200 }
	require.Eventually(t, works, 10*time.Second, 5*time.Millisecond)

	type sent struct {
		key    string
		status int
		body   string
	}
	var mu sync.Mutex
	var all []sent
	var stop atomic.Bool
	var wg sync.WaitGroup
	for w := range 8 {
		wg.Go(func() {
			for i := 0; !stop.Load(); i++ {
				key := fmt.Sprintf("r:%d:%d", w, i)
				path, body := "/", command("INCR", key)
				switch i % 4 {
				case 1:
					path, body = "/pipeline", "["+body+"]"
				case 2:
					path, body = "/multi-exec", "["+body+"]"
				case 3:
					body = command("EVAL", "return redis.call('INCR', KEYS[1])", "1", key)
				}
				status, text := try(s, path, body)
				if status == 503 {
					time.Sleep(2 * time.Millisecond) // as Retry-After says, but shorter
				}
				mu.Lock()
				all = append(all, sent{key, status, text})
				mu.Unlock()
			}
		})
	}
	for range restarts {
		mu.Lock()
		before := len(all)
		mu.Unlock()
		require.Eventually(t, func() bool { mu.Lock(); defer mu.Unlock(); return len(all) > before+100 }, 30*time.Second, time.Millisecond)
		kill()
		require.Eventually(t, func() bool { return !works() }, 10*time.Second, time.Millisecond)
		kill = run()
		require.Eventually(t, works, 30*time.Second, 5*time.Millisecond)
	}
	stop.Store(true)
	wg.Wait()

	var gets strings.Builder
	for i, a := range all {
		if i > 0 {
			gets.WriteByte(',')
		}
		gets.WriteString(command("GET", a.key))
	}
	answer := post(t, s, "/pipeline", "["+gets.String()+"]")
	require.Equal(t, 200, answer.status)
	values := strings.Split(strings.Trim(answer.body, "[]"), ",")
	require.Len(t, values, len(all))
	kinds := map[string]int{}
	for i, a := range all {
		none, one := values[i] == `{"result":null}`, values[i] == `{"result":"1"}`
		require.True(t, none || one, "%s ran twice: %s", a.key, values[i])
		switch {
		case a.status == 200 && !strings.Contains(a.body, "error"):
			kinds["result"]++
			assert.True(t, one, "%+v is lost", a)
		case a.status == 503 && strings.Contains(a.body, "did not run"), strings.Contains(a.body, "LOADING"):
			kinds["did not run"]++
			assert.True(t, none, "%+v ran", a)
		case (a.status == 502 || a.status == 504) && strings.Contains(a.body, "may have run"):
			kinds["may have run"]++
		default:
			t.Errorf("no clear answer: %+v", a)
		}
	}
	require.Positive(t, kinds["result"])
	require.Positive(t, kinds["did not run"])
	t.Logf("%d restarts: %v", restarts, kinds)
}

// pipes is a listener without sockets, so that many clients need no file descriptors.
type pipes struct {
	conns chan net.Conn
	done  chan struct{}
}

func (p *pipes) Accept() (net.Conn, error) {
	select {
	case c := <-p.conns:
		return c, nil
	case <-p.done:
		return nil, net.ErrClosed
	}
}

func (p *pipes) Close() error   { close(p.done); return nil }
func (p *pipes) Addr() net.Addr { return &net.TCPAddr{} }

func (p *pipes) dial() net.Conn {
	here, there := net.Pipe()
	p.conns <- there
	return here
}

// inUse returns the memory of the heap and the stacks.
func inUse() int64 {
	var m runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&m)
	return int64(m.HeapAlloc + m.StackInuse)
}

// TestIdleSubscribers lets many clients subscribe and wait. Each takes at most 50 kB, so 10,000 take 500 MB.
//
//	SUBSCRIBERS=10000 go test -run TestIdleSubscribers -v ./restserver
func TestIdleSubscribers(t *testing.T) {
	n := sizeOf(t, "SUBSCRIBERS", 200)
	s, err := restserver.New(restserver.Config{Token: token, MaxConcurrent: n + 10})
	require.NoError(t, err)
	defer s.Close()
	l := &pipes{make(chan net.Conn), make(chan struct{})}
	go s.Serve(l)
	before := inUse()
	conns := make([]net.Conn, n)
	var ready sync.WaitGroup
	limit := make(chan struct{}, 50)
	for i := range n {
		ready.Go(func() {
			limit <- struct{}{}
			defer func() { <-limit }()
			conns[i] = l.dial()
			fmt.Fprintf(conns[i], "GET /subscribe/c HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer %s\r\n\r\n", token)
			lines := bufio.NewReaderSize(conns[i], 64)
			for {
				line, err := lines.ReadString('\n')
				if !assert.NoError(t, err) || strings.Contains(line, "data: subscribe,c,1") {
					return
				}
			}
		})
	}
	ready.Wait()
	each := (inUse() - before) / int64(n)
	t.Logf("%d subscribers, %d bytes each, with the client's side", n, each)
	require.Less(t, each, int64(50<<10))
	for _, c := range conns {
		c.Close()
	}
}

// TestMemoryUnderLoad lets readers that do not read and large bodies come at once. The memory stays below MaxMemory, and
// every refused request is told that it did not run.
//
//	SLOW=1000 BODIES=100 go test -run TestMemoryUnderLoad -v ./restserver
func TestMemoryUnderLoad(t *testing.T) {
	if testing.Short() {
		t.Skip("needs seconds")
	}
	slow, bodies := sizeOf(t, "SLOW", 100), sizeOf(t, "BODIES", 8)
	const limit = 128 << 20
	s, err := restserver.New(restserver.Config{Token: token, MaxConcurrent: slow + bodies + 10, MaxMemory: limit})
	require.NoError(t, err)
	defer s.Close()
	l := &pipes{make(chan net.Conn), make(chan struct{})}
	go s.Serve(l)
	tcp, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	go s.Serve(tcp)
	s.URL = "http://" + tcp.Addr().String()
	for range slow {
		conn := l.dial()
		defer conn.Close()
		go fmt.Fprintf(conn, "GET /subscribe/c HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer %s\r\n\r\n", token) // and reads nothing
	}
	require.Eventually(t, func() bool {
		_, text := try(s, "/", command("PUBSUB", "NUMSUB", "c"))
		return text == fmt.Sprintf(`{"result":["c",%d]}`, slow)
	}, 30*time.Second, time.Millisecond)

	large := "[" + command("ECHO", strings.Repeat("x", 5<<20)) + "," + command("ECHO", strings.Repeat("y", 5<<20-100)) + "]"
	before, most := inUse(), int64(0)
	stop := make(chan struct{})
	var looking sync.WaitGroup
	looking.Go(func() {
		for {
			select {
			case <-stop:
				return
			case <-time.After(time.Millisecond):
				most = max(most, inUse()-before)
			}
		}
	})
	var ran, refused atomic.Int64
	var wg sync.WaitGroup
	for range bodies {
		wg.Go(func() {
			req, _ := http.NewRequest("POST", s.URL+"/pipeline", strings.NewReader(large))
			req.Header.Set("Authorization", "Bearer "+token)
			resp, err := http.DefaultClient.Do(req)
			if !assert.NoError(t, err) {
				return
			}
			defer resp.Body.Close()
			start, _ := io.ReadAll(io.LimitReader(resp.Body, 1000))
			io.Copy(io.Discard, resp.Body) // the memory of the answer here is not the server's
			switch status, text := resp.StatusCode, string(start); {
			case status == 200:
				ran.Add(1)
			case status == 507: // only its reply did not fit
				ran.Add(1)
			case status == 503 && strings.Contains(text, "did not run"):
				refused.Add(1)
			default:
				t.Errorf("%d %.100s", status, text)
			}
		})
	}
	require.Eventually(t, func() bool { return ran.Load() > 0 }, 60*time.Second, time.Millisecond)
	message := command("PUBLISH", "c", strings.Repeat("m", 1<<20))
	for range 12 {
		wg.Go(func() {
			status, text := try(s, "/", message)
			assert.True(t, status == 200 || status == 503, "%d %.100s", status, text)
		})
	}
	wg.Wait()
	close(stop)
	looking.Wait()
	t.Logf("%d slow readers, %d of %d bodies of 10 MB ran; at most %d MB of %d", slow, ran.Load(), bodies, most>>20, limit>>20)
	require.Less(t, most, int64(4*limit), "the copies of net/http, of the database and of this test are beside the budget")
	require.Equal(t, http.StatusOK, send(t, "GET", s.URL+"/health", "").status)
}
