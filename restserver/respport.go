package restserver

import (
	"crypto/subtle"
	"fmt"
	"net"
	"sync"

	"github.com/redis-rest/redis-rest-go/internal/engine/keyspace"
	"github.com/redis-rest/redis-rest-go/internal/workbench/debug"
)

// ServeRESP answers clients of Redis, such as redis-cli, on the listener l, until Shutdown or Close. The error is then
// [net.ErrClosed]. It needs the embedded database.
//
// If l is on a loopback address or a unix socket, clients need no password. Otherwise they must authenticate with Token, as the
// password of the user default.
func (s *Server) ServeRESP(l net.Listener) error {
	defer l.Close()
	m, ok := s.main.db.(inMemory)
	if !ok {
		return fmt.Errorf("restserver: only the embedded database has a port for clients of Redis, and not %s", s.Backend())
	}
	port := keyspace.Port{Debug: s.config.EnableDebugCommand, Debugger: debug.Client}
	if !private(l.Addr()) {
		port.Login = s.login
	}
	if !s.ports.open(l) {
		return net.ErrClosed
	}
	for {
		conn, err := l.Accept()
		if err != nil {
			if s.closing.Err() != nil {
				return net.ErrClosed
			}
			return err
		}
		if !s.ports.serve(func() { m.Serve(conn, port) }) {
			conn.Close()
			return net.ErrClosed
		}
	}
}

// ports are those of ServeRESP.
type ports struct {
	mu        sync.Mutex
	closed    bool
	listeners []net.Listener
	running   sync.WaitGroup // connections
}

// open adds a listener, if the server is not closed.
func (p *ports) open(l net.Listener) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.listeners = append(p.listeners, l)
	return !p.closed
}

// serve serves a connection, if the server is not closed.
func (p *ports) serve(run func()) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.closed {
		return false
	}
	p.running.Go(run)
	return true
}

// close ends the listeners. The connections end with the database.
func (p *ports) close() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.closed = true
	for _, l := range p.listeners {
		l.Close()
	}
}

// private says whether only this machine reaches an address.
func private(a net.Addr) bool {
	tcp, ok := a.(*net.TCPAddr)
	return !ok && a.Network() == "unix" || ok && tcp.IP.IsLoopback()
}

// login checks the password of a client of Redis.
func (s *Server) login(user, password string) bool {
	return user == "default" && subtle.ConstantTimeCompare([]byte(password), []byte(s.Token)) == 1
}
