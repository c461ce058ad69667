package lua

import (
	"slices"

	"github.com/redis-rest/redis-rest-go/internal/engine/lua/ast"
)

// An evalFn evaluates an expression to one value. A multiFn evaluates one to any number
// of values, which are valid until the next call. An execFn runs a statement.
type (
	evalFn  func(f *frame) Value
	multiFn func(f *frame) []Value
	execFn  func(f *frame) flow
)

// A flow says how a statement ended.
type flow int

const (
	flowNext   flow = iota
	flowBreak       // out of the enclosing loop
	flowReturn      // with frame.ret
	flowTail        // with the result of calling frame.tail with frame.ret
)

// A proto is a function in the source, with its code once it was called.
type proto struct {
	*ast.Function
	run  execFn
	mode mode // in which run was compiled
}

// A mode says whether code tells a hook what it does.
type mode uint8

const (
	unwatched mode = iota + 1 // 0: not compiled yet
	watched
)

// compile makes the closures of a function, but not those of its inner functions.
func (s *State) compile(p *proto) {
	p.mode = s.mode
	p.run = compileBlock(p.Body, s.mode)
	if s.mode == watched {
		p.run = watchCalls(p)
	}
}

func compileBlock(stats []ast.Stat, m mode) execFn {
	steps := make([]execFn, len(stats))
	for i, s := range stats {
		steps[i] = compileStat(s, m)
		if m == watched {
			steps[i] = watchLine(s, steps[i])
		}
	}
	switch len(steps) {
	case 0:
		return func(*frame) flow { return flowNext }
	case 1:
		return steps[0]
	case 2:
		one, two := steps[0], steps[1]
		return func(f *frame) flow {
			if flow := one(f); flow != flowNext {
				return flow
			}
			return two(f)
		}
	}
	return func(f *frame) flow {
		for _, step := range steps {
			if flow := step(f); flow != flowNext {
				return flow
			}
		}
		return flowNext
	}
}

func compileStat(at ast.Stat, m mode) execFn {
	switch s := at.Node.(type) {
	case *ast.LocalStat:
		return compileLocal(s)
	case *ast.AssignStat:
		return compileAssign(s)
	case *ast.CallStat:
		run := compileMulti(s.Call)
		return func(f *frame) flow {
			run(f)
			return flowNext
		}
	case *ast.DoStat:
		return compileBlock(s.Body, m)
	case *ast.IfStat:
		return compileIf(s, at.Scope, m)
	case *ast.WhileStat:
		return compileWhile(s, m)
	case *ast.RepeatStat:
		return compileRepeat(s, m)
	case *ast.NumericFor:
		return compileNumericFor(s, m)
	case *ast.GenericFor:
		return compileGenericFor(s, m)
	case *ast.LocalFunction:
		function, v := compileExpr(s.Function), s.Variable
		if !v.Captured {
			return func(f *frame) flow {
				f.slots[v.Slot] = function(f)
				return flowNext
			}
		}
		return func(f *frame) flow {
			c := &cell{} // the function captures it before it is set
			f.slots[v.Slot] = c
			c.v = function(f)
			return flowNext
		}
	case *ast.ReturnStat:
		return compileReturn(s)
	default: // *ast.BreakStat
		return func(*frame) flow { return flowBreak }
	}
}

func compileLocal(s *ast.LocalStat) execFn {
	if len(s.Vars) == 1 && len(s.Exprs) == 1 {
		v, value := s.Vars[0], compileExpr(s.Exprs[0])
		slot := v.Slot
		if !v.Captured {
			return func(f *frame) flow {
				f.slots[slot] = value(f)
				return flowNext
			}
		}
		return func(f *frame) flow {
			f.slots[slot] = &cell{value(f)}
			return flowNext
		}
	}
	values := compileList(s.Exprs, len(s.Vars))
	vars := s.Vars
	return func(f *frame) flow {
		m := f.s.th.mark()
		for i, x := range values(f) {
			f.setLocal(vars[i], x)
		}
		f.s.th.release(m)
		return flowNext
	}
}

