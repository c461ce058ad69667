package redis_test

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"log"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"sync/atomic"
	"time"

	redis "github.com/redis-rest/redis-rest-go"
)

// flaky is a service that fails in a row of ways, and then answers.
func flaky(fails ...http.HandlerFunc) *httptest.Server {
	var n atomic.Int64
	return httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if i := int(n.Add(1)); i <= len(fails) {
			fails[i-1](w, r)
			return
		}
		fmt.Fprint(w, `{"result":1}`)
	}))
}

func badGatewayPage(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusBadGateway) }

func tooMany(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Retry-After", "0")
	w.WriteHeader(http.StatusTooManyRequests)
}

func ExampleRetryPolicy() {
	service := flaky(tooMany)
	defer service.Close()
	rdb, err := redis.New(service.URL, "token", redis.WithRetryPolicy(redis.RetryPolicy{MaxAttempts: 2}))
	if err != nil {
		log.Fatal(err)
	}
	// 429 says that the command did not run, so it is sent again, although it writes.
	fmt.Println(redis.Cmd[int]("INCR", "hits").Do(ctx, rdb))
	// Output: 1 <nil>
}

func ExampleWithRetryPolicy() {
	service := flaky(tooMany)
	defer service.Close()
	never := redis.WithRetryPolicy(redis.RetryPolicy{MaxAttempts: 1})
	rdb, err := redis.New(service.URL, "token", never)
	if err != nil {
		log.Fatal(err)
	}
	_, err = rdb.Do(ctx, "GET", "name")
	fmt.Println(err)
	// Output: redis: GET: not a reply of Redis over REST but HTTP 429 Too Many Requests with an empty body; is the URL right?
}

func ExampleCommand_Idempotent() {
	service := flaky(badGatewayPage, badGatewayPage)
	defer service.Close()
	rdb, err := redis.New(service.URL, "token")
	if err != nil {
		log.Fatal(err)
	}
	// 502 proves nothing. An INCR could run twice.
	_, err = redis.Cmd[int]("INCR", "hits").Do(ctx, rdb)
	fmt.Println(errors.Is(err, redis.ErrOutcomeUnknown))
	// To add a member that is there changes nothing.
	fmt.Println(redis.Cmd[int]("SADD", "seen", "user:456").Idempotent().Do(ctx, rdb))
	// Output:
	// true
	// 1 <nil>
}

func ExampleIdempotent() {
	service := flaky(badGatewayPage)
	defer service.Close()
	rdb, err := redis.New(service.URL, "token")
	if err != nil {
		log.Fatal(err)
	}
	// To keep the higher of two scores once more keeps the same.
	highest := redis.NewScript[int](setIfHigher, redis.Idempotent())
	fmt.Println(highest.Run(ctx, rdb, []string{"score"}, 10))
	// Output: 1 <nil>
}

func ExampleScript_RunOnce() {
	rdb := client("stock", "balance", "{stock}:once:order:42")
	for key, n := range map[string]int{"stock": 5, "balance": 100} {
		if _, err := rdb.Do(ctx, "SET", key, n); err != nil {
			log.Fatal(err)
		}
	}
	buy := redis.NewScript[string](purchase)

	// A client that posts its order twice buys once, and is told the same.
	for range 2 {
		status, err := buy.RunOnce(ctx, rdb, "order:42", []string{"stock", "balance"}, 2, 30)
		fmt.Println(status, err)
	}
	fmt.Println(redis.Cmd[int]("GET", "stock").Do(ctx, rdb))
	// Output:
	// success <nil>
	// success <nil>
	// 3 <nil>
}

func ExampleScript_OnceCmd() {
	rdb := client("visits", "{visits}:once:request:7")
	visit := redis.NewScript[int]("return redis.call('INCR', KEYS[1])")
	b := rdb.Pipeline()
	first := visit.OnceCmd("request:7", []string{"visits"}).Queue(b)
	again := visit.OnceCmd("request:7", []string{"visits"}).Queue(b)
	if err := b.Exec(ctx); err != nil {
		log.Fatal(err)
	}
	fmt.Println(first.Result())
	fmt.Println(again.Result())
	// Output:
	// 1 <nil>
	// 1 <nil>
}

func ExampleOnceWindow() {
	rdb := client("visits", "{visits}:once:request:8")
	visit := redis.NewScript[int]("return redis.call('INCR', KEYS[1])", redis.OnceWindow(24*time.Hour))
	if _, err := visit.RunOnce(ctx, rdb, "request:8", []string{"visits"}); err != nil {
		log.Fatal(err)
	}
	seconds, err := redis.Cmd[int]("TTL", "{visits}:once:request:8").Do(ctx, rdb)
	fmt.Println(seconds > 23*60*60, err)
	// Output: true <nil>
}

