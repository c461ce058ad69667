package redistest_test

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/redis-rest/redis-rest-go/redistest"
)

var _ = ExampleLint

func ExampleLint() {
	_ = func(t *testing.T) {
		redistest.Lint(t, "return redis.call('INCR', KEYS[1])")
	}
}

// A report is a test that only writes down what it is told.
type report struct {
	testing.TB
	lines []string
}

func (r *report) Helper() {}
func (r *report) Log(args ...any) {
	r.lines = append(r.lines, fmt.Sprint(append([]any{"log: "}, args...)...))
}
func (r *report) Error(args ...any) {
	r.lines = append(r.lines, fmt.Sprint(append([]any{"error: "}, args...)...))
}

func TestLint(t *testing.T) {
	r := &report{}
	redistest.Lint(r, "local x\nreturn redis.call('GET', KEYS[1] .. ':x')")
	require.Len(t, r.lines, 2)
	require.Contains(t, r.lines[0], "error: script:1:7: warning L01")
	require.Contains(t, r.lines[1], "log: script:2:26: note K01")
}
