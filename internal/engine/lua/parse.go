package lua

import (
	"fmt"

	"github.com/redis-rest/redis-rest-go/internal/engine/lua/ast"
)

const (
	maxLevels    = 200  // of nested syntax (LUAI_MAXCCALLS)
	maxDeep      = 4000 // of the tree; a row of operators or indexes adds depth but no levels
	maxLocals    = 200
	maxRegisters = 250
	maxUpvalues  = 60
)

var binaryOperators = map[token]struct {
	op          ast.Operator
	left, right int
}{
	'+': {ast.Add, 6, 6}, '-': {ast.Sub, 6, 6}, '*': {ast.Mul, 7, 7}, '/': {ast.Div, 7, 7}, '%': {ast.Mod, 7, 7},
	'^': {ast.Pow, 10, 9}, tkConcat: {ast.Join, 5, 4},
	tkEq: {ast.Eq, 3, 3}, tkNe: {ast.Ne, 3, 3}, '<': {ast.Lt, 3, 3}, tkLe: {ast.Le, 3, 3}, '>': {ast.Gt, 3, 3}, tkGe: {ast.Ge, 3, 3},
	tkAnd: {ast.And, 2, 2}, tkOr: {ast.Or, 1, 1},
}

const unaryPriority = 8

// A parser makes the tree of a chunk and decides where each variable is stored.
type parser struct {
	*lexer
	fs     *funcState
	levels int
	deep   int     // the depth of the last expression's tree
	named  ast.Pos // where the last name begins
	held   int     // registers that hold evaluated values
}

type funcState struct {
	proto  *ast.Function
	outer  *funcState
	active []*ast.Local
	levels int   // of enclosing syntax
	loops  int   // enclosing loops
	zero   Value // the first of 0 and -0 among its constants; it replaces the other one, because both are one key
}

// Parse makes the tree of a chunk, or returns a syntax error. The name is as for Load.
func Parse(source, name string) (*ast.Function, error) { return parse(source, name, 0, nil) }

func parse(source, name string, levels int, outer *funcState) (p *ast.Function, err error) {
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
	ps.fs = &funcState{proto: &ast.Function{Source: name, Unit: &ast.Unit{Size: len(source)}, Vararg: true}, outer: outer, levels: levels}
	ps.next()
	ps.fs.proto.Body = ps.chunk()
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
	p.named = ast.Pos(p.start)
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
	if line := p.fs.proto.Line; line != 0 {
		where = fmt.Sprintf("function at line %d", line)
	}
	p.fail(fmt.Sprintf("%s has more than %d %s", where, limit, what), 0)
}

// declare makes a local that is not visible until show. count is the number of locals
// that are declared but not yet visible.
func (p *parser) declare(name string, count int) *ast.Local {
	p.limit(len(p.fs.active)+count+1, maxLocals, "local variables")
	return &ast.Local{Name: name, Slot: len(p.fs.active) + count, Pos: p.named}
}

func (p *parser) show(vars ...*ast.Local) {
	for _, v := range vars {
		v.Outer = p.fs.scope()
		p.fs.active = append(p.fs.active, v)
	}
	p.fs.proto.Slots = max(p.fs.proto.Slots, len(p.fs.active))
}

// scope returns the last visible local, or nil.
func (fs *funcState) scope() *ast.Local {
	if len(fs.active) == 0 {
		return nil
	}
	return fs.active[len(fs.active)-1]
}

// variable makes the expression for a name at the current place.
func (p *parser) variable(name string) ast.Expr {
	if v := p.fs.find(name); v != nil {
		return &ast.LocalVar{Local: v, Pos: p.named}
	}
	if i := p.upvalue(p.fs, name); i >= 0 {
		return &ast.Upvalue{Name: name, Index: i, Of: p.fs.captured(i), Pos: p.named}
	}
	return &ast.Global{Name: name, Pos: p.named}
}

func (fs *funcState) find(name string) *ast.Local {
	for i := len(fs.active) - 1; i >= 0; i-- {
		if fs.active[i].Name == name {
			return fs.active[i]
		}
	}
	return nil
}

// captured returns the local of an enclosing function that an upvalue is.
func (fs *funcState) captured(i int) *ast.Local {
	u := fs.proto.Upvalues[i]
	if u.Local != nil {
		return u.Local
	}
	return fs.outer.captured(u.Index)
}

