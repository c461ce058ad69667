package annotation_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/redis-rest/redis-rest-go/internal/testkit/growth"
	"github.com/redis-rest/redis-rest-go/internal/workbench/annotation"
)

func TestParse(t *testing.T) {
	functions, _, problems := annotation.Parse(`#!lua flags=no-writes
-- A license.
--[[ and
---@key not this one ]]
--- First line.

--- Second
--- paragraph.
---@name  Limit
---@key   bucket  the counter
-- a plain comment
---@key   other?
---@arg   limit integer	how many
---@arg   members... {id: string, score: number}
---@once 24h
---@error sold_out  none is left
---@return {
---  allowed: boolean,
---  rest: {[a b]: integer}[],
---} what is left
local x = "---@key in a text"
return [[
---@key in a long text
]]
`, false)
	require.Equal(t, "19:15: ] is missing behind the name of the field", text(problems))
	require.Len(t, functions, 1)

	functions, _, problems = annotation.Parse("--- First line.\n\n--- Second\n--- line.\n---@name  Limit\n---@key   bucket  the counter\n-- a plain comment\n---@key   other?\n---@arg   limit integer\thow many\n"+
		"---@arg   members... {id: string, score: number}\n---@once 24h\n---@error sold_out  none is left\n---@return {\n---  allowed: boolean,\n---  rest: {['a b']: integer?}[],\n---} what is left\nreturn 1", false)
	require.Empty(t, problems)
	f := functions[0]
	require.Equal(t, []string{"First line.", "", "Second", "line."}, f.Doc)
	require.Equal(t, "Limit", f.Name)
	require.Equal(t, annotation.Place{Line: 5, Column: 4}, f.Place)
	require.Equal(t, []annotation.Param{
		{Name: "bucket", Doc: "the counter", Place: annotation.Place{Line: 6, Column: 4}}, {Name: "other", Optional: true, Place: annotation.Place{Line: 8, Column: 4}},
	}, f.Keys)
	require.Equal(t, "limit integer, members {id: string, score: number}", f.Args[0].Name+" "+f.Args[0].Type.String()+", "+f.Args[1].Name+" "+f.Args[1].Type.String())
	require.True(t, f.Args[1].Rest)
	require.Equal(t, "how many", f.Args[0].Doc)
	require.Equal(t, 24*time.Hour, f.Window)
	require.Equal(t, []annotation.ErrorCode{{Code: "sold_out", Doc: "none is left"}}, f.Errors)
	require.Equal(t, "what is left", f.ReturnDoc)
	require.Equal(t, "{ allowed: boolean, rest: {['a b']: integer?}[], }", f.Return.String())
	rest := f.Return.Fields[1].Type
	require.Equal(t, annotation.List, rest.Kind)
	require.True(t, rest.Elem.ByName)
	require.Equal(t, "a b", rest.Elem.Fields[0].Name)
	require.True(t, rest.Elem.Fields[0].Type.Nullable)
}

func text(problems []annotation.Problem) string {
	var list []string
	for _, p := range problems {
		list = append(list, fmt.Sprintf("%d:%d: %s", p.Line, p.Column, p.Message))
	}
	return strings.Join(list, "\n")
}

// What is none of ours is left alone.
func TestNotOurs(t *testing.T) {
	for _, source := range []string{
		"", "#!lua", "return 1", "--- @include \"x\"\nreturn 1", "---- @key a\nreturn 1", "--@key a\nreturn 1", "---@param x string\n---@return string\nlocal function f(x) return x end\nreturn f('a')",
		"local x = 1 ---@key a\nreturn x", "local x = 1\n---@type string\n---@return integer\nlocal y = x", "--[==[\n---@key a\n]] ]==]\nreturn 1", "local s = 'a\\\n---@key a'\nreturn s",
		"return '---@key a", "return [[\n---@key a", "--- Only a comment.\nreturn 1", "--[[",
	} {
		functions, _, problems := annotation.Parse(source, false)
		assert.Empty(t, functions, source)
		assert.Empty(t, problems, source)
	}
}

func TestLibraries(t *testing.T) {
	functions, doc, problems := annotation.Parse("#!lua name=l\n--- A library.\n\n--- Takes.\n---@key a\n\n\nlocal function take() end\n\n--- Not a function.\nlocal x\n---@return any\nredis.register_function('x', take)", true)
	require.Empty(t, problems)
	require.Equal(t, []string{"A library."}, doc)
	require.Len(t, functions, 2)
	require.Equal(t, []int{8, 13}, []int{functions[0].Next, functions[1].Next})
	require.Equal(t, []string{"Takes."}, functions[0].Doc)
	require.Empty(t, functions[1].Doc)
	require.Equal(t, []bool{true, false}, []bool{functions[0].Own, functions[1].Own})
}

