package redis

import (
	"encoding/base64"
	"encoding/json"
	"errors"
	"math"
	"math/big"
	"net"
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
	name string
	blob []byte
	yes  bool
	user struct {
		Name string `redis:"name" json:"name"`
		Age  int    `redis:"age" json:"age"`
		Nick *string
		Skip string `redis:"-" json:"-"`
	}
	base   struct{ ID int64 }
	nested struct {
		*Inner
		base
		Name string
	}
	Inner struct{ City string }
	row   struct {
		Rank  int      `redis:"1"`
		Name  string   `redis:"0"`
		Score *float64 `redis:"3"`
	}
	loose struct {
		ID    any `json:"id"`
		Inner []struct {
			X int `json:"x"`
		} `json:"inner"`
	}
	tree struct {
		V    int   `redis:"0"`
		Next *tree `redis:"1"`
	}
	upper  struct{ s string }
	seen   struct{ reply Reply }
	picky  struct{}
	absent struct{}
	custom struct{ n int }
)

func (u *upper) UnmarshalText(b []byte) error { u.s = strings.ToUpper(string(b)); return nil }

// A longer keeps the bytes that it got, and one more.
type longer struct{ text *[]byte }

func (l *longer) UnmarshalText(b []byte) error {
	b = append(b, '!')
	l.text = &b
	return nil
}

// Strings share blocks of memory, and yet whoever appends to one changes no other.
func TestBytesOfAKeyHaveNoNeighbour(t *testing.T) {
	for _, text := range []string{`["a","a","b","b"]`, `[1,"1",2,"2"]`, `"{\"a\":\"a\",\"b\":\"b\"}"`} {
		r, err := ParseReply(text)
		require.NoError(t, err)
		got, err := Decode[map[longer]string](r)
		require.NoError(t, err)
		require.Len(t, got, 2)
		for key, value := range got {
			require.Equal(t, value+"!", string(*key.text))
		}
	}
}
func (s *seen) UnmarshalReply(r Reply) error { s.reply = r; return nil }
func (*picky) UnmarshalReply(Reply) error    { return errors.New("picky") }
func (*absent) UnmarshalReply(Reply) error   { return ErrNil }
func (c *custom) UnmarshalJSON(b []byte) error {
	c.n = len(b)
	return nil
}

// encoded returns the reply as the server sends it with strings in base64.
func encoded(t testing.TB, text string) Reply {
	t.Helper()
	plain, err := ParseReply(text)
	require.NoError(t, err, text)
	c := wire.NewCursor(plain.text)
	return Reply{text: encode(&c, nil), base64: true}
}

func encode(c *wire.Cursor, dst []byte) []byte {
	switch kind := c.Kind(); kind {
	case '"':
		s := wire.Unescape(c.String())
		if string(s) == "OK" {
			return append(dst, `"OK"`...)
		}
		return append(base64.StdEncoding.AppendEncode(append(dst, '"'), s), '"')
	case '[', '{':
		dst = append(dst, kind)
		c.Enter()
		for i := 0; c.More(); i++ {
			if i > 0 {
				dst = append(dst, ',')
			}
			if kind == '{' {
				key := string(c.Key())
				dst, _ = wire.AppendString(dst, key)
				dst = append(dst, ':')
				if key == "error" && c.Kind() == '"' { // errors are never base64
					dst = append(dst, c.Skip()...)
					continue
				}
			}
			dst = encode(c, dst)
		}
		return append(dst, kind+2)
	default:
		return append(dst, c.Skip()...)
	}
}

// takes checks that a reply is decoded as want, with base64 and without.
func takes[T any](t *testing.T, text string, want T) {
	t.Helper()
	plain, err := ParseReply(text)
	require.NoError(t, err, text)
	for _, r := range []Reply{plain, encoded(t, text)} {
		got, err := Decode[T](r)
		require.NoError(t, err, "%s as %T", text, want)
		require.Equal(t, want, got, text)
	}
}

