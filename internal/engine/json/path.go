package json

import (
	"fmt"
	"math"
	"regexp"
	"regexp/syntax"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

// A Path leads to values of a document.
type Path struct {
	Legacy   bool   // it has the syntax of RedisJSON 1, and stands for the first value that it leads to
	Text     string // as it was given
	JSONPath string // the same path with a $
	steps    []step
	static   bool // it leads to one place at most
}

// A step leads from a value to some of those in it.
type step struct {
	kind    stepKind
	names   []string // of stepNames
	indexes []int64  // of stepIndexes
	from    int64    // of stepSlice
	to      int64
	every   int64
	filter  condition // of stepFilter
}

type stepKind uint8

const (
	stepNames stepKind = iota
	stepIndexes
	stepSlice
	stepAll
	stepFilter
	stepDescend // to the value itself and to all values in it
)

// IsRoot says whether the path is that of the whole document.
func (p *Path) IsRoot() bool { return len(p.steps) == 0 }

// A PathError says what is wrong with a path. It has nothing of the path.
type PathError struct {
	Position int // in the path with a $, in bytes from 0
	Expected string
}

func (e *PathError) Error() string {
	return fmt.Sprintf("Error occurred at position %d, expected %s", e.Position, e.Expected)
}

// isJSONPath says whether a path has the syntax of JSONPath rather than that of RedisJSON 1, in which $a is a name.
func isJSONPath(text string) bool {
	return text == "$" || strings.HasPrefix(text, "$.") || strings.HasPrefix(text, "$[")
}

// maxNesting limits how deeply filters and parentheses are nested in a path.
const maxNesting = 64

// ParsePath reads a path.
func ParsePath(text string) (*Path, error) {
	if !utf8.ValidString(text) {
		return nil, ErrNotUTF8
	}
	p := &Path{Text: text, JSONPath: text, Legacy: !isJSONPath(text)}
	switch {
	case !p.Legacy:
	case text == ".":
		p.JSONPath = "$"
	case strings.HasPrefix(text, "."):
		p.JSONPath = "$" + text
	default:
		p.JSONPath = "$." + text
	}
	r := pathParser{text: p.JSONPath, at: 1}
	steps, err := r.steps()
	if err == nil && r.at < len(r.text) {
		err = r.expected("'.', '[' or the end")
	}
	p.steps = steps
	p.static = !slices.ContainsFunc(steps, func(s step) bool { return len(s.names)+len(s.indexes) != 1 })
	return p, err
}

type pathParser struct {
	text     string
	at       int
	nesting  int
	patterns int // the cost of its regular expressions
}

func (r *pathParser) expected(what string) error { return &PathError{r.at, what} }

// space skips spaces.
func (r *pathParser) space() {
	for r.at < len(r.text) && r.text[r.at] == ' ' {
		r.at++
	}
}

// accept skips spaces and then these characters, and says whether they were there.
func (r *pathParser) accept(what string) bool {
	from := r.at
	r.space()
	if strings.HasPrefix(r.text[r.at:], what) {
		r.at += len(what)
		return true
	}
	r.at = from
	return false
}

func isNameByte(c byte) bool {
	return 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || isDigit(c) || strings.IndexByte("-_`~+#%$^/:", c) >= 0
}

// name reads a name without quotes; it may be empty.
func (r *pathParser) name() string {
	r.space()
	from := r.at
	for r.at < len(r.text) && isNameByte(r.text[r.at]) {
		r.at++
	}
	return r.text[from:r.at]
}

// steps reads steps as long as there are any. The first one may be a name without a dot, or *, as in @name.
func (r *pathParser) steps() (steps []step, err error) {
	if first := r.at; first < len(r.text) && r.text[first] != ' ' {
		if r.accept("*") {
			steps = append(steps, step{kind: stepAll})
		} else if name := r.name(); name != "" {
			steps = append(steps, step{names: []string{name}})
		}
	}
	for {
		switch {
		case r.accept(".."):
			steps = append(steps, step{kind: stepDescend})
			s, ok, err := r.selector()
			if err == nil && !ok {
				err = r.expected("a name, '*' or '[' after '..'")
			}
			if err != nil {
				return nil, err
			}
			steps = append(steps, s)
		case r.accept("."):
			s, ok, err := r.selector()
			if err == nil && !ok {
				err = r.expected("a name, '*' or '[' after '.'")
			}
			if err != nil {
				return nil, err
			}
			steps = append(steps, s)
		case r.accept("["):
			s, err := r.bracket()
			if err != nil {
				return nil, err
			}
			steps = append(steps, s)
		default:
			return steps, nil
		}
	}
}

// selector reads what follows a dot.
func (r *pathParser) selector() (s step, ok bool, err error) {
	switch {
	case r.accept("*"):
		return step{kind: stepAll}, true, nil
	case r.accept("["):
		s, err = r.bracket()
		return s, true, err
	}
	name := r.name()
	return step{names: []string{name}}, name != "", nil
}

// bracket reads what follows [, with the ].
func (r *pathParser) bracket() (s step, err error) {
	switch {
	case r.accept("*"):
		s.kind = stepAll
	case r.accept("?"):
		s.kind = stepFilter
		s.filter, err = r.filter()
	default:
		r.space()
		if c := r.peek(); c == '"' || c == '\'' {
			s.names, err = r.names()
		} else {
			s, err = r.numbers()
		}
	}
	if err == nil && !r.accept("]") {
		err = r.expected("']'")
	}
	return s, err
}

// peek returns the next byte, or 0 at the end.
func (r *pathParser) peek() byte {
	if r.at == len(r.text) {
		return 0
	}
	return r.text[r.at]
}

func (r *pathParser) names() (names []string, err error) {
	for {
		name, err := r.quoted()
		if err != nil {
			return nil, err
		}
		names = append(names, name)
		if !r.accept(",") {
			return names, nil
		}
	}
}

// quoted reads a string in quotes of either kind. A backslash stands before the same quote or a backslash.
func (r *pathParser) quoted() (string, error) {
	r.space()
	quote := r.peek()
	if quote != '"' && quote != '\'' {
		return "", r.expected("a string")
	}
	r.at++
	var b []byte
	for ; r.at < len(r.text); r.at++ {
		c := r.text[r.at]
		switch {
		case c == quote:
			r.at++
			return string(b), nil
		case c == '\\':
			r.at++
			if c = r.peek(); c != quote && c != '\\' {
				return "", r.expected("a quote or '\\' after '\\'")
			}
		}
		b = append(b, c)
	}
	return "", r.expected("the end of a string")
}

// numbers reads indexes such as 1,-2 or a slice such as 1:-1:2.
func (r *pathParser) numbers() (s step, err error) {
	s = step{kind: stepIndexes, to: math.MaxInt64, every: 1}
	n, ok, err := r.number()
	switch {
	case err != nil:
		return s, err
	case !ok && r.peek() != ':':
		return s, r.expected("a number, a string, ':', '*' or '?'")
	case !r.accept(":"):
		s.indexes = []int64{n}
		for r.accept(",") {
			if n, ok, err = r.number(); err == nil && !ok {
				err = r.expected("a number")
			}
			if err != nil {
				return s, err
			}
			s.indexes = append(s.indexes, n)
		}
		return s, nil
	}
	s.kind, s.from = stepSlice, n
	if n, ok, err = r.number(); ok {
		s.to = n
	}
	if err == nil && r.accept(":") {
		at := r.at
		if n, ok, err = r.number(); ok {
			s.every = n
		}
		if err == nil && s.every < 1 {
			r.at = at
			err = r.expected("a step of 1 or more")
		}
	}
	return s, err
}

// number reads an integer, if there is one.
func (r *pathParser) number() (n int64, ok bool, err error) {
	r.space()
	from := r.at
	if r.peek() == '-' {
		r.at++
	}
	digits := r.at
	for isDigit(r.peek()) {
		r.at++
	}
	switch {
	case r.at == from:
		return 0, false, nil
	case r.at == digits, r.text[digits] == '0' && r.at > digits+1:
		r.at = digits
		return 0, false, r.expected("a number")
	}
	n, err = strconv.ParseInt(r.text[from:r.at], 10, 64)
	if err != nil { // it is beyond the end of every array
		n = math.MaxInt64
		if r.text[from] == '-' {
			n = math.MinInt64 / 2
		}
	}
	return n, true, nil
}

// A condition is that of a filter.
type condition interface {
	// holds says whether a value meets the condition.
	holds(w *walk, n *Node) bool
}

// An operand of a comparison is a literal, or a path from the value that is tested or from the root.
type operand struct {
	literal  *Node
	fromRoot bool
	path     *Path
}

type comparison struct {
	left, right operand
	operator    string   // "" for one operand only, which must be there
	pattern     *pattern // of a literal behind =~
}

type (
	every   []condition // all of them hold
	either  []condition // one of them holds
	negated struct{ a condition }
)

// A pattern is a regular expression, or nil inside if the text is none and nothing matches it.
type pattern struct {
	*regexp.Regexp
	cost int // of each byte of a text
}

// Regular expressions have a limited size: {n} makes large programs of short texts.
const (
	maxPattern  = 1 << 10 // bytes
	maxPatterns = 1 << 14 // instructions of all in a path
)

func parsePattern(text string) *pattern {
	if len(text) > maxPattern {
		return &pattern{}
	}
	if parsed, err := syntax.Parse(text, syntax.Perl); err == nil {
		if program, err := syntax.Compile(parsed.Simplify()); err == nil {
			if r, err := regexp.Compile(text); err == nil {
				return &pattern{r, len(program.Inst)}
			}
		}
	}
	return &pattern{}
}

// nest goes one level deeper, for as long as f runs.
func (r *pathParser) nest(f func() (condition, error)) (condition, error) {
	if r.nesting == maxNesting {
		return nil, r.expected(fmt.Sprintf("at most %d levels of nesting", maxNesting))
	}
	r.nesting++
	defer func() { r.nesting-- }()
	return f()
}

// filter reads conditions with && and ||, of which && binds more tightly.
func (r *pathParser) filter() (condition, error) {
	return r.nest(func() (condition, error) {
		return list[either](r, "||", func() (condition, error) { return list[every](r, "&&", r.test) })
	})
}

// list reads conditions with an operator in between.
func list[T interface {
	~[]condition
	condition
}](r *pathParser, operator string, read func() (condition, error)) (condition, error) {
	first, err := read()
	conditions := T{first}
	for err == nil && r.accept(operator) {
		var next condition
		next, err = read()
		conditions = append(conditions, next)
	}
	if len(conditions) == 1 {
		return first, err
	}
	return conditions, err
}

func (r *pathParser) test() (condition, error) {
	switch {
	case r.accept("!"):
		return r.nest(func() (condition, error) {
			a, err := r.test()
			return negated{a}, err
		})
	case r.accept("("):
		a, err := r.filter()
		if err == nil && !r.accept(")") {
			err = r.expected("')'")
		}
		return a, err
	}
	left, err := r.operand()
	if err != nil {
		return nil, err
	}
	c := &comparison{left: left}
	for _, operator := range []string{"==", "!=", "<=", ">=", "=~", "<", ">"} {
		if !r.accept(operator) {
			continue
		}
		c.operator = operator
		if c.right, err = r.operand(); err != nil {
			return nil, err
		}
		if n := c.right.literal; operator == "=~" && n != nil && n.kind == String {
			c.pattern = parsePattern(n.text)
			if r.patterns += c.pattern.cost; r.patterns > maxPatterns {
				return nil, r.expected("fewer or smaller regular expressions")
			}
		}
		return c, nil
	}
	return c, nil
}

func (r *pathParser) operand() (o operand, err error) {
	r.space()
	switch c := r.peek(); {
	case c == '@' || c == '$':
		r.at++
		o.fromRoot = c == '$'
		o.path = &Path{}
		_, err = r.nest(func() (condition, error) {
			o.path.steps, err = r.steps()
			return nil, err
		})
		return o, err
	case c == '"' || c == '\'':
		text, err := r.quoted()
		o.literal = &Node{kind: String, text: text}
		return o, err
	case c == '-' || isDigit(c):
		return r.numberOperand()
	}
	for word, n := range map[string]Node{"true": {kind: Bool, bits: 1}, "false": {kind: Bool}, "null": {}} {
		if r.accept(word) {
			o.literal = &n
			return o, nil
		}
	}
	return o, r.expected("'@', '$', a number, a string, true, false, null, '!' or '('")
}

// numberOperand reads a number such as -1.5e3.
func (r *pathParser) numberOperand() (o operand, err error) {
	from := r.at
	p := parser{text: r.text, at: r.at}
	o.literal, err = p.number()
	r.at = p.at
	if err != nil {
		r.at = from
		return o, r.expected("a number")
	}
	return o, nil
}
