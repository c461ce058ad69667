package transport_test

import (
	"bufio"
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/binary"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/redis-rest/redis-rest-go/internal/client/transport"
)

// newTLSServer echoes. Its certificate is for 127.0.0.1 and example.com.
func newTLSServer(t *testing.T, config *tls.Config) (*httptest.Server, *tls.Config) {
	s := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		io.Copy(w, r.Body)
	}))
	s.TLS = config
	s.Config.ErrorLog = nil
	s.StartTLS()
	t.Cleanup(s.Close)
	roots := x509.NewCertPool()
	roots.AddCert(s.Certificate())
	return s, &tls.Config{RootCAs: roots}
}

func TestTLS(t *testing.T) {
	var resumed, full, protocols atomic.Int64
	s, roots := newTLSServer(t, &tls.Config{NextProtos: []string{"h2", "http/1.1"}, VerifyConnection: func(c tls.ConnectionState) error {
		if c.DidResume {
			resumed.Add(1)
		} else {
			full.Add(1)
		}
		if c.NegotiatedProtocol == "http/1.1" {
			protocols.Add(1)
		}
		return nil
	}})
	tr := newTransport(t, transport.Config{TLS: roots})
	for range 3 {
		for range 3 {
			echoes(t, tr, s.URL)
		}
		tr.CloseIdleConnections()
	}
	require.EqualValues(t, 1, full.Load())
	require.EqualValues(t, 2, resumed.Load(), "later handshakes resume the session")
	require.EqualValues(t, 3, protocols.Load())
	require.Nil(t, roots.ClientSessionCache, "the configuration was copied")

	got := call(t.Context(), newTransport(t, transport.Config{}), s.URL, nil)
	var unknown x509.UnknownAuthorityError
	require.ErrorAs(t, got.err, &unknown)
	require.Equal(t, transport.NotBegun, got.outcome)
}

func TestOldTLSIsRefused(t *testing.T) {
	s, roots := newTLSServer(t, &tls.Config{MinVersion: tls.VersionTLS10, MaxVersion: tls.VersionTLS11})
	roots.MinVersion = tls.VersionTLS10
	got := call(t.Context(), newTransport(t, transport.Config{TLS: roots}), s.URL, nil)
	require.ErrorContains(t, got.err, "protocol version")
	require.Equal(t, transport.NotBegun, got.outcome)
}

func TestClientCertificate(t *testing.T) {
	s, roots := newTLSServer(t, &tls.Config{ClientAuth: tls.RequireAnyClientCert})
	got := call(t.Context(), newTransport(t, transport.Config{TLS: roots}), s.URL, nil)
	require.Error(t, got.err)
	roots.Certificates = s.TLS.Certificates
	echoes(t, newTransport(t, transport.Config{TLS: roots}), s.URL)
}

// A proxy is an HTTP proxy that wants a password.
func newProxy(t *testing.T, scheme string, seen func(*http.Request)) *url.URL {
	handler := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		seen(r)
		if r.Header.Get("Proxy-Authorization") != "Basic dXNlcjpzZWNyZXQ=" {
			w.WriteHeader(http.StatusProxyAuthRequired)
			return
		}
		if r.Method != http.MethodConnect {
			io.Copy(w, r.Body)
			return
		}
		to, err := net.Dial("tcp", r.Host)
		if err != nil {
			w.WriteHeader(http.StatusBadGateway)
			return
		}
		c, buffered, err := w.(http.Hijacker).Hijack()
		if err != nil {
			return
		}
		io.WriteString(c, "HTTP/1.1 200 Connection established\r\n\r\n")
		go func() { io.Copy(to, buffered); to.Close() }()
		io.Copy(c, to)
		c.Close()
	})
	s := httptest.NewUnstartedServer(handler)
	if scheme == "https" {
		s.StartTLS()
	} else {
		s.Start()
	}
	t.Cleanup(s.Close)
	u, err := url.Parse(s.URL)
	require.NoError(t, err)
	u.User = url.UserPassword("user", "secret")
	return u
}

func TestHTTPProxies(t *testing.T) {
	target, roots := newTLSServer(t, nil)
	for _, scheme := range []string{"http", "https"} {
		var seen []string
		via := newProxy(t, scheme, func(r *http.Request) { seen = append(seen, r.Method+" "+r.RequestURI) })
		tr := newTransport(t, transport.Config{TLS: roots, Proxy: http.ProxyURL(via)})
		for range 2 {
			echoes(t, tr, target.URL)
			echoes(t, tr, "http://redis.example/pipeline")
		}
		require.Equal(t, []string{"CONNECT " + target.Listener.Addr().String(), "POST http://redis.example/pipeline", "POST http://redis.example/pipeline"}, seen,
			"the tunnel is kept")

		via.User = url.UserPassword("user", "another secret")
		got := call(t.Context(), newTransport(t, transport.Config{TLS: roots, Proxy: http.ProxyURL(via)}), target.URL, nil)
		require.ErrorContains(t, got.err, "407")
		require.NotContains(t, got.err.Error(), "secret")
		require.Equal(t, transport.NotBegun, got.outcome)
	}
}

