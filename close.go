package redis

import (
	"context"
	"errors"
	"runtime"

	"github.com/redis-rest/redis-rest-go/internal/client/rest"
)

// ErrClosed says that the client is closed ([Redis.Close]). The error of a command that
// was called afterwards is also [ErrNotExecuted].
var ErrClosed = errors.New("redis: the client is closed")

// A lifetime says whether a client is closed.
type lifetime struct {
	ctx context.Context // ends when the client is closed
	end context.CancelFunc
}

func newLifetime() (l lifetime) {
	l.ctx, l.end = context.WithCancel(context.Background())
	l.ctx.Done() // makes its channel here; a bubble of testing/synctest would own it
	return l
}

func (l lifetime) closed() bool { return l.ctx.Err() != nil }

// ended is ErrClosed when the client is closed.
func (l lifetime) ended() error {
	if l.closed() {
		return ErrClosed
	}
	return nil
}

// Close closes the client: its idle connections end, and every later call fails with
// [ErrClosed] and sends nothing. Calls that are running finish as usual; then their
// connections end too. Close does not wait for them. Open subscriptions and Monitor's
// lines end with ErrClosed as their last element.
//
// With [WithHTTPClient] Close calls its CloseIdleConnections. Others may go on using it.
//
// Close may be called many times and returns nil. A client that lives as long as its
// program needs no Close. If a client becomes unreachable without Close, its idle
// connections end with the next garbage collection; those of WithHTTPClient do not.
func (r *Redis) Close() error {
	if r != nil && r.c != nil {
		r.c.lifetime.end()
		r.c.rest.Close()
	}
	return nil
}

// closeWhenDropped closes the idle connections when nobody can use the client any more. A
// transport of the caller's may have other users.
func (c *client) closeWhenDropped() {
	if t := c.rest.OwnTransport(); t != nil {
		runtime.AddCleanup(c, rest.Transport.CloseIdleConnections, t)
	}
}