// upvalue returns the index of the upvalue of that name and adds it if necessary. It
// returns -1 if no enclosing function has such a local.
func (p *parser) upvalue(fs *funcState, name string) int {
	if fs.outer == nil {
		return -1
	}
	source := ast.UpvalueSource{Name: name, Index: -1}
	if v := fs.outer.find(name); v != nil {
		v.Captured = true
		source.Local = v
	} else if source.Index = p.upvalue(fs.outer, name); source.Index < 0 {
		return -1
	}
	for i, u := range fs.proto.Upvalues {
		if u == source {
			return i
		}
	}
	if len(fs.proto.Upvalues) >= maxUpvalues {
		old := p.fs
		p.fs = fs
		p.limit(len(fs.proto.Upvalues)+1, maxUpvalues, "upvalues")
		p.fs = old
	}
	fs.proto.Upvalues = append(fs.proto.Upvalues, source)
	return len(fs.proto.Upvalues) - 1
}

// placed gives an expression the line of the previous token, unless it has a line:
// PUC-Rio's compiler makes the instruction at this point.
func (p *parser) placed(e ast.Expr) ast.Expr {
	switch e := e.(type) {
	case *ast.Global:
		if e.Line == 0 {
			e.Line = p.lastLine
		}
	case *ast.Index:
		if e.Line == 0 {
			e.Line = p.lastLine
		}
	case *ast.Paren:
		p.placed(e.Inner)
	case *ast.Constant:
		if e.Value == small[0] {
			if p.fs.zero == nil {
				p.fs.zero = e.Value
			}
			e.Value = p.fs.zero
		}
	}
	return e
}

// folded computes an ast.Operator on two constant numbers at compile time, as PUC-Rio's
// compiler does. For a unary minus, both operands are the same expression.
func folded(op ast.Operator, left, right ast.Expr) (ast.Expr, bool) {
	a, okA := left.(*ast.Constant)
	b, okB := right.(*ast.Constant)
	if !okA || !okB {
		return nil, false
	}
	x, okA := a.Value.(float64)
	y, okB := b.Value.(float64)
	if !okA || !okB || y == 0 && (op == ast.Div || op == ast.Mod) {
		return nil, false
	}
	if f := compute(op, x, y); f == f {
		return &ast.Constant{Value: Number(f), Pos: a.Pos}, true
	}
	return nil, false
}

