package slicearg

import (
	"context"
	"encoding/json"

	redis "github.com/redis-rest/redis-rest-go"
	"github.com/redis-rest/redis-rest-go/command"
)

var limit = redis.NewScript[bool]("return 1")

type ids []int

type words = []string

// A logged Doer forgets the dots.
type logged struct{ inner redis.Doer }

func (l logged) Do(ctx context.Context, args ...any) (redis.Reply, error) {
	return l.inner.Do(ctx, args) // want `args is the name of the command as a whole: write "\.\.\." behind it`
}

type dotted struct{ inner redis.Doer }

func (d dotted) Do(ctx context.Context, args ...any) (redis.Reply, error) {
	return d.inner.Do(ctx, args...)
}

func found(ctx context.Context, rdb *redis.Redis, d redis.Doer, args []any, keys, argv []string, w words, read func(redis.Reply) (int, error)) {
	rdb.Do(ctx, args)                                           // want `args is the name of the command as a whole`
	d.Do(ctx, args)                                             // want `args is the name of the command as a whole`
	logged{}.Do(ctx, []any{"GET", "a"})                         // want `the slice is the name of the command as a whole`
	redis.Cmd[int](args).Do(ctx, d)                             // want `args is the name of the command as a whole`
	redis.Cmd[int](several()).Do(ctx, d)                        // want `the slice is the name of the command`
	redis.CmdWithDecoder(read, args).Do(ctx, d)                 // want `args is the name of the command as a whole`
	redis.Cmd[int]("DEL", keys).Do(ctx, d)                      // want `keys is one argument of DEL as a whole: copy it to an \[\]any, and write "\.\.\." behind that`
	redis.Cmd[int]("del", "a", keys).Do(ctx, d)                 // want `keys is one argument of DEL as a whole`
	redis.Cmd[int]("MSET", args).Do(ctx, d)                     // want `args is one argument of MSET as a whole`
	redis.Cmd[int]("SET", args).Do(ctx, d)                      // want `args is one argument of SET as a whole`
	redis.Cmd[int]("RPUSH", "l", args).Do(ctx, d)               // want `args is one argument of RPUSH as a whole`
	redis.Cmd[int]("RPUSH", "l", "one", args).Do(ctx, d)        // want `args is one argument of RPUSH as a whole`
	redis.Cmd[int]("RPUSH", "l", args, "one").Do(ctx, d)        // want `args is one argument of RPUSH as a whole`
	redis.Cmd[int]("HSET", "h", keys, "v").Do(ctx, d)           // want `keys is one argument of HSET as a whole`
	redis.Cmd[int]("SUBSCRIBE", keys).Do(ctx, d)                // want `keys is one argument of SUBSCRIBE as a whole`
	redis.Cmd[int]("EVAL", "return 1", 1, keys).Do(ctx, d)      // want `keys is one argument of EVAL as a whole`
	redis.Cmd[int]("EVAL", "return 1", 1, "k", argv).Do(ctx, d) // want `argv is one argument of EVAL as a whole`
	redis.Cmd[int]("EVAL", "return 1", "0", argv).Do(ctx, d)    // want `argv is one argument of EVAL as a whole`
	redis.Eval[int](ctx, d, "return 1", keys, args)             // want `args is ARGV\[1\] as a whole: write`
	redis.EvalRO[int](ctx, d, "return 1", keys, argv)           // want `argv is ARGV\[1\] as a whole: copy`
	redis.EvalSha[int](ctx, d, "0", keys, w)                    // want `w is ARGV\[1\]`
	redis.EvalShaRO[int](ctx, d, "0", keys, []int{1})           // want `the slice is ARGV\[1\]`
	redis.Fcall[int](ctx, d, "f", keys, args)                   // want `args is ARGV\[1\]`
	redis.FcallRO[int](ctx, d, "f", keys, args)                 // want `args is ARGV\[1\]`
	limit.Run(ctx, d, keys, args)                               // want `args is ARGV\[1\]`
	limit.RunOnce(ctx, d, "id", keys, args)                     // want `args is ARGV\[1\]`
	limit.Cmd(keys, args).Do(ctx, d)                            // want `args is ARGV\[1\]`
	limit.OnceCmd("id", keys, args).Do(ctx, d)                  // want `args is ARGV\[1\]`
	command.Eval[int]("return 1", keys, args).Do(ctx, d)        // want `args is ARGV\[1\]`
	command.Fcall[int]("f", keys, args).Do(ctx, d)              // want `args is ARGV\[1\]`
	command.RPush("l", args).Do(ctx, d)                         // want `args is one element as a whole`
	command.LPush("l", argv).Do(ctx, d)                         // want `argv is one element as a whole`
	command.RPush("l", "one", args).Do(ctx, d)                  // want `args is one element as a whole`
	command.HSet("h", args).Do(ctx, d)                          // want `args is one element as a whole`
	command.JSONArrAppend("doc", "$", args).Do(ctx, d)          // want `args is one element as a whole`
	rdb.Do(ctx, "SET k v")                                      // want `this string is the name of the command, with its spaces`
	redis.Cmd[int]("SET k v").Do(ctx, d)                        // want `this string is the name of the command, with its spaces`
	redis.Cmd[int]("SCRIPT FLUSH", "ASYNC").Do(ctx, d)          // want `this string is the name of the command, with its spaces`
	redis.Cmd[[]string]("KEYS"+" ", "*").Do(ctx, d)             // want `this string is the name of the command, with its spaces`
}

