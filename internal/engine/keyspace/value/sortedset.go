package value

import (
	"iter"
	"math"
	"math/bits"
	"math/rand/v2"
	"strconv"

	"github.com/redis-rest/redis-rest-go/internal/protocol/ctext"
)

// A SortedSet is a value of type zset: a skip list in the order of scores, and of bytes among equal
// scores, with a dictionary of the members. Finding a member takes constant time. Finding, adding
// and removing a rank takes time in proportion to the logarithm of the size, and each further rank
// of a range takes constant time.
//
// Commands select by ranks: RangeByScore and RangeByLex find the ranks [from, to) of a range, to-from
// is the number of its members, and Range and RemoveRange take the ranks.
type SortedSet struct {
	mark
	nodes Dict[*skipNode]
	head  skipNode // before the first member; it has all levels
	last  *skipNode
	level int  // levels in use
	size  int  // nodes that are linked
	large bool // Redis holds it in a skip list
}

const maxLevel = 32

type skipNode struct {
	member string
	score  float64
	back   *skipNode // nil at the first member
	links  []skipLink
}

// A skipLink goes to the next node of a level. span is the distance in ranks.
type skipLink struct {
	next *skipNode
	span int
}

// newSkipNode makes a node. Its links are in the same piece of memory, as long as there are at most 12: that
// saves most of the time of a search among many nodes.
func newSkipNode(level int, member string, score float64) *skipNode {
	switch level {
	case 1:
		n := &struct {
			skipNode
			own [1]skipLink
		}{}
		n.skipNode = skipNode{member: member, score: score, links: n.own[:]}
		return &n.skipNode
	case 2:
		n := &struct {
			skipNode
			own [2]skipLink
		}{}
		n.skipNode = skipNode{member: member, score: score, links: n.own[:]}
		return &n.skipNode
	case 3, 4, 5, 6, 7, 8, 9, 10, 11, 12:
		n := &struct {
			skipNode
			own [12]skipLink
		}{}
		n.skipNode = skipNode{member: member, score: score, links: n.own[:level]}
		return &n.skipNode
	}
	return &skipNode{member: member, score: score, links: make([]skipLink, level)}
}

// NewSortedSet returns an empty sorted set.
func NewSortedSet() *SortedSet {
	return &SortedSet{head: skipNode{links: make([]skipLink, 1, 4)}, level: 1}
}

func (*SortedSet) Type() string { return "zset" }

func (z *SortedSet) Encoding() string {
	if z.large {
		return "skiplist"
	}
	return "listpack"
}

// Len returns the number of members.
func (z *SortedSet) Len() int { return z.size }

// Score returns the score of a member.
func (z *SortedSet) Score(member string) (score float64, ok bool) {
	n, ok := z.nodes.Get(member)
	if !ok {
		return 0, false
	}
	return n.score, true
}

// Set sets the score of a member. The score must not be NaN, for which Redis has no place. Negative
// zero becomes zero in a sorted set that Redis would hold in a listpack, and does not replace zero
// in any. With the zero Limits the sorted set is not held in a listpack; that is how the commands that
// store one begin, and they end with Compact.
func (z *SortedSet) Set(member string, score float64, limits *Limits) (added, changed bool) {
	if math.IsNaN(score) {
		panic("value: NaN as a score")
	}
	p := z.nodes.Ref(member)
	if p != nil && (*p).score == score {
		return false, false
	}
	if p == nil && (z.Len()+1 > limits.ZsetMaxListpackEntries || len(member) > limits.ZsetMaxListpackValue) {
		z.large = true
	}
	if !z.large {
		score += 0 // -0 becomes 0
	}
	switch {
	case p == nil:
		z.nodes.Set(member, z.insert(member, score))
		return true, true
	case z.fits(*p, score):
		(*p).score = score
	default:
		z.unlink(*p)
		*p = z.insert(member, score)
	}
	return false, true
}

// fits says whether a node may stay where it is with another score.
func (z *SortedSet) fits(n *skipNode, score float64) bool {
	next := n.links[0].next
	return (n.back == nil || n.back.score < score) && (next == nil || next.score > score)
}

// Compact makes the sorted set such as the commands that store one leave it: in a listpack, if it is
// small enough.
func (z *SortedSet) Compact(limits *Limits) {
	large := z.Len() > limits.ZsetMaxListpackEntries
	for n := z.head.links[0].next; n != nil && !large; n = n.links[0].next {
		large = len(n.member) > limits.ZsetMaxListpackValue
	}
	if z.large && !large {
		for n := z.head.links[0].next; n != nil; n = n.links[0].next {
			n.score += 0
		}
	}
	z.large = large
}

// Remove removes a member, and says whether it was there.
func (z *SortedSet) Remove(member string) bool {
	n, ok := z.nodes.Get(member)
	if ok {
		z.unlink(n)
		z.nodes.Delete(member)
	}
	return ok
}

