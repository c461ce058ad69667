package lua

import "slices"

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

// compile makes the closures of a function and of its inner functions.
func compile(p *proto) {
	p.run = compileBlock(p.body)
	p.body = nil
}

func compileBlock(stats []stat) execFn {
	steps := make([]execFn, len(stats))
	for i, s := range stats {
		steps[i] = compileStat(s)
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

func compileStat(s stat) execFn {
	switch s := s.(type) {
	case *localStat:
		return compileLocal(s)
	case *assignStat:
		return compileAssign(s)
	case *callStat:
		run := compileMulti(s.call)
		return func(f *frame) flow {
			run(f)
			return flowNext
		}
	case *doStat:
		return compileBlock(s.body)
	case *ifStat:
		return compileIf(s)
	case *whileStat:
		return compileWhile(s)
	case *repeatStat:
		return compileRepeat(s)
	case *numericFor:
		return compileNumericFor(s)
	case *genericFor:
		return compileGenericFor(s)
	case *localFunction:
		function, v := compileExpr(s.function), s.variable
		if !v.captured {
			return func(f *frame) flow {
				f.slots[v.slot] = function(f)
				return flowNext
			}
		}
		return func(f *frame) flow {
			c := &cell{} // the function captures it before it is set
			f.slots[v.slot] = c
			c.v = function(f)
			return flowNext
		}
	case *returnStat:
		return compileReturn(s)
	default: // *breakStat
		return func(*frame) flow { return flowBreak }
	}
}

func compileLocal(s *localStat) execFn {
	if len(s.vars) == 1 && len(s.exprs) == 1 {
		v, value := s.vars[0], compileExpr(s.exprs[0])
		slot := v.slot
		if !v.captured {
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
	values := compileList(s.exprs, len(s.vars))
	vars := s.vars
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
func compileList(exprs []expr, want int) multiFn {
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

func isMulti(e expr) bool {
	switch e.(type) {
	case *call, *methodCall, *varargs:
		return true
	}
	return false
}

func compileMulti(e expr) multiFn {
	switch e := e.(type) {
	case *call:
		return compileCall(e)
	case *methodCall:
		return compileMethodCall(e)
	default: // *varargs
		return func(f *frame) []Value { return f.varargs }
	}
}

func compileCall(c *call) multiFn {
	function := compileExpr(c.function)
	line, from := c.line, c.site
	switch {
	case len(c.args) == 1 && !isMulti(c.args[0]):
		arg := compileExpr(c.args[0])
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
		list := compileList(c.args, -1)
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

func compileMethodCall(c *methodCall) multiFn {
	look := compileMethod(c)
	list := compileList(append([]expr{&selfExpr{}}, c.args...), -1)
	line, from := c.line, c.site
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

func compileMethod(c *methodCall) func(f *frame) (fn, object Value) {
	object, of := compileExpr(c.object), siteOf(c.object)
	name, line := c.name, c.self
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

func compileReturn(s *returnStat) execFn {
	if len(s.exprs) == 1 {
		switch e := s.exprs[0].(type) {
		case *call:
			function, list := compileExpr(e.function), compileList(e.args, -1)
			return compileTail(func(f *frame) (Value, []Value) { return function(f), list(f) }, e.line, e.site)
		case *methodCall:
			look, list := compileMethod(e), compileList(append([]expr{&selfExpr{}}, e.args...), -1)
			return compileTail(func(f *frame) (Value, []Value) {
				fn, object := look(f)
				f.self = object
				return fn, list(f)
			}, e.line, e.site)
		case *varargs:
		default:
			value := compileExpr(e)
			return func(f *frame) flow {
				x := value(f)
				f.ret = f.s.Return(x)
				return flowReturn
			}
		}
	}
	list := compileList(s.exprs, -1)
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

func compileIf(s *ifStat) execFn {
	conditions := make([]func(*frame) bool, len(s.conditions))
	for i, c := range s.conditions {
		conditions[i] = compileCondition(c)
	}
	blocks := make([]execFn, len(s.blocks))
	for i, b := range s.blocks {
		blocks[i] = compileBlock(b)
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

func compileWhile(s *whileStat) execFn {
	condition, body, line := compileCondition(s.condition), compileBlock(s.body), s.line
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

func compileRepeat(s *repeatStat) execFn {
	body, condition, line := compileBlock(s.body), compileCondition(s.condition), s.line
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

func compileNumericFor(s *numericFor) execFn {
	start, limit, step := compileExpr(s.start), compileExpr(s.limit), compileExpr(s.step)
	body, variable, line := compileBlock(s.body), s.variable, s.line
	number := func(f *frame, v Value, what string) float64 {
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

func compileGenericFor(s *genericFor) execFn {
	list, body, vars, line := compileList(s.exprs, 3), compileBlock(s.body), s.vars, s.line
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
func compileTarget(e expr, later []expr, line int) target {
	switch e := e.(type) {
	case *localVar:
		slot := e.slot
		if e.captured {
			return target{set: func(f *frame, _, _, x Value) { f.slots[slot].(*cell).v = x }}
		}
		return target{set: func(f *frame, _, _, x Value) { f.slots[slot] = x }}
	case *upvalue:
		i := e.index
		return target{set: func(f *frame, _, _, x Value) { f.fn.cells[i].v = x }}
	case *global:
		name := e.name
		var key Value = name
		return target{set: func(f *frame, _, _, x Value) {
			f.line = line
			f.s.setIndex(f.fn.env, key, x, site{})
		}}
	default:
		ix := e.(*index)
		of := siteOf(ix.object)
		var early, late target
		early.object, late.object = compileOperand(ix.object, later)
		early.key, late.key = compileOperand(ix.key, later)
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
func compileOperand(e expr, later []expr) (early, late evalFn) {
	v := asLocal(e)
	if v == nil || slices.ContainsFunc(later, func(e expr) bool { return asLocal(e) == v }) {
		return compileExpr(e), nil
	}
	return nil, compileExpr(e)
}

func compileAssign(s *assignStat) execFn {
	if len(s.targets) == 1 && len(s.exprs) == 1 {
		t, value := compileTarget(s.targets[0], nil, s.line), compileExpr(s.exprs[0])
		set := t.set
		if t.object == nil && t.key == nil {
			return func(f *frame) flow {
				set(f, nil, nil, value(f))
				return flowNext
			}
		}
		return func(f *frame) flow {
			object, key := t.operands(f)
			set(f, object, key, value(f))
			return flowNext
		}
	}
	targets := make([]target, len(s.targets))
	for i, e := range s.targets {
		targets[i] = compileTarget(e, s.targets[i+1:], s.line)
	}
	list := compileList(s.exprs, len(targets))
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

func compileExpr(e expr) evalFn {
	switch e := e.(type) {
	case *constant:
		v := e.value
		return func(*frame) Value { return v }
	case *localVar:
		slot := e.slot
		if e.captured {
			return func(f *frame) Value { return f.slots[slot].(*cell).v }
		}
		return func(f *frame) Value { return f.slots[slot] }
	case *upvalue:
		i := e.index
		return func(f *frame) Value { return f.fn.cells[i].v }
	case *global:
		return compileGlobal(e)
	case *index:
		return compileIndex(e)
	case *selfExpr:
		return func(f *frame) Value { return f.self }
	case *call, *methodCall, *varargs:
		multi := compileMulti(e)
		return func(f *frame) Value { return first(multi(f)) }
	case *paren:
		return compileExpr(e.inner)
	case *function:
		return compileFunction(e.proto)
	case *binary:
		return compileBinary(e)
	case *concat:
		return compileConcat(e)
	case *logical:
		left, right := compileExpr(e.left), compileExpr(e.right)
		if e.and {
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
	case *unary:
		return compileUnary(e)
	default:
		return compileConstructor(e.(*constructor))
	}
}

// compileCondition compiles an expression of which only the truth value is used.
func compileCondition(e expr) func(f *frame) bool {
	switch e := e.(type) {
	case *paren:
		return compileCondition(e.inner)
	case *logical:
		left, right := compileCondition(e.left), compileCondition(e.right)
		if e.and {
			return func(f *frame) bool { return left(f) && right(f) }
		}
		return func(f *frame) bool { return left(f) || right(f) }
	case *unary:
		if e.op == opNot {
			operand := compileCondition(e.operand)
			return func(f *frame) bool { return !operand(f) }
		}
	case *binary:
		if e.op >= opEq && e.op <= opGe {
			return compileComparison(e)
		}
	}
	value := compileExpr(e)
	return func(f *frame) bool { return Truth(value(f)) }
}

func compileGlobal(e *global) evalFn {
	name, line := e.name, e.line
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

func compileIndex(e *index) evalFn {
	object, of, line := compileExpr(e.object), siteOf(e.object), e.line
	if c, ok := e.key.(*constant); ok {
		if name, ok := c.value.(string); ok {
			hash := hashString(name)
			key := c.value
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
	operands := compileOperands(e.object, e.key)
	return func(f *frame) Value {
		o, k := operands(f)
		if t, ok := o.(*Table); ok {
			if v := t.Get(k); v != nil || t.Meta == nil {
				return v
			}
		}
		f.line = line
		return f.s.index(o, k, of)
	}
}

func compileFunction(p *proto) evalFn {
	compile(p)
	return func(f *frame) Value {
		fn := &Function{id: nextID(), proto: p, env: f.fn.env}
		if n := len(p.upvalues); n > 0 {
			fn.cells = make([]*cell, n)
			for i, u := range p.upvalues {
				if u.local != nil {
					fn.cells[i] = f.slots[u.local.slot].(*cell)
				} else {
					fn.cells[i] = f.fn.cells[u.index]
				}
			}
		}
		f.s.Alloc(bytesOfElement)
		return fn
	}
}

// asLocal returns the local variable that an expression is, in parentheses or not, or nil.
// PUC-Rio's machine holds it in a register and reads it only when it computes. So code that
// is evaluated in between may change it.
func asLocal(e expr) *local {
	switch e := e.(type) {
	case *localVar:
		return e.local
	case *paren:
		return asLocal(e.inner)
	}
	return nil
}

// compileOperands evaluates two expressions. A local on the left is read after the right side.
func compileOperands(left, right expr) func(f *frame) (a, b Value) {
	x, y := compileExpr(left), compileExpr(right)
	if asLocal(left) != nil {
		return func(f *frame) (Value, Value) {
			b := y(f)
			return x(f), b
		}
	}
	return func(f *frame) (Value, Value) {
		a := x(f)
		return a, y(f)
	}
}

func compileBinary(e *binary) evalFn {
	if e.op >= opEq {
		holds := compileComparison(e)
		return func(f *frame) Value { return holds(f) }
	}
	operands, op, line := compileOperands(e.left, e.right), e.op, e.line
	ofA, ofB := siteOf(e.left), siteOf(e.right)
	slow := func(f *frame, a, b Value) Value {
		f.line = line
		return f.s.arithmetic(op, a, b, ofA, ofB)
	}
	switch op {
	case opAdd:
		return func(f *frame) Value {
			a, b := operands(f)
			if x, ok := a.(float64); ok {
				if y, ok := b.(float64); ok {
					return Number(x + y)
				}
			}
			return slow(f, a, b)
		}
	case opSub:
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
func compileComparison(e *binary) func(f *frame) bool {
	operands, line := compileOperands(e.left, e.right), e.line
	swap := e.op == opGt || e.op == opGe
	switch e.op {
	case opEq, opNe:
		want := e.op == opEq
		return func(f *frame) bool {
			a, b := operands(f)
			if a == b {
				return want
			}
			f.line = line
			return f.s.Equal(a, b) == want
		}
	case opLt, opGt:
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
func compileConcat(e *concat) evalFn {
	list, line := compileList(singles(e.operands), len(e.operands)), e.line
	sites := make([]site, len(e.operands))
	for i, o := range e.operands {
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
func singles(exprs []expr) []expr {
	list := make([]expr, len(exprs))
	for i, e := range exprs {
		list[i] = e
		if isMulti(e) {
			list[i] = &paren{e}
		}
	}
	return list
}

func compileUnary(e *unary) evalFn {
	operand, line, of := compileExpr(e.operand), e.line, siteOf(e.operand)
	switch e.op {
	case opNot:
		return func(f *frame) Value { return !Truth(operand(f)) }
	case opLen:
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
		return f.s.arithmetic(opMinus, v, v, of, of)
	}
}

func compileConstructor(e *constructor) evalFn {
	array := e.array
	var more multiFn
	fields := e.fields
	if n := len(fields); n > 0 && fields[n-1].key == nil && isMulti(fields[n-1].value) {
		more = compileMulti(fields[n-1].value)
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
		if fd.key != nil {
			entries[i] = entry{pair: compileOperands(fd.key, fd.value), line: fd.line}
		} else {
			entries[i] = entry{value: compileExpr(fd.value)}
			count++
		}
	}
	arraySize, hashSize := roundSize(array), roundSize(e.hash)
	return func(f *frame) Value {
		s := f.s
		s.Alloc((arraySize + hashSize + 1) * bytesOfElement)
		t := NewTable(arraySize, hashSize)
		m := s.th.mark()
		// List elements are set in batches, other fields at once.
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
