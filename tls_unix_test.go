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

// The root certificates of the system are read when New makes a client, before its first
// call. In this test they are in a named pipe. A writer of the pipe blocks until a reader
// opens it.
func TestRootsAreLoadedBeforeTheFirstCall(t *testing.T) {
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
