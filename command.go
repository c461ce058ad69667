package redis

import (
	"context"
	"fmt"
	"io"
	"slices"

	"github.com/redis-rest/redis-rest-go/internal/wire"
)

// A Command is one command and the type its reply becomes. It is a value: it can
// be kept, run many times and run by any [Doer].
type Command[T any] struct {
	args *[]any // behind a pointer, so that nothing that prints a Command shows them
}

// Cmd makes any command there is: Cmd[int64]("INCR", "hits"). What arguments may
// be is said at [Redis.Do], and what T may be at [Decode].
func Cmd[T any](args ...any) Command[T] {
	return newCommand[T](slices.Clone(args))
}

// Do runs the command on d. A null reply is [ErrNil] unless T can hold it.
func (c Command[T]) Do(ctx context.Context, d Doer) (T, error) {
	reply, err := d.Do(ctx, c.arguments()...)
	if err != nil {
		var zero T
		return zero, err
	}
	return decode[T](c.name(), reply)
}

// String returns the command's name, without the arguments.
func (c Command[T]) String() string { return c.name() }

// Format writes the command's name, whatever the verb.
func (c Command[T]) Format(f fmt.State, verb rune) { io.WriteString(f, c.name()) }

func newCommand[T any](args []any) Command[T] { return Command[T]{&args} }

// arguments are those of the command, none for the zero Command.
func (c Command[T]) arguments() []any {
	if c.args == nil {
		return nil
	}
	return *c.args
}

func (c Command[T]) name() string { return wire.CommandName(c.arguments()) }
