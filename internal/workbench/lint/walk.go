package lint

import (
	"math"
	"strings"
	"sync"

	"github.com/redis-rest/redis-rest-go/internal/engine/lua/ast"
	"github.com/redis-rest/redis-rest-go/internal/engine/script"
	"github.com/redis-rest/redis-rest-go/internal/workbench/annotation"
)

// A linter looks at one source.
type linter struct {
	source    string
	target    Target
	inLibrary bool
	readOnly  bool // the flag no-writes
	offset    int  // of the tree's places in the source
	lines     []int
	findings  []Finding

	declared    []*annotation.Function
	description []string   // of a library
	wrong       bool       // the annotations have mistakes
	annotated   []Function // what declared belongs to
	registered  []*callback

	vars      map[*ast.Local]*variable
	owners    map[*ast.Function]*ast.Local // the variable that holds a function
	callbacks map[*ast.Function]*callback  // of a library
	values    map[ast.Expr]value
	texts     map[ast.Expr]string
	replies   map[*ast.Call]*reply
	returned  map[*ast.Function]value
	calls     []*ast.Call            // of redis.call, in order
	byKey     map[string][]*ast.Call // the same, by the text of their first argument
	compared  map[string]bool        // what the script compares with something
	resp3     ast.Pos                // of redis.setresp(3), or -1
	main      *ast.Function

	functions []*ast.Function // the ones that are being walked, the innermost last
	scopes    [][]*ast.Local  // the visible variables of each
}

// A callback is a function that a library registers.
type callback struct {
	name     string
	pos      ast.Pos // of the call that registers it
	function *ast.Function
	readOnly bool
}

// parameter returns what the n-th parameter stands for.
func (c *callback) parameter(n int) string {
	switch {
	case c == nil:
		return ""
	case n == 1:
		return "KEYS"
	case n == 2:
		return "ARGV"
	}
	return ""
}

type globals map[string]map[string]bool

// names are the global names of Redis.
var names = sync.OnceValue(func() (n struct{ scripts, functions, loading globals }) {
	n.scripts, n.functions, n.loading = script.Names()
	return n
})

// globals returns the names that exist where the walk is.
func (l *linter) globals() globals {
	switch n := names(); {
	case !l.inLibrary:
		return n.scripts
	case len(l.functions) == 1:
		return n.loading
	default:
		return n.functions
	}
}

func (l *linter) check(tree *ast.Function) {
	l.vars, l.owners, l.callbacks = map[*ast.Local]*variable{}, map[*ast.Function]*ast.Local{}, map[*ast.Function]*callback{}
	l.byKey = map[string][]*ast.Call{}
	l.resp3, l.main = -1, tree
	l.forget()
	l.collect(tree)
	l.register(tree)
	ast.EveryExpr(tree.Body, func(e ast.Expr) {
		c, ok := e.(*ast.Call)
		if !ok {
			return
		}
		switch l.valueOf(c.Function).name {
		case "redis.call", "redis.pcall":
			l.calls = append(l.calls, c)
		case "redis.setresp":
			if len(c.Args) == 1 && l.valueOf(c.Args[0]).constant != 2.0 && l.resp3 < 0 {
				l.resp3 = c.Pos
			}
		}
	})
	l.forget() // values are others where redis.setresp is known
	for _, c := range l.calls {
		if len(c.Args) > 1 {
			key := l.text(c.Args[1])
			l.byKey[key] = append(l.byKey[key], c)
		}
	}
	l.function(tree)
	l.checkVariables()
	l.checkExpiry()
}

// forget drops what is known of values.
func (l *linter) forget() {
	l.values, l.texts = map[ast.Expr]value{}, map[ast.Expr]string{}
	l.replies, l.returned = map[*ast.Call]*reply{}, map[*ast.Function]value{}
	for _, v := range l.vars {
		v.value = nil
	}
}

// collect finds out what the functions do with each local variable.
func (l *linter) collect(f *ast.Function) {
	for i, p := range f.Params {
		l.declare(p, f, source{param: i + 1, owner: f}).parameter = true
	}
	if f.Arg != nil {
		l.declare(f.Arg, f, source{unknown: true}).parameter = true
	}
	l.collectBlock(f.Body, f)
}

func (l *linter) declare(v *ast.Local, f *ast.Function, s source) *variable {
	info := &variable{function: f, looksAt: map[string]bool{}, sources: []source{s}}
	l.vars[v] = info
	return info
}

// assigned returns where the i-th of several variables gets its value.
func assigned(exprs []ast.Expr, i int) source {
	switch n := len(exprs); {
	case i < n:
		return source{e: exprs[i]}
	case n > 0 && isMulti(exprs[n-1]):
		return source{e: exprs[n-1], n: i - n + 1}
	}
	return source{}
}

