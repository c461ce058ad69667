package redis_test

import (
	"bufio"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"path/filepath"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	redis "github.com/redis-rest/redis-rest-go"
)

// protocols are the options for each protocol.
var protocols = map[string]redis.Option{"HTTP/1.1": redis.WithHTTP2(false), "HTTP/2": redis.WithHTTP2(true)}

func TestClientCertificate(t *testing.T) {
	s := httptest.NewUnstartedServer(answer(200, `{"result":1}`))
	s.TLS = &tls.Config{ClientAuth: tls.RequireAnyClientCert}
	s.Config.ErrorLog = slog.NewLogLogger(slog.DiscardHandler, 0)
	s.EnableHTTP2 = true
	s.StartTLS()
	t.Cleanup(s.Close)
	for name, protocol := range protocols {
		for certificates, want := range map[int]bool{0: false, 1: true} {
			config := &tls.Config{Certificates: s.TLS.Certificates[:certificates], NextProtos: []string{"other"}}
			rdb, err := redis.New(s.URL, secretToken, protocol, once, redis.WithTLSConfig(config), redis.WithRootCAs(rootsOf(s)))
			require.NoError(t, err)
			require.Nil(t, config.RootCAs, "the config is copied")
			_, err = write.Do(t.Context(), rdb)
			require.Equal(t, want, err == nil, "%s: %v", name, err)
			require.NoError(t, rdb.Close())
		}
	}
}

func TestProxy(t *testing.T) {
	var seen []string
	proxy := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		seen = append(seen, r.RequestURI+" "+r.Header.Get("Proxy-Authorization"))
		fmt.Fprint(w, `{"result":1}`)
	}))
	t.Cleanup(proxy.Close)
	via, err := url.Parse(proxy.URL)
	require.NoError(t, err)
	via.User = url.UserPassword("user", "secret")
	for _, protocol := range protocols {
		seen = nil
		rdb, err := redis.New("http://redis.example", secretToken, protocol, redis.WithInsecureHTTP(true), redis.WithProxy(http.ProxyURL(via)))
		require.NoError(t, err)
		_, err = write.Do(t.Context(), rdb)
		require.NoError(t, err)
		require.Equal(t, []string{"http://redis.example/ Basic dXNlcjpzZWNyZXQ="}, seen)
		require.NoError(t, rdb.Close())

		// The text of an error of package url holds the URL, and so the password.
		wrongs := []error{errVault}
		for _, password := range []string{"hush%zz", "hush hush"} {
			wrongs = append(wrongs, errOf(url.Parse("http://user:"+password+"@proxy")))
		}
		for _, wrong := range wrongs {
			rdb, err = redis.New("http://redis.example", secretToken, protocol, once, redis.WithInsecureHTTP(true),
				redis.WithProxy(func(*http.Request) (*url.URL, error) { return nil, wrong }))
			require.NoError(t, err)
			_, err = write.Do(t.Context(), rdb)
			require.Error(t, err)
			require.Equal(t, wrong == errVault, errors.Is(err, errVault))
			require.NotContains(t, err.Error(), "hush")
			require.NotErrorIs(t, err, redis.ErrOutcomeUnknown)
		}
	}
}

func errOf(_ any, err error) error { return err }

func TestDialContext(t *testing.T) {
	path := filepath.Join(t.TempDir(), "s")
	l, err := net.Listen("unix", path)
	require.NoError(t, err)
	s := httptest.NewUnstartedServer(answer(200, `{"result":1}`))
	s.Listener = l
	s.Start()
	t.Cleanup(s.Close)
	for _, protocol := range protocols {
		var dialled []string
		rdb, err := redis.New("http://localhost/db", secretToken, protocol, redis.WithDialContext(func(ctx context.Context, network, address string) (net.Conn, error) {
			dialled = append(dialled, network+" "+address)
			_, limited := ctx.Deadline()
			require.True(t, limited)
			return new(net.Dialer).DialContext(ctx, "unix", path)
		}))
		require.NoError(t, err)
		for range 2 {
			_, err = write.Do(t.Context(), rdb)
			require.NoError(t, err)
		}
		require.Equal(t, []string{"tcp localhost:80"}, dialled)
		require.NoError(t, rdb.Close())
	}
}

// together makes n calls of which each waits for the others.
func together(t *testing.T, n int, opts ...redis.Option) (rdb *redis.Redis, open *atomic.Int64) {
	var arrived sync.WaitGroup
	arrived.Add(n)
	s, open := counted(t, func(w http.ResponseWriter, _ *http.Request) {
		arrived.Done()
		arrived.Wait()
		fmt.Fprint(w, `{"result":1}`)
	})
	s.Start()
	rdb, err := redis.New(s.URL, secretToken, opts...)
	require.NoError(t, err)
	var wg sync.WaitGroup
	for range n {
		wg.Go(func() {
			_, err := write.Do(t.Context(), rdb)
			assert.NoError(t, err)
		})
	}
	wg.Wait()
	return rdb, open
}

