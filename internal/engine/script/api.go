package script

import (
	"strings"
	"time"

	"github.com/redis-rest/redis-rest-go/internal/engine/lua"
	"github.com/redis-rest/redis-rest-go/internal/engine/lua/extlib"
	"github.com/redis-rest/redis-rest-go/internal/engine/lua/stdlib"
	"github.com/redis-rest/redis-rest-go/internal/protocol/commandtable"
	"github.com/redis-rest/redis-rest-go/internal/protocol/ctext"
	"github.com/redis-rest/redis-rest-go/internal/protocol/digest"
	"github.com/redis-rest/redis-rest-go/internal/protocol/resp"
)

// A luaState is a Lua state with the globals of Redis. A script cannot change
// these globals.
type luaState struct {
	*lua.State

	// For functions only: the __index of the globals while a function runs and
	// while a library is loaded, and the metatable that holds the __index.
	everything, loading, visible *lua.Table
}

func (e *Engine) newState() *lua.State {
	s := lua.NewState()
	e.limits.set(s)
	stdlib.Open(s, e.random)
	s.Globals.SetString("debug", true) // Redis sets it temporarily, which affects the order of pairs
	extlib.Open(s)
	s.Globals.SetString("pcall", lua.NewFunction("pcall", pcall(s.Globals.GetString("pcall"))))
	s.Globals.SetString("redis", e.api(s))
	s.Globals.SetString("debug", nil)
	readOnly(s.StringMeta)
	return s
}

// newScriptState makes the state in which scripts run. A setting of a library, for instance
// cjson.encode_max_depth, lasts as long as the state, as in Redis.
func (e *Engine) newScriptState() *luaState {
	s := e.newState()
	redis := s.Globals.GetString("redis").(*lua.Table)
	set := setter(redis)
	e.setDebugging(redis)
	set("replicate_commands", func(s *lua.State, _ []lua.Value) []lua.Value { return s.Return(true) })
	setter(s.Globals)("__redis__err__handler", errorHandler)
	protect(s.Globals)
	return &luaState{State: s}
}

func setter(t *lua.Table) func(name string, f lua.GoFunc) {
	return func(name string, f lua.GoFunc) { t.SetString(name, lua.NewFunction(name, f)) }
}

// protect makes a table, and all tables in it, read-only. Reading a missing name
// becomes an error.
func protect(t *lua.Table) {
	t.Meta = nonexistent()
	readOnly(t)
}

func readOnly(t *lua.Table) {
	if t == nil || t.ReadOnly {
		return
	}
	t.ReadOnly = true
	readOnly(t.Meta)
	for k, v, _ := t.Next(nil); k != nil; k, v, _ = t.Next(k) {
		if inner, ok := v.(*lua.Table); ok {
			readOnly(inner)
		}
	}
}

// nonexistent makes a metatable that raises an error for a missing name.
func nonexistent() *lua.Table {
	meta := lua.NewTable(0, 1)
	meta.SetString("__index", lua.NewFunction("__index", func(s *lua.State, args []lua.Value) []lua.Value {
		name, ok := lua.ToText(lua.Arg(args, 2))
		if !ok {
			s.Errorf("Second argument to luaSetErrorMetatable must be a string or number")
		}
		s.Errorf("Script attempted to access nonexistent global variable '%s'", name)
		return nil
	}))
	return meta
}

// pcall is Lua's, with one exception: if the error is a table with a text, the script gets
// the text, as before Redis 7.
func pcall(original lua.Value) lua.GoFunc {
	f := original.(*lua.Function)
	return func(s *lua.State, args []lua.Value) []lua.Value {
		results := f.Go()(s, args)
		if len(results) == 2 && results[0] == false {
			if t, ok := results[1].(*lua.Table); ok {
				if _, ok := lua.ToText(t.GetString("err")); ok {
					results[1] = t.GetString("err")
				} else {
					results = append(results, t.GetString("err")) // Redis returns this extra value
				}
			}
		}
		return results
	}
}

// errorHandler is Redis' handler for an error of a script. A script that
// calls it gets the error as a table.
func errorHandler(s *lua.State, args []lua.Value) []lua.Value {
	t, ok := lua.Arg(args, 1).(*lua.Table)
	if !ok {
		text, _ := lua.ToText(s.ToString(lua.Arg(args, 1)))
		t = typed("err", "ERR "+text)
	}
	if source, line := s.Place(1); source != "" {
		s.RawSet(t, "source", source)
		s.RawSet(t, "line", float64(line))
	}
	return s.Return(t)
}

