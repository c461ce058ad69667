package visits_test

import (
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/redis-rest/redis-rest-go/redistest"
)

// The function runs in the framework, as a program.
func TestFunction(t *testing.T) {
	program := filepath.Join(t.TempDir(), "visits")
	out, err := exec.Command("go", "build", "-o", program, "./cmd").CombinedOutput()
	require.NoError(t, err, "%s", out)
	server := redistest.NewServer(t)
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	port := l.Addr().(*net.TCPAddr).Port
	require.NoError(t, l.Close())

	ctx, cancel := context.WithCancel(t.Context())
	function := exec.CommandContext(ctx, program)
	function.Env = append(os.Environ(), "FUNCTION_TARGET=Visits", "LOCAL_ONLY=true", fmt.Sprint("PORT=", port),
		"UPSTASH_REDIS_REST_URL="+server.URL, "UPSTASH_REDIS_REST_TOKEN="+server.Token)
	require.NoError(t, function.Start())
	defer function.Wait()
	defer cancel()

	visit := func(from string) (int, string, error) {
		r, err := http.NewRequest("GET", fmt.Sprintf("http://127.0.0.1:%d/", port), nil)
		require.NoError(t, err)
		r.Header.Set("X-Forwarded-For", from)
		resp, err := http.DefaultClient.Do(r)
		if err != nil {
			return 0, "", err
		}
		defer resp.Body.Close()
		body, err := io.ReadAll(resp.Body)
		return resp.StatusCode, string(body), err
	}
	require.Eventually(t, func() bool {
		_, _, err := visit("192.0.2.99")
		return err == nil
	}, 30*time.Second, 10*time.Millisecond, "it begins to listen")
	for left := 9; left >= 0; left-- {
		status, body, err := visit("anything, 192.0.2.1")
		require.NoError(t, err)
		require.Equal(t, http.StatusOK, status)
		require.Equal(t, strconv.Itoa(left)+" visits left\n", body)
	}
	status, _, err := visit("another, 192.0.2.1")
	require.NoError(t, err)
	require.Equal(t, http.StatusTooManyRequests, status)
}

// cloudbuild.yaml deploys the function that exists.
func TestConfiguration(t *testing.T) {
	text, err := os.ReadFile("cloudbuild.yaml")
	require.NoError(t, err)
	code, err := os.ReadFile("function.go")
	require.NoError(t, err)
	_, name, ok := strings.Cut(string(text), "--function=")
	require.True(t, ok)
	name, _, _ = strings.Cut(name, "\n")
	require.Contains(t, string(code), `functions.HTTP("`+name+`"`)
}
