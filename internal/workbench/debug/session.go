// Package debug runs a script or a function step by step, forwards and backwards.
//
// A [Session] never changes the database that it begins with: each run has a copy. Runs are the same each time, because
// the clock moves with the events of the run, and what is drawn at random comes from one seed. So a step back is another run that
// stops earlier.
package debug

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"time"

	"github.com/redis-rest/redis-rest-go/internal/engine/keyspace"
	"github.com/redis-rest/redis-rest-go/internal/engine/lua"
	"github.com/redis-rest/redis-rest-go/internal/engine/lua/ast"
	"github.com/redis-rest/redis-rest-go/internal/engine/script"
	"github.com/redis-rest/redis-rest-go/internal/workbench/trace"
)

// A Session is a script or a function that is debugged. Only its method Interrupt may be called while another one runs.
//
// A run is a list of events, numbered from 1: a statement begins (also the condition of an elseif or until), a call of redis.call has
// returned, or an error is raised. The run stops at events only.
type Session struct {
	// Output gets what the script says while it moves: redis.debug and redis.log, log points, and the calls of Redis during steps. It may be
	// nil. What a run says that only goes back to a place is left out.
	Output func(kind OutputKind, text string)

	base      *keyspace.DB
	words     []string
	about     script.Run
	began     time.Time
	seed      uint64
	chunk     *ast.Function
	lines     map[int]int
	breaks    []*Breakpoint
	functions bool // a breakpoint is at one
	errors    ErrorStops
	edits     []edit
	known     map[int]uint64 // the fingerprint of the run up to an event
	run       *run
	stop      Stop
}

// An OutputKind says where a line of output is from.
type OutputKind int

// The kinds of output.
const (
	OutputDebug OutputKind = iota // redis.debug
	OutputLog                     // redis.log
	OutputPoint                   // a log point
	OutputCall                    // the words of a call of Redis
	OutputReply                   // its reply
)

// ErrorStops says at which errors a run stops.
type ErrorStops struct{ Uncaught, Caught bool }

// An edit is code that was evaluated by hand.
type edit struct {
	event  int
	frame  FrameID
	source string
}

// A Reason is why a run has stopped.
type Reason string

// The reasons.
const (
	Entry      Reason = "entry"
	Step       Reason = "step"
	StepBack   Reason = "step back"
	Break      Reason = "breakpoint"
	DataBreak  Reason = "data breakpoint"
	CodeBreak  Reason = "redis.breakpoint() called"
	Raised     Reason = "error"
	Interrupt  Reason = "interrupt"
	Goto       Reason = "goto"
	Ended      Reason = "end"
	NotReached Reason = "no earlier event" // a step back from the first one, for instance
)

// A Stop is where a run has stopped.
type Stop struct {
	Reason Reason
	Event  int // its number
	Line   int // 0 at the end
	Hits   []int
	Call   *trace.Call // the call that has returned, if the event is one
	Error  string      // that is raised, if the event is one, or that a breakpoint's condition has raised
	Reply  []byte      // at the end

	// Diverged says that this run is not the same as the one before up to this event.
	Diverged bool
}

// Start begins to debug a command: EVAL, FCALL or a variant of them. It stops at the first statement. If the script
// does not begin, the error is its reply. The database must stay open, and nobody may change it, until the session is closed.
func Start(ctx context.Context, db *keyspace.DB, words []string) (*Session, error) {
	s := &Session{base: db, words: words, began: db.Now(), seed: rand.Uint64(), known: map[int]uint64{}}
	if err := s.again(); err != nil {
		return nil, err
	}
	stop, err := s.wait(ctx)
	switch {
	case err != nil:
		s.Close()
		return nil, err
	case s.about.Script == "":
		s.Close()
		return nil, errors.New(strings.TrimSpace(strings.TrimPrefix(string(stop.Reply), "-")))
	}
	if stop.Reason == Goto {
		stop.Reason = Entry
	}
	s.stop = stop
	body := s.about.Source
	if strings.HasPrefix(body, "#!") {
		body = body[strings.IndexByte(body, '\n'):]
	}
	if s.chunk, err = lua.Parse(body, "@user_script"); err != nil {
		s.Close()
		return nil, err
	}
	s.lines = ast.Lines(s.chunk)
	return s, nil
}

// Close ends the session.
func (s *Session) Close() {
	if s.run != nil {
		s.run.end()
		s.run = nil
	}
}

// About returns the script or library, its KEYS and ARGV.
func (s *Session) About() script.Run { return s.about }

// Now returns where the run has stopped.
func (s *Session) Now() Stop { return s.stop }

// A Move is a way to go on.
type Move int

