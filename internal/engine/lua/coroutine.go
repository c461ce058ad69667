package lua

import "iter"

// A Coroutine is a thread of a script. While it runs, the thread that resumed it waits.
type Coroutine struct {
	id     uint64
	epoch  uint32 // when it was last measured
	fn     Value
	th     *thread
	status string // suspended, running, normal, dead

	next  func() ([]Value, bool)
	stop  func()
	yield func([]Value) bool
	in    []Value // the values that resume passes
	out   []Value // the values that the function returned
	err   *Error
}

// bytesOfCoroutine is the memory of a started coroutine. Most of it is a goroutine.
const bytesOfCoroutine = 8 << 10

// errKilled unwinds a coroutine that nobody will resume again.
var errKilled = &Error{final: true}

func openCoroutine(s *State) {
	t := NewTable(0, 6)
	for _, f := range []struct {
		name string
		f    GoFunc
	}{
		{"create", coCreate}, {"resume", coResume}, {"running", coRunning}, {"status", coStatus}, {"wrap", coWrap}, {"yield", coYield},
	} {
		t.SetString(f.name, NewFunction(f.name, f.f))
	}
	s.Globals.SetString("coroutine", t)
}

func coCreate(s *State, args []Value) []Value { return s.Return(s.newCoroutine(args)) }

func (s *State) newCoroutine(args []Value) *Coroutine {
	f, ok := Arg(args, 1).(*Function)
	if !ok || f.goFn != nil {
		s.ArgError(1, "Lua function expected")
	}
	s.Alloc(bytesOfCoroutine)
	return &Coroutine{id: nextID(), fn: f, status: "suspended"}
}

func (s *State) checkCoroutine(args []Value) *Coroutine {
	co, ok := Arg(args, 1).(*Coroutine)
	if !ok {
		s.ArgError(1, "coroutine expected")
	}
	return co
}

func coResume(s *State, args []Value) []Value {
	co := s.checkCoroutine(args)
	return outcome(s.resume(co, args[1:]))
}

func coWrap(s *State, args []Value) []Value {
	co := s.newCoroutine(args)
	return s.Return(NewClosure("wrap", func(s *State, args []Value) []Value {
		results, err := s.resume(co, args)
		if err != nil {
			v := err.Value
			if text, ok := ToText(v); ok {
				s.Alloc(len(text))
				v = s.where(1) + text
			}
			s.Raise(v)
		}
		return results
	}, co))
}

// resume runs a coroutine until it yields, returns or fails.
func (s *State) resume(co *Coroutine, args []Value) ([]Value, *Error) {
	if co.status != "suspended" {
		return nil, &Error{Value: "cannot resume " + co.status + " coroutine"}
	}
	from := s.th
	if from.nested >= maxNested {
		return nil, &Error{Value: "C stack overflow"}
	}
	if co.next == nil {
		s.start(co)
	}
	co.in = append([]Value(nil), args...)
	if from.co != nil {
		from.co.status = "normal"
	}
	co.status = "running"
	co.th.nested = from.nested + 1
	co.th.base = co.th.nested
	s.th = co.th
	results, yielded := co.next()
	s.th = from
	if from.co != nil {
		from.co.status = "running"
	}
	if yielded {
		co.status = "suspended"
		return results, nil
	}
	co.status = "dead"
	delete(s.threads, co)
	if co.err != nil {
		if co.err.final {
			panic(co.err)
		}
		return nil, co.err
	}
	return co.out, nil
}

// start prepares the coroutine's function. It must end, or kill must be called.
func (s *State) start(co *Coroutine) {
	co.th = newThread(s, co)
	s.threads[co] = struct{}{}
	co.next, co.stop = iter.Pull(func(yield func([]Value) bool) {
		co.yield = yield
		defer func() {
			switch e := recover().(type) {
			case nil:
			case *Error:
				co.err = e
			default:
				panic(e)
			}
		}()
		co.out = append([]Value(nil), s.call(co.fn, co.in)...)
	})
}

// kill ends a suspended coroutine.
func (co *Coroutine) kill() {
	co.stop()
	co.status = "dead"
}

func coYield(s *State, args []Value) []Value {
	co := s.th.co
	if co == nil || s.th.nested > s.th.base {
		s.runtimeError("attempt to yield across metamethod/C-call boundary")
	}
	if !co.yield(append([]Value(nil), args...)) {
		panic(errKilled)
	}
	return co.in
}

func coRunning(s *State, args []Value) []Value {
	if s.th.co == nil {
		return s.Return(nil)
	}
	return s.Return(s.th.co)
}

func coStatus(s *State, args []Value) []Value { return s.Return(s.checkCoroutine(args).status) }
