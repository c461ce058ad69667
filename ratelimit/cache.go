package ratelimit

import (
	"sync"
	"time"
)

// A cache remembers refused ids. A nil cache remembers none.
type cache struct {
	mu   sync.Mutex
	most int
	ids  map[string]refusal
}

type refusal struct {
	Decision
	cost  int64     // calls that cost as much are refused too
	until time.Time // when such a call is allowed
}

func newCache(most int) *cache {
	if most == 0 {
		return nil
	}
	return &cache{most: most, ids: map[string]refusal{}}
}

// refused returns the decision about a call that is certainly refused.
func (c *cache) refused(id string, cost int64, now time.Time) (Decision, bool) {
	if c == nil {
		return Decision{}, false
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	r, ok := c.ids[id]
	if !ok || cost < r.cost {
		return Decision{}, false
	}
	if !now.Before(r.until) {
		delete(c.ids, id)
		return Decision{}, false
	}
	d := r.Decision
	d.RetryAfter, d.Reason = r.until.Sub(now), Cached
	return d, true
}

// note remembers a refusal, but not one that is for ever: it says nothing about other calls.
func (c *cache) note(id string, cost int64, now time.Time, d Decision) {
	if c == nil {
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if cost < 0 { // less is used now
		delete(c.ids, id)
		return
	}
	if d.Allowed || d.RetryAfter <= 0 {
		return
	}
	if _, known := c.ids[id]; !known && len(c.ids) >= c.most {
		c.makeRoom(now)
	}
	c.ids[id] = refusal{d, cost, now.Add(d.RetryAfter)}
}

// makeRoom forgets what is over, or else any id.
func (c *cache) makeRoom(now time.Time) {
	for id, r := range c.ids {
		if !now.Before(r.until) {
			delete(c.ids, id)
		}
	}
	for id := range c.ids {
		if len(c.ids) < c.most {
			return
		}
		delete(c.ids, id)
	}
}

func (c *cache) forget(id string) {
	if c == nil {
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	delete(c.ids, id)
}
