package debug

import (
	"bytes"
	"context"
	"errors"
	"hash/maphash"
	"slices"
	"strings"
	"sync/atomic"
	"time"

	"github.com/redis-rest/redis-rest-go/internal/engine/keyspace"
	"github.com/redis-rest/redis-rest-go/internal/engine/lua"
	"github.com/redis-rest/redis-rest-go/internal/engine/script"
	"github.com/redis-rest/redis-rest-go/internal/workbench/trace"
)

// A run is one execution, on its own copy of the database. The script's goroutine and that of the session take turns: one of
// them waits.
type run struct {
	s       *Session
	db      *keyspace.DB
	goal    goal
	begun   bool
	stopped chan Stop
	asked   chan func() // what the waiting script does; nil lets it go on
	ended   chan struct{}

	dead, interrupted atomic.Bool
	event             atomic.Int64 // the number of the last one

	state      *lua.State
	place      place
	print      uint64                 // the fingerprint of all events so far
	threads    map[*lua.Coroutine]int // by number, in the order in which they were first seen
	started    int                    // the number of the last one
	evaluating bool
	replied    []byte // by the last call while evaluating
	entered    int    // the line of the function whose first statement comes next
	asks       bool   // redis.breakpoint was called
	touched    []string
}

// A goal is what a run stops at.
type goal struct {
	event  int              // this event, reported as
	as     Stop             //
	step   func(place) bool // a statement
	left   func(*lua.State) // is called when a function returns
	breaks bool             // breakpoints
	scan   func(*run, place)
	quiet  bool // nothing is said
	tell   bool // calls of Redis are said
}

// A place is an event.
type place struct {
	event  int
	kind   kind
	line   int
	thread int
	depth  int // of functions in the thread
	enters int // the line of the function that begins
	asks   bool
	call   *trace.Call
	raised *lua.Error
}

type kind int

const (
	statement kind = iota
	called
	raised
)

var seed = maphash.MakeSeed()

func newRun(s *Session, db *keyspace.DB) *run {
	r := &run{s: s, db: db, stopped: make(chan Stop), asked: make(chan func()), ended: make(chan struct{}), threads: map[*lua.Coroutine]int{}}
	db.Repeat(func() time.Time { return s.began.Add(time.Duration(r.event.Load()) * time.Microsecond) }, s.seed)
	return r
}

// begin starts the script, unless it has begun.
func (r *run) begin() {
	if r.begun {
		return
	}
	r.begun = true
	r.db.SetLog(func(line script.LogLine) { r.say(OutputLog, line.Message) })
	r.db.Watch(r)
	go func() {
		defer close(r.ended)
		reply := r.db.Do(context.Background(), r.s.words)
		if !r.dead.Load() {
			r.stopped <- Stop{Reason: Ended, Event: int(r.event.Load()), Reply: reply}
		}
	}()
}

// alive says whether the script waits at an event.
func (r *run) alive() bool { return r.begun && !r.dead.Load() }

// end ends the run and its database.
func (r *run) end() {
	if r.dead.Swap(true) {
		return
	}
	if r.begun {
		close(r.asked)
	}
	closed := make(chan struct{})
	go func() {
		r.db.Close() // ends the script
		close(closed)
	}()
	for {
		select {
		case <-r.stopped: // it stopped or ended just now
		case <-closed:
			return
		}
	}
}

func (r *run) say(kind OutputKind, text string) {
	if r.s.Output != nil && !r.goal.quiet && !r.dead.Load() {
		r.s.Output(kind, text)
	}
}

// Begin notes what runs.
func (r *run) Begin(about script.Run) {
	if r.s.about.Script == "" {
		r.s.about = script.Run{Script: about.Script, Source: about.Source, Keys: slices.Clone(about.Keys), Args: slices.Clone(about.Args)}
	}
}

// End does nothing.
func (r *run) End([]byte) {}

// mine says whether the innermost Lua function is in the source.
func mine(s *lua.State) bool {
	source, _ := s.Place(0)
	return strings.HasPrefix(source, "@user_")
}

// Line is an event.
func (r *run) Line(s *lua.State, line int) {
	if r.ignores() || !mine(s) {
		return
	}
	p := place{kind: statement, line: line, depth: s.Depth(), enters: r.entered, asks: r.asks}
	r.entered, r.asks = 0, false
	r.at(s, p)
}

// Call notes which function begins.
func (r *run) Call(s *lua.State) {
	if !r.s.functions || r.ignores() || !mine(s) {
		return
	}
	r.entered = s.Stack(s.Running())[0].Defined()
}

// Return notes that a function ends.
func (r *run) Return(s *lua.State, _ []lua.Value) {
	if !r.ignores() && r.goal.left != nil {
		r.goal.left(s)
	}
}

// Error is an event.
func (r *run) Error(s *lua.State, err *lua.Error) {
	if !r.ignores() {
		_, line := s.Place(0)
		r.at(s, place{kind: raised, line: line, depth: s.Depth(), raised: err})
	}
}

// Called is an event.
func (r *run) Called(s *lua.State, c script.Call) {
	switch {
	case r.dead.Load():
		return
	case r.evaluating:
		r.replied = bytes.Clone(c.Reply)
		return
	}
	_, line := s.Place(0)
	p := place{kind: called, line: line, depth: s.Depth() - 1, call: &trace.Call{Line: line, Words: slices.Clone(c.Words), Reply: bytes.Clone(c.Reply), Time: c.Time}}
	keys, _ := p.call.Keys()
	for _, key := range keys {
		if len(r.touched) < maxTouched && !slices.Contains(r.touched, key) {
			r.touched = append(r.touched, key)
		}
	}
	r.at(s, p)
}

