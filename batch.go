package redis

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"sync"
	"time"

	"github.com/redis-rest/redis-rest-go/internal/client/keyprefix"
	"github.com/redis-rest/redis-rest-go/internal/client/rest"
	"github.com/redis-rest/redis-rest-go/internal/protocol/commandtable"
	"github.com/redis-rest/redis-rest-go/internal/protocol/wire"
)

// A Batch is commands that are sent in one request: a pipeline ([Redis.Pipeline])
// or a transaction ([Redis.Multi]). Commands are queued with [Command.Queue] and
// run by [Batch.Exec], once. It may be used by many goroutines; a command queued
// after Exec is not executed, and its Future says so.
//
// Scripts are queued like other commands. The first use of a [Script] in a batch is sent
// as its source, once for each hash slot, because slots may be on different nodes. Later
// uses are sent as its digest, so nothing depends on what the server holds. Sources that
// are repeated for further slots take at most 1 MiB of a batch and a quarter of
// [WithMaxRequestBytes]; first uses after that are sent as the digest.
//
// One gap is left: another client may flush the scripts between two commands of a running
// pipeline. A command that then finds its script missing did not run. It is sent again
// with the source, after all others have run. In a transaction no other client's command
// can run in between.
type Batch struct {
	client  *client   // nil if doer runs the batch
	doer    BatchDoer // nil if client does
	path    string
	invalid error // why the batch cannot be executed

	mu       sync.Mutex
	executed bool
	body     []byte // the commands as JSON, each after its '[' or ','
	members  []member
	sources  map[string]carriedSource // by the script's digest
	repeated int                      // the bytes of sources that a further slot needs
	refused  bool                     // a member cannot be sent
}

// The paths of batches.
const (
	pipeline    = "/pipeline"
	transaction = "/multi-exec"
)

// Why a batch, or a member of one, is not executed.
var (
	errYet      = errors.New("not executed: call Exec of its batch first")
	errAgain    = errors.New("not executed: the batch had been executed before")
	errOther    = errors.New("not executed: another command of the batch cannot be sent")
	errNoFuture = errors.New("not executed: the Future is nil")
	errNilBatch = errors.New("not executed: the batch is nil")
)

// A member is one command of a batch.
type member struct {
	*command
	err    error          // why it cannot be sent
	keys   keyprefix.Path // of the reply
	wait   time.Duration  // how long it waits for data at most
	source int            // if it is sent as a digest, the index of the member that is sent as the source; else -1
	future interface{ settle(Reply, error) error }
}

// Pipeline makes a batch of commands that run in order. Other clients' commands may run
// between them. If one fails, the others run nevertheless.
func (r *Redis) Pipeline() *Batch { return r.batch(pipeline) }

// Multi makes a batch that runs as a transaction: no other client's command runs in
// between. If a command is malformed, Redis refuses the whole transaction. If a command
// fails while it runs, the others run nevertheless, and nothing is rolled back.
func (r *Redis) Multi() *Batch { return r.batch(transaction) }

func (r *Redis) batch(path string) *Batch {
	return &Batch{path: path, client: r.client()}
}

// A Future is the result of a command in a batch. It is set when the batch is executed.
type Future[T any] struct {
	name string                 // the command's name; no field holds arguments, because %s would show them
	read func(Reply) (T, error) // as Command.read

	mu      sync.Mutex
	settled bool
	value   T
	err     error
}

// Result returns the command's result. Before [Batch.Exec] it is [ErrNotExecuted].
// Null is [ErrNil] unless T can hold it.
func (f *Future[T]) Result() (T, error) {
	if f == nil {
		var zero T
		return zero, notExecuted(wire.UnknownName, errNoFuture)
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	if !f.settled {
		return f.value, notExecuted(cmp.Or(f.name, wire.UnknownName), errYet)
	}
	return f.value, f.err
}

// settle gives the Future its result, and returns its error.
func (f *Future[T]) settle(reply Reply, err error) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.settled = true
	if f.err = err; err == nil {
		f.value, f.err = read(f.name, f.read, reply)
	}
	return f.err
}

// Queue adds the command to a batch. Its arguments are encoded now. If one cannot be
// sent, [Batch.Exec] returns the error and sends nothing.
func (c Command[T]) Queue(b *Batch) *Future[T] {
	f := &Future[T]{name: c.String(), read: c.decoder()}
	b.add(member{command: c.command(), future: f})
	return f
}