// step counts one iteration of a loop that begins at a line.
func (f *frame) step(line int) {
	f.line = line
	f.s.Step(1)
}

// compileList evaluates expressions into the thread's stack. It adjusts them to want
// values; -1 keeps all.
func compileList(exprs []ast.Expr, want int) multiFn {
	var more multiFn // the last one, if it may give any number of values
	singles := exprs
	if n := len(exprs); n > 0 && isMulti(exprs[n-1]) && want != n {
		more = compileMulti(exprs[n-1])
		singles = exprs[:n-1]
	}
	evals := make([]evalFn, len(singles))
	for i, e := range singles {
		evals[i] = compileExpr(e)
	}
	if more == nil && want <= len(evals) {
		size := len(evals)
		keep := size
		if want >= 0 {
			keep = want
		}
		return func(f *frame) []Value {
			values := f.s.th.alloc(size)
			for i, eval := range evals {
				values[i] = eval(f)
			}
			return values[:keep]
		}
	}
	if more == nil {
		return func(f *frame) []Value {
			values := f.s.th.alloc(want)
			for i, eval := range evals {
				values[i] = eval(f)
			}
			clear(values[len(evals):])
			return values
		}
	}
	return func(f *frame) []Value {
		th := f.s.th
		fixed := th.alloc(len(evals))
		for i, eval := range evals {
			fixed[i] = eval(f)
		}
		rest := more(f)
		size := len(fixed) + len(rest)
		if want >= 0 {
			size = want
		}
		// rest may itself be in the stack, above the memory in use.
		values := th.extend(fixed, size)
		n := len(fixed)
		if n < size {
			n += copy(values[n:], rest)
			clear(values[n:])
		}
		return values
	}
}

// extend enlarges the slice that alloc returned last, in place or as a copy. The values
// above it in the stack stay until they are overwritten.
func (th *thread) extend(values []Value, size int) []Value {
	if size <= len(values) {
		return values[:size]
	}
	more := size - len(values)
	if c := th.chunks[th.chunk]; th.top+more <= len(c) && th.top >= len(values) {
		th.top += more
		return c[th.top-size : th.top : th.top]
	}
	larger := make([]Value, size)
	copy(larger, values)
	return larger
}

func isMulti(e ast.Expr) bool {
	switch e.(type) {
	case *ast.Call, *ast.MethodCall, *ast.Varargs:
		return true
	}
	return false
}

func compileMulti(e ast.Expr) multiFn {
	switch e := e.(type) {
	case *ast.Call:
		return compileCall(e)
	case *ast.MethodCall:
		return compileMethodCall(e)
	default: // *ast.Varargs
		return func(f *frame) []Value { return f.varargs }
	}
}

func compileCall(c *ast.Call) multiFn {
	function := compileExpr(c.Function)
	line, from := c.Line, siteOf(c.Function)
	switch {
	case len(c.Args) == 1 && !isMulti(c.Args[0]):
		arg := compileExpr(c.Args[0])
		return func(f *frame) []Value {
			fn := function(f)
			th := f.s.th
			m := th.mark()
			args := th.alloc(1)
			args[0] = arg(f)
			f.line, th.from = line, from
			results := f.s.call(fn, args)
			th.release(m)
			return results
		}
	default:
		list := compileList(c.Args, -1)
		return func(f *frame) []Value {
			fn := function(f)
			th := f.s.th
			m := th.mark()
			args := list(f)
			f.line, th.from = line, from
			results := f.s.call(fn, args)
			th.release(m)
			return results
		}
	}
}

func compileMethodCall(c *ast.MethodCall) multiFn {
	look := compileMethod(c)
	list := compileList(append([]ast.Expr{selfExpr{}}, c.Args...), -1)
	line, from := c.Line, site{"method", c.Name}
	return func(f *frame) []Value {
		fn, object := look(f)
		th := f.s.th
		m := th.mark()
		f.self = object
		args := list(f)
		f.line, th.from = line, from
		results := f.s.call(fn, args)
		th.release(m)
		return results
	}
}

