// Package visits is a function for Google Cloud that allows each caller 10 visits a
// minute.
//
//	gcloud builds submit                                          # deploys it with cloudbuild.yaml
//	FUNCTION_TARGET=Visits LOCAL_ONLY=true go run ./cmd           # runs it locally, on port 8080
//
// In your own module, leave out the replace line of go.mod.
package visits

import (
	_ "embed"
	"fmt"
	"log"
	"net"
	"net/http"
	"strings"
	"sync"

	"github.com/GoogleCloudPlatform/functions-framework-go/functions"

	redis "github.com/redis-rest/redis-rest-go"
)

//go:embed limit.lua
var source string

var limit = redis.NewScript[int](source, redis.Named("limit.lua"))

// The client is made at the first request. All requests to this instance share it.
var client = sync.OnceValues(func() (*redis.Redis, error) { return redis.FromEnv() })

func init() { functions.HTTP("Visits", visits) }

func visits(w http.ResponseWriter, r *http.Request) {
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
