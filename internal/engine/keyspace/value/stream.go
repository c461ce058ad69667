package value

import (
	"cmp"
	"encoding/binary"
	"iter"
	"math"
	"slices"
	"sort"
	"strconv"
)

// An ID is the ID of a stream's entry.
type ID struct {
	Ms, Seq uint64
}

// MaxID is the largest ID.
var MaxID = ID{math.MaxUint64, math.MaxUint64}

// Compare returns -1, 0 or 1 if a is less than, equal to or greater than b.
func (a ID) Compare(b ID) int { return cmp.Or(cmp.Compare(a.Ms, b.Ms), cmp.Compare(a.Seq, b.Seq)) }

// Less says whether a is less than b.
func (a ID) Less(b ID) bool { return a.Ms < b.Ms || a.Ms == b.Ms && a.Seq < b.Seq }

// Next returns the ID after a. ok is false if a is the largest.
func (a ID) Next() (next ID, ok bool) {
	switch {
	case a.Seq < math.MaxUint64:
		return ID{a.Ms, a.Seq + 1}, true
	case a.Ms < math.MaxUint64:
		return ID{a.Ms + 1, 0}, true
	}
	return ID{}, false
}

// Prev returns the ID before a. ok is false if a is 0-0.
func (a ID) Prev() (prev ID, ok bool) {
	switch {
	case a.Seq > 0:
		return ID{a.Ms, a.Seq - 1}, true
	case a.Ms > 0:
		return ID{a.Ms - 1, math.MaxUint64}, true
	}
	return MaxID, false
}

// String returns the ID as Redis writes it.
func (a ID) String() string {
	b := strconv.AppendUint(make([]byte, 0, 41), a.Ms, 10)
	return string(strconv.AppendUint(append(b, '-'), a.Seq, 10))
}

// A Stream is a value of type stream. Its entries are in nodes, of about 100 each, which are those
// of Redis. Adding an entry takes constant time. Finding one takes time in proportion to the
// logarithm of the length.
type Stream struct {
	mark
	// LastID is the largest ID that an entry ever had, or that XSETID set.
	LastID ID
	// MaxDeletedID is the largest ID that XDEL deleted.
	MaxDeletedID ID
	// EntriesAdded is the number of entries that were ever added.
	EntriesAdded int64

	firstID ID
	length  int
	held    int // entries in the nodes, with deleted ones
	size    int // of the nodes
	nodes   []*streamNode
	groups  []*Group // by name
}

// An Entry is an entry of a stream.
type Entry struct {
	ID     ID
	Fields []string // field, value, field, value, …; not to be changed
}

// A streamNode has the entries that Redis has in one listpack.
type streamNode struct {
	id      ID       // of the first entry that was added
	fields  []string // the names of the fields of that entry
	entries []streamEntry
	deleted int
	size    int // of the listpack, without the two counts in it
}

type streamEntry struct {
	id      ID
	fields  []string
	deleted bool
	same    bool // the names of the fields are those of the node
}

// NewStream returns an empty stream.
func NewStream() *Stream { return &Stream{} }

func (*Stream) Type() string     { return "stream" }
func (*Stream) Encoding() string { return "stream" }

// Len returns the number of entries.
func (s *Stream) Len() int { return s.length }

// FirstID returns the ID of the first entry, or 0-0 if there is none.
func (s *Stream) FirstID() ID { return s.firstID }

// NextID returns the ID that XADD with * gives to an entry. ok is false if no ID is left.
func (s *Stream) NextID(now uint64) (id ID, ok bool) {
	if now > s.LastID.Ms {
		return ID{now, 0}, true
	}
	return s.LastID.Next()
}

// NextSeq returns the ID that XADD with ms-* gives to an entry. ok is false if there is none.
func (s *Stream) NextSeq(ms uint64) (id ID, ok bool) {
	switch {
	case ms > s.LastID.Ms:
		return ID{ms, 0}, true
	case ms < s.LastID.Ms || s.LastID.Seq == math.MaxUint64:
		return ID{}, false
	}
	return ID{ms, s.LastID.Seq + 1}, true
}

// Add adds an entry with fields and values by turns, and takes the slice over. It returns false if id
// is not greater than LastID.
func (s *Stream) Add(id ID, fields []string, limits *Limits) bool {
	if !s.LastID.Less(id) {
		return false
	}
	var n *streamNode
	if len(s.nodes) > 0 {
		n = s.nodes[len(s.nodes)-1]
		bytes := 0
		for _, field := range fields {
			bytes += len(field)
		}
		if n.full(bytes, limits) {
			n = nil
		}
	}
	if n == nil {
		n = newStreamNode(id, fields)
		s.nodes = append(s.nodes, n)
		s.size += n.size
	}
	before := n.size
	n.add(id, fields)
	s.size += n.size - before
	s.held++
	s.length++
	s.EntriesAdded++
	s.LastID = id
	if s.length == 1 {
		s.firstID = id
	}
	return true
}

