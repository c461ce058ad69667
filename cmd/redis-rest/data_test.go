package main

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	redis "github.com/redis-rest/redis-rest-go"
)

func increment(t *testing.T, url, token string) int {
	t.Helper()
	rdb, err := redis.New(url, token)
	require.NoError(t, err)
	defer rdb.Close()
	n, err := redis.Cmd[int]("INCR", "n").Do(t.Context(), rdb)
	require.NoError(t, err)
	return n
}

func TestDataFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "data")
	for round := range 3 {
		s := serveWith(t, "--data", path, "--fsync", "no")
		require.Contains(t, s.notes.String(), "data is kept in "+path+" (--fsync no)")
		require.NotContains(t, s.notes.String(), "data is lost")
		require.Equal(t, round+1, increment(t, s.url, s.token))

		other := start(t, "--memory", "--data", path)
		<-other.ended
		require.ErrorContains(t, other.err, path+": another process uses it")
		require.NoError(t, s.end())
	}

	file, err := os.OpenFile(path, os.O_WRONLY|os.O_APPEND, 0)
	require.NoError(t, err)
	_, err = file.WriteString("\x20")
	require.NoError(t, err)
	require.NoError(t, file.Close())
	s := serveWith(t, "--data", path)
	require.Regexp(t, `the end of the data file was not complete, and was cut off.*bytes=1 at=\d+`, s.notes.String())
	require.Contains(t, s.notes.String(), "(--fsync everysec)")
	require.Equal(t, 4, increment(t, s.url, s.token))
	require.NoError(t, s.end())

	content, err := os.ReadFile(path)
	require.NoError(t, err)
	content[40] ^= 1
	require.NoError(t, os.WriteFile(path, content, 0o600))
	s = start(t, "--data", path)
	<-s.ended
	require.ErrorContains(t, s.err, "damaged at byte 18")
}

func TestDataFileFlags(t *testing.T) {
	for want, args := range map[string][]string{
		"--data is for the embedded database": {"--data", "x", "--redis", "redis://127.0.0.1"},
		"--fsync needs --data":                {"--fsync", "always"},
		"it must be always, everysec or no":   {"--data", "x", "--fsync", "never"},
		"for flag --data: it is empty":        {"--data", ""},
		"no such file or directory":           {"--data", filepath.Join(t.TempDir(), "none", "data")},
	} {
		s := start(t, args...)
		<-s.ended
		require.ErrorContains(t, s.err, want)
	}
}
