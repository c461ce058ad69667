package json_test

import (
	stdjson "encoding/json"
	"fmt"
	"math/big"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/redis-rest/redis-rest-go/internal/engine/json"
	"github.com/redis-rest/redis-rest-go/internal/testkit/growth"
)

const most = 1 << 30

func parse(t testing.TB, text string) *json.Node {
	t.Helper()
	n, err := json.Parse(text)
	require.NoError(t, err, text)
	return n
}

func path(t testing.TB, text string) *json.Path {
	t.Helper()
	p, err := json.ParsePath(text)
	require.NoError(t, err, text)
	return p
}

func text(n *json.Node) string { return string(n.Append(nil)) }

// What is read is written as it was, apart from white space, escapes and the form of numbers that are not integers.
func TestTexts(t *testing.T) {
	for from, want := range map[string]string{
		"null": "", "true": "", "false": "", "0": "", "-1": "", "9007199254740993": "", "-9223372036854775808": "", "18446744073709551615": "",
		"18446744073709551616": "1.8446744073709552e19", "1.0": "", "1.10": "1.1", "-0": "-0.0", "1e5": "100000.0", "1E-7": "1e-7", "0.00001": "", "123456789012345680": "",
		"1.5e300": "", "1e15": "1000000000000000.0", "1e16": "", "1234567890.5e6": "1234567890500000.0",
		`""`: "", `"é😀"`: "", `"\u00e9\ud83d\ude00\/"`: `"é😀/"`, `"\u0000\b\f\n\r\t\"\\\u001f"`: "", "\"\x7f\"": "", "\"<&>\u2028\"": "",
		" [ 1 , [ ] , { } ] ": "[1,[],{}]", `{"b":1,"a":{"z":0,"y":0}}`: "", `{"a":1,"b":2,"a":3}`: `{"a":3,"b":2}`, `{"":0}`: "",
	} {
		if want == "" {
			want = from
		}
		assert.Equal(t, want, text(parse(t, from)), from)
	}
}

func TestSyntaxErrors(t *testing.T) {
	for from, want := range map[string]string{
		"": "EOF while parsing a value at line 1 column 0", " ": "EOF while parsing a value at line 1 column 1", "x": "expected value at line 1 column 1",
		"[1": "EOF while parsing a list at line 1 column 2", "[": "EOF while parsing a list at line 1 column 1", "[1,]": "trailing comma at line 1 column 4",
		"[1 2]": "expected `,` or `]` at line 1 column 4", "{": "EOF while parsing an object at line 1 column 1", "{1": "key must be a string at line 1 column 2",
		`{"a"}`: "expected `:` at line 1 column 5", `{"a":1,}`: "trailing comma at line 1 column 8", `{"a":1 "b"`: "expected `,` or `}` at line 1 column 8",
		"{\n\"a\":\n  tru}": "expected ident at line 3 column 6", "1 2": "trailing characters at line 1 column 3", "nul": "EOF while parsing a value at line 1 column 3",
		"01": "invalid number at line 1 column 2", "-": "EOF while parsing a value at line 1 column 1", "1.": "EOF while parsing a value at line 1 column 2", "1.x": "invalid number at line 1 column 3",
		"1e": "EOF while parsing a value at line 1 column 2", "1e400": "number out of range at line 1 column 5", "+1": "expected value at line 1 column 1", "NaN": "expected value at line 1 column 1",
		`"`: "EOF while parsing a string at line 1 column 1", `"\x"`: "invalid escape at line 1 column 3", `"\u12"`: "EOF while parsing a string at line 1 column 6", `"\ud800"`: "unexpected end of hex escape at line 1 column 8",
		`"\udc00\udc00"`: "lone leading surrogate in hex escape at line 1 column 14", `"\u+123"`: "invalid escape at line 1 column 4",
		"\"\n\"": "control character (\\u0000-\\u001F) found while parsing a string at line 1 column 2", "'a'": "expected value at line 1 column 1",
		strings.Repeat("[", 200): "recursion limit exceeded at line 1 column 128",
	} {
		_, err := json.Parse(from)
		assert.EqualError(t, err, want, "%q", from)
	}
	_, err := json.Parse("\"\xff\"")
	require.ErrorIs(t, err, json.ErrNotUTF8)
}

