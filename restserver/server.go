// Package restserver is the local server: it answers Redis commands over HTTP as
// the hosted service does, for development and tests. It uses the embedded
// database or another Redis.
//
// It offers POST / for one command, POST /pipeline for many, POST /multi-exec for
// a transaction, any command as a path (/set/key/value?EX=100), subscriptions and
// MONITOR as server-sent events. /health says that the process lives, and /ready that
// Redis answers; they need no token. Pages of any
// origin may call it from a browser (CORS) if they have the token.
//
// An argument that is a JSON string is sent unchanged. Any other JSON value is sent as its
// text: 1000000 stays 1000000, and true, null and [1, 2] become true, null and [1,2].
// In replies, bytes of a string that are not UTF-8 become U+FFFD; in base64 the string is
// exact. An error inside a reply is {"error": …} at its position.
//
// Scripts that begin with #!lua flags=allow-key-locking run as on the hosted
// service: an undeclared key is an error.
package restserver

import (
	"cmp"
	"context"
	"crypto/rand"
	"crypto/sha256"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"log"
	"log/slog"
	"net"
	"net/http"
	"os"
	"reflect"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/redis/go-redis/v9"
	semconv "go.opentelemetry.io/otel/semconv/v1.43.0"
	"go.opentelemetry.io/otel/trace"

	"github.com/redis-rest/redis-rest-go/internal/engine/script"
)

// The defaults of Config.
const (
	DefaultMaxBodyBytes  = 10 << 20 // 10 MB, as on the hosted service's smaller plans
	DefaultMaxConcurrent = 1000
	DefaultTimeout       = time.Minute
	DefaultMaxMemory     = 1 << 30 // 1 GB
	DefaultHeartbeat     = 15 * time.Second
)

