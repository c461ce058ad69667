package lua

import "fmt"

const (
	maxLevels    = 200  // of nested syntax (LUAI_MAXCCALLS)
	maxDeep      = 4000 // of the tree; a row of operators or indexes adds depth but no levels
	maxLocals    = 200
	maxRegisters = 250
	maxUpvalues  = 60
)

// An operator takes operands of one kind.
type operator int

const (
	opAdd operator = iota
	opSub
	opMul
	opDiv
	opMod
	opPow
	opConcat
	opEq
	opNe
	opLt
	opLe
	opGt
	opGe
	opAnd
	opOr
	opMinus
	opNot
	opLen
)

var binaryOperators = map[token]struct {
	op          operator
	left, right int
}{
	'+': {opAdd, 6, 6}, '-': {opSub, 6, 6}, '*': {opMul, 7, 7}, '/': {opDiv, 7, 7}, '%': {opMod, 7, 7},
	'^': {opPow, 10, 9}, tkConcat: {opConcat, 5, 4},
	tkEq: {opEq, 3, 3}, tkNe: {opNe, 3, 3}, '<': {opLt, 3, 3}, tkLe: {opLe, 3, 3}, '>': {opGt, 3, 3}, tkGe: {opGe, 3, 3},
	tkAnd: {opAnd, 2, 2}, tkOr: {opOr, 1, 1},
}

const unaryPriority = 8

// A parser makes the tree of a chunk and decides where each variable is stored.
type parser struct {
	*lexer
	fs     *funcState
	levels int
	deep   int // the depth of the last expression's tree
	held   int // registers that hold evaluated values
}

type funcState struct {
	proto  *proto
	outer  *funcState
	active []*local
	levels int   // of enclosing syntax
	loops  int   // enclosing loops
	zero   Value // the first of 0 and -0 among its constants; it replaces the other one, because both are one key
}

// parse makes a proto of source, or returns a syntax error.
func parse(source, name string, levels int) (p *proto, err error) {
	defer func() {
		switch e := recover().(type) {
		case nil:
		case syntaxError:
			err = e
		default:
			panic(e)
		}
	}()
	ps := &parser{lexer: newLexer(source, name), levels: levels}
	ps.fs = &funcState{proto: &proto{source: name, vararg: true}, levels: levels}
	ps.next()
	ps.fs.proto.body = ps.chunk()
	ps.check(tkEOS)
	return ps.fs.proto, nil
}

func (p *parser) syntaxError(message string) { p.fail(message, p.token) }

func (p *parser) check(t token) {
	if p.token != t {
		p.syntaxError(fmt.Sprintf("'%v' expected", t))
	}
}

func (p *parser) expect(t token) {
	p.check(t)
	p.next()
}

func (p *parser) accept(t token) bool {
	if p.token == t {
		p.next()
		return true
	}
	return false
}

// closes skips the token that closes a construct. The error names the line where the construct began, if that is another one.
func (p *parser) closes(what, opened token, line int) {
	if p.accept(what) {
		return
	}
	if line == p.line {
		p.check(what)
	}
	p.syntaxError(fmt.Sprintf("'%v' expected (to close '%v' at line %d)", what, opened, line))
}

func (p *parser) nameToken() string {
	p.check(tkName)
	name := p.text
	p.next()
	return name
}

func (p *parser) enter() {
	p.levels++
	if p.levels > maxLevels {
		p.fail("chunk has too many syntax levels", 0)
	}
}

func (p *parser) leave() { p.levels-- }

func (p *parser) limit(value, limit int, what string) {
	if value <= limit {
		return
	}
	where := "main function"
	if line := p.fs.proto.line; line != 0 {
		where = fmt.Sprintf("function at line %d", line)
	}
	p.fail(fmt.Sprintf("%s has more than %d %s", where, limit, what), 0)
}

// declare makes a local that is not visible until show. count is the number of locals
// that are declared but not yet visible.
func (p *parser) declare(name string, count int) *local {
	p.limit(len(p.fs.active)+count+1, maxLocals, "local variables")
	return &local{name: name, slot: len(p.fs.active) + count}
}

func (p *parser) show(vars ...*local) {
	p.fs.active = append(p.fs.active, vars...)
	p.fs.proto.slots = max(p.fs.proto.slots, len(p.fs.active))
}

