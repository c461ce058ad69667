package debug

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/redis-rest/redis-rest-go/internal/engine/lua"
	"github.com/redis-rest/redis-rest-go/internal/protocol/glob"
)

// A Breakpoint is where a run stops: before a statement of a line, before the first statement of a function, or after a call of Redis.
type Breakpoint struct {
	ID       int
	Line     int
	Function string
	Key      string // a pattern as for KEYS
	Access   Access // of the key

	Condition string // an expression; the run stops if it is true
	Hits      string // how often it must be reached: 3 or ==3, >3, >=3, <3, <=3, or %3 for each third time. It is counted in each run
	Log       string // if it is not empty, this is said instead, with the values of expressions in {}

	begins int // the line where the function begins
	count  int
}

// An Access is what a call does with a key.
type Access int

// The accesses.
const (
	Write Access = iota
	Read
	ReadOrWrite
)

// SetBreakpoints replaces the breakpoints. Those on lines without code move to the next line with code; their Line changes. The errors are those
// of the breakpoints, in order: nil, or why a breakpoint cannot be set.
func (s *Session) SetBreakpoints(list []*Breakpoint) []error {
	s.breaks, s.functions = nil, false
	problems := make([]error, len(list))
	for i, b := range list {
		b.count = 0
		if problems[i] = s.check(b); problems[i] == nil {
			s.breaks = append(s.breaks, b)
			s.functions = s.functions || b.Function != ""
		}
	}
	return problems
}

// StopAtErrors says at which errors the session stops.
func (s *Session) StopAtErrors(at ErrorStops) { s.errors = at }

// Lines returns the lines with code, in order.
func (s *Session) Lines() []int { return slices.Sorted(maps.Keys(s.lines)) }

func (s *Session) check(b *Breakpoint) error {
	if b.Line > 0 {
		lines := s.Lines()
		at, _ := slices.BinarySearch(lines, b.Line)
		if at == len(lines) {
			return fmt.Errorf("no code is at or after line %d", b.Line)
		}
		b.Line = lines[at]
	}
	if b.Function != "" {
		if b.begins = Functions(s.chunk)[b.Function]; b.begins == 0 {
			return fmt.Errorf("there is no function %q in the source", b.Function)
		}
	}
	expressions := []string{b.Condition}
	parts, err := logParts(b.Log)
	if err != nil {
		return err
	}
	for _, p := range parts {
		expressions = append(expressions, p.expression)
	}
	for _, e := range expressions {
		if e == "" {
			continue
		}
		if _, err := lua.Parse("return ("+e+"\n)", "=expression"); err != nil {
			return fmt.Errorf("%q is not an expression: %w", e, err)
		}
	}
	if b.Hits != "" {
		if _, _, err := hitRule(b.Hits); err != nil {
			return err
		}
	}
	return nil
}

// matches says whether a breakpoint is at an event.
func (b *Breakpoint) matches(p place) bool {
	switch {
	case p.kind == called && b.Key != "":
		keys, writes := p.call.Keys()
		if b.Access == Write && !writes || b.Access == Read && writes {
			return false
		}
		if writes && len(keys) == 0 { // FLUSHALL and the like
			return true
		}
		return slices.ContainsFunc(keys, func(key string) bool { return glob.Match(b.Key, key) })
	case p.kind == statement && b.Function != "":
		return p.enters == b.begins
	case p.kind == statement && b.Line > 0:
		return p.line == b.Line
	}
	return false
}

// count counts what breakpoints count, on the way to an event.
func (r *run) count(p place) {
	for _, b := range r.s.breaks {
		if b.Hits == "" || !b.matches(p) {
			continue
		}
		if b.Condition != "" {
			if v, err := r.look(FrameID{p.thread, 0}, b.Condition); err == nil && !lua.Truth(v) {
				continue
			}
		}
		b.count++
	}
}

// hits says whether the run stops at an event because of a breakpoint or an error.
func (r *run) hits(p place) (stop Stop, hit bool) {
	for _, b := range r.s.breaks {
		if !b.matches(p) {
			continue
		}
		if b.Condition != "" {
			v, err := r.look(FrameID{p.thread, 0}, b.Condition)
			if err != nil { // a condition that is wrong must not hide the place
				stop.Error = "the condition failed: " + err.Error()
			} else if !lua.Truth(v) {
				continue
			}
		}
		b.count++
		if b.Hits != "" && !hitsEnough(b.Hits, b.count) {
			continue
		}
		if b.Log != "" {
			r.say(OutputPoint, r.logText(p, b.Log))
			continue
		}
		hit, stop.Reason = true, Break
		if b.Key != "" {
			stop.Reason = DataBreak
		}
		stop.Hits = append(stop.Hits, b.ID)
	}
	switch {
	case hit:
	case p.asks:
		return Stop{Reason: CodeBreak}, true
	case p.kind == raised && (r.s.errors.Caught || r.s.errors.Uncaught):
		if caught := r.caught(); caught && r.s.errors.Caught || !caught && r.s.errors.Uncaught {
			return Stop{Reason: Raised}, true
		}
	}
	return stop, hit
}

// caught says whether the script catches the error that is raised.
func (r *run) caught() bool {
	catches := func(co *lua.Coroutine) bool {
		return slices.ContainsFunc(r.state.Stack(co), lua.Frame.Catches)
	}
	if catches(nil) {
		return true
	}
	for _, co := range r.state.Coroutines() {
		if co.Status() != "suspended" && catches(co) {
			return true
		}
	}
	return false
}

// hitRule reads Breakpoint.Hits.
func hitRule(text string) (operator string, n int, err error) {
	text = strings.TrimSpace(text)
	number := strings.TrimLeft(text, "=<>% ")
	operator = strings.TrimSpace(text[:len(text)-len(number)])
	n, err = strconv.Atoi(number)
	if err != nil || n < 1 || !slices.Contains([]string{"", "=", "==", ">", ">=", "<", "<=", "%"}, operator) {
		return "", 0, errors.New("the number of hits must be like 3, >3, >=3, <3, <=3 or %3")
	}
	return operator, n, nil
}

func hitsEnough(rule string, count int) bool {
	operator, n, _ := hitRule(rule)
	switch operator {
	case ">":
		return count > n
	case ">=":
		return count >= n
	case "<":
		return count < n
	case "<=":
		return count <= n
	case "%":
		return count%n == 0
	}
	return count == n
}

type logPart struct{ text, expression string }

// logParts splits the text of a log point. A } in an expression ends it, as in other debuggers.
func logParts(text string) (parts []logPart, err error) {
	for text != "" {
		before, rest, ok := strings.Cut(text, "{")
		if !ok {
			return append(parts, logPart{text: text}), nil
		}
		expression, after, ok := strings.Cut(rest, "}")
		if !ok || strings.TrimSpace(expression) == "" {
			return nil, fmt.Errorf("%q is not the text of a log point: an expression stands in { and }", text)
		}
		parts = append(parts, logPart{before, expression})
		text = after
	}
	return parts, nil
}

func (r *run) logText(p place, text string) string {
	parts, _ := logParts(text)
	var b strings.Builder
	for _, part := range parts {
		b.WriteString(part.text)
		if part.expression == "" {
			continue
		}
		v, err := r.look(FrameID{p.thread, 0}, part.expression)
		switch s, ok := v.(string); {
		case err != nil:
			b.WriteString("(" + err.Error() + ")")
		case ok:
			b.WriteString(Part(s, 1000))
		default:
			b.WriteString(Text(v, 1000))
		}
	}
	return b.String()
}
