package json

import (
	"errors"
	"fmt"
	"slices"
)

// A Document is a JSON value that is changed in place.
type Document struct {
	root *Node
	size int64
}

// New makes a document of a value.
func New(root *Node) *Document { return &Document{root, root.Size()} }

// Root returns the value. The caller must not change it.
func (d *Document) Root() *Node { return d.root }

// Clone returns a copy.
func (d *Document) Clone() *Document { return &Document{d.root.Clone(), d.size} }

// Size estimates the memory of the document in bytes, in constant time.
func (d *Document) Size() int64 { return d.size }

// An Order says in which order .. finds a value and the values in it.
type Order bool

// The orders.
const (
	OuterFirst Order = false // as RedisJSON
	InnerFirst Order = true  // as the hosted service
)

// work is how much work a path may cause in a document, in values that it looks at: several times all of them.
func (d *Document) work() int64 { return 1<<18 + d.size/4 }

// Find returns the values to which a path leads. The caller must not change them.
func (d *Document) Find(p *Path, order Order) ([]*Node, error) {
	if p.static {
		if n := d.at(p.steps); n != nil {
			return []*Node{n}, nil
		}
		return nil, nil
	}
	w := walk{root: d.root, late: bool(order), left: d.work()}
	w.follow(&match{node: d.root}, p.steps)
	if w.left < 0 {
		return nil, ErrTooMuch
	}
	return w.nodes, nil
}

// at returns the value to which the steps of a static path lead, or nil.
func (d *Document) at(steps []step) *Node {
	n := d.root
	for i := range steps {
		switch s := &steps[i]; {
		case s.kind == stepNames && n.kind == Object:
			n = n.object.get(s.names[0])
		case s.kind == stepIndexes && n.kind == Array:
			i := fromEnd(s.indexes[0], len(n.array))
			if i < 0 || i >= int64(len(n.array)) {
				return nil
			}
			n = n.array[i]
		default:
			return nil
		}
		if n == nil {
			return nil
		}
	}
	return n
}

// find returns the matches of a path.
func (d *Document) find(steps []step, order Order) ([]*match, error) {
	w := walk{root: d.root, places: true, late: bool(order), left: d.work()}
	w.follow(&match{node: d.root}, steps)
	if w.left < 0 {
		return nil, ErrTooMuch
	}
	return w.found, nil
}

// Errors of changes. A change that returns an error has not been made.
var (
	ErrTooDeep     = errors.New("recursion limit exceeded")
	ErrTooLarge    = errors.New("the document would exceed the maximum allowed size")
	ErrOutOfBounds = errors.New("index out of bounds")
	ErrArrayIndex  = errors.New("array index out of range")
	ErrOverflow    = errors.New("numeric overflow")
	ErrNotANumber  = errors.New("result is not a number")
	ErrNotStatic   = errors.New("wrong static path")
)

// grow checks that the document may grow by so many copies of something.
func (d *Document) grow(copies int, size, most int64) error {
	if size > 0 && copies > 0 && (size > most || int64(copies) > (most-min(d.size, most))/size) {
		return ErrTooLarge
	}
	return nil
}

// A Condition says which places Set sets.
type Condition uint8

// The conditions.
const (
	Always Condition = iota
	IfMissing
	IfThere
)

// Set sets the value of all places to which a path leads. If there is none, and the path is static and ends with
// the name of a member, it adds the member. The document may then take most bytes. done says whether a place was set.
func (d *Document) Set(p *Path, v *Node, cond Condition, most int64) (done bool, err error) {
	var found []*match
	if p.static && cond != IfMissing { // as below, in less time
		if n := d.at(p.steps); n != nil {
			if err := d.fit(len(p.steps), v, most); err != nil {
				return false, err
			}
			d.replace(n, v)
			return true, nil
		}
	}
	if cond != IfMissing {
		if found, err = d.find(p.steps, OuterFirst); err != nil {
			return false, err
		}
		found = outermost(found)
	}
	switch {
	case len(found) > 0:
		if err := d.fits(found, []*Node{v}, 0, most); err != nil {
			return false, err
		}
		for i, m := range found {
			d.replace(m.node, copyUnlessLast(v, i, len(found)))
		}
		return true, nil
	case cond == IfThere:
		return false, nil
	}
	m, name, err := d.placeFor(p)
	if m == nil || err != nil {
		return false, err
	}
	if err := d.fits([]*match{m}, []*Node{v}, 1, most); err != nil {
		return false, err
	}
	d.add(m.node, name, v)
	return true, nil
}

