package json

import (
	"errors"
	"fmt"
	"math"
	"strconv"
	"strings"
	"unicode/utf16"
	"unicode/utf8"
)

// MaxDepth is how deeply arrays and objects may be nested, as in RedisJSON.
const MaxDepth = 127

// A SyntaxError says what is wrong with a JSON text, in the words of RedisJSON's parser. It has nothing of the
// text.
type SyntaxError struct {
	Reason       string
	Line, Column int // from 1; the column counts bytes
}

func (e *SyntaxError) Error() string {
	return fmt.Sprintf("%s at line %d column %d", e.Reason, e.Line, e.Column)
}

// Parse reads a JSON text. Of members with one name, the last one counts. A number that is no integer of 64
// bits is a float64.
func Parse(text string) (*Node, error) {
	p := parser{text: text}
	if !utf8.ValidString(text) {
		return nil, ErrNotUTF8
	}
	n, err := p.value(MaxDepth)
	if err == nil {
		if p.space(); p.at < len(text) {
			err = p.error("trailing characters")
		}
	}
	if err != nil {
		return nil, err
	}
	return n, nil
}

// ErrNotUTF8 says that a text or a path is not UTF-8.
var ErrNotUTF8 = errors.New("json: the text is not UTF-8")

type parser struct {
	text  string
	at    int
	names map[string]string // each name once
	room  []Node            // not yet used
	made  int
}

// node returns a new value. Values are allocated in groups that grow, so that a small document takes little memory.
func (p *parser) node(n Node) *Node {
	if len(p.room) == 0 {
		p.room = make([]Node, min(max(p.made, 1), 32))
	}
	p.made++
	p.room[0] = n
	place := &p.room[0]
	p.room = p.room[1:]
	return place
}

// error is the error for the byte at which the parser is, or for the end of the text.
func (p *parser) error(reason string) error {
	before := p.text[:min(p.at+1, len(p.text))]
	if p.at < len(p.text) {
		before = p.text[:p.at]
	}
	line := strings.Count(before, "\n") + 1
	column := len(before) - (strings.LastIndexByte(before, '\n') + 1)
	if p.at < len(p.text) {
		column++
	}
	return &SyntaxError{reason, line, column}
}

func (p *parser) space() {
	for p.at < len(p.text) {
		switch p.text[p.at] {
		case ' ', '\t', '\n', '\r':
			p.at++
		default:
			return
		}
	}
}

// next skips white space and returns the byte after it, or 0 at the end.
func (p *parser) next() byte {
	p.space()
	if p.at == len(p.text) {
		return 0
	}
	return p.text[p.at]
}

func (p *parser) value(depth int) (*Node, error) {
	switch c := p.next(); {
	case p.at == len(p.text):
		return nil, p.error("EOF while parsing a value")
	case c == '{' || c == '[':
		if depth == 0 {
			return nil, p.error("recursion limit exceeded")
		}
		p.at++
		if c == '{' {
			return p.object(depth - 1)
		}
		return p.array(depth - 1)
	case c == '"':
		p.at++
		text, err := p.string()
		return p.node(Node{kind: String, text: strings.Clone(text)}), err
	case c == '-' || isDigit(c):
		return p.number()
	case c == 't':
		return p.word("true", Node{kind: Bool, bits: 1})
	case c == 'f':
		return p.word("false", Node{kind: Bool})
	case c == 'n':
		return p.word("null", Node{})
	}
	return nil, p.error("expected value")
}

func isDigit(c byte) bool { return '0' <= c && c <= '9' }

func (p *parser) word(word string, n Node) (*Node, error) {
	for i := range len(word) {
		switch {
		case p.at == len(p.text):
			return nil, p.error("EOF while parsing a value")
		case p.text[p.at] != word[i]:
			return nil, p.error("expected ident")
		}
		p.at++
	}
	return p.node(n), nil
}

func (p *parser) array(depth int) (*Node, error) {
	n := p.node(Node{kind: Array})
	if p.next() == ']' {
		p.at++
		return n, nil
	}
	for {
		if p.next() == ']' && len(n.array) > 0 {
			return nil, p.error("trailing comma")
		}
		if p.at == len(p.text) {
			return nil, p.error("EOF while parsing a list")
		}
		e, err := p.value(depth)
		if err != nil {
			return nil, err
		}
		n.array = append(n.array, e)
		switch c := p.next(); {
		case p.at == len(p.text):
			return nil, p.error("EOF while parsing a list")
		case c == ',':
			p.at++
		case c == ']':
			p.at++
			return n, nil
		default:
			return nil, p.error("expected `,` or `]`")
		}
	}
}

func (p *parser) object(depth int) (*Node, error) {
	o := &object{}
	n := p.node(Node{kind: Object, object: o})
	if p.next() == '}' {
		p.at++
		return n, nil
	}
	for {
		switch c := p.next(); {
		case p.at == len(p.text):
			return nil, p.error("EOF while parsing an object")
		case c == '}' && len(o.members) > 0:
			return nil, p.error("trailing comma")
		case c != '"':
			return nil, p.error("key must be a string")
		}
		p.at++
		name, err := p.string()
		if err != nil {
			return nil, err
		}
		switch c := p.next(); {
		case p.at == len(p.text):
			return nil, p.error("EOF while parsing an object")
		case c != ':':
			return nil, p.error("expected `:`")
		}
		p.at++
		v, err := p.value(depth)
		if err != nil {
			return nil, err
		}
		o.set(p.name(name), v)
		switch c := p.next(); {
		case p.at == len(p.text):
			return nil, p.error("EOF while parsing an object")
		case c == ',':
			p.at++
		case c == '}':
			p.at++
			return n, nil
		default:
			return nil, p.error("expected `,` or `}`")
		}
	}
}

