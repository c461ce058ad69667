// Package runonce wraps a script so that it has its effect once for each id.
package runonce

import (
	_ "embed"
	"strings"

	"github.com/redis-rest/redis-rest-go/internal/protocol/hashslot"
)

// How the errors of the wrapper itself start.
const (
	Conflict = "ONCECONFLICT the id was used by another script"
	Lost     = "ONCELOST the "
)

//go:embed wrapper.lua
var code string

// frame is the code in one line, without its comments. So the lines of the script that
// is put into it keep their numbers.
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

// Wrap returns a script that runs source, whose digest is sha, and stores its reply in a
// record. If the record exists, the script returns the stored reply and does not run
// source. The last key names the record. The last argument says how long it is kept, in
// milliseconds. Both are removed before source sees KEYS and ARGV. If source raises an
// error, the script returns an error with the same text.
//
// If source starts with #!, its first line stays the first line.
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

// Record is the key of an id's record. It is in the hash slot of the given key: it has
// the key's hash tag, or a tag that has the same slot.
func Record(key, id string) string { return "{" + hashslot.Tag(key) + "}:once:" + id }

// ID returns the id of a record that Record made with this key.
func ID(key, record string) (id string, ok bool) { return strings.CutPrefix(record, Record(key, "")) }
