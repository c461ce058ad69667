package commandtable

import (
	"errors"
	"strconv"
	"strings"
)

// A keySpec says where some of a command's keys are, as a key specification of Redis
// does.
type keySpec struct {
	word  string // the keys begin after this word, which is at first or later; "" means they begin at first
	first int8
	count bool // the first word is the number of keys, and the keys follow
	last  int8 // the last key, counted from the first; -1 for the last argument, -2 for the one before it
	step  int8
	limit int8 // 2: only the first half of these arguments are keys
}

// The start of keySpecs.
const (
	_ = iota // no keys
	oneKey
	allButLast
	everyThird
	secondWord
	countedPairs // a key and another word each
)

// Reasons why no keys are found. They contain no arguments.
var (
	errArity   = errors.New("wrong number of arguments")
	errInvalid = errors.New("the arguments do not say where the keys are")
)

// HasKeys says whether a call may have keys.
func (c Command) HasKeys() bool {
	return len(keySpecs[c.keys]) > 0 || c.Name == "SORT" || c.Name == "MIGRATE"
}

// Keys returns the positions of the keys in the words of a call that Takes accepts, like
// COMMAND GETKEYS.
// A command without keys, and a script called without keys, is no error.
func (c Command) Keys(args []string) ([]int, error) {
	keys, _, err := c.KeysBySpec(args)
	return keys, err
}

// KeysBySpec is Keys, and tells for each key which of the command's key specifications found it.
func (c Command) KeysBySpec(args []string) (keys, specs []int, err error) {
	if !c.Takes(len(args)) {
		return nil, nil, errArity
	}
	switch c.Name {
	case "SORT":
		keys = sorted(args)
		return keys, []int{0, 1}[:len(keys)], nil
	case "MIGRATE":
		keys, err = migrated(args)
		return keys, make([]int, len(keys)), err
	}
	for i, spec := range keySpecs[c.keys] {
		var ok bool
		if keys, ok = spec.appendKeys(keys, args); !ok {
			keys = nil
			break
		}
		for len(specs) < len(keys) {
			specs = append(specs, i)
		}
	}
	if len(keys) == 0 && len(keySpecs[c.keys]) > 0 && !c.Flags.Has(NoMandatoryKeys) {
		return nil, nil, errInvalid
	}
	return keys, specs, nil
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
		return keys, s.word != "" // the word is an option
	}
	last := first + int(s.last)
	switch {
	case s.count:
		n, err := strconv.Atoi(args[first])
		if err != nil || n < 1 || n >= len(args)-first {
			return nil, false
		}
		first++
		last = first + (n-1)*int(s.step)
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

// sorted finds the keys of SORT: the first argument, and the argument of the last
// STORE option.
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

// migrated finds the keys of MIGRATE: its third argument, or, if that is empty, all arguments
// after the word KEYS.
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
