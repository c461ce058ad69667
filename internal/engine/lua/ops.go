package lua

import (
	"math"

	"github.com/redis-rest/redis-rest-go/internal/engine/lua/ast"
	"github.com/redis-rest/redis-rest-go/internal/engine/lua/libm"
)

// metatable returns the metatable of a value, or nil.
func (s *State) metatable(v Value) *Table {
	switch v := v.(type) {
	case *Table:
		return v.Meta
	case string:
		return s.StringMeta
	}
	return nil
}

func (s *State) metamethod(v Value, event string) Value {
	if mt := s.metatable(v); mt != nil {
		return mt.GetString(event)
	}
	return nil
}

const maxLoop = 100 // of metamethods (MAXTAGLOOP)

// Index returns v[k], with metamethods.
func (s *State) Index(v, k Value) Value { return s.index(v, k, site{}) }

func (s *State) index(v, k Value, of site) Value {
	for range maxLoop {
		t, ok := v.(*Table)
		if ok {
			s.chargeValue(k)
			if x := t.Get(k); x != nil || t.Meta == nil {
				return x
			}
		}
		handler := s.metamethod(v, "__index")
		switch h := handler.(type) {
		case nil:
			if !ok {
				s.typeError("index", v, of)
			}
			return nil
		case *Function:
			return first(s.callMeta(h, v, k))
		}
		v, of = handler, site{}
	}
	s.runtimeError("loop in gettable")
	return nil
}

// SetIndex sets v[k] = x, with metamethods.
func (s *State) SetIndex(v, k, x Value) { s.setIndex(v, k, x, site{}) }

func (s *State) setIndex(v, k, x Value, of site) {
	for range maxLoop {
		t, ok := v.(*Table)
		var handler Value
		if ok {
			if t.ReadOnly {
				s.runtimeError("Attempt to modify a readonly table")
			}
			// The key gets a slot in any case, because PUC-Rio's machine creates one to
			// look the value up.
			slot := s.slot(t, k)
			if *slot == nil && t.Meta != nil {
				handler = t.Meta.GetString("__newindex")
			}
			if handler == nil {
				*slot = x
				return
			}
		} else if handler = s.metamethod(v, "__newindex"); handler == nil {
			s.typeError("index", v, of)
		}
		if h, ok := handler.(*Function); ok {
			s.callMeta(h, v, k, x)
			return
		}
		v, of = handler, site{}
	}
	s.runtimeError("loop in settable")
}

// rawSet is Table.Set for a key that comes from a script.
func (s *State) rawSet(t *Table, k, x Value) { *s.slot(t, k) = x }

// slot is Table.slot for a key that comes from a script.
func (s *State) slot(t *Table, k Value) *Value {
	switch k := k.(type) {
	case string:
		s.charge(k)
	case nil:
		s.runtimeError("table index is nil")
	case float64:
		if math.IsNaN(k) {
			s.runtimeError("table index is NaN")
		}
	}
	made := t.made
	slot := t.slot(k)
	if more := t.made - made; more > 0 {
		s.Alloc(more * bytesOfElement)
	}
	return slot
}

const bytesOfElement = 48

func (s *State) callMeta(f Value, args ...Value) []Value { return s.Call(f, args...) }

func first(values []Value) Value {
	if len(values) == 0 {
		return nil
	}
	return values[0]
}

var arithmeticEvents = [...]string{ast.Add: "__add", ast.Sub: "__sub", ast.Mul: "__mul", ast.Div: "__div", ast.Mod: "__mod", ast.Pow: "__pow", ast.Minus: "__unm"}

func compute(op ast.Operator, a, b float64) float64 {
	switch op {
	case ast.Add:
		return a + b
	case ast.Sub:
		return a - b
	case ast.Mul:
		return a * b
	case ast.Div:
		return a / b
	case ast.Mod:
		return a - float64(math.Floor(a/b)*b) // rounded twice, as in C
	case ast.Pow:
		return libm.Pow(a, b)
	default:
		return -a
	}
}

