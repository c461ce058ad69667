package script

import (
	"context"
	"time"

	"github.com/redis-rest/redis-rest-go/internal/engine/lua"
)

// A Watcher gets what scripts and functions do. Its methods run while the script waits, and must not run
// commands of the database, except by evaluating Lua code in the script. A Watcher that is also a lua.Hook gets lines, calls of functions and errors too; otherwise scripts
// run without the hook.
type Watcher interface {
	// Begin is called before a script or a function runs, or the code of a library that is loaded. End is called
	// afterwards, with the reply in RESP2. The reply is nil for a library.
	Begin(r Run)
	End(reply []byte)

	// Called is called after redis.call or redis.pcall, before an error is raised.
	Called(s *lua.State, c Call)
}

// A Debugger is a Watcher for which redis.breakpoint and redis.debug work, in functions too.
type Debugger interface {
	Watcher
	Breakpoint(s *lua.State)
	Debug(s *lua.State, values []lua.Value)
}

// A Run is one execution of a script, of a function, or of the code of a library.
type Run struct {
	Script string // the digest of the script, or the name of the function or library
	Source string // of the script or library
	Keys   []string
	Args   []string

	Context context.Context // of the caller
}

// A Call is a call of redis.call or redis.pcall.
type Call struct {
	Words []string // nil if an argument was neither a string nor a number
	Reply []byte   // in RESP2, or RESP3 if the script chose that. The next call overwrites it
	Time  time.Duration
}

// Watch sets the watcher; nil removes it. Nothing may run.
func (e *Engine) Watch(w Watcher) {
	e.watcher = w
	hook, _ := w.(lua.Hook)
	e.eval.Watch(hook)
	e.functions.Watch(hook)
	e.offerDebugging()
}

// Watcher returns the watcher, or nil.
func (e *Engine) Watcher() Watcher { return e.watcher }

// offerDebugging gives functions redis.breakpoint and redis.debug while a debugger watches.
func (e *Engine) offerDebugging() {
	redis := e.functions.everything.GetString("redis").(*lua.Table)
	if _, ok := e.watcher.(Debugger); ok {
		e.setDebugging(redis)
		return
	}
	for _, name := range []string{"breakpoint", "debug"} {
		if redis.GetString(name) != nil { // setting nil would change the order of pairs
			redis.SetString(name, nil)
		}
	}
}

func (e *Engine) setDebugging(redis *lua.Table) {
	set := setter(redis)
	set("breakpoint", func(s *lua.State, _ []lua.Value) []lua.Value {
		d, ok := e.watcher.(Debugger)
		if ok {
			d.Breakpoint(s)
		}
		return s.Return(ok)
	})
	set("debug", func(s *lua.State, values []lua.Value) []lua.Value {
		if d, ok := e.watcher.(Debugger); ok {
			d.Debug(s, values)
		}
		return nil
	})
}

// OnlyRead refuses commands that write, of the script that runs, until it is called with false. A Watcher calls it while the
// script waits.
func (e *Engine) OnlyRead(on bool) {
	if e.running != nil {
		e.running.onlyRead = on
	}
}

// about returns what the watcher gets when a run begins, or nil if nobody watches.
func (e *Engine) about(ctx context.Context, name, source string, keys, args []string) *Run {
	if e.watcher == nil {
		return nil
	}
	return &Run{name, source, keys, args, ctx}
}

// tell tells the watcher about a call.
func (e *Engine) tell(s *lua.State, words []string, reply []byte, since time.Time) {
	if e.watcher != nil {
		e.watcher.Called(s, Call{words, reply, time.Since(since)})
	}
}
