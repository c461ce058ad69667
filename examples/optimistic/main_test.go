package main

import (
	"context"
	"errors"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	redis "github.com/redis-rest/redis-rest-go"
	"github.com/redis-rest/redis-rest-go/redistest"
)

func TestManyChange(t *testing.T) {
	rdb := redistest.New(t)
	const tabs = 20
	var all sync.WaitGroup
	for range tabs {
		all.Go(func() {
			_, err := Update(t.Context(), rdb, "cart", func(c *Cart) error { return c.add("book") })
			assert.NoError(t, err)
		})
	}
	all.Wait()
	got, err := redis.Cmd[Cart]("GET", "cart").Do(t.Context(), rdb)
	require.NoError(t, err)
	require.Equal(t, Cart{map[string]int{"book": tabs}}, got)
}

// A change that another has overtaken is made again, of what that one has written.
func TestOvertaken(t *testing.T) {
	rdb := redistest.New(t)
	tries := 0
	got, err := Update(t.Context(), rdb, "cart", func(c *Cart) error {
		if tries++; tries == 1 {
			_, err := Update(t.Context(), rdb, "cart", func(c *Cart) error { return c.add("pen") })
			require.NoError(t, err)
		}
		return c.add("book")
	})
	require.NoError(t, err)
	require.Equal(t, Cart{map[string]int{"book": 1, "pen": 1}}, got)
	require.Equal(t, 2, tries)
}

func TestRefused(t *testing.T) {
	rdb := redistest.New(t)
	soldOut := errors.New("sold out")
	_, err := Update(t.Context(), rdb, "cart", func(*Cart) error { return soldOut })
	require.ErrorIs(t, err, soldOut)
	n, err := redis.Cmd[int]("EXISTS", "cart").Do(t.Context(), rdb)
	require.NoError(t, err)
	require.Zero(t, n)

	ctx, cancel := context.WithCancel(t.Context())
	_, err = Update(ctx, rdb, "cart", func(c *Cart) error {
		defer cancel()
		return c.add("book")
	})
	require.ErrorIs(t, err, context.Canceled)
}
