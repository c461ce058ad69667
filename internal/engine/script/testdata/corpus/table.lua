-- The table library and tables.
--- concat
return {table.concat({1, 2, 3}), table.concat({'a', 'b'}, ','), table.concat({}), table.concat({1, 2, 3, 4}, '-', 2, 3), table.concat({1, 2}, ',', 3)}
--- concat of floats
return table.concat({1.5, 1e15, 1e14, -0.0, 2^53, 0.1}, ' ')
--- concat with a hole
return table.concat({1, nil, 3}, ',', 1, 3)
--- concat with a table inside
return table.concat({1, {}, 3})
--- concat with a boolean inside
return table.concat({true})
--- concat with a number as separator
return table.concat({'a', 'b', 'c'}, 1)
--- concat of a value that is not a table
return table.concat('abc')
--- concat with a table as separator
return table.concat({1, 2}, {})
--- concat beyond the end
return table.concat({1, 2}, ',', 1, 5)
--- insert
local t = {1, 2, 3} table.insert(t, 4) table.insert(t, 1, 0) table.insert(t, 3, 1.5) return {#t, table.concat(t, ' ')}
--- insert at the end and beyond
local t = {1} table.insert(t, 2, 'b') table.insert(t, 5, 'e') return {#t, t[2], tostring(t[3]), tostring(t[5])}
--- insert at zero and before
local t = {1, 2} table.insert(t, 0, 'z') return {#t, t[0], t[1], t[2]}
--- insert nil
local t = {1} table.insert(t, nil) return #t
--- insert without a value
table.insert({})
--- insert with too much
table.insert({}, 1, 2, 3)
--- insert of a value that is not a table
table.insert(nil, 1)
--- insert with a string position
table.insert({}, 'x', 1)
--- remove
local t = {1, 2, 3, 4} local a, b, c = table.remove(t), table.remove(t, 1), table.remove(t, 2) return {a, b, c, #t, t[1]}
--- remove from nothing
return {select('#', table.remove({})), tostring((table.remove({})))}
--- remove beyond
local t = {1, 2} return {select('#', table.remove(t, 5)), #t}
--- remove at zero
local t = {1, 2} return {select('#', table.remove(t, 0)), #t, t[1]}
--- remove of a value that is not a table
table.remove('x')
--- sort numbers
local t = {3, 1, 2, 10, -5, 0.5} table.sort(t) return table.concat(t, ' ')
--- sort strings
local t = {'banana', 'apple', 'Cherry', '10', '9', ''} table.sort(t) return t
--- sort by a function
local t = {3, 1, 2} table.sort(t, function(a, b) return a > b end) return t
--- sort of records
local t = {{n = 'a', s = 3}, {n = 'b', s = 1}, {n = 'c', s = 2}} table.sort(t, function(a, b) return a.s < b.s end) return {t[1].n, t[2].n, t[3].n}
--- sort that is not stable
local t = {} for i = 1, 20 do t[i] = {i % 3, i} end table.sort(t, function(a, b) return a[1] < b[1] end) local r = {} for i, v in ipairs(t) do r[i] = v[2] end return r
--- sort not stable, more
local t = {} for i = 1, 60 do t[i] = {i * 7 % 5, i} end table.sort(t, function(a, b) return a[1] < b[1] end) local r = {} for i, v in ipairs(t) do r[i] = v[2] end return r
--- sort of the sorted and the reversed
local t, u = {}, {} for i = 1, 50 do t[i] = i u[i] = 51 - i end table.sort(t) table.sort(u) return table.concat(t) == table.concat(u) and 1 or 0
--- sort counts its comparisons
local n = 0 local t = {} for i = 1, 30 do t[i] = i * 17 % 31 end table.sort(t, function(a, b) n = n + 1 return a < b end) return n
--- sort of mixed values
table.sort({1, 'x', 2})
--- sort of tables
table.sort({{}, {}})
--- sort of booleans
table.sort({true, false})
--- sort with nil inside
table.sort({3, 2, nil, 1, 5, 4})
--- sort with an invalid order
local t = {} for i = 1, 20 do t[i] = i % 4 end table.sort(t, function() return true end) return 1
--- sort with an error in the function
table.sort({3, 2, 1}, function() error('compare') end)
--- sort with a function that gives nil
local t = {3, 1, 2} table.sort(t, function() end) return t
--- sort with no function
table.sort({1, 2}, 5)
--- sort of one and none
table.sort({}) table.sort({1}) return 1
--- sort of objects with __lt
local m = {__lt = function(a, b) return a.v < b.v end}
local t = {} for i = 1, 5 do t[i] = setmetatable({v = i * 3 % 5}, m) end table.sort(t) local r = {} for i, v in ipairs(t) do r[i] = v.v end return r
--- sort of a value that is not a table
table.sort('x')
--- maxn
return {table.maxn({1, 2, 3}), table.maxn({}), table.maxn({[10] = 1, [2.5] = 1, x = 1}), table.maxn({[-1] = 1})}
--- getn
return {table.getn({1, 2, 3}), table.getn({})}
--- setn
table.setn({}, 3)
--- foreach
local t = {} table.foreach({a = 1, b = 2}, function(k, v) t[#t+1] = k .. v end) table.sort(t) return t
--- foreach that stops
return table.foreach({1, 2, 3}, function(k, v) if v == 2 then return 'found ' .. k end end)
--- foreachi
local t = {} table.foreachi({'a', 'b'}, function(i, v) t[#t+1] = i .. v end) return t
--- foreachi of a value that is not a table
table.foreachi(1, 2)
--- foreach without a function
table.foreach({})
--- table.unpack is nil
return tostring(table.unpack)
--- table.pack is nil
return table.pack(1)
--- table.move is nil
return table.move({}, 1, 2, 3)
--- length
return {#{}, #{1, 2, 3}, #{1, 2, nil}, #{n = 1}, #{[1] = 1, [2] = 2}, #{nil, 2}}
--- length with holes
return {#{1, nil, 3}, #{nil, nil, 3}, #{1, nil, 3, nil}, #{1, 2, 3, nil, 5, nil}, #{nil}, #{nil, nil}}
--- length after removal
local t = {1, 2, 3, 4, 5, 6, 7, 8} t[8] = nil local a = #t t[4] = nil local b = #t t[7] = nil return {a, b, #t}
--- length of one built with holes
local t = {} for i = 1, 16 do t[i] = i end t[9] = nil t[16] = nil return #t
--- length of one built by keys
local t = {} t[1] = 1 t[2] = 1 t[4] = 1 local a = #t t[3] = 1 return {a, #t}
--- length grows through the hash part
local t = {} for i = 1, 100 do t[i] = i end for i = 100, 51, -1 do t[i] = nil end return #t
--- constructors
local t = {1, 2; 3, x = 'y', ['a b'] = 5, [10] = 6, 4,} return {#t, t.x, t['a b'], t[10], t[4]}
--- constructor with a call at the end
local function f() return 1, 2, 3 end local t = {f(), f()} return {#t, #{f(), (f())}, #{(f())}}
--- constructor with varargs
local function f(...) return {...}, {n = select('#', ...), ...} end local a, b = f(1, nil, 3) return {#a, b.n, b[3]}
--- constructor of many
local t = {1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23,24,25,26,27,28,29,30,31,32,33,34,35,36,37,38,39,40,41,42,43,44,45,46,47,48,49,50,51,52,53,54,55} return {#t, t[50], t[51], t[55]}
--- keys of all kinds
local f, t = function() end, {} local k = {} t[f] = 1 t[k] = 2 t[true] = 3 t[1.5] = 4 t['x'] = 5 t[-1] = 6 return {t[f], t[k], t[true], t[1.5], t.x, t[-1]}
--- keys one and the string one
local t = {} t[1] = 'n' t['1'] = 's' return {t[1], t['1'], #t}
--- float keys that are whole
local t = {} t[1.0] = 'a' t[2^1] = 'b' return {#t, t[1], t[2]}
--- nil as key read
local t = {} return tostring(t[nil])
--- nil as key written
local t = {} t[nil] = 1
--- NaN as key written
local t = {} t[0/0] = 1
--- NaN as key read
local t = {} return tostring(t[0/0])
--- field of nil written
local t = {} t.a.b = 1
--- nested tables
local t = {a = {b = {c = {1, 2, {d = 'deep'}}}}} return t.a.b.c[3].d
--- tables are references
local a = {1} local b = a b[1] = 2 return {a[1], tostring(a == b), tostring({} == {})}
--- matrix
local m = {} for i = 1, 3 do m[i] = {} for j = 1, 3 do m[i][j] = i * j end end return m
--- queue
local q = {first = 1, last = 0} local function push(v) q.last = q.last + 1 q[q.last] = v end local function pop() local v = q[q.first] q[q.first] = nil q.first = q.first + 1 return v end
push('a') push('b') pop() push('c') return {pop(), pop(), tostring(pop())}
--- set of words
local function set(list) local s = {} for _, v in ipairs(list) do s[v] = true end return s end local a, b = set{'x', 'y'}, set{'y', 'z'} local n = 0 for k in pairs(a) do if b[k] then n = n + 1 end end return n
--- map and filter
local function map(t, f) local r = {} for i, v in ipairs(t) do r[i] = f(v) end return r end
local function filter(t, f) local r = {} for _, v in ipairs(t) do if f(v) then r[#r+1] = v end end return r end
return map(filter({1, 2, 3, 4, 5, 6}, function(n) return n % 2 == 0 end), function(n) return n * n end)
--- deep copy
local function copy(t) if type(t) ~= 'table' then return t end local r = {} for k, v in pairs(t) do r[k] = copy(v) end return r end
local a = {1, {2, {3}}} local b = copy(a) b[2][2][1] = 9 return {a[2][2][1], b[2][2][1]}
--- group by
local groups = {} for _, w in ipairs({'apple', 'avocado', 'bean', 'beet', 'corn'}) do local k = w:sub(1, 1) groups[k] = groups[k] or {} table.insert(groups[k], w) end return {#groups.a, #groups.b, #groups.c}
--- pairs after many writes and removals
local t = {} for i = 1, 100 do t['k' .. i % 37] = i end for i = 1, 30 do t['k' .. i] = nil end t.new = 1 t.other = 2
local r = {} for k in pairs(t) do r[#r+1] = k end return r
--- pairs of a table with array and names
local t = {10, 20, 30, b = 1, a = 2, c = 3} t[4] = 40 t.d = 4 t[6] = 60
local r = {} for k, v in pairs(t) do r[#r+1] = tostring(k) .. '=' .. v end return r
--- pairs of long names
local t = {} for i = 1, 10 do t[('name'):rep(i * 3)] = i end
local r = {} for k, v in pairs(t) do r[#r+1] = v end return r
--- pairs of binary names
local t = {['\0'] = 1, ['\255\254'] = 2, ['é'] = 3, [''] = 4, [' '] = 5}
local r = {} for k, v in pairs(t) do r[#r+1] = v end return r
--- pairs with changes of what is there
local t = {a = 1, b = 2, c = 3} for k, v in pairs(t) do t[k] = v * 10 end return t.a + t.b + t.c
--- pairs of numbers as text and as numbers
local t = {['1'] = 'a', ['2'] = 'b', [1] = 'c', [2] = 'd', ['01'] = 'e'}
local r = {} for k, v in pairs(t) do r[#r+1] = type(k):sub(1, 1) .. tostring(k) .. v end return r
--- pairs of big numbers
local t = {} for i = 0, 12 do t[2^i * 1000] = i end
local r = {} for k, v in pairs(t) do r[#r+1] = v end return r
