-- Each line is the body of a function, run in Redis and here.
local names = {} for name in pairs(string) do names[#names + 1] = name end return names
return string.gfind == string.gmatch, getmetatable('').__index == string, ('x').rep == string.rep
-- len
return #'', ('abc'):len(), string.len('a\0b'), string.len(12.5)
return string.len()
return string.len({})
return ('x').len(nil)
-- sub
return ('hello'):sub(2, 4), ('hello'):sub(-3), ('hello'):sub(2), ('hello'):sub(0), ('hello'):sub(-100, 2), ('hello'):sub(3, 2), ('hello'):sub(2, -2), ('hello'):sub(10)
return ('hello'):sub(1.9, 3.9), ('hello'):sub('2', '3'), ('hello'):sub(-1e300, 1e300), ('hello'):sub(0/0), ('hello'):sub(2^53, 2^63)
return (12345):sub(1)
return string.sub(12345, 2, 3), string.sub(1e15, 1), string.sub(0.1, -1)
return string.sub('x')
return string.sub('x', {})
return string.sub('x', 1, 'y')
return ('x'):sub('a')
return ('x'):sub(1, nil), ('abc'):sub(2, nil)
return ('x'):sub(nil)
return string.sub()
return ('a\0b\0c'):sub(2, 4)
-- reverse, lower, upper
return ('abc'):reverse(), (''):reverse(), ('a\0b'):reverse(), string.reverse(123)
return ('aBcÄ1\0X'):lower(), ('aBcä1\0x'):upper(), (''):lower(), string.upper(1e100), ('@[`{AZaz'):lower(), ('@[`{AZaz'):upper()
return string.reverse()
return string.lower(nil)
return string.upper({})
return string.lower(true)
-- rep
return ('ab'):rep(3), ('ab'):rep(0), ('ab'):rep(-1), (''):rep(1000), ('x'):rep(2.9), ('x'):rep('2'), string.rep(1, 3)
return ('x'):rep(2^31), ('x'):rep(2^32), ('x'):rep(2^32 + 2), ('x'):rep(-2^33), ('x'):rep(0/0), ('x'):rep(1/0)
return string.rep('x')
return string.rep()
return ('x'):rep('y')
return ('x'):rep({})
return string.rep({}, 1)
return string.rep('x', nil)
return ('x'):rep(3, ',')
return #('x'):rep(1000000)
-- byte
return ('abc'):byte(), ('abc'):byte(2), ('abc'):byte(-1), ('abc'):byte(10), ('abc'):byte(0)
return ('abc'):byte(1, -1)
return ('abc'):byte(-100, 100)
return ('abc'):byte(0, 1)
return ('abc'):byte(0, 0)
return ('abc'):byte(3, 2)
return (''):byte()
return (''):byte(1, 2)
return ('\0\255\128'):byte(1, 3)
return string.byte()
return string.byte('x', 'y')
return string.byte('x', 1, {})
return string.byte(65)
return ('abc'):byte(1, 2^53)
return ('abc'):byte(-2^63)
return ('abc'):byte(2^63)
return select('#', ('x'):rep(7997):byte(1, -1))
return select('#', ('x'):rep(7998):byte(1, -1))
return select('#', string.byte(('x'):rep(7998), 1, 7998))
return select('#', string.byte(('x'):rep(9000), 1000, 8996))
return select('#', ('x'):rep(100):byte(1, 100))
-- char
return string.char(), string.char(65), string.char(65, 66, 67), string.char(0, 255), string.char('72', 105.7)
return string.char(256)
return string.char(-1)
return string.char(65, 300)
return string.char('x')
return string.char({})
return string.char(65, nil)
return string.char(2^32 + 65)
return string.char(2^63)
return ('x').char(1, 2, -3)
return (65):char()
-- dump
return pcall(string.dump)
return pcall(string.dump, 1)
return pcall(string.dump, pairs)
return string.dump(string.dump)
return string.dump({})
-- methods that do not exist
return ('x'):foo()
return ('x').foo
return ('x')[1]
return #string.gmatch('x', 'x')
local s = 'x' return s.y.z
local s = 'x' s.y = 1
return string.foo
return string.foo('x')
string.x = 1
rawset(string, 'x', 1)
getmetatable('').__index = nil
return ('5'):rep('3') + 1
