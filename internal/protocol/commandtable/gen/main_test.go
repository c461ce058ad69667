package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// Generating again gives the files that are checked in.
func TestNothingDrifted(t *testing.T) {
	needRedis7015(t)
	files, err := generate(t.Context())
	require.NoError(t, err)
	require.Len(t, files, 2)
	for name, text := range files {
		kept, err := os.ReadFile(filepath.Join("..", name))
		require.NoError(t, err)
		assert.Equal(t, string(kept), string(text), "%s: run go generate ./internal/protocol/commandtable", name)
	}
}

// needRedis7015 skips a test where the redis-server that the table is made from is
// not there.
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
