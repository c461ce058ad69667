// Package restserver answers Redis commands over HTTP, as the hosted services
// do, in front of a Redis of your own: for development and for tests.
//
// It offers POST / for one command, POST /pipeline for many, POST /multi-exec for
// a transaction, and subscriptions and MONITOR as server-sent events, with a
// bearer token and base64 replies.
package restserver

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"net"
	"net/http"
	"sync/atomic"
	"time"

	"github.com/redis/go-redis/v9"
)

// DefaultMaxBodyBytes is the size that a request body may have where Config says
// nothing: 10 MB, as on the hosted service's smaller plans.
const DefaultMaxBodyBytes = 10 << 20

// A Config says what a server stands in front of. The zero Config is an empty
// database in memory and a token made up.
type Config struct {
	// Backend is the database:
	//
	//	memory          one inside this process (the default); its Lua differs from
	//	                Redis' in error texts and libraries
	//	redis-server    a private redis-server, or valkey-server, found on PATH
	//	auto            redis-server where one is found, else memory
	//	redis://…       a Redis that runs already; rediss:// and unix:// too
	Backend string

	// Token is what requests must show; "" has one made up.
	Token string

	// MaxBodyBytes limits a request's body; 0 is DefaultMaxBodyBytes.
	MaxBodyBytes int64
}

// A Server is an [http.Handler] in front of a Redis. URL is set by [Start] only.
type Server struct {
	URL   string // http://127.0.0.1:PORT
	Token string

	backend  *backend
	redis    *redis.Client
	max      int64
	requests atomic.Uint64
	http     *http.Server
	closing  context.Context // done when streams must end
	endAll   context.CancelFunc
}

// New makes a server that is to be mounted as a handler. Where it needs a
// redis-server of its own, that is running when New returns.
func New(c Config) (*Server, error) {
	s := &Server{Token: c.Token, max: c.MaxBodyBytes}
	if s.Token == "" {
		s.Token = rand.Text()
	}
	if s.max == 0 {
		s.max = DefaultMaxBodyBytes
	}
	b, err := startBackend(c.Backend)
	if err != nil {
		return nil, fmt.Errorf("restserver: %w", err)
	}
	s.backend = b
	s.closing, s.endAll = context.WithCancel(context.Background())
	s.redis = redis.NewClient(clientOptions(b.options))
	return s, nil
}

// clientOptions are how this package talks to any Redis.
func clientOptions(opts *redis.Options) *redis.Options {
	opts.Protocol = 2 // the replies that the REST protocol knows
	// A command that is sent again may run twice. The caller decides.
	opts.MaxRetries = -1
	opts.DialerRetries = 1
	opts.DisableIdentity = true
	opts.ContextTimeoutEnabled = true
	opts.ReadTimeout = time.Minute // scripts may take their time
	opts.PoolSize = 64
	return opts
}

// Start makes a server and has it listen on a free port of the loopback
// interface, where URL leads.
func Start(c Config) (*Server, error) {
	s, err := New(c)
	if err != nil {
		return nil, err
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, errors.Join(fmt.Errorf("restserver: %w", err), s.Close())
	}
	s.URL = "http://" + l.Addr().String()
	s.http = &http.Server{Handler: s, ReadHeaderTimeout: 10 * time.Second}
	go s.http.Serve(l)
	return s, nil
}

// Backend says which database answers: "memory", "redis-server 7.0.15", or the
// address without its credentials.
func (s *Server) Backend() string { return s.backend.name }

// Close ends the server and a database that it started. Streams end at once,
// other requests have two seconds to finish.
func (s *Server) Close() error {
	s.endAll()
	var err error
	if s.http != nil {
		ctx, cancel := context.WithTimeout(context.Background(), 2*time.Second)
		defer cancel()
		if s.http.Shutdown(ctx) != nil {
			err = s.http.Close()
		}
	}
	return errors.Join(err, s.redis.Close(), s.backend.stop())
}
