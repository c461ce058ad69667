//go:build unix && !darwin

package redis_test

import (
	"bufio"
	"encoding/pem"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"
)

// The system's roots are read as soon as there is a client, before it is used: here
// they are in a pipe, which blocks its writer until somebody reads.
func TestRootsAreLoadedAhead(t *testing.T) {
	s := secureServer(t)
	dir := t.TempDir()
	pipe := filepath.Join(dir, "roots.pem")
	require.NoError(t, syscall.Mkfifo(pipe, 0o600))

	child := exec.Command(os.Args[0])
	child.Env = append(os.Environ(), "ROOTS_URL="+s.URL, "SSL_CERT_FILE="+pipe, "SSL_CERT_DIR="+t.TempDir())
	child.Stderr = os.Stderr
	in, err := child.StdinPipe()
	require.NoError(t, err)
	out, err := child.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, child.Start())
	t.Cleanup(func() { child.Process.Kill(); child.Wait() })

	roots := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: s.Certificate().Raw})
	require.NoError(t, os.WriteFile(pipe, roots, 0))
	fmt.Fprintln(in, "call")
	line, err := bufio.NewReader(out).ReadString('\n')
	require.NoError(t, err)
	require.Equal(t, "<nil>\n", line)
}
