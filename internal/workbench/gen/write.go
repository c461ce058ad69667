package gen

import (
	"cmp"
	"fmt"
	"go/token"
	"maps"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/redis-rest/redis-rest-go/internal/workbench/annotation"
	"github.com/redis-rest/redis-rest-go/internal/workbench/lint"
)

const module = "github.com/redis-rest/redis-rest-go"

// A writer writes the file of one package.
type writer struct {
	pkg      string
	imports  map[string]string // the names of packages, by their paths
	taken    map[string]string // names of the package, and where they are declared
	problems []error
	errors   []constant
	body     strings.Builder
	types    []string // of the function that is written
	sending  bool     // they are of arguments
	shared   []*shared
	path     string // of the Lua file that is read
	at       annotation.Place
	told     annotation.Place // where the last name was taken
}

func newWriter() *writer {
	w := &writer{imports: map[string]string{}, taken: map[string]string{}}
	w.use(module, "redis")
	return w
}

// A shared is a struct with a name of its own, which several functions may use.
type shared struct {
	t      *annotation.Type
	users  []use
	where  string // it is declared
	fields string
}

// A use says where a struct is used: name is the one that it gets, and the comment is "name is the reply of [of]. It is more."
type use struct{ name, is, of, more string }

// structComment makes the comment of a struct.
func structComment(name string, users []use) string {
	var of []string
	is, more := users[0].is, ""
	for _, u := range users {
		if of = append(of, "["+u.of+"]"); u.is != is {
			is = "is used by"
		}
		more = cmp.Or(more, u.more)
	}
	text := fmt.Sprintf("%s %s %s.", name, is, enumerated(of))
	if more != "" {
		text += " It is " + sentence(more)
	}
	return commented(text)
}

// enumerated joins words: a, b and c.
func enumerated(words []string) string {
	if n := len(words); n > 1 {
		return strings.Join(words[:n-1], ", ") + " and " + words[n-1]
	}
	return words[0]
}

// A constant is the name of an error.
type constant struct{ name, code, doc string }

func (w *writer) problem(format string, a ...any) {
	w.problems = append(w.problems, &Problem{w.path, w.at.Line, w.at.Column, fmt.Sprintf(format, a...)})
}

// declare notes a name of the package, which must be free.
func (w *writer) declare(name string) string {
	where, taken := w.taken[name]
	if taken && w.told != w.at { // once for each function
		w.problem("%s is declared in %s: choose another name with ---@name", name, where)
		w.told = w.at
	}
	w.taken[name] = fmt.Sprintf("%s:%d", filepath.Base(w.path), w.at.Line)
	return name
}

// use imports a package and returns its name. What the functions themselves use keeps its name.
func (w *writer) use(path, name string) string {
	if old, ok := w.imports[path]; ok {
		return old
	}
	ours := path == module || path == module+"/command" || path == "time" || path == "errors"
	for !ours && (inUse[name] || slices.Contains(slices.Collect(maps.Values(w.imports)), name)) {
		name += "_"
	}
	w.imports[path] = name
	return name
}

// source returns the file.
func (w *writer) source() string {
	var b strings.Builder
	b.WriteString(Header)
	fmt.Fprintf(&b, "\npackage %s\n\nimport (\n\t_ \"embed\"\n", w.pkg)
	paths := slices.Sorted(maps.Keys(w.imports))
	for _, standard := range []bool{true, false} {
		for _, p := range paths {
			first, _, _ := strings.Cut(p, "/")
			if strings.Contains(first, ".") == standard {
				continue
			}
			if name := w.imports[p]; name != path.Base(p) {
				fmt.Fprintf(&b, "\t%s %q\n", name, p)
			} else {
				fmt.Fprintf(&b, "\t%q\n", p)
			}
		}
		b.WriteString("\n")
	}
	b.WriteString(")\n\n")
	if len(w.errors) > 0 {
		b.WriteString("// These errors of the scripts are found with errors.Is.\nconst (\n")
		for _, e := range w.errors {
			fmt.Fprintf(&b, "\t%s = redis.ErrorCode(%q)", e.name, e.code)
			if e.doc != "" {
				b.WriteString(" // " + e.doc)
			}
			b.WriteString("\n")
		}
		b.WriteString(")\n\n")
	}
	for _, s := range w.shared {
		b.WriteString(structComment(s.t.Name, s.users) + s.fields)
	}
	return b.String() + w.body.String()
}

