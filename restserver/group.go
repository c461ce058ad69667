package restserver

import (
	"context"
	"slices"
	"sync"
	"time"
)

// A group has commands of many requests share what is sent to Redis: while some are
// on their way, others gather, and go together then. Under load that saves most of
// what reading and writing costs, here and in Redis; a lone request goes at once.
// Scripts, which may take their time, stay out of it, and so does what is large.
type group struct {
	db      single
	timeout time.Duration

	mu      sync.Mutex
	waiting []*grouped
	under   int // how many pipelines are under way
}

const (
	// maxUnderWay is how many pipelines of a group are under way at a time, so that a
	// Redis which is far away is not waited for by all.
	maxUnderWay = 4
	// maxGrouped is how many bytes a request may take on the way to Redis to travel with
	// others.
	maxGrouped = 64 << 10
)

// A grouped request waits for its replies.
type grouped struct {
	commands []*command
	replies  [][]byte
	err      error
	done     chan struct{} // closed when the replies, or the error, are there
}

// takes says whether the commands may travel with others.
func (g *group) takes(cmds []*command) bool {
	size := 0
	for _, c := range cmds {
		if c.runsScript() {
			return false
		}
		for _, arg := range c.args {
			size += len(arg) + len("$65536\r\n\r\n")
		}
	}
	return size <= maxGrouped
}

// run runs commands in order, as long as a request may take.
func (g *group) run(ctx context.Context, cmds []*command) ([][]byte, error) {
	own := &grouped{commands: cmds, done: make(chan struct{})}
	g.mu.Lock()
	g.waiting = append(g.waiting, own)
	if g.under < maxUnderWay {
		g.under++
		go g.work()
	}
	g.mu.Unlock()
	late := time.NewTimer(g.timeout)
	defer late.Stop()
	select {
	case <-own.done:
		return own.replies, own.err
	case <-ctx.Done():
		return nil, g.leave(own, ctx.Err())
	case <-late.C:
		return nil, g.leave(own, errTimeout)
	}
}

// leave takes a request out that has not left yet, and is the error of one that is
// no longer waited for.
func (g *group) leave(own *grouped, err error) error {
	g.mu.Lock()
	defer g.mu.Unlock()
	if i := slices.Index(g.waiting, own); i >= 0 {
		g.waiting = slices.Delete(g.waiting, i, i+1)
		return notRun{err}
	}
	return err
}

// work sends what waits, until nothing does.
func (g *group) work() {
	for {
		g.mu.Lock()
		together := g.waiting
		g.waiting = nil
		if len(together) == 0 {
			g.under--
			g.mu.Unlock()
			return
		}
		g.mu.Unlock()
		g.send(together)
	}
}

// send sends requests in one pipeline. None of them can break that off, so it has
// its own time, a little more than any of them waits: those that began with them and
// were not sent know by then that they were not.
func (g *group) send(together []*grouped) {
	ctx, cancel := context.WithTimeout(context.Background(), g.timeout+time.Second)
	defer cancel()
	var cmds []*command
	for _, m := range together {
		cmds = append(cmds, m.commands...)
	}
	replies, err := g.db.pipeline(ctx, cmds)
	for _, m := range together {
		if m.err = err; err == nil {
			m.replies, replies = replies[:len(m.commands)], replies[len(m.commands):]
		}
		close(m.done)
	}
}
