package value

import (
	"encoding/binary"
	"errors"
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/redis-rest/redis-rest-go/internal/engine/rdb"
	"github.com/redis-rest/redis-rest-go/internal/protocol/ctext"
)

// ErrFooter says that a payload ends with a newer version than that of Redis 7.0, or with a wrong
// checksum.
var ErrFooter = errors.New("value: the version or the checksum of the payload is wrong")

// ErrPayload says that a payload has no value that Redis 7.0 can dump.
var ErrPayload = errors.New("value: bad payload")

// ErrModule says that a value is of a module other than RedisJSON.
var ErrModule = errors.New("value: the value is of a module of Redis")

// The types of values in rdb.h. Redis 7.0 writes those with a mark, and reads the others up to newestDumped.
const (
	rdbString         = 0 // *
	rdbList           = 1
	rdbSet            = 2 // *
	rdbZset           = 3
	rdbHash           = 4 // *
	rdbZset2          = 5 // *
	rdbModule         = 6
	rdbModule2        = 7
	rdbHashZipmap     = 9
	rdbListZiplist    = 10
	rdbSetIntset      = 11 // *
	rdbZsetZiplist    = 12
	rdbHashZiplist    = 13
	rdbListQuicklist  = 14
	rdbStream         = 15
	rdbHashListpack   = 16 // *
	rdbZsetListpack   = 17 // *
	rdbListQuicklist2 = 18 // *
	rdbStream2        = 19 // *
	rdbSetListpack    = 20 // Redis 7.2
	rdbStream3        = 21 // Redis 7.2

	newestDumped = rdbStream2
)

// Dump returns the payload of a value: the reply of DUMP. The expiry of fields is not in it.
func Dump(v Value) []byte {
	return rdb.AppendFooter(AppendDump(nil, v))
}

// AppendDump appends the type and the content of a value, as in an RDB file of Redis 7.0.
func AppendDump(b []byte, v Value) []byte {
	switch v := v.(type) {
	case String:
		return rdb.AppendString(append(b, rdbString), v.String())
	case *List:
		return v.dump(append(b, rdbListQuicklist2))
	case *Hash:
		return v.dump(b)
	case *Set:
		return v.dump(b)
	case *SortedSet:
		return v.dump(b)
	case *Stream:
		return v.dump(append(b, rdbStream2))
	case *JSON:
		return v.dump(b)
	}
	panic("value: no type of Redis")
}

func (l *List) dump(b []byte) []byte {
	const plain, packed = 1, 2 // kinds of nodes
	const nodeMax, overhead = 8192, 8
	var nodes [][]string
	size := nodeMax
	for s := range l.Range(0, l.Len()) {
		if size+len(s)+overhead > nodeMax || len(s) >= 1<<30 {
			nodes = append(nodes, nil)
			size = listpackFrame
		}
		last := len(nodes) - 1
		nodes[last] = append(nodes[last], s)
		size += listpackString(s)
	}
	b = rdb.AppendLength(b, uint64(len(nodes)))
	for _, elements := range nodes {
		if len(elements[0]) >= 1<<30 {
			b = rdb.AppendString(rdb.AppendLength(b, plain), elements[0])
		} else {
			b = rdb.AppendString(rdb.AppendLength(b, packed), string(appendListpack(nil, elements)))
		}
	}
	return b
}

func (h *Hash) dump(b []byte) []byte {
	elements := make([]string, 0, 2*h.Len())
	for field, v := range h.All() {
		elements = append(elements, field, v)
	}
	if !h.large {
		return rdb.AppendString(append(b, rdbHashListpack), string(appendListpack(nil, elements)))
	}
	b = rdb.AppendLength(append(b, rdbHash), uint64(h.Len()))
	for _, s := range elements {
		b = rdb.AppendString(b, s)
	}
	return b
}

