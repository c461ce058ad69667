package script

import "github.com/redis-rest/redis-rest-go/internal/engine/rdb"

// SetMaxMemory sets the maximum number of bytes that a script may hold.
func (e *Engine) SetMaxMemory(bytes int) { e.eval.MaxMemory = bytes }

// Payload adds a valid end to data for FUNCTION RESTORE.
func Payload(data string) string {
	return string(rdb.AppendFooter([]byte(data)))
}
