package wire_test

import (
	"bytes"
	"encoding/json"
	"runtime"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/stretchr/testify/require"

	"github.com/redis-rest/redis-rest-go/internal/protocol/wire"
)

var requests = []string{
	`["SET","k","v"]`, ` [ "GET" , "é\u00e9\ud83d\ude00\ud83d" ] `, `["INCRBY","k",1000000]`, `["X",true,null,1e5,[1, {"a" : "b c"}],{}]`,
	`["\\\"","a\"","\\\\","\"\"","\u0022\"\n\n` + strings.Repeat("x", 70) + `\"\\"]`, `["\"]`, `["` + strings.Repeat("x", 70) + `\"]`,
	`[]`, `[ ]`, `null`, `{}`, `"GET"`, ``, `[`, `["GET"`, `["GET",]`, `[,"GET"]`, `["GET"]]`, `["a` + "\n" + `"]`, `["a` + "\x7f" + `"]`, `["\n\/\"\\"]`, `["\x"]`, `[1 2]`,
	`[["SET","k","v"],["GET","k"]]`, ` [ [ ] , null, ["A"] ] `, `[null]`, `[nul]`, `[["A"],"B"]`, `[["A"],["B"]`, `[["A"],]`, `[[["A"]]]`,
}

// byJSON is what encoding/json makes of a command.
func byJSON(raw []json.RawMessage) []string {
	var args []string
	for _, r := range raw {
		var text string
		if r[0] == '"' {
			json.Unmarshal(r, &text)
		} else {
			var compact bytes.Buffer
			json.Compact(&compact, r)
			text = compact.String()
		}
		args = append(args, text)
	}
	return args
}

func sameAsJSON(t *testing.T, body []byte) {
	if !utf8.Valid(body) {
		return
	}
	var one []json.RawMessage
	want := json.Unmarshal(body, &one) == nil && one != nil
	args, ok := wire.ReadCommand(body)
	require.Equal(t, want, ok, "%q", body)
	if ok {
		require.Equal(t, byJSON(one), args)
	}
	var many [][]json.RawMessage
	want = json.Unmarshal(body, &many) == nil && many != nil
	cmds, ok := wire.ReadCommands(body)
	require.Equal(t, want, ok, "%q", body)
	if ok {
		require.Len(t, cmds, len(many))
		for i, raw := range many {
			require.Equal(t, byJSON(raw), append([]string(nil), cmds[i]...))
		}
	}
}

func TestReadCommand(t *testing.T) {
	for _, body := range requests {
		sameAsJSON(t, []byte(body))
	}
	deep := `["X",` + strings.Repeat("[", wire.MaxDepth+1) + strings.Repeat("]", wire.MaxDepth+1) + `]`
	_, ok := wire.ReadCommand([]byte(deep))
	require.False(t, ok)
}

// What commands take is no multiple of what they hold.
func TestReadCommandsMemory(t *testing.T) {
	body := []byte("[" + strings.Repeat(`[1],`, 1<<17) + "[1]]")
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	_, ok := wire.ReadCommands(body)
	runtime.ReadMemStats(&after)
	require.True(t, ok)
	require.Less(t, after.TotalAlloc-before.TotalAlloc, uint64(8*40<<17)) // 40 bytes each, and append's growth
}

func FuzzReadCommand(f *testing.F) {
	for _, body := range requests {
		f.Add([]byte(body))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		if bytes.Count(body, []byte{'['})+bytes.Count(body, []byte{'{'}) < wire.MaxDepth {
			sameAsJSON(t, body)
		}
	})
}
