package value

import (
	"fmt"
	"slices"
	"strconv"
	"testing"

	"github.com/stretchr/testify/require"
)

func runSet(t testing.TB, p *program) {
	s := NewSet()
	model := map[string]bool{}
	names := 1 + p.below(30)
	ints := true
	for !p.ended() {
		member := strconv.Itoa(p.below(names) - 10)
		if p.below(40) == 0 {
			member = []string{"", "-0", "+1", "01", "a", "1.0", "9223372036854775808"}[p.below(7)]
		}
		switch p.below(4) {
		case 0, 1:
			require.Equal(t, !model[member], s.Add(member, smallLimits))
			model[member] = true
			_, err := strconv.Atoi(member)
			ints = ints && err == nil && member == fmt.Sprint(mustInt(member)) && len(model) <= 8
		case 2:
			require.Equal(t, model[member], s.Remove(member))
			delete(model, member)
		case 3:
			require.Equal(t, model[member], s.Has(member))
		}
	}
	checkSet(t, s, model, ints)
	s.Share()
	c, _ := Own(s)
	c.Remove("1")
	c.Add("77", smallLimits)
	checkSet(t, s, model, ints)
}

func mustInt(s string) int {
	n, _ := strconv.Atoi(s)
	return n
}

func checkSet(t testing.TB, s *Set, model map[string]bool, ints bool) {
	require.Equal(t, map[bool]string{true: "intset", false: "hashtable"}[ints], s.Encoding())
	require.Equal(t, len(model), s.Len())
	members := slices.Collect(s.All())
	if ints {
		require.True(t, slices.IsSortedFunc(members, func(a, b string) int { return mustInt(a) - mustInt(b) }), "%q", members)
	}
	for i, member := range members {
		require.True(t, model[member])
		require.Equal(t, member, s.At(i))
	}
	slices.Sort(members)
	require.Len(t, slices.Compact(members), len(model))
	scanned := 0
	for cursor := uint64(0); ; {
		page := 0
		cursor = s.Scan(cursor, 3, func(string) { page++ })
		require.True(t, ints && cursor == 0 || page <= 3)
		scanned += page
		if cursor == 0 {
			break
		}
	}
	require.Equal(t, len(model), scanned)
}
