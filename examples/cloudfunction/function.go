// Package visits is a function for Google Cloud that allows each caller 10 visits a
// minute.
//
//	gcloud builds submit                                          # deploys it with cloudbuild.yaml
//	FUNCTION_TARGET=Visits LOCAL_ONLY=true go run ./cmd           # runs it locally, on port 8080
//
// In your own module, leave out the replace line of go.mod.
package visits

import (
	"fmt"
	"log"
	"net"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/GoogleCloudPlatform/functions-framework-go/functions"

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

func init() { functions.HTTP("Visits", visits) }

func visits(w http.ResponseWriter, r *http.Request) {
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

// caller returns the address of the caller: the last one in the header, which
// Google's front end adds. Anyone can forge the ones before it.
func caller(r *http.Request) string {
	if all := strings.Split(r.Header.Get("X-Forwarded-For"), ","); all[0] != "" {
		return strings.TrimSpace(all[len(all)-1])
	}
	host, _, _ := net.SplitHostPort(r.RemoteAddr)
	return host
}

// fail writes the error to the log, not to the caller.
func fail(w http.ResponseWriter, err error) {
	log.Print(err)
	http.Error(w, "the limit is not available", http.StatusServiceUnavailable)
}
