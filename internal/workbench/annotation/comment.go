package annotation

import (
	"strings"
	"unicode/utf8"
)

// A comment is a comment of one line that stands alone on its line.
type comment struct {
	line   int
	column int    // of the text
	text   string // behind the first two dashes
}

// scan returns the comments of a source, and the lines that have code.
func scan(source string) (comments []comment, code []int) {
	line, start := 1, 0 // start is where the line begins
	addCode := func() {
		if len(code) == 0 || code[len(code)-1] != line {
			code = append(code, line)
		}
	}
	skip := func(from, to int) { // a text that may have line breaks
		for i := from; i < to; i++ {
			if source[i] == '\n' {
				line, start = line+1, i+1
			}
		}
	}
	i := 0
	if strings.HasPrefix(source, "#!") {
		i = max(strings.IndexByte(source, '\n'), 0)
		if i == 0 {
			return nil, nil
		}
	}
	for i < len(source) {
		switch c := source[i]; {
		case c == '\n':
			i++
			line, start = line+1, i
		case c == ' ' || c == '\t' || c == '\r' || c == '\f' || c == '\v':
			i++
		case strings.HasPrefix(source[i:], "--"):
			if n := longBracket(source[i+2:]); n > 0 {
				skip(i, i+2+n)
				i += 2 + n
				break
			}
			end := len(source)
			if n := strings.IndexByte(source[i:], '\n'); n >= 0 {
				end = i + n
			}
			if strings.TrimSpace(source[start:i]) == "" {
				comments = append(comments, comment{line, utf8.RuneCountInString(source[start:i+2]) + 1, strings.TrimRight(source[i+2:end], " \t\r")})
			}
			i = end
		case c == '\'' || c == '"':
			addCode()
			end := i + 1
			for end < len(source) && source[end] != c && source[end] != '\n' {
				if source[end] == '\\' {
					end++
				}
				end++
			}
			end = min(end+1, len(source))
			if source[end-1] == '\n' && end-1 > i {
				end-- // it is not closed
			}
			skip(i, end)
			i = end
		case c == '[' && longBracket(source[i:]) > 0:
			n := longBracket(source[i:])
			for range strings.Count(source[i:i+n], "\n") {
				addCode()
				line++
			}
			addCode()
			start = strings.LastIndexByte(source[:i+n], '\n') + 1
			i += n
		default:
			addCode()
			i++
		}
	}
	return comments, code
}

// longBracket returns the length of the long bracket that a text begins with, [[…]] or [=[…]=]; 0 if there is none.
func longBracket(text string) int {
	level := 1
	for level < len(text) && text[level] == '=' {
		level++
	}
	if text == "" || text[0] != '[' || level >= len(text) || text[level] != '[' {
		return 0
	}
	closing := "]" + text[1:level] + "]"
	if n := strings.Index(text[level+1:], closing); n >= 0 {
		return level + 1 + n + len(closing)
	}
	return len(text)
}
