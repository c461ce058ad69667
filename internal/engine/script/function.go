package script

import (
	"context"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/redis-rest/redis-rest-go/internal/engine/lua"
	"github.com/redis-rest/redis-rest-go/internal/protocol/ctext"
	"github.com/redis-rest/redis-rest-go/internal/protocol/glob"
	"github.com/redis-rest/redis-rest-go/internal/protocol/resp"
)

// A library is a library that FUNCTION LOAD has loaded.
type library struct {
	name      string
	code      string
	functions map[string]*libraryFunction
}

type libraryFunction struct {
	name        string
	description lua.Value // nil if there is none
	fn          *lua.Function
	flags       flags
	from        *library
}

// newFunctionState makes the state in which libraries are loaded and their
// functions run. Its table of globals is empty. The __index of its metatable is another table:
// a small one while a library is loaded, and the full one while a function runs.
func (e *Engine) newFunctionState() *luaState {
	s := &luaState{State: e.newState()}
	protect(s.Globals)
	s.everything = s.Globals
	redis := lua.NewTable(0, 0)
	setter(redis)("register_function", e.register)
	e.setLog(redis)
	setVersion(redis)
	redis.Meta = nonexistent()
	s.loading = typed("redis", redis)
	protect(s.loading)
	s.visible = typed("__index", s.everything)
	s.Globals = lua.NewTable(0, 0)
	s.Globals.Meta = s.visible
	s.Globals.ReadOnly, s.visible.ReadOnly = true, true
	return s
}

// loadTimeout is the time limit for a library's code.
const loadTimeout = 500 * time.Millisecond

func (e *Engine) functionCommand(ctx context.Context, args []string) []byte {
	switch strings.ToUpper(args[1]) {
	case "LOAD":
		return e.functionLoad(ctx, args[2:])
	case "LIST":
		return e.functionList(args[2:])
	case "DELETE":
		lib := e.libraries[args[2]]
		if lib == nil {
			return resp.Error("ERR Library not found")
		}
		e.unlink(lib)
		return resp.OK
	case "FLUSH":
		if len(args) > 3 {
			return resp.Error(unknownSubcommand(args[1]))
		}
		if len(args) == 3 && !strings.EqualFold(args[2], "SYNC") && !strings.EqualFold(args[2], "ASYNC") {
			return resp.Error("ERR FUNCTION FLUSH only supports SYNC|ASYNC option")
		}
		for _, lib := range e.libraries {
			e.unlink(lib)
		}
		return resp.OK
	case "DUMP":
		return resp.AppendBulk(nil, e.Dump())
	case "RESTORE":
		return e.functionRestore(ctx, args[1:])
	case "STATS":
		return e.Stats(e.RESP3)
	default:
		return resp.Error("ERR FUNCTION " + strings.ToUpper(args[1]) + " is not available in the embedded database")
	}
}

func unknownSubcommand(name string) string {
	return "ERR unknown subcommand or wrong number of arguments for '" + name + "'. Try FUNCTION HELP."
}

func (e *Engine) functionLoad(ctx context.Context, args []string) []byte {
	replace := false
	for ; len(args) > 1; args = args[1:] {
		if !strings.EqualFold(args[0], "REPLACE") {
			return resp.Error("ERR Unknown option given: " + args[0])
		}
		replace = true
	}
	lib, err := e.create(ctx, args[0], replace)
	if err != "" {
		return resp.Error("ERR " + err)
	}
	return resp.AppendBulk(nil, lib.name)
}

// create loads a library. If that fails, a library that it would replace is kept.
func (e *Engine) create(ctx context.Context, code string, replace bool) (*library, string) {
	name, body, err := readMetadata(code)
	if err != "" {
		return nil, err
	}
	old := e.libraries[name]
	if old != nil && !replace {
		return nil, "Library '" + name + "' already exists"
	}
	if old != nil {
		e.unlink(old)
	}
	lib := &library{name: name, code: code, functions: map[string]*libraryFunction{}}
	err = e.runLibrary(ctx, lib, body)
	if err == "" && len(lib.functions) == 0 {
		err = "No functions registered"
	}
	for _, name := range slices.Sorted(maps.Keys(lib.functions)) {
		if err == "" && e.callable[strings.ToLower(name)] != nil {
			err = "Function " + name + " already exists"
		}
	}
	if err != "" {
		if old != nil {
			e.link(old)
		}
		return nil, err
	}
	e.link(lib)
	return lib, ""
}

