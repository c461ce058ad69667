package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	redis "github.com/redis-rest/redis-rest-go"
)

// need skips a test where a program is missing, but not in CI.
func need(t *testing.T, program string) {
	t.Helper()
	if _, err := exec.LookPath(program); err != nil && os.Getenv("CI") == "" {
		t.Skipf("%s is not on PATH", program)
	}
}

// readers read a file of variables, each in its way.
var readers = map[string]func(t *testing.T, path string) map[string]string{
	"sh":   func(t *testing.T, path string) map[string]string { return sourced(t, "sh", path) },
	"bash": func(t *testing.T, path string) map[string]string { return sourced(t, "bash", path) },
	"node": func(t *testing.T, path string) map[string]string {
		need(t, "node")
		out, err := exec.Command("node", "--env-file="+path, "-p", "JSON.stringify(process.env)").Output()
		require.NoError(t, err)
		vars := map[string]string{}
		require.NoError(t, json.Unmarshal(out, &vars))
		return vars
	},
	// As in docs.docker.com/reference/cli/docker/container/run/#env: a line that begins with # is a
	// comment, and what follows the first = is the value, as it stands.
	"docker": func(t *testing.T, path string) map[string]string {
		content, err := os.ReadFile(path)
		require.NoError(t, err)
		vars := map[string]string{}
		for line := range strings.Lines(string(content)) {
			if name, value, ok := strings.Cut(strings.TrimRight(line, "\r\n"), "="); ok && !strings.HasPrefix(line, "#") {
				require.NotContains(t, name, " ")
				vars[name] = value
			}
		}
		return vars
	},
}

func sourced(t *testing.T, shell, path string) map[string]string {
	need(t, shell)
	cmd := exec.Command(shell, "-c", `set -a; . "$0"; env -0`, path)
	cmd.Env = []string{"PATH=" + os.Getenv("PATH"), "HOME=/home"}
	out, err := cmd.Output()
	require.NoError(t, err)
	vars := map[string]string{}
	for line := range strings.SplitSeq(string(out), "\x00") {
		name, value, _ := strings.Cut(line, "=")
		vars[name] = value
	}
	return vars
}

func TestValuesAreReadAlike(t *testing.T) {
	f := &envFile{path: filepath.Join(t.TempDir(), ".env")}
	values := map[string]string{}
	refused := ""
	for r := '!'; r <= '~'; r++ {
		for _, value := range []string{string(r), "a" + string(r) + "b", string(r) + "a", "a" + string(r), "a:" + string(r) + "a" + string(r)} {
			if !readAlike(value) {
				refused += string(r)
				break
			}
			name := fmt.Sprintf("V%d", len(values))
			values[name] = value
			f.set(variable{name, value})
		}
	}
	require.Equal(t, "!\"#$&'()*;<>?\\^`{|}~", refused)
	for _, value := range []string{" ", "a b", "\n", "a\x00", "é", "²"} {
		require.False(t, readAlike(value), "%q", value)
	}
	require.NoError(t, f.write())
	for name, read := range readers {
		t.Run(name, func(t *testing.T) {
			got := read(t, f.path)
			for name, value := range values {
				require.Equal(t, value, got[name], name)
			}
		})
	}
}

