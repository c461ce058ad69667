package main

import (
	"bytes"
	"io"
	"log"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/redis-rest/redis-rest-go/redistest"
)

// quiet is the log of servers that are meant to fail.
var quiet = log.New(io.Discard, "", 0)

// run runs the program until it ends.
func run(t *testing.T, stdin string, args ...string) (out, notes string, err error) {
	t.Helper()
	var stdout, stderr bytes.Buffer
	p := program()
	p.Reader, p.Writer, p.ErrWriter = strings.NewReader(stdin), &stdout, &stderr
	err = p.Run(t.Context(), append([]string{"redis-rest"}, args...))
	return stdout.String(), stderr.String(), err
}

func write(t *testing.T, name, content string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	require.NoError(t, os.WriteFile(path, []byte(content), 0o600))
	return path
}

func TestEval(t *testing.T) {
	redistest.NewServer(t).Setenv()
	incr := write(t, "incr.lua", "local n = redis.call('INCR', KEYS[1])\nreturn {n, ARGV[1], ARGV[2] or false, {#KEYS, #ARGV}, {}}")
	broken := write(t, "broken.lua", "local x = 1\nreturn redis.call('LPUSH', KEYS[1], x)")
	for _, c := range []struct {
		stdin string
		args  []string
		out   string
		err   string
	}{
		{"", []string{"eval", incr, "k", ",", "-5", "--json"}, "1) (integer) 1\n2) \"-5\"\n3) \"--json\"\n4) 1) (integer) 1\n   2) (integer) 2\n5) (empty array)\n", ""},
		{"", []string{"eval", "--json", incr, "k", ",", "x"}, `[2,"x",null,[1,1],[]]` + "\n", ""},
		{"return {KEYS[1], KEYS[2]}", []string{"eval", "-", "a", "b"}, "1) \"a\"\n2) \"b\"\n", ""},
		{"return #ARGV", []string{"eval", "-", ",", ",", "a"}, "(integer) 2\n", ""},
		{"return 'a\\n\"b'", []string{"eval", "-"}, `"a\n\"b"` + "\n", ""},
		{"", []string{"do", "SET", "s", "b c"}, "\"OK\"\n", ""},
		{"", []string{"do", "--json", "GET", "s"}, "\"b c\"\n", ""},
		{"", []string{"do", "GET", "none"}, "(nil)\n", ""},
		{"", []string{"do", "DECRBY", "n", "-3"}, "(integer) 3\n", ""},
		{"", []string{"do", "GET"}, "", "wrong number of arguments"},
		{"", []string{"eval", filepath.Join(t.TempDir(), "none.lua")}, "", "none.lua"},
		{"", []string{"eval", incr, "k,", "10"}, "", "argument 1 of the script ends with a comma"},
		{"", []string{"eval", incr, "k", ",10"}, "", "argument 2 of the script begins with a comma: put a space after the comma"},
		{"return KEYS[1]", []string{"eval", "-", "k,", ","}, "\"k,\"\n", ""},
		{"return KEYS[1]", []string{"eval", "-", ",k", ","}, "\",k\"\n", ""},
		{"", []string{"eval"}, "", "the file of the script is missing"},
		{"", []string{"do"}, "", "the command is missing"},
		{"", []string{"do", "--nosuch", "GET"}, "", "nosuch"},
	} {
		out, _, err := run(t, c.stdin, c.args...)
		if c.err != "" {
			require.ErrorContains(t, err, c.err, "%v", c.args)
			continue
		}
		require.NoError(t, err, "%v", c.args)
		require.Equal(t, c.out, out, "%v", c.args)
	}
	_, _, err := run(t, "", "eval", broken, "s")
	require.ErrorContains(t, err, "WRONGTYPE")
	if os.Getenv("REDISTEST_BACKEND") == "redis-server" {
		require.ErrorContains(t, err, "broken.lua:2: WRONGTYPE")
		require.ErrorContains(t, err, "| return redis.call('LPUSH', KEYS[1], x)")
	}
	t.Setenv("UPSTASH_REDIS_REST_URL", "")
	_, _, err = run(t, "", "do", "PING")
	require.ErrorContains(t, err, "UPSTASH_REDIS_REST_URL is not set")
	require.ErrorContains(t, err, "redis-rest doctor says what to do")
}

func TestHelp(t *testing.T) {
	for _, args := range [][]string{{"--help"}, {"-h"}, {"help"}, {"help", "serve"}, {"serve", "--help"}, {"eval", "--help"}, {"do", "--help"}} {
		out, notes, err := run(t, "", args...)
		require.NoError(t, err)
		require.Contains(t, out, "USAGE", args)
		require.Empty(t, notes)
	}
	out, _, err := run(t, "", "--version")
	require.NoError(t, err)
	require.Regexp(t, `^redis-rest version \S+\n$`, out)
	for _, shell := range []string{"bash", "zsh", "fish"} {
		out, _, err := run(t, "", "completion", shell)
		require.NoError(t, err)
		require.Contains(t, out, "redis-rest")
	}
}

// What was not asked for goes to standard error.
func TestMistakes(t *testing.T) {
	for _, c := range []struct {
		args []string
		err  string
	}{
		{nil, "a command is missing"},
		{[]string{"serv"}, `"serv" is not a command of redis-rest; did you mean serve? `},
		{[]string{"help", "serv"}, "did you mean serve? "},
		{[]string{"evla", "f"}, "did you mean eval? "},
		{[]string{"get", "k"}, "did you mean redis-rest do get?"},
		{[]string{"quite-another"}, `"quite-another" is not a command of redis-rest (`},
		{[]string{"--nosuch"}, "there is no flag --nosuch ("},
		{[]string{"--versoin"}, "there is no flag --versoin; did you mean --version? ("},
		{[]string{"do", "--jsn", "GET"}, "there is no flag --jsn; did you mean --json? "},
	} {
		out, _, err := run(t, "", c.args...)
		require.ErrorContains(t, err, c.err, "%v", c.args)
		require.Empty(t, out, "%v", c.args)
	}
	_, notes, _ := run(t, "")
	require.Contains(t, notes, "USAGE")
}
