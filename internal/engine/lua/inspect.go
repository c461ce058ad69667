package lua

import (
	"slices"
	"strings"

	"github.com/redis-rest/redis-rest-go/internal/engine/lua/ast"
)

// A Frame is a function that runs. It is valid until the method of the Hook that asked for it returns.
type Frame struct{ *frame }

// A Variable is a variable that a function sees, and its value.
type Variable struct {
	Name  string
	Value Value
}

// Stack returns the functions that run in a coroutine, or in the script itself if co is nil. The innermost is the
// first one.
func (s *State) Stack(co *Coroutine) []Frame {
	th := s.main
	if co != nil {
		if th = co.th; th == nil {
			return nil // it has not started
		}
	}
	frames := make([]Frame, 0, th.depth)
	for _, f := range slices.Backward(th.frames[:th.depth]) {
		frames = append(frames, Frame{f})
	}
	return frames
}

// Depth returns how many functions run in the thread that runs.
func (s *State) Depth() int { return s.th.depth }

// Running returns the coroutine that runs, or nil if the script itself does.
func (s *State) Running() *Coroutine { return s.th.co }

// Coroutines returns the coroutines that have started and not ended, the oldest first.
func (s *State) Coroutines() []*Coroutine {
	var list []*Coroutine
	for co := range s.threads {
		list = append(list, co)
	}
	slices.SortFunc(list, func(a, b *Coroutine) int { return int(a.id) - int(b.id) })
	return list
}

// Status is what coroutine.status returns.
func (co *Coroutine) Status() string { return co.status }

// IsGo reports whether the function is not written in Lua.
func (f Frame) IsGo() bool { return f.fn.goFn != nil }

// Catches says whether the function is one of Lua that catches errors, such as pcall.
func (f Frame) Catches() bool {
	switch f.fn.name {
	case "pcall", "xpcall", "resume":
		return true
	}
	return false
}

// Name returns how the caller named the function. It is empty for a chunk and where that is not known.
func (f Frame) Name() string { return f.from.name }

// Source returns the name of the chunk, as for Load. It is empty for a function that is not Lua.
func (f Frame) Source() string {
	if f.IsGo() {
		return ""
	}
	return f.fn.proto.Source
}

// Line returns the line that runs.
func (f Frame) Line() int { return f.line }

// Defined returns the line where the function begins. It is 0 for a chunk and for a function that is not Lua.
func (f Frame) Defined() int {
	if f.IsGo() {
		return 0
	}
	return f.fn.proto.Line
}

// visible returns the local variables in scope, the first one first.
func (f Frame) visible() []*ast.Local {
	if f.IsGo() {
		return nil
	}
	var vars []*ast.Local
	for v := f.scope; v != nil; v = v.Outer {
		if !strings.HasPrefix(v.Name, "(") { // the hidden ones of a loop
			vars = append(vars, v)
		}
	}
	slices.Reverse(vars)
	return vars
}

func (f Frame) local(v *ast.Local) Value {
	if v.Captured {
		return f.slots[v.Slot].(*cell).v
	}
	return f.slots[v.Slot]
}

// Locals returns the local variables in scope, the first one first. A later one hides an earlier one of the same name.
func (f Frame) Locals() []Variable {
	var list []Variable
	for _, v := range f.visible() {
		list = append(list, Variable{v.Name, f.local(v)})
	}
	return list
}

// Upvalues returns the variables of enclosing functions that the function uses.
func (f Frame) Upvalues() []Variable {
	if f.IsGo() {
		return nil
	}
	var list []Variable
	for i, u := range f.fn.proto.Upvalues {
		list = append(list, Variable{u.Name, f.fn.cells[i].v})
	}
	return list
}

// Set changes a local variable or an upvalue that the function sees under that name. It returns false if there is
// none.
func (f Frame) Set(name string, x Value) bool {
	for _, v := range slices.Backward(f.visible()) {
		switch {
		case v.Name != name:
			continue
		case v.Captured:
			f.slots[v.Slot].(*cell).v = x
		default:
			f.slots[v.Slot] = x
		}
		return true
	}
	if f.IsGo() {
		return false
	}
	for i, u := range f.fn.proto.Upvalues {
		if u.Name == name {
			f.fn.cells[i].v = x
			return true
		}
	}
	return false
}

// Eval evaluates an expression, or runs statements, that see the function's variables and may change them. It runs
// in the thread that runs. The hook is not called.
func (f Frame) Eval(source string) ([]Value, error) {
	s := f.s
	// The variables look like those of an enclosing function. Each is in a cell, as far as the code can see.
	outer := &funcState{proto: &ast.Function{}}
	var cells []*cell
	add := func(name string, c *cell) {
		outer.active = append(outer.active, &ast.Local{Name: name, Slot: len(cells)})
		cells = append(cells, c)
	}
	if !f.IsGo() {
		for i, u := range f.fn.proto.Upvalues {
			add(u.Name, f.fn.cells[i])
		}
	}
	copies := map[int]*cell{} // by slot
	for _, v := range f.visible() {
		if v.Captured {
			add(v.Name, f.slots[v.Slot].(*cell))
			continue
		}
		copies[v.Slot] = &cell{f.slots[v.Slot]}
		add(v.Name, copies[v.Slot])
	}
	tree, err := parse("return "+source, "=eval", s.th.nested, outer)
	if err != nil {
		var asStatements error
		if tree, asStatements = parse(source, "=eval", s.th.nested, outer); asStatements != nil {
			return nil, err
		}
	}
	fn := &Function{id: nextID(), proto: &proto{Function: tree}, env: s.Globals}
	if !f.IsGo() {
		fn.env = f.fn.env
	}
	for _, u := range tree.Upvalues {
		fn.cells = append(fn.cells, cells[u.Local.Slot])
	}
	hook, one, two := s.hook, s.one, s.two
	s.hook = ignore{}
	defer func() { s.hook, s.one, s.two = hook, one, two }()
	results, raised := s.PCall(fn, f.varargs...)
	for slot, c := range copies {
		f.slots[slot] = c.v
	}
	if raised != nil {
		return nil, raised
	}
	return slices.Clone(results), nil
}
