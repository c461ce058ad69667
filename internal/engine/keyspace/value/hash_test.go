package value

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// smallLimits let short programs reach both forms of a value.
var smallLimits = &Limits{
	HashMaxListpackEntries: 8, HashMaxListpackValue: 3, SetMaxIntsetEntries: 8, ZsetMaxListpackEntries: 8, ZsetMaxListpackValue: 3,
	StreamNodeMaxEntries: 4, StreamNodeMaxBytes: 120, HLLSparseMaxBytes: 40,
}

func runHash(t testing.TB, p *program) {
	h := NewHash()
	var order []string
	values, times := map[string]string{}, map[string]int64{}
	names := 1 + p.below(40)
	large := false
	for !p.ended() {
		name, v := p.name(names), fmt.Sprint(p.below(50))
		_, had := values[name]
		_, timed := times[name]
		switch p.below(10) {
		case 0, 1, 2:
			if p.below(10) == 0 {
				v = strings.Repeat("v", 4)
			}
			set := h.Set
			if p.below(2) == 0 {
				set = h.Update
			} else {
				delete(times, name)
			}
			require.Equal(t, !had, set(name, v, smallLimits))
			if !had {
				order = append(order, name)
			}
			values[name] = v
			large = large || len(v) > 3 || len(name) > 3 || len(values) > 8
		case 3, 4:
			require.Equal(t, had, h.Delete(name))
			order = slices.DeleteFunc(order, func(s string) bool { return s == name })
			delete(values, name)
			delete(times, name)
		case 5, 6:
			at := int64(p.below(100))
			require.Equal(t, had, h.SetExpiry(name, at))
			if had {
				times[name] = at
			}
		case 7:
			require.Equal(t, timed, h.Persist(name))
			delete(times, name)
		case 8:
			now, last := int64(p.below(30)), int64(0)
			h.DeleteDue(now, func(field string) {
				at := times[field]
				require.True(t, last <= at && at <= now)
				last = at
				order = slices.DeleteFunc(order, func(s string) bool { return s == field })
				delete(values, field)
				delete(times, field)
			})
			for field, at := range times {
				require.Greater(t, at, now, field)
			}
		case 9:
			at, ok := h.Expiry(name)
			require.Equal(t, timed, ok)
			require.Equal(t, times[name], at)
			got, ok := h.Get(name)
			require.Equal(t, had, ok)
			require.Equal(t, values[name], got)
		}
		at, ok := h.NextExpiry()
		if ok != (len(times) > 0) || ok && at != slices.Min(slices.Collect(maps.Values(times))) {
			t.Fatalf("next %d, %v: %v", at, ok, times)
		}
	}
	checkHash(t, h, order, values, large)
	h.Share()
	c, _ := Own(h)
	c.Set("new", "v", smallLimits)
	c.Delete("n1")
	c.SetExpiry("n0", -5)
	checkHash(t, h, order, values, large)
	for field, at := range times {
		got, _ := h.Expiry(field)
		require.Equal(t, at, got)
	}
}

func checkHash(t testing.TB, h *Hash, order []string, values map[string]string, large bool) {
	require.Equal(t, map[bool]string{false: "listpack", true: "hashtable"}[large], h.Encoding())
	require.Equal(t, len(values), h.Len())
	var fields []string
	for field, v := range h.All() {
		fields = append(fields, field)
		require.Equal(t, values[field], v)
	}
	scanned := map[string]string{}
	for cursor := uint64(0); ; {
		pages := 0
		cursor = h.Scan(cursor, 2, func(field, v string) { scanned[field] = v; pages++ })
		require.True(t, !large && cursor == 0 || pages <= 2)
		if cursor == 0 {
			break
		}
	}
	require.Equal(t, values, scanned)
	if large {
		slices.Sort(fields)
		order = slices.Sorted(slices.Values(order))
	}
	require.True(t, slices.Equal(order, fields), "%q: %q", order, fields)
}

// Each field, member or element is drawn equally often.
func TestRandomIsUniform(t *testing.T) {
	draws := rand.New(rand.NewPCG(1, 2))
	for _, n := range []int{3, 10, 40} {
		h, s, z, ints := NewHash(), NewSet(), NewSortedSet(), NewSet()
		for i := range 2 * n {
			h.Set(fmt.Sprint(i), "v", smallLimits)
			s.Add(fmt.Sprint("m", i), smallLimits)
			z.Set(fmt.Sprint(i), float64(i/4), smallLimits)
			ints.Add(fmt.Sprint(i), smallLimits)
		}
		for i := n; i < 2*n; i++ {
			h.Delete(fmt.Sprint(i))
			s.Remove(fmt.Sprint("m", i))
			z.Remove(fmt.Sprint(i))
			ints.Remove(fmt.Sprint(i))
		}
		for _, random := range []func() string{
			func() string { field, _ := h.Random(draws); return field },
			func() string { return s.Random(draws)[1:] },
			func() string { member, _ := z.Random(draws); return member },
			func() string { return ints.Random(draws) },
		} {
			drawn := make([]int, n)
			for range 2000 {
				i := 0
				fmt.Sscan(random(), &i)
				drawn[i]++
			}
			checkUniform(t, drawn)
		}
	}
}
