package lint

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/redis-rest/redis-rest-go/internal/engine/lua"
	"github.com/redis-rest/redis-rest-go/internal/engine/lua/ast"
	"github.com/redis-rest/redis-rest-go/internal/workbench/annotation"
)

// A Function is a script, or a function of a library, with its annotations.
type Function struct {
	*annotation.Function
	Registered string // its name in the library
	ReadOnly   bool
}

// Annotated returns the functions of a source that have annotations, and the findings of Run that keep them from being
// called. description is the comment at the top of a library.
func Annotated(source string) (functions []Function, description []string, findings []Finding) {
	l := &linter{source: source, target: Target{version: 999, hosted: true}, inLibrary: IsLibrary(source)}
	l.run()
	if len(l.annotated) == 0 {
		functions, _, problems := annotation.Parse(source, l.inLibrary)
		if len(functions) == 0 && len(problems) == 0 {
			return nil, nil, nil // it is none of ours, so nothing is wrong
		}
	}
	for _, f := range l.sorted() {
		switch f.Code {
		case "R01", "R07", "R08", "A01", "A02", "A03", "A04":
			findings = append(findings, f)
		}
	}
	return l.annotated, l.description, findings
}

// readAnnotations reads the annotations before the code is looked at.
func (l *linter) readAnnotations() {
	if !strings.Contains(l.source, "---@") {
		return
	}
	functions, doc, problems := annotation.Parse(l.source, l.inLibrary)
	l.declared, l.description = functions, doc
	for _, p := range problems {
		l.at(p.Line, p.Column, "A01", p.Message)
	}
	l.wrong = len(problems) > 0
	if l.inLibrary || len(functions) == 0 {
		return
	}
	f := functions[0]
	switch {
	case f.ReadOnly.Line == 0:
	case l.offset > 0 && !l.readOnly:
		l.at(f.ReadOnly.Line, f.ReadOnly.Column, "A01", "a script that has a first line #!lua only reads if it has flags=no-writes there")
	default:
		l.readOnly = true
	}
	if l.readOnly && f.Once.Line > 0 && f.ReadOnly.Line == 0 {
		l.at(f.Once.Line, f.Once.Column, "A01", "what only reads can run again anyway: ---@once says nothing")
	}
}

// checkAnnotations holds the annotations against the code.
func (l *linter) checkAnnotations(tree *ast.Function) {
	if !l.inLibrary {
		for _, f := range l.declared {
			l.annotated = append(l.annotated, Function{f, "", l.readOnly})
			l.checkFunction(f, tree)
		}
		return
	}
	if len(l.declared) == 0 {
		return
	}
	found := map[*annotation.Function]bool{}
	for _, cb := range l.registered {
		var f *annotation.Function
		for _, declared := range l.declared {
			if line := declared.Next; line == l.lineOf(cb.pos) || cb.function != nil && line == l.lineOf(cb.function.Pos) {
				f = declared
			}
		}
		switch {
		case f == nil:
			l.report("A01", cb.pos, "this function has no annotations, and others in the library have: write for instance ---@return any above it")
		case found[f] || cb.name == "":
			l.report("A01", cb.pos, "annotations belong to one function, whose name is written in the call of redis.register_function")
		default:
			found[f] = true
			l.annotated = append(l.annotated, Function{f, cb.name, cb.readOnly})
			if f.ReadOnly.Line > 0 && !cb.readOnly {
				l.at(f.ReadOnly.Line, f.ReadOnly.Column, "A01", "a function only reads if it is registered with flags = {'no-writes'}")
			}
			if f.Once.Line > 0 {
				l.at(f.Once.Line, f.Once.Column, "A01", "---@once is for scripts: a function cannot run once")
			}
			if cb.function != nil {
				l.checkFunction(f, cb.function)
			}
		}
	}
	for _, f := range l.declared {
		if !found[f] && f.Own {
			l.at(f.Line, f.Column, "A01", "the annotations belong to no function: they stand above redis.register_function, or above the function that it gets")
		}
	}
}

