package annotation

import (
	"fmt"
	"go/token"
	"slices"
	"strings"
)

// A Kind is what a type is.
type Kind int

// The kinds.
const (
	Any Kind = iota
	String
	Bytes
	Integer
	Number
	Boolean
	Seconds
	Milliseconds
	UnixTime
	UnixTimeMS
	JSON
	List
	Map
	Record
)

var kinds = map[string]Kind{
	"any": Any, "string": String, "bytes": Bytes, "integer": Integer, "number": Number, "boolean": Boolean, "seconds": Seconds,
	"milliseconds": Milliseconds, "unixtime": UnixTime, "unixtime_ms": UnixTimeMS,
}

// names are the words for types.
const names = "string, bytes, integer, number, boolean, seconds, milliseconds, unixtime, unixtime_ms, json:T and any"

// mistaken are words that other languages use.
var mistaken = map[string]string{
	"int": "integer", "int64": "integer", "float": "number", "float64": "number", "double": "number", "bool": "boolean", "str": "string", "text": "string",
	"second": "seconds", "ms": "milliseconds", "millisecond": "milliseconds", "duration": "seconds or milliseconds", "time": "unixtime or unixtime_ms", "table": "table<string, T>",
}

// A Type is the type of an argument or a reply.
type Type struct {
	Kind     Kind
	Nullable bool    // with ?
	Go       string  // the Go type of json:T
	Elem     *Type   // of a list or a map
	Key      *Type   // of a map
	Name     string  // of a record, in Go; "" if it has none
	Fields   []Field // of a record, in order
	ByName   bool    // the record is a list of names and values in turn
	text     string
}

// Equal says whether two types are the same.
func (t *Type) Equal(u *Type) bool {
	if t == nil || u == nil {
		return t == u
	}
	return t.Kind == u.Kind && t.Nullable == u.Nullable && t.Go == u.Go && t.Name == u.Name && t.ByName == u.ByName && t.Elem.Equal(u.Elem) && t.Key.Equal(u.Key) &&
		slices.EqualFunc(t.Fields, u.Fields, func(a, b Field) bool { return a.Name == b.Name && a.Type.Equal(b.Type) })
}

// A Field is a field of a record.
type Field struct {
	Name string
	Type *Type
}

// String returns the type as it was written.
func (t *Type) String() string { return t.text }

// A parser reads the text of one annotation.
type parser struct {
	text  string
	at    int
	depth int
}

// A syntaxError is a mistake at a place in the text.
type syntaxError struct {
	at      int
	message string
}

func (e *syntaxError) Error() string { return e.message }

func (p *parser) fail(at int, format string, a ...any) error {
	return &syntaxError{at, fmt.Sprintf(format, a...)}
}

func (p *parser) space() {
	for p.at < len(p.text) && strings.IndexByte(" \t\n", p.text[p.at]) >= 0 {
		p.at++
	}
}

// take moves over a text if it comes next.
func (p *parser) take(text string) bool {
	if strings.HasPrefix(p.text[p.at:], text) {
		p.at += len(text)
		return true
	}
	return false
}

// word returns the next name; "" if there is none.
func (p *parser) word() string {
	start := p.at
	for p.at < len(p.text) && isLetter(p.text[p.at], p.at > start) {
		p.at++
	}
	return p.text[start:p.at]
}

func isLetter(c byte, digits bool) bool {
	return c == '_' || 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || digits && '0' <= c && c <= '9'
}

// rest returns what is left, on one line.
func (p *parser) rest() string {
	text := strings.Join(strings.Fields(p.text[p.at:]), " ")
	p.at = len(p.text)
	return text
}

// maxDepth is how deep types may be nested.
const maxDepth = 20

// typeOf reads a type.
func (p *parser) typeOf() (*Type, error) {
	start := p.at
	if p.depth++; p.depth > maxDepth {
		return nil, p.fail(start, "the type is nested too deeply")
	}
	defer func() { p.depth-- }()
	t, err := p.plainType()
	for err == nil {
		switch at := p.at; {
		case p.take("[]"):
			t.text = p.text[start:at]
			t = &Type{Kind: List, Elem: t}
			continue
		case p.take("?"):
			switch {
			case t.Nullable:
				return nil, p.fail(at, "there are two ?")
			case t.Kind == List || t.Kind == Map:
				return nil, p.fail(at, "a list or a map needs no ?: null is an empty one")
			}
			t.Nullable = t.Kind != Any
			continue
		}
		break
	}
	if err != nil {
		return nil, err
	}
	if p.at < len(p.text) && (isLetter(p.text[p.at], true) || p.text[p.at] == '[' || p.text[p.at] == '|') {
		return nil, p.fail(p.at, "the type ends here: a list is written T[], and one of several types is any")
	}
	t.text = strings.Join(strings.Fields(p.text[start:p.at]), " ")
	return t, nil
}

