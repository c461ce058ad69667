package dap

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/google/go-dap"

	"github.com/redis-rest/redis-rest-go/internal/engine/lua"
	"github.com/redis-rest/redis-rest-go/internal/workbench/debug"
	"github.com/redis-rest/redis-rest-go/internal/workbench/trace"
)

// Limits of what is shown.
const (
	room     = 400   // bytes of a value
	maxItems = 1000  // variables in one answer
	maxRefs  = 50000 // values whose parts the client may ask for, until the script moves
)

// evalTime is how long the evaluation of an expression may take.
const evalTime = 5 * time.Second

// A container has variables that a client can ask for.
type container struct {
	frame debug.FrameID
	scope string     // one of those below, or empty
	table *lua.Table // if it is no scope
	path  string     // the expression for the table; empty if there is none
}

// The scopes.
const (
	locals   = "Locals"
	upvalues = "Upvalues"
	keyScope = "KEYS"
	argScope = "ARGV"
	touched  = "Keys in the database"
)

func (a *adapter) reference(c container) int {
	if len(a.refs) >= maxRefs {
		return 0
	}
	a.refs = append(a.refs, c)
	return len(a.refs)
}

func (a *adapter) container(ref int) (container, error) {
	if ref < 1 || ref > len(a.refs) {
		return container{}, errors.New("there is no such reference to variables; the script has moved")
	}
	return a.refs[ref-1], nil
}

// key returns the key of the database that a variable stands for, or "".
func (a *adapter) key(c container, name string) string {
	switch c.scope {
	case touched:
		return name
	case keyScope:
		if n, err := strconv.Atoi(strings.Trim(name, "[]")); err == nil && n >= 1 && n <= len(a.s.About().Keys) {
			return a.s.About().Keys[n-1]
		}
	}
	return ""
}

func (a *adapter) threads(r *dap.ThreadsRequest) error {
	m := &dap.ThreadsResponse{}
	m.Body.Threads = []dap.Thread{{Id: 1, Name: a.source().Name}}
	if a.moved == nil {
		for _, th := range a.s.Threads() {
			if th.ID > 0 {
				m.Body.Threads = append(m.Body.Threads, dap.Thread{Id: th.ID + 1, Name: fmt.Sprintf("coroutine %d (%s)", th.ID, th.Status)})
			}
		}
	}
	a.answer(r, m)
	return nil
}

func (a *adapter) stackTrace(r *dap.StackTraceRequest) error {
	m := &dap.StackTraceResponse{}
	m.Body.StackFrames = []dap.StackFrame{}
	frames := a.s.Stack(r.Arguments.ThreadId - 1)
	m.Body.TotalFrames = len(frames)
	first := min(max(r.Arguments.StartFrame, 0), len(frames))
	frames = frames[first:]
	if n := r.Arguments.Levels; n > 0 && n < len(frames) {
		frames = frames[:n]
	}
	if len(frames) > maxItems {
		frames = frames[:maxItems]
	}
	if len(a.frames) > maxRefs {
		return errors.New("the stack was asked for too often")
	}
	for _, f := range frames {
		a.frames = append(a.frames, f)
		m.Body.StackFrames = append(m.Body.StackFrames, dap.StackFrame{Id: len(a.frames), Name: a.s.Name(f), Source: a.source(), Line: a.line(f.Line()), Column: a.zeroBased})
	}
	if a.s.Now().Reason == debug.Ended && r.Arguments.ThreadId == 1 && first == 0 {
		last := strings.Count(strings.TrimSuffix(a.s.About().Source, "\n"), "\n") + 1
		m.Body.TotalFrames = 1
		m.Body.StackFrames = append(m.Body.StackFrames, dap.StackFrame{Name: "(the script has ended)", Source: a.source(), Line: a.line(last), Column: a.zeroBased})
	}
	a.answer(r, m)
	return nil
}

// stackText is the stack as text.
func (a *adapter) stackText() string {
	var b strings.Builder
	for i, f := range a.s.Stack(a.s.Thread()) {
		if i > 50 {
			b.WriteString("…\n")
			break
		}
		fmt.Fprintf(&b, "%s (%s:%d)\n", a.s.Name(f), filepath.Base(a.path), f.Line())
	}
	return b.String()
}

