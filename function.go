package redis

import (
	"context"
	"time"
)

// Functions are Lua scripts that the server keeps in libraries, since Redis 7.0.

// Fcall calls a function (FCALL) with its KEYS and ARGV. Replies and errors are
// those of [Eval]. For a [Batch], package command has it as a [Command].
func Fcall[T any](ctx context.Context, d Doer, function string, keys []string, args ...any) (T, error) {
	return evalCommand[T]("FCALL", function, keys, args).Do(ctx, d)
}

// FcallRO is [Fcall] for a function that is registered with the flag no-writes
// (FCALL_RO).
func FcallRO[T any](ctx context.Context, d Doer, function string, keys []string, args ...any) (T, error) {
	return evalCommand[T]("FCALL_RO", function, keys, args).Do(ctx, d)
}

// A FunctionLoadOption changes what [Redis.FunctionLoad] does.
type FunctionLoadOption func(args []any) []any

// Replace has a library of the same name replaced; without it, that is an error.
func Replace() FunctionLoadOption {
	return func(args []any) []any { return append(args, "REPLACE") }
}

// FunctionLoad loads a library (FUNCTION LOAD), whose code starts with
// "#!lua name=LIBRARY", and returns its name. Where the code does not compile, the
// error shows the line.
func (r *Redis) FunctionLoad(ctx context.Context, code string, opts ...FunctionLoadOption) (library string, err error) {
	args := []any{"FUNCTION", "LOAD"}
	for _, opt := range opts {
		args = opt(args)
	}
	return Cmd[string](append(args, code)...).Do(ctx, r)
}

// A FunctionLibrary is one of the server's libraries.
type FunctionLibrary struct {
	Name      string     `redis:"library_name"`
	Engine    string     `redis:"engine"` // LUA
	Functions []Function `redis:"functions"`
	Code      string     `redis:"library_code"` // "" unless WithCode was given
}

// A Function is one function of a library.
type Function struct {
	Name        string   `redis:"name"`
	Description *string  `redis:"description"` // nil where it has none
	Flags       []string `redis:"flags"`       // no-writes, allow-oom, …
}

// A FunctionListOption changes what [Redis.FunctionList] returns.
type FunctionListOption func(args []any) []any

// LibraryName limits the list to libraries whose name matches a pattern (* ? [a-z]).
func LibraryName(pattern string) FunctionListOption {
	return func(args []any) []any { return append(args, "LIBRARYNAME", pattern) }
}

// WithCode has the list include the libraries' code.
func WithCode() FunctionListOption {
	return func(args []any) []any { return append(args, "WITHCODE") }
}

// FunctionList returns the server's libraries (FUNCTION LIST).
func (r *Redis) FunctionList(ctx context.Context, opts ...FunctionListOption) ([]FunctionLibrary, error) {
	args := []any{"FUNCTION", "LIST"}
	for _, opt := range opts {
		args = opt(args)
	}
	return Cmd[[]FunctionLibrary](args...).Do(ctx, r)
}

// FunctionDelete deletes a library (FUNCTION DELETE). One that does not exist is an
// error.
func (r *Redis) FunctionDelete(ctx context.Context, library string) error {
	_, err := Cmd[string]("FUNCTION", "DELETE", library).Do(ctx, r)
	return err
}

// FunctionFlush deletes all libraries (FUNCTION FLUSH).
func (r *Redis) FunctionFlush(ctx context.Context) error {
	_, err := Cmd[string]("FUNCTION", "FLUSH").Do(ctx, r)
	return err
}

// FunctionStats is what the server says of its functions.
type FunctionStats struct {
	Running *RunningFunction       `redis:"running_script"` // nil where none runs
	Engines map[string]EngineStats `redis:"engines"`        // by name, LUA
}

// A RunningFunction is the function that keeps the server busy.
type RunningFunction struct {
	Name         string   `redis:"name"`
	Command      []string `redis:"command"` // with its arguments
	Milliseconds int64    `redis:"duration_ms"`
}

// Duration is how long the function has been running.
func (f RunningFunction) Duration() time.Duration {
	return time.Duration(f.Milliseconds) * time.Millisecond
}

// EngineStats counts what an engine holds.
type EngineStats struct {
	Libraries int `redis:"libraries_count"`
	Functions int `redis:"functions_count"`
}

// FunctionStats returns the function that is running, if one is, and what the
// engines hold (FUNCTION STATS).
func (r *Redis) FunctionStats(ctx context.Context) (FunctionStats, error) {
	return Cmd[FunctionStats]("FUNCTION", "STATS").Do(ctx, r)
}
