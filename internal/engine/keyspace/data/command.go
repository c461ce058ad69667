package data

import (
	"bytes"
	"compress/gzip"
	_ "embed"
	"io"
	"slices"
	"strconv"
	"strings"
	"sync"

	"github.com/redis-rest/redis-rest-go/internal/protocol/commandtable"
	"github.com/redis-rest/redis-rest-go/internal/protocol/ctext"
	"github.com/redis-rest/redis-rest-go/internal/protocol/glob"
	"github.com/redis-rest/redis-rest-go/internal/protocol/resp"
)

func init() {
	add(table{
		"COMMAND":                 commandInfo,
		"COMMAND|COUNT":           func(c *call) error { c.addLen(len(described().top)); return nil },
		"COMMAND|DOCS":            commandDocs,
		"COMMAND|GETKEYS":         commandKeys,
		"COMMAND|GETKEYSANDFLAGS": commandKeys,
		"COMMAND|HELP":            help,
		"COMMAND|INFO":            commandInfo,
		"COMMAND|LIST":            commandList,
		"ACL|CAT":                 aclCat,
	})
}

// What redis-server 7.0.15 replies to COMMAND and to COMMAND DOCS in RESP3. TestCommandDescriptions -update writes it.
//
//go:embed commands.resp.gz
var descriptionsFile []byte

// descriptions are what Redis tells of its commands, by their names in lower case.
type descriptions struct {
	top  []string            // the commands that are no subcommands
	info map[string]describe // subcommands too
	docs map[string][]byte   // no subcommands
}

// A describe is what COMMAND tells of a command.
type describe struct {
	reply      []byte
	categories []string // of ACL, with @
	subs       []string
}

// described reads the descriptions, once.
var described = sync.OnceValue(func() *descriptions {
	d := &descriptions{info: map[string]describe{}, docs: map[string][]byte{}}
	r, err := gzip.NewReader(bytes.NewReader(descriptionsFile))
	if err != nil {
		panic(err)
	}
	text, err := io.ReadAll(r)
	if err != nil {
		panic(err)
	}
	commands, docs, _ := resp.Cut(text)
	for _, command := range elements(commands) {
		d.top = append(d.top, d.addInfo(command))
	}
	slices.Sort(d.top)
	pairs := elements(docs)
	for i := 0; i < len(pairs); i += 2 {
		c := resp.NewCursor(pairs[i])
		d.docs[string(c.Next().Text)] = pairs[i+1]
	}
	return d
})

// addInfo adds the description of a command and of its subcommands, and returns its name.
func (d *descriptions) addInfo(reply []byte) (name string) {
	facts := elements(reply)
	text := func(reply []byte) string {
		c := resp.NewCursor(reply)
		return string(c.Next().Text)
	}
	one := describe{reply: reply}
	for _, category := range elements(facts[6]) {
		one.categories = append(one.categories, text(category))
	}
	for _, sub := range elements(facts[9]) {
		one.subs = append(one.subs, d.addInfo(sub))
	}
	name = text(facts[0])
	d.info[name] = one
	return name
}

// elements returns the elements of an array, set or map.
func elements(reply []byte) (list [][]byte) {
	_, rest, _ := bytes.Cut(reply, []byte("\r\n"))
	for len(rest) > 0 {
		var one []byte
		one, rest, _ = resp.Cut(rest)
		list = append(list, one)
	}
	return list
}

// addRESP3 adds a part of a reply in RESP3 without nulls, which becomes one in RESP2 if the session has that.
func (c *call) addRESP3(reply []byte) {
	if c.session.RESP3 {
		c.out = append(c.out, reply...)
		return
	}
	for len(reply) > 0 {
		line, rest, _ := bytes.Cut(reply, []byte("\r\n"))
		n, _ := strconv.Atoi(string(line[1:]))
		switch reply = rest; line[0] {
		case '%':
			c.addArray(2 * n)
		case '~':
			c.addArray(n)
		case '$':
			c.addBulkBytes(rest[:n])
			reply = rest[n+2:]
		default:
			c.out = append(append(c.out, line...), "\r\n"...)
		}
	}
}

// commandInfo runs COMMAND and COMMAND INFO.
func commandInfo(c *call) error {
	d := described()
	names := d.top
	if len(c.args) > 2 {
		names = c.args[2:]
	}
	c.addArray(len(names))
	for _, name := range names {
		if one, ok := d.info[commandName(name)]; ok {
			c.addRESP3(one.reply)
		} else {
			c.addNull()
		}
	}
	return nil
}

// commandName returns the word for a command, as it is in descriptions.
func commandName(word string) string {
	if command, ok := commandtable.Lookup(word); ok {
		return strings.ToLower(command.Name)
	}
	return ""
}

