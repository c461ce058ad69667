package redis

import (
	"context"
	"testing"
	"testing/synctest"

	"github.com/stretchr/testify/require"
)

// A call whose caller leaves while it still waits in the queue is not sent. The
// queue is held open here, which from outside is a matter of microseconds.
func TestCallThatLeavesTheQueue(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := &autoPipeline{client: &client{maxRequest: DefaultMaxRequestBytes}, collecting: true}
		ctx, cancel := context.WithCancel(t.Context())
		left := make(chan error, 2)
		for _, ctx := range []context.Context{ctx, t.Context()} {
			go func() {
				_, err := a.do(ctx, outgoing{name: "INCR"}, []any{"INCR", "n"})
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
		stays.result.err = ErrNil
		close(stays.done)
		require.ErrorIs(t, <-left, ErrNil)
	})
}
