package transport

import (
	"slices"
	"sync"
	"time"
	"weak"
)

// A route is where a connection leads.
type route struct{ scheme, host, proxy string }

// A pool keeps connections between two calls. The one that was used last is taken first,
// so the ones that nobody needs grow old. Their age goes by the wall clock: the one that
// timers go by stands still while a function is frozen.
type pool struct {
	max     int
	timeout time.Duration
	now     func() time.Time // by the wall clock alone

	mu    sync.Mutex
	idle  []*conn   // the oldest first
	wakes time.Time // when closeOld is called next
}

// take returns the connection of a route that was used last, or nil.
func (p *pool) take(r route) *conn {
	p.mu.Lock()
	defer p.mu.Unlock()
	for i, c := range slices.Backward(p.idle) {
		if c.route == r {
			p.idle = slices.Delete(p.idle, i, i+1)
			return c
		}
	}
	return nil
}

// put keeps a connection for another call.
func (p *pool) put(c *conn) {
	p.mu.Lock()
	defer p.mu.Unlock()
	c.since = p.now()
	p.idle = append(p.idle, c)
	if len(p.idle) > p.max {
		p.closeOldest()
	}
	p.watch(c.since)
}

// watch sets a timer for the oldest connection, if none is set. The timer does not hold
// the pool, so the connections of a client that nobody holds are collected with it. It is
// never reset, because it may belong to a bubble of testing/synctest.
func (p *pool) watch(now time.Time) {
	if len(p.idle) == 0 || now.Before(p.wakes) {
		return
	}
	wait := p.timeout - now.Sub(p.idle[0].since)
	p.wakes = now.Add(wait)
	held := weak.Make(p)
	time.AfterFunc(wait, func() {
		if p := held.Value(); p != nil {
			p.closeOld()
		}
	})
}

func (p *pool) closeOld() {
	p.mu.Lock()
	defer p.mu.Unlock()
	now := p.now()
	for len(p.idle) > 0 && p.isOld(p.idle[0], now) {
		p.closeOldest()
	}
	p.watch(now)
}

func (p *pool) isOld(c *conn, now time.Time) bool { return now.Sub(c.since) >= p.timeout }

func (p *pool) closeAll() {
	p.mu.Lock()
	defer p.mu.Unlock()
	for len(p.idle) > 0 {
		p.closeOldest()
	}
}

func (p *pool) closeOldest() {
	p.idle[0].close()
	p.idle = slices.Delete(p.idle, 0, 1)
}
