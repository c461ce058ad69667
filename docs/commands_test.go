package docs

import (
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/redis-rest/redis-rest-go/internal/testkit/built"
	"github.com/redis-rest/redis-rest-go/internal/testkit/longtext"
	"github.com/redis-rest/redis-rest-go/redistest"
)

const module = "github.com/redis-rest/redis-rest-go"

// Each block of code on a page is in a language that a test checks.
func TestPagesBlocks(t *testing.T) {
	t.Chdir("..") // so that paths are those of the pages
	outputs := sources(t, "example*_test.go")
	scripts := sources(t, "examples/*/*.lua")
	for _, page := range pages(t) {
		for i, part := range strings.Split("\n"+read(t, page), "\n```") {
			language, text, _ := strings.Cut(part, "\n")
			switch {
			case i%2 == 0: // between blocks
			case language == "go" || language == "sh" || language == "yaml" || language == "console": // TestPagesGoCode, TestPagesCommands, TestPagesWorkflows, TestPagesConsoles
			case language == "lua":
				assert.True(t, strings.Contains(scripts, text), "%s: in no script of examples:\n%s", page, text)
			case language == "text": // what a program prints
				for line := range strings.Lines(text) {
					line = strings.TrimSpace(line)
					found := regexp.MustCompile(`(?m)^\s*// (Output: )?` + regexp.QuoteMeta(line) + `$`).MatchString(outputs)
					assert.True(t, found, "%s: no example prints this: %s", page, line)
				}
			default:
				assert.Fail(t, "no test checks this language", "%s: %q", page, language)
			}
		}
	}
}

func read(t *testing.T, path string) string {
	t.Helper()
	text, err := os.ReadFile(path)
	require.NoError(t, err)
	return string(text)
}

func sources(t *testing.T, pattern string) string {
	t.Helper()
	paths, err := filepath.Glob(pattern)
	require.NoError(t, err)
	require.NotEmpty(t, paths)
	var all strings.Builder
	for _, path := range paths {
		all.WriteString(read(t, path))
	}
	return all.String()
}

// TestPagesCommands runs the commands of each page in one shell, in a folder of
// links to this project. It does not run what takes long or needs a network (go
// test, go get, .ci/run, export): there it checks that the names exist.
func TestPagesCommands(t *testing.T) {
	t.Chdir("..") // so that paths are those of the pages
	if testing.Short() {
		t.Skip("builds programs and starts servers")
	}
	need(t, "bash")
	dir := linked(t)
	server := redistest.NewServer(t)
	server.Setenv()
	for _, page := range pages(t) {
		t.Run(filepath.Base(page), func(t *testing.T) {
			var script strings.Builder
			for _, block := range blocks(t, page, "sh") {
				for line := range strings.Lines(block) {
					if !checked(t, line) {
						script.WriteString(line)
					}
				}
			}
			if strings.Contains(script.String(), "node") {
				need(t, "node")
			}
			// Port 6379 may be that of a Redis of this machine.
			free, err := net.Listen("tcp", "127.0.0.1:0")
			require.NoError(t, err)
			require.NoError(t, free.Close())
			_, port, _ := net.SplitHostPort(free.Addr().String())
			ports := strings.NewReplacer("127.0.0.1:6379", "127.0.0.1:"+port, "redis-cli ", "redis-cli -p "+port+" ")
			out := shell(t, dir, ports.Replace(script.String()))
			if page == "docs/server.md" {
				for _, want := range []string{"\n\"Ada\"\n", "\n(integer) 1\n", "\n2 commands imported\n", "\nok    clock "} {
					longtext.Contains(t, out, want, page)
				}
			}
		})
	}
	require.NotEmpty(t, server.Requests())
}

var (
	assignment = regexp.MustCompile(`^(\w+)=(\S+) `)
	goTest     = regexp.MustCompile(`^go test (.*-(?:run|bench) (\w+) )?.*?(\./\S*|\.)(?: -update)?(?:\s+#.*)?$`)
)

