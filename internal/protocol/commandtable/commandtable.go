// Package commandtable holds what Redis says about its commands: how many arguments
// they take, what they do, and which arguments are keys.
package commandtable

import (
	"slices"
	"sort"
	"strings"
	"unicode/utf8"
)

//go:generate go run ./gen

// A Command is a command, or a subcommand with a name such as XINFO|STREAM.
type Command struct {
	Name  string // in upper case
	Arity int8   // the number of words in Redis 7.0, with the name; -n means n or more; see Takes
	Flags Flags
	keys  uint8 // the index of its keySpec
}

// Flags are a command's flags in Redis.
type Flags uint32

// The flags, as COMMAND gives them. Redis has no flag Container: it marks a
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
	for _, c := range []byte(name) {
		if c >= utf8.RuneSelf { // ToUpper makes S of ſ, but Redis does not
			return Command{}, false
		}
	}
	name = strings.ToUpper(name)
	if c, ok := search(commands[:], name); ok {
		return c, true
	}
	return search(newer[:], name)
}

func search(table []Command, name string) (Command, bool) {
	i := sort.Search(len(table), func(i int) bool { return table[i].Name >= name })
	if i == len(table) || table[i].Name != name {
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

// Find finds the command that these words call. If the command has subcommands, it finds
// the subcommand.
func Find(args []string) (Command, bool) {
	if len(args) == 0 {
		return Command{}, false
	}
	c, problem := resolve(args[0], args[1:])
	return c, problem != UnknownCommand
}

// Takes says whether some version of Redis accepts a call of n words, with the name. The version
// may be newer than that of Arity.
func (c Command) Takes(n int) bool {
	arity := int(c.Arity)
	if newer, ok := newerArity(c.Name); ok {
		arity = newer
	}
	return accepts(arity, n)
}

// All iterates over the table: first the commands of Redis 7.0 by name, then those of
// later versions and modules by name.
func All(yield func(Command) bool) {
	for _, table := range [][]Command{commands[:], newer[:]} {
		for _, c := range table {
			if !yield(c) {
				return
			}
		}
	}
}

// A Doc is the documentation of a command in Redis.
type Doc struct {
	Name       string
	Group      string // string, sorted-set
	Since      string // 7.0.0; for a module, RedisJSON 2.0.0
	Complexity string // O(1)
}

// Doc returns the documentation of the command.
func (c Command) Doc() Doc {
	for _, table := range [][]Doc{docs[:], newerDocs[:]} {
		if i, ok := slices.BinarySearchFunc(table, c.Name, func(d Doc, name string) int { return strings.Compare(d.Name, name) }); ok {
			return table[i]
		}
	}
	return Doc{}
}
