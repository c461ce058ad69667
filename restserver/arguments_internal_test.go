package restserver

import (
	"bytes"
	"encoding/json"
	"fmt"
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

// byJSON returns a command as encoding/json reads it.
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
	args, ok := readCommand(body)
	require.Equal(t, want, ok, "%q", body)
	if ok {
		require.Equal(t, byJSON(one), args)
	}
	var many [][]json.RawMessage
	want = json.Unmarshal(body, &many) == nil && many != nil
	cmds, ok := readCommands(body)
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
	_, ok := readCommand([]byte(deep))
	require.False(t, ok)
}

// The memory of commands is not a large multiple of their content.
func TestReadCommandsMemory(t *testing.T) {
	body := []byte("[" + strings.Repeat(`[1],`, 1<<17) + "[1]]")
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	_, ok := readCommands(body)
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

func BenchmarkReadCommands(b *testing.B) {
	body := []byte("[" + strings.Repeat(`["INCR","counter"],`, 99) + `["INCR","counter"]]`)
	b.ReportAllocs()
	b.SetBytes(int64(len(body)))
	for b.Loop() {
		if cmds, ok := readCommands(body); !ok || len(cmds) != 100 {
			b.Fatal(ok)
		}
	}
}

// For hostile requests, 4 MB must take at most four times as long as 1 MB.
func BenchmarkReadCommandHostile(b *testing.B) {
	for name, text := range map[string]string{
		"escapes": `\n`, "escaped quotes": `\"`, "long lines": strings.Repeat("x", 64) + `\n`, "arguments": `","`, "brackets": `[`,
	} {
		for _, size := range []int{1 << 20, 4 << 20} {
			body := []byte(`["SET","k","` + strings.Repeat(text, size/len(text)) + `"]`)
			b.Run(fmt.Sprintf("%s/%d_MB", name, size>>20), func(b *testing.B) {
				b.SetBytes(int64(len(body)))
				for b.Loop() {
					if _, ok := readCommand(body); !ok {
						b.Fatal("refused")
					}
				}
			})
		}
	}
}