// maxTouched is how many keys are kept that a run has touched.
const maxTouched = 200

// Breakpoint is redis.breakpoint.
func (r *run) Breakpoint(*lua.State) {
	if !r.ignores() {
		r.asks = true
	}
}

// Debug is redis.debug.
func (r *run) Debug(_ *lua.State, values []lua.Value) {
	texts := make([]string, len(values))
	for i, v := range values {
		texts[i] = Text(v, 1000)
	}
	r.say(OutputDebug, strings.Join(texts, ", "))
}

func (r *run) ignores() bool { return r.dead.Load() || r.evaluating }

// at is an event. The run waits if it should stop there.
func (r *run) at(s *lua.State, p place) {
	r.state = s
	p.event = int(r.event.Add(1))
	if co := s.Running(); co != nil {
		if r.threads[co] == 0 {
			r.started++
			r.threads[co] = r.started
		}
		p.thread = r.threads[co]
	}
	r.place = p
	r.note(p)
	for _, e := range r.s.edits {
		if e.event == p.event {
			_, _ = r.eval(e.frame, e.source) // it fails as it did the first time
		}
	}
	g := &r.goal
	if p.call != nil && g.tell {
		r.say(OutputCall, Words(p.call.Words))
		r.say(OutputReply, string(p.call.Reply))
	}
	if r.interrupted.Load() {
		r.wait(Stop{Reason: Interrupt})
		return
	}
	if g.scan != nil {
		g.scan(r, p)
	}
	if g.event > 0 {
		if g.scan == nil {
			r.count(p)
		}
		if p.event >= g.event {
			r.wait(g.as)
		}
		return
	}
	stop, hit := r.hits(p)
	switch {
	case hit && g.breaks:
		r.wait(stop)
	case p.kind == statement && g.step != nil && g.step(p):
		r.wait(Stop{Reason: Step})
	}
}

// note adds an event to the fingerprint.
func (r *run) note(p place) {
	var reply []byte
	if p.call != nil {
		reply = p.call.Reply
	}
	r.print = r.print*31 + maphash.Bytes(seed, reply) + uint64(p.line)<<8 + uint64(p.kind)
}

// wait reports a stop and waits until the session goes on.
func (r *run) wait(stop Stop) {
	p := r.place
	stop.Event, stop.Line, stop.Call = p.event, p.line, p.call
	if p.raised != nil {
		stop.Error = errorText(p.raised)
	}
	select {
	case r.stopped <- stop:
	case <-r.asked: // it was ended
		return
	}
	for f := range r.asked {
		if f == nil {
			return
		}
		f()
	}
}

// errorText returns the message of an error, which may be a table of Redis.
func errorText(err *lua.Error) string {
	if t, ok := err.Value.(*lua.Table); ok {
		if text, ok := lua.ToText(t.GetString("err")); ok {
			return text
		}
	}
	return err.Error()
}

// over returns what stops where a function of this depth, or one that called it, begins a statement. left must be called when
// a function returns: a function that has ended is not waited for.
func (r *run) over(from place, depth int) (step func(place) bool, left func(*lua.State)) {
	var co *lua.Coroutine
	if from.thread > 0 {
		co = r.state.Running()
	}
	step = func(p place) bool {
		if p.thread == from.thread {
			return p.depth <= depth
		}
		return co != nil && (co.Status() == "dead" || co.Status() == "suspended")
	}
	left = func(s *lua.State) {
		if s.Running() == co && s.Depth() == depth {
			depth--
		}
	}
	return step, left
}

// stack returns the functions of the source that run in a thread, the innermost first.
func (r *run) stack(thread int) []Frame {
	var co *lua.Coroutine
	for c, number := range r.threads {
		if number == thread {
			co = c
		}
	}
	if thread > 0 && co == nil {
		return nil
	}
	var frames []Frame
	for _, f := range r.state.Stack(co) {
		if strings.HasPrefix(f.Source(), "@user_") {
			frames = append(frames, Frame{f, FrameID{thread, len(frames)}})
		}
	}
	return frames
}

func (r *run) frame(id FrameID) (Frame, error) {
	frames := r.stack(id.Thread)
	if id.Index < 0 || id.Index >= len(frames) {
		return Frame{}, errors.New("there is no such function in the stack")
	}
	return frames[id.Index], nil
}

// eval evaluates code where a function is.
func (r *run) eval(id FrameID, source string) ([]lua.Value, error) {
	f, err := r.frame(id)
	if err != nil {
		return nil, err
	}
	r.evaluating = true
	defer func() { r.evaluating = false }()
	results, err := f.Eval(source)
	if raised, ok := err.(*lua.Error); ok {
		err = errors.New(errorText(raised))
	}
	return results, err
}

// look evaluates an expression, and refuses commands that write.
func (r *run) look(id FrameID, expression string) (lua.Value, error) {
	r.db.OnlyRead(true)
	defer r.db.OnlyRead(false)
	if strings.Contains(expression, "--") {
		expression += "\n" // which ends a comment
	}
	results, err := r.eval(id, "("+expression+")")
	if err != nil || len(results) == 0 {
		return nil, err
	}
	return results[0], nil
}

// writes says whether a call may have written a key. A command without keys that writes, such as FLUSHALL, writes all.
func (p place) writes(key string) bool {
	keys, writes := p.call.Keys()
	return writes && (len(keys) == 0 || slices.Contains(keys, key)) && !bytes.HasPrefix(p.call.Reply, []byte("-"))
}
