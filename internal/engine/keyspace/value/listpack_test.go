package value

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// listpackTexts returns strings and integers at each limit of an encoding.
func listpackTexts() []string {
	var texts []string
	for _, n := range []int{0, 1, 62, 63, 64, 65, 124, 125, 126, 127, 4094, 4095, 4096, 4097, 16_376, 16_378, 16_380, 16_384} {
		texts = append(texts, strings.Repeat("x", n))
	}
	for bits := range 63 {
		n := int64(1) << bits
		texts = append(texts, fmt.Sprint(n-1), fmt.Sprint(n), fmt.Sprint(-n), fmt.Sprint(-n-1))
	}
	texts = append(texts, "9223372036854775807", "-9223372036854775808", "9223372036854775808", "-0", "01", "+1")
	return texts
}

// A listpack is read as it was written, sizes are known before, and no change goes unnoticed that
// would make the way back another one.
func TestListpack(t *testing.T) {
	for _, text := range listpackTexts() {
		b := string(appendListpack(nil, []string{text, "a", text}))
		require.Len(t, b, listpackFrame+2*listpackString(text)+listpackString("a"))
		elements, ok := parseListpack(b)
		require.True(t, ok, "%.30q", text)
		require.Equal(t, []string{text, "a", text}, elements)
		for _, at := range []int{0, 3, 4, 5, len(b) - 1, len(b) - 2, 5 + listpackString(text)} {
			changed := []byte(b)
			changed[at] ^= 1
			_, ok := parseListpack(string(changed))
			require.False(t, ok, "%.30q at %d", text, at)
		}
	}
}
