package layout

import (
	"flag"
	"os"
	"regexp"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/redis-rest/redis-rest-go/internal/testkit/mdtable"
)

var update = flag.Bool("update", false, "write the table of packages in CONTRIBUTING.md anew")

// The table of packages contains the first sentence of each package comment. It leaves out the programs
// in examples and test.
func TestContributingListsThePackages(t *testing.T) {
	const page = "CONTRIBUTING.md"
	rows := [][]string{{"folder", "what it is"}}
	for _, p := range packages(t) {
		if p.name == "main" && (strings.HasPrefix(p.dir, "examples/") || strings.HasPrefix(p.dir, "test/")) {
			continue
		}
		assert.NotEmpty(t, p.synopsis, "%s: the package has no comment", p.dir)
		rows = append(rows, []string{"[`" + p.dir + "`](" + p.dir + ")", short(p.synopsis)})
	}
	if *update {
		require.NoError(t, mdtable.Write(page, "packages", rows))
	}
	got, err := mdtable.Read(page, "packages")
	require.NoError(t, err)
	const hint = "go test ./test/layout -update writes the table"
	for i := range min(len(rows), len(got)) {
		require.Equal(t, rows[i], got[i], hint)
	}
	require.Len(t, got, len(rows), hint)
}

// The table of places names a file and a function in it.
func TestContributingSaysWhereThingsHappen(t *testing.T) {
	t.Chdir("../..")
	page, err := os.ReadFile("CONTRIBUTING.md")
	require.NoError(t, err)
	_, text, _ := strings.Cut(string(page), "Where things happen")
	text, _, _ = strings.Cut(text, "\n## ")
	places := regexp.MustCompile("\\]\\(([^)]+\\.go)\\), `([a-zA-Z]+)`").FindAllStringSubmatch(text, -1)
	require.Greater(t, len(places), 9)
	for _, place := range places {
		source, err := os.ReadFile(place[1])
		require.NoError(t, err)
		assert.Regexp(t, `(?m)^func (\([^)]+\) )?`+place[2]+`\b`, string(source), place[0])
	}
}

// short removes the name at the start of a first sentence: "Package sse reads
// events." becomes "Reads events.", and "Package redis is a client." becomes "A client."
func short(sentence string) string {
	for _, kind := range []string{"Package ", "Command "} {
		sentence = strings.TrimPrefix(sentence, kind)
	}
	_, rest, _ := strings.Cut(sentence, " ")
	rest = strings.TrimPrefix(rest, "is ")
	first, size := utf8.DecodeRuneInString(rest)
	return string(unicode.ToUpper(first)) + rest[size:]
}
