// Wasi tries the client without sockets: with its default transport
// and with a transport of the program.
package main

import (
	"context"
	"fmt"
	"io"
	"log"
	"net/http"
	"strings"

	redis "github.com/redis-rest/redis-rest-go"
)

// A hostTransport stands for a transport that uses the host's HTTP.
type hostTransport struct{}

func (hostTransport) RoundTrip(r *http.Request) (*http.Response, error) {
	command, err := io.ReadAll(r.Body)
	if err != nil {
		return nil, err
	}
	reply := fmt.Sprintf(`{"result":%d}`, len(command))
	return &http.Response{StatusCode: http.StatusOK, Body: io.NopCloser(strings.NewReader(reply)), Request: r}, nil
}

func main() {
	const url, token = "https://redis.example.com", "token"
	for _, hc := range []*http.Client{{}, {Transport: hostTransport{}}} {
		rdb, err := redis.New(url, token, redis.WithHTTPClient(hc))
		if err != nil {
			log.Fatal(err)
		}
		fmt.Println(redis.Cmd[int]("GET", "key").Do(context.Background(), rdb))
	}
}
