package extlib_test

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/redis-rest/redis-rest-go/internal/engine/lua"
)

// library returns a function that calls the functions of a library. It panics if one of them
// panics with something other than a Lua error.
func library(s *lua.State, name string) func(function string, args ...lua.Value) ([]lua.Value, *lua.Error) {
	functions := s.Globals.GetString(name).(*lua.Table)
	return func(function string, args ...lua.Value) ([]lua.Value, *lua.Error) {
		results, err := s.PCall(functions.GetString(function), args...)
		return slices.Clone(results), err
	}
}

// sorted returns a value as text that does not depend on the order of tables.
func sorted(v lua.Value) string {
	switch v := v.(type) {
	case *lua.Table:
		var elements []string
		for key, element, _ := v.Next(nil); key != nil; key, element, _ = v.Next(key) {
			elements = append(elements, sorted(key)+"="+sorted(element))
		}
		slices.Sort(elements)
		return "{" + strings.Join(elements, " ") + "}"
	case *lua.Userdata:
		return "null"
	default:
		return fmt.Sprintf("%#v", v)
	}
}

func FuzzJSON(f *testing.F) {
	for _, text := range []string{`{"a":[1,2.5e3,-0,"x\n\u00e4\ud83d\ude00"],"b":{"c":null,"d":true}}`, `[[],{},""]`, `[nan,-inf,0x1p3,+1,007]`, "[1\x00]", `{"a":1,}`, `"\ud800"`, strings.Repeat("[", 2000), "[1" + strings.Repeat("0", 1<<16) + "]", `"` + strings.Repeat(`\n`, 1<<15) + `"`} {
		f.Add([]byte(text))
	}
	call := library(newState(), "cjson")
	f.Fuzz(func(t *testing.T, text []byte) {
		decoded, err := call("decode", string(text))
		if err != nil {
			// The decoder refuses valid JSON only for half a surrogate pair or too much depth.
			if json.Valid(text) && !strings.Contains(string(text), `\u`) && strings.Count(string(text), "[")+strings.Count(string(text), "{") <= 1000 {
				t.Fatalf("%q: %v", text, err)
			}
			return
		}
		encoded, err := call("encode", decoded[0])
		if err != nil {
			require.Contains(t, err.Error(), "must not be NaN or Inf")
			return
		}
		require.True(t, json.Valid([]byte(encoded[0].(string))), "%q", encoded[0])
		// Encoding rounds numbers only once.
		again, err := call("decode", encoded[0])
		require.Nil(t, err)
		text2, err := call("encode", again[0])
		require.Nil(t, err)
		last, err := call("decode", text2[0])
		require.Nil(t, err)
		require.Equal(t, sorted(again[0]), sorted(last[0]))
	})
}

func FuzzMessagePack(f *testing.F) {
	for _, data := range []string{"\x83\xa1a\x01\xa1b\x92\xc3\xc0\xa1c\xcb\x3f\xf8\x00\x00\x00\x00\x00\x00", "\x81\xc0\x01", "\xdd\xff\xff\xff\xff\x01", "\xdb\xff\xff\xff\xff", "\xdf\x00\x00\x00\x01\x01\x01", "\xc1", "\xcf\xff\xff\xff\xff\xff\xff\xff\xff", strings.Repeat("\x91", 5000), strings.Repeat("\x81\x01", 20) + "\x05"} {
		f.Add([]byte(data), int64(2), int64(1))
	}
	call := library(newState(), "cmsgpack")
	f.Fuzz(func(t *testing.T, data []byte, limit, offset int64) {
		_, _ = call("unpack_one", string(data), float64(offset))
		some, err := call("unpack_limit", string(data), float64(limit), float64(offset))
		if err == nil && (limit != 0 || offset != 0) {
			require.LessOrEqual(t, int64(len(some)-1), limit)
		}
		values, err := call("unpack", string(data))
		if err != nil || len(values) == 0 || len(values) > 4000 {
			return
		}
		// Packing drops values that are too deep, and makes lists of tables that can be lists. After
		// that nothing changes.
		packed, err := call("pack", values...)
		require.Nil(t, err)
		again, err := call("unpack", packed[0])
		if err != nil {
			require.Equal(t, "table index is nil", err.Error()) // a table that is a key and too deep
			return
		}
		repacked, err := call("pack", again...)
		require.Nil(t, err)
		last, err := call("unpack", repacked[0])
		require.Nil(t, err)
		require.Len(t, last, len(values))
		for i := range last {
			require.Equal(t, sorted(again[i]), sorted(last[i]))
		}
	})
}

func FuzzStruct(f *testing.F) {
	for _, format := range []string{"bBhHiIlLTfd", ">i3!4i8 xc4 <I16", "!bi5i0s", "Bc0", "c99999999999", "!3", "i33", "q", "!1073741824i32"} {
		f.Add(format, []byte("\x01\x02abcdefghijklmnopqrstuvwxyz\x00\xff\xfe\xfd0123456789"), int64(1))
	}
	call := library(newState(), "struct")
	f.Fuzz(func(t *testing.T, format string, data []byte, at int64) {
		_, _ = call("unpack", format, string(data), float64(at))
		_, _ = call("pack", format, -1.0, 300.0, "70000", 1e300, string(data), 0.5)
		size, err := call("size", format)
		values, unpackErr := call("unpack", format, string(data))
		if err != nil || unpackErr != nil {
			return
		}
		// A format with a size reads and writes that many bytes.
		require.Equal(t, size[0].(float64)+1, values[len(values)-1])
		packed, err := call("pack", append([]lua.Value{format}, values[:len(values)-1]...)...)
		require.Nil(t, err)
		require.Len(t, packed[0], int(size[0].(float64)))
	})
}

func BenchmarkJSON(b *testing.B) {
	document := `{"id":123456,"name":"a user","email":"user@example.com","active":true,"balance":12.75,"tags":["a","b","c"],"address":{"street":"1 Main St","zip":"12345","geo":[52.52,13.405]},"visits":[` +
		strings.Repeat(`{"path":"/index.html","status":200,"ms":1.25},`, 20) + `null]}`
	call := library(newState(), "cjson")
	decoded, err := call("decode", document)
	require.Nil(b, err)
	b.Run("decode", func(b *testing.B) {
		b.SetBytes(int64(len(document)))
		b.ReportAllocs()
		for b.Loop() {
			_, _ = call("decode", document)
		}
	})
	b.Run("encode", func(b *testing.B) {
		b.SetBytes(int64(len(document)))
		b.ReportAllocs()
		for b.Loop() {
			_, _ = call("encode", decoded[0])
		}
	})
}
