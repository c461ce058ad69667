package layout

import (
	"os/exec"
	"path"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// mayImport lists, for each area of this module, the areas that its packages may import.
// An area is a folder with its subfolders, except subfolders that are areas themselves. "." is
// the root package alone. A package may always import its own area.
//
// Tests and generators are exempt. Generators are programs in folders named gen.
var mayImport = map[string][]string{
	// cmd → redistest → restserver → workbench → engine → protocol
	"cmd":                    {"redistest", "restserver", "internal/workbench/gen", "internal/workbench", "internal/engine", "internal/protocol", ".", "command"},
	"redistest":              {"restserver", "internal/workbench", "internal/engine", "internal/protocol", ".", "command"},
	"restserver":             {"internal/workbench", "internal/engine", "internal/protocol"},
	"internal/workbench":     {"internal/engine", "internal/protocol"},
	"internal/workbench/gen": {"internal/workbench"},
	"internal/engine":        {"internal/protocol"},
	"internal/protocol":      {},

	"command":         {".", "internal/protocol"},
	"ratelimit":       {".", "internal/protocol"},
	"lock":            {".", "internal/protocol"},
	".":               {"internal/client", "internal/protocol"},
	"internal/client": {"internal/protocol"},

	"internal/testkit": {"internal/protocol"}, // only tests import it

	"examples": {".", "command", "ratelimit", "lock", "redistest", "restserver"},
	"test":     {".", "command"},
}

func TestImportsGoOneWay(t *testing.T) {
	checked := 0
	for _, p := range packages(t) {
		if p.name == "main" && path.Base(p.dir) == "gen" {
			continue
		}
		for file, imports := range p.imports {
			from := area(p.dir)
			if !assert.NotEmpty(t, from, "%s: mayImport has no area for it", file) {
				continue
			}
			for _, imported := range imports {
				dir, ours := strings.CutPrefix(imported, module)
				if !ours {
					continue
				}
				to := area(path.Join(".", dir))
				checked++
				assert.True(t, from == to || slices.Contains(mayImport[from], to), "%s imports %s: %q may import %q only", file, imported, from, mayImport[from])
			}
		}
	}
	require.Greater(t, checked, 40)
}

// area returns the area of a folder, or "" if it has none.
func area(dir string) string {
	for ; dir != "."; dir = path.Dir(dir) {
		if _, ok := mayImport[dir]; ok {
			return dir
		}
		if !strings.Contains(dir, "/") {
			return ""
		}
	}
	return "."
}

// A program that imports the client, with or without the packages above it, links only these
// packages and the standard library. It links nothing of the server, the database or the tests.
func TestClientLinksNothingElse(t *testing.T) {
	links := []string{
		"github.com/caarlos0/env/v11",
		"github.com/go-resty/resty/v2",
		"golang.org/x/net/publicsuffix", // of resty
		"golang.org/x/net/proxy",        // SOCKS5
		"golang.org/x/net/internal/socks",
		module + "/command",
		module + "/ratelimit",
		module + "/lock",
		module + "/internal/client",
		module + "/internal/protocol",
	}
	out, err := exec.Command("go", "list", "-deps", "-f", "{{if not .Standard}}{{.ImportPath}}{{end}}", module, module+"/command", module+"/ratelimit", module+"/lock").Output()
	require.NoError(t, err)
	deps := strings.Fields(string(out))
	require.Contains(t, deps, module)
	for _, dep := range deps {
		linked := func(path string) bool { return dep == path || strings.HasPrefix(dep, path+"/") }
		assert.True(t, dep == module || slices.ContainsFunc(links, linked), "the client links %s", dep)
	}
	out, err = exec.Command("go", "list", "-deps", module, module+"/command", module+"/ratelimit", module+"/lock").Output()
	require.NoError(t, err)
	assert.NotContains(t, strings.Fields(string(out)), "testing")
}
