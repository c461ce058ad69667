package glob_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/redis-rest/redis-rest-go/internal/protocol/glob"
)

func TestPatterns(t *testing.T) {
	for pattern, names := range map[string][2]string{ // those that match, those that do not
		"":         {"", "a"},
		"*":        {" a abc", ""},
		"a*b*c":    {"abc aXbYc aabbcc", "ab abcd"},
		"?b":       {"ab bb", "b abb"},
		"[abc]x":   {"ax bx", "dx x"},
		"[^a]x":    {"bx", "ax"},
		"[a-c]":    {"a b c", "d"},
		"[c-a]":    {"a b c", "d"},
		`\*`:       {"*", "a"},
		`[\]]`:     {"]", "a"},
		"[a":       {"a", "b"},
		"[":        {"", "["},
		`a\`:       {`a\`, "a"},
		"**a**":    {"a ba ab", "b"},
		"user:*:x": {"user:1:x user::x", "user:x"},
	} {
		for _, name := range strings.Split(names[0], " ") {
			if name != "" || pattern == "" || pattern == "*" {
				assert.True(t, glob.Match(pattern, name), "%q %q", pattern, name)
			}
		}
		for _, name := range strings.Split(names[1], " ") {
			if name != "" {
				assert.False(t, glob.Match(pattern, name), "%q %q", pattern, name)
			}
		}
	}
	// Redis itself would take years.
	require.False(t, glob.Match(strings.Repeat("*a", 50)+"b", strings.Repeat("a", 1000)))
}
