package ratelimit_test

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	redis "github.com/redis-rest/redis-rest-go"
	"github.com/redis-rest/redis-rest-go/ratelimit"
	"github.com/redis-rest/redis-rest-go/redistest"
)

func served(l ...*ratelimit.Limiter) *http.Response {
	var h http.Handler = http.HandlerFunc(func(http.ResponseWriter, *http.Request) {})
	for _, l := range l {
		h = l.Middleware(func(*http.Request) string { return "id" })(h)
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, httptest.NewRequest("GET", "/", nil))
	return w.Result()
}

func TestHeaders(t *testing.T) {
	t.Parallel()
	rdb, c := redistest.New(t), newClock()
	for _, s := range []struct {
		algorithm                       ratelimit.Algorithm
		policy, allowed, refused, after string
	}{
		{ratelimit.FixedWindow(1, 90*time.Second), `"p";q=1;w=90`, `"p";r=0;t=90`, `"p";r=0;t=90`, "90"},
		{ratelimit.SlidingWindow(1, 1500*time.Millisecond), `"p";q=1;w=2`, `"p";r=0;t=2`, `"p";r=0;t=2`, "2"},
		{ratelimit.TokenBucket(2, 10*time.Second, 5), `"p";q=5;w=30`, `"p";r=4;t=10`, `"p";r=0;t=10`, "10"},
		{ratelimit.GCRA(3, 10*time.Second, 1), `"p";q=1;w=4`, `"p";r=0;t=4`, `"p";r=0;t=4`, "4"},
	} {
		l := limiter(t, rdb, s.algorithm, c.option(), ratelimit.WithPrefix("p"))
		resp := served(l)
		require.Equal(t, http.StatusOK, resp.StatusCode)
		require.Equal(t, s.policy, resp.Header.Get("RateLimit-Policy"))
		require.Equal(t, s.allowed, resp.Header.Get("RateLimit"))
		require.Empty(t, resp.Header.Get("Retry-After"))
		for resp.StatusCode == http.StatusOK {
			resp = served(l)
		}
		require.Equal(t, http.StatusTooManyRequests, resp.StatusCode)
		require.Equal(t, s.policy, resp.Header.Get("RateLimit-Policy"))
		require.Equal(t, s.refused, resp.Header.Get("RateLimit"))
		require.Equal(t, s.after, resp.Header.Get("Retry-After"))
	}
}

// A window of time that is longer than a time.Duration can be.
func TestHeaderOfLargeBucket(t *testing.T) {
	t.Parallel()
	l := limiter(t, redistest.New(t), ratelimit.TokenBucket(1, 24*time.Hour, 1e8), newClock().option())
	require.Equal(t, `"ratelimit";q=100000000;w=8640000000000`, served(l).Header.Get("RateLimit-Policy"))
}

func TestTwoLimiters(t *testing.T) {
	t.Parallel()
	rdb, c := redistest.New(t), newClock()
	inner := limiter(t, rdb, ratelimit.FixedWindow(1, time.Minute), c.option(), ratelimit.WithPrefix("inner"))
	outer := limiter(t, rdb, ratelimit.FixedWindow(5, time.Hour), c.option(), ratelimit.WithPrefix("outer"))
	resp := served(inner, outer)
	require.Equal(t, []string{`"outer";q=5;w=3600`, `"inner";q=1;w=60`}, resp.Header.Values("RateLimit-Policy"))
	require.Equal(t, []string{`"outer";r=4;t=3600`, `"inner";r=0;t=60`}, resp.Header.Values("RateLimit"))
}

func TestLimitOfZero(t *testing.T) {
	t.Parallel()
	l := limiter(t, redistest.New(t), algorithms["GCRA"], newClock().option(), ratelimit.WithDynamicLimit(true))
	require.NoError(t, l.SetLimit(t.Context(), 0))
	resp := served(l)
	require.Equal(t, http.StatusTooManyRequests, resp.StatusCode)
	require.Equal(t, `"ratelimit";r=0`, resp.Header.Get("RateLimit"))
	require.Empty(t, resp.Header.Get("Retry-After"))
}

func TestMiddlewareWithoutRedis(t *testing.T) {
	t.Parallel()
	for _, d := range []redis.Doer{failing{errors.New("broken")}, silent{}} {
		for closed, status := range map[bool]int{false: http.StatusOK, true: http.StatusServiceUnavailable} {
			l := limiter(t, d, algorithms["GCRA"], ratelimit.WithTimeout(time.Millisecond), ratelimit.WithFailClosed(closed))
			resp := served(l)
			require.Equal(t, status, resp.StatusCode)
			require.Empty(t, resp.Header.Get("RateLimit"))
		}
	}
}
