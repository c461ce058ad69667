package dap

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/google/go-dap"

	"github.com/redis-rest/redis-rest-go/internal/engine/keyspace"
	"github.com/redis-rest/redis-rest-go/internal/engine/script"
	"github.com/redis-rest/redis-rest-go/internal/workbench/debug"
)

// attached is what an adapter has of the server to which it is attached.
type attached struct {
	jobs   <-chan Job // nil if it is not
	detach func()
	done   chan<- func(*keyspace.DB) script.Watcher // of the script that is debugged
	files  map[string][]*debug.Breakpoint           // the breakpoints of each file
	any    Launch                                   // how scripts begin
}

// leave ends the session, and what it is attached to.
func (a *adapter) leave() {
	a.close()
	if a.detach != nil {
		a.detach()
		a.jobs, a.detach = nil, nil
	}
}

// finish lets the application's script run.
func (a *adapter) finish(again func(*keyspace.DB) script.Watcher) {
	if a.done != nil {
		a.done <- again
		a.done = nil
	}
}

// attach waits for the scripts of applications. Of the fields of a launch, stopOnEntry and stopAtEnd count.
func (a *adapter) attach(r *dap.AttachRequest) error {
	switch {
	case a.launch != nil:
		return errors.New("a program was launched before")
	case a.host.Attach == nil:
		return errors.New("there is nothing to attach to: use launch, or the port of redis-rest serve --debug-port")
	}
	if err := json.Unmarshal(r.Arguments, &a.any); err != nil && len(r.Arguments) > 0 {
		return fmt.Errorf("the fields of the attach request: %w", err)
	}
	jobs, detach, err := a.host.Attach()
	if err != nil {
		return err
	}
	a.jobs, a.detach, a.files, a.launch = jobs, detach, map[string][]*debug.Breakpoint{}, &Launch{}
	a.answer(r, &dap.AttachResponse{})
	a.send(&dap.InitializedEvent{Event: event("initialized")})
	return nil
}

// idle handles a request while no script runs.
func (a *adapter) idle(request dap.RequestMessage) error {
	switch r := request.(type) {
	case *dap.ConfigurationDoneRequest:
		a.begun = true
		a.answer(r, &dap.ConfigurationDoneResponse{})
	case *dap.SetBreakpointsRequest:
		list := a.ofRequest(r)
		if len(list) > maxBreakpoints || len(a.files) >= maxBreakpoints {
			return errors.New("these are too many breakpoints")
		}
		m := &dap.SetBreakpointsResponse{}
		m.Body.Breakpoints = []dap.Breakpoint{}
		for _, b := range list {
			a.last++
			b.ID = a.last
			m.Body.Breakpoints = append(m.Body.Breakpoints, dap.Breakpoint{Id: b.ID, Line: a.line(b.Line), Message: "it is set when a script with the text of this file runs"})
		}
		a.files[r.Arguments.Source.Path] = list
		a.answer(r, m)
	case *dap.SetFunctionBreakpointsRequest:
		a.answer(r, &dap.SetFunctionBreakpointsResponse{Body: dap.SetFunctionBreakpointsResponseBody{Breakpoints: []dap.Breakpoint{}}})
	case *dap.SetDataBreakpointsRequest:
		a.answer(r, &dap.SetDataBreakpointsResponse{Body: dap.SetDataBreakpointsResponseBody{Breakpoints: []dap.Breakpoint{}}})
	case *dap.SetExceptionBreakpointsRequest:
		a.errors = errorStops(r)
		a.answer(r, &dap.SetExceptionBreakpointsResponse{})
	case *dap.ThreadsRequest:
		a.answer(r, &dap.ThreadsResponse{Body: dap.ThreadsResponseBody{Threads: []dap.Thread{{Id: 1, Name: "no script runs"}}}})
	default:
		return errors.New("no script runs now")
	}
	return nil
}

// take debugs a script of an application.
func (a *adapter) take(job Job) {
	a.done = job.Done
	s, err := debug.Start(a.ctx, job.DB, job.Words)
	if err != nil {
		a.finish(nil) // it fails in the same way for the application
		return
	}
	launch := a.any
	if strings.HasPrefix(strings.ToUpper(job.Words[0]), "F") {
		launch.Function = job.Words[1]
	}
	a.launch, a.s, a.path, a.lines = &launch, s, "", nil
	s.Output = a.says
	s.StopAtErrors(a.errors)
	for path, list := range a.files {
		if text, err := os.ReadFile(path); err == nil && string(text) == s.About().Source {
			if full, err := filepath.Abs(path); err == nil {
				a.path, a.lines = full, list
			}
		}
	}
	problems := a.set()
	for _, b := range a.lines {
		d := dap.Breakpoint{Id: b.ID, Verified: true, Source: a.source(), Line: a.line(b.Line)}
		if problems[b] != nil {
			d.Verified, d.Message = false, problems[b].Error()
		}
		a.send(&dap.BreakpointEvent{Event: event("breakpoint"), Body: dap.BreakpointEventBody{Reason: "changed", Breakpoint: d}})
	}
	a.begin()
}

// keep keeps the breakpoints of a file for the scripts that come later.
func (a *adapter) keep(path string, list []*debug.Breakpoint) {
	if a.jobs != nil && len(a.files) < maxBreakpoints {
		a.files[path] = slices.Clone(list)
	}
}