// refuses checks that a reply is not decoded as a T, and checks the error.
func refuses[T any](t *testing.T, text, path, got string) {
	t.Helper()
	plain, err := ParseReply(text)
	require.NoError(t, err, text)
	for _, r := range []Reply{plain, encoded(t, text)} {
		v, err := Decode[T](r)
		e, ok := errors.AsType[*DecodeError](err)
		require.True(t, ok, "%s as %T: %v", text, v, err)
		require.Equal(t, path, e.Path, text)
		require.Equal(t, got, e.Got, text)
		require.NotEmpty(t, e.Want)
		require.Zero(t, v, "a value beside the error")
	}
}

func isNil[T any](t *testing.T) {
	t.Helper()
	v, err := Decode[T](encoded(t, `null`))
	require.ErrorIs(t, err, ErrNil, "%T", v)
	require.Zero(t, v)
	_, misfit := errors.AsType[*DecodeError](err)
	require.False(t, misfit, "a missing value is not a misfit")
}

func p[T any](v T) *T { return &v }

func TestDecodeNull(t *testing.T) {
	isNil[string](t)
	isNil[name](t)
	isNil[int64](t)
	isNil[int8](t)
	isNil[uint](t)
	isNil[float32](t)
	isNil[float64](t)
	isNil[user](t)
	isNil[[2]int](t)
	isNil[time.Time](t)
	isNil[json.Number](t)
	takes[any](t, `null`, nil)
	takes[*string](t, `null`, nil)
	takes[**int](t, `null`, nil)
	takes[[]byte](t, `null`, nil)
	takes[blob](t, `null`, nil)
	takes[[]string](t, `null`, nil)
	takes[[]*int](t, `null`, nil)
	takes[map[string]int](t, `null`, nil)
	takes[json.RawMessage](t, `null`, nil)
	takes[net.IP](t, `null`, nil)
	takes(t, `null`, false)
	takes[yes](t, `null`, false)
	r, err := Decode[Reply](Reply{})
	require.NoError(t, err)
	require.True(t, r.IsNull())
	_, err = Decode[string](Reply{})
	require.ErrorIs(t, err, ErrNil)
	// The error for a null inside a reply says where the null is.
	refuses[[]string](t, `["a",null]`, "[1]", "null")
	refuses[[]int64](t, `[1,null]`, "[1]", "null")
	refuses[map[string]int](t, `["a",null]`, "[1]", "null")
	_, err = Decode[[]string](encoded(t, `["a",null]`))
	require.ErrorIs(t, err, ErrNil)
	takes(t, `["a",null]`, []*string{p("a"), nil})
	takes(t, `["a",null]`, [][]byte{[]byte("a"), nil})
	takes(t, `[1,null]`, []bool{true, false})
	takes(t, `["a",null]`, map[string]*int{"a": nil})
}

