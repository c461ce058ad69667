-- Runtime errors: their texts, names and lines.
--- index a nil local
local x
return x.y
--- index a nil field
local t = {}
return t.a.b
--- index a nil field deep
local t = {a = {b = {}}}
return t.a.b.c.d
--- index a nil upvalue
local x
local function f() return x.y end
return f()
--- index a number
local n = 5
return n.x
--- index a boolean
local b = true
return b.x
--- index a function
return tostring.x
--- index the result of a call
return tostring(1).x.y
--- index a nil by a number
local t
return t[1]
--- index a nil by a variable
local t, k = nil, 'key'
return t[k]
--- index a field by a number key
local t = {}
return t[1][2]
--- index a field by a variable key
local t, k = {}, 'key'
return t[k].x
--- index a constant
return (5).x
--- index KEYS beyond
return KEYS[1].x
--- set a field of nil
local x
x.y = 1
--- set a field of a number
local n = 5
n.x = 1
--- set a field of an upvalue
local x
local function f() x.y = 1 end
f()
--- set a field by nil
local t, k = {}, nil
t[k] = 1
--- call nil local
local f
f()
--- call a nil field
local t = {}
t.run()
--- call a nil method
local t = {}
t:run()
--- call a nil upvalue
local f
local function g() f() end
g()
--- call a number
local n = 5
n()
--- call a string
local s = 'x'
s()
--- call a table
local t = {}
t()
--- call a result
tostring(1)()
--- call a nil in an expression
local t = {}
return 1 + t.f(2)
--- call a field by a number
local t = {}
t[1]()
--- call a misspelled library function
return string.uper('x')
--- call a misspelled redis function
return redis.cal('GET', 'k')
--- call a method of a string that is not valid
return ('x'):foo()
--- call a constant
return ('x')()
--- arithmetic on a nil local
local x
return x + 1
--- arithmetic on a nil on the right
local x
return 1 + x
--- arithmetic on a field
local t = {}
return t.n * 2
--- arithmetic on an upvalue
local x
local function f() return x - 1 end
return f()
--- arithmetic on a table
local t = {}
return t + 1
--- arithmetic on two tables
local t, u = {}, {}
return t + u
--- arithmetic on text
local s = 'abc'
return s + 1
--- arithmetic on text on the right
local s = 'abc'
return 1 + s
--- arithmetic on a constant text
return 'abc' + 1
--- arithmetic on a boolean
local b = true
return b / 2
--- arithmetic on a function
return tostring * 2
--- arithmetic of each kind
local t = {}
for i, f in ipairs({function(a) return a + 1 end, function(a) return a - 1 end, function(a) return a * 1 end, function(a) return a / 1 end, function(a) return a % 1 end, function(a) return a ^ 1 end, function(a) return -a end}) do
  local ok, e = pcall(f, {})
  t[i] = e
end
return t
--- negation of nil
local x
return -x
--- negation of text
return -'abc'
--- negation of a field
local t = {}
return -t.x
--- length of nil
local x
return #x
--- length of a number
return #5
--- length of a field
local t = {}
return #t.list
--- length of a boolean
local b = false
return #b
--- concatenate nil
local x
return 'a' .. x
--- concatenate nil first
local x
return x .. 'a'
--- concatenate a field
local t = {}
return 'a' .. t.name
--- concatenate a field in the middle
local t = {}
return 'a' .. t.name .. 'b'
--- concatenate an upvalue
local x
local function f() return 'a' .. x end
return f()
--- concatenate a table
local t = {}
return t .. 'x'
--- concatenate a boolean
return 'x' .. true
--- concatenate a function
return 'x' .. tostring
--- concatenate several
local a, b, c = 'x', nil, {}
return a .. 'y' .. b .. c
--- concatenate argv
return 'user:' .. ARGV[1]
--- concatenate a table after text
local t = {}
return 'a' .. 'b' .. t
--- compare number with text
return 1 < 'x'
--- compare text with number
return 'x' < 1
--- compare nil with number
local x
return x < 1
--- compare number with nil
local x
return 1 <= x
--- compare two tables
return {} < {}
--- compare two nils
return nil < nil
--- compare booleans
return true > false
--- compare table with number
return {} >= 1
--- compare functions
return tostring < tonumber
--- compare cjson.null
return cjson.null < 1
--- compare two nulls
return cjson.null <= cjson.null
--- for without a number
for i = 'x', 2 do end
--- for limit without a number
for i = 1, {} do end
--- for step without a number
for i = 1, 2, 'x' do end
--- for limit nil
local n
for i = 1, n do end
--- for of a table
for k, v in {} do end
--- for of nil
local x
for k in x do end
--- for of pairs without a call
for k, v in pairs do end
--- error in a nested function
local function a()
  local t = nil
  return t.x
end
local function b()
  return a() + 1
end
local function c()
  local r = b()
  return r
end
return c()
--- error after a tail call
local function a()
  local t
  return t.x
end
local function b() return a() end
return b()
--- error in a function of a table
local M = {}
function M.get(t)
  return t.missing.field
end
M.get({})
--- error in a method
local M = {}
function M:get()
  return self.missing.field