// name returns a copy of a member's name, the same one for each member of the document.
func (p *parser) name(name string) string {
	if known, ok := p.names[name]; ok {
		return known
	}
	name = strings.Clone(name)
	if len(name) <= 64 {
		if p.names == nil {
			p.names = map[string]string{}
		}
		p.names[name] = name
	}
	return name
}

// special marks the bytes that are not themselves in a JSON string.
var special = func() (table [256]bool) {
	for c := range 0x20 {
		table[c] = true
	}
	table['"'], table['\\'] = true, true
	return table
}()

// string reads a string after its first quote. It may be a part of the text.
func (p *parser) string() (string, error) {
	from := p.at
	for p.at < len(p.text) && !special[p.text[p.at]] {
		p.at++
	}
	if p.at < len(p.text) && p.text[p.at] == '"' {
		p.at++
		return p.text[from : p.at-1], nil
	}
	b := []byte(p.text[from:p.at])
	for {
		if p.at == len(p.text) {
			return "", p.error("EOF while parsing a string")
		}
		switch c := p.text[p.at]; {
		case c == '"':
			p.at++
			return string(b), nil
		case c < 0x20:
			return "", p.error("control character (\\u0000-\\u001F) found while parsing a string")
		case c == '\\':
			p.at++
			var err error
			if b, err = p.escape(b); err != nil {
				return "", err
			}
		default:
			from := p.at
			for p.at < len(p.text) && !special[p.text[p.at]] {
				p.at++
			}
			b = append(b, p.text[from:p.at]...)
		}
	}
}

// escape reads what follows a backslash.
func (p *parser) escape(b []byte) ([]byte, error) {
	if p.at == len(p.text) {
		return nil, p.error("EOF while parsing a string")
	}
	c := p.text[p.at]
	if i := strings.IndexByte(`"\/bfnrt`, c); i >= 0 {
		p.at++
		return append(b, "\"\\/\b\f\n\r\t"[i]), nil
	}
	if c != 'u' {
		return nil, p.error("invalid escape")
	}
	p.at++
	r, err := p.hex()
	if err != nil {
		return nil, err
	}
	if utf16.IsSurrogate(r) {
		if !strings.HasPrefix(p.text[p.at:], `\u`) {
			return nil, p.error("unexpected end of hex escape")
		}
		p.at += 2
		low, err := p.hex()
		if err != nil {
			return nil, err
		}
		if r = utf16.DecodeRune(r, low); r == utf8.RuneError {
			return nil, p.error("lone leading surrogate in hex escape")
		}
	}
	return utf8.AppendRune(b, r), nil
}

func (p *parser) hex() (rune, error) {
	if len(p.text)-p.at < 4 {
		p.at = len(p.text)
		return 0, p.error("EOF while parsing a string")
	}
	n, err := strconv.ParseUint(p.text[p.at:p.at+4], 16, 16)
	if err != nil || p.text[p.at] == '+' {
		return 0, p.error("invalid escape")
	}
	p.at += 4
	return rune(n), nil
}

// digits skips digits, and says whether there was one.
func (p *parser) digits() bool {
	from := p.at
	for p.at < len(p.text) && isDigit(p.text[p.at]) {
		p.at++
	}
	return p.at > from
}

func (p *parser) number() (*Node, error) {
	from := p.at
	fail := func() (*Node, error) {
		if p.at == len(p.text) {
			return nil, p.error("EOF while parsing a value")
		}
		return nil, p.error("invalid number")
	}
	if p.text[p.at] == '-' {
		p.at++
	}
	if first := p.at; !p.digits() || p.text[first] == '0' && p.at > first+1 {
		if p.at > first {
			p.at = first + 1
		}
		return fail()
	}
	whole := true
	if p.at < len(p.text) && p.text[p.at] == '.' {
		whole = false
		if p.at++; !p.digits() {
			return fail()
		}
	}
	if p.at < len(p.text) && (p.text[p.at] == 'e' || p.text[p.at] == 'E') {
		whole = false
		if p.at++; p.at < len(p.text) && (p.text[p.at] == '+' || p.text[p.at] == '-') {
			p.at++
		}
		if !p.digits() {
			return fail()
		}
	}
	text := p.text[from:p.at]
	if whole && text != "-0" {
		if i, err := strconv.ParseInt(text, 10, 64); err == nil {
			return p.node(Node{kind: Int, bits: uint64(i)}), nil
		}
		if u, err := strconv.ParseUint(text, 10, 64); err == nil {
			return p.node(Node{kind: Uint, bits: u}), nil
		}
	}
	f, err := strconv.ParseFloat(text, 64)
	if err != nil {
		return nil, p.error("number out of range")
	}
	return p.node(Node{kind: Float, bits: math.Float64bits(f)}), nil
}
