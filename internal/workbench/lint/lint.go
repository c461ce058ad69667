// Package lint finds mistakes in Lua for Redis: what Redis refuses, and what a reader would miss.
package lint

import (
	"cmp"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/redis-rest/redis-rest-go/internal/engine/lua"
	"github.com/redis-rest/redis-rest-go/internal/engine/lua/ast"
	"github.com/redis-rest/redis-rest-go/internal/engine/script"
)

// A Severity says how sure it is that something goes wrong.
type Severity string

// The severities. A note may be meant.
const (
	Note    Severity = "note"
	Warning Severity = "warning"
	Error   Severity = "error"
)

// A Check is a kind of mistake. docs/lint.md has examples of each.
type Check struct {
	Code     string   `json:"code"`
	Severity Severity `json:"severity"`
	Title    string   `json:"title"`
}

// Checks are all checks.
var Checks = []Check{
	{"R01", Error, "Redis cannot compile the source."},
	{"R02", Error, "A script may neither read nor set a global variable that Redis does not define."},
	{"R03", Error, "The library has no such function."},
	{"R04", Error, "The target has no such command or subcommand."},
	{"R05", Error, "The command takes another number of arguments."},
	{"R06", Error, "Scripts may not call the command."},
	{"R07", Error, "A script or function that only reads, by its flag or its annotation, may not write."},
	{"R08", Error, "Redis refuses the first line."},
	{"A01", Error, "The annotation is wrong."},
	{"A02", Error, "The annotations do not declare this key or argument."},
	{"A03", Error, "Nothing reads the declared key or argument."},
	{"A04", Error, "The annotations declare another reply than the one that is returned."},
	{"K01", Note, "A key that is built from KEYS may be in another slot than the key it is built from."},
	{"K02", Warning, "A key that is not in KEYS breaks the script on a cluster, and on a service that checks keys."},
	{"M01", Warning, "A missing value is false in a script, or nil after redis.setresp(3), so the comparison never holds."},
	{"M02", Warning, "The reply is a number, and 0 is true in Lua."},
	{"M03", Warning, "A status reply is a table with a field ok, so it never equals a string."},
	{"M04", Warning, "The reply of HGETALL is a list of names and values, so it has no fields by name."},
	{"M05", Warning, "Redis cuts the fraction off a number that a script returns, and numbers above 2^53 are not exact."},
	{"M06", Warning, "The text of a large number is rounded to 14 digits, such as 1.7643967571235e+15."},
	{"M07", Warning, "A returned table ends at its first nil, and fields by name are dropped."},
	{"M08", Warning, "A reply that may be missing is used as a number or text without a test."},
	{"M09", Warning, "An argument or a reply is text, so it never equals a number, and < compares it letter by letter."},
	{"M10", Warning, "unpack fails on more than about 8,000 values."},
	{"M11", Warning, "The script looks at all keys, or its SCAN loop does not end."},
	{"M12", Warning, "The error that pcall returns is ignored."},
	{"M13", Note, "The script sets an expiry elsewhere, and none on this counter."},
	{"M14", Note, "If the time is not a positive integer, the command fails after the key was written, and the key never expires."},
	{"L01", Warning, "The local variable is never used."},
	{"L02", Note, "The local variable hides another one of the same name."},
	{"L03", Warning, "The code can never run."},
	{"L04", Warning, "The value is never read."},
	{"I01", Warning, "The comment ignores nothing: it needs a known code and a reason."},
}

func check(code string) Check {
	i := slices.IndexFunc(Checks, func(c Check) bool { return c.Code == code })
	return Checks[i]
}

// A Finding is one mistake in a source.
type Finding struct {
	Check
	Line    int    `json:"line"`
	Column  int    `json:"column"` // from 1, in characters
	Message string `json:"message"`
}

// A Target is the version of Redis that runs the script.
type Target struct {
	version int // 700 for 7.0
	hosted  bool
}

// Redis7 is Redis 7.0.
var Redis7 = Target{version: 700}

// ParseTarget reads a version such as 7.2, or hosted.
func ParseTarget(text string) (Target, error) {
	if text == "hosted" {
		return Target{version: 999, hosted: true}, nil
	}
	v, ok := versionOf(text)
	if !ok || v < 700 {
		return Target{}, fmt.Errorf("the target %q is neither a version from 7.0, nor hosted", text)
	}
	return Target{version: v}, nil
}

// versionOf reads the first two numbers of a version.
func versionOf(text string) (v int, ok bool) {
	parts := strings.Split(text, ".")
	if len(parts) < 2 {
		return 0, false
	}
	major, err1 := strconv.Atoi(parts[0])
	minor, err2 := strconv.Atoi(parts[1])
	return 100*major + minor, err1 == nil && err2 == nil && major >= 0 && minor >= 0
}

// IsLibrary says whether a source is a library of functions, and not a script.
func IsLibrary(source string) bool {
	line, _, _ := strings.Cut(source, "\n")
	return strings.HasPrefix(line, "#!") && strings.Contains(strings.ToLower(line), "name=")
}

