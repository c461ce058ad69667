// Package packaging is the ways in which redis-rest comes to machines without Go, and
// their tests.
package packaging

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/require"
	"go.yaml.in/yaml/v3"

	"github.com/redis-rest/redis-rest-go/internal/testkit/built"
)

// program builds redis-rest, and skips a test where another program is missing, but not in CI.
func program(t *testing.T, needs ...string) string {
	t.Helper()
	if runtime.GOOS == "windows" {
		t.Skip("the scripts are for other systems")
	}
	for _, need := range needs {
		if _, err := exec.LookPath(need); err != nil && os.Getenv("CI") == "" {
			t.Skipf("%s is not on PATH", need)
		}
	}
	return built.Path(t, "redis-rest")
}

// script is a small file that runs the program, for what copies and packs it.
func script(t *testing.T, path string) string {
	t.Helper()
	name := filepath.Join(t.TempDir(), "redis-rest")
	require.NoError(t, os.WriteFile(name, []byte("#!/bin/sh\nexec "+path+" \"$@\"\n"), 0o755))
	return name
}

func read(t *testing.T, path string) string {
	t.Helper()
	text, err := os.ReadFile(path)
	require.NoError(t, err)
	return string(text)
}

func parse(t *testing.T, path string, into any) {
	t.Helper()
	decoder := yaml.NewDecoder(strings.NewReader(read(t, path)))
	require.NoError(t, decoder.Decode(into), path)
}

// accepts checks that serve takes these flags: a wrong flag would be named, but an argument that
// follows them is.
func accepts(t *testing.T, args []string) {
	t.Helper()
	require.Equal(t, "serve", args[0])
	out, err := exec.Command(program(t), append(args, "no-such-argument")...).CombinedOutput()
	require.Error(t, err)
	require.Contains(t, string(out), "serve takes no arguments", "%q", args)
}

func TestContainerfile(t *testing.T) {
	text := read(t, "Containerfile")
	require.Regexp(t, `(?m)^FROM scratch$`, text)
	require.Regexp(t, `(?m)^USER 65532:65532$`, text)
	m := regexp.MustCompile(`(?m)^CMD (\[.*\])$`).FindStringSubmatch(text)
	require.NotNil(t, m)
	var args []string
	require.NoError(t, json.Unmarshal([]byte(m[1]), &args))
	accepts(t, args)
}

func TestCompose(t *testing.T) {
	var file struct {
		Services map[string]struct {
			Image       string
			Command     []string
			Ports       []string
			Environment map[string]string
			Healthcheck struct{ Test []string }
		}
	}
	parse(t, "compose.yaml", &file)
	s := file.Services["redis-rest"]
	require.Equal(t, []string{"127.0.0.1:8079:8079"}, s.Ports, "no other machine reaches it")
	require.Equal(t, s.Environment["REDIS_REST_TOKEN"], s.Environment["UPSTASH_REDIS_REST_TOKEN"])
	require.Equal(t, []string{"CMD", "/redis-rest", "do", "PING"}, s.Healthcheck.Test)
	accepts(t, s.Command)
	require.Contains(t, s.Command, "redis://redis:6379")
	require.Contains(t, file.Services, "redis")

	var release struct {
		Docker []struct {
			Dockerfile string
			Images     []string
		} `yaml:"dockers_v2"`
	}
	parse(t, "goreleaser.yaml", &release)
	require.Equal(t, release.Docker[0].Images[0]+":latest", s.Image)
}

func TestSystemd(t *testing.T) {
	unit := read(t, "systemd/redis-rest.service")
	flags := regexp.MustCompile(`(?m)^REDIS_REST_FLAGS=(.*)$`).FindStringSubmatch(read(t, "systemd/redis-rest.env"))
	require.NotNil(t, flags)
	m := regexp.MustCompile(`(?m)^ExecStart=/usr/bin/redis-rest (.*) \$REDIS_REST_FLAGS$`).FindStringSubmatch(unit)
	require.NotNil(t, m)
	accepts(t, append(strings.Fields(m[1]), strings.Fields(flags[1])...))

	if _, err := exec.LookPath("systemd-analyze"); err != nil {
		return // where there is systemd, it checks the unit too
	}
	path := filepath.Join(t.TempDir(), "redis-rest.service")
	require.NoError(t, os.WriteFile(path, []byte(strings.Replace(unit, "/usr/bin/redis-rest", program(t), 1)), 0o600))
	out, err := exec.Command("systemd-analyze", "verify", path).CombinedOutput()
	require.NoError(t, err, "%s", out)
	require.NotContains(t, string(out), "redis-rest.service:", "%s", out)
}

