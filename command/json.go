package command

import (
	"encoding/json"
	"slices"
	"strings"

	redis "github.com/redis-rest/redis-rest-go"
	"github.com/redis-rest/redis-rest-go/internal/protocol/wire"
)

// addJSON adds values of any type as JSON text. A string is added in quotes.
func addJSON(c *call, values ...any) *call {
	for _, v := range values {
		text, err := wire.JSON(v)
		if err != nil {
			c.refuse("argument %d (%T): %w", len(c.args), v, err)
		}
		c.add(string(text))
	}
	return c
}

// addValues is addJSON for a list that must not be empty.
func addValues(c *call, values []any) *call {
	if len(values) == 0 {
		c.refuse("needs at least one value")
	}
	if err := wire.CheckArguments(slices.Concat(c.args, values)); err != nil {
		c.refuse("%w", err)
	}
	return addJSON(c, values...)
}

// fromJSON decodes a reply that is JSON text.
func fromJSON[T any](r redis.Reply) (T, error) {
	text, err := redis.Decode[*string](r)
	switch {
	case err != nil:
		return redis.Decode[T](r) // some servers reply with the value instead of JSON text
	case text == nil || strings.TrimSpace(*text) == "null":
		return redis.Decode[T](redis.Reply{})
	}
	// Decode reads a string as JSON text only for lists, maps and structs. So the text
	// becomes a list of one element here.
	var none T
	quoted, err := json.Marshal("[" + *text + "]")
	if err != nil {
		return none, err
	}
	list, err := redis.ParseReply(string(quoted))
	if err != nil {
		return none, err
	}
	values, err := redis.Decode[[1]T](list)
	if e, ok := err.(*redis.DecodeError); ok {
		e.Want = strings.TrimPrefix(e.Want, "[1]")
		e.Path = strings.TrimPrefix(strings.TrimPrefix(e.Path, "[0]"), ".")
	}
	return values[0], err
}

// isJSONPath says whether path is a JSONPath, by the same rule as RedisJSON. Other
// paths have the syntax of RedisJSON 1.
func isJSONPath(path string) bool {
	return path == "$" || strings.HasPrefix(path, "$.") || strings.HasPrefix(path, "$[")
}

// matches decodes a list with one element for each value that the path matches. For a
// path of RedisJSON 1 the reply is a single element and no list; it becomes a list of
// one. Null becomes a nil list.
func matches[E any](path string, read func(redis.Reply) (E, error)) func(redis.Reply) ([]E, error) {
	if isJSONPath(path) {
		return eachOf(read)
	}
	return func(r redis.Reply) ([]E, error) {
		if r.IsNull() {
			return nil, nil
		}
		e, err := read(r)
		if err != nil {
			return nil, err
		}
		return []E{e}, nil
	}
}

// lengths makes a command that returns a number for each value that its path matches,
// or null if the value has the wrong type.
func lengths(path string, c *call) redis.Command[[]*int64] {
	return commandWithDecoder(c, matches(path, redis.Decode[*int64]))
}

// JSONArrAppend appends values to the arrays at path in the document at key
// (JSON.ARRAPPEND), and returns their new lengths. An element is nil if its value is
// not an array.
//
// For this function and those below: a path that begins with $ can match many values,
// and the result has one element for each. Any other path, such as .a, has the syntax
// of RedisJSON 1 and matches one value, so the result has one element. If the key does
// not exist, the result is nil or Redis returns an error; this depends on the command.
//
// O(1), or O(N) if path matches many values, since RedisJSON 1.0.0.
func JSONArrAppend(key, path string, values ...any) redis.Command[[]*int64] {
	return lengths(path, addValues(newCall("JSON.ARRAPPEND", key, path), values))
}

// A JSONArrIndexOption is an option of [JSONArrIndex]: [ElementRange] or
// [ElementsFrom].
type JSONArrIndexOption interface {
	option
	needsOneOf_ElementRange_ElementsFrom()
}

type elements struct{ word }

func (elements) needsOneOf_ElementRange_ElementsFrom() {}

