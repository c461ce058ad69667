-- The math library and arithmetic.
--- floor and ceil
return {math.floor(1.5), math.floor(-1.5), math.ceil(1.5), math.ceil(-1.5), math.floor(2), math.floor('3.7')}
--- rounding of huge numbers
return {tostring(math.floor(1e300)), tostring(math.ceil(-1e300)), tostring(math.floor(2^53 + 1)), tostring(math.floor(1/0)), tostring(math.ceil(0/0))}
--- abs
return {math.abs(-5), math.abs(5), tostring(math.abs(-0.5)), tostring(math.abs(-1/0))}
--- max and min
return {math.max(1, 5, 3), math.min(1, 5, 3), math.max(1), math.max('10', 9), tostring(math.max(1, 1/0)), math.min(-1, '-2')}
--- max of nothing
return math.max()
--- max of strings
return math.max('x', 1)
--- min with nil
return math.min(1, nil)
--- sqrt and pow
return {math.sqrt(16), tostring(math.sqrt(2)), tostring(math.sqrt(-1)), math.pow(2, 10), tostring(math.pow(2, 0.5)), tostring(math.pow(0, 0)), tostring(math.pow(-8, 1/3))}
--- exp and log
return {tostring(math.exp(1)), tostring(math.log(10)), tostring(math.log10(1000)), tostring(math.log(0)), tostring(math.log(-1)), tostring(math.exp(0)), tostring(math.exp(1000))}
--- log with a base is ignored
return {tostring(math.log(8, 2)), tostring(math.log10(2))}
--- trigonometry
return {tostring(math.sin(1)), tostring(math.cos(1)), tostring(math.tan(1)), tostring(math.asin(1)), tostring(math.acos(0)), tostring(math.atan(1)), tostring(math.atan2(1, -1)), tostring(math.atan2(-0.0, -1))}
--- trigonometry of seventeen digits
local t = {} for _, f in ipairs({'sin', 'cos', 'tan', 'asin', 'acos', 'atan', 'exp', 'log', 'log10', 'sqrt', 'sinh', 'cosh', 'tanh'}) do t[#t+1] = string.format('%.17g', math[f](0.7)) end return t
--- hyperbolic
return {tostring(math.sinh(1)), tostring(math.cosh(1)), tostring(math.tanh(1))}
--- degrees and radians
return {math.deg(math.pi), tostring(math.rad(180)), tostring(math.rad(90))}
--- pi and huge
return {tostring(math.pi), tostring(math.huge), tostring(-math.huge), string.format('%.17g', math.pi)}
--- fmod and mod
return {math.fmod(7, 3), math.fmod(-7, 3), math.fmod(7, -3), tostring(math.fmod(5.5, 2)), math.mod(7, 3), tostring(math.fmod(1, 0)), tostring(math.fmod(1, 1/0))}
--- modf
local function both(x) local i, f = math.modf(x) return tostring(i) .. ' ' .. tostring(f) end
return {both(3.7), both(-3.7), both(5), both(1/0), both(0/0), both(-0.5)}
--- frexp and ldexp
local m, e = math.frexp(10) return {tostring(m), e, math.ldexp(0.5, 4), tostring(math.frexp(0)), tostring(math.ldexp(1, -1080)), tostring(math.ldexp(1, 2000))}
--- frexp of odd numbers
local function both(x) local m, e = math.frexp(x) return tostring(m) .. ' ' .. tostring(e) end
return {both(-3), both(1e-320), both(1/0), both(0.1)}
--- random is the same for each script
--> EVAL $ 0
--> EVAL $ 0
local t = {} for i = 1, 5 do t[i] = math.random(1000000) end return t
--- random floats
local t = {} for i = 1, 5 do t[i] = string.format('%.17g', math.random()) end return t
--- random with limits
local t = {} for i = 1, 20 do t[i] = math.random(6) end for i = 1, 10 do t[#t+1] = math.random(-5, 5) end return t
--- randomseed
math.randomseed(42) local a, b = math.random(1000), math.random(1000) math.randomseed(42) return {a, b, math.random(1000), math.random(1000)}
--- randomseeds of all kinds
local t = {} for _, s in ipairs({0, 1, -1, 2^31, 2^32 + 5, 1e10, 1.7, '12'}) do math.randomseed(s) t[#t+1] = math.random(1000000) end return t
--- randomseed is forgotten by the next script
--> EVAL "math.randomseed(7) return math.random(1000)" 0
--> EVAL "return math.random(1000)" 0
--- random of zero
return math.random(0)
--- random of an empty interval
return math.random(5, 1)
--- random of a fraction
return {math.random(1.5), math.random(1.9, 2.1)}
--- random with too many arguments
return math.random(1, 2, 3)
--- random of a string
return math.random('x')
--- shuffle
local t = {} for i = 1, 10 do t[i] = i end for i = 10, 2, -1 do local j = math.random(i) t[i], t[j] = t[j], t[i] end return t
--- floor of a value that is not a number
return math.floor('x')
--- floor of nil
return math.floor(nil)
--- floor of nothing
return math.floor()
--- floor of a table
return math.floor({})
--- abs of a boolean
return math.abs(true)
--- sqrt of a numeric string
return math.sqrt('16')
--- constants are no functions
return math.pi()
--- tointeger is nil
return math.tointeger(5)
--- division
return {7 / 2, tostring(7 / 2), tostring(1 / 3), tostring(1 / 0), tostring(-1 / 0), tostring(0 / 0), tostring(1 / -0)}
--- modulo
return {7 % 3, -7 % 3, 7 % -3, -7 % -3, tostring(5.5 % 2), tostring(-5.5 % 2), tostring(1 % 0), tostring(5 % (1/0)), tostring(-5 % (1/0))}
--- modulo of huge numbers
return {tostring(1e20 % 7), tostring(2^53 % 3), tostring(-1e15 % 9.5), tostring(1e300 % 3)}
--- power
return {2 ^ 10, tostring(2 ^ 0.5), tostring(2 ^ -1), 2 ^ 3 ^ 2, -2 ^ 2, tostring((-8) ^ (1/3)), tostring(0 ^ -1)}
--- arithmetic of strings
return {'10' + 5, '3' * '4', '10' / 2, '7' % 3, '2' ^ 3, -'5', '0x10' + 0, ' 5 ' + 1}
--- arithmetic precedence
return {1 + 2 * 3, (1 + 2) * 3, 2 + 3 .. '', 2 * 3 ^ 2, -3 ^ 2, 10 - 4 - 3, 100 / 10 / 2, 7 - -3}
--- integers above two to the fifty-third
return {2^53, 2^53 + 1, tostring(2^53 + 1), 2^53 + 2, tostring(2^63), 9007199254740993}
--- overflow
return {tostring(1e308 * 10), tostring(-1e308 * 10), tostring(5e-324 / 2), tostring(2^1023 * 2)}
--- accumulation of tenths
local s = 0 for i = 1, 10 do s = s + 0.1 end return {tostring(s), tostring(s == 1), string.format('%.17g', s)}
--- comparison of numbers
return {tostring(1 < 2), tostring(2 <= 2), tostring(1 == 1.0), tostring(0/0 == 0/0), tostring(0/0 ~= 0/0), tostring(0/0 < 1), tostring(1/0 > 1e308), tostring(-0 == 0)}
--- floor division by hand
local function idiv(a, b) return math.floor(a / b) end return {idiv(7, 2), idiv(-7, 2), idiv(7, -2)}
--- rounding by hand
local function round(x, d) local p = 10 ^ (d or 0) return math.floor(x * p + 0.5) / p end return {round(2.5), round(-2.5), tostring(round(3.14159, 2)), tostring(round(1.005, 2))}
--- greatest common divisor
local function gcd(a, b) while b ~= 0 do a, b = b, a % b end return a end return {gcd(48, 18), gcd(17, 5), gcd(100, 75)}
--- fibonacci
local function fib(n) if n < 2 then return n end return fib(n - 1) + fib(n - 2) end return fib(20)
--- fibonacci of floats
local a, b = 0, 1 for i = 1, 100 do a, b = b, a + b end return {tostring(a), string.format('%.0f', a)}
--- primes
local t = {} for n = 2, 50 do local p = true for d = 2, math.sqrt(n) do if n % d == 0 then p = false break end end if p then t[#t+1] = n end end return t
--- mean and deviation
local t = {2, 4, 4, 4, 5, 5, 7, 9} local s = 0 for _, v in ipairs(t) do s = s + v end local m = s / #t local d = 0 for _, v in ipairs(t) do d = d + (v - m) ^ 2 end return {m, math.sqrt(d / #t)}
--- linear congruential generator
local x = 42 local t = {} for i = 1, 5 do x = (x * 1103515245 + 12345) % 2^31 t[i] = x end return t
--- crc by bit
local function crc32(s) local c = 0xFFFFFFFF for i = 1, #s do c = bit.bxor(c, s:byte(i)) for _ = 1, 8 do c = bit.band(c, 1) == 1 and bit.bxor(bit.rshift(c, 1), 0xEDB88320) or bit.rshift(c, 1) end end return bit.tohex(bit.bnot(c)) end return crc32('123456789')
