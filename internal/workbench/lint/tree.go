package lint

import "github.com/redis-rest/redis-rest-go/internal/engine/lua/ast"

// mentions says whether an expression contains a variable.
func mentions(e ast.Expr, v *ast.Local) bool {
	found := false
	ast.EachExpr(e, func(e ast.Expr) { found = found || localOf(e) == v })
	return found
}

// ends says whether the code after a block cannot run.
func ends(body []ast.Stat) bool {
	for _, s := range body {
		if endsAt(s.Node) {
			return true
		}
	}
	return false
}

func endsAt(node any) bool {
	switch s := node.(type) {
	case *ast.ReturnStat, *ast.BreakStat:
		return true
	case *ast.DoStat:
		return ends(s.Body)
	case *ast.CallStat:
		c, ok := s.Call.(*ast.Call)
		if !ok {
			return false
		}
		g, ok := c.Function.(*ast.Global)
		return ok && g.Name == "error"
	case *ast.IfStat:
		if len(s.Blocks) == len(s.Conditions) {
			return false
		}
		for _, b := range s.Blocks {
			if !ends(b) {
				return false
			}
		}
		return true
	case *ast.WhileStat:
		c, ok := s.Condition.(*ast.Constant)
		return ok && c.Value == true && !breaks(s.Body)
	}
	return false
}

// breaks says whether a block has a break of the loop around it.
func breaks(body []ast.Stat) bool {
	for _, s := range body {
		switch s := s.Node.(type) {
		case *ast.BreakStat:
			return true
		case *ast.IfStat, *ast.DoStat:
			for _, b := range ast.Blocks(s) {
				if breaks(b) {
					return true
				}
			}
		}
	}
	return false
}
