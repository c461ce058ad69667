// Package annotation reads the annotations of Lua scripts: the comments that say what their keys, arguments and replies are. docs/gen.md
// describes them.
package annotation

import (
	"errors"
	"fmt"
	"go/token"
	"slices"
	"strings"
	"time"
)

// A Param is a key or an argument.
type Param struct {
	Name     string // "" for ... without a name
	Type     *Type  // of an argument
	Optional bool
	Rest     bool // all that follow
	Doc      string
	Place
}

// An ErrorCode is the first word of an error that the script returns or raises.
type ErrorCode struct {
	Code string
	Doc  string
}

// A Place is where an annotation is.
type Place struct{ Line, Column int }

// A Function is what the annotations of a script, or of a function of a library, say.
type Function struct {
	Place               // of the first annotation
	Next       int      // the line of the code that follows; 0 if there is none
	Own        bool     // it has annotations that other tools do not know
	Doc        []string // the lines of the comment
	Name       string   // the Go name
	Keys, Args []Param
	Return     *Type // nil if it is not said
	ReturnDoc  string
	ReturnAt   Place
	Errors     []ErrorCode
	ReadOnly   Place // where it says so; Line is 0 if it does not
	Idempotent Place
	Once       Place
	Window     time.Duration // of Once; 0 if it is not said
}

// A Problem is a mistake in the annotations.
type Problem struct {
	Place
	Message string
}

// other are the annotations of the Lua language server, which mean nothing here.
const other = " alias as async cast class deprecated diagnostic enum field generic meta module nodiscard operator overload package param private protected public see since source type vararg version "

// tags are the annotations, with what they take.
var tags = map[string]func(*reader, *parser) error{
	"name": (*reader).name, "key": (*reader).key, "arg": (*reader).arg, "return": (*reader).returns, "error": (*reader).errorCode,
	"readonly": (*reader).readOnly, "idempotent": (*reader).idempotent, "once": (*reader).once,
}

// Parse reads the annotations of a source. Those of a script stand before its first statement, and make one function. In a
// library each block of comments makes one, and doc is the comment at its top.
func Parse(source string, library bool) (functions []*Function, doc []string, problems []Problem) {
	comments, code := scan(source)
	r := &reader{}
	after := func(line int) int {
		if i, _ := slices.BinarySearch(code, line); i < len(code) {
			return code[i]
		}
		return 0
	}
	var blocks []*block
	for _, c := range comments {
		if !strings.HasPrefix(c.text, "-") || strings.HasPrefix(c.text, "--") {
			if len(blocks) > 0 && blocks[len(blocks)-1].last == c.line-1 {
				blocks[len(blocks)-1].last++ // a plain comment between them
			}
			continue
		}
		if len(blocks) == 0 || blocks[len(blocks)-1].last != c.line-1 {
			blocks = append(blocks, &block{})
		}
		b := blocks[len(blocks)-1]
		b.last = c.line
		b.lines = append(b.lines, c)
	}
	for i, b := range blocks {
		f := r.read(b)
		f.Next = after(b.last)
		attached := i+1 == len(blocks) || after(blocks[i+1].last) != f.Next
		switch {
		case library && len(code) > 0 && f.Next == code[0] && !attached && f.Line == 0:
			doc = append(doc, f.Doc...)
		case library:
			if f.Line > 0 {
				functions = append(functions, f)
			}
		case len(code) > 0 && f.Next != code[0]: // it stands after the first statement
			if f.Own {
				r.problem(f.Place, "the annotations of a script stand before its first statement")
			}
		case b.forOthers && !f.Own:
		case len(functions) == 0:
			functions = append(functions, f)
		default:
			functions[0].join(f)
		}
	}
	if !library {
		functions = slices.DeleteFunc(functions, func(f *Function) bool { return f.Line == 0 })
	}
	for _, f := range functions {
		r.check(f)
	}
	slices.SortStableFunc(r.problems, func(a, b Problem) int { return a.Line - b.Line })
	return functions, doc, r.problems
}

// A block is comments on lines that follow each other.
type block struct {
	lines     []comment
	last      int
	forOthers bool // it has annotations of the Lua language server
}

// join adds the annotations of a later block of a script.
func (f *Function) join(next *Function) {
	if len(f.Doc) > 0 && len(next.Doc) > 0 {
		f.Doc = append(f.Doc, "")
	}
	f.Doc = append(f.Doc, next.Doc...)
	if f.Line == 0 {
		f.Place = next.Place
	}
	f.Own = f.Own || next.Own
	f.Keys, f.Args, f.Errors = append(f.Keys, next.Keys...), append(f.Args, next.Args...), append(f.Errors, next.Errors...)
	if f.Name == "" {
		f.Name = next.Name
	}
	if f.Return == nil {
		f.Return, f.ReturnDoc, f.ReturnAt = next.Return, next.ReturnDoc, next.ReturnAt
	}
	for _, p := range [][2]*Place{{&f.ReadOnly, &next.ReadOnly}, {&f.Idempotent, &next.Idempotent}, {&f.Once, &next.Once}} {
		if p[0].Line == 0 {
			*p[0] = *p[1]
		}
	}
	if f.Window == 0 {
		f.Window = next.Window
	}
}

