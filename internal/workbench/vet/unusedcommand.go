package vet

import (
	"go/ast"
	"go/types"
	"strings"

	"golang.org/x/tools/go/analysis"
	"golang.org/x/tools/go/analysis/passes/inspect"
	"golang.org/x/tools/go/ast/edge"
	"golang.org/x/tools/go/ast/inspector"
	"golang.org/x/tools/go/types/typeutil"
)

// UnusedCommand finds commands that are made and never run.
var UnusedCommand = &analysis.Analyzer{
	Name: "unusedcommand",
	Doc: `find Redis commands that are made and never run

A function such as command.Del makes a command, a value. As a statement of its own
it does nothing:

	command.Del("a")                  // wrong: nothing is sent
	command.Del("a").Do(ctx, rdb)     // right
	command.Del("a").Queue(batch)     // right

So do go and defer with such a function, Idempotent without use of its result, and
a variable of commands that is only written to. "_ = command.Del("a")" says that
it is on purpose.`,
	Requires: []*analysis.Analyzer{inspect.Analyzer},
	Run:      unusedCommand,
}

func unusedCommand(pass *analysis.Pass) (any, error) {
	info := pass.TypesInfo
	root := pass.ResultOf[inspect.Analyzer].(*inspector.Inspector).Root()
	bodies := map[*types.Func]*ast.BlockStmt{}
	for cur := range root.Preorder((*ast.FuncDecl)(nil)) {
		decl := cur.Node().(*ast.FuncDecl)
		if f, ok := info.Defs[decl.Name].(*types.Func); ok {
			bodies[f] = decl.Body
		}
	}
	for cur := range root.Preorder((*ast.ExprStmt)(nil), (*ast.GoStmt)(nil), (*ast.DeferStmt)(nil)) {
		var call *ast.CallExpr
		switch s := cur.Node().(type) {
		case *ast.ExprStmt:
			call, _ = ast.Unparen(s.X).(*ast.CallExpr)
		case *ast.GoStmt:
			call = s.Call
		case *ast.DeferStmt:
			call = s.Call
		}
		if call == nil || !isCommand(info.TypeOf(call)) {
			continue
		}
		f := callee(info, call)
		if f == nil || !makesOnly(pass, bodies, f) {
			continue
		}
		if receiver := receiverOf(call); isMethod(f, "Command", "Idempotent") && receiver != "" {
			pass.ReportRangef(call, "Idempotent does not change %s, it returns another command, which is never run: use its result", receiver)
			continue
		}
		pass.ReportRangef(call, "%s makes a command, and this one is never run: call its Do, or Queue with a batch", nameOf(f))
	}
	commands := func(t types.Type) bool { return isCommand(t) || isCommand(element(t)) }
	for _, l := range locals(info, root, commands) {
		if isCommand(l.v.Type()) && l.onlyWritten(info) {
			pass.ReportRangef(l.ident, "the command in %s is never run: call its Do, or Queue with a batch", l.v.Name())
		} else if !isCommand(l.v.Type()) && l.onlyFilled(info) {
			pass.ReportRangef(l.ident, "the commands in %s are never run: call Do of each, or Queue with a batch", l.v.Name())
		}
	}
	return nil, nil
}

// makesOnly reports whether f surely does nothing but make a command. A function of
// the user may run what it returns, or queue it. bodies are those of the package.
func makesOnly(pass *analysis.Pass, bodies map[*types.Func]*ast.BlockStmt, f *types.Func) bool {
	if f.Pkg() == pass.Pkg {
		body := bodies[f]
		return body != nil && onlyReturns(pass.TypesInfo, body) // nil: a method of an interface
	}
	if p := path(f.Pkg()); p == modulePath || strings.HasPrefix(p, modulePath+"/") {
		return true
	}
	// Its body is not at hand. A plain function can run a command only on what it is
	// given.
	if f.Signature().Recv() != nil {
		return false
	}
	for p := range f.Signature().Params().Variables() {
		if !isPlain(p.Type()) {
			return false
		}
	}
	return true
}

