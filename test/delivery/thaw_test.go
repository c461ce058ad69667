//go:build unix

package delivery

import (
	"bufio"
	"cmp"
	"encoding/pem"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	redis "github.com/redis-rest/redis-rest-go"
	"github.com/redis-rest/redis-rest-go/internal/testkit/faultproxy"
	"github.com/redis-rest/redis-rest-go/redistest"
)

func TestMain(m *testing.M) {
	if os.Getenv("THAW_PROTOCOL") != "" {
		runChild()
		return
	}
	os.Exit(m.Run())
}

// TestThaw freezes a process that holds warm connections and ends these connections
// meanwhile. It then checks the process' first call after the thaw, which is a write. The policy
// allows one attempt, so a retry cannot help.
//
//	THAW_ROUNDS=100 go test -run TestThaw -v ./test/delivery
func TestThaw(t *testing.T) {
	if testing.Short() {
		t.Skip("is a long run")
	}
	size := "2"
	if os.Getenv("CI") != "" {
		size = "20"
	}
	rounds, err := strconv.Atoi(cmp.Or(os.Getenv("THAW_ROUNDS"), size))
	require.NoError(t, err)
	backend := redistest.NewServer(t)
	for _, protocol := range []string{"HTTP/1.1", "HTTP/1.1, wrapped", "HTTP/2"} {
		for _, secure := range []bool{false, true} {
			if protocol == "HTTP/2" && !secure {
				continue // the client speaks it over TLS only
			}
			for _, end := range []string{"closed by the server", "dropped without a word"} {
				t.Run(fmt.Sprintf("%s, TLS %v, %s", protocol, secure, end), func(t *testing.T) {
					thaw(t, backend, protocol, secure, end == "closed by the server", rounds)
				})
			}
		}
	}
}

func thaw(t *testing.T, backend *redistest.Server, protocol string, secure, closes bool, rounds int) {
	s := httptest.NewUnstartedServer(passTo(backend))
	s.Config.ErrorLog = slog.NewLogLogger(slog.DiscardHandler, 0) // of TLS handshakes that the freeze interrupts
	s.EnableHTTP2 = protocol == "HTTP/2"
	if secure {
		s.StartTLS()
	} else {
		s.Start()
	}
	t.Cleanup(s.Close)
	tunnel, err := faultproxy.StartTunnel(s.Listener.Addr().String())
	require.NoError(t, err)
	t.Cleanup(tunnel.Close)
	url := strings.Replace(s.URL, s.Listener.Addr().String(), tunnel.Address, 1)
	idle := "0s"
	if !closes {
		idle = "100ms"
	}

	child := exec.Command(os.Args[0])
	child.Env = append(os.Environ(), "THAW_PROTOCOL="+protocol, "THAW_IDLE="+idle, "UPSTASH_REDIS_REST_URL="+url, "UPSTASH_REDIS_REST_TOKEN="+backend.Token)
	if secure {
		cert := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: s.Certificate().Raw})
		child.Env = append(child.Env, "THAW_CERT="+string(cert))
	}
	in, err := child.StdinPipe()
	require.NoError(t, err)
	out, err := child.StdoutPipe()
	require.NoError(t, err)
	child.Stderr = os.Stderr
	require.NoError(t, child.Start())
	t.Cleanup(func() { child.Process.Kill(); child.Wait() })
	lines := bufio.NewScanner(out)
	answer := func() string {
		lines.Scan()
		return lines.Text()
	}

	for round := range rounds {
		fmt.Fprintln(in, "warm")
		require.Equal(t, "warm", answer())
		before := tunnel.Made()
		require.NoError(t, child.Process.Signal(syscall.SIGSTOP))
		var status syscall.WaitStatus
		_, err := syscall.Wait4(child.Process.Pid, &status, syscall.WUNTRACED, nil)
		require.NoError(t, err)
		require.True(t, status.Stopped())

		key := fmt.Sprintf("%s %d", t.Name(), round)
		key = strings.ReplaceAll(key, " ", "-")
		fmt.Fprintln(in, "call", key) // the child reads it when it wakes up
		if closes {
			tunnel.CloseConnections()
		} else {
			tunnel.Swallow()
			time.Sleep(120 * time.Millisecond) // the freeze lasts longer than the idle limit of connections
		}
		require.NoError(t, child.Process.Signal(syscall.SIGCONT))
		require.Equal(t, "1", answer(), "round %d", round)
		n, err := redis.Cmd[int]("GET", key).Do(t.Context(), backend.Client())
		require.NoError(t, err)
		require.Equal(t, 1, n, "it ran twice")
		require.Greater(t, tunnel.Made(), before, "no connection ended, so the test proves nothing")
	}
	t.Logf("%d of %d first calls succeeded", rounds, rounds)
}

// passTo passes requests on to a server.
func passTo(backend *redistest.Server) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		req, _ := http.NewRequestWithContext(r.Context(), r.Method, backend.URL+r.URL.Path, r.Body)
		req.Header = r.Header.Clone()
		resp, err := http.DefaultTransport.RoundTrip(req)
		if err != nil {
			w.WriteHeader(http.StatusBadGateway)
			return
		}
		defer resp.Body.Close()
		w.WriteHeader(resp.StatusCode)
		io.Copy(w, resp.Body)
	})
}
