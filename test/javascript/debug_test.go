package javascript

import (
	"bufio"
	"context"
	"net"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/redis-rest/redis-rest-go/internal/testkit/built"
)

// The test client of Visual Studio Code debugs scripts, and so does the extension.
func TestDebugAdapter(t *testing.T) {
	needPublishedClients(t)
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	program := built.Path(t, "redis-rest")
	adapter := exec.CommandContext(ctx, program, "debug", "--dap", "--listen", "127.0.0.1:0")
	adapter.Stderr = os.Stderr
	stdout, err := adapter.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, adapter.Start())
	defer func() { _ = adapter.Wait() }()
	defer cancel()
	address, err := bufio.NewReader(stdout).ReadString('\n')
	require.NoError(t, err)
	_, port, err := net.SplitHostPort(strings.TrimSpace(address))
	require.NoError(t, err)
	node := exec.CommandContext(ctx, "node", "--test", "--test-timeout=30000", "debug.test.mjs", "editors.test.mjs")
	node.Env = append(os.Environ(), "DAP_PORT="+port, "REDIS_REST="+program)
	out, err := node.CombinedOutput()
	require.NoError(t, err, "%s", out)
}
