package main

import (
	"os"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/redis-rest/redis-rest-go/internal/testkit/mdtable"
)

// The pictures and the README's table match RESULTS.md.
func TestDrawn(t *testing.T) {
	pictures, err := pictures(".")
	require.NoError(t, err)
	for name, picture := range pictures {
		have, err := os.ReadFile(name)
		require.NoError(t, err)
		assert.True(t, picture == string(have), "%s is not made of %s: go run . -draw", name, results)
	}
	rows, err := quotedRows(".")
	require.NoError(t, err)
	have, err := mdtable.Read("../README.md", "speed")
	require.NoError(t, err)
	assert.Equal(t, rows, have, "go run . -draw")
}
