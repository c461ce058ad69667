// Package json has the documents of JSON.SET and its like: trees that are read once and changed in place, and
// the paths that lead to their values.
//
// The members of objects keep their order. Integers of 64 bits are exact. Documents and paths have a limited
// depth, and the work for one path is limited too.
//
// Paths have the grammar of RedisJSON 2, which is older than RFC 9535 and differs from it: a path of RedisJSON 1
// has no $, [1,2] and ["a","b"] are unions, names need no quotes for - and /, and =~ is a regular expression.
package json

import (
	"math"
	"slices"
)

// A Kind is the kind of a value.
type Kind uint8

// The kinds.
const (
	Null Kind = iota
	Bool
	Int   // an integer of 64 bits with a sign
	Uint  // one that is larger
	Float // any other number
	String
	Array
	Object
)

// String returns the kind's name as JSON.TYPE replies it.
func (k Kind) String() string {
	return [...]string{"null", "boolean", "integer", "integer", "number", "string", "array", "object"}[k]
}

// A Node is a JSON value. It belongs to one document and one place in it.
type Node struct {
	kind   Kind
	bits   uint64 // of a Bool or a number
	text   string // of a String
	array  []*Node
	object *object
}

// An object has members in the order in which they were added.
type object struct {
	members []member
	index   map[string]int32 // the places of members; nil if there are few
	live    int
}

// A member is a name with a value. The value is nil if the member was deleted.
type member struct {
	name  string
	value *Node
}

// indexed is from how many members an object has an index.
const indexed = 12

// Kind returns the kind of the value.
func (n *Node) Kind() Kind { return n.kind }

// IsNumber says whether the value is a number.
func (n *Node) IsNumber() bool { return n.kind == Int || n.kind == Uint || n.kind == Float }

// Bool returns the value of a Bool.
func (n *Node) Bool() bool { return n.bits != 0 }

// Int returns the value of an Int.
func (n *Node) Int() int64 { return int64(n.bits) }

// Float returns the value of a number, rounded if it must be.
func (n *Node) Float() float64 {
	switch n.kind {
	case Int:
		return float64(int64(n.bits))
	case Uint:
		return float64(n.bits)
	}
	return math.Float64frombits(n.bits)
}

// Text returns the value of a String.
func (n *Node) Text() string { return n.text }

// Len returns the number of elements, of members, or of bytes of a String.
func (n *Node) Len() int {
	switch n.kind {
	case String:
		return len(n.text)
	case Object:
		return n.object.live
	}
	return len(n.array)
}

// At returns the element of an array at an index below Len.
func (n *Node) At(i int) *Node { return n.array[i] }

// Members visits the members of an object in their order.
func (n *Node) Members(yield func(name string, v *Node) bool) {
	for _, m := range n.object.members {
		if m.value != nil && !yield(m.name, m.value) {
			return
		}
	}
}

func newInt(i int64) *Node     { return &Node{kind: Int, bits: uint64(i)} }
func newFloat(f float64) *Node { return &Node{kind: Float, bits: math.Float64bits(f)} }

func (o *object) find(name string) int {
	if o.index != nil {
		if i, ok := o.index[name]; ok {
			return int(i)
		}
		return -1
	}
	for i := range o.members {
		if m := &o.members[i]; m.value != nil && m.name == name {
			return i
		}
	}
	return -1
}

// get returns the value of a member, or nil.
func (o *object) get(name string) *Node {
	if i := o.find(name); i >= 0 {
		return o.members[i].value
	}
	return nil
}

// set sets a member. A new one is the last.
func (o *object) set(name string, v *Node) {
	if i := o.find(name); i >= 0 {
		o.members[i].value = v
		return
	}
	o.members = append(o.members, member{name, v})
	o.live++
	switch {
	case o.index != nil:
		o.index[name] = int32(len(o.members) - 1)
	case len(o.members) > indexed:
		o.reindex()
	}
}

// delete deletes a member, which is there. The places of the others change only when most were deleted, so
// that each deletion takes constant time on average.
func (o *object) delete(i int) {
	if o.index != nil {
		delete(o.index, o.members[i].name)
	}
	o.members[i] = member{}
	if o.live--; len(o.members) > 2*o.live+indexed {
		o.members = slices.DeleteFunc(o.members, func(m member) bool { return m.value == nil })
		o.reindex()
	}
}

func (o *object) reindex() {
	o.index = nil
	if len(o.members) <= indexed {
		return
	}
	o.index = make(map[string]int32, 2*len(o.members))
	for i, m := range o.members {
		if m.value != nil {
			o.index[m.name] = int32(i)
		}
	}
}

// Clone returns a copy.
func (n *Node) Clone() *Node {
	c := *n
	switch n.kind {
	case Array:
		c.array = make([]*Node, len(n.array))
		for i, e := range n.array {
			c.array[i] = e.Clone()
		}
	case Object:
		c.object = &object{members: make([]member, 0, n.object.live), live: n.object.live}
		for name, v := range n.Members {
			c.object.members = append(c.object.members, member{name, v.Clone()})
		}
		c.object.reindex()
	}
	return &c
}

// The memory of a value and of a member, in bytes, besides text.
const (
	nodeSize   = 72
	memberSize = 24
)

// Size estimates the memory of the value in bytes.
func (n *Node) Size() int64 {
	size := int64(nodeSize + len(n.text))
	for _, e := range n.array {
		size += e.Size() + 8
	}
	if n.kind == Object {
		for name, v := range n.Members {
			size += v.Size() + int64(memberSize+len(name))
		}
	}
	return size
}

// depth returns how deeply arrays and objects are nested in the value: 0 for one that is neither.
func (n *Node) depth() int {
	deepest := 0
	for _, e := range n.array {
		deepest = max(deepest, e.depth())
	}
	switch n.kind {
	case Array:
		return deepest + 1
	case Object:
		for _, v := range n.Members {
			deepest = max(deepest, v.depth())
		}
		return deepest + 1
	}
	return 0
}

// Equal says whether two values are the same. Numbers are compared by their value, and the order of members does
// not matter.
func (n *Node) Equal(other *Node) bool {
	switch {
	case n.IsNumber() && other.IsNumber():
		return compareNumbers(n, other) == 0
	case n.kind != other.kind || n.Len() != other.Len():
		return false
	}
	switch n.kind {
	case Bool:
		return n.bits == other.bits
	case String:
		return n.text == other.text
	case Array:
		for i, e := range n.array {
			if !e.Equal(other.array[i]) {
				return false
			}
		}
	case Object:
		for name, v := range n.Members {
			if o := other.object.get(name); o == nil || !v.Equal(o) {
				return false
			}
		}
	}
	return true
}

// compareNumbers returns -1, 0 or 1. Integers are compared exactly.
func compareNumbers(a, b *Node) int {
	if a.kind != Float && b.kind != Float {
		switch {
		case a.kind == b.kind && a.kind == Int:
			return sign(int64(a.bits) < int64(b.bits), int64(a.bits) > int64(b.bits))
		case a.kind == b.kind:
			return sign(a.bits < b.bits, a.bits > b.bits)
		}
		return sign(a.kind == Int, b.kind == Int)
	}
	x, y := a.Float(), b.Float()
	return sign(x < y, x > y)
}

func sign(less, more bool) int {
	switch {
	case less:
		return -1
	case more:
		return 1
	}
	return 0
}
