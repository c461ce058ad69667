package redis_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	redis "github.com/redis-rest/redis-rest-go"
	"github.com/redis-rest/redis-rest-go/redistest"
)

// collect reads n messages.
func collect(t *testing.T, s *redis.Subscription, n int) []redis.Message {
	t.Helper()
	var got []redis.Message
	for m, err := range s.Messages() {
		require.NoError(t, err)
		if got = append(got, m); len(got) == n {
			break
		}
	}
	return got
}

func TestSubscribe(t *testing.T) {
	onEachBackend(t, func(t *testing.T, s *redistest.Server) {
		ctx, rdb := t.Context(), s.Client()
		for _, channel := range []string{"news", "a,b", "a/b/../c", "über uns?x=1#%2F", "[x]*", "..", "a,b,"} {
			sub, err := rdb.Subscribe(ctx, channel)
			require.NoError(t, err, channel)
			payloads := []string{"hello", "", "a,b,c", "two\nlines\n", "\n\n", strings.Repeat("long", 100_000), `{"json": [1]}`, "message,x,y", "é😀", " leading"}
			for _, p := range payloads {
				n, err := redis.Cmd[int]("PUBLISH", channel, p).Do(ctx, rdb)
				require.NoError(t, err)
				require.Equal(t, 1, n, channel)
			}
			_, err = rdb.Do(ctx, "PUBLISH", channel+"x", "another channel's")
			require.NoError(t, err)
			for i, m := range collect(t, sub, len(payloads)) {
				require.Equal(t, redis.Message{Channel: channel, Payload: payloads[i]}, m)
			}
			require.NoError(t, sub.Close())
			require.NoError(t, sub.Close())
			for range sub.Messages() {
				t.Fatal("a message after Close")
			}
		}
	})
}

func TestPSubscribe(t *testing.T) {
	onEachBackend(t, func(t *testing.T, s *redistest.Server) {
		ctx, rdb := t.Context(), s.Client()
		for _, c := range []struct{ pattern, channel string }{
			{"news.*", "news.uk"}, {"a,*", "a,b"}, {"*/x", "a/x"}, {"h[ae]llo", "hello"}, {"h[^e]llo", "hallo"}, {"h[a-c]llo", "hbllo"}, {"h?llo", "hxllo"}, {`h\*`, "h*"}, {"*", "plain"}, {"*,end", "a,b,end"},
		} {
			sub, err := rdb.PSubscribe(ctx, c.pattern)
			require.NoError(t, err)
			n, err := redis.Cmd[int]("PUBLISH", c.channel, "a, b").Do(ctx, rdb)
			require.NoError(t, err)
			require.GreaterOrEqual(t, n, 1, c) // the server may still count a closed subscription
			require.Equal(t, []redis.Message{{Channel: c.channel, Pattern: c.pattern, Payload: "a, b"}}, collect(t, sub, 1))
			require.NoError(t, sub.Close())
		}
	})
}

func TestMonitor(t *testing.T) {
	onEachBackend(t, func(t *testing.T, s *redistest.Server) {
		ctx, cancel := context.WithCancel(t.Context())
		rdb := s.Client()
		lines, err := rdb.Monitor(ctx)
		require.NoError(t, err)
		// The loop breaks early, and the next loop continues.
		for _, value := range []string{"a b", "c"} {
			_, err = rdb.Do(ctx, "SET", "k", value)
			require.NoError(t, err)
		}
		for _, value := range []string{"a b", "c"} {
			found := false
			for line, err := range lines {
				require.NoError(t, err)
				if found = strings.HasSuffix(line, fmt.Sprintf(`"SET" "k" "%s"`, value)); found {
					break
				}
			}
			require.True(t, found, value)
		}
		cancel()
		for line, err := range lines {
			require.NoError(t, err, "it ends without an error")
			require.NotContains(t, line, "SET")
		}
		_, err = rdb.Monitor(ctx)
		require.ErrorIs(t, err, context.Canceled)
		require.ErrorContains(t, err, "MONITOR")
	})
}