// A selfExpr is the object of a method call, already evaluated.
type selfExpr struct{}

func compileMethod(c *ast.MethodCall) func(f *frame) (fn, object Value) {
	object, of := compileExpr(c.Object), siteOf(c.Object)
	name, line := c.Name, c.Self
	hash := hashString(name)
	return func(f *frame) (Value, Value) {
		o := object(f)
		if t, ok := o.(*Table); ok {
			if fn := t.getHashed(name, hash); fn != nil {
				return fn, o
			}
		}
		f.line = line
		return f.s.index(o, name, of), o
	}
}

func compileReturn(s *ast.ReturnStat) execFn {
	if len(s.Exprs) == 1 {
		switch e := s.Exprs[0].(type) {
		case *ast.Call:
			function, list := compileExpr(e.Function), compileList(e.Args, -1)
			return compileTail(func(f *frame) (Value, []Value) { return function(f), list(f) }, e.Line, siteOf(e.Function))
		case *ast.MethodCall:
			look, list := compileMethod(e), compileList(append([]ast.Expr{selfExpr{}}, e.Args...), -1)
			return compileTail(func(f *frame) (Value, []Value) {
				fn, object := look(f)
				f.self = object
				return fn, list(f)
			}, e.Line, site{"method", e.Name})
		case *ast.Varargs:
		default:
			value := compileExpr(e)
			return func(f *frame) flow {
				x := value(f)
				f.ret = f.s.Return(x)
				return flowReturn
			}
		}
	}
	list := compileList(s.Exprs, -1)
	return func(f *frame) flow {
		m := f.s.th.mark()
		f.ret = append([]Value(nil), list(f)...)
		f.s.th.release(m)
		return flowReturn
	}
}

// compileTail compiles a tail call. A Lua function takes over the caller's frame, so the
// number of tail calls is not limited.
func compileTail(eval func(f *frame) (Value, []Value), line int, from site) execFn {
	return func(f *frame) flow {
		fn, args := eval(f)
		f.line = line
		if called, ok := fn.(*Function); ok && called.goFn == nil {
			f.tail, f.ret = called, args
			return flowTail
		}
		f.s.th.from = from
		f.ret = f.s.call(fn, args)
		return flowReturn
	}
}

func compileIf(s *ast.IfStat, scope *ast.Local, m mode) execFn {
	conditions := make([]func(*frame) bool, len(s.Conditions))
	for i, c := range s.Conditions {
		conditions[i] = compileCondition(c)
		if i > 0 && m == watched {
			conditions[i] = watchCondition(ast.Stat{Line: s.Lines[i], Scope: scope}, conditions[i])
		}
	}
	blocks := make([]execFn, len(s.Blocks))
	for i, b := range s.Blocks {
		blocks[i] = compileBlock(b, m)
	}
	if len(conditions) == 1 && len(blocks) == 1 {
		condition, block := conditions[0], blocks[0]
		return func(f *frame) flow {
			if condition(f) {
				return block(f)
			}
			return flowNext
		}
	}
	return func(f *frame) flow {
		for i, condition := range conditions {
			if condition(f) {
				return blocks[i](f)
			}
		}
		if len(blocks) > len(conditions) {
			return blocks[len(conditions)](f)
		}
		return flowNext
	}
}

func compileWhile(s *ast.WhileStat, m mode) execFn {
	condition, body, line := compileCondition(s.Condition), compileBlock(s.Body, m), s.Line
	return func(f *frame) flow {
		for condition(f) {
			if flow := body(f); flow == flowBreak {
				break
			} else if flow != flowNext {
				return flow
			}
			f.step(line)
		}
		return flowNext
	}
}

