package wire

import (
	"slices"
	"strings"

	"github.com/redis-rest/redis-rest-go/internal/protocol/commandtable"
)

// ReadOnly says whether a command changes nothing: Redis flags it as readonly, or
// it touches no key. One that is not known changes something, and so does one
// whose options are not plain strings and numbers, where they decide.
func ReadOnly(args []any) bool {
	c, ok := commandtable.Lookup(CommandName(args))
	if ok && c.Flags.Has(commandtable.Container) && len(args) > 1 {
		sub, _ := args[1].(string)
		c, ok = c.Sub(sub)
	}
	switch {
	case !ok:
		return false
	case c.Flags.Has(commandtable.ReadOnly):
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

// without says that no option is one of these, whatever its case.
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