// release serves the files of a release for this machine, as goreleaser names them.
func release(t *testing.T) (url string, sums *atomic.Value) {
	t.Helper()
	path := program(t, "bash", "curl")
	var config struct {
		Archives []struct {
			Name string `yaml:"name_template"`
		}
		Checksum struct {
			Name string `yaml:"name_template"`
		}
		Project string `yaml:"project_name"`
	}
	parse(t, "goreleaser.yaml", &config)
	name := strings.NewReplacer("{{ .ProjectName }}", config.Project, "{{ .Os }}", runtime.GOOS, "{{ .Arch }}", runtime.GOARCH).Replace(config.Archives[0].Name) + ".tar.gz"
	content := read(t, script(t, path))
	var archive bytes.Buffer
	zip := gzip.NewWriter(&archive)
	w := tar.NewWriter(zip)
	require.NoError(t, w.WriteHeader(&tar.Header{Name: "redis-rest", Mode: 0o755, Size: int64(len(content))}))
	_, err := w.Write([]byte(content))
	require.NoError(t, err)
	require.NoError(t, w.Close())
	require.NoError(t, zip.Close())
	sums = new(atomic.Value)
	sums.Store(fmt.Sprintf("%x  another\n%x  %s\n", sha256.Sum256(nil), sha256.Sum256(archive.Bytes()), name))
	mux := http.NewServeMux()
	for _, dir := range []string{"/download/v0.1.0/", "/latest/download/"} {
		mux.HandleFunc(dir+name, func(w http.ResponseWriter, r *http.Request) { w.Write(archive.Bytes()) })
		mux.HandleFunc(dir+config.Checksum.Name, func(w http.ResponseWriter, r *http.Request) { fmt.Fprint(w, sums.Load()) })
	}
	s := httptest.NewServer(mux)
	t.Cleanup(s.Close)
	return s.URL, sums
}

// The step of the action starts the server and gives its address and token to the next steps.
func TestAction(t *testing.T) {
	url, sums := release(t)
	var action struct {
		Inputs map[string]struct{ Default string }
		Runs   struct {
			Using string
			Steps []struct {
				Shell, Run string
				Env        map[string]string
			}
		}
	}
	parse(t, "action.yml", &action)
	require.Equal(t, "composite", action.Runs.Using)
	require.Len(t, action.Runs.Steps, 1)
	for _, m := range regexp.MustCompile(`inputs\.(\w+)`).FindAllStringSubmatch(fmt.Sprint(action.Runs.Steps[0].Env), -1) {
		require.Contains(t, action.Inputs, m[1])
	}
	here, err := filepath.Abs(".")
	require.NoError(t, err)
	step := func(t *testing.T, version, args string) (out string, env map[string]string, dir string, err error) {
		dir = t.TempDir()
		system := map[string]string{"linux": "Linux", "darwin": "macOS"}[runtime.GOOS]
		processor := map[string]string{"amd64": "X64", "arm64": "ARM64"}[runtime.GOARCH]
		cmd := exec.Command("bash", "-euc", action.Runs.Steps[0].Run)
		cmd.Dir = dir
		cmd.Env = append(os.Environ(), "RELEASES="+url, "VERSION="+version, "ARGS=--listen 127.0.0.1:0 "+args, "GITHUB_ACTION_PATH="+here,
			"GITHUB_ENV="+dir+"/github-env", "GITHUB_PATH="+dir+"/github-path", "RUNNER_TEMP="+dir, "RUNNER_OS="+system, "RUNNER_ARCH="+processor)
		text, err := cmd.CombinedOutput()
		t.Cleanup(func() { end(t, dir) })
		env = map[string]string{}
		if err == nil {
			for line := range strings.Lines(read(t, dir+"/github-env")) {
				name, value, _ := strings.Cut(strings.TrimSpace(line), "=")
				env[name] = value
			}
		}
		return string(text), env, dir, err
	}
	for _, version := range []string{"v0.1.0", "main"} {
		out, env, dir, err := step(t, version, "--vercel")
		require.NoError(t, err, out)
		require.Contains(t, out, "::add-mask::"+env["UPSTASH_REDIS_REST_TOKEN"]+"\n")
		require.Equal(t, env["UPSTASH_REDIS_REST_URL"], env["KV_REST_API_URL"])
		ping := exec.Command(filepath.Join(strings.TrimSpace(read(t, dir+"/github-path")), "redis-rest"), "do", "PING")
		for name, value := range env {
			ping.Env = append(ping.Env, name+"="+value)
		}
		answer, err := ping.CombinedOutput()
		require.NoError(t, err, "%s", answer)
		require.Equal(t, "\"PONG\"\n", string(answer))
	}
	out, _, _, err := step(t, "v9.9.9", "")
	require.Error(t, err, "there is no such release")
	require.Contains(t, out, "404")
	out, _, _, err = step(t, "", "--no-such-flag")
	require.Error(t, err)
	require.Contains(t, out, "there is no flag --no-such-flag")
	sums.Store(strings.ReplaceAll(sums.Load().(string), "redis-rest_", "no-redis-rest_"))
	out, _, dir, err := step(t, "", "")
	require.Error(t, err)
	require.Contains(t, out, "is not the file of the release")
	require.NoFileExists(t, dir+"/redis-rest/redis-rest")
}

