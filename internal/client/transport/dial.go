package transport

import (
	"bufio"
	"cmp"
	"context"
	"crypto/tls"
	"encoding/base64"
	"fmt"
	"io"
	"math"
	"net"
	"net/http"
	"net/http/httptrace"
	"net/url"
	"time"

	"golang.org/x/net/proxy"
)

// connectTimeout limits everything that it takes to make a connection.
const connectTimeout = 15 * time.Second

// dial makes a connection to the host of u, over the proxy via if it is not nil.
func (t *Transport) dial(ctx context.Context, r route, u, via *url.URL) (*conn, error) {
	deadline := time.Now().Add(connectTimeout)
	if d, ok := ctx.Deadline(); ok && d.Before(deadline) {
		deadline = d
	}
	ctx, cancel := context.WithDeadline(ctx, deadline) // it has a timer, which a Call has not
	defer cancel()
	c := &conn{pool: &t.pool, route: r, since: t.pool.now()}
	first := u
	if via != nil {
		first = via
	}
	raw, err := t.config.DialContext(ctx, "tcp", address(first))
	if err != nil {
		return nil, err
	}
	c.Conn, c.left = raw, math.MaxInt64
	c.stream, c.abort = &c.socket, func() { raw.Close() }
	c.peer = newPeer(raw)
	defer context.AfterFunc(ctx, c.abort)()
	if err := t.reach(ctx, c, u, via); err != nil {
		c.abort()
		return nil, explain(ctx, err)
	}
	c.r = bufio.NewReader(c.stream)
	return c, nil
}

// reach goes from the socket to the host of u: through the proxy, and into TLS.
func (t *Transport) reach(ctx context.Context, c *conn, u, via *url.URL) (err error) {
	if via != nil {
		switch via.Scheme {
		case "https":
			if err = t.startTLS(ctx, c, via.Hostname()); err != nil {
				return err
			}
			fallthrough
		case "http":
			if u.Scheme == "https" {
				err = tunnel(c.stream, u, via)
			} else {
				c.proxy = via
			}
		case "socks5", "socks5h":
			err = throughSOCKS(ctx, c.stream, u, via)
		default:
			err = fmt.Errorf("a proxy cannot have the scheme %q", via.Scheme)
		}
	}
	if err == nil && u.Scheme == "https" {
		err = t.startTLS(ctx, c, u.Hostname())
	}
	return err
}

func (t *Transport) startTLS(ctx context.Context, c *conn, host string) error {
	config := t.config.TLS
	if config.ServerName == "" {
		config = config.Clone()
		config.ServerName = host
	}
	secure := tls.Client(c.stream, config)
	c.stream = secure
	trace := httptrace.ContextClientTrace(ctx)
	if trace != nil && trace.TLSHandshakeStart != nil {
		trace.TLSHandshakeStart()
	}
	err := secure.HandshakeContext(ctx)
	if trace != nil && trace.TLSHandshakeDone != nil {
		trace.TLSHandshakeDone(secure.ConnectionState(), err)
	}
	return err
}

// tunnel has an HTTP proxy pass on the stream (RFC 9110, section 9.3.6).
func tunnel(stream net.Conn, u, via *url.URL) error {
	req := &http.Request{Method: http.MethodConnect, URL: &url.URL{Opaque: address(u)}, Host: address(u), Header: http.Header{}}
	authorize(req.Header, via)
	if err := req.Write(stream); err != nil {
		return err
	}
	r := bufio.NewReader(io.LimitReader(stream, maxHead))
	resp, err := http.ReadResponse(r, req)
	if err != nil {
		return fmt.Errorf("the proxy's answer: %w", err)
	}
	if resp.StatusCode != http.StatusOK || r.Buffered() > 0 {
		return fmt.Errorf("the proxy answered CONNECT with status %d", resp.StatusCode)
	}
	return nil
}

func authorize(h http.Header, via *url.URL) {
	if via.User != nil {
		password, _ := via.User.Password()
		h.Set("Proxy-Authorization", "Basic "+base64.StdEncoding.EncodeToString([]byte(via.User.Username()+":"+password)))
	}
}

func throughSOCKS(ctx context.Context, stream net.Conn, u, via *url.URL) error {
	dialer, err := proxy.FromURL(via, nil)
	if err != nil {
		return err
	}
	_, err = dialer.(interface {
		DialWithConn(context.Context, net.Conn, string, string) (net.Addr, error)
	}).DialWithConn(ctx, stream, "tcp", address(u))
	return err
}

func address(u *url.URL) string {
	const socks = "1080"
	port := cmp.Or(u.Port(), map[string]string{"http": "80", "https": "443"}[u.Scheme], socks)
	return net.JoinHostPort(u.Hostname(), port)
}