func (l *linter) collectBlock(body []ast.Stat, f *ast.Function) {
	for i := range body {
		switch s := body[i].Node.(type) {
		case *ast.LocalStat:
			for i, v := range s.Vars {
				from := assigned(s.Exprs, i)
				l.declare(v, f, from)
				if fn, ok := from.e.(*ast.FunctionExpr); ok {
					l.owners[fn.Function] = v
				}
			}
		case *ast.LocalFunction:
			l.declare(s.Variable, f, source{e: s.Function})
			l.owners[s.Function.(*ast.FunctionExpr).Function] = s.Variable
		case *ast.NumericFor:
			l.declare(s.Variable, f, source{number: true})
		case *ast.GenericFor:
			for i, v := range s.Vars {
				from := source{unknown: true}
				if len(s.Exprs) == 1 {
					from = source{e: s.Exprs[0], n: i, loop: true}
				}
				l.declare(v, f, from)
			}
		case *ast.AssignStat:
			for i, target := range s.Targets {
				if v := localOf(target); v != nil {
					info := l.vars[v]
					info.sources = append(info.sources, assigned(s.Exprs, i))
					info.writes++
				} else if ix, ok := target.(*ast.Index); ok {
					if v := localOf(ix.Object); v != nil {
						l.vars[v].indexes = append(l.vars[v].indexes, ix.Key)
						l.vars[v].reads++
						l.vars[v].other = true
					} else {
						l.collectExpr(ix.Object, f, false)
					}
					l.collectExpr(ix.Key, f, false)
				}
			}
		}
		repeat, isRepeat := body[i].Node.(*ast.RepeatStat)
		if isRepeat { // its condition sees the variables of the body
			l.collectBlock(repeat.Body, f)
			l.collectExpr(repeat.Condition, f, false)
			continue
		}
		_, assigns := body[i].Node.(*ast.AssignStat)
		for _, e := range ast.Exprs(body[i].Node) {
			if assigns {
				if isTarget(body[i].Node.(*ast.AssignStat), e) {
					continue
				}
			}
			_, passes := body[i].Node.(*ast.ReturnStat)
			_, isLocal := body[i].Node.(*ast.LocalStat)
			l.collectExpr(e, f, passes || isLocal || assigns)
		}
		for _, inner := range ast.Blocks(body[i].Node) {
			l.collectBlock(inner, f)
		}
	}
}

func isTarget(s *ast.AssignStat, e ast.Expr) bool {
	for _, t := range s.Targets {
		if t == e {
			return true
		}
	}
	return false
}

// collectExpr notes the variables that an expression reads. passed says that its value goes on to somewhere else.
func (l *linter) collectExpr(e ast.Expr, f *ast.Function, passed bool) {
	if v := localOf(e); v != nil {
		info := l.vars[v]
		info.reads++
		info.other = true
		info.passed = info.passed || passed
		return
	}
	switch e := e.(type) {
	case *ast.FunctionExpr:
		l.collect(e.Function)
	case *ast.Call:
		if v := localOf(e.Function); v != nil {
			l.vars[v].reads++
			l.vars[v].calls = append(l.vars[v].calls, e)
		} else {
			l.collectExpr(e.Function, f, false)
		}
		for _, arg := range e.Args {
			l.collectExpr(arg, f, true)
		}
	case *ast.MethodCall:
		for _, part := range ast.Parts(e) {
			l.collectExpr(part, f, true)
		}
	case *ast.Index:
		if v := localOf(e.Object); v != nil {
			l.vars[v].reads++
			l.vars[v].other = true
			if c, ok := e.Key.(*ast.Constant); ok {
				if name, ok := c.Value.(string); ok {
					l.vars[v].looksAt[name] = true
				}
			}
		} else {
			l.collectExpr(e.Object, f, false)
		}
		l.collectExpr(e.Key, f, false)
	case *ast.Logical:
		l.collectExpr(e.Left, f, passed)
		l.collectExpr(e.Right, f, passed)
	case *ast.Constructor:
		for _, part := range ast.Parts(e) {
			l.collectExpr(part, f, true)
		}
	case *ast.Paren:
		l.collectExpr(e.Inner, f, passed)
	default:
		for _, part := range ast.Parts(e) {
			l.collectExpr(part, f, false)
		}
	}
}

// register finds the functions that a library registers.
func (l *linter) register(tree *ast.Function) {
	if !l.inLibrary {
		return
	}
	ast.EveryExpr(tree.Body, func(e ast.Expr) {
		c, ok := e.(*ast.Call)
		if !ok || l.valueOf(c.Function).name != "redis.register_function" {
			return
		}
		cb := &callback{pos: l.posOf(c.Function)}
		l.registered = append(l.registered, cb)
		add := func(e ast.Expr) {
			if fn := l.valueOf(e).fn; fn != nil {
				l.callbacks[fn] = cb
				cb.function = fn
			}
		}
		if len(c.Args) == 2 {
			cb.name, _ = l.keyName(c.Args[0])
			add(c.Args[1])
			return
		}
		if len(c.Args) != 1 {
			return
		}
		t := l.valueOf(c.Args[0]).table
		if t == nil {
			return
		}
		for _, field := range t.Fields {
			name, _ := l.keyName(field.Key)
			switch strings.ToLower(name) {
			case "function_name":
				cb.name, _ = l.keyName(field.Value)
			case "callback":
				add(field.Value)
			case "flags":
				if flags := l.valueOf(field.Value).table; flags != nil {
					for _, f := range flags.Fields {
						flag, ok := l.valueOf(f.Value).constant.(string)
						cb.readOnly = cb.readOnly || strings.EqualFold(flag, "no-writes")
						if ok && !l.knownFlag(strings.ToLower(flag)) {
							l.report("R08", l.posOf(f.Value), "there is no flag %q", flag)
						}
					}
				}
			}
		}
	})
	l.forget() // parameters are known now
}

