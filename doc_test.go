package redis_test

import (
	"go/ast"
	"go/doc"
	"go/parser"
	"go/token"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
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
					if ast.IsExported(name) && strings.HasPrefix(name, "Err") {
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

// The README's Go code stands in the examples, which are compiled and run.
func TestREADME(t *testing.T) {
	text, err := os.ReadFile("README.md")
	require.NoError(t, err)
	var code strings.Builder
	paths, err := filepath.Glob("example*_test.go")
	require.NoError(t, err)
	for _, path := range append(paths, "redistest/example_test.go") {
		source, err := os.ReadFile(path)
		require.NoError(t, err)
		code.WriteString(unindented(string(source)))
	}
	blocks := strings.Split(string(text), "```go\n")[1:]
	require.Greater(t, len(blocks), 9)
	for _, block := range blocks {
		block, _, ok := strings.Cut(block, "```")
		require.True(t, ok)
		assert.Contains(t, code.String(), "\n"+unindented(block), "not in an example")
	}
}

func unindented(code string) string {
	var b strings.Builder
	for line := range strings.Lines(code) {
		b.WriteString(strings.TrimSpace(line) + "\n")
	}
	return b.String()
}
