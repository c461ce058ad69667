package value

// About how many bytes of memory the parts of values take, besides their text.
const (
	bytesOfText   = 8 // of its size in the allocator
	bytesOfSlot   = 16
	bytesOfNode   = 96 // of a skip list
	bytesOfEntry  = 96 // of a stream, with its fields
	bytesOfGroup  = 128
	bytesOfOwner  = 96  // a consumer
	bytesOfWaiter = 112 // an entry in a pending list, and in that of the consumer
)

// Memory of the values, which their methods Memory return, is an estimate that takes constant time.

func (Int) Memory() int      { return 8 }
func (t Text) Memory() int   { return bytesOfSlot + bytesOfText + len(t) }
func (b *Bytes) Memory() int { return 32 + bytesOfText + cap(b.B) }

// Memory returns about how many bytes of memory the keys take, without what the values point to.
func (d *Dict[V]) Memory(bytesOfValue int) int {
	n := cap(d.entries)*(bytesOfSlot+bytesOfValue) + d.text + len(d.entries)*bytesOfText
	return n + len(d.index.slots)*8
}

func (l *List) Memory() int { return 64 + len(l.ring)*bytesOfSlot + l.n*bytesOfText + l.text }

func (s *Set) Memory() int {
	if s.members == nil {
		return 64 + 8*cap(s.ints)
	}
	return 128 + s.members.Memory(0)
}

func (h *Hash) Memory() int {
	return 128 + h.fields.Memory(bytesOfSlot) + h.fields.Len()*bytesOfText + h.text + h.times.Memory()
}

func (z *SortedSet) Memory() int { return 192 + z.nodes.Memory(8) + z.size*bytesOfNode }

// Memory takes time in proportion to the number of groups.
func (s *Stream) Memory() int {
	n := 128 + s.size + s.held*bytesOfEntry
	for _, g := range s.groups {
		n += bytesOfGroup + len(g.Name) + len(g.consumers)*bytesOfOwner + g.Pending.Len()*bytesOfWaiter
	}
	return n
}

func (j *JSON) Memory() int { return 24 + int(j.Doc.Size()) }