func (l *linter) keyName(e ast.Expr) (string, bool) {
	if e == nil {
		return "", false
	}
	name, ok := l.valueOf(e).constant.(string)
	return name, ok
}

func (l *linter) knownFlag(flag string) bool {
	for _, known := range []string{"no-writes", "allow-oom", "allow-stale", "no-cluster", "allow-cross-slot-keys"} {
		if flag == known {
			return true
		}
	}
	return l.target.hosted && flag == "allow-key-locking"
}

// posOf returns the place of an expression.
func (l *linter) posOf(e ast.Expr) ast.Pos {
	switch e := e.(type) {
	case *ast.Constant:
		return e.Pos
	case *ast.Varargs:
		return e.Pos
	case *ast.LocalVar:
		return e.Pos
	case *ast.Upvalue:
		return e.Pos
	case *ast.Global:
		return e.Pos
	case *ast.Index:
		return l.posOf(e.Object)
	case *ast.Call:
		return e.Pos
	case *ast.MethodCall:
		return e.Pos
	case *ast.FunctionExpr:
		return e.Pos
	case *ast.Binary:
		return l.posOf(e.Left)
	case *ast.Concat:
		return l.posOf(e.Operands[0])
	case *ast.Logical:
		return l.posOf(e.Left)
	case *ast.Unary:
		return e.Pos
	case *ast.Paren:
		return l.posOf(e.Inner)
	case *ast.Constructor:
		return e.Pos
	}
	return 0
}

// function walks a function.
func (l *linter) function(f *ast.Function) {
	old := l.readOnly
	if cb := l.callbacks[f]; cb != nil {
		l.readOnly = cb.readOnly
	}
	l.functions, l.scopes = append(l.functions, f), append(l.scopes, nil)
	for _, p := range f.Params {
		l.show(p)
	}
	l.block(f.Body)
	l.functions, l.scopes = l.functions[:len(l.functions)-1], l.scopes[:len(l.scopes)-1]
	l.readOnly = old
}

// show makes a variable visible.
func (l *linter) show(v *ast.Local) {
	if !strings.HasPrefix(v.Name, "_") {
	search:
		for _, scope := range l.scopes {
			for _, outer := range scope {
				if outer.Name == v.Name {
					l.report("L02", v.Pos, "%s hides the variable of line %d", v.Name, l.lineOf(outer.Pos))
					break search
				}
			}
		}
	}
	top := &l.scopes[len(l.scopes)-1]
	*top = append(*top, v)
}

func (l *linter) lineOf(pos ast.Pos) int {
	return strings.Count(l.source[:min(int(pos)+l.offset, len(l.source))], "\n") + 1
}

func (l *linter) block(body []ast.Stat) {
	top := len(l.scopes) - 1
	shown := len(l.scopes[top])
	for i := range body {
		s := &body[i]
		l.statement(s)
		if i+1 < len(body) && endsAt(s.Node) {
			l.report("L03", body[i+1].Pos, "the code from here to the end of the block can never run")
			break
		}
	}
	l.neverRead(body)
	l.scopes[top] = l.scopes[top][:shown]
}

func (l *linter) statement(at *ast.Stat) {
	switch s := at.Node.(type) {
	case *ast.LocalStat:
		l.exprs(s.Exprs)
		for _, v := range s.Vars {
			l.show(v)
		}
	case *ast.LocalFunction:
		l.show(s.Variable)
		l.expr(s.Function)
	case *ast.AssignStat:
		for _, target := range s.Targets {
			if g, ok := target.(*ast.Global); ok {
				l.report("R02", g.Pos, "Redis lets no script set the global variable %s: write local before it", g.Name)
			} else if ix, ok := target.(*ast.Index); ok {
				l.expr(ix.Object)
				l.expr(ix.Key)
			}
		}
		l.exprs(s.Exprs)
	case *ast.CallStat:
		l.callStatement(s)
	case *ast.DoStat:
		l.block(s.Body)
	case *ast.IfStat:
		for i, c := range s.Conditions {
			l.condition(c)
			if k, ok := c.(*ast.Constant); ok && (k.Value == nil || k.Value == false) && len(s.Blocks[i]) > 0 {
				l.report("L03", s.Blocks[i][0].Pos, "the condition never holds, so this code can never run")
			}
			l.block(s.Blocks[i])
		}
		if len(s.Blocks) > len(s.Conditions) {
			l.block(s.Blocks[len(s.Conditions)])
		}
	case *ast.WhileStat:
		l.condition(s.Condition)
		l.block(s.Body)
		l.scanLoop(s.Body)
	case *ast.RepeatStat:
		l.block(s.Body)
		l.condition(s.Condition)
		l.scanLoop(s.Body)
	case *ast.NumericFor:
		l.exprs([]ast.Expr{s.Start, s.Limit, s.Step})
		l.loopBody(s.Body, s.Variable)
	case *ast.GenericFor:
		l.exprs(s.Exprs)
		l.loopBody(s.Body, s.Vars...)
	case *ast.ReturnStat:
		l.exprs(s.Exprs)
		f := l.functions[len(l.functions)-1]
		if (f == l.main && !l.inLibrary || l.callbacks[f] != nil) && len(s.Exprs) > 0 {
			l.checkResult(s.Exprs[0], true)
		}
	}
}

