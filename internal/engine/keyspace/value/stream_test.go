package value

import (
	"fmt"
	"math"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
)

func runStream(t testing.TB, p *program) {
	s := NewStream()
	var model []Entry
	var last, maxDeleted ID
	added := int64(0)
	span := 1 + p.below(40)
	id := func() ID { return ID{uint64(p.below(span)), uint64(p.below(3))} }
	for !p.ended() {
		switch at := id(); p.below(9) {
		case 0, 1, 2, 3:
			if p.below(2) == 0 {
				at, _ = s.NextSeq(last.Ms + uint64(p.below(2)))
			}
			name := p.name(2)
			fields := []string{name, fmt.Sprint(p.below(30))}
			if p.below(4) == 0 {
				fields = append(fields, "more", "x")
			}
			require.Equal(t, last.Less(at), s.Add(at, slices.Clone(fields), smallLimits))
			if last.Less(at) {
				model = append(model, Entry{at, fields})
				last = at
				added++
			}
		case 4, 5:
			i := slices.IndexFunc(model, func(e Entry) bool { return e.ID == at })
			_, ok := s.Get(at)
			require.Equal(t, i >= 0, ok)
			require.Equal(t, i >= 0, s.Delete(at))
			if i >= 0 {
				model = slices.Delete(model, i, i+1)
				if maxDeleted.Less(at) {
					maxDeleted = at
				}
			}
		case 6:
			n := p.below(12)
			require.Equal(t, max(0, len(model)-n), s.TrimLen(n, false, 0))
			model = model[max(0, len(model)-n):]
		case 7:
			n := 0
			for n < len(model) && model[n].ID.Less(at) {
				n++
			}
			require.Equal(t, n, s.TrimID(at, false, 0))
			model = model[n:]
		case 8: // whole nodes from the front, and no more than asked for
			n, limit := p.below(12), p.below(9)
			removed := s.TrimLen(n, true, limit)
			require.GreaterOrEqual(t, len(model)-removed, min(n, len(model)))
			require.True(t, limit == 0 || removed <= limit)
			model = model[removed:]
		}
		require.Equal(t, len(model), s.Len())
	}
	check := func(s *Stream) {
		first := ID{}
		if len(model) > 0 {
			first = model[0].ID
			got, ok := s.Last()
			require.True(t, ok)
			require.Equal(t, model[len(model)-1], got)
		}
		require.Equal(t, first, s.FirstID())
		require.Equal(t, []any{last, maxDeleted, added}, []any{s.LastID, s.MaxDeletedID, s.EntriesAdded})
		ends := []ID{{}, {uint64(span / 4), 1}, {uint64(span / 2), 1}, MaxID}
		for i := range 9 {
			from, to := ends[i%3], ends[1+i/3]
			var want []Entry
			for _, e := range model {
				if !e.ID.Less(from) && !to.Less(e.ID) {
					want = append(want, e)
				}
			}
			require.Equal(t, want, slices.Collect(s.Range(from, to)))
			down := slices.Collect(s.RangeDown(from, to))
			slices.Reverse(down)
			require.Equal(t, want, down)
		}
	}
	check(s)
	s.Share()
	c, _ := Own(s)
	check(c)
	c.TrimLen(len(model)/2, false, 0)
	c.Add(ID{1 << 40, 0}, []string{"f", "v"}, smallLimits)
	c.Delete(ID{1 << 40, 0})
	check(s)
}

