// Command gen writes the table of Redis commands, from what the redis-server on PATH
// replies to COMMAND and COMMAND DOCS.
package main

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"go/format"
	"log"
	"os"
	"slices"
	"strings"

	redis "github.com/redis-rest/redis-rest-go"
	"github.com/redis-rest/redis-rest-go/restserver"
)

func main() {
	log.SetFlags(0)
	files, err := generate(context.Background())
	if err != nil {
		log.Fatal(err)
	}
	for name, text := range files {
		if err := os.WriteFile(name, text, 0o644); err != nil {
			log.Fatal(err)
		}
	}
}

// An info is a command in the reply to COMMAND.
type info struct {
	Name        string   `redis:"0"`
	Arity       int      `redis:"1"`
	Flags       []string `redis:"2"`
	KeySpecs    []spec   `redis:"8"`
	Subcommands []info   `redis:"9"`
}

type spec struct {
	Flags []string `redis:"flags"`
	Begin struct {
		Type string `redis:"type"`
		Spec struct {
			Index     int    `redis:"index"`
			Keyword   string `redis:"keyword"`
			StartFrom int    `redis:"startfrom"`
		} `redis:"spec"`
	} `redis:"begin_search"`
	Find struct {
		Type string `redis:"type"`
		Spec struct {
			LastKey   int `redis:"lastkey"`
			KeyStep   int `redis:"keystep"`
			Limit     int `redis:"limit"`
			KeyNumIdx int `redis:"keynumidx"`
			FirstKey  int `redis:"firstkey"`
		} `redis:"spec"`
	} `redis:"find_keys"`
}

// A doc is a command in the reply to COMMAND DOCS.
type doc struct {
	Group       string         `redis:"group"`
	Since       string         `redis:"since"`
	Complexity  string         `redis:"complexity"`
	Arguments   []argument     `redis:"arguments"`
	Subcommands map[string]doc `redis:"subcommands"`
}

// An argument is one argument of a command in the reply to COMMAND DOCS, or a group of
// them: all in a row (block), or one of them (oneof).
type argument struct {
	Type      string     `redis:"type"`
	Token     string     `redis:"token"`
	Flags     []string   `redis:"flags"`
	Arguments []argument `redis:"arguments"`
}

func (a argument) has(flag string) bool { return slices.Contains(a.Flags, flag) }

// least is how many words the argument is at least.
func (a argument) least() int {
	if a.has("optional") {
		return 0
	}
	n := 0
	if a.Token != "" {
		n++
	}
	switch a.Type {
	case "pure-token":
	case "block":
		for _, part := range a.Arguments {
			n += part.least()
		}
	case "oneof":
		least := a.Arguments[0].least()
		for _, choice := range a.Arguments {
			least = min(least, choice.least())
		}
		n += least
	default:
		n++
	}
	return n
}

// generate returns the generated files by name.
func generate(ctx context.Context) (map[string][]byte, error) {
	server, err := restserver.Start(restserver.Config{Backend: "redis-server"})
	if err != nil {
		return nil, err
	}
	defer server.Close()
	rdb, err := redis.New(server.URL, server.Token)
	if err != nil {
		return nil, err
	}
	infos, err := redis.Cmd[[]info]("COMMAND").Do(ctx, rdb)
	if err != nil {
		return nil, err
	}
	docs, err := redis.Cmd[map[string]doc]("COMMAND", "DOCS").Do(ctx, rdb)
	if err != nil {
		return nil, err
	}
	table, err := table(server.Backend(), infos)
	if err != nil {
		return nil, err
	}
	documentation, err := format.Source(documentation(server.Backend(), docs))
	if err != nil {
		return nil, err
	}
	multiples, err := format.Source(multiples(server.Backend(), docs))
	return map[string][]byte{"table.go": table, "docs.go": documentation, "multiples.go": multiples}, err
}

// first are the specifications at the start of the list, because the table of newer
// commands refers to them: noKeys, oneKey, allButLast, everyThird, secondWord, countedPairs.
var first = []string{
	"",
	"{first: 1, last: 0, step: 1, limit: 0}",
	"{first: 1, last: -2, step: 1, limit: 0}",
	"{first: 1, last: -1, step: 3, limit: 0}",
	"{first: 2, last: 0, step: 1, limit: 0}",
	"{first: 1, count: true, step: 2}",
}

// table writes the commands and the specifications of their keys. Commands share
// equal keySpecs.
func table(source string, infos []info) ([]byte, error) {
	specs := slices.Clone(first)
	var lines []string
	var add func(i info) error
	add = func(i info) error {
		keys, err := keySpecs(i.KeySpecs)
		if err != nil {
			return fmt.Errorf("%s: %w", i.Name, err)
		}
		at := slices.Index(specs, keys)
		if at < 0 {
			at = len(specs)
			specs = append(specs, keys)
		}
		lines = append(lines, fmt.Sprintf("{%q, %d, %s, %d},\n", strings.ToUpper(i.Name), i.Arity, flags(i), at))
		for _, sub := range i.Subcommands {
			if err := add(sub); err != nil {
				return err
			}
		}
		return nil
	}
	slices.SortFunc(infos, func(a, b info) int { return cmp.Compare(a.Name, b.Name) })
	for _, i := range infos {
		if err := add(i); err != nil {
			return nil, err
		}
	}
	slices.Sort(lines)
	b := header(source)
	b.WriteString("var keySpecs = [...][]keySpec{\n")
	for i, keys := range specs {
		fmt.Fprintf(b, "%d: {%s},\n", i, keys)
	}
	b.WriteString("}\n\nvar commands = [...]Command{\n")
	b.WriteString(strings.Join(lines, ""))
	b.WriteString("}\n")
	return format.Source(b.Bytes())
}

