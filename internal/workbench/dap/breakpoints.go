package dap

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/google/go-dap"

	"github.com/redis-rest/redis-rest-go/internal/workbench/debug"
)

// maxBreakpoints is how many breakpoints of a kind a client may set.
const maxBreakpoints = 1000

// set sets all breakpoints, and returns why each cannot be set.
func (a *adapter) set() map[*debug.Breakpoint]error {
	list := slices.Concat(a.lines, a.functions, a.keys)
	problems := map[*debug.Breakpoint]error{}
	for i, problem := range a.s.SetBreakpoints(list) {
		problems[list[i]] = problem
	}
	return problems
}

// replace replaces the breakpoints of a kind, and describes them.
func (a *adapter) replace(kind *[]*debug.Breakpoint, list []*debug.Breakpoint) ([]dap.Breakpoint, error) {
	if len(list) > maxBreakpoints {
		return nil, errors.New("these are too many breakpoints")
	}
	wanted := make([]int, len(list))
	for i, b := range list {
		a.last++
		b.ID, wanted[i] = a.last, b.Line
	}
	*kind = list
	problems := a.set()
	described := make([]dap.Breakpoint, len(list))
	for i, b := range list {
		d := dap.Breakpoint{Id: b.ID, Verified: true}
		if b.Line > 0 {
			d.Source, d.Line = a.source(), a.line(b.Line)
		}
		if problems[b] != nil {
			d.Verified, d.Message = false, problems[b].Error()
		} else if b.Line != wanted[i] {
			d.Message = "the line has no code; the breakpoint moved to the next one that has"
		}
		described[i] = d
	}
	return described, nil
}

func (a *adapter) setBreakpoints(r *dap.SetBreakpointsRequest) error {
	m := &dap.SetBreakpointsResponse{}
	list := a.ofRequest(r)
	a.keep(r.Arguments.Source.Path, list)
	if !a.isProgram(r.Arguments.Source) {
		m.Body.Breakpoints = []dap.Breakpoint{}
		for range r.Arguments.Breakpoints {
			m.Body.Breakpoints = append(m.Body.Breakpoints, dap.Breakpoint{Message: "this file is not the program that is debugged"})
		}
		a.answer(r, m)
		return nil
	}
	var err error
	if m.Body.Breakpoints, err = a.replace(&a.lines, list); err != nil {
		return err
	}
	a.answer(r, m)
	return nil
}

// ofRequest returns the breakpoints of a request.
func (a *adapter) ofRequest(r *dap.SetBreakpointsRequest) (list []*debug.Breakpoint) {
	for _, b := range r.Arguments.Breakpoints {
		list = append(list, &debug.Breakpoint{Line: max(b.Line+1-a.zeroBased, 1), Condition: b.Condition, Hits: b.HitCondition, Log: b.LogMessage})
	}
	return list
}

// isProgram says whether a source is the program.
func (a *adapter) isProgram(source dap.Source) bool {
	path := source.Path
	if a.path == "" {
		return path == "" && source.SourceReference == 1
	}
	if full, err := filepath.Abs(path); err == nil && full == a.path {
		return true
	}
	one, err := os.Stat(path)
	if err != nil {
		return false
	}
	other, err := os.Stat(a.path)
	return err == nil && os.SameFile(one, other)
}

func (a *adapter) setFunctionBreakpoints(r *dap.SetFunctionBreakpointsRequest) error {
	var list []*debug.Breakpoint
	for _, b := range r.Arguments.Breakpoints {
		if b.Name == "" {
			return errors.New("a breakpoint has no name of a function")
		}
		list = append(list, &debug.Breakpoint{Function: b.Name, Condition: b.Condition, Hits: b.HitCondition})
	}
	m := &dap.SetFunctionBreakpointsResponse{}
	var err error
	if m.Body.Breakpoints, err = a.replace(&a.functions, list); err != nil {
		return err
	}
	a.answer(r, m)
	return nil
}

