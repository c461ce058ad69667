package keyspace

import (
	"fmt"
	"strings"

	"github.com/redis-rest/redis-rest-go/internal/protocol/commandtable"
)

// check finds the command that these words call, or says why they call none as
// Redis does.
func check(args []string) (c commandtable.Command, refusal []byte) {
	if len(args) == 0 {
		return c, errorReply("ERR empty command")
	}
	c, ok := commandtable.Lookup(args[0])
	if !ok || strings.Contains(args[0], "|") {
		return c, errorReply(unknown(args))
	}
	if len(args) > 1 && c.Flags.Has(commandtable.Container) {
		sub, ok := c.Sub(args[1])
		if !ok {
			return c, errorReply(fmt.Sprintf("ERR unknown subcommand '%s'. Try %s HELP.", shown(args[1], 128), c.Name))
		}
		c = sub
	}
	if n := int(c.Arity); n >= 0 && len(args) != n || len(args) < -n {
		return c, errorReply("ERR wrong number of arguments for '" + strings.ToLower(c.Name) + "' command")
	}
	return c, nil
}

func unknown(args []string) string {
	var rest strings.Builder
	for _, arg := range args[1:] {
		if rest.Len() >= 128 {
			break
		}
		fmt.Fprintf(&rest, "'%s' ", shown(arg, 128-rest.Len()))
	}
	return fmt.Sprintf("ERR unknown command '%s', with args beginning with: %s", shown(args[0], 128), &rest)
}

// shown is the beginning of a word as C shows it.
func shown(word string, size int) string {
	word, _, _ = strings.Cut(word, "\x00")
	return word[:min(len(word), size)]
}

// errorReply is an error, in one line.
func errorReply(message string) []byte {
	return []byte("-" + strings.NewReplacer("\r", " ", "\n", " ").Replace(message) + "\r\n")
}
