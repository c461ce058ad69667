// Fetch gets one string and ends. The benchmark then reads its peak memory.
package main

import (
	"context"
	"flag"
	"log"

	redis "github.com/redis-rest/redis-rest-go"
)

func main() {
	url := flag.String("url", "", "`URL` of the fake server")
	key := flag.String("key", "", "`KEY`, which says how many bytes")
	size := flag.Int("size", 0, "how many `BYTES` must come")
	flag.Parse()
	rdb, err := redis.New(*url, "token")
	if err != nil {
		log.Fatal(err)
	}
	value, err := redis.Cmd[string]("GET", *key).Do(context.Background(), rdb)
	if err != nil || len(value) != *size {
		log.Fatal(len(value), err)
	}
}