// A reader reads one block after the other.
type reader struct {
	f        *Function
	at       Place // of the annotation that is read
	problems []Problem
}

func (r *reader) problem(at Place, format string, a ...any) {
	r.problems = append(r.problems, Problem{at, fmt.Sprintf(format, a...)})
}

func (r *reader) read(b *block) *Function {
	r.f = &Function{}
	for i := 0; i < len(b.lines); i++ {
		c := b.lines[i]
		if !strings.HasPrefix(c.text, "-@") {
			r.f.Doc = append(r.f.Doc, strings.TrimPrefix(c.text[1:], " "))
			continue
		}
		p := &parser{text: c.text, at: len("-@")}
		tag := p.word()
		read := tags[tag]
		r.at = Place{c.line, c.column + len("-")}
		if read == nil {
			if !strings.Contains(other, " "+tag+" ") {
				r.problem(r.at, "there is no annotation ---@%s: there are key, arg, return, error, name, readonly, idempotent and once", tag)
			}
			b.forOthers = true
			continue
		}
		starts := []int{0} // where each line begins in the text
		first, text := i, []byte(p.text)
		for depth := open(p.text); depth > 0 && i+1 < len(b.lines) && b.lines[i+1].line == b.lines[i].line+1 && !strings.HasPrefix(b.lines[i+1].text, "-@"); {
			i++
			starts = append(starts, len(text)+1)
			text = append(append(text, '\n'), b.lines[i].text[1:]...)
			depth += open(b.lines[i].text)
		}
		p.text = string(text)
		if r.f.Line == 0 {
			r.f.Place = r.at
		}
		r.f.Own = r.f.Own || tag != "return"
		if p.at < len(p.text) && p.text[p.at] != ' ' && p.text[p.at] != '\t' && p.text[p.at] != '\n' {
			r.problem(r.at, "a space is missing behind ---@%s", tag)
			continue
		}
		p.space()
		err := read(r, p)
		wrong, _ := errors.AsType[*syntaxError](err)
		switch {
		case wrong != nil:
			n := len(starts) - 1
			for starts[n] > wrong.at {
				n--
			}
			line := b.lines[first+n]
			column := line.column + wrong.at - starts[n]
			if n > 0 {
				column++
			}
			r.problem(Place{line.line, column}, "%s", wrong.message)
		case err != nil:
			r.problem(r.at, "%s", err)
		case p.at < len(p.text):
			r.problem(r.at, "---@%s takes nothing more", tag)
		}
	}
	for len(r.f.Doc) > 0 && strings.TrimSpace(r.f.Doc[len(r.f.Doc)-1]) == "" {
		r.f.Doc = r.f.Doc[:len(r.f.Doc)-1]
	}
	return r.f
}

// open returns how many brackets of a type do not end in a text.
func open(text string) int { return strings.Count(text, "{") - strings.Count(text, "}") }

func (r *reader) name(p *parser) error {
	name := p.word()
	switch {
	case !token.IsIdentifier(name) || strings.Trim(name, "_") == "":
		return fmt.Errorf("---@name takes a name that Go allows")
	case r.f.Name != "":
		return errors.New("there are two ---@name")
	}
	r.f.Name = name
	return nil
}

// param reads the name of a key or an argument.
func (r *reader) param(p *parser, tag string) (Param, error) {
	param := Param{Place: r.at, Name: p.word()}
	switch {
	case p.take("..."):
		param.Rest = true
	case strings.Trim(param.Name, "_") == "":
		return param, fmt.Errorf("---@%s takes a name of letters, digits and _, or ... for all that follow", tag)
	case p.take("?"):
		param.Optional = true
	}
	if p.at < len(p.text) && p.text[p.at] != ' ' && p.text[p.at] != '\t' {
		return param, p.fail(p.at, "the name of the %s ends here", words[tag])
	}
	p.space()
	return param, nil
}

var words = map[string]string{"key": "key", "arg": "argument"}

func (r *reader) key(p *parser) error {
	param, err := r.param(p, "key")
	if err != nil {
		return err
	}
	param.Doc = p.rest()
	r.f.Keys = append(r.f.Keys, param)
	return nil
}

