package restserver

import (
	"context"
	"strings"
	"unsafe"

	"github.com/redis/go-redis/v9"

	"github.com/redis-rest/redis-rest-go/internal/protocol/commandtable"
)

// A command is one command of a request.
type command struct {
	args []string
	name string // in upper case

	attempt *attempt // of its request

	// If the script is not sent unchanged: its digest, and what is sent instead.
	digest string
	sent   form
}

func newCommand(args []string) (*command, error) {
	c := new(command)
	return c, c.set(args)
}

// set makes c the command with these arguments.
func (c *command) set(args []string) error {
	if len(args) == 0 || args[0] == "" {
		return badRequest(commandtable.EmptyCommand.Message(nil))
	}
	c.args, c.name = args, strings.ToUpper(args[0])
	if c.unavailable() {
		return badRequest("ERR Command is not available over REST: '" + c.name + "'")
	}
	return nil
}

// arg returns an argument, or "" if there are fewer.
func (c *command) arg(i int) string {
	if i < len(c.args) {
		return c.args[i]
	}
	return ""
}

// copyArgs copies the arguments for a database that keeps some of them. The arguments of the
// command share memory with the request's body.
func (c *command) copyArgs() []string {
	args := make([]string, len(c.args))
	for i, arg := range c.args {
		args[i] = strings.Clone(arg)
	}
	return args
}

// anys returns the arguments as a []any.
func (c *command) anys() []any {
	args := make([]any, len(c.args))
	for i, arg := range c.args {
		args[i] = arg
	}
	return args
}

// raw makes go-redis commands for a single Redis, with one allocation for the commands
// and one for all arguments. Each argument is a pointer, which needs no allocation.
func raw(ctx context.Context, cmds []*command) []rawCommand {
	total := 0
	for _, c := range cmds {
		total += len(c.args)
	}
	room := make([]any, total)
	made := make([]rawCommand, len(cmds))
	for i, c := range cmds {
		args := room[:len(c.args):len(c.args)]
		room = room[len(c.args):]
		for k := range c.args {
			args[k] = &c.args[k]
		}
		made[i].share = c.attempt.memory()
		made[i].RawWriteToCmd = *redis.NewRawWriteToCmd(ctx, &made[i].replyBuffer, args...)
	}
	return made
}

// gated makes go-redis commands that record when their request begins. If the request
// has ended before, they do not run.
func gated(ctx context.Context, cmds []*command) []rawCommand {
	made := raw(ctx, cmds)
	for i, c := range cmds {
		made[i].Args()[0] = c
	}
	return made
}

// A rawCommand is a go-redis command whose reply is raw.
type rawCommand struct {
	redis.RawWriteToCmd
	replyBuffer
}

// Name is what go-redis calls it in its metrics, which nobody reads.
func (*rawCommand) Name() string { return "raw" }

// MarshalBinary returns the command's name when go-redis writes it, so this is the moment in
// which its request begins. If the request has ended, the name is one that no Redis has: the
// reply is an error, and the connection and other requests' commands stay usable.
func (c *command) MarshalBinary() ([]byte, error) {
	if !c.attempt.begin() {
		return []byte("REQUEST.ENDED"), nil
	}
	return unsafe.Slice(unsafe.StringData(c.args[0]), len(c.args[0])), nil
}

// is says whether the command has this name and one of these subcommands.
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

// unavailable says whether a command cannot run on a shared connection, because it changes the
// state of the connection.
func (c *command) unavailable() bool {
	switch c.name {
	case "WAIT", "WAITAOF",
		"MULTI", "EXEC", "DISCARD", "WATCH", "UNWATCH",
		"AUTH", "CLIENT", "HELLO", "QUIT", "RESET", "SELECT", "ASKING", "READONLY", "READWRITE",
		"SUBSCRIBE", "PSUBSCRIBE", "SSUBSCRIBE", "UNSUBSCRIBE", "PUNSUBSCRIBE", "SUNSUBSCRIBE", "MONITOR",
		"SYNC", "PSYNC", "REPLCONF", "SHUTDOWN",
		"POST", "HOST:": // these are not commands: Redis takes them for HTTP and closes the connection
		return true
	case "SCRIPT":
		return c.is("SCRIPT", "DEBUG")
	}
	return false
}

// forReaders says whether the read-only token may run the command: it changes
// nothing, and does not iterate over all keys.
func (c *command) forReaders() bool {
	return commandtable.OnlyReads(c.anys()) && c.name != "KEYS" && c.name != "SCAN" && !c.is("SCRIPT", "LOAD")
}

// runsScript says whether the command may run as long as a script wants.
func (c *command) runsScript() bool {
	return strings.HasPrefix(c.name, "EVAL") || strings.HasPrefix(c.name, "FCALL")
}

// mayTakeLong says whether the commands after it must wait until it has ended.
func (c *command) mayTakeLong() bool { return c.runsScript() || c.blocks() }

// key returns the first key, which decides the node in a cluster. For an unknown command,
// for instance of a module, it is the first argument.
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

// keys returns all keys.
func (c *command) keys() []string {
	known, _ := commandtable.Find(c.args)
	places, _ := known.Keys(c.args)
	keys := make([]string, len(places))
	for i, at := range places {
		keys[i] = c.args[at]
	}
	return keys
}

// shownName returns the name for logs. The name of an unknown command may be anything,
// even a token, and is not shown.
func (c *command) shownName() string {
	known, ok := commandtable.Find(c.args)
	if !ok {
		return "unknown"
	}
	name, _, _ := strings.Cut(known.Name, "|")
	return name
}