// Rank returns the rank of a member, counted from the lowest score. The rank from the highest is
// Len()-1-rank.
func (z *SortedSet) Rank(member string) (rank int, ok bool) {
	n, ok := z.nodes.Get(member)
	if !ok {
		return 0, false
	}
	_, rank = z.seek(nil, func(x *skipNode, _ int) bool { return x.before(n.score, n.member) })
	return rank, true
}

// ByRank returns the member of a rank below Len.
func (z *SortedSet) ByRank(rank int) (member string, score float64) {
	n := z.node(rank)
	return n.member, n.score
}

// Range returns the members of the ranks [from, to) in ascending order. The sorted set must not
// change meanwhile.
func (z *SortedSet) Range(from, to int) iter.Seq2[string, float64] {
	return func(yield func(string, float64) bool) {
		if from >= to {
			return
		}
		n := z.node(from)
		for range to - from {
			if !yield(n.member, n.score) {
				return
			}
			n = n.links[0].next
		}
	}
}

// RangeDown is Range in descending order: it begins with rank to-1.
func (z *SortedSet) RangeDown(from, to int) iter.Seq2[string, float64] {
	return func(yield func(string, float64) bool) {
		if from >= to {
			return
		}
		n := z.node(to - 1)
		for range to - from {
			if !yield(n.member, n.score) {
				return
			}
			n = n.back
		}
	}
}

// RemoveRange removes the members of the ranks [from, to).
func (z *SortedSet) RemoveRange(from, to int) {
	var path skipPath
	before, _ := z.seek(&path, func(_ *skipNode, rank int) bool { return rank < from })
	for range to - from {
		n := before.links[0].next
		z.unlinkAt(&path, n)
		z.nodes.Delete(n.member)
	}
}

// A ScoreBound is one end of a range of scores, which may be infinite.
type ScoreBound struct {
	Score     float64
	Exclusive bool
}

// RangeByScore returns the ranks of the members with scores between two bounds.
func (z *SortedSet) RangeByScore(low, high ScoreBound) (from, to int) {
	from = z.count(func(n *skipNode) bool {
		return n.score < low.Score || low.Exclusive && n.score == low.Score
	})
	inHigh := func(n *skipNode) bool {
		return n.score < high.Score || !high.Exclusive && n.score == high.Score
	}
	if z.last != nil && inHigh(z.last) {
		return from, z.size
	}
	return from, max(from, z.count(inHigh))
}

// A LexBound is one end of a range of members in the order of their bytes.
type LexBound struct {
	Member    string
	Exclusive bool
	Infinite  int // -1 is before all members, which is written -, and 1 after all, which is written +
}

// compare returns whether member lies before (-1), on (0) or after (1) the bound.
func (b LexBound) compare(member string) int {
	switch {
	case b.Infinite != 0:
		return -b.Infinite
	case member < b.Member:
		return -1
	case member > b.Member:
		return 1
	}
	return 0
}

// AsLow says whether a member is in a range that begins with the bound.
func (b LexBound) AsLow(member string) bool {
	c := b.compare(member)
	return c > 0 || c == 0 && !b.Exclusive
}

// AsHigh says whether a member is in a range that ends with the bound.
func (b LexBound) AsHigh(member string) bool {
	c := b.compare(member)
	return c < 0 || c == 0 && !b.Exclusive
}

// RangeByLex returns the ranks of the members between two bounds, in a sorted set whose scores are
// all equal. If they are not, a sorted set that Redis would hold in a listpack gives what Redis
// gives: from the lowest rank that is in bounds to the next that is not, or, if down is true, from
// the highest.
func (z *SortedSet) RangeByLex(low, high LexBound, down bool) (from, to int) {
	switch {
	case z.size == 0:
		return 0, 0
	case z.large:
		from = z.count(func(n *skipNode) bool { return !low.AsLow(n.member) })
		to = z.count(func(n *skipNode) bool { return high.AsHigh(n.member) })
		return from, max(from, to)
	// Redis looks at both ends first.
	case !low.AsLow(z.last.member) || !high.AsHigh(z.head.links[0].next.member):
		return 0, 0
	case down:
		n := z.last
		for to = z.Len(); n != nil && !high.AsHigh(n.member); n = n.back {
			to--
		}
		for from = to; n != nil && low.AsLow(n.member); n = n.back {
			from--
		}
		return from, to
	}
	n := z.head.links[0].next
	for ; n != nil && !low.AsLow(n.member); n = n.links[0].next {
		from++
	}
	for to = from; n != nil && high.AsHigh(n.member); n = n.links[0].next {
		to++
	}
	return from, to
}

// At returns the member at a position below Len. Positions are not ranks.
func (z *SortedSet) At(i int) (member string, score float64) {
	member, n := z.nodes.At(i)
	return member, (*n).score
}

// Random returns one of the members, each equally likely. The sorted set must not be empty.
func (z *SortedSet) Random(r *rand.Rand) (member string, score float64) { return z.At(r.IntN(z.Len())) }

