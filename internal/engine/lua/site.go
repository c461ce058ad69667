package lua

import "github.com/redis-rest/redis-rest-go/internal/engine/lua/ast"

// A site is how a message names a called function or an expression's value, for
// instance: global 'x'.
type site struct{ kind, name string }

// siteOf names an expression. The kind is empty if the expression has no name.
func siteOf(e ast.Expr) site {
	switch e := e.(type) {
	case *ast.LocalVar:
		return site{"local", e.Name}
	case *ast.Upvalue:
		return site{"upvalue", e.Name}
	case *ast.Global:
		return site{"global", e.Name}
	case *ast.Index:
		if key, ok := e.Key.(*ast.Constant); ok {
			if name, ok := key.Value.(string); ok {
				return site{"field", name}
			}
		}
		return site{"field", "?"}
	case *ast.Paren:
		return siteOf(e.Inner)
	case *ast.Logical:
		// PUC-Rio's code for "a and b or c" puts this into the register last.
		if left, ok := e.Left.(*ast.Logical); ok && left.And && !e.And {
			return siteOf(e.Right)
		}
	}
	return site{}
}
