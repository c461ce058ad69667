-- cmsgpack.
--- pack integers
local t = {} for _, n in ipairs({0, 1, 127, 128, 255, 256, 65535, 65536, 4294967295, 4294967296, 2^53, 2^62}) do t[#t+1] = cmsgpack.pack(n) end return t
--- pack negative integers
local t = {} for _, n in ipairs({-1, -32, -33, -128, -129, -32768, -32769, -2147483648, -2147483649, -2^53}) do t[#t+1] = cmsgpack.pack(n) end return t
--- pack floats
local t = {} for _, n in ipairs({0.5, 1.5, -2.25, 0.1, 1/3, 1e300, -1e-300, 1e20, 2^63, 2^64}) do t[#t+1] = cmsgpack.pack(n) end return t
--- pack special floats
return {cmsgpack.pack(1/0), cmsgpack.pack(-1/0), #cmsgpack.pack(0/0), cmsgpack.pack(-0.0)}
--- pack strings
return {cmsgpack.pack(''), cmsgpack.pack('a'), cmsgpack.pack(string.rep('x', 31)), cmsgpack.pack(string.rep('x', 32)), #cmsgpack.pack(string.rep('x', 256)), #cmsgpack.pack(string.rep('x', 65536)), cmsgpack.pack('\0\255')}
--- pack headers of long strings
return {string.sub(cmsgpack.pack(string.rep('x', 255)), 1, 3), string.sub(cmsgpack.pack(string.rep('x', 256)), 1, 4), string.sub(cmsgpack.pack(string.rep('x', 65536)), 1, 6)}
--- pack booleans and nil
return {cmsgpack.pack(true), cmsgpack.pack(false), cmsgpack.pack(nil)}
--- pack arrays
return {cmsgpack.pack({}), cmsgpack.pack({1, 2, 3}), cmsgpack.pack({'a', {true, {}}}), #cmsgpack.pack({1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16})}
--- pack maps
return {cmsgpack.pack({a = 1}), cmsgpack.pack({a = {b = 2}}), cmsgpack.pack({[5] = 'x'}), cmsgpack.pack({[1.5] = 'x'})}
--- pack a map of several
return cmsgpack.pack({name = 'Bob', age = 42, tags = {'a', 'b'}})
--- pack a mixed table
return cmsgpack.pack({1, 2, x = 3})
--- pack holes
return {cmsgpack.pack({1, nil, 3}), cmsgpack.pack({nil, 2})}
--- pack a big array
local t = {} for i = 1, 70000 do t[i] = 1 end return {#cmsgpack.pack(t), string.sub(cmsgpack.pack(t), 1, 6)}
--- pack a big map
local t = {} for i = 1, 20 do t['k' .. i] = i end return cmsgpack.pack(t)
--- pack several values
return {cmsgpack.pack(1, 'a', true), cmsgpack.pack(nil, nil)}
--- pack nothing
return cmsgpack.pack()
--- pack a function
return {cmsgpack.pack(function() end), cmsgpack.pack(tostring)}
--- pack cjson.null
return cmsgpack.pack(cjson.null)
--- pack nested
local t = 'deep' for i = 1, 15 do t = {t} end return cmsgpack.pack(t)
--- pack nested too deep
local t = 'deep' for i = 1, 20 do t = {t} end return cmsgpack.pack(t)
--- pack a table in itself
local t = {} t[1] = t return cmsgpack.pack(t)
--- unpack integers
local t = {} for _, s in ipairs({'\0', '\127', '\255', '\224', '\204\255', '\205\255\255', '\206\255\255\255\255', '\207\0\0\0\1\0\0\0\0', '\208\128', '\209\128\0', '\210\128\0\0\0', '\211\255\255\255\255\255\255\255\255'}) do t[#t+1] = tostring(cmsgpack.unpack(s)) end return t
--- unpack big integers
return {tostring(cmsgpack.unpack('\207\255\255\255\255\255\255\255\255')), tostring(cmsgpack.unpack('\211\128\0\0\0\0\0\0\0')), tostring(cmsgpack.unpack('\207\128\0\0\0\0\0\0\0'))}
--- unpack floats
return {tostring(cmsgpack.unpack('\202\63\192\0\0')), tostring(cmsgpack.unpack('\203\63\248\0\0\0\0\0\0')), tostring(cmsgpack.unpack('\202\61\204\204\205'))}
--- unpack strings
return {cmsgpack.unpack('\160'), cmsgpack.unpack('\161a'), cmsgpack.unpack('\217\1b'), cmsgpack.unpack('\218\0\1c'), cmsgpack.unpack('\219\0\0\0\1d')}
--- unpack bytes
local t = {} for _, s in ipairs({'\196\1e', '\197\0\1f', '\198\0\0\0\1g'}) do local ok, r = pcall(cmsgpack.unpack, s) t[#t+1] = tostring(r) end return t
--- unpack booleans and nil
return {tostring(cmsgpack.unpack('\195')), tostring(cmsgpack.unpack('\194')), tostring(cmsgpack.unpack('\192'))}
--- unpack arrays
return {cmsgpack.unpack('\144'), cmsgpack.unpack('\147\1\2\3'), cmsgpack.unpack('\220\0\2\1\2'), cmsgpack.unpack('\221\0\0\0\1\5'), cmsgpack.unpack('\146\145\1\145\2')}
--- unpack maps
local a, b, c = cmsgpack.unpack('\129\161a\1'), cmsgpack.unpack('\222\0\1\161b\2'), cmsgpack.unpack('\223\0\0\0\1\161c\3') return {a.a, b.b, c.c}
--- unpack a map with numbers as keys
local m = cmsgpack.unpack('\130\1\161x\2\161y') return {m[1], m[2]}
--- unpack a map with nil as key
return {pcall(cmsgpack.unpack, '\129\192\1')}
--- unpack a map with nan as key
return {pcall(cmsgpack.unpack, '\129\203\127\248\0\0\0\0\0\0\1')}
--- unpack several
return {cmsgpack.unpack('\1\2\161a')}
--- unpack nothing
return {select('#', cmsgpack.unpack(''))}
--- unpack bad data
local t = {} for _, s in ipairs({'\193', '\199', '\200', '\201', '\212', '\216', '\214\1'}) do local ok, e = pcall(cmsgpack.unpack, s) t[#t+1] = tostring(e) end return t
--- unpack missing bytes
local t = {} for _, s in ipairs({'\161', '\204', '\205\1', '\206\1\2', '\203\1', '\202', '\217', '\217\5a', '\218\0', '\145', '\146\1', '\129', '\129\161a', '\220', '\220\0', '\221\0\0', '\222\0', '\223', '\219\255\255\255\255', '\221\255\255\255\255'}) do local ok, e = pcall(cmsgpack.unpack, s) t[#t+1] = tostring(e) end return t
--- unpack bad data to the top
return cmsgpack.unpack('\193')
--- unpack missing bytes to the top
return cmsgpack.unpack('\161')
--- unpack nested deep
local ok, e = pcall(cmsgpack.unpack, string.rep('\145', 500) .. '\1') return {tostring(ok), type(e)}
--- unpack of a table
cmsgpack.unpack({})
--- unpack of nil
cmsgpack.unpack(nil)
--- unpack without a value
cmsgpack.unpack()
--- unpack of a number
return {cmsgpack.unpack(5)}
--- unpack_one
return {cmsgpack.unpack_one('\1\2\3'), cmsgpack.unpack_one('\1\2\3', 1), cmsgpack.unpack_one('\1\2\3', 2)}
--- unpack_one gives offset and value
return {cmsgpack.unpack_one('\1\2\3')}
--- unpack_one at the end
return {cmsgpack.unpack_one('\1\2\3', 2)}
--- unpack_one beyond
return {pcall(cmsgpack.unpack_one, '\1', 5)}
--- unpack_one negative
return {pcall(cmsgpack.unpack_one, '\1', -1)}
--- unpack_one of nothing
return {pcall(cmsgpack.unpack_one, '')}
--- unpack_limit
return {cmsgpack.unpack_limit('\1\2\3\4', 2)}
--- unpack_limit with an offset
return {cmsgpack.unpack_limit('\1\2\3\4', 2, 1)}
--- unpack_limit of all
return {cmsgpack.unpack_limit('\1\2\3', 10)}
--- unpack_limit of none
return {cmsgpack.unpack_limit('\1\2\3', 0)}
--- unpack_limit negative
return {pcall(cmsgpack.unpack_limit, '\1', -1)}
--- unpack_limit without a limit
return cmsgpack.unpack_limit('\1')
--- unpack_limit beyond
return cmsgpack.unpack_limit('\1', 1, 9)
--- round trip
local t = cmsgpack.unpack(cmsgpack.pack({a = {1, 2.5, 'x', true, {b = false}}, n = -7})) return {t.a[1], tostring(t.a[2]), t.a[3], tostring(t.a[4]), tostring(t.a[5].b), t.n}
--- round trip of numbers
local t = {} for _, n in ipairs({0, -1, 255, 65536, -70000, 2^40, 2^53, -2^53, 0.1, -1e100, 2^63, 1e15}) do t[#t+1] = tostring(cmsgpack.unpack(cmsgpack.pack(n)) == n) end return t
--- names
return {cmsgpack._NAME, cmsgpack._VERSION, cmsgpack._COPYRIGHT, cmsgpack._DESCRIPTION}
--- stored and read back
--> EVAL $ 1 k
redis.call('SET', KEYS[1], cmsgpack.pack({1, 'two', {three = 3}})) local t = cmsgpack.unpack(redis.call('GET', KEYS[1])) return {t[1], t[2], t[3].three}
--- safe is not there
local ok, e = pcall(function() return cmsgpack_safe end) return e
