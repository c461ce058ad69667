package restserver

import (
	"strings"
	"testing"
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
