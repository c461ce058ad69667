package restserver

import (
	"fmt"
	"io"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// A pipeline of 100 commands, with the replies that such pipelines have.
func BenchmarkAppendItems(b *testing.B) {
	var replies [][]byte
	for range 25 {
		for _, reply := range []string{"+OK\r\n", ":12345\r\n", "$20\r\nuser:1001:followers!\r\n", "*20\r\n" + strings.Repeat("$12\r\nmember:12345\r\n", 20)} {
			replies = append(replies, []byte(reply))
		}
	}
	for name, w := range map[string]replyWriter{"json": {}, "base64": {base64: true}, "resp2": {resp2: true}} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				w.appendItems(nil, replies)
			}
		})
	}
}

func TestReplyBuffer(t *testing.T) {
	b := &budget{limit: 1 << 20}
	s := &share{budget: b}
	text := strings.Repeat("x", 300_000)
	read := func(n int) []byte {
		buffer := replyBuffer{share: s}
		fmt.Fprintf(&buffer, "*%d\r\n", n)
		for range n {
			fmt.Fprintf(&buffer, "$%d\r\n", len(text))
			copied, err := io.CopyN(&buffer, strings.NewReader(text+"\r\nrest"), int64(len(text)+2))
			require.NoError(t, err)
			require.EqualValues(t, len(text)+2, copied)
			require.LessOrEqual(t, b.used.Load(), b.limit)
		}
		return buffer.reply
	}
	require.Equal(t, "*1\r\n$300000\r\n"+text+"\r\n", string(read(1)))
	require.GreaterOrEqual(t, b.used.Load(), int64(300_000))
	require.True(t, isLost(read(9)))
	require.Less(t, b.used.Load(), int64(400_000), "the lost reply holds nothing")
	_, err := io.CopyN(&replyBuffer{share: s}, strings.NewReader("short"), 100)
	require.ErrorIs(t, err, io.ErrUnexpectedEOF)
	s.end()
	require.Zero(t, b.used.Load())
	require.True(t, isLost(read(1)), "a reply that arrives after the end takes nothing")
	require.Zero(t, b.used.Load())
}
