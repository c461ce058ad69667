package rest

import (
	"context"
	"sync"
	"time"
)

// timeouts ends the requests of a client that take longer than it lets them. All may
// take as long, so that they end in the order in which they began, and one timer, set
// for the oldest, does for them: a timer for each (context.WithTimeout) mostly is the
// next to fire, for which the runtime wakes a thread that has nothing to do, and
// costs a call 5 % of its CPU.
type timeouts struct {
	after time.Duration // 0 for never
	alone time.Time     // requests that begin before it have a timer each

	mu     sync.Mutex
	timer  *time.Timer
	set    bool    // the timer, perhaps for a request that has ended
	oldest limited // before the first and behind the last of a ring
}

// bubblesEnd is a time, in seconds since 1970, after what clocks show in the bubbles of
// testing/synctest, which begin at 2000-01-01. A timer belongs to one bubble, and may
// be lost with it.
const bubblesEnd = 1 << 30 // 2004

// A limited request is its context, which ends when its time is up.
type limited struct {
	context.Context
	cancel         context.CancelCauseFunc
	deadline       time.Time
	timer          *time.Timer // its own; nil where it has none
	older, younger *limited    // nil when it no longer waits for its end
}

// begin limits a request, until end is called.
func (t *timeouts) begin(ctx context.Context) *limited {
	now := time.Now()
	l := &limited{deadline: now.Add(t.after)}
	l.Context, l.cancel = context.WithCancelCause(ctx)
	if now.Before(t.alone) {
		l.timer = time.AfterFunc(t.after, l.expire)
		return l
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.timer == nil {
		t.oldest.older, t.oldest.younger = &t.oldest, &t.oldest
		t.timer = time.AfterFunc(t.after, t.expire)
		t.set = true
	}
	l.older, l.younger = t.oldest.older, &t.oldest
	l.older.younger, l.younger.older = l, l
	if !t.set {
		t.timer.Reset(t.after)
		t.set = true
	}
	return l
}

// end frees what the limit holds.
func (t *timeouts) end(l *limited) {
	if l.timer != nil {
		l.timer.Stop()
	}
	t.mu.Lock()
	l.leave()
	t.mu.Unlock()
	l.cancel(nil)
}

// leave takes the request out of the ring.
func (l *limited) leave() {
	if l.older != nil {
		l.older.younger, l.younger.older = l.younger, l.older
		l.older, l.younger = nil, nil
	}
}

// expire ends the requests whose time is up.
func (t *timeouts) expire() {
	t.mu.Lock()
	defer t.mu.Unlock()
	for l := t.oldest.younger; l != &t.oldest; l = t.oldest.younger {
		if left := time.Until(l.deadline); left > 0 {
			t.timer.Reset(left)
			return
		}
		l.leave()
		go l.expire() // it calls what the caller had called at the end
	}
	t.set = false
}

func (l *limited) expire() { l.cancel(context.DeadlineExceeded) }

// Deadline is the earlier one of the request's and its caller's.
func (l *limited) Deadline() (time.Time, bool) {
	if deadline, ok := l.Context.Deadline(); ok && deadline.Before(l.deadline) {
		return deadline, true
	}
	return l.deadline, true
}

// Err is [context.DeadlineExceeded] where the time was up. Contexts that were made of
// this one before say Canceled, and have that for their cause.
func (l *limited) Err() error {
	err := l.Context.Err()
	if err != nil && context.Cause(l.Context) == context.DeadlineExceeded {
		return context.DeadlineExceeded
	}
	return err
}
