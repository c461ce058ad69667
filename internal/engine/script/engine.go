package script

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"time"

	"github.com/redis-rest/redis-rest-go/internal/engine/lua"
	"github.com/redis-rest/redis-rest-go/internal/engine/lua/stdlib"
	"github.com/redis-rest/redis-rest-go/internal/protocol/commandtable"
	"github.com/redis-rest/redis-rest-go/internal/protocol/ctext"
	"github.com/redis-rest/redis-rest-go/internal/protocol/resp"
)

// Version is the version of Redis that scripts see.
const Version = "7.0.15"

// A Database runs the commands that scripts call.
type Database interface {
	// Call runs the command c, which scripts may call, with these legal words. The
	// reply is raw. It uses the types of RESP3 if the script asked for them. The work is counted as steps of the script.
	Call(c commandtable.Command, args []string, resp3 bool) (reply []byte, work int)
	// Full says whether there is no memory left for commands with the flag DenyOOM.
	Full() bool
	// Refusal is why commands that write do not run; nil if they do.
	Refusal() []byte
}

// An Engine holds scripts and functions and runs them. The caller must call Do for one
// at a time. Kill, Stats and Running may be called meanwhile.
type Engine struct {
	// RESP3 says that Do replies in RESP3. The caller sets it before.
	RESP3 bool
	// AllowDenied lets scripts call commands that Redis denies them, as DEBUG SET-DISABLE-DENY-SCRIPTS does.
	AllowDenied bool
	// Counted says that the last reply of Do is an error that a command of the script replied before.
	Counted bool

	db        Database
	random    *stdlib.Random // one sequence for all scripts and functions
	eval      *luaState      // for scripts
	functions *luaState      // for functions

	scripts   map[string]*script // by digest
	libraries map[string]*library
	callable  map[string]*libraryFunction // by name in lower case
	loading   *library                    // the library whose code is running
	log       func(LogLine)               // nil if nobody reads the log
	watcher   Watcher                     // nil if nobody watches
	resp3     bool                        // the script asked for RESP3
	written   int                         // bytes of its reply that are counted
	limits    limits
	hosted    bool // FCALL_RO also calls functions without flags

	mu      sync.Mutex
	running *run // nil if nothing runs
	counts  struct{ libraries, functions int }
}

// A run is one execution of a script or a function.
type run struct {
	state    *lua.State
	name     string // digest or function, as errors show it
	args     []string
	about    *Run // for the watcher
	function bool
	readOnly bool
	onlyRead bool // see OnlyRead
	full     bool // commands that need memory are refused until it has written
	since    time.Time
	dirty    bool // it has called a command that writes
}

// A LogLine is what a script or a function passes to redis.log.
type LogLine struct {
	Level   int    // 0 debug, 1 verbose, 2 notice, 3 warning
	Script  string // digest of the script, or name of the function; "" while a library is loaded
	Line    int    // in its source, from 1
	Message string
}

// MaxMemory is how much memory a script or a function may hold unless Limit says something else, in bytes.
const MaxMemory = 1 << 30

// OutOfMemory is Redis' error for commands that need memory when there is none left.
const OutOfMemory = "OOM command not allowed when used memory > 'maxmemory'."

// Limit sets how much memory a script or a function may hold, in bytes, and how many steps it may take. 0 steps is no limit.
func (e *Engine) Limit(memory, steps int) {
	e.limits = limits{memory, steps}
	e.limits.set(e.eval.State)
	e.limits.set(e.functions.State)
}

type limits struct{ memory, steps int }

func (l limits) set(s *lua.State) { s.MaxMemory, s.MaxSteps = l.memory, l.steps }

// SetLog sets the function that gets the lines of redis.log. It must be called before anything
// runs. The function must not call the engine.
func (e *Engine) SetLog(log func(LogLine)) { e.log = log }

// LikeHosted makes FCALL_RO call every function, as the hosted service does: one that writes fails when it does. It must be
// called before anything runs.
func (e *Engine) LikeHosted() { e.hosted = true }

// New makes an engine without scripts.
func New(db Database) *Engine {
	e := &Engine{db: db, random: stdlib.NewRandom(), libraries: map[string]*library{}, callable: map[string]*libraryFunction{}, limits: limits{memory: MaxMemory}}
	e.flushScripts()
	e.functions = e.newFunctionState()
	return e
}

