package script

import (
	"strings"

	"github.com/redis-rest/redis-rest-go/internal/engine/lua"
	"github.com/redis-rest/redis-rest-go/internal/engine/lua/extlib"
	"github.com/redis-rest/redis-rest-go/internal/engine/lua/stdlib"
	"github.com/redis-rest/redis-rest-go/internal/protocol/commandtable"
	"github.com/redis-rest/redis-rest-go/internal/protocol/digest"
)

// A world is a state of Lua with the globals that Redis gives, none of which a
// script can change.
type world struct {
	*lua.State

	// Of the world of functions: what stands behind its globals at other times and
	// while a library is loaded, and the metatable whose __index says which it is.
	everything, loading, visible *lua.Table
}

func (e *Engine) newState() *lua.State {
	s := lua.NewState()
	stdlib.Open(s, e.random)
	s.Globals.SetString("debug", true) // Redis has it for a moment, which shows in the order of pairs
	extlib.Open(s)
	s.Globals.SetString("pcall", lua.NewFunction("pcall", pcall(s.Globals.GetString("pcall"))))
	s.Globals.SetString("redis", e.api(s))
	s.Globals.SetString("debug", nil)
	readOnly(s.StringMeta)
	return s
}

// worldOfScripts makes the state in which scripts run. What one sets in a library,
// cjson.encode_max_depth for instance, lasts as long as the world, as in Redis.
func (e *Engine) worldOfScripts() *world {
	s := e.newState()
	redis := s.Globals.GetString("redis").(*lua.Table)
	set := setter(redis)
	set("breakpoint", func(s *lua.State, _ []lua.Value) []lua.Value { return s.Return(false) })
	set("debug", func(*lua.State, []lua.Value) []lua.Value { return nil })
	set("replicate_commands", func(s *lua.State, _ []lua.Value) []lua.Value { return s.Return(true) })
	setter(s.Globals)("__redis__err__handler", errorHandler)
	protect(s.Globals)
	return &world{State: s}
}

func setter(t *lua.Table) func(name string, f lua.GoFunc) {
	return func(name string, f lua.GoFunc) { t.SetString(name, lua.NewFunction(name, f)) }
}

// protect makes a table, and all that hangs on it, read-only. A name that it does
// not hold is then an error.
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

// nonexistent is the metatable of tables that lack nothing a script may ask for.
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

// pcall is Lua's, but for an error that is a table with a text: the text is what a
// script gets, as before Redis 7.
func pcall(original lua.Value) lua.GoFunc {
	f := original.(*lua.Function)
	return func(s *lua.State, args []lua.Value) []lua.Value {
		results := f.Go()(s, args)
		if len(results) == 2 && results[0] == false {
			if t, ok := results[1].(*lua.Table); ok {
				if _, ok := lua.ToText(t.GetString("err")); ok {
					results[1] = t.GetString("err")
				} else {
					results = append(results, t.GetString("err")) // as Redis leaves it
				}
			}
		}
		return results
	}
}

// errorHandler is what Redis calls when a script raises an error. A script that
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

// api is the table redis. What is set in which order decides that of pairs, and is
// as in Redis.
func (e *Engine) api(s *lua.State) *lua.Table {
	t := lua.NewTable(0, 0)
	set := setter(t)
	set("call", func(s *lua.State, args []lua.Value) []lua.Value { return e.call(s, args, true) })
	set("pcall", func(s *lua.State, args []lua.Value) []lua.Value { return e.call(s, args, false) })
	setLog(t)
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

func setLog(t *lua.Table) {
	t.SetString("log", lua.NewFunction("log", apiLog))
	for i, name := range []string{"LOG_DEBUG", "LOG_VERBOSE", "LOG_NOTICE", "LOG_WARNING"} {
		t.SetString(name, float64(i))
	}
}

func setVersion(t *lua.Table) {
	t.SetString("REDIS_VERSION", Version)
	t.SetString("REDIS_VERSION_NUM", float64(0x07000f))
}

// call is redis.call and redis.pcall: what Redis checks of a command that a script
// calls, and then the command.
func (e *Engine) call(s *lua.State, values []lua.Value, raises bool) []lua.Value {
	args, wrong := arguments(values)
	if wrong != "" {
		return refuse(s, errorTable(wrong, false), raises)
	}
	if wrong := e.check(args); wrong != "" {
		return refuse(s, errorTable(wrong, true), raises)
	}
	s.Look() // for one that was killed must not write any more
	reply := e.db.Call(args, e.resp3)
	v, _ := value(s, reply)
	if raises && reply[0] == '-' {
		s.Raise(v)
	}
	return s.Return(v)
}

func refuse(s *lua.State, t *lua.Table, raises bool) []lua.Value {
	if raises {
		s.Raise(t)
	}
	return s.Return(t)
}

// arguments are those of a command: strings, and numbers with all their digits.
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
	return lua.FormatFloat(f, 'g', 17)
}

