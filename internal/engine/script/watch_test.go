package script_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/redis-rest/redis-rest-go/internal/engine/keyspace"
	"github.com/redis-rest/redis-rest-go/internal/engine/lua"
	"github.com/redis-rest/redis-rest-go/internal/engine/script"
	"github.com/redis-rest/redis-rest-go/internal/protocol/digest"
)

// A diary writes each event as a line. It looks at all variables before each of the first statements.
type diary struct{ lines []string }

func (d *diary) add(format string, a ...any) {
	if len(d.lines) <= 100 {
		d.lines = append(d.lines, fmt.Sprintf(format, a...))
	}
}

func (d *diary) Line(s *lua.State, line int) {
	if len(d.lines) > 100 {
		return
	}
	for _, co := range append(s.Coroutines(), nil) {
		for _, f := range s.Stack(co) {
			f.Locals()
			f.Upvalues()
		}
	}
	d.add("line %d", line)
}
func (d *diary) Call(s *lua.State)                        {}
func (d *diary) Return(s *lua.State, results []lua.Value) {}
func (d *diary) Error(s *lua.State, err *lua.Error)       { d.add("error %s", err.Value) }
func (d *diary) Begin(r script.Run)                       { d.add("begin %s %q %q", r.Script, r.Keys, r.Args) }
func (d *diary) End(reply []byte)                         { d.add("end %q", reply) }
func (d *diary) Called(s *lua.State, c script.Call)       { d.add("called %q %q", c.Words, c.Reply) }
func (d *diary) of(db *keyspace.DB, t *testing.T, args ...string) string {
	d.lines = nil
	db.Do(t.Context(), args)
	return strings.Join(d.lines, "\n")
}

func TestWatchedScripts(t *testing.T) {
	db := keyspace.New()
	defer db.Close()
	source := "#!lua flags=no-writes\nlocal v = redis.call('GET', KEYS[1])\nredis.pcall('SET', KEYS[1], 1)\nredis.call({})\n"
	library := "#!lua name=l\nredis.register_function('f', function(keys, args)\nreturn redis.call('INCR', keys[1])\nend)"
	load := func() {
		db.Do(t.Context(), []string{"SCRIPT", "LOAD", source})
		db.Do(t.Context(), []string{"FUNCTION", "LOAD", "REPLACE", library})
	}
	load()
	d := &diary{}
	db.Watch(d)
	sha := digest.Of(source)
	script := "begin " + sha + ` ["k"] ["a"]
line 2
called ["GET" "k"] "$-1\r\n"
line 3
called ["SET" "k" "1"] "-ERR Write commands are not allowed from read-only scripts.\r\n"
line 4
called [] "-ERR Lua redis lib command arguments must be strings or integers\r\n"
error %s
end "-ERR Lua redis lib command arguments must be strings or integers script: ` + sha + `, on @user_script:4.\r\n"`
	got := d.of(db, t, "EVALSHA", sha, "1", "k", "a")
	begin, rest, _ := strings.Cut(got, "\nerror ")
	_, end, _ := strings.Cut(rest, "\n")
	require.Equal(t, strings.Replace(script, "error %s\n", "", 1), begin+"\n"+end, "a script that was loaded before")
	function := "begin f [\"n\"] []\nline 3\ncalled [\"INCR\" \"n\"] \":%d\\r\\n\"\nend \":%[1]d\\r\\n\""
	require.Equal(t, fmt.Sprintf(function, 1), d.of(db, t, "FCALL", "f", "1", "n"), "a function that was loaded before")
	require.Equal(t, "begin l [] []\nline 2\nend \"\"", d.of(db, t, "FUNCTION", "LOAD", "REPLACE", library))
	require.Equal(t, fmt.Sprintf(function, 2), d.of(db, t, "FCALL", "f", "1", "n"))
	db.Do(t.Context(), []string{"SCRIPT", "FLUSH"}) // the watcher stays
	load()
	require.NotEmpty(t, d.of(db, t, "EVALSHA", sha, "0"))
	db.Watch(nil)
	require.Empty(t, d.of(db, t, "EVALSHA", sha, "0"))
	require.Empty(t, d.of(db, t, "FCALL", "f", "1", "n"))
}

// A script has the same outcome whether somebody watches or not.
func TestWatchingChangesNothing(t *testing.T) {
	plain, watched := keyspace.New(), keyspace.New()
	t.Cleanup(func() { plain.Close() })
	t.Cleanup(func() { watched.Close() })
	d := &diary{}
	watched.Watch(d)
	for i, c := range readCorpus(t) {
		if i%12 > 0 {
			continue // a part shows it, and is quick
		}
		d.lines = nil
		if diff := c.compare(c.run(t.Context(), plain), c.run(t.Context(), watched)); diff != nil {
			t.Errorf("%s: %s: %s", c.name, diff.class, diff.where)
		}
	}
}
