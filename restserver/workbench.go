package restserver

import (
	"bytes"
	"context"
	"encoding/json"
	"net/http"
	"unicode/utf8"

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
		result = map[string]any{"backend": c.backend.name, "embedded": embedded, "readOnly": c.may == reading}
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
	case console.Path + "trace":
		text, err := c.trace(w, r)
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

// trace runs a command that runs a script, on a copy of the embedded database, and returns {"result": …} with what the script did.
func (c *call) trace(w http.ResponseWriter, r *http.Request) ([]byte, error) {
	db, embedded := c.db.(inMemory)
	switch {
	case !embedded:
		return nil, badRequest("ERR only scripts of the embedded database can be traced: a Redis does not tell what its scripts do")
	case c.may != everything || c.confined:
		return nil, badRequest("NOPERM this user has no permissions to trace scripts")
	}
	body, err := c.body(w, r, c.config.MaxBodyBytes)
	if err != nil {
		return nil, err
	}
	args, ok := readCommand(body)
	if !ok || !utf8.Valid(body) || len(args) == 0 {
		return nil, badRequest("ERR failed to parse command: the body must be a JSON array")
	}
	if cmd, err := newCommand(args); err != nil || !cmd.runsScript() {
		return nil, badRequest("ERR only a script can be traced: EVAL, EVALSHA or FCALL")
	}
	before, err := db.Clone()
	if err != nil {
		return nil, badRequest(err.Error())
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