// ElementRange limits a search to the elements from index start up to, but not
// including, index stop. Indexes are counted from 0. A negative index counts from the
// end: -1 is the last element. A stop of 0 means the end of the array.
func ElementRange(start, stop int64) JSONArrIndexOption {
	return elements{word{name: "a range", args: []any{start, stop}}}
}

// ElementsFrom limits a search to the elements from index start to the end of the
// array.
func ElementsFrom(start int64) JSONArrIndexOption {
	return elements{word{name: "a range", args: []any{start}}}
}

// JSONArrIndex returns the index of value in each of the arrays at path in the document
// at key (JSON.ARRINDEX). An element is -1 if the array does not contain value, and nil
// if the matched value is not an array.
//
// O(N), since RedisJSON 1.0.0.
//
// Options: [ElementRange], [ElementsFrom].
func JSONArrIndex(key, path string, value any, opts ...JSONArrIndexOption) redis.Command[[]*int64] {
	c := addJSON(newCall("JSON.ARRINDEX", key, path), value)
	apply(c, opts)
	return lengths(path, c)
}

// JSONArrInsert inserts values before index into the arrays at path in the document at
// key (JSON.ARRINSERT), and returns their new lengths. A negative index counts from the
// end. An element is nil if its value is not an array.
//
// O(N), since RedisJSON 1.0.0.
func JSONArrInsert(key, path string, index int64, values ...any) redis.Command[[]*int64] {
	return lengths(path, addValues(newCall("JSON.ARRINSERT", key, path, index), values))
}

// JSONArrLen returns the lengths of the arrays at path in the document at key
// (JSON.ARRLEN). An element is nil if its value is not an array.
//
// O(1), or O(N) if path matches many values, since RedisJSON 1.0.0.
func JSONArrLen(key, path string) redis.Command[[]*int64] {
	return lengths(path, newCall("JSON.ARRLEN", key, path))
}

// JSONArrPop removes the element at index from each of the arrays at path in the
// document at key (JSON.ARRPOP), and returns the removed elements. The index -1 is the
// last element. An element of the result is null for an empty array or a value that is
// not an array.
//
// O(N), or O(1) for the last element of one array, since RedisJSON 1.0.0.
func JSONArrPop[T any](key, path string, index int64) redis.Command[[]T] {
	return redis.CmdWithDecoder(matches(path, fromJSON[T]), "JSON.ARRPOP", key, path, index)
}

// JSONArrTrim keeps the elements from start to stop, both included, of each of the
// arrays at path in the document at key and deletes the others (JSON.ARRTRIM). It
// returns the new lengths. An element is nil if its value is not an array.
//
// O(N), since RedisJSON 1.0.0.
func JSONArrTrim(key, path string, start, stop int64) redis.Command[[]*int64] {
	return lengths(path, newCall("JSON.ARRTRIM", key, path, start, stop))
}

// JSONClear empties the arrays and objects and sets the numbers to 0 at path in the
// document at key (JSON.CLEAR). It returns the number of changed values.
//
// O(N), since RedisJSON 2.0.0.
func JSONClear(key, path string) redis.Command[int64] {
	return redis.Cmd[int64]("JSON.CLEAR", key, path)
}

// JSONDel deletes the values at path in the document at key (JSON.DEL), and returns the
// number of deleted values. The path $ deletes the key.
//
// O(N), since RedisJSON 1.0.0.
func JSONDel(key, path string) redis.Command[int64] {
	return redis.Cmd[int64]("JSON.DEL", key, path)
}

// JSONForget does the same as [JSONDel] (JSON.FORGET).
//
// O(N), since RedisJSON 1.0.0.
func JSONForget(key, path string) redis.Command[int64] {
	return redis.Cmd[int64]("JSON.FORGET", key, path)
}

