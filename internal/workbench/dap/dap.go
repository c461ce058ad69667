// Package dap speaks the Debug Adapter Protocol, so that editors can use the debugger.
package dap

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"sync"

	"github.com/google/go-dap"

	"github.com/redis-rest/redis-rest-go/internal/engine/keyspace"
	"github.com/redis-rest/redis-rest-go/internal/engine/script"
	"github.com/redis-rest/redis-rest-go/internal/workbench/debug"
	"github.com/redis-rest/redis-rest-go/internal/workbench/trace"
)

// A Launch has the fields of a launch request.
type Launch struct {
	Program     string   `json:"program"`     // the file
	Function    string   `json:"function"`    // of a library; empty for a script
	Keys        texts    `json:"keys"`        // KEYS
	Args        texts    `json:"args"`        // ARGV
	Seed        string   `json:"seed"`        // a file with commands that run first
	Data        string   `json:"data"`        // a file of serve --data to begin with
	Copy        []string `json:"copy"`        // keys to copy from the database of the environment
	Keep        bool     `json:"keep"`        // keep the changes in the file of Data
	StopOnEntry bool     `json:"stopOnEntry"` // stop at the first statement
	StopAtEnd   bool     `json:"stopAtEnd"`   // stop when the script has ended, so that one can step back
	NoDebug     bool     `json:"noDebug"`
}

// texts are strings; numbers are accepted too, because they are arguments of scripts.
type texts []string

func (t *texts) UnmarshalJSON(data []byte) error {
	var list []any
	d := json.NewDecoder(bytes.NewReader(data))
	d.UseNumber()
	if err := d.Decode(&list); err != nil {
		return errors.New("keys and args must be lists of strings")
	}
	for _, v := range list {
		switch v := v.(type) {
		case string:
			*t = append(*t, v)
		case json.Number:
			*t = append(*t, v.String())
		default:
			return errors.New("keys and args must be lists of strings")
		}
	}
	return nil
}

// A Program is what was launched.
type Program struct {
	DB    *keyspace.DB
	Words []string // the command that runs the script
	Close func()
}

// A Host says what can be debugged. Its functions may be nil.
type Host struct {
	// Open makes the database and the command for a launch.
	Open func(context.Context, Launch) (Program, error)
	// Attach returns the scripts that applications send, until detach is called.
	Attach func() (jobs <-chan Job, detach func(), err error)
}

// A Job is a script or a function that an application has sent, before it runs.
type Job struct {
	DB    *keyspace.DB // a copy
	Words []string
	// Done gets what lets the script do the same on another database, or nil.
	Done chan<- func(*keyspace.DB) script.Watcher
}

// Serve serves one client until it disconnects, its input ends, or ctx ends.
func Serve(ctx context.Context, in io.Reader, out io.Writer, host Host) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	a := &adapter{ctx: ctx, out: out, host: host, errors: debug.ErrorStops{Uncaught: true}, zeroBased: 1}
	defer a.leave()
	messages, failed := make(chan []byte), make(chan error, 1)
	go func() {
		r := bufio.NewReader(in)
		for {
			content, err := dap.ReadBaseMessage(r)
			if err != nil {
				failed <- err
				return
			}
			select {
			case messages <- content:
			case <-ctx.Done():
				return
			}
		}
	}()
	for {
		var jobs <-chan Job
		if a.begun && a.s == nil {
			jobs = a.jobs
		}
		select {
		case job := <-jobs:
			a.take(job)
		case content := <-messages:
			a.receive(content)
		case done := <-a.moved:
			a.arrived(done)
		case err := <-failed:
			if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
				return nil
			}
			return fmt.Errorf("the client does not speak the Debug Adapter Protocol: %w", err)
		case <-ctx.Done():
			return nil
		}
		if a.gone {
			return nil
		}
	}
}

