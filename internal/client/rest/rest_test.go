package rest_test

import (
	"context"
	"crypto/tls"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/http/httptrace"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"golang.org/x/net/http2"

	"github.com/redis-rest/redis-rest-go/internal/client/rest"
	"github.com/redis-rest/redis-rest-go/internal/client/transport"
	"github.com/redis-rest/redis-rest-go/internal/testkit/faultproxy"
)

// post sends one request, and says how it ended.
func post(ctx context.Context, c *rest.Client) error {
	_, err := c.Post(ctx, &rest.Request{Body: []byte(`["PING"]`), Classifier: satisfied{}})
	return err
}

// satisfied takes any answer.
type satisfied struct{}

func (satisfied) Classify(rest.Response) (refused bool, err error) { return false, nil }

// Connections that died without a word while the machine was frozen: its timers
// stood still, and the wall clock tells.
func TestWallClock(t *testing.T) {
	for name, change := range map[string]func(*rest.Config){
		"HTTP/1.1": func(*rest.Config) {},
		"HTTP/2":   func(c *rest.Config) { c.HTTP2 = true },
		"below a round tripper that hides everything else": func(c *rest.Config) {
			c.Wrap = func(rt http.RoundTripper) http.RoundTripper { return roundTripper(rt.RoundTrip) }
		},
	} {
		t.Run(name, func(t *testing.T) {
			var requests atomic.Int64
			var protocol atomic.Value
			s := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				requests.Add(1)
				protocol.Store(r.Proto)
				io.WriteString(w, `{"result":1}`)
			}))
			s.EnableHTTP2 = true
			s.StartTLS()
			defer s.Close()
			tunnel, err := faultproxy.StartTunnel(s.Listener.Addr().String())
			require.NoError(t, err)
			defer tunnel.Close()
			clock := struct {
				sync.Mutex
				ahead time.Duration
			}{}
			now := func() time.Time {
				clock.Lock()
				defer clock.Unlock()
				return time.Now().Add(clock.ahead)
			}
			config := rest.Config{URL: "https://" + tunnel.Address, Token: "t", UserAgent: "test", MaxReplyBytes: 1000, Policy: rest.Policy{MaxAttempts: 1},
				Transport: transport.Config{TLS: &tls.Config{InsecureSkipVerify: true}, Now: now}}
			change(&config)
			c := rest.New(config)
			defer c.Close()
			warm := func() {
				var wg sync.WaitGroup
				for range 8 {
					wg.Go(func() {
						ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
						defer cancel()
						err := post(ctx, c)
						assert.NoError(t, err)
					})
				}
				wg.Wait()
			}
			warm()
			require.Equal(t, config.HTTP2, protocol.Load() == "HTTP/2.0")
			tunnel.Swallow()
			clock.Lock()
			clock.ahead += 91 * time.Second
			clock.Unlock()
			before := requests.Load()
			warm() // all at the same time, so that none takes a dead one from under the other
			require.Equal(t, before+8, requests.Load())

			// Without the clock's help it hangs, which is what the rule is there for. Over
			// HTTP/2 a connection can be left over whose dial ended late.
			require.Eventually(t, func() bool {
				tunnel.Swallow()
				ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
				defer cancel()
				err = post(ctx, c)
				return err != nil
			}, 10*time.Second, time.Millisecond)
			require.ErrorIs(t, err, context.DeadlineExceeded)
			var unsent *rest.SendError
			require.True(t, errors.As(err, &unsent))
			require.False(t, unsent.Unsent)
		})
	}
}

// Over HTTP/2 net/http posts again by itself after some resets, when the server may
// have run the command. Here it does not.
func TestResetStreamsAreNotReplayed(t *testing.T) {
	var ran atomic.Int64
	certificate := httptest.NewTLSServer(nil)
	defer certificate.Close()
	l, err := tls.Listen("tcp", "127.0.0.1:0", &tls.Config{Certificates: certificate.TLS.Certificates, NextProtos: []string{"h2"}})
	require.NoError(t, err)
	defer l.Close()
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			go resetStreams(c, &ran)
		}
	}()
	insecure := &tls.Config{InsecureSkipVerify: true}
	theirs := &http.Transport{TLSClientConfig: insecure, ForceAttemptHTTP2: true}
	defer theirs.CloseIdleConnections()
	for name, config := range map[string]rest.Config{
		"the client's own": {HTTP2: true, Transport: transport.Config{TLS: insecure}},
		"the caller's":     {HTTPClient: &http.Client{Transport: theirs}},
	} {
		ran.Store(0)
		config.URL, config.Token, config.UserAgent, config.MaxReplyBytes = "https://"+l.Addr().String(), "t", "test", 1000
		config.Timeout, config.Policy = 5*time.Second, rest.Policy{MaxAttempts: 3}
		c := rest.New(config)
		defer c.Close()
		err = post(t.Context(), c)
		var unsent *rest.SendError
		require.ErrorAs(t, err, &unsent)
		require.False(t, unsent.Unsent, "%s: %v", name, err)
		require.EqualValues(t, 1, ran.Load(), name)
	}
}

// resetStreams speaks as much HTTP/2 as it takes to run every request and reset its
// stream with PROTOCOL_ERROR.
func resetStreams(c net.Conn, ran *atomic.Int64) {
	defer c.Close()
	io.ReadFull(c, make([]byte, len(http2.ClientPreface)))
	f := http2.NewFramer(c, c)
	f.WriteSettings()
	for {
		frame, err := f.ReadFrame()
		if err != nil {
			return
		}
		switch frame := frame.(type) {
		case *http2.SettingsFrame:
			if !frame.IsAck() {
				f.WriteSettingsAck()
			}
		case *http2.DataFrame:
			if frame.StreamEnded() {
				ran.Add(1)
				f.WriteRSTStream(frame.StreamID, http2.ErrCodeProtocol)
			}
		}
	}
}

// A round tripper of the caller's makes two tries: for the first there is a connection, for
// the second there is none. The first may have been sent, so the outcome is unknown.
func TestTriesOfOthers(t *testing.T) {
	tries := roundTripper(func(r *http.Request) (*http.Response, error) {
		trace := httptrace.ContextClientTrace(r.Context())
		client, server := net.Pipe()
		defer client.Close()
		defer server.Close()
		trace.GetConn("x:443")
		trace.GotConn(httptrace.GotConnInfo{Conn: client})
		trace.GetConn("x:443")
		return nil, errors.New("refused")
	})
	c := rest.New(rest.Config{URL: "https://x", Token: "t", UserAgent: "test", HTTPClient: &http.Client{Transport: tries}, MaxReplyBytes: 1000, Policy: rest.Policy{MaxAttempts: 1}})
	err := post(t.Context(), c)
	var unsent *rest.SendError
	require.ErrorAs(t, err, &unsent)
	require.False(t, unsent.Unsent)
}

type roundTripper func(*http.Request) (*http.Response, error)

func (f roundTripper) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }
