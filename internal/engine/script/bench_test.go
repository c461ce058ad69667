package script_test

import (
	"os"
	"strconv"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/redis-rest/redis-rest-go/internal/engine/keyspace"
	"github.com/redis-rest/redis-rest-go/internal/engine/lua"
	"github.com/redis-rest/redis-rest-go/internal/engine/script"
	"github.com/redis-rest/redis-rest-go/internal/protocol/digest"
)

// BenchmarkRateLimiter runs the rate limiter of the examples by its digest, first on one
// key and then on a new key each time. It calls the engine in this process,
// and redis-server over a unix socket.
func BenchmarkRateLimiter(b *testing.B) {
	source, err := os.ReadFile("../../../examples/quickstart/ratelimit.lua")
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
			benchmarkRateLimiter(b, kind.open(b), string(source), func(int) string { return "limit" })
		})
		b.Run("on="+kind.name+"/keys=many", func(b *testing.B) {
			benchmarkRateLimiter(b, kind.open(b), string(source), func(i int) string { return "limit:" + strconv.Itoa(i%10_000) })
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

// A nobody watches and does nothing with what it gets.
type nobody struct{}

func (nobody) Line(*lua.State, int)           {}
func (nobody) Call(*lua.State)                {}
func (nobody) Return(*lua.State, []lua.Value) {}
func (nobody) Error(*lua.State, *lua.Error)   {}
func (nobody) Begin(script.Run)               {}
func (nobody) End([]byte)                     {}
func (nobody) Called(*lua.State, script.Call) {}

// BenchmarkWatch shows what it costs that somebody watches each line.
func BenchmarkWatch(b *testing.B) {
	limiter, err := os.ReadFile("../../../examples/quickstart/ratelimit.lua")
	require.NoError(b, err)
	const fib = "local function fib(n) if n < 2 then return n end return fib(n - 1) + fib(n - 2) end return fib(20)"
	for _, c := range []struct{ name, source, want string }{{"limiter", string(limiter), ":1\r\n"}, {"fib", fib, ":6765\r\n"}} {
		for _, watched := range []bool{false, true} {
			b.Run("script="+c.name+"/watched="+strconv.FormatBool(watched), func(b *testing.B) {
				db := keyspace.New()
				defer db.Close()
				if watched {
					db.Watch(nobody{})
				}
				args := []string{"EVAL", c.source, "1", "limit", "1000000000", "3600"}
				for b.Loop() {
					if reply := db.Do(b.Context(), args); string(reply) != c.want {
						b.Fatalf("%q", reply)
					}
				}
			})
		}
	}
}
