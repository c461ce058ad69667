// Package command has typed constructors for 211 Redis commands. A constructor returns
// a [redis.Command]. Its method Do runs the command alone; its method Queue adds it to a
// pipeline or transaction.
//
//	ok, err := command.Set("user:456:name", "Ada", command.EX(time.Hour), command.NX()).Do(ctx, rdb)
//	name := command.Get[string]("user:456:name").Queue(batch)
//
// A constructor has the name of its command and takes the arguments in the order of the
// command. Use [redis.Cmd] for commands and arguments that have no constructor.
//
// # Types
//
// A constructor has a type parameter T if its reply holds values that the program stored.
// The caller chooses T: Get[string], Get[*string], Get[User], LRange[int64]. See
// [redis.Decode] for the types that T can be. Values to store can have any type that
// [redis.Redis.Do] takes. All other results have a fixed type: keys, fields of hashes and
// members of sets are strings, counts are int64, replies of 1 and 0 are bool,
// and scores are float64.
//
// # Null
//
// Redis replies with null if, for example, a key does not exist. What null becomes
// depends on the type of the result:
//
//   - nil for a pointer, slice, map or any;
//   - false for a bool;
//   - the error [redis.ErrNil] for all other types.
//
// The same is true of each element of a list. A zero value never stands for something
// that is missing: if one key of MGet[int] does not exist, the error is a
// [redis.DecodeError] with its index, and errors.Is finds ErrNil in it. MGet[*int] has nil
// there. HGETALL of a key that does not exist counts as null.
//
// # Values that a command removes
//
// Some commands take values away, such as LPop, GetDel and SPop. If such a value does not
// fit T, nothing is lost: the method Reply of the [redis.DecodeError] returns the reply.
// In a list of stream entries, the field Err of an [Entry] says why its values do not fit;
// the other entries are not affected.
//
// # Time
//
// Durations are [time.Duration] and times are [time.Time]. The smallest unit of Redis is
// the millisecond: smaller parts are dropped, and a positive duration of less than one
// millisecond is refused. Some commands and options have a form in seconds and a form in
// milliseconds, such as EX and PX, or EXPIRE and PEXPIRE. The form in seconds is sent if
// the value is a whole number of seconds. The time to live of a key that does not expire
// is [Forever].
//
// # Options
//
// Options are values: [EX], [NX], [Match]. The comment of a constructor lists its
// options. An option that the command does not have does not compile, and the compiler
// lists the right ones:
//
//	command.comparison does not implement command.SetOption
//	(missing method needsOneOf_EX_EXAT_IfDigest_IfEqual_IfNotDigest_IfNotEqual_KeepTTL_NX_XX)
//
// The command is refused if two options exclude each other, if a required option is
// missing, or if an option is nil. The error is returned by Do or by the batch, and nothing
// is sent. The error names the command and the options. It never quotes an argument.
//
// # JSON
//
// The commands of RedisJSON take a path, which selects values in a document. A path that
// begins with $ is a JSONPath and can match any number of values: "$" is the whole
// document, "$.tags[0]" an element, "$..price" every price. The result is then a list with
// one element for each match. An element is nil if the command does not work on a value of
// that type. So JSONGet[[]User] with the path "$" returns a list of one element.
//
// Any other path (".", ".name") has the syntax of RedisJSON 1 and matches exactly one
// value. A result that is a list then has one element. JSONGet[User] without a path returns
// the document itself.
//
// Values are sent as encoding/json encodes them: "x" becomes a JSON string. A
// json.RawMessage is JSON text already and is sent as it is.
//
// # Delivery
//
// A command that only reads is retried if the client cannot know whether it ran. Any other
// command is retried in that case only if the caller allows it with
// [redis.Command.Idempotent].
//
// # Related functions of package redis
//
// [redis.Eval], [redis.Fcall], [redis.Redis.ScriptLoad] and similar functions of package
// redis run a command at once. The constructors of the same names make the same commands.
// Use [redis.Script] for a script that runs often.
//
// SUBSCRIBE, PSUBSCRIBE and MONITOR have more than one reply: see
// [redis.Redis.Subscribe], [redis.Redis.PSubscribe] and [redis.Redis.Monitor].
package command

//go:generate go run ./gen