func TestLostMonitor(t *testing.T) {
	lines, err := fake(t, func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "text/event-stream")
		io.WriteString(w, "data: \"OK\"\n\ndata: a line, as it is\n\n")
	}, redis.WithResubscribe(true)).Monitor(t.Context()) // Monitor does not subscribe again
	require.NoError(t, err)
	var got []string
	var lost error
	for line, err := range lines {
		require.NoError(t, lost, "the error is the last element")
		got, lost = append(got, line), err
	}
	require.Equal(t, []string{"a line, as it is", ""}, got)
	require.ErrorContains(t, lost, "MONITOR: the connection was lost")

	_, err = fake(t, func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "text/event-stream")
		io.WriteString(w, "data: no confirmation\n\n")
	}).Monitor(t.Context())
	require.ErrorContains(t, err, "MONITOR: the server's first event is not the confirmation")
}

func TestSubscriptionEndsWithItsContext(t *testing.T) {
	onEachBackend(t, func(t *testing.T, s *redistest.Server) {
		ctx, cancel := context.WithCancel(t.Context())
		rdb := s.Client()
		sub, err := rdb.Subscribe(ctx, "c")
		require.NoError(t, err)
		ended := make(chan error)
		go func() {
			for _, err := range sub.Messages() {
				ended <- err
			}
			close(ended)
		}()
		_, err = rdb.Do(ctx, "PUBLISH", "c", "x")
		require.NoError(t, err)
		require.NoError(t, <-ended)
		cancel()
		_, open := <-ended
		require.False(t, open, "it ends without an error")
		_, err = rdb.Subscribe(ctx, "c")
		require.ErrorIs(t, err, context.Canceled)
	})
}

func TestSubscriptionIgnoresTheTimeout(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		hc := &http.Client{Timeout: time.Second, Transport: roundTripper(func(r *http.Request) (*http.Response, error) {
			body, events := io.Pipe()
			context.AfterFunc(r.Context(), func() { events.CloseWithError(r.Context().Err()) })
			go func() {
				io.WriteString(events, "data: subscribe,c,1\n\n")
				time.Sleep(time.Hour) // in the time of the synctest bubble
				io.WriteString(events, "data: message,c,late\n\n")
			}()
			return &http.Response{StatusCode: 200, Header: http.Header{"Content-Type": {"text/event-stream"}}, Body: body}, nil
		})}
		rdb, err := redis.New("https://redis.example.com", "t", redis.WithHTTPClient(hc), redis.WithTimeout(time.Second))
		require.NoError(t, err)
		sub, err := rdb.Subscribe(t.Context(), "c")
		require.NoError(t, err)
		require.Equal(t, "late", collect(t, sub, 1)[0].Payload)
		require.NoError(t, sub.Close())
	})
}

func TestLostSubscription(t *testing.T) {
	s, err := newServer()
	require.NoError(t, err)
	rdb, err := redis.New(s.URL, s.Token)
	require.NoError(t, err)
	sub, err := rdb.Subscribe(t.Context(), "c")
	require.NoError(t, err)
	_, err = rdb.Do(t.Context(), "PUBLISH", "c", "x")
	require.NoError(t, err)
	var got []redis.Message
	var errs []error
	for m, err := range sub.Messages() {
		if err != nil {
			errs = append(errs, err)
			continue
		}
		got = append(got, m)
		require.NoError(t, s.Close())
	}
	require.Len(t, got, 1)
	require.Len(t, errs, 1)
	require.ErrorContains(t, errs[0], "SUBSCRIBE: the connection was lost")
}