func (s *Set) dump(b []byte) []byte {
	if s.members != nil {
		b = rdb.AppendLength(append(b, rdbSet), uint64(s.Len()))
		for member := range s.All() {
			b = rdb.AppendString(b, member)
		}
		return b
	}
	size := 2
	for _, n := range s.ints {
		switch {
		case n != int64(int32(n)):
			size = 8
		case n != int64(int16(n)):
			size = max(size, 4)
		}
	}
	ints := binary.LittleEndian.AppendUint32(nil, uint32(size))
	ints = binary.LittleEndian.AppendUint32(ints, uint32(len(s.ints)))
	for _, n := range s.ints {
		ints = append(ints, binary.LittleEndian.AppendUint64(nil, uint64(n))[:size]...)
	}
	return rdb.AppendString(append(b, rdbSetIntset), string(ints))
}

func (z *SortedSet) dump(b []byte) []byte {
	if !z.large {
		elements := make([]string, 0, 2*z.Len())
		for member, score := range z.Range(0, z.Len()) {
			elements = append(elements, member, z.ScoreText(score))
		}
		return rdb.AppendString(append(b, rdbZsetListpack), string(appendListpack(nil, elements)))
	}
	b = rdb.AppendLength(append(b, rdbZset2), uint64(z.Len()))
	for member, score := range z.RangeDown(0, z.Len()) {
		b = rdb.AppendString(b, member)
		b = binary.LittleEndian.AppendUint64(b, math.Float64bits(score))
	}
	return b
}

func appendID(b []byte, id ID) []byte {
	return binary.BigEndian.AppendUint64(binary.BigEndian.AppendUint64(b, id.Ms), id.Seq)
}

func (s *Stream) dump(b []byte) []byte {
	lengths := func(numbers ...uint64) {
		for _, n := range numbers {
			b = rdb.AppendLength(b, n)
		}
	}
	lengths(uint64(len(s.nodes)))
	for _, n := range s.nodes {
		b = rdb.AppendString(b, string(appendID(nil, n.id)))
		b = rdb.AppendString(b, string(appendListpack(nil, n.elements())))
	}
	lengths(uint64(s.length), s.LastID.Ms, s.LastID.Seq, s.firstID.Ms, s.firstID.Seq, s.MaxDeletedID.Ms, s.MaxDeletedID.Seq, uint64(s.EntriesAdded))
	lengths(uint64(len(s.groups)))
	for _, g := range s.groups {
		b = rdb.AppendString(b, g.Name)
		lengths(g.LastID.Ms, g.LastID.Seq, uint64(g.EntriesRead), uint64(g.Pending.Len()))
		for p := range g.Pending.From(ID{}) {
			b = appendID(b, p.ID)
			b = binary.LittleEndian.AppendUint64(b, uint64(p.Delivered))
			lengths(uint64(p.Count))
		}
		lengths(uint64(len(g.consumers)))
		for _, c := range g.consumers {
			b = rdb.AppendString(b, c.Name)
			b = binary.LittleEndian.AppendUint64(b, uint64(c.Seen))
			lengths(uint64(c.Pending.Len()))
			for p := range c.Pending.From(ID{}) {
				b = appendID(b, p.ID)
			}
		}
	}
	return b
}

const (
	streamDeleted = 1 // flags of an entry
	streamSame    = 2
)

// elements returns the elements of the listpack in which Redis has a node.
func (n *streamNode) elements() []string {
	var list []string
	ints := func(numbers ...int) {
		for _, n := range numbers {
			list = append(list, strconv.Itoa(n))
		}
	}
	ints(n.live(), n.deleted, len(n.fields))
	list = append(list, n.fields...)
	ints(0)
	for _, e := range n.entries {
		flags := 0
		if e.deleted {
			flags |= streamDeleted
		}
		if e.same {
			flags |= streamSame
		}
		ints(flags)
		list = append(list, strconv.FormatInt(int64(e.id.Ms-n.id.Ms), 10), strconv.FormatInt(int64(e.id.Seq-n.id.Seq), 10))
		if e.same {
			for i := 1; i < len(e.fields); i += 2 {
				list = append(list, e.fields[i])
			}
		} else {
			ints(len(e.fields) / 2)
			list = append(list, e.fields...)
		}
		ints(streamParts(e.fields, e.same))
	}
	return list
}

