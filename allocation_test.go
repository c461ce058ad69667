//go:build !race

// The race detector allocates too.

package redis_test

import (
	"runtime/debug"
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
)

// Allocations are the same on every machine, so that a single one too many fails.
func TestAllocations(t *testing.T) {
	// A collection would empty the pools of net/http, and count their filling.
	defer debug.SetGCPercent(debug.SetGCPercent(-1))
	for _, m := range slices.Concat(calls(t), decodings(t)) {
		got := int(testing.AllocsPerRun(20, func() { m.run(t) }))
		assert.LessOrEqual(t, got, m.most, m.name)
		t.Logf("%s: %d of %d", m.name, got, m.most)
	}
}
