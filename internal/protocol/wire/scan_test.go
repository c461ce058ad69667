package wire_test

import (
	"encoding/json"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/redis-rest/redis-rest-go/internal/protocol/wire"
)

var values = []string{
	`null`, `true`, `false`, `0`, `-0`, `12`, `-9223372036854775808`, `1.5`, `1e5`, `1E-5`, `0.0e+1`,
	`""`, `"a"`, `"\"\\\/\b\f\n\r\t"`, `"\u0041\u00e9\ud83d\ude00"`, `"\ud83d"`, `"\ude00\ud83d\u0041"`, `"é😀"`,
	`[]`, `[ ]`, `[1]`, `[1, "a" ,null]`, `[[],[[]],{}]`, `{}`, `{"a":1}`, ` { "a" : [ 1 , {"b":"]"} ] , "c":"}" } `,
}

var noValues = []string{
	``, ` `, `nul`, `nulll`, `tru`, `x`, `-`, `01`, `+1`, `1.`, `.5`, `1e`, `1e+`, `0x1`, `"`, `"\"`, `"\x"`, `"\u12"`, `"\u12g4"`,
	`[`, `[1`, `[1,`, `[1,]`, `[,1]`, `[1 2]`, `[1}`, `{`, `{"a"`, `{"a":`, `{"a":1`, `{"a":1,`, `{"a":1,}`, `{a:1}`, `{"a" 1}`, `{1:1}`, `]`, `}`, `1 2`,
}

func TestCheck(t *testing.T) {
	for _, text := range values {
		end, err := wire.Check([]byte(text), 0)
		require.NoError(t, err, text)
		assert.True(t, wire.AtEnd([]byte(text), end), text)
	}
	for _, text := range noValues {
		end, err := wire.Check([]byte(text), 0)
		assert.False(t, err == nil && wire.AtEnd([]byte(text), end), text)
	}
}

func TestCheckDepth(t *testing.T) {
	nested := func(n int) []byte { return []byte(strings.Repeat("[", n) + strings.Repeat("]", n)) }
	_, err := wire.Check(nested(wire.MaxDepth), 0)
	assert.NoError(t, err)
	_, err = wire.Check(nested(wire.MaxDepth+1), 0)
	assert.Error(t, err)
	_, err = wire.Check([]byte(strings.Repeat("[", 10_000_000)), 0)
	assert.Error(t, err)
}

// read reads a value with the Cursor, as encoding/json reads it into an any.
func read(c *wire.Cursor) any {
	switch c.Kind() {
	case 'n':
		c.Skip()
		return nil
	case 't', 'f':
		return c.Skip()[0] == 't'
	case '"':
		return string(wire.Unescape(c.String()))
	case '[':
		n := c.Len()
		list := []any{}
		for c.Enter(); c.More(); {
			list = append(list, read(c))
		}
		if n != len(list) {
			panic("Len is wrong")
		}
		return list
	case '{':
		object := map[string]any{}
		for c.Enter(); c.More(); {
			key := string(c.Key())
			object[key] = read(c)
		}
		return object
	default:
		return json.Number(c.Skip())
	}
}

func TestCursorReadsAsEncodingJSON(t *testing.T) {
	for _, text := range values {
		compare(t, text)
	}
}

// compare checks that both readers accept text, or neither, and read the same value.
func compare(t *testing.T, text string) {
	end, err := wire.Check([]byte(text), 0)
	ours := err == nil && wire.AtEnd([]byte(text), end)
	dec := json.NewDecoder(strings.NewReader(text))
	dec.UseNumber()
	var want any
	if !json.Valid([]byte(text)) {
		// In addition to JSON, only control characters in strings are accepted.
		if ours {
			require.True(t, strings.ContainsFunc(text, func(r rune) bool { return r < ' ' }), "%q", text)
		}
		return
	}
	require.NoError(t, dec.Decode(&want))
	if !ours {
		require.Greater(t, strings.Count(text, "[")+strings.Count(text, "{"), wire.MaxDepth, "%q", text)
		return
	}
	c := wire.NewCursor([]byte(text))
	require.Equal(t, want, read(&c), "%q", text)
}

func FuzzScan(f *testing.F) {
	for _, text := range append(values, noValues...) {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		if !utf8.ValidString(text) {
			wire.Check([]byte(text), 0) // Check keeps such text, but encoding/json replaces it
			return
		}
		compare(t, text)
	})
}

func TestReadEnvelope(t *testing.T) {
	for text, want := range map[string]wire.Envelope{
		`{"result":1}`:                              {Result: []byte("1")},
		` { "result" : [1, 2] } `:                   {Result: []byte("[1, 2]")},
		`{"result":null}`:                           {Result: []byte("null")},
		`{"error":"ERR a\nb"}`:                      {Error: "ERR a\nb", Failed: true},
		`{"error":""}`:                              {Failed: true},
		`{"result":null,"error":"ERR x"}`:           {Result: []byte("null"), Error: "ERR x", Failed: true},
		`{"result":"OK","error":null}`:              {Result: []byte(`"OK"`)},
		`{"id":{"result":2},"result":"a","more":0}`: {Result: []byte(`"a"`)},
		`{"re\u0073ult":1}`:                         {Result: []byte("1")},
	} {
		e, end, err := wire.ReadEnvelope([]byte(text), 0)
		require.NoError(t, err, text)
		assert.Equal(t, want, e, text)
		assert.True(t, wire.AtEnd([]byte(text), end), text)
	}
	for _, text := range []string{``, `{}`, `[]`, `null`, `1`, `{"result"}`, `{"result":}`, `{"error":1}`, `{"error":null}`, `{"Result":1}`, `{"result":1`, `[{"result":1}]`, `<html>`} {
		_, _, err := wire.ReadEnvelope([]byte(text), 0)
		assert.Error(t, err, text)
	}
}

func TestReadEnvelopes(t *testing.T) {
	read := func(text string, n int) (all []wire.Envelope, ok bool) {
		ok = wire.ReadEnvelopes([]byte(text), n, func(k int, e wire.Envelope) {
			require.Len(t, all, k)
			all = append(all, e)
		})
		return all, ok
	}
	for text, n := range map[string]int{`[]`: 0, ` [ ] `: 0, `[{"result":1}]`: 1, `[{"result":1},{"error":"x"} , {"result":[]} ] `: 3} {
		all, ok := read(text, n)
		require.True(t, ok, text)
		require.Len(t, all, n)
		for _, other := range []int{n + 1, max(n-1, 0)} {
			_, ok = read(text, other)
			require.Equal(t, n == other, ok, text)
		}
	}
	for _, text := range []string{``, `[`, `[{"result":1}`, `[{"result":1},]`, `[,{"result":1}]`, `[{"result":1}]]`, `{"result":1}`, `[{}]`, `[1]`, `[{"result":1};`} {
		_, ok := read(text, 1)
		require.False(t, ok, text)
	}
}