// A Config describes a server. The zero Config means an empty
// embedded database and a random token.
type Config struct {
	// Backend is the database:
	//
	//	memory          the embedded database (the default); it runs commands,
	//	                scripts and functions as Redis 7.0 does;
	//	                docs/database.md lists the differences
	//	redis-server    a private redis-server, or valkey-server, from PATH
	//	auto            redis-server if it is on PATH, else memory
	//	redis://…       an existing Redis; rediss:// and unix:// too
	//	redis://…?master_name=NAME&addr=…  the master of sentinels
	//	redis://…,redis://…                the nodes of a cluster, some or all;
	//	                                   redis://…?cluster for a single node
	Backend string

	// DataFile is the file that keeps the data of the embedded database. It is made if it is not there. For "" the data
	// ends with the server. Databases of TokensFile are not in it, and one server at a time can use it.
	//
	// What was replied to is in the file, even if the process is killed. While the disk is full, commands that write
	// get MISCONF, and did not run; they can run again when there is space.
	DataFile string

	// Fsync says when changes are on the disk, so that they outlast a power failure: "always" (before the reply),
	// "everysec" (within a second; the default) or "no" (when the operating system decides).
	Fsync string

	// Token is the token that requests must have. For "" a random one is made.
	Token string

	// ReadOnlyToken is a second token, for requests that only read. Writes, EVAL,
	// EVALSHA, KEYS and SCAN get NOPERM. For "" there is no such token.
	ReadOnlyToken string

	// TokensFile is a file of further tokens for other databases, as JSON:
	//
	//	{"tokens": [
	//		{"token": "…", "redis": "redis://USER:PASSWORD@HOST:6379/1", "readOnly": true, "requestsPerSecond": 100},
	//		{"token": "…", "redis": "memory:NAME"}
	//	]}
	//
	// A token has at least 16 characters. Tokens with the same value of redis share a database;
	// memory:NAME is an embedded one. A Redis is shared with others, so a token reaches nothing but
	// the data of its own database, by its number, or what Redis lets its USER reach (ACL SETUSER, with
	// ~PREFIX* for the keys and &PREFIX* for the channels). Commands and scripts that look or reach further get NOPERM: functions, SELECT,
	// MOVE, SWAPDB, FLUSHALL, MONITOR, CONFIG, INFO and the like; with a number also channels, and with a USER also
	// KEYS, SCAN, RANDOMKEY, DBSIZE and FLUSHDB. Each database has scripts of its own.
	// More than requestsPerSecond requests get 429 with Retry-After; 0 means no limit.
	//
	// The file is read again when it changes. The event streams of a token that is not in it
	// any more end, and so does the waiting of its commands, as in Shutdown. A file with an error changes nothing; Log says so.
	TokensFile string

	// Conditions are bad conditions on purpose.
	Conditions Conditions

	// Record gets each request with a token and its answer, as a line of JSON, for Replay. It has the commands with
	// their arguments, but no token. Event streams are left out. It may be nil.
	Record io.Writer

	// EnableDebugCommand lets clients of ServeRESP run DEBUG, as the option of Redis with that name does.
	EnableDebugCommand bool

	// LikeHosted refuses the commands that the hosted service does not document. The embedded database also replies as the
	// service documents where that differs from Redis: a COPY of a key to itself is 0, XREADGROUP with NOACK makes no consumer, FCALL_RO calls
	// functions without flags, and .. in a path of JSON.* finds the values in a value before the value itself.
	LikeHosted bool

	// MaxBodyBytes limits a command; 0 means DefaultMaxBodyBytes. The body of a pipeline or a
	// transaction may be ten times as large.
	MaxBodyBytes int64

	// MaxMemory limits the memory, in bytes, that all requests take together: bodies, the
	// commands in them, replies, and messages that wait for slow readers. 0 means
	// DefaultMaxMemory. A request for which nothing is left gets 503 with Retry-After; it did not
	// run. If the command has run and only its reply does not fit, it gets 507. An event stream
	// whose event does not fit is cut off. The
	// process takes more, because garbage is collected later: runtime/debug.SetMemoryLimit
	// limits that. The data of the embedded database does not count.
	MaxMemory int64

	// MaxData is maxmemory of each embedded database, in bytes: commands that need memory are refused with OOM
	// when its data takes more, unless CONFIG SET maxmemory-policy says what to delete. Scripts may hold as much, up to 1 GB. 0 is no limit, as in Redis.
	MaxData int64

	// Heartbeat is the time between the comments that keep an event stream open while there is
	// no event; 0 means DefaultHeartbeat.
	Heartbeat time.Duration

	// MaxConcurrent is the maximum number of requests at the same time; 0 means
	// DefaultMaxConcurrent. More requests get 503 with Retry-After: they did
	// not run. Streams have a separate limit of the same size.
	MaxConcurrent int

	// Timeout is the time limit of a request; 0 means DefaultTimeout. A script that takes
	// longer is killed with SCRIPT KILL. A script that has written cannot be killed: its caller
	// gets UNKILLABLE, and all others get BUSY. The embedded database stops it
	// ten seconds later.
	Timeout time.Duration

	// Console answers browsers that open the address of the server with a page on which people write and run scripts and look at data. The page needs a
	// token, as every client does.
	Console bool

	// Observe is called after each request, from many goroutines at the same time. It may be
	// nil. The commands include their arguments, which may be secret.
	Observe func(Request)

	// Log gets a line after each request, at the level Info, with the names of its commands
	// (SET×1000) and the codes of errors, but nothing that a user has sent or stored. If
	// Redis cannot be used, it gets a line with the reason, at the level Warn, once at the
	// start and once at each change. What scripts pass to redis.log becomes a line "redis.log" with the
	// script's digest and line; that of a private redis-server is its own line, without a place.
	// It may be nil.
	Log *slog.Logger

	// LogKeys adds the keys of its commands to the line of each request, at most 20.
	LogKeys bool

	// TracerProvider gets a span for each request, below the one that its header traceparent names, and below that a span
	// for its commands. Spans have names of commands, digests of scripts, names of functions and codes of errors, but no key and no other
	// argument. The span of an event stream ends with the stream. It may be nil.
	TracerProvider trace.TracerProvider

	// TraceScripts adds to the span of commands an event for each call of Redis by their scripts, with its command, line and time. Only the embedded
	// database can do that.
	TraceScripts bool
}

// A Server is an [http.Handler] in front of a Redis. Only [Start] sets URL.
type Server struct {
	URL   string // http://127.0.0.1:PORT
	Token string

	config  Config
	backend *backend
	main    *tenant
	tokens  tokens
	ports   ports

	conditions *conditions
	begun      time.Time
	traffic    traffic
	recording  sync.Mutex
	budget     budget
	running    chan struct{} // one element for each running request
	streams    chan struct{}
	requests   atomic.Uint64
	http       *http.Server
	closing    context.Context // done when streams must end
	endAll     context.CancelFunc

	failed    context.Context // done when the server has ended by itself
	endFailed context.CancelCauseFunc
	looking   sync.Mutex
	looks     *look         // of /ready at Redis; nil if there is none
	trouble   chan struct{} // holds one element after a failure to use Redis

	idPrefix     string
	ids          atomic.Uint64
	metrics      atomic.Pointer[metrics]
	logsRequests bool
	tracer       trace.Tracer // nil if nobody wants spans
	connections  atomic.Int64 // of clients
}

