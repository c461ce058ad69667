package lua

import (
	"fmt"
	"sync/atomic"

	"github.com/redis-rest/redis-rest-go/internal/engine/lua/ast"
)

// Limits of a script.
const (
	maxCalls  = 16383     // nested Lua functions, as in PUC-Rio
	maxWeight = 40 * 10e3 // the same, weighted by their use of Go's stack
	maxNested = 200       // nested calls from Go and nested coroutines (LUAI_MAXCCALLS)

	// An error handler may use this much more.
	spareCalls  = 200
	spareWeight = 10e3
	spareNested = 25

	checkSteps   = 1000
	bytesPerStep = 1 << 10 // of memory that is allocated and written

	bytesOfValue = 16
	bytesOfFrame = 1 << 10 // with its part of Go's stack, approximately
)

// A State holds the globals of Lua and the script that runs. One goroutine at a time may
// use it; only Stop may be called from others.
type State struct {
	Globals    *Table
	StringMeta *Table // the metatable of strings
	MaxMemory  int    // approximate number of bytes that a script may hold
	MaxSteps   int    // that a script may take; 0 is no limit

	th   *thread
	main *thread
	one  [1]Value // see Return
	two  [2]Value

	hook Hook // nil while nobody watches
	mode mode

	steps int // until the next check of stop
	taken int // steps until the last check
	stop  atomic.Pointer[string]

	allocated int                     // what the script held when that was last measured, and what it has taken since
	epoch     uint32                  // of the last measurement
	stale     bool                    // the stacks should be swept
	threads   map[*Coroutine]struct{} // started and not ended
}

// A thread is the stack of the script or of a coroutine.
type thread struct {
	s      *State
	frames []*frame // reused; those below depth are active
	depth  int
	weight int
	nested int // calls from Go, including those of the threads that wait for this one
	base   int // nested when it was resumed
	spare  int // running error handlers
	held   int // bytes, see Hold
	co     *Coroutine
	from   site // how messages name the function that is about to be called

	chunks [][]Value
	chunk  int
	top    int
}

// A frame is a running function.
type frame struct {
	s       *State
	fn      *Function
	slots   []Value // its locals; a captured one is a *cell
	varargs []Value
	line    int
	scope   *ast.Local // the last visible local, while somebody watches
	tails   int        // functions that used the frame before
	from    site
	ret     []Value
	self    Value // of the method that is about to be called
	tail    *Function
}

// A cell is a local variable that inner functions share.
type cell struct{ v Value }

// NewState makes a state with the base and coroutine libraries.
func NewState() *State {
	s := &State{Globals: NewTable(0, 2), MaxMemory: 1 << 30, mode: unwatched, threads: map[*Coroutine]struct{}{}}
	s.main = newThread(s, nil)
	s.th = s.main
	openBase(s)
	openCoroutine(s)
	return s
}

func newThread(s *State, co *Coroutine) *thread {
	return &thread{s: s, co: co, chunks: [][]Value{make([]Value, 64)}}
}

// A mark is a position in a thread's stack that release returns to.
type mark struct{ chunk, top int }

func (th *thread) mark() mark { return mark{th.chunk, th.top} }

func (th *thread) release(m mark) { th.chunk, th.top = m.chunk, m.top }

// alloc takes n slots. They still contain old values.
func (th *thread) alloc(n int) []Value {
	if c := th.chunks[th.chunk]; th.top+n <= len(c) {
		th.top += n
		return c[th.top-n : th.top : th.top]
	}
	if next := th.chunk + 1; next == len(th.chunks) || len(th.chunks[next]) < n {
		size := max(2*len(th.chunks[th.chunk]), n)
		th.s.Alloc(size * bytesOfValue)
		th.chunks = append(th.chunks[:next], make([]Value, size))
	}
	th.chunk++
	th.top = n
	return th.chunks[th.chunk][:n:n]
}

func (s *State) push(fn *Function) *frame {
	th := s.th
	if th.depth == len(th.frames) {
		s.Alloc(bytesOfFrame)
		th.frames = append(th.frames, &frame{s: s})
	}
	f := th.frames[th.depth]
	th.depth++
	f.fn, f.from, f.line, f.tails = fn, th.from, 0, 0
	th.from = site{}
	return f
}

// Return returns one result without an allocation.
func (s *State) Return(v Value) []Value {
	s.one[0] = v
	return s.one[:]
}

// Call calls a function, or a value with __call, from Go. It does not catch errors. The
// results are valid until the next call.
func (s *State) Call(f Value, args ...Value) []Value {
	s.Enter()
	s.th.from = site{}
	results := s.call(f, args)
	s.Leave()
	return results
}

// Enter must be called where Go code calls itself, and Leave afterwards. It raises an error
// when the depth reaches the limit exactly, as in PUC-Rio's Lua. The handler of that error
// and a coroutine resumed just below the limit can go a little deeper.
func (s *State) Enter() {
	s.th.nested++
	switch {
	case s.th.nested == maxNested:
		s.runtimeError("C stack overflow")
	case s.th.nested >= maxNested+spareNested:
		s.Raise("error in error handling")
	}
}

