package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/redis-rest/redis-rest-go/internal/testkit/longtext"
)

// The generator writes the files that are checked in.
func TestGeneratedFilesAreCurrent(t *testing.T) {
	needRedis7015(t)
	files, err := generate(t.Context())
	require.NoError(t, err)
	require.Len(t, files, 3)
	for name, text := range files {
		kept, err := os.ReadFile(filepath.Join("..", name))
		require.NoError(t, err)
		longtext.Equal(t, string(kept), string(text), name+": run go generate ./internal/protocol/commandtable")
	}
}

// needRedis7015 skips a test if the redis-server from which the table is made is
// missing.
func needRedis7015(t *testing.T) {
	t.Helper()
	if os.Getenv("REDISTEST_BACKEND") == "memory" {
		t.Skip("needs a real Redis")
	}
	version, err := exec.Command("redis-server", "--version").Output()
	if err == nil && strings.Contains(string(version), "v=7.0.15 ") {
		return
	}
	if os.Getenv("CI") != "" {
		t.Fatal("redis-server 7.0.15 is not on PATH, and CI must have it")
	}
	t.Skip("redis-server 7.0.15 is not on PATH")
}
