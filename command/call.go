package command

import (
	"fmt"
	"maps"
	"slices"

	redis "github.com/redis-rest/redis-rest-go"
)

// A call is a command that is being built: its words so far, and the first error.
type call struct {
	args    []any
	options []string // the names of the options so far
	err     error
}

func newCall(name string, args ...any) *call {
	return &call{args: append([]any{name}, args...)}
}

func (c *call) add(args ...any) { c.args = append(c.args, args...) }

// refuse records why the command is invalid. The first reason is kept. The text must
// not quote arguments.
func (c *call) refuse(format string, args ...any) {
	if c.err == nil {
		c.err = fmt.Errorf(format, args...)
	}
}

// exclude refuses the command if more than one of these options is given.
func (c *call) exclude(options ...string) {
	var given []string
	for _, o := range c.options {
		if slices.Contains(options, o) {
			given = append(given, o)
		}
	}
	if len(given) > 1 {
		c.refuse("%s and %s exclude each other", given[0], given[1])
	}
}

// addAll adds the elements of a list, which must not be empty.
func addAll[E any](c *call, what string, list []E) {
	if len(list) == 0 {
		c.refuse("needs at least one %s", what)
	}
	for _, e := range list {
		c.add(e)
	}
}

// addCounted adds the length of a list and then its elements.
func addCounted[E any](c *call, what string, list []E) {
	c.add(len(list))
	addAll(c, what, list)
}

// addMap adds each key and its value, sorted by key. The map must not be empty.
func addMap[V any](c *call, what string, m map[string]V) {
	if len(m) == 0 {
		c.refuse("needs at least one %s", what)
	}
	for _, key := range slices.Sorted(maps.Keys(m)) {
		c.add(key, m[key])
	}
}

// addEither adds word, which must equal one or other.
func addEither[W ~string](c *call, word, one, other W) {
	if word != one && word != other {
		c.refuse("needs %s or %s", one, other)
	}
	c.add(string(word))
}

// command builds the command. Decode decodes its reply.
func command[T any](c *call) redis.Command[T] {
	if c.err != nil {
		return redis.InvalidCmd[T](c.args[0].(string), c.err)
	}
	return redis.Cmd[T](c.args...)
}

// commandWithDecoder builds the command. read decodes its reply.
func commandWithDecoder[T any](c *call, read func(redis.Reply) (T, error)) redis.Command[T] {
	if c.err != nil {
		return redis.InvalidCmd[T](c.args[0].(string), c.err)
	}
	return redis.CmdWithDecoder(read, c.args...)
}

// An option is an option of a command. Among the methods of an option interface,
// writeTo must sort after the needs… method: the compiler names the first missing
// method in alphabetical order.
type option interface{ writeTo(c *call) }

// apply adds options in the given order. An option that is given twice is refused.
func apply[O option](c *call, opts []O) {
	for _, o := range opts {
		if any(o) == nil {
			c.refuse("an option is nil")
			continue
		}
		o.writeTo(c)
	}
}

// A word is an option that consists of a word and its arguments.
type word struct {
	name string // the name of the option for callers: EX
	args []any  // the words that are sent: PX 1500
	err  error  // why the option is invalid
}

func newWord(name string, args ...any) word {
	return word{name: name, args: append([]any{name}, args...)}
}

func (w word) writeTo(c *call) {
	switch {
	case w.name == "":
		c.refuse("an option is empty")
	case w.err != nil:
		c.refuse("%s: %w", w.name, w.err)
	case slices.Contains(c.options, w.name):
		c.refuse("%s is given twice", w.name)
	}
	c.options = append(c.options, w.name)
	c.add(w.args...)
}

// newCount makes a word with a number that must be at least least.
func newCount(name string, n, least int64) word {
	w := newWord(name, n)
	if n < least {
		w.err = fmt.Errorf("must be at least %d", least)
	}
	return w
}
