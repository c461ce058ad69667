// Package javascript runs the client, compiled to WebAssembly, in Node.js and in a browser,
// and the published JavaScript clients of this protocol against the local server. It measures
// the tables of docs/edge.md and docs/moving.md, which list the differences. Run npm ci in this
// folder to install the published clients.
package javascript

import (
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/redis-rest/redis-rest-go/internal/testkit/mdtable"
	"github.com/redis-rest/redis-rest-go/redistest"
)

var update = flag.Bool("update", false, "write the tables of docs/edge.md and docs/moving.md, and the editor of the console, anew")

// A host runs programs. It needs one of the programs in needs on PATH, if there are any.
type host struct {
	name  string
	goos  string
	needs []string
	run   func(t *testing.T, program string, env []string) string
}

var (
	node     = []string{"node"}
	chromium = []string{"chromium", "google-chrome", "chrome"}
)

var hosts = []host{{"elsewhere", runtime.GOOS, nil, runHere}, {"Node.js", "js", node, runInNode}, {"a browser", "js", chromium, runInChromium}}

// build compiles a package for the host and returns the program. If the host's own program
// is missing, the test is skipped first, because compiling takes long.
func (h host) build(t *testing.T, dir string) string {
	t.Helper()
	if h.needs != nil {
		find(t, h.needs)
	}
	return build(t, h.goos, dir)
}

func TestQuickstart(t *testing.T) {
	if testing.Short() {
		t.Skip("builds programs")
	}
	for _, h := range hosts {
		t.Run(h.name, func(t *testing.T) {
			s := redistest.NewServer(t)
			out := h.run(t, h.build(t, "../../examples/quickstart"), []string{"UPSTASH_REDIS_REST_URL=" + s.URL, "UPSTASH_REDIS_REST_TOKEN=" + s.Token})
			require.Contains(t, out, "Using the database that the environment names")
			got := strings.Join(strings.Fields(out), " ")
			for _, want := range []string{
				"limit 0 <nil> <nil> limit 2 1 int64",
				"call 10 true bool call 11 false bool",
				"2 at 30 success string 9 at 1 insufficient_stock string 3 at 20 insufficient_balance string",
				"Script.Run, the 14th, 20 allowed true bool",
				"300 true bool 200 false bool 400 true bool",
			} {
				require.Contains(t, got, want)
			}
		})
	}
}

// The rows of the page's table match the probe's output. Its columns are the hosts.
func TestWhatIsDifferent(t *testing.T) {
	if testing.Short() {
		t.Skip("builds programs")
	}
	const page, name = "../../docs/edge.md", "differences"
	rows, err := mdtable.Read(page, name)
	require.NoError(t, err)
	var measured [][]string
	for i, h := range hosts {
		t.Run(h.name, func(t *testing.T) {
			s := redistest.NewServer(t)
			env := []string{"UPSTASH_REDIS_REST_URL=" + s.URL, "UPSTASH_REDIS_REST_TOKEN=" + s.Token, "FAULTS=" + faults(t), "ABSENT=" + absent(t)}
			var lines []struct{ What, Outcome string }
			out := h.run(t, h.build(t, "./probe"), env)
			require.NoError(t, json.Unmarshal([]byte(out), &lines), "%s", out)
			if measured == nil {
				measured = make([][]string, len(lines)+1)
				measured[0] = []string{""}
			}
			measured[0] = append(measured[0], h.name)
			for k, line := range lines {
				if i == 0 {
					measured[k+1] = []string{line.What}
				}
				measured[k+1] = append(measured[k+1], line.Outcome)
			}
			if *update {
				return
			}
			require.Len(t, rows, len(measured), "go test ./test/javascript -update writes the table")
			for k, row := range measured {
				require.Equal(t, row[0], rows[k][0])
				assert.Equal(t, row[len(row)-1], rows[k][i+1], row[0])
			}
		})
	}
	if *update && !t.Failed() {
		require.Len(t, measured[0], len(hosts)+1, "-update needs all hosts")
		require.NoError(t, mdtable.Write(page, name, measured))
	}
}

// Without a network and without fetch, the client builds. It works with a transport that the
// program provides.
func TestWASI(t *testing.T) {
	if testing.Short() {
		t.Skip("builds a program")
	}
	node := find(t, node)
	program := build(t, "wasip1", "./wasi")
	out := strings.Split(output(t, exec.CommandContext(t.Context(), node, "--no-warnings", "wasi.mjs", program), nil), "\n")
	require.Len(t, out, 3)
	require.Contains(t, out[0], "redis: GET: ", "there is no network")
	require.Equal(t, "13 <nil>", out[1])
}

// build compiles a package once for each system and returns the program.
func build(t *testing.T, goos, dir string) string {
	t.Helper()
	program := filepath.Join(programs, goos+"-"+filepath.Base(dir))
	if _, err := os.Stat(program); err == nil {
		return program
	}
	c := exec.CommandContext(t.Context(), "go", "build", "-ldflags=-s -w", "-o", program, dir)
	if goos != runtime.GOOS {
		c.Env = append(os.Environ(), "GOOS="+goos, "GOARCH=wasm")
	}
	out, err := c.CombinedOutput()
	require.NoError(t, err, "%s", out)
	return program
}

var programs string // the folder of the compiled programs

func TestMain(m *testing.M) {
	var err error
	if programs, err = os.MkdirTemp("", "edge-"); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	code := m.Run()
	os.RemoveAll(programs)
	os.Exit(code)
}