// Requests as lines of a log; metrics and spans are made in the same way.
func ExampleWithHook() {
	logger := slog.New(slog.NewTextHandler(os.Stdout, &slog.HandlerOptions{ReplaceAttr: withoutTime}))
	hook := func(ctx context.Context, r redis.RequestInfo) func(redis.RequestOutcome) {
		return func(o redis.RequestOutcome) {
			level := slog.LevelInfo
			if o.Err != nil {
				level = slog.LevelWarn
			}
			logger.Log(ctx, level, "redis", "commands", r.Commands, "attempt", r.Attempt, "sent", r.Bytes,
				"took", o.Duration, "status", o.Status, "received", o.Bytes)
		}
	}
	service := flaky(badGatewayPage)
	defer service.Close()
	rdb, err := redis.New(service.URL, "token", redis.WithHook(hook))
	if err != nil {
		log.Fatal(err)
	}
	if _, err := rdb.Do(ctx, "GET", "name"); err != nil {
		log.Fatal(err)
	}
	// Output:
	// level=WARN msg=redis commands=[GET] attempt=1 sent=14 status=502 received=0
	// level=INFO msg=redis commands=[GET] attempt=2 sent=14 status=200 received=12
}

func withoutTime(_ []string, a slog.Attr) slog.Attr {
	if a.Key == slog.TimeKey || a.Key == "took" {
		return slog.Attr{}
	}
	return a
}

// A hook may look at the beginning of a request only.
func ExampleHook() {
	var requests atomic.Int64
	var count redis.Hook = func(context.Context, redis.RequestInfo) func(redis.RequestOutcome) {
		requests.Add(1)
		return nil
	}
	rdb, err := redis.FromEnv(redis.WithHook(count))
	if err != nil {
		log.Fatal(err)
	}
	for range 3 {
		if _, err := rdb.Do(ctx, "PING"); err != nil {
			log.Fatal(err)
		}
	}
	fmt.Println(requests.Load())
	// Output: 3
}

func ExampleRequestInfo() {
	rdb, err := redis.FromEnv(redis.WithHook(func(_ context.Context, r redis.RequestInfo) func(redis.RequestOutcome) {
		fmt.Println(r.Kind, r.Commands, r.Attempt)
		return nil
	}))
	if err != nil {
		log.Fatal(err)
	}
	b := rdb.Multi()
	redis.Cmd[string]("SET", "a", 1).Queue(b)
	redis.Cmd[int]("INCR", "a").Queue(b)
	if err := b.Exec(ctx); err != nil {
		log.Fatal(err)
	}
	// Output: transaction [SET INCR] 1
}

func ExampleRequestOutcome() {
	rdb, err := redis.FromEnv(redis.WithHook(func(context.Context, redis.RequestInfo) func(redis.RequestOutcome) {
		return func(o redis.RequestOutcome) { fmt.Println(o.Status, redis.Code(o.Err), o.Duration > 0) }
	}))
	if err != nil {
		log.Fatal(err)
	}
	rdb.Do(ctx, "PING")
	rdb.Do(ctx, "NO.SUCH")
	// Output:
	// 200  true
	// 400 ERR true
}

func ExampleNewTransport() {
	transport := redis.NewTransport()
	transport.TLSClientConfig.MinVersion = tls.VersionTLS13
	rdb, err := redis.New("https://redis.example.com", "token", redis.WithHTTPClient(&http.Client{Transport: transport}))
	fmt.Println(rdb, err)
	// Output: redis.Redis(redis.example.com) <nil>
}

func ExampleWithMaxRequestBytes() {
	rdb, err := redis.FromEnv(redis.WithMaxRequestBytes(1000))
	if err != nil {
		log.Fatal(err)
	}
	_, err = rdb.Do(ctx, "SET", "k", strings.Repeat("x", 1000))
	fmt.Println(err)
	// Output: redis: SET: request too large: 1014 bytes, and at most 1000 are allowed
}

func ExampleErrRequestTooLarge() {
	rdb, err := redis.FromEnv(redis.WithMaxRequestBytes(1000))
	if err != nil {
		log.Fatal(err)
	}
	_, err = rdb.Do(ctx, "SET", "k", strings.Repeat("x", 1000))
	fmt.Println(errors.Is(err, redis.ErrRequestTooLarge), errors.Is(err, redis.ErrOutcomeUnknown))
	// Output: true false
}

func ExampleWithHTTP2() {
	// One connection for all calls, where many are under way over TLS.
	rdb, err := redis.New("https://example.upstash.io", "token", redis.WithHTTP2())
	fmt.Println(rdb, err)
	// Output: redis.Redis(example.upstash.io) <nil>
}

func ExampleWithRootCAs() {
	roots := x509.NewCertPool() // to which the certificates of a private authority are added
	rdb, err := redis.New("https://redis.internal", "token", redis.WithRootCAs(roots))
	fmt.Println(rdb, err)
	// Output: redis.Redis(redis.internal) <nil>
}
