// Package restserver answers Redis commands over HTTP, as the hosted services
// do, in front of a Redis of your own: for development and for tests.
//
// It offers POST / for one command, POST /pipeline for many, POST /multi-exec for
// a transaction, any command as a path (/set/key/value?EX=100), subscriptions and
// MONITOR as server-sent events, and /health, which needs no token. Pages of any
// origin may call it from a browser (CORS), if they have the token.
//
// An argument that is a JSON string is sent as it is, and any other JSON value as its
// text: 1000000 stays 1000000, and true, null and [1, 2] are true, null and [1,2].
// In replies a string that is not UTF-8 has U+FFFD in the place of what is not, and
// is exact as base64. An error inside a reply is {"error": …} in its place.
//
// Scripts that begin with #!lua flags=allow-key-locking run as on the hosted
// service: a key that was not declared is an error.
package restserver

import (
	"cmp"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"sync/atomic"
	"time"

	"github.com/redis/go-redis/v9"
)

// What a server allows where Config says nothing.
const (
	DefaultMaxBodyBytes  = 10 << 20 // 10 MB, as on the hosted service's smaller plans
	DefaultMaxConcurrent = 1000
	DefaultTimeout       = time.Minute
)

// A Config says what a server stands in front of. The zero Config is an empty
// database in memory and a token made up.
type Config struct {
	// Backend is the database:
	//
	//	memory          one inside this process (the default); it runs commands,
	//	                scripts and functions as Redis 7.0 does, but for what the
	//	                README lists
	//	redis-server    a private redis-server, or valkey-server, found on PATH
	//	auto            redis-server where one is found, else memory
	//	redis://…       a Redis that runs already; rediss:// and unix:// too
	//	redis://…?master_name=NAME&addr=…  the master that sentinels know
	//	redis://…,redis://…                the nodes of a cluster, some or all;
	//	                                   redis://…?cluster where one is named
	Backend string

	// Token is what requests must show; "" has one made up.
	Token string

	// ReadOnlyToken is a second token, for requests that only read: writes, EVAL,
	// EVALSHA, KEYS and SCAN are answered with NOPERM. "" is none.
	ReadOnlyToken string

	// MaxBodyBytes limits a request's body; 0 is DefaultMaxBodyBytes.
	MaxBodyBytes int64

	// MaxConcurrent is how many requests are dealt with at a time; 0 is
	// DefaultMaxConcurrent. Any more are answered with 503, which says when to come
	// back and that nothing ran. Streams count among themselves.
	MaxConcurrent int

	// Timeout is how long a request may take; 0 is DefaultTimeout. A script that takes
	// longer is ended by SCRIPT KILL. One that has written cannot be: its caller
	// is told so (UNKILLABLE), and all others that Redis is BUSY. In memory it is cut
	// off ten seconds later.
	Timeout time.Duration

	// Observe is called after each request, by many goroutines at a time; nil is
	// nobody. Commands show their arguments, which may be secret.
	Observe func(Request)
}

// A Server is an [http.Handler] in front of a Redis. URL is set by [Start] only.
type Server struct {
	URL   string // http://127.0.0.1:PORT
	Token string

	config   Config
	backend  *backend
	db       database
	group    *group // of requests to one Redis; nil where each goes by itself
	scripts  rewriter
	running  chan struct{} // one for each request
	streams  chan struct{}
	requests atomic.Uint64
	http     *http.Server
	closing  context.Context // done when streams must end
	endAll   context.CancelFunc
}

// New makes a server that is to be mounted as a handler. Where it needs a
// redis-server of its own, that is running when New returns.
func New(c Config) (*Server, error) {
	c.Token = cmp.Or(c.Token, rand.Text())
	c.MaxBodyBytes = cmp.Or(c.MaxBodyBytes, DefaultMaxBodyBytes)
	c.MaxConcurrent = cmp.Or(c.MaxConcurrent, DefaultMaxConcurrent)
	c.Timeout = cmp.Or(c.Timeout, DefaultTimeout)
	if c.Token == c.ReadOnlyToken {
		return nil, errors.New("restserver: the token that only reads is the other token")
	}
	b, err := startBackend(c.Backend)
	if err != nil {
		return nil, fmt.Errorf("restserver: %w", err)
	}
	s := &Server{
		Token:   c.Token,
		config:  c,
		backend: b,
		db:      b.db,
		running: make(chan struct{}, c.MaxConcurrent),
		streams: make(chan struct{}, c.MaxConcurrent),
	}
	if one, ok := b.db.(single); ok {
		s.group = &group{db: one, timeout: c.Timeout}
	}
	s.http = &http.Server{Handler: s, ReadHeaderTimeout: 10 * time.Second, IdleTimeout: 2 * time.Minute, ErrorLog: log.New(io.Discard, "", 0)}
	s.closing, s.endAll = context.WithCancel(context.Background())
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
	opts.ReadTimeout = -1 // scripts may take their time; contexts say how much
	opts.PoolSize = 64
	return opts
}

func clusterOptions(opts *redis.ClusterOptions) {
	common := clientOptions(&redis.Options{})
	opts.Protocol, opts.MaxRetries, opts.DialerRetries, opts.DisableIdentity = common.Protocol, common.MaxRetries, common.DialerRetries, true
	opts.ContextTimeoutEnabled, opts.ReadTimeout, opts.PoolSize = true, common.ReadTimeout, common.PoolSize
}

func failoverOptions(opts *redis.FailoverOptions) {
	common := clientOptions(&redis.Options{})
	opts.Protocol, opts.MaxRetries, opts.DialerRetries, opts.DisableIdentity = common.Protocol, common.MaxRetries, common.DialerRetries, true
	opts.ContextTimeoutEnabled, opts.ReadTimeout, opts.PoolSize = true, common.ReadTimeout, common.PoolSize
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
	go s.Serve(l)
	return s, nil
}

// Serve answers requests that come by l, one of [tls.NewListener] for instance,
// until Shutdown or Close; the error is then [http.ErrServerClosed].
func (s *Server) Serve(l net.Listener) error { return s.http.Serve(l) }

// Shutdown takes no more requests, ends the streams at once, and waits for the
// other requests until ctx ends. Close is still to be called.
func (s *Server) Shutdown(ctx context.Context) error {
	s.endAll()
	return s.http.Shutdown(ctx)
}

// Backend says which database answers: "memory", "redis-server 7.0.15", or the
// address without its credentials.
func (s *Server) Backend() string { return s.backend.name }

// FlushScripts has the database forget its scripts (SCRIPT FLUSH).
func (s *Server) FlushScripts(ctx context.Context) error {
	_, err := s.db.run(ctx, &command{args: []string{"SCRIPT", "FLUSH"}, name: "SCRIPT"})
	return err
}

// Advance moves the clock of a database in memory ahead, so that keys expire. It is
// an error on any other: its clock is the machine's.
func (s *Server) Advance(d time.Duration) error {
	if s.backend.advance == nil {
		return fmt.Errorf("restserver: the clock of %s cannot be moved; that of the database in memory can", s.Backend())
	}
	s.backend.advance(d)
	return nil
}

// Close ends the server and a database that it started. Streams end at once,
// other requests have two seconds to finish.
func (s *Server) Close() error {
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Second)
	defer cancel()
	var err error
	if s.Shutdown(ctx) != nil {
		err = s.http.Close()
	}
	return errors.Join(err, s.db.Close(), s.backend.stop())
}