// The moves. Those that go back look at the events before this one, from the last to the first.
const (
	Into         Move = iota // the next statement
	Over                     // the next statement, but not in a function that is called
	Out                      // the next statement of the caller
	Continue                 // the next breakpoint, or the end
	BackInto                 // the statement before
	BackOver                 // the statement before, but not in a function that was called
	BackOut                  // the statement of the caller
	BackContinue             // the breakpoint before, or the first statement
	ToEnd                    // the end, also if there are breakpoints
)

// Go moves. When ctx ends, the run stops where it is, with the reason Interrupt.
func (s *Session) Go(ctx context.Context, m Move) (Stop, error) {
	switch m {
	case BackInto, BackOver, BackOut, BackContinue:
		return s.back(ctx, m)
	}
	if s.stop.Reason == Ended {
		return s.stop, nil
	}
	g := goal{}
	at := s.run.place
	switch m {
	case Into:
		g.step = func(p place) bool { return true }
	case Over:
		g.step, g.left = s.run.over(at, at.depth)
	case Out:
		g.step, g.left = s.run.over(at, at.depth-1)
	}
	g.breaks = m != ToEnd
	g.tell = m == Into || m == Over
	return s.forward(ctx, g)
}

func (s *Session) forward(ctx context.Context, g goal) (Stop, error) {
	if !s.run.alive() {
		return Stop{}, errLost
	}
	s.run.goal = g
	s.run.interrupted.Store(false) // before it goes on, or it stops again for the earlier reason
	s.run.asked <- nil
	return s.arrive(s.wait(ctx))
}

// arrive notes a stop, and compares it with the earlier run.
func (s *Session) arrive(stop Stop, err error) (Stop, error) {
	if err != nil {
		return Stop{}, err
	}
	if print, ok := s.known[stop.Event]; ok && print != s.run.print && stop.Reason != Ended {
		stop.Diverged = true
	}
	if stop.Reason != Ended {
		s.known[stop.Event] = s.run.print
	}
	s.stop = stop
	return stop, nil
}

// To goes to an event, or to the end if there are fewer.
func (s *Session) To(ctx context.Context, event int) (Stop, error) {
	return s.to(ctx, max(event, 1), Stop{Reason: Goto})
}

// to goes to an event, and reports it as like.
func (s *Session) to(ctx context.Context, event int, like Stop) (Stop, error) {
	if event == s.stop.Event && s.stop.Reason != Ended && s.run.alive() {
		s.stop.Reason, s.stop.Hits = like.Reason, like.Hits
		return s.stop, nil
	}
	g := goal{event: event, as: like, quiet: true}
	if event > s.stop.Event && s.stop.Reason != Ended && s.run.alive() {
		g.quiet = false
		return s.forward(ctx, g)
	}
	if err := s.again(); err != nil {
		return Stop{}, err
	}
	s.run.goal = g
	return s.arrive(s.wait(ctx))
}

// Restart forgets what was changed by hand, and goes to the first statement.
func (s *Session) Restart(ctx context.Context) (Stop, error) {
	s.edits = nil
	clear(s.known)
	if err := s.again(); err != nil {
		return Stop{}, err
	}
	s.run.goal = goal{event: 1, as: Stop{Reason: Entry}}
	return s.arrive(s.wait(ctx))
}

// Hits says whether the run stops here because of a breakpoint, for one that was set after the run had stopped.
func (s *Session) Hits(ctx context.Context) (stop Stop, hit bool) {
	here := s.stop
	if s.ask(ctx, func() { stop, hit = s.run.hits(s.run.place) }) != nil {
		return here, false
	}
	if hit {
		here.Reason, here.Hits, here.Error = stop.Reason, stop.Hits, stop.Error
		s.stop = here
	}
	return here, hit
}

// LastWrite goes back to the call that last wrote the key. The run stops after the call.
func (s *Session) LastWrite(ctx context.Context, key string) (Stop, error) {
	return s.last(ctx, func(r *run, p place) (Stop, bool) {
		return Stop{Reason: DataBreak}, p.kind == called && p.writes(key)
	})
}

func (s *Session) back(ctx context.Context, m Move) (Stop, error) {
	if m == BackContinue {
		stop, err := s.last(ctx, (*run).hits)
		if err == nil && stop.Reason == NotReached && stop.Event > 1 {
			return s.to(ctx, 1, Stop{Reason: Entry})
		}
		return stop, err
	}
	from := s.run.place
	if s.stop.Reason == Ended {
		from = place{depth: 1 << 30}
	}
	return s.last(ctx, func(r *run, p place) (Stop, bool) {
		if p.kind != statement {
			return Stop{}, false
		}
		in := m == BackInto
		switch {
		case from.thread > r.started: // that coroutine had not started
			in = true
		case p.thread == from.thread && m == BackOver:
			in = p.depth <= from.depth
		case p.thread == from.thread && m == BackOut:
			in = p.depth < from.depth
		case m == BackOut:
			in = from.depth == 1 // what resumed the coroutine
		}
		return Stop{Reason: StepBack}, in
	})
}

