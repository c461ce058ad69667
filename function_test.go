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
		_, err := command.FunctionLoad(library).Do(ctx, rdb)
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
	})
}
