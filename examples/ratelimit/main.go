// Ratelimit is an HTTP server that allows each caller 10 requests a minute at each of
// /fixed, /sliding, /bucket and /gcra, which use four algorithms. Several copies of it share
// the limits.
//
//	go run ./cmd/redis-rest serve    # prints two lines to export in your shell
//	go run ./examples/ratelimit
//	curl -i http://127.0.0.1:8080/gcra
package main

import (
	"log"
	"net"
	"net/http"
	"time"

	redis "github.com/redis-rest/redis-rest-go"
	"github.com/redis-rest/redis-rest-go/ratelimit"
)

var algorithms = map[string]ratelimit.Algorithm{
	"fixed":   ratelimit.FixedWindow(10, time.Minute),
	"sliding": ratelimit.SlidingWindow(10, time.Minute),
	"bucket":  ratelimit.TokenBucket(10, time.Minute, 10),
	"gcra":    ratelimit.GCRA(10, time.Minute, 10),
}

func main() {
	rdb, err := redis.FromEnv()
	if err != nil {
		log.Fatal(err)
	}
	h, err := handler(rdb)
	if err != nil {
		log.Fatal(err)
	}
	const address = "127.0.0.1:8080"
	log.Print("listening on ", address)
	log.Fatal(http.ListenAndServe(address, h))
}

// handler allows no request while the limit cannot be checked.
func handler(rdb redis.Doer) (http.Handler, error) {
	mux := http.NewServeMux()
	for name, algorithm := range algorithms {
		limiter, err := ratelimit.New(rdb, algorithm, ratelimit.WithPrefix("ratelimit:"+name), ratelimit.WithFailClosed(true))
		if err != nil {
			return nil, err
		}
		mux.Handle("/"+name, limiter.Middleware(address)(http.HandlerFunc(hello)))
	}
	return mux, nil
}

func hello(w http.ResponseWriter, r *http.Request) { w.Write([]byte("hello\n")) }

// address identifies callers by their IP address. Behind a proxy, use
// the header that the proxy sets.
func address(r *http.Request) string {
	host, _, _ := net.SplitHostPort(r.RemoteAddr)
	return host
}
