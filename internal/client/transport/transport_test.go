package transport_test

import (
	"bufio"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"path/filepath"
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
)

// A server serves raw connections.
type server struct {
	net.Listener
	URL   string
	conns atomic.Int64
}

// serve calls handle for each connection, in order from 1, and closes it then.
func serve(t *testing.T, handle func(n int64, c net.Conn, r *bufio.Reader)) *server {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	return serveOn(t, l, handle)
}

func serveOn(t *testing.T, l net.Listener, handle func(n int64, c net.Conn, r *bufio.Reader)) *server {
	s := &server{Listener: l, URL: "http://" + l.Addr().String()}
	done, cancel := context.WithCancel(context.Background())
	var wg sync.WaitGroup
	wg.Go(func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			n := s.conns.Add(1)
			wg.Go(func() {
				defer c.Close()
				defer context.AfterFunc(done, func() { c.Close() })()
				handle(n, peer{c, done}, bufio.NewReader(c))
			})
		}
	})
	t.Cleanup(func() {
		l.Close()
		cancel()
		wg.Wait()
	})
	return s
}

// A peer is the server's side of a connection.
type peer struct {
	net.Conn
	over context.Context // ends with the test
}

// request reads a request to its end.
func request(r *bufio.Reader) (*http.Request, string, error) {
	req, err := http.ReadRequest(r)
	if err != nil {
		return nil, "", err
	}
	data, err := io.ReadAll(req.Body)
	return req, string(data), err
}

// answering answers each request with raw, in which %s is the request's body.
func answering(raw string) func(int64, net.Conn, *bufio.Reader) {
	return func(_ int64, c net.Conn, r *bufio.Reader) {
		for {
			_, data, err := request(r)
			if err != nil {
				return
			}
			if strings.Contains(raw, "%s") {
				fmt.Fprintf(c, raw, len(data), data)
			} else {
				io.WriteString(c, raw)
			}
		}
	}
}

const echo = "HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%s"

// newTransport leaves no idle connections after the test.
func newTransport(t testing.TB, c transport.Config) *transport.Transport {
	tr := transport.New(c)
	t.Cleanup(tr.CloseIdleConnections)
	return tr
}

// A result is what a call brought.
type result struct {
	resp    *http.Response // nil where there is none
	body    string
	err     error // of the round trip, or else of the body
	outcome transport.Outcome
}

// call posts a body, and reads the answer to its end.
func call(ctx context.Context, rt http.RoundTripper, url string, body io.Reader) result {
	c := &transport.Call{Context: ctx}
	req, err := http.NewRequestWithContext(c, http.MethodPost, url, body)
	if err != nil {
		return result{err: err}
	}
	return do(rt, req, c)
}

func do(rt http.RoundTripper, req *http.Request, c *transport.Call) (r result) {
	r.resp, r.err = rt.RoundTrip(req)
	r.outcome = c.Outcome()
	if r.err == nil {
		defer r.resp.Body.Close()
		var data []byte
		data, r.err = io.ReadAll(r.resp.Body)
		r.body = string(data)
	}
	return r
}

// echoes posts a word and expects it back.
func echoes(t *testing.T, rt http.RoundTripper, url string) {
	t.Helper()
	got := call(t.Context(), rt, url, strings.NewReader("word"))
	require.NoError(t, got.err)
	require.Equal(t, "word", got.body)
	require.Equal(t, transport.AnswerBegun, got.outcome)
}

func TestRequestIsOneWrite(t *testing.T) {
	s := serve(t, answering(echo))
	var writes atomic.Int64
	tr := newTransport(t, transport.Config{DialContext: func(ctx context.Context, network, address string) (net.Conn, error) {
		c, err := new(net.Dialer).DialContext(ctx, network, address)
		return countingConn{c, &writes}, err
	}})
	for _, size := range []int{0, 1, 4 << 10, 60 << 10, 1 << 20} {
		writes.Store(0)
		body := strings.Repeat("x", size)
		got := call(t.Context(), tr, s.URL, strings.NewReader(body))
		require.NoError(t, got.err)
		require.True(t, got.body == body)
		require.LessOrEqual(t, writes.Load(), int64(size/(64<<10)+1))
	}
	require.EqualValues(t, 1, s.conns.Load())
}

type countingConn struct {
	net.Conn
	writes *atomic.Int64
}

func (c countingConn) Write(p []byte) (int, error) {
	c.writes.Add(1)
	return c.Conn.Write(p)
}

