package commandtable

import (
	"slices"
	"strconv"
	"strings"
)

// A multiple says where a command takes several words for one argument.
type multiple struct {
	name  string // the command's
	word  string // they begin behind this word, which stands at first or later; "" for at first or later
	first int8
	step  int8 // how many words one of them has; the last one ends the command where that is more than 1
}

// TakesSeveral reports whether the word at a place in a call stands where several may be
// meant: where Redis takes several words or a key, as the only argument of a script, or in a
// call that has too few or too many words.
func TakesSeveral(args []string, at int) bool {
	c, ok := Find(args)
	switch {
	case !ok:
		return false
	case !c.Takes(len(args)):
		return true
	}
	keys, err := c.Keys(args)
	if err != nil || slices.Contains(keys, at) {
		return true
	}
	switch c.Name {
	case "EVAL", "EVAL_RO", "EVALSHA", "EVALSHA_RO", "FCALL", "FCALL_RO":
		// Redis calls their arguments multiple, but one of many may be of any form.
		numkeys, err := strconv.Atoi(args[2])
		return err == nil && at == 3+numkeys && at == len(args)-1
	}
	return c.isMultiple(args, at)
}

// isMultiple reports whether the word at a place in a call stands where Redis' documentation
// says that there may be several. Of arguments that are several words each, such as a field
// and its value, only the first one counts. Keys do not count; see Keys.
func (c Command) isMultiple(args []string, at int) bool {
	for _, table := range [][]multiple{multiples[:], newerMultiples[:]} {
		i, _ := slices.BinarySearchFunc(table, c.Name, func(m multiple, name string) int { return strings.Compare(m.name, name) })
		for ; i < len(table) && table[i].name == c.Name; i++ {
			if table[i].takes(args, at) {
				return true
			}
		}
	}
	return false
}

func (m multiple) takes(args []string, at int) bool {
	first := int(m.first)
	if m.word != "" {
		for first < len(args) && !strings.EqualFold(args[first], m.word) {
			first++
		}
		first++
	}
	return at >= first && at < len(args) && (len(args)-at)%int(m.step) == 0
}
