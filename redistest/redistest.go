// Package redistest starts a Redis over REST for a test.
//
//	func TestLimit(t *testing.T) {
//		rdb := redistest.New(t)
//		…
//	}
//
// It starts a redis-server or valkey-server from PATH and stops it when the test ends.
// If there is none, it uses the embedded database, which runs commands, scripts and functions as
// Redis 7.0 does. docs/database.md lists the differences.
//
// The environment variable REDISTEST_BACKEND chooses another database: redis-server, memory,
// auto, or the address of an existing Redis (redis://…). An existing Redis is neither
// private nor empty. The test's log names the database, and has what scripts pass to redis.log. On the
// embedded database it also has the last calls of a script that raised an error.
//
// With REDISTEST_LUACOVER=/DIR, tests use the embedded database and write into that folder which lines of Lua
// have run. redis-rest cover shows them.
package redistest

import (
	"bytes"
	"cmp"
	"context"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	redis "github.com/redis-rest/redis-rest-go"
	"github.com/redis-rest/redis-rest-go/internal/workbench/trace"
	"github.com/redis-rest/redis-rest-go/restserver"
)

// An Option changes what New and NewServer start: [Backend], [Conditions] and [DeclaredKeys].
type Option interface{ apply(*options) }

type options struct {
	restserver.Config
	declaredKeys bool
}

type option func(*options)

func (o option) apply(to *options) { o(to) }

// Backend chooses the database of a test: memory, redis-server, or any
// other value of Backend in [restserver.Config]. It takes precedence over REDISTEST_BACKEND.
func Backend(name string) Option {
	return option(func(o *options) { o.Backend = name })
}

// Conditions makes the server's requests meet bad conditions: latency, limits, refusals, lost answers and more.
func Conditions(c restserver.Conditions) Option {
	return option(func(o *options) { o.Conditions = c })
}

// New returns a client of a private, empty database that ends with the test.
func New(t testing.TB, opts ...Option) *redis.Redis {
	t.Helper()
	return NewServer(t, opts...).Client()
}

// A Server is a Redis over REST on a loopback port. Its methods simulate failures, so that a
// test can check how the code under test handles them.
type Server struct {
	URL   string
	Token string

	t      testing.TB
	server *restserver.Server
	runs   func() []*trace.Run // nil if scripts are not watched

	waiting atomic.Int64 // requests that wait for the thaw

	mu       sync.Mutex
	conns    map[net.Conn]struct{}
	port     net.Listener  // of Addr
	thawed   chan struct{} // closed while the server is not frozen
	requests []restserver.Request
}

// NewServer starts a server with a private, empty database. Both end with the test.
// Servers share nothing, so tests with separate servers may run in parallel.
func NewServer(t testing.TB, opts ...Option) *Server {
	t.Helper()
	s := &Server{t: t, conns: map[net.Conn]struct{}{}, thawed: make(chan struct{})}
	close(s.thawed)
	backend := os.Getenv("REDISTEST_BACKEND")
	log := &testLog{t: t}
	t.Cleanup(log.end) // after everything else
	config := options{Config: restserver.Config{Backend: cmp.Or(backend, "auto"), Observe: s.note, Log: slog.New(log)}}
	for _, opt := range opts {
		if opt == nil {
			t.Fatalf("redistest: an option is nil")
		}
		opt.apply(&config)
	}
	var err error
	if config.Backend == "auto" && (config.declaredKeys || os.Getenv(coverVariable) != "") {
		config.Backend = "memory" // the scripts of no other database can be watched
	}
	if s.server, err = restserver.New(config.Config); err != nil {
		if config.Backend == backend {
			err = fmt.Errorf("REDISTEST_BACKEND: %w", err)
		}
		t.Fatalf("redistest: %v", err)
	}
	t.Cleanup(func() {
		if err := s.server.Close(); err != nil {
			t.Errorf("redistest: %v", err)
		}
	})
	s.watch(log, config.declaredKeys)
	s.Token = s.server.Token
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatalf("redistest: %v", err)
	}
	s.URL = "http://" + l.Addr().String()
	server := &http.Server{Handler: http.HandlerFunc(s.serve), ReadHeaderTimeout: 10 * time.Second, ConnState: s.track}
	go server.Serve(l)
	t.Cleanup(func() { server.Close() })
	t.Logf("redistest: %s", s.server.Backend())
	return s
}

// A testLog is a handler that writes what scripts pass to redis.log into the test's log.
type testLog struct {
	mu    sync.Mutex
	t     testing.TB
	ended bool
}

func (l *testLog) Enabled(context.Context, slog.Level) bool { return true }

