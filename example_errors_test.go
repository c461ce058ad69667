package redis_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"time"

	redis "github.com/redis-rest/redis-rest-go"
)

// The three outcomes of a command that writes.
func ExampleErrNotExecuted_outcomes() {
	rdb, err := redis.New("http://127.0.0.1:1", "token", redis.WithTimeout(time.Second))
	if err != nil {
		panic(err)
	}
	_, err = redis.Cmd[int]("INCR", "hits").Do(context.Background(), rdb)
	switch {
	case errors.Is(err, redis.ErrNotExecuted):
		fmt.Println("it did not run: try again later")
	case errors.Is(err, redis.ErrOutcomeUnknown):
		fmt.Println("it may have run: look before you try again")
	case err != nil:
		fmt.Println("it ran, and failed:", err)
	}
	// Output: it did not run: try again later
}

// Any error of a command names the command.
func ExampleCallError() {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	rdb, err := redis.New("http://127.0.0.1:1", "token")
	if err != nil {
		panic(err)
	}
	_, err = redis.Cmd[int]("INCR", "hits").Do(ctx, rdb)
	if call, ok := errors.AsType[*redis.CallError](err); ok {
		fmt.Println(call.Command, "failed:", call.Err)
	}
	// Output:
	// INCR failed: context canceled

}

func ExampleArgumentError() {
	rdb, err := redis.New("http://127.0.0.1:1", "token")
	if err != nil {
		panic(err)
	}
	_, err = redis.Cmd[string]("SET", "session", "value", "EX", time.Hour).Do(context.Background(), rdb)
	if bad, ok := errors.AsType[*redis.ArgumentError](err); ok {
		fmt.Println(bad.Position, bad.Type)
	}
	fmt.Println(errors.Is(err, redis.ErrNotExecuted))
	// Output:
	// argument 4 time.Duration
	// true
}

// The page of a proxy may repeat the request, so only BodyText shows it.
func ExampleHTTPError_BodyText() {
	portal := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		fmt.Fprint(w, "<html>Please sign in</html>")
	}))
	defer portal.Close()
	rdb, err := redis.New(portal.URL, "token")
	if err != nil {
		panic(err)
	}
	_, err = redis.Cmd[string]("GET", "greeting").Do(context.Background(), rdb)
	if page, ok := errors.AsType[*redis.HTTPError](err); ok {
		fmt.Println(page.BodyText())
	}
	// Output: <html>Please sign in</html>
}

const ErrSoldOut = redis.ErrorCode("sold_out")

func ExampleErrorCode() {
	rdb := client()
	for _, script := range []string{"return {err = 'sold_out'}", "return redis.error_reply('sold_out: none is left')", "error('sold_out')"} {
		_, err := redis.Eval[any](ctx, rdb, script, nil)
		fmt.Println(errors.Is(err, ErrSoldOut))
	}
	// Output:
	// true
	// true
	// true
}