func (l *linter) loopBody(body []ast.Stat, vars ...*ast.Local) {
	top := len(l.scopes) - 1
	shown := len(l.scopes[top])
	for _, v := range vars {
		l.show(v)
	}
	l.block(body)
	l.scopes[top] = l.scopes[top][:shown]
}

func (l *linter) exprs(list []ast.Expr) {
	for _, e := range list {
		l.expr(e)
	}
}

// condition walks an expression of which only the truth counts.
func (l *linter) condition(e ast.Expr) {
	switch x := e.(type) {
	case *ast.Logical:
		if v := localOf(x.Left); v == nil || !mentions(x.Right, v) {
			l.condition(x.Left)
		} else {
			l.expr(x.Left)
			l.test(x.Left)
		}
		l.condition(x.Right)
		return
	case *ast.Unary:
		if x.Op == ast.Not {
			l.condition(x.Operand)
			return
		}
	case *ast.Paren:
		l.condition(x.Inner)
		return
	}
	l.expr(e)
	l.test(e)
	v := l.valueOf(e)
	if r := v.reply; r != nil && !v.elem && v.kinds == kNumber && r.class == integer {
		l.report("M02", l.posOf(e), "%s replies a number, and 0 is true in Lua: compare it, as in == 1", r.command)
	}
}

// test notes that the script has looked at a value.
func (l *linter) test(e ast.Expr) {
	v := l.valueOf(e)
	for _, r := range v.nulls {
		r.tested = true
	}
	if v.reply != nil {
		v.reply.tested = true
	}
}

// guarded walks an operand of and, or and the like, where a missing name does no harm.
func (l *linter) guarded(e ast.Expr) {
	if ix, ok := e.(*ast.Index); ok {
		if l.valueOf(ix.Object).name != "" {
			return
		}
	}
	l.expr(e)
}

func (l *linter) expr(e ast.Expr) {
	switch e := e.(type) {
	case *ast.Global:
		// Later versions have os.clock.
		if _, ok := l.globals()[e.Name]; !ok && (e.Name != "os" || l.target.version == 700) {
			l.undefined(e)
		}
	case *ast.Index:
		l.index(e)
	case *ast.Call:
		l.call(e)
	case *ast.MethodCall:
		for _, part := range ast.Parts(e) {
			l.expr(part)
			l.test(part)
		}
	case *ast.FunctionExpr:
		l.function(e.Function)
	case *ast.Logical:
		if e.And {
			if v := localOf(e.Left); v == nil || !mentions(e.Right, v) {
				l.condition(e.Left)
			} else {
				l.guarded(e.Left)
			}
		} else {
			l.guarded(e.Left)
		}
		l.test(e.Left)
		l.guarded(e.Right)
	case *ast.Unary:
		if e.Op == ast.Not {
			l.condition(e.Operand)
			return
		}
		l.expr(e.Operand)
		if e.Op == ast.Minus {
			l.needs(e.Operand, "used in arithmetic")
		}
	case *ast.Binary:
		l.expr(e.Left)
		l.expr(e.Right)
		l.binary(e)
	case *ast.Concat:
		for _, o := range e.Operands {
			l.expr(o)
			l.needs(o, "joined to a text")
			l.large(o)
		}
	default:
		for _, part := range ast.Parts(e) {
			l.expr(part)
		}
	}
}

func (l *linter) undefined(e *ast.Global) {
	switch {
	case l.inLibrary && (e.Name == "KEYS" || e.Name == "ARGV"):
		l.report("R02", e.Pos, "%s does not exist in a function: its keys and arguments are the parameters", e.Name)
	case l.inLibrary && len(l.functions) == 1:
		l.report("R02", e.Pos, "%s does not exist while a library is loaded", e.Name)
	default:
		l.report("R02", e.Pos, "there is no global variable %s: Redis raises an error", e.Name)
	}
}