// syntaxLine finds the line in what the compiler says.
var syntaxLine = regexp.MustCompile(`^user_(?:script|function):(\d+):`)

// Syntax returns why Redis cannot compile a source, in its words, and the line; "" if it can. Flags
// and names in the first line are not looked at.
func Syntax(source string, library bool) (line int, refusal string) {
	body := source
	if strings.HasPrefix(source, "#!") {
		end := strings.IndexByte(source, '\n')
		switch {
		case end < 0 && library:
			return 1, "Invalid library metadata"
		case end < 0:
			return 1, "Invalid script shebang"
		}
		body = source[end:] // with its line break, so that lines are counted as in source
	} else if library {
		return 1, "Missing library metadata"
	}
	_, line, refusal = parse(body, library)
	return line, refusal
}

func parse(body string, library bool) (tree *ast.Function, line int, refusal string) {
	chunk, prefix := "@user_script", "Error compiling script (new function): "
	if library {
		chunk, prefix = "@user_function", "Error compiling function: "
	}
	tree, err := lua.Parse(body, chunk)
	if err == nil {
		return tree, 0, ""
	}
	if m := syntaxLine.FindStringSubmatch(err.Error()); m != nil {
		line, _ = strconv.Atoi(m[1])
	}
	return nil, line, prefix + err.Error()
}

// Run finds the mistakes in a script or a library.
func Run(source string, target Target) []Finding {
	l := &linter{source: source, target: target, inLibrary: IsLibrary(source)}
	l.run()
	return l.sorted()
}

// sorted returns the findings in the order of the source.
func (l *linter) sorted() []Finding {
	findings := l.ignored()
	slices.SortStableFunc(findings, func(a, b Finding) int {
		return cmp.Or(a.Line-b.Line, a.Column-b.Column, strings.Compare(a.Code, b.Code))
	})
	return slices.Compact(findings)
}

func (l *linter) run() {
	var newer []string
	if l.target.hosted {
		newer = []string{"allow-key-locking"}
	}
	body, refusal := l.source, ""
	if strings.HasPrefix(l.source, "#!") {
		if body, refusal = script.CheckShebang(l.source, l.inLibrary, newer...); refusal != "" {
			l.at(1, 1, "R08", refusal)
			return
		}
	}
	l.offset = len(l.source) - len(body)
	tree, line, refusal := parse(body, l.inLibrary)
	if refusal != "" {
		l.at(max(line, 1), 1, "R01", refusal)
		return
	}
	if first, _, _ := strings.Cut(l.source, "\n"); !l.inLibrary && strings.Contains(first, "no-writes") && l.offset > 0 {
		l.readOnly = true
	}
	l.readAnnotations()
	l.check(tree)
	l.checkAnnotations(tree)
}

// at adds a finding.
func (l *linter) at(line, column int, code, message string) {
	l.findings = append(l.findings, Finding{check(code), line, column, message})
}

// report adds a finding at a place in the tree.
func (l *linter) report(code string, pos ast.Pos, format string, a ...any) {
	at := min(int(pos)+l.offset, len(l.source))
	if l.lines == nil {
		l.lines = []int{0}
		for i := range len(l.source) {
			if l.source[i] == '\n' {
				l.lines = append(l.lines, i+1)
			}
		}
	}
	line, ok := slices.BinarySearch(l.lines, at)
	if !ok {
		line--
	}
	l.at(line+1, utf8.RuneCountInString(l.source[l.lines[line]:at])+1, code, fmt.Sprintf(format, a...))
}

// ignoreComment finds the comment that ignores a finding.
var ignoreComment = regexp.MustCompile(`--\s*lint:ignore\b[ \t]*([A-Z]\d\d)?[ \t]*(.*)`)

// ignored returns the findings without those that comments ignore. Each comment ignores one finding, of its line or, if it is alone
// on its line, of the next line with code.
func (l *linter) ignored() []Finding {
	if !strings.Contains(l.source, "lint:ignore") {
		return l.findings
	}
	lines := strings.Split(l.source, "\n")
	for i, line := range lines {
		m := ignoreComment.FindStringSubmatchIndex(line)
		if m == nil {
			continue
		}
		if m[2] < 0 || strings.TrimSpace(line[m[4]:m[5]]) == "" || !slices.ContainsFunc(Checks, func(c Check) bool { return c.Code == line[m[2]:m[3]] }) {
			l.at(i+1, utf8.RuneCountInString(line[:m[0]])+1, "I01", "the comment ignores nothing: write -- lint:ignore CODE reason")
			continue
		}
		at := i
		if strings.TrimSpace(line[:m[0]]) == "" {
			for at++; at < len(lines)-1; at++ {
				if text := strings.TrimSpace(lines[at]); text != "" && !strings.HasPrefix(text, "--") {
					break
				}
			}
		}
		found := slices.IndexFunc(l.findings, func(f Finding) bool { return f.Line == at+1 && f.Code == line[m[2]:m[3]] })
		if found >= 0 {
			l.findings = slices.Delete(l.findings, found, found+1)
		}
	}
	return l.findings
}
