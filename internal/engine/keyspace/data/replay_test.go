package data

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/redis-rest/redis-rest-go/internal/engine/keyspace/value"
	"github.com/redis-rest/redis-rest-go/internal/protocol/commandtable"
)

// A recorder is a server whose changes are kept.
type recorder struct {
	*Server
	session Session
	now     time.Time
	changes []recorded
}

type recorded struct {
	db    int
	now   int64
	words []string
}

func newRecorder() *recorder {
	r := &recorder{now: time.UnixMilli(1_700_000_000_000)}
	r.Server = New(func() time.Time { return r.now })
	r.MaxBulk = maxBulk
	r.Hooks.Changed = func(db int, words []string) {
		r.changes = append(r.changes, recorded{db, r.Server.now, slices.Clone(words)})
	}
	return r
}

func (r *recorder) run(args []string) {
	command, problem := commandtable.Check(args)
	if problem != commandtable.Legal || !Has(command.Name) {
		return
	}
	r.Begin()
	if _, wait := r.Run(&r.session, command, args, nil); wait != nil {
		session := r.session
		r.Park(&session, wait, func([]byte) {})
	}
	r.Serve()
}

// replayed returns a server that has repeated the changes, at another time.
func (r *recorder) replayed(t *testing.T) *Server {
	t.Helper()
	s := New(func() time.Time { return r.now.Add(-time.Hour) })
	for _, c := range r.changes {
		require.NoError(t, s.Replay(c.db, c.now, c.words))
	}
	s.now = r.Server.now
	return s
}

// state has all that keys have, except the order of elements of hash tables and the time at which a consumer last tried to
// read.
func state(s *Server) map[string]string {
	all := map[string]string{}
	s.expireDue(1 << 30)
	for key := range s.All() {
		text := fmt.Sprintln(key.Value.Type(), key.At)
		switch v := key.Value.(type) {
		case *value.Set:
			text += fmt.Sprintf("%q", slices.Sorted(v.All()))
		case *value.Hash:
			fields := maps.Collect(v.All())
			for _, field := range slices.Sorted(maps.Keys(fields)) {
				at, _ := v.Expiry(field)
				text += fmt.Sprintf("%q %q %d\n", field, fields[field], at)
			}
		case *value.SortedSet:
			for member, score := range v.Range(0, v.Len()) {
				text += fmt.Sprintf("%q %v\n", member, score+0) // the sign of zero depends on the encoding
			}
		case *value.Stream:
			for e := range v.Range(value.ID{}, value.MaxID) {
				text += fmt.Sprintf("%v %q\n", e.ID, e.Fields)
			}
			text += fmt.Sprintln(v.LastID, v.MaxDeletedID, v.EntriesAdded, v.FirstID())
			for _, g := range v.Groups() {
				text += fmt.Sprintf("%q %v %d\n", g.Name, g.LastID, g.EntriesRead)
				for _, c := range g.Consumers() {
					text += fmt.Sprintf("consumer %q\n", c.Name)
				}
				for p := range g.Pending.From(value.ID{}) {
					text += fmt.Sprintf("%v %q %d %d\n", p.ID, p.Consumer.Name, p.Delivered, p.Count)
				}
			}
		case *value.List:
			text += fmt.Sprintf("%q", slices.Collect(v.Range(0, v.Len())))
		case *value.JSON:
			text += string(v.Doc.Root().Append(nil))
		case value.String:
			text += v.String()
		}
		all[fmt.Sprintf("%d %q", key.DB, key.Name)] = text
	}
	return all
}

