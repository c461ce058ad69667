package main

import (
	"context"
	_ "embed"
	"fmt"
	"log"
	"net/http"
	"strconv"
	"time"

	redis "github.com/redis-rest/redis-rest-go"
)

var (
	//go:embed fixed_window.lua
	fixedWindow string
	//go:embed sliding_window.lua
	slidingWindow string
	//go:embed token_bucket.lua
	tokenBucket string
)

// The algorithms. All scripts take the same arguments and return an answer.
var algorithms = map[string]*redis.Script[answer]{
	"fixed":   redis.NewScript[answer](fixedWindow, redis.Named("fixed_window.lua")),
	"sliding": redis.NewScript[answer](slidingWindow, redis.Named("sliding_window.lua")),
	"bucket":  redis.NewScript[answer](tokenBucket, redis.Named("token_bucket.lua")),
}

type answer struct {
	Allowed      bool  `redis:"0"`
	Remaining    int   `redis:"1"`
	Milliseconds int64 `redis:"2"` // until Remaining rises
}

// A Limiter allows Limit requests in a Window of time to each caller.
type Limiter struct {
	Redis     redis.Doer
	Algorithm string // fixed, sliding or bucket
	Limit     int
	Window    time.Duration
	Caller    func(*http.Request) string
}

func (l *Limiter) ask(ctx context.Context, caller string) (answer, error) {
	key := "ratelimit:" + l.Algorithm + ":" + caller
	return algorithms[l.Algorithm].Run(ctx, l.Redis, []string{key}, l.Limit, l.Window.Milliseconds())
}

// Middleware passes on the requests that are allowed and answers the others with
// 429. Each answer states the remaining requests in the header fields of version 6 of the IETF draft
// (draft-ietf-httpapi-ratelimit-headers), which most clients read. If the limit
// cannot be checked, no request is allowed.
func (l *Limiter) Middleware(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		a, err := l.ask(r.Context(), l.Caller(r))
		if err != nil {
			log.Print(err)
			http.Error(w, "the limit is not available", http.StatusServiceUnavailable)
			return
		}
		seconds := strconv.FormatInt((a.Milliseconds+999)/1000, 10)
		h := w.Header()
		h.Set("RateLimit-Limit", strconv.Itoa(l.Limit))
		h.Set("RateLimit-Remaining", strconv.Itoa(a.Remaining))
		h.Set("RateLimit-Reset", seconds)
		h.Set("RateLimit-Policy", fmt.Sprintf("%d;w=%.0f", l.Limit, l.Window.Seconds()))
		if !a.Allowed {
			h.Set("Retry-After", seconds)
			http.Error(w, "too many requests", http.StatusTooManyRequests)
			return
		}
		next.ServeHTTP(w, r)
	})
}