// end ends the server of an action.
func end(t *testing.T, dir string) {
	text, err := os.ReadFile(dir + "/redis-rest/pid")
	if err != nil {
		return // it did not start one
	}
	id, err := strconv.Atoi(strings.TrimSpace(string(text)))
	require.NoError(t, err)
	if p, err := os.FindProcess(id); err == nil {
		p.Kill()
	}
}

// The npm packages: one finds the program in another, which is of the platform.
func TestNpm(t *testing.T) {
	path := script(t, program(t, "node", "npm"))
	dir := t.TempDir()
	out := func(name string, args ...string) string {
		cmd := exec.Command(name, args...)
		cmd.Env = append(os.Environ(), "npm_config_cache="+dir+"/cache", "npm_config_update_notifier=false")
		text, err := cmd.CombinedOutput()
		require.NoError(t, err, "%s %q: %s", name, args, text)
		return strings.TrimSpace(string(text))
	}
	dist := filepath.Join(dir, "dist")
	require.NoError(t, os.Mkdir(dist, 0o700))
	artifacts := []map[string]string{
		{"type": "Archive", "path": "nowhere", "goos": "linux", "goarch": "amd64"},
		{"type": "Binary", "path": path, "goos": runtime.GOOS, "goarch": runtime.GOARCH},
		{"type": "Binary", "path": path, "goos": "windows", "goarch": "arm64"},
	}
	for name, value := range map[string]any{"artifacts.json": artifacts, "metadata.json": map[string]string{"version": "0.1.0"}} {
		text, err := json.Marshal(value)
		require.NoError(t, err)
		require.NoError(t, os.WriteFile(filepath.Join(dist, name), text, 0o600))
	}
	out("node", "npm/build.mjs", dist, filepath.Join(dir, "out"))

	// As npm lays them out.
	modules := filepath.Join(dir, "node_modules")
	packages, err := filepath.Glob(filepath.Join(dir, "out", "*"))
	require.NoError(t, err)
	require.Len(t, packages, 3)
	names := map[string]string{}
	packed := strings.Fields(out("npm", append([]string{"pack", "--silent", "--pack-destination", dir}, packages...)...))
	require.Len(t, packed, 3)
	for i, from := range packages {
		var manifest struct {
			Name, Version        string
			OptionalDependencies map[string]string
			OS, CPU              []string
		}
		require.NoError(t, json.Unmarshal([]byte(read(t, filepath.Join(from, "package.json"))), &manifest))
		require.Equal(t, "0.1.0", manifest.Version)
		names[manifest.Name] = fmt.Sprint(manifest.OS, manifest.CPU)
		if manifest.Name == "@redis-rest/cli" {
			require.Len(t, manifest.OptionalDependencies, 2)
		}
		to := filepath.Join(modules, manifest.Name)
		require.NoError(t, os.MkdirAll(to, 0o700))
		out("tar", "-xzf", filepath.Join(dir, packed[i]), "--strip-components=1", "-C", to)
	}
	require.Equal(t, "[win32] [arm64]", names["@redis-rest/cli-win32-arm64"])
	bin := filepath.Join(modules, "@redis-rest", "cli", "redis-rest.js")
	require.Regexp(t, `^redis-rest version `, out("node", bin, "--version"))
	require.Equal(t, "(integer) 3", out("node", bin, "eval", "--memory", "../packaging/testdata/three.lua"))

	failing := exec.Command("node", bin, "no-such-command")
	text, err := failing.CombinedOutput()
	require.Error(t, err)
	require.Equal(t, 1, failing.ProcessState.ExitCode())
	require.Contains(t, string(text), "is not a command")

	for name := range names {
		if name != "@redis-rest/cli" {
			require.NoError(t, os.RemoveAll(filepath.Join(modules, name)))
		}
	}
	text, err = exec.Command("node", bin, "--version").CombinedOutput()
	require.Error(t, err)
	require.Contains(t, string(text), "npm install --include=optional")
}