var libraryName = regexp.MustCompile(`(?i)^#!\S*[^\n]*?\sname=(\w+)`)

// file writes the functions of one Lua file.
func (w *writer) file(path, source string, functions []lint.Function, description []string) {
	w.path, w.at, w.told = path, functions[0].Place, annotation.Place{}
	file := filepath.Base(path)
	if !regexp.MustCompile(`^[A-Za-z0-9_.-]+$`).MatchString(file) {
		w.problem("the name of the file can have letters, digits, _, - and . only: Go cannot embed it")
		return
	}
	base := exported(strings.TrimSuffix(file, ".lua"))
	if m := libraryName.FindStringSubmatch(source); m != nil && lint.IsLibrary(source) {
		name := exported(m[1])
		if !beginsName(name) {
			w.problem("the library's name %s begins no Go name: choose another", m[1])
			return
		}
		variable := w.declare(small(name) + "Source")
		fmt.Fprintf(&w.body, "//go:embed %s\nvar %s string\n\n", file, variable)
		load := w.declare("Load" + name)
		w.comment(load, description, fmt.Sprintf("loads the library %s, in place of an older version (FUNCTION LOAD).", m[1]))
		fmt.Fprintf(&w.body, "func %s() redis.Command[string] {\n\treturn %s.FunctionLoad(%s, command.Replace()).Idempotent()\n}\n\n", load, w.use(module+"/command", "command"), variable)
		for _, f := range functions {
			w.function(f, file, exported(f.Registered))
		}
		return
	}
	w.function(functions[0], file, base)
}

// function writes the function for a script or for a function of a library.
func (w *writer) function(f lint.Function, file, base string) {
	w.at = f.Place
	name := cmp.Or(f.Name, base)
	if !beginsName(name) {
		w.problem("%q begins no Go name: choose one with ---@name", name)
		return
	}
	w.types = nil
	w.declare(name)
	params, id := w.params(f, name)
	reply := "any"
	if f.Return != nil {
		u := use{name + "Reply", "is the reply of", name, f.ReturnDoc}
		if f.Return.Elem != nil {
			u = use{name + "Item", "is an element of the reply of", name, ""}
		}
		reply = w.goType(f.Return, u)
	}
	isScript, script := f.Registered == "", small(name)+"Script"
	if isScript {
		source := w.declare(small(name) + "Source")
		w.declare(script)
		options := fmt.Sprintf("redis.Named(%q)", file)
		if f.ReadOnly {
			options += ", redis.ReadOnly()"
		}
		if f.Idempotent.Line > 0 {
			options += ", redis.Idempotent()"
		}
		if f.Window > 0 {
			options += fmt.Sprintf(", redis.OnceWindow(%s)", w.duration(f.Window))
		}
		fmt.Fprintf(&w.body, "var (\n\t//go:embed %s\n\t%s string\n\t%s = redis.NewScript[%s](%s, %s)\n)\n\n", file, source, script, reply, source, options)
	}
	w.body.WriteString(strings.Join(w.types, ""))

	otherwise := "runs " + file + "."
	if !isScript {
		otherwise = fmt.Sprintf("calls the function %s of %s (FCALL).", f.Registered, file)
	}
	w.comment(name, f.Doc, otherwise)
	w.notes(f, params)
	call := script + ".Cmd("
	if !isScript {
		call = fmt.Sprintf("%s.Fcall[%s](%q, ", w.use(module+"/command", "command"), reply, f.Registered)
		if f.ReadOnly {
			call = strings.Replace(call, ".Fcall", ".FcallRO", 1)
		}
	}
	w.write(f, name, "", params, reply, call)
	if f.Once.Line > 0 {
		once := w.declare(name + "Once")
		fmt.Fprintf(&w.body, "// %s is [%s], with its effect at most once for each id: see [redis.Script.RunOnce].\n", once, name)
		w.write(f, once, id, params, reply, script+".OnceCmd("+id+", ")
	}
}

