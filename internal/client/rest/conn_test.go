package rest_test

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/http/httptrace"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"golang.org/x/net/http2"

	"github.com/redis-rest/redis-rest-go/internal/client/rest"
	"github.com/redis-rest/redis-rest-go/internal/testkit/faultproxy"
)

// post sends one request, and says how it ended.
func post(ctx context.Context, c *rest.Client) error {
	_, err := c.Post(ctx, &rest.Request{Body: []byte(`["PING"]`), Judge: satisfied{}})
	return err
}

// satisfied takes any answer.
type satisfied struct{}

func (satisfied) Judge(rest.Response) (refused bool, err error) { return false, nil }

// Connections that died without a word while the machine was frozen: its timers
// stood still, and the wall clock tells.
func TestWallClock(t *testing.T) {
	for _, protocol := range []string{"HTTP/1.1", "HTTP/2"} {
		t.Run(protocol, func(t *testing.T) {
			var requests atomic.Int64
			s := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				requests.Add(1)
				io.WriteString(w, `{"result":"`+r.Proto+`"}`)
			}))
			s.Config.Protocols = new(http.Protocols)
			s.Config.Protocols.SetHTTP1(true)
			s.Config.Protocols.SetUnencryptedHTTP2(true)
			s.Start()
			defer s.Close()
			tunnel, err := faultproxy.StartTunnel(s.Listener.Addr().String())
			require.NoError(t, err)
			defer tunnel.Close()
			transport := rest.NewTransport()
			transport.Protocols = new(http.Protocols)
			if protocol == "HTTP/2" {
				transport.Protocols.SetUnencryptedHTTP2(true)
			} else {
				transport.Protocols.SetHTTP1(true)
			}
			clock := struct {
				sync.Mutex
				ahead time.Duration
			}{}
			now := func() time.Time {
				clock.Lock()
				defer clock.Unlock()
				return time.Now().Add(clock.ahead)
			}
			c := rest.New(rest.Config{URL: "http://" + tunnel.Address, Token: "t", UserAgent: "test", HTTPClient: &http.Client{Transport: transport}, MaxReplyBytes: 1000, Policy: rest.Policy{MaxAttempts: 1}, Now: now})
			defer transport.CloseIdleConnections()
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
			tunnel.Swallow()
			clock.Lock()
			clock.ahead += 91 * time.Second
			clock.Unlock()
			before := requests.Load()
			warm() // all at the same time, so that none takes a dead one from under the other
			require.Equal(t, before+8, requests.Load())

			// Without the clock's help it hangs, which is what the rule is there for.
			tunnel.Swallow()
			ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
			defer cancel()
			err = post(ctx, c)
			require.ErrorIs(t, err, context.DeadlineExceeded)
			var unsent *rest.SendError
			require.True(t, errors.As(err, &unsent))
			require.False(t, unsent.Unsent)
		})
	}
}

func TestRetryAfter(t *testing.T) {
	inAnHour := time.Now().Add(time.Hour).UTC()
	for value, check := range map[string]func(time.Duration) bool{
		"":                                  func(d time.Duration) bool { return d == 0 },
		"0":                                 func(d time.Duration) bool { return d == 1 },
		"000":                               func(d time.Duration) bool { return d == 1 },
		" 7 ":                               func(d time.Duration) bool { return d == 7*time.Second },
		"-1":                                func(d time.Duration) bool { return d == 0 },
		"1.5":                               func(d time.Duration) bool { return d == 0 },
		"soon":                              func(d time.Duration) bool { return d == 0 },
		"٣":                                 func(d time.Duration) bool { return d == 0 },
		"1e3":                               func(d time.Duration) bool { return d == 0 },
		"10000000000000000000000000":        func(d time.Duration) bool { return d > 1000*time.Hour },
		inAnHour.Format(http.TimeFormat):    func(d time.Duration) bool { return d > 59*time.Minute && d <= time.Hour },
		inAnHour.Format(time.RFC850):        func(d time.Duration) bool { return d > 59*time.Minute && d <= time.Hour },
		inAnHour.Format(time.ANSIC):         func(d time.Duration) bool { return d > 59*time.Minute && d <= time.Hour },
		"Thu, 01 Jan 1970 00:00:00 GMT":     func(d time.Duration) bool { return d == 1 },
		"Thu, 99 Jan 1970 00:00:00 GMT":     func(d time.Duration) bool { return d == 0 },
		"Mon, 01 Jan 99999 00:00:00 GMT":    func(d time.Duration) bool { return d == 0 },
		strings.Repeat("9", 10000):          func(d time.Duration) bool { return d > 1000*time.Hour },
		inAnHour.Format(time.RFC3339) + "!": func(d time.Duration) bool { return d == 0 },
	} {
		require.True(t, check(rest.RetryAfter(http.Header{"Retry-After": {value}})), "%.50q", value)
	}
}

func FuzzRetryAfter(f *testing.F) {
	for _, seed := range []string{"", "0", "120", "-1", "Fri, 31 Dec 1999 23:59:59 GMT", "Friday, 31-Dec-99 23:59:59 GMT", "Fri Dec 31 23:59:59 1999", "99999999999999999999", "1 2"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, value string) {
		d := rest.RetryAfter(http.Header{"Retry-After": {value}})
		if d < 0 {
			t.Fatalf("%q: %v", value, d)
		}
		_, err := http.ParseTime(strings.TrimSpace(value))
		trimmed := strings.TrimSpace(value)
		digits := trimmed != "" && strings.Trim(trimmed, "0123456789") == ""
		if (d > 0) != (digits || err == nil) {
			t.Fatalf("%q: %v", value, d)
		}
	})
}

// Over HTTP/2 net/http posts again by itself after some resets, when the server may
// have run the command. Here it does not.
func TestResetStreamsAreNotReplayed(t *testing.T) {
	var ran atomic.Int64
	l, err := net.Listen("tcp", "127.0.0.1:0")
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
	transport := rest.NewTransport()
	transport.Protocols = new(http.Protocols)
	transport.Protocols.SetUnencryptedHTTP2(true)
	defer transport.CloseIdleConnections()
	c := rest.New(rest.Config{URL: "http://" + l.Addr().String(), Token: "t", UserAgent: "test", HTTPClient: &http.Client{Transport: transport}, MaxReplyBytes: 1000, Timeout: 5 * time.Second, Policy: rest.Policy{MaxAttempts: 3}})
	err = post(t.Context(), c)
	var unsent *rest.SendError
	require.ErrorAs(t, err, &unsent)
	require.False(t, unsent.Unsent, "%v", err)
	require.EqualValues(t, 1, ran.Load())
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

// A round tripper of the caller's that tries again by itself proves nothing by
// the last of its tries.
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
