package commandtable

import (
	"slices"
	"strings"
)

// OnlyReads reports whether a command changes nothing: Redis flags it as readonly, or
// it touches no key. An unknown command counts as a write. So does a command
// whose effect depends on options that are not plain strings and numbers.
func OnlyReads(args []any) bool {
	c, ok := named(args)
	switch {
	case !ok:
		return false
	case c.Flags.Has(ReadOnly):
		return true
	}
	switch c.Name {
	case "PING", "ECHO", "TIME", "SCRIPT|EXISTS", "SCRIPT|LOAD":
		return true
	case "GETEX":
		return len(args) == 2
	case "SORT":
		return len(args) > 1 && without(args[2:], "STORE")
	case "GEORADIUS", "GEORADIUSBYMEMBER":
		return len(args) > 1 && without(args[2:], "STORE", "STOREDIST")
	case "BITFIELD":
		return len(args) > 1 && without(args[2:], "SET", "INCRBY")
	}
	return false
}

// named returns the command that these words name, with its subcommand.
func named(args []any) (c Command, ok bool) {
	words := make([]string, min(len(args), 2))
	for i := range words {
		words[i], _ = args[i].(string)
	}
	if len(words) == 0 {
		return c, false
	}
	c, problem := resolve(words[0], words[1:])
	return c, problem == Legal
}

// without reports whether none of these options is given, in upper or lower case.
func without(options []any, names ...string) bool {
	for _, o := range options {
		switch o := o.(type) {
		case string:
			if slices.Contains(names, strings.ToUpper(o)) {
				return false
			}
		case int, int64, float64:
		default:
			return false
		}
	}
	return true
}
