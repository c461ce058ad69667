package restserver

import (
	"bytes"
	"io"
	"net"
	"os"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// lazyPair returns both ends of a connection.
func lazyPair(t *testing.T) (*lazyConn, net.Conn) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	defer l.Close()
	peer, err := net.Dial("tcp", l.Addr().String())
	require.NoError(t, err)
	t.Cleanup(func() { peer.Close() })
	conn, err := lazyListener{l}.Accept()
	require.NoError(t, err)
	t.Cleanup(func() { conn.Close() })
	return conn.(*lazyConn), peer
}

var past = time.Unix(1, 0)

func TestLazyDeadlines(t *testing.T) {
	for name, later := range map[string]time.Time{"none": {}, "a later one": time.Now().Add(time.Hour)} {
		t.Run("after one that has passed: "+name, func(t *testing.T) {
			conn, peer := lazyPair(t)
			require.NoError(t, conn.SetDeadline(past))
			require.NoError(t, conn.SetDeadline(later))
			raw, err := conn.SyscallConn()
			require.NoError(t, err)
			require.NoError(t, raw.Read(func(uintptr) bool { return true }), "go-redis would close the connection")
			require.NoError(t, conn.SetDeadline(past))
			require.NoError(t, conn.SetDeadline(later))
			_, err = io.WriteString(conn, "there")
			require.NoError(t, err)
			io.WriteString(peer, "here")
			buf := make([]byte, 10)
			n, err := conn.Read(buf)
			require.NoError(t, err)
			require.Equal(t, "here", string(buf[:n]))
			n, _ = peer.Read(buf)
			require.Equal(t, "there", string(buf[:n]))
		})
	}
	t.Run("an earlier one ends what waits", func(t *testing.T) {
		conn, _ := lazyPair(t)
		require.NoError(t, conn.SetDeadline(time.Now().Add(time.Hour)))
		read := make(chan error)
		go func() { _, err := conn.Read(make([]byte, 1)); read <- err }()
		require.NoError(t, conn.SetReadDeadline(past))
		require.ErrorIs(t, <-read, os.ErrDeadlineExceeded)
		require.NoError(t, conn.SetWriteDeadline(past))
		_, err := conn.Write([]byte("x"))
		require.ErrorIs(t, err, os.ErrDeadlineExceeded)
	})
	t.Run("one that is set later ends what waits", func(t *testing.T) {
		conn, _ := lazyPair(t)
		require.NoError(t, conn.SetReadDeadline(past))
		limit := time.Now().Add(10 * time.Millisecond)
		require.NoError(t, conn.SetReadDeadline(limit))
		_, err := conn.Read(make([]byte, 1))
		require.ErrorIs(t, err, os.ErrDeadlineExceeded)
		assert.False(t, time.Now().Before(limit))
	})
	t.Run("a write goes on where it was", func(t *testing.T) {
		conn, peer := lazyPair(t)
		text := bytes.Repeat([]byte("0123456789"), 1200<<10)
		require.NoError(t, conn.SetWriteDeadline(time.Now().Add(10*time.Millisecond)))
		require.NoError(t, conn.SetWriteDeadline(time.Time{}))
		wrote := make(chan error, 1)
		go func() {
			_, err := conn.Write(text)
			wrote <- err
			conn.Close()
		}()
		require.Eventually(t, func() bool {
			conn.write.mu.Lock()
			defer conn.write.mu.Unlock()
			return !conn.write.late // the first deadline has passed, in the middle of the write
		}, 10*time.Second, time.Millisecond)
		got, err := io.ReadAll(peer)
		require.NoError(t, err)
		require.NoError(t, <-wrote)
		require.True(t, bytes.Equal(text, got), "%d bytes of %d", len(got), len(text))
	})
	t.Run("half of it can be closed", func(t *testing.T) {
		conn, peer := lazyPair(t)
		require.NoError(t, conn.CloseWrite())
		_, err := peer.Read(make([]byte, 1))
		require.ErrorIs(t, err, io.EOF)
		io.WriteString(peer, "x")
		_, err = conn.Read(make([]byte, 1))
		require.NoError(t, err)
	})
}
