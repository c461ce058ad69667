package redistest

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"

	"github.com/redis-rest/redis-rest-go/internal/workbench/cover"
	"github.com/redis-rest/redis-rest-go/internal/workbench/trace"
)

// coverVariable names the folder for the lines of Lua that have run.
const coverVariable = "REDISTEST_LUACOVER"

// covered has the lines of all tests of the process, by the folder.
var covered sync.Map

// DeclaredKeys fails the test if a script or a function touches a key that the caller did not pass as one. It needs the embedded
// database, and chooses it if no other one is chosen.
func DeclaredKeys() Option { return option(func(o *options) { o.declaredKeys = true }) }

// A Run is one execution of a script or a function.
type Run struct {
	Script string // the script's digest ([redis.Script.SHA]), or the function's name
	Keys   []string
	Args   []string
	Calls  []Call
	Error  string // what the caller got, if it was an error
}

// A Call is a call of redis.call or redis.pcall.
type Call struct {
	Line  int      // of the script
	Words []string // the command
	Reply any      // a string, an int64, nil, a []any, or an error
}

// String returns the call on one line, with its reply. A long one is shown in part.
func (c Call) String() string {
	return fmt.Sprintf("line %d: %s → %s", c.Line, trace.Words(c.Words), trace.Show(c.Reply, 200))
}

// Trace returns the executions of scripts and functions that have ended so far, in their order, with all calls of Redis. It
// drops the oldest ones if they need too much memory. The test fails with any database but the embedded one.
func (s *Server) Trace() []Run {
	s.t.Helper()
	if s.runs == nil {
		s.t.Fatalf(`redistest: only scripts of the embedded database can be traced, not those of %s: use redistest.Backend("memory")`, s.server.Backend())
	}
	var list []Run
	for _, r := range s.runs() {
		if r.Reply == nil {
			continue // the code of a library
		}
		run := Run{Script: r.Script, Keys: r.Keys, Args: r.Args}
		if err, ok := trace.Value(r.Reply).(trace.Error); ok {
			run.Error = err.Error()
		}
		for _, c := range r.Calls {
			run.Calls = append(run.Calls, Call{c.Line, c.Words, trace.Value(c.Reply)})
		}
		list = append(list, run)
	}
	return list
}

// watch watches the scripts of the embedded database.
func (s *Server) watch(log *testLog, declaredKeys bool) {
	s.t.Helper()
	dir := os.Getenv(coverVariable)
	if dir != "" && !filepath.IsAbs(dir) {
		s.t.Fatalf("redistest: %s is not a full path, and tests run in different folders", coverVariable)
	}
	collector, _ := covered.LoadOrStore(dir, &cover.Collector{})
	lines := &trace.LineRecorder{}
	recorder := &lines.Recorder
	var err error
	if dir == "" {
		err = s.server.Watch(recorder)
	} else {
		err = s.server.Watch(lines)
	}
	if err != nil {
		if declaredKeys {
			s.t.Fatalf("redistest: DeclaredKeys: %v", err)
		}
		return
	}
	s.runs = recorder.Runs
	recorder.Ended = func(r *trace.Run) {
		if dir != "" {
			collector.(*cover.Collector).Add(r)
		}
		if declaredKeys {
			if keys := r.Undeclared(); len(keys) > 0 {
				log.write(s.t.Errorf, "redistest: the script %s touched keys that are not in KEYS: %s", r.Script, trace.Words(keys))
			}
		}
		if r.Failed() {
			log.write(s.t.Logf, "redistest: %s%s", trace.Value(r.Reply), lastCalls(r))
		}
	}
	if dir != "" {
		s.t.Cleanup(func() {
			if err := collector.(*cover.Collector).Write(dir); err != nil {
				s.t.Errorf("redistest: %s: %v", coverVariable, err)
			}
		})
	}
}

// lastCalls returns the last ten calls of a run, each on a line of its own.
func lastCalls(r *trace.Run) string {
	const most = 10
	var b strings.Builder
	calls := r.Calls
	if len(calls) > most {
		fmt.Fprintf(&b, "\n\t… %d calls before", len(calls)-most)
		calls = calls[len(calls)-most:]
	}
	for _, c := range calls {
		b.WriteString("\n\t" + Call{c.Line, c.Words, trace.Value(c.Reply)}.String())
	}
	return b.String()
}
