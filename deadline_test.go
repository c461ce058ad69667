package redis_test

import (
	"bufio"
	"context"
	"crypto/tls"
	"fmt"
	"io"
	"net"
	"net/http"
	"runtime"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	redis "github.com/redis-rest/redis-rest-go"
)

// A call that is given up returns at once, whatever the server does, and leaves
// nothing behind: no goroutine, no connection.
func TestCallsThatAreGivenUp(t *testing.T) {
	head := "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n"
	servers := map[string]func(net.Conn){
		"takes the connection":   nil,
		"reads the request":      func(c net.Conn) {},
		"begins a status line":   func(c net.Conn) { io.WriteString(c, "HTTP/1.1 2") },
		"sends headers":          func(c net.Conn) { io.WriteString(c, head) },
		"sends headers for ever": func(c net.Conn) { drip(c, "HTTP/1.1 200 OK\r\n", "X-Header: x\r\n") },
		"sends half a body":      func(c net.Conn) { io.WriteString(c, head+`{"result":`) },
		"drips the body":         func(c net.Conn) { drip(c, "HTTP/1.1 200 OK\r\n\r\n", " ") },
		"drips chunks":           func(c net.Conn) { drip(c, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", "1\r\n \r\n") },
		"says go on for ever":    func(c net.Conn) { drip(c, "", "HTTP/1.1 100 Continue\r\n\r\n") },
	}
	for name, behave := range servers {
		for _, scheme := range []string{"http", "https"} {
			if scheme == "https" && name != "takes the connection" {
				continue // it never shakes hands
			}
			for _, opts := range [][]redis.Option{nil, {redis.WithAutoPipelining()}} {
				t.Run(fmt.Sprintf("%s, %s, %d", name, scheme, len(opts)), func(t *testing.T) {
					giveUp(t, scheme, behave, opts...)
				})
			}
		}
	}
}

// drip writes a beginning and then the same again and again, until the other side
// has gone.
func drip(c net.Conn, beginning, more string) {
	_, err := io.WriteString(c, beginning)
	for ; err == nil; _, err = io.WriteString(c, more) {
		time.Sleep(time.Millisecond)
	}
}

func giveUp(t *testing.T, scheme string, behave func(net.Conn), opts ...redis.Option) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	defer l.Close()
	var open atomic.Int64
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			open.Add(1)
			go func() {
				defer open.Add(-1)
				defer c.Close()
				if behave != nil {
					if _, err := http.ReadRequest(bufio.NewReader(c)); err == nil {
						behave(c)
					}
				}
				io.Copy(io.Discard, c)
			}()
		}
	}()
	transport := redis.NewTransport()
	transport.TLSClientConfig = &tls.Config{InsecureSkipVerify: true}
	rdb, err := redis.New(scheme+"://"+l.Addr().String(), secretToken, append(opts, redis.WithHTTPClient(&http.Client{Transport: transport}))...)
	require.NoError(t, err)
	before := runtime.NumGoroutine()

	for name, c := range map[string]redis.Command[int]{"write": write, "read": read} {
		ctx, cancel := context.WithCancel(t.Context())
		done := make(chan error, 1)
		go func() {
			_, err := c.Do(ctx, rdb)
			done <- err
		}()
		for open.Load() == 0 {
			runtime.Gosched()
		}
		cancel()
		given := time.Now()
		err := <-done
		assert.Less(t, time.Since(given), time.Second, "%s: at once, and not when a limit ends it", name)
		require.ErrorIs(t, err, context.Canceled, name)
		require.NotErrorIs(t, err, context.DeadlineExceeded, name)

		ctx, cancel = context.WithTimeout(t.Context(), 10*time.Millisecond)
		defer cancel()
		_, err = c.Do(ctx, rdb)
		require.ErrorIs(t, err, context.DeadlineExceeded, name)
		require.NotErrorIs(t, err, context.Canceled, name)
	}
	// A connection that was made for a call that had gone is kept for the next.
	gone := func() bool {
		transport.CloseIdleConnections()
		return open.Load() == 0 && runtime.NumGoroutine() <= before
	}
	for patience := time.Now().Add(5 * time.Second); !gone(); time.Sleep(time.Millisecond) {
		if time.Now().After(patience) {
			t.Fatalf("%d connections are left, and of %d goroutines more than %d:\n%s", open.Load(), runtime.NumGoroutine(), before, stacks{})
		}
	}
}

// stacks prints what runs.
type stacks struct{}

func (stacks) String() string {
	buf := make([]byte, 1<<20)
	return strings.TrimSpace(string(buf[:runtime.Stack(buf, true)]))
}