func TestWhatIsSent(t *testing.T) {
	requests := make(chan *http.Request, 1)
	s := serve(t, func(_ int64, c net.Conn, r *bufio.Reader) {
		for {
			req, _, err := request(r)
			if err != nil {
				return
			}
			requests <- req
			io.WriteString(c, "HTTP/1.1 204 No Content\r\n\r\n")
		}
	})
	tr := newTransport(t, transport.Config{})
	req, err := http.NewRequest(http.MethodPost, s.URL+"/a%2Fb?c=d", strings.NewReader("x"))
	require.NoError(t, err)
	req.Header.Set("Authorization", "Bearer t")
	req.Header.Set("X-Lines", "a\r\nInjected: b")
	resp, err := tr.RoundTrip(req)
	require.NoError(t, err)
	require.Equal(t, 204, resp.StatusCode)
	sent := <-requests
	assert.Equal(t, "/a%2Fb?c=d", sent.RequestURI)
	assert.Equal(t, s.Listener.Addr().String(), sent.Host)
	assert.EqualValues(t, 1, sent.ContentLength)
	assert.Equal(t, "Bearer t", sent.Header.Get("Authorization"))
	assert.Empty(t, sent.Header.Get("Injected"))

	// A body whose length is not known, as a round tripper in between may make it.
	req, err = http.NewRequest(http.MethodPost, s.URL, io.MultiReader(strings.NewReader("abc"), strings.NewReader("def")))
	require.NoError(t, err)
	resp, err = tr.RoundTrip(req)
	require.NoError(t, err)
	require.Equal(t, 204, resp.StatusCode)
	assert.Equal(t, []string{"chunked"}, (<-requests).TransferEncoding)
	require.EqualValues(t, 1, s.conns.Load())
}

// Each way in which a call can end, and what is known then.
func TestOutcomes(t *testing.T) {
	large := strings.Repeat("x", 16<<20) // more than the buffers of two sockets
	for name, c := range map[string]struct {
		handle  func(n int64, c net.Conn, r *bufio.Reader)
		body    io.Reader
		ctx     func(context.Context) (context.Context, context.CancelFunc)
		url     string
		outcome transport.Outcome
		is      error
	}{
		"answered":                 {handle: answering(echo), outcome: transport.AnswerBegun},
		"nobody listens":           {url: "http://127.0.0.1:1", outcome: transport.NotBegun, is: errAny},
		"no host":                  {url: "http:///x", outcome: transport.NotBegun, is: errAny},
		"another scheme":           {url: "ftp://x", outcome: transport.NotBegun, is: errAny},
		"ended before":             {handle: answering(echo), ctx: cancelled, outcome: transport.NotBegun, is: context.Canceled},
		"late before":              {handle: answering(echo), ctx: late, outcome: transport.NotBegun, is: context.DeadlineExceeded},
		"closed on the request":    {handle: readAndClose, outcome: transport.WrittenWhole, is: io.ErrUnexpectedEOF},
		"reset in the request":     {handle: resetEarly, body: strings.NewReader(large), outcome: transport.WrittenInPart, is: errAny},
		"not read to its end":      {handle: hold, body: strings.NewReader(large), ctx: soon, outcome: transport.WrittenInPart, is: context.DeadlineExceeded},
		"no answer":                {handle: hold, ctx: soon, outcome: transport.WrittenWhole, is: context.DeadlineExceeded},
		"a byte of an answer":      {handle: answerAndClose("HTTP/1.1 200 OK\r\nX: y\r\n"), outcome: transport.AnswerBegun, is: io.ErrUnexpectedEOF},
		"an answer cut short":      {handle: answerAndClose("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nabc"), outcome: transport.AnswerBegun, is: io.ErrUnexpectedEOF},
		"only 100":                 {handle: answerAndClose("HTTP/1.1 100 Continue\r\n\r\n"), outcome: transport.AnswerBegun, is: io.ErrUnexpectedEOF},
		"a body that fails":        {handle: hold, body: &failing{left: 1 << 20}, outcome: transport.WrittenInPart, is: errAny},
		"refused while it is sent": {handle: refuseEarly, body: strings.NewReader(large), outcome: transport.AnswerBegun},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			url := c.url
			if c.handle != nil {
				url = serve(t, c.handle).URL
			}
			ctx := t.Context()
			if c.ctx != nil {
				limited, cancel := c.ctx(ctx)
				defer cancel()
				ctx = limited
			}
			body := c.body
			if body == nil {
				body = strings.NewReader("word")
			}
			got := call(ctx, newTransport(t, transport.Config{}), url, body)
			assert.Equal(t, c.outcome, got.outcome, "%v", got.err)
			switch c.is {
			case nil:
				assert.NoError(t, got.err)
			case errAny:
				assert.Error(t, got.err)
			default:
				assert.ErrorIs(t, got.err, c.is)
			}
		})
	}
}

