package main

import (
	"context"
	"log"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	redis "github.com/redis-rest/redis-rest-go"
	"github.com/redis-rest/redis-rest-go/redistest"
)

func TestWorkersTakeTurns(t *testing.T) {
	rdb := redistest.New(t)
	const workers = 20
	var out strings.Builder
	require.NoError(t, run(t.Context(), log.New(&out, "", 0), rdb, workers))
	require.Equal(t, workers, strings.Count(out.String(), "\n"), out.String())
	n, err := redis.Cmd[int]("HGET", value, "value").Do(t.Context(), rdb)
	require.NoError(t, err)
	require.Equal(t, workers, n)
}

// A time that Redis refuses changes nothing: otherwise the lock would never expire.
func TestTimesThatRedisRefuses(t *testing.T) {
	rdb := redistest.New(t)
	for _, time := range []any{"soon", 0, -1, 0.5, ""} {
		_, err := acquire.Run(t.Context(), rdb, []string{"{l}", "{l}:number"}, "owner", time)
		require.Error(t, err, time)
		n, err := redis.Cmd[int]("DBSIZE").Do(t.Context(), rdb)
		require.NoError(t, err)
		require.Zero(t, n, time)
	}
}

func TestLock(t *testing.T) {
	rdb := redistest.New(t)
	ctx := t.Context()
	first, err := Acquire(ctx, rdb, "l", time.Hour)
	require.NoError(t, err)
	require.EqualValues(t, 1, first.Number)

	soon, cancel := context.WithTimeout(ctx, 50*time.Millisecond)
	defer cancel()
	_, err = Acquire(soon, rdb, "l", time.Hour)
	require.ErrorIs(t, err, context.DeadlineExceeded)
	other, err := Acquire(ctx, rdb, "another", time.Hour)
	require.NoError(t, err)
	require.EqualValues(t, 1, other.Number)

	require.NoError(t, first.Extend(ctx, 2*time.Hour))
	left, err := redis.Cmd[int64]("PTTL", first.key()).Do(ctx, rdb)
	require.NoError(t, err)
	require.Greater(t, left, time.Hour.Milliseconds())
	require.NoError(t, first.Release(ctx))
	require.ErrorIs(t, first.Release(ctx), ErrLost)
	require.ErrorIs(t, first.Extend(ctx, time.Hour), ErrLost)
	second, err := Acquire(ctx, rdb, "l", time.Hour)
	require.NoError(t, err)
	require.EqualValues(t, 2, second.Number)
}

// A holder whose lock has expired can change nothing any more.
func TestLockRunsOut(t *testing.T) {
	rdb := redistest.New(t)
	ctx := t.Context()
	late, err := Acquire(ctx, rdb, "l", time.Millisecond)
	require.NoError(t, err)
	next, err := Acquire(ctx, rdb, "l", time.Hour) // waits until the first lock expires
	require.NoError(t, err)
	require.Greater(t, next.Number, late.Number)

	require.NoError(t, late.Write(ctx, "k", "too early for the next to have written"))
	require.NoError(t, next.Write(ctx, "k", "right"))
	require.ErrorIs(t, late.Write(ctx, "k", "wrong"), ErrLost)
	require.ErrorIs(t, late.Extend(ctx, time.Hour), ErrLost)
	require.ErrorIs(t, late.Release(ctx), ErrLost)
	got, err := redis.Cmd[string]("HGET", "k", "value").Do(ctx, rdb)
	require.NoError(t, err)
	require.Equal(t, "right", got)
	require.NoError(t, next.Release(ctx), "the first holder did not affect the lock")
}

// A holder that lost an answer can acquire its lock again.
func TestAcquireTwice(t *testing.T) {
	rdb := redistest.New(t)
	for range 2 {
		n, err := acquire.Run(t.Context(), rdb, []string{"{lock:l}", "{lock:l}:number"}, "owner", 1000)
		require.NoError(t, err)
		require.EqualValues(t, 1, *n)
	}
}