func TestFailedSubscriptions(t *testing.T) {
	stream := func(w http.ResponseWriter) {
		w.Header().Set("Content-Type", "text/event-stream; charset=utf-8")
		w.(http.Flusher).Flush()
	}
	for name, c := range map[string]struct {
		handler http.HandlerFunc
		want    string
	}{
		"an error":             {answer(401, `{"error":"WRONGPASS x"}`), "WRONGPASS"},
		"a page":               {answer(200, `<html>`), "HTTP 200"},
		"a result":             {answer(200, `{"result":1}`), "HTTP 200"},
		"a redirect":           {answer(302, ``), "HTTP 302"},
		"nothing":              {func(w http.ResponseWriter, r *http.Request) { stream(w) }, "lost"},
		"another confirmation": {func(w http.ResponseWriter, r *http.Request) { stream(w); io.WriteString(w, "data: subscribe,x,1\n\n") }, "confirmation"},
		"too long": {func(w http.ResponseWriter, r *http.Request) {
			stream(w)
			io.WriteString(w, "data: "+strings.Repeat("x", 5000))
		}, "too large"},
	} {
		t.Run(name, func(t *testing.T) {
			sub, err := fake(t, c.handler, redis.WithMaxReplyBytes(1000)).Subscribe(t.Context(), "c")
			require.Nil(t, sub)
			require.ErrorContains(t, err, "SUBSCRIBE")
			require.ErrorContains(t, err, c.want)
			require.NotErrorIs(t, err, redis.ErrOutcomeUnknown)
		})
	}
	rdb, _ := stuck(t, redis.WithTimeout(20*time.Millisecond))
	_, err := rdb.Subscribe(t.Context(), "c")
	require.ErrorIs(t, err, context.DeadlineExceeded)
	_, err = (&redis.Redis{}).Subscribe(t.Context(), "c")
	require.Error(t, err)

	long := fake(t, func(w http.ResponseWriter, r *http.Request) {
		stream(w)
		fmt.Fprintf(w, "data: subscribe,c,1\n\ndata: other\n\ndata: message,c,%s\n\n", strings.Repeat("x", 2000))
	}, redis.WithMaxReplyBytes(1000))
	sub, err := long.Subscribe(t.Context(), "c")
	require.NoError(t, err)
	for m, err := range sub.Messages() {
		require.Zero(t, m)
		require.ErrorIs(t, err, redis.ErrReplyTooLarge)
	}
	var sent *http.Request
	_, err = fake(t, func(w http.ResponseWriter, r *http.Request) { sent = r }).Subscribe(t.Context(), "a/b")
	require.Error(t, err)
	assert.Equal(t, "text/event-stream", sent.Header.Get("Accept"))
	assert.Equal(t, "/subscribe/a%2Fb", sent.URL.EscapedPath())
}

func TestSubscribeToMany(t *testing.T) {
	onEachBackend(t, func(t *testing.T, s *redistest.Server) {
		ctx, rdb := t.Context(), s.Client()
		sub, err := rdb.Subscribe(ctx, "a", "b", "a", "c,d")
		require.NoError(t, err)
		channels := []string{"a", "b", "c,d"}
		for i := range 30 {
			n, err := redis.Cmd[int]("PUBLISH", channels[i%3], i).Do(ctx, rdb)
			require.NoError(t, err)
			require.Equal(t, 1, n)
		}
		got := map[string][]string{}
		for _, m := range collect(t, sub, 30) {
			got[m.Channel] = append(got[m.Channel], m.Payload)
		}
		require.Len(t, got, 3)
		for i, channel := range channels {
			for k, payload := range got[channel] {
				require.Equal(t, fmt.Sprint(3*k+i), payload, "in order")
			}
		}
		require.NoError(t, sub.Close())
		for range sub.Messages() {
			t.Fatal("a message after Close")
		}

		sub, err = rdb.PSubscribe(ctx, "x.*", "*.y")
		require.NoError(t, err)
		_, err = rdb.Do(ctx, "PUBLISH", "x.y", "both")
		require.NoError(t, err)
		patterns := map[string]string{}
		for _, m := range collect(t, sub, 2) {
			patterns[m.Pattern] = m.Channel + " " + m.Payload
		}
		require.Equal(t, map[string]string{"x.*": "x.y both", "*.y": "x.y both"}, patterns)
		require.NoError(t, sub.Close())

		_, err = rdb.Subscribe(ctx)
		require.ErrorIs(t, err, redis.ErrNotExecuted)
		_, err = rdb.PSubscribe(ctx)
		require.ErrorIs(t, err, redis.ErrNotExecuted)
	})
}

