package stdlib

import (
	"strings"

	"github.com/redis-rest/redis-rest-go/internal/engine/lua"
	"github.com/redis-rest/redis-rest-go/internal/protocol/ctext"
)

const (
	maxCaptures = 32

	// maxMatchDepth limits how deep a match recurses. Redis itself has no limit: its stack overflows
	// earlier and the process ends.
	maxMatchDepth = 200_000

	specials = "^$*+?.([%-"
)

// Special lengths of a capture: it is not closed, or it is a
// position.
const (
	unfinished = -1
	position   = -2
)

// A matcher matches one pattern against one subject. A position is an index of either.
// The pattern ends at a NUL, as in C.
type matcher struct {
	s        *lua.State
	subject  string
	pattern  string
	steps    int // not yet reported to State.Step
	level    int // the number of captures
	captures [maxCaptures]capture
}

type capture struct{ start, length int }

func (m *matcher) init(s *lua.State, subject, pattern string) {
	m.s, m.subject, m.pattern = s, subject, untilNUL(pattern)
}

// untilNUL cuts a string at the first NUL, as C does.
func untilNUL(s string) string {
	if i := strings.IndexByte(s, 0); i >= 0 {
		return s[:i]
	}
	return s
}

// step counts a step. It reports to State.Step only every 1024 steps, to stay cheap.
func (m *matcher) step() {
	if m.steps++; m.steps == 1<<10 {
		m.flush()
	}
}

func (m *matcher) flush() {
	m.s.Step(m.steps)
	m.steps = 0
}

// cutAnchor removes the anchor from the pattern and says whether there was one.
func (m *matcher) cutAnchor() (anchored bool) {
	m.pattern, anchored = strings.CutPrefix(m.pattern, "^")
	return anchored
}

// candidate returns the first position from i on where a match may begin. If the pattern
// begins with a literal character, it is the position of that character.
func (m *matcher) candidate(i int) int {
	if m.pattern == "" || strings.IndexByte(specials+")", m.pattern[0]) >= 0 {
		return i
	}
	switch m.at(1) {
	case '*', '?', '-':
		return i
	}
	at := strings.IndexByte(m.subject[i:], m.pattern[0])
	if at < 0 {
		at = len(m.subject) - i
	}
	m.s.Step(at >> 6)
	return i + at
}

// at returns the byte of the pattern at p, or NUL at its end.
func (m *matcher) at(p int) byte {
	if p < len(m.pattern) {
		return m.pattern[p]
	}
	return 0
}

// try matches the whole pattern at position i of the subject. It returns the end of the
// match, or -1.
func (m *matcher) try(i int) int {
	m.level = 0
	return m.match(i, 0, 0)
}

// match matches the pattern from p on at position i of the subject.
func (m *matcher) match(i, p, depth int) int {
	if depth > maxMatchDepth {
		m.s.Errorf("pattern too complex")
	}
	for {
		m.step()
		if p == len(m.pattern) {
			return i
		}
		switch m.pattern[p] {
		case '(':
			if m.at(p+1) == ')' {
				return m.openCapture(i, p+2, position, depth)
			}
			return m.openCapture(i, p+1, unfinished, depth)
		case ')':
			return m.closeCapture(i, p+1, depth)
		case '$':
			if p+1 == len(m.pattern) {
				if i == len(m.subject) {
					return i
				}
				return -1
			}
		case '%':
			switch next := m.at(p + 1); {
			case next == 'b':
				if i = m.balanced(i, p+2); i < 0 {
					return -1
				}
				p += 4
				continue
			case next == 'f':
				p += 2
				if m.at(p) != '[' {
					m.s.Errorf("missing '[' after '%%f' in pattern")
				}
				end := m.classEnd(p)
				if m.inSet(m.byteAt(i-1), p, end-1) || !m.inSet(m.byteAt(i), p, end-1) {
					return -1
				}
				p = end
				continue
			case ctext.IsDigit(next):
				if i = m.again(i, next); i < 0 {
					return -1
				}
				p += 2
				continue
			}
		}
		end := m.classEnd(p)
		matches := i < len(m.subject) && m.single(m.subject[i], p, end)
		switch m.at(end) {
		case '?':
			if matches {
				if e := m.match(i+1, end+1, depth+1); e >= 0 {
					return e
				}
			}
			p = end + 1
		case '*':
			return m.most(i, p, end, depth)
		case '+':
			if !matches {
				return -1
			}
			return m.most(i+1, p, end, depth)
		case '-':
			return m.fewest(i, p, end, depth)
		default:
			if !matches {
				return -1
			}
			i++
			p = end
		}
	}
}

