package javascript

import (
	"os"
	"os/exec"
	"testing"

	"github.com/stretchr/testify/require"
)

// The editor of the console is, to the byte, what esbuild makes of the packages that package-lock.json names. go test ./test/javascript
// -run TestBundle -update makes it.
func TestBundle(t *testing.T) {
	needPublishedClients(t)
	const file = "../../restserver/console/page/codemirror.js"
	esbuild := exec.Command("node_modules/.bin/esbuild", "codemirror.mjs", "--bundle", "--minify", "--format=esm", "--target=es2022", "--charset=utf8", "--legal-comments=none",
		"--banner:js=// CodeMirror 6, under the MIT licence, which is in NOTICE. test/javascript/bundle_test.go makes this file.")
	made, err := esbuild.Output()
	require.NoError(t, err)
	if *update {
		require.NoError(t, os.WriteFile(file, made, 0o644))
	}
	have, err := os.ReadFile(file)
	require.NoError(t, err)
	require.True(t, string(made) == string(have), "%s is not what its packages are now", file)
}
