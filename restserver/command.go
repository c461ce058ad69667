package restserver

import (
	"context"
	"strings"

	"github.com/redis/go-redis/v9"

	"github.com/redis-rest/redis-rest-go/internal/commandtable"
	"github.com/redis-rest/redis-rest-go/internal/wire"
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
	if len(args) == 0 || args[0] == "" {
		return nil, badRequest("ERR empty command")
	}
	c := &command{args: args, name: strings.ToUpper(args[0])}
	if c.unavailable() {
		return nil, badRequest("ERR Command is not available over REST: '" + c.name + "'")
	}
	return c, nil
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

// raw is the command for a go-redis client of one Redis. Behind the name the
// arguments are pointers, which need no memory of their own.
func (c *command) raw(ctx context.Context) *redis.RawCmd {
	args := make([]any, len(c.args))
	args[0] = c.args[0]
	for i := range c.args[1:] {
		args[i+1] = &c.args[i+1]
	}
	return redis.NewRawCmd(ctx, args...)
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
		"SYNC", "PSYNC", "REPLCONF", "SHUTDOWN":
		return true
	case "SCRIPT":
		return c.is("SCRIPT", "DEBUG")
	case "XREAD", "XREADGROUP":
		for i := range c.args[1:] {
			switch strings.ToUpper(c.arg(i + 1)) {
			case "BLOCK":
				return true
			case "STREAMS":
				return false // keys follow, which may be called anything
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
