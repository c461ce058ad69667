package vet_test

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"golang.org/x/tools/go/analysis"
	"golang.org/x/tools/go/analysis/analysistest"
	"golang.org/x/tools/go/analysis/passes/inspect"

	"github.com/redis-rest/redis-rest-go/internal/testkit/built"
	"github.com/redis-rest/redis-rest-go/internal/workbench/vet"
)

const root = "../../.."

// newModule makes a module of these files, by path, that uses this one as it is.
func newModule(t *testing.T, files map[string]string) (dir string) {
	t.Helper()
	dir = t.TempDir()
	abs, err := filepath.Abs(root)
	require.NoError(t, err)
	mod, err := os.ReadFile(filepath.Join(root, "go.mod"))
	require.NoError(t, err)
	_, requirements, ok := strings.Cut(string(mod), "\n")
	require.True(t, ok)
	const path = "github.com/redis-rest/redis-rest-go"
	all := map[string]string{
		"go.mod": "module vettest\n" + requirements + "\nrequire " + path + " v0.0.0\n\nreplace " + path + " => " + abs + "\n",
	}
	sum, err := os.ReadFile(filepath.Join(root, "go.sum"))
	require.NoError(t, err)
	all["go.sum"] = string(sum)
	for name, text := range files {
		all[name] = text
	}
	for name, text := range all {
		write(t, dir, name, text)
	}
	// What the client needs is downloaded now: analysistest does not.
	out, err := exec.Command("go", "list", "-deps", path, path+"/command").CombinedOutput()
	require.NoError(t, err, "%s", out)
	return dir
}

func write(t *testing.T, dir, name, text string) {
	t.Helper()
	name = filepath.Join(dir, name)
	require.NoError(t, os.MkdirAll(filepath.Dir(name), 0o777))
	require.NoError(t, os.WriteFile(name, []byte(text), 0o666))
}

// The packages in testdata say in comments what is found in them, and else nothing
// is. All analyzers run as one, so that the packages are loaded once.
func TestAnalyzers(t *testing.T) {
	if testing.Short() {
		t.Skip("loads many packages")
	}
	require.NoError(t, analysis.Validate(vet.Analyzers))
	all := &analysis.Analyzer{
		Name:     "all",
		Doc:      "all of the analyzers",
		Requires: []*analysis.Analyzer{inspect.Analyzer},
		Run: func(pass *analysis.Pass) (any, error) {
			for _, a := range vet.Analyzers {
				if _, err := a.Run(pass); err != nil {
					return nil, err
				}
			}
			return nil, nil
		},
	}
	dir := newModule(t, nil)
	require.NoError(t, os.CopyFS(dir, os.DirFS("testdata")))
	require.Len(t, analysistest.Run(t, dir, all, "./..."), len(vet.Analyzers)+1)
}

// A block of the page: wrong or right Go, or what is found.
var block = regexp.MustCompile("(?ms)^```(go wrong|go right|text)\n(.*?)^```$")

// around puts a block of the page into a function that has what the blocks use.
const around = `package %s

import (
	"context"
	"log"

	redis "github.com/redis-rest/redis-rest-go"
	"github.com/redis-rest/redis-rest-go/command"
)

var limit = redis.NewScript[bool]("return 1")

func page(ctx context.Context, rdb *redis.Redis, keys []string, args []any) {
	var err error
	_, _, _, _, _ = ctx, log.Print, keys, args, err
	_ = command.Ping()
	{
%s
		%s
	}
}
`

// Each wrong example of the page has the finding that stands below it, and each
// right one has none.
func TestPage(t *testing.T) {
	page, err := os.ReadFile(filepath.Join(root, "docs/vet.md"))
	require.NoError(t, err)
	blocks := block.FindAllStringSubmatch(string(page), -1)
	require.Zero(t, len(blocks)%3)
	require.Greater(t, len(blocks), 20)
	files := map[string]string{}
	used := regexp.MustCompile(`(?m)^(\w+)(?:, (\w+))? :=`)
	for i, b := range blocks {
		kind := []string{"go wrong", "text", "go right"}[i%3]
		require.Equal(t, kind, b[1], "the order of the blocks, at %q", b[2])
		if kind == "text" {
			continue
		}
		var use string // or the compiler complains
		for _, m := range used.FindAllStringSubmatch(b[2], -1) {
			for _, name := range m[1:] {
				if name != "" && name != "b" { // which a use might execute
					use += "_ = " + name + "\n"
				}
			}
		}
		name := fmt.Sprintf("p%d", i)
		files[name+"/page.go"] = fmt.Sprintf(around, name, b[2], use)
	}
	out, err := runVet(built.Path(t, "redis-rest-vet"), newModule(t, files), "./...")
	require.Error(t, err)
	found := map[string][]string{}
	for _, m := range regexp.MustCompile(`(?m)^(p\d+)/page.go:\d+:\d+: (.*)$`).FindAllStringSubmatch(out, -1) {
		found[m[1]] = append(found[m[1]], m[2])
	}
	for i, b := range blocks {
		switch name := fmt.Sprintf("p%d", i); b[1] {
		case "go wrong":
			assert.Equal(t, []string{strings.TrimSpace(blocks[i+1][2])}, found[name], "%s\n%s", b[2], out)
		case "go right":
			assert.Empty(t, found[name], b[2])
		}
	}
}

