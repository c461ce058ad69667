//go:build !race

// The race detector allocates too.

package redis_test

import (
	"runtime/debug"
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
)

// The number of allocations is the same on every machine. So one more than allowed fails.
func TestAllocations(t *testing.T) {
	// A garbage collection would empty the pools of the transport and of resty's requests. Filling
	// them again would be counted.
	defer debug.SetGCPercent(debug.SetGCPercent(-1))
	for _, m := range slices.Concat(calls(t), decodings(t)) {
		got := int(testing.AllocsPerRun(20, func() { m.run(t) }))
		assert.LessOrEqual(t, got, m.most, m.name)
		t.Logf("%s: %d of %d", m.name, got, m.most)
	}
}
