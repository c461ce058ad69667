package commandtable

import (
	"fmt"
	"strings"

	"github.com/redis-rest/redis-rest-go/internal/protocol/ctext"
)

// A Problem is the reason why Redis 7.0 refuses a call without running it.
type Problem int

// The problems, in the order in which Redis checks them.
const (
	Legal        Problem = iota // no problem
	EmptyCommand                // no words
	UnknownCommand
	UnknownSubcommand
	WrongArity // the command does not take this number of words
)

// Check finds the command or subcommand that these words call, and says whether Redis 7.0
// accepts the call. The returned command is zero if it is unknown. If only the
// subcommand is unknown, the command is returned.
func Check(args []string) (Command, Problem) {
	if len(args) == 0 {
		return Command{}, EmptyCommand
	}
	c, problem := resolve(args[0], args[1:])
	if problem == Legal && !accepts(int(c.Arity), len(args)) {
		problem = WrongArity
	}
	return c, problem
}

// Message returns the error, with its code, that Redis 7.0 replies to a call with this problem.
// As in Redis, it shows the words of an unknown command. For Legal it is "".
func (p Problem) Message(args []string) string {
	switch p {
	case EmptyCommand:
		return "ERR empty command"
	case UnknownCommand:
		return unknown(args)
	case UnknownSubcommand:
		return fmt.Sprintf("ERR unknown subcommand '%s'. Try %s HELP.", shown(args[1], maxShown), strings.ToUpper(args[0]))
	case WrongArity:
		c, _ := Find(args)
		return c.WrongArity()
	}
	return ""
}

// WrongArity returns the error that Redis replies to a call of the command with the wrong
// number of words.
func (c Command) WrongArity() string {
	return "ERR wrong number of arguments for '" + strings.ToLower(c.Name) + "' command"
}

// maxShown is how many bytes Redis shows of a word, and of all words after the first.
const maxShown = 128

func unknown(args []string) string {
	var rest strings.Builder
	for _, arg := range args[1:] {
		if rest.Len() >= maxShown {
			break
		}
		fmt.Fprintf(&rest, "'%s' ", shown(arg, maxShown-rest.Len()))
	}
	return fmt.Sprintf("ERR unknown command '%s', with args beginning with: %s", shown(args[0], maxShown), &rest)
}

// shown returns the start of a word as C prints it.
func shown(word string, size int) string {
	word = ctext.String(word)
	return word[:min(len(word), size)]
}

// resolve finds a command by its name. If the command has subcommands, it finds the subcommand by
// the following words.
func resolve(name string, words []string) (Command, Problem) {
	c, ok := Lookup(name)
	if !ok || strings.Contains(name, "|") { // only the table has names with |
		return Command{}, UnknownCommand
	}
	if len(words) > 0 && c.Flags.Has(Container) {
		sub, ok := c.Sub(words[0])
		if !ok {
			return c, UnknownSubcommand
		}
		c = sub
	}
	return c, Legal
}

// accepts reports whether a command of an arity takes n words.
func accepts(arity, n int) bool { return n == arity || arity < 0 && n >= -arity }
