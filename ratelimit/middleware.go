package ratelimit

import (
	"fmt"
	"net/http"
	"strconv"
	"time"
)

// Middleware passes on the requests that are allowed, and answers the others with 429 and Retry-After. The function id
// says what a request counts for, for instance the user. Do not take what the client can choose.
//
// Answers tell what is left in the header fields RateLimit and RateLimit-Policy of
// draft-ietf-httpapi-ratelimit-headers-11. The name of the policy there is the limiter's prefix.
//
// If Redis does not answer in time or with an error, requests are passed on without these fields, or answered with 503
// ([WithFailClosed]). A hook of the client sees the errors ([redis.WithHook]).
func (l *Limiter) Middleware(id func(*http.Request) string) func(http.Handler) http.Handler {
	return func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			d, err := l.Limit(r.Context(), id(r))
			switch {
			case err != nil || d.Reason == Timeout:
				if l.failClosed {
					http.Error(w, "the limit cannot be checked", http.StatusServiceUnavailable)
					return
				}
			default:
				l.describe(w.Header(), d)
				if !d.Allowed {
					http.Error(w, "too many requests", http.StatusTooManyRequests)
					return
				}
			}
			next.ServeHTTP(w, r)
		})
	}
}

// describe sets the header fields. A request may pass several limiters, so it adds to those that are there.
func (l *Limiter) describe(h http.Header, d Decision) {
	h.Add("RateLimit-Policy", fmt.Sprintf(`"%s";q=%d;w=%d`, l.prefix, d.Limit, (l.algorithm.period+999)/1000))
	if d.Allowed {
		h.Add("RateLimit", fmt.Sprintf(`"%s";r=%d;t=%s`, l.prefix, d.Remaining, seconds(d.Reset.Sub(l.now()))))
		return
	}
	more := seconds(d.RetryAfter)
	if d.RetryAfter < 0 { // the limit is 0
		h.Add("RateLimit", fmt.Sprintf(`"%s";r=%d`, l.prefix, d.Remaining))
		return
	}
	h.Add("RateLimit", fmt.Sprintf(`"%s";r=%d;t=%s`, l.prefix, d.Remaining, more))
	h.Set("Retry-After", more)
}

// seconds rounds up, because the fields have whole seconds.
func seconds(d time.Duration) string {
	return strconv.FormatInt(int64(max(d+time.Second-1, 0)/time.Second), 10)
}