// Restore returns the value of a payload: that of DUMP of Redis 7.0, or of Dump. It returns
// ErrFooter or ErrPayload for any other. As in Redis, bytes after the value do not matter.
func Restore(payload string, limits *Limits) (Value, error) {
	body, ok := rdb.CutFooter(payload)
	if !ok {
		return nil, ErrFooter
	}
	if body == "" || body[0] > newestDumped {
		return nil, ErrPayload
	}
	v, _, err := CutDump(body[0], body[1:], limits)
	if err != nil || v.Len() == 0 && v.Type() != "string" && v.Type() != "stream" {
		return nil, ErrPayload
	}
	return v, nil
}

// CutDump reads a type and a content as AppendDump, any older Redis, or Redis 7.2 has written them. It returns the value and what
// follows it. A value that is not a string may be empty.
func CutDump(kind byte, content string, limits *Limits) (v Value, rest string, err error) {
	r := &restorer{rest: content, limits: limits}
	switch kind {
	case rdbString:
		v = NewString(r.string())
	case rdbList, rdbListZiplist, rdbListQuicklist, rdbListQuicklist2:
		v = r.list(kind)
	case rdbHash, rdbHashZipmap, rdbHashZiplist, rdbHashListpack:
		v = r.hash(kind)
	case rdbSet, rdbSetListpack:
		v = r.set(kind)
	case rdbSetIntset:
		v = r.intset()
	case rdbZset, rdbZset2:
		v = r.zset2(kind)
	case rdbZsetZiplist, rdbZsetListpack:
		v = r.zset(kind)
	case rdbStream, rdbStream2, rdbStream3:
		v = r.stream(kind)
	case rdbModule2:
		if id, _, _ := rdb.CutLength(content); id != jsonModule {
			return nil, "", ErrModule
		}
		v = r.json()
	case rdbModule:
		return nil, "", ErrModule
	default:
		return nil, "", ErrPayload
	}
	if r.failed {
		return nil, "", ErrPayload
	}
	return v, r.rest, nil
}

// A restorer reads a payload. After a failure it reads nothing more.
type restorer struct {
	rest   string
	limits *Limits
	failed bool
}

func (r *restorer) fail() {
	r.failed, r.rest = true, ""
}

func (r *restorer) string() string {
	s, rest, err := rdb.CutString(r.rest)
	if err != nil {
		r.fail()
		return ""
	}
	r.rest = rest
	return strings.Clone(s) // the payload may be much larger
}

func (r *restorer) length() uint64 {
	n, rest, err := rdb.CutLength(r.rest)
	if err != nil {
		r.fail()
		return 0
	}
	r.rest = rest
	return n
}

// times calls f for each of the elements whose number comes next.
func (r *restorer) times(f func()) {
	for n := r.length(); n > 0 && !r.failed; n-- {
		f()
	}
}

func (r *restorer) uint64(order binary.ByteOrder) uint64 {
	if len(r.rest) < 8 {
		r.fail()
		return 0
	}
	n := order.Uint64([]byte(r.rest[:8]))
	r.rest = r.rest[8:]
	return n
}

func (r *restorer) listpack() []string {
	elements, ok := parseListpack(r.string())
	if !ok {
		r.fail()
	}
	return elements
}

// packed returns the elements of a listpack, or of a ziplist in an older type.
func (r *restorer) packed(kind byte) []string {
	switch kind {
	case rdbListZiplist, rdbListQuicklist, rdbHashZiplist, rdbZsetZiplist:
		elements, ok := parseZiplist(r.string())
		if !ok {
			r.fail()
		}
		return elements
	}
	return r.listpack()
}

// new fails if an element was there before.
func (r *restorer) new(added bool) {
	if !added {
		r.fail()
	}
}