// The pending lists of a group and of its consumers agree.
func runGroup(t testing.TB, p *program) {
	s := NewStream()
	g := s.CreateGroup("g", ID{}, -1)
	require.Nil(t, s.CreateGroup("g", ID{}, -1))
	type pending struct {
		consumer         string
		delivered, count int64
	}
	model := map[ID]pending{}
	consumers := map[string]bool{}
	span := 1 + p.below(600)
	for !p.ended() {
		name, id := p.name(4), ID{uint64(p.below(span)), 0}
		_, had := model[id]
		switch p.below(8) {
		case 0, 1, 2, 3, 4, 5:
			c := g.Consumer(name)
			require.Equal(t, consumers[name], c != nil)
			if c == nil {
				c = g.CreateConsumer(name, 5)
				consumers[name] = true
			}
			require.Nil(t, g.CreateConsumer(name, 5))
			delivered, count := int64(p.below(9)), int64(p.below(9))
			g.Assign(id, c, delivered, count)
			model[id] = pending{name, delivered, count}
		case 6:
			require.Equal(t, had, g.Ack(id))
			delete(model, id)
		case 7:
			if p.below(16) == 0 {
				n := 0
				for id, p := range model {
					if p.consumer == name {
						n++
						delete(model, id)
					}
				}
				require.Equal(t, n, g.DeleteConsumer(name))
				delete(consumers, name)
			}
		}
	}
	check := func(g *Group) {
		require.Equal(t, len(model), g.Pending.Len())
		seen, last := 0, ID{}
		for p := range g.Pending.From(ID{}) {
			require.True(t, seen == 0 || last.Less(p.ID))
			last = p.ID
			seen++
			require.Equal(t, model[p.ID], pending{p.Consumer.Name, p.Delivered, p.Count})
			require.Same(t, p, p.Consumer.Pending.Get(p.ID))
			require.Same(t, p, g.Pending.Get(p.ID))
			require.Same(t, p.Consumer, g.Consumer(p.Consumer.Name))
		}
		require.Equal(t, len(model), seen)
		if seen > 0 {
			require.Equal(t, last, g.Pending.Last().ID)
		}
		own := 0
		for _, c := range g.Consumers() {
			require.Equal(t, int64(5), c.Seen)
			own += c.Pending.Len()
		}
		require.Equal(t, seen, own)
		require.Equal(t, len(consumers), len(g.Consumers()))
	}
	check(g)
	c := s.Clone().(*Stream)
	check(c.Group("g"))
	for p := range c.Group("g").Pending.From(ID{}) { // it may change meanwhile
		c.Group("g").Ack(p.ID)
	}
	require.Zero(t, c.Group("g").Pending.Len())
	require.Nil(t, c.Group("g").Pending.Last())
	c.DestroyGroup("g")
	check(s.Group("g"))
}

// Entries that become pending in order fill the chunks of the list.
func TestPendingListIsDense(t *testing.T) {
	var l PendingList
	for i := range 10 * pendingChunk {
		l.insert(&Pending{ID: ID{uint64(i), 0}})
	}
	require.Len(t, l.chunks, 10)
}

func TestIDs(t *testing.T) {
	const top = math.MaxUint64
	for _, c := range []struct{ id, next ID }{{ID{0, 0}, ID{0, 1}}, {ID{1, top}, ID{2, 0}}, {ID{top, 5}, ID{top, 6}}} {
		next, ok := c.id.Next()
		require.True(t, ok)
		require.Equal(t, c.next, next)
		prev, ok := c.next.Prev()
		require.True(t, ok)
		require.Equal(t, c.id, prev)
		require.Equal(t, -1, c.id.Compare(c.next))
		require.Equal(t, 1, c.next.Compare(c.id))
	}
	_, ok := MaxID.Next()
	require.False(t, ok)
	_, ok = ID{}.Prev()
	require.False(t, ok)
	require.Equal(t, "18446744073709551615-0", ID{top, 0}.String())

	s := NewStream()
	id, ok := s.NextID(7)
	require.True(t, ok)
	require.Equal(t, ID{7, 0}, id)
	s.LastID = ID{8, 2}
	id, _ = s.NextID(7)
	require.Equal(t, ID{8, 3}, id)
	id, _ = s.NextSeq(8)
	require.Equal(t, ID{8, 3}, id)
	_, ok = s.NextSeq(7)
	require.False(t, ok)
	s.LastID = ID{8, top}
	_, ok = s.NextSeq(8)
	require.False(t, ok)
	s.LastID = MaxID
	_, ok = s.NextID(7)
	require.False(t, ok)
}
