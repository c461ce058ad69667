//go:build unix

package delivery

import (
	"bufio"
	"context"
	"crypto/x509"
	"fmt"
	"net/http"
	"os"
	"strings"
	"sync"
	"time"

	redis "github.com/redis-rest/redis-rest-go"
)

// A roundTripper hides all other methods of another one.
type roundTripper func(*http.Request) (*http.Response, error)

func (f roundTripper) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

// runChild runs this program as the child of TestThaw: a client that obeys
// the lines of its standard input.
//
//	warm     makes 8 calls at the same time, so that 8 connections are kept
//	call K   makes one call that increments K
func runChild() {
	protocol := os.Getenv("THAW_PROTOCOL")
	opts := []redis.Option{redis.WithRetryPolicy(redis.RetryPolicy{MaxAttempts: 1}), redis.WithHTTP2(protocol == "HTTP/2")}
	if pem := os.Getenv("THAW_CERT"); pem != "" {
		roots := x509.NewCertPool()
		roots.AppendCertsFromPEM([]byte(pem))
		opts = append(opts, redis.WithRootCAs(roots))
	}
	if protocol == "HTTP/1.1, wrapped" {
		opts = append(opts, redis.WithRoundTripper(func(rt http.RoundTripper) http.RoundTripper { return roundTripper(rt.RoundTrip) }))
	}
	if idle, err := time.ParseDuration(os.Getenv("THAW_IDLE")); err == nil {
		opts = append(opts, redis.WithIdleTimeout(idle))
	}
	rdb, err := redis.FromEnv(opts...)
	if err != nil {
		fmt.Println(err)
		return
	}
	ctx := context.Background()
	for in := bufio.NewScanner(os.Stdin); in.Scan(); {
		order, key, _ := strings.Cut(in.Text(), " ")
		switch order {
		case "warm":
			var wg sync.WaitGroup
			for range 8 {
				wg.Go(func() {
					if _, err := rdb.Do(ctx, "PING"); err != nil {
						fmt.Println("warm:", err)
					}
				})
			}
			wg.Wait()
			fmt.Println("warm")
		case "call":
			n, err := redis.Cmd[int]("INCR", key).Do(ctx, rdb)
			if err != nil {
				fmt.Println(err)
				continue
			}
			fmt.Println(n)
		}
	}
}
