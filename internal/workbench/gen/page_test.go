package gen_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	redis "github.com/redis-rest/redis-rest-go"
	"github.com/redis-rest/redis-rest-go/internal/workbench/gen"
	"github.com/redis-rest/redis-rest-go/redistest"
)

// What docs/gen.md tells works in a module of its own: its files are written, its commands are run, and the code that it shows is
// generated.
func TestPage(t *testing.T) {
	if testing.Short() {
		t.Skip("builds programs")
	}
	t.Parallel()
	root, err := filepath.Abs("../../..")
	require.NoError(t, err)
	page, err := os.ReadFile(filepath.Join(root, "docs", "gen.md"))
	require.NoError(t, err)
	dir := t.TempDir()
	put := func(path, text string) {
		path = filepath.Join(dir, filepath.FromSlash(path))
		require.NoError(t, os.MkdirAll(filepath.Dir(path), 0o755))
		require.NoError(t, os.WriteFile(path, []byte(text), 0o644))
	}
	const module = "github.com/redis-rest/redis-rest-go"
	mod, err := os.ReadFile(filepath.Join(root, "go.mod"))
	require.NoError(t, err)
	_, requirements, ok := strings.Cut(string(mod), "\n\n") // behind the name of the module
	require.True(t, ok)
	put("go.mod", "module example.com/shows\n\n"+requirements+"\nrequire "+module+" v0.0.0\nreplace "+module+" => "+root+"\n")
	sums, err := os.ReadFile(filepath.Join(root, "go.sum"))
	require.NoError(t, err)
	put("go.sum", string(sums))

	rdb := redistest.NewServer(t, redistest.Backend("memory"))
	_, err = redis.Cmd[any]("SET", "{show}seats", 3).Do(t.Context(), rdb.Client())
	require.NoError(t, err)
	run := func(command string) string {
		t.Helper()
		words := strings.Fields(command)
		c := exec.CommandContext(t.Context(), words[0], words[1:]...)
		c.Dir = dir
		c.Env = append(os.Environ(), "GOFLAGS=-mod=mod", "UPSTASH_REDIS_REST_URL="+rdb.URL, "UPSTASH_REDIS_REST_TOKEN="+rdb.Token)
		out, err := c.CombinedOutput()
		require.NoError(t, err, "%s\n%s", command, out)
		return string(out)
	}
	var shown []string
	var commands []string
	mistake := ""
	for _, m := range regexp.MustCompile("(?s)\n```(\\w+) ?(\\S*)\n(.*?)```").FindAllStringSubmatch(string(page), -1) {
		switch language, path, text := m[1], m[2], m[3]; {
		case language == "sh":
			commands = append(commands, strings.Split(strings.TrimSpace(text), "\n")...)
		case language == "text":
			mistake = strings.TrimSpace(text)
		case strings.HasSuffix(path, "/"+gen.File):
			shown = append(shown, text)
		default:
			require.NotEmpty(t, path, "a block without a file's name: %s", text)
			put(path, text)
		}
	}
	require.Len(t, shown, 2)
	require.Len(t, commands, 5)
	for _, command := range commands {
		if !strings.HasPrefix(command, "go get ") { // which needs a network
			run(command)
		}
	}
	code, err := os.ReadFile(filepath.Join(dir, "scripts", gen.File))
	require.NoError(t, err)
	for _, text := range shown {
		require.Contains(t, string(code), text)
	}

	script, err := os.ReadFile(filepath.Join(dir, "scripts", "reserve.lua"))
	require.NoError(t, err)
	put("scripts/reserve.lua", strings.Replace(string(script), "{left, held, redis.call('TTL', KEYS[2])}", "{left, held}", 1))
	_, err = gen.Package(filepath.Join(dir, "scripts"))
	require.EqualError(t, err, filepath.ToSlash(dir)+"/"+mistake)
	put("scripts/reserve.lua", string(script))
	run("go build -o shows.exe .")
	program := filepath.Join(dir, "shows.exe")
	require.Equal(t, "1 seats are left\n", run(program))
	require.Equal(t, "sold out\n", run(program))
}
