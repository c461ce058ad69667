// Package redis is a client for Redis over HTTP, in the style of Upstash's REST
// API, with Lua scripting at its heart. It is for serverless functions and other
// programs that cannot keep TCP connections. Every name here has a runnable example.
//
// A client is made from the environment ([FromEnv]: UPSTASH_REDIS_REST_URL and
// UPSTASH_REDIS_REST_TOKEN) or from a URL and a token ([New]). It is safe for
// concurrent use; a program needs only one:
//
//	rdb, err := redis.FromEnv()
//
// # The idea
//
// A command is a value that has the type of its reply. [Cmd] makes any command.
// [Command.Do] runs it now, and [Command.Queue] queues it in a batch:
//
//	user, err := redis.Cmd[map[string]string]("HGETALL", "user:1").Do(ctx, rdb)
//
// Package command has constructors for 208 commands, with typed options and results:
//
//	ok, err := command.Set("user:456:lock", "me", command.EX(time.Minute), command.NX()).Do(ctx, rdb)
//
// A script is a command too. What follows about replies, errors, batches and delivery
// is true of both.
//
// # Five scripts
//
// [Eval] runs a Lua script with its KEYS and ARGV. The scripts below are in
// examples/quickstart.
//
// Increment below a limit returns an integer, an integer as a string, or null. An int
// takes the first two, and null is [ErrNil]; a *int takes null as nil:
//
//	n, err := redis.Eval[int](ctx, rdb, increment, []string{"counter"}, 10)
//
// The rate limiter returns 1 or 0, which is a bool:
//
//	ok, err := redis.Eval[bool](ctx, rdb, rateLimit, []string{"ratelimit:user:123"}, 10, 60)
//
// The purchase returns its own error, {err = "insufficient_stock"}, and [Code] returns
// that word:
//
//	status, err := redis.Eval[string](ctx, rdb, purchase, []string{"stock", "balance"}, quantity, 30)
//
// For a script that runs often, make a [Script], for instance as a package variable.
// It sends its digest, and sends its source only if the server does not have it. To
// keep digests yourself, use [Redis.ScriptLoad] and [EvalSha].
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
// docs/scripts.md shows what each kind of Lua value becomes. [ReadOnly] marks a script
// that only reads, and [Idempotent] one that may run twice. command.FunctionLoad loads
// a library of functions, and [Fcall] calls one. Packages ratelimit and lock have scripts
// that are ready to use.
//
// # Replies and null
//
// [Decode] lists what each type takes. Integers are exact or an error, strings are
// the bytes that Redis holds, and a struct takes HGETALL by its tags, or JSON text
// that a script made:
//
//	u, err := redis.Cmd[User]("HGETALL", "user:1").Do(ctx, rdb)
//
// Null is nil if the type can hold it (a pointer, slice, map or any), false for a bool,
// and the error [ErrNil] for every other type. So a missing value is never confused
// with a zero value:
//
//	name, err := redis.Cmd[*string]("GET", "user:none:name").Do(ctx, rdb)
//
// # Errors
//
// An error from the server or from a script is an [*Error]. [Code] returns its first
// word. If it was raised in a script, its text shows the line:
//
//	redis: EVALSHA: limit.lua:2: ERR attempt to index local 'limit' (a string value) | return limit.count
//
// An answer that does not come from Redis is an [*HTTPError]. A reply that does not fit
// its type is a [*DecodeError], which gives the position. A wrong configuration is a
// [*ConfigError], which names everything that is wrong. A deadline is always
// [context.DeadlineExceeded], and a cancellation is always [context.Canceled]. No error
// shows the token or the arguments of a command, unless a script puts them
// into its own error.
//
// # Batches
//
// [Redis.Pipeline] sends many commands in one request; [Redis.Multi] runs them as a
// transaction. Scripts can be members too, and it does not matter whether the server
// has them. Each member has a [Future] with its own result or error:
//
//	b := rdb.Pipeline()
//	redis.Cmd[string]("SET", "user:456:name", "Ada").Queue(b)
//	allowed := limit.Cmd([]string{"ratelimit:user:456"}, 10, 60).Queue(b)
//	name := redis.Cmd[string]("GET", "user:456:name").Queue(b)
//	if err := b.Exec(ctx); err != nil {
//		log.Fatal(err)
//	}
//
// With [WithAutoPipelining], goroutines that call at the same time share a request.
//
// # Delivery
//
// A command is retried only if it cannot have run (it never left, or the server
// refused it), or if running it twice is harmless, as it is for a command that only
// reads ([RetryPolicy]). Otherwise the error is [ErrOutcomeUnknown]: it may have run.
//
// [Script.RunOnce] makes any script safe to retry: it has its effect once for an id,
// and every call with that id returns what the first one returned.
//
//	status, err := buy.RunOnce(ctx, rdb, "order:42", []string{"stock", "balance"}, 2, 30)
//
// [Command.Idempotent] marks a command that may run twice. [WithHook] is called for each
// request, for logs, metrics and spans.
//
// # Subscriptions
//
// [Redis.Subscribe] and [Redis.PSubscribe] open a [Subscription], an iterator over
// messages. [Redis.Monitor] returns an iterator over the commands that the server
// runs. Both last as long as their context.
//
// # Testing
//
// Package redistest gives each test its own Redis behind the same protocol; there is
// nothing to install. The command redis-rest serve does the same for other programs.
//
//	rdb := redistest.New(t)
//
// Code under test can take a [Doer], which is easy to fake.
//
// docs/edge.md describes what is different in a browser and on WASI. If you know
// another client, see docs/from-upstash-redis.md or docs/from-go-redis.md.
package redis