// variable makes the expression for a name at the current place.
func (p *parser) variable(name string) expr {
	if v := p.fs.find(name); v != nil {
		return &localVar{v}
	}
	if i := p.upvalue(p.fs, name); i >= 0 {
		return &upvalue{name, i}
	}
	return &global{name: name}
}

func (fs *funcState) find(name string) *local {
	for i := len(fs.active) - 1; i >= 0; i-- {
		if fs.active[i].name == name {
			return fs.active[i]
		}
	}
	return nil
}

// upvalue returns the index of the upvalue of that name and adds it if necessary. It
// returns -1 if no enclosing function has such a local.
func (p *parser) upvalue(fs *funcState, name string) int {
	if fs.outer == nil {
		return -1
	}
	source := upvalueSource{name: name, index: -1}
	if v := fs.outer.find(name); v != nil {
		v.captured = true
		source.local = v
	} else if source.index = p.upvalue(fs.outer, name); source.index < 0 {
		return -1
	}
	for i, u := range fs.proto.upvalues {
		if u == source {
			return i
		}
	}
	if len(fs.proto.upvalues) >= maxUpvalues {
		old := p.fs
		p.fs = fs
		p.limit(len(fs.proto.upvalues)+1, maxUpvalues, "upvalues")
		p.fs = old
	}
	fs.proto.upvalues = append(fs.proto.upvalues, source)
	return len(fs.proto.upvalues) - 1
}

// placed gives an expression the line of the previous token, unless it has a line:
// PUC-Rio's compiler makes the instruction at this point.
func (p *parser) placed(e expr) expr {
	switch e := e.(type) {
	case *global:
		if e.line == 0 {
			e.line = p.lastLine
		}
	case *index:
		if e.line == 0 {
			e.line = p.lastLine
		}
	case *paren:
		p.placed(e.inner)
	case *constant:
		if e.value == small[0] {
			if p.fs.zero == nil {
				p.fs.zero = e.value
			}
			e.value = p.fs.zero
		}
	}
	return e
}

// folded computes an operator on two constant numbers at compile time, as PUC-Rio's
// compiler does. For a unary minus, both operands are the same expression.
func folded(op operator, left, right expr) (expr, bool) {
	a, okA := left.(*constant)
	b, okB := right.(*constant)
	if !okA || !okB {
		return nil, false
	}
	x, okA := a.value.(float64)
	y, okB := b.value.(float64)
	if !okA || !okB || y == 0 && (op == opDiv || op == opMod) {
		return nil, false
	}
	if f := compute(op, x, y); f == f {
		return &constant{Number(f)}, true
	}
	return nil, false
}

// chunk reads statements up to the token that closes the block.
func (p *parser) chunk() []stat {
	p.enter()
	p.fs.proto.deep = max(p.fs.proto.deep, p.levels-p.fs.levels)
	var stats []stat
	for last := false; !last && !blockEnds(p.token); {
		var s stat
		s, last = p.statement()
		stats = append(stats, s)
		p.accept(';')
	}
	p.leave()
	return stats
}

func blockEnds(t token) bool {
	switch t {
	case tkElse, tkElseif, tkEnd, tkEOS, tkUntil:
		return true
	}
	return false
}

// block is a chunk with its own local variables.
func (p *parser) block() []stat {
	shown := len(p.fs.active)
	stats := p.chunk()
	p.fs.active = p.fs.active[:shown]
	return stats
}

func (p *parser) statement() (s stat, last bool) {
	line := p.line
	switch p.token {
	case tkIf:
		return p.ifStatement(line), false
	case tkWhile:
		p.next()
		condition := p.placed(p.expr())
		p.expect(tkDo)
		body := p.loop(p.block)
		p.closes(tkEnd, tkWhile, line)
		return &whileStat{condition, body, line}, false
	case tkDo:
		p.next()
		body := p.block()
		p.closes(tkEnd, tkDo, line)
		return &doStat{body}, false
	case tkFor:
		return p.forStatement(line), false
	case tkRepeat:
		p.next()
		shown := len(p.fs.active)
		body := p.loop(p.chunk)
		p.closes(tkUntil, tkRepeat, line)
		condition := p.placed(p.expr())
		p.fs.active = p.fs.active[:shown]
		return &repeatStat{body, condition, line}, false
	case tkFunction:
		return p.functionStatement(line), false
	case tkLocal:
		p.next()
		if p.accept(tkFunction) {
			v := p.declare(p.nameToken(), 0)
			p.show(v)
			return &localFunction{v, p.body(false, p.line)}, false
		}
		return p.localStatement(), false
	case tkReturn:
		return p.returnStatement(), true
	case tkBreak:
		p.next()
		if p.fs.loops == 0 {
			p.syntaxError("no loop to break")
		}
		return &breakStat{}, true
	}
	return p.exprStatement(), false
}

