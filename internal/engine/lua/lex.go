package lua

import (
	"fmt"
	"strings"

	"github.com/redis-rest/redis-rest-go/internal/protocol/ctext"
)

// A token is a byte with its own meaning, or one of the constants below.
type token int

const eof = -1

const (
	tkAnd token = iota + 257
	tkBreak
	tkDo
	tkElse
	tkElseif
	tkEnd
	tkFalse
	tkFor
	tkFunction
	tkIf
	tkIn
	tkLocal
	tkNil
	tkNot
	tkOr
	tkRepeat
	tkReturn
	tkThen
	tkTrue
	tkUntil
	tkWhile
	tkConcat
	tkDots
	tkEq
	tkGe
	tkLe
	tkNe
	tkNumber
	tkName
	tkString
	tkEOS
)

var tokenNames = [...]string{
	"and", "break", "do", "else", "elseif", "end", "false", "for", "function", "if", "in", "local", "nil", "not", "or", "repeat",
	"return", "then", "true", "until", "while", "..", "...", "==", ">=", "<=", "~=", "<number>", "<name>", "<string>", "<eof>",
}

func (t token) String() string {
	switch {
	case t >= tkAnd:
		return tokenNames[t-tkAnd]
	case t < ' ' || t == 127:
		return fmt.Sprintf("char(%d)", int(t))
	}
	return string([]byte{byte(t)})
}

// keyword returns the token of a reserved word, or tkName.
func keyword(word string) token {
	for i, name := range tokenNames[:tkWhile-tkAnd+1] {
		if name == word {
			return tkAnd + token(i)
		}
	}
	return tkName
}

// A syntaxError is a compiler message that begins with the place.
type syntaxError string

func (e syntaxError) Error() string { return string(e) }

// A lexer reads one token after another. It panics with a syntaxError.
type lexer struct {
	source   string
	at       int
	start    int // of the current token
	current  int // the next byte, or eof
	line     int // of current
	lastLine int // of the token before the current one
	name     string
	buffer   []byte // the text of the last name, number or string, as errors show it

	token   token
	text    string  // of a name or a string
	number  float64 // of a number
	ahead   token   // the token after the current one, if isAhead
	isAhead bool
	aheadOf struct {
		start  int
		text   string
		number float64
	}
}

func newLexer(source, name string) *lexer {
	l := &lexer{source: source, line: 1, lastLine: 1, name: name}
	l.current = eof
	if source != "" {
		l.current = int(source[0])
	}
	return l
}

func (l *lexer) advance() {
	l.at++
	if l.at < len(l.source) {
		l.current = int(l.source[l.at])
	} else {
		l.current = eof
	}
}

func (l *lexer) save() {
	l.buffer = append(l.buffer, byte(l.current))
	l.advance()
}

// saveIf takes the next byte if the set contains it. As in C, every set contains the
// zero byte that ends it.
func (l *lexer) saveIf(set string) bool {
	if l.current == eof || l.current != 0 && strings.IndexByte(set, byte(l.current)) < 0 {
		return false
	}
	l.save()
	return true
}

// fail raises a syntax error near a token. The message names no token if it is 0.
func (l *lexer) fail(message string, near token) {
	message = fmt.Sprintf("%s:%d: %s", chunkID(l.name), l.line, message)
	switch near {
	case 0:
	case tkName, tkString, tkNumber:
		message += " near '" + ctext.String(string(l.buffer)) + "'"
	default:
		message += " near '" + near.String() + "'"
	}
	panic(syntaxError(message))
}

// next reads the next token.
func (l *lexer) next() {
	l.lastLine = l.line
	if l.isAhead {
		l.isAhead = false
		l.token, l.start, l.text, l.number = l.ahead, l.aheadOf.start, l.aheadOf.text, l.aheadOf.number
		return
	}
	l.token = l.scan()
}

// lookAhead returns the token after the current one.
func (l *lexer) lookAhead() token {
	start, text, number := l.start, l.text, l.number
	l.ahead = l.scan()
	l.aheadOf.start, l.aheadOf.text, l.aheadOf.number = l.start, l.text, l.number
	l.start, l.text, l.number = start, text, number
	l.isAhead = true
	return l.ahead
}

// newLine skips a line break of one or two bytes.
func (l *lexer) newLine() {
	old := l.current
	l.advance()
	if (l.current == '\n' || l.current == '\r') && l.current != old {
		l.advance()
	}
	l.line++
}

