package luaredis

// matches says whether a name is what a glob of Redis describes: with *, ?, [a-z],
// [^a-z] and \ before what stands for itself.
func matches(pattern, name string) bool {
	for pattern != "" {
		switch c := pattern[0]; {
		case c == '*':
			for pattern != "" && pattern[0] == '*' {
				pattern = pattern[1:]
			}
			for i := range len(name) + 1 {
				if matches(pattern, name[i:]) {
					return true
				}
			}
			return false
		case name == "":
			return false
		case c == '?':
		case c == '[':
			var ok bool
			if ok, pattern = inClass(pattern[1:], name[0]); !ok {
				return false
			}
			name = name[1:]
			continue
		default:
			if c == '\\' && len(pattern) > 1 {
				pattern = pattern[1:]
			}
			if pattern[0] != name[0] {
				return false
			}
		}
		pattern, name = pattern[1:], name[1:]
	}
	return name == ""
}

// inClass says whether a byte is in the class that begins behind [, and returns the
// pattern behind it.
func inClass(pattern string, c byte) (in bool, rest string) {
	not := pattern != "" && pattern[0] == '^'
	if not {
		pattern = pattern[1:]
	}
	for pattern != "" && pattern[0] != ']' {
		low := pattern[0]
		if low == '\\' && len(pattern) > 1 {
			pattern = pattern[1:]
			low = pattern[0]
		}
		high := low
		if len(pattern) > 2 && pattern[1] == '-' {
			high = pattern[2]
			pattern = pattern[2:]
		}
		in = in || min(low, high) <= c && c <= max(low, high)
		pattern = pattern[1:]
	}
	if pattern != "" {
		pattern = pattern[1:]
	}
	return in != not, pattern
}