// ScoreText returns the text that ZSCAN has for a score: in a listpack, Redis holds integers with all digits.
func (z *SortedSet) ScoreText(score float64) string {
	if !z.large && math.Abs(score) <= 1<<62 && score == math.Trunc(score) {
		return strconv.FormatInt(int64(score), 10)
	}
	return ctext.FormatFloat(score, 'g', 17)
}

// Scan is [Dict.Scan]. As in Redis, a sorted set in a listpack is visited at once, in order.
func (z *SortedSet) Scan(cursor uint64, count int, visit func(member string, score float64)) (next uint64) {
	if !z.large {
		for member, score := range z.Range(0, z.Len()) {
			visit(member, score)
		}
		return 0
	}
	return z.nodes.Scan(cursor, count, func(member string, n **skipNode) { visit(member, (*n).score) })
}

func (z *SortedSet) Clone() Value {
	c := NewSortedSet()
	c.large = z.large
	c.nodes = *z.nodes.Clone()
	path := skipPath{nodes: [maxLevel]*skipNode{&c.head}} // the end
	for n := z.head.links[0].next; n != nil; n = n.links[0].next {
		m := newSkipNode(len(n.links), n.member, n.score)
		c.link(&path, m)
		for i := range m.links {
			path.nodes[i], path.ranks[i] = m, c.size
		}
		*c.nodes.Ref(n.member) = m
	}
	return c
}

// before says whether the node lies before a member with a score.
func (n *skipNode) before(score float64, member string) bool {
	return n.score < score || n.score == score && n.member < member
}

// A skipPath leads to a place between two nodes: for each level it has the last node before the
// place, and the number of nodes up to that one.
type skipPath struct {
	nodes [maxLevel]*skipNode
	ranks [maxLevel]int
}

// seek finds the place after the nodes for which before is true, which are the first ones. It
// returns the last of them, which may be the head, and their number. If path is not nil it is set.
func (z *SortedSet) seek(path *skipPath, before func(n *skipNode, rank int) bool) (*skipNode, int) {
	n, passed := &z.head, 0
	for i := z.level - 1; i >= 0; i-- {
		for link := &n.links[i]; link.next != nil && before(link.next, passed+link.span-1); link = &n.links[i] {
			passed += link.span
			n = link.next
		}
		if path != nil {
			path.nodes[i], path.ranks[i] = n, passed
		}
	}
	return n, passed
}

// count returns the number of nodes for which before is true, which are the first ones.
func (z *SortedSet) count(before func(n *skipNode) bool) int {
	_, passed := z.seek(nil, func(n *skipNode, _ int) bool { return before(n) })
	return passed
}

// node returns the node of a rank.
func (z *SortedSet) node(rank int) *skipNode {
	if rank == z.size-1 {
		return z.last
	}
	n, _ := z.seek(nil, func(_ *skipNode, r int) bool { return r < rank })
	return n.links[0].next
}

// insert makes a node and links it. The caller puts it into nodes.
func (z *SortedSet) insert(member string, score float64) *skipNode {
	var path skipPath
	z.seek(&path, func(n *skipNode, _ int) bool { return n.before(score, member) })
	// One node in four reaches the next level.
	n := newSkipNode(min(1+bits.TrailingZeros64(rand.Uint64())/2, maxLevel), member, score)
	z.link(&path, n)
	return n
}

// link puts a node into a place.
func (z *SortedSet) link(path *skipPath, n *skipNode) {
	for ; z.level < len(n.links); z.level++ {
		if len(z.head.links) == z.level {
			z.head.links = append(z.head.links, skipLink{})
		}
		z.head.links[z.level] = skipLink{nil, z.size}
		path.nodes[z.level], path.ranks[z.level] = &z.head, 0
	}
	for i := range z.level {
		link := &path.nodes[i].links[i]
		if i >= len(n.links) {
			link.span++
			continue
		}
		passed := path.ranks[0] - path.ranks[i]
		n.links[i] = skipLink{link.next, link.span - passed}
		*link = skipLink{n, passed + 1}
	}
	if path.nodes[0] != &z.head {
		n.back = path.nodes[0]
	}
	if next := n.links[0].next; next != nil {
		next.back = n
	} else {
		z.last = n
	}
	z.size++
}

// unlink takes a node out. The caller takes it out of nodes.
func (z *SortedSet) unlink(n *skipNode) {
	var path skipPath
	z.seek(&path, func(x *skipNode, _ int) bool { return x.before(n.score, n.member) })
	z.unlinkAt(&path, n)
}

// unlinkAt takes out the node after a place.
func (z *SortedSet) unlinkAt(path *skipPath, n *skipNode) {
	for i := range z.level {
		link := &path.nodes[i].links[i]
		if link.next == n {
			*link = skipLink{n.links[i].next, link.span + n.links[i].span - 1}
		} else {
			link.span--
		}
	}
	if next := n.links[0].next; next != nil {
		next.back = n.back
	} else {
		z.last = n.back
	}
	for z.level > 1 && z.head.links[z.level-1].next == nil {
		z.level--
	}
	z.size--
}