func compileRepeat(s *ast.RepeatStat, m mode) execFn {
	body, condition, line := compileBlock(s.Body, m), compileCondition(s.Condition), s.Line
	if m == watched {
		condition = watchCondition(s.Until, condition)
	}
	return func(f *frame) flow {
		for {
			if flow := body(f); flow == flowBreak {
				break
			} else if flow != flowNext {
				return flow
			}
			if condition(f) {
				break
			}
			f.step(line)
		}
		return flowNext
	}
}

func compileNumericFor(s *ast.NumericFor, m mode) execFn {
	start, limit, step := compileExpr(s.Start), compileExpr(s.Limit), compileExpr(s.Step)
	body, variable, line := compileBlock(s.Body, m), s.Variable, s.Line
	number := func(f *frame, v Value, what string) float64 {
		f.s.chargeValue(v)
		n, ok := ToNumber(v)
		if !ok {
			f.line = line
			f.s.runtimeError("'for' %s must be a number", what)
		}
		return n
	}
	return func(f *frame) flow {
		a, b, c := start(f), limit(f), step(f)
		i, last, by := number(f, a, "initial value"), number(f, b, "limit"), number(f, c, "step")
		for i -= by; ; {
			i += by
			if by > 0 && !(i <= last) || !(by > 0) && !(last <= i) {
				return flowNext
			}
			f.setLocal(variable, Number(i))
			if flow := body(f); flow == flowBreak {
				return flowNext
			} else if flow != flowNext {
				return flow
			}
			f.step(line)
		}
	}
}

func compileGenericFor(s *ast.GenericFor, m mode) execFn {
	list, body, vars, line := compileList(s.Exprs, 3), compileBlock(s.Body, m), s.Vars, s.Line
	return func(f *frame) flow {
		th := f.s.th
		m := th.mark()
		values := list(f)
		generator, state, control := values[0], values[1], values[2]
		th.release(m)
		for {
			args := th.alloc(2)
			args[0], args[1] = state, control
			f.line = line
			f.s.Enter()
			th.from = site{}
			if _, ok := generator.(*Function); ok {
				th.from = site{"local", "(for generator)"}
			}
			results := f.s.call(generator, args)
			f.s.Leave()
			control = first(results)
			if control == nil {
				th.release(m)
				return flowNext
			}
			for i, v := range vars {
				var x Value
				if i < len(results) {
					x = results[i]
				}
				f.setLocal(v, x)
			}
			th.release(m)
			if flow := body(f); flow == flowBreak {
				return flowNext
			} else if flow != flowNext {
				return flow
			}
			f.step(line)
		}
	}
}

// A target is the left side of an assignment.
type target struct {
	object, key evalFn // for an index: the parts evaluated before the value; else nil
	set         func(f *frame, object, key, x Value)
}

// operands evaluates the parts that come before the value.
func (t *target) operands(f *frame) (object, key Value) {
	if t.object != nil {
		object = t.object(f)
	}
	if t.key != nil {
		key = t.key(f)
	}
	return object, key
}

// compileTarget compiles the left side of an assignment. In an index, locals are read when the
// value is set, unless they are among the later targets of the statement.
func compileTarget(e ast.Expr, later []ast.Expr, line int) target {
	switch e := e.(type) {
	case *ast.LocalVar:
		slot := e.Slot
		if e.Captured {
			return target{set: func(f *frame, _, _, x Value) { f.slots[slot].(*cell).v = x }}
		}
		return target{set: func(f *frame, _, _, x Value) { f.slots[slot] = x }}
	case *ast.Upvalue:
		i := e.Index
		return target{set: func(f *frame, _, _, x Value) { f.fn.cells[i].v = x }}
	case *ast.Global:
		name := e.Name
		var key Value = name
		return target{set: func(f *frame, _, _, x Value) {
			f.line = line
			f.s.setIndex(f.fn.env, key, x, site{})
		}}
	default:
		ix := e.(*ast.Index)
		of := siteOf(ix.Object)
		var early, late target
		early.object, late.object = compileOperand(ix.Object, later)
		early.key, late.key = compileOperand(ix.Key, later)
		early.set = func(f *frame, object, key, x Value) {
			if late.object != nil {
				object = late.object(f)
			}
			if late.key != nil {
				key = late.key(f)
			}
			if t, ok := object.(*Table); ok && t.Meta == nil && !t.ReadOnly {
				if n, ok := key.(float64); ok {
					if i := int(n); float64(i) == n && uint(i-1) < uint(len(t.array)) {
						t.array[i-1] = x
						return
					}
				}
			}
			f.line = line
			f.s.setIndex(object, key, x, of)
		}
		return early
	}
}

