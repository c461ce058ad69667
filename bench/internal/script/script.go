// Package script holds the script that every client runs.
package script

import (
	"crypto/sha1"
	"encoding/hex"
)

// Source counts, as a rate limiter does, and returns an integer from 1.
const Source = `local n = redis.call('INCR', KEYS[1])
if n == 1 then
	redis.call('EXPIRE', KEYS[1], ARGV[2])
end
return n`

// SHA returns its digest.
func SHA() string {
	sum := sha1.Sum([]byte(Source))
	return hex.EncodeToString(sum[:])
}