func TestDecodeStrings(t *testing.T) {
	for _, s := range []string{"", "a", "OK", "null", "0", "YQ==", "é😀\u2028</script>", "\r\n\t\"\\/\x00\x7f", strings.Repeat("long", 100_000)} {
		text, err := json.Marshal(s)
		require.NoError(t, err)
		if !strings.HasPrefix(s, "YQ") { // text that looks like base64 must be sent in base64
			takes(t, string(text), s)
			takes(t, string(text), []byte(s))
			takes(t, "["+string(text)+","+string(text)+"]", []string{s, s})
		}
		got, err := Decode[string](encoded(t, string(text)))
		require.NoError(t, err)
		require.Equal(t, s, got)
	}
	takes(t, `"a"`, name("a"))
	takes(t, `"a"`, blob("a"))
	takes(t, `"a"`, p("a"))
	takes(t, `"a"`, p(p("a")))
	takes(t, `12`, "12")
	takes(t, `9007199254740993`, "9007199254740993")
	takes(t, `-1.50`, name("-1.50"))
	takes(t, `[1,"a"]`, []string{"1", "a"})
	takes(t, `[1,"a"]`, [2]string{"1", "a"})
	refuses[string](t, `true`, "", "boolean")
	refuses[string](t, `["a"]`, "", "array of 1")
	refuses[string](t, `{"a":1}`, "", "object")
	refuses[[]byte](t, `1`, "", "integer")
	refuses[[]byte](t, `1.5`, "", "number with a fraction")
	refuses[[]string](t, `["a",["b"]]`, "[1]", "array of 1")
	refuses[[]string](t, `1`, "", "integer")
	refuses[[]string](t, `"a"`, "", "string that is not its JSON text")
	refuses[[]string](t, `"\"a\""`, "", "string that is not its JSON text")
	refuses[[2]string](t, `["a"]`, "", "array of 1")
	refuses[[2]string](t, `true`, "", "boolean")

	// Servers differ: some send status replies without base64, some send OK in base64.
	for text, want := range map[string]string{`"QUEUED"`: "QUEUED", `"a b"`: "a b", `"T0s="`: "OK", `"OK"`: "OK", `"YR=="`: "YR==", `"\u0059WJj"`: "abc", `"\/\/79"`: "\xff\xfe\xfd", `"YW\nJj"`: "YW\nJj"} {
		got, err := Decode[string](Reply{text: []byte(text), base64: true})
		require.NoError(t, err)
		require.Equal(t, want, got)
	}
}

func TestDecodedBytesAreCopies(t *testing.T) {
	r, err := ParseReply(`["abc","abc"]`)
	require.NoError(t, err)
	a, err := Decode[[][]byte](r)
	require.NoError(t, err)
	a[0][0] = 'X'
	b, err := Decode[[]string](r)
	require.NoError(t, err)
	require.Equal(t, []string{"abc", "abc"}, b)
}

func TestDecodeNumbers(t *testing.T) {
	for text, want := range map[string]int64{
		`0`: 0, `-0`: 0, `1`: 1, `-1`: -1, `9007199254740993`: 9007199254740993, `9223372036854775807`: math.MaxInt64, `-9223372036854775808`: math.MinInt64,
		`1000000000000000000`: 1e18, `1e3`: 1000, `3.0`: 3, `1.5E1`: 15, `1000e-3`: 1, `0e999999999999`: 0, `0.000`: 0, `9.223372036854775807e18`: math.MaxInt64, `-0.0`: 0,
	} {
		takes(t, text, want)
		takes(t, `"`+text+`"`, want)
		takes(t, text, int(want))
		takes(t, `["`+text+`",`+text+`]`, []int64{want, want})
	}
	takes(t, `18446744073709551615`, uint64(math.MaxUint64))
	takes(t, `"18446744073709551615"`, uint64(math.MaxUint64))
	takes(t, `-0`, uint8(0))
	takes(t, `255`, uint8(255))
	takes(t, `-128`, int8(-128))
	takes(t, `5`, p(int32(5)))
	for _, text := range []string{`9223372036854775808`, `-9223372036854775809`, `18446744073709551615`, `-18446744073709551615`, `18446744073709551616`, `1e19`, `1e999999999999`, `100000000000000000000000000`, `00000000000000000000`} {
		if text[0] != '0' {
			refuses[int64](t, text, "", "integer out of range")
		}
		if text[0] == '0' {
			refuses[int64](t, `"`+text+`"`, "", "string that is not a number")
		}
	}
	refuses[int8](t, `128`, "", "integer out of range")
	refuses[int8](t, `-129`, "", "integer out of range")
	refuses[uint8](t, `256`, "", "integer out of range")
	refuses[uint8](t, `-1`, "", "integer out of range")
	refuses[uint64](t, `18446744073709551616`, "", "integer out of range")
	refuses[int64](t, `1.5`, "", "number with a fraction")
	refuses[int64](t, `1e-5`, "", "number with a fraction")
	refuses[int64](t, `1e-999999999999`, "", "number with a fraction")
	refuses[uint](t, `"0.5"`, "", "number with a fraction")
	for _, text := range []string{`""`, `"a"`, `" 1"`, `"1 "`, `"+1"`, `"007"`, `"0x1"`, `"1_000"`, `"--1"`, `"-"`} {
		refuses[int64](t, text, "", "string that is not a number")
		refuses[uint64](t, text, "", "string that is not a number")
	}
	refuses[int](t, `true`, "", "boolean")
	refuses[uint](t, `[]`, "", "array of 0")
	refuses[[]int](t, `[1,"x"]`, "[1]", "string that is not a number")

	takes(t, `1.5`, 1.5)
	takes(t, `"1.5"`, 1.5)
	takes(t, `"1e5"`, 1e5)
	takes(t, `3`, float32(3))
	takes(t, `"inf"`, math.Inf(1))
	takes(t, `"-inf"`, math.Inf(-1))
	takes(t, `"+inf"`, float32(math.Inf(1)))
	nan, err := Decode[float64](encoded(t, `"nan"`))
	require.NoError(t, err)
	require.True(t, math.IsNaN(nan))
	refuses[float64](t, `1e999`, "", "number out of range")
	refuses[float32](t, `1e39`, "", "number out of range")
	refuses[float64](t, `"x"`, "", "string that is not a number")
	refuses[float64](t, `"0x1p1"`, "", "string that is not a number")
	refuses[float64](t, `false`, "", "boolean")
	takes(t, `"12"`, json.Number("12"))
	takes(t, `12.5`, json.Number("12.5"))
	refuses[json.Number](t, `"a"`, "", "string that is not a number")
}

