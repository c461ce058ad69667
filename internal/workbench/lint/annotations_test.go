package lint_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/redis-rest/redis-rest-go/internal/workbench/lint"
)

// found returns the findings of annotations, as line:column: code message.
func found(source string) string {
	var list []string
	for _, f := range lint.Run(source, lint.Redis7) {
		if strings.HasPrefix(f.Code, "A") || f.Code == "R07" {
			text := f.String("f")
			list = append(list, strings.TrimPrefix(text, "f:"))
		}
	}
	return strings.Join(list, "\n")
}

func TestAnnotationsAgainstCode(t *testing.T) {
	for _, c := range []struct{ source, want string }{
		// Keys and arguments.
		{"---@key a\n---@key b\n---@return any\nreturn redis.call('MGET', KEYS[1], KEYS[2])", ""},
		{"---@key a\n---@return any\nreturn redis.call('MGET', KEYS[1], KEYS[2])", "3:36: error A02: KEYS[2] is not declared: write ---@key for each, in order"},
		{"---@key a\n---@return any\nlocal k = KEYS return redis.call('MGET', k[1], k[2])", "3:48: error A02: KEYS[2] is not declared: write ---@key for each, in order"},
		{"---@key a\n---@key b\n---@return any\nlocal k = KEYS return redis.call('GET', k[1])", "2:4: error A03: nothing reads KEYS[2], which is b"},
		{"---@key a\n---@key b\n---@return any\nlocal a, b = unpack(KEYS, 1, 2) return redis.call('MGET', a, b)", ""},
		{"---@key a\n---@key b\n---@return any\nfor i = 1, #KEYS do redis.call('DEL', KEYS[i]) end return 1", ""},
		{"---@key ...\n---@return any\nfor _, k in ipairs(KEYS) do redis.call('DEL', k) end return 1", ""},
		{"---@key a\n---@key ...\n---@return any\nreturn redis.call('GET', KEYS[1])", "2:4: error A03: nothing reads what is from KEYS[2] on"},
		{"---@key a\n---@key ...\n---@return any\nreturn redis.call('MGET', KEYS[1], KEYS[7])", ""},
		{"---@arg a string\n---@return any\nif #ARGV ~= 1 then return 1 end return 2", "1:4: error A03: nothing reads ARGV[1], which is a"},
		{"---@arg a string\n---@return any\nreturn ARGV[0] or ARGV[1] or ARGV[1.5]", "3:8: error A02: there is no ARGV[0]: the first is ARGV[1]\n3:30: error A02: there is no ARGV[1.5]: the first is ARGV[1]"},
		{"---@arg a string\n---@return any\nlocal function f(list) return list[1] end return f(ARGV)", ""},
		{"---@arg a string\n---@return any\nlocal function f() return ARGV[2] end return f() .. ARGV[1]", "3:27: error A02: ARGV[2] is not declared: write ---@arg for each, in order"},
		{"---@arg a string\n---@arg b? string\n---@return any\nreturn ARGV[2] or ARGV[1]", ""},
		{"---@return any\nreturn #ARGV", ""},

		// Replies.
		{"---@key a\nreturn redis.call('GET', KEYS[1])", "2:8: error A04: a value is returned and not declared: write ---@return with its type, or ---@return any"},
		{"---@key a\nredis.call('DEL', KEYS[1])", ""},
		{"---@key a\n---@return integer\nredis.call('DEL', KEYS[1])", "2:4: error A04: nothing is returned, and integer is declared"},
		{"---@key a\n---@return integer?\nredis.call('DEL', KEYS[1])", ""},
		{"---@key a\n---@return integer\nif redis.call('DEL', KEYS[1]) == 0 then return redis.error_reply('GONE x') end error('x')", ""},
		{"---@return integer\nreturn 'x'", "2:8: error A04: a text that is no such number is returned, and integer is declared"},
		{"---@return integer\nreturn '12'", ""},
		{"---@return integer\nreturn {1}", "2:8: error A04: a table is returned, and integer is declared"},
		{"---@return integer\nreturn {err = 'GONE'}", ""},
		{"---@return integer\nreturn nil", "2:8: error A04: null is returned, and integer is declared"},
		{"---@return integer?\nreturn false", ""},
		{"---@return seconds\nreturn 'soon'", "2:8: error A04: a text that is no such number is returned, and seconds is declared"},
		{"---@return number\nreturn 1.5", "2:8: error A04: a number whose fraction Redis cuts off (write tostring or string.format) is returned, and number is declared"},
		{"---@return number\nreturn tostring(1.5)", ""},
		{"---@return boolean\nreturn 2", "2:8: error A04: a number that is neither 0 nor 1 is returned, and boolean is declared"},
		{"---@return boolean\nreturn {ok = 'OK'}", ""},
		{"---@return boolean\nreturn 'yes'", "2:8: error A04: a text that is no boolean is returned, and boolean is declared"},
		{"---@return boolean\nreturn 'OK'", ""},
		{"---@return number\nreturn {double = 1.5}", ""},
		{"---@return {a: integer, b: integer}\nreturn redis.sha1hex('x') == 'y' and {1, 2} or {1}", ""},
		{"---@key a\n---@return {a: string?, b: integer?}\nreturn redis.call('HMGET', KEYS[1], 'a', 'b')", ""},
		{"---@return {a: string?, b: integer}\nreturn {false, 1}", ""},
		{"---@return {[a]: string}\nreturn {}", ""},
		{"---@return {a: string}?\nreturn {}", "2:8: error A04: a list of 0 without a is returned, and {a: string}? is declared"},
		{"---@key a\n---@return string\nreturn redis.call('TYPE', KEYS[1])", ""},
		{"---@key a\n---@return boolean\nreturn redis.call('SET', KEYS[1], 1, 'NX')", ""},
		{"---@key a\n---@return number\nreturn redis.call('GET', KEYS[1])", ""},
		{"---@key a\n---@return integer\nif redis.call('EXISTS', KEYS[1]) == 0 then return end return 1", "3:44: error A04: null is returned, and integer is declared"},
		{"---@key a\n---@return boolean\nreturn redis.call('HGETALL', KEYS[1])", "3:8: error A04: a table is returned, and boolean is declared"},
		{"---@return string\nreturn {ok = 'success'}", ""},
		{"---@return string\nreturn redis.status_reply('success')", ""},
		{"---@key a\n---@return string[]\nreturn redis.call('TYPE', KEYS[1]).ok .. ''", "3:8: error A04: a text is returned, and string[] is declared"},
		{"---@return string\nlocal function refuse() return {err = 'GONE'} end return refuse()", ""},
		{"---@return string\nlocal t = {} t.err = 'GONE' return t", ""},
		{"---@return string\nlocal t = {} t[#t + 1] = 1 return t", "2:35: error A04: a table is returned, and string is declared"},
		{"---@key a\n---@return string\nlocal r = redis.pcall('HGETALL', KEYS[1]) if r.err then return r end return 'x'", ""},
		{"---@key a\n---@return integer[]\nlocal list = {} for i = 1, 3 do list[i] = redis.call('INCR', KEYS[1]) end return list", ""},
		{"---@key a\n---@return integer[]\nreturn redis.call('INCR', KEYS[1])", "3:8: error A04: a number is returned, and integer[] is declared"},
		{"---@return integer[]\nreturn {1, 'x'}", "2:8: error A04: element 2 of the reply is a text that is no such number, and integer is declared"},
		{"---@return {a: integer, b: string}\nreturn {1, 'x'}", ""},
		{"---@return {a: integer, b: string}\nlocal t = {1, 'x'} return t", ""},
		{"---@return {a: integer, b: string}\nlocal t = {1} return t", "2:22: error A04: a list of 1 without b is returned, and {a: integer, b: string} is declared"},
		{"---@return {a: integer, b: string}\nlocal t = {1} t[2] = 'x' return t", ""},
		{"---@return {a: integer, b: string}\nlocal t = {1} table.insert(t, 'x') return t", ""},
		{"---@return {a: integer, b: string}\nreturn {1, nil}", "2:8: error A04: a list of 1 without b is returned, and {a: integer, b: string} is declared"},
		{"---@return {a: integer, b: string?}\nreturn {1}", ""},
		{"---@return {a: integer}\nreturn {1, 2}", "2:8: error A04: a list of 2 is returned, and {a: integer} is declared"},
		{"---@return {a: integer, b: integer}\nreturn {1, unpack({2})}", ""},
		{"---@return {a: integer}\nreturn {a = 1}", "2:8: error A04: a table with fields by name, which Redis drops, is returned, and {a: integer} is declared"},
		{"---@return {a: integer, b: {c: string, d: boolean}[]}\nreturn {1, {{'x', 1}, {'y', {}}}}", "2:8: error A04: element 2 of element 2 of element 2 of the reply is a table, and boolean is declared"},
		{"---@return {[a]: integer, [b]: string}\nreturn {'a', 1, 'b', 'x'}", ""},
		{"---@return {[a]: integer, [b]: string}\nreturn {'a', 'x'}", "2:8: error A04: element 2 of the reply is a text that is no such number, and integer is declared"},
		{"---@return table<string, integer>\nreturn {'a', 1, 'b'}", "2:8: error A04: a list of 3, an odd number, is returned, and table<string, integer> is declared"},
		{"---@key a\n---@return table<string, integer>\nreturn redis.call('HGETALL', KEYS[1])", ""},
		{"---@return json:Order\nreturn {1}", "2:8: error A04: a table is returned, and json:Order is declared"},
		{"---@return json:Order\nreturn cjson.encode({1})", ""},
		{"---@key a\n---@return {n: integer, at: unixtime}\nlocal n = redis.call('INCR', KEYS[1]) return {n, redis.call('TIME')[1]}", ""},
		{"---@arg a string\n---@return boolean\nreturn ARGV[1] == 'x' and 1 or {}", ""},

		// Kinds.
		{"---@readonly\n---@key a\n---@return any\nreturn redis.call('INCR', KEYS[1])", "4:8: error R07: INCR writes, and the flag no-writes or ---@readonly forbids that"},
		{"#!lua\n---@readonly\n---@key a\n---@return any\nreturn redis.call('GET', KEYS[1])", "2:4: error A01: a script that has a first line #!lua only reads if it has flags=no-writes there"},
		{"#!lua flags=no-writes\n---@readonly\n---@key a\n---@return any\nreturn redis.call('GET', KEYS[1])", ""},
		{"#!lua flags=no-writes\n---@once\n---@key a\n---@return any\nreturn redis.call('GET', KEYS[1])", "2:4: error A01: what only reads can run again anyway: ---@once says nothing"},

		// Libraries.
		{"#!lua name=l\n---@key a\n---@return any\nlocal function get(keys) return redis.call('GET', keys[1]) end\nredis.register_function('get', get)", ""},
		{"#!lua name=l\n---@key a\n---@return any\nredis.register_function('get', function(keys, args) return redis.call('GET', keys[2] .. args[1]) end)",
			"2:4: error A03: nothing reads KEYS[1], which is a\n4:78: error A02: KEYS[2] is not declared: write ---@key for each, in order\n4:89: error A02: ARGV[1] is not declared: write ---@arg for each, in order"},
		{"#!lua name=l\n---@readonly\n---@return any\nredis.register_function('one', function() return 1 end)", "2:4: error A01: a function only reads if it is registered with flags = {'no-writes'}"},
		{"#!lua name=l\n---@readonly\n---@return any\nredis.register_function{function_name = 'one', callback = function() return 1 end, flags = {'no-writes'}}", ""},
		{"#!lua name=l\n---@once\n---@key a\n---@return any\nredis.register_function('one', function(keys) return redis.call('GET', keys[1]) end)", "2:4: error A01: ---@once is for scripts: a function cannot run once"},
		{"#!lua name=l\n---@return any\nredis.register_function('one', function() return 1 end)\nredis.register_function('two', function() return 1 end)",
			"4:1: error A01: this function has no annotations, and others in the library have: write for instance ---@return any above it"},
		{"#!lua name=l\n---@return any\nredis.register_function('one', function() return 1 end)\n---@key a\nlocal x = 1\nredis.log(1, x)",
			"4:4: error A01: the annotations belong to no function: they stand above redis.register_function, or above the function that it gets"},
		{"#!lua name=l\n---@return any\nlocal function f() return 1 end\nfor _, name in ipairs({'a', 'b'}) do\n  redis.register_function(name, f)\nend", "5:3: error A01: annotations belong to one function, whose name is written in the call of redis.register_function"},
		{"#!lua name=l\n---@param x string\n---@return string\nlocal function help(x) return x end\nredis.register_function('one', function() return help('x') end)",
			"5:1: error A01: this function has no annotations, and others in the library have: write for instance ---@return any above it"},
	} {
		assert.Equal(t, c.want, found(c.source), c.source)
	}
}
