-- Metatables.
--- arithmetic
local m = {} for i, n in ipairs({'add', 'sub', 'mul', 'div', 'mod', 'pow'}) do m['__' .. n] = function(a, b) return n end end m.__unm = function() return 'unm' end
local t = setmetatable({}, m) return {t + 1, 1 - t, t * t, t / 2, t % 2, t ^ 2, -t}
--- arithmetic of the second operand
local a = setmetatable({}, {__add = function() return 'a' end}) local b = setmetatable({}, {__add = function() return 'b' end}) return {a + b, b + a, 1 + b, a + 'x'}
--- unm gets its operand twice
local x, y local t = setmetatable({}, {__unm = function(a, b) x, y = a, b return 1 end}) local r = -t return {tostring(x == t), tostring(y == t)}
--- vector
local V = {} V.__index = V V.__add = function(a, b) return setmetatable({x = a.x + b.x, y = a.y + b.y}, V) end V.__eq = function(a, b) return a.x == b.x and a.y == b.y end V.__tostring = function(v) return '(' .. v.x .. ',' .. v.y .. ')' end V.__len = function() return 99 end
local function new(x, y) return setmetatable({x = x, y = y}, V) end return {tostring(new(1, 2) + new(3, 4)), tostring(new(1, 1) == new(1, 1)), tostring(new(1, 1) == new(1, 2)), #new(1, 2)}
--- concat
local m = {__concat = function(a, b) return 'joined' end} local t = setmetatable({}, m) return {t .. 'x', 'x' .. t, t .. t, 1 .. t}
--- comparison
local m = {__lt = function(a, b) return a.v < b.v end, __le = function(a, b) return a.v <= b.v end} local function new(v) return setmetatable({v = v}, m) end local a, b = new(1), new(2) return {tostring(a < b), tostring(a > b), tostring(a <= b), tostring(a >= b)}
--- le by not lt
local m = {__lt = function(a, b) return a.v < b.v end} local function new(v) return setmetatable({v = v}, m) end return {tostring(new(1) <= new(2)), tostring(new(2) <= new(1)), tostring(new(1) >= new(1))}
--- lt of different metatables
local a = setmetatable({}, {__lt = function() return true end}) local b = setmetatable({}, {__lt = function() return true end}) local ok, e = pcall(function() return a < b end) return {tostring(ok), tostring(e)}
--- eq of different metatables
local a = setmetatable({}, {__eq = function() return true end}) local b = setmetatable({}, {__eq = function() return true end}) return tostring(a == b)
--- eq of the same function
local f = function() return true end local a = setmetatable({}, {__eq = f}) local b = setmetatable({}, {__eq = f}) return {tostring(a == b), tostring(a ~= b), tostring(a == 1)}
--- eq result becomes a boolean
local m = {__eq = function() return 'yes' end} return tostring(setmetatable({}, m) == setmetatable({}, m))
--- index by a table
local t = setmetatable({a = 1}, {__index = {a = 2, b = 3}}) return {t.a, t.b, tostring(t.c)}
--- index by a function
local t = setmetatable({}, {__index = function(t, k) return k .. '!' end}) return {t.x, t[1], rawget(t, 'x') == nil and 'raw' or 'set'}
--- index chain
local t = setmetatable({}, {__index = setmetatable({b = 1}, {__index = setmetatable({c = 2}, {__index = function() return 'end' end})})}) return {t.b, t.c, t.d}
--- newindex by a table
local store = {} local t = setmetatable({}, {__newindex = store}) t.x = 1 return {tostring(rawget(t, 'x')), store.x}
--- newindex by a function
local log = {} local t = setmetatable({}, {__newindex = function(t, k, v) log[#log+1] = k .. '=' .. v rawset(t, k, v) end}) t.a = 1 t.a = 2 t.b = 3 return log
--- newindex is not asked for what is there
local n = 0 local t = setmetatable({a = 1}, {__newindex = function() n = n + 1 end}) t.a = 2 t.a = nil t.a = 3 return {n, tostring(t.a)}
--- call
local t = setmetatable({}, {__call = function(self, a, b) return a + b, self end}) local r, s = t(1, 2) return {r, tostring(s == t)}
--- call of a call
local inner = setmetatable({}, {__call = function() return 'inner' end}) local t = setmetatable({}, {__call = inner}) local ok, e = pcall(t) return {tostring(ok), tostring(e)}
--- call as a method
local o = {f = setmetatable({}, {__call = function(self, o, x) return x end})} return o:f('x')
--- tostring
return tostring(setmetatable({}, {__tostring = function() return 'custom' end}))
--- len is for no table
return #setmetatable({1, 2}, {__len = function() return 99 end})
--- metatable protected
local t = setmetatable({}, {__metatable = 'no'}) local ok, e = pcall(setmetatable, t, {}) return {getmetatable(t), tostring(ok), e}
--- mode
local t = setmetatable({}, {__mode = 'k'}) t[{}] = 1 t.x = 2 collectgarbage() return t.x
--- gc is not called
local n = 0 do local t = setmetatable({}, {__gc = function() n = n + 1 end}) end collectgarbage() return n
--- default values
local function defaults(d) return function(t) return setmetatable(t, {__index = d}) end end local config = defaults{limit = 10, window = 60}{limit = 5} return {config.limit, config.window}
--- read only
local function readonly(t) return setmetatable({}, {__index = t, __newindex = function(_, k) error('cannot set ' .. tostring(k), 2) end}) end
local t = readonly({a = 1})
t.b = 2
--- counting accesses
local n = 0 local t = {a = 1} local p = setmetatable({}, {__index = function(_, k) n = n + 1 return t[k] end}) local x = p.a + p.a return {n, x}
--- index error names nothing
local t = setmetatable({}, {__index = 5}) local ok, e = pcall(function() return t.x end) return e
--- index by a string
local t = setmetatable({}, {__index = 'str'}) return {tostring(t.len == string.len), tostring(t.x)}
--- newindex by no table
local t = setmetatable({}, {__newindex = 5}) local ok, e = pcall(function() t.x = 1 end) return e
--- add by no function
local t = setmetatable({}, {__add = 5}) local ok, e = pcall(function() return t + 1 end) return e
--- class with a constructor
local Account = setmetatable({}, {__call = function(cls, b) return setmetatable({balance = b}, {__index = cls}) end})
function Account:deposit(v) self.balance = self.balance + v return self end
return Account(10):deposit(5):deposit(1).balance
--- metamethods with results in excess
local t = setmetatable({}, {__add = function() return 1, 2, 3 end, __index = function() return 4, 5 end}) return {t + 1, t.x}
--- metamethods without results
local t = setmetatable({}, {__add = function() end, __concat = function() end}) return {tostring(t + 1), tostring(t .. 'x')}
--- rawequal and rawget pass by
local m = {__index = function() return 1 end, __eq = function() return true end} local a, b = setmetatable({}, m), setmetatable({}, m) return {tostring(rawequal(a, b)), tostring(rawget(a, 'x'))}
--- set of sets
local S = {} S.__index = S local function set(l) local s = setmetatable({}, S) for _, v in ipairs(l) do s[v] = true end return s end S.__add = function(a, b) local r = set({}) for k in pairs(a) do r[k] = true end for k in pairs(b) do r[k] = true end return r end S.__mul = function(a, b) local r = set({}) for k in pairs(a) do r[k] = b[k] end return r end S.__le = function(a, b) for k in pairs(a) do if not b[k] then return false end end return true end
local function list(s) local t = {} for k in pairs(s) do t[#t+1] = k end table.sort(t) return table.concat(t, ',') end
return {list(set{1, 2} + set{2, 3}), list(set{1, 2} * set{2, 3}), tostring(set{1} <= set{1, 2})}
--- comparison of a table with a number
local t = setmetatable({}, {__lt = function() return true end}) local ok, e = pcall(function() return t < 1 end) return {tostring(ok), tostring(e)}
--- division by a metatable of two kinds
local M = {} M.__div = function(a, b) return (type(a) == 'number' and a or a.v) / (type(b) == 'number' and b or b.v) end local x = setmetatable({v = 10}, M) return {x / 2, 20 / x, x / x}
