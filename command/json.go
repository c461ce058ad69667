package command

import (
	"encoding/json"
	"strings"

	redis "github.com/redis-rest/redis-rest-go"
	"github.com/redis-rest/redis-rest-go/internal/protocol/wire"
)

// addJSON adds values as their JSON text, whatever their type: a string in quotes.
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

// addValues is addJSON of a list of which there must be at least one.
func addValues(c *call, values []any) *call {
	if len(values) == 0 {
		c.refuse("needs at least one value")
	}
	return addJSON(c, values...)
}

// fromJSON reads a reply that is JSON text.
func fromJSON[T any](r redis.Reply) (T, error) {
	text, err := redis.Decode[*string](r)
	switch {
	case err != nil:
		return redis.Decode[T](r) // some servers write the value itself
	case text == nil || strings.TrimSpace(*text) == "null":
		return redis.Decode[T](redis.Reply{})
	}
	// Decode takes JSON text for lists, maps and structs, but takes a string for itself.
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

// jsonOrZero is fromJSON that reads null as the zero T.
func jsonOrZero[T any](r redis.Reply) (T, error) {
	v, err := fromJSON[T](r)
	if err == redis.ErrNil {
		err = nil
	}
	return v, err
}

// isJSONPath tells a path from one of RedisJSON 1, as RedisJSON does.
func isJSONPath(path string) bool {
	return path == "$" || strings.HasPrefix(path, "$.") || strings.HasPrefix(path, "$[")
}

// matches reads what a command says of each value that a path matches. Of a path of
// RedisJSON 1 it says one thing, and no list. Null is a nil list.
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

// JSONArrAppend appends values to the arrays at path of the document at key
// (JSON.ARRAPPEND), and returns the length of each; nil for what is no array.
//
// Here and below, a path that begins with $ may match many values, and the list has an
// element for each. Another, such as .a, is of one value, as in RedisJSON 1, and so is
// the list. Where there is no such key the list is nil, or Redis has an error.
//
// O(1), or O(N) where path matches many values, since RedisJSON 1.0.0.
func JSONArrAppend(key, path string, values ...any) redis.Command[[]*int64] {
	c := addValues(newCall("JSON.ARRAPPEND", key, path), values)
	return commandFunc(c, matches(path, redis.Decode[*int64]))
}

// A JSONArrIndexOption of [JSONArrIndex] is [ElementRange] or [ElementsFrom].
type JSONArrIndexOption interface {
	option
	forJSONArrIndex()
}

type elements struct{ word }

func (elements) forJSONArrIndex() {}

// ElementRange limits a search to the elements from the index start to before stop,
// counted from 0, or from the end by negative numbers. A stop of 0 is the end.
func ElementRange(start, stop int64) JSONArrIndexOption {
	return elements{word{name: "a range", args: []any{start, stop}}}
}

// ElementsFrom limits a search to the elements from the index start on.
func ElementsFrom(start int64) JSONArrIndexOption {
	return elements{word{name: "a range", args: []any{start}}}
}

// JSONArrIndex returns the index of a value in each of the arrays at path of the
// document at key (JSON.ARRINDEX): -1 where it is not there, nil for what is no array.
//
// O(N), since RedisJSON 1.0.0.
func JSONArrIndex(key, path string, value any, opts ...JSONArrIndexOption) redis.Command[[]*int64] {
	c := addJSON(newCall("JSON.ARRINDEX", key, path), value)
	apply(c, opts)
	return commandFunc(c, matches(path, redis.Decode[*int64]))
}

// JSONArrInsert inserts values before an index, which is counted from the end where it
// is negative, into the arrays at path of the document at key (JSON.ARRINSERT), and
// returns the length of each; nil for what is no array.
//
// O(N), since RedisJSON 1.0.0.
func JSONArrInsert(key, path string, index int64, values ...any) redis.Command[[]*int64] {
	c := addValues(newCall("JSON.ARRINSERT", key, path, index), values)
	return commandFunc(c, matches(path, redis.Decode[*int64]))
}

// JSONArrLen returns the length of each of the arrays at path of the document at key
// (JSON.ARRLEN); nil for what is no array.
//
// O(1), or O(N) where path matches many values, since RedisJSON 1.0.0.
func JSONArrLen(key, path string) redis.Command[[]*int64] {
	return redis.CmdFunc(matches(path, redis.Decode[*int64]), "JSON.ARRLEN", key, path)
}

// JSONArrPop removes the element at an index, -1 for the last, from each of the arrays
// at path of the document at key (JSON.ARRPOP), and returns them; nil or the zero T for
// what is empty or no array.
//
// O(N), or O(1) for the last element of one array, since RedisJSON 1.0.0.
func JSONArrPop[T any](key, path string, index int64) redis.Command[[]T] {
	return redis.CmdFunc(matches(path, jsonOrZero[T]), "JSON.ARRPOP", key, path, index)
}

// JSONArrTrim leaves of each of the arrays at path of the document at key the elements
// from the index start to stop, both included (JSON.ARRTRIM), and returns the length of
// each; nil for what is no array.
//
// O(N), since RedisJSON 1.0.0.
func JSONArrTrim(key, path string, start, stop int64) redis.Command[[]*int64] {
	return redis.CmdFunc(matches(path, redis.Decode[*int64]), "JSON.ARRTRIM", key, path, start, stop)
}

// JSONClear empties the arrays and objects, and sets the numbers to 0, at path of the
// document at key (JSON.CLEAR), and returns how many.
//
// O(N), since RedisJSON 2.0.0.
func JSONClear(key, path string) redis.Command[int64] {
	return redis.Cmd[int64]("JSON.CLEAR", key, path)
}

// JSONDel deletes what is at path of the document at key, the key itself where path is
// $ (JSON.DEL), and returns how many values it was.
//
// O(N), since RedisJSON 1.0.0.
func JSONDel(key, path string) redis.Command[int64] {
	return redis.Cmd[int64]("JSON.DEL", key, path)
}

// JSONForget is [JSONDel] by another name (JSON.FORGET).
//
// O(N), since RedisJSON 1.0.0.
func JSONForget(key, path string) redis.Command[int64] {
	return redis.Cmd[int64]("JSON.FORGET", key, path)
}

// JSONGet returns the document at key, or what is at paths of it (JSON.GET), null where
// there is no such key.
//
// The JSON text becomes a T by the rules of [redis.Decode] for such text, and a string
// or bool too by what it holds; the text itself is a json.RawMessage. A path that
// begins with $ may match many values, so that T is a list of them. Several paths make
// an object with a field for each.
//
// O(N), since RedisJSON 1.0.0.
func JSONGet[T any](key string, paths ...string) redis.Command[T] {
	return commandFunc(jsonGet(key, nil, paths), fromJSON[T])
}

// A JSONGetTextOption of [JSONGetText] is [Indent], [NewLine] or [Space].
type JSONGetTextOption interface {
	option
	forJSONGetText()
}

type layout struct{ word }

func (layout) forJSONGetText() {}

// Indent begins lines with text, once for each level of nesting.
func Indent(text string) JSONGetTextOption { return layout{newWord("INDENT", text)} }

// NewLine ends lines with text.
func NewLine(text string) JSONGetTextOption { return layout{newWord("NEWLINE", text)} }

// Space puts text between a colon and what follows it.
func Space(text string) JSONGetTextOption { return layout{newWord("SPACE", text)} }

// JSONGetText is [JSONGet] that returns the JSON text (JSON.GET), as the options lay it
// out.
//
// O(N), since RedisJSON 1.0.0.
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

// JSONMerge merges a value into what is at path of the document at key (JSON.MERGE), and
// returns OK: the fields of an object become those of the object there, null deletes
// one, and all else is put in the place of what is there.
//
// O(M+N), since RedisJSON 2.6.0.
func JSONMerge(key, path string, value any) redis.Command[string] {
	return command[string](addJSON(newCall("JSON.MERGE", key, path), value))
}

// JSONMGet returns what is at path of each of the documents at keys, in that order
// (JSON.MGET), as [JSONGet] does; nil or the zero T where there is no such key.
//
// O(M*N), since RedisJSON 1.0.0.
func JSONMGet[T any](keys []string, path string) redis.Command[[]T] {
	c := newCall("JSON.MGET")
	addAll(c, "key", keys)
	c.add(path)
	return commandFunc(c, eachOf(jsonOrZero[T]))
}

// A JSONValue is what [JSONMSet] sets: a value at a path of the document at a key.
type JSONValue struct {
	Key, Path string
	Value     any
}

// JSONMSet sets many values at once, as [JSONSet] does (JSON.MSET), and returns OK.
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

// JSONNumIncrBy adds n to the numbers at path of the document at key (JSON.NUMINCRBY),
// and returns what this makes of each; nil for what is no number. Where that can be a
// fraction, N must be float64.
//
// O(1), or O(N) where path matches many values, since RedisJSON 1.0.0.
func JSONNumIncrBy[N int | int64 | float64](key, path string, n N) redis.Command[[]*N] {
	return redis.CmdFunc(numbers[N](path), "JSON.NUMINCRBY", key, path, n)
}

// JSONNumMultBy is [JSONNumIncrBy] that multiplies (JSON.NUMMULTBY).
//
// O(1), or O(N) where path matches many values, since RedisJSON 1.0.0.
func JSONNumMultBy[N int | int64 | float64](key, path string, n N) redis.Command[[]*N] {
	return redis.CmdFunc(numbers[N](path), "JSON.NUMMULTBY", key, path, n)
}

// numbers is matches for commands that write the list as JSON text.
func numbers[N any](path string) func(redis.Reply) ([]*N, error) {
	if isJSONPath(path) {
		return fromJSON[[]*N]
	}
	return matches(path, fromJSON[*N])
}

// JSONObjKeys returns the names of the fields of each of the objects at path of the
// document at key (JSON.OBJKEYS); nil for what is no object.
//
// O(N), since RedisJSON 1.0.0.
func JSONObjKeys(key, path string) redis.Command[[][]string] {
	return redis.CmdFunc(matches(path, redis.Decode[[]string]), "JSON.OBJKEYS", key, path)
}

// JSONObjLen returns how many fields each of the objects at path of the document at key
// has (JSON.OBJLEN); nil for what is no object.
//
// O(1), or O(N) where path matches many values, since RedisJSON 1.0.0.
func JSONObjLen(key, path string) redis.Command[[]*int64] {
	return redis.CmdFunc(matches(path, redis.Decode[*int64]), "JSON.OBJLEN", key, path)
}

// JSONResp returns the values at path of the document at key as replies of Redis
// (JSON.RESP): an array begins with [, an object is { and then its fields and values in
// turn. Null is nil or the zero T.
//
// O(N), since RedisJSON 1.0.0.
func JSONResp[T any](key, path string) redis.Command[[]T] {
	return redis.CmdFunc(matches(path, orZero[T]), "JSON.RESP", key, path)
}

// A JSONSetOption of [JSONSet] is [NX] or [XX].
type JSONSetOption interface {
	option
	forJSONSet()
}

func (Condition) forJSONSet() {}

// JSONSet sets what is at path of the document at key to value (JSON.SET), as
// encoding/json writes it: a json.RawMessage is JSON text already. It returns false
// where [NX] or [XX] kept it from that, or nothing is there and path does not say where
// to add it. The path of a new document is $.
//
// O(M+N), since RedisJSON 1.0.0.
func JSONSet(key, path string, value any, opts ...JSONSetOption) redis.Command[bool] {
	c := addJSON(newCall("JSON.SET", key, path), value)
	apply(c, opts)
	c.exclude("NX", "XX")
	return command[bool](c)
}

// JSONStrAppend appends text to the strings at path of the document at key
// (JSON.STRAPPEND), and returns the length of each; nil for what is no string.
//
// O(1), or O(N) where path matches many values, since RedisJSON 1.0.0.
func JSONStrAppend(key, path, text string) redis.Command[[]*int64] {
	c := addJSON(newCall("JSON.STRAPPEND", key, path), text)
	return commandFunc(c, matches(path, redis.Decode[*int64]))
}

// JSONStrLen returns the length of each of the strings at path of the document at key
// (JSON.STRLEN); nil for what is no string.
//
// O(1), or O(N) where path matches many values, since RedisJSON 1.0.0.
func JSONStrLen(key, path string) redis.Command[[]*int64] {
	return redis.CmdFunc(matches(path, redis.Decode[*int64]), "JSON.STRLEN", key, path)
}

// JSONToggle makes false of true and true of false at path of the document at key
// (JSON.TOGGLE), and returns what each is then; nil for what is neither.
//
// O(1), or O(N) where path matches many values, since RedisJSON 2.0.0.
func JSONToggle(key, path string) redis.Command[[]*bool] {
	return redis.CmdFunc(matches(path, fromJSON[*bool]), "JSON.TOGGLE", key, path)
}

// JSONType returns the type of each value at path of the document at key (JSON.TYPE):
// object, array, string, integer, number, boolean or null. It is nil where there is no
// such key.
//
// O(1), or O(N) where path matches many values, since RedisJSON 1.0.0.
func JSONType(key, path string) redis.Command[[]string] {
	return redis.CmdFunc(matches(path, redis.Decode[string]), "JSON.TYPE", key, path)
}
