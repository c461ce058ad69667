package resp_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/redis-rest/redis-rest-go/internal/protocol/resp"
)

func TestAppend(t *testing.T) {
	for want, got := range map[string][]byte{
		"-ERR a  b\r\n":               resp.Error("\r\nERR a\r\nb\n"),
		"+a b\r\n":                    resp.AppendStatus(nil, "a\nb"),
		":-5\r\n":                     resp.AppendInt(nil, -5),
		"$4\r\na\r\nb\r\n":            resp.AppendBulk(nil, "a\r\nb"),
		"$1\r\n\xff\r\n":              resp.AppendBulk(nil, []byte{0xff}),
		"*2\r\n$0\r\n\r\n$1\r\na\r\n": resp.AppendBulks(nil, []string{"", "a"}),
		"*0\r\n":                      resp.AppendArray(nil, 0),
		"=5\r\ntxt:a\r\n":             resp.AppendVerbatim(nil, "a"),
		"%2\r\n":                      resp.AppendHead(nil, '%', 2),
		",1.5\r\n":                    resp.AppendLine(nil, ',', "1.5"),
		"x+OK\r\n":                    append([]byte("x"), resp.OK...),
	} {
		assert.Equal(t, want, string(got))
	}
}

// whole holds complete replies of each kind, in RESP2 and RESP3.
var whole = []string{
	"+OK\r\n", "+\r\n", "-ERR a b\r\n", ":-12\r\n", "$0\r\n\r\n", "$3\r\na\r\n\r\n", "$-1\r\n", "*-1\r\n", "*0\r\n", "*2\r\n:1\r\n$1\r\na\r\n", "*2\r\n*1\r\n*0\r\n+x\r\n",
	"_\r\n", ",1.5\r\n", ",inf\r\n", "#t\r\n", "(123\r\n", "=5\r\ntxt:a\r\n", "%1\r\n+a\r\n*1\r\n:1\r\n", "~2\r\n:1\r\n:2\r\n", ">2\r\n+a\r\n+b\r\n", "%0\r\n", "|1\r\n+a\r\n:1\r\n+x\r\n",
	"+a\rb\r\n", "+a\nb\r\n",
}

func TestCut(t *testing.T) {
	for _, text := range whole {
		reply, rest, ok := resp.Cut([]byte(text + ":7\r\n"))
		require.True(t, ok, "%q", text)
		assert.Equal(t, text, string(reply))
		assert.Equal(t, ":7\r\n", string(rest))
		for n := range len(text) {
			_, rest, ok := resp.Cut([]byte(text[:n]))
			assert.False(t, ok, "%q", text[:n])
			assert.Equal(t, text[:n], string(rest))
		}
	}
	for _, text := range []string{
		"", "\r\n", "x\r\n", "$x\r\n", "$1\r\nab\r\n", "$-2\r\n", "$\r\n", "$+1\r\na\r\n", "*1\r\n", "*99999999999999999999\r\n", "*1000000000\r\n:1\r\n", "%-1\r\n", "~-1\r\n",
		"_x\r\n", "=3\r\ntxt\r\n", "=5\r\ntxtxa\r\n", "%1\r\n:1\r\n", "$1000000000\r\na\r\n", "=-1\r\n",
	} {
		_, _, ok := resp.Cut([]byte(text))
		assert.False(t, ok, "%q", text)
	}
	// Depth causes no recursion.
	deep := strings.Repeat("*1\r\n", 1<<20) + ":1\r\n"
	reply, _, ok := resp.Cut([]byte(deep))
	require.True(t, ok)
	require.Len(t, reply, len(deep))
}

func TestCursor(t *testing.T) {
	c := resp.NewCursor([]byte("*3\r\n:12\r\n$-1\r\n%1\r\n$1\r\na\r\n_\r\n+x\r\n"))
	for _, want := range []string{"*  3 false", ": 12 0 false", "$  0 true", "%  2 false", "$ a 0 false", "_  0 true", "+ x 0 false", "\x00  0 false", "\x00  0 false"} {
		p := c.Next()
		assert.Equal(t, want, fmt.Sprintf("%c %s %d %v", p.Kind, p.Text, p.N, p.Null))
	}
	c = resp.NewCursor([]byte("*1\r\n:1\r\n:-2\r\n$1\r\n3\r\n"))
	assert.Equal(t, "*1\r\n:1\r\n", string(c.Skip()))
	assert.EqualValues(t, -2, c.Next().Int())
	assert.Equal(t, "$1\r\n3\r\n", string(c.Rest()))
	assert.EqualValues(t, 0, c.Next().Int(), "a string is not an integer")
	assert.Empty(t, c.Skip())
	c = resp.NewCursor([]byte("$5\r\nab"))
	assert.Zero(t, c.Next().Kind)
	assert.Empty(t, c.Rest())
}

