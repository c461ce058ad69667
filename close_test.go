package redis_test

import (
	"context"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"runtime"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	redis "github.com/redis-rest/redis-rest-go"
	"github.com/redis-rest/redis-rest-go/redistest"
)

// counted makes a server, yet to be started, that counts its open connections.
func counted(t *testing.T, handler http.HandlerFunc) (s *httptest.Server, open *atomic.Int64) {
	t.Helper()
	open = new(atomic.Int64)
	s = httptest.NewUnstartedServer(handler)
	s.Config.ConnState = func(_ net.Conn, state http.ConnState) {
		switch state {
		case http.StateNew:
			open.Add(1)
		case http.StateClosed:
			open.Add(-1)
		}
	}
	t.Cleanup(s.Close)
	return s, open
}

func eventuallyNone(t *testing.T, open *atomic.Int64) {
	t.Helper()
	require.Eventually(t, func() bool { return open.Load() == 0 }, 20*time.Second, time.Millisecond, "connections are left")
}

func TestClose(t *testing.T) {
	s := redistest.NewServer(t)
	for name, opts := range map[string][]redis.Option{
		"alone":                    nil,
		"auto-pipelined":           {redis.WithAutoPipelining(true)},
		"a transport of one's own": {redis.WithHTTPClient(&http.Client{Transport: &http.Transport{}})},
	} {
		t.Run(name, func(t *testing.T) {
			before := goleak.IgnoreCurrent()
			rdb, err := redis.New(s.URL, s.Token, opts...)
			require.NoError(t, err)
			var wg sync.WaitGroup
			for range 8 {
				wg.Go(func() { rdb.Do(t.Context(), "PING") })
			}
			wg.Wait()
			sub, err := rdb.Subscribe(t.Context(), "news")
			require.NoError(t, err)
			lines, err := rdb.Monitor(t.Context())
			require.NoError(t, err)
			b := rdb.Pipeline()
			write.Queue(b)

			require.NoError(t, rdb.Close())
			require.NoError(t, rdb.Close())
			closed := func(err error) {
				t.Helper()
				require.ErrorIs(t, err, redis.ErrClosed)
				require.ErrorIs(t, err, redis.ErrNotExecuted)
				require.NotErrorIs(t, err, redis.ErrOutcomeUnknown)
			}
			_, err = rdb.Do(t.Context(), "INCR", "n")
			closed(err)
			require.ErrorContains(t, err, "INCR")
			_, err = script.Do(t.Context(), rdb)
			closed(err)
			closed(b.Exec(t.Context()))
			_, err = rdb.Subscribe(t.Context(), "news")
			closed(err)
			_, err = rdb.PSubscribe(t.Context(), "news*")
			closed(err)
			_, err = rdb.Monitor(t.Context())
			closed(err)
			var ends []error
			for _, err := range sub.Messages() {
				ends = append(ends, err)
			}
			for line, err := range lines {
				if line == "" {
					ends = append(ends, err)
				}
			}
			require.Len(t, ends, 2)
			for _, err := range ends {
				require.ErrorIs(t, err, redis.ErrClosed)
			}
			goleak.VerifyNone(t, before)
		})
	}
	require.NoError(t, (*redis.Redis)(nil).Close())
	require.NoError(t, new(redis.Redis).Close())
}

// Calls that run when the client is closed are answered, and leave no connection.
func TestCloseDuringACall(t *testing.T) {
	for name, opts := range map[string][]redis.Option{"HTTP/1.1": nil, "auto-pipelined": {redis.WithAutoPipelining(true)}, "HTTP/2": {redis.WithHTTP2(true)}} {
		t.Run(name, func(t *testing.T) {
			arrived, answer := make(chan struct{}), make(chan struct{})
			s, open := counted(t, func(w http.ResponseWriter, r *http.Request) {
				arrived <- struct{}{}
				<-answer
				io.WriteString(w, `{"result":1}`)
			})
			s.EnableHTTP2 = true
			s.StartTLS()
			roots := s.Client().Transport.(*http.Transport).TLSClientConfig.RootCAs
			rdb, err := redis.New(s.URL, secretToken, append(opts, redis.WithRootCAs(roots))...)
			require.NoError(t, err)
			done := make(chan error)
			const calls = 2
			for range calls {
				go func() {
					_, err := write.Do(context.Background(), rdb)
					done <- err
				}()
				<-arrived
			}
			require.NoError(t, rdb.Close())
			close(answer)
			for range calls {
				require.NoError(t, <-done)
			}
			eventuallyNone(t, open)
		})
	}
}

// Clients that nobody closed hold no connections once they are garbage.
func TestDroppedClients(t *testing.T) {
	s, open := counted(t, answer(200, `{"result":1}`))
	s.Start()
	before := goleak.IgnoreCurrent()
	const clients = 20
	for i := range clients {
		rdb, err := redis.New(s.URL, secretToken, redis.WithAutoPipelining(i%2 == 0))
		require.NoError(t, err)
		_, err = write.Do(t.Context(), rdb)
		require.NoError(t, err)
	}
	require.Eventually(t, func() bool {
		runtime.GC()
		return open.Load() == 0
	}, 20*time.Second, time.Millisecond, "connections are left")
	goleak.VerifyNone(t, before)

	rdb, err := redis.New(s.URL, secretToken)
	require.NoError(t, err)
	_, err = write.Do(t.Context(), rdb)
	require.NoError(t, err)
	runtime.GC()
	runtime.GC()
	require.EqualValues(t, 1, open.Load(), "a client that is in use keeps its connection")
	runtime.KeepAlive(rdb)
}
