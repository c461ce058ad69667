package transport

import (
	"testing"

	"github.com/stretchr/testify/require"
)

// Go compares times by its monotonic clock where it can, and that may stand still.
func TestAgeGoesByTheWallClock(t *testing.T) {
	require.NotContains(t, New(Config{}).pool.now().String(), "m=")
}
