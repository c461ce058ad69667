package value

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

type scored struct {
	member string
	score  float64
}

func (a scored) compare(b scored) int {
	return cmp.Or(cmp.Compare(a.score, b.score), strings.Compare(a.member, b.member))
}

var scores = []float64{math.Inf(-1), -1.5, 0, math.Copysign(0, -1), 1, 2, 1e300, math.Inf(1)}

func runSortedSet(t testing.TB, p *program) {
	z := NewSortedSet()
	var model []scored // in order
	find := func(member string) int {
		return slices.IndexFunc(model, func(s scored) bool { return s.member == member })
	}
	names := 1 + p.below(120)
	large := false
	for !p.ended() {
		member, score := p.name(names), scores[p.below(len(scores))]
		i := find(member)
		switch p.below(8) {
		case 0, 1, 2:
			added, changed := z.Set(member, score, smallLimits)
			require.Equal(t, i < 0, added)
			require.Equal(t, i < 0 || model[i].score != score, changed)
			if i >= 0 {
				if !changed {
					break
				}
				model = slices.Delete(model, i, i+1)
			}
			large = large || i < 0 && (len(model)+1 > 8 || len(member) > 3)
			if !large && score == 0 {
				score = 0
			}
			at, _ := slices.BinarySearchFunc(model, scored{member, score}, scored.compare)
			model = slices.Insert(model, at, scored{member, score})
		case 3:
			require.Equal(t, i >= 0, z.Remove(member))
			if i >= 0 {
				model = slices.Delete(model, i, i+1)
			}
		case 4:
			rank, ok := z.Rank(member)
			require.Equal(t, i >= 0, ok)
			require.Equal(t, max(0, i), rank)
			score, ok := z.Score(member)
			require.Equal(t, i >= 0, ok)
			if ok {
				require.Equal(t, model[i].score, score)
			}
		case 5:
			low, high := ScoreBound{score, p.below(2) == 0}, ScoreBound{scores[p.below(len(scores))], p.below(2) == 0}
			from, to := z.RangeByScore(low, high)
			var want []scored
			for _, s := range model {
				if (s.score > low.Score || !low.Exclusive && s.score == low.Score) && (s.score < high.Score || !high.Exclusive && s.score == high.Score) {
					want = append(want, s)
				}
			}
			checkRange(t, z, from, to, want)
		case 6:
			if p.below(4) == 0 {
				from := p.below(len(model) + 1)
				to := from + p.below(len(model)+1-from)
				z.RemoveRange(from, to)
				model = slices.Delete(model, from, to)
			}
		case 7:
			if p.below(8) == 0 {
				z.Compact(smallLimits)
				large = len(model) > 8
				for i := range model {
					large = large || len(model[i].member) > 3
				}
				if !large {
					for i := range model {
						model[i].score += 0
					}
				}
			}
		}
		checkSortedSet(t, z, model, large)
	}
	z.Share()
	c, _ := Own(z)
	checkSortedSet(t, c, model, large)
	c.Set("new", 1, smallLimits)
	c.RemoveRange(0, c.Len()/2)
	checkSortedSet(t, z, model, large)
}

func checkRange(t testing.TB, z *SortedSet, from, to int, want []scored) {
	require.Equal(t, len(want), to-from)
	var got []scored
	for member, score := range z.Range(from, to) {
		got = append(got, scored{member, score})
	}
	require.Equal(t, want, got)
	got = nil
	for member, score := range z.RangeDown(from, to) {
		got = append(got, scored{member, score})
	}
	slices.Reverse(got)
	require.Equal(t, want, got)
}

// checkSortedSet compares the members, and the skip list in itself.
func checkSortedSet(t testing.TB, z *SortedSet, model []scored, large bool) {
	if z.Len() != len(model) || z.nodes.Len() != len(model) || z.large != large {
		t.Fatalf("%d and %d of %d members, large %v of %v", z.Len(), z.nodes.Len(), len(model), z.large, large)
	}
	ranks := map[*skipNode]int{&z.head: -1, nil: len(model) - 1}
	var back *skipNode
	rank := 0
	for n := z.head.links[0].next; n != nil; n = n.links[0].next {
		if want := model[rank]; n.member != want.member || math.Float64bits(n.score) != math.Float64bits(want.score) || n.back != back {
			t.Fatalf("%v at %d instead of %v", *n, rank, want)
		}
		if member, score := z.ByRank(rank); member != n.member || score != n.score {
			t.Fatalf("%q at %d", member, rank)
		}
		ranks[n] = rank
		back = n
		rank++
	}
	require.Equal(t, len(model), rank)
	require.Equal(t, back, z.last)
	for i := range z.level {
		for n := &z.head; n != nil; n = n.links[i].next {
			if span := ranks[n.links[i].next] - ranks[n]; n.links[i].span != span {
				t.Fatalf("span %d of %q on level %d, and not %d", n.links[i].span, n.member, i, span)
			}
		}
	}
}

// A model of ZRANGEBYLEX among equal scores.
func TestRangeByLex(t *testing.T) {
	bounds := []LexBound{{Infinite: -1}, {Infinite: 1}}
	for _, member := range []string{"", "a", "b", "bb", "c", "y", "z\xff"} {
		bounds = append(bounds, LexBound{Member: member}, LexBound{Member: member, Exclusive: true})
	}
	for _, limits := range []*Limits{DefaultLimits(), {}} {
		z := NewSortedSet()
		for _, member := range []string{"a", "b", "ba", "bb", "c", "d", "z"} {
			z.Set(member, 3, limits)
		}
		for _, low := range bounds {
			for _, high := range bounds {
				var want []scored
				for member, score := range z.Range(0, z.Len()) {
					above := low.Infinite < 0 || low.Infinite == 0 && (member > low.Member || member == low.Member && !low.Exclusive)
					below := high.Infinite > 0 || high.Infinite == 0 && (member < high.Member || member == high.Member && !high.Exclusive)
					if above && below {
						want = append(want, scored{member, score})
					}
				}
				for _, down := range []bool{false, true} {
					from, to := z.RangeByLex(low, high, down)
					checkRange(t, z, from, to, want)
				}
			}
		}
		from, to := NewSortedSet().RangeByLex(bounds[0], bounds[1], false)
		require.Equal(t, from, to)
	}
}

func TestSortedSetRefusesNaN(t *testing.T) {
	require.Panics(t, func() { NewSortedSet().Set("a", math.NaN(), smallLimits) })
}

// One node in four reaches the next level, so a node has 4/3 levels on average.
func TestLevels(t *testing.T) {
	z := NewSortedSet()
	const n = 20_000
	links := 0
	for i := range n {
		member := fmt.Sprint(i)
		z.Set(member, float64(i), smallLimits)
		node, _ := z.nodes.Get(member)
		links += len(node.links)
	}
	require.InDelta(t, 4.0/3, float64(links)/n, 0.05)
	require.Less(t, z.level, 20)
}
