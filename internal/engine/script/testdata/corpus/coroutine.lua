-- Coroutines.
--- values in and out
local co = coroutine.create(function(a, b) local c = coroutine.yield(a + b) local d, e = coroutine.yield(c * 2) return d + e end)
local t = {}
for _, args in ipairs({{1, 2}, {10}, {3, 4}}) do local ok, v = coroutine.resume(co, unpack(args)) t[#t+1] = tostring(ok) .. v end
t[#t+1] = coroutine.status(co)
return t
--- resume of a dead coroutine
local co = coroutine.create(function() end)
coroutine.resume(co)
local ok, e = coroutine.resume(co)
return {tostring(ok), e}
--- status while running
local co
local inside
co = coroutine.create(function() inside = coroutine.status(co) end)
local before = coroutine.status(co)
coroutine.resume(co)
return {before, inside, coroutine.status(co)}
--- status of the one that waits
local outer, seen
outer = coroutine.create(function()
  local inner = coroutine.create(function() seen = coroutine.status(outer) end)
  coroutine.resume(inner)
end)
coroutine.resume(outer)
return seen
--- error in a coroutine
local co = coroutine.create(function() error('inside') end)
local ok, e = coroutine.resume(co)
return {tostring(ok), e, coroutine.status(co)}
--- error table in a coroutine
local co = coroutine.create(function() error({err = 'inside', code = 5}) end)
local ok, e = coroutine.resume(co)
return {tostring(ok), e.err, e.code}
--- runtime error in a coroutine
local co = coroutine.create(function() local t; return t.x end)
local ok, e = coroutine.resume(co)
return {tostring(ok), e}
--- error after a yield
local co = coroutine.create(function()
  coroutine.yield(1)
  error('later')
end)
coroutine.resume(co)
local ok, e = coroutine.resume(co)
return {tostring(ok), e}
--- wrap
local gen = coroutine.wrap(function() for i = 1, 3 do coroutine.yield(i) end end)
return {gen(), gen(), gen(), tostring((gen()))}
--- wrap in a for loop
local t = {}
for a, b in coroutine.wrap(function() for i = 1, 3 do coroutine.yield(i, i * i) end end) do t[#t+1] = a .. ':' .. b end
return t
--- wrap of a dead one
local gen = coroutine.wrap(function() end)
gen()
gen()
--- error through wrap
local gen = coroutine.wrap(function() error('wrapped') end)
gen()
--- error through wrap is caught
local ok, e = pcall(coroutine.wrap(function() error('wrapped') end))
return {tostring(ok), e}
--- error table through wrap
local ok, e = pcall(coroutine.wrap(function() error({err = 'E', n = 3}) end))
return {tostring(ok), type(e), e}
--- error table through wrap to the top
coroutine.wrap(function() error({err = 'MYCODE from within'}) end)()
--- runtime error through wrap to the top
local f = coroutine.wrap(function()
  local t = {}
  return t.a.b
end)
f()
--- redis.call in a coroutine
--> EVAL $ 1 k
local co = coroutine.wrap(function() for i = 1, 3 do coroutine.yield(redis.call('INCR', KEYS[1])) end end)
return {co(), co(), co()}
--- redis.call error in a coroutine
--> EVAL $ 1 k
local co = coroutine.create(function() return redis.call('LPUSH', KEYS[1]) end)
local ok, e = coroutine.resume(co)
return {tostring(ok), type(e), type(e) == 'table' and e.err or e}
--- redis.call error in wrap
--> SET k v
--> EVAL $ 1 k
return coroutine.wrap(function() return redis.call('LPUSH', KEYS[1], 1) end)()
--- redis.pcall in a coroutine
--> EVAL $ 0
return coroutine.wrap(function() return redis.pcall('NOSUCH') end)()
--- yield outside
coroutine.yield(1)
--- yield outside in pcall
local ok, e = pcall(coroutine.yield, 1)
return {tostring(ok), e}
--- yield across pcall
local co = coroutine.create(function() return pcall(function() coroutine.yield(1) end) end)
local ok, a, b = coroutine.resume(co)
return {tostring(ok), tostring(a), tostring(b)}
--- yield across a metamethod
local t = setmetatable({}, {__index = function(t, k) return coroutine.yield(k) end})
local co = coroutine.create(function() return t.x end)
local ok, e = coroutine.resume(co)
return {tostring(ok), tostring(e)}
--- yield in sort
local co = coroutine.create(function() table.sort({3, 2, 1}, function(a, b) coroutine.yield() return a < b end) end)
local ok, e = coroutine.resume(co)
return {tostring(ok), tostring(e)}
--- yield in gsub
local co = coroutine.create(function() return string.gsub('abc', '.', function(c) coroutine.yield(c) end) end)
local ok, e = coroutine.resume(co)
return {tostring(ok), tostring(e)}
--- yield in an iterator
local co = coroutine.wrap(function() for k in (function() return coroutine.yield('asked') end) do return k end end)
return {co(), co('given')}
--- resume itself
local co
co = coroutine.create(function() return coroutine.resume(co) end)
local ok, a, b = coroutine.resume(co)
return {tostring(ok), tostring(a), tostring(b)}
--- running
local main = coroutine.running()
local co = coroutine.create(function() return coroutine.running() end)
local _, inside = coroutine.resume(co)
return {type(main), tostring(inside == co)}
--- create of a value that is not a function
coroutine.create(1)
--- create of a builtin
coroutine.create(tostring)
--- create without a function
coroutine.create()
--- wrap of a value that is not a function
coroutine.wrap('x')
--- resume of a value that is not a coroutine
coroutine.resume({})
--- resume without a coroutine
coroutine.resume()
--- status of a value that is not a coroutine
coroutine.status(1)
--- a coroutine returned
return coroutine.create(function() end)
--- a coroutine in an array
return {1, coroutine.create(function() end), 2}
--- a coroutine as a key
local co = coroutine.create(function() end)
local t = {[co] = 'v'}
return t[co]
--- many coroutines
local n = 0
for i = 1, 500 do local co = coroutine.wrap(function(x) local y = coroutine.yield(x + 1) return y * 2 end) n = n + co(i) + co(1) end
return n
--- producer and consumer
local function producer() return coroutine.create(function() for _, w in ipairs({'a', 'b', 'c'}) do coroutine.yield(w) end end) end
local function filter(source) return coroutine.create(function() local n = 1 while true do local _, v = coroutine.resume(source) if not v then return end coroutine.yield(n .. v) n = n + 1 end end) end
local f = filter(producer())
local t = {}
while true do local _, v = coroutine.resume(f) if not v then break end t[#t+1] = v end
return t
--- permutations
local function permgen(a, n) if n == 0 then coroutine.yield(table.concat(a)) else for i = 1, n do a[n], a[i] = a[i], a[n] permgen(a, n - 1) a[n], a[i] = a[i], a[n] end end end
local t = {}
for p in coroutine.wrap(function() permgen({'a', 'b', 'c'}, 3) end) do t[#t+1] = p end
return t
--- many values through yield
local co = coroutine.wrap(function(...) local n = select('#', ...) while true do n = select('#', coroutine.yield(n)) end end)
return {co(), co(1, nil, nil), co(nil), co(unpack({}, 1, 100))}
--- nested deep
local function nest(n) if n == 0 then return 'bottom' end return coroutine.wrap(function() return nest(n - 1) end)() end
return nest(50)
--- nested too deep
local function nest(n) if n == 0 then return 'bottom' end return coroutine.wrap(function() return nest(n - 1) end)() end
local ok, e = pcall(nest, 400)
return {tostring(ok), e}
