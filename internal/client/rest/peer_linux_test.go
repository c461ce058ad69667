package rest

import (
	"net"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestPeerClosed(t *testing.T) {
	for name, c := range map[string]struct {
		does   func(t *testing.T, peer *net.TCPConn)
		closed bool
	}{
		"nothing":            {func(*testing.T, *net.TCPConn) {}, false},
		"sends":              {func(t *testing.T, peer *net.TCPConn) { write(t, peer) }, false},
		"closes":             {func(t *testing.T, peer *net.TCPConn) { require.NoError(t, peer.Close()) }, true},
		"closes its half":    {func(t *testing.T, peer *net.TCPConn) { require.NoError(t, peer.CloseWrite()) }, true},
		"sends, then closes": {func(t *testing.T, peer *net.TCPConn) { write(t, peer); require.NoError(t, peer.Close()) }, true},
		"resets":             {func(t *testing.T, peer *net.TCPConn) { reset(t, peer) }, true},
		"sends, then resets": {func(t *testing.T, peer *net.TCPConn) { write(t, peer); reset(t, peer) }, true},
		"there is none":      {nil, false}, // nothing is known
	} {
		t.Run(name, func(t *testing.T) {
			l, err := net.Listen("tcp", "127.0.0.1:0")
			require.NoError(t, err)
			defer l.Close()
			conn, err := net.Dial("tcp", l.Addr().String())
			require.NoError(t, err)
			defer conn.Close()
			peer, err := l.Accept()
			require.NoError(t, err)
			defer peer.Close()
			raw, err := conn.(*net.TCPConn).SyscallConn()
			require.NoError(t, err)
			if c.does == nil {
				require.False(t, peerClosed(^uintptr(0)))
				return
			}
			c.does(t, peer.(*net.TCPConn))
			look := func() (closed bool) {
				require.NoError(t, raw.Control(func(fd uintptr) { closed = peerClosed(fd) }))
				return closed
			}
			if c.closed {
				require.Eventually(t, look, 5*time.Second, time.Millisecond)
			} else {
				assert.False(t, look())
			}
		})
	}
}

func write(t *testing.T, conn net.Conn) {
	_, err := conn.Write([]byte("HTTP/1.1 408 Request Timeout\r\n\r\n"))
	require.NoError(t, err)
}

func reset(t *testing.T, conn *net.TCPConn) {
	require.NoError(t, conn.SetLinger(0))
	require.NoError(t, conn.Close())
}
