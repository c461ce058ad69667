package main

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	redis "github.com/redis-rest/redis-rest-go"
	"github.com/redis-rest/redis-rest-go/redistest"
)

func get(t *testing.T, rdb redis.Doer, path string) *http.Response {
	t.Helper()
	h, err := handler(rdb)
	require.NoError(t, err)
	w := httptest.NewRecorder()
	h.ServeHTTP(w, httptest.NewRequest("GET", path, nil))
	return w.Result()
}

func TestServer(t *testing.T) {
	rdb := redistest.New(t)
	for name := range algorithms {
		statuses := map[int]int{}
		for range 12 {
			resp := get(t, rdb, "/"+name)
			statuses[resp.StatusCode]++
			policy := fmt.Sprintf(`"ratelimit:%s";q=10;w=60`, name)
			assert.Equal(t, policy, resp.Header.Get("RateLimit-Policy"))
		}
		// A minute or a token's time may end in between.
		require.GreaterOrEqual(t, statuses[http.StatusOK], 10, name)
	}
}

func TestWithoutRedis(t *testing.T) {
	server := redistest.NewServer(t)
	rdb, err := redis.New(server.URL, "wrong")
	require.NoError(t, err)
	require.Equal(t, http.StatusServiceUnavailable, get(t, rdb, "/fixed").StatusCode)
}
