package redis_test

import (
	"bufio"
	"context"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"net/http"
	"os"
	"strings"
	"sync"
	"time"

	redis "github.com/redis-rest/redis-rest-go"
)

// thawChild is what this program is as the child of TestThaw: a client that does
// as it is told on its standard input, until that ends.
//
//	warm     makes 8 calls at the same time, so that as many connections are kept
//	call K   makes one call that counts in K
func thawChild() {
	transport := redis.NewTransport()
	if pem := os.Getenv("THAW_CERT"); pem != "" {
		roots := x509.NewCertPool()
		roots.AppendCertsFromPEM([]byte(pem))
		transport.TLSClientConfig = &tls.Config{RootCAs: roots}
	}
	transport.Protocols = new(http.Protocols)
	switch os.Getenv("THAW_PROTOCOL") {
	case "HTTP/1.1":
		transport.Protocols.SetHTTP1(true)
	case "HTTP/2":
		transport.Protocols.SetHTTP2(true)
		transport.Protocols.SetUnencryptedHTTP2(true)
	}
	if idle, err := time.ParseDuration(os.Getenv("THAW_IDLE")); err == nil {
		transport.IdleConnTimeout = idle
	}
	rdb, err := redis.FromEnv(redis.WithHTTPClient(&http.Client{Transport: transport}), once)
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