// last goes to the last event before this one for which found is true.
func (s *Session) last(ctx context.Context, found func(*run, place) (Stop, bool)) (Stop, error) {
	here, at := s.stop, 0
	var like Stop
	if err := s.again(); err != nil {
		return Stop{}, err
	}
	limit := here.Event
	if here.Reason == Ended {
		limit++ // the last event counts too
	}
	s.run.goal = goal{event: limit, quiet: true, scan: func(r *run, p place) {
		if p.event < limit {
			if stop, ok := found(r, p); ok {
				at, like = p.event, stop
			}
		}
	}}
	stop, err := s.wait(ctx)
	switch {
	case err != nil:
		return Stop{}, err
	case stop.Reason == Interrupt:
		return s.arrive(stop, nil)
	case at == 0 && here.Reason == Ended:
		s.stop = stop
		stop.Reason = NotReached
		return stop, nil
	case at == 0:
		s.stop = here
		stop = here
		stop.Reason = NotReached
		return stop, nil
	}
	s.stop = stop
	return s.to(ctx, at, like)
}

// again begins a new run from the first state. It waits at the beginning.
func (s *Session) again() error {
	s.Close()
	db, err := s.base.Clone()
	if err != nil {
		return err
	}
	s.run = newRun(s, db)
	s.run.goal = goal{event: 1, as: Stop{Reason: Goto}}
	for _, b := range s.breaks {
		b.count = 0
	}
	return nil
}

// patience is how long a script that is interrupted may take for a statement.
const patience = 300 * time.Millisecond

// wait waits until the run stops.
func (s *Session) wait(ctx context.Context) (Stop, error) {
	s.run.begin()
	select {
	case stop := <-s.run.stopped:
		return stop, nil
	case <-ctx.Done():
	}
	s.run.interrupted.Store(true)
	timer := time.NewTimer(patience)
	defer timer.Stop()
	select {
	case stop := <-s.run.stopped:
		return stop, nil
	case <-timer.C:
	}
	// It is in a statement that does not end. Another run stops before it.
	s.run.end()
	at := int(s.run.event.Load())
	if at == 0 {
		return Stop{}, errors.New("the script was interrupted before its first statement")
	}
	return s.repeat(goal{event: at, as: Stop{Reason: Interrupt}, quiet: true})
}

// repeat runs to an event that an earlier run has reached. That ends, unless this run is another one.
func (s *Session) repeat(g goal) (Stop, error) {
	if err := s.again(); err != nil {
		return Stop{}, err
	}
	s.run.goal = g
	s.run.begin()
	for last := int64(-1); ; {
		select {
		case stop := <-s.run.stopped:
			return stop, nil
		case <-time.After(10 * patience):
		}
		now := s.run.event.Load()
		if now == last {
			s.run.end()
			return Stop{}, errors.New("the script did not do the same again")
		}
		last = now
	}
}

// errLost is the error of a session whose run had to be ended.
var errLost = errors.New("the run was lost; restart it")

// errEnded is the error of what needs a running script.
var errEnded = errors.New("the script has ended; go back first")

// ask runs a function on the script's goroutine, while the script waits.
func (s *Session) ask(ctx context.Context, f func()) error {
	if s.stop.Reason == Ended {
		return errEnded
	}
	if !s.run.alive() {
		return errLost
	}
	done := make(chan bool, 1)
	s.run.asked <- func() {
		ended := false
		defer func() { done <- ended }()
		f()
		ended = true
	}
	select {
	case <-done:
		return nil
	case <-ctx.Done():
	}
	// The code may not end. Another run goes to the same place.
	at := s.stop
	s.run.end()
	stop, err := s.repeat(goal{event: at.Event, as: at, quiet: true})
	if err != nil {
		return err
	}
	s.stop = stop
	return errors.New("interrupted")
}

// A FrameID names a function that runs: its thread, see [Session.Threads], and its index in [Session.Stack].
type FrameID struct{ Thread, Index int }

// A Frame is a function of the script that runs. Its variables may be read until the session moves.
type Frame struct {
	lua.Frame
	ID FrameID
}

// A Thread is the script itself, which is 0, or a coroutine that has started and not ended.
type Thread struct {
	ID     int
	Status string // running, normal (it waits for a coroutine), suspended
}

