package ratelimit_test

import (
	"context"
	"fmt"
	"log"
	"net/http"
	"net/http/httptest"
	"time"

	redis "github.com/redis-rest/redis-rest-go"
	"github.com/redis-rest/redis-rest-go/ratelimit"
	"github.com/redis-rest/redis-rest-go/restserver"
)

var (
	ctx = context.Background()
	rdb = client()
)

// client is a client of an empty database in this process. A program has redis.FromEnv.
func client() *redis.Redis {
	server, err := restserver.Start(restserver.Config{Backend: "memory"})
	if err != nil {
		log.Fatal(err)
	}
	rdb, err := redis.New(server.URL, server.Token)
	if err != nil {
		log.Fatal(err)
	}
	return rdb
}

// still is a clock that does not move, so that the output is always the same.
func still() time.Time { return time.Date(2026, 12, 1, 12, 0, 0, 0, time.UTC) }

func Example() {
	limiter, err := ratelimit.New(rdb, ratelimit.SlidingWindow(10, time.Minute))
	if err != nil {
		log.Fatal(err)
	}
	d, err := limiter.Limit(ctx, "user:42")
	fmt.Println(d.Allowed, d.Limit, d.Remaining, err)
	// Output: true 10 9 <nil>
}

func ExampleNew() {
	_, err := ratelimit.New(rdb, ratelimit.FixedWindow(0, time.Minute), ratelimit.WithTimeout(-time.Second))
	fmt.Println(err)
	// Output:
	// ratelimit: FixedWindow: 0 is not positive
	// ratelimit: WithTimeout: -1s is negative
}

func ExampleFixedWindow() {
	limiter, _ := ratelimit.New(rdb, ratelimit.FixedWindow(2, time.Minute), ratelimit.WithPrefix("fixed"), ratelimit.WithClock(still))
	for range 3 {
		d, err := limiter.Limit(ctx, "user:42")
		fmt.Println(d.Allowed, d.Remaining, d.RetryAfter, err)
	}
	// Output:
	// true 1 0s <nil>
	// true 0 0s <nil>
	// false 0 1m0s <nil>
}

func ExampleSlidingWindow() {
	now := still()
	clock := func() time.Time { return now }
	limiter, _ := ratelimit.New(rdb, ratelimit.SlidingWindow(10, time.Minute), ratelimit.WithPrefix("sliding"), ratelimit.WithClock(clock))
	limiter.Limit(ctx, "user:42", ratelimit.WithCost(10))
	now = now.Add(75 * time.Second) // a quarter of the next window has passed, so 7 of the 10 calls count
	d, err := limiter.Limit(ctx, "user:42")
	fmt.Println(d.Allowed, d.Remaining, err)
	// Output: true 2 <nil>
}

func ExampleTokenBucket() {
	now := still()
	clock := func() time.Time { return now }
	limiter, _ := ratelimit.New(rdb, ratelimit.TokenBucket(5, 10*time.Second, 20), ratelimit.WithPrefix("bucket"), ratelimit.WithClock(clock))
	limiter.Limit(ctx, "user:42", ratelimit.WithCost(20))
	now = now.Add(10 * time.Second) // 5 tokens have come back
	d, err := limiter.Limit(ctx, "user:42", ratelimit.WithCost(6))
	fmt.Println(d.Allowed, d.Remaining, d.RetryAfter, err)
	// Output: false 5 10s <nil>
}

func ExampleGCRA() {
	limiter, _ := ratelimit.New(rdb, ratelimit.GCRA(100, time.Minute, 3), ratelimit.WithPrefix("gcra"), ratelimit.WithClock(still))
	for range 4 {
		d, err := limiter.Limit(ctx, "user:42")
		fmt.Println(d.Allowed, d.Remaining, d.RetryAfter, err)
	}
	// Output:
	// true 2 0s <nil>
	// true 1 0s <nil>
	// true 0 0s <nil>
	// false 0 600ms <nil>
}

func ExampleAlgorithm() {
	perPlan := map[string]ratelimit.Algorithm{
		"free": ratelimit.FixedWindow(10, time.Hour),
		"paid": ratelimit.TokenBucket(100, time.Minute, 500),
	}
	limiter, _ := ratelimit.New(rdb, perPlan["paid"], ratelimit.WithPrefix("paid"))
	d, err := limiter.Limit(ctx, "user:42")
	fmt.Println(d.Remaining, err)
	// Output: 499 <nil>
}

