package transport

import (
	"context"
	"io"
	"net/http"
	"sync/atomic"
)

// A body is the body of an answer. The call ends with it.
type body struct {
	conn     *conn
	ctx      context.Context
	http     io.Reader
	reusable bool // the connection, after the body's end
	closed   atomic.Bool
	finished atomic.Bool // the call
}

func (b *body) Read(p []byte) (int, error) {
	if b.closed.Load() {
		return 0, http.ErrBodyReadAfterClose
	}
	n, err := b.http.Read(p)
	if err != nil {
		b.finish(err == io.EOF && b.reusable)
		if err != io.EOF {
			err = explain(b.ctx, err)
		}
	}
	return n, err
}

// Close ends a Read that waits. If the body has not been read to its end, it closes the
// connection.
func (b *body) Close() error {
	b.closed.Store(true)
	b.finish(false)
	return nil
}

func (b *body) finish(clean bool) {
	if !b.finished.Swap(true) {
		b.conn.finish(clean)
	}
}
