package rest

import (
	"context"
	"crypto/tls"
	"errors"
	"io"
	"math"
	"net"
	"net/http"
	"net/http/httptrace"
	"sync"
	"sync/atomic"
	"syscall"
	"time"
)

// A function that is frozen between two requests wakes up with connections that
// ended meanwhile. A write to one of them seems to succeed, and what became of
// the command is unknown. Two guards stand before that. For a connection that
// its peer closed there is guardedConn; for those that ended without a word there
// is pool.

// defaultIdle is how long a connection without use is kept.
const defaultIdle = 90 * time.Second

// NewTransport is net/http's default with the guard, TLS 1.2 at least, HTTP/1.1, and
// a pool that fits many goroutines talking to one host: with the default's 2 idle
// connections, 64 goroutines open a new TLS connection for most calls and reach a
// sixteenth of the throughput.
func NewTransport() *http.Transport {
	dialer := &net.Dialer{Timeout: 10 * time.Second, KeepAlive: 30 * time.Second}
	t := &http.Transport{
		Proxy:                 http.ProxyFromEnvironment,
		Protocols:             new(http.Protocols),
		MaxIdleConns:          0, // no limit beside the next one: there is one host
		MaxIdleConnsPerHost:   512,
		IdleConnTimeout:       defaultIdle,
		TLSHandshakeTimeout:   10 * time.Second,
		ExpectContinueTimeout: time.Second,
		TLSClientConfig:       &tls.Config{MinVersion: tls.VersionTLS12},
	}
	t.Protocols.SetHTTP1(true)
	t.DialContext = func(ctx context.Context, network, addr string) (net.Conn, error) {
		idle := t.IdleConnTimeout
		if idle == 0 {
			idle = math.MaxInt64 // no limit
		}
		late := time.Now().Round(0).Add(idle)
		conn, err := dialer.DialContext(ctx, network, addr)
		if err != nil {
			return nil, err
		}
		return guard(conn, late), nil
	}
	return t
}

// errEnded is the error of a write to a connection that has ended. Nothing was
// written.
var errEnded = errors.New("the connection has ended")

// A guardedConn looks whether its peer has closed it before the first write of
// each request. It has ended also where its first request comes too late: it was
// being made when the machine was frozen, and so was not in the pool.
type guardedConn struct {
	net.Conn
	raw     syscall.RawConn
	late    time.Time        // by the wall clock
	look    func(fd uintptr) // made once, so that a look allocates nothing
	closed  bool             // what the look saw; under mu
	mu      sync.Mutex
	carried atomic.Bool  // a request, before
	begins  atomic.Bool  // the next write begins a request
	ended   atomic.Bool  // nothing more is written
	written atomic.Int64 // how many writes wrote something, or are about to
}

func guard(conn net.Conn, late time.Time) net.Conn {
	sc, ok := conn.(syscall.Conn)
	if !ok {
		return conn
	}
	raw, err := sc.SyscallConn()
	if err != nil {
		return conn
	}
	c := &guardedConn{Conn: conn, raw: raw, late: late}
	c.look = func(fd uintptr) { c.closed = peerClosed(fd) }
	return c
}

func (c *guardedConn) Write(p []byte) (int, error) {
	if c.ended.Load() || c.begins.Swap(false) && c.hasEnded() {
		return 0, errEnded
	}
	c.written.Add(1)
	n, err := c.Conn.Write(p)
	if n == 0 && err != nil {
		c.written.Add(-1)
	}
	return n, err
}

func (c *guardedConn) hasEnded() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.closed = !c.carried.Swap(true) && time.Now().Round(0).After(c.late)
	if c.closed || c.raw.Control(c.look) == nil && c.closed {
		c.ended.Store(true)
	}
	return c.ended.Load()
}

// A connection is the context of one try to send a request, and knows how far that
// came on its way to one. It is all in one piece, to be allocated once.
type connection struct {
	context.Context
	trace     httptrace.ClientTrace
	syncToken string // to be sent along

	mu    sync.Mutex
	state int
	conn  *guardedConn // the one that was given, where it is one of ours
	first int64        // its writes by then
	dirty bool         // an earlier try may have written something
}

