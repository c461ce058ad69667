package redis

import (
	"context"
	"net/http"
	"runtime"
	"slices"
	"sync"

	"github.com/redis-rest/redis-rest-go/internal/client/rest"
	"github.com/redis-rest/redis-rest-go/internal/protocol/wire"
)

// WithAutoPipelining says whether goroutines that call at the same time share a
// request. The default is false.
//
// There is no timer. A call waits until the other goroutines that are ready have made
// their calls, and then all calls are sent in one request. A call that finds no other
// is sent as usual. Many requests may be in flight at the same time. The calls of one
// goroutine are sent in the order in which it makes them. Batches are not shared. Nor are commands
// that wait for data, such as BLPOP and XREAD with BLOCK: others would wait with them.
//
// Each caller gets what it would get alone. A command that fails does so for its own
// caller only, and it is retried or not as it would be alone (see [RetryPolicy]).
// [WithMaxReplyBytes] limits each reply and not their sum. If a caller's context ends,
// the call returns at once; a command that was not sent yet is then not sent. A request
// that the server refuses whole because of its form or size is sent again as single
// commands.
//
// Hooks and transports see the context of the first caller, with its values and without
// its end: the request goes on as long as one caller waits.
func WithAutoPipelining(on bool) Option {
	return option(func(c *config) { c.autoPipelining = on })
}

// The limits of a shared request. They are well below the 10 MB that hosted services
// accept on their small plans. A larger command is sent alone. maxSharedBytes is also
// how much its replies should be, as far as the size of earlier ones tells.
const (
	maxShared      = 1000
	maxSharedBytes = 4 << 20
)

// An autoPipeline holds the queue of calls that wait to be sent.
type autoPipeline struct {
	client *client

	mu         sync.Mutex
	queue      []*call
	collecting bool    // a goroutine waits for more calls to join
	replySize  float64 // of one reply, in bytes: an average in which the newest count most
}

// A call is one command in the queue or in a shared request. It takes part in one for
// each of its attempts.
type call struct {
	commandAnswer
	pipeline *autoPipeline

	// These are of the current attempt.
	ctx      context.Context
	attempt  int
	done     chan struct{}  // closed when what is below is set
	shared   *sharedRequest // the request that contains it; nil while it is in the queue
	alone    bool           // it is to be sent by itself
	answer   answer
	tooLarge bool // the reply is over the limit
}

// A shared request contains many calls, and is sent once.
type sharedRequest struct {
	pipeline *autoPipeline
	cancel   context.CancelFunc

	// These are protected by the pipeline's mu. Once the request has begun, calls stays.
	calls  []*call
	begun  bool // a byte of it may have been sent
	gaveUp int  // how many callers no longer wait for it, since it has begun

	// These are set when it is done.
	response rest.Response // without its body
	whole    bool          // the answer is one for all calls
	turn     *rest.Turn
	err      error // a *rest.SendError if no answer came
}

// do runs one command. Each attempt is sent together with those of other callers if there
// are any.
func (a *autoPipeline) do(ctx context.Context, info callInfo, body []byte) (Reply, error) {
	c := &call{commandAnswer: commandAnswer{client: a.client, info: info}, pipeline: a}
	c.request = rest.Request{Body: body, Classifier: c, Sharing: c}
	return c.post(ctx)
}

// Send sends attempt n with other calls, unless there are none.
func (c *call) Send(ctx context.Context, n int) (rest.Response, *rest.Turn, error) {
	a := c.pipeline
	c.ctx, c.attempt, c.done = ctx, n, make(chan struct{})
	c.shared, c.alone, c.tooLarge = nil, false, false
	a.mu.Lock()
	a.queue = append(a.queue, c)
	first := !a.collecting
	a.collecting = true
	a.mu.Unlock()
	if first {
		a.collect()
	}
	select {
	case <-c.done:
	case <-ctx.Done():
		if err := a.giveUp(ctx, c); err != nil {
			return rest.Response{}, &rest.Turn{}, err
		}
	}
	switch {
	case c.alone:
		return rest.Response{}, nil, nil
	case c.shared.err != nil:
		return rest.Response{}, c.shared.turn, c.shared.err
	case c.tooLarge:
		return rest.Response{}, c.shared.turn, &rest.SendError{Err: rest.ErrTooLarge, Answered: true}
	}
	return c.shared.response, c.shared.turn, nil
}

// Classify reads the answer to a call that was sent alone, or takes its part of a shared
// one.
func (c *call) Classify(resp rest.Response) (refused bool, err error) {
	if c.alone {
		c.pipeline.noteReplies(1, len(resp.Body))
		return c.commandAnswer.Classify(resp)
	}
	info := c.info
	info.lua = info.lua && !c.shared.whole // if all commands are refused at once, no script ran
	return c.take(c.answer, info)
}

// collect lets the goroutines that are ready make their calls, until none joins, and
// sends what is in the queue.
func (a *autoPipeline) collect() {
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
	for len(queue) > 0 {
		n := a.countFitting(queue)
		if n == 1 {
			queue[0].alone = true
			close(queue[0].done)
		} else {
			a.sendShared(queue[:n:n])
		}
		queue = queue[n:]
	}
}