// JSONGet returns the document at key, or the values at paths in it (JSON.GET). It
// returns null if the key does not exist.
//
// The JSON text is decoded as a T by the rules of [redis.Decode] for JSON text; this is
// true for a string or bool too. Use json.RawMessage to get the text itself. A path
// that begins with $ can match many values, so T must be a list of them. For several
// paths the result is an object with a field for each path.
//
// O(N), since RedisJSON 1.0.0.
func JSONGet[T any](key string, paths ...string) redis.Command[T] {
	return commandWithDecoder(jsonGet(key, nil, paths), fromJSON[T])
}

// A JSONGetTextOption is an option of [JSONGetText]: [Indent], [NewLine] or [Space].
type JSONGetTextOption interface {
	option
	needsOneOf_Indent_NewLine_Space()
}

type layout struct{ word }

func (layout) needsOneOf_Indent_NewLine_Space() {}

// Indent starts each line with text, repeated once for each level of nesting.
func Indent(text string) JSONGetTextOption { return layout{newWord("INDENT", text)} }

// NewLine ends each line with text.
func NewLine(text string) JSONGetTextOption { return layout{newWord("NEWLINE", text)} }

// Space puts text between a colon and the value after it.
func Space(text string) JSONGetTextOption { return layout{newWord("SPACE", text)} }

// JSONGetText is [JSONGet] that returns the JSON text, formatted by the options
// (JSON.GET).
//
// O(N), since RedisJSON 1.0.0.
//
// Options: [Indent], [NewLine], [Space].
func JSONGetText(key string, paths []string, opts ...JSONGetTextOption) redis.Command[string] {
	return command[string](jsonGet(key, opts, paths))
}

func jsonGet(key string, opts []JSONGetTextOption, paths []string) *call {
	c := newCall("JSON.GET", key)
	apply(c, opts)
	for _, path := range paths {
		c.add(path)
	}
	return c
}

// JSONMerge merges value into the value at path in the document at key (JSON.MERGE),
// and returns OK. The fields of an object are set in the object at path, and a field
// that is null is deleted there. Any other value replaces the value at path.
//
// O(M+N), since RedisJSON 2.6.0.
func JSONMerge(key, path string, value any) redis.Command[string] {
	return command[string](addJSON(newCall("JSON.MERGE", key, path), value))
}

// JSONMGet returns the values at path in the documents at keys, in the order of the
// keys (JSON.MGET). They are decoded as in [JSONGet]. An element is null if its key
// does not exist.
//
// O(M*N), since RedisJSON 1.0.0.
func JSONMGet[T any](keys []string, path string) redis.Command[[]T] {
	c := newCall("JSON.MGET")
	addAll(c, "key", keys)
	c.add(path)
	return commandWithDecoder(c, eachOf(fromJSON[T]))
}

// A JSONValue is a value that [JSONMSet] sets, with the key of its document and the
// path in it.
type JSONValue struct {
	Key, Path string
	Value     any
}

// JSONMSet sets many values at once (JSON.MSET), and returns OK. Each value is set as
// by [JSONSet].
//
// O(K*(M+N)), since RedisJSON 2.6.0.
func JSONMSet(values ...JSONValue) redis.Command[string] {
	c := newCall("JSON.MSET")
	if len(values) == 0 {
		c.refuse("needs at least one value")
	}
	for _, v := range values {
		c.add(v.Key, v.Path)
		addJSON(c, v.Value)
	}
	return command[string](c)
}

// JSONNumIncrBy adds n to the numbers at path in the document at key (JSON.NUMINCRBY),
// and returns the new numbers. An element is nil if its value is not a number. If a new
// number can have a fraction, N must be float64.
//
// O(1), or O(N) if path matches many values, since RedisJSON 1.0.0.
func JSONNumIncrBy[N int | int64 | float64](key, path string, n N) redis.Command[[]*N] {
	return redis.CmdWithDecoder(numbers[N](path), "JSON.NUMINCRBY", key, path, n)
}

// JSONNumMultBy is [JSONNumIncrBy] that multiplies by n (JSON.NUMMULTBY).
//
// O(1), or O(N) if path matches many values, since RedisJSON 1.0.0.
func JSONNumMultBy[N int | int64 | float64](key, path string, n N) redis.Command[[]*N] {
	return redis.CmdWithDecoder(numbers[N](path), "JSON.NUMMULTBY", key, path, n)
}

