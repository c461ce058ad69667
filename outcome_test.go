package redis_test

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	redis "github.com/redis-rest/redis-rest-go"
)

const (
	didNotRun = "did not run"
	ran       = "ran"
	unknown   = "unknown"
)

// outcomeOf is what an error says of a command that writes.
func outcomeOf(err error) string {
	not, maybe := errors.Is(err, redis.ErrNotExecuted), errors.Is(err, redis.ErrOutcomeUnknown)
	switch {
	case not && maybe:
		return "both"
	case not:
		return didNotRun
	case maybe:
		return unknown
	}
	return ran
}

// Each way in which a command that writes can fail has exactly one outcome, alone, in a
// pipeline and in a transaction, and names its command.
func TestOutcomes(t *testing.T) {
	refuses := func(text string) turn { return says(400, `{"error":"`+text+`"}`) }
	for name, c := range map[string]struct {
		turns []turn
		want  string
		batch string // "" for the same
	}{
		"no connection":             {[]turn{unreachable}, didNotRun, ""},
		"connection lost":           {[]turn{breaks}, unknown, ""},
		"timeout":                   {[]turn{hangs}, unknown, ""},
		"lost, then no connection":  {[]turn{breaks, unreachable}, unknown, ""},
		"429":                       {[]turn{says(429, "slow")}, didNotRun, ""},
		"503 that says when":        {[]turn{says(503, "", "Retry-After", "1")}, didNotRun, ""},
		"503":                       {[]turn{says(503, "")}, unknown, ""},
		"502":                       {[]turn{says(502, "<html>")}, unknown, ""},
		"500 of Redis":              {[]turn{says(500, `{"error":"ERR x"}`)}, unknown, ""},
		"401":                       {[]turn{says(401, `{"error":"WRONGPASS x"}`)}, didNotRun, ""},
		"a redirect":                {[]turn{says(302, "", "Location", "https://a.example")}, didNotRun, ""},
		"404":                       {[]turn{says(404, "<html>")}, didNotRun, ""},
		"a portal":                  {[]turn{says(200, "<html>")}, unknown, ""},
		"BUSY":                      {[]turn{says(400, busy)}, didNotRun, ""},
		"LOADING":                   {[]turn{refuses("LOADING Redis is loading the dataset in memory")}, didNotRun, ""},
		"READONLY":                  {[]turn{refuses("READONLY You can't write against a read only replica.")}, didNotRun, ""},
		"NOPERM":                    {[]turn{refuses("NOPERM this user has no permissions to run the 'incr' command")}, didNotRun, ""},
		"OOM":                       {[]turn{refuses("OOM command not allowed when used memory > 'maxmemory'.")}, didNotRun, ""},
		"no such command":           {[]turn{refuses("ERR unknown command 'x', with args beginning with: ")}, didNotRun, ""},
		"wrong number of arguments": {[]turn{refuses("ERR wrong number of arguments for 'incr' command")}, didNotRun, ""},
		"a quota":                   {[]turn{refuses("ERR max daily request limit exceeded")}, didNotRun, ""},
		"WRONGTYPE":                 {[]turn{refuses("WRONGTYPE Operation against a key")}, ran, didNotRun}, // one error for a batch is the request's
		"too large a reply":         {[]turn{says(200, `{"result":"`+strings.Repeat("x", 2000)+`"}`)}, ran, ""},
		"too large a page":          {[]turn{says(200, strings.Repeat("x", 2000))}, unknown, ""},
		"cut short":                 {[]turn{says(200, `{"result":`)}, unknown, ""},
		"another type":              {[]turn{says(200, `{"result":"eA=="}`)}, ran, unknown},
		"a bad status":              {[]turn{says(400, `{"result":1}`)}, ran, ""},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				check := func(want string, err error) {
					assert.Equal(t, want, outcomeOf(err), "%v", err)
					call, ok := errors.AsType[*redis.CallError](err)
					assert.True(t, ok && call.Command == "INCR", "%v", err)
				}
				client := func() *redis.Redis {
					turns := c.turns
					if len(turns) > 1 {
						turns = append([]turn{}, turns...)
					}
					return (&scripted{turns: turns}).client(t, redis.WithMaxReplyBytes(1000), redis.WithTimeout(time.Second))
				}
				command := write
				if len(c.turns) > 1 {
					command = allowed
				}
				_, err := command.Do(t.Context(), client())
				check(c.want, err)
				want := c.want
				if c.batch != "" {
					want = c.batch
				}
				for _, b := range []*redis.Batch{client().Pipeline(), client().Multi()} {
					f := command.Queue(b)
					require.Error(t, b.Exec(t.Context()))
					_, err := f.Result()
					check(want, err)
				}
			})
		})
	}
}