var errAny = errors.New("any error")

func cancelled(ctx context.Context) (context.Context, context.CancelFunc) {
	ctx, cancel := context.WithCancel(ctx)
	cancel()
	return ctx, cancel
}

// late is over, and no timer has told anybody.
func late(ctx context.Context) (context.Context, context.CancelFunc) {
	return &transport.Call{Context: ctx, Limit: time.Now()}, func() {}
}

func soon(ctx context.Context) (context.Context, context.CancelFunc) {
	return &transport.Call{Context: ctx, Limit: time.Now().Add(100 * time.Millisecond)}, func() {}
}

func readAndClose(_ int64, _ net.Conn, r *bufio.Reader) { request(r) }

// hold reads a little and then nothing more.
func hold(_ int64, c net.Conn, r *bufio.Reader) {
	r.ReadByte()
	<-c.(peer).over.Done()
}

func resetEarly(_ int64, c net.Conn, r *bufio.Reader) {
	r.ReadByte()
	c.(peer).Conn.(*net.TCPConn).SetLinger(0)
}

func answerAndClose(raw string) func(int64, net.Conn, *bufio.Reader) {
	return func(_ int64, c net.Conn, r *bufio.Reader) {
		request(r)
		io.WriteString(c, raw)
	}
}

// refuseEarly answers a request of which it has read the head only.
func refuseEarly(_ int64, c net.Conn, r *bufio.Reader) {
	if _, err := http.ReadRequest(r); err == nil {
		io.WriteString(c, "HTTP/1.1 413 Content Too Large\r\nContent-Length: 3\r\nConnection: close\r\n\r\nbig")
	}
}

type failing struct {
	left int
	when <-chan struct{} // nil for at once
}

func (f *failing) Read(p []byte) (int, error) {
	if f.left == 0 {
		if f.when != nil {
			<-f.when
		}
		return 0, errAny
	}
	n := min(f.left, len(p))
	f.left -= n
	return n, nil
}

func TestAnswerBeforeTheRequestIsWritten(t *testing.T) {
	s := serve(t, refuseEarly)
	tr := newTransport(t, transport.Config{})
	got := call(t.Context(), tr, s.URL, strings.NewReader(strings.Repeat("x", 16<<20)))
	require.NoError(t, got.err)
	require.Equal(t, 413, got.resp.StatusCode)
	require.Equal(t, "big", got.body)
	call(t.Context(), tr, s.URL, nil)
	require.EqualValues(t, 2, s.conns.Load(), "a connection with half a request on it is not used again")
}

// What came next on such a connection would be the rest of the body.
func TestAnswerBeforeTheBodyFailed(t *testing.T) {
	answered := make(chan struct{}, 1)
	s := serve(t, func(_ int64, c net.Conn, r *bufio.Reader) {
		if _, err := http.ReadRequest(r); err == nil {
			io.WriteString(c, "HTTP/1.1 400 Bad Request\r\nContent-Length: 3\r\n\r\nbad")
			answered <- struct{}{}
			io.Copy(io.Discard, r)
		}
	})
	var deadline time.Time
	tr := newTransport(t, transport.Config{DialContext: func(ctx context.Context, network, address string) (net.Conn, error) {
		c, err := new(net.Dialer).DialContext(ctx, network, address)
		return deadlineConn{c, &deadline}, err
	}})
	for i := range int64(2) {
		got := call(t.Context(), tr, s.URL, &failing{left: 1 << 20, when: answered})
		require.NoError(t, got.err)
		require.Equal(t, "bad", got.body)
		require.True(t, deadline.IsZero(), "there is time for the body")
		require.Equal(t, i+1, s.conns.Load())
	}
}

// A deadlineConn remembers its deadline for reads.
type deadlineConn struct {
	net.Conn
	deadline *time.Time
}

func (c deadlineConn) SetReadDeadline(t time.Time) error {
	*c.deadline = t
	return c.Conn.SetReadDeadline(t)
}