func TestDecodeBool(t *testing.T) {
	for text, want := range map[string]bool{`1`: true, `0`: false, `"1"`: true, `"0"`: false, `"OK"`: true, `true`: true, `false`: false, `"true"`: true, `"false"`: false, `"null"`: false} {
		takes(t, text, want)
		takes(t, text, yes(want))
		if text != `"null"` {
			takes(t, text, p(want))
		}
	}
	for _, text := range []string{`2`, `-1`, `1.0`, `"2"`, `"True"`, `"ok"`, `""`, `[1]`, `{}`} {
		_, err := Decode[bool](encoded(t, text))
		_, ok := errors.AsType[*DecodeError](err)
		require.True(t, ok, text)
	}
}

func TestDecodeAny(t *testing.T) {
	takes[any](t, `"a"`, "a")
	takes[any](t, `1`, int64(1))
	takes[any](t, `9223372036854775807`, int64(math.MaxInt64))
	takes[any](t, `9223372036854775808`, json.Number("9223372036854775808"))
	takes[any](t, `1.5`, 1.5)
	takes[any](t, `1e999`, json.Number("1e999"))
	takes[any](t, `true`, true)
	takes[any](t, `[]`, []any{})
	takes[any](t, `[1,["a",null],{"b":false}]`, []any{int64(1), []any{"a", nil}, map[string]any{"b": false}})
	takes(t, `[1,null,"a"]`, []any{int64(1), nil, "a"})
	takes(t, `["a",1,"b",null]`, map[string]any{"a": int64(1), "b": nil})
}

func TestDecodeErrorsInsideReplies(t *testing.T) {
	const text = `[1,{"error":"WRONGTYPE what"},"z"]`
	r := encoded(t, text)
	list, err := Decode[[]any](r)
	require.NoError(t, err)
	require.Equal(t, "WRONGTYPE", Code(list[1].(error)))
	whole, err := Decode[any](r)
	require.NoError(t, err)
	require.Equal(t, list, whole)
	_, err = Decode[[]string](r)
	require.Equal(t, "WRONGTYPE", Code(err))
	_, err = Decode[[]user](r)
	require.Error(t, err)
	replies, err := Decode[[]Reply](r)
	require.NoError(t, err)
	_, err = Decode[any](replies[1])
	require.Equal(t, "WRONGTYPE", Code(err))
	_, err = Decode[user](replies[1])
	require.Equal(t, "WRONGTYPE", Code(err))
	takes(t, `[{"error":"x","more":1}]`, []map[string]any{{"error": "x", "more": int64(1)}})
	takes(t, `[{"error":1}]`, []map[string]int{{"error": 1}})
}