const (
	asked    = 1 // net/http looked for a connection
	given    = 2 // it found one, and may write
	answered = 3 // the server began to answer
)

// traced is the context of the request: net/http tells of each try, of which it
// makes more than one by itself.
func (c *connection) traced() context.Context {
	c.trace.GetConn = func(string) { c.note(asked, nil) }
	c.trace.GotConn = func(info httptrace.GotConnInfo) {
		conn := info.Conn
		if t, ok := conn.(*tls.Conn); ok {
			conn = t.NetConn()
		}
		g, _ := conn.(*guardedConn)
		c.note(given, g)
	}
	c.trace.GotFirstResponseByte = func() {
		c.mu.Lock()
		c.state = answered // what follows is no replay: a redirect is looked at
		c.mu.Unlock()
	}
	return httptrace.WithClientTrace(c, &c.trace)
}

type connectionKey struct{}

func (c *connection) Value(key any) any {
	if _, ok := key.(connectionKey); ok {
		return c
	}
	return c.Context.Value(key)
}

func (c *connection) note(state int, g *guardedConn) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.state == given && !c.clean() {
		c.dirty = true
	}
	c.state, c.conn = state, g
	if g != nil {
		c.first = g.written.Load()
		g.begins.Store(true)
	}
}

// clean says that nothing was written to the connection since it was given.
func (c *connection) clean() bool { return c.conn != nil && c.conn.written.Load() == c.first }

// missing says that a connection was sought and none came.
func (c *connection) missing() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.state == asked && !c.dirty
}

// untouched says that a connection came, and that nothing was written to it since
// then. Where a context's end broke the request off, a write may still follow.
func (c *connection) untouched() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.state == given && !c.dirty && c.clean()
}

// mayReplay says whether net/http may send the request once more by itself. Over
// HTTP/1.1 it does so only where it wrote nothing. Over HTTP/2 it does so too after
// the server reset the stream, when the command may have run.
func (c *connection) mayReplay() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.state != given || c.clean()
}

var errReplay = errors.New("the server broke off the request")

// prepare is done with each request of net/http, which resty has made: the sync
// token goes along, and the body can be had again only while nothing of it can have
// left.
func prepare(r *http.Request) {
	r.Host = "" // it is the URL's, and http.Client copies the URL where it might not be
	c, _ := r.Context().Value(connectionKey{}).(*connection)
	if c == nil {
		return
	}
	if c.syncToken != "" {
		r.Header[syncHeader] = []string{c.syncToken}
	}
	if again := r.GetBody; again != nil {
		r.GetBody = func() (io.ReadCloser, error) {
			if !c.mayReplay() {
				return nil, errReplay
			}
			return again()
		}
	}
}

// A pool empties the pool of connections where the wall clock says that it has
// been idle longer than its limit. The transport's own timers stand still while
// the machine is frozen; the wall clock is set right when it thaws.
type pool struct {
	client *http.Client
	idle   time.Duration
	now    func() time.Time
	last   atomic.Int64 // when a request was last begun or ended, Unix time in ns
	mu     sync.Mutex
}

func newPool(client *http.Client, now func() time.Time) *pool {
	p := &pool{client: client, idle: defaultIdle, now: now}
	if t, ok := client.Transport.(*http.Transport); ok && t.IdleConnTimeout > 0 {
		p.idle = t.IdleConnTimeout
	}
	if p.now == nil {
		p.now = time.Now
	}
	p.used()
	return p
}

func (p *pool) used() { p.last.Store(p.now().UnixNano()) }

// wake is called before each request. Who finds the pool emptied finds it empty:
// the time is noted after that, under the lock.
func (p *pool) wake() {
	now := p.now().UnixNano()
	if !p.rested(now) {
		p.last.Store(now)
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.rested(now) {
		p.empty()
		p.last.Store(now)
	}
}

func (p *pool) rested(now int64) bool { return now-p.last.Load() > int64(p.idle) }

func (p *pool) empty() { p.client.CloseIdleConnections() }
