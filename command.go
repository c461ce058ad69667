package redis

import (
	"context"
	"errors"
	"fmt"
	"io"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/redis-rest/redis-rest-go/internal/client/keyprefix"
	"github.com/redis-rest/redis-rest-go/internal/protocol/hashslot"
	"github.com/redis-rest/redis-rest-go/internal/protocol/wire"
)

// A Command is one command and the type that its reply is decoded as. It is a value:
// it can be kept, run many times by any [Doer], and queued in many batches.
type Command[T any] struct {
	c    *command               // a pointer, so that a printed Command does not show its arguments
	read func(Reply) (T, error) // nil for Decode
}

// A command is the part of a Command that does not depend on T.
type command struct {
	args       []any
	script     *script // set if the command runs a script whose source is known
	digest     bool    // args name the script by its digest; its source can be sent instead
	idempotent bool
	window     time.Duration // how long it is idempotent, from the first attempt; 0 is forever
	unit       time.Duration // of durations and times in its reply; 0 if there is none
	err        error         // why the command cannot be run
	few        [8]any        // the space for args if they fit: one allocation less
}

// newCommand makes a command with room for n arguments.
func newCommand(n int) *command {
	c := &command{}
	if c.args = c.few[:0]; n > len(c.few) {
		c.args = make([]any, 0, n)
	}
	return c
}

// withArgs makes a command of these arguments.
func withArgs(args []any) *command {
	c := newCommand(len(args))
	c.args = append(c.args, args...)
	return c
}

// Cmd makes any command: Cmd[int64]("INCR", "hits"). [Redis.Do] lists the types of
// arguments, and [Decode] lists what T may be.
func Cmd[T any](args ...any) Command[T] {
	return Command[T]{c: withArgs(args)}
}

// CmdWithDecoder makes a command whose reply is decoded by read, for a T that
// [Decode] has no rule for: a number that is a duration, a list that is a map's
// keys. read also gets a null reply; it may return [ErrNil] for it.
func CmdWithDecoder[T any](read func(Reply) (T, error), args ...any) Command[T] {
	return Command[T]{c: withArgs(args), read: read}
}

// InvalidCmd makes a command that cannot be run, for a constructor that was given
// wrong arguments. Do sends nothing and returns err with the command's name. A
// [Batch] in which the command is queued is not sent. err should not quote
// arguments.
func InvalidCmd[T any](name string, err error) Command[T] {
	return Command[T]{c: invalid(name, err)}
}

func invalid(name string, err error) *command {
	args := []any{name}
	return &command{args: args, err: refuse(wire.CommandName(args), err)}
}

// Do runs the command on d. For a null reply the error is [ErrNil], unless T can hold
// null.
func (c Command[T]) Do(ctx context.Context, d Doer) (v T, err error) {
	if client := observed(d); client != nil {
		var end func(error)
		ctx, end = client.observe(ctx, kind(""), []CommandInfo{c.command().info()}, func(int) []any { return c.command().args })
		defer func() { end(err) }()
	}
	reply, err := c.command().do(ctx, d)
	if err != nil {
		var zero T
		return zero, err
	}
	return read(c.String(), c.decoder(), reply)
}

// decoder returns how the reply is decoded; nil for Decode. The reply to HMGET has only the
// values, so a struct or map gets the names from the arguments.
func (c Command[T]) decoder() func(Reply) (T, error) {
	if c.read != nil {
		return c.read
	}
	names, unit := c.command().fieldsFor(reflect.TypeFor[T]()), c.command().unit
	if names == nil && unit == 0 {
		return nil
	}
	return func(reply Reply) (T, error) {
		reply.unit = unit
		if names != nil {
			reply = reply.withNames(names)
		}
		return Decode[T](reply)
	}
}

// fieldsFor returns the fields that HMGET asks for if its reply becomes a t, which has names;
// else nil.
func (c *command) fieldsFor(t reflect.Type) []any {
	if c.name() != "HMGET" || !hasNames(t) || len(c.args) < 3 {
		return nil
	}
	return c.args[2:]
}

// hasNames reports whether replies are decoded into t, or into what t points to, by names.
func hasNames(t reflect.Type) bool {
	t, ok := wire.Elem(t)
	if !ok {
		return false
	}
	s := typeInfoOf(t)
	return s.rule == byMap || s.rule == byStruct && s.byPosition == nil
}