func TestDecodeMaps(t *testing.T) {
	takes(t, `[]`, map[string]string{})
	takes(t, `["a","1","b",2]`, map[string]string{"a": "1", "b": "2"})
	takes(t, `["a","1","b",2]`, map[name]int{"a": 1, "b": 2})
	takes(t, `["a",["x"]]`, map[string][]string{"a": {"x"}})
	takes(t, `{"a":"1"}`, map[string]int{"a": 1})
	takes(t, `"{\"a\":\"1\",\"b\":null}"`, map[string]*int{"a": p(1), "b": nil})
	takes(t, `"{\"id\":9007199254740993,\"x\":1.5,\"l\":[null]}"`, map[string]any{"id": int64(9007199254740993), "x": 1.5, "l": []any{nil}})
	takes[map[string]int](t, `"null"`, nil)
	refuses[map[string]string](t, `["a"]`, "", "array of 1, an odd number")
	refuses[map[string]int](t, `["a","x"]`, "[1]", "string that is not a number")
	refuses[map[string]int](t, `{"a":1,"b":"x"}`, "[1]", "string that is not a number")
	refuses[map[string]int](t, `[["a"],"x"]`, "[0]", "array of 1")
	refuses[map[string]int](t, `1`, "", "integer")
	refuses[map[string]int](t, `"x"`, "", "string that is not its JSON text")
	refuses[map[string]int](t, `"[1,2,3]"`, "", "array of 3, an odd number")
	takes(t, `[1,2,"-3","4"]`, map[int]int{1: 2, -3: 4})
	takes(t, `{"1":2}`, map[uint8]int{1: 2})
	takes(t, `["127.0.0.1","a"]`, map[netip.Addr]string{netip.MustParseAddr("127.0.0.1"): "a"})
	refuses[map[int8]int](t, `[1,2,"300","4"]`, "[2]", "integer out of range")
	refuses[map[uint8]int](t, `{"1":2,"-1":3}`, "[1]", "integer out of range")
	refuses[map[int]int](t, `["a",2]`, "[0]", "string that is not a number")
	refuses[map[netip.Addr]int](t, `["a",2]`, "[0]", "text that its UnmarshalText refuses")
	refuses[map[float64]int](t, `[1,2]`, "", "array of 2")
	refuses[[]map[string]user](t, `[["a",["age","x"]]]`, "[0][1].age", "string that is not a number")
}

