package command

import (
	"time"

	redis "github.com/redis-rest/redis-rest-go"
)

// Eval runs a Lua script with KEYS and ARGV (EVAL). The reply and the errors are those
// of [redis.Eval]. A [redis.Script] sends the source only if the server does not have
// the script.
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

// EvalSha runs a script that the server has, by its digest (EVALSHA). [ScriptLoad]
// returns the digest. If the server does not have the script, the error is
// [redis.ErrNoScript].
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

// Fcall calls a function of a library with KEYS and ARGV (FCALL). The reply and the
// errors are those of [redis.Eval].
//
// As the function, since Redis 7.0.0.
func Fcall[T any](function string, keys []string, args ...any) redis.Command[T] {
	return eval[T]("FCALL", function, keys, args)
}

// FcallRO is [Fcall] for a function that has the flag no-writes (FCALL_RO).
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

// FunctionDelete deletes a library (FUNCTION DELETE) and returns OK. If the library
// does not exist, Redis returns an error.
//
// O(1), since Redis 7.0.0.
func FunctionDelete(library string) redis.Command[string] {
	return redis.Cmd[string]("FUNCTION", "DELETE", library)
}

// FunctionFlush deletes all libraries (FUNCTION FLUSH) and returns OK.
//
// O(N), since Redis 7.0.0.
//
// Options: [Async], [Sync].
func FunctionFlush(opts ...FlushOption) redis.Command[string] {
	return command[string](flush(newCall("FUNCTION", "FLUSH"), opts))
}

// A FunctionLibrary is a library of the server.
type FunctionLibrary struct {
	Name      string     `redis:"library_name"`
	Engine    string     `redis:"engine"` // LUA
	Functions []Function `redis:"functions"`
	Code      string     `redis:"library_code"` // "" without WithCode
}

// A Function is a function of a library.
type Function struct {
	Name        string   `redis:"name"`
	Description *string  `redis:"description"` // nil if it has none
	Flags       []string `redis:"flags"`       // no-writes, allow-oom, …
}

// A FunctionListOption is an option of [FunctionList]: [LibraryName] or [WithCode].
type FunctionListOption interface {
	option
	needsOneOf_LibraryName_WithCode()
}

type listWord struct{ word }

func (listWord) needsOneOf_LibraryName_WithCode() {}

// LibraryName returns only the libraries whose names match a pattern (* ? [a-z]).
func LibraryName(pattern string) FunctionListOption {
	return listWord{newWord("LIBRARYNAME", pattern)}
}

// WithCode also returns the code of each library.
func WithCode() FunctionListOption { return listWord{newWord("WITHCODE")} }

// FunctionList returns the libraries (FUNCTION LIST).
//
// O(N), since Redis 7.0.0.
//
// Options: [LibraryName], [WithCode].
func FunctionList(opts ...FunctionListOption) redis.Command[[]FunctionLibrary] {
	c := newCall("FUNCTION", "LIST")
	apply(c, opts)
	return command[[]FunctionLibrary](c)
}

// A FunctionLoadOption is an option of [FunctionLoad]: [Replace].
type FunctionLoadOption interface {
	option
	needs_Replace()
}

func (replacement) needs_Replace() {}

// FunctionLoad loads a library (FUNCTION LOAD) and returns its name. The code must
// start with "#!lua name=LIBRARY". Without [Replace], Redis returns an error if a
// library of that name exists. If the code does not compile, the error shows the line.
//
// O(1), since Redis 7.0.0.
//
// Options: [Replace].
func FunctionLoad(code string, opts ...FunctionLoadOption) redis.Command[string] {
	c := newCall("FUNCTION", "LOAD")
	apply(c, opts)
	c.add(code)
	return command[string](c)
}

// A FunctionSummary is the result of [FunctionStats].
type FunctionSummary struct {
	Running *RunningFunction       `redis:"running_script"` // nil if no function is running
	Engines map[string]EngineStats `redis:"engines"`        // by name: LUA
}

// A RunningFunction is the function that is running and keeps the server busy.
type RunningFunction struct {
	Name         string   `redis:"name"`
	Command      []string `redis:"command"` // the name of the command and its arguments
	Milliseconds int64    `redis:"duration_ms"`
}

// Duration returns how long the function has been running.
func (f RunningFunction) Duration() time.Duration {
	return time.Duration(f.Milliseconds) * time.Millisecond
}

// An EngineStats has the numbers of libraries and functions of an engine.
type EngineStats struct {
	Libraries int `redis:"libraries_count"`
	Functions int `redis:"functions_count"`
}

// FunctionStats returns the function that is running, if any, and the numbers of
// libraries and functions of each engine (FUNCTION STATS).
//
// O(1), since Redis 7.0.0.
func FunctionStats() redis.Command[FunctionSummary] {
	return redis.Cmd[FunctionSummary]("FUNCTION", "STATS")
}

// ScriptExists says for each digest whether the server has the script (SCRIPT EXISTS).
//
// O(N), since Redis 2.6.0.
func ScriptExists(shas ...string) redis.Command[[]bool] {
	c := newCall("SCRIPT", "EXISTS")
	addAll(c, "digest", shas)
	return command[[]bool](c)
}

// ScriptFlush deletes all scripts from the server (SCRIPT FLUSH) and returns OK.
//
// O(N), since Redis 2.6.0.
//
// Options: [Async], [Sync].
func ScriptFlush(opts ...FlushOption) redis.Command[string] {
	return command[string](flush(newCall("SCRIPT", "FLUSH"), opts))
}

// ScriptLoad stores a script on the server (SCRIPT LOAD) and returns its digest, for
// [EvalSha].
//
// O(N), since Redis 2.6.0.
func ScriptLoad(source string) redis.Command[string] {
	return redis.Cmd[string]("SCRIPT", "LOAD", source)
}
