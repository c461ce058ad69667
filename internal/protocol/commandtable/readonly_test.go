package commandtable_test

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/redis-rest/redis-rest-go/internal/protocol/commandtable"
)

func TestOnlyReads(t *testing.T) {
	type text string
	for _, args := range [][]any{
		{"GET", "k"}, {"get", "k"}, {"Get", "k"}, {"EVAL_RO", "return 1", 0}, {"evalsha_ro", "x", 0}, {"FCALL_RO", "f", 0},
		{"SCRIPT", "EXISTS", "x"}, {"script", "load", "x"}, {"GETEX", "k"}, {"SORT", "k", "BY", "nosort", "LIMIT", 0, 10}, {"SORT", "store"},
		{"BITFIELD", "k", "GET", "u8", 0}, {"BITFIELD", "set", "GET", "u8", 0}, {"OBJECT", "encoding", "k"}, {"MEMORY", "USAGE", "k"}, {"XINFO", "STREAM", "k"},
		{"GEORADIUS", "k", 15, 37, 200, "km", "WITHDIST"}, {"HTTL", "k", "FIELDS", 1, "f"}, {"PING"}, {"ECHO", "x"}, {"TIME"},
		{"HPEXPIRETIME", "k", "FIELDS", 1, "f"}, {"JSON.GET", "k"}, {"json.mget", "k", "$"},
	} {
		assert.True(t, commandtable.OnlyReads(args), "%v", args)
	}
	for _, args := range [][]any{
		{}, {"SET", "k", "v"}, {"SET", "k", "v", "GET"}, {"EVAL", "return 1", 0}, {"EVALSHA", "x", 0}, {"FCALL", "f", 0},
		{"SCRIPT", "FLUSH"}, {"SCRIPT", "KILL"}, {"SCRIPT"}, {"SCRIPT", []byte("EXISTS")},
		{"GETEX", "k", "EX", 10}, {"GETEX", "k", "PERSIST"}, {"GETDEL", "k"}, {"getset", "k", "v"},
		{"SORT", "k", "STORE", "d"}, {"sort", "k", "limit", 0, 1, "store", "d"}, {"SORT", "k", text("STORE"), "d"}, {"SORT", "k", []byte("STORE"), "d"},
		{"BITFIELD", "k", "SET", "u8", 0, 1}, {"BITFIELD", "k", "GET", "u8", 0, "incrby", "u8", 0, 1}, {"BITFIELD", "k", text("SET"), "u8", 0, 1},
		{"GEORADIUS", "k", 15, 37, 200, "km", "STORE", "d"}, {"GEORADIUSBYMEMBER", "k", "m", 200, "km", "storedist", "d"},
		{"OBJECT"}, {"OBJECT", "HELP"}, {"MEMORY", "PURGE"}, {"XREADGROUP", "GROUP", "g", "c"}, {"XGROUP", "CREATE"}, {"SPOP", "k"},
		{"NOSUCH", "k"}, {"GE T"}, {text("GET"), "k"}, {"", "k"}, {"OBJECT|FREQ", "k"}, {"PFMERGE", "d"}, {"ZRANGESTORE", "d", "s", 0, 1},
		{"PUBLISH", "c", "m"}, {"FUNCTION", "LOAD", "x"}, {"GEOSEARCHSTORE", "d"}, {"JSON.SET", "k"},
		{"HGETEX", "k", "FIELDS", 1, "f"}, {"HGETDEL", "k", "FIELDS", 1, "f"}, {"XACKDEL", "k"}, {"SORT"}, {"BITFIELD"}, {"COMMAND"},
	} {
		assert.False(t, commandtable.OnlyReads(args), "%v", args)
	}
}
