// Package layout checks the direction of imports, the packages that the client links, and the
// table of packages in CONTRIBUTING.md.
package layout

import (
	"go/doc"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

const module = "github.com/redis-rest/redis-rest-go"

// A goPackage is a folder with Go files.
type goPackage struct {
	dir      string // from the root, which is "."
	name     string
	synopsis string              // the first sentence of its comment
	imports  map[string][]string // by file, without test files
}

// packages goes to the root folder, and returns the packages of this module, for
// every system, by folder.
func packages(t *testing.T) []goPackage {
	t.Helper()
	t.Chdir("../..")
	found := map[string]*goPackage{}
	err := filepath.WalkDir(".", func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() {
			_, err := os.Stat(filepath.Join(path, "go.mod"))
			if other := err == nil && path != "."; other || slices.Contains([]string{"testdata", "node_modules", ".git"}, d.Name()) {
				return filepath.SkipDir
			}
			return nil
		}
		if filepath.Ext(path) != ".go" {
			return nil
		}
		f, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.ImportsOnly|parser.ParseComments)
		if err != nil {
			return err
		}
		dir := filepath.ToSlash(filepath.Dir(path))
		p := found[dir]
		if p == nil {
			p = &goPackage{dir: dir, imports: map[string][]string{}}
			found[dir] = p
		}
		if synopsis := new(doc.Package).Synopsis(f.Doc.Text()); synopsis != "" {
			p.synopsis = synopsis
		}
		if strings.HasSuffix(path, "_test.go") {
			return nil
		}
		p.name = f.Name.Name
		for _, spec := range f.Imports {
			imported, err := strconv.Unquote(spec.Path.Value)
			if err != nil {
				return err
			}
			p.imports[filepath.ToSlash(path)] = append(p.imports[filepath.ToSlash(path)], imported)
		}
		return nil
	})
	require.NoError(t, err)
	var list []goPackage
	for _, p := range found {
		list = append(list, *p)
	}
	slices.SortFunc(list, func(a, b goPackage) int { return strings.Compare(a.dir, b.dir) })
	return list
}
