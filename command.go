package redis

import (
	"context"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/redis-rest/redis-rest-go/internal/protocol/wire"
)

// A Command is one command and the type its reply becomes. It is a value: it can
// be kept, run many times and by any [Doer], and queued in many batches.
type Command[T any] struct {
	c    *command               // a pointer, so that nothing that prints a Command shows its arguments
	read func(Reply) (T, error) // nil for Decode
}

// A command is what a Command is without its type.
type command struct {
	args       []any
	script     *script // where the command runs one whose source is known
	digest     bool    // args name the script by its digest; its source serves as well
	idempotent bool
	window     time.Duration // how long it is idempotent from when it begins; 0 for ever
	err        error         // why there is no such command
	few        [8]any        // where args are kept while they are that few: one allocation less
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

// Cmd makes any command there is: Cmd[int64]("INCR", "hits"). What arguments may
// be is said at [Redis.Do], and what T may be at [Decode].
func Cmd[T any](args ...any) Command[T] {
	return Command[T]{c: withArgs(args)}
}

// CmdFunc makes a command whose reply read turns into a T, where [Decode] has no
// rule for it: a number that is a duration, a list that is a map's keys. Null
// comes to read as well, which may return [ErrNil] for it.
func CmdFunc[T any](read func(Reply) (T, error), args ...any) Command[T] {
	return Command[T]{c: withArgs(args), read: read}
}

// CmdErr makes a command that cannot be run because its maker was given what
// makes no command. Do sends nothing and returns err with the command's name, and
// a [Batch] that it is queued in is not sent. An err should not quote arguments.
func CmdErr[T any](name string, err error) Command[T] {
	args := []any{name}
	return Command[T]{c: &command{args: args, err: &callError{command: wire.CommandName(args), err: err}}}
}

// Do runs the command on d. A null reply is [ErrNil] unless T can hold it.
func (c Command[T]) Do(ctx context.Context, d Doer) (T, error) {
	reply, err := c.command().do(ctx, d)
	if err != nil {
		var zero T
		return zero, err
	}
	return read(c.String(), c.read, reply)
}

// read makes a T of the reply to the named command, by a function of its own where
// it has one.
func read[T any](name string, own func(Reply) (T, error), reply Reply) (T, error) {
	if own == nil {
		return decode[T](name, reply)
	}
	v, err := own(reply)
	if err != nil {
		var zero T
		return zero, withCommand(name, err)
	}
	return v, nil
}

// Idempotent returns the command as one that may run twice, because that has the
// effect of running once: it is then sent again where nobody can say whether it
// ran (see [RetryPolicy]). Mind what others write in between: a SET that is
// repeated undoes it.
func (c Command[T]) Idempotent() Command[T] {
	twice := *c.command()
	twice.idempotent = true
	return Command[T]{&twice, c.read}
}

// String returns the command's name, without the arguments.
func (c Command[T]) String() string { return c.command().name() }

// Format writes the command's name, whatever the verb.
func (c Command[T]) Format(f fmt.State, verb rune) { io.WriteString(f, c.String()) }

func (c Command[T]) command() *command {
	if c.c == nil {
		return &command{}
	}
	return c.c
}

func (c *command) name() string { return wire.CommandName(c.args) }

// do runs the command on d: a script by its digest, and by its source where the
// server does not hold it.
func (c *command) do(ctx context.Context, d Doer) (Reply, error) {
	if c.err != nil {
		return Reply{}, c.err
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

// send runs the command in the form of these arguments. Where it is idempotent, it
// is so until the time given.
func (c *command) send(ctx context.Context, d Doer, args []any, until time.Time) (Reply, error) {
	if c.idempotent {
		ctx = withIdempotent(ctx, args, until)
	}
	return d.Do(ctx, args...)
}

// locate shows an error that was raised inside the command's script the line it
// comes from.
func (c *command) locate(err error) error {
	switch e := err.(type) {
	case *Error:
		return e.withSource(c.source())
	case *callError:
		if inner, ok := e.err.(*Error); ok {
			return &callError{command: e.command, err: inner.withSource(c.source()), unknown: e.unknown}
		}
	}
	return err
}

// source is the command's script, or one that its arguments carry the source of;
// nil where there is none.
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
	return &script{source: source, shown: source}
}

// bySource is the command of a script, with the source in the digest's place.
func (c *command) bySource() []any {
	args := slices.Clone(c.args)
	args[0], args[1] = c.script.command("EVAL", "EVAL_RO"), c.script.source
	return args
}