// raise raises an error of Redis itself.
func raise(s *lua.State, message string) []lua.Value {
	s.Raise(errorTable(message, false))
	return nil
}

// api makes the table redis. Its fields are set in Redis' order, because it decides the order
// of pairs.
func (e *Engine) api(s *lua.State) *lua.Table {
	t := lua.NewTable(0, 0)
	set := setter(t)
	set("call", func(s *lua.State, args []lua.Value) []lua.Value { return e.call(s, args, true) })
	set("pcall", func(s *lua.State, args []lua.Value) []lua.Value { return e.call(s, args, false) })
	e.setLog(t)
	setVersion(t)
	set("setresp", e.apiSetResp)
	set("sha1hex", apiSHA1Hex)
	set("error_reply", apiErrorReply)
	set("status_reply", apiStatusReply)
	set("set_repl", apiSetRepl)
	for i, name := range []string{"REPL_NONE", "REPL_AOF", "REPL_SLAVE"} {
		t.SetString(name, float64(i))
	}
	t.SetString("REPL_REPLICA", t.GetString("REPL_SLAVE"))
	t.SetString("REPL_ALL", 3.0)
	set("acl_check_cmd", apiACLCheckCommand)
	return t
}

func (e *Engine) setLog(t *lua.Table) {
	t.SetString("log", lua.NewFunction("log", e.apiLog))
	for i, name := range []string{"LOG_DEBUG", "LOG_VERBOSE", "LOG_NOTICE", "LOG_WARNING"} {
		t.SetString(name, float64(i))
	}
}

func setVersion(t *lua.Table) {
	t.SetString("REDIS_VERSION", Version)
	t.SetString("REDIS_VERSION_NUM", float64(0x07000f))
}

// call implements redis.call and redis.pcall: it checks the command as Redis checks
// a script's commands, and runs it.
func (e *Engine) call(s *lua.State, values []lua.Value, raises bool) []lua.Value {
	var since time.Time
	if e.watcher != nil {
		since = time.Now()
	}
	args, wrong := arguments(values)
	if wrong != "" {
		return e.refuse(s, args, errorTable(wrong, false), raises, since)
	}
	c, wrong := e.check(args)
	if wrong != "" {
		return e.refuse(s, args, errorTable(wrong, true), raises, since)
	}
	s.Look() // a killed script must not write any more
	reply, work := e.db.Call(c, args, e.resp3)
	s.Step(1 + work + len(reply)>>6)
	at := resp.NewCursor(reply)
	v, failed := value(s, &at), reply[0] == '-'
	e.tell(s, args, reply, since) // a debugger may run another command now, which overwrites the reply
	if raises && failed {
		s.Raise(v)
	}
	return s.Return(v)
}

// refuse answers a call that was not made.
func (e *Engine) refuse(s *lua.State, args []string, t *lua.Table, raises bool, since time.Time) []lua.Value {
	if e.watcher != nil {
		text, _ := t.GetString("err").(string)
		e.tell(s, args, resp.Error(text), since)
	}
	if raises {
		s.Raise(t)
	}
	return s.Return(t)
}

// arguments converts a command's arguments: strings stay as they are, and numbers get all their digits.
func arguments(values []lua.Value) (args []string, wrong string) {
	if len(values) == 0 {
		return nil, "Please specify at least one argument for this redis lib call"
	}
	args = make([]string, len(values))
	for i, v := range values {
		switch v := v.(type) {
		case string:
			args[i] = v
		case float64:
			args[i] = formatArgument(v)
		default:
			return nil, "Lua redis lib command arguments must be strings or integers"
		}
	}
	return args, ""
}

func formatArgument(f float64) string {
	if f > -1e14 && f < 1e14 && f == float64(int64(f)) && f != 0 {
		return lua.FormatNumber(f)
	}
	return ctext.FormatFloat(f, 'g', 17)
}

