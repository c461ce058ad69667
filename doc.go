// Package redis is a client for Redis over HTTP, in the style of Upstash's REST
// API, with Lua scripting at its heart. It is for serverless functions and
// whatever else cannot keep TCP connections. Every name here has an example that
// runs.
//
// A client is made of the environment ([FromEnv]: UPSTASH_REDIS_REST_URL and
// UPSTASH_REDIS_REST_TOKEN) or of a URL and a token ([New]). It is safe for
// concurrent use, and one for a program is enough:
//
//	rdb, err := redis.FromEnv()
//
// # The idea
//
// A command is a value that knows what its reply becomes. [Cmd] makes any command
// there is; it is run by [Command.Do], now, or queued in a batch by
// [Command.Queue]:
//
//	user, err := redis.Cmd[map[string]string]("HGETALL", "user:1").Do(ctx, rdb)
//
// Package command has a constructor for each of Redis' commands, with options and
// results of their own types:
//
//	ok, err := command.Set("user:456:lock", "me", command.EX(time.Minute), command.NX()).Do(ctx, rdb)
//
// A script is such a command too. So what is said below of replies, errors, batches
// and delivery is true of both.
//
// # Five scripts
//
// [Eval] runs a Lua script with its KEYS and ARGV. Those that follow are the files
// of examples/quickstart.
//
// Increment below a limit returns null, an integer or a string, and one type takes
// them all:
//
//	n, err := redis.Eval[*int64](ctx, rdb, increment, []string{"counter"}, limit)
//
// The rate limiter returns 1 or 0, which is a bool:
//
//	ok, err := redis.Eval[bool](ctx, rdb, rateLimit, []string{"ratelimit:user:123"}, 10, 60)
//
// The purchase returns an error of its own, {err = "insufficient_stock"}, and
// [Code] tells it from others:
//
//	status, err := redis.Eval[string](ctx, rdb, purchase, []string{"stock", "balance"}, quantity, 30)
//
// A script that is run often is a [Script], a package variable for instance. It
// sends its digest, and its source only where the server does not hold it. For
// those who keep digests themselves there are [Redis.ScriptLoad] and [EvalSha].
//
//	limit := redis.NewScript[bool](rateLimit)
//
//	ok, err := limit.Run(ctx, rdb, []string{"ratelimit:user:789"}, 10, 60)
//
// Set if higher, the same way:
//
//	highest := redis.NewScript[int](setIfHigher)
//
//	kept, err := highest.Run(ctx, rdb, []string{"score"}, score)
//
// What becomes of each kind of Lua value stands in docs/scripts.md. A script that
// only reads says so ([ReadOnly]), and so does one that may run twice
// ([Idempotent]). A library of functions that the server keeps is loaded by
// [Redis.FunctionLoad] and called by [Fcall].
//
// # Replies and null
//
// [Decode] lists what each type takes. Integers are exact or an error, strings are
// the bytes that Redis holds, and a struct takes HGETALL by its tags, or JSON text
// that a script made:
//
//	u, err := redis.Cmd[User]("HGETALL", "user:1").Do(ctx, rdb)
//
// Null is nil where a type can hold it (a pointer, slice, map or any), false for a
// bool, and [ErrNil] for every other type, so that nothing stands for what is not
// there:
//
//	name, err := redis.Cmd[*string]("GET", "user:none:name").Do(ctx, rdb)
//
// # Errors
//
// What the server or a script answered is an [*Error]. [Code] is its first word,
// and where it was raised in a script its text shows the line:
//
//	redis: EVALSHA: limit.lua:2: ERR attempt to index local 'limit' (a string value) | return limit.count
//
// An answer that is not Redis' is an [*HTTPError], a reply that does not fit its
// type a [*DecodeError] that names the place, and a configuration that is wrong a
// [*ConfigError] that names everything that is. A deadline is
// [context.DeadlineExceeded] and a cancellation [context.Canceled], always. No
// error shows the token or the arguments of a command.
//
// # Batches
//
// [Redis.Pipeline] sends many commands in one request, [Redis.Multi] runs them as a
// transaction. Scripts are members like any other, and no member depends on what
// the server remembers. Each has a [Future], whatever became of the others:
//
//	b := rdb.Pipeline()
//	redis.Cmd[string]("SET", "user:456:name", "Ada").Queue(b)
//	allowed := limit.Cmd([]string{"ratelimit:user:456"}, 10, 60).Queue(b)
//	name := redis.Cmd[string]("GET", "user:456:name").Queue(b)
//	if err := b.Exec(ctx); err != nil {
//		log.Fatal(err)
//	}
//
// [WithAutoPipelining] has goroutines that call at the same time share a request.
//
// # Delivery
//
// No command runs twice unless it may. What never left, or was refused unexecuted,
// is sent again, and so is what only reads ([RetryPolicy]). For anything else that
// failed on its way the error is [ErrOutcomeUnknown]: it may have run.
//
// [Script.RunOnce] makes any script one that may be sent again: it has its effect
// once for an id, and every call with that id returns what the first one did.
//
//	status, err := buy.RunOnce(ctx, rdb, "order:42", []string{"stock", "balance"}, 2, 30)
//
// A command of which you know that it may run twice says so by
// [Command.Idempotent]. [WithHook] sees each request, for logs, metrics and spans.
//
// # Subscriptions
//
// [Redis.Subscribe], [Redis.PSubscribe] and [Redis.Monitor] open a [Stream] that
// lasts as long as its context.
//
// # Testing
//
// Package redistest gives a test a Redis of its own behind the same protocol, with
// nothing to install; the command redis-rest serve is the same for other programs.
//
//	rdb := redistest.New(t)
//
// Code under test may take a [Doer], which is easy to fake.
//
// docs/edge.md says what is different in a browser and on WASI;
// docs/from-upstash-redis.md and docs/from-go-redis.md are for those who know
// another client.
package redis
