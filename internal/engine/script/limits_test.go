package script_test

import (
	"context"
	"os"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/redis-rest/redis-rest-go/internal/engine/script"
	"github.com/redis-rest/redis-rest-go/internal/protocol/commandtable"
)

// noDatabase answers every command with OK.
type noDatabase struct{ calls chan []string }

func (db noDatabase) Call(_ commandtable.Command, args []string, _ bool) ([]byte, int) {
	if db.calls != nil {
		db.calls <- args
	}
	return []byte("+OK\r\n"), 0
}

func (noDatabase) Full() bool      { return false }
func (noDatabase) Refusal() []byte { return nil }

const evalLimit = 3 * time.Second

// eval runs a script that is stopped after evalLimit.
func eval(t testing.TB, e *script.Engine, source string, args ...string) string {
	t.Helper()
	return evalWithin(t, evalLimit, e, source, args...)
}

func evalWithin(t testing.TB, limit time.Duration, e *script.Engine, source string, args ...string) string {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), limit)
	defer cancel()
	return string(e.Do(ctx, append([]string{"EVAL", source, "0"}, args...)))
}

// A script that returns an unusual or a huge value gets a reply,
// and the engine continues.
func TestUnusualScripts(t *testing.T) {
	e := script.New(noDatabase{})
	e.Limit(80<<20, 0)
	check := func(source, prefix string, limit time.Duration) {
		began := time.Now()
		reply := evalWithin(t, limit, e, source)
		assert.True(t, strings.HasPrefix(reply, prefix), "%s: %.200q", source, reply)
		assert.Less(t, time.Since(began), 30*time.Second, source)
		require.Equal(t, ":42\r\n", eval(t, e, "return 42"), "after %s", source)
	}
	for _, c := range []struct{ source, prefix string }{
		{`return function() end`, "$-1\r\n"},
		{`return coroutine.create(function() end)`, "$-1\r\n"},
		{`local t = {} t[1] = t return t`, "*1\r\n*1\r\n"},
		{`local t = {} t.map = t return t`, "*2\r\n"},
		{`local t = {} t.set = {[t] = true} return t`, "*1\r\n"},
		{`return cjson.encode(setmetatable({}, {__index = function(t, k) return t end}))`, "$2\r\n{}\r\n"},
		{`local t = {} t.t = t return cjson.encode(t)`, "-ERR user_script:1: Cannot serialise, excessive nesting (1001)"},
		{`local t = {} t[1] = t return #cmsgpack.pack(t)`, ":"},
		{`local function f(n) if n == 0 then return 0 end return 1 + f(n - 1) end return f(10000)`, ":10000\r\n"},
		{`local function f(n) return 1 + f(n + 1) end return f(1)`, "-ERR user_script:1: stack overflow"},
		{`local function f() return pcall(f) end return {f()}`, "*"},
		{`local t = setmetatable({}, {}) getmetatable(t).__index = function(t, k) return t[k] end return t.x`, "-ERR user_script:1: C stack overflow"},
		{`local f f = function(s) return (s:gsub('.', f)) end return f('x')`, "-ERR"},
		{`local function f() return coroutine.wrap(f)() end return f()`, "-ERR"},
		{`local s = string.rep('x', 20 * 1024 * 1024) return #s`, ":20971520\r\n"},
		{`return #string.rep(string.rep('x', 1024 * 1024), 20)`, ":20971520\r\n"},
		{`return string.rep('x', 1e10)`, "-ERR"},
		{`local s = 'x' while true do s = s .. s end`, "-ERR"},
		{`return tostring(setmetatable({}, {__tostring = function() return function() end end}))`, "$-1\r\n"},
		{`return setmetatable({}, {__tostring = error})`, "*0\r\n"},
		{`return {err = setmetatable({}, {__tostring = function() while true do end end})}`, "*0\r\n"},
		{`error(setmetatable({}, {__index = function() while true do end end}))`, "-ERR unknown error"},
		{`return loadstring(string.rep('(', 3e5))`, "$-1\r\n"},
		{`return loadstring('return ' .. string.rep('{', 3e5))`, "$-1\r\n"},
		{`return loadstring('local x = a' .. string.rep('.b', 3e5))`, "$-1\r\n"},
		{`return loadstring('return 1' .. string.rep('+1', 3900)) and 1`, ":1\r\n"},
		{`local f = loadstring('local f = ... return 1' .. string.rep('+(1', 150) .. '+ f(f)' .. string.rep(')', 150)) return f(f)`, "-ERR"},
		{`return redis.call('SET', 'k', string.rep('x', 2^23))`, "+OK\r\n"},
		{`local t = {string.rep('x', 1e7)} for i = 1, 7000 do t = {t} end return t`, "*1\r\n"},
		{`loadstring('local f f = function(n) ' .. string.rep('while n do n = n n = n ', 190) .. 'n = f(n) ' .. string.rep('end ', 190) .. 'end f(1)')()`, "-ERR"},
	} {
		check(c.source, c.prefix, evalLimit)
	}
	if testing.Short() {
		return
	}
	// Only a time or memory limit ends these.
	limit := evalLimit
	if os.Getenv("CI") == "" {
		limit = 300 * time.Millisecond
	}
	for _, source := range []string{
		`local t = {} local i = 0 while true do i = i + 1 t[i] = {i} end`,
		`local t = {} while true do t = {t, t} end`,
		`local t = {'x'} for i = 1, 40 do t = {t, t} end return t`,
		`local fs = {} while true do fs[#fs + 1] = coroutine.wrap(function() coroutine.yield() end) fs[#fs]() end`,
		`return string.find(string.rep('a', 1e5), string.rep('a?', 1e5) .. 'b')`,
		`local fs, f = {} f = function(n) if n == 0 then coroutine.yield() end return 1 + f(n - 1) end for i = 1, 1e5 do fs[i] = coroutine.wrap(f) fs[i](10000) end`,
		`local t = {} for i = 1, 2^18 do t['k' .. i] = 1 end for i = 1, 1e6 do t['k' .. i] = nil t['z' .. i] = 1 end`,
		`local t = {} for i = 1, 7900 do t[i] = i end local function f(...) return 1 + f(...) end f(unpack(t))`,
	} {
		check(source, "-ERR", limit)
	}
}

