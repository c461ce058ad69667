-- The replies of commands, as scripts see them.
--- status
--> EVAL $ 1 k
local r = redis.call('SET', KEYS[1], 'v') return {type(r), r.ok, r}
--- integer
--> EVAL $ 1 k
local r = redis.call('INCR', KEYS[1]) return {type(r), r}
--- string
--> SET k v
--> EVAL $ 1 k
local r = redis.call('GET', KEYS[1]) return {type(r), r}
--- number kept as a string
--> SET k 100
--> EVAL $ 1 k
local r = redis.call('GET', KEYS[1]) return {type(r), r, r + 1}
--- null
--> EVAL $ 1 k
local r = redis.call('GET', KEYS[1]) return {type(r), tostring(r), tostring(r == false), tostring(r == nil)}
--- null in an array
--> SET a 1
--> EVAL $ 3 a b c
local r = redis.call('MGET', unpack(KEYS)) return {#r, type(r[1]), type(r[2]), type(r[3])}
--- null in an array returned
--> SET c 1
--> EVAL $ 3 a b c
return redis.call('MGET', unpack(KEYS))
--- null array
--> EVAL $ 0
local r = redis.call('LPOP', 'nolist', 2) return {type(r), tostring(r)}
--- null returned
return redis.call('GET', 'none')
--- null by or
--> EVAL $ 1 k
return tonumber(redis.call('GET', KEYS[1]) or 0) + 1
--- null without or
--> EVAL $ 1 k
return redis.call('GET', KEYS[1]) + 1
--- null concatenated
--> EVAL $ 1 k
return 'v:' .. redis.call('GET', KEYS[1])
--- null indexed
return redis.call('GET', 'none').x
--- tonumber of null
return tonumber(redis.call('GET', 'none'))
--- array
--> RPUSH l a b c
--> EVAL $ 1 l
local r = redis.call('LRANGE', KEYS[1], 0, -1) return {type(r), #r, r[1], r[3], tostring(r[4])}
--- empty array
--> EVAL $ 1 l
local r = redis.call('LRANGE', KEYS[1], 0, -1) return {type(r), #r, tostring(next(r))}
--- nested arrays
--> XADD x 1-1 a 1 b 2
--> XADD x 2-1 c 3
--> EVAL $ 1 x
local r = redis.call('XRANGE', KEYS[1], '-', '+') return {#r, r[1][1], #r[1][2], r[2][2][2], r}
--- hash
--> HSET h a 1 b 2
--> EVAL $ 1 h
local r = redis.call('HGETALL', KEYS[1]) local t = {} for i = 1, #r, 2 do t[r[i]] = r[i + 1] end return {#r, t.a, t.b}
--- hash of nothing
--> EVAL $ 1 h
return {#redis.call('HGETALL', KEYS[1]), tostring(redis.call('HGET', KEYS[1], 'f')), redis.call('HMGET', KEYS[1], 'a', 'b')}
--- set
--> SADD s c a b
--> EVAL $ 1 s
local r = redis.call('SMEMBERS', KEYS[1]) table.sort(r) return r
--- set of integers
--> SADD s 3 1 2
--> EVAL $ 1 s
return redis.call('SMEMBERS', KEYS[1])
--- sorted set with scores
--> ZADD z 1 a 2.5 b 3 c
--> EVAL $ 1 z
local r = redis.call('ZRANGE', KEYS[1], 0, -1, 'WITHSCORES') return {#r, type(r[2]), r}
--- error raised
--> SET k v
--> EVAL $ 1 k
return redis.call('LPUSH', KEYS[1], 'x')
--- error returned
--> SET k v
--> EVAL $ 1 k
return redis.pcall('LPUSH', KEYS[1], 'x')
--- error as a table
--> SET k v
--> EVAL $ 1 k
local e = redis.pcall('LPUSH', KEYS[1], 'x') return {type(e), e.err, tostring(e.ok)}
--- error's fields
--> SET k v
--> EVAL $ 1 k
local e = redis.pcall('LPUSH', KEYS[1], 'x') local t = {} for f, v in pairs(e) do t[#t+1] = f .. '=' .. tostring(v) end table.sort(t) return t
--- error's fields when raised
--> SET k v
--> EVAL $ 1 k
local t = {} xpcall(function() redis.call('LPUSH', KEYS[1], 'x') end, function(e) for f, v in pairs(e) do t[#t+1] = f .. '=' .. tostring(v) end end) table.sort(t) return t
--- error's fields when raised on a line
--> SET k v
--> EVAL $ 1 k
local ok, e = xpcall(function()
  return redis.call('LPUSH', KEYS[1], 'x')
end, function(e) return e end)
local t = {} for f, v in pairs(e) do t[#t+1] = f .. '=' .. tostring(v) end table.sort(t) return t
--- error raised is text to pcall
--> SET k v
--> EVAL $ 1 k
local ok, e = pcall(redis.call, 'LPUSH', KEYS[1], 'x') return {tostring(ok), type(e), e}
--- order of the error's fields
--> SET k v
--> EVAL $ 1 k
local t = {} for f in pairs(redis.pcall('LPUSH', KEYS[1], 'x')) do t[#t+1] = f end return t
--- fields of the error of an unknown command
local t = {} for f, v in pairs(redis.pcall('NOSUCH')) do t[#t+1] = f .. '=' .. tostring(v) end table.sort(t) return t
--- fields of the error of wrong arity
local t = {} for f, v in pairs(redis.pcall('GET')) do t[#t+1] = f .. '=' .. tostring(v) end table.sort(t) return t
--- fields of the error of no arguments
local t = {} for f, v in pairs(redis.pcall()) do t[#t+1] = f .. '=' .. tostring(v) end table.sort(t) return t
--- fields of a returned error reply
local t = {} for f, v in pairs(redis.error_reply('MY error')) do t[#t+1] = f .. '=' .. tostring(v) end table.sort(t) return t
--- error raised again
--> SET k v
--> EVAL $ 1 k
local e = redis.pcall('LPUSH', KEYS[1], 'x')

error(e)
--- error raised again in a function
--> SET k v
--> EVAL $ 1 k
local function check(r)
  if type(r) == 'table' and r.err then
    error(r)
  end
  return r
end
check(redis.pcall('LPUSH', KEYS[1], 'x'))
--- error caught and raised again
--> SET k v
--> EVAL $ 1 k
local ok, e = pcall(redis.call, 'LPUSH', KEYS[1], 'x')
if not ok then error(e) end
--- error's text raised again
--> SET k v
--> EVAL $ 1 k
local ok, e = pcall(redis.call, 'LPUSH', KEYS[1], 'x')
error(e.err)
--- error returned after pcall
--> SET k v
--> EVAL $ 1 k
local ok, e = pcall(redis.call, 'LPUSH', KEYS[1], 'x')
return e
--- error's text returned as an error
--> SET k v
--> EVAL $ 1 k
local e = redis.pcall('LPUSH', KEYS[1], 'x')
return redis.error_reply(e.err)
--- error's text in words of the script's own
--> SET k v
--> EVAL $ 1 k
local e = redis.pcall('LPUSH', KEYS[1], 'x')
return redis.error_reply('MYAPP ' .. e.err)
--- writes before an error stay
--> SET s v
--> EVAL $ 2 k s
redis.call('SET', KEYS[1], 'written')
redis.call('LPUSH', KEYS[2], 'x')
redis.call('SET', KEYS[1], 'not written')
--- writes before a runtime error stay
--> EVAL $ 1 k
redis.call('SET', KEYS[1], 'written')
local x = nil
return x.y
--- several errors
--> SET s v
--> EVAL $ 1 s
return {redis.pcall('LPUSH', KEYS[1], 1), redis.pcall('HSET', KEYS[1], 'f', 1), redis.pcall('INCR', KEYS[1])}
--- no command
return redis.call()
--- no command in pcall
return redis.pcall()
--- a table as argument
return redis.call('SET', 'k', {})
--- a table as argument in pcall
return redis.pcall('SET', 'k', {})
--- nil as argument
return redis.call('SET', 'k', nil)
--- nil as a middle argument
return redis.call('SET', nil, 'v')
--- a boolean as argument
return redis.call('SET', 'k', true)
--- a function as argument
return redis.call('SET', 'k', function() end)
--- a table as command
return redis.call({'SET', 'k', 'v'})
--- a number as command
return redis.call(5)
--- an empty string as command
return redis.call('')
--- cjson.null as argument
return redis.call('SET', 'k', cjson.null)
--- missing argv as argument
--> EVAL $ 1 k
return redis.call('SET', KEYS[1], ARGV[1])
--- unknown command
return redis.call('NOSUCH', 'k')
--- unknown command in pcall
return redis.pcall('NOSUCH', 'k')
--- unknown command on a line
local a = 1

return redis.call('NOSUCH', a)
--- unknown subcommand
return redis.call('OBJECT', 'NOSUCH', 'k')
--- unknown subcommand in pcall
return redis.pcall('CONFIG', 'NOSUCH')
--- too few arguments
return redis.call('GET')
--- too many arguments
return redis.call('GET', 'a', 'b')
--- too few arguments in pcall
return redis.pcall('SET', 'k')
--- wrong arity of a subcommand
return redis.pcall('OBJECT', 'ENCODING')
--- container without a subcommand
return redis.pcall('OBJECT')
--- command in lower case
--> EVAL $ 1 k
redis.call('set', KEYS[1], 'v') return redis.call('gEt', KEYS[1])
--- command with a space
return redis.call('CONFIG GET', 'maxmemory')
--- arguments by unpack
--> EVAL $ 0 a 1 b 2
redis.call('MSET', unpack(ARGV)) return redis.call('MGET', ARGV[1], ARGV[3])
--- many arguments
--> EVAL $ 1 l
local t = {} for i = 1, 5000 do t[i] = i end redis.call('RPUSH', KEYS[1], unpack(t)) return {redis.call('LLEN', KEYS[1]), redis.call('LINDEX', KEYS[1], 4999)}
--- too many arguments to unpack
local t = {} for i = 1, 10000 do t[i] = 'x' end return redis.call('RPUSH', 'l', unpack(t))
--- arguments after a long call
--> EVAL $ 1 l
redis.call('RPUSH', KEYS[1], string.rep('x', 2000), 'b', 'c') redis.call('RPUSH', KEYS[1], 'd') return {redis.call('LLEN', KEYS[1]), redis.call('LINDEX', KEYS[1], 1), #redis.call('LINDEX', KEYS[1], 0)}
--- a long argument
--> EVAL $ 1 k
redis.call('SET', KEYS[1], string.rep('abc', 100000)) return redis.call('STRLEN', KEYS[1])
--- a binary argument
--> EVAL $ 1 k
redis.call('SET', KEYS[1], 'a\0b\r\nc\255') return redis.call('GET', KEYS[1])
--- an empty argument
--> EVAL $ 1 k
redis.call('SET', KEYS[1], '') return {redis.call('GET', KEYS[1]), redis.call('STRLEN', KEYS[1])}
--- an empty key
--> EVAL $ 0
redis.call('SET', '', 'v') return redis.call('GET', '')
--- keys that were not declared
--> EVAL $ 0
redis.call('SET', 'undeclared', 'v') return redis.call('EXISTS', 'undeclared')
--- results as arguments
--> SET a 5
--> EVAL $ 0
redis.call('SET', 'b', redis.call('INCR', 'a')) redis.call('SET', 'c', redis.call('GET', 'b')) return redis.call('MGET', 'a', 'b', 'c')
--- a status as argument
--> EVAL $ 0
return redis.call('SET', 'a', redis.call('SET', 'b', 1))
--- call in an expression
--> EVAL $ 1 k
return redis.call('INCR', KEYS[1]) + redis.call('INCR', KEYS[1]) * 10
--- call in a condition
--> EVAL $ 1 k
if redis.call('SETNX', KEYS[1], 1) == 1 then return 'set' end return 'was there'
--- call in a loop's condition
--> RPUSH l a b c
--> EVAL $ 1 l
local t = {} local v = redis.call('LPOP', KEYS[1]) while v do t[#t+1] = v v = redis.call('LPOP', KEYS[1]) end return {#t, table.concat(t)}
--- set with NX fails
--> SET k v
--> EVAL $ 1 k
local r = redis.call('SET', KEYS[1], 'x', 'NX') return {type(r), tostring(r)}
--- set with GET
--> SET k v
--> EVAL $ 1 k
return {redis.call('SET', KEYS[1], 'x', 'GET'), redis.call('GET', KEYS[1])}
--- exists gives a number
--> EVAL $ 1 k
if redis.call('EXISTS', KEYS[1]) then return 'zero is true' end return 'false'
--- type gives a status
--> RPUSH l a
--> EVAL $ 1 l
local r = redis.call('TYPE', KEYS[1]) return {type(r), r.ok, redis.call('TYPE', 'none').ok}
--- ping
return {redis.call('PING'), redis.call('PING', 'hello'), redis.call('ECHO', 'x')}
--- pcall of redis.call
local ok, e = pcall(redis.call, 'NOSUCH')
return {tostring(ok), type(e), e}
--- pcall keeps what is in an error table without text
local ok, e = pcall(error, {code = 5}) return {type(e), e.code}
--- pcall makes text of an error table
local ok, e = pcall(error, {err = 'MYERR', code = 5}) return {type(e), e}
--- pcall makes text of an error table with a number
local ok, e = pcall(error, {err = 7}) return {type(e), e}
--- pcall makes no text of ok
local ok, e = pcall(error, {ok = 'fine'}) return {type(e), e}
--- pcall with arguments and results
return {pcall(function(...) return select('#', ...), ... end, 'a', nil, 'c')}
--- xpcall of redis.call
local ok, e = xpcall(function() return redis.call('NOSUCH') end, function(e) return 'handled: ' .. (type(e) == 'table' and e.err or tostring(e)) end)
return {tostring(ok), e}
--- select then get
--> SET k zero
--> EVAL $ 1 k
redis.call('SELECT', 1) redis.call('SET', KEYS[1], 'one') local a = redis.call('GET', KEYS[1]) redis.call('SELECT', 0) return {a, redis.call('GET', KEYS[1])}
--- select does not last
--> SET k zero
--> EVAL $ 1 k
redis.call('SELECT', 1) return redis.call('EXISTS', KEYS[1])
--> GET k
--- select of a database that does not exist
return redis.call('SELECT', 16)
--- select of a value that is not a number
return redis.call('SELECT', 'x')
--- select negative
return redis.pcall('SELECT', -1)
--- swapdb
--> SET k zero
--> EVAL $ 1 k
redis.call('SWAPDB', 0, 1) local a = redis.call('EXISTS', KEYS[1]) redis.call('SWAPDB', 0, 1) return {a, redis.call('EXISTS', KEYS[1])}
--- move to another database
--> SET k v
--> EVAL $ 1 k
return {redis.call('MOVE', KEYS[1], 1), redis.call('EXISTS', KEYS[1])}
--- time is two numbers as text
local t = redis.call('TIME') return {#t, type(t[1]), type(t[2]), tostring(tonumber(t[1]) > 1600000000)}
--- time does not go back
local a = redis.call('TIME') for i = 1, 10000 do end local b = redis.call('TIME') return tostring(b[1] * 1e6 + b[2] >= a[1] * 1e6 + a[2])
--- ttl of a fresh key
--> EVAL $ 1 k
redis.call('SET', KEYS[1], 'v', 'EX', 100) return {redis.call('TTL', KEYS[1]), math.ceil(redis.call('PTTL', KEYS[1]) / 1000)}
--- expire and its ttl
--> SET k v
--> EVAL $ 1 k
redis.call('PEXPIRE', KEYS[1], 5000) return {math.ceil(redis.call('PTTL', KEYS[1]) / 1000), redis.call('TTL', 'none'), redis.call('PERSIST', KEYS[1]), redis.call('TTL', KEYS[1])}
--- expire at once
--> SET k v
--> EVAL $ 1 k
redis.call('EXPIRE', KEYS[1], -1) return redis.call('EXISTS', KEYS[1])
--- expire in the past
--> SET k v
--> EVAL $ 1 k
return {redis.call('PEXPIREAT', KEYS[1], 1), redis.call('EXISTS', KEYS[1])}
--- a returned reply is changed
--> RPUSH l a b c
--> EVAL $ 1 l
local r = redis.call('LRANGE', KEYS[1], 0, -1) r[2] = nil r[3] = 'z' return r
--- a returned status is changed
--> EVAL $ 1 k
local r = redis.call('SET', KEYS[1], 'v') r.ok = 'CHANGED' return r
--- scan
--> MSET a 1 b 2 c 3
--> EVAL $ 0
local r = redis.call('SCAN', 0, 'COUNT', 100) table.sort(r[2]) return {type(r[1]), r}
--- dbsize and flush
--> MSET a 1 b 2
--> EVAL $ 0
return {redis.call('DBSIZE'), redis.call('FLUSHDB'), redis.call('DBSIZE')}
--- publish
return redis.call('PUBLISH', 'nobody', 'hello')
--- info is text
return type(redis.call('INFO', 'server'))
