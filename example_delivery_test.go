package redis_test

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"log"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"strings"
	"sync/atomic"
	"time"

	redis "github.com/redis-rest/redis-rest-go"
)

// flaky starts a service that fails once with each of fails, and then answers.
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
	// Status 429 says that the command did not run. So it is retried, although it writes.
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
	// Output: redis: GET: not a reply of Redis over REST but HTTP 429 Too Many Requests with an empty body
}

func ExampleCommand_Idempotent() {
	service := flaky(badGatewayPage, badGatewayPage)
	defer service.Close()
	rdb, err := redis.New(service.URL, "token")
	if err != nil {
		log.Fatal(err)
	}
	// After status 502 it is unknown whether the command ran. A retry could run INCR twice.
	_, err = redis.Cmd[int]("INCR", "hits").Do(ctx, rdb)
	fmt.Println(errors.Is(err, redis.ErrOutcomeUnknown))
	// Adding a member twice is harmless.
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
	// Running this script twice with the same score is harmless.
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

	// The same order is sent twice. It buys once, and both calls return the same reply.
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

// An id names one effect of one script.
func ExampleErrOnceConflict() {
	rdb := client("visits", "{visits}:once:request:9")
	in := redis.NewScript[int]("return redis.call('INCR', KEYS[1])")
	out := redis.NewScript[int]("return redis.call('DECR', KEYS[1])")
	fmt.Println(in.RunOnce(ctx, rdb, "request:9", []string{"visits"}))
	_, err := out.RunOnce(ctx, rdb, "request:9", []string{"visits"})
	fmt.Println(errors.Is(err, redis.ErrOnceConflict), errors.Is(err, redis.ErrNotExecuted))
	// Output:
	// 1 <nil>
	// true true
}

// The record of a run that was broken off has no reply.
func ExampleErrOnceReplyLost() {
	rdb := client("visits", "{visits}:once:request:10")
	visit := redis.NewScript[int]("return redis.call('INCR', KEYS[1])")
	if _, err := rdb.Do(ctx, "SET", "{visits}:once:request:10", visit.SHA()); err != nil {
		log.Fatal(err)
	}
	_, err := visit.RunOnce(ctx, rdb, "request:10", []string{"visits"})
	fmt.Println(errors.Is(err, redis.ErrOnceReplyLost))
	// Output: true
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

// This hook measures calls. It leaves their contexts as they are.
func ExampleWithHook() {
	took := map[string][]time.Duration{}
	hook := redis.Hook{Call: func(_ context.Context, c redis.CallInfo) (context.Context, func(redis.CallOutcome)) {
		return nil, func(o redis.CallOutcome) { took[c.Commands[0].Name] = append(took[c.Commands[0].Name], o.Duration) }
	}}
	rdb, err := redis.FromEnv(redis.WithHook(hook))
	if err != nil {
		log.Fatal(err)
	}
	for range 3 {
		if _, err := rdb.Do(ctx, "PING"); err != nil {
			log.Fatal(err)
		}
	}
	fmt.Println(len(took["PING"]), took["PING"][0] > 0)
	// Output: 3 true
}

// A hook hands on contexts: here the call gives its attempts an id, which they send.
func ExampleHook() {
	type requestID struct{}
	tracing := redis.Hook{
		Call: func(ctx context.Context, _ redis.CallInfo) (context.Context, func(redis.CallOutcome)) {
			return context.WithValue(ctx, requestID{}, "id-1"), nil
		},
		Attempt: func(ctx context.Context, a redis.AttemptInfo) (context.Context, func(redis.AttemptOutcome)) {
			a.Header.Set("X-Request-Id", ctx.Value(requestID{}).(string))
			return nil, nil
		},
	}
	service := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		fmt.Println(r.Header.Get("X-Request-Id"))
		fmt.Fprint(w, `{"result":1}`)
	}))
	defer service.Close()
	rdb, err := redis.New(service.URL, "token", redis.WithHook(tracing))
	if err != nil {
		log.Fatal(err)
	}
	if _, err := rdb.Do(ctx, "INCR", "n"); err != nil {
		log.Fatal(err)
	}
	// Output: id-1
}

