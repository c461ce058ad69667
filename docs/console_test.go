package docs

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/redis-rest/redis-rest-go/internal/testkit/built"
)

// prompt is that of redis-rest debug. On a page, what follows it is typed.
const prompt = "lua debugger> "

// What differs from run to run: times, with the blanks around them, and ports.
var differs = regexp.MustCompile(`\s*\b\d+(\.\d+)?(ns|µs|ms|s)\b *`)

// same is what a console prints without what differs. Columns are as wide as the longest time in them.
func same(s string) string {
	return regexp.MustCompile(` {2,}`).ReplaceAllString(differs.ReplaceAllString(s, " T "), " ")
}

// home stands for the folder of a console in what it prints.
const home = "/home/ada/shop"

// The blocks in the language console have commands, each after $, and what they print: here too. They run in a folder with the examples.
func TestPagesConsoles(t *testing.T) {
	t.Chdir("..") // so that paths are those of the pages
	need(t, "bash")
	built.Path(t, "redis-rest") // before another go is on PATH
	count := 0
	for _, page := range pages(t) {
		text := read(t, page)
		dir := t.TempDir()
		require.NoError(t, os.CopyFS(filepath.Join(dir, "examples/quickstart"), os.DirFS("examples/quickstart")))
		changed := text
		for _, block := range blocks(t, page, "console") {
			count++
			var now strings.Builder
			for _, command := range strings.Split("\n"+block, "\n$ ")[1:] {
				now.WriteString(console(t, dir, command))
			}
			if *update {
				changed = strings.Replace(changed, "\n```console\n"+block+"```", "\n```console\n"+now.String()+"```", 1)
				continue
			}
			assert.Equal(t, same(now.String()), same(block), "%s: go test -run TestPagesConsoles ./docs -update writes it", page)
		}
		if changed != text {
			require.NoError(t, os.WriteFile(page, []byte(changed), 0o644))
		}
	}
	require.Greater(t, count, 4)
}

// console runs a command, and returns it with what it prints. The command may have a here-document, and input after prompts.
func console(t *testing.T, dir, command string) string {
	lines := strings.Split(command, "\n")
	shown := lines[:1]
	if _, end, ok := strings.Cut(lines[0], "<<'"); ok {
		end, _, _ = strings.Cut(end, "'")
		for i, line := range lines {
			if line == end {
				shown = lines[:i+1]
				break
			}
		}
	}
	run := strings.Join(shown, "\n")
	if strings.Contains(command, "\n"+prompt) {
		run += " <<'TYPED'\n"
		for _, line := range lines {
			if typed, ok := strings.CutPrefix(line, prompt); ok {
				run += typed + "\n"
			}
		}
		run += "TYPED"
	}
	out := shell(t, dir, "set +e\n"+run+"\ntrue")
	return "$ " + strings.Join(shown, "\n") + "\n" + strings.ReplaceAll(out, dir, home)
}
