// Package built builds the commands of this module for tests.
package built

import (
	"os"
	"os/exec"
	"strings"
	"sync"
	"testing"
)

var (
	dir, _ = os.Getwd() // before a test leaves the module
	mu     sync.Mutex
	paths  = map[string]string{}
)

// Path returns the path of redis-rest or redis-rest-vet, as they are now. The go command builds them once for all packages
// and keeps them in its cache: go.mod names them as tools. In a short run the test is skipped.
func Path(t testing.TB, name string) string {
	t.Helper()
	if testing.Short() {
		t.Skip("builds " + name)
	}
	mu.Lock()
	defer mu.Unlock()
	if paths[name] == "" {
		build := exec.Command("go", "tool", "-n", name)
		build.Dir, build.Stderr = dir, os.Stderr
		out, err := build.Output()
		if err != nil {
			t.Fatalf("go tool -n %s: %v", name, err)
		}
		paths[name] = strings.TrimSpace(string(out))
	}
	return paths[name]
}