// runVet runs go vet in a module, and returns what it prints with paths from dir. Each
// tool and each set of flags takes seconds, because go vet looks at all dependencies anew.
func runVet(tool, dir string, args ...string) (string, error) {
	cmd := exec.Command("go", append([]string{"vet", "-vettool=" + tool}, args...)...)
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "GOWORK=off", "GOPROXY=off", "GOFLAGS=-mod=mod")
	out, err := cmd.CombinedOutput()
	return filepath.ToSlash(strings.ReplaceAll(string(out), "./", "")), err
}

const program = `package main

import (
	"context"
	_ "embed"
	"fmt"

	redis "github.com/redis-rest/redis-rest-go"
	"github.com/redis-rest/redis-rest-go/command"
)

//go:embed limit.lua
var limit string

func main() {
	ctx := context.Background()
	rdb, err := redis.FromEnv()
	if err != nil {
		panic(err)
	}
	command.Del("a")
	b := rdb.Pipeline()
	command.Incr("hits").Queue(b)
	args := []any{1, 2}
	ok, err := redis.NewScript[bool](limit).Run(ctx, rdb, []string{"k"}, args)
	fmt.Println(ok, err)
}
`

// The commands of the page are those that this test runs.
func TestGoVet(t *testing.T) {
	page, err := os.ReadFile(filepath.Join(root, "docs/vet.md"))
	require.NoError(t, err)
	for _, command := range []string{
		"\ngo install github.com/redis-rest/redis-rest-go/cmd/redis-rest-vet@latest\n", // package built, without a registry
		"\ngo vet -vettool=\"$(which redis-rest-vet)\" ./...\n",
		"\ngo get -tool github.com/redis-rest/redis-rest-go/cmd/redis-rest-vet\n", // adds the line tool to go.mod
		"\n- run: go vet -vettool=\"$(go tool -n redis-rest-vet)\" ./...\n",
	} {
		require.Contains(t, string(page), command)
	}
	tool := built.Path(t, "redis-rest-vet")
	dir := newModule(t, map[string]string{
		"main.go":      program,
		"limit.lua":    "local a = 1\nreturn a +\n",
		"main_test.go": "package main\n\nimport \"github.com/redis-rest/redis-rest-go/command\"\n\nfunc init() {\n\tcommand.Ping()\n}\n",
	})
	out, err := runVet(tool, dir, "./...")
	require.Error(t, err)
	var found []string
	for line := range strings.Lines(out) {
		if !strings.HasPrefix(line, "#") {
			found = append(found, strings.TrimSpace(line))
		}
	}
	const unused = "makes a command, and this one is never run: call its Do, or Queue with a batch"
	inMain := []string{
		"main.go:21:2: command.Del " + unused,
		"main.go:22:7: the batch b is never executed, so its commands are never sent: call b.Exec",
		"main.go:25:35: Redis refuses limit.lua: Error compiling script (new function): user_script:3: unexpected symbol near '<eof>'",
		`main.go:25:71: args is ARGV[1] as a whole: write "..." behind it to send its elements`,
	}
	assert.ElementsMatch(t, append(inMain, "main_test.go:6:2: command.Ping "+unused), found)

	help, err := exec.Command(tool, "--help").Output()
	require.NoError(t, err)
	for _, a := range vet.Analyzers {
		assert.Contains(t, string(help), a.Name)
	}

	// Another Lua file is another answer, though no Go file has changed.
	write(t, dir, "limit.lua", "return 1\n")
	out, err = runVet(tool, dir, "./...")
	require.Error(t, err)
	assert.NotContains(t, out, "limit.lua")

	right := strings.NewReplacer(`command.Del("a")`, `command.Del("a").Do(ctx, rdb)`, "Queue(b)\n", "Queue(b)\nfmt.Println(b.Exec(ctx))\n", ", args)", ", args...)")
	write(t, dir, "main.go", right.Replace(program))
	require.NoError(t, os.Remove(filepath.Join(dir, "main_test.go")))
	out, err = runVet(tool, dir, "./...")
	require.NoError(t, err, "%s", out)

	if os.Getenv("CI") == "" {
		return
	}
	// A flag runs one analyzer only.
	write(t, dir, "main.go", program)
	out, err = runVet(tool, dir, "-slicearg", ".")
	require.Error(t, err)
	assert.Contains(t, out, "ARGV[1]")
	assert.NotContains(t, out, "never")

	// go.mod names it as a tool, as that of this module does, so it has the version of the client. A flag leaves an analyzer out.
	write(t, dir, "limit.lua", "return 1 +\n")
	cmd := exec.Command("go", "tool", "-n", "redis-rest-vet")
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "GOWORK=off", "GOPROXY=off")
	path, err := cmd.Output()
	require.NoError(t, err, "%s", path)
	out, err = runVet(strings.TrimSpace(string(path)), dir, "-unusedcommand=false", "-unsentbatch=false", "-slicearg=false", "./...")
	require.Error(t, err)
	assert.Contains(t, out, "main.go:25:35: Redis refuses limit.lua")
	assert.NotContains(t, out, "never")
	assert.NotContains(t, out, "ARGV")
}

