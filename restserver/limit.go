package restserver

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

// within runs a request within its time limit. A go-redis call cannot be
// cancelled safely, so it continues after the caller has stopped waiting. What
// has not begun by then does not begin.
func within[T any](ctx context.Context, c *call, cmds []*command, run func(context.Context) (T, error)) (T, error) {
	// A connection that has begun a transaction must finish it, even if the caller
	// has stopped waiting. The embedded database does this by itself.
	background := ctx
	_, embedded := c.db.(inMemory)
	if !embedded {
		background = context.WithoutCancel(ctx)
	}
	background, end := context.WithTimeout(background, c.config.Timeout+2*grace)
	type outcome struct {
		value T
		err   error
	}
	done := make(chan outcome, 1)
	ended := make(chan struct{})
	go func() {
		defer end()
		defer close(ended)
		value, err := run(background)
		done <- outcome{value, err}
	}()
	request := cmds[0].attempt
	waits := !request.limit.IsZero() // for data
	giveUp := func(err error) (none T, _ error) {
		if err = request.end(err); embedded || waits || isNotRun(err) {
			end()
		}
		return none, err
	}
	limit := c.config.Timeout
	if waits {
		limit += time.Second // Redis ends the waiting before
	}
	late := time.NewTimer(limit)
	defer late.Stop()
	begun := time.Now()
	scripts := slices.ContainsFunc(cmds, (*command).runsScript)
	select {
	case o := <-done:
		return o.value, o.err
	case <-ctx.Done():
		none, err := giveUp(ctx.Err())
		if scripts && !embedded && !isNotRun(err) {
			go c.killLate(ended, c.config.Timeout-time.Since(begun))
		}
		return none, err
	case <-late.C:
	}
	if !scripts || !request.begun() {
		return giveUp(errTimeout)
	}
	// A killed script causes an error reply.
	killed := make(chan error, 1)
	go func() { killed <- c.killScripts(ended) }()
	timer := time.NewTimer(grace)
	defer timer.Stop()
	for {
		select {
		case o := <-done:
			return o.value, o.err
		case <-ctx.Done():
			return giveUp(ctx.Err())
		case err := <-killed:
			if err != nil {
				return giveUp(err)
			}
			killed = nil
		case <-timer.C:
			return giveUp(errTimeout)
		}
	}
}

// killLate kills the scripts of a request whose caller has gone, after its time limit.
func (c *call) killLate(ended <-chan struct{}, left time.Duration) {
	timer := time.NewTimer(left)
	defer timer.Stop()
	select {
	case <-ended:
	case <-c.closing.Done():
	case <-timer.C:
		c.killScripts(ended)
	}
}

// grace is the time that a script gets to end. Redis accepts SCRIPT KILL only
// after a script has run for 5 seconds (busy-reply-threshold).
const grace = 10 * time.Second

var errTimeout = errors.New("the request took too long")

// killScripts kills scripts that run for too long on any node, one after the other, until the
// request has ended. An error says that a script has written and cannot be killed.
func (c *call) killScripts(ended <-chan struct{}) error {
	ctx, cancel := context.WithTimeout(context.Background(), grace)
	defer cancel()
	again := time.NewTicker(50 * time.Millisecond)
	defer again.Stop()
	var told sync.Once
	for {
		var unkillable atomic.Bool
		c.db.nodes(ctx, func(ctx context.Context, n node) error {
			refused, settled := "", false
			for _, kind := range []string{"SCRIPT", "FUNCTION"} {
				reply, err := n.kill(ctx, kind)
				switch text := string(reply); {
				case err != nil:
				case strings.HasPrefix(text, "-UNKILLABLE"):
					unkillable.Store(true)
				case strings.HasPrefix(text, "-NOPERM"):
					refused = text[1:]
				case !strings.HasPrefix(text, "-BUSY"): // BUSY says that the other kind runs
					settled = true
				}
			}
			if refused != "" && !settled && c.config.Log != nil {
				told.Do(func() {
					c.config.Log.Warn("a script runs for too long, and the user of Redis may not kill it", "reason", withoutArguments(strings.TrimSpace(refused)))
				})
			}
			return nil
		})
		if unkillable.Load() {
			return ownError{http.StatusGatewayTimeout, fmt.Sprintf("UNKILLABLE the script has run for more than %v and has written, so that Redis cannot end it; it goes on, and until it ends Redis is BUSY", c.config.Timeout)}
		}
		select {
		case <-ended:
			return nil
		case <-ctx.Done():
			return nil
		case <-again.C:
		}
	}
}
