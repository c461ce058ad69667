package wire_test

import (
	"strings"
	"testing"

	"github.com/redis-rest/redis-rest-go/internal/protocol/wire"
)

func BenchmarkAppendCommand(b *testing.B) {
	for name, args := range map[string][]any{
		"EVALSHA":        {"EVALSHA", strings.Repeat("0f", 20), 1, "ratelimit:user:456", 10, 60},
		"string of 1 MB": {"SET", "k", strings.Repeat("x", 1<<20)},
		"Greek of 1 MB":  {"SET", "k", strings.Repeat("ω", 1<<19)},
		"JSON of 1 MB":   {"SET", "k", strings.Repeat(`{"name":"Ada"}, `, 1<<16)},
	} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			var dst []byte
			for b.Loop() {
				var err error
				if dst, err = wire.AppendCommand(dst[:0], args); err != nil {
					b.Fatal(err)
				}
			}
			b.SetBytes(int64(len(dst)))
		})
	}
}

func BenchmarkReadEnvelope(b *testing.B) {
	for name, body := range map[string]string{
		"integer":        `{"result":101}`,
		"string of 1 MB": `{"result":"` + strings.Repeat("eHh4", 1<<18) + `"}`,
		"10000 strings":  `{"result":[` + strings.Repeat(`"bWVtYmVyOjEyMzQ1",`, 9999) + `""]}`,
	} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			text := []byte(body)
			b.SetBytes(int64(len(text)))
			for b.Loop() {
				if _, _, err := wire.ReadEnvelope(text, 0); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
