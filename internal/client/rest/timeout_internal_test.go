package rest

import (
	"context"
	"errors"
	"math/rand/v2"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

const limit = 10 * time.Second

// Whatever else begins and ends meanwhile, a request that takes too long ends when
// its time is up, and none before.
func TestTimeouts(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		all := &timeouts{after: limit}
		var ended sync.WaitGroup
		for range 1000 {
			began, takes := rand.N(time.Minute), rand.N(2*limit)
			ended.Go(func() {
				time.Sleep(began)
				l := all.begin(t.Context())
				defer all.end(l)
				start := time.Now()
				deadline, ok := l.Deadline()
				assert.True(t, ok)
				assert.Equal(t, limit, deadline.Sub(start))
				select {
				case <-time.After(takes):
					assert.LessOrEqual(t, takes, limit)
					assert.NoError(t, l.Err())
				case <-l.Done():
					assert.Equal(t, limit, time.Since(start))
					assert.Equal(t, context.DeadlineExceeded, l.Err())
					assert.Equal(t, context.DeadlineExceeded, context.Cause(l))
				}
			})
		}
		ended.Wait()
		assert.Same(t, &all.oldest, all.oldest.younger, "none waits")
		time.Sleep(limit)
		synctest.Wait()
		assert.False(t, all.set, "the timer is at rest when nobody waits")
	})
}

// What is derived from the context of a request, as net/http does, ends with it.
func TestTimeoutOfDerived(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		all := &timeouts{after: limit}
		l := all.begin(t.Context())
		defer all.end(l)
		derived, cancel := context.WithCancelCause(context.WithValue(l, connectionKey{}, "value"))
		defer cancel(nil)
		called := make(chan struct{})
		context.AfterFunc(derived, func() { close(called) })
		<-called
		assert.Equal(t, context.DeadlineExceeded, context.Cause(derived))
		assert.Equal(t, "value", derived.Value(connectionKey{}))
	})
}

// The caller's context ends a request too, in its own way.
func TestTimeoutOfCaller(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		all := &timeouts{after: limit}

		canceled, cancel := context.WithCancel(t.Context())
		l := all.begin(canceled)
		cancel()
		<-l.Done()
		assert.Equal(t, context.Canceled, l.Err())
		all.end(l)

		mine := errors.New("mine")
		caused, cause := context.WithCancelCause(t.Context())
		l = all.begin(caused)
		cause(mine)
		<-l.Done()
		assert.Equal(t, context.Canceled, l.Err())
		assert.Equal(t, mine, context.Cause(l))
		all.end(l)

		soon, cancel := context.WithTimeout(t.Context(), limit/2)
		defer cancel()
		l = all.begin(soon)
		deadline, _ := l.Deadline()
		want, _ := soon.Deadline()
		assert.Equal(t, want, deadline)
		<-l.Done()
		assert.Equal(t, context.DeadlineExceeded, l.Err())
		all.end(l)
	})
}

// What was begun for a request ends with it.
func TestTimeoutEnds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		all := &timeouts{after: limit}
		l := all.begin(t.Context())
		all.end(l)
		all.end(l) // once is enough
		require.Error(t, l.Err())
		called := false
		stop := context.AfterFunc(l, func() { called = true })
		defer stop()
		synctest.Wait()
		assert.True(t, called)
	})
}

// In bubbles, which come to an end with their timers, each request has its own. A
// client that is used in one after the other, and outside, always ends its requests.
func TestTimeoutsInBubbles(t *testing.T) {
	all := &timeouts{after: 50 * time.Millisecond, alone: time.Unix(bubblesEnd, 0)}
	late := func(t *testing.T) {
		l := all.begin(t.Context())
		defer all.end(l)
		<-l.Done()
		assert.Equal(t, context.DeadlineExceeded, l.Err())
	}
	soon := func(t *testing.T) { all.end(all.begin(t.Context())) }
	soon(t) // the timer is set, outside
	for range 2 {
		synctest.Test(t, late)
		synctest.Test(t, soon)
	}
	late(t)
}
