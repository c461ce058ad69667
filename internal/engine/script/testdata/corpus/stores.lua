-- Counters, leaderboards, shops, sessions and the like.
--- increment of the examples
--> SET counter 4
--> EVAL $ 1 counter 5
--> EVALSHA $sha 1 counter 5
--> EVALSHA $sha 1 other 0
-- Increment a counter that is below a limit.
-- KEYS[1] the counter, ARGV[1] the limit.
-- Returns the new value (an integer), or the value that stays: a string, as GET
-- gives it, or false (null over the wire) where there is none.
local current = redis.call('GET', KEYS[1])
if tonumber(current or '0') < tonumber(ARGV[1]) then
  return redis.call('INCR', KEYS[1])
end
return current
--- purchase of the examples
--> MSET stock 10 balance 100
--> EVAL $ 2 stock balance 3 20
--> EVALSHA $sha 2 stock balance 3 20
--> EVALSHA $sha 2 stock balance 8 1
--> EVALSHA $sha 2 none balance 1 1
-- Buy from a stock, on a balance: both go down, or neither does.
-- KEYS[1] the stock, KEYS[2] the balance, ARGV[1] the quantity, ARGV[2] the price
-- of one.
-- Returns success, or the error insufficient_stock or insufficient_balance.
local quantity = tonumber(ARGV[1])
local cost = quantity * tonumber(ARGV[2])
if tonumber(redis.call('GET', KEYS[1]) or '0') < quantity then
  return {err = 'insufficient_stock'}
end
if tonumber(redis.call('GET', KEYS[2]) or '0') < cost then
  return {err = 'insufficient_balance'}
end
redis.call('DECRBY', KEYS[1], quantity)
redis.call('DECRBY', KEYS[2], cost)
return {ok = 'success'}
--- purchase with a fraction
--> MSET stock 10 balance 100
--> EVAL $ 2 stock balance 2 1.25
local cost = tonumber(ARGV[1]) * tonumber(ARGV[2])
redis.call('DECRBY', KEYS[1], ARGV[1])
redis.call('INCRBYFLOAT', KEYS[2], -cost)
return redis.call('MGET', KEYS[1], KEYS[2])
--- purchase with a fraction as an integer
--> MSET stock 10 balance 100
--> EVAL $ 2 stock balance 3 1.25
redis.call('DECRBY', KEYS[1], ARGV[1])
redis.call('DECRBY', KEYS[2], ARGV[1] * ARGV[2])
return redis.call('MGET', KEYS[1], KEYS[2])
--- highest score of the examples
--> EVAL $ 1 score 10
--> EVALSHA $sha 1 score 7
--> EVALSHA $sha 1 score 12.5
--> GET score
-- Keep the highest of the scores seen.
-- KEYS[1] the score, ARGV[1] the new one.
-- Returns 1 where it is kept and 0 where it is not higher.
local current = tonumber(redis.call('GET', KEYS[1]))
if current and current >= tonumber(ARGV[1]) then
  return 0