// What has no time limit is not ended by one of zero, and what cannot begin is not sent.
func TestSubscriptionsThatDoNotBegin(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &streams{play: func(_ int, r *http.Request, events *io.PipeWriter) {
			time.Sleep(time.Hour)
			say(events, "data: subscribe,c,1", "data: message,c,late")
		}}
		sub, err := s.client(t, redis.WithTimeout(0)).Subscribe(t.Context(), "c")
		require.NoError(t, err)
		require.Equal(t, "late", collect(t, sub, 1)[0].Payload)
		require.NoError(t, sub.Close())

		ended, cancel := context.WithCancel(t.Context())
		cancel()
		_, err = s.client(t).Subscribe(ended, "c")
		require.ErrorIs(t, err, context.Canceled)
		require.ErrorIs(t, err, redis.ErrNotExecuted)
		require.Equal(t, 1, s.count)

		closed := s.client(t, redis.WithTimeout(0))
		time.AfterFunc(time.Minute, func() { closed.Close() })
		_, err = closed.Subscribe(t.Context(), "c")
		require.ErrorIs(t, err, redis.ErrClosed)
		require.NotErrorIs(t, err, context.DeadlineExceeded)
		time.Sleep(2 * time.Hour) // the stream's player ends
	})
}

// streams is a transport whose event streams are played by a function.
type streams struct {
	mu    sync.Mutex
	count int
	play  func(n int, r *http.Request, events *io.PipeWriter)
}

func (s *streams) RoundTrip(r *http.Request) (*http.Response, error) {
	s.mu.Lock()
	s.count++
	n := s.count
	s.mu.Unlock()
	body, events := io.Pipe()
	stop := context.AfterFunc(r.Context(), func() { events.CloseWithError(r.Context().Err()) })
	go func() {
		defer stop()
		s.play(n, r, events)
	}()
	return &http.Response{StatusCode: 200, Header: http.Header{"Content-Type": {"text/event-stream"}}, Body: body}, nil
}

func (s *streams) client(t *testing.T, opts ...redis.Option) *redis.Redis {
	t.Helper()
	rdb, err := redis.New("https://redis.example.com", secretToken, append(opts, redis.WithHTTPClient(&http.Client{Transport: s}))...)
	require.NoError(t, err)
	return rdb
}

func say(events *io.PipeWriter, lines ...string) {
	for _, line := range lines {
		io.WriteString(events, line+"\n\n")
	}
}

// One of many channels that cannot be subscribed to ends the others.
func TestSubscribeToManyFailsForAll(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ended := 0
		s := &streams{play: func(n int, r *http.Request, events *io.PipeWriter) {
			if strings.HasSuffix(r.URL.Path, "/bad") {
				time.Sleep(time.Second) // until the other one is active
				say(events, "data: nonsense")
				return
			}
			say(events, "data: subscribe,good,1")
			<-r.Context().Done()
			ended++
		}}
		sub, err := s.client(t).Subscribe(t.Context(), "good", "bad")
		require.Nil(t, sub)
		require.ErrorContains(t, err, "not the confirmation")
		synctest.Wait()
		require.Equal(t, 1, ended)
	})
}

// The confirmation that arrives when the time is up: either the subscription is active, or
// there is none.
func TestConfirmationInTheLastInstant(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		hc := &http.Client{Transport: roundTripper(func(r *http.Request) (*http.Response, error) {
			return &http.Response{StatusCode: 200, Header: http.Header{"Content-Type": {"text/event-stream"}}, Body: &lateBody{time.Second}}, nil
		})}
		rdb, err := redis.New("https://redis.example.com", secretToken, redis.WithHTTPClient(hc), redis.WithTimeout(time.Second))
		require.NoError(t, err)
		for range 100 {
			sub, err := rdb.Subscribe(t.Context(), "c")
			if err != nil {
				require.Nil(t, sub)
				require.ErrorIs(t, err, context.DeadlineExceeded)
				continue
			}
			time.Sleep(time.Minute)
			require.Equal(t, "late", collect(t, sub, 1)[0].Payload)
			require.NoError(t, sub.Close())
		}
	})
}

