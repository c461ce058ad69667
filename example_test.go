package redis_test

import (
	"context"
	"embed"
	"encoding/json"
	"errors"
	"fmt"
	"log"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"time"

	redis "github.com/redis-rest/redis-rest-go"
)

// The scripts of the quickstart.
//
//go:embed examples/quickstart/*.lua
var luaFiles embed.FS

func lua(name string) string {
	source, err := luaFiles.ReadFile("examples/quickstart/" + name)
	if err != nil {
		panic(err)
	}
	return string(source)
}

var (
	increment   = lua("increment.lua")
	rateLimit   = lua("ratelimit.lua")
	purchase    = lua("purchase.lua")
	setIfHigher = lua("set_if_higher.lua")
)

// In the examples, ctx and rdb are a context and a client that FromEnv made.
var ctx = context.Background()

// client makes a client from the environment and deletes the keys that an example uses.
func client(keys ...string) *redis.Redis {
	rdb, err := redis.FromEnv()
	if err != nil {
		log.Fatal(err)
	}
	for _, key := range keys {
		if _, err := rdb.Do(ctx, "DEL", key); err != nil {
			log.Fatal(err)
		}
	}
	return rdb
}

func ExampleFromEnv() {
	// UPSTASH_REDIS_REST_URL=https://… UPSTASH_REDIS_REST_TOKEN=…
	rdb, err := redis.FromEnv()
	if err != nil {
		log.Fatal(err)
	}
	pong, err := redis.Cmd[string]("PING").Do(context.Background(), rdb)
	fmt.Println(pong, err)
	// Output: PONG <nil>
}

func ExampleNew() {
	rdb, err := redis.New("https://example.upstash.io", "token", redis.WithTimeout(2*time.Second))
	fmt.Println(rdb, err)

	_, err = redis.New("redis://example.upstash.io:6379", "")
	fmt.Println(err)
	// Output:
	// redis.Redis(example.upstash.io) <nil>
	// redis: configuration: url is an address for TCP clients; use the REST URL that the console shows as UPSTASH_REDIS_REST_URL, which starts with https://; token is not set
}

// Increment a counter up to a limit.
func ExampleEval() {
	rdb := client("counter")
	n, err := redis.Eval[int](ctx, rdb, increment, []string{"counter"}, 10)
	fmt.Println(n, err) // prints 1 <nil>
	// Output: 1 <nil>
}

// This script returns null, an integer or a string. One type can hold all three.
func ExampleEval_null() {
	rdb := client("counter")
	for _, limit := range []int{0, 1, 1} {
		n, err := redis.Eval[*int64](ctx, rdb, increment, []string{"counter"}, limit)
		if err != nil {
			log.Fatal(err)
		}
		if n == nil {
			fmt.Println("nothing yet")
		} else {
			fmt.Println(*n)
		}
	}
	// Output:
	// nothing yet
	// 1
	// 1
}

// A fixed-window rate limiter allows 10 calls in a minute. The example makes 12.
func ExampleEval_structs() {
	type Taken struct {
		Left int64  `redis:"0"`
		By   string `redis:"1"`
	}
	type User struct {
		Name  string `redis:"name"`
		Level int    `redis:"level"`
	}
	type Report struct {
		Mean  float64  `json:"mean"`
		Names []string `json:"names"`
	}
	rdb := client("seats", "user:1")
	rdb.Do(ctx, "SET", "seats", 3)
	rdb.Do(ctx, "HSET", "user:1", "name", "Ada", "level", 7)

	taken, err := redis.Eval[Taken](ctx, rdb, "return {redis.call('DECR', KEYS[1]), ARGV[1]}", []string{"seats"}, "Ada")
	fmt.Println(taken, err)
	user, err := redis.Eval[User](ctx, rdb, "return redis.call('HGETALL', KEYS[1])", []string{"user:1"})
	fmt.Println(user, err)
	report, err := redis.Eval[Report](ctx, rdb, "return cjson.encode({mean = 2.5, names = {'Ada', 'Bob'}})", nil)
	fmt.Println(report, err)
	// Output:
	// {2 Ada} <nil>
	// {Ada 7} <nil>
	// {2.5 [Ada Bob]} <nil>
}

func ExampleEval_rateLimiter() {
	rdb := client("ratelimit:user:123")
	allowed := 0
	for range 12 {
		ok, err := redis.Eval[bool](ctx, rdb, rateLimit, []string{"ratelimit:user:123"}, 10, 60)
		if err != nil {
			log.Fatal(err)
		}
		if ok {
			allowed++
		}
	}
	fmt.Println(allowed, "allowed")
	// Output: 10 allowed
}

