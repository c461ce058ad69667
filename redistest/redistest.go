// Package redistest gives tests a Redis over REST of their own.
//
//	func TestLimit(t *testing.T) {
//		rdb := redistest.New(t)
//		…
//	}
//
// Behind it is a redis-server or valkey-server found on PATH, started for the
// test and ended with it; where there is none, a database in memory, whose Lua
// differs from Redis' in error texts and libraries. The environment variable
// REDISTEST_BACKEND decides otherwise: redis-server, memory, auto, or the address
// of a Redis that runs (redis://…), which is then neither private nor empty. The
// test's log says what it was.
package redistest

import (
	"os"
	"testing"

	redis "github.com/redis-rest/redis-rest-go"
	"github.com/redis-rest/redis-rest-go/restserver"
)

// New returns a client of a private, empty database that ends with the test.
func New(t testing.TB) *redis.Redis {
	t.Helper()
	return NewServer(t).Client()
}

// A Server is a Redis over REST on a loopback port.
type Server struct {
	URL   string
	Token string
	t     testing.TB
}

// NewServer starts a server on a private, empty database, both of which end with
// the test.
func NewServer(t testing.TB) *Server {
	t.Helper()
	name := os.Getenv("REDISTEST_BACKEND")
	if name == "" {
		name = "auto"
	}
	s, err := restserver.Start(restserver.Config{Backend: name})
	if err != nil {
		t.Fatalf("redistest: %v", err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Errorf("redistest: %v", err)
		}
	})
	t.Logf("redistest: %s", s.Backend())
	return &Server{URL: s.URL, Token: s.Token, t: t}
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
