// Package rdb reads and writes the parts that RDB files, DUMP and FUNCTION DUMP share: the
// lengths, the strings and the checksum of Redis' RDB format (rdb.c).
package rdb

import (
	"encoding/binary"
	"errors"
	"hash/crc64"
	"math"
	"math/bits"
	"strconv"

	"github.com/redis-rest/redis-rest-go/internal/protocol/ctext"
)

// ErrFormat says that data is not in the format.
var ErrFormat = errors.New("rdb: the payload cannot be read")

// Version is the version of the format that Redis 7.0 writes.
const Version = 10

const (
	footer = 10 // bytes

	maxString = 512 << 20 // proto-max-bulk-len
)

var crcTable = crc64.MakeTable(bits.Reverse64(0xad93d23594c935a9)) // Jones' polynomial

// Checksum returns the checksum of data that follows other data with the checksum before, or 0 if there is none.
func Checksum(before uint64, data []byte) uint64 { return ^crc64.Update(^before, crcTable, data) }

// AppendFooter appends the version of the format and the checksum of all bytes in dst.
func AppendFooter(dst []byte) []byte {
	dst = binary.LittleEndian.AppendUint16(dst, Version)
	return binary.LittleEndian.AppendUint64(dst, Checksum(0, dst))
}

// CutFooter returns the payload without its footer. ok is false if the version is newer than that
// of Redis 7.0, or the checksum is wrong.
func CutFooter(payload string) (body string, ok bool) {
	at := len(payload) - footer
	if at < 0 {
		return "", false
	}
	end := []byte(payload[at:])
	if binary.LittleEndian.Uint16(end) > Version || binary.LittleEndian.Uint64(end[2:]) != Checksum(0, []byte(payload[:at+2])) {
		return "", false
	}
	return payload[:at], true
}

// AppendLength appends a length, or another number without a sign.
func AppendLength(dst []byte, n uint64) []byte {
	switch {
	case n < 1<<6:
		return append(dst, byte(n))
	case n < 1<<14:
		return append(dst, byte(n>>8)|0x40, byte(n))
	case n <= math.MaxUint32:
		return binary.BigEndian.AppendUint32(append(dst, 0x80), uint32(n))
	default:
		return binary.BigEndian.AppendUint64(append(dst, 0x81), n)
	}
}

// CutLength reads what AppendLength has written.
func CutLength(data string) (n uint64, rest string, err error) {
	if data == "" {
		return 0, "", ErrFormat
	}
	first, size := data[0], 1
	switch {
	case first>>6 == 1:
		size = 2
	case first == 0x80:
		size = 5
	case first == 0x81:
		size = 9
	case first>>6 == 2:
		return 0, "", ErrFormat
	}
	if len(data) < size {
		return 0, "", ErrFormat
	}
	switch head := []byte(data[:size]); size {
	case 1:
		n = uint64(first & 0x3f)
	case 2:
		n = uint64(binary.BigEndian.Uint16(head) & 0x3fff)
	case 5:
		n = uint64(binary.BigEndian.Uint32(head[1:]))
	default:
		n = binary.BigEndian.Uint64(head[1:])
	}
	return n, data[size:], nil
}

// AppendString appends a string: as an integer if it is a small one, and compressed if that is
// shorter.
func AppendString(dst []byte, s string) []byte {
	if n, ok := ctext.ParseInt(s); ok && len(s) <= 11 {
		switch {
		case math.MinInt8 <= n && n <= math.MaxInt8:
			return append(dst, 0xc0, byte(n))
		case math.MinInt16 <= n && n <= math.MaxInt16:
			return binary.LittleEndian.AppendUint16(append(dst, 0xc1), uint16(n))
		case math.MinInt32 <= n && n <= math.MaxInt32:
			return binary.LittleEndian.AppendUint32(append(dst, 0xc2), uint32(n))
		}
	}
	if packed := compress(s); packed != nil {
		dst = append(dst, 0xc3)
		dst = AppendLength(dst, uint64(len(packed)))
		dst = AppendLength(dst, uint64(len(s)))
		return append(dst, packed...)
	}
	return append(AppendLength(dst, uint64(len(s))), s...)
}

// CutString reads what AppendString has written.
func CutString(data string) (s, rest string, err error) {
	if data != "" && data[0]>>6 == 3 {
		return cutEncoded(data)
	}
	n, data, err := CutLength(data)
	if err != nil || n > uint64(len(data)) {
		return "", "", ErrFormat
	}
	return data[:n], data[n:], nil
}

func cutEncoded(data string) (s, rest string, err error) {
	switch encoding := data[0] & 0x3f; encoding {
	case 0, 1, 2: // an integer of 1, 2 or 4 bytes
		size := 1 << encoding
		if len(data) < 1+size {
			return "", "", ErrFormat
		}
		var n int64
		switch raw := []byte(data[1 : 1+size]); size {
		case 1:
			n = int64(int8(raw[0]))
		case 2:
			n = int64(int16(binary.LittleEndian.Uint16(raw)))
		default:
			n = int64(int32(binary.LittleEndian.Uint32(raw)))
		}
		return strconv.FormatInt(n, 10), data[1+size:], nil
	case 3:
		packed, data, err1 := CutLength(data[1:])
		size, data, err2 := CutLength(data)
		if err1 != nil || err2 != nil || packed > uint64(len(data)) || size > maxString {
			return "", "", ErrFormat
		}
		s, err := decompress(data[:packed], int(size))
		return s, data[packed:], err
	}
	return "", "", ErrFormat
}