// Leave undoes Enter.
func (s *State) Leave() { s.th.nested-- }

// call calls a value. The thread's field from must say how messages name it.
func (s *State) call(v Value, args []Value) []Value {
	fn, ok := v.(*Function)
	if !ok {
		meta, ok := s.metamethod(v, "__call").(*Function)
		if !ok {
			s.typeError("call", v, s.th.from)
		}
		return s.call(meta, append([]Value{v}, args...))
	}
	if fn.goFn != nil {
		return s.callGo(fn, args)
	}
	return s.callLua(fn, args)
}

func (s *State) callGo(fn *Function, args []Value) []Value {
	if s.steps--; s.steps < 0 {
		s.lookBetween()
	}
	if s.allocated += bytesOfCall; s.allocated > s.MaxMemory {
		s.Alloc(0)
	}
	s.chargeArgs(args)
	s.push(fn)
	results := fn.goFn(s, args)
	s.th.depth--
	return results
}

func (s *State) callLua(fn *Function, args []Value) []Value {
	th := s.th
	weight := 8 + fn.proto.Deep
	if th.depth >= maxCalls+th.spare*spareCalls || th.weight+weight > maxWeight+th.spare*spareWeight {
		s.runtimeError("stack overflow")
	}
	th.weight += weight
	if s.steps--; s.steps < 0 {
		s.lookBetween()
	}
	m := th.mark()
	f := s.push(fn)
	for {
		f.enter(args)
		p := f.fn.proto
		if p.mode != s.mode {
			s.compile(p)
		}
		switch p.run(f) {
		case flowTail:
			// The frame is reused for the function of the tail call.
			if s.steps--; s.steps < 0 {
				s.Look()
			}
			args, f.fn, f.from = f.ret, f.tail, site{}
			f.tails++
			th.release(m)
			continue
		case flowReturn:
		default:
			f.ret = nil
		}
		th.release(m)
		th.depth--
		th.weight -= weight
		return f.ret
	}
}

// enter copies arguments to the parameters' slots. Both may be the same memory.
func (f *frame) enter(args []Value) {
	p := f.fn.proto.Function
	th := f.s.th
	f.slots = th.alloc(p.Slots)
	n := copy(f.slots[:len(p.Params)], args)
	if p.Vararg {
		f.varargs = nil
		if len(args) > len(p.Params) {
			rest := args[len(p.Params):]
			f.varargs = th.alloc(len(rest))
			copy(f.varargs, rest)
		}
	}
	for ; n < len(p.Params); n++ {
		f.slots[n] = nil
	}
	for i, v := range p.Params {
		if v.Captured {
			f.slots[i] = &cell{f.slots[i]}
		}
	}
	if p.Arg != nil {
		var arg Value
		if p.NeedsArg {
			f.s.Alloc(bytesOfTable + (len(f.varargs)+2)*bytesOfElement)
			t := NewTable(len(f.varargs), 1)
			copy(t.array, f.varargs)
			t.SetString("n", Number(float64(len(f.varargs))))
			arg = t
		}
		f.setLocal(p.Arg, arg)
	}
}

func (f *frame) setLocal(v *ast.Local, x Value) {
	if v.Captured {
		x = &cell{x}
	}
	f.slots[v.Slot] = x
}

// Look raises the error of Stop at once, without waiting for more steps.
func (s *State) Look() {
	s.taken += checkSteps - s.steps
	s.steps = checkSteps
	message := s.stop.Load()
	if s.MaxSteps > 0 && s.taken > s.MaxSteps {
		message = &tooManySteps
	}
	if message != nil {
		e := s.errorHere(*message)
		e.final = true
		panic(e)
	}
}

var tooManySteps = "too many steps"

// lookBetween is Look before a function is called, when no results of another one are in use.
func (s *State) lookBetween() {
	if s.stale {
		s.sweep()
	}
	s.Look()
}

// Step counts work whose amount a script decides, so that Stop can end it.
func (s *State) Step(n int) {
	if s.steps -= n; s.steps < 0 {
		s.Look()
	}
}

// Stop ends the running script with an error that no script can catch. Any goroutine may
// call it. Reset lets the state run again.
func (s *State) Stop(message string) { s.stop.Store(&message) }

// Reset prepares the state for another script. It clears Stop and ends all
// coroutines.
func (s *State) Reset() {
	for co := range s.threads {
		co.kill()
	}
	clear(s.threads)
	s.stop.Store(nil)
	s.steps, s.taken, s.allocated, s.stale = checkSteps, 0, 0, false
	s.th = s.main
	s.th.reset()
	s.one[0], s.two = nil, [2]Value{}
}

