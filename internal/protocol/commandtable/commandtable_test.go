package commandtable_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/redis-rest/redis-rest-go/internal/protocol/commandtable"
	"github.com/redis-rest/redis-rest-go/internal/protocol/resp"
	"github.com/redis-rest/redis-rest-go/internal/testkit/realredis"
)

func TestLookup(t *testing.T) {
	for _, name := range []string{"GET", "get", "Get"} {
		c, ok := commandtable.Lookup(name)
		require.True(t, ok)
		require.Equal(t, "GET", c.Name)
		require.EqualValues(t, 2, c.Arity)
		require.True(t, c.Flags.Has(commandtable.ReadOnly|commandtable.Fast))
		require.False(t, c.Flags.Has(commandtable.ReadOnly|commandtable.Write))
		require.Equal(t, commandtable.Doc{Name: "GET", Group: "string", Since: "1.0.0", Complexity: "O(1)"}, c.Doc())
	}
	for _, name := range []string{"", "NOSUCH", "GET ", "AAA", "ZZZ"} {
		_, ok := commandtable.Lookup(name)
		require.False(t, ok, name)
	}
}

func TestFind(t *testing.T) {
	for line, want := range map[string]string{
		"get k": "GET", "xinfo stream k": "XINFO|STREAM", "XINFO": "XINFO", "XINFO nosuch": "XINFO", "get stream": "GET",
		"json.get k": "JSON.GET", "httl k FIELDS 1 f": "HTTL", "nosuch": "", "": "", "config|get maxmemory": "", "ſET k v": "",
	} {
		c, ok := commandtable.Find(strings.Fields(line))
		assert.Equal(t, want, c.Name, line)
		assert.Equal(t, want != "", ok, line)
	}
}

// The arity is that of Redis 7.0. More arguments of newer versions are no error.
func TestTakes(t *testing.T) {
	for line, want := range map[string]bool{
		"GET k": true, "GET": false, "GET a b": false, "MGET": false, "MGET a": true, "MGET a b c": true, "PING": true, "PING x y z": true,
		"ZRANK k m": true, "ZRANK k m WITHSCORE": true, "ZRANK k": false, "zrevrank k m withscore": true,
		"COMMAND GETKEYS PING": true, "COMMAND GETKEYS": false, "JSON.SET k $ 1": true, "JSON.SET k $": false,
	} {
		args := strings.Fields(line)
		c, ok := commandtable.Find(args)
		require.True(t, ok, line)
		assert.Equal(t, want, c.Takes(len(args)), line)
	}
	c, _ := commandtable.Lookup("ZRANK")
	require.EqualValues(t, 3, c.Arity)
}

func TestTableIsInOrderAndDocumented(t *testing.T) {
	var names []string
	for c := range commandtable.All {
		names = append(names, c.Name)
		found, ok := commandtable.Lookup(strings.ToLower(c.Name))
		require.True(t, ok, c.Name)
		require.Equal(t, c, found)
		doc := c.Doc()
		require.Equal(t, c.Name, doc.Name)
		require.NotEmpty(t, doc.Group, c.Name)
		require.NotEmpty(t, doc.Since, c.Name)
	}
	require.Greater(t, len(names), 400)
	slices.Sort(names)
	require.Len(t, slices.Compact(names), len(names), "a name occurs twice")
	for range commandtable.All {
		break
	}
}

// Each line is a call.
func TestKeysMatchRedis(t *testing.T) {
	server := realredis.Start(t)
	for line := range strings.Lines(`
		GET k
		SET k v EX 10
		MGET a b c
		MSET a 1 b 2
		MSETNX a 1 b 2
		COPY a b REPLACE
		RENAME a b
		LMOVE a b LEFT RIGHT
		BITOP AND dest a b
		OBJECT ENCODING k
		MEMORY USAGE k
		XINFO STREAM k FULL
		XGROUP CREATE k g $
		EVAL return 0
		EVAL return 0 arg
		EVAL return 2 a b arg
		EVALSHA_RO sha 1 a
		FCALL f 2 a b c
		FCALL_RO f 0
		ZUNIONSTORE dest 2 a b WEIGHTS 1 2
		ZINTERSTORE dest 1 a
		ZDIFFSTORE dest 1 a
		ZUNION 2 a b WITHSCORES
		ZINTERCARD 1 a LIMIT 3
		SINTERCARD 2 a b
		ZRANGESTORE dest src 0 -1
		LMPOP 2 a b LEFT COUNT 2
		ZMPOP 1 a MIN
		BLMPOP 0 2 a b LEFT
		BLPOP a b 0
		SDIFFSTORE dest a b
		SMOVE a b m
		PFMERGE dest a b
		PFCOUNT a b
		XREAD STREAMS a b 0 0
		XREAD COUNT 2 STREAMS streams 0
		XREADGROUP GROUP g c COUNT 1 NOACK STREAMS a b > >
		XREADGROUP GROUP streams c STREAMS a >
		XADD k * f v
		SORT k
		SORT k BY nosort GET # LIMIT 0 10 ASC ALPHA STORE dest
		SORT k BY store
		SORT k GET store STORE dest
		SORT k STORE a STORE b
		SORT k STORE
		SORT_RO k BY x GET y
		GEORADIUS k 15 37 200 km
		GEORADIUS k 15 37 200 km STORE dest
		GEORADIUS k 15 37 200 km STOREDIST dest
		GEORADIUS k 15 37 200 km WITHDIST COUNT 1 ANY STOREDIST dest
		GEORADIUS k 15 37 200 km STORE a STORE b
		GEORADIUS k 15 37 200 km STORE a STOREDIST b
		GEORADIUS k 15 37 200 km STORE
		GEORADIUSBYMEMBER k m 200 km STORE dest
		GEOSEARCHSTORE dest src FROMMEMBER m BYRADIUS 1 km
		MIGRATE host 6379 k 0 1000 COPY
		MIGRATE host 6379 "" 0 1000 COPY REPLACE AUTH keys KEYS a b
		MIGRATE host 6379 "" 0 1000 AUTH2 user keys KEYS a
		GETRANGE k 0 1
		RESTORE k 0 x
		LCS a b
		SUBSCRIBE c
		SCAN 0
		EVAL return x a
		EVAL return 3 a
		EVAL return -1 a
		EVAL return
		ZUNIONSTORE dest x a
		ZUNIONSTORE dest 4 a
		XREAD COUNT 1
		XREAD COUNT 2 k 0
		GET
		GET a b
	`) {
		args := strings.Fields(line)
		for i := range args {
			if args[i] == `""` {
				args[i] = ""
			}
		}
		if len(args) == 0 {
			continue
		}
		compareKeys(t, server, args)
	}

	// Every command of Redis 7.0, with as few arguments as possible.
	checked := 0
	for c := range commandtable.All {
		args := strings.Split(c.Name, "|")
		if c.Arity == 1 || c.Arity == -1 {
			continue // COMMAND GETKEYS wants a call with arguments
		}
		for len(args) < max(int(c.Arity), -int(c.Arity)) {
			args = append(args, "1")
		}
		info := resp.NewCursor(server.Do("COMMAND", "INFO", c.Name))
		require.Equal(t, 1, info.Next().N, c.Name)
		if info.Next().Null || c.Flags.Has(commandtable.Container) && len(args) > 1 {
			continue // another version's command, or a container without a subcommand
		}
		compareKeys(t, server, args)
		checked++
	}
	require.Greater(t, checked, 300)
}