// New makes a server that can be mounted as a handler. If it uses a private
// redis-server, that server is running when New returns.
func New(c Config) (*Server, error) {
	c.Token = cmp.Or(c.Token, rand.Text())
	c.MaxBodyBytes = cmp.Or(c.MaxBodyBytes, DefaultMaxBodyBytes)
	c.MaxConcurrent = cmp.Or(c.MaxConcurrent, DefaultMaxConcurrent)
	c.Timeout = cmp.Or(c.Timeout, DefaultTimeout)
	c.MaxMemory = cmp.Or(c.MaxMemory, DefaultMaxMemory)
	c.Heartbeat = cmp.Or(c.Heartbeat, DefaultHeartbeat)
	if c.Token == c.ReadOnlyToken {
		return nil, errors.New("restserver: Token and ReadOnlyToken must differ")
	}
	conditions, err := newConditions(c.Conditions)
	if err != nil {
		return nil, fmt.Errorf("restserver: %w", err)
	}
	b, err := startBackend(c)
	if err != nil {
		return nil, fmt.Errorf("restserver: %w", err)
	}
	s := &Server{
		Token:   c.Token,
		config:  c,
		backend: b,
		main:    newTenant(b.db, c.Timeout),
		running: make(chan struct{}, c.MaxConcurrent),
		streams: make(chan struct{}, c.MaxConcurrent),
		trouble: make(chan struct{}, 1),

		conditions: conditions,
		begun:      time.Now(),

		logsRequests: c.Log != nil && c.Log.Enabled(context.Background(), slog.LevelInfo),

		idPrefix: strings.ToLower(rand.Text()[:8]) + "-",
	}
	if c.TracerProvider != nil {
		s.tracer = c.TracerProvider.Tracer(tracerName, trace.WithSchemaURL(semconv.SchemaURL))
	}
	if c.TraceScripts {
		if err := s.Watch(&scriptEvents{}); err != nil {
			return nil, errors.Join(err, s.main.db.Close(), b.stop())
		}
	}
	s.budget.limit = c.MaxMemory
	s.main.stop = b.stop
	s.tokens.own = map[tokenHash]*token{sha256.Sum256([]byte(c.Token)): newToken(s.main, everything)}
	if c.ReadOnlyToken != "" {
		s.tokens.own[sha256.Sum256([]byte(c.ReadOnlyToken))] = newToken(s.main, reading)
	}
	s.http = &http.Server{Handler: s, ReadHeaderTimeout: 10 * time.Second, IdleTimeout: 2 * time.Minute, ErrorLog: log.New(io.Discard, "", 0), ConnState: s.countConnection}
	s.closing, s.endAll = context.WithCancel(context.Background())
	s.failed, s.endFailed = context.WithCancelCause(context.Background())
	if c.TokensFile != "" {
		text, _ := os.ReadFile(c.TokensFile)
		if err := s.loadTokens(); err != nil {
			return nil, errors.Join(fmt.Errorf("restserver: %w", err), s.main.close())
		}
		go s.watchTokens(text)
	}
	if c.Log != nil && b.setLog != nil {
		b.setLog(s)
	}
	switch _, embedded := b.db.(inMemory); {
	case b.exited != nil:
		go func() {
			select {
			case err := <-b.exited:
				if s.closing.Err() == nil { // Close ends it too
					s.fail(err)
				}
			case <-s.closing.Done():
			}
		}()
	case c.Log != nil && !embedded:
		go s.watch()
	}
	return s, nil
}

func newTenant(db database, timeout time.Duration) *tenant {
	t := &tenant{db: db}
	if one, ok := db.(single); ok {
		t.group = &group{db: one, timeout: timeout}
	}
	return t
}

