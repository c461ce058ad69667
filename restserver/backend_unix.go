//go:build unix && !linux

package restserver

import (
	"os/exec"
	"syscall"
)

// ownGroup keeps Ctrl-C in a terminal from the process. Only Linux can end a process with
// its parent.
func ownGroup(cmd *exec.Cmd) {
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
}
