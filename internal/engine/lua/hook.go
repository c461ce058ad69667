package lua

import "github.com/redis-rest/redis-rest-go/internal/engine/lua/ast"

// A Hook gets what the functions of a State do. Its methods run on the script's goroutine, and the script
// waits for them. They may use the State's Stack.
type Hook interface {
	// Line is called before a statement, the condition of an elseif, and that of an until.
	Line(s *State, line int)

	// Call is called when a Lua function begins, and Return when it ends without an error. The results are nil
	// if it ends with a tail call.
	Call(s *State)
	Return(s *State, results []Value)

	// Error is called where an error is raised. The script may catch it.
	Error(s *State, err *Error)
}

// Watch sets the hook; nil removes it. No script may run. Functions are compiled again when they are called next,
// because code contains calls of the hook only while there is one.
func (s *State) Watch(h Hook) {
	s.hook, s.mode = h, unwatched
	if h != nil {
		s.mode = watched
	}
}

// reached tells the hook that a statement begins.
func (f *frame) reached(line int, scope *ast.Local) {
	f.line, f.scope = line, scope
	f.s.hook.Line(f.s, line)
}

func watchLine(at ast.Stat, run execFn) execFn {
	line, scope := at.Line, at.Scope
	return func(f *frame) flow {
		f.reached(line, scope)
		return run(f)
	}
}

func watchCondition(at ast.Stat, holds func(*frame) bool) func(*frame) bool {
	line, scope := at.Line, at.Scope
	return func(f *frame) bool {
		f.reached(line, scope)
		return holds(f)
	}
}

func watchCalls(p *proto) execFn {
	body := p.run
	var scope *ast.Local
	if n := len(p.Params); n > 0 {
		scope = p.Params[n-1]
	}
	return func(f *frame) flow {
		f.scope = scope
		f.s.hook.Call(f.s)
		how := body(f)
		var results []Value
		if how == flowReturn {
			results = f.ret
		}
		f.s.hook.Return(f.s, results)
		return how
	}
}

// ignore is the hook while a debugger evaluates an expression.
type ignore struct{}

func (ignore) Line(*State, int)       {}
func (ignore) Call(*State)            {}
func (ignore) Return(*State, []Value) {}
func (ignore) Error(*State, *Error)   {}
