-- bit.
--- and, or, xor and not
return {bit.band(12, 10), bit.bor(12, 10), bit.bxor(12, 10), bit.bnot(0), bit.bnot(5), bit.band(255, 15, 7), bit.bor(1, 2, 4, 8)}
--- shifts
return {bit.lshift(1, 4), bit.rshift(256, 4), bit.arshift(-256, 4), bit.rshift(-1, 28), bit.lshift(1, 31), bit.arshift(-1, 31)}
--- shifts beyond
return {bit.lshift(1, 32), bit.lshift(1, 33), bit.rshift(1, 32), bit.lshift(1, -1), bit.arshift(-8, 35)}
--- rotations
return {bit.rol(1, 31), bit.ror(1, 1), bit.rol(0x12345678, 12), bit.ror(0x12345678, 12), bit.rol(1, 32), bit.ror(-1, 5)}
--- bswap
return {bit.bswap(1), bit.bswap(0x12345678), bit.bswap(-1), bit.tohex(bit.bswap(0x12345678))}
--- tobit
return {bit.tobit(0xffffffff), bit.tobit(2^32), bit.tobit(2^31), bit.tobit(-1), bit.tobit(2^40 + 123), bit.tobit(0.4), bit.tobit(1.5), bit.tobit(2.5), bit.tobit(-0.6)}
--- tobit of huge numbers
return {bit.tobit(1e15), bit.tobit(2^53), bit.tobit(-2^50), bit.tobit(2^51 + 1)}
--- tohex
return {bit.tohex(1), bit.tohex(-1), bit.tohex(0xdeadbeef), bit.tohex(255, 2), bit.tohex(255, -2), bit.tohex(255, 4), bit.tohex(0x21, 4), bit.tohex(-1, -8), bit.tohex(1, 0)}
--- tohex beyond
return {bit.tohex(255, 20), bit.tohex(255, -20)}
--- one argument
return {bit.band(5), bit.bor(5), bit.bxor(5), bit.tobit(5)}
--- text as numbers
return {bit.band('12', '10'), bit.lshift('1', '4')}
--- band without arguments
return bit.band()
--- band of a value that is not a number
return bit.band('x', 1)
--- band of nil
return bit.band(1, nil)
--- band of a table
return bit.band({}, 1)
--- bnot without an argument
return bit.bnot()
--- lshift without a count
return bit.lshift(1)
--- lshift of a value that is not a number
return bit.lshift(1, 'x')
--- tohex of a value that is not a number
return bit.tohex('x')
--- tohex with no number
return bit.tohex(1, 'x')
--- tobit of a boolean
return bit.tobit(true)
--- nan and inf
return {bit.tobit(0/0), bit.band(1/0, 1)}
--- flags of permissions
--> SET flags 5
--> EVAL $ 1 flags 2
local f = tonumber(redis.call('GET', KEYS[1])) local has = bit.band(f, ARGV[1]) ~= 0 redis.call('SET', KEYS[1], bit.bor(f, ARGV[1])) return {tostring(has), redis.call('GET', KEYS[1])}
--- hash of a string
local h = 5381 for c in string.gmatch('hello world', '.') do h = bit.tobit(bit.lshift(h, 5) + h + string.byte(c)) end return h
--- fnv
local h = 2166136261 for i = 1, 5 do h = bit.bxor(h, i) h = bit.tobit(h * 16777619) end return h