func (l *linter) index(e *ast.Index) {
	l.expr(e.Object)
	l.expr(e.Key)
	object := l.valueOf(e.Object)
	name, isName := l.keyName(e.Key)
	switch {
	case isName && object.name != "" && !strings.Contains(object.name, "."):
		fields := l.globals()[object.name]
		if fields != nil && !fields[name] {
			switch {
			case l.inLibrary && object.name == "redis" && len(l.functions) == 1 && names().functions["redis"][name]:
				l.report("R03", e.Pos, "redis.%s cannot be used while a library is loaded, only in its functions", name)
			case l.inLibrary && len(l.functions) == 1 && name == "register_function":
			default:
				l.report("R03", e.Pos, "%s has no %s", object.name, name)
			}
		}
	case isName && object.reply != nil && !object.elem && object.reply.class == pairs && !object.reply.resp3 && name != "err" && name != "ok" && name != "map":
		l.report("M04", e.Pos, "HGETALL replies a list of names and values, so there is no field %s: use HGET or HMGET, or call redis.setresp(3) and read .map", name)
	}
	if len(object.nulls) > 0 && !object.elem {
		l.test(e.Object)
	}
}

// needs checks that a value which may be missing was tested before.
func (l *linter) needs(e ast.Expr, how string) {
	v := l.valueOf(e)
	if v.kinds&kMissing == 0 {
		return
	}
	for _, r := range v.nulls {
		if r.tested || r.resp3 || !l.mayBeMissing(r, l.posOf(e)) {
			continue
		}
		r.tested = true // told once
		l.report("M08", l.posOf(e), "the reply of %s may be missing, and is %s without a test: write for instance (… or 0)", r.command, how)
		return
	}
}

// mayBeMissing says whether nothing before a place shows that the value of a reply exists.
func (l *linter) mayBeMissing(r *reply, before ast.Pos) bool {
	if len(r.words) < 2 {
		return true
	}
	for _, c := range l.byKey[l.text(r.words[1])] {
		if c.Pos < r.call.Pos || c.Pos > r.call.Pos && c.Pos < before && l.replyOf(c, false).tested {
			return false // it has asked for the key before, or has written it, or has looked at the reply of another command
		}
	}
	for _, w := range r.words[2:] {
		if v := l.valueOf(w); v.from&(fromReply|fromUnknown) != 0 {
			return false // it may know from its data that it exists
		}
	}
	return l.valueOf(r.words[1]).from&(fromReply|fromUnknown) == 0
}

func (l *linter) binary(e *ast.Binary) {
	a, b := l.valueOf(e.Left), l.valueOf(e.Right)
	switch {
	case e.Op < ast.Join:
		l.needs(e.Left, "used in arithmetic")
		l.needs(e.Right, "used in arithmetic")
	case e.Op == ast.Eq || e.Op == ast.Ne:
		l.equality(e, a, b)
		l.equality(e, b, a)
		l.test(e.Left)
		l.test(e.Right)
	default:
		l.needs(e.Left, "compared")
		l.needs(e.Right, "compared")
		text := func(v value) bool {
			return v.kinds&kString != 0 && v.kinds&^(kString|kMissing) == 0 && v.from&(fromArgs|fromReply) != 0
		}
		switch {
		case text(a) && text(b):
			l.report("M09", e.Pos, "both sides are texts, so that '10' < '9': use tonumber")
		case text(a) && b.kinds == kNumber || text(b) && a.kinds == kNumber:
			l.report("M09", e.Pos, "a text is compared with a number, which raises an error: use tonumber")
		}
	}
}

// equality checks one side of == and ~= against the other.
func (l *linter) equality(e *ast.Binary, v, against value) {
	r := v.reply
	switch {
	case against.kinds == kNil && r != nil && (!v.elem && r.class != other && r.class != integer && r.class != status || r.class == fixed && v.index > 0) && v.kinds&kNil == 0 && !r.tested && !r.pcall:
		l.report("M01", e.Pos, "the reply of %s is never nil: a missing value is false", r.command)
	case against.kinds == kFalse && r != nil && !v.elem && r.resp3 && (r.class == maybe || r.class == maybeCount):
		l.report("M01", e.Pos, "after redis.setresp(3) a missing value is nil, not false")
	case r != nil && !v.elem && r.class == status && !r.resp3 && against.kinds == kString && v.kinds&(kTable|kFalse) == v.kinds:
		l.report("M03", e.Pos, "%s replies a table such as {ok = 'OK'}, or false: write .ok behind it, or test it for false", r.command)
	case r != nil && v.elem && r.class == cursor && v.index == 1 && against.kinds == kNumber:
		l.report("M11", e.Pos, "the cursor is a text, so it never equals a number and the loop does not end: compare it with '0'")
	case v.kinds&kString != 0 && v.kinds&^(kString|kMissing) == 0 && v.from&(fromArgs|fromReply) != 0 && against.kinds == kNumber:
		l.report("M09", e.Pos, "a text never equals a number: use tonumber, or compare it with a text")
	}
}

// large checks a number that becomes a text.
func (l *linter) large(e ast.Expr) {
	if v := l.valueOf(e); v.kinds == kNumber && v.size >= 1e14 || v.kinds == kNumber|kNil && v.size >= 1e14 {
		l.report("M06", l.posOf(e), "the text of this large number is rounded to 14 digits: use string.format('%%.0f', …)")
	}
}