// The program of a release is small, which its tag sees to, and works as the tests' program does.
func TestRelease(t *testing.T) {
	if os.Getenv("CI") == "" {
		t.Skip("compiles much anew for a tag; CI does")
	}
	path := program(t)
	var config struct {
		Builds []struct {
			Main, Binary  string
			Tags, Ldflags []string
		}
	}
	parse(t, "goreleaser.yaml", &config)
	b := config.Builds[0]
	release := filepath.Join(t.TempDir(), b.Binary)
	// Without -trimpath, which changes little and compiles everything again.
	out, err := exec.Command("go", "build", "-o", release, "-tags", strings.Join(b.Tags, ","), "-ldflags", strings.Join(b.Ldflags, " "), "../"+b.Main).CombinedOutput()
	require.NoError(t, err, "%s", out)
	info, err := os.Stat(release)
	require.NoError(t, err)
	require.Less(t, info.Size(), int64(22e6))
	t.Logf("%d bytes", info.Size())
	for _, args := range [][]string{{"--help"}, {"serve", "--help"}, {"completion", "bash"}} {
		want, err := exec.Command(path, args...).Output()
		require.NoError(t, err)
		got, err := exec.Command(release, args...).Output()
		require.NoError(t, err)
		require.Equal(t, strings.ReplaceAll(string(want), path, b.Binary), strings.ReplaceAll(string(got), release, b.Binary), "%v", args)
	}
}

// The completions of shells name the commands.
func TestCompletions(t *testing.T) {
	path := program(t, "sh", "bash", "sed")
	dir := t.TempDir()
	require.NoError(t, os.MkdirAll(dir+"/packaging", 0o700))
	require.NoError(t, os.WriteFile(dir+"/packaging/completions.sh", []byte(strings.Replace(read(t, "completions.sh"), "go run ../cmd/redis-rest", path, 1)), 0o700))
	out, err := exec.Command("sh", dir+"/packaging/completions.sh").CombinedOutput()
	require.NoError(t, err, "%s", out)
	for _, shell := range []string{"bash", "zsh", "fish"} {
		require.Contains(t, read(t, dir+"/packaging/completions/redis-rest."+shell), "redis-rest")
	}
	shell := exec.Command("bash", "-c", `source "$0"
COMP_WORDS=(redis-rest su) COMP_CWORD=1
_get_comp_words_by_ref() { cur=su prev=redis-rest cword=1 words=("${COMP_WORDS[@]}"); }
$(complete -p redis-rest | sed 's/.* -F \([^ ]*\) .*/\1/')
echo "${COMPREPLY[@]}"`, dir+"/packaging/completions/redis-rest.bash")
	shell.Env = append(os.Environ(), "PATH="+filepath.Dir(path)+":"+os.Getenv("PATH"))
	out, err = shell.CombinedOutput()
	require.NoError(t, err, "%s", out)
	require.Contains(t, string(out), "subscribe")
}