end
redis.call('SET', KEYS[1], ARGV[1])
return 1
--- highest score of a value that is not a number
--> SET score x
--> EVAL $ 1 score 7
local current = tonumber(redis.call('GET', KEYS[1]))
if current >= tonumber(ARGV[1]) then return 0 end
return 1
--- leaderboard
--> EVAL $ 1 board ann 10 bob 30 cid 20 ann 15
for i = 1, #ARGV, 2 do redis.call('ZADD', KEYS[1], 'GT', ARGV[i + 1], ARGV[i]) end
local out = {}
local rows = redis.call('ZREVRANGE', KEYS[1], 0, -1, 'WITHSCORES')
for i = 1, #rows, 2 do out[#out + 1] = {(i + 1) / 2, rows[i], tonumber(rows[i + 1])} end
return out
--- leaderboard around a player
--> ZADD board 10 a 20 b 30 c 40 d 50 e
--> EVAL $ 1 board c 1
local rank = redis.call('ZREVRANK', KEYS[1], ARGV[1])
if not rank then return redis.error_reply('NOPLAYER ' .. ARGV[1]) end
return redis.call('ZREVRANGE', KEYS[1], math.max(0, rank - ARGV[2]), rank + ARGV[2], 'WITHSCORES')
--- leaderboard without the player
--> ZADD board 10 a
--> EVAL $ 1 board z 1
local rank = redis.call('ZREVRANK', KEYS[1], ARGV[1])
if not rank then return redis.error_reply('NOPLAYER ' .. ARGV[1]) end
return rank
--- leaderboard with ties by time
--> EVAL $ 1 board a 100 1700000001 b 100 1700000000 c 90 1699999999
for i = 1, #ARGV, 3 do
  local score = ARGV[i + 1] + (1 - ARGV[i + 2] / 1e10)
  redis.call('ZADD', KEYS[1], score, ARGV[i])
end
return redis.call('ZREVRANGE', KEYS[1], 0, -1, 'WITHSCORES')
--- leaderboard trimmed
--> EVAL $ 1 board 3
for i = 1, 6 do redis.call('ZADD', KEYS[1], i * 10, 'p' .. i) end
redis.call('ZREMRANGEBYRANK', KEYS[1], 0, -(ARGV[1] + 1))
return redis.call('ZRANGE', KEYS[1], 0, -1)
--- percentiles
--> ZADD s 1 a 2 b 3 c 4 d 5 e 6 f 7 g 8 h 9 i 10 j
--> EVAL $ 1 s 50 90 99
local n = redis.call('ZCARD', KEYS[1])
local t = {}
for i, p in ipairs(ARGV) do
  local rank = math.ceil(n * p / 100) - 1
  t[i] = redis.call('ZRANGE', KEYS[1], rank, rank, 'WITHSCORES')[2]
end
return t
--- session
--> EVAL $ 1 session:1 user 7 name Ann 1800
local ttl = table.remove(ARGV)
redis.call('HSET', KEYS[1], unpack(ARGV))
redis.call('EXPIRE', KEYS[1], ttl)
return redis.call('HGETALL', KEYS[1])
--- session that slides
--> HSET session:1 user 7
--> EVAL $ 2 session:1 session:2 1800
local t = {}
for i, key in ipairs(KEYS) do
  if redis.call('EXPIRE', key, ARGV[1]) == 1 then
    t[i] = redis.call('HGET', key, 'user')
  else
    t[i] = false
  end
end
return t
--- cart
--> EVAL $ 1 cart apple 2 pear 1 apple -1 pear -1
local total = 0
for i = 1, #ARGV, 2 do
  local n = redis.call('HINCRBY', KEYS[1], ARGV[i], ARGV[i + 1])
  if n <= 0 then redis.call('HDEL', KEYS[1], ARGV[i]) end
end
for _, n in ipairs(redis.call('HVALS', KEYS[1])) do total = total + n end
return {total, redis.call('HGETALL', KEYS[1])}
--- cart with prices as json
--> HSET prices apple 1.25 pear 0.8
--> EVAL $ 1 prices {"apple":4,"pear":3}
local sum = 0
for item, n in pairs(cjson.decode(ARGV[1])) do
  sum = sum + n * redis.call('HGET', KEYS[1], item)
end
return {tostring(sum), string.format('%.2f', sum), sum}
--- order with a missing price
--> HSET prices apple 1.25
--> EVAL $ 1 prices {"melon":1}
local sum = 0
for item, n in pairs(cjson.decode(ARGV[1])) do
  sum = sum + n * redis.call('HGET', KEYS[1], item)