func (p *parser) loop(body func() []stat) []stat {
	p.fs.loops++
	stats := body()
	p.fs.loops--
	return stats
}

func (p *parser) ifStatement(line int) stat {
	s := &ifStat{}
	branch := func() {
		p.next()
		s.conditions = append(s.conditions, p.placed(p.expr()))
		p.expect(tkThen)
		s.blocks = append(s.blocks, p.block())
	}
	branch()
	for p.token == tkElseif {
		branch()
	}
	if p.accept(tkElse) {
		s.blocks = append(s.blocks, p.block())
	}
	p.closes(tkEnd, tkIf, line)
	return s
}

func (p *parser) forStatement(line int) stat {
	p.next()
	shown := len(p.fs.active)
	first := p.nameToken()
	var s stat
	switch p.token {
	case '=':
		p.next()
		start := p.placed(p.expr())
		p.expect(',')
		limit := p.placed(p.expr())
		var step expr = &constant{Number(1)}
		if p.accept(',') {
			step = p.placed(p.expr())
		}
		p.hidden("(for index)", "(for limit)", "(for step)")
		v := p.declare(first, 0)
		p.expect(tkDo)
		f := &numericFor{variable: v, start: start, limit: limit, step: step, line: p.lastLine}
		f.body = p.forBody(v)
		s = f
	case ',', tkIn:
		names := []string{first}
		for p.accept(',') {
			names = append(names, p.nameToken())
		}
		p.expect(tkIn)
		exprs := p.exprs()
		p.hidden("(for generator)", "(for state)", "(for control)")
		var vars []*local
		for i, name := range names {
			vars = append(vars, p.declare(name, i))
		}
		p.expect(tkDo)
		s = &genericFor{vars: vars, exprs: exprs, body: p.forBody(vars...), line: line}
	default:
		p.syntaxError("'=' or 'in' expected")
	}
	p.closes(tkEnd, tkFor, line)
	p.fs.active = p.fs.active[:shown]
	return s
}

func (p *parser) hidden(names ...string) {
	for _, name := range names {
		p.show(p.declare(name, 0))
	}
}

func (p *parser) forBody(vars ...*local) []stat {
	shown := len(p.fs.active)
	p.show(vars...)
	body := p.loop(p.block)
	p.fs.active = p.fs.active[:shown]
	return body
}

func (p *parser) functionStatement(line int) stat {
	p.next()
	target := p.variable(p.nameToken())
	method := false
	for p.token == '.' || p.token == ':' {
		method = p.token == ':'
		p.placed(target)
		p.next()
		target = &index{object: target, key: &constant{p.nameToken()}}
		if method {
			break
		}
	}
	body := p.body(method, line)
	return &assignStat{targets: []expr{target}, exprs: []expr{body}, line: line}
}

func (p *parser) localStatement() stat {
	s := &localStat{}
	for {
		s.vars = append(s.vars, p.declare(p.nameToken(), len(s.vars)))
		if !p.accept(',') {
			break
		}
	}
	if p.accept('=') {
		s.exprs = p.exprs()
	}
	p.show(s.vars...)
	return s
}

func (p *parser) returnStatement() stat {
	p.next()
	s := &returnStat{}
	if !blockEnds(p.token) && p.token != ';' {
		s.exprs = p.exprs()
	}
	s.line = p.lastLine
	return s
}

