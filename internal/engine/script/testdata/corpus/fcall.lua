-- FCALL and FCALL_RO.
--- keys and arguments
--> FUNCTION LOAD $
--> FCALL f 2 k1 k2 a1 a2 a3
#!lua name=lib
redis.register_function('f', function(keys, args) return {#keys, #args, keys[1], keys[2], args[1], args[3]} end)
--- no keys
--> FUNCTION LOAD $
--> FCALL f 0
#!lua name=lib
redis.register_function('f', function(keys, args) return {type(keys), type(args), #keys, #args} end)
--- number of parameters
--> FUNCTION LOAD $
--> FCALL f 1 k a
#!lua name=lib
redis.register_function('f', function(...) return select('#', ...) end)
--- unknown function
--> FCALL nosuch 0
--- unknown function and bad numkeys
--> FCALL nosuch x
--- function in another case
--> FUNCTION LOAD $
--> FCALL F 0
#!lua name=lib
redis.register_function('f', function() return 1 end)
--- numkeys missing
--> FUNCTION LOAD $
--> FCALL f
#!lua name=lib
redis.register_function('f', function() return 1 end)
--- numkeys of words
--> FUNCTION LOAD $
--> FCALL f x
#!lua name=lib
redis.register_function('f', function() return 1 end)
--- numkeys negative
--> FUNCTION LOAD $
--> FCALL f -1
#!lua name=lib
redis.register_function('f', function() return 1 end)
--- numkeys too many
--> FUNCTION LOAD $
--> FCALL f 2 a
#!lua name=lib
redis.register_function('f', function() return 1 end)
--- numkeys of a fraction
--> FUNCTION LOAD $
--> FCALL f 1.0 a
#!lua name=lib
redis.register_function('f', function() return 1 end)
--- without arguments
--> FCALL
--- writes
--> FUNCTION LOAD $
--> FCALL set 1 k v
#!lua name=lib
redis.register_function('set', function(keys, args) return redis.call('SET', keys[1], args[1]) end)
--- fcall_ro of a function that may write
--> FUNCTION LOAD $
--> FCALL_RO f 0
#!lua name=lib
redis.register_function('f', function() return 1 end)
--- fcall_ro of a function that does not
--> FUNCTION LOAD $
--> SET k v
--> FCALL_RO get 1 k
--> FCALL get 1 k
#!lua name=lib
redis.register_function{function_name = 'get', callback = function(keys) return redis.call('GET', keys[1]) end, flags = {'no-writes'}}
--- a function without writes that writes
--> FUNCTION LOAD $
--> FCALL f 1 k
--> FCALL_RO f 1 k
#!lua name=lib
redis.register_function{function_name = 'f', callback = function(keys) return redis.call('SET', keys[1], 'v') end, flags = {'no-writes'}}
--- a function without writes that writes in pcall
--> FUNCTION LOAD $
--> FCALL f 1 k
#!lua name=lib
redis.register_function{function_name = 'f', callback = function(keys) return redis.pcall('SET', keys[1], 'v') end, flags = {'no-writes'}}
--- fcall_ro of an unknown function
--> FCALL_RO nosuch 0
--- fcall_ro numkeys
--> FUNCTION LOAD $
--> FCALL_RO f x
--> FCALL_RO f -1
--> FCALL_RO f 3 a
--> FCALL_RO f
#!lua name=lib
redis.register_function{function_name = 'f', callback = function() return 1 end, flags = {'no-writes'}}
--- error
--> FUNCTION LOAD $
--> FCALL f 0
#!lua name=lib
redis.register_function('f', function()
  error('boom')
end)
--- error with a table
--> FUNCTION LOAD $
--> FCALL f 0
#!lua name=lib
redis.register_function('f', function()
  error({err = 'MYCODE words'})
end)
--- error of a command
--> FUNCTION LOAD $
--> SET k v
--> FCALL push 1 k
#!lua name=lib
redis.register_function('push', function(keys)
  return redis.call('LPUSH', keys[1], 'x')
end)
--- error of a command in pcall
--> FUNCTION LOAD $
--> SET k v
--> FCALL push 1 k
#!lua name=lib
redis.register_function('push', function(keys)
  return redis.pcall('LPUSH', keys[1], 'x')
end)
--- runtime error
--> FUNCTION LOAD $
--> FCALL f 0
#!lua name=lib
redis.register_function('f', function()
  local x
  return x.y
end)
--- runtime error in a helper
--> FUNCTION LOAD $
--> FCALL f 0
#!lua name=lib

local function helper(t)
  return t.a.b
end

redis.register_function('f', function()
  local r = helper({})
  return r
end)
--- undeclared global
--> FUNCTION LOAD $
--> FCALL f 0
#!lua name=lib
redis.register_function('f', function() return nosuch end)
--- global written
--> FUNCTION LOAD $
--> FCALL f 0
#!lua name=lib
redis.register_function('f', function() x = 1 end)
--- library table written
--> FUNCTION LOAD $
--> FCALL f 0
#!lua name=lib
redis.register_function('f', function() string.x = 1 end)
--- unknown command
--> FUNCTION LOAD $
--> FCALL f 0
#!lua name=lib
redis.register_function('f', function() return redis.call('NOSUCH') end)
--- error returned
--> FUNCTION LOAD $
--> FCALL f 0
#!lua name=lib
redis.register_function('f', function() return redis.error_reply('MYCODE words') end)
--- status returned
--> FUNCTION LOAD $
--> FCALL f 0
#!lua name=lib
redis.register_function('f', function() return redis.status_reply('FINE') end)
--- nothing returned
--> FUNCTION LOAD $
--> FCALL f 0
#!lua name=lib
redis.register_function('f', function() end)
--- values of all kinds returned
--> FUNCTION LOAD $
--> FCALL f 0
#!lua name=lib
redis.register_function('f', function() return {1, 2.7, 'x', true, false, {ok = 'o'}, {err = 'ERR e'}, {double = 1.5}, {map = {a = 1}}} end)
--- arguments are text
--> FUNCTION LOAD $
--> FCALL add 0 2 3
#!lua name=lib
redis.register_function('add', function(keys, args) return args[1] + args[2] end)
--- keys changed do not last
--> FUNCTION LOAD $
--> FCALL f 1 a
--> FCALL f 1 b
#!lua name=lib
redis.register_function('f', function(keys) keys[#keys + 1] = 'more' return keys end)
--- random goes on from where the last script left it
--> FUNCTION LOAD $
--> EVAL "return math.random(1000)" 0
--> FCALL f 0
--> FCALL f 0
#!lua name=lib
redis.register_function('f', function() return {math.random(1000), math.random(1000)} end)
--- setresp in a function
--> FUNCTION LOAD $
--> HSET h a 1
--> FCALL f 1 h
--> FCALL g 1 h
#!lua name=lib
redis.register_function('f', function(keys) redis.setresp(3) return type(redis.call('HGETALL', keys[1]).map) end)
redis.register_function('g', function(keys) return type(redis.call('HGETALL', keys[1]).map) end)
--- fcall in a function
--> FUNCTION LOAD $
--> FCALL f 0
#!lua name=lib
redis.register_function('f', function() return redis.pcall('FCALL', 'f', 0) end)
--- eval in a function
--> FUNCTION LOAD $
--> FCALL f 0
#!lua name=lib
redis.register_function('f', function() return redis.pcall('EVAL', 'return 1', 0) end)
--- function load in a function
--> FUNCTION LOAD $
--> FCALL f 0
#!lua name=lib
redis.register_function('f', function() return redis.pcall('FUNCTION', 'FLUSH') end)
--- in lower case
--> FUNCTION LOAD $
--> fcall f 0
--> fcall_ro f 0
#!lua name=lib
redis.register_function{function_name = 'f', callback = function() return 'lower' end, flags = {'no-writes'}}
--- recursion too deep
--> FUNCTION LOAD $
--> FCALL f 0
#!lua name=lib
redis.register_function('f', function() local function g() return 1 + g() end return g() end)
--- a library of a rate limiter
--> FUNCTION LOAD $
--> FCALL limit 1 user:1 2 60
--> FCALL limit 1 user:1 2 60
--> FCALL limit 1 user:1 2 60
--> FCALL_RO left 1 user:1 2
#!lua name=limiter
local function count(key) return tonumber(redis.call('GET', key) or '0') end
redis.register_function('limit', function(keys, args)
  local limit, window = tonumber(args[1]), args[2]
  if count(keys[1]) >= limit then return 0 end
  if redis.call('INCR', keys[1]) == 1 then redis.call('EXPIRE', keys[1], window) end
  return 1
end)
redis.register_function{function_name = 'left', callback = function(keys, args) return args[1] - count(keys[1]) end, flags = {'no-writes'}}
--- the library of the tests
--> FUNCTION LOAD $
--> FCALL incr 1 n 5
--> FCALL_RO get 1 n
--> FCALL fail 0
#!lua name=lib
local function incr(keys, args)
  return redis.call('INCRBY', keys[1], args[1])
end
redis.register_function('incr', incr)
redis.register_function{function_name='get', callback=function(keys) return redis.call('GET', keys[1]) end, flags={'no-writes'}, description='reads'}
redis.register_function('fail', function()
  error('boom')
end)