end
return sum
--- transfer
--> HSET accounts a 100 b 50
--> EVAL $ 1 accounts a b 30
--> EVAL $ 1 accounts a b 80
--> EVAL $ 1 accounts a none 1
--> HGETALL accounts
local from, to, amount = ARGV[1], ARGV[2], tonumber(ARGV[3])
local balance = tonumber(redis.call('HGET', KEYS[1], from))
if redis.call('HEXISTS', KEYS[1], to) == 0 then
  return redis.error_reply('NOACCOUNT ' .. to)
end
if balance < amount then
  return redis.error_reply(string.format('INSUFFICIENT %d < %d', balance, amount))
end
redis.call('HINCRBY', KEYS[1], from, -amount)
redis.call('HINCRBY', KEYS[1], to, amount)
return redis.status_reply('MOVED')
--- auction
--> EVAL $ 1 lot 10 ann
--> EVALSHA $sha 1 lot 9 bob
--> EVALSHA $sha 1 lot 10.5 bob
local best = redis.call('HMGET', KEYS[1], 'bid', 'who')
if best[1] and tonumber(best[1]) >= tonumber(ARGV[1]) then
  return {0, best[1], best[2]}
end
redis.call('HSET', KEYS[1], 'bid', ARGV[1], 'who', ARGV[2])
return {1, ARGV[1], best[2]}
--- voting
--> EVAL $ 2 votes voters ann yes bob no cid yes ann no
local refused = {}
for i = 1, #ARGV, 2 do
  if redis.call('SADD', KEYS[2], ARGV[i]) == 1 then
    redis.call('HINCRBY', KEYS[1], ARGV[i + 1], 1)
  else
    refused[#refused + 1] = ARGV[i]
  end
end
return {redis.call('HGET', KEYS[1], 'yes'), redis.call('HGET', KEYS[1], 'no'), refused}
--- unique names
--> EVAL $ 1 names ann bob
--> EVALSHA $sha 1 names bob cid
local taken = {}
for _, name in ipairs(ARGV) do
  if redis.call('HSETNX', KEYS[1], name, redis.call('HLEN', KEYS[1]) + 1) == 0 then taken[#taken + 1] = name end
end
if #taken > 0 then return redis.error_reply('TAKEN ' .. table.concat(taken, ', ')) end
return redis.call('HGETALL', KEYS[1])
--- ids of a sequence
--> EVAL $ 1 seq order 3
local first = redis.call('INCRBY', KEYS[1], ARGV[2]) - ARGV[2] + 1
local t = {}
for i = 0, ARGV[2] - 1 do t[#t + 1] = string.format('%s-%05d', ARGV[1], first + i) end
return t
--- cache aside
--> EVAL $ 1 cache:x computed 60
--> EVALSHA $sha 1 cache:x other 60
local v = redis.call('GET', KEYS[1])
if v then return {'hit', v} end
redis.call('SET', KEYS[1], ARGV[1], 'EX', ARGV[2])
return {'miss', ARGV[1]}
--- cache by tags
--> EVAL $ 0
redis.call('MSET', 'c:1', 'a', 'c:2', 'b', 'c:3', 'c')
redis.call('SADD', 'tag:red', 'c:1', 'c:3')
local n = 0
for _, key in ipairs(redis.call('SMEMBERS', 'tag:red')) do n = n + redis.call('DEL', key) end
redis.call('DEL', 'tag:red')
return {n, redis.call('EXISTS', 'c:1', 'c:2', 'c:3')}
--- least recently used
--> EVAL $ 2 values order 3 a 1 b 2 c 3 a 4 d 5
local size = tonumber(ARGV[1])
local at = 0
for i = 2, #ARGV, 2 do
  at = at + 1
  redis.call('HSET', KEYS[1], ARGV[i], ARGV[i + 1])
  redis.call('ZADD', KEYS[2], at, ARGV[i])
  if redis.call('ZCARD', KEYS[2]) > size then
    local old = redis.call('ZPOPMIN', KEYS[2])
    redis.call('HDEL', KEYS[1], old[1])
  end
end
return {redis.call('ZRANGE', KEYS[2], 0, -1), redis.call('HGET', KEYS[1], 'a'), redis.call('HLEN', KEYS[1])}
--- inverted index
--> EVAL $ 0 "the quick brown fox" "the lazy dog" "quick dog"
for id, text in ipairs(ARGV) do
  for word in text:gmatch('%a+') do redis.call('SADD', 'word:' .. word, id) end
end
return {redis.call('SINTER', 'word:quick', 'word:dog'), redis.call('SINTER', 'word:the', 'word:dog'), redis.call('SUNION', 'word:fox', 'word:lazy')}
--- autocomplete
--> EVAL $ 1 words bar bark barn bat
for _, w in ipairs({'bar', 'bark', 'barn', 'base', 'bat', 'cat'}) do redis.call('ZADD', KEYS[1], 0, w) end
return redis.call('ZRANGEBYLEX', KEYS[1], '[bar', '[bar\255', 'LIMIT', 0, 10)
--- graph of friends
--> EVAL $ 0
local edges = {{'a', 'b'}, {'a', 'c'}, {'b', 'd'}, {'c', 'd'}, {'d', 'e'}}
for _, e in ipairs(edges) do redis.call('SADD', 'f:' .. e[1], e[2]) redis.call('SADD', 'f:' .. e[2], e[1]) end
local seen, queue, order = {a = true}, {'a'}, {}
while #queue > 0 do
  local node = table.remove(queue, 1)
  order[#order + 1] = node
  local next = redis.call('SMEMBERS', 'f:' .. node)
  table.sort(next)
  for _, n in ipairs(next) do if not seen[n] then seen[n] = true queue[#queue + 1] = n end end
end
return order
--- time series
--> EVAL $ 1 ts 100 1.5 160 2.5 170 3.5 230 4
for i = 1, #ARGV, 2 do
  local bucket = math.floor(ARGV[i] / 60) * 60
  redis.call('HINCRBYFLOAT', KEYS[1], bucket, ARGV[i + 1])
end
local t = {}
for b = 60, 240, 60 do t[#t + 1] = redis.call('HGET', KEYS[1], b) end
return t
--- moving average
--> RPUSH samples 1 2 3 4
--> EVAL $ 1 samples 5 4
redis.call('RPUSH', KEYS[1], ARGV[1])
redis.call('LTRIM', KEYS[1], -ARGV[2], -1)
local sum, all = 0, redis.call('LRANGE', KEYS[1], 0, -1)
for _, v in ipairs(all) do sum = sum + v end
return {tostring(sum / #all), sum / #all, all}
--- histogram
--> EVAL $ 1 hist 3 7 12 18 25 99
for _, v in ipairs(ARGV) do redis.call('HINCRBY', KEYS[1], math.floor(v / 10) * 10, 1) end
return redis.call('HGETALL', KEYS[1])
--- bloom filter
--> EVAL $ 1 bloom apple pear
local function bits(s) local d = redis.sha1hex(s) local t = {} for i = 1, 4 do t[i] = tonumber(d:sub(i * 4 - 3, i * 4), 16) % 1000 end return t end
local function has(s) for _, b in ipairs(bits(s)) do if redis.call('GETBIT', KEYS[1], b) == 0 then return 0 end end return 1 end
for _, s in ipairs(ARGV) do for _, b in ipairs(bits(s)) do redis.call('SETBIT', KEYS[1], b, 1) end end
return {has('apple'), has('pear'), has('melon'), bits('apple')}
--- daily actives
--> EVAL $ 2 d:1 d:2
for _, id in ipairs({1, 5, 9}) do redis.call('SETBIT', KEYS[1], id, 1) end
for _, id in ipairs({5, 7}) do redis.call('SETBIT', KEYS[2], id, 1) end
redis.call('BITOP', 'AND', 'both', KEYS[1], KEYS[2])
redis.call('BITOP', 'OR', 'any', KEYS[1], KEYS[2])
return {redis.call('BITCOUNT', 'both'), redis.call('BITCOUNT', 'any')}
--- audit log
--> EVAL $ 2 k log ann
local old = redis.call('GET', KEYS[1])
redis.call('SET', KEYS[1], 'new')
redis.call('RPUSH', KEYS[2], cjson.encode({who = ARGV[1], old = old or cjson.null}))
return redis.call('LRANGE', KEYS[2], 0, -1)
--- stream as a log
--> EVAL $ 1 events
for i = 1, 5 do redis.call('XADD', KEYS[1], 'MAXLEN', 3, i .. '-1', 'n', i) end
local t = {}
for _, e in ipairs(redis.call('XRANGE', KEYS[1], '-', '+')) do t[#t + 1] = e[1] .. '=' .. e[2][2] end
return t
--- inventory of several items all or none
--> MSET i:a 5 i:b 1
--> EVAL $ 2 i:a i:b 2 2
--> EVAL $ 2 i:a i:b 2 1
for i, key in ipairs(KEYS) do
  local left = tonumber(redis.call('GET', key) or 0)
  if left < tonumber(ARGV[i]) then
    return {err = 'OUT_OF_STOCK ' .. key .. ' has ' .. left}
  end
end
for i, key in ipairs(KEYS) do redis.call('DECRBY', key, ARGV[i]) end
return redis.call('MGET', unpack(KEYS))
--- coupon
--> HSET coupon left 1 percent 15
--> EVAL $ 2 coupon used ann 200
--> EVALSHA $sha 2 coupon used ann 200
--> EVALSHA $sha 2 coupon used bob 200
if redis.call('SISMEMBER', KEYS[2], ARGV[1]) == 1 then return redis.error_reply('USED already') end
if redis.call('HINCRBY', KEYS[1], 'left', -1) < 0 then
  redis.call('HINCRBY', KEYS[1], 'left', 1)
  return redis.error_reply('GONE')
end
redis.call('SADD', KEYS[2], ARGV[1])
return ARGV[2] * (100 - redis.call('HGET', KEYS[1], 'percent')) / 100
--- json document patched
--> SET doc {"a":1,"b":{"c":[1,2]}}
--> EVAL $ 1 doc {"a":2,"b":{"d":true},"e":"x"}
local function merge(to, from) for k, v in pairs(from) do if type(v) == 'table' and type(to[k]) == 'table' then merge(to[k], v) else to[k] = v end end end
local doc = cjson.decode(redis.call('GET', KEYS[1]))
merge(doc, cjson.decode(ARGV[1]))
redis.call('SET', KEYS[1], cjson.encode(doc))
return {doc.a, doc.b.c, tostring(doc.b.d), doc.e}
--- hash to a list of json
--> HSET h a 1 b 2
--> EVAL $ 1 h
local flat, t = redis.call('HGETALL', KEYS[1]), {}
for i = 1, #flat, 2 do t[#t + 1] = cjson.encode({flat[i], tonumber(flat[i + 1])}) end
return t
--- bulk by chunks
--> EVAL $ 1 big 25
local chunk = {}
for i = 1, tonumber(ARGV[1]) do
  chunk[#chunk + 1] = 'v' .. i
  if #chunk == 10 then redis.call('RPUSH', KEYS[1], unpack(chunk)) chunk = {} end
end
if #chunk > 0 then redis.call('RPUSH', KEYS[1], unpack(chunk)) end
return {redis.call('LLEN', KEYS[1]), redis.call('LINDEX', KEYS[1], -1)}
--- delete by pattern
--> MSET user:1:a 1 user:1:b 2 user:2:a 3
--> EVAL $ 0 user:1:*
local keys = redis.call('KEYS', ARGV[1])
for i = 1, #keys, 5000 do redis.call('DEL', unpack(keys, i, math.min(i + 4999, #keys))) end
return #keys
--- rename all
--> MSET a:1 x a:2 y
--> EVAL $ 0
local keys = redis.call('KEYS', 'a:*')
table.sort(keys)
for _, key in ipairs(keys) do redis.call('RENAME', key, (key:gsub('^a', 'b'))) end
local now = redis.call('KEYS', '*')
table.sort(now)
return now
--- copy with its ttl
--> SET k v EX 100
--> EVAL $ 2 k copy
redis.call('SET', KEYS[2], redis.call('GET', KEYS[1]), 'PX', redis.call('PTTL', KEYS[1]))
return redis.call('TTL', KEYS[2]) > 90
--- swap
--> MSET a 1 b 2
--> EVAL $ 2 a b
local a, b = redis.call('GET', KEYS[1]), redis.call('GET', KEYS[2])
redis.call('MSET', KEYS[1], b, KEYS[2], a)
return redis.call('MGET', KEYS[1], KEYS[2])
--- default value
--> EVAL $ 1 k fallback
return redis.call('GET', KEYS[1]) or ARGV[1]
--- get many of several types
--> SET s v
--> RPUSH l a b
--> HSET h f v
--> EVAL $ 4 s l h none
local read = {string = function(k) return redis.call('GET', k) end, list = function(k) return redis.call('LRANGE', k, 0, -1) end, hash = function(k) return redis.call('HGETALL', k) end}
local t = {}
for i, key in ipairs(KEYS) do
  local f = read[redis.call('TYPE', key).ok]
  t[i] = f and f(key) or false
end
return t
--- game of life
--> EVAL $ 1 world
local cells = {'0,1', '1,1', '2,1'}
redis.call('SADD', KEYS[1], unpack(cells))
local counts = {}
for _, c in ipairs(redis.call('SMEMBERS', KEYS[1])) do
  local x, y = c:match('(-?%d+),(-?%d+)')
  for dx = -1, 1 do for dy = -1, 1 do
    if dx ~= 0 or dy ~= 0 then local n = (x + dx) .. ',' .. (y + dy) counts[n] = (counts[n] or 0) + 1 end
  end end
end
local next = {}
for c, n in pairs(counts) do
  if n == 3 or n == 2 and redis.call('SISMEMBER', KEYS[1], c) == 1 then next[#next + 1] = c end
end
table.sort(next)
redis.call('DEL', KEYS[1])
redis.call('SADD', KEYS[1], unpack(next))
return next
--- matrix product kept as rows
--> EVAL $ 1 m
local a, b = {{1, 2}, {3, 4}}, {{5, 6}, {7, 8}}
for i = 1, 2 do
  local row = {}
  for j = 1, 2 do row[j] = a[i][1] * b[1][j] + a[i][2] * b[2][j] end
  redis.call('RPUSH', KEYS[1], table.concat(row, ' '))
end
return redis.call('LRANGE', KEYS[1], 0, -1)
--- weighted choice by a seed
--> HSET weights a 1 b 2 c 7
--> EVAL $ 1 weights
local names, total = {'a', 'b', 'c'}, 0
local w = redis.call('HMGET', KEYS[1], unpack(names))
for _, v in ipairs(w) do total = total + v end
local t = {}
for i = 1, 10 do
  local at = math.random(total)
  for j, v in ipairs(w) do
    at = at - v
    if at <= 0 then t[i] = names[j] break end
  end
end
return t
--- feature flags
--> HSET flags dark 100 beta 25 none 0
--> EVAL $ 1 flags user-42
local t = {}
for _, flag in ipairs({'dark', 'beta', 'none', 'unknown'}) do
  local percent = tonumber(redis.call('HGET', KEYS[1], flag) or 0)
  local bucket = tonumber(redis.sha1hex(flag .. ':' .. ARGV[1]):sub(1, 8), 16) % 100
  t[#t + 1] = bucket < percent and 1 or 0
end
return t
