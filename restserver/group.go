package restserver

import (
	"context"
	"slices"
	"sync"
	"time"
)

// A group has single commands of many requests share what is sent to Redis: while
// some are on their way, others gather, and go together then. Under load that saves
// most of what reading and writing costs, here and in Redis; a lone command goes at
// once. Scripts, which may take their time, stay out of it.
type group struct {
	db      single
	timeout time.Duration

	mu      sync.Mutex
	waiting []*grouped
	under   int // how many pipelines are under way
}

// maxUnderWay is how many pipelines of a group are under way at a time, so that a
// Redis which is far away is not waited for by all.
const maxUnderWay = 4

// A grouped command is one that waits for its reply.
type grouped struct {
	command *command
	reply   []byte
	err     error
	done    chan struct{} // closed when the reply, or the error, is there
}

// run runs a command, as long as a request may take.
func (g *group) run(ctx context.Context, c *command) ([]byte, error) {
	own := &grouped{command: c, done: make(chan struct{})}
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
		return own.reply, own.err
	case <-ctx.Done():
		return nil, g.leave(own, ctx.Err())
	case <-late.C:
		return nil, g.leave(own, errTimeout)
	}
}

// leave takes a command out that has not left yet, and is the error of one that is
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

// send sends commands in one pipeline. Nobody can break that off, so it has its own
// time.
func (g *group) send(together []*grouped) {
	ctx, cancel := context.WithTimeout(context.Background(), g.timeout+2*grace)
	defer cancel()
	cmds := make([]*command, len(together))
	for i, m := range together {
		cmds[i] = m.command
	}
	pipe := g.db.Client.Pipeline()
	sent := raw(ctx, cmds)
	for _, cmd := range sent {
		pipe.Process(ctx, cmd)
	}
	pipe.Exec(ctx) // each command has its own error
	for i, m := range together {
		m.reply, m.err = sent[i].Result()
		close(m.done)
	}
}
