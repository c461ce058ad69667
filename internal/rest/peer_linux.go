package rest

import (
	"encoding/binary"
	"syscall"
)

// peerClosed says whether the peer of a TCP connection has closed it, which the
// kernel knows even where bytes are still to be read before the end. TCP_INFO
// begins with one byte that is the state, as netinet/tcp.h numbers them.
func peerClosed(fd uintptr) bool {
	info, err := syscall.GetsockoptInt(int(fd), syscall.IPPROTO_TCP, syscall.TCP_INFO)
	if err != nil {
		return false // not TCP: nothing is known
	}
	switch binary.NativeEndian.AppendUint32(nil, uint32(info))[0] {
	case 7, 8, 9, 11: // CLOSE, CLOSE_WAIT, LAST_ACK, CLOSING
		return true
	}
	return false
}
