package mdtable_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/redis-rest/redis-rest-go/internal/testkit/mdtable"
)

func TestTable(t *testing.T) {
	path := filepath.Join(t.TempDir(), "page.md")
	require.NoError(t, os.WriteFile(path, []byte("# Title\n<!-- t -->\n<!-- /t -->\nend\n"), 0o600))
	rows := [][]string{{"a", "b"}, {"`1`", "x | y"}, {"", "2"}}
	for range 2 { // writing again changes nothing
		require.NoError(t, mdtable.Write(path, "t", rows))
		got, err := mdtable.Read(path, "t")
		require.NoError(t, err)
		require.Equal(t, rows, got)
	}
	content, err := os.ReadFile(path)
	require.NoError(t, err)
	require.Equal(t, "# Title\n<!-- t -->\n| a | b |\n|---|---|\n| `1` | x \\| y |\n|  | 2 |\n<!-- /t -->\nend\n", string(content))
	_, err = mdtable.Read(path, "other")
	require.ErrorContains(t, err, "has no table other")
	require.Error(t, mdtable.Write(path+"x", "t", rows))
}
