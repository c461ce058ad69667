package wire_test

import (
	"encoding/json"
	"errors"
	"math"
	"math/big"
	"net/netip"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/redis-rest/redis-rest-go/internal/protocol/wire"
)

type (
	text     string
	blob     []byte
	count    int32
	flag     bool
	delay    time.Duration
	point    struct{ X, Y int }
	doc      struct{ name string }
	broken   struct{}
	brokenJS struct{}
)

func (d doc) MarshalJSON() ([]byte, error)    { return []byte(`{ "doc" : "` + d.name + `" }`), nil }
func (broken) MarshalText() ([]byte, error)   { return nil, errors.New("hush: secret") }
func (brokenJS) MarshalJSON() ([]byte, error) { return nil, errors.New("hush: secret") }
func pointer[T any](v T) *T                   { return &v }
func encode(t *testing.T, args ...any) []string {
	t.Helper()
	b, err := wire.AppendCommand(nil, args)
	require.NoError(t, err)
	var sent []string
	require.NoError(t, json.Unmarshal(b, &sent), string(b))
	return sent
}

func TestArguments(t *testing.T) {
	for _, c := range []struct {
		arg  any
		want string
	}{
		{"", ""}, {"null", "null"}, {"a\"b\\c\r\n\t\x00\x1f\x7f", "a\"b\\c\r\n\t\x00\x1f\x7f"}, {"</script>&\u2028 é😀", "</script>&\u2028 é😀"},
		{[]byte("bytes"), "bytes"}, {[]byte(nil), ""}, {blob("b"), "b"}, {blob(nil), ""}, {text("t"), "t"},
		{0, "0"}, {int8(-8), "-8"}, {int16(16), "16"}, {int32(32), "32"}, {count(7), "7"}, {int64(math.MinInt64), "-9223372036854775808"},
		{int64(9007199254740993), "9007199254740993"}, {uint64(math.MaxUint64), "18446744073709551615"}, {uint8(8), "8"}, {uint(1), "1"}, {uintptr(1), "1"},
		{true, "1"}, {false, "0"}, {flag(true), "1"},
		{0.0, "0"}, {1e6, "1000000"}, {0.1, "0.1"}, {1e21, "1e+21"}, {1e-7, "1e-07"}, {float32(0.1), "0.1"}, {-2.5, "-2.5"}, {math.MaxFloat64, "1.7976931348623157e+308"},
		{math.Inf(1), "+inf"}, {math.Inf(-1), "-inf"}, {float32(math.Inf(1)), "+inf"}, {math.Copysign(0, -1), "-0"},
		{time.Date(2026, 1, 2, 3, 4, 5, 6, time.UTC), "2026-01-02T03:04:05.000000006Z"},
		{netip.MustParseAddr("127.0.0.1"), "127.0.0.1"}, {*big.NewInt(12), "12"}, {big.NewInt(13), "13"},
		{doc{"x"}, `{"doc":"x"}`}, {&doc{"x"}, `{"doc":"x"}`}, {json.RawMessage(`{"a": 1}`), `{"a": 1}`}, {json.Number("12"), "12"},
		{map[string]int{"b": 2, "a": 1}, `{"a":1,"b":2}`}, {[]int{1, 2}, `[1,2]`}, {[]any{}, `[]`}, {[2]string{"<", "\\ufffd \uFFFD"}, `["<","\\ufffd ` + "\uFFFD" + `"]`}, {point{1, 2}, `{"X":1,"Y":2}`},
		{pointer("p"), "p"}, {pointer(pointer(5)), "5"}, {&point{3, 4}, `{"X":3,"Y":4}`},
	} {
		assert.Equal(t, []string{"SET", "k", c.want}, encode(t, "SET", "k", c.arg), "%T", c.arg)
	}
}

