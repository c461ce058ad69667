// Package commandtable knows what Redis says of its commands: how many arguments
// they take, what they do, and which of their arguments are keys.
package commandtable

import (
	"slices"
	"strings"
)

//go:generate go run ./gen

// A Command is a command, or a subcommand, whose name is XINFO|STREAM.
type Command struct {
	Name  string // in upper case
	Arity int8   // how many words in Redis 7.0, the name's included; -n for n or more; see Takes
	Flags Flags
	keys  uint8 // where its keys are, in keySpecs
}

// Flags are what Redis calls a command's flags.
type Flags uint32

// The flags, as COMMAND gives them. Container is none of Redis' own: it is on a
// command that has subcommands.
const (
	Admin Flags = 1 << iota
	AllowBusy
	Asking
	Blocking
	DenyOOM
	Fast
	Loading
	MovableKeys
	NoAsyncLoading
	NoAuth
	NoMandatoryKeys
	NoMulti
	NoScript
	PubSub
	ReadOnly
	SkipMonitor
	SkipSlowlog
	Stale
	Write
	Container
)

// Has says whether all of these flags are set.
func (f Flags) Has(flags Flags) bool { return f&flags == flags }

// Lookup finds a command by its name, in any case.
func Lookup(name string) (Command, bool) {
	name = strings.ToUpper(name)
	if c, ok := search(commands[:], name); ok {
		return c, true
	}
	return search(newer[:], name)
}

func search(table []Command, name string) (Command, bool) {
	i, ok := slices.BinarySearchFunc(table, name, func(c Command, name string) int { return strings.Compare(c.Name, name) })
	if !ok {
		return Command{}, false
	}
	return table[i], true
}

// Sub finds a subcommand of a command.
func (c Command) Sub(name string) (Command, bool) {
	if !c.Flags.Has(Container) {
		return Command{}, false
	}
	return Lookup(c.Name + "|" + name)
}

// Find finds the command that these words call, and of one that has subcommands
// the subcommand.
func Find(args []string) (Command, bool) {
	if len(args) == 0 {
		return Command{}, false
	}
	c, ok := Lookup(args[0])
	if len(args) > 1 {
		if sub, ok := c.Sub(args[1]); ok {
			return sub, true
		}
	}
	return c, ok
}

// Takes says whether some Redis takes a call of n words, the name's included. It may
// be newer than that of Arity.
func (c Command) Takes(n int) bool {
	arity := int(c.Arity)
	if newer, ok := newerArity(c.Name); ok {
		arity = newer
	}
	return n == arity || n >= -arity && arity < 0
}

// All goes through the table, by name: what Redis 7.0 has, and then what came
// later or is a module's.
func All(yield func(Command) bool) {
	for _, table := range [][]Command{commands[:], newer[:]} {
		for _, c := range table {
			if !yield(c) {
				return
			}
		}
	}
}

// A Doc is what Redis' documentation says of a command.
type Doc struct {
	Name       string
	Group      string // string, sorted-set
	Since      string // 7.0.0; of a module, RedisJSON 2.0.0
	Complexity string // O(1)
}

// Doc returns what the documentation says of the command.
func (c Command) Doc() Doc {
	for _, table := range [][]Doc{docs[:], newerDocs[:]} {
		if i, ok := slices.BinarySearchFunc(table, c.Name, func(d Doc, name string) int { return strings.Compare(d.Name, name) }); ok {
			return table[i]
		}
	}
	return Doc{}
}