// What is never sent did not run.
func TestOutcomesOfWhatIsNotSent(t *testing.T) {
	ended, cancel := context.WithCancelCause(t.Context())
	shutdown := errors.New("shutting down")
	cancel(shutdown)
	silent := sendsNothing(t)
	small, err := redis.New("https://redis.example.com", "t", redis.WithMaxRequestBytes(5), redis.WithHTTPClient(&http.Client{Transport: roundTripper(func(*http.Request) (*http.Response, error) {
		t.Error("it was sent")
		return nil, errWire
	})}))
	require.NoError(t, err)
	waiting := small.Pipeline()
	notYet := write.Queue(waiting)
	invalid := redis.InvalidCmd[int]("INCR", errors.New("no"))
	for name, call := range map[string]func() (int, error){
		"nil argument":     func() (int, error) { return redis.Cmd[int]("SET", "k", nil).Do(t.Context(), small) },
		"no arguments":     func() (int, error) { return redis.Cmd[int]().Do(t.Context(), small) },
		"too large":        func() (int, error) { return write.Do(t.Context(), small) },
		"context ended":    func() (int, error) { return redis.Cmd[int]("X").Do(ended, small) },
		"InvalidCmd":       func() (int, error) { return invalid.Do(t.Context(), silent) },
		"RunOnce, no keys": func() (int, error) { return redis.NewScript[int]("").RunOnce(t.Context(), silent, "id", nil) },
		"not executed yet": notYet.Result,
		"in a refused batch": func() (int, error) {
			b := small.Pipeline()
			f := write.Queue(b)
			invalid.Queue(b)
			require.Error(t, b.Exec(t.Context()))
			return f.Result()
		},
	} {
		_, err := call()
		assert.Equal(t, didNotRun, outcomeOf(err), "%s: %v", name, err)
	}
	s := &scripted{turns: []turn{one}}
	_, err = write.Do(ended, s.client(t))
	require.ErrorIs(t, err, context.Canceled)
	require.ErrorIs(t, err, shutdown)
	require.Equal(t, didNotRun, outcomeOf(err))
	require.Empty(t, s.sent)
}

// The cause that a context was given is found, whenever it ends.
func TestCauseOfAContext(t *testing.T) {
	shutdown := errors.New("shutting down")
	synctest.Test(t, func(t *testing.T) {
		for _, opts := range [][]redis.Option{nil, {redis.WithAutoPipelining(true)}, {redis.WithTimeout(0)}} {
			ctx, cancel := context.WithCancelCause(t.Context())
			time.AfterFunc(time.Millisecond, func() { cancel(shutdown) })
			_, err := write.Do(ctx, (&scripted{turns: []turn{hangs}}).client(t, opts...))
			require.ErrorIs(t, err, context.Canceled)
			require.ErrorIs(t, err, shutdown)
			require.Equal(t, unknown, outcomeOf(err))

			late, stop := context.WithTimeoutCause(t.Context(), time.Millisecond, shutdown)
			_, err = write.Do(late, (&scripted{turns: []turn{hangs}}).client(t, opts...))
			stop()
			require.ErrorIs(t, err, context.DeadlineExceeded)
			require.ErrorIs(t, err, shutdown)
		}
	})
}