func (l *linter) checkFunction(f *annotation.Function, code *ast.Function) {
	if l.wrong {
		return // what is meant is not known
	}
	l.checkDeclared(code, "KEYS", "key", f.Keys)
	l.checkDeclared(code, "ARGV", "arg", f.Args)
	l.checkReturns(f, code)
}

// checkDeclared holds the declared keys or arguments against those that the code reads.
func (l *linter) checkDeclared(code *ast.Function, name, tag string, declared []annotation.Param) {
	read, all := map[int]bool{}, false
	fixed := len(declared)
	rest := fixed > 0 && declared[fixed-1].Rest
	if rest {
		fixed--
	}
	known := map[ast.Expr]bool{} // where the table stands and not all of it is read
	aliases := func(body []ast.Stat) {
		ast.EachStat(body, func(s *ast.Stat) {
			if local, ok := s.Node.(*ast.LocalStat); ok {
				for _, e := range local.Exprs {
					known[e] = true
				}
			}
		})
	}
	aliases(code.Body)
	ast.EveryExpr(code.Body, func(e ast.Expr) {
		switch e := e.(type) {
		case *ast.FunctionExpr:
			aliases(e.Body)
		case *ast.Unary:
			if e.Op == ast.Len {
				known[e.Operand] = true
			}
		case *ast.Index:
			if l.valueOf(e.Object).name != name {
				break
			}
			n, ok := l.valueOf(e.Key).constant.(float64)
			known[e.Object] = ok
			switch {
			case !ok:
			case n < 1 || n != math.Trunc(n):
				l.report("A02", l.posOf(e), "there is no %s[%v]: the first is %s[1]", name, n, name)
			case n > float64(fixed) && !rest:
				l.report("A02", l.posOf(e), "%s[%v] is not declared: write ---@%s for each, in order", name, n, tag)
			default:
				read[int(n)] = true
			}
			return
		}
		if !known[e] && l.valueOf(e).name == name {
			all = true
		}
	})
	if all {
		return
	}
	for i, p := range declared {
		switch {
		case p.Rest:
			beyond := false
			for n := range read {
				beyond = beyond || n > i
			}
			if !beyond {
				l.at(p.Line, p.Column, "A03", fmt.Sprintf("nothing reads what is from %s[%d] on", name, i+1))
			}
		case !read[i+1]:
			l.at(p.Line, p.Column, "A03", fmt.Sprintf("nothing reads %s[%d], which is %s", name, i+1, p.Name))
		}
	}
}

// checkReturns holds the declared type of the reply against what the code returns.
func (l *linter) checkReturns(f *annotation.Function, code *ast.Function) {
	returns := false
	ast.EachStat(code.Body, func(s *ast.Stat) {
		r, ok := s.Node.(*ast.ReturnStat)
		if !ok {
			return
		}
		var e ast.Expr = &ast.Constant{Pos: s.Pos}
		if len(r.Exprs) > 0 {
			e = r.Exprs[0]
		}
		if l.isError(e) {
			return
		}
		v := l.valueOf(e)
		returns = returns || v.kinds != kNil
		switch {
		case f.Return == nil && v.kinds&^kNil != 0 && len(r.Exprs) > 0 && !l.mayBeNothing(e):
			l.report("A04", l.posOf(e), "a value is returned and not declared: write ---@return with its type, or ---@return any")
			f.Return = &annotation.Type{} // told once
		case f.Return == nil:
		default:
			if m := l.mismatch(e, f.Return); m != nil {
				l.report("A04", l.posOf(e), "%s", m)
			}
		}
	})
	if f.Return != nil && !returns && f.Return.Kind != annotation.Any && !takesNull(f.Return) && !raises(code.Body) {
		l.at(f.ReturnAt.Line, f.ReturnAt.Column, "A04", fmt.Sprintf("nothing is returned, and %s is declared", f.Return))
	}
}

// mayBeNothing says whether nothing is known of a value, such as the result of another function.
func (l *linter) mayBeNothing(e ast.Expr) bool { return l.valueOf(e).kinds == kAnything }

