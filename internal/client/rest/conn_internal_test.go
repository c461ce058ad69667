package rest

import (
	"errors"
	"net"
	"testing"

	"github.com/stretchr/testify/require"
)

type brokenConn struct {
	net.Conn
	n int
}

func (c brokenConn) Write([]byte) (int, error) { return c.n, errors.New("broken") }

// A write that fails counts as nothing written only where nothing was.
func TestWrittenCounts(t *testing.T) {
	for n, want := range map[int]int64{0: 0, 1: 1} {
		c := &guardedConn{Conn: brokenConn{n: n}}
		_, err := c.Write([]byte("abc"))
		require.Error(t, err)
		require.Equal(t, want, c.written.Load())
	}
	c := &guardedConn{Conn: brokenConn{n: 3}}
	c.ended.Store(true)
	_, err := c.Write([]byte("abc"))
	require.ErrorIs(t, err, errEnded)
	require.Zero(t, c.written.Load())
}
