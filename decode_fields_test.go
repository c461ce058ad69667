package redis

import (
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"math/big"
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

type (
	shadowed struct {
		ID string `redis:"id" json:"id"`
		Embedded
	}
	Embedded struct {
		BaseID string `redis:"id" json:"id"`
		Deep
	}
	Deep struct {
		Note string `redis:"note"`
	}
	taggedWins struct {
		Left
		Right
	}
	Left  struct{ Name string }
	Right struct {
		Other string `redis:"Name"`
	}
	nobody struct {
		LeftID
		RightID
		Rest string
	}
	LeftID  struct{ ID string }
	RightID struct{ ID string }
	twice   struct {
		First
		Second
	}
	First   struct{ Common }
	Second  struct{ Common }
	Common  struct{ X string }
	account struct {
		Role string `redis:"role" json:"role"`
	}
	cases struct {
		Upper string `redis:"ROLE"`
		Lower string `redis:"role"`
	}
	untagged struct{ Role string }
	years    struct {
		Y2024 int `redis:"2024"`
		Y2025 int `redis:"2025"`
	}
	yearsAndName struct {
		Name  string `redis:"name"`
		Y2024 int    `redis:"2024"`
	}
	fromOne struct {
		Rank  int    `redis:"1"`
		Score string `redis:"2"`
	}
)

// Names find fields by the rules of encoding/json.
func TestNamesOfFields(t *testing.T) {
	takes(t, `["id","7"]`, shadowed{ID: "7"})
	takes(t, `"{\"id\":\"7\"}"`, shadowed{ID: "7"})
	takes(t, `["note","x","id","7"]`, shadowed{ID: "7", Embedded: Embedded{Deep: Deep{"x"}}})
	takes(t, `["Name","x"]`, taggedWins{Right: Right{"x"}})
	takes(t, `["ID","x","rest","r"]`, nobody{Rest: "r"})
	refuses[twice](t, `["X","x"]`, "", "array of 2 in which no element names a field; for positions, the tags are numbers, `redis:\"0\"`")

	for _, text := range []string{`["role","guest","ROLE","admin"]`, `["ROLE","admin","role","guest"]`, `["rOLE","a","role","guest","Role","b"]`, `"{\"ROLE\":\"admin\",\"role\":\"guest\",\"Role\":\"x\"}"`} {
		takes(t, text, account{"guest"})
	}
	takes(t, `["ROLE","admin"]`, account{"admin"})
	takes(t, `["role","guest","ROLE","admin"]`, cases{"admin", "guest"})
	takes(t, `["ROLE","admin","role","guest"]`, untagged{"guest"})
	takes(t, `["role","guest","Role","owner","ROLE","admin"]`, untagged{"owner"})
	takes(t, `["Tags",["a"],"tags",["b"]]`, struct {
		Tags []string `redis:"tags"`
	}{[]string{"b"}})
	type pair struct{ A, B int }
	takes(t, `["PAIR","{\"A\":1}","pair","{\"B\":2}"]`, struct { // nothing of the other is left
		Pair pair `redis:"pair"`
	}{pair{B: 2}})
	type hidden struct{ A int }
	takes(t, `["A","1","B","2"]`, struct { // reflection cannot set the pointer
		*hidden
		B int
	}{B: 2})
}

// Tags that are numbers are positions, or the names of a hash's fields.
func TestNumbersAsNamesOfFields(t *testing.T) {
	takes(t, `["2024","5","2025","6"]`, years{5, 6})
	takes(t, `["2023","4","2025","6"]`, years{0, 6})
	takes(t, `{"2024":"5"}`, years{5, 0})
	takes(t, `["2024","5","name","Ada"]`, yearsAndName{"Ada", 5})
	takes(t, `["u1",3,"7"]`, fromOne{3, "7"})
	takes(t, `["1","3","2","7"]`, fromOne{3, "7"})
	takes(t, `["0","1"]`, struct {
		A string `redis:"0"`
		B string `redis:"1"`
	}{"0", "1"})
	takes(t, `["007","x"]`, struct {
		Agent string `redis:"007"`
	}{"x"})
}

// onlyText takes a string of JSON, and leaves something behind when it refuses.
type onlyText struct{ s string }

func (o onlyText) MarshalJSON() ([]byte, error) { return json.Marshal(o.s) }
func (o *onlyText) UnmarshalJSON(b []byte) error {
	var s string
	if err := json.Unmarshal(b, &s); err != nil {
		o.s = "left behind "
		return err
	}
	o.s += s
	return nil
}

// A type's own methods decide how it is read, on any kind and in any list.
func TestMethodsDecide(t *testing.T) {
	takes(t, `["green","red"]`, []color{1, 0})
	takes(t, `"[\"green\",\"red\"]"`, []color{1, 0})
	takes(t, `["green","red"]`, [2]color{1, 0})
	takes(t, `["k","green"]`, map[string]color{"k": 1})
	takes(t, `["green",1]`, map[color]int{1: 1})
	takes(t, `["5000",5000]`, []millis{5, 5})
	takes(t, `"[\"0\",\"1\"]"`, set{"0": true, "1": true})
	takes(t, `["a","1","b","0"]`, set{"a": true, "b": false}) // HGETALL
	takes(t, `["a","b"]`, csv{"a", "b"})                      // LRANGE
	takes(t, `"a,b"`, csv{"a", "b"})
	takes(t, `["Name","Ada"]`, stamped{Name: "Ada"})
	takes(t, `{"a":1}`, custom{7})
	takes(t, `["a",1]`, custom{7})
	refuses[[]color](t, `["green","blue"]`, "[1]", "text that its UnmarshalText refuses")
	refuses[millis](t, `"x"`, "", "string that is not its JSON text")
	refuses[millis](t, `"{}"`, "", "JSON text that it does not take")
	refuses[[]sql.NullInt64](t, `"[{\"Int64\":\"x\",\"Valid\":true}]"`, "[0].Int64", "string that is not a number")
	refuses[map[string]int](t, `"{\"a\":1} x"`, "", "string that is not its JSON text")
	refuses[[]netip.Addr](t, `["null"]`, "[0]", "null")
	refuses[struct {
		S string `json:"s,string"`
	}](t, `"{\"s\":\"x\"}"`, "s", "string that is not its JSON text")
	takes(t, `"7"`, onlyText{"7"})
	takes(t, `"[draft]"`, onlyText{"[draft]"})
	refuses[onlyText](t, `"[7]"`, "", "array in JSON text")
	refuses[time.Duration](t, `"5"`, "", "string")
	refuses[map[string]time.Duration](t, `["a","5"]`, "[1]", "string")
	takes(t, `"{\"a\":5}"`, map[string]time.Duration{"a": 5})
	takes(t, `"{\"a\":\"aGk=\",\"b\":[104,105],\"c\":null}"`, map[string][]byte{"a": []byte("hi"), "b": []byte("hi"), "c": nil})
	refuses[map[string][]byte](t, `"{\"a\":\"hi!\"}"`, "[0]", "string that is not base64")
}

// A part of a JSON document stays one when it is decoded later.
func TestReplyOfADocument(t *testing.T) {
	type person struct {
		Name string `json:"full_name" redis:"n"`
	}
	read := func(text string) map[string]Reply {
		m, err := Decode[map[string]Reply](encoded(t, text))
		require.NoError(t, err)
		return m
	}
	m := read(`"{\"u\":{\"full_name\":\"Ada\"},\"last\":{\"error\":\"disk full\"},\"b\":\"aGk=\",\"d\":5,\"l\":[{\"full_name\":\"Bob\"}]}"`)
	u, err := Decode[person](m["u"])
	require.NoError(t, err)
	require.Equal(t, person{"Ada"}, u)
	last, err := Decode[any](m["last"])
	require.NoError(t, err)
	require.Equal(t, map[string]any{"error": "disk full"}, last)
	asMap, err := Decode[map[string]string](m["last"])
	require.NoError(t, err)
	require.Equal(t, map[string]string{"error": "disk full"}, asMap)
	b, err := Decode[[]byte](m["b"])
	require.NoError(t, err)
	require.Equal(t, "hi", string(b))
	d, err := Decode[time.Duration](m["d"])
	require.NoError(t, err)
	require.Equal(t, time.Duration(5), d)
	l, err := Decode[[]Reply](m["l"])
	require.NoError(t, err)
	u, err = Decode[person](l[0])
	require.NoError(t, err)
	require.Equal(t, person{"Bob"}, u)
	type holder struct {
		U Reply `json:"u"`
	}
	h, err := Decode[holder](encoded(t, `"{\"u\":{\"full_name\":\"Ada\"}}"`))
	require.NoError(t, err)
	u, err = Decode[person](h.U)
	require.NoError(t, err)
	require.Equal(t, person{"Ada"}, u)
	takes(t, `"[{\"error\":\"x\"}]"`, []map[string]string{{"error": "x"}})
}

// An any is the same in a struct, a map and a list of JSON text.
func TestAnyOfADocument(t *testing.T) {
	want := any([]any{int64(9007199254740993), 1.5, json.Number("18446744073709551615"), nil, map[string]any{"a": int64(1)}})
	const text = `[9007199254740993,1.5,18446744073709551615,null,{\"a\":1}]`
	takes(t, `"{\"V\":`+text+`}"`, struct{ V any }{want})
	takes(t, `"{\"V\":`+text+`}"`, map[string]any{"V": want})
	takes(t, `"[`+text+`]"`, []any{want})
	takes(t, `"[{\"V\":{\"W\":`+text+`}}]"`, []struct{ V map[string]any }{{map[string]any{"W": want}}})
}

// The texts that @upstash/redis and upstash-redis for Python store.
func TestValuesOfOtherClients(t *testing.T) {
	when := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	type settings struct {
		On    bool      `redis:"on"`
		Off   *bool     `redis:"off"`
		N     *int      `redis:"n"`
		When  time.Time `redis:"when"`
		Never *time.Time
		Text  *string `redis:"text"`
	}
	takes(t, `["on","true","off","false","n","null","when","\"2026-01-02T03:04:05.000Z\"","never","null","text","null"]`, settings{On: true, Off: p(false), When: when, Text: p("null")})
	takes(t, `["true","false","1","0","null"]`, []bool{true, false, true, false, false})
	takes(t, `["null","5"]`, []*int{nil, p(5)})
	takes(t, `["a","null"]`, map[string]*user{"a": nil})
	takes(t, `"null"`, (*float64)(nil))
	takes(t, `"null"`, (*user)(nil))
	takes(t, `"null"`, (*[]string)(nil))
	takes(t, `"null"`, (*time.Time)(nil))
	takes(t, `"null"`, (*millis)(nil))
	takes(t, `"null"`, (**int)(nil))
	takes(t, `"null"`, p("null"))
	takes(t, `"null"`, p(p(name("null"))))
	takes(t, `"null"`, p([]byte("null")))
	for _, text := range []string{`"2026-01-02T03:04:05Z"`, `"\"2026-01-02T03:04:05Z\""`} {
		takes(t, text, when)
		takes(t, text, &when)
	}
	takes(t, `"\"127.0.0.1\""`, netip.MustParseAddr("127.0.0.1"))
	takes(t, `"\"green\""`, color(1))
	takes(t, `"\"light\""`, shade(1))
	takes(t, `"light"`, shade(1))
	takes(t, `"12"`, *big.NewInt(12))
	takes(t, `"{\"name\": \"Ad\\u00e1\", \"age\": 36}"`, user{Name: "Adá", Age: 36})
	for _, null := range []func(*testing.T, string){errNil[int], errNil[uint8], errNil[float64], errNil[time.Time], errNil[user], errNil[millis], errNil[json.Number], errNil[[1]int]} {
		null(t, `"null"`)
	}
}

type grumpy struct{ A int }

var errGrumpy = errors.New("no: secret")

func (*grumpy) UnmarshalText([]byte) error { return errGrumpy }

type sulky int

func (*sulky) UnmarshalJSON([]byte) error { return errGrumpy }

// The error of a type's own method is found, and not shown.
func TestErrorsOfOwnMethods(t *testing.T) {
	for _, err := range []error{
		into[grumpy](encoded(t, `"x"`)), into[[]grumpy](encoded(t, `["x"]`)), into[map[grumpy]int](encoded(t, `["x",1]`)), into[struct{ F grumpy }](encoded(t, `"{\"F\":\"x\"}"`)),
		into[sulky](encoded(t, `"x"`)), into[sulky](encoded(t, `"1"`)), into[*sulky](encoded(t, `1`)), into[[]sulky](encoded(t, `"[1]"`)),
	} {
		require.ErrorIs(t, err, errGrumpy)
		require.ErrorAs(t, err, new(*DecodeError))
		for _, verb := range []string{"%v", "%+v", "%#v", "%s"} {
			require.NotContains(t, fmt.Sprintf(verb, err), "secret")
		}
	}
}

func errNil[T any](t *testing.T, text string) {
	t.Helper()
	v, err := Decode[T](encoded(t, text))
	require.ErrorIs(t, err, ErrNil, "%T", v)
}

type (
	branch  []branch
	hand    [1]*hand
	nodes   map[string]nodes
	numbers struct {
		V    int             `redis:"7"`
		Next *numbers        `redis:"8" json:"next"`
		More []numbers       `json:"more"`
		Map  map[string]hold `json:"map"`
	}
	hold struct{ Raw json.RawMessage }
)

// Decoding takes time in proportion to the reply, however deeply it is nested.
func TestDecodingIsLinear(t *testing.T) {
	const levels, size = 900, 1 << 18
	nest := func(opening, inner, closing string) string {
		return strings.Repeat(opening, levels) + inner + strings.Repeat(closing, levels)
	}
	many := strings.Repeat("[],", size/3) + "[]"
	wide := strings.Repeat(`["",1],`, size/levels/8)
	took := func(name, text string, decode func(Reply) error) time.Duration {
		t.Helper()
		r, err := ParseReply(text)
		require.NoError(t, err, name)
		begun := time.Now()
		require.NoError(t, decode(r), name)
		return time.Since(begun)
	}
	flat := took("flat", "["+many+"]", into[branch])
	quick := func(name, text string, decode func(Reply) error) {
		t.Helper()
		least := time.Duration(math.MaxInt64)
		for range 3 { // the machine may be busy
			if least = min(least, took(name, text, decode)); least < 10*flat {
				return
			}
		}
		t.Errorf("%s takes %v, and a flat list of that size %v", name, least, flat)
	}
	list := nest("[", many, "]")
	quick("lists", list, into[branch])
	quick("any", list, into[any])
	quick("Reply", list, into[[]Reply])
	quick("RawMessage", list, into[json.RawMessage])
	quick("lists of any", nest("["+wide, "[]", "]"), into[[]any])
	quick("arrays of one", nest("[", "null", "]"), into[hand])
	quick("text", quote(list), into[branch])
	quick("objects", nest(`{"a":`, `{"x":{}`+strings.Repeat(`,"x":{}`, size/7)+"}", "}"), into[nodes])
	quick("pairs", nest(`["a",`, `["x",[]`+strings.Repeat(`,"x",[]`, size/7)+"]", "]"), into[nodes])
	filler := strings.Repeat("x", size/levels)
	quick("structs", quote(nest(`{"skip":"`+filler+`","NEXT":`, "null", "}")), into[numbers])
	quick("lists of structs", quote(strings.Repeat(`{"more":[`, levels/2)+`{}`+strings.Repeat(`,{}`, size/3)+strings.Repeat("]}", levels/2)), into[numbers])
	quick("structs by names that are numbers", nest(`["7",1,"skip","`+filler+`","8",`, "null", "]"), into[numbers])
	quick("raw inside", quote(`{"map":{"a":{"Raw":`+list+`}}}`), into[numbers])
}

func into[T any](r Reply) error {
	_, err := Decode[T](r)
	return err
}

func quote(s string) string { return string(quotedText(s)) }
