package transport_test

import (
	"bufio"
	"bytes"
	"context"
	"crypto/tls"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/redis-rest/redis-rest-go/internal/client/transport"
	"github.com/redis-rest/redis-rest-go/internal/testkit/faultproxy"
)

// A clock that can be set, as the wall clock is after a machine was frozen.
type clock struct{ ahead atomic.Int64 }

func (c *clock) now() time.Time          { return time.Now().Add(time.Duration(c.ahead.Load())) }
func (c *clock) advance(d time.Duration) { c.ahead.Add(int64(d)) }

// concurrently posts so many words at the same time.
func concurrently(t *testing.T, n int, tr *transport.Transport, url string) {
	t.Helper()
	var wg sync.WaitGroup
	for range n {
		wg.Go(func() {
			ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
			defer cancel()
			got := call(ctx, tr, url, strings.NewReader("word"))
			assert.NoError(t, got.err)
			assert.Equal(t, "word", got.body)
		})
	}
	wg.Wait()
}

// Servers close idle connections. No call may be lost to that.
func TestPeerClosedIdleConnections(t *testing.T) {
	secure, roots := newTLSServer(t, nil)
	plain := serve(t, answering(echo))
	for scheme, target := range map[string]string{"http": plain.Listener.Addr().String(), "https": secure.Listener.Addr().String()} {
		t.Run(scheme, func(t *testing.T) {
			tunnel, err := faultproxy.StartTunnel(target)
			require.NoError(t, err)
			defer tunnel.Close()
			tr := newTransport(t, transport.Config{TLS: roots})
			rounds := 20
			if testing.Short() {
				rounds = 5
			}
			for range rounds {
				concurrently(t, 8, tr, scheme+"://"+tunnel.Address)
				tunnel.CloseConnections()
			}
		})
	}
}

// Connections that died without a word while the machine was frozen.
func TestWallClock(t *testing.T) {
	s := serve(t, answering(echo))
	tunnel, err := faultproxy.StartTunnel(s.Listener.Addr().String())
	require.NoError(t, err)
	defer tunnel.Close()
	var c clock
	tr := newTransport(t, transport.Config{Now: c.now})
	url := "http://" + tunnel.Address
	concurrently(t, 8, tr, url)
	tunnel.Swallow()
	c.advance(91 * time.Second)
	concurrently(t, 8, tr, url)

	// One second less, and nothing tells that they are dead.
	tunnel.Swallow()
	c.advance(89 * time.Second)
	ctx, _ := soon(t.Context())
	got := call(ctx, tr, url, nil)
	require.ErrorIs(t, got.err, context.DeadlineExceeded)
	require.Equal(t, transport.WrittenWhole, got.outcome)
}

// A connection that was dialled before the machine was frozen is too old for its first
// call.
func TestFrozenWhileDialling(t *testing.T) {
	s := serve(t, answering(echo))
	var c clock
	var dials int
	freezes := 1
	tr := newTransport(t, transport.Config{Now: c.now, DialContext: func(ctx context.Context, network, address string) (net.Conn, error) {
		conn, err := new(net.Dialer).DialContext(ctx, network, address)
		if dials++; dials <= freezes {
			c.advance(91 * time.Second)
		}
		return conn, err
	}})
	echoes(t, tr, s.URL)
	require.Equal(t, 2, dials)

	tr.CloseIdleConnections()
	freezes = 100 // or the network is slower than the limit
	echoes(t, tr, s.URL)
	require.Equal(t, 5, dials, "the third is used")
}

// A server that closes each connection at once is not dialled for ever, and nothing has
// reached it.
func TestEndedBeforeTheFirstCall(t *testing.T) {
	var dials int
	tr := newTransport(t, transport.Config{DialContext: func(context.Context, string, string) (net.Conn, error) {
		dials++
		conn, peer := net.Pipe()
		peer.Close()
		return conn, nil
	}})
	got := call(t.Context(), tr, "http://redis", strings.NewReader("x"))
	require.ErrorIs(t, got.err, io.ErrClosedPipe)
	require.Equal(t, transport.NotBegun, got.outcome)
	require.Equal(t, 3, dials)

	// A body that can be had once only does not go to another connection.
	got = call(t.Context(), tr, "http://redis", io.LimitReader(strings.NewReader("x"), 1))
	require.Error(t, got.err)
	require.Equal(t, transport.NotBegun, got.outcome)
	require.Equal(t, 4, dials)
}

