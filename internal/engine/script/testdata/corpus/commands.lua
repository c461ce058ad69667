-- Commands in scripts: forbidden ones, blocking ones, and all groups.
--- commands not allowed
local t = {} for _, c in ipairs({{'SUBSCRIBE', 'c'}, {'PSUBSCRIBE', 'c'}, {'UNSUBSCRIBE'}, {'MULTI'}, {'EXEC'}, {'DISCARD'}, {'WATCH', 'k'}, {'UNWATCH'}, {'AUTH', 'x'}, {'HELLO'}, {'HELLO', 3}, {'CLIENT', 'ID'}, {'CLIENT', 'KILL', 'x'}, {'CONFIG', 'GET', 'x'}, {'CONFIG', 'SET', 'x', 'y'}, {'DEBUG', 'SLEEP', '0'}, {'SHUTDOWN'}, {'SAVE'}, {'BGSAVE'}, {'BGREWRITEAOF'}, {'MONITOR'}, {'REPLICAOF', 'no', 'one'}, {'SLAVEOF', 'no', 'one'}, {'SYNC'}, {'PSYNC', '?', '-1'}, {'ROLE'}, {'ACL', 'WHOAMI'}, {'LATENCY', 'LATEST'}, {'MODULE', 'LIST'}, {'RESET'}, {'QUIT'}, {'WAIT', 0, 0}, {'FAILOVER'}, {'EVAL', 'return 1', 0}, {'EVALSHA', 'x', 0}, {'SCRIPT', 'EXISTS', 'x'}, {'FUNCTION', 'STATS'}, {'FCALL', 'f', 0}, {'FCALL_RO', 'f', 0}, {'SSUBSCRIBE', 'c'}}) do local r = redis.pcall(unpack(c)) t[#t+1] = c[1] .. ': ' .. tostring(type(r) == 'table' and (r.err or r.ok) or type(r)) end return t
--- commands of a cluster
return {redis.pcall('READONLY'), redis.pcall('READWRITE'), redis.pcall('ASKING')}
--- lolwut
return type(redis.call('LOLWUT'))
--- slowlog
return type(redis.call('SLOWLOG', 'GET'))
--- memory doctor
return type(redis.call('MEMORY', 'DOCTOR'))
--- lastsave
return type(redis.call('LASTSAVE'))
--- hyperloglog debugging
return {redis.pcall('PFDEBUG', 'x', 'k')}
--- swapdb with itself
return redis.call('SWAPDB', 0, 0)
--- a command not allowed is raised
return redis.call('SUBSCRIBE', 'c')
--- multi
return redis.call('MULTI')
--- auth
return redis.pcall('AUTH', 'password')
--- client
return redis.pcall('CLIENT', 'GETNAME')
--- config
return redis.pcall('CONFIG', 'RESETSTAT')
--- not allowed comes before arity
return {redis.pcall('AUTH'), redis.pcall('WATCH'), redis.pcall('CONFIG', 'GET')}
--- blpop with nothing
return tostring(redis.call('BLPOP', 'l', 0))
--- blpop with an element
--> RPUSH l a b
--> EVAL $ 1 l
return redis.call('BLPOP', KEYS[1], 0)
--- brpop
--> RPUSH l a b
--> EVAL $ 1 l
return {redis.call('BRPOP', KEYS[1], 10), tostring(redis.call('BRPOP', 'none', 10))}
--- brpoplpush and blmove
--> RPUSH l a b c
--> EVAL $ 2 l m
return {redis.call('BRPOPLPUSH', KEYS[1], KEYS[2], 0), redis.call('BLMOVE', KEYS[1], KEYS[2], 'LEFT', 'RIGHT', 0), tostring(redis.call('BLMOVE', 'none', KEYS[2], 'LEFT', 'RIGHT', 0))}
--- bzpopmin and bzpopmax
--> ZADD z 1 a 2 b 3 c
--> EVAL $ 1 z
return {redis.call('BZPOPMIN', KEYS[1], 0), redis.call('BZPOPMAX', KEYS[1], 0), tostring(redis.call('BZPOPMIN', 'none', 0))}
--- blmpop and bzmpop
--> RPUSH l a b
--> ZADD z 1 a
--> EVAL $ 2 l z
return {redis.call('BLMPOP', 0, 1, KEYS[1], 'LEFT'), redis.call('BZMPOP', 0, 1, KEYS[2], 'MIN'), tostring(redis.call('BLMPOP', 0, 1, 'none', 'LEFT'))}
--- blpop with a timeout that is not valid
return redis.pcall('BLPOP', 'l', 'x')
--- blpop with a negative timeout
return redis.pcall('BLPOP', 'l', -1)
--- blpop of a wrong type
--> SET k v
--> EVAL $ 1 k
return redis.pcall('BLPOP', KEYS[1], 0)
--- xread with block
return tostring(redis.call('XREAD', 'BLOCK', 0, 'STREAMS', 'x', '$'))
--- xread with block and entries
--> XADD x 1-1 a 1
--> EVAL $ 1 x
return redis.call('XREAD', 'BLOCK', 0, 'STREAMS', KEYS[1], '0')
--- strings
--> EVAL $ 1 k
local k = KEYS[1]
return {redis.call('SET', k, 'hello'), redis.call('APPEND', k, ' world'), redis.call('STRLEN', k), redis.call('GETRANGE', k, 0, 4), redis.call('SETRANGE', k, 6, 'redis'), redis.call('GET', k), redis.call('GETSET', k, 'new'), redis.call('GETDEL', k), redis.call('EXISTS', k)}
--- numbers
--> EVAL $ 1 k
local k = KEYS[1]
return {redis.call('INCR', k), redis.call('INCRBY', k, 10), redis.call('DECR', k), redis.call('DECRBY', k, 5), redis.call('INCRBYFLOAT', k, 0.5), redis.pcall('INCR', k)}
--- set with options
--> EVAL $ 1 k
local k = KEYS[1]
return {redis.call('SET', k, 1, 'NX'), redis.call('SET', k, 2, 'NX'), redis.call('SET', k, 3, 'XX', 'EX', 50), redis.call('TTL', k), redis.call('SET', k, 4, 'KEEPTTL'), redis.call('TTL', k), redis.call('SET', k, 5, 'GET'), redis.pcall('SET', k, 6, 'NX', 'XX'), redis.pcall('SET', k, 6, 'EX', 0), redis.pcall('SET', k, 6, 'EX', 'x'), redis.pcall('SET', k, 6, 'BAD')}
--- setex, setnx, psetex and getex
--> EVAL $ 1 k
local k = KEYS[1]
return {redis.call('SETEX', k, 100, 'v'), redis.call('SETNX', k, 'w'), redis.call('PSETEX', k, 5000, 'x'), math.ceil(redis.call('PTTL', k) / 1000), redis.call('GETEX', k, 'PERSIST'), redis.call('TTL', k), redis.call('GETEX', k, 'EX', 10), redis.call('TTL', k), redis.pcall('SETEX', k, 0, 'v'), redis.pcall('SETEX', k, -1, 'v')}
--- mset, mget and msetnx
return {redis.call('MSET', 'a', 1, 'b', 2), redis.call('MGET', 'a', 'b', 'c'), redis.call('MSETNX', 'c', 3, 'd', 4), redis.call('MSETNX', 'd', 5, 'e', 6), redis.call('MGET', 'd', 'e'), redis.pcall('MSET', 'a')}
--- bits
return {redis.call('SETBIT', 'b', 7, 1), redis.call('GETBIT', 'b', 7), redis.call('BITCOUNT', 'b'), redis.call('BITPOS', 'b', 1), redis.call('SET', 'c', 'abc'), redis.call('BITOP', 'AND', 'd', 'b', 'c'), redis.call('BITCOUNT', 'c', 0, 0)}
--- bitfield
return {redis.call('BITFIELD', 'b', 'SET', 'u8', 0, 255, 'GET', 'u4', 0, 'INCRBY', 'u8', 0, 10), redis.call('BITFIELD_RO', 'b', 'GET', 'i8', 0)}
--- keys
--> MSET a 1 b 2
--> EVAL $ 0
return {redis.call('EXISTS', 'a', 'b', 'c', 'a'), redis.call('RENAME', 'a', 'x'), redis.pcall('RENAME', 'none', 'y'), redis.call('RENAMENX', 'b', 'x'), redis.call('COPY', 'x', 'y'), redis.call('TOUCH', 'x', 'y', 'z'), redis.call('UNLINK', 'y'), redis.call('DEL', 'x', 'b', 'none'), redis.call('DBSIZE')}
--- expire with options
--> SET k v
--> EVAL $ 1 k
local k = KEYS[1]
return {redis.call('EXPIRE', k, 100, 'NX'), redis.call('EXPIRE', k, 200, 'NX'), redis.call('EXPIRE', k, 50, 'GT'), redis.call('EXPIRE', k, 50, 'LT'), redis.call('EXPIRE', k, 60, 'XX'), redis.call('TTL', k), redis.call('EXPIRE', 'none', 10), redis.pcall('EXPIRE', k, 10, 'BAD'), redis.pcall('EXPIRE', k, 'x')}
--- expiretime
--> SET k v
--> EVAL $ 1 k
return {redis.call('EXPIREAT', KEYS[1], 33177117420), redis.call('EXPIRETIME', KEYS[1]), redis.call('PEXPIRETIME', KEYS[1]), redis.call('PERSIST', KEYS[1]), redis.call('EXPIRETIME', KEYS[1]), redis.call('EXPIRETIME', 'none')}
--- lists
--> EVAL $ 1 l
local l = KEYS[1]
return {redis.call('RPUSH', l, 'a', 'b', 'c'), redis.call('LPUSH', l, 'z'), redis.call('LRANGE', l, 0, -1), redis.call('LLEN', l), redis.call('LINDEX', l, 1), redis.call('LSET', l, 0, 'y'), redis.pcall('LSET', l, 10, 'y'), redis.call('LINSERT', l, 'BEFORE', 'b', 'x'), redis.call('LINSERT', l, 'AFTER', 'none', 'x'), redis.call('LREM', l, 0, 'x'), redis.call('LTRIM', l, 1, 2), redis.call('LRANGE', l, 0, -1), redis.call('LPOP', l), redis.call('RPOP', l, 5), redis.call('EXISTS', l)}
--- lists moved
--> RPUSH l a b c
--> EVAL $ 2 l m
return {redis.call('RPOPLPUSH', KEYS[1], KEYS[2]), redis.call('LMOVE', KEYS[1], KEYS[2], 'LEFT', 'RIGHT'), redis.call('LRANGE', KEYS[2], 0, -1), redis.call('LPOS', KEYS[2], 'a'), redis.call('LPUSHX', 'none', 'x'), redis.call('RPUSHX', KEYS[1], 'x'), redis.call('LPOP', KEYS[1], 0), redis.pcall('LPOP', KEYS[1], -1)}
--- hashes
--> EVAL $ 1 h
local h = KEYS[1]
return {redis.call('HSET', h, 'a', 1, 'b', 2), redis.call('HGET', h, 'a'), redis.call('HMGET', h, 'a', 'x'), redis.call('HGETALL', h), redis.call('HKEYS', h), redis.call('HVALS', h), redis.call('HLEN', h), redis.call('HEXISTS', h, 'a'), redis.call('HSTRLEN', h, 'a'), redis.call('HINCRBY', h, 'a', 5), redis.call('HINCRBYFLOAT', h, 'b', 0.5), redis.call('HSETNX', h, 'a', 9), redis.call('HDEL', h, 'a', 'none'), redis.call('HMSET', h, 'c', 3), redis.pcall('HSET', h, 'x'), redis.pcall('HINCRBY', h, 'b', 1)}
--- sets
--> EVAL $ 2 s t
local s, t = KEYS[1], KEYS[2]
return {redis.call('SADD', s, 1, 2, 3), redis.call('SADD', s, 3, 4), redis.call('SADD', t, 3, 4, 5), redis.call('SCARD', s), redis.call('SISMEMBER', s, 1), redis.call('SMISMEMBER', s, 1, 9), redis.call('SINTER', s, t), redis.call('SUNION', s, t), redis.call('SDIFF', s, t), redis.call('SINTERCARD', 2, s, t), redis.call('SINTERSTORE', 'd', s, t), redis.call('SMOVE', s, t, 1), redis.call('SREM', s, 2, 9), redis.call('SMEMBERS', s)}
--- sorted sets
--> EVAL $ 1 z
local z = KEYS[1]
return {redis.call('ZADD', z, 1, 'a', 2, 'b', 3, 'c'), redis.call('ZADD', z, 'XX', 'CH', 5, 'a'), redis.call('ZADD', z, 'GT', 'CH', 1, 'b'), redis.call('ZSCORE', z, 'a'), redis.call('ZRANK', z, 'a'), redis.call('ZREVRANK', z, 'a'), redis.call('ZRANGE', z, 0, -1), redis.call('ZRANGE', z, 0, -1, 'REV', 'WITHSCORES'), redis.call('ZRANGEBYSCORE', z, '(2', '+inf'), redis.call('ZCOUNT', z, 2, 5), redis.call('ZINCRBY', z, 1.5, 'b'), redis.call('ZCARD', z), redis.call('ZREM', z, 'a', 'none'), redis.call('ZPOPMIN', z), redis.call('ZREMRANGEBYRANK', z, 0, -1), redis.call('ZCARD', z)}
--- sorted sets by score and lex
--> ZADD z 0 a 0 b 0 c 0 d
--> EVAL $ 1 z
local z = KEYS[1]
return {redis.call('ZRANGEBYLEX', z, '[b', '(d'), redis.call('ZLEXCOUNT', z, '-', '+'), redis.call('ZREVRANGEBYLEX', z, '+', '-', 'LIMIT', 0, 2), redis.call('ZREMRANGEBYLEX', z, '[a', '[a'), redis.call('ZRANGE', z, '(b', '+', 'BYLEX'), redis.call('ZMSCORE', z, 'b', 'x'), redis.pcall('ZRANGEBYLEX', z, 'b', 'd'), redis.pcall('ZRANGEBYSCORE', z, 'x', 1), redis.pcall('ZADD', z, 'NX', 'XX', 1, 'a'), redis.pcall('ZADD', z, 'x', 'a')}
--- sorted sets stored
--> ZADD a 1 x 2 y
--> ZADD b 10 y 20 z
--> EVAL $ 2 a b
return {redis.call('ZUNIONSTORE', 'u', 2, KEYS[1], KEYS[2], 'WEIGHTS', 2, 1), redis.call('ZRANGE', 'u', 0, -1, 'WITHSCORES'), redis.call('ZINTERSTORE', 'i', 2, KEYS[1], KEYS[2], 'AGGREGATE', 'MAX'), redis.call('ZRANGE', 'i', 0, -1, 'WITHSCORES'), redis.call('ZDIFF', 2, KEYS[1], KEYS[2]), redis.call('ZRANGESTORE', 'r', 'u', 0, 1)}
--- streams
--> EVAL $ 1 x
local x = KEYS[1]
return {redis.call('XADD', x, '1-1', 'f', 'v'), redis.call('XADD', x, '2-0', 'g', 'w', 'h', 'z'), redis.pcall('XADD', x, '1-0', 'f', 'v'), redis.call('XLEN', x), redis.call('XRANGE', x, '-', '+'), redis.call('XREVRANGE', x, '+', '-', 'COUNT', 1), redis.call('XDEL', x, '1-1'), redis.call('XTRIM', x, 'MAXLEN', 0), redis.call('XLEN', x)}
--- stream groups
--> XADD x 1-1 a 1
--> XADD x 2-1 b 2
--> EVAL $ 1 x
local x = KEYS[1]
return {redis.call('XGROUP', 'CREATE', x, 'g', '0'), redis.pcall('XGROUP', 'CREATE', x, 'g', '0'), redis.call('XREADGROUP', 'GROUP', 'g', 'c', 'COUNT', 1, 'STREAMS', x, '>'), redis.call('XACK', x, 'g', '1-1'), redis.call('XREADGROUP', 'GROUP', 'g', 'c', 'STREAMS', x, '>'), redis.call('XPENDING', x, 'g'), redis.pcall('XREADGROUP', 'GROUP', 'none', 'c', 'STREAMS', x, '>')}
--- hyperloglog
return {redis.call('PFADD', 'p', 'a', 'b', 'c'), redis.call('PFADD', 'p', 'a'), redis.call('PFCOUNT', 'p'), redis.call('PFADD', 'q', 'd'), redis.call('PFCOUNT', 'p', 'q'), redis.call('PFMERGE', 'r', 'p', 'q'), redis.call('PFCOUNT', 'r')}
--- geo
--> EVAL $ 1 g
local g = KEYS[1]
return {redis.call('GEOADD', g, 13.361389, 38.115556, 'Palermo', 15.087269, 37.502669, 'Catania'), redis.call('GEODIST', g, 'Palermo', 'Catania', 'km'), redis.call('GEOSEARCH', g, 'FROMLONLAT', 15, 37, 'BYRADIUS', 200, 'km', 'ASC'), redis.call('GEOHASH', g, 'Palermo')}
--- sort
--> RPUSH l 3 1 2
--> EVAL $ 1 l
return {redis.call('SORT', KEYS[1]), redis.call('SORT', KEYS[1], 'DESC', 'LIMIT', 0, 2), redis.call('SORT', KEYS[1], 'ALPHA'), redis.call('SORT', KEYS[1], 'STORE', 'd'), redis.call('LRANGE', 'd', 0, -1)}
--- dump and restore
--> SET k hello
--> EVAL $ 1 k
local d = redis.call('DUMP', KEYS[1]) return {redis.call('RESTORE', 'copy', 0, d), redis.call('GET', 'copy'), redis.pcall('RESTORE', 'copy', 0, d), redis.pcall('RESTORE', 'bad', 0, 'xyz'), tostring(redis.call('DUMP', 'none'))}
--- object encoding
--> EVAL $ 0
redis.call('SET', 'i', 5) redis.call('SET', 's', 'short') redis.call('RPUSH', 'l', 'a') redis.call('HSET', 'h', 'a', 1) redis.call('SADD', 'n', 1) redis.call('ZADD', 'z', 1, 'a')
local t = {} for _, k in ipairs({'i', 's', 'l', 'h', 'n', 'z'}) do t[#t+1] = redis.call('OBJECT', 'ENCODING', k) end return t
--- wrong types
--> EVAL $ 0
redis.call('SET', 's', 'v') redis.call('RPUSH', 'l', 'v') redis.call('HSET', 'h', 'f', 'v')
local t = {} for _, c in ipairs({{'GET', 'l'}, {'INCR', 'h'}, {'LPUSH', 's', 1}, {'HGET', 's', 'f'}, {'SADD', 'l', 1}, {'ZADD', 'h', 1, 1}, {'XADD', 's', '*', 'a', 1}, {'APPEND', 'l', 'x'}, {'GETRANGE', 'h', 0, 1}, {'LLEN', 'h'}, {'SCARD', 's'}, {'ZCARD', 'l'}, {'HLEN', 'l'}, {'SETBIT', 'l', 1, 1}, {'PFADD', 'l', 'x'}, {'PFADD', 's', 'x'}, {'GETSET', 'l', 'x'}, {'MGET', 'l', 's'}}) do local r = redis.pcall(unpack(c)) t[#t+1] = c[1] .. ' ' .. tostring(type(r) == 'table' and r.err or type(r)) end return t
--- values that are not integers
--> EVAL $ 0
redis.call('SET', 's', 'abc') redis.call('HSET', 'h', 'f', 'abc')
local t = {} for _, c in ipairs({{'INCR', 's'}, {'INCRBY', 'n', 'x'}, {'INCRBY', 'n', '1.5'}, {'INCRBYFLOAT', 's', 1}, {'INCRBYFLOAT', 'n', 'x'}, {'DECRBY', 'n', ''}, {'HINCRBY', 'h', 'f', 1}, {'HINCRBY', 'h', 'g', 'x'}, {'HINCRBYFLOAT', 'h', 'f', 1}, {'LRANGE', 'l', 'a', 'b'}, {'ZADD', 'z', 'x', 'm'}, {'ZINCRBY', 'z', 'x', 'm'}, {'EXPIRE', 's', 'x'}, {'SETRANGE', 's', -1, 'x'}, {'SETBIT', 's', -1, 1}, {'SETBIT', 's', 1, 2}, {'GETRANGE', 's', 'x', 1}, {'SPOP', 's2', 'x'}, {'SELECT', 'x'}, {'SCAN', 'x'}, {'LPOP', 'l', 'x'}}) do local r = redis.pcall(unpack(c)) t[#t+1] = c[1] .. ' ' .. tostring(type(r) == 'table' and r.err or type(r)) end return t
--- lindex of nothing with an index that is not valid
return tostring(redis.call('LINDEX', 'l', 'x'))
--- xadd with fields that are not pairs
return redis.call('XADD', 'a', 'b', 'c', 'd', 'e', 'f', 'g', 'h')
--- arity of many commands
local t = {} for _, c in ipairs({'GET', 'SET', 'DEL', 'INCR', 'EXPIRE', 'HSET', 'HGET', 'LPUSH', 'LRANGE', 'SADD', 'SMEMBERS', 'ZADD', 'ZRANGE', 'MGET', 'MSET', 'KEYS', 'TTL', 'TYPE', 'EXISTS', 'PUBLISH', 'SCAN', 'ECHO', 'SELECT', 'OBJECT', 'XGROUP', 'COMMAND', 'PING', 'DBSIZE', 'TIME', 'INFO', 'RANDOMKEY', 'FLUSHDB'}) do local r = redis.pcall(c, 'a', 'b', 'c', 'd', 'e', 'f', 'g', 'h', 'i') t[#t+1] = c .. ' ' .. tostring(type(r) == 'table' and (r.err or r.ok) or type(r)) end return t
--- arity of too few
local t = {} for _, c in ipairs({'GET', 'SET', 'DEL', 'INCR', 'EXPIRE', 'HSET', 'HGET', 'LPUSH', 'LRANGE', 'SADD', 'SMEMBERS', 'ZADD', 'ZRANGE', 'XADD', 'MGET', 'MSET', 'KEYS', 'TTL', 'TYPE', 'EXISTS', 'PUBLISH', 'SCAN', 'ECHO', 'SELECT', 'OBJECT', 'XGROUP'}) do local r = redis.pcall(c) t[#t+1] = c .. ' ' .. tostring(type(r) == 'table' and (r.err or r.ok) or type(r)) end return t
--- command getkeys
return {redis.call('COMMAND', 'GETKEYS', 'GET', 'k'), redis.call('COMMAND', 'GETKEYS', 'MSET', 'a', 1, 'b', 2), redis.call('COMMAND', 'GETKEYS', 'EVAL', 'return 1', 2, 'x', 'y', 'z'), redis.pcall('COMMAND', 'GETKEYS', 'PING'), redis.pcall('COMMAND', 'GETKEYS', 'NOSUCH', 'k')}
--- command count
return type(redis.call('COMMAND', 'COUNT'))
--- echo of binary
return redis.call('ECHO', '\0\1\255')
--- keys with patterns
--> MSET user:1 a user:2 b post:1 c
--> EVAL $ 0
local t = redis.call('KEYS', 'user:*') table.sort(t) return {t, redis.call('KEYS', 'post:?'), #redis.call('KEYS', '*'), redis.call('KEYS', 'user:[2-9]')}
--- scan with match and type
--> MSET user:1 a user:2 b
--> RPUSH list x
--> EVAL $ 0
local r = redis.call('SCAN', 0, 'MATCH', 'l*', 'COUNT', 100) local q = redis.call('SCAN', 0, 'TYPE', 'list', 'COUNT', 100) return {r[2], q[2]}
--- hscan, sscan and zscan
--> HSET h a 1
--> SADD s a
--> ZADD z 1 a
--> EVAL $ 3 h s z
return {redis.call('HSCAN', KEYS[1], 0), redis.call('SSCAN', KEYS[2], 0), redis.call('ZSCAN', KEYS[3], 0)}
--- lcs
--> MSET a ohmytext b mynewtext
--> EVAL $ 2 a b
return {redis.call('LCS', KEYS[1], KEYS[2]), redis.call('LCS', KEYS[1], KEYS[2], 'LEN')}
--- flushall in a script
--> MSET a 1 b 2
--> EVAL $ 0
redis.call('SET', 'c', 3) redis.call('FLUSHALL') redis.call('SET', 'd', 4) return redis.call('KEYS', '*')
--- a key that expires is gone
--> SET k v
--> EVAL $ 1 k
redis.call('PEXPIRE', KEYS[1], 0) return {redis.call('EXISTS', KEYS[1]), tostring(redis.call('GET', KEYS[1]))}
--- ttl is kept by writes
--> SET k 1 EX 100
--> EVAL $ 1 k
redis.call('INCR', KEYS[1]) redis.call('APPEND', KEYS[1], '0') return redis.call('TTL', KEYS[1]) > 90
--- ttl is lost by set
--> SET k 1 EX 100
--> EVAL $ 1 k
redis.call('SET', KEYS[1], 2) return redis.call('TTL', KEYS[1])
--- ttl and rename
--> SET k 1 EX 100
--> EVAL $ 1 k
redis.call('RENAME', KEYS[1], 'm') return {redis.call('TTL', 'm') > 90, redis.call('TTL', KEYS[1])}
