package docs

import (
	"encoding/xml"
	"go/doc"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/redis-rest/redis-rest-go/internal/testkit/svg"
)

// The pictures of the README show the code of an example, the script that it runs,
// and the output with which the example is tested.
func TestPictures(t *testing.T) {
	t.Chdir("..") // so that paths are those of the pages
	const (
		increment = "examples/quickstart/increment.lua"
		limit     = "testdata/limit.lua"
	)
	code, output := example(t, "typedResult")
	first, script := withoutComment(t, increment)
	picture(t, "docs/script.svg", "A Lua script, the Go code that runs it, and the int that comes back",
		svg.Pane{Title: "increment.lua", Text: script, First: first},
		svg.Pane{Title: "main.go", Text: code},
		svg.Pane{Kind: svg.Output, Title: "output", Text: output})

	code, output = example(t, "errorLine")
	first, script = withoutComment(t, limit)
	at := regexp.MustCompile(`limit\.lua:(\d+)`).FindStringSubmatch(output)
	require.NotNil(t, at, output)
	wrong, err := strconv.Atoi(at[1])
	require.NoError(t, err)
	picture(t, "docs/error.svg", "A Lua script with a mistake, the Go code that runs it, and the error, which shows the line",
		svg.Pane{Title: "limit.lua", Text: script, First: first, Mark: wrong},
		svg.Pane{Title: "main.go", Text: code},
		svg.Pane{Kind: svg.Failure, Title: "output", Text: output})
}

// picture compares a picture with its file, or writes the file with -update.
func picture(t *testing.T, file, title string, panes ...svg.Pane) {
	t.Helper()
	drawn := svg.Window(title, panes...)
	if *update {
		require.NoError(t, os.WriteFile(file, []byte(drawn), 0o644))
	}
	have, err := os.ReadFile(file)
	require.NoError(t, err, "go test ./docs -update draws it")
	assert.True(t, drawn == string(have), "%s is not what the example prints; go test ./docs -update draws it", file)
	require.True(t, strings.Contains(read(t, "README.md"), "("+file+")"), "the README does not show %s", file)
}

// example returns what an example shows, which is what follows its first empty
// line, and its output.
func example(t *testing.T, name string) (code, output string) {
	t.Helper()
	const file = "example_pictures_test.go"
	fset := token.NewFileSet()
	f, err := parser.ParseFile(fset, file, nil, parser.ParseComments)
	require.NoError(t, err)
	for _, e := range doc.Examples(f) {
		if e.Suffix == name || e.Name == "_"+name {
			body := read(t, file)[fset.Position(e.Code.Pos()).Offset:fset.Position(e.Code.End()).Offset]
			_, shown, ok := strings.Cut(body, "\n\n")
			require.True(t, ok, "%s has no empty line", name)
			shown, _, ok = strings.Cut(shown, "\t// Output:")
			require.True(t, ok, "%s has no output", name)
			return strings.ReplaceAll("\n"+shown, "\n\t", "\n")[1:], e.Output
		}
	}
	require.Fail(t, "there is no such example", name)
	return "", ""
}

// withoutComment returns a script without the comment at its top, and the number
// of its first line.
func withoutComment(t *testing.T, file string) (first int, script string) {
	t.Helper()
	lines := strings.SplitAfter(read(t, file), "\n")
	for strings.HasPrefix(lines[first], "--") {
		first++
	}
	return first + 1, strings.Join(lines[first:], "")
}

// Whatever the font, each text of a picture keeps to its place: it has a length of
// its own, which ends within the picture.
func TestPicturesFit(t *testing.T) {
	t.Chdir("..") // so that paths are those of the pages
	files, err := filepath.Glob("*/*.svg")
	require.NoError(t, err)
	require.Len(t, files, 6)
	for _, file := range files {
		var drawing struct {
			Width float64 `xml:"width,attr"`
			Texts []struct {
				X      float64 `xml:"x,attr"`
				Length float64 `xml:"textLength,attr"`
				Text   string  `xml:",chardata"`
			} `xml:"text"`
		}
		require.NoError(t, xml.Unmarshal([]byte(read(t, file)), &drawing), file)
		require.NotEmpty(t, drawing.Texts, file)
		for _, text := range drawing.Texts {
			assert.Positive(t, text.Length, "%s: %s", file, text.Text)
			assert.GreaterOrEqual(t, text.X, 0.0, "%s: %s", file, text.Text)
			assert.Less(t, text.X+text.Length, drawing.Width, "%s: %s", file, text.Text)
		}
	}
}
