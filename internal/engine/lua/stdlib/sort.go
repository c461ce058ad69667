package stdlib

import (
	"github.com/redis-rest/redis-rest-go/internal/engine/lua"
)

func sort(s *lua.State, args []lua.Value) []lua.Value {
	t := s.CheckTable(args, 1)
	n := s.Len(t)
	r := sorter{s: s, t: t}
	if lua.Arg(args, 2) != nil {
		r.less = checkFunction(s, args, 2)
	}
	r.sort(1, n)
	return nil
}

// A sorter sorts a table with the quicksort of PUC-Rio's Lua. Scripts can see which elements it
// compares and swaps: in the order of equal elements, and in the result of a comparison
// function that contradicts itself. Such a function may also get nil, or elements outside of the
// sorted range.
type sorter struct {
	s    *lua.State
	t    *lua.Table
	less *lua.Function // nil means the operator <
}

func (r *sorter) isLess(a, b lua.Value) bool {
	r.s.Step(1)
	if r.less == nil {
		return r.s.Less(a, b)
	}
	return lua.Truth(first(r.s.Call(r.less, a, b)))
}

func (r *sorter) set(i int, v lua.Value) { setInt(r.s, r.t, i, v) }

// swap exchanges two elements that have already been read.
func (r *sorter) swap(i int, a lua.Value, j int, b lua.Value) {
	r.set(i, b)
	r.set(j, a)
}

func (r *sorter) sort(low, high int) {
	for low < high {
		// The least of the first, the middle and the last element moves to the front,
		// and the greatest to the back.
		first, last := r.t.GetInt(low), r.t.GetInt(high)
		if r.isLess(last, first) {
			r.swap(low, first, high, last)
		}
		if high-low == 1 {
			return
		}
		middle := (low + high) / 2
		pivot, first := r.t.GetInt(middle), r.t.GetInt(low)
		if r.isLess(pivot, first) {
			r.swap(middle, pivot, low, first)
		} else if last := r.t.GetInt(high); r.isLess(last, pivot) {
			r.swap(middle, pivot, high, last)
		}
		if high-low == 2 {
			return
		}
		pivot = r.t.GetInt(middle)
		r.swap(middle, pivot, high-1, r.t.GetInt(high-1))
		at := r.partition(low, high, pivot)
		r.swap(high-1, r.t.GetInt(high-1), at, r.t.GetInt(at))
		// Recursion sorts the smaller part, and the loop the larger one.
		if at-low < high-at {
			r.sort(low, at-1)
			low = at + 1
		} else {
			r.sort(at+1, high)
			high = at - 1
		}
	}
}

// partition moves the elements less than the pivot to the front. The pivot is at high-1.
// It returns the pivot's final position.
func (r *sorter) partition(low, high int, pivot lua.Value) int {
	i, j := low, high-1
	for {
		var front, back lua.Value
		for {
			i++
			if front = r.t.GetInt(i); !r.isLess(front, pivot) {
				break
			}
			if i > high {
				r.s.Errorf("invalid order function for sorting")
			}
		}
		for {
			j--
			if back = r.t.GetInt(j); !r.isLess(pivot, back) {
				break
			}
			if j < low {
				r.s.Errorf("invalid order function for sorting")
			}
		}
		if j < i {
			return i
		}
		r.swap(i, front, j, back)
	}
}
