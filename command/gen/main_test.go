package main

import (
	"cmp"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/redis-rest/redis-rest-go/internal/protocol/commandtable"
	"github.com/redis-rest/redis-rest-go/internal/testkit/longtext"
)

func constructors(t *testing.T) []constructor {
	t.Helper()
	list, err := parse("..")
	require.NoError(t, err)
	require.Greater(t, len(list), 80)
	return list
}

// listed returns the project's list of commands, by family.
func listed(t *testing.T) map[string][]string {
	t.Helper()
	text, err := os.ReadFile("../testdata/commands.txt")
	require.NoError(t, err)
	families := map[string][]string{}
	family := ""
	for line := range strings.Lines(string(text)) {
		line = strings.TrimSpace(line)
		if title, ok := strings.CutPrefix(line, "# "); ok {
			family = title
			continue
		}
		families[family] = append(families[family], line)
	}
	return families
}

func TestDocumentationIsGenerated(t *testing.T) {
	text, err := table(constructors(t))
	require.NoError(t, err)
	kept, err := os.ReadFile("../doctable.go")
	require.NoError(t, err)
	longtext.Equal(t, string(kept), string(text), "doctable.go: run go generate ./command")
}

// The comments list the options. So does the error of the compiler for a wrong option: it
// has the name of the missing method.
func TestOptionsAreGenerated(t *testing.T) {
	texts, err := sources("..")
	require.NoError(t, err)
	for path, text := range texts {
		kept, err := os.ReadFile(path)
		require.NoError(t, err)
		assert.True(t, string(kept) == string(text), "%s: run go generate ./command", path)
	}
}

// The package and the list have the same commands.
func TestEveryCommandHasAConstructor(t *testing.T) {
	made := map[string][]string{}
	for _, c := range constructors(t) {
		made[c.Command] = append(made[c.Command], c.File)
	}
	var all []string
	for family, commands := range listed(t) {
		for _, command := range commands {
			all = append(all, command)
			scan := strings.HasSuffix(command, "SCAN")
			for _, file := range made[command] {
				assert.True(t, file == family+".go" || scan && file == "scan.go", "%s is in %s", command, file)
			}
		}
	}
	slices.Sort(all)
	assert.Equal(t, all, slices.Sorted(maps.Keys(made)))
}

// sinceOption has the Redis version of the option that a constructor is for.
var sinceOption = map[string]string{"SetGet": "6.2.0"}

// The version and the complexity in the comments are those that Redis documents.
func TestCommentsAgreeWithRedis(t *testing.T) {
	for _, c := range constructors(t) {
		known, ok := commandtable.Lookup(strings.ReplaceAll(c.Command, " ", "|"))
		require.True(t, ok, c.Command)
		facts := known.Doc()
		since := cmp.Or(sinceOption[c.Name], facts.Since)
		if !strings.HasPrefix(since, "RedisJSON") {
			since = "Redis " + since
		}
		assert.Contains(t, c.Doc, "since "+since, c.Name)
		for _, class := range classes(c.Doc) {
			assert.Contains(t, facts.Complexity, class, c.Name)
		}
		if len(classes(facts.Complexity)) > 0 {
			assert.NotEmpty(t, classes(c.Doc), "%s: %s", c.Name, facts.Complexity)
		}
	}
}

// classes returns the complexities in a text: O(N*log(N)).
func classes(text string) (found []string) {
	for {
		at := strings.Index(text, "O(")
		if at < 0 {
			return found
		}
		text = text[at:]
		open := 0
		for i, c := range text {
			switch c {
			case '(':
				open++
			case ')':
				open--
			}
			if i > 0 && open == 0 && c == ')' {
				found = append(found, text[:i+1])
				break
			}
		}
		text = text[2:]
	}
}

// Package commandtable knows for every command whether it only reads. It does if Redis says
// so, or if it uses no key.
func TestEveryCommandIsKnownToReadOrWrite(t *testing.T) {
	readsWithoutOptions := []string{"BITFIELD", "GETEX"}
	touchNoKey := []string{"ECHO", "PING", "SCRIPT EXISTS", "SCRIPT LOAD", "TIME"}
	for _, commands := range listed(t) {
		for _, command := range commands {
			known, ok := commandtable.Lookup(strings.ReplaceAll(command, " ", "|"))
			require.True(t, ok, command)
			var args []any
			for word := range strings.SplitSeq(command, " ") {
				args = append(args, word)
			}
			args = append(args, "k", []byte("SET"))
			want := known.Flags.Has(commandtable.ReadOnly) || slices.Contains(touchNoKey, command)
			assert.Equal(t, want, commandtable.OnlyReads(args), command)
			if slices.Contains(readsWithoutOptions, command) {
				assert.True(t, commandtable.OnlyReads(args[:2]), command)
			}
		}
	}
}

// Each constructor is called by a test or an example.
func TestEveryConstructorIsTested(t *testing.T) {
	paths, err := filepath.Glob("../*_test.go")
	require.NoError(t, err)
	var tests strings.Builder
	for _, path := range paths {
		text, err := os.ReadFile(path)
		require.NoError(t, err)
		tests.Write(text)
	}
	for _, c := range constructors(t) {
		called := strings.Contains(tests.String(), "command."+c.Name+"(") || strings.Contains(tests.String(), "command."+c.Name+"[")
		assert.True(t, called, c.Name)
	}
}
