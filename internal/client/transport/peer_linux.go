package transport

import (
	"syscall"
	"unsafe"
)

// peerEnded says whether the peer has closed the connection. The kernel knows that even if
// bytes are still unread. Bytes that nobody has asked for end a connection that was kept;
// before a first request they may belong to TLS. It takes no lock of the socket and never
// waits.
func peerEnded(fd uintptr, kept bool) bool {
	const pollIn, pollErr, pollHup, pollRdHup = 0x1, 0x8, 0x10, 0x2000 // poll(2)
	asked := struct {
		fd             int32
		events, result int16
	}{int32(fd), pollRdHup, 0}
	if kept {
		asked.events |= pollIn
	}
	var none syscall.Timespec
	n, _, errno := syscall.RawSyscall6(syscall.SYS_PPOLL, uintptr(unsafe.Pointer(&asked)), 1, uintptr(unsafe.Pointer(&none)), 0, 0, 0)
	return errno == 0 && n == 1 && asked.result&(asked.events|pollErr|pollHup) != 0
}