// A connection through one proxy does not carry what is meant for another one.
func TestProxyOfEachRequest(t *testing.T) {
	var seen []string
	via := map[string]*url.URL{}
	for _, name := range []string{"a", "b"} {
		via[name] = newProxy(t, "http", func(*http.Request) { seen = append(seen, name) })
	}
	tr := newTransport(t, transport.Config{Proxy: func(r *http.Request) (*url.URL, error) {
		return via[strings.TrimPrefix(r.URL.Path, "/")], nil
	}})
	for _, name := range []string{"a", "b", "a"} {
		echoes(t, tr, "http://redis.example/"+name)
	}
	require.Equal(t, []string{"a", "b", "a"}, seen)

	wrong := newTransport(t, transport.Config{Proxy: func(*http.Request) (*url.URL, error) { return nil, errAny }})
	got := call(t.Context(), wrong, "http://redis.example", nil)
	require.ErrorIs(t, got.err, errAny)
	require.Equal(t, transport.NotBegun, got.outcome)
}

func TestProxiesThatFail(t *testing.T) {
	for name, c := range map[string]struct {
		scheme string
		handle func(int64, net.Conn, *bufio.Reader)
	}{
		"it closes":             {"http", readAndClose},
		"no HTTP":               {"http", answerAndClose("what?\r\n\r\n")},
		"more than asked for":   {"http", answerAndClose("HTTP/1.1 200 OK\r\n\r\nHTTP/1.1 200 OK\r\n\r\n")},
		"a head without an end": {"http", answerAndClose("HTTP/1.1 200 OK\r\nX: " + strings.Repeat("x", 2<<20) + "\r\n\r\n")},
		"no SOCKS": {"socks5", func(_ int64, c net.Conn, _ *bufio.Reader) {
			io.WriteString(c, "HTTP/1.1 400 Bad Request\r\n\r\n")
		}},
		"not a proxy's scheme": {"ftp", readAndClose},
	} {
		s := serve(t, c.handle)
		via := &url.URL{Scheme: c.scheme, Host: s.Listener.Addr().String(), User: url.UserPassword("user", "secret")}
		got := call(t.Context(), newTransport(t, transport.Config{Proxy: http.ProxyURL(via)}), "https://redis.example", nil)
		assert.Error(t, got.err, name)
		assert.NotContains(t, got.err.Error(), "secret", name)
		assert.Equal(t, transport.NotBegun, got.outcome, name)
	}

	// Nothing of such a connection is left.
	gone := make(chan error, 1)
	refusing := serve(t, func(_ int64, c net.Conn, r *bufio.Reader) {
		request(r)
		io.WriteString(c, "HTTP/1.1 407 Proxy Authentication Required\r\n\r\n")
		_, err := r.ReadByte()
		gone <- err
	})
	via := &url.URL{Scheme: "http", Host: refusing.Listener.Addr().String()}
	got := call(t.Context(), newTransport(t, transport.Config{Proxy: http.ProxyURL(via)}), "https://redis.example", nil)
	require.ErrorContains(t, got.err, "407")
	require.Error(t, <-gone)

	// A proxy that says nothing is not waited for longer than the call may take.
	s := serve(t, hold)
	for _, scheme := range []string{"http", "https", "socks5"} {
		ctx, _ := soon(t.Context())
		via := &url.URL{Scheme: scheme, Host: s.Listener.Addr().String()}
		got := call(ctx, newTransport(t, transport.Config{Proxy: http.ProxyURL(via)}), "https://redis.example", nil)
		assert.ErrorIs(t, got.err, context.DeadlineExceeded, scheme)
		assert.Equal(t, transport.NotBegun, got.outcome, scheme)
	}
}

// A proxy that says nothing fails a call without a deadline too.
func TestSilentProxy(t *testing.T) {
	for _, scheme := range []string{"http", "https", "socks5"} {
		synctest.Test(t, func(t *testing.T) {
			conn, proxy := net.Pipe()
			go io.Copy(io.Discard, proxy)
			via := &url.URL{Scheme: scheme, Host: "proxy"}
			tr := newTransport(t, transport.Config{Proxy: http.ProxyURL(via), DialContext: func(context.Context, string, string) (net.Conn, error) { return conn, nil }})
			begun := time.Now()
			got := call(context.Background(), tr, "https://redis.example", nil)
			require.ErrorIs(t, got.err, context.DeadlineExceeded)
			require.Equal(t, transport.NotBegun, got.outcome)
			require.Equal(t, 15*time.Second, time.Since(begun))
		})
	}
}

