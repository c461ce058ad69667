-- redis.setresp(3): what scripts see then.
--- setresp returns nothing
return {select('#', redis.setresp(3)), select('#', redis.setresp(2))}
--- setresp of an unknown version
redis.setresp(4)
--- setresp of one
redis.setresp(1)
--- setresp of text
redis.setresp('3') return 1
--- setresp of words
redis.setresp('x')
--- setresp without an argument
redis.setresp()
--- setresp with too many
redis.setresp(3, 2)
--- setresp of nil
redis.setresp(nil)
--- setresp of a table
redis.setresp({})
--- setresp of a fraction
redis.setresp(3.7) return type(redis.call('GET', 'none'))
--- setresp does not last
--> EVAL "redis.setresp(3) return type(redis.call('GET', 'none'))" 0
--> EVAL "return type(redis.call('GET', 'none'))" 0
--- null is nil
--> EVAL $ 1 k
redis.setresp(3) local r = redis.call('GET', KEYS[1]) return {type(r), tostring(r == nil)}
--- null returned
redis.setresp(3) return redis.call('GET', 'none')
--- nulls in an array
--> SET b 1
--> EVAL $ 3 a b c
redis.setresp(3) local r = redis.call('MGET', unpack(KEYS)) return {type(r[1]), type(r[2]), type(r[3])}
--- nulls in an array returned
--> SET a 1
--> EVAL $ 3 a b c
redis.setresp(3) return redis.call('MGET', 'a', 'b', 'a')
--- hgetall
--> HSET h a 1 b 2
--> EVAL $ 1 h
redis.setresp(3) local r = redis.call('HGETALL', KEYS[1]) return {type(r.map), r.map.a, r.map.b, #r}
--- hgetall of nothing
--> EVAL $ 1 h
redis.setresp(3) local r = redis.call('HGETALL', KEYS[1]) return {type(r.map), tostring(next(r.map))}
--- hgetall returned
--> HSET h a 1
--> EVAL $ 1 h
redis.setresp(3) return redis.call('HGETALL', KEYS[1])
--- hgetall of several returned
--> HSET h a 1 b 2 c 3
--> EVAL $ 1 h
redis.setresp(3) return redis.call('HGETALL', KEYS[1])
--- smembers
--> SADD s a b
--> EVAL $ 1 s
redis.setresp(3) local r = redis.call('SMEMBERS', KEYS[1]) return {type(r.set), tostring(r.set.a), tostring(r.set.b), tostring(r.set.c), #r}
--- smembers of nothing
redis.setresp(3) local r = redis.call('SMEMBERS', 'none') return {type(r.set), tostring(next(r.set))}
--- smembers returned
--> SADD s only
--> EVAL $ 1 s
redis.setresp(3) return redis.call('SMEMBERS', KEYS[1])
--- sinter, sunion and sdiff
--> SADD a x y
--> SADD b y z
--> EVAL $ 2 a b
redis.setresp(3) local t = {} for _, c in ipairs({'SINTER', 'SUNION', 'SDIFF'}) do local r = redis.call(c, KEYS[1], KEYS[2]) local n = 0 for _ in pairs(r.set) do n = n + 1 end t[#t+1] = n end return t
--- zscore
--> ZADD z 1.5 a 3 b
--> EVAL $ 1 z
redis.setresp(3) local r = redis.call('ZSCORE', KEYS[1], 'a') return {type(r), type(r.double), tostring(r.double), tostring(redis.call('ZSCORE', KEYS[1], 'b').double)}
--- zscore of nothing
redis.setresp(3) return type(redis.call('ZSCORE', 'z', 'none'))
--- zscore returned
--> ZADD z 1.5 a
--> EVAL $ 1 z
redis.setresp(3) return redis.call('ZSCORE', KEYS[1], 'a')
--- zscore infinite
--> ZADD z inf a -inf b
--> EVAL $ 1 z
redis.setresp(3) return {tostring(redis.call('ZSCORE', KEYS[1], 'a').double), redis.call('ZSCORE', KEYS[1], 'b')}
--- zscore calculated with
--> ZADD z 1.5 a
--> EVAL $ 1 z
redis.setresp(3) return redis.call('ZSCORE', KEYS[1], 'a') + 1
--- zincrby
--> EVAL $ 1 z
redis.setresp(3) return {tostring(redis.call('ZINCRBY', KEYS[1], 2.5, 'a').double)}
--- zadd incr
--> EVAL $ 1 z
redis.setresp(3) return {tostring(redis.call('ZADD', KEYS[1], 'INCR', 2.5, 'a').double), type(redis.call('ZADD', KEYS[1], 'NX', 'INCR', 1, 'a'))}
--- zmscore
--> ZADD z 1 a
--> EVAL $ 1 z
redis.setresp(3) local r = redis.call('ZMSCORE', KEYS[1], 'a', 'none') return {tostring(r[1].double), type(r[2])}
--- zrange with scores
--> ZADD z 1 a 2.5 b
--> EVAL $ 1 z
redis.setresp(3) local r = redis.call('ZRANGE', KEYS[1], 0, -1, 'WITHSCORES') return {#r, type(r[1]), r[1][1], type(r[1][2]), tostring(r[2][2].double)}
--- zrange with scores returned
--> ZADD z 1 a 2.5 b
--> EVAL $ 1 z
redis.setresp(3) return redis.call('ZRANGE', KEYS[1], 0, -1, 'WITHSCORES')
--- zrange without scores
--> ZADD z 1 a 2 b
--> EVAL $ 1 z
redis.setresp(3) return redis.call('ZRANGE', KEYS[1], 0, -1)
--- zrangebyscore with scores
--> ZADD z 1 a 2 b
--> EVAL $ 1 z
redis.setresp(3) local r = redis.call('ZRANGEBYSCORE', KEYS[1], '-inf', '+inf', 'WITHSCORES') return {#r, type(r[1]), r}
--- zpopmin
--> ZADD z 1 a 2 b 3 c
--> EVAL $ 1 z
redis.setresp(3) local r = redis.call('ZPOPMIN', KEYS[1]) local q = redis.call('ZPOPMAX', KEYS[1], 2) return {#r, r[1], tostring(r[2].double), #q, type(q[1]), q}
--- hrandfield with values
--> HSET h a 1
--> EVAL $ 1 h
redis.setresp(3) local r = redis.call('HRANDFIELD', KEYS[1], 5, 'WITHVALUES') return {#r, type(r[1]), r}
--- zrandmember with scores
--> ZADD z 1 a
--> EVAL $ 1 z
redis.setresp(3) local r = redis.call('ZRANDMEMBER', KEYS[1], 5, 'WITHSCORES') return {#r, type(r[1]), r}
--- zdiff, zinter and zunion
--> ZADD a 1 x 2 y
--> ZADD b 3 y
--> EVAL $ 2 a b
redis.setresp(3) local r = redis.call('ZUNION', 2, KEYS[1], KEYS[2], 'WITHSCORES') return {#r, r, redis.call('ZINTER', 2, KEYS[1], KEYS[2], 'WITHSCORES'), redis.call('ZDIFF', 2, KEYS[1], KEYS[2], 'WITHSCORES')}
--- zrank
--> ZADD z 1 a
--> EVAL $ 1 z
redis.setresp(3) return {redis.call('ZRANK', KEYS[1], 'a'), type(redis.call('ZRANK', KEYS[1], 'none'))}
--- spop and srandmember
--> SADD s a
--> EVAL $ 1 s
redis.setresp(3) return {redis.call('SRANDMEMBER', KEYS[1]), type(redis.call('SRANDMEMBER', KEYS[1], 5)), type(redis.call('SPOP', KEYS[1], 1).set), type(redis.call('SPOP', KEYS[1]))}
--- sismember and smismember
--> SADD s a
--> EVAL $ 1 s
redis.setresp(3) return {redis.call('SISMEMBER', KEYS[1], 'a'), redis.call('SMISMEMBER', KEYS[1], 'a', 'b')}
--- incrbyfloat
--> EVAL $ 1 k
redis.setresp(3) local r = redis.call('INCRBYFLOAT', KEYS[1], 1.5) return {type(r), r}
--- config get
redis.setresp(3) return redis.pcall('CONFIG', 'GET', 'maxmemory')
--- geopos
--> GEOADD g 13.361389 38.115556 Palermo
--> EVAL $ 1 g
redis.setresp(3) local r = redis.call('GEOPOS', KEYS[1], 'Palermo', 'none') return {type(r[1]), type(r[1][1]), type(r[2])}
--- geodist
--> GEOADD g 13.361389 38.115556 Palermo 15.087269 37.502669 Catania
--> EVAL $ 1 g
redis.setresp(3) local r = redis.call('GEODIST', KEYS[1], 'Palermo', 'Catania') return {type(r), r}
--- lolwut is verbatim
redis.setresp(3) local r = redis.call('LOLWUT', 'VERSION', 99) return {type(r), type(r.verbatim_string), r.verbatim_string and r.verbatim_string.format, r.verbatim_string and type(r.verbatim_string.string)}
--- info is verbatim
redis.setresp(3) local r = redis.call('INFO', 'server') return {type(r), r.verbatim_string and r.verbatim_string.format}
--- xrange
--> XADD x 1-1 a 1
--> EVAL $ 1 x
redis.setresp(3) return redis.call('XRANGE', KEYS[1], '-', '+')
--- xread
--> XADD x 1-1 a 1
--> EVAL $ 1 x
redis.setresp(3) local r = redis.call('XREAD', 'STREAMS', KEYS[1], '0') return {type(r.map), type(r.map and r.map.x), r}
--- xread of nothing
redis.setresp(3) return type(redis.call('XREAD', 'STREAMS', 'x', '0'))
--- xinfo stream
--> XADD x 1-1 a 1
--> EVAL $ 1 x
redis.setresp(3) local r = redis.call('XINFO', 'STREAM', KEYS[1]) return {type(r.map), r.map and r.map.length}
--- lpop with a count of nothing
redis.setresp(3) return type(redis.call('LPOP', 'none', 2))
--- lpos of nothing
--> RPUSH l a
--> EVAL $ 1 l
redis.setresp(3) return {redis.call('LPOS', KEYS[1], 'a'), type(redis.call('LPOS', KEYS[1], 'z'))}
--- lmpop
--> RPUSH l a b
--> EVAL $ 1 l
redis.setresp(3) return {redis.call('LMPOP', 1, KEYS[1], 'LEFT', 'COUNT', 2), type(redis.call('LMPOP', 1, KEYS[1], 'LEFT'))}
--- zmpop
--> ZADD z 1 a
--> EVAL $ 1 z
redis.setresp(3) return {redis.call('ZMPOP', 1, KEYS[1], 'MIN'), type(redis.call('ZMPOP', 1, KEYS[1], 'MIN'))}
--- set with NX
--> SET k v
--> EVAL $ 1 k
redis.setresp(3) return type(redis.call('SET', KEYS[1], 'x', 'NX'))
--- errors are the same
--> SET k v
--> EVAL $ 1 k
redis.setresp(3) return redis.pcall('LPUSH', KEYS[1], 'x')
--- error raised
--> SET k v
--> EVAL $ 1 k
redis.setresp(3) return redis.call('LPUSH', KEYS[1], 'x')
--- status
--> EVAL $ 1 k
redis.setresp(3) local r = redis.call('SET', KEYS[1], 'v') return {type(r), r.ok}
--- command getkeys
redis.setresp(3) return redis.call('COMMAND', 'GETKEYS', 'MSET', 'a', 1, 'b', 2)
--- scan
--> SET k v
--> EVAL $ 0
redis.setresp(3) return redis.call('SCAN', 0)
--- back to two
--> HSET h a 1
--> EVAL $ 1 h
redis.setresp(3) local r = redis.call('HGETALL', KEYS[1]) redis.setresp(2) local q = redis.call('HGETALL', KEYS[1]) return {type(r.map), type(q.map), #q}
--- resp 3 in a function of the script
--> HSET h a 1
--> EVAL $ 1 h
local function read(key) redis.setresp(3) local r = redis.call('HGETALL', key) redis.setresp(2) return r.map end
return read(KEYS[1]).a
--- zset scores in resp 2
--> ZADD z 1.5 a
--> EVAL $ 1 z
return {type(redis.call('ZSCORE', KEYS[1], 'a')), redis.call('ZSCORE', KEYS[1], 'a')}
--- debug protocol map
redis.setresp(3) local r = redis.call('HGETALL', 'none') return r
--- set returned as it is
redis.setresp(3) return redis.call('SMEMBERS', 'none')
--- json of a resp 3 reply
--> HSET h name Bob
--> EVAL $ 1 h
redis.setresp(3) return cjson.encode(redis.call('HGETALL', KEYS[1]))
