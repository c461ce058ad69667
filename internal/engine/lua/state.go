package lua

import (
	"fmt"
	"runtime"
	"runtime/metrics"
	"sync/atomic"
)

// What bounds a script.
const (
	maxCalls  = 16383     // functions of Lua inside each other, as PUC-Rio has it
	maxWeight = 40 * 10e3 // of the same, by how much of Go's stack they use
	maxNested = 200       // calls from Go and coroutines inside each other (LUAI_MAXCCALLS)

	// What the handler of an error may use beyond that.
	spareCalls  = 200
	spareWeight = 10e3
	spareNested = 25

	checkSteps   = 1000
	checkMemory  = 32 << 20
	bytesPerStep = 1 << 10 // of memory that is taken, and written to

	bytesOfValue = 16
	bytesOfFrame = 1 << 10 // with its part of Go's stack, about
)

// A State is a world of Lua: its globals, and the script that runs in it. It is for
// one goroutine at a time; Stop alone may be called by others.
type State struct {
	Globals    *Table
	StringMeta *Table // the metatable of strings
	MaxMemory  int    // how many bytes a script may hold, about

	th   *thread
	main *thread
	one  [1]Value // see Return
	two  [2]Value

	steps int // until the next look at stop
	stop  atomic.Pointer[string]

	allocated int                     // bytes since the last look at the heap
	heap      uint64                  // in use before the script; 0 where nobody looked
	threads   map[*Coroutine]struct{} // that have begun and not ended
}

// A thread is the stack of the script or of a coroutine.
type thread struct {
	s      *State
	frames []*frame // reused; those below depth are in use
	depth  int
	weight int
	nested int // calls from Go, with those of the threads that wait for this one
	base   int // of those, when it was resumed
	spare  int // handlers of errors that run
	co     *Coroutine
	from   site // how the function that is just called is named

	chunks [][]Value
	chunk  int
	top    int
}

// A frame is a function that runs.
type frame struct {
	s       *State
	fn      *Function
	slots   []Value // its locals; a captured one is a *cell
	varargs []Value
	line    int
	tails   int // functions that had the frame before
	from    site
	ret     []Value
	self    Value // of the method that is about to be called
	tail    *Function
}

// A cell is a local that functions inside share.
type cell struct{ v Value }

// NewState makes one with the base library and that of coroutines.
func NewState() *State {
	s := &State{Globals: NewTable(0, 2), MaxMemory: 1 << 30, threads: map[*Coroutine]struct{}{}}
	s.main = newThread(s, nil)
	s.th = s.main
	openBase(s)
	openCoroutine(s)
	return s
}

func newThread(s *State, co *Coroutine) *thread {
	return &thread{s: s, co: co, chunks: [][]Value{make([]Value, 64)}}
}

// A mark is a place in a thread's stack, to return to.
type mark struct{ chunk, top int }

func (th *thread) mark() mark { return mark{th.chunk, th.top} }

func (th *thread) release(m mark) { th.chunk, th.top = m.chunk, m.top }

// alloc takes n places, which hold whatever they held.
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

// Return is one result, which need not be allocated.
func (s *State) Return(v Value) []Value {
	s.one[0] = v
	return s.one[:]
}

// Call calls a function, or what has __call, from Go. An error passes through. The
// results are valid until the next call.
func (s *State) Call(f Value, args ...Value) []Value {
	s.Enter()
	s.th.from = site{}
	results := s.call(f, args)
	s.Leave()
	return results
}

// Enter is to be called where Go code calls itself, and Leave behind it. The limit is
// an error only where it is reached, as in PUC-Rio's Lua: the handler of that error
// and a coroutine that was resumed right below it have some calls more.
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

// call calls what may be a function. Who names it has set from.
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
		s.Look()
	}
	s.push(fn)
	results := fn.goFn(s, args)
	s.th.depth--
	return results
}

