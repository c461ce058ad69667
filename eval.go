package redis

import "context"

// Eval runs a Lua script (EVAL) with its KEYS and ARGV. Every call sends the source; a
// [Script] sends its digest instead.
//
// Redis converts what the script returns: numbers lose their fraction, an array ends
// at its first nil, false and nil are null, true is 1. For a null reply the error is
// [ErrNil], unless T can hold null; for a bool, null is false. An error that the script
// returns or raises is an [*Error], and [Code] returns its first word. The message of
// an error that was raised shows the line.
//
// args are ARGV[1], ARGV[2] and so on. A slice as the only one is refused: pass args... for
// its elements, or [JSON] for its text.
func Eval[T any](ctx context.Context, d Doer, source string, keys []string, args ...any) (T, error) {
	return evalCommand[T]("EVAL", source, keys, args).Do(ctx, d)
}

// EvalRO is [Eval] for a script that only reads (EVAL_RO, since Redis 7.0). A
// write in it is an error.
func EvalRO[T any](ctx context.Context, d Doer, source string, keys []string, args ...any) (T, error) {
	return evalCommand[T]("EVAL_RO", source, keys, args).Do(ctx, d)
}

// EvalSha runs the script that the server has under a digest (EVALSHA), which
// [Redis.ScriptLoad] returned. If the server does not have it, the error is
// [ErrNoScript] and nothing ran.
func EvalSha[T any](ctx context.Context, d Doer, sha string, keys []string, args ...any) (T, error) {
	return evalCommand[T]("EVALSHA", sha, keys, args).Do(ctx, d)
}

// EvalShaRO is [EvalSha] for a script that only reads (EVALSHA_RO, since Redis
// 7.0). A write in it is an error.
func EvalShaRO[T any](ctx context.Context, d Doer, sha string, keys []string, args ...any) (T, error) {
	return evalCommand[T]("EVALSHA_RO", sha, keys, args).Do(ctx, d)
}

// evalCommand makes a command of the EVAL family, or FCALL, which has the same form.
// name and script are strings.
func evalCommand[T any](name, script any, keys []string, args []any) Command[T] {
	c := newCommand(3 + len(keys) + len(args))
	c.args = append(c.args, name, script, len(keys))
	for _, key := range keys {
		c.args = append(c.args, key)
	}
	c.args = append(c.args, args...)
	return Command[T]{c: c}
}