// checked reports whether a line is one that is not run, and checks that it names
// what is there.
func checked(t *testing.T, line string) bool {
	t.Helper()
	command := strings.TrimSpace(line)
	variable := ""
	if m := assignment.FindStringSubmatch(command); m != nil {
		variable, command = m[1], strings.TrimPrefix(command, m[0])
	}
	switch {
	case strings.HasPrefix(command, "go test "):
		m := goTest.FindStringSubmatch(command)
		require.NotNil(t, m, "%s", command)
		if m[3] == "./..." {
			longtext.Contains(t, read(t, ".ci/run"), command[:len("go test ./...")], ".ci/run")
			return true
		}
		tests := sources(t, filepath.Join(m[3], "*_test.go"))
		require.True(t, strings.Contains(tests, "\nfunc Test"+strings.TrimPrefix(m[2], "Test")) || strings.Contains(tests, "\nfunc Benchmark"+m[2]), "there is no such test: %s", command)
		require.True(t, variable == "" || strings.Contains(tests, `"`+variable+`"`), "no such variable: %s", line)
	case command == ".ci/run":
		longtext.Contains(t, read(t, ".ci/run"), "${"+variable, ".ci/run")
	case strings.HasPrefix(command, "go get "):
		require.Equal(t, "go get "+module, command)
	case strings.HasPrefix(command, "export "):
		for _, name := range regexp.MustCompile(`(\w+)=`).FindAllStringSubmatch(command, -1) {
			longtext.Contains(t, read(t, "env.go"), `env:"`+name[1]+`"`, "env.go")
		}
	default:
		return false
	}
	return true
}

// need skips a test where a program is missing, but not in CI.
func need(t *testing.T, program string) {
	t.Helper()
	if _, err := exec.LookPath(program); err != nil && os.Getenv("CI") == "" {
		t.Skipf("%s is not on PATH", program)
	}
}

// linked makes a folder that has links to all files of this project, so that
// commands may write into it.
func linked(t *testing.T) string {
	t.Helper()
	from, err := os.Getwd()
	require.NoError(t, err)
	dir := t.TempDir()
	entries, err := os.ReadDir(from)
	require.NoError(t, err)
	for _, entry := range entries {
		if entry.Name() != ".git" && entry.Name() != ".env" {
			require.NoError(t, os.Symlink(filepath.Join(from, entry.Name()), filepath.Join(dir, entry.Name())))
		}
	}
	return dir
}

// serve stands in for redis-rest: a server listens on free ports, and runs on
// while the next commands are run.
const serve = `#!/bin/bash
if [ "$1" != serve ] || [ "$2" = --help ]; then exec "$GOBIN/redis-rest" "$@"; fi
lines=$(mktemp -p "$GOBIN") notes=$(mktemp -p "$GOBIN")
"$GOBIN/redis-rest" "$@" --listen 127.0.0.1:0 >"$lines" 2>"$notes" &
echo $! >>"$GOBIN/servers"
until grep -q 'read-only: ' "$notes"; do kill -0 $! && sleep 0.1 || { cat "$notes"; exit 1; }; done
cat "$lines"
`

// goHere stands in for go: what it builds is built where this project is, since go's
// cache knows it there, and put where the script wants it.
const goHere = `#!/bin/bash
args=()
for arg; do
	if [ "$last" = -o ] && [ "${arg#/}" = "$arg" ]; then arg=$PWD/$arg; fi
	args+=("$arg")
	last=$arg
done
cd "$PROJECT"
PATH=${PATH#*:} exec go "${args[@]}"
`

// shell runs a script with redis-rest on PATH, and returns what it printed.
func shell(t *testing.T, dir, script string) string {
	t.Helper()
	if strings.TrimSpace(script) == "" {
		return ""
	}
	path, bin := t.TempDir(), t.TempDir()
	if strings.Contains(script, "redis-rest") {
		require.NoError(t, os.Symlink(built.Path(t, "redis-rest"), bin+"/redis-rest"))
	}
	project, err := os.Getwd()
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(path+"/redis-rest", []byte(serve), 0o755))
	require.NoError(t, os.WriteFile(path+"/go", []byte(goHere), 0o755))
	t.Setenv("PROJECT", project)
	t.Setenv("GOBIN", bin)
	t.Setenv("PATH", path+string(os.PathListSeparator)+os.Getenv("PATH"))
	cmd := exec.Command("bash", "-euc", `trap '[ ! -e "$GOBIN/servers" ] || kill $(cat "$GOBIN/servers")' EXIT`+"\n"+script)
	cmd.Dir = dir
	out, err := cmd.CombinedOutput()
	require.NoError(t, err, "%s\n%s", script, out)
	return string(out)
}