// frame returns the frame with that id. 0 is the innermost one.
func (a *adapter) frame(id int) (debug.FrameID, error) {
	if id == 0 {
		return debug.FrameID{Thread: a.s.Thread()}, nil
	}
	if id < 1 || id > len(a.frames) {
		return debug.FrameID{}, errors.New("there is no such function in the stack; the script has moved")
	}
	return a.frames[id-1].ID, nil
}

func (a *adapter) scopes(r *dap.ScopesRequest) error {
	id, err := a.frame(r.Arguments.FrameId)
	if err != nil {
		return err
	}
	names := []string{locals, upvalues, keyScope, argScope, touched}
	if a.s.Now().Reason == debug.Ended {
		names = names[2:]
	}
	m := &dap.ScopesResponse{}
	m.Body.Scopes = []dap.Scope{}
	for _, name := range names {
		scope := dap.Scope{Name: name, VariablesReference: a.reference(container{frame: id, scope: name}), Expensive: name == touched}
		switch name {
		case locals:
			scope.PresentationHint = "locals"
		case keyScope, argScope:
			scope.PresentationHint = "arguments"
		}
		m.Body.Scopes = append(m.Body.Scopes, scope)
	}
	a.answer(r, m)
	return nil
}

func (a *adapter) variables(r *dap.VariablesRequest) error {
	c, err := a.container(r.Arguments.VariablesReference)
	if err != nil {
		return err
	}
	m := &dap.VariablesResponse{}
	m.Body.Variables = []dap.Variable{}
	skip, left := max(r.Arguments.Start, 0), maxItems
	if n := r.Arguments.Count; n > 0 && n < left {
		left = n
	}
	full := false
	// add adds a variable, and returns false when there are enough.
	add := func(name, path string, v lua.Value) bool {
		if skip > 0 {
			skip--
			return true
		}
		if left == 0 {
			full = true
			return false
		}
		left--
		m.Body.Variables = append(m.Body.Variables, a.variable(name, path, v, c.frame))
		return true
	}
	switch c.scope {
	case "":
		debug.Each(c.table, func(key, v lua.Value) bool { return add(fieldName(key), fieldPath(c.path, key), v) })
	case keyScope, argScope:
		list := a.s.About().Keys
		if c.scope == argScope {
			list = a.s.About().Args
		}
		for i, v := range list {
			path := fmt.Sprintf("%s[%d]", c.scope, i+1)
			if a.launch.Function != "" {
				path = "" // a function has parameters instead
			}
			if !add(fmt.Sprintf("[%d]", i+1), path, v) {
				break
			}
		}
	case touched:
		for _, key := range a.s.Touched() {
			text, err := a.valueOf(key)
			if err != nil {
				text = err.Error()
			}
			if left == 0 {
				break
			}
			left--
			m.Body.Variables = append(m.Body.Variables, dap.Variable{Name: strings.ToValidUTF8(key, "�"), Value: strings.ToValidUTF8(text, "�")})
		}
	default:
		vars, err := a.visible(c)
		if err != nil {
			return err
		}
		for _, v := range vars {
			if !add(v.Name, v.Name, v.Value) {
				break
			}
		}
	}
	if full && r.Arguments.Count == 0 {
		m.Body.Variables = append(m.Body.Variables, dap.Variable{Name: "…", Value: fmt.Sprintf("only the first %d are shown", maxItems)})
	}
	a.answer(r, m)
	return nil
}

// visible returns the locals or upvalues of a frame, without those that another one of the same name hides.
func (a *adapter) visible(c container) ([]lua.Variable, error) {
	frames := a.s.Stack(c.frame.Thread)
	if c.frame.Index >= len(frames) {
		return nil, errors.New("the script has moved")
	}
	f := frames[c.frame.Index]
	vars := f.Locals()
	if c.scope == upvalues {
		vars = f.Upvalues()
	}
	last := map[string]int{}
	for i, v := range vars {
		last[v.Name] = i
	}
	i := -1
	return slices.DeleteFunc(vars, func(v lua.Variable) bool {
		i++
		return last[v.Name] != i
	}), nil
}

// valueOf returns the value of a key as text.
func (a *adapter) valueOf(key string) (string, error) {
	ctx, cancel := context.WithTimeout(a.ctx, evalTime)
	defer cancel()
	kind, text := trace.ValueOf(key, func(words ...string) []byte {
		reply, err := a.s.Command(ctx, words, false)
		if err != nil {
			return nil
		}
		return reply
	})
	switch {
	case ctx.Err() != nil:
		return "", ctx.Err()
	case kind == "none" || kind == "":
		return "(nothing)", nil
	}
	return kind + " " + text, nil
}