// byteAt returns the byte of the subject at i, or NUL outside of it.
func (m *matcher) byteAt(i int) byte {
	if uint(i) < uint(len(m.subject)) {
		return m.subject[i]
	}
	return 0
}

// classEnd returns the position after the character class at p.
func (m *matcher) classEnd(p int) int {
	c := m.pattern[p]
	p++
	switch c {
	case '%':
		if p == len(m.pattern) {
			m.s.Errorf("malformed pattern (ends with '%%')")
		}
		return p + 1
	case '[':
		if m.at(p) == '^' {
			p++
		}
		for first := true; first || m.at(p) != ']'; first = false {
			m.step()
			if p == len(m.pattern) {
				m.s.Errorf("malformed pattern (missing ']')")
			}
			p++
			if m.pattern[p-1] == '%' && p < len(m.pattern) {
				p++
			}
		}
		return p + 1
	}
	return p
}

// single says whether c is in the character class between p and end.
func (m *matcher) single(c byte, p, end int) bool {
	switch m.pattern[p] {
	case '.':
		return true
	case '%':
		return inClass(c, m.pattern[p+1])
	case '[':
		return m.inSet(c, p, end-1)
	}
	return m.pattern[p] == c
}

// inSet says whether c is in the set between the brackets at p and end.
func (m *matcher) inSet(c byte, p, end int) bool {
	set, complement := strings.CutPrefix(m.pattern[p+1:end], "^")
	for i := 0; i < len(set); i++ {
		m.step()
		switch {
		case set[i] == '%':
			i++
			if inClass(c, set[i]) {
				return !complement
			}
		case i+2 < len(set) && set[i+1] == '-':
			i += 2
			if set[i-2] <= c && c <= set[i] {
				return !complement
			}
		case set[i] == c:
			return !complement
		}
	}
	return complement
}

// balanced matches %b. Its two delimiters are at p.
func (m *matcher) balanced(i, p int) int {
	if p+1 >= len(m.pattern) {
		m.s.Errorf("unbalanced pattern")
	}
	if m.byteAt(i) != m.pattern[p] {
		return -1
	}
	open, closing := m.pattern[p], m.pattern[p+1]
	for depth := 1; ; {
		m.step()
		if i++; i >= len(m.subject) {
			return -1
		}
		switch m.subject[i] {
		case closing:
			if depth--; depth == 0 {
				return i + 1
			}
		case open:
			depth++
		}
	}
}

// most repeats a class as often as possible. It then takes fewer repetitions until the rest
// of the pattern matches.
func (m *matcher) most(i, p, end, depth int) int {
	n := m.run(i, p, end)
	for ; n >= 0; n-- {
		if e := m.match(i+n, end+1, depth+1); e >= 0 {
			return e
		}
	}
	return -1
}

// run counts the characters from i on that are in the class between p and end.
func (m *matcher) run(i, p, end int) int {
	start := i
	switch c := m.pattern[p]; c {
	case '.':
		i = len(m.subject)
	case '%':
		for i < len(m.subject) && inClass(m.subject[i], m.pattern[p+1]) {
			m.step()
			i++
		}
	case '[':
		for i < len(m.subject) && m.inSet(m.subject[i], p, end-1) {
			i++
		}
	default:
		for i < len(m.subject) && m.subject[i] == c {
			m.step()
			i++
		}
	}
	return i - start
}