// An adapter serves one client. All its methods run on one goroutine, except send.
type adapter struct {
	ctx       context.Context
	host      Host
	zeroBased int // 1 if the client counts lines from 1, else 0
	gone      bool

	mu  sync.Mutex // of what follows
	out io.Writer
	seq int

	launch  *Launch
	path    string
	program Program
	s       *debug.Session
	begun   bool // configurationDone has come
	changed string

	lines, functions, keys []*debug.Breakpoint
	last                   int // the number of the last breakpoint
	errors                 debug.ErrorStops

	moved   chan movement // nil unless the script runs
	stop    context.CancelFunc
	waiting []dap.RequestMessage // while it runs
	resume  bool                 // it was stopped for them only

	frames []debug.Frame
	refs   []container

	attached // to a server
}

// A movement is how a move has ended.
type movement struct {
	stop debug.Stop
	err  error
}

func (a *adapter) close() {
	if a.moved != nil {
		a.stop()
		<-a.moved
		a.moved = nil
	}
	if a.s != nil {
		a.s.Close()
		a.s = nil
	}
	a.finish(nil)
	if a.program.Close != nil {
		a.program.Close()
		a.program = Program{}
	}
}

// send sends a message. Output may come from the goroutine of the script.
func (a *adapter) send(m dap.Message) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.seq++
	switch m := m.(type) {
	case dap.ResponseMessage:
		m.GetResponse().Seq, m.GetResponse().Type = a.seq, "response"
	case dap.EventMessage:
		m.GetEvent().Seq, m.GetEvent().Type = a.seq, "event"
	}
	_ = dap.WriteProtocolMessage(a.out, m) // if that fails, reading ends too
}

func event(name string) dap.Event { return dap.Event{Event: name} }

// answer sends the response to a request.
func (a *adapter) answer(to dap.RequestMessage, m dap.ResponseMessage) {
	r := m.GetResponse()
	r.RequestSeq, r.Command, r.Success = to.GetRequest().Seq, to.GetRequest().Command, true
	a.send(m)
}

// refuse sends an error response.
func (a *adapter) refuse(seq int, command string, err error) {
	m := &dap.ErrorResponse{}
	m.RequestSeq, m.Command, m.Message = seq, command, err.Error()
	m.Body.Error = &dap.ErrorMessage{Id: 1, Format: "{reason}", Variables: map[string]string{"reason": err.Error()}, ShowUser: true}
	a.send(m)
}

// output shows a line to the person.
func (a *adapter) output(category, text string, line int) {
	m := &dap.OutputEvent{Event: event("output")}
	m.Body = dap.OutputEventBody{Category: category, Output: strings.ToValidUTF8(text, "�") + "\n"}
	if line > 0 {
		m.Body.Source, m.Body.Line = a.source(), a.line(line)
	}
	a.send(m)
}

func (a *adapter) source() *dap.Source {
	if a.path == "" { // the client asks for the text
		return &dap.Source{Name: "script " + a.s.About().Script, SourceReference: 1}
	}
	return &dap.Source{Name: filepath.Base(a.path), Path: a.path}
}

// line is a line of the source as the client counts it.
func (a *adapter) line(line int) int { return line - 1 + a.zeroBased }

// receive handles a message.
func (a *adapter) receive(content []byte) {
	m, err := dap.DecodeProtocolMessage(content)
	if err != nil {
		var about struct {
			Seq     int    `json:"seq"`
			Type    string `json:"type"`
			Command string `json:"command"`
		}
		if json.Unmarshal(content, &about); about.Type == "request" {
			a.refuse(about.Seq, about.Command, fmt.Errorf("the request cannot be read: %w", err))
		}
		return
	}
	request, ok := m.(dap.RequestMessage)
	if !ok {
		return // the adapter has asked nothing
	}
	if init, ok := m.(*dap.InitializeRequest); ok {
		var about struct {
			Arguments struct {
				LinesStartAt1 *bool `json:"linesStartAt1"`
			} `json:"arguments"`
		}
		if json.Unmarshal(content, &about); about.Arguments.LinesStartAt1 != nil && !*about.Arguments.LinesStartAt1 {
			a.zeroBased = 0
		}
		a.initialize(init)
		return
	}
	a.handle(request)
}

// errRunning is the error of what needs a script that waits.
var errRunning = errors.New("the script runs; pause it first")

