package wire

import "strconv"

// Words returns the words of a command that AppendCommand appended.
func Words(command []byte) []string {
	c := NewCursor(command)
	words := make([]string, 0, c.Len())
	for c.Enter(); c.More(); {
		words = append(words, string(Unescape(c.String())))
	}
	return words
}

// Word returns an argument as it is sent, and "" if it cannot be sent.
func Word(arg any) string {
	switch v := arg.(type) {
	case string:
		return v
	case int:
		return strconv.Itoa(v)
	}
	text, err := appendArgument(nil, arg)
	if err != nil {
		return ""
	}
	c := NewCursor(text)
	return string(Unescape(c.String()))
}

// AppendWords appends a command of words, which are UTF-8.
func AppendWords(dst []byte, words []string) []byte {
	for i, word := range words {
		separator := byte(',')
		if i == 0 {
			separator = '['
		}
		dst, _ = AppendString(append(dst, separator), word) // fails only if the word is not UTF-8
	}
	return append(dst, ']')
}
