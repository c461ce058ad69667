package data

import (
	"os"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/stretchr/testify/require"

	"github.com/redis-rest/redis-rest-go/internal/protocol/commandtable"
	"github.com/redis-rest/redis-rest-go/internal/protocol/resp"
)

// shown returns a reply as the files in testdata/newer have it, and what follows it.
func shown(t testing.TB, reply string) (text, rest string) {
	t.Helper()
	line, rest, ok := strings.Cut(reply, "\r\n")
	require.True(t, ok, "%q", reply)
	switch line[0] {
	case '+', ':', ',':
		return line[1:], rest
	case '-':
		return line, rest
	case '_':
		return "nil", rest
	case '#':
		return line, rest
	}
	n := atoi(t, line[1:])
	if n < 0 {
		return "nil", rest
	}
	if line[0] == '$' {
		return quote(rest[:n]), rest[n+2:]
	}
	open, closing := "[", "]"
	if line[0] == '%' {
		open, closing, n = "{", "}", 2*n
	}
	parts := make([]string, n)
	for i := range parts {
		parts[i], rest = shown(t, rest)
	}
	return open + strings.Join(parts, " ") + closing, rest
}

// quote quotes a text. A byte that is no character is shown as the character of that number.
func quote(s string) string {
	var b strings.Builder
	for _, c := range []byte(s) {
		if !utf8.ValidString(s) && c >= utf8.RuneSelf {
			b.WriteRune(rune(c))
		} else {
			b.WriteByte(c)
		}
	}
	return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`, "\n", `\n`, "\t", `\t`, "\x00", `\x00`, "\x01", `\x01`, "\x03", `\x03`, "\x0c", `\x0c`).Replace(b.String()) + `"`
}

func atoi(t testing.TB, text string) (n int) {
	t.Helper()
	minus := strings.HasPrefix(text, "-")
	for _, c := range strings.TrimPrefix(text, "-") {
		require.True(t, '0' <= c && c <= '9', text)
		n = 10*n + int(c-'0')
	}
	if minus {
		return -n
	}
	return n
}

// run runs the words of a command line.
func (s *testServer) run(args ...string) string {
	s.t.Helper()
	command, problem := commandtable.Check(args)
	if problem != commandtable.Legal {
		return "-" + problem.Message(args)
	}
	s.Begin()
	reply, wait := s.Run(&s.session, command, args, nil)
	require.Nil(s.t, wait, "%q", args)
	text, rest := shown(s.t, string(reply))
	require.Empty(s.t, rest)
	return text
}

// playNewer plays the cases of a file: command lines, each with its reply behind = in the next line.
func playNewer(t *testing.T, file string) {
	text, err := os.ReadFile("testdata/newer/" + file)
	require.NoError(t, err)
	for block := range strings.SplitSeq(strings.TrimSpace(string(text)), "\n\n") {
		name, lines, _ := strings.Cut(strings.TrimPrefix(block, "# "), "\n")
		t.Run(name, func(t *testing.T) {
			s := newTestServer(t)
			line := ""
			for next := range strings.SplitSeq(lines, "\n") {
				want, isReply := strings.CutPrefix(next, "= ")
				ms, isTime := strings.CutPrefix(next, "+")
				switch {
				case isReply:
					args, ok := resp.SplitWords(line)
					require.True(t, ok, line)
					require.Equal(t, want, s.run(args...), line)
				case isTime:
					s.time = s.time.Add(time.Duration(atoi(t, ms)) * time.Millisecond)
				default:
					line = next
				}
			}
		})
	}
}

func TestJSON(t *testing.T) { playNewer(t, "json.txt") }

// The commands and options of Redis 8.2 and 8.4, and SCAN WITHTYPE of the hosted service.
func TestNewerCommands(t *testing.T) {
	playNewer(t, "strings.txt")
	playNewer(t, "streams.txt")
}

// What the hosted service replies differently.
func TestHosted(t *testing.T) {
	s := newTestServer(t)
	s.Hosted = true
	s.run("SET", "k", "v")
	require.Equal(t, "0", s.run("COPY", "k", "k"))
	s.run("XADD", "s", "1-0", "a", "1")
	s.run("XGROUP", "CREATE", "s", "g", "0")
	require.Equal(t, `[["s" [["1-0" ["a" "1"]]]]]`, s.run("XREADGROUP", "GROUP", "g", "c", "NOACK", "STREAMS", "s", ">"))
	require.Equal(t, "[]", s.run("XINFO", "CONSUMERS", "s", "g"))
	require.Equal(t, "nil", s.run("XREADGROUP", "GROUP", "g", "c", "NOACK", "STREAMS", "s", ">"))
}