func (r *reader) arg(p *parser) error {
	param, err := r.param(p, "arg")
	if err != nil {
		return err
	}
	start := p.at
	if param.Type, err = p.typeOf(); err != nil {
		return err
	}
	if param.Type.Nullable {
		param.Optional, param.Type.Nullable = true, false
	}
	if param.Optional && param.Rest {
		return p.fail(start, "... needs no ?: there may be none")
	}
	if why := argument(param.Type, param.Rest); why != "" {
		return p.fail(start, "%s", why)
	}
	param.Doc = p.rest()
	r.f.Args = append(r.f.Args, param)
	return nil
}

// argument says why a type cannot be that of an argument.
func argument(t *Type, rest bool) string {
	switch t.Kind {
	case Any:
		return "any is not the type of an argument: write string, or json:any for its JSON text"
	case Map:
		return "a map is not the type of an argument: write json:map[string]string for its JSON text"
	case List:
		switch e := t.Elem; {
		case e.Kind != String && e.Kind != Integer && e.Kind != Number && e.Kind != Boolean || e.Nullable:
			return "the elements of a list are string, integer, number or boolean: it is sent as JSON text"
		}
	case Record:
		if !rest || t.ByName {
			return "a record {name: type} is the type of ... only: write json:T for JSON text"
		}
		for _, f := range t.Fields {
			if f.Type.Kind == Record || f.Type.Nullable {
				return "the fields of an argument are neither records nor null"
			}
			if why := argument(f.Type, false); why != "" {
				return why
			}
		}
	}
	return ""
}

func (r *reader) returns(p *parser) error {
	if r.f.Return != nil {
		return errors.New("there are two ---@return: a script returns one value")
	}
	start := p.at
	t, err := p.typeOf()
	if err != nil {
		return err
	}
	if why := reply(t); why != "" {
		return p.fail(start, "%s", why)
	}
	r.f.Return, r.f.ReturnAt, r.f.ReturnDoc = t, r.at, p.rest()
	return nil
}

// reply says why a type cannot be that of a reply.
func reply(t *Type) string {
	if t.Kind == JSON && (t.Go == "any" || t.Go == "string") {
		return "json:" + t.Go + " would be the text itself: name a struct, a slice or a map, or write json:encoding/json.RawMessage"
	}
	if t.Elem != nil {
		return reply(t.Elem)
	}
	for _, f := range t.Fields {
		if why := reply(f.Type); why != "" {
			return why
		}
	}
	return ""
}

func (r *reader) errorCode(p *parser) error {
	start := p.at
	for p.at < len(p.text) && p.text[p.at] != ' ' && p.text[p.at] != '\t' {
		p.at++
	}
	code := p.text[start:p.at]
	for i := range len(code) {
		if !isLetter(code[i], true) && code[i] != '-' && code[i] != '.' {
			return p.fail(start+i, "the code of an error has letters, digits, _, - and . only")
		}
	}
	switch {
	case strings.Trim(code, "_-.") == "":
		return errors.New("---@error takes the first word of the error, such as sold_out")
	case slices.ContainsFunc(r.f.Errors, func(e ErrorCode) bool { return e.Code == code }):
		return fmt.Errorf("there are two ---@error %s", code)
	}
	p.space()
	r.f.Errors = append(r.f.Errors, ErrorCode{code, p.rest()})
	return nil
}

func (r *reader) readOnly(*parser) error   { r.f.ReadOnly = r.at; return nil }
func (r *reader) idempotent(*parser) error { r.f.Idempotent = r.at; return nil }

func (r *reader) once(p *parser) error {
	r.f.Once = r.at
	text := p.rest()
	if text == "" {
		return nil
	}
	var err error
	if r.f.Window, err = time.ParseDuration(text); err != nil || r.f.Window < time.Millisecond {
		return fmt.Errorf("---@once takes how long an id is remembered, such as 10m or 24h")
	}
	return nil
}

// check finds what no single annotation shows.
func (r *reader) check(f *Function) {
	seen := map[string]bool{}
	for _, list := range [][]Param{f.Keys, f.Args} {
		for i, p := range list {
			switch {
			case p.Name != "" && seen[p.Name]:
				r.problem(p.Place, "the name %s is taken", p.Name)
			case i > 0 && list[i-1].Rest:
				r.problem(p.Place, "nothing can follow ...")
			case i > 0 && list[i-1].Optional && p.Rest:
				r.problem(p.Place, "... cannot follow what is optional: nobody could tell them apart")
			case i > 0 && list[i-1].Optional && !p.Optional:
				r.problem(p.Place, "what is optional comes last")
			}
			seen[p.Name] = true
		}
	}
	required := len(f.Keys) > 0 && !f.Keys[0].Optional && !f.Keys[0].Rest
	switch {
	case f.Once.Line > 0 && f.ReadOnly.Line > 0:
		r.problem(f.Once, "what only reads can run again anyway: ---@once says nothing")
	case f.Once.Line > 0 && !required:
		r.problem(f.Once, "---@once needs a key: the record of the id is in its slot")
	}
}
