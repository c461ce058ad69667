package command_test

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/redis-rest/redis-rest-go/command"
	"github.com/redis-rest/redis-rest-go/redistest"
)

// newMemory returns a server on the embedded database, for commands that redis-server 7.0 does not have.
func newMemory(t *testing.T) server { return server{redistest.New(t, redistest.Backend("memory")), t} }

func to[T any](v T) *T { return &v }

// Each JSON command is run, with paths of both dialects.
func TestJSONOnMemory(t *testing.T) {
	type address struct {
		City string `json:"city"`
	}
	type user struct {
		Name    string   `json:"name"`
		Age     int64    `json:"age"`
		Tags    []string `json:"tags"`
		Address address  `json:"address"`
		OK      bool     `json:"ok"`
	}
	s := newMemory(t)
	ada := user{"Ada", 9007199254740993, []string{"a", "b"}, address{"London"}, true}
	returns(s, false, command.JSONSet("k", "$", ada, command.XX()))
	returns(s, true, command.JSONSet("k", "$", ada, command.NX()))
	returns(s, false, command.JSONSet("k", "$", ada, command.NX()))
	returns(s, ada, command.JSONGet[user]("k"))
	returns(s, []user{ada}, command.JSONGet[[]user]("k", "$"))
	returns(s, "London", command.JSONGet[string]("k", ".address.city"))
	returns(s, map[string]any{"$.age": []any{int64(9007199254740993)}, "$..city": []any{"London"}}, command.JSONGet[map[string]any]("k", "$.age", "$..city"))
	returns(s, "{\n \"city\": \"London\"\n}", command.JSONGetText("k", []string{".address"}, command.Indent(" "), command.NewLine("\n"), command.Space(" ")))
	isNil(s, command.JSONGet[user]("none"))
	returns(s, []*user{&ada, nil}, command.JSONMGet[*user]([]string{"k", "none"}, "."))

	returns(s, []*int64{to(int64(4))}, command.JSONArrAppend("k", "$.tags", "c", "d"))
	returns(s, []*int64{to(int64(5))}, command.JSONArrInsert("k", ".tags", 0, "z"))
	returns(s, []*int64{to(int64(2))}, command.JSONArrIndex("k", "$.tags", "b"))
	returns(s, []*int64{to(int64(-1))}, command.JSONArrIndex("k", "$.tags", "b", command.ElementsFrom(3)))
	returns(s, []*int64{to(int64(-1))}, command.JSONArrIndex("k", "$.tags", "b", command.ElementRange(0, 2)))
	returns(s, []*int64{to(int64(5))}, command.JSONArrLen("k", "$.tags"))
	returns(s, []string{"d"}, command.JSONArrPop[string]("k", "$.tags", -1))
	returns(s, []string{"z"}, command.JSONArrPop[string]("k", "tags", 0))
	returns(s, []*int64{to(int64(2))}, command.JSONArrTrim("k", "$.tags", 1, 5))
	returns(s, []*int64{nil, nil, to(int64(2)), nil, nil}, command.JSONArrLen("k", "$.*"))

	returns(s, []*int64{to(int64(9007199254740995))}, command.JSONNumIncrBy("k", "$.age", int64(2)))
	returns(s, true, command.JSONSet("n", "$", 3))
	returns(s, []*float64{to(4.5)}, command.JSONNumMultBy("n", "$", 1.5))
	returns(s, []*int{nil, to(18014398509481990), nil, nil, nil}, command.JSONNumMultBy("k", "$.*", 2))
	returns(s, [][]string{{"city"}}, command.JSONObjKeys("k", "$.address"))
	returns(s, []*int64{to(int64(1))}, command.JSONObjLen("k", ".address"))
	returns(s, []*int64{to(int64(8))}, command.JSONStrAppend("k", "$.name", " L\"é"))
	returns(s, []*int64{to(int64(8))}, command.JSONStrLen("k", ".name"))
	returns(s, []*bool{to(false)}, command.JSONToggle("k", "$.ok"))
	returns(s, []*bool{to(true)}, command.JSONToggle("k", ".ok"))
	returns(s, []string{"string", "integer", "array", "object", "boolean"}, command.JSONType("k", "$.*"))
	returns(s, []string{"object"}, command.JSONType("k", "."))
	returns(s, []any{[]any{"{", "city", "London"}}, command.JSONResp[any]("k", "$.address"))

	returns(s, "OK", command.JSONMerge("k", "$", map[string]any{"age": nil, "address": map[string]any{"zip": 1}}))
	returns(s, json.RawMessage(`{"name":"Ada L\"é","tags":["b","c"],"address":{"city":"London","zip":1},"ok":true}`), command.JSONGet[json.RawMessage]("k"))
	returns(s, 1, command.JSONDel("k", "$..zip"))
	returns(s, 1, command.JSONForget("k", ".ok"))
	returns(s, 2, command.JSONClear("k", "$.*"))
	returns(s, json.RawMessage(`{"name":"Ada L\"é","tags":[],"address":{}}`), command.JSONGet[json.RawMessage]("k"))
	returns(s, "OK", command.JSONMSet(command.JSONValue{"k", "$.name", 1}, command.JSONValue{"l", "$", []int{}}))
	returns(s, []json.RawMessage{json.RawMessage(`[1]`), json.RawMessage(`[]`)}, command.JSONMGet[json.RawMessage]([]string{"k", "l"}, "$.name"))
	returns(s, 1, command.JSONDel("l", "$"))
	returns(s, "ReJSON-RL", command.Type("k"))
}

