// Package keyprefix puts a prefix before the keys of commands and says where their replies have keys.
package keyprefix

import (
	"errors"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/redis-rest/redis-rest-go/internal/client/runonce"
	"github.com/redis-rest/redis-rest-go/internal/protocol/commandtable"
)

// A Prefix is the text before every key and channel.
type Prefix string

// Problem says why the prefix cannot be used; "" if it can. A brace would change the hash slots
// of keys that have a hash tag.
func (p Prefix) Problem() string {
	switch {
	case p == "":
		return "is empty"
	case strings.ContainsAny(string(p), "{}"):
		return "holds a brace, which would change the hash slots of keys"
	case !utf8.ValidString(string(p)):
		return "is not valid UTF-8"
	}
	return ""
}

// Pattern is a pattern of keys or channels with the prefix, which matches as it is written.
func (p Prefix) Pattern(pattern string) string { return p.escaped() + pattern }

func (p Prefix) escaped() string {
	return strings.NewReplacer(`\`, `\\`, `*`, `\*`, `?`, `\?`, `[`, `\[`).Replace(string(p))
}

// Errors that say why a command is refused. They contain no arguments.
var (
	errUnknown = errors.New("its keys are not known, because the command is not")
	errArity   = errors.New("wrong number of arguments")
	errOptions = errors.New("the options do not say where the keys are")
	errStar    = errors.New("the prefix holds *, so it cannot be put before a pattern of BY or GET")
)

// Apply returns the words of a command with the prefix, and where the reply has keys; nil
// if it has none. It does not change words. The error says why the command is refused.
func (p Prefix) Apply(words []string) (prefixed []string, reply Path, err error) {
	c, ok := commandtable.Find(words)
	if !ok || c.Flags.Has(commandtable.Container) && len(words) > 1 {
		return nil, nil, errUnknown
	}
	r := rules[c.Name]
	switch {
	case r.Refused != "":
		return nil, nil, errors.New(r.Refused)
	case !c.Takes(len(words)):
		return nil, nil, errArity
	}
	find := r.keys
	if find == nil {
		find = c.Keys
	}
	keys, err := find(words)
	if err != nil {
		return nil, nil, err
	}
	prefixed = slices.Clone(words)
	if r.edit != nil {
		if prefixed, err = r.edit(p, prefixed, keys); err != nil {
			return nil, nil, err
		}
	}
	for _, at := range keys {
		prefixed[at] = string(p) + prefixed[at]
	}
	return prefixed, r.path, nil
}

// A finder returns the positions of the keys and channels.
type finder func(words []string) ([]int, error)

// An editor changes words that are not keys as they stand, before the keys get the prefix.
type editor func(p Prefix, words []string, keys []int) ([]string, error)

// only finds one key.
func only(at int) finder {
	return func([]string) ([]int, error) { return []int{at}, nil }
}

// from finds all words from the given one on.
func from(first int) finder {
	return func(words []string) (keys []int, _ error) {
		for at := first; at < len(words); at++ {
			keys = append(keys, at)
		}
		return keys, nil
	}
}

// options calls do with the position and the name of each option from the given word on. takes
// has the number of arguments of each option. It returns the position of the first word
// that is no option, or has too few arguments; len(words) if there is none.
func options(words []string, first int, takes map[string]int, do func(at int, name string)) int {
	at := first
	for at < len(words) {
		name := strings.ToUpper(words[at])
		n, ok := takes[name]
		if !ok || at+n >= len(words) {
			break
		}
		do(at, name)
		at += 1 + n
	}
	return at
}

// georadius finds the source and every STORE and STOREDIST from the given word on. Redis
// stores at the last one, and the command table knows only the first of each.
func georadius(first int) finder {
	takes := map[string]int{"WITHCOORD": 0, "WITHDIST": 0, "WITHHASH": 0, "ASC": 0, "DESC": 0, "ANY": 0, "COUNT": 1, "STORE": 1, "STOREDIST": 1}
	return func(words []string) ([]int, error) {
		keys := []int{1}
		end := options(words, first, takes, func(at int, name string) {
			if strings.HasPrefix(name, "STORE") {
				keys = append(keys, at+1)
			}
		})
		if end < len(words) {
			return nil, errOptions
		}
		return keys, nil
	}
}

// readGroup finds the keys of XREADGROUP. The command table takes a group or a consumer
// that is called STREAMS for the option, unless GROUP is the first option.
func readGroup(words []string) ([]int, error) {
	streams := options(words, 1, map[string]int{"GROUP": 2, "COUNT": 1, "BLOCK": 1, "CLAIM": 1, "NOACK": 0}, func(int, string) {})
	if streams == len(words) || !strings.EqualFold(words[streams], "STREAMS") {
		return nil, errOptions
	}
	first := streams + 1
	return from(first)(words[:first+(len(words)-first)/2])
}

// patterns puts the prefix before all words from the given one on, as patterns.
func patterns(first int) editor {
	return func(p Prefix, words []string, _ []int) ([]string, error) {
		for at := first; at < len(words); at++ {
			words[at] = p.Pattern(words[at])
		}
		return words, nil
	}
}

// channels puts the prefix before the pattern of PUBSUB CHANNELS, and adds one if there
// is none.
func channels(p Prefix, words []string, keys []int) ([]string, error) {
	if len(words) == 2 {
		words = append(words, "*")
	}
	return patterns(2)(p, words, keys)
}

// scan puts the prefix before the patterns of MATCH, and adds MATCH if there is none.
func scan(p Prefix, words []string, _ []int) ([]string, error) {
	matches := false
	end := options(words, 2, map[string]int{"MATCH": 1, "COUNT": 1, "TYPE": 1}, func(at int, name string) {
		if name == "MATCH" {
			matches = true
			words[at+1] = p.Pattern(words[at+1])
		}
	})
	if end < len(words) {
		return nil, errOptions
	}
	if !matches {
		words = append(words, "MATCH", p.Pattern("*"))
	}
	return words, nil
}

// sort puts the prefix before the patterns of BY and GET. Redis reads no key for one
// without *, such as # and nosort.
func sort(p Prefix, words []string, _ []int) ([]string, error) {
	star := false
	end := options(words, 2, map[string]int{"BY": 1, "GET": 1, "LIMIT": 2, "STORE": 1, "ASC": 0, "DESC": 0, "ALPHA": 0}, func(at int, name string) {
		if (name == "BY" || name == "GET") && strings.Contains(words[at+1], "*") {
			star = true
			words[at+1] = string(p) + words[at+1]
		}
	})
	switch {
	case end < len(words):
		return nil, errOptions
	case star && strings.Contains(string(p), "*"):
		return nil, errStar
	}
	return words, nil
}

// script moves the record of RunOnce to the slot of the first key with its prefix.
func script(p Prefix, words []string, keys []int) ([]string, error) {
	if n := len(keys); n > 1 {
		key, record := words[keys[0]], &words[keys[n-1]]
		if id, ok := runonce.ID(key, *record); ok {
			*record = runonce.Record(string(p)+key, id)
		}
	}
	return words, nil
}
