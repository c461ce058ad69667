// Package glob matches names with patterns as Redis has them.
package glob

// Match says whether a name matches a pattern as Redis has them: *, ?, [a-c], [^a]
// and \ before a character that stands for itself.
func Match(pattern, name string) bool {
	// Where the last * was, and up to where it reached: what follows it is tried
	// further on. No more than the last must be, so this takes no exponential time.
	star, reached := -1, 0
	p, n := 0, 0
	for n < len(name) {
		if p < len(pattern) && pattern[p] == '*' {
			star, reached = p, n
			p++
			continue
		}
		if p < len(pattern) {
			if next, ok := matchOne(pattern, p, name[n]); ok {
				p, n = next, n+1
				continue
			}
		}
		if star < 0 {
			return false
		}
		reached++
		p, n = star+1, reached
	}
	for p < len(pattern) && pattern[p] == '*' {
		p++
	}
	return p == len(pattern)
}

// matchOne matches one character with what stands at p, and returns where that ends.
func matchOne(pattern string, p int, c byte) (next int, ok bool) {
	switch pattern[p] {
	case '?':
		return p + 1, true
	case '[':
		return matchClass(pattern, p+1, c)
	case '\\':
		if p+1 < len(pattern) {
			p++
		}
	}
	return p + 1, pattern[p] == c
}

// matchClass matches a character with what stands between brackets. A class that
// does not end goes to the end of the pattern.
func matchClass(pattern string, p int, c byte) (next int, ok bool) {
	not := p < len(pattern) && pattern[p] == '^'
	if not {
		p++
	}
	for p < len(pattern) && pattern[p] != ']' {
		switch {
		case pattern[p] == '\\' && p+1 < len(pattern):
			p++
			ok = ok || pattern[p] == c
		case p+2 < len(pattern) && pattern[p+1] == '-':
			low, high := pattern[p], pattern[p+2]
			ok = ok || min(low, high) <= c && c <= max(low, high)
			p += 2
		default:
			ok = ok || pattern[p] == c
		}
		p++
	}
	return min(p+1, len(pattern)), ok != not
}