// A lateBody brings the confirmation and a message after a time, and does not notice that
// its request has ended.
type lateBody struct{ after time.Duration }

func (b *lateBody) Read(p []byte) (int, error) {
	time.Sleep(b.after)
	b.after = time.Hour
	return copy(p, "data: subscribe,c,1\n\ndata: message,c,late\n\n"), nil
}

func (b *lateBody) Close() error { return nil }

// A subscription that ends while its context lives says why.
func TestSubscriptionThatEndsSaysWhy(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &streams{play: func(n int, r *http.Request, events *io.PipeWriter) {
			say(events, "data: subscribe,"+strings.TrimPrefix(r.URL.Path, "/subscribe/")+",1")
			if n == 1 {
				time.Sleep(time.Second)
				events.Close()
			}
		}}
		sub, err := s.client(t).Subscribe(t.Context(), "a", "b")
		require.NoError(t, err)
		for range 2 { // again, if it is asked again
			var errs []error
			for _, err := range sub.Messages() {
				errs = append(errs, err)
			}
			require.Len(t, errs, 1)
			require.ErrorIs(t, errs[0], io.ErrUnexpectedEOF)
		}
	})
}

func TestSilentSubscriptions(t *testing.T) {
	const hour = time.Hour
	for name, c := range map[string]struct {
		opts  []redis.Option
		beats []time.Duration // the pauses before the heartbeats
		ends  time.Duration   // after the last of them; 0 for never
	}{
		"no heartbeats":                 {nil, nil, 0},
		"comments at the beginning":     {nil, []time.Duration{0, 0, 100 * time.Millisecond}, 0},
		"heartbeats each 15 s":          {nil, []time.Duration{15 * time.Second, 15 * time.Second}, time.Minute},
		"heartbeats each 5 minutes":     {nil, []time.Duration{5 * time.Minute, 5 * time.Minute}, 20 * time.Minute},
		"a limit":                       {[]redis.Option{redis.WithSubscriptionIdleLimit(time.Second)}, nil, time.Second},
		"a limit with heartbeats":       {[]redis.Option{redis.WithSubscriptionIdleLimit(20 * time.Second)}, []time.Duration{15 * time.Second, 15 * time.Second, 15 * time.Second}, 20 * time.Second},
		"a limit above what is learned": {[]redis.Option{redis.WithSubscriptionIdleLimit(hour)}, []time.Duration{15 * time.Second, 15 * time.Second}, hour},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				var last time.Time
				s := &streams{play: func(_ int, _ *http.Request, events *io.PipeWriter) {
					say(events, "data: subscribe,c,1")
					for _, pause := range c.beats {
						time.Sleep(pause)
						say(events, ": heartbeat")
					}
					last = time.Now()
				}}
				ctx, cancel := context.WithTimeout(t.Context(), 100*hour)
				defer cancel()
				sub, err := s.client(t, c.opts...).Subscribe(ctx, "c")
				require.NoError(t, err)
				var errs []error
				for _, err := range sub.Messages() {
					errs = append(errs, err)
				}
				if c.ends == 0 {
					require.Empty(t, errs)
					require.Error(t, ctx.Err())
					return
				}
				require.Len(t, errs, 1)
				require.ErrorContains(t, errs[0], "SUBSCRIBE: the connection was lost: it was silent for too long")
				require.Equal(t, c.ends, time.Since(last))
			})
		})
	}
	// Silence after a message counts from the message.
	synctest.Test(t, func(t *testing.T) {
		s := &streams{play: func(_ int, _ *http.Request, events *io.PipeWriter) {
			say(events, "data: subscribe,c,1", "data: message,c,one")
			time.Sleep(900 * time.Millisecond)
			say(events, "data: message,c,two")
		}}
		sub, err := s.client(t, redis.WithSubscriptionIdleLimit(time.Second)).Subscribe(t.Context(), "c")
		require.NoError(t, err)
		began, n := time.Now(), 0
		for _, err := range sub.Messages() {
			if n++; n == 3 {
				require.ErrorContains(t, err, "silent for too long")
			}
		}
		require.Equal(t, 3, n)
		require.Equal(t, 1900*time.Millisecond, time.Since(began))
	})
	// A subscription whose messages nobody takes is not silent.
	synctest.Test(t, func(t *testing.T) {
		s := &streams{play: func(_ int, _ *http.Request, events *io.PipeWriter) {
			say(events, "data: subscribe,c,1")
			for i := range 10 {
				say(events, fmt.Sprintf("data: message,c,%d", i))
			}
		}}
		sub, err := s.client(t, redis.WithSubscriptionIdleLimit(time.Second)).Subscribe(t.Context(), "c")
		require.NoError(t, err)
		for i := range 10 {
			time.Sleep(hour)
			require.Equal(t, fmt.Sprint(i), collect(t, sub, 1)[0].Payload)
		}
		require.NoError(t, sub.Close())
	})
}