// clientOptions returns the options for each connection to Redis.
func clientOptions(opts *redis.Options) *redis.Options {
	opts.Protocol = 2 // the REST protocol uses its replies
	// A command that is sent again may run twice. Only the caller may decide that.
	opts.MaxRetries = -1
	opts.DialerRetries = 1
	opts.DisableIdentity = true
	opts.ContextTimeoutEnabled = true
	opts.ReadTimeout = -1 // scripts may take long; contexts limit the time
	opts.PoolSize = 64
	opts.OnConnect = greet
	opts.Dialer = dialer(opts)
	return opts
}

// nodeOptions sets what clientOptions sets in *redis.ClusterOptions or *redis.FailoverOptions, which have fields of the
// same names.
func nodeOptions(opts any) {
	to := reflect.ValueOf(opts).Elem()
	common := &redis.Options{
		DialTimeout: to.FieldByName("DialTimeout").Interface().(time.Duration),
		TLSConfig:   to.FieldByName("TLSConfig").Interface().(*tls.Config),
	}
	from := reflect.ValueOf(clientOptions(common)).Elem()
	for _, name := range []string{"Protocol", "MaxRetries", "DialerRetries", "DisableIdentity", "ContextTimeoutEnabled", "ReadTimeout", "PoolSize", "OnConnect", "Dialer"} {
		to.FieldByName(name).Set(from.FieldByName(name))
	}
}

// Start makes a server that listens on a free port of the loopback
// interface. URL is its address.
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

// Serve answers requests on the listener l, for instance one of [tls.NewListener],
// until Shutdown or Close. The error is then [http.ErrServerClosed]. If the server ends by itself, the error
// says why, as Err does.
func (s *Server) Serve(l net.Listener) error {
	err := s.http.Serve(lazyListener{l})
	return cmp.Or(s.Err(), err)
}

func (s *Server) countConnection(_ net.Conn, state http.ConnState) {
	switch state {
	case http.StateNew:
		s.connections.Add(1)
	case http.StateClosed, http.StateHijacked:
		s.connections.Add(-1)
	}
}

// Shutdown refuses new requests, ends streams at once, and waits for other
// requests until ctx ends. Commands that wait for data, such as BLPOP, stop waiting: their reply is null, and nothing
// is taken. If the user of Redis may not run CLIENT UNBLOCK, they get 502: they may have run. Close must still be called.
func (s *Server) Shutdown(ctx context.Context) error {
	s.endAll()
	s.ports.close()
	return s.http.Shutdown(ctx)
}

// Backend names the database: "memory", "redis-server 7.0.15", or the
// address without its credentials.
func (s *Server) Backend() string { return s.backend.name }

// FlushScripts removes all scripts from the database (SCRIPT FLUSH).
func (s *Server) FlushScripts(ctx context.Context) error {
	_, err := s.main.db.run(ctx, &command{args: []string{"SCRIPT", "FLUSH"}, name: "SCRIPT"})
	return err
}

// Advance moves the clock of the embedded database forward, so that keys expire. It
// returns an error for any other database, because those use the machine's clock.
func (s *Server) Advance(d time.Duration) error {
	if s.backend.advance == nil {
		return fmt.Errorf("restserver: only the clock of the embedded database can be moved, not that of %s", s.Backend())
	}
	s.backend.advance(d)
	return nil
}

// Watch sets who gets what the scripts of the embedded database do, as package redistest does. Only packages of this module can
// make a watcher. It replaces that of Config.TraceScripts. It returns an error for any other database.
func (s *Server) Watch(w script.Watcher) error {
	if s.backend.watch == nil {
		return fmt.Errorf("restserver: only scripts of the embedded database can be watched, not those of %s", s.Backend())
	}
	s.backend.watch(w)
	return nil
}

// Close ends the server and a database that it started. It ends streams at once
// and gives other requests two seconds to finish.
func (s *Server) Close() error {
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Second)
	defer cancel()
	var err error
	if s.Shutdown(ctx) != nil {
		err = s.http.Close()
	}
	err = errors.Join(err, s.main.close())
	s.ports.running.Wait()
	s.tokens.mu.Lock()
	defer s.tokens.mu.Unlock()
	for _, t := range s.tokens.tenants {
		err = errors.Join(err, t.close())
	}
	for t := range s.tokens.leaving {
		err = errors.Join(err, t.close())
	}
	s.tokens.tenants, s.tokens.leaving, s.tokens.file = nil, nil, nil
	return err
}