// variable describes a value.
func (a *adapter) variable(name, path string, v lua.Value, frame debug.FrameID) dap.Variable {
	d := dap.Variable{Name: name, Value: strings.ToValidUTF8(debug.Text(v, room), "�"), Type: lua.TypeName(v), EvaluateName: path}
	if t, ok := v.(*lua.Table); ok {
		d.VariablesReference = a.reference(container{frame: frame, table: t, path: path})
	}
	return d
}

func fieldName(key lua.Value) string { return strings.ToValidUTF8(debug.KeyText(key), "�") }

// fieldPath returns the expression for a field, or "" if there is none.
func fieldPath(path string, key lua.Value) string {
	if path == "" {
		return ""
	}
	switch key := key.(type) {
	case string:
		if len(key) > room {
			return ""
		}
		return path + "[" + debug.Quote(key) + "]"
	case float64:
		return path + "[" + strconv.FormatFloat(key, 'g', -1, 64) + "]"
	case bool:
		return path + "[" + strconv.FormatBool(key) + "]"
	}
	return ""
}

// setVariable evaluates an assignment.
func (a *adapter) setVariable(r *dap.SetVariableRequest) error {
	c, err := a.container(r.Arguments.VariablesReference)
	if err != nil {
		return err
	}
	path := ""
	switch c.scope {
	case locals, upvalues:
		vars, err := a.visible(c)
		if err != nil {
			return err
		}
		if slices.ContainsFunc(vars, func(v lua.Variable) bool { return v.Name == r.Arguments.Name }) {
			path = r.Arguments.Name
		}
	case keyScope, argScope:
		if n, err := strconv.Atoi(strings.Trim(r.Arguments.Name, "[]")); err == nil && a.launch.Function == "" {
			path = fmt.Sprintf("%s[%d]", c.scope, n)
		}
	case "":
		debug.Each(c.table, func(key, _ lua.Value) bool {
			if fieldName(key) == r.Arguments.Name {
				path = fieldPath(c.path, key)
			}
			return path == ""
		})
	}
	if path == "" {
		return errors.New("this cannot be set here; evaluate an assignment, or redis.call, instead")
	}
	if _, err := lua.Parse("return ("+r.Arguments.Value+"\n)", "=value"); err != nil {
		return fmt.Errorf("the value must be an expression of Lua, such as 5 or \"text\": %w", err)
	}
	ctx, cancel := context.WithTimeout(a.ctx, evalTime)
	defer cancel()
	if _, err := a.s.Eval(ctx, c.frame, path+" = ("+r.Arguments.Value+"\n)"); err != nil {
		return err
	}
	v, err := a.s.Look(ctx, c.frame, path)
	if err != nil {
		return err
	}
	d := a.variable("", path, v, c.frame)
	m := &dap.SetVariableResponse{}
	m.Body.Value, m.Body.Type, m.Body.VariablesReference = d.Value, d.Type, d.VariablesReference
	a.answer(r, m)
	return nil
}

// evaluate evaluates an expression. What is typed may change variables and the database; what is watched may not write to it.
func (a *adapter) evaluate(r *dap.EvaluateRequest) error {
	frame, err := a.frame(r.Arguments.FrameId)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(a.ctx, evalTime)
	defer cancel()
	var results []lua.Value
	if r.Arguments.Context == "repl" {
		results, err = a.s.Eval(ctx, frame, r.Arguments.Expression)
	} else {
		var v lua.Value
		v, err = a.s.Look(ctx, frame, r.Arguments.Expression)
		results = []lua.Value{v}
	}
	if err != nil {
		return err
	}
	m := &dap.EvaluateResponse{}
	if len(results) == 0 {
		results = []lua.Value{nil}
	}
	d := a.variable("", "("+r.Arguments.Expression+")", results[0], frame)
	m.Body.Result, m.Body.Type, m.Body.VariablesReference = d.Value, d.Type, d.VariablesReference
	for i, v := range results[1:] {
		if i == maxItems {
			break
		}
		m.Body.Result += ", " + strings.ToValidUTF8(debug.Text(v, room), "�")
	}
	a.answer(r, m)
	return nil
}