func (p *parser) exprStatement() stat {
	e := p.primary()
	if isCall(e) {
		return &callStat{e}
	}
	s := &assignStat{targets: []expr{e}}
	for {
		switch e.(type) {
		case *localVar, *upvalue, *global, *index:
		default:
			p.syntaxError("syntax error")
		}
		if !p.accept(',') {
			break
		}
		e = p.primary()
		s.targets = append(s.targets, e)
		if isCall(e) {
			p.syntaxError("syntax error")
		}
		p.limit(len(s.targets), maxLevels-p.levels, "variables in assignment")
	}
	p.expect('=')
	s.exprs = p.exprs()
	s.line = p.lastLine
	return s
}

func isCall(e expr) bool {
	switch e.(type) {
	case *call, *methodCall:
		return true
	}
	return false
}

// exprs reads a list of at least one expression.
func (p *parser) exprs() []expr {
	list := p.argList()
	p.placed(list[len(list)-1])
	return list
}

func (p *parser) expr() expr {
	e, _ := p.subexpr(0)
	return e
}

// deeper records that the last expression is inside another one. than is the depth of the
// other one without it.
func (p *parser) deeper(than int) {
	p.deep = max(p.deep, than) + 1
	if p.deep > maxDeep {
		p.fail("function or expression too complex", p.token)
	}
	p.fs.proto.deep = max(p.fs.proto.deep, p.deep)
}

// subexpr reads operators that bind more tightly than the limit.
func (p *parser) subexpr(limit int) (e expr, op token) {
	p.enter()
	defer p.leave()
	switch p.token {
	case tkNot, '-', '#':
		u := &unary{op: map[token]operator{tkNot: opNot, '-': opMinus, '#': opLen}[p.token]}
		p.next()
		u.operand, _ = p.subexpr(unaryPriority)
		p.deeper(0)
		u.line = p.lastLine
		e = u
		if number, ok := folded(opMinus, u.operand, u.operand); ok && u.op == opMinus {
			e = number
		} else {
			p.placed(u.operand)
		}
	default:
		e = p.simple()
	}
	for {
		priority, ok := binaryOperators[p.token]
		if !ok || priority.left <= limit {
			return e, p.token
		}
		p.next()
		if _, constant := e.(*constant); !constant {
			p.placed(e)
		}
		left := p.deep
		right, _ := p.subexpr(priority.right)
		p.deeper(left)
		if number, ok := folded(priority.op, e, right); ok && priority.op <= opPow {
			e = number
			continue
		}
		e = p.binary(priority.op, p.placed(e), p.placed(right))
	}
}

func (p *parser) binary(op operator, left, right expr) expr {
	switch op {
	case opAnd, opOr:
		if c, ok := left.(*constant); ok && Truth(c.value) == (op == opAnd) {
			return &paren{right}
		}
		return &logical{op == opAnd, left, right}
	case opConcat:
		if rest, ok := right.(*concat); ok {
			return &concat{append([]expr{left}, rest.operands...), rest.line}
		}
		return &concat{[]expr{left, right}, p.lastLine}
	}
	return &binary{op, left, right, p.lastLine}
}

func (p *parser) simple() expr {
	p.deep = 0
	var e expr
	switch p.token {
	case tkNumber:
		e = &constant{Number(p.number)}
	case tkString:
		e = &constant{p.text}
	case tkNil:
		e = &constant{nil}
	case tkTrue:
		e = &constant{true}
	case tkFalse:
		e = &constant{false}
	case tkDots:
		if !p.fs.proto.vararg {
			p.syntaxError("cannot use '...' outside a vararg function")
		}
		p.fs.proto.needsArg = false
		e = &varargs{}
	case '{':
		return p.constructor()
	case tkFunction:
		p.next()
		return p.body(false, p.line)
	default:
		return p.primary()
	}
	p.next()
	return e
}