// The flags that pages name are flags of redis-rest or of the programs that pages use.
func TestPagesFlags(t *testing.T) {
	t.Chdir("..") // so that paths are those of the pages
	path := built.Path(t, "redis-rest")
	help := func(args ...string) string {
		out, err := exec.Command(path, append(args, "--help")...).Output()
		require.NoError(t, err)
		return string(out)
	}
	known := help() + "--env-file " // of node and docker too
	commands := regexp.MustCompile(`(?m)^   ([a-z]+)(, h)? +\w`).FindAllStringSubmatch(known, -1)
	require.Greater(t, len(commands), 5)
	for _, m := range commands {
		if m[1] != "help" {
			known += help(m[1])
		}
	}
	count := 0
	text := read(t, "docs/server.md")
	for _, m := range regexp.MustCompile(`(?:^|[\s`+"`"+`])(--[a-z][\w-]*)`).FindAllStringSubmatch(text, -1) {
		count++
		assert.True(t, regexp.MustCompile(`[ ,]`+m[1]+`[ ,]`).MatchString(known), "docs/server.md: there is no flag %s", m[1])
	}
	require.Greater(t, count, 20)
	for _, m := range regexp.MustCompile("`redis-rest ([a-z]+)").FindAllStringSubmatch(text, -1) {
		assert.True(t, m[1] == "completion" || strings.Contains(known, "\n   "+m[1]+" "), "docs/server.md: there is no command %s", m[1])
	}
}

// The workflows start a server that has the token and the address that their last
// step is given.
func TestPagesWorkflows(t *testing.T) {
	t.Chdir("..") // so that paths are those of the pages
	if testing.Short() {
		t.Skip("builds programs and starts servers")
	}
	need(t, "bash")
	need(t, "redis-server")
	steps := regexp.MustCompile(`(?m)^- run: (.*)\n(?:  env: (.*)\n)?`)
	given := regexp.MustCompile(`(\w+): "?([^",} ]+)"?`)
	count := 0
	for _, page := range pages(t) {
		for _, block := range blocks(t, page, "yaml") {
			count++
			if m := regexp.MustCompile(`^- uses: redis-rest/redis-rest-go/packaging@v\S+\n  with: \{ (\w+): .* \}.*\n- run: npm test\b.*\n$`).FindStringSubmatch(block); m != nil {
				require.Regexp(t, `(?m)^  `+m[1]+`:$`, read(t, "packaging/action.yml")) // packaging tests it
				continue
			}
			ran := ""
			for _, step := range steps.FindAllStringSubmatch(block, -1) {
				env := map[string]string{}
				for _, v := range given.FindAllStringSubmatch(step[2], -1) {
					env[v[1]] = v[2]
				}
				switch {
				case strings.HasPrefix(step[1], "redis-rest serve "):
					ran = "export REDIS_REST_TOKEN=" + env["REDIS_REST_TOKEN"] + "\n" + strings.TrimSuffix(step[1], "&") + " >.env\n. ./.env\n"
				case strings.HasPrefix(step[1], "npm test"):
					ran += "export UPSTASH_REDIS_REST_URL UPSTASH_REDIS_REST_TOKEN=" + env["UPSTASH_REDIS_REST_TOKEN"] + "\nredis-rest do PING\nredis-rest serve --help\n"
					t.Run(page, func(t *testing.T) {
						out := shell(t, linked(t), ran)
						require.Contains(t, out, "PONG")
						require.Contains(t, out, `(default: "`+strings.TrimPrefix(env["UPSTASH_REDIS_REST_URL"], "http://")+`")`)
					})
				default:
					require.Regexp(t, `^(sudo apt-get install -y redis-server|go install `+module+`/cmd/redis-rest@latest)$`, step[1])
				}
			}
			require.Contains(t, ran, "PING", "no server was used")
		}
	}
	require.NotZero(t, count)
}
