package vet

import (
	"go/ast"
	"go/types"
	"strings"
)

// wordsOf returns the words of a command that a call makes or runs: the arguments
// of Cmd and of a Doer's Do. It is nil for other calls, and where the words are in a
// slice that is spread by "...".
func wordsOf(info *types.Info, call *ast.CallExpr) []ast.Expr {
	f := callee(info, call)
	if f == nil || !isDo(f) && !isCmd(f) {
		return nil
	}
	return variadic(f, call)
}

// isCmd reports whether f makes a command of any words.
func isCmd(f *types.Func) bool {
	return path(f.Pkg()) == modulePath && receiverName(f) == "" && (f.Name() == "Cmd" || f.Name() == "CmdWithDecoder")
}

// isDo reports whether f has the form of a Doer's Do, of whatever type.
func isDo(f *types.Func) bool {
	s := f.Signature()
	return f.Name() == "Do" && s.Recv() != nil && takesAny(s) && s.Params().Len() == 2 &&
		s.Results().Len() == 2 && isType(s.Results().At(0).Type(), "Reply")
}

// takesAny reports whether the last parameter is ...any.
func takesAny(s *types.Signature) bool {
	if !s.Variadic() {
		return false
	}
	last, ok := s.Params().At(s.Params().Len() - 1).Type().(*types.Slice)
	if !ok {
		return false
	}
	i, ok := types.Unalias(last.Elem()).Underlying().(*types.Interface)
	return ok && i.Empty()
}

// variadic returns the arguments that a call gives to the last parameter of f.
func variadic(f *types.Func, call *ast.CallExpr) []ast.Expr {
	fixed := f.Signature().Params().Len() - 1
	if call.Ellipsis.IsValid() || len(call.Args) <= fixed {
		return nil
	}
	return call.Args[fixed:]
}

// names reports whether the first words are these, in any case.
func names(info *types.Info, words []ast.Expr, want ...string) bool {
	if len(words) < len(want) {
		return false
	}
	for i, w := range want {
		got, ok := text(info, words[i])
		if !ok || !strings.EqualFold(got, w) {
			return false
		}
	}
	return true
}
