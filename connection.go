package redis

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"math"
	"net"
	"net/http"
	"net/url"
	"time"
)

// WithHTTPClient sends requests with a copy of hc. The copy has hc's transport and
// timeout, but no cookies, and it does not follow redirects. If hc has no transport, the
// client makes its own.
//
// The client's own transport knows whether a byte of a request was sent, and it checks
// whether the server has closed a kept connection before it uses it. Other transports
// prove less: a command whose call failed certainly did not run only if net/http's
// transport found no connection for it. [WithRoundTripper], [WithProxy] and others change
// the client's own.
func WithHTTPClient(hc *http.Client) Option {
	return option(func(c *config) {
		c.refuse(hc == nil, "WithHTTPClient", "is nil")
		c.httpClient = hc
	})
}

// WithHTTP2 says whether the client speaks HTTP/2 with a server that does too; the
// default is false. With HTTP/2 all calls share one connection. HTTP/1.1 uses one
// connection for each call in flight. Over TLS it costs less CPU for a call, half as
// much when calls come one at a time, and a lost packet delays only one call.
func WithHTTP2(on bool) Option {
	return option(func(c *config) { c.http2 = on })
}

// WithRootCAs makes the client trust these certificates instead of the system's. To
// load the system's takes milliseconds of CPU; a client with an https URL begins with
// it as soon as it is made.
func WithRootCAs(roots *x509.CertPool) Option {
	return option(func(c *config) {
		c.refuse(roots == nil, "WithRootCAs", "is nil")
		c.rootCAs = roots
	})
}

// WithTLSConfig makes TLS connections with a copy of tc, which may have client
// certificates, for example. The copy's lowest version is TLS 1.2 or a later one that tc
// asks for, and its NextProtos are the client's. [WithRootCAs] replaces its
// RootCAs. The default is an empty config.
func WithTLSConfig(tc *tls.Config) Option {
	return option(func(c *config) {
		c.refuse(tc == nil, "WithTLSConfig", "is nil")
		c.tls = tc.Clone()
	})
}

// WithProxy asks proxy for the proxy of each request; nil is none. The URL's scheme is
// http, https, socks5 or socks5h, and it may have a user and a password. An error of proxy
// fails the call, and nothing is sent. The default is [http.ProxyFromEnvironment]:
// HTTPS_PROXY, HTTP_PROXY and NO_PROXY.
func WithProxy(proxy func(*http.Request) (*url.URL, error)) Option {
	return option(func(c *config) {
		c.refuse(proxy == nil, "WithProxy", "is nil")
		c.proxy = proxy
	})
}

// WithDialContext makes connections with dial, to a unix socket for example. network is
// tcp, and address is the host and port of the URL or of the proxy. The client adds TLS
// itself. The context ends with the call, and after 15 seconds. The default is the
// DialContext of a [net.Dialer].
func WithDialContext(dial func(ctx context.Context, network, address string) (net.Conn, error)) Option {
	return option(func(c *config) {
		c.refuse(dial == nil, "WithDialContext", "is nil")
		c.dial = dial
	})
}

// WithMaxIdleConns keeps at most n idle connections. The default is 512. A client has one
// connection for each call in flight; if more than n goroutines call at the same time,
// connections are made again and again.
func WithMaxIdleConns(n int) Option {
	return option(func(c *config) {
		c.refuse(n <= 0, "WithMaxIdleConns", "is not positive")
		c.maxIdleConns = n
	})
}

// WithIdleTimeout closes a connection that was not used for d. The default is 90 seconds;
// 0 is no limit. The wall clock counts, so connections that may have ended while a cloud
// function was frozen are not used.
func WithIdleTimeout(d time.Duration) Option {
	return option(func(c *config) {
		c.refuse(d < 0, "WithIdleTimeout", "is negative")
		if d == 0 {
			d = math.MaxInt64
		}
		c.idleTimeout = d
	})
}

// WithRoundTripper sends requests by wrap(rt), to trace or change them, for example. rt
// is the client's own transport, and all that is said of it holds below wrap too: it checks
// whether the server has closed a connection, and it knows whether something was sent. For
// that, wrap must hand on the request's context, or one that is derived from it. A request
// that wrap does not hand on, or answers with an error of its own, may have run.
func WithRoundTripper(wrap func(rt http.RoundTripper) http.RoundTripper) Option {
	return option(func(c *config) {
		c.refuse(wrap == nil, "WithRoundTripper", "is nil")
		c.wrap = wrap
	})
}
