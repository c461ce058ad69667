// Package sdk runs the published JavaScript clients of this protocol against the
// server of this project. Their packages come by npm ci, in this folder.
package sdk

import (
	"context"
	"os"
	"os/exec"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/redis-rest/redis-rest-go/restserver"
)

func TestPublishedClients(t *testing.T) {
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
			node := exec.CommandContext(ctx, "node", "--test", "--test-timeout=30000", "clients.test.mjs")
			node.Env = append(os.Environ(), "UPSTASH_REDIS_REST_URL="+s.URL, "UPSTASH_REDIS_REST_TOKEN="+s.Token)
			out, err := node.CombinedOutput()
			require.NoError(t, err, "%s", out)
			t.Logf("%s", out)
		})
	}
}

func second[T any](_ T, err error) error { return err }
