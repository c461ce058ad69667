package lua

import (
	"math"
	"math/bits"
)

// A Table has the layout of PUC-Rio's: an array, and a hash with chained nodes (Brent's
// variation). The layout decides the order of next. Scripts can see that order, for instance in
// cjson.encode.
type Table struct {
	Meta     *Table
	ReadOnly bool // as Redis marks tables that scripts share

	epoch uint32 // when it was last measured
	id    uint64
	array []Value
	nodes []node // empty, or a power of two long
	free  int    // all nodes from here on are in use
	made  int    // the number of elements allocated so far, over all rehashes
}

type node struct {
	key, val Value
	next     int32 // distance to the next node of the chain; 0 at its end
}

// NewTable makes a table with room for that many elements. The sizes affect the order
// of next.
func NewTable(arraySize, hashSize int) *Table {
	t := &Table{id: nextID()}
	if arraySize > 0 {
		t.array = make([]Value, arraySize)
	}
	t.setNodes(hashSize)
	return t
}

func (t *Table) setNodes(size int) {
	if size == 0 {
		t.nodes, t.free = nil, 0
		return
	}
	t.nodes = make([]node, 1<<bits.Len(uint(size-1)))
	t.made += len(t.nodes)
	t.free = len(t.nodes)
}

// Get returns the value of a key, or nil. It uses no metamethods.
func (t *Table) Get(k Value) Value {
	switch k := k.(type) {
	case nil:
		return nil
	case string:
		return t.GetString(k)
	case float64:
		if i := int(k); float64(i) == k {
			return t.GetInt(i)
		}
	}
	if n := t.find(k); n != nil {
		return n.val
	}
	return nil
}

// GetString is Get for a string.
func (t *Table) GetString(k string) Value {
	if len(t.nodes) == 0 {
		return nil
	}
	return t.getHashed(k, hashString(k))
}

func (t *Table) getHashed(k string, hash uint32) Value {
	if len(t.nodes) == 0 {
		return nil
	}
	for i := int32(hash) & int32(len(t.nodes)-1); ; {
		n := &t.nodes[i]
		if have, ok := n.key.(string); ok && have == k {
			return n.val
		}
		if n.next == 0 {
			return nil
		}
		i += n.next
	}
}

// GetInt is Get for an integer.
func (t *Table) GetInt(i int) Value {
	if uint(i-1) < uint(len(t.array)) {
		return t.array[i-1]
	}
	if n := t.findNumber(float64(i)); n != nil {
		return n.val
	}
	return nil
}

// findNumber is find for a number. It allocates no Value.
func (t *Table) findNumber(f float64) *node {
	if len(t.nodes) == 0 {
		return nil
	}
	for i := t.numberPosition(f); ; {
		n := &t.nodes[i]
		if have, ok := n.key.(float64); ok && have == f {
			return n
		}
		if n.next == 0 {
			return nil
		}
		i += int(n.next)
	}
}

// find returns the node of a key, or nil.
func (t *Table) find(k Value) *node {
	if f, ok := k.(float64); ok {
		return t.findNumber(f)
	}
	if len(t.nodes) == 0 {
		return nil
	}
	for i := t.mainPosition(k); ; {
		n := &t.nodes[i]
		if n.key == k {
			return n
		}
		if n.next == 0 {
			return nil
		}
		i += int(n.next)
	}
}

// Set sets the value of a key, which must not be nil or NaN. It uses no metamethods
// and ignores ReadOnly.
func (t *Table) Set(k, v Value) {
	switch k := k.(type) {
	case string:
		t.SetString(k, v)
		return
	case float64:
		if i := int(k); float64(i) == k {
			t.SetInt(i, v)
			return
		}
	}
	*t.slot(k) = v
}

// SetString is Set for a string.
func (t *Table) SetString(k string, v Value) { *t.slot(k) = v }

// SetInt is Set for an integer.
func (t *Table) SetInt(i int, v Value) {
	if uint(i-1) < uint(len(t.array)) {
		t.array[i-1] = v
		return
	}
	*t.slot(Number(float64(i))) = v
}

// slot returns the place of a key's value. It adds the key if necessary.
func (t *Table) slot(k Value) *Value {
	if f, ok := k.(float64); ok {
		if i := int(f); float64(i) == f && uint(i-1) < uint(len(t.array)) {
			return &t.array[i-1]
		}
	}
	if n := t.find(k); n != nil {
		return &n.val
	}
	return t.insert(k)
}

// insert makes a node for a new key. If the key's place holds another key that does not
// belong there, that one moves to a free node.
func (t *Table) insert(k Value) *Value {
	if len(t.nodes) == 0 {
		t.rehash(k)
		return t.slot(k)
	}
	main := t.mainPosition(k)
	mp := &t.nodes[main]
	if mp.val != nil {
		free := t.freeNode()
		if free < 0 {
			t.rehash(k)
			return t.slot(k)
		}
		n := &t.nodes[free]
		if other := t.mainPosition(mp.key); other != main {
			for other+int(t.nodes[other].next) != main {
				other += int(t.nodes[other].next)
			}
			t.nodes[other].next = int32(free - other)
			*n = *mp
			if mp.next != 0 {
				n.next += int32(main - free)
				mp.next = 0
			}
			mp.val = nil
		} else {
			if mp.next != 0 {
				n.next = int32(main + int(mp.next) - free)
			} else {
				n.next = 0
			}
			mp.next = int32(free - main)
			mp = n
		}
	}
	mp.key = k
	return &mp.val
}

func (t *Table) freeNode() int {
	for t.free > 0 {
		t.free--
		if t.nodes[t.free].key == nil {
			return t.free
		}
	}
	return -1
}