func TestProblems(t *testing.T) {
	for annotations, want := range map[string]string{
		// Annotations.
		"---@kye a":                            "1:4: there is no annotation ---@kye: there are key, arg, return, error, name, readonly, idempotent and once",
		"---@":                                 "1:4: there is no annotation ---@: there are key, arg, return, error, name, readonly, idempotent and once",
		"---@Key a":                            "1:4: there is no annotation ---@Key: there are key, arg, return, error, name, readonly, idempotent and once",
		"---@key":                              "1:4: ---@key takes a name of letters, digits and _, or ... for all that follow",
		"---@key 1st":                          "1:4: ---@key takes a name of letters, digits and _, or ... for all that follow",
		"---@key __":                           "1:4: ---@key takes a name of letters, digits and _, or ... for all that follow",
		"---@key user-id":                      "1:13: the name of the key ends here",
		"---@key:a":                            "1:4: a space is missing behind ---@key",
		"---@key a\n---@key a":                 "2:4: the name a is taken",
		"---@key a\n---@arg a string":          "2:4: the name a is taken",
		"---@key ...\n---@key a":               "2:4: nothing can follow ...",
		"---@key a?\n---@key ...":              "2:4: ... cannot follow what is optional: nobody could tell them apart",
		"---@key a?\n---@key b":                "2:4: what is optional comes last",
		"---@arg a? string\n---@arg b integer": "2:4: what is optional comes last",
		"---@name 1st":                         "1:4: ---@name takes a name that Go allows",
		"---@name func":                        "1:4: ---@name takes a name that Go allows",
		"---@name a b":                         "1:4: ---@name takes nothing more",
		"---@name A\n---@name B":               "2:4: there are two ---@name",
		"---@error":                            "1:4: ---@error takes the first word of the error, such as sold_out",
		"---@error sold:out":                   "1:15: the code of an error has letters, digits, _, - and . only",
		"---@error a\n---@error a":             "2:4: there are two ---@error a",
		"---@readonly yes":                     "1:4: ---@readonly takes nothing more",
		"---@key a\n---@once soon":             "2:4: ---@once takes how long an id is remembered, such as 10m or 24h",
		"---@key a\n---@once 1ns":              "2:4: ---@once takes how long an id is remembered, such as 10m or 24h",
		"---@once":                             "1:4: ---@once needs a key: the record of the id is in its slot",
		"---@key a?\n---@once":                 "2:4: ---@once needs a key: the record of the id is in its slot",
		"---@key a\n---@readonly\n---@once":    "3:4: what only reads can run again anyway: ---@once says nothing",
		"---@return any\n---@return any":       "2:4: there are two ---@return: a script returns one value",
		"return 1\n---@key a":                  "2:4: the annotations of a script stand before its first statement",

		// Types.
		"---@arg a":                                    "1:10: a type is missing: string, bytes, integer, number, boolean, seconds, milliseconds, unixtime, unixtime_ms, json:T and any",
		"---@arg a int":                                "1:11: there is no type int: write integer",
		"---@arg a uuid":                               "1:11: there is no type uuid: there are string, bytes, integer, number, boolean, seconds, milliseconds, unixtime, unixtime_ms, json:T and any",
		"---@arg a any":                                "1:11: any is not the type of an argument: write string, or json:any for its JSON text",
		"---@arg a table<string, string>":              "1:11: a map is not the type of an argument: write json:map[string]string for its JSON text",
		"---@arg a seconds[]":                          "1:11: the elements of a list are string, integer, number or boolean: it is sent as JSON text",
		"---@arg a {b: string}":                        "1:11: a record {name: type} is the type of ... only: write json:T for JSON text",
		"---@arg ... {[b]: string}":                    "1:13: a record {name: type} is the type of ... only: write json:T for JSON text",
		"---@arg ... {b: string?}":                     "1:13: the fields of an argument are neither records nor null",
		"---@arg ... string?":                          "1:13: ... needs no ?: there may be none",
		"---@return":                                   "1:11: a type is missing: string, bytes, integer, number, boolean, seconds, milliseconds, unixtime, unixtime_ms, json:T and any",
		"---@return []string":                          "1:12: a type is missing: string, bytes, integer, number, boolean, seconds, milliseconds, unixtime, unixtime_ms, json:T and any",
		"---@return string|nil":                        "1:18: the type ends here: a list is written T[], and one of several types is any",
		"---@return string??":                          "1:19: there are two ?",
		"---@return string[]?":                         "1:20: a list or a map needs no ?: null is an empty one",
		"---@return {}":                                "1:13: the record has no fields",
		"---@return {a: string":                        "1:22: , or } is missing behind the field a",
		"---@return {a: string b: string}":             "1:23: , or } is missing behind the field a",
		"---@return {a string}":                        "1:15: : and a type are missing behind the field a",
		"---@return {a: string, a: string}":            "1:24: there are two fields a",
		"---@return {a: string, [b]: string}":          "1:24: either all fields of a record are in brackets, or none",
		"---@return {[string]: integer}":               "1:13: a map is written table<string, integer>, and a field with this name [\"string\"]",
		"---@return {[\"a]: integer}":                  "1:14: the quote does not end",
		"---@return {[\"a,b\"]: integer}":              "1:13: the name of a field is missing: a record is written {name: type}, or {[name]: type} if the reply has the names too",
		"---@return {a?: string[]}":                    "1:17: the ? says nothing here",
		"---@return table":                             "1:12: there is no type table: write table<string, T>",
		"---@return text{a: string}":                   "1:12: there is no type text: write string",
		"---@return func{a: string}":                   "1:12: there is no type func: there are string, bytes, integer, number, boolean, seconds, milliseconds, unixtime, unixtime_ms, json:T and any",
		"---@return table<number, string>":             "1:18: the keys of a map are string or integer",
		"---@return table<string>":                     "1:24: a map is written table<string, T>",
		"---@return table<string, string":              "1:32: > is missing: a map is written table<string, T>",
		"---@return json:any":                          "1:12: json:any would be the text itself: name a struct, a slice or a map, or write json:encoding/json.RawMessage",
		"---@return json:":                             "1:17: a Go type is missing: json:Order for a type of the package, or json:net/url.URL",
		"---@return json:1st":                          "1:17: a Go type is missing: json:Order for a type of the package, or json:net/url.URL",
		"---@return json:.Order":                       "1:17: a Go type is missing: json:Order for a type of the package, or json:net/url.URL",
		"---@return {\n---  a: string,\n---  b: text}": "3:9: there is no type text: write string",
		"---@return " + strings.Repeat("{a: ", 30):     "1:92: the type is nested too deeply",
	} {
		source := annotations
		if !strings.HasPrefix(source, "return") {
			source += "\nreturn 1"
		}
		_, _, problems := annotation.Parse(source, false)
		assert.Equal(t, want, text(problems), annotations)
	}
	for _, fine := range []string{
		"---@return json:map[string][]*net/url.URL", "---@return json:gopkg.in/yaml.v3.Node[]", "---@return json:RawMessage?", "---@return table<integer, {a: string}[]>", "---@return {[\"string\"]: integer}",
		"---@return {a?: string, b: boolean?,}", "---@arg a string[]", "---@arg a? bytes", "---@arg a bytes?", "---@error WRONG-TYPE.2", "---@key a\n---@once\n---@idempotent", "---@return string the text: a|b", "---@return Decision{a: string}[]", "---@arg ... Member{a: string}",
	} {
		_, _, problems := annotation.Parse(fine+"\nreturn 1", false)
		assert.Empty(t, text(problems), fine)
	}
}

