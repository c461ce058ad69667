// Ratelimit is an HTTP server that allows each caller 10 requests a minute at each of
// /fixed, /sliding and /bucket, which use three algorithms. Several copies of it share the
// limits. Its middleware is in limiter.go, its scripts are in the .lua files.
//
//	go run ./cmd/redis-rest serve    # prints two lines to export in your shell
//	go run ./examples/ratelimit
//	curl -i http://127.0.0.1:8080/bucket
package main

import (
	"log"
	"net"
	"net/http"
	"time"

	redis "github.com/redis-rest/redis-rest-go"
)

func main() {
	rdb, err := redis.FromEnv()
	if err != nil {
		log.Fatal(err)
	}
	const address = "127.0.0.1:8080"
	log.Print("listening on ", address)
	log.Fatal(http.ListenAndServe(address, handler(rdb)))
}

func handler(rdb redis.Doer) http.Handler {
	mux := http.NewServeMux()
	for name := range algorithms {
		limiter := &Limiter{Redis: rdb, Algorithm: name, Limit: 10, Window: time.Minute, Caller: address}
		mux.Handle("/"+name, limiter.Middleware(http.HandlerFunc(hello)))
	}
	return mux
}

func hello(w http.ResponseWriter, r *http.Request) { w.Write([]byte("hello\n")) }

// address identifies callers by their IP address. Behind a proxy, use
// the header that the proxy sets.
func address(r *http.Request) string {
	host, _, _ := net.SplitHostPort(r.RemoteAddr)
	return host
}
