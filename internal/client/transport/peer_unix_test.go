//go:build unix

package transport

import (
	"net"
	"runtime"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestPeerEnded(t *testing.T) {
	send := func(t *testing.T, peer *net.TCPConn) {
		_, err := peer.Write([]byte("HTTP/1.1 408 Request Timeout\r\n\r\n"))
		require.NoError(t, err)
	}
	reset := func(t *testing.T, peer *net.TCPConn) {
		require.NoError(t, peer.SetLinger(0))
		require.NoError(t, peer.Close())
	}
	for name, c := range map[string]struct {
		does       func(t *testing.T, peer *net.TCPConn)
		ended      bool
		endsIfKept bool
	}{
		"nothing":            {func(*testing.T, *net.TCPConn) {}, false, false},
		"sends":              {send, false, true},
		"closes":             {func(t *testing.T, peer *net.TCPConn) { require.NoError(t, peer.Close()) }, true, true},
		"closes its half":    {func(t *testing.T, peer *net.TCPConn) { require.NoError(t, peer.CloseWrite()) }, true, true},
		"sends, then closes": {func(t *testing.T, peer *net.TCPConn) { send(t, peer); require.NoError(t, peer.Close()) }, runtime.GOOS == "linux", true},
		"resets":             {reset, true, true},
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
			c.does(t, peer.(*net.TCPConn))
			for kept, want := range map[bool]bool{false: c.ended, true: c.endsIfKept} {
				look := func() (ended bool) {
					require.NoError(t, raw.Control(func(fd uintptr) { ended = peerEnded(fd, kept) }))
					return ended
				}
				if want {
					require.Eventually(t, look, 5*time.Second, time.Millisecond)
				} else {
					assert.False(t, look())
				}
			}
		})
	}
}
