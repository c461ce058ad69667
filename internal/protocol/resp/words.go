package resp

import (
	"strconv"
	"strings"

	"github.com/redis-rest/redis-rest-go/internal/protocol/ctext"
)

// SplitWords splits a line as Redis splits an inline command: at white space, except
// in quotes. It is not ok if a quote is not closed.
func SplitWords(line string) (words []string, ok bool) {
	for {
		line = strings.TrimLeft(line, ctext.Space)
		if line == "" || line[0] == 0 {
			return words, true
		}
		var word string
		if word, line, ok = cutWord(line); !ok {
			return nil, false
		}
		words = append(words, word)
	}
}

func cutWord(line string) (word, rest string, ok bool) {
	var b strings.Builder
	var quote byte
	for i := 0; i < len(line); i++ {
		c := line[i]
		switch {
		case quote != 0 && c == quote:
			rest = line[i+1:]
			return b.String(), rest, rest == "" || ctext.IsSpace(rest[0])
		case quote == '"' && c == '\\' && i+3 < len(line) && line[i+1] == 'x':
			if n, err := strconv.ParseUint(line[i+2:i+4], 16, 8); err == nil {
				b.WriteByte(byte(n))
				i += 3
				continue
			}
			i++
			b.WriteByte('x')
		case quote == '"' && c == '\\' && i+1 < len(line):
			i++
			if at := strings.IndexByte("nrtba", line[i]); at >= 0 {
				b.WriteByte("\n\r\t\b\a"[at])
			} else {
				b.WriteByte(line[i])
			}
		case quote == '\'' && c == '\\' && i+1 < len(line) && line[i+1] == '\'':
			i++
			b.WriteByte('\'')
		case quote != 0:
			b.WriteByte(c)
		case c == '"' || c == '\'':
			quote = c
		case ctext.IsSpace(c) || c == 0:
			return b.String(), line[i:], true
		default:
			b.WriteByte(c)
		}
	}
	return b.String(), "", quote == 0
}
