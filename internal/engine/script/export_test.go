package script

import "encoding/binary"

// SetMaxMemory sets how many bytes a script may hold.
func (e *Engine) SetMaxMemory(bytes int) { e.eval.MaxMemory = bytes }

var (
	Compress   = compress
	Decompress = decompress
)

// Payload makes data one that FUNCTION RESTORE takes for sound.
func Payload(data string) string {
	out := binary.LittleEndian.AppendUint16([]byte(data), rdbVersion)
	return string(binary.LittleEndian.AppendUint64(out, checksum(string(out))))
}