// Threads returns what can run, the script itself first.
func (s *Session) Threads() []Thread {
	if s.stop.Reason == Ended {
		return nil
	}
	st := s.run.state
	list := []Thread{{0, "running"}}
	if st.Running() != nil {
		list[0].Status = "normal"
	}
	for _, co := range st.Coroutines() {
		list = append(list, Thread{s.run.threads[co], co.Status()})
	}
	return list
}

// Thread returns the thread that runs.
func (s *Session) Thread() int { return s.run.place.thread }

// Stack returns the functions of the script that run in a thread, the innermost first. It is empty at the end.
func (s *Session) Stack(thread int) []Frame {
	if s.stop.Reason == Ended {
		return nil
	}
	return s.run.stack(thread)
}

// Name names the function of a frame for people: as the source does, or else as its caller does.
func (s *Session) Name(f Frame) string {
	if f.Defined() == 0 {
		return "(script)"
	}
	lines := Functions(s.chunk)
	for _, name := range slices.Sorted(maps.Keys(lines)) {
		if lines[name] == f.Defined() {
			return name
		}
	}
	return cmp.Or(f.Frame.Name(), fmt.Sprintf("(function of line %d)", f.Defined()))
}

// Eval runs Lua code where a function is: an expression, or statements, which may change variables and write to the database. Without frames
// the function is the innermost. The code belongs to this event: going back before it undoes it, and going forward again repeats it.
// It drops what was evaluated at later events.
func (s *Session) Eval(ctx context.Context, frame FrameID, source string) (results []lua.Value, err error) {
	asked := s.ask(ctx, func() { results, err = s.run.eval(frame, source) })
	if asked != nil {
		return nil, asked
	}
	s.edits = slices.DeleteFunc(s.edits, func(e edit) bool { return e.event > s.stop.Event })
	s.edits = append(s.edits, edit{s.stop.Event, frame, source})
	for event := range s.known {
		if event > s.stop.Event {
			delete(s.known, event)
		}
	}
	return results, err
}

// Look evaluates an expression where a function is. Commands that write are refused.
func (s *Session) Look(ctx context.Context, frame FrameID, expression string) (v lua.Value, err error) {
	asked := s.ask(ctx, func() { v, err = s.run.look(frame, expression) })
	if asked != nil {
		return nil, asked
	}
	return v, err
}

// Command runs a command of Redis as the script would, and returns its reply. If it may write, it is repeated as Eval says; otherwise commands that
// write are refused. At the end, it runs on the database as the script left it.
func (s *Session) Command(ctx context.Context, words []string, write bool) ([]byte, error) {
	if s.stop.Reason == Ended {
		return s.run.db.Do(ctx, words), nil
	}
	var source strings.Builder
	source.WriteString("redis.pcall(")
	for i, word := range words {
		if i > 0 {
			source.WriteString(", ")
		}
		source.WriteString(Quote(word))
	}
	source.WriteString(")")
	s.run.replied = nil
	var err error
	if write {
		_, err = s.Eval(ctx, FrameID{s.Thread(), 0}, source.String())
	} else {
		_, err = s.Look(ctx, FrameID{s.Thread(), 0}, source.String())
	}
	return bytes.Clone(s.run.replied), err
}

// Touched returns KEYS and the keys that the script has touched so far, in that order.
func (s *Session) Touched() []string {
	keys := slices.Clone(s.about.Keys)
	for _, key := range s.run.touched {
		if !slices.Contains(keys, key) {
			keys = append(keys, key)
		}
	}
	return keys
}

// Changed returns how often something was changed by hand before this event, or at it.
func (s *Session) Changed() int {
	n := 0
	for _, e := range s.edits {
		if e.event <= s.stop.Event {
			n++
		}
	}
	return n
}

// Commit runs the command on a database that is like the one of the beginning, with what was changed by hand, and returns the
// reply. The database has the effects then.
func (s *Session) Commit(ctx context.Context, db *keyspace.DB) ([]byte, error) {
	watcher := s.Follow(db)
	defer db.Watch(nil)
	db.Watch(watcher)
	reply := db.Do(ctx, s.words)
	if reply == nil {
		return nil, fmt.Errorf("the command did not run: %w", ctx.Err())
	}
	return reply, nil
}

// Follow prepares a database that is like the one of the beginning, so that the command does there what it did here. It returns who must watch
// meanwhile, to repeat what was changed by hand.
func (s *Session) Follow(db *keyspace.DB) script.Watcher {
	r := newRun(s, db)
	r.goal = goal{event: 1 << 62, quiet: true}
	return r
}