func TestEnvFileSet(t *testing.T) {
	const local = "UPSTASH_REDIS_REST_URL=http://127.0.0.1:8079\nUPSTASH_REDIS_REST_TOKEN=new\n"
	for name, c := range map[string]struct{ before, after string }{
		"nothing yet":         {"", local},
		"other lines":         {"A=1\n\n# b\nB='2'\n", "A=1\n\n# b\nB='2'\n" + local},
		"no end of line":      {"A=1", "A=1\n" + local},
		"in place":            {"A=1\nUPSTASH_REDIS_REST_URL=http://localhost:1\nB=2\nUPSTASH_REDIS_REST_TOKEN=old\nC=3", "A=1\nUPSTASH_REDIS_REST_URL=http://127.0.0.1:8079\nB=2\nUPSTASH_REDIS_REST_TOKEN=new\nC=3\n"},
		"nothing to do":       {local, local},
		"quotes go":           {"UPSTASH_REDIS_REST_URL=\"http://127.0.0.1:8079\"\nUPSTASH_REDIS_REST_TOKEN='new'\n", local},
		"export stays":        {"export UPSTASH_REDIS_REST_URL=''\n  export\tUPSTASH_REDIS_REST_TOKEN=\"a\"\n", "export UPSTASH_REDIS_REST_URL=http://127.0.0.1:8079\n  export\tUPSTASH_REDIS_REST_TOKEN=new\n"},
		"spaces":              {"UPSTASH_REDIS_REST_URL = http://127.0.0.1:1\nUPSTASH_REDIS_REST_TOKEN = x\n", local},
		"the last one counts": {"UPSTASH_REDIS_REST_TOKEN=a\nUPSTASH_REDIS_REST_TOKEN=b\nUPSTASH_REDIS_REST_URL=\n", "UPSTASH_REDIS_REST_TOKEN=new\nUPSTASH_REDIS_REST_TOKEN=new\nUPSTASH_REDIS_REST_URL=http://127.0.0.1:8079\n"},
		"CR LF":               {"A=1\r\nUPSTASH_REDIS_REST_TOKEN=a\r\nB=2", "A=1\r\nUPSTASH_REDIS_REST_TOKEN=new\r\nB=2\r\nUPSTASH_REDIS_REST_URL=http://127.0.0.1:8079\r\n"},
		"like ours":           {"MY_UPSTASH_REDIS_REST_URL=a\nUPSTASH_REDIS_REST_URL_2=b\n#UPSTASH_REDIS_REST_URL=c\n", "MY_UPSTASH_REDIS_REST_URL=a\nUPSTASH_REDIS_REST_URL_2=b\n#UPSTASH_REDIS_REST_URL=c\n" + local},
		"in another value": {
			"A=\"x\nUPSTASH_REDIS_REST_URL=a\n\\\"UPSTASH_REDIS_REST_TOKEN=b\"\nUPSTASH_REDIS_REST_TOKEN='c\nd'\nUPSTASH_REDIS_REST_URL=\n",
			"A=\"x\nUPSTASH_REDIS_REST_URL=a\n\\\"UPSTASH_REDIS_REST_TOKEN=b\"\n# UPSTASH_REDIS_REST_TOKEN='c\n# d'\nUPSTASH_REDIS_REST_TOKEN=new\nUPSTASH_REDIS_REST_URL=http://127.0.0.1:8079\n",
		},
		"an apostrophe": {"A=it's\nB='\nUPSTASH_REDIS_REST_TOKEN=a\n", "A=it's\nB='\nUPSTASH_REDIS_REST_TOKEN=new\nUPSTASH_REDIS_REST_URL=http://127.0.0.1:8079\n"},
		"another server is kept as a comment": {
			"UPSTASH_REDIS_REST_URL=\"https://a.upstash.io\"\nexport UPSTASH_REDIS_REST_TOKEN=AX\n",
			"# UPSTASH_REDIS_REST_URL=\"https://a.upstash.io\"\nUPSTASH_REDIS_REST_URL=http://127.0.0.1:8079\n# export UPSTASH_REDIS_REST_TOKEN=AX\nexport UPSTASH_REDIS_REST_TOKEN=new\n",
		},
		"a comment is kept": {
			"UPSTASH_REDIS_REST_TOKEN=old # of mine\nUPSTASH_REDIS_REST_URL=\n",
			"# UPSTASH_REDIS_REST_TOKEN=old # of mine\nUPSTASH_REDIS_REST_TOKEN=new\nUPSTASH_REDIS_REST_URL=http://127.0.0.1:8079\n",
		},
		"what follows is kept": {
			"UPSTASH_REDIS_REST_TOKEN=\"a\"; export OTHER=b\nUPSTASH_REDIS_REST_URL=\n",
			"# UPSTASH_REDIS_REST_TOKEN=\"a\"; export OTHER=b\nUPSTASH_REDIS_REST_TOKEN=new\nUPSTASH_REDIS_REST_URL=http://127.0.0.1:8079\n",
		},
		"a quote that is closed too late": {
			"UPSTASH_REDIS_REST_TOKEN=\"open\nB=\"2\"\nUPSTASH_REDIS_REST_URL=\n",
			"# UPSTASH_REDIS_REST_TOKEN=\"open\n# B=\"2\"\nUPSTASH_REDIS_REST_TOKEN=new\nUPSTASH_REDIS_REST_URL=http://127.0.0.1:8079\n",
		},
		"a mark at the start": {"\ufeffUPSTASH_REDIS_REST_TOKEN=old\n", "\ufeffUPSTASH_REDIS_REST_TOKEN=new\nUPSTASH_REDIS_REST_URL=http://127.0.0.1:8079\n"},
	} {
		f := &envFile{content: c.before}
		for range 2 { // the second time changes nothing
			f.set(variable{"UPSTASH_REDIS_REST_URL", "http://127.0.0.1:8079"}, variable{"UPSTASH_REDIS_REST_TOKEN", "new"})
			require.Equal(t, c.after, f.content, name)
		}
	}
}