func (r *restorer) list(kind byte) Value {
	l := NewList()
	push := func(elements ...string) {
		for _, s := range elements {
			l.PushRight(s)
		}
	}
	switch kind {
	case rdbList:
		r.times(func() { push(r.string()) })
	case rdbListZiplist:
		push(r.packed(kind)...)
	case rdbListQuicklist:
		r.times(func() { push(r.packed(kind)...) })
	default:
		r.times(func() {
			switch r.length() {
			case 1:
				push(r.string())
			case 2:
				push(r.listpack()...)
			default:
				r.fail()
			}
		})
	}
	return l
}

func (r *restorer) hash(kind byte) Value {
	h := NewHash()
	var list []string
	limits := *r.limits
	switch kind {
	case rdbHash:
		r.times(func() { list = append(list, r.string(), r.string()) })
	case rdbHashZipmap:
		list = r.zipmap()
	default:
		list = r.packed(kind)
		limits.HashMaxListpackValue = math.MaxInt // as in Redis, long ones stay where they are
	}
	if len(list)%2 != 0 {
		r.fail()
		return h
	}
	for i := 0; i < len(list); i += 2 {
		r.new(h.Set(list[i], list[i+1], &limits))
	}
	return h
}

func (r *restorer) set(kind byte) Value {
	s := NewSet()
	if kind == rdbSetListpack {
		for _, member := range r.listpack() {
			r.new(s.Add(member, r.limits))
		}
		return s
	}
	r.times(func() {
		if member := r.string(); !r.failed {
			r.new(s.Add(member, r.limits))
		}
	})
	return s
}

func (r *restorer) intset() Value {
	s := NewSet()
	text := r.string()
	if len(text) < 8 {
		r.fail()
		return s
	}
	head := []byte(text[:8])
	size, n := int(binary.LittleEndian.Uint32(head)), int(binary.LittleEndian.Uint32(head[4:]))
	if text = text[8:]; size != 2 && size != 4 && size != 8 || len(text)%size != 0 || len(text)/size != n {
		r.fail()
		return s
	}
	for last := int64(0); text != ""; text = text[size:] {
		v := int64(0)
		for i := range size {
			v |= int64(text[i]) << (8 * i)
		}
		v = v << (64 - 8*size) >> (64 - 8*size)
		if s.Len() > 0 && v <= last {
			r.fail()
			return s
		}
		last = v
		s.Add(strconv.FormatInt(v, 10), r.limits)
	}
	return s
}

func (r *restorer) zset(kind byte) Value {
	z := NewSortedSet()
	limits := *r.limits
	limits.ZsetMaxListpackValue = math.MaxInt
	list := r.packed(kind)
	if len(list)%2 != 0 {
		r.fail()
		return z
	}
	for i := 0; i < len(list); i += 2 {
		score, rest, _ := ctext.ParseFloat(list[i+1])
		r.score(z, list[i], score, rest == "" && list[i+1] != "", &limits)
	}
	return z
}

func (r *restorer) zset2(kind byte) Value {
	z := NewSortedSet()
	r.times(func() {
		member := r.string()
		score, ok := 0.0, true
		if kind == rdbZset {
			score, ok = r.scoreText()
		} else {
			score = math.Float64frombits(r.uint64(binary.LittleEndian))
		}
		r.score(z, member, score, ok, &Limits{})
	})
	z.Compact(r.limits)
	return z
}

func (r *restorer) score(z *SortedSet, member string, score float64, ok bool, limits *Limits) {
	if !ok || math.IsNaN(score) {
		r.fail()
	}
	if r.failed {
		return
	}
	added, _ := z.Set(member, score, limits)
	r.new(added)
}

func (r *restorer) id() ID {
	return ID{r.uint64(binary.BigEndian), r.uint64(binary.BigEndian)}
}

func (r *restorer) lengthID() ID { return ID{r.length(), r.length()} }

func (r *restorer) stream(kind byte) Value {
	s := NewStream()
	r.times(func() { r.node(s) })
	length := r.length()
	s.LastID = r.lengthID()
	s.EntriesAdded = int64(length)
	if kind != rdbStream {
		r.lengthID() // the first ID, which the nodes tell
		s.MaxDeletedID = r.lengthID()
		s.EntriesAdded = int64(r.length())
	}
	if length != uint64(s.length) || s.EntriesAdded < 0 {
		r.fail()
	}
	if e, ok := s.Last(); ok && s.LastID.Less(e.ID) {
		r.fail()
	}
	s.findFirst()
	r.times(func() { r.group(s, kind) })
	return s
}

