//go:build unix && !linux

package transport

import "syscall"

// peerEnded says whether the peer has closed the connection: a peek then finds the end,
// or an error that is more than "nothing yet". Bytes that nobody has asked for end a
// connection that was kept; before a first request they may belong to TLS.
func peerEnded(fd uintptr, kept bool) bool {
	var one [1]byte
	n, _, err := syscall.Recvfrom(int(fd), one[:], syscall.MSG_PEEK)
	switch err {
	case nil:
		return n == 0 || kept
	case syscall.EAGAIN, syscall.EINTR:
		return false
	}
	return true
}