func (l *linter) callStatement(s *ast.CallStat) {
	l.expr(s.Call)
	c, ok := s.Call.(*ast.Call)
	if !ok {
		return
	}
	switch l.valueOf(c.Function).name {
	case "redis.pcall":
		l.report("M12", c.Pos, "the error that redis.pcall returns is thrown away: use redis.call, or look at .err of the result")
	case "pcall", "xpcall":
		l.report("M12", c.Pos, "the error that pcall returns is thrown away: look at its first result")
	}
}

func (l *linter) call(c *ast.Call) {
	l.expr(c.Function)
	l.exprs(c.Args)
	f := l.valueOf(c.Function)
	switch f.name {
	case "redis.call", "redis.pcall":
		l.checkCommand(c)
		l.checkTime(c)
		for i, arg := range c.Args {
			if v := l.valueOf(arg); v.kinds&kNumber != 0 && v.kinds&^(kNumber|kNil) == 0 && v.size >= 1e17 && !math.IsInf(v.size, 0) {
				l.report("M06", l.posOf(arg), "argument %d is a large number, and is sent as a text such as 1.7643967571235e+18: use string.format('%%.0f', …)", i+1)
			}
		}
		return
	case "tostring":
		if len(c.Args) == 1 {
			l.large(c.Args[0])
		}
		return
	case "tonumber":
		return
	case "unpack":
		l.unpack(c)
	case "cjson.encode":
		if len(c.Args) == 1 {
			l.large(c.Args[0])
		}
	}
	if strings.HasPrefix(f.name, "math.") {
		for _, arg := range c.Args {
			l.needs(arg, "passed to "+f.name)
		}
	}
	for _, arg := range c.Args {
		l.test(arg) // type(x), assert(x), a function of the script: it may look
	}
}

func (l *linter) unpack(c *ast.Call) {
	if len(c.Args) != 1 {
		return // it has a bound
	}
	v := l.valueOf(c.Args[0])
	switch {
	case v.name == "KEYS" || v.name == "ARGV":
		l.report("M10", c.Pos, "unpack fails if the caller passes more than about 8,000 values: pass them in parts, as in unpack(ARGV, 1, 1000)")
	case v.reply != nil && !v.elem && l.unbounded(v.reply):
		l.report("M10", c.Pos, "the reply of %s may have any number of values, and unpack fails on more than about 8,000: go on in parts, as in unpack(list, 1, 1000)", v.reply.command)
	}
}

// unbounded says whether a list in a reply may be of any length.
func (l *linter) unbounded(r *reply) bool {
	words, more := l.words(r.call)
	if more {
		return false
	}
	word := func(i int) string {
		if i < len(words) && words[i] != nil {
			return *words[i]
		}
		return ""
	}
	switch r.command {
	case "SMEMBERS", "HGETALL", "HKEYS", "HVALS", "SUNION", "SINTER", "SDIFF", "KEYS":
		return true
	case "LRANGE", "ZRANGE", "ZREVRANGE":
		for i := range words {
			if strings.EqualFold(word(i), "LIMIT") || i > 3 && words[i] == nil {
				return false
			}
		}
		if len(words) > 4 && (strings.EqualFold(word(4), "BYSCORE") || strings.EqualFold(word(4), "BYLEX")) {
			return true
		}
		return word(2) == "0" && word(3) == "-1"
	case "ZRANGEBYSCORE", "ZREVRANGEBYSCORE", "ZRANGEBYLEX", "ZREVRANGEBYLEX":
		for i := range words {
			if i > 3 && (words[i] == nil || strings.EqualFold(word(i), "LIMIT")) {
				return false
			}
		}
		return true
	}
	return false
}

// scanLoop checks a SCAN in a loop whose cursor does not move.
func (l *linter) scanLoop(body []ast.Stat) {
	ast.EveryExpr(body, func(e ast.Expr) {
		c, ok := e.(*ast.Call)
		if !ok {
			return
		}
		if name := l.valueOf(c.Function).name; name != "redis.call" && name != "redis.pcall" {
			return
		}
		r := l.replyOf(c, false)
		if r.class != cursor {
			return
		}
		at := 2
		if r.command == "SCAN" {
			at = 1
		}
		if len(c.Args) <= at {
			return
		}
		if v := localOf(c.Args[at]); v != nil && l.vars[v].writes > 0 {
			return
		} else if l.valueOf(c.Args[at]).constant != nil {
			l.report("M11", c.Pos, "each round begins with the same cursor, so the loop does not end: pass the cursor of the last reply")
		}
	})
}

// checkResult checks what a script returns.
func (l *linter) checkResult(e ast.Expr, top bool) {
	v := l.valueOf(e)
	pos := l.posOf(e)
	switch {
	case v.kinds&kNumber != 0 && v.kinds&^(kNumber|kNil) == 0 && v.fraction:
		l.report("M05", pos, "Redis cuts the fraction of a returned number off: return tostring(…), or round it with math.floor")
	case v.kinds == kNumber && v.size > 1<<53:
		l.report("M05", pos, "a number above 2^53 is not exact: return it as a text")
	}
	switch x := e.(type) {
	case *ast.Paren:
		l.checkResult(x.Inner, top)
	case *ast.Logical:
		l.checkResult(x.Left, top)
		l.checkResult(x.Right, top)
	}
	if v.table != nil {
		l.checkTable(e, v.table, top)
	}
}