// write writes a function.
func (w *writer) write(f lint.Function, name, id string, params []param, reply, call string) {
	var list []string
	if id != "" {
		list = append(list, id+" string")
	}
	keys, args := params[:len(f.Keys)], params[len(f.Keys):]
	ordered := inOrder(keys, args)
	for i, p := range ordered {
		typ := p.typ
		if p.Rest {
			typ = "[]" + typ
			if i == len(ordered)-1 {
				typ = "..." + p.typ
			}
		}
		if len(list) > 0 && strings.HasSuffix(list[len(list)-1], " "+typ) && !p.Rest { // a, b string
			last := &list[len(list)-1]
			*last = strings.TrimSuffix(*last, " "+typ) + ", " + p.name + " " + typ
			continue
		}
		list = append(list, p.name+" "+typ)
	}
	w.body.WriteString(broken("func "+name+"(", list, fmt.Sprintf(") redis.Command[%s] {\n", reply), "\n"))
	command := "EVALSHA"
	if f.Registered != "" {
		command = "FCALL"
	}
	for _, list := range [][]param{keys, args} {
		for i, p := range list {
			if i > 0 && list[i-1].Optional {
				w.use("errors", "errors")
				fmt.Fprintf(&w.body, "\tif %s == nil && %s != nil {\n\t\treturn redis.InvalidCmd[%s](%q, errors.New(\"%s is given, and %s before it is not\"))\n\t}\n",
					list[i-1].name, p.name, reply, command, p.name, list[i-1].name)
			}
		}
	}
	keyList, argList := w.keys(keys), w.args(args)
	end := ""
	if f.Registered != "" && f.Idempotent.Line > 0 {
		end = ".Idempotent()"
	}
	switch unitOf(f.Return) {
	case time.Second:
		end += ".In(" + w.use("time", "time") + ".Second)"
	case time.Millisecond:
		end += ".In(" + w.use("time", "time") + ".Millisecond)"
	}
	w.body.WriteString(broken("\treturn "+call, append([]string{keyList}, argList...), ")"+end+"\n}\n\n", "\n\t"))
}

// inOrder returns the parameters as Go has them: what is optional comes behind what is not, and ... at the end.
func inOrder(keys, args []param) []param {
	rank := func(p param) int {
		switch {
		case p.Rest && p.Type == nil && len(args) > 0 && args[len(args)-1].Rest:
			return 0 // one of two, with the keys
		case p.Rest:
			return 2
		case p.Optional:
			return 1
		}
		return 0
	}
	all := slices.Concat(keys, args)
	slices.SortStableFunc(all, func(a, b param) int { return rank(a) - rank(b) })
	return all
}

// broken writes a list between brackets, on one line if that is short enough.
func broken(before string, list []string, after, newline string) string {
	line := before + strings.Join(list, ", ") + after
	if first, _, _ := strings.Cut(line, "\n"); len(first) <= 140 {
		return line
	}
	return before + newline + "\t" + strings.Join(list, ","+newline+"\t") + "," + newline + after
}

// keys writes what makes the list of keys, and returns it.
func (w *writer) keys(keys []param) string {
	var fixed []string
	for _, k := range keys {
		switch {
		case k.Rest && len(fixed) == 0:
			return k.name
		case k.Rest:
			return fmt.Sprintf("append([]string{%s}, %s...)", strings.Join(fixed, ", "), k.name)
		case !k.Optional:
			fixed = append(fixed, k.name)
		}
	}
	list := fmt.Sprintf("[]string{%s}", strings.Join(fixed, ", "))
	if len(keys) == 0 {
		return "nil"
	}
	if !keys[len(keys)-1].Optional {
		return list
	}
	if len(fixed) == 0 {
		w.body.WriteString("\tvar keys []string\n")
	} else {
		fmt.Fprintf(&w.body, "\tkeys := %s\n", list)
	}
	for _, k := range keys[len(fixed):] {
		fmt.Fprintf(&w.body, "\tif %s != nil {\n\t\tkeys = append(keys, *%s)\n\t}\n", k.name, k.name)
	}
	return "keys"
}

