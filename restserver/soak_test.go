package restserver_test

import (
	"bufio"
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"regexp"
	"runtime"
	"runtime/debug"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/redis-rest/redis-rest-go/restserver"
)

// TestSoak lets 200 clients call at the same time, together with harmful ones: clients that do not
// read, connections that send nothing, bodies that never
// end, and bodies of 100 MB. No call may fail, memory must not grow, and nothing may be left
// behind. The log shows the speed as a ratio to redis-benchmark on the same Redis, beside the same harmful clients: Redis
// itself loses half of its speed while it sends them large values.
//
//	SOAK=60s go test -run TestSoak -v ./restserver
func TestSoak(t *testing.T) {
	if testing.Short() {
		t.Skip("is a long run")
	}
	length, err := time.ParseDuration(cmp.Or(os.Getenv("SOAK"), "2s"))
	require.NoError(t, err)
	defer debug.SetGCPercent(debug.SetGCPercent(400)) // as redis-rest serve does
	n := startNode(t)
	s := start(t, restserver.Config{Backend: "redis://" + n.addr, Timeout: 10 * time.Second})
	const clients = 200
	first := dialRaw(t, s)
	status, _, err := first.call(rawPost("/", command("SET", "big", strings.Repeat("x", 8<<20))))
	require.NoError(t, err)
	require.Equal(t, 200, status)
	goroutines := runtime.NumGoroutine()
	heap := func() uint64 {
		var m runtime.MemStats
		runtime.GC()
		runtime.ReadMemStats(&m)
		return m.HeapAlloc
	}
	before := heap()

	var stop, stopHarm atomic.Bool
	var harm, wg sync.WaitGroup
	harmful := doHarm(t, s, &stopHarm, &harm)
	defer stopHarm.Store(true)
	var mu sync.Mutex
	var latencies []time.Duration
	var calls, failures atomic.Int64
	source := "return redis.call('INCR', KEYS[1])"
	_, _, err = first.call(rawPost("/", command("SCRIPT", "LOAD", source)))
	require.NoError(t, err)
	first.Close()
	begun := time.Now()
	for w := range clients {
		client := dialRaw(t, s)
		key := fmt.Sprintf("soak:%d", w)
		one, two := command("INCR", key), "["+command("INCR", key)+","+command("GET", key)+"]"
		requests := [...]struct{ text, want string }{
			{rawPost("/", one), `{"result":`},
			{rawPost("/", command("EVALSHA", sha1Of(source), "1", key)), `{"result":`},
			{rawPost("/pipeline", two), `[{"result":`},
			{rawPost("/multi-exec", two), `[{"result":`},
		}
		wg.Go(func() {
			defer client.Close()
			var own []time.Duration
			for i := 0; !stop.Load(); i++ {
				request := requests[i%len(requests)]
				sent := time.Now()
				status, body, err := client.call(request.text)
				own = append(own, time.Since(sent))
				calls.Add(1)
				if err != nil || status != 200 || !strings.HasPrefix(string(body), request.want) {
					if failures.Add(1) < 10 {
						t.Errorf("%s: %d %s %v", request.text, status, body, err)
					}
					if err != nil {
						return
					}
				}
			}
			mu.Lock()
			defer mu.Unlock()
			latencies = append(latencies, own...)
		})
	}
	time.Sleep(length / 4) // memory is measured after the start
	early := heap()
	time.Sleep(length - length/4)
	late := heap()
	stop.Store(true)
	wg.Wait()
	elapsed := time.Since(begun)
	require.NotEmpty(t, latencies)
	slices.Sort(latencies)
	p99 := latencies[len(latencies)*99/100]
	rate := float64(calls.Load()) / elapsed.Seconds()
	compared := "there is no redis-benchmark to compare with"
	if _, err := exec.LookPath("redis-benchmark"); err == nil || os.Getenv("CI") != "" {
		rawRate, rawP99 := benchmark(t, n.addr, clients, 2*int(calls.Load()))
		compared = fmt.Sprintf("%.3f of redis-benchmark's; p99 %.1f times redis-benchmark's", rate/rawRate, float64(p99)/float64(rawP99))
	}
	stopHarm.Store(true)
	harm.Wait()

	require.Zero(t, failures.Load())
	for deadline := time.Now().Add(20 * time.Second); runtime.NumGoroutine() > goroutines+5; time.Sleep(5 * time.Millisecond) {
		if time.Now().After(deadline) {
			var all bytes.Buffer
			buf := make([]byte, 1<<20)
			all.Write(buf[:runtime.Stack(buf, true)])
			t.Fatalf("%d goroutines, and there were %d:\n%s", runtime.NumGoroutine(), goroutines, all.String())
		}
	}
	// The test's own records are not a leak of the server.
	notes := uint64(calls.Load()) * 8 * 3
	after := heap()
	for deadline := time.Now().Add(20 * time.Second); after > before+notes+16<<20; after = heap() { // pools are emptied over time
		if time.Now().After(deadline) {
			t.Fatalf("memory is left: %d MiB before, %d MiB after", before>>20, after>>20)
		}
	}
	t.Logf("%d calls of %d clients in %v, none failed, beside %s", calls.Load(), clients, elapsed.Round(time.Second), harmful)
	t.Logf("heap %d MiB before, %d MiB after a quarter, %d MiB at the end, %d MiB afterwards", before>>20, early>>20, late>>20, after>>20)
	t.Logf("%.0f calls/s, p99 %v: %s", rate, p99.Round(10*time.Microsecond), compared)
}