func TestEnvFileGet(t *testing.T) {
	f := &envFile{content: "A=1\nA=a b # c\nB=\"x # y\" # z\nexport C='it'\nD=\nE=`q`\nF=#\nG=a#b\nH=\"open\n"}
	for name, want := range map[string]string{"A": "a b", "B": "x # y", "C": "it", "D": "", "E": "q", "F": "", "G": "a#b", "H": `"open`, "I": ""} {
		require.Equal(t, want, f.get(name), name)
	}
}

// serveTo runs serve with a file for the environment, and returns its new content.
func serveTo(t *testing.T, path string, args ...string) (content string, s *served) {
	t.Helper()
	s = start(t, append([]string{"--env-file", path}, args...)...)
	s.ready(t)
	data, err := os.ReadFile(path)
	require.NoError(t, err)
	return string(data), s
}

func TestServeEnvFile(t *testing.T) {
	dir := t.TempDir()
	real, path, before := filepath.Join(dir, "real.env"), filepath.Join(dir, ".env"), filepath.Join(dir, "before")
	require.NoError(t, os.WriteFile(real, []byte("SECRET='keep me'\nUPSTASH_REDIS_REST_TOKEN=\"mine\"\n"), 0o640))
	require.NoError(t, os.Link(real, before))
	require.NoError(t, os.Symlink("real.env", path))
	content, s := serveTo(t, path)
	m := regexp.MustCompile(`^SECRET='keep me'\nUPSTASH_REDIS_REST_TOKEN=mine\nUPSTASH_REDIS_REST_URL=(http://127.0.0.1:\d+)\n$`).FindStringSubmatch(content)
	require.NotNil(t, m, content)
	rdb, err := redis.New(m[1], "mine")
	require.NoError(t, err)
	_, err = rdb.Do(t.Context(), "PING")
	require.NoError(t, err)
	require.NoError(t, s.end())
	require.Empty(t, s.out.String())

	// The file was replaced as a whole: another name of it has the old content.
	old, err := os.ReadFile(before)
	require.NoError(t, err)
	require.Equal(t, "SECRET='keep me'\nUPSTASH_REDIS_REST_TOKEN=\"mine\"\n", string(old))
	link, err := os.Readlink(path)
	require.NoError(t, err)
	require.Equal(t, "real.env", link)
	entries, err := os.ReadDir(dir)
	require.NoError(t, err)
	require.Len(t, entries, 3, "nothing else is left")
	if runtime.GOOS != "windows" {
		info, err := os.Stat(real)
		require.NoError(t, err)
		require.Equal(t, os.FileMode(0o640), info.Mode())
	}

	// The next start changes the address only.
	content, _ = serveTo(t, path)
	require.Contains(t, content, "UPSTASH_REDIS_REST_TOKEN=mine\n")
	require.NotContains(t, content, m[1])
}

func TestServeNewEnvFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), ".env")
	first, s := serveTo(t, path, "--vercel")
	require.Regexp(t, `^UPSTASH_REDIS_REST_URL=(\S+)\nUPSTASH_REDIS_REST_TOKEN=(\w{26})\nKV_REST_API_URL=\S+\nKV_REST_API_TOKEN=\w{26}\n$`, first)
	if runtime.GOOS != "windows" {
		info, err := os.Stat(path)
		require.NoError(t, err)
		require.Equal(t, os.FileMode(0o600), info.Mode())
	}
	require.NoError(t, s.end())
	_, token, _ := strings.Cut(first, "KV_REST_API_TOKEN=")
	for name, read := range readers {
		t.Run(name, func(t *testing.T) {
			vars := read(t, path)
			require.Equal(t, vars["UPSTASH_REDIS_REST_URL"], vars["KV_REST_API_URL"])
			require.Equal(t, strings.TrimSpace(token), vars["UPSTASH_REDIS_REST_TOKEN"])
			rdb, err := redis.New(vars["KV_REST_API_URL"], vars["KV_REST_API_TOKEN"])
			require.NoError(t, err)
			require.Contains(t, fmt.Sprint(rdb), "127.0.0.1:")
		})
	}

	// The pair of Vercel alone has a token too.
	require.NoError(t, os.WriteFile(path, []byte("KV_REST_API_TOKEN=kv\n"), 0o600))
	second, _ := serveTo(t, path, "--vercel")
	require.Contains(t, second, "UPSTASH_REDIS_REST_TOKEN=kv\n")
}

// The token of another database does not become this server's.
func TestServeTakesNoTokenOfAnotherServer(t *testing.T) {
	for _, c := range []struct {
		before string
		args   []string
	}{
		{"UPSTASH_REDIS_REST_URL=https://a.upstash.io\nUPSTASH_REDIS_REST_TOKEN=hosted\nUPSTASH_REDIS_REST_READ_ONLY_TOKEN=hosted-too\n", nil},
		{"KV_REST_API_URL=https://a.upstash.io\nKV_REST_API_TOKEN=hosted\n", []string{"--vercel"}},
	} {
		content, s := serveTo(t, write(t, ".env", c.before), c.args...)
		require.Regexp(t, `(?m)^# \w+_TOKEN=hosted$`, content)
		require.Regexp(t, `(?m)^UPSTASH_REDIS_REST_TOKEN=\w{26}$`, content)
		require.NotContains(t, s.notes.String(), "hosted")
	}
}

// A token of the file is not repeated on the terminal.
func TestServeDoesNotRepeatTokensOfTheFile(t *testing.T) {
	path := write(t, ".env", "UPSTASH_REDIS_REST_TOKEN=s3cret\nUPSTASH_REDIS_REST_READ_ONLY_TOKEN=s3cret-too\n")
	_, s := serveTo(t, path)
	require.NotContains(t, s.notes.String(), "s3cret")
	require.Contains(t, s.notes.String(), "UPSTASH_REDIS_REST_READ_ONLY_TOKEN is the value of")
}

func TestServeRefusesALinkToNothing(t *testing.T) {
	path := filepath.Join(t.TempDir(), ".env")
	require.NoError(t, os.Symlink("none", path))
	_, _, err := run(t, "", "serve", "--listen", "127.0.0.1:0", "--env-file", path)
	require.ErrorContains(t, err, "symbolic link to a file that does not exist")
}