// args writes what makes the list of arguments, and returns it.
func (w *writer) args(args []param) []string {
	var fixed []string
	for _, a := range args {
		if !a.Optional && !a.Rest {
			fixed = append(fixed, argument(a.Type, a.name))
		}
	}
	if len(args) == len(fixed) {
		return fixed
	}
	if len(fixed) == 0 {
		w.body.WriteString("\tvar argv []any\n")
	} else {
		fmt.Fprintf(&w.body, "\targv := []any{%s}\n", strings.Join(fixed, ", "))
	}
	for _, a := range args[len(fixed):] {
		if a.Rest {
			elements := argument(a.Type, "arg")
			if a.Type.Kind == annotation.Record {
				var list []string
				for _, field := range a.Type.Fields {
					list = append(list, argument(field.Type, "arg."+exported(field.Name)))
				}
				elements = strings.Join(list, ", ")
			}
			fmt.Fprintf(&w.body, "\tfor _, arg := range %s {\n\t\targv = append(argv, %s)\n\t}\n", a.name, elements)
			continue
		}
		value := a.name
		if strings.HasPrefix(a.typ, "*") && a.Type.Kind != annotation.UnixTime && a.Type.Kind != annotation.UnixTimeMS && a.Type.Kind != annotation.JSON {
			value = "*" + value
		}
		fmt.Fprintf(&w.body, "\tif %s != nil {\n\t\targv = append(argv, %s)\n\t}\n", a.name, argument(a.Type, value))
	}
	return []string{"argv..."}
}

// argument returns what is sent for a value.
func argument(t *annotation.Type, value string) string {
	switch t.Kind {
	case annotation.Seconds:
		return "redis.Seconds(" + value + ")"
	case annotation.Milliseconds:
		return "redis.Milliseconds(" + value + ")"
	case annotation.UnixTime:
		return value + ".Unix()"
	case annotation.UnixTimeMS:
		return value + ".UnixMilli()"
	case annotation.JSON:
		return "redis.JSON(" + value + ")"
	case annotation.List: // nil is [] too
		return fmt.Sprintf("redis.JSON(append([]%s{}, %s...))", plain[t.Elem.Kind], value)
	}
	return value
}

// A param is a parameter of a function.
type param struct {
	annotation.Param
	name, typ string
}

// params returns the parameters of a function, and a name for the id of a call that runs once.
func (w *writer) params(f lint.Function, function string) (params []param, id string) {
	seen := map[string]bool{}
	for i, p := range slices.Concat(f.Keys, f.Args) {
		w.at = p.Place
		name, typ := parameter(p.Name), "string"
		if p.Name == "" {
			name = "keys"
			if i >= len(f.Keys) {
				name = "args"
			}
		}
		if name == small(function)+"Script" {
			name += "_"
		}
		if seen[name] {
			w.problem("two names become %s in Go", name)
		}
		seen[name] = true
		if p.Type != nil {
			w.sending = true
			typ = w.goType(p.Type, use{function + "Arg", "is an argument of", function, ""})
			w.sending = false
		}
		if p.Optional && !strings.HasPrefix(typ, "[]") && typ != "any" {
			typ = "*" + typ
		}
		params = append(params, param{p, name, typ})
	}
	w.at = f.Place
	if seen["id"] {
		return params, "onceID"
	}
	return params, "id"
}

// plain are the Go types of those that need nothing else.
var plain = map[annotation.Kind]string{
	annotation.Any: "any", annotation.String: "string", annotation.Bytes: "[]byte", annotation.Integer: "int64", annotation.Number: "float64", annotation.Boolean: "bool",
}

// goType returns the Go type of a type.
func (w *writer) goType(t *annotation.Type, u use) string {
	var typ string
	switch t.Kind {
	case annotation.Seconds, annotation.Milliseconds:
		typ = w.use("time", "time") + ".Duration"
	case annotation.UnixTime, annotation.UnixTimeMS:
		typ = w.use("time", "time") + ".Time"
	case annotation.JSON:
		typ = w.jsonType(t.Go)
	case annotation.List:
		return "[]" + w.goType(t.Elem, u)
	case annotation.Map:
		return "map[" + plain[t.Key.Kind] + "]" + w.goType(t.Elem, u)
	case annotation.Record:
		typ = cmp.Or(t.Name, u.name)
		w.record(t, u)
	default:
		typ = plain[t.Kind]
	}
	if t.Nullable && !strings.HasPrefix(typ, "[]") && !strings.HasPrefix(typ, "*") && !strings.HasPrefix(typ, "map[") {
		return "*" + typ
	}
	return typ
}

