package handler_test

import (
	"cmp"
	"encoding/json"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"os"
	"strconv"
	"testing"

	"github.com/stretchr/testify/require"

	redis "github.com/redis-rest/redis-rest-go"
	handler "github.com/redis-rest/redis-rest-go/examples/vercel/api"
	"github.com/redis-rest/redis-rest-go/restserver"
)

// The function makes its client once, from the variables that Vercel sets.
func TestMain(m *testing.M) {
	os.Exit(run(m))
}

func run(m *testing.M) int {
	server, err := restserver.Start(restserver.Config{Backend: cmp.Or(os.Getenv("REDISTEST_BACKEND"), "auto")})
	if err != nil {
		log.Fatal(err)
	}
	defer server.Close()
	os.Setenv("KV_REST_API_URL", server.URL)
	os.Setenv("KV_REST_API_TOKEN", server.Token)
	return m.Run()
}

func TestHandler(t *testing.T) {
	rdb, err := redis.FromEnv()
	require.NoError(t, err)
	_, err = rdb.Do(t.Context(), "DEL", "{visits:192.0.2.1}", "{visits:127.0.0.1}")
	require.NoError(t, err)
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
