// Package cover collects which lines of Lua have run in tests, and writes them in the formats of Go and of lcov.
package cover

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"unicode"
	"unicode/utf8"

	"github.com/redis-rest/redis-rest-go/internal/engine/lua"
	"github.com/redis-rest/redis-rest-go/internal/engine/lua/ast"
	"github.com/redis-rest/redis-rest-go/internal/protocol/digest"
	"github.com/redis-rest/redis-rest-go/internal/workbench/trace"
)

// extension is that of the files in the folder of REDISTEST_LUACOVER.
const extension = ".luacov"

// A Source is a script or a library, and how often its lines ran.
type Source struct {
	Text string      `json:"source"`
	Hits map[int]int `json:"hits"` // by line, from 1
}

// A Set has sources by their digest.
type Set map[string]*Source

func (s Set) add(text string, line, hits int) {
	name := digest.Of(text)
	if s[name] == nil {
		s[name] = &Source{Text: text, Hits: map[int]int{}}
	}
	if line > 0 {
		s[name].Hits[line] += hits
	}
}

// A Collector collects the lines of a process. It is safe for concurrent use.
type Collector struct {
	mu  sync.Mutex
	set Set
}

// Add adds the lines of a run.
func (c *Collector) Add(run *trace.Run) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.set == nil {
		c.set = Set{}
	}
	c.set.add(run.Source, 0, 0)
	for i, line := range run.Lines {
		if line.Hits > 0 {
			c.set.add(run.Source, i, line.Hits)
		}
	}
}

// Write writes everything that was added to a file of this process in the folder, and replaces what it wrote before.
func (c *Collector) Write(dir string) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if len(c.set) == 0 {
		return nil
	}
	text, err := json.Marshal(c.set)
	if err != nil {
		return err
	}
	if err := os.MkdirAll(dir, 0o777); err != nil {
		return err
	}
	host, _ := os.Hostname()
	name := filepath.Join(dir, fmt.Sprintf("%s.%d%s", cmp.Or(host, "host"), os.Getpid(), extension))
	if err := os.WriteFile(name+".new", text, 0o666); err != nil {
		return err
	}
	return os.Rename(name+".new", name)
}

// Read reads the files of a folder.
func Read(dir string) (Set, error) {
	paths, err := filepath.Glob(filepath.Join(dir, "*"+extension))
	if err != nil {
		return nil, err
	}
	if len(paths) == 0 {
		return nil, fmt.Errorf("%s has no *%s: run the tests with REDISTEST_LUACOVER=%s", dir, extension, dir)
	}
	all := Set{}
	for _, path := range paths {
		text, err := os.ReadFile(path)
		if err != nil {
			return nil, err
		}
		var set Set
		if err := json.Unmarshal(text, &set); err != nil {
			return nil, fmt.Errorf("%s: %w", path, err)
		}
		for _, source := range set {
			if source == nil {
				return nil, fmt.Errorf("%s: a source is null", path)
			}
			all.add(source.Text, 0, 0)
			for line, hits := range source.Hits {
				all.add(source.Text, line, hits)
			}
		}
	}
	return all, nil
}

// A File is a source with its name.
type File struct {
	Path  string // absolute
	Text  string
	Lines []Line
}

// A Line is a line with code.
type Line struct {
	Number     int
	Statements int
	Hits       int
}

// Files names the sources: a file *.lua below root that has the same text, or else a file that it writes into the folder.
func (s Set) Files(root, dir string) ([]File, error) {
	names := map[string]string{}
	root, err := filepath.Abs(root)
	if err != nil {
		return nil, err
	}
	err = filepath.WalkDir(root, func(path string, entry fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return nil // it cannot be read
		case entry.IsDir() && (entry.Name() == "node_modules" || strings.HasPrefix(entry.Name(), ".") && path != root):
			return fs.SkipDir
		case filepath.Ext(path) != ".lua" || !entry.Type().IsRegular():
			return nil
		}
		text, err := os.ReadFile(path)
		if name := digest.Of(string(text)); err == nil && s[name] != nil && names[name] == "" {
			names[name] = path
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	var files []File
	for _, name := range slices.Sorted(maps.Keys(s)) {
		source := s[name]
		lines, err := codeLines(source.Text)
		if err != nil {
			continue // Redis did not compile it either
		}
		for i := range lines {
			lines[i].Hits = source.Hits[lines[i].Number]
		}
		path := names[name]
		if path == "" {
			if path, err = filepath.Abs(filepath.Join(dir, name+".lua")); err != nil {
				return nil, err
			}
			if err := errors.Join(os.MkdirAll(dir, 0o777), os.WriteFile(path, []byte(strings.TrimSuffix(source.Text, "\n")+"\n"), 0o666)); err != nil {
				return nil, err
			}
		}
		files = append(files, File{path, source.Text, lines})
	}
	slices.SortFunc(files, func(a, b File) int { return strings.Compare(a.Path, b.Path) })
	return files, nil
}

// codeLines returns the lines on which a statement begins, or the condition of an elseif or until.
func codeLines(text string) ([]Line, error) {
	body := text
	if strings.HasPrefix(text, "#!") {
		_, _, ok := strings.Cut(text, "\n")
		if !ok {
			return nil, errors.New("the first line does not end")
		}
		body = text[strings.IndexByte(text, '\n'):]
	}
	tree, err := lua.Parse(body, "=source")
	if err != nil {
		return nil, err
	}
	count := ast.Lines(tree)
	var lines []Line
	for _, n := range slices.Sorted(maps.Keys(count)) {
		lines = append(lines, Line{Number: n, Statements: count[n]})
	}
	return lines, nil
}

// Percent returns how many of the statements ran, in percent.
func (f File) Percent() float64 {
	ran, all := 0, 0
	for _, line := range f.Lines {
		if all += line.Statements; line.Hits > 0 {
			ran += line.Statements
		}
	}
	if all == 0 {
		return 100
	}
	return 100 * float64(ran) / float64(all)
}

// WriteProfile writes a profile for go tool cover.
func WriteProfile(w io.Writer, files []File) error {
	var b strings.Builder
	b.WriteString("mode: count\n")
	for _, f := range files {
		text := strings.Split(f.Text, "\n")
		for _, line := range f.Lines {
			if line.Number > len(text) {
				continue // of a source whose lines end with \r alone
			}
			row := strings.TrimRight(text[line.Number-1], "\r")
			begin := len(row) - len(strings.TrimLeftFunc(row, unicode.IsSpace)) + 1
			shift := 0
			if line.Number == 1 {
				shift = 1 // go tool cover counts the columns of the first line from 2
			}
			fmt.Fprintf(&b, "%s:%d.%d,%d.%d %d %d\n", f.Path, line.Number, begin+shift, line.Number, len(row)+1+shift, line.Statements, line.Hits)
		}
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// WriteLCOV writes the files in the format of lcov.
func WriteLCOV(w io.Writer, files []File) error {
	var b strings.Builder
	for _, f := range files {
		fmt.Fprintf(&b, "TN:\nSF:%s\n", f.Path)
		hit := 0
		for _, line := range f.Lines {
			fmt.Fprintf(&b, "DA:%d,%d\n", line.Number, line.Hits)
			if line.Hits > 0 {
				hit++
			}
		}
		fmt.Fprintf(&b, "LF:%d\nLH:%d\nend_of_record\n", len(f.Lines), hit)
	}
	_, err := io.WriteString(w, strings.ToValidUTF8(b.String(), string(utf8.RuneError)))
	return err
}
