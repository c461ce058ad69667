package longtext

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
)

func TestFirstDifference(t *testing.T) {
	for _, c := range []struct{ want, got, difference string }{
		{"a\nb", "a\nb", ""},
		{"a\nb", "a\nc", "line 2 differs:\n  want \"b\" (from byte 0)\n  got  \"c\" (from byte 0)"},
		{"a\nb", "a", "line 2 differs:\n  want \"b\" (from byte 0)\n  got  the end of the text"},
		{"a", "a\n", "line 2 differs:\n  want the end of the text\n  got  \"\" (from byte 0)"},
		{strings.Repeat("x", 1e6) + "1", strings.Repeat("x", 1e6) + "2", "line 1 differs:\n  want \"" + strings.Repeat("x", 40) + "1\" (from byte 999960)\n  got  \"" + strings.Repeat("x", 40) + "2\" (from byte 999960)"},
	} {
		assert.Equal(t, c.difference, firstDifference(c.want, c.got))
	}
}
