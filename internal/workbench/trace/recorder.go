// Package trace records what scripts do: their calls of Redis, the lines that run, and the time of each.
package trace

import (
	"bytes"
	"maps"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/redis-rest/redis-rest-go/internal/engine/lua"
	"github.com/redis-rest/redis-rest-go/internal/engine/script"
	"github.com/redis-rest/redis-rest-go/internal/protocol/commandtable"
	"github.com/redis-rest/redis-rest-go/internal/protocol/resp"
)

// A Run is one execution of a script or a function.
type Run struct {
	Script string // the digest of the script, or the name of the function
	Source string
	Keys   []string
	Args   []string
	Calls  []Call
	Lost   int           // calls that were not kept, because there were too many
	Lines  []Line        // by number, from 0; empty unless lines are recorded
	Time   time.Duration // of all of it
	Reply  []byte        // in RESP2
}

// A Line is what happened on a line of the source.
type Line struct {
	Hits int
	Time time.Duration // with its calls of Redis
}

// A Call is a call of redis.call or redis.pcall.
type Call struct {
	Line  int // 0 if it is not known
	Words []string
	Reply []byte
	Time  time.Duration
}

// Keys returns the keys of a call, and whether it may write. A call that Redis refuses has none.
func (c Call) Keys() (keys []string, writes bool) {
	command, ok := commandtable.Find(c.Words)
	if !ok {
		return nil, false
	}
	at, err := command.Keys(c.Words)
	if err != nil {
		return nil, false
	}
	for _, i := range at {
		keys = append(keys, c.Words[i])
	}
	return keys, command.Flags.Has(commandtable.Write)
}

// Undeclared returns the keys of the run's calls that are not among its KEYS, in order.
func (r *Run) Undeclared() []string {
	var list []string
	for _, c := range r.Calls {
		keys, _ := c.Keys()
		for _, key := range keys {
			if !slices.Contains(r.Keys, key) && !slices.Contains(list, key) {
				list = append(list, key)
			}
		}
	}
	return list
}

// Failed says whether the run raised an error. A script that returns an error has not failed.
func (r *Run) Failed() bool {
	return len(r.Reply) > 0 && r.Reply[0] == '-' && bytes.Contains(r.Reply, []byte(" script: "+r.Script+", on "))
}

// A Recorder is a watcher that keeps the runs. It drops the oldest runs if they need too much memory.
type Recorder struct {
	Ended func(r *Run) // gets each run that has ended; nil if nobody wants it

	mu      sync.Mutex
	runs    []*Run
	size    int
	run     *Run
	runSize int
	began   time.Time
}

// The memory of a run, and of all runs.
const (
	maxRun  = 16 << 20
	maxRuns = 64 << 20
)

// Runs returns the runs that have ended, the oldest first.
func (r *Recorder) Runs() []*Run {
	r.mu.Lock()
	defer r.mu.Unlock()
	return slices.Clone(r.runs)
}

// Begin begins a run.
func (r *Recorder) Begin(run script.Run) {
	r.run = &Run{Script: run.Script, Source: run.Source, Keys: slices.Clone(run.Keys), Args: slices.Clone(run.Args)}
	r.runSize, r.began = 0, time.Now()
	for _, word := range run.Args {
		r.runSize += len(word)
	}
}

// Called keeps a call.
func (r *Recorder) Called(s *lua.State, c script.Call) {
	run := r.run
	if run == nil {
		return
	}
	size := len(c.Reply) + 100
	for _, word := range c.Words {
		size += len(word) + 16
	}
	if r.runSize += size; r.runSize > maxRun {
		r.runSize -= size
		run.Lost++
		return
	}
	run.Calls = append(run.Calls, Call{LineOf(s), slices.Clone(c.Words), bytes.Clone(c.Reply), c.Time})
}

// LineOf returns the line of the script that runs, 0 if that is not known.
func LineOf(s *lua.State) int {
	if source, line := s.Place(0); strings.HasPrefix(source, "@user_") {
		return line
	}
	for _, f := range s.Stack(s.Running()) {
		if strings.HasPrefix(f.Source(), "@user_") {
			return f.Line()
		}
	}
	return 0
}

// End keeps the run.
func (r *Recorder) End(reply []byte) {
	run := r.run
	if run == nil {
		return
	}
	r.run = nil
	run.Time, run.Reply = time.Since(r.began), bytes.Clone(reply)
	size := r.runSize + len(reply) + 500
	r.mu.Lock()
	r.runs, r.size = append(r.runs, run), r.size+size
	for r.size > maxRuns && len(r.runs) > 1 {
		r.size -= r.runs[0].weight()
		r.runs = slices.Delete(r.runs, 0, 1)
	}
	r.mu.Unlock()
	if r.Ended != nil {
		r.Ended(run)
	}
}

// weight is about the memory of a run.
func (r *Run) weight() int {
	n := len(r.Reply) + 500
	for _, word := range r.Args {
		n += len(word)
	}
	for _, c := range r.Calls {
		n += len(c.Reply) + 100
		for _, word := range c.Words {
			n += len(word) + 16
		}
	}
	return n
}

