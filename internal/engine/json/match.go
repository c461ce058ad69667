package json

import (
	"errors"
	"slices"
	"strings"
)

// ErrTooMuch says that a path leads to so many values, or looks at so many, that the command was given up. It has
// changed nothing.
var ErrTooMuch = errors.New("the path looks at too many values")

// A match is a value to which a path led, and where it is.
type match struct {
	node   *Node
	parent *match // nil for the root
	name   string // in an object
	index  int    // in an array
	depth  int
}

// A walk follows a path.
type walk struct {
	root   *Node
	places bool // matches know their parents
	late   bool // values in a value come before the value itself
	left   int64
	found  []*match
	nodes  []*Node // found, if places is false
}

// spend takes from what is left of the work for a path, and says whether there was enough.
func (w *walk) spend(n int) bool {
	w.left -= int64(n)
	return w.left >= 0
}

// follow follows the steps from a place, and adds what it finds. It stops when too much was spent.
func (w *walk) follow(at *match, steps []step) {
	if !w.spend(1) {
		return
	}
	if len(steps) == 0 {
		if w.places {
			w.spend(4)
			w.found = append(w.found, at)
		} else {
			w.nodes = append(w.nodes, at.node)
		}
		return
	}
	n := at.node
	s, rest := &steps[0], steps[1:]
	switch s.kind {
	case stepNames:
		if n.kind == Object {
			for _, name := range s.names {
				if !w.spend(1) {
					return
				}
				if v := n.object.get(name); v != nil {
					w.enter(at, v, name, 0, rest)
				}
			}
		}
	case stepIndexes:
		if n.kind == Array {
			for _, i := range s.indexes {
				if !w.spend(1) {
					return
				}
				if i = fromEnd(i, len(n.array)); i >= 0 && i < int64(len(n.array)) {
					w.enter(at, n.array[i], "", int(i), rest)
				}
			}
		}
	case stepSlice:
		if n.kind == Array {
			size := int64(len(n.array))
			place := func(i int64) int64 {
				if i < 0 {
					return max(i+size, 0)
				}
				return min(i, size)
			}
			for i, to := place(s.from), place(s.to); i < to; {
				w.enter(at, n.array[i], "", int(i), rest)
				if s.every >= to-i {
					break
				}
				i += s.every
			}
		}
	case stepAll:
		w.children(at, func(v *Node, name string, i int) { w.enter(at, v, name, i, rest) })
	case stepFilter:
		w.children(at, func(v *Node, name string, i int) {
			if s.filter.holds(w, v) {
				w.enter(at, v, name, i, rest)
			}
		})
	case stepDescend:
		if !w.late {
			w.follow(at, rest)
		}
		w.children(at, func(v *Node, name string, i int) { w.enter(at, v, name, i, steps) })
		if w.late {
			w.follow(at, rest)
		}
	}
}

// children visits the elements or members of a value, as long as there is something left to spend.
func (w *walk) children(at *match, visit func(v *Node, name string, i int)) {
	switch n := at.node; n.kind {
	case Array:
		for i := 0; i < len(n.array) && w.spend(1); i++ {
			visit(n.array[i], "", i)
		}
	case Object:
		for name, v := range n.Members {
			if !w.spend(1) {
				return
			}
			visit(v, name, 0)
		}
	}
}

// enter follows the steps from a value in the one at a place.
func (w *walk) enter(at *match, v *Node, name string, i int, steps []step) {
	if w.places {
		w.follow(&match{node: v, parent: at, name: name, index: i, depth: at.depth + 1}, steps)
		return
	}
	here := match{node: v}
	w.follow(&here, steps)
}

// values returns the values of an operand for the value that is tested.
func (w *walk) values(o *operand, n *Node) []*Node {
	if o.literal != nil {
		return []*Node{o.literal}
	}
	if o.fromRoot {
		n = w.root
	}
	if len(o.path.steps) == 0 {
		return []*Node{n}
	}
	inner := walk{root: w.root, late: w.late, left: w.left}
	inner.follow(&match{node: n}, o.path.steps)
	w.left = inner.left
	return inner.nodes
}

func (c every) holds(w *walk, n *Node) bool {
	return !slices.ContainsFunc(c, func(a condition) bool { return !a.holds(w, n) })
}

func (c either) holds(w *walk, n *Node) bool {
	return slices.ContainsFunc(c, func(a condition) bool { return a.holds(w, n) })
}

func (c negated) holds(w *walk, n *Node) bool { return !c.a.holds(w, n) }

// holds of a comparison is true if it is true for one of the values to which its paths lead. A value that is not
// there is unlike every other.
func (c *comparison) holds(w *walk, n *Node) bool {
	if !w.spend(1) {
		return false
	}
	left := w.values(&c.left, n)
	switch c.operator {
	case "":
		if v := c.left.literal; v != nil && v.kind == Bool {
			return v.Bool()
		}
		return len(left) > 0
	case "!=":
		return !c.any(w, left, w.values(&c.right, n))
	}
	return c.any(w, left, w.values(&c.right, n))
}

func (c *comparison) any(w *walk, left, right []*Node) bool {
	for _, a := range left {
		for _, b := range right {
			if !w.spend(1) {
				return false
			}
			if c.compare(w, a, b) {
				return true
			}
		}
	}
	return false
}

// textCost is how many bytes of text cost as much as one value.
const textCost = 64

func (c *comparison) compare(w *walk, a, b *Node) bool {
	switch c.operator {
	case "==", "!=":
		same := a.kind == b.kind && a.kind >= String && a.Len() == b.Len()
		return (!same || w.spend(int(a.Size()/textCost))) && a.Equal(b)
	case "=~":
		return c.matches(w, a, b)
	}
	order := 0
	switch {
	case a.IsNumber() && b.IsNumber():
		order = compareNumbers(a, b)
	case a.kind == String && b.kind == String:
		w.spend(min(len(a.text), len(b.text)) / textCost)
		order = strings.Compare(a.text, b.text)
	case a.kind == Bool && b.kind == Bool:
		order = sign(a.bits < b.bits, a.bits > b.bits)
	case a.kind == Null && b.kind == Null:
	default:
		return false
	}
	switch c.operator {
	case "<":
		return order < 0
	case "<=":
		return order <= 0
	case ">":
		return order > 0
	}
	return order >= 0
}

func (c *comparison) matches(w *walk, a, b *Node) bool {
	if a.kind != String || b.kind != String {
		return false
	}
	p := c.pattern
	if p == nil {
		p = parsePattern(b.text)
		w.spend(len(b.text) + p.cost)
	}
	return p.Regexp != nil && w.spend(len(a.text)*p.cost/textCost) && p.MatchString(a.text)
}
