package redis_test

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	redis "github.com/redis-rest/redis-rest-go"
	"github.com/redis-rest/redis-rest-go/redistest"
)

// collect reads n messages.
func collect(t *testing.T, s *redis.Stream, n int) []redis.Message {
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
			require.GreaterOrEqual(t, n, 1, c) // one that was closed may still be there
			require.Equal(t, []redis.Message{{Channel: c.channel, Pattern: c.pattern, Payload: "a, b"}}, collect(t, sub, 1))
			require.NoError(t, sub.Close())
		}
	})
}

func TestMonitor(t *testing.T) {
	onEachBackend(t, func(t *testing.T, s *redistest.Server) {
		ctx, rdb := t.Context(), s.Client()
		lines, err := rdb.Monitor(ctx)
		require.NoError(t, err)
		_, err = rdb.Do(ctx, "SET", "k", "a b")
		require.NoError(t, err)
		for m, err := range lines.Messages() {
			require.NoError(t, err)
			if strings.Contains(m.Payload, `"SET" "k" "a b"`) {
				break
			}
		}
		require.NoError(t, lines.Close())
	})
}

func TestStreamEndsWithItsContext(t *testing.T) {
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

func TestStreamOutlastsTheTimeout(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		hc := &http.Client{Timeout: time.Second, Transport: roundTripper(func(r *http.Request) (*http.Response, error) {
			body, events := io.Pipe()
			context.AfterFunc(r.Context(), func() { events.CloseWithError(r.Context().Err()) })
			go func() {
				io.WriteString(events, "data: subscribe,c,1\n\n")
				time.Sleep(time.Hour) // of the bubble's own time
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

func TestStreamThatIsLost(t *testing.T) {
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

func TestStreamsThatAreNone(t *testing.T) {
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
		"another confirmation": {func(w http.ResponseWriter, r *http.Request) { stream(w); io.WriteString(w, "data: subscribe,x,1\n\n") }, "start"},
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