// The examples of RFC 7396, appendix A.
func TestMergePatch(t *testing.T) {
	for _, c := range []struct{ original, patch, result string }{
		{`{"a":"b"}`, `{"a":"c"}`, `{"a":"c"}`},
		{`{"a":"b"}`, `{"b":"c"}`, `{"a":"b","b":"c"}`},
		{`{"a":"b"}`, `{"a":null}`, `{}`},
		{`{"a":"b","b":"c"}`, `{"a":null}`, `{"b":"c"}`},
		{`{"a":["b"]}`, `{"a":"c"}`, `{"a":"c"}`},
		{`{"a":"c"}`, `{"a":["b"]}`, `{"a":["b"]}`},
		{`{"a":{"b":"c"}}`, `{"a":{"b":"d","c":null}}`, `{"a":{"b":"d"}}`},
		{`{"a":[{"b":"c"}]}`, `{"a":[1]}`, `{"a":[1]}`},
		{`["a","b"]`, `["c","d"]`, `["c","d"]`},
		{`{"a":"b"}`, `["c"]`, `["c"]`},
		{`{"a":"foo"}`, `null`, `null`},
		{`{"a":"foo"}`, `"bar"`, `"bar"`},
		{`{"e":null}`, `{"a":1}`, `{"e":null,"a":1}`},
		{`[1,2]`, `{"a":"b","c":null}`, `{"a":"b"}`},
		{`{}`, `{"a":{"bb":{"ccc":null}}}`, `{"a":{"bb":{}}}`},
	} {
		d := json.New(parse(t, c.original))
		done, err := d.Merge(path(t, "$"), parse(t, c.patch), most)
		require.NoError(t, err)
		assert.True(t, done)
		assert.Equal(t, c.result, text(d.Root()), "%s %s", c.original, c.patch)
	}
}

// value makes a random value.
func value(r *rand.Rand, depth int) any {
	switch n := r.IntN(9); {
	case n < 2 && depth > 0:
		list := make([]any, r.IntN(5))
		for i := range list {
			list[i] = value(r, depth-1)
		}
		return list
	case n < 5 && depth > 0:
		object := map[string]any{}
		for range r.IntN(20) {
			object[string(rune('a'+r.IntN(30)))] = value(r, depth-1)
		}
		return object
	case n < 6:
		return int64(r.Uint64()) >> r.IntN(64)
	case n < 7:
		return r.NormFloat64()
	case n < 8:
		return [...]any{nil, true, false}[r.IntN(3)]
	}
	return strings.Repeat(string(rune(r.IntN(0x500))), r.IntN(4))
}

func random(t testing.TB, r *rand.Rand) string {
	b, err := stdjson.Marshal(value(r, 4))
	require.NoError(t, err)
	return string(b)
}

// merge is RFC 7396 in its own words, on the values of encoding/json.
func merge(target, patch any) any {
	p, ok := patch.(map[string]any)
	if !ok {
		return patch
	}
	object, ok := target.(map[string]any)
	if !ok {
		object = map[string]any{}
	}
	for name, v := range p {
		if v == nil {
			delete(object, name)
		} else {
			object[name] = merge(object[name], v)
		}
	}
	return object
}

func decode(t testing.TB, text string) (v any) {
	d := stdjson.NewDecoder(strings.NewReader(text))
	d.UseNumber()
	require.NoError(t, d.Decode(&v))
	return number(v)
}

// number gives equal numbers the same form.
func number(v any) any {
	switch v := v.(type) {
	case []any:
		for i := range v {
			v[i] = number(v[i])
		}
	case map[string]any:
		for name := range v {
			v[name] = number(v[name])
		}
	case stdjson.Number:
		if _, err := v.Int64(); err != nil {
			f, _ := v.Float64()
			return f
		}
	}
	return v
}

// A document is what encoding/json reads, a merge is that of the RFC, and the size is that of a new document, whatever
// was done before.
func TestRandomDocuments(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	paths := []string{"$", "$.a", "$..a", "$..*", "$[*]", "$.*", "$..[0]", "$.a.b", "$..[?(@.a)]", "$..[1:]", "$['a','b','a']"}
	for range 150 {
		from, patch := random(t, r), random(t, r)
		d := json.New(parse(t, from))
		require.Equal(t, decode(t, from), decode(t, text(d.Root())))
		copied := d.Clone()
		before := text(copied.Root())
		_, err := d.Merge(path(t, "$"), parse(t, patch), most)
		require.NoError(t, err)
		require.Equal(t, merge(decode(t, from), decode(t, patch)), decode(t, text(d.Root())), "%s %s", from, patch)
		for range 4 {
			p := path(t, paths[r.IntN(len(paths))])
			v := parse(t, random(t, r))
			history := text(d.Root())
			did := change(t, r, d, p, v)
			require.Equal(t, json.New(parse(t, text(d.Root()))).Size(), d.Size(), "%s %s %s %s", history, did, p.Text, text(v))
		}
		require.Equal(t, before, text(copied.Root()))
	}
}