func ExampleLimiter() {
	limiter, _ := ratelimit.New(rdb, ratelimit.GCRA(1, time.Hour, 1), ratelimit.WithPrefix("mails"))
	send := func(tenant string) {
		if d, err := limiter.Limit(ctx, tenant); err == nil && !d.Allowed {
			fmt.Println(tenant, "must wait")
			return
		}
		fmt.Println("sent for", tenant)
	}
	send("acme")
	send("acme")
	send("globex")
	// Output:
	// sent for acme
	// acme must wait
	// sent for globex
}

func ExampleLimiter_Limit() {
	limiter, _ := ratelimit.New(rdb, ratelimit.FixedWindow(100, time.Hour), ratelimit.WithPrefix("uploads"), ratelimit.WithClock(still))
	d, err := limiter.Limit(ctx, "user:42", ratelimit.WithCost(25))
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(d.Allowed, d.Remaining, d.Reset.UTC().Format(time.TimeOnly))
	// Output: true 75 13:00:00
}

// Two limits in one request.
func ExampleLimiter_Queue() {
	second, _ := ratelimit.New(rdb, ratelimit.FixedWindow(5, time.Second), ratelimit.WithPrefix("second"))
	day, _ := ratelimit.New(rdb, ratelimit.FixedWindow(1000, 24*time.Hour), ratelimit.WithPrefix("day"))
	b := rdb.Pipeline()
	perSecond := second.Queue(b, "user:42")
	perDay := day.Queue(b, "user:42")
	if err := b.Exec(ctx); err != nil {
		log.Fatal(err)
	}
	s, _ := perSecond.Result() // Exec succeeded, so it has no error
	d, _ := perDay.Result()
	fmt.Println(s.Allowed && d.Allowed, s.Remaining, d.Remaining)
	// Output: true 4 999
}

func ExampleFuture() {
	limiter, _ := ratelimit.New(rdb, ratelimit.FixedWindow(5, time.Second), ratelimit.WithPrefix("future"))
	var decisions []*ratelimit.Future
	b := rdb.Pipeline()
	for _, user := range []string{"ada", "grace"} {
		decisions = append(decisions, limiter.Queue(b, user))
	}
	fmt.Println(b.Exec(ctx))
	for _, f := range decisions {
		d, err := f.Result()
		fmt.Println(d.Allowed, err)
	}
	// Output:
	// <nil>
	// true <nil>
	// true <nil>
}

func ExampleFuture_Result() {
	limiter, _ := ratelimit.New(rdb, ratelimit.FixedWindow(5, time.Second), ratelimit.WithPrefix("future"))
	_, err := limiter.Queue(rdb.Pipeline(), "ada").Result()
	fmt.Println(err)
	// Output: redis: EVALSHA: not executed: call Exec of its batch first
}

func ExampleLimiter_Remaining() {
	limiter, _ := ratelimit.New(rdb, ratelimit.TokenBucket(1, time.Second, 10), ratelimit.WithPrefix("left"), ratelimit.WithClock(still))
	limiter.Limit(ctx, "user:42")
	d, err := limiter.Remaining(ctx, "user:42")
	fmt.Println(d.Remaining, err)
	// Output: 9 <nil>
}

func ExampleLimiter_Reset() {
	limiter, _ := ratelimit.New(rdb, ratelimit.GCRA(1, time.Hour, 1), ratelimit.WithPrefix("logins"))
	limiter.Limit(ctx, "192.0.2.1")
	fmt.Println(limiter.Reset(ctx, "192.0.2.1")) // the login succeeded
	d, err := limiter.Limit(ctx, "192.0.2.1")
	fmt.Println(d.Allowed, err)
	// Output:
	// <nil>
	// true <nil>
}

func ExampleLimiter_Wait() {
	limiter, _ := ratelimit.New(rdb, ratelimit.GCRA(1000, time.Second, 1), ratelimit.WithPrefix("pages"))
	for range 3 {
		if err := limiter.Wait(ctx, "crawler"); err != nil {
			log.Fatal(err)
		}
		fmt.Println("fetch a page")
	}
	// Output:
	// fetch a page
	// fetch a page
	// fetch a page
}

