package transport

import (
	"bufio"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"math"
	"net"
	"net/http"
	"net/http/httptrace"
	"net/url"
	"os"
	"sync"
	"syscall"
	"time"
)

// A conn carries one call at a time.
type conn struct {
	socket
	stream net.Conn // the socket, or TLS over it
	r      *bufio.Reader
	proxy  *url.URL // an HTTP proxy that reads the requests; nil for none

	pool  *pool
	route route
	kept  bool      // it has carried a call
	since time.Time // when it was dialled, or put into the pool

	abort func()      // closes the socket
	stop  func() bool // keeps the end of the context from closing it; nil where it has none
	begun bool        // a byte of the answer has come

	peer *peer
}

// hasEnded says that the connection must not carry a call: its peer has closed it, or has
// sent what nobody asked for, or it is too old. It is too old for its first call if the
// machine was frozen after it was dialled.
func (c *conn) hasEnded() bool {
	return c.pool.isOld(c, c.pool.now()) || c.peer.hasEnded(c.kept)
}

// A peer is the other end of a connection. The kernel is asked about it.
type peer struct {
	raw  syscall.RawConn
	look func(fd uintptr) // made once, so that a look allocates nothing
	kept bool
	saw  bool // the end
}

// newPeer returns nil for a connection that is not the kernel's.
func newPeer(c net.Conn) *peer {
	sc, ok := c.(syscall.Conn)
	if !ok {
		return nil
	}
	raw, err := sc.SyscallConn()
	if err != nil {
		return nil
	}
	p := &peer{raw: raw}
	p.look = func(fd uintptr) { p.saw = peerEnded(fd, p.kept) }
	return p
}

// hasEnded looks whether the peer has closed the connection. If the connection was kept
// and nobody reads from it, what the peer sent is an end too.
func (p *peer) hasEnded(kept bool) bool {
	if p == nil { // nothing is known
		return false
	}
	p.kept = kept
	return p.raw.Control(p.look) != nil || p.saw
}

// roundTrip writes the request and reads the head of the answer. The error is errEnded if
// the connection ended before anything was written.
func (c *conn) roundTrip(req *http.Request, trace *httptrace.ClientTrace) (*http.Response, Outcome, error) {
	if !c.kept && c.hasEnded() {
		c.close()
		return nil, NotBegun, errEnded
	}
	deadline, _ := req.Context().Deadline()
	c.begin(req.Context(), deadline)
	outcome, err := c.write(req)
	if trace != nil && trace.WroteRequest != nil {
		trace.WroteRequest(httptrace.WroteRequestInfo{Err: err})
	}
	if outcome == NotBegun {
		c.finish(false)
		return nil, NotBegun, err
	}
	if err != nil {
		// A server that refuses a large request answers before it has read all of it, and
		// closes the connection. Its answer is here by now.
		soon := time.Now().Add(50 * time.Millisecond)
		if !deadline.IsZero() && deadline.Before(soon) {
			soon = deadline
		}
		c.limit(soon)
	}
	resp, readErr := c.readHead(req, trace)
	if c.begun {
		outcome = AnswerBegun
	}
	if readErr != nil {
		c.finish(false)
		return nil, outcome, cmp.Or(err, readErr)
	}
	if err != nil {
		c.limit(deadline)
	}
	reusable := err == nil && !req.Close && !resp.Close
	if resp.Body == http.NoBody {
		c.finish(reusable)
	} else {
		resp.Body = &body{conn: c, ctx: req.Context(), http: resp.Body, reusable: reusable}
	}
	return resp, outcome, nil
}

func (c *conn) begin(ctx context.Context, deadline time.Time) {
	c.written, c.broken, c.begun, c.stop = 0, false, false, nil
	c.limit(deadline)
	if ctx.Done() != nil {
		c.stop = context.AfterFunc(ctx, c.abort)
	}
}

// writers have room for most requests, which then take one write.
var writers = sync.Pool{New: func() any { return bufio.NewWriterSize(nil, 64<<10) }}