func (l *testLog) Handle(_ context.Context, r slog.Record) error {
	if r.Message != "redis.log" {
		return nil
	}
	var script, line, text string
	r.Attrs(func(a slog.Attr) bool {
		switch a.Key {
		case "script":
			script = a.Value.String()
		case "line":
			line = a.Value.String()
		case "text":
			text = a.Value.String()
		}
		return true
	})
	if script == "" {
		l.write(l.t.Logf, "redis.log %s: %s", r.Level, text)
	} else {
		l.write(l.t.Logf, "redis.log %s %s:%s: %s", r.Level, script, line, text)
	}
	return nil
}

// write calls a method of the test, unless it has ended: a test's log ends with the test.
func (l *testLog) write(to func(string, ...any), format string, a ...any) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if !l.ended {
		to(format, a...)
	}
}

func (l *testLog) WithAttrs([]slog.Attr) slog.Handler { return l }
func (l *testLog) WithGroup(string) slog.Handler      { return l }

func (l *testLog) end() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.ended = true
}

func (s *Server) note(r restserver.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.requests = append(s.requests, r)
}

// track records the open connections.
func (s *Server) track(c net.Conn, state http.ConnState) {
	s.mu.Lock()
	defer s.mu.Unlock()
	switch state {
	case http.StateNew:
		s.conns[c] = struct{}{}
	case http.StateClosed, http.StateHijacked:
		delete(s.conns, c)
	}
}

func (s *Server) serve(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	thawed := s.thawed
	s.mu.Unlock()
	select {
	case <-thawed:
	default:
		// net/http notices that the client has gone only after the body is read.
		body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, restserver.DefaultMaxBodyBytes))
		if err != nil {
			return
		}
		r.Body = io.NopCloser(bytes.NewReader(body))
		s.waiting.Add(1)
		select {
		case <-thawed:
		case <-r.Context().Done():
		}
		s.waiting.Add(-1)
		if r.Context().Err() != nil {
			return
		}
	}
	s.server.ServeHTTP(w, r)
}

// Client makes a client for the server.
func (s *Server) Client(opts ...redis.Option) *redis.Redis {
	s.t.Helper()
	rdb, err := redis.New(s.URL, s.Token, opts...)
	if err != nil {
		s.t.Fatalf("redistest: %v", err)
	}
	return rdb
}

// Addr returns the address, as host:port, at which clients of Redis such as go-redis reach the server's database. They need no
// password. The port opens with the first call and ends with the test. The test fails with any other database than the
// embedded one.
func (s *Server) Addr() string {
	s.t.Helper()
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.port != nil {
		return s.port.Addr().String()
	}
	if s.server.Backend() != "memory" {
		s.t.Fatalf("redistest: only the embedded database has an address for clients of Redis, and not %s: use Backend(\"memory\")", s.server.Backend())
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		s.t.Fatalf("redistest: %v", err)
	}
	s.port = l
	go s.server.ServeRESP(l)
	return l.Addr().String()
}

// Setenv sets the environment variables of [redis.FromEnv] to the server until
// the test ends. Like [testing.T.Setenv], it must not be used in parallel tests.
func (s *Server) Setenv() {
	s.t.Helper()
	s.t.Setenv("UPSTASH_REDIS_REST_URL", s.URL)
	s.t.Setenv("UPSTASH_REDIS_REST_TOKEN", s.Token)
}

// Requests returns the requests answered so far, including the arguments of their commands. They
// are in the order in which they ended.
func (s *Server) Requests() []restserver.Request {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.requests)
}

// Freeze makes requests wait until thaw is called: the server accepts them but does not
// answer. A request that is cancelled in this time does not run.
func (s *Server) Freeze() (thaw func()) {
	frozen := make(chan struct{})
	s.mu.Lock()
	s.thawed = frozen
	s.mu.Unlock()
	return sync.OnceFunc(func() { close(frozen) })
}

// FlushScripts removes all scripts from the database. A restart or another client may do the same
// at any time.
func (s *Server) FlushScripts() {
	s.t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	if err := s.server.FlushScripts(ctx); err != nil {
		s.t.Fatalf("redistest: %v", err)
	}
}

// Restart closes all connections, even in the middle of a request, and removes all scripts
// from the database. The address and the data stay the same.
func (s *Server) Restart() {
	s.t.Helper()
	s.mu.Lock()
	for c := range s.conns {
		c.Close()
	}
	s.mu.Unlock()
	s.FlushScripts()
}

// Advance moves the clock of the embedded database forward, so that keys expire. The
// test fails with any other database, because those use the machine's clock.
func (s *Server) Advance(d time.Duration) {
	s.t.Helper()
	if err := s.server.Advance(d); err != nil {
		s.t.Fatalf("redistest: %v", err)
	}
}