// primary reads a name or an expression in parentheses, and the indexes and calls after it.
func (p *parser) primary() expr {
	var e expr
	switch p.token {
	case '(':
		line := p.line
		p.next()
		inner := p.expr()
		p.deeper(0)
		p.closes(')', '(', line)
		if _, constant := inner.(*constant); constant {
			e = inner
		} else {
			e = &paren{p.placed(inner)}
		}
	case tkName:
		p.deep = 0
		e = p.variable(p.nameToken())
	default:
		p.syntaxError("unexpected symbol")
	}
	for {
		before := p.deep
		switch p.token {
		case '.':
			p.placed(e)
			p.next()
			e = &index{object: e, key: &constant{p.nameToken()}}
		case '[':
			p.placed(e)
			p.next()
			key := p.placed(p.expr())
			p.expect(']')
			e = &index{object: e, key: key}
		case ':':
			p.next()
			name := p.nameToken()
			p.placed(e)
			c := &methodCall{object: e, name: name, self: p.lastLine, site: site{"method", name}}
			c.line = p.line
			p.hold()
			p.hold()
			c.args = p.args()
			p.held -= 2
			e = c
		case '(', tkString, '{':
			p.placed(e)
			c := &call{function: e, line: p.line, site: siteOf(e)}
			p.hold()
			c.args = p.args()
			p.held--
			e = c
		default:
			return e
		}
		p.deeper(before)
	}
}

func (p *parser) args() []expr {
	line := p.line
	p.deep = 0
	switch p.token {
	case '(':
		if line != p.lastLine {
			p.syntaxError("ambiguous syntax (function call x new statement)")
		}
		p.next()
		var args []expr
		if p.token != ')' {
			args = p.argList()
		}
		p.closes(')', '(', line)
		if len(args) > 0 {
			p.placed(args[len(args)-1])
		}
		return args
	case '{':
		return []expr{p.constructor()}
	case tkString:
		e := &constant{p.text}
		p.next()
		return []expr{e}
	}
	p.syntaxError("function arguments expected")
	return nil
}

// argList is exprs, but the last expression has no line yet.
func (p *parser) argList() []expr {
	held := p.held
	list := []expr{p.expr()}
	for p.accept(',') {
		p.placed(list[len(list)-1])
		p.hold()
		before := p.deep
		list = append(list, p.expr())
		p.deep = max(p.deep, before)
	}
	p.held = held
	return list
}

// hold records that a value stays in a register while the next one is evaluated.
func (p *parser) hold() {
	p.held++
	if len(p.fs.active)+p.held >= maxRegisters {
		p.fail("function or expression too complex", p.token)
	}
}

func (p *parser) constructor() expr {
	line := p.line
	c := &constructor{}
	p.expect('{')
	for p.token != '}' {
		before := p.deep
		switch {
		case p.token == tkName && p.lookAhead() == '=':
			key := &constant{p.nameToken()}
			p.next()
			c.fields = append(c.fields, field{key, p.placed(p.expr()), p.lastLine})
			c.hash++
		case p.token == '[':
			p.next()
			key := p.placed(p.expr())
			p.expect(']')
			p.expect('=')
			c.fields = append(c.fields, field{key, p.placed(p.expr()), p.lastLine})
			c.hash++
		default:
			c.fields = append(c.fields, field{nil, p.placed(p.expr()), p.lastLine})
			c.array++
		}
		p.deep = max(p.deep, before)
		if !p.accept(',') && !p.accept(';') {
			break
		}
	}
	p.deeper(0)
	p.closes('}', '{', line)
	return c
}

// body reads the parameters and statements of a function.
func (p *parser) body(method bool, line int) expr {
	fs := &funcState{proto: &proto{source: p.name, line: line}, outer: p.fs, levels: p.levels}
	held := p.held
	p.fs, p.held = fs, 0
	p.expect('(')
	if method {
		p.param("self")
	}
	for p.token != ')' {
		switch p.token {
		case tkName:
			p.param(p.nameToken())
		case tkDots:
			p.next()
			fs.proto.vararg, fs.proto.needsArg = true, true
			fs.proto.arg = p.declare("arg", len(fs.proto.params))
		default:
			p.syntaxError("<name> or '...' expected")
		}
		if fs.proto.vararg || !p.accept(',') {
			break
		}
		if p.token == ')' {
			p.syntaxError("<name> or '...' expected")
		}
	}
	p.show(fs.proto.params...)
	if fs.proto.arg != nil {
		p.show(fs.proto.arg)
	}
	p.expect(')')
	fs.proto.body = p.chunk()
	p.closes(tkEnd, tkFunction, line)
	p.fs, p.held, p.deep = fs.outer, held, fs.proto.deep
	p.deeper(0)
	return &function{fs.proto}
}

func (p *parser) param(name string) {
	ps := &p.fs.proto.params
	*ps = append(*ps, p.declare(name, len(*ps)))
}
