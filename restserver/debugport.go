package restserver

import (
	"context"
	"errors"
	"fmt"
	"net"
	"sync/atomic"

	"github.com/redis-rest/redis-rest-go/internal/engine/keyspace"
	"github.com/redis-rest/redis-rest-go/internal/engine/script"
	"github.com/redis-rest/redis-rest-go/internal/workbench/dap"
)

// ServeDebug lets editors debug the scripts and functions that clients send, until Shutdown or Close; the error is then [net.ErrClosed]. They attach
// with the Debug Adapter Protocol on the listener l, which must be on this machine, one at a time. It needs the embedded database.
//
// A script stops at the breakpoints of a file with the same text, at redis.breakpoint(), and where it fails. Other clients
// wait meanwhile, and the time of the database stands still.
func (s *Server) ServeDebug(l net.Listener) error {
	defer l.Close()
	m, ok := s.main.db.(inMemory)
	switch {
	case !ok:
		return fmt.Errorf("restserver: only the embedded database has a debugger, and not %s", s.Backend())
	case !private(l.Addr()):
		return errors.New("restserver: a debugger listens on this machine only, because who reaches it can read and change everything")
	}
	if !s.ports.open(l) {
		return net.ErrClosed
	}
	attached := new(atomic.Bool)
	for {
		conn, err := l.Accept()
		if err != nil {
			if s.closing.Err() != nil {
				return net.ErrClosed
			}
			return err
		}
		serve := func() {
			defer conn.Close()
			_ = dap.Serve(s.closing, conn, conn, dap.Host{Attach: func() (<-chan dap.Job, func(), error) { return attach(m.DB, attached) }})
		}
		if !s.ports.serve(serve) {
			conn.Close()
			return net.ErrClosed
		}
	}
}

// attach gives the scripts of a database to a debugger.
func attach(db *keyspace.DB, attached *atomic.Bool) (<-chan dap.Job, func(), error) {
	if attached.Swap(true) {
		return nil, nil, errors.New("another debugger is attached")
	}
	jobs := make(chan dap.Job)
	gone, leave := context.WithCancel(context.Background())
	db.Intercept(func(db *keyspace.DB, words []string) func(*keyspace.DB) script.Watcher {
		done := make(chan func(*keyspace.DB) script.Watcher, 1)
		select {
		case jobs <- dap.Job{DB: db, Words: words, Done: done}:
			return <-done
		case <-gone.Done():
			return nil
		}
	})
	return jobs, func() {
		leave()
		db.Intercept(nil)
		attached.Store(false)
	}, nil
}
