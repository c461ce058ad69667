package redis_test

import (
	"errors"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	redis "github.com/redis-rest/redis-rest-go"
	"github.com/redis-rest/redis-rest-go/command"
	"github.com/redis-rest/redis-rest-go/redistest"
)

func TestFunctions(t *testing.T) {
	onEachBackend(t, func(t *testing.T, s *redistest.Server) {
		ctx, rdb := t.Context(), s.Client()
		library := testdata(t, "library.lua")
		name, err := rdb.FunctionLoad(ctx, library)
		require.NoError(t, err)
		require.Equal(t, "lib", name)
		_, err = rdb.FunctionLoad(ctx, library)
		require.Equal(t, "ERR", redis.Code(err), "it is there already")
		_, err = rdb.FunctionLoad(ctx, library, redis.Replace())
		require.NoError(t, err)

		n, err := redis.Fcall[int](ctx, rdb, "incr", []string{"n"}, 5)
		require.NoError(t, err)
		require.Equal(t, 5, n)
		n, err = redis.FcallRO[int](ctx, rdb, "get", []string{"n"})
		require.NoError(t, err)
		require.Equal(t, 5, n)
		missing, err := redis.FcallRO[*int](ctx, rdb, "get", []string{"missing"})
		require.NoError(t, err)
		require.Nil(t, missing)
		_, err = redis.FcallRO[int](ctx, rdb, "incr", []string{"n"}, 5)
		require.Equal(t, "ERR", redis.Code(err), "it writes")
		_, err = redis.Fcall[int](ctx, rdb, "nosuch", nil)
		require.Equal(t, "ERR", redis.Code(err))
		_, err = redis.Fcall[int](ctx, rdb, "incr", []string{"n"}, time.Second)
		require.ErrorContains(t, err, "ARGV[1]")

		_, err = redis.Fcall[int](ctx, rdb, "fail", nil)
		e, ok := errors.AsType[*redis.Error](err)
		require.True(t, ok)
		require.Equal(t, 8, e.Line)
		require.ErrorContains(t, err, "redis: FCALL: function:8: ")
		require.NotContains(t, err.Error(), "user_function")

		for _, b := range []*redis.Batch{rdb.Pipeline(), rdb.Multi()} {
			incr := command.Fcall[int]("incr", []string{"m"}, 1).Queue(b)
			get := command.FcallRO[int]("get", []string{"m"}).Queue(b)
			require.NoError(t, b.Exec(ctx))
			require.Equal(t, result(t, incr), result(t, get))
		}

		_, err = rdb.FunctionLoad(ctx, "#!lua name=other\nredis.register_function('f', function() return 1 end)")
		require.NoError(t, err)
		list, err := rdb.FunctionList(ctx)
		require.NoError(t, err)
		require.Len(t, list, 2)
		list, err = rdb.FunctionList(ctx, redis.LibraryName("li*"), redis.WithCode())
		require.NoError(t, err)
		require.Len(t, list, 1)
		require.Equal(t, []any{"lib", "LUA", library}, []any{list[0].Name, list[0].Engine, list[0].Code})
		require.Len(t, list[0].Functions, 3)
		for _, f := range list[0].Functions {
			switch f.Name {
			case "get":
				require.Equal(t, "reads", *f.Description)
				require.Equal(t, []string{"no-writes"}, f.Flags)
			default:
				require.Nil(t, f.Description)
				require.Empty(t, f.Flags)
			}
		}

		stats, err := rdb.FunctionStats(ctx)
		require.NoError(t, err)
		require.Nil(t, stats.Running)
		require.Equal(t, map[string]redis.EngineStats{"LUA": {Libraries: 2, Functions: 4}}, stats.Engines)

		require.NoError(t, rdb.FunctionDelete(ctx, "other"))
		require.Error(t, rdb.FunctionDelete(ctx, "other"))
		require.NoError(t, rdb.FunctionFlush(ctx))
		list, err = rdb.FunctionList(ctx)
		require.NoError(t, err)
		require.Empty(t, list)

		_, err = rdb.FunctionLoad(ctx, "#!lua name=broken\n\nthis is no lua")
		e, ok = errors.AsType[*redis.Error](err)
		require.True(t, ok)
		require.Equal(t, 3, e.Line)
		require.ErrorContains(t, err, "| this is no lua")
	})
}

func TestRunningFunction(t *testing.T) {
	const reply = `["running_script",["name","slow","command",["FCALL","slow","0"],"duration_ms",1500],"engines",["LUA",["libraries_count",1,"functions_count",2]]]`
	stats, err := redis.Cmd[redis.FunctionStats]("FUNCTION", "STATS").Do(t.Context(), fixed(reply))
	require.NoError(t, err)
	require.Equal(t, &redis.RunningFunction{Name: "slow", Command: []string{"FCALL", "slow", "0"}, Milliseconds: 1500}, stats.Running)
	require.Equal(t, 1500*time.Millisecond, stats.Running.Duration())
}