// Any source is read in time, and what is found is in it.
func FuzzParse(f *testing.F) {
	for _, seed := range []string{
		"--- Doc.\n---@name X\n---@key a?\n---@key ...\n---@arg b... {a: string, b: json:net/url.URL}\n---@error x y\n---@once 24h\n---@readonly\nreturn 1",
		"---@return {\n---  a: table<string, {[\"b c\"]: seconds?}[]>,\n---  d: unixtime_ms\n---} text\nreturn 1", "#!lua name=l\n--- x\n\n---@return any\nlocal function f() end\n--[=[\n---@key a ]] ]=]",
		"local x = 'a\\'---@key b' .. \"\\\"\" .. [==[ ]] ]==] -- y\n---@idempotent", "#!lua", "--[[", "'", "---@return {{{", "---@arg é ü",
	} {
		f.Add(seed, false)
		f.Add(seed, true)
	}
	f.Fuzz(func(t *testing.T, source string, library bool) {
		lines := strings.Count(source, "\n") + 1
		functions, _, problems := annotation.Parse(source, library)
		places := []annotation.Place{}
		for _, p := range problems {
			places = append(places, p.Place)
			require.NotEmpty(t, p.Message)
		}
		for _, f := range functions {
			places = append(places, f.Place)
			require.LessOrEqual(t, f.Next, lines)
			for _, p := range append(f.Keys, f.Args...) {
				places = append(places, p.Place)
				require.True(t, p.Name != "" || p.Rest)
			}
			if f.Return != nil {
				again, _, problems := annotation.Parse("---@return "+f.Return.String()+"\nreturn 1", false)
				require.Empty(t, problems)
				require.Equal(t, f.Return.String(), again[0].Return.String(), "a type is written as it is read")
			}
		}
		for _, p := range places {
			require.Positive(t, p.Line)
			require.LessOrEqual(t, p.Line, lines)
			require.Positive(t, p.Column)
		}
	})
}

// The time grows with the length of the source, and no faster. The race detector makes large slices three times as slow.
func TestLongSources(t *testing.T) {
	for _, part := range []string{"---@return {\n---  a: {\n", "---@key a\n", "--- text\n\n", "--- text\n", "'\\", "[=", "--[=[", "x\n---@key a\n"} {
		parse := func(n int) func() {
			source := strings.Repeat(part, n)
			return func() { annotation.Parse(source, false) }
		}
		growth.AtMost(t, 300, parse(4_000), parse(100_000), part)
	}
	lines := func(n int) func() {
		source := "---@return {\n" + strings.Repeat("---  a: {\n", n)
		return func() { annotation.Parse(source, false) }
	}
	growth.AtMost(t, 300, lines(4_000), lines(100_000), "one annotation of many lines")
}