// A rawClient is a client that costs little, so that the server is measured: like redis-benchmark it sends
// bytes that were made before, and it looks at nothing in an answer but the status, the length and the body.
type rawClient struct {
	net.Conn
	r    *bufio.Reader
	body []byte
}

func dialRaw(t *testing.T, s *restserver.Server) *rawClient {
	conn, err := net.Dial("tcp", strings.TrimPrefix(s.URL, "http://"))
	require.NoError(t, err)
	return &rawClient{Conn: conn, r: bufio.NewReader(conn)}
}

// rawPost makes the bytes of a request.
func rawPost(path, body string) string {
	return fmt.Sprintf("POST %s HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer %s\r\nContent-Length: %d\r\n\r\n%s", path, token, len(body), body)
}

// call sends a request and reads the answer. The body is valid until the next call.
func (c *rawClient) call(request string) (status int, body []byte, err error) {
	if _, err := io.WriteString(c.Conn, request); err != nil {
		return 0, nil, err
	}
	length := -1
	for first := true; ; first = false {
		line, err := c.r.ReadSlice('\n')
		switch name, value, _ := bytes.Cut(bytes.TrimRight(line, "\r\n"), []byte(": ")); {
		case err != nil:
			return status, nil, err
		case first:
			if _, text, ok := bytes.Cut(name, []byte("HTTP/1.1 ")); ok {
				status, err = strconv.Atoi(string(text[:min(3, len(text))]))
			}
			if status == 0 {
				return 0, nil, fmt.Errorf("the answer begins with %q: %v", line, err)
			}
		case string(name) == "Content-Length":
			if length, err = strconv.Atoi(string(value)); err != nil {
				return status, nil, err
			}
		case len(name) == 0:
			if length < 0 {
				return status, nil, errors.New("the answer has no length")
			}
			c.body = slices.Grow(c.body[:0], length)[:length]
			_, err = io.ReadFull(c.r, c.body)
			return status, c.body, err
		}
	}
}

// doHarm starts harmful clients and returns their description.
func doHarm(t *testing.T, s *restserver.Server, stop *atomic.Bool, wg *sync.WaitGroup) string {
	addr := strings.TrimPrefix(s.URL, "http://")
	head := "Host: x\r\nAuthorization: Bearer " + token + "\r\n"
	dial := func(text string) net.Conn {
		conn, err := net.Dial("tcp", addr)
		if err == nil {
			io.WriteString(conn, text)
		}
		return conn
	}
	until := func(f func()) {
		wg.Go(func() {
			for !stop.Load() {
				f()
			}
		})
	}
	for range 4 {
		until(func() { // asks for 8 MB, but does not read
			conn := dial("GET /get/big HTTP/1.1\r\n" + head + "\r\n")
			time.Sleep(300 * time.Millisecond)
			conn.Close()
		})
		until(func() { // sends nothing, or half of a request's head
			a, b := dial(""), dial("POST / HTTP/1.1\r\nHos")
			time.Sleep(300 * time.Millisecond)
			a.Close()
			b.Close()
		})
		until(func() { // a body that never ends
			conn := dial("POST / HTTP/1.1\r\n" + head + "Transfer-Encoding: chunked\r\n\r\n1\r\n[\r\n")
			for i := 0; i < 30 && !stop.Load(); i++ {
				io.WriteString(conn, "1\r\n \r\n")
				time.Sleep(10 * time.Millisecond)
			}
			conn.Close()
		})
	}
	until(func() { // 100 MB
		req, _ := http.NewRequest("POST", s.URL+"/", io.LimitReader(zeros{}, 100<<20))
		req.Header.Set("Authorization", "Bearer "+token)
		resp, err := (&http.Transport{DisableKeepAlives: true}).RoundTrip(req)
		if err == nil { // on an error the server did not wait for the rest
			resp.Body.Close()
			if resp.StatusCode != http.StatusRequestEntityTooLarge && resp.StatusCode != http.StatusRequestTimeout {
				t.Errorf("100 MB: %d", resp.StatusCode)
			}
		}
		time.Sleep(100 * time.Millisecond)
	})
	return "4 readers that do not read, 8 silent connections, 4 endless bodies and one of 100 MB at a time"
}

type zeros struct{}

func (zeros) Read(p []byte) (int, error) { return len(p), nil }

// benchmark runs redis-benchmark with a number of clients and of calls.
func benchmark(t *testing.T, addr string, clients, calls int) (perSecond float64, p99 time.Duration) {
	_, port, _ := strings.Cut(addr, ":")
	out, err := exec.Command("redis-benchmark", "-p", port, "-c", strconv.Itoa(clients), "-n", strconv.Itoa(calls), "-t", "incr").CombinedOutput()
	require.NoError(t, err, "%s", out)
	rate := regexp.MustCompile(`throughput summary: ([0-9.]+) requests`).FindSubmatch(out)
	row := regexp.MustCompile(`avg +min +p50 +p95 +p99 +max\s+([0-9. ]+)`).FindSubmatch(out)
	require.NotNil(t, rate, "%s", out)
	require.NotNil(t, row, "%s", out)
	perSecond, err = strconv.ParseFloat(string(rate[1]), 64)
	require.NoError(t, err)
	ms, err := strconv.ParseFloat(strings.Fields(string(row[1]))[4], 64)
	require.NoError(t, err)
	return perSecond, time.Duration(ms * float64(time.Millisecond))
}
