package main

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"time"

	"github.com/redis-rest/redis-rest-go/internal/testkit/mdtable"
)

// A report is what a run found.
type report struct {
	rows     []row
	sections []string
	took     time.Duration
}

// A row is a target, and what was reached.
type row struct {
	work, measure, target string
	value                 *estimate // nil where it was not measured
	met                   bool
	quoted                string // how the README calls it; "" where it does not
}

// atMost notes a value that may be as large as most, which is shown as target.
func (r *report) atMost(work, measure string, value estimate, most float64, target string) {
	r.rows = append(r.rows, row{work, measure, "≤ " + target, &value, value.median <= most, ""})
}

// atLeast notes a value that must be as large as least.
func (r *report) atLeast(work, measure string, value estimate, least float64, target string) {
	r.rows = append(r.rows, row{work, measure, "≥ " + target, &value, value.median >= least, ""})
}

// missing notes what could not be measured here.
func (r *report) missing(work, measure, target string) {
	r.rows = append(r.rows, row{work: work, measure: measure, target: target})
}

// quote has the README show the row that was noted last, under this name.
func (r *report) quote(name string) { r.rows[len(r.rows)-1].quoted = name }

// quotes is the README's table.
func (r *report) quotes() [][]string {
	rows := [][]string{{"", "ratio", "95 % interval", "target"}}
	for _, row := range r.rows {
		switch {
		case row.quoted == "":
		case row.value == nil:
			rows = append(rows, []string{row.quoted, "not measured", "", row.target})
		case row.met:
			rows = append(rows, []string{row.quoted, row.value.String(), row.value.interval(), row.target})
		default:
			rows = append(rows, []string{row.quoted, "**" + row.value.String() + "**", row.value.interval(), row.target + ", missed"})
		}
	}
	return rows
}

func (r *report) table() string {
	t := table{{"work", "measure", "target", "reached", "95 % interval", "met"}}
	for _, row := range r.rows {
		switch {
		case row.value == nil:
			t.add(row.work, row.measure, row.target, "not measured here", "", "")
		case row.met:
			t.add(row.work, row.measure, row.target, row.value.String(), row.value.interval(), "yes")
		default:
			t.add(row.work, row.measure, row.target, row.value.String(), row.value.interval(), "**no**")
		}
	}
	return t.String()
}

// section adds what lies behind the rows.
func (r *report) section(title string, content ...fmt.Stringer) {
	var s strings.Builder
	fmt.Fprintf(&s, "\n## %s\n", title)
	for _, c := range content {
		fmt.Fprintf(&s, "\n%s", c)
	}
	r.sections = append(r.sections, s.String())
}

func (r *report) details() string { return strings.Join(r.sections, "") }

func (r *report) write(dir string) error {
	var s strings.Builder
	fmt.Fprintf(&s, `# What was measured

By `+"`go run .`"+` in this folder, which overwrites this page; it took %v on %s.

In every comparison each client does a slice of its work in each round, in an order drawn anew, so that what else the machine does
meets all alike. A ratio is the median of those of the rounds, with the interval that holds it in 95 of 100 cases (bootstrap). Each client, and the
server, is a process of its own. CPU is what the kernel counts for the client's process alone.

`, r.took.Round(time.Second), machine())
	if *quick {
		s.WriteString("**This was a quick run, with few and short slices: the intervals are wide.**\n\n")
	}
	s.WriteString(r.table())
	s.WriteString(r.details())
	if err := os.WriteFile(filepath.Join(dir, "RESULTS.md"), []byte(s.String()), 0o644); err != nil || *quick {
		return err
	}
	return mdtable.Write(filepath.Join(dir, "..", "README.md"), "speed", r.quotes())
}

// machine says what the run is on.
func machine() string {
	parts := []string{fmt.Sprintf("%d cores, %s/%s, %s", runtime.NumCPU(), runtime.GOOS, runtime.GOARCH, strings.Replace(runtime.Version(), "go", "Go ", 1))}
	for _, program := range [][]string{{"node", "--version"}, {"redis-server", "--version"}} {
		if out, err := exec.Command(program[0], program[1:]...).Output(); err == nil {
			version := strings.Fields(strings.ReplaceAll(string(out), "v=", ""))
			parts = append(parts, program[0]+" "+strings.TrimPrefix(version[min(2, len(version)-1)], "v"))
		}
	}
	return strings.Join(parts, ", ")
}

// A table is one of Markdown, the head first.
type table [][]string

func (t *table) add(cells ...string) { *t = append(*t, cells) }

func (t table) String() string {
	var s strings.Builder
	for i, cells := range t {
		fmt.Fprintf(&s, "| %s |\n", strings.Join(cells, " | "))
		if i == 0 {
			s.WriteString(strings.Repeat("|---", len(cells)) + "|\n")
		}
	}
	return s.String()
}

// A paragraph is text.
type paragraph string

func (p paragraph) String() string { return string(p) + "\n" }