// arithmetic computes with operands that are not both numbers.
func (s *State) arithmetic(op ast.Operator, a, b Value, ofA, ofB site) Value {
	s.chargeValue(a)
	s.chargeValue(b)
	x, okA := ToNumber(a)
	y, okB := ToNumber(b)
	if okA && okB {
		return Number(compute(op, x, y))
	}
	event := arithmeticEvents[op]
	handler := s.metamethod(a, event)
	if handler == nil {
		handler = s.metamethod(b, event)
	}
	if handler == nil {
		if okA {
			a, ofA = b, ofB
		}
		s.typeError("perform arithmetic on", a, ofA)
	}
	return first(s.callMeta(handler, a, b))
}

// Equal returns a == b, with metamethods.
func (s *State) Equal(a, b Value) bool {
	s.chargeValue(a)
	if a == b {
		return true
	}
	tableA, okA := a.(*Table)
	tableB, okB := b.(*Table)
	if !okA || !okB || tableA.Meta == nil || tableB.Meta == nil {
		return false
	}
	handler := tableA.Meta.GetString("__eq")
	if handler == nil || tableA.Meta != tableB.Meta && !rawEqual(handler, tableB.Meta.GetString("__eq")) {
		return false
	}
	return Truth(first(s.callMeta(handler, a, b)))
}

func rawEqual(a, b Value) bool { return a == b }

// Less returns a < b, with metamethods.
func (s *State) Less(a, b Value) bool {
	switch x := a.(type) {
	case float64:
		if y, ok := b.(float64); ok {
			return x < y
		}
	case string:
		if y, ok := b.(string); ok {
			s.charge(x)
			return x < y
		}
	}
	if less, ok := s.compare(a, b, "__lt"); ok {
		return less
	}
	s.orderError(a, b)
	return false
}

func (s *State) lessEqual(a, b Value) bool {
	switch x := a.(type) {
	case float64:
		if y, ok := b.(float64); ok {
			return x <= y
		}
	case string:
		if y, ok := b.(string); ok {
			s.charge(x)
			return x <= y
		}
	}
	if less, ok := s.compare(a, b, "__le"); ok {
		return less
	}
	if more, ok := s.compare(b, a, "__lt"); ok {
		return !more
	}
	s.orderError(a, b)
	return false
}

// compare calls the metamethod that both values share. It is not ok if there is none.
func (s *State) compare(a, b Value, event string) (result, ok bool) {
	if TypeName(a) != TypeName(b) {
		return false, false
	}
	handler := s.metamethod(a, event)
	if handler == nil || handler != s.metamethod(b, event) {
		return false, false
	}
	return Truth(first(s.callMeta(handler, a, b))), true
}

func (s *State) orderError(a, b Value) {
	if x, y := TypeName(a), TypeName(b); x == y {
		s.runtimeError("attempt to compare two %s values", x)
	} else {
		s.runtimeError("attempt to compare %s with %s", x, y)
	}
}

// Concat returns a .. b, with metamethods.
func (s *State) Concat(a, b Value) Value { return s.concat(a, b, site{}, site{}) }

func (s *State) concat(a, b Value, ofA, ofB site) Value {
	x, okA := ToText(a)
	y, okB := ToText(b)
	if okA && okB {
		s.Alloc(len(x) + len(y))
		return x + y
	}
	handler := s.metamethod(a, "__concat")
	if handler == nil {
		handler = s.metamethod(b, "__concat")
	}
	if handler == nil {
		if okA {
			a, ofA = b, ofB
		}
		s.typeError("concatenate", a, ofA)
	}
	return first(s.callMeta(handler, a, b))
}

// length returns #v.
func (s *State) length(v Value, of site) Value {
	switch v := v.(type) {
	case *Table:
		return Number(float64(s.Len(v)))
	case string:
		return Number(float64(len(v)))
	}
	handler := s.metamethod(v, "__len")
	if handler == nil {
		s.typeError("get length of", v, of)
	}
	return first(s.callMeta(handler, v))
}

// Len returns #t without metamethods, and counts its work.
func (s *State) Len(t *Table) int {
	n := t.Len()
	s.Step(n >> 10)
	return n
}

// Next is Table.Next, and counts its work.
func (s *State) Next(t *Table, k Value) (key, val Value, ok bool) {
	key, val, passed, ok := t.next(k)
	s.Step(passed / 8)
	return key, val, ok
}
