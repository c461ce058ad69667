package hashslot_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/redis-rest/redis-rest-go/internal/protocol/hashslot"
)

// The slots are the replies of CLUSTER KEYSLOT of Redis 7.0.15.
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

// Tag looks up a table and does not search. A search of 16,384 numbers would make
// 16,384 strings.
func TestTagNeedsNoSearch(t *testing.T) {
	hashslot.Tag("user}1") // makes the table
	for _, key := range []string{"user}1", "}", "", "a}b{c}"} {
		require.LessOrEqual(t, testing.AllocsPerRun(10, func() { hashslot.Tag(key) }), 2.0, "%q", key)
	}
}

func BenchmarkTag(b *testing.B) {
	for b.Loop() {
		hashslot.Tag("user}1")
	}
}
