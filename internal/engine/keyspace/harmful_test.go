package keyspace

import (
	"context"
	"fmt"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/redis-rest/redis-rest-go/internal/engine/script"
)

// What a harmful script may hold and do in TestHarmfulScripts.
const (
	harmfulMemory = 8 << 20
	harmfulSteps  = 100_000
)

// harmful has scripts that would end, hold or fill a process. Each ends by an error of the limits.
var harmful = []string{
	// Large strings in tables.
	`local t = {} for i = 1, 40 do t[i] = redis.error_reply(('1'):rep(1e6)) end return #t`,
	`local t = {} for i = 1, 40 do local _, e = pcall(error, ('1'):rep(1e6)) t[i] = e end return #t`,
	`local t = {} for i = 1, 40 do local _, e = pcall(error, ('1'):rep(1e6), 2) t[i] = check(e) end return #t`,
	`local t, a = {}, ('1'):rep(1e6) for i = 1, 40 do local _, e = pcall(function() error(a) end) t[i] = check(e) end return #t`,
	`local t, a = {}, ('1'):rep(1e6) for i = 1, 40 do local _, e = pcall(coroutine.wrap(function() error(a .. i, 0) end)) t[i] = check(e) end return #t`,
	`local t, a = {}, ('1'):rep(1e6) for i = 1, 40 do local _, e = pcall(assert, false, a .. i) t[i] = check(e) end return #t`,
	`local t, a = {}, ('1'):rep(1e6) for i = 1, 40 do t[i] = a:sub(2) end return #t`,
	`local t, a = {}, ('a'):rep(1e6) for i = 1, 40 do t[i] = a:upper() end return #t`,
	`local t, a = {}, ('1'):rep(1e6) for i = 1, 40 do t[i] = a:gsub('1', '2', 1) end return #t`,
	`local t, a = {}, ('1'):rep(1e6) for i = 1, 40 do t[i] = ('%s'):format(a) end return #t`,
	`local t, a = {}, ('1'):rep(1e6) for i = 1, 40 do t[i] = a .. i end return #t`,
	`local t, a = {}, ('1'):rep(1e6) for i = 1, 40 do t[i] = table.concat({a, i}) end return #t`,
	`local t, a = {}, ('1'):rep(1e6) for i = 1, 40 do t[i] = cjson.encode(a) end return #t`,
	`local t, a = {}, ('1'):rep(1e6) for i = 1, 40 do t[i] = cmsgpack.pack(a) end return #t`,
	`local t, a = {}, ('1'):rep(1e6) for i = 1, 40 do t[i] = struct.pack('s', a) end return #t`,
	`local t, a = {}, cjson.encode(('1'):rep(1e6)) for i = 1, 40 do t[i] = cjson.decode(a) end return #t`,
	`local t, a = {}, cmsgpack.pack(('1'):rep(1e6)) for i = 1, 40 do t[i] = cmsgpack.unpack(a) end return #t`,
	`local t, a = {}, ('1'):rep(1e6) for i = 1, 40 do t[i] = redis.call('ECHO', a) end return #t`,
	`local t = {} for i = 1, 40 do t[i] = ('1'):rep(1e6):gmatch('.') end return #t`,
	`local t, a = {}, ('1'):rep(1e6) for i = 1, 40 do local k = a .. i t[k] = 1 end return #t`,
	`local f f = function(n) return f(n + 1) == ('1'):rep(2e5) end return f(1)`,
	`local f f = function(n) return ('1'):rep(2e5) == f(n + 1) end return f(1)`,
	`local f f = function(n) return {('1'):rep(2e5), f(n + 1)} end return f(1)`,
	`local f f = function(n) return {x = ('1'):rep(2e5), y = f(n + 1)} end return f(1)`,
	`local f f = function(n) return ('1'):rep(2e5) .. f(n + 1) end return f(1)`,
	`local f f = function(n) ({('1'):rep(2e5)})[1] = f(n + 1) end return f(1)`,
	`local f f = function(n) return (('1'):rep(2e5):gsub('^1', function() return f(n + 1) end)) end return f(1)`,
	`local f f = function(n) local s = ('1'):rep(2e5) local g = function() return s end return f(n + 1) + 1 end return f(1)`,
	`local a = ('1'):rep(2e5) local t = {} for i = 1, 1000 do t[i] = a end return t`,
	`local t = {('1'):rep(2e5)} for i = 1, 20 do t = {t, t} end return t`,
	`local _, e = load(function() return ('x'):rep(2e5) end) return redis.error_reply(e)`,

	// Many small values.
	`local t = {} while true do t[#t + 1] = {} end`,
	`local t = {} while true do t = {t} end`,
	`local t = {} while true do t[#t + 1] = function() return t end end`,
	`local t = {} while true do t[#t + 1] = redis.status_reply('x') end`,
	`local t = {} while true do t[#t + 1] = redis.error_reply('x') end`,
	`local t = {} local function f(...) t[#t + 1] = arg end while true do f(1, 2, 3) end`,
	`local t = {} while true do t[#t + 1] = coroutine.create(function() end) end`,
	`local t = {} while true do t[#t + 1] = coroutine.wrap(function() coroutine.yield() end) t[#t]() end`,
	`local t = {} while true do t[#t + 1] = cjson.decode('[{},{},{},{},{},{},{},{}]') end`,
	`local t = {} while true do t[#t + 1] = cmsgpack.unpack(cmsgpack.pack({{}, {}, {}, {}})) end`,
	`local t = {} while true do t[#t + 1] = loadstring('return function() return 1 end')() end`,
	`local t = {} while true do t[#t + 1] = {redis.call('COMMAND', 'COUNT')} end`,
	`return loadstring('return {' .. ('{1},'):rep(2e5) .. '}')`,
	`local f f = function(...) return f(1, ...) end return f()`,
	`local f f = function(...) return 1 + f(1, 2, 3, 4, 5, 6, 7, 8, 9, ...) end return f()`,
	`local t = setmetatable({}, {__index = function(t, k) local v = {} rawset(t, k, v) return v end}) local i = 0 while true do i = i + 1 local _ = t[i] end`,

	// Work on long strings, which would take long in one step.
	`local s = ('a'):rep(2e5) local t = {x = 1} while true do local y = t[s] end`,
	`local s = ('a'):rep(2e5) local t = {} while true do t[s] = 1 end`,
	`local s = ('a'):rep(2e5) local t = {} while true do rawget(t, s) end`,
	`local s = ('a'):rep(2e5) local t = {} while true do rawset(t, s, 1) end`,
	`local s = ('a'):rep(2e5) local t = setmetatable({}, {__index = {}}) while true do local y = t[s] end`,
	`local s = ('1'):rep(2e5) while true do tonumber(s) end`,
	`local s = ('z'):rep(2e5) while true do tonumber(s, 36) end`,
	`local s = ('1'):rep(2e5) while true do local y = s + 1 end`,
	`local s = ('1'):rep(2e5) while true do local y = -s end`,
	`local s = ('1'):rep(2e5) while true do for i = s, 1, -1 do break end end`,
	`local s, r = ('a'):rep(2e5), ('a'):rep(2e5) while true do local y = s == r end`,
	`local s, r = ('a'):rep(2e5), ('a'):rep(2e5) while true do local y = s < r end`,
	`local s, r = ('a'):rep(2e5), ('a'):rep(2e5) while true do local y = s <= r end`,
	`local s, r = ('a'):rep(2e5), ('a'):rep(2e5) while true do rawequal(s, r) end`,
	`local s = ('a'):rep(2e5) while true do redis.error_reply(s) end`,
	`local s = ('a'):rep(2e5) while true do redis.pcall(s) end`,
	`local s = ('a'):rep(2e5) while true do redis.pcall('GET', s) end`,
	`local s = ('a'):rep(2e5) while true do redis.sha1hex(s) end`,
	`local s = ('a'):rep(2e5) while true do pcall(redis.log, 2, s) end`,
	`local s = ('a'):rep(2e5) while true do pcall(redis.acl_check_cmd, s) end`,
	`local s = ('a'):rep(2e5) while true do ('b'):gsub(s, '') end`,
	`local s = '[' .. ('a'):rep(2e5) .. ']' while true do ('bbbbbbbb'):gsub(s, '') end`,
	`local s = ('a'):rep(2e5) while true do s:find('b') end`,
	`local s = ('a'):rep(2e5) while true do s:find('b', 1, true) end`,
	`local s = ('a'):rep(2e5) while true do ('b'):find(s, 1, true) end`,
	`local s = ('a'):rep(2e5) while true do s:lower() end`,
	`local s = ('%'):rep(2e5) while true do s:format() end`,
	`local s = '1' .. ('0'):rep(2e5) while true do cjson.decode(s) end`,
	`local s = ' ' .. (' '):rep(2e5) .. '1' while true do cjson.decode(s) end`,
	`local s = ('a'):rep(2e5) while true do pcall(cmsgpack.unpack, s) end`,
	`local s = ('b'):rep(2e5) while true do pcall(struct.unpack, s, '') end`,
	`local s = ('a'):rep(2e5) while true do loadstring('--' .. s) end`,
	`local s = ('a'):rep(2e5) while true do pcall(error, s) end`,
	`local s = ('a'):rep(2e5) local t = {} while true do t = {[s] = 1} end`,
	`('a'):rep(30):find(('a*'):rep(30) .. 'b')`,

	// Work on large tables.
	`local t = {} for i = 1, 5e3 do t[i] = i end while true do local n = #t end`,
	`local t = {} for i = 1, 5e3 do t[i] = i end while true do table.insert(t, 1, 0) table.remove(t, 1) end`,
	`local t = {} for i = 1, 5e3 do t['k' .. i] = i end for i = 1, 5e3 do t['k' .. i] = nil end while true do next(t) end`,
	`local t = {} for i = 1, 5e3 do t['k' .. i] = i end for i = 1, 5e3 do t['k' .. i] = nil end while true do cjson.encode(t) end`,
	`local t = {} for i = 1, 5e3 do t['k' .. i] = i end for i = 1, 5e3 do t['k' .. i] = nil end while true do cmsgpack.pack(t) end`,
	`local t = {} for i = 1, 5e3 do t['k' .. i] = i end for i = 1, 5e3 do t['k' .. i] = nil end while true do table.maxn(t) end`,
	`local t = {} for i = 1, 7900 do t[i] = i end while true do select('#', unpack(t)) end`,
	`local t = {} for i = 1, 7900 do t[i] = i end while true do pcall(redis.call, 'PING', unpack(t)) end`,

	// Commands.
	`for i = 1, 2000 do redis.call('SET', i, i) end while true do redis.call('KEYS', '*') end`,
	`for i = 1, 2000 do redis.call('SET', i, i) end while true do redis.call('KEYS', 'none') end`,
	`for i = 1, 2000 do redis.call('SADD', 's', i) end while true do redis.call('SORT', 's', 'BY', 'x', 'LIMIT', 0, 1) end`,
	`for i = 1, 2000 do redis.call('RPUSH', 'l', i) end while true do redis.call('LRANGE', 'l', 0, -1) end`,
	`for i = 1, 2000 do redis.call('RPUSH', 'l', i) end while true do redis.call('LPOS', 'l', 'none') end`,
	`for i = 1, 2000 do redis.call('RPUSH', 'l', i) end while true do redis.call('LREM', 'l', 0, 'none') end`,
	`for i = 1, 2000 do redis.call('ZADD', 'z', i, i) end while true do redis.call('ZUNIONSTORE', 'd', 2, 'z', 'z') end`,
	`for i = 1, 2000 do redis.call('SADD', 's', i) end while true do redis.call('SUNIONSTORE', 'd', 's', 's') end`,
	`for i = 1, 2000 do redis.call('SADD', 's', i) end while true do redis.call('SINTERCARD', 2, 's', 's') end`,
	`redis.call('SETBIT', 'b', 2^23, 1) while true do redis.call('BITCOUNT', 'b') end`,
	`redis.call('SETBIT', 'b', 2^23, 1) while true do redis.call('BITOP', 'NOT', 'd', 'b') end`,
	`redis.call('SETBIT', 'b', 2^23, 1) while true do redis.call('BITPOS', 'b', 1) end`,
	`for i = 1, 2000 do redis.call('HSET', 'h', i, i) end while true do redis.call('COPY', 'h', 'c', 'REPLACE') end`,
	`for i = 1, 2000 do redis.call('HSET', 'h', i, i) end while true do redis.call('DUMP', 'h') end`,
	`for i = 1, 2000 do redis.call('XADD', 'x', '*', 'f', i) end while true do redis.call('XRANGE', 'x', '-', '+') end`,
	`local s = ('a'):rep(2e5) while true do redis.call('SET', 'k', s) redis.call('STRLEN', 'k') end`,
	`while true do redis.call('APPEND', 'k', ('a'):rep(1e5)) redis.call('GET', 'k') end`,

	// What catches errors, or calls itself.
	`while true do pcall(error) end`,
	`local function f() pcall(f) pcall(f) end f() while true do f() end`,
	`local function f() return pcall(f) end while true do f() end`,
	`while true do pcall(string.rep, 'x', 1e6) end`,
	`local t = {} while true do pcall(function() while true do t[#t + 1] = ('x'):rep(2e5) end end) end`,
	`local function f() xpcall(error, f) end while true do f() end`,
	`local function f() return coroutine.wrap(f)() end while true do pcall(f) end`,
	`local t = setmetatable({}, {}) getmetatable(t).__index = function(t, k) return t[k] end while true do pcall(function() return t.x end) end`,
}

