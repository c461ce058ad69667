-- The base library.
--- type of everything
return {type(nil), type(true), type(1), type('s'), type({}), type(type), type(coroutine.create(function() end)), type(cjson.null)}
--- type without a value
return type()
--- tostring of plain values
return {tostring(nil), tostring(true), tostring(false), tostring(12), tostring(1.5), tostring('x')}
--- tostring without a value
return tostring()
--- tostring of a table has its type
return string.match(tostring({}), '^table: 0x%x+$') and 1 or tostring({})
--- tostring of a function has its type
return string.match(tostring(function() end), '^function: 0x%x+$') and 1 or 0
--- tostring of a builtin has its type
return string.match(tostring(type), '^(%a+): ')
--- tostring of a thread has its type
return string.match(tostring(coroutine.create(function() end)), '^(%a+): ')
--- tostring with __tostring
return tostring(setmetatable({}, {__tostring = function(t) return 'mine' end}))
--- tostring with __tostring that gives no string
return type(tostring(setmetatable({}, {__tostring = function(t) return 5 end})))
--- tostring with __tostring that gives nil
return tostring(tostring(setmetatable({}, {__tostring = function(t) end})))
--- tonumber of strings
return {tonumber('10'), tonumber(' 10 '), tonumber('0x10'), tonumber('1e2'), tonumber('-5'), tonumber('\t7\n')}
--- tonumber of values that are not numbers
return {tostring(tonumber('')), tostring(tonumber(' ')), tostring(tonumber('x')), tostring(tonumber('1x')), tostring(tonumber('1 2')), tostring(tonumber('- 1')), tostring(tonumber('0x')), tostring(tonumber('1e')), tostring(tonumber({})), tostring(tonumber(nil)), tostring(tonumber(true))}
--- tonumber of odd forms
return {tostring(tonumber('.5')), tostring(tonumber('5.')), tostring(tonumber('.')), tostring(tonumber('+5')), tostring(tonumber('++5')), tostring(tonumber('1e+5')), tostring(tonumber('1E-5')), tostring(tonumber('0x1p4')), tostring(tonumber('0x.8')), tostring(tonumber('1_000')), tostring(tonumber('1,5'))}
--- tonumber of inf and nan
return {tostring(tonumber('inf')), tostring(tonumber('-inf')), tostring(tonumber('infinity')), tostring(tonumber('nan')), tostring(tonumber('-nan')), tostring(tonumber('INF')), tostring(tonumber('nan(1)'))}
--- tonumber with a zero byte
return {tostring(tonumber('1\0')), tostring(tonumber('\0001'))}
--- tonumber with bases
return {tonumber('ff', 16), tonumber('FF', 16), tonumber('777', 8), tonumber('1010', 2), tonumber('zz', 36), tonumber('10', 10), tonumber(' 11 ', 2)}
--- tonumber with bases and no number
return {tostring(tonumber('8', 8)), tostring(tonumber('g', 16)), tostring(tonumber('', 16)), tostring(tonumber('1.5', 16)), tostring(tonumber('2', 2))}
--- tonumber with a base of a negative
return {tostring(tonumber('-ff', 16)), tostring(tonumber('-1', 2)), tostring(tonumber('0xff', 16))}
--- tonumber with a number and a base
return {tostring(tonumber(10, 16)), tostring(tonumber(1.5, 10))}
--- tonumber of a big hex
return {tostring(tonumber('ffffffffffffffff', 16)), tostring(tonumber('0xffffffffffffffff')), tostring(tonumber('7fffffffffffffff', 16))}
--- tonumber with base too small
return tonumber('1', 1)
--- tonumber with base too big
return tonumber('1', 37)
--- tonumber of a table with a base
return tonumber({}, 10)
--- tonumber without a value
return tonumber()
--- assert true
return {assert(1, 2, 3)}
--- assert false
assert(false)
--- assert nil with a message
assert(nil, 'my message')
--- assert with a number as message
assert(false, 42)
--- assert with a table with err
assert(false, {err = 'TBL assertion'})
--- assert without a value
assert()
--- assert in pcall
local ok, e = pcall(assert, false)
return {tostring(ok), e}
--- assert passes a table through pcall
local t = {}
local ok, e = pcall(assert, nil, t)
return {tostring(ok), tostring(e == t)}
--- select by number
return {select(2, 'a', 'b', 'c')}
--- select negative
return {select(-1, 'a', 'b', 'c'), select(-2, 'a', 'b', 'c')}
--- select count
return {select('#'), select('#', nil, nil), select('#', 1, nil, 3)}
--- select beyond
return {select('#', select(5, 1, 2))}
--- select zero
return select(0, 1)
--- select too negative
return select(-3, 1, 2)
--- select of a value that is not a number
return select('x', 1)
--- select without arguments
return select()
--- unpack
return {unpack({1, 2, 3})}
--- unpack with a range
return {unpack({1, 2, 3, 4}, 2, 3)}
--- unpack with holes
return {select('#', unpack({1, nil, 3}, 1, 3)), select('#', unpack({}, 1, 5))}
--- unpack empty range
return {select('#', unpack({1, 2}, 3, 2)), select('#', unpack({}))}
--- unpack with negative indices
return {select('#', unpack({}, -2, 2))}
--- unpack too much
return unpack({}, 1, 1e7)
--- unpack of a value that is not a table
return unpack(5)
--- unpack without a table
return unpack()
--- unpack with a string index
return unpack({1, 2}, 'x')
--- ipairs stops at nil
local t = {} for i, v in ipairs({1, 2, nil, 4}) do t[#t+1] = i * 10 + v end return t
--- ipairs of nothing
local n = 0 for _ in ipairs({}) do n = n + 1 end return n
--- ipairs of a value that is not a table
for _ in ipairs('abc') do end
--- ipairs without a table
ipairs()
--- ipairs of nil
for i, v in ipairs(nil) do end
--- ipairs ignores __index
local t = setmetatable({1}, {__index = function(t, i) if i < 4 then return i end end})
local n = 0 for _ in ipairs(t) do n = n + 1 end return n
--- ipairs gives three values
local f, t, i = ipairs({5}) return {type(f), type(t), i, f(t, 0)}
--- pairs of an array
local t = {} for k, v in pairs({'a', 'b', 'c'}) do t[#t+1] = k .. v end return t
--- pairs of a mixed table
local t = {} for k, v in pairs({1, 2, x = 3, y = 4, [10] = 5}) do t[#t+1] = tostring(k) .. '=' .. v end return t
--- pairs of names
local t = {} for k in pairs({name = 1, age = 2, city = 3, zip = 4, street = 5, country = 6, phone = 7}) do t[#t+1] = k end return t
--- pairs of names added one by one
local u = {} for w in string.gmatch('the quick brown fox jumps over a lazy dog', '%a+') do u[w] = #w end
local t = {} for k, v in pairs(u) do t[#t+1] = k .. v end return t
--- pairs of many numbers
local u = {} for i = 1, 40 do u[i * 7 % 41] = i end
local t = {} for k in pairs(u) do t[#t+1] = k end return t
--- pairs of negative and fractional keys
local t = {} for k in pairs({[-1] = 1, [0] = 1, [0.5] = 1, [1] = 1, [2^53] = 1, [-2.25] = 1}) do t[#t+1] = tostring(k) end return t
--- pairs with booleans as keys
local t = {} for k in pairs({[true] = 1, [false] = 2, x = 3}) do t[#t+1] = tostring(k) end return t
--- pairs after removals
local u = {} for i = 1, 20 do u['k' .. i] = i end
for i = 1, 20, 2 do u['k' .. i] = nil end
local t = {} for k in pairs(u) do t[#t+1] = k end return t
--- pairs while clearing
local u = {a = 1, b = 2, c = 3, d = 4}
local n = 0 for k in pairs(u) do u[k] = nil n = n + 1 end
return {n, tostring(next(u))}
--- pairs of a sparse array
local u = {} u[1] = 1 u[2] = 2 u[3] = 3 u[100] = 4 u[4] = 5 u[50] = 6
local t = {} for k in pairs(u) do t[#t+1] = k end return t
--- pairs of an array built backwards
local u = {} for i = 10, 1, -1 do u[i] = i end
local t = {} for k in pairs(u) do t[#t+1] = k end return t
--- pairs of a decoded object
local t = {} for k in pairs(cjson.decode('{"id":1,"name":"n","tags":[],"price":2.5,"stock":7}')) do t[#t+1] = k end return t
--- pairs of a value that is not a table
for _ in pairs(5) do end
--- pairs without a table
pairs()
--- pairs knows no __pairs
local t = setmetatable({1, 2}, {__pairs = function() return function() end end})
local n = 0 for _ in pairs(t) do n = n + 1 end return n
--- next
return {next({5}), type(next({})), (next({a = 1}))}
--- next with a key
return {next({1, 2, 3}, 2)}
--- next at the end
return tostring(next({1}, 1))
--- next with a key that is not valid
return next({1, 2}, 'x')
--- next with a number that is not valid
return next({1, 2}, 17)
--- next of a value that is not a table
return next('x')
--- next without a table
return next()
--- rawequal
local t = setmetatable({}, {__eq = function() return true end})
local u = setmetatable({}, getmetatable(t))
return {tostring(t == u), tostring(rawequal(t, u)), tostring(rawequal(1, 1)), tostring(rawequal('a', 'a')), tostring(rawequal(1, '1'))}
--- rawequal with one value
return rawequal(1)
--- rawget and rawset
local t = setmetatable({}, {__index = function() return 'meta' end, __newindex = function() end})
t.x = 1
rawset(t, 'y', 2)
return {t.x, t.y, tostring(rawget(t, 'x')), rawget(t, 'y')}
--- rawset returns the table
local t = {}
return tostring(rawset(t, 1, 2) == t)
--- rawset with nil as key
rawset({}, nil, 1)
--- rawset with NaN as key
rawset({}, 0/0, 1)
--- rawset of a value that is not a table
rawset(1, 2, 3)
--- rawset with too little
rawset({}, 1)
--- rawget of a value that is not a table
rawget('x', 1)
--- rawget with too little
return rawget({})
--- getmetatable
local m = {}
return {tostring(getmetatable({})), tostring(getmetatable(setmetatable({}, m)) == m), tostring(getmetatable(1)), type(getmetatable('x'))}
--- getmetatable without a value
getmetatable()
--- setmetatable returns the table
local t = {}
return tostring(setmetatable(t, {}) == t)
--- setmetatable with nil
local t = setmetatable(setmetatable({}, {__index = {x = 1}}), nil)
return tostring(t.x)
--- setmetatable without a metatable
setmetatable({})
--- setmetatable with a number
setmetatable({}, 1)
--- setmetatable of a string
setmetatable('x', {})
--- pcall of success
return {pcall(function(...) return ... end, 1, 2)}
--- pcall of a string error
local ok, e = pcall(error, 'x')
return {tostring(ok), e}
--- pcall of a value that is not a function
local ok, e = pcall(5)
return {tostring(ok), e}
--- pcall of nil
local ok, e = pcall(nil)
return {tostring(ok), e}
--- pcall of a callable table
return {pcall(setmetatable({}, {__call = function(self, a) return a end}), 'x')}
--- pcall nested
local ok, e = pcall(pcall, error, 'x')
return {tostring(ok), tostring(e)}
--- pcall keeps the error's value
local t = {code = 5}
local ok, e = pcall(error, t)
return e.code
--- pcall of error with nil
local ok, e = pcall(error)
return {tostring(ok), tostring(e)}
--- pcall of error with false
local ok, e = pcall(error, false)
return {tostring(ok), tostring(e)}
--- xpcall
local ok, e = xpcall(function() error('x') end, function(m) return 'handled ' .. m end)
return {tostring(ok), e}
--- xpcall of success
return {xpcall(function() return 1, 2 end, function() end)}
--- xpcall passes no arguments
return {xpcall(function(...) return select('#', ...) end, function() end, 1, 2)}
--- xpcall with an error in the handler
local ok, e = xpcall(function() error('x') end, function(m) error('y') end)
return {tostring(ok), tostring(e)}
--- xpcall with a handler that is not a function
local ok, e = xpcall(function() error('x') end, 5)
return {tostring(ok), tostring(e)}
--- xpcall with a runtime error
local ok, e = xpcall(function() local a; return a.b end, function(m) return m end)
return {tostring(ok), e}
--- xpcall without a handler
return xpcall(function() end)
--- xpcall of a value that is not a function
local ok, e = xpcall(nil, function(m) return 'h:' .. m end)
return {tostring(ok), e}
--- loadstring
return {loadstring('return ...')(1, 2), loadstring('return 5')()}
--- loadstring of what does not compile
local f, e = loadstring('x x')
return {tostring(f), e}
--- loadstring with a chunk name
local f, e = loadstring('x x', 'mychunk')
return {tostring(f), e}
--- loadstring with a file as chunk name
local f, e = loadstring('x x', '@file.lua')
return {tostring(f), e}
--- loadstring with a literal chunk name
local f, e = loadstring('x x', '=name')
return {tostring(f), e}
--- loadstring with a long source
local f, e = loadstring('local aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa = = 1')
return {tostring(f), e}
--- loadstring with a source of lines
local f, e = loadstring('local a = 1\nlocal b = = 2')
return {tostring(f), e}
--- loadstring error at run time
local ok, e = pcall(loadstring('error("x")'))
return {tostring(ok), e}
--- loadstring error at run time in a named chunk
local ok, e = pcall(loadstring('\n\nlocal t = nil; return t.x', '@lib'))
return {tostring(ok), e}
--- loadstring of bytecode
local f, e = loadstring('\27Lua')
return {tostring(f), e}
--- loadstring of nothing
return tostring(loadstring('')())
--- loadstring of a value that is not a string
loadstring({})
--- loadstring without a string
loadstring()
--- loadstring of a number
return loadstring(5) == nil and 1 or 0
--- load of what is no function
load('return 1')
--- load with a piece that is not a string
local f, e = load(function() return {} end)
return {tostring(f), e}
--- load with an error in the reader
local ok, f, e = pcall(load, function() error('reader') end)
return {tostring(ok), tostring(f), tostring(e)}
--- load named
local done
local f, e = load(function() if not done then done = true return 'x x' end end, '=named')
return {tostring(f), e}
--- load without a name
local done
local f, e = load(function() if not done then done = true return 'x x' end end)
return {tostring(f), e}
--- error with a number
local ok, e = pcall(error, 5)
return {type(e), e}
--- error in a table passes through
local ok, e = pcall(function() error({1, 2}) end)
return e
--- getmetatable with __metatable false
return tostring(getmetatable(setmetatable({}, {__metatable = false})))
--- arguments in excess are ignored
return {type(1, 2, 3), tostring(5, 6), math.floor(1.5, 9)}
--- newproxy is there or not
local ok, e = pcall(function() return type(newproxy(true)) end)
return {tostring(ok), e}