func compareKeys(t *testing.T, server *realredis.Server, args []string) {
	t.Helper()
	want, failed := server.Keys(args)
	c, ok := commandtable.Find(args)
	require.True(t, ok, "%q", args)
	places, err := c.Keys(args)
	if failed != nil && strings.Contains(failed.Error(), "has no key arguments") {
		failed = nil
	}
	assert.Equal(t, failed != nil, err != nil, "%q: Redis says %v, the table %v", args, failed, err)
	var keys []string
	for _, at := range places {
		keys = append(keys, args[at])
	}
	assert.ElementsMatch(t, want, keys, "%q", args)
}

func TestKeysOfNewerCommands(t *testing.T) {
	for line, want := range map[string]string{
		"JSON.GET a $": "a", "JSON.MGET a b $": "a b", "JSON.MSET a $ 1 b $ 2": "a b",
		"HEXPIRE a 10 FIELDS 1 f": "a", "XACKDEL a g KEEPREF IDS 1 1-0": "a",
		"ZRANK a m WITHSCORE": "a", "ZREVRANK a m WITHSCORE": "a", "BITOP DIFF1 dest a b": "dest a b",
	} {
		args := strings.Fields(line)
		c, ok := commandtable.Find(args)
		require.True(t, ok, line)
		places, err := c.Keys(args)
		require.NoError(t, err, line)
		var keys []string
		for _, at := range places {
			keys = append(keys, args[at])
		}
		assert.Equal(t, want, strings.Join(keys, " "), line)
	}
}

// The word ? is where several may be meant, or may not.
func TestTakesSeveral(t *testing.T) {
	for line, want := range map[string]bool{
		"DEL a ?": true, "MGET ?": true, "MSET ? 1": true, "ZUNION 2 ? b": true, "ZUNION 2 ?": true, "XREAD STREAMS a ? 0 0": true,
		"HDEL k f ?": true, "RPUSH l ?": true, "PFADD p ?": true, "XACK s g ?": true, "XCLAIM s g c 0 ?": true, "SCRIPT EXISTS ?": true,
		"HSET h ? v": true, "HSET h f v ? w": true, "XADD s MAXLEN ~ 5 * ? v": true, "ZADD z NX ? m": true, "SORT l GET ?": true,
		"XREAD COUNT 1 STREAMS a ?": true, "ZUNIONSTORE d 1 a WEIGHTS ?": true, "CLIENT LIST ID ?": true,
		"HTTL h FIELDS 1 ?": true, "HSETEX h EX 5 FIELDS 1 ? v": true, "XDELEX s IDS 1 ?": true, "JSON.ARRINSERT k $ 0 ?": true, "JSON.MGET a ? $": true,
		"EVAL return 0 ?": true, "EVAL return 1 ?": true, "FCALL f 1 k ?": true, "SET ?": true, "GET k ?": true,

		"SET k ?": false, "HSET h f ?": false, "HSETEX h EX 5 FIELDS 1 f ?": false, "XADD s * f ?": false, "ZADD z 1 ?": false,
		"EVAL return 0 ? b": false, "EVAL return 0 a ?": false, "PUBLISH c ?": false, "LREM l 0 ?": false, "JSON.SET k $ ?": false,
		"LINSERT l BEFORE a ?": false, "ECHO ?": false, "NOSUCH ?": false, "XADD s MAXLEN ~ 5 * f ?": false,
	} {
		args := strings.Fields(line)
		assert.Equal(t, want, commandtable.TakesSeveral(args, slices.Index(args, "?")), line)
	}
}