// A document's payload is that of RedisJSON 2.
func TestJSONPayload(t *testing.T) {
	s := newTestServer(t)
	const text = `{"b":[1,18446744073709551615,-0.0,1e100,"\u0001é",null,true],"a":{}}`
	s.run("JSON.SET", "k", "$", text)
	args := []string{"DUMP", "k"}
	command, _ := commandtable.Check(args)
	reply, _ := s.Run(&s.session, command, args, nil)
	_, payload, _ := strings.Cut(strings.TrimSuffix(string(reply), "\r\n"), "\r\n")
	// The type of values of modules, its identity in eight bytes, a string, and the end.
	require.Equal(t, "\x07\x81\x45\xe2\x52\x38\xdf\x91\x2c\x03\x05", payload[:11])
	require.Equal(t, "OK", s.run("RESTORE", "copy", "0", payload))
	require.Equal(t, quote(text), s.run("JSON.GET", "copy"))
	require.Equal(t, "OK", s.run("JSON.SET", "copy", "$.a", "1"))
	require.Equal(t, quote(text), s.run("JSON.GET", "k"))
	require.Equal(t, s.run("DEBUG", "DIGEST-VALUE", "k"), s.run("DEBUG", "DIGEST-VALUE", "k"))
	require.NotEqual(t, s.run("DEBUG", "DIGEST-VALUE", "k"), s.run("DEBUG", "DIGEST-VALUE", "copy"))
	require.Equal(t, "OK", s.run("DEBUG", "RELOAD"))
	require.Equal(t, quote(text), s.run("JSON.GET", "k"))
	for i := range payload { // a payload that is cut off, or with another byte, is no document
		require.True(t, strings.HasPrefix(s.run("RESTORE", "x", "0", payload[:i]), "-ERR"))
	}
}

// A copy of the server shares a document until one of them changes it.
func TestJSONCopy(t *testing.T) {
	s := newTestServer(t)
	s.run("JSON.SET", "k", "$", `{"a":1}`)
	other := &testServer{Server: s.Copy(), t: t}
	other.run("JSON.NUMINCRBY", "k", "$.a", "1")
	require.Equal(t, `"{\"a\":2}"`, other.run("JSON.GET", "k"))
	require.Equal(t, `"{\"a\":1}"`, s.run("JSON.GET", "k"))
}

// Each command that changes a document says so once, and no other does.
func TestJSONEvents(t *testing.T) {
	for line, event := range map[string]string{
		"JSON.SET k $.n 1": "json.set", "JSON.SET k $ {}": "json.set", "JSON.MERGE k $.n 1": "json.merge", "JSON.MSET k $.n 1": "json.mset",
		"JSON.NUMINCRBY k $.n 1": "json.numincrby", "JSON.NUMMULTBY k .n 1": "json.nummultby", "JSON.TOGGLE k $.b": "json.toggle",
		`JSON.STRAPPEND k $.s "\"x\""`: "json.strappend", "JSON.ARRAPPEND k $.a 1": "json.arrappend", "JSON.ARRINSERT k $.a 0 1": "json.arrinsert",
		"JSON.ARRPOP k $.a": "json.arrpop", "JSON.ARRTRIM k $.a 0 0": "json.arrtrim", "JSON.CLEAR k": "json.clear", "JSON.DEL k $.a": "json.del",
		"JSON.DEL k": "json.del k,written 0 k,del", "JSON.SET k $.n 1 NX": "", "JSON.SET none $ 1 XX": "", "JSON.TOGGLE k $.s": "", "JSON.ARRPOP k $.s": "",
		"JSON.CLEAR k $.s": "", "JSON.DEL k $.none": "", "JSON.GET k": "", "JSON.TOGGLE k .s": "",
	} {
		s := newTestServer(t)
		s.do(`JSON.SET k $ "{\"a\":[1,2],\"b\":true,\"n\":1,\"s\":\"x\"}"`)
		s.told()
		s.do(line)
		var want []string
		if event != "" {
			want = append(want, "written 0 k")
			for name := range strings.SplitSeq(event+" k", ",") {
				want = append(want, name)
			}
		}
		require.Equal(t, want, s.told(), line)
	}
}

