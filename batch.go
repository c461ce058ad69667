package redis

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"sync"

	"github.com/redis-rest/redis-rest-go/internal/client/rest"
	"github.com/redis-rest/redis-rest-go/internal/protocol/wire"
)

// A Batch is commands that are sent in one request: a pipeline ([Redis.Pipeline])
// or a transaction ([Redis.Multi]). Commands are queued with [Command.Queue] and
// run by [Batch.Exec], once. It may be used by many goroutines; a command queued
// after Exec is not executed, and its Future says so.
//
// Scripts are members like any other. The first use of a [Script] in a batch
// carries its source, the further uses its digest, so that nothing depends on
// what the server remembers. One window is left: somebody else flushes the
// scripts between two commands of a running pipeline. The command that then finds
// its script missing did not run, and is sent again with the source, after all
// others have run. In a transaction nobody can come between.
type Batch struct {
	client *client
	path   string

	mu       sync.Mutex
	executed bool
	body     []byte // the commands as JSON, each with what goes before it, '[' or ','
	members  []member
	sources  map[string]int // by digest, the member that carries the source
	refused  bool           // a member cannot be sent
}

// The paths of batches.
const (
	pipeline    = "/pipeline"
	transaction = "/multi-exec"
)

// A member is one command of a batch.
type member struct {
	*command
	err    error // why it cannot be sent
	source int   // where it goes as a digest, the member before it that carries the source; else -1
	future interface{ settle(Reply, error) error }
}

// Pipeline makes a batch of commands that run in order. Other clients' commands
// may run between them, and one that fails keeps no other from running.
func (r *Redis) Pipeline() *Batch { return r.batch(pipeline) }

// Multi makes a batch that runs as a transaction: all of it, with no other
// client's command in between. Redis refuses it whole where a command is malformed;
// a command that fails while it runs keeps no other from running, and nothing is
// rolled back.
func (r *Redis) Multi() *Batch { return r.batch(transaction) }

func (r *Redis) batch(path string) *Batch {
	b := &Batch{path: path}
	if r != nil {
		b.client = r.c
	}
	return b
}

// A Future is the result of a command in a batch, once that is executed.
type Future[T any] struct {
	name string                 // the command's; nothing here holds its arguments, which %s would show
	read func(Reply) (T, error) // as Command's

	mu      sync.Mutex
	settled bool
	value   T
	err     error
}

