package docs

import (
	"go/ast"
	"go/doc"
	"go/parser"
	"go/token"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// The methods that errors have for package errors' sake need no example.
var unexampled = map[string]bool{"Error": true, "Unwrap": true, "Is": true, "As": true}

func TestEveryPublicNameHasAnExample(t *testing.T) {
	t.Chdir("..") // so that paths are those of the pages
	for _, dir := range []string{".", "ratelimit", "lock", "restserver", "redistest"} {
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
