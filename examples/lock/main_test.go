package main

import (
	"log"
	"strings"
	"testing"

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
	n, err := redis.Cmd[int]("HGET", protected, "value").Do(t.Context(), rdb)
	require.NoError(t, err)
	require.Equal(t, workers, n)
}

// A worker that has lost the lock changes nothing after a later one has.
func TestTooLate(t *testing.T) {
	rdb := redistest.New(t)
	for _, s := range []struct {
		token    int64
		accepted bool
	}{{5, true}, {6, true}, {5, false}, {6, true}} {
		accepted, err := write(protected, s.token, "text").Do(t.Context(), rdb)
		require.NoError(t, err)
		require.Equal(t, s.accepted, accepted)
	}
}
