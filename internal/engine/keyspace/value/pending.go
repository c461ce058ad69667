package value

import (
	"iter"
	"slices"
	"sort"
)

// A Pending is an entry that was delivered to a consumer and not acknowledged. The entry itself may
// have been deleted.
type Pending struct {
	ID        ID
	Consumer  *Consumer
	Delivered int64 // when it was last delivered
	Count     int64 // how often it was delivered
}

// A PendingList has pending entries in the order of their IDs. Finding one takes time in proportion
// to the logarithm of the length.
type PendingList struct {
	chunks [][]*Pending // none is empty
	n      int
}

const pendingChunk = 64

// Len returns the number of entries.
func (l *PendingList) Len() int { return l.n }

// Get returns an entry, or nil.
func (l *PendingList) Get(id ID) *Pending {
	if i, j, ok := l.find(id); ok {
		return l.chunks[i][j]
	}
	return nil
}

// Last returns the entry with the largest ID, or nil.
func (l *PendingList) Last() *Pending {
	if l.n == 0 {
		return nil
	}
	chunk := l.chunks[len(l.chunks)-1]
	return chunk[len(chunk)-1]
}

// From returns the entries from an ID on. Meanwhile the list may change: after each entry it finds
// the next one.
func (l *PendingList) From(id ID) iter.Seq[*Pending] {
	return func(yield func(*Pending) bool) {
		for ok := true; ok; id, ok = id.Next() {
			i, j, _ := l.find(id)
			if i == len(l.chunks) {
				return
			}
			p := l.chunks[i][j]
			if !yield(p) {
				return
			}
			id = p.ID
		}
	}
}

// find returns the place of the first entry with an ID of id or greater: j in chunk i, and i is the
// number of chunks if there is none.
func (l *PendingList) find(id ID) (i, j int, found bool) {
	i = sort.Search(len(l.chunks), func(i int) bool {
		chunk := l.chunks[i]
		return !chunk[len(chunk)-1].ID.Less(id)
	})
	if i == len(l.chunks) {
		return i, 0, false
	}
	chunk := l.chunks[i]
	j = sort.Search(len(chunk), func(j int) bool { return !chunk[j].ID.Less(id) })
	return i, j, chunk[j].ID == id
}

// insert adds an entry whose ID is not there.
func (l *PendingList) insert(p *Pending) {
	l.n++
	i, j, _ := l.find(p.ID)
	if i == len(l.chunks) { // after all others
		if i == 0 || len(l.chunks[i-1]) == pendingChunk {
			l.chunks = append(l.chunks, []*Pending{p})
		} else {
			l.chunks[i-1] = append(l.chunks[i-1], p)
		}
		return
	}
	if chunk := l.chunks[i]; len(chunk) == pendingChunk {
		const half = pendingChunk / 2
		l.chunks = slices.Insert(l.chunks, i+1, slices.Clone(chunk[half:]))
		clear(chunk[half:])
		l.chunks[i] = chunk[:half]
		if j > half {
			i, j = i+1, j-half
		}
	}
	l.chunks[i] = slices.Insert(l.chunks[i], j, p)
}

// remove removes an entry that is there.
func (l *PendingList) remove(id ID) {
	l.n--
	i, j, _ := l.find(id)
	switch {
	case len(l.chunks[i]) > 1:
		l.chunks[i] = slices.Delete(l.chunks[i], j, j+1)
	case i == 0: // constant time
		l.chunks[0] = nil
		l.chunks = l.chunks[1:]
	default:
		l.chunks = slices.Delete(l.chunks, i, i+1)
	}
}
