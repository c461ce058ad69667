package restserver

import (
	"context"
	"fmt"
	"net"
	"strings"
	"syscall"

	"github.com/redis/go-redis/v9"
)

// greet checks that a new connection may be used, before a command is sent over it. For instance
// a Redis that wants a password refuses each command, and one with too many clients
// says so and closes the connection.
func greet(ctx context.Context, conn *redis.Conn) error {
	hello := redis.NewRawCmd(ctx, "hello") // go-redis ignores the reply to its own
	if err := conn.Process(ctx, hello); err != nil {
		return err
	}
	return refusedConnection(hello.Val())
}

// refusedConnection returns the error for a reply that refuses the connection and not the command. Other
// error replies, for instance LOADING or an ACL's NOPERM, concern a command.
func refusedConnection(reply []byte) error {
	text, failed := strings.CutPrefix(string(reply[:min(len(reply), 100)]), "-")
	if !failed {
		return nil
	}
	for _, start := range []string{"NOAUTH ", "WRONGPASS ", "DENIED ", "ERR max number of clients "} {
		if strings.HasPrefix(text, start) {
			return refusedError(strings.TrimSpace(text))
		}
	}
	return nil
}

// refusedError is the text with which Redis refuses a connection.
type refusedError string

func (e refusedError) Error() string { return "Redis refused the connection: " + string(e) }

// dialer makes connections that say when nothing was sent.
func dialer(opts *redis.Options) func(context.Context, string, string) (net.Conn, error) {
	dial := redis.NewDialer(opts)
	return func(ctx context.Context, network, addr string) (net.Conn, error) {
		conn, err := dial(ctx, network, addr)
		if err != nil || opts.TLSConfig != nil {
			// A failed write of a TLS connection says nothing about its records.
			return conn, err
		}
		return &tracedConn{Conn: newLazyConn(conn)}, nil
	}
}

// A tracedConn returns a notRun from a write if nothing has been sent since the last answer.
type tracedConn struct {
	net.Conn
	sent bool // since the last answer
}

func (c *tracedConn) Read(p []byte) (int, error) {
	n, err := c.Conn.Read(p)
	if n > 0 {
		c.sent = false
	}
	return n, err
}

func (c *tracedConn) Write(p []byte) (int, error) {
	n, err := c.Conn.Write(p)
	if err != nil && n == 0 && !c.sent {
		return n, didNotRun(err)
	}
	c.sent = c.sent || n > 0
	return n, err
}

// SyscallConn is for go-redis, which looks whether the peer has closed an idle connection.
func (c *tracedConn) SyscallConn() (syscall.RawConn, error) {
	if s, ok := c.Conn.(syscall.Conn); ok {
		return s.SyscallConn()
	}
	return nil, fmt.Errorf("%T has no file descriptor", c.Conn)
}