// onlyReturns reports whether a body only computes what it returns: it has no calls
// as statements, runs and queues nothing, and assigns to local variables only.
func onlyReturns(info *types.Info, body *ast.BlockStmt) bool {
	only := true
	ast.Inspect(body, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.GoStmt, *ast.DeferStmt, *ast.SendStmt, *ast.ExprStmt, *ast.FuncLit:
			only = false
		case *ast.AssignStmt:
			for _, e := range n.Lhs {
				ident, ok := e.(*ast.Ident)
				only = only && ok && !isGlobal(info.ObjectOf(ident))
			}
		case *ast.CallExpr:
			if f := callee(info, n); f != nil && (f.Name() == "Do" || f.Name() == "Queue") && path(f.Pkg()) == modulePath {
				only = false
			}
			for _, arg := range n.Args {
				if t := info.TypeOf(arg); t != nil && isBatch(t) {
					only = false
				}
			}
		}
		return only
	})
	return only
}

func isGlobal(obj types.Object) bool {
	return obj != nil && obj.Pkg() != nil && obj.Parent() == obj.Pkg().Scope()
}

// isPlain reports whether a value of t cannot run a command: it is a basic type, or
// a slice or a map of such.
func isPlain(t types.Type) bool {
	switch t := t.Underlying().(type) {
	case *types.Basic:
		return true
	case *types.Slice:
		return isPlain(t.Elem())
	case *types.Map:
		return isPlain(t.Key()) && isPlain(t.Elem())
	}
	return false
}

// receiverOf is the name of the variable whose method is called, "" for any other
// expression.
func receiverOf(call *ast.CallExpr) string {
	if sel, ok := ast.Unparen(call.Fun).(*ast.SelectorExpr); ok {
		if ident, ok := ast.Unparen(sel.X).(*ast.Ident); ok {
			return ident.Name
		}
	}
	return ""
}

// nameOf is the name of f as its caller writes it.
func nameOf(f *types.Func) string {
	if receiver := receiverName(f); receiver != "" {
		return receiver + "." + f.Name()
	}
	if f.Pkg() == nil {
		return f.Name()
	}
	return f.Pkg().Name() + "." + f.Name()
}

// element is the type of the elements of a slice or a map.
func element(t types.Type) types.Type {
	switch t := t.Underlying().(type) {
	case *types.Slice:
		return t.Elem()
	case *types.Map:
		return t.Elem()
	}
	return types.Typ[types.Invalid]
}

// onlyWritten reports whether a variable is only assigned to, by Idempotent of
// itself too.
func (l *local) onlyWritten(info *types.Info) bool {
	for _, cur := range l.uses {
		if isAssigned(cur) {
			continue
		}
		kind, _ := cur.ParentEdge()
		if kind != edge.SelectorExpr_X || cur.Parent().Node().(*ast.SelectorExpr).Sel.Name != "Idempotent" {
			return false
		}
		kind, _ = cur.Parent().ParentEdge()
		if kind != edge.CallExpr_Fun {
			return false
		}
		call := cur.Parent().Parent()
		if kind, _ := call.ParentEdge(); kind != edge.ExprStmt_X && !becomes(info, call, l.v) {
			return false
		}
	}
	return true
}

// onlyFilled reports whether a slice or map is only made and written to: by append
// to itself, and by elements.
func (l *local) onlyFilled(info *types.Info) bool {
	for _, value := range l.values {
		switch value := value.(type) {
		case *ast.CompositeLit:
		case *ast.Ident:
			if !info.Types[value].IsNil() {
				return false
			}
		case *ast.CallExpr:
			b, ok := typeutil.Callee(info, value).(*types.Builtin) // make or append
			if !ok {
				return false
			}
			// What append appends to must be the variable: another slice may share its array.
			if b.Name() == "append" {
				if ident, ok := ast.Unparen(value.Args[0]).(*ast.Ident); !ok || info.Uses[ident] != l.v {
					return false
				}
			}
		default:
			return false
		}
	}
	for _, cur := range l.uses {
		kind, i := cur.ParentEdge()
		switch parent := cur.Parent(); {
		case kind == edge.AssignStmt_Lhs:
		case kind == edge.IndexExpr_X && isAssigned(parent):
		case kind == edge.CallExpr_Args && i == 0 && becomes(info, parent, l.v): // append
		default:
			return false
		}
	}
	return true
}