// typedReplies are the fields that make a reply of a returned table.
var typedReplies = map[string]bool{"err": true, "ok": true, "double": true, "map": true, "set": true, "big_number": true, "verbatim_string": true}

func (l *linter) checkTable(e ast.Expr, t *ast.Constructor, top bool) {
	if local := localOf(e); local != nil && len(l.vars[local].sources) > 1 {
		return
	}
	named := ""
	list := 0
	for i, f := range t.Fields {
		if f.Key == nil {
			list++
			v := l.valueOf(f.Value)
			last := i == len(t.Fields)-1
			switch {
			case v.kinds == kNil && !last:
				l.report("M07", l.posOf(f.Value), "the returned table ends here, at its first nil: use false")
			case v.kinds&kNil != 0 && v.kinds != kAnything && len(v.nulls) > 0 && !last && !tested(v.nulls):
				l.report("M07", l.posOf(f.Value), "this may be nil, and the returned table ends at its first nil: write (… or false)")
			}
			l.checkResult(f.Value, false)
			continue
		}
		v := l.valueOf(f.Key)
		if name, ok := v.constant.(string); ok && typedReplies[name] {
			return
		}
		if v.kinds == kString {
			named = "by name"
			if name, ok := v.constant.(string); ok {
				named = name
			}
		}
	}
	if local := localOf(e); local != nil {
		for _, key := range l.vars[local].indexes {
			v := l.valueOf(key)
			if name, ok := v.constant.(string); ok && typedReplies[name] {
				return
			}
			if v.kinds == kString {
				named = "by name"
				if name, ok := v.constant.(string); ok {
					named = name
				}
			} else {
				list++
			}
		}
	}
	if named != "" {
		l.report("M07", l.posOf(e), "Redis drops the fields by name (%s) of a returned table: return a list, or cjson.encode(…)", named)
	}
}

func tested(replies []*reply) bool {
	for _, r := range replies {
		if !r.tested {
			return false
		}
	}
	return true
}

// neverRead finds values that are replaced before they are read.
func (l *linter) neverRead(body []ast.Stat) {
	for i := range body {
		s, ok := body[i].Node.(*ast.LocalStat)
		if !ok || len(s.Vars) != 1 || len(s.Exprs) != 1 || s.Vars[0].Captured {
			continue
		}
		v := s.Vars[0]
		if c, ok := s.Exprs[0].(*ast.Constant); ok && c.Value == nil {
			continue
		}
		for j := i + 1; j < len(body); j++ {
			a, ok := body[j].Node.(*ast.AssignStat)
			if ok && len(a.Targets) == 1 && localOf(a.Targets[0]) == v {
				used := false
				for _, e := range a.Exprs {
					used = used || mentions(e, v)
				}
				if !used && l.vars[v].reads > 0 {
					l.report("L04", v.Pos, "this value of %s is never read: line %d replaces it", v.Name, l.lineOf(body[j].Pos))
				}
				break
			}
			if statMentions(&body[j], v) {
				break
			}
		}
	}
}

func statMentions(s *ast.Stat, v *ast.Local) bool {
	found := false
	ast.EveryExpr([]ast.Stat{*s}, func(e ast.Expr) { found = found || localOf(e) == v })
	return found
}

// checkVariables finds variables that are not used, and errors that are not looked at.
func (l *linter) checkVariables() {
	var visit func(body []ast.Stat)
	unused := func(v *ast.Local) {
		info := l.vars[v]
		switch {
		case strings.HasPrefix(v.Name, "_") || info.reads > 0:
		case info.writes > 0:
			l.report("L04", v.Pos, "the values of %s are never read", v.Name)
		default:
			l.report("L01", v.Pos, "%s is never used", v.Name)
		}
	}
	visit = func(body []ast.Stat) {
		ast.EachStat(body, func(s *ast.Stat) {
			switch s := s.Node.(type) {
			case *ast.LocalStat:
				for i, v := range s.Vars {
					if i < len(s.Vars)-1 && len(s.Exprs) < len(s.Vars) && l.vars[v].reads == 0 {
						continue // it stands before a value that is needed
					}
					unused(v)
					l.pcallResult(v)
				}
			case *ast.LocalFunction:
				unused(s.Variable)
			}
		})
	}
	visit(l.main.Body)
	ast.EveryExpr(l.main.Body, func(e ast.Expr) {
		if f, ok := e.(*ast.FunctionExpr); ok {
			visit(f.Body)
		}
	})
}

// pcallResult checks that the script looks at the error in a variable.
func (l *linter) pcallResult(v *ast.Local) {
	info := l.vars[v]
	if len(info.sources) != 1 || info.sources[0].e == nil || info.sources[0].n > 0 || info.reads == 0 || info.passed || info.looksAt["err"] {
		return
	}
	c, ok := info.sources[0].e.(*ast.Call)
	if ok && l.valueOf(c.Function).name == "redis.pcall" {
		l.report("M12", v.Pos, "%s may be an error, and the script does not look at %s.err: use redis.call, or look at it", v.Name, v.Name)
	}
}

