//go:build unix

package transport_test

import (
	"bufio"
	"context"
	"crypto/tls"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/redis-rest/redis-rest-go/internal/client/transport"
)

func init() { children["server"] = benchServer }

// benchServer answers over HTTP and HTTPS, in a process of its own so that its CPU is
// not the client's. It ends with its standard input.
func benchServer() {
	answer := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		io.Copy(io.Discard, r.Body)
		w.Header().Set("Content-Type", "application/json")
		io.WriteString(w, `{"result":[1,99,1764426000000]}`)
	})
	plain, secure := httptest.NewServer(answer), httptest.NewTLSServer(answer)
	fmt.Println(plain.URL, secure.URL)
	io.Copy(io.Discard, os.Stdin)
}

// Client CPU of one POST against net/http's transport, in turns.
func BenchmarkAgainstNetHTTP(b *testing.B) {
	server := exec.Command(os.Args[0])
	server.Env = append(os.Environ(), "TRANSPORT_CHILD=server")
	stdin, err := server.StdinPipe()
	require.NoError(b, err)
	stdout, err := server.StdoutPipe()
	require.NoError(b, err)
	require.NoError(b, server.Start())
	defer server.Wait()
	defer stdin.Close()
	line, err := bufio.NewReader(stdout).ReadString('\n')
	require.NoError(b, err)
	plain, secure, _ := strings.Cut(strings.TrimSpace(line), " ")

	for _, c := range []struct {
		name, url string
		timeout   bool
	}{{"http", plain, false}, {"http with a timeout", plain, true}, {"https with a timeout", secure, true}} {
		b.Run(c.name, func(b *testing.B) {
			config := &tls.Config{InsecureSkipVerify: true}
			ours := transport.New(transport.Config{TLS: config})
			defer ours.CloseIdleConnections()
			theirs := &http.Transport{TLSClientConfig: config, DialContext: (&net.Dialer{}).DialContext}
			defer theirs.CloseIdleConnections()
			for _, rt := range []http.RoundTripper{ours, theirs} {
				evalsha(b, rt, c.url, c.timeout)
			}
			var cpu, wall [2]time.Duration
			for n := 0; n < b.N; n += 200 {
				for i, rt := range []http.RoundTripper{ours, theirs} {
					before, begun := ownCPU(), time.Now()
					for range 200 {
						evalsha(b, rt, c.url, c.timeout)
					}
					cpu[i] += ownCPU() - before
					wall[i] += time.Since(begun)
				}
			}
			b.ReportMetric(float64(cpu[0])/float64(cpu[1]), "of-the-CPU")
			b.ReportMetric(float64(wall[0])/float64(wall[1]), "of-the-time")
			b.ReportMetric(testing.AllocsPerRun(1000, func() { evalsha(b, ours, c.url, c.timeout) }), "allocs-ours")
			b.ReportMetric(testing.AllocsPerRun(1000, func() { evalsha(b, theirs, c.url, c.timeout) }), "allocs-net/http")
		})
	}
}

func ownCPU() time.Duration {
	var u syscall.Rusage
	syscall.Getrusage(syscall.RUSAGE_SELF, &u)
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

const evalshaBody = `["EVALSHA","0123456789abcdef0123456789abcdef01234567","2","rate:user:1","rate:user:1:log","100","60000","1764426000000"]`

func evalsha(tb testing.TB, rt http.RoundTripper, url string, timeout bool) {
	ctx := context.Background()
	if timeout {
		if _, ok := rt.(*transport.Transport); ok {
			ctx = &transport.Call{Context: ctx, Limit: time.Now().Add(10 * time.Second)}
		} else {
			limited, cancel := context.WithTimeout(ctx, 10*time.Second)
			defer cancel()
			ctx = limited
		}
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, url, strings.NewReader(evalshaBody))
	if err != nil {
		tb.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer 0123456789abcdef")
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("User-Agent", "bench")
	req.Header.Set("Upstash-Encoding", "base64")
	resp, err := (&http.Client{Transport: rt}).Do(req)
	if err != nil {
		tb.Fatal(err)
	}
	defer resp.Body.Close()
	if _, err := io.ReadAll(resp.Body); err != nil {
		tb.Fatal(err)
	}
}
