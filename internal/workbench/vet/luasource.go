package vet

import (
	"go/ast"
	"go/token"
	"go/types"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"golang.org/x/tools/go/analysis"
	"golang.org/x/tools/go/analysis/passes/inspect"
	"golang.org/x/tools/go/ast/edge"
	"golang.org/x/tools/go/ast/inspector"

	"github.com/redis-rest/redis-rest-go/internal/workbench/lint"
)

// LuaSource finds scripts and libraries that Redis cannot compile.
var LuaSource = &analysis.Analyzer{
	Name: "luasource",
	Doc: `find Lua that Redis cannot compile

The source of a script or of a library of functions is parsed where it is known: a
constant, or a variable that "//go:embed" fills from one file. The finding has
Redis' words and the line in the Lua:

	redis.NewScript[int64]("return 1 +")   // wrong

A source that is put together while the program runs is not checked.`,
	Requires: []*analysis.Analyzer{inspect.Analyzer},
	Run:      luaSource,
}

// sources are the functions that take Lua, and which argument it is.
var sources = map[string]struct {
	arg     int
	library bool // of FUNCTION LOAD
}{
	modulePath + ".Eval":             {arg: 2},
	modulePath + ".EvalRO":           {arg: 2},
	modulePath + ".NewScript":        {arg: 0},
	modulePath + ".Redis.ScriptLoad": {arg: 1},
	commandPath + ".Eval":            {arg: 0},
	commandPath + ".EvalRO":          {arg: 0},
	commandPath + ".ScriptLoad":      {arg: 0},
	commandPath + ".FunctionLoad":    {arg: 0, library: true},
}

func luaSource(pass *analysis.Pass) (any, error) {
	root := pass.ResultOf[inspect.Analyzer].(*inspector.Inspector).Root()
	vars := &variables{pass: pass, root: root}
	for cur := range root.Preorder((*ast.CallExpr)(nil)) {
		call := cur.Node().(*ast.CallExpr)
		arg, library := luaOf(pass.TypesInfo, call)
		if arg == nil {
			continue
		}
		source, file, ok := vars.source(arg)
		if !ok {
			continue
		}
		if line, refusal := lint.Syntax(source, library); refusal != "" {
			what := "this " + map[bool]string{false: "script", true: "library"}[library]
			if file != "" {
				what = file
			}
			pass.Reportf(lineOf(pass, arg, line), "Redis refuses %s: %s", what, refusal)
		}
	}
	return nil, nil
}

// luaOf returns the argument of a call that is Lua, nil if none is.
func luaOf(info *types.Info, call *ast.CallExpr) (arg ast.Expr, library bool) {
	f := callee(info, call)
	if f == nil {
		return nil, false
	}
	name := path(f.Pkg()) + "."
	if receiver := receiverName(f); receiver != "" {
		name += receiver + "."
	}
	if s, ok := sources[name+f.Name()]; ok {
		if s.arg >= len(call.Args) {
			return nil, false // f(g()), where g has several results
		}
		return call.Args[s.arg], s.library
	}
	switch words := wordsOf(info, call); {
	case len(words) > 1 && (names(info, words, "EVAL") || names(info, words, "EVAL_RO")):
		return words[1], false
	case len(words) == 3 && names(info, words, "SCRIPT", "LOAD"):
		return words[2], false
	case len(words) == 3 && names(info, words, "FUNCTION", "LOAD"),
		len(words) == 4 && names(info, words, "FUNCTION", "LOAD", "REPLACE"):
		return words[len(words)-1], true
	}
	return nil, false
}

// lineOf is the place of a line of the Lua if that stands in the call between
// backquotes, else that of the argument.
func lineOf(pass *analysis.Pass, arg ast.Expr, line int) token.Pos {
	lit, ok := ast.Unparen(arg).(*ast.BasicLit)
	if !ok || line < 2 || !strings.HasPrefix(lit.Value, "`") {
		return arg.Pos()
	}
	file := pass.Fset.File(lit.Pos())
	at := file.PositionFor(lit.Pos(), false).Line + line - 1
	if at > file.LineCount() {
		return arg.Pos()
	}
	return min(file.LineStart(at), lit.End()-1)
}

// variables knows the text of variables that are set once.
type variables struct {
	pass    *analysis.Pass
	root    inspector.Cursor
	values  map[*types.Var]value // nil until it is asked for
	changed map[*types.Var]bool  // assigned to, or their address is taken
}

// A value is what a declaration gives a variable.
type value struct {
	text string
	file string // the embedded file that text is from; "" for a constant
}

