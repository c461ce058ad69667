package transport

import (
	"io"
	"net"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// Go compares times by its monotonic clock where it can, and that may stand still.
func TestAgeGoesByTheWallClock(t *testing.T) {
	require.NotContains(t, New(Config{}).pool.now().String(), "m=")
}

// What a connection still writes after it was silent for too long does not make it young again.
func TestOldConnectionStaysOld(t *testing.T) {
	now := time.Now()
	h := NewHTTP2(Config{IdleTimeout: time.Minute, Now: func() time.Time { return now }})
	ours, theirs := net.Pipe()
	defer theirs.Close()
	go io.Copy(io.Discard, theirs)
	c := &netConn{Conn: ours, transport: h, of: h.current, used: now}
	h.conns[c] = struct{}{}
	defer c.Close()
	for range 3 {
		now = now.Add(59 * time.Second)
		require.False(t, h.anyEnded())
		_, err := c.Write([]byte("x"))
		require.NoError(t, err)
	}
	now = now.Add(time.Minute)
	_, err := c.Write([]byte("x"))
	require.NoError(t, err)
	require.True(t, h.anyEnded())
}
