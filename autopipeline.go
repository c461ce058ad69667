package redis

import (
	"context"
	"runtime"
	"slices"
	"sync"

	"github.com/redis-rest/redis-rest-go/internal/client/rest"
	"github.com/redis-rest/redis-rest-go/internal/protocol/wire"
)

// WithAutoPipelining has goroutines that call at the same time share a request.
// There is no timer: who calls waits until the goroutines that are ready have
// called too, and all go out at once; a lone call goes out as it would anyway.
// Many requests may be on their way at the same time. A goroutine's calls stay in
// the order in which it makes them.
//
// A command that fails fails its own caller only. A caller whose context ends
// returns at once; if the command had not left by then it is not sent. Batches
// go around it.
func WithAutoPipelining() Option {
	return func(c *config) { c.autoPipelining = true }
}

// What a shared request holds at most, well below the 10 MB that hosted services
// take on their small plans. A single command may be larger, and goes alone.
const (
	maxShared      = 1000
	maxSharedBytes = 4 << 20
)

// An autoPipeline is the queue of calls that wait to be sent.
type autoPipeline struct {
	client *client

	mu         sync.Mutex
	queue      []*call
	collecting bool // somebody waits for more calls to join
}

// A call is one command on its way through the queue.
type call struct {
	out    outgoing
	body   []byte
	done   chan struct{} // closed when result is there
	result result
	shared *shared // the request that carries it; nil while it waits
}

// A shared request carries many calls.
type shared struct {
	calls  []*call
	left   int // how many callers no longer wait
	cancel context.CancelFunc
}

// do runs one command, with those of other callers where there are any.
func (a *autoPipeline) do(ctx context.Context, out outgoing, args []any) (Reply, error) {
	c := &call{out: out}
	var err error
	if c.body, err = appendCommand(make([]byte, 0, wire.Size(args)), args); err != nil {
		return Reply{}, err
	}
	err = ctx.Err()
	if err == nil {
		err = a.client.checkSize(len(c.body) + 2)
	}
	if err != nil {
		return Reply{}, &callError{command: out.name, err: err}
	}
	c.done = make(chan struct{})
	a.mu.Lock()
	a.queue = append(a.queue, c)
	first := !a.collecting
	a.collecting = true
	a.mu.Unlock()
	if first && a.collect(c) {
		return a.client.single(ctx, c.out, c.body)
	}
	select {
	case <-c.done:
		return c.result.reply, c.result.err
	case <-ctx.Done():
		return a.leave(ctx, c)
	}
}

// collect lets the goroutines that are ready make their calls, until none joins,
// and sends what is in the queue. Where that is only the caller's own call, it
// returns true and leaves it to the caller.
func (a *autoPipeline) collect(own *call) (alone bool) {
	for waiting := 1; ; {
		runtime.Gosched()
		a.mu.Lock()
		if len(a.queue) == waiting || len(a.queue) >= maxShared {
			break
		}
		waiting = len(a.queue)
		a.mu.Unlock()
	}
	defer a.mu.Unlock()
	queue := a.queue
	a.queue, a.collecting = nil, false
	if len(queue) == 1 && queue[0] == own {
		return true
	}
	for len(queue) > 0 {
		n := a.fitting(queue)
		a.send(queue[:n:n])
		queue = queue[n:]
	}
	return false
}

// fitting says how many calls at the front of the queue one request takes.
func (a *autoPipeline) fitting(queue []*call) int {
	most := int(min(maxSharedBytes, a.client.maxRequest-1))
	bytes := 0
	for n, c := range queue {
		bytes += len(c.body) + 1
		if n == maxShared || n > 0 && bytes > most {
			return n
		}
	}
	return len(queue)
}

// send sends the calls in one request of their own goroutine, which goes on as
// long as one caller waits. The lock is held.
func (a *autoPipeline) send(calls []*call) {
	ctx, cancel := context.WithCancel(context.Background())
	s := &shared{calls: calls, cancel: cancel}
	for _, c := range calls {
		c.shared = s
	}
	go func() {
		defer cancel()
		if fate := a.post(ctx, calls, 0); fate.Unsafe {
			// Each caller is on their own: that of a command that may be sent again
			// does not suffer for one that may not.
			again := slices.DeleteFunc(slices.Clone(calls), func(c *call) bool { return !c.out.safe() })
			if len(again) > 0 {
				a.post(ctx, again, fate.Attempts)
			}
		}
		for _, c := range calls {
			close(c.done)
		}
	}()
}

// post sends the calls in one request and notes their results.
func (a *autoPipeline) post(ctx context.Context, calls []*call, made int) rest.Fate {
	size := len("[")
	for _, c := range calls {
		size += len(c.body) + len(",")
	}
	body := make([]byte, 0, size)
	outs := make([]outgoing, len(calls))
	for i, c := range calls {
		body = append(append(body, ','), c.body...)
		outs[i] = c.out
	}
	body[0] = '['
	results := make([]result, len(calls))
	fate := a.client.batch(ctx, pipeline, body, outs, results, made)
	for i, c := range calls {
		c.result = results[i]
	}
	return fate
}

// leave takes a call whose context has ended out of the queue, or out of those
// that its request is waited for by.
func (a *autoPipeline) leave(ctx context.Context, c *call) (Reply, error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if c.shared == nil {
		for i, waiting := range a.queue {
			if waiting == c {
				a.queue = append(a.queue[:i:i], a.queue[i+1:]...)
				break
			}
		}
		return Reply{}, &callError{command: c.out.name, err: ctx.Err()}
	}
	select {
	case <-c.done: // the result came at the same moment
		return c.result.reply, c.result.err
	default:
	}
	if c.shared.left++; c.shared.left == len(c.shared.calls) {
		c.shared.cancel()
	}
	return Reply{}, &callError{command: c.out.name, err: ctx.Err(), unknown: !c.out.reads}
}
