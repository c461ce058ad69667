package command

import (
	"fmt"
	"maps"
	"slices"

	redis "github.com/redis-rest/redis-rest-go"
)

// A call is a command in the making: its words so far, and what is wrong with it.
type call struct {
	args    []any
	options []string // the names of the options that were given
	err     error
}

func newCall(name string, args ...any) *call {
	return &call{args: append([]any{name}, args...)}
}

func (c *call) add(args ...any) { c.args = append(c.args, args...) }

// refuse says why there is no such command. It must not quote arguments.
func (c *call) refuse(format string, args ...any) {
	if c.err == nil {
		c.err = fmt.Errorf(format, args...)
	}
}

// exclude refuses two of these options at once.
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

// addAll adds a list of which there must be at least one.
func addAll[E any](c *call, what string, list []E) {
	if len(list) == 0 {
		c.refuse("needs at least one %s", what)
	}
	for _, e := range list {
		c.add(e)
	}
}

// addCounted is addAll with the length of the list before it.
func addCounted[E any](c *call, what string, list []E) {
	c.add(len(list))
	addAll(c, what, list)
}

// addMap adds keys and values in turn, in the order of the keys.
func addMap[V any](c *call, what string, m map[string]V) {
	if len(m) == 0 {
		c.refuse("needs at least one %s", what)
	}
	for _, key := range slices.Sorted(maps.Keys(m)) {
		c.add(key, m[key])
	}
}

// addEither adds a word that must be one of two.
func addEither[W ~string](c *call, word, one, other W) {
	if word != one && word != other {
		c.refuse("needs %s or %s", one, other)
	}
	c.add(string(word))
}

// command ends the making of a command whose reply Decode takes.
func command[T any](c *call) redis.Command[T] {
	if c.err != nil {
		return redis.CmdErr[T](c.args[0].(string), c.err)
	}
	return redis.Cmd[T](c.args...)
}

// commandFunc ends the making of a command whose reply read takes.
func commandFunc[T any](c *call, read func(redis.Reply) (T, error)) redis.Command[T] {
	if c.err != nil {
		return redis.CmdErr[T](c.args[0].(string), c.err)
	}
	return redis.CmdFunc(read, c.args...)
}

// An option is one of a command's options.
type option interface{ apply(c *call) }

// apply adds options in the order in which they come. None may come twice.
func apply[O option](c *call, opts []O) {
	for _, o := range opts {
		if any(o) == nil {
			c.refuse("an option is nil")
			continue
		}
		o.apply(c)
	}
}

// A word is an option that is a word and what follows it.
type word struct {
	name string // what callers know it as: EX
	args []any  // what is sent: PX 1500
	err  error  // why it cannot be
}

func newWord(name string, args ...any) word {
	return word{name: name, args: append([]any{name}, args...)}
}

func (w word) apply(c *call) {
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

// newCount is a word with a number that must not be less than least.
func newCount(name string, n, least int64) word {
	w := newWord(name, n)
	if n < least {
		w.err = fmt.Errorf("must be at least %d", least)
	}
	return w
}