func TestDecodeStructs(t *testing.T) {
	ada := user{Name: "Ada", Age: 36}
	takes(t, `["name","Ada","age","36","unknown",["x"]]`, ada)
	takes(t, `["NAME","Ada","AGE",36,"Skip","x"]`, ada)
	takes(t, `["name","Ada","age",36,"nick",null]`, ada)
	takes(t, `["name","Ada","age",36,"Nick","A"]`, user{"Ada", 36, p("A"), ""})
	takes(t, `{"name":"Ada","age":36}`, ada)
	takes(t, `"{\"name\":\"Ada\",\"age\":36,\"unknown\":[]}"`, ada)
	takes(t, `"{\"name\":\"Ada\",\"age\":36}"`, &ada)
	takes(t, `[["name","Ada"],"{\"age\":1}"]`, []user{{Name: "Ada"}, {Age: 1}})
	takes(t, `"[{\"name\":\"Ada\",\"age\":36},null]"`, []*user{&ada, nil})
	takes(t, `[]`, user{})
	takes[*user](t, `null`, nil)
	takes[*user](t, `"null"`, nil)
	takes(t, `["id",7,"name","n","city","c"]`, nested{&Inner{"c"}, base{7}, "n"})
	refuses[user](t, `["name","Ada","age"]`, "", "array of 3, an odd number")
	refuses[user](t, `["name","Ada","age","x"]`, "age", "string that is not a number")
	refuses[user](t, `["name",null]`, "name", "null")
	refuses[[]user](t, `[[],[],["name",["x"]]]`, "[2].name", "array of 1")
	refuses[[]user](t, `[[],"{\"name\":[]}"]`, "[1].name", "array of 0")
	refuses[user](t, `"{\"age\":1.5}"`, "age", "number with a fraction")
	refuses[user](t, `"{\"age\":"`, "", "string that is not its JSON text")
	refuses[user](t, `"[1]"`, "", "string that is not its JSON text")
	refuses[user](t, `""`, "", "string that is not its JSON text")
	refuses[user](t, `5`, "", "integer")
	refuses[[]user](t, `"[5]"`, "[0]", "integer")
	_, err := Decode[user](encoded(t, `"null"`))
	require.ErrorIs(t, err, ErrNil)

	takes(t, `"{\"id\":9007199254740993,\"inner\":[{\"x\":1}]}"`, loose{int64(9007199254740993), []struct {
		X int `json:"x"`
	}{{1}}})
	refuses[loose](t, `"{\"inner\":[{\"x\":\"a\"}]}"`, "inner[0].x", "string that is not a number")

	takes(t, `["Ada",1,"unused",2.5,"more"]`, row{1, "Ada", p(2.5)})
	takes(t, `["Ada",1]`, row{Rank: 1, Name: "Ada"})
	takes(t, `["Ada",1,null,null]`, row{Rank: 1, Name: "Ada"})
	takes(t, `[["a",1],["b",2]]`, []row{{1, "a", nil}, {2, "b", nil}})
	takes(t, `"{\"Rank\":1}"`, row{Rank: 1})
	refuses[row](t, `["Ada"]`, "[1]", "null")
	refuses[row](t, `["Ada","x"]`, "[1]", "string that is not a number")
	takes(t, `[1,[2,[3]]]`, tree{1, &tree{2, &tree{3, nil}}})
	takes(t, `"{\"a\":1}"`, custom{7})
	takes(t, `"[1,2]"`, custom{5})
}

func TestDecodeOwnTypes(t *testing.T) {
	takes(t, `"abc"`, upper{"ABC"})
	takes(t, `12`, upper{"12"})
	takes(t, `["a"]`, []upper{{"A"}})
	takes(t, `"a"`, &upper{"A"})
	takes(t, `"127.0.0.1"`, netip.MustParseAddr("127.0.0.1"))
	takes(t, `"2026-01-02T03:04:05Z"`, time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC))
	takes(t, `"123456789012345678901234567890"`, func() big.Int { var n big.Int; n.SetString("123456789012345678901234567890", 10); return n }())
	refuses[upper](t, `[]`, "", "array of 0")
	refuses[netip.Addr](t, `"x"`, "", "text that its UnmarshalText refuses")
	refuses[[]netip.Addr](t, `["x"]`, "[0]", "text that its UnmarshalText refuses")

	v, err := Decode[[]seen](encoded(t, `["a",null]`))
	require.NoError(t, err)
	s, err := Decode[string](v[0].reply)
	require.NoError(t, err)
	require.Equal(t, "a", s)
	require.True(t, v[1].reply.IsNull())
	_, err = Decode[[]absent](encoded(t, `["a"]`))
	require.EqualError(t, err, "redis: [0]: want redis.absent, got null")
	require.ErrorIs(t, err, ErrNil)
	_, err = Decode[absent](encoded(t, `"a"`))
	require.Equal(t, ErrNil, err)
	pointer, err := Decode[*absent](encoded(t, `"a"`))
	require.NoError(t, err)
	require.Nil(t, pointer)
	_, err = Decode[picky](encoded(t, `1`))
	require.ErrorContains(t, err, "picky")
	_, err = decode[picky]("GET", encoded(t, `1`))
	require.ErrorContains(t, err, "GET")

	takes(t, `[1, "a<b>", {"x":[true,null]}]`, json.RawMessage(`[1,"a<b>",{"x":[true,null]}]`))
	takes(t, `["a",1]`, []json.RawMessage{json.RawMessage(`"a"`), json.RawMessage(`1`)})
	_, err = Decode[json.RawMessage](Reply{text: []byte(`["/w=="]`), base64: true})
	require.ErrorContains(t, err, "[0]: want json.RawMessage, got string that is not UTF-8")

	refuses[time.Duration](t, `5`, "", "integer")
	refuses[chan int](t, `5`, "", "integer")
	refuses[func()](t, `"a"`, "", "string")
	refuses[error](t, `{"a":1}`, "", "object")
	refuses[complex128](t, `null`, "", "null")
	refuses[[]chan int](t, `[false]`, "[0]", "boolean")
}

