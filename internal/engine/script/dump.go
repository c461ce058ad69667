package script

import (
	"context"
	"encoding/binary"
	"errors"
	"hash/crc64"
	"maps"
	"math/bits"
	"slices"
	"strconv"
	"strings"
)

// FUNCTION DUMP is a piece of Redis' RDB format: for each library an opcode and its
// code as a string, then the version of the format and a checksum.
const (
	opcodeFunction = 245
	opcodePreGA    = 246
	rdbVersion     = 10
	footer         = 10 // bytes
)

// checksum is the CRC-64 that Redis uses: that of Jones.
func checksum(data string) uint64 {
	table := crc64.MakeTable(bits.Reverse64(0xad93d23594c935a9))
	return ^crc64.Update(^uint64(0), table, []byte(data))
}

func (e *Engine) dump() string {
	var out []byte
	for _, name := range slices.Sorted(maps.Keys(e.libraries)) {
		out = append(out, opcodeFunction)
		out = appendRDBString(out, e.libraries[name].code)
	}
	out = binary.LittleEndian.AppendUint16(out, rdbVersion)
	return string(binary.LittleEndian.AppendUint64(out, checksum(string(out))))
}

// appendRDBString appends a string, compressed where that makes it shorter.
func appendRDBString(dst []byte, s string) []byte {
	if packed := compress(s); packed != nil {
		dst = append(dst, 0xc3)
		dst = appendRDBLength(dst, len(packed))
		dst = appendRDBLength(dst, len(s))
		return append(dst, packed...)
	}
	return append(appendRDBLength(dst, len(s)), s...)
}

func appendRDBLength(dst []byte, n int) []byte {
	switch {
	case n < 1<<6:
		return append(dst, byte(n))
	case n < 1<<14:
		return append(dst, byte(n>>8)|0x40, byte(n))
	default:
		return binary.BigEndian.AppendUint32(append(dst, 0x80), uint32(n))
	}
}

var errPayload = errors.New("the payload cannot be read")

func cutRDBString(data string) (s, rest string, err error) {
	if data == "" {
		return "", "", errPayload
	}
	if first := data[0]; first>>6 == 3 {
		switch first & 0x3f {
		case 0, 1, 2: // an integer of 1, 2 or 4 bytes
			size := 1 << (first & 0x3f)
			if len(data) < 1+size {
				return "", "", errPayload
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
			packed, data, err1 := cutRDBLength(data[1:])
			size, data, err2 := cutRDBLength(data)
			if err1 != nil || err2 != nil || packed > len(data) {
				return "", "", errPayload
			}
			s, err := decompress(data[:packed], size)
			return s, data[packed:], err
		}
		return "", "", errPayload
	}
	n, data, err := cutRDBLength(data)
	if err != nil || n > len(data) {
		return "", "", errPayload
	}
	return data[:n], data[n:], nil
}

func cutRDBLength(data string) (n int, rest string, err error) {
	size := 1
	if data != "" {
		size = [...]int{1, 2, 5, 1}[data[0]>>6]
		if data[0] == 0x81 {
			size = 9
		}
	}
	if len(data) < size {
		return 0, "", errPayload
	}
	head := []byte(data[:size])
	switch size {
	case 1:
		n = int(head[0])
	case 2:
		n = int(binary.BigEndian.Uint16(head) & 0x3fff)
	case 5:
		n = int(binary.BigEndian.Uint32(head[1:]))
	default:
		long := binary.BigEndian.Uint64(head[1:])
		if long > maxLibrary {
			return 0, "", errPayload
		}
		n = int(long)
	}
	return n, data[size:], nil
}

// maxLibrary is the most bytes of a library's code (proto-max-bulk-len).
const maxLibrary = 512 << 20

func (e *Engine) functionRestore(ctx context.Context, args []string) []byte {
	policy := "APPEND"
	if len(args) > 2 {
		return errorReply(unknownSubcommand("RESTORE"))
	}
	if len(args) == 2 {
		policy = strings.ToUpper(args[1])
		if policy != "APPEND" && policy != "REPLACE" && policy != "FLUSH" {
			return errorReply("ERR Wrong restore policy given, value should be either FLUSH, APPEND or REPLACE.")
		}
	}
	payload := args[0]
	if !sound(payload) {
		return errorReply("ERR DUMP payload version or checksum are wrong")
	}
	// The libraries are loaded beside those there are, which come back where one fails.
	old := slices.Collect(maps.Values(e.libraries))
	reset := func(libraries []*library) {
		for _, lib := range slices.Collect(maps.Values(e.libraries)) {
			e.unlink(lib)
		}
		for _, lib := range libraries {
			e.link(lib)
		}
	}
	reset(nil)
	if err := e.restore(ctx, payload[:len(payload)-footer]); err != "" {
		reset(old)
		return errorReply("ERR " + err)
	}
	if policy == "FLUSH" {
		return okReply
	}
	restored := slices.Collect(maps.Values(e.libraries))
	reset(old)
	for _, lib := range restored {
		if e.libraries[lib.name] == nil {
			continue
		}
		if policy == "APPEND" {
			return errorReply("ERR Library " + lib.name + " already exists")
		}
		e.unlink(e.libraries[lib.name])
	}
	for _, lib := range restored {
		for name := range lib.functions {
			if e.callable[strings.ToLower(name)] != nil {
				reset(old)
				return errorReply("ERR Function " + name + " already exists")
			}
		}
	}
	for _, lib := range restored {
		e.link(lib)
	}
	return okReply
}

// sound says whether the end of a payload is that of one which this version wrote.
func sound(payload string) bool {
	at := len(payload) - footer
	if at < 0 {
		return false
	}
	end := []byte(payload[at:])
	sum := binary.LittleEndian.Uint64(end[2:])
	return binary.LittleEndian.Uint16(end) <= rdbVersion && (sum == 0 || sum == checksum(payload[:at+2]))
}

func (e *Engine) restore(ctx context.Context, data string) (err string) {
	for data != "" {
		switch data[0] {
		case opcodeFunction:
		case opcodePreGA:
			return "Pre-GA function format not supported"
		default:
			return "given type is not a function"
		}
		code, rest, failed := cutRDBString(data[1:])
		if failed != nil {
			return "failed loading the given functions payload"
		}
		if _, err := e.create(ctx, code, false); err != "" {
			return err
		}
		data = rest
	}
	return ""
}