func (a *adapter) handle(request dap.RequestMessage) {
	if err := a.try(request); err != nil {
		a.refuse(request.GetRequest().Seq, request.GetRequest().Command, err)
	}
}

// try handles a request. The error is the answer.
func (a *adapter) try(request dap.RequestMessage) error {
	if a.moved != nil {
		switch r := request.(type) {
		case *dap.PauseRequest:
			a.resume = false
			a.stop()
			a.answer(r, &dap.PauseResponse{})
			return nil
		case *dap.DisconnectRequest, *dap.TerminateRequest, *dap.ThreadsRequest:
		case *dap.SetBreakpointsRequest, *dap.SetFunctionBreakpointsRequest, *dap.SetDataBreakpointsRequest, *dap.SetExceptionBreakpointsRequest:
			// The script stops for a moment.
			if len(a.waiting) >= maxWaiting {
				return errRunning
			}
			if len(a.waiting) == 0 {
				a.resume = true
				a.stop()
			}
			a.waiting = append(a.waiting, request)
			return nil
		default:
			return errRunning
		}
	}
	switch r := request.(type) {
	case *dap.LaunchRequest:
		return a.launched(r)
	case *dap.AttachRequest:
		return a.attach(r)
	case *dap.DisconnectRequest:
		a.gone = true
		a.leave()
		a.answer(r, &dap.DisconnectResponse{})
		return nil
	case *dap.TerminateRequest:
		a.leave()
		a.answer(r, &dap.TerminateResponse{})
		a.send(&dap.TerminatedEvent{Event: event("terminated")})
		return nil
	}
	if a.s == nil && a.jobs != nil {
		return a.idle(request)
	}
	if a.s == nil {
		return errors.New("nothing is debugged; launch a program first")
	}
	switch r := request.(type) {
	case *dap.SetBreakpointsRequest:
		return a.setBreakpoints(r)
	case *dap.SetFunctionBreakpointsRequest:
		return a.setFunctionBreakpoints(r)
	case *dap.DataBreakpointInfoRequest:
		return a.dataBreakpointInfo(r)
	case *dap.SetDataBreakpointsRequest:
		return a.setDataBreakpoints(r)
	case *dap.SetExceptionBreakpointsRequest:
		return a.setExceptionBreakpoints(r)
	case *dap.BreakpointLocationsRequest:
		return a.breakpointLocations(r)
	case *dap.ConfigurationDoneRequest:
		return a.configurationDone(r)
	case *dap.ThreadsRequest:
		return a.threads(r)
	case *dap.StackTraceRequest:
		return a.stackTrace(r)
	case *dap.ScopesRequest:
		return a.scopes(r)
	case *dap.VariablesRequest:
		return a.variables(r)
	case *dap.SetVariableRequest:
		return a.setVariable(r)
	case *dap.EvaluateRequest:
		return a.evaluate(r)
	case *dap.ExceptionInfoRequest:
		return a.exceptionInfo(r)
	case *dap.RestartRequest:
		if a.jobs != nil {
			return errors.New("the script of an application cannot be restarted; go back instead")
		}
		return a.restart(r)
	case *dap.SourceRequest:
		m := &dap.SourceResponse{}
		m.Body.Content, m.Body.MimeType = strings.ToValidUTF8(a.s.About().Source, "�"), "text/x-lua"
		a.answer(r, m)
		return nil
	case *dap.PauseRequest:
		a.answer(r, &dap.PauseResponse{}) // it waits already
		return nil
	}
	if !a.begun {
		return errors.New("the script has not begun; configurationDone must come first")
	}
	switch r := request.(type) {
	case *dap.ContinueRequest:
		if a.s.Now().Reason == debug.Ended {
			a.answer(r, &dap.ContinueResponse{})
			a.end()
			return nil
		}
		m := &dap.ContinueResponse{}
		m.Body.AllThreadsContinued = true
		a.answer(r, m)
		a.move(debug.Continue)
	case *dap.NextRequest:
		a.answer(r, &dap.NextResponse{})
		a.move(debug.Over)
	case *dap.StepInRequest:
		a.answer(r, &dap.StepInResponse{})
		a.move(debug.Into)
	case *dap.StepOutRequest:
		a.answer(r, &dap.StepOutResponse{})
		a.move(debug.Out)
	case *dap.StepBackRequest:
		a.answer(r, &dap.StepBackResponse{})
		if r.Arguments.Granularity == "instruction" {
			a.move(debug.BackInto)
		} else {
			a.move(debug.BackOver)
		}
	case *dap.ReverseContinueRequest:
		a.answer(r, &dap.ReverseContinueResponse{})
		a.move(debug.BackContinue)
	default:
		return fmt.Errorf("the debugger does not have the request %q", request.GetRequest().Command)
	}
	return nil
}

