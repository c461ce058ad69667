package restserver

import (
	"context"
	"slices"
	"sync"
	"time"
)

// A group combines commands of many requests into pipelines: while a pipeline is
// running, new commands wait, and are then sent together. Under load this saves most of
// the cost of reading and writing, here and in Redis. A single request is sent at once. One that has waited for
// a moment gets another pipeline.
// Scripts, which may take long, and large commands are not combined.
type group struct {
	db      database
	timeout time.Duration

	mu      sync.Mutex
	waiting []*grouped
	running int // the number of running pipelines
}

const (
	// maxRunning is the maximum number of running pipelines of a group. More than one are needed,
	// so that requests do not all wait for a distant Redis, or for a large reply.
	maxRunning = 4
	// patience is how long a request waits for the running pipelines before it gets another one. A near
	// Redis answers before.
	patience = time.Millisecond
	// maxGrouped is the maximum size of a request, in bytes sent to Redis, that is combined with
	// others.
	maxGrouped = 64 << 10
)

// A grouped request waits for its replies.
type grouped struct {
	commands []*command
	replies  [][]byte
	err      error
	done     chan struct{} // closed when there are replies or an error
}

// takes says whether the commands may be combined with others.
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

// run runs commands in order, within the time limit of a request.
func (g *group) run(ctx context.Context, cmds []*command) ([][]byte, error) {
	request := &grouped{commands: cmds, done: make(chan struct{})}
	g.mu.Lock()
	g.waiting = append(g.waiting, request)
	hurried := g.running == 0 // a pipeline was started for it
	if hurried {
		g.start()
	}
	g.mu.Unlock()
	limit := g.timeout
	if !hurried {
		limit = min(limit, patience)
	}
	late := time.NewTimer(limit)
	defer late.Stop()
	for {
		select {
		case <-request.done:
			return request.replies, request.err
		case <-ctx.Done():
			return nil, g.giveUp(request, ctx.Err())
		case <-late.C:
			if hurried {
				return nil, g.giveUp(request, errTimeout)
			}
			g.hurry(request)
			hurried = true
			late.Reset(g.timeout - limit)
		}
	}
}

// start starts a pipeline. The caller holds the lock.
func (g *group) start() {
	g.running++
	go g.work()
}

// hurry starts another pipeline for a request that still waits.
func (g *group) hurry(request *grouped) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.running < maxRunning && slices.Contains(g.waiting, request) {
		g.start()
	}
}

// giveUp ends a request, and returns the error for a caller that stops waiting.
func (g *group) giveUp(request *grouped, err error) error {
	g.mu.Lock()
	defer g.mu.Unlock()
	if i := slices.Index(g.waiting, request); i >= 0 {
		g.waiting = slices.Delete(g.waiting, i, i+1)
	}
	return request.commands[0].attempt.end(err)
}

// work sends waiting requests until there are none.
func (g *group) work() {
	for {
		g.mu.Lock()
		together := g.waiting
		g.waiting = nil
		if len(together) == 0 {
			g.running--
			g.mu.Unlock()
			return
		}
		g.mu.Unlock()
		g.send(together)
	}
}

// send sends requests in one pipeline. No single request can cancel it, so it has
// its own time limit. This limit is longer than that of any request, so the requests that arrived
// with them and were not sent know by then that they did not run.
func (g *group) send(together []*grouped) {
	ctx, cancel := context.WithTimeout(context.Background(), g.timeout+time.Second)
	defer cancel()
	var cmds []*command
	for _, m := range together {
		cmds = append(cmds, m.commands...)
	}
	replies, err := g.db.pipeline(ctx, cmds)
	for _, m := range together {
		if n := len(m.commands); len(replies) >= n { // all of its replies have arrived
			m.replies, replies = replies[:n], replies[n:]
		} else {
			m.err, replies = m.commands[0].attempt.outcome(err), nil
		}
		close(m.done)
	}
}
