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
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	redis "github.com/redis-rest/redis-rest-go"
)

// A command that waits for data may take as much longer than the timeout as it says. What
// waits without a limit ends with its context.
func TestTimeOfBlockingCommands(t *testing.T) {
	const second, hour = time.Second, time.Hour
	pipelined := func(kind redis.BatchKind, commands ...[]any) func(context.Context, *redis.Redis) error {
		return func(ctx context.Context, rdb *redis.Redis) error {
			b := redis.NewBatch(copies{rdb}, kind)
			for _, args := range commands {
				redis.Cmd[any](args...).Queue(b)
			}
			return b.Exec(ctx)
		}
	}
	do := func(args ...any) func(context.Context, *redis.Redis) error {
		return func(ctx context.Context, rdb *redis.Redis) error { _, err := rdb.Do(ctx, args...); return err }
	}
	for name, row := range map[string]struct {
		call func(context.Context, *redis.Redis) error
		want time.Duration
	}{
		"does not wait":            {do("LPUSH", "k", 5), 10 * second},
		"BLPOP":                    {do("BLPOP", "k", 5), 15 * second},
		"bzpopmin":                 {do("bzpopmin", "k", "0.5"), 10*second + 500*time.Millisecond},
		"XREADGROUP":               {do("XREADGROUP", "GROUP", "g", "c", "BLOCK", 2000, "STREAMS", "s", ">"), 12 * second},
		"without a limit":          {do("BLPOP", "k", 0), hour},
		"very long":                {do("BLPOP", "k", 1e300), hour},
		"refused by Redis":         {do("BLPOP", "k", -1), 10 * second},
		"pipeline":                 {pipelined(redis.Pipeline, []any{"BLPOP", "k", 5}, []any{"GET", "k"}, []any{"WAIT", 1, 1000}), 16 * second},
		"pipeline without a limit": {pipelined(redis.Pipeline, []any{"BLPOP", "k", 0}, []any{"BLPOP", "k", 0}, []any{"BLPOP", "k", 1}), hour},
		"transaction":              {pipelined(redis.Transaction, []any{"BLPOP", "k", 5}), 10 * second},
	} {
		for _, shared := range []bool{false, true} {
			synctest.Test(t, func(t *testing.T) {
				rdb := (&scripted{turns: []turn{hangs}}).client(t, redis.WithTimeout(10*second), redis.WithAutoPipelining(shared), redis.WithRetryPolicy(redis.RetryPolicy{MaxAttempts: 1}))
				ctx, cancel := context.WithTimeout(t.Context(), hour)
				defer cancel()
				began := time.Now()
				require.ErrorIs(t, row.call(ctx, rdb), context.DeadlineExceeded, name)
				require.Equal(t, row.want, time.Since(began), name)
			})
		}
	}
}

// A call whose context ends returns at once, whatever the server does. It leaves no
// goroutine and no connection.
func TestCancelledCalls(t *testing.T) {
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
				continue // this server never completes a TLS handshake
			}
			for how, opts := range map[string][]redis.Option{"alone": nil, "shared": {redis.WithAutoPipelining(true)}, "wrapped": {redis.WithRoundTripper(hide)}} {
				t.Run(fmt.Sprintf("%s, %s, %s", name, scheme, how), func(t *testing.T) {
					giveUp(t, scheme, behave, opts...)
				})
			}
		}
	}
}

// drip writes a beginning, and then the same text again and again until the client closes
// the connection.
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
	rdb, err := redis.New(scheme+"://"+l.Addr().String(), secretToken, append(opts, redis.WithTLSConfig(&tls.Config{InsecureSkipVerify: true}))...)
	require.NoError(t, err)
	before := runtime.NumGoroutine()

	for name, c := range map[string]redis.Command[int]{"write": write, "read": read} {
		ctx, cancel := context.WithCancel(t.Context())
		done := make(chan error, 1)
		go func() {
			_, err := c.Do(ctx, rdb)
			done <- err
		}()
		require.Eventually(t, func() bool { return open.Load() > 0 }, 20*time.Second, time.Millisecond)
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
	gone := func() bool { return open.Load() == 0 && runtime.NumGoroutine() <= before }
	for patience := time.Now().Add(5 * time.Second); !gone(); time.Sleep(time.Millisecond) {
		if time.Now().After(patience) {
			t.Fatalf("%d connections are left, and of %d goroutines more than %d:\n%s", open.Load(), runtime.NumGoroutine(), before, stacks{})
		}
	}
}

// 10,000 calls, of which every tenth is cancelled, leave no goroutine.
func TestCallsLeaveNoGoroutine(t *testing.T) {
	rdb, err := redis.New(constantServer(t, `{"result":1}`), secretToken)
	require.NoError(t, err)
	_, err = write.Do(t.Context(), rdb)
	require.NoError(t, err)
	before := runtime.NumGoroutine()
	calls := 10_000
	if testing.Short() {
		calls = 1000
	}
	for i := range calls {
		ctx, cancel := context.WithCancel(t.Context())
		if i%10 == 0 {
			cancel()
		}
		_, err := write.Do(ctx, rdb)
		cancel()
		if i%10 == 0 {
			require.ErrorIs(t, err, context.Canceled)
		} else {
			require.NoError(t, err)
		}
	}
	require.Eventually(t, func() bool { return runtime.NumGoroutine() <= before+1 }, 20*time.Second, time.Millisecond) // Eventually has one itself
}

// A stacks prints the stacks of all goroutines.
type stacks struct{}

func (stacks) String() string {
	buf := make([]byte, 1<<20)
	return strings.TrimSpace(string(buf[:runtime.Stack(buf, true)]))
}