// reset empties the thread and drops references to old values.
func (th *thread) reset() {
	th.depth, th.weight, th.nested, th.spare, th.held, th.chunk, th.top, th.from = 0, 0, 0, 0, 0, 0, 0, site{}
	clear(th.chunks[1:])
	th.chunks = th.chunks[:1]
	clear(th.chunks[0])
	kept := min(len(th.frames), keptFrames)
	clear(th.frames[kept:])
	th.frames = th.frames[:kept]
	for _, f := range th.frames {
		*f = frame{s: f.s}
	}
}

const keptFrames = 16

// Load reads a chunk. Its functions are compiled when they are called. The name is as in Lua: "@user_script" is a file, "=name" is
// literal, and any other name is the source itself.
func (s *State) Load(source, name string) (*Function, error) { return s.load(source, name, 0) }

// load is Load when that many levels of syntax are already in use.
func (s *State) load(source, name string, levels int) (*Function, error) {
	p, err := parse(source, name, levels, nil)
	if err != nil {
		return nil, err
	}
	return &Function{id: nextID(), proto: &proto{Function: p}, env: s.Globals}, nil
}

// PCall calls a function and returns the error that it raises.
func (s *State) PCall(f Value, args ...Value) (results []Value, err *Error) {
	return s.protect(f, args, nil)
}

// protect is PCall. The handler runs where the error was raised, and returns the error to use instead.
func (s *State) protect(f Value, args []Value, handler func(*Error) *Error) (results []Value, err *Error) {
	th := s.th
	depth, weight, nested, held, m := th.depth, th.weight, th.nested, th.held, th.mark()
	defer func() {
		if e := recover(); e != nil {
			raised, ok := e.(*Error)
			if !ok || raised.final && depth > 0 {
				panic(e)
			}
			s.th = th
			if handler != nil {
				if th.spare++; th.spare > 1 {
					raised = &Error{Value: "error in error handling"}
				} else {
					raised = handler(raised)
				}
				th.spare--
			}
			th.depth, th.weight, th.nested, th.held = depth, weight, nested, held
			th.release(m)
			results, err = nil, raised
		}
	}()
	return s.Call(f, args...), nil
}

// An Error is an error that a script raised.
type Error struct {
	Value Value

	// The place, as Redis' error handler sees it: the function that raised the error, or its
	// caller if that function is not Lua. Line is 0 if there is no such function.
	Source string
	Line   int

	final bool // pcall does not catch it
}

func (e *Error) Error() string {
	if text, ok := ToText(e.Value); ok {
		return text
	}
	return "(error object is a " + TypeName(e.Value) + " value)"
}

// Raise raises a value without adding a place to it.
func (s *State) Raise(v Value) { panic(s.errorHere(v)) }

func (s *State) errorHere(v Value) *Error {
	e := &Error{Value: v}
	e.Source, e.Line = s.Place(0)
	if s.hook != nil {
		s.hook.Error(s, e)
	}
	return e
}

// Place returns the source name and line of the function at a level. Level 0 is the
// running function. For a function that is not Lua, it is the place of its caller. The
// source is empty if there is no such function.
func (s *State) Place(level int) (source string, line int) {
	f, ok := s.frame(level)
	if f != nil && f.fn.goFn != nil {
		f, ok = s.frame(level + 1)
	}
	switch {
	case !ok:
		return "", 0
	case f == nil:
		return "=(tail call)", -1
	case f.fn.goFn != nil:
		return "=[C]", -1
	}
	return f.fn.proto.Source, f.line
}

// frame returns the frame of the function at a level. It is nil if a tail call replaced
// that function. It is not ok if there are not that many levels.
func (s *State) frame(level int) (f *frame, ok bool) {
	at := s.th.depth - 1
	for ; level > 0 && at >= 0; at-- {
		level -= 1 + s.th.frames[at].tails
	}
	switch {
	case level < 0:
		return nil, true
	case at < 0:
		return nil, false
	}
	return s.th.frames[at], true
}

// Errorf raises a message. The message begins with the place where Lua called the running Go
// function.
func (s *State) Errorf(format string, a ...any) { s.raiseText(s.where(1) + fmt.Sprintf(format, a...)) }

// raiseText raises a message that may have parts of a script's strings.
func (s *State) raiseText(message string) {
	s.Alloc(len(message))
	s.Raise(message)
}

// runtimeError raises a message. The message begins with the place of the running Lua function.
func (s *State) runtimeError(format string, a ...any) {
	s.raiseText(s.where(0) + fmt.Sprintf(format, a...))
}

// where returns the place of the function that is level levels above the running one.
func (s *State) where(level int) string {
	f, _ := s.frame(level)
	if f == nil || f.fn.goFn != nil {
		return ""
	}
	return fmt.Sprintf("%s:%d: ", chunkID(f.fn.proto.Source), f.line)
}

func (s *State) typeError(op string, v Value, of site) {
	if of.kind != "" {
		s.runtimeError("attempt to %s %s '%s' (a %s value)", op, of.kind, of.name, TypeName(v))
	}
	s.runtimeError("attempt to %s a %s value", op, TypeName(v))
}
