-- The language itself.
--- closures
local function counter() local n = 0 return function() n = n + 1 return n end end
local a, b = counter(), counter()
return {a(), a(), b(), a()}
--- closures in a loop
local t = {} for i = 1, 3 do t[i] = function() return i end end return {t[1](), t[2](), t[3]()}
--- closures share a variable
local x = 0 local function inc() x = x + 1 end local function get() return x end inc() inc() return {get(), x}
--- closures in a while loop
local t, i = {}, 0 while i < 3 do i = i + 1 local j = i t[i] = function() j = j + 10 return j end end return {t[1](), t[1](), t[2](), t[3]()}
--- closures outlive their block
local f do local hidden = 42 f = function() hidden = hidden + 1 return hidden end end return {f(), f()}
--- recursion through an upvalue
local function fact(n) if n <= 1 then return 1 end return n * fact(n - 1) end return fact(10)
--- local function knows itself and local f does not
local ok, e = pcall(function() local f = function(n) if n == 0 then return 0 end return f(n - 1) end return f(1) end) return {tostring(ok), e}
--- varargs
local function f(...) local a, b = ... return select('#', ...), a, b end return {f(1, 2, 3)}
--- varargs in the middle
local function f(...) return 0, ..., 9 end return {f(1, 2)}
--- varargs in a table
local function f(...) local t = {...} return #t, t[#t] end return {f('a', 'b', 'c')}
--- varargs with nils
local function f(...) return select('#', ...) end return {f(nil), f(nil, nil), f()}
--- varargs adjusted by parentheses
local function f() return 1, 2, 3 end return {(f()), f(), (f())}
--- several assignments
local a, b, c = 1, 2 a, b = b, a return {a, b, tostring(c)}
--- assignment evaluates first
local i, t = 1, {} i, t[i] = i + 1, 20 return {i, t[1], tostring(t[2])}
--- assignment from a call
local function f() return 1, 2, 3 end local a, b, c, d = f() local e, g = f(), 10 return {a, b, c, tostring(d), e, g}
--- scopes
local x = 1 do local x = 2 end if true then local x = 3 end for x = 4, 4 do end return x
--- shadowing
local x = 1 local x = x + 1 local x = x * 10 return x
--- numeric for
local t = {} for i = 1, 3 do t[#t+1] = i end for i = 3, 1, -1 do t[#t+1] = i end for i = 1, 0 do t[#t+1] = 'never' end for i = 1, 10, 4 do t[#t+1] = i end return t
--- numeric for with a changed variable
local t = {} for i = 1, 3 do local j = i i = i * 10 t[#t+1] = j + i end return t
--- numeric for evaluates its limits once
local n, t = 3, {} for i = 1, n do n = 10 t[#t+1] = i end return {#t, n}
--- numeric for with a step of zero
local n = 0 for i = 1, 2, 0 do n = n + 1 if n > 5 then break end end return n
--- while and break
local i = 0 while true do i = i + 1 if i == 5 then break end end return i
--- repeat sees the locals of its body
local n = 0 repeat local done = n >= 3 n = n + 1 until done return n
--- nested loops and break
local t = {} for i = 1, 3 do for j = 1, 3 do if j == i then break end t[#t+1] = i * 10 + j end end return t
--- goto is a name's start
local gotox = 5 return gotox
--- and and or
return {1 and 2, tostring(nil and 1), tostring(false and 1), nil or 'a', false or 'b', 1 or 2, tostring(nil or false), 0 and 'zero is true', '' and 'empty is true'}
--- and and or do not evaluate
local n = 0 local function f() n = n + 1 return true end local a = true or f() local b = false and f() return n
--- and and or as a condition
local function max(a, b) return a > b and a or b end return {max(1, 2), max(2, 1)}
--- not
return {tostring(not nil), tostring(not 0), tostring(not ''), tostring(not false), tostring(not not 1)}
--- comparison chains
return {tostring(1 < 2 == true), tostring('a' < 'b' and 'b' < 'c'), tostring(1 == '1'), tostring(nil == false), tostring({} ~= {})}
--- precedence
return {2 + 3 * 4 ^ 2 / 2, -2 ^ 2, tostring(not 1 == 2), 'a' .. 1 + 2, 1 .. 2 .. 3, 2 ^ -1 * 4, 5 - 2 - 1, 2 ^ 2 ^ 3, #'abc' + 1, -'2' + 0}
--- concatenation is right associative
local m = setmetatable({}, {__concat = function(a, b) return (type(a) == 'table' and 'T' or a) .. '-' .. (type(b) == 'table' and 'T' or b) end}) return {'a' .. 'b' .. m, m .. 'a' .. 'b', 'a' .. m .. 'b'}
--- comments
--[[ a comment ]] local x = 1 --[==[ another
over lines ]==] x = x + 1 -- to the end
return x --
--- semicolons
local a = 1; local b = 2; return a + b;
--- one line without spaces
local a=1 local b=2 if a<b then a,b=b,a end return{a,b}
--- string call
local function f(s) return s .. '!' end return {f'x', f"y", f[[z]], #f'x'}
--- table call
local function f(t) return #t end return f{1, 2, 3}
--- method call
local o = {n = 5} function o:add(x) self.n = self.n + x return self end return o:add(1):add(2).n
--- method definition in a table
local o = {} function o.static(x) return x end function o:dynamic() return self == o end return {o.static(3), tostring(o:dynamic())}
--- nested functions names
local a = {b = {c = {}}} function a.b.c.f(x) return x * 2 end function a.b.c:g() return self == a.b.c end return {a.b.c.f(4), tostring(a.b.c:g())}
--- long strings with levels
return {[==[a]]b]==], [[
x]], #[[

]]}
--- numbers in code
return {0x10, 1e2, .5 * 2, 3., 0XfF, 1E+1, 0.5e1}
--- numbers in code that are not valid
return 0xA.8
--- escapes in code
return {'\104\105', '\0651', '\x'}
--- keywords as fields by brackets
local t = {['end'] = 1, ['nil'] = 2} return {t['end'], t['nil']}
--- unicode in strings
local s = 'naïve ☃' return {s, #s}
--- do blocks
do local a = 1 end do do do end end end return 'done'
--- function as a value
local ops = {add = function(a, b) return a + b end, mul = function(a, b) return a * b end} return {ops.add(2, 3), ops['mul'](2, 3)}
--- immediate function
return (function(a, b) return a * b end)(6, 7)
--- higher order
local function compose(f, g) return function(...) return f(g(...)) end end return compose(function(x) return x + 1 end, function(x) return x * 2 end)(5)
--- currying
local function add(a) return function(b) return a + b end end return add(1)(2)
--- tail calls
local function loop(n, acc) if n == 0 then return acc end return loop(n - 1, acc + n) end return loop(50000, 0)
--- inheritance
local Base = {} Base.__index = Base function Base.new(n) return setmetatable({n = n}, Base) end function Base:get() return self.n end
local Derived = setmetatable({}, {__index = Base}) Derived.__index = Derived function Derived.new(n) return setmetatable(Base.new(n), Derived) end function Derived:double() return self:get() * 2 end
return {Derived.new(5):get(), Derived.new(5):double()}
--- quicksort by hand
local function sort(t) if #t <= 1 then return t end local p, l, r = t[1], {}, {} for i = 2, #t do if t[i] < p then l[#l+1] = t[i] else r[#r+1] = t[i] end end l = sort(l) l[#l+1] = p for _, v in ipairs(sort(r)) do l[#l+1] = v end return l end
return sort({3, 1, 4, 1, 5, 9, 2, 6})
--- tower of hanoi
local n = 0 local function hanoi(k, a, b, c) if k == 0 then return end hanoi(k - 1, a, c, b) n = n + 1 hanoi(k - 1, c, b, a) end hanoi(8, 'a', 'b', 'c') return n
--- sieve
local sieve, t = {}, {} for i = 2, 100 do if not sieve[i] then t[#t+1] = i for j = i * i, 100, i do sieve[j] = true end end end return {#t, t[#t]}
--- memoize
local calls = 0 local memo = setmetatable({}, {__index = function(t, n) calls = calls + 1 local v = n < 2 and n or t[n - 1] + t[n - 2] t[n] = v return v end}) return {memo[50], calls}
--- string builder
local parts = {} for i = 1, 10 do parts[#parts + 1] = i .. ':' .. i * i end return table.concat(parts, ' ')
--- word count
--> EVAL $ 0 "the cat and the dog and the bird"
local counts, order = {}, {} for w in ARGV[1]:gmatch('%a+') do if not counts[w] then order[#order+1] = w end counts[w] = (counts[w] or 0) + 1 end table.sort(order) local t = {} for _, w in ipairs(order) do t[#t+1] = w .. '=' .. counts[w] end return t
--- roman numerals
local function roman(n) local s = '' for _, p in ipairs({{1000, 'M'}, {900, 'CM'}, {500, 'D'}, {400, 'CD'}, {100, 'C'}, {90, 'XC'}, {50, 'L'}, {40, 'XL'}, {10, 'X'}, {9, 'IX'}, {5, 'V'}, {4, 'IV'}, {1, 'I'}}) do while n >= p[1] do s = s .. p[2] n = n - p[1] end end return s end return {roman(1994), roman(2024)}
--- binary search
local t = {} for i = 1, 100 do t[i] = i * 3 end local function find(x) local lo, hi = 1, #t while lo <= hi do local mid = math.floor((lo + hi) / 2) if t[mid] == x then return mid elseif t[mid] < x then lo = mid + 1 else hi = mid - 1 end end return false end return {find(75), find(76)}
--- eight queens
local n, count = 6, 0 local function ok(a, r, c) for i = 1, r - 1 do if a[i] == c or a[i] - i == c - r or a[i] + i == c + r then return false end end return true end local function place(a, r) if r > n then count = count + 1 return end for c = 1, n do if ok(a, r, c) then a[r] = c place(a, r + 1) end end end place({}, 1) return count
--- levenshtein
--> EVAL $ 0 kitten sitting
local a, b = ARGV[1], ARGV[2] local d = {} for i = 0, #a do d[i] = {[0] = i} end for j = 0, #b do d[0][j] = j end for i = 1, #a do for j = 1, #b do d[i][j] = math.min(d[i-1][j] + 1, d[i][j-1] + 1, d[i-1][j-1] + (a:byte(i) == b:byte(j) and 0 or 1)) end end return d[#a][#b]
--- serializer
local function ser(v) if type(v) == 'table' then local keys = {} for k in pairs(v) do keys[#keys+1] = k end table.sort(keys, function(a, b) return tostring(a) < tostring(b) end) local t = {} for _, k in ipairs(keys) do t[#t+1] = tostring(k) .. '=' .. ser(v[k]) end return '{' .. table.concat(t, ',') .. '}' end return tostring(v) end return ser({1, 'a', x = {y = true}})
