-- The sandbox: what a script can see, and what it must not change.
--- names of the globals
local t = {} for k in pairs(_G) do t[#t+1] = tostring(k) end table.sort(t) return t
--- types of the globals
local t = {} for k, v in pairs(_G) do t[#t+1] = tostring(k) .. ' ' .. type(v) end table.sort(t) return t
--- names in string
local t = {} for k in pairs(string) do t[#t+1] = k end table.sort(t) return t
--- names in table
local t = {} for k in pairs(table) do t[#t+1] = k end table.sort(t) return t
--- names in math
local t = {} for k in pairs(math) do t[#t+1] = k end table.sort(t) return t
--- names in coroutine
local t = {} for k in pairs(coroutine) do t[#t+1] = k end table.sort(t) return t
--- names in os
local t = {} for k in pairs(os) do t[#t+1] = k end table.sort(t) return t
--- names in cjson
local t = {} for k, v in pairs(cjson) do t[#t+1] = k .. ' ' .. type(v) end table.sort(t) return t
--- names in cmsgpack
local t = {} for k, v in pairs(cmsgpack) do t[#t+1] = k .. ' ' .. type(v) end table.sort(t) return t
--- names in struct
local t = {} for k in pairs(struct) do t[#t+1] = k end table.sort(t) return t
--- names in bit
local t = {} for k in pairs(bit) do t[#t+1] = k end table.sort(t) return t
--- names in redis
local t = {} for k, v in pairs(redis) do t[#t+1] = k .. ' ' .. type(v) end table.sort(t) return t
--- order of the names in string
local t = {} for k in pairs(string) do t[#t+1] = k end return t
--- order of the names in table
local t = {} for k in pairs(table) do t[#t+1] = k end return t
--- order of the names in math
local t = {} for k in pairs(math) do t[#t+1] = k end return t
--- order of the names in redis
local t = {} for k in pairs(redis) do t[#t+1] = k end return t
--- order of the names in cjson
local t = {} for k in pairs(cjson) do t[#t+1] = k end return t
--- order of the names in bit and struct
local t = {} for k in pairs(bit) do t[#t+1] = k end for k in pairs(struct) do t[#t+1] = k end return t
--- order of the globals
local t = {} for k in pairs(_G) do t[#t+1] = tostring(k) end return t
--- global written
x = 1
--- global written after other lines
local a = 1

a = a + 1
counter = a
return counter
--- global function declared
function f() return 1 end
return f()
--- global written by a nested function
local function f()
  leaked = true
end
f()
return 1
--- global read
return nosuch
--- global read in an expression
local n = 1
return n + undefined_name
--- global called
nosuch()
--- global indexed
return nosuch.field
--- global read in a condition
if not flag then return 1 end
--- global read through _G
return _G.nosuch
--- global read through _G with a key that is not a name
return _G['no such']
--- global read through _G with a number
return _G[1]
--- global read by rawget
return {type(rawget(_G, 'nosuch')), type(rawget(_G, 'redis'))}
--- global written through _G
_G.x = 1
--- global written by rawset
rawset(_G, 'x', 1)
--- global overwritten
string = nil
--- library overwritten
redis = {}
--- builtin overwritten
tonumber = function() return 7 end
return tonumber('1')
--- KEYS overwritten
KEYS = {}
return #KEYS
--- ARGV overwritten
ARGV = 'x'
return ARGV
--- KEYS is a plain table
--> EVAL $ 2 a b c
KEYS[3] = 'z' KEYS[1] = nil ARGV[2] = 'y'
return {#ARGV, KEYS[2], KEYS[3], ARGV[1], ARGV[2]}
--- KEYS and ARGV of the next script are its own
--> EVAL "KEYS[1] = 'changed' return KEYS" 1 a
--> EVAL "return {KEYS[1], #KEYS, #ARGV}" 1 b
--- library field written
string.upper = nil
--- library field added
table.mine = function() end
--- math field added
math.x = 1
--- redis field written
redis.call = function() return 1 end
--- cjson field written
cjson.encode = 1
--- bit field written
bit.band = 1
--- struct field written
struct.pack = 1
--- cmsgpack field written
cmsgpack.pack = 1
--- os field written
os.clock = 1
--- coroutine field written
coroutine.create = 1
--- rawset on a library
rawset(string, 'x', 1)
--- rawset on redis
rawset(redis, 'call', nil)
--- table.insert into a library
table.insert(math, 1)
--- setmetatable on _G
setmetatable(_G, {})
--- setmetatable on _G with nil
setmetatable(_G, nil)
--- setmetatable on a library
setmetatable(string, {})
--- setmetatable on redis
setmetatable(redis, {__index = function() return 1 end})
--- metatable of _G
return type(getmetatable(_G))
--- metatable of _G written
getmetatable(_G).__index = nil
--- metatable of _G read
local t = {} for k in pairs(getmetatable(_G)) do t[#t+1] = k end table.sort(t) return t
--- metatable of a library
return {type(getmetatable(redis)), type(getmetatable(table)), type(getmetatable(cjson))}
--- metatable of strings
local t = {} for k, v in pairs(getmetatable('')) do t[#t+1] = k .. type(v) end return t
--- metatable of strings written
getmetatable('').__index = nil
--- metatable of strings added to
getmetatable('').__add = function(a, b) return a .. b end
return 'a' + 'b'
--- string metatable rawset
rawset(getmetatable(''), '__call', 1)
--- table.remove from a library
table.remove(table)
--- table.sort of a library
table.sort(math)
return 1
--- error is caught by pcall
local ok, e = pcall(function() x = 1 end)
return {tostring(ok), e}
--- error of a read is caught by pcall
local ok, e = pcall(function() return nosuch end)
return {tostring(ok), e}
--- rawset error caught
local ok, e = pcall(rawset, _G, 'x', 1)
return {tostring(ok), e}
--- local named as a global
local redis = 5
local string = 'x'
return {redis, string}
--- print
print('x')
--- loadfile
return loadfile('/etc/passwd')
--- dofile
return dofile('/etc/passwd')
--- require
return require('os')
--- module
module('m')
--- package
return package.path
--- io
return io.open('/etc/passwd')
--- debug
return debug.getinfo(1)
--- os.execute
return os.execute('true')
--- os.time
return os.time()
--- os.getenv
return os.getenv('HOME')
--- os.exit
os.exit()
--- os.remove
os.remove('x')
--- os.date
return os.date()
--- os.clock is a number
return type(os.clock())
--- setfenv
setfenv(1, {})
--- getfenv
return getfenv(0)
--- newproxy
return type(newproxy)
--- collectgarbage
return {type(collectgarbage('count')), collectgarbage('collect'), collectgarbage()}
--- collectgarbage with options
return {collectgarbage('stop'), collectgarbage('restart'), type(collectgarbage('step')), collectgarbage('setpause', 200), collectgarbage('setstepmul', 200)}
--- collectgarbage with a wrong option
return collectgarbage('nonsense')
--- gcinfo
return type(gcinfo())
--- _VERSION
return _VERSION
--- _G is itself
return {tostring(_G == _G._G), type(_G)}
--- next of _G
return type(next(_G))
--- a script cannot keep a value for the next
--> EVAL "local ok = pcall(function() kept = 1 end) return tostring(ok)" 0
--> EVAL "return tostring(rawget(_G, 'kept'))" 0
--- loadstring sees the same globals
return {loadstring('return type(redis), type(KEYS)')()}
--- loadstring cannot write a global
local ok, e = pcall(loadstring('y = 1'))
return {tostring(ok), e}
--- loadstring reads an undeclared global
local ok, e = pcall(loadstring('return y'))
return {tostring(ok), e}
--- load by pieces
local pieces = {'return ', '1 + ', '2'}
local i = 0
return load(function() i = i + 1 return pieces[i] end)()
--- a table protected by the script itself
local t = setmetatable({}, {__newindex = function() error('read only') end})
local ok, e = pcall(function() t.x = 1 end)
return {tostring(ok), e}
--- __metatable of the script's own table
local t = setmetatable({}, {__metatable = 'locked'})
local ok, e = pcall(setmetatable, t, {})
return {getmetatable(t), tostring(ok), e}
--- redis.call kept in a local
--> EVAL $ 1 k
local call = redis.call
call('SET', KEYS[1], 'v')
return call('GET', KEYS[1])
--- global nil assignment
x = nil
--- global written in a coroutine
local co = coroutine.create(function() x = 1 end)
local ok, e = coroutine.resume(co)
return {tostring(ok), e}
--- global written in sort
local ok, e = pcall(table.sort, {3, 2, 1}, function(a, b) z = a return a < b end)
return {tostring(ok), e}
--- error handler of the server is not seen
return type(rawget(_G, '__redis__err__handler'))
--- the compare helper is not seen
return type(rawget(_G, '__redis__compare_helper'))
