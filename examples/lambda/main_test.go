package main

import (
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
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

// A platform is Lambda's runtime API for functions: it delivers calls and receives
// their results.
type platform struct {
	server *httptest.Server
	calls  chan request
	ended  chan outcome
}

type outcome struct {
	kind string // response or error
	body string
}

func newPlatform(t *testing.T) *platform {
	p := &platform{calls: make(chan request), ended: make(chan outcome)}
	mux := http.NewServeMux()
	const base = "/2018-06-01/runtime/"
	mux.HandleFunc("GET "+base+"invocation/next", func(w http.ResponseWriter, r *http.Request) {
		select {
		case call := <-p.calls:
			w.Header().Set("Lambda-Runtime-Aws-Request-Id", "8476a536")
			w.Header().Set("Lambda-Runtime-Deadline-Ms", strconv.FormatInt(time.Now().Add(10*time.Second).UnixMilli(), 10))
			w.Header().Set("Lambda-Runtime-Invoked-Function-Arn", "arn:aws:lambda:eu-central-1:123456789012:function:visits")
			json.NewEncoder(w).Encode(call)
		case <-r.Context().Done(): // the function has ended
		}
	})
	mux.HandleFunc("POST "+base+"invocation/8476a536/{kind}", func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		w.WriteHeader(http.StatusAccepted)
		p.ended <- outcome{r.PathValue("kind"), string(body)}
	})
	mux.HandleFunc("POST "+base+"init/error", func(w http.ResponseWriter, r *http.Request) { w.WriteHeader(http.StatusAccepted) })
	p.server = httptest.NewServer(mux)
	t.Cleanup(p.server.Close)
	return p
}

// call lets the function answer one request.
func (p *platform) call(t *testing.T, ip string) response {
	t.Helper()
	var r request
	r.RequestContext.HTTP.SourceIP = ip
	late := time.After(30 * time.Second)
	select {
	case p.calls <- r:
	case <-late:
		t.Fatal("the function does not ask for a call")
	}
	select {
	case o := <-p.ended:
		require.Equal(t, "response", o.kind, o.body)
		var got response
		require.NoError(t, json.Unmarshal([]byte(o.body), &got))
		return got
	case <-late:
		t.Fatal("the function does not answer")
	}
	return response{}
}

// The program runs as deployed, but on this processor.
func TestFunction(t *testing.T) {
	bootstrap := filepath.Join(t.TempDir(), "bootstrap")
	out, err := exec.Command("go", "build", "-tags", "lambda.norpc", "-o", bootstrap, ".").CombinedOutput()
	require.NoError(t, err, "%s", out)

	server := redistest.NewServer(t)
	p := newPlatform(t)
	ctx, cancel := context.WithCancel(t.Context())
	function := exec.CommandContext(ctx, bootstrap)
	function.Env = append(os.Environ(), "AWS_LAMBDA_RUNTIME_API="+strings.TrimPrefix(p.server.URL, "http://"),
		"UPSTASH_REDIS_REST_URL="+server.URL, "UPSTASH_REDIS_REST_TOKEN="+server.Token)
	require.NoError(t, function.Start())
	defer function.Wait()
	defer cancel()

	for left := 9; left >= 0; left-- {
		got := p.call(t, "192.0.2.1")
		require.Equal(t, http.StatusOK, got.StatusCode)
		require.Equal(t, strconv.Itoa(left)+" visits left\n", got.Body)
		if left == 5 {
			server.Restart() // the database may have restarted while the function was frozen
		}
	}
	require.Equal(t, http.StatusTooManyRequests, p.call(t, "192.0.2.1").StatusCode)
	require.Equal(t, http.StatusOK, p.call(t, "192.0.2.2").StatusCode, "another caller")
}

// The platform builds a program for its processor.
func TestBuild(t *testing.T) {
	if _, err := exec.LookPath("make"); err != nil && os.Getenv("CI") == "" {
		t.Skip("make is not on PATH")
	}
	dir := t.TempDir()
	out, err := exec.Command("make", "build-Visits", "ARTIFACTS_DIR="+dir).CombinedOutput()
	require.NoError(t, err, "%s", out)
	program, err := os.ReadFile(filepath.Join(dir, "bootstrap"))
	require.NoError(t, err)
	const elf, arm64 = "\x7fELF", "\xb7\x00" // e_machine, in elf.h
	require.Equal(t, elf, string(program[:4]))
	require.Equal(t, arm64, string(program[18:20]))
}
