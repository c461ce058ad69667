package restserver

import (
	"os/exec"
	"syscall"
)

// endWithParent has the system end the process when this one ends without a word,
// as a test that panics does.
func endWithParent(cmd *exec.Cmd) {
	cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
}
