// Package mdtable reads and writes generated tables in Markdown files.
//
// A table stands between the lines <!-- NAME --> and <!-- /NAME -->. A test writes
// it with -update, and otherwise compares it.
package mdtable

import (
	"fmt"
	"os"
	"strings"
)

// Read returns the rows of a file's table. The first row is its head.
func Read(path, name string) ([][]string, error) {
	_, table, _, err := cut(path, name)
	if err != nil {
		return nil, err
	}
	var rows [][]string
	for line := range strings.Lines(table) {
		line = strings.TrimSpace(line)
		if line == "" || strings.HasPrefix(line, "|-") {
			continue
		}
		line = strings.ReplaceAll(strings.Trim(line, "|"), `\|`, "\x00")
		var row []string
		for cell := range strings.SplitSeq(line, "|") {
			row = append(row, strings.ReplaceAll(strings.TrimSpace(cell), "\x00", "|"))
		}
		rows = append(rows, row)
	}
	return rows, nil
}

// Write replaces a file's table by rows.
func Write(path, name string, rows [][]string) error {
	before, _, after, err := cut(path, name)
	if err != nil {
		return err
	}
	var table strings.Builder
	for i, row := range rows {
		for _, cell := range row {
			table.WriteString("| " + strings.ReplaceAll(cell, "|", `\|`) + " ")
		}
		table.WriteString("|\n")
		if i == 0 {
			table.WriteString(strings.Repeat("|---", len(row)) + "|\n")
		}
	}
	return os.WriteFile(path, []byte(before+table.String()+after), 0o644)
}

// cut splits a file at its table.
func cut(path, name string) (before, table, after string, err error) {
	content, err := os.ReadFile(path)
	if err != nil {
		return "", "", "", err
	}
	first, last := "<!-- "+name+" -->\n", "<!-- /"+name+" -->\n"
	start := strings.Index(string(content), first) + len(first)
	end := strings.Index(string(content), last)
	if start < len(first) || end < start {
		return "", "", "", fmt.Errorf("%s has no table %s", path, name)
	}
	return string(content[:start]), string(content[start:end]), string(content[end:]), nil
}
