package redis

import "context"

// Eval runs a Lua script (EVAL) with its KEYS and ARGV. The source travels with
// every call; a [Script] sends its digest instead.
//
// What the script returns arrives as Redis converts it: numbers lose their
// fraction, an array ends at its first nil, false and nil are null, true is 1. A
// null reply is [ErrNil] unless T can hold it; a bool takes it as false. An error
// that the script returns or raises is an [*Error], and [Code] gives its first
// word; where it was raised, the message shows the line.
func Eval[T any](ctx context.Context, d Doer, source string, keys []string, args ...any) (T, error) {
	return evalCommand[T]("EVAL", source, keys, args).Do(ctx, d)
}

// EvalRO is [Eval] for a script that only reads (EVAL_RO, since Redis 7.0). A
// write in it is an error.
func EvalRO[T any](ctx context.Context, d Doer, source string, keys []string, args ...any) (T, error) {
	return evalCommand[T]("EVAL_RO", source, keys, args).Do(ctx, d)
}

// EvalSha runs the script that the server holds under a digest (EVALSHA), as
// [Redis.ScriptLoad] returned it. Where the server does not hold it, the error is
// [ErrNoScript] and nothing ran.
func EvalSha[T any](ctx context.Context, d Doer, sha string, keys []string, args ...any) (T, error) {
	return evalCommand[T]("EVALSHA", sha, keys, args).Do(ctx, d)
}

// EvalShaRO is [EvalSha] for a script that only reads (EVALSHA_RO, since Redis
// 7.0). A write in it is an error.
func EvalShaRO[T any](ctx context.Context, d Doer, sha string, keys []string, args ...any) (T, error) {
	return evalCommand[T]("EVALSHA_RO", sha, keys, args).Do(ctx, d)
}

// evalCommand is one of the EVAL family, or FCALL, whose form is the same. name and
// script are strings.
func evalCommand[T any](name, script any, keys []string, args []any) Command[T] {
	c := newCommand(3 + len(keys) + len(args))
	c.args = append(c.args, name, script, len(keys))
	for _, key := range keys {
		c.args = append(c.args, key)
	}
	c.args = append(c.args, args...)
	return Command[T]{c: c}
}
