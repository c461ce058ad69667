package redis

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"

	"github.com/stretchr/testify/require"

	"github.com/redis-rest/redis-rest-go/internal/client/rest"
)

// A call is not sent if its context ends while the call is still in the queue. A call
// stays there for microseconds only, so this test keeps the queue from being sent.
func TestCallCancelledInTheQueue(t *testing.T) {
	for _, reads := range []bool{false, true} {
		synctest.Test(t, func(t *testing.T) {
			c := &client{maxRequest: DefaultMaxRequestBytes, rest: rest.New(rest.Config{Policy: rest.Policy{MaxAttempts: 3}})}
			a := &autoPipeline{client: c, collecting: true}
			ctx, cancel := context.WithCancel(t.Context())
			left := make(chan error, 2)
			for _, ctx := range []context.Context{ctx, t.Context()} {
				go func() {
					_, err := a.do(ctx, callInfo{name: "X", reads: reads}, []byte(`["X"]`))
					left <- err
				}()
			}
			synctest.Wait()
			require.Len(t, a.queue, 2)
			cancel()
			err := <-left
			require.ErrorIs(t, err, context.Canceled)
			require.NotErrorIs(t, err, ErrOutcomeUnknown)
			require.Len(t, a.queue, 1, "the other stays")
			stays := a.queue[0]
			stays.shared = &sharedRequest{turn: &rest.Turn{}}
			stays.answer = answer{failed: newError("ERR mine", 200)}
			close(stays.done)
			require.Equal(t, "ERR", Code(<-left))
		})
	}
}

// If the context of a call ends while its shared request is in flight, the outcome of a
// write is unknown. A read changes nothing, so its error does not say so.
func TestCallCancelledInASharedRequest(t *testing.T) {
	for _, reads := range []bool{false, true} {
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		info := callInfo{name: "X", reads: reads}
		c := &call{commandAnswer: commandAnswer{info: info}, done: make(chan struct{})}
		c.shared = &sharedRequest{calls: []*call{c, {}}, begun: true, cancel: func() { t.Error("the other caller waits") }}
		err := info.sendError((&autoPipeline{}).giveUp(ctx, c))
		require.ErrorIs(t, err, context.Canceled)
		require.Equal(t, !reads, errors.Is(err, ErrOutcomeUnknown))
	}
}