// jsonType returns a Go type that may have an import path before its name.
func (w *writer) jsonType(text string) string {
	at := strings.LastIndexAny(text, "]*") + 1
	prefix, name := text[:at], text[at:]
	dot := strings.LastIndex(name, ".")
	if dot < 0 {
		return text
	}
	imported := name[:dot]
	base := path.Base(imported)
	if regexp.MustCompile(`^v\d+$`).MatchString(base) {
		base = path.Base(path.Dir(imported))
	}
	base = regexp.MustCompile(`\W`).ReplaceAllString(strings.TrimPrefix(base, "go-"), "")
	if !token.IsIdentifier(base) || base == "_" {
		base = "pkg" + base
	}
	return prefix + w.use(imported, base) + name[dot:]
}

// record writes a struct, unless it has a name of its own and is there.
func (w *writer) record(t *annotation.Type, u use) {
	if t.Name == "" {
		w.declare(u.name)
		at := len(w.types)
		w.types = append(w.types, "") // before those of its fields
		w.types[at] = structComment(u.name, []use{u}) + w.fields(t, u.name)
		return
	}
	for _, s := range w.shared {
		if s.t.Name != t.Name {
			continue
		}
		old, same := *s.t, *t
		old.Nullable, same.Nullable = false, false
		if !old.Equal(&same) {
			w.problem("%s has other fields in %s", t.Name, s.where)
		}
		s.users = append(s.users, u)
		return
	}
	w.declare(t.Name)
	s := &shared{t: t, users: []use{u}, where: w.taken[t.Name]}
	w.shared = append(w.shared, s)
	others := w.types
	w.types = nil
	s.fields = w.fields(t, t.Name) + strings.Join(w.types, "")
	w.types = others
}

// fields returns a struct.
func (w *writer) fields(t *annotation.Type, name string) string {
	var b strings.Builder
	fmt.Fprintf(&b, "type %s struct {\n", name)
	if t.ByName && !slices.ContainsFunc(t.Fields, func(f annotation.Field) bool { return strings.Trim(f.Name, "0123456789") != "" }) {
		w.problem("at least one field by name must have a name that is no number")
	}
	seen := map[string]bool{}
	for i, f := range t.Fields {
		field := exported(f.Name)
		if !beginsName(field) {
			field = "Field" + field
		}
		field = regexp.MustCompile(`\W`).ReplaceAllString(field, "")
		if seen[field] {
			w.problem("two fields become %s in Go", field)
		}
		seen[field] = true
		inner := name + field
		if f.Type.Elem != nil {
			inner = name + one(field)
		}
		tag := strconv.Itoa(i)
		if t.ByName {
			tag = f.Name
		}
		switch unitOf(f.Type) {
		case time.Second:
			tag += ",seconds"
		case time.Millisecond:
			tag += ",milliseconds"
		}
		typ := w.goType(f.Type, use{inner, "is a part of", name, ""})
		if w.sending && t.Name == "" {
			fmt.Fprintf(&b, "\t%s %s\n", field, typ)
		} else {
			fmt.Fprintf(&b, "\t%s %s `redis:%q`\n", field, typ, tag)
		}
	}
	b.WriteString("}\n\n")
	return b.String()
}

// unitOf returns the unit of the durations or times in a reply, outside of records; 0 if there are none.
func unitOf(t *annotation.Type) time.Duration {
	for t != nil && t.Elem != nil {
		t = t.Elem
	}
	if t == nil {
		return 0
	}
	switch t.Kind {
	case annotation.Seconds, annotation.UnixTime:
		return time.Second
	case annotation.Milliseconds, annotation.UnixTimeMS:
		return time.Millisecond
	}
	return 0
}

// duration returns a duration as Go code.
func (w *writer) duration(d time.Duration) string {
	w.use("time", "time")
	for _, unit := range []struct {
		d    time.Duration
		name string
	}{{time.Hour, "Hour"}, {time.Minute, "Minute"}, {time.Second, "Second"}, {time.Millisecond, "Millisecond"}} {
		if d%unit.d == 0 {
			if d == unit.d {
				return "time." + unit.name
			}
			return fmt.Sprintf("%d*time.%s", d/unit.d, unit.name)
		}
	}
	return fmt.Sprintf("%d*time.Nanosecond", d)
}