// maxWaiting is how many requests may wait until the script stops.
const maxWaiting = 100

func (a *adapter) initialize(r *dap.InitializeRequest) {
	m := &dap.InitializeResponse{}
	m.Body = dap.Capabilities{
		SupportsConfigurationDoneRequest: true, SupportsFunctionBreakpoints: true, SupportsConditionalBreakpoints: true, SupportsHitConditionalBreakpoints: true,
		SupportsLogPoints: true, SupportsDataBreakpoints: true, SupportsBreakpointLocationsRequest: true, SupportsStepBack: true, SupportsSetVariable: true,
		SupportsEvaluateForHovers: true, SupportsExceptionInfoRequest: true, SupportsRestartRequest: true, SupportsTerminateRequest: true,
		ExceptionBreakpointFilters: []dap.ExceptionBreakpointsFilter{
			{Filter: "uncaught", Label: "Errors that nobody catches", Default: true}, {Filter: "caught", Label: "Errors that the script catches"},
		},
	}
	a.answer(r, m)
}

func (a *adapter) launched(r *dap.LaunchRequest) error {
	if a.launch != nil {
		return errors.New("a program was launched before")
	}
	if a.host.Open == nil {
		return errors.New("this debugger is part of a server: use attach")
	}
	launch := &Launch{}
	if err := json.Unmarshal(r.Arguments, launch); err != nil && len(r.Arguments) > 0 {
		return fmt.Errorf("the fields of the launch request: %w", err)
	}
	switch {
	case launch.Program == "":
		return errors.New("the launch request needs the field program, the file of the script")
	case launch.Keep && launch.Data == "":
		return errors.New("the field keep needs data, the file in which the changes are kept")
	}
	path, err := filepath.Abs(launch.Program)
	if err != nil {
		return err
	}
	a.launch, a.path = launch, path
	if err := a.start(); err != nil {
		a.launch = nil
		return err
	}
	a.answer(r, &dap.LaunchResponse{})
	a.send(&dap.InitializedEvent{Event: event("initialized")})
	return nil
}

// start opens the program and begins to debug it.
func (a *adapter) start() error {
	program, err := a.host.Open(a.ctx, *a.launch)
	if err != nil {
		return err
	}
	s, err := debug.Start(a.ctx, program.DB, program.Words)
	if err != nil {
		program.Close()
		return err
	}
	a.close()
	a.program, a.s, a.changed = program, s, ""
	s.Output = a.says
	s.StopAtErrors(a.errors)
	return nil
}

// says shows what the script says.
func (a *adapter) says(kind debug.OutputKind, text string) {
	switch kind {
	case debug.OutputDebug, debug.OutputPoint:
		a.output("console", text, 0)
	case debug.OutputLog:
		a.output("stdout", debug.Part(text, 10_000), 0)
	}
}

func (a *adapter) configurationDone(r *dap.ConfigurationDoneRequest) error {
	if a.begun {
		return errors.New("the script has begun before")
	}
	a.answer(r, &dap.ConfigurationDoneResponse{})
	a.begin()
	return nil
}

// begin lets the script run, or shows its first statement.
func (a *adapter) begin() {
	a.begun = true
	if a.launch.NoDebug {
		a.s.SetBreakpoints(nil)
		a.s.StopAtErrors(debug.ErrorStops{})
		a.move(debug.ToEnd)
		return
	}
	stop := a.s.Now()
	switch here, hit := a.s.Hits(a.ctx); {
	case hit:
		a.arrived(movement{stop: here})
	case a.launch.StopOnEntry || stop.Reason == debug.Ended:
		a.arrived(movement{stop: stop})
	default:
		a.move(debug.Continue)
	}
}

