// Package once makes scripts that have their effect once for an id.
package once

import (
	_ "embed"
	"strconv"
	"strings"
	"sync"
)

//go:embed once.lua
var code string

// frame is the code in one line without its comments, so that the lines of the
// script in it keep their numbers.
var frame = sync.OnceValue(func() string {
	var line strings.Builder
	for l := range strings.Lines(code) {
		l, _, _ = strings.Cut(l, "--")
		if l = strings.TrimSpace(l); l != "" {
			line.WriteString(l + " ")
		}
	}
	return line.String()
})

// Wrap returns a script that runs source, whose digest is sha, unless the record
// that its last key names says that it has run; and returns the reply it had. Its
// last argument says how long the record is kept, in milliseconds. Both are taken
// away before source sees KEYS and ARGV. What source raises, the script returns
// as an error of the same text.
//
// A first line that starts with #! stays the first line.
func Wrap(source, sha string) string {
	first := ""
	if strings.HasPrefix(source, "#!") {
		end := strings.IndexByte(source, '\n') + 1
		if end == 0 {
			source, end = source+"\n", len(source)+1
		}
		first, source = source[:end], source[end:]
	}
	return first + "return (" + frame() + ")(function(...) " + source + "\nend, '" + sha + "')"
}

// Record names the record of an id, in the hash slot of the key given: by the
// key's hash tag, or by one that has the same slot.
func Record(key, id string) string { return "{" + tag(key) + "}:once:" + id }

// tag finds what to put between braces: Redis Cluster hashes what is between the
// first { and the first } after it, unless that is nothing, and else all of the
// key.
func tag(key string) string {
	if _, after, ok := strings.Cut(key, "{"); ok {
		if inside, _, ok := strings.Cut(after, "}"); ok && inside != "" {
			return inside
		}
	}
	if key != "" && !strings.Contains(key, "}") {
		return key
	}
	// The key cannot stand between braces. A number that has its slot is found
	// after 16,384 tries on average.
	want := slot(key)
	for n := 0; ; n++ {
		if number := strconv.Itoa(n); slot(number) == want {
			return number
		}
	}
}

// slot is the hash slot of a key without a tag: its CRC16 (XMODEM) modulo 16384,
// as the Redis Cluster specification says.
func slot(key string) uint16 {
	var crc uint16
	for _, b := range []byte(key) {
		crc ^= uint16(b) << 8
		for range 8 {
			if crc&0x8000 != 0 {
				crc = crc<<1 ^ 0x1021
			} else {
				crc <<= 1
			}
		}
	}
	return crc % 16384
}
