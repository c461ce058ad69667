package script

import "github.com/redis-rest/redis-rest-go/internal/engine/lua"

// Names returns the global names that exist in scripts, in functions, and in the code of a library while it is
// loaded. The names in the tables among them are in the values.
func Names() (scripts, functions, loading map[string]map[string]bool) {
	e := New(nil)
	scripts = names(e.eval.Globals)
	scripts["KEYS"], scripts["ARGV"] = nil, nil // a script's arguments
	return scripts, names(e.functions.everything), names(e.functions.loading)
}

func names(t *lua.Table) map[string]map[string]bool {
	all := map[string]map[string]bool{}
	for k, v, _ := t.Next(nil); k != nil; k, v, _ = t.Next(k) {
		name, ok := k.(string)
		if !ok {
			continue
		}
		all[name] = nil
		if inner, ok := v.(*lua.Table); ok && inner != t {
			all[name] = map[string]bool{}
			for k := range names(inner) {
				all[name][k] = true
			}
		}
	}
	return all
}

// CheckShebang returns why Redis refuses the first line of a script, or of a library, and the rest of the source,
// which begins with the line break. The flags are known although this Redis has them not.
func CheckShebang(source string, library bool, newer ...string) (body, refusal string) {
	if library {
		_, body, refusal = readMetadata(source)
		return body, refusal
	}
	_, body, refusal = readShebang(source, newer...)
	return body, refusal
}
