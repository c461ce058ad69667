-- cjson.
--- encode plain values
return {cjson.encode(1), cjson.encode('x'), cjson.encode(true), cjson.encode(false), cjson.encode(cjson.null), cjson.encode(nil), cjson.encode(1.5), cjson.encode(-0.25)}
--- encode arrays
return {cjson.encode({1, 2, 3}), cjson.encode({'a', {'b'}}), cjson.encode({{}}), cjson.encode({true, false})}
--- encode an empty table
return cjson.encode({})
--- encode empty tables inside
return cjson.encode({a = {}})
--- encode objects
return {cjson.encode({a = 1}), cjson.encode({['a b'] = 'x'}), cjson.encode({a = {b = {c = 1}}})}
--- encode an object of several
return cjson.encode({name = 'Bob', age = 42, tags = {'a', 'b'}, active = true, none = cjson.null})
--- encode an object of many
local t = {} for i = 1, 20 do t['key' .. i] = i end return cjson.encode(t)
--- encode a mixed table
return cjson.encode({1, 2, x = 3})
--- encode numbers as keys
return cjson.encode({[10] = 'ten', [20] = 'twenty'})
--- encode fractional keys
return cjson.encode({[1.5] = 'x'})
--- encode negative keys
return cjson.encode({[-1] = 'x'})
--- encode zero as a key
return cjson.encode({[0] = 'x', 'y'})
--- encode a boolean as a key
return cjson.encode({[true] = 1})
--- encode a table as a key
return cjson.encode({[{}] = 1})
--- encode holes
return {cjson.encode({1, nil, 3}), cjson.encode({nil, 2}), cjson.encode({nil, nil, nil, 4})}
--- encode a sparse array
local t = {} t[1] = 1 t[5] = 5 return cjson.encode(t)
--- encode an excessively sparse array
local t = {} t[1] = 1 t[100] = 2 return cjson.encode(t)
--- encode an excessively sparse array in pcall
local t = {} t[1000] = 2 local ok, e = pcall(cjson.encode, t) return {tostring(ok), e}
--- sparse arrays converted
cjson.encode_sparse_array(true) local t = {} t[1] = 1 t[100] = 2 return cjson.encode(t)
--- sparse array settings
return {cjson.encode_sparse_array(), cjson.encode_sparse_array(true, 2, 10), cjson.encode_sparse_array()}
--- sparse array ratio
cjson.encode_sparse_array(false, 3, 3) local t = {} t[8] = 1 t[1] = 1 t[2] = 1 local ok, a = pcall(cjson.encode, t) t[9] = nil t[20] = 1 local ok2, b = pcall(cjson.encode, t) return {a, b}
--- sparse array settings that are wrong
cjson.encode_sparse_array('x')
--- sparse array ratio negative
cjson.encode_sparse_array(true, -1)
--- sparse array with too many
cjson.encode_sparse_array(true, 1, 2, 3)
--- encode strings
return {cjson.encode(''), cjson.encode('"'), cjson.encode('\\'), cjson.encode('/'), cjson.encode('\n\r\t\b\f'), cjson.encode('é'), cjson.encode('\0'), cjson.encode('\127'), cjson.encode('\1\31')}
--- encode every byte
local t = {} for i = 0, 255 do t[#t+1] = string.char(i) end return cjson.encode(table.concat(t))
--- encode keys with escapes
return cjson.encode({['a"b\n'] = 1})
--- encode numbers
local t = {} for _, n in ipairs({0, -0.0, 1e15, 1e14, 123456789012345, 0.1, 1/3, 1e100, 1e-7, 2^53, 2^31, -1.5, 100}) do t[#t+1] = cjson.encode(n) end return t
--- encode nan
return cjson.encode(0/0)
--- encode inf
return cjson.encode({1/0})
--- encode minus inf
return cjson.encode({x = -1/0})
--- encode a function
return cjson.encode(function() end)
--- encode a function inside
return cjson.encode({f = tostring})
--- encode a coroutine
return cjson.encode({coroutine.create(function() end)})
--- encode without a value
return cjson.encode()
--- encode too many values
return cjson.encode(1, 2)
--- encode nested deep
local t = 1 for i = 1, 999 do t = {t} end return #cjson.encode(t)
--- encode nested as deep as can be
local t = 1 for i = 1, 1000 do t = {t} end return #cjson.encode(t)
--- encode nested too deep
local t = 1 for i = 1, 1001 do t = {t} end return cjson.encode(t)
--- encode a table in itself
local t = {} t[1] = t return cjson.encode(t)
--- encode a table with __index
return cjson.encode(setmetatable({a = 1}, {__index = {b = 2}}))
--- encode a table with __tostring
return cjson.encode(setmetatable({}, {__tostring = function() return 'x' end}))
--- max depth settings
return {cjson.encode_max_depth(), cjson.encode_max_depth(5), cjson.encode_max_depth(), cjson.decode_max_depth(), cjson.decode_max_depth(7)}
--- max depth of encode
cjson.encode_max_depth(2) local ok, a = pcall(cjson.encode, {{1}}) local ok2, b = pcall(cjson.encode, {{{1}}}) return {a, b}
--- max depth of decode
cjson.decode_max_depth(2) local ok, a = pcall(cjson.decode, '[[1]]') local ok2, b = pcall(cjson.decode, '[[[1]]]') return {a, b}
--- max depth of zero
cjson.encode_max_depth(0)
--- max depth of words
cjson.encode_max_depth('x')
--- number precision
local t = {cjson.encode_number_precision()} for _, p in ipairs({1, 3, 10, 14}) do cjson.encode_number_precision(p) t[#t+1] = cjson.encode({1/3, 123456789.123, 2^53}) end return t
--- number precision too big
cjson.encode_number_precision(15)
--- number precision of zero
cjson.encode_number_precision(0)
--- keep buffer
return {tostring(cjson.encode_keep_buffer()), tostring(cjson.encode_keep_buffer(false)), cjson.encode({1}), tostring(cjson.encode_keep_buffer(true))}
--- keep buffer as text
return {tostring(cjson.encode_keep_buffer('off')), tostring(cjson.encode_keep_buffer('on'))}
--- keep buffer as rubbish
cjson.encode_keep_buffer('maybe')
--- invalid numbers
local t = {tostring(cjson.encode_invalid_numbers())} cjson.encode_invalid_numbers(true) t[2] = cjson.encode({0/0, 1/0, -1/0}) cjson.encode_invalid_numbers('null') t[3] = cjson.encode({0/0, 1/0, -1/0}) t[4] = tostring(cjson.encode_invalid_numbers()) return t
--- invalid numbers of rubbish
cjson.encode_invalid_numbers('x')
--- invalid numbers of decode
local t = {tostring(cjson.decode_invalid_numbers())} cjson.decode_invalid_numbers(false) for _, s in ipairs({'[nan]', '[inf]', '[0x10]', '[-inf]', '[1]', '[01]'}) do local ok, r = pcall(cjson.decode, s) t[#t+1] = ok and tostring(r[1]) or r end return t
--- settings last until the next script
--> EVAL "return cjson.encode_max_depth(5)" 0
--> EVAL "return cjson.encode_max_depth()" 0
--> SCRIPT FLUSH
--> EVAL "return cjson.encode_max_depth()" 0
--- number precision lasts until the next script
--> EVAL "cjson.encode_number_precision(3)" 0
--> EVAL "return cjson.encode(1/3)" 0
--- a new cjson
local j = cjson.new() j.encode_number_precision(3) return {j.encode(1/3), cjson.encode(1/3), type(j.null), tostring(j.null == cjson.null)}
--- a new cjson can be written
local j = cjson.new() j.mine = 5 return {j.mine, j._NAME, j._VERSION}
--- names
return {cjson._NAME, cjson._VERSION}
--- null
return {type(cjson.null), tostring(cjson.null), tostring(cjson.null == nil), tostring(cjson.null == cjson.decode('null')), tostring(not cjson.null)}
--- decode plain values
return {cjson.decode('1'), cjson.decode('"x"'), cjson.decode('true'), tostring(cjson.decode('false')), tostring(cjson.decode('null')), cjson.decode('1.5')}
--- decode arrays
local a = cjson.decode('[1,"two",[3,[4]],true,null]') return {a[1], a[2], a[3][1], a[3][2][1], a[4], tostring(a[5]), #a}
--- decode objects
local o = cjson.decode('{"a":1,"b":{"c":[1,2]},"d":null}') return {o.a, o.b.c[2], tostring(o.d), tostring(o.e)}
--- decode empties
return {type(cjson.decode('[]')), #cjson.decode('[]'), type(cjson.decode('{}')), tostring(next(cjson.decode('{}'))), cjson.decode('""')}
--- decode the empty both ways
return {cjson.encode(cjson.decode('[]')), cjson.encode(cjson.decode('{}')), cjson.encode(cjson.decode('{"a":[],"b":{}}'))}
--- decode with spaces
return cjson.decode(' \n\t[ 1 , 2 ]\r\n ')
--- decode numbers
local t = {} for _, s in ipairs({'0', '-1', '1.5', '1e3', '1E-3', '-0', '0.1', '123456789012345678', '1e400', '-1e400', '9007199254740993'}) do t[#t+1] = tostring(cjson.decode(s)) end return t
--- decode odd numbers
local t = {} for _, s in ipairs({'01', '+1', '.5', '5.', '1e', '0x10', '-', '--1', '1.2.3', '1 2', 'Infinity', '-Infinity', 'NaN', 'nan', 'inf', '-inf', '-nan', '00', '1a'}) do local ok, r = pcall(cjson.decode, s) t[#t+1] = s .. ': ' .. tostring(r) end return t
--- decode escapes
return {cjson.decode([["\"\\\/\b\f\n\r\t"]]), cjson.decode([["\u0041\u00e9\u20ac"]]), cjson.decode([["\ud83d\ude00"]]), cjson.decode([["\u0000"]])}
--- decode bad escapes
local t = {} for _, s in ipairs({[["\x"]], [["\u12"]], [["\u12g4"]], [["\ud83d"]], [["\ud83dx"]], [["\ud83d\u0041"]], [["\ude00"]], [["\"]], '"\\'}) do local ok, r = pcall(cjson.decode, s) t[#t+1] = tostring(r) end return t
--- decode bytes in strings
local t = {} for _, s in ipairs({'"\n"', '"\t"', '"\0"', '"\127"', '"\255"', '"\1"'}) do local ok, r = pcall(cjson.decode, s) t[#t+1] = tostring(ok) .. ' ' .. tostring(r) end return t
--- decode errors
local t = {} for _, s in ipairs({'', ' ', 'x', '[', '[1', '[1,', '[1,]', '[,1]', '[1 2]', '{', '{"a"', '{"a":', '{"a":1', '{"a":1,', '{"a":1,}', '{a:1}', "{'a':1}", '{"a" 1}', '{1:2}', '{,}', ']', '}', '[1]]', '[1] x', '"abc', 'tru', 'truex', 'nul', 'nulll', 'fals', ',', ':', '[tru]', '[1}', '{"a":1]', '{"a":}', '{"a"::1}', '//', '[1,,2]', '["a",]'}) do local ok, r = pcall(cjson.decode, s) t[#t+1] = s .. ' -> ' .. tostring(r) end return t
--- decode error to the top
return cjson.decode('{"a":')
--- decode error on a line
local input = '[1, 2'

return cjson.decode(input)
--- decode of a value that is not text
return cjson.decode('not json')
--- decode of nil
return cjson.decode(nil)
--- decode of a table
return cjson.decode({})
--- decode of a number
return cjson.decode(12)
--- decode of false
return cjson.decode(false)
--- decode without a value
return cjson.decode()
--- decode with two values
return cjson.decode('1', '2')
--- decode of utf-16
local ok, e = pcall(cjson.decode, '\0[\0]') return e
--- decode of a byte order mark
local ok, e = pcall(cjson.decode, '\239\187\191[]') return e
--- decode keys twice
return cjson.decode('{"a":1,"a":2}').a
--- decode keys that are numbers
local o = cjson.decode('{"1":"a","2":"b"}') return {tostring(o[1]), o['1']}
--- decode an empty key
return cjson.decode('{"":5}')['']
--- decode nested deep
local ok, r = pcall(cjson.decode, string.rep('[', 1000) .. string.rep(']', 1000)) local ok2, e = pcall(cjson.decode, string.rep('[', 1001) .. string.rep(']', 1001)) return {type(r), e}
--- decode nested objects deep
local ok, r = pcall(cjson.decode, string.rep('{"a":', 1001) .. '1' .. string.rep('}', 1001)) return tostring(r)
--- decode many
local parts = {} for i = 1, 2000 do parts[i] = i end local t = cjson.decode('[' .. table.concat(parts, ',') .. ']') return {#t, t[2000]}
--- decode an array with nulls
local t = cjson.decode('[null,1,null]') return {#t, tostring(t[1] == cjson.null), t[2], tostring(t[3])}
--- decode and return
return cjson.decode('[1,"a",[2.7,true,false,null],{"b":1}]')
--- decode and return a null
return cjson.decode('null')
--- round trip
return cjson.encode(cjson.decode('{"id":7,"name":"Ann","scores":[1,2.5,-3],"meta":{"ok":true,"none":null}}'))
--- round trip of strings
local s = '\0\1\n"\\/é\127\255' return tostring(cjson.decode(cjson.encode(s)) == s)
--- round trip of numbers
local t = {} for _, n in ipairs({0.1, 1/3, 123456789.123, 1e20, -2.5}) do t[#t+1] = tostring(cjson.decode(cjson.encode(n)) == n) end return t
--- order of decoded objects
local t = {} for k in pairs(cjson.decode('{"zebra":1,"apple":2,"mango":3,"kiwi":4,"fig":5,"date":6,"lemon":7}')) do t[#t+1] = k end return t
--- order of a decoded object added to
local o = cjson.decode('{"a":1,"b":2}') o.c = 3 o.d = 4 o.e = 5 return cjson.encode(o)
--- array changed
local a = cjson.decode('[1,2,3]') table.remove(a, 1) table.insert(a, 'x') a[#a+1] = {y = 1} return cjson.encode(a)
--- object changed
local o = cjson.decode('{"a":1,"b":2}') o.a = nil o.b = cjson.null return cjson.encode(o)
--- array emptied
local a = cjson.decode('[1]') table.remove(a) return cjson.encode(a)
--- stored and read back
--> EVAL $ 1 k {"name":"Bob","n":1}
local o = cjson.decode(ARGV[1]) o.n = o.n + 1 redis.call('SET', KEYS[1], cjson.encode(o)) local r = cjson.decode(redis.call('GET', KEYS[1])) return {r.name, r.n}
--- update in a document
--> SET doc {"balance":100,"history":[]}
--> EVAL $ 1 doc 30
local d = cjson.decode(redis.call('GET', KEYS[1])) d.balance = d.balance - ARGV[1] table.insert(d.history, {amount = -ARGV[1]}) redis.call('SET', KEYS[1], cjson.encode(d)) return redis.call('GET', KEYS[1])
--- decode of a missing key
--> EVAL $ 1 none
return cjson.decode(redis.call('GET', KEYS[1]))
--- encode of replies
--> RPUSH l a b
--> HSET h f v
--> EVAL $ 2 l h
return {cjson.encode(redis.call('LRANGE', KEYS[1], 0, -1)), cjson.encode(redis.call('HGETALL', KEYS[2])), cjson.encode(redis.call('GET', 'none')), cjson.encode(redis.pcall('NOSUCH')), cjson.encode(redis.call('SET', 'k', 'v'))}
--- encode long strings
return #cjson.encode(string.rep('a"', 10000))
--- encode wide arrays
local t = {} for i = 1, 5000 do t[i] = i end return #cjson.encode(t)
--- invalid utf-8 both ways
return cjson.encode(cjson.decode('"\255\254"'))
--- encode_escape_forward_slash is not there
return tostring(cjson.encode_escape_forward_slash)
--- empty_array is not there
return tostring(cjson.empty_array)
--- safe is not there
return tostring(cjson.safe)
--- array_mt is not there
return tostring(cjson.array_mt)
