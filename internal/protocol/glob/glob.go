// Package glob matches text with a pattern as KEYS and PSUBSCRIBE do (stringmatchlen in
// Redis' util.c).
package glob

// Match reports whether a whole name matches a pattern. In a pattern, * matches any
// bytes, ? one byte, [a-c] one byte of a class and [^a] one byte outside of the
// class. \ makes the next byte literal. Each byte is one character, and
// a range compares bytes as signed numbers, as C does on amd64. No pattern is invalid:
// a class without a closing bracket ends at the end of the pattern. An empty name matches only the
// empty pattern, not *. For the pattern *, KEYS and SCAN return all keys without matching.
//
// The time is at most proportional to the product of the lengths of pattern and
// name.
func Match(pattern, name string) bool {
	_, ok := match(pattern, name, textEnd, false)
	return ok
}

// MatchFold is [Match] that ignores the case of the letters A to Z.
func MatchFold(pattern, name string) bool {
	_, ok := match(pattern, name, textEnd, true)
	return ok
}

// MatchBefore finds the shortest name at the start of text that matches the pattern (see [Match])
// and is followed by the byte end. It returns the length of this name. It takes as long as
// one Match on the whole text.
func MatchBefore(pattern, text string, end byte) (length int, ok bool) {
	return match(pattern, text, int(end), false)
}

// textEnd means the end of the text, where match expects a byte.
const textEnd = -1

// match finds the shortest name at the start of text that matches the pattern and is
// followed by end.
func match(pattern, text string, end int, fold bool) (length int, ok bool) {
	// star is the index after the last * so far. text[:reached] matches the pattern up to
	// this *. If the rest does not match, the * takes one more byte.
	// Earlier stars need not take more: the last one matches any bytes, so
	// it can take them instead. Therefore the time is not exponential.
	star, reached := -1, 0
	p, n := 0, 0
	for {
		switch {
		case p < len(pattern) && pattern[p] == '*':
			p++
			if p == len(pattern) && end == textEnd && text != "" {
				return len(text), true
			}
			star, reached = p, n
			continue
		case p < len(pattern) && n < len(text):
			if next, ok := matchOne(pattern, p, text[n], fold); ok {
				p, n = next, n+1
				continue
			}
		case p == len(pattern) && (n > 0 || pattern == "") && endsAt(text, n, end):
			return n, true
		}
		if star < 0 || n == len(text) { // later starts leave even less text
			return 0, false
		}
		reached++
		p, n = star, reached
	}
}

// endsAt reports whether text[n] is end.
func endsAt(text string, n, end int) bool {
	if n == len(text) {
		return end == textEnd
	}
	return int(text[n]) == end
}

// matchOne matches one byte with the part of the pattern that begins at p. It returns
// the index after this part.
func matchOne(pattern string, p int, c byte, fold bool) (next int, ok bool) {
	switch pattern[p] {
	case '?':
		return p + 1, true
	case '[':
		return matchClass(pattern, p+1, c, fold)
	case '\\':
		if p+1 < len(pattern) {
			p++
		}
	}
	return p + 1, same(pattern[p], c, fold)
}

// matchClass matches one byte with the class whose [ is before p. It returns the
// index after the class.
func matchClass(pattern string, p int, c byte, fold bool) (next int, ok bool) {
	not := p < len(pattern) && pattern[p] == '^'
	if not {
		p++
	}
	for p < len(pattern) && pattern[p] != ']' {
		switch {
		case pattern[p] == '\\' && p+1 < len(pattern):
			p++
			ok = ok || pattern[p] == c // a single byte is compared with its case
		case p+2 < len(pattern) && pattern[p+1] == '-':
			ok = ok || inRange(pattern[p], pattern[p+2], c, fold)
			p += 2
		default:
			ok = ok || same(pattern[p], c, fold)
		}
		p++
	}
	return min(p+1, len(pattern)), ok != not
}

// inRange reports whether c is between the ends of a range. The ends may be in either
// order.
func inRange(from, to, c byte, fold bool) bool {
	low, high := min(int8(from), int8(to)), max(int8(from), int8(to))
	if fold { // Redis orders the ends before it changes the case
		low, high, c = int8(lower(byte(low))), int8(lower(byte(high))), lower(c)
	}
	return low <= int8(c) && int8(c) <= high
}

func same(a, b byte, fold bool) bool { return a == b || fold && lower(a) == lower(b) }

func lower(c byte) byte {
	if 'A' <= c && c <= 'Z' {
		c += 'a' - 'A'
	}
	return c
}