// socks speaks as much SOCKS5 as it takes to connect with a password (RFC 1928 and 1929).
func socks(_ int64, c net.Conn, r *bufio.Reader) {
	read := func() []byte {
		n, _ := r.ReadByte()
		data := make([]byte, n)
		io.ReadFull(r, data)
		return data
	}
	r.ReadByte()
	read()
	c.Write([]byte{5, 2})
	r.ReadByte()
	if user, password := read(), read(); string(user)+":"+string(password) != "user:secret" {
		c.Write([]byte{1, 1})
		return
	}
	c.Write([]byte{1, 0})
	head := make([]byte, 4)
	io.ReadFull(r, head)
	host := ""
	if head[3] == 1 {
		ip := make(net.IP, 4)
		io.ReadFull(r, ip)
		host = ip.String()
	} else {
		host = string(read())
	}
	var port uint16
	binary.Read(r, binary.BigEndian, &port)
	to, err := net.Dial("tcp", net.JoinHostPort(host, strconv.Itoa(int(port))))
	if err != nil {
		c.Write([]byte{5, 5, 0, 1, 0, 0, 0, 0, 0, 0})
		return
	}
	c.Write([]byte{5, 0, 0, 1, 0, 0, 0, 0, 0, 0})
	go func() { io.Copy(to, r); to.Close() }()
	io.Copy(c, to)
}

func TestSOCKS(t *testing.T) {
	secure, roots := newTLSServer(t, nil)
	plain := serve(t, answering(echo))
	s := serve(t, socks)
	for _, scheme := range []string{"socks5", "socks5h"} {
		via := &url.URL{Scheme: scheme, Host: s.Listener.Addr().String(), User: url.UserPassword("user", "secret")}
		tr := newTransport(t, transport.Config{TLS: roots, Proxy: http.ProxyURL(via)})
		for range 2 {
			echoes(t, tr, secure.URL)
			echoes(t, tr, plain.URL)
		}
		got := call(t.Context(), tr, "http://127.0.0.1:1", nil)
		require.Error(t, got.err)
		require.Equal(t, transport.NotBegun, got.outcome)
	}
	require.EqualValues(t, 6, s.conns.Load())
}

// The environment is read once in a process, so a child reads it.
func TestProxyOfTheEnvironment(t *testing.T) {
	var seen atomic.Int64
	via := newProxy(t, "http", func(*http.Request) { seen.Add(1) })
	for name, c := range map[string]struct {
		env     []string
		proxied int64
		refused bool
	}{
		"HTTP_PROXY":            {[]string{"HTTP_PROXY=" + via.String()}, 1, false},
		"NO_PROXY":              {[]string{"HTTP_PROXY=" + via.String(), "NO_PROXY=0.0.0.0"}, 0, false},
		"HTTP_PROXY under CGI":  {[]string{"HTTP_PROXY=" + via.String(), "REQUEST_METHOD=GET"}, 0, true},
		"ALL_PROXY is not read": {[]string{"ALL_PROXY=" + via.String()}, 0, false},
	} {
		t.Run(name, func(t *testing.T) {
			seen.Store(0)
			child := exec.CommandContext(t.Context(), os.Args[0])
			child.Env = append(c.env, "TRANSPORT_CHILD=proxy", "GOCOVERDIR="+t.TempDir()) // else it warns, with -cover
			out, err := child.CombinedOutput()
			require.NoError(t, err, "%s", out)
			require.Equal(t, c.proxied, seen.Load())
			require.Equal(t, c.proxied == 1, string(out) == "word", "%s", out)
			require.Equal(t, c.refused, strings.Contains(string(out), "refusing to use HTTP_PROXY"), "%s", out)
		})
	}
}

// A variable that is not a URL is not quoted: it may hold a password.
func TestMalformedProxyOfTheEnvironment(t *testing.T) {
	for _, value := range []string{"http://user:se%cret@0.0.0.0:1", "http://user:se cret@0.0.0.0:1", "http://0.0.0.0:se-cret", "http:/user:se-cret@0.0.0.0:1", "socks4://user:se-cret@0.0.0.0:1"} {
		child := exec.CommandContext(t.Context(), os.Args[0])
		child.Env = []string{"HTTP_PROXY=" + value, "TRANSPORT_CHILD=proxy"}
		out, err := child.CombinedOutput()
		require.NoError(t, err)
		require.NotContains(t, string(out), "cret", value)
		require.NotEmpty(t, out)
	}
}

func proxyChild() {
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	defer cancel()
	got := call(ctx, transport.New(transport.Config{}), "http://0.0.0.0:1", strings.NewReader("word"))
	if got.err != nil {
		fmt.Print(got.err)
		return
	}
	fmt.Print(got.body)
}
