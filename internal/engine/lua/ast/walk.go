package ast

// EachStat calls f for each statement of a block and of the blocks in it, but not of functions in it.
func EachStat(body []Stat, f func(*Stat)) {
	for i := range body {
		f(&body[i])
		for _, inner := range Blocks(body[i].Node) {
			EachStat(inner, f)
		}
	}
}

// Lines returns how many statements, and conditions of elseif and until, begin on each line of a chunk, in its functions too.
func Lines(chunk *Function) map[int]int {
	count := map[int]int{}
	statements := func(f *Function) {
		EachStat(f.Body, func(s *Stat) {
			count[s.Line]++
			switch s := s.Node.(type) {
			case *IfStat:
				for _, line := range s.Lines[1:] {
					count[line]++
				}
			case *RepeatStat:
				count[s.Until.Line]++
			}
		})
	}
	statements(chunk)
	EveryExpr(chunk.Body, func(e Expr) {
		if f, ok := e.(*FunctionExpr); ok {
			statements(f.Function)
		}
	})
	return count
}

// Blocks returns the blocks in a statement.
func Blocks(node any) [][]Stat {
	switch s := node.(type) {
	case *DoStat:
		return [][]Stat{s.Body}
	case *IfStat:
		return s.Blocks
	case *WhileStat:
		return [][]Stat{s.Body}
	case *RepeatStat:
		return [][]Stat{s.Body}
	case *NumericFor:
		return [][]Stat{s.Body}
	case *GenericFor:
		return [][]Stat{s.Body}
	}
	return nil
}

// Exprs returns the expressions of a statement, without those in its blocks.
func Exprs(node any) []Expr {
	switch s := node.(type) {
	case *LocalStat:
		return s.Exprs
	case *AssignStat:
		return append(append([]Expr{}, s.Exprs...), s.Targets...)
	case *CallStat:
		return []Expr{s.Call}
	case *IfStat:
		return s.Conditions
	case *WhileStat:
		return []Expr{s.Condition}
	case *RepeatStat:
		return []Expr{s.Condition}
	case *NumericFor:
		return []Expr{s.Start, s.Limit, s.Step}
	case *GenericFor:
		return s.Exprs
	case *LocalFunction:
		return []Expr{s.Function}
	case *ReturnStat:
		return s.Exprs
	}
	return nil
}

// Parts returns the expressions that an expression is made of.
func Parts(e Expr) []Expr {
	switch e := e.(type) {
	case *Index:
		return []Expr{e.Object, e.Key}
	case *Call:
		return append([]Expr{e.Function}, e.Args...)
	case *MethodCall:
		return append([]Expr{e.Object}, e.Args...)
	case *Binary:
		return []Expr{e.Left, e.Right}
	case *Concat:
		return e.Operands
	case *Logical:
		return []Expr{e.Left, e.Right}
	case *Unary:
		return []Expr{e.Operand}
	case *Paren:
		return []Expr{e.Inner}
	case *Constructor:
		var list []Expr
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

// EachExpr calls f for an expression and those in it, also in functions.
func EachExpr(e Expr, f func(Expr)) {
	f(e)
	if fn, ok := e.(*FunctionExpr); ok {
		EveryExpr(fn.Body, f)
	}
	for _, part := range Parts(e) {
		EachExpr(part, f)
	}
}

// EveryExpr calls f for each expression in statements, also in functions.
func EveryExpr(body []Stat, f func(Expr)) {
	EachStat(body, func(s *Stat) {
		for _, e := range Exprs(s.Node) {
			EachExpr(e, f)
		}
	})
}