// countFitting returns how many calls at the front of the queue fit in one request.
func (a *autoPipeline) countFitting(queue []*call) int {
	most := maxShared
	if a.replySize > 0 {
		most = min(most, max(1, int(maxSharedBytes/a.replySize)))
	}
	mostBytes := int(min(maxSharedBytes, a.client.maxRequest-1))
	bytes := 0
	for n, c := range queue {
		bytes += len(c.request.Body) + 1
		if n == most || n > 0 && bytes > mostBytes {
			return n
		}
	}
	return len(queue)
}

// noteReplies remembers how large replies are.
func (a *autoPipeline) noteReplies(replies, bytes int) {
	a.mu.Lock()
	defer a.mu.Unlock()
	n := float64(replies)
	a.replySize += (float64(bytes)/n - a.replySize) * n / (n + 16)
}

// sendShared sends the calls in one request on a new goroutine. The request goes on as
// long as one caller waits for it. a.mu is held.
func (a *autoPipeline) sendShared(calls []*call) {
	ctx, cancel := context.WithCancel(context.WithoutCancel(calls[0].ctx))
	s := &sharedRequest{pipeline: a, calls: calls, cancel: cancel}
	for _, c := range calls {
		c.shared = s
	}
	go s.send(ctx)
}

// send sends the calls and gives each its part of the answer.
func (s *sharedRequest) send(ctx context.Context) {
	defer s.cancel()
	notReady := s.pipeline.client.rest.Ready(ctx)
	s.pipeline.mu.Lock()
	s.begun = true
	s.pipeline.mu.Unlock()
	if len(s.calls) == 0 {
		return
	}
	size, attempt := len("[]"), 0
	for _, c := range s.calls {
		size += len(c.request.Body) + len(",")
		attempt = max(attempt, c.attempt)
	}
	body := make([]byte, 0, size)
	for _, c := range s.calls {
		body = append(append(body, ','), c.request.Body...)
	}
	body = append(body, ']')
	body[0] = '['
	request := rest.Request{Path: pipeline, Body: body, Classifier: s, Members: len(s.calls), NotReady: notReady}
	if s.pipeline.client.attemptHooks {
		for _, c := range s.calls {
			request.Callers = append(request.Callers, c.ctx)
		}
		request.Names = func() []string {
			names := make([]string, len(s.calls))
			for i, c := range s.calls {
				names[i] = c.info.name
			}
			return names
		}
	}
	s.turn, s.err = s.pipeline.client.rest.Once(ctx, &request, attempt)
	for _, c := range s.calls {
		close(c.done)
	}
}

// Classify reads the answer: a list of replies, or one answer for all calls. For hooks it
// is an error if that is one for all calls.
func (s *sharedRequest) Classify(resp rest.Response) (refused bool, err error) {
	client := s.pipeline.client
	s.response = rest.Response{Status: resp.Status, Header: resp.Header}
	if resp.Status >= 200 && resp.Status < 300 && wire.ReadEnvelopes(resp.Body, len(s.calls), func(i int, e wire.Envelope) {
		s.calls[i].answer = client.readMember(e, resp.Status)
	}) {
		for _, i := range resp.TooLarge {
			s.calls[i].tooLarge = true
		}
		s.pipeline.noteReplies(len(s.calls), len(resp.Body))
		for _, c := range s.calls {
			_, refused, answerErr := c.answer.forCommand(c.info)
			if !refused {
				return false, nil
			}
			err = answerErr
		}
		return true, err
	}
	s.whole = true
	all := client.readWhole(resp)
	_, refused, err = all.forCommand(callInfo{name: s.calls[0].info.name})
	for _, c := range s.calls {
		c.answer, c.alone = all, !refused && all.outcome == ErrNotExecuted && aloneMayPass(resp.Status)
	}
	return refused, err
}

// aloneMayPass reports whether a status says that a request did not run because of what
// it is, so that each of its commands may be accepted alone.
func aloneMayPass(status int) bool {
	switch status {
	case http.StatusUnauthorized, http.StatusForbidden, http.StatusProxyAuthRequired, http.StatusTooManyRequests:
		return false
	}
	return status >= 400 && status < 500
}

// giveUp handles the end of a caller's context: it takes the call out of the queue or of
// the shared request, or, if that has begun, counts that the caller no longer waits for it.
// It returns nil if the result arrived at the same moment.
func (a *autoPipeline) giveUp(ctx context.Context, c *call) error {
	a.mu.Lock()
	defer a.mu.Unlock()
	select {
	case <-c.done:
		return nil
	default:
	}
	unsent := c.shared == nil || !c.shared.begun
	switch s := c.shared; {
	case s == nil:
		a.queue = remove(a.queue, c)
	case !s.begun:
		s.calls = remove(s.calls, c)
	default:
		s.gaveUp++
	}
	if s := c.shared; s != nil && s.gaveUp == len(s.calls) {
		s.cancel()
	}
	return &rest.SendError{Err: rest.Ended(ctx), Unsent: unsent}
}

func remove(calls []*call, c *call) []*call {
	return slices.DeleteFunc(calls, func(other *call) bool { return other == c })
}