// A body that is not as long as it was said would be read as a request of its own.
func TestBodyOfAnotherLength(t *testing.T) {
	var requests atomic.Int64
	s := serve(t, func(_ int64, _ net.Conn, r *bufio.Reader) {
		for {
			if _, _, err := request(r); err != nil {
				return
			}
			requests.Add(1)
		}
	})
	tr := newTransport(t, transport.Config{})
	for _, body := range []string{"abc", "abcdefgh"} {
		c := &transport.Call{Context: t.Context()}
		req, err := http.NewRequestWithContext(c, http.MethodPost, s.URL, strings.NewReader(body))
		require.NoError(t, err)
		req.ContentLength = 5
		got := do(tr, req, c)
		require.Error(t, got.err)
		require.Equal(t, transport.NotBegun, got.outcome)
	}
	require.Zero(t, requests.Load())
}

type roundTripper func(*http.Request) (*http.Response, error)

func (f roundTripper) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

// What a round tripper around the transport does is seen through.
func TestOutcomeThroughRoundTrippers(t *testing.T) {
	tr := newTransport(t, transport.Config{})
	good, closing := serve(t, answering(echo)), serve(t, readAndClose)
	const dead = "http://127.0.0.1:1"
	to := func(r *http.Request, url string) (*http.Response, error) {
		again, err := http.NewRequestWithContext(r.Context(), r.Method, url, strings.NewReader("x"))
		if err != nil {
			return nil, err
		}
		return tr.RoundTrip(again)
	}
	inFlight := make(chan struct{})
	for name, c := range map[string]struct {
		rt      roundTripper
		outcome transport.Outcome
	}{
		"passes on": {func(r *http.Request) (*http.Response, error) { return to(r, dead) }, transport.NotBegun},
		"tries again": {func(r *http.Request) (*http.Response, error) {
			to(r, closing.URL)
			return to(r, dead)
		}, transport.WrittenWhole},
		"tries again with success": {func(r *http.Request) (*http.Response, error) {
			to(r, dead)
			return to(r, good.URL)
		}, transport.AnswerBegun},
		"sends nothing": {func(*http.Request) (*http.Response, error) { return nil, errAny }, transport.Unknown},
		"has a context of its own": {func(r *http.Request) (*http.Response, error) {
			return to(r.WithContext(context.Background()), dead)
		}, transport.Unknown},
		"has a context around the call's": {func(r *http.Request) (*http.Response, error) {
			ctx, cancel := context.WithTimeout(r.Context(), time.Minute)
			defer cancel()
			return to(r.WithContext(ctx), dead)
		}, transport.NotBegun},
		"does not wait for a second try": {func(r *http.Request) (*http.Response, error) {
			to(r, dead)
			held := serve(t, func(_ int64, _ net.Conn, r *bufio.Reader) {
				request(r)
				close(inFlight)
				r.ReadByte()
			})
			ctx, cancel := context.WithCancel(r.Context())
			t.Cleanup(cancel)
			go to(r.WithContext(ctx), held.URL)
			<-inFlight
			return nil, errAny
		}, transport.Unknown},
	} {
		t.Run(name, func(t *testing.T) {
			require.Equal(t, c.outcome, call(t.Context(), c.rt, "http://x", strings.NewReader("x")).outcome)
		})
	}
}

func TestConnectionsAreKept(t *testing.T) {
	var gone atomic.Int64
	release := make(chan struct{})
	s := serve(t, func(n int64, c net.Conn, r *bufio.Reader) {
		defer gone.Add(1)
		for {
			_, data, err := request(r)
			if err != nil {
				return
			}
			if data == "hold" {
				<-release
			}
			fmt.Fprintf(c, "HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\n%d", n)
		}
	})
	tr := newTransport(t, transport.Config{MaxIdleConns: 2})
	which := func(body string) string { return call(t.Context(), tr, s.URL, strings.NewReader(body)).body }
	require.Equal(t, "1", which("x"))
	require.Equal(t, "1", which("x"))

	// Three at the same time take three connections, of which the limit lets two stay.
	var wg sync.WaitGroup
	for i := range 3 {
		wg.Go(func() { which("hold") })
		require.Eventually(t, func() bool { return s.conns.Load() == int64(i+1) }, 5*time.Second, time.Millisecond)
	}
	release <- struct{}{} // in no certain order
	release <- struct{}{}
	release <- struct{}{}
	wg.Wait()
	require.Eventually(t, func() bool { return gone.Load() == 1 }, 5*time.Second, time.Millisecond)
	last := which("x")
	for range 3 {
		require.Equal(t, last, which("x"), "the one that was used last is used first")
	}
	require.EqualValues(t, 3, s.conns.Load())

	tr.CloseIdleConnections()
	require.Equal(t, "4", which("x"))
}

