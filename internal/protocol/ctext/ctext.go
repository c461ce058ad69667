// Package ctext reads and writes text and numbers like C, the language of Redis and Lua.
// If C leaves the result undefined, it is the result of gcc on amd64.
package ctext

import "strings"

// Space holds the white space characters of the C locale.
const Space = " \t\n\v\f\r"

// String returns a string as C sees it: the part before the first zero byte.
func String(s string) string {
	s, _, _ = strings.Cut(s, "\x00")
	return s
}

// IsSpace is isspace of the C locale.
func IsSpace(c byte) bool { return c == ' ' || '\t' <= c && c <= '\r' }

// IsDigit is isdigit.
func IsDigit(c byte) bool { return '0' <= c && c <= '9' }

// IsHex is isxdigit.
func IsHex(c byte) bool { return IsDigit(c) || 'a' <= c|0x20 && c|0x20 <= 'f' }

// IsLetter is isalpha of the C locale.
func IsLetter(c byte) bool { return 'a' <= c|0x20 && c|0x20 <= 'z' }

// IsName reports whether a byte may be part of a name: a letter, a digit or _.
func IsName(c byte) bool { return IsLetter(c) || IsDigit(c) || c == '_' }