// change makes a random change.
func change(t testing.TB, r *rand.Rand, d *json.Document, p *json.Path, v *json.Node) string {
	m, err := d.Edit(p, json.OuterFirst)
	require.NoError(t, err)
	kinds := []string{"set", "merge", "delete", "insert", "append", "pop", "trim", "clear", "text", "toggle", "add"}
	did := kinds[r.IntN(len(kinds))]
	switch did {
	case "set":
		_, _ = d.Set(p, v, json.Condition(r.IntN(3)), most)
	case "merge":
		_, err = d.Merge(p, v, most)
	case "delete":
		_, err = d.Delete(p)
	case "insert":
		_, _ = m.Insert([]*json.Node{v, v.Clone()}, int64(r.IntN(5)-2), false, most)
	case "append":
		_, err = m.Insert([]*json.Node{v}, 0, true, most)
	case "pop":
		m.Pop(int64(r.IntN(5) - 2))
	case "trim":
		m.Trim(int64(r.IntN(5)-2), int64(r.IntN(5)-2))
	case "clear":
		m.Clear()
	case "text":
		_, err = m.AppendText("xyz", most)
	case "toggle":
		m.Toggle()
	case "add":
		_, _ = m.Calculate('+', parse(t, "1"))
	}
	if err != nil {
		require.Regexp(t, "static path|array index", err.Error())
	}
	return did
}

func TestPaths(t *testing.T) {
	const doc = `{"a":[1,2,3,4,5],"b":{"a":"x","c-d":null,"e f":[[0]]},"n":[{"x":1,"y":1.0},{"x":2},{"x":"1"},{"y":null}],"s":["ab","cd",""]}`
	for from, want := range map[string]string{
		"$.a[0]": "1", "$.a[-1]": "5", "$.a[9]": "", "$.a[-9]": "", "$.a[0,2,-1,9]": "1 3 5", "$.a[1:3]": "2 3", "$.a[:2]": "1 2", "$.a[3:]": "4 5", "$.a[-2:]": "4 5", "$.a[::2]": "1 3 5",
		"$.a[1:-1:3]": "2", "$.a[4:1]": "", "$.a[ 0 : 2 ]": "1 2", "$.a[99999999999999999999]": "", "$.a[-99999999999999999999:2]": "1 2", "$.a[*]": "1 2 3 4 5", "$.a.*": "1 2 3 4 5",
		"$.b.c-d": "null", "$.b['e f']": "[[0]]", `$.b["e f"][0][0]`: "0", `$['b']["a"]`: `"x"`, "$.['a'][0]": "1", "$..a": `[1,2,3,4,5] "x"`, "$..e": "", "$..['a','c-d']": `[1,2,3,4,5] "x" null`,
		"$..[0]": `1 [0] 0 {"x":1,"y":1.0} "ab"`, "$.n[?(@.x)].x": `1 2 "1"`, "$.n[?(@.y)].y": "1.0 null", "$.n[?@.x==1].x": "1", "$.n[?(@.x>=1)].x": "1 2", "$.n[?(@.x<2)].x": "1", "$.n[?(@.x==@.y)].x": "1",
		"$.n[?(@.x!=1)]": `{"x":2} {"x":"1"} {"y":null}`, "$.n[?(@.x=='1')].x": `"1"`, "$.n[?(@.y==null)]": `{"y":null}`, "$.n[?(@.x==1 || @.x==2 && @.y)]": `{"x":1,"y":1.0}`,
		"$.n[?((@.x==1 || @.x==2) && !@.y)]": `{"x":2}`, "$.n[?(1==@.x)].x": "1", "$.n[?(@.x==1e0)].x": "1", "$.n[?(@.x==$.a[0])].x": "1", "$.n[?(true)].x": `1 2 "1"`, "$.n[?(false)]": "",
		`$.s[?(@=~"^a")]`: `"ab"`, `$.s[?(@=~'B')]`: "", `$.s[?(@=~'(?i)B')]`: `"ab"`, `$.s[?(@=~$.s[1])]`: `"cd"`, `$.s[?(@=~"(")]`: "", `$.s[?(@>"ab")]`: `"cd"`, `$.s[?(@==$.s[2])]`: `""`,
		"$[?(@.x)]": "", "$[?(@[0]==1)]": "[1,2,3,4,5]", "$.n[?(@=={})]": "error", "$..[?(@.a=='x')]": `{"a":"x","c-d":null,"e f":[[0]]}`, "$.n[*].x": `1 2 "1"`, "$.n[?(@..x==2)].x": "2", "$..*.e": "",
		".": doc, "a[0]": "1", ".a[0]": "1", "b.a": `"x"`, "['b'].a": `"x"`, "..a": `[1,2,3,4,5] "x"`, "$a": "", "*": "[1,2,3,4,5] " + doc[strings.Index(doc, `{"a":"x"`):strings.Index(doc, `,"n"`)] + ` [{"x":1,"y":1.0},{"x":2},{"x":"1"},{"y":null}] ["ab","cd",""]`,
		"": "error", "$.": "error", "$..": "error", "$[": "error", "$[]": "error", "$[1,]": "error", "$['a": "error", "$[1:2:0]": "error", "$[01]": "error", "$[-]": "error", "$[?]": "error", "$[?(@.a]": "error", "$[?(@.a==)]": "error",
		"$.a b": "error", "$.a]": "error", "a..": "error", "$.'a'": "error", "$[a]": "error", "$[?(@.a = 1)]": "error", "$.a..": "error", "$[?(@.a && )]": "error", "$.é": "error", "\xff": "error",
		"$[?" + strings.Repeat("(", 100) + "@" + strings.Repeat(")", 100) + "]": "error", "$[?" + strings.Repeat("!", 100) + "@]": "error", "$" + strings.Repeat("[?@", 100) + strings.Repeat("]", 100): "error",
		"$[?(" + strings.Repeat(`@=~'(a|b){999}x' || `, 20) + "@)]": "error", "$.s[?(@=~'" + strings.Repeat("a?", 600) + "b')]": "",
	} {
		p, err := json.ParsePath(from)
		if want == "error" {
			assert.Error(t, err, "%q", from)
			continue
		}
		require.NoError(t, err, "%q", from)
		found, err := json.New(parse(t, doc)).Find(p, json.OuterFirst)
		require.NoError(t, err)
		texts := make([]string, len(found))
		for i, n := range found {
			texts[i] = text(n)
		}
		assert.Equal(t, want, strings.Join(texts, " "), "%q", from)
	}
}

