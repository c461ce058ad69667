package restserver

import (
	"bytes"
	"encoding/json"
	"unsafe"

	"github.com/redis-rest/redis-rest-go/internal/protocol/wire"
)

// readCommand reads a command, which must be a JSON array and nothing else. Otherwise ok is
// false. A JSON string becomes the argument that it stands for. Any other value
// becomes its JSON text without white space. Arguments share the memory of b,
// which must not change.
//
// It accepts the same UTF-8 text as encoding/json, in a fifth of the time. It refuses nesting
// deeper than wire.MaxDepth.
func readCommand(b []byte) (args []string, ok bool) {
	args, end, ok := readArguments(nil, b, 0)
	return args, ok && wire.AtEnd(b, end)
}

// readCommands reads an array of commands. A null is a command without arguments.
func readCommands(b []byte) (cmds [][]string, ok bool) {
	i := wire.Space(b, 0)
	if i >= len(b) || b[i] != '[' {
		return nil, false
	}
	cmds = make([][]string, 0, room(b, '['))
	if i = wire.Space(b, i+1); i < len(b) && b[i] == ']' {
		return cmds, wire.AtEnd(b, i+1)
	}
	var block, own []string // commands share the memory of block, to save allocations
	for more := true; more; i++ {
		own = own[:0]
		if i = wire.Space(b, i); i < len(b) && b[i] == 'n' {
			end, err := wire.Check(b, i)
			if err != nil {
				return nil, false
			}
			i = end
		} else if own, i, ok = readArguments(own, b, i); !ok {
			return nil, false
		}
		if cap(block)-len(block) < len(own) {
			block = make([]string, 0, max(len(own), room(b[i:], '"')/2))
		}
		start := len(block)
		block = append(block, own...)
		cmds = append(cmds, block[start:len(block):len(block)])
		if i = wire.Space(b, i); i >= len(b) || b[i] != ',' && b[i] != ']' {
			return nil, false
		}
		more = b[i] == ','
	}
	return cmds, wire.AtEnd(b, i)
}

// room returns the number of elements to allocate: one for each occurrence of the character
// with which an element begins. It is at most 512, about a page of memory,
// because the character may also occur inside an element.
func room(b []byte, begins byte) int {
	const most = 512
	return min(bytes.Count(b[:min(len(b), 64*most)], []byte{begins}), most)
}

// readArguments appends the arguments of the array that starts in b at or after i,
// and returns the index after the array.
func readArguments(args []string, b []byte, i int) (all []string, end int, ok bool) {
	i = wire.Space(b, i)
	if i >= len(b) || b[i] != '[' {
		return nil, i, false
	}
	if i = wire.Space(b, i+1); i < len(b) && b[i] == ']' {
		return args, i + 1, true
	}
	for more := true; more; i++ {
		var arg []byte
		if arg, i, ok = readArgument(b, wire.Space(b, i)); !ok {
			return nil, i, false
		}
		args = append(args, unsafe.String(unsafe.SliceData(arg), len(arg)))
		if i = wire.Space(b, i); i >= len(b) || b[i] != ',' && b[i] != ']' {
			return nil, i, false
		}
		more = b[i] == ','
	}
	return args, i, true
}

// readArgument reads the argument that starts at b[i], and returns the index after
// it.
func readArgument(b []byte, i int) (arg []byte, end int, ok bool) {
	if i < len(b) && b[i] == '"' {
		// Most arguments are strings without escapes.
		n, _ := wire.Plain(b[i+1:])
		if end := i + 1 + n; end < len(b) && b[end] == '"' {
			return b[i+1 : end], end + 1, true
		}
	}
	end, err := wire.Check(b, i)
	if err != nil {
		return nil, end, false
	}
	switch value := b[i:end]; value[0] {
	case '"':
		return wire.Unescape(value[1 : len(value)-1]), end, !holdsControl(value)
	case '[', '{':
		var text bytes.Buffer
		err := json.Compact(&text, value)
		return text.Bytes(), end, err == nil
	default:
		return value, end, true
	}
}

// holdsControl reports whether a JSON string contains an unescaped control character.
// wire.Check accepts such strings, but JSON does not.
func holdsControl(s []byte) bool {
	for {
		n, _ := wire.Plain(s)
		if n == len(s) {
			return false
		}
		if s[n] < ' ' {
			return true
		}
		s = s[n+1:]
	}
}
