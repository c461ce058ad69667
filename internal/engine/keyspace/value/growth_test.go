package value

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/redis-rest/redis-rest-go/internal/testkit/growth"
)

// filled has a value of each type with n elements.
type filled struct {
	n         int
	names     []string
	dict      Dict[int]
	deadlines Deadlines
	list      *List
	hash      *Hash
	set       *Set
	sorted    *SortedSet
	stream    *Stream
	group     *Group
	draws     *rand.Rand
}

func fill(n int) *filled {
	f := &filled{n: n, list: NewList(), hash: NewHash(), set: NewSet(), sorted: NewSortedSet(), stream: NewStream(), draws: rand.New(rand.NewPCG(1, 2))}
	f.group = f.stream.CreateGroup("g", ID{}, 0)
	c := f.group.CreateConsumer("c", 0)
	limits := DefaultLimits()
	for i := range n {
		name := fmt.Sprint("name", i)
		f.names = append(f.names, name)
		f.dict.Set(name, i)
		f.deadlines.Set(name, int64(i*7919%n))
		f.list.PushRight(name)
		f.hash.Set(name, name, limits)
		f.hash.SetExpiry(name, int64(i))
		f.set.Add(name, limits)
		f.sorted.Set(name, float64(i*7919%n), limits)
		id := ID{uint64(i + 1), 0}
		f.stream.Add(id, []string{"f", "v"}, limits)
		f.group.Assign(id, c, 0, 1)
	}
	return f
}

// Each operation leaves the value with n elements. i is different in each call.
var operations = []struct {
	name string
	do   func(f *filled, i int)
}{
	{"Dict", func(f *filled, i int) {
		name := f.names[i%f.n]
		v, _ := f.dict.Get(name)
		f.dict.Delete(name)
		f.dict.Set(name, v)
		f.dict.Scan(uint64(i%f.n), 10, func(string, *int) {})
	}},
	{"Deadlines", func(f *filled, i int) {
		key, at, _ := f.deadlines.Next()
		f.deadlines.Set(key, at+int64(f.n))
		f.deadlines.Delete(f.names[i%f.n])
		f.deadlines.Set(f.names[i%f.n], at+int64(i))
	}},
	{"List", func(f *filled, i int) {
		s, _ := f.list.PopLeft()
		f.list.PushLeft(s)
		s, _ = f.list.PopRight()
		f.list.PushLeft(s)
		f.list.Set(f.n/2, f.list.At(f.n/2))
		f.list.Insert(3, "x")
		f.list.Remove(1, "x")
		f.list.Insert(f.n-3, "x")
		f.list.Remove(-1, "x")
	}},
	{"Hash", func(f *filled, i int) {
		name := f.names[i%f.n]
		f.hash.Delete(name)
		f.hash.Set(name, "v", &Limits{})
		at, _ := f.hash.NextExpiry()
		f.hash.SetExpiry(name, at+int64(f.n))
	}},
	{"Set", func(f *filled, i int) {
		member := f.set.Random(f.draws)
		f.set.Remove(member)
		f.set.Add(member, &Limits{})
	}},
	{"SortedSet by rank and member", func(f *filled, i int) {
		rank, _ := f.sorted.Rank(f.names[i%f.n])
		f.sorted.ByRank(rank)
		for range f.sorted.Range(f.n/2, f.n/2+10) {
		}
	}},
	{"SortedSet by score", func(f *filled, i int) {
		from, to := f.sorted.RangeByScore(ScoreBound{Score: float64(i % f.n)}, ScoreBound{Score: float64(f.n)})
		for range f.sorted.RangeDown(from, min(to, from+10)) {
		}
	}},
	{"SortedSet, pop and add", func(f *filled, i int) {
		member, score := f.sorted.ByRank(0)
		f.sorted.RemoveRange(0, 1)
		f.sorted.Set(member, score+float64(f.n), &Limits{})
	}},
	{"Stream", func(f *filled, i int) {
		id := ID{f.stream.LastID.Ms - uint64(i%f.n), 0}
		f.stream.Get(id)
		n := 0
		for range f.stream.Range(id, MaxID) {
			if n++; n == 10 {
				break
			}
		}
		id, _ = f.stream.NextID(f.stream.LastID.Ms + 1)
		f.stream.Add(id, []string{"f", "v"}, DefaultLimits())
		f.stream.TrimLen(f.n, false, 0)
	}},
	{"Group", func(f *filled, i int) {
		c := f.group.Consumer("c")
		for p := range c.Pending.From(ID{uint64(i*7919%f.n + 1), 0}) {
			f.group.Ack(p.ID)
			f.group.Assign(p.ID, c, 0, 1)
			break
		}
	}},
}

// With 32 times as many elements no operation takes more than 8 times as long. A search of all would
// take 32 times as long, and the logarithm doubles at most.
func TestGrowth(t *testing.T) {
	small, large := fill(1_000), fill(32_000)
	for _, o := range operations {
		run := func(f *filled) func() {
			i := 0
			return func() {
				for range 300 {
					i += 7
					o.do(f, i)
				}
			}
		}
		growth.AtMost(t, 8, run(small), run(large), o.name)
	}
}

func BenchmarkOperations(b *testing.B) {
	for _, n := range []int{1_000, 100_000} {
		f := fill(n)
		for _, o := range operations {
			b.Run(fmt.Sprint(o.name, "/", n), func(b *testing.B) {
				i := 0
				for b.Loop() {
					i += 7
					o.do(f, i)
				}
			})
		}
	}
}
