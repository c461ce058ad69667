-- Limits of depth and size.
--- endless recursion
local function f() return 1 + f() end
return f()
--- endless recursion without a return
local function f() f() end
f()
--- endless recursion over lines
local function f(n)
  local m = n + 1
  return f(m) + 1
end
return f(0)
--- endless recursion in pcall
local function f() return 1 + f() end
local ok, e = pcall(f)
return {tostring(ok), e}
--- endless mutual recursion
local a, b
function a() return 1 + b() end
function b() return 1 + a() end
local ok, e = pcall(a)
return tostring(ok)
--- endless tail calls end
local function f(n) if n == 0 then return 'done' end return f(n - 1) end
return f(100000)
--- recursion of ten thousand
local function f(n) if n == 0 then return 0 end return 1 + f(n - 1) end
return f(10000)
--- recursion of nineteen thousand
local function f(n) if n == 0 then return 0 end return 1 + f(n - 1) end
return f(19000)
--- recursion of twenty-one thousand
local function f(n) if n == 0 then return 0 end return 1 + f(n - 1) end
local ok, e = pcall(f, 21000)
return {tostring(ok), e}
--- endless recursion through a metamethod
local t = {} setmetatable(t, {__index = function(t, k) return t[k] end})
local ok, e = pcall(function() return t.x end)
return {tostring(ok), e}
--- endless recursion through a metamethod to the top
local t = {} setmetatable(t, {__index = function(t, k) return t[k] end})
return t.x
--- endless recursion through tostring
local t = {} setmetatable(t, {__tostring = function(t) return tostring(t) end})
local ok, e = pcall(tostring, t)
return {tostring(ok), e}
--- endless recursion through pcall
local function f() return pcall(f) end
local ok, e = f()
return {tostring(ok), tostring(e)}
--- endless recursion through gsub
local function f() return (string.gsub('x', 'x', f)) end
local ok, e = pcall(f)
return {tostring(ok), e}
--- endless recursion through sort
local function f() table.sort({2, 1}, f) return false end
local ok, e = pcall(f)
return {tostring(ok), e}
--- endless __index chain
local a = setmetatable({}, {}) getmetatable(a).__index = a
local ok, e = pcall(function() return a.x end)
return {tostring(ok), e}
--- endless __newindex chain
local a = setmetatable({}, {}) getmetatable(a).__newindex = a
local ok, e = pcall(function() a.x = 1 end)
return {tostring(ok), e}
--- long __index chain
local t = {x = 'found'} for i = 1, 90 do t = setmetatable({}, {__index = t}) end return t.x
--- too long an __index chain
local t = {x = 'found'} for i = 1, 110 do t = setmetatable({}, {__index = t}) end
local ok, e = pcall(function() return t.x end)
return {tostring(ok), e}
--- error handler that overflows
local function f() return 1 + f() end
local ok, e = xpcall(f, function(m) return 'caught ' .. string.match(m, 'stack overflow') end)
return {tostring(ok), e}
--- error handler that recurses
local function f() return 1 + f() end
local ok, e = xpcall(function() error('x') end, f)
return {tostring(ok), tostring(e)}
--- too many results
local ok, e = pcall(function() return unpack({}, 1, 8000) end)
return {tostring(ok), type(e)}
--- many results
return select('#', unpack({}, 1, 7000))
--- many varargs
local function count(...) return select('#', ...) end
return count(unpack({}, 1, 5000))
--- many varargs passed on
local function g(...) return select('#', ...) end
local function f(...) return g(0, ...) end
return f(unpack({}, 1, 2000))
--- string.byte of too much
local ok, e = pcall(string.byte, string.rep('x', 100000), 1, -1)
return {tostring(ok), e}
--- string.char of many
return #string.char(unpack((function() local t = {} for i = 1, 3000 do t[i] = i % 256 end return t end)()))
--- concatenation grows
local s = 'x' for i = 1, 20 do s = s .. s end return #s
--- table of a hundred thousand
local t = {} for i = 1, 100000 do t[i] = i end return {#t, t[100000]}
--- string keys of ten thousand
local t = {} for i = 1, 10000 do t['k' .. i] = i end local n = 0 for _ in pairs(t) do n = n + 1 end return n
--- a million iterations
local n = 0 for i = 1, 1000000 do n = n + i % 7 end return n
--- ten megabytes
return #string.rep('x', 10 * 1024 * 1024)
--- nested tables deep
local t = {} for i = 1, 1000 do t = {t} end local n = 0 while t[1] do t = t[1] n = n + 1 end return n
--- nested json too deep
local t = {} for i = 1, 1001 do t = {t} end
local ok, e = pcall(cjson.encode, t)
return {tostring(ok), e}
--- pattern recursion deep
return {#string.match(string.rep('(', 1000) .. string.rep(')', 1000), '%b()')}
--- stack is fine after an overflow
local function f() return 1 + f() end
pcall(f)
local function g(n) if n == 0 then return 0 end return 1 + g(n - 1) end
return g(5000)
--- the next script is fine after an overflow
--> EVAL "local function f() return 1 + f() end return f()" 0
--> EVAL "local function f(n) if n == 0 then return 0 end return 1 + f(n - 1) end return f(5000)" 0
--- depth of endless recursion
local n = 0 local function f() n = n + 1 return 1 + f() end
pcall(f)
return n
--- depth of endless recursion from a coroutine
local n = 0 local function f() n = n + 1 return 1 + f() end
local co = coroutine.create(f)
local ok, e = coroutine.resume(co)
return {n, e}
--- depth of nested pcalls
local n = 0 local function f() n = n + 1 return pcall(f) end
f()
return n
