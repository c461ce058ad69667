// Package digest computes the SHA-1 digest that names a script.
package digest

import (
	"crypto/fips140"
	"crypto/sha1"
	"encoding/hex"
)

// Len is the number of characters of a digest.
const Len = 2 * sha1.Size

// Of returns the SHA-1 of a script's source in hexadecimal. It is not used for security, so
// FIPS 140 mode does not need to forbid it.
func Of(source string) string {
	var sum [sha1.Size]byte
	fips140.WithoutEnforcement(func() { sum = sha1.Sum([]byte(source)) })
	return hex.EncodeToString(sum[:])
}
