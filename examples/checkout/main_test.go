package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	redis "github.com/redis-rest/redis-rest-go"
	"github.com/redis-rest/redis-rest-go/redistest"
)

// shop returns a stocked shop.
func shop(t *testing.T) (*redis.Redis, http.Handler) {
	rdb := redistest.New(t)
	require.NoError(t, stock(t.Context(), rdb))
	return rdb, handler(rdb)
}

func post(h http.Handler, key, order string) *httptest.ResponseRecorder {
	r := httptest.NewRequest("POST", "/orders", strings.NewReader(order))
	r.Header.Set("Idempotency-Key", key)
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w
}

// left returns the number of books left, Ada's balance and the number of
// orders.
func left(t *testing.T, rdb *redis.Redis) (stock, balance, count int) {
	t.Helper()
	b := rdb.Pipeline()
	s := redis.Cmd[int]("HGET", itemKey("book"), "stock").Queue(b)
	m := redis.Cmd[int]("HGET", customerKey("ada"), "balance").Queue(b)
	n := redis.Cmd[int]("LLEN", orders).Queue(b)
	require.NoError(t, b.Exec(t.Context()))
	for future, v := range map[*redis.Future[int]]*int{s: &stock, m: &balance, n: &count} {
		var err error
		*v, err = future.Result()
		require.NoError(t, err)
	}
	return stock, balance, count
}

const twoBooks = `{"customer":"ada","item":"book","quantity":2}`

func TestPostedTwice(t *testing.T) {
	rdb, h := shop(t)
	first := post(h, "k1", twoBooks)
	require.Equal(t, http.StatusCreated, first.Code, first.Body)
	var order Order
	require.NoError(t, json.Unmarshal(first.Body.Bytes(), &order))
	require.Equal(t, Order{Number: 1, Item: "book", Customer: "ada", Quantity: 2, Total: 60}, order)

	second := post(h, "k1", twoBooks)
	require.Equal(t, http.StatusCreated, second.Code)
	require.Equal(t, first.Body.String(), second.Body.String())
	stock, balance, count := left(t, rdb)
	require.Equal(t, []int{98, 940, 1}, []int{stock, balance, count})

	require.Equal(t, http.StatusCreated, post(h, "k2", twoBooks).Code, "another order")
	_, _, count = left(t, rdb)
	require.Equal(t, 2, count)
}

// A customer posts a hundred orders at once, and each one
// twice at once.
func TestPostedAtOnce(t *testing.T) {
	rdb, h := shop(t)
	var all sync.WaitGroup
	bodies := make([]string, 100)
	for i := range bodies {
		all.Go(func() { bodies[i] = post(h, "same", twoBooks).Body.String() })
	}
	all.Wait()
	for _, body := range bodies {
		require.Equal(t, bodies[0], body)
	}
	_, balance, count := left(t, rdb)
	require.Equal(t, []int{940, 1}, []int{balance, count})

	const one = `{"customer":"ada","item":"book","quantity":1}`
	statuses := make([][2]int, 100)
	for i := range statuses {
		for again := range 2 {
			all.Go(func() { statuses[i][again] = post(h, fmt.Sprint("k", i), one).Code })
		}
	}
	all.Wait()
	bought := 0
	for _, s := range statuses {
		require.Equal(t, s[0], s[1], "both get the same order")
		if s[0] == http.StatusCreated {
			bought++
		} else {
			require.Equal(t, http.StatusPaymentRequired, s[0])
		}
	}
	require.Equal(t, 940/30, bought, "as many as the balance allows")
	stock, balance, count := left(t, rdb)
	require.Equal(t, []int{98 - bought, 940 - 30*bought, 1 + bought}, []int{stock, balance, count})
}

// A losing transport delivers the request and loses the answer.
type losing struct {
	http.RoundTripper
	next atomic.Bool
}

func (l *losing) RoundTrip(r *http.Request) (*http.Response, error) {
	resp, err := l.RoundTripper.RoundTrip(r)
	if err == nil && l.next.CompareAndSwap(true, false) {
		resp.Body.Close()
		return nil, errors.New("lost")
	}
	return resp, err
}

// The outcome is unknown until the order is posted again, either by the client of
// this service or by the Redis client within it.
func TestLostAnswer(t *testing.T) {
	for attempts, want := range map[int]int{1: http.StatusServiceUnavailable, 3: http.StatusCreated} {
		server := redistest.NewServer(t)
		lose := &losing{}
		below := redis.WithRoundTripper(func(rt http.RoundTripper) http.RoundTripper { lose.RoundTripper = rt; return lose })
		rdb := server.Client(below, redis.WithRetryPolicy(redis.RetryPolicy{MaxAttempts: attempts}))
		require.NoError(t, stock(t.Context(), rdb))
		require.Equal(t, http.StatusCreated, post(handler(rdb), "first", twoBooks).Code) // loads the script
		lose.next.Store(true)
		first := post(handler(rdb), "k", twoBooks)
		require.Equal(t, want, first.Code)
		require.False(t, lose.next.Load())
		_, balance, count := left(t, rdb)
		require.Equal(t, []int{880, 2}, []int{balance, count}, "it was bought")
		require.Equal(t, http.StatusCreated, post(handler(rdb), "k", twoBooks).Code)
		_, balance, count = left(t, rdb)
		require.Equal(t, []int{880, 2}, []int{balance, count}, "once")
	}
}

func TestRefusals(t *testing.T) {
	rdb, h := shop(t)
	require.Equal(t, http.StatusCreated, post(h, "used", twoBooks).Code)
	for name, c := range map[string]struct {
		key, order string
		want       int
	}{
		"no key":                {"", twoBooks, http.StatusBadRequest},
		"no order":              {"a", "two books", http.StatusBadRequest},
		"less than nothing":     {"b", `{"customer":"ada","item":"book","quantity":-1}`, http.StatusBadRequest},
		"no such item":          {"c", `{"customer":"ada","item":"boot","quantity":1}`, http.StatusNotFound},
		"more than there are":   {"d", `{"customer":"ada","item":"book","quantity":99}`, http.StatusConflict},
		"more than Ada can pay": {"e", `{"customer":"ada","item":"book","quantity":50}`, http.StatusPaymentRequired},
		"a stranger":            {"f", `{"customer":"bob","item":"book","quantity":1}`, http.StatusPaymentRequired},
		"another order":         {"used", `{"customer":"ada","item":"book","quantity":1}`, http.StatusUnprocessableEntity},
	} {
		for range 2 {
			assert.Equal(t, c.want, post(h, c.key, c.order).Code, name)
		}
	}
	stock, balance, count := left(t, rdb)
	require.Equal(t, []int{98, 940, 1}, []int{stock, balance, count})
}