// Deep expressions use Go's stack. If it overflows, the process ends.
func TestDeepExpressionsInDeepCalls(t *testing.T) {
	e := script.New(noDatabase{})
	for _, depth := range []int{1, 10, 100, 1000, 3900} {
		source := "local f f = function() return 1" + strings.Repeat("+1", depth) + "+f() end return f()"
		assert.Contains(t, eval(t, e, source), "stack overflow", depth)
		source = "local f f = function() return {" + strings.Repeat("a.b", 1) + strings.Repeat(".c", depth) + "[f()]} end return f()"
		assert.NotEmpty(t, eval(t, e, source), depth)
	}
}

// endless holds scripts that never end by themselves.
var endless = []string{
	`while true do end`,
	`repeat until false`,
	`for i = 1, math.huge do end`,
	`local function f() return f() end f()`,
	`while true do pcall(function() while true do end end) end`,
	`while true do pcall(error) end`,
	`coroutine.wrap(function() while true do pcall(function() while true do end end) end end)()`,
	`local function f() pcall(f) pcall(f) end f() f() f() while true do f() end`,
	`string.rep('a', 30):find(string.rep('a*', 30) .. 'b')`,
	`string.gsub(string.rep('x', 1000), '', function() while true do end end)`,
	`table.sort({3, 2, 1}, function() while true do end end)`,
	`local t = setmetatable({}, {__index = function() while true do end end}) return t.x`,
	`load(function() return 'x = 1 ' end)`,
	`for k in function() return 1 end do end`,
}

func TestCutOffWhenTheContextEnds(t *testing.T) {
	e := script.New(noDatabase{})
	for _, source := range endless {
		ctx, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
		began := time.Now()
		reply := string(e.Do(ctx, []string{"EVAL", source, "0"}))
		cancel()
		assert.True(t, strings.HasPrefix(reply, "-ERR "), "%s: %.200q", source, reply)
		assert.Less(t, time.Since(began), 10*time.Second, source)
		require.Equal(t, ":42\r\n", eval(t, e, "return 42"), "after %s", source)
	}
}

func TestKill(t *testing.T) {
	calls := make(chan []string)
	e := script.New(noDatabase{calls})
	kill := func() string { return string(e.Kill([]string{"SCRIPT", "KILL"})) }
	assert.Equal(t, "-NOTBUSY No scripts in execution right now.\r\n", kill())

	begin := func(ctx context.Context, args ...string) (reply chan string) {
		reply = make(chan string, 1)
		go func() { reply <- string(e.Do(ctx, args)) }()
		return reply
	}
	reply := begin(t.Context(), "EVAL", "redis.call('GET', 'k') while true do pcall(redis.sha1hex, 'x') end", "0")
	<-calls
	since, running := e.Running()
	assert.True(t, running)
	assert.WithinDuration(t, time.Now(), since, time.Minute)
	assert.True(t, strings.HasPrefix(e.Busy(), "BUSY "))
	assert.True(t, strings.HasPrefix(string(e.Stats(false)), "-BUSY "))
	assert.True(t, strings.HasPrefix(string(e.Kill([]string{"FUNCTION", "KILL"})), "-BUSY "))
	assert.Equal(t, "+OK\r\n", kill())
	assert.Contains(t, <-reply, "ERR Script killed by user with SCRIPT KILL...")
	_, running = e.Running()
	assert.False(t, running)
	assert.Empty(t, e.Busy())

	// A script that has written can be stopped only by its caller's context.
	ctx, cancel := context.WithCancel(t.Context())
	reply = begin(ctx, "EVAL", "redis.call('SET', 'k', 'v') while true do end", "0")
	<-calls
	assert.True(t, strings.HasPrefix(kill(), "-UNKILLABLE "))
	cancel()
	assert.Contains(t, <-reply, "Script killed")

	require.Equal(t, "$3\r\nlib\r\n", string(e.Do(t.Context(), []string{"FUNCTION", "LOAD",
		"#!lua name=lib\nredis.register_function('f', function(keys, args) redis.call('GET', keys[1]) while true do end end)"})))
	reply = begin(t.Context(), "FCALL", "f", "1", "k", "a")
	<-calls
	assert.Contains(t, string(e.Stats(false)), "$5\r\nFCALL\r\n$1\r\nf\r\n$1\r\n1\r\n$1\r\nk\r\n$1\r\na\r\n")
	assert.True(t, strings.HasPrefix(kill(), "-BUSY "))
	assert.Equal(t, "+OK\r\n", string(e.Kill([]string{"FUNCTION", "KILL"})))
	assert.Contains(t, <-reply, "script: f, on @user_function:2.")
}

