package command_test

import (
	"encoding/json"
	"fmt"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/redis-rest/redis-rest-go/command"
)

func ExampleJSONGet() {
	type User struct {
		Name string `json:"name"`
		Age  int    `json:"age"`
	}
	// The embedded database has RedisJSON's commands.
	fmt.Println(command.JSONSet("profile:1", "$", User{"Ada", 36}).Do(ctx, rdb))
	ages, err := command.JSONNumIncrBy("profile:1", "$.age", 1).Do(ctx, rdb)
	fmt.Println(*ages[0], err)
	fmt.Println(command.JSONGet[[]User]("profile:1", "$").Do(ctx, rdb))
	// Output:
	// true <nil>
	// 37 <nil>
	// [{Ada 37}] <nil>
}

// The words are sent in the order of RedisJSON, and values are sent as JSON text.
func TestJSONArguments(t *testing.T) {
	sends(t, `JSON.ARRAPPEND k $.a 1 "x" null {"a":[true]}`, command.JSONArrAppend("k", "$.a", 1, "x", nil, map[string]any{"a": []bool{true}}))
	sends(t, `JSON.ARRINDEX k $.a "x"`, command.JSONArrIndex("k", "$.a", "x"))
	sends(t, `JSON.ARRINDEX k $.a 1.5 2`, command.JSONArrIndex("k", "$.a", 1.5, command.ElementsFrom(2)))
	sends(t, `JSON.ARRINDEX k $.a null 2 -1`, command.JSONArrIndex("k", "$.a", nil, command.ElementRange(2, -1)))
	sends(t, `JSON.ARRINSERT k $.a -1 "x" 2`, command.JSONArrInsert("k", "$.a", -1, "x", 2))
	sends(t, `JSON.ARRLEN k $.a`, command.JSONArrLen("k", "$.a"))
	sends(t, `JSON.ARRPOP k $.a -1`, command.JSONArrPop[string]("k", "$.a", -1))
	sends(t, `JSON.ARRTRIM k $.a 1 -2`, command.JSONArrTrim("k", "$.a", 1, -2))
	sends(t, `JSON.CLEAR k $.a`, command.JSONClear("k", "$.a"))
	sends(t, `JSON.DEL k $`, command.JSONDel("k", "$"))
	sends(t, `JSON.FORGET k $`, command.JSONForget("k", "$"))
	sends(t, `JSON.GET k`, command.JSONGet[any]("k"))
	sends(t, `JSON.GET k $.a $.b`, command.JSONGet[any]("k", "$.a", "$.b"))
	sends(t, `JSON.GET k`, command.JSONGetText("k", nil))
	sends(t, `JSON.GET k INDENT -- NEWLINE ; SPACE _ $.a $.b`, command.JSONGetText("k", []string{"$.a", "$.b"}, command.Indent("--"), command.NewLine(";"), command.Space("_")))
	sends(t, `JSON.MERGE k $.a {"b":null}`, command.JSONMerge("k", "$.a", map[string]any{"b": nil}))
	sends(t, `JSON.MGET k l $.a`, command.JSONMGet[any]([]string{"k", "l"}, "$.a"))
	sends(t, `JSON.MSET k $ {} l $.a "x"`, command.JSONMSet(command.JSONValue{"k", "$", struct{}{}}, command.JSONValue{Key: "l", Path: "$.a", Value: "x"}))
	sends(t, `JSON.NUMINCRBY k $.a 2`, command.JSONNumIncrBy("k", "$.a", 2))
	sends(t, `JSON.NUMINCRBY k $.a -2.5`, command.JSONNumIncrBy("k", "$.a", -2.5))
	sends(t, `JSON.NUMMULTBY k $.a 9007199254740993`, command.JSONNumMultBy("k", "$.a", int64(9007199254740993)))
	sends(t, `JSON.OBJKEYS k $`, command.JSONObjKeys("k", "$"))
	sends(t, `JSON.OBJLEN k $`, command.JSONObjLen("k", "$"))
	sends(t, `JSON.RESP k $`, command.JSONResp[any]("k", "$"))
	sends(t, `JSON.SET k $ "x"`, command.JSONSet("k", "$", "x"))
	sends(t, `JSON.SET k $.a [1,2] NX`, command.JSONSet("k", "$.a", []int{1, 2}, command.NX()))
	sends(t, `JSON.SET k $.a true XX`, command.JSONSet("k", "$.a", true, command.XX()))
	sends(t, `JSON.STRAPPEND k $.a "x\"y"`, command.JSONStrAppend("k", "$.a", `x"y`))
	sends(t, `JSON.STRLEN k $.a`, command.JSONStrLen("k", "$.a"))
	sends(t, `JSON.TOGGLE k $.a`, command.JSONToggle("k", "$.a"))
	sends(t, `JSON.TYPE k $.a`, command.JSONType("k", "$.a"))

	refuses(t, "redis: JSON.ARRAPPEND: needs at least one value", command.JSONArrAppend("k", "$"))
	refuses(t, "redis: JSON.ARRINSERT: needs at least one value", command.JSONArrInsert("k", "$", 0))
	refuses(t, "redis: JSON.ARRINDEX: a range is given twice", command.JSONArrIndex("k", "$", 1, command.ElementsFrom(1), command.ElementRange(1, 2)))
	refuses(t, "redis: JSON.GET: INDENT is given twice", command.JSONGetText("k", nil, command.Indent(""), command.Indent(" ")))
	refuses(t, "redis: JSON.MGET: needs at least one key", command.JSONMGet[any](nil, "$"))
	refuses(t, "redis: JSON.MSET: needs at least one value", command.JSONMSet())
	refuses(t, "redis: JSON.SET: NX and XX exclude each other", command.JSONSet("k", "$", 1, command.NX(), command.XX()))
}