// compileOperand compiles the object or the key of a target. It is evaluated before the
// value (early) or after it (late).
func compileOperand(e ast.Expr, later []ast.Expr) (early, late evalFn) {
	v := asLocal(e)
	if v == nil || slices.ContainsFunc(later, func(e ast.Expr) bool { return asLocal(e) == v }) {
		return compileExpr(e), nil
	}
	return nil, compileExpr(e)
}

func compileAssign(s *ast.AssignStat) execFn {
	if len(s.Targets) == 1 && len(s.Exprs) == 1 {
		t, value := compileTarget(s.Targets[0], nil, s.Line), compileExpr(s.Exprs[0])
		set := t.set
		if t.object == nil && t.key == nil {
			return func(f *frame) flow {
				set(f, nil, nil, value(f))
				return flowNext
			}
		}
		if !mayCall(s.Exprs[0]) || t.object == nil {
			return func(f *frame) flow {
				object, key := t.operands(f)
				set(f, object, key, value(f))
				return flowNext
			}
		}
		return func(f *frame) flow {
			object, key := t.operands(f)
			set(f, object, key, f.keeping(object, value))
			return flowNext
		}
	}
	targets := make([]target, len(s.Targets))
	for i, e := range s.Targets {
		targets[i] = compileTarget(e, s.Targets[i+1:], s.Line)
	}
	list := compileList(s.Exprs, len(targets))
	return func(f *frame) flow {
		th := f.s.th
		m := th.mark()
		operands := th.alloc(2 * len(targets))
		for i := range targets {
			operands[2*i], operands[2*i+1] = targets[i].operands(f)
		}
		values := list(f)
		for i := len(targets) - 1; i >= 0; i-- {
			targets[i].set(f, operands[2*i], operands[2*i+1], values[i])
		}
		th.release(m)
		return flowNext
	}
}

func compileExpr(e ast.Expr) evalFn {
	switch e := e.(type) {
	case *ast.Constant:
		v := e.Value
		return func(*frame) Value { return v }
	case *ast.LocalVar:
		slot := e.Slot
		if e.Captured {
			return func(f *frame) Value { return f.slots[slot].(*cell).v }
		}
		return func(f *frame) Value { return f.slots[slot] }
	case *ast.Upvalue:
		i := e.Index
		return func(f *frame) Value { return f.fn.cells[i].v }
	case *ast.Global:
		return compileGlobal(e)
	case *ast.Index:
		return compileIndex(e)
	case selfExpr:
		return func(f *frame) Value { return f.self }
	case *ast.Call, *ast.MethodCall, *ast.Varargs:
		multi := compileMulti(e)
		return func(f *frame) Value { return first(multi(f)) }
	case *ast.Paren:
		return compileExpr(e.Inner)
	case *ast.FunctionExpr:
		return compileFunction(e.Function)
	case *ast.Binary:
		return compileBinary(e)
	case *ast.Concat:
		return compileConcat(e)
	case *ast.Logical:
		left, right := compileExpr(e.Left), compileExpr(e.Right)
		if e.And {
			return func(f *frame) Value {
				if v := left(f); !Truth(v) {
					return v
				}
				return right(f)
			}
		}
		return func(f *frame) Value {
			if v := left(f); Truth(v) {
				return v
			}
			return right(f)
		}
	case *ast.Unary:
		return compileUnary(e)
	default:
		return compileConstructor(e.(*ast.Constructor))
	}
}

