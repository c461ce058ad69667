package vet

import (
	"go/ast"
	"go/constant"
	"go/types"
	"slices"
	"strings"

	"golang.org/x/tools/go/analysis"
	"golang.org/x/tools/go/analysis/passes/inspect"
	"golang.org/x/tools/go/ast/inspector"

	"github.com/redis-rest/redis-rest-go/internal/protocol/commandtable"
)

// SliceArg finds slices and strings that are one argument where several were meant.
var SliceArg = &analysis.Analyzer{
	Name: "slicearg",
	Doc: `find a slice, or a string with spaces, where several arguments were meant

A slice is one argument. "..." behind it sends its elements:

	rdb.Do(ctx, args)                 // wrong
	rdb.Do(ctx, args...)              // right
	redis.Cmd[int64]("DEL", keys)     // wrong; command.Del(keys...) is right
	limit.Run(ctx, rdb, keys, args)   // wrong; args... is right

A string is one argument too: rdb.Do(ctx, "SET k v") is the command "SET k v", which
Redis does not have. []byte and slices of a named type are left alone.`,
	Requires: []*analysis.Analyzer{inspect.Analyzer},
	Run:      sliceArg,
}

// evals take KEYS and then ARGV as ...any: functions, and methods of Script.
var evals = []string{"Eval", "EvalRO", "EvalSha", "EvalShaRO", "Fcall", "FcallRO", "Run", "Cmd", "RunOnce", "OnceCmd"}

func sliceArg(pass *analysis.Pass) (any, error) {
	info := pass.TypesInfo
	root := pass.ResultOf[inspect.Analyzer].(*inspector.Inspector).Root()
	for cur := range root.Preorder((*ast.CallExpr)(nil)) {
		call := cur.Node().(*ast.CallExpr)
		f := callee(info, call)
		if f == nil || !takesAny(f.Signature()) {
			continue
		}
		if words := wordsOf(info, call); words != nil {
			checkWords(pass, words)
			continue
		}
		var what string
		switch isEval := slices.Contains(evals, f.Name()); {
		case path(f.Pkg()) == modulePath && isEval, path(f.Pkg()) == commandPath && isEval:
			what = "ARGV[1]"
		case path(f.Pkg()) == commandPath:
			what = "one element"
		default:
			continue
		}
		args := variadic(f, call)
		if what == "ARGV[1]" && len(args) > 1 {
			continue
		}
		for i, arg := range args {
			if i%2 == 1 && f.Name() == "HSet" {
				continue // the value of a field
			}
			if isBareSlice(info.TypeOf(arg)) {
				reportSlice(pass, arg, what)
			}
		}
	}
	return nil, nil
}

// checkWords checks a command that is given by its words.
func checkWords(pass *analysis.Pass, words []ast.Expr) {
	info := pass.TypesInfo
	name, known := text(info, words[0])
	switch {
	case strings.ContainsAny(name, " \t\r\n"):
		pass.ReportRangef(words[0], "this string is the name of the command, with its spaces: give each word as an argument of its own")
		return
	case len(words) == 1 && isBareSlice(info.TypeOf(words[0])):
		reportSlice(pass, words[0], "the name of the command")
		return
	case !known:
		return
	}
	for i, word := range words {
		if i > 0 && isBareSlice(info.TypeOf(word)) && isMany(info, words, i) {
			reportSlice(pass, word, "one argument of "+strings.ToUpper(name))
		}
	}
}

// isMany reports whether the word at i, a slice, stands where several may be meant.
func isMany(info *types.Info, words []ast.Expr, i int) bool {
	args := make([]string, len(words))
	for i, word := range words {
		if v := info.Types[word].Value; v != nil && v.Kind() == constant.String {
			args[i] = constant.StringVal(v)
		} else if v != nil {
			args[i] = v.ExactString()
		}
	}
	c, ok := commandtable.Find(args)
	if !ok {
		return false
	}
	if _, err := c.Keys(args); err != nil && c.Takes(len(args)) {
		return false // it depends on what a variable holds
	}
	return commandtable.TakesSeveral(args, i)
}

// isBareSlice reports whether t is a slice that has no name, and is not of bytes.
func isBareSlice(t types.Type) bool {
	if t == nil {
		return false
	}
	s, ok := types.Unalias(t).(*types.Slice)
	if !ok {
		return false
	}
	elem, ok := s.Elem().Underlying().(*types.Basic)
	return !ok || elem.Kind() != types.Uint8
}

// reportSlice reports a slice that is what is told of it.
func reportSlice(pass *analysis.Pass, arg ast.Expr, what string) {
	name := "the slice"
	if ident, ok := ast.Unparen(arg).(*ast.Ident); ok {
		name = ident.Name
	}
	slice := types.Unalias(pass.TypesInfo.TypeOf(arg)).(*types.Slice)
	if i, ok := slice.Elem().Underlying().(*types.Interface); ok && i.Empty() {
		pass.ReportRangef(arg, `%s is %s as a whole: write "..." behind it to send its elements`, name, what)
		return
	}
	pass.ReportRangef(arg, `%s is %s as a whole: copy it to an []any, and write "..." behind that, to send its elements`, name, what)
}
