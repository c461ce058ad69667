package keyspace_test

import (
	"context"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/redis-rest/redis-rest-go/internal/engine/keyspace"
	"github.com/redis-rest/redis-rest-go/internal/protocol/resp"
)

// For any commands, each has one reply, in time, and the database continues.
func FuzzCommands(f *testing.F) {
	for _, c := range readCases(f) {
		f.Add(strings.Join(c.lines, "\n"))
		if testing.Short() {
			continue // without every line alone
		}
		for _, line := range c.lines {
			f.Add(line)
		}
	}
	f.Add("EVAL \"return redis.call('BLPOP', 'none', 0)\" 0")
	f.Add("EVAL \"redis.setresp(3) return redis.call('HGETALL', 'h')\" 0")
	f.Fuzz(func(t *testing.T, text string) {
		if len(text) > 10_000 {
			t.Skip("long")
		}
		db := keyspace.New()
		defer db.Close()
		ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
		defer cancel()
		for _, line := range []string{"SET k v", "SET n 1", "RPUSH l a b c", "SADD s a b c", "HSET h a 1 b 2", "ZADD z 1 a 2 b", "XADD x 1-1 f v", "XGROUP CREATE x g 0", "PFADD p a"} {
			require.NotEqual(t, byte('-'), db.Do(ctx, strings.Fields(line))[0], line)
		}
		var cmds [][]string
		for line := range strings.Lines(text) {
			args := strings.Fields(line)
			if len(args) == 0 || needsMuchMemory(args) {
				continue
			}
			cmds = append(cmds, args)
			for _, protocol := range []string{"2", "3"} {
				reply := db.DoIn(ctx, args, protocol)
				require.NotNil(t, reply, "%q took too long", args)
				_, rest, whole := resp.Cut(reply)
				require.True(t, whole && len(rest) == 0, "%q: %q", args, reply)
				require.NotContains(t, string(reply), "the embedded database failed", "%q", args)
			}
		}
		replies, refusal, _ := db.Transaction(ctx, cmds)
		if refusal == nil {
			require.Len(t, replies, len(cmds))
		}
		require.Equal(t, "+PONG\r\n", string(db.Do(ctx, []string{"PING"})))
	})
}

// needsMuchMemory says whether a command may ask for more memory than a fuzzer has.
func needsMuchMemory(args []string) bool {
	switch strings.ToUpper(args[0]) {
	case "SETRANGE", "SETBIT", "BITFIELD":
	default:
		return false
	}
	for _, arg := range args {
		if n, err := strconv.ParseInt(strings.TrimPrefix(arg, "#"), 10, 64); err == nil && n > 1e6 {
			return true
		}
	}
	return false
}