// CanSet says whether a path is one for Set.
func (d *Document) CanSet(p *Path) error {
	found, err := d.find(p.steps, OuterFirst)
	if err == nil && len(found) == 0 {
		_, _, err = d.placeFor(p)
	}
	return err
}

// copyUnlessLast returns copies of a value for all but the last of n places.
func copyUnlessLast(v *Node, i, n int) *Node {
	if i == n-1 {
		return v
	}
	return v.Clone()
}

// fits checks that copies of values may be put at or, if deeper is 1, into each of the places.
func (d *Document) fits(places []*match, values []*Node, deeper int, most int64) error {
	size, depth := int64(0), 0
	for _, v := range values {
		size += v.Size() + 8
		depth = max(depth, v.depth())
	}
	for _, m := range places {
		if m.depth+deeper+depth > MaxDepth {
			return ErrTooDeep
		}
	}
	return d.grow(len(places), size, most)
}

// fit is fits for one value in the place of another.
func (d *Document) fit(depth int, v *Node, most int64) error {
	if depth+v.depth() > MaxDepth {
		return ErrTooDeep
	}
	return d.grow(1, v.Size()+8, most)
}

// replace puts a value in the place of another. The new one is not used elsewhere.
func (d *Document) replace(place, v *Node) {
	d.size += v.Size() - place.Size()
	*place = *v
}

func (d *Document) add(to *Node, name string, v *Node) {
	to.object.set(name, v)
	d.size += v.Size() + int64(memberSize+len(name))
}

// placeFor returns the object to which a path that leads nowhere would add a member, and the name of that; nil if
// there is none.
func (d *Document) placeFor(p *Path) (m *match, name string, err error) {
	if !p.static {
		return nil, "", ErrNotStatic
	}
	if p.IsRoot() {
		return nil, "", nil
	}
	last := p.steps[len(p.steps)-1]
	if last.kind == stepIndexes {
		found, err := d.find(p.steps, OuterFirst)
		if err == nil && len(found) == 0 {
			err = ErrArrayIndex
		}
		return nil, "", err
	}
	found, err := d.find(p.steps[:len(p.steps)-1], OuterFirst)
	if err != nil || len(found) == 0 {
		return nil, "", err
	}
	m, name = found[0], last.names[0]
	if m.node.kind != Object || m.node.object.get(name) != nil {
		return nil, "", nil
	}
	return m, name, nil
}

// outermost leaves out the matches that are in others, and those that are the same.
func outermost(found []*match) []*match {
	if len(found) < 2 {
		return found
	}
	set := make(map[*Node]bool, len(found))
	for _, m := range found {
		set[m.node] = true
	}
	seen := make(map[*Node]bool, len(found))
	return slices.DeleteFunc(found, func(m *match) bool {
		if seen[m.node] {
			return true
		}
		seen[m.node] = true
		for p := m.parent; p != nil; p = p.parent {
			if set[p.node] {
				return true
			}
		}
		return false
	})
}

// Delete deletes the values to which a path leads, other than the root, and returns their number. Values in those that
// are deleted do not count.
func (d *Document) Delete(p *Path) (n int, err error) {
	found, err := d.find(p.steps, OuterFirst)
	if err != nil {
		return 0, err
	}
	arrays, gone := map[*Node]bool{}, map[*Node]bool{}
	for _, m := range outermost(found) {
		if m.parent == nil {
			continue
		}
		n++
		d.size -= m.node.Size() + 8
		from := m.parent.node
		if from.kind == Object {
			from.object.delete(from.object.find(m.name))
			d.size -= int64(memberSize + len(m.name) - 8)
			continue
		}
		arrays[from], gone[m.node] = true, true
	}
	for a := range arrays {
		a.array = slices.DeleteFunc(a.array, func(e *Node) bool { return gone[e] })
	}
	return n, nil
}

// Merge merges a value into all places to which a path leads, as RFC 7396 says. If there is none, it does what
// Set does. done says whether there was a place.
func (d *Document) Merge(p *Path, patch *Node, most int64) (done bool, err error) {
	found, err := d.find(p.steps, OuterFirst)
	if err != nil {
		return false, err
	}
	if len(found) == 0 {
		m, name, err := d.placeFor(p)
		if m == nil || err != nil {
			return false, err
		}
		if err := d.fits([]*match{m}, []*Node{patch}, 1, most); err != nil {
			return false, err
		}
		d.add(m.node, name, merged(nil, patch))
		return true, nil
	}
	if err := d.fits(found, []*Node{patch}, 0, most); err != nil {
		return false, err
	}
	for _, m := range found {
		if m.attached() {
			d.merge(m.node, patch)
		}
	}
	return true, nil
}

