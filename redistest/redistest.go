// Package redistest gives tests a Redis over REST of their own.
//
//	func TestLimit(t *testing.T) {
//		rdb := redistest.New(t)
//		…
//	}
//
// Behind it is a redis-server or valkey-server found on PATH, started for the
// test and ended with it; where there is none, a database in memory, which runs
// commands, scripts and functions as Redis 7.0 does, but for what the README lists.
// The environment variable REDISTEST_BACKEND decides otherwise: redis-server, memory,
// auto, or the address of a Redis that runs (redis://…), which is then neither
// private nor empty. The test's log says what it was.
package redistest

import (
	"bytes"
	"cmp"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	redis "github.com/redis-rest/redis-rest-go"
	"github.com/redis-rest/redis-rest-go/restserver"
)

// An Option changes what New and NewServer start.
type Option func(*restserver.Config)

// Backend is for a test that needs a certain database: memory or redis-server, or
// what else [restserver.Config] takes. It wins over REDISTEST_BACKEND.
func Backend(name string) Option {
	return func(c *restserver.Config) { c.Backend = name }
}

// New returns a client of a private, empty database that ends with the test.
func New(t testing.TB, opts ...Option) *redis.Redis {
	t.Helper()
	return NewServer(t, opts...).Client()
}

// A Server is a Redis over REST on a loopback port. It has what it takes to test
// one's own resilience.
type Server struct {
	URL   string
	Token string

	t      testing.TB
	server *restserver.Server

	waiting atomic.Int64 // requests that wait for the thaw

	mu       sync.Mutex
	conns    map[net.Conn]struct{}
	thawed   chan struct{} // closed while the server is not frozen
	requests []restserver.Request
}

// NewServer starts a server on a private, empty database, both of which end with
// the test. Servers share nothing, so that tests with one each may be parallel.
func NewServer(t testing.TB, opts ...Option) *Server {
	t.Helper()
	s := &Server{t: t, conns: map[net.Conn]struct{}{}, thawed: make(chan struct{})}
	close(s.thawed)
	backend := os.Getenv("REDISTEST_BACKEND")
	config := restserver.Config{Backend: cmp.Or(backend, "auto"), Observe: s.note}
	for _, opt := range opts {
		opt(&config)
	}
	var err error
	if s.server, err = restserver.New(config); err != nil {
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
	s.Token = s.server.Token
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatalf("redistest: %v", err)
	}
	s.URL = "http://" + l.Addr().String()
	server := &http.Server{Handler: http.HandlerFunc(s.serve), ReadHeaderTimeout: 10 * time.Second, ConnState: s.know}
	go server.Serve(l)
	t.Cleanup(func() { server.Close() })
	t.Logf("redistest: %s", s.server.Backend())
	return s
}

func (s *Server) note(r restserver.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.requests = append(s.requests, r)
}

// know keeps the connections that are open.
func (s *Server) know(c net.Conn, state http.ConnState) {
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
		// Only with the body read does net/http see that a client goes.
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

// Client makes a client of the server.
func (s *Server) Client(opts ...redis.Option) *redis.Redis {
	s.t.Helper()
	rdb, err := redis.New(s.URL, s.Token, opts...)
	if err != nil {
		s.t.Fatalf("redistest: %v", err)
	}
	return rdb
}

// Setenv points the environment that [redis.FromEnv] reads to the server until
// the test ends. Like [testing.T.Setenv], it is not for parallel tests.
func (s *Server) Setenv() {
	s.t.Helper()
	s.t.Setenv("UPSTASH_REDIS_REST_URL", s.URL)
	s.t.Setenv("UPSTASH_REDIS_REST_TOKEN", s.Token)
}

// Requests returns the requests that were answered so far, the commands with their
// arguments, in the order in which they ended.
func (s *Server) Requests() []restserver.Request {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.requests)
}

// Freeze has requests wait until thaw is called: the server takes them, and answers
// nothing. A request that is given up meanwhile has not run.
func (s *Server) Freeze() (thaw func()) {
	frozen := make(chan struct{})
	s.mu.Lock()
	s.thawed = frozen
	s.mu.Unlock()
	return sync.OnceFunc(func() { close(frozen) })
}

// FlushScripts has the database forget its scripts, as a restart or another client
// may do at any time.
func (s *Server) FlushScripts() {
	s.t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	if err := s.server.FlushScripts(ctx); err != nil {
		s.t.Fatalf("redistest: %v", err)
	}
}

// Restart ends all connections, in the middle of whatever they carry, and has the
// database forget its scripts. The address and the data stay.
func (s *Server) Restart() {
	s.t.Helper()
	s.mu.Lock()
	for c := range s.conns {
		c.Close()
	}
	s.mu.Unlock()
	s.FlushScripts()
}

// Advance moves the clock of a database in memory ahead, so that keys expire. A
// test on another database fails: its clock is the machine's.
func (s *Server) Advance(d time.Duration) {
	s.t.Helper()
	if err := s.server.Advance(d); err != nil {
		s.t.Fatalf("redistest: %v", err)
	}
}
