//go:build unix && !linux

package rest

import "syscall"

// peerClosed says whether the peer has closed the connection: a peek then finds
// the end, or an error that is more than "nothing yet". Bytes that wait before
// the end hide it.
func peerClosed(fd uintptr) bool {
	var one [1]byte
	n, _, err := syscall.Recvfrom(int(fd), one[:], syscall.MSG_PEEK)
	switch err {
	case nil:
		return n == 0
	case syscall.EAGAIN, syscall.EINTR:
		return false
	}
	return true
}