// rewrite writes the reply at the cursor again.
func rewrite(dst []byte, c *resp.Cursor) []byte {
	p := c.Next()
	switch {
	case p.Kind == '_':
		return append(dst, resp.Null3...)
	case p.Null && p.Kind == '$':
		return append(dst, resp.Null...)
	case p.Null:
		return append(dst, resp.NullArray...)
	}
	switch p.Kind {
	case '$':
		return resp.AppendBulk(dst, p.Text)
	case '=':
		return append(append(resp.AppendHead(dst, '=', len(p.Text)), p.Text...), "\r\n"...)
	case '*', '~', '>', '%', '|':
		n := p.N
		if p.Kind == '%' || p.Kind == '|' {
			n /= 2
		}
		dst = resp.AppendHead(dst, p.Kind, n)
		for range p.N {
			dst = rewrite(dst, c)
		}
		return dst
	default:
		return resp.AppendLine(dst, p.Kind, p.Text)
	}
}

// The cursor reads everything that Cut accepts, and keeps enough to write it again.
func FuzzResp(f *testing.F) {
	for _, text := range whole {
		f.Add([]byte(text))
		f.Add([]byte(text + text))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		reply, rest, ok := resp.Cut(b)
		require.Equal(t, string(b), string(reply)+string(rest))
		if !ok || len(reply) > 10_000 {
			return
		}
		c := resp.NewCursor(b)
		again := rewrite(nil, &c)
		require.Equal(t, string(rest), string(c.Rest()))
		// A length may have leading zeros.
		second, _, ok := resp.Cut(again)
		require.True(t, ok)
		require.LessOrEqual(t, len(second), len(reply))
		c = resp.NewCursor(again)
		require.Equal(t, string(again), string(rewrite(nil, &c)))
	})
}

func BenchmarkCut(b *testing.B) {
	reply := resp.AppendBulks(nil, strings.Fields(strings.Repeat("member:12345 ", 1000)))
	b.SetBytes(int64(len(reply)))
	b.ReportAllocs()
	for b.Loop() {
		if _, _, ok := resp.Cut(reply); !ok {
			b.Fatal("refused")
		}
	}
}

func BenchmarkAppendBulks(b *testing.B) {
	words := strings.Fields(strings.Repeat("member:12345 ", 1000))
	var dst []byte
	b.ReportAllocs()
	for b.Loop() {
		dst = resp.AppendBulks(dst[:0], words)
	}
}

func TestSplitWords(t *testing.T) {
	for line, want := range map[string][]string{
		"":                      nil,
		" \t ":                  nil,
		"GET k":                 {"GET", "k"},
		"\tSET  k v\r\n":        {"SET", "k", "v"},
		`SET "a b" 'c d'`:       {"SET", "a b", "c d"},
		`"" ''`:                 {"", ""},
		`"\n\r\t\b\a\"\\\q"`:    {"\n\r\t\b\a\"\\q"},
		`"\x00\xfF\xg1"`:        {"\x00\xffxg1"},
		`'it\'s' '\n' '"'`:      {"it's", `\n`, `"`},
		`a"b c"`:                {"ab c"},
		"EVAL \"return 'é'\" 0": {"EVAL", "return 'é'", "0"},
	} {
		words, ok := resp.SplitWords(line)
		assert.True(t, ok, "%q", line)
		assert.Equal(t, want, words, "%q", line)
	}
	for _, line := range []string{`"a`, `'a`, `"a"b`, `'a'b`, `"a\"`, `'a\'`} {
		_, ok := resp.SplitWords(line)
		assert.False(t, ok, "%q", line)
	}
}
