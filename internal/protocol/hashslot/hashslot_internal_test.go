package hashslot

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestEverySlotHasAShortTag(t *testing.T) {
	for slot, n := range shortTags() {
		require.Equal(t, slot, Of("{"+letters(n)+"}"))
	}
}
