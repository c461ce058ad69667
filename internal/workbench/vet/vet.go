// Package vet finds uses of this module that compile and do not do what was
// meant: commands that are never run, batches that are never executed, slices
// that are sent as one argument, and Lua that Redis refuses.
//
// Each finding is certain. Where a use cannot be followed, nothing is said.
package vet

import (
	"go/ast"
	"go/constant"
	"go/types"
	"strings"

	"golang.org/x/tools/go/analysis"
	"golang.org/x/tools/go/ast/edge"
	"golang.org/x/tools/go/ast/inspector"
	"golang.org/x/tools/go/types/typeutil"
)

// Analyzers are all analyzers of this package.
var Analyzers = []*analysis.Analyzer{UnusedCommand, UnsentBatch, SliceArg, LuaSource}

const (
	modulePath  = "github.com/redis-rest/redis-rest-go"
	commandPath = modulePath + "/command"
)

// path is the import path of a package, without the name of the test that go vet
// puts behind it: "redis [redis.test]".
func path(p *types.Package) string {
	if p == nil {
		return ""
	}
	path, _, _ := strings.Cut(p.Path(), " ")
	return path
}

// isType reports whether t is the named type of the root package, or an instance
// of it.
func isType(t types.Type, name string) bool {
	n, ok := types.Unalias(t).(*types.Named)
	return ok && n.Obj().Name() == name && path(n.Obj().Pkg()) == modulePath
}

func isCommand(t types.Type) bool { return isType(t, "Command") }

func isBatch(t types.Type) bool {
	p, ok := types.Unalias(t).(*types.Pointer)
	return ok && isType(p.Elem(), "Batch")
}

// callee is the function or method that a call names, nil where it calls a value.
// Of a generic function it is the declaration.
func callee(info *types.Info, call *ast.CallExpr) *types.Func {
	f, _ := typeutil.Callee(info, call).(*types.Func)
	return f
}

// isMethod reports whether f is a method of a type of the root package.
func isMethod(f *types.Func, receiver, name string) bool {
	return f != nil && f.Name() == name && receiverName(f) == receiver && path(f.Pkg()) == modulePath
}

// receiverName is the name of the type that has the method f, "" for a function.
func receiverName(f *types.Func) string {
	recv := f.Signature().Recv()
	if recv == nil {
		return ""
	}
	t := types.Unalias(recv.Type())
	if p, ok := t.(*types.Pointer); ok {
		t = types.Unalias(p.Elem())
	}
	if n, ok := t.(*types.Named); ok {
		return n.Obj().Name()
	}
	return ""
}

// text is the string that an expression is at compile time.
func text(info *types.Info, e ast.Expr) (string, bool) {
	v := info.Types[e].Value
	if v == nil || v.Kind() != constant.String {
		return "", false
	}
	return constant.StringVal(v), true
}

// A local is a variable that a function declares, with everything that is done
// with it.
type local struct {
	v      *types.Var
	ident  *ast.Ident         // where it is declared
	values []ast.Expr         // what is assigned to it; nil for the zero value or one result of many
	uses   []inspector.Cursor // where it is named, apart from its declaration
}

// locals finds the variables of functions whose type wanted accepts. Parameters,
// results and variables of range statements are not among them.
func locals(info *types.Info, root inspector.Cursor, wanted func(types.Type) bool) []*local {
	var list []*local
	of := map[*types.Var]*local{}
	for cur := range root.Preorder((*ast.Ident)(nil)) {
		ident := cur.Node().(*ast.Ident)
		v, ok := info.Defs[ident].(*types.Var)
		if !ok || v.IsField() || isGlobal(v) || !wanted(v.Type()) {
			continue
		}
		if kind, _ := cur.ParentEdge(); kind != edge.AssignStmt_Lhs && kind != edge.ValueSpec_Names {
			continue
		}
		l := &local{v: v, ident: ident}
		l.assign(cur)
		list, of[v] = append(list, l), l
	}
	if len(list) == 0 {
		return nil
	}
	for cur := range root.Preorder((*ast.Ident)(nil)) {
		v, ok := info.Uses[cur.Node().(*ast.Ident)].(*types.Var)
		if !ok {
			continue
		}
		if l := of[v]; l != nil {
			l.uses = append(l.uses, cur)
			if kind, _ := cur.ParentEdge(); kind == edge.AssignStmt_Lhs {
				l.assign(cur)
			}
		}
	}
	return list
}

// assign notes the value that goes to the name at cur.
func (l *local) assign(cur inspector.Cursor) {
	_, i := cur.ParentEdge()
	var names int
	var values []ast.Expr
	switch n := cur.Parent().Node().(type) {
	case *ast.AssignStmt:
		names, values = len(n.Lhs), n.Rhs
	case *ast.ValueSpec:
		names, values = len(n.Names), n.Values
		if len(values) == 0 {
			return // the zero value
		}
	}
	if names != len(values) {
		l.values = append(l.values, nil)
		return
	}
	l.values = append(l.values, ast.Unparen(values[i]))
}

// isAssigned reports whether cur is the left side of an assignment.
func isAssigned(cur inspector.Cursor) bool {
	kind, _ := cur.ParentEdge()
	return kind == edge.AssignStmt_Lhs
}

// becomes reports whether the value at cur is assigned to the variable v.
func becomes(info *types.Info, cur inspector.Cursor, v *types.Var) bool {
	kind, i := cur.ParentEdge()
	if kind != edge.AssignStmt_Rhs {
		return false
	}
	s := cur.Parent().Node().(*ast.AssignStmt)
	if len(s.Lhs) != len(s.Rhs) {
		return false
	}
	ident, ok := s.Lhs[i].(*ast.Ident)
	return ok && info.ObjectOf(ident) == v
}
