package redis_test

import (
	"context"
	"errors"
	"fmt"
	"log"
	"net/http"
	"net/http/httptest"
	"os"

	redis "github.com/redis-rest/redis-rest-go"
)

func ExampleRedis_Close() {
	rdb, err := redis.FromEnv()
	if err != nil {
		log.Fatal(err)
	}
	defer rdb.Close()
	fmt.Println(redis.Cmd[string]("PING").Do(ctx, rdb))
	// Output: PONG <nil>
}

func ExampleErrClosed() {
	rdb, err := redis.FromEnv()
	if err != nil {
		log.Fatal(err)
	}
	rdb.Close()
	_, err = redis.Cmd[string]("PING").Do(ctx, rdb)
	fmt.Println(errors.Is(err, redis.ErrClosed), errors.Is(err, redis.ErrNotExecuted))
	// Output: true true
}

func ExampleWithTokenSource() {
	source := func(ctx context.Context) (string, error) {
		return os.Getenv("UPSTASH_REDIS_REST_TOKEN"), nil // or ask the place that issues tokens
	}
	rdb, err := redis.FromEnv(redis.WithTokenSource(source))
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(redis.Cmd[string]("PING").Do(ctx, rdb))
	// Output: PONG <nil>
}

func ExampleWithHeader() {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		fmt.Fprintf(w, `{"result":%d}`, len(r.Header.Get("X-Gateway-Key")))
	}))
	defer server.Close()
	rdb, err := redis.New(server.URL, "token", redis.WithHeader("X-Gateway-Key", "hush-hush"))
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(redis.Cmd[int]("PING").Do(ctx, rdb))
	// Output: 9 <nil>
}

// A server that does not know base64.
func plainAnswer(w http.ResponseWriter, r *http.Request) { fmt.Fprint(w, `{"result":"test"}`) }

func ExampleWithBase64() {
	server := httptest.NewServer(http.HandlerFunc(plainAnswer))
	defer server.Close()
	rdb, err := redis.New(server.URL, "token", redis.WithBase64(false))
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(redis.Cmd[string]("GET", "k").Do(ctx, rdb))
	// Output: test <nil>
}

func ExampleErrNoBase64() {
	server := httptest.NewServer(http.HandlerFunc(plainAnswer))
	defer server.Close()
	rdb, err := redis.New(server.URL, "token")
	if err != nil {
		log.Fatal(err)
	}
	_, err = redis.Cmd[string]("GET", "k").Do(ctx, rdb)
	fmt.Println(errors.Is(err, redis.ErrNoBase64))
	// Output: true
}

func ExampleWithKeyPrefix() {
	rdb, err := redis.FromEnv(redis.WithKeyPrefix("app:"))
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(redis.Cmd[int]("INCR", "visits").Do(ctx, rdb))
	fmt.Println(redis.Cmd[[]string]("KEYS", "*").Do(ctx, rdb))

	whole, err := redis.FromEnv()
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(redis.Cmd[int]("GET", "app:visits").Do(ctx, whole))

	_, err = redis.Cmd[string]("FLUSHDB").Do(ctx, rdb)
	fmt.Println(err)
	// Output:
	// 1 <nil>
	// [visits] <nil>
	// 1 <nil>
	// redis: FLUSHDB: refused with a key prefix: it changes the keys of all programs
}
