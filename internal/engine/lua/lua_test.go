package lua_test

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/redis-rest/redis-rest-go/internal/engine/lua"
)

// run returns the script's results as tostring prints them, or its error.
func run(t *testing.T, source string) string {
	t.Helper()
	s := lua.NewState()
	s.Reset()
	f, err := s.Load(source, "@user_script")
	if err != nil {
		return err.Error()
	}
	results, raised := s.PCall(f)
	if raised != nil {
		return "error: " + raised.Error()
	}
	out := ""
	for i, v := range append([]lua.Value(nil), results...) {
		if i > 0 {
			out += " "
		}
		text, _ := lua.ToText(s.ToString(v))
		out += text
	}
	s.Reset()
	return out
}

func TestLanguage(t *testing.T) {
	for _, c := range []struct{ source, want string }{
		{"return 1+2*3^2, 'a'..1 ..'b', #'abc', -2^2, not nil", "19 a1b 3 -4 true"},
		{"local a,b,c = (function() return 1,2,3 end)() return c,b,a", "3 2 1"},
		{"local t = {10,20,30,n=3} local s = 0 for i,v in ipairs(t) do s = s+i*v end return s, #t, t.n", "140 3 3"},
		{"local function fib(n) if n < 2 then return n end return fib(n-1)+fib(n-2) end return fib(20)", "6765"},
		{"local fs = {} for i=1,3 do fs[i] = function() i = i + 1 return i end end return fs[1](), fs[1](), fs[2]()", "2 3 3"},
		{"return select('#', ...), select(-1, 1, 2, 3)", "0 3"},
		{"return pcall(function() local x = nil; return x.y end)", "false user_script:1: attempt to index local 'x' (a nil value)"},
		{"local t = {} t.x.y = 1", "error: user_script:1: attempt to index field 'x' (a nil value)"},
		{"foo()", "error: user_script:1: attempt to call global 'foo' (a nil value)"},
		{"local t = {} return t:bar()", "error: user_script:1: attempt to call method 'bar' (a nil value)"},
		{"return 1 + {}", "error: user_script:1: attempt to perform arithmetic on a table value"},
		{"return 1 < 'x'", "error: user_script:1: attempt to compare number with string"},
		{"return {} < {}", "error: user_script:1: attempt to compare two table values"},
		{"local a = 'x' return a .. {}", "error: user_script:1: attempt to concatenate a table value"},
		{"for i = 1, 'x' do end", "error: user_script:1: 'for' limit must be a number"},
		{"return setmetatable({}, 1)", "error: user_script:1: bad argument #2 to 'setmetatable' (nil or table expected)"},
		{"x = = 1", "user_script:1: unexpected symbol near '='"},
		{"error error", "user_script:1: '=' expected near 'error'"},
		{"if true then", "user_script:1: 'end' expected near '<eof>'"},
		{"if true then\n\n", "user_script:3: 'end' expected (to close 'if' at line 1) near '<eof>'"},
		{"return 'abc", "user_script:1: unfinished string near '<eof>'"}, {"return 'abc\n'", "user_script:1: unfinished string near ''abc'"},
		{"return 3..2", "user_script:1: malformed number near '3..2'"},
		{"break", "user_script:1: no loop to break near '<eof>'"},
		{"local co = coroutine.wrap(function(a) local b = coroutine.yield(a+1) return b*2 end) return co(1), co(10)", "2 20"},
		{"local co = coroutine.create(function() error('x') end) return coroutine.resume(co)", "false user_script:1: x"},
		{"local co = coroutine.create(function() coroutine.yield() end) coroutine.resume(co) return coroutine.status(co)", "suspended"},
		{"local function f() return f() + 1 end return pcall(f)", "false user_script:1: stack overflow"},
		{"local n = 0 local function f() n = n + 1 if n < 1e6 then return f() end return n end return f()", "1000000"},
		{"return tostring(2^53), 1e15, 0.1, 1/0, 0/0, 1e100, 123456789012345", "9.007199254741e+15 1e+15 0.1 inf -nan 1e+100 1.2345678901234e+14"},
		{"return tonumber('1e3'), tonumber('0x10'), tonumber('  5  '), tonumber('5x'), tonumber('ff', 16), tonumber('8', 8)", "1000 16 5 nil 255 nil"},
		{"local function f(...) return arg.n, arg[1] end return f(7, 8)", "2 7"},
		{"local t = {} for k in pairs({a=1,b=2,c=3,d=4,e=5}) do t[#t+1] = k end return unpack(t)", "a c b e d"},
		{"local a = {1,2,3} a[2] = nil return #a, next({}), rawequal(a, a)", "3 nil true"},
		{"local s = '' for i = 10, 1, -3 do s = s .. i .. ',' end return s", "10,7,4,1,"},
		{"local i = 0 repeat local j = i i = i + 1 until j >= 3 return i", "4"},
		{"local t = setmetatable({}, {__index = function(t, k) return k .. '!' end, __call = function(self, x) return x end}) return t.foo, t(5)", "foo! 5"},
		{"local t = setmetatable({}, {__concat = function(a, b) return type(a) .. type(b) end}) return t .. 1, 1 .. t, 'a' .. 1 .. t", "tablenumber numbertable anumbertable"},
		{"return (select('#', unpack({}, 1, 3)))", "3"},
		{"return error({})", "error: (error object is a table value)"},
		{"return pcall(error, 'x')", "false x"},
		{"return pcall(error)", "false nil"},
		{"return xpcall(function() error('a') end, function(e) return e .. 'b' end)", "false user_script:1: ab"},
		{"a.b.c = 1", "error: user_script:1: attempt to index global 'a' (a nil value)"},
		{"goto = 1 return goto", "1"},
		{"return -0, 0, 1/0", "-0 -0 -inf"}, // one constant, as in PUC-Rio's compiler
		{"return 0, -0", "0 0"},
	} {
		assert.Equal(t, c.want, run(t, c.source), c.source)
	}
}