func TestRefusedArguments(t *testing.T) {
	const hush = "secret"
	for _, arg := range []any{
		nil, (*string)(nil), (*big.Int)(nil), map[string]int(nil), []int(nil), pointer((*int)(nil)), json.RawMessage("{" + hush),
		time.Second, pointer(time.Second), math.NaN(), float32(math.NaN()),
		hush + "\xff", []byte(hush + "\xff"), text(hush + "\xff"), []string{hush + "\xff"}, map[string]string{hush + "\xff": ""}, point3{hush + "\xff"},
		make(chan int), func() {}, complex(1, 2), []any{func() {}}, broken{}, brokenJS{}, map[string]any{"a": math.NaN()},
	} {
		dst := []byte("before")
		b, err := wire.AppendCommand(dst, []any{"SET", "k", arg})
		require.Error(t, err, "%T", arg)
		assert.Equal(t, "before", string(b))
		assert.Contains(t, err.Error(), "argument 2 (", "%T", arg)
		assert.NotContains(t, err.Error(), hush)
	}
	assert.Equal(t, []string{"X", "1000000000"}, encode(t, "X", delay(time.Second)), "only the type time.Duration itself is refused")
}

type point3 struct{ S string }

func TestPlaceOfARefusedArgument(t *testing.T) {
	for want, args := range map[string][]any{
		"command name (":       {nil},
		"argument 1 (<nil>)":   {"GET", nil},
		"KEYS[1] (float64)":    {"EVAL", "s", 1, math.NaN(), "a"},
		"ARGV[2] (<nil>)":      {"evalsha", "s", 1, "k", "a", nil},
		"ARGV[1] (<nil>)":      {"FCALL_RO", "s", 0, nil},
		"argument 1 (float64)": {"EVAL", math.NaN(), 1},
		"argument 3 (<nil>)":   {"EVAL", "s", "1", nil},
	} {
		_, err := wire.AppendCommand(nil, args)
		assert.ErrorContains(t, err, want)
	}
	for _, args := range [][]any{nil, {}, {""}, {"", "a"}, {[]byte(nil)}} {
		_, err := wire.AppendCommand(nil, args)
		assert.ErrorContains(t, err, "empty command")
	}
}

func TestCommandName(t *testing.T) {
	for want, args := range map[string][]any{
		"GET": {"get", "k"}, "JSON.SET": {"json.set"}, "EVAL_RO": {"EVAL_RO"},
		"command": {"SET k secret"}, // the whole command in one string: it is not a name and must not be shown
	} {
		assert.Equal(t, want, wire.CommandName(args))
	}
	for _, args := range [][]any{nil, {1}, {""}, {strings.Repeat("A", 33)}, {"a{b"}, {"a|b"}, {"sésame"}, {"A[B"}, {"a@b"}, {"a`b"}, {"a/b"}, {"a:b"}} {
		assert.Equal(t, "command", wire.CommandName(args))
	}
}

// Text is scanned eight bytes at a time: every byte must survive at every position.
func TestEveryByteEverywhere(t *testing.T) {
	for before := range 17 {
		for _, after := range []int{0, 1, 7, 8, 16} {
			for c := range rune(0x100) {
				text := strings.Repeat("a", before) + string(c) + strings.Repeat("é", after)
				got, err := wire.AppendString(nil, text)
				require.NoError(t, err)
				var back string
				require.NoError(t, json.Unmarshal(got, &back), "%s", got)
				require.Equal(t, text, back)
				if c >= 0x80 {
					_, err = wire.AppendString(nil, strings.Repeat("a", before)+string([]byte{byte(c)})+strings.Repeat("a", after))
					require.Error(t, err)
				}
			}
		}
	}
}

func FuzzArguments(f *testing.F) {
	f.Add("a", []byte("b"), int64(1), 1.5)
	f.Add("\xff", []byte("\\ufffd"), int64(math.MinInt64), math.Inf(1))
	f.Fuzz(func(t *testing.T, s string, b []byte, n int64, x float64) {
		args := []any{"CMD", s, b, n, x, []string{s}}
		out, err := wire.AppendCommand(nil, args)
		if !utf8.ValidString(s) || !utf8.Valid(b) || math.IsNaN(x) {
			require.Error(t, err)
			return
		}
		require.NoError(t, err)
		var sent []string
		require.NoError(t, json.Unmarshal(out, &sent))
		require.Len(t, sent, 6)
		require.Equal(t, s, sent[1])
		require.Equal(t, string(b), sent[2])
		var list []string
		require.NoError(t, json.Unmarshal([]byte(sent[5]), &list))
		require.Equal(t, []string{s}, list)
		if !math.IsInf(x, 0) {
			var back float64
			require.NoError(t, json.Unmarshal([]byte(sent[4]), &back), sent[4])
			require.Equal(t, math.Float64bits(x), math.Float64bits(back))
		}
	})
}
