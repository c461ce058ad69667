-- Each line is the body of a function, run in Redis and here.
local names = {} for name in pairs(table) do names[#names + 1] = name end return names
-- concat
return table.concat({}), table.concat({1, 2, 3}), table.concat({'a', 'b'}, ', '), table.concat({1.5, 'x', 2^53}, '-'), table.concat({'a'}, ',')
return table.concat({1, 2, 3}, ',', 2), table.concat({1, 2, 3}, ',', 2, 2), table.concat({1, 2, 3}, ',', 3, 2), table.concat({1, 2, 3}, ',', -5, -6), table.concat({1, 2, 3}, 0)
return table.concat({1, 2, 3}, ',', 2, 5)
return table.concat({1, 2, 3}, ',', 0)
return table.concat({1, {}, 3})
return table.concat({true})
return table.concat({1, nil, 3})
return table.concat({nil, 1}, ',', 1, 2)
return table.concat({function() end})
return table.concat()
return table.concat(1)
return table.concat('x')
return table.concat(nil, {})
return table.concat({}, {})
return table.concat({}, nil, nil, nil)
return table.concat({1, 2}, ',', 'x')
return table.concat({1, 2}, ',', 1, 'x')
return table.concat({1, 2}, ',', '1', '2')
return table.concat({1, 2}, ',', 1.9, 2.9)
return table.concat({[-1] = 'a', [0] = 'b', 'c'}, ',', -1)
return table.concat({[2147483647] = 'x'}, ',', 2147483647, 2147483647)
return table.concat({}, ',', 2^31, 2^31)
return table.concat(setmetatable({}, {__index = function(t, i) return i end}), ',', 1, 3)
return #table.concat({('x'):rep(10000), ('y'):rep(20000)}, ('z'):rep(500))
-- foreach, foreachi
local out = {} table.foreach({1, 2, a = 3}, function(k, v) out[#out + 1] = k .. '=' .. v end) return out
local out = {} table.foreachi({5, 6, nil, 7}, function(i, v) out[#out + 1] = i .. '=' .. tostring(v) end) return out
return table.foreach({1, 2, 3}, function(k, v) if v == 2 then return 'found', k end end)
return table.foreachi({1, 2, 3}, function(i, v) if v == 2 then return i end end)
return table.foreachi({1, 2, 3}, function(i, v) if v == 2 then return false end end)
return select('#', table.foreach({}, function() end)), select('#', table.foreachi({}, function() end))
return table.foreach()
return table.foreach({})
return table.foreach({}, 1)
return table.foreach(1, function() end)
return table.foreachi()
return table.foreachi({})
return table.foreachi({}, 'x')
return table.foreachi('x', function() end)
return table.foreach({1}, error)
return table.foreach({a = 'x'}, function(k, v) error(k .. v) end)
local t = {a = 1, b = 2, c = 3, d = 4} table.foreach(t, function(k) t[k] = nil end) return t
local t = {1} table.foreach(t, function(k) for i = 2, 50 do t['x' .. i] = i end t[k] = nil end)
-- getn, maxn, setn
return table.getn({}), table.getn({1, 2, 3}), table.getn({n = 5}), table.getn({1, nil, 3}), table.getn({nil, nil, 3})
return table.maxn({}), table.maxn({1, 2, 3}), table.maxn({[10] = 1}), table.maxn({[1.5] = 1, [-1] = 2}), table.maxn({['10'] = 1}), table.maxn({[-3] = 1}), table.maxn({1, nil, 3, nil})
return table.maxn({[1e300] = 1}), table.maxn({[1/0] = 1})
return table.getn()
return table.getn('x')
return table.maxn()
return table.maxn(5)
return table.setn({}, 1)
return table.setn()
return table.setn({})
return table.setn(1, 1)
-- insert
local t = {} table.insert(t, 'a') table.insert(t, 'b') return t, #t
local t = {1, 2, 3} table.insert(t, 2, 'x') return t, #t
local t = {1, 2, 3} table.insert(t, 1, 'x') return t, #t
local t = {1, 2, 3} table.insert(t, 4, 'x') return t, #t
local t = {1, 2, 3} table.insert(t, 6, 'x') return t, #t
local t = {1, 2, 3} table.insert(t, 0, 'x') return t, #t
local t = {1, 2, 3} table.insert(t, -2, 'x') return t, #t
local t = {1, 2, 3} table.insert(t, 2.7, 'x') return t, #t
local t = {1, 2, 3} table.insert(t, '2', 'x') return t, #t
local t = {1, 2, 3} table.insert(t, nil) return t, #t
local t = {1, 2, 3} table.insert(t, 2, nil) return t, #t
local t = {} table.insert(t, 5, 'x') return t, #t
local t = {} table.insert(t, 1e9, 'x') return t, #t
return table.insert()
return table.insert(1, 2)
return table.insert(nil, 2)
return table.insert({})
return table.insert({}, 1, 2, 3)
return table.insert({}, 'x', 1)
return table.insert({}, nil, 1)
return table.insert({}, {}, 1)
return select('#', table.insert({}, 1))
table.insert(string, 1)
table.insert(math, 1, 1)
table.insert(_G, 'x')
local t = setmetatable({}, {__newindex = error}) table.insert(t, 1) return #t
-- remove
local t = {1, 2, 3} return table.remove(t), t, #t
local t = {1, 2, 3} return table.remove(t, 1), t, #t
local t = {1, 2, 3} return table.remove(t, 2), t, #t
local t = {1, 2, 3} return table.remove(t, 3), t, #t
local t = {1, 2, 3} return table.remove(t, 4), t, #t
local t = {1, 2, 3} return table.remove(t, 0), t, #t
local t = {1, 2, 3} return table.remove(t, -1), t, #t
local t = {1, 2, 3} return table.remove(t, 1.9), t, #t
local t = {1, 2, 3} return table.remove(t, '2'), t, #t
local t = {1, 2, 3} return table.remove(t, nil), t, #t
local t = {[0] = 'x'} return table.remove(t, 0), t
local t = {} return table.remove(t), #t
return select('#', table.remove({})), select('#', table.remove({1}))
return table.remove()
return table.remove('x')
return table.remove({}, 'x')
return table.remove({}, {})
return table.remove(math)
local t = {1, 2, 3, nil, 5} return table.remove(t), t
-- sort
local t = {3, 1, 2} table.sort(t) return t
local t = {'b', 'a', 'C', '', 'aa', 'B'} table.sort(t) return t
local t = {3, 1, 2, 5, 4} table.sort(t, function(a, b) return a > b end) return t
local t = {} table.sort(t) return t
local t = {1} table.sort(t, error) return t
local t = {2, 1} table.sort(t, function(...) return select('#', ...) == 2 and ... > select(2, ...) end) return t
return select('#', table.sort({}))
return table.sort()
return table.sort(1)
return table.sort('x')
return table.sort({}, 1)
return table.sort({1}, 'x')
return table.sort({1}, nil)
return table.sort({1}, {})
table.sort({1, 'x'})
table.sort({'x', 1})
table.sort({1, 2, 'x', 4})
table.sort({{}, {}})
table.sort({true, false})
table.sort({1, {}})
table.sort({1, nil, 3})
table.sort({nil, 2, 3})
table.sort({3, 1, 2}, function(a, b) error('no') end)
table.sort({3, 1, 2}, function(a, b) return a.x < b.x end)
table.sort({3, 1, 2}, error)
local t = {3, 1, 2, 5, 4} table.sort(t, function() return true end) return t
local t = {3, 1, 2, 5, 4} table.sort(t, function() return false end) return t
local t = {3, 1, 2, 5, 4} table.sort(t, function() end) return t
local t = {3, 1, 2} table.sort(t, function() return true end) return t
local t = {2, 1} table.sort(t, function() return true end) return t
local t = {5, 3, 1, 2, 4, 6} table.sort(t, function(a, b) return a <= b end) return t
local t = {1, 1, 1, 1, 1, 1} table.sort(t, function(a, b) return a <= b end) return t
local t = {1, 1, 1, 1} table.sort(t, function(a, b) return a <= b end) return t
local t = {} for i = 1, 100 do t[i] = i % 7 end table.sort(t, function(a, b) return a <= b end) return t
local t = {3, 1, 2, 5, 4} pcall(table.sort, t, function() return true end) return t
local t = {3, 1, 2, 0/0, 5, 4, 0} table.sort(t) return t
local m = {__lt = function(a, b) return a.v < b.v end} local t = {} for i = 1, 5 do t[i] = setmetatable({v = -i}, m) end table.sort(t) return t
local t = {{1}, {2}} table.sort(t, function(a, b) return a[1] > b[1] end) return t
local n = 0 local t = {} for i = 1, 1000 do t[i] = (i * 7919) % 1009 end table.sort(t, function(a, b) n = n + 1 return a < b end) return n
local calls = {} local t = {5, 2, 8, 1, 9, 3} table.sort(t, function(a, b) calls[#calls + 1] = a .. '<' .. b return a < b end) return calls, t
-- unpack is the base library's
return unpack({1, 2, 3})
table.x = 1
return table.x
return table.unpack
