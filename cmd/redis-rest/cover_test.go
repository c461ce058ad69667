package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	redis "github.com/redis-rest/redis-rest-go"
	"github.com/redis-rest/redis-rest-go/redistest"
)

// Tests of several packages write which lines ran, and Go's own tool shows them.
func TestCover(t *testing.T) {
	if testing.Short() {
		t.Skip("builds go tool cover's page")
	}
	t.Chdir("../..")
	dir := t.TempDir()
	t.Setenv("REDISTEST_LUACOVER", dir)
	script, err := os.ReadFile("examples/quickstart/ratelimit.lua")
	require.NoError(t, err)
	t.Run("collect", func(t *testing.T) {
		rdb := redistest.New(t)
		for range 3 {
			_, err := redis.Eval[int](t.Context(), rdb, string(script), []string{"k"}, 5, 60)
			require.NoError(t, err)
		}
		_, err := redis.Eval[int](t.Context(), rdb, "if ARGV[1] == 'x' then\n  return 1\nelseif not ARGV[1] then\n  return 2\nend\nreturn 3", nil)
		require.NoError(t, err)
	})
	out := filepath.Join(dir, "lua.out")
	printed, _, err := run(t, "", "cover", dir, "-o", out)
	require.NoError(t, err)
	root, err := filepath.Abs(".")
	require.NoError(t, err)
	path := filepath.Join(root, "examples/quickstart/ratelimit.lua")
	require.Regexp(t, ` 80\.0%  `+path+`\n`, printed)
	require.Regexp(t, ` 60\.0%  `+out+`\.d/[0-9a-f]{40}\.lua\n`, printed)
	profile, err := os.ReadFile(out)
	require.NoError(t, err)
	require.True(t, strings.HasPrefix(string(profile), "mode: count\n"))
	require.Contains(t, string(profile), path+":8.1,8.42 1 3\n")
	require.Contains(t, string(profile), path+":10.3,10.11 1 0\n")

	page := filepath.Join(dir, "lua.html")
	shown, err := exec.Command("go", "tool", "cover", "-html="+out, "-o", page).CombinedOutput()
	require.NoError(t, err, "%s", shown)
	html, err := os.ReadFile(page)
	require.NoError(t, err)
	require.Contains(t, string(html), `<span class="cov10" title="3">local count = redis.call('INCR', KEYS[1])</span>`)
	require.Contains(t, string(html), `<span class="cov0" title="0">return 0</span>`)
	require.Contains(t, string(html), `<span class="cov8" title="1">if ARGV[1] == 'x' then</span>`, "the first line")
	require.Contains(t, string(html), `<span class="cov0" title="0">return 3</span>`, "the last line")

	lcov := filepath.Join(dir, "lcov.info")
	_, _, err = run(t, "", "cover", "--lcov", "-o", lcov, dir)
	require.NoError(t, err)
	text, err := os.ReadFile(lcov)
	require.NoError(t, err)
	require.Contains(t, string(text), "SF:"+path+"\nDA:7,3\nDA:8,3\nDA:9,3\nDA:10,0\nDA:12,3\nLF:5\nLH:4\nend_of_record\n")

	require.NoError(t, os.WriteFile(filepath.Join(dir, "x.luacov"), []byte(`{"a":null}`), 0o600))
	_, _, err = run(t, "", "cover", dir)
	require.ErrorContains(t, err, "a source is null")
	_, _, err = run(t, "", "cover", t.TempDir())
	require.ErrorContains(t, err, "REDISTEST_LUACOVER")
}
