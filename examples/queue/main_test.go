package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	redis "github.com/redis-rest/redis-rest-go"
	"github.com/redis-rest/redis-rest-go/command"
	"github.com/redis-rest/redis-rest-go/redistest"
)

// workers makes workers of one database, and a function that returns what they have sent.
func workers(t *testing.T, s *redistest.Server, names ...string) (list []*Worker, sent func() []string) {
	rdb := s.Client()
	_, err := command.XGroupCreate(mails, group, "0", command.MkStream()).Do(t.Context(), rdb)
	require.NoError(t, err)
	var mu sync.Mutex
	var to []string
	for _, name := range names {
		list = append(list, &Worker{Redis: rdb, Name: name, Idle: time.Minute, Tries: 3, Send: func(_ context.Context, m Mail) error {
			mu.Lock()
			defer mu.Unlock()
			if m.Subject == "bad" {
				return errors.New("refused")
			}
			to = append(to, m.To)
			return nil
		}})
	}
	return list, func() []string {
		mu.Lock()
		defer mu.Unlock()
		slices.Sort(to)
		return to
	}
}

func left(t *testing.T, rdb redis.Doer) (entries, pending int64) {
	t.Helper()
	n, err := command.XLen(mails).Do(t.Context(), rdb)
	require.NoError(t, err)
	p, err := command.XPending(mails, group).Do(t.Context(), rdb)
	require.NoError(t, err)
	return n, p.Count
}

func TestWorkersShare(t *testing.T) {
	s := redistest.NewServer(t)
	list, sent := workers(t, s, "a", "b", "c")
	var want []string
	for i := range 30 {
		want = append(want, fmt.Sprintf("%02d", i))
		require.NoError(t, add(t.Context(), list[0].Redis, Mail{want[i], "hello", 1}))
	}
	ctx, cancel := context.WithCancel(t.Context())
	var all sync.WaitGroup
	for _, w := range list {
		all.Go(func() { w.Run(ctx) })
	}
	require.Eventually(t, func() bool { return len(sent()) == len(want) }, 10*time.Second, time.Millisecond)
	require.Eventually(t, func() bool { n, p := left(t, list[0].Redis); return n == 0 && p == 0 }, 10*time.Second, time.Millisecond)
	cancel()
	all.Wait()
	require.Equal(t, want, sent(), "each once")
}

func TestDropped(t *testing.T) {
	s := redistest.NewServer(t, redistest.Backend("memory"))
	list, sent := workers(t, s, "a")
	w := list[0]
	require.NoError(t, add(t.Context(), w.Redis, Mail{"ada", "hello", 1}))
	_, err := command.XReadGroup[Mail](group, "crashed", map[string]string{mails: ">"}).Do(t.Context(), w.Redis)
	require.NoError(t, err)
	s.Advance(59 * time.Second)
	n, err := w.Step(t.Context())
	require.NoError(t, err)
	require.Zero(t, n)
	s.Advance(time.Second)
	n, err = w.Step(t.Context())
	require.NoError(t, err)
	require.Equal(t, 1, n)
	require.Equal(t, []string{"ada"}, sent())
	entries, pending := left(t, w.Redis)
	require.Zero(t, entries+pending)
}

func TestAside(t *testing.T) {
	s := redistest.NewServer(t, redistest.Backend("memory"))
	list, sent := workers(t, s, "a")
	w := list[0]
	require.NoError(t, add(t.Context(), w.Redis, Mail{"eve", "bad", 1}))
	_, err := command.XAdd(mails, "*", map[string]string{"to": "x", "copies": "many"}).Do(t.Context(), w.Redis)
	require.NoError(t, err)
	require.NoError(t, add(t.Context(), w.Redis, Mail{"ada", "hello", 1}))
	for try := range 3 {
		_, err := w.Step(t.Context())
		require.NoError(t, err)
		entries, pending := left(t, w.Redis)
		require.Equal(t, entries, pending)
		require.Equal(t, try < 2, entries == 1, "it is put aside after the third try")
		s.Advance(time.Minute)
	}
	require.Equal(t, []string{"ada"}, sent())
	put, err := command.XRange[map[string]string](aside, "-", "+").Do(t.Context(), w.Redis)
	require.NoError(t, err)
	require.Len(t, put, 2)
	require.Equal(t, map[string]string{"to": "x", "copies": "many"}, put[0].Values)
	require.Equal(t, "bad", put[1].Values["subject"])
	reasons, err := command.HGetAll[map[string]string](aside+":reasons").Do(t.Context(), w.Redis)
	require.NoError(t, err)
	require.Len(t, reasons, 2)
}

// A mail that makes its workers crash is put aside.
func TestCrashes(t *testing.T) {
	s := redistest.NewServer(t, redistest.Backend("memory"))
	list, sent := workers(t, s, "a")
	w := list[0]
	require.NoError(t, add(t.Context(), w.Redis, Mail{"eve", "crash", 1}))
	_, err := command.XReadGroup[Mail](group, "crashed", map[string]string{mails: ">"}).Do(t.Context(), w.Redis)
	require.NoError(t, err)
	for range 2 {
		s.Advance(time.Minute)
		_, err := command.XAutoClaim[Mail](mails, group, "crashed", time.Minute, "0").Do(t.Context(), w.Redis)
		require.NoError(t, err)
	}
	s.Advance(time.Minute)
	_, err = w.Step(t.Context())
	require.NoError(t, err)
	require.Empty(t, sent())
	n, err := command.XLen(aside).Do(t.Context(), w.Redis)
	require.NoError(t, err)
	require.EqualValues(t, 1, n)
}