func (r *restorer) node(s *Stream) {
	key := r.string()
	if len(key) != 16 {
		r.fail()
		return
	}
	n := &streamNode{id: (&restorer{rest: key}).id()}
	list := r.listpack()
	next := func() string {
		if len(list) == 0 {
			r.fail()
			return ""
		}
		s := list[0]
		list = list[1:]
		return s
	}
	number := func() int64 {
		v, ok := ctext.ParseInt(next())
		if !ok {
			r.fail()
		}
		return v
	}
	take := func(n int64) []string {
		if n < 0 || n > int64(len(list)) {
			r.fail()
			return nil
		}
		taken := list[:n]
		list = list[n:]
		return taken
	}
	live, deleted := number(), number()
	n.fields = slices.Clone(take(number()))
	if number() != 0 {
		r.fail()
	}
	// Size and entries are counted as when the node was filled.
	n.size = newStreamNode(n.id, interleave(n.fields, n.fields)).size
	for len(list) > 0 && !r.failed {
		flags := number()
		id := ID{n.id.Ms + uint64(number()), n.id.Seq + uint64(number())}
		var fields []string
		if flags&streamSame != 0 {
			fields = interleave(n.fields, take(int64(len(n.fields))))
		} else if count := number(); count >= 0 && count <= int64(len(list)) {
			fields = slices.Clone(take(2 * count))
		} else {
			r.fail()
		}
		if r.failed || number() != int64(streamParts(fields, flags&streamSame != 0)) {
			r.fail()
			return
		}
		if last := len(n.entries); last > 0 && !n.entries[last-1].id.Less(id) || id.Less(n.id) {
			r.fail()
			return
		}
		n.add(id, fields)
		e := &n.entries[len(n.entries)-1]
		if flags&streamDeleted != 0 {
			e.deleted = true
			n.deleted++
		}
	}
	if len(n.entries) == 0 || int64(n.live()) != live || int64(n.deleted) != deleted {
		r.fail()
		return
	}
	if last := len(s.nodes); last > 0 {
		before := s.nodes[last-1]
		if !before.entries[len(before.entries)-1].id.Less(n.id) {
			r.fail()
			return
		}
	}
	s.nodes = append(s.nodes, n)
	s.held += len(n.entries)
	s.size += n.size
	s.length += n.live()
}

// interleave returns names and values by turns.
func interleave(names, values []string) []string {
	if len(names) != len(values) {
		return nil
	}
	list := make([]string, 0, 2*len(names))
	for i, name := range names {
		list = append(list, name, values[i])
	}
	return list
}

func (r *restorer) group(s *Stream, kind byte) {
	name := r.string()
	last := r.lengthID()
	read := s.entriesAddedUpTo(last)
	if kind != rdbStream {
		read = int64(r.length())
	}
	g := s.CreateGroup(name, last, read)
	if g == nil || g.EntriesRead < -1 {
		r.fail()
		return
	}
	type delivery struct{ at, count int64 }
	pending := map[ID]delivery{}
	r.times(func() {
		id := r.id()
		_, twice := pending[id]
		r.new(!twice)
		pending[id] = delivery{int64(r.uint64(binary.LittleEndian)), int64(r.length())}
	})
	r.times(func() {
		name := r.string()
		seen := int64(r.uint64(binary.LittleEndian))
		c := g.CreateConsumer(name, seen)
		if c == nil {
			r.fail()
			return
		}
		if kind == rdbStream3 {
			c.Active = int64(r.uint64(binary.LittleEndian))
		}
		r.times(func() {
			id := r.id()
			p, ok := pending[id]
			r.new(ok && g.Pending.Get(id) == nil)
			if !r.failed {
				g.Assign(id, c, p.at, p.count)
			}
		})
	})
	if len(pending) != g.Pending.Len() {
		r.fail()
	}
}
