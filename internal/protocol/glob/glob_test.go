package glob_test

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/redis-rest/redis-rest-go/internal/protocol/glob"
	"github.com/redis-rest/redis-rest-go/internal/testkit/growth"
	"github.com/redis-rest/redis-rest-go/internal/testkit/realredis"
)

func TestPatterns(t *testing.T) {
	for pattern, names := range map[string]struct{ match, differ []string }{
		"":         {[]string{""}, []string{"a"}},
		"*":        {[]string{"a", "abc"}, []string{""}},
		"**":       {[]string{"a"}, []string{""}},
		"a*b*c":    {[]string{"abc", "aXbYc", "aabbcc"}, []string{"", "ab", "abcd"}},
		"?b":       {[]string{"ab", "bb"}, []string{"b", "abb"}},
		"[abc]x":   {[]string{"ax", "bx"}, []string{"dx", "x"}},
		"[^a]x":    {[]string{"bx"}, []string{"ax", "x"}},
		"[a-c]":    {[]string{"a", "b", "c"}, []string{"", "d"}},
		"[c-a]":    {[]string{"a", "b", "c"}, []string{"d"}},
		"[a-\xff]": {[]string{"a", "A", "\xff"}, []string{"b", "\xfe"}},
		`\*`:       {[]string{"*"}, []string{"a", `\*`}},
		`[\]]`:     {[]string{"]"}, []string{"a", `\`}},
		"[a-]":     {[]string{"a", "^"}, []string{"-", "b"}}, // a range from a to ]
		"[a":       {[]string{"a"}, []string{"b", "[a"}},
		"[":        {nil, []string{"", "["}},
		"[^":       {[]string{"a"}, []string{""}},
		`a\`:       {[]string{`a\`}, []string{"a"}},
		"**a**":    {[]string{"a", "ba", "ab"}, []string{"b", ""}},
		"user:*:x": {[]string{"user:1:x", "user::x"}, []string{"user:x"}},
		"[A-C]?":   {[]string{"Ax"}, []string{"ax"}},
	} {
		for _, name := range names.match {
			assert.True(t, glob.Match(pattern, name), "%q %q", pattern, name)
		}
		for _, name := range names.differ {
			assert.False(t, glob.Match(pattern, name), "%q %q", pattern, name)
		}
	}
}

func TestFold(t *testing.T) {
	for _, pattern := range []string{"maxMEMORY*", "m[A-A]xmemory", "[^b]axmemory", "?AX*y", `\MAXMEMOR\Y`} {
		assert.True(t, glob.MatchFold(pattern, "MaxMemory"), "%q", pattern)
	}
	assert.False(t, glob.MatchFold("[Z-a]", "b"))
	assert.False(t, glob.MatchFold("[^M]*", "maxmemory"))
	assert.False(t, glob.MatchFold("É", "é"))
}

// generate makes text of pieces that have a meaning in patterns.
func generate(r *rand.Rand, pieces []string) string {
	var text strings.Builder
	for range r.IntN(9) {
		text.WriteString(pieces[r.IntN(len(pieces))])
	}
	return text.String()
}

var (
	patternPieces = []string{"*", "*", "?", "[", "]", "^", "-", `\`, "a", "b", "B", "\xff", "\x00", "[^", "[a-", "a-c", "[\xff-b]", "[ab]"}
	namePieces    = []string{"a", "b", "c", "B", "-", "^", "]", "[", `\`, "*", "\xff", "\x80", "\x00"}
)

// KEYS matches with case, CONFIG GET without case. Redis uses a different function for
// each.
func TestLikeRedis(t *testing.T) {
	server := realredis.Start(t)
	r := rand.New(rand.NewPCG(1, 2))
	names := map[string]bool{"": true}
	for len(names) < 300 {
		names[generate(r, namePieces)] = true
	}
	mset := []string{"MSET"}
	for name := range names {
		mset = append(mset, name, "")
	}
	require.Equal(t, "+OK\r\n", string(server.Do(mset...)))
	for range 3000 {
		pattern := generate(r, patternPieces)
		want := string(server.Do("KEYS", pattern))
		if pattern == "*" {
			continue // KEYS does not match in this case
		}
		matching := 0
		for name := range names {
			found := strings.Contains(want, fmt.Sprintf("\r\n$%d\r\n%s\r\n", len(name), name))
			require.Equal(t, found, glob.Match(pattern, name), "%q %q", pattern, name)
			if found {
				matching++
			}
		}
		require.Equal(t, fmt.Sprintf("*%d", matching), want[:strings.Index(want, "\r")], "%q", pattern)
	}
	const parameter = "maxmemory"
	pieces := []string{"max", "MAX", "memory", "?", "*", "[", "]", "^", "-", "m", "[A-z]", "[Z-a]", `\M`, "ory", "[^M", "\xff"}
	for range 3000 {
		pattern := generate(r, pieces)
		if !strings.ContainsAny(pattern, "[*?") {
			continue // CONFIG GET does not match in this case
		}
		found := strings.Contains(string(server.Do("CONFIG", "GET", pattern)), "\r\n"+parameter+"\r\n")
		require.Equal(t, found, glob.MatchFold(pattern, parameter), "%q", pattern)
	}
}

// stringmatch is Redis' stringmatchlen without the part that prevents exponential time.
func stringmatch(p, s string) bool {
	for p != "" && s != "" {
		switch p[0] {
		case '*':
			if p = strings.TrimLeft(p, "*"); p == "" {
				return true
			}
			for i := range len(s) {
				if stringmatch(p, s[i:]) {
					return true
				}
			}
			return false
		case '[':
			p = p[1:]
			not := p != "" && p[0] == '^'
			if not {
				p = p[1:]
			}
			found := false
			for ; p != "" && p[0] != ']'; p = p[1:] {
				switch {
				case len(p) >= 2 && p[0] == '\\':
					p = p[1:]
					found = found || p[0] == s[0]
				case len(p) >= 3 && p[1] == '-':
					start, end := int8(p[0]), int8(p[2])
					if start > end {
						start, end = end, start
					}
					found = found || start <= int8(s[0]) && int8(s[0]) <= end
					p = p[2:]
				default:
					found = found || p[0] == s[0]
				}
			}
			if found == not {
				return false
			}
		case '?':
		case '\\':
			if len(p) >= 2 {
				p = p[1:]
			}
			fallthrough
		default:
			if p[0] != s[0] {
				return false
			}
		}
		s = s[1:]
		if p != "" {
			p = p[1:]
		}
		if s == "" {
			p = strings.TrimLeft(p, "*")
		}
	}
	return p == "" && s == ""
}

func FuzzMatch(f *testing.F) {
	r := rand.New(rand.NewPCG(3, 4))
	for range 100 {
		f.Add(generate(r, patternPieces), generate(r, namePieces))
	}
	f.Fuzz(func(t *testing.T, pattern, name string) {
		if strings.Count(pattern, "*") > 4 || len(name) > 50 {
			t.Skip("the other one would take too long")
		}
		if want := stringmatch(pattern, name); want != glob.Match(pattern, name) {
			t.Fatalf("%q %q: %v", pattern, name, want)
		}
	})
}

// Trying all ways in which the stars can share the name would take years.
func TestLinear(t *testing.T) {
	require.False(t, glob.Match(strings.Repeat("*a", 50)+"b", strings.Repeat("a", 1000)))
	require.False(t, glob.Match(strings.Repeat("*[ab]", 50)+"c", strings.Repeat("a", 1000)))
	require.False(t, glob.MatchFold(strings.Repeat("*A", 50)+"b", strings.Repeat("a", 1000)))
}

// MatchBefore finds the same as trying Match at each end.
func TestMatchBefore(t *testing.T) {
	for _, pattern := range []string{"", "*", "?", "a", "a,*", "*,a", "*,*", "a*b", "**", "?,?", "[,]", "[^,]", "*[^,]", "*a*,*b", `\\,*`, "*?", "a?*,"} {
		var check func(text string)
		check = func(text string) { // also all longer texts
			want, found := 0, false
			for i := 0; i < len(text) && !found; i++ {
				if text[i] == ',' && glob.Match(pattern, text[:i]) {
					want, found = i, true
				}
			}
			n, ok := glob.MatchBefore(pattern, text, ',')
			require.Equal(t, []any{want, found}, []any{n, ok}, "%q %q", pattern, text)
			for _, letter := range []string{"a", "b", ","} {
				if len(text) < 7 {
					check(text + letter)
				}
			}
		}
		check("")
	}
}

// If the text is 16 times as long, the time is about 16 times as long. It is not 256
// times as long, and not a power of the number of stars.
func TestTimeGrowsWithTheText(t *testing.T) {
	for name, match := range map[string]func(text int) bool{
		"Match, many stars":       func(n int) bool { return glob.Match("*a*a*a*a*a*ab", strings.Repeat("a", n)) },
		"MatchBefore, many stars": func(n int) bool { _, ok := glob.MatchBefore("*a*a*a*a*a*ab", strings.Repeat("a", n), ','); return ok },
		"MatchBefore, commas":     func(n int) bool { _, ok := glob.MatchBefore("*x", strings.Repeat(",", n), ','); return ok },
	} {
		run := func(n int) func() { return func() { require.False(t, match(n)) } }
		growth.AtMost(t, 80, run(8<<10), run(128<<10), name)
	}
}

func BenchmarkMatch(b *testing.B) {
	for _, c := range []struct{ name, pattern, text string }{
		{"many stars", "*a*a*a*a*a*ab", strings.Repeat("a", 100)},
		{"a prefix", "user:*", "user:1001:followers"},
		{"classes", "user:[0-9]*:[a-z]*", "user:1001:followers"},
		{"commas", "*,*,x", strings.Repeat(",", 16<<10)},
	} {
		b.Run(c.name, func(b *testing.B) {
			for b.Loop() {
				glob.Match(c.pattern, c.text)
			}
		})
	}
}
