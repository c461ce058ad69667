package restserver

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"
)

// within runs what a request asks for, as long as it may take. go-redis cannot be
// broken off, so it goes on by itself where a caller no longer waits.
func within[T any](ctx context.Context, s *Server, cmds []*command, run func(context.Context) (T, error)) (T, error) {
	// A connection that has begun a transaction must see its end, whether the caller
	// waits for it or not. A database in memory sees to that by itself.
	background := ctx
	if _, ok := s.db.(inMemory); !ok {
		background = context.WithoutCancel(ctx)
	}
	background, end := context.WithTimeout(background, s.config.Timeout+2*grace)
	type outcome struct {
		value T
		err   error
	}
	done := make(chan outcome, 1)
	go func() {
		defer end()
		value, err := run(background)
		done <- outcome{value, err}
	}()
	late := time.NewTimer(s.config.Timeout)
	defer late.Stop()
	var none T
	select {
	case o := <-done:
		return o.value, o.err
	case <-ctx.Done():
		return none, ctx.Err()
	case <-late.C:
	}
	if !slices.ContainsFunc(cmds, (*command).runsScript) {
		end()
		return none, errTimeout
	}
	// A script that is ended says so itself, in the reply.
	verdict := make(chan error, 1)
	go func() { verdict <- s.killScripts() }()
	patience := time.NewTimer(grace)
	defer patience.Stop()
	for {
		select {
		case o := <-done:
			return o.value, o.err
		case <-ctx.Done():
			return none, ctx.Err()
		case err := <-verdict:
			if err != nil {
				end()
				return none, err
			}
			verdict = nil
		case <-patience.C:
			return none, errTimeout
		}
	}
}

// grace is how long a script that is to end is given: Redis hears of it only when
// the script has run for 5 seconds (busy-reply-threshold).
const grace = 10 * time.Second

var errTimeout = errors.New("the request took too long")

// errUnkillable is a script that Redis cannot end.
type errUnkillable string

func (e errUnkillable) Error() string { return string(e) }

// killScripts ends what runs for too long on any node. An error says that it
// cannot be ended, having written.
func (s *Server) killScripts() error {
	ctx, cancel := context.WithTimeout(context.Background(), grace)
	defer cancel()
	var mu sync.Mutex
	var unkillable error
	s.db.nodes(ctx, func(ctx context.Context, n node) error {
		for _, kind := range []string{"SCRIPT", "FUNCTION"} {
			reply, err := n.run(ctx, &command{args: []string{kind, "KILL"}})
			if err == nil && strings.HasPrefix(string(reply), "-UNKILLABLE") {
				mu.Lock()
				unkillable = errUnkillable(fmt.Sprintf("UNKILLABLE the script has run for more than %v and has written, so that Redis cannot end it; it goes on, and until it ends Redis is BUSY", s.config.Timeout))
				mu.Unlock()
			}
		}
		return nil
	})
	return unkillable
}