// What serve says about the file is what a shell can do.
func TestServeSaysHowToReadEnvFile(t *testing.T) {
	need(t, "sh")
	dir := t.TempDir()
	t.Chdir(dir)
	for _, path := range []string{".env", dir + "/it's a file"} {
		_, s := serveTo(t, path, "--token", "t")
		_, command, ok := strings.Cut(s.notes.String(), "a shell reads it with: ")
		require.True(t, ok)
		command, _, _ = strings.Cut(command, "\n")
		out, err := exec.Command("sh", "-c", command+"; env").CombinedOutput()
		require.NoError(t, err, "%s", out)
		require.Contains(t, string(out), "UPSTASH_REDIS_REST_TOKEN=t\n")
	}
}

// A token in the environment or in a file of its own is written too: node and docker read
// no other variable.
func TestServeEnvFileWithToken(t *testing.T) {
	path := filepath.Join(t.TempDir(), ".env")
	t.Setenv("REDIS_REST_TOKEN", "from-the-environment")
	content, _ := serveTo(t, path)
	require.Contains(t, content, "UPSTASH_REDIS_REST_TOKEN=from-the-environment\n")
	t.Setenv("REDIS_REST_TOKEN", "")
	content, _ = serveTo(t, path, "--token-file", write(t, "token", "of-a-file\n"))
	require.Contains(t, content, "UPSTASH_REDIS_REST_TOKEN=of-a-file\n")
	content, _ = serveTo(t, path, "--token", "given")
	require.Contains(t, content, "UPSTASH_REDIS_REST_TOKEN=given\n")
}

// What cannot be written leaves the file as it was.
func TestServeLeavesEnvFile(t *testing.T) {
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	defer taken.Close()
	for _, c := range []struct {
		before string
		args   []string
		err    string
	}{
		{"A=1\n", []string{"--listen", taken.Addr().String()}, "choose another address"},
		{"A=1\n", []string{"--max-body", "-5"}, "a size such as"},
		{"A=1\n", []string{"--token", "a$b"}, "--token would not be the same"},
		{"A=1\n", []string{"--token-file", write(t, "token", "a$b")}, "token would not be the same"},
		{"UPSTASH_REDIS_REST_TOKEN=\"$OTHER\"\n", nil, "UPSTASH_REDIS_REST_TOKEN in "},
		{"UPSTASH_REDIS_REST_TOKEN='a b'\n", nil, "cannot be sent"},
		{"UPSTASH_REDIS_REST_TOKEN_FILE=/run/secrets/token\n", nil, "remove the line"},
		{"A=\x00\n", nil, "not a text in UTF-8"},
	} {
		path := write(t, ".env", c.before)
		_, _, err := run(t, "", append([]string{"serve", "--listen", "127.0.0.1:0", "--env-file", path}, c.args...)...)
		require.ErrorContains(t, err, c.err)
		after, err := os.ReadFile(path)
		require.NoError(t, err)
		require.Equal(t, c.before, string(after))
		entries, err := os.ReadDir(filepath.Dir(path))
		require.NoError(t, err)
		require.Len(t, entries, 1)
	}
}

// What is printed can be read by all of them too.
func TestPrintedLines(t *testing.T) {
	t.Setenv("REDIS_REST_READ_ONLY_TOKEN", "quiet")
	for _, args := range [][]string{{"--token", "a+b/c=="}, {"--token-file", write(t, "token", "x")}, {"--vercel"}} {
		s := serveWith(t, args...)
		require.NoError(t, s.end())
		path := write(t, ".env", s.out.String())
		var want map[string]string
		for name, read := range readers {
			t.Run(name, func(t *testing.T) {
				got := map[string]string{}
				for name, value := range read(t, path) {
					if strings.HasPrefix(name, "UPSTASH_") || strings.HasPrefix(name, "KV_") {
						got[name] = value
					}
				}
				if want == nil {
					want = got
				}
				require.Equal(t, want, got)
				require.GreaterOrEqual(t, len(got), 2)
			})
		}
		require.NotContains(t, s.notes.String(), "quiet")
	}
	var line bytes.Buffer
	fmt.Fprint(&line, token{value: "s3cret", from: "the value of X"}.line("V"))
	require.Equal(t, "# V is the value of X", line.String())
}