// The changes that Hooks.Changed tells of make the same keys again: of all commands in testdata, and of
// commands whose words were mixed.
func TestReplay(t *testing.T) {
	files, err := filepath.Glob("testdata/*.txt")
	require.NoError(t, err)
	newer, err := filepath.Glob("testdata/newer/*.txt")
	require.NoError(t, err)
	files = append(files, newer...)
	random := rand.New(rand.NewPCG(3, 4))
	var lines []testLine
	for _, c := range readCases(t, "../testdata/commands.txt") {
		lines = append(lines, c.lines...)
	}
	for _, file := range files {
		for _, c := range readCases(t, file) {
			r := newRecorder()
			for _, line := range c.lines {
				r.now = r.now.Add(time.Duration(random.IntN(50)) * time.Millisecond)
				r.run(line.args)
			}
			require.Equal(t, state(r.Server), state(r.replayed(t)), "%s: %s", file, c.name)
			lines = append(lines, c.lines...)
		}
	}
	for round := range 25 {
		r := newRecorder()
		for range 200 {
			r.now = r.now.Add(time.Duration(random.IntN(500)) * time.Millisecond)
			args := slices.Clone(lines[random.IntN(len(lines))].args)
			if slices.ContainsFunc(args, harmful) {
				continue
			}
			r.run(args)
		}
		require.Equal(t, state(r.Server), state(r.replayed(t)), "round %d", round)
	}
}

// A snapshot makes the same keys again.
func TestRepetition(t *testing.T) {
	r := newRecorder()
	for _, c := range readCases(t, "../testdata/commands.txt") {
		for _, line := range c.lines {
			r.run(line.args)
		}
	}
	for _, line := range []string{"HSET fields a 1 b 2 c 3", "HPEXPIRE fields 5000 FIELDS 2 a b", "SELECT 3", "SET other 1 EX 100"} {
		r.run(split(t, line))
	}
	r.changes = nil
	for key := range r.All() {
		for _, words := range key.Repetition() {
			r.changes = append(r.changes, recorded{key.DB, r.Server.now, words})
		}
	}
	require.NotEmpty(t, r.changes)
	require.Equal(t, state(r.Server), state(r.replayed(t)))
}

// What cannot be foreseen is told in other words, and what happens by itself as a command.
func TestChanged(t *testing.T) {
	r := newRecorder()
	for _, line := range []string{
		"XADD x MAXLEN ~ 1 * f v", "XTRIM x MAXLEN ~ 100", "GET k", "SADD s a", "SPOP s", "SET k v PX 10",
		"HSET h f v g w", "HPEXPIRE h 10 FIELDS 1 f", "BLPOP a b 0",
		"ZADD z 0 a 0 b 0 c", "ZRANGESTORE d z [b + BYLEX", "ZREMRANGEBYLEX z [b [b", "ZRANGESTORE d z [x + BYLEX", "ZRANGESTORE d z [x + BYLEX",
	} {
		r.run(split(t, line))
	}
	r.now = r.now.Add(time.Second)
	r.run(split(t, "MGET k h"))
	// Only the list that was written counts for who waits.
	r.run(split(t, "RPUSH b 1"))
	var told []string
	for _, c := range r.changes {
		told = append(told, fmt.Sprintf("%d %q", c.db, c.words))
	}
	require.Equal(t, []string{
		`0 ["XADD" "x" "MAXLEN" "=" "1" "1700000000000-0" "f" "v"]`,
		`0 ["SADD" "s" "a"]`,
		`0 ["SREM" "s" "a"]`,
		`0 ["SET" "k" "v" "PX" "10"]`,
		`0 ["HSET" "h" "f" "v" "g" "w"]`,
		`0 ["HPEXPIRE" "h" "10" "FIELDS" "1" "f"]`,
		`0 ["ZADD" "z" "0" "a" "0" "b" "0" "c"]`,
		`0 ["ZRANGESTORE" "d" "z" "1" "2"]`,
		`0 ["ZREMRANGEBYRANK" "z" "1" "1"]`,
		`0 ["DEL" "d"]`,
		`0 ["DEL" "k"]`,
		`0 ["HDEL" "h" "f"]`,
		`0 ["RPUSH" "b" "1"]`,
		`0 ["BLPOP" "b" "b" "0"]`,
	}, told)
	require.ErrorContains(t, r.Replay(0, 0, []string{"NOSUCH"}), "does not have")
	require.ErrorContains(t, r.Replay(16, 0, []string{"SET", "k", "v"}), "does not have")
}