// The values in a value may come first.
func TestOrder(t *testing.T) {
	d := json.New(parse(t, `{"a":[{"a":1},{"a":2}],"b":{"a":{"a":3}}}`))
	for order, want := range map[json.Order]string{json.OuterFirst: `[{"a":1},{"a":2}] 1 2 {"a":3} 3`, json.InnerFirst: `1 2 3 {"a":3} [{"a":1},{"a":2}]`} {
		found, err := d.Find(path(t, "$..a"), order)
		require.NoError(t, err)
		texts := make([]string, len(found))
		for i, n := range found {
			texts[i] = text(n)
		}
		require.Equal(t, want, strings.Join(texts, " "))
	}
}

// Paths that would look at a document again and again are given up.
func TestTooMuch(t *testing.T) {
	deep := json.New(parse(t, strings.Repeat("[", 120)+"0"+strings.Repeat("]", 120)))
	wide := json.New(parse(t, "["+strings.TrimSuffix(strings.Repeat(`"`+strings.Repeat("a", 50)+`",`, 1000), ",")+"]"))
	for _, p := range []string{
		"$" + strings.Repeat("..*", 20), "$" + strings.Repeat("..[0]", 20), "$..[?(@..[?(@..[?(@..*)])])]", "$[?($[*]==1 && $[*]==1)]",
		"$" + strings.Repeat("[0,0,0,0]", 30), "$[?(" + strings.TrimSuffix(strings.Repeat("!@ || ", 1000), " || ") + ")]", "$[?(" + strings.TrimSuffix(strings.Repeat(`@=~'(a|b){99}x' || `, 20), " || ") + ")]",
	} {
		_, err := deep.Find(path(t, p), json.OuterFirst)
		if err == nil {
			_, err = wide.Find(path(t, p), json.OuterFirst)
		}
		require.ErrorIs(t, err, json.ErrTooMuch, "%.60s", p)
	}
}

// Names keep their order when others are deleted, and are found however many there are.
func TestMembers(t *testing.T) {
	d := json.New(parse(t, "{}"))
	var names []string
	r := rand.New(rand.NewPCG(3, 4))
	for i := range 5000 {
		if len(names) > 0 && r.IntN(100) < 48 {
			at := r.IntN(len(names))
			n, err := d.Delete(path(t, "$."+names[at]))
			require.NoError(t, err)
			require.Equal(t, 1, n)
			names = slices.Delete(names, at, at+1)
		} else {
			name := "m" + strconv.Itoa(i)
			done, err := d.Set(path(t, "$."+name), parse(t, strconv.Itoa(i)), json.IfMissing, most)
			require.NoError(t, err)
			require.True(t, done)
			names = append(names, name)
		}
	}
	var want []string
	for _, name := range names {
		want = append(want, fmt.Sprintf("%q:%s", name, name[1:]))
	}
	require.Equal(t, "{"+strings.Join(want, ",")+"}", text(d.Root()))
}

