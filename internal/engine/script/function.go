package script

import (
	"context"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/redis-rest/redis-rest-go/internal/engine/lua"
	"github.com/redis-rest/redis-rest-go/internal/protocol/glob"
)

// A library is what FUNCTION LOAD has loaded.
type library struct {
	name      string
	code      string
	functions map[string]*libraryFunction
}

type libraryFunction struct {
	name        string
	description lua.Value // nil where it has none
	fn          *lua.Function
	flags       flags
	library     *library
}

// worldOfFunctions makes the state in which libraries are loaded and their
// functions run. They have one table of globals, empty, behind which stands what
// may be used: little while a library is loaded, everything while a function runs.
func (e *Engine) worldOfFunctions() *world {
	w := &world{State: e.newState()}
	protect(w.Globals)
	w.everything = w.Globals
	redis := lua.NewTable(0, 0)
	setter(redis)("register_function", e.register)
	setLog(redis)
	setVersion(redis)
	redis.Meta = nonexistent()
	w.loading = typed("redis", redis)
	protect(w.loading)
	w.visible = typed("__index", w.everything)
	w.Globals = lua.NewTable(0, 0)
	w.Globals.Meta = w.visible
	w.Globals.ReadOnly, w.visible.ReadOnly = true, true
	return w
}

// loadTimeout is how long the code of a library may run.
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
			return errorReply("ERR Library not found")
		}
		e.unlink(lib)
		return okReply
	case "FLUSH":
		if len(args) > 3 {
			return errorReply(unknownSubcommand("FLUSH"))
		}
		if len(args) == 3 && !strings.EqualFold(args[2], "SYNC") && !strings.EqualFold(args[2], "ASYNC") {
			return errorReply("ERR FUNCTION FLUSH only supports SYNC|ASYNC option")
		}
		for _, lib := range e.libraries {
			e.unlink(lib)
		}
		return okReply
	case "DUMP":
		return appendBulk(nil, e.dump())
	case "RESTORE":
		return e.functionRestore(ctx, args[2:])
	case "STATS":
		return e.Stats()
	default:
		return errorReply("ERR FUNCTION " + strings.ToUpper(args[1]) + " is not available in the database in memory")
	}
}

func unknownSubcommand(name string) string {
	return "ERR unknown subcommand or wrong number of arguments for '" + name + "'. Try FUNCTION HELP."
}

func (e *Engine) functionLoad(ctx context.Context, args []string) []byte {
	replace := false
	for ; len(args) > 1; args = args[1:] {
		if !strings.EqualFold(args[0], "REPLACE") {
			return errorReply("ERR Unknown option given: " + args[0])
		}
		replace = true
	}
	lib, err := e.create(ctx, args[0], replace)
	if err != "" {
		return errorReply("ERR " + err)
	}
	return appendBulk(nil, lib.name)
}

// create loads a library. One that it replaces stays where that fails.
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
	w := e.functions
	fn, failed := w.Load(body, "@user_function")
	if failed != nil {
		return "Error compiling function: " + failed.Error()
	}
	ctx, cancel := context.WithTimeout(ctx, loadTimeout)
	defer cancel()
	defer e.begin(ctx, &run{state: w.State, name: lib.name, function: true})()
	e.loading = lib
	w.visible.SetString("__index", w.loading)
	defer func() {
		e.loading = nil
		w.visible.SetString("__index", w.everything)
	}()
	if _, raised := w.PCall(fn); raised != nil {
		if ctx.Err() != nil {
			return "Error registering functions: ERR FUNCTION LOAD timeout"
		}
		message, _, _ := errorText(w.State, raised)
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

// count counts for Stats.
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
	words, split := splitWords(line)
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
		if c := s[i]; c != '_' && (c < '0' || c > '9') && (c|0x20 < 'a' || c|0x20 > 'z') {
			return false
		}
	}
	return s != ""
}

// register is redis.register_function.
func (e *Engine) register(s *lua.State, args []lua.Value) []lua.Value {
	if e.loading == nil {
		return raise(s, "redis.register_function can only be called on FUNCTION LOAD command")
	}
	f := &libraryFunction{library: e.loading, flags: flags{set: map[string]bool{}, declared: true}}
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
		return errorReply("ERR Function not found")
	}
	n, err := parseInteger(args[2])
	switch {
	case err != nil:
		return errorReply("ERR Bad number of keys provided")
	case n > int64(len(args)-3):
		return errorReply("ERR Number of keys can't be greater than number of args")
	case n < 0:
		return errorReply("ERR Number of keys can't be negative")
	}
	r := &run{state: e.functions.State, name: f.name, args: args, function: true}
	if refusal := r.prepare(f.flags, ro); refusal != nil {
		return refusal
	}
	return e.run(ctx, r, f.fn, list(args[3:3+n]), list(args[3+n:]))
}

func (e *Engine) functionList(args []string) []byte {
	withCode, pattern, matching := false, "", false
	for ; len(args) > 0; args = args[1:] {
		switch {
		case !withCode && strings.EqualFold(args[0], "WITHCODE"):
			withCode = true
		case !matching && strings.EqualFold(args[0], "LIBRARYNAME"):
			if len(args) == 1 {
				return errorReply("ERR library name argument was not given")
			}
			matching, pattern = true, args[1]
			args = args[1:]
		default:
			return errorReply("ERR Unknown argument " + args[0])
		}
	}
	var names []string
	for _, name := range slices.Sorted(maps.Keys(e.libraries)) {
		if !matching || glob.Match(strings.ToLower(pattern), strings.ToLower(name)) {
			names = append(names, name)
		}
	}
	reply := appendArray(nil, len(names))
	for _, name := range names {
		reply = e.libraries[name].appendDescription(reply, withCode)
	}
	return reply
}

func (lib *library) appendDescription(dst []byte, withCode bool) []byte {
	fields := 3
	if withCode {
		fields = 4
	}
	dst = appendArray(dst, 2*fields)
	dst = appendBulk(appendBulk(dst, "library_name"), lib.name)
	dst = appendBulk(appendBulk(dst, "engine"), "LUA")
	dst = appendArray(appendBulk(dst, "functions"), len(lib.functions))
	for _, name := range slices.Sorted(maps.Keys(lib.functions)) {
		f := lib.functions[name]
		dst = appendArray(dst, 6)
		dst = appendBulk(appendBulk(dst, "name"), name)
		dst = appendBulk(dst, "description")
		if text, ok := f.description.(string); ok {
			dst = appendBulk(dst, text)
		} else {
			dst = append(dst, nullReply...)
		}
		dst = appendArray(appendBulk(dst, "flags"), len(f.flags.set))
		for _, flag := range flagNames {
			if f.flags.set[flag] {
				dst = append(dst, "+"+flag+"\r\n"...)
			}
		}
	}
	if withCode {
		dst = appendBulk(appendBulk(dst, "library_code"), lib.code)
	}
	return dst
}