func ExampleLogHook() {
	logger := slog.New(slog.NewTextHandler(os.Stdout, &slog.HandlerOptions{ReplaceAttr: withoutTime}))
	rdb, err := redis.FromEnv(redis.WithHook(redis.LogHook(logger, time.Minute)))
	if err != nil {
		log.Fatal(err)
	}
	script := redis.NewScript[int]("return 7 -- only this example runs it", redis.Named("seven.lua"))
	if _, err := script.Run(ctx, rdb, nil); err != nil {
		log.Fatal(err)
	}
	b := rdb.Pipeline()
	for range 1000 {
		redis.Cmd[string]("SET", "name", "Ada").Queue(b)
	}
	redis.Cmd[int]("INCR", "name").Queue(b)
	b.Exec(ctx)
	// Output:
	// level=INFO msg=redis kind=command commands=EVALSHA attempts=2 script=seven.lua script_missed=true
	// level=WARN msg=redis kind=pipeline commands="SET×1000 INCR" attempts=1 outcome=failed error="1 of 1001 commands failed; [1000] INCR: ERR"
}

func withoutTime(_ []string, a slog.Attr) slog.Attr {
	switch a.Key {
	case slog.TimeKey, "took", "waited":
		return slog.Attr{}
	}
	return a
}

func ExampleCallInfo() {
	rdb, err := redis.FromEnv(redis.WithHook(redis.Hook{Call: func(_ context.Context, c redis.CallInfo) (context.Context, func(redis.CallOutcome)) {
		fmt.Println(c.Kind, len(c.Commands), c.Commands[1].Name)
		return nil, nil
	}}))
	if err != nil {
		log.Fatal(err)
	}
	b := rdb.Multi()
	redis.Cmd[string]("SET", "a", 1).Queue(b)
	redis.Cmd[int]("INCR", "a").Queue(b)
	if err := b.Exec(ctx); err != nil {
		log.Fatal(err)
	}
	// Output: transaction 2 INCR
}

// A hook may log some arguments: here the key, which is no secret in this program.
func ExampleCallInfo_Words() {
	rdb, err := redis.FromEnv(redis.WithHook(redis.Hook{Call: func(_ context.Context, c redis.CallInfo) (context.Context, func(redis.CallOutcome)) {
		fmt.Println(c.Words(0)[:2])
		return nil, nil
	}}))
	if err != nil {
		log.Fatal(err)
	}
	if _, err := redis.Cmd[string]("SET", "color", "green").Do(ctx, rdb); err != nil {
		log.Fatal(err)
	}
	// Output: [SET color]
}

func ExampleCommandInfo() {
	rdb, err := redis.FromEnv(redis.WithHook(redis.Hook{Call: func(_ context.Context, c redis.CallInfo) (context.Context, func(redis.CallOutcome)) {
		fmt.Println(c.Commands[0].Name, c.Commands[0].Script, c.Commands[0].Digest)
		return nil, nil
	}}))
	if err != nil {
		log.Fatal(err)
	}
	if _, err := redis.NewScript[int]("return 1", redis.Named("one.lua")).Run(ctx, rdb, nil); err != nil {
		log.Fatal(err)
	}
	// Output: EVALSHA one.lua e0e1f9fabfc9d4800c877a703b823ac0578ff8db
}

// A script that the server does not hold is no failure: it is sent afterwards.
func ExampleCallOutcome() {
	rdb, err := redis.FromEnv(redis.WithHook(redis.Hook{Call: func(context.Context, redis.CallInfo) (context.Context, func(redis.CallOutcome)) {
		return nil, func(o redis.CallOutcome) { fmt.Println(o.ScriptMissed, o.Attempts, o.Err) }
	}}))
	if err != nil {
		log.Fatal(err)
	}
	script := redis.NewScript[string]("return 'a script that only this example runs'")
	for range 2 {
		if _, err := script.Run(ctx, rdb, nil); err != nil {
			log.Fatal(err)
		}
	}
	// Output:
	// true 2 <nil>
	// false 1 <nil>
}