// What is no good program, or a very large one, gets an answer and no panic.
func TestBadInput(t *testing.T) {
	if testing.Short() {
		t.Skip("builds many packages")
	}
	tool := built.Path(t, "redis-rest-vet")
	const head = "package p\n\nimport redis \"github.com/redis-rest/redis-rest-go\"\nimport \"github.com/redis-rest/redis-rest-go/command\"\n\nvar _ = redis.Cmd[int]\nvar _ = command.Ping\n"
	deep := "return " + strings.Repeat("(", 100_000) + "1" + strings.Repeat(")", 100_000)
	dir := newModule(t, map[string]string{
		"types/p.go":     head + "func f() { command.NoSuch(\"a\"); redis.NewScript[int](x); redis.Cmd[int](undefined...) }\n",
		"syntax/p.go":    head + "func f() { command.Del(\n",
		"noembed/p.go":   strings.Replace(head, "import redis", "import _ \"embed\"\nimport redis", 1) + "\n//go:embed none.lua\nvar source string\n\nvar _ = redis.NewScript[int](source)\n",
		"deep/p.go":      head + "var _ = redis.NewScript[int](`" + deep + "`)\n",
		"binary/p.go":    head + "var _ = redis.NewScript[int](\"\\x1bLua\\x00\\xff\")\n",
		"generated/p.go": "// Code generated by x; DO NOT EDIT.\n\n" + head + "func f() {\n" + strings.Repeat("command.Del(\"a\")\n", 20_000) + "}\n",
		"large/p.go":     head + "var _ = redis.NewScript[int](`" + strings.Repeat("local a = 1\n", 10) + strings.Repeat("a = 1\n", 500_000) + "x`)\n",
		"line/p.go":      head + "//line other.lua:1000000\nvar _ = redis.NewScript[int](`\n\nx`)\n",
		"generic/p.go": head + "type set[T any] []redis.Command[T]\n\nfunc f[T any, S ~[]redis.Command[T]](key string, s S) set[T] {\n\tvar list set[T]\n\tlist = append(list, command.Get[T](key))\n" +
			"\ts = append(s, list...)\n\treturn set[T](s)\n}\n\nfunc g[C redis.Command[int]](f func() C) { f() }\n",
	})
	out, err := runVet(tool, dir, "./types", "./deep", "./binary", "./generated", "./large", "./line", "./generic")
	require.Error(t, err)
	for _, want := range []string{
		`types/p.go:8:\d+: undefined: command.NoSuch`,
		`deep/p.go:8:\d+: Redis refuses this script: Error compiling script \(new function\): user_script:1: chunk has too many syntax levels`,
		`binary/p.go:8:\d+: Redis refuses this script`,
		`generated/p.go:20010:\d+: command.Del makes a command`,
		`large/p.go:\d+:\d+: .*user_script:500011:`,
		`other.lua:1000002:`,
	} {
		assert.True(t, regexp.MustCompile(want).MatchString(out), want)
	}
	for _, wrong := range []string{"generic/", "panic"} {
		assert.False(t, strings.Contains(out, wrong), wrong)
	}
	for name, want := range map[string]string{"syntax": "expected", "noembed": "none.lua"} { // go vet looks at no package then
		out, err := runVet(tool, dir, "./"+name)
		assert.Error(t, err, name)
		assert.Contains(t, out, want, name)
	}
}