// checkError passes an error on that a script has not raised itself.
const checkError = "local function check(e) if #e < 99 then error(e, 0) end return e end "

// Each of them ends within a number of steps and within its memory, and leaves nothing behind.
func TestHarmfulScripts(t *testing.T) {
	for i, script := range harmful {
		if testing.Short() && i%10 != 0 {
			continue
		}
		t.Run(fmt.Sprint(i), func(t *testing.T) {
			db := New()
			defer db.Close()
			db.scripts.Limit(harmfulMemory, harmfulSteps)
			reply := string(db.Do(t.Context(), []string{"EVAL", checkError + script, "0"}))
			require.True(t, strings.Contains(reply, "too many steps") || strings.Contains(reply, "not enough memory") || strings.Contains(reply, "stack overflow"), "%s: %.200q", script, reply)
			require.Equal(t, ":42\r\n", string(db.Do(t.Context(), []string{"EVAL", "return 42", "0"})))
		})
	}
}

// Close ends a script that would run for ever.
func TestCloseEndsScripts(t *testing.T) {
	for i, script := range harmful {
		if !strings.Contains(script, "while true") || testing.Short() && i%10 != 0 {
			continue
		}
		t.Run(fmt.Sprint(i), func(t *testing.T) {
			t.Parallel()
			db := New()
			db.scripts.Limit(harmfulMemory, 0)
			reply := make(chan string, 1)
			go func() { reply <- string(db.Do(context.Background(), []string{"EVAL", checkError + script, "0"})) }()
			for running := false; !running && len(reply) == 0; runtime.Gosched() { // it may end by its memory
				_, running = db.scripts.Running()
			}
			begun := time.Now()
			require.NoError(t, db.Close())
			require.Less(t, time.Since(begun), 10*time.Second)
			require.True(t, strings.HasPrefix(<-reply, "-"))
		})
	}
}

// Only what a script itself holds counts, and not what fills the process meanwhile.
func TestMemoryOfOtherDatabases(t *testing.T) {
	other := New()
	defer other.Close()
	db := New()
	defer db.Close()
	db.scripts.Limit(harmfulMemory, 0)
	db.SetLog(func(script.LogLine) {
		require.Equal(t, "+OK\r\n", string(other.Do(t.Context(), []string{"SET", "k", strings.Repeat("x", 8*harmfulMemory)})))
	})
	reply := db.Do(t.Context(), []string{"EVAL", "local s for i = 1, 40 do s = ('x'):rep(5e5) .. i if i == 20 then redis.log(2, 'now') end end return #s", "0"})
	require.Equal(t, ":500002\r\n", string(reply))
}