// Result returns the command's result. Before [Batch.Exec] it is [ErrNotExecuted].
// Null is [ErrNil] unless T can hold it.
func (f *Future[T]) Result() (T, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if !f.settled {
		return f.value, notExecuted(f.name, "its batch is yet to be executed")
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

// Queue adds the command to a batch. Its arguments are encoded at once; what
// cannot be sent is an error of [Batch.Exec], which then sends nothing.
func (c Command[T]) Queue(b *Batch) *Future[T] {
	f := &Future[T]{name: c.String(), read: c.read}
	b.add(member{command: c.command(), future: f})
	return f
}

func notExecuted(command, why string) error {
	return fmt.Errorf("%w: %s: %s", ErrNotExecuted, command, why)
}

// add queues a member. A script that is new to the batch goes with its source.
func (b *Batch) add(m member) {
	if b == nil {
		m.future.settle(Reply{}, notExecuted(m.name(), "the batch is nil"))
		return
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.executed {
		m.future.settle(Reply{}, notExecuted(m.name(), "its batch had been executed before"))
		return
	}
	args := m.args
	m.source = -1
	if m.digest {
		var carried bool
		if m.source, carried = b.carry(m.script); !carried {
			args = m.bySource()
		}
	} else if name := m.name(); name == "SCRIPT" || name == wire.UnknownName {
		b.sources = nil // it may be a FLUSH
	}
	if m.err = m.command.err; m.err == nil {
		b.body, m.err = appendMember(doubled(b.body, wire.Size(args)+len(",]")), args)
	}
	b.refused = b.refused || m.err != nil
	b.members = append(doubled(b.members, 1), m)
}

// doubled makes room for n more elements. It doubles a large slice too, where append
// adds a quarter: of a large batch that copies a third.
func doubled[E any](s []E, n int) []E {
	if cap(s)-len(s) >= n {
		return s
	}
	return slices.Grow(s, max(n, len(s)))
}

// carry says which member carries a script's source to the server. Where none does,
// the next one is to.
func (b *Batch) carry(s *script) (source int, carried bool) {
	if source, carried = b.sources[s.sha()]; carried {
		return source, true
	}
	// From 7.4 on Redis keeps 500 of the scripts that came by EVAL.
	if b.sources == nil || len(b.sources) >= 400 {
		b.sources = map[string]int{}
	}
	b.sources[s.sha()] = len(b.members)
	return -1, false
}

// appendMember appends a command to the list of commands in body, whose end is
// open.
func appendMember(body []byte, args []any) ([]byte, error) {
	start := len(body)
	separator := byte(',')
	if start == 0 {
		separator = '['
	}
	body, err := appendCommand(append(body, separator), args)
	if err != nil {
		body = body[:start]
	}
	return body, err
}

func appendCommand(body []byte, args []any) ([]byte, error) {
	body, err := wire.AppendCommand(body, args)
	if err != nil {
		err = fmt.Errorf("redis: %s: %w", wire.CommandName(args), err)
	}
	return body, err
}

// Exec sends the batch, once, and gives every Future its value or error. It
// returns nil if every command succeeded; else a [*BatchError], whose members say
// which did not and why. A reply that does not fit its type counts as a failure
// of that member, a null reply does not.
//
// Where the request fails, all members have that error. An empty batch sends
// nothing. A second Exec is [ErrNotExecuted] and sends nothing.
func (b *Batch) Exec(ctx context.Context) error {
	b.mu.Lock()
	again := b.executed
	b.executed = true // from here on nothing is added, so that the lock is not needed
	b.mu.Unlock()
	if again {
		return notExecuted("Exec", "the batch had been executed before")
	}
	if len(b.members) == 0 {
		return nil
	}
	results := make([]result, len(b.members))
	switch {
	case b.client == nil:
		b.fail(results, func(m member) error { return notExecuted(m.name(), "the client was not made by New or FromEnv") })
	case b.refused:
		b.fail(results, func(m member) error {
			if m.err != nil {
				return m.err
			}
			return notExecuted(m.name(), "another command of the batch cannot be sent")
		})
	default:
		outs := make([]outgoing, len(b.members))
		for i, m := range b.members {
			outs[i] = m.outgoing()
			outs[i].until = m.until()
		}
		b.client.batch(ctx, b.path, b.body, outs, results, 0)
		b.missedScripts(ctx, results, outs)
	}
	return b.settle(results)
}

// A result is what a member gets.
type result struct {
	reply Reply
	err   error
}

func (b *Batch) fail(results []result, err func(m member) error) {
	for i := range results {
		results[i].err = err(b.members[i])
	}
}

// missedScripts deals with the members whose script the server did not hold,
// although the batch had carried its source to it before.
func (b *Batch) missedScripts(ctx context.Context, results []result, sent []outgoing) {
	var missed []int
	var body []byte
	for i, m := range b.members {
		if m.source < 0 || !errors.Is(results[i].err, ErrNoScript) {
			continue
		}
		if b.path == transaction {
			// Nobody can come between, so the server refused the source, as it does
			// one that does not compile.
			if err := results[m.source].err; err != nil {
				results[i].err = err
			}
			continue
		}
		missed = append(missed, i)
		body, _ = appendMember(body, m.bySource()) // what could be sent once can be sent again
	}
	if len(missed) == 0 {
		return
	}
	again := make([]result, len(missed))
	outs := make([]outgoing, len(missed))
	for k, i := range missed {
		outs[k] = sent[i]
	}
	b.client.batch(ctx, b.path, body, outs, again, 0)
	for k, i := range missed {
		if errors.Is(results[i].err, ErrOutcomeUnknown) { // it was sent twice, and may have run the first time
			again[k].err = outcomeUnknown(outs[k].name, again[k].err)
		}
		results[i] = again[k]
	}
}

// settle gives the members their results and collects the errors.
func (b *Batch) settle(results []result) error {
	failed := &BatchError{Total: len(results)}
	for i, m := range b.members {
		err := m.future.settle(results[i].reply, inBatch(m.locate(results[i].err), i))
		if err != nil && !nullReply(err) {
			failed.Errors = append(failed.Errors, CommandError{Index: i, Command: m.name(), Err: err})
		}
	}
	if len(failed.Errors) == 0 {
		return nil
	}
	return failed
}

// nullReply says whether err is a null reply as a whole, not one inside it.
func nullReply(err error) bool {
	if _, inside := errors.AsType[*DecodeError](err); inside {
		return false
	}
	return errors.Is(err, ErrNil)
}

// inBatch notes a command's place in the batch in its error.
func inBatch(err error, i int) error {
	if e, ok := errors.AsType[*Error](err); ok && e.Index != i {
		placed := *e
		placed.Index = i
		if call, ok := err.(*callError); ok {
			return &callError{command: call.command, err: &placed, unknown: call.unknown}
		}
		return &placed
	}
	return err
}

// batch posts the commands in body, which are these, a list whose end is open, and
// notes the result of each.
// It is sent again only where each of them may be. made counts the attempts before
// this call.
func (c *client) batch(ctx context.Context, path string, body []byte, outs []outgoing, results []result, made int) rest.Fate {
	body = append(body, ']')
	if err := c.checkSize(len(body)); err != nil {
		for i, out := range outs {
			results[i].err = &callError{command: out.name, err: err}
		}
		return rest.Fate{}
	}
	request := rest.Request{Path: path, Body: body, Safe: true, Made: made, Judge: &members{c, outs, results}}
	for _, out := range outs {
		request.Safe = request.Safe && out.safe()
		if request.SafeUntil.IsZero() || !out.until.IsZero() && out.until.Before(request.SafeUntil) {
			request.SafeUntil = out.until
		}
	}
	if c.hooked {
		request.Names = func() []string { return commandNames(outs) }
	}
	fate, unsent := c.rest.Post(ctx, &request)
	for i, out := range outs {
		if unsent != nil {
			results[i] = result{err: out.sendError(unsent)}
		}
		results[i].err = out.after(fate, results[i].err)
	}
	return fate
}

// The members of a batch are its commands on their way.
type members struct {
	client  *client
	outs    []outgoing
	results []result
}

// Judge reads the answer to a batch: an array of replies, one for each command, or
// one object in its place that is the error of all of them, as for a transaction
// that was discarded. An array counts as a refusal where every command in it was
// refused, and else is no error as a whole.
func (m *members) Judge(resp rest.Response) (refused bool, err error) {
	refused = true
	if resp.Status >= 200 && resp.Status <= 299 && wire.ReadEnvelopes(resp.Body, len(m.outs), func(i int, e wire.Envelope) {
		if !e.Failed {
			m.results[i] = result{reply: Reply{text: e.Result, base64: true}}
			refused = false
			return
		}
		failed := newError(m.outs[i].name, m.client.rest.Redact(e.Error), resp.Status)
		m.results[i] = result{err: failed}
		refused = refused && m.outs[i].refusedBy(failed)
	}) {
		if refused {
			err = m.results[0].err
		}
		return refused, err
	}
	for i, out := range m.outs {
		out.lua = false // no script runs where all are refused at once
		var failed error
		_, refused, failed = m.client.reply(out, resp)
		if failed == nil {
			failed = &callError{command: out.name, err: m.client.httpError(resp), unknown: !out.reads}
		}
		m.results[i] = result{err: failed}
		err = failed
	}
	return refused, err
}

// String says what kind of batch it is and how many commands it has.
func (b *Batch) String() string {
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