// chunk reads statements up to the token that closes the block.
func (p *parser) chunk() []ast.Stat {
	p.enter()
	p.fs.proto.Deep = max(p.fs.proto.Deep, p.levels-p.fs.levels)
	var stats []ast.Stat
	for last := false; !last && !blockEnds(p.token); {
		s := ast.Stat{Line: p.line, Pos: ast.Pos(p.start), Scope: p.fs.scope()}
		s.Node, last = p.statement()
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
func (p *parser) block() []ast.Stat {
	shown := len(p.fs.active)
	stats := p.chunk()
	p.fs.active = p.fs.active[:shown]
	return stats
}

func (p *parser) statement() (s any, last bool) {
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
		return &ast.WhileStat{Condition: condition, Body: body, Line: line}, false
	case tkDo:
		p.next()
		body := p.block()
		p.closes(tkEnd, tkDo, line)
		return &ast.DoStat{Body: body}, false
	case tkFor:
		return p.forStatement(line), false
	case tkRepeat:
		p.next()
		shown := len(p.fs.active)
		body := p.loop(p.chunk)
		until := ast.Stat{Line: p.line, Pos: ast.Pos(p.start), Scope: p.fs.scope()}
		p.closes(tkUntil, tkRepeat, line)
		condition := p.placed(p.expr())
		p.fs.active = p.fs.active[:shown]
		return &ast.RepeatStat{Body: body, Condition: condition, Line: line, Until: until}, false
	case tkFunction:
		return p.functionStatement(line), false
	case tkLocal:
		p.next()
		if p.accept(tkFunction) {
			v := p.declare(p.nameToken(), 0)
			p.show(v)
			return &ast.LocalFunction{Variable: v, Function: p.body(false, p.line)}, false
		}
		return p.localStatement(), false
	case tkReturn:
		return p.returnStatement(), true
	case tkBreak:
		p.next()
		if p.fs.loops == 0 {
			p.syntaxError("no loop to break")
		}
		return &ast.BreakStat{}, true
	}
	return p.exprStatement(), false
}

func (p *parser) loop(body func() []ast.Stat) []ast.Stat {
	p.fs.loops++
	stats := body()
	p.fs.loops--
	return stats
}

func (p *parser) ifStatement(line int) any {
	s := &ast.IfStat{}
	branch := func() {
		s.Lines = append(s.Lines, p.line)
		p.next()
		s.Conditions = append(s.Conditions, p.placed(p.expr()))
		p.expect(tkThen)
		s.Blocks = append(s.Blocks, p.block())
	}
	branch()
	for p.token == tkElseif {
		branch()
	}
	if p.accept(tkElse) {
		s.Blocks = append(s.Blocks, p.block())
	}
	p.closes(tkEnd, tkIf, line)
	return s
}

func (p *parser) forStatement(line int) any {
	p.next()
	shown := len(p.fs.active)
	first := p.nameToken()
	at := p.named
	var s any
	switch p.token {
	case '=':
		p.next()
		start := p.placed(p.expr())
		p.expect(',')
		limit := p.placed(p.expr())
		var step ast.Expr = &ast.Constant{Value: Number(1), Pos: ast.Pos(p.start)}
		if p.accept(',') {
			step = p.placed(p.expr())
		}
		p.hidden("(for index)", "(for limit)", "(for step)")
		v := p.declare(first, 0)
		v.Pos = at
		p.expect(tkDo)
		f := &ast.NumericFor{Variable: v, Start: start, Limit: limit, Step: step, Line: p.lastLine}
		f.Body = p.forBody(v)
		s = f
	case ',', tkIn:
		names, places := []string{first}, []ast.Pos{at}
		for p.accept(',') {
			names = append(names, p.nameToken())
			places = append(places, p.named)
		}
		p.expect(tkIn)
		exprs := p.exprs()
		p.hidden("(for generator)", "(for state)", "(for control)")
		var vars []*ast.Local
		for i, name := range names {
			vars = append(vars, p.declare(name, i))
			vars[i].Pos = places[i]
		}
		p.expect(tkDo)
		s = &ast.GenericFor{Vars: vars, Exprs: exprs, Body: p.forBody(vars...), Line: line}
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

func (p *parser) forBody(vars ...*ast.Local) []ast.Stat {
	shown := len(p.fs.active)
	p.show(vars...)
	body := p.loop(p.block)
	p.fs.active = p.fs.active[:shown]
	return body
}

func (p *parser) functionStatement(line int) any {
	p.next()
	target := p.variable(p.nameToken())
	method := false
	for p.token == '.' || p.token == ':' {
		method = p.token == ':'
		p.placed(target)
		p.next()
		target = p.field(target)
		if method {
			break
		}
	}
	body := p.body(method, line)
	return &ast.AssignStat{Targets: []ast.Expr{target}, Exprs: []ast.Expr{body}, Line: line}
}

// field reads the name of a field of an object.
func (p *parser) field(object ast.Expr) *ast.Index {
	name := p.nameToken()
	return &ast.Index{Object: object, Key: &ast.Constant{Value: name, Pos: p.named}, Pos: p.named}
}

func (p *parser) localStatement() any {
	s := &ast.LocalStat{}
	for {
		s.Vars = append(s.Vars, p.declare(p.nameToken(), len(s.Vars)))
		if !p.accept(',') {
			break
		}
	}
	if p.accept('=') {
		s.Exprs = p.exprs()
	}
	p.show(s.Vars...)
	return s
}

func (p *parser) returnStatement() any {
	p.next()
	s := &ast.ReturnStat{}
	if !blockEnds(p.token) && p.token != ';' {
		s.Exprs = p.exprs()
	}
	s.Line = p.lastLine
	return s
}

func (p *parser) exprStatement() any {
	e := p.primary()
	if isCall(e) {
		return &ast.CallStat{Call: e}
	}
	s := &ast.AssignStat{Targets: []ast.Expr{e}}
	for {
		switch e.(type) {
		case *ast.LocalVar, *ast.Upvalue, *ast.Global, *ast.Index:
		default:
			p.syntaxError("syntax error")
		}
		if !p.accept(',') {
			break
		}
		e = p.primary()
		s.Targets = append(s.Targets, e)
		if isCall(e) {
			p.syntaxError("syntax error")
		}
		p.limit(len(s.Targets), maxLevels-p.levels, "variables in assignment")
	}
	p.expect('=')
	s.Exprs = p.exprs()
	s.Line = p.lastLine
	return s
}

func isCall(e ast.Expr) bool {
	switch e.(type) {
	case *ast.Call, *ast.MethodCall:
		return true
	}
	return false
}

// exprs reads a list of at least one expression.
func (p *parser) exprs() []ast.Expr {
	list := p.argList()
	p.placed(list[len(list)-1])
	return list
}

func (p *parser) expr() ast.Expr {
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
	p.fs.proto.Deep = max(p.fs.proto.Deep, p.deep)
}

// subexpr reads operators that bind more tightly than the limit.
func (p *parser) subexpr(limit int) (e ast.Expr, op token) {
	p.enter()
	defer p.leave()
	switch p.token {
	case tkNot, '-', '#':
		u := &ast.Unary{Op: map[token]ast.Operator{tkNot: ast.Not, '-': ast.Minus, '#': ast.Len}[p.token], Pos: ast.Pos(p.start)}
		p.next()
		u.Operand, _ = p.subexpr(unaryPriority)
		p.deeper(0)
		u.Line = p.lastLine
		e = u
		if number, ok := folded(ast.Minus, u.Operand, u.Operand); ok && u.Op == ast.Minus {
			e = number
		} else {
			p.placed(u.Operand)
		}
	default:
		e = p.simple()
	}
	for {
		priority, ok := binaryOperators[p.token]
		if !ok || priority.left <= limit {
			return e, p.token
		}
		at := ast.Pos(p.start)
		p.next()
		if _, constant := e.(*ast.Constant); !constant {
			p.placed(e)
		}
		left := p.deep
		right, _ := p.subexpr(priority.right)
		p.deeper(left)
		if number, ok := folded(priority.op, e, right); ok && priority.op <= ast.Pow {
			e = number
			continue
		}
		e = p.binary(priority.op, p.placed(e), p.placed(right), at)
	}
}

func (p *parser) binary(op ast.Operator, left, right ast.Expr, at ast.Pos) ast.Expr {
	switch op {
	case ast.And, ast.Or:
		if c, ok := left.(*ast.Constant); ok && Truth(c.Value) == (op == ast.And) {
			return &ast.Paren{Inner: right}
		}
		return &ast.Logical{And: op == ast.And, Left: left, Right: right, Pos: at}
	case ast.Join:
		if rest, ok := right.(*ast.Concat); ok {
			return &ast.Concat{Operands: append([]ast.Expr{left}, rest.Operands...), Line: rest.Line, Pos: at}
		}
		return &ast.Concat{Operands: []ast.Expr{left, right}, Line: p.lastLine, Pos: at}
	}
	return &ast.Binary{Op: op, Left: left, Right: right, Line: p.lastLine, Pos: at}
}

func (p *parser) simple() ast.Expr {
	p.deep = 0
	var e ast.Expr
	switch p.token {
	case tkNumber:
		e = &ast.Constant{Value: Number(p.number), Pos: ast.Pos(p.start)}
	case tkString:
		e = &ast.Constant{Value: p.text, Pos: ast.Pos(p.start)}
	case tkNil:
		e = &ast.Constant{Value: nil, Pos: ast.Pos(p.start)}
	case tkTrue:
		e = &ast.Constant{Value: true, Pos: ast.Pos(p.start)}
	case tkFalse:
		e = &ast.Constant{Value: false, Pos: ast.Pos(p.start)}
	case tkDots:
		if !p.fs.proto.Vararg {
			p.syntaxError("cannot use '...' outside a vararg function")
		}
		p.fs.proto.NeedsArg = false
		e = &ast.Varargs{Pos: ast.Pos(p.start)}
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
func (p *parser) primary() ast.Expr {
	at := ast.Pos(p.start)
	var e ast.Expr
	switch p.token {
	case '(':
		line := p.line
		p.next()
		inner := p.expr()
		p.deeper(0)
		p.closes(')', '(', line)
		if _, constant := inner.(*ast.Constant); constant {
			e = inner
		} else {
			e = &ast.Paren{Inner: p.placed(inner)}
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
			e = p.field(e)
		case '[':
			at := ast.Pos(p.start)
			p.placed(e)
			p.next()
			key := p.placed(p.expr())
			p.expect(']')
			e = &ast.Index{Object: e, Key: key, Pos: at}
		case ':':
			p.next()
			name := p.nameToken()
			p.placed(e)
			c := &ast.MethodCall{Object: e, Name: name, Self: p.lastLine, Pos: at}
			c.Line = p.line
			p.hold()
			p.hold()
			c.Args = p.args()
			p.held -= 2
			e = c
		case '(', tkString, '{':
			p.placed(e)
			c := &ast.Call{Function: e, Line: p.line, Pos: at}
			p.hold()
			c.Args = p.args()
			p.held--
			e = c
		default:
			return e
		}
		p.deeper(before)
	}
}

func (p *parser) args() []ast.Expr {
	line := p.line
	p.deep = 0
	switch p.token {
	case '(':
		if line != p.lastLine {
			p.syntaxError("ambiguous syntax (function call x new statement)")
		}
		p.next()
		var args []ast.Expr
		if p.token != ')' {
			args = p.argList()
		}
		p.closes(')', '(', line)
		if len(args) > 0 {
			p.placed(args[len(args)-1])
		}
		return args
	case '{':
		return []ast.Expr{p.constructor()}
	case tkString:
		e := &ast.Constant{Value: p.text, Pos: ast.Pos(p.start)}
		p.next()
		return []ast.Expr{e}
	}
	p.syntaxError("function arguments expected")
	return nil
}

// argList is exprs, but the last expression has no line yet.
func (p *parser) argList() []ast.Expr {
	held := p.held
	list := []ast.Expr{p.expr()}
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

func (p *parser) constructor() ast.Expr {
	line := p.line
	c := &ast.Constructor{Pos: ast.Pos(p.start)}
	p.expect('{')
	for p.token != '}' {
		before := p.deep
		switch {
		case p.token == tkName && p.lookAhead() == '=':
			key := &ast.Constant{Value: p.nameToken(), Pos: p.named}
			p.next()
			c.Fields = append(c.Fields, p.entry(key))
			c.Hash++
		case p.token == '[':
			p.next()
			key := p.placed(p.expr())
			p.expect(']')
			p.expect('=')
			c.Fields = append(c.Fields, p.entry(key))
			c.Hash++
		default:
			c.Fields = append(c.Fields, p.entry(nil))
			c.Array++
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

// entry reads the value of a constructor's field.
func (p *parser) entry(key ast.Expr) ast.Field {
	value := p.placed(p.expr())
	return ast.Field{Key: key, Value: value, Line: p.lastLine}
}

// body reads the parameters and statements of a function.
func (p *parser) body(method bool, line int) ast.Expr {
	fs := &funcState{proto: &ast.Function{Source: p.name, Unit: p.fs.proto.Unit, Line: line, Pos: ast.Pos(p.start)}, outer: p.fs, levels: p.levels}
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
			fs.proto.Vararg, fs.proto.NeedsArg = true, true
			fs.proto.Arg = p.declare("arg", len(fs.proto.Params))
		default:
			p.syntaxError("<name> or '...' expected")
		}
		if fs.proto.Vararg || !p.accept(',') {
			break
		}
		if p.token == ')' {
			p.syntaxError("<name> or '...' expected")
		}
	}
	p.show(fs.proto.Params...)
	if fs.proto.Arg != nil {
		p.show(fs.proto.Arg)
	}
	p.expect(')')
	fs.proto.Body = p.chunk()
	p.closes(tkEnd, tkFunction, line)
	p.fs, p.held, p.deep = fs.outer, held, fs.proto.Deep
	p.deeper(0)
	return &ast.FunctionExpr{Function: fs.proto}
}

func (p *parser) param(name string) {
	ps := &p.fs.proto.Params
	*ps = append(*ps, p.declare(name, len(*ps)))
}