func silent[S []any, E any](ctx context.Context, rdb *redis.Redis, d redis.Doer, args []any, keys []string, n ids, s S, e []E, raw []byte, doc json.RawMessage) {
	rdb.Do(ctx, args...)
	redis.Cmd[int](args...).Do(ctx, d)
	redis.Eval[int](ctx, d, "return 1", keys, args...)
	redis.Eval[int](ctx, d, "return 1", keys)
	redis.Eval[int](ctx, d, "return 1", keys, 1)
	redis.Eval[int](ctx, d, "return 1", keys, raw)
	redis.Eval[int](ctx, d, "return 1", keys, doc)
	redis.Eval[int](ctx, d, "return 1", keys, n)
	redis.Eval[int](ctx, d, "return 1", keys, "a", args)
	redis.Eval[int](ctx, d, "return 1", keys, map[string]int{}, [2]int{})
	limit.Run(ctx, d, keys, s)
	command.RPush("l", args...).Do(ctx, d)
	command.RPush("l", n).Do(ctx, d)
	command.Set("k", keys).Do(ctx, d) // its JSON text
	command.RPush("l", redis.JSON(keys)).Do(ctx, d)
	command.HSet("h", "f", keys, "g", args).Do(ctx, d)
	redis.Cmd[int]("HSET", "h", "f", keys).Do(ctx, d)
	redis.Cmd[int]("SET", "k", keys).Do(ctx, d)
	redis.Cmd[int]("EVAL", "return 1", 1, "k", args, "one").Do(ctx, d)
	redis.Cmd[int]("PUBLISH", "channel", keys).Do(ctx, d)
	redis.Cmd[int]("NO.SUCH", keys).Do(ctx, d)
	redis.Cmd[int]("EVAL", "return 1", len(keys), args).Do(ctx, d)
	redis.Cmd[int](keys[0], args).Do(ctx, d)
	redis.Cmd[int](keys[0]).Do(ctx, d)
	redis.Cmd[string]("ECHO", "two words").Do(ctx, d)
	redis.Cmd[string]("PING").Do(ctx, d)
	redis.Cmd[string]().Do(ctx, d)
	own(args)
	other{}.Do(ctx, args)
}

func own(args ...any) {}

func several() []any { return nil }

// A Do of another kind is none of ours.
type other struct{}

func (other) Do(ctx context.Context, args ...any) error { return nil }