func header(source string) *bytes.Buffer {
	b := &bytes.Buffer{}
	fmt.Fprintf(b, "// Code generated by gen from %s; DO NOT EDIT.\n\npackage commandtable\n\n", source)
	return b
}

// keySpecs writes the specifications that say where keys are. It leaves out those that mark
// a position only for clusters, and those for keys anywhere among the
// options, which Command.Keys finds without a specification.
func keySpecs(specs []spec) (string, error) {
	var texts []string
	for _, s := range specs {
		begin, find := s.Begin, s.Find
		if slices.Contains(s.Flags, "not_key") || begin.Type == "unknown" {
			continue
		}
		text := ""
		switch {
		case begin.Type == "index":
			text = fmt.Sprintf("first: %d", begin.Spec.Index)
		case begin.Type == "keyword" && begin.Spec.StartFrom < 0:
			continue
		case begin.Type == "keyword":
			text = fmt.Sprintf("word: %q, first: %d", begin.Spec.Keyword, begin.Spec.StartFrom)
		default:
			return "", errors.New("unknown begin_search of a key specification")
		}
		switch {
		case find.Type == "range":
			text += fmt.Sprintf(", last: %d, step: %d, limit: %d", find.Spec.LastKey, find.Spec.KeyStep, find.Spec.Limit)
		case find.Type == "keynum" && find.Spec.KeyNumIdx == 0 && find.Spec.FirstKey == 1:
			text += fmt.Sprintf(", count: true, step: %d", find.Spec.KeyStep)
		default:
			return "", errors.New("unknown find_keys of a key specification")
		}
		texts = append(texts, "{"+text+"}")
	}
	return strings.Join(texts, ", "), nil
}

// names maps flags to the constants of package commandtable.
var names = map[string]string{
	"admin": "Admin", "allow_busy": "AllowBusy", "asking": "Asking", "blocking": "Blocking", "denyoom": "DenyOOM", "fast": "Fast",
	"loading": "Loading", "movablekeys": "MovableKeys", "no_async_loading": "NoAsyncLoading", "no_auth": "NoAuth",
	"no_mandatory_keys": "NoMandatoryKeys", "no_multi": "NoMulti", "noscript": "NoScript", "pubsub": "PubSub", "readonly": "ReadOnly",
	"skip_monitor": "SkipMonitor", "skip_slowlog": "SkipSlowlog", "stale": "Stale", "write": "Write",
}

func flags(i info) string {
	var set []string
	for _, f := range i.Flags {
		set = append(set, cmp.Or(names[f], f)) // an unknown flag does not compile
	}
	if len(i.Subcommands) > 0 {
		set = append(set, "Container")
	}
	slices.Sort(set)
	return cmp.Or(strings.Join(set, " | "), "0")
}

func documentation(source string, docs map[string]doc) []byte {
	var lines []string
	var add func(docs map[string]doc)
	add = func(docs map[string]doc) {
		for name, d := range docs {
			lines = append(lines, fmt.Sprintf("{%q, %q, %q, %q},\n", strings.ToUpper(name), d.Group, d.Since, d.Complexity))
			add(d.Subcommands)
		}
	}
	add(docs)
	slices.Sort(lines)
	b := header(source)
	b.WriteString("var docs = [...]Doc{\n")
	b.WriteString(strings.Join(lines, ""))
	b.WriteString("}\n")
	return b.Bytes()
}

// multiples writes where commands take several words for one argument. Keys are left out:
// the key specifications have them.
func multiples(source string, docs map[string]doc) []byte {
	var lines []string
	var add func(docs map[string]doc)
	add = func(docs map[string]doc) {
		for name, d := range docs {
			name = strings.ToUpper(name)
			first := 1 + strings.Count(name, "|") // behind the name
			for i, a := range d.Arguments {
				lines = appendMultiples(lines, name, a, first, i == len(d.Arguments)-1)
				first += a.least()
			}
			add(d.Subcommands)
		}
	}
	add(docs)
	slices.Sort(lines)
	b := header(source)
	b.WriteString("var multiples = [...]multiple{\n")
	b.WriteString(strings.Join(lines, ""))
	b.WriteString("}\n")
	return b.Bytes()
}

// appendMultiples adds a line for the argument, which begins at word first or later, if it
// may be several, or else for those of its parts that may.
func appendMultiples(lines []string, name string, a argument, first int, last bool) []string {
	switch {
	case a.has("multiple") && isKey(a):
		return lines
	case a.has("multiple") || a.has("multiple_token"):
		step := 1
		if last && a.Type == "block" && a.Token == "" {
			step = a.least()
		}
		return append(lines, fmt.Sprintf("{%q, %q, %d, %d},\n", name, a.Token, first, step))
	}
	for _, part := range a.Arguments {
		if part.has("multiple") && !isKey(part) && part.Token == "" {
			part.Token = a.Token // STREAMS, before the keys and ids
		}
		lines = appendMultiples(lines, name, part, first, false)
	}
	return lines
}

// isKey reports whether an argument is a key, or begins with one.
func isKey(a argument) bool {
	return a.Type == "key" || a.Type == "block" && isKey(a.Arguments[0])
}
