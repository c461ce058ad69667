package restserver

import (
	"context"
	"strings"

	"github.com/redis/go-redis/v9"

	"github.com/redis-rest/redis-rest-go/internal/protocol/commandtable"
	"github.com/redis-rest/redis-rest-go/internal/protocol/wire"
)

// A command is one of a request.
type command struct {
	args []string
	name string // in upper case

	// Where the script is not sent as it came: its digest, and that of what is sent
	// in its place.
	digest, sent string
}

func newCommand(args []string) (*command, error) {
	c := new(command)
	return c, c.set(args)
}

// set makes c the command of these arguments.
func (c *command) set(args []string) error {
	if len(args) == 0 || args[0] == "" {
		return badRequest("ERR empty command")
	}
	c.args, c.name = args, strings.ToUpper(args[0])
	if c.unavailable() {
		return badRequest("ERR Command is not available over REST: '" + c.name + "'")
	}
	return nil
}

// arg is an argument, or nothing where there is none.
func (c *command) arg(i int) string {
	if i < len(c.args) {
		return c.args[i]
	}
	return ""
}

// own are the arguments in memory of their own, for a database that keeps some:
// those of the command share the request's body.
func (c *command) own() []string {
	args := make([]string, len(c.args))
	for i, arg := range c.args {
		args[i] = strings.Clone(arg)
	}
	return args
}

// anys are the arguments for those who take any.
func (c *command) anys() []any {
	args := make([]any, len(c.args))
	for i, arg := range c.args {
		args[i] = arg
	}
	return args
}

// raw is the command for a go-redis client of one Redis.
func (c *command) raw(ctx context.Context) *redis.RawCmd { return &raw(ctx, []*command{c})[0] }

// raw are commands for a go-redis client of one Redis, all in one piece of memory,
// and their arguments in another. Behind the names these are pointers, which need
// none of their own.
func raw(ctx context.Context, cmds []*command) []redis.RawCmd {
	total := 0
	for _, c := range cmds {
		total += len(c.args)
	}
	room := make([]any, total)
	made := make([]redis.RawCmd, len(cmds))
	for i, c := range cmds {
		args := room[:len(c.args):len(c.args)]
		room = room[len(c.args):]
		args[0] = c.args[0]
		for k := range c.args[1:] {
			args[k+1] = &c.args[k+1]
		}
		made[i] = *redis.NewRawCmd(ctx, args...)
	}
	return made
}

// is says whether it is this command with this subcommand.
func (c *command) is(name string, subs ...string) bool {
	if c.name != name {
		return false
	}
	for _, sub := range subs {
		if strings.EqualFold(c.arg(1), sub) {
			return true
		}
	}
	return len(subs) == 0
}

// unavailable says whether a command cannot be run on a connection that others
// use too: it waits, or changes what the connection is for.
func (c *command) unavailable() bool {
	switch c.name {
	case "BLPOP", "BRPOP", "BRPOPLPUSH", "BLMOVE", "BLMPOP", "BZPOPMIN", "BZPOPMAX", "BZMPOP", "WAIT", "WAITAOF",
		"MULTI", "EXEC", "DISCARD", "WATCH", "UNWATCH",
		"AUTH", "CLIENT", "HELLO", "QUIT", "RESET", "SELECT", "ASKING", "READONLY", "READWRITE",
		"SUBSCRIBE", "PSUBSCRIBE", "SSUBSCRIBE", "UNSUBSCRIBE", "PUNSUBSCRIBE", "SUNSUBSCRIBE", "MONITOR",
		"SYNC", "PSYNC", "REPLCONF", "SHUTDOWN",
		"POST", "HOST:": // no commands: Redis takes them for HTTP, and closes the connection
		return true
	case "SCRIPT":
		return c.is("SCRIPT", "DEBUG")
	case "XREAD", "XREADGROUP":
		for i := 1; i < len(c.args); i++ {
			switch strings.ToUpper(c.args[i]) {
			case "BLOCK":
				return true
			case "STREAMS":
				return false // keys follow, which may be called anything
			case "GROUP":
				i += 2 // and so may the group and the consumer
			}
		}
	}
	return false
}

// forReaders says whether a token that only reads may run the command: it changes
// nothing, and does not walk through all keys.
func (c *command) forReaders() bool {
	return wire.ReadOnly(c.anys()) && c.name != "KEYS" && c.name != "SCAN" && !c.is("SCRIPT", "LOAD")
}

// runsScript says whether it may run for as long as a script likes.
func (c *command) runsScript() bool {
	return strings.HasPrefix(c.name, "EVAL") || strings.HasPrefix(c.name, "FCALL")
}

// key is the first key, by which a cluster finds the node. Of a command that is not
// known, a module's for instance, it is the first argument.
func (c *command) key() (key string, ok bool) {
	known, ok := commandtable.Find(c.args)
	if !ok {
		return c.arg(1), len(c.args) > 1
	}
	keys, err := known.Keys(c.args)
	if err != nil || len(keys) == 0 {
		return "", false // any node refuses it
	}
	return c.args[keys[0]], true
}