// compileCondition compiles an expression of which only the truth value is used.
func compileCondition(e ast.Expr) func(f *frame) bool {
	switch e := e.(type) {
	case *ast.Paren:
		return compileCondition(e.Inner)
	case *ast.Logical:
		left, right := compileCondition(e.Left), compileCondition(e.Right)
		if e.And {
			return func(f *frame) bool { return left(f) && right(f) }
		}
		return func(f *frame) bool { return left(f) || right(f) }
	case *ast.Unary:
		if e.Op == ast.Not {
			operand := compileCondition(e.Operand)
			return func(f *frame) bool { return !operand(f) }
		}
	case *ast.Binary:
		if e.Op >= ast.Eq && e.Op <= ast.Ge {
			return compileComparison(e)
		}
	}
	value := compileExpr(e)
	return func(f *frame) bool { return Truth(value(f)) }
}

func compileGlobal(e *ast.Global) evalFn {
	name, line := e.Name, e.Line
	hash := hashString(name)
	var key Value = name
	return func(f *frame) Value {
		if v := f.fn.env.getHashed(name, hash); v != nil {
			return v
		}
		f.line = line
		return f.s.index(f.fn.env, key, site{})
	}
}

func compileIndex(e *ast.Index) evalFn {
	object, of, line := compileExpr(e.Object), siteOf(e.Object), e.Line
	if c, ok := e.Key.(*ast.Constant); ok {
		if name, ok := c.Value.(string); ok {
			hash := hashString(name)
			key := c.Value
			return func(f *frame) Value {
				o := object(f)
				if t, ok := o.(*Table); ok {
					if v := t.getHashed(name, hash); v != nil || t.Meta == nil {
						return v
					}
				}
				f.line = line
				return f.s.index(o, key, of)
			}
		}
	}
	operands := compileOperands(e.Object, e.Key)
	return func(f *frame) Value {
		o, k := operands(f)
		if t, ok := o.(*Table); ok {
			if text, ok := k.(string); ok {
				f.s.charge(text)
			}
			if v := t.Get(k); v != nil || t.Meta == nil {
				return v
			}
		}
		f.line = line
		return f.s.index(o, k, of)
	}
}

func compileFunction(tree *ast.Function) evalFn {
	p := &proto{Function: tree}
	return func(f *frame) Value {
		fn := &Function{id: nextID(), proto: p, env: f.fn.env}
		if n := len(p.Upvalues); n > 0 {
			fn.cells = make([]*cell, n)
			for i, u := range p.Upvalues {
				if u.Local != nil {
					fn.cells[i] = f.slots[u.Local.Slot].(*cell)
				} else {
					fn.cells[i] = f.fn.cells[u.Index]
				}
			}
		}
		f.s.Alloc(bytesOfFunction + len(fn.cells)*bytesOfCell)
		return fn
	}
}

// asLocal returns the local variable that an expression is, in parentheses or not, or nil.
// PUC-Rio's machine holds it in a register and reads it only when it computes. So code that
// is evaluated in between may change it.
func asLocal(e ast.Expr) *ast.Local {
	switch e := e.(type) {
	case *ast.LocalVar:
		return e.Local
	case *ast.Paren:
		return asLocal(e.Inner)
	}
	return nil
}

// compileOperands evaluates two expressions. A local on the left is read after the right side.
func compileOperands(left, right ast.Expr) func(f *frame) (a, b Value) {
	x, y := compileExpr(left), compileExpr(right)
	if asLocal(left) != nil {
		return func(f *frame) (Value, Value) {
			b := y(f)
			return x(f), b
		}
	}
	if !mayCall(right) {
		return func(f *frame) (Value, Value) {
			a := x(f)
			return a, y(f)
		}
	}
	return func(f *frame) (Value, Value) {
		a := x(f)
		return a, f.keeping(a, y)
	}
}