// The script of this purchase returns {err = "insufficient_stock"},
// {err = "insufficient_balance"} or {ok = "success"}.
func ExampleCode() {
	rdb := client("stock", "balance")
	if _, err := redis.Cmd[string]("MSET", "stock", 5, "balance", 100).Do(ctx, rdb); err != nil {
		log.Fatal(err)
	}
	for _, quantity := range []int{2, 9, 3} {
		status, err := redis.Eval[string](ctx, rdb, purchase, []string{"stock", "balance"}, quantity, 30)
		switch redis.Code(err) {
		case "insufficient_stock":
			fmt.Println("sold out")
		case "insufficient_balance":
			fmt.Println("too expensive")
		default:
			fmt.Println(status, err)
		}
	}
	// Output:
	// success <nil>
	// sold out
	// too expensive
}

// Run the rate limiter by its digest.
func ExampleEvalSha() {
	rdb := client("ratelimit:user:456")
	sha, err := rdb.ScriptLoad(ctx, rateLimit)
	if err != nil {
		log.Fatal(err)
	}
	ok, err := redis.EvalSha[bool](ctx, rdb, sha, []string{"ratelimit:user:456"}, 10, 60)
	fmt.Println(ok, err)
	// Output: true <nil>
}

// A Script is usually a package variable. It runs whether or not the server has it.
func ExampleScript() {
	limit := redis.NewScript[bool](rateLimit)

	rdb := client("ratelimit:user:789")
	if err := rdb.ScriptFlush(ctx); err != nil {
		log.Fatal(err)
	}
	ok, err := limit.Run(ctx, rdb, []string{"ratelimit:user:789"}, 10, 60)
	fmt.Println(ok, err)
	// Output: true <nil>
}

// Set a score if it is higher. The script returns 1 if it set the score, and 0 if not.
func ExampleScript_Run() {
	highest := redis.NewScript[int](setIfHigher)

	rdb := client("score")
	for _, score := range []int{300, 200, 400} {
		kept, err := highest.Run(ctx, rdb, []string{"score"}, score)
		if err != nil {
			log.Fatal(err)
		}
		fmt.Println(score, kept)
	}
	// Output:
	// 300 1
	// 200 0
	// 400 1
}

func ExampleNewScript() {
	greet := redis.NewScript[string]("return 'hello, ' .. ARGV[1]")
	s, err := greet.Run(ctx, client(), nil, "Ada")
	fmt.Println(s, err)
	// Output: hello, Ada <nil>
}

func ExampleScript_Load() {
	limit := redis.NewScript[bool](rateLimit)
	fmt.Println(limit.Load(ctx, client())) // after this the first Run sends only the digest
	// Output: <nil>
}

func ExampleScript_SHA() {
	fmt.Println(redis.NewScript[int]("return 1").SHA())
	// Output: e0e1f9fabfc9d4800c877a703b823ac0578ff8db
}

func ExampleScriptOption() {
	get := redis.NewScript[string]("return redis.call('GET', KEYS[1])", redis.ReadOnly())
	_, err := get.Run(ctx, client("missing"), []string{"missing"})
	fmt.Println(errors.Is(err, redis.ErrNil))
	// Output: true
}

func ExampleReadOnly() {
	set := redis.NewScript[string]("return redis.call('SET', KEYS[1], 'x')", redis.ReadOnly())
	_, err := set.Run(ctx, client(), []string{"k"})
	fmt.Println(err != nil)
	// Output: true
}

func ExampleEvalRO() {
	n, err := redis.EvalRO[int](ctx, client(), "return redis.call('EXISTS', KEYS[1])", []string{"missing"})
	fmt.Println(n, err)
	// Output: 0 <nil>
}

func ExampleEvalShaRO() {
	rdb := client()
	sha, err := rdb.ScriptLoad(ctx, "return ARGV[1]")
	if err != nil {
		log.Fatal(err)
	}
	s, err := redis.EvalShaRO[string](ctx, rdb, sha, nil, "x")
	fmt.Println(s, err)
	// Output: x <nil>
}

func ExampleRedis_ScriptLoad() {
	sha, err := client().ScriptLoad(ctx, "return 1")
	fmt.Println(sha, err)
	// Output: e0e1f9fabfc9d4800c877a703b823ac0578ff8db <nil>
}