func runHere(t *testing.T, program string, env []string) string {
	return output(t, exec.CommandContext(t.Context(), program), env)
}

func output(t *testing.T, c *exec.Cmd, env []string) string {
	t.Helper()
	c.Env = append(os.Environ(), env...)
	late := time.AfterFunc(time.Minute, func() { c.Process.Kill() })
	defer late.Stop()
	out, err := c.CombinedOutput()
	require.NoError(t, err, "%s", out)
	return string(out)
}

// find looks for a program. Without it the test is skipped, but in CI it fails.
func find(t *testing.T, names []string) string {
	t.Helper()
	for _, name := range names {
		if path, err := exec.LookPath(name); err == nil {
			return path
		}
	}
	if os.Getenv("CI") != "" {
		t.Fatalf("%s is not on PATH, and CI must have it", names[0])
	}
	t.Skipf("%s is not on PATH", names[0])
	return ""
}

// support returns a file that Go provides for WebAssembly programs.
func support(t *testing.T, name string) string {
	t.Helper()
	root, err := exec.Command("go", "env", "GOROOT").Output()
	require.NoError(t, err)
	return filepath.Join(strings.TrimSpace(string(root)), "lib", "wasm", name)
}

func runInNode(t *testing.T, program string, env []string) string {
	c := exec.CommandContext(t.Context(), find(t, node), support(t, "wasm_exec_node.js"), program)
	// net/http does not use fetch in a program that is called node (go.dev/issue/57613).
	c.Args[0] = "js"
	return output(t, c, env)
}

// runInChromium serves a page that runs the program and sends back its output.
func runInChromium(t *testing.T, program string, env []string) string {
	browser := find(t, chromium)
	printed := make(chan string, 1)
	wasmExec := support(t, "wasm_exec.js")
	mux := http.NewServeMux()
	mux.HandleFunc("GET /{$}", func(w http.ResponseWriter, r *http.Request) { http.ServeFile(w, r, "page.html") })
	mux.HandleFunc("GET /wasm_exec.js", func(w http.ResponseWriter, r *http.Request) { http.ServeFile(w, r, wasmExec) })
	mux.HandleFunc("GET /program.wasm", func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/wasm")
		http.ServeFile(w, r, program)
	})
	mux.HandleFunc("GET /env", func(w http.ResponseWriter, r *http.Request) {
		vars := map[string]string{}
		for _, v := range env {
			name, value, _ := strings.Cut(v, "=")
			vars[name] = value
		}
		json.NewEncoder(w).Encode(vars)
	})
	mux.HandleFunc("POST /printed", func(w http.ResponseWriter, r *http.Request) {
		text, _ := io.ReadAll(r.Body)
		select {
		case printed <- string(text):
		default:
		}
	})
	server := httptest.NewServer(mux)
	defer server.Close()

	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	var notes strings.Builder
	c := exec.CommandContext(ctx, browser, "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-dev-shm-usage",
		"--disable-background-networking", "--disable-component-update", "--disable-sync", "--user-data-dir="+t.TempDir(), "--remote-debugging-port=0", server.URL)
	c.Stdout, c.Stderr = &notes, &notes
	require.NoError(t, c.Start())
	ended := make(chan error, 1)
	go func() { ended <- c.Wait() }()
	select {
	case text := <-printed:
		cancel()
		<-ended
		return text
	case err := <-ended:
		t.Fatalf("%s ended before the page did: %v\n%s", browser, err, notes.String())
	}
	return ""
}

// faults starts a server that fails in several ways, for pages of any origin.
func faults(t *testing.T) string {
	mux := http.NewServeMux()
	end := make(chan struct{})
	mux.HandleFunc("/silent/", func(w http.ResponseWriter, r *http.Request) {
		io.Copy(io.Discard, r.Body) // without this net/http does not notice that the client has gone
		select {
		case <-r.Context().Done():
		case <-end:
		}
	})
	mux.HandleFunc("/half/", func(w http.ResponseWriter, r *http.Request) {
		io.Copy(io.Discard, r.Body)
		io.WriteString(w, `{"result":`)
		http.NewResponseController(w).Flush()
		select {
		case <-r.Context().Done():
		case <-end:
		}
	})
	mux.HandleFunc("/busy/", func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Retry-After", "0")
		http.Error(w, `{"error":"ERR max requests per second exceeded"}`, http.StatusServiceUnavailable)
	})
	mux.HandleFunc("/bad/", func(w http.ResponseWriter, r *http.Request) { http.Error(w, "bad gateway", http.StatusBadGateway) })
	mux.HandleFunc("/elsewhere/", func(w http.ResponseWriter, r *http.Request) {
		t.Error("the redirect was followed")
	})
	mux.HandleFunc("/away/", func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, "/elsewhere/", http.StatusTemporaryRedirect)
	})
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Access-Control-Allow-Origin", "*")
		w.Header().Set("Access-Control-Allow-Headers", "Authorization, *")
		w.Header().Set("Access-Control-Expose-Headers", "Retry-After")
		if r.Method != http.MethodOptions {
			r.URL.Path += "/"
			mux.ServeHTTP(w, r)
		}
	}))
	t.Cleanup(func() { close(end); server.Close() })
	return server.URL
}

// absent returns an address on which no server listens.
func absent(t *testing.T) string {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	require.NoError(t, l.Close())
	return fmt.Sprint("http://", l.Addr())
}