// mayCall says whether an expression may call a function, perhaps as a metamethod.
func mayCall(e ast.Expr) bool {
	switch e := e.(type) {
	case *ast.Constant, *ast.LocalVar, *ast.Upvalue, *ast.Global, *ast.FunctionExpr, *selfExpr, *ast.Varargs:
		return false
	case *ast.Paren:
		return mayCall(e.Inner)
	}
	return true
}

// keeping evaluates an expression while a value is in the stack, where its memory is counted.
func (f *frame) keeping(v Value, eval evalFn) Value {
	if !isLarge(v) {
		return eval(f)
	}
	th := f.s.th
	m := th.mark()
	th.alloc(1)[0] = v
	x := eval(f)
	th.release(m)
	return x
}

func compileBinary(e *ast.Binary) evalFn {
	if e.Op >= ast.Eq {
		holds := compileComparison(e)
		return func(f *frame) Value { return holds(f) }
	}
	operands, op, line := compileOperands(e.Left, e.Right), e.Op, e.Line
	ofA, ofB := siteOf(e.Left), siteOf(e.Right)
	slow := func(f *frame, a, b Value) Value {
		f.line = line
		return f.s.arithmetic(op, a, b, ofA, ofB)
	}
	switch op {
	case ast.Add:
		return func(f *frame) Value {
			a, b := operands(f)
			if x, ok := a.(float64); ok {
				if y, ok := b.(float64); ok {
					return Number(x + y)
				}
			}
			return slow(f, a, b)
		}
	case ast.Sub:
		return func(f *frame) Value {
			a, b := operands(f)
			if x, ok := a.(float64); ok {
				if y, ok := b.(float64); ok {
					return Number(x - y)
				}
			}
			return slow(f, a, b)
		}
	}
	return func(f *frame) Value {
		a, b := operands(f)
		if x, ok := a.(float64); ok {
			if y, ok := b.(float64); ok {
				return Number(compute(op, x, y))
			}
		}
		return slow(f, a, b)
	}
}

// compileComparison compiles a comparison. a > b runs as b < a, and a >= b as b <= a, but a
// is evaluated first.
func compileComparison(e *ast.Binary) func(f *frame) bool {
	operands, line := compileOperands(e.Left, e.Right), e.Line
	swap := e.Op == ast.Gt || e.Op == ast.Ge
	switch e.Op {
	case ast.Eq, ast.Ne:
		want := e.Op == ast.Eq
		return func(f *frame) bool {
			a, b := operands(f)
			if text, ok := a.(string); ok {
				f.s.charge(text)
			}
			if a == b {
				return want
			}
			f.line = line
			return f.s.Equal(a, b) == want
		}
	case ast.Lt, ast.Gt:
		return func(f *frame) bool {
			a, b := operands(f)
			if swap {
				a, b = b, a
			}
			if x, ok := a.(float64); ok {
				if y, ok := b.(float64); ok {
					return x < y
				}
			}
			f.line = line
			return f.s.Less(a, b)
		}
	}
	return func(f *frame) bool {
		a, b := operands(f)
		if swap {
			a, b = b, a
		}
		if x, ok := a.(float64); ok {
			if y, ok := b.(float64); ok {
				return x <= y
			}
		}
		f.line = line
		return f.s.lessEqual(a, b)
	}
}

// compileConcat evaluates all operands and joins them from the right. It joins adjacent
// texts in one step.
func compileConcat(e *ast.Concat) evalFn {
	list, line := compileList(singles(e.Operands), len(e.Operands)), e.Line
	sites := make([]site, len(e.Operands))
	for i, o := range e.Operands {
		sites[i] = siteOf(o)
	}
	return func(f *frame) Value {
		th := f.s.th
		m := th.mark()
		values := list(f)
		f.line = line
		for n := len(values); n > 1; n = len(values) {
			start, size := n, 0
			for start > 0 && isText(values[start-1]) {
				start--
			}
			if n-start < 2 {
				var of site
				if n == len(sites) {
					of = sites[n-1]
				}
				values[n-2] = f.s.concat(values[n-2], values[n-1], sites[n-2], of)
				values = values[:n-1]
				continue
			}
			for i, v := range values[start:] {
				text, _ := ToText(v)
				values[start+i] = text
				size += len(text)
			}
			f.s.Alloc(size)
			joined := make([]byte, 0, size)
			for _, v := range values[start:] {
				joined = append(joined, v.(string)...)
			}
			values[start] = string(joined)
			values = values[:start+1]
		}
		th.release(m)
		return values[0]
	}
}