func ExampleRedis_ScriptExists() {
	rdb := client()
	sha, err := rdb.ScriptLoad(ctx, "return 1")
	if err != nil {
		log.Fatal(err)
	}
	have, err := rdb.ScriptExists(ctx, sha, strings.Repeat("0", 40))
	fmt.Println(have, err)
	// Output: [true false] <nil>
}

func ExampleRedis_ScriptFlush() {
	fmt.Println(client().ScriptFlush(ctx))
	// Output: <nil>
}

func ExampleCmd() {
	rdb := client("user:1")
	if _, err := redis.Cmd[int]("HSET", "user:1", "name", "Ada", "age", 36).Do(ctx, rdb); err != nil {
		log.Fatal(err)
	}
	type User struct {
		Name string `redis:"name"`
		Age  int    `redis:"age"`
	}
	u, err := redis.Cmd[User]("HGETALL", "user:1").Do(ctx, rdb)
	fmt.Println(u, err)
	// Output: {Ada 36} <nil>
}

// A command is a value that can be stored and run many times. It prints as its name only,
// because its arguments may be secret.
func ExampleCommand() {
	incr := redis.Cmd[int64]("INCR", "hits")
	fmt.Println(incr)
	rdb := client("hits")
	for range 2 {
		fmt.Println(incr.Do(ctx, rdb))
	}
	// Output:
	// INCR
	// 1 <nil>
	// 2 <nil>
}

func ExampleCommand_Do() {
	_, err := redis.Cmd[string]("GET", "missing").Do(ctx, client("missing"))
	fmt.Println(errors.Is(err, redis.ErrNil))
	v, err := redis.Cmd[*string]("GET", "missing").Do(ctx, client())
	fmt.Println(v, err)
	// Output:
	// true
	// <nil> <nil>
}

func ExampleCommand_String() {
	fmt.Println(redis.Cmd[string]("set", "k", "secret").String())
	// Output: SET
}

func ExampleRedis() {
	rdb := client() // one client for the whole program
	fmt.Println(redis.Cmd[string]("ECHO", "hello").Do(ctx, rdb))
	// Output: hello <nil>
}

func ExampleRedis_Do() {
	reply, err := client("list").Do(ctx, "RPUSH", "list", "a", 2, 3.5, true)
	fmt.Println(reply, err)
	// Output: 4 <nil>
}

func ExampleRedis_String() {
	rdb, _ := redis.New("https://example.upstash.io", "token")
	fmt.Println(rdb.String())
	fmt.Printf("%+v\n", rdb)
	// Output:
	// redis.Redis(example.upstash.io)
	// redis.Redis(example.upstash.io)
}

func ExampleRedis_Format() {
	rdb, _ := redis.New("https://example.upstash.io", "token")
	fmt.Printf("%#v\n", rdb)
	// Output: redis.Redis(example.upstash.io)
}

func ExampleRedis_LogValue() {
	rdb, _ := redis.New("https://example.upstash.io", "token")
	log := slog.New(slog.NewTextHandler(os.Stdout, &slog.HandlerOptions{ReplaceAttr: func(_ []string, a slog.Attr) slog.Attr {
		if a.Key == slog.TimeKey {
			return slog.Attr{}
		}
		return a
	}}))
	log.Info("connected", "to", rdb)
	// Output: level=INFO msg=connected to=redis.Redis(example.upstash.io)
}

func ExampleCommand_Format() {
	fmt.Printf("%+v\n", redis.Cmd[string]("SET", "k", "secret"))
	// Output: SET
}

func ExampleDecode() {
	reply, err := client("n").Do(ctx, "INCR", "n")
	if err != nil {
		log.Fatal(err)
	}
	n, err := redis.Decode[int8](reply)
	fmt.Println(n, err)
	_, err = redis.Decode[[]string](reply)
	fmt.Println(err)
	// Output:
	// 1 <nil>
	// redis: want []string, got integer
}

// A result of type Reply can be decoded later.
func ExampleReply() {
	parts, err := redis.Eval[[]redis.Reply](ctx, client(), "return {1, 'two', {3}}", nil)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(parts[0], parts[1], parts[2])
	// Output: 1 "two" [3]
}

func ExampleReply_IsNull() {
	reply, err := client("missing").Do(ctx, "GET", "missing")
	fmt.Println(reply.IsNull(), err)
	// Output: true <nil>
}

