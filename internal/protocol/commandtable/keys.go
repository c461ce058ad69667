package commandtable

import (
	"errors"
	"strconv"
	"strings"
)

// A keySpec says where some of a command's keys are, as Redis' key specifications
// do.
type keySpec struct {
	word  string // the keys begin behind this word, which stands at first or later; "" for at first
	first int8
	count bool // in the first place is how many they are, and they follow
	last  int8 // the last key, counted from the first; -1 for the last argument, -2 for that before it
	step  int8
	limit int8 // of 2: the keys are the first half of what is there
}

// The first of keySpecs.
const (
	_ = iota // no keys
	oneKey
	allButLast
	everyThird
)

// These are why no keys are found. They hold no arguments.
var (
	errArity   = errors.New("wrong number of arguments")
	errInvalid = errors.New("the arguments do not say where the keys are")
)

// Keys returns the places of the keys in the words of a call that Takes allows, like
// COMMAND GETKEYS.
// A command that has none, and a script that is called without, is no error.
func (c Command) Keys(args []string) ([]int, error) {
	if !c.Takes(len(args)) {
		return nil, errArity
	}
	switch c.Name {
	case "SORT":
		return sorted(args), nil
	case "MIGRATE":
		return migrated(args)
	}
	specs := keySpecs[c.keys]
	var keys []int
	for _, spec := range specs {
		var ok bool
		if keys, ok = spec.appendKeys(keys, args); !ok {
			keys = nil
			break
		}
	}
	if len(keys) == 0 && len(specs) > 0 && !c.Flags.Has(NoMandatoryKeys) {
		return nil, errInvalid
	}
	return keys, nil
}

func (s keySpec) appendKeys(keys []int, args []string) (_ []int, ok bool) {
	first := int(s.first)
	if s.word != "" {
		for first < len(args) && !strings.EqualFold(args[first], s.word) {
			first++
		}
		first++
	}
	if first >= len(args) {
		return keys, s.word != "" // which is an option's name
	}
	last := first + int(s.last)
	switch {
	case s.count:
		n, err := strconv.Atoi(args[first])
		if err != nil || n < 1 || n >= len(args)-first {
			return nil, false
		}
		first++
		last = first + n - 1
	case s.limit > 0:
		last = first + (len(args)-first)/int(s.limit) - 1
	case s.last < 0:
		last = len(args) + int(s.last)
	}
	if last >= len(args) || last < first {
		return nil, false
	}
	for at := first; at <= last; at += int(s.step) {
		keys = append(keys, at)
	}
	return keys, true
}

// sorted finds the keys of SORT: the first argument, and what follows the last
// STORE that is an option.
func sorted(args []string) []int {
	takes := map[string]int{"BY": 1, "GET": 1, "LIMIT": 2, "STORE": 1}
	store := 0
	for i := 2; i < len(args); i++ {
		option := strings.ToUpper(args[i])
		if option == "STORE" && i+1 < len(args) {
			store = i + 1
		}
		i += takes[option]
	}
	if store == 0 {
		return []int{1}
	}
	return []int{1, store}
}

// migrated finds the keys of MIGRATE: one as its third argument, or else all
// behind the word KEYS.
func migrated(args []string) ([]int, error) {
	if args[3] != "" {
		return []int{3}, nil
	}
	takes := map[string]int{"AUTH": 1, "AUTH2": 2}
	for i := 6; i < len(args); i++ {
		option := strings.ToUpper(args[i])
		if option != "KEYS" {
			i += takes[option]
			continue
		}
		var keys []int
		for at := i + 1; at < len(args); at++ {
			keys = append(keys, at)
		}
		return keys, nil
	}
	return nil, errInvalid
}