// runLibrary runs the code of a library, which registers its functions.
func (e *Engine) runLibrary(ctx context.Context, lib *library, body string) (err string) {
	s := e.functions
	fn, failed := s.Load(body, "@user_function")
	if failed != nil {
		return "Error compiling function: " + failed.Error()
	}
	ctx, cancel := context.WithTimeout(ctx, loadTimeout)
	defer cancel()
	defer e.begin(ctx, &run{state: s.State, name: lib.name, function: true})()
	e.loading = lib
	s.visible.SetString("__index", s.loading)
	defer func() {
		e.loading = nil
		s.visible.SetString("__index", s.everything)
	}()
	if e.watcher != nil {
		e.watcher.Begin(Run{Script: lib.name, Source: lib.code, Context: ctx})
		defer e.watcher.End(nil)
	}
	if _, raised := s.PCall(fn); raised != nil {
		if ctx.Err() != nil {
			return "Error registering functions: ERR FUNCTION LOAD timeout"
		}
		message, _, _ := errorText(s.State, raised)
		return "Error registering functions: " + message
	}
	return ""
}

func (e *Engine) link(lib *library) {
	e.libraries[lib.name] = lib
	for name, f := range lib.functions {
		e.callable[strings.ToLower(name)] = f
	}
	e.count()
}

func (e *Engine) unlink(lib *library) {
	delete(e.libraries, lib.name)
	for name := range lib.functions {
		delete(e.callable, strings.ToLower(name))
	}
	e.count()
}

// count updates the counts for Stats.
func (e *Engine) count() {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.counts.libraries, e.counts.functions = len(e.libraries), len(e.callable)
}

// readMetadata reads a library's first line, #!lua name=x.
func readMetadata(code string) (name, body, err string) {
	if !strings.HasPrefix(code, "#!") {
		return "", "", "Missing library metadata"
	}
	line, _, ok := strings.Cut(code, "\n")
	words, split := resp.SplitWords(line)
	if !ok || !split || len(words) == 0 {
		return "", "", "Invalid library metadata"
	}
	named := false
	for _, word := range words[1:] {
		if len(word) < 5 || !strings.EqualFold(word[:5], "name=") {
			return "", "", "Invalid metadata value given: " + word
		}
		if named {
			return "", "", "Invalid metadata value, name argument was given multiple times"
		}
		named = true
		name = word[5:]
	}
	switch engine := words[0][2:]; {
	case !named:
		return "", "", "Library name was not given"
	case !isName(name):
		return "", "", "Library names can only contain letters, numbers, or underscores(_) and must be at least one character long"
	case !strings.EqualFold(engine, "LUA"):
		return "", "", "Engine '" + engine + "' not found"
	}
	return name, code[len(line):], ""
}

func isName(s string) bool {
	for i := range len(s) {
		if !ctext.IsName(s[i]) {
			return false
		}
	}
	return s != ""
}

// register implements redis.register_function.
func (e *Engine) register(s *lua.State, args []lua.Value) []lua.Value {
	if e.loading == nil {
		return raise(s, "redis.register_function can only be called on FUNCTION LOAD command")
	}
	f := &libraryFunction{from: e.loading, flags: flags{set: map[string]bool{}, declared: true}}
	var wrong string
	switch len(args) {
	case 1:
		wrong = f.named(args[0])
	case 2:
		wrong = f.positional(args)
	default:
		wrong = "wrong number of arguments to redis.register_function"
	}
	switch {
	case wrong != "":
	case !isName(f.name):
		wrong = "Library names can only contain letters, numbers, or underscores(_) and must be at least one character long"
	case e.loading.functions[f.name] != nil:
		wrong = "Function already exists in the library"
	}
	if wrong != "" {
		return raise(s, wrong)
	}
	e.loading.functions[f.name] = f
	return nil
}

func (f *libraryFunction) positional(args []lua.Value) (wrong string) {
	var ok bool
	if f.name, ok = lua.ToText(args[0]); !ok {
		return "first argument to redis.register_function must be a string"
	}
	if f.fn, ok = args[1].(*lua.Function); !ok {
		return "second argument to redis.register_function must be a function"
	}
	return ""
}