func commandDocs(c *call) error {
	d := described()
	names := d.top
	if len(c.args) > 2 {
		names = nil
		for _, word := range c.args[2:] {
			if name := commandName(word); d.docs[name] != nil {
				names = append(names, name)
			}
		}
	}
	c.addMap(len(names))
	for _, name := range names {
		c.addBulk(name)
		c.addRESP3(d.docs[name])
	}
	return nil
}

// all returns the names of the commands and subcommands for which keep is true.
func (d *descriptions) all(keep func(name string) bool) (names []string) {
	for _, name := range d.top {
		for _, one := range append([]string{name}, d.info[name].subs...) {
			if keep(one) {
				names = append(names, one)
			}
		}
	}
	return names
}

func commandList(c *call) error {
	d := described()
	keep := func(string) bool { return true }
	for i := 2; i < len(c.args); i += 3 {
		if !c.is(i, "FILTERBY") || len(c.args)-1-i != 2 {
			return errSyntax
		}
		word := ctext.String(c.args[i+2])
		switch {
		case c.is(i+1, "MODULE"):
			keep = func(string) bool { return false }
		case c.is(i+1, "ACLCAT"):
			keep = d.inCategory(word)
		case c.is(i+1, "PATTERN"):
			keep = func(name string) bool { return glob.MatchFold(c.args[i+2], name) }
		default:
			return errSyntax
		}
	}
	c.addBulks(d.all(keep))
	return nil
}

func (d *descriptions) inCategory(category string) func(name string) bool {
	category = "@" + strings.ToLower(category)
	return func(name string) bool { return slices.Contains(d.info[name].categories, category) }
}

// categories are those of ACL, in the order of ACL CAT.
var categories = []string{
	"keyspace", "read", "write", "set", "sortedset", "list", "hash", "string", "bitmap", "hyperloglog", "geo", "stream", "pubsub", "admin", "fast", "slow",
	"blocking", "dangerous", "connection", "transaction", "scripting",
}

func aclCat(c *call) error {
	switch {
	case len(c.args) > 3:
		return c.errSubcommand()
	case len(c.args) == 2:
		c.addBulks(categories)
		return nil
	}
	word := ctext.String(c.args[2])
	if !slices.Contains(categories, strings.ToLower(word)) {
		return errorf("Unknown category '%s'", word)
	}
	d := described()
	c.addBulks(d.all(d.inCategory(word)))
	return nil
}

// commandKeys runs COMMAND GETKEYS and COMMAND GETKEYSANDFLAGS.
func commandKeys(c *call) error {
	words := c.args[2:]
	command, problem := commandtable.Check(words)
	switch {
	case problem == commandtable.UnknownCommand || problem == commandtable.UnknownSubcommand:
		return errorf("Invalid command specified")
	case !command.HasKeys():
		return errorf("The command has no key arguments")
	case problem == commandtable.WrongArity:
		return errorf("Invalid number of arguments specified for command")
	}
	places, specs, err := command.KeysBySpec(words)
	if err != nil && !command.Flags.Has(commandtable.NoMandatoryKeys) {
		return errorf("Invalid arguments specified for command")
	}
	c.addArray(len(places))
	for i, at := range places {
		if c.command.Name == "COMMAND|GETKEYS" {
			c.addBulk(words[at])
			continue
		}
		c.addArray(2)
		c.addBulk(words[at])
		flags := keyFlags(command.Name, words, specs[i])
		c.addSet(len(flags))
		for _, flag := range flags {
			c.addStatus(flag)
		}
	}
	return nil
}

// keyFlags returns what a call does with the keys of one of the command's key specifications.
func keyFlags(name string, words []string, spec int) (flags []string) {
	has := func(option string) bool {
		return slices.ContainsFunc(words[3:], func(word string) bool { return equalFold(word, option) })
	}
	switch {
	case name == "SORT" && spec == 1, name == "SET" && !has("GET"):
		return []string{"OW", "update"}
	case name == "BITFIELD" && onlyGets(words[2:]):
		return []string{"RO", "access"}
	}
	specs := elements(elements(described().info[strings.ToLower(name)].reply)[8])
	facts := elements(specs[spec])
	for i := 0; i < len(facts); i += 2 {
		if c := resp.NewCursor(facts[i]); string(c.Next().Text) == "flags" {
			for _, flag := range elements(facts[i+1]) {
				c := resp.NewCursor(flag)
				if text := string(c.Next().Text); text != "variable_flags" && text != "incomplete" {
					flags = append(flags, text)
				}
			}
		}
	}
	return flags
}

// onlyGets says whether the options of BITFIELD change nothing.
func onlyGets(words []string) bool {
	for len(words) > 0 {
		n := 0
		switch {
		case equalFold(words[0], "GET"):
			n = 3
		case equalFold(words[0], "OVERFLOW"):
			n = 2
		}
		if n == 0 || n > len(words) {
			return false
		}
		words = words[n:]
	}
	return true
}