func TestConnectionsThatAreNotKept(t *testing.T) {
	for name, raw := range map[string]string{
		"Connection: close":      "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok",
		"HTTP/1.0":               "HTTP/1.0 200 OK\r\nContent-Length: 2\r\n\r\nok",
		"data after the answer":  "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nokHTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nno",
		"data after no body":     "HTTP/1.1 204 No Content\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nno",
		"data after the trailer": "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\nno",
	} {
		t.Run(name, func(t *testing.T) {
			s := serve(t, answering(raw))
			tr := newTransport(t, transport.Config{})
			for i := range int64(3) {
				got := call(t.Context(), tr, s.URL, nil)
				require.NoError(t, got.err)
				require.NotContains(t, got.body, "no")
				require.Equal(t, i+1, s.conns.Load())
			}
		})
	}
}

func TestRequestThatClosesItsConnection(t *testing.T) {
	s := serve(t, answering(echo))
	tr := newTransport(t, transport.Config{})
	for i := range int64(2) {
		req, err := http.NewRequest(http.MethodPost, s.URL, nil)
		require.NoError(t, err)
		req.Close = true
		_, err = tr.RoundTrip(req)
		require.NoError(t, err)
		require.Equal(t, i+1, s.conns.Load())
	}
}

func TestBodyThatIsMalformed(t *testing.T) {
	s := serve(t, answering("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n"))
	tr := newTransport(t, transport.Config{})
	for i := range int64(2) {
		require.Error(t, call(t.Context(), tr, s.URL, nil).err)
		require.Equal(t, i+1, s.conns.Load())
	}
}

// The context's end closes the connection, however late it comes.
func TestCancelledWithTheLastByte(t *testing.T) {
	s := serve(t, answering("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"))
	ctx, cancel := context.WithCancel(t.Context())
	tr := newTransport(t, transport.Config{DialContext: func(ctx context.Context, network, address string) (net.Conn, error) {
		c, err := new(net.Dialer).DialContext(ctx, network, address)
		return tellingConn{c, cancel}, err
	}})
	call(ctx, tr, s.URL, nil)
	got := call(t.Context(), tr, s.URL, nil)
	require.NoError(t, got.err)
	require.EqualValues(t, 2, s.conns.Load())
}

// A body that the caller does not read to its end would be in the way of the next answer.
func TestBodyNotReadToItsEnd(t *testing.T) {
	s := serve(t, answering("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello"))
	tr := newTransport(t, transport.Config{})
	for i := range int64(3) {
		req, err := http.NewRequest(http.MethodPost, s.URL, nil)
		require.NoError(t, err)
		resp, err := tr.RoundTrip(req)
		require.NoError(t, err)
		_, err = io.ReadFull(resp.Body, make([]byte, 4))
		require.NoError(t, err)
		require.NoError(t, resp.Body.Close())
		_, err = resp.Body.Read(make([]byte, 4))
		require.ErrorIs(t, err, http.ErrBodyReadAfterClose)
		require.Equal(t, i+1, s.conns.Load())
	}
}