func ExampleReply_String() {
	reply, err := redis.ParseReply(`[1, "a", null]`)
	fmt.Println(reply.String(), err)
	// Output: [1,"a",null] <nil>
}

func ExampleReply_UnmarshalReply() {
	from, _ := redis.ParseReply(`1`)
	var to redis.Reply
	fmt.Println(to.UnmarshalReply(from), to)
	// Output: <nil> 1
}

func ExampleParseReply() {
	reply, err := redis.ParseReply(`["a","1","b","2"]`)
	if err != nil {
		log.Fatal(err)
	}
	m, err := redis.Decode[map[string]int](reply)
	fmt.Println(m, err)
	// Output: map[a:1 b:2] <nil>
}

// version is a type that decodes itself.
type version struct{ major, minor int }

func (v *version) UnmarshalReply(r redis.Reply) error {
	text, err := redis.Decode[string](r)
	if err != nil {
		return err
	}
	_, err = fmt.Sscanf(text, "%d.%d", &v.major, &v.minor)
	return err
}

func ExampleReplyUnmarshaler() {
	v, err := redis.Cmd[version]("ECHO", "7.2").Do(ctx, client())
	fmt.Println(v.major, v.minor, err)
	// Output: 7 2 <nil>
}

// fixed is a Doer that answers without a server.
type fixed string

func (f fixed) Do(context.Context, ...any) (redis.Reply, error) { return redis.ParseReply(string(f)) }

func ExampleDoer() {
	ok, err := redis.Eval[bool](ctx, fixed("1"), rateLimit, []string{"k"}, 10, 60)
	fmt.Println(ok, err)
	// Output: true <nil>
}

func ExampleOption() {
	rdb, err := redis.FromEnv(redis.WithTimeout(time.Second), redis.WithMaxReplyBytes(1<<20))
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(redis.Cmd[string]("PING").Do(ctx, rdb))
	// Output: PONG <nil>
}

func ExampleWithHTTPClient() {
	hc := &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: 64}}
	rdb, err := redis.FromEnv(redis.WithHTTPClient(hc))
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(redis.Cmd[string]("PING").Do(ctx, rdb))
	// Output: PONG <nil>
}

func ExampleWithTimeout() {
	rdb, err := redis.FromEnv(redis.WithTimeout(time.Nanosecond))
	if err != nil {
		log.Fatal(err)
	}
	_, err = redis.Cmd[string]("PING").Do(ctx, rdb)
	fmt.Println(errors.Is(err, context.DeadlineExceeded))
	// Output: true
}

func ExampleWithMaxReplyBytes() {
	rdb, err := redis.FromEnv(redis.WithMaxReplyBytes(1000))
	if err != nil {
		log.Fatal(err)
	}
	_, err = redis.Eval[string](ctx, rdb, "return string.rep('x', 5000)", nil)
	fmt.Println(errors.Is(err, redis.ErrReplyTooLarge))
	// Output: true
}

func ExampleWithUserAgent() {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		fmt.Fprintf(w, `{"result":%q}`, r.UserAgent())
	}))
	defer server.Close()
	rdb, err := redis.New(server.URL, "token", redis.WithUserAgent("shop/1.0"))
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(redis.Cmd[string]("PING").Do(ctx, rdb))
	// Output: shop/1.0 <nil>
}

func ExampleWithInsecureHTTP() {
	_, err := redis.New("http://redis.internal", "token")
	fmt.Println(err != nil)
	rdb, err := redis.New("http://redis.internal", "token", redis.WithInsecureHTTP(true))
	fmt.Println(rdb, err)
	// Output:
	// true
	// redis.Redis(redis.internal) <nil>
}

func ExampleWithReadYourWrites() {
	rdb, err := redis.FromEnv(redis.WithReadYourWrites(false))
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(redis.Cmd[string]("PING").Do(ctx, rdb))
	// Output: PONG <nil>
}

// A program can use two databases.
func ExampleWithEnvPrefix() {
	os.Setenv("CACHE_UPSTASH_REDIS_REST_URL", "https://cache.upstash.io")
	os.Setenv("CACHE_UPSTASH_REDIS_REST_TOKEN", "token")
	cache, err := redis.FromEnv(redis.WithEnvPrefix("CACHE_"))
	fmt.Println(cache, err)
	// Output: redis.Redis(cache.upstash.io) <nil>
}