func (a *adapter) restart(r *dap.RestartRequest) error {
	if err := a.start(); err != nil { // the session that is there goes on
		return err
	}
	a.set()
	a.answer(r, &dap.RestartResponse{})
	a.begin()
	return nil
}

// move moves, while requests come.
func (a *adapter) move(m debug.Move) {
	a.frames, a.refs = nil, nil
	moved := make(chan movement, 1)
	ctx, cancel := context.WithCancel(a.ctx)
	a.moved, a.stop, a.resume = moved, cancel, false
	s := a.s
	go func() {
		defer cancel()
		stop, err := s.Go(ctx, m)
		moved <- movement{stop, err}
	}()
}

// arrived tells the client where the script has stopped.
func (a *adapter) arrived(m movement) {
	a.moved = nil
	resume := a.resume && m.stop.Reason == debug.Interrupt
	waiting := a.waiting
	a.waiting, a.resume = nil, false
	for _, request := range waiting {
		a.handle(request)
	}
	switch {
	case a.gone || a.s == nil:
		return
	case m.err != nil:
		a.output("stderr", m.err.Error(), 0)
		a.end()
		return
	case resume:
		a.move(debug.Continue)
		return
	}
	if now, err := os.ReadFile(a.path); err == nil && a.jobs == nil && string(now) != a.s.About().Source && string(now) != a.changed {
		a.changed = string(now)
		a.output("important", filepath.Base(a.path)+" has changed on disk; restart runs the new text", 0)
	}
	if m.stop.Diverged {
		a.output("important", "This run is not like the one before: the order of pairs in a table whose keys are tables or functions may differ", 0)
	}
	if m.stop.Reason == debug.Ended {
		a.output("stdout", "The script has returned "+trace.Text(m.stop.Reply), 0)
		if !a.launch.StopAtEnd {
			a.end()
			return
		}
	}
	e := &dap.StoppedEvent{Event: event("stopped")}
	e.Body = dap.StoppedEventBody{Reason: reasons[m.stop.Reason], ThreadId: a.s.Thread() + 1, AllThreadsStopped: true, HitBreakpointIds: m.stop.Hits, Text: strings.ToValidUTF8(debug.Part(m.stop.Error, 1000), "�")}
	if call := m.stop.Call; call != nil {
		e.Body.Description = strings.ToValidUTF8(debug.Words(call.Words)+" → "+trace.Text(call.Reply), "�")
	}
	if m.stop.Reason == debug.Ended {
		e.Body.Description = "The script has ended; step back, or continue to end"
	}
	a.send(e)
}

// reasons are the words of the protocol.
var reasons = map[debug.Reason]string{
	debug.Entry: "entry", debug.Step: "step", debug.StepBack: "step", debug.Break: "breakpoint", debug.DataBreak: "data breakpoint", debug.CodeBreak: "breakpoint",
	debug.Raised: "exception", debug.Interrupt: "pause", debug.Goto: "goto", debug.Ended: "step", debug.NotReached: "step",
}

// end keeps the changes, if they should be, and ends the session.
func (a *adapter) end() {
	code := 0
	if a.s.Now().Reason == debug.Ended {
		if _, failed := trace.Value(a.s.Now().Reply).(trace.Error); failed {
			code = 1
		}
		if a.launch.Keep {
			if _, err := a.s.Commit(a.ctx, a.program.DB); err != nil {
				a.output("stderr", err.Error(), 0)
			} else {
				a.output("console", "The changes are kept in "+a.launch.Data, 0)
			}
		}
	}
	if a.jobs != nil {
		again := a.s.Follow
		if a.s.Now().Reason != debug.Ended {
			again = nil
		}
		a.s.Close()
		a.s = nil
		a.finish(again)
		return
	}
	a.close()
	exited := &dap.ExitedEvent{Event: event("exited")}
	exited.Body.ExitCode = code
	a.send(exited)
	a.send(&dap.TerminatedEvent{Event: event("terminated")})
}
