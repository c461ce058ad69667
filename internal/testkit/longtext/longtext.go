// Package longtext compares long texts and shows only the first difference.
package longtext

import (
	"fmt"
	"strings"
	"testing"
)

// Equal fails the test if the texts differ, and shows the first line that differs.
// what names the text, or says how to generate it.
func Equal(t testing.TB, want, got, what string) {
	t.Helper()
	if difference := firstDifference(want, got); difference != "" {
		t.Errorf("%s: %s", what, difference)
	}
}

// Contains fails the test if the text does not contain a part. It shows only the part.
func Contains(t testing.TB, text, part, what string) {
	t.Helper()
	if !strings.Contains(text, part) {
		t.Errorf("%s: does not contain %.300q", what, part)
	}
}

// firstDifference describes the first difference of two texts. It is empty if they are equal.
func firstDifference(want, got string) string {
	if want == got {
		return ""
	}
	wants, gots := strings.Split(want, "\n"), strings.Split(got, "\n")
	line := 0
	for line < min(len(wants), len(gots)) && wants[line] == gots[line] {
		line++
	}
	return fmt.Sprintf("line %d differs:\n  want %s\n  got  %s", line+1, around(wants, gots, line), around(gots, wants, line))
}

// around returns the part of a line around its first difference from the other line.
func around(lines, others []string, line int) string {
	if line >= len(lines) {
		return "the end of the text"
	}
	const before, length = 40, 200
	text, from := lines[line], 0
	if line < len(others) {
		for from < min(len(text), len(others[line])) && text[from] == others[line][from] {
			from++
		}
	}
	from = max(from-before, 0)
	part := text[from:min(from+length, len(text))]
	return fmt.Sprintf("%q (from byte %d)", part, from)
}
