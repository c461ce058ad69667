package faultproxy

import (
	"net"
	"sync"
	"sync/atomic"
)

// A Tunnel passes TCP connections on to a server unchanged. It can end them in the two
// ways in which idle connections end.
type Tunnel struct {
	Address string

	listener net.Listener
	target   string
	made     atomic.Int64

	mu    sync.Mutex
	pairs []*pair
	done  bool
}

// A pair is a client's connection and the matching one to the server.
type pair struct {
	client, server net.Conn
	dead           atomic.Bool // nothing is passed on any more
}

// StartTunnel starts a tunnel to host:port on a loopback port.
func StartTunnel(target string) (*Tunnel, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	t := &Tunnel{Address: l.Addr().String(), listener: l, target: target}
	go t.accept()
	return t, nil
}

// Made returns the number of connections made so far.
func (t *Tunnel) Made() int64 { return t.made.Load() }

// Swallow makes the current connections dead without closing them: data from them is
// read and dropped. Later connections work.
func (t *Tunnel) Swallow() {
	t.mu.Lock()
	defer t.mu.Unlock()
	for _, p := range t.pairs {
		p.dead.Store(true)
	}
}

// CloseConnections closes the current connections, as a server does after an idle
// timeout. Later connections work.
func (t *Tunnel) CloseConnections() {
	t.mu.Lock()
	defer t.mu.Unlock()
	for _, p := range t.pairs {
		p.client.Close()
		p.server.Close()
	}
	t.pairs = nil
}

// Close ends the tunnel and its connections.
func (t *Tunnel) Close() {
	t.listener.Close()
	t.mu.Lock()
	t.done = true
	t.mu.Unlock()
	t.CloseConnections()
}

func (t *Tunnel) accept() {
	for {
		client, err := t.listener.Accept()
		if err != nil {
			return
		}
		t.made.Add(1)
		server, err := net.Dial("tcp", t.target)
		if err != nil {
			client.Close()
			continue
		}
		p := &pair{client: client, server: server}
		t.mu.Lock()
		t.pairs = append(t.pairs, p)
		done := t.done
		t.mu.Unlock()
		if done {
			t.CloseConnections()
			return
		}
		go p.pass(server, client)
		go p.pass(client, server)
	}
}

func (p *pair) pass(to, from net.Conn) {
	buf := make([]byte, 32<<10)
	for {
		n, err := from.Read(buf)
		if !p.dead.Load() {
			to.Write(buf[:n])
		}
		if err != nil {
			if !p.dead.Load() {
				to.Close()
			}
			return
		}
	}
}
