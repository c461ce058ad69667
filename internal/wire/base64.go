package wire

import "encoding/base64"

// Base64 decodes text where it is padded base64, the way a server writes it, and
// says whether it was. Text that merely resembles it (line breaks, bits left
// over behind the padding) is not.
func Base64(text []byte) ([]byte, bool) {
	if len(text)%4 != 0 {
		return nil, false
	}
	if len(text) == 0 {
		return []byte{}, true
	}
	out := make([]byte, base64.StdEncoding.DecodedLen(len(text)))
	n, err := base64.StdEncoding.Decode(out, text)
	if err != nil {
		return nil, false
	}
	// The decoder passes over line breaks and ignores the bits behind the last
	// byte; writing the last bytes again shows both.
	tail := n % 3
	if tail == 0 {
		tail = 3
	}
	var last [4]byte
	if tail > n || base64.StdEncoding.EncodedLen(n) != len(text) {
		return nil, false
	}
	base64.StdEncoding.Encode(last[:], out[n-tail:n])
	return out[:n:n], string(last[:]) == string(text[len(text)-4:])
}
