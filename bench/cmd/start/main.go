// Start makes one call, as a function that has just been started does.
package main

import (
	"context"
	"log"

	redis "github.com/redis-rest/redis-rest-go"
)

func main() {
	rdb, err := redis.FromEnv()
	if err != nil {
		log.Fatal(err)
	}
	n, err := redis.EvalSha[int64](context.Background(), rdb, "e0e1f9fabfc9d4800c877a703b823ac0578ff831", []string{"counter"}, 10, 60)
	if err != nil || n != 101 {
		log.Fatal(n, err)
	}
}
