package javascript

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/redis-rest/redis-rest-go/redistest"
	"github.com/redis-rest/redis-rest-go/restserver"
)

// needPublishedClients skips the test if Node.js or the clients are missing. CI must have
// them.
func needPublishedClients(t *testing.T) {
	t.Helper()
	for _, missing := range []struct {
		what string
		err  error
	}{
		{"node", second(exec.LookPath("node"))},
		{"node_modules (npm ci)", second(os.Stat("node_modules/@upstash/redis"))},
	} {
		if missing.err != nil && os.Getenv("CI") != "" {
			t.Fatalf("%s is not there, and CI must have it", missing.what)
		}
		if missing.err != nil {
			t.Skipf("%s is not there", missing.what)
		}
	}
}

func TestPublishedClients(t *testing.T) {
	needPublishedClients(t)
	for _, backend := range []string{"memory", "redis-server"} {
		t.Run(backend, func(t *testing.T) {
			if _, err := exec.LookPath("redis-server"); err != nil && backend == "redis-server" && os.Getenv("CI") == "" {
				t.Skip("redis-server is not on PATH")
			}
			s, err := restserver.Start(restserver.Config{Backend: backend})
			require.NoError(t, err)
			defer s.Close()
			ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
			defer cancel()
			args := []string{"--test", "--test-timeout=30000", "clients.test.mjs"}
			if backend == "memory" {
				args = append(args, "json.test.mjs") // redis-server does not have the commands
			}
			node := exec.CommandContext(ctx, "node", args...)
			node.Env = append(os.Environ(), "UPSTASH_REDIS_REST_URL="+s.URL, "UPSTASH_REDIS_REST_TOKEN="+s.Token)
			out, err := node.CombinedOutput()
			require.NoError(t, err, "%s", out)
			t.Logf("%s", out)
		})
	}
}

// ioredis and node-redis use the port for clients of Redis.
func TestPublishedClientsOfRedis(t *testing.T) {
	needPublishedClients(t)
	addr := redistest.NewServer(t, redistest.Backend("memory")).Addr()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	node := exec.CommandContext(ctx, "node", "--test", "--test-timeout=30000", "resp.test.mjs")
	node.Env = append(os.Environ(), "REDIS_ADDR="+addr)
	out, err := node.CombinedOutput()
	require.NoError(t, err, "%s", out)
}

// docs/from-upstash-redis.md names every method and option of @upstash/redis
// for scripts, functions and pipelines.
func TestPageNamesAll(t *testing.T) {
	page, err := os.ReadFile("../../docs/from-upstash-redis.md")
	require.NoError(t, err)
	types, err := filepath.Glob("node_modules/@upstash/redis/*.d.ts")
	require.NoError(t, err)
	if len(types) == 0 && os.Getenv("CI") == "" {
		t.Skip("node_modules (npm ci) is not there")
	}
	var declared strings.Builder
	for _, path := range types {
		text, err := os.ReadFile(path)
		require.NoError(t, err)
		declared.Write(text)
	}
	count := 0
	for what, c := range map[string]struct {
		begin string
		names string
	}{
		"a script":            {"declare class Script<", `(?m)^    (\w+)\(keys|^    readonly (\w+)|^    (sha1):`},
		"a script that reads": {"declare class ScriptRO<", `(?m)^    (\w+)\(keys`},
		"functions":           {"get functions(): {", `(?m)^        (\w+): [(<]`},
		"a pipeline":          {"declare class Pipeline<", `(?m)^    (exec): |^    (length)\(`},
		"options":             {"type RedisOptions = {", `(?m)^    (\w+)\?:`},
		"options of requests": {"type RequesterConfig = {", `(?m)^    (\w+)\?:`},
		"options of Node.js":  {"type RedisConfigNodejs = {", `(?m)^    (\w+)\??:`},
		"options of exec":     {"interface ExecMethod<", `(keepErrors)`},
	} {
		_, after, ok := strings.Cut(declared.String(), c.begin)
		require.True(t, ok, what)
		after, _, _ = strings.Cut(after, "\n}")
		names := regexp.MustCompile(c.names).FindAllStringSubmatch(after, -1)
		require.NotEmpty(t, names, what)
		for _, groups := range names {
			name := strings.Join(groups[1:], "")
			count++
			require.True(t, regexp.MustCompile(`\b`+name+`\b`).Match(page), "the page leaves out %s of %s", name, what)
		}
	}
	require.Greater(t, count, 25)
}

func second[T any](_ T, err error) error { return err }