// check finds the command that these words call. wrong says why a script may not call it;
// "" means that it may.
func (e *Engine) check(args []string) (c commandtable.Command, wrong string) {
	c, problem := commandtable.Check(args)
	r := e.running
	switch {
	case problem == commandtable.WrongArity:
		return c, "Wrong number of args calling Redis command from script"
	case problem != commandtable.Legal:
		return c, "Unknown Redis command called from script"
	case c.Flags.Has(commandtable.NoScript) && !e.AllowDenied:
		return c, "This Redis command is not allowed from script"
	case (r.readOnly || r.onlyRead) && (c.Flags.Has(commandtable.Write) || mayReplicate(c.Name)):
		return c, "Write commands are not allowed from read-only scripts."
	case r.full && !r.dirty && c.Flags.Has(commandtable.DenyOOM):
		return c, "-" + OutOfMemory
	}
	if c.Flags.Has(commandtable.Write) && !r.dirty {
		e.mu.Lock() // Kill reads it
		r.dirty = true
		e.mu.Unlock()
	}
	return c, ""
}

// mayReplicate says whether Redis may send a command to replicas although it writes
// nothing.
func mayReplicate(name string) bool {
	return name == "PUBLISH" || name == "SPUBLISH" || name == "PFCOUNT"
}

func (e *Engine) apiLog(s *lua.State, args []lua.Value) []lua.Value {
	if len(args) < 2 {
		return raise(s, "redis.log() requires two arguments or more.")
	}
	level, ok := lua.ToNumber(args[0])
	if !ok {
		return raise(s, "First argument must be a number (log level).")
	}
	number := int32(ctext.Int64(level))
	if number < 0 || number > 3 {
		return raise(s, "Invalid debug level.")
	}
	if e.log == nil {
		return nil
	}
	words := make([]string, len(args)-1)
	size := len(words)
	for i, v := range args[1:] {
		words[i], _ = lua.ToText(v) // Redis leaves out other values
		size += len(words[i])
	}
	s.Alloc(size)
	line := LogLine{Level: int(number), Message: strings.Join(words, " ")}
	if e.running != nil {
		line.Script = e.running.name
	}
	_, line.Line = s.Place(1)
	e.log(line)
	return nil
}

func (e *Engine) apiSetResp(s *lua.State, args []lua.Value) []lua.Value {
	if len(args) != 1 {
		return raise(s, "redis.setresp() requires one argument.")
	}
	n, _ := lua.ToNumber(args[0])
	if v := ctext.Int64(n); v != 2 && v != 3 {
		return raise(s, "RESP version must be 2 or 3.")
	}
	e.resp3 = ctext.Int64(n) == 3
	return nil
}

func apiSHA1Hex(s *lua.State, args []lua.Value) []lua.Value {
	if len(args) != 1 {
		return raise(s, "wrong number of arguments")
	}
	text, _ := lua.ToText(args[0]) // any other value counts as an empty string
	return s.Return(digest.Of(text))
}

func apiErrorReply(s *lua.State, args []lua.Value) []lua.Value {
	if len(args) == 1 {
		if text, ok := args[0].(string); ok {
			s.Alloc(2*len(text) + bytesOfTable)
			return s.Return(errorTable("-"+strings.TrimPrefix(text, "-"), false))
		}
	}
	return s.Return(errorTable("wrong number or type of arguments", false))
}

func apiStatusReply(s *lua.State, args []lua.Value) []lua.Value {
	if len(args) == 1 {
		if text, ok := args[0].(string); ok {
			return s.Return(typed("ok", text))
		}
	}
	return s.Return(errorTable("wrong number or type of arguments", false))
}

func apiSetRepl(s *lua.State, args []lua.Value) []lua.Value {
	if len(args) != 1 {
		return raise(s, "redis.set_repl() requires two arguments.")
	}
	n, _ := lua.ToNumber(args[0])
	if flags := ctext.Int64(n); flags&^3 != 0 {
		return raise(s, "Invalid replication flags. Use REPL_AOF, REPL_REPLICA, REPL_ALL or REPL_NONE.")
	}
	return nil // there are no replicas
}

func apiACLCheckCommand(s *lua.State, values []lua.Value) []lua.Value {
	args, wrong := arguments(values)
	if wrong != "" {
		return raise(s, wrong)
	}
	switch _, problem := commandtable.Check(args); problem {
	case commandtable.UnknownCommand, commandtable.UnknownSubcommand:
		return raise(s, "Invalid command passed to redis.acl_check_cmd()")
	}
	return s.Return(true) // the only user may run all commands
}