// attached says whether the value is still in the document.
func (m *match) attached() bool {
	for ; m.parent != nil; m = m.parent {
		switch in := m.parent.node; {
		case in.kind == Object && in.object.get(m.name) == m.node:
		case in.kind == Array && m.index < len(in.array) && in.array[m.index] == m.node:
		default:
			return false
		}
	}
	return true
}

// merge changes a value in place, and keeps what the patch does not name.
func (d *Document) merge(n, patch *Node) {
	if patch.kind != Object || n.kind != Object {
		d.replace(n, merged(n, patch))
		return
	}
	for name, v := range patch.Members {
		i := n.object.find(name)
		switch {
		case v.kind == Null && i >= 0:
			d.size -= n.object.members[i].value.Size() + int64(memberSize+len(name))
			n.object.delete(i)
		case v.kind == Null:
		case i >= 0:
			d.merge(n.object.members[i].value, v)
		default:
			d.add(n, name, merged(nil, v))
		}
	}
}

// merged returns what a patch makes of a value that is no object, or is not there.
func merged(n, patch *Node) *Node {
	if patch.kind != Object {
		return patch.Clone()
	}
	o := &object{}
	for name, v := range patch.Members {
		if v.kind != Null {
			o.set(name, merged(nil, v))
		}
	}
	return &Node{kind: Object, object: o}
}

// Merged returns what Merge makes of no document.
func Merged(patch *Node) *Node { return merged(nil, patch) }

// Edit finds the values to which a path leads, for one of the methods of [Matches].
func (d *Document) Edit(p *Path, order Order) (Matches, error) {
	if p.static {
		m := Matches{d: d}
		if n := d.at(p.steps); n != nil {
			m.found = []*match{{node: n, depth: len(p.steps)}}
		}
		return m, nil
	}
	found, err := d.find(p.steps, order)
	return Matches{d, found}, err
}

// Matches are the values to which a path leads, in a document that is about to be changed. Each of its methods
// changes the values of one kind and calls reply for every value in order, with nil for one of another kind.
type Matches struct {
	d     *Document
	found []*match
}

// Len returns the number of values.
func (m Matches) Len() int { return len(m.found) }

// Count returns how many of the values have one of these kinds.
func (m Matches) Count(kinds ...Kind) int {
	n := 0
	for _, f := range m.found {
		if slices.Contains(kinds, f.node.kind) {
			n++
		}
	}
	return n
}

// Keep leaves only the values of these kinds.
func (m Matches) Keep(kinds ...Kind) Matches {
	m.found = slices.DeleteFunc(m.found, func(f *match) bool { return !slices.Contains(kinds, f.node.kind) })
	return m
}

// First returns the first value, or nil.
func (m Matches) First() *Node {
	if len(m.found) == 0 {
		return nil
	}
	return m.found[0].node
}

// each changes the values of a kind, each of them once even if the path leads there several times. Values in others come
// before these, so that a change does not move what is yet to be changed; the results have the order of the values.
func (m Matches) each(kind Kind, change func(n *Node) *Node) []*Node {
	if len(m.found) == 1 && m.found[0].node.kind == kind {
		return []*Node{change(m.found[0].node)}
	}
	first := make(map[*Node]int, len(m.found))
	order := make([]int, 0, len(m.found))
	for i, f := range m.found {
		if _, again := first[f.node]; !again && f.node.kind == kind {
			first[f.node] = i
			order = append(order, i)
		}
	}
	slices.SortStableFunc(order, func(a, b int) int { return m.found[b].depth - m.found[a].depth })
	results := make([]*Node, len(m.found))
	for _, i := range order {
		results[i] = change(m.found[i].node)
	}
	for i, f := range m.found {
		if f.node.kind == kind {
			results[i] = results[first[f.node]]
		}
	}
	return results
}

// places returns the matches of a kind.
func (m Matches) places(kind Kind) (places []*match) {
	for _, f := range m.found {
		if f.node.kind == kind {
			places = append(places, f)
		}
	}
	return places
}

// Calculate changes each number to the result of an operation with n: + or *.
func (m Matches) Calculate(operator byte, n *Node) ([]*Node, error) {
	results := make([]*Node, len(m.found))
	for i, f := range m.found {
		if f.node.IsNumber() {
			var err error
			if results[i], err = calculate(f.node, operator, n); err != nil {
				return nil, err
			}
		}
	}
	for i, f := range m.found { // now that there is no error
		if results[i] != nil {
			*f.node = *results[i]
		}
	}
	return results, nil
}