func isText(v Value) bool {
	switch v.(type) {
	case string, float64:
		return true
	}
	return false
}

// singles limits each expression to its first value.
func singles(exprs []ast.Expr) []ast.Expr {
	list := make([]ast.Expr, len(exprs))
	for i, e := range exprs {
		list[i] = e
		if isMulti(e) {
			list[i] = &ast.Paren{Inner: e}
		}
	}
	return list
}

func compileUnary(e *ast.Unary) evalFn {
	operand, line, of := compileExpr(e.Operand), e.Line, siteOf(e.Operand)
	switch e.Op {
	case ast.Not:
		return func(f *frame) Value { return !Truth(operand(f)) }
	case ast.Len:
		return func(f *frame) Value {
			v := operand(f)
			f.line = line
			return f.s.length(v, of)
		}
	}
	return func(f *frame) Value {
		v := operand(f)
		if x, ok := v.(float64); ok {
			return Number(-x)
		}
		f.line = line
		return f.s.arithmetic(ast.Minus, v, v, of, of)
	}
}

func compileConstructor(e *ast.Constructor) evalFn {
	array := e.Array
	var more multiFn
	fields := e.Fields
	if n := len(fields); n > 0 && fields[n-1].Key == nil && isMulti(fields[n-1].Value) {
		more = compileMulti(fields[n-1].Value)
		fields = fields[:n-1]
		array--
	}
	type entry struct {
		pair  func(f *frame) (key, value Value) // nil for a list element
		value evalFn                            // of a list element
		line  int
	}
	entries := make([]entry, len(fields))
	count := 0
	for i, fd := range fields {
		if fd.Key != nil {
			entries[i] = entry{pair: compileOperands(fd.Key, fd.Value), line: fd.Line}
		} else {
			entries[i] = entry{value: compileExpr(fd.Value)}
			count++
		}
	}
	arraySize, hashSize := roundSize(array), roundSize(e.Hash)
	return func(f *frame) Value {
		s := f.s
		s.Alloc(bytesOfTable + (arraySize+hashSize)*bytesOfElement)
		t := NewTable(arraySize, hashSize)
		m := s.th.mark()
		// List elements are set in batches, other fields at once.
		s.th.alloc(1)[0] = t
		waiting := s.th.alloc(min(count, listBatch))
		n, done := 0, 0
		flush := func() {
			t.growArray(done + n) // a field may have shrunk the array
			copy(t.array[done:], waiting[:n])
			done, n = done+n, 0
		}
		for i := range entries {
			en := &entries[i]
			if en.pair == nil {
				if n == listBatch {
					flush()
				}
				waiting[n] = en.value(f)
				n++
				continue
			}
			key, value := en.pair(f)
			f.line = en.line
			s.rawSet(t, key, value)
		}
		if more != nil {
			rest := more(f)
			s.Alloc(len(rest) * bytesOfElement)
			t.growArray(count + len(rest))
			copy(t.array[count:], rest)
		}
		flush()
		s.th.release(m)
		return t
	}
}

// listBatch is the number of list elements that PUC-Rio's machine sets at a time.
const listBatch = 50

// roundSize rounds a size up as PUC-Rio's machine does: an instruction holds it as a 3-bit
// mantissa and an exponent.
func roundSize(n int) int {
	exponent := 0
	for n >= 16 {
		n = (n + 1) >> 1
		exponent++
	}
	return n << exponent
}