// source returns the text of an expression, and the file if it is embedded.
func (vs *variables) source(e ast.Expr) (source, file string, ok bool) {
	info := vs.pass.TypesInfo
	e = ast.Unparen(e)
	if s, ok := text(info, e); ok {
		return s, "", true
	}
	// string(b), of a []byte that is embedded.
	if call, ok := e.(*ast.CallExpr); ok && len(call.Args) == 1 && info.Types[call.Fun].IsType() {
		if _, ok := info.TypeOf(call.Args[0]).Underlying().(*types.Slice); ok {
			e = ast.Unparen(call.Args[0])
		}
	}
	ident, isIdent := e.(*ast.Ident)
	if !isIdent {
		return "", "", false
	}
	v, isVar := info.Uses[ident].(*types.Var)
	if !isVar {
		return "", "", false
	}
	if vs.values == nil {
		vs.collect()
	}
	val, ok := vs.values[v]
	if !ok || vs.changed[v] || isGlobal(v) && v.Exported() && val.file == "" { // others may set it
		return "", "", false
	}
	return val.text, val.file, true
}

// collect reads the package's declarations.
func (vs *variables) collect() {
	info := vs.pass.TypesInfo
	vs.values, vs.changed = map[*types.Var]value{}, map[*types.Var]bool{}
	set := func(ident *ast.Ident, val value) {
		if v, ok := info.Defs[ident].(*types.Var); ok {
			vs.values[v] = val
		}
	}
	for cur := range vs.root.Preorder((*ast.GenDecl)(nil), (*ast.AssignStmt)(nil)) {
		switch n := cur.Node().(type) {
		case *ast.AssignStmt:
			for i, e := range n.Lhs {
				if ident, ok := e.(*ast.Ident); ok && n.Tok == token.DEFINE && len(n.Lhs) == len(n.Rhs) {
					if s, ok := text(info, n.Rhs[i]); ok {
						set(ident, value{text: s})
					}
				}
			}
		case *ast.GenDecl:
			for _, s := range n.Specs {
				spec, ok := s.(*ast.ValueSpec)
				if !ok {
					continue
				}
				for i, ident := range spec.Names {
					if len(spec.Values) == len(spec.Names) {
						if s, ok := text(info, spec.Values[i]); ok {
							set(ident, value{text: s})
						}
					}
				}
				doc := spec.Doc
				if doc == nil && !n.Lparen.IsValid() {
					doc = n.Doc
				}
				if len(spec.Names) == 1 && doc != nil {
					if val, ok := vs.embedded(doc); ok {
						set(spec.Names[0], val)
					}
				}
			}
		}
	}
	for cur := range vs.root.Preorder((*ast.Ident)(nil)) {
		v, ok := info.Uses[cur.Node().(*ast.Ident)].(*types.Var)
		if !ok {
			continue
		}
		kind, _ := cur.ParentEdge()
		taken, _ := cur.Parent().Node().(*ast.UnaryExpr)
		switch {
		case isAssigned(cur), kind == edge.RangeStmt_Key, kind == edge.RangeStmt_Value, taken != nil && taken.Op == token.AND,
			kind == edge.IndexExpr_X && isAssigned(cur.Parent()):
			vs.changed[v] = true
		}
	}
}

// largest is how much of a file is read. Redis takes no script that is larger.
const largest = 16 << 20

// embedded reads the file that a //go:embed comment names, if it is one name and
// not a pattern.
func (vs *variables) embedded(doc *ast.CommentGroup) (value, bool) {
	var name string
	for _, c := range doc.List {
		pattern, ok := strings.CutPrefix(c.Text, "//go:embed ")
		if !ok {
			continue
		}
		pattern = strings.TrimSpace(pattern)
		if unquoted, err := strconv.Unquote(pattern); err == nil {
			pattern = unquoted
		} else if strings.ContainsAny(pattern, " \t") {
			return value{}, false
		}
		if name != "" || strings.ContainsAny(pattern, `*?[\:`) {
			return value{}, false
		}
		name = pattern
	}
	if name == "" {
		return value{}, false
	}
	full := filepath.Join(filepath.Dir(vs.pass.Fset.File(doc.Pos()).Name()), filepath.FromSlash(name))
	if stat, err := os.Stat(full); err != nil || !stat.Mode().IsRegular() || stat.Size() > largest {
		return value{}, false
	}
	source, err := os.ReadFile(full)
	if err != nil {
		return value{}, false
	}
	return value{text: string(source), file: name}, true
}
