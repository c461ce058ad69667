package stdlib_test

import (
	_ "embed"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/redis/go-redis/v9"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/redis-rest/redis-rest-go/internal/engine/lua"
	"github.com/redis-rest/redis-rest-go/internal/engine/lua/stdlib"
	"github.com/redis-rest/redis-rest-go/internal/testkit/realredis"
)

// show is Lua source that defines the function show, which turns values into text.
//
//go:embed testdata/show.lua
var show string

// startRedis starts a redis-server that is stopped when the test ends.
func startRedis(t testing.TB) *redis.Client {
	t.Helper()
	// On a loaded machine a script may take long. Asking again would meet it, as BUSY.
	client := redis.NewClient(&redis.Options{Network: "unix", Addr: realredis.Start(t).Socket, ReadTimeout: -1, MaxRetries: -1})
	t.Cleanup(func() { client.Close() })
	return client
}

// open makes a state with read-only libraries, as scripts have them.
func open() *lua.State {
	s := lua.NewState()
	stdlib.Open(s, stdlib.NewRandom())
	for _, name := range []string{"string", "table", "math"} {
		s.Globals.GetString(name).(*lua.Table).ReadOnly = true
	}
	s.StringMeta.ReadOnly = true
	s.Globals.ReadOnly = true
	s.Reset()
	return s
}

// eval runs a script and returns its text.
func eval(t testing.TB, s *lua.State, script string) string {
	t.Helper()
	f, err := s.Load(script, "@user_script")
	require.NoError(t, err, script)
	results, raised := s.PCall(f)
	if raised != nil {
		require.NoError(t, raised, script)
	}
	text, ok := lua.ToText(lua.Arg(results, 1))
	require.True(t, ok, script)
	return text
}

// chunks returns the lines of a file in testdata, without empty lines and comments.
func chunks(t testing.TB, name string) []string {
	t.Helper()
	data, err := os.ReadFile(filepath.Join("testdata", name))
	require.NoError(t, err)
	var chunks []string
	for line := range strings.Lines(string(data)) {
		if line = strings.TrimSpace(line); line != "" && !strings.HasPrefix(line, "--") {
			chunks = append(chunks, line)
		}
	}
	return chunks
}

// Every line in testdata gives the same result here as in Redis, including errors and the
// place in their messages.
func TestRedis(t *testing.T) {
	client := startRedis(t)
	for _, name := range []string{"string.lua", "pattern.lua", "format.lua", "table.lua", "math.lua"} {
		t.Run(name, func(t *testing.T) {
			for _, chunk := range chunks(t, name) {
				script := show + "return show(pcall(function() " + chunk + "\nend))"
				want, err := client.Eval(t.Context(), script, nil).Text()
				require.NoError(t, err, chunk)
				assert.Equal(t, want, eval(t, open(), script), chunk)
			}
		})
	}
}

// Generated scripts test many combinations. Each result is a line.
func TestRedisGenerated(t *testing.T) {
	client := startRedis(t)
	scripts, err := filepath.Glob("testdata/generated/*.lua")
	require.NoError(t, err)
	require.NotEmpty(t, scripts)
	for _, path := range scripts {
		t.Run(filepath.Base(path), func(t *testing.T) {
			data, err := os.ReadFile(path)
			require.NoError(t, err)
			script := show + string(data)
			want, err := client.Eval(t.Context(), script, nil).Text()
			require.NoError(t, err)
			wants, gots := strings.Split(want, "\n"), strings.Split(eval(t, open(), script), "\n")
			require.Greater(t, len(wants), 100)
			require.Len(t, gots, len(wants))
			for i, want := range wants {
				if want != gots[i] {
					require.Equal(t, want, gots[i])
				}
			}
		})
	}
}