func TestIdleConnections(t *testing.T) {
	for name, protocol := range protocols { // over http both are HTTP/1.1
		t.Run(name, func(t *testing.T) {
			rdb, open := together(t, 8, protocol, redis.WithMaxIdleConns(3))
			require.Eventually(t, func() bool { return open.Load() == 3 }, 20*time.Second, time.Millisecond)
			require.NoError(t, rdb.Close())
			eventuallyNone(t, open)

			rdb, open = together(t, 8, protocol, redis.WithIdleTimeout(time.Millisecond))
			eventuallyNone(t, open)
			require.NoError(t, rdb.Close())

			rdb, open = together(t, 8, protocol, redis.WithIdleTimeout(0))
			require.EqualValues(t, 8, open.Load())
			require.NoError(t, rdb.Close())
			eventuallyNone(t, open)
		})
	}
}

// The default closes an idle connection after 90 seconds, and 0 keeps it for a year.
func TestIdleTimeoutOfZero(t *testing.T) {
	for name, protocol := range protocols {
		for want, opts := range map[int][]redis.Option{1: {redis.WithIdleTimeout(0)}, 2: nil} {
			synctest.Test(t, func(t *testing.T) {
				var dials int
				rdb, err := redis.New("http://localhost", secretToken, append(opts, protocol, redis.WithDialContext(func(context.Context, string, string) (net.Conn, error) {
					dials++
					conn, peer := net.Pipe()
					go answerEach(peer)
					return conn, nil
				}))...)
				require.NoError(t, err)
				for range 2 {
					_, err = write.Do(t.Context(), rdb)
					require.NoError(t, err)
					time.Sleep(365 * 24 * time.Hour)
				}
				require.Equal(t, want, dials, name)
				require.NoError(t, rdb.Close())
			})
		}
	}
}

// answerEach answers each request on a connection with 1.
func answerEach(conn net.Conn) {
	for r := bufio.NewReader(conn); ; {
		req, err := http.ReadRequest(r)
		if err != nil {
			return
		}
		io.Copy(io.Discard, req.Body)
		io.WriteString(conn, "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 12\r\n\r\n{\"result\":1}")
	}
}

// A hiding round tripper has no method but RoundTrip.
type hiding func(*http.Request) (*http.Response, error)

func (f hiding) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

func hide(rt http.RoundTripper) http.RoundTripper { return hiding(rt.RoundTrip) }

// What the client's own transport knows and does holds below a round tripper of the caller's.
func TestRoundTripper(t *testing.T) {
	for name, protocol := range protocols {
		t.Run(name, func(t *testing.T) {
			// A call without a connection certainly did not run.
			var tries int
			rdb, err := redis.New("http://localhost", secretToken, protocol, redis.WithRoundTripper(hide), redis.WithRetryPolicy(redis.RetryPolicy{BaseDelay: 1}),
				redis.WithDialContext(func(context.Context, string, string) (net.Conn, error) { tries++; return nil, errVault }))
			require.NoError(t, err)
			_, err = write.Do(t.Context(), rdb)
			require.ErrorIs(t, err, errVault)
			require.ErrorIs(t, err, redis.ErrNotExecuted)
			require.Equal(t, 3, tries)

			// An error of the round tripper's own proves nothing, before and after the transport.
			for _, hand := range []bool{false, true} {
				s, open := counted(t, answer(200, `{"result":1}`))
				s.Start()
				rdb, err = redis.New(s.URL, secretToken, protocol, redis.WithRoundTripper(func(rt http.RoundTripper) http.RoundTripper {
					return hiding(func(r *http.Request) (*http.Response, error) {
						if hand {
							resp, err := rt.RoundTrip(r)
							if err != nil {
								return nil, err
							}
							resp.Body.Close()
						}
						return nil, errVault
					})
				}))
				require.NoError(t, err)
				_, err = write.Do(t.Context(), rdb)
				require.ErrorIs(t, err, errVault)
				require.ErrorIs(t, err, redis.ErrOutcomeUnknown)
				require.NoError(t, rdb.Close())
				eventuallyNone(t, open)
			}

			// It sees the limit of a call as the end of its context.
			rdb, err = redis.New("http://localhost", secretToken, protocol, once, redis.WithTimeout(time.Millisecond), redis.WithRoundTripper(func(http.RoundTripper) http.RoundTripper {
				return hiding(hangs)
			}))
			require.NoError(t, err)
			_, err = write.Do(t.Context(), rdb)
			require.ErrorIs(t, err, context.DeadlineExceeded)

			// Close reaches the connections.
			rdb, open := together(t, 4, protocol, redis.WithRoundTripper(hide))
			require.EqualValues(t, 4, open.Load())
			require.NoError(t, rdb.Close())
			eventuallyNone(t, open)
		})
	}
}