// numbers is matches for commands that reply with JSON text.
func numbers[N any](path string) func(redis.Reply) ([]*N, error) {
	if isJSONPath(path) {
		return fromJSON[[]*N]
	}
	return matches(path, fromJSON[*N])
}

// JSONObjKeys returns the names of the fields of the objects at path in the document at
// key (JSON.OBJKEYS). An element is nil if its value is not an object.
//
// O(N), since RedisJSON 1.0.0.
func JSONObjKeys(key, path string) redis.Command[[][]string] {
	return redis.CmdWithDecoder(matches(path, redis.Decode[[]string]), "JSON.OBJKEYS", key, path)
}

// JSONObjLen returns the numbers of fields of the objects at path in the document at
// key (JSON.OBJLEN). An element is nil if its value is not an object.
//
// O(1), or O(N) if path matches many values, since RedisJSON 1.0.0.
func JSONObjLen(key, path string) redis.Command[[]*int64] {
	return lengths(path, newCall("JSON.OBJLEN", key, path))
}

// JSONResp returns the values at path in the document at key as Redis replies
// (JSON.RESP). An array is a list that begins with [. An object is a list that begins
// with { and then alternates fields and values.
//
// O(N), since RedisJSON 1.0.0.
func JSONResp[T any](key, path string) redis.Command[[]T] {
	return redis.CmdWithDecoder(matches(path, redis.Decode[T]), "JSON.RESP", key, path)
}

// A JSONSetOption is an option of [JSONSet]: [NX] or [XX].
type JSONSetOption interface {
	option
	needsOneOf_NX_XX()
}

func (condition) needsOneOf_NX_XX() {}

// JSONSet sets the value at path in the document at key (JSON.SET). The value is sent
// as encoding/json encodes it; a json.RawMessage is sent as it is. It returns false if
// [NX] or [XX] prevented it, or if path matches nothing and does not say where to add
// the value. The path of a new document must be $.
//
// O(M+N), since RedisJSON 1.0.0.
//
// Options: [NX], [XX].
func JSONSet(key, path string, value any, opts ...JSONSetOption) redis.Command[bool] {
	c := addJSON(newCall("JSON.SET", key, path), value)
	apply(c, opts)
	c.exclude("NX", "XX")
	return command[bool](c)
}

// JSONStrAppend appends text to the strings at path in the document at key
// (JSON.STRAPPEND), and returns their new lengths. An element is nil if its value is
// not a string.
//
// O(1), or O(N) if path matches many values, since RedisJSON 1.0.0.
func JSONStrAppend(key, path, text string) redis.Command[[]*int64] {
	return lengths(path, addJSON(newCall("JSON.STRAPPEND", key, path), text))
}

// JSONStrLen returns the lengths of the strings at path in the document at key
// (JSON.STRLEN). An element is nil if its value is not a string.
//
// O(1), or O(N) if path matches many values, since RedisJSON 1.0.0.
func JSONStrLen(key, path string) redis.Command[[]*int64] {
	return lengths(path, newCall("JSON.STRLEN", key, path))
}

// JSONToggle changes true to false and false to true at path in the document at key
// (JSON.TOGGLE), and returns the new values. An element is nil if its value is not a
// bool.
//
// O(1), or O(N) if path matches many values, since RedisJSON 2.0.0.
func JSONToggle(key, path string) redis.Command[[]*bool] {
	return redis.CmdWithDecoder(matches(path, fromJSON[*bool]), "JSON.TOGGLE", key, path)
}

// JSONType returns the types of the values at path in the document at key (JSON.TYPE):
// object, array, string, integer, number, boolean or null. The result is nil if the key
// does not exist.
//
// O(1), or O(N) if path matches many values, since RedisJSON 1.0.0.
func JSONType(key, path string) redis.Command[[]string] {
	return redis.CmdWithDecoder(matches(path, redis.Decode[string]), "JSON.TYPE", key, path)
}
