-- Rate limiters.
--- fixed window of the examples
--> EVAL $ 1 rate:1 3 60
--> EVALSHA $sha 1 rate:1 3 60
--> EVALSHA $sha 1 rate:1 3 60
--> EVALSHA $sha 1 rate:1 3 60
--> EVALSHA $sha 1 rate:2 3 60
-- A fixed-window rate limiter.
-- KEYS[1] the window's counter, ARGV[1] the limit, ARGV[2] the window in seconds.
-- Returns 1 while the limit holds and 0 beyond it.
local count = redis.call('INCR', KEYS[1])
if count == 1 then
  redis.call('EXPIRE', KEYS[1], ARGV[2])
end
if count > tonumber(ARGV[1]) then
  return 0
end
return 1
--- fixed window without a window
--> EVAL $ 1 rate:1 3
local count = redis.call('INCR', KEYS[1])
if count == 1 then
  redis.call('EXPIRE', KEYS[1], ARGV[2])
end
return count
--- fixed window with a bad limit
--> EVAL $ 1 rate:1 many 60
local count = redis.call('INCR', KEYS[1])
if count > tonumber(ARGV[1]) then
  return 0
end
return 1
--- fixed window over a key of another type
--> RPUSH rate:1 x
--> EVAL $ 1 rate:1 3 60
local count = redis.call('INCR', KEYS[1])
return count
--- fixed window with weights
--> EVAL $ 1 api:7 10 60000 4
--> EVALSHA $sha 1 api:7 10 60000 4
--> EVALSHA $sha 1 api:7 10 60000 4
--> EVALSHA $sha 1 api:7 10 60000 2
local limit, window, cost = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3])
local used = tonumber(redis.call('GET', KEYS[1]) or '0')
if used + cost > limit then
  return {0, limit - used}
end
used = redis.call('INCRBY', KEYS[1], cost)
if used == cost then
  redis.call('PEXPIRE', KEYS[1], window)
end
return {1, limit - used}
--- fixed window that tells when to come back
--> EVAL $ 1 api:8 1 60
--> EVALSHA $sha 1 api:8 1 60
local n = redis.call('INCR', KEYS[1])
local ttl = redis.call('TTL', KEYS[1])
if ttl < 0 then
  redis.call('EXPIRE', KEYS[1], ARGV[2])
  ttl = tonumber(ARGV[2])
end
return {n <= tonumber(ARGV[1]) and 1 or 0, math.max(0, ARGV[1] - n), ttl > 55 and 'later' or 'soon'}
--- sliding window of two counters
--> EVAL $ 2 w:28 w:27 10 1700000030000 60000 1
--> EVALSHA $sha 2 w:28 w:27 10 1700000030000 60000 1
--> SET w:27 12
--> EVALSHA $sha 2 w:28 w:27 10 1700000030000 60000 1
--> EVALSHA $sha 2 w:28 w:27 10 1700000058000 60000 1
-- KEYS: the current window and the one before. ARGV: tokens, now, window, increment.
local current, previous = KEYS[1], KEYS[2]
local tokens, now, window, increment = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3]), tonumber(ARGV[4])
local inCurrent = tonumber(redis.call('GET', current) or 0)
local inPrevious = tonumber(redis.call('GET', previous) or 0)
local elapsed = (now % window) / window
local weighted = math.floor((1 - elapsed) * inPrevious)
if weighted + inCurrent >= tokens then
  return -1
end
local value = redis.call('INCRBY', current, increment)
if value == increment then
  redis.call('PEXPIRE', current, window * 2 + 1000)
end
return tokens - (value + weighted)
--- sliding window log
--> EVAL $ 1 log 3 1000 10000 a
--> EVALSHA $sha 1 log 3 1000 10100 b
--> EVALSHA $sha 1 log 3 1000 10200 c
--> EVALSHA $sha 1 log 3 1000 10300 d
--> EVALSHA $sha 1 log 3 1000 11050 e
local limit, window, now = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3])
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', now - window)
local count = redis.call('ZCARD', KEYS[1])
if count >= limit then
  local oldest = redis.call('ZRANGE', KEYS[1], 0, 0, 'WITHSCORES')
  return {0, oldest[2] + window - now}
end
redis.call('ZADD', KEYS[1], now, ARGV[4])
redis.call('PEXPIRE', KEYS[1], window)
return {1, limit - count - 1}
--- sliding window log with fractions of seconds
--> EVAL $ 1 log 2 1.5 1700000000.25 a
--> EVALSHA $sha 1 log 2 1.5 1700000001.5 b
--> EVALSHA $sha 1 log 2 1.5 1700000001.75 c
--> EVALSHA $sha 1 log 2 1.5 1700000001.8 d
local now, window = tonumber(ARGV[3]), tonumber(ARGV[2])
redis.call('ZREMRANGEBYSCORE', KEYS[1], 0, now - window)
if redis.call('ZCARD', KEYS[1]) < tonumber(ARGV[1]) then
  redis.call('ZADD', KEYS[1], now, ARGV[4])
  return redis.call('ZRANGE', KEYS[1], 0, -1, 'WITHSCORES')
