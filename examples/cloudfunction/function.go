// Package visits is a function for Google Cloud that allows each caller 10 visits a
// minute.
//
//	gcloud builds submit                                          # deploys it, as cloudbuild.yaml says
//	FUNCTION_TARGET=Visits LOCAL_ONLY=true go run ./cmd           # runs it here, on port 8080
//
// In a module of your own, leave out the line of go.mod that says replace.
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

// Made with the first request, for all that this copy of the function gets.
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

// caller is where a request comes from: the last address of the header, which
// Google's front end adds. Those before it anybody may have written.
func caller(r *http.Request) string {
	if all := strings.Split(r.Header.Get("X-Forwarded-For"), ","); all[0] != "" {
		return strings.TrimSpace(all[len(all)-1])
	}
	host, _, _ := net.SplitHostPort(r.RemoteAddr)
	return host
}

// fail writes what went wrong into the log, and not to strangers.
func fail(w http.ResponseWriter, err error) {
	log.Print(err)
	http.Error(w, "the limit is not known", http.StatusServiceUnavailable)
}