func TestJSONValues(t *testing.T) {
	type User struct {
		Name string `json:"name"`
	}
	for want, value := range map[string]any{
		`"<é&>"`:         "<é&>",
		`"7"`:            "7",
		`7`:              json.Number("7"),
		`{"a": [1]}`:     json.RawMessage(`{"a": [1]}`),
		`{"name":"<b>"}`: &User{"<b>"},
		`null`:           (*User)(nil),
		`"AQI="`:         []byte{1, 2},
	} {
		f := &fake{reply: `"OK"`}
		set, err := command.JSONSet("k", "$", value).Do(t.Context(), f)
		require.NoError(t, err)
		require.True(t, set)
		assert.JSONEq(t, want, f.sent[3])
		assert.NotContains(t, f.sent[3], `\u003c`)
	}
	for _, value := range []any{"secret\xff", make(chan int), json.RawMessage(`{"secret"`), map[string]any{"secret": func() {}}} {
		f := &fake{reply: `"OK"`}
		_, err := command.JSONSet("k", "$", value).Do(t.Context(), f)
		require.ErrorContains(t, err, fmt.Sprintf("redis: JSON.SET: argument 3 (%T): ", value))
		assert.NotContains(t, err.Error(), "secret")
		assert.Empty(t, f.sent)
	}
	refuses(t, "redis: JSON.MSET: argument 6 (chan int): a value of this type cannot be sent",
		command.JSONMSet(command.JSONValue{"k", "$", 1}, command.JSONValue{"l", "$", make(chan int)}))

	// A command is a value: a later change of its arguments does not change it.
	tags := []string{"a"}
	set := command.JSONSet("k", "$", tags)
	tags[0] = "b"
	sends(t, `JSON.SET k $ ["a"]`, set)
}

