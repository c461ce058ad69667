package growth_test

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/redis-rest/redis-rest-go/internal/testkit/growth"
)

// A recorder notes whether the check failed.
type recorder struct {
	testing.TB
	failed bool
}

func (r *recorder) Helper()               {}
func (r *recorder) Errorf(string, ...any) { r.failed = true }

var sink int

func work(n int) func() {
	return func() {
		for i := range n {
			sink += i * i
		}
	}
}

func TestAtMost(t *testing.T) {
	if testing.Short() {
		t.Skip("measures for seconds before it fails")
	}
	linear, quadratic := &recorder{TB: t}, &recorder{TB: t}
	growth.AtMost(linear, 40, work(100_000), work(1_600_000), "linear")
	growth.AtMost(quadratic, 40, work(100_000), work(25_600_000), "quadratic")
	assert.False(t, linear.failed)
	assert.True(t, quadratic.failed)
}
