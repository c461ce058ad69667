package main

import (
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
	"github.com/urfave/cli/v3"
)

func TestLint(t *testing.T) {
	clean := write(t, "clean.lua", "return redis.call('GET', KEYS[1])")
	note := write(t, "note.lua", "return redis.call('GET', KEYS[1] .. ':x')")
	wrong := write(t, "wrong.lua", "local x\nreturn redis.call('GET')")
	newer := "return redis.call('HTTL', KEYS[1], 'FIELDS', 1, 'f')"
	for _, c := range []struct {
		stdin string
		args  []string
		out   string
		err   string
	}{
		{"", []string{clean}, "", ""},
		{"", []string{note}, note + ":1:26: note K01: this key of GET is built from a key of KEYS, and may be in another slot: pass it in KEYS, or give both the same {hash tag}\n", ""},
		{"", []string{clean, wrong}, wrong + ":1:7: warning L01: x is never used\n" + wrong + ":2:8: error R05: GET takes 1 argument, and this call has 0\n", "2 mistakes"},
		{"return 1 +", []string{"-"}, "stdin:1:1: error R01: Error compiling script (new function): user_script:1: unexpected symbol near '<eof>'\n", "1 mistake"},
		{newer, []string{"-"}, "stdin:1:8: error R04: HTTL exists since version 7.4.0\n", "1 mistake"},
		{newer, []string{"--target", "7.4", "-"}, "", ""},
		{newer, []string{"--target", "hosted", "-"}, "", ""},
		{"return 1 +", []string{"--format", "github", "-"}, "::error file=stdin,line=1,col=1,title=R01::Error compiling script (new function): user_script:1: unexpected symbol near '<eof>'\n", "1 mistake"},
		{"", nil, "", "the files are missing"},
		{"", []string{"--target", "5", clean}, "", "--target"},
		{"", []string{"--format", "xml", clean}, "", `there is no format "xml"`},
	} {
		out, _, err := run(t, c.stdin, append([]string{"lint"}, c.args...)...)
		require.Equal(t, c.out, out, c.args)
		if c.err == "" {
			require.NoError(t, err, c.args)
		} else {
			require.ErrorContains(t, err, c.err)
			require.Equal(t, 1, status(err))
		}
	}

	// What can be read is read.
	out, _, err := run(t, "", "lint", "--format", "json", filepath.Join(t.TempDir(), "none.lua"), wrong)
	require.ErrorIs(t, errors.Unwrap(err), os.ErrNotExist)
	require.Equal(t, 2, status(err))
	var list []any
	require.NoError(t, json.Unmarshal([]byte(out), &list))
	require.Len(t, list, 2)
	require.Equal(t, 3, status(cli.Exit("", 3)))
}
