package restserver

import (
	"bytes"
	"context"

	"github.com/redis-rest/redis-rest-go/internal/engine/keyspace"
	"github.com/redis-rest/redis-rest-go/internal/protocol/resp"
)

// explain completes Redis' error for a command that it does not have and the embedded database has: it says which version the Redis
// is. Nothing is emulated.
func (t *tenant) explain(ctx context.Context, cmd *command, reply []byte) []byte {
	if _, memory := t.db.(inMemory); memory || !bytes.HasPrefix(reply, []byte("-ERR unknown command ")) || !keyspace.Has(cmd.args) {
		return reply
	}
	at := resp.NewCursor(reply)
	text := bytes.TrimRight(at.Next().Text, " ,")
	return resp.Error(string(text) + ". " + t.versionOf(ctx) + " does not have this command; the embedded database has it (redis-rest serve --memory)")
}

// versionOf returns the name of the Redis with its version. It asks once.
func (t *tenant) versionOf(ctx context.Context) string {
	if known := t.version.Load(); known != nil {
		return *known
	}
	reply, err := t.db.run(ctx, &command{args: []string{"INFO", "server"}, name: "INFO"})
	_, line, ok := bytes.Cut(reply, []byte("redis_version:"))
	if err != nil || !ok { // it may not be allowed
		return "This Redis"
	}
	line, _, _ = bytes.Cut(line, []byte("\r\n"))
	name := "Redis " + string(line)
	t.version.Store(&name)
	return name
}