// Deleting all values, or every other one, takes time in proportion to their number.
func TestGrowth(t *testing.T) {
	object := func(n int) string {
		var b strings.Builder
		b.WriteString("{")
		for i := range n {
			fmt.Fprintf(&b, `"m%d":%d,`, i, i)
		}
		return b.String() + `"end":[]}`
	}
	array := func(n int) string { return "[" + strings.Repeat("1,", n) + "2]" }
	for name, c := range map[string]struct {
		doc  func(n int) string
		path string
	}{
		"members": {object, "$.*"}, "elements": {array, "$[*]"}, "every other": {array, "$[::2]"}, "all": {array, "$..*"},
	} {
		deleted := func(n int) func() {
			root, p := parse(t, c.doc(n)), path(t, c.path)
			return func() {
				_, err := json.New(root.Clone()).Delete(p)
				require.NoError(t, err)
			}
		}
		growth.AtMost(t, 450, deleted(1000), deleted(30_000), name)
	}
}

func FuzzParse(f *testing.F) {
	for _, seed := range []string{`{"a":[1,2.5,"x\u00e9",null,true]}`, "-0", "1e400", `"\ud83d\ude00"`, "[[[]]]", `{"a":1,"a":2}`, "[1,]"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, from string) {
		n, err := json.Parse(from)
		if err != nil {
			return
		}
		require.True(t, stdjson.Valid([]byte(from)))
		once := text(n)
		require.True(t, stdjson.Valid([]byte(once)))
		require.Equal(t, once, text(parse(t, once)))
		require.True(t, n.Equal(parse(t, once)))
	})
}

func FuzzPath(f *testing.F) {
	for _, seed := range []string{"$..a[?(@.x>1 && !@.y || @=~'a')]['b',\"c\"][1:2:3].*", ".a.b[0]", "$[-1,2]", "$[?(@==$.a)]", "a b", "$[?((@))]"} {
		f.Add(seed)
	}
	const doc = `{"a":[1,{"x":2,"y":"ab"},[]],"b":{"c":null,"a":{"x":1.5}},"c":"ab"}`
	f.Fuzz(func(t *testing.T, from string) {
		p, err := json.ParsePath(from)
		if err != nil {
			return
		}
		d := json.New(parse(t, doc))
		found, err := d.Find(p, json.OuterFirst)
		other, err2 := d.Find(p, json.InnerFirst)
		require.Equal(t, err, err2)
		require.Len(t, other, len(found), "the order does not matter")
		r := rand.New(rand.NewPCG(1, 1))
		for range 3 {
			if _, err := d.Edit(p, json.OuterFirst); err == nil {
				change(t, r, d, p, parse(t, `{"a":[1],"b":null}`))
			}
			require.Equal(t, json.New(parse(t, text(d.Root()))).Size(), d.Size())
		}
	})
}

// Integers are calculated exactly, or it is an error.
func TestCalculate(t *testing.T) {
	values := []string{"0", "1", "-1", "2", "-2", "3037000500", "-3037000500", "4611686018427387904", "9223372036854775806", "9223372036854775807", "-9223372036854775807", "-9223372036854775808", "9223372036854775808", "18446744073709551615"}
	for _, x := range values {
		for _, y := range values {
			for _, operator := range []byte("+*") {
				a, _ := new(big.Int).SetString(x, 10)
				b, _ := new(big.Int).SetString(y, 10)
				want := new(big.Int).Mul(a, b)
				if operator == '+' {
					want = new(big.Int).Add(a, b)
				}
				d := json.New(parse(t, "["+x+"]"))
				m, err := d.Edit(path(t, "$[0]"), json.OuterFirst)
				require.NoError(t, err)
				results, err := m.Calculate(operator, parse(t, y))
				if !want.IsInt64() && !want.IsUint64() {
					require.ErrorIs(t, err, json.ErrOverflow, "%s %c %s", x, operator, y)
					require.Equal(t, "["+x+"]", text(d.Root()))
					continue
				}
				require.NoError(t, err)
				require.Equal(t, want.String(), text(results[0]), "%s %c %s", x, operator, y)
				require.Equal(t, "["+want.String()+"]", text(d.Root()))
			}
		}
	}
}