// The id of the data of a breakpoint is the name of the key.
func (a *adapter) dataBreakpointInfo(r *dap.DataBreakpointInfoRequest) error {
	m := &dap.DataBreakpointInfoResponse{}
	m.Body.Description = "only keys of the database can be watched"
	name := r.Arguments.Name
	if ref := r.Arguments.VariablesReference; ref > 0 {
		c, err := a.container(ref)
		if err != nil {
			return err
		}
		name = a.key(c, name)
	}
	if name != "" {
		m.Body.DataId, m.Body.Description, m.Body.CanPersist = name, "calls of Redis with the key "+name, true
		m.Body.AccessTypes = []dap.DataBreakpointAccessType{"read", "write", "readWrite"}
	}
	a.answer(r, m)
	return nil
}

var accesses = map[dap.DataBreakpointAccessType]debug.Access{"": debug.Write, "write": debug.Write, "read": debug.Read, "readWrite": debug.ReadOrWrite}

func (a *adapter) setDataBreakpoints(r *dap.SetDataBreakpointsRequest) error {
	var list []*debug.Breakpoint
	for _, b := range r.Arguments.Breakpoints {
		access, ok := accesses[b.AccessType]
		if !ok || b.DataId == "" {
			return errors.New("a data breakpoint needs the name of a key, and read, write or readWrite")
		}
		list = append(list, &debug.Breakpoint{Key: literal(b.DataId), Access: access, Condition: b.Condition, Hits: b.HitCondition})
	}
	m := &dap.SetDataBreakpointsResponse{}
	var err error
	if m.Body.Breakpoints, err = a.replace(&a.keys, list); err != nil {
		return err
	}
	a.answer(r, m)
	return nil
}

// literal returns the pattern that only this name matches.
func literal(name string) string {
	return strings.NewReplacer(`*`, `\*`, `?`, `\?`, `[`, `\[`, `]`, `\]`, `\`, `\\`).Replace(name)
}

func (a *adapter) setExceptionBreakpoints(r *dap.SetExceptionBreakpointsRequest) error {
	a.errors = errorStops(r)
	a.s.StopAtErrors(a.errors)
	a.answer(r, &dap.SetExceptionBreakpointsResponse{})
	return nil
}

func errorStops(r *dap.SetExceptionBreakpointsRequest) debug.ErrorStops {
	return debug.ErrorStops{Uncaught: slices.Contains(r.Arguments.Filters, "uncaught"), Caught: slices.Contains(r.Arguments.Filters, "caught")}
}

func (a *adapter) breakpointLocations(r *dap.BreakpointLocationsRequest) error {
	m := &dap.BreakpointLocationsResponse{}
	m.Body.Breakpoints = []dap.BreakpointLocation{}
	if r.Arguments != nil && a.isProgram(r.Arguments.Source) {
		first := r.Arguments.Line
		for _, line := range a.s.Lines() {
			if n := a.line(line); n == first || n > first && n <= r.Arguments.EndLine {
				m.Body.Breakpoints = append(m.Body.Breakpoints, dap.BreakpointLocation{Line: n})
			}
		}
	}
	a.answer(r, m)
	return nil
}

func (a *adapter) exceptionInfo(r *dap.ExceptionInfoRequest) error {
	stop := a.s.Now()
	if stop.Reason != debug.Raised {
		return errors.New("the script has not stopped at an error")
	}
	text := strings.ToValidUTF8(debug.Part(stop.Error, 10_000), "�")
	m := &dap.ExceptionInfoResponse{}
	m.Body.ExceptionId, m.Body.Description, m.Body.BreakMode = "error", text, "always"
	if !a.errors.Caught {
		m.Body.BreakMode = "unhandled"
	}
	m.Body.Details = &dap.ExceptionDetails{Message: text, TypeName: "error", StackTrace: a.stackText()}
	a.answer(r, m)
	return nil
}
