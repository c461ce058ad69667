package restserver

import (
	"bytes"
	"context"
	"encoding/json"
	"net/http"
	"strings"
	"unicode/utf8"

	"github.com/redis-rest/redis-rest-go/internal/engine/keyspace"
	"github.com/redis-rest/redis-rest-go/internal/workbench/debug"
	"github.com/redis-rest/redis-rest-go/internal/workbench/lint"
	workbench "github.com/redis-rest/redis-rest-go/internal/workbench/trace"
	"github.com/redis-rest/redis-rest-go/restserver/console"
)

// consoleFile answers what the console needs before it has a token. It says whether the request was for it.
func (s *Server) consoleFile(w http.ResponseWriter, r *http.Request) bool {
	if !s.config.Console {
		return false
	}
	if console.Wants(r) {
		console.ServePage(w, r)
		return true
	}
	return console.ServeFile(w, r)
}

// maxLint is the largest script that is checked.
const maxLint = 1 << 20

// workbench answers what the console asks for beyond the protocol. It says whether the request was for it.
func (c *call) workbench(w http.ResponseWriter, r *http.Request) bool {
	if !c.config.Console {
		return false
	}
	_, embedded := c.db.(inMemory)
	var result any
	switch r.URL.Path {
	case console.Path + "about":
		name := c.backend.name
		if c.confined { // its address is none of their business
			name = "a shared database"
		}
		result = map[string]any{"backend": name, "embedded": embedded, "readOnly": c.may == reading}
	case console.Path + "lint":
		source, err := c.body(w, r, maxLint)
		if err != nil {
			c.refuseWith(w, r, err)
			return true
		}
		target := lint.Redis7
		if c.config.LikeHosted {
			target, _ = lint.ParseTarget("hosted")
		}
		result = append([]lint.Finding{}, lint.Run(string(source), target)...)
	case console.Path + "trace", console.Path + "debug":
		show := c.trace
		if r.URL.Path == console.Path+"debug" {
			show = c.steps
		}
		text, err := show(w, r)
		if err != nil {
			c.refuseWith(w, r, err)
			return true
		}
		w.Write(text)
		return true
	default:
		return false
	}
	text, _ := json.Marshal(map[string]any{"result": result})
	w.Write(text)
	return true
}

// scriptOnCopy reads a request with a command that runs a script, and copies the embedded database for it.
func (c *call) scriptOnCopy(w http.ResponseWriter, r *http.Request) (args []string, db *keyspace.DB, err error) {
	own, embedded := c.db.(inMemory)
	switch {
	case !embedded:
		return nil, nil, badRequest("ERR only scripts of the embedded database can be watched: a Redis does not tell what its scripts do")
	case c.may != everything || c.confined:
		return nil, nil, badRequest("NOPERM this user has no permissions to watch scripts")
	}
	body, err := c.body(w, r, c.config.MaxBodyBytes)
	if err != nil {
		return nil, nil, err
	}
	args, ok := readCommand(body)
	if !ok || !utf8.Valid(body) || len(args) == 0 {
		return nil, nil, badRequest("ERR failed to parse command: the body must be a JSON array")
	}
	cmd, err := newCommand(args)
	if err != nil || !cmd.runsScript() {
		return nil, nil, badRequest("ERR only a script can be watched: EVAL, EVALSHA or FCALL")
	}
	// A script with the flag allow-key-locking runs without the code that enforces it, which is not the user's. A trace marks undeclared keys anyway.
	if first, rest, ok := strings.Cut(cmd.arg(1), "\n"); ok && strings.HasPrefix(first, "#!lua") && strings.HasPrefix(cmd.name, "EVAL") {
		first, _ = cutLocking(first)
		cmd.args[1] = first + "\n" + rest
	}
	if db, err = own.Clone(); err != nil {
		return nil, nil, badRequest(err.Error())
	}
	return cmd.args, db, nil
}

