package command

import redis "github.com/redis-rest/redis-rest-go"

// Eval runs a Lua script with its KEYS and ARGV (EVAL). Replies and errors are those
// of [redis.Eval]; a [redis.Script] sends the source only where it must.
//
// As the script, since Redis 2.6.0.
func Eval[T any](source string, keys []string, args ...any) redis.Command[T] {
	return eval[T]("EVAL", source, keys, args)
}

// EvalRO is [Eval] for a script that only reads (EVAL_RO).
//
// As the script, since Redis 7.0.0.
func EvalRO[T any](source string, keys []string, args ...any) redis.Command[T] {
	return eval[T]("EVAL_RO", source, keys, args)
}

// EvalSha runs the script that the server holds under a digest, as [ScriptLoad] returned
// it (EVALSHA). Where it does not hold it, the error is [redis.ErrNoScript].
//
// As the script, since Redis 2.6.0.
func EvalSha[T any](sha string, keys []string, args ...any) redis.Command[T] {
	return eval[T]("EVALSHA", sha, keys, args)
}

// EvalShaRO is [EvalSha] for a script that only reads (EVALSHA_RO).
//
// As the script, since Redis 7.0.0.
func EvalShaRO[T any](sha string, keys []string, args ...any) redis.Command[T] {
	return eval[T]("EVALSHA_RO", sha, keys, args)
}

// Fcall calls a function of a library with its KEYS and ARGV (FCALL). Replies and errors
// are those of [redis.Eval].
//
// As the function, since Redis 7.0.0.
func Fcall[T any](function string, keys []string, args ...any) redis.Command[T] {
	return eval[T]("FCALL", function, keys, args)
}

// FcallRO is [Fcall] for a function with the flag no-writes (FCALL_RO).
//
// As the function, since Redis 7.0.0.
func FcallRO[T any](function string, keys []string, args ...any) redis.Command[T] {
	return eval[T]("FCALL_RO", function, keys, args)
}

func eval[T any](name, script string, keys []string, args []any) redis.Command[T] {
	c := newCall(name, script, len(keys))
	for _, key := range keys {
		c.add(key)
	}
	c.add(args...)
	return command[T](c)
}

// FunctionDelete deletes a library (FUNCTION DELETE) and returns OK. One that does not
// exist is an error.
//
// O(1), since Redis 7.0.0.
func FunctionDelete(library string) redis.Command[string] {
	return redis.Cmd[string]("FUNCTION", "DELETE", library)
}

// FunctionFlush deletes all libraries (FUNCTION FLUSH) and returns OK.
//
// O(N), since Redis 7.0.0.
func FunctionFlush(opts ...FlushOption) redis.Command[string] {
	return command[string](flush(newCall("FUNCTION", "FLUSH"), opts))
}

// FunctionList returns the libraries (FUNCTION LIST).
//
// O(N), since Redis 7.0.0.
func FunctionList(opts ...redis.FunctionListOption) redis.Command[[]redis.FunctionLibrary] {
	args := []any{"FUNCTION", "LIST"}
	for _, opt := range opts {
		args = opt(args)
	}
	return redis.Cmd[[]redis.FunctionLibrary](args...)
}

// FunctionLoad loads a library, whose code starts with "#!lua name=LIBRARY" (FUNCTION
// LOAD), and returns its name. Without [redis.Replace], a library of that name is an
// error.
//
// O(1), since Redis 7.0.0.
func FunctionLoad(code string, opts ...redis.FunctionLoadOption) redis.Command[string] {
	args := []any{"FUNCTION", "LOAD"}
	for _, opt := range opts {
		args = opt(args)
	}
	return redis.Cmd[string](append(args, code)...)
}

// FunctionStats returns the function that is running, if one is, and what the engines
// hold (FUNCTION STATS).
//
// O(1), since Redis 7.0.0.
func FunctionStats() redis.Command[redis.FunctionStats] {
	return redis.Cmd[redis.FunctionStats]("FUNCTION", "STATS")
}

// ScriptExists says for each digest whether the server holds its script (SCRIPT
// EXISTS).
//
// O(N), since Redis 2.6.0.
func ScriptExists(shas ...string) redis.Command[[]bool] {
	c := newCall("SCRIPT", "EXISTS")
	addAll(c, "digest", shas)
	return command[[]bool](c)
}

// ScriptFlush has the server forget all scripts (SCRIPT FLUSH) and returns OK.
//
// O(N), since Redis 2.6.0.
func ScriptFlush(opts ...FlushOption) redis.Command[string] {
	return command[string](flush(newCall("SCRIPT", "FLUSH"), opts))
}

// ScriptLoad has the server keep a script (SCRIPT LOAD) and returns its digest, for
// [EvalSha].
//
// O(N), since Redis 2.6.0.
func ScriptLoad(source string) redis.Command[string] {
	return redis.Cmd[string]("SCRIPT", "LOAD", source)
}
