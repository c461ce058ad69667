package value

import (
	"iter"
	"slices"
)

// A List is a value of type list: a ring of strings. Pushing and popping at both ends and reaching
// an element take constant time. Inserting and removing take time in proportion to the distance to
// the nearer end.
type List struct {
	mark
	ring []string
	head int // the position of the first element in ring
	n    int
	text int // bytes of the elements
}

// NewList returns an empty list.
func NewList() *List { return &List{} }

func (*List) Type() string     { return "list" }
func (*List) Encoding() string { return "quicklist" }

// Len returns the number of elements.
func (l *List) Len() int { return l.n }

// slot returns the position in ring of element i, which may be one before the first or after the
// last.
func (l *List) slot(i int) int {
	p := l.head + i
	switch {
	case p < 0:
		return p + len(l.ring)
	case p >= len(l.ring):
		return p - len(l.ring)
	}
	return p
}

// At returns element i.
func (l *List) At(i int) string { return l.ring[l.slot(i)] }

// Set changes element i.
func (l *List) Set(i int, s string) {
	p := &l.ring[l.slot(i)]
	l.text += len(s) - len(*p)
	*p = s
}

// Range returns the elements [from, to).
func (l *List) Range(from, to int) iter.Seq[string] {
	return func(yield func(string) bool) {
		for i := from; i < to; i++ {
			if !yield(l.At(i)) {
				return
			}
		}
	}
}

// PushLeft adds an element before the first.
func (l *List) PushLeft(s string) {
	l.grow()
	l.head = l.slot(-1)
	l.ring[l.head] = s
	l.text += len(s)
	l.n++
}

// PushRight adds an element after the last.
func (l *List) PushRight(s string) {
	l.grow()
	l.ring[l.slot(l.n)] = s
	l.text += len(s)
	l.n++
}

// PopLeft removes the first element and returns it. ok is false if the list is empty.
func (l *List) PopLeft() (s string, ok bool) {
	if l.n == 0 {
		return "", false
	}
	s = l.At(0)
	l.Trim(1, l.n)
	return s, true
}

// PopRight removes the last element and returns it. ok is false if the list is empty.
func (l *List) PopRight() (s string, ok bool) {
	if l.n == 0 {
		return "", false
	}
	s = l.At(l.n - 1)
	l.Trim(0, l.n-1)
	return s, true
}

// Insert adds an element before element i, or at the end if i is Len.
func (l *List) Insert(i int, s string) {
	if i < l.n/2 {
		l.PushLeft("")
		for j := range i {
			l.Set(j, l.At(j+1))
		}
	} else {
		l.PushRight("")
		for j := l.n - 1; j > i; j-- {
			l.Set(j, l.At(j-1))
		}
	}
	l.Set(i, s)
}

// Remove removes elements that are equal to s, as LREM does: with a count above zero that many
// from the left, below zero from the right, and all if it is zero. It returns their number.
func (l *List) Remove(count int, s string) (removed int) {
	limit := count
	if count <= 0 {
		limit = -count
	}
	// The elements between the end where the search begins and the last that is found close up
	// to the other end. Searching them took as long.
	if count < 0 {
		i := l.n - 1
		for ; i >= 0 && removed < limit; i-- {
			if l.At(i) == s {
				removed++
			}
		}
		kept := i + 1
		for j := kept; j < l.n; j++ {
			if v := l.At(j); v != s {
				l.Set(kept, v)
				kept++
			}
		}
		l.Trim(0, l.n-removed)
		return removed
	}
	i := 0
	for ; i < l.n && (limit == 0 || removed < limit); i++ {
		if l.At(i) == s {
			removed++
		}
	}
	kept := i - 1
	for j := kept; j >= 0; j-- {
		if v := l.At(j); v != s {
			l.Set(kept, v)
			kept--
		}
	}
	l.Trim(removed, l.n)
	return removed
}

// Trim removes all elements but [from, to). The time is in proportion to the number that it removes.
func (l *List) Trim(from, to int) {
	for i := range from {
		l.Set(i, "")
	}
	for i := to; i < l.n; i++ {
		l.Set(i, "")
	}
	l.head, l.n = l.slot(from), to-from
	if len(l.ring) > 8*few && 4*l.n < len(l.ring) {
		l.resize(2 * l.n)
	}
}

// grow makes room for one more element.
func (l *List) grow() {
	if l.n == len(l.ring) {
		l.resize(max(4, l.n+l.n/2))
	}
}

func (l *List) resize(size int) {
	ring := make([]string, size)
	first := copy(ring, l.ring[l.head:min(l.head+l.n, len(l.ring))])
	copy(ring[first:], l.ring[:l.n-first])
	l.ring, l.head = ring, 0
}

func (l *List) Clone() Value {
	return &List{ring: slices.Clone(l.ring), head: l.head, n: l.n, text: l.text}
}
