package transport

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptrace"
	"runtime"
	"sync"
	"sync/atomic"
	"time"
)

// Watch passes requests on to rt, which is net/http's transport or anything else. The
// [Call] of a request learns no more than net/http tells: whether there was a connection
// for it.
func Watch(rt http.RoundTripper) http.RoundTripper { return watched{rt} }

type watched struct{ http.RoundTripper }

var errReplay = errors.New("the server broke off the request")

func (w watched) RoundTrip(req *http.Request) (*http.Response, error) {
	call := callOf(req)
	replayable := req.GetBody
	req = req.WithContext(httptrace.WithClientTrace(req.Context(), &httptrace.ClientTrace{
		GetConn: func(string) { call.note(NotBegun) },
		GotConn: func(httptrace.GotConnInfo) { call.note(WrittenInPart) }, // it may have been
	}))
	if replayable != nil {
		// Over HTTP/2 net/http sends a request again after some errors, when the server may
		// have run it.
		req.GetBody = func() (io.ReadCloser, error) {
			if call.Outcome() > NotBegun {
				return nil, errReplay
			}
			return replayable()
		}
	}
	return w.RoundTripper.RoundTrip(req)
}

func (w watched) CloseIdleConnections() {
	(&http.Client{Transport: w.RoundTripper}).CloseIdleConnections()
}

// An HTTP2 is net/http's transport, which speaks HTTP/2 with a server that does too.
// Compiled for GOOS=js it is the host's fetch.
type HTTP2 struct {
	config Config

	looks   atomic.Int64 // how many have begun
	mu      sync.Mutex
	current *http.Transport       // carries the next call
	conns   map[*netConn]struct{} // the open ones, of earlier transports too
}

// NewHTTP2 makes a transport. It opens no connection.
func NewHTTP2(c Config) *HTTP2 {
	c = c.withDefaults()
	c.TLS.NextProtos = nil
	h := &HTTP2{config: c, conns: map[*netConn]struct{}{}}
	h.current = h.newTransport()
	return h
}

func (h *HTTP2) newTransport() *http.Transport {
	t := &http.Transport{
		Proxy:               h.config.Proxy,
		TLSClientConfig:     h.config.TLS.Clone(), // net/http writes to it
		TLSHandshakeTimeout: connectTimeout,
		MaxIdleConnsPerHost: h.config.MaxIdleConns,
		IdleConnTimeout:     h.config.IdleTimeout,
		Protocols:           new(http.Protocols),
	}
	t.Protocols.SetHTTP1(true)
	t.Protocols.SetHTTP2(true)
	if runtime.GOOS != "js" { // with it net/http would not use fetch
		t.DialContext = func(ctx context.Context, network, address string) (net.Conn, error) {
			return h.dial(ctx, t, network, address)
		}
	}
	return t
}

// RoundTrip sends a request. If a connection has ended or is too old, it and the later
// calls have new ones: net/http sends calls on a connection as long as it carries one.
func (h *HTTP2) RoundTrip(req *http.Request) (*http.Response, error) {
	before := h.looks.Load()
	h.mu.Lock()
	ended := h.looks.Load() == before && h.anyEnded() // else another call has looked meanwhile
	if ended {
		h.current = h.newTransport()
	}
	w := watched{h.current}
	h.mu.Unlock()
	if ended {
		h.CloseIdleConnections()
	}
	if runtime.GOOS != "js" { // fetch does not tell whether it had a connection
		callOf(req).note(NotBegun)
	}
	return w.RoundTrip(req)
}

// CloseIdleConnections closes the connections that carry no call.
func (h *HTTP2) CloseIdleConnections() {
	h.mu.Lock()
	all := map[*http.Transport]struct{}{h.current: {}}
	for c := range h.conns {
		all[c.of] = struct{}{}
	}
	h.mu.Unlock()
	for t := range all {
		t.CloseIdleConnections()
	}
}

// anyEnded says whether a connection of the current transport has ended or is too old.
func (h *HTTP2) anyEnded() bool {
	h.looks.Add(1)
	now := h.config.wallClock()
	for c := range h.conns {
		if c.of == h.current && (now.Sub(c.used) >= h.config.IdleTimeout || c.peer.hasEnded(false)) {
			return true
		}
	}
	return false
}

func (h *HTTP2) dial(ctx context.Context, of *http.Transport, network, address string) (net.Conn, error) {
	ctx, cancel := context.WithTimeout(ctx, connectTimeout)
	defer cancel()
	begun := h.config.wallClock()
	conn, err := h.config.DialContext(ctx, network, address)
	if err != nil {
		return nil, err
	}
	c := &netConn{Conn: conn, transport: h, of: of, peer: newPeer(conn), used: begun}
	h.mu.Lock()
	defer h.mu.Unlock()
	h.conns[c] = struct{}{}
	return c, nil
}

// A netConn is a connection of one of net/http's transports.
type netConn struct {
	net.Conn
	transport *HTTP2
	of        *http.Transport
	peer      *peer
	used      time.Time // when it was dialled, or something was last written
}

func (c *netConn) Write(p []byte) (int, error) {
	c.transport.mu.Lock()
	// A function that was frozen may have had something to write. That does not make an old connection young.
	if now := c.transport.config.wallClock(); now.Sub(c.used) < c.transport.config.IdleTimeout {
		c.used = now
	}
	c.transport.mu.Unlock()
	return c.Conn.Write(p)
}

func (c *netConn) Close() error {
	c.transport.mu.Lock()
	delete(c.transport.conns, c)
	c.transport.mu.Unlock()
	return c.Conn.Close()
}