func ExampleAttemptInfo() {
	service := flaky(badGatewayPage)
	defer service.Close()
	rdb, err := redis.New(service.URL, "token", redis.WithHook(redis.Hook{Attempt: func(_ context.Context, a redis.AttemptInfo) (context.Context, func(redis.AttemptOutcome)) {
		fmt.Println(a.Kind, a.Commands, a.Number, a.Reason != nil)
		return nil, nil
	}}))
	if err != nil {
		log.Fatal(err)
	}
	if _, err := rdb.Do(ctx, "GET", "name"); err != nil {
		log.Fatal(err)
	}
	// Output:
	// command [GET] 1 false
	// command [GET] 2 true
}

func ExampleAttemptOutcome() {
	rdb, err := redis.FromEnv(redis.WithHook(redis.Hook{Attempt: func(context.Context, redis.AttemptInfo) (context.Context, func(redis.AttemptOutcome)) {
		return nil, func(o redis.AttemptOutcome) { fmt.Println(o.Status, redis.Code(o.Err), o.Reused, o.FirstByte > 0) }
	}}))
	if err != nil {
		log.Fatal(err)
	}
	rdb.Do(ctx, "PING")
	rdb.Do(ctx, "NO.SUCH")
	// Output:
	// 200  false true
	// 400 ERR true true
}

// A countingTripper counts the requests of a client.
type countingTripper struct {
	http.RoundTripper
	n int
}

func (c *countingTripper) RoundTrip(r *http.Request) (*http.Response, error) {
	c.n++
	return c.RoundTripper.RoundTrip(r)
}

func ExampleWithRoundTripper() {
	counting := new(countingTripper)
	wrap := func(rt http.RoundTripper) http.RoundTripper {
		counting.RoundTripper = rt
		return counting
	}
	rdb, err := redis.FromEnv(redis.WithRoundTripper(wrap))
	if err != nil {
		log.Fatal(err)
	}
	rdb.Do(ctx, "PING")
	rdb.Do(ctx, "PING")
	fmt.Println(counting.n)
	// Output: 2
}

func ExampleWithTLSConfig() {
	var certificate tls.Certificate // tls.LoadX509KeyPair reads the client's certificate and key from files
	rdb, err := redis.New("https://redis.example.com", "token",
		redis.WithTLSConfig(&tls.Config{Certificates: []tls.Certificate{certificate}, MinVersion: tls.VersionTLS13}))
	fmt.Println(rdb, err)
	// Output: redis.Redis(redis.example.com) <nil>
}

func ExampleWithProxy() {
	proxy, err := url.Parse("socks5://proxy.internal:1080")
	if err != nil {
		log.Fatal(err)
	}
	rdb, err := redis.New("https://redis.example.com", "token", redis.WithProxy(http.ProxyURL(proxy)))
	fmt.Println(rdb, err)
	// Output: redis.Redis(redis.example.com) <nil>
}

func ExampleWithDialContext() {
	// The server listens on a unix socket.
	rdb, err := redis.New("http://localhost", "token", redis.WithDialContext(func(ctx context.Context, _, _ string) (net.Conn, error) {
		var d net.Dialer
		return d.DialContext(ctx, "unix", "/run/redis-rest.sock")
	}))
	fmt.Println(rdb, err)
	// Output: redis.Redis(localhost) <nil>
}

func ExampleWithMaxIdleConns() {
	rdb, err := redis.FromEnv(redis.WithMaxIdleConns(2000)) // for so many goroutines that call at the same time
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(redis.Cmd[string]("PING").Do(ctx, rdb))
	// Output: PONG <nil>
}

func ExampleWithIdleTimeout() {
	// What is in front of the server closes a connection that was idle for a minute.
	rdb, err := redis.FromEnv(redis.WithIdleTimeout(50 * time.Second))
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(redis.Cmd[string]("PING").Do(ctx, rdb))
	// Output: PONG <nil>
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
	// Over TLS, all concurrent calls share one connection.
	rdb, err := redis.New("https://example.upstash.io", "token", redis.WithHTTP2(true))
	fmt.Println(rdb, err)
	// Output: redis.Redis(example.upstash.io) <nil>
}

func ExampleWithRootCAs() {
	roots := x509.NewCertPool() // add the certificates of your certificate authority to it
	rdb, err := redis.New("https://redis.internal", "token", redis.WithRootCAs(roots))
	fmt.Println(rdb, err)
	// Output: redis.Redis(redis.internal) <nil>
}