func (s *State) callLua(fn *Function, args []Value) []Value {
	th := s.th
	weight := 8 + fn.proto.deep
	if th.depth >= maxCalls+th.spare*spareCalls || th.weight+weight > maxWeight+th.spare*spareWeight {
		s.runtimeError("stack overflow")
	}
	th.weight += weight
	if s.steps--; s.steps < 0 {
		s.Look()
	}
	m := th.mark()
	f := s.push(fn)
	for {
		f.enter(args)
		switch f.fn.proto.run(f) {
		case flowTail:
			// The function's frame becomes that of the one it calls last.
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

// enter puts arguments in their places. They may stand where the places are.
func (f *frame) enter(args []Value) {
	p := f.fn.proto
	th := f.s.th
	f.slots = th.alloc(p.slots)
	n := copy(f.slots[:len(p.params)], args)
	if p.vararg {
		f.varargs = nil
		if len(args) > len(p.params) {
			rest := args[len(p.params):]
			f.varargs = th.alloc(len(rest))
			copy(f.varargs, rest)
		}
	}
	for ; n < len(p.params); n++ {
		f.slots[n] = nil
	}
	for i, v := range p.params {
		if v.captured {
			f.slots[i] = &cell{f.slots[i]}
		}
	}
	if p.arg != nil {
		var arg Value
		if p.needsArg {
			t := NewTable(len(f.varargs), 1)
			copy(t.array, f.varargs)
			t.SetString("n", Number(float64(len(f.varargs))))
			arg = t
		}
		f.setLocal(p.arg, arg)
	}
}

func (f *frame) setLocal(v *local, x Value) {
	if v.captured {
		x = &cell{x}
	}
	f.slots[v.slot] = x
}

// Look raises what Stop was told, without waiting for more steps.
func (s *State) Look() {
	s.steps = checkSteps
	if message := s.stop.Load(); message != nil {
		e := s.errorHere(*message)
		e.final = true
		panic(e)
	}
}

// Step counts work whose amount a script decides, so that it can be cut off.
func (s *State) Step(n int) {
	if s.steps -= n; s.steps < 0 {
		s.Look()
	}
}

// Stop ends what runs with an error that no script can catch. It may be called by
// any goroutine. Reset lets the state run again.
func (s *State) Stop(message string) { s.stop.Store(&message) }

// Reset makes the state ready for another script: nothing is stopped, and no
// coroutine is left.
func (s *State) Reset() {
	for co := range s.threads {
		co.kill()
	}
	clear(s.threads)
	s.stop.Store(nil)
	s.steps, s.allocated, s.heap = checkSteps, 0, 0
	s.th = s.main
	s.th.reset()
	s.one[0], s.two = nil, [2]Value{}
}

// reset makes the thread empty, and lets go of what it held.
func (th *thread) reset() {
	th.depth, th.weight, th.nested, th.spare, th.chunk, th.top, th.from = 0, 0, 0, 0, 0, 0, site{}
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

// Alloc counts memory that a script asks for, before it is taken.
func (s *State) Alloc(bytes int) {
	if bytes < 0 || bytes > s.MaxMemory {
		s.noMemory()
	}
	s.Step(bytes / bytesPerStep)
	if s.allocated += bytes; s.allocated < checkMemory {
		return
	}
	if s.heap == 0 { // the first time
		s.heap = liveHeap()
		s.heap -= min(s.heap, uint64(s.allocated))
	}
	s.allocated = bytes
	if liveHeap()+uint64(bytes) < s.heap+uint64(s.MaxMemory) {
		return
	}
	runtime.GC()
	if liveHeap()+uint64(bytes) >= s.heap+uint64(s.MaxMemory) {
		s.noMemory()
	}
}

func (s *State) noMemory() { s.Raise("not enough memory") }

// liveHeap is how many bytes of the heap are in use, garbage and the stacks of
// coroutines included.
func liveHeap() uint64 {
	samples := []metrics.Sample{{Name: "/memory/classes/heap/objects:bytes"}, {Name: "/memory/classes/heap/stacks:bytes"}}
	metrics.Read(samples)
	return samples[0].Value.Uint64() + samples[1].Value.Uint64()
}

// Load compiles a chunk. Its name is as Lua's: "@user_script" for a file of that
// name, "=name" for the name as it is, and else the source itself.
func (s *State) Load(source, name string) (*Function, error) { return s.load(source, name, 0) }

// load is Load, with so many levels of syntax in use already.
func (s *State) load(source, name string, levels int) (*Function, error) {
	p, err := parse(source, name, levels)
	if err != nil {
		return nil, err
	}
	compile(p)
	return &Function{id: nextID(), proto: p, env: s.Globals}, nil
}

// PCall calls a function and returns the error that it raises.
func (s *State) PCall(f Value, args ...Value) (results []Value, err *Error) {
	return s.protect(f, args, nil)
}

// protect is PCall. A handler makes another error of one, where it was raised.
func (s *State) protect(f Value, args []Value, handler func(*Error) *Error) (results []Value, err *Error) {
	th := s.th
	depth, weight, nested, m := th.depth, th.weight, th.nested, th.mark()
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
			th.depth, th.weight, th.nested = depth, weight, nested
			th.release(m)
			results, err = nil, raised
		}
	}()
	return s.Call(f, args...), nil
}

// An Error is what a script raised.
type Error struct {
	Value Value

	// Where, as Redis' error handler sees it: the function that raised it, or the one
	// that called that where it is not of Lua. Line is 0 where there is neither.
	Source string
	Line   int

	final bool // no pcall catches it
}

func (e *Error) Error() string {
	if text, ok := ToText(e.Value); ok {
		return text
	}
	return "(error object is a " + TypeName(e.Value) + " value)"
}

// Raise raises a value as it is.
func (s *State) Raise(v Value) { panic(s.errorHere(v)) }

func (s *State) errorHere(v Value) *Error {
	e := &Error{Value: v}
	e.Source, e.Line = s.Place(0)
	return e
}

// Place is where the function runs that is so many levels above the one that runs
// now, or, where that is not of Lua, the one above it: the source's name and the
// line. There is no source where there is no such function.
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
	return f.fn.proto.source, f.line
}

// frame is that of a function so many levels up; nil for a call that its last call
// has taken the place of. It is not ok where there is none.
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

// Errorf raises a text with the place in front, where the function of Go that runs
// was called from Lua.
func (s *State) Errorf(format string, a ...any) {
	s.Raise(s.where(1) + fmt.Sprintf(format, a...))
}

// runtimeError raises a text with the place in front, where a function of Lua runs.
func (s *State) runtimeError(format string, a ...any) {
	s.Raise(s.where(0) + fmt.Sprintf(format, a...))
}

// where is the place of the function that is so many levels above the one that runs.
func (s *State) where(level int) string {
	f, _ := s.frame(level)
	if f == nil || f.fn.goFn != nil {
		return ""
	}
	return fmt.Sprintf("%s:%d: ", chunkID(f.fn.proto.source), f.line)
}

func (s *State) typeError(op string, v Value, of site) {
	if of.kind != "" {
		s.runtimeError("attempt to %s %s '%s' (a %s value)", op, of.kind, of.name, TypeName(v))
	}
	s.runtimeError("attempt to %s a %s value", op, TypeName(v))
}