func ExampleError() {
	rdb := client("name")
	if _, err := redis.Cmd[string]("SET", "name", "Ada").Do(ctx, rdb); err != nil {
		log.Fatal(err)
	}
	_, err := redis.Cmd[int]("LPUSH", "name", "x").Do(ctx, rdb)
	if e, ok := errors.AsType[*redis.Error](err); ok {
		fmt.Println(e.Code, e.Command, e.Status)
	}
	// Output: WRONGTYPE LPUSH 400
}

func ExampleHTTPError() {
	proxy := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.WriteHeader(http.StatusBadGateway)
		fmt.Fprint(w, "<html>sorry</html>")
	}))
	defer proxy.Close()
	rdb, err := redis.New(proxy.URL, "token")
	if err != nil {
		log.Fatal(err)
	}
	_, err = redis.Cmd[int]("INCR", "hits").Do(ctx, rdb)
	fmt.Println(err)
	if e, ok := errors.AsType[*redis.HTTPError](err); ok {
		fmt.Println(e.Status, e.BodyText())
	}
	fmt.Println(errors.Is(err, redis.ErrOutcomeUnknown))
	// Output:
	// redis: INCR: not a reply of Redis over REST but HTTP 502 Bad Gateway with a body of type text/html (outcome unknown: the command may have run)
	// 502 <html>sorry</html>
	// true
}

func ExampleDecodeError() {
	_, err := redis.Eval[[]int](ctx, client(), "return {1, 'two'}", nil)
	fmt.Println(err)
	if e, ok := errors.AsType[*redis.DecodeError](err); ok {
		fmt.Println(e.Path)
	}
	// Output:
	// redis: EVAL: [1]: want int, got string that is not a number
	// [1]
}

func ExampleConfigError() {
	_, err := redis.New("https://me:secret@example.upstash.io", "'token'")
	if e, ok := errors.AsType[*redis.ConfigError](err); ok {
		for _, p := range e.Problems {
			fmt.Println(p.Name, p.Reason)
		}
	}
	// Output:
	// url holds a user or password; the token is given separately
	// token has quotes around it
}

func ExampleConfigProblem() {
	_, err := redis.New("https://example.upstash.io", "")
	if p, ok := errors.AsType[redis.ConfigProblem](err); ok {
		fmt.Println(p)
	}
	// Output: redis: configuration: token is not set
}

// The integers that a script returns are exact, whatever their size. So are the integers in
// JSON text that it returns.
func ExampleDecode_json() {
	type Order struct {
		ID    int64 `json:"id"`
		Items []struct {
			Name string `json:"name"`
		} `json:"items"`
	}
	reply, err := redis.ParseReply(`"{\"id\":9007199254740993,\"items\":[{\"name\":\"tea\"}]}"`)
	if err != nil {
		log.Fatal(err)
	}
	order, err := redis.Decode[Order](reply)
	fmt.Println(order, err)
	text, err := redis.Decode[json.RawMessage](reply)
	fmt.Println(string(text), err)
	// Output:
	// {9007199254740993 [{tea}]} <nil>
	// {"id":9007199254740993,"items":[{"name":"tea"}]} <nil>
}

func ExampleDecode_positions() {
	type Pair struct {
		Name  string `redis:"0"`
		Score int    `redis:"1"`
	}
	best, err := redis.Eval[[]Pair](ctx, client(), "return {{'Ada', 310}, {'Bob', 17}}", nil)
	fmt.Println(best, err)
	// Output: [{Ada 310} {Bob 17}] <nil>
}

func ExampleErrNil() {
	_, err := redis.Cmd[int]("GET", "missing").Do(ctx, client("missing"))
	fmt.Println(errors.Is(err, redis.ErrNil))
	// Output: true
}

func ExampleErrNoScript() {
	_, err := redis.EvalSha[int](ctx, client(), strings.Repeat("0", 40), nil)
	fmt.Println(errors.Is(err, redis.ErrNoScript))
	// Output: true
}

func ExampleErrOutcomeUnknown() {
	lost := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }))
	defer lost.Close()
	rdb, err := redis.New(lost.URL, "token")
	if err != nil {
		log.Fatal(err)
	}
	_, err = redis.Cmd[int]("INCR", "hits").Do(ctx, rdb)
	fmt.Println(errors.Is(err, redis.ErrOutcomeUnknown))
	// Output: true
}

