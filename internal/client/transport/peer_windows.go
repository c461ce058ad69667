package transport

import (
	"syscall"
	"unsafe"
)

var wsaPoll = syscall.NewLazyDLL("ws2_32.dll").NewProc("WSAPoll")

// peerEnded says whether the peer has closed the connection. Bytes that nobody has asked
// for end a connection that was kept; before a first request they may belong to TLS.
func peerEnded(fd uintptr, kept bool) bool {
	const pollErr, pollHup, pollRdNorm = 0x1, 0x2, 0x100
	asked := struct {
		fd             uintptr
		events, result int16
	}{fd: fd}
	if kept {
		asked.events = pollRdNorm
	}
	n, _, _ := wsaPoll.Call(uintptr(unsafe.Pointer(&asked)), 1, 0)
	return n == 1 && asked.result&(asked.events|pollErr|pollHup) != 0
}