// full says whether an entry with strings of that size goes into a new node.
func (n *streamNode) full(bytes int, limits *Limits) bool {
	const listpackMax = 1 << 30
	maxBytes := limits.StreamNodeMaxBytes
	if maxBytes == 0 || maxBytes > listpackMax {
		maxBytes = listpackMax
	}
	return n.listpackSize()+bytes >= maxBytes || limits.StreamNodeMaxEntries > 0 && len(n.entries) >= limits.StreamNodeMaxEntries
}

func (n *streamNode) listpackSize() int {
	return n.size + listpackInt(int64(n.live())) + listpackInt(int64(n.deleted))
}

func newStreamNode(id ID, fields []string) *streamNode {
	n := &streamNode{id: id, size: listpackFrame + listpackInt(int64(len(fields)/2)) + listpackInt(0)}
	for i := 0; i < len(fields); i += 2 {
		n.fields = append(n.fields, fields[i])
		n.size += listpackString(fields[i])
	}
	return n
}

// add adds an entry. It takes over fields, and replaces the names in it with those of the node if
// they are the same.
func (n *streamNode) add(id ID, fields []string) {
	same := len(fields) == 2*len(n.fields)
	for i := 0; same && i < len(fields); i += 2 {
		same = fields[i] == n.fields[i/2]
	}
	if !same {
		n.size += listpackInt(int64(len(fields) / 2))
	}
	n.size += listpackInt(0) + listpackInt(int64(id.Ms-n.id.Ms)) + listpackInt(int64(id.Seq-n.id.Seq)) + listpackInt(int64(streamParts(fields, same)))
	for i, text := range fields {
		switch {
		case i%2 == 1 || !same:
			n.size += listpackString(text)
		default:
			fields[i] = n.fields[i/2]
		}
	}
	n.entries = append(n.entries, streamEntry{id: id, fields: fields, same: same})
}

// streamParts returns how many elements of a listpack an entry has, without the last, which is this
// number.
func streamParts(fields []string, same bool) int {
	if same {
		return 3 + len(fields)/2
	}
	return 4 + len(fields)
}

func (n *streamNode) live() int { return len(n.entries) - n.deleted }

// search returns the position of the first entry, deleted or not, whose ID is id or greater.
func (n *streamNode) search(id ID) int {
	return sort.Search(len(n.entries), func(i int) bool { return !n.entries[i].id.Less(id) })
}

// node returns the position of the node that has an ID if any has: the last that begins with it or
// before it. It is -1 if all begin after it.
func (s *Stream) node(id ID) int {
	return sort.Search(len(s.nodes), func(i int) bool { return id.Less(s.nodes[i].id) }) - 1
}

// Get returns an entry.
func (s *Stream) Get(id ID) (e Entry, ok bool) {
	for e := range s.Range(id, id) {
		return e, true
	}
	return Entry{}, false
}

// Range returns the entries from one ID to another, both included, in ascending order. The stream
// must not change meanwhile.
func (s *Stream) Range(from, to ID) iter.Seq[Entry] {
	return func(yield func(Entry) bool) {
		i := max(0, s.node(from))
		if i == len(s.nodes) {
			return
		}
		for j := s.nodes[i].search(from); i < len(s.nodes); i, j = i+1, 0 {
			for _, e := range s.nodes[i].entries[j:] {
				if to.Less(e.id) {
					return
				}
				if !e.deleted && !yield(Entry{e.id, e.fields}) {
					return
				}
			}
		}
	}
}

// RangeDown is Range in descending order: it begins with to.
func (s *Stream) RangeDown(from, to ID) iter.Seq[Entry] {
	return func(yield func(Entry) bool) {
		for i := s.node(to); i >= 0; i-- {
			n := s.nodes[i]
			j := len(n.entries)
			if next, ok := to.Next(); ok {
				j = n.search(next)
			}
			for j--; j >= 0; j-- {
				e := n.entries[j]
				if e.id.Less(from) {
					return
				}
				if !e.deleted && !yield(Entry{e.id, e.fields}) {
					return
				}
			}
		}
	}
}

// Last returns the last entry.
func (s *Stream) Last() (e Entry, ok bool) {
	for e := range s.RangeDown(ID{}, MaxID) {
		return e, true
	}
	return Entry{}, false
}