// raises says whether a block ends by an error.
func raises(body []ast.Stat) bool {
	if len(body) == 0 {
		return false
	}
	_, returns := body[len(body)-1].Node.(*ast.ReturnStat)
	return returns || endsAt(body[len(body)-1].Node)
}

// isError says whether an expression is the reply of an error, or may be.
func (l *linter) isError(e ast.Expr) bool {
	if c, ok := e.(*ast.Call); ok && l.valueOf(c.Function).name == "redis.error_reply" {
		return true
	}
	t := l.constructor(e)
	return t != nil && l.field(t, "err") != nil
}

// field returns the value of a field of a constructor.
func (l *linter) field(t *ast.Constructor, name string) ast.Expr {
	for _, f := range t.Fields {
		if key, ok := l.keyName(f.Key); ok && key == name {
			return f.Value
		}
	}
	return nil
}

// constructor returns the constructor of a table that nothing changes, or nil if that is not known.
func (l *linter) constructor(e ast.Expr) *ast.Constructor {
	switch x := e.(type) {
	case *ast.Constructor:
		return x
	case *ast.Paren:
		return l.constructor(x.Inner)
	}
	v := localOf(e)
	if v == nil || l.vars[v] == nil {
		return nil
	}
	info := l.vars[v]
	if len(info.sources) != 1 || info.sources[0].n > 0 || info.sources[0].loop || len(info.indexes) > 0 || info.reads != 1 {
		return nil
	}
	t, _ := info.sources[0].e.(*ast.Constructor)
	return t
}

// isList says whether an expression is a variable with a table that has no fields by name.
func (l *linter) isList(e ast.Expr) bool {
	v := localOf(e)
	if v == nil || l.vars[v] == nil || len(l.vars[v].sources) != 1 {
		return false
	}
	t, ok := l.vars[v].sources[0].e.(*ast.Constructor)
	if !ok || t.Hash > 0 {
		return false
	}
	for _, key := range l.vars[v].indexes {
		if l.valueOf(key).kinds&kString != 0 {
			return false
		}
	}
	return true
}

// takesNull says whether null is a value of a type.
func takesNull(t *annotation.Type) bool {
	switch t.Kind {
	case annotation.Any, annotation.Boolean, annotation.List, annotation.Map:
		return true
	}
	return t.Nullable
}

// A mismatch is a value that certainly has another type than the declared one.
type mismatch struct {
	place string // "element 2 of "; "" for the reply itself
	what  string
	want  *annotation.Type
}

// String says what is wrong.
func (m *mismatch) String() string {
	if m.place == "" {
		return fmt.Sprintf("%s is returned, and %s is declared", m.what, m.want)
	}
	return fmt.Sprintf("%s the reply is %s, and %s is declared", m.place, m.what, m.want)
}

// mismatch returns how an expression certainly is no value of a type, or nil.
func (l *linter) mismatch(e ast.Expr, t *annotation.Type) *mismatch {
	if p, ok := e.(*ast.Paren); ok {
		return l.mismatch(p.Inner, t)
	}
	v := l.valueOf(e)
	if t.Kind == annotation.Any || v.kinds == kAnything {
		return nil
	}
	no := func(what string) *mismatch { return &mismatch{"", what, t} }
	status := v.reply != nil && !v.elem && v.reply.class == status && !v.reply.resp3
	table := l.constructor(e)
	if table != nil {
		for name := range typedReplies {
			switch typed := l.field(table, name) != nil; {
			case typed && name == "ok":
				status = true
			case typed:
				return nil
			}
		}
	}
	var takes kind
	switch t.Kind {
	case annotation.String, annotation.Bytes, annotation.JSON:
		takes = kString | kNumber
	case annotation.Boolean:
		takes = kBool | kNil | kNumber | kString
	case annotation.List, annotation.Map, annotation.Record:
		takes = kTable
	default:
		takes = kNumber | kString | kTrue
	}
	if takesNull(t) {
		takes |= kMissing
	}
	kinds := v.kinds
	if status { // it is a text, or null
		kinds = kinds&^kTable | kString
	}
	if kinds&kTable != 0 && table == nil && !l.isList(e) && (v.reply == nil || v.reply.pcall) {
		return nil // it may be an error, or a status
	}
	switch {
	case kinds&takes != 0:
	case kinds&^kMissing == 0:
		return no("null")
	default:
		return no(described(kinds))
	}
	number := t.Kind == annotation.Integer || t.Kind == annotation.Number || t.Kind >= annotation.Seconds && t.Kind <= annotation.UnixTimeMS
	if text, ok := v.constant.(string); ok && number {
		if n, isNumber := lua.ParseNumber(text); !isNumber || n != math.Trunc(n) && t.Kind != annotation.Number {
			return no("a text that is no such number")
		}
	}
	if t.Kind == annotation.Boolean {
		switch c := v.constant.(type) {
		case float64:
			if c != 0 && c != 1 {
				return no("a number that is neither 0 nor 1")
			}
		case string:
			if !slices.Contains([]string{"0", "1", "true", "false", "OK"}, c) {
				return no("a text that is no boolean")
			}
		}
	}
	if t.Kind == annotation.Number && kinds&^(kNumber|kMissing) == 0 && v.fraction {
		return no("a number whose fraction Redis cuts off (write tostring or string.format)")
	}
	if kinds&kTable == 0 || takes&kTable == 0 || table == nil {
		return nil
	}
	return l.elementMismatch(table, t)
}