func TestJSONInRESP3(t *testing.T) {
	s := newTestServer(t)
	s.session.RESP3 = true
	for _, step := range []struct{ line, reply string }{
		{`JSON.SET k $ "{\"a\":[1,2.5,\"x\",{\"b\":null}],\"t\":true}"`, "OK"},
		{"JSON.GET k $.a[0]", `"[1]"`},
		{"JSON.GET k FORMAT EXPAND $.a $.t", `[[[1 2.5 "x" {"b" nil}]] [#t]]`},
		{"JSON.GET k FORMAT EXPAND1 $.a[*]", `[[1 2.5 "\"x\"" "{\"b\":null}"]]`},
		{"JSON.GET k FORMAT X $", "-ERR wrong reply format"},
		{"JSON.NUMINCRBY k $..* 1", "[nil nil 2 3.5 nil nil nil]"},
		{"JSON.NUMMULTBY k .a[0] 2", "[4]"},
		{"JSON.TYPE k $.a", `[["array"]]`},
		{"JSON.TYPE k", `["object"]`},
		{"JSON.TYPE none", "[nil]"},
		{"JSON.TOGGLE k $.t", "[0]"},
		{"JSON.ARRPOP k $.a", `["{\"b\":null}"]`},
		{"JSON.ARRPOP k FORMAT EXPAND $.a", `["x"]`},
		{"JSON.ARRPOP k FORMAT EXPAND .a", "-Legacy paths are supported only with FORMAT STRINGS"},
		{"JSON.RESP k .a", "[[ 4 3.5]"},
	} {
		require.Equal(t, step.reply, s.run(split(t, step.line)...), step.line)
	}
}

// The hosted service finds the values in a value before the value itself.
func TestJSONHosted(t *testing.T) {
	s := newTestServer(t)
	s.Hosted = true
	s.run("JSON.SET", "k", "$", `{"a":2,"b":3,"nested":{"a":4,"b":null}}`)
	require.Equal(t, `"[null,3]"`, s.run("JSON.GET", "k", "$..b"))
	require.Equal(t, `"{\"$..a\":[4,2],\"$..b\":[null,3]}"`, s.run("JSON.GET", "k", "$..a", "$..b"))
}

// A document has a limited size, however large the values are that a path puts into it, and so has a reply.
func TestJSONSize(t *testing.T) {
	s := newTestServer(t)
	s.MaxBulk = 1 << 20
	s.run("JSON.SET", "k", "$", "["+strings.Repeat("[0],", 999)+"[0]]")
	large := `"` + strings.Repeat("x", 1<<16) + `"`
	const tooLarge = "-ERR the document would exceed the maximum allowed size"
	for _, args := range [][]string{
		{"JSON.SET", "k", "$[*]", large}, {"JSON.ARRAPPEND", "k", "$[*]", large}, {"JSON.ARRINSERT", "k", "$[*]", "0", large}, {"JSON.MERGE", "k", "$[*]", large},
	} {
		require.Equal(t, tooLarge, s.run(args...), args[0])
	}
	require.Equal(t, "["+strings.TrimSpace(strings.Repeat("1 ", 1000))+"]", s.run("JSON.ARRLEN", "k", "$[*]"), "nothing has changed")
	require.Equal(t, "-ERR reply exceeds maximum allowed size (proto-max-bulk-len)", s.run("JSON.GET", "k", "INDENT", large, "$"))
	deep := strings.Repeat("[", 127) + strings.Repeat("]", 127)
	require.Equal(t, "OK", s.run("JSON.SET", "d", "$", deep))
	require.Equal(t, "-recursion limit exceeded at line 1 column 128", s.run("JSON.SET", "d", "$", "["+deep+"]"))
	require.Equal(t, "-ERR recursion limit exceeded", s.run("JSON.SET", "d", "$[0]", deep))
	require.Equal(t, "-ERR recursion limit exceeded", s.run("JSON.ARRAPPEND", "d", "$", deep))
	require.Equal(t, "-ERR the path looks at too many values", s.run("JSON.GET", "d", "$"+strings.Repeat("..*", 30)))
}