func (f *libraryFunction) named(v lua.Value) (wrong string) {
	t, ok := v.(*lua.Table)
	if !ok {
		return "calling redis.register_function with a single argument is only applicable to Lua table (representing named arguments)."
	}
	named := false
	for k, v, _ := t.Next(nil); k != nil; k, v, _ = t.Next(k) {
		key, ok := lua.ToText(k)
		if !ok {
			return "named argument key given to redis.register_function is not a string"
		}
		switch strings.ToLower(key) {
		case "function_name":
			if f.name, named = lua.ToText(v); !named {
				return "function_name argument given to redis.register_function must be a string"
			}
		case "description":
			text, ok := lua.ToText(v)
			if !ok {
				return "description argument given to redis.register_function must be a string"
			}
			f.description = text
		case "callback":
			if f.fn, ok = v.(*lua.Function); !ok {
				return "callback argument given to redis.register_function must be a function"
			}
		case "flags":
			flags, ok := v.(*lua.Table)
			if !ok {
				return "flags argument to redis.register_function must be a table representing function flags"
			}
			for i := 1; flags.GetInt(i) != nil; i++ {
				if name, ok := lua.ToText(flags.GetInt(i)); !ok || !f.flags.add(strings.ToLower(name)) {
					return "unknown flag given"
				}
			}
		default:
			return "unknown argument given to redis.register_function"
		}
	}
	switch {
	case !named:
		return "redis.register_function must get a function name argument"
	case f.fn == nil:
		return "redis.register_function must get a callback argument"
	}
	return ""
}

func (e *Engine) callCommand(ctx context.Context, args []string, ro bool) []byte {
	f := e.callable[strings.ToLower(args[1])]
	if f == nil {
		return resp.Error("ERR Function not found")
	}
	keys, rest, refusal := splitKeys(args, "ERR Bad number of keys provided")
	if refusal != nil {
		return refusal
	}
	r := &run{state: e.functions.State, name: f.name, args: args, function: true, about: e.about(ctx, f.name, f.from.code, keys, rest)}
	flags := f.flags
	flags.declared = flags.declared && !(ro && e.hosted)
	if refusal := e.prepare(r, flags, ro); refusal != nil {
		return refusal
	}
	return e.run(ctx, r, f.fn, list(keys), list(rest))
}

func (e *Engine) functionList(args []string) []byte {
	withCode, pattern, matching := false, "", false
	for ; len(args) > 0; args = args[1:] {
		switch {
		case !withCode && strings.EqualFold(args[0], "WITHCODE"):
			withCode = true
		case !matching && strings.EqualFold(args[0], "LIBRARYNAME"):
			if len(args) == 1 {
				return resp.Error("ERR library name argument was not given")
			}
			matching, pattern = true, args[1]
			args = args[1:]
		default:
			return resp.Error("ERR Unknown argument " + args[0])
		}
	}
	var names []string
	for _, name := range slices.Sorted(maps.Keys(e.libraries)) {
		if !matching || glob.MatchFold(pattern, name) {
			names = append(names, name)
		}
	}
	reply := resp.AppendArray(nil, len(names))
	for _, name := range names {
		reply = e.libraries[name].appendDescription(reply, withCode, e.RESP3)
	}
	return reply
}

func (lib *library) appendDescription(dst []byte, withCode, resp3 bool) []byte {
	fields := 3
	if withCode {
		fields = 4
	}
	dst = resp.AppendMap(dst, resp3, fields)
	dst = resp.AppendBulk(resp.AppendBulk(dst, "library_name"), lib.name)
	dst = resp.AppendBulk(resp.AppendBulk(dst, "engine"), "LUA")
	dst = resp.AppendArray(resp.AppendBulk(dst, "functions"), len(lib.functions))
	for _, name := range slices.Sorted(maps.Keys(lib.functions)) {
		f := lib.functions[name]
		dst = resp.AppendMap(dst, resp3, 3)
		dst = resp.AppendBulk(resp.AppendBulk(dst, "name"), name)
		dst = resp.AppendBulk(dst, "description")
		if text, ok := f.description.(string); ok {
			dst = resp.AppendBulk(dst, text)
		} else {
			dst = resp.AppendNull(dst, resp3)
		}
		dst = resp.AppendSet(resp.AppendBulk(dst, "flags"), resp3, len(f.flags.set))
		for _, flag := range flagNames {
			if f.flags.set[flag] {
				dst = resp.AppendStatus(dst, flag)
			}
		}
	}
	if withCode {
		dst = resp.AppendBulk(resp.AppendBulk(dst, "library_code"), lib.code)
	}
	return dst
}
