package trace

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"slices"
	"strconv"
	"strings"
	"text/tabwriter"
	"time"
)

// A Database runs commands.
type Database interface {
	Do(ctx context.Context, words []string) []byte
}

// A Snapshot has the values of keys, as texts.
type Snapshot map[string]entry

type entry struct{ dump, kind, text, ttl string }

// Snap reads all keys of a database. It writes nothing.
func Snap(ctx context.Context, db Database) Snapshot {
	var keys []string
	all, _ := Value(db.Do(ctx, []string{"KEYS", "*"})).([]any)
	for _, key := range all {
		name, _ := key.(string)
		keys = append(keys, name)
	}
	return SnapKeys(ctx, db, keys)
}

// SnapKeys reads these keys of a database, if they are there. It writes nothing.
func SnapKeys(ctx context.Context, db Database, keys []string) Snapshot {
	do := func(words ...string) any { return Value(db.Do(ctx, words)) }
	snap := Snapshot{}
	for _, key := range keys {
		dump, there := do("DUMP", key).(string)
		if !there {
			continue
		}
		e := entry{dump: dump}
		if at, ok := do("PEXPIRETIME", key).(int64); ok && at > 0 {
			e.ttl = strconv.FormatInt(at, 10)
			e.dump += e.ttl
		}
		e.kind, e.text = ValueOf(key, func(words ...string) []byte { return db.Do(ctx, words) })
		snap[key] = e
	}
	return snap
}

// ValueOf reads the type of a key, and its value or a part of it, as text.
func ValueOf(key string, do func(words ...string) []byte) (kind, value string) {
	kind, _ = Value(do("TYPE", key)).(string)
	var reply []byte
	switch kind {
	case "string":
		reply = do("GET", key)
	case "list":
		reply = do("LRANGE", key, "0", "20")
	case "hash":
		reply = do("HGETALL", key)
	case "set":
		reply = do("SMEMBERS", key)
	case "zset":
		reply = do("ZRANGE", key, "0", "20", "WITHSCORES")
	case "stream":
		reply = do("XREVRANGE", key, "+", "-", "COUNT", "3")
	case "ReJSON-RL":
		reply = do("JSON.GET", key)
	}
	if reply != nil {
		value = Text(reply)
	}
	return kind, value
}

// A Change is a key that a script changed.
type Change struct {
	Key     string `json:"key"`
	Type    string `json:"type"`
	Before  string `json:"before,omitempty"` // empty if it did not exist
	After   string `json:"after,omitempty"`  // empty if it does not exist
	Expires string `json:"expires,omitempty"`
}

// Changes compares two snapshots.
func Changes(before, after Snapshot) []Change {
	names := map[string]bool{}
	for key := range before {
		names[key] = true
	}
	for key := range after {
		names[key] = true
	}
	list := []Change{}
	for _, key := range slices.Sorted(maps.Keys(names)) {
		old, now := before[key], after[key]
		if old.dump == now.dump {
			continue
		}
		c := Change{Key: key, Type: cmp.Or(now.kind, old.kind), Before: old.text, After: now.text}
		if ms, err := strconv.ParseInt(now.ttl, 10, 64); err == nil {
			c.Expires = time.UnixMilli(ms).UTC().Format(time.RFC3339Nano)
		}
		list = append(list, c)
	}
	return list
}

// A Report is what redis-rest trace shows.
type Report struct {
	Name    string
	Run     *Run
	Changes []Change
}

