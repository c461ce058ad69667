package restserver

import (
	"os/exec"
	"syscall"
)

// ownGroup lets the system kill the process if this one ends unexpectedly, for instance
// because a test panics. Ctrl-C in a terminal does not reach it: it ends after the requests
// that use it.
func ownGroup(cmd *exec.Cmd) {
	cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL, Setpgid: true}
}