// add queues a member. If its script is new to the batch, it is sent as the source.
func (b *Batch) add(m member) {
	if b == nil {
		m.future.settle(Reply{}, notExecuted(m.name(), errNilBatch))
		return
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.executed {
		m.future.settle(Reply{}, notExecuted(m.name(), errAgain))
		return
	}
	args := m.args
	m.source = -1
	if m.digest {
		var carried bool
		if m.source, carried = b.sourceFor(m.script, scriptSlot(args, b.client.keyPrefix())); !carried {
			args = m.bySource()
		}
	} else if name := m.name(); name == "SCRIPT" || name == wire.UnknownName {
		b.sources = nil // it may be a FLUSH
	}
	if m.err = m.command.err; m.err != nil {
		m.err = notExecuted(m.name(), m.err)
	} else {
		start := len(b.body)
		b.body, m.keys, m.err = b.client.appendMember(growDoubling(b.body, wire.Size(args)+len(",]")), args)
		if m.err == nil && b.path == pipeline { // in a transaction Redis does not wait
			m.wait, _ = blocks(m.name(), b.body[start+len(","):])
		}
	}
	b.refused = b.refused || m.err != nil
	b.members = append(growDoubling(b.members, 1), m)
}

// growDoubling makes room for n more elements by doubling the slice. append makes a large
// slice only 1.25 times as large. For a large batch that would copy about three times as
// much.
func growDoubling[E any](s []E, n int) []E {
	if cap(s)-len(s) >= n {
		return s
	}
	return slices.Grow(s, max(n, len(s)))
}

// maxRepeated is how many bytes of a batch the sources of scripts may take that another
// member carries already, for another hash slot.
const maxRepeated = 1 << 20

// A carriedSource is a script whose source members of the batch carry.
type carriedSource struct {
	first int          // the first of these members
	slot  int          // the hash slot of its keys
	more  map[int]bool // those of the others; nil if there are none
}

// sourceFor says which member carries a script's source to the server, and whether one
// does so for this hash slot. If none does, the next member is to carry it.
func (b *Batch) sourceFor(s *script, slot int) (source int, carried bool) {
	if c, ok := b.sources[s.sha()]; ok {
		if c.slot == slot || c.more[slot] || !b.mayRepeat(len(s.source)) {
			return c.first, true
		}
		if c.more == nil {
			c.more = map[int]bool{}
			b.sources[s.sha()] = c
		}
		c.more[slot] = true
		return -1, false
	}
	// Since 7.4 Redis keeps only the last 500 scripts that came by EVAL.
	if b.sources == nil || len(b.sources) >= 400 {
		b.sources = map[string]carriedSource{}
	}
	b.sources[s.sha()] = carriedSource{first: len(b.members), slot: slot}
	return -1, false
}

// mayRepeat says whether n more bytes of repeated sources fit, and counts them if so.
func (b *Batch) mayRepeat(n int) bool {
	limit := int64(maxRepeated)
	if b.client != nil {
		limit = min(limit, b.client.maxRequest/4)
	}
	if int64(b.repeated+n) > limit {
		return false
	}
	b.repeated += n
	return true
}

// appendMember appends a command to the JSON list in body, which has no ] yet, as
// appendCommand does.
func (c *client) appendMember(body []byte, args []any) ([]byte, keyprefix.Path, error) {
	start := len(body)
	separator := byte(',')
	if start == 0 {
		separator = '['
	}
	body, keys, err := c.appendCommand(append(body, separator), args)
	if err != nil {
		body = body[:start]
	}
	return body, keys, err
}

// Exec sends the batch once, and sets the value or the error of every Future. It returns
// nil if every command succeeded. Otherwise it returns a [*BatchError], which says which
// commands failed and why. A reply that does not fit its type counts as a failure of
// that command. A null reply does not.
//
// If the request fails, all commands have its error. An empty batch sends nothing. A
// second Exec returns [ErrNotExecuted] and sends nothing.
func (b *Batch) Exec(ctx context.Context) (err error) {
	if b == nil {
		return notExecuted("Exec", errNilBatch)
	}
	b.mu.Lock()
	again := b.executed
	b.executed = true // nothing is added after this, so the lock is not needed
	b.mu.Unlock()
	if again {
		return notExecuted("Exec", errAgain)
	}
	if len(b.members) == 0 {
		return nil
	}
	if b.client != nil && len(b.client.callHooks) > 0 {
		commands := make([]CommandInfo, len(b.members))
		for i, m := range b.members {
			commands[i] = m.info()
		}
		var end func(error)
		ctx, end = b.client.observe(ctx, kind(b.path), commands, func(i int) []any { return b.members[i].args })
		defer func() { end(err) }()
	}
	results := make([]result, len(b.members))
	switch {
	case b.invalid != nil:
		b.fail(results, func(m member) error { return notExecuted(m.name(), b.invalid) })
	case b.client == nil && b.doer == nil:
		b.fail(results, func(m member) error { return notExecuted(m.name(), errNoClient) })
	case b.client != nil && b.client.lifetime.closed():
		b.fail(results, func(m member) error { return notExecuted(m.name(), ErrClosed) })
	case b.refused:
		b.fail(results, func(m member) error {
			if m.err != nil {
				return m.err
			}
			return notExecuted(m.name(), errOther)
		})
	default:
		infos := make([]callInfo, len(b.members))
		for i, m := range b.members {
			infos[i] = m.callInfo()
			infos[i].until, infos[i].wait = m.until(), m.wait
		}
		b.post(ctx, b.body, infos, results)
		b.retryMissedScripts(ctx, results, infos)
		if b.client != nil {
			b.client.checkReplies(ctx, infos, results)
		}
	}
	return b.settle(results)
}

// A result is the reply or the error of a member.
type result struct {
	reply Reply
	err   error
}

func (b *Batch) fail(results []result, err func(m member) error) {
	for i := range results {
		results[i].err = err(b.members[i])
	}
}

// retryMissedScripts sends the members again whose script the server did not hold,
// although the batch had sent its source before.
func (b *Batch) retryMissedScripts(ctx context.Context, results []result, sent []callInfo) {
	var missed []int
	var body []byte
	for i, m := range b.members {
		if m.source < 0 || !errors.Is(results[i].err, ErrNoScript) {
			continue
		}
		if b.path == transaction {
			// No other client can have flushed the scripts, so the server refused the
			// source, for example because it does not compile.
			if err := results[m.source].err; err != nil {
				results[i].err = err
			}
			continue
		}
		missed = append(missed, i)
		body, _, _ = b.client.appendMember(body, m.bySource()) // what could be sent once can be sent again
	}
	if len(missed) == 0 {
		return
	}
	b.client.recordOf(ctx).noteMissed()
	again := make([]result, len(missed))
	infos := make([]callInfo, len(missed))
	for k, i := range missed {
		infos[k] = sent[i]
	}
	b.post(ctx, body, infos, again)
	for k, i := range missed {
		if errors.Is(results[i].err, ErrOutcomeUnknown) { // an earlier attempt may have run
			again[k].err = outcomeUnknown(infos[k].name, again[k].err)
		}
		results[i] = again[k]
	}
}

// settle gives the members their results and collects the errors.
func (b *Batch) settle(results []result) error {
	failed := &BatchError{Total: len(results)}
	for i, m := range b.members {
		err := m.future.settle(b.client.withoutPrefix(results[i].reply, m.keys), withIndex(m.locate(results[i].err), i))
		if err != nil && !nullReply(err) {
			failed.Errors = append(failed.Errors, CommandError{Index: i, Command: m.name(), Err: err})
		}
	}
	if len(failed.Errors) == 0 {
		return nil
	}
	return failed
}

// nullReply reports whether err means that the whole reply is null, not a part of it.
func nullReply(err error) bool {
	if _, inside := errors.AsType[*DecodeError](err); inside {
		return false
	}
	return errors.Is(err, ErrNil)
}

// withIndex notes a command's place in the batch in its error.
func withIndex(err error, i int) error {
	if e, ok := errors.AsType[*Error](err); ok && e != nil && e.Index != i {
		placed := *e
		placed.Index = i
		if call, ok := err.(*CallError); ok {
			return &CallError{Command: call.Command, Err: &placed, outcome: call.outcome}
		}
		return &placed
	}
	return err
}

// batch posts the commands in body, a JSON list without its ], and sets the result of
// each. infos describes them in the same order. The request is retried only if each
// command may be.
func (c *client) batch(ctx context.Context, path string, body []byte, infos []callInfo, results []result) {
	body = append(body, ']')
	if err := c.checkSize(len(body)); err != nil {
		for i, info := range infos {
			results[i].err = notExecuted(info.name, err)
		}
		return
	}
	request := rest.Request{Path: path, Body: body, Safe: true, Classifier: &batchAnswer{c, infos, results}}
	for _, info := range infos {
		request.Safe = request.Safe && info.mayRunTwice()
		if request.SafeUntil.IsZero() || !info.until.IsZero() && info.until.Before(request.SafeUntil) {
			request.SafeUntil = info.until
		}
		request.Wait += min(info.wait, commandtable.Forever-request.Wait)
	}
	if c.attemptHooks {
		request.Names = func() []string { return commandNames(infos) }
	}
	history, unsent := c.rest.Post(ctx, &request)
	c.recordOf(ctx).note(history)
	for i, info := range infos {
		if unsent != nil {
			results[i] = result{err: info.sendError(unsent)}
		}
		results[i].err = info.withEarlierAttempts(history, results[i].err)
	}
}

// String returns the kind of the batch and the number of its commands.
func (b *Batch) String() string {
	if b == nil {
		return "nil batch"
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	kind := "pipeline"
	if b.path == transaction {
		kind = "transaction"
	}
	return kind + " of " + strconv.Itoa(len(b.members))
}

// Format writes what String returns, whatever the verb.
func (b *Batch) Format(f fmt.State, verb rune) { io.WriteString(f, b.String()) }