// A LineRecorder also records the lines that run.
type LineRecorder struct {
	Recorder
	Profile *Profile // nil if there is none

	line  int
	since time.Time
}

// Begin begins a run.
func (r *LineRecorder) Begin(run script.Run) {
	r.Recorder.Begin(run)
	r.line, r.since = 0, r.began
}

// Line counts a line.
func (r *LineRecorder) Line(s *lua.State, line int) {
	run := r.run
	if run == nil {
		return
	}
	if source, _ := s.Place(0); !strings.HasPrefix(source, "@user_") {
		return // of loadstring
	}
	now := time.Now()
	r.spend(now)
	if line >= len(run.Lines) {
		run.Lines = append(run.Lines, make([]Line, line+1-len(run.Lines))...)
	}
	run.Lines[line].Hits++
	r.line = line
	if r.Profile != nil {
		r.Profile.at(s, now)
	}
}

// spend gives the line that ran its time.
func (r *LineRecorder) spend(now time.Time) {
	if r.line > 0 {
		r.run.Lines[r.line].Time += now.Sub(r.since)
	}
	r.since = now
}

// Call does nothing: lines are enough.
func (r *LineRecorder) Call(*lua.State) {}

// Return does nothing.
func (r *LineRecorder) Return(*lua.State, []lua.Value) {}

// Error does nothing: it is in the reply, or the script catches it.
func (r *LineRecorder) Error(*lua.State, *lua.Error) {}

// Called keeps a call.
func (r *LineRecorder) Called(s *lua.State, c script.Call) {
	r.Recorder.Called(s, c)
	if r.Profile != nil && len(c.Words) > 0 {
		r.Profile.called(s, c)
	}
}

// End keeps the run.
func (r *LineRecorder) End(reply []byte) {
	if r.run != nil {
		now := time.Now()
		r.spend(now)
		if r.Profile != nil {
			r.Profile.end(now)
		}
	}
	r.Recorder.End(reply)
}

// Value returns a reply as a string, an int64, nil, a list, a map, or an Error.
func Value(reply []byte) any {
	if len(reply) == 0 {
		return nil
	}
	c := resp.NewCursor(reply)
	return value(&c)
}

// An Error is an error reply.
type Error string

func (e Error) Error() string { return string(e) }

func value(c *resp.Cursor) any {
	p := c.Next()
	switch {
	case p.Null || p.Kind == '_':
		return nil
	case p.Kind == ':':
		return p.Int()
	case p.Kind == '-':
		return Error(p.Text)
	case p.Kind == '#':
		return string(p.Text) == "t"
	case p.Kind == '*', p.Kind == '~', p.Kind == '%':
		list := make([]any, p.N)
		for i := range list {
			list[i] = value(c)
		}
		return list
	case p.Kind == '=' && len(p.Text) > 4:
		return string(p.Text[4:])
	}
	return string(p.Text)
}

// Text returns a reply on one line, in the notation of redis-cli, and a long one in part.
func Text(reply []byte) string { return Show(Value(reply), 200) }

// Show is Text for a reply that Value has read. It shows about room bytes of it.
func Show(v any, room int) string { return text(v, room) }

func text(v any, room int) string {
	switch v := v.(type) {
	case nil:
		return "(nil)"
	case string:
		if len(v) > room {
			return strconv.Quote(v[:room]) + "… (" + strconv.Itoa(len(v)) + " bytes)"
		}
		return strconv.Quote(v)
	case Error:
		return "(error) " + string(v)
	case int64:
		return strconv.FormatInt(v, 10)
	case bool:
		return strconv.FormatBool(v)
	case []any:
		var b strings.Builder
		b.WriteByte('[')
		for i, item := range v {
			if i > 0 {
				b.WriteString(", ")
			}
			if b.Len() > room {
				b.WriteString("… (" + strconv.Itoa(len(v)) + " elements)")
				break
			}
			b.WriteString(text(item, max(room-b.Len(), 20)))
		}
		b.WriteByte(']')
		return b.String()
	}
	return ""
}

// Words returns the words of a command on one line, and long ones in part.
func Words(words []string) string {
	parts := make([]string, 0, len(words))
	for i, word := range words {
		switch {
		case i > 20:
			parts = append(parts, "… ("+strconv.Itoa(len(words))+" words)")
			return strings.Join(parts, " ")
		case plain(word):
			parts = append(parts, word)
		default:
			parts = append(parts, text(word, 60))
		}
	}
	return strings.Join(parts, " ")
}

// plain says whether a word needs no quotes.
func plain(word string) bool {
	return word != "" && len(word) <= 60 && !strings.ContainsFunc(word, func(r rune) bool { return r <= ' ' || r > '~' || r == '"' || r == '\'' || r == '\\' })
}

// Touched returns the keys that the calls of a run have, in order of the name, and whether a call may have written each.
func (r *Run) Touched() (keys []string, written map[string]bool) {
	written = map[string]bool{}
	for _, c := range r.Calls {
		list, writes := c.Keys()
		for _, key := range list {
			written[key] = written[key] || writes
		}
	}
	return slices.Sorted(maps.Keys(written)), written
}
