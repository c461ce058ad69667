package rest

import (
	"syscall"
	"unsafe"
)

// peerClosed says whether the peer of a connection has closed it, which the kernel
// knows even where bytes are still to be read before the end: poll(2) calls that
// POLLRDHUP, and says POLLHUP or POLLERR where nothing can be written either. It
// takes no lock of the socket and never waits.
func peerClosed(fd uintptr) bool {
	const pollErr, pollHup, pollRdHup = 0x8, 0x10, 0x2000
	asked := struct {
		fd             int32
		events, result int16
	}{int32(fd), pollRdHup, 0}
	var none syscall.Timespec
	n, _, errno := syscall.RawSyscall6(syscall.SYS_PPOLL, uintptr(unsafe.Pointer(&asked)), 1, uintptr(unsafe.Pointer(&none)), 0, 0, 0)
	return errno == 0 && n == 1 && asked.result&(pollErr|pollHup|pollRdHup) != 0
}
