// Package redis is a client for Redis over HTTP, in the style of Upstash's REST
// API, with Lua scripting at its heart. It is for serverless functions and
// whatever else cannot keep TCP connections.
//
// A client is made of the environment, or of a URL and a token:
//
//	rdb, err := redis.FromEnv()
//
// # Scripts
//
// [Eval] runs a Lua script and decodes what it returns into the type asked for. A
// [Script] is one that is run often: it sends the digest, and the source only
// where the server does not hold it.
//
//	n, err := redis.Eval[int64](ctx, rdb, src, []string{"counter"}, 100)
//
//	var limit = redis.NewScript[bool](src)
//	ok, err := limit.Run(ctx, rdb, []string{"ratelimit:user:456"}, 10, 60)
//
// # Commands
//
// [Cmd] makes any command there is, as a value that knows what its reply becomes:
//
//	name, err := redis.Cmd[string]("GET", "user:456:name").Do(ctx, rdb)
//
// Package command has a constructor for each of Redis' commands, with options and
// results of their own types:
//
//	ok, err := command.Set("user:456:name", "Ada", command.EX(time.Hour), command.NX()).Do(ctx, rdb)
//
// # Batches
//
// [Redis.Pipeline] and [Redis.Multi] send many commands in one request, scripts
// among them; each has a [Future]. [WithAutoPipelining] does so by itself for
// goroutines that call at the same time.
//
//	b := rdb.Pipeline()
//	allowed := limit.Cmd([]string{"ratelimit:user:456"}, 10, 60).Queue(b)
//	name := redis.Cmd[string]("GET", "user:456:name").Queue(b)
//	err := b.Exec(ctx)
//
// # Functions, subscriptions
//
// [Fcall] calls a function of a library that [Redis.FunctionLoad] loaded.
// [Redis.Subscribe], [Redis.PSubscribe] and [Redis.Monitor] open a [Stream].
//
// # Replies and null
//
// [Decode] lists what each Go type takes. Integers are exact or an error, strings
// are the bytes that Redis holds, and null is nil where the type can hold it,
// false for a bool, and [ErrNil] for the rest.
//
// # Errors
//
// What the server answered is an [*Error], and [Code] gives its first word:
// WRONGTYPE, or what a script said in {err = "insufficient_stock"}. An answer
// that is not Redis' is an [*HTTPError], a reply that does not fit its type a
// [*DecodeError], a wrong configuration a [*ConfigError]. A deadline or cancellation
// is context's own error, always. No error holds the token or an argument.
//
// # Delivery
//
// No command runs twice unless it may. [RetryPolicy] says what is sent again: what
// never left or was refused unexecuted, what only reads, and what may run twice by
// [Command.Idempotent] or [Idempotent]. [Script.RunOnce] has the effect of a script
// once for an id, so that it may be sent again too. Otherwise the error is
// [ErrOutcomeUnknown]. [WithHook] sees each request.
//
//	status, err := buy.RunOnce(ctx, rdb, "order:42", []string{"stock", "balance"}, 2, 30)
//
// # Testing
//
// Package redistest gives a test a Redis of its own behind the same protocol.
package redis
