package main

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"time"
)

// A report holds the results of a run.
type report struct {
	rows     []row
	sections []string
	took     time.Duration
}

// A row is a target and the measured value.
type row struct {
	work, measure, target string
	value                 *estimate // nil if it was not measured
	met                   bool
}

// atMost adds a target whose value may be at most most. It is shown as target.
func (r *report) atMost(work, measure string, value estimate, most float64, target string) {
	r.rows = append(r.rows, row{work, measure, "≤ " + target, &value, value.median <= most})
}

// atLeast adds a target whose value must be at least least. It is shown as target.
func (r *report) atLeast(work, measure string, value estimate, least float64, target string) {
	r.rows = append(r.rows, row{work, measure, "≥ " + target, &value, value.median >= least})
}

// missing adds a target that could not be measured here.
func (r *report) missing(work, measure, target string) {
	r.rows = append(r.rows, row{work: work, measure: measure, target: target})
}

func (r *report) table() table {
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
	return t
}

// section adds a section with details.
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

In every comparison each client does a slice of its work in each round, in a new random order. Other work of the machine therefore affects all
clients equally. A ratio is the median of the ratios of all rounds. Beside it is its 95 %% confidence interval (bootstrap). Each client and
the server is a separate process. CPU is the CPU time that the kernel counts for the client's process alone.

`, r.took.Round(time.Second), machine())
	if *quick {
		s.WriteString("**This was a quick run, with few and short slices: the intervals are wide.**\n\n")
	}
	s.WriteString(marked{targetsTable, r.table()}.String())
	s.WriteString(r.details())
	if err := os.WriteFile(filepath.Join(dir, results), []byte(s.String()), 0o644); err != nil || *quick {
		return err
	}
	return draw(dir)
}

// machine describes the machine of the run.
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

// A table is a Markdown table. The first row is its head.
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

// A marked table stands between lines with its name, so that draw finds it.
type marked struct {
	name string
	table
}

func (m marked) String() string {
	return fmt.Sprintf("<!-- %s -->\n%s<!-- /%s -->\n", m.name, m.table, m.name)
}

// A paragraph is text.
type paragraph string

func (p paragraph) String() string { return string(p) + "\n" }