// comment writes the comment of a function: its lines, which get the name at the beginning, or a default.
func (w *writer) comment(name string, lines []string, otherwise string) {
	if len(lines) == 0 {
		lines = []string{otherwise}
	}
	first, rest, _ := strings.Cut(lines[0], " ")
	if first != name {
		lines = slices.Clone(lines)
		verb := ""
		if first == "A" || first == "An" || first == "The" {
			verb = "is "
		}
		lines[0] = strings.TrimSuffix(name+" "+verb+lower(first)+" "+rest, " ")
	}
	w.body.WriteString(commented(strings.Join(lines, "\n")))
}

// notes adds to the comment what the annotations say of parameters, the reply and errors.
func (w *writer) notes(f lint.Function, params []param) {
	var items []string
	for _, p := range params {
		var about []string
		if p.Doc != "" {
			about = append(about, p.Doc)
		}
		if p.Optional {
			about = append(about, "nil leaves it out")
		}
		if len(about) > 0 {
			items = append(items, fmt.Sprintf("//   - %s: %s\n", p.name, strings.Join(about, "; ")))
		}
	}
	if len(items) > 0 {
		w.body.WriteString("//\n" + strings.Join(items, ""))
	}
	var last []string
	if f.ReturnDoc != "" && f.Return.Kind != annotation.Record {
		last = append(last, "The reply is "+sentence(f.ReturnDoc))
	}
	var names []string
	for _, e := range f.Errors {
		name := "Err" + exported(e.Code)
		names = append(names, "["+name+"]")
		i := slices.IndexFunc(w.errors, func(c constant) bool { return c.code == e.Code })
		switch {
		case i < 0:
			if where, taken := w.taken[name]; taken {
				w.problem("%s is declared in %s: the error needs another word", name, where)
			}
			w.declare(name)
			w.errors = append(w.errors, constant{name, e.Code, e.Doc})
		case w.errors[i].doc == "":
			w.errors[i].doc = e.Doc
		}
	}
	switch len(names) {
	case 0:
	case 1:
		last = append(last, "Its error is "+names[0]+".")
	default:
		last = append(last, "Its errors are "+enumerated(names)+".")
	}
	if len(last) > 0 {
		w.body.WriteString("//\n" + commented(strings.Join(last, " ")))
	}
}

// lower makes the first letter of a word small, but not that of ID or of Redis'.
func lower(word string) string {
	first, n := utf8.DecodeRuneInString(word)
	if second, _ := utf8.DecodeRuneInString(word[n:]); n == len(word) && first != 'A' || n < len(word) && !unicode.IsLower(second) {
		return word
	}
	return string(unicode.ToLower(first)) + word[n:]
}

// sentence ends a text with a full stop.
func sentence(text string) string {
	if strings.HasSuffix(text, ".") {
		return text
	}
	return text + "."
}

// width is how long the lines of comments are.
const width = 96

// beginsName says whether a Go name can begin with a text of letters, digits and _.
func beginsName(text string) bool { return text != "" && (text[0] < '0' || text[0] > '9') }

// commented makes a comment. The lines of a paragraph are filled; what is indented or begins with a sign stays.
func commented(text string) string {
	var b strings.Builder
	var words []string
	flush := func() {
		line := "//"
		for _, word := range words {
			if len(line)+1+len(word) > width && line != "//" {
				b.WriteString(line + "\n")
				line = "//"
			}
			line += " " + word
		}
		if len(words) > 0 {
			b.WriteString(line + "\n")
		}
		words = nil
	}
	for line := range strings.SplitSeq(text, "\n") {
		switch {
		case strings.TrimSpace(line) == "":
			flush()
			b.WriteString("//\n")
		case strings.ContainsRune(" \t-*#", rune(line[0])):
			flush()
			b.WriteString("// " + line + "\n")
		default:
			words = append(words, strings.Fields(line)...)
		}
	}
	flush()
	return b.String()
}
