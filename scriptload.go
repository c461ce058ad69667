package redis

import "context"

// ScriptLoad stores a script on the server (SCRIPT LOAD) and returns its digest, for
// [EvalSha]. The server may forget it at any time, by a restart or a SCRIPT FLUSH.
func (r *Redis) ScriptLoad(ctx context.Context, source string) (sha string, err error) {
	return Cmd[string]("SCRIPT", "LOAD", source).Do(ctx, r)
}

// ScriptExists says for each digest whether the server has its script (SCRIPT
// EXISTS).
func (r *Redis) ScriptExists(ctx context.Context, shas ...string) ([]bool, error) {
	args := []any{"SCRIPT", "EXISTS"}
	for _, sha := range shas {
		args = append(args, sha)
	}
	return Cmd[[]bool](args...).Do(ctx, r)
}

// ScriptFlush removes all scripts from the server (SCRIPT FLUSH).
func (r *Redis) ScriptFlush(ctx context.Context) error {
	_, err := Cmd[string]("SCRIPT", "FLUSH").Do(ctx, r)
	return err
}