// trace runs a script on a copy of the database, and returns {"result": …} with what it did.
func (c *call) trace(w http.ResponseWriter, r *http.Request) ([]byte, error) {
	args, before, err := c.scriptOnCopy(w, r)
	if err != nil {
		return nil, err
	}
	defer before.Close()
	after, err := before.Clone()
	if err != nil {
		return nil, badRequest(err.Error())
	}
	defer after.Close()
	recorder := &workbench.LineRecorder{}
	after.Watch(recorder)
	ctx, cancel := context.WithTimeout(r.Context(), c.config.Timeout)
	defer cancel()
	reply := after.Do(ctx, args)
	after.Watch(nil)
	runs := recorder.Runs()
	if len(runs) == 0 { // it did not begin
		if failure, ok := workbench.Value(reply).(workbench.Error); ok {
			return nil, badRequest(failure.Error())
		}
		return nil, notRun{errTimeout}
	}
	keys, _ := runs[0].Touched()
	keys = keys[:min(len(keys), maxTouched)]
	report := workbench.Report{Run: runs[0], Changes: workbench.Changes(workbench.SnapKeys(r.Context(), before, keys), workbench.SnapKeys(r.Context(), after, keys))}
	var text bytes.Buffer
	text.WriteString(`{"result":`)
	if err := report.WriteJSON(&text); err != nil {
		return nil, err
	}
	text.WriteString("}")
	return text.Bytes(), nil
}

// maxTouched is the largest number of keys whose changes a trace shows.
const maxTouched = 1000

// A step is a moment of a run: a statement is about to run, or a call of Redis has returned.
type step struct {
	Line  int     `json:"line"`
	Call  string  `json:"call,omitempty"` // that has returned
	Reply string  `json:"reply,omitempty"`
	Error string  `json:"error,omitempty"` // that is raised
	Stack []frame `json:"stack"`           // the innermost function first
}

type frame struct {
	Name      string      `json:"name"`
	Line      int         `json:"line"`
	Variables [][2]string `json:"variables"` // names and values, the innermost first
}

// What is recorded of a run.
const (
	maxSteps     = 2000
	maxFrames    = 10
	maxVariables = 50
	maxText      = 300      // of a value
	maxRecording = 16 << 20 // of all texts
)

// steps runs a script on a copy of the database step by step, and returns {"result": …} with all steps, so that the page can go to each.
func (c *call) steps(w http.ResponseWriter, r *http.Request) ([]byte, error) {
	args, db, err := c.scriptOnCopy(w, r)
	if err != nil {
		return nil, err
	}
	defer db.Close()
	ctx, cancel := context.WithTimeout(r.Context(), c.config.Timeout)
	defer cancel()
	session, err := debug.Start(ctx, db, args)
	if err != nil {
		return nil, badRequest(err.Error())
	}
	defer session.Close()
	steps, size := []step{}, 0
	stop := session.Now()
	for stop.Reason != debug.Ended && len(steps) < maxSteps && size < maxRecording {
		s := step{Line: stop.Line, Error: stop.Error, Stack: []frame{}}
		if stop.Call != nil {
			s.Call, s.Reply = workbench.Words(stop.Call.Words), workbench.Text(stop.Call.Reply)
		}
		size += 200 + len(s.Call) + len(s.Reply) + len(s.Error)
		stack := session.Stack(session.Thread())
		for _, f := range stack[:min(len(stack), maxFrames)] {
			shown := frame{Name: session.Name(f), Line: f.Line(), Variables: [][2]string{}}
			variables := append(f.Locals(), f.Upvalues()...)
			for _, v := range variables[:min(len(variables), maxVariables)] {
				value := debug.Text(v.Value, maxText)
				shown.Variables = append(shown.Variables, [2]string{v.Name, value})
				size += len(v.Name) + len(value) + 20
			}
			s.Stack = append(s.Stack, shown)
		}
		steps = append(steps, s)
		if stop, err = session.To(ctx, stop.Event+1); err != nil {
			return nil, badRequest(err.Error())
		}
		if ctx.Err() != nil {
			return nil, notRun{errTimeout}
		}
	}
	result := map[string]any{"steps": steps, "more": stop.Reason != debug.Ended}
	if stop.Reason == debug.Ended {
		result["reply"] = workbench.Text(stop.Reply)
	}
	return json.Marshal(map[string]any{"result": result})
}
