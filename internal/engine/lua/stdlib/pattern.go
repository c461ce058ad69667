package stdlib

import (
	"strings"

	"github.com/redis-rest/redis-rest-go/internal/engine/lua"
)

const (
	maxCaptures = 32

	// maxMatchDepth bounds how deep items of a pattern nest while they are tried.
	// Redis itself has no bound: its stack, and with it the process, ends before.
	maxMatchDepth = 200_000

	specials = "^$*+?.([%-"
)

// What stands for the length of a capture that is not closed, or that is a
// position.
const (
	unfinished = -1
	position   = -2
)

// A matcher matches one pattern in one subject. A position is an index of either;
// the pattern ends where C sees its end, at a NUL.
type matcher struct {
	s        *lua.State
	subject  string
	pattern  string
	steps    int // that State.Step was not told yet
	level    int // how many captures there are
	captures [maxCaptures]capture
}

type capture struct{ start, length int }

func (m *matcher) init(s *lua.State, subject, pattern string) {
	m.s, m.subject, m.pattern = s, subject, untilNUL(pattern)
}

// untilNUL is a string as C sees it.
func untilNUL(s string) string {
	if i := strings.IndexByte(s, 0); i >= 0 {
		return s[:i]
	}
	return s
}

// step counts a step, and tells of them now and then only, since a step is cheap.
func (m *matcher) step() {
	if m.steps++; m.steps == 1<<10 {
		m.flush()
	}
}

func (m *matcher) flush() {
	m.s.Step(m.steps)
	m.steps = 0
}

// cutAnchor takes the anchor off the pattern, and says whether there was one.
func (m *matcher) cutAnchor() (anchored bool) {
	m.pattern, anchored = strings.CutPrefix(m.pattern, "^")
	return anchored
}

// candidate is the first position from i on where a match may begin: where the
// pattern begins with a character that stands for itself, that is where it is found.
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

// at is the byte of the pattern at p, NUL at its end.
func (m *matcher) at(p int) byte {
	if p < len(m.pattern) {
		return m.pattern[p]
	}
	return 0
}

// try matches the whole pattern at position i of the subject, and returns where the
// match ends, -1 if there is none.
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
			case isDigit(next):
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

// byteAt is the byte of the subject at i, NUL beyond either end.
func (m *matcher) byteAt(i int) byte {
	if uint(i) < uint(len(m.subject)) {
		return m.subject[i]
	}
	return 0
}

// classEnd returns what follows the class of characters at p.
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

// single says whether c is in the class of characters between p and end.
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

// inSet says whether c is in the set from the bracket at p to that at end.
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

// balanced matches %b, whose two delimiters are at p.
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

// most repeats a class as often as it can, and then less and less often until the
// rest of the pattern matches.
func (m *matcher) most(i, p, end, depth int) int {
	n := m.run(i, p, end)
	for ; n >= 0; n-- {
		if e := m.match(i+n, end+1, depth+1); e >= 0 {
			return e
		}
	}
	return -1
}

// run is how many characters from i on are in the class between p and end.
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

// fewest repeats a class no more often than the rest of the pattern needs.
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

// again matches what a capture holds once more. A position holds nothing that could
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

// capture is the value of capture n, from 0. Where there are none, the first is the
// whole match, which is from start to end.
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

// appendCaptures appends all captures, or the whole match where there are none.
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

// searched is what find and match search, for what, and from where on.
func searched(s *lua.State, args []lua.Value) (subject, pattern string, i int) {
	subject, pattern = s.CheckString(args, 1), s.CheckString(args, 2)
	i = relative(s.OptInt(args, 3, 1), len(subject)) - 1
	return subject, pattern, min(max(i, 0), len(subject))
}

// search looks for the first match from i on, where the pattern may be anchored. The
// end is -1 if there is none.
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

// gmatch knows no anchor: it takes one for the character itself.
func gmatch(s *lua.State, args []lua.Value) []lua.Value {
	subject, pattern := s.CheckString(args, 1), s.CheckString(args, 2)
	i := 0
	return s.Return(lua.NewFunction("gmatch", func(s *lua.State, _ []lua.Value) []lua.Value {
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
	}))
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
	i, kept, n := 0, 0, 0 // what is between kept and i is not in out yet
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

// A replacer is a matcher that writes what takes the place of a match.
type replacer struct {
	matcher
	value    lua.Value // a function, a table, or the template's
	template string
	out      text
	captured []lua.Value // the memory for a call's arguments
}

func (r *replacer) replace(start, end int) {
	var v lua.Value
	switch f := r.value.(type) {
	case *lua.Function:
		r.captured = r.appendCaptures(r.captured[:0], start, end)
		if results := r.s.Call(f, r.captured...); len(results) > 0 {
			v = results[0]
		}
	case *lua.Table:
		v = r.s.Index(f, r.capture(0, start, end))
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

// expand writes the template with the captures that it names.
func (r *replacer) expand(start, end int) {
	for rest := r.template; rest != ""; {
		plain, after, escaped := strings.Cut(rest, "%")
		r.step()
		r.out.add(plain)
		if !escaped {
			return
		}
		var c byte // NUL behind the end, as C reads it
		if after != "" {
			c, after = after[0], after[1:]
		}
		rest = after
		switch {
		case !isDigit(c):
			r.out.addByte(c)
		case c == '0':
			r.out.add(r.subject[start:end])
		default:
			t, _ := lua.ToText(r.capture(int(c-'1'), start, end))
			r.out.add(t)
		}
	}
}
