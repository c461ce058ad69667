package main

import (
	"fmt"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/redis-rest/redis-rest-go/redistest"
)

func TestBoard(t *testing.T) {
	server := redistest.NewServer(t)
	board := &Board{Redis: server.Client(), Key: "board", PageSize: 2}
	for i, c := range []struct {
		player string
		score  int64
		page   int
		want   Result
	}{
		{"ada", 300, 0, Result{true, 1, 1, []Entry{{1, "ada", 300}}}},
		{"grace", 450, 0, Result{true, 1, 2, []Entry{{1, "grace", 450}, {2, "ada", 300}}}},
		{"ada", 200, 0, Result{false, 2, 2, []Entry{{1, "grace", 450}, {2, "ada", 300}}}},
		{"ada", 300, 0, Result{false, 2, 2, []Entry{{1, "grace", 450}, {2, "ada", 300}}}},
		{"ada", 500, 0, Result{true, 1, 2, []Entry{{1, "ada", 500}, {2, "grace", 450}}}},
		{"barbara", 9007199254740992, 1, Result{true, 1, 3, []Entry{{3, "grace", 450}}}},
		{"katherine", -1, 7, Result{true, 4, 4, nil}},
	} {
		got, err := board.Submit(t.Context(), c.player, c.score, c.page)
		require.NoError(t, err)
		require.Equal(t, &c.want, got)
		require.Len(t, server.Requests(), i+1, "one request each")
	}
}

// The highest of many simultaneous scores is kept.
func TestAtOnce(t *testing.T) {
	board := &Board{Redis: redistest.New(t), Key: "board", PageSize: 10}
	var all sync.WaitGroup
	for score := range int64(100) {
		for player := range 3 {
			all.Go(func() {
				_, err := board.Submit(t.Context(), fmt.Sprint("player ", player), score, 0)
				if err != nil {
					t.Error(err)
				}
			})
		}
	}
	all.Wait()
	got, err := board.Submit(t.Context(), "player 0", 1, 0)
	require.NoError(t, err)
	require.False(t, got.Kept)
	require.Equal(t, []Entry{{1, "player 2", 99}, {2, "player 1", 99}, {3, "player 0", 99}}, got.Page)
	var out strings.Builder
	got.print(&out)
	require.Equal(t, "not higher than before; place 3 of 3\n   1. player 2             99\n   2. player 1             99\n   3. player 0             99\n", out.String())
}