// fewest repeats a class as few times as the rest of the pattern allows.
func (m *matcher) fewest(i, p, end, depth int) int {
	for {
		if e := m.match(i, end+1, depth+1); e >= 0 {
			return e
		}
		if i >= len(m.subject) || !m.single(m.subject[i], p, end) {
			return -1
		}
		i++
	}
}

func (m *matcher) openCapture(i, p, kind, depth int) int {
	if m.level == maxCaptures {
		m.s.Errorf("too many captures")
	}
	m.captures[m.level] = capture{i, kind}
	m.level++
	e := m.match(i, p, depth+1)
	if e < 0 {
		m.level--
	}
	return e
}

func (m *matcher) closeCapture(i, p, depth int) int {
	at := m.level - 1
	for at >= 0 && m.captures[at].length != unfinished {
		at--
	}
	if at < 0 {
		m.s.Errorf("invalid pattern capture")
	}
	m.captures[at].length = i - m.captures[at].start
	e := m.match(i, p, depth+1)
	if e < 0 {
		m.captures[at].length = unfinished
	}
	return e
}

// again matches the text of a capture again. A position capture has no text to
// match.
func (m *matcher) again(i int, digit byte) int {
	at := int(digit) - '1'
	if at < 0 || at >= m.level || m.captures[at].length == unfinished {
		m.s.Errorf("invalid capture index")
	}
	c := m.captures[at]
	if c.length == position {
		return -1
	}
	m.s.Step(c.length >> 6)
	if !strings.HasPrefix(m.subject[i:], m.subject[c.start:c.start+c.length]) {
		return -1
	}
	return i + c.length
}

// capture returns capture n, from 0. If the pattern has no captures, capture 0 is the whole
// match, from start to end.
func (m *matcher) capture(n, start, end int) lua.Value {
	if n >= m.level {
		if n != 0 {
			m.s.Errorf("invalid capture index")
		}
		return substring(m.s, m.subject, start, end)
	}
	switch c := m.captures[n]; c.length {
	case unfinished:
		m.s.Errorf("unfinished capture")
		return nil
	case position:
		return lua.Number(float64(c.start + 1))
	default:
		return substring(m.s, m.subject, c.start, c.start+c.length)
	}
}

// appendCaptures appends all captures, or the whole match if there are none.
func (m *matcher) appendCaptures(values []lua.Value, start, end int) []lua.Value {
	for n := range max(m.level, 1) {
		values = append(values, m.capture(n, start, end))
	}
	return values
}

func find(s *lua.State, args []lua.Value) []lua.Value {
	subject, pattern, i := searched(s, args)
	if lua.Truth(lua.Arg(args, 4)) || !strings.ContainsAny(untilNUL(pattern), specials) {
		s.Step(1 + len(subject)>>6)
		at := strings.Index(subject[i:], pattern)
		if at < 0 {
			return s.Return(nil)
		}
		return []lua.Value{number(i + at + 1), number(i + at + len(pattern))}
	}
	var m matcher
	m.init(s, subject, pattern)
	start, end := m.search(i)
	if end < 0 {
		return s.Return(nil)
	}
	values := append(make([]lua.Value, 0, 2+m.level), number(start+1), number(end))
	if m.level == 0 {
		return values
	}
	return m.appendCaptures(values, start, end)
}

func match(s *lua.State, args []lua.Value) []lua.Value {
	subject, pattern, i := searched(s, args)
	var m matcher
	m.init(s, subject, pattern)
	start, end := m.search(i)
	switch {
	case end < 0:
		return s.Return(nil)
	case m.level <= 1:
		return s.Return(m.capture(0, start, end))
	}
	return m.appendCaptures(make([]lua.Value, 0, m.level), start, end)
}

// searched reads the arguments of find and match: the subject, the pattern and the start.
func searched(s *lua.State, args []lua.Value) (subject, pattern string, i int) {
	subject, pattern = s.CheckString(args, 1), s.CheckString(args, 2)
	i = relative(s.OptInt(args, 3, 1), len(subject)) - 1
	return subject, pattern, min(max(i, 0), len(subject))
}

