package script_test

import (
	"os"
	"strconv"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/redis-rest/redis-rest-go/internal/engine/keyspace"
	"github.com/redis-rest/redis-rest-go/internal/protocol/digest"
)

// BenchmarkRateLimiter runs the rate limiter of the examples by its digest, first on one
// key and then on a new key each time. It calls the engine in this process,
// and redis-server over a unix socket.
func BenchmarkRateLimiter(b *testing.B) {
	script, err := os.ReadFile("../../../examples/quickstart/ratelimit.lua")
	require.NoError(b, err)
	for _, kind := range []struct {
		name string
		open func(*testing.B) database
	}{
		{"engine", func(b *testing.B) database {
			db := keyspace.New()
			b.Cleanup(func() { db.Close() })
			return db
		}},
		{"redis-server", func(b *testing.B) database { return startRedisServer(b) }},
	} {
		b.Run("on="+kind.name+"/keys=one", func(b *testing.B) {
			benchmarkRateLimiter(b, kind.open(b), string(script), func(int) string { return "limit" })
		})
		b.Run("on="+kind.name+"/keys=many", func(b *testing.B) {
			benchmarkRateLimiter(b, kind.open(b), string(script), func(i int) string { return "limit:" + strconv.Itoa(i%10_000) })
		})
	}
}

func benchmarkRateLimiter(b *testing.B, db database, script string, key func(i int) string) {
	ctx := b.Context()
	require.Equal(b, "$40\r\n"+digest.Of(script)+"\r\n", string(db.Do(ctx, []string{"SCRIPT", "LOAD", script})))
	args := []string{"EVALSHA", digest.Of(script), "1", "", "1000000000", "3600"}
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		args[3] = key(i)
		if reply := db.Do(ctx, args); string(reply) != ":1\r\n" {
			b.Fatalf("%q", reply)
		}
	}
}