func TestNewerStringsOnMemory(t *testing.T) {
	s := newMemory(t)
	returns(s, false, command.Set("k", "a", command.IfEqual("x")))
	returns(s, true, command.Set("k", "a", command.IfNotEqual("x")))
	returns(s, true, command.Set("k", "b", command.IfEqual("a"), command.EX(time.Hour)))
	about(s, time.Hour, command.TTL("k"))
	returns(s, "b", command.SetGet[string]("k", "Hello world", command.IfEqual("b")))
	digest := run(s, command.Digest("k"))
	require.Equal(t, "b6acb9d84a38ff74", digest)
	isNil(s, command.Digest("none"))
	returns(s, false, command.Set("k", "c", command.IfNotDigest(digest)))
	returns(s, true, command.Set("k", "c", command.IfDigest(digest)))
	returns(s, false, command.DelEx("k", command.IfDigest(digest)))
	returns(s, true, command.DelEx("k", command.IfEqual("c")))
	returns(s, false, command.DelEx("k"))
	returns(s, true, command.MSetEx(map[string]int{"a": 1, "b": 2}, command.EX(time.Hour), command.NX()))
	returns(s, false, command.MSetEx(map[string]int{"b": 3, "c": 4}, command.NX()))
	about(s, time.Hour, command.TTL("a"))
	returns(s, []*int{to(1), to(2), nil}, command.MGet[*int]("a", "b", "c"))

	for operation, want := range map[command.BitOperation]string{command.BitDiff: "A", command.BitDiff1: "\x16", command.BitAndOr: " ", command.BitOne: "W"} {
		run(s, command.MSet(map[string]string{"x": "a", "y": "\x34", "z": "\x22"}))
		returns(s, 1, command.BitOp(operation, "to", "x", "y", "z"))
		returns(s, want, command.Get[string]("to"))
	}
}

func TestNewerStreamsOnMemory(t *testing.T) {
	s := newMemory(t)
	var ids []string
	for range 3 {
		ids = append(ids, run(s, command.XAdd("s", "*", map[string]int{"n": 1})))
	}
	run(s, command.XGroupCreate("s", "g", "0"))
	returns(s, []command.EntryStatus{command.EntryKept}, command.XDelEx("s", ids[:1], command.Acked()))
	returns(s, []command.EntryStatus{command.EntryDeleted}, command.XDelEx("s", ids[:1]))
	run(s, command.XReadGroup[map[string]int]("g", "c", map[string]string{"s": ">"}))
	returns(s, []command.EntryStatus{command.EntryDeleted, command.EntryMissing}, command.XAckDel("s", "g", []string{ids[1], "9-9"}, command.DelRef()))
	returns(s, 0, command.XTrim("s", command.MaxLen(0), command.Acked()))
	returns(s, 1, command.XTrim("s", command.MaxLen(0), command.DelRef()))
}
