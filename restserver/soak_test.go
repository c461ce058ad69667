package restserver_test

import (
	"bytes"
	"cmp"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"regexp"
	"runtime"
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

// TestSoak has 200 clients call at the same time, with some beside them that do
// harm: readers that do not read, connections that say nothing, bodies that never
// end and bodies of 100 MB. No call fails, memory stays flat, and nothing is left
// behind. How fast it is, is logged as a ratio to redis-benchmark on the same Redis.
//
//	SOAK=60s go test -run TestSoak -v ./restserver
func TestSoak(t *testing.T) {
	length, err := time.ParseDuration(cmp.Or(os.Getenv("SOAK"), "2s"))
	require.NoError(t, err)
	n := startNode(t)
	s := start(t, restserver.Config{Backend: "redis://" + n.addr, Timeout: 10 * time.Second})
	const clients = 200
	transport := &http.Transport{MaxIdleConnsPerHost: clients, MaxIdleConns: 0}
	web := &http.Client{Transport: transport}
	call := func(path, body string) (int, string, error) {
		req, _ := http.NewRequest("POST", s.URL+path, strings.NewReader(body))
		req.Header.Set("Authorization", "Bearer "+token)
		resp, err := web.Do(req)
		if err != nil {
			return 0, "", err
		}
		defer resp.Body.Close()
		text, err := io.ReadAll(resp.Body)
		return resp.StatusCode, string(text), err
	}
	_, _, err = call("/", command("SET", "big", strings.Repeat("x", 8<<20)))
	require.NoError(t, err)
	transport.CloseIdleConnections()
	goroutines := runtime.NumGoroutine()
	heap := func() uint64 {
		var m runtime.MemStats
		runtime.GC()
		runtime.ReadMemStats(&m)
		return m.HeapAlloc
	}
	before := heap()

	var stop atomic.Bool
	var harm, wg sync.WaitGroup
	harmful := doHarm(t, s, &stop, &harm)
	var mu sync.Mutex
	var latencies []time.Duration
	var calls, failures atomic.Int64
	source := "return redis.call('INCR', KEYS[1])"
	_, _, err = call("/", command("SCRIPT", "LOAD", source))
	require.NoError(t, err)
	begun := time.Now()
	for w := range clients {
		wg.Go(func() {
			var own []time.Duration
			for i := 0; !stop.Load(); i++ {
				key := fmt.Sprintf("soak:%d", w)
				path, body, want := "/", command("INCR", key), `{"result":`
				switch i % 4 {
				case 1:
					body = command("EVALSHA", sha1Of(source), "1", key)
				case 2:
					path, body, want = "/pipeline", "["+command("INCR", key)+","+command("GET", key)+"]", `[{"result":`
				case 3:
					path, body, want = "/multi-exec", "["+command("INCR", key)+","+command("GET", key)+"]", `[{"result":`
				}
				sent := time.Now()
				status, text, err := call(path, body)
				own = append(own, time.Since(sent))
				calls.Add(1)
				if err != nil || status != 200 || !strings.HasPrefix(text, want) {
					if failures.Add(1) < 10 {
						t.Errorf("%s %s: %d %s %v", path, body, status, text, err)
					}
				}
			}
			mu.Lock()
			defer mu.Unlock()
			latencies = append(latencies, own...)
		})
	}
	time.Sleep(length / 4) // what is measured is how it stays, not how it begins
	early := heap()
	time.Sleep(length - length/4)
	late := heap()
	stop.Store(true)
	wg.Wait()
	elapsed := time.Since(begun)
	transport.CloseIdleConnections()
	harm.Wait()

	require.Zero(t, failures.Load())
	for patience := time.Now().Add(20 * time.Second); runtime.NumGoroutine() > goroutines+5; time.Sleep(5 * time.Millisecond) {
		if time.Now().After(patience) {
			var all bytes.Buffer
			buf := make([]byte, 1<<20)
			all.Write(buf[:runtime.Stack(buf, true)])
			t.Fatalf("%d goroutines, and there were %d:\n%s", runtime.NumGoroutine(), goroutines, all.String())
		}
	}
	// What the test itself noted down is no leak of the server's.
	notes := uint64(calls.Load()) * 8 * 3
	after := heap()
	for patience := time.Now().Add(20 * time.Second); after > before+notes+16<<20; after = heap() { // pools empty themselves by and by
		if time.Now().After(patience) {
			t.Fatalf("memory is left: %d MiB before, %d MiB after", before>>20, after>>20)
		}
	}
	slices.Sort(latencies)
	p99 := latencies[len(latencies)*99/100]
	rate := float64(calls.Load()) / elapsed.Seconds()
	t.Logf("%d calls of %d clients in %v, none failed, beside %s", calls.Load(), clients, elapsed.Round(time.Second), harmful)
	t.Logf("heap %d MiB before, %d MiB after a quarter, %d MiB at the end, %d MiB afterwards", before>>20, early>>20, late>>20, after>>20)
	if _, err := exec.LookPath("redis-benchmark"); err != nil && os.Getenv("CI") == "" {
		t.Logf("%.0f calls/s, p99 %v; there is no redis-benchmark to compare with", rate, p99.Round(10*time.Microsecond))
		return
	}
	rawRate, rawP99 := benchmark(t, n.addr, clients)
	t.Logf("%.0f calls/s, %.3f of redis-benchmark; p99 %v, %.1f times redis-benchmark's", rate, rate/rawRate, p99.Round(10*time.Microsecond), float64(p99)/float64(rawP99))
}

// doHarm begins what should not hurt the others, and says what it is.
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
		until(func() { // asks for 8 MB, and reads none of it
			conn := dial("GET /get/big HTTP/1.1\r\n" + head + "\r\n")
			time.Sleep(300 * time.Millisecond)
			conn.Close()
		})
		until(func() { // says nothing, or half of a head
			a, b := dial(""), dial("POST / HTTP/1.1\r\nHos")
			time.Sleep(300 * time.Millisecond)
			a.Close()
			b.Close()
		})
		until(func() { // never ends
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
		if err == nil { // else the server did not wait for the rest of it
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

// benchmark runs redis-benchmark with as many clients.
func benchmark(t *testing.T, addr string, clients int) (perSecond float64, p99 time.Duration) {
	_, port, _ := strings.Cut(addr, ":")
	out, err := exec.Command("redis-benchmark", "-p", port, "-c", strconv.Itoa(clients), "-n", "100000", "-t", "incr").CombinedOutput()
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
