package main

import (
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	redis "github.com/redis-rest/redis-rest-go"
	"github.com/redis-rest/redis-rest-go/redistest"
)

var variables = []string{"UPSTASH_REDIS_REST_URL", "UPSTASH_REDIS_REST_TOKEN", "UPSTASH_REDIS_REST_TOKEN_FILE", "KV_REST_API_URL", "KV_REST_API_TOKEN"}

func quickstart(t *testing.T) string {
	t.Helper()
	var out strings.Builder
	require.NoError(t, run(t.Context(), &out))
	return out.String()
}

// lines returns the lines of a printed section. Columns are separated by one space.
func lines(t *testing.T, out, title string) []string {
	t.Helper()
	_, section, ok := strings.Cut(out, "\n"+title)
	require.True(t, ok, "%s in\n%s", title, out)
	section, _, _ = strings.Cut(section, "\n\n")
	var rows []string
	for _, line := range strings.Split(section, "\n")[1:] {
		if line != "" {
			rows = append(rows, strings.Join(strings.Fields(line), " "))
		}
	}
	return rows
}

func check(t *testing.T, out string) {
	t.Helper()
	require.Equal(t, []string{"limit 0 <nil> <nil>", "limit 2 1 int64", "limit 2 2 int64", "limit 2 2 string", "limit 2, as int 2 int"}, lines(t, out, "1."))
	calls := lines(t, out, "2.")
	require.Len(t, calls, 12)
	require.Equal(t, "call 10 true bool", calls[9])
	require.Equal(t, "call 11 false bool", calls[10])
	require.Equal(t, []string{"2 at 30 success string", "9 at 1 insufficient_stock string", "3 at 20 insufficient_balance string"}, lines(t, out, "3."))
	byDigest := lines(t, out, "4.")
	require.Equal(t, "EvalSha, the 13th call false bool", byDigest[1])
	require.Equal(t, "Script.Run, the 14th, 20 allowed true bool", byDigest[3])
	require.Equal(t, []string{"300 true bool", "200 false bool", "400 true bool"}, lines(t, out, "5."))
}

func TestWithoutADatabase(t *testing.T) {
	for _, name := range variables {
		t.Setenv(name, "")
		os.Unsetenv(name)
	}
	out := quickstart(t)
	require.Contains(t, out, "an embedded one")
	check(t, out)
	require.Contains(t, lines(t, out, "4.")[2], "the server has no script any more")
}

func TestWithADatabase(t *testing.T) {
	s := redistest.NewServer(t)
	s.Setenv()
	rdb := s.Client()
	theirs := redis.NewScript[int]("return 1")
	require.NoError(t, theirs.Load(t.Context(), rdb))
	for range 2 { // the first run leaves nothing behind that changes the second
		out := quickstart(t)
		require.NotContains(t, out, "an embedded one")
		check(t, out)
	}
	n, err := redis.Cmd[int]("DBSIZE").Do(t.Context(), rdb)
	require.NoError(t, err)
	require.Zero(t, n)
	have, err := rdb.ScriptExists(t.Context(), theirs.SHA())
	require.NoError(t, err)
	require.Equal(t, []bool{true}, have, "other clients' scripts are still there")
}

func TestWithOneVariable(t *testing.T) {
	for _, name := range variables {
		t.Setenv(name, "")
	}
	t.Setenv("UPSTASH_REDIS_REST_URL", "https://redis.example.com")
	require.ErrorContains(t, run(t.Context(), new(strings.Builder)), "UPSTASH_REDIS_REST_TOKEN")
}