func TestOtherAnswers(t *testing.T) {
	for name, c := range map[string]struct {
		raw     string
		body    string
		status  int
		trailer string
		kept    bool
	}{
		"100 before":       {"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok", "ok", 200, "", true},
		"chunks":           {"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3;ext=1\r\nabc\r\n2\r\nde\r\n0\r\n\r\n", "abcde", 200, "", true},
		"a trailer":        {"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nTrailer: X-Sum\r\n\r\n1\r\na\r\n0\r\nX-Sum: 7\r\n\r\n", "a", 200, "7", true},
		"no body":          {"HTTP/1.1 204 No Content\r\n\r\n", "", 204, "", true},
		"until the end":    {"HTTP/1.1 200 OK\r\n\r\nall of it", "all of it", 200, "", false},
		"1.0, kept":        {"HTTP/1.0 200 OK\r\nConnection: keep-alive\r\nContent-Length: 2\r\n\r\nok", "ok", 200, "", true},
		"a large head":     {"HTTP/1.1 200 OK\r\nX: " + strings.Repeat("x", 900<<10) + "\r\nContent-Length: 2\r\n\r\nok", "ok", 200, "", true},
		"a redirect":       {"HTTP/1.1 307 Temporary Redirect\r\nLocation: http://x/\r\nContent-Length: 0\r\n\r\n", "", 307, "", true},
		"an odd status":    {"HTTP/1.1 799 \r\nContent-Length: 0\r\n\r\n", "", 799, "", true},
		"a long body":      {"HTTP/1.1 200 OK\r\nContent-Length: 2000000\r\n\r\n" + strings.Repeat("x", 2000000), strings.Repeat("x", 2000000), 200, "", true},
		"many small parts": {"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + strings.Repeat("1\r\nx\r\n", 5000) + "0\r\n\r\n", strings.Repeat("x", 5000), 200, "", true},
	} {
		t.Run(name, func(t *testing.T) {
			s := serve(t, func(_ int64, conn net.Conn, r *bufio.Reader) {
				for {
					if _, _, err := request(r); err != nil {
						return
					}
					io.WriteString(conn, c.raw)
					if !c.kept {
						return
					}
				}
			})
			tr := newTransport(t, transport.Config{})
			for range 2 {
				got := call(t.Context(), tr, s.URL, nil)
				require.NoError(t, got.err)
				require.True(t, c.body == got.body)
				require.Equal(t, c.status, got.resp.StatusCode)
				require.Equal(t, c.trailer, got.resp.Trailer.Get("X-Sum"))
			}
			require.Equal(t, c.kept, s.conns.Load() == 1)
		})
	}
}

// Nobody has asked for another protocol, so what follows such a head has no known meaning.
func TestAnswersInAnotherProtocol(t *testing.T) {
	for _, line := range []string{"HTTP/2.0 200 OK", "HTTP/0.9 200 OK", "HTTP/1.1 099 x", "HTTP/1.1 101 Switching Protocols"} {
		s := serve(t, answering(line+"\r\nContent-Length: 2\r\n\r\nok"))
		got := call(t.Context(), newTransport(t, transport.Config{}), s.URL, nil)
		require.ErrorContains(t, got.err, "the answer is HTTP/", line)
		require.Equal(t, transport.AnswerBegun, got.outcome)
	}
}

// A head without an end is not read for ever.
func TestHeadLimit(t *testing.T) {
	for name, c := range map[string]struct{ begin, again string }{
		"one line":   {"HTTP/1.1 200 OK\r\nX: ", "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"},
		"many lines": {"HTTP/1.1 200 OK\r\n", "X: xxxxxxxxxxxxxxxxxxxxxxxxxxxxxx\r\n"},
		"1xx":        {"", "HTTP/1.1 100 Continue\r\n\r\n"},
		"empty":      {"HTTP/1.1 200 ", "                                 "},
	} {
		t.Run(name, func(t *testing.T) {
			s := serve(t, func(_ int64, conn net.Conn, r *bufio.Reader) {
				request(r)
				io.WriteString(conn, c.begin)
				for again := strings.Repeat(c.again, 1000); ; {
					if _, err := io.WriteString(conn, again); err != nil {
						return
					}
				}
			})
			got := call(t.Context(), newTransport(t, transport.Config{}), s.URL, nil)
			require.ErrorContains(t, got.err, "1048576 bytes")
			require.Equal(t, transport.AnswerBegun, got.outcome)
		})
	}
}

// A stream goes on as long as it likes, and ends when the caller says so.
func TestStream(t *testing.T) {
	for name, end := range map[string]func(io.Closer, context.CancelFunc){
		"closed":    func(body io.Closer, _ context.CancelFunc) { body.Close() },
		"cancelled": func(_ io.Closer, cancel context.CancelFunc) { cancel() },
	} {
		t.Run(name, func(t *testing.T) {
			gone := make(chan error, 1)
			next := make(chan struct{})
			s := serve(t, func(_ int64, c net.Conn, r *bufio.Reader) {
				request(r)
				io.WriteString(c, "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\n")
				for range next {
					io.WriteString(c, "data: x\n\n")
				}
				_, err := r.ReadByte()
				gone <- err
			})
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			req, err := http.NewRequestWithContext(ctx, http.MethodPost, s.URL, nil)
			require.NoError(t, err)
			resp, err := newTransport(t, transport.Config{}).RoundTrip(req)
			require.NoError(t, err)
			defer resp.Body.Close()
			for range 3 {
				next <- struct{}{}
				n, err := resp.Body.Read(make([]byte, 100))
				require.NoError(t, err)
				require.Equal(t, 9, n)
			}
			close(next)
			ended := make(chan error, 1)
			go func() {
				_, err := resp.Body.Read(make([]byte, 100))
				ended <- err
			}()
			end(resp.Body, cancel)
			err = <-ended
			require.Error(t, err)
			if name == "cancelled" {
				require.ErrorIs(t, err, context.Canceled)
			}
			require.Error(t, <-gone)
		})
	}
}

// A call that is cancelled returns at once, wherever it is, and its connection is closed.
func TestCancel(t *testing.T) {
	why := errors.New("nobody wants it")
	for name, c := range map[string]struct {
		scheme  string
		begin   string // of an answer
		outcome transport.Outcome
	}{
		"waiting for an answer": {"http", "", transport.WrittenWhole},
		"in the handshake":      {"https", "", transport.NotBegun},
		"in the head":           {"http", "HTTP/1.1 200 OK\r\n", transport.AnswerBegun},
		"in the body":           {"http", "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nabc", transport.AnswerBegun},
	} {
		t.Run(name, func(t *testing.T) {
			sent, read, gone := make(chan struct{}), make(chan struct{}), make(chan struct{})
			s := serve(t, func(_ int64, conn net.Conn, r *bufio.Reader) {
				r.ReadByte()
				close(sent)
				io.WriteString(conn, c.begin)
				io.Copy(io.Discard, r)
				close(gone)
			})
			tr := newTransport(t, transport.Config{DialContext: func(ctx context.Context, network, address string) (net.Conn, error) {
				conn, err := new(net.Dialer).DialContext(ctx, network, address)
				return tellingConn{conn, sync.OnceFunc(func() { close(read) })}, err
			}})
			ctx, cancel := context.WithCancelCause(t.Context())
			done := make(chan result, 1)
			go func() {
				done <- call(ctx, tr, c.scheme+"://"+s.Listener.Addr().String(), strings.NewReader("x"))
			}()
			<-sent
			if c.begin != "" {
				<-read
			}
			cancel(why)
			got := <-done
			require.ErrorIs(t, got.err, context.Canceled)
			require.ErrorIs(t, got.err, why)
			require.Equal(t, c.outcome, got.outcome)
			<-gone
		})
	}
	t.Run("dialling", func(t *testing.T) {
		for _, limited := range []bool{false, true} {
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			tr := newTransport(t, transport.Config{DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
				if !limited {
					cancel()
				}
				<-ctx.Done() // closed by a timer, where there is only a limit
				return nil, ctx.Err()
			}})
			want := context.Canceled
			if limited {
				ctx, _ = soon(ctx)
				want = context.DeadlineExceeded
			}
			got := call(ctx, tr, "http://x", nil)
			require.ErrorIs(t, got.err, want)
			require.Equal(t, transport.NotBegun, got.outcome)
		}
	})
}