// Delete deletes an entry as XDEL does, and says whether it was there. It stays in pending lists.
func (s *Stream) Delete(id ID) bool {
	i := s.node(id)
	if i < 0 {
		return false
	}
	n := s.nodes[i]
	j := n.search(id)
	if j == len(n.entries) || n.entries[j].id != id || n.entries[j].deleted {
		return false
	}
	n.drop(j)
	s.length--
	if n.live() == 0 {
		s.removeNode(i)
	}
	if id == s.firstID {
		s.findFirst()
	}
	if s.MaxDeletedID.Less(id) {
		s.MaxDeletedID = id
	}
	return true
}

// drop marks an entry as deleted. As in Redis it stays in the node until the node goes.
func (n *streamNode) drop(i int) {
	n.entries[i].deleted = true
	n.deleted++
}

func (s *Stream) removeNode(i int) {
	s.held -= len(s.nodes[i].entries)
	s.size -= s.nodes[i].size
	if i == 0 { // constant time
		s.nodes[0] = nil
		s.nodes = s.nodes[1:]
		return
	}
	s.nodes = slices.Delete(s.nodes, i, i+1)
}

func (s *Stream) findFirst() {
	s.firstID = ID{}
	for e := range s.Range(ID{}, MaxID) {
		s.firstID = e.ID
		return
	}
}

// TrimLen removes the first entries until maxLen are left, and returns how many it removed. If
// approx is true it removes whole nodes only, as MAXLEN ~ does. If limit is not zero it does not
// begin a node with which it would remove more.
func (s *Stream) TrimLen(maxLen int, approx bool, limit int) (removed int) {
	return s.trim(approx, limit,
		func() bool { return s.length <= maxLen },
		func(n *streamNode) bool { return s.length-n.live() >= maxLen },
		func(ID) bool { return s.length > maxLen })
}

// TrimID removes the entries with IDs below minID. approx and limit are those of TrimLen.
func (s *Stream) TrimID(minID ID, approx bool, limit int) (removed int) {
	return s.trim(approx, limit,
		func() bool { return false },
		func(n *streamNode) bool { return n.entries[len(n.entries)-1].id.Less(minID) },
		func(id ID) bool { return id.Less(minID) })
}

func (s *Stream) trim(approx bool, limit int, done func() bool, whole func(*streamNode) bool, drop func(ID) bool) (removed int) {
	for len(s.nodes) > 0 && !done() {
		n := s.nodes[0]
		if limit > 0 && removed+n.live() > limit {
			break
		}
		if whole(n) {
			removed += n.live()
			s.length -= n.live()
			s.removeNode(0)
			continue
		}
		if approx {
			break
		}
		for i := range n.entries {
			if !drop(n.entries[i].id) {
				break
			}
			if !n.entries[i].deleted {
				n.drop(i)
				removed++
				s.length--
			}
		}
		break
	}
	if removed > 0 {
		s.findFirst()
	}
	return removed
}

// RadixTree returns the number of keys and of nodes of the radix tree in which Redis has the nodes
// of the stream, for XINFO. The time is in proportion to the number of nodes.
func (s *Stream) RadixTree() (keys, nodes int) {
	if len(s.nodes) == 0 {
		return 0, 1
	}
	ids := make([][]byte, len(s.nodes))
	for i, n := range s.nodes {
		ids[i] = binary.BigEndian.AppendUint64(binary.BigEndian.AppendUint64(nil, n.id.Ms), n.id.Seq)
	}
	return len(ids), radixNodes(ids)
}

// radixNodes counts the nodes of a tree with sorted keys of one length: a node for a run of bytes
// that all share, a node in which they part, and the trees below it.
func radixNodes(keys [][]byte) int {
	first, last := keys[0], keys[len(keys)-1]
	shared := 0
	for shared < len(first) && first[shared] == last[shared] {
		shared++
	}
	count := 1 // the node in which they part, or in which the only key ends
	if shared > 0 {
		count++
	}
	if len(keys) == 1 {
		return count
	}
	for i := 0; i < len(keys); {
		j := i + 1
		for j < len(keys) && keys[j][shared] == keys[i][shared] {
			j++
		}
		below := make([][]byte, 0, j-i)
		for _, key := range keys[i:j] {
			below = append(below, key[shared+1:])
		}
		count += radixNodes(below)
		i = j
	}
	return count
}

func (s *Stream) Clone() Value {
	c := &Stream{
		LastID: s.LastID, MaxDeletedID: s.MaxDeletedID, EntriesAdded: s.EntriesAdded,
		firstID: s.firstID, length: s.length, held: s.held, size: s.size,
		nodes: make([]*streamNode, len(s.nodes)), groups: make([]*Group, len(s.groups)),
	}
	for i, n := range s.nodes {
		copied := *n
		copied.entries = slices.Clone(n.entries)
		c.nodes[i] = &copied
	}
	for i, g := range s.groups {
		c.groups[i] = g.clone()
	}
	return c
}