func TestResubscribe(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		start := time.Now()
		s := &streams{}
		s.play = func(n int, r *http.Request, events *io.PipeWriter) {
			switch n {
			case 1:
				say(events, "data: psubscribe,c*,1", "data: pmessage,c*,c,one")
				time.Sleep(time.Minute)
				events.CloseWithError(errWire)
			case 2, 3, 4, 5, 6:
				events.CloseWithError(errWire) // the server starts again
			case 7:
				say(events, "data: psubscribe,c*,1", "data: pmessage,c*,c,two")
			}
		}
		sub, err := s.client(t, redis.WithResubscribe(true), redis.WithRetryPolicy(redis.RetryPolicy{MaxAttempts: 1})).PSubscribe(t.Context(), "c*")
		require.NoError(t, err)
		var got []string
		for m, err := range sub.Messages() {
			if gap, ok := errors.AsType[*redis.GapError](err); ok {
				require.Equal(t, redis.Message{Pattern: "c*"}, m)
				require.Equal(t, start, gap.Since, "when the last byte came")
				require.Equal(t, time.Now(), gap.Until)
				require.ErrorIs(t, err, errWire)
				require.ErrorContains(t, err, "messages may be missing")
				got = append(got, "gap")
				continue
			}
			require.NoError(t, err)
			if got = append(got, m.Payload); m.Payload == "two" {
				break
			}
		}
		require.Equal(t, []string{"one", "gap", "two"}, got)
		require.NoError(t, sub.Close())
		synctest.Wait()
		require.Equal(t, 7, s.count)
	})
}

// A subscription that the server refuses later ends, and so does one whose owner gives up.
func TestResubscribeThatEnds(t *testing.T) {
	for _, refused := range []bool{true, false} {
		synctest.Test(t, func(t *testing.T) {
			n := 0
			hc := &http.Client{Transport: roundTripper(func(r *http.Request) (*http.Response, error) {
				if n++; n == 1 {
					return &http.Response{StatusCode: 200, Header: http.Header{"Content-Type": {"text/event-stream"}}, Body: io.NopCloser(strings.NewReader("data: subscribe,c,1\n\n"))}, nil
				}
				if refused && n == 4 {
					return says(400, `{"error":"NOPERM this user has no permissions"}`)(r)
				}
				return says(503, "")(r)
			})}
			rdb, err := redis.New("https://redis.example.com", secretToken, redis.WithHTTPClient(hc), redis.WithResubscribe(true))
			require.NoError(t, err)
			ctx, cancel := context.WithTimeout(t.Context(), time.Hour)
			defer cancel()
			sub, err := rdb.Subscribe(ctx, "c")
			require.NoError(t, err)
			var errs []error
			for _, err := range sub.Messages() {
				errs = append(errs, err)
			}
			if refused {
				require.Len(t, errs, 1)
				require.Equal(t, "NOPERM", redis.Code(errs[0]))
				require.Equal(t, 4, n)
				return
			}
			require.Empty(t, errs)
			require.ErrorIs(t, ctx.Err(), context.DeadlineExceeded)
			require.Greater(t, n, 100)
		})
	}
}
