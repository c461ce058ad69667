// Package handler is a function on Vercel that allows each caller 10 visits a
// minute.
//
//	vercel deploy
//
// Its database is named by KV_REST_API_URL and KV_REST_API_TOKEN, which Vercel sets
// where one is connected with the project.
//
// In a module of your own, leave out the line of go.mod that says replace.
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

// Made with the first request, for all that this copy of the function gets.
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

// caller is where a request comes from. Vercel sets the header itself and lets
// nobody else.
func caller(r *http.Request) string {
	if first, _, _ := strings.Cut(r.Header.Get("X-Forwarded-For"), ","); first != "" {
		return strings.TrimSpace(first)
	}
	host, _, _ := net.SplitHostPort(r.RemoteAddr)
	return host
}

// fail writes what went wrong into the log, and not to strangers.
func fail(w http.ResponseWriter, err error) {
	log.Print(err)
	http.Error(w, "the limit is not known", http.StatusServiceUnavailable)
}