func (t *Table) mainPosition(k Value) int {
	size := len(t.nodes)
	switch k := k.(type) {
	case string:
		return int(hashString(k)) & (size - 1)
	case float64:
		return t.numberPosition(k)
	case bool:
		if k {
			return 1 & (size - 1)
		}
		return 0
	case *Table:
		return int(k.id % uint64((size-1)|1))
	case *Function:
		return int(k.id % uint64((size-1)|1))
	case *Coroutine:
		return int(k.id % uint64((size-1)|1))
	}
	return 0
}

func (t *Table) numberPosition(f float64) int {
	if f == 0 {
		return 0
	}
	b := math.Float64bits(f)
	return int((uint32(b) + uint32(b>>32)) % (uint32(len(t.nodes)-1) | 1))
}

func hashString(s string) uint32 {
	h := uint32(len(s))
	for i := len(s) - 1; i >= 0; i-- { // Redis' Lua uses every byte
		h ^= h<<5 + h>>2 + uint32(s[i])
	}
	return h
}

// arrayIndex returns a key as an index of the array part, or 0 if it cannot be one.
func arrayIndex(k Value) int {
	if f, ok := k.(float64); ok {
		if i := int(f); float64(i) == f && i >= 1 && i <= maxArray {
			return i
		}
	}
	return 0
}

const maxArray = 1 << 26

// rehash makes room for one more key. The array gets the largest size of which more
// than half is used; the hash gets the rest.
func (t *Table) rehash(extra Value) {
	var slices [27]int // [i]: indexes from 2^(i-1)+1 to 2^i
	count := func(k Value) int {
		if i := arrayIndex(k); i > 0 {
			slices[bits.Len(uint(i-1))]++
			return 1
		}
		return 0
	}
	integers, total := 0, 0
	for i, v := range t.array {
		if v != nil {
			slices[bits.Len(uint(i))]++
			integers++
			total++
		}
	}
	for i := range t.nodes {
		if t.nodes[i].val != nil {
			integers += count(t.nodes[i].key)
			total++
		}
	}
	integers += count(extra)
	total++
	size, inArray := 0, 0
	for i, sum, power := 0, 0, 1; i < len(slices) && power/2 < integers; i, power = i+1, power*2 {
		sum += slices[i]
		if sum > power/2 {
			size, inArray = power, sum
		}
		if sum == integers {
			break
		}
	}
	t.resize(size, total-inArray)
}

func (t *Table) resize(arraySize, hashSize int) {
	oldArray, oldNodes := t.array, t.nodes
	if arraySize > len(oldArray) {
		t.made += arraySize
		t.array = append(make([]Value, 0, arraySize), oldArray...)[:arraySize]
	}
	t.setNodes(hashSize)
	if arraySize < len(oldArray) {
		t.array = oldArray[:arraySize:arraySize]
		for i, v := range oldArray[arraySize:] {
			if v != nil {
				*t.slot(Number(float64(arraySize + i + 1))) = v
			}
		}
	}
	for i := len(oldNodes) - 1; i >= 0; i-- {
		if n := &oldNodes[i]; n.val != nil {
			*t.slot(n.key) = n.val
		}
	}
}

// growArray makes room for a list, as a table constructor does.
func (t *Table) growArray(size int) {
	if size > len(t.array) {
		hash := len(t.nodes)
		t.resize(size, hash)
	}
}

// Len returns a border: an index with a value whose next index has none.
func (t *Table) Len() int {
	j := len(t.array)
	if j > 0 && t.array[j-1] == nil {
		i := 0
		for j-i > 1 {
			if m := (i + j) / 2; t.array[m-1] == nil {
				j = m
			} else {
				i = m
			}
		}
		return i
	}
	if len(t.nodes) == 0 {
		return j
	}
	i := j
	j++
	for t.GetInt(j) != nil {
		i = j
		j *= 2
		if j > math.MaxInt32 {
			for i = 1; t.GetInt(i) != nil; i++ {
			}
			return i - 1
		}
	}
	for j-i > 1 {
		if m := (i + j) / 2; t.GetInt(m) == nil {
			j = m
		} else {
			i = m
		}
	}
	return i
}

// Next returns the pair after a key: the first pair for nil, and nil after the last one. It
// is not ok if the table has no such key.
func (t *Table) Next(k Value) (key, val Value, ok bool) {
	key, val, _, ok = t.next(k)
	return key, val, ok
}

// next is Next. It also returns the number of empty slots that it skipped.
func (t *Table) next(k Value) (key, val Value, passed int, ok bool) {
	start, ok := t.position(k)
	if !ok {
		return nil, nil, 0, false
	}
	at := start
	for ; at < len(t.array); at++ {
		if v := t.array[at]; v != nil {
			return Number(float64(at + 1)), v, at - start, true
		}
	}
	for ; at < len(t.array)+len(t.nodes); at++ {
		if n := &t.nodes[at-len(t.array)]; n.val != nil {
			return n.key, n.val, at - start, true
		}
	}
	return nil, nil, at - start, true
}

// position returns the position after a key.
func (t *Table) position(k Value) (int, bool) {
	if k == nil {
		return 0, true
	}
	if i := arrayIndex(k); i > 0 && i <= len(t.array) {
		return i, true
	}
	if len(t.nodes) == 0 {
		return 0, false
	}
	for i := t.mainPosition(k); ; {
		n := &t.nodes[i]
		if n.key == k {
			return len(t.array) + i + 1, true
		}
		if n.next == 0 {
			return 0, false
		}
		i += int(n.next)
	}
}
