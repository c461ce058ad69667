package redis_test

import (
	"go/ast"
	"go/doc"
	"go/doc/comment"
	"go/parser"
	"go/token"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/redis-rest/redis-rest-go/redistest"
)

// The methods that errors have for package errors' sake need no example.
var unexampled = map[string]bool{"Error": true, "Unwrap": true, "Is": true}

func TestEveryPublicNameHasAnExample(t *testing.T) {
	for _, dir := range []string{".", "restserver", "redistest"} {
		paths, err := filepath.Glob(filepath.Join(dir, "*.go"))
		require.NoError(t, err)
		fset := token.NewFileSet()
		var files []*ast.File
		examples := map[string]bool{}
		for _, path := range paths {
			f, err := parser.ParseFile(fset, path, nil, parser.ParseComments)
			require.NoError(t, err)
			if strings.HasSuffix(path, "_test.go") {
				for _, e := range doc.Examples(f) {
					// Those of redistest take a test, and run as one.
					runs := e.Output != "" || e.EmptyOutput || dir == "redistest"
					assert.True(t, runs, "%s: the example %s does not run", dir, e.Name)
					name, _, _ := strings.Cut(e.Name+"_", "_")
					examples[name] = true
					examples[e.Name] = true
				}
				continue
			}
			files = append(files, f)
		}
		p, err := doc.NewFromFiles(fset, files, dir)
		require.NoError(t, err)
		check := func(name, text string) {
			assert.True(t, examples[name], "%s: %s has no example", dir, name)
			assert.NotEmpty(t, text, "%s: %s has no comment", dir, name)
		}
		funcs := func(list []*doc.Func, receiver string) {
			for _, f := range list {
				if receiver == "" || !unexampled[f.Name] {
					check(receiver+f.Name, f.Doc)
				}
			}
		}
		funcs(p.Funcs, "")
		for _, typ := range p.Types {
			check(typ.Name, typ.Doc)
			funcs(typ.Funcs, "")
			funcs(typ.Methods, typ.Name+"_")
		}
		for _, values := range [][]*doc.Value{p.Vars, p.Consts} {
			for _, v := range values {
				for _, name := range v.Names {
					if ast.IsExported(name) {
						assert.True(t, examples[name], "%s: %s has no example", dir, name)
					}
				}
			}
		}
	}
}

// A program that imports the client gets nothing of the servers.
func TestClientStandsAlone(t *testing.T) {
	out, err := exec.Command("go", "list", "-deps", ".").Output()
	require.NoError(t, err)
	for dep := range strings.Lines(string(out)) {
		for _, unwanted := range []string{"testing", "miniredis", "go-redis", "gopher-lua", "testify", "restserver"} {
			assert.NotContains(t, dep, unwanted)
		}
	}
}

// pages are what people read, but for the tables of tests.
func pages(t *testing.T) []string {
	paths, err := filepath.Glob("docs/*.md")
	require.NoError(t, err)
	require.NotEmpty(t, paths)
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
	var code strings.Builder
	for _, pattern := range []string{"example*_test.go", "redistest/example_test.go", "restserver/example_test.go", "examples/*/*.go", "test/javascript/*/*.go"} {
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

// What the pages name is there: redis.Name, command.Name, and the methods of rdb.
func TestPagesNames(t *testing.T) {
	names := map[string]bool{}
	for pkg, pattern := range map[string]string{"redis.": "*.go", "command.": "command/*.go"} {
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
	of := regexp.MustCompile(`\b(redis|rdb|command)\.[A-Z]\w*`)
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

// The commands of the pages in docs are run, on a database of their own. Those of
// the README are for CI: they run this test.
func TestPagesCommands(t *testing.T) {
	if os.Getenv("CI") == "" {
		for _, program := range []string{"bash", "node"} {
			if _, err := exec.LookPath(program); err != nil {
				t.Skipf("%s is not on PATH", program)
			}
		}
	}
	bin := t.TempDir()
	out, err := exec.Command("go", "build", "-o", bin, "./cmd/redis-rest").CombinedOutput()
	require.NoError(t, err, "%s", out)
	server := redistest.NewServer(t)
	server.Setenv()
	t.Setenv("PATH", bin+string(os.PathListSeparator)+os.Getenv("PATH"))
	t.Cleanup(func() { os.Remove("quickstart.wasm") })
	for _, page := range pages(t) {
		for _, block := range blocks(t, page, "sh") {
			if page != "README.md" {
				out, err := exec.Command("bash", "-euc", block).CombinedOutput()
				require.NoError(t, err, "%s: %s\n%s", page, block, out)
			}
		}
	}
	require.NotEmpty(t, server.Requests())
}

func unindented(code string) string {
	var b strings.Builder
	for line := range strings.Lines(code) {
		b.WriteString(strings.TrimSpace(line) + "\n")
	}
	return b.String()
}

// The number of typed commands is that of their table, which is generated.
func TestREADMECountsTheCommands(t *testing.T) {
	readme, err := os.ReadFile("README.md")
	require.NoError(t, err)
	table, err := os.ReadFile("command/doctable.go")
	require.NoError(t, err)
	count := regexp.MustCompile(`(?m)^// (\d+ commands)`).FindSubmatch(table)
	require.NotNil(t, count)
	require.Contains(t, string(readme), "each of "+string(count[1]))
}
