package main

import (
	"encoding/hex"
	"encoding/json"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	collector "go.opentelemetry.io/proto/otlp/collector/trace/v1"
	"google.golang.org/protobuf/proto"

	"github.com/redis-rest/redis-rest-go/redistest"
)

// A platform is Lambda's runtime API for functions: it delivers calls and receives
// their results.
type platform struct {
	server *httptest.Server
	freeze func() // when a result has come; nil for never
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
		if p.freeze != nil {
			p.freeze()
		}
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
	r := request{Headers: map[string]string{"traceparent": "00-" + callersTrace + "-b7ad6b7169203331-01"}}
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

const callersTrace = "0af7651916cd43dd8448eb211c80319c"

// start runs the program as deployed, but on this processor.
func (p *platform) start(t *testing.T, server *redistest.Server, variables ...string) *os.Process {
	t.Helper()
	bootstrap := filepath.Join(t.TempDir(), "bootstrap")
	out, err := exec.Command("go", "build", "-tags", "lambda.norpc", "-o", bootstrap, ".").CombinedOutput()
	require.NoError(t, err, "%s", out)
	function := exec.Command(bootstrap)
	function.Env = append(append(os.Environ(), "AWS_LAMBDA_RUNTIME_API="+strings.TrimPrefix(p.server.URL, "http://"),
		"UPSTASH_REDIS_REST_URL="+server.URL, "UPSTASH_REDIS_REST_TOKEN="+server.Token, "AWS_LAMBDA_FUNCTION_NAME=visits"), variables...)
	require.NoError(t, function.Start())
	t.Cleanup(func() {
		function.Process.Kill()
		function.Wait()
	})
	return function.Process
}

func TestFunction(t *testing.T) {
	server := redistest.NewServer(t)
	p := newPlatform(t)
	p.start(t, server)
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

// The platform freezes the process the moment it has a result. By then the collector has the spans of that call, and of no later one.
func TestTracesAroundTheFreeze(t *testing.T) {
	var mu sync.Mutex
	var names []string
	collect := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		assert.NoError(t, err)
		var sent collector.ExportTraceServiceRequest
		assert.NoError(t, proto.Unmarshal(body, &sent))
		mu.Lock()
		defer mu.Unlock()
		for _, resource := range sent.ResourceSpans {
			for _, scope := range resource.ScopeSpans {
				for _, span := range scope.Spans {
					assert.Equal(t, callersTrace, hex.EncodeToString(span.TraceId))
					names = append(names, span.Name)
				}
			}
		}
	}))
	t.Cleanup(collect.Close)
	p := newPlatform(t)
	process := p.start(t, redistest.NewServer(t), "OTEL_EXPORTER_OTLP_ENDPOINT="+collect.URL, "OTEL_BSP_SCHEDULE_DELAY=3600000")
	var frozen []string
	p.freeze = func() {
		assert.NoError(t, process.Signal(syscall.SIGSTOP))
		mu.Lock()
		defer mu.Unlock()
		frozen, names = names, nil
	}
	for i := range 3 {
		require.Equal(t, http.StatusOK, p.call(t, "192.0.2.1").StatusCode)
		want := []string{"POST", "EVALSHA token_bucket.lua", "visits"}
		if i == 0 {
			want = append([]string{"POST"}, want...) // with the source
		}
		require.Equal(t, want, frozen)
		require.NoError(t, process.Signal(syscall.SIGCONT))
	}
}

// A collector that is away, or never answers, fails no call and delays it little.
func TestTracesWithoutCollector(t *testing.T) {
	silent, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	defer silent.Close()
	p := newPlatform(t)
	p.start(t, redistest.NewServer(t), "OTEL_EXPORTER_OTLP_ENDPOINT=http://"+silent.Addr().String())
	for range 2 {
		begun := time.Now()
		require.Equal(t, http.StatusOK, p.call(t, "192.0.2.1").StatusCode)
		require.Less(t, time.Since(begun), 5*time.Second)
	}
}

// The platform builds a program for its processor.
func TestBuild(t *testing.T) {
	if _, err := exec.LookPath("make"); err != nil && os.Getenv("CI") == "" {
		t.Skip("make is not on PATH")
	}
	dir := t.TempDir()
	t.Cleanup(func() { os.RemoveAll("build") })
	for argument, folder := range map[string]string{
		"ARTIFACTS_DIR=" + dir: dir,
		"ARTIFACTS_DIR=":       "build", // by hand: inside this folder
	} {
		out, err := exec.Command("make", "build-Visits", argument).CombinedOutput()
		require.NoError(t, err, "%s", out)
		program, err := os.ReadFile(filepath.Join(folder, "bootstrap"))
		require.NoError(t, err)
		const elf, arm64 = "\x7fELF", "\xb7\x00" // e_machine, in elf.h
		require.Equal(t, elf, string(program[:4]))
		require.Equal(t, arm64, string(program[18:20]))
	}
}