// elementMismatch is mismatch for a table and its elements.
func (l *linter) elementMismatch(table *ast.Constructor, t *annotation.Type) *mismatch {
	no := func(format string, a ...any) *mismatch { return &mismatch{"", fmt.Sprintf(format, a...), t} }
	var list []ast.Expr
	more := false // there may be more elements than are written
	for i, f := range table.Fields {
		if f.Key != nil {
			if name, ok := l.keyName(f.Key); !ok || typedReplies[name] {
				return nil // it may be anything
			}
			return no("a table with fields by name, which Redis drops,")
		}
		if i == len(table.Fields)-1 && isMulti(f.Value) {
			if c, ok := f.Value.(*ast.Call); !ok || !single(l.valueOf(c.Function).name) {
				more = true
				break
			}
		}
		list = append(list, f.Value)
	}
	for i, e := range list {
		if l.valueOf(e).kinds == kNil { // the reply ends here
			list, more = list[:i], false
			break
		}
	}
	typeOf := func(int) *annotation.Type { return t.Elem }
	inPairs := t.Kind == annotation.Map || t.ByName
	switch {
	case inPairs && len(list)%2 != 0 && !more:
		return no("a list of %d, an odd number,", len(list))
	case t.Kind == annotation.Map:
		typeOf = func(i int) *annotation.Type {
			if i%2 == 0 {
				return t.Key
			}
			return t.Elem
		}
	case t.ByName:
		typeOf = func(i int) *annotation.Type {
			if i%2 == 0 {
				return nil
			}
			name, _ := l.keyName(list[i-1])
			for _, f := range t.Fields {
				if f.Name == name {
					return f.Type
				}
			}
			return nil
		}
	case t.Kind == annotation.Record && len(list) > len(t.Fields):
		return no("a list of %d", len(list))
	case t.Kind == annotation.Record:
		if len(list) < len(t.Fields) && !more && !t.Fields[len(list)].Type.Nullable {
			return no("a list of %d without %s", len(list), t.Fields[len(list)].Name)
		}
		typeOf = func(i int) *annotation.Type { return t.Fields[i].Type }
	}
	for i, e := range list {
		if want := typeOf(i); want != nil {
			if m := l.mismatch(e, want); m != nil {
				m.place = fmt.Sprintf("%selement %d of", m.place+strings.Repeat(" ", min(len(m.place), 1)), i+1)
				return m
			}
		}
	}
	return nil
}

func described(k kind) string {
	switch {
	case k&^kBool == 0:
		return "a boolean"
	case k&^(kNumber|kMissing) == 0:
		return "a number"
	case k&^(kString|kMissing) == 0:
		return "a text"
	case k&^(kTable|kMissing) == 0:
		return "a table"
	}
	return "another value"
}