end
return {}
--- token bucket
--> EVAL $ 1 bucket 10 2 1700000000 7
--> EVALSHA $sha 1 bucket 10 2 1700000000 4
--> EVALSHA $sha 1 bucket 10 2 1700000001 4
--> EVALSHA $sha 1 bucket 10 2 1700000100 10
-- KEYS[1] the bucket. ARGV: capacity, refill a second, now, cost.
local capacity, rate, now, cost = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3]), tonumber(ARGV[4])
local bucket = redis.call('HMGET', KEYS[1], 'tokens', 'at')
local tokens = tonumber(bucket[1]) or capacity
local at = tonumber(bucket[2]) or now
tokens = math.min(capacity, tokens + math.max(0, now - at) * rate)
local allowed = tokens >= cost
if allowed then
  tokens = tokens - cost
end
redis.call('HSET', KEYS[1], 'tokens', tokens, 'at', now)
redis.call('EXPIRE', KEYS[1], math.ceil(capacity / rate) * 2)
return {allowed and 1 or 0, tokens}
--- token bucket with fractions
--> EVAL $ 1 bucket 5 0.3 100 3
--> EVALSHA $sha 1 bucket 5 0.3 101.7 2
--> EVALSHA $sha 1 bucket 5 0.3 102.45 1
local capacity, rate, now, cost = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3]), tonumber(ARGV[4])
local tokens = tonumber(redis.call('HGET', KEYS[1], 'tokens')) or capacity
local at = tonumber(redis.call('HGET', KEYS[1], 'at')) or now
tokens = math.min(capacity, tokens + (now - at) * rate)
if tokens < cost then
  return {0, tostring(tokens)}
end
tokens = tokens - cost
redis.call('HMSET', KEYS[1], 'tokens', tokens, 'at', now)
return {1, tostring(tokens), redis.call('HGETALL', KEYS[1])}
--- token bucket that refills by intervals
--> EVAL $ 1 bucket 10 1000 5 5000 1
--> EVALSHA $sha 1 bucket 10 1000 5 5400 1
--> EVALSHA $sha 1 bucket 10 1000 5 7100 12
local key, maxTokens, interval, refill, now, cost = KEYS[1], tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3]), tonumber(ARGV[4]), tonumber(ARGV[5])
local bucket = redis.call('HMGET', key, 'refilledAt', 'tokens')
local refilledAt, tokens
if bucket[1] == false then
  refilledAt, tokens = now, maxTokens
else
  refilledAt, tokens = tonumber(bucket[1]), tonumber(bucket[2])
end
if now >= refilledAt + interval then
  local times = math.floor((now - refilledAt) / interval)
  tokens = math.min(maxTokens, tokens + times * refill)
  refilledAt = refilledAt + times * interval
end
if tokens < cost then
  return {-1, refilledAt + interval}
end
local remaining = tokens - cost
local expireAt = math.ceil(((maxTokens - remaining) / refill)) * interval
redis.call('HSET', key, 'refilledAt', refilledAt, 'tokens', remaining)
redis.call('PEXPIRE', key, expireAt)
return {remaining, refilledAt + interval}
--- leaky bucket
--> EVAL $ 1 leaky 5 1 100
--> EVALSHA $sha 1 leaky 5 1 100
--> EVALSHA $sha 1 leaky 5 1 101.5
local capacity, leak, now = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3])
local level = tonumber(redis.call('HGET', KEYS[1], 'level') or '0')
local at = tonumber(redis.call('HGET', KEYS[1], 'at') or now)
level = math.max(0, level - (now - at) * leak)
if level + 1 > capacity then return {0, tostring(level)} end
redis.call('HSET', KEYS[1], 'level', level + 1, 'at', now)
return {1, tostring(level + 1)}
--- generic cell rate
--> EVAL $ 1 gcra 5 10 60 1 1700000000.5
--> EVALSHA $sha 1 gcra 5 10 60 1 1700000000.5
--> EVALSHA $sha 1 gcra 5 10 60 5 1700000001.5
local burst, rate, period, cost, now = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3]), tonumber(ARGV[4]), tonumber(ARGV[5])
local emission = period / rate
local increment = emission * cost
local offset = emission * burst
local tat = tonumber(redis.call('GET', KEYS[1])) or now
tat = math.max(tat, now)
local newTat = tat + increment
local diff = now - (newTat - offset)
local remaining = diff / emission
if remaining < 0 then
  return {0, 0, tostring(-diff), tostring(tat - now)}
