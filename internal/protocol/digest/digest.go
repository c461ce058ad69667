// Package digest computes the name by which Redis knows a script.
package digest

import (
	"crypto/fips140"
	"crypto/sha1"
	"encoding/hex"
)

// Len is how many characters a digest has.
const Len = 2 * sha1.Size

// Of is the SHA-1 of a script's source in hexadecimal. It protects nothing, so FIPS
// 140 mode need not forbid it.
func Of(source string) string {
	var sum [sha1.Size]byte
	fips140.WithoutEnforcement(func() { sum = sha1.Sum([]byte(source)) })
	return hex.EncodeToString(sum[:])
}
