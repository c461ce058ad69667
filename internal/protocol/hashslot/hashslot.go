// Package hashslot computes the hash slot of a key, according to the specification of Redis
// Cluster.
package hashslot

import (
	"strings"
	"sync"
)

// Slots is the number of hash slots.
const Slots = 16384

// Of returns the slot of a key. If the key has a hash tag, that is the tag's slot.
func Of(key string) int {
	if tag, ok := tagOf(key); ok {
		return sum(tag)
	}
	return sum(key)
}

// tagOf returns the text between the first { and the first } after it. ok is false if the
// text is empty.
func tagOf(key string) (tag string, ok bool) {
	if _, after, open := strings.Cut(key, "{"); open {
		if inside, _, closed := strings.Cut(after, "}"); closed && inside != "" {
			return inside, true
		}
	}
	return "", false
}

// Tag returns the text to put between braces for a key in the slot of the given key. It is
// the key's tag, or the key itself. If the key cannot be put between braces, it is four
// letters with the same slot.
func Tag(key string) string {
	if tag, ok := tagOf(key); ok {
		return tag
	}
	if key != "" && !strings.Contains(key, "}") {
		return key
	}
	return letters(uint16(shortTags()[sum(key)]))
}

// shortTags has a tag of four letters for each slot. Each letter is one of 16, and all
// four are one uint16, 4 bits a letter. With these 16 letters the 65,536 tags have
// 65,536 different sums, so every slot has four of them.
var shortTags = sync.OnceValue(func() *[Slots]uint16 {
	tags := new([Slots]uint16)
	for n := range 1 << 16 {
		tags[sum(letters(uint16(n)))] = uint16(n)
	}
	return tags
})

// letters writes n as four letters of @ABCDEFGHIJKLMNO.
func letters(n uint16) string {
	return string([]byte{'@' + byte(n>>12), '@' + byte(n>>8&15), '@' + byte(n>>4&15), '@' + byte(n&15)})
}

// sum is the CRC16 (XMODEM) modulo the number of slots.
func sum(s string) int {
	var crc uint16
	for i := range len(s) {
		crc = crc<<4 ^ ofBits[crc>>12^uint16(s[i]>>4)]
		crc = crc<<4 ^ ofBits[crc>>12^uint16(s[i]&15)]
	}
	return int(crc % Slots)
}

// ofBits has the sums of four bits.
var ofBits = [16]uint16{
	0x0000, 0x1021, 0x2042, 0x3063, 0x4084, 0x50a5, 0x60c6, 0x70e7,
	0x8108, 0x9129, 0xa14a, 0xb16b, 0xc18c, 0xd1ad, 0xe1ce, 0xf1ef,
}
