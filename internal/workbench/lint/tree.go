package lint

import "github.com/redis-rest/redis-rest-go/internal/engine/lua/ast"

// eachStat calls f for each statement of a block and of the blocks in it, but not of functions in it.
func eachStat(body []ast.Stat, f func(*ast.Stat)) {
	for i := range body {
		f(&body[i])
		for _, inner := range blocksOf(body[i].Node) {
			eachStat(inner, f)
		}
	}
}

func blocksOf(node any) [][]ast.Stat {
	switch s := node.(type) {
	case *ast.DoStat:
		return [][]ast.Stat{s.Body}
	case *ast.IfStat:
		return s.Blocks
	case *ast.WhileStat:
		return [][]ast.Stat{s.Body}
	case *ast.RepeatStat:
		return [][]ast.Stat{s.Body}
	case *ast.NumericFor:
		return [][]ast.Stat{s.Body}
	case *ast.GenericFor:
		return [][]ast.Stat{s.Body}
	}
	return nil
}

// exprsOf returns the expressions of a statement, without those in its blocks.
func exprsOf(node any) []ast.Expr {
	switch s := node.(type) {
	case *ast.LocalStat:
		return s.Exprs
	case *ast.AssignStat:
		return append(append([]ast.Expr{}, s.Exprs...), s.Targets...)
	case *ast.CallStat:
		return []ast.Expr{s.Call}
	case *ast.IfStat:
		return s.Conditions
	case *ast.WhileStat:
		return []ast.Expr{s.Condition}
	case *ast.RepeatStat:
		return []ast.Expr{s.Condition}
	case *ast.NumericFor:
		return []ast.Expr{s.Start, s.Limit, s.Step}
	case *ast.GenericFor:
		return s.Exprs
	case *ast.LocalFunction:
		return []ast.Expr{s.Function}
	case *ast.ReturnStat:
		return s.Exprs
	}
	return nil
}

// parts returns the expressions that an expression is made of.
func parts(e ast.Expr) []ast.Expr {
	switch e := e.(type) {
	case *ast.Index:
		return []ast.Expr{e.Object, e.Key}
	case *ast.Call:
		return append([]ast.Expr{e.Function}, e.Args...)
	case *ast.MethodCall:
		return append([]ast.Expr{e.Object}, e.Args...)
	case *ast.Binary:
		return []ast.Expr{e.Left, e.Right}
	case *ast.Concat:
		return e.Operands
	case *ast.Logical:
		return []ast.Expr{e.Left, e.Right}
	case *ast.Unary:
		return []ast.Expr{e.Operand}
	case *ast.Paren:
		return []ast.Expr{e.Inner}
	case *ast.Constructor:
		var list []ast.Expr
		for _, f := range e.Fields {
			if f.Key != nil {
				list = append(list, f.Key)
			}
			list = append(list, f.Value)
		}
		return list
	}
	return nil
}

// eachExpr calls f for an expression and those in it, also in functions.
func eachExpr(e ast.Expr, f func(ast.Expr)) {
	f(e)
	if fn, ok := e.(*ast.FunctionExpr); ok {
		everyExpr(fn.Body, f)
	}
	for _, part := range parts(e) {
		eachExpr(part, f)
	}
}

// everyExpr calls f for each expression in statements, also in functions.
func everyExpr(body []ast.Stat, f func(ast.Expr)) {
	eachStat(body, func(s *ast.Stat) {
		for _, e := range exprsOf(s.Node) {
			eachExpr(e, f)
		}
	})
}

// mentions says whether an expression contains a variable.
func mentions(e ast.Expr, v *ast.Local) bool {
	found := false
	eachExpr(e, func(e ast.Expr) { found = found || localOf(e) == v })
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
			for _, b := range blocksOf(s) {
				if breaks(b) {
					return true
				}
			}
		}
	}
	return false
}