// A tellingConn tells when something was read.
type tellingConn struct {
	net.Conn
	tell func()
}

func (c tellingConn) Read(p []byte) (int, error) {
	n, err := c.Conn.Read(p)
	if n > 0 {
		c.tell()
	}
	return n, err
}

// A call that is over before it begins writes nothing, and leaves the connection as it is.
func TestOverBeforeItBegins(t *testing.T) {
	s := serve(t, answering(echo))
	tr := newTransport(t, transport.Config{})
	for range 50 {
		for _, over := range []func(context.Context) (context.Context, context.CancelFunc){cancelled, late} {
			echoes(t, tr, s.URL)
			ctx, cancel := over(t.Context())
			got := call(ctx, tr, s.URL, nil)
			cancel()
			require.Error(t, got.err)
			require.Equal(t, transport.NotBegun, got.outcome)
		}
	}
	require.EqualValues(t, 1, s.conns.Load())
}

func TestLimitAndDeadline(t *testing.T) {
	early, late := time.Now().Add(time.Minute), time.Now().Add(time.Hour)
	for _, c := range []struct{ limit, deadline, want time.Time }{
		{limit: early, want: early},
		{deadline: early, want: early},
		{limit: early, deadline: late, want: early},
		{limit: late, deadline: early, want: early},
	} {
		ctx := t.Context()
		if !c.deadline.IsZero() {
			limited, cancel := context.WithDeadline(ctx, c.deadline)
			defer cancel()
			ctx = limited
		}
		got, ok := (&transport.Call{Context: ctx, Limit: c.limit}).Deadline()
		require.True(t, ok)
		require.Equal(t, c.want, got)
	}
	_, ok := (&transport.Call{Context: context.Background()}).Deadline()
	require.False(t, ok)
}

// A server that stops reading does not keep a call longer than its deadline.
func TestDeadlineWhileWriting(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		conn, peer := net.Pipe()
		go peer.Read(make([]byte, 1))
		tr := newTransport(t, transport.Config{DialContext: func(context.Context, string, string) (net.Conn, error) { return conn, nil }})
		begun := time.Now()
		got := call(&transport.Call{Context: context.Background(), Limit: begun.Add(time.Second)}, tr, "http://redis", strings.NewReader("x"))
		require.ErrorIs(t, got.err, context.DeadlineExceeded)
		require.Equal(t, transport.WrittenInPart, got.outcome)
		require.Equal(t, time.Second, time.Since(begun))
	})
}

