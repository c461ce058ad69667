package redis

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/redis-rest/redis-rest-go/internal/protocol/wire"
)

// A BatchDoer also runs batches: *[Redis], a fake in a test, or a wrapper around another
// BatchDoer. [NewBatch] makes a batch of one.
//
// What [Doer] says of the arguments, the context and the name of a command is also true
// of each command of a batch.
type BatchDoer interface {
	Doer

	// DoBatch runs the commands in one request and returns their results in the same
	// order. Each argument is a string, as it is sent.
	DoBatch(ctx context.Context, kind BatchKind, commands [][]any) []BatchResult
}

// A BatchKind says how a batch runs.
type BatchKind string

// The kinds of batches.
const (
	Pipeline    BatchKind = "pipeline"    // see [Redis.Pipeline]
	Transaction BatchKind = "transaction" // see [Redis.Multi]
)

// A BatchResult is the reply or the error of one command of a batch. If the whole batch
// failed, it is the error of each.
type BatchResult struct {
	Reply Reply
	Err   error
}

// Why a BatchDoer does not run a batch.
var (
	errNilDoer = errors.New("not executed: the BatchDoer is nil")
	errKind    = errors.New("not executed: the batch is neither a Pipeline nor a Transaction")
)

// NewBatch makes a batch that d runs. For the client itself, [Redis.Pipeline] and
// [Redis.Multi] do the same.
func NewBatch(d BatchDoer, kind BatchKind) *Batch {
	b := &Batch{doer: d}
	if r, ok := d.(*Redis); ok {
		b = r.batch("")
	}
	switch kind {
	case Pipeline:
		b.path = pipeline
	case Transaction:
		b.path = transaction
	default:
		b.invalid = errKind
	}
	if d == nil {
		b.invalid = errNilDoer
	}
	return b
}

// DoBatch runs commands in one request. It is for wrappers of a [BatchDoer]; other
// callers use [Redis.Pipeline] and [Redis.Multi]. Arguments are sent as [Redis.Do] sends
// them.
func (r *Redis) DoBatch(ctx context.Context, kind BatchKind, commands [][]any) []BatchResult {
	b := NewBatch(r, kind)
	futures := make([]*Future[Reply], len(commands))
	marks := marksOf(ctx)
	scripts := map[string]*script{}
	for i, args := range commands {
		c := Cmd[Reply](b.withSource(args, scripts)...)
		if until, ok := marks.find(args); ok {
			c = c.Idempotent()
			if !until.IsZero() {
				c.c.window = max(time.Until(until), 1)
			}
		}
		futures[i] = c.Queue(b)
	}
	b.Exec(ctx) // each command has its own error
	results := make([]BatchResult, len(futures))
	for i, f := range futures {
		results[i].Reply, results[i].Err = f.Result()
	}
	return results
}

// withSource returns a command of a batch that came through wrappers. The batch carries a
// script's source once for each hash slot, but the wrappers and the key prefix may have changed
// the slots of the keys. So the first use of a digest in another slot gets the source. scripts
// are those whose source came before, by digest.
func (b *Batch) withSource(args []any, scripts map[string]*script) []any {
	name := wire.CommandName(args)
	isSource := name == "EVAL" || name == "EVAL_RO"
	if !isSource && name != "EVALSHA" && name != "EVALSHA_RO" || len(args) < 3 {
		return args
	}
	text, slot := wire.Word(args[1]), scriptSlot(args, b.client.keyPrefix())
	if isSource {
		s := &script{}
		s.init(text)
		scripts[s.sha()] = s
		b.sourceFor(s, slot)
		return args
	}
	s, ok := scripts[text]
	if !ok {
		return args
	}
	if _, carried := b.sourceFor(s, slot); carried {
		return args
	}
	args = slices.Clone(args)
	args[0], args[1] = strings.Replace(name, "EVALSHA", "EVAL", 1), s.source
	return args
}

// post sends the commands in body, a JSON list without its ], and sets the result of each.
func (b *Batch) post(ctx context.Context, body []byte, infos []callInfo, results []result) {
	if b.doer == nil {
		b.client.batch(ctx, b.path, body, infos, results)
		return
	}
	var texts [][]string
	if err := json.Unmarshal(append(body, ']'), &texts); err != nil {
		panic("redis: a batch is not JSON") // it was made by appendMember
	}
	commands := make([][]any, len(texts))
	marks := idempotentMarks{}
	for i, words := range texts {
		for _, word := range words {
			commands[i] = append(commands[i], word)
		}
		if infos[i].idempotent {
			marks.add(commands[i], infos[i].until)
		}
	}
	if len(marks) > 0 {
		ctx = context.WithValue(ctx, idempotentKey{}, marks)
	}
	got := b.doer.DoBatch(ctx, BatchKind(kind(b.path)), commands)
	for i, info := range infos {
		if len(got) != len(infos) {
			err := fmt.Errorf("the BatchDoer returned %d results for %d commands", len(got), len(infos))
			results[i].err = info.failed(err, ErrOutcomeUnknown)
			continue
		}
		results[i] = result{got[i].Reply, got[i].Err}
	}
}
