package script

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"time"

	"github.com/redis-rest/redis-rest-go/internal/engine/lua"
	"github.com/redis-rest/redis-rest-go/internal/engine/lua/stdlib"
)

// Version is the Redis that scripts see.
const Version = "7.0.15"

// A Database runs the commands that scripts call.
type Database interface {
	// Call runs a command that exists, has its number of arguments and may be called by
	// scripts. The reply is raw, with the types of RESP3 where the script asked for them.
	Call(args []string, resp3 bool) []byte
}

// An Engine holds scripts and functions and runs them. One at a time: that is for
// the caller of Do to see to. Kill, Stats and Running may be called meanwhile.
type Engine struct {
	db        Database
	random    *stdlib.Random // one sequence for all
	eval      *world         // of scripts
	functions *world         // of functions

	scripts   map[string]*script // by their digests
	libraries map[string]*library
	callable  map[string]*libraryFunction // by their names in lower case
	loading   *library                    // whose code runs
	resp3     bool                        // what the script asked for

	mu      sync.Mutex
	running *run // nil where nothing runs
	counts  struct{ libraries, functions int }
}

// A run is one of a script or a function.
type run struct {
	state    *lua.State
	name     string // digest or function, as errors show it
	args     []string
	function bool
	readOnly bool
	since    time.Time
	dirty    bool // it has called a command that writes
}

// New makes an engine without scripts.
func New(db Database) *Engine {
	e := &Engine{db: db, random: stdlib.NewRandom(), libraries: map[string]*library{}, callable: map[string]*libraryFunction{}}
	e.flushScripts()
	e.functions = e.worldOfFunctions()
	return e
}

// Do runs EVAL, EVALSHA, FCALL and what ends in _RO of them, SCRIPT and FUNCTION,
// and returns the reply in RESP2. The command exists and has its number of
// arguments. A script is cut off when ctx ends.
func (e *Engine) Do(ctx context.Context, args []string) (reply []byte) {
	defer func() {
		// A fault of the engine is no reason for the process to end.
		if fault := recover(); fault != nil {
			reply = errorReply(fmt.Sprintf("ERR the script engine failed: %v", fault))
		}
	}()
	switch name := strings.ToUpper(args[0]); name {
	case "EVAL", "EVAL_RO", "EVALSHA", "EVALSHA_RO":
		return e.evalCommand(ctx, args, strings.HasPrefix(name, "EVALSHA"), strings.HasSuffix(name, "_RO"))
	case "FCALL", "FCALL_RO":
		return e.callCommand(ctx, args, name == "FCALL_RO")
	case "SCRIPT":
		return e.scriptCommand(args)
	default:
		return e.functionCommand(ctx, args)
	}
}

// begin notes what runs, and has it cut off when ctx ends. It must be ended.
func (e *Engine) begin(ctx context.Context, r *run) (end func()) {
	r.since = time.Now()
	r.state.Reset()
	e.resp3 = false
	e.mu.Lock()
	e.running = r
	e.mu.Unlock()
	forget := context.AfterFunc(ctx, func() { e.cut(r) })
	return func() {
		forget()
		e.mu.Lock()
		e.running = nil
		e.mu.Unlock()
		r.state.Reset()
	}
}

const killed = "Script killed by user with SCRIPT KILL..."

// cut has a run end, if it has not ended yet.
func (e *Engine) cut(r *run) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.running == r {
		r.state.Stop(killed)
	}
}

// Kill is SCRIPT KILL or FUNCTION KILL.
func (e *Engine) Kill(args []string) []byte {
	function := strings.EqualFold(args[0], "FUNCTION")
	e.mu.Lock()
	defer e.mu.Unlock()
	r := e.running
	switch {
	case r == nil:
		return errorReply("NOTBUSY No scripts in execution right now.")
	case r.dirty:
		return errorReply("UNKILLABLE Sorry the script already executed write commands against the dataset. You can either wait the script termination or kill the server in a hard way using the SHUTDOWN NOSAVE command.")
	case function != r.function:
		return errorReply(r.busy())
	}
	r.state.Stop(killed)
	return okReply
}

// busy is what others are told while it runs.
func (r *run) busy() string {
	if r.function {
		return "BUSY Redis is busy running a script. You can only call FUNCTION KILL or SHUTDOWN NOSAVE."
	}
	return "BUSY Redis is busy running a script. You can only call SCRIPT KILL or SHUTDOWN NOSAVE."
}

// Busy is the error for commands that come while a script runs for too long; "" where
// none runs.
func (e *Engine) Busy() string {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.running == nil {
		return ""
	}
	return e.running.busy()
}

// Running says whether something runs, and since when.
func (e *Engine) Running() (since time.Time, running bool) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.running == nil {
		return time.Time{}, false
	}
	return e.running.since, true
}

// Stats is FUNCTION STATS.
func (e *Engine) Stats() []byte {
	e.mu.Lock()
	defer e.mu.Unlock()
	r := e.running
	if r != nil && !r.function {
		return errorReply(r.busy())
	}
	reply := appendArray(nil, 4)
	reply = appendBulk(reply, "running_script")
	if r == nil {
		reply = append(reply, nullReply...)
	} else {
		reply = appendArray(reply, 6)
		reply = appendBulk(reply, "name")
		reply = appendBulk(reply, r.name)
		reply = appendBulk(reply, "command")
		reply = appendBulks(reply, r.args)
		reply = appendBulk(reply, "duration_ms")
		reply = appendInt(reply, time.Since(r.since).Milliseconds())
	}
	reply = appendBulk(reply, "engines")
	reply = appendArray(reply, 2)
	reply = appendBulk(reply, "LUA")
	reply = appendArray(reply, 4)
	reply = appendBulk(reply, "libraries_count")
	reply = appendInt(reply, int64(e.counts.libraries))
	reply = appendBulk(reply, "functions_count")
	return appendInt(reply, int64(e.counts.functions))
}

// run calls a function and returns what it comes to as a reply.
func (e *Engine) run(ctx context.Context, r *run, fn *lua.Function, args ...lua.Value) []byte {
	defer e.begin(ctx, r)()
	results, err := r.state.PCall(fn, args...)
	if err != nil {
		return r.failed(err)
	}
	var result lua.Value
	if len(results) > 0 {
		result = results[0]
	}
	reply, err := e.reply(r.state, result)
	if err != nil {
		return r.failed(err)
	}
	return reply
}

// failed is the reply of a run that raised an error: its message and where.
func (r *run) failed(err *lua.Error) []byte {
	message, source, line := errorText(r.state, err)
	if source != "" && line != "" {
		message += fmt.Sprintf(" script: %s, on %s:%s.", r.name, source, line)
	}
	return errorReply(message)
}

// errorText is what Redis' error handler makes of an error.
func errorText(s *lua.State, err *lua.Error) (message, source, line string) {
	if err.Source != "" {
		source, line = err.Source, fmt.Sprint(err.Line)
	}
	t, ok := err.Value.(*lua.Table)
	if !ok {
		text, _ := lua.ToText(s.ToString(err.Value))
		return cString("ERR " + text), source, line
	}
	if source == "" {
		source, _ = lua.ToText(t.GetString("source"))
		line, _ = lua.ToText(t.GetString("line"))
	}
	message, ok = lua.ToText(t.GetString("err"))
	if !ok {
		// Redis 7.0 ends the process here.
		message = "ERR unknown error"
	}
	return cString(message), source, line
}