func (p *parser) plainType() (*Type, error) {
	start := p.at
	if p.take("{") {
		return p.record()
	}
	word := p.word()
	switch kind, ok := kinds[word]; {
	case word == "json" && p.take(":"):
		return p.jsonType()
	case word == "table" && p.take("<"):
		return p.mapType()
	case ok:
		return &Type{Kind: kind}, nil
	case token.IsIdentifier(word) && mistaken[word] == "" && p.take("{"):
		t, err := p.record()
		if err == nil {
			t.Name = word
		}
		return t, err
	case word == "":
		return nil, p.fail(start, "a type is missing: %s", names)
	case mistaken[word] != "":
		return nil, p.fail(start, "there is no type %s: write %s", word, mistaken[word])
	default:
		return nil, p.fail(start, "there is no type %s: there are %s", word, names)
	}
}

func (p *parser) mapType() (*Type, error) {
	p.space()
	start := p.at
	key, err := p.typeOf()
	if err != nil {
		return nil, err
	}
	if key.Kind != String && key.Kind != Integer || key.Nullable {
		return nil, p.fail(start, "the keys of a map are string or integer")
	}
	if p.space(); !p.take(",") {
		return nil, p.fail(p.at, "a map is written table<string, T>")
	}
	p.space()
	elem, err := p.typeOf()
	if err != nil {
		return nil, err
	}
	if p.space(); !p.take(">") {
		return nil, p.fail(p.at, "> is missing: a map is written table<string, T>")
	}
	return &Type{Kind: Map, Key: key, Elem: elem}, nil
}

// record reads a record behind its {.
func (p *parser) record() (*Type, error) {
	t := &Type{Kind: Record}
	for {
		p.space()
		if p.take("}") {
			break
		}
		start := p.at
		byName := p.take("[")
		var name string
		quoted := false
		if byName && p.at < len(p.text) && (p.text[p.at] == '"' || p.text[p.at] == '\'') {
			quoted = true
			end := strings.IndexByte(p.text[p.at+1:], p.text[p.at])
			if end < 0 {
				return nil, p.fail(p.at, "the quote does not end")
			}
			name = p.text[p.at+1 : p.at+1+end]
			p.at += end + 2
		} else {
			name = p.word()
		}
		if name == "" || name == "-" || strings.ContainsAny(name, "\n\"`,\\") {
			return nil, p.fail(start, "the name of a field is missing: a record is written {name: type}, or {[name]: type} if the reply has the names too")
		}
		if byName && !p.take("]") {
			return nil, p.fail(p.at, "] is missing behind the name of the field")
		}
		nullable := p.take("?")
		if p.space(); !p.take(":") {
			return nil, p.fail(p.at, ": and a type are missing behind the field %s", name)
		}
		p.space()
		at := p.at
		field, err := p.typeOf()
		switch {
		case err != nil:
			return nil, err
		case len(t.Fields) > 0 && byName != t.ByName:
			return nil, p.fail(start, "either all fields of a record are in brackets, or none")
		case slices.ContainsFunc(t.Fields, func(f Field) bool { return f.Name == name }):
			return nil, p.fail(start, "there are two fields %s", name)
		case nullable && (field.Nullable || field.Kind == List || field.Kind == Map):
			return nil, p.fail(at, "the ? says nothing here")
		}
		if _, ok := kinds[name]; ok && byName && !quoted {
			return nil, p.fail(start, "a map is written table<%s, %s>, and a field with this name [%q]", name, field, name)
		}
		field.Nullable = field.Nullable || nullable && field.Kind != Any
		t.ByName = byName
		t.Fields = append(t.Fields, Field{name, field})
		p.space()
		if !p.take(",") && !strings.HasPrefix(p.text[p.at:], "}") {
			return nil, p.fail(p.at, ", or } is missing behind the field %s", name)
		}
	}
	if len(t.Fields) == 0 {
		return nil, p.fail(p.at-1, "the record has no fields")
	}
	return t, nil
}

// jsonType reads the Go type behind json: prefixes such as [] and map[string], and a name, which may have an import path.
func (p *parser) jsonType() (*Type, error) {
	start := p.at
	for p.take("[]") || p.take("*") || p.take("map[string]") {
	}
	name := p.at
	for p.at < len(p.text) && (isLetter(p.text[p.at], true) || strings.IndexByte("./-~", p.text[p.at]) >= 0) {
		p.at++
	}
	_, typeName, _ := cutLast(p.text[name:p.at], ".")
	if path, _, ok := cutLast(p.text[name:p.at], "."); !token.IsIdentifier(typeName) || ok && (path == "" || strings.Trim(path, "./-~") != path) {
		return nil, p.fail(start, "a Go type is missing: json:Order for a type of the package, or json:net/url.URL")
	}
	return &Type{Kind: JSON, Go: p.text[start:p.at]}, nil
}

// cutLast cuts around the last separator. If there is none, before is "".
func cutLast(s, sep string) (before, after string, found bool) {
	i := strings.LastIndex(s, sep)
	if i < 0 {
		return "", s, false
	}
	return s[:i], s[i+len(sep):], true
}