func (l *lexer) scan() token {
	l.buffer = l.buffer[:0]
	for {
		l.start = l.at
		switch c := l.current; c {
		case '\n', '\r':
			l.newLine()
		case '-':
			l.advance()
			if l.current != '-' {
				return '-'
			}
			l.advance()
			if l.current == '[' {
				level := l.longBracket()
				l.buffer = l.buffer[:0]
				if level >= 0 {
					l.longString(level, "comment")
					l.buffer = l.buffer[:0]
					continue
				}
			}
			for l.current != '\n' && l.current != '\r' && l.current != eof {
				l.advance()
			}
		case '[':
			level := l.longBracket()
			if level >= 0 {
				l.text = l.longString(level, "string")
				return tkString
			}
			if level == -1 {
				return '['
			}
			l.fail("invalid long string delimiter", tkString)
		case '=':
			return l.orEqual('=', tkEq)
		case '<':
			return l.orEqual('<', tkLe)
		case '>':
			return l.orEqual('>', tkGe)
		case '~':
			return l.orEqual('~', tkNe)
		case '"', '\'':
			l.quoted(c)
			return tkString
		case '.':
			l.save()
			if l.saveIf(".") {
				if l.saveIf(".") {
					return tkDots
				}
				return tkConcat
			}
			if l.current == eof || !ctext.IsDigit(byte(l.current)) {
				return '.'
			}
			return l.numeral()
		case eof:
			return tkEOS
		default:
			switch {
			case ctext.IsSpace(byte(c)):
				l.advance()
			case ctext.IsDigit(byte(c)):
				return l.numeral()
			case ctext.IsLetter(byte(c)) || c == '_':
				for l.current != eof && ctext.IsName(byte(l.current)) {
					l.save()
				}
				l.text = string(l.buffer)
				return keyword(l.text)
			default:
				l.advance()
				return token(c)
			}
		}
	}
}

func (l *lexer) orEqual(alone, equal token) token {
	l.advance()
	if l.current != '=' {
		return alone
	}
	l.advance()
	return equal
}

func (l *lexer) numeral() token {
	for l.current != eof && (ctext.IsDigit(byte(l.current)) || l.current == '.') {
		l.save()
	}
	if l.saveIf("Ee") {
		l.saveIf("+-")
	}
	for l.current != eof && ctext.IsName(byte(l.current)) {
		l.save()
	}
	f, ok := ParseNumber(string(l.buffer))
	if !ok {
		l.fail("malformed number", tkNumber)
	}
	l.number = f
	return tkNumber
}

// longBracket reads [[, [=[ and so on, up to but not including the second bracket. It
// returns the number of =; -1 for [ alone, -2 for [= without a second [.
func (l *lexer) longBracket() int {
	bracket := l.current
	l.save()
	count := 0
	for l.current == '=' {
		l.save()
		count++
	}
	if l.current == bracket {
		return count
	}
	return -count - 1
}

func (l *lexer) longString(level int, what string) string {
	l.save()
	if l.current == '\n' || l.current == '\r' {
		l.newLine()
	}
	start := len(l.buffer)
	for {
		switch l.current {
		case eof:
			l.fail("unfinished long "+what, tkEOS)
		case ']':
			if l.longBracket() == level {
				l.save()
				return string(l.buffer[start : len(l.buffer)-level-2])
			}
		case '\n', '\r':
			l.buffer = append(l.buffer, '\n')
			l.newLine()
		default:
			l.save()
		}
	}
}

func (l *lexer) quoted(delimiter int) {
	l.save()
	for l.current != delimiter {
		switch l.current {
		case eof:
			l.fail("unfinished string", tkEOS)
		case '\n', '\r':
			l.fail("unfinished string", tkString)
		case '\\':
			l.advance()
			l.escape()
		default:
			l.save()
		}
	}
	l.save()
	l.text = string(l.buffer[1 : len(l.buffer)-1])
}

func (l *lexer) escape() {
	c := l.current
	switch c {
	case eof:
		return // the loop reports it
	case '\n', '\r':
		l.buffer = append(l.buffer, '\n')
		l.newLine()
		return
	}
	if i := strings.IndexByte("abfnrtv", byte(c)); i >= 0 {
		l.buffer = append(l.buffer, "\a\b\f\n\r\t\v"[i])
		l.advance()
		return
	}
	if !ctext.IsDigit(byte(c)) {
		l.save()
		return
	}
	value := 0
	for range 3 {
		if l.current == eof || !ctext.IsDigit(byte(l.current)) {
			break
		}
		value = value*10 + l.current - '0'
		l.advance()
	}
	if value > 255 {
		l.fail("escape sequence too large", tkString)
	}
	l.buffer = append(l.buffer, byte(value))
}

// chunkID returns the name of a chunk as messages show it.
func chunkID(name string) string {
	const size = 80 // Redis' LUA_IDSIZE
	switch {
	case strings.HasPrefix(name, "="):
		return name[1:min(len(name), size)]
	case strings.HasPrefix(name, "@"):
		name = name[1:]
		if limit := size - len(" '...' ") - 1; len(name) > limit {
			return "..." + name[len(name)-limit:]
		}
		return name
	}
	line := name
	if i := strings.IndexAny(name, "\n\r"); i >= 0 {
		line = name[:i]
	}
	limit := size - len(` [string "..."] `) - 1
	if len(line) > limit {
		line = line[:limit]
	}
	if len(line) < len(name) {
		line += "..."
	}
	return `[string "` + line + `"]`
}
