// Package runonce makes scripts that have their effect once for an id.
package runonce

import (
	_ "embed"
	"strings"

	"github.com/redis-rest/redis-rest-go/internal/protocol/hashslot"
)

//go:embed once.lua
var code string

// frame is the code in one line without its comments, so that the lines of the
// script in it keep their numbers.
func frame() string {
	var line strings.Builder
	for l := range strings.Lines(code) {
		l, _, _ = strings.Cut(l, "--")
		if l = strings.TrimSpace(l); l != "" {
			line.WriteString(l + " ")
		}
	}
	return line.String()
}

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
func Record(key, id string) string { return "{" + hashslot.Tag(key) + "}:once:" + id }
