package stdlib_test

import (
	"strings"
	"testing"

	"github.com/redis-rest/redis-rest-go/internal/engine/lua"
)

// call benchmarks one library function.
func call(b *testing.B, library, name string, args ...lua.Value) {
	s := open()
	f := s.Globals.GetString(library).(*lua.Table).GetString(name)
	b.ReportAllocs()
	for b.Loop() {
		s.Call(f, args...)
	}
}

func BenchmarkFind(b *testing.B) {
	text := strings.Repeat("the quick brown fox ", 50)
	b.Run("plain", func(b *testing.B) { call(b, "string", "find", text+"jumps", "jumps") })
	b.Run("class", func(b *testing.B) { call(b, "string", "find", text+"1", "%d+") })
	b.Run("set", func(b *testing.B) { call(b, "string", "find", text+"1", "[0-9_]") })
	b.Run("captures", func(b *testing.B) { call(b, "string", "match", "user:1234:session", "^(%w+):(%d+):(%w+)$") })
	b.Run("backtracking", func(b *testing.B) { call(b, "string", "find", text, ".-fox.*x $") })
	b.Run("all", func(b *testing.B) { call(b, "string", "match", text, "^.*$") })
}

func BenchmarkGsub(b *testing.B) {
	text := strings.Repeat("the quick brown fox ", 50)
	b.Run("text", func(b *testing.B) { call(b, "string", "gsub", text, "quick", "slow") })
	b.Run("template", func(b *testing.B) { call(b, "string", "gsub", text, "(%w+) (%w+)", "%2 %1") })
	table := lua.NewTable(0, 1)
	table.SetString("fox", "dog")
	b.Run("table", func(b *testing.B) { call(b, "string", "gsub", text, "%w+", table) })
	upper := open().Globals.GetString("string").(*lua.Table).GetString("upper")
	b.Run("function", func(b *testing.B) { call(b, "string", "gsub", text, "%w+", upper) })
	b.Run("none", func(b *testing.B) { call(b, "string", "gsub", "key:1", "x", "y") })
}

func BenchmarkFormat(b *testing.B) {
	b.Run("key", func(b *testing.B) { call(b, "string", "format", "%s:%d", "user", 42.0) })
	b.Run("float", func(b *testing.B) { call(b, "string", "format", "%.2f", 3.14159) })
	b.Run("general", func(b *testing.B) { call(b, "string", "format", "%.14g", 0.1) })
	b.Run("padded", func(b *testing.B) { call(b, "string", "format", "%-10s|%05d|%#x", "x", 42.0, 255.0) })
}

func BenchmarkString(b *testing.B) {
	b.Run("sub", func(b *testing.B) { call(b, "string", "sub", "hello world", 2.0, 5.0) })
	b.Run("byte", func(b *testing.B) { call(b, "string", "byte", "hello", 2.0) })
	b.Run("rep", func(b *testing.B) { call(b, "string", "rep", "x", 10.0) })
	b.Run("lower", func(b *testing.B) { call(b, "string", "lower", "Hello") })
}

func BenchmarkTable(b *testing.B) {
	s := open()
	b.Run("sort", func(b *testing.B) {
		sort := s.Globals.GetString("table").(*lua.Table).GetString("sort")
		t := lua.NewTable(1000, 0)
		for b.Loop() {
			for i := range 1000 {
				t.SetInt(i+1, lua.Number(float64(i*7919%1009)))
			}
			s.Call(sort, t)
		}
	})
	words := lua.NewTable(100, 0)
	for i := range 100 {
		words.SetInt(i+1, "word")
	}
	b.Run("concat", func(b *testing.B) { call(b, "table", "concat", words, ", ") })
}

func BenchmarkMath(b *testing.B) {
	b.Run("floor", func(b *testing.B) { call(b, "math", "floor", 1234.5) })
	b.Run("max", func(b *testing.B) { call(b, "math", "max", 1.0, 2.0) })
	b.Run("random", func(b *testing.B) { call(b, "math", "random", 100.0) })
	b.Run("exp", func(b *testing.B) { call(b, "math", "exp", 1.5) })
	b.Run("log", func(b *testing.B) { call(b, "math", "log", 1.5) })
	b.Run("pow", func(b *testing.B) { call(b, "math", "pow", 1.5, 3.5) })
	b.Run("sin", func(b *testing.B) { call(b, "math", "sin", 1.5) })
}
