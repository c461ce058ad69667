package hashslot_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/redis-rest/redis-rest-go/internal/protocol/hashslot"
)

// The slots are what CLUSTER KEYSLOT of Redis 7.0.15 says.
func TestOf(t *testing.T) {
	for key, slot := range map[string]int{
		"": 0, "123456789": 12739, "foo": 12182, "bar": 5061, "{foo}": 12182, "{foo}x": 12182, "x{foo}y{bar}": 12182,
	} {
		require.Equal(t, slot, hashslot.Of(key), "%q", key)
	}
	require.NotEqual(t, hashslot.Of("foo"), hashslot.Of("{}foo"))
}

func TestTag(t *testing.T) {
	for _, key := range []string{"plain", "{tag}", "x{tag}y", "{}x", "}x", "x}", "{", "}", "{{x}}", "a{b", "a}b{c}", "", "é"} {
		require.Equal(t, hashslot.Of(key), hashslot.Of("{"+hashslot.Tag(key)+"}:more"), "%q", key)
	}
}
