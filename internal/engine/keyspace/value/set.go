package value

import (
	"iter"
	"math/rand/v2"
	"slices"
	"strconv"

	"github.com/redis-rest/redis-rest-go/internal/protocol/ctext"
)

// A Set is a value of type set. As long as Redis would hold it in an intset, its members are
// ascending integers, and adding and removing one takes time in proportion to their number, of
// which there are few. Otherwise adding, removing and finding take constant time.
type Set struct {
	mark
	ints    []int64
	members *Dict[struct{}] // nil while all members are in ints
}

// NewSet returns an empty set.
func NewSet() *Set { return &Set{} }

func (*Set) Type() string { return "set" }

func (s *Set) Encoding() string {
	if s.members != nil {
		return "hashtable"
	}
	return "intset"
}

// Len returns the number of members.
func (s *Set) Len() int {
	if s.members != nil {
		return s.members.Len()
	}
	return len(s.ints)
}

// Has says whether a member is there.
func (s *Set) Has(member string) bool {
	if s.members != nil {
		return s.members.Ref(member) != nil
	}
	_, found := s.find(member)
	return found
}

// find returns the position in ints at which member is, or would be.
func (s *Set) find(member string) (i int, found bool) {
	n, ok := ctext.ParseInt(member)
	if !ok {
		return 0, false
	}
	return slices.BinarySearch(s.ints, n)
}

// Add adds a member, and says whether it is new.
func (s *Set) Add(member string, limits *Limits) bool {
	if s.members == nil {
		if n, ok := ctext.ParseInt(member); ok {
			i, found := slices.BinarySearch(s.ints, n)
			if found {
				return false
			}
			s.ints = slices.Insert(s.ints, i, n)
			if len(s.ints) > limits.SetMaxIntsetEntries {
				s.convert()
			}
			return true
		}
		s.convert()
	}
	return s.members.Set(member, struct{}{})
}

func (s *Set) convert() {
	s.members = &Dict[struct{}]{}
	for _, n := range s.ints {
		s.members.Set(strconv.FormatInt(n, 10), struct{}{})
	}
	s.ints = nil
}

// Remove removes a member, and says whether it was there.
func (s *Set) Remove(member string) bool {
	if s.members != nil {
		return s.members.Delete(member)
	}
	i, found := s.find(member)
	if found {
		s.ints = slices.Delete(s.ints, i, i+1)
	}
	return found
}

// At returns the member at a position below Len.
func (s *Set) At(i int) string {
	if s.members != nil {
		member, _ := s.members.At(i)
		return member
	}
	return strconv.FormatInt(s.ints[i], 10)
}

// Random returns one of the members, each equally likely. The set must not be empty.
func (s *Set) Random(r *rand.Rand) string { return s.At(r.IntN(s.Len())) }

// All returns the members in the order of SMEMBERS. The set must not change meanwhile.
func (s *Set) All() iter.Seq[string] {
	return func(yield func(string) bool) {
		for i := range s.Len() {
			if !yield(s.At(i)) {
				return
			}
		}
	}
}

// Scan is [Dict.Scan]. As in Redis, a set in an intset is visited at once.
func (s *Set) Scan(cursor uint64, count int, visit func(member string)) (next uint64) {
	if s.members == nil {
		for member := range s.All() {
			visit(member)
		}
		return 0
	}
	return s.members.Scan(cursor, count, func(member string, _ *struct{}) { visit(member) })
}

func (s *Set) Clone() Value {
	c := &Set{ints: slices.Clone(s.ints)}
	if s.members != nil {
		c.members = s.members.Clone()
	}
	return c
}