// A kept connection whose end only the write finds.
func TestWriteFindsTheEnd(t *testing.T) {
	s := serve(t, answering(echo))
	var broken atomic.Bool
	tr := newTransport(t, transport.Config{DialContext: func(ctx context.Context, network, address string) (net.Conn, error) {
		c, err := new(net.Dialer).DialContext(ctx, network, address)
		broken.Store(false)
		return breakingConn{c, &broken}, err
	}})
	for i := range int64(3) {
		echoes(t, tr, s.URL)
		require.Equal(t, i+1, s.conns.Load())
		broken.Store(true)
	}
}

type breakingConn struct {
	net.Conn
	broken *atomic.Bool
}

func (c breakingConn) Write(p []byte) (int, error) {
	if c.broken.Load() {
		return 0, net.ErrClosed
	}
	return c.Conn.Write(p)
}

// What a server sends while nobody asks for it is no answer to the next request.
func TestDataOnAnIdleConnection(t *testing.T) {
	const stray = "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nstray"
	// In a record of its own, in the answer's, and behind it without a wait.
	for name, send := range map[string]func(c net.Conn, answer string, again chan struct{}){
		"later": func(c net.Conn, answer string, again chan struct{}) {
			io.WriteString(c, answer)
			<-again
			io.WriteString(c, stray)
		},
		"together":    func(c net.Conn, answer string, _ chan struct{}) { io.WriteString(c, answer+stray) },
		"right after": func(c net.Conn, answer string, _ chan struct{}) { io.WriteString(c, answer); io.WriteString(c, stray) },
	} {
		for _, scheme := range []string{"http", "https"} {
			t.Run(name+" over "+scheme, func(t *testing.T) {
				again, sent := make(chan struct{}), make(chan struct{})
				certificate, roots := newTLSServer(t, nil)
				s := serve(t, func(n int64, c net.Conn, r *bufio.Reader) {
					if scheme == "https" {
						c = tls.Server(c, &tls.Config{Certificates: certificate.TLS.Certificates})
						r = bufio.NewReader(c)
					}
					for {
						if _, _, err := request(r); err != nil {
							return
						}
						send(c, "HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nword", again)
						if n == 1 {
							close(sent)
						}
					}
				})
				tr := newTransport(t, transport.Config{TLS: roots})
				echoes(t, tr, scheme+"://"+s.Listener.Addr().String())
				if name == "later" {
					close(again)
				}
				<-sent
				echoes(t, tr, scheme+"://"+s.Listener.Addr().String())
				require.EqualValues(t, 2, s.conns.Load())
			})
		}
	}
}

// A canned connection answers the first request with what it has, and each later one
// well. Whoever reads more than there is finds the end.
type canned struct {
	net.Conn // nil
	mu       sync.Mutex
	answers  *bytes.Buffer
	written  int
	begun    chan struct{}
	closed   chan struct{}
}

func newCanned(raw []byte) *canned {
	return &canned{answers: bytes.NewBuffer(bytes.Clone(raw)), begun: make(chan struct{}), closed: make(chan struct{})}
}

const second = "HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nsecond"

func (c *canned) Write(p []byte) (int, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.written++; c.written > 1 {
		c.answers.WriteString(second)
	} else {
		close(c.begun)
	}
	return len(p), nil
}

func (c *canned) Read(p []byte) (int, error) {
	select {
	case <-c.begun: // net/http reads before it writes
	case <-c.closed:
		return 0, net.ErrClosed
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.answers.Read(p)
}

func (c *canned) Close() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	select {
	case <-c.closed:
	default:
		close(c.closed)
	}
	return nil
}

func (c *canned) SetDeadline(time.Time) error     { return nil }
func (c *canned) SetReadDeadline(time.Time) error { return nil }
func (c *canned) RemoteAddr() net.Addr            { return &net.TCPAddr{} }
func (c *canned) LocalAddr() net.Addr             { return &net.TCPAddr{} }

func TestIdleConnectionsAreClosedInTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		conns := map[string]*canned{}
		tr := newTransport(t, transport.Config{DialContext: func(_ context.Context, _, address string) (net.Conn, error) {
			conns[address] = newCanned([]byte(second))
			return conns[address], nil
		}})
		open := func(host string) bool {
			select {
			case <-conns[host+":80"].closed:
				return false
			default:
				return true
			}
		}
		for range 2 { // the second time with a timer of its own
			call(t.Context(), tr, "http://a", nil)
			time.Sleep(50 * time.Second)
			call(t.Context(), tr, "http://b", nil)
			time.Sleep(39 * time.Second)
			require.True(t, open("a"))
			time.Sleep(2 * time.Second)
			require.False(t, open("a"))
			time.Sleep(48 * time.Second)
			require.True(t, open("b"))
			time.Sleep(2 * time.Second)
			require.False(t, open("b"))
		}
	})
}

// The connections of a client that nobody holds are closed without its Close.
func TestDroppedTransport(t *testing.T) {
	gone := make(chan struct{}, 1)
	s := serve(t, func(_ int64, c net.Conn, r *bufio.Reader) {
		answering(echo)(0, c, r)
		gone <- struct{}{}
	})
	func() { echoes(t, transport.New(transport.Config{}), s.URL) }()
	require.Eventually(t, func() bool {
		runtime.GC()
		return len(gone) == 1
	}, 20*time.Second, 10*time.Millisecond)
}

// A connection that carries a long call is judged once. The newer ones beside it are kept.
func TestHTTP2KeepsConnectionsBesideAStream(t *testing.T) {
	for name, c := range map[string]struct {
		ends bool // the server has ended the stream, and nobody has read that
		wait time.Duration
	}{
		"older than the limit": {false, 91 * time.Second},
		"ended":                {true, time.Second},
	} {
		t.Run(name, func(t *testing.T) {
			ended := make(chan struct{})
			s := serve(t, func(n int64, conn net.Conn, r *bufio.Reader) {
				if n > 1 {
					answering(echo)(n, conn, r)
					return
				}
				request(r)
				io.WriteString(conn, "HTTP/1.1 200 OK\r\n\r\ndata")
				if c.ends {
					conn.Close()
				}
				close(ended)
				<-conn.(peer).over.Done()
			})
			var clock clock
			tr := transport.NewHTTP2(transport.Config{Now: clock.now})
			defer tr.CloseIdleConnections()
			req, err := http.NewRequest(http.MethodPost, s.URL, nil)
			require.NoError(t, err)
			resp, err := tr.RoundTrip(req)
			require.NoError(t, err)
			defer resp.Body.Close()
			<-ended
			clock.advance(c.wait)
			for range 3 {
				got := call(t.Context(), tr, s.URL, strings.NewReader("word"))
				require.NoError(t, got.err)
				require.Equal(t, "word", got.body)
				clock.advance(time.Second)
			}
			require.EqualValues(t, 2, s.conns.Load())
		})
	}
}

// Over HTTP/2 net/http sends calls on a connection as long as it carries a stream, which may
// have died with the connection while the machine was frozen.
func TestHTTP2BesideADeadStream(t *testing.T) {
	release := make(chan struct{})
	s := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		io.Copy(w, r.Body)
		if r.URL.Path == "/stream" {
			w.(http.Flusher).Flush()
			<-release
		}
	}))
	s.EnableHTTP2 = true
	s.StartTLS()
	defer s.Close()
	defer close(release)
	tunnel, err := faultproxy.StartTunnel(s.Listener.Addr().String())
	require.NoError(t, err)
	defer tunnel.Close()
	var clock clock
	tr := transport.NewHTTP2(transport.Config{Now: clock.now, TLS: &tls.Config{InsecureSkipVerify: true}})
	defer tr.CloseIdleConnections()
	for frozen := range int64(3) {
		req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, "https://"+tunnel.Address+"/stream", nil)
		require.NoError(t, err)
		resp, err := tr.RoundTrip(req)
		require.NoError(t, err)
		defer resp.Body.Close()
		require.Equal(t, 2, resp.ProtoMajor)
		require.Equal(t, frozen+1, tunnel.Made())
		tunnel.Swallow()
		clock.advance(91 * time.Second)
		ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
		defer cancel()
		got := call(ctx, tr, "https://"+tunnel.Address, strings.NewReader("word"))
		require.NoError(t, got.err)
		require.Equal(t, "word", got.body)
	}
}
