package sse_test

import (
	"io"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/redis-rest/redis-rest-go/internal/protocol/sse"
)

func read(t *testing.T, text string) []string {
	t.Helper()
	r := sse.NewReader(strings.NewReader(text), 1<<20)
	var events []string
	for {
		data, err := r.Next()
		if err != nil {
			require.ErrorIs(t, err, io.EOF)
			return events
		}
		events = append(events, data)
	}
}

func TestReader(t *testing.T) {
	for text, want := range map[string][]string{
		"":                               nil,
		"data: a\n\n":                    {"a"},
		"data: a\n\ndata: b\n\n":         {"a", "b"},
		"data: a\r\n\r\ndata: b\r\n\r\n": {"a", "b"},
		"data: a\r\rdata: b\r\r\n":       {"a", "b"},
		"data: a\ndata: b\n\n":           {"a\nb"},
		"data:a\n\n":                     {"a"},
		"data:  a\n\n":                   {" a"},
		"data\n\n":                       {""},
		"data:\ndata:\n\n":               {"\n"},
		": comment\n\nevent: x\ndata: a\nid: 1\n\n": {"a"},
		"database: x\n\n":                              nil,
		"data: incomplete":                             nil,
		"data: incomplete\n":                           nil,
		"\n\n\ndata: a\n\n\n\n":                        {"a"},
		"data: " + strings.Repeat("x", 1<<19) + "\n\n": {strings.Repeat("x", 1<<19)},
	} {
		require.Equal(t, want, read(t, text), "%.60q", text)
	}
}

func TestReaderLimit(t *testing.T) {
	for _, text := range []string{"data: " + strings.Repeat("x", 200), strings.Repeat("x", 200), strings.Repeat("data: xx\n", 100)} {
		_, err := sse.NewReader(strings.NewReader(text), 100).Next()
		require.ErrorIs(t, err, sse.ErrTooLarge)
	}
}

func FuzzSSE(f *testing.F) {
	f.Add("message,a,b", "data: x\n\n")
	f.Add("a\nb\r\nc\rd\n", "data\r\rdata: \r\n\n")
	f.Fuzz(func(t *testing.T, data, text string) {
		read(t, text) // it ends without a panic
		got := read(t, string(sse.Append(sse.Append(nil, data), "next")))
		require.Equal(t, []string{strings.NewReplacer("\r\n", "\n", "\r", "\n").Replace(data), "next"}, got)
	})
}

func TestComments(t *testing.T) {
	r := sse.NewReader(strings.NewReader(": one\n:\n\ndata: a\n: two\ndata: b: c\n\n :none\n:last"), 1<<20)
	comments := 0
	r.Comment = func() { comments++ }
	data, err := r.Next()
	require.NoError(t, err)
	require.Equal(t, "a\nb: c", data)
	require.Equal(t, 3, comments)
	_, err = r.Next()
	require.ErrorIs(t, err, io.EOF)
	require.Equal(t, 3, comments, "an incomplete one does not count")
}