func TestJSONReplies(t *testing.T) {
	one, five := int64(1), int64(5)
	lengths, err := replies(t, `[1,null,5]`, command.JSONArrLen("k", "$..a"))
	require.NoError(t, err)
	require.Equal(t, []*int64{&one, nil, &five}, lengths)
	for _, path := range []string{".a", "a", ".", "$a"} {
		lengths, err = replies(t, `5`, command.JSONArrLen("k", path))
		require.NoError(t, err, path)
		require.Equal(t, []*int64{&five}, lengths)
	}
	for _, path := range []string{"$", "$.a", `$["a"]`, ".a"} {
		lengths, err = replies(t, `null`, command.JSONStrLen("k", path))
		require.NoError(t, err)
		require.Nil(t, lengths)
	}

	x, seven := "x", "7"
	pointers, err := replies(t, `["\"x\"",null,"\"7\""]`, command.JSONArrPop[*string]("k", "$..a", -1))
	require.NoError(t, err)
	require.Equal(t, []*string{&x, nil, &seven}, pointers)
	popped, err := replies(t, `"\"x\""`, command.JSONArrPop[string]("k", ".a", -1))
	require.NoError(t, err)
	require.Equal(t, []string{"x"}, popped)

	type user struct {
		Name string   `json:"name"`
		Tags []string `json:"tags"`
	}
	ada := user{"Ada", []string{"a"}}
	got, err := replies(t, `["[{\"name\":\"Ada\",\"tags\":[\"a\"]}]",null,"[]"]`, command.JSONMGet[[]user]([]string{"k", "l", "m"}, "$"))
	require.NoError(t, err)
	require.Equal(t, [][]user{{ada}, nil, {}}, got)
	name := "Ada"
	names, err := replies(t, `["\"Ada\"",null,"null"]`, command.JSONMGet[*string]([]string{"k", "l", "m"}, ".name"))
	require.NoError(t, err)
	require.Equal(t, []*string{&name, nil, nil}, names)

	half, two := 0.5, 2.0
	floats, err := replies(t, `"[0.5,null,2]"`, command.JSONNumIncrBy("k", "$..a", 1.5))
	require.NoError(t, err)
	require.Equal(t, []*float64{&half, nil, &two}, floats)
	big := int64(9007199254740993)
	ints, err := replies(t, `"9007199254740993"`, command.JSONNumMultBy("k", ".a", int64(1)))
	require.NoError(t, err)
	require.Equal(t, []*int64{&big}, ints)
	_, err = replies(t, `"[1,1.5]"`, command.JSONNumIncrBy("k", "$.a", 1))
	require.EqualError(t, err, "redis: JSON.NUMINCRBY: [1]: want int, got number with a fraction")

	keys, err := replies(t, `[["a","b"],null,[]]`, command.JSONObjKeys("k", "$..o"))
	require.NoError(t, err)
	require.Equal(t, [][]string{{"a", "b"}, nil, {}}, keys)
	keys, err = replies(t, `["a","b"]`, command.JSONObjKeys("k", ".o"))
	require.NoError(t, err)
	require.Equal(t, [][]string{{"a", "b"}}, keys)

	yes, no := true, false
	for reply, path := range map[string]string{`[1]`: "$.a", `"true"`: ".a"} {
		toggled, err := replies(t, reply, command.JSONToggle("k", path))
		require.NoError(t, err)
		require.Equal(t, []*bool{&yes}, toggled)
	}
	toggled, err := replies(t, `[0,null,1]`, command.JSONToggle("k", "$..a"))
	require.NoError(t, err)
	require.Equal(t, []*bool{&no, nil, &yes}, toggled)

	types, err := replies(t, `["integer","object"]`, command.JSONType("k", "$.*"))
	require.NoError(t, err)
	require.Equal(t, []string{"integer", "object"}, types)
	resp, err := replies(t, `[["{","a",1],null,"x"]`, command.JSONResp[any]("k", "$.*"))
	require.NoError(t, err)
	require.Equal(t, []any{[]any{"{", "a", int64(1)}, nil, "x"}, resp)
	set, err := replies(t, `null`, command.JSONSet("k", "$", 1, command.NX()))
	require.NoError(t, err)
	require.False(t, set)
	deleted, err := replies(t, `2`, command.JSONDel("k", "$..a"))
	require.NoError(t, err)
	require.EqualValues(t, 2, deleted)
	text, err := replies(t, `"{\n}"`, command.JSONGetText("k", nil))
	require.NoError(t, err)
	require.Equal(t, "{\n}", text)
	_, err = replies(t, `{"error":"WRONGTYPE Operation"}`, command.JSONArrLen("k", "$"))
	require.EqualError(t, err, "redis: JSON.ARRLEN: WRONGTYPE Operation")
	_, err = replies(t, `["x"]`, command.JSONStrLen("k", "$"))
	require.EqualError(t, err, "redis: JSON.STRLEN: [0]: want int64, got string that is not a number")
}