func TestReplyText(t *testing.T) {
	for _, text := range []string{``, `nope`, `1 2`, `[`} {
		_, err := ParseReply(text)
		require.Error(t, err, text)
	}
	require.Equal(t, "null", Reply{}.String())
	require.Equal(t, `["a",{"k":1}]`, encoded(t, ` ["a", {"k":1}] `).String())
	require.Equal(t, "[\"\uFFFD\"]", Reply{text: []byte(`["/w=="]`), base64: true}.String())
}

// FuzzDecode decodes any text as many types. Nothing panics, a failure returns the zero
// value, and what encoding/json can read too has the same result.
func FuzzDecode(f *testing.F) {
	for _, text := range []string{`null`, `"a"`, `"YQ=="`, `12`, `1.5`, `true`, `[1,"a",null]`, `["name","Ada","age","36"]`, `{"name":"Ada"}`,
		`"{\"name\":\"Ada\",\"age\":1}"`, `"[1,2]"`, `[{"error":"ERR x"}]`, `"2026-01-02T03:04:05Z"`, `-9223372036854775808`, `1e3`, `[[[]]]`,
		`{"id":7,"quoted":"9","text":"\"x\"","maybe":"\"y\"","empty":["a"],"-":"d"}`, `{"id":"a","note":"n","baseid":1}`, `[{"v":1,"next":{"v":2}}]`,
		`{"1":["aGk=",[104]]}`, `{"::1":"2026-01-02T03:04:05Z"}`} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		r, err := ParseReply(text)
		if err != nil {
			return
		}
		for _, r := range []Reply{r, {text: r.text, base64: true}} {
			try[string](t, r)
			try[[]byte](t, r)
			try[int64](t, r)
			try[uint8](t, r)
			try[float64](t, r)
			try[bool](t, r)
			try[any](t, r)
			try[*string](t, r)
			try[[]string](t, r)
			try[[]any](t, r)
			try[[2]int](t, r)
			try[map[string]any](t, r)
			try[map[string]string](t, r)
			try[user](t, r)
			try[[]user](t, r)
			try[row](t, r)
			try[loose](t, r)
			try[tree](t, r)
			try[nested](t, r)
			try[upper](t, r)
			try[time.Time](t, r)
			try[json.RawMessage](t, r)
			try[[]Reply](t, r)
			try[json.Number](t, r)
		}
		if !utf8.ValidString(text) || !json.Valid([]byte(text)) {
			return
		}
		same[string](t, r, text)
		same[int64](t, r, text)
		same[uint8](t, r, text)
		same[float64](t, r, text)
		same[[]int64](t, r, text)
		same[[][]string](t, r, text)
		same[[]*string](t, r, text)
		same[map[string]*int](t, r, text)
		quoted := Reply{text: quotedText(text)} // as JSON text in a string
		if text == strings.ToLower(text) {      // encoding/json lets a name in another case replace the exact one
			same[tagged](t, quoted, text)
			same[outer](t, quoted, text)
			same[[]chain](t, quoted, text)
		}
		same[map[int][][]byte](t, quoted, text)
		same[map[netip.Addr]time.Time](t, quoted, text)
		same[[]time.Duration](t, quoted, text)
	})
}

