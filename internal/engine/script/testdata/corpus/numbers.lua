-- How numbers are written and read everywhere.
--- tostring
local t = {} for _, n in ipairs({0, 1, -1, 100, 1e5, 1e14, 1e15, 1e16, 123456789012345, 1234567890123456, 0.1, 0.5, 1/3, 2/3, 1e-4, 1e-5, 1e100, 1.5e300, 2^31, 2^32, 2^53, 2^63, 2^64}) do t[#t+1] = tostring(n) end return t
--- tostring of negatives
local t = {} for _, n in ipairs({-0.0, -0.1, -1e15, -2^53, -1/3, -1e-10}) do t[#t+1] = tostring(n) end return t
--- minus zero
return {tostring(-0), tostring(-0.0), tostring(0 * -1), tostring(-(0)), tostring(0 / -5), 1 / -0.0 == -1/0 and 'minus' or 'plus'}
--- minus zero as a constant
local a = -0 local b = 0 return {tostring(a), tostring(b), tostring(1/a), tostring(1/b)}
--- zero as a constant after minus zero
local b = 0 local a = -0.0 local c = 0.0 return {tostring(b), tostring(a), tostring(c)}
--- special values
return {tostring(1/0), tostring(-1/0), tostring(0/0), tostring(-(0/0)), tostring(math.huge - math.huge)}
--- literals
return {3, 3.0, tostring(3.1416), tostring(314.16e-2), tostring(0.31416E1), 0xff, 0x56, tostring(.5), tostring(5.), tostring(1e+2), 0xA}
--- literals that are big
return {tostring(9007199254740993), tostring(18446744073709551616), tostring(0xffffffffffffffff), tostring(1e308), tostring(1e309), tostring(123456789012345678901234567890)}
--- argument integer
--> EVAL $ 1 k
redis.call('SET', KEYS[1], 5) return redis.call('GET', KEYS[1])
--- argument float
--> EVAL $ 1 k
redis.call('SET', KEYS[1], 3.3) return redis.call('GET', KEYS[1])
--- argument half
--> EVAL $ 1 k
redis.call('SET', KEYS[1], 1.5) return redis.call('GET', KEYS[1])
--- argument tenth
--> EVAL $ 1 k
redis.call('SET', KEYS[1], 0.1) return redis.call('GET', KEYS[1])
--- argument sum of tenths
--> EVAL $ 1 k
redis.call('SET', KEYS[1], 0.1 + 0.2) return redis.call('GET', KEYS[1])
--- argument 2^53
--> EVAL $ 1 k
redis.call('SET', KEYS[1], 2^53) return redis.call('GET', KEYS[1])
--- arguments around powers of two
--> EVAL $ 1 k
for _, n in ipairs({2^31, 2^32, 2^52, 2^53 - 1, 2^53 + 2, 2^62, 2^63, 2^63 - 1024, -2^63, 2^64, 2^65, -2^53}) do redis.call('RPUSH', KEYS[1], n) end return redis.call('LRANGE', KEYS[1], 0, -1)
--- arguments around powers of ten
--> EVAL $ 1 k
for i = 10, 25 do redis.call('RPUSH', KEYS[1], 10 ^ i) end return redis.call('LRANGE', KEYS[1], 0, -1)
--- arguments that are small
--> EVAL $ 1 k
for i = 1, 8 do redis.call('RPUSH', KEYS[1], 10 ^ -i) end return redis.call('LRANGE', KEYS[1], 0, -1)
--- arguments that are special
--> EVAL $ 1 k
for _, n in ipairs({1/0, -1/0, 0/0, -(0/0)}) do redis.call('RPUSH', KEYS[1], n) end return redis.call('LRANGE', KEYS[1], 0, -1)
--- argument minus zero
--> EVAL $ 1 k
local zero = 0 redis.call('RPUSH', KEYS[1], -zero, -0.0, 0 * -1) return redis.call('LRANGE', KEYS[1], 0, -1)
--- arguments with fractions
--> EVAL $ 1 k
for _, n in ipairs({1/3, 2/3, 10/3, 100.25, 1e15 + 0.5, 1e17 + 0.5, 123456.789, -1.1, 1e300, 1e-300, 4.35, 2.675, 1.005}) do redis.call('RPUSH', KEYS[1], n) end return redis.call('LRANGE', KEYS[1], 0, -1)
--- argument of many digits
--> EVAL $ 1 k
redis.call('SET', KEYS[1], 3.14159265358979) redis.call('APPEND', KEYS[1], ' ') redis.call('APPEND', KEYS[1], math.pi) return redis.call('GET', KEYS[1])
--- increment by a float as argument
--> EVAL $ 1 k
redis.call('SET', KEYS[1], 10.5) redis.call('INCRBYFLOAT', KEYS[1], 0.1) return redis.call('GET', KEYS[1])
--- increment by a whole float
--> EVAL $ 1 k
return redis.call('INCRBY', KEYS[1], 5.0)
--- increment by a fraction
--> EVAL $ 1 k
return redis.call('INCRBY', KEYS[1], 5.5)
--- increment by 1e15
--> EVAL $ 1 k
return redis.call('INCRBY', KEYS[1], 1e15)
--- increment by 1e17
--> EVAL $ 1 k
return redis.call('INCRBY', KEYS[1], 1e17)
--- increment by 1e18
--> EVAL $ 1 k
return redis.call('INCRBY', KEYS[1], 1e18)
--- increment by 1e19
--> EVAL $ 1 k
return redis.call('INCRBY', KEYS[1], 1e19)
--- expire with a computed time
--> SET k v
--> EVAL $ 1 k
return redis.call('EXPIRE', KEYS[1], 60 * 1.5)
--- expire with a fraction
--> SET k v
--> EVAL $ 1 k
return redis.pcall('EXPIRE', KEYS[1], 1 / 3)
--- pexpire of milliseconds
--> SET k v
--> EVAL $ 1 k
return {redis.call('PEXPIRE', KEYS[1], 1e5), redis.call('TTL', KEYS[1])}
--- score as number
--> EVAL $ 1 z
redis.call('ZADD', KEYS[1], 1.5, 'a', 1e15, 'b', 2^53, 'c', 0.1, 'd', 1/3, 'e', 3, 'f', -1/0, 'g', 1/0, 'h')
return redis.call('ZRANGE', KEYS[1], 0, -1, 'WITHSCORES')
--- score that is not a number
--> EVAL $ 1 z
return redis.call('ZADD', KEYS[1], 0/0, 'a')
--- score read back and added
--> ZADD z 1.1 m
--> EVAL $ 1 z
local s = redis.call('ZSCORE', KEYS[1], 'm')
return {s, tostring(s + 1), type(s), redis.call('ZINCRBY', KEYS[1], s, 'm')}
--- hash increment by float
--> EVAL $ 1 h
return {redis.call('HINCRBYFLOAT', KEYS[1], 'f', 1.1), redis.call('HINCRBYFLOAT', KEYS[1], 'f', 2.2), redis.call('HINCRBY', KEYS[1], 'n', 3.0)}
--- concatenation of results
--> SET n 41
--> EVAL $ 1 n
local n = redis.call('INCR', KEYS[1]) return n .. ' is ' .. type(n) .. ' and ' .. (n / 4)
--- concatenation of big results
--> SET n 1234567890123456
--> EVAL $ 1 n
return 'n:' .. redis.call('INCR', KEYS[1])
--- big result as a number
--> SET n 9007199254740991
--> EVAL $ 1 n
return {redis.call('INCR', KEYS[1]), redis.call('INCR', KEYS[1]), redis.call('GET', KEYS[1])}
--- biggest integer
--> SET n 9223372036854775806
--> EVAL $ 1 n
return {redis.call('INCR', KEYS[1]), redis.pcall('INCR', KEYS[1])}
--- smallest integer
--> SET n -9223372036854775807
--> EVAL $ 1 n
return {redis.call('DECR', KEYS[1]), redis.pcall('DECR', KEYS[1])}
--- returned floats
return {3.99, -3.99, 0.5, -0.5, 1e10 + 0.9, 2.5}
--- returned big floats
return {1e15, 1e17, 1e18, 2^62, 2^53 + 1, -2^62}
--- returned beyond integers
return {2^63, -2^63, 2^64, 1e19, -1e19, 1e300}
--- returned special
return {1/0, -1/0, 0/0, -0.0}
--- returned alone
return 3.99
--- returned negative
return -3.99
--- returned nan
return 0/0
--- returned inf
return 1/0
--- returned 1e300
return 1e300
--- argv is text
--> EVAL $ 0 10 1.50 0x10 " 5 " 1e3
return {type(ARGV[1]), ARGV[1] + 1, ARGV[2] * 2, ARGV[3] + 0, ARGV[4] + 0, ARGV[5] + 0, ARGV[2]}
--- argv compared with a number
--> EVAL $ 0 10
return ARGV[1] > 5
--- argv compared as text
--> EVAL $ 0 10 9
return {tostring(ARGV[1] < ARGV[2]), tostring(tonumber(ARGV[1]) < tonumber(ARGV[2]))}
--- argv that is not a number
--> EVAL $ 0 ten
return ARGV[1] + 1
--- argv nil in arithmetic
return ARGV[1] + 1
--- string keys from numbers
--> EVAL $ 0
redis.call('SET', 'user:' .. 1, 'a') redis.call('SET', 'user:' .. 1.5, 'b') redis.call('SET', 'user:' .. 2^53, 'c') local t = redis.call('KEYS', '*') table.sort(t) return t
--- number as key name
--> EVAL $ 0
redis.call('SET', 5, 'a') redis.call('SET', 1.5, 'b') redis.call('SET', 1e16, 'c') local t = redis.call('KEYS', '*') table.sort(t) return t
--- for loop with fractions
local t = {} for i = 0, 1, 0.25 do t[#t+1] = tostring(i) end return t
--- for loop with tenths
local n, last = 0 for i = 0, 1, 0.1 do n = n + 1 last = i end return {n, tostring(last)}
--- for loop with strings
local t = {} for i = '1', '3' do t[#t+1] = i end return t
--- json of numbers
return cjson.encode({1, 1.5, 1e15, 1e14, 123456789012345, 0.1, 1/3, -0.0, 2^53, 1e100, 1e-7})
--- integer test by modulo
local t = {} for _, n in ipairs({1, 1.5, -2, 2^53, 0}) do t[#t+1] = n % 1 == 0 and 1 or 0 end return t
--- milliseconds of a timestamp
local s, us = '1700000000', '123456' return {s * 1000 + math.floor(us / 1000), tostring(s * 1000 + us / 1000), s * 1000000 + us, tostring(s * 1000000 + us)}
--- timestamp as argument
--> EVAL $ 1 k
local now = 1700000000 * 1000 + 123.456 redis.call('SET', KEYS[1], now) redis.call('APPEND', KEYS[1], ' ' .. now) return redis.call('GET', KEYS[1])
--- microseconds as argument
--> EVAL $ 1 k
local now = 1700000000 * 1000000 + 123456 redis.call('SET', KEYS[1], now) redis.call('APPEND', KEYS[1], ' ' .. now) return redis.call('GET', KEYS[1])
--- setrange with a float offset
--> EVAL $ 1 k
return {redis.call('SETRANGE', KEYS[1], 2.0, 'x'), redis.pcall('SETRANGE', KEYS[1], 2.5, 'x')}
--- lrange with computed indices
--> RPUSH l a b c d e
--> EVAL $ 1 l
local n = redis.call('LLEN', KEYS[1]) return redis.call('LRANGE', KEYS[1], n / 5, n - 2)
--- lrange with a half
--> RPUSH l a b c d e
--> EVAL $ 1 l
return redis.call('LRANGE', KEYS[1], 0, 5 / 2)
