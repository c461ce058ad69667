// Package docs is the pages, and the tests of their names, Go code, commands and
// tables.
package docs

import (
	"go/ast"
	"go/doc/comment"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// pages are what people read. vet.md, lint.md and gen.md are not among them: internal/workbench/vet, gen and
// internal/workbench/lint test their code.
func pages(t *testing.T) []string {
	paths, err := filepath.Glob("docs/*.md")
	require.NoError(t, err)
	require.NotEmpty(t, paths)
	paths = slices.DeleteFunc(paths, func(path string) bool {
		return slices.Contains([]string{"vet.md", "lint.md", "gen.md"}, filepath.Base(path))
	})
	return append(paths, "README.md")
}

// blocks returns a page's blocks of code in a language.
func blocks(t *testing.T, page, language string) (list []string) {
	text, err := os.ReadFile(page)
	require.NoError(t, err)
	for _, block := range strings.Split("\n"+string(text), "\n```"+language+"\n")[1:] {
		block, _, ok := strings.Cut(block, "\n```")
		require.True(t, ok, "%s: a block that does not end", page)
		list = append(list, block+"\n")
	}
	return list
}

// The pages' Go code stands in the examples and in programs that are tested, so
// that it is compiled and run.
func TestPagesGoCode(t *testing.T) {
	t.Chdir("..") // so that paths are those of the pages
	var code strings.Builder
	for _, pattern := range []string{"example*_test.go", "ratelimit/example_test.go", "lock/example_test.go", "redistest/example_test.go", "restserver/example_test.go", "examples/*/*.go", "test/javascript/*/*.go"} {
		paths, err := filepath.Glob(pattern)
		require.NoError(t, err)
		require.NotEmpty(t, paths, pattern)
		for _, path := range paths {
			source, err := os.ReadFile(path)
			require.NoError(t, err)
			code.WriteString("\n" + unindented(string(source)))
		}
	}
	count := 0
	hold := func(page, block string) {
		count++
		assert.True(t, strings.Contains(code.String(), "\n"+unindented(block)), "%s: not in an example:\n%s", page, block)
	}
	for _, page := range pages(t) {
		for _, block := range blocks(t, page, "go") {
			hold(page, block)
		}
	}
	f, err := parser.ParseFile(token.NewFileSet(), "doc.go", nil, parser.ParseComments)
	require.NoError(t, err)
	for _, block := range new(comment.Parser).Parse(f.Doc.Text()).Content {
		if c, ok := block.(*comment.Code); ok && !strings.HasPrefix(c.Text, "redis: ") { // but for an error's text
			for part := range strings.SplitSeq(c.Text, "\n\n") {
				hold("doc.go", strings.TrimSuffix(part, "\n")+"\n")
			}
		}
	}
	require.Greater(t, count, 30)
}

// What the pages name is there: redis.Name, command.Name and so on, and the methods of rdb.
func TestPagesNames(t *testing.T) {
	t.Chdir("..") // so that paths are those of the pages
	names := map[string]bool{}
	for pkg, pattern := range map[string]string{"redis.": "*.go", "command.": "command/*.go", "ratelimit.": "ratelimit/*.go", "lock.": "lock/*.go"} {
		paths, err := filepath.Glob(pattern)
		require.NoError(t, err)
		require.NotEmpty(t, paths)
		for _, path := range paths {
			if strings.HasSuffix(path, "_test.go") {
				continue
			}
			f, err := parser.ParseFile(token.NewFileSet(), path, nil, 0)
			require.NoError(t, err)
			for name := range f.Scope.Objects {
				names[pkg+name] = true
			}
			for _, d := range f.Decls {
				if method, ok := d.(*ast.FuncDecl); ok && method.Recv != nil && pkg == "redis." {
					names["rdb."+method.Name.Name] = true
				}
			}
		}
	}
	of := regexp.MustCompile(`\b(redis|rdb|command|ratelimit|lock)\.[A-Z]\w*`)
	for _, page := range pages(t) {
		text, err := os.ReadFile(page)
		require.NoError(t, err)
		for line := range strings.Lines(string(text)) {
			if cells := strings.Split(line, "|"); strings.HasPrefix(page, "docs/from-") && len(cells) > 2 {
				line = strings.Join(cells[2:], "|") // the first column is theirs
			}
			for _, name := range of.FindAllString(line, -1) {
				assert.True(t, names[name] || name == "redis.Nil", "%s: there is no %s", page, name)
			}
		}
	}
}

func unindented(code string) string {
	var b strings.Builder
	for line := range strings.Lines(code) {
		b.WriteString(strings.TrimSpace(line) + "\n")
	}
	return b.String()
}

// The number of typed commands is that of their table, which is generated.
func TestPagesCountTheCommands(t *testing.T) {
	t.Chdir("..") // so that paths are those of the pages
	count := regexp.MustCompile(`(?m)^// (\d+ commands)`).FindStringSubmatch(read(t, "command/doctable.go"))
	require.NotNil(t, count)
	said := 0
	for _, page := range pages(t) {
		for _, m := range regexp.MustCompile(`each of (\d+ commands)`).FindAllStringSubmatch(read(t, page), -1) {
			said++
			assert.Equal(t, count[1], m[1], page)
		}
	}
	require.Greater(t, said, 1)
}