func (c *conn) write(req *http.Request) (Outcome, error) {
	w := writers.Get().(*bufio.Writer)
	w.Reset(c.stream)
	defer func() { w.Reset(nil); writers.Put(w) }()
	err := writeRequest(w, req, c.proxy)
	if err == nil {
		err = w.Flush()
	}
	switch {
	case err == nil:
		return WrittenWhole, nil
	case c.written > 0:
		return WrittenInPart, err
	case c.broken:
		err = fmt.Errorf("%w: %w", errEnded, err)
	}
	return NotBegun, err
}

// maxHead limits the head of an answer, with the 1xx answers before it.
const maxHead = 1 << 20

var errHead = fmt.Errorf("the head of the answer has more than %d bytes", maxHead)

func (c *conn) readHead(req *http.Request, trace *httptrace.ClientTrace) (*http.Response, error) {
	c.left = maxHead
	defer func() { c.left = math.MaxInt64 }()
	if _, err := c.r.Peek(1); err != nil {
		if err == io.EOF {
			err = io.ErrUnexpectedEOF
		}
		return nil, fmt.Errorf("no answer came: %w", err)
	}
	c.begun = true
	if trace != nil && trace.GotFirstResponseByte != nil {
		trace.GotFirstResponseByte()
	}
	for {
		resp, err := http.ReadResponse(c.r, req)
		switch {
		case err != nil && c.left == 0:
			return nil, errHead
		case err != nil:
			return nil, fmt.Errorf("the head of the answer: %w", err)
		case resp.ProtoMajor != 1 || resp.StatusCode < 100 || resp.StatusCode == http.StatusSwitchingProtocols:
			return nil, fmt.Errorf("the answer is %s with status %d", resp.Proto, resp.StatusCode)
		case resp.StatusCode >= 200:
			return resp, nil
		}
	}
}

// finish ends the call. A connection whose answer ended cleanly is kept.
func (c *conn) finish(clean bool) {
	if c.stop != nil && !c.stop() {
		clean = false // the context has ended, and closes it
	}
	if !clean || !c.silent() {
		c.abort()
		return
	}
	c.kept = true
	c.pool.put(c)
}

// silent says that nothing came after the answer: neither in the buffer nor in what TLS
// has read. The socket is looked at before the next call.
func (c *conn) silent() bool {
	c.quiet = true
	_, err := c.r.Peek(1)
	c.quiet = false
	return errors.Is(err, errQuiet)
}

// close closes a connection that carries no call. TLS says so to the peer.
func (c *conn) close() { c.stream.Close() }

// A socket is the connection below TLS.
type socket struct {
	net.Conn
	written int64 // bytes of this call
	broken  bool  // a write of this call failed
	left    int64 // bytes that may be read

	deadline time.Time // of this call; zero for none
	set      time.Time // the deadline that is set, which may be earlier

	quiet bool // nothing is read
}

// errQuiet is the error of a read from a quiet socket. It is a timeout: after any other
// error crypto/tls would not read again.
var errQuiet = os.ErrDeadlineExceeded

func (s *socket) Read(p []byte) (int, error) {
	if s.quiet {
		return 0, errQuiet
	}
	if s.left == 0 {
		return 0, errHead
	}
	for {
		n, err := s.Conn.Read(p[:min(int64(len(p)), s.left)])
		s.left -= int64(n)
		if n > 0 || !s.isEarly(err) {
			return n, err
		}
	}
}

func (s *socket) Write(p []byte) (written int, err error) {
	for {
		n, err := s.Conn.Write(p[written:])
		written += n
		s.written += int64(n)
		if !s.isEarly(err) {
			s.broken = s.broken || err != nil
			return written, err
		}
	}
}

// limit ends what waits at this time; zero for never. To set a deadline for each call
// would cost a fiftieth of its CPU, so one that is set already stays if it is earlier.
func (s *socket) limit(deadline time.Time) {
	s.deadline = deadline
	if deadline.Equal(s.set) || !s.set.IsZero() && (deadline.IsZero() || deadline.After(s.set)) {
		return
	}
	s.set = deadline
	s.SetDeadline(deadline)
}

// isEarly reports whether err is that of an earlier call's deadline, and sets this call's.
func (s *socket) isEarly(err error) bool {
	if err == nil || s.set.Equal(s.deadline) || !errors.Is(err, os.ErrDeadlineExceeded) {
		return false
	}
	s.set = s.deadline
	s.SetDeadline(s.deadline)
	return true
}