func ExampleErrNever() {
	limiter, _ := ratelimit.New(rdb, ratelimit.GCRA(10, time.Second, 5), ratelimit.WithPrefix("never"))
	fmt.Println(limiter.Wait(ctx, "user:42", ratelimit.WithCost(6)))
	// Output: ratelimit: the call costs more than the limit
}

func ExampleLimiter_SetLimit() {
	limiter, _ := ratelimit.New(rdb, ratelimit.FixedWindow(100, time.Minute), ratelimit.WithPrefix("api"), ratelimit.WithDynamicLimit(true), ratelimit.WithClock(still))
	fmt.Println(limiter.SetLimit(ctx, 10)) // the database is busy
	d, err := limiter.Limit(ctx, "user:42")
	fmt.Println(d.Limit, d.Remaining, err)
	// Output:
	// <nil>
	// 10 9 <nil>
}

func ExampleLimiter_ResetLimit() {
	limiter, _ := ratelimit.New(rdb, ratelimit.FixedWindow(100, time.Minute), ratelimit.WithPrefix("site"), ratelimit.WithDynamicLimit(true))
	limiter.SetLimit(ctx, 0)
	fmt.Println(limiter.ResetLimit(ctx))
	d, err := limiter.Limit(ctx, "user:42")
	fmt.Println(d.Limit, err)
	// Output:
	// <nil>
	// 100 <nil>
}

func ExampleLimiter_Middleware() {
	limiter, _ := ratelimit.New(rdb, ratelimit.FixedWindow(1, time.Minute), ratelimit.WithPrefix("web"), ratelimit.WithClock(still))
	user := func(r *http.Request) string { return "user:42" } // who has logged in
	hello := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { fmt.Fprint(w, "hello") })
	handler := limiter.Middleware(user)(hello)
	for range 2 {
		w := httptest.NewRecorder()
		handler.ServeHTTP(w, httptest.NewRequest("GET", "/", nil))
		fmt.Printf("%d %s %s %q\n", w.Code, w.Header().Get("RateLimit-Policy"), w.Header().Get("RateLimit"), w.Header().Get("Retry-After"))
	}
	// Output:
	// 200 "web";q=1;w=60 "web";r=0;t=60 ""
	// 429 "web";q=1;w=60 "web";r=0;t=60 "60"
}

func ExampleDecision() {
	limiter, _ := ratelimit.New(rdb, ratelimit.FixedWindow(1, time.Minute), ratelimit.WithPrefix("decision"), ratelimit.WithClock(still))
	limiter.Limit(ctx, "user:42")
	d, _ := limiter.Limit(ctx, "user:42")
	fmt.Println(d.Allowed, d.Limit, d.Remaining, d.Reset.UTC().Format(time.TimeOnly), d.RetryAfter, d.Reason)
	// Output: false 1 0 12:01:00 1m0s
}

// A mute Redis does not answer.
type mute struct{}

func (mute) Do(ctx context.Context, _ ...any) (redis.Reply, error) {
	<-ctx.Done()
	return redis.Reply{}, ctx.Err()
}

func ExampleReason() {
	limiter, _ := ratelimit.New(mute{}, ratelimit.FixedWindow(1, time.Minute), ratelimit.WithTimeout(time.Millisecond))
	d, err := limiter.Limit(ctx, "user:42")
	fmt.Println(d.Allowed, d.Reason, err)
	// Output: true timeout <nil>
}

func ExampleTimeout() {
	limiter, _ := ratelimit.New(mute{}, ratelimit.FixedWindow(1, time.Minute), ratelimit.WithTimeout(time.Millisecond))
	if d, err := limiter.Limit(ctx, "user:42"); err == nil && d.Reason == ratelimit.Timeout {
		fmt.Println("Redis does not answer")
	}
	// Output: Redis does not answer
}

func ExampleCached() {
	limiter, _ := ratelimit.New(rdb, ratelimit.FixedWindow(1, time.Hour), ratelimit.WithPrefix("cached"), ratelimit.WithCache(1000))
	for range 3 {
		d, _ := limiter.Limit(ctx, "user:42")
		fmt.Println(d.Allowed, d.Reason == ratelimit.Cached)
	}
	// Output:
	// true false
	// false false
	// false true
}

