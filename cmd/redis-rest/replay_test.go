package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	redis "github.com/redis-rest/redis-rest-go"
)

func TestRecordAndReplay(t *testing.T) {
	file := filepath.Join(t.TempDir(), "session")
	s := serveWith(t, "--record", file)
	rdb, err := redis.New(s.url, s.token)
	require.NoError(t, err)
	for range 2 {
		_, err = rdb.Do(t.Context(), "INCR", "n")
		require.NoError(t, err)
	}
	require.NoError(t, s.end())
	session, err := os.ReadFile(file)
	require.NoError(t, err)
	require.NotContains(t, string(session), s.token)

	// On an empty database the answers are the same, and once more they are not.
	s = serveWith(t)
	t.Setenv("UPSTASH_REDIS_REST_URL", s.url)
	t.Setenv("UPSTASH_REDIS_REST_TOKEN", s.token)
	out, notes, err := run(t, "", "replay", file)
	require.NoError(t, err, out)
	require.Equal(t, "2 requests, with the same answers\n", out)
	require.Empty(t, notes)
	out, _, err = run(t, "", "replay", file)
	require.EqualError(t, err, "2 of 2 answers differ")
	require.Equal(t, "line 1: /\n  then: 200 {\"result\":1}\n  now:  200 {\"result\":3}\nline 2: /\n  then: 200 {\"result\":2}\n  now:  200 {\"result\":4}\n", out)

	_, _, err = run(t, "", "serve", "--listen", "127.0.0.1:0", "--record", file)
	require.ErrorContains(t, err, "is there already")
	unused := filepath.Join(t.TempDir(), "unused")
	require.NoError(t, serveWith(t, "--record", unused).end())
	require.NoFileExists(t, unused)

	for _, c := range []struct {
		args []string
		err  string
	}{
		{nil, "takes one file"},
		{[]string{filepath.Join(t.TempDir(), "none")}, "none"},
		{[]string{write(t, "bad", string(session)+"nonsense\n")}, "line 3"},
	} {
		_, _, err := run(t, "", append([]string{"replay"}, c.args...)...)
		require.ErrorContains(t, err, c.err)
	}
	t.Setenv("UPSTASH_REDIS_REST_URL", "")
	_, _, err = run(t, "", "replay", file)
	require.ErrorContains(t, err, "UPSTASH_REDIS_REST_URL is not set")
	require.Equal(t, "ab", short("ab"))
	require.Equal(t, strings.Repeat("x", 200)+"…", short(strings.Repeat("x", 300)))
}
