// Package transport sends requests over HTTP/1.1 and knows what it wrote.
//
// It is an [http.RoundTripper], because net/http's own hides what delivery needs:
// whether a byte of a request was written, and whether the answer has begun. It never
// sends a request twice. A request is written and its answer is read on the caller's
// goroutine, over a connection that carries nothing else meanwhile. A call has no timer
// and no goroutine: its deadline is set on the connection, and the end of its context
// closes the connection.
//
//	call.go     what a caller learns of a call
//	pool.go     connections between two calls
//	dial.go     a new connection: proxies and TLS
//	conn.go     one call on a connection
//	request.go  the bytes of a request
//	body.go     the body of the answer
//	nethttp.go  net/http's transport, for HTTP/2, and round trippers of others
package transport

import (
	"cmp"
	"context"
	"crypto/tls"
	"errors"
	"net"
	"net/http"
	"net/http/httptrace"
	"net/url"
	"time"
)

// A Config says how to connect. The zero Config is ready to use.
type Config struct {
	// Proxy returns the proxy of a request, nil for none. Its scheme is http, https,
	// socks5 or socks5h. The default is [http.ProxyFromEnvironment].
	Proxy func(*http.Request) (*url.URL, error)

	// DialContext connects to a host or to its proxy.
	DialContext func(ctx context.Context, network, address string) (net.Conn, error)

	// TLS is copied. TLS 1.2 is the lowest version, and sessions are resumed.
	TLS *tls.Config

	MaxIdleConns int              // the maximum number of idle connections; 512 by default
	IdleTimeout  time.Duration    // how long an idle connection is kept, by the wall clock; 90 s by default
	Now          func() time.Time // the wall clock; nil for time.Now
}

// A Transport is safe for concurrent use.
type Transport struct {
	config Config
	pool   pool
}

func (c Config) withDefaults() Config {
	if c.Proxy == nil {
		c.Proxy = http.ProxyFromEnvironment
	}
	c.Proxy = withoutURL(c.Proxy)
	if c.DialContext == nil {
		c.DialContext = (&net.Dialer{KeepAlive: 30 * time.Second}).DialContext
	}
	if c.TLS = c.TLS.Clone(); c.TLS == nil {
		c.TLS = new(tls.Config)
	}
	if c.TLS.ClientSessionCache == nil {
		c.TLS.ClientSessionCache = tls.NewLRUClientSessionCache(0)
	}
	c.TLS.MinVersion = max(c.TLS.MinVersion, tls.VersionTLS12)
	c.TLS.NextProtos = []string{"http/1.1"}
	c.MaxIdleConns = cmp.Or(c.MaxIdleConns, 512)
	c.IdleTimeout = cmp.Or(c.IdleTimeout, 90*time.Second)
	if c.Now == nil {
		c.Now = time.Now
	}
	return c
}

// wallClock is the time without Go's monotonic clock, which may stand still.
func (c *Config) wallClock() time.Time { return c.Now().Round(0) }

// withoutURL removes a proxy's URL, which may hold a password, from the errors of a
// Config.Proxy.
func withoutURL(proxy func(*http.Request) (*url.URL, error)) func(*http.Request) (*url.URL, error) {
	return func(r *http.Request) (*url.URL, error) {
		via, err := proxy(r)
		if _, ok := errors.AsType[*url.Error](err); ok {
			err = errors.New("the URL of the proxy is malformed")
		}
		return via, err
	}
}

// New makes a transport. It opens no connection.
func New(c Config) *Transport {
	t := &Transport{config: c.withDefaults()}
	t.pool = pool{max: t.config.MaxIdleConns, timeout: t.config.IdleTimeout, now: t.config.wallClock}
	return t
}

// CloseIdleConnections closes the connections that carry no call.
func (t *Transport) CloseIdleConnections() { t.pool.closeAll() }

var errEnded = errors.New("the connection ended before the request was written")

// RoundTrip sends a request and returns the answer. The caller reads its body to the end
// or closes it. A [Call] in the request's context learns how far the request came.
//
// Where the context has ended, the error is its Err, which wraps its Cause too. Where the
// deadline has passed, the error is [context.DeadlineExceeded].
//
// An [httptrace.ClientTrace] in the context is called for the connection (GetConn, DNS, Connect and TLS,
// GotConn), after the request was written (WroteRequest), and for the first byte of the answer.
func (t *Transport) RoundTrip(req *http.Request) (*http.Response, error) {
	call := callOf(req)
	call.begin()
	resp, outcome, err := t.roundTrip(req)
	call.end(outcome)
	if req.Body != nil {
		req.Body.Close()
	}
	return resp, explain(req.Context(), err)
}

func (t *Transport) roundTrip(req *http.Request) (*http.Response, Outcome, error) {
	if u := req.URL; u == nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" {
		return nil, NotBegun, errors.New("the URL has no host, or is not one of http or https")
	}
	via, err := t.config.Proxy(req)
	if err != nil {
		return nil, NotBegun, err
	}
	const maxTries = 3
	trace := httptrace.ContextClientTrace(req.Context())
	for try := 1; ; try++ {
		if trace != nil && trace.GetConn != nil {
			trace.GetConn(address(req.URL))
		}
		c, err := t.connect(req.Context(), req.URL, via)
		if err != nil {
			return nil, NotBegun, err
		}
		if trace != nil && trace.GotConn != nil {
			trace.GotConn(httptrace.GotConnInfo{Conn: c.Conn, Reused: c.kept, WasIdle: c.kept})
		}
		if try == maxTries && !c.kept {
			c.since = t.config.wallClock() // dialling takes longer than IdleTimeout, and no freeze is why
		}
		resp, outcome, err := c.roundTrip(req, trace)
		if !errors.Is(err, errEnded) || try == maxTries {
			return resp, outcome, err
		}
		// Nothing of the request has left. Another connection may carry it, if its body
		// can be had again.
		if req.Body != nil && req.Body != http.NoBody {
			if req.GetBody == nil {
				return nil, NotBegun, err
			}
			req = req.WithContext(req.Context())
			if req.Body, err = req.GetBody(); err != nil {
				return nil, NotBegun, err
			}
		}
	}
}

// connect returns a kept connection, or else a new one.
func (t *Transport) connect(ctx context.Context, u, via *url.URL) (*conn, error) {
	r := route{scheme: u.Scheme, host: u.Host}
	if via != nil {
		r.proxy = via.String()
	}
	for {
		if err := ended(ctx); err != nil {
			return nil, err
		}
		c := t.pool.take(r)
		if c == nil {
			return t.dial(ctx, r, u, via)
		}
		if !c.hasEnded() {
			return c, nil
		}
		c.close()
	}
}