func try[T any](t *testing.T, r Reply) {
	v, err := Decode[T](r)
	if err != nil {
		require.Zero(t, v)
		require.True(t, strings.HasPrefix(err.Error(), "redis: "), err.Error())
	}
}

// same checks that text which encoding/json decodes as a T has the same result here. Text
// with null is left out, because Decode has another rule for null.
func same[T any](t *testing.T, r Reply, text string) {
	var want T
	if json.Unmarshal([]byte(text), &want) != nil || strings.Contains(text, "null") || strings.Contains(text, `"error"`) {
		return
	}
	if _, isMap := any(want).(map[string]*int); isMap && strings.Contains(text, `\u`) {
		return // the text has two spellings of one key
	}
	got, err := Decode[T](r)
	require.NoError(t, err, text)
	assert.Equal(t, want, got, text)
}

// The strings of a list share memory. No string contains a part of another, whatever their
// lengths and encodings.
func TestListsOfStrings(t *testing.T) {
	var want []string
	var items []string
	for n := range 300 {
		s := strings.Repeat(string(rune('a'+n%26)), n*n%5000)
		want = append(want, s, s+"é", "OK", "\x00\xff"+s, s)
		items = append(items,
			base64.StdEncoding.EncodeToString([]byte(s)),
			base64.StdEncoding.EncodeToString([]byte(s+"é")),
			"OK",
			strings.ReplaceAll(base64.StdEncoding.EncodeToString([]byte("\x00\xff"+s)), "/", `\/`),
			base64.StdEncoding.EncodeToString([]byte(s)))
	}
	reply, err := ParseReply(`["` + strings.Join(items, `", "`) + `"]`)
	require.NoError(t, err)
	reply.base64 = true
	got, err := Decode[[]string](reply)
	require.NoError(t, err)
	require.Equal(t, want, got)

	for text, wrong := range map[string]string{`["a",null]`: "[1]: want string, got null", `[null]`: "[0]: want string, got null", `["a",["b"]]`: "[1]: want string, got array of 1"} {
		reply, err := ParseReply(text)
		require.NoError(t, err)
		_, err = Decode[[]string](reply)
		require.ErrorContains(t, err, wrong, text)
	}
	reply, err = ParseReply(`["", 1, "a,b", "\"", 2.5]`)
	require.NoError(t, err)
	got, err = Decode[[]string](reply)
	require.NoError(t, err)
	require.Equal(t, []string{"", "1", "a,b", `"`, "2.5"}, got)
}

// The text after a comma in a tag is for writing, as in go-redis. Decode ignores it.
func TestTagsWithOptions(t *testing.T) {
	type named struct {
		Level int    `redis:"level,omitempty"`
		Name  string `redis:",omitempty"`
		Skip  string `redis:"-,omitempty"`
	}
	reply, err := ParseReply(`["level","3","name","Ada","-","x"]`)
	require.NoError(t, err)
	got, err := Decode[named](reply)
	require.NoError(t, err)
	require.Equal(t, named{Level: 3, Name: "Ada"}, got)
	type placed struct {
		First  string `redis:"0,omitempty"`
		Second int    `redis:"1"`
	}
	reply, err = ParseReply(`["a","7"]`)
	require.NoError(t, err)
	second, err := Decode[placed](reply)
	require.NoError(t, err)
	require.Equal(t, placed{"a", 7}, second)
}