func ExampleOption() {
	options := []ratelimit.Option{ratelimit.WithPrefix("options"), ratelimit.WithTimeout(time.Second)}
	_, err := ratelimit.New(rdb, ratelimit.FixedWindow(1, time.Hour), options...)
	fmt.Println(err)
	// Output: <nil>
}

func ExampleWithPrefix() {
	limiter, _ := ratelimit.New(rdb, ratelimit.GCRA(1, time.Hour, 1), ratelimit.WithPrefix("shop"))
	limiter.Limit(ctx, "user:42")
	fmt.Println(redis.Cmd[bool]("EXISTS", "{shop:user:42}").Do(ctx, rdb))
	// Output: true <nil>
}

func ExampleWithTimeout() {
	limiter, _ := ratelimit.New(mute{}, ratelimit.GCRA(1, time.Hour, 1), ratelimit.WithTimeout(10*time.Millisecond))
	d, err := limiter.Limit(ctx, "user:42")
	fmt.Println(d.Allowed, err)
	// Output: true <nil>
}

func ExampleWithFailClosed() {
	limiter, _ := ratelimit.New(mute{}, ratelimit.GCRA(1, time.Hour, 1), ratelimit.WithTimeout(time.Millisecond), ratelimit.WithFailClosed(true))
	d, err := limiter.Limit(ctx, "user:42")
	fmt.Println(d.Allowed, d.Reason, err)
	// Output: false timeout <nil>
}

func ExampleWithCache() {
	limiter, _ := ratelimit.New(rdb, ratelimit.GCRA(1, time.Hour, 1), ratelimit.WithPrefix("cache"), ratelimit.WithCache(1000))
	for range 3 {
		d, _ := limiter.Limit(ctx, "user:42")
		fmt.Printf("%t %q\n", d.Allowed, d.Reason)
	}
	// Output:
	// true ""
	// false ""
	// false "cacheBlock"
}

func ExampleWithDynamicLimit() {
	limiter, _ := ratelimit.New(rdb, ratelimit.FixedWindow(5, time.Hour), ratelimit.WithPrefix("dynamic"))
	fmt.Println(limiter.SetLimit(ctx, 10))
	// Output: ratelimit: the limit cannot change without WithDynamicLimit
}

func ExampleWithUpstashKeys() {
	limiter, _ := ratelimit.New(rdb, ratelimit.TokenBucket(1, time.Second, 5), ratelimit.WithUpstashKeys(true))
	limiter.Limit(ctx, "user:42")
	fmt.Println(redis.Cmd[bool]("EXISTS", "@upstash/ratelimit:user:42").Do(ctx, rdb))
	// Output: true <nil>
}

func ExampleWithClock() {
	now := still()
	limiter, _ := ratelimit.New(rdb, ratelimit.FixedWindow(1, time.Minute), ratelimit.WithPrefix("clock"), ratelimit.WithClock(func() time.Time { return now }))
	limiter.Limit(ctx, "user:42")
	now = now.Add(time.Minute) // in a test
	d, err := limiter.Limit(ctx, "user:42")
	fmt.Println(d.Allowed, err)
	// Output: true <nil>
}

func ExampleCallOption() {
	limiter, _ := ratelimit.New(rdb, ratelimit.FixedWindow(10, time.Hour), ratelimit.WithPrefix("call"))
	var opts []ratelimit.CallOption
	if large := true; large {
		opts = append(opts, ratelimit.WithCost(5))
	}
	d, err := limiter.Limit(ctx, "user:42", opts...)
	fmt.Println(d.Remaining, err)
	// Output: 5 <nil>
}

func ExampleWithCost() {
	limiter, _ := ratelimit.New(rdb, ratelimit.FixedWindow(10, time.Hour), ratelimit.WithPrefix("cost"), ratelimit.WithClock(still))
	limiter.Limit(ctx, "user:42", ratelimit.WithCost(4))
	d, err := limiter.Limit(ctx, "user:42", ratelimit.WithCost(-1)) // give one back
	fmt.Println(d.Remaining, err)
	// Output: 7 <nil>
}
