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
	_ "embed"
	"fmt"
	"log"
	"net"
	"net/http"
	"strings"
	"sync"

	redis "github.com/redis-rest/redis-rest-go"
)

//go:embed limit.lua
var source string

var limit = redis.NewScript[int](source, redis.Named("limit.lua"))

// The client is made at the first request. All requests to this instance share it.
var client = sync.OnceValues(func() (*redis.Redis, error) { return redis.FromEnv() })

// Handler answers a request.
func Handler(w http.ResponseWriter, r *http.Request) {
	rdb, err := client()
	if err != nil {
		fail(w, err)
		return
	}
	left, err := limit.Run(r.Context(), rdb, []string{"visits:" + caller(r)}, 10, 60)
	switch {
	case err != nil:
		fail(w, err)
	case left < 0:
		http.Error(w, "too many visits", http.StatusTooManyRequests)
	default:
		fmt.Fprintf(w, "%d visits left\n", left)
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