// search looks for the first match from i on. The pattern may be anchored. The
// end is -1 if nothing matches.
func (m *matcher) search(i int) (start, end int) {
	anchored := m.cutAnchor()
	for {
		if !anchored {
			i = m.candidate(i)
		}
		end := m.try(i)
		if end >= 0 || anchored || i == len(m.subject) {
			m.flush()
			return i, end
		}
		i++
	}
}

// gmatch does not support anchors: ^ is an ordinary character.
func gmatch(s *lua.State, args []lua.Value) []lua.Value {
	subject, pattern := s.CheckString(args, 1), s.CheckString(args, 2)
	i := 0
	return s.Return(lua.NewClosure("gmatch", func(s *lua.State, _ []lua.Value) []lua.Value {
		var m matcher
		m.init(s, subject, pattern)
		for i <= len(subject) {
			start := m.candidate(i)
			end := m.try(start)
			if i = max(end, start+1); end < 0 {
				continue
			}
			m.flush()
			if m.level <= 1 {
				return s.Return(m.capture(0, start, end))
			}
			return m.appendCaptures(make([]lua.Value, 0, m.level), start, end)
		}
		m.flush()
		return nil
	}, subject, pattern))
}

func gsub(s *lua.State, args []lua.Value) []lua.Value {
	subject, pattern := s.CheckString(args, 1), s.CheckString(args, 2)
	most := optInt(s, args, 4, len(subject)+1)
	r := replacer{value: lua.Arg(args, 3)}
	switch v := r.value.(type) {
	case *lua.Function, *lua.Table:
	case string, float64:
		r.template, _ = lua.ToText(v)
	default:
		s.ArgError(3, "string/function/table expected")
	}
	r.init(s, subject, pattern)
	r.out.s = s
	anchored := r.cutAnchor()
	i, kept, n := 0, 0, 0 // the text between kept and i has not been added to out
	for n < most {
		if !anchored {
			i = r.candidate(i)
		}
		end := r.try(i)
		if end >= 0 {
			n++
			r.out.add(subject[kept:i])
			r.replace(i, end)
			kept = end
		}
		if end > i {
			i = end
		} else if i < len(subject) {
			i++
		} else {
			break
		}
		if anchored {
			break
		}
	}
	r.flush()
	if n == 0 {
		return []lua.Value{subject, number(0)}
	}
	r.out.add(subject[kept:])
	return []lua.Value{r.out.value(), number(n)}
}

// A replacer is a matcher that also writes the replacements.
type replacer struct {
	matcher
	value    lua.Value // a function, a table, or the template as a value
	template string
	out      text
	captured []lua.Value // reused for the arguments of a call
}

func (r *replacer) replace(start, end int) {
	var v lua.Value
	switch f := r.value.(type) {
	case *lua.Function:
		r.captured = r.appendCaptures(r.captured[:0], start, end)
		size := cap(r.out.b)
		r.s.Hold(size)
		if results := r.s.Call(f, r.captured...); len(results) > 0 {
			v = results[0]
		}
		r.s.Hold(-size)
	case *lua.Table:
		size := cap(r.out.b)
		r.s.Hold(size)
		v = r.s.Index(f, r.capture(0, start, end))
		r.s.Hold(-size)
	default:
		r.expand(start, end)
		return
	}
	if !lua.Truth(v) {
		r.out.add(r.subject[start:end])
		return
	}
	t, ok := lua.ToText(v)
	if !ok {
		r.s.Errorf("invalid replacement value (a %s)", lua.TypeName(v))
	}
	r.out.add(t)
}

// expand writes the template with its captures filled in.
func (r *replacer) expand(start, end int) {
	for rest := r.template; rest != ""; {
		plain, after, escaped := strings.Cut(rest, "%")
		r.step()
		r.out.add(plain)
		if !escaped {
			return
		}
		var c byte // NUL after the end, as in C
		if after != "" {
			c, after = after[0], after[1:]
		}
		rest = after
		switch {
		case !ctext.IsDigit(c):
			r.out.addByte(c)
		case c == '0':
			r.out.add(r.subject[start:end])
		default:
			t, _ := lua.ToText(r.capture(int(c-'1'), start, end))
			r.out.add(t)
		}
	}
}
