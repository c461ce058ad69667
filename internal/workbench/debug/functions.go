package debug

import "github.com/redis-rest/redis-rest-go/internal/engine/lua/ast"

// Functions returns the lines where the named functions of a chunk begin: those of local, of assignments, of fields, and those that
// redis.register_function registers.
func Functions(chunk *ast.Function) map[string]int {
	lines := map[string]int{}
	name := func(name string, e ast.Expr) {
		if f, ok := e.(*ast.FunctionExpr); ok && name != "" {
			lines[name] = f.Line
		}
	}
	statement := func(s *ast.Stat) {
		switch s := s.Node.(type) {
		case *ast.LocalFunction:
			name(s.Variable.Name, s.Function)
		case *ast.LocalStat:
			for i := range min(len(s.Vars), len(s.Exprs)) {
				name(s.Vars[i].Name, s.Exprs[i])
			}
		case *ast.AssignStat:
			for i := range min(len(s.Targets), len(s.Exprs)) {
				name(path(s.Targets[i]), s.Exprs[i])
			}
		}
	}
	ast.EachStat(chunk.Body, statement)
	ast.EveryExpr(chunk.Body, func(e ast.Expr) {
		switch e := e.(type) {
		case *ast.FunctionExpr:
			ast.EachStat(e.Body, statement)
		case *ast.Constructor:
			for _, field := range e.Fields {
				name(constant(field.Key), field.Value)
			}
		case *ast.Call:
			if path(e.Function) != "redis.register_function" {
				return
			}
			registered, callback := "", ast.Expr(nil)
			if len(e.Args) == 2 {
				registered, callback = constant(e.Args[0]), e.Args[1]
			} else if t, ok := first(e.Args).(*ast.Constructor); ok {
				for _, field := range t.Fields {
					switch constant(field.Key) {
					case "function_name":
						registered = constant(field.Value)
					case "callback":
						callback = field.Value
					}
				}
			}
			name(registered, callback)
			if line := lines[path(callback)]; line > 0 && registered != "" {
				lines[registered] = line
			}
		}
	})
	return lines
}

func first(list []ast.Expr) ast.Expr {
	if len(list) == 0 {
		return nil
	}
	return list[0]
}

func constant(e ast.Expr) string {
	if c, ok := e.(*ast.Constant); ok {
		text, _ := c.Value.(string)
		return text
	}
	return ""
}

// path returns the name of a variable, or of a field of one, such as t.f.
func path(e ast.Expr) string {
	switch e := e.(type) {
	case *ast.LocalVar:
		return e.Name
	case *ast.Upvalue:
		return e.Name
	case *ast.Global:
		return e.Name
	case *ast.Index:
		if object, field := path(e.Object), constant(e.Key); object != "" && field != "" {
			return object + "." + field
		}
	}
	return ""
}