func ExampleErrReplyTooLarge() {
	rdb, err := redis.FromEnv(redis.WithMaxReplyBytes(100))
	if err != nil {
		log.Fatal(err)
	}
	_, err = redis.Cmd[string]("ECHO", strings.Repeat("x", 200)).Do(ctx, rdb)
	fmt.Println(errors.Is(err, redis.ErrReplyTooLarge))
	// Output: true
}

// An error that a script raises shows the line.
func ExampleNamed() {
	limit := redis.NewScript[int]("local limit = ARGV[1]\nreturn limit.count", redis.Named("limit.lua"))
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.WriteHeader(http.StatusBadRequest)
		fmt.Fprint(w, `{"error":"ERR user_script:2: attempt to index local 'limit' (a string value) script: 0123, on @user_script:2."}`)
	}))
	defer server.Close()
	rdb, err := redis.New(server.URL, "token")
	if err != nil {
		log.Fatal(err)
	}
	_, err = limit.Run(ctx, rdb, nil, "x")
	fmt.Println(err)
	// Output: redis: EVALSHA: limit.lua:2: ERR attempt to index local 'limit' (a string value) | return limit.count
}

func ExampleWithSyncToken() {
	writer := client("k")
	if _, err := writer.Do(ctx, "SET", "k", "v"); err != nil {
		log.Fatal(err)
	}
	token := writer.SyncToken() // send it to another process

	reader, err := redis.FromEnv(redis.WithSyncToken(token))
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(redis.Cmd[string]("GET", "k").Do(ctx, reader))
	// Output: v <nil>
}

func ExampleRedis_SyncToken() {
	rdb := client()
	fmt.Println(rdb.SyncToken() == "")
	if _, err := rdb.Do(ctx, "PING"); err != nil {
		log.Fatal(err)
	}
	fmt.Println(rdb.SyncToken() == "")
	// Output:
	// true
	// false
}

// The same reply is decoded as different types. A missing value is nil if the type can hold
// nil. JSON text becomes a struct.
func ExampleCommand_types() {
	rdb := client("user:1", "user:none:name", "cart:1")
	redis.Cmd[int]("HSET", "user:1", "name", "Ada", "age", 36).Do(ctx, rdb)
	user, err := redis.Cmd[map[string]string]("HGETALL", "user:1").Do(ctx, rdb)
	fmt.Println(user, err)

	name, err := redis.Cmd[*string]("GET", "user:none:name").Do(ctx, rdb)
	fmt.Println(name, err)

	type Cart struct{ Items []string }
	redis.Cmd[string]("SET", "cart:1", Cart{Items: []string{"book"}}).Do(ctx, rdb)
	cart, err := redis.Cmd[Cart]("GET", "cart:1").Do(ctx, rdb)
	fmt.Println(cart, err)
	// Output:
	// map[age:36 name:Ada] <nil>
	// <nil> <nil>
	// {[book]} <nil>
}

func ExampleDefaultTimeout() {
	fmt.Println(redis.DefaultTimeout)
	// Output: 10s
}

func ExampleDefaultMaxReplyBytes() {
	fmt.Println(redis.DefaultMaxReplyBytes>>20, "MiB")
	// Output: 64 MiB
}

func ExampleDefaultMaxRequestBytes() {
	fmt.Println(redis.DefaultMaxRequestBytes>>20, "MiB")
	// Output: 64 MiB
}

func ExampleDefaultOnceWindow() {
	fmt.Println(redis.DefaultOnceWindow)
	// Output: 10m0s
}

func ExampleCmdWithDecoder() {
	rdb := client("session")
	if _, err := rdb.Do(ctx, "SET", "session", "x", "EXAT", 4102444800); err != nil {
		log.Fatal(err)
	}
	date := func(r redis.Reply) (time.Time, error) {
		n, err := redis.Decode[int64](r)
		return time.Unix(n, 0).UTC(), err
	}
	fmt.Println(redis.CmdWithDecoder(date, "EXPIRETIME", "session").Do(ctx, rdb))
	// Output: 2100-01-01 00:00:00 +0000 UTC <nil>
}

// This constructor refuses arguments that do not make a command.
func ExampleInvalidCmd() {
	popMany := func(key string, n int) redis.Command[[]string] {
		if n < 1 {
			return redis.InvalidCmd[[]string]("LPOP", errors.New("less than one element cannot be popped"))
		}
		return redis.Cmd[[]string]("LPOP", key, n)
	}
	fmt.Println(popMany("queue", 0).Do(ctx, client()))
	// Output: [] redis: LPOP: less than one element cannot be popped
}
