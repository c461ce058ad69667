// Package handler is a function on Vercel that allows each caller 10 visits a
// minute.
//
//	vercel deploy
//
// KV_REST_API_URL and KV_REST_API_TOKEN name its database. Vercel sets them if a database is
// connected to the project.
//
// In your own module, leave out the replace line of go.mod.
package handler

import (
	"fmt"
	"log"
	"net"
	"net/http"
	"strings"
	"sync"
	"time"

	redis "github.com/redis-rest/redis-rest-go"
	"github.com/redis-rest/redis-rest-go/ratelimit"
)

// The limiter and its client are made at the first request. All requests to this instance share them.
var limiter = sync.OnceValues(func() (*ratelimit.Limiter, error) {
	rdb, err := redis.FromEnv()
	if err != nil {
		return nil, err
	}
	return ratelimit.New(rdb, ratelimit.TokenBucket(10, time.Minute, 10), ratelimit.WithPrefix("visits"))
})

// Handler answers a request.
func Handler(w http.ResponseWriter, r *http.Request) {
	limit, err := limiter()
	if err != nil {
		fail(w, err)
		return
	}
	d, err := limit.Limit(r.Context(), caller(r))
	switch {
	case err != nil:
		fail(w, err)
	case !d.Allowed:
		http.Error(w, "too many visits", http.StatusTooManyRequests)
	default:
		fmt.Fprintf(w, "%d visits left\n", d.Remaining)
	}
}

// caller returns the address of the caller. Vercel sets the header itself; callers
// cannot forge it.
func caller(r *http.Request) string {
	if first, _, _ := strings.Cut(r.Header.Get("X-Forwarded-For"), ","); first != "" {
		return strings.TrimSpace(first)
	}
	host, _, _ := net.SplitHostPort(r.RemoteAddr)
	return host
}

// fail writes the error to the log, not to the caller.
func fail(w http.ResponseWriter, err error) {
	log.Print(err)
	http.Error(w, "the limit is not available", http.StatusServiceUnavailable)
}
