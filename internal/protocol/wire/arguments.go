package wire

import (
	"bytes"
	"encoding/json"
	"unsafe"
)

// ReadCommand reads a command as a server gets it, a JSON array and nothing else,
// and says whether b was that. An argument that is a string is what that stands
// for, and any other value its JSON text without white space. Arguments share the
// memory of b, which must not be changed.
//
// It takes what encoding/json takes of UTF-8, but for nesting of more than MaxDepth,
// in a fifth of the time.
func ReadCommand(b []byte) (args []string, ok bool) {
	args, end, ok := readArguments(nil, b, 0)
	return args, ok && AtEnd(b, end)
}

// ReadCommands reads an array of commands. One that is null has no arguments.
func ReadCommands(b []byte) (cmds [][]string, ok bool) {
	i := space(b, 0)
	if i >= len(b) || b[i] != '[' {
		return nil, false
	}
	cmds = make([][]string, 0, room(b, '['))
	if i = space(b, i+1); i < len(b) && b[i] == ']' {
		return cmds, AtEnd(b, i+1)
	}
	var block, own []string // the memory that commands share, so that few need an allocation
	for more := true; more; i++ {
		own = own[:0]
		if i = space(b, i); i < len(b) && b[i] == 'n' {
			end, err := checkLiteral(b, i, "null")
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
		if i = space(b, i); i >= len(b) || b[i] != ',' && b[i] != ']' {
			return nil, false
		}
		more = b[i] == ','
	}
	return cmds, AtEnd(b, i)
}

// room is for how many of what begins with a character there is to be room: for as
// many as there are, but for no more than fit into a page or so of memory, as the
// character may stand for something else.
func room(b []byte, begins byte) int {
	const most = 512
	return min(bytes.Count(b[:min(len(b), 64*most)], []byte{begins}), most)
}

// readArguments appends the arguments in the array that starts in b at or after i,
// and returns the index behind it.
func readArguments(args []string, b []byte, i int) (all []string, end int, ok bool) {
	i = space(b, i)
	if i >= len(b) || b[i] != '[' {
		return nil, i, false
	}
	if i = space(b, i+1); i < len(b) && b[i] == ']' {
		return args, i + 1, true
	}
	for more := true; more; i++ {
		var arg []byte
		if arg, i, ok = readArgument(b, space(b, i)); !ok {
			return nil, i, false
		}
		args = append(args, unsafe.String(unsafe.SliceData(arg), len(arg)))
		if i = space(b, i); i >= len(b) || b[i] != ',' && b[i] != ']' {
			return nil, i, false
		}
		more = b[i] == ','
	}
	return args, i, true
}

// readArgument reads the argument that starts at b[i], and returns the index behind
// it.
func readArgument(b []byte, i int) (arg []byte, end int, ok bool) {
	if i < len(b) && b[i] == '"' {
		// Most are strings that stand there as they are.
		n, _ := plain(b[i+1:])
		if end := i + 1 + n; end < len(b) && b[end] == '"' {
			return b[i+1 : end], end + 1, true
		}
	}
	end, err := check(b, i, MaxDepth)
	if err != nil {
		return nil, end, false
	}
	switch value := b[i:end]; value[0] {
	case '"':
		return Unescape(value[1 : len(value)-1]), end, !holdsControl(value)
	case '[', '{':
		var text bytes.Buffer
		err := json.Compact(&text, value)
		return text.Bytes(), end, err == nil
	default:
		return value, end, true
	}
}

// holdsControl says whether a JSON string holds a control character as it is, which
// check lets pass.
func holdsControl(s []byte) bool {
	for {
		n, _ := plain(s)
		if n == len(s) {
			return false
		}
		if s[n] < ' ' {
			return true
		}
		s = s[n+1:]
	}
}