end
M:get()
--- error in an anonymous function
local r = (function()
  return nil + 1
end)()
--- error over several lines
return redis.call(
  'GET'
)
--- error in a table constructor
local t = {
  a = 1,
  b = nil + 1,
}
--- error in a condition
local x
if x.y then
  return 1
end
--- error in a while
local x
while x.y do end
--- error in a repeat
local n = 0
repeat
  n = n + 1
until n > nil
--- error in an argument
local t = {}
return tostring(
  t.a.b
)
--- error in a multiple assignment
local a, b = 1
a, b.x = 2, 3
--- error in the arguments of a call
local x
return redis.call('SET', 'k', x.y)
--- error on the last line without a line end
local x = 1

local y = x.z.w
--- error with carriage returns
--> EVAL "local x = nil\r\nreturn x.y" 0
--- error with old line ends
--> EVAL "local x = nil\rlocal z = 1\r\rreturn x.y" 0
--- error with mixed line ends
--> EVAL "local x\n\r\n\rreturn x.y" 0
--- error after a long comment
--[[
several
lines
]]
local x
return x.y
--- error after a long string
local s = [[
a
b
]]
return s.x.y
--- error after an escaped line end
local s = 'a\
b'
return s.x.y
--- error in __index
local t = setmetatable({}, {__index = function(t, k) error('no field ' .. k) end})
return t.x
--- error in __newindex
local t = setmetatable({}, {__newindex = function(t, k) error('cannot set ' .. k) end})
t.x = 1
--- error in __add
local t = setmetatable({}, {__add = function() return nil + 1 end})
return t + 1
--- error in __call
local t = setmetatable({}, {__call = function() error('called') end})
t()
--- error in __tostring
return tostring(setmetatable({}, {__tostring = function() error('no text') end}))
--- error in __eq
local m = {__eq = function() error('equal?') end}
return setmetatable({}, m) == setmetatable({}, m)
--- error in gsub's function
return (string.gsub('abc', 'b', function(c)
  return c.x.y
end))
--- error in an iterator
for i in function() error('iterator') end do end
--- error in a sort
table.sort({1, 2, 3}, function(a, b)
  return a.x < b.x
end)
--- name of a global function in an argument error
return math.floor('x')
--- name of a method in an argument error
return ('x'):rep({})
--- name of a method in an argument error of self
local t = {upper = string.upper}
return t:upper()
--- name of a local in an argument error
local f = math.floor
return f('x')
--- name of an upvalue in an argument error
local f = math.floor
local function g() return f('x') + 0 end
return g()
--- name of a tail call in an argument error
local function g() return math.floor('x') end
return g()
--- name in pcall in an argument error
local ok, e = pcall(math.floor, 'x')
return e
--- name in a coroutine in an argument error
local co = coroutine.create(function() math.floor('x') end)
local ok, e = coroutine.resume(co)
return e
--- name of a field called through a table
local lib = {down = math.floor}
return lib.down('x')
--- name of a function in an array
local lib = {math.floor}
return lib[1]('x')
--- error text of a script of many functions
local function validate(input)
  assert(type(input) == 'table', 'input must be a table')
  assert(input.name, 'name is required')
  return true
end
local function process(input)
  validate(input)
  return input.name
end
return process({})
--- division by zero is no error
return {tostring(1 / 0), tostring(1 % 0)}
--- upvalue of an upvalue
local x
local function f()
  local function g() return x.y end
  return g()
end
return f()
--- local declared later
local a = 1
do
  local b
  local c = b.x
end
--- local shadowed
local x = {}
do
  local x
  return x.y
end
--- parameter
local function f(p) return p.x end
return f()
--- vararg
local function f(...) return (...).x end
return f()
--- loop variable
for i = 1, 2 do
  return i.x.y
end
--- loop variable of pairs
for k, v in pairs({a = 1}) do
  return v.x.y
end
--- loop variable called
for k, v in pairs({a = 1}) do v() end
--- self
local t = {}
function t:f() return self.x.y end
return t:f()
--- redis.call result
local r = redis.call('GET', 'none')
return r.x
--- redis.call result concatenated
local r = redis.call('GET', 'none')
return 'v' .. r
--- redis.call result compared
local r = redis.call('GET', 'none')
return r > 5
--- text compared with a number
--> SET k 10
--> EVAL $ 1 k
if redis.call('GET', KEYS[1]) > 5 then return 1 end
--- hash element that is missing
--> HSET h a 1
--> EVAL $ 1 h
local r = redis.call('HMGET', KEYS[1], 'a', 'b')
return r[1] + r[2]
--- key of a table from argv
local limits = {basic = 10}
return limits[ARGV[1]]
--- plan that is missing
--> EVAL $ 0 gold
local plans = {basic = {limit = 10}}
return plans[ARGV[1]].limit
--- cjson.decode result that is missing
--> EVAL $ 0 {"a":1}
local o = cjson.decode(ARGV[1])
return o.b.c
--- cjson.null indexed
local o = cjson.decode('{"a":null}')
return o.a.b
--- cjson.null in arithmetic
local o = cjson.decode('{"a":null}')
return o.a + 1
--- cjson.null concatenated
return 'x' .. cjson.null
--- cjson.null called
cjson.null()
