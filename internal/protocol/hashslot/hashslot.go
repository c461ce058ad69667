// Package hashslot says where Redis Cluster keeps a key, as its specification has
// it.
package hashslot

import (
	"strconv"
	"strings"
)

// Slots is how many there are.
const Slots = 16384

// Of is the slot of a key: that of its hash tag, where it has one.
func Of(key string) int {
	if tag, ok := tagOf(key); ok {
		return sum(tag)
	}
	return sum(key)
}

// tagOf finds what is between the first { and the first } after it, unless that is
// nothing.
func tagOf(key string) (tag string, ok bool) {
	if _, after, open := strings.Cut(key, "{"); open {
		if inside, _, closed := strings.Cut(after, "}"); closed && inside != "" {
			return inside, true
		}
	}
	return "", false
}

// Tag returns what to put between braces for a key in the slot of the key given:
// its tag, the key itself, or, where that cannot stand between braces, a number
// that has the slot, which is found after 16,384 tries on average.
func Tag(key string) string {
	if tag, ok := tagOf(key); ok {
		return tag
	}
	if key != "" && !strings.Contains(key, "}") {
		return key
	}
	want := sum(key)
	for n := 0; ; n++ {
		if number := strconv.Itoa(n); sum(number) == want {
			return number
		}
	}
}

// sum is the CRC16 (XMODEM) modulo the number of slots.
func sum(s string) int {
	var crc uint16
	for _, b := range []byte(s) {
		crc ^= uint16(b) << 8
		for range 8 {
			if crc&0x8000 != 0 {
				crc = crc<<1 ^ 0x1021
			} else {
				crc <<= 1
			}
		}
	}
	return int(crc % Slots)
}
