package luasource

import (
	"context"
	_ "embed"

	redis "github.com/redis-rest/redis-rest-go"
	"github.com/redis-rest/redis-rest-go/command"
)

const broken = "return 1 +"

const fine = "return 1"

//go:embed fine.lua
var embedded string

//go:embed broken.lua
var embeddedBroken string

var (
	//go:embed "broken.lua"
	quoted []byte

	//go:embed broken.lua
	replaced string
)

var constant = "x ="

var changed = "x ="

//go:embed library.lua
var library string

func init() {
	changed = fine
	replaced = fine
	_ = &pointed
}

var pointed = "x ="

var Exported = "x ="

// want +3 "Redis refuses this script: Error compiling script \\(new function\\): user_script:3: 'then' expected near '{'"
var script = redis.NewScript[int](`
	local n = 1
	if n == 1 {
	end
`)

func found(ctx context.Context, rdb *redis.Redis) {
	redis.Eval[int](ctx, rdb, broken, nil)                                // want `Redis refuses this script: Error compiling script \(new function\): user_script:1: unexpected symbol near '<eof>'`
	redis.EvalRO[int](ctx, rdb, "return 1 1", nil)                        // want `user_script:1: '<eof>' expected near '1'`
	redis.NewScript[int]("#!lua flags=allow-key-locking,newer\nreturn +") // want `user_script:2: unexpected symbol near '\+'`
	redis.NewScript[int]("#!lua")                                         // want `Redis refuses this script: Invalid script shebang`
	rdb.ScriptLoad(ctx, constant)                                         // want `user_script:1: unexpected symbol near '<eof>'`
	redis.NewScript[int](embeddedBroken)                                  // want `Redis refuses broken.lua: Error compiling script \(new function\): user_script:3: '=' expected near '<eof>'`
	redis.NewScript[int](string(quoted))                                  // want `Redis refuses broken.lua`
	command.Eval[int](("x"), nil).Do(ctx, rdb)                            // want `user_script:1: '=' expected near '<eof>'`
	command.EvalRO[int]("x", nil).Do(ctx, rdb)                            // want `user_script:1`
	command.ScriptLoad("x").Do(ctx, rdb)                                  // want `user_script:1`
	command.FunctionLoad("return 1").Do(ctx, rdb)                         // want `Redis refuses this library: Missing library metadata`
	command.FunctionLoad("#!lua name=a\nx").Do(ctx, rdb)                  // want `Redis refuses this library: Error compiling function: user_function:2: '=' expected near '<eof>'`
	command.FunctionLoad("#!lua name=a").Do(ctx, rdb)                     // want `Invalid library metadata`
	rdb.Do(ctx, "eval", "x", 0)                                           // want `user_script:1`
	redis.Cmd[int]("EVAL_RO", "x", 0).Do(ctx, rdb)                        // want `user_script:1`
	redis.Cmd[int]("SCRIPT", "LOAD", "x").Do(ctx, rdb)                    // want `user_script:1`
	redis.Cmd[int]("FUNCTION", "LOAD", "x").Do(ctx, rdb)                  // want `Missing library metadata`
	redis.Cmd[int]("FUNCTION", "LOAD", "REPLACE", "x").Do(ctx, rdb)       // want `Missing library metadata`
	local := "x ="
	redis.NewScript[int](local)             // want `user_script:1`
	redis.NewScript[int]("return 1" + " +") // want `user_script:1`
}

func silent(ctx context.Context, rdb *redis.Redis, given string) {
	redis.Eval[int](ctx, rdb, fine, nil)
	redis.Eval[int](ctx, rdb, "", nil)
	redis.NewScript[int](embedded)
	redis.NewScript[int](given)
	redis.NewScript[int](given + "x =")
	redis.NewScript[int](changed)
	redis.NewScript[int](replaced)
	redis.NewScript[int](pointed)
	redis.NewScript[int](Exported)
	redis.NewScript[int]("#!lua flags=no-writes\nreturn 1")
	redis.NewScript[int](string(rune(given[0])))
	command.FunctionLoad(library).Do(ctx, rdb)
	redis.EvalSha[int](ctx, rdb, "return 1 +", nil)
	redis.Cmd[int]("EVALSHA", "x", 0).Do(ctx, rdb)
	redis.Cmd[int]("FUNCTION", "LOAD", given, "x").Do(ctx, rdb)
	redis.Cmd[int]("SET", "LOAD", "x").Do(ctx, rdb)
	grown := "x ="
	grown += "1"
	redis.NewScript[int](grown)
	for _, each := range []string{"x ="} {
		redis.NewScript[int](each)
	}
}