// Do runs EVAL, EVALSHA, FCALL, their variants with _RO, SCRIPT and FUNCTION. It
// returns the reply. The command must exist and have a valid number of
// arguments. A script is stopped when ctx ends.
func (e *Engine) Do(ctx context.Context, args []string) (reply []byte) {
	e.Counted = false
	defer func() {
		// A bug in the engine must not end the process.
		if fault := recover(); fault != nil {
			reply = resp.Error(fmt.Sprintf("ERR the script engine failed: %v", fault))
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

// begin records what runs, and stops it when ctx ends. The caller must call end.
func (e *Engine) begin(ctx context.Context, r *run) (end func()) {
	r.since = time.Now()
	r.state.Reset()
	e.resp3 = false
	e.mu.Lock()
	e.running = r
	e.mu.Unlock()
	forget := context.AfterFunc(ctx, func() { e.stop(r) })
	return func() {
		forget()
		e.mu.Lock()
		e.running = nil
		e.mu.Unlock()
		r.state.Reset()
	}
}

const killed = "Script killed by user with SCRIPT KILL..."

// stop stops a run, unless it has ended already.
func (e *Engine) stop(r *run) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.running == r {
		r.state.Stop(killed)
	}
}

// Kill runs SCRIPT KILL or FUNCTION KILL.
func (e *Engine) Kill(args []string) []byte {
	function := strings.EqualFold(args[0], "FUNCTION")
	e.mu.Lock()
	defer e.mu.Unlock()
	r := e.running
	switch {
	case r == nil:
		return resp.Error("NOTBUSY No scripts in execution right now.")
	case r.dirty:
		return resp.Error("UNKILLABLE Sorry the script already executed write commands against the dataset. You can either wait the script termination or kill the server in a hard way using the SHUTDOWN NOSAVE command.")
	case function != r.function:
		return resp.Error(r.busy())
	}
	r.state.Stop(killed)
	return resp.OK
}

// busy returns the error for other callers while it runs.
func (r *run) busy() string {
	if r.function {
		return "BUSY Redis is busy running a script. You can only call FUNCTION KILL or SHUTDOWN NOSAVE."
	}
	return "BUSY Redis is busy running a script. You can only call SCRIPT KILL or SHUTDOWN NOSAVE."
}

// Busy returns the error for commands that arrive while a script runs for too long, or "" if
// nothing runs.
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

// Scripts returns the number of scripts that EVALSHA finds.
func (e *Engine) Scripts() int { return len(e.scripts) }

// Stats runs FUNCTION STATS. The reply is in RESP2 or RESP3.
func (e *Engine) Stats(resp3 bool) []byte {
	e.mu.Lock()
	defer e.mu.Unlock()
	r := e.running
	if r != nil && !r.function {
		return resp.Error(r.busy())
	}
	reply := resp.AppendMap(nil, resp3, 2)
	reply = resp.AppendBulk(reply, "running_script")
	if r == nil {
		reply = resp.AppendNull(reply, resp3)
	} else {
		reply = resp.AppendMap(reply, resp3, 3)
		reply = resp.AppendBulk(reply, "name")
		reply = resp.AppendBulk(reply, r.name)
		reply = resp.AppendBulk(reply, "command")
		reply = resp.AppendBulks(reply, r.args)
		reply = resp.AppendBulk(reply, "duration_ms")
		reply = resp.AppendInt(reply, time.Since(r.since).Milliseconds())
	}
	reply = resp.AppendBulk(reply, "engines")
	reply = resp.AppendMap(reply, resp3, 1)
	reply = resp.AppendBulk(reply, "LUA")
	reply = resp.AppendMap(reply, resp3, 2)
	reply = resp.AppendBulk(reply, "libraries_count")
	reply = resp.AppendInt(reply, int64(e.counts.libraries))
	reply = resp.AppendBulk(reply, "functions_count")
	return resp.AppendInt(reply, int64(e.counts.functions))
}

// run calls a function and returns its result as a reply.
func (e *Engine) run(ctx context.Context, r *run, fn *lua.Function, args ...lua.Value) (reply []byte) {
	defer e.begin(ctx, r)()
	if r.about != nil {
		e.watcher.Begin(*r.about)
		defer func() { e.watcher.End(reply) }()
	}
	results, err := r.state.PCall(fn, args...)
	if err != nil {
		e.Counted = isCounted(err.Value)
		return r.failed(err)
	}
	var result lua.Value
	if len(results) > 0 {
		result = results[0]
	}
	reply, err = e.reply(r.state, result)
	if err != nil {
		e.Counted = isCounted(err.Value)
		return r.failed(err)
	}
	return reply
}

// isCounted says whether an error is one that a command has replied.
func isCounted(v lua.Value) bool {
	t, ok := v.(*lua.Table)
	return ok && t.GetString("ignore_error_stats_update") == true
}

// failed makes the reply to a run that raised an error: the message and the place.
func (r *run) failed(err *lua.Error) []byte {
	message, source, line := errorText(r.state, err)
	if source != "" && line != "" {
		message += fmt.Sprintf(" script: %s, on %s:%s.", r.name, source, line)
	}
	return resp.Error(message)
}

// errorText does the same as Redis' error handler.
func errorText(s *lua.State, err *lua.Error) (message, source, line string) {
	if err.Source != "" {
		source, line = err.Source, fmt.Sprint(err.Line)
	}
	t, ok := err.Value.(*lua.Table)
	if !ok {
		text, _ := lua.ToText(s.ToString(err.Value))
		return ctext.String("ERR " + text), source, line
	}
	if source == "" {
		source, _ = lua.ToText(t.GetString("source"))
		line, _ = lua.ToText(t.GetString("line"))
	}
	message, ok = lua.ToText(t.GetString("err"))
	if !ok {
		// Redis 7.0 crashes here.
		message = "ERR unknown error"
	}
	return ctext.String(message), source, line
}
