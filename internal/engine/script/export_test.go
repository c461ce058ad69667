package script

import "github.com/redis-rest/redis-rest-go/internal/engine/rdb"

// Payload adds a valid end to data for FUNCTION RESTORE.
func Payload(data string) string {
	return string(rdb.AppendFooter([]byte(data)))
}
