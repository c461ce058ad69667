package restserver

import (
	"io"
	"net"
	"testing"

	"github.com/redis/go-redis/v9"
	"github.com/stretchr/testify/require"
)

func TestTracedConn(t *testing.T) {
	for name, c := range map[string]struct {
		before, answered bool // a successful write, and an answer to it
		notRun           bool
	}{
		"new":            {notRun: true},
		"after a write":  {before: true},
		"after a answer": {before: true, answered: true, notRun: true},
	} {
		t.Run(name, func(t *testing.T) {
			here, there := net.Pipe()
			conn := &tracedConn{Conn: here}
			one := make([]byte, 1)
			if c.before {
				go there.Read(one)
				_, err := conn.Write([]byte("x"))
				require.NoError(t, err)
			}
			if c.answered {
				go there.Write([]byte("y"))
				_, err := conn.Read(make([]byte, 1))
				require.NoError(t, err)
			}
			there.Close()
			_, err := conn.Write([]byte("x"))
			require.Error(t, err)
			require.Equal(t, c.notRun, isNotRun(err))
		})
	}
}

// In another Redis the number may be that of somebody else's connection.
func TestUnblockOfAnotherRedis(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	defer l.Close()
	got := make(chan string, 1)
	go func() {
		conn, err := l.Accept()
		if err == nil {
			io.WriteString(conn, "-ERR unknown command\r\n") // to HELLO
			text, _ := io.ReadAll(conn)
			got <- string(text)
		}
	}()
	waits, other := net.Pipe()
	newSingle(&redis.Options{Addr: l.Addr().String()}).unblock(t.Context(), waits, "7")
	require.Equal(t, "*1\r\n$5\r\nhello\r\n", <-got)
	_, err = other.Read(make([]byte, 1))
	require.ErrorIs(t, err, io.EOF, "it still waits")
}

// A refused connection is closed.
func TestOpenIsRefused(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	defer l.Close()
	closed := make(chan error, 1)
	go func() {
		conn, err := l.Accept()
		if err == nil {
			io.WriteString(conn, "-DENIED Redis is running in protected mode\r\n")
			_, err = io.Copy(io.Discard, conn)
		}
		closed <- err
	}()
	conn, _, err := newSingle(&redis.Options{Addr: l.Addr().String()}).open(t.Context(), 0)
	require.ErrorAs(t, err, new(refusedError))
	require.Nil(t, conn)
	require.NoError(t, <-closed)
}