func TestEndlessLibrary(t *testing.T) {
	e := script.New(noDatabase{})
	reply := string(e.Do(t.Context(), []string{"FUNCTION", "LOAD", "#!lua name=lib\nwhile true do end"}))
	assert.Equal(t, "-ERR Error registering functions: ERR FUNCTION LOAD timeout\r\n", reply)
	assert.Equal(t, "*0\r\n", string(e.Do(t.Context(), []string{"FUNCTION", "LIST"})))
}

// A script leaves nothing behind for the next one.
func TestScriptsLeaveNothingBehind(t *testing.T) {
	e := script.New(noDatabase{})
	eval(t, e, `redis.setresp(3) KEYS[5] = 'x' coroutine.wrap(function() coroutine.yield() end)()`)
	assert.Equal(t, "*2\r\n:0\r\n:1\r\n", eval(t, e, "return {#KEYS, #ARGV}", "x"))
	assert.Equal(t, "$-1\r\n", eval(t, e, "return false"))
	for _, source := range []string{"x = 1", "_G.x = 1", "rawset(_G, 'x', 1)", "string.x = 1", "getmetatable('').x = 1", "getmetatable(_G).__index = nil",
		"setmetatable(_G, nil)", "redis.call = nil", "cjson.encode = nil", "table.insert(string, 'x')", "KEYS = {}"} {
		assert.Contains(t, eval(t, e, source), "Attempt to modify a readonly table", source)
	}
	assert.Contains(t, eval(t, e, "return x"), "Script attempted to access nonexistent global variable 'x'")
}

// For any source, the engine answers in time and can run another script.
func FuzzScript(f *testing.F) {
	if !testing.Short() { // each takes its whole time
		for _, source := range endless {
			f.Add(source)
		}
	}
	for i, c := range readCorpus(f) {
		if i%10 != 0 {
			continue // a short run has no time for all of them
		}
		for _, s := range c.steps {
			if len(s.args) > 1 && strings.EqualFold(s.args[0], "EVAL") {
				f.Add(s.args[1])
			}
		}
	}
	for _, source := range []string{ // with long strings
		"local t = {} while true do t[ARGV[1]] = tonumber(ARGV[1]) end",
		"while true do redis.pcall(ARGV[1]) redis.error_reply(ARGV[1]) end",
		"return {ARGV[1]:gsub(ARGV[1], '%0'), ARGV[1] == ARGV[1]:upper(), ARGV[1] .. ARGV[1] < ARGV[1]}",
		"return {pcall(cjson.decode, ARGV[1]), pcall(cmsgpack.unpack, ARGV[1]), pcall(struct.unpack, 's', ARGV[1])}",
		"return loadstring('return ' .. ARGV[1])()",
		"error(ARGV[1])",
	} {
		f.Add(source)
	}
	long := strings.Repeat("1", 1<<20)
	e := script.New(noDatabase{})
	e.Limit(64<<20, 0)
	f.Fuzz(func(t *testing.T, source string) {
		if len(source) > 10000 {
			return
		}
		ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
		defer cancel()
		began := time.Now()
		reply := string(e.Do(ctx, []string{"EVAL", source, "2", "k1", "k2", long, strconv.Itoa(len(source))}))
		if took := time.Since(began); took > 5*time.Second {
			t.Errorf("took %v", took)
		}
		if strings.Contains(reply, "the script engine failed") || !whole(reply) {
			t.Errorf("%.500q", reply)
		}
		if reply := string(e.Do(t.Context(), []string{"EVAL", "return 42", "0"})); reply != ":42\r\n" {
			t.Errorf("then: %.500q", reply)
		}
	})
}

// whole says whether a text is exactly one reply.
func whole(reply string) bool {
	rest, ok := cutReply(reply)
	return ok && rest == ""
}

func cutReply(reply string) (rest string, ok bool) {
	line, rest, ok := strings.Cut(reply, "\r\n")
	if !ok || line == "" {
		return "", false
	}
	n, err := strconv.Atoi(line[1:])
	switch line[0] {
	case '+', '-':
		return rest, true
	case ':':
		return rest, err == nil
	case '$':
		if err != nil || n >= 0 && (len(rest) < n+2 || rest[n:n+2] != "\r\n") {
			return "", false
		}
		return rest[max(n+2, 0)*min(1, n+1):], true
	case '*':
		for ; ok && n > 0; n-- {
			rest, ok = cutReply(rest)
		}
		return rest, ok && err == nil
	}
	return "", false
}
