package redistest

import (
	"testing"

	"github.com/redis-rest/redis-rest-go/internal/workbench/lint"
)

// Lint fails the test for each mistake that redis-rest lint finds in a script, or in a library of functions. What it
// only notes is in the test's log. docs/lint.md explains the codes.
func Lint(t testing.TB, source string) {
	t.Helper()
	for _, f := range lint.Run(source, lint.Redis7) {
		if f.Severity == lint.Note {
			t.Log(f.String("script"))
		} else {
			t.Error(f.String("script"))
		}
	}
}
