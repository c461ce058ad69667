package script_test

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/redis-rest/redis-rest-go/internal/protocol/digest"
)

// A testCase is a name and a list of commands for a database. The expected replies
// are not written down: they are the replies of redis-server.
type testCase struct {
	name  string
	steps []step
}

type step struct {
	args []string
	// compared says whether the reply must equal that of redis-server. It need not
	// if it depends on something that differs anyway, such as the address of a table or the
	// ratio of a compression.
	compared bool
}

// lastReply is an argument that is replaced by the string in the reply to the
// previous step.
const lastReply = "\x00last reply"

// allCases returns the cases of the corpus, of the project's scripts and of the generator.
func allCases(t testing.TB) []testCase {
	t.Helper()
	if madeCases != nil {
		return madeCases
	}
	cases := slices.Concat(readCorpus(t), projectCases(t), generateCases())
	seen := map[string]bool{}
	for _, c := range cases {
		require.False(t, seen[c.name], "two cases have the name %q", c.name)
		seen[c.name] = true
	}
	madeCases = cases
	return cases
}

var madeCases []testCase // filled by allCases

// readCorpus reads the cases of testdata/corpus. A file contains Lua. Comments
// contain the commands that run it:
//
//	--- name of the case
//	--> SET k 1
//	--> EVAL $ 1 k "an argument\n"
//	the lines of the script
//
// A case that begins with its script runs it by EVAL $ 0. The words of a command
// are separated by spaces. Words with other bytes are in Go's quotes. $ is the script
// after the command, or else the script before it, or else the first one. $sha and $SHA
// are its digest. $reply is the string in the reply to the previous command. The reply to a
// command after --~ is not compared.
func readCorpus(t testing.TB) []testCase {
	t.Helper()
	files, err := filepath.Glob("testdata/corpus/*.lua")
	require.NoError(t, err)
	require.NotEmpty(t, files)
	var cases []testCase
	for _, file := range files {
		text, err := os.ReadFile(file)
		require.NoError(t, err)
		subject := strings.TrimSuffix(filepath.Base(file), ".lua")
		found, err := parseCases(subject, string(text))
		require.NoError(t, err, file)
		cases = append(cases, found...)
	}
	return cases
}

// parseCases reads the cases of one file. The text before the first case is a
// comment on the file.
func parseCases(subject, text string) ([]testCase, error) {
	var cases []testCase
	for _, part := range strings.Split("\n"+text, "\n--- ")[1:] {
		name, body, _ := strings.Cut(part, "\n")
		c := testCase{name: subject + "/" + name}
		if !strings.HasPrefix(body, "-->") && !strings.HasPrefix(body, "--~") {
			body = "--> EVAL $ 0\n" + body
		}
		blocks := commandBlocks(body)
		script := firstScript(blocks)
		for _, block := range blocks {
			line, after := cutScript(block)
			if after != "" {
				script = after
			}
			args, err := words(line[len("-->"):], script)
			if err != nil {
				return nil, fmt.Errorf("%s: %s: %w", c.name, line, err)
			}
			c.steps = append(c.steps, step{args: args, compared: line[2] == '>'})
		}
		cases = append(cases, c)
	}
	return cases, nil
}

// commandBlocks splits the text before every line that is a command.
func commandBlocks(body string) []string {
	var blocks []string
	for line := range strings.Lines(body) {
		if strings.HasPrefix(line, "--> ") || strings.HasPrefix(line, "--~ ") {
			blocks = append(blocks, line)
		} else {
			blocks[len(blocks)-1] += line
		}
	}
	return blocks
}

func cutScript(block string) (line, script string) {
	line, script, _ = strings.Cut(block, "\n")
	return line, strings.TrimRight(script, "\n")
}

func firstScript(blocks []string) string {
	for _, block := range blocks {
		if _, script := cutScript(block); script != "" {
			return script
		}
	}
	return ""
}

func words(line, script string) ([]string, error) {
	var args []string
	for line = strings.TrimSpace(line); line != ""; line = strings.TrimSpace(line) {
		if line[0] == '"' {
			quoted, err := strconv.QuotedPrefix(line)
			if err != nil {
				return nil, err
			}
			word, err := strconv.Unquote(quoted)
			if err != nil {
				return nil, err
			}
			args = append(args, word)
			line = line[len(quoted):]
			continue
		}
		word, rest, _ := strings.Cut(line, " ")
		switch word {
		case "$":
			word = script
		case "$sha":
			word = digest.Of(script)
		case "$SHA":
			word = strings.ToUpper(digest.Of(script))
		case "$reply":
			word = lastReply
		}
		args = append(args, word)
		line = rest
	}
	return args, nil
}

func TestParseCases(t *testing.T) {
	cases, err := parseCases("f", `-- about the file
--- plain
local x = 1

return x

--- with steps
--> SET "a b" "\x00"
--> SCRIPT LOAD $

return 2
--~ EVALSHA $sha 0
--> ECHO $reply
`)
	require.NoError(t, err)
	require.Equal(t, []testCase{
		{"f/plain", []step{{[]string{"EVAL", "local x = 1\n\nreturn x", "0"}, true}}},
		{"f/with steps", []step{
			{[]string{"SET", "a b", "\x00"}, true},
			{[]string{"SCRIPT", "LOAD", "\nreturn 2"}, true},
			{[]string{"EVALSHA", digest.Of("\nreturn 2"), "0"}, false},
			{[]string{"ECHO", lastReply}, true},
		}},
	}, cases)
	_, err = parseCases("f", "--- bad\n--> SET \"a\n")
	require.ErrorContains(t, err, "f/bad")
}

// with returns the arguments. reply is the reply to the previous step.
func (s step) with(reply []byte) []string {
	args := slices.Clone(s.args)
	for i, arg := range args {
		if arg == lastReply {
			args[i] = strings.Join(flatten(reply), "")
		}
	}
	return args
}
