package ratelimit

import (
	"errors"
	"fmt"
	"strings"
	"time"
)

// An Option of [New]: [WithPrefix], [WithTimeout], [WithFailClosed], [WithCache], [WithDynamicLimit],
// [WithUpstashKeys] or [WithClock].
type Option func(*config) error

type config struct {
	prefix      string
	timeout     time.Duration
	failClosed  bool
	cached      int
	dynamic     bool
	upstashKeys bool
	now         func() time.Time
}

func newConfig() config { return config{timeout: 5 * time.Second, now: time.Now} }

// WithPrefix sets what the limiter's keys begin with, "ratelimit" by default. It also names the limit in the header
// fields of [Limiter.Middleware].
func WithPrefix(prefix string) Option {
	return func(c *config) error {
		c.prefix = prefix
		refused := func(r rune) bool { return r < ' ' || r > '~' || strings.ContainsRune(`{}"\`, r) }
		if prefix == "" || strings.ContainsFunc(prefix, refused) {
			return errors.New(`ratelimit: WithPrefix: a prefix is printable ASCII without {, }, " and \`)
		}
		return nil
	}
}

// WithTimeout sets how long [Limiter.Limit] waits for Redis. After that it allows the call ([WithFailClosed]). The
// default is 5 s; 0 waits as long as the context and the client do.
func WithTimeout(d time.Duration) Option {
	return func(c *config) error {
		c.timeout = d
		if d < 0 {
			return fmt.Errorf("ratelimit: WithTimeout: %v is negative", d)
		}
		return nil
	}
}

// WithFailClosed says whether calls are refused if Redis does not answer in time. The default is false: they are
// allowed. [Limiter.Middleware] treats errors alike.
func WithFailClosed(on bool) Option {
	return func(c *config) error {
		c.failClosed = on
		return nil
	}
}

// WithCache makes the limiter remember up to ids refused ids, until they would be allowed, and refuse them without
// asking Redis. The default is 0: it always asks. What other processes do with [Limiter.Reset], [Limiter.SetLimit] and
// negative costs is seen late.
func WithCache(ids int) Option {
	return func(c *config) error {
		c.cached = ids
		if ids < 0 {
			return fmt.Errorf("ratelimit: WithCache: %d is negative", ids)
		}
		return nil
	}
}

// WithDynamicLimit says whether [Limiter.SetLimit] can change the limit; the default is false. On a cluster the
// limiter's keys are then all in one slot.
func WithDynamicLimit(on bool) Option {
	return func(c *config) error {
		c.dynamic = on
		return nil
	}
}

// WithUpstashKeys says whether the limiter uses the keys of the JavaScript package @upstash/ratelimit, to share limits
// with it; the default is false. The prefix is then "@upstash/ratelimit" by default. These keys have no hash tag, so
// they are not for a cluster. For [GCRA] the JavaScript package has no counterpart.
func WithUpstashKeys(on bool) Option {
	return func(c *config) error {
		c.upstashKeys = on
		return nil
	}
}

// WithClock sets the clock, [time.Now] by default.
func WithClock(now func() time.Time) Option {
	return func(c *config) error {
		c.now = now
		if now == nil {
			return errors.New("ratelimit: WithClock: the clock is nil")
		}
		return nil
	}
}

// A CallOption of [Limiter.Limit], [Limiter.Queue] or [Limiter.Wait]: [WithCost].
type CallOption func(*callConfig)

type callConfig struct{ cost int64 }

// WithCost sets what a call costs, 1 by default. A negative cost gives back what an earlier call took.
func WithCost(n int64) CallOption { return func(c *callConfig) { c.cost = n } }

func costOf(opts []CallOption) int64 {
	c := callConfig{1}
	for _, opt := range opts {
		if opt != nil {
			opt(&c)
		}
	}
	return c.cost
}