// A deadline holds for one call only.
func TestDeadlineOfEachCall(t *testing.T) {
	s := serve(t, answering(echo))
	tr := newTransport(t, transport.Config{})
	limit := time.Now().Add(50 * time.Millisecond)
	got := call(&transport.Call{Context: t.Context(), Limit: limit}, tr, s.URL, nil)
	require.NoError(t, got.err)
	require.Eventually(t, func() bool { return time.Now().After(limit) }, 5*time.Second, time.Millisecond)
	echoes(t, tr, s.URL)
	require.EqualValues(t, 1, s.conns.Load())
}

// The deadline of an earlier call passes while a later call writes or waits.
func TestDeadlineOfAnEarlierCall(t *testing.T) {
	secure, roots := newTLSServer(t, nil)
	large := strings.Repeat("x", 16<<20) // more than the buffers of two sockets
	for _, scheme := range []string{"http", "https"} {
		for name, body := range map[string]string{"writes": large, "waits": "word"} {
			if testing.Short() && scheme == "https" && name == "writes" {
				continue // encrypts much
			}
			for _, endless := range []bool{true, false} {
				t.Run(fmt.Sprint(name, " ", scheme, " ", endless), func(t *testing.T) {
					t.Parallel()
					limit := time.Now().Add(time.Second) // enough for a TLS handshake on a busy machine
					s := serve(t, func(_ int64, c net.Conn, r *bufio.Reader) {
						if scheme == "https" {
							c = tls.Server(c, &tls.Config{Certificates: secure.TLS.Certificates})
							r = bufio.NewReader(c)
						}
						for n := 1; ; n++ {
							r.Peek(1)
							if n == 2 {
								<-time.After(time.Until(limit.Add(50 * time.Millisecond)))
							}
							_, data, err := request(r)
							if err != nil {
								return
							}
							if n == 3 {
								<-t.Context().Done()
								return
							}
							fmt.Fprintf(c, echo, len(data), data)
						}
					})
					tr := newTransport(t, transport.Config{TLS: roots})
					url := scheme + "://" + s.Listener.Addr().String()
					got := call(&transport.Call{Context: t.Context(), Limit: limit}, tr, url, strings.NewReader("word"))
					require.NoError(t, got.err)
					later := &transport.Call{Context: t.Context()}
					if !endless {
						later.Limit = limit.Add(time.Hour)
					}
					got = call(later, tr, url, strings.NewReader(body))
					require.NoError(t, got.err)
					require.True(t, body == got.body)
					ctx, _ := soon(t.Context())
					got = call(ctx, tr, url, strings.NewReader("word"))
					require.ErrorIs(t, got.err, context.DeadlineExceeded)
					require.EqualValues(t, 1, s.conns.Load())
				})
			}
		}
	}
}

func TestNoGoroutineIsLeft(t *testing.T) {
	s := serve(t, answering(echo))
	tr := newTransport(t, transport.Config{})
	echoes(t, tr, s.URL)
	before := runtime.NumGoroutine()
	calls := 10_000
	if testing.Short() {
		calls = 1000
	}
	for range calls {
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		got := call(ctx, tr, s.URL, strings.NewReader("word"))
		cancel()
		require.NoError(t, got.err)
	}
	require.LessOrEqual(t, runtime.NumGoroutine(), before)
	require.EqualValues(t, 1, s.conns.Load())
}

func TestOtherNetworks(t *testing.T) {
	t.Run("unix", func(t *testing.T) {
		path := filepath.Join(t.TempDir(), "s")
		l, err := net.Listen("unix", path)
		require.NoError(t, err)
		s := serveOn(t, l, answering(echo))
		tr := newTransport(t, transport.Config{DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
			return new(net.Dialer).DialContext(ctx, "unix", path)
		}})
		echoes(t, tr, "http://redis")
		echoes(t, tr, "http://redis")
		require.EqualValues(t, 1, s.conns.Load())
	})
	t.Run("IPv6", func(t *testing.T) {
		l, err := net.Listen("tcp", "[::1]:0")
		if err != nil {
			t.Skip("there is no IPv6 here")
		}
		echoes(t, newTransport(t, transport.Config{}), serveOn(t, l, answering(echo)).URL)
	})
}
