package restserver

import (
	"bytes"
	"encoding/json"
	"strings"

	"github.com/redis-rest/redis-rest-go/internal/commandtable"
	"github.com/redis-rest/redis-rest-go/internal/wire"
)

// A command is one of a request.
type command struct {
	args []any  // strings
	name string // in upper case

	// Where the script is not sent as it came: its digest, and that of what is sent
	// in its place.
	digest, sent string
}

// parseCommand makes a command of its JSON: a string is sent as it is, anything
// else as its JSON text, so that 1000000 stays 1000000 and no digit is lost.
func parseCommand(raw []json.RawMessage) (*command, error) {
	args := make([]any, len(raw))
	for i, r := range raw {
		if r[0] == '"' {
			var text string
			if err := json.Unmarshal(r, &text); err != nil {
				return nil, badRequest("ERR failed to parse command: " + err.Error())
			}
			args[i] = text
			continue
		}
		var text bytes.Buffer
		if err := json.Compact(&text, r); err != nil {
			return nil, badRequest("ERR failed to parse command: " + err.Error())
		}
		args[i] = text.String()
	}
	return newCommand(args)
}

func newCommand(args []any) (*command, error) {
	if len(args) == 0 || args[0] == "" {
		return nil, badRequest("ERR empty command")
	}
	c := &command{args: args, name: strings.ToUpper(args[0].(string))}
	if c.unavailable() {
		return nil, badRequest("ERR Command is not available over REST: '" + c.name + "'")
	}
	return c, nil
}

// arg is an argument, or nothing where there is none.
func (c *command) arg(i int) string {
	if i < len(c.args) {
		return c.args[i].(string)
	}
	return ""
}

// words are all arguments, the name first.
func (c *command) words() []string {
	words := make([]string, len(c.args))
	for i := range c.args {
		words[i] = c.arg(i)
	}
	return words
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
	return wire.ReadOnly(c.args) && c.name != "KEYS" && c.name != "SCAN" && !c.is("SCRIPT", "LOAD")
}

// runsScript says whether it may run for as long as a script likes.
func (c *command) runsScript() bool {
	return strings.HasPrefix(c.name, "EVAL") || strings.HasPrefix(c.name, "FCALL")
}

// key is the first key, by which a cluster finds the node. Of a command that is not
// known, a module's for instance, it is the first argument.
func (c *command) key() (key string, ok bool) {
	words := c.words()
	known, ok := commandtable.Find(words)
	if !ok {
		return c.arg(1), len(words) > 1
	}
	keys, err := known.Keys(words)
	if err != nil || len(keys) == 0 {
		return "", false // any node refuses it
	}
	return words[keys[0]], true
}
