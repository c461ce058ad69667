package docs

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"unicode"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// Every link of a Markdown file that stays inside this project leads to a file, and
// to a heading of it where it names one.
func TestLinks(t *testing.T) {
	t.Chdir("..") // so that paths are those of the pages
	link := regexp.MustCompile(`\]\(([^()\s]+)\)`)
	count := 0
	err := filepath.WalkDir(".", func(path string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if entry.IsDir() && (entry.Name() == "node_modules" || entry.Name() == ".git") {
			return filepath.SkipDir
		}
		if filepath.Ext(path) != ".md" {
			return nil
		}
		for _, m := range link.FindAllStringSubmatch(withoutCode(read(t, path)), -1) {
			if strings.Contains(m[1], ":") {
				continue // elsewhere
			}
			count++
			file, heading, named := strings.Cut(m[1], "#")
			to := path
			if file != "" {
				to = filepath.Join(filepath.Dir(path), filepath.FromSlash(file))
			}
			if _, err := os.Stat(to); err != nil {
				assert.Fail(t, "a link that leads nowhere", "%s: %s", path, m[1])
			} else if named {
				assert.Contains(t, headings(read(t, to)), heading, "%s: %s", path, m[1])
			}
		}
		return nil
	})
	require.NoError(t, err)
	require.Greater(t, count, 50)
}

// withoutCode leaves out blocks of code and code in a line.
func withoutCode(text string) string {
	text = regexp.MustCompile("(?ms)^```.*?^```").ReplaceAllString(text, "")
	return regexp.MustCompile("`[^`\n]*`").ReplaceAllString(text, "")
}

// headings are the names by which GitHub links to the headings of a page.
func headings(page string) (names []string) {
	for _, m := range regexp.MustCompile(`(?m)^#+ (.*)$`).FindAllStringSubmatch(page, -1) {
		names = append(names, strings.Map(func(r rune) rune {
			switch {
			case r == ' ':
				return '-'
			case r == '-' || r == '_' || unicode.IsLetter(r) || unicode.IsDigit(r):
				return unicode.ToLower(r)
			}
			return -1
		}, m[1]))
	}
	return names
}

// What the pages call by its import path is a package.
func TestPagesPackages(t *testing.T) {
	t.Chdir("..") // so that paths are those of the pages
	path := regexp.MustCompile(regexp.QuoteMeta(module) + `/([\w/-]+)`)
	count := 0
	for _, page := range pages(t) {
		for _, m := range path.FindAllStringSubmatch(read(t, page), -1) {
			count++
			sources, err := filepath.Glob(filepath.Join(m[1], "*.go"))
			require.NoError(t, err)
			assert.NotEmpty(t, sources, "%s: there is no package %s", page, m[0])
		}
	}
	require.Greater(t, count, 2)
}

// docs/environment.md lists the variables that FromEnv reads.
func TestEnvironmentPage(t *testing.T) {
	t.Chdir("..") // so that paths are those of the pages
	name := regexp.MustCompile(`\b(?:CACHE_)?((?:UPSTASH|KV|REST)_[A-Z0-9_]+)\b`)
	listed := map[string]bool{}
	for _, m := range name.FindAllStringSubmatch(read(t, "docs/environment.md"), -1) {
		listed[m[1]] = true
	}
	known := map[string]bool{}
	for _, m := range regexp.MustCompile(`env:"(\w+)"`).FindAllStringSubmatch(read(t, "env.go"), -1) {
		known[m[1]] = true
	}
	require.Greater(t, len(known), 10)
	assert.Equal(t, known, listed)
}