// Toggle changes each Bool.
func (m Matches) Toggle() []*Node {
	return m.each(Bool, func(n *Node) *Node {
		n.bits ^= 1
		return &Node{kind: Bool, bits: n.bits}
	})
}

// AppendText appends to each String. The results are the new lengths.
func (m Matches) AppendText(text string, most int64) ([]*Node, error) {
	if err := m.d.grow(m.Count(String), int64(len(text)), most); err != nil {
		return nil, err
	}
	return m.each(String, func(n *Node) *Node {
		n.text += text
		m.d.size += int64(len(text))
		return newInt(int64(len(n.text)))
	}), nil
}

// Insert inserts values into each array before an index, which counts from the end if it is negative; at the end if
// atEnd is true. The results are the new lengths.
func (m Matches) Insert(values []*Node, index int64, atEnd bool, most int64) ([]*Node, error) {
	places := m.places(Array)
	if err := m.d.fits(places, values, 1, most); err != nil {
		return nil, err
	}
	for _, p := range places {
		if i := fromEnd(index, p.node.Len()); !atEnd && (i < 0 || i > int64(p.node.Len())) {
			return nil, ErrOutOfBounds
		}
	}
	last := len(places) - 1
	return m.each(Array, func(n *Node) *Node {
		added := slices.Clone(values)
		for i, v := range values {
			if last > 0 {
				added[i] = v.Clone()
			}
			m.d.size += v.Size() + 8
		}
		if atEnd {
			n.array = append(n.array, added...)
		} else {
			n.array = slices.Insert(n.array, int(fromEnd(index, len(n.array))), added...)
		}
		return newInt(int64(len(n.array)))
	}), nil
}

func fromEnd(i int64, n int) int64 {
	if i < 0 {
		return i + int64(n)
	}
	return i
}

// Pop removes the element at an index of each array. The results are the elements, and nil for an empty array.
func (m Matches) Pop(index int64) []*Node {
	return m.each(Array, func(n *Node) *Node {
		size := int64(len(n.array))
		if size == 0 {
			return nil
		}
		i := min(max(fromEnd(index, len(n.array)), 0), size-1)
		e := n.array[i]
		n.array = slices.Delete(n.array, int(i), int(i)+1)
		m.d.size -= e.Size() + 8
		return e
	})
}

// Trim keeps the elements from one index to another, both included. The results are the new lengths.
func (m Matches) Trim(start, stop int64) []*Node {
	return m.each(Array, func(n *Node) *Node {
		size := int64(len(n.array))
		from, to := max(fromEnd(start, len(n.array)), 0), min(fromEnd(stop, len(n.array)), size-1)
		if stop < 0 {
			to = max(to, 0) // as RedisJSON
		}
		var kept []*Node
		if from <= to && size > 0 {
			kept = slices.Clone(n.array[from : to+1])
		}
		for i, e := range n.array {
			if int64(i) < from || int64(i) > to {
				m.d.size -= e.Size() + 8
			}
		}
		n.array = kept
		return newInt(int64(len(kept)))
	})
}

// Clear empties arrays and objects and sets numbers to 0, and returns how many values that changed.
func (m Matches) Clear() (n int) {
	empty := func(n *Node) bool {
		return n.IsNumber() && n.Float() == 0 || (n.kind == Array || n.kind == Object) && n.Len() == 0
	}
	found := slices.DeleteFunc(m.found, func(f *match) bool { return empty(f.node) })
	for _, f := range outermost(found) {
		switch f.node.kind {
		case Array:
			m.d.replace(f.node, &Node{kind: Array})
		case Object:
			m.d.replace(f.node, &Node{kind: Object, object: &object{}})
		case Int, Uint, Float:
			*f.node = *newInt(0)
		default:
			continue
		}
		n++
	}
	return n
}

// IndexIn returns the index of the first element of an array that is equal to v, in [from, to). Indexes count from
// the end if they are negative, and a to of 0 is the end. It is -1 if there is none.
func (n *Node) IndexIn(v *Node, from, to int64) int {
	size := int64(len(n.array))
	if from < 0 {
		from = max(from+size, 0)
	}
	switch {
	case to == 0:
		to = size
	case to < 0:
		to = max(to+size, 0)
	}
	for i := min(from, max(size-1, 0)); i < min(to, size); i++ {
		if n.array[i].Equal(v) {
			return int(i)
		}
	}
	return -1
}

// String shows the size only, so that no document is in a log.
func (d *Document) String() string { return fmt.Sprintf("document of %d bytes", d.size) }