end
local reset = newTat - now
if reset > 0 then
  redis.call('SET', KEYS[1], newTat, 'EX', math.ceil(reset))
end
return {cost, math.floor(remaining), '-1', tostring(reset)}
--- concurrency limiter
--> EVAL $ 1 slots 2 100 30 a
--> EVALSHA $sha 1 slots 2 101 30 b
--> EVALSHA $sha 1 slots 2 102 30 c
--> ZREM slots a
--> EVALSHA $sha 1 slots 2 103 30 c
--> EVALSHA $sha 1 slots 2 140 30 d
local limit, now, ttl, id = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3]), ARGV[4]
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', '(' .. now - ttl)
if redis.call('ZSCORE', KEYS[1], id) or redis.call('ZCARD', KEYS[1]) < limit then
  redis.call('ZADD', KEYS[1], now, id)
  return 1
end
return redis.status_reply('FULL')
--- several limits at once
--> EVAL $ 3 s:1 m:1 h:1 2 1 5 60 10 3600
--> EVALSHA $sha 3 s:1 m:1 h:1 2 1 5 60 10 3600
--> EVALSHA $sha 3 s:1 m:1 h:1 2 1 5 60 10 3600
for i, key in ipairs(KEYS) do
  local limit = tonumber(ARGV[i * 2 - 1])
  if tonumber(redis.call('GET', key) or '0') >= limit then
    return {err = 'LIMITED by ' .. key .. ' of ' .. limit}
  end
end
local left = {}
for i, key in ipairs(KEYS) do
  local n = redis.call('INCR', key)
  if n == 1 then redis.call('EXPIRE', key, ARGV[i * 2]) end
  left[i] = ARGV[i * 2 - 1] - n
end
return left
--- cached fixed window
--> EVAL $ 1 cached 2 60000
--> EVALSHA $sha 1 cached 2 60000
--> EVALSHA $sha 1 cached 2 60000
local r = redis.call('INCRBY', KEYS[1], 1)
if r == 1 then
  redis.call('PEXPIRE', KEYS[1], ARGV[2])
end
return {r, r <= tonumber(ARGV[1])}
--- remaining tokens without a write
--> SET api:9 4
--> EVAL_RO $ 1 api:9 10
local used = redis.call('GET', KEYS[1])
return ARGV[1] - (used or 0)
--- remaining tokens of nothing
--> EVAL_RO $ 1 api:9 10
local used = redis.call('GET', KEYS[1])
return ARGV[1] - (used or 0)
--- reset by a pattern
--> MSET rl:a:1 1 rl:a:2 2 rl:b:1 3
--> EVAL $ 0 rl:a:*
local n, cursor = 0, '0'
repeat
  local r = redis.call('SCAN', cursor, 'MATCH', ARGV[1], 'COUNT', 100)
  cursor = r[1]
  for _, key in ipairs(r[2]) do n = n + redis.call('DEL', key) end
until cursor == '0'
return n
--- deny list
--> SADD deny 10.0.0.1
--> EVAL $ 2 deny hits 10.0.0.1 10.0.0.2
local t = {}
for i, ip in ipairs(ARGV) do
  if redis.call('SISMEMBER', KEYS[1], ip) == 1 then
    t[i] = false
  else
    t[i] = redis.call('HINCRBY', KEYS[2], ip, 1)
  end
end
return t
--- analytics in a sorted set
--> EVAL $ 1 events u1 u2 u1 u3 u1
for _, who in ipairs(ARGV) do redis.call('ZINCRBY', KEYS[1], 1, who) end
return redis.call('ZREVRANGE', KEYS[1], 0, 1, 'WITHSCORES')
--- analytics as json
--> EVAL $ 1 events 1 0 1 1
for _, ok in ipairs(ARGV) do
  local name = cjson.encode({identifier = 'u1', success = ok == '1'})
  redis.call('ZINCRBY', KEYS[1], 1, name)
end
local out = {}
local rows = redis.call('ZRANGE', KEYS[1], 0, -1, 'WITHSCORES')
for i = 1, #rows, 2 do
  local row = cjson.decode(rows[i])
  out[#out + 1] = row.identifier .. ' ' .. tostring(row.success) .. ' ' .. rows[i + 1]
end
return out
--- window by division
--> EVAL $ 0 1700000012345 10000
local bucket = math.floor(ARGV[1] / ARGV[2])
local key = 'window:' .. bucket
redis.call('INCR', key)
redis.call('PEXPIREAT', key, 33177117420000)
return {key, bucket, tostring(bucket * ARGV[2])}