// expiryAt returns the word of a command that is a time to live, and the option that says so. It is 0 if there is none.
func (l *linter) expiryAt(c *ast.Call) (at int, sets bool) {
	words, _ := l.words(c)
	if len(words) < 2 || words[0] == nil {
		return 0, false
	}
	switch strings.ToUpper(*words[0]) {
	case "EXPIRE", "PEXPIRE", "EXPIREAT", "PEXPIREAT":
		return 2, true
	case "SETEX", "PSETEX":
		return 0, true // it writes nothing if the time is wrong
	case "SET", "GETEX":
		for _, w := range words[2:] {
			if w == nil {
				continue
			}
			switch strings.ToUpper(*w) {
			case "EX", "PX", "EXAT", "PXAT", "KEEPTTL":
				return 0, true
			}
		}
	}
	return 0, false
}

// checkExpiry finds counters without an expiry in a script that sets one elsewhere.
func (l *linter) checkExpiry() {
	set, unsure := map[string]bool{}, false
	for _, c := range l.calls {
		if _, sets := l.expiryAt(c); sets && len(c.Args) > 1 {
			set[l.text(c.Args[1])] = true
			if l.valueOf(c.Args[1]).from&fromUnknown != 0 || strings.Contains(l.text(c.Args[1]), "?") {
				unsure = true
			}
		} else if words, _ := l.words(c); len(words) > 0 && words[0] == nil {
			unsure = true
		}
	}
	if len(set) == 0 || unsure {
		return
	}
	seen := map[string]bool{}
	for _, c := range l.calls {
		words, _ := l.words(c)
		if len(words) < 2 || words[0] == nil {
			continue
		}
		switch name := strings.ToUpper(*words[0]); name {
		case "INCR", "INCRBY", "INCRBYFLOAT":
			key := l.text(c.Args[1])
			if !set[key] && !seen[key] && l.valueOf(c.Args[1]).from&fromUnknown == 0 {
				seen[key] = true
				l.report("M13", c.Pos, "no path of the script sets an expiry on this counter, as it does elsewhere")
			}
		}
	}
}

// checkTime checks the time of an EXPIRE that follows a write.
func (l *linter) checkTime(c *ast.Call) {
	at, sets := l.expiryAt(c)
	if !sets || at == 0 || at >= len(c.Args) {
		return
	}
	v := l.valueOf(c.Args[at])
	if v.from != fromArgs || v.kinds&^(kString|kNil|kNumber) != 0 || l.isCompared(c.Args[at]) {
		return
	}
	for _, w := range l.byKey[l.text(c.Args[1])] {
		if w.Pos >= c.Pos {
			break
		}
		words, _ := l.words(w)
		if words[0] == nil {
			continue
		}
		switch strings.ToUpper(*words[0]) {
		case "INCR", "INCRBY", "INCRBYFLOAT", "DECR", "DECRBY", "HSET", "HSETNX", "HMSET", "HINCRBY", "HINCRBYFLOAT", "SADD", "ZADD", "ZINCRBY", "LPUSH", "RPUSH", "XADD", "APPEND", "SET", "SETNX":
			if _, sets := l.expiryAt(w); !sets {
				l.report("M14", l.posOf(c.Args[at]), "if this argument is not a positive integer, the key was written and never expires: check it before the first write")
			}
			return
		}
	}
}

// isCompared says whether the script compares a value, or what it makes of it, anywhere.
func (l *linter) isCompared(e ast.Expr) bool {
	if l.compared == nil {
		l.compared = map[string]bool{}
		ast.EveryExpr(l.main.Body, func(e ast.Expr) {
			b, ok := e.(*ast.Binary)
			if !ok || b.Op < ast.Eq {
				return
			}
			for _, side := range []ast.Expr{b.Left, b.Right} {
				ast.EachExpr(side, func(e ast.Expr) { l.compared[l.rootOf(e)] = true })
			}
		})
	}
	return l.compared[l.rootOf(e)]
}

// rootOf returns the text of the argument that an expression is, or that it makes a number of.
func (l *linter) rootOf(e ast.Expr) string {
	for range 10 {
		switch x := e.(type) {
		case *ast.Paren:
			e = x.Inner
		case *ast.Call:
			if len(x.Args) == 0 {
				return ""
			}
			switch l.valueOf(x.Function).name {
			case "tonumber", "math.floor", "math.ceil", "tostring":
				e = x.Args[0]
			default:
				return ""
			}
		case *ast.Index:
			return l.text(x)
		case *ast.Binary:
			if e = x.Left; l.valueOf(x.Right).constant == nil {
				return ""
			}
		default:
			v := localOf(e)
			if v == nil {
				return ""
			}
			info := l.vars[v]
			if info == nil || len(info.sources) != 1 || info.sources[0].e == nil || info.sources[0].n > 0 || info.sources[0].loop {
				return ""
			}
			e = info.sources[0].e
		}
	}
	return ""
}