// WriteText writes the report for people.
func (r Report) WriteText(w io.Writer) error {
	var b strings.Builder
	fmt.Fprintf(&b, "%s: %s in %s\n", r.Name, Text(r.Run.Reply), round(r.Run.Time))
	if len(r.Run.Calls) > 0 {
		fmt.Fprintf(&b, "\ncalls\n")
		table(&b, func(t io.Writer) {
			for _, c := range r.Run.Calls {
				fmt.Fprintf(t, "  %d\t%s\t%s\t→ %s\n", c.Line, round(c.Time), Words(c.Words), Text(c.Reply))
			}
		})
	}
	if r.Run.Lost > 0 {
		fmt.Fprintf(&b, "  … and %d more\n", r.Run.Lost)
	}
	if len(r.Changes) > 0 {
		fmt.Fprintf(&b, "\nchanges\n")
		for _, c := range r.Changes {
			before, after := cmp.Or(c.Before, "(nothing)"), cmp.Or(c.After, "(nothing)")
			if c.Expires != "" {
				after += ", expires at " + c.Expires
			}
			fmt.Fprintf(&b, "  %s %s: %s → %s\n", c.Type, Words([]string{c.Key}), before, after)
		}
	}
	if keys := r.keys(); len(keys) > 0 {
		fmt.Fprintf(&b, "\nkeys\n")
		table(&b, func(t io.Writer) {
			for _, k := range keys {
				declared, use := "declared", "read"
				if !k.Declared {
					declared = "NOT DECLARED"
				}
				if k.Written {
					use = "written"
				}
				fmt.Fprintf(t, "  %s\t%s\t%s\n", Words([]string{k.Key}), use, declared)
			}
		})
	}
	fmt.Fprintf(&b, "\nlines\n")
	source := strings.Split(strings.TrimSuffix(r.Run.Source, "\n"), "\n")
	table(&b, func(t io.Writer) {
		for i, text := range source {
			hits, spent := "", ""
			if i+1 < len(r.Run.Lines) && r.Run.Lines[i+1].Hits > 0 {
				hits, spent = strconv.Itoa(r.Run.Lines[i+1].Hits), round(r.Run.Lines[i+1].Time)
			}
			fmt.Fprintf(t, "  %d\t%s\t%s\t%s\n", i+1, hits, spent, strings.ReplaceAll(strings.TrimRight(text, "\r"), "\t", "    "))
		}
	})
	_, err := io.WriteString(w, b.String())
	return err
}

func table(w io.Writer, rows func(io.Writer)) {
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', tabwriter.StripEscape)
	rows(t)
	t.Flush()
}

func round(d time.Duration) string {
	if d > time.Millisecond {
		return d.Round(10 * time.Microsecond).String()
	}
	return d.Round(100 * time.Nanosecond).String()
}

type touchedKey struct {
	Key      string `json:"key"`
	Declared bool   `json:"declared"`
	Written  bool   `json:"written"`
}

func (r Report) keys() []touchedKey {
	list := []touchedKey{}
	keys, written := r.Run.Touched()
	for _, key := range keys {
		list = append(list, touchedKey{key, slices.Contains(r.Run.Keys, key), written[key]})
	}
	return list
}

// WriteJSON writes the report for programs. Times are in nanoseconds.
func (r Report) WriteJSON(w io.Writer) error {
	type call struct {
		Line  int      `json:"line"`
		Words []string `json:"words"`
		Reply any      `json:"reply"`
		Error string   `json:"error,omitempty"`
		Time  int64    `json:"time"`
	}
	type line struct {
		Line int   `json:"line"`
		Hits int   `json:"hits"`
		Time int64 `json:"time"`
	}
	calls, lines := []call{}, []line{}
	for _, c := range r.Run.Calls {
		shown := call{Line: c.Line, Words: c.Words, Time: c.Time.Nanoseconds()}
		if shown.Reply = Value(c.Reply); len(c.Reply) > 0 && c.Reply[0] == '-' {
			shown.Reply, shown.Error = nil, Value(c.Reply).(Error).Error()
		}
		calls = append(calls, shown)
	}
	for i, l := range r.Run.Lines {
		if l.Hits > 0 {
			lines = append(lines, line{i, l.Hits, l.Time.Nanoseconds()})
		}
	}
	out := map[string]any{
		"name": r.Name, "script": r.Run.Script, "keys": r.keys(), "calls": calls, "lost": r.Run.Lost, "changes": append([]Change{}, r.Changes...), "lines": lines,
		"time": r.Run.Time.Nanoseconds(),
	}
	if reply := Value(r.Run.Reply); len(r.Run.Reply) > 0 && r.Run.Reply[0] == '-' {
		out["error"] = reply.(Error).Error()
	} else {
		out["reply"] = reply
	}
	e := json.NewEncoder(w)
	e.SetIndent("", "  ")
	e.SetEscapeHTML(false)
	return e.Encode(out)
}
