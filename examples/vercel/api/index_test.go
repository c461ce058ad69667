package handler_test

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"strconv"
	"testing"

	"github.com/stretchr/testify/require"

	handler "github.com/redis-rest/redis-rest-go/examples/vercel/api"
	"github.com/redis-rest/redis-rest-go/redistest"
)

// The function by the variables that Vercel sets. It is one test since the function
// makes its client once.
func TestHandler(t *testing.T) {
	redis := redistest.NewServer(t)
	t.Setenv("KV_REST_API_URL", redis.URL)
	t.Setenv("KV_REST_API_TOKEN", redis.Token)
	server := httptest.NewServer(http.HandlerFunc(handler.Handler))
	defer server.Close()
	visit := func(from string) (int, string) {
		r, err := http.NewRequest("GET", server.URL, nil)
		require.NoError(t, err)
		if from != "" {
			r.Header.Set("X-Forwarded-For", from)
		}
		resp, err := http.DefaultClient.Do(r)
		require.NoError(t, err)
		defer resp.Body.Close()
		body, err := io.ReadAll(resp.Body)
		require.NoError(t, err)
		return resp.StatusCode, string(body)
	}
	for _, from := range []string{"192.0.2.1, 198.51.100.7", ""} {
		for left := 9; left >= 0; left-- {
			status, body := visit(from)
			require.Equal(t, http.StatusOK, status)
			require.Equal(t, strconv.Itoa(left)+" visits left\n", body)
		}
		status, _ := visit(from)
		require.Equal(t, http.StatusTooManyRequests, status)
	}
}

func TestConfiguration(t *testing.T) {
	text, err := os.ReadFile("../vercel.json")
	require.NoError(t, err)
	require.True(t, json.Valid(text))
}
