package main

import (
	"net/http"
	"net/http/httptest"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	redis "github.com/redis-rest/redis-rest-go"
	"github.com/redis-rest/redis-rest-go/redistest"
)

func get(h http.Handler, path string) *http.Response {
	w := httptest.NewRecorder()
	h.ServeHTTP(w, httptest.NewRequest("GET", path, nil))
	return w.Result()
}

func TestServer(t *testing.T) {
	h := handler(redistest.New(t))
	for _, path := range []string{"/fixed", "/sliding", "/bucket"} {
		t.Run(path, func(t *testing.T) {
			for i := range 12 {
				resp := get(h, path)
				want, left := http.StatusOK, max(9-i, 0)
				if i >= 10 {
					want = http.StatusTooManyRequests
				}
				require.Equal(t, want, resp.StatusCode)
				assert.Equal(t, "10", resp.Header.Get("RateLimit-Limit"))
				assert.Equal(t, strconv.Itoa(left), resp.Header.Get("RateLimit-Remaining"))
				assert.Equal(t, "10;w=60", resp.Header.Get("RateLimit-Policy"))
				reset, err := strconv.Atoi(resp.Header.Get("RateLimit-Reset"))
				require.NoError(t, err)
				assert.Greater(t, reset, 0)
				assert.LessOrEqual(t, reset, 60)
				if want == http.StatusTooManyRequests {
					assert.Equal(t, resp.Header.Get("RateLimit-Reset"), resp.Header.Get("Retry-After"))
				}
			}
		})
	}
}

// Of 1,000 simultaneous requests exactly the allowed number passes.
func TestManyAtOnce(t *testing.T) {
	for name := range algorithms {
		t.Run(name, func(t *testing.T) {
			const limit = 100
			limiter := &Limiter{Redis: redistest.New(t), Algorithm: name, Limit: limit, Window: time.Hour, Caller: address}
			h := limiter.Middleware(http.HandlerFunc(hello))
			statuses := make([]int, 300)
			var all sync.WaitGroup
			for i := range statuses {
				all.Go(func() { statuses[i] = get(h, "/").StatusCode })
			}
			all.Wait()
			count := map[int]int{}
			for _, status := range statuses {
				count[status]++
			}
			require.Equal(t, map[int]int{http.StatusOK: limit, http.StatusTooManyRequests: len(statuses) - limit}, count)
		})
	}
}

// The limit recovers, but not too fast: no window contains more requests than the
// algorithm allows.
func TestTimePasses(t *testing.T) {
	const limit, window = 4, 200 * time.Millisecond
	for name, soonest := range map[string]func(n int) time.Duration{ // n requests after another
		"fixed":   func(n int) time.Duration { return window * time.Duration(n/(2*limit)) },
		"sliding": func(n int) time.Duration { return window * time.Duration(n/limit) },
		"bucket":  func(n int) time.Duration { return window * time.Duration(n-limit) / limit },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			l := &Limiter{Redis: redistest.New(t), Algorithm: name, Limit: limit, Window: window}
			type call struct{ begun, ended time.Time }
			var allowed []call
			refused := 0
			tick := time.NewTicker(2 * time.Millisecond)
			defer tick.Stop()
			for len(allowed) < 5*limit {
				<-tick.C
				c := call{begun: time.Now()}
				a, err := l.ask(t.Context(), "caller")
				require.NoError(t, err)
				c.ended = time.Now()
				if a.Allowed {
					allowed = append(allowed, c)
				} else {
					refused++
					require.LessOrEqual(t, a.Milliseconds, window.Milliseconds())
				}
			}
			require.NotZero(t, refused)
			for i, first := range allowed {
				for n, last := range allowed[i:] {
					require.GreaterOrEqual(t, last.ended.Sub(first.begun), soonest(n)-2*time.Millisecond, "%d after %d", n, i)
				}
			}
		})
	}
}

// A window that Redis refuses changes nothing: otherwise the counter would never expire.
func TestWindowsThatRedisRefuses(t *testing.T) {
	rdb := redistest.New(t)
	for name, script := range algorithms {
		for _, window := range []any{"soon", 0, -1, 0.5, ""} {
			_, err := script.Run(t.Context(), rdb, []string{"caller"}, 10, window)
			require.Error(t, err, "%s %v", name, window)
			n, err := redis.Cmd[int]("DBSIZE").Do(t.Context(), rdb)
			require.NoError(t, err)
			require.Zero(t, n, "%s %v", name, window)
		}
	}
}

func TestWithoutRedis(t *testing.T) {
	server := redistest.NewServer(t)
	rdb, err := redis.New(server.URL, "wrong")
	require.NoError(t, err)
	require.Equal(t, http.StatusServiceUnavailable, get(handler(rdb), "/fixed").StatusCode)
}