// read decodes the reply to the named command, with own if that is not nil.
func read[T any](name string, own func(Reply) (T, error), reply Reply) (T, error) {
	if name == "HGETALL" && reply.isEmptyArray() { // which is no hash: Redis keeps none without fields
		reply = Reply{}
	}
	if own == nil {
		return decode[T](name, reply)
	}
	v, err := own(reply)
	if err != nil {
		var zero T
		return zero, withCommand(reflect.TypeFor[T](), name, reply, err)
	}
	return v, nil
}

// Idempotent returns the command marked as one that may run twice, because two runs
// have the same effect as one. It is then retried even when nobody knows whether it ran
// (see [RetryPolicy]). Think of what others write in between: a repeated SET overwrites
// it.
func (c Command[T]) Idempotent() Command[T] {
	return Command[T]{c.command().twice(), c.read}
}

// String returns the command's name, without the arguments.
func (c Command[T]) String() string { return c.command().name() }

// Format writes the command's name with every verb.
func (c Command[T]) Format(f fmt.State, verb rune) { io.WriteString(f, c.String()) }

func (c Command[T]) command() *command {
	if c.c == nil {
		return &command{}
	}
	return c.c
}

// twice returns the command as one that may run twice.
func (c *command) twice() *command {
	twice := *c
	twice.idempotent = true
	return &twice
}

func (c *command) name() string { return wire.CommandName(c.args) }

// do runs the command on d. A script is run by its digest, or by its source if the
// server does not have it.
func (c *command) do(ctx context.Context, d Doer) (Reply, error) {
	if c.err != nil {
		return Reply{}, notExecuted(c.name(), c.err)
	}
	if d == nil {
		return Reply{}, notExecuted(c.name(), errors.New("not executed: the Doer is nil"))
	}
	var reply Reply
	var err error
	if c.digest {
		reply, err = c.script.run(ctx, d, c)
	} else {
		reply, err = c.send(ctx, d, c.args, c.until())
	}
	return reply, c.locate(err)
}

// send runs the command with these arguments. An idempotent command is idempotent
// until the given time. A Doer other than the client gets arguments of its own, which it
// may change.
func (c *command) send(ctx context.Context, d Doer, args []any, until time.Time) (Reply, error) {
	if r, ok := d.(*Redis); ok {
		info := newCallInfo(ctx, args)
		if c.idempotent {
			info.idempotent, info.until = true, until
		}
		return r.do(ctx, info, args)
	}
	args = slices.Clone(args)
	if c.idempotent {
		marks := idempotentMarks{}
		marks.add(args, until)
		ctx = context.WithValue(ctx, idempotentKey{}, marks)
	}
	return d.Do(ctx, args...)
}

// locate adds the source line to an error that was raised in the command's script.
func (c *command) locate(err error) error {
	switch e := err.(type) {
	case *Error:
		return e.withSource(c.source())
	case *CallError:
		if e == nil {
			return err
		}
		if inner, ok := e.Err.(*Error); ok {
			if e.outcome == ErrOutcomeUnknown && c.recordProves(inner) {
				certain := *inner.withSource(c.source())
				certain.unexecuted = errors.Is(inner, ErrOnceConflict)
				return &certain
			}
			return &CallError{Command: e.Command, Err: inner.withSource(c.source()), outcome: e.outcome}
		}
	}
	return err
}

// source returns the command's script, or the one whose source is in its arguments;
// nil if there is neither.
func (c *command) source() *script {
	if c.script != nil {
		return c.script
	}
	at := -1
	switch name := c.name(); {
	case name == "EVAL" || name == "EVAL_RO":
		at = 1
	case name == "SCRIPT" || name == "FUNCTION":
		if sub, ok := c.args[min(1, len(c.args)-1)].(string); ok && strings.EqualFold(sub, "LOAD") {
			at = len(c.args) - 1
		}
	}
	if at < 0 || at >= len(c.args) {
		return nil
	}
	source, _ := c.args[at].(string)
	return &script{original: source}
}

// bySource returns the arguments with the script's source in place of its digest.
func (c *command) bySource() []any {
	args := slices.Clone(c.args)
	args[0], args[1] = c.script.command("EVAL", "EVAL_RO"), c.script.source
	return args
}

// scriptSlot returns the hash slot of the keys of a command that runs a script, with the
// key prefix, and -1 if it has no keys.
func scriptSlot(args []any, prefix keyprefix.Prefix) int {
	if n, err := strconv.Atoi(wire.Word(args[2])); err != nil || n <= 0 || len(args) < 4 {
		return -1
	}
	return hashslot.Of(string(prefix) + wire.Word(args[3]))
}