// The JSON text of a reply is decoded as a T.
func TestJSONGet(t *testing.T) {
	type user struct {
		Name string `json:"name"`
		Age  any    `json:"age"`
	}
	doc := `"{\"name\":\"Ada\",\"age\":9007199254740993}"`
	u, err := replies(t, doc, command.JSONGet[user]("k"))
	require.NoError(t, err)
	require.Equal(t, user{"Ada", int64(9007199254740993)}, u)
	pointer, err := replies(t, doc, command.JSONGet[*user]("k"))
	require.NoError(t, err)
	require.Equal(t, "Ada", pointer.Name)
	fields, err := replies(t, doc, command.JSONGet[map[string]any]("k"))
	require.NoError(t, err)
	require.Equal(t, map[string]any{"name": "Ada", "age": int64(9007199254740993)}, fields)
	raw, err := replies(t, doc, command.JSONGet[json.RawMessage]("k"))
	require.NoError(t, err)
	require.Equal(t, `{"name":"Ada","age":9007199254740993}`, string(raw))
	users, err := replies(t, `"[{\"name\":\"Ada\"},{\"name\":\"Bob\"}]"`, command.JSONGet[[]user]("k", "$.*"))
	require.NoError(t, err)
	require.Equal(t, []user{{Name: "Ada"}, {Name: "Bob"}}, users)
	several, err := replies(t, `"{\"$.a\":[1],\"$.b\":[2,3]}"`, command.JSONGet[map[string][]int]("k", "$.a", "$.b"))
	require.NoError(t, err)
	require.Equal(t, map[string][]int{"$.a": {1}, "$.b": {2, 3}}, several)
	name, err := replies(t, `"\"A\\\"da\""`, command.JSONGet[string]("k", ".name"))
	require.NoError(t, err)
	require.Equal(t, `A"da`, name)
	age, err := replies(t, `"36"`, command.JSONGet[int]("k", ".age"))
	require.NoError(t, err)
	require.Equal(t, 36, age)
	ok, err := replies(t, `"true"`, command.JSONGet[bool]("k", ".ok"))
	require.NoError(t, err)
	require.True(t, ok)
	itself, err := replies(t, `[1,2]`, command.JSONGet[[]int]("k", "$.*"))
	require.NoError(t, err)
	require.Equal(t, []int{1, 2}, itself)

	for _, null := range []string{`null`, `"null"`, `" null\n"`} {
		_, err = replies(t, null, command.JSONGet[string]("k"))
		require.EqualError(t, err, "redis: JSON.GET: nil reply")
		pointer, err = replies(t, null, command.JSONGet[*user]("k"))
		require.NoError(t, err)
		require.Nil(t, pointer)
	}
	for reply, want := range map[string]string{
		`"[1,\"x\"]"`:           "[1]: want int, got string that is not a number",
		`"1"`:                   "want []int, got integer",
		`"1,2"`:                 "want []int, got array of 2",
		`"secret"`:              "want []int, got string that is not its JSON text",
		`1`:                     "want []int, got integer",
		`{"error":"ERR no"}`:    "ERR no",
		`"{\"error\":\"ERR\"}"`: "want []int, got object",
	} {
		_, err = replies(t, reply, command.JSONGet[[]int]("k", "$"))
		assert.EqualError(t, err, "redis: JSON.GET: "+want, reply)
	}
	_, err = replies(t, `"{\"name\":[]}"`, command.JSONGet[user]("k"))
	require.EqualError(t, err, "redis: JSON.GET: name: want string, got array of 0")
}
