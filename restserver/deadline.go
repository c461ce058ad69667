package restserver

import (
	"errors"
	"net"
	"os"
	"sync"
	"syscall"
	"time"
)

// A lazyConn does not set each deadline. net/http and go-redis set several for each request, and nearly
// always a later one, which costs a tenth of the CPU. So an earlier one that is set already stays. Only when
// it has passed, the wanted one is set, and what waits goes on.
type lazyConn struct {
	net.Conn
	read, write lazyDeadline
}

type lazyDeadline struct {
	mu          sync.Mutex
	wanted, set time.Time // zero for none
	late        bool      // wanted is later than set
}

// newLazyConn returns the connection unchanged if it is not one of the kernel's.
func newLazyConn(conn net.Conn) net.Conn {
	switch conn.(type) {
	case *net.TCPConn, *net.UnixConn:
		return &lazyConn{Conn: conn}
	}
	return conn
}

// want records a deadline, and calls set if it must be set now.
func (d *lazyDeadline) want(t time.Time, set func(time.Time) error) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.wanted = t
	d.late = !d.set.IsZero() && (t.IsZero() || t.After(d.set))
	if d.late || t.IsZero() && d.set.IsZero() {
		return nil
	}
	d.set = t
	return set(t)
}

// goOn says whether err is that of a deadline that is not wanted any more. Then the wanted one is set.
func (d *lazyDeadline) goOn(err error, set func(time.Time) error) bool {
	if err == nil || !errors.Is(err, os.ErrDeadlineExceeded) {
		return false
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	if !d.late {
		return false
	}
	d.set, d.late = d.wanted, false
	return set(d.wanted) == nil
}

func (c *lazyConn) SetReadDeadline(t time.Time) error { return c.read.want(t, c.Conn.SetReadDeadline) }
func (c *lazyConn) SetWriteDeadline(t time.Time) error {
	return c.write.want(t, c.Conn.SetWriteDeadline)
}

func (c *lazyConn) SetDeadline(t time.Time) error {
	return errors.Join(c.SetReadDeadline(t), c.SetWriteDeadline(t))
}

func (c *lazyConn) Read(p []byte) (int, error) {
	for {
		n, err := c.Conn.Read(p)
		if n > 0 || !c.read.goOn(err, c.Conn.SetReadDeadline) {
			return n, err
		}
	}
}

func (c *lazyConn) Write(p []byte) (written int, err error) {
	for {
		n, err := c.Conn.Write(p[written:])
		written += n
		if !c.write.goOn(err, c.Conn.SetWriteDeadline) {
			return written, err
		}
	}
}

// CloseWrite lets net/http close the connection of a request that is too large only when the client has
// got the answer.
func (c *lazyConn) CloseWrite() error { return c.Conn.(interface{ CloseWrite() error }).CloseWrite() }

// SyscallConn is for go-redis, which looks whether the peer has closed an idle connection. The look fails
// after the deadline that is set.
func (c *lazyConn) SyscallConn() (syscall.RawConn, error) {
	c.read.mu.Lock()
	defer c.read.mu.Unlock()
	if d := &c.read; d.late && time.Until(d.set) < time.Second {
		d.set, d.late = d.wanted, false
		if err := c.Conn.SetReadDeadline(d.wanted); err != nil {
			return nil, err
		}
	}
	return c.Conn.(syscall.Conn).SyscallConn()
}

// A lazyListener accepts lazyConns.
type lazyListener struct{ net.Listener }

func (l lazyListener) Accept() (net.Conn, error) {
	conn, err := l.Listener.Accept()
	if err != nil {
		return nil, err
	}
	return newLazyConn(conn), nil
}
