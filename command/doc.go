// Package command makes the commands of Redis, as values of type
// [redis.Command]: each runs alone by Do, or in a pipeline or transaction by Queue.
//
//	ok, err := command.Set("user:456:name", "Ada", command.EX(time.Hour), command.NX()).Do(ctx, rdb)
//	name := command.Get[string]("user:456:name").Queue(batch)
//
// A constructor has the name of the command and takes its arguments in the
// command's order. What it cannot express is left to [redis.Cmd].
//
// # Types
//
// What a program stores in values is its own affair, so a constructor whose reply
// holds values takes the type as T, and every call says it: Get[string],
// Get[*string], Get[User], LRange[int64]. What T may be is said at [redis.Decode];
// string is the plain case. Values to be stored are of any type that
// [redis.Redis.Do] takes. Everything else has one natural type: names of keys, hash
// fields and members of sets are strings, counts int64, answers of 1 and 0 a bool,
// scores float64.
//
// # Null
//
// A reply of null, such as a key that does not exist, is nil where T can hold it
// (pointer, slice, map, any), false for a bool, and [redis.ErrNil] for the rest. In
// a list with a place for each key or field that was asked for (MGet, HMGet), a
// miss is nil or else the zero T, so that one miss does not spoil the others.
//
// # Time
//
// Durations are [time.Duration] and times [time.Time]. Redis counts in
// milliseconds: what is finer is dropped, and a positive duration below one
// millisecond is refused. Where Redis has a form in seconds and one in
// milliseconds (EX and PX, EXPIRE and PEXPIRE), seconds are sent where they say all.
// The duration of what never ends is [Forever].
//
// # Options
//
// Options are values: [EX], [NX], [Match]. One that a command does not have does not
// compile; those that exclude each other, or that the command cannot do without,
// are an error of Do, or of the batch, and nothing is sent. Such an error names the
// command and the options and never an argument.
//
// # JSON
//
// The commands of RedisJSON take the place in a document as a path. One that begins
// with $ is JSONPath and may match any number of values: "$" is the whole document,
// "$.tags[0]" an element, "$..price" every price. Results are then lists, with an
// element for each match and nil for one that the command is not for, and
// JSONGet[[]User] of "$" has one element. Any other path (".", ".name") is one of
// RedisJSON 1, is of exactly one value, and a list of results has that one;
// JSONGet[User] without a path is the document itself.
//
// Values are sent as encoding/json writes them: "x" becomes the JSON string, and a
// json.RawMessage is JSON text already.
//
// # Delivery
//
// Commands that only read are sent again where nobody can say whether they ran.
// Others are where the caller says so ([redis.Command.Idempotent]).
//
// # Not here
//
// Functions of package redis such as [redis.Eval], [redis.Fcall] and
// [redis.Redis.ScriptLoad] run at once what the constructors of the same names make.
// A script that runs often is a [redis.Script].
//
// SUBSCRIBE, PSUBSCRIBE and MONITOR are streams: [redis.Redis.Subscribe],
// [redis.Redis.PSubscribe] and [redis.Redis.Monitor].
package command

//go:generate go run ./gen
