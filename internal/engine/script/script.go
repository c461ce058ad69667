package script

import (
	"context"
	"slices"
	"strings"

	"github.com/redis-rest/redis-rest-go/internal/engine/lua"
	"github.com/redis-rest/redis-rest-go/internal/protocol/ctext"
	"github.com/redis-rest/redis-rest-go/internal/protocol/digest"
	"github.com/redis-rest/redis-rest-go/internal/protocol/resp"
)

// A script is a script that EVAL or SCRIPT LOAD has compiled.
type script struct {
	digest string
	source string
	fn     *lua.Function
	flags  flags
}

// flags are the flags that a script or a function declares.
type flags struct {
	set      map[string]bool
	declared bool // it declares flags, perhaps an empty list
}

// flagNames are in the order of FUNCTION LIST.
var flagNames = []string{"no-writes", "allow-oom", "allow-stale", "no-cluster", "allow-cross-slot-keys"}

const errNoScript = "NOSCRIPT No matching script. Please use EVAL."

func (e *Engine) evalCommand(ctx context.Context, args []string, bySHA, ro bool) []byte {
	if bySHA && len(args[1]) != digest.Len {
		return resp.Error(errNoScript)
	}
	keys, rest, refusal := splitKeys(args, "ERR value is not an integer or out of range")
	if refusal != nil {
		return refusal
	}
	name := strings.ToLower(args[1])
	if !bySHA {
		name = digest.Of(args[1])
	}
	sc := e.scripts[name]
	if sc == nil {
		if bySHA {
			return resp.Error(errNoScript)
		}
		if sc, refusal = e.load(args[1], name); refusal != nil {
			return refusal
		}
	}
	r := &run{state: e.eval.State, name: name, args: args, about: e.about(ctx, name, sc.source, keys, rest)}
	if refusal := e.prepare(r, sc.flags, ro); refusal != nil {
		return refusal
	}
	e.eval.Globals.SetString("KEYS", list(keys))
	e.eval.Globals.SetString("ARGV", list(rest))
	return e.run(ctx, r, sc.fn)
}

// splitKeys splits the arguments after the number of keys of a script's or a function's call
// into the keys and the other arguments. notInteger is the error for a number that is not an
// integer.
func splitKeys(args []string, notInteger string) (keys, rest []string, refusal []byte) {
	n, ok := ctext.ParseInt(args[2])
	switch args = args[3:]; {
	case !ok:
		return nil, nil, resp.Error(notInteger)
	case n > int64(len(args)):
		return nil, nil, resp.Error("ERR Number of keys can't be greater than number of args")
	case n < 0:
		return nil, nil, resp.Error("ERR Number of keys can't be negative")
	}
	return args[:n], args[n:], nil
}

// prepare finds out whether a run may write, and refuses a run that may not begin.
func (e *Engine) prepare(r *run, f flags, ro bool) (refusal []byte) {
	noWrites := f.declared && f.set["no-writes"]
	allowOOM := f.declared && f.set["allow-oom"]
	r.full = e.db.Full() && !allowOOM
	switch refusal := e.db.Refusal(); {
	case refusal != nil && f.declared && !noWrites:
		return refusal
	case r.full && f.declared && !noWrites:
		return resp.Error(OutOfMemory)
	case ro && f.declared && !noWrites:
		return resp.Error("ERR Can not execute a script with write flag using *_ro command.")
	}
	r.readOnly = ro || noWrites
	return nil
}

func list(values []string) *lua.Table {
	t := lua.NewTable(len(values), 0)
	for i, v := range values {
		t.SetInt(i+1, v)
	}
	return t
}

// flushScripts removes all scripts and their Lua state.
func (e *Engine) flushScripts() {
	e.scripts, e.eval = map[string]*script{}, e.newScriptState()
	hook, _ := e.watcher.(lua.Hook)
	e.eval.Watch(hook)
}

// load compiles a script and keeps it.
func (e *Engine) load(source, name string) (sc *script, refusal []byte) {
	f, body, err := readShebang(source)
	if err != "" {
		return nil, resp.Error("ERR " + err)
	}
	fn, failed := e.eval.Load(body, "@user_script")
	if failed != nil {
		return nil, resp.Error("ERR Error compiling script (new function): " + failed.Error())
	}
	sc = &script{name, source, fn, f}
	e.scripts[name] = sc
	return sc, nil
}

// readShebang reads the flags in a script's first line, #!lua flags=a,b. It returns
// the rest of the source, which begins with the line break. The newer flags are accepted too.
func readShebang(source string, newer ...string) (f flags, body, err string) {
	if !strings.HasPrefix(source, "#!") {
		return flags{}, source, ""
	}
	line, _, ok := strings.Cut(source, "\n")
	if !ok {
		return flags{}, "", "Invalid script shebang"
	}
	words, ok := resp.SplitWords(line)
	if !ok || len(words) == 0 {
		return flags{}, "", "Invalid engine in script shebang"
	}
	if words[0] != "#!lua" {
		return flags{}, "", "Unexpected engine in script shebang: " + words[0]
	}
	f = flags{set: map[string]bool{}, declared: true}
	for _, word := range words[1:] {
		value, ok := strings.CutPrefix(word, "flags=")
		if !ok {
			return flags{}, "", "Unknown lua shebang option: " + word
		}
		for flag := range strings.SplitSeq(value, ",") {
			if value != "" && !f.add(flag) && !slices.Contains(newer, flag) {
				return flags{}, "", "Unexpected flag in script shebang: " + flag
			}
		}
	}
	return f, source[len(line):], ""
}

func (f *flags) add(name string) bool {
	for _, known := range flagNames {
		if known == name {
			f.set[known] = true
			return true
		}
	}
	return false
}

func (e *Engine) scriptCommand(args []string) []byte {
	switch sub := strings.ToUpper(args[1]); sub {
	case "LOAD":
		name := digest.Of(args[2])
		if e.scripts[name] == nil {
			if _, refusal := e.load(args[2], name); refusal != nil {
				return refusal
			}
		}
		return resp.AppendBulk(nil, name)
	case "EXISTS":
		reply := resp.AppendArray(nil, len(args)-2)
		for _, name := range args[2:] {
			var n int64
			if e.scripts[strings.ToLower(name)] != nil {
				n = 1
			}
			reply = resp.AppendInt(reply, n)
		}
		return reply
	case "FLUSH":
		if len(args) > 3 || len(args) == 3 && !strings.EqualFold(args[2], "SYNC") && !strings.EqualFold(args[2], "ASYNC") {
			return resp.Error("ERR SCRIPT FLUSH only support SYNC|ASYNC option")
		}
		e.flushScripts()
		return resp.OK
	default:
		return resp.Error("ERR SCRIPT " + sub + " is not available in the embedded database")
	}
}
