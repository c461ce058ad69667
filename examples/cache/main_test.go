package main

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/redis-rest/redis-rest-go/redistest"
)

func TestOneFills(t *testing.T) {
	s := redistest.NewServer(t, redistest.Backend("memory"))
	var filled atomic.Int64
	fill := func(context.Context) (Report, error) {
		filled.Add(1)
		return Report{Text: "text"}, nil
	}
	ask := func() {
		var all sync.WaitGroup
		for range 5 { // processes
			cache, err := NewCache[Report](s.Client(), time.Minute)
			require.NoError(t, err)
			for range 5 {
				all.Go(func() {
					got, err := cache.Get(t.Context(), "report", fill)
					assert.NoError(t, err)
					assert.Equal(t, Report{Text: "text"}, got)
				})
			}
		}
		all.Wait()
	}
	ask()
	ask()
	require.EqualValues(t, 1, filled.Load())
	s.Advance(time.Minute)
	ask()
	require.EqualValues(t, 2, filled.Load(), "the value has expired")
}

func TestFillFails(t *testing.T) {
	cache, err := NewCache[Report](redistest.New(t), time.Minute)
	require.NoError(t, err)
	broken := errors.New("broken")
	_, err = cache.Get(t.Context(), "report", func(context.Context) (Report, error) { return Report{}, broken })
	require.ErrorIs(t, err, broken)
	got, err := cache.Get(t.Context(), "report", func(context.Context) (Report, error) { return Report{Text: "text"}, nil })
	require.NoError(t, err, "the next one makes it")
	require.Equal(t, "text", got.Text)
}