// check says why a script may not call a command.
func (e *Engine) check(args []string) string {
	c, ok := commandtable.Lookup(args[0])
	if ok && len(args) > 1 && c.Flags.Has(commandtable.Container) {
		c, ok = c.Sub(args[1])
	}
	r := e.running
	switch n := int(c.Arity); {
	case !ok:
		return "Unknown Redis command called from script"
	case n >= 0 && len(args) != n, len(args) < -n:
		return "Wrong number of args calling Redis command from script"
	case c.Flags.Has(commandtable.NoScript):
		return "This Redis command is not allowed from script"
	case r.readOnly && (c.Flags.Has(commandtable.Write) || spreads(c.Name)):
		return "Write commands are not allowed from read-only scripts."
	}
	if c.Flags.Has(commandtable.Write) && !r.dirty {
		e.mu.Lock() // Kill reads it
		r.dirty = true
		e.mu.Unlock()
	}
	return ""
}

// spreads says whether Redis may pass on a command to replicas although it writes
// nothing.
func spreads(name string) bool { return name == "PUBLISH" || name == "SPUBLISH" || name == "PFCOUNT" }

func apiLog(s *lua.State, args []lua.Value) []lua.Value {
	if len(args) < 2 {
		return raise(s, "redis.log() requires two arguments or more.")
	}
	level, ok := lua.ToNumber(args[0])
	if !ok {
		return raise(s, "First argument must be a number (log level).")
	}
	if level := int32(toInteger(level)); level < 0 || level > 3 {
		return raise(s, "Invalid debug level.")
	}
	return nil // nobody reads it
}

func (e *Engine) apiSetResp(s *lua.State, args []lua.Value) []lua.Value {
	if len(args) != 1 {
		return raise(s, "redis.setresp() requires one argument.")
	}
	n, _ := lua.ToNumber(args[0])
	if v := toInteger(n); v != 2 && v != 3 {
		return raise(s, "RESP version must be 2 or 3.")
	}
	e.resp3 = toInteger(n) == 3
	return nil
}

func apiSHA1Hex(s *lua.State, args []lua.Value) []lua.Value {
	if len(args) != 1 {
		return raise(s, "wrong number of arguments")
	}
	text, _ := lua.ToText(args[0]) // anything else is an empty string
	return s.Return(digest.Of(text))
}

func apiErrorReply(s *lua.State, args []lua.Value) []lua.Value {
	if len(args) == 1 {
		if text, ok := args[0].(string); ok {
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
	if flags := toInteger(n); flags&^3 != 0 {
		return raise(s, "Invalid replication flags. Use REPL_AOF, REPL_REPLICA, REPL_ALL or REPL_NONE.")
	}
	return nil // there are no replicas
}

func apiACLCheckCommand(s *lua.State, values []lua.Value) []lua.Value {
	args, wrong := arguments(values)
	if wrong != "" {
		return raise(s, wrong)
	}
	if _, ok := commandtable.Lookup(args[0]); !ok {
		return raise(s, "Invalid command passed to redis.acl_check_cmd()")
	}
	return s.Return(true) // the one user may do everything
}
