package redis

import "context"

// Fcall calls a function (FCALL, since Redis 7.0) with its KEYS and ARGV. A function is
// Lua that the server keeps in a library. Replies and errors are those of [Eval].
// Package command loads libraries, and has Fcall as a [Command] for a [Batch].
func Fcall[T any](ctx context.Context, d Doer, function string, keys []string, args ...any) (T, error) {
	return evalCommand[T]("FCALL", function, keys, args).Do(ctx, d)
}

// FcallRO is [Fcall] for a function that is registered with the flag no-writes
// (FCALL_RO).
func FcallRO[T any](ctx context.Context, d Doer, function string, keys []string, args ...any) (T, error) {
	return evalCommand[T]("FCALL_RO", function, keys, args).Do(ctx, d)
}
