package vet

import (
	"go/ast"
	"go/types"

	"golang.org/x/tools/go/analysis"
	"golang.org/x/tools/go/analysis/passes/inspect"
	"golang.org/x/tools/go/ast/edge"
	"golang.org/x/tools/go/ast/inspector"
)

// UnsentBatch finds batches on which nothing calls Exec.
var UnsentBatch = &analysis.Analyzer{
	Name: "unsentbatch",
	Doc: `find pipelines and transactions that are never executed

The commands that are queued in a batch are sent by its Exec:

	b := rdb.Pipeline()
	command.Incr("hits").Queue(b)     // wrong without b.Exec(ctx)

A batch that is returned, passed on, stored, or given to another variable is taken
to be executed elsewhere.`,
	Requires: []*analysis.Analyzer{inspect.Analyzer},
	Run:      unsentBatch,
}

func unsentBatch(pass *analysis.Pass) (any, error) {
	info := pass.TypesInfo
	root := pass.ResultOf[inspect.Analyzer].(*inspector.Inspector).Root()
	for cur := range root.Preorder((*ast.CallExpr)(nil)) {
		call := cur.Node().(*ast.CallExpr)
		if !makesBatch(info, call) {
			continue
		}
		kind, _ := cur.ParentEdge()
		if kind == edge.ExprStmt_X || isQueued(info, cur) {
			pass.ReportRangef(call, "this batch is never executed: keep it in a variable and call its Exec")
		}
	}
	for _, l := range locals(info, root, isBatch) {
		if made := l.madeHere(info); made != nil && l.onlyQueued(info) {
			pass.ReportRangef(made, "the batch %s is never executed, so its commands are never sent: call %[1]s.Exec", l.v.Name())
		}
	}
	return nil, nil
}

// makesBatch reports whether a call is of Pipeline or Multi.
func makesBatch(info *types.Info, call *ast.CallExpr) bool {
	f := callee(info, call)
	return f != nil && (f.Name() == "Pipeline" || f.Name() == "Multi") && f.Signature().Recv() != nil &&
		path(f.Pkg()) == modulePath && isBatch(info.TypeOf(call))
}

// isQueued reports whether cur is the batch that a command is queued in.
func isQueued(info *types.Info, cur inspector.Cursor) bool {
	if kind, _ := cur.ParentEdge(); kind != edge.CallExpr_Args {
		return false
	}
	return isMethod(callee(info, cur.Parent().Node().(*ast.CallExpr)), "Command", "Queue")
}

// madeHere returns the first call that makes the batch; nil where it may hold
// another one.
func (l *local) madeHere(info *types.Info) ast.Expr {
	var made ast.Expr
	for _, value := range l.values {
		if call, ok := value.(*ast.CallExpr); ok && makesBatch(info, call) {
			if made == nil {
				made = value
			}
		} else if value == nil || !info.Types[value].IsNil() {
			return nil
		}
	}
	return made
}

// onlyQueued reports whether a batch is only assigned, queued in, and compared with
// nil.
func (l *local) onlyQueued(info *types.Info) bool {
	for _, cur := range l.uses {
		if isAssigned(cur) || isQueued(info, cur) {
			continue
		}
		if e, ok := cur.Parent().Node().(*ast.BinaryExpr); ok && (info.Types[e.X].IsNil() || info.Types[e.Y].IsNil()) {
			continue
		}
		return false
	}
	return true
}
